/* SPDX-License-Identifier: Apache-2.0 */
/* hbr watch, hbr agent: events as JSON lines, until a signal ends it. */
#include "job.h"
#include "json.h"
#include "notify.h"
#include "out.h"
#include "plan.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct watcher {
	struct job *job;
	hbr_watch *watch;
	bool is_agent, is_ready;
	size_t told; /* events since the start */
};

static hbr_ctx *_Atomic running;
static int bell[2] = { -1, -1 };

/* A repair that is under way is taken back; an idle watch wakes by the pipe. */
static void on_signal(int number)
{
	int before = errno;
	hbr_ctx *ctx = atomic_load(&running);
	ssize_t ignored = write(bell[1], "", 1);

	(void)number;
	(void)ignored;
	if (ctx)
		hbr_ctx_cancel(ctx);
	errno = before;
}

static int catch_signals(struct watcher *watcher)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(bell, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail(watcher->job->program, NULL, "no pipe: %m");
	sigemptyset(&action.sa_mask);
	atomic_store(&running, watcher->job->ctx);
	for (size_t i = 0; i < LENGTH(numbers); i++)
		sigaction(numbers[i], &action, NULL);
	/* A reader that goes away must not end a repair half way: print_event() notices. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	return 0;
}

static bool is_stopped(void)
{
	struct pollfd ring = { .fd = bell[0], .events = POLLIN };

	return poll(&ring, 1, 0) > 0;
}

static const char *event_word(int32_t what)
{
	static const char *const words[] = { "?",    "step",  "undo",  "gate",
		                             "note", "drift", "repair" };

	return what > 0 && what < (int32_t)LENGTH(words) ? words[what] : words[0];
}

static void put_time(struct json *json)
{
	struct timespec now;
	struct tm utc;
	char day[32];
	char text[64];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%03ldZ", day, now.tv_nsec / 1000000);
	json_text(json, "time", text);
}

static int print_event(struct watcher *watcher, const hbr_event *event)
{
	struct json json = json_line(stdout, "Event");

	put_time(&json);
	json_text(&json, "node", watcher->job->node);
	json_text(&json, "event", event_word(event->what));
	if (event->verb)
		json_text(&json, "verb", verb_word(event->verb));
	json_text(&json, "key", event->key);
	json_text(&json, "message", event->message);
	if (event->code)
		json_text(&json, "code", hbr_code_name(event->code));
	json_end(&json);
	watcher->told++;
	return fflush(stdout) || ferror(stdout) ? EXIT_ERROR : 0;
}

/* It could not look: said as an event, and tried again. */
static int print_failure(struct watcher *watcher, const hbr_error *err)
{
	hbr_event event = { .what = HBR_EVENT_NOTE,
		            .code = hbr_error_code(err),
		            .key = hbr_error_path(err),
		            .message = hbr_error_message(err) };

	return print_event(watcher, &event);
}

/* Everything that is to be told now. 0, or an exit code. */
static int pull(struct watcher *watcher)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	do {
		_cleanup_error_ hbr_error *err = NULL;
		int printed = 0;

		rc = hbr_watch_next(watcher->watch, &event, &err);
		if (rc > 0)
			printed = print_event(watcher, &event);
		else if (rc < 0 && rc != HBR_ECANCELED)
			printed = print_failure(watcher, err);
		if (printed)
			return printed;
	} while (rc > 0 && !is_stopped());
	return 0;
}

static void tell_systemd(struct watcher *watcher)
{
	char state[128];

	if (!watcher->is_agent)
		return;
	snprintf(state, sizeof(state), "%sWATCHDOG=1\nSTATUS=watching; %zu events so far\n",
	         watcher->is_ready ? "" : "READY=1\n", watcher->told);
	notify(state);
	watcher->is_ready = true;
}

static int loop(struct watcher *watcher)
{
	struct pollfd fds[] = {
		{ .fd = hbr_watch_fd(watcher->watch), .events = POLLIN },
		{ .fd = bell[0], .events = POLLIN },
	};
	int patience = watcher->is_agent ? notify_watchdog_ms() : -1;

	while (!is_stopped()) {
		int rc = pull(watcher);

		if (rc)
			return rc;
		tell_systemd(watcher);
		if (!is_stopped())
			poll(fds, LENGTH(fds), patience);
	}
	if (watcher->is_agent)
		notify("STOPPING=1\n");
	return EXIT_OK;
}

static int watch(struct program *program, bool is_agent)
{
	_cleanup_job_ struct job job = { 0 };
	_cleanup_watch_ hbr_watch *opened = NULL;
	_cleanup_error_ hbr_error *err = NULL;
	struct watcher watcher = { .job = &job, .is_agent = is_agent };
	hbr_watch_opts opts = {
		.size = sizeof(opts),
		.flags = is_agent ? HBR_WATCH_REPAIR : 0,
		.every_ms = program->options.every_s * 1000,
		.max_grade = allowed_grade(&program->options, HBR_GRADE_HARMLESS),
	};
	int rc = job_open(&job, program);

	if (rc)
		return rc;
	rc = catch_signals(&watcher);
	if (rc)
		return rc;
	if (hbr_watch_new(job.ctx, job.wanted, &opts, &opened, &err) < 0) {
		print_error(program, err);
		return EXIT_ERROR;
	}
	watcher.watch = opened;
	rc = loop(&watcher);
	atomic_store(&running, NULL);
	return rc;
}

int verb_watch(struct program *program)
{
	return watch(program, false);
}

int verb_agent(struct program *program)
{
	return watch(program, true);
}
