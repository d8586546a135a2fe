/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector, one promise at a time: what it asks, what it does when it is told no. */
#include "kube_watch_fake.h"
#include "lib/oom.h"
#include "lib/test.h"
#include "port/kube_watch.h"

#include <string.h>

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

static struct fake fake;
static struct fake_reply reply;
static struct kube_watch *watch;
static struct kube_want want;
static int64_t now;
static bool has_no_stream;
static hbr_error *err;

static void begin_with(struct kube_watch_opts opts)
{
	opts.path = "/apis/t/v1/things";
	opts.api_version = "t/v1";
	opts.kind = "Thing";
	memset(&fake, 0, sizeof(fake));
	reply = (struct fake_reply){ .body = BUF_INIT };
	now = SECOND;
	err = NULL;
	for (int i = 0; i < 10; i++)
		fake_touch(&fake, i);
	ck_ok(kube_watch_new(&opts, &watch, &err), err);
}

static void begin(void)
{
	begin_with((struct kube_watch_opts){ .seed = 1 });
}

static void end(void)
{
	kube_watch_free(watch);
	buf_free(&reply.body);
}

static int next(void)
{
	int todo = kube_watch_next(watch, now, &want, &err);

	ck_assert_int_ge(todo, 0);
	return todo;
}

/* Sends what is asked for; the reply is not delivered yet. */
static void ask(void)
{
	if (next() == KUBE_REST) {
		now = want.until;
		next();
	}
	ck_assert_ptr_nonnull(want.path);
	fake_answer(&fake, want.path, want.accept, &reply);
}

static void head(void)
{
	kube_watch_head(watch, reply.status, reply.type, reply.retry_after_s, now);
}

static void body(void)
{
	kube_watch_feed(watch, reply.body.data + reply.sent, reply.body.len - reply.sent, now);
	reply.sent = reply.body.len;
}

/* Asks, and takes the whole reply. */
static void exchange(void)
{
	ask();
	head();
	body();
	if (reply.is_over)
		kube_watch_end(watch, NULL, now);
}

static size_t told(void)
{
	struct kube_store *store = kube_watch_store(watch);
	struct kube_news news;
	size_t n = 0;

	for (; kube_store_next(store, &news); n++)
		kube_store_told(store);
	return n;
}

static void synced(void)
{
	exchange();
	ck_assert(kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 10);
	exchange();
	ck_assert(reply.is_watch);
	ck_assert_uint_eq(told(), 0);
}

static void cut(int code)
{
	hbr_error *why = NULL;

	hbr_fail(&why, code, NULL, "cut");
	kube_watch_end(watch, why, now);
	hbr_error_free(why);
}

START_TEST(the_first_list_takes_what_the_server_has_at_hand)
{
	begin();
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_str_eq(want.path, "/apis/t/v1/things?limit=500&resourceVersion=0");
	ck_assert_str_eq(want.accept, "application/json");
	ck_assert(want.is_gzip);
	end();
}
END_TEST

START_TEST(a_watch_begins_where_the_list_ended)
{
	begin();
	exchange();
	ask();
	ck_assert_ptr_nonnull(strstr(want.path, "?watch=1&allowWatchBookmarks=true&timeoutSeconds="));
	ck_assert_ptr_nonnull(strstr(want.path, "&resourceVersion=10"));
	end();
}
END_TEST

START_TEST(selectors_are_escaped)
{
	begin_with((struct kube_watch_opts){ .selector = "a=b,c in (d)" });
	next();
	ck_assert_ptr_nonnull(strstr(want.path, "labelSelector=a%3Db%2Cc%20in%20%28d%29&"));
	end();
}
END_TEST

