/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolved sites made by hand, for tests below the model: addresses as in the reference's Table
 * 1, node n has 10.1.n.0/30, 2001:db8:n::/126, 192.168.1.(100+n) and 2001:db8:f::(100+n).
 */
#ifndef HBR_TESTS_SITE_H
#define HBR_TESTS_SITE_H

#include <check.h>
#include <string.h>

#include "base/prefix.h"
#include "model/site.h"

struct site_plan {
	uint32_t nodes;          /* 0: 5 */
	uint32_t control_planes; /* 0: 3 */
	int32_t mode;            /* 0: EBGP */
	bool no_v4, no_v6, no_v6_uplink;
	uint32_t asn_step; /* every node its own AS when not 0 */
};

static inline void site_add_addr(struct arena *arena, struct addr_list *list, const char *text)
{
	struct addr_at *items = arena_array(arena, list->n + 1, sizeof(*items));

	for (uint32_t i = 0; i < list->n; i++)
		items[i] = list->items[i];
	ck_assert_int_eq(prefix_parse(text, &items[list->n].addr, &items[list->n].has_length), 0);
	items[list->n].source.text = arena_strdup(arena, text);
	list->items = items;
	list->n++;
}

#define SITE_ADD(list, ...) site_add_addr(arena, list, arena_printf(arena, __VA_ARGS__))

static inline void site_fill_veth(struct arena *arena, const struct site_plan *plan,
				  struct node *node)
{
	unsigned n = node->index;
	struct veth *veth = arena_alloc(arena, sizeof(*veth));

	*veth = (struct veth){
		.name = "k8s",
		.mtu = 1500,
		.a = { .netns = "", .ifname = "veth-k8s" },
		.b = { .netns = "crpd", .ifname = "veth-crpd" },
		.path = arena_printf(arena, "%s/veth/k8s", node->name),
	};
	mac_derive(arena_printf(arena, "%s/a", veth->path), veth->a.mac);
	mac_derive(arena_printf(arena, "%s/b", veth->path), veth->b.mac);
	if (!plan->no_v4) {
		SITE_ADD(&veth->a.addrs, "10.1.%u.1/30", n);
		SITE_ADD(&veth->b.addrs, "10.1.%u.2/30", n);
		SITE_ADD(&veth->reach, "10.1.0.0/21");
	}
	if (!plan->no_v6) {
		SITE_ADD(&veth->a.addrs, "2001:db8:%x::1/126", n);
		SITE_ADD(&veth->b.addrs, "2001:db8:%x::2/126", n);
		SITE_ADD(&veth->reach, "2001:db8::/45");
	}
	node->veths = veth;
	node->n_veths = 1;
}

static inline void site_fill_node(struct arena *arena, const struct site_plan *plan,
				  struct node *node, uint32_t n)
{
	struct netns *netns = arena_array(arena, 2, sizeof(*netns));
	struct uplink *uplink = arena_alloc(arena, sizeof(*uplink));
	uint32_t control_planes = plan->control_planes ? plan->control_planes : 3;

	node->name = arena_printf(arena, "node%u", n);
	node->index = n;
	node->asn = 64500 + n * plan->asn_step;
	node->role = n <= control_planes ? HBR_ROLE_CONTROL_PLANE : HBR_ROLE_WORKER;
	node->netns = netns;
	node->n_netns = 1;
	*netns = (struct netns){
		.name = "crpd",
		.uplinks = uplink,
		.n_uplinks = 1,
		.path = arena_printf(arena, "%s/netns/crpd", node->name),
	};
	uplink->ifname = "ens4";
	uplink->mtu = 1500;
	if (!plan->no_v4)
		SITE_ADD(&uplink->addrs, "192.168.1.%u/24", 100 + n);
	if (!plan->no_v6 && !plan->no_v6_uplink)
		SITE_ADD(&uplink->addrs, "2001:db8:f::%u/64", 100 + n);
	bool has_length;

	prefix_parse(arena_printf(arena, "192.168.1.%u", 100 + n), &node->router_id, &has_length);
	site_fill_veth(arena, plan, node);
}

static inline struct site *site_make(struct arena *arena, const struct site_plan *plan)
{
	struct site *site = arena_alloc(arena, sizeof(*site));
	hbr_site_spec *spec = arena_alloc(arena, sizeof(*spec));

	*spec = (hbr_site_spec){
		.size = sizeof(*spec),
		.name = "reference",
		.engine = "frr",
		.netns = "crpd",
		.asn = 64500,
		.calico_asn = plan->mode == HBR_CALICO_IBGP ? 64500 : 64512,
		.calico_port = 178,
		.mtu = 1500,
		.calico_mode = plan->mode ? plan->mode : HBR_CALICO_EBGP,
		.overlay = HBR_OVERLAY_NONE,
	};
	site->name = spec->name;
	site->spec = spec;
	if (!plan->no_v4) {
		SITE_ADD(&site->pods, "192.168.0.0/24");
		SITE_ADD(&site->services, "10.96.0.0/16");
	}
	if (!plan->no_v6) {
		SITE_ADD(&site->pods, "2001:db8:42::/56");
		SITE_ADD(&site->services, "2001:db8:42:1::/112");
	}
	site->n_nodes = plan->nodes ? plan->nodes : 5;
	site->nodes = arena_array(arena, site->n_nodes, sizeof(*site->nodes));
	for (uint32_t i = 0; i < site->n_nodes; i++)
		site_fill_node(arena, plan, &site->nodes[i], i + 1);
	return site;
}

#endif
