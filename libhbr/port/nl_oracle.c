/* SPDX-License-Identifier: Apache-2.0 */
/* The second reader, through libnl-route. It shares no decoding with the netlink port. */
#include "port/oracle.h"

#include "base/error.h"
#include "port/netns.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/vrf.h>
#include <netlink/route/link/vxlan.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct oracle {
	const char *netns;
	struct nl_sock *sock;
	struct nl_cache *links;
	hbr_sink *sink;
};

static void close_oracle(struct oracle *oracle)
{
	nl_cache_free(oracle->links);
	nl_socket_free(oracle->sock);
}

static void free_cache(struct nl_cache **cache)
{
	nl_cache_free(*cache);
}

static void put_link_ref(struct rtnl_link **link)
{
	rtnl_link_put(*link);
}

static int fail_nl(hbr_error **err, const struct oracle *oracle, int rc)
{
	int code = rc == -NLE_NOMEM ? HBR_ENOMEM : HBR_EIO;

	return hbr_fail(err, code, oracle->netns, "namespace \"%s\": libnl cannot read: %s",
			oracle->netns, nl_geterror(rc));
}

static int open_oracle(struct oracle *oracle, const hbr_netns_port *netns, const hbr_call *call,
		       hbr_error **err)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int fd;
	int rc = netns->socket(netns->self, call, oracle->netns, AF_NETLINK,
			       SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE, &fd, err);
	if (rc < 0)
		return rc;
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
		rc = hbr_fail_errno(err, port_code(errno), errno, oracle->netns,
				    "cannot bind a netlink socket");
		close(fd);
		return rc;
	}
	oracle->sock = nl_socket_alloc();
	rc = oracle->sock ? nl_socket_set_fd(oracle->sock, NETLINK_ROUTE, fd) : -NLE_NOMEM;
	if (rc < 0) {
		close(fd);
		return fail_nl(err, oracle, rc);
	}
	rc = rtnl_link_alloc_cache(oracle->sock, AF_UNSPEC, &oracle->links);
	return rc < 0 ? fail_nl(err, oracle, rc) : 0;
}

/* Borrowed from the cache, which lives as long as the oracle. */
static const char *link_name(const struct oracle *oracle, int ifindex)
{
	hbr_cleanup(put_link_ref) struct rtnl_link *link = NULL;

	if (ifindex > 0)
		link = rtnl_link_get(oracle->links, ifindex);
	return link ? rtnl_link_get_name(link) : NULL;
}

static bool to_addr(struct nl_addr *from, hbr_addr *to)
{
	size_t size = from ? nl_addr_get_len(from) : 0;
	int family = from ? nl_addr_get_family(from) : AF_UNSPEC;

	if (family != AF_INET && family != AF_INET6)
		return false;
	*to = (hbr_addr){
		.family = family == AF_INET ? 4 : 6,
		.length = (uint8_t)nl_addr_get_prefixlen(from),
	};
	/* A default route has no bytes at all. */
	if (size <= sizeof(to->bytes))
		memcpy(to->bytes, nl_addr_get_binary_addr(from), size);
	return true;
}

static int32_t link_type(struct rtnl_link *link)
{
	const char *type = rtnl_link_get_type(link);

	if (rtnl_link_get_arptype(link) == ARPHRD_LOOPBACK)
		return HBR_LINK_LOOPBACK;
	if (!type)
		return HBR_LINK_NIC;
	if (strcmp(type, "veth") == 0)
		return HBR_LINK_VETH;
	if (strcmp(type, "bridge") == 0)
		return HBR_LINK_BRIDGE;
	if (strcmp(type, "vxlan") == 0)
		return HBR_LINK_VXLAN;
	if (strcmp(type, "vrf") == 0)
		return HBR_LINK_VRF;
	if (strcmp(type, "macvlan") == 0)
		return HBR_LINK_MACVLAN;
	if (strcmp(type, "ipvlan") == 0)
		return HBR_LINK_IPVLAN;
	return HBR_LINK_OTHER;
}

static void read_vxlan(struct rtnl_link *link, hbr_link *body)
{
	struct nl_addr *local = NULL;

	body->has |= HBR_LINK_HAS_VXLAN;
	rtnl_link_vxlan_get_id(link, &body->vni);
	rtnl_link_vxlan_get_port(link, &body->port);
	body->learning = rtnl_link_vxlan_get_learning(link) > 0;
	if (rtnl_link_vxlan_get_local(link, &local) == 0) {
		to_addr(local, &body->local);
		nl_addr_put(local);
	}
}

