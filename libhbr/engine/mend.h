/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy of repairs: how often, how soon again, and when to give up. Pure: the clock is passed
 * in. A resource that somebody else keeps changing is not fought over for long.
 */
#ifndef HBR_ENGINE_MEND_H
#define HBR_ENGINE_MEND_H

#include <stdint.h>

#include "base/error.h"

#define MEND_BUDGET 5
#define MEND_WINDOW_S 600
#define MEND_PAUSE INT64_C(1000000000) /* after the first repair; doubles with each one */

struct mend_row {
	char *key;
	int64_t since; /* of the first repair that counts */
	int64_t next;  /* not before */
	int64_t asked; /* last seen astray */
	uint32_t done; /* repairs since */
	bool gave_up;
};

struct mend {
	uint32_t budget; /* repairs of one resource within the window */
	int64_t window;  /* nanoseconds */
	VEC(struct mend_row) rows; /* by key */
};

enum mend_answer {
	MEND_NOW,
	MEND_LATER,   /* not before *when */
	MEND_GIVE_UP, /* never again: said once */
	MEND_NEVER,   /* given up earlier */
};

/* May this resource, which is astray at `now`, be repaired? *when is written for LATER only. */
enum mend_answer mend_ask(struct mend *mend, const char *key, int64_t now, int64_t *when);
/* It was repaired, or tried to be. */
int mend_count(struct mend *mend, const char *key, int64_t now, hbr_error **err);
/* Forgets what has been as wanted for a whole window, what was given up included. */
void mend_forget(struct mend *mend, int64_t now);
void mend_free(struct mend *mend);

#endif
