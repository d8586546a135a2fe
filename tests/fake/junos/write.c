/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements as text, in the order of the rows: in braces, as set commands, as differences.
 * Said tersely, what has one value is on one line, as Junos itself writes: "then accept;".
 */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

struct writer {
	struct text *out;
	const char *sign; /* before each line */
	bool is_terse;
};

/* Juniper's order for what is in rows; the order of loading within a row. */
static size_t sorted(const struct stmt *parent, const struct stmt ***list)
{
	size_t n = 0, i = 0;

	for (const struct stmt *child = parent->first; child; child = child->next)
		n++;
	*list = calloc(n + 1, sizeof(**list));
	if (!*list)
		abort();
	for (const struct stmt *child = parent->first; child; child = child->next) {
		size_t at = i++;

		for (; at > 0 && (*list)[at - 1]->order > child->order; at--)
			(*list)[at] = (*list)[at - 1];
		(*list)[at] = child;
	}
	return n;
}

static bool is_one_of(const char *line, const char *const *words)
{
	while (*words && strcmp(line, *words))
		words++;
	return *words != NULL;
}

/* One value, or the members of one list. */
static bool has_one_value(const struct stmt *stmt)
{
	const struct stmt *first = stmt->first;

	for (const struct stmt *child = first; child; child = child->next)
		if (!strchr("=+.", child->kind) || child->order != first->order)
			return false;
	return first != NULL;
}

/*
 * Blocks that are one line when they have one value; the first of them only for Junos itself.
 */
static bool is_one_line(const struct writer *writer, const struct stmt *stmt)
{
	static const char *const terse[] = { "from", "then", "to", NULL };
	static const char *const always[] = { "autonomous-system",   "local-as",
		                              "route-distinguisher", "next-hop",
		                              "load-balance",        "metric",
		                              "local-preference",    NULL };

	if (!strcmp(stmt->line, "vrf-target"))
		return has_one_value(stmt) && !strncmp(stmt->first->line, "target:", 7);
	if (!has_one_value(stmt))
		return false;
	return is_one_of(stmt->line, always) ||
	       (writer->is_terse && is_one_of(stmt->line, terse));
}

static void put_indent(const struct writer *writer, int depth)
{
	text_add(writer->out, "%s%*s", writer->sign, depth * 4, "");
}

static void put_level(const struct writer *writer, const struct stmt *parent, const char *stem,
                      int depth);

/* From here on the members of one leaf-list; how many were written. */
static size_t put_members(const struct writer *writer, const struct stmt **list, size_t n)
{
	const char *first = list[0]->line;
	size_t name = strcspn(first, " "), members = 1;

	while (members < n && list[members]->order == list[0]->order &&
	       list[members]->kind == '+')
		members++;
	if (members == 1) {
		text_add(writer->out, "%s", first);
		return 1;
	}
	text_add(writer->out, "%.*s [", (int)name, first);
	for (size_t i = 0; i < members; i++)
		text_add(writer->out, " %s", stmt_value(list[i]));
	text_add(writer->out, " ]");
	return members;
}

static void put_block(const struct writer *writer, const struct stmt *stmt, const char *stem,
                      int depth)
{
	struct text longer = { 0 };

	/* "family inet { … }" is how Junos writes "family { inet { … } }". */
	if (writer->is_terse && !strcmp(stmt->line, "family") && stmt->kind == ':') {
		text_add(&longer, "%s%s ", stem, stmt->line);
		put_level(writer, stmt, longer.data, depth);
		text_free(&longer);
		return;
	}
	put_indent(writer, depth);
	text_add(writer->out, "%s%s", stem, stmt->line);
	if (is_one_line(writer, stmt)) {
		const struct stmt **list;
		size_t n = sorted(stmt, &list);

		text_add(writer->out, " ");
		put_members(writer, list, n);
		free(list);
		text_add(writer->out, ";\n");
		return;
	}
	text_add(writer->out, " {\n");
	put_level(writer, stmt, "", depth + 1);
	put_indent(writer, depth);
	text_add(writer->out, "}\n");
}

static void put_level(const struct writer *writer, const struct stmt *parent, const char *stem,
                      int depth)
{
	const struct stmt **list;
	size_t n = sorted(parent, &list);

	for (size_t i = 0; i < n;) {
		if (list[i]->first) {
			put_block(writer, list[i++], stem, depth);
			continue;
		}
		bool is_secret = !strncmp(list[i]->line, "authentication-key ", 19) ||
		                 !strncmp(list[i]->line, "encrypted-password ", 19);

		put_indent(writer, depth);
		text_add(writer->out, "%s", stem);
		i += list[i]->kind == '+' ? put_members(writer, list + i, n - i)
		                          : (text_add(writer->out, "%s", list[i]->line), 1);
		text_add(writer->out, "%s", is_secret ? "; ## SECRET-DATA\n" : ";\n");
	}
	free(list);
}

void config_write(const struct stmt *root, bool is_terse, struct text *out)
{
	struct writer writer = { .out = out, .sign = "", .is_terse = is_terse };

	text_put(out, "", 0);
	put_level(&writer, root, "", 0);
}

static void write_set(const struct stmt *stmt, const char *stem, struct text *out)
{
	for (const struct stmt *child = stmt->first; child; child = child->next) {
		struct text path = { 0 };

		text_add(&path, "%s %s", stem, child->line);
		/*
		 * A list's entry and a block that may be empty are there without their content,
		 * too.
		 */
		if (!child->first)
			text_add(out, "%s\n", path.data);
		write_set(child, path.data, out);
		text_free(&path);
	}
}

void config_write_set(const struct stmt *root, struct text *out)
{
	text_put(out, "", 0);
	write_set(root, "set", out);
}

static const struct stmt *find(const struct stmt *parent, const struct stmt *child)
{
	const struct stmt *same = stmt_child(parent, child->line);

	return same && same->order == child->order ? same : NULL;
}

/* Those of one side that the other has not, as a level of their own. */
static void put_side(const char *sign, const struct stmt *from, const struct stmt *to,
                     bool is_terse, struct text *out)
{
	struct writer writer = { .out = out, .sign = sign, .is_terse = is_terse };
	struct stmt *only = stmt_new("", 0);

	for (const struct stmt *child = from->first; child; child = child->next)
		if (!find(to, child))
			stmt_add(only, stmt_copy(child));
	put_level(&writer, only, "", 0);
	stmt_free(only);
}

static void compare(const struct stmt *from, const struct stmt *to, const char *path,
                    bool is_terse, struct text *out)
{
	struct text here = { 0 };

	put_side("-  ", from, to, is_terse, &here);
	put_side("+  ", to, from, is_terse, &here);
	if (here.len)
		text_add(out, "[edit%s]\n%s", path, here.data);
	text_free(&here);
	for (const struct stmt *child = from->first; child; child = child->next) {
		const struct stmt *other = find(to, child);
		struct text deeper = { 0 };

		if (!other)
			continue;
		text_add(&deeper, "%s %s", path, child->line);
		compare(child, other, deeper.data, is_terse, out);
		text_free(&deeper);
	}
}

void config_compare(const struct stmt *from, const struct stmt *to, bool is_terse,
                    struct text *out)
{
	text_put(out, "", 0);
	compare(from, to, "", is_terse, out);
}
