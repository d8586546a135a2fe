/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the YAML tree: what is read, from where, within which limits. */
#include "text/yaml.h"

#include "base/buf.h"
#include "lib/oom.h"
#include "lib/test.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;

static void teardown(void)
{
	arena_free(&arena);
}

static struct yaml_doc *parse(const char *text)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct yaml_doc *doc = NULL;

	ck_ok(yaml_parse(text, strlen(text), "t.yaml", NULL, &arena, &doc, &err), err);
	return doc;
}

static int parse_limited(const char *text, const struct yaml_limits *limits, hbr_error **err)
{
	struct yaml_doc *doc = NULL;

	return yaml_parse(text, strlen(text), "t.yaml", limits, &arena, &doc, err);
}

START_TEST(maps_lists_and_scalars_make_a_tree)
{
	struct yaml_node *root = parse("name: node1\nhost: [10.1.1.1/30, \"::1\"]\n")->roots[0];

	ck_assert_int_eq(root->kind, YAML_MAP);
	ck_assert_uint_eq(root->n, 2);
	ck_assert_ptr_null(root->key);

	struct yaml_node *name = yaml_get(root, "name");

	ck_assert_int_eq(name->kind, YAML_SCALAR);
	ck_assert_str_eq(name->text, "node1");
	ck_assert_str_eq(name->key, "name");
	ck_assert(name->plain);

	struct yaml_node *host = yaml_get(root, "host");

	ck_assert_int_eq(host->kind, YAML_LIST);
	ck_assert_uint_eq(host->n, 2);
	ck_assert_ptr_eq(name->next, host);
	ck_assert_ptr_null(host->next);
	ck_assert_str_eq(host->first->text, "10.1.1.1/30");
	ck_assert_ptr_null(host->first->key);
	ck_assert_str_eq(host->first->next->text, "::1");
	ck_assert(!host->first->next->plain);
	ck_assert_ptr_null(yaml_get(root, "mtu"));
	ck_assert_ptr_null(yaml_get(name, "name"));
	ck_assert_ptr_null(yaml_get(NULL, "name"));
}
END_TEST

START_TEST(scalars_stay_text)
{
	static const char *const texts[] = { "no",  "0x10",       "010",
		                             "1e3", "2001-01-01", "12:30:45" };

	for (size_t i = 0; i < hbr_count(texts); i++) {
		struct yaml_node *root = parse(texts[i])->roots[0];

		ck_assert_str_eq(root->text, texts[i]);
		ck_assert(root->plain);
	}
}
END_TEST

START_TEST(every_kind_of_scalar_is_read)
{
	struct yaml_node *root = parse("a: 'it''s'\nb: \"x\\ty\\u00e4\"\nc: |\n  one\n   two\n"
	                               "d: >-\n  one\n  two\ne:\nf: ''\n")
	                                 ->roots[0];

	ck_assert_str_eq(yaml_get(root, "a")->text, "it's");
	ck_assert_str_eq(yaml_get(root, "b")->text, "x\ty\xc3\xa4");
	ck_assert_str_eq(yaml_get(root, "c")->text, "one\n two\n");
	ck_assert_str_eq(yaml_get(root, "d")->text, "one two");
	ck_assert_str_eq(yaml_get(root, "e")->text, "");
	ck_assert(yaml_get(root, "e")->plain);
	ck_assert(!yaml_get(root, "f")->plain);
}
END_TEST

START_TEST(empty_documents_are_left_out)
{
	struct yaml_doc *doc =
	        parse("# nothing\n---\nkind: Site\n---\n# nothing\n---\n- 1\n...\n---\n");

	ck_assert_uint_eq(doc->n, 2);
	ck_assert_int_eq(doc->roots[0]->kind, YAML_MAP);
	ck_assert_int_eq(doc->roots[1]->kind, YAML_LIST);
}
END_TEST

START_TEST(json_is_yaml)
{
	struct yaml_node *root = parse("{\"a\": [1, {\"b\": null}], \"c\": \"d\"}")->roots[0];

	ck_assert_str_eq(yaml_get(root, "c")->text, "d");
	ck_assert_str_eq(yaml_get(yaml_get(root, "a")->first->next, "b")->text, "null");
}
END_TEST

