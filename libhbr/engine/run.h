/* SPDX-License-Identifier: Apache-2.0 */
/* A run inside: the script, how far it came, the events that wait to be pulled. */
#ifndef HBR_ENGINE_RUN_H
#define HBR_ENGINE_RUN_H

#include "base/buf.h"
#include "engine/book.h"
#include "engine/exec.h"
#include "engine/probe.h"
#include "hbr/run.h"

enum run_phase {
	RUN_ACT,    /* carrying the script out */
	RUN_PROBE,  /* all done: does what answered before still answer? */
	RUN_COMMIT, /* and it is kept: the baseline is written */
	RUN_VERIFY,
	RUN_UNDO,
	RUN_SETTLE, /* undone as far as it goes */
	RUN_OVER,
};

/* An event that waits to be pulled. */
struct told {
	int32_t what, code;
	size_t record; /* index in the script, or SIZE_MAX */
	char *message; /* NULL: made from the record */
};

struct hbr_run {
	hbr_ctx *ctx;
	const hbr_plan *plan;
	hbr_run_opts opts;
	enum run_phase phase;
	bool is_late; /* what is taken back is of an earlier boot */
	hbr_state *baseline, *have; /* as they were at the start; NULL in a dry run */
	struct script script;
	struct acts acts;
	struct probes probes;
	int lock_fd;
	enum book_name keeps; /* which journal an apply writes */
	struct book book;     /* the journal, unless the context has one of its own */
	hbr_plan *
	        taken_back; /* the plan of a recovery or an undo, which is the run's; or NULL */
	bool has_begun;     /* the journal knows of it */
	bool is_stored;     /* the baseline on disk is no longer that of the start */
	size_t reported;    /* records of the script whose step was told */
	VEC(struct told) events;
	size_t pulled;
	struct buf message; /* of the event handed out last */
	hbr_error *failure; /* why it is being undone, and then how it ended */
	int code;           /* of failure */
};

/* run.c: a run that holds nothing yet. */
int run_new(hbr_ctx *ctx, hbr_run **out, hbr_error **err);
/* The run keeps the journal on disk from now on. */
void run_keep_book(struct hbr_run *run, enum book_name name);
/* Everything that holds in the script is to be taken back; the run ends well when it is. */
void run_take_back(struct hbr_run *run);
static inline void hbr_run_freep(hbr_run **run)
{
	hbr_run_free(*run);
}
#define _cleanup_run_ hbr_cleanup(hbr_run_freep)

/* apply.c: hbr_apply() with the journal of repairs. */
int run_repair(hbr_ctx *ctx, const hbr_plan *plan, const hbr_run_opts *opts, hbr_run **out,
               hbr_error **err);
/* apply.c: the lock of the state directory, which is made. */
int run_lock(hbr_ctx *ctx, uint32_t wait_ms, int *fd, hbr_error **err);

/* report.c */
int run_tell(struct hbr_run *run, int32_t what, int32_t code, size_t record,
             const char *message);
/* Hands out the event that is next; it must be there. */
int run_hand_out(struct hbr_run *run, hbr_event *out, hbr_error **err);
/* Makes the failure final: what failed, and whether everything was undone or what is left. */
void run_explain(struct hbr_run *run);
/* Is anything still in effect? */
bool run_holds(const struct hbr_run *run);

#endif
