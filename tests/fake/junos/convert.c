/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration from and to XML, by way of the text form: the rows tell the keys, and the
 * names that text leaves out.
 */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

static bool row_named(int table, const char *name, struct row *row)
{
	const char *at = NULL;

	while (row_next(table, &at, row))
		if (strlen(name) == row->name_n && !memcmp(name, row->name, row->name_n))
			return true;
	return false;
}

static bool row_numbered(int table, int order, struct row *row)
{
	const char *at = NULL;

	while (row_next(table, &at, row))
		if (row->order == order)
			return true;
	return false;
}

static bool is_named(const struct row *row, const char *name)
{
	return strlen(name) == row->name_n && !memcmp(name, row->name, row->name_n);
}

static void put_word(struct text *out, const char *word)
{
	if (*word && !strpbrk(word, " \t\r\n{};[]\"#")) {
		text_add(out, "%s", word);
		return;
	}
	text_add(out, "\"");
	for (; *word; word++)
		text_add(out, *word == '"' ? "\\\"" : "%c", *word);
	text_add(out, "\"");
}

static void put_elements(const struct xml *parent, int table, struct text *out);

static void put_keys(const struct xml *xml, const struct row *list, struct text *out)
{
	const char *at = NULL;
	struct row key;

	while (row_next(list->table, &at, &key) && key.is_key) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)key.name_n, key.name);
		if (*xml_text(xml, name)) {
			put_word(out, xml_text(xml, name));
			text_add(out, " ");
		}
	}
}

static void put_macro(const struct xml *xml, struct text *out)
{
	text_add(out, "apply-macro ");
	put_word(out, xml_text(xml, "name"));
	text_add(out, " {\n");
	for (const struct xml *data = xml->first; data; data = data->next) {
		if (strcmp(data->name, "data"))
			continue;
		put_word(out, xml_text(data, "name"));
		text_add(out, " ");
		put_word(out, xml_text(data, "value"));
		text_add(out, ";\n");
	}
	text_add(out, "}\n");
}

/* What is not known is written all the same: the parser refuses it by its name. */
static void put_element(const struct xml *xml, int table, struct text *out)
{
	struct row row = { .kind = xml->first ? ':' : '=', .table = TABLE_LEAF };
	bool is_known = row_named(table, xml->name, &row);
	char word[16];

	if (row.is_key)
		return;
	if (!strcmp(xml->name, "apply-macro")) {
		put_macro(xml, out);
		return;
	}
	/* Each of the groups is an element "groups". */
	if (is_known && is_named(&row, "groups") && xml_child(xml, "name")) {
		text_add(out, "groups {\n");
		row_named(row.table, "group", &row);
	}
	if (xml_attribute(xml, "delete", word, sizeof(word)))
		text_add(out, "delete: ");
	else if (xml_attribute(xml, "replace", word, sizeof(word)))
		text_add(out, "replace: ");
	if (!is_known || !row.is_silent)
		text_add(out, "%s ", xml->name);
	if (is_known && row.kind == '*')
		put_keys(xml, &row, out);
	if (!xml->first && *xml->text)
		put_word(out, xml->text);
	if (xml->first) {
		text_add(out, "{\n");
		put_elements(xml, row_is_free(table) ? table : row.table, out);
		text_add(out, "}\n");
	} else {
		text_add(out, ";\n");
	}
	if (is_known && is_named(&row, "group") && !strcmp(xml->name, "groups"))
		text_add(out, "}\n");
}

static void put_elements(const struct xml *parent, int table, struct text *out)
{
	for (const struct xml *child = parent->first; child; child = child->next)
		put_element(child, table, out);
}

void config_from_xml(const struct xml *configuration, struct text *out)
{
	text_put(out, "", 0);
	put_elements(configuration, TABLE_ROOT, out);
}

