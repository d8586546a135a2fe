/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what an apply does, one each, with the states before and after. They are all that undo
 * needs, so a journal that keeps them can be undone by anyone later.
 */
#ifndef HBR_ENGINE_RECORD_H
#define HBR_ENGINE_RECORD_H

#include "plan/plan.h"
#include "resource/nic.h"

enum record_state {
	RECORD_PLANNED = 0, /* not in effect */
	RECORD_INTENT = 1,  /* may be in effect: begun, and failed or not heard of again */
	RECORD_DONE = 2,
	RECORD_UNDONE = 3,
	RECORD_STUCK = 4, /* in effect, and undoing it failed */
};

struct record {
	int32_t verb;  /* CREATE, CHANGE, RECREATE or DELETE */
	int32_t state; /* enum record_state */
	/*
	 * A NIC is moved, not made: its CREATE has a `before` and its DELETE an `after`, both in
	 * the namespace that it is taken from.
	 */
	const hbr_resource *before, *after;
	const char *key;
	/* Place of the step in the plan, from 1. 0: the kernel did it by itself along with the
	 * record that follows (a link goes, and its addresses and routes with it). */
	uint32_t step;
	int32_t stage;
	int32_t grade; /* enum hbr_grade; 0 when the kernel did it */
	bool is_back; /* what it leaves is not ours: it was there before us */
};

struct script {
	struct arena arena; /* keys that are not the plan's */
	VEC(struct record) records;
};

/* Writes the script of a plan whose before-images are those of `have`; both are kept borrowed. */
int script_write(struct script *script, const hbr_plan *plan, const hbr_state *have,
                 hbr_error **err);
void script_free(struct script *script);

/* Is it, or may it be, in effect? */
static inline bool record_holds(const struct record *record)
{
	return record->state == RECORD_INTENT || record->state == RECORD_DONE ||
	       record->state == RECORD_STUCK;
}

bool resource_is_netlink(const hbr_resource *resource);

#endif
