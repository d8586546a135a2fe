/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector: its life, what comes in, and what follows from it. */
#include "port/kube_watch.h"

#include <string.h>

#include "port/kube_watch_inside.h"

#define WAITING_MAX ((size_t)64 << 20)
#define REFUSAL_MAX ((size_t)64 << 10)
#define LIST_SILENCE (60 * KUBE_SECOND)

int kube_watch_new(const struct kube_watch_opts *opts, struct kube_watch **out, hbr_error **err)
{
	_cleanup_kube_watch_ struct kube_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return hbr_oom(err);
	watch->opts = *opts;
	watch->path = strdup(opts->path);
	watch->api_version = strdup(opts->api_version);
	watch->kind = strdup(opts->kind);
	watch->selector = opts->selector ? strdup(opts->selector) : NULL;
	if (!watch->path || !watch->api_version || !watch->kind ||
	    (opts->selector && !watch->selector))
		return hbr_oom(err);
	watch->random = opts->seed;
	watch->refusal.max = REFUSAL_MAX;
	kube_watch_relist(watch, KUBE_ANY);
	*out = hbr_steal(watch);
	return 0;
}

void kube_watch_free(struct kube_watch *watch)
{
	if (!watch)
		return;
	kube_store_free(&watch->store);
	kube_cutter_free(&watch->cutter);
	buf_free(&watch->query);
	buf_free(&watch->refusal);
	hbr_error_free(watch->complaint);
	free(watch->path);
	free(watch->api_version);
	free(watch->kind);
	free(watch->selector);
	free(watch->version);
	free(watch->listed);
	free(watch->token);
	free(watch->next);
	free(watch);
}

static int set(char **text, const char *value, hbr_error **err)
{
	char *fresh = value ? strdup(value) : NULL;

	if (value && !fresh)
		return hbr_oom(err);
	free(*text);
	*text = fresh;
	return 0;
}

/* All of a list is there: `version` is that of the whole. */
static int commit(struct kube_watch *watch, const char *version, hbr_error **err)
{
	int rc =
	        version ? 0 : hbr_fail(err, HBR_EFORMAT, NULL, "a list has no resourceVersion");

	if (rc == 0)
		rc = set(&watch->version, version, err);
	if (rc == 0)
		rc = kube_store_commit(&watch->store, err);
	if (rc < 0)
		return rc;
	watch->is_synced = true;
	watch->is_expired = false;
	watch->complained = 0;
	watch->goal = KUBE_WATCH;
	watch->fresh = KUBE_LATER;
	free(hbr_steal(watch->token));
	free(hbr_steal(watch->listed));
	return 0;
}

static int keep(struct kube_watch *watch, const struct kube_seen *seen, hbr_error **err)
{
	struct kube_news news = {
		.ns = seen->ns,
		.name = seen->name,
		.uid = seen->uid,
		.version = seen->version,
		.is_gone = seen->event == KUBE_DELETED,
		.is_ours = seen->is_ours,
	};
	bool is_staged = watch->goal != KUBE_WATCH;
	char *text = NULL;
	int rc = 0;

	if (!news.is_gone && !kube_store_has(&watch->store, &news))
		rc = kube_seen_text(seen, watch->api_version, watch->kind, &text, err);
	if (rc < 0)
		return rc;
	return is_staged ? kube_store_stage(&watch->store, &news, text, err)
	                 : kube_store_put(&watch->store, &news, text, err);
}

static int take_event(struct kube_watch *watch, const struct kube_seen *seen, hbr_error **err)
{
	bool is_list = watch->goal == KUBE_WATCH_LIST;
	int rc = 0;

	watch->n_events++;
	watch->count.events++;
	watch->refusals = 0;
	if (seen->event == KUBE_UNKNOWN)
		return 0;
	if (seen->event != KUBE_BOOKMARK)
		rc = keep(watch, seen, err);
	else if (is_list && seen->ends_initial)
		return commit(watch, seen->version, err);
	if (rc < 0 || is_list)
		return rc;
	/* A watch from nowhere begins with what is there, in no order. */
	if (watch->has_begun_unset && seen->event == KUBE_ADDED)
		return 0;
	watch->has_begun_unset = false;
	return set(&watch->version, seen->version, err);
}

/* Errors in a watch end it, once what came before them is taken. */
struct reading {
	struct kube_watch *watch;
	int64_t now;
};

static int on_piece(void *user, enum kube_piece piece, const char *data, size_t size,
                    hbr_error **err)
{
	const struct reading *reading = user;
	struct kube_watch *watch = reading->watch;
	_cleanup_kube_seen_ struct kube_seen seen = { 0 };
	int rc;

	if (watch->is_over)
		return 0;
	switch (piece) {
	case KUBE_EVENT:
		rc = kube_seen_event(watch->encoding, data, size, &seen, err);
		if (rc == 0 && seen.event == KUBE_ERROR)
			kube_watch_refused(watch, &seen.status, reading->now);
		else if (rc == 0)
			rc = take_event(watch, &seen, err);
		return rc;
	case KUBE_ITEM:
		rc = kube_seen_item(watch->encoding, data, size, &seen, err);
		return rc < 0 ? rc : keep(watch, &seen, err);
	case KUBE_HEAD:
		rc = kube_seen_head(watch->encoding, data, size, &seen, err);
		if (rc == 0)
			rc = set(&watch->next, seen.token, err);
		return rc < 0 ? rc : set(&watch->listed, seen.version, err);
	}
	return 0;
}

