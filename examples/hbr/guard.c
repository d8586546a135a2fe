/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hbr guard: watches the last apply from outside the process that carries it out. When that process
 * ends in the middle, or nobody confirms in time, all is taken back. Started by "apply --confirm"
 * (guard_start.c), it outlives its caller and the caller's terminal.
 */
#include "job.h"
#include "notify.h"
#include "out.h"
#include "verbs.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define TRIES_MAX 8 /* each after twice the time of the one before, from a second on */
#define LOCK_WAIT_MS 10000

struct guard {
	hbr_ctx *ctx;
	int caller;  /* pidfd, or -1 when it is gone */
	int journal; /* inotify on the state directory */
	int timer;   /* CLOCK_BOOTTIME: a suspend does not stop it */
};

static int open_caller(uint32_t pid)
{
	return pid ? (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) : -1;
}

/* With all that is above it; fails only later, when it is watched. */
static void make_folder(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	mkdir(path, 0700);
}

static int open_guard(struct guard *guard, const struct program *program)
{
	const struct options *options = &program->options;
	char dir[4096];

	guard->caller = open_caller(options->pid);
	/* It waits for us: where it cannot be seen, we must not say that it is watched. */
	if (options->pid && guard->caller < 0)
		return fail(program, NULL, "cannot watch process %u: %m", options->pid);
	guard->journal = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	guard->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (options->state_dir)
		snprintf(dir, sizeof(dir), "%s", options->state_dir);
	else
		snprintf(dir, sizeof(dir), "%s%s", options->root ? options->root : "",
		         DEFAULT_STATE_DIR);
	/* The first apply of a machine makes it. */
	make_folder(dir);
	if (guard->journal < 0 || guard->timer < 0 ||
	    inotify_add_watch(guard->journal, dir, IN_MODIFY | IN_MOVED_TO) < 0)
		return fail(program, NULL, "cannot watch %s: %m", dir);
	return 0;
}

/* deadline_ns 0: no deadline. */
static void set_timer(const struct guard *guard, int64_t deadline_ns)
{
	struct itimerspec at = { 0 };

	at.it_value.tv_sec = deadline_ns / 1000000000;
	at.it_value.tv_nsec = deadline_ns % 1000000000;
	timerfd_settime(guard->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void drain(int fd)
{
	char data[4096];

	while (read(fd, data, sizeof(data)) > 0)
		continue;
}

static void wait_for_news(struct guard *guard)
{
	struct pollfd fds[] = {
		{ .fd = guard->caller, .events = POLLIN },
		{ .fd = guard->journal, .events = POLLIN },
		{ .fd = guard->timer, .events = POLLIN },
	};

	if (poll(fds, LENGTH(fds), -1) < 0)
		return;
	if (fds[0].revents) {
		close(guard->caller);
		guard->caller = -1;
	}
	drain(guard->journal);
	drain(guard->timer);
}

/* 0 or HBR_E*. */
static int take_back(struct guard *guard)
{
	static const hbr_run_opts opts = { .size = sizeof(opts), .wait_ms = LOCK_WAIT_MS };
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_run_ hbr_run *run = NULL;
	hbr_event event = { .size = sizeof(event) };
	int rc = hbr_recover(guard->ctx, &opts, &run, &err);

	while (rc == 0 && (rc = hbr_run_next(run, &event, &err)) == 1)
		rc = 0;
	if (rc < 0)
		syslog(LOG_ERR, "cannot take the last apply back: %s", hbr_error_message(err));
	else
		syslog(LOG_NOTICE, "took the last apply back");
	return rc;
}

static int64_t boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Is there nothing left to guard? */
static bool is_over(const struct guard *guard, const hbr_transaction *last)
{
	if (last->state == HBR_TRANSACTION_OPEN || last->state == HBR_TRANSACTION_PENDING)
		return false;
	/* While its caller lives, the apply may be still to begin. */
	return guard->caller < 0;
}

/* Must something be done now? */
static bool is_due(const struct guard *guard, const hbr_transaction *last)
{
	if (last->state == HBR_TRANSACTION_OPEN)
		return guard->caller < 0;
	return last->state == HBR_TRANSACTION_PENDING && boottime() >= last->deadline_ns;
}

static int keep_watch(struct guard *guard, const struct program *program)
{
	hbr_transaction last = { .size = sizeof(last) };
	unsigned int tries = 0;

	for (;;) {
		_cleanup_error_ hbr_error *err = NULL;

		if (hbr_last(guard->ctx, &last, &err) < 0) {
			syslog(LOG_ERR, "%s", hbr_error_message(err));
			if (++tries == TRIES_MAX) {
				print_error(program, err);
				return EXIT_ERROR;
			}
			poll(NULL, 0, 500 << tries);
			continue;
		}
		if (is_over(guard, &last))
			return EXIT_OK;
		if (!is_due(guard, &last)) {
			set_timer(guard,
			          last.state == HBR_TRANSACTION_PENDING ? last.deadline_ns : 0);
			wait_for_news(guard);
			continue;
		}
		if (take_back(guard) == 0)
			return EXIT_OK;
		if (++tries == TRIES_MAX)
			return EXIT_LEFT;
		poll(NULL, 0, 500 << tries);
	}
}

int verb_guard(struct program *program)
{
	_cleanup_job_ struct job job = { .program = program };
	struct guard guard = { .caller = -1 };
	int rc = job_ctx(&job);

	if (!rc)
		rc = open_guard(&guard, program);
	if (rc)
		return rc;
	guard.ctx = job.ctx;
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	openlog("hbr-guard", LOG_PID, LOG_DAEMON);
	notify("READY=1");
	return keep_watch(&guard, program);
}
