/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as a tree of statements. */
#include "junosd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct stmt *stmt_new(const char *line, size_t n)
{
	struct stmt *stmt = calloc(1, sizeof(*stmt));

	if (!stmt || !(stmt->line = strndup(line, n)))
		abort();
	stmt->table = TABLE_LEAF;
	return stmt;
}

struct stmt *stmt_root(void)
{
	struct stmt *root = stmt_new("", 0);

	root->kind = ':';
	root->table = TABLE_ROOT;
	return root;
}

struct stmt *stmt_add(struct stmt *parent, struct stmt *child)
{
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	return child;
}

void stmt_remove(struct stmt *parent, struct stmt *child)
{
	struct stmt *before = NULL;

	for (struct stmt *at = parent->first; at != child; at = at->next)
		before = at;
	if (before)
		before->next = child->next;
	else
		parent->first = child->next;
	if (parent->last == child)
		parent->last = before;
	stmt_free(child);
}

struct stmt *stmt_child(const struct stmt *parent, const char *line)
{
	struct stmt *child = parent ? parent->first : NULL;

	while (child && strcmp(child->line, line))
		child = child->next;
	return child;
}

struct stmt *stmt_at(const struct stmt *root, ...)
{
	struct stmt *at = (struct stmt *)root;
	const char *line;
	va_list args;

	va_start(args, root);
	while (at && (line = va_arg(args, const char *)))
		at = stmt_child(at, line);
	va_end(args);
	return at;
}

struct stmt *stmt_next(const struct stmt *parent, const char *word, const struct stmt *last)
{
	struct stmt *child = last ? last->next : parent ? parent->first : NULL;
	size_t n = strlen(word);

	while (child &&
	       (strncmp(child->line, word, n) || (child->line[n] && child->line[n] != ' ')))
		child = child->next;
	return child;
}

const char *stmt_value(const struct stmt *stmt)
{
	const char *blank = stmt ? strchr(stmt->line, ' ') : NULL;

	return blank ? blank + 1 : "";
}

struct stmt *stmt_copy(const struct stmt *stmt)
{
	struct stmt *copy = stmt_new(stmt->line, strlen(stmt->line));

	copy->kind = stmt->kind;
	copy->table = stmt->table;
	copy->order = stmt->order;
	for (const struct stmt *child = stmt->first; child; child = child->next)
		stmt_add(copy, stmt_copy(child));
	return copy;
}

void stmt_free(struct stmt *stmt)
{
	while (stmt && stmt->first) {
		struct stmt *child = stmt->first;

		stmt->first = child->next;
		stmt_free(child);
	}
	if (stmt)
		free(stmt->line);
	free(stmt);
}

struct stmt *stmt_same(const struct stmt *parent, const struct stmt *child)
{
	size_t word = strcspn(child->line, " ");

	for (struct stmt *at = parent->first; at; at = at->next) {
		if (!strcmp(at->line, child->line))
			return at;
		if (child->kind == '=' && at->kind == '=' && at->order == child->order)
			return at;
		/* What is free has no rows: its first word tells, unless it is a block. */
		if (row_is_free(parent->table) && !at->first && !child->first &&
		    !strncmp(at->line, child->line, word) && at->line[word] == ' ')
			return at;
	}
	return NULL;
}
