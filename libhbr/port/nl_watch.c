/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening for changes: one socket in the node's default namespace hears that and every
 * namespace that has a number there. Events are only counted; what changed is found by looking
 * again.
 */
#include "port/nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WATCH_SIZE (1 << 20)
#define NAMESPACES_MAX 100000

static const int groups[] = {
	RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
};

/* Asks for the number that namespace `fd` has in `ns`; -1 when it has none. */
static int get_number(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call, int fd,
		      int32_t *number, hbr_error **err)
{
	char buf[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETNSID;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	mnl_nlmsg_put_extra_header(request, MNL_ALIGN(sizeof(struct rtgenmsg)));
	mnl_attr_put_u32(request, NETNSA_FD, (uint32_t)fd);
	*number = -1;
	int rc = nlk_collect(port, ns, call, request, err);
	if (rc < 0)
		return rc;

	const struct nlmsghdr *nlh = (const struct nlmsghdr *)port->dumped.data;
	const struct nlattr *attr;

	if (!mnl_nlmsg_ok(nlh, (int)port->dumped.len))
		return 0;
	mnl_attr_for_each(attr, nlh, MNL_ALIGN(sizeof(struct rtgenmsg))) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID &&
		    mnl_attr_get_payload_len(attr) == sizeof(*number))
			*number = (int32_t)mnl_attr_get_u32(attr);
	}
	return 0;
}

static int give_number(struct nlk_port *port, struct nlk_ns *ns, const hbr_call *call, int fd,
		       hbr_error **err)
{
	char buf[64];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_NEWNSID;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	mnl_nlmsg_put_extra_header(request, MNL_ALIGN(sizeof(struct rtgenmsg)));
	mnl_attr_put_u32(request, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
	mnl_attr_put_u32(request, NETNSA_FD, (uint32_t)fd);
	return nlk_collect(port, ns, call, request, err);
}

struct survey {
	hbr_sink sink;
	struct nlk_port *port;
	struct nlk_ns *host;
	const hbr_call *call;
};

/* The kernel tells a listener of another namespace only when that has a number. */
static int watch_one(struct hbr_sink *sink, const hbr_resource *netns, hbr_error **err)
{
	struct survey *survey = sink->user;
	struct nlk_port *port = survey->port;
	const hbr_netns_port *door = port->netns;
	_cleanup_error_ hbr_error *why = NULL;
	int32_t number;
	int fd;

	if (!*netns->name)
		return 0;
	/* It may have gone since it was listed. */
	if (door->open(door->self, survey->call, netns->name, &fd, &why) < 0)
		return 0;
	int rc = get_number(port, survey->host, survey->call, fd, &number, err);
	if (rc == 0 && number < 0) {
		rc = give_number(port, survey->host, survey->call, fd, err);
		if (rc == 0)
			rc = get_number(port, survey->host, survey->call, fd, &number, err);
	}
	if (rc < 0)
		return rc;

	int32_t *kept = vec_push(&port->watched, NAMESPACES_MAX);
	if (!kept)
		return hbr_oom(err);
	*kept = number;
	return 0;
}

static int open_watch(struct nlk_port *port, const hbr_call *call, hbr_error **err)
{
	const hbr_netns_port *door = port->netns;
	int on = 1;
	int size = WATCH_SIZE;
	int fd;
	int rc = door->socket(door->self, call, "", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			      NETLINK_ROUTE, &fd, err);
	if (rc < 0)
		return rc;

	struct sockaddr_nl local = { .nl_family = AF_NETLINK };

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)) < 0) {
		rc = hbr_fail_errno(err, port_code(errno), errno, NULL,
				    "cannot watch the kernel");
		close(fd);
		return rc;
	}
	for (size_t i = 0; i < hbr_count(groups); i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0) {
			rc = hbr_fail_errno(err, port_code(errno), errno, NULL,
					    "cannot watch the kernel");
			close(fd);
			return rc;
		}
	}
	port->watch = fd;
	return 0;
}

int nlk_watch(void *self, const hbr_call *call, int *fd, hbr_error **err)
{
	struct nlk_port *port = self;
	const hbr_netns_port *door = port->netns;
	struct survey survey = { .port = port, .call = call };
	int rc = port_proceed(call, err);
	if (rc == 0)
		rc = nlk_open(port, call, "", &survey.host, err);

	if (rc == 0 && port->watch < 0)
		rc = open_watch(port, call, err);
	if (rc < 0)
		return rc;
	survey.sink = (hbr_sink){ .put = watch_one, .user = &survey };
	port->watched.n = 0;
	rc = door->list(door->self, call, &survey.sink, err);
	if (!port->keep)
		nlk_close_all(port);
	if (rc < 0)
		return rc;
	*fd = port->watch;
	return 0;
}

/* The number of the namespace that a message comes from, in a control message; none: here. */
static bool is_of_node(const struct nlk_port *port, struct msghdr *msg)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		int32_t number;

		if (cmsg->cmsg_level != SOL_NETLINK ||
		    cmsg->cmsg_type != NETLINK_LISTEN_ALL_NSID)
			continue;
		memcpy(&number, CMSG_DATA(cmsg), sizeof(number));
		for (size_t i = 0; i < port->watched.n; i++) {
			if (port->watched.items[i] == number)
				return true;
		}
		return false;
	}
	return true;
}

int nlk_drain(void *self, const hbr_call *call, hbr_error **err)
{
	struct nlk_port *port = self;
	bool seen = false;
	bool lost = false;

	(void)call;
	if (port->watch < 0)
		return 0;
	for (;;) {
		char buf[8192];
		union {
			char bytes[CMSG_SPACE(sizeof(int32_t))];
			struct cmsghdr align;
		} control;
		struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		/* The content does not matter, so neither does a cut. */
		ssize_t n = recvmsg(port->watch, &msg, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			lost = true;
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			return hbr_fail_errno(err, port_code(errno), errno, NULL,
					      "cannot read what changed");
		if (n < 0)
			break;
		seen = seen || is_of_node(port, &msg);
	}
	/* What the numbers of links are may be another now. */
	for (size_t i = 0; (seen || lost) && i < port->spaces.n; i++) {
		struct nlk_ns *ns = port->spaces.items[i];

		ns->index.complete = false;
	}
	if (lost)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more changed than could be followed");
	return seen;
}
