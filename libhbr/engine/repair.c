/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repairing drift: an ordinary apply of those steps that are allowed. What is not (graded higher,
 * in conflict, too soon, given up) is taken out of what is wanted, and what hangs on it, too.
 */
#include <string.h>

#include "base/wake.h"
#include "engine/hang.h"
#include "engine/run.h"
#include "engine/watch.h"

#define ROUNDS_MAX 16
#define RETRY_MS 1000 /* somebody else applies, or the world changed meanwhile */

struct repair {
	struct hbr_watch *watch;
	int64_t now;
	hbr_state *wanted; /* what may be brought about */
	hbr_plan *plan;
	VEC(const hbr_resource *) without; /* refused in this round; of the plan */
	char *failed;                      /* key of the step that failed, or NULL */
};

/* Says why a step is not taken; once, as long as the same is wrong. */
static int refuse(struct repair *repair, const struct step *step, int code, const char *message,
                  hbr_error **err)
{
	if (!drifts_refuse(&repair->watch->drifts, step->key, code))
		return 0;
	return watch_tell(repair->watch, HBR_EVENT_REPAIR, code, step, step->key, message, err);
}

static int give_up(struct repair *repair, const struct step *step, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_printf(&text, "another program keeps changing it: gave up after %u repairs",
	           repair->watch->mend.budget);
	if (text.rc)
		return hbr_oom(err);
	return watch_tell(repair->watch, HBR_EVENT_REPAIR, HBR_ELIMIT, step, step->key,
	                  text.data, err);
}

/* 1 when the step may be taken now, 0 when not. */
static int may_take(struct repair *repair, const struct step *step, hbr_error **err)
{
	struct hbr_watch *watch = repair->watch;
	int32_t most = watch->opts.max_grade ? watch->opts.max_grade : HBR_GRADE_HARMLESS;
	int64_t when = 0;

	if (step->verb == HBR_VERB_CONFLICT)
		return refuse(repair, step, HBR_ECONFLICT, "left alone: it is not ours", err);
	if (step->grade > most)
		return refuse(repair, step, HBR_EDISRUPTIVE,
		              "left alone: mending it disrupts more than is allowed", err);
	switch (mend_ask(&watch->mend, step->key, repair->now, &when)) {
	case MEND_NOW:
		return 1;
	case MEND_LATER:
		watch_look_at(watch, when);
		return 0;
	case MEND_GIVE_UP:
		return give_up(repair, step, err);
	case MEND_NEVER:
		break;
	}
	return 0;
}

static int choose(struct repair *repair, hbr_error **err)
{
	repair->without.n = 0;
	for (size_t i = 0; i < repair->plan->n; i++) {
		const struct step *step = &repair->plan->steps[i];

		if (!drift_is(step))
			continue;

		int rc = may_take(repair, step, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;

		const hbr_resource **refused = vec_push(&repair->without, PLAN_STEPS_MAX);
		if (!refused)
			return hbr_oom(err);
		*refused = step->after ? step->after : step->before;
	}
	return 0;
}

static bool is_without(const struct repair *repair, const hbr_resource *resource)
{
	for (size_t i = 0; i < repair->without.n; i++) {
		if (hangs_on(resource, repair->without.items[i]))
			return true;
	}
	return false;
}

/* Takes the refused ones out of what is wanted. */
static int narrow(struct repair *repair, hbr_error **err)
{
	_cleanup_state_ hbr_state *less = NULL;
	size_t n = hbr_state_count(repair->wanted);
	int rc = hbr_state_new(&less, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const hbr_resource *resource = hbr_state_at(repair->wanted, i);

		if (!is_without(repair, resource))
			rc = hbr_state_put(less, resource, err);
	}
	if (rc < 0)
		return rc;
	state_close(less);
	hbr_state_free(repair->wanted);
	repair->wanted = hbr_steal(less);
	return 0;
}

static int plan(struct repair *repair, hbr_error **err)
{
	hbr_plan_free(repair->plan);
	repair->plan = NULL;
	return hbr_plan_make(repair->wanted, repair->watch->have, 0, &repair->plan, err);
}

/* Until nothing of the plan is refused. */
static int settle(struct repair *repair, hbr_error **err)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		int rc = plan(repair, err);

		if (rc == 0)
			rc = choose(repair, err);
		if (rc < 0 || !repair->without.n)
			return rc;
		rc = narrow(repair, err);
		if (rc < 0)
			return rc;
	}
	return hbr_fail(err, HBR_ELIMIT, NULL, "what may be repaired could not be told apart");
}

static void pass_on(struct repair *repair, const hbr_event *event)
{
	struct hbr_watch *watch = repair->watch;
	bool is_step = event->what == HBR_EVENT_STEP;
	int32_t what = is_step ? HBR_EVENT_REPAIR : event->what;

	if (is_step && event->code < 0 && event->key && !repair->failed)
		repair->failed = strdup(event->key);
	if (watch_tell(watch, what, event->code, NULL, event->key, event->message, NULL) < 0)
		return;

	struct seen *seen = &watch->events.items[watch->events.n - 1];

	seen->event.verb = event->verb;
	seen->event.stage = event->stage;
}

