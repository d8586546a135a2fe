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
	/* NULL when created; but a CREATE of what an earlier step takes along (addresses of a link
	 * that is made again) has what was there. */
	const hbr_resource *before;
	const hbr_resource *after; /* NULL when deleted */
	const char *key;
	const char *why;
	struct plan_change *changes;
	uint32_t n_changes;
	bool is_back;  /* a CHANGE back to what was there before us */
	uint64_t rank; /* place in the order; see order.c */
};

struct hbr_plan {
	struct arena arena;
	struct step *steps; /* acting ones first, in order; then REPORT and CONFLICT rows */
	size_t n, n_acting, n_conflicts;
	uint32_t flags;   /* enum hbr_plan_flag it was made with */
	uint64_t machine; /* that it was made for; 0: any */
	/* Shared with the caller's, for the ESTALE check and as the next baseline; steps' `after`
	 * point into it. Empty with REMOVE. */
	hbr_state *wanted;
};

#define PLAN_FLAGS_ALL (HBR_PLAN_PRUNE | HBR_PLAN_ADOPT | HBR_PLAN_REMOVE)
#define PLAN_STEPS_MAX (2 * (size_t)STATE_MAX)
#define PLAN_LINES_MAX 200 /* lines of configuration that are shown of one change */

/* diff.c: fills plan->steps, unordered: one merge walk over plan->wanted and `have`. `asked`: what
 * the caller wanted, also when REMOVE made plan->wanted empty; may be NULL. */
int plan_diff(hbr_plan *plan, const hbr_state *asked, const hbr_state *have, hbr_error **err);
/* order.c: ranks and sorts. Creates run by rank, deletes in reverse; the others come last. */
int plan_order(hbr_plan *plan, hbr_error **err);

const char *verb_name(int32_t verb);   /* "create" */
const char *grade_name(int32_t grade); /* "harmless" */

/*
 * wire.c: protobuf of resources and plans; used by plan files, baseline and journal. Unpacking is
 * strict: HBR_EFORMAT for anything that these did not write, or that is damaged or newer.
 */
int wire_pack_plan(const hbr_plan *plan, struct buf *out, hbr_error **err);
int wire_unpack_plan(const void *data, size_t size, hbr_plan **out, hbr_error **err);
/*
 * The script of an apply: steps whose images may lie in different places (a NIC moves), and those
 * of grade 0, which the kernel does along with the step before. As a plan that wants nothing.
 */
int wire_pack_script(const struct step *steps, size_t n, struct buf *out, hbr_error **err);
int wire_unpack_script(const void *data, size_t size, hbr_plan **out, hbr_error **err);
int wire_pack_state(const hbr_state *state, struct buf *out, hbr_error **err);
int wire_unpack_state(const void *data, size_t size, hbr_state **out, hbr_error **err);

static inline void hbr_plan_freep(hbr_plan **plan)
{
	hbr_plan_free(*plan);
}
#define _cleanup_plan_ hbr_cleanup(hbr_plan_freep)

#endif
