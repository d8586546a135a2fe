/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reflector against an API server that loses, cuts, repeats, compacts and refuses at random:
 * what the reader was told is, in the end, what is there, and makes sense at every step.
 */
#include "kube_watch_fake.h"
#include "lib/test.h"
#include "port/kube_watch.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 200
#define STEPS 400
#define SECOND INT64_C(1000000000)

static struct fake fake;

/* Who reads: it believes what it is told, and checks that it can be. */
struct reader {
	struct fake_object objects[FAKE_OBJECTS];
	bool is_whole; /* texts come */
};

struct run {
	struct kube_watch *watch;
	struct fake_reply reply;
	struct reader reader;
	uint64_t random;
	int64_t now;
	bool is_open, has_head, is_kind;
};

static unsigned below(struct run *run, unsigned n)
{
	run->random = run->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(run->random >> 33) % n;
}

static void tell(struct reader *reader, const struct kube_news *news)
{
	int at = atoi(news->name + 1);
	struct fake_object *object = &reader->objects[at];
	unsigned uid = (unsigned)atoi(news->uid + 1);

	ck_assert_str_eq(news->ns, "t");
	if (news->is_gone) {
		ck_assert_uint_eq(object->uid, uid);
		ck_assert_ptr_null(news->text);
		*object = (struct fake_object){ 0 };
		return;
	}
	ck_assert(!object->uid || object->uid == uid);
	ck_assert_int_eq(!!news->text, reader->is_whole);
	if (news->text) {
		ck_assert_ptr_null(strstr(news->text, "managedFields"));
		ck_assert_ptr_nonnull(strstr(news->text, "\"kind\":\"Thing\""));
		ck_assert_ptr_nonnull(strstr(news->text, news->version));
	}
	/* States come in their order. */
	ck_assert_uint_gt((unsigned)atoi(news->version), object->version);
	*object = (struct fake_object){ uid, (unsigned)atoi(news->version) };
}

static void drain(struct run *run)
{
	struct kube_store *store = kube_watch_store(run->watch);
	struct kube_news news;

	while (kube_store_next(store, &news)) {
		tell(&run->reader, &news);
		kube_store_told(store);
	}
}

static void end(struct run *run, int code)
{
	hbr_error *why = NULL;

	if (code)
		hbr_fail(&why, code, NULL, "cut");
	kube_watch_end(run->watch, why, run->now);
	hbr_error_free(why);
	run->is_open = false;
}

static void open_reply(struct run *run, const struct kube_want *want)
{
	static const struct {
		long status;
		const char *reason;
	} refusals[] = {
		{ 410, "Expired" }, { 429, "TooManyRequests" }, { 500, "InternalError" },
		{ 503, "ServiceUnavailable" }, { 403, "Forbidden" }, { 504, "Timeout" },
	};

	fake_answer(&fake, want->path, want->accept, &run->reply);
	run->is_open = true;
	run->has_head = false;
	if (run->is_kind || below(run, 6))
		return;
	unsigned i = below(run, hbr_count(refusals));
	fake_refuse(&run->reply, refusals[i].status, refusals[i].reason, below(run, 2));
}

/* Some bytes of the reply. */
static void deliver(struct run *run, size_t n)
{
	struct fake_reply *reply = &run->reply;
	size_t left = reply->body.len - reply->sent;

	if (!run->has_head) {
		run->has_head = true;
		kube_watch_head(run->watch, reply->status, reply->type, reply->retry_after_s,
		                run->now);
	}
	n = n < left ? n : left;
	if (n)
		kube_watch_feed(run->watch, reply->body.data + reply->sent, n, run->now);
	reply->sent += n;
	if (reply->sent == reply->body.len && reply->is_over)
		end(run, 0);
}

