/* SPDX-License-Identifier: Apache-2.0 */
/* hbr verify: does the node do what the site says? */
#include "job.h"
#include "json.h"
#include "out.h"
#include "signals.h"
#include "table.h"
#include "verbs.h"

#include <string.h>

#define ROWS_MAX 12 /* of one rule that failed, without -v */

/* Conditions with their place in the chain of causes: what stands first explains what follows. */
struct condition {
	hbr_finding finding;
	size_t rank;
};

struct conditions {
	struct condition *items; /* sorted by rank */
	size_t n;
};

#define _cleanup_conditions_ cleanup(conditions_done)

static void conditions_done(struct conditions *conditions)
{
	free(conditions->items);
}

static size_t rank_of(const char *rule)
{
	static const char *const chain[] = { "module",  "file",      "netns", "sysctl",
		                             "link",    "address",   "route", "router",
		                             "session", "neighbors", "rib",   "fib",
		                             "blocks",  "ping" };
	size_t i = 0;

	while (i < LENGTH(chain) && strcmp(chain[i], rule) != 0)
		i++;
	return i;
}

/* Stable: of one rule they stay in the order of the status. */
static int cmp_condition(const void *left, const void *right)
{
	const struct condition *a = left;
	const struct condition *b = right;
	int rules = strcmp(a->finding.rule, b->finding.rule);

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return rules ? rules : strcmp(a->finding.message, b->finding.message);
}

static void sort_conditions(const hbr_status *status, struct conditions *conditions)
{
	hbr_finding finding = { .size = sizeof(finding) };
	size_t n = hbr_status_count(status, HBR_LEVEL_INFO);

	conditions->items = must(calloc(n + 1, sizeof(*conditions->items)));
	for (; !hbr_status_get(status, conditions->n, &finding); conditions->n++)
		conditions->items[conditions->n] =
		        (struct condition){ finding, rank_of(finding.rule) };
	qsort(conditions->items, conditions->n, sizeof(*conditions->items), cmp_condition);
}

static bool holds(const hbr_finding *finding)
{
	return finding->level < HBR_LEVEL_ERROR;
}

static const char *text_or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static void add_condition(struct table *table, const hbr_finding *finding)
{
	bool good = holds(finding);

	table_cell(table, good ? STYLE_GREEN : STYLE_RED, good ? "ok" : "FAILED");
	table_cell(table, STYLE_PLAIN, "%s", finding->message);
	table_cell(table, STYLE_PLAIN, "%s", text_or_dash(finding->expected));
	table_cell(table, good ? STYLE_PLAIN : STYLE_RED, "%s", text_or_dash(finding->found));
}

static void add_more(struct table *table, const char *rule, size_t more)
{
	table_cell(table, STYLE_PLAIN, "...");
	table_cell(table, STYLE_DIM, "%zu more of %s; -v shows all", more, rule);
	table_cell(table, STYLE_PLAIN, "%s", "");
	table_cell(table, STYLE_PLAIN, "%s", "");
}

/* Those that hold, or those that do not: at most `most` of each rule. */
static void print_conditions(const struct conditions *conditions, bool good, size_t most)
{
	static const char *const columns[] = { "", "CONDITION", "EXPECTED", "FOUND", NULL };
	_cleanup_table_ struct table table = { 0 };
	size_t rows = 0;

	table_columns(&table, columns);
	for (size_t i = 0; i < conditions->n; i++) {
		const hbr_finding *finding = &conditions->items[i].finding;
		bool last = i + 1 == conditions->n ||
		            strcmp(finding->rule, conditions->items[i + 1].finding.rule) != 0;

		if (holds(finding) == good && rows++ < most)
			add_condition(&table, finding);
		if (last && rows > most)
			add_more(&table, finding->rule, rows - most);
		if (last)
			rows = 0;
	}
	if (table.n > table.columns)
		table_print(&table, stdout);
}

/* Each hint once: fifty routes that are missing have one reason. */
static void print_hints(const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->n; i++) {
		const hbr_finding *finding = &conditions->items[i].finding;
		bool told = false;

		if (holds(finding) || !finding->hint)
			continue;
		for (size_t j = 0; j < i && !told; j++) {
			const hbr_finding *other = &conditions->items[j].finding;

			told = !holds(other) && other->hint &&
			       !strcmp(other->hint, finding->hint);
		}
		if (!told)
			printf("  %shint:%s %s\n", paint(stdout, STYLE_CYAN),
			       paint(stdout, STYLE_PLAIN), finding->hint);
	}
}

/* One line a rule. */
static void print_rules(const struct conditions *conditions)
{
	size_t all = 0;
	size_t good = 0;

	for (size_t i = 0; i < conditions->n; i++) {
		const hbr_finding *finding = &conditions->items[i].finding;

		all++;
		good += holds(finding);
		if (i + 1 < conditions->n &&
		    !strcmp(finding->rule, conditions->items[i + 1].finding.rule))
			continue;
		printf("%s%-6s%s  %-20s %zu of %zu\n",
		       paint(stdout, good < all ? STYLE_RED : STYLE_GREEN),
		       good < all ? "FAILED" : "ok", paint(stdout, STYLE_PLAIN), finding->rule,
		       good, all);
		all = good = 0;
	}
}

static void print_text(const struct program *program, const hbr_status *status)
{
	_cleanup_conditions_ struct conditions conditions = { 0 };
	size_t all = hbr_status_count(status, HBR_LEVEL_INFO);
	size_t failed = hbr_status_count(status, HBR_LEVEL_ERROR);

	sort_conditions(status, &conditions);
	if (failed) {
		print_conditions(&conditions, false,
		                 program->options.verbose ? SIZE_MAX : ROWS_MAX);
		print_hints(&conditions);
	}
	if (program->options.quiet)
		return;
	if (failed)
		putchar('\n');
	if (program->options.verbose)
		print_conditions(&conditions, true, SIZE_MAX);
	else
		print_rules(&conditions);
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
		print_text(program, status);
	return hbr_status_count(status, HBR_LEVEL_ERROR) ? EXIT_DIFFERS : EXIT_OK;
}
