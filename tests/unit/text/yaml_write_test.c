/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about YAML that is written for people: it says what the JSON said. */
#include "text/yaml_write.h"

#include "lib/test.h"

#include <string.h>

static void says(const char *json, const char *yaml)
{
	_cleanup_json_ json_t *root = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_error *err = NULL;

	ck_ok(json_read(json, strlen(json), "test", &root, &err), err);
	yaml_write(root, &text);
	ck_assert_int_eq(text.rc, 0);
	ck_assert_str_eq(text.data, yaml);
}

START_TEST(members_are_indented_blocks)
{
	says("{\"a\":{\"b\":1,\"c\":{\"d\":true}},\"e\":null}",
	     "a:\n  b: 1\n  c:\n    d: true\ne: null\n");
}
END_TEST

START_TEST(lists_stand_under_their_key)
{
	says("{\"a\":[1,\"b\",{\"c\":1,\"d\":2},[3]]}",
	     "a:\n- 1\n- b\n- c: 1\n  d: 2\n- - 3\n");
}
END_TEST

START_TEST(what_could_be_something_else_is_quoted)
{
	says("{\"node\":\"n\"}", "node: \"n\"\n");
	says("{\"a\":\"Yes\",\"b\":\"10\",\"c\":\"2001:db8::1\",\"d\":\"\"}",
	     "a: \"Yes\"\nb: \"10\"\nc: \"2001:db8::1\"\nd: \"\"\n");
	says("{\"a\":\"all()\",\"b\":\"x: y\",\"c\":\"a\\nb\"}",
	     "a: \"all()\"\nb: \"x: y\"\nc: \"a\\nb\"\n");
	says("{\"y\":1}", "\"y\": 1\n");
}
END_TEST

START_TEST(plain_words_are_not)
{
	says("{\"app.kubernetes.io/managed-by\":\"libhbr\"}",
	     "app.kubernetes.io/managed-by: libhbr\n");
}
END_TEST

START_TEST(what_is_empty_stays_on_its_line)
{
	says("{\"a\":{},\"b\":[]}", "a: {}\nb: []\n");
	says("{}", "{}\n");
}
END_TEST

HBR_SUITE(text_yaml_write)
{
	tcase_add_test(tcase, members_are_indented_blocks);
	tcase_add_test(tcase, lists_stand_under_their_key);
	tcase_add_test(tcase, what_could_be_something_else_is_quoted);
	tcase_add_test(tcase, plain_words_are_not);
	tcase_add_test(tcase, what_is_empty_stays_on_its_line);
}
