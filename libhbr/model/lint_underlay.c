/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of the underlay: that the fabric carries every family that is used above it. */
#include <string.h>

#include "model/lint_rules.h"

static const struct uplink *first_uplink(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_netns; i++)
		if (node->netns[i].n_uplinks)
			return &node->netns[i].uplinks[0];
	return NULL;
}

static const struct mark *uplink_mark(const struct node *node)
{
	const struct uplink *uplink = first_uplink(node);
	const struct addr_list *addrs = uplink ? &uplink->addrs : NULL;

	if (addrs && addrs->n && addrs->items[0].source.at.line)
		return &addrs->items[0].source.at;
	return uplink && uplink->at.line ? &uplink->at : &node->at;
}

/* Whether every address of the uplinks can be read: only then it is known what they lack. */
static bool is_readable(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_netns; i++)
		for (uint32_t u = 0; u < node->netns[i].n_uplinks; u++) {
			if (addr_list_unreadable(&node->netns[i].uplinks[u].addrs))
				return false;
		}
	return true;
}

/* The families that go over the fabric bare: those of pods, and of veths outside of VRFs. */
static int used_families(const struct site *site, const struct node *node)
{
	int families = addr_list_families(&site->pods);

	for (uint32_t i = 0; i < node->n_veths; i++)
		if (!node->veths[i].b.vrf)
			families |= addr_list_families(&node->veths[i].a.addrs) |
			            addr_list_families(&node->veths[i].b.addrs);
	return families;
}

/* One finding for all nodes: what the first lacks, the others mostly lack too. */
static void check_family(struct lint *lint, int family, const char *example)
{
	const struct node *first = NULL;
	const struct site *site = lint->site;
	uint32_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!first_uplink(node) || !is_readable(node) ||
		    !(used_families(site, node) & ~node_uplink_families(site, node) & family))
			continue;
		if (!n++)
			first = node;
	}
	if (!n)
		return;
	const char *others = n > 1 ? lint_text(lint, " and of %u more nodes", n - 1) : "";
	const struct uplink *uplink = first_uplink(first);

	lint_found(lint, uplink_mark(first), first->name,
	           lint_text(lint, "give every uplink an %s address, like %s",
	                     families_text(family), example),
	           "veth pairs or pods use %s, but the uplink%s%s of %s%s has no %s address",
	           families_text(family), uplink->ifname ? " " : "",
	           uplink->ifname ? uplink->ifname : "", first->name, others,
	           families_text(family));
}

static void check_no_v4(struct lint *lint)
{
	check_family(lint, HBR_FAMILY_IPV4, "192.168.1.101/24");
}

static void check_no_v6(struct lint *lint)
{
	check_family(lint, HBR_FAMILY_IPV6, "2001:db8:f::101/64");
}

static void check_missing(struct lint *lint)
{
	if (lint->site->n_nodes < 2)
		return;
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		if (!first_uplink(node))
			lint_found(lint, &node->at, node->name,
			           "name the NIC that joins the fabric: fabric.uplink",
			           "%s has no uplink: its router reaches no other", node->name);
	}
}

/* Whether two nodes have an uplink subnet of that family in common, or one has none at all. */
static bool share_subnet(const struct lint_addr *a, size_t n_a, const struct lint_addr *b,
                         size_t n_b, uint8_t family)
{
	bool a_has = false;
	bool b_has = false;

	for (size_t i = 0; i < n_a; i++) {
		if (a[i].place != LINT_UPLINK || a[i].net.family != family ||
		    !a[i].at->has_length)
			continue;
		a_has = true;
		for (size_t k = 0; k < n_b; k++) {
			if (b[k].place != LINT_UPLINK || b[k].net.family != family ||
			    !b[k].at->has_length)
				continue;
			b_has = true;
			if (prefix_equal(&a[i].net, &b[k].net))
				return true;
		}
	}
	return !a_has || !b_has;
}

static void check_subnet_of(struct lint *lint, uint8_t family)
{
	const struct lint_addr *addrs = lint->addrs;
	const struct lint_addr *other = NULL;
	size_t n_first = 0;
	uint32_t n = 0;

	while (n_first < lint->n_addrs && addrs[n_first].node == addrs[0].node)
		n_first++;
	for (size_t i = n_first, next; i < lint->n_addrs; i = next) {
		for (next = i + 1; next < lint->n_addrs && addrs[next].node == addrs[i].node;)
			next++;
		if (share_subnet(addrs, n_first, &addrs[i], next - i, family))
			continue;
		if (!n++)
			other = &addrs[i];
	}
	if (!n)
		return;
	while (other->place != LINT_UPLINK || other->at->addr.family != family)
		other++;
	lint_found(lint, &other->mark, other->path,
	           "fine in a routed fabric, which must then know the way",
	           "the uplinks of %s%s share no IPv%u subnet with those of %s",
	           other->node->name, n > 1 ? lint_text(lint, " and %u more nodes", n - 1) : "",
	           family, addrs[0].node->name);
}

static void check_subnet(struct lint *lint)
{
	check_subnet_of(lint, 4);
	check_subnet_of(lint, 6);
}

const struct lint_rule lint_underlay_rules[] = {
	{ "underlay-no-ipv4", HBR_LEVEL_ERROR,
	  "Where veth pairs or pods use IPv4, the uplinks have IPv4 addresses.", check_no_v4 },
	{ "underlay-no-ipv6", HBR_LEVEL_ERROR,
	  "Where veth pairs or pods use IPv6, the uplinks have IPv6 addresses.", check_no_v6 },
	{ "underlay-missing", HBR_LEVEL_WARNING, "Every node of several has an uplink.",
	  check_missing },
	{ "underlay-subnet-differs", HBR_LEVEL_WARNING,
	  "The uplinks of all nodes share a subnet, unless the fabric is routed.",
	  check_subnet },
	{ .code = NULL },
};
