/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each resource kind, as tables: identity, attributes, how a difference is mended
 * and what that disrupts. Compare, copy, print and wire format all walk these rows.
 */
#ifndef HBR_RESOURCE_KIND_H
#define HBR_RESOURCE_KIND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "hbr/plan.h"
#include "hbr/sys/resource.h"

enum attr_type {
	ATTR_U32 = 1, /* uint32_t or int32_t */
	ATTR_BOOL,    /* uint32_t, shown as yes / no */
	ATTR_WORD,    /* int32_t shown by `words` */
	ATTR_STR,     /* const char * */
	ATTR_MAC,     /* uint8_t[6] */
	ATTR_ADDR,    /* hbr_addr, shown with its length */
	ATTR_STANZA,  /* const char *, configuration compared as a set of stanzas */
	ATTR_TEXT,    /* const char *, long: shown as size and digest, compared byte by byte */
};

enum attr_use {
	ATTR_IDENTITY, /* part of the identity: never differs */
	ATTR_LIVE,     /* changed in place */
	ATTR_REMAKE,   /* the kernel cannot change it: delete and create */
	ATTR_GIVEN,    /* used when made, not compared */
	ATTR_SEEN,     /* observed only, not compared, not stored */
};

struct attr {
	const char *name;
	enum attr_type type;
	enum attr_use use;
	uint16_t offset;
	uint16_t id;  /* in the wire format, unique in its kind, never reused */
	uint32_t has; /* bit of the body's first word, 0: always there */
	int32_t grade; /* of a change, enum hbr_grade */
	const char *const *words;
};

struct kind {
	const char *name; /* "link" */
	size_t body;      /* its size, 0: none */
	const struct attr *attrs;
	uint32_t n_attrs;
	bool has_mask;    /* the body begins with uint32_t has */
	bool planned;     /* false: EXPECT */
	int32_t create_grade, delete_grade;
};

const struct kind *kind_of(int32_t kind); /* NULL for an unknown number */
int32_t kind_by_name(const char *name);   /* 0 when unknown */

/* Total order by identity: kind, netns, name, then the identity attributes. */
int resource_cmp(const hbr_resource *a, const hbr_resource *b);
/* "link:crpd/veth-crpd", "route:crpd/10.1.0.0/21", "netns:crpd", "config:crpd/frr". */
void resource_key(const hbr_resource *resource, struct buf *out);
/* Deep copy into the arena; NULL when out of memory. */
const hbr_resource *resource_copy(struct arena *arena, const hbr_resource *resource);

/* One attribute's text ("yes", "1500", "10.1.1.1/30"); nothing for one that is absent. */
void attr_format(const hbr_resource *resource, const struct attr *attr, struct buf *out);
bool attr_present(const hbr_resource *resource, const struct attr *attr);
/* Do wanted and observed differ in it? An attribute that wanted has no opinion on never does. */
bool attr_differs(const hbr_resource *wanted, const hbr_resource *have, const struct attr *attr);

#endif
