/* SPDX-License-Identifier: Apache-2.0 */
/* A watch inside: what it listens to, what it knows to be astray, what it may repair. */
#ifndef HBR_ENGINE_WATCH_H
#define HBR_ENGINE_WATCH_H

#include "base/buf.h"
#include "engine/ctx.h"
#include "engine/drift.h"
#include "engine/mend.h"
#include "hbr/check.h"
#include "port/ears.h"

/* An event that waits to be pulled. Texts are its own. */
struct seen {
	hbr_event event;
	char *key, *message;
};

struct hbr_watch {
	hbr_ctx *ctx;
	hbr_state *wanted;
	hbr_watch_opts opts;
	struct ears *ears;
	struct drifts drifts;
	struct mend mend;
	hbr_state *have;    /* as last observed, while something is to be repaired */
	int64_t due;        /* when to look next */
	int64_t rest_until; /* not before, whatever is heard */
	bool is_put_off;    /* a repair waits for somebody's apply, and that was told */
	VEC(struct seen) events;
	size_t pulled;
};

/* One more event. key may be NULL; step NULL: about none. */
int watch_tell(struct hbr_watch *watch, int32_t what, int32_t code, const struct step *step,
               const char *key, const char *message, hbr_error **err);
/* Look (again) at that time, unless earlier already. */
void watch_look_at(struct hbr_watch *watch, int64_t at);

/* repair.c: ends what an apply left unfinished or nobody confirmed in time. What is done is told. */
int watch_recover(struct hbr_watch *watch, hbr_error **err);
/* repair.c: repairs what watch->have lacks, as far as it may. What is done is told. */
int watch_repair(struct hbr_watch *watch, int64_t now, hbr_error **err);

#endif
