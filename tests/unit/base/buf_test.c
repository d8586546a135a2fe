/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the text buffer, of hbr_text and of the one string writer for JSON. */
#include "base/buf.h"

#include "base/error.h"
#include "lib/oom.h"
#include "lib/test.h"

#include <string.h>

START_TEST(writers_append_and_end_with_nul)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;

	buf_puts(&buf, "mtu ");
	buf_putu(&buf, 1500);
	buf_putc(&buf, ' ');
	buf_putu(&buf, 0);
	buf_putc(&buf, ' ');
	buf_putu(&buf, UINT64_MAX);
	buf_printf(&buf, " %s-%02x", "a", 7);
	buf_puts(&buf, NULL);
	ck_assert_int_eq(buf.rc, 0);
	ck_assert_str_eq(buf.data, "mtu 1500 0 18446744073709551615 a-07");
	ck_assert_uint_eq(buf.len, strlen(buf.data));
}
END_TEST

START_TEST(a_full_buffer_keeps_its_error_and_text)
{
	_cleanup_buf_ struct buf buf = { .max = 5 };

	buf_puts(&buf, "12345");
	ck_assert_int_eq(buf.rc, 0);
	buf_putc(&buf, '6');
	buf_puts(&buf, "");
	buf_printf(&buf, "%d", 7);
	ck_assert_int_eq(buf.rc, HBR_ELIMIT);
	ck_assert_str_eq(buf.data, "12345");
	ck_assert_ptr_null(buf_steal(&buf));
}
END_TEST

START_TEST(text_of_a_full_buffer_says_limit)
{
	_cleanup_buf_ struct buf buf = { .max = 5 };
	_cleanup_error_ hbr_error *err = NULL;
	hbr_text *text = NULL;

	buf_puts(&buf, "123456");
	ck_assert_int_eq(buf_text(&buf, &text, &err), HBR_ELIMIT);
	ck_assert_ptr_null(text);
	ck_assert_str_eq(hbr_error_message(err), "the text is longer than 5 bytes");
}
END_TEST

START_TEST(out_of_memory_is_sticky)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_text *text = NULL;

	oom_at(1);
	buf_puts(&buf, "x");
	if (!oom_off())
		return;
	buf_puts(&buf, "y");
	ck_assert_int_eq(buf.rc, HBR_ENOMEM);
	ck_assert_int_eq(buf_text(&buf, &text, &err), HBR_ENOMEM);
	ck_assert_int_eq(hbr_error_code(err), HBR_ENOMEM);
}
END_TEST

START_TEST(stealing_from_an_empty_buffer_gives_an_empty_text)
{
	struct buf buf = BUF_INIT;
	_cleanup_free_ char *text = buf_steal(&buf);

	ck_assert_str_eq(text, "");
	ck_assert_ptr_null(buf.data);
}
END_TEST

START_TEST(pad_counts_characters_of_the_current_line)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;

	buf_puts(&buf, "first line\n\xc3\xa4\xc3\xb6");
	buf_pad(&buf, 4);
	buf_puts(&buf, "|");
	buf_pad(&buf, 2);
	ck_assert_str_eq(buf.data, "first line\n\xc3\xa4\xc3\xb6  |");
}
END_TEST

START_TEST(pad_beyond_the_limit_ends)
{
	_cleanup_buf_ struct buf buf = { .max = 10 };

	buf_pad(&buf, SIZE_MAX);
	ck_assert_int_eq(buf.rc, HBR_ELIMIT);
}
END_TEST

START_TEST(reset_keeps_memory)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;

	buf_puts(&buf, "x");

	const char *before = buf.data;

	buf_reset(&buf);
	buf_puts(&buf, "y");
	ck_assert_ptr_eq(buf.data, before);
	ck_assert_str_eq(buf.data, "y");
}
END_TEST

START_TEST(text_keeps_its_bytes_and_empties_the_buffer)
{
	struct buf buf = BUF_INIT;
	hbr_text *text = NULL;

	buf_put(&buf, "a\0b", 3);
	ck_assert_int_eq(buf_text(&buf, &text, NULL), 0);
	ck_assert_uint_eq(hbr_text_size(text), 3);
	ck_assert_mem_eq(hbr_text_data(text), "a\0b", 4);
	ck_assert_ptr_null(buf.data);
	hbr_text_free(text);
	hbr_text_free(NULL);
	ck_assert_str_eq(hbr_text_data(NULL), "");
	ck_assert_uint_eq(hbr_text_size(NULL), 0);
}
END_TEST

static const struct {
	const char *text, *json;
} strings[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"" },
	{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
	{ "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
	{ "\xff|\xc3|\xc3", "\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\"" },
	{ "\xc2\x85|\xe2\x80\xa8|\xef\xbb\xbf", "\"\\u0085|\\u2028|\\ufeff\"" },
};

START_TEST(json_string_escapes)
{
	_cleanup_buf_ struct buf buf = BUF_INIT;

	buf_json_string(&buf, strings[_i].text);
	ck_assert_str_eq(buf.data, strings[_i].json);
}
END_TEST

HBR_SUITE(buf)
{
	tcase_add_test(tcase, writers_append_and_end_with_nul);
	tcase_add_test(tcase, a_full_buffer_keeps_its_error_and_text);
	tcase_add_test(tcase, text_of_a_full_buffer_says_limit);
	tcase_add_test(tcase, out_of_memory_is_sticky);
	tcase_add_test(tcase, stealing_from_an_empty_buffer_gives_an_empty_text);
	tcase_add_test(tcase, pad_counts_characters_of_the_current_line);
	tcase_add_test(tcase, pad_beyond_the_limit_ends);
	tcase_add_test(tcase, reset_keeps_memory);
	tcase_add_test(tcase, text_keeps_its_bytes_and_empties_the_buffer);
	tcase_add_loop_test(tcase, json_string_escapes, 0, hbr_count(strings));
}
