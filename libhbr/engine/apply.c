/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a run: everything that is checked while nothing has changed yet. */
#include <string.h>

#include "base/file.h"
#include "base/sized.h"
#include "base/status.h"
#include "engine/baseline.h"
#include "engine/danger.h"
#include "engine/doers.h"
#include "engine/journal.h"
#include "engine/machine.h"
#include "engine/observe.h"
#include "engine/run.h"
#include "engine/scope.h"

#define STATE_DIR_MODE 0700
#define LOCK_NAME "lock"

static const char *const grade_names[] = {
	[HBR_GRADE_HARMLESS] = "nothing",
	[HBR_GRADE_SESSION] = "BGP sessions",
	[HBR_GRADE_TRAFFIC] = "traffic",
	[HBR_GRADE_POD] = "pods",
	[HBR_GRADE_IRREVERSIBLE] = "things that cannot be brought back",
};

static const char *const grade_words[] = {
	[HBR_GRADE_HARMLESS] = "harmless",         [HBR_GRADE_SESSION] = "session",
	[HBR_GRADE_TRAFFIC] = "traffic",           [HBR_GRADE_POD] = "pod",
	[HBR_GRADE_IRREVERSIBLE] = "irreversible",
};

static int check_conflicts(const hbr_plan *plan, hbr_error **err)
{
	if (!plan->n_conflicts)
		return 0;
	for (size_t i = plan->n_acting; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		if (step->verb != HBR_VERB_CONFLICT)
			continue;
		hbr_fail(err, HBR_ECONFLICT, step->key, "%s %s%s", step->key, step->why,
		         plan->n_conflicts > 1 ? " (and it is not the only one)" : "");
		break;
	}
	hbr_hint(err, "take it over with --adopt (HBR_PLAN_ADOPT), or choose another name");
	return HBR_ECONFLICT;
}

static int check_grades(const hbr_plan *plan, int32_t max_grade, hbr_error **err)
{
	int32_t most = max_grade ? max_grade : HBR_GRADE_HARMLESS;

	for (size_t i = 0; i < plan->n_acting; i++) {
		const struct step *step = &plan->steps[i];

		if (step->grade <= most)
			continue;
		hbr_fail(err, HBR_EDISRUPTIVE, step->key,
		         "%s: this step disrupts %s, and only %s steps are allowed", step->key,
		         grade_names[step->grade], grade_words[most]);
		hbr_hint(err, "allow it with --allow %s (max_grade)", grade_words[step->grade]);
		return HBR_EDISRUPTIVE;
	}
	return 0;
}

static int check_kinds(const hbr_plan *plan, hbr_error **err)
{
	for (size_t i = 0; i < plan->n_acting; i++) {
		const struct step *step = &plan->steps[i];
		int32_t kind = step->after ? step->after->kind : step->before->kind;

		if (!doer_knows(kind))
			return hbr_fail(err, HBR_ENOTSUP, step->key,
			                "%s: no port of this version changes this kind",
			                step->key);
	}
	return 0;
}

static bool grade_is_known(int32_t grade)
{
	return grade >= 0 && grade <= HBR_GRADE_IRREVERSIBLE;
}

static int check(const hbr_plan *plan, const hbr_run_opts *opts, hbr_error **err)
{
	int rc;

	if (opts->flags & ~(uint32_t)(HBR_RUN_DRY_RUN | HBR_RUN_FORCE))
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown flags in hbr_run_opts");
	if (opts->flags & HBR_RUN_FORCE && !opts->confirm_s) {
		hbr_fail(err, HBR_EINVAL, NULL, "force needs a confirm window");
		hbr_hint(err,
		         "add --confirm SECONDS (confirm_s): what cuts the management path "
		         "must come back by itself");
		return HBR_EINVAL;
	}
	if (!grade_is_known(opts->max_grade))
		return hbr_fail(err, HBR_EINVAL, NULL, "max_grade is none of enum hbr_grade");
	rc = check_conflicts(plan, err);
	if (rc == 0)
		rc = check_grades(plan, opts->max_grade, err);
	return rc < 0 ? rc : check_kinds(plan, err);
}

int run_lock(hbr_ctx *ctx, uint32_t wait_ms, int *fd, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	int rc = file_mkdirs(ctx_dir(ctx), STATE_DIR_MODE, err);

	if (rc < 0)
		return rc;
	buf_printf(&path, "%s/%s", ctx_dir(ctx), LOCK_NAME);
	if (path.rc)
		return hbr_oom(err);
	return file_lock(path.data, wait_ms, ctx->cancel_fd, fd, err);
}

