/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pinging: one raw socket for each namespace, family and source, one poll loop for all. An
 * answer is known by our identifier, the probe's number and a random token in the payload.
 */
#include "port/ping.h"

#include "base/mem.h"
#include "port/netns.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROBES_MAX 65536  /* the echo sequence number tells them apart */
#define RAW_ICMP_FILTER 1 /* linux/icmp.h: ICMP_FILTER */

/* Both protocols' echo messages look the same. */
struct echo {
	uint8_t type, code;
	uint16_t sum;
	uint16_t id, number;
	uint64_t token;
	int64_t sent_ns;
};

struct group {
	const char *netns;
	hbr_addr from;
	uint8_t family;
	int fd;
};

struct pinger {
	struct ping_probe *probes;
	size_t n;
	uint32_t *group_of; /* of each probe */
	VEC(struct group) groups;
	struct pollfd *fds; /* of the groups, then the cancel fd */
	size_t waiting;
	uint64_t token;
	uint16_t id;
};

static void free_pinger(struct pinger *pinger)
{
	for (size_t i = 0; i < pinger->groups.n; i++) {
		if (pinger->groups.items[i].fd >= 0)
			close(pinger->groups.items[i].fd);
	}
	vec_free(&pinger->groups);
	free(pinger->group_of);
	free(pinger->fds);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static socklen_t to_sockaddr(const hbr_addr *addr, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (addr->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		in->sin_family = AF_INET;
		memcpy(&in->sin_addr, addr->bytes, 4);
		return sizeof(*in);
	}

	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	memcpy(&in6->sin6_addr, addr->bytes, 16);
	return sizeof(*in6);
}

/* Only echo replies wake us: a raw socket hears everything otherwise, the requests too. */
static void set_filter(const struct group *group)
{
	if (group->family == 4) {
		uint32_t filter = ~(1u << ICMP_ECHOREPLY);

		setsockopt(group->fd, SOL_RAW, RAW_ICMP_FILTER, &filter, sizeof(filter));
	} else {
		struct icmp6_filter filter;

		ICMP6_FILTER_SETBLOCKALL(&filter);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
		setsockopt(group->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
	}
}

static int open_group(struct group *group, const hbr_netns_port *netns, const hbr_call *call,
		      hbr_error **err)
{
	int rc = netns->socket(
		netns->self, call, group->netns, group->family == 4 ? AF_INET : AF_INET6,
		SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		group->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, &group->fd, err);
	if (rc < 0)
		return rc;
	set_filter(group);
	if (!group->from.family)
		return 0;

	struct sockaddr_storage from;
	socklen_t size = to_sockaddr(&group->from, &from);

	/* An address that is not there cannot get answers: its probes go unanswered. */
	if (bind(group->fd, (struct sockaddr *)&from, size) < 0) {
		close(group->fd);
		group->fd = -1;
	}
	return 0;
}

static bool belongs(const struct group *group, const struct ping_probe *probe)
{
	return group->family == probe->to.family && group->from.family == probe->from.family &&
	       !memcmp(group->from.bytes, probe->from.bytes, sizeof(probe->from.bytes)) &&
	       !strcmp(group->netns, probe->netns);
}

static int find_group(struct pinger *pinger, size_t at, const hbr_netns_port *netns,
		      const hbr_call *call, hbr_error **err)
{
	const struct ping_probe *probe = &pinger->probes[at];

	/* Probes come sorted as a rule: the last group is the likely one. */
	for (size_t i = pinger->groups.n; i > 0; i--) {
		if (belongs(&pinger->groups.items[i - 1], probe)) {
			pinger->group_of[at] = (uint32_t)(i - 1);
			return 0;
		}
	}

	struct group *group = vec_push(&pinger->groups, PROBES_MAX);
	if (!group)
		return hbr_oom(err);
	*group = (struct group){
		.netns = probe->netns, .from = probe->from, .family = probe->to.family, .fd = -1
	};
	pinger->group_of[at] = (uint32_t)(pinger->groups.n - 1);
	return open_group(group, netns, call, err);
}

static int prepare(struct pinger *pinger, const hbr_netns_port *netns, const hbr_call *call,
		   hbr_error **err)
{
	uint8_t random[sizeof(pinger->token) + sizeof(pinger->id)] = { 0 };

	pinger->group_of = calloc(pinger->n, sizeof(*pinger->group_of));
	if (!pinger->group_of)
		return hbr_oom(err);
	for (size_t i = 0; i < pinger->n; i++) {
		struct ping_probe *probe = &pinger->probes[i];

		probe->answered = 0;
		probe->rtt_us = 0;
		if ((probe->to.family != 4 && probe->to.family != 6) ||
		    (probe->from.family && probe->from.family != probe->to.family))
			return hbr_fail(err, HBR_EINVAL, probe->netns,
					"a ping needs addresses of one family");
		int rc = find_group(pinger, i, netns, call, err);
		if (rc < 0)
			return rc;
	}
	pinger->waiting = pinger->n;
	if (getrandom(random, sizeof(random), 0) < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "no random bytes");
	memcpy(&pinger->token, random, sizeof(pinger->token));
	memcpy(&pinger->id, random + sizeof(pinger->token), sizeof(pinger->id));

	pinger->fds = calloc(pinger->groups.n + 1, sizeof(*pinger->fds));
	if (!pinger->fds)
		return hbr_oom(err);
	for (size_t i = 0; i < pinger->groups.n; i++)
		pinger->fds[i] =
			(struct pollfd){ .fd = pinger->groups.items[i].fd, .events = POLLIN };
	pinger->fds[pinger->groups.n] = (struct pollfd){
		.fd = call ? call->cancel_fd : -1,
		.events = POLLIN,
	};
	return 0;
}

/* RFC 1071. */
static uint16_t checksum(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word;

		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void send_all(struct pinger *pinger)
{
	for (size_t i = 0; i < pinger->n; i++) {
		const struct ping_probe *probe = &pinger->probes[i];
		int fd = pinger->groups.items[pinger->group_of[i]].fd;
		struct sockaddr_storage to;
		struct echo echo = {
			.type = probe->to.family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
			.id = pinger->id,
			.number = htons((uint16_t)i),
			.token = pinger->token,
		};

		if (probe->answered || fd < 0)
			continue;
		socklen_t size = to_sockaddr(&probe->to, &to);

		echo.sent_ns = now_ns();
		/* The kernel sums ICMPv6 itself: RFC 3542 3.1. */
		if (probe->to.family == 4)
			echo.sum = checksum(&echo, sizeof(echo));
		/* No route, no neighbour, no room: all of them are no answer. */
		(void)!sendto(fd, &echo, sizeof(echo), 0, (struct sockaddr *)&to, size);
	}
}

static bool same_source(const struct sockaddr_storage *from, const hbr_addr *to)
{
	if (to->family == 4)
		return !memcmp(&((const struct sockaddr_in *)from)->sin_addr, to->bytes, 4);
	return !memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr, to->bytes, 16);
}

static void receive(struct pinger *pinger, size_t at)
{
	const struct group *group = &pinger->groups.items[at];
	uint8_t packet[256];
	struct sockaddr_storage from;
	socklen_t from_size = sizeof(from);
	ssize_t size;

	while ((size = recvfrom(group->fd, packet, sizeof(packet), 0, (struct sockaddr *)&from,
				&from_size)) > 0) {
		/* IPv4 comes with its header. */
		size_t skip = group->family == 4 ? (size_t)(packet[0] & 0xf) * 4 : 0;
		struct echo echo;
		size_t number;

		from_size = sizeof(from);
		if ((size_t)size < skip + sizeof(echo))
			continue;
		memcpy(&echo, packet + skip, sizeof(echo));
		number = ntohs(echo.number);
		if (echo.type != (group->family == 4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) ||
		    echo.id != pinger->id || echo.token != pinger->token || number >= pinger->n)
			continue;
		struct ping_probe *probe = &pinger->probes[number];

		if (probe->answered || pinger->group_of[number] != at ||
		    !same_source(&from, &probe->to))
			continue;
		probe->answered = 1;
		probe->rtt_us = (uint32_t)((now_ns() - echo.sent_ns) / 1000);
		pinger->waiting--;
	}
}

static int wait_round(struct pinger *pinger, const hbr_call *call, uint32_t timeout_ms,
		      hbr_error **err)
{
	int64_t until = now_ns() + (int64_t)timeout_ms * 1000000;

	while (pinger->waiting) {
		int64_t left = (until - now_ns() + 999999) / 1000000;
		int rc = port_proceed(call, err);
		if (rc < 0)
			return rc;
		if (left <= 0)
			return 0;
		int ready =
			poll(pinger->fds, pinger->groups.n + 1, port_wait_ms(call, (int)left));

		if (ready < 0 && errno != EINTR)
			return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL,
					      "cannot wait for answers");
		for (size_t i = 0; ready > 0 && i < pinger->groups.n; i++) {
			if (pinger->fds[i].revents)
				receive(pinger, i);
		}
	}
	return 0;
}

int ping_run(const hbr_netns_port *netns, const hbr_call *call, struct ping_probe *probes,
	     size_t n, uint32_t tries, uint32_t timeout_ms, hbr_error **err)
{
	hbr_cleanup(free_pinger) struct pinger pinger = { .probes = probes, .n = n };
	int rc;

	if (!n)
		return 0;
	if (n > PROBES_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d pings at once",
				PROBES_MAX);
	rc = prepare(&pinger, netns, call, err);
	for (uint32_t i = 0; rc == 0 && i < tries && pinger.waiting; i++) {
		send_all(&pinger);
		rc = wait_round(&pinger, call, timeout_ms, err);
	}
	return rc;
}
