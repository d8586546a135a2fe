/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection that is opened and closed again: connect(2), O_NONBLOCK. */
#include "port/reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/wake.h"
#include "port/netns.h"

static socklen_t fill(const hbr_addr *to, uint32_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (to->family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		memcpy(&v4->sin_addr, to->bytes, sizeof(v4->sin_addr));
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	memcpy(&v6->sin6_addr, to->bytes, sizeof(v6->sin6_addr));
	return sizeof(*v6);
}

/* 1 when the connection stands, 0 when not. */
static int await(int fd, const hbr_call *call, hbr_error **err)
{
	struct pollfd ready[2] = { { .fd = fd, .events = POLLOUT },
		                   { .fd = call->cancel_fd, .events = POLLIN } };
	int system = 0;
	socklen_t size = sizeof(system);

	for (;;) {
		int rc = poll(ready, 2, port_wait_ms(call, -1));

		if (rc < 0 && errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "poll");
		if (rc >= 0 && ready[1].revents)
			return hbr_fail(err, HBR_ECANCELED, NULL, "cancelled");
		if (rc == 0)
			return 0;
		if (rc > 0)
			break;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &system, &size) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "SO_ERROR");
	return system == 0;
}

int reach_tcp(const hbr_netns_port *netns, const hbr_call *call, const char *name,
              const hbr_addr *to, uint32_t port, uint32_t *accepted, hbr_error **err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_storage where;
	socklen_t size = fill(to, port, &where);
	int rc = netns->socket(netns->self, call, name, where.ss_family,
	                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, &fd, err);

	*accepted = 0;
	if (rc < 0)
		return rc;
	if (connect(fd, (struct sockaddr *)&where, size) == 0) {
		*accepted = 1;
		return 0;
	}
	/* No way, refused: an answer, and no failure of ours. */
	if (errno != EINPROGRESS)
		return 0;
	rc = await(fd, call, err);
	if (rc > 0)
		*accepted = 1;
	return rc < 0 ? rc : 0;
}
