/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML (libyaml's events) into a tree with marks, under limits. Refused with place and hint:
 * anchors, aliases, tags, tabs as indentation, bad UTF-8, control characters, duplicate keys,
 * non-scalar keys, merge keys, nothing at all. Scalars stay text; `plain` tells whether they were unquoted.
 */
#ifndef HBR_TEXT_YAML_H
#define HBR_TEXT_YAML_H

#include <stdbool.h>

#include "base/error.h"
#include "base/mem.h"

struct yaml_limits {
	size_t bytes;     /* of the text; 0: 64 MiB */
	size_t nodes;     /* 0: 4 million */
	uint32_t depth;   /* 0: 32 */
	uint32_t scalar;  /* bytes of one scalar; 0: 64 KiB */
};

enum yaml_kind { YAML_SCALAR = 1, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool plain;             /* scalar without quotes */
	uint32_t line, column;  /* from 1, in characters */
	uint32_t n;             /* children; those of a map carry their key */
	const char *text;       /* scalar; NUL-terminated, no NUL inside */
	const char *key;        /* when this node is a value of a map: its key, else NULL */
	uint32_t key_line, key_column;
	struct yaml_node *first, *next; /* children in order; next sibling */
};

struct yaml_doc {
	const char *file;       /* copied */
	const char *source;     /* copied text, every line ended by a NUL: excerpts point into it */
	const uint32_t *lines;  /* where each line begins in source */
	uint32_t n_lines;
	uint32_t n;             /* documents; empty ones are left out */
	struct yaml_node **roots;
};

/* Everything is allocated in the arena. HBR_ESYNTAX, HBR_ELIMIT, HBR_ENOMEM. */
int yaml_parse(const char *text, size_t size, const char *file, const struct yaml_limits *limits,
	       struct arena *arena, struct yaml_doc **out, hbr_error **err);
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key); /* or NULL */
/* The place of a node (its key, if at_key), with the line as excerpt; borrowed from doc. */
struct mark yaml_mark(const struct yaml_doc *doc, const struct yaml_node *node, bool at_key);
/* Writes a scalar, quoted when YAML 1.1 readers would take it for something else (no, 0x1, 1:2). */
struct buf;
void yaml_put_scalar(struct buf *out, const char *text);

#endif
