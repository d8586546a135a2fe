/* SPDX-License-Identifier: Apache-2.0 */
/* hbr verify: does the node do what the site says? */
#include "verify.h"
#include "job.h"
#include "json.h"
#include "out.h"
#include "signals.h"
#include "table.h"
#include "verbs.h"

#include <string.h>

#define GROUPS_MAX 64

/* Conditions of the same rule. */
struct group {
	const char *rule;
	size_t all, failed;
};

struct groups {
	struct group items[GROUPS_MAX];
	size_t n;
};

static bool holds(const hbr_finding *finding)
{
	return finding->level < HBR_LEVEL_ERROR;
}

static void count(struct groups *groups, const hbr_finding *finding)
{
	size_t i = 0;

	while (i < groups->n && strcmp(groups->items[i].rule, finding->rule) != 0)
		i++;
	if (i == GROUPS_MAX)
		i = GROUPS_MAX - 1;
	else if (i == groups->n)
		groups->items[groups->n++].rule = finding->rule;
	groups->items[i].all++;
	groups->items[i].failed += !holds(finding);
}

static const char *text_or_dash(const char *text)
{
	return text && *text ? text : "-";
}

/* One table row; the hint stands below what was found. */
static void add_condition(struct table *table, const hbr_finding *finding)
{
	bool good = holds(finding);

	table_cell(table, good ? STYLE_GREEN : STYLE_RED, good ? "ok" : "FAILED");
	table_cell(table, STYLE_PLAIN, "%s", finding->message);
	table_cell(table, STYLE_PLAIN, "%s", text_or_dash(finding->expected));
	table_cell(table, good ? STYLE_PLAIN : STYLE_RED, "%s", text_or_dash(finding->found));
}

static void print_conditions(const hbr_status *status, bool good)
{
	static const char *const columns[] = { "", "CONDITION", "EXPECTED", "FOUND", NULL };
	_cleanup_table_ struct table table = { 0 };
	hbr_finding finding = { .size = sizeof(finding) };

	table_columns(&table, columns);
	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++) {
		if (holds(&finding) != good)
			continue;
		add_condition(&table, &finding);
	}
	if (table.n > table.columns)
		table_print(&table, stdout);
}

/* Each hint once: fifty routes that are missing have one reason. */
static void print_hints(const hbr_status *status)
{
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_finding other = { .size = sizeof(other) };

	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++) {
		bool told = false;

		if (holds(&finding) || !finding.hint)
			continue;
		for (size_t j = 0; j < i && !told && !hbr_status_get(status, j, &other); j++)
			told = !holds(&other) && other.hint &&
			       !strcmp(other.hint, finding.hint);
		if (!told)
			printf("  %shint:%s %s\n", paint(stdout, STYLE_CYAN),
			       paint(stdout, STYLE_PLAIN), finding.hint);
	}
}

static void print_groups(const hbr_status *status)
{
	struct groups groups = { 0 };
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++)
		count(&groups, &finding);
	for (size_t i = 0; i < groups.n; i++) {
		const struct group *group = &groups.items[i];

		printf("%s%-6s%s  %-20s %zu of %zu\n",
		       paint(stdout, group->failed ? STYLE_RED : STYLE_GREEN),
		       group->failed ? "FAILED" : "ok", paint(stdout, STYLE_PLAIN), group->rule,
		       group->all - group->failed, group->all);
	}
}

void conditions_print(const struct program *program, const hbr_status *status)
{
	size_t all = hbr_status_count(status, HBR_LEVEL_INFO);
	size_t failed = hbr_status_count(status, HBR_LEVEL_ERROR);

	if (failed) {
		print_conditions(status, false);
		print_hints(status);
		putchar('\n');
	}
	if (program->options.quiet)
		return;
	if (program->options.verbose)
		print_conditions(status, true);
	else
		print_groups(status);
	printf("%s%zu of %zu conditions hold%s (%.1f s)\n",
	       paint(stdout, failed ? STYLE_RED : STYLE_GREEN), all - failed, all,
	       paint(stdout, STYLE_PLAIN), elapsed_s());
}

static void print_json(const struct job *job, const hbr_status *status)
{
	struct json json = json_document(stdout, "Verification");
	size_t all = hbr_status_count(status, HBR_LEVEL_INFO);
	size_t failed = hbr_status_count(status, HBR_LEVEL_ERROR);

	json_text(&json, "node", job->node);
	json_number(&json, "conditions", (int64_t)all);
	json_number(&json, "failed", (int64_t)failed);
	json_open(&json, "findings", '[');
	json_findings(&json, status);
	json_close(&json, ']');
	json_end(&json);
}

int verb_verify(struct program *program)
{
	_cleanup_job_ struct job job = { 0 };
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	int rc = job_open(&job, program);

	if (rc)
		return rc;
	progress(0, 0, "looking at links, routes, sessions and pings");
	rc = hbr_verify(job.ctx, job.wanted, program->options.wait_s * 1000, &status, &err);
	progress_end();
	if (rc < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	if (program->options.json)
		print_json(&job, status);
	else
		conditions_print(program, status);
	return hbr_status_count(status, HBR_LEVEL_ERROR) ? EXIT_DIFFERS : EXIT_OK;
}
