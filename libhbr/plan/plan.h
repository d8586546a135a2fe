/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: ordered steps with before-images. */
#ifndef HBR_PLAN_PLAN_H
#define HBR_PLAN_PLAN_H

#include "hbr/plan.h"
#include "resource/state.h"

struct plan_change {
	const char *attr, *from, *to;
};

struct step {
	int32_t verb, grade;
	const hbr_resource *before; /* NULL when created */
	const hbr_resource *after;  /* NULL when deleted */
	const char *key;
	const char *why;
	struct plan_change *changes;
	uint32_t n_changes;
	uint32_t rank; /* place in the order; see order.c */
};

struct hbr_plan {
	struct arena arena;
	struct step *steps; /* acting ones first, in order; then REPORT and CONFLICT rows */
	size_t n, n_acting, n_conflicts;
	uint32_t flags;     /* enum hbr_plan_flag it was made with */
	hbr_state *wanted;  /* copies, for the ESTALE check and as the next baseline; not in the order */
};

/* Fills plan->steps, unordered: one merge walk over two closed states. */
int plan_diff(hbr_plan *plan, const hbr_state *wanted, const hbr_state *have, uint32_t flags,
	      hbr_error **err);
/* Ranks and sorts. Creates run by rank, deletes in reverse. */
int plan_order(hbr_plan *plan, hbr_error **err);

/* wire.c: protobuf of resources and plans; used by plan files, baseline and journal. */
int wire_pack_plan(const hbr_plan *plan, struct buf *out, hbr_error **err);
int wire_unpack_plan(const void *data, size_t size, hbr_plan **out, hbr_error **err);
int wire_pack_state(const hbr_state *state, struct buf *out, hbr_error **err);
int wire_unpack_state(const void *data, size_t size, hbr_state **out, hbr_error **err);

static inline void hbr_plan_freep(hbr_plan **plan)
{
	hbr_plan_free(*plan);
}
#define _cleanup_plan_ hbr_cleanup(hbr_plan_freep)

#endif
