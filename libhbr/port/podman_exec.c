/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program inside a container as a stream, over podman's socket: an exec session whose start
 * turns the HTTP connection into a raw one. Out goes stdin as it is; in come frames of eight bytes
 * of header (1 stdout, 2 stderr; three zeros; size, big end first) and data.
 */
#include "port/podman_inside.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wake.h"
#include "port/netns.h"
#include "port/stream.h"
#include "port/tool.h"

#define HEAD_MAX 16384 /* bytes of the reply's head */
#define REFUSAL_MAX 65536
#define FRAME_MAX ((size_t)1 << 30)
#define FRAME_HEADER 8
#define PATIENCE_MS 1000 /* for a program whose input ended */
#define PATIENCE_STEP_MS 50

enum { STDOUT = 1, STDERR = 2 };

struct exec {
	hbr_stream table;
	struct podman *podman; /* borrowed: the host port outlives its streams */
	char *id, *what, *netns;
	int fd;
	struct buf early; /* came along with the reply's head */
	size_t early_at;
	unsigned char header[FRAME_HEADER];
	size_t header_n;
	size_t left;   /* bytes of the frame that are still to come */
	unsigned kind; /* of that frame */
	bool has_spoken, has_ended;
	struct buf words;
};

static int receive(struct exec *exec, const hbr_call *call, void *data, size_t size,
                   size_t *got, hbr_error **err)
{
	size_t early = exec->early.len - exec->early_at;
	struct stream_end end = { .fd = exec->fd, .beside = -1 };

	if (!early)
		return stream_end_read(&end, call, data, size, got, err);
	*got = early < size ? early : size;
	memcpy(data, exec->early.data + exec->early_at, *got);
	exec->early_at += *got;
	return 0;
}

/* Is the session still under way; and how did it end? */
static int look(struct exec *exec, const hbr_call *call, bool *is_running, int64_t *pid,
                int64_t *code, hbr_error **err)
{
	_cleanup_json_ json_t *json = NULL;
	char path[128];

	snprintf(path, sizeof(path), "/exec/%.80s/json", exec->id);

	struct podman_ask ask = {
		.method = "GET", .path = path, .what = exec->what, .fine = 404
	};
	int rc = podman_ask_json(exec->podman, call, &ask, &json, err);

	*is_running = rc == 0 && json && podman_flag(json, "Running");
	*pid = *is_running ? podman_number(json, "Pid") : 0;
	*code = json ? podman_number(json, "ExitCode") : 0;
	return rc;
}

/* The end of a program that said nothing: podman notes its code a moment later. */
static int verdict(struct exec *exec, hbr_error **err)
{
	int64_t until = wake_now() + PATIENCE_MS * WAKE_MS;
	hbr_call call = { .deadline_ns = until, .cancel_fd = -1 };
	int64_t pid = 0, code = 0;
	bool is_running = true;

	while (wake_now() < until) {
		if (look(exec, &call, &is_running, &pid, &code, NULL) < 0)
			return hbr_fail(err, HBR_EIO, NULL,
			                "%s: podman went away, and how it ended is not known",
			                exec->what);
		if (!is_running)
			return stream_verdict(exec->what, (int)code, &exec->words, err);
		wake_wait(-1, -1, PATIENCE_STEP_MS * WAKE_MS);
	}
	return 0;
}

static int parse_header(struct exec *exec, hbr_error **err)
{
	const unsigned char *at = exec->header;

	exec->header_n = 0;
	exec->kind = at[0];
	exec->left =
	        (size_t)at[4] << 24 | (size_t)at[5] << 16 | (size_t)at[6] << 8 | (size_t)at[7];
	if (at[0] <= STDERR && !at[1] && !at[2] && !at[3] && exec->left <= FRAME_MAX)
		return 0;
	return hbr_fail(err, HBR_EIO, NULL, "%s: what podman sends is not in frames",
	                exec->what);
}

/* One piece of what comes: of a header, of stderr, or, with *got set, of stdout. */
static int step(struct exec *exec, const hbr_call *call, void *data, size_t size, size_t *got,
                hbr_error **err)
{
	char aside[4096];
	bool is_header = exec->left == 0;
	bool is_output = !is_header && exec->kind != STDERR;
	size_t room = is_output ? size : sizeof(aside);
	size_t n = 0;

	if (is_header)
		room = FRAME_HEADER - exec->header_n;
	else if (room > exec->left)
		room = exec->left;

	int rc = receive(exec, call, is_output ? data : aside, room, &n, err);
	if (rc < 0) {
		hbr_wrap(err, "%s", exec->what);
		return rc;
	}
	if (n == 0) {
		exec->has_ended = true;
		if (exec->left || exec->header_n)
			return hbr_fail(err, HBR_EIO, NULL,
			                "%s: the connection to podman broke", exec->what);
		return 0;
	}
	if (is_header) {
		memcpy(exec->header + exec->header_n, aside, n);
		exec->header_n += n;
		return exec->header_n == FRAME_HEADER ? parse_header(exec, err) : 0;
	}
	exec->left -= n;
	if (is_output)
		*got = n;
	else
		stream_words_add(&exec->words, aside, n);
	return 0;
}

