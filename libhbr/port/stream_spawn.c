/* SPDX-License-Identifier: Apache-2.0 */
/* A spawned program as a stream: a socket pair is its stdin and stdout, a pipe its stderr. */
#include "port/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"
#include "port/tool.h"

#define PATIENCE_MS 1000 /* for a program whose input ended */
#define STEP 4096

struct child {
	hbr_stream table;
	char *what;
	int fd;     /* its stdin and stdout */
	int errors; /* its stderr */
	int pidfd;
	int32_t pid; /* 0: reaped */
	bool has_spoken;
	struct buf words;
};

static void hear(void *user)
{
	struct child *child = user;
	char chunk[STEP];
	ssize_t n;

	while ((n = read(child->errors, chunk, sizeof(chunk))) > 0)
		stream_words_add(&child->words, chunk, (size_t)n);
}

static bool has_ended(const struct child *child, int wait_ms)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	return poll(&end, 1, wait_ms) == 1;
}

/* Gives it a moment to end by itself, now that its output did. */
static int finish(struct child *child)
{
	int32_t pid = child->pid;

	if (!pid)
		return 0;
	if (!has_ended(child, PATIENCE_MS))
		kill(-pid, SIGTERM);
	if (!has_ended(child, PATIENCE_MS))
		kill(-pid, SIGKILL);
	child->pid = 0;

	int status = tool_reap(pid);
	hear(child);
	return status;
}

static struct stream_end ends_of(struct child *child)
{
	return (struct stream_end){
		.fd = child->fd, .beside = child->errors, .heard = hear, .user = child
	};
}

static int child_read(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
                      hbr_error **err)
{
	struct child *child = self;
	struct stream_end ends = ends_of(child);
	int rc = stream_end_read(&ends, call, data, size, got, err);

	if (rc < 0) {
		hbr_wrap(err, "%s", child->what);
		return rc;
	}
	if (*got == 0 && !child->has_spoken)
		return stream_verdict(child->what, finish(child), &child->words, err);
	child->has_spoken = true;
	return 0;
}

static int child_write(void *self, const hbr_call *call, const void *data, size_t size,
                       hbr_error **err)
{
	struct child *child = self;
	struct stream_end ends = ends_of(child);
	int rc = stream_end_write(&ends, call, data, size, err);

	if (rc < 0)
		hbr_wrap(err, "%s", child->what);
	return rc;
}

static void child_close(void *self)
{
	struct child *child = self;

	if (!child)
		return;
	if (child->fd >= 0)
		shutdown(child->fd, SHUT_WR);
	if (child->pid)
		finish(child);
	file_closep(&child->fd);
	file_closep(&child->errors);
	file_closep(&child->pidfd);
	buf_free(&child->words);
	free(child->what);
	free(child);
}

static void child_freep(struct child **child)
{
	child_close(*child);
}

/* The parent's ends stay in the child; those of the program are in fds. */
static int make_ends(struct child *child, int fds[3], hbr_error **err)
{
	int pair[2], errors[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, NULL,
		                      "cannot make sockets");
	child->fd = pair[0];
	fds[0] = fds[1] = pair[1];
	if (pipe2(errors, O_CLOEXEC) < 0)
		return hbr_fail_errno(err, port_code(errno), errno, NULL, "cannot make a pipe");
	child->errors = errors[0];
	fds[2] = errors[1];
	if (fcntl(child->fd, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(child->errors, F_SETFL, O_NONBLOCK) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot set up a pipe");
	return 0;
}

int stream_spawn(const char *program, const char *const *argv, const char *what,
                 hbr_stream **out, hbr_error **err)
{
	hbr_cleanup(child_freep) struct child *child = calloc(1, sizeof(*child));
	int fds[3] = { -1, -1, -1 };

	if (!child)
		return hbr_oom(err);
	child->fd = child->errors = child->pidfd = -1;
	child->what = strdup(what);
	if (!child->what)
		return hbr_oom(err);

	int rc = make_ends(child, fds, err);
	if (rc == 0)
		rc = tool_start(program, argv, fds, &child->pid, err);
	file_closep(&fds[0]);
	file_closep(&fds[2]);
	if (rc < 0)
		return rc;
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0) {
		rc = hbr_fail_errno(err, HBR_ESYSTEM, errno, what, "cannot watch over %s",
		                    what);
		kill(-child->pid, SIGKILL);
		tool_reap(child->pid);
		child->pid = 0;
		return rc;
	}
	child->table = (hbr_stream){
		.size = sizeof(child->table),
		.self = child,
		.read = child_read,
		.write = child_write,
		.close = child_close,
	};
	*out = &hbr_steal(child)->table;
	return 0;
}
