/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about JSON objects as trees of members. */
#include "text/members.h"

#include "lib/test.h"

#include <string.h>

static const char pool[] =
        "{\"spec\":{\"cidr\":\"10.0.0.0/16\",\"blockSize\":26,\"natOutgoing\":true},"
        "\"kind\":\"IPPool\"}";

static struct buf lines;

static void setup(void)
{
	lines = (struct buf)BUF_INIT;
}

static void teardown(void)
{
	buf_free(&lines);
}

static int note(void *user, const char *path, const char *from, const char *to)
{
	(void)user;
	buf_printf(&lines, "%s: %s -> %s\n", path, from ? from : "-", to ? to : "-");
	return 0;
}

static const char *diff(const char *from, const char *to)
{
	hbr_error *err = NULL;

	ck_ok(members_diff(from, to, note, NULL, &err), err);
	return lines.data ? lines.data : "";
}

START_TEST(order_and_white_space_do_not_matter)
{
	ck_assert(members_same("{\"a\": 1, \"b\": [1, 2]}", "{\"b\":[1,2],\"a\":1}"));
	ck_assert(!members_same("{\"a\":1}", "{\"a\":2}"));
	ck_assert(!members_same("{\"a\":1}", "{\"a\":\"1\"}"));
}
END_TEST

START_TEST(the_order_of_a_list_matters)
{
	ck_assert(!members_same("{\"a\":[1,2]}", "{\"a\":[2,1]}"));
	ck_assert_str_eq(diff("{\"a\":[1,2]}", "{\"a\":[2,1]}"), "a: [1,2] -> [2,1]\n");
}
END_TEST

START_TEST(what_is_no_json_is_compared_byte_by_byte)
{
	ck_assert(members_same("{", "{"));
	ck_assert(!members_same("{", "{}"));
	ck_assert(!members_cover("{", "{}", NULL));
}
END_TEST

START_TEST(written_keys_are_sorted)
{
	_cleanup_json_ json_t *root = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(json_read(pool, strlen(pool), "pool", &root, &err), err);
	ck_ok(members_write(root, &text, &err), err);
	ck_assert_str_eq(text.data, "{\"kind\":\"IPPool\",\"spec\":{\"blockSize\":26,"
	                            "\"cidr\":\"10.0.0.0/16\",\"natOutgoing\":true}}");
}
END_TEST

START_TEST(a_part_is_covered_by_what_has_more)
{
	ck_assert(members_cover(pool, "{\"spec\":{\"blockSize\":26}}", NULL));
	ck_assert(!members_cover(pool, "{\"spec\":{\"blockSize\":27}}", NULL));
	ck_assert(!members_cover(pool, "{\"spec\":{\"disabled\":false}}", NULL));
	ck_assert(members_cover(pool, "{}", NULL));
}
END_TEST

START_TEST(each_value_that_differs_is_told_by_its_path)
{
	ck_assert_str_eq(diff(pool, "{\"kind\":\"IPPool\",\"spec\":{\"cidr\":\"10.0.0.0/16\","
	                            "\"blockSize\":24,\"ipipMode\":\"Never\"}}"),
	                 "spec.blockSize: 26 -> 24\n"
	                 "spec.ipipMode: - -> Never\n"
	                 "spec.natOutgoing: true -> -\n");
}
END_TEST

START_TEST(an_object_that_is_new_is_told_value_by_value)
{
	ck_assert_str_eq(diff("{}", "{\"a\":{\"c\":1,\"b\":{}}}"),
	                 "a.b: - -> {}\na.c: - -> 1\n");
}
END_TEST

START_TEST(a_value_in_the_place_of_an_object_is_told_at_once)
{
	ck_assert_str_eq(diff("{\"a\":{\"b\":1}}", "{\"a\":null}"), "a: {\"b\":1} -> null\n");
}
END_TEST

