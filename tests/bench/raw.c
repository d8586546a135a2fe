/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit: the least that the kernel must be asked for, from its headers alone, without
 * looking at what comes back beyond whether it failed.
 */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define IFINDEX_INSIDE 2
#define IFINDEX_HOST 1000 /* + i */
#define SEND_MAX (3 << 20)
#define GROUP 0x7262

static struct {
	char data[SEND_MAX];
	size_t len;
	struct nlmsghdr *last;
} batch;

static void *room(size_t size)
{
	void *p = batch.data + batch.len;

	memset(p, 0, NLMSG_ALIGN(size));
	batch.len += NLMSG_ALIGN(size);
	return p;
}

static void *message(uint16_t type, uint16_t flags, size_t header)
{
	batch.last = room(sizeof(*batch.last));
	batch.last->nlmsg_type = type;
	batch.last->nlmsg_flags = NLM_F_REQUEST | flags;
	return room(header);
}

static struct rtattr *attr(uint16_t type, const void *data, size_t size)
{
	struct rtattr *rta = room(sizeof(*rta));

	rta->rta_type = type;
	rta->rta_len = (uint16_t)(sizeof(*rta) + size);
	if (size)
		memcpy(room(size), data, size);
	return rta;
}

static void attr32(uint16_t type, uint32_t value)
{
	attr(type, &value, sizeof(value));
}

static void close_nest(struct rtattr *nest)
{
	nest->rta_len = (uint16_t)(batch.data + batch.len - (char *)nest);
}

static void end(void)
{
	batch.last->nlmsg_len = (uint32_t)(batch.data + batch.len - (char *)batch.last);
}

static void put_veth(const struct unit *unit, unsigned i, int host)
{
	struct ifinfomsg *link = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*link));

	link->ifi_index = IFINDEX_INSIDE;
	link->ifi_flags = link->ifi_change = IFF_UP;
	attr(IFLA_IFNAME, INSIDE, sizeof(INSIDE));
	attr32(IFLA_NUM_TX_QUEUES, 1);
	attr32(IFLA_NUM_RX_QUEUES, 1);
	struct rtattr *info = attr(IFLA_LINKINFO, NULL, 0);

	attr(IFLA_INFO_KIND, "veth", 4);
	struct rtattr *data = attr(IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = attr(VETH_INFO_PEER, NULL, 0);
	struct ifinfomsg *other = room(sizeof(*other));

	other->ifi_index = (int)(IFINDEX_HOST + i);
	attr(IFLA_IFNAME, unit->host, strlen(unit->host) + 1);
	attr32(IFLA_NUM_TX_QUEUES, 1);
	attr32(IFLA_NUM_RX_QUEUES, 1);
	attr32(IFLA_NET_NS_FD, (uint32_t)host);
	close_nest(peer);
	close_nest(data);
	close_nest(info);
	end();
}

static void put_up(unsigned ifindex)
{
	struct ifinfomsg *link = message(RTM_SETLINK, 0, sizeof(*link));

	link->ifi_index = (int)ifindex;
	link->ifi_flags = link->ifi_change = IFF_UP;
	end();
}

static void put_addr(unsigned ifindex, int family, const void *bytes, unsigned length)
{
	struct ifaddrmsg *addr = message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*addr));

	addr->ifa_family = (uint8_t)family;
	addr->ifa_prefixlen = (uint8_t)length;
	addr->ifa_index = ifindex;
	addr->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	attr(IFA_LOCAL, bytes, family == AF_INET ? 4 : 16);
	attr(IFA_ADDRESS, bytes, family == AF_INET ? 4 : 16);
	end();
}

static void put_default(int family, const void *gateway)
{
	struct rtmsg *route = message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route));

	route->rtm_family = (uint8_t)family;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = 72;
	route->rtm_type = RTN_UNICAST;
	attr(RTA_GATEWAY, gateway, family == AF_INET ? 4 : 16);
	attr32(RTA_OIF, IFINDEX_INSIDE);
	end();
}

/* One send; whatever failed has answered when it returns. */
static int flush(int fd)
{
	char answer[512];

	batch.last->nlmsg_flags |= NLM_F_ACK;
	if (send(fd, batch.data, batch.len, 0) < 0)
		return complain("send");
	batch.len = 0;
	if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) < 0)
		return complain("recv");

	const struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);

	errno = -error->error;
	return error->error ? complain("the kernel refuses") : 0;
}

static int open_socket(int answers)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int size = SEND_MAX;
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (answers)
		setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return fd;
}

