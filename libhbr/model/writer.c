/* SPDX-License-Identifier: Apache-2.0 */
/* The rows' writer. What has its default value is not written. */
#include "model/writer.h"

#include <string.h>

static const void *pointer_at(const void *at)
{
	const void *pointer;

	memcpy(&pointer, at, sizeof(pointer));
	return pointer;
}

static uint32_t number_at(const void *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

static const char *word_of(const struct schema_row *row, const void *at)
{
	int32_t value = (int32_t)number_at(at);

	for (const struct schema_word *word = row->words; word->text; word++)
		if (value && word->value == value)
			return word->text;
	return NULL;
}

bool row_is_set(const struct schema_row *row, const void *base)
{
	const char *at = (const char *)base + row->offset;

	switch (row->type) {
	case SCHEMA_TEXT:
	case SCHEMA_LIST:
		return pointer_at(at);
	case SCHEMA_UINT:
		return number_at(at);
	case SCHEMA_BOOL:
		return number_at(at) & row->flag;
	case SCHEMA_ENUM:
		return word_of(row, at);
	case SCHEMA_MAP:
		return rows_are_set(row->rows, at);
	case SCHEMA_ITEMS:
		return ((const struct doc_items *)at)->n;
	default:
		return ((const struct doc_free *)at)->list;
	}
}

bool rows_are_set(const struct schema_row *rows, const void *base)
{
	for (; rows->key; rows++)
		if (row_is_set(rows, base))
			return true;
	return false;
}

static void put_key(struct writer *writer, const char *key)
{
	if (writer->follows)
		buf_puts(writer->buf, ", ");
	writer->follows = true;
	if (!key)
		return;
	yaml_put_scalar(writer->buf, key);
	buf_puts(writer->buf, ": ");
}

static void put_text(struct writer *writer, const char *key, const char *text)
{
	if (writer->json) {
		json_str(writer->json, key, text);
		return;
	}
	put_key(writer, key);
	yaml_put_scalar(writer->buf, text);
}

static void put_number(struct writer *writer, const char *key, uint32_t number)
{
	if (writer->json) {
		json_num(writer->json, key, number);
		return;
	}
	put_key(writer, key);
	buf_putu(writer->buf, number);
}

static void put_true(struct writer *writer, const char *key)
{
	if (writer->json) {
		json_bool(writer->json, key, true);
		return;
	}
	put_key(writer, key);
	buf_puts(writer->buf, "true");
}

static void put_open(struct writer *writer, const char *key, bool is_list)
{
	if (writer->json && is_list) {
		json_open_list(writer->json, key);
	} else if (writer->json) {
		json_open_object(writer->json, key);
	} else {
		put_key(writer, key);
		buf_putc(writer->buf, is_list ? '[' : '{');
		writer->follows = false;
	}
}

static void put_close(struct writer *writer, bool is_list)
{
	if (writer->json && is_list) {
		json_close_list(writer->json);
	} else if (writer->json) {
		json_close_object(writer->json);
	} else {
		buf_putc(writer->buf, is_list ? ']' : '}');
		writer->follows = true;
	}
}

static void put_list(struct writer *writer, const char *key, const char *const *list)
{
	put_open(writer, key, true);
	for (; *list; list++)
		put_text(writer, NULL, *list);
	put_close(writer, true);
}

/* "zone=a" as zone: a. */
static void put_free(struct writer *writer, const char *key, const char *const *list)
{
	put_open(writer, key, false);
	for (; *list; list++) {
		char name[SPEC_TEXT_MAX + 1];
		size_t n = strcspn(*list, "=");

		memcpy(name, *list, n);
		name[n] = '\0';
		put_text(writer, name, (*list)[n] ? *list + n + 1 : "");
	}
	put_close(writer, false);
}

static void put_items(struct writer *writer, const char *key, const struct schema_row *rows,
                      const struct doc_items *items)
{
	put_open(writer, key, true);
	for (uint32_t i = 0; i < items->n; i++)
		write_map(writer, NULL, rows, items->items[i]);
	put_close(writer, true);
}

static void put_row(struct writer *writer, const char *key, const struct schema_row *row,
                    const void *base)
{
	const char *at = (const char *)base + row->offset;

	switch (row->type) {
	case SCHEMA_TEXT:
		put_text(writer, key, pointer_at(at));
		break;
	case SCHEMA_LIST:
		put_list(writer, key, pointer_at(at));
		break;
	case SCHEMA_UINT:
		put_number(writer, key, number_at(at));
		break;
	case SCHEMA_BOOL:
		put_true(writer, key);
		break;
	case SCHEMA_ENUM:
		put_text(writer, key, word_of(row, at));
		break;
	case SCHEMA_MAP:
		write_map(writer, key, row->rows, at);
		break;
	case SCHEMA_ITEMS:
		put_items(writer, key, row->rows, (const struct doc_items *)at);
		break;
	default:
		put_free(writer, key, ((const struct doc_free *)at)->list);
	}
}

void write_rows(struct writer *writer, const struct schema_row *rows, const void *base)
{
	for (; rows->key; rows++)
		if (row_is_set(rows, base))
			put_row(writer, rows->key, rows, base);
}

void write_map(struct writer *writer, const char *key, const struct schema_row *rows,
               const void *base)
{
	put_open(writer, key, false);
	write_rows(writer, rows, base);
	put_close(writer, false);
}

void write_value(struct writer *writer, const struct schema_row *row, const void *base)
{
	writer->follows = false;
	put_row(writer, NULL, row, base);
}
