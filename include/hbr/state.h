/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State: a sorted set of resources, whether wanted (compiled from a topology) or observed on a
 * machine. Immutable and shareable once made. sys/resource.h shows the resources themselves.
 */
#ifndef HBR_STATE_H
#define HBR_STATE_H

#include "common.h"

enum hbr_scope_flag {
	/* Leave out what is expected of other nodes' prefixes: of n nodes, n times a few rows. */
	HBR_SCOPE_LOCAL = 1 << 0,
	/* Router configuration of cRPD as `set` commands, or as XML for its YANG modules: to be
	 * read, not planned. HBR_ENOTSUP for engines that have one form only. */
	HBR_SCOPE_SET_FORM = 1 << 1,
	HBR_SCOPE_XML_FORM = 1 << 2,
};

/* What a compile or a plan is about: one node, or the cluster. */
typedef struct hbr_scope {
	size_t size;
	const char *node; /* NULL: the cluster */
	uint32_t stages;  /* bits of enum hbr_stage; 0: all that libhbr knows for the scope */
	uint32_t flags;   /* enum hbr_scope_flag */
} hbr_scope;

/* One row of a state or a plan. Texts are borrowed from it. */
typedef struct hbr_item {
	size_t size;
	const char *key;   /* "link:crpd/veth-crpd"; the namespace "" is the node's default */
	const char *owner; /* path of the topology object it came from, or NULL */
	int32_t kind;      /* enum hbr_kind of sys/resource.h */
	int32_t stage;     /* enum hbr_stage */
	int32_t verb;      /* plan: enum hbr_verb; state: 0 */
	int32_t grade;     /* plan: enum hbr_grade; state: 0 */
	size_t changes;    /* plan: how many attributes change */
	const char *why;   /* plan: one line, or NULL */
} hbr_item;

HBR_BEGIN

/*
 * What should exist in a scope of a sealed topology. Pure: reads nothing but its arguments.
 * HBR_EINVAL when the topology is not sealed, HBR_ENOENT for an unknown node.
 */
HBR_API int hbr_compile(const hbr_topology *topology, const hbr_scope *scope, hbr_state **wanted,
			hbr_error **err);

/*
 * What exists of the kinds and in the places that `wanted` speaks about, and whatever carries
 * our mark there. Sends no change.
 */
HBR_API int hbr_observe(hbr_ctx *ctx, const hbr_state *wanted, hbr_state **have, hbr_error **err);

HBR_API size_t hbr_state_count(const hbr_state *state);
HBR_API int hbr_state_get(const hbr_state *state, size_t index, hbr_item *out);

/*
 * The text of a resource that has one, by its key: router configuration, file, or an API object as
 * YAML.
 * HBR_ENOENT when there is no such resource, HBR_EINVAL when it has no text.
 */
HBR_API int hbr_state_text(const hbr_state *state, const char *key, hbr_text **out,
			   hbr_error **err);

/* TEXT or JSON: every resource with its attributes, secrets replaced by their digest. */
HBR_API int hbr_state_dump(const hbr_state *state, int32_t format, hbr_text **out,
			   hbr_error **err);
HBR_API void hbr_state_free(hbr_state *state);

HBR_END
#endif
