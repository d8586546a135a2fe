/* SPDX-License-Identifier: Apache-2.0 */
/* The reflector, one promise at a time: lists, in pages, as a watch, cut, expired. */
#include "kube_watch_rig.h"
#include "lib/oom.h"
#include "lib/test.h"

#include <string.h>

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

HBR_SUITE(kube_watch_list)
{
	tcase_add_test(tcase, the_first_list_takes_what_the_server_has_at_hand);
	tcase_add_test(tcase, selectors_are_escaped);
	tcase_add_test(tcase, nothing_of_a_list_is_seen_before_its_last_page);
	tcase_add_test(tcase, a_page_that_is_cut_is_asked_for_again);
	tcase_add_test(tcase, a_list_that_is_cut_is_not_believed);
	tcase_add_test(tcase, an_expired_version_is_listed_from_and_a_second_time_from_nowhere);
	tcase_add_test(tcase, a_version_that_the_server_has_not_reached_is_dropped);
	tcase_add_test(tcase, a_relist_tells_of_what_went_meanwhile);
	tcase_add_test(tcase, a_server_without_streamed_lists_is_asked_once_only);
	tcase_add_test(tcase, a_streamed_list_is_believed_at_its_end_and_goes_on);
	tcase_add_test(tcase, an_error_500_instead_of_a_streamed_list_falls_back);
	tcase_add_test(tcase, metadata_is_asked_for_in_protobuf);
	tcase_add_test(tcase, replies_are_read_the_same_at_any_cut);
	tcase_add_test(tcase, without_memory_nothing_is_lost_for_good);
}
