/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read a site document share. */
#ifndef HBR_MODEL_READER_H
#define HBR_MODEL_READER_H

#include "model/document.h"

struct item {
	enum document_item what;
	const struct yaml_node *node;
};

struct assigned_number {
	const char *name;
	const struct yaml_node *node;
	uint32_t number;
};

/* Sorted by name. */
struct assigned {
	struct assigned_number *items;
	size_t n;
};

/* A document of the file. */
struct part {
	struct doc_head head;
	const struct yaml_node *root;
	struct place name; /* where the name is written */
};

struct reader {
	hbr_topology *topology;
	struct arena scratch; /* the tree of the text and what is read from it */
	const struct yaml_doc *doc;
	struct schema_ctx schema;
	struct places places;
	bool is_full;           /* out of memory for places */
	VEC(struct item) items; /* lists of maps that wait to be read */
	VEC(struct part) parts;
	struct doc_site site;
	const struct part *site_part;
	const char *netns; /* the router's */
	struct assigned nodes, vnis, tables;
};

/*
 * Reads a mapping by rows. Everything that is put into reader->places or reader->items from
 * here on is the caller's to drop with reader_drop(), at the counts that it took before.
 */
int reader_read(struct reader *reader, const struct schema_row *rows,
                const struct yaml_node *node, void *base, hbr_error **err);
/* The place that the next object is said to be at. */
void reader_at(struct reader *reader, const struct yaml_node *node);
void reader_drop(struct reader *reader, size_t places, size_t items);
/* A number of one struct is handed on in another. False when out of memory. */
bool reader_alias(struct reader *reader, const void *from, const void *to);
/* Fails at a text that was read, or a node of the tree. */
int reader_fail(struct reader *reader, const char *text, hbr_error **err, const char *fmt, ...)
        hbr_printf_like(4, 5);
int reader_fail_node(struct reader *reader, const struct yaml_node *node, hbr_error **err,
                     const char *fmt, ...) hbr_printf_like(4, 5);
/* Those of a list's pools that are IPv4 and IPv6. */
int reader_pools(struct reader *reader, const char *const *names, const char **pool4,
                 const char **pool6, hbr_error **err);
uint32_t assigned_number(const struct assigned *assigned, const char *name);

/* read_site.c */
int read_site(struct reader *reader, hbr_error **err);
/* read_object.c: an object in full form under a parent. */
int read_item(struct reader *reader, hbr_object *parent, const struct item *item,
              hbr_error **err);
int read_pool(struct reader *reader, const struct part *part, hbr_error **err);
int read_vrf(struct reader *reader, const struct part *part, hbr_error **err);
int read_network(struct reader *reader, const struct part *part, hbr_error **err);
/* read_node.c */
int read_node(struct reader *reader, const struct yaml_node *node, hbr_error **err);

#endif
