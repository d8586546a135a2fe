/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run carries out a plan, one event at a time: the caller pulls. A run belongs to one thread
 * at a time. A run that is freed before its end is undone.
 */
#ifndef HBR_RUN_H
#define HBR_RUN_H

#include "plan.h"
#include "status.h"

enum hbr_run_flag {
	HBR_RUN_DRY_RUN = 1 << 0, /* go through the plan, change nothing */
	/* Take even the NIC on which the machine is managed; needs confirm_s. */
	HBR_RUN_FORCE = 1 << 1,
};

typedef struct hbr_run_opts {
	size_t size;
	uint32_t flags; /* enum hbr_run_flag */
	uint32_t
	        verify_ms; /* after the last step, wait that long for the state to verify; 0: no */
	uint32_t confirm_s; /* take everything back unless confirmed in time; 0: no window */
	uint32_t wait_ms;   /* how long to wait for another apply; 0: fail with HBR_EBUSY */
	int32_t max_grade;  /* enum hbr_grade; 0: HBR_GRADE_HARMLESS; above: HBR_EDISRUPTIVE */
	uint32_t reserved;
} hbr_run_opts;

enum hbr_event_kind {
	HBR_EVENT_STEP = 1,   /* a step was done */
	HBR_EVENT_UNDO = 2,   /* a step was taken back */
	HBR_EVENT_GATE = 3,   /* a gate is being waited for */
	HBR_EVENT_NOTE = 4,   /* something worth telling */
	HBR_EVENT_DRIFT = 5,  /* watch: the machine moved away from what is wanted */
	HBR_EVENT_REPAIR = 6, /* watch: and was mended */
};

/* Texts are borrowed until the next call on the run or watch. */
typedef struct hbr_event {
	size_t size;
	int32_t what;  /* enum hbr_event_kind */
	int32_t stage; /* enum hbr_stage, or 0 */
	int32_t code;  /* 0 or HBR_E* */
	int32_t verb;  /* enum hbr_verb, or 0 */
	size_t index;  /* step number, from 1 */
	size_t total;
	const char *key;     /* resource key, or NULL */
	const char *message; /* one line */
} hbr_event;

enum hbr_transaction_state {
	HBR_TRANSACTION_NONE = 0,      /* nothing was ever applied here */
	HBR_TRANSACTION_OPEN = 1,      /* begun and not ended: it runs, or its process died */
	HBR_TRANSACTION_PENDING = 2,   /* committed, and taken back unless it is confirmed */
	HBR_TRANSACTION_COMMITTED = 3, /* for good; hbr_undo() takes it back */
	HBR_TRANSACTION_UNDONE = 4,
};

/* The last apply, as the journal in the state directory tells it. */
typedef struct hbr_transaction {
	size_t size;
	int32_t state; /* enum hbr_transaction_state */
	uint32_t reserved;
	int64_t deadline_ns; /* PENDING: on CLOCK_BOOTTIME; in the past also after a reboot */
	size_t steps;
} hbr_transaction;

HBR_BEGIN

/*
 * Starts to carry out a plan. The plan must outlive the run. Nothing has changed when this
 * fails: HBR_ECONFLICT, HBR_EDISRUPTIVE, HBR_ESTALE (observed again under the lock and
 * different, or the plan was made on another machine), HBR_EDANGER, HBR_EBUSY (another one runs, was not finished, or is to be confirmed).
 */
HBR_API int hbr_apply(hbr_ctx *ctx, const hbr_plan *plan, const hbr_run_opts *opts,
                      hbr_run **out, hbr_error **err);

/*
 * What hbr_apply() would refuse on this machine as it is now, besides conflicts and grades, which a
 * plan tells itself: NICs that it is managed through or that others hang on, namespaces with
 * processes of others in them, forwarding that costs it an advertised default route. One finding,
 * the first, or none; its rule is the name of the code, "HBR_EDANGER". Changes nothing.
 */
HBR_API int hbr_review(hbr_ctx *ctx, const hbr_plan *plan, hbr_status **out, hbr_error **err);

/*
 * The next event: 1 and *out filled, 0 when the run is complete, negative when it failed and
 * everything was undone; HBR_EROLLBACK when it could not all be undone (the message says what is
 * left). Undo steps are events too: they come before the negative result. HBR_EVERIFY (only with
 * verify_ms) undoes nothing: everything was applied, but does not verify.
 */
HBR_API int hbr_run_next(hbr_run *run, hbr_event *out, hbr_error **err);

/*
 * Ends what the last apply left unfinished, whoever killed it and whenever: it is taken back, or,
 * when only its end is missing, kept; an apply that was not confirmed in time is taken back. The
 * run has no events when there is nothing to do. Of the options (may be NULL) only wait_ms counts.
 */
HBR_API int hbr_recover(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out, hbr_error **err);

/* Takes the last apply back, confirmed or not. HBR_ENOENT when there is none, HBR_EBUSY. */
HBR_API int hbr_undo(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out, hbr_error **err);

/* Keeps the apply that waits for it. HBR_ENOENT when none does, HBR_ETIMEDOUT, HBR_EBUSY. */
HBR_API int hbr_confirm(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_error **err);

/* What became of the last apply; takes no lock. HBR_EFORMAT for a foreign or newer journal. */
HBR_API int hbr_last(hbr_ctx *ctx, hbr_transaction *out, hbr_error **err);

/* Frees a run; an unfinished one is undone first. NULL is fine. */
HBR_API void hbr_run_free(hbr_run *run);

HBR_END
#endif