static int make_unit(unsigned i, int host)
{
	struct unit unit;

	unit_of(i, &unit);
	if (unshare(CLONE_NEWNET) < 0)
		return complain("unshare");
	int fd = open_socket(0);
	int file = open(unit.path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	close(file);
	if (mount("/proc/thread-self/ns/net", unit.path, "none", MS_BIND, NULL) < 0)
		return complain("mount");
	put_up(1);
	put_veth(&unit, i, host);
	put_addr(IFINDEX_INSIDE, AF_INET, unit.router4, 30);
	put_addr(IFINDEX_INSIDE, AF_INET6, unit.router6, 126);
	put_default(AF_INET, unit.host4);
	put_default(AF_INET6, unit.host6);
	int rc = flush(fd);

	close(fd);
	return rc;
}

struct job {
	unsigned n;
	int host, rc;
};

static void *make_units(void *arg)
{
	struct job *job = arg;

	for (unsigned i = 0; i < job->n && job->rc == 0; i++)
		job->rc = make_unit(i, job->host);
	return NULL;
}

static int create(unsigned n)
{
	int fd = open_socket(0);
	struct job job = { .n = n, .host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) };
	pthread_t thread;

	pthread_create(&thread, NULL, make_units, &job);
	pthread_join(thread, NULL);
	if (job.rc)
		return job.rc;
	for (unsigned i = 0; i < n; i++)
		put_up(IFINDEX_HOST + i);
	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		put_addr(IFINDEX_HOST + i, AF_INET, unit.host4, 30);
		put_addr(IFINDEX_HOST + i, AF_INET6, unit.host6, 126);
	}
	int rc = flush(fd);

	close(fd);
	close(job.host);
	return rc;
}

/* Reads one dump to its end and counts the messages. */
static int dump(int fd, uint16_t type, size_t header, int family, unsigned *count)
{
	static char answers[32768];

	batch.len = 0;
	uint8_t *body = message(type, NLM_F_DUMP, header);
	/* The family is the first byte of every header. */
	body[0] = (uint8_t)family;
	if (type == RTM_GETROUTE)
		attr32(RTA_TABLE, RT_TABLE_MAIN);
	end();
	if (send(fd, batch.data, batch.len, 0) < 0)
		return complain("send");
	batch.len = 0;
	for (;;) {
		ssize_t size = recv(fd, answers, sizeof(answers), 0);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)answers;

		if (size < 0)
			return complain("recv");
		for (; NLMSG_OK(nlh, size); nlh = NLMSG_NEXT(nlh, size)) {
			if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR)
				return 0;
			(*count)++;
		}
	}
}

int raw_count(int netns, struct tally *tally)
{
	if (netns >= 0 && setns(netns, CLONE_NEWNET) < 0)
		return complain("setns");
	int fd = open_socket(1);
	int rc = dump(fd, RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC, &tally->links);

	if (rc == 0)
		rc = dump(fd, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC, &tally->addrs);
	if (rc == 0)
		rc = dump(fd, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET, &tally->routes);
	if (rc == 0)
		rc = dump(fd, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET6, &tally->routes);
	close(fd);
	return rc;
}

static void *look(void *arg)
{
	struct job *job = arg;

	for (unsigned i = 0; i < job->n && job->rc == 0; i++) {
		struct unit unit;
		struct tally tally = { 0 };

		unit_of(i, &unit);
		int netns = open(unit.path, O_RDONLY | O_CLOEXEC);

		job->rc = raw_count(netns, &tally);
		close(netns);
	}
	return NULL;
}

static int noop(unsigned n)
{
	struct job job = { .n = n };
	struct tally tally = { 0 };
	pthread_t thread;
	int rc = raw_count(-1, &tally);
	if (rc)
		return rc;
	pthread_create(&thread, NULL, look, &job);
	pthread_join(thread, NULL);
	return job.rc;
}

static int down(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		if (umount2(unit.path, MNT_DETACH) < 0 || unlink(unit.path) < 0)
			return complain(unit.path);
	}
	return 0;
}

static void put_group(unsigned ifindex)
{
	struct ifinfomsg *link = message(RTM_SETLINK, 0, sizeof(*link));

	link->ifi_index = (int)ifindex;
	attr32(IFLA_GROUP, GROUP);
	end();
}

/* What is outside is gone when the call returns: its ends in one group, and the group deleted. */
static int down_links_first(unsigned n)
{
	int fd = open_socket(0);

	for (unsigned i = 0; i < n; i++)
		put_group(IFINDEX_HOST + i);
	message(RTM_DELLINK, 0, sizeof(struct ifinfomsg));
	attr32(IFLA_GROUP, GROUP);
	end();

	int rc = flush(fd);

	close(fd);
	return rc ? rc : down(n);
}

const struct contestant raw = { "raw", create, noop, down };
const struct contestant raw_links = { "raw, links first", create, noop, down_links_first };
