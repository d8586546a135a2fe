/* SPDX-License-Identifier: Apache-2.0 */
/* What a YAML document may not have: each is refused at its place, with the line and a hint. */
#include "lib/test.h"
#include "text/yaml.h"

#include <string.h>

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
	const char *text;
	size_t size;
	uint32_t line, column;
	const char *message;
	const char *hint; /* part of it, or NULL when there is none */
} rows[] = {
	{ TEXT(""), 1, 1, "there is nothing in this document", "comment" },
	{ TEXT("---\n# x\n...\n"), 1, 1, "there is nothing in this document", "comment" },
	{ TEXT("a: &x 1\n"), 1, 4, "anchors are not allowed", "write the value out" },
	{ TEXT("a: &x\n  b: 1\n"), 1, 4, "anchors are not allowed", "write the value out" },
	{ TEXT("- &x [1]\n"), 1, 3, "anchors are not allowed", "write the value out" },
	{ TEXT("&k a: 1\n"), 1, 1, "anchors are not allowed", "write the value out" },
	{ TEXT("a: *x\n"), 1, 4, "aliases are not allowed", "begins with \"*\"" },
	{ TEXT("*x : 1\n"), 1, 1, "aliases are not allowed", "begins with \"*\"" },
	{ TEXT("a: !!str 1\n"), 1, 4, "tags are not allowed", "begins with \"!\"" },
	{ TEXT("a: !x {b: 1}\n"), 1, 4, "tags are not allowed", "begins with \"!\"" },
	{ TEXT("a: !x [b]\n"), 1, 4, "tags are not allowed", "begins with \"!\"" },
	{ TEXT("a: ! b\n"), 1, 4, "tags are not allowed", "begins with \"!\"" },
	{ TEXT("a: ! [b]\n"), 1, 4, "tags are not allowed", "begins with \"!\"" },
	{ TEXT("%TAG ! tag:x,2000:\n---\na: 1\n"), 1, 1, "%TAG directives are not allowed",
	  "tags" },
	{ TEXT("%YAML 3.0\n---\na: 1\n"), 1, 1, "found incompatible YAML document", NULL },
	{ TEXT("<<: {b: 1}\n"), 1, 1, "merge keys are not allowed", "write the keys out" },
	{ TEXT("[a]: 1\n"), 1, 1, "a key must be a plain word", "quote" },
	{ TEXT("? {a: 1}\n: b\n"), 1, 3, "a key must be a plain word", "quote" },
	{ TEXT("? \n: 1\n"), 1, 2, "a key is missing", "write a name" },
	{ TEXT("a: 1\nb: 2\na: 3\n"), 3, 1, "key \"a\" is there twice",
	  "first one is in line 1" },
	{ TEXT("x: {a: 1, \"a\": 3}\n"), 1, 11, "key \"a\" is there twice", "line 1" },
	{ TEXT("a:\n\tb: 1\n"), 2, 1, "a tab is not allowed as indentation", "spaces" },
	{ TEXT("a:\n  \tb: 1\n"), 2, 3, "a tab is not allowed as indentation", "spaces" },
	{ TEXT("a: [\n\t1]\n"), 2, 1, "a tab is not allowed as indentation", "spaces" },
	{ TEXT("a: {\n  \tb: 1}\n"), 2, 3, "a tab is not allowed as indentation", "spaces" },
	{ TEXT("-\ta: 1\n"), 1, 2, "a tab is not allowed as indentation", "spaces" },
	{ TEXT("a: 1\nb: \xff\n"), 2, 4, "what is not UTF-8 is not allowed here", "as UTF-8" },
	{ TEXT("\xc3\xa4: \xc3\n"), 1, 4, "what is not UTF-8 is not allowed here", "as UTF-8" },
	{ TEXT("\xff\xfe"
	       "a\0"),
	  1, 1, "what is not UTF-8 is not allowed here", "as UTF-8" },
	{ TEXT("a: x\0y\n"), 1, 5, "a NUL byte is not allowed here", "text file" },
	{ TEXT("a: \"\\0\"\n"), 1, 4, "a NUL inside a text is not allowed", "text file" },
	{ TEXT("a: \x1b[1m\n"), 1, 4, "a control character is not allowed here", "escape" },
	{ TEXT("a: \x7f\n"), 1, 4, "a control character is not allowed here", "escape" },
	{ TEXT("a: \xc2\x80\n"), 1, 4, "a control character is not allowed here", "escape" },
	{ TEXT("a: 1\rb: 2\n"), 1, 5, "a carriage return inside a line is not allowed here",
	  "LF" },
	{ TEXT("a: \xc2\x85\n"), 1, 4, "the line end U+0085 is not allowed here", "LF" },
	{ TEXT("a: \xe2\x80\xa8\n"), 1, 4,
	  "a line or paragraph separator (U+2028, U+2029) is not allowed here", "LF" },
	{ TEXT("a: \xef\xbb\xbf\n"), 1, 4,
	  "a byte order mark inside the text is not allowed here", "take it out" },
	{ TEXT("a: \xef\xbf\xbe\n"), 1, 4,
	  "a character that is none (U+FFFE, U+FFFF) is not allowed here", "as UTF-8" },
	{ TEXT("a: b: c\n"), 1, 5, "mapping values are not allowed in this context",
	  "quote a value" },
	{ TEXT("a: @b\n"), 1, 4, "found character that cannot start any token",
	  "quote a text" },
	{ TEXT("a: `b`\n"), 1, 4, "found character that cannot start any token",
	  "quote a text" },
	{ TEXT("a: \"b\n"), 1, 6, "found unexpected end of stream", "not closed" },
	{ TEXT("a: \"b\n  c\n\n"), 2, 4,
	  "found unexpected end of stream while scanning a quoted scalar that begins in line 1",
	  "not closed" },
	{ TEXT("a: [1, 2\n"), 1, 9, "did not find expected ',' or ']'", "\"[\" is not closed" },
	{ TEXT("a: [1, 2"), 1, 9, "did not find expected ',' or ']'", "\"[\" is not closed" },
	{ TEXT("a: {b: 1\n"), 1, 9, "did not find expected ',' or '}'", "\"{\" is not closed" },
	{ TEXT("a: \"\\d\"\n"), 1, 5, "found unknown escape character", "backslash" },
	{ TEXT("a: 1\nb\n"), 2, 2, "could not find expected ':'", "write \": \"" },
	{ TEXT("- a\nb: 1\n"), 2, 1,
	  "did not find expected '-' indicator while parsing a block collection that begins in "
	  "line 1",
	  "line the items" },
	{ TEXT("a: - b\n"), 1, 4, "block sequence entries are not allowed in this context",
	  "line of its own" },
	{ TEXT("a: 'b' c\n"), 1, 8, "did not find expected key", "line keys up" },
};

