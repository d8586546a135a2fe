/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a YAML mapping into a struct, by rows. The JSON Schema is in schema_write.c. */
#include "text/schema.h"

#include <inttypes.h>
#include <string.h>

#define ITEMS_MAX 100000
#define ROWS_MAX 64 /* keys that one hint can be chosen from */

/* A value with all that reading it needs. */
struct value {
	const struct schema_ctx *ctx;
	const struct schema_row *row;
	const struct yaml_node *node;
	void *base, *at;
	hbr_error **err;
};

static int fail(const struct value *value, const struct yaml_node *node, const char *fmt, ...)
        hbr_printf_like(3, 4);

/* "KEY: what is wrong", at the node. */
static int fail(const struct value *value, const struct yaml_node *node, const char *fmt, ...)
{
	struct mark mark = yaml_mark(value->ctx->doc, node, false);
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	return hbr_fail_at(value->err, HBR_EMODEL, &mark, NULL, "%s: %s", value->row->key,
	                   text.data ? text.data : "wrong");
}

static const char *kind_name(const struct yaml_node *node)
{
	static const char *const names[] = {
		[YAML_SCALAR] = "a single value",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a mapping",
	};

	return names[node->kind];
}

static bool is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->plain &&
	       (!*node->text || strcmp(node->text, "~") == 0 ||
	        strcmp(node->text, "null") == 0);
}

static int expect_kind(const struct value *value, const struct yaml_node *node,
                       enum yaml_kind kind, const char *what)
{
	if (is_null(node)) {
		fail(value, node, "there is no value");
		hbr_hint(value->err,
		         "leave the key out for its default, or write \"\" for an empty text");
		return HBR_EMODEL;
	}
	if (node->kind == kind)
		return 0;
	return fail(value, node, "this is %s, but must be %s", kind_name(node), what);
}

static int read_text(const struct value *value)
{
	int rc = expect_kind(value, value->node, YAML_SCALAR, "a text");
	if (rc < 0)
		return rc;

	*(const char **)value->at = value->node->text;
	return 0;
}

/* Decimal digits only: "0x10", "010" and "1_000" are other numbers to other readers. */
static bool parse_uint(const char *text, uint64_t *out)
{
	size_t n = strspn(text, "0123456789");

	if (!n || text[n] || n > 18 || (n > 1 && *text == '0'))
		return false;
	for (*out = 0; *text; text++)
		*out = *out * 10 + (uint64_t)(*text - '0');
	return true;
}

static int read_uint(const struct value *value)
{
	uint32_t max = value->row->max ? value->row->max : UINT32_MAX;
	uint64_t number = 0;
	int rc = expect_kind(value, value->node, YAML_SCALAR, "a number");
	if (rc < 0)
		return rc;

	if (!parse_uint(value->node->text, &number)) {
		fail(value, value->node, "\"%.64s\" is no number", value->node->text);
		hbr_hint(value->err, "write decimal digits, from %" PRIu32 " to %" PRIu32,
		         value->row->min, max);
		return HBR_EMODEL;
	}
	if (!value->node->plain) {
		fail(value, value->node, "this is a text, but must be a number");
		hbr_hint(value->err, "take the quotes away");
		return HBR_EMODEL;
	}
	if (number < value->row->min || number > max)
		return fail(value, value->node,
		            "%s is out of range: it must be %" PRIu32 " to %" PRIu32,
		            value->node->text, value->row->min, max);
	*(uint32_t *)value->at = (uint32_t)number;
	return 0;
}

static int read_bool(const struct value *value)
{
	uint32_t *flags = value->at;
	const char *text = value->node->text;
	int rc = expect_kind(value, value->node, YAML_SCALAR, "true or false");
	if (rc < 0)
		return rc;

	bool is_true = strcmp(text, "true") == 0;
	if (!value->node->plain || (!is_true && strcmp(text, "false") != 0)) {
		fail(value, value->node, "\"%.64s\" is neither true nor false", text);
		hbr_hint(value->err, "write true or false, without quotes");
		return HBR_EMODEL;
	}
	*flags = is_true ? *flags | value->row->flag : *flags & ~value->row->flag;
	return 0;
}