START_TEST(nothing_of_a_list_is_seen_before_its_last_page)
{
	begin_with((struct kube_watch_opts){ .page_size = 4 });
	for (int page = 0; page * 4 + 4 < FAKE_OBJECTS; page++) {
		exchange();
		ck_assert_uint_eq(told(), 0);
		ck_assert(!kube_watch_is_synced(watch));
	}
	exchange();
	ck_assert(kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 10);
	ck_assert_uint_eq(kube_watch_counted(watch).lists, 1);
	end();
}
END_TEST

START_TEST(a_page_that_is_cut_is_asked_for_again)
{
	begin_with((struct kube_watch_opts){ .page_size = 4 });
	exchange();
	ask();
	head();
	kube_watch_feed(watch, reply.body.data, reply.body.len - 3, now);
	cut(HBR_EIO);
	for (int page = 1; page * 4 < FAKE_OBJECTS; page++)
		exchange();
	ck_assert(kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 10);
	ck_assert_uint_eq(kube_watch_counted(watch).lists, 1);
	end();
}
END_TEST

START_TEST(a_list_that_is_cut_is_not_believed)
{
	begin();
	ask();
	head();
	kube_watch_feed(watch, reply.body.data, reply.body.len - 3, now);
	kube_watch_end(watch, NULL, now);
	ck_assert(!kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 0);
	ck_assert_int_eq(next(), KUBE_REST);
	exchange();
	ck_assert_uint_eq(told(), 10);
	end();
}
END_TEST

START_TEST(a_bookmark_moves_the_version_on)
{
	begin();
	synced();
	fake.version += 5;
	reply.at = fake.version;
	fake_bookmark(&fake, &reply, false);
	body();
	now += 2 * SECOND;
	cut(HBR_EIO);
	ask();
	ck_assert_ptr_nonnull(strstr(want.path, "resourceVersion=15"));
	end();
}
END_TEST

START_TEST(a_watch_that_ends_goes_on_at_once_without_a_list)
{
	begin();
	synced();
	now += 2 * SECOND;
	kube_watch_end(watch, NULL, now);
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_ptr_nonnull(strstr(want.path, "watch=1"));
	ck_assert_uint_eq(kube_watch_counted(watch).lists, 1);
	end();
}
END_TEST

START_TEST(watches_that_bring_nothing_are_asked_for_ever_more_slowly)
{
	int64_t last = 0;

	begin();
	synced();
	for (int i = 0; i < 8; i++) {
		kube_watch_end(watch, NULL, now);
		ck_assert_int_eq(next(), KUBE_REST);
		ck_assert_int_ge(want.until - now, 800 * MILLISECOND);
		ck_assert_int_le(want.until - now, 60 * SECOND);
		last = want.until - now;
		now = want.until;
		/* Now and then it looks whether a list helps. */
		do
			exchange();
		while (!reply.is_watch);
	}
	ck_assert_int_ge(last, 15 * SECOND);
	/* A healthy while later it begins anew. */
	now += 200 * SECOND;
	kube_watch_end(watch, NULL, now);
	exchange();
	kube_watch_end(watch, NULL, now);
	ck_assert_int_eq(next(), KUBE_REST);
	ck_assert_int_le(want.until - now, 1600 * MILLISECOND);
	end();
}
END_TEST

START_TEST(an_expired_version_is_listed_from_and_a_second_time_from_nowhere)
{
	begin();
	synced();
	fake_error(&reply, 410, "Expired");
	body();
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_str_eq(want.path, "/apis/t/v1/things?resourceVersion=10");
	fake_refuse(&reply, 410, "Expired", false);
	reply.sent = 0;
	head();
	body();
	kube_watch_end(watch, NULL, now);
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_str_eq(want.path, "/apis/t/v1/things?limit=500");
	end();
}
END_TEST

START_TEST(a_version_that_the_server_has_not_reached_is_dropped)
{
	begin();
	synced();
	fake_error(&reply, 410, "Expired");
	body();
	fake.version = 5;
	exchange();
	ck_assert_int_eq(reply.status, 504);
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_str_eq(want.path, "/apis/t/v1/things?limit=500");
	end();
}
END_TEST