static void disturb(struct run *run)
{
	struct fake_reply *reply = &run->reply;

	if (!run->is_open || !reply->is_watch || reply->is_over) {
		if (run->is_open && !below(run, 10))
			end(run, HBR_EIO);
		return;
	}
	switch (below(run, 8)) {
	case 0:
		end(run, HBR_EIO);
		break;
	case 1:
		reply->is_over = true;
		break;
	case 2:
		fake_bookmark(&fake, reply, false);
		break;
	case 3:
		fake_repeat(&fake, reply, reply->at - below(run, reply->at < 5 ? 1 : 5));
		break;
	case 4:
		fake_error(reply, 410, "Expired");
		break;
	case 5:
		fake_error(reply, below(run, 2) ? 429 : 500, "InternalError");
		break;
	case 6:
		end(run, 0);
		break;
	default:
		fake_compact(&fake);
	}
}

static void change(struct run *run)
{
	int object = (int)below(run, FAKE_OBJECTS);

	if (below(run, 3))
		fake_touch(&fake, object);
	else
		fake_delete(&fake, object);
	if (!below(run, 3))
		fake_touch(&fake, object);
}

static void go_on(struct run *run)
{
	struct kube_want want;
	hbr_error *err = NULL;
	int todo = kube_watch_next(run->watch, run->now, &want, &err);

	ck_assert_int_ge(todo, 0);
	ck_assert_int_ge(want.until, run->now);
	if (todo == KUBE_OPEN) {
		open_reply(run, &want);
	} else if (todo == KUBE_REST) {
		run->is_open = false;
		if (!run->is_kind && below(run, 2))
			run->now += below(run, 1000) * (SECOND / 1000);
		else
			run->now = want.until;
	} else if (run->is_open) {
		fake_follow(&fake, &run->reply);
		deliver(run, run->is_kind ? SIZE_MAX : below(run, 300));
		run->now += below(run, 100) * (SECOND / 1000);
	}
	kube_watch_complaint(run->watch, NULL);
}

static void check(const struct run *run)
{
	for (int i = 0; i < FAKE_OBJECTS; i++) {
		ck_assert_uint_eq(run->reader.objects[i].uid, fake.objects[i].uid);
		ck_assert_uint_eq(run->reader.objects[i].version, fake.objects[i].version);
	}
	ck_assert_uint_eq(kube_watch_store(run->watch)->bytes, 0);
}

static void play(int form, bool has_stream, uint64_t seed)
{
	bool has_no_stream = false;
	struct kube_watch_opts opts = {
		.path = "/apis/t/v1/things", .api_version = "t/v1", .kind = "Thing", .form = form,
		.seed = seed, .page_size = 7, .has_no_stream = has_stream ? &has_no_stream : NULL,
	};
	struct run run = { .random = seed * 977 + 1, .reader.is_whole = form == KUBE_WHOLE };
	hbr_error *err = NULL;

	memset(&fake, 0, sizeof(fake));
	fake.has_stream = has_stream && seed % 3;
	ck_ok(kube_watch_new(&opts, &run.watch, &err), err);
	for (int i = 0; i < STEPS; i++) {
		for (unsigned n = below(&run, 3); n; n--)
			change(&run);
		if (!below(&run, 5))
			disturb(&run);
		go_on(&run);
		if (!below(&run, 7))
			drain(&run);
	}
	run.is_kind = true;
	for (int i = 0; i < 60; i++)
		go_on(&run);
	ck_assert(kube_watch_is_synced(run.watch));
	drain(&run);
	check(&run);
	kube_watch_free(run.watch);
	buf_free(&run.reply.body);
}

START_TEST(whatever_gets_lost_the_reader_ends_with_the_truth)
{
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		play(KUBE_WHOLE, false, seed);
}
END_TEST

START_TEST(metadata_in_protobuf_ends_with_the_truth)
{
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		play(KUBE_METADATA, false, seed);
}
END_TEST

START_TEST(lists_that_come_as_a_watch_end_with_the_truth)
{
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		play(seed % 2 ? KUBE_WHOLE : KUBE_METADATA, true, seed);
}
END_TEST

HBR_SUITE(kube_watch_random)
{
	tcase_add_test(tcase, whatever_gets_lost_the_reader_ends_with_the_truth);
	tcase_add_test(tcase, metadata_in_protobuf_ends_with_the_truth);
	tcase_add_test(tcase, lists_that_come_as_a_watch_end_with_the_truth);
}