static int exec_read(void *self, const hbr_call *call, void *data, size_t size, size_t *got,
                     hbr_error **err)
{
	struct exec *exec = self;
	int rc = 0;

	*got = 0;
	while (rc == 0 && *got == 0 && !exec->has_ended)
		rc = step(exec, call, data, size, got, err);
	if (rc < 0)
		return rc;
	if (*got)
		exec->has_spoken = true;
	return *got || exec->has_spoken ? 0 : verdict(exec, err);
}

static int exec_write(void *self, const hbr_call *call, const void *data, size_t size,
                      hbr_error **err)
{
	struct exec *exec = self;
	struct stream_end end = { .fd = exec->fd, .beside = -1 };
	int rc = stream_end_write(&end, call, data, size, err);

	if (rc < 0)
		hbr_wrap(err, "%s", exec->what);
	return rc;
}

/* podman has no request for it. Only a process that is where the container is: where podman runs
 * among other processes, the number means somebody else. */
static void kill_session(struct exec *exec, const hbr_call *call)
{
	int64_t pid = 0, again = 0, code;
	bool is_running;

	if (look(exec, call, &is_running, &pid, &code, NULL) < 0 || pid <= 1)
		return;

	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (pidfd >= 0 && podman_is_inside(exec->podman, pid, exec->netns) &&
	    look(exec, call, &is_running, &again, &code, NULL) == 0 && again == pid)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* Its input ends; then it has a moment to end by itself. */
static void finish(struct exec *exec)
{
	int64_t now = wake_now();
	hbr_call wait = { .deadline_ns = now + PATIENCE_MS * WAKE_MS, .cancel_fd = -1 };
	hbr_call last = { .deadline_ns = now + 3 * PATIENCE_MS * WAKE_MS, .cancel_fd = -1 };
	char rest[4096];
	size_t n = 1;
	int rc = 0;

	shutdown(exec->fd, SHUT_WR);
	while (rc == 0 && n > 0)
		rc = receive(exec, &wait, rest, sizeof(rest), &n, NULL);
	if (rc < 0)
		kill_session(exec, &last);
}

static void exec_close(void *self)
{
	struct exec *exec = self;

	if (!exec)
		return;
	if (exec->fd >= 0 && !exec->has_ended)
		finish(exec);
	file_closep(&exec->fd);
	buf_free(&exec->early);
	buf_free(&exec->words);
	free(exec->id);
	free(exec->what);
	free(exec->netns);
	free(exec);
}

static void exec_freep(struct exec **exec)
{
	exec_close(*exec);
}

static int make_session(struct exec *exec, const hbr_call *call, const char *container,
                        const char *const *argv, hbr_error **err)
{
	_cleanup_json_ json_t *body = json_pack("{s:b,s:b,s:b,s:[]}", "AttachStdin", 1,
	                                        "AttachStdout", 1, "AttachStderr", 1, "Cmd");
	_cleanup_json_ json_t *reply = NULL;
	char path[128];

	for (size_t i = 0; argv[i]; i++)
		json_array_append_new(json_object_get(body, "Cmd"), json_string(argv[i]));
	_cleanup_free_ char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!text)
		return hbr_oom(err);
	snprintf(path, sizeof(path), "/containers/%.80s/exec", container);

	struct podman_ask ask = {
		.method = "POST", .path = path, .json = text, .what = exec->what
	};
	int rc = podman_ask_json(exec->podman, call, &ask, &reply, err);
	const char *id = reply ? podman_text(reply, "Id") : NULL;

	if (rc < 0)
		return rc;
	/* It goes into a line of HTTP. */
	if (!id || !id[0] || id[strspn(id, "0123456789abcdef")])
		return hbr_fail(err, HBR_EIO, NULL, "%s: podman's reply has no id", exec->what);
	exec->id = strdup(id);
	return exec->id ? 0 : hbr_oom(err);
}

