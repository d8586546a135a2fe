/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching: events only say that something happened; what, is found by looking again and planning.
 * Each step that would mend it is one finding, told once. Repairing is in repair.c.
 */
#include "engine/watch.h"

#include <string.h>

#include "base/file.h"
#include "base/sized.h"
#include "base/wake.h"
#include "engine/listen.h"
#include "engine/scope.h"

#define EVERY_MS 30000
#define CALM_MS 20  /* after an event, more follow: look once for all of them */
#define BUSY_MS 200 /* somebody applies: what is half done is no drift */
#define REST 4      /* looking takes at most one part of the time, resting that many */
#define EVENTS_MAX 1000000
#define SOURCES_ALL \
	((uint32_t)(HBR_WATCH_KERNEL | HBR_WATCH_FILES | HBR_WATCH_ROUTER | HBR_WATCH_TIMER))

static void watch_freep(hbr_watch **watch)
{
	hbr_watch_free(*watch);
}

static int check(const hbr_watch_opts *opts, hbr_error **err)
{
	if (opts->flags & ~(uint32_t)HBR_WATCH_REPAIR)
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown flags in hbr_watch_opts");
	if (opts->sources & ~SOURCES_ALL)
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown sources in hbr_watch_opts");
	if (opts->max_grade < 0 || opts->max_grade > HBR_GRADE_IRREVERSIBLE)
		return hbr_fail(err, HBR_EINVAL, NULL, "max_grade is none of enum hbr_grade");
	return 0;
}

static void fill_in(hbr_watch *watch, const hbr_watch_opts *opts)
{
	watch->opts = *opts;
	if (!opts->sources)
		watch->opts.sources = SOURCES_ALL;
	if (!opts->every_ms)
		watch->opts.every_ms = EVERY_MS;
	watch->mend.budget = opts->budget ? opts->budget : MEND_BUDGET;
	watch->mend.window = (opts->window_s ? opts->window_s : MEND_WINDOW_S) * 1000 * WAKE_MS;
}

int hbr_watch_new(hbr_ctx *ctx, const hbr_state *wanted, const hbr_watch_opts *opts,
                  hbr_watch **out, hbr_error **err)
{
	hbr_cleanup(watch_freep) hbr_watch *watch = NULL;
	hbr_watch_opts ours;
	int rc;

	if (!ctx || !wanted || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx, wanted and out must be given");
	rc = sized_read(&ours, sizeof(ours), opts, "hbr_watch_opts", err);
	if (rc == 0)
		rc = check(&ours, err);
	if (rc == 0)
		rc = ctx_open(ctx, err);
	if (rc == 0)
		rc = scope_of_state(ctx, wanted, err);
	if (rc == 0 && ctx->is_cluster)
		rc = hbr_fail(err, HBR_ENOTSUP, NULL,
		              "this version of libhbr watches nodes, not clusters");
	if (rc < 0)
		return rc;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return hbr_oom(err);
	hbr_state_count(wanted); /* reading closes it */
	watch->ctx = ctx;
	watch->wanted = state_ref(wanted);
	fill_in(watch, &ours);
	rc = ears_new(&watch->ears, err);
	if (rc < 0)
		return rc;
	/* The first look is due at once. */
	ears_alarm(watch->ears, 0);
	*out = hbr_steal(watch);
	return 0;
}

int hbr_watch_fd(const hbr_watch *watch)
{
	return watch ? ears_fd(watch->ears) : HBR_EINVAL;
}

static void drop_events(hbr_watch *watch)
{
	for (size_t i = 0; i < watch->events.n; i++) {
		free(watch->events.items[i].key);
		free(watch->events.items[i].message);
	}
	watch->events.n = 0;
	watch->pulled = 0;
}

void hbr_watch_free(hbr_watch *watch)
{
	if (!watch)
		return;
	drop_events(watch);
	vec_free(&watch->events);
	mend_free(&watch->mend);
	drifts_free(&watch->drifts);
	ears_free(watch->ears);
	hbr_state_free(watch->have);
	hbr_state_free(watch->wanted);
	free(watch);
}

int watch_tell(struct hbr_watch *watch, int32_t what, int32_t code, const struct step *step,
               const char *key, const char *message, hbr_error **err)
{
	struct seen *seen = vec_push(&watch->events, EVENTS_MAX);

	if (!seen)
		return hbr_oom(err);
	*seen = (struct seen){
		.event = { .size = sizeof(seen->event), .what = what, .code = code },
		.key = key ? strdup(key) : NULL,
		.message = strdup(message ? message : ""),
	};
	if (step) {
		seen->event.verb = step->verb;
		seen->event.stage = resource_stage(step->after ? step->after : step->before);
	}
	if ((key && !seen->key) || !seen->message) {
		free(seen->key);
		free(seen->message);
		watch->events.n--;
		return hbr_oom(err);
	}
	return 0;
}

void watch_look_at(struct hbr_watch *watch, int64_t at)
{
	if (at < watch->rest_until)
		at = watch->rest_until;
	if (at < watch->due)
		watch->due = at;
}

static int tell_drift(hbr_watch *watch, const struct step *step, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int32_t code = step->verb == HBR_VERB_CONFLICT ? HBR_ECONFLICT : 0;

	drift_describe(step, &text);
	if (text.rc)
		return hbr_oom(err);
	return watch_tell(watch, HBR_EVENT_DRIFT, code, step, step->key, text.data, err);
}

/* What was astray and is not any more, by nobody's doing that we know of. */
static int tell_mended(hbr_watch *watch, hbr_error **err)
{
	char *key;
	int rc = 0;

	while (rc == 0 && drifts_take_unseen(&watch->drifts, &key)) {
		rc = watch_tell(watch, HBR_EVENT_NOTE, 0, NULL, key, "is as wanted again", err);
		free(key);
	}
	return rc;
}

static void number(struct hbr_watch *watch, size_t first)
{
	for (size_t i = first; i < watch->events.n; i++) {
		watch->events.items[i].event.index = i - first + 1;
		watch->events.items[i].event.total = watch->events.n - first;
	}
}

static int compare(hbr_watch *watch, hbr_state **have, hbr_error **err)
{
	_cleanup_plan_ hbr_plan *plan = NULL;
	size_t first = watch->events.n;
	int rc = hbr_plan_make(watch->wanted, *have, 0, &plan, err);

	if (rc < 0)
		return rc;
	drifts_begin(&watch->drifts);
	for (size_t i = 0; i < plan->n; i++) {
		if (!drift_is(&plan->steps[i]))
			continue;
		rc = drifts_see(&watch->drifts, &plan->steps[i], err);
		if (rc > 0)
			rc = tell_drift(watch, &plan->steps[i], err);
		if (rc < 0)
			return rc;
	}
	number(watch, first);
	if (watch->opts.flags & HBR_WATCH_REPAIR && plan->n_acting + plan->n_conflicts)
		watch->have = hbr_steal(*have);
	return tell_mended(watch, err);
}

/* Without a lock file nobody applies. */
static bool is_applying(const hbr_watch *watch)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, "%s/lock", ctx_dir(watch->ctx));
	return !path.rc && file_is_locked(path.data);
}

