/* SPDX-License-Identifier: Apache-2.0 */
/* What a reflector does when something does not come, or says no: back off, go on, begin anew. */
#include "port/kube_watch_inside.h"

#include <string.h>

#define PAUSE_MIN (800 * INT64_C(1000000))
#define PAUSE_MAX (30 * KUBE_SECOND)
#define HEALTHY (120 * KUBE_SECOND) /* without a pause: the next one is short again */
#define RETRY_AFTER_MAX 300
#define SHORT (1 * KUBE_SECOND) /* a watch that ends sooner, and brought nothing, has failed */
#define TRIES 3                 /* of a watch, before a list is made */

/* client-go's: doubles, with up to as much again by chance. */
static void rest(struct kube_watch *watch, uint32_t at_least_s, int64_t now)
{
	int64_t least = (at_least_s < RETRY_AFTER_MAX ? at_least_s : RETRY_AFTER_MAX) * KUBE_SECOND;
	int64_t pause;

	if (!watch->pause || now - watch->paused_at > HEALTHY)
		watch->pause = PAUSE_MIN;
	else
		watch->pause = watch->pause * 2 < PAUSE_MAX ? watch->pause * 2 : PAUSE_MAX;
	pause = watch->pause + (int64_t)(kube_watch_random(watch) % (uint64_t)watch->pause);
	watch->phase = KUBE_RESTING;
	watch->until = now + (pause > least ? pause : least);
	watch->paused_at = watch->until;
	watch->is_over = true;
	watch->count.failures++;
}

static void begin_again(struct kube_watch *watch)
{
	watch->phase = KUBE_ASKING;
	watch->is_over = true;
}

static bool can_stream(const struct kube_watch *watch)
{
	return watch->opts.has_no_stream && !*watch->opts.has_no_stream;
}

/* Only decides; whoever calls says when. */
void kube_watch_relist(struct kube_watch *watch, enum kube_fresh fresh)
{
	kube_store_unstage(&watch->store);
	free(hbr_steal(watch->token));
	free(hbr_steal(watch->next));
	free(hbr_steal(watch->listed));
	watch->short_ones = watch->refusals = 0;
	watch->fresh = fresh == KUBE_LATER && !watch->version ? KUBE_ANY : fresh;
	watch->goal = can_stream(watch) ? KUBE_WATCH_LIST : KUBE_LIST;
}

static bool is_lasting(int code)
{
	return code == HBR_EPERM || code == HBR_ENOENT || code == HBR_ELIMIT ||
	       code == HBR_EFORMAT || code == HBR_ESYNTAX;
}

static void complain(struct kube_watch *watch, int code, const char *why)
{
	if (!is_lasting(code) || code == watch->complained)
		return;
	hbr_error_free(hbr_steal(watch->complaint));
	hbr_fail(&watch->complaint, code, watch->kind, "cannot watch %s: %s", watch->path, why);
	watch->complained = code;
}

void kube_watch_ended(struct kube_watch *watch, int64_t now)
{
	bool is_short = now - watch->began < SHORT && !watch->n_events;

	/* What a watch began to list is of no use without its end. */
	if (watch->goal == KUBE_WATCH_LIST)
		kube_watch_relist(watch, watch->fresh);
	if (!is_short) {
		watch->short_ones = 0;
		begin_again(watch);
		return;
	}
	if (++watch->short_ones >= TRIES)
		kube_watch_relist(watch, KUBE_LATER);
	rest(watch, 0, now);
}

void kube_watch_failed(struct kube_watch *watch, const hbr_error *why, int64_t now)
{
	int code = hbr_error_code(why);

	/* A server that is just coming up may break connections in any way. */
	if (watch->phase != KUBE_WAITING || ++watch->misses >= TRIES)
		complain(watch, code, hbr_error_message(why));
	if (watch->phase == KUBE_READING && watch->goal != KUBE_LIST && !is_lasting(code) &&
	    code != HBR_ENOMEM) {
		kube_watch_ended(watch, now);
		return;
	}
	/* Never connected: the same again. A page that was cut too; what it brought comes twice. */
	free(hbr_steal(watch->next));
	if (watch->phase == KUBE_READING && (!watch->token || is_lasting(code)))
		kube_watch_relist(watch, KUBE_LATER);
	rest(watch, 0, now);
}

/* This version is compacted away, or the server has not come to it yet. */
static void expired(struct kube_watch *watch, uint32_t after_s, int64_t now)
{
	bool was_list = watch->goal != KUBE_WATCH;
	bool was_latest = was_list && watch->fresh == KUBE_LATEST;

	/* A list whose pages grow old while they are read is asked for in one piece. */
	watch->is_expired = was_list && watch->token && was_latest;
	kube_watch_relist(watch, was_list ? KUBE_LATEST : KUBE_LATER);
	if (was_latest)
		rest(watch, after_s, now);
	else
		begin_again(watch);
}

static bool is_expired(const struct kube_status *status)
{
	return status->code == 410 || strcmp(status->reason, "Expired") == 0 ||
	       strcmp(status->reason, "Gone") == 0 ||
	       (status->code == 504 && strcmp(status->cause, "ResourceVersionTooLarge") == 0);
}

static int code_of(int status)
{
	if (status == 401 || status == 403)
		return HBR_EPERM;
	return status == 404 || status == 405 || status == 406 ? HBR_ENOENT : HBR_EKUBE;
}

void kube_watch_refused(struct kube_watch *watch, const struct kube_status *status, int64_t now)
{
	int code = status->code;

	if (watch->goal == KUBE_WATCH_LIST && (code == 400 || code == 422 || code == 500)) {
		*watch->opts.has_no_stream = true;
		kube_watch_relist(watch, watch->fresh);
		begin_again(watch);
		return;
	}
	if (is_expired(status)) {
		expired(watch, status->retry_after_s, now);
		return;
	}
	complain(watch, code_of(code), *status->message ? status->message : status->reason);
	if (watch->goal == KUBE_WATCH &&
	    (code == 429 || (code >= 500 && ++watch->refusals < TRIES))) {
		rest(watch, status->retry_after_s, now);
		return;
	}
	kube_watch_relist(watch, watch->goal == KUBE_WATCH ? KUBE_LATER : watch->fresh);
	rest(watch, status->retry_after_s, now);
}
