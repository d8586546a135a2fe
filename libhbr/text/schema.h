/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that describe a document: one table reads the YAML and writes the JSON Schema. Adding a key
 * is adding a row; unknown keys fail by construction, with "did you mean".
 */
#ifndef HBR_TEXT_SCHEMA_H
#define HBR_TEXT_SCHEMA_H

#include "base/buf.h"
#include "text/yaml.h"

enum schema_type {
	SCHEMA_TEXT = 1, /* const char * at offset */
	SCHEMA_UINT,     /* uint32_t at offset; min, max */
	SCHEMA_BOOL,     /* sets `flag` in the uint32_t at offset */
	SCHEMA_ENUM,     /* int32_t at offset, by `words` */
	SCHEMA_LIST,     /* NULL-ended const char *const * at offset; a single scalar is a list of one */
	SCHEMA_MAP,      /* nested: `rows` into the struct at offset */
	SCHEMA_ITEMS,    /* list of maps (or scalars when `scalar_key`), each handled by `item` */
	SCHEMA_FREE,     /* any mapping, kept as struct yaml_node * at offset */
};

struct schema_word {
	const char *text;
	int32_t value;
};

struct schema_row {
	const char *key;
	enum schema_type type;
	size_t offset;
	const char *doc;                /* one sentence, goes into the JSON Schema */
	const char *format;             /* "address", "prefix", "name", "mac" …: schema pattern only */
	uint32_t min, max;              /* UINT; LIST and ITEMS: max items (0: 100,000) */
	uint32_t flag;                  /* BOOL */
	const struct schema_word *words; /* ENUM, ended by text NULL */
	const struct schema_row *rows;  /* MAP, ITEMS; ended by key NULL */
	const char *scalar_key;         /* ITEMS: a plain scalar item stands for {scalar_key: item} */
	bool required;
	/* ITEMS: called for each item. */
	int (*item)(void *user, const struct yaml_node *node, hbr_error **err);
};

struct schema_ctx {
	const struct yaml_doc *doc;
	struct arena *arena;
	void *user; /* for item */
	/* Optional: told where each value came from. */
	void (*seen)(void *user, const struct schema_row *row, const struct yaml_node *node,
		     void *base);
};

/* Reads a mapping into the struct at base. HBR_EMODEL with place and hint. */
int schema_read(const struct schema_ctx *ctx, const struct schema_row *rows,
		const struct yaml_node *map, void *base, hbr_error **err);
/* The JSON Schema "properties", "required" and "additionalProperties" of rows. */
struct json_out;
void schema_write(const struct schema_row *rows, struct json_out *json);
/* The closest of NULL-ended words by edit distance, or NULL when none is near. */
const char *text_nearest(const char *word, const char *const *words);

#endif