START_TEST(a_relist_tells_of_what_went_meanwhile)
{
	struct kube_news news;

	begin();
	synced();
	fake_delete(&fake, 3);
	fake_delete(&fake, 4);
	fake_touch(&fake, 4);
	fake_error(&reply, 410, "Expired");
	body();
	exchange();
	for (int i = 0; i < 3; i++) {
		ck_assert(kube_store_next(kube_watch_store(watch), &news));
		if (strcmp(news.name, "o3") == 0)
			ck_assert(news.is_gone);
		kube_store_told(kube_watch_store(watch));
	}
	ck_assert(!kube_store_next(kube_watch_store(watch), &news));
	end();
}
END_TEST

START_TEST(an_object_made_anew_is_told_as_gone_and_as_new)
{
	struct kube_store *store;
	struct kube_news news;

	begin();
	synced();
	fake_delete(&fake, 4);
	fake_touch(&fake, 4);
	fake_follow(&fake, &reply);
	body();
	store = kube_watch_store(watch);
	ck_assert(kube_store_next(store, &news));
	ck_assert(news.is_gone);
	ck_assert_str_eq(news.uid, "u5");
	kube_store_told(store);
	ck_assert(kube_store_next(store, &news));
	ck_assert(!news.is_gone);
	ck_assert_str_eq(news.uid, "u11");
	kube_store_told(store);
	ck_assert(!kube_store_next(store, &news));
	end();
}
END_TEST

START_TEST(what_came_and_went_unseen_is_not_told)
{
	begin();
	synced();
	fake_touch(&fake, 20);
	fake_delete(&fake, 20);
	fake_follow(&fake, &reply);
	body();
	ck_assert_uint_eq(told(), 0);
	ck_assert_uint_eq(kube_watch_store(watch)->n, 10);
	end();
}
END_TEST

START_TEST(many_changes_of_one_object_are_told_once)
{
	begin();
	synced();
	for (int i = 0; i < 50; i++)
		fake_touch(&fake, 1);
	fake_follow(&fake, &reply);
	body();
	ck_assert_uint_eq(told(), 1);
	end();
}
END_TEST

START_TEST(too_many_requests_wait_as_long_as_they_are_told)
{
	begin();
	synced();
	now += 2 * SECOND;
	kube_watch_end(watch, NULL, now);
	ask();
	fake_refuse(&reply, 429, "TooManyRequests", false);
	reply.retry_after_s = 17;
	head();
	body();
	kube_watch_end(watch, NULL, now);
	ck_assert_int_eq(next(), KUBE_REST);
	ck_assert_int_ge(want.until - now, 17 * SECOND);
	now = want.until;
	next();
	ck_assert_ptr_nonnull(strstr(want.path, "watch=1"));
	end();
}
END_TEST

START_TEST(a_missing_right_is_told_once_and_tried_again)
{
	begin();
	for (int i = 0; i < 3; i++) {
		ask();
		fake_refuse(&reply, 403, "Forbidden", false);
		head();
		body();
		kube_watch_end(watch, NULL, now);
		ck_assert_int_eq(kube_watch_complaint(watch, NULL), i ? 0 : HBR_EPERM);
	}
	exchange();
	ck_assert(kube_watch_is_synced(watch));
	end();
}
END_TEST

START_TEST(an_object_that_is_too_big_is_a_complaint)
{
	begin_with((struct kube_watch_opts){ .frame_max = 100 });
	exchange();
	ck_assert_int_eq(kube_watch_complaint(watch, &err), HBR_ELIMIT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "/apis/t/v1/things"));
	hbr_error_free(err);
	end();
}
END_TEST

START_TEST(a_reply_of_a_foreign_type_is_not_read)
{
	begin();
	ask();
	kube_watch_head(watch, 200, "text/html", 0, now);
	ck_assert_int_eq(next(), KUBE_REST);
	ck_assert_int_eq(kube_watch_complaint(watch, NULL), HBR_EFORMAT);
	end();
}
END_TEST

