/* SPDX-License-Identifier: Apache-2.0 */
/* hbr apply, hbr remove: a plan carried out, event by event. What is refused is in refuse.c. */
#include "guard.h"
#include "out.h"
#include "plan.h"
#include "run.h"
#include "signals.h"
#include "verbs.h"
#include "write.h"

#include <errno.h>
#include <string.h>

#define PLAN_FILE_MAX (64U << 20)

/* The words of --allow are session, traffic, pod. */
int32_t allowed_grade(const struct options *options, int32_t least)
{
	static const int32_t grades[] = { HBR_GRADE_SESSION, HBR_GRADE_TRAFFIC, HBR_GRADE_POD };

	for (size_t i = 0; i < LENGTH(grades); i++) {
		if (options->allow & 1U << i && grades[i] > least)
			least = grades[i];
	}
	return least;
}

static int carry_out(const struct job *job, const hbr_plan *plan, int32_t grade)
{
	const struct options *options = &job->program->options;
	_cleanup_run_ hbr_run *run = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_run_opts opts = {
		.size = sizeof(opts),
		.flags = (options->dry_run ? HBR_RUN_DRY_RUN : 0U) |
		         (options->force ? HBR_RUN_FORCE : 0U),
		.verify_ms = options->wait_s * 1000,
		.confirm_s = options->confirm_s,
		.max_grade = grade,
	};
	int rc = 0;

	if (options->dry_run)
		rc = plan_review(job, plan, false);
	/* It must be there before there is anything to take back. */
	if (options->confirm_s && !options->dry_run)
		rc = guard_start(job->program);
	if (rc)
		return rc;
	if (hbr_apply(job->ctx, plan, &opts, &run, &err) < 0) {
		print_error(job->program, err);
		return EXIT_ERROR;
	}
	rc = run_print(job, run);
	if (rc == EXIT_OK && options->confirm_s && !options->dry_run && !options->quiet &&
	    !options->json)
		printf("\"hbr confirm\" within %u s keeps it\n", options->confirm_s);
	return rc;
}

int plan_apply(struct job *job, const hbr_plan *plan, int32_t least)
{
	int32_t grade = allowed_grade(&job->program->options, least);
	int rc;

	if (hbr_plan_conflicts(plan))
		return plan_conflicts(job, plan);
	if (!hbr_plan_steps(plan))
		return run_nothing(job);
	if (hbr_plan_grade(plan) > grade && !job->program->options.dry_run)
		return plan_refuse(job, plan, grade);
	signals_cancel(job->ctx);
	rc = carry_out(job, plan,
	               job->program->options.dry_run ? HBR_GRADE_IRREVERSIBLE : grade);
	signals_cancel(NULL);
	return rc;
}

static int load_plan(struct job *job, const char *path, hbr_plan **out)
{
	_cleanup_free_ char *data = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	size_t size;
	int rc;

	data = read_file(path, PLAN_FILE_MAX, &size);
	if (!data)
		return fail(job->program, NULL, "cannot read the plan %s: %m", path);
	rc = hbr_plan_load(data, size, out, &err);
	if (rc < 0) {
		print_error(job->program, err);
		return EXIT_ERROR;
	}
	return 0;
}

int verb_apply(struct program *program)
{
	_cleanup_job_ struct job job = { .program = program };
	_cleanup_plan_ hbr_plan *plan = NULL;
	int rc;

	if (program->n_args && plan_flags(&program->options))
		return usage_error(program, "--prune and --adopt are for the making of a plan, "
		                            "and this one is made");
	if (program->n_args) {
		rc = load_plan(&job, program->args[0], &plan);
		if (!rc)
			rc = job_ctx(&job);
	} else {
		rc = job_open(&job, program);
		if (!rc)
			rc = plan_open(&job, plan_flags(&program->options), &plan);
	}
	return rc ? rc : plan_apply(&job, plan, HBR_GRADE_HARMLESS);
}

/* Who says remove has said that traffic stops; pods are another matter. */
int verb_remove(struct program *program)
{
	_cleanup_job_ struct job job = { 0 };
	_cleanup_plan_ hbr_plan *plan = NULL;
	int rc = job_open(&job, program);

	if (rc)
		return rc;
	rc = plan_open(&job, HBR_PLAN_REMOVE, &plan);
	return rc ? rc : plan_apply(&job, plan, HBR_GRADE_TRAFFIC);
}