START_TEST(byte_order_mark_and_crlf_are_no_part_of_the_text)
{
	struct yaml_doc *doc = parse("\xef\xbb\xbf"
	                             "a: 1\r\nb: two\r\n");
	struct yaml_node *b = yaml_get(doc->roots[0], "b");
	struct mark mark = yaml_mark(doc, b, true);

	ck_assert_str_eq(b->text, "two");
	ck_assert_uint_eq(mark.line, 2);
	ck_assert_uint_eq(mark.column, 1);
	ck_assert_str_eq(mark.excerpt, "b: two");
	ck_assert_str_eq(yaml_mark(doc, doc->roots[0]->first, true).excerpt, "a: 1");
}
END_TEST

START_TEST(marks_count_characters)
{
	struct yaml_doc *doc =
	        parse("\n# \xc3\xa4\nspec: {\"\xc3\xa4\xf0\x9f\x98\x80\": x, b: y}\n");
	struct yaml_node *x = yaml_get(doc->roots[0], "spec")->first;
	struct mark value = yaml_mark(doc, x, false);
	struct mark key = yaml_mark(doc, x->next, true);

	ck_assert_str_eq(value.file, "t.yaml");
	ck_assert_uint_eq(value.line, 3);
	ck_assert_uint_eq(value.column, 14);
	ck_assert_uint_eq(key.column, 17);
	ck_assert_str_eq(key.excerpt, "spec: {\"\xc3\xa4\xf0\x9f\x98\x80\": x, b: y}");
}
END_TEST

START_TEST(key_mark_of_a_list_item_is_its_own_place)
{
	struct yaml_doc *doc = parse("- a\n- b\n");

	ck_assert_uint_eq(yaml_mark(doc, doc->roots[0]->first->next, true).line, 2);
	ck_assert_uint_eq(yaml_mark(doc, doc->roots[0]->first->next, true).column, 3);
}
END_TEST

START_TEST(the_text_is_not_needed_afterwards)
{
	_cleanup_free_ char *text = strdup("name: node1\n");
	struct yaml_doc *doc = parse(text);

	memset(text, 'x', strlen(text));
	ck_assert_str_eq(doc->roots[0]->first->text, "node1");
	ck_assert_str_eq(yaml_mark(doc, doc->roots[0]->first, false).excerpt, "name: node1");
}
END_TEST

START_TEST(tabs_are_fine_where_they_do_not_indent)
{
	struct yaml_node *root = parse("a:\tb\t# c\nd: |\n  x\n  \ty\ne: \"p\tq\"\n")->roots[0];

	ck_assert_str_eq(yaml_get(root, "a")->text, "b");
	ck_assert_str_eq(yaml_get(root, "d")->text, "x\n\ty\n");
	ck_assert_str_eq(yaml_get(root, "e")->text, "p\tq");
}
END_TEST

START_TEST(quoted_indicators_are_text)
{
	struct yaml_node *root =
	        parse("['*', '&a', '!t', '<<', '', \"-\", '[', 'a: b']")->roots[0];

	ck_assert_uint_eq(root->n, 8);
	ck_assert_str_eq(root->first->text, "*");
	root = parse("a: b!c&d*e\n'<<': 1\n'': 2\n")->roots[0];
	ck_assert_str_eq(root->first->text, "b!c&d*e");
	ck_assert_ptr_nonnull(yaml_get(root, "<<"));
	ck_assert_ptr_nonnull(yaml_get(root, ""));
}
END_TEST

START_TEST(limits_hold_exactly)
{
	const struct yaml_limits bytes = { .bytes = 5 };
	const struct yaml_limits nodes = { .nodes = 5 };
	const struct yaml_limits depth = { .depth = 2 };
	const struct yaml_limits scalar = { .scalar = 3 };
	static const struct {
		const char *good, *bad;
	} texts[] = {
		{ "a: 1\n", "a: 12\n" },
		{ "a: [1, 2]", "a: [1, 2, 3]" }, /* the map, its key, the list, its items */
		{ "a: [1]", "a: [[1]]" },
		{ "abc: xyz", "abc: wxyz" },
	};
	const struct yaml_limits *limits[] = { &bytes, &nodes, &depth, &scalar };

	for (size_t i = 0; i < hbr_count(texts); i++) {
		_cleanup_error_ hbr_error *err = NULL;

		ck_assert_msg(parse_limited(texts[i].good, limits[i], NULL) == 0, "%zu", i);
		ck_assert_int_eq(parse_limited(texts[i].bad, limits[i], &err), HBR_ELIMIT);
		ck_assert_str_eq(hbr_error_file(err), "t.yaml");
	}
}
END_TEST

