/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling a scope of a sealed topology to wanted resources: the parts, one a file. Pure. */
#ifndef HBR_COMPILE_COMPILE_H
#define HBR_COMPILE_COMPILE_H

#include "base/buf.h"
#include "model/site.h"
#include "resource/state.h"
#include "text/json.h"

/* What every part gets. Put resources with build_put(). */
struct build {
	const struct site *site;
	const struct node *node; /* NULL: cluster scope */
	hbr_state *state;
	struct arena *arena;     /* scratch, lives as long as the compile */
	int32_t stage;           /* enum hbr_stage of what is put now */
	uint32_t flags;          /* enum hbr_scope_flag */
	struct bgp *bgp;         /* build_bgp() made it; or NULL */
};

/* One row of the procedure: which parts write what a stage wants of a node and of the cluster. */
struct stage {
	int32_t stage; /* enum hbr_stage */
	const char *name;
	/* NULL-ended; none: not built yet */
	int (*parts[5])(struct build *build, hbr_error **err);
	int (*cluster[3])(struct build *build, hbr_error **err);
};
extern const struct stage stage_table[]; /* in the order of the procedure, ended by stage 0 */

/* Stamps stage and flags; owner is the path of the topology object. */
int build_put(struct build *build, int32_t kind, const char *netns, const char *name,
	      const char *owner, uint32_t flags, const void *body, hbr_error **err);

/* The BGP of the node's router, made once a compile: it looks at every node of the site. */
int build_bgp(struct build *build, const struct bgp **out, hbr_error **err);

int links_compile(struct build *build, hbr_error **err);  /* LINKS */
int sysctl_compile(struct build *build, hbr_error **err); /* LINKS: what the namespaces need */
int host_compile(struct build *build, hbr_error **err);   /* PREPARE: files for boot, units */
int router_compile(struct build *build, hbr_error **err); /* ROUTER: the engine's CONFIG */
int container_compile(struct build *build, hbr_error **err); /* ROUTER: what cRPD runs in */
int expect_compile(struct build *build, hbr_error **err); /* gates of LINKS, ROUTER and CALICO */
int probe_compile(struct build *build, hbr_error **err);  /* what an apply must not cut */
int calico_compile(struct build *build, hbr_error **err); /* CALICO, cluster */
int ready_compile(struct build *build, hbr_error **err);  /* CALICO, cluster: its gate */
int attach_compile(struct build *build, hbr_error **err); /* SECONDARY, cluster */
int attach_files_compile(struct build *build, hbr_error **err); /* SECONDARY, node */

/* The veth pair that Calico speaks through, or NULL. */
const struct veth *calico_veth(const struct site *site, const struct node *node);
/* The address that Calico knows the router of that pair by: the one that all share, or its own. */
const hbr_addr *calico_router(const struct site *site, const struct veth *veth, int family);
/*
 * An API object: name is "apiVersion/kind/namespace/name", `object` its members, whose reference
 * is taken; NULL: out of memory.
 */
int build_put_object(struct build *build, const char *name, const char *owner, uint32_t flags,
		     json_t *object, hbr_error **err);

/* A veth pair outside every VRF: stage LINKS makes it, and its subnet goes into the fabric. The
 * others belong to stage SECONDARY. */
static inline bool veth_is_main(const struct veth *veth)
{
	return !veth->a.vrf && !veth->b.vrf;
}

/* Does any interface of the node's namespaces have an address of that family (4 or 6)? */
bool node_speaks(const struct node *node, int family);
/* The node's namespace that its router runs in, as the site calls it. */
const char *router_netns(const struct build *build);

#endif
