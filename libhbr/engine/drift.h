/* SPDX-License-Identifier: Apache-2.0 */
/* Drift: what is known to be astray, so that each finding is told once, and what to say of it. */
#ifndef HBR_ENGINE_DRIFT_H
#define HBR_ENGINE_DRIFT_H

#include "base/buf.h"
#include "plan/plan.h"

struct drift {
	char *key;
	uint64_t digest; /* of what is wrong with it */
	int32_t refused; /* why it is not repaired, as told; 0: not told */
	bool seen;       /* in the last look */
};

struct drifts {
	VEC(struct drift) rows;
};

/* Acts, or is in the way: what is ours and merely no longer wanted is no drift. */
static inline bool drift_is(const struct step *step)
{
	return step->verb != HBR_VERB_REPORT;
}

/* A look begins: nothing was seen yet. */
void drifts_begin(struct drifts *drifts);
/* 1 when this is new, 0 when it is known. */
int drifts_see(struct drifts *drifts, const struct step *step, hbr_error **err);
/* False when that was noted before, of the same drift. */
bool drifts_refuse(struct drifts *drifts, const char *key, int32_t code);
/* Takes out one that was not seen: *key is the caller's. False when there is none (left). */
bool drifts_take_unseen(struct drifts *drifts, char **key);
/* Forgets a key: astray again would be news. */
void drifts_forget(struct drifts *drifts, const char *key);
void drifts_free(struct drifts *drifts);

/* "mtu is 1400, not 1500"; one line. */
void drift_describe(const struct step *step, struct buf *out);

#endif
