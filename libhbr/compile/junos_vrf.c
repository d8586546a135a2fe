/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routing-instances: the VRFs of the router's namespace, over VXLAN by EVPN type 5 or over MPLS,
 * and their policies. cRPD makes a kernel VRF of an instance of type vrf only.
 */
#include "compile/junos.h"

#include <string.h>

#include "base/prefix.h"

/* Tunnel type 13 of the encapsulation community (RFC 9012): MPLS in UDP (RFC 7510). */
#define UDP_COMMUNITY "HBR-MPLS-UDP"
#define UDP_MEMBERS "encapsulation:0L:13"

static bool is_ours(const struct junos_work *work, const struct vrf *vrf)
{
	return strcmp(vrf->netns ? vrf->netns : "", work->site->spec->netns) == 0;
}

/* "64500:1" as Junos has it: an AS of four bytes is marked, "4200000000L:1". */
static const char *pair_of(struct junos_work *work, const char *prefix, const char *pair)
{
	size_t head = strcspn(pair, ":.");
	bool wide = pair[head] == ':' && strtoull(pair, NULL, 10) > UINT16_MAX;

	return arena_printf(work->junos.arena, "%s%.*s%s%s", prefix, (int)head, pair,
	                    wide ? "L" : "", pair + head);
}

static uint32_t count(const char *const *list)
{
	uint32_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* One target each way fits vrf-target; more, none, or other communities need policies. */
static bool is_simple(const struct vrf *vrf)
{
	return count(vrf->rt_import) == 1 && count(vrf->rt_export) == 1 &&
	       vrf->encap != HBR_OVERLAY_MPLS_UDP;
}

static const char *name_of(struct junos_work *work, const struct vrf *vrf, const char *what)
{
	return arena_printf(work->junos.arena, "HBR-VRF-%s-%s", vrf->name, what);
}

static void put_targets(struct junos_work *work, struct junos_node *instance,
                        const struct vrf *vrf)
{
	struct junos *junos = &work->junos;

	if (!is_simple(vrf)) {
		junos_member(junos, instance, "vrf-import",
		             count(vrf->rt_import) ? name_of(work, vrf, "IMPORT")
		                                   : JUNOS_NOTHING);
		junos_member(junos, instance, "vrf-export",
		             count(vrf->rt_export) ? name_of(work, vrf, "EXPORT")
		                                   : JUNOS_NOTHING);
		return;
	}
	struct junos_node *target = junos_put(junos, instance, "vrf-target");
	if (strcmp(vrf->rt_import[0], vrf->rt_export[0]) == 0) {
		junos_arg(junos, target, "community",
		          pair_of(work, "target:", vrf->rt_import[0]));
		return;
	}
	junos_leaf(junos, target, "import", pair_of(work, "target:", vrf->rt_import[0]));
	junos_leaf(junos, target, "export", pair_of(work, "target:", vrf->rt_export[0]));
}

static void put_distinguisher(struct junos_work *work, struct junos_node *instance,
                              const struct vrf *vrf)
{
	struct junos *junos = &work->junos;
	char text[PREFIX_TEXT];
	const char *rd = vrf->rd ? pair_of(work, "", vrf->rd)
	                         : arena_printf(junos->arena, "%s:%u",
	                                        prefix_format_host(&work->bgp->router_id, text),
	                                        vrf->table);

	junos_arg(junos, junos_put(junos, instance, "route-distinguisher"), "rd-type", rd);
}

static void put_evpn(struct junos_work *work, struct junos_node *protocols,
                     const struct vrf *vrf)
{
	struct junos *junos = &work->junos;
	struct junos_node *routes =
	        junos_put(junos, junos_put(junos, protocols, "evpn"), "ip-prefix-routes");

	junos_leaf(junos, routes, "advertise", "direct-nexthop");
	junos_leaf(junos, routes, "encapsulation", "vxlan");
	junos_number(junos, routes, "vni", vrf->vni);
	junos_member(junos, routes, "export", JUNOS_VRF_ROUTES);
}

static bool is_peer_of(const struct peer *peer, const struct vrf *vrf)
{
	return peer->spec->vrf && strcmp(peer->spec->vrf, vrf->name) == 0;
}

static bool has_peers(const struct junos_work *work, const struct vrf *vrf)
{
	for (uint32_t i = 0; i < work->node->n_peers; i++) {
		if (is_peer_of(&work->node->peers[i], vrf))
			return true;
	}
	return false;
}

/* Neighbors of a VRF get all that it has, by their own group's policy. */
static void put_peers(struct junos_work *work, struct junos_node *protocols,
                      const struct vrf *vrf)
{
	struct junos_node *bgp;
	struct bgp_session session;

	if (!has_peers(work, vrf))
		return;
	bgp = junos_put(&work->junos, protocols, "bgp");
	for (uint32_t i = 0; i < work->node->n_peers; i++) {
		if (!is_peer_of(&work->node->peers[i], vrf))
			continue;
		bgp_peer(work->node, &work->node->peers[i], &session);
		junos_peer(work, bgp, &session, JUNOS_VRF_PEER);
	}
}

static void put_interfaces(struct junos_work *work, struct junos_node *instance,
                           const struct vrf *vrf)
{
	for (uint32_t i = 0; i < work->node->n_veths; i++) {
		const struct end *ends[] = { &work->node->veths[i].a, &work->node->veths[i].b };

		for (size_t j = 0; j < hbr_count(ends); j++) {
			if (ends[j]->vrf && strcmp(ends[j]->vrf, vrf->name) == 0 &&
			    strcmp(ends[j]->netns, vrf->netns) == 0)
				junos_item(&work->junos, instance, "interface",
				           ends[j]->ifname);
		}
	}
}

static void put_instance(struct junos_work *work, struct junos_node *instances,
                         const struct vrf *vrf)
{
	struct junos *junos = &work->junos;
	struct junos_node *instance = junos_entry(junos, instances, "instance", vrf->name);
	bool vxlan = vrf->encap == HBR_OVERLAY_VXLAN;

	junos_leaf(junos, instance, "instance-type", "vrf");
	if (vxlan || has_peers(work, vrf)) {
		struct junos_node *protocols = junos_put(junos, instance, "protocols");

		put_peers(work, protocols, vrf);
		if (vxlan)
			put_evpn(work, protocols, vrf);
	}
	put_interfaces(work, instance, vrf);
	put_distinguisher(work, instance, vrf);
	put_targets(work, instance, vrf);
	junos_put(junos, instance, "vrf-table-label");
}

void junos_vrfs(struct junos_work *work)
{
	struct junos_node *instances = NULL;

	for (uint32_t i = 0; i < work->node->n_vrfs; i++) {
		if (!is_ours(work, &work->node->vrfs[i]))
			continue;
		if (!instances)
			instances =
			        junos_put(&work->junos, &work->junos.root, "routing-instances");
		put_instance(work, instances, &work->node->vrfs[i]);
	}
}

static void put_community(struct junos_work *work, struct junos_node *options, const char *name,
                          const char *members)
{
	junos_member(&work->junos, junos_item(&work->junos, options, "community", name),
	             "members", members);
}

static const char *target_name(struct junos_work *work, const struct vrf *vrf, const char *what,
                               uint32_t number)
{
	return arena_printf(work->junos.arena, "HBR-VRF-%s-%s-%u", vrf->name, what, number);
}

/* Any of the targets lets a route in. */
static void put_vrf_import(struct junos_work *work, struct junos_node *options,
                           const struct vrf *vrf)
{
	struct junos *junos = &work->junos;
	struct junos_node *policy = junos_policy(work, options, name_of(work, vrf, "IMPORT"));
	struct junos_node *term = junos_term(work, policy, "targets");
	struct junos_node *from = junos_put(junos, term, "from");

	for (uint32_t i = 0; i < count(vrf->rt_import); i++)
		junos_member(junos, from, "community", target_name(work, vrf, "IMPORT", i + 1));
	junos_then(work, term, "accept");
	junos_then(work, policy, "reject");
	for (uint32_t i = 0; i < count(vrf->rt_import); i++)
		put_community(work, options, target_name(work, vrf, "IMPORT", i + 1),
		              pair_of(work, "target:", vrf->rt_import[i]));
}

static void put_vrf_export(struct junos_work *work, struct junos_node *options,
                           const struct vrf *vrf)
{
	struct junos_node *policy = junos_policy(work, options, name_of(work, vrf, "EXPORT"));

	for (uint32_t i = 0; i < count(vrf->rt_export); i++)
		junos_add_community(work, policy, target_name(work, vrf, "EXPORT", i + 1));
	if (vrf->encap == HBR_OVERLAY_MPLS_UDP)
		junos_add_community(work, policy, UDP_COMMUNITY);
	junos_then(work, policy, "accept");
	for (uint32_t i = 0; i < count(vrf->rt_export); i++)
		put_community(work, options, target_name(work, vrf, "EXPORT", i + 1),
		              pair_of(work, "target:", vrf->rt_export[i]));
}

/* What goes out of a VRF as type 5: what it has of itself, not what EVPN brought. */
static void put_routes(struct junos_work *work, struct junos_node *options)
{
	static const char *const protocols[] = { "bgp", "direct", "static" };
	struct junos *junos = &work->junos;
	struct junos_node *policy = junos_policy(work, options, JUNOS_VRF_ROUTES);
	struct junos_node *term = junos_term(work, policy, "routes");
	struct junos_node *from = junos_put(junos, term, "from");

	for (size_t i = 0; i < hbr_count(protocols); i++)
		junos_member(junos, from, "protocol", protocols[i]);
	junos_then(work, term, "accept");
	junos_then(work, policy, "reject");
}

void junos_vrf_policies(struct junos_work *work, struct junos_node *options)
{
	bool routes = false;
	bool peers = false;
	bool nothing = false;
	bool udp = false;

	for (uint32_t i = 0; i < work->node->n_vrfs; i++) {
		const struct vrf *vrf = &work->node->vrfs[i];

		if (!is_ours(work, vrf))
			continue;
		routes |= vrf->encap == HBR_OVERLAY_VXLAN;
		peers |= has_peers(work, vrf);
		udp |= vrf->encap == HBR_OVERLAY_MPLS_UDP;
		if (is_simple(vrf))
			continue;
		nothing |= !count(vrf->rt_import) || !count(vrf->rt_export);
		if (count(vrf->rt_import))
			put_vrf_import(work, options, vrf);
		if (count(vrf->rt_export))
			put_vrf_export(work, options, vrf);
	}
	if (routes)
		put_routes(work, options);
	if (peers)
		junos_then(work, junos_policy(work, options, JUNOS_VRF_PEER), "accept");
	if (nothing)
		junos_then(work, junos_policy(work, options, JUNOS_NOTHING), "reject");
	if (udp)
		put_community(work, options, UDP_COMMUNITY, UDP_MEMBERS);
}
