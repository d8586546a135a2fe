/* SPDX-License-Identifier: Apache-2.0 */
/* A node's wanted state with one container in it, and what an apply makes of it with a real podman. */
#ifndef HBR_TESTS_PODMAN_APPLY_RIG_H
#define HBR_TESTS_PODMAN_APPLY_RIG_H

#include "hbr/hbr.h"
#include "plan/plan.h"
#include "podman_rig.h"

#define APPLY_CONFIG "/var/lib/hbr/crpd/new/config/juniper.conf"

struct setup {
	struct rig rig;
	hbr_ctx *ctx;
	hbr_state *wanted;
};

extern struct setup setup;

/* Namespace "new" with container "new" of image "one" is wanted. */
void apply_begin(void);
void apply_begin_at(const char *socket); /* with podman behind that socket */
void apply_end(void);

/* Namespace "new" with a container that finds its first configuration. */
void apply_want(const char *image);
void apply_want_body(hbr_container *body);
hbr_plan *apply_plan(uint32_t flags);
/* The number of steps, or the error. */
int apply(uint32_t flags);
/* What a run says that goes to its end: 0 or the error. */
int apply_finish(hbr_run *run);

#endif
