/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as JSON Schema (2020-12): what an editor accepts is what schema_read() accepts. */
#include "text/json.h"
#include "text/schema.h"

#include <string.h>

static const struct {
	const char *format, *pattern;
} patterns[] = {
	{ "address", "^[0-9A-Fa-f:.]+$" },
	{ "prefix", "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$" },
	{ "name", "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
	{ "node", "^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$" },
	{ "ifname", "^[-A-Za-z0-9_.@+]{1,15}$" },
	{ "mac", "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$" },
	{ "path", "^/" },
	{ "route-target", "^[0-9.]+:[0-9]+$" },
};

static const char *pattern_of(const char *format)
{
	for (size_t i = 0; format && i < hbr_count(patterns); i++) {
		if (strcmp(patterns[i].format, format) == 0)
			return patterns[i].pattern;
	}
	return NULL;
}

static void write_text(const struct schema_row *row, struct json_out *json)
{
	json_str(json, "type", "string");
	json_str(json, "pattern", pattern_of(row->format));
}

static void write_uint(const struct schema_row *row, struct json_out *json)
{
	json_str(json, "type", "integer");
	json_num(json, "minimum", row->min);
	json_num(json, "maximum", row->max ? row->max : UINT32_MAX);
}

static void write_bool(const struct schema_row *row, struct json_out *json)
{
	(void)row;
	json_str(json, "type", "boolean");
}

static void write_enum(const struct schema_row *row, struct json_out *json)
{
	json_str(json, "type", "string");
	json_open_list(json, "enum");
	for (const struct schema_word *word = row->words; word->text; word++)
		json_str(json, NULL, word->text);
	json_close_list(json);
}

static void write_counts(const struct schema_row *row, struct json_out *json)
{
	if (row->min)
		json_num(json, "minItems", row->min);
	if (row->max)
		json_num(json, "maxItems", row->max);
}

/* A list, or its only item. */
static void write_list(const struct schema_row *row, struct json_out *json)
{
	json_open_list(json, "oneOf");
	json_open_object(json, NULL);
	write_text(row, json);
	json_close_object(json);
	json_open_object(json, NULL);
	json_str(json, "type", "array");
	json_open_object(json, "items");
	write_text(row, json);
	json_close_object(json);
	write_counts(row, json);
	json_close_object(json);
	json_close_list(json);
}

static void write_map(const struct schema_row *row, struct json_out *json)
{
	json_str(json, "type", "object");
	schema_write(row->rows, json);
}

static void write_items(const struct schema_row *row, struct json_out *json)
{
	json_str(json, "type", "array");
	write_counts(row, json);
	json_open_object(json, "items");
	if (row->scalar_key) {
		json_open_list(json, "oneOf");
		json_open_object(json, NULL);
		json_str(json, "type", "string");
		json_close_object(json);
		json_open_object(json, NULL);
	}
	write_map(row, json);
	if (row->scalar_key) {
		json_close_object(json);
		json_close_list(json);
	}
	json_close_object(json);
}

static void write_free(const struct schema_row *row, struct json_out *json)
{
	(void)row;
	json_str(json, "type", "object");
}

static void (*const writers[])(const struct schema_row *row, struct json_out *json) = {
	[SCHEMA_TEXT] = write_text,   [SCHEMA_UINT] = write_uint, [SCHEMA_BOOL] = write_bool,
	[SCHEMA_ENUM] = write_enum,   [SCHEMA_LIST] = write_list, [SCHEMA_MAP] = write_map,
	[SCHEMA_ITEMS] = write_items, [SCHEMA_FREE] = write_free,
};

void schema_write(const struct schema_row *rows, struct json_out *json)
{
	bool has_required = false;

	json_open_object(json, "properties");
	for (const struct schema_row *row = rows; row->key; row++) {
		has_required = has_required || row->required;
		json_open_object(json, row->key);
		json_str(json, "description", row->doc);
		writers[row->type](row, json);
		json_close_object(json);
	}
	json_close_object(json);
	if (has_required) {
		json_open_list(json, "required");
		for (const struct schema_row *row = rows; row->key; row++)
			json_str(json, NULL, row->required ? row->key : NULL);
		json_close_list(json);
	}
	json_bool(json, "additionalProperties", false);
}
