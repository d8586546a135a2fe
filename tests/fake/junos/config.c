/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration as a tree of statements: text form, set commands, loading, comparing. */
#include "junosd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void text_put(struct text *text, const void *data, size_t n)
{
	if (text->len + n + 1 > text->cap) {
		text->cap = (text->len + n + 1) * 2;
		text->data = realloc(text->data, text->cap);
		if (!text->data)
			abort();
	}
	memcpy(text->data + text->len, data, n);
	text->len += n;
	text->data[text->len] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *line = malloc((size_t)n + 1);
	if (!line)
		abort();
	vsnprintf(line, (size_t)n + 1, format, again);
	va_end(again);
	text_put(text, line, (size_t)n);
	free(line);
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

struct stmt *stmt_new(const char *line, size_t n)
{
	struct stmt *stmt = calloc(1, sizeof(*stmt));

	if (!stmt || !(stmt->line = strndup(line, n)))
		abort();
	return stmt;
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

static void stmt_remove(struct stmt *parent, struct stmt *child)
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

/* The next token: a word, or one of { } ; [ ]. Its length; 0 at the end, -1 when it does not end. */
static int token(const char **text, unsigned *line)
{
	const char *at = *text;
	int n = 0;

	for (;;) {
		if (*at == '\n')
			++*line;
		if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') {
			at++;
		} else if (*at == '#') {
			at += strcspn(at, "\n");
		} else if (!strncmp(at, "/*", 2)) {
			const char *end = strstr(at, "*/");

			if (!end)
				return -1;
			for (; at < end + 2; at++)
				*line += *at == '\n';
		} else {
			break;
		}
	}
	*text = at;
	if (!*at)
		return 0;
	if (strchr("{};[]", *at))
		return 1;
	if (*at != '"')
		return (int)strcspn(at, " \t\r\n{};[]\"");
	for (n = 1; at[n] && at[n] != '"'; n++)
		n += at[n] == '\\' && at[n + 1];
	return at[n] ? n + 1 : -1;
}

static enum tag take_tag(struct text *words)
{
	static const struct {
		const char *word;
		enum tag tag;
	} tags[] = { { "replace: ", TAG_REPLACE }, { "delete: ", TAG_DELETE } };

	for (size_t i = 0; words->data && i < 2; i++) {
		size_t n = strlen(tags[i].word);

		if (strncmp(words->data, tags[i].word, n))
			continue;
		memmove(words->data, words->data + n, words->len - n + 1);
		words->len -= n;
		return tags[i].tag;
	}
	return TAG_NONE;
}

static struct stmt *put(struct stmt *parent, struct text *words)
{
	enum tag tag = take_tag(words);
	struct stmt *stmt = stmt_add(parent, stmt_new(words->data, words->len));

	stmt->tag = tag;
	words->len = 0;
	words->data[0] = '\0';
	return stmt;
}

struct stmt *config_parse(const char *text, const char **why, unsigned *line)
{
	struct stmt *root = stmt_new("", 0), *open[32] = { root };
	struct text words = { 0 };
	size_t depth = 0, stem = 0;
	bool in_list = false;
	int n;

	*why = NULL;
	*line = 1;
	while (!*why && (n = token(&text, line)) != 0) {
		if (n < 0) {
			*why = "unbalanced quotation or comment";
			break;
		}
		if (in_list && *text != ']') {
			text_add(&words, " %.*s", n, text);
			stmt_add(open[depth], stmt_new(words.data, words.len));
			words.len = stem;
			words.data[stem] = '\0';
		} else if (in_list) {
			in_list = false;
			words.len = 0;
			words.data[0] = '\0';
			stem = 0;
		} else if (*text == '[' && words.len) {
			in_list = true;
			stem = words.len;
		} else if (*text == '{') {
			if (!words.len || depth == 31)
				*why = "missing mandatory statement";
			else
				open[depth + 1] = put(open[depth], &words), depth++;
		} else if (*text == '}') {
			if (words.len || !depth)
				*why = "syntax error, expecting ';' or '{'";
			else
				depth--;
		} else if (*text == ';') {
			if (words.len)
				put(open[depth], &words);
		} else if (*text == '[' || *text == ']') {
			*why = "syntax error";
		} else {
			text_add(&words, "%s%.*s", words.len ? " " : "", n, text);
		}
		text += n;
	}
	if (!*why && (depth || words.len || in_list))
		*why = "missing closing brace";
	text_free(&words);
	if (!*why)
		return root;
	stmt_free(root);
	return NULL;
}

static void write_level(const struct stmt *list, int depth, struct text *out)
{
	for (; list; list = list->next) {
		text_add(out, "%*s%s%s\n", depth * 4, "", list->line, list->first ? " {" : ";");
		if (!list->first)
			continue;
		write_level(list->first, depth + 1, out);
		text_add(out, "%*s}\n", depth * 4, "");
	}
}

void config_write(const struct stmt *root, struct text *out)
{
	text_add(out, "%s", "");
	write_level(root->first, 0, out);
}

/* Statements of one value: a new one takes the place of the old. */
static bool is_single(const char *line)
{
	static const char *const words[] = {
		"router-id",
		"autonomous-system",
		"type",
		"local-address",
		"hold-time",
		"peer-as",
		"description",
		"host-name",
		"encapsulation",
		"vni",
		"cluster",
		"source-address",
		"route-distinguisher",
		"instance-type",
		"tcp-connect-port",
		"advertise",
		"authentication-key",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);

		if (!strncmp(line, words[i], n) && line[n] == ' ')
			return true;
	}
	return false;
}