START_TEST(a_cut_leaves_what_the_mask_speaks_about)
{
	_cleanup_json_ json_t *root = NULL, *mask = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char whole[] = "{\"status\":{\"x\":1},\"metadata\":{\"uid\":\"u\",\"labels\":"
	                     "{\"b\":\"2\"}},\"spec\":{\"l\":[1],\"a\":2}}";
	const char part[] = "{\"metadata\":{\"labels\":{\"a\":\"\"}},\"spec\":{\"l\":[]}}";
	hbr_error *err = NULL;

	ck_ok(json_read(whole, strlen(whole), "whole", &root, &err), err);
	ck_ok(json_read(part, strlen(part), "part", &mask, &err), err);
	members_cut(root, mask);
	ck_ok(members_write(root, &text, &err), err);
	ck_assert_str_eq(text.data, "{\"spec\":{\"l\":[1]}}");
}
END_TEST

START_TEST(a_path_leads_to_its_value)
{
	_cleanup_json_ json_t *root = NULL;
	hbr_error *err = NULL;

	ck_ok(json_read(pool, strlen(pool), "pool", &root, &err), err);
	ck_assert_int_eq(json_integer_value(members_at(root, "spec.blockSize")), 26);
	ck_assert_ptr_null(members_at(root, "spec.blockSize.x"));
	ck_assert_ptr_null(members_at(root, "status.x"));
}
END_TEST

static const char *patch(const char *from, const char *to)
{
	_cleanup_json_ json_t *a = NULL, *b = NULL, *change = NULL;
	hbr_error *err = NULL;

	ck_ok(members_read(from, &a, &err), err);
	ck_ok(members_read(to, &b, &err), err);
	ck_ok(members_patch(a, b, &change, &err), err);
	lines.len = 0;
	ck_ok(members_write(change, &lines, &err), err);
	return lines.data;
}

START_TEST(a_merge_patch_says_only_what_differs)
{
	ck_assert_str_eq(patch("{\"a\":{\"b\":1,\"c\":[1]}}", "{\"a\":{\"b\":2,\"c\":[1]}}"),
	                 "{\"a\":{\"b\":2}}");
	ck_assert_str_eq(patch("{\"a\":1}", "{\"a\":1}"), "{}");
	ck_assert_str_eq(patch("{}", "{\"a\":{\"b\":1}}"), "{\"a\":{\"b\":1}}");
	ck_assert_str_eq(patch("{\"a\":1}", "{\"a\":{\"b\":1}}"), "{\"a\":{\"b\":1}}");
	ck_assert_str_eq(patch("{\"a\":{\"b\":1}}", "{\"a\":[2]}"), "{\"a\":[2]}");
}
END_TEST

START_TEST(a_merge_patch_takes_members_away_and_never_what_is_around_them)
{
	ck_assert_str_eq(patch("{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"e\":3}", "{\"e\":3}"),
	                 "{\"a\":{\"b\":null,\"c\":{\"d\":null}}}");
}
END_TEST

HBR_SUITE(text_members)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, order_and_white_space_do_not_matter);
	tcase_add_test(tcase, the_order_of_a_list_matters);
	tcase_add_test(tcase, what_is_no_json_is_compared_byte_by_byte);
	tcase_add_test(tcase, written_keys_are_sorted);
	tcase_add_test(tcase, a_part_is_covered_by_what_has_more);
	tcase_add_test(tcase, each_value_that_differs_is_told_by_its_path);
	tcase_add_test(tcase, an_object_that_is_new_is_told_value_by_value);
	tcase_add_test(tcase, a_value_in_the_place_of_an_object_is_told_at_once);
	tcase_add_test(tcase, a_cut_leaves_what_the_mask_speaks_about);
	tcase_add_test(tcase, a_path_leads_to_its_value);
	tcase_add_test(tcase, a_merge_patch_says_only_what_differs);
	tcase_add_test(tcase, a_merge_patch_takes_members_away_and_never_what_is_around_them);
}
