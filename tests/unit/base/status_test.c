/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the list of findings. */
#include "base/status.h"

#include "lib/oom.h"
#include "lib/test.h"

#include <stdio.h>
#include <string.h>

static const hbr_finding *get(const hbr_status *status, size_t index)
{
	static hbr_finding finding;

	finding = (hbr_finding){ .size = sizeof(finding) };
	ck_assert_int_eq(hbr_status_get(status, index, &finding), 0);
	return &finding;
}

START_TEST(everything_is_copied)
{
	_cleanup_status_ hbr_status *status = NULL;
	char rule[] = "mtu-small", path[] = "node1", hint[] = "raise it", line[] = "mtu: 60";
	struct mark mark = { .file = "site.yaml", .excerpt = line, .line = 4, .column = 6 };

	ck_assert_int_eq(status_new(&status, NULL), 0);
	status_set_stage(status, HBR_STAGE_LINKS);
	ck_assert_int_eq(
	        status_add(status, HBR_LEVEL_ERROR, rule, &mark, path, hint, "mtu %d", 60), 0);
	memset(rule, 'x', 3);
	memset(path, 'x', 3);
	memset(hint, 'x', 3);
	memset(line, 'x', 3);

	const hbr_finding *finding = get(status, 0);

	ck_assert_str_eq(finding->rule, "mtu-small");
	ck_assert_str_eq(finding->path, "node1");
	ck_assert_str_eq(finding->hint, "raise it");
	ck_assert_str_eq(finding->message, "mtu 60");
	ck_assert_str_eq(finding->file, "site.yaml");
	ck_assert_str_eq(finding->excerpt, "mtu: 60");
	ck_assert_uint_eq(finding->line, 4);
	ck_assert_uint_eq(finding->column, 6);
	ck_assert_int_eq(finding->level, HBR_LEVEL_ERROR);
	ck_assert_int_eq(finding->stage, HBR_STAGE_LINKS);
}
END_TEST

START_TEST(a_finding_without_a_place_has_no_file)
{
	_cleanup_status_ hbr_status *status = NULL;
	struct mark none = { .file = "x" };

	ck_assert_int_eq(status_new(&status, NULL), 0);
	status_add(status, HBR_LEVEL_INFO, "r", &none, NULL, NULL, "m");
	ck_assert_ptr_null(get(status, 0)->file);
	ck_assert_str_eq(get(status, 0)->path, "");
}
END_TEST

START_TEST(levels_are_counted_from_below)
{
	_cleanup_status_ hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), 0);
	for (int level = HBR_LEVEL_INFO; level <= HBR_LEVEL_ERROR; level++) {
		for (int i = 0; i < level; i++)
			status_add(status, level, "r", NULL, NULL, NULL, "m");
	}
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), 6);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_WARNING), 5);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 3);
	ck_assert_uint_eq(hbr_status_count(NULL, HBR_LEVEL_INFO), 0);
}
END_TEST

START_TEST(a_condition_is_an_error_only_when_it_fails)
{
	_cleanup_status_ hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	status_condition(status, true, "r", "p", "up", "up", "hint", "link %s", "a");
	status_condition(status, false, "r", "p", "up", "down", "hint", "link %s", "b");
	ck_assert_int_eq(get(status, 0)->level, HBR_LEVEL_INFO);
	ck_assert_ptr_null(get(status, 0)->hint);
	ck_assert_int_eq(get(status, 1)->level, HBR_LEVEL_ERROR);
	ck_assert_str_eq(get(status, 1)->expected, "up");
	ck_assert_str_eq(get(status, 1)->found, "down");
	ck_assert_str_eq(get(status, 1)->hint, "hint");
}
END_TEST