static void drop_single(struct stmt *parent, const char *line)
{
	char word[64];
	struct stmt *old;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	if (is_single(line) && (old = stmt_next(parent, word, NULL)) && !old->first)
		stmt_remove(parent, old);
}

void config_load(struct stmt *root, const struct stmt *what)
{
	for (const struct stmt *child = what->first; child; child = child->next) {
		struct stmt *old = stmt_child(root, child->line);

		if (child->tag != TAG_NONE && old) {
			stmt_remove(root, old);
			old = NULL;
		}
		if (child->tag == TAG_DELETE)
			continue;
		if (!old && !child->first)
			drop_single(root, child->line);
		if (!old)
			old = stmt_add(root, stmt_new(child->line, strlen(child->line)));
		config_load(old, child);
	}
}

/*
 * Deletes the statement that a path of words leads to: children are tried word by word, since where a
 * statement ends is not said.
 */
static bool delete_path(struct stmt *parent, const char *path)
{
	for (struct stmt *child = parent->first; child; child = child->next) {
		size_t n = strlen(child->line);

		if (!strcmp(child->line, path)) {
			stmt_remove(parent, child);
			return true;
		}
		if (!strncmp(child->line, path, n) && path[n] == ' ' && child->first)
			return delete_path(child, path + n + 1);
	}
	return false;
}

bool config_command(struct stmt *root, const char *line)
{
	if (!strncmp(line, "delete ", 7)) {
		delete_path(root, line + 7);
		return true;
	}
	/* Only whole statements at the top are ever set this way. */
	if (!strncmp(line, "set apply-groups ", 17)) {
		if (!stmt_child(root, line + 4))
			stmt_add(root, stmt_new(line + 4, strlen(line + 4)));
		return true;
	}
	return false;
}

static void put_side(char sign, const struct stmt *stmt, int depth, struct text *out)
{
	text_add(out, "%c%*s%s%s\n", sign, depth * 4 + 2, "", stmt->line,
	         stmt->first ? " {" : ";");
	for (const struct stmt *child = stmt->first; child; child = child->next)
		put_side(sign, child, depth + 1, out);
	if (stmt->first)
		text_add(out, "%c%*s}\n", sign, depth * 4 + 2, "");
}

static void compare(const struct stmt *from, const struct stmt *to, const char *path,
                    struct text *out)
{
	struct text here = { 0 };

	for (const struct stmt *child = from->first; child; child = child->next)
		if (!stmt_child(to, child->line))
			put_side('-', child, 0, &here);
	for (const struct stmt *child = to->first; child; child = child->next)
		if (!stmt_child(from, child->line))
			put_side('+', child, 0, &here);
	if (here.len)
		text_add(out, "[edit%s]\n%s", path, here.data);
	text_free(&here);
	for (const struct stmt *child = from->first; child; child = child->next) {
		const struct stmt *other = stmt_child(to, child->line);
		struct text deeper = { 0 };

		if (!other)
			continue;
		text_add(&deeper, "%s %s", path, child->line);
		compare(child, other, deeper.data, out);
		text_free(&deeper);
	}
}

void config_compare(const struct stmt *from, const struct stmt *to, struct text *out)
{
	text_add(out, "%s", "");
	compare(from, to, "", out);
}

struct stmt *config_effective(const struct stmt *root)
{
	struct stmt *all = stmt_new("", 0);

	for (const struct stmt *child = root->first; child; child = child->next) {
		const struct stmt *group = NULL;

		if (!strncmp(child->line, "apply-groups ", 13))
			group = stmt_child(stmt_child(root, "groups"), child->line + 13);
		if (group)
			config_load(all, group);
		else if (strcmp(child->line, "groups"))
			stmt_add(all, stmt_copy(child));
	}
	return all;
}
