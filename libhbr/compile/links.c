/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage LINKS: namespaces, NICs into them, veth pairs outside VRFs, addresses, routes. Sysctls
 * are in sysctl.c.
 */
#include "compile/compile.h"

#include <linux/rtnetlink.h>

#include "base/prefix.h"

static const char *mark_of(struct build *build, const char *path)
{
	return arena_printf(build->arena, HBR_MARK_PREFIX "%s", path);
}

static int put_addrs(struct build *build, const char *netns, const char *ifname,
                     const struct addr_list *addrs, const char *owner, hbr_error **err)
{
	for (uint32_t i = 0; i < addrs->n; i++) {
		hbr_ifaddr body = {
			.addr = addrs->items[i].addr,
			.nodad = 1,
			.protocol = HBR_ROUTE_PROTOCOL,
		};
		int rc = build_put(build, HBR_KIND_ADDR, netns, ifname, owner, 0, &body, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int put_loopback(struct build *build, const struct netns *netns, hbr_error **err)
{
	hbr_link body = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	return build_put(build, HBR_KIND_LINK, netns->name, "lo", netns->path, 0, &body, err);
}

static int put_uplink(struct build *build, const struct netns *netns,
                      const struct uplink *uplink, hbr_error **err)
{
	hbr_link body = {
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU | HBR_LINK_HAS_MARK,
		.type = HBR_LINK_NIC,
		.from = "",
		.up = 1,
		.mtu = uplink->mtu ? uplink->mtu : build->site->spec->mtu,
		.mark = mark_of(build, netns->path),
	};

	if (!uplink->ifname)
		return hbr_fail_at(
		        err, HBR_ENOTSUP, &uplink->at, netns->path,
		        "an uplink found by MAC or bus address needs a name as well");
	if (!body.mark)
		return hbr_oom(err);
	body.bus = uplink->bus;
	if (uplink->mac)
		mac_parse(uplink->mac, body.perm_mac);
	int rc = build_put(build, HBR_KIND_LINK, netns->name, uplink->ifname, netns->path, 0,
	                   &body, err);
	if (rc < 0)
		return rc;
	return put_addrs(build, netns->name, uplink->ifname, &uplink->addrs, netns->path, err);
}

/* One end of a pair. The primary carries what its peer needs to be made by the same message. */
static int put_end(struct build *build, const struct veth *veth, const struct end *end,
                   const struct end *peer, bool secondary, hbr_error **err)
{
	hbr_link body = {
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU | HBR_LINK_HAS_MAC |
		       HBR_LINK_HAS_MARK,
		.type = HBR_LINK_VETH,
		.peer_netns = peer->netns,
		.peer = peer->ifname,
		.mark = mark_of(build, veth->path),
		.mtu = veth->mtu ? veth->mtu : build->site->spec->mtu,
		.up = !(end->flags & HBR_END_DOWN),
		.secondary = secondary,
	};

	if (!body.mark)
		return hbr_oom(err);
	for (size_t i = 0; i < sizeof(body.mac); i++) {
		body.mac[i] = end->mac[i];
		body.peer_mac[i] = peer->mac[i];
	}
	body.peer_mtu = body.mtu;
	int rc = build_put(build, HBR_KIND_LINK, end->netns, end->ifname, veth->path, 0, &body,
	                   err);
	if (rc < 0)
		return rc;
	return put_addrs(build, end->netns, end->ifname, &end->addrs, veth->path, err);
}

/* The connected route is there already and would be refused as a duplicate. */
static bool is_connected(const struct end *end, const hbr_addr *to)
{
	for (uint32_t i = 0; i < end->addrs.n; i++) {
		hbr_addr net = prefix_network(&end->addrs.items[i].addr);

		if (prefix_equal(&net, to))
			return true;
	}
	return false;
}

/* From the host end to every prefix behind the router. */
static int put_reach(struct build *build, const struct veth *veth, hbr_error **err)
{
	char text[PREFIX_TEXT];

	for (uint32_t i = 0; i < veth->reach.n; i++) {
		hbr_addr to = prefix_network(&veth->reach.items[i].addr);
		const hbr_addr *via = addr_list_first(&veth->b.addrs, to.family);

		if (is_connected(&veth->a, &to))
			continue;
		if (!via)
			return hbr_fail_at(
			        err, HBR_EMODEL, &veth->reach.items[i].source.at, veth->path,
			        "cannot reach %s: the router end %s has no IPv%d address",
			        prefix_format(&to, text), veth->b.ifname, to.family);
		hbr_route body = {
			.to = to,
			.via = prefix_host(via),
			.dev = veth->a.ifname,
			.table = RT_TABLE_MAIN,
			.protocol = HBR_ROUTE_PROTOCOL,
		};
		int rc = build_put(build, HBR_KIND_ROUTE, veth->a.netns, NULL, veth->path, 0,
		                   &body, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The address that all routers share, on this one, and the way of the host end there. */
static int put_shared(struct build *build, const struct veth *veth, const hbr_addr *shared,
                      hbr_error **err)
{
	const hbr_addr *via = addr_list_first(&veth->b.addrs, shared->family);
	hbr_ifaddr addr = {
		.addr = *shared,
		.nodad = 1,
		.protocol = HBR_ROUTE_PROTOCOL,
	};
	hbr_route route = {
		.to = *shared,
		.dev = veth->a.ifname,
		.table = RT_TABLE_MAIN,
		.protocol = HBR_ROUTE_PROTOCOL,
	};

	if (!via)
		return 0;
	route.via = prefix_host(via);
	int rc = build_put(build, HBR_KIND_ADDR, veth->b.netns, veth->b.ifname, veth->path, 0,
	                   &addr, err);
	if (rc < 0)
		return rc;
	return build_put(build, HBR_KIND_ROUTE, veth->a.netns, NULL, veth->path, 0, &route,
	                 err);
}

static int put_veth(struct build *build, const struct veth *veth, hbr_error **err)
{
	/* The router end is the primary: what is made in the router's namespace goes out in one
	 * send, and the pair is never in a wrong place. */
	int rc = put_end(build, veth, &veth->b, &veth->a, false, err);
	if (rc < 0)
		return rc;
	rc = put_end(build, veth, &veth->a, &veth->b, true, err);
	if (rc == 0)
		rc = put_reach(build, veth, err);
	if (veth != calico_veth(build->site, build->node))
		return rc;
	for (uint32_t i = 0; i < build->site->calico_peers.n && rc == 0; i++)
		rc = put_shared(build, veth, &build->site->calico_peers.items[i].addr, err);
	return rc;
}

static int put_static(struct build *build, const struct netns *netns,
                      const struct static_route *route, hbr_error **err)
{
	hbr_route body = {
		.to = prefix_network(&route->to),
		.via = route->via.family ? prefix_host(&route->via) : route->via,
		.dev = route->dev,
		.table = RT_TABLE_MAIN,
		.metric = route->metric,
		.protocol = HBR_ROUTE_PROTOCOL,
		.type = route->action,
	};

	if (route->vrf)
		return hbr_fail_at(err, HBR_ENOTSUP, &route->at, netns->path,
		                   "a route in VRF %s is not made by this version of libhbr",
		                   route->vrf);
	if (!route->via.family && route->dev && route->to.family == 4)
		body.scope = RT_SCOPE_LINK;
	return build_put(build, HBR_KIND_ROUTE, netns->name, NULL, netns->path, 0, &body, err);
}

static int put_netns(struct build *build, const struct netns *netns, hbr_error **err)
{
	int rc = 0;

	if (netns->name[0]) {
		rc = build_put(build, HBR_KIND_NETNS, NULL, netns->name, netns->path, 0, NULL,
		               err);
		if (rc == 0)
			rc = put_loopback(build, netns, err);
	}
	for (uint32_t i = 0; i < netns->n_uplinks && rc == 0; i++)
		rc = put_uplink(build, netns, &netns->uplinks[i], err);
	for (uint32_t i = 0; i < netns->n_routes && rc == 0; i++)
		rc = put_static(build, netns, &netns->routes[i], err);
	return rc;
}

int links_compile(struct build *build, hbr_error **err)
{
	const struct node *node = build->node;
	int rc = 0;

	for (uint32_t i = 0; i < node->n_netns && rc == 0; i++)
		rc = put_netns(build, &node->netns[i], err);
	if (rc == 0)
		rc = put_addrs(build, router_netns(build), "lo", &node->loopbacks, node->name,
		               err);
	for (uint32_t i = 0; i < node->n_veths && rc == 0; i++) {
		if (veth_is_main(&node->veths[i]))
			rc = put_veth(build, &node->veths[i], err);
	}
	return rc;
}
