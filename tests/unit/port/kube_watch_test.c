/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector, one promise at a time: watches, what they tell, what it does when told no. */
#include "kube_watch_rig.h"
#include "lib/test.h"

#include <string.h>

START_TEST(a_watch_begins_where_the_list_ended)
{
	begin();
	exchange();
	ask();
	ck_assert_ptr_nonnull(
	        strstr(want.path, "?watch=1&allowWatchBookmarks=true&timeoutSeconds="));
	ck_assert_ptr_nonnull(strstr(want.path, "&resourceVersion=10"));
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

/* Of objects that are told: is each called ours whose label says so? */
static size_t told_whose_they_are(void)
{
	struct kube_store *store = kube_watch_store(watch);
	struct kube_news news;
	size_t n = 0;

	for (; kube_store_next(store, &news); n++) {
		ck_assert_int_eq(news.is_ours, atoi(news.uid + 1) % 2);
		kube_store_told(store);
	}
	return n;
}

START_TEST(what_carries_our_label_is_told_to_be_ours)
{
	begin_with((struct kube_watch_opts){ .form = _i ? KUBE_METADATA : KUBE_WHOLE });
	exchange();
	ck_assert_uint_eq(told_whose_they_are(), 10);
	exchange();
	ck_assert(reply.is_watch);
	fake_delete(&fake, 4);
	fake_touch(&fake, 4);
	fake_delete(&fake, 5);
	fake_delete(&fake, 6);
	fake_touch(&fake, 7);
	fake_follow(&fake, &reply);
	body();
	ck_assert_uint_eq(told_whose_they_are(), 5);
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
	tcase_add_test(tcase, a_watch_begins_where_the_list_ended);
	tcase_add_test(tcase, a_bookmark_moves_the_version_on);
	tcase_add_test(tcase, a_watch_that_ends_goes_on_at_once_without_a_list);
	tcase_add_test(tcase, watches_that_bring_nothing_are_asked_for_ever_more_slowly);
	tcase_add_test(tcase, an_object_made_anew_is_told_as_gone_and_as_new);
	tcase_add_loop_test(tcase, what_carries_our_label_is_told_to_be_ours, 0, 2);
	tcase_add_test(tcase, what_came_and_went_unseen_is_not_told);
	tcase_add_test(tcase, many_changes_of_one_object_are_told_once);
	tcase_add_test(tcase, too_many_requests_wait_as_long_as_they_are_told);
	tcase_add_test(tcase, a_missing_right_is_told_once_and_tried_again);
	tcase_add_test(tcase, an_object_that_is_too_big_is_a_complaint);
	tcase_add_test(tcase, a_reply_of_a_foreign_type_is_not_read);
	tcase_add_test(tcase, silence_ends_a_list_and_a_watch);
	tcase_add_test(tcase, reading_stops_while_texts_wait);
	tcase_add_test(tcase, versions_are_compared_only_where_they_are_numbers);
}