START_TEST(reading_past_the_end_is_no_such_object)
{
	_cleanup_status_ hbr_status *status = NULL;
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_finding unsized = { .size = 0 };

	ck_assert_int_eq(status_new(&status, NULL), 0);
	ck_assert_int_eq(hbr_status_get(status, 0, &finding), HBR_ENOENT);
	status_add(status, HBR_LEVEL_INFO, "r", NULL, NULL, NULL, "m");
	ck_assert_int_eq(hbr_status_get(status, 1, &finding), HBR_ENOENT);
	ck_assert_int_eq(hbr_status_get(status, 0, &unsized), HBR_EINVAL);
	ck_assert_int_eq(hbr_status_get(NULL, 0, &finding), HBR_EINVAL);
	hbr_status_free(NULL);
}
END_TEST

START_TEST(sorting_is_by_place_rule_and_natural_path)
{
	static const struct {
		const char *file, *rule, *path;
		uint32_t line, column;
	} rows[] = {
		{ "b", "r", "1", 1, 1 },     { "a", "r", "2", 2, 1 },
		{ "a", "r", "3", 1, 9 },     { "a", "r", "node10", 1, 2 },
		{ "a", "r", "node2", 1, 2 }, { "a", "q", "5", 1, 2 },
	};
	static const char *const sorted[] = { "5", "node2", "node10", "3", "2", "1" };
	_cleanup_status_ hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	for (size_t i = 0; i < hbr_count(rows); i++) {
		struct mark mark = { rows[i].file, NULL, rows[i].line, rows[i].column };

		status_add(status, HBR_LEVEL_ERROR, rows[i].rule, &mark, rows[i].path, NULL,
		           "m");
	}
	status_sort(status);
	for (size_t i = 0; i < hbr_count(sorted); i++)
		ck_assert_str_eq(get(status, i)->path, sorted[i]);
}
END_TEST

START_TEST(sorting_is_stable)
{
	_cleanup_status_ hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	for (int i = 0; i < 500; i++)
		status_add(status, HBR_LEVEL_ERROR, "r", NULL, "p", NULL, "%d", i);
	status_sort(status);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(atoi(get(status, (size_t)i)->message), i);
}
END_TEST

START_TEST(too_many_findings_end_in_one_that_counts_the_rest)
{
	_cleanup_status_ hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	for (int i = 0; i < STATUS_MAX; i++)
		status_add(status, HBR_LEVEL_INFO, "r", NULL, NULL, NULL, "m");
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), STATUS_MAX);
	status_add(status, HBR_LEVEL_ERROR, "r", NULL, NULL, NULL, "m");
	status_add(status, HBR_LEVEL_INFO, "r", NULL, NULL, NULL, "m");
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), STATUS_MAX + 1);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 1);
	ck_assert_str_eq(get(status, STATUS_MAX)->message, "2 more findings are not shown");
	ck_assert_int_eq(get(status, STATUS_MAX)->level, HBR_LEVEL_ERROR);
}
END_TEST

static hbr_status *example(void)
{
	struct mark mark = { "site.yaml", "  mtu: 60", 4, 8 };
	hbr_status *status = NULL;

	ck_assert_int_eq(status_new(&status, NULL), 0);
	status_add(status, HBR_LEVEL_ERROR, "mtu-small", &mark, "node1", "use 1500", "mtu 60");
	status_condition(status, false, "ping", "node2", "answers", "silence", NULL, "ping %s",
	                 "a\"b");
	status_set_stage(status, HBR_STAGE_LINKS);
	status_condition(status, true, "ping", "node3", "answers", "answers", NULL, "ping c");
	return status;
}

START_TEST(text_shows_place_line_caret_and_hint)
{
	_cleanup_status_ hbr_status *status = example();
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_status_dump(status, HBR_FORMAT_TEXT, &text, NULL), 0);
	ck_assert_str_eq(hbr_text_data(text), "site.yaml:4:8: error[mtu-small]: mtu 60\n"
	                                      "    mtu: 60\n"
	                                      "         ^\n"
	                                      "  hint: use 1500\n"
	                                      "node2: error[ping]: ping a\"b\n"
	                                      "  expected: answers\n"
	                                      "  found: silence\n"
	                                      "node3: info[ping]: ping c\n");
	hbr_text_free(text);
}
END_TEST

