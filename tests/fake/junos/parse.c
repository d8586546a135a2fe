/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Junos' text form into statements. The rows say where the name of a statement ends and its
 * values begin, so that "a { b; }" and "a b;" are the same.
 */
#include "junosd.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, WORDS_MAX = 64 };

/* The words of a statement, and the line that they are on. */
struct words {
	char *word[WORDS_MAX];
	size_t n;
	unsigned line;
};

void complain(struct complaints *complaints, const char *path, const char *element,
              const char *format, ...)
{
	char message[256];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	complaints->n++;
	text_add(complaints->out, "<rpc-error>\n<error-type>protocol</error-type>\n"
	                          "<error-tag>operation-failed</error-tag>\n"
	                          "<error-severity>error</error-severity>\n");
	if (path) {
		text_add(complaints->out, "<error-path>[edit%s]</error-path>\n", path);
	}
	text_add(complaints->out, "<error-message>");
	text_escape(complaints->out, message);
	text_add(complaints->out, "</error-message>\n");
	if (element) {
		text_add(complaints->out, "<error-info>\n<bad-element>");
		text_escape(complaints->out, element);
		text_add(complaints->out, "</bad-element>\n</error-info>\n");
	}
	text_add(complaints->out, "</rpc-error>\n");
}

static void refuse(struct complaints *complaints, unsigned line, const char *element,
                   const char *message)
{
	if (line)
		complain(complaints, NULL, element, "line %u: %s", line, message);
	else
		complain(complaints, NULL, element, "%s", message);
}

static void words_push(struct words *words, const char *word, size_t n)
{
	if (words->n == WORDS_MAX)
		return;
	words->word[words->n] = strndup(word, n);
	if (!words->word[words->n++])
		abort();
}

static void words_keep(struct words *words, size_t n)
{
	while (words->n > n)
		free(words->word[--words->n]);
}

/* Quotes go where Junos would write none. */
static void take_word(struct words *words, const char *token, size_t n)
{
	bool is_plain = n > 2 && *token == '"';

	for (size_t i = 1; is_plain && i < n - 1; i++)
		is_plain = isalnum((unsigned char)token[i]) || strchr("-_.:/,+@", token[i]);
	words_push(words, token + is_plain, n - 2 * is_plain);
}

/*
 * The next token: a word, or one of { } ; [ ]. Its length; 0 at the end, -1 when it does not
 * end.
 */