/* What was begun must be over. */
static int check_last(hbr_ctx *ctx, hbr_error **err)
{
	_cleanup_chapter_ struct chapter last = { 0 };
	_cleanup_chapter_ struct chapter repair = { 0 };
	int rc = ctx->journal ? 0 : chapter_read(ctx, BOOK_JOURNAL, &last, NULL, err);

	if (rc == 0 && !ctx->journal)
		rc = chapter_read(ctx, BOOK_REPAIR, &repair, NULL, err);
	if (rc < 0)
		return rc;
	if (repair.state == CHAPTER_OPEN)
		last.state = CHAPTER_OPEN;
	if (last.state == CHAPTER_OPEN || last.is_expired) {
		hbr_fail(err, HBR_EBUSY, NULL, "%s",
		         last.is_expired ? "the last apply was not confirmed in time"
		                         : "the last apply was not finished");
		hbr_hint(err, "\"hbr recover\" (hbr_recover) mends that");
		return HBR_EBUSY;
	}
	if (last.state != CHAPTER_PENDING)
		return 0;
	hbr_fail(err, HBR_EBUSY, NULL, "the last apply waits to be confirmed");
	hbr_hint(err, "\"hbr confirm\" keeps it, \"hbr undo\" takes it back");
	return HBR_EBUSY;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_step(const struct step *a, const struct step *b)
{
	if (a->verb != b->verb || a->n_changes != b->n_changes || !same_text(a->key, b->key))
		return false;
	for (uint32_t i = 0; i < a->n_changes; i++) {
		if (!same_text(a->changes[i].attr, b->changes[i].attr) ||
		    !same_text(a->changes[i].from, b->changes[i].from))
			return false;
	}
	return true;
}

static int fail_stale(const char *key, hbr_error **err)
{
	hbr_fail(err, HBR_ESTALE, key, "%s changed since the plan was made", key);
	hbr_hint(err, "make the plan again");
	return HBR_ESTALE;
}

/* Would the same plan be made now? */
static int compare(const hbr_plan *plan, const hbr_plan *now, hbr_error **err)
{
	size_t n = plan->n_acting < now->n_acting ? plan->n_acting : now->n_acting;

	for (size_t i = 0; i < n; i++) {
		if (!same_step(&plan->steps[i], &now->steps[i]))
			return fail_stale(now->steps[i].key, err);
	}
	if (plan->n_acting > n)
		return fail_stale(plan->steps[n].key, err);
	if (now->n_acting > n)
		return fail_stale(now->steps[n].key, err);
	return now->n_conflicts ? check_conflicts(now, err) : 0;
}

/* What to look at: what is wanted, or, to remove, what the steps take away. */
static int subject(const hbr_plan *plan, hbr_state **out, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	int rc;

	if (!(plan->flags & HBR_PLAN_REMOVE)) {
		*out = state_ref(plan->wanted);
		return 0;
	}
	rc = hbr_state_new(&state, err);
	for (size_t i = 0; rc == 0 && i < plan->n_acting; i++) {
		if (plan->steps[i].before)
			rc = hbr_state_put(state, plan->steps[i].before, err);
	}
	if (rc < 0)
		return rc;
	state_close(state);
	*out = hbr_steal(state);
	return 0;
}

static int check_machine(const hbr_ctx *ctx, const hbr_plan *plan, hbr_error **err)
{
	uint64_t here = 0;
	int rc = plan->machine ? machine_id(ctx, &here, err) : 0;

	if (rc < 0 || !plan->machine || here == plan->machine)
		return rc;
	hbr_fail(err, HBR_ESTALE, NULL, "the plan was made on another machine");
	hbr_hint(err, "make it again on this one");
	return HBR_ESTALE;
}

static int look_again(hbr_run *run, hbr_error **err)
{
	_cleanup_state_ hbr_state *what = NULL;
	_cleanup_plan_ hbr_plan *now = NULL;
	hbr_ctx *ctx = run->ctx;
	int rc = check_machine(ctx, run->plan, err);

	if (rc == 0)
		rc = baseline_load(ctx, &run->baseline, err);
	if (rc == 0)
		rc = subject(run->plan, &what, err);
	if (rc == 0)
		rc = observe(ctx, what, run->baseline, &run->have, err);
	if (rc == 0)
		rc = hbr_plan_make(what, run->have, run->plan->flags, &now, err);
	return rc < 0 ? rc : compare(run->plan, now, err);
}

/* The baseline as it will be when all is done. */
static int foresee(hbr_run *run, hbr_state **out, hbr_error **err)
{
	int rc;

	if (run->plan->flags & HBR_PLAN_REMOVE) {
		rc = hbr_state_new(out, err);
		return rc < 0 ? rc : state_close(*out);
	}
	for (size_t i = 0; i < run->script.records.n; i++)
		run->script.records.items[i].state = RECORD_DONE;
	rc = baseline_next(run->baseline, run->have, &run->script, out, err);
	for (size_t i = 0; i < run->script.records.n; i++)
		run->script.records.items[i].state = RECORD_PLANNED;
	if (rc == 0)
		(*out)->generation++;
	return rc;
}

static int begin(hbr_run *run, hbr_error **err)
{
	_cleanup_state_ hbr_state *after = NULL;
	const struct journal *journal;
	int rc = 0;

	if (!run->ctx->journal) {
		rc = foresee(run, &after, err);
		run_keep_book(run, run->keeps);
		run->book.before = run->baseline;
		run->book.after = after;
		run->book.confirm_s = run->opts.confirm_s;
	}
	run->ctx->confirm_s = run->opts.confirm_s;
	if (rc == 0)
		rc = acts_forward(&run->acts, &run->script, err);
	if (rc < 0 || run->acts.items.n == 0)
		return rc;
	journal = run->ctx->journal;
	rc = journal->begin(journal->self, &run->script, err);
	run->has_begun = rc == 0;
	run->book.before = run->book.after = NULL;
	return rc;
}

static int prepare(hbr_run *run, hbr_error **err)
{
	int rc = 0;

	if (!(run->opts.flags & HBR_RUN_DRY_RUN)) {
		rc = run_lock(run->ctx, run->opts.wait_ms, &run->lock_fd, err);
		if (rc == 0)
			rc = check_last(run->ctx, err);
		if (rc == 0)
			rc = look_again(run, err);
	} else {
		rc = hbr_state_new(&run->have, err);
	}
	if (rc == 0)
		rc = script_write(&run->script, run->plan, run->have, err);
	if (rc < 0 || run->opts.flags & HBR_RUN_DRY_RUN)
		return rc;
	rc = danger_check(run->ctx, &run->script, run->have, run->opts.flags & HBR_RUN_FORCE,
	                  err);
	if (rc == 0 && run->script.records.n)
		rc = probes_before(run->ctx, run->plan->wanted, &run->probes, err);
	return rc < 0 ? rc : begin(run, err);
}

static int apply(hbr_ctx *ctx, const hbr_plan *plan, const hbr_run_opts *opts,
                 enum book_name keeps, hbr_run **out, hbr_error **err)
{
	_cleanup_run_ hbr_run *run = NULL;
	hbr_run_opts ours;
	int rc;

	if (!ctx || !plan || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx, plan and out must be given");
	rc = sized_read(&ours, sizeof(ours), opts, "hbr_run_opts", err);
	if (rc == 0)
		rc = check(plan, &ours, err);
	if (rc == 0)
		rc = ctx_open(ctx, err);
	if (rc == 0)
		rc = scope_of_plan(ctx, plan, err);
	if (rc < 0)
		return rc;
	rc = run_new(ctx, &run, err);
	if (rc < 0)
		return rc;
	run->plan = plan;
	run->opts = ours;
	run->keeps = keeps;
	run->phase = RUN_ACT;
	rc = prepare(run, err);
	if (rc == HBR_ECANCELED)
		ctx_uncancel(ctx);
	if (rc < 0) {
		/* Nothing changed: there is nothing to undo. */
		run->phase = RUN_OVER;
		return rc;
	}
	*out = hbr_steal(run);
	return 0;
}

int hbr_apply(hbr_ctx *ctx, const hbr_plan *plan, const hbr_run_opts *opts, hbr_run **out,
              hbr_error **err)
{
	return apply(ctx, plan, opts, BOOK_JOURNAL, out, err);
}

int run_repair(hbr_ctx *ctx, const hbr_plan *plan, const hbr_run_opts *opts, hbr_run **out,
               hbr_error **err)
{
	return apply(ctx, plan, opts, BOOK_REPAIR, out, err);
}

static int review(hbr_run *run, hbr_status *status, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	int rc = look_again(run, err);

	if (rc == 0)
		rc = script_write(&run->script, run->plan, run->have, err);
	if (rc < 0)
		return rc;
	rc = danger_check(run->ctx, &run->script, run->have, false, &why);
	if (rc == 0)
		return 0;
	if (rc == HBR_EDANGER || rc == HBR_EBUSY || rc == HBR_ENOTSUP)
		return status_add(status, HBR_LEVEL_ERROR, hbr_code_name(rc), NULL,
		                  hbr_error_path(why), hbr_error_hint(why), "%s",
		                  hbr_error_message(why)) < 0
		               ? hbr_oom(err)
		               : 0;
	if (err)
		*err = hbr_steal(why);
	return rc;
}

int hbr_review(hbr_ctx *ctx, const hbr_plan *plan, hbr_status **out, hbr_error **err)
{
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_run_ hbr_run *run = NULL;
	int rc;

	if (!ctx || !plan || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx, plan and out must be given");
	rc = ctx_open(ctx, err);
	if (rc == 0)
		rc = scope_of_plan(ctx, plan, err);
	if (rc == 0)
		rc = status_new(&status, err);
	if (rc == 0)
		rc = run_new(ctx, &run, err);
	if (rc < 0)
		return rc;
	run->plan = plan;
	/* Of conflicts the plan itself tells. */
	rc = plan->n_conflicts ? 0 : review(run, status, err);
	if (rc == HBR_ECANCELED)
		ctx_uncancel(ctx);
	if (rc == 0)
		*out = hbr_steal(status);
	return rc;
}