/* The next word of a line, without its quotes; false at the end. */
static bool take_word(const char **line, struct text *word)
{
	bool is_quoted = **line == '"';
	size_t n = is_quoted ? strcspn(*line + 1, "\"") : strcspn(*line, " ");

	word->len = 0;
	text_put(word, *line + is_quoted, n);
	*line += n + 2 * is_quoted;
	*line += **line == ' ';
	return n > 0;
}

static size_t count_words(const char *line)
{
	struct text word = { 0 };
	size_t n = 0;

	while (take_word(&line, &word))
		n++;
	text_free(&word);
	return n;
}

static void put_tagged(struct text *out, const char *name, size_t n, const char *value)
{
	text_add(out, "<%.*s>", (int)n, name);
	text_escape(out, value);
	text_add(out, "</%.*s>\n", (int)n, name);
}

static void put_entry_keys(const struct row *list, const char *line, struct text *out)
{
	const char *at = NULL;
	struct text word = { 0 };
	size_t left = count_words(line), keys = 0;
	struct row key;

	while (row_next(list->table, &at, &key) && key.is_key)
		keys++;
	at = NULL;
	while (row_next(list->table, &at, &key) && key.is_key) {
		/* The second word of a choice is there only for some. */
		bool is_left_out = keys > left && is_named(&key, "choice-value");

		keys -= is_left_out;
		if (!is_left_out && take_word(&line, &word))
			put_tagged(out, key.name, key.name_n, word.data);
	}
	text_free(&word);
}

static void put_xml(const struct stmt *parent, struct text *out);

static void put_macro_xml(const struct stmt *macro, struct text *out)
{
	text_add(out, "<apply-macro>\n<name>%s</name>\n", stmt_value(macro));
	for (const struct stmt *at = macro->first; at; at = at->next) {
		struct text word = { 0 };
		const char *line = at->line;

		text_add(out, "<data>\n");
		take_word(&line, &word);
		put_tagged(out, "name", 4, word.data);
		take_word(&line, &word);
		put_tagged(out, "value", 5, word.data);
		text_add(out, "</data>\n");
		text_free(&word);
	}
	text_add(out, "</apply-macro>\n");
}

static void put_free(const struct stmt *stmt, struct text *out)
{
	const char *line = stmt->line;
	struct text name = { 0 };

	take_word(&line, &name);
	text_add(out, "<%s>", name.data);
	text_escape(out, line);
	put_xml(stmt, out);
	text_add(out, "</%s>\n", name.data);
	text_free(&name);
}

static void put_stmt(const struct stmt *stmt, const struct row *row, const char *element,
                     struct text *out)
{
	size_t n = element ? strlen(element) : row->name_n;
	const char *name = element ? element : row->name;
	const char *values = row->is_silent ? stmt->line : stmt_value(stmt);

	if (strchr("=+", row->kind)) {
		struct text word = { 0 };

		take_word(&values, &word);
		put_tagged(out, name, n, word.data);
		text_free(&word);
	} else if (!stmt->first && row->kind != '*') {
		text_add(out, "<%.*s/>\n", (int)n, name);
	} else {
		text_add(out, "<%.*s>\n", (int)n, name);
		if (row->kind == '*')
			put_entry_keys(row, values, out);
		put_xml(stmt, out);
		text_add(out, "</%.*s>\n", (int)n, name);
	}
}

static void put_xml(const struct stmt *parent, struct text *out)
{
	for (const struct stmt *child = parent->first; child; child = child->next) {
		struct row row, group;

		if (!strncmp(child->line, "apply-macro ", 12)) {
			put_macro_xml(child, out);
		} else if (row_is_free(parent->table) ||
		           !row_numbered(parent->table, child->order, &row)) {
			put_free(child, out);
		} else if (is_named(&row, "groups") && parent->table == TABLE_ROOT) {
			row_named(row.table, "group", &group);
			for (const struct stmt *at = child->first; at; at = at->next)
				put_stmt(at, &group, "groups", out);
		} else {
			put_stmt(child, &row, NULL, out);
		}
	}
}

void config_to_xml(const struct stmt *root, struct text *out)
{
	text_put(out, "", 0);
	put_xml(root, out);
}