static int read_link(struct oracle *oracle, struct rtnl_link *link, hbr_error **err)
{
	unsigned int flags = rtnl_link_get_flags(link);
	struct nl_addr *mac = rtnl_link_get_addr(link);
	int below = rtnl_link_get_link(link);
	int32_t nsid;
	bool is_here = rtnl_link_get_link_netnsid(link, &nsid) < 0;
	uint8_t mode;
	hbr_link body = {
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU | HBR_LINK_HAS_MASTER |
		       HBR_LINK_HAS_MARK,
		.type = link_type(link),
		.up = flags & IFF_UP ? 1 : 0,
		.running = flags & IFF_LOWER_UP ? 1 : 0,
		.mtu = rtnl_link_get_mtu(link),
		.mark = rtnl_link_get_ifalias(link),
		.master = link_name(oracle, rtnl_link_get_master(link)),
		.ifindex = (uint32_t)rtnl_link_get_ifindex(link),
	};

	if (mac && nl_addr_get_len(mac) == sizeof(body.mac)) {
		body.has |= HBR_LINK_HAS_MAC;
		memcpy(body.mac, nl_addr_get_binary_addr(mac), sizeof(body.mac));
	}
	if (rtnl_link_inet6_get_addr_gen_mode(link, &mode) == 0) {
		body.has |= HBR_LINK_HAS_ADDRGEN;
		body.addrgen = mode;
	}
	if (body.type == HBR_LINK_VRF && rtnl_link_vrf_get_tableid(link, &body.table) == 0)
		body.has |= HBR_LINK_HAS_TABLE;
	if (body.type == HBR_LINK_VXLAN)
		read_vxlan(link, &body);
	if (is_here && body.type == HBR_LINK_VETH) {
		body.peer = link_name(oracle, below);
		body.peer_netns = body.peer ? oracle->netns : NULL;
	} else if (is_here && below != (int)body.ifindex) {
		body.parent = link_name(oracle, below);
	}

	bool is_ours =
		body.mark && !strncmp(body.mark, HBR_MARK_PREFIX, strlen(HBR_MARK_PREFIX));
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_LINK,
		.flags = is_ours ? HBR_RESOURCE_OURS : 0,
		.netns = oracle->netns,
		.name = rtnl_link_get_name(link),
		.body = &body,
	};
	return oracle->sink->put(oracle->sink, &resource, err);
}