static int next_token(const char **text, unsigned *line)
{
	const char *at = *text;
	int n;

	for (;;) {
		*line += *at == '\n';
		if (*at && strchr(" \t\r\n", *at)) {
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
	if (!*at || strchr("{};[]", *at))
		return *at != '\0';
	if (*at != '"')
		return (int)strcspn(at, " \t\r\n{};[]\"");
	for (n = 1; at[n] && at[n] != '"'; n++)
		n += at[n] == '\\' && at[n + 1];
	return at[n] ? n + 1 : -1;
}

/*
 * What was said in clear is kept as Junos keeps it: $9$, a letter of salt, up to three of noise, and
 * for each byte the digits of a number in a base of mixed weights, as steps along an alphabet.
 */
static void hide(struct text *line, const char *plain, size_t n)
{
	static const char letters[] =
	        "QzF3n6/9CAtpu0OB1IREhcSyrleKvMW8LXx7N-dVbwsY2g4oaJZGUDjiHkq.mPf5T";
	static const int weights[7][4] = { { 32, 4, 1 }, { 32, 16, 1 }, { 32, 8, 1 },
		                           { 64, 1 },    { 32, 1 },     { 128, 16, 4, 1 },
		                           { 64, 32, 1 } };
	int at = rand() % 65;
	int noise = at < 15 ? 3 : at < 35 ? 2 : at < 55 ? 1 : 0;

	text_add(line, "\"$9$%c", letters[at]);
	while (noise-- > 0)
		text_add(line, "%c", letters[rand() % 65]);
	for (size_t i = 0; i < n; i++) {
		int rest = (unsigned char)plain[i], digits[4], count = 0;

		for (; count < 4 && weights[i % 7][count]; count++) {
			digits[count] = rest / weights[i % 7][count];
			rest %= weights[i % 7][count];
		}
		/* The smallest weight comes first. */
		while (count-- > 0) {
			at = (at + digits[count] + 1) % 65;
			text_add(line, "%c", letters[at]);
		}
	}
	text_add(line, "\"");
}

static void put_secret(struct text *line, const char *value)
{
	size_t n = strlen(value);

	if (!strncmp(value, "\"$9$", 4) || !strncmp(value, "$9$", 3))
		text_add(line, "%s", value);
	else if (*value == '"' && n > 1)
		hide(line, value + 1, n - 2);
	else
		hide(line, value, n);
}

static void put_value(struct text *line, const struct row *row, const char *value)
{
	if (line->len)
		text_add(line, " ");
	if (row->name_n == strlen("authentication-key") &&
	    !memcmp(row->name, "authentication-key", row->name_n))
		put_secret(line, value);
	else
		text_add(line, "%s", value);
}

/* The keys of a list's entry; a choice's second word only where the choice has one. */
static const char *take_keys(const struct row *list, const struct words *words, size_t *at,
                             struct text *line)
{
	const char *row_at = NULL;
	struct row key;

	while (row_next(list->table, &row_at, &key) && key.is_key) {
		bool is_second = key.name_n == strlen("choice-value") &&
		                 !memcmp(key.name, "choice-value", key.name_n);
		const char *choice = *at ? words->word[*at - 1] : "";

		if (is_second && strcmp(choice, "upto") && strcmp(choice, "through") &&
		    strcmp(choice, "prefix-length-range") && strcmp(choice, "address-mask"))
			continue;
		if (*at == words->n)
			return "missing argument";
		if (!row_takes(&key, words->word[*at]))
			return *key.type == 'p' ? "invalid prefix" : "invalid value";
		put_value(line, &key, words->word[(*at)++]);
	}
	return NULL;
}

static struct stmt *put_macro(struct stmt *parent, const struct words *words, size_t *at)
{
	struct text line = { 0 };
	struct stmt *made;

	text_add(&line, "apply-macro %s", words->word[*at + 1]);
	*at += 2;
	made = stmt_child(parent, line.data);
	if (!made) {
		made = stmt_add(parent, stmt_new(line.data, line.len));
		made->kind = '*';
		made->table = row_free();
		made->order = -1;
	}
	text_free(&line);
	return made;
}

/* A statement that begins at word *at, below the parent. NULL and *why. */
static struct stmt *step(struct stmt *parent, const struct words *words, size_t *at,
                         bool is_part, const char **why)
{
	struct text line = { 0 };
	struct stmt *made, *same;
	struct row row;

	*why = "syntax error";
	if (parent->table == TABLE_LEAF)
		return NULL;
	/* In every block: for scripts, which take what is inside as it stands. */
	if (!strcmp(words->word[*at], "apply-macro")) {
		if (*at + 1 == words->n)
			return NULL;
		*why = NULL;
		return put_macro(parent, words, at);
	}
	if (row_find(parent->table, words->word[*at], &row))
		text_add(&line, "%s", words->word[(*at)++]);
	else if (!row_find_silent(parent->table, words->word[*at], &row))
		return NULL;
	*why = NULL;
	if (row.kind == '*') {
		*why = take_keys(&row, words, at, &line);
	} else if (strchr("=+", row.kind) && *at < words->n) {
		if (!row_takes(&row, words->word[*at]))
			*why = "invalid value";
		else
			put_value(&line, &row, words->word[(*at)++]);
	} else if (strchr("=+", row.kind) && !is_part) {
		*why = "missing argument";
	}
	if (*why) {
		text_free(&line);
		return NULL;
	}
	made = stmt_new(line.data, line.len);
	made->kind = row.kind;
	made->table = row.table;
	made->order = row.order;
	text_free(&line);
	same = stmt_same(parent, made);
	if (!same)
		return stmt_add(parent, made);
	/* Of two values of one leaf the later holds. */
	free(same->line);
	same->line = made->line;
	made->line = NULL;
	stmt_free(made);
	return same;
}

/* Where all is free, a statement is its words. */
static struct stmt *free_step(struct stmt *parent, const struct words *words, size_t at)
{
	struct text line = { 0 };
	struct stmt *made;

	for (; at < words->n; at++)
		text_add(&line, "%s%s", line.len ? " " : "", words->word[at]);
	made = stmt_child(parent, line.data);
	if (!made)
		made = stmt_add(parent, stmt_new(line.data, line.len));
	made->table = parent->table;
	text_free(&line);
	return made;
}

/* The blocks that a path may lead through there; NULL for all else. */
static struct stmt *free_block(struct stmt *parent, const struct words *words, size_t *at)
{
	static const char block[] = "root-authentication";
	struct stmt *made;

	if (*at + 1 < words->n && !strcmp(words->word[*at], "apply-macro"))
		return put_macro(parent, words, at);
	if (*at + 1 == words->n || strcmp(words->word[*at], block))
		return NULL;
	made = stmt_child(parent, block);
	if (!made)
		made = stmt_add(parent, stmt_new(block, strlen(block)));
	made->table = parent->table;
	++*at;
	return made;
}

/* All the words, from the parent on; the statement that the last of them made. */
static struct stmt *walk(struct stmt *parent, const struct words *words, bool is_part,
                         struct complaints *complaints)
{
	struct stmt *block = parent, *made = NULL;
	const char *why = "missing mandatory statement";
	size_t at = 0;

	while (at < words->n) {
		size_t before = at;

		if (row_is_free(block->table)) {
			made = free_block(block, words, &at);
			if (!made)
				return free_step(block, words, at);
			block = made;
			continue;
		}
		made = step(block, words, &at, is_part, &why);
		if (!made) {
			at = at < words->n ? at : before;
			refuse(complaints, words->line, words->word[at], why);
			return NULL;
		}
		/* After a leaf, what else its block has may follow on the same line. */
		if (made->table != TABLE_LEAF)
			block = made;
	}
	if (!made)
		refuse(complaints, words->line, NULL, why);
	return made;
}

static enum tag take_tag(struct words *words)
{
	enum tag tag = TAG_NONE;

	if (words->n && !strcmp(words->word[0], "replace:"))
		tag = TAG_REPLACE;
	if (words->n && !strcmp(words->word[0], "delete:"))
		tag = TAG_DELETE;
	if (tag == TAG_NONE)
		return tag;
	free(words->word[0]);
	words->n--;
	memmove(words->word, words->word + 1, words->n * sizeof(*words->word));
	return tag;
}

/* A block whose head is wrong is passed over: NULL is what it is below. */
static struct stmt *enter(struct stmt *parent, struct words *words,
                          struct complaints *complaints)
{
	enum tag tag = take_tag(words);
	struct stmt *made = parent ? walk(parent, words, tag == TAG_DELETE, complaints) : NULL;

	if (made)
		made->tag = tag;
	words_keep(words, 0);
	return made;
}

struct parser {
	struct complaints *complaints;
	struct stmt *open[DEPTH_MAX];
	struct words words;
	size_t depth, stem; /* of a list in brackets, the words before it */
	bool in_list;
};

static const char *take(struct parser *parser, const char *token, int n)
{
	struct stmt **top = &parser->open[parser->depth];
	struct words *words = &parser->words;

	if (parser->in_list && *token == ']') {
		parser->in_list = false;
		words_keep(words, 0);
	} else if (parser->in_list) {
		take_word(words, token, (size_t)n);
		if (*top)
			walk(*top, words, false, parser->complaints);
		words_keep(words, parser->stem);
	} else if (*token == '[' && words->n) {
		parser->in_list = true;
		parser->stem = words->n;
	} else if (*token == '{') {
		if (!words->n || parser->depth == DEPTH_MAX - 1)
			return "missing mandatory statement";
		top[1] = enter(*top, words, parser->complaints);
		if (top[1] && top[1]->table == TABLE_LEAF) {
			refuse(parser->complaints, words->line, top[1]->line, "syntax error");
			top[1] = NULL;
		}
		parser->depth++;
	} else if (*token == '}') {
		if (words->n || !parser->depth)
			return "syntax error, expecting <statement> or ';'";
		parser->depth--;
	} else if (*token == ';') {
		if (words->n)
			enter(*top, words, parser->complaints);
	} else if (strchr("[]", *token)) {
		return "syntax error";
	} else {
		take_word(words, token, (size_t)n);
	}
	return NULL;
}

struct stmt *config_parse(const char *text, struct complaints *complaints)
{
	struct parser parser = { .complaints = complaints, .words = { .line = 1 } };
	const char *why = NULL;
	int n;

	parser.open[0] = stmt_root();
	while (!why && (n = next_token(&text, &parser.words.line)) != 0) {
		why = n < 0 ? "unbalanced quotation or comment" : take(&parser, text, n);
		text += n > 0 ? n : 0;
	}
	if (!why && (parser.depth || parser.words.n || parser.in_list))
		why = "missing closing brace";
	if (why)
		refuse(complaints, parser.words.line, NULL, why);
	words_keep(&parser.words, 0);
	return parser.open[0];
}

struct stmt *config_path(struct stmt *root, const char *text, bool is_part,
                         struct complaints *complaints)
{
	struct words words = { 0 };
	unsigned line = 0;
	struct stmt *made;
	int n;

	while ((n = next_token(&text, &line)) > 0) {
		take_word(&words, text, (size_t)n);
		text += n;
	}
	made = walk(root, &words, is_part, complaints);
	words_keep(&words, 0);
	return made;
}
