/* SPDX-License-Identifier: Apache-2.0 */
/* hbr apply, hbr remove: a plan carried out, event by event. What is refused is in refuse.c. */
#include "json.h"
#include "out.h"
#include "plan.h"
#include "signals.h"
#include "verbs.h"
#include "write.h"

#include <errno.h>
#include <string.h>

#define PLAN_FILE_MAX (64U << 20)

struct apply {
	const struct job *job;
	struct json *json; /* an open list of events, or NULL */
	size_t done, undone;
};

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

static const char *event_word(int32_t what)
{
	static const char *const words[] = { "?", "done", "undone", "waiting", "note" };

	return what > 0 && what < (int32_t)LENGTH(words) ? words[what] : words[0];
}

static void json_event(struct json *json, const hbr_event *event)
{
	json_open(json, NULL, '{');
	json_text(json, "event", event_word(event->what));
	if (event->verb)
		json_text(json, "verb", verb_word(event->verb));
	json_text(json, "key", event->key);
	json_text(json, "message", event->message);
	if (event->code)
		json_text(json, "code", hbr_code_name(event->code));
	json_close(json, '}');
}

static void print_event(const struct apply *apply, const hbr_event *event)
{
	const struct options *options = &apply->job->program->options;
	const char *text = event->message ? event->message : event->key;
	bool usual = event->what == HBR_EVENT_STEP && event->code >= 0;
	enum style style = usual ? STYLE_GREEN : STYLE_YELLOW;

	if (options->quiet || !text)
		return;
	progress(event->index, event->total, text);
	if (usual && !options->verbose)
		return;
	progress_end();
	printf("%s%s%s\n", paint(stdout, event->code < 0 ? STYLE_RED : style), text,
	       paint(stdout, STYLE_PLAIN));
}

/* Pulls until the end. The result of hbr_run_next(): 0 or HBR_E*. */
static int pull(struct apply *apply, hbr_run *run, hbr_error **err)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	while ((rc = hbr_run_next(run, &event, err)) > 0) {
		apply->done += event.what == HBR_EVENT_STEP;
		apply->undone += event.what == HBR_EVENT_UNDO;
		if (apply->json)
			json_event(apply->json, &event);
		else
			print_event(apply, &event);
	}
	progress_end();
	return rc;
}

static int exit_of(int rc)
{
	if (rc >= 0)
		return EXIT_OK;
	return rc == HBR_EROLLBACK ? EXIT_LEFT : EXIT_ERROR;
}

static void print_end(const struct apply *apply, int rc, const hbr_error *err)
{
	const struct options *options = &apply->job->program->options;
	const char *plural = apply->done == 1 ? "" : "s";

	if (rc < 0) {
		print_error(apply->job->program, err);
		if (rc == HBR_EROLLBACK)
			fputs("  \"hbr plan\" shows what is left\n", stderr);
	} else if (apply->undone) {
		printf("%zu steps taken back\n", apply->undone);
	} else if (!options->quiet) {
		printf("%s%zu step%s %s%s in %.1f s\n", paint(stdout, STYLE_GREEN), apply->done,
		       plural, options->dry_run ? "would be done" : "done",
		       paint(stdout, STYLE_PLAIN), elapsed_s());
	}
}

/* Tells the run's events, and how it ended. The exit code. */
static int follow(struct apply *apply, hbr_run *run)
{
	const struct options *options = &apply->job->program->options;
	_cleanup_error_ hbr_error *err = NULL;
	struct json json;
	int rc;

	if (options->json) {
		json = json_document(stdout, "Run");
		json_open(&json, "events", '[');
		apply->json = &json;
	}
	rc = pull(apply, run, &err);
	if (!options->json) {
		print_end(apply, rc, err);
		return exit_of(rc);
	}
	hbr_finding finding = error_finding(err);

	json_close(&json, ']');
	json_number(&json, "done", (int64_t)apply->done);
	json_number(&json, "undone", (int64_t)apply->undone);
	json_flag(&json, "dryRun", options->dry_run);
	json_text(&json, "result", hbr_code_name(rc));
	if (err)
		json_finding(&json, "error", &finding);
	json_end(&json);
	return exit_of(rc);
}

static int carry_out(struct apply *apply, const hbr_plan *plan, int32_t grade)
{
	const struct options *options = &apply->job->program->options;
	_cleanup_run_ hbr_run *run = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	hbr_run_opts opts = {
		.size = sizeof(opts),
		.flags = options->dry_run ? HBR_RUN_DRY_RUN : 0,
		.verify_ms = options->wait_s * 1000,
		.confirm_s = options->confirm_s,
		.max_grade = grade,
	};

	if (hbr_apply(apply->job->ctx, plan, &opts, &run, &err) < 0) {
		print_error(apply->job->program, err);
		return EXIT_ERROR;
	}
	return follow(apply, run);
}

static int nothing(const struct apply *apply)
{
	const struct options *options = &apply->job->program->options;
	struct json json;

	if (options->json) {
		json = json_document(stdout, "Run");
		json_open(&json, "events", '[');
		json_close(&json, ']');
		json_number(&json, "done", 0);
		json_number(&json, "undone", 0);
		json_flag(&json, "dryRun", options->dry_run);
		json_text(&json, "result", hbr_code_name(0));
		json_end(&json);
	} else if (!options->quiet) {
		puts("nothing to do");
	}
	return EXIT_OK;
}

int plan_apply(struct job *job, const hbr_plan *plan, int32_t least)
{
	struct apply apply = { .job = job };
	int32_t grade = allowed_grade(&job->program->options, least);
	int rc;

	if (hbr_plan_conflicts(plan))
		return plan_conflicts(job, plan);
	if (!hbr_plan_steps(plan))
		return nothing(&apply);
	if (hbr_plan_grade(plan) > grade && !job->program->options.dry_run)
		return plan_refuse(job, plan, grade);
	signals_cancel(job->ctx);
	rc = carry_out(&apply, plan,
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

/* What an apply left unfinished when it was killed; it needs no site. */
int verb_recover(struct program *program)
{
	_cleanup_job_ struct job job = { .program = program };
	_cleanup_run_ hbr_run *run = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	struct apply apply = { .job = &job };
	hbr_run_opts opts = { .size = sizeof(opts), .wait_ms = program->options.wait_s * 1000 };
	int rc = job_ctx(&job);

	if (rc)
		return rc;
	signals_cancel(job.ctx);
	if (hbr_recover(job.ctx, &opts, &run, &err) < 0) {
		print_error(program, err);
		rc = EXIT_ERROR;
	} else {
		rc = follow(&apply, run);
	}
	signals_cancel(NULL);
	return rc;
}