START_TEST(silence_ends_a_list_and_a_watch)
{
	begin();
	ask();
	head();
	now += 61 * SECOND;
	ck_assert_int_eq(next(), KUBE_REST);
	synced();
	now += 700 * SECOND;
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_ptr_nonnull(strstr(want.path, "watch=1"));
	end();
}
END_TEST

START_TEST(reading_stops_while_texts_wait)
{
	begin_with((struct kube_watch_opts){ .waiting_max = 1000 });
	synced();
	for (int i = 0; i < 10; i++)
		fake_touch(&fake, i);
	fake_follow(&fake, &reply);
	body();
	ck_assert(kube_watch_is_full(watch));
	ck_assert_uint_eq(told(), 10);
	ck_assert(!kube_watch_is_full(watch));
	end();
}
END_TEST

START_TEST(a_server_without_streamed_lists_is_asked_once_only)
{
	has_no_stream = false;
	begin_with((struct kube_watch_opts){ .has_no_stream = &has_no_stream });
	ask();
	ck_assert_ptr_nonnull(strstr(want.path, "&sendInitialEvents=true"));
	ck_assert_ptr_nonnull(strstr(want.path, "&resourceVersionMatch=NotOlderThan"));
	head();
	body();
	kube_watch_end(watch, NULL, now);
	ck_assert(has_no_stream);
	ck_assert_int_eq(next(), KUBE_OPEN);
	ck_assert_str_eq(want.path, "/apis/t/v1/things?limit=500&resourceVersion=0");
	end();
}
END_TEST

START_TEST(a_streamed_list_is_believed_at_its_end_and_goes_on)
{
	size_t whole;

	has_no_stream = false;
	begin_with((struct kube_watch_opts){ .has_no_stream = &has_no_stream });
	fake.has_stream = true;
	ask();
	head();
	whole = reply.body.len;
	kube_watch_feed(watch, reply.body.data, whole - 10, now);
	ck_assert_uint_eq(told(), 0);
	reply.sent = whole - 10;
	body();
	ck_assert(kube_watch_is_synced(watch));
	ck_assert_uint_eq(told(), 10);
	fake_touch(&fake, 0);
	fake_follow(&fake, &reply);
	body();
	ck_assert_uint_eq(told(), 1);
	ck_assert_uint_eq(kube_watch_counted(watch).watches, 1);
	end();
}
END_TEST

START_TEST(an_error_500_instead_of_a_streamed_list_falls_back)
{
	has_no_stream = false;
	begin_with((struct kube_watch_opts){ .has_no_stream = &has_no_stream });
	fake.has_stream = true;
	ask();
	head();
	buf_reset(&reply.body);
	fake_error(&reply, 500, "InternalError");
	body();
	ck_assert(has_no_stream);
	end();
}
END_TEST

START_TEST(metadata_is_asked_for_in_protobuf)
{
	begin_with((struct kube_watch_opts){ .form = KUBE_METADATA });
	next();
	ck_assert_ptr_nonnull(strstr(want.accept, "protobuf;as=PartialObjectMetadataList"));
	fake_answer(&fake, want.path, want.accept, &reply);
	head();
	body();
	kube_watch_end(watch, NULL, now);
	ck_assert_uint_eq(told(), 10);
	next();
	ck_assert_ptr_nonnull(strstr(want.accept, "protobuf;as=PartialObjectMetadata;"));
	end();
}
END_TEST

START_TEST(replies_are_read_the_same_at_any_cut)
{
	static const enum kube_form forms[] = { KUBE_WHOLE, KUBE_METADATA };

	for (size_t f = 0; f < hbr_count(forms); f++) {
		for (size_t at = 1;; at++) {
			begin_with((struct kube_watch_opts){ .form = forms[f] });
			ask();
			head();
			if (at >= reply.body.len) {
				end();
				break;
			}
			kube_watch_feed(watch, reply.body.data, at, now);
			reply.sent = at;
			body();
			kube_watch_end(watch, NULL, now);
			ck_assert_uint_eq(told(), 10);
			end();
		}
	}
}
END_TEST

