/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: carries a script out one batch a pull, writes the baseline, verifies; or undoes. What is
 * checked before anything changes is in apply.c.
 */
#include "engine/run.h"

#include "base/file.h"
#include "base/status.h"
#include "base/wake.h"
#include "engine/baseline.h"
#include "engine/journal.h"
#include "hbr/check.h"

#define PROBE_WAIT_MS 10000
#define PROBE_REST_MS 250

static bool is_dry(const struct hbr_run *run)
{
	return run->opts.flags & HBR_RUN_DRY_RUN;
}

/* Tells the steps that are done; the script's order is the order in which they are carried out. */
static int tell_steps(struct hbr_run *run)
{
	const struct script *script = &run->script;

	for (; run->reported < script->records.n; run->reported++) {
		const struct record *record = &script->records.items[run->reported];

		if (!record->step)
			continue;
		if (record->state != RECORD_DONE && !is_dry(run))
			break;

		int rc = run_tell(run, HBR_EVENT_STEP, 0, run->reported, NULL);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void run_take_back(struct hbr_run *run)
{
	run->ctx->confirm_s = 0;
	/* The cancel that turned us back is heard; the next one stops. */
	if (ctx_cancels(run->ctx))
		wake_quiet(run->ctx->cancel_fd);
	else
		run->ctx->deaf = true;
	acts_free(&run->acts);
	run->acts = (struct acts){ 0 };
	/* Without memory for it nothing is taken back, and all that holds is listed. */
	if (acts_back(&run->acts, &run->script, NULL) < 0)
		run->acts.next = run->acts.items.n;
	run->acts.is_late = run->is_late;
	run->phase = RUN_UNDO;
}

/* Takes the error: from now on the run goes back. */
static void turn_back(struct hbr_run *run, int code, hbr_error *why)
{
	run->code = code;
	run->failure = why;
	run_take_back(run);
}

static void act(struct hbr_run *run)
{
	hbr_error *why = NULL;
	int rc = ctx_cancelled(run->ctx, &why);

	if (rc == 0 && acts_over(&run->acts)) {
		run->phase = RUN_PROBE;
		return;
	}
	if (rc == 0)
		rc = exec_batch(run->ctx, &run->acts, &run->script, &why);

	int told = tell_steps(run);
	if (rc < 0 && run->reported < run->script.records.n && rc != HBR_ECANCELED)
		told = run_tell(run, HBR_EVENT_STEP, rc, run->reported, hbr_error_message(why));
	if (rc == 0 && told < 0)
		rc = hbr_oom(&why);
	if (rc < 0)
		turn_back(run, rc, why);
}

/* How long what answered before may be silent: routers need a moment to find each other again. */
static int64_t probe_ms(const struct hbr_run *run)
{
	int64_t most = run->opts.verify_ms ? run->opts.verify_ms : PROBE_WAIT_MS;

	if (run->opts.confirm_s && run->opts.confirm_s * INT64_C(1000) < most)
		most = run->opts.confirm_s * INT64_C(1000);
	return most;
}

static void probe(struct hbr_run *run)
{
	const hbr_resource *silent = NULL;
	hbr_error *why = NULL;
	int rc = ctx_cancelled(run->ctx, &why);

	if (rc == 0 && run->probes.held.n)
		rc = probes_after(run->ctx, &run->probes, &silent, &why);
	if (rc == 0 && !silent) {
		run->phase = RUN_COMMIT;
		return;
	}
	if (rc == 0 && !run->probes.deadline) {
		run->probes.deadline = wake_now() + probe_ms(run) * WAKE_MS;
		run_tell(run, HBR_EVENT_GATE, 0, SIZE_MAX,
		         "waiting until what answered before answers again");
	}
	if (rc == 0 && wake_now() < run->probes.deadline) {
		wake_wait(-1, run->ctx->cancel_fd, PROBE_REST_MS * WAKE_MS);
		return;
	}
	if (rc == 0)
		rc = hbr_fail(&why, HBR_EVERIFY, silent->name,
		              "\"%s\" answered before and does not answer any more",
		              silent->name);
	turn_back(run, rc, why);
}

static int write_baseline(struct hbr_run *run, hbr_error **err)
{
	_cleanup_state_ hbr_state *next = NULL;
	int rc;

	run->is_stored = true;
	/* After a removal, what was only reported is forgotten, too. */
	if (run->phase == RUN_COMMIT && run->plan->flags & HBR_PLAN_REMOVE)
		return baseline_forget(run->ctx, err);
	rc = baseline_next(run->baseline, run->have, &run->script, &next, err);
	if (rc < 0)
		return rc;
	next->generation += run->phase == RUN_COMMIT;
	rc = baseline_store(run->ctx, next, err);
	run->book.is_told = rc == 0 && run->phase == RUN_COMMIT && !baseline_is_empty(next);
	return rc;
}

static int tell_end(struct hbr_run *run, int code, hbr_error **err)
{
	const struct journal *journal = run->ctx->journal;

	return journal && run->has_begun ? journal->end(journal->self, &run->script, code, err)
	                                 : 0;
}

void run_keep_book(struct hbr_run *run, enum book_name name)
{
	book_init(&run->book, run->ctx, name);
	run->ctx->journal = &run->book.hooks;
}

static void release(struct hbr_run *run)
{
	run->ctx->confirm_s = 0;
	run->ctx->deaf = false;
	if (run->ctx->journal == &run->book.hooks) {
		run->ctx->journal = NULL;
		book_close(&run->book);
	}
	if (run->lock_fd >= 0)
		file_unlock(run->lock_fd);
	run->lock_fd = -1;
}

static void commit(struct hbr_run *run)
{
	hbr_error *why = NULL;
	int rc = 0;

	if (run->script.records.n && !is_dry(run))
		rc = write_baseline(run, &why);
	if (rc == 0)
		rc = tell_end(run, 0, &why);
	if (rc < 0) {
		/* Everything is done, and yet not to be kept by a recovery. */
		run->book.is_told = false;
		if (run->is_stored)
			baseline_store(run->ctx, run->baseline, NULL);
		if (run->book.log.fd >= 0)
			book_undo(&run->book, NULL);
		turn_back(run, rc, why);
		return;
	}
	if (run->opts.confirm_s && run->has_begun)
		run_tell(run, HBR_EVENT_NOTE, 0, SIZE_MAX,
		         "it is taken back unless it is confirmed in time");
	release(run);
	if (!run->opts.verify_ms || is_dry(run)) {
		run->phase = RUN_OVER;
		return;
	}
	run_tell(run, HBR_EVENT_GATE, 0, SIZE_MAX, "waiting until everything verifies");
	run->phase = RUN_VERIFY;
}

static int first_error(const hbr_status *status, hbr_error **err)
{
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++) {
		if (finding.level < HBR_LEVEL_ERROR)
			continue;
		hbr_fail(err, HBR_EVERIFY, finding.path,
		         "applied, but %zu conditions do not hold: first, %s",
		         hbr_status_count(status, HBR_LEVEL_ERROR), finding.message);
		if (finding.hint)
			hbr_hint(err, "%s", finding.hint);
		return HBR_EVERIFY;
	}
	return 0;
}

static void verify(struct hbr_run *run)
{
	_cleanup_status_ hbr_status *status = NULL;

	run->phase = RUN_OVER;
	run->code = hbr_verify(run->ctx, run->plan->wanted, run->opts.verify_ms, &status,
	                       &run->failure);
	if (run->code == 0)
		run->code = first_error(status, &run->failure);
}

static void tell_undone(struct hbr_run *run, const struct act *acts, size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++) {
		const struct record *record = &run->script.records.items[acts[i].record];
		bool stuck = record->state == RECORD_STUCK;

		if (!acts[i].last || (!record->step && !stuck))
			continue;
		run_tell(run, HBR_EVENT_UNDO, stuck ? HBR_EROLLBACK : 0, acts[i].record,
		         stuck ? why : NULL);
		/* It explains only the first one. */
		why = stuck ? NULL : why;
	}
}