static int read_links(struct oracle *oracle, hbr_error **err)
{
	for (struct nl_object *one = nl_cache_get_first(oracle->links); one;
	     one = nl_cache_get_next(one)) {
		int rc = read_link(oracle, (struct rtnl_link *)one, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_addr(struct oracle *oracle, struct rtnl_addr *addr, hbr_error **err)
{
	hbr_ifaddr body = { .ifindex = (uint32_t)rtnl_addr_get_ifindex(addr) };
	const char *link = link_name(oracle, rtnl_addr_get_ifindex(addr));

	if (!link || !to_addr(rtnl_addr_get_local(addr), &body.addr))
		return 0;
	body.addr.length = (uint8_t)rtnl_addr_get_prefixlen(addr);
	body.nodad = rtnl_addr_get_flags(addr) & IFA_F_NODAD ? 1 : 0;
	if (body.addr.family == 6 && rtnl_addr_get_scope(addr) == RT_SCOPE_LINK)
		return 0;

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_ADDR,
		.netns = oracle->netns,
		.name = link,
		.body = &body,
	};
	return oracle->sink->put(oracle->sink, &resource, err);
}

static int read_addrs(struct oracle *oracle, hbr_error **err)
{
	hbr_cleanup(free_cache) struct nl_cache *addrs = NULL;
	int rc = rtnl_addr_alloc_cache(oracle->sock, &addrs);
	if (rc < 0)
		return fail_nl(err, oracle, rc);

	for (struct nl_object *one = nl_cache_get_first(addrs); one;
	     one = nl_cache_get_next(one)) {
		rc = read_addr(oracle, (struct rtnl_addr *)one, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The main table, and those of the VRFs that are here. */
static bool is_read(const struct oracle *oracle, uint32_t table)
{
	if (table == RT_TABLE_MAIN)
		return true;
	for (struct nl_object *one = nl_cache_get_first(oracle->links); one;
	     one = nl_cache_get_next(one)) {
		struct rtnl_link *link = (struct rtnl_link *)one;
		uint32_t number;

		if (link_type(link) == HBR_LINK_VRF &&
		    rtnl_link_vrf_get_tableid(link, &number) == 0 && number == table)
			return true;
	}
	return false;
}

static bool route_type(int type, int32_t *out)
{
	switch (type) {
	case RTN_UNICAST:
		*out = HBR_ROUTE_UNICAST;
		return true;
	case RTN_BLACKHOLE:
		*out = HBR_ROUTE_BLACKHOLE;
		return true;
	case RTN_UNREACHABLE:
		*out = HBR_ROUTE_UNREACHABLE;
		return true;
	case RTN_PROHIBIT:
		*out = HBR_ROUTE_PROHIBIT;
		return true;
	}
	return false;
}

static void read_hop(const struct oracle *oracle, struct rtnl_route *route, hbr_route *body)
{
	struct rtnl_nexthop *hop;
	struct nl_addr *via;

	body->paths = (uint32_t)rtnl_route_get_nnexthops(route);
	hop = body->paths ? rtnl_route_nexthop_n(route, 0) : NULL;
	if (!hop) {
		body->paths = 1;
		return;
	}
	via = rtnl_route_nh_get_gateway(hop);
	if (to_addr(via ? via : rtnl_route_nh_get_via(hop), &body->via))
		body->via.length = body->via.family == 4 ? 32 : 128;
	body->onlink = rtnl_route_nh_get_flags(hop) & RTNH_F_ONLINK ? 1 : 0;
	if (body->type == HBR_ROUTE_UNICAST)
		body->dev = link_name(oracle, rtnl_route_nh_get_ifindex(hop));
}

static int read_route(struct oracle *oracle, struct rtnl_route *route, hbr_error **err)
{
	hbr_route body = {
		.table = rtnl_route_get_table(route),
		.metric = rtnl_route_get_priority(route),
		.protocol = rtnl_route_get_protocol(route),
		.scope = rtnl_route_get_scope(route),
	};

	if (!is_read(oracle, body.table) || rtnl_route_get_flags(route) & RTM_F_CLONED ||
	    !route_type(rtnl_route_get_type(route), &body.type) ||
	    !to_addr(rtnl_route_get_dst(route), &body.to))
		return 0;
	/* fe80::/10 and ff00::/8: the kernel's, one a link. */
	if (body.to.family == 6 && body.protocol == RTPROT_KERNEL &&
	    (body.to.bytes[0] == 0xff ||
	     (body.to.bytes[0] == 0xfe && body.to.bytes[1] >= 0x80)))
		return 0;
	read_hop(oracle, route, &body);

	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_ROUTE,
		.flags = body.protocol == HBR_ROUTE_PROTOCOL ? HBR_RESOURCE_OURS : 0,
		.netns = oracle->netns,
		.body = &body,
	};
	return oracle->sink->put(oracle->sink, &resource, err);
}

static int read_routes(struct oracle *oracle, hbr_error **err)
{
	hbr_cleanup(free_cache) struct nl_cache *routes = NULL;
	int rc = rtnl_route_alloc_cache(oracle->sock, AF_UNSPEC, 0, &routes);
	if (rc < 0)
		return fail_nl(err, oracle, rc);

	for (struct nl_object *one = nl_cache_get_first(routes); one;
	     one = nl_cache_get_next(one)) {
		rc = read_route(oracle, (struct rtnl_route *)one, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int oracle_dump(const hbr_netns_port *netns, const hbr_call *call, const char *name,
		uint32_t kinds, hbr_sink *sink, hbr_error **err)
{
	hbr_cleanup(close_oracle) struct oracle oracle = { .netns = name, .sink = sink };
	int rc = open_oracle(&oracle, netns, call, err);

	if (rc == 0 && kinds & 1u << HBR_KIND_LINK)
		rc = read_links(&oracle, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ADDR)
		rc = read_addrs(&oracle, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ROUTE)
		rc = read_routes(&oracle, err);
	return rc;
}
