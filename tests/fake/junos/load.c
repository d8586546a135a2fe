/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a configuration: loads, set commands, and what groups hand down. */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

static struct stmt *shell_of(const struct stmt *stmt)
{
	struct stmt *shell = stmt_new(stmt->line, strlen(stmt->line));

	shell->kind = stmt->kind;
	shell->table = stmt->table;
	shell->order = stmt->order;
	return shell;
}

static void load(struct stmt *root, const struct stmt *what, bool has_tags)
{
	for (const struct stmt *child = what->first; child; child = child->next) {
		struct stmt *old = stmt_same(root, child);

		if (old &&
		    (child->tag == TAG_DELETE || (has_tags && child->tag == TAG_REPLACE))) {
			stmt_remove(root, old);
			old = NULL;
		}
		if (child->tag == TAG_DELETE)
			continue;
		if (old && strcmp(old->line, child->line)) {
			free(old->line);
			old->line = strdup(child->line);
			if (!old->line)
				abort();
		}
		if (!old)
			old = stmt_add(root, shell_of(child));
		load(old, child, has_tags);
	}
}

void config_load(struct stmt *root, const struct stmt *what, enum action action)
{
	while (action == ACTION_OVERRIDE && root->first)
		stmt_remove(root, root->first);
	load(root, what, action == ACTION_REPLACE);
}

/*
 * What the path of single children leads to goes, and the blocks around it that are then empty
 * and mean nothing by themselves; false when it is not there.
 */
static bool delete_path(struct stmt *parent, const struct stmt *path)
{
	struct stmt *found = stmt_same(parent, path->first);
	bool is_last = !path->first->first;

	if (!found || (!is_last && !delete_path(found, path->first)))
		return false;
	if (is_last || (found->kind == ':' && !found->first))
		stmt_remove(parent, found);
	return true;
}

static void warn(struct text *out, const char *message)
{
	text_add(out,
	         "<rpc-error>\n<error-type>protocol</error-type>\n<error-tag>operation-failed"
	         "</error-tag>\n<error-severity>warning</error-severity>\n<error-message>%s"
	         "</error-message>\n</rpc-error>\n",
	         message);
}

static void command(struct stmt *root, const char *line, struct complaints *complaints)
{
	bool is_set = !strncmp(line, "set ", 4), is_delete = !strncmp(line, "delete ", 7);
	struct stmt *path = stmt_root();

	if (!is_set && !is_delete) {
		complain(complaints, NULL, line, "unknown command");
	} else if (config_path(path, line + (is_set ? 4 : 7), is_delete, complaints)) {
		if (is_set)
			load(root, path, false);
		else if (!delete_path(root, path))
			warn(complaints->out, "statement not found");
	}
	stmt_free(path);
}

void config_commands(struct stmt *root, const char *lines, struct complaints *complaints)
{
	while (*lines) {
		char *line = strndup(lines, strcspn(lines, "\r\n"));
		char *from = line ? line + strspn(line, " \t") : NULL;

		if (!line)
			abort();
		if (*from && *from != '#')
			command(root, from, complaints);
		lines += strlen(line);
		lines += strspn(lines, "\r\n");
		free(line);
	}
}

/* What is said outside of groups holds, and what the first of them says before the next. */
static void inherit(struct stmt *all, const struct stmt *group)
{
	for (const struct stmt *child = group->first; child; child = child->next) {
		struct stmt *old = stmt_same(all, child);

		if (!old)
			stmt_add(all, stmt_copy(child));
		else
			inherit(old, child);
	}
}

struct stmt *config_effective(const struct stmt *root)
{
	struct stmt *all = stmt_root();

	for (const struct stmt *child = root->first; child; child = child->next)
		if (strcmp(child->line, "groups"))
			stmt_add(all, stmt_copy(child));
	for (struct stmt *apply = NULL; (apply = stmt_next(root, "apply-groups", apply));) {
		const struct stmt *group = stmt_at(root, "groups", stmt_value(apply), NULL);

		if (group)
			inherit(all, group);
		if (stmt_child(all, apply->line))
			stmt_remove(all, stmt_child(all, apply->line));
	}
	return all;
}
