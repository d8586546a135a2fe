/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the scalar writer: what it writes reads back as the same text, everywhere. */
#include "base/buf.h"
#include "lib/test.h"
#include "text/yaml.h"

#include <string.h>

static const char *const plain[] = {
	"node1",
	"control-plane",
	"10.1.1.1/30",
	"10.1.1.1",
	"fd00:1:2:3:4:5:6:7",
	"/etc/hbr",
	"a b c",
	"quay.io/frr:8.4",
	"a#b",
	"hbr.dev/v1alpha1",
	"target:64500:x",
	"x=y",
	"it's",
	"1st",
	"v1.28.15",
	"2001:db8:a:b:c:d:e:f/64",
};

static const char *const quoted[] = {
	"",
	"y",
	"N",
	"yes",
	"No",
	"ON",
	"off",
	"true",
	"False",
	"null",
	"NULL",
	"~",
	"1",
	"0",
	"-1",
	"+1",
	"1500",
	"0x1F",
	"0o17",
	"010",
	"1_000",
	"1.5",
	".5",
	"1e3",
	"1E+3",
	".inf",
	"-.INF",
	".nan",
	"1:2",
	"12:30:45",
	"190:20",
	"1.28.15",
	"2001-12-14",
	"2001-12-14t21:59:43.10-05:00",
	"::1",
	"2001:db8::1",
	"2001:db8::",
	"a: b",
	"a:?b",
	"a:",
	"a #b",
	"# a",
	"- a",
	"-",
	"--",
	"---",
	"...",
	"? a",
	": a",
	"[a]",
	"a]",
	"{a",
	"a}",
	"a, b",
	"&a",
	"*a",
	"!a",
	"|",
	">",
	"'a'",
	"\"a\"",
	"a\"b",
	"%a",
	"@a",
	"`a",
	" a",
	"a ",
	"a  b",
	"a\nb",
	"a\tb",
	"\\",
	"<<",
	"=",
	"\xc3\xa4",
	"\xe2\x80\xa8",
	"\xc2\x85",
	"\xef\xbb\xbf",
	"\x01",
	"\x7f",
	"02:00:00:00:00:01",
};

static const char *written(struct buf *out, const char *text)
{
	buf_reset(out);
	yaml_put_scalar(out, text);
	ck_assert_int_eq(out->rc, 0);
	return out->data;
}

START_TEST(plain_text_is_not_quoted)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_str_eq(written(&out, plain[_i]), plain[_i]);
}
END_TEST

START_TEST(what_could_be_something_else_is_quoted)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_int_eq(written(&out, quoted[_i])[0], '"');
}
END_TEST

static void check_round_trip(const char *text)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct yaml_doc *doc = NULL;

	buf_puts(&out, "{a: ");
	yaml_put_scalar(&out, text);
	buf_puts(&out, ", b: [");
	yaml_put_scalar(&out, text);
	buf_puts(&out, "]}\n---\nc: ");
	yaml_put_scalar(&out, text);
	buf_puts(&out, "\n? ");
	yaml_put_scalar(&out, text);
	buf_puts(&out, "\n: 1\n");
	ck_assert_msg(yaml_parse(out.data, out.len, "t", NULL, &arena, &doc, &err) == 0,
	              "%s: %s", out.data, hbr_error_message(err));
	ck_assert_str_eq(yaml_get(doc->roots[0], "a")->text, text);
	ck_assert_str_eq(yaml_get(doc->roots[0], "b")->first->text, text);
	ck_assert_str_eq(yaml_get(doc->roots[1], "c")->text, text);
	ck_assert_str_eq(yaml_get(doc->roots[1], "c")->next->key, text);
}

START_TEST(every_text_reads_back)
{
	for (size_t i = 0; i < hbr_count(plain); i++)
		check_round_trip(plain[i]);
	for (size_t i = 0; i < hbr_count(quoted); i++)
		check_round_trip(quoted[i]);
}
END_TEST

START_TEST(every_pair_of_ascii_characters_reads_back)
{
	for (int first = 1; first < 128; first++) {
		for (int second = 1; second < 128; second += first % 7 + 1) {
			const char text[] = { (char)first, (char)second, 'x', '\0' };
			const char end[] = { 'x', (char)first, (char)second, '\0' };

			check_round_trip(text);
			check_round_trip(end);
		}
	}
}
END_TEST

START_TEST(bad_utf8_is_replaced)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_str_eq(written(&out, "a\xff"), "\"a\xef\xbf\xbd\"");
}
END_TEST

HBR_SUITE(scalar)
{
	tcase_add_loop_test(tcase, plain_text_is_not_quoted, 0, hbr_count(plain));
	tcase_add_loop_test(tcase, what_could_be_something_else_is_quoted, 0,
	                    hbr_count(quoted));
	tcase_add_test(tcase, every_text_reads_back);
	tcase_add_test(tcase, every_pair_of_ascii_characters_reads_back);
	tcase_add_test(tcase, bad_utf8_is_replaced);
}
