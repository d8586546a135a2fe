/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: the writer keeps indentation and commas; reading is jansson's, behind limits. */
#include "text/json.h"

#include <inttypes.h>
#include <string.h>

#define READ_MAX ((size_t)64 << 20)
#define READ_DEPTH 128

void json_begin(struct json_out *json, struct buf *buf)
{
	*json = (struct json_out){ .buf = buf, .first = { true } };
}

static void put_indent(struct json_out *json)
{
	for (uint32_t i = 0; i < json->depth; i++)
		buf_puts(json->buf, "  ");
}

/* Comma, line, indentation, key: all that comes before a value. */
static void put_key(struct json_out *json, const char *key)
{
	if (!json->first[json->depth])
		buf_putc(json->buf, ',');
	if (json->depth)
		buf_putc(json->buf, '\n');
	json->first[json->depth] = false;
	put_indent(json);
	if (key) {
		buf_json_string(json->buf, key);
		buf_puts(json->buf, ": ");
	}
}

static void open_level(struct json_out *json, const char *key, char bracket)
{
	put_key(json, key);
	buf_putc(json->buf, bracket);
	if (json->depth + 1 == hbr_count(json->first)) {
		json->buf->rc = json->buf->rc ? json->buf->rc : HBR_ELIMIT;
		return;
	}
	json->first[++json->depth] = true;
}

static void close_level(struct json_out *json, char bracket)
{
	bool empty = json->first[json->depth];

	if (!json->depth)
		return;
	json->depth--;
	if (!empty) {
		buf_putc(json->buf, '\n');
		put_indent(json);
	}
	buf_putc(json->buf, bracket);
	if (!json->depth)
		buf_putc(json->buf, '\n');
}

void json_open_object(struct json_out *json, const char *key)
{
	open_level(json, key, '{');
}

void json_open_list(struct json_out *json, const char *key)
{
	open_level(json, key, '[');
}

void json_close_object(struct json_out *json)
{
	close_level(json, '}');
}

void json_close_list(struct json_out *json)
{
	close_level(json, ']');
}

void json_str(struct json_out *json, const char *key, const char *text)
{
	if (!text)
		return;
	put_key(json, key);
	buf_json_string(json->buf, text);
}

void json_put_null(struct json_out *json, const char *key)
{
	put_key(json, key);
	buf_puts(json->buf, "null");
}

void json_num(struct json_out *json, const char *key, int64_t number)
{
	put_key(json, key);
	buf_printf(json->buf, "%" PRId64, number);
}

void json_bool(struct json_out *json, const char *key, bool value)
{
	put_key(json, key);
	buf_puts(json->buf, value ? "true" : "false");
}

/* The deepest nesting, brackets inside strings aside. jansson's own limit costs too much stack. */
static uint32_t depth_of(const char *text, size_t size)
{
	uint32_t depth = 0;
	uint32_t deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{'))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!quoted && (c == ']' || c == '}') && depth)
			depth--;
	}
	return deepest;
}

/* jansson's place, with the line around it. */
static int fail_syntax(const char *text, size_t size, const char *what,
                       const json_error_t *error, hbr_error **err)
{
	size_t at = error->position > 0 && (size_t)error->position <= size
	                    ? (size_t)error->position
	                    : 0;
	size_t from = at;
	size_t to = at;

	while (from && text[from - 1] != '\n')
		from--;
	while (to < size && text[to] != '\n' && to - from < 4096)
		to++;

	_cleanup_free_ char *line = strndup(text + from, to - from);
	struct mark mark = {
		.file = what,
		.excerpt = line,
		.line = error->line > 0 ? (uint32_t)error->line : 1,
		.column = error->column > 0 ? (uint32_t)error->column : 1,
	};

	return hbr_fail_at(err, HBR_ESYNTAX, &mark, NULL, "not JSON: %s", error->text);
}

int json_read(const char *text, size_t size, const char *what, json_t **out, hbr_error **err)
{
	json_error_t error = { 0 };

	if (size > READ_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "%s: more than %zu bytes of JSON", what,
		                READ_MAX);
	if (depth_of(text, size) > READ_DEPTH)
		return hbr_fail(err, HBR_ELIMIT, NULL, "%s: JSON nested deeper than %d levels",
		                what, READ_DEPTH);

	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	/* Without memory for an object or a list, jansson says nothing at all. */
	if (!root &&
	    (json_error_code(&error) == json_error_out_of_memory || !error.text[0]))
		return hbr_oom(err);
	if (!root)
		return fail_syntax(text, size, what, &error, err);

	*out = root;
	return 0;
}
