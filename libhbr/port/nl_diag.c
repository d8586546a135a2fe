/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections and who listens for them, from the kernel's socket table (sock_diag(7)). */
#include "port/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STATE_ESTABLISHED = 1, STATE_LISTEN = 10 }; /* include/net/tcp_states.h */

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ::ffff:192.0.2.1 is an IPv4 address: servers listen on IPv6 sockets. */
static void get_addr(int family, const void *bytes, hbr_addr *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(out, 0, sizeof(*out));
	out->family = family == AF_INET ? 4 : 6;
	if (out->family == 6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		out->family = 4;
		bytes = (const uint8_t *)bytes + sizeof(mapped);
	}
	out->length = out->family == 4 ? 32 : 128;
	memcpy(out->bytes, bytes, out->family == 4 ? 4 : 16);
}

/* One of the two is asked for. */
struct sockets {
	int state;
	uint16_t port; /* connections: the local one */
	int (*put_connection)(void *user, const hbr_addr *local, const hbr_addr *remote);
	int (*put_listener)(void *user, const hbr_addr *local, uint16_t port);
	void *user;
	int rc;
};

static int take(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(nlh);
	struct sockets *all = data;
	hbr_addr local, remote;
	uint16_t port;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*message))
		return MNL_CB_OK;
	port = ntohs(message->id.idiag_sport);
	get_addr(message->idiag_family, message->id.idiag_src, &local);
	get_addr(message->idiag_family, message->id.idiag_dst, &remote);
	if (all->state == STATE_LISTEN)
		all->rc = all->put_listener(all->user, &local, port);
	else if (port == all->port)
		all->rc = all->put_connection(all->user, &local, &remote);
	return all->rc < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int ask(int fd, int family, int state, uint32_t seq)
{
	char buf[MNL_NLMSG_HDRLEN + sizeof(struct inet_diag_req_v2)] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(nlh, sizeof(*request));
	ssize_t n;

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	request->sdiag_family = (uint8_t)family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = 1u << state;
	do
		n = send(fd, nlh, nlh->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

/* Returns 0, an errno, or a negative code of put's. */
static int answer(int fd, const hbr_call *call, uint32_t seq, struct sockets *all)
{
	_Alignas(struct nlmsghdr) char buf[NLK_RECV_SIZE];

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int ready = poll(&wait, 1, port_wait_ms(call, 5000));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? errno : ETIMEDOUT;

		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return errno;
		int rc = mnl_cb_run(buf, (size_t)n, seq, 0, take, all);
		if (all->rc < 0)
			return all->rc;
		if (rc <= 0)
			return rc < 0 ? errno : 0;
	}
}

static int read_sockets(void *self, const hbr_call *call, const char *netns,
                        struct sockets *all, hbr_error **err)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const struct nlk_port *netlink = self;
	const hbr_netns_port *door = netlink->netns;
	hbr_cleanup(closep) int fd = -1;
	int rc = door->socket(door->self, call, netns, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	                      NETLINK_SOCK_DIAG, &fd, err);

	if (rc < 0)
		return rc;
	for (uint32_t f = 0; f < hbr_count(families); f++) {
		rc = ask(fd, families[f], all->state, f + 1);
		if (rc == 0)
			rc = answer(fd, call, f + 1, all);
		if (rc < 0)
			return rc;
		/* A kernel without the table, or without IPv6, has no connections to tell. */
		if (rc && rc != ENOENT && rc != EOPNOTSUPP)
			return hbr_fail_errno(err, port_code(rc), rc, netns,
			                      "namespace \"%s\": cannot read its sockets",
			                      netns);
	}
	return 0;
}

int nlk_connections(void *self, const hbr_call *call, const char *netns, uint16_t port,
                    int (*put)(void *user, const hbr_addr *local, const hbr_addr *remote),
                    void *user, hbr_error **err)
{
	struct sockets all = {
		.state = STATE_ESTABLISHED, .port = port, .put_connection = put, .user = user
	};

	return read_sockets(self, call, netns, &all, err);
}

int nlk_listeners(void *self, const hbr_call *call, const char *netns,
                  int (*put)(void *user, const hbr_addr *local, uint16_t port), void *user,
                  hbr_error **err)
{
	struct sockets all = { .state = STATE_LISTEN, .put_listener = put, .user = user };

	return read_sockets(self, call, netns, &all, err);
}
