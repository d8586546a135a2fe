/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talking to a daemon of FRR over its vty socket, as vtysh does: "command\0" out, text and
 * "\0\0\0<status>" back (FRR: lib/vty.c, vtysh_read). Saves a process and half a second a
 * question.
 */
#include "port/frr.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "port/netns.h"

#define REPLY_MAX ((size_t)64 << 20)
#define READ_STEP 65536
#define TRAILER 4 /* three NULs and the status */

/* A daemon may outlive the namespace that it was made for, when that was removed by name and
 * made again: then it is not ours to talk to. The socket tells who listens. */
static bool is_in_place(const struct frr_call *on, int fd)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct stat st;

	if (!on->has_netns || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	buf_printf(&path, "/proc/%d/ns/net", (int)peer.pid);
	if (path.rc < 0 || stat(path.data, &st) < 0)
		return false;
	return st.st_dev == on->dev && st.st_ino == on->inode;
}

static int dial(const struct frr_call *on, enum frr_daemon daemon, int *out, hbr_error **err)
{
	const char *name = frr_daemon_names[daemon];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_printf(&path, FRR_RUN "/%s/%s.vty", on->name, name);
	if (path.rc < 0)
		return hbr_oom(err);
	if (path.len >= sizeof(address.sun_path))
		return hbr_fail(err, HBR_EINVAL, on->name, "the instance name %s is too long",
		                on->name);
	memcpy(address.sun_path, path.data, path.len + 1);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return hbr_fail_errno(err, port_code(errno), errno, on->name,
		                      "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		bool absent = errno == ENOENT || errno == ECONNREFUSED;

		return hbr_fail_errno(err, absent ? HBR_ENOENT : port_code(errno), errno,
		                      on->name, "cannot talk to %s of %s", name, on->name);
	}
	if (!is_in_place(on, fd))
		return hbr_fail(err, HBR_ENOENT, on->name, "%s of %s is in another namespace",
		                name, on->name);
	*out = fd;
	fd = -1;
	return 0;
}

bool frr_runs(const struct frr_call *on, enum frr_daemon daemon)
{
	_cleanup_close_ int fd = -1;

	return dial(on, daemon, &fd, NULL) == 0;
}

/* Waits until fd is ready, the call's time is up, or somebody cancels. */
static int await(const struct frr_call *on, int fd, short events, hbr_error **err)
{
	struct pollfd polls[] = {
		{ .fd = fd, .events = events },
		{ .fd = on->call ? on->call->cancel_fd : -1, .events = POLLIN },
	};

	do {
		int rc = port_proceed(on->call, err);
		if (rc < 0)
			return rc;
		if (poll(polls, hbr_count(polls), port_wait_ms(on->call, -1)) < 0 &&
		    errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, on->name, "cannot wait");
	} while (!polls[0].revents);
	return 0;
}

/* A daemon that dies while it is asked does not run. */
static int hung_up(const struct frr_call *on, int system, hbr_error **err)
{
	return hbr_fail_errno(err, HBR_ENOENT, system, on->name, "FRR of %s hung up", on->name);
}

static int send_all(const struct frr_call *on, int fd, const char *data, size_t size,
                    hbr_error **err)
{
	while (size) {
		int rc = await(on, fd, POLLOUT, err);
		if (rc < 0)
			return rc;
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return hung_up(on, errno, err);
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Text never holds a NUL: the first one begins the trailer. */
static bool is_complete(const struct buf *reply, size_t from, size_t *text)
{
	const char *nul =
	        reply->len > from ? memchr(reply->data + from, '\0', reply->len - from) : NULL;

	if (!nul)
		return false;
	*text = (size_t)(nul - reply->data);
	return reply->len - *text >= TRAILER;
}

/* Appends the reply's text to `out`; *status is 0 when the command was fine. */
static int receive(const struct frr_call *on, int fd, struct buf *out, int *status,
                   hbr_error **err)
{
	_cleanup_buf_ struct buf reply = { .max = REPLY_MAX };
	char chunk[READ_STEP];
	size_t text = 0;
	size_t seen = 0;

	while (!is_complete(&reply, seen, &text)) {
		/* A trailer may come in two pieces. */
		seen = reply.len > TRAILER ? reply.len - TRAILER : 0;
		int rc = await(on, fd, POLLIN, err);
		if (rc < 0)
			return rc;
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return hung_up(on, n < 0 ? errno : ECONNRESET, err);
		buf_put(&reply, chunk, (size_t)n);
		if (reply.rc < 0)
			return reply.rc == HBR_ENOMEM
			               ? hbr_oom(err)
			               : hbr_fail(err, HBR_ELIMIT, on->name,
			                          "FRR's answer is longer than %zu bytes",
			                          REPLY_MAX);
	}
	*status = reply.data[text + TRAILER - 1];
	buf_put(out, reply.data, text);
	return out->rc < 0 ? hbr_oom(err) : 0;
}

static int run(const struct frr_call *on, int fd, const char *command, struct buf *out,
               hbr_error **err)
{
	size_t start = out->len;
	int status = 0;
	int rc = send_all(on, fd, command, strlen(command) + 1, err);
	if (rc < 0)
		return rc;
	rc = receive(on, fd, out, &status, err);
	if (rc < 0)
		return rc;
	if (!status)
		return 0;
	const char *words = out->data ? out->data + start : "";

	words += strspn(words, "% \n");
	return hbr_fail(err, HBR_EROUTER, on->name, "FRR refused \"%s\": %.*s", command,
	                (int)strcspn(words, "\n"), words);
}

int frr_ask(const struct frr_call *on, enum frr_daemon daemon, const char *command,
            struct buf *out, hbr_error **err)
{
	_cleanup_close_ int fd = -1;

	int rc = dial(on, daemon, &fd, err);
	if (rc < 0)
		return rc;
	rc = run(on, fd, "enable", out, err);
	if (rc < 0)
		return rc;
	return run(on, fd, command, out, err);
}
