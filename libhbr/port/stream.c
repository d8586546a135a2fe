/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors with deadlines, and what a program's last words are good for. */
#include "port/stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "port/netns.h"

/* Waits until fd is ready, the call's time is up, or somebody cancels. */
static int await(const struct stream_end *end, short events, const hbr_call *call,
                 hbr_error **err)
{
	struct pollfd polls[] = {
		{ .fd = end->fd, .events = events },
		{ .fd = call ? call->cancel_fd : -1, .events = POLLIN },
		{ .fd = end->beside, .events = POLLIN },
	};

	do {
		int rc = port_proceed(call, err);
		if (rc < 0)
			return rc;
		if (poll(polls, hbr_count(polls), port_wait_ms(call, -1)) < 0 && errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "cannot wait");
		if (polls[2].revents)
			end->heard(end->user);
		/* It closed that: nothing comes there any more. */
		if (polls[2].revents & (POLLHUP | POLLERR | POLLNVAL))
			polls[2].fd = -1;
	} while (!polls[0].revents);
	return 0;
}

int stream_end_read(const struct stream_end *end, const hbr_call *call, void *data, size_t size,
                    size_t *got, hbr_error **err)
{
	for (;;) {
		int rc = await(end, POLLIN, call, err);
		if (rc < 0)
			return rc;

		ssize_t n = read(end->fd, data, size);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0 && errno != ECONNRESET)
			return hbr_fail_errno(err, HBR_EIO, errno, NULL, "cannot read");
		*got = n < 0 ? 0 : (size_t)n;
		return 0;
	}
}

int stream_end_write(const struct stream_end *end, const hbr_call *call, const void *data,
                     size_t size, hbr_error **err)
{
	const char *at = data;

	while (size) {
		int rc = await(end, POLLOUT, call, err);
		if (rc < 0)
			return rc;

		ssize_t n = send(end->fd, at, size, MSG_NOSIGNAL);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return hbr_fail_errno(err, HBR_EIO, errno, NULL, "cannot write");
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int stream_dial(const char *path, int *fd, hbr_error **err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);

	if (length >= sizeof(address.sun_path))
		return hbr_fail(err, HBR_EINVAL, path, "the socket's path %s is too long",
		                path);
	memcpy(address.sun_path, path, length + 1);

	_cleanup_close_ int made =
	        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made < 0)
		return hbr_fail_errno(err, port_code(errno), errno, path,
		                      "cannot make a socket");
	if (connect(made, (struct sockaddr *)&address, sizeof(address)) < 0)
		return hbr_fail_errno(err,
		                      errno == ECONNREFUSED ? HBR_ENOENT : port_code(errno),
		                      errno, path, "cannot connect to %s", path);
	*fd = made;
	made = -1;
	return 0;
}

void stream_words_add(struct buf *words, const char *data, size_t size)
{
	if (size > STREAM_WORDS_MAX) {
		data += size - STREAM_WORDS_MAX;
		size = STREAM_WORDS_MAX;
	}
	if (words->len + size > STREAM_WORDS_MAX) {
		size_t drop = words->len + size - STREAM_WORDS_MAX;

		memmove(words->data, words->data + drop, words->len - drop);
		words->len -= drop;
	}
	buf_put(words, data, size);
}

const char *stream_words(struct buf *words)
{
	if (words->rc || !words->len)
		return "nothing";
	for (size_t i = 0; i < words->len; i++) {
		if (words->data[i] == '\0')
			words->data[i] = ' ';
	}
	utf8_clean(words->data);
	return words->data[0] ? words->data : "nothing";
}

int stream_verdict(const char *what, int status, struct buf *words, hbr_error **err)
{
	bool is_absent = status == 126 || status == 127;

	if (status == 0)
		return 0;
	return hbr_fail(err, is_absent ? HBR_ENOTSUP : HBR_EIO, NULL,
	                "%s ended with code %d, and said: %s", what, status,
	                stream_words(words));
}
