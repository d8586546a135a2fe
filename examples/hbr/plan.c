/* SPDX-License-Identifier: Apache-2.0 */
/* hbr plan: what would be done, in order, why, and what it disrupts. */
#include "plan.h"
#include "out.h"
#include "verbs.h"

#include <string.h>
#include <unistd.h>

const char *grade_word(int32_t grade)
{
	static const char *const words[] = { "nothing", "harmless", "session",
		                             "traffic", "pod",      "irreversible" };

	return grade >= 0 && grade < (int32_t)LENGTH(words) ? words[grade] : "unknown";
}

const char *verb_word(int32_t verb)
{
	static const char *const words[] = { "?",      "create", "change",  "recreate",
		                             "delete", "report", "conflict" };

	return verb > 0 && verb < (int32_t)LENGTH(words) ? words[verb] : words[0];
}

uint32_t plan_flags(const struct options *options)
{
	return (options->prune ? HBR_PLAN_PRUNE : 0U) | (options->adopt ? HBR_PLAN_ADOPT : 0U);
}

int plan_open(struct job *job, uint32_t flags, hbr_plan **out)
{
	_cleanup_error_ hbr_error *err = NULL;
	int rc = job_observe(job);

	if (rc)
		return rc;
	if (hbr_plan_make(job->wanted, job->have, flags, out, &err) < 0) {
		print_error(job->program, err);
		return EXIT_ERROR;
	}
	return 0;
}

/* By the sign at the beginning of a step or of a line of configuration. */
static enum style line_style(const char *line)
{
	static const struct {
		const char *sign;
		enum style style;
	} signs[] = {
		{ "+", STYLE_GREEN }, { "~", STYLE_YELLOW }, { "\u00b1", STYLE_YELLOW },
		{ "-", STYLE_RED },   { "!", STYLE_RED },    { "?", STYLE_DIM },
	};

	line += strspn(line, " ");
	for (size_t i = 0; i < LENGTH(signs); i++) {
		if (!strncmp(line, signs[i].sign, strlen(signs[i].sign)))
			return signs[i].style;
	}
	return STYLE_PLAIN;
}

static void print_colored(const char *text, FILE *file)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		enum style style = line_style(text);

		fprintf(file, "%s%.*s%s\n", style ? paint(file, style) : "", (int)length, text,
		        style ? paint(file, STYLE_PLAIN) : "");
		text += length + (text[length] == '\n');
	}
}

static int dump(const struct program *program, const hbr_plan *plan, int32_t format,
                hbr_text **text)
{
	_cleanup_error_ hbr_error *err = NULL;

	if (hbr_plan_dump(plan, format, text, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	return 0;
}

int plan_print(const struct program *program, const hbr_plan *plan, FILE *file)
{
	_cleanup_text_ hbr_text *text = NULL;
	int rc = dump(program, plan, HBR_FORMAT_TEXT, &text);

	if (!rc)
		print_colored(hbr_text_data(text), file);
	return rc;
}

static int print_as(const struct program *program, const hbr_plan *plan)
{
	_cleanup_text_ hbr_text *text = NULL;
	int32_t output = program->options.output;
	int rc;

	if (output != PLAN_JSON && output != PLAN_BINARY)
		return program->options.quiet ? 0 : plan_print(program, plan, stdout);
	rc = dump(program, plan, output == PLAN_JSON ? HBR_FORMAT_JSON : HBR_FORMAT_BINARY,
	          &text);
	if (!rc)
		fwrite(hbr_text_data(text), 1, hbr_text_size(text), stdout);
	return rc;
}

/* What an apply of this plan would be refused for, said on stderr: the plan itself stands. */
int plan_review(const struct job *job, const hbr_plan *plan, bool is_fresh)
{
	const struct program *program = job->program;
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_finding finding = { .size = sizeof(finding) };

	if (hbr_review(job->ctx, plan, &status, &err) < 0) {
		/* It changed just now: the next plan will tell. */
		if (is_fresh && hbr_error_code(err) == HBR_ESTALE)
			return 0;
		print_error(program, err);
		return EXIT_ERROR;
	}
	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++) {
		fprintf(stderr, "%srefused%s: apply would end with %s: %s\n",
		        paint(stderr, STYLE_RED), paint(stderr, STYLE_PLAIN), finding.rule,
		        finding.message);
		if (finding.hint)
			fprintf(stderr, "  hint: %s\n", finding.hint);
	}
	return 0;
}

int verb_plan(struct program *program)
{
	_cleanup_job_ struct job job = { 0 };
	_cleanup_plan_ hbr_plan *plan = NULL;
	int rc;

	if (program->options.output == PLAN_BINARY && isatty(STDOUT_FILENO))
		return usage_error(program, "a binary plan is not for a terminal; redirect it");
	rc = job_open(&job, program);
	if (rc)
		return rc;
	rc = plan_open(&job, plan_flags(&program->options), &plan);
	if (rc)
		return rc;
	rc = print_as(program, plan);
	if (!rc && hbr_plan_steps(plan))
		rc = plan_review(&job, plan, true);
	if (rc)
		return rc;
	return hbr_plan_steps(plan) || hbr_plan_conflicts(plan) ? EXIT_DIFFERS : EXIT_OK;
}