static int look_now(hbr_watch *watch, int64_t now, hbr_error **err)
{
	_cleanup_state_ hbr_state *have = NULL;
	int rc = watch->opts.flags & HBR_WATCH_REPAIR ? watch_recover(watch, err) : 0;

	if (rc < 0)
		return rc;
	/* First the ears, then the eyes: what changes in between is heard. */
	rc = listen_to(watch->ctx, watch->ears, watch->wanted, watch->opts.sources, err);
	if (rc == 0)
		rc = hbr_observe(watch->ctx, watch->wanted, &have, err);
	if (rc == 0)
		rc = listen_after(watch->ears, have, watch->opts.sources, err);
	if (rc > 0)
		watch_look_at(watch, now + CALM_MS * WAKE_MS);
	if (rc >= 0)
		rc = compare(watch, &have, err);

	int64_t end = wake_now();

	watch->rest_until = end + (end - now) * REST;
	mend_forget(&watch->mend, end);
	return rc;
}

static int look(hbr_watch *watch, int64_t now, hbr_error **err)
{
	int rc;

	watch->due = INT64_MAX;
	if (is_applying(watch)) {
		watch_look_at(watch, now + BUSY_MS * WAKE_MS);
		return 0;
	}
	rc = look_now(watch, now, err);
	/* After a failure there may be no ears yet: the next time may be better. */
	if (rc < 0 || watch->opts.sources & HBR_WATCH_TIMER)
		watch_look_at(watch, now + watch->opts.every_ms * WAKE_MS);
	return rc;
}

static int repair(hbr_watch *watch, int64_t now, hbr_error **err)
{
	size_t first = watch->events.n;
	int rc = watch_repair(watch, now, err);

	number(watch, first);
	hbr_state_free(watch->have);
	watch->have = NULL;
	return rc;
}

/* 1 when something was done, 0 when there is nothing to do now. */
static int advance(hbr_watch *watch, hbr_error **err)
{
	int64_t now = wake_now();
	int rc;

	if (watch->have) {
		rc = repair(watch, now, err);
		return rc < 0 ? rc : 1;
	}
	rc = listen_hear(watch->ctx, watch->ears, err);
	if (rc > 0)
		watch_look_at(watch, now + CALM_MS * WAKE_MS);
	if (rc < 0)
		return rc;

	bool is_due = now >= watch->due;

	rc = is_due ? look(watch, now, err) : 0;
	ears_alarm(watch->ears, watch->due);
	return rc < 0 ? rc : is_due;
}

static int hand_out(hbr_watch *watch, hbr_event *out, hbr_error **err)
{
	struct seen *seen = &watch->events.items[watch->pulled++];
	int rc;

	seen->event.key = seen->key;
	seen->event.message = seen->message;
	rc = sized_write(out, &seen->event, sizeof(seen->event), "hbr_event", err);
	return rc < 0 ? rc : 1;
}

int hbr_watch_next(hbr_watch *watch, hbr_event *out, hbr_error **err)
{
	if (!watch || !out)
		return hbr_fail(err, HBR_EINVAL, NULL, "watch and out must be given");
	while (watch->pulled == watch->events.n) {
		drop_events(watch);

		int rc = advance(watch, err);
		if (rc <= 0)
			return rc;
	}
	return hand_out(watch, out, err);
}
