/* SPDX-License-Identifier: Apache-2.0 */
/* XML trees and their limits. */
#include "port/xml.h"

#include <string.h>

#include "lib/test.h"

static struct arena arena;

static void setup(void)
{
	arena = (struct arena)ARENA_INIT;
}

static void teardown(void)
{
	arena_free(&arena);
}

static int read_xml(const char *text, struct xml_node **out, hbr_error **err)
{
	return xml_parse(text, strlen(text), &arena, out, err);
}

START_TEST(names_lose_their_prefixes_and_texts_their_blanks)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct xml_node *root = NULL;

	ck_ok(read_xml("<nc:a xmlns:nc='x' id='7'> one <b/>two <c> &lt;3 </c></nc:a>", &root,
	               &err),
	      err);
	ck_assert_str_eq(root->name, "a");
	ck_assert_str_eq(root->text, "one two");
	ck_assert_str_eq(xml_attr(root, "id"), "7");
	ck_assert_str_eq(xml_text(root, "c"), "<3");
	ck_assert_str_eq(xml_text(root, "b"), "");
	ck_assert_str_eq(xml_text(root, "c/d"), "");
	ck_assert_ptr_null(xml_find(root, "d"));
	ck_assert_ptr_null(xml_child(NULL, "a"));
}
END_TEST

static const struct {
	const char *text;
	int code;
	const char *words;
} refused[] = {
	{ "", HBR_ESYNTAX, "no element" },
	{ "<a>", HBR_ESYNTAX, "line 1" },
	{ "<a></b>", HBR_ESYNTAX, "mismatched" },
	{ "<a/><b/>", HBR_ESYNTAX, "junk" },
	{ "<a>\xff</a>", HBR_ESYNTAX, "invalid token" },
	{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", HBR_ESYNTAX, "document type" },
	{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", HBR_ESYNTAX, "document type" },
	{ "<a>&b;</a>", HBR_ESYNTAX, "undefined entity" },
};

START_TEST(what_is_not_plain_xml_is_refused)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct xml_node *root = NULL;

	ck_assert_int_eq(read_xml(refused[_i].text, &root, &err), refused[_i].code);
	ck_assert_msg(strstr(hbr_error_message(err), refused[_i].words) != NULL, "%s",
	              hbr_error_message(err));
}
END_TEST

START_TEST(depth_is_bounded)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct xml_node *root = NULL;

	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buf_puts(&text, "<a>");
	ck_assert_int_eq(read_xml(text.data, &root, &err), HBR_ELIMIT);
}
END_TEST

START_TEST(escaped_text_comes_back)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct xml_node *root = NULL;

	buf_puts(&text, "<a>");
	xml_escape(&text, "x < \"y\" & z > \x01");
	buf_puts(&text, "</a>");
	ck_ok(read_xml(text.data, &root, &err), err);
	ck_assert_str_eq(root->text, "x < \"y\" & z > ?");
}
END_TEST

HBR_SUITE(xml)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, names_lose_their_prefixes_and_texts_their_blanks);
	tcase_add_loop_test(tcase, what_is_not_plain_xml_is_refused, 0,
	                    (int)hbr_count(refused));
	tcase_add_test(tcase, depth_is_bounded);
	tcase_add_test(tcase, escaped_text_comes_back);
}
