/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the JSON writer and reader. */
#include "text/json.h"

#include "lib/oom.h"
#include "lib/test.h"

#include <string.h>

START_TEST(writer_indents_and_separates)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct json_out json;

	json_begin(&json, &out);
	json_open_object(&json, NULL);
	json_str(&json, "name", "a\"b");
	json_str(&json, "absent", NULL);
	json_num(&json, "mtu", -9000);
	json_bool(&json, "up", true);
	json_put_null(&json, "none");
	json_open_list(&json, "addrs");
	json_str(&json, NULL, "::1");
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_open_list(&json, NULL);
	json_close_list(&json);
	json_close_list(&json);
	json_close_object(&json);
	ck_assert_str_eq(out.data, "{\n"
	                           "  \"name\": \"a\\\"b\",\n"
	                           "  \"mtu\": -9000,\n"
	                           "  \"up\": true,\n"
	                           "  \"none\": null,\n"
	                           "  \"addrs\": [\n"
	                           "    \"::1\",\n"
	                           "    {},\n"
	                           "    []\n"
	                           "  ]\n"
	                           "}\n");
}
END_TEST

START_TEST(writer_stops_at_its_depth)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct json_out json;

	json_begin(&json, &out);
	for (int i = 0; i < 32; i++)
		json_open_list(&json, NULL);
	ck_assert_int_eq(out.rc, 0);
	json_open_list(&json, NULL);
	ck_assert_int_eq(out.rc, HBR_ELIMIT);
	for (int i = 0; i < 40; i++)
		json_close_list(&json);
}
END_TEST

START_TEST(reader_gives_jansson_values)
{
	static const char text[] = "{\"a\": [1, true, null, \"x\"]}";
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_json_ json_t *root = NULL;

	ck_ok(json_read(text, strlen(text), "reply", &root, &err), err);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "a")), 4);
}
END_TEST

static const struct {
	const char *text;
	uint32_t line;
} bad[] = {
	{ "", 1 },         { "{", 1 },          { "{\"a\": 1,\n \"a\": 2}", 2 },
	{ "[1, 2] x", 1 }, { "[\"\xff\"]", 1 }, { "[01]", 1 },
	{ "[1,]", 1 },     { "\"x\"", 1 },      { "[\"\\u0000\"]", 1 },
	{ "[1e999]", 1 },
};

START_TEST(bad_json_is_refused_with_its_place)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_json_ json_t *root = NULL;
	int rc = json_read(bad[_i].text, strlen(bad[_i].text), "reply", &root, &err);

	ck_assert_int_eq(rc, HBR_ESYNTAX);
	ck_assert_ptr_null(root);
	ck_assert_str_eq(hbr_error_file(err), "reply");
	ck_assert_uint_eq(hbr_error_line(err), bad[_i].line);
	ck_assert_uint_ge(hbr_error_column(err), 1);
	ck_assert_int_eq(strncmp(hbr_error_message(err), "not JSON: ", 10), 0);
}
END_TEST

START_TEST(depth_is_limited_outside_strings)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;

	for (int i = 0; i < 128; i++)
		buf_putc(&text, '[');
	buf_puts(&text, "\"[[[\\\"[[[\"");
	for (int i = 0; i < 128; i++)
		buf_putc(&text, ']');
	ck_assert_int_eq(json_read(text.data, text.len, "reply", &root, NULL), 0);
	buf_reset(&text);
	for (int i = 0; i < 100000; i++)
		buf_putc(&text, '[');
	ck_assert_int_eq(json_read(text.data, text.len, "reply", &root, NULL), HBR_ELIMIT);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
	static const char odd[] = "\x01\x7f\t\"\\\xc2\x85\xf0\x9f\x98\x80/";
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_json_ json_t *root = NULL;
	struct json_out json;

	json_begin(&json, &out);
	json_open_object(&json, NULL);
	json_str(&json, odd, odd);
	json_num(&json, "n", INT64_MIN);
	json_close_object(&json);
	ck_assert_int_eq(json_read(out.data, out.len, "x", &root, NULL), 0);
	ck_assert_str_eq(json_string_value(json_object_get(root, odd)), odd);
	ck_assert(json_integer_value(json_object_get(root, "n")) == INT64_MIN);
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
	static const char text[] = "{\"a\": [1, \"two\", {\"b\": 2.5}], \"c\": \"\\u00e4\"}";

	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_error_ hbr_error *err = NULL;
		_cleanup_json_ json_t *root = NULL;

		oom_at(n);
		int rc = json_read(text, strlen(text), "reply", &root, &err);
		hit = oom_off();
		ck_assert_int_eq(rc == 0, root != NULL);
		ck_assert(hit ? rc < 0 : rc == 0);
	}
}
END_TEST

HBR_SUITE(json)
{
	tcase_add_test(tcase, writer_indents_and_separates);
	tcase_add_test(tcase, writer_stops_at_its_depth);
	tcase_add_test(tcase, reader_gives_jansson_values);
	tcase_add_loop_test(tcase, bad_json_is_refused_with_its_place, 0, hbr_count(bad));
	tcase_add_test(tcase, depth_is_limited_outside_strings);
	tcase_add_test(tcase, what_is_written_reads_back);
	tcase_add_test(tcase, memory_may_end_anywhere);
}
