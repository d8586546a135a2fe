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
	ATTR_U32 = 1, /* uint32_t */
	ATTR_MODE,    /* uint32_t, shown in octal */
	ATTR_BOOL,    /* uint32_t, shown as yes / no */
	ATTR_WORD,    /* int32_t shown by `words` */
	ATTR_STR,     /* const char * */
	ATTR_VALUE,   /* const char *, white space folded: a sysctl's value */
	ATTR_MAC,     /* uint8_t[6] */
	ATTR_ADDR,    /* hbr_addr, shown with its length */
	ATTR_STANZA,  /* const char *, configuration compared as a set of stanzas */
	ATTR_TEXT,    /* const char *, long: shown as size and digest, compared byte by byte */
	ATTR_JSON,    /* const char *, long: an object, compared and shown member by member */
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
	uint16_t id;   /* in the wire format, unique in its kind, never reused */
	uint32_t has;  /* bits of the body's first word, any of them; 0: always there */
	int32_t grade; /* of a change, enum hbr_grade */
	const char *const *words; /* by number, NULL-ended */
	uint32_t zero;            /* number: what 0 stands for */
	bool free_zero;           /* number: 0 is no opinion */
	bool quiet;               /* not worth a word in one-line summaries */
};

#define NAME_MAX_BYTES 4096               /* of a name, a namespace, a short text */
#define TEXT_MAX_BYTES ((size_t)16 << 20) /* of a long one */

struct kind {
	const char *name; /* "link" */
	size_t body;      /* its size, 0: none */
	const struct attr *attrs;
	uint32_t n_attrs;
	bool has_mask;     /* the body begins with uint32_t has */
	bool planned;      /* false: EXPECT */
	bool in_netns;     /* the namespace is part of the identity; NULL is "" then */
	bool unnamed;      /* the name is not: ROUTE */
	bool no_owner;     /* changed in place whoever set it, never deleted: SYSCTL, MODULE */
	uint32_t name_max; /* bytes; 0: NAME_MAX_BYTES */
	int32_t stage;     /* when the resource does not say */
	int32_t create_grade, delete_grade;
	/* The rest of the identity, in the body; or NULL. */
	int (*cmp)(const void *a, const void *b);
	void (*key)(const void *body, struct buf *out); /* its text, after the name */
};

const struct kind *kind_of(int32_t kind); /* NULL for an unknown number */
int32_t kind_by_name(const char *name);   /* 0 when unknown */

/* Total order by identity: kind, netns, name, then the identity attributes. */
int resource_cmp(const hbr_resource *a, const hbr_resource *b);
/* The namespace that identifies it: never NULL, "" for kinds that are in none. */
const char *resource_netns(const hbr_resource *resource);
/* Its stage, or that of its kind. */
int32_t resource_stage(const hbr_resource *resource);
/* The NIC, loopback or sysctl that exists anyway: it is changed, whoever it belongs to. */
bool resource_is_given(const hbr_resource *resource);
/* "link:crpd/veth-crpd", "route:crpd/10.1.0.0/21", "netns:crpd", "config:crpd/frr". */
void resource_key(const hbr_resource *resource, struct buf *out);
/* Is it well formed: kind, lengths, words, address families? HBR_EINVAL, HBR_ELIMIT. */
int resource_check(const hbr_resource *resource, hbr_error **err);
/* Deep copy into the arena; NULL when out of memory. */
const hbr_resource *resource_copy(struct arena *arena, const hbr_resource *resource);
/* The same into memory of the caller's. intern(user, text) returns the kept text, or NULL. */
bool resource_copy_to(hbr_resource *to, const hbr_resource *from, struct arena *arena,
                      const char *(*intern)(void *user, const char *text), void *user);
/* FNV-1a: shown for long texts, and guards packed files against damage; not against people. */
uint64_t resource_digest(const void *data, size_t size);

/* One attribute's text ("yes", "1500", "10.1.1.1/30"); nothing for one that is absent. */
void attr_format(const hbr_resource *resource, const struct attr *attr, struct buf *out);
bool attr_present(const hbr_resource *resource, const struct attr *attr);
/* Do wanted and observed differ in it? An attribute that wanted has no opinion on never does. */
bool attr_differs(const hbr_resource *wanted, const hbr_resource *have,
                  const struct attr *attr);
/* Do they differ in anything that is compared? */
bool resource_differs(const hbr_resource *wanted, const hbr_resource *have);

/* The values inside a body. */
static inline const void *attr_at(const hbr_resource *resource, const struct attr *attr)
{
	return (const char *)resource->body + attr->offset;
}
uint32_t attr_number(const hbr_resource *resource, const struct attr *attr);
const char *attr_string(const hbr_resource *resource, const struct attr *attr);
bool attr_is_number(const struct attr *attr);
/* Up to TEXT_MAX_BYTES. */
static inline bool attr_is_long(const struct attr *attr)
{
	return attr->type == ATTR_STANZA || attr->type == ATTR_TEXT || attr->type == ATTR_JSON;
}
static inline bool attr_is_string(const struct attr *attr)
{
	return attr->type == ATTR_STR || attr->type == ATTR_VALUE || attr_is_long(attr);
}

/* object.c: what is known of API objects, by their name ("apiVersion/kind/namespace/name"). */
/* Others have their fields in it, too: it may be added to whoever made it. */
bool object_is_shared(const hbr_resource *object);
/* Shared, and never ours to make or to delete. */
bool object_is_others(const hbr_resource *object);
/* 1: there is nothing in `have` that `wanted` does not say; what changes is only added. 0: not so. */
int object_only_adds(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err);
/* 1: it differs in what the one who reads it takes once and for all. 0: not so. */
int object_needs_remake(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err);
/* What it disrupts when this member changes (NULL: absent), and when the object goes. */
int32_t object_change_grade(const hbr_resource *object, const char *path, const char *from,
                            const char *to);
int32_t object_delete_grade(const hbr_resource *object);
/* Which comes first when they are made, from 0. */
uint32_t object_place(const hbr_resource *object);
/* object_pool.c: what the names of IPPools begin with. */
#define OBJECT_POOLS "projectcalico.org/v3/IPPool/"
bool object_is_pool(const hbr_resource *object);
/* The addresses of an IPPool; family 0 for anything else, or when they cannot be read. */
int object_pool_net(const hbr_resource *object, hbr_addr *out, hbr_error **err);
/* "BGPPeer hbr-node1-v4", "NetworkAttachmentDefinition default/storage". */
void object_label(const hbr_resource *object, struct buf *out);
/* The members of its spec, and of its annotations, in one line. */
void object_summary(const hbr_resource *object, struct buf *out);

/* dump.c: "veth, peer host/veth-k8s, mtu 1500", one line without its end. */
void resource_summary(const hbr_resource *resource, struct buf *out);
/* "crpd/veth-crpd", the default namespace as "host"; what a resource is called in tables. */
void resource_label(const hbr_resource *resource, struct buf *out);
/* Members kind, key, netns, name, owner, stage and attributes of the open JSON object. */
struct json_out;
void resource_json(const hbr_resource *resource, struct json_out *json);
void resource_json_attrs(const hbr_resource *resource, const char *key, struct json_out *json);
const char *stage_name(int32_t stage); /* "links" */

#endif