static int fail_word(const struct value *value)
{
	const char *names[ROWS_MAX + 1] = { NULL };
	_cleanup_buf_ struct buf all = BUF_INIT;

	for (size_t i = 0; i < ROWS_MAX && value->row->words[i].text; i++) {
		names[i] = value->row->words[i].text;
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	fail(value, value->node, "\"%.64s\" is none of %s", value->node->text,
	     all.data ? all.data : "the words");

	const char *near = text_nearest(value->node->text, names);
	if (near)
		hbr_hint(value->err, "did you mean \"%s\"?", near);
	return HBR_EMODEL;
}

static int read_enum(const struct value *value)
{
	int rc = expect_kind(value, value->node, YAML_SCALAR, "a word");
	if (rc < 0)
		return rc;

	for (const struct schema_word *word = value->row->words; word->text; word++) {
		if (strcmp(word->text, value->node->text) == 0) {
			*(int32_t *)value->at = word->value;
			return 0;
		}
	}
	return fail_word(value);
}

static int check_count(const struct value *value)
{
	uint32_t max = value->row->max ? value->row->max : ITEMS_MAX;

	if (value->node->n > max)
		return fail(value, value->node, "%u items are too many: the limit is %u",
		            value->node->n, max);
	if (value->node->n < value->row->min)
		return fail(value, value->node, "%u items are too few: at least %u are needed",
		            value->node->n, value->row->min);
	return 0;
}

/* A single value stands for a list of one. */
static int read_list(const struct value *value)
{
	const struct yaml_node *node = value->node;
	bool is_single = node->kind == YAML_SCALAR;
	int rc = is_single ? expect_kind(value, node, YAML_SCALAR, "a list")
	                   : expect_kind(value, node, YAML_LIST, "a list");
	if (rc == 0 && !is_single)
		rc = check_count(value);
	if (rc < 0)
		return rc;

	const char **list = arena_array(value->ctx->arena, is_single ? 2 : (size_t)node->n + 1,
	                                sizeof(*list));
	if (!list)
		return hbr_oom(value->err);

	size_t n = 0;
	for (const struct yaml_node *item = is_single ? node : node->first; item;
	     item = is_single ? NULL : item->next) {
		rc = expect_kind(value, item, YAML_SCALAR, "a text");
		if (rc < 0)
			return rc;
		list[n++] = item->text;
	}
	*(const char *const **)value->at = list;
	return 0;
}

static int read_map(const struct value *value)
{
	int rc = expect_kind(value, value->node, YAML_MAP, "a mapping");
	if (rc < 0)
		return rc;
	return schema_read(value->ctx, value->row->rows, value->node, value->at, value->err);
}

/* {scalar_key: item} for a plain item, at the same place. */
static struct yaml_node *wrap_scalar(const struct value *value, const struct yaml_node *item)
{
	struct yaml_node *map = arena_alloc(value->ctx->arena, sizeof(*map));
	struct yaml_node *inner = arena_alloc(value->ctx->arena, sizeof(*inner));

	if (!map || !inner)
		return NULL;
	*inner = *item;
	inner->next = NULL;
	inner->key = value->row->scalar_key;
	inner->key_line = item->line;
	inner->key_column = item->column;
	*map = (struct yaml_node){
		.kind = YAML_MAP,
		.line = item->line,
		.column = item->column,
		.n = 1,
		.first = inner,
	};
	return map;
}

static int read_items(const struct value *value)
{
	int rc = expect_kind(value, value->node, YAML_LIST, "a list");
	if (rc < 0 && value->node->kind == YAML_MAP)
		hbr_hint(value->err, "begin each item with \"- \"");
	if (rc == 0)
		rc = check_count(value);
	if (rc < 0)
		return rc;

	for (const struct yaml_node *item = value->node->first; item; item = item->next) {
		const struct yaml_node *map = item;

		if (value->row->scalar_key && item->kind == YAML_SCALAR && !is_null(item)) {
			map = wrap_scalar(value, item);
			if (!map)
				return hbr_oom(value->err);
		}
		rc = expect_kind(value, map, YAML_MAP, "a mapping");
		if (rc < 0)
			return rc;

		rc = value->row->item(value->ctx->user, map, value->err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_free(const struct value *value)
{
	int rc = expect_kind(value, value->node, YAML_MAP, "a mapping");
	if (rc < 0)
		return rc;

	*(const struct yaml_node **)value->at = value->node;
	return 0;
}

static int (*const readers[])(const struct value *value) = {
	[SCHEMA_TEXT] = read_text,   [SCHEMA_UINT] = read_uint, [SCHEMA_BOOL] = read_bool,
	[SCHEMA_ENUM] = read_enum,   [SCHEMA_LIST] = read_list, [SCHEMA_MAP] = read_map,
	[SCHEMA_ITEMS] = read_items, [SCHEMA_FREE] = read_free,
};

static int fail_unknown(const struct schema_ctx *ctx, const struct schema_row *rows,
                        const struct yaml_node *map, const struct yaml_node *node,
                        hbr_error **err)
{
	struct mark mark = yaml_mark(ctx->doc, node, true);
	const char *names[ROWS_MAX + 1] = { NULL };
	_cleanup_buf_ struct buf all = BUF_INIT;

	for (size_t i = 0; i < ROWS_MAX && rows[i].key; i++) {
		names[i] = rows[i].key;
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	hbr_fail_at(err, HBR_EMODEL, &mark, NULL, "unknown key \"%.64s\"%s%.64s", node->key,
	            map->key ? " in " : "", map->key ? map->key : "");

	const char *near = text_nearest(node->key, names);
	if (near)
		hbr_hint(err, "did you mean \"%s\"?", near);
	else
		hbr_hint(err, "the keys here are %s", all.data ? all.data : "others");
	return HBR_EMODEL;
}

static const struct schema_row *find_row(const struct schema_row *rows, const char *key)
{
	for (; rows->key; rows++) {
		/* A node has twenty keys to compare with: the first letter tells most apart. */
		if (*rows->key == *key && strcmp(rows->key, key) == 0)
			return rows;
	}
	return NULL;
}

static int check_required(const struct schema_ctx *ctx, const struct schema_row *rows,
                          const struct yaml_node *map, hbr_error **err)
{
	for (; rows->key; rows++) {
		if (!rows->required || yaml_get(map, rows->key))
			continue;

		struct mark mark = yaml_mark(ctx->doc, map, map->key != NULL);

		hbr_fail_at(err, HBR_EMODEL, &mark, NULL, "key \"%s\" is missing%s%.64s",
		            rows->key, map->key ? " in " : "", map->key ? map->key : "");
		if (rows->doc)
			hbr_hint(err, "%s: %s", rows->key, rows->doc);
		return HBR_EMODEL;
	}
	return 0;
}

int schema_read(const struct schema_ctx *ctx, const struct schema_row *rows,
                const struct yaml_node *map, void *base, hbr_error **err)
{
	if (map->kind != YAML_MAP) {
		struct mark mark = yaml_mark(ctx->doc, map, false);

		return hbr_fail_at(err, HBR_EMODEL, &mark, NULL,
		                   "this is %s, but must be a mapping of keys and values",
		                   kind_name(map));
	}
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		const struct schema_row *row = find_row(rows, node->key);
		if (!row)
			return fail_unknown(ctx, rows, map, node, err);

		const struct value value = {
			.ctx = ctx,
			.row = row,
			.node = node,
			.base = base,
			.at = (char *)base + row->offset,
			.err = err,
		};
		int rc = readers[row->type](&value);
		if (rc < 0)
			return rc;
		if (ctx->seen)
			ctx->seen(ctx->user, row, node, base);
	}
	return check_required(ctx, rows, map, err);
}
