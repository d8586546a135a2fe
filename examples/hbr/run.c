/* SPDX-License-Identifier: Apache-2.0 */
/* Pulling a run: every event is printed, as a line or as one more of a list. */
#include "run.h"

#include "json.h"
#include "out.h"
#include "plan.h"

#define LOCK_WAIT_MS 10000

struct show {
	const struct job *job;
	struct json *json; /* an open list of events, or NULL */
	size_t done, undone;
	bool waits; /* it came to a gate */
	bool is_taken_back;
};

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

static void print_event(const struct show *show, const hbr_event *event)
{
	const struct options *options = &show->job->program->options;
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
static int pull(struct show *show, hbr_run *run, hbr_error **err)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	while ((rc = hbr_run_next(run, &event, err)) > 0) {
		show->done += event.what == HBR_EVENT_STEP;
		show->undone += event.what == HBR_EVENT_UNDO;
		show->waits |= event.what == HBR_EVENT_GATE;
		if (show->json)
			json_event(show->json, &event);
		else
			print_event(show, &event);
	}
	progress_end();
	return rc;
}

/* Does what was applied stay, although it does not verify, or was cancelled while it was waited for? */
static bool stays(const struct show *show, int code)
{
	hbr_transaction last = { .size = sizeof(last) };
	bool is_cancelled = code == HBR_ECANCELED && show->waits && !show->undone;

	if ((code != HBR_EVERIFY && !is_cancelled) ||
	    hbr_last(show->job->ctx, &last, NULL) < 0)
		return false;
	return last.state == HBR_TRANSACTION_COMMITTED ||
	       last.state == HBR_TRANSACTION_PENDING;
}

/* --wait is for who wants it to hold or to be gone. The code of the failure, or of this one. */
static int take_back(struct show *show, int code, hbr_error **err)
{
	static const hbr_run_opts opts = { .size = sizeof(opts), .wait_ms = LOCK_WAIT_MS };
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_run_ hbr_run *run = NULL;
	int rc = hbr_undo(show->job->ctx, &opts, &run, &why);

	if (rc == 0)
		rc = pull(show, run, &why);
	if (rc == 0)
		return code;
	hbr_error_free(*err);
	*err = why;
	why = NULL;
	return HBR_EROLLBACK;
}

static int exit_of(int rc)
{
	if (rc >= 0)
		return EXIT_OK;
	return rc == HBR_EROLLBACK ? EXIT_LEFT : EXIT_ERROR;
}

static void print_end(const struct show *show, int rc, const hbr_error *err)
{
	const struct options *options = &show->job->program->options;
	size_t n = show->undone ? show->undone : show->done;
	const char *did = options->dry_run ? "would be done" : "done";

	if (rc < 0) {
		print_error(show->job->program, err);
		if (rc == HBR_EROLLBACK)
			fputs("  \"hbr plan\" shows what is left\n", stderr);
		if (show->is_taken_back)
			fputs("  everything was taken back\n", stderr);
	} else if (!options->quiet && !n) {
		puts("nothing to do");
	} else if (!options->quiet) {
		printf("%s%zu step%s %s%s in %.1f s\n", paint(stdout, STYLE_GREEN), n,
		       n == 1 ? "" : "s", show->undone ? "taken back" : did,
		       paint(stdout, STYLE_PLAIN), elapsed_s());
	}
}

static void end_json(const struct show *show, struct json *json, int rc, const hbr_error *err)
{
	hbr_finding finding = error_finding(err);

	json_close(json, ']');
	json_number(json, "done", (int64_t)show->done);
	json_number(json, "undone", (int64_t)show->undone);
	json_flag(json, "dryRun", show->job->program->options.dry_run);
	json_text(json, "result", hbr_code_name(rc));
	if (err)
		json_finding(json, "error", &finding);
	json_end(json);
}

int run_print(const struct job *job, hbr_run *run)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct show show = { .job = job };
	struct json json;
	int rc;

	if (job->program->options.json) {
		json = json_document(stdout, "Run");
		json_open(&json, "events", '[');
		show.json = &json;
	}
	rc = pull(&show, run, &err);
	if (stays(&show, rc)) {
		rc = take_back(&show, rc, &err);
		show.is_taken_back = rc != HBR_EROLLBACK;
	}
	if (show.json)
		end_json(&show, &json, rc, err);
	else
		print_end(&show, rc, err);
	return exit_of(rc);
}

int run_nothing(const struct job *job)
{
	const struct options *options = &job->program->options;
	struct show show = { .job = job };
	struct json json;

	if (options->json) {
		json = json_document(stdout, "Run");
		json_open(&json, "events", '[');
		end_json(&show, &json, 0, NULL);
	} else if (!options->quiet) {
		puts("nothing to do");
	}
	return EXIT_OK;
}
