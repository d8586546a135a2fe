/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about characters: what is well formed, what is cut out of a long line. */
#include "base/utf8.h"

#include "base/excerpt.h"
#include "lib/test.h"

#include <string.h>

static const struct {
	const char *text;
	size_t length;
} sequences[] = {
	{ "a", 1 },
	{ "\x7f", 1 },
	{ "\x80", 0 },
	{ "\xbf", 0 },
	{ "\xc0\x80", 0 }, /* overlong */
	{ "\xc1\xbf", 0 },
	{ "\xc2\x80", 2 },
	{ "\xdf\xbf", 2 },
	{ "\xc2", 0 },
	{ "\xc2x", 0 },
	{ "\xe0\x9f\x80", 0 }, /* overlong */
	{ "\xe0\xa0\x80", 3 },
	{ "\xed\x9f\xbf", 3 },
	{ "\xed\xa0\x80", 0 }, /* surrogate */
	{ "\xee\x80\x80", 3 },
	{ "\xe2\x82", 0 },
	{ "\xe2\x82x", 0 },
	{ "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
	{ "\xf0\x90\x80\x80", 4 },
	{ "\xf4\x8f\xbf\xbf", 4 },
	{ "\xf4\x90\x80\x80", 0 }, /* above U+10FFFF */
	{ "\xf5\x80\x80\x80", 0 },
	{ "\xff", 0 },
};

START_TEST(only_well_formed_sequences_count)
{
	const char *text = sequences[_i].text;

	ck_assert_uint_eq(utf8_sequence(text, strlen(text)), sequences[_i].length);
}
END_TEST

START_TEST(bad_bytes_count_as_characters_one_by_one)
{
	static const char text[] = "\xc3\xa4\xff\xff\xe2\x82";

	ck_assert_uint_eq(utf8_count(text, strlen(text)), 5);
	ck_assert_uint_eq(utf8_bad(text, strlen(text)), 2);
	ck_assert_uint_eq(utf8_bad("abc", 3), 3);
}
END_TEST

START_TEST(clean_leaves_one_printable_line)
{
	char text[] = "a\nb\tc\x1b[1m\xff\xc3\xa4 \n ";

	utf8_clean(text);
	ck_assert_str_eq(text, "a b c?[1m?\xc3\xa4");
}
END_TEST

START_TEST(short_excerpt_is_the_line)
{
	_cleanup_free_ char *excerpt = excerpt_clip("mtu: 9000\r\nmore", 3);

	ck_assert_str_eq(excerpt, "mtu: 9000");
}
END_TEST

/* A line of 5000 different places: every character tells where it was. */
static void fill(char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line[i] = (char)('a' + i % 26);
	line[n] = '\0';
}

START_TEST(long_excerpt_keeps_its_head_when_the_column_is_there)
{
	char line[5001];

	fill(line, 5000);

	_cleanup_free_ char *excerpt = excerpt_clip(line, 100);

	ck_assert_uint_eq(strlen(excerpt), EXCERPT_MAX);
	ck_assert_int_eq(strncmp(excerpt, line, EXCERPT_MAX - 3), 0);
	ck_assert_str_eq(excerpt + EXCERPT_MAX - 3, "...");
}
END_TEST

START_TEST(long_excerpt_surrounds_a_far_column)
{
	char line[5001];

	fill(line, 5000);
	for (uint32_t column = EXCERPT_MAX - 2; column < 5200; column++) {
		_cleanup_free_ char *excerpt = excerpt_clip(line, column);

		ck_assert_uint_le(strlen(excerpt), EXCERPT_MAX);
		ck_assert_int_eq(strncmp(excerpt, "...", 3), 0);
		/* Nobody may draw a caret under it. */
		ck_assert_uint_lt(strlen(excerpt) - 3, column);
	}
}
END_TEST

START_TEST(excerpt_is_cut_between_characters)
{
	char line[2 * 5000 + 1];

	for (size_t i = 0; i < 5000; i++)
		memcpy(line + 2 * i, "\xc3\xa4", 2);
	line[10000] = '\0';
	for (uint32_t column = 0; column < 5000; column += 97) {
		_cleanup_free_ char *excerpt = excerpt_clip(line, column);
		size_t n = strlen(excerpt);

		ck_assert_uint_eq(utf8_bad(excerpt, n), n);
		ck_assert_ptr_null(strchr(excerpt, '?'));
	}
}
END_TEST

START_TEST(caret_stands_under_its_column)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	excerpt_write(&out, "  ", "\xc3\xa4: 1", 4);
	ck_assert_str_eq(out.data, "  \xc3\xa4: 1\n     ^\n");
	buf_reset(&out);
	excerpt_write(&out, "", "abc", 4);
	ck_assert_str_eq(out.data, "abc\n   ^\n");
}
END_TEST

START_TEST(caret_is_left_out_beyond_the_excerpt)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	excerpt_write(&out, "", "abc", 5);
	excerpt_write(&out, "", "abc", 0);
	ck_assert_str_eq(out.data, "abc\nabc\n");
}
END_TEST

HBR_SUITE(utf8)
{
	tcase_add_loop_test(tcase, only_well_formed_sequences_count, 0, hbr_count(sequences));
	tcase_add_test(tcase, bad_bytes_count_as_characters_one_by_one);
	tcase_add_test(tcase, clean_leaves_one_printable_line);
	tcase_add_test(tcase, short_excerpt_is_the_line);
	tcase_add_test(tcase, long_excerpt_keeps_its_head_when_the_column_is_there);
	tcase_add_test(tcase, long_excerpt_surrounds_a_far_column);
	tcase_add_test(tcase, excerpt_is_cut_between_characters);
	tcase_add_test(tcase, caret_stands_under_its_column);
	tcase_add_test(tcase, caret_is_left_out_beyond_the_excerpt);
}