static void undo(struct hbr_run *run)
{
	_cleanup_error_ hbr_error *why = NULL;
	size_t first = run->acts.next;

	if (acts_over(&run->acts) || ctx_cancels(run->ctx) > 1) {
		run->phase = RUN_SETTLE;
		return;
	}

	int rc = exec_batch(run->ctx, &run->acts, &run->script, &why);
	tell_undone(run, run->acts.items.items + first, run->acts.next - first,
	            rc < 0 ? hbr_error_message(why) : NULL);
}

/* Stopped half way, the transaction stays open: it is for recover to end it. */
static bool is_stopped(const struct hbr_run *run)
{
	return !acts_over(&run->acts) && ctx_cancels(run->ctx) > 1;
}

/* A recovery or an undo that left nothing has done what it was asked for. */
static void settle_taken_back(struct hbr_run *run)
{
	hbr_error *why = NULL;
	int rc = baseline_store(run->ctx, run->baseline, &why);

	if (rc == 0)
		rc = tell_end(run, HBR_ECANCELED, &why);
	run->code = rc;
	run->failure = why;
}

static void settle_failed(struct hbr_run *run)
{
	_cleanup_error_ hbr_error *why = NULL;
	bool is_open = is_stopped(run);

	/* What is left is ours to remove later. */
	if ((run_holds(run) || run->is_stored) && write_baseline(run, &why) < 0)
		run_tell(run, HBR_EVENT_NOTE, hbr_error_code(why), SIZE_MAX,
		         hbr_error_message(why));
	run_explain(run);
	if (!is_open)
		tell_end(run, run->code, NULL);
}