START_TEST(refused_with_place_line_and_hint)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	struct yaml_doc *doc = NULL;

	ck_assert_int_eq(
	        yaml_parse(rows[_i].text, rows[_i].size, "t.yaml", NULL, &arena, &doc, &err),
	        HBR_ESYNTAX);
	ck_assert_ptr_null(doc);
	ck_assert_str_eq(hbr_error_message(err), rows[_i].message);
	ck_assert_uint_eq(hbr_error_line(err), rows[_i].line);
	ck_assert_uint_eq(hbr_error_column(err), rows[_i].column);
	ck_assert_str_eq(hbr_error_file(err), "t.yaml");
	ck_assert_ptr_nonnull(hbr_error_excerpt(err));
	if (rows[_i].hint)
		ck_assert_msg(hbr_error_hint(err) && strstr(hbr_error_hint(err), rows[_i].hint),
		              "%s: hint: %s", rows[_i].text, hbr_error_hint(err));
}
END_TEST

START_TEST(the_code_is_the_same_without_an_error_object)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	struct yaml_doc *doc = NULL;

	ck_assert_int_eq(
	        yaml_parse(rows[_i].text, rows[_i].size, "t.yaml", NULL, &arena, &doc, NULL),
	        HBR_ESYNTAX);
}
END_TEST

START_TEST(the_excerpt_is_the_offending_line)
{
	__attribute__((cleanup(arena_free))) struct arena arena = ARENA_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	struct yaml_doc *doc = NULL;
	static const char text[] = "a: 1\nb: x\0y # NUL\nc: 2\n";

	yaml_parse(TEXT(text), "t.yaml", NULL, &arena, &doc, &err);
	ck_assert_str_eq(hbr_error_excerpt(err), "b: x?y # NUL");
}
END_TEST

HBR_SUITE(yaml_bad)
{
	tcase_add_loop_test(tcase, refused_with_place_line_and_hint, 0, hbr_count(rows));
	tcase_add_loop_test(tcase, the_code_is_the_same_without_an_error_object, 0,
	                    hbr_count(rows));
	tcase_add_test(tcase, the_excerpt_is_the_offending_line);
}