/* The head of the reply; what comes after it stays in `early`. */
static int read_head(struct exec *exec, const hbr_call *call, long *status, hbr_error **err)
{
	struct stream_end end = { .fd = exec->fd, .beside = -1 };
	char chunk[4096];
	char *blank = NULL;

	while (!blank) {
		size_t n = 0;
		int rc = stream_end_read(&end, call, chunk, sizeof(chunk), &n, err);

		if (rc == 0 && n == 0)
			rc = hbr_fail(err, HBR_EIO, NULL, "podman hung up");
		if (rc < 0)
			return rc;
		buf_put(&exec->early, chunk, n);
		if (exec->early.rc)
			return hbr_oom(err);
		blank = memmem(exec->early.data, exec->early.len, "\r\n\r\n", 4);
		if (!blank && exec->early.len > HEAD_MAX)
			return hbr_fail(err, HBR_ELIMIT, NULL,
			                "podman's reply has a head of more than %d bytes",
			                HEAD_MAX);
	}
	exec->early_at = (size_t)(blank - exec->early.data) + 4;
	if (strncmp(exec->early.data, "HTTP/1.1 ", 9) != 0)
		return hbr_fail(err, HBR_EIO, NULL, "podman's reply is not HTTP");
	*status = strtol(exec->early.data + 9, NULL, 10);
	return 0;
}

/* No session: what came is an error in JSON, until the connection ends. */
static int refuse(struct exec *exec, const hbr_call *call, long status, hbr_error **err)
{
	struct podman_ask ask = { .what = exec->what };
	_cleanup_buf_ struct buf body = { .max = REFUSAL_MAX };
	char chunk[4096];
	size_t n = 1;

	exec->has_ended = true;
	while (receive(exec, call, chunk, sizeof(chunk), &n, NULL) == 0 && n > 0 &&
	       body.len + n < REFUSAL_MAX)
		buf_put(&body, chunk, n);
	return podman_refused(&ask, status, &body, err);
}

static int attach(struct exec *exec, const hbr_call *call, hbr_error **err)
{
	static const char body[] = "{\"Detach\":false,\"Tty\":false}";
	_cleanup_buf_ struct buf request = BUF_INIT;
	struct stream_end end;
	long status = 0;
	int rc = stream_dial(exec->podman->socket, &exec->fd, err);

	buf_printf(&request,
	           "POST " PODMAN_API "/exec/%s/start HTTP/1.1\r\nHost: d\r\n"
	           "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	           "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n%s",
	           exec->id, sizeof(body) - 1, body);
	if (rc == 0 && request.rc)
		rc = hbr_oom(err);
	end = (struct stream_end){ .fd = exec->fd, .beside = -1 };
	if (rc == 0)
		rc = stream_end_write(&end, call, request.data, request.len, err);
	if (rc == 0)
		rc = read_head(exec, call, &status, err);
	if (rc < 0) {
		exec->has_ended = true;
		hbr_wrap(err, "%s", exec->what);
		return rc;
	}
	return status == 101 || status == 200 ? 0 : refuse(exec, call, status, err);
}

static int open_over_socket(struct podman *podman, const hbr_call *call,
                            const struct podman_container *there, const char *what,
                            const char *const *argv, hbr_stream **out, hbr_error **err)
{
	hbr_cleanup(exec_freep) struct exec *exec = calloc(1, sizeof(*exec));

	if (!exec)
		return hbr_oom(err);
	exec->fd = -1;
	exec->podman = podman;
	exec->what = strdup(what);
	exec->netns = strdup(there->label_netns ? there->label_netns : "");
	if (!exec->what || !exec->netns)
		return hbr_oom(err);

	int rc = make_session(exec, call, there->id, argv, err);
	if (rc == 0)
		rc = attach(exec, call, err);
	if (rc < 0)
		return rc;
	exec->table = (hbr_stream){
		.size = sizeof(exec->table),
		.self = exec,
		.read = exec_read,
		.write = exec_write,
		.close = exec_close,
	};
	*out = &hbr_steal(exec)->table;
	return 0;
}

int podman_exec_open(struct podman *podman, const hbr_call *call, const char *real,
                     const char *what, const char *const *argv, hbr_stream **out,
                     hbr_error **err)
{
	_cleanup_container_ struct podman_container there = { 0 };
	int rc = podman_inspect(podman, call, real, &there, err);

	if (rc < 0)
		return rc;
	if (!there.json || !there.is_running)
		return hbr_fail(err, HBR_ENOENT, real, "container %s does not run", real);
	rc = podman_refuse_foreign(&there, real, err);
	if (rc < 0)
		return rc;
	return open_over_socket(podman, call, &there, what, argv, out, err);
}
