/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of MTUs: what IPv6 asks for, what the fabric carries, what an overlay takes away. */
#include <string.h>

#include "model/lint_rules.h"

#define MTU_MIN_V4 576  /* RFC 791 */
#define MTU_MIN_V6 1280 /* RFC 8200 */
#define IPV6_MORE 20    /* bytes that an IPv6 header has more than an IPv4 header */

/* Bytes around an inner packet, over IPv4. */
static const struct {
	int32_t overlay;
	uint32_t overhead;
	const char *name;
} overlays[] = {
	{ HBR_OVERLAY_VXLAN, 50, "VXLAN" }, /* Ethernet 14, IPv4 20, UDP 8, VXLAN 8 */
	{ HBR_OVERLAY_MPLS_UDP, 32, "MPLS over UDP" }, /* IPv4 20, UDP 8, one label 4 */
};

static uint32_t min_mtu(int families)
{
	return families & HBR_FAMILY_IPV6 ? MTU_MIN_V6 : MTU_MIN_V4;
}

/* The smallest MTU of the router's uplinks; 0: it has none. */
static uint32_t fabric_mtu(const struct lint *lint, const struct node *node)
{
	uint32_t smallest = 0;

	for (uint32_t k = 0; k < node->n_netns; k++)
		for (uint32_t u = 0; u < node->netns[k].n_uplinks; u++) {
			uint32_t mtu = node->netns[k].uplinks[u].mtu;

			if (!mtu)
				mtu = lint->site->spec->mtu;
			if (!smallest || mtu < smallest)
				smallest = mtu;
		}
	return smallest;
}

static int all_families(const struct node *node)
{
	int families = 0;

	for (uint32_t i = 0; i < node->n_veths; i++)
		families |= addr_list_families(&node->veths[i].a.addrs) |
		            addr_list_families(&node->veths[i].b.addrs);
	for (uint32_t i = 0; i < node->n_netns; i++)
		for (uint32_t u = 0; u < node->netns[i].n_uplinks; u++)
			families |= addr_list_families(&node->netns[i].uplinks[u].addrs);
	return families;
}

static void report_small(struct lint *lint, const struct node *node, const char *ifname,
                         uint32_t mtu, int families, const struct mark *mark, const char *path)
{
	lint_found(lint, mark, path,
	           lint_text(lint, "%s asks for at least %u",
	                     families & HBR_FAMILY_IPV6 ? "IPv6" : "IPv4", min_mtu(families)),
	           "%s of %s: MTU %u is too small", ifname, node->name, mtu);
}

static void check_uplinks_small(struct lint *lint, const struct node *node,
                                const struct netns *netns)
{
	int families = all_families(node);

	for (uint32_t i = 0; i < netns->n_uplinks; i++) {
		const struct uplink *uplink = &netns->uplinks[i];
		bool is_site = uplink->mtu == lint->site->spec->mtu;

		if (!uplink->mtu || uplink->mtu >= min_mtu(families))
			continue;
		const struct mark mark = is_site ? lint_site_mark(lint, "mtu") : uplink->at;

		report_small(lint, node, uplink->ifname ? uplink->ifname : "the uplink",
		             uplink->mtu, families, &mark, netns->path);
	}
}

static void check_veth_small(struct lint *lint, const struct node *node,
                             const struct veth *veth)
{
	int families = addr_list_families(&veth->a.addrs) | addr_list_families(&veth->b.addrs);
	uint32_t fabric = fabric_mtu(lint, node);

	if (!veth->mtu || veth->mtu >= min_mtu(families))
		return;
	/* That the fabric has no room is said of the uplink. */
	if (fabric && fabric < min_mtu(families))
		return;
	const struct mark mark = topology_mark(lint->topology, veth->path, "mtu");

	report_small(lint, node, veth->a.ifname, veth->mtu, families, &mark, veth->path);
}

