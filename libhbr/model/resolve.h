/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of resolving share. They return 0, HBR_ENOMEM or HBR_ELIMIT; what is wrong
 * with the site becomes a finding, so that everything wrong is known at once.
 */
#ifndef HBR_MODEL_RESOLVE_H
#define HBR_MODEL_RESOLVE_H

#include "base/prefix.h"
#include "model/topology.h"

#define REACH_CACHE 8

/* A template, or a node's own object: with what is filled in for all nodes alike. */
struct template_row {
	const hbr_object *object;
	const void *spec;
};

struct templates {
	const void *base;           /* what is under every object of the kind, or NULL */
	struct template_row *items; /* in the order of the document */
	uint32_t n;
};

/* The numbers of one VRF name, the same on all nodes. */
struct vrf_numbers {
	const char *name;
	const hbr_object *object;       /* the first of that name */
	const char *vni_pool, *rt_pool; /* with a place in front; or NULL */
	const char *const *rts;         /* from the pool */
	uint32_t vni, table;
	uint32_t sequence; /* order of the document */
	bool has_targets;  /* both directions are written out */
};

/* A text list that many nodes share, parsed once. */
struct cached_list {
	const char *const *list;
	struct addr_list parsed;
};

struct resolve {
	const hbr_topology *topology;
	struct arena *arena;
	hbr_status *status;
	hbr_error **err; /* HBR_ELIMIT is explained there */
	struct resolved *out;
	struct site *site;
	hbr_site_spec *spec; /* defaults filled */
	const hbr_object **nodes;
	uint32_t *indexes;         /* of the nodes */
	const struct pool **pools; /* sorted by name */
	bool *exhausted;           /* in the order of site->pools: said already */
	struct templates templates[TOPOLOGY_KINDS];
	struct vrf_numbers *vrfs; /* sorted by name */
	uint32_t n_vrfs;
	VEC(struct child) children;
	struct cached_list cache[REACH_CACHE];
	uint32_t next_cached;
};

/* A finding of level ERROR at `text` (or the object, if NULL or without a place). */
int finding(struct resolve *resolve, const hbr_object *object, const char *text,
            const char *rule, const char *hint, const char *fmt, ...) hbr_printf_like(6, 7);

/* What get returns for the object once the topology is sealed. */
int resolved_put(struct resolve *resolve, const hbr_object *object, const void *spec);

/* assign.c */
int assign_indexes(struct resolve *resolve);
/* assign_vrf.c */
int assign_vrfs(struct resolve *resolve);
const struct vrf_numbers *vrf_numbers(const struct resolve *resolve, const char *name);
/* "64500:4001" or "192.0.2.1:5", as one number. */
bool target_parse(const char *text, uint64_t *key);

/* resolve_pool.c */
int resolve_pools(struct resolve *resolve);
const struct pool *pool_find(const struct resolve *resolve, const char *name); /* or NULL */
/* The pool that an object names, of that use and family (0: any); NULL after a finding. */
int pool_named(struct resolve *resolve, const hbr_object *object, const char *name, int32_t use,
               int family, const struct pool **out);
/* Part number `index` (from 1) of a pool of prefixes; *has is false after a finding. */
int pool_part(struct resolve *resolve, const struct pool *pool, const hbr_object *node,
              uint32_t index, hbr_addr *out, bool *has);

/* resolve_addr.c: texts to addresses. */
int addr_list_make(struct resolve *resolve, const hbr_object *object, const char *const *list,
                   struct addr_list *out);
/* The same for a list that many nodes share. */
int addr_list_shared(struct resolve *resolve, const hbr_object *object, const char *const *list,
                     struct addr_list *out);
bool list_has_family(const char *const *list, int family);
/* *list with one more address, as a new list; true unless out of memory. */
bool list_append(struct resolve *resolve, const char *const **list, const hbr_addr *addr);

/* resolve_children.c */
struct child {
	const hbr_object *object; /* the node's; made when only the template was written */
	void *spec;               /* merged; new, so it may be filled in */
	bool is_written;
};

/*
 * What a node has of a kind: the templates, each merged with the node's own object of that
 * name, then the objects of its own. Into resolve->children, until the next call.
 */
int resolve_children(struct resolve *resolve, const hbr_object *node, int32_t kind);
/* Templates of a kind, as they are written; `base` (or NULL) is merged under each. */
int resolve_templates(struct resolve *resolve, int32_t kind, const void *base);

/* resolve_netns.c, resolve_veth.c, resolve_routing.c: what all nodes share, then one node. */
int resolve_netns_templates(struct resolve *resolve);
int resolve_veth_templates(struct resolve *resolve);
int resolve_vrf_templates(struct resolve *resolve);
int resolve_netns(struct resolve *resolve, const hbr_object *object, struct node *node);
int resolve_vrfs(struct resolve *resolve, const hbr_object *object, struct node *node);
int resolve_veths(struct resolve *resolve, const hbr_object *object, struct node *node);
int resolve_peers(struct resolve *resolve, const hbr_object *object, struct node *node);

#endif
