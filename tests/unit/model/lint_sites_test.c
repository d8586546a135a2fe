/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of the sites in examples/: all clean but Table 1 as it is printed; the rules' page. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "lint_helper.h"
#include "model/lint_rules.h"

#define AS_PRINTED HBR_SOURCE_DIR "/examples/sites/table1-as-printed.yaml"
#define PAGE HBR_SOURCE_DIR "/doc/lint.md"

static hbr_status *lint_file(const char *path)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_load(path, &topology, &err), err);
	return lint_topology(topology);
}

/* But for what is right and not made yet. */
START_TEST(example_sites_have_no_findings)
{
	glob_t files;

	ck_assert_int_eq(glob(HBR_SOURCE_DIR "/examples/sites/*.yaml", 0, NULL, &files), 0);
	ck_assert_uint_ge(files.gl_pathc, 12);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		if (!strcmp(files.gl_pathv[i], AS_PRINTED))
			continue;
		hbr_status *status = lint_file(files.gl_pathv[i]);

		ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == lint_unmade(status),
		              "%s:\n%s", files.gl_pathv[i], lint_dump(status));
		hbr_status_free(status);
	}
	globfree(&files);
}
END_TEST

START_TEST(example_sites_can_be_sealed)
{
	glob_t files;

	ck_assert_int_eq(glob(HBR_SOURCE_DIR "/examples/sites/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		hbr_topology *topology = NULL;
		hbr_error *err = NULL;
		bool is_printed = !strcmp(files.gl_pathv[i], AS_PRINTED);

		ck_ok(hbr_topology_load(files.gl_pathv[i], &topology, &err), err);
		int rc = hbr_topology_seal(topology, &err);

		ck_assert_msg(rc == (is_printed ? HBR_EMODEL : 0), "%s: %s", files.gl_pathv[i],
		              hbr_error_message(err));
		hbr_error_free(err);
		hbr_topology_free(topology);
	}
	globfree(&files);
}
END_TEST

/* Every mistake of the printed table: its rule, a text of the line it is in, a part of the hint. */
static const struct {
	const char *rule, *line, *hint;
} mistakes[] = {
	{ "underlay-no-ipv6", "name: node1", "give every uplink an IPv6 address" },
	{ "endpoint-single-node", "endpoint: 10.1.1.1:6443", "moves between control planes" },
	{ "pods-too-few-blocks", "podCIDRs:", "calico.blockSize: {v4: 27}" },
	{ "cidr-no-length", "podCIDRs:", "did you mean 2001:db8:42::/56?" },
	{ "addr-duplicate", "name: node3", "one interface" },
	{ "veth-subnet-mismatch", "name: node3", "write 2001:db8:3::2/126" },
	{ "addr-no-length", "name: node4", "write 192.168.1.104/24" },
};

#define N_MISTAKES (sizeof(mistakes) / sizeof(*mistakes))

START_TEST(the_printed_table_shows_each_mistake_with_line_and_hint)
{
	hbr_status *status = lint_file(AS_PRINTED);
	hbr_finding finding;

	ck_assert_msg(lint_finding(status, mistakes[_i].rule, 0, &finding), "no %s in:\n%s",
	              mistakes[_i].rule, lint_dump(status));
	ck_assert_ptr_nonnull(finding.excerpt);
	ck_assert_ptr_nonnull(finding.hint);
	ck_assert_uint_gt(finding.line, 0);
	ck_assert_uint_gt(finding.column, 0);
	ck_assert_msg(strstr(finding.excerpt, mistakes[_i].line), "%s", finding.excerpt);
	ck_assert_msg(strstr(finding.hint, mistakes[_i].hint), "%s", finding.hint);
	hbr_status_free(status);
}
END_TEST

START_TEST(the_printed_table_shows_nothing_else)
{
	hbr_status *status = lint_file(AS_PRINTED);

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == N_MISTAKES, "%s",
	              lint_dump(status));
	hbr_status_free(status);
}
END_TEST

static char *read_page(void)
{
	FILE *file = fopen(PAGE, "r");
	char *text = calloc(1, 1 << 20);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 0);
	fclose(file);
	return text;
}

static const char *level_text(int level)
{
	static const char *const texts[] = { [HBR_LEVEL_INFO] = "info",
		                             [HBR_LEVEL_WARNING] = "warning",
		                             [HBR_LEVEL_ERROR] = "error" };

	return texts[level];
}

static const struct lint_rule *find_rule(const char *code, size_t length)
{
	for (size_t t = 0; lint_tables[t]; t++)
		for (const struct lint_rule *rule = lint_tables[t]; rule->code; rule++)
			if (strlen(rule->code) == length && !strncmp(rule->code, code, length))
				return rule;
	return NULL;
}

START_TEST(every_rule_has_an_entry_with_its_level)
{
	char *page = read_page();
	char heading[128];

	for (size_t t = 0; lint_tables[t]; t++)
		for (const struct lint_rule *rule = lint_tables[t]; rule->code; rule++) {
			snprintf(heading, sizeof(heading), "\n### %s (%s)\n", rule->code,
			         level_text(rule->level));
			ck_assert_msg(strstr(page, heading) != NULL, "doc/lint.md lacks%s",
			              heading);
			ck_assert_msg(rule->doc && *rule->doc, "%s says nothing", rule->code);
		}
	free(page);
}
END_TEST

START_TEST(every_entry_is_of_a_rule)
{
	char *page = read_page();
	size_t n = 0;

	for (const char *at = strstr(page, "\n### "); at; at = strstr(at + 1, "\n### ")) {
		const char *code = at + strlen("\n### ");
		size_t length = strcspn(code, " \n");

		ck_assert_msg(find_rule(code, length) != NULL, "doc/lint.md has %.*s",
		              (int)length, code);
		n++;
	}
	ck_assert_uint_gt(n, 50);
	free(page);
}
END_TEST

START_TEST(no_code_is_used_twice)
{
	for (size_t t = 0; lint_tables[t]; t++)
		for (const struct lint_rule *rule = lint_tables[t]; rule->code; rule++)
			ck_assert_ptr_eq(find_rule(rule->code, strlen(rule->code)), rule);
}
END_TEST

HBR_SUITE(lint_sites)
{
	tcase_add_test(tcase, example_sites_have_no_findings);
	tcase_add_test(tcase, example_sites_can_be_sealed);
	tcase_add_loop_test(tcase, the_printed_table_shows_each_mistake_with_line_and_hint, 0,
	                    N_MISTAKES);
	tcase_add_test(tcase, the_printed_table_shows_nothing_else);
	tcase_add_test(tcase, every_rule_has_an_entry_with_its_level);
	tcase_add_test(tcase, every_entry_is_of_a_rule);
	tcase_add_test(tcase, no_code_is_used_twice);
}
