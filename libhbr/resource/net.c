/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of namespaces, sysctls, links, addresses and routes. The ids are in packed files:
 * add at the end, never use one again.
 */
#include "resource/tables.h"

#include <net/if.h>
#include <stddef.h>

#include "base/prefix.h"

#define LINK(member) offsetof(hbr_link, member)
#define IFADDR(member) offsetof(hbr_ifaddr, member)
#define ROUTE(member) offsetof(hbr_route, member)

static const char *const link_types[] = {
	[HBR_LINK_OTHER] = "other",       [HBR_LINK_NIC] = "nic",
	[HBR_LINK_LOOPBACK] = "loopback", [HBR_LINK_VETH] = "veth",
	[HBR_LINK_BRIDGE] = "bridge",     [HBR_LINK_VXLAN] = "vxlan",
	[HBR_LINK_VRF] = "vrf",           [HBR_LINK_MACVLAN] = "macvlan",
	[HBR_LINK_IPVLAN] = "ipvlan",     NULL,
};

static const char *const addrgen_modes[] = { "eui64", "none", "stable-secret", "random", NULL };

static const char *const route_types[] = {
	[HBR_ROUTE_UNICAST] = "unicast",
	[HBR_ROUTE_BLACKHOLE] = "blackhole",
	[HBR_ROUTE_UNREACHABLE] = "unreachable",
	[HBR_ROUTE_PROHIBIT] = "prohibit",
	NULL,
};

const struct kind kind_netns = {
	.name = "netns",
	.planned = true,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
};

static const struct attr sysctl_attrs[] = {
	{ "value", ATTR_VALUE, ATTR_LIVE, offsetof(hbr_sysctl, value), 1, 0,
	  HBR_GRADE_HARMLESS },
};

const struct kind kind_sysctl = {
	.name = "sysctl",
	.body = sizeof(hbr_sysctl),
	.attrs = sysctl_attrs,
	.n_attrs = hbr_count(sysctl_attrs),
	.planned = true,
	.in_netns = true,
	.no_owner = true,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
};