static int pull(struct repair *repair, hbr_run *run, hbr_error **err)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	while ((rc = hbr_run_next(run, &event, err)) > 0)
		pass_on(repair, &event);
	return rc;
}

static bool is_ground(const struct step *step)
{
	return step->verb == HBR_VERB_CREATE &&
	       (step->after->kind == HBR_KIND_NETNS || step->after->kind == HBR_KIND_LINK);
}

/* Came only because something earlier in the plan, which it hangs on, had to be made. */
static bool is_consequence(const hbr_plan *plan, size_t index)
{
	const struct step *step = &plan->steps[index];

	for (size_t i = 0; step->after && i < index; i++) {
		if (is_ground(&plan->steps[i]) && hangs_on(step->after, plan->steps[i].after))
			return true;
	}
	return false;
}

/*
 * The repair counts, whatever became of it: a failing one must not be tried without end. But of what
 * was taken back along with it, nothing counts: the next try is without the one that failed.
 */
static int count(struct repair *repair, bool is_done, hbr_error **err)
{
	struct hbr_watch *watch = repair->watch;
	int rc = 0;

	if (repair->failed)
		return mend_count(&watch->mend, repair->failed, repair->now, err);
	for (size_t i = 0; rc == 0 && i < repair->plan->n_acting; i++) {
		const char *key = repair->plan->steps[i].key;

		if (!is_consequence(repair->plan, i))
			rc = mend_count(&watch->mend, key, repair->now, err);
		if (is_done)
			drifts_forget(&watch->drifts, key);
	}
	return rc;
}

/* What passes by itself: somebody else applies, or changed the world just now. */
static bool passes(int code)
{
	return code == HBR_EBUSY || code == HBR_ESTALE;
}

/* Tells it once for as long as it lasts. */
static int put_off(struct repair *repair, int code, hbr_error *why, hbr_error **err)
{
	struct hbr_watch *watch = repair->watch;

	if (code != HBR_EBUSY || watch->is_put_off)
		return 0;
	watch->is_put_off = true;
	return watch_tell(watch, HBR_EVENT_REPAIR, code, NULL, hbr_error_path(why),
	                  hbr_error_message(why), err);
}

static int fail(struct repair *repair, int code, hbr_error *why, hbr_error **err)
{
	int rc = watch_tell(repair->watch, HBR_EVENT_REPAIR, code, NULL, hbr_error_path(why),
	                    hbr_error_message(why), err);

	return rc < 0 ? rc : count(repair, false, err);
}

static int carry_out(struct repair *repair, hbr_error **err)
{
	struct hbr_watch *watch = repair->watch;
	_cleanup_error_ hbr_error *why = NULL;
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = watch->opts.max_grade };
	hbr_run *run = NULL;
	int rc = run_repair(watch->ctx, repair->plan, &opts, &run, &why);

	if (rc == 0)
		rc = pull(repair, run, &why);
	hbr_run_free(run);
	watch_look_at(watch, wake_now() + (rc < 0 ? RETRY_MS * WAKE_MS : 0));
	if (rc == HBR_ECANCELED && err)
		*err = hbr_steal(why);
	if (rc == HBR_ECANCELED)
		return rc;
	if (passes(rc))
		return put_off(repair, rc, why, err);
	watch->is_put_off = false;
	return rc < 0 ? fail(repair, rc, why, err) : count(repair, true, err);
}

int watch_recover(struct hbr_watch *watch, hbr_error **err)
{
	struct repair repair = { .watch = watch };
	hbr_transaction last = { .size = sizeof(last) };
	_cleanup_error_ hbr_error *why = NULL;
	hbr_run *run = NULL;
	int rc = hbr_last(watch->ctx, &last, err);

	if (rc < 0)
		return rc;
	if (last.state == HBR_TRANSACTION_PENDING)
		watch_look_at(watch, wake_now() + last.deadline_ns - wake_boottime());
	if (last.state != HBR_TRANSACTION_OPEN &&
	    (last.state != HBR_TRANSACTION_PENDING || wake_boottime() < last.deadline_ns))
		return 0;
	rc = hbr_recover(watch->ctx, NULL, &run, &why);
	if (rc == 0)
		rc = pull(&repair, run, &why);
	hbr_run_free(run);
	free(repair.failed);
	if (rc == 0)
		return 0;
	if (rc == HBR_ECANCELED && err)
		*err = hbr_steal(why);
	return rc == HBR_ECANCELED ? rc : put_off(&repair, rc, why, err);
}

int watch_repair(struct hbr_watch *watch, int64_t now, hbr_error **err)
{
	struct repair repair = { .watch = watch,
		                 .now = now,
		                 .wanted = state_ref(watch->wanted) };
	int rc = settle(&repair, err);

	if (rc == 0 && repair.plan->n_acting)
		rc = carry_out(&repair, err);
	free(repair.failed);
	vec_free(&repair.without);
	hbr_plan_free(repair.plan);
	hbr_state_free(repair.wanted);
	return rc;
}
