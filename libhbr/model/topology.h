/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of objects: what the setters stored and where it was written; sealing adds to it. */
#ifndef HBR_MODEL_TOPOLOGY_H
#define HBR_MODEL_TOPOLOGY_H

#include "base/status.h"
#include "model/site.h"
#include "model/spec.h"

#define TOPOLOGY_TEXT_MAX ((size_t)64 << 20)
#define TOPOLOGY_NODES_MAX 20000
#define TOPOLOGY_VETHS_MAX 64 /* of a node */
#define NODE_INDEX_MAX 16777215
#define VNI_MAX 16777215
#define TOPOLOGY_KINDS (HBR_OBJECT_POOL + 1)

#define SITE_DEFAULT "site"
#define NETNS_ROUTER "crpd"
#define VETH_MAIN "k8s" /* the pair that joins the node's namespace to its router */

struct hbr_object {
	hbr_topology *topology;
	hbr_object *parent;       /* NULL: the site */
	hbr_object *next;         /* sibling, in the order of the document */
	hbr_object *first, *last; /* children */
	const char *name;
	const char *path;
	const void *own;  /* as it was given; of an unwritten child of a node: its template's */
	const void *spec; /* what get returns: own until sealed, then resolved */
	const struct place *numbers; /* where the numbers of `own` were written */
	uint32_t n_numbers;
	uint32_t line, column;
	int32_t kind;
	uint16_t children[TOPOLOGY_KINDS]; /* how many of each kind */
};

/* Objects by parent, kind and name. */
struct object_index {
	hbr_object **slots;
	size_t n, cap;
};

struct hbr_topology {
	struct arena arena;  /* objects, their specs, the document's lines */
	struct arena sealed; /* everything that sealing made */
	hbr_object *site;
	struct object_index index;
	const struct site *resolved; /* NULL until sealed */
	const char *file;            /* NULL: built through the API */
	const char *source;          /* the document's text, each line ended by a NUL */
	const uint32_t *lines;       /* where they begin in it */
	uint32_t n_lines, source_size;
	const struct places *places; /* while a document is being read */
	VEC(struct place) numbers;   /* scratch of object_add */
};

/* What is known of a kind of objects. */
struct object_rule {
	const char *word; /* in paths, or "" */
	const struct shape *shape;
	uint32_t max; /* under one parent */
	bool under_site, under_node;
};

const struct object_rule *object_rule(int32_t kind);

/* Every setter and getter of topology.h is one of these. */
int object_add(hbr_object *parent, int32_t kind, const void *spec, hbr_object **out,
               hbr_error **err);
int site_replace(hbr_object *site, const void *spec, hbr_error **err);
int object_get(const hbr_object *object, int32_t kind, void *out, hbr_error **err);
/* Puts an object at the end of its parent's children. */
void object_link(hbr_object *parent, hbr_object *object);
/* The child of that kind and name, or NULL. */
hbr_object *object_child(const hbr_object *parent, int32_t kind, const char *name);
/* The template of a node's object, or NULL. */
hbr_object *object_template(const hbr_object *object);

/* "node1/veth/k8s"; NULL when out of memory. */
const char *path_make(struct arena *arena, const char *parent, const char *word,
                      const char *name);

/* Also when it is not given. */
int32_t pool_use(const hbr_pool_spec *spec);

/* The same on every run: the names decide. side: "a" or "b". */
void veth_mac(const char *site, const char *node, const char *veth, const char *side,
              uint8_t mac[6]);

struct mark topology_place(const hbr_topology *topology, uint32_t line, uint32_t column);
struct mark object_mark(const hbr_object *object);
/* Of a text with a place in front; of the object when the text has none or is NULL. */
struct mark text_mark(const hbr_object *object, const char *text);

/*
 * Fails with `code`, or with HBR_EMODEL while a document is read, at the place where `key` (a
 * text or number of the caller's struct, or NULL) was written.
 */
int topology_fail(const hbr_topology *topology, int code, const void *key, const char *path,
                  hbr_error **err, const char *fmt, ...) hbr_printf_like(6, 7);

/* An object whose spec is replaced when the topology becomes sealed. */
struct sealed_spec {
	hbr_object *object;
	const void *spec;
};

/* What resolving makes: all of it in one arena; the topology itself is not touched. */
struct resolved {
	struct site *site;
	VEC(struct sealed_spec) specs;
	VEC(hbr_object *) children; /* of all nodes, in their order */
};

#define _cleanup_arena_ hbr_cleanup(arena_free)

void resolved_free(struct resolved *resolved);
#define _cleanup_resolved_ hbr_cleanup(resolved_free)

/* Templates, pools and defaults; what is wrong becomes a finding. */
int topology_resolve(const hbr_topology *topology, struct arena *arena, hbr_status *status,
                     struct resolved *out, hbr_error **err);

static inline void hbr_topology_freep(hbr_topology **topology)
{
	hbr_topology_free(*topology);
}
#define _cleanup_topology_ hbr_cleanup(hbr_topology_freep)

#endif