static void check_small(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_netns; k++)
			check_uplinks_small(lint, node, &node->netns[k]);
		for (uint32_t k = 0; k < node->n_veths; k++)
			check_veth_small(lint, node, &node->veths[k]);
	}
}

static const struct vrf *vrf_of(const struct node *node, const struct veth *veth)
{
	for (uint32_t i = 0; veth->b.vrf && i < node->n_vrfs; i++)
		if (!strcmp(node->vrfs[i].name, veth->b.vrf))
			return &node->vrfs[i];
	return NULL;
}

static void check_veth_over(struct lint *lint, const struct node *node, const struct veth *veth)
{
	uint32_t fabric = fabric_mtu(lint, node);

	if (!fabric || veth->mtu <= fabric)
		return;
	lint_found(lint, &veth->at, veth->path,
	           lint_text(lint, "write mtu %u, or raise the fabric's", fabric),
	           "%s of %s: MTU %u is more than the fabric's %u", veth->a.ifname, node->name,
	           veth->mtu, fabric);
}

static void check_veth_overlay(struct lint *lint, const struct node *node,
                               const struct veth *veth)
{
	const struct vrf *vrf = vrf_of(node, veth);
	uint32_t fabric = fabric_mtu(lint, node);

	for (size_t i = 0; vrf && fabric && i < hbr_count(overlays); i++) {
		bool over_v6 = node_uplink_families(lint->site, node) == HBR_FAMILY_IPV6;
		uint32_t overhead = overlays[i].overhead + (over_v6 ? IPV6_MORE : 0);

		if (overlays[i].overlay != vrf->encap || veth->mtu > fabric ||
		    veth->mtu + overhead <= fabric)
			continue;
		lint_found(lint, &veth->at, veth->path,
		           lint_text(lint, "write mtu %u, or raise the fabric's to %u",
		                     fabric > overhead ? fabric - overhead : 0,
		                     veth->mtu + overhead),
		           "%s of %s: MTU %u and the %u bytes of %s exceed the fabric's %u",
		           veth->a.ifname, node->name, veth->mtu, overhead, overlays[i].name,
		           fabric);
	}
}

static void each_veth(struct lint *lint, void (*cb)(struct lint *lint, const struct node *node,
                                                    const struct veth *veth))
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++)
		for (uint32_t k = 0; k < lint->site->nodes[i].n_veths; k++)
			cb(lint, &lint->site->nodes[i], &lint->site->nodes[i].veths[k]);
}

static void check_over(struct lint *lint)
{
	each_veth(lint, check_veth_over);
}

static void check_overlay(struct lint *lint)
{
	each_veth(lint, check_veth_overlay);
}

/* Uplinks of one fabric: a node with a larger MTU sends what the others drop. */
static void check_differs(struct lint *lint)
{
	const struct node *first = NULL;
	uint32_t mtu = 0;

	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];
		uint32_t own = fabric_mtu(lint, node);

		if (!own)
			continue;
		if (!first) {
			first = node;
			mtu = own;
		} else if (own != mtu) {
			lint_found(lint, &node->at, node->name,
			           "routers drop packets larger than the MTU of their uplink",
			           "the uplink of %s has MTU %u, that of %s %u", node->name,
			           own, first->name, mtu);
		}
	}
}

const struct lint_rule lint_mtu_rules[] = {
	{ "mtu-too-small", HBR_LEVEL_ERROR,
	  "No MTU is below 1280 where there are IPv6 addresses, nor below 576.", check_small },
	{ "mtu-over-fabric", HBR_LEVEL_ERROR, "No veth pair has a larger MTU than the fabric.",
	  check_over },
	{ "mtu-overlay", HBR_LEVEL_ERROR,
	  "A veth pair in a VRF leaves room for what the overlay puts around a packet.",
	  check_overlay },
	{ "mtu-differs", HBR_LEVEL_WARNING, "The uplinks of all nodes have one MTU.",
	  check_differs },
	{ .code = NULL },
};
