/* SPDX-License-Identifier: Apache-2.0 */
/* Junos' text form, as trees. */
#include "text/braces.h"

#include <string.h>

#include "lib/test.h"

static const struct {
	const char *text, *written; /* NULL: refused */
} rows[] = {
	{ "", "" },
	{ "a;", "a;\n" },
	{ "a { b c; d { e; } }", "a {\n    b c;\n    d {\n        e;\n    }\n}\n" },
	{ "## Last commit\n/* note\n { */ version 24.4; # more\nx;", "version 24.4;\nx;\n" },
	{ "export [ A B\n C ];", "export A;\nexport B;\nexport C;\n" },
	{ "description \"two words; and { braces }\";",
	  "description \"two words; and { braces }\";\n" },
	{ "description \"a \\\" b\";", "description \"a \\\" b\";\n" },
	{ "description \"node2\"; key \"\";", "description node2;\nkey \"\";\n" },
	{ "path \"a\\.b\\\\\"; x \"/*\";", "path \"a\\\\.b\\\\\";\nx \"/*\";\n" },
	{ "export [ ];", "" },
	{ "a {", NULL },
	{ "a", NULL },
	{ "a { b }", NULL },
	{ "}", NULL },
	{ ";", NULL },
	{ "{ a; }", NULL },
	{ "a [ b; ];", NULL },
	{ "a ];", NULL },
	{ "[ a ];", NULL },
	{ "a [ b ] c;", NULL },
	{ "a \"b;", NULL },
	{ "a { /* b", NULL },
};

START_TEST(text_in_braces_is_read_or_refused)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct arena arena = { 0 };
	struct stanza *tree = NULL;
	int rc = braces_parse(rows[_i].text, &arena, &tree, &err);

	if (!rows[_i].written) {
		ck_assert_int_eq(rc, HBR_ESYNTAX);
		ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "line 1"));
	} else {
		ck_ok(rc, err);
		braces_write(tree, &out);
		ck_assert_str_eq(out.data ? out.data : "", rows[_i].written);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(nesting_is_bounded)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct arena arena = { 0 };
	struct stanza *tree = NULL;
	char text[2 * BRACES_DEPTH_MAX + 8] = "";

	for (int i = 0; i <= BRACES_DEPTH_MAX; i++)
		strcat(text, "a{");
	ck_assert_int_eq(braces_parse(text, &arena, &tree, &err), HBR_ELIMIT);
	arena_free(&arena);
}
END_TEST

START_TEST(a_change_of_one_statement_is_one_line)
{
	static const char from[] =
	        "groups { hbr { protocols { bgp { group X { neighbor 10.0.0.1 "
	        "{ peer-as 1; } } } } } }\napply-groups hbr;\n";
	/* As Junos writes it: in one line what has one statement below it. */
	static const char same[] =
	        "groups { hbr { protocols { bgp { group X { neighbor 10.0.0.1 "
	        "peer-as 1; } } } } }\napply-groups [ hbr ];\n";
	static const char to[] =
	        "apply-groups hbr;\ngroups {\n hbr {\n protocols bgp {\n group "
	        "X {\n neighbor 10.0.0.1 {\n peer-as 2;\n}\n}\n}\n}\n}\n";
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf out = BUF_INIT;
	size_t changes = 0;

	ck_ok(stanza_diff(from, same, &out, &changes, &err), err);
	ck_assert_uint_eq(changes, 0);
	ck_ok(stanza_diff(from, to, &out, &changes, &err), err);
	ck_assert_uint_eq(changes, 2);
	ck_assert_str_eq(out.data,
	                 "-groups hbr protocols bgp group X neighbor 10.0.0.1 peer-as 1\n"
	                 "+groups hbr protocols bgp group X neighbor 10.0.0.1 peer-as 2\n");
}
END_TEST

START_TEST(indented_text_is_not_taken_for_braces)
{
	ck_assert(!braces_is(
	        "frr version 8.4.4\nrouter bgp 1\n neighbor 10.0.0.1 description {\n"));
	ck_assert(!braces_is("! note;\nrouter bgp 1\n"));
	ck_assert(!braces_is(""));
	ck_assert(braces_is("## Last changed\ngroups {\n}\n"));
}
END_TEST

HBR_SUITE(braces)
{
	tcase_add_loop_test(tcase, text_in_braces_is_read_or_refused, 0, (int)hbr_count(rows));
	tcase_add_test(tcase, nesting_is_bounded);
	tcase_add_test(tcase, a_change_of_one_statement_is_one_line);
	tcase_add_test(tcase, indented_text_is_not_taken_for_braces);
}
