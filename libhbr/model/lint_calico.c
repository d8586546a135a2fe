/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of the addresses that all routers share: one BGPPeer is to fit every node. */
#include <string.h>

#include "model/lint_rules.h"

#define POD_GATEWAY "169.254.1.1" /* of every pod of Calico's, answered on its veth */

static const struct mark *mark_of(const struct lint *lint, const struct addr_at *peer)
{
	return peer->source.at.line ? &peer->source.at : &lint->site->at;
}

static bool is_host(const hbr_addr *addr)
{
	return addr->length == prefix_bits(addr);
}

static void check_syntax(struct lint *lint)
{
	const struct addr_list *peers = &lint->site->calico_peers;

	for (uint32_t i = 0; i < peers->n; i++) {
		const struct addr_at *peer = &peers->items[i];

		if (peer->addr.family && is_host(&peer->addr))
			continue;
		lint_found(
		        lint, mark_of(lint, peer), NULL,
		        peer->addr.family
		                ? lint_text(lint, "write %s", lint_host(lint, &peer->addr))
		                : lint_addr_hint(lint, peer->source.text,
		                                 "write it like 169.254.178.1 or fd00:178::1"),
		        "calico.peerIPs: \"%.64s\" is no address of a host", peer->source.text);
	}
}

/* Why no router can have this address, or NULL. */
static const char *fault(const struct addr_list *peers, uint32_t index)
{
	const hbr_addr *addr = &peers->items[index].addr;
	hbr_addr gateway;
	bool has_length;

	for (uint32_t i = 0; i < index; i++) {
		if (peers->items[i].addr.family == addr->family)
			return "the second one of its family";
	}
	if (prefix_parse(POD_GATEWAY, &gateway, &has_length) == 0 &&
	    prefix_same_host(addr, &gateway))
		return "what Calico calls the gateway of every pod";
	if (addr->family == 6 && addr_is_link_local(addr))
		return "link-local: a BGPPeer does not say on which interface";
	return addr_unicast_fault(addr);
}

static void check_usable(struct lint *lint)
{
	const struct addr_list *peers = &lint->site->calico_peers;

	for (uint32_t i = 0; i < peers->n; i++) {
		const struct addr_at *peer = &peers->items[i];
		const char *why = peer->addr.family ? fault(peers, i) : NULL;

		if (why)
			lint_found(lint, mark_of(lint, peer), NULL,
			           "take one address a family that is used nowhere, like "
			           "169.254.178.1 and fd00:178::1",
			           "calico.peerIPs: %s is %s", lint_host(lint, &peer->addr),
			           why);
	}
}

static void report_taken(struct lint *lint, const struct addr_at *peer, const char *what,
                         const char *whose)
{
	lint_found(lint, mark_of(lint, peer), NULL,
	           "every router has it besides its own addresses: take one outside of all "
	           "subnets",
	           "calico.peerIPs: %s is %s%s", lint_host(lint, &peer->addr), what, whose);
}

static bool is_in(const hbr_addr *net, const hbr_addr *addr)
{
	return net->family && net->family == addr->family && prefix_contains(net, addr);
}

static void check_taken_by(struct lint *lint, const struct addr_at *peer)
{
	const struct site *site = lint->site;
	const struct {
		const struct addr_list *list;
		const char *what;
	} cidrs[] = { { &site->pods, "an address of pods" },
		      { &site->services, "an address of services" } };

	for (size_t i = 0; i < hbr_count(cidrs); i++) {
		for (uint32_t k = 0; k < cidrs[i].list->n; k++) {
			if (!is_in(&cidrs[i].list->items[k].addr, &peer->addr))
				continue;
			report_taken(lint, peer, cidrs[i].what, "");
			return;
		}
	}
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];

		if (!addr->at->addr.family || *addr->domain || !is_in(&addr->net, &peer->addr))
			continue;
		report_taken(lint, peer, "in the subnet of ",
		             lint_text(lint, "%s of %s", addr->ifname, addr->node->name));
		return;
	}
}

static void check_taken(struct lint *lint)
{
	const struct addr_list *peers = &lint->site->calico_peers;

	for (uint32_t i = 0; i < peers->n; i++) {
		if (peers->items[i].addr.family)
			check_taken_by(lint, &peers->items[i]);
	}
}

static void check_family(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 0; i < site->calico_peers.n; i++) {
		const struct addr_at *peer = &site->calico_peers.items[i];

		for (uint32_t k = 0; k < site->n_nodes && peer->addr.family; k++) {
			const struct node *node = &site->nodes[k];
			const struct veth *veth = lint_main_veth(node);

			if (veth && addr_list_first(&veth->a.addrs, peer->addr.family) &&
			    addr_list_first(&veth->b.addrs, peer->addr.family))
				continue;
			lint_found(lint, mark_of(lint, peer), node->name,
			           "the one BGPPeer is for every node: give this node's pair "
			           "addresses of that family, or leave peerIPs out",
			           "calico.peerIPs: %s has no IPv%d pair to reach %s through",
			           node->name, peer->addr.family, lint_host(lint, &peer->addr));
		}
	}
}

static void check_asn(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 1; i < site->n_nodes && site->calico_peers.n; i++) {
		const struct node *node = &site->nodes[i];

		if (node->asn == site->nodes[0].asn)
			continue;
		lint_found(lint, mark_of(lint, &site->calico_peers.items[0]), node->name,
		           "the one BGPPeer has one AS: leave peerIPs out",
		           "calico.peerIPs: the router of %s is in AS %u, that of %s in AS %u",
		           node->name, node->asn, site->nodes[0].name, site->nodes[0].asn);
		return;
	}
}

const struct lint_rule lint_calico_rules[] = {
	{ "calico-peer-syntax", HBR_LEVEL_ERROR, "An address of calico.peerIPs can be read.",
	  check_syntax },
	{ "calico-peer-unusable", HBR_LEVEL_ERROR,
	  "calico.peerIPs has one unicast address a family, of global scope for IPv6.",
	  check_usable },
	{ "calico-peer-taken", HBR_LEVEL_ERROR,
	  "Nobody else has an address of calico.peerIPs, and no subnet holds it.",
	  check_taken },
	{ "calico-peer-family", HBR_LEVEL_ERROR,
	  "Every node has a pair with the families of calico.peerIPs.", check_family },
	{ "calico-peer-asn", HBR_LEVEL_ERROR, "With calico.peerIPs all routers are in one AS.",
	  check_asn },
	{ .code = NULL },
};
