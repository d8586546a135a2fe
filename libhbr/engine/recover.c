/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may become of the last transaction: recover ends what was not ended, undo takes back what
 * was committed, confirm keeps it. All three hold the lock, so of those that race one wins.
 */
#include "base/file.h"
#include "base/sized.h"
#include "base/wake.h"
#include "engine/baseline.h"
#include "engine/claim.h"
#include "engine/run.h"
#include "engine/scope.h"

static int start(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out, hbr_error **err)
{
	_cleanup_run_ hbr_run *run = NULL;
	hbr_run_opts ours;
	int rc;

	if (!ctx || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx and out must be given");
	rc = sized_read(&ours, sizeof(ours), opts, "hbr_run_opts", err);
	if (rc == 0 && ours.flags)
		rc = hbr_fail(err, HBR_EINVAL, NULL, "unknown flags in hbr_run_opts");
	if (rc == 0)
		rc = ctx_open(ctx, err);
	if (rc == 0)
		rc = run_new(ctx, &run, err);
	scope_of_ctx(ctx);
	if (rc == 0)
		rc = run_lock(ctx, ours.wait_ms, &run->lock_fd, err);
	if (rc < 0)
		return rc;
	run_keep_book(run, BOOK_JOURNAL);
	*out = hbr_steal(run);
	return 0;
}

/* The run owns what the chapter had. */
static int take_back(hbr_run *run, struct chapter *last, const char *note, hbr_error **err)
{
	bool was_whole = last->state == CHAPTER_COMMITTED || last->state == CHAPTER_PENDING;
	int rc = last->state == CHAPTER_OPEN ? 0 : book_undo(&run->book, err);

	if (rc < 0)
		return rc;
	run->has_begun = true;
	run->is_late = !last->is_of_boot;
	run->taken_back = hbr_steal(last->plan);
	run->plan = run->taken_back;
	run->baseline = hbr_steal(last->before);
	run->have = state_ref(run->baseline);
	run->script = last->script;
	last->script = (struct script){ 0 };
	/* Of what was left half done, nobody can tell whose it is. */
	rc = was_whole ? claim_check(run, err) : 0;
	if (rc < 0)
		return rc;
	run_take_back(run);
	return run_tell(run, HBR_EVENT_NOTE, 0, SIZE_MAX, note);
}

/* Everything is in place; only the baseline may be missing, and the end is. */
static int finish(hbr_run *run, const struct chapter *last, hbr_error **err)
{
	const struct journal *journal = &run->book.hooks;
	int rc = baseline_store(run->ctx, last->after, err);

	if (rc == 0)
		rc = journal->end(journal->self, &last->script, 0, err);
	if (rc == 0)
		rc = run_tell(run, HBR_EVENT_NOTE, 0, SIZE_MAX,
		              "the last apply was complete: it is kept");
	return rc;
}

/* 1 when there was an unfinished one. */
static int recover_repair(hbr_run *run, bool *repaired, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	int rc;

	run_keep_book(run, BOOK_REPAIR);
	rc = chapter_read(run->ctx, BOOK_REPAIR, &last, &run->book, err);
	*repaired = last.state != CHAPTER_NONE;
	if (rc == 0 && chapter_is_whole(&last))
		rc = finish(run, &last, err);
	else if (rc == 0 && (last.state == CHAPTER_OPEN || last.code == HBR_EROLLBACK))
		rc = take_back(run, &last, "the last repair was not finished", err);
	else if (rc == 0) {
		book_close(&run->book);
		run_keep_book(run, BOOK_JOURNAL);
		return 0;
	}
	return rc < 0 ? rc : 1;
}

static int recover(hbr_run *run, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	bool repaired = false;
	int rc = recover_repair(run, &repaired, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = chapter_read(run->ctx, BOOK_JOURNAL, &last, &run->book, err);
	if (rc < 0)
		return rc;
	if (chapter_is_whole(&last))
		return finish(run, &last, err);
	/* What could not be taken back is tried again, unless somebody repaired over it. */
	if (last.state == CHAPTER_OPEN || (last.code == HBR_EROLLBACK && !repaired))
		return take_back(run, &last, "the last apply was not finished", err);
	if (last.is_expired)
		return take_back(run, &last, "the last apply was not confirmed in time", err);
	return 0;
}

/* Taken back later than the apply that it was about, it would bring back what was never there. */
static int end_repairs(hbr_run *run, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	int rc = chapter_read(run->ctx, BOOK_REPAIR, &last, NULL, err);

	if (rc < 0)
		return rc;
	if (last.state != CHAPTER_OPEN)
		return book_forget_repairs(run->ctx, err);
	hbr_fail(err, HBR_EBUSY, NULL, "the last repair was not finished");
	hbr_hint(err, "\"hbr recover\" (hbr_recover) mends that");
	return HBR_EBUSY;
}

static int undo(hbr_run *run, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	int rc = chapter_read(run->ctx, BOOK_JOURNAL, &last, &run->book, err);

	if (rc < 0)
		return rc;
	if (last.state == CHAPTER_NONE || last.state == CHAPTER_OVER)
		return hbr_fail(err, HBR_ENOENT, NULL, "there is no apply to take back");
	rc = end_repairs(run, err);
	return rc < 0 ? rc : take_back(run, &last, "taking back the last apply", err);
}

static int with_run(hbr_ctx *ctx, const hbr_run_opts *opts,
                    int (*fn)(hbr_run *run, hbr_error **err), hbr_run **out, hbr_error **err)
{
	_cleanup_run_ hbr_run *run = NULL;
	int rc = start(ctx, opts, &run, err);

	if (rc == 0)
		rc = fn(run, err);
	if (rc == HBR_ECANCELED)
		ctx_uncancel(ctx);
	if (rc == 0)
		*out = hbr_steal(run);
	return rc;
}

int hbr_recover(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out, hbr_error **err)
{
	return with_run(ctx, opts, recover, out, err);
}

int hbr_undo(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out, hbr_error **err)
{
	return with_run(ctx, opts, undo, out, err);
}

/* A router whose own window ended, or that was started anew, went back by itself. */
static int check_runs(const hbr_router_port *port, const hbr_call *call,
                      const hbr_resource *wanted, hbr_error **err)
{
	const char *netns = resource_netns(wanted);
	hbr_config body = { 0 };
	hbr_resource seen = *wanted;
	_cleanup_free_ char *text = NULL;
	int rc = port->fetch(port->self, call, netns, &text, &body.running, err);

	if (rc < 0)
		return rc;
	body.text = text;
	seen.body = &body;
	if (!resource_differs(wanted, &seen))
		return 0;
	hbr_fail(err, HBR_ETIMEDOUT, resource_netns(wanted),
	         "the router in namespace %s does not run what was applied: it took it back by "
	         "itself, or somebody changed it",
	         netns);
	hbr_hint(err, "\"hbr undo\" takes back the rest; then apply again");
	return HBR_ETIMEDOUT;
}

/* Routers that wait, too, are told first: one that was not is taken back with all the rest. */
static int confirm_routers(hbr_ctx *ctx, const struct script *script, hbr_error **err)
{
	for (size_t i = 0; i < script->records.n; i++) {
		const hbr_resource *after = script->records.items[i].after;
		hbr_call call = ctx_call(ctx);
		const hbr_router_port *port;
		uint32_t caps = 0;
		int rc;

		if (!after || after->kind != HBR_KIND_CONFIG)
			continue;
		port = ctx_router(ctx, after->name, err);
		rc = port ? port->caps(port->self, &call, resource_netns(after), &caps, err)
		          : HBR_ENOTSUP;
		if (rc == 0 && caps & HBR_ROUTER_CONFIRM)
			rc = port->confirm(port->self, &call, resource_netns(after), err);
		if (rc == 0 && caps & HBR_ROUTER_CONFIRM)
			rc = check_runs(port, &call, after, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int confirm(hbr_run *run, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	int rc = chapter_read(run->ctx, BOOK_JOURNAL, &last, &run->book, err);

	if (rc < 0)
		return rc;
	if (last.state != CHAPTER_PENDING)
		return hbr_fail(err, HBR_ENOENT, NULL, "nothing is pending");
	if (last.is_expired) {
		hbr_fail(err, HBR_ETIMEDOUT, NULL, "the time to confirm is over");
		hbr_hint(err, "\"hbr recover\" (hbr_recover) takes the apply back");
		return HBR_ETIMEDOUT;
	}
	rc = confirm_routers(run->ctx, &last.script, err);
	return rc < 0 ? rc : book_confirm(&run->book, err);
}

int hbr_confirm(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_error **err)
{
	_cleanup_run_ hbr_run *run = NULL;

	return with_run(ctx, opts, confirm, &run, err);
}

int hbr_last(hbr_ctx *ctx, hbr_transaction *out, hbr_error **err)
{
	static const int32_t states[] = {
		[CHAPTER_NONE] = HBR_TRANSACTION_NONE,
		[CHAPTER_OPEN] = HBR_TRANSACTION_OPEN,
		[CHAPTER_PENDING] = HBR_TRANSACTION_PENDING,
		[CHAPTER_COMMITTED] = HBR_TRANSACTION_COMMITTED,
		[CHAPTER_OVER] = HBR_TRANSACTION_UNDONE,
	};
	_cleanup_chapter_ struct chapter last = { 0 };
	_cleanup_chapter_ struct chapter repair = { 0 };
	int rc;

	if (!ctx || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx and out must be given");
	scope_of_ctx(ctx);
	rc = chapter_read(ctx, BOOK_JOURNAL, &last, NULL, err);
	if (rc == 0)
		rc = chapter_read(ctx, BOOK_REPAIR, &repair, NULL, err);
	if (rc < 0)
		return rc;
	if (repair.state == CHAPTER_OPEN)
		last.state = CHAPTER_OPEN;

	hbr_transaction seen = { .size = sizeof(seen),
		                 .state = states[last.state],
		                 .steps = last.plan ? last.plan->n_acting : 0 };
	if (last.state == CHAPTER_PENDING)
		seen.deadline_ns = last.is_expired ? 1 : last.deadline;
	return sized_write(out, &seen, sizeof(seen), "hbr_transaction", err);
}
