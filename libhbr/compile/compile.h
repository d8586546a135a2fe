/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling a scope of a sealed topology to wanted resources: the parts, one a file. Pure. */
#ifndef HBR_COMPILE_COMPILE_H
#define HBR_COMPILE_COMPILE_H

#include "base/buf.h"
#include "model/site.h"
#include "resource/state.h"

/* What every part gets. Put resources with build_put(). */
struct build {
	const struct site *site;
	const struct node *node; /* NULL: cluster scope */
	hbr_state *state;
	struct arena *arena;     /* scratch, lives as long as the compile */
	int32_t stage;           /* enum hbr_stage of what is put now */
};

/* Stamps stage and flags; owner is the path of the topology object. */
int build_put(struct build *build, int32_t kind, const char *netns, const char *name,
	      const char *owner, uint32_t flags, const void *body, hbr_error **err);

int links_compile(struct build *build, hbr_error **err);  /* LINKS */
int host_compile(struct build *build, hbr_error **err);   /* PREPARE: modules, sysctl.d, .link, units */
int router_compile(struct build *build, hbr_error **err); /* ROUTER: the engine's CONFIG */
int expect_compile(struct build *build, hbr_error **err); /* gates of LINKS and ROUTER */

#endif