static void settle(struct hbr_run *run)
{
	if (run->taken_back && !run_holds(run))
		settle_taken_back(run);
	else
		settle_failed(run);
	release(run);
	ctx_uncancel(run->ctx);
	run->phase = RUN_OVER;
}

static void dry_run(struct hbr_run *run)
{
	hbr_error *why = NULL;

	run->phase = RUN_OVER;
	if (tell_steps(run) < 0) {
		run->code = hbr_oom(&why);
		run->failure = why;
	}
}

static void advance(struct hbr_run *run)
{
	static void (*const phases[])(struct hbr_run * run) = {
		[RUN_ACT] = act,       [RUN_PROBE] = probe, [RUN_COMMIT] = commit,
		[RUN_VERIFY] = verify, [RUN_UNDO] = undo,   [RUN_SETTLE] = settle,
	};

	if (is_dry(run))
		dry_run(run);
	else
		phases[run->phase](run);
}

int run_new(hbr_ctx *ctx, hbr_run **out, hbr_error **err)
{
	hbr_run *run = calloc(1, sizeof(*run));

	if (!run)
		return hbr_oom(err);
	run->ctx = ctx;
	run->lock_fd = -1;
	run->book.log.fd = -1;
	run->phase = RUN_OVER;
	*out = run;
	return 0;
}

int hbr_run_next(hbr_run *run, hbr_event *out, hbr_error **err)
{
	if (!run || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "run and out must be given");
	while (run->pulled == run->events.n) {
		if (run->phase != RUN_OVER) {
			advance(run);
			continue;
		}
		if (run->code == 0)
			return 0;
		if (!run->failure)
			return hbr_fail(err, run->code, NULL, "the run ended earlier");
		if (err)
			*err = hbr_steal(run->failure);
		return run->code;
	}
	return run_hand_out(run, out, err);
}

/* Nobody pulled it to its end. */
static void abandon(struct hbr_run *run)
{
	hbr_error *why = NULL;

	if (run->phase == RUN_ACT || run->phase == RUN_PROBE || run->phase == RUN_COMMIT) {
		int code =
		        hbr_fail(&why, HBR_ECANCELED, NULL, "the run was freed before its end");

		turn_back(run, code, why);
	}
	while (run->phase == RUN_UNDO || run->phase == RUN_SETTLE)
		advance(run);
}

void hbr_run_free(hbr_run *run)
{
	if (!run)
		return;
	if (!is_dry(run))
		abandon(run);
	release(run);
	for (size_t i = 0; i < run->events.n; i++)
		free(run->events.items[i].message);
	vec_free(&run->events);
	acts_free(&run->acts);
	probes_free(&run->probes);
	script_free(&run->script);
	buf_free(&run->message);
	hbr_state_free(run->have);
	hbr_state_free(run->baseline);
	hbr_plan_free(run->taken_back);
	hbr_error_free(run->failure);
	free(run);
}