/* clang-format off */
static const struct attr link_attrs[] = {
	{ "type", ATTR_WORD, ATTR_REMAKE, LINK(type), 1, 0, HBR_GRADE_TRAFFIC, link_types },
	{ "peerNetns", ATTR_STR, ATTR_REMAKE, LINK(peer_netns), 2, 0,
	  HBR_GRADE_TRAFFIC, .quiet = true },
	{ "peer", ATTR_STR, ATTR_REMAKE, LINK(peer), 3, 0, HBR_GRADE_TRAFFIC },
	{ "from", ATTR_STR, ATTR_GIVEN, LINK(from), 4 },
	{ "mtu", ATTR_U32, ATTR_LIVE, LINK(mtu), 5, HBR_LINK_HAS_MTU, HBR_GRADE_TRAFFIC },
	{ "mac", ATTR_MAC, ATTR_LIVE, LINK(mac), 6, HBR_LINK_HAS_MAC,
	  HBR_GRADE_TRAFFIC, .quiet = true },
	/* Taking a link down is graded where steps are made. */
	{ "up", ATTR_BOOL, ATTR_LIVE, LINK(up), 7, HBR_LINK_HAS_UP, HBR_GRADE_HARMLESS },
	{ "master", ATTR_STR, ATTR_LIVE, LINK(master), 8, HBR_LINK_HAS_MASTER,
	  HBR_GRADE_TRAFFIC },
	{ "mark", ATTR_STR, ATTR_LIVE, LINK(mark), 9, HBR_LINK_HAS_MARK,
	  HBR_GRADE_HARMLESS, .quiet = true },
	{ "table", ATTR_U32, ATTR_REMAKE, LINK(table), 10, HBR_LINK_HAS_TABLE,
	  HBR_GRADE_TRAFFIC },
	/* VXLAN: the kernel lets neither VNI nor port be changed (vxlan_nl2conf). */
	{ "vni", ATTR_U32, ATTR_REMAKE, LINK(vni), 11, HBR_LINK_HAS_VXLAN, HBR_GRADE_TRAFFIC },
	{ "local", ATTR_ADDR, ATTR_LIVE, LINK(local), 12, HBR_LINK_HAS_VXLAN,
	  HBR_GRADE_TRAFFIC },
	{ "port", ATTR_U32, ATTR_REMAKE, LINK(port), 13, HBR_LINK_HAS_VXLAN,
	  HBR_GRADE_TRAFFIC },
	{ "learning", ATTR_BOOL, ATTR_LIVE, LINK(learning), 14,
	  HBR_LINK_HAS_VXLAN | HBR_LINK_HAS_PORT, HBR_GRADE_HARMLESS, .quiet = true },
	{ "neighSuppress", ATTR_BOOL, ATTR_LIVE, LINK(neigh_suppress), 15, HBR_LINK_HAS_PORT,
	  HBR_GRADE_HARMLESS, .quiet = true },
	{ "addrgen", ATTR_WORD, ATTR_LIVE, LINK(addrgen), 16, HBR_LINK_HAS_ADDRGEN,
	  HBR_GRADE_HARMLESS, addrgen_modes, .quiet = true },
	{ "secondary", ATTR_BOOL, ATTR_GIVEN, LINK(secondary), 17, .quiet = true },
	{ "peerMac", ATTR_MAC, ATTR_GIVEN, LINK(peer_mac), 18, .quiet = true },
	{ "peerMtu", ATTR_U32, ATTR_GIVEN, LINK(peer_mtu), 19, .quiet = true },
	{ "parent", ATTR_STR, ATTR_SEEN, LINK(parent), 20 },
	{ "ifindex", ATTR_U32, ATTR_SEEN, LINK(ifindex), 21 },
	{ "running", ATTR_BOOL, ATTR_SEEN, LINK(running), 22 },
	{ "txqlen", ATTR_U32, ATTR_LIVE, LINK(txqlen), 23, HBR_LINK_HAS_TXQLEN,
	  HBR_GRADE_HARMLESS, .quiet = true },
	{ "altnames", ATTR_VALUE, ATTR_LIVE, LINK(altnames), 24, HBR_LINK_HAS_ALTNAMES,
	  HBR_GRADE_HARMLESS, .quiet = true },
	{ "home", ATTR_STR, ATTR_GIVEN, LINK(home), 25 },
	{ "bus", ATTR_STR, ATTR_GIVEN, LINK(bus), 26, .quiet = true },
	{ "permMac", ATTR_MAC, ATTR_GIVEN, LINK(perm_mac), 27, .quiet = true },
};
/* clang-format on */

const struct kind kind_link = {
	.name = "link",
	.body = sizeof(hbr_link),
	.attrs = link_attrs,
	.n_attrs = hbr_count(link_attrs),
	.has_mask = true,
	.planned = true,
	.in_netns = true,
	.name_max = IFNAMSIZ - 1,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
};

static int ifaddr_cmp(const void *a, const void *b)
{
	return prefix_cmp(&((const hbr_ifaddr *)a)->addr, &((const hbr_ifaddr *)b)->addr);
}

static void ifaddr_key(const void *body, struct buf *out)
{
	char text[PREFIX_TEXT];

	buf_putc(out, '/');
	buf_puts(out, prefix_format(&((const hbr_ifaddr *)body)->addr, text));
}

static const struct attr addr_attrs[] = {
	{ "addr", ATTR_ADDR, ATTR_IDENTITY, IFADDR(addr), 1, .quiet = true },
	{ "nodad", ATTR_BOOL, ATTR_GIVEN, IFADDR(nodad), 2, .quiet = true },
	{ "protocol", ATTR_U32, ATTR_GIVEN, IFADDR(protocol), 3, .quiet = true },
	{ "ifindex", ATTR_U32, ATTR_SEEN, IFADDR(ifindex), 4 },
	{ "flags", ATTR_U32, ATTR_GIVEN, IFADDR(flags), 5, .quiet = true },
	{ "valid", ATTR_U32, ATTR_GIVEN, IFADDR(valid), 6, .quiet = true },
	{ "preferred", ATTR_U32, ATTR_GIVEN, IFADDR(preferred), 7, .quiet = true },
	{ "metric", ATTR_U32, ATTR_GIVEN, IFADDR(metric), 8, .quiet = true },
	{ "scope", ATTR_U32, ATTR_GIVEN, IFADDR(scope), 9, .quiet = true },
	{ "place", ATTR_U32, ATTR_GIVEN, IFADDR(place), 10, .quiet = true },
	{ "broadcast", ATTR_ADDR, ATTR_GIVEN, IFADDR(broadcast), 11, .quiet = true },
	{ "peer", ATTR_ADDR, ATTR_GIVEN, IFADDR(peer), 12, .quiet = true },
	{ "label", ATTR_STR, ATTR_GIVEN, IFADDR(label), 13, .quiet = true },
};