START_TEST(depth_has_a_limit_by_default)
{
	_cleanup_error_ hbr_error *err = NULL;
	char text[40];

	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(parse_limited(text, NULL, &err), HBR_ELIMIT);
	ck_assert_str_eq(hbr_error_message(err), "more than 32 levels of nesting");
	ck_assert_uint_eq(hbr_error_column(err), 33);
}
END_TEST

static void many_keys(struct buf *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "key%u: %u\n", i * 7919 % n, i);
}

START_TEST(duplicates_are_found_in_maps_of_any_size)
{
	for (unsigned n = 2; n < 200; n = n * 3 / 2 + 1) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_error_ hbr_error *err = NULL;

		many_keys(&text, n);
		parse(text.data);
		buf_puts(&text, "key1: again\nkey0: again\n");
		ck_assert_int_eq(parse_limited(text.data, NULL, &err), HBR_ESYNTAX);
		ck_assert_str_eq(hbr_error_message(err), "key \"key1\" is there twice");
		ck_assert_uint_eq(hbr_error_line(err), n + 1);
		ck_assert_ptr_nonnull(strstr(hbr_error_hint(err), "the first one is in line "));
	}
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
	static const char text[] = "%YAML 1.1\n---\na: [1, 'two', {b: \"x\"}]\nc: |\n  text\n"
	                           "k1: 1\nk2: 1\nk3: 1\nk4: 1\nk5: 1\nk6: 1\nk7: 1\nk8: 1\n"
	                           "k9: 1\nk10: 1\nk11: 1\n---\n? d\n: e\n";

	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_error_ hbr_error *err = NULL;
		struct yaml_doc *doc = NULL;

		oom_at(n);
		int rc = yaml_parse(text, strlen(text), "t", NULL, &arena, &doc, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		ck_assert_int_eq(hbr_error_code(err), rc);
		ck_assert_int_eq(doc != NULL, !hit);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(memory_may_end_while_an_error_is_made)
{
	static const char text[] = "a: 1\na: 2\n";

	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_error_ hbr_error *err = NULL;
		struct yaml_doc *doc = NULL;

		oom_at(n);
		int rc = yaml_parse(text, strlen(text), "t", NULL, &arena, &doc, &err);
		hit = oom_off();
		ck_assert(rc == HBR_ESYNTAX || rc == HBR_ENOMEM);
		ck_assert_ptr_nonnull(err);
		arena_free(&arena);
	}
}
END_TEST

HBR_SUITE(yaml)
{
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, maps_lists_and_scalars_make_a_tree);
	tcase_add_test(tcase, scalars_stay_text);
	tcase_add_test(tcase, every_kind_of_scalar_is_read);
	tcase_add_test(tcase, empty_documents_are_left_out);
	tcase_add_test(tcase, json_is_yaml);
	tcase_add_test(tcase, byte_order_mark_and_crlf_are_no_part_of_the_text);
	tcase_add_test(tcase, marks_count_characters);
	tcase_add_test(tcase, key_mark_of_a_list_item_is_its_own_place);
	tcase_add_test(tcase, the_text_is_not_needed_afterwards);
	tcase_add_test(tcase, tabs_are_fine_where_they_do_not_indent);
	tcase_add_test(tcase, quoted_indicators_are_text);
	tcase_add_test(tcase, limits_hold_exactly);
	tcase_add_test(tcase, depth_has_a_limit_by_default);
	tcase_add_test(tcase, duplicates_are_found_in_maps_of_any_size);
	tcase_add_test(tcase, memory_may_end_anywhere);
	tcase_add_test(tcase, memory_may_end_while_an_error_is_made);
}
