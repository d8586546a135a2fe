/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML as a small tree, read by expat under limits: size, depth, elements, attributes. Names lose their
 * prefixes and namespaces; a document type, and with it every entity of one's own, is refused.
 */
#ifndef HBR_PORT_XML_H
#define HBR_PORT_XML_H

#include "base/buf.h"
#include "base/error.h"

#define XML_SIZE_MAX ((size_t)64 << 20)
#define XML_DEPTH_MAX 64
#define XML_NODES_MAX 2000000

struct xml_attr {
	const char *name, *value;
	struct xml_attr *next;
};

struct xml_node {
	const char *name;
	const char *text; /* its own, trimmed, of all parts; "" when there is none */
	struct xml_attr *attrs;
	struct xml_node *parent, *first, *last, *next;
};

/* The root; everything is in the arena. HBR_ESYNTAX with line and column, HBR_ELIMIT. */
int xml_parse(const char *data, size_t size, struct arena *arena, struct xml_node **out,
              hbr_error **err);

/* All take NULL and then find nothing. */
struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next of the same name among the siblings that follow. */
struct xml_node *xml_next(const struct xml_node *node);
/* "a/b/c": the first of each; NULL when there is none. */
const struct xml_node *xml_find(const struct xml_node *node, const char *path);
/* The text found there, or "". */
const char *xml_text(const struct xml_node *node, const char *path);
const char *xml_attr(const struct xml_node *node, const char *name); /* or NULL */

/* Appends text with what has a meaning in XML escaped; bytes that XML cannot carry become '?'. */
void xml_escape(struct buf *out, const char *text);

#endif