const struct kind kind_addr = {
	.name = "addr",
	.body = sizeof(hbr_ifaddr),
	.attrs = addr_attrs,
	.n_attrs = hbr_count(addr_attrs),
	.planned = true,
	.in_netns = true,
	.name_max = IFNAMSIZ - 1,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
	.cmp = ifaddr_cmp,
	.key = ifaddr_key,
};

#define TABLE_MAIN 254
#define METRIC_IPV6 1024 /* IP6_RT_PRIO_USER: what the kernel makes of 0 */

static uint32_t route_table(const hbr_route *route)
{
	return route->table ? route->table : TABLE_MAIN;
}

static uint32_t route_metric(const hbr_route *route)
{
	return route->metric || route->to.family != 6 ? route->metric : METRIC_IPV6;
}

static int route_cmp(const void *a, const void *b)
{
	const hbr_route *left = a, *right = b;
	uint32_t left_table = route_table(left), right_table = route_table(right);
	uint32_t left_metric = route_metric(left), right_metric = route_metric(right);

	if (left_table != right_table)
		return left_table < right_table ? -1 : 1;

	int rc = prefix_cmp(&left->to, &right->to);

	if (rc)
		return rc;
	return left_metric < right_metric ? -1 : left_metric > right_metric;
}

static void route_key(const void *body, struct buf *out)
{
	const hbr_route *route = body;
	char text[PREFIX_TEXT];

	buf_puts(out, prefix_format(&route->to, text));
	if (route_table(route) != TABLE_MAIN)
		buf_printf(out, ",table=%u", route->table);
	if (route->metric && (route->to.family != 6 || route->metric != METRIC_IPV6))
		buf_printf(out, ",metric=%u", route->metric);
}

/* clang-format off */
static const struct attr route_attrs[] = {
	{ "to", ATTR_ADDR, ATTR_IDENTITY, ROUTE(to), 1, .quiet = true },
	{ "via", ATTR_ADDR, ATTR_LIVE, ROUTE(via), 2, 0, HBR_GRADE_HARMLESS },
	{ "dev", ATTR_STR, ATTR_LIVE, ROUTE(dev), 3, 0, HBR_GRADE_HARMLESS },
	{ "table", ATTR_U32, ATTR_IDENTITY, ROUTE(table), 4, .zero = TABLE_MAIN,
	  .quiet = true },
	{ "metric", ATTR_U32, ATTR_IDENTITY, ROUTE(metric), 5, .free_zero = true,
	  .quiet = true },
	{ "protocol", ATTR_U32, ATTR_GIVEN, ROUTE(protocol), 6, .quiet = true },
	{ "scope", ATTR_U32, ATTR_GIVEN, ROUTE(scope), 7, .quiet = true },
	{ "type", ATTR_WORD, ATTR_LIVE, ROUTE(type), 8, 0, HBR_GRADE_HARMLESS, route_types },
	{ "onlink", ATTR_BOOL, ATTR_GIVEN, ROUTE(onlink), 9, .quiet = true },
	/* Several next hops where one is wanted are a difference. */
	{ "paths", ATTR_U32, ATTR_LIVE, ROUTE(paths), 10, 0, HBR_GRADE_HARMLESS, .zero = 1 },
	{ "source", ATTR_ADDR, ATTR_GIVEN, ROUTE(source), 11, .quiet = true },
	{ "mtu", ATTR_U32, ATTR_GIVEN, ROUTE(mtu), 12, .quiet = true },
	{ "partial", ATTR_BOOL, ATTR_SEEN, ROUTE(partial), 13 },
};
/* clang-format on */

const struct kind kind_route = {
	.name = "route",
	.body = sizeof(hbr_route),
	.attrs = route_attrs,
	.n_attrs = hbr_count(route_attrs),
	.planned = true,
	.in_netns = true,
	.unnamed = true,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
	.cmp = route_cmp,
	.key = route_key,
};