/* Wherever memory runs out, what follows finds out about everything. */
START_TEST(without_memory_nothing_is_lost_for_good)
{
	static const enum kube_form forms[] = { KUBE_WHOLE, KUBE_METADATA };

	for (size_t f = 0; f < hbr_count(forms); f++) {
		bool hit = true;

		for (unsigned n = 1; hit; n++) {
			begin_with((struct kube_watch_opts){ .form = forms[f] });
			ask();
			oom_at(n);
			head();
			body();
			kube_watch_end(watch, NULL, now);
			hit = oom_off();
			for (int i = 0; i < 3 && !kube_watch_is_synced(watch); i++)
				exchange();
			ck_assert_uint_eq(told(), 10);
			end();
		}
	}
}
END_TEST

START_TEST(versions_are_compared_only_where_they_are_numbers)
{
	ck_assert(kube_version_is_older("9", "10"));
	ck_assert(!kube_version_is_older("10", "10"));
	ck_assert(!kube_version_is_older("a", "b"));
	ck_assert(!kube_version_is_older("9", ""));
	ck_assert(!kube_version_is_older(NULL, "9"));
}
END_TEST

HBR_SUITE(kube_watch)
{
	tcase_add_test(tcase, the_first_list_takes_what_the_server_has_at_hand);
	tcase_add_test(tcase, a_watch_begins_where_the_list_ended);
	tcase_add_test(tcase, selectors_are_escaped);
	tcase_add_test(tcase, nothing_of_a_list_is_seen_before_its_last_page);
	tcase_add_test(tcase, a_page_that_is_cut_is_asked_for_again);
	tcase_add_test(tcase, a_list_that_is_cut_is_not_believed);
	tcase_add_test(tcase, a_bookmark_moves_the_version_on);
	tcase_add_test(tcase, a_watch_that_ends_goes_on_at_once_without_a_list);
	tcase_add_test(tcase, watches_that_bring_nothing_are_asked_for_ever_more_slowly);
	tcase_add_test(tcase, an_expired_version_is_listed_from_and_a_second_time_from_nowhere);
	tcase_add_test(tcase, a_version_that_the_server_has_not_reached_is_dropped);
	tcase_add_test(tcase, a_relist_tells_of_what_went_meanwhile);
	tcase_add_test(tcase, an_object_made_anew_is_told_as_gone_and_as_new);
	tcase_add_test(tcase, what_came_and_went_unseen_is_not_told);
	tcase_add_test(tcase, many_changes_of_one_object_are_told_once);
	tcase_add_test(tcase, too_many_requests_wait_as_long_as_they_are_told);
	tcase_add_test(tcase, a_missing_right_is_told_once_and_tried_again);
	tcase_add_test(tcase, an_object_that_is_too_big_is_a_complaint);
	tcase_add_test(tcase, a_reply_of_a_foreign_type_is_not_read);
	tcase_add_test(tcase, silence_ends_a_list_and_a_watch);
	tcase_add_test(tcase, reading_stops_while_texts_wait);
	tcase_add_test(tcase, a_server_without_streamed_lists_is_asked_once_only);
	tcase_add_test(tcase, a_streamed_list_is_believed_at_its_end_and_goes_on);
	tcase_add_test(tcase, an_error_500_instead_of_a_streamed_list_falls_back);
	tcase_add_test(tcase, metadata_is_asked_for_in_protobuf);
	tcase_add_test(tcase, replies_are_read_the_same_at_any_cut);
	tcase_add_test(tcase, without_memory_nothing_is_lost_for_good);
	tcase_add_test(tcase, versions_are_compared_only_where_they_are_numbers);
}