START_TEST(json_is_one_report)
{
	_cleanup_status_ hbr_status *status = example();
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_status_dump(status, HBR_FORMAT_JSON, &text, NULL), 0);
	ck_assert_str_eq(hbr_text_data(text), "{\n"
	                                      "  \"apiVersion\": \"hbr.dev/v1alpha1\",\n"
	                                      "  \"kind\": \"Report\",\n"
	                                      "  \"errors\": 2,\n"
	                                      "  \"warnings\": 0,\n"
	                                      "  \"infos\": 1,\n"
	                                      "  \"findings\": [\n"
	                                      "    {\n"
	                                      "      \"level\": \"error\",\n"
	                                      "      \"rule\": \"mtu-small\",\n"
	                                      "      \"path\": \"node1\",\n"
	                                      "      \"message\": \"mtu 60\",\n"
	                                      "      \"hint\": \"use 1500\",\n"
	                                      "      \"file\": \"site.yaml\",\n"
	                                      "      \"line\": 4,\n"
	                                      "      \"column\": 8,\n"
	                                      "      \"excerpt\": \"  mtu: 60\"\n"
	                                      "    },\n"
	                                      "    {\n"
	                                      "      \"level\": \"error\",\n"
	                                      "      \"rule\": \"ping\",\n"
	                                      "      \"path\": \"node2\",\n"
	                                      "      \"message\": \"ping a\\\"b\",\n"
	                                      "      \"expected\": \"answers\",\n"
	                                      "      \"found\": \"silence\"\n"
	                                      "    },\n"
	                                      "    {\n"
	                                      "      \"level\": \"info\",\n"
	                                      "      \"rule\": \"ping\",\n"
	                                      "      \"path\": \"node3\",\n"
	                                      "      \"message\": \"ping c\",\n"
	                                      "      \"expected\": \"answers\",\n"
	                                      "      \"found\": \"answers\",\n"
	                                      "      \"stage\": \"links\"\n"
	                                      "    }\n"
	                                      "  ]\n"
	                                      "}\n");
	hbr_text_free(text);
}
END_TEST

START_TEST(an_unknown_format_is_refused)
{
	_cleanup_status_ hbr_status *status = example();
	_cleanup_error_ hbr_error *err = NULL;
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_status_dump(status, HBR_FORMAT_YAML, &text, &err), HBR_EINVAL);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
	struct mark mark = { "site.yaml", "  mtu: 60", 4, 8 };

	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_status_ hbr_status *status = NULL;
		hbr_text *text = NULL;

		oom_at(n);
		int rc = status_new(&status, NULL);
		if (rc == 0)
			rc = status_add(status, HBR_LEVEL_ERROR, "r", &mark, "p", "h", "m");
		if (rc == 0)
			rc = hbr_status_dump(status, HBR_FORMAT_JSON, &text, NULL);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		hbr_text_free(text);
	}
}
END_TEST

HBR_SUITE(status)
{
	tcase_add_test(tcase, everything_is_copied);
	tcase_add_test(tcase, a_finding_without_a_place_has_no_file);
	tcase_add_test(tcase, levels_are_counted_from_below);
	tcase_add_test(tcase, a_condition_is_an_error_only_when_it_fails);
	tcase_add_test(tcase, reading_past_the_end_is_no_such_object);
	tcase_add_test(tcase, sorting_is_by_place_rule_and_natural_path);
	tcase_add_test(tcase, sorting_is_stable);
	tcase_add_test(tcase, too_many_findings_end_in_one_that_counts_the_rest);
	tcase_add_test(tcase, text_shows_place_line_caret_and_hint);
	tcase_add_test(tcase, json_is_one_report);
	tcase_add_test(tcase, an_unknown_format_is_refused);
	tcase_add_test(tcase, memory_may_end_anywhere);
}
