/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same with libnl-route as its users write it: objects, an answer for each, caches to read.
 */
#include "bench/bench.h"

#include <fcntl.h>
#include <net/if.h>
#include <netlink/cache.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int fail(const char *what, int rc)
{
	fprintf(stderr, "bench: libnl: %s: %s\n", what, nl_geterror(rc));
	return -1;
}

static struct nl_sock *connected(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (sock && nl_connect(sock, NETLINK_ROUTE) < 0) {
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

static int link_up(struct nl_sock *sock, int ifindex)
{
	struct rtnl_link *link = rtnl_link_alloc();
	struct rtnl_link *change = rtnl_link_alloc();

	rtnl_link_set_ifindex(link, ifindex);
	rtnl_link_set_flags(change, IFF_UP);
	int rc = rtnl_link_change(sock, link, change, 0);

	rtnl_link_put(link);
	rtnl_link_put(change);
	return rc < 0 ? fail("link up", rc) : 0;
}

static int add_addr(struct nl_sock *sock, int ifindex, const char *text)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	struct nl_addr *local = NULL;

	nl_addr_parse(text, AF_UNSPEC, &local);
	rtnl_addr_set_ifindex(addr, ifindex);
	rtnl_addr_set_local(addr, local);
	if (nl_addr_get_family(local) == AF_INET6)
		rtnl_addr_set_flags(addr, IFA_F_NODAD);
	int rc = rtnl_addr_add(sock, addr, NLM_F_EXCL);

	nl_addr_put(local);
	rtnl_addr_put(addr);
	return rc < 0 ? fail(text, rc) : 0;
}

static int add_default(struct nl_sock *sock, int ifindex, int family, const void *gateway)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *via = nl_addr_build(family, gateway, family == AF_INET ? 4 : 16);
	struct nl_addr *to = nl_addr_build(family, "", 0);

	nl_addr_set_prefixlen(to, 0);
	rtnl_route_set_family(route, (uint8_t)family);
	rtnl_route_set_dst(route, to);
	rtnl_route_set_protocol(route, 72);
	rtnl_route_nh_set_ifindex(hop, ifindex);
	rtnl_route_nh_set_gateway(hop, via);
	rtnl_route_add_nexthop(route, hop);
	int rc = rtnl_route_add(sock, route, NLM_F_EXCL);

	nl_addr_put(via);
	nl_addr_put(to);
	rtnl_route_put(route);
	return rc < 0 ? fail("default route", rc) : 0;
}

static int add_veth(struct nl_sock *sock, const struct unit *unit, int host)
{
	struct rtnl_link *link = rtnl_link_veth_alloc();
	struct rtnl_link *peer = rtnl_link_veth_get_peer(link);

	rtnl_link_set_name(link, INSIDE);
	rtnl_link_set_flags(link, IFF_UP);
	rtnl_link_set_name(peer, unit->host);
	rtnl_link_set_ns_fd(peer, host);
	int rc = rtnl_link_add(sock, link, NLM_F_CREATE | NLM_F_EXCL);

	rtnl_link_put(peer);
	rtnl_link_put(link);
	return rc < 0 ? fail("veth", rc) : 0;
}

static int make_unit(unsigned i, int host)
{
	struct unit unit;

	unit_of(i, &unit);
	if (unshare(CLONE_NEWNET) < 0)
		return complain("unshare");
	close(open(unit.path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	if (mount("/proc/self/ns/net", unit.path, "none", MS_BIND, NULL) < 0)
		return complain("mount");
	struct nl_sock *sock = connected();
	int rc = link_up(sock, 1);

	if (rc == 0)
		rc = add_veth(sock, &unit, host);
	int ifindex = (int)if_nametoindex(INSIDE);

	if (rc == 0)
		rc = add_addr(sock, ifindex, unit.router4_text);
	if (rc == 0)
		rc = add_addr(sock, ifindex, unit.router6_text);
	if (rc == 0)
		rc = add_default(sock, ifindex, AF_INET, unit.host4);
	if (rc == 0)
		rc = add_default(sock, ifindex, AF_INET6, unit.host6);
	nl_socket_free(sock);
	return rc;
}

static int create(unsigned n)
{
	int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct nl_sock *sock = connected();
	int rc = 0;

	for (unsigned i = 0; i < n && rc == 0; i++) {
		struct unit unit;

		unit_of(i, &unit);
		rc = make_unit(i, host);
		setns(host, CLONE_NEWNET);
		int ifindex = (int)if_nametoindex(unit.host);

		if (rc == 0)
			rc = link_up(sock, ifindex);
		if (rc == 0)
			rc = add_addr(sock, ifindex, unit.host4_text);
		if (rc == 0)
			rc = add_addr(sock, ifindex, unit.host6_text);
	}
	nl_socket_free(sock);
	close(host);
	return rc;
}

static int look(void)
{
	struct nl_sock *sock = connected();
	struct nl_cache *links = NULL;
	struct nl_cache *addrs = NULL;
	struct nl_cache *routes = NULL;
	int rc = rtnl_link_alloc_cache(sock, AF_UNSPEC, &links);

	if (rc == 0)
		rc = rtnl_addr_alloc_cache(sock, &addrs);
	if (rc == 0)
		rc = rtnl_route_alloc_cache(sock, AF_UNSPEC, 0, &routes);
	nl_cache_free(links);
	nl_cache_free(addrs);
	nl_cache_free(routes);
	nl_socket_free(sock);
	return rc < 0 ? fail("cache", rc) : 0;
}

static int noop(unsigned n)
{
	int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int rc = look();

	for (unsigned i = 0; i < n && rc == 0; i++) {
		struct unit unit;

		unit_of(i, &unit);
		int netns = open(unit.path, O_RDONLY | O_CLOEXEC);

		setns(netns, CLONE_NEWNET);
		close(netns);
		rc = look();
	}
	setns(host, CLONE_NEWNET);
	close(host);
	return rc;
}

static int down(unsigned n)
{
	return raw.down(n);
}

const struct contestant libnl = { "libnl-route", create, noop, down };