int kube_watch_next(struct kube_watch *watch, int64_t now, struct kube_want *want,
                    hbr_error **err)
{
	if ((watch->phase == KUBE_WAITING || watch->phase == KUBE_READING ||
	     watch->phase == KUBE_REFUSED) &&
	    now >= watch->until) {
		_cleanup_error_ hbr_error *why = NULL;

		hbr_fail(&why, HBR_ETIMEDOUT, NULL, "nothing comes");
		kube_watch_failed(watch, why, now);
	}
	if (watch->phase == KUBE_RESTING && now >= watch->until)
		watch->phase = KUBE_ASKING;
	if (watch->phase == KUBE_ASKING)
		return kube_watch_ask(watch, now, want, err);
	*want = (struct kube_want){ .until = watch->until };
	return watch->phase == KUBE_RESTING ? KUBE_REST : KUBE_READ;
}

void kube_watch_head(struct kube_watch *watch, long status, const char *content_type,
                     uint32_t retry_after_s, int64_t now)
{
	if (watch->phase != KUBE_WAITING)
		return;
	watch->status = status;
	watch->misses = 0;
	watch->encoding = kube_encoding_of(content_type);
	watch->retry_after_s = retry_after_s;
	watch->phase = KUBE_REFUSED;
	buf_reset(&watch->refusal);
	if (status != 200)
		return;
	watch->phase = KUBE_READING;
	kube_cutter_begin(&watch->cutter, watch->encoding, watch->goal == KUBE_LIST,
	                  watch->opts.frame_max);
	if (watch->goal == KUBE_LIST)
		watch->until = now + LIST_SILENCE;
	if (watch->encoding == KUBE_OTHER) {
		_cleanup_error_ hbr_error *why = NULL;

		hbr_fail(&why, HBR_EFORMAT, NULL, "the reply is \"%.64s\"",
		         content_type ? content_type : "");
		kube_watch_failed(watch, why, now);
	}
}

void kube_watch_feed(struct kube_watch *watch, const void *data, size_t size, int64_t now)
{
	struct reading reading = { watch, now };
	_cleanup_error_ hbr_error *why = NULL;
	int rc;

	watch->count.bytes += size;
	if (watch->phase == KUBE_REFUSED && watch->refusal.len + size < REFUSAL_MAX)
		buf_put(&watch->refusal, data, size);
	if (watch->phase != KUBE_READING)
		return;
	if (watch->goal == KUBE_LIST)
		watch->until = now + LIST_SILENCE;
	rc = kube_cutter_feed(&watch->cutter, data, size, on_piece, &reading, &why);
	if (rc < 0 && !watch->is_over)
		kube_watch_failed(watch, why, now);
}

/* A page, or all, of a list is there. */
static void end_list(struct kube_watch *watch, int64_t now)
{
	_cleanup_error_ hbr_error *why = NULL;
	int rc = 0;

	if (!kube_cutter_is_whole(&watch->cutter))
		rc = hbr_fail(&why, HBR_EIO, NULL, "a list is not whole");
	else if (!watch->next)
		rc = commit(watch, watch->listed, &why);
	if (rc < 0) {
		kube_watch_failed(watch, why, now);
		return;
	}
	free(watch->token);
	watch->token = hbr_steal(watch->next);
	watch->phase = KUBE_ASKING;
}

void kube_watch_end(struct kube_watch *watch, const hbr_error *why, int64_t now)
{
	struct kube_status status;

	switch (watch->phase) {
	case KUBE_WAITING:
		kube_watch_failed(watch, why, now);
		return;
	case KUBE_REFUSED:
		kube_status_read(watch->encoding, watch->refusal.data, watch->refusal.len,
		                 &status);
		status.code = (int)watch->status;
		if (watch->retry_after_s > status.retry_after_s)
			status.retry_after_s = watch->retry_after_s;
		kube_watch_refused(watch, &status, now);
		return;
	case KUBE_READING:
		if (why)
			kube_watch_failed(watch, why, now);
		else if (watch->goal == KUBE_LIST)
			end_list(watch, now);
		else
			kube_watch_ended(watch, now);
		return;
	default:
		return;
	}
}

struct kube_store *kube_watch_store(struct kube_watch *watch)
{
	return &watch->store;
}

const char *kube_watch_kind(const struct kube_watch *watch, const char **api_version)
{
	*api_version = watch->api_version;
	return watch->kind;
}

bool kube_watch_is_synced(const struct kube_watch *watch)
{
	return watch->is_synced;
}

bool kube_watch_is_full(const struct kube_watch *watch)
{
	size_t max = watch->opts.waiting_max ? watch->opts.waiting_max : WAITING_MAX;

	return watch->goal == KUBE_WATCH && watch->store.bytes > max;
}

int kube_watch_complaint(struct kube_watch *watch, hbr_error **err)
{
	int code = hbr_error_code(watch->complaint);

	if (!code)
		return 0;
	if (err)
		*err = hbr_steal(watch->complaint);
	else
		hbr_error_free(hbr_steal(watch->complaint));
	return code;
}

struct kube_watch_count kube_watch_counted(const struct kube_watch *watch)
{
	return watch->count;
}
