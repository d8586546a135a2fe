/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values as YAML. A text is quoted unless it begins with a letter, has nothing special in it
 * and is no word that YAML 1.1 takes for something else: kubectl reads `node: n` as a boolean.
 */
#include "text/yaml_write.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const words[] = {
	"y", "n", "yes", "no", "on", "off", "true", "false", "null"
};

static bool is_plain(const char *text)
{
	if (!isalpha((unsigned char)text[0]))
		return false;
	for (const char *at = text; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("-_./", *at))
			return false;
	}
	for (size_t i = 0; i < hbr_count(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return false;
	}
	return true;
}

static void put_text(const char *text, struct buf *out)
{
	if (is_plain(text))
		buf_puts(out, text);
	else
		buf_json_string(out, text);
}

static void put_scalar(const json_t *value, struct buf *out)
{
	if (json_is_string(value))
		put_text(json_string_value(value), out);
	else if (json_is_integer(value))
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		buf_printf(out, "%.17g", json_real_value(value));
	else if (json_is_boolean(value))
		buf_puts(out, json_is_true(value) ? "true" : "false");
	else
		buf_puts(out, json_is_object(value)  ? "{}"
		              : json_is_array(value) ? "[]"
		                                     : "null");
	buf_putc(out, '\n');
}

static bool is_block(const json_t *value)
{
	return json_object_size(value) || json_array_size(value);
}

static void indent(struct buf *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		buf_puts(out, "  ");
}

static void put_block(const json_t *value, unsigned depth, bool is_begun, struct buf *out);

static void put_member(const json_t *value, unsigned depth, struct buf *out)
{
	if (!is_block(value)) {
		buf_putc(out, ' ');
		put_scalar(value, out);
		return;
	}
	buf_putc(out, '\n');
	put_block(value, depth, false, out);
}

/* is_begun: its first line stands behind the dash of a list already. */
static void put_block(const json_t *value, unsigned depth, bool is_begun, struct buf *out)
{
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach((json_t *)value, key, member)
	{
		indent(out, is_begun ? 0 : depth);
		is_begun = false;
		put_text(key, out);
		buf_putc(out, ':');
		put_member(member, depth + !json_is_array(member), out);
	}
	json_array_foreach(value, i, member)
	{
		indent(out, is_begun ? 0 : depth);
		is_begun = false;
		buf_puts(out, "- ");
		if (is_block(member))
			put_block(member, depth + 1, true, out);
		else
			put_scalar(member, out);
	}
}

void yaml_write(const json_t *value, struct buf *out)
{
	if (is_block(value))
		put_block(value, 0, false, out);
	else
		put_scalar(value, out);
}
