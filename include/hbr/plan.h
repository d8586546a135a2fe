/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: ordered steps from what is to what should be. Immutable and shareable. */
#ifndef HBR_PLAN_H
#define HBR_PLAN_H

#include "state.h"

enum hbr_verb {
	HBR_VERB_CREATE = 1,
	HBR_VERB_CHANGE = 2,
	HBR_VERB_RECREATE = 3, /* delete and create: the kernel cannot change it in place */
	HBR_VERB_DELETE = 4,
	HBR_VERB_REPORT = 5,   /* ours but not wanted, and PRUNE was not asked for: left alone */
	HBR_VERB_CONFLICT = 6, /* wanted, and what is there is different and not ours, or leaves no room
	                        * for it: the plan cannot be applied */
};

/* What a step may disrupt, in rising order. */
enum hbr_grade {
	HBR_GRADE_HARMLESS = 1,
	HBR_GRADE_SESSION = 2, /* a BGP session resets */
	HBR_GRADE_TRAFFIC = 3, /* forwarding stops for a moment */
	HBR_GRADE_POD = 4,     /* pods lose an interface until they are made again */
	HBR_GRADE_IRREVERSIBLE = 5,
};

enum hbr_plan_flag {
	HBR_PLAN_PRUNE = 1 << 0,  /* delete what is ours and no longer wanted */
	HBR_PLAN_ADOPT = 1 << 1,  /* take over what is in the way */
	HBR_PLAN_REMOVE = 1 << 2, /* take away everything that is ours; implies PRUNE */
};

/* One attribute of a step. Texts are borrowed; NULL means absent. Secrets show as digests. */
typedef struct hbr_change {
	size_t size;
	const char *attr;
	const char *from;
	const char *to;
} hbr_change;

HBR_BEGIN

/*
 * Compares and orders. Pure. Neither state is kept: the plan copies what it needs, before-images
 * included. A plan with conflicts is returned all the same (hbr_plan_conflicts()).
 */
HBR_API int hbr_plan_make(const hbr_state *wanted, const hbr_state *have, uint32_t flags,
			  hbr_plan **out, hbr_error **err);

/* Reads what hbr_plan_dump(BINARY) wrote. HBR_EFORMAT for anything else. */
HBR_API int hbr_plan_load(const void *data, size_t size, hbr_plan **out, hbr_error **err);

/* How many steps act; REPORT and CONFLICT rows count in hbr_plan_count() only. */
HBR_API size_t hbr_plan_steps(const hbr_plan *plan);
HBR_API size_t hbr_plan_conflicts(const hbr_plan *plan);
HBR_API int32_t hbr_plan_grade(const hbr_plan *plan); /* the highest, or 0 when nothing to do */
HBR_API size_t hbr_plan_count(const hbr_plan *plan);
HBR_API int hbr_plan_get(const hbr_plan *plan, size_t index, hbr_item *out);
HBR_API int hbr_plan_change(const hbr_plan *plan, size_t index, size_t change, hbr_change *out);

/* TEXT, JSON (kind: Plan) or BINARY. */
HBR_API int hbr_plan_dump(const hbr_plan *plan, int32_t format, hbr_text **out, hbr_error **err);
HBR_API void hbr_plan_free(hbr_plan *plan);

HBR_END
#endif
