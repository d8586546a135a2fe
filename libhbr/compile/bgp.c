/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who peers with whom: control planes in a full mesh and reflecting to every worker, workers
 * with control planes only, each router with its own Calico, and the topology's own peers.
 */
#include "compile/bgp.h"

#include <string.h>

#include "base/prefix.h"
#include "compile/compile.h"

#define FAMILIES 2
static const int families[FAMILIES] = { 4, 6 };
static const uint32_t family_bits[FAMILIES] = { HBR_FAMILY_IPV4, HBR_FAMILY_IPV6 };

typedef VEC(struct bgp_session) session_list;

/* 0 when the two routers do not peer: both are workers. */
static enum bgp_group group_between(const struct node *own, const struct node *other)
{
	bool own_reflects = own->role == HBR_ROLE_CONTROL_PLANE;
	bool other_reflects = other->role == HBR_ROLE_CONTROL_PLANE;

	if (own_reflects)
		return other_reflects ? BGP_MESH : BGP_CLIENT;
	return other_reflects ? BGP_REFLECTOR : 0;
}

/* Routers of different AS are plain eBGP neighbors: nobody reflects, AS paths are mended. */
static uint32_t router_flags(const struct node *own, const struct node *other,
                             enum bgp_group group)
{
	if (own->asn != other->asn)
		return HBR_PEER_NEXT_HOP_SELF | HBR_PEER_AS_OVERRIDE;
	return HBR_PEER_NEXT_HOP_SELF | (group == BGP_CLIENT ? HBR_PEER_CLIENT : 0);
}

static int add_router(const struct site *site, const struct node *own, const struct node *other,
                      session_list *list)
{
	enum bgp_group group = group_between(own, other);

	for (size_t f = 0; group && f < FAMILIES; f++) {
		const hbr_addr *local = node_uplink_addr(site, own, families[f]);
		const hbr_addr *remote = node_uplink_addr(site, other, families[f]);

		if (!local || !remote)
			continue;
		struct bgp_session *session = vec_push(list, 0);
		if (!session)
			return HBR_ENOMEM;
		*session = (struct bgp_session){
			.group = group,
			.name = other->name,
			.remote = prefix_host(remote),
			.local = prefix_host(local),
			.remote_asn = other->asn,
			.families = family_bits[f],
			.flags = router_flags(own, other, group),
			.owner = own->name,
		};
	}
	return 0;
}

/* The first from the node's own namespace. */
const struct veth *calico_veth(const struct site *site, const struct node *node)
{
	for (uint32_t i = 0; i < node->n_veths; i++) {
		const struct veth *veth = &node->veths[i];

		if (veth_is_main(veth) && !veth->a.netns[0] &&
		    strcmp(veth->b.netns, site->spec->netns) == 0)
			return veth;
	}
	return NULL;
}

const hbr_addr *calico_router(const struct site *site, const struct veth *veth, int family)
{
	const hbr_addr *own = addr_list_first(&veth->b.addrs, family);
	const hbr_addr *shared = addr_list_first(&site->calico_peers, family);

	return own && shared ? shared : own;
}

static uint32_t calico_flags(const struct site *site, uint32_t own_asn, uint32_t calico_asn)
{
	/* Within one AS the router is its Calico's reflector, else nothing learnt from it
	 * would go to other routers of the AS, nor theirs to it. */
	if (own_asn == calico_asn)
		return HBR_PEER_NEXT_HOP_SELF | HBR_PEER_CLIENT;
	/* One AS for every Calico: each would drop the others' routes as loops (RFC 4271
	 * 9.1.2). */
	if (site->spec->calico_mode == HBR_CALICO_EBGP)
		return HBR_PEER_NEXT_HOP_SELF | HBR_PEER_AS_OVERRIDE;
	return HBR_PEER_NEXT_HOP_SELF;
}

static int add_calico(const struct site *site, const struct node *node, struct bgp *bgp,
                      session_list *list)
{
	const struct veth *veth = calico_veth(site, node);
	uint32_t asn = node_calico_asn(site, node);

	for (size_t f = 0; veth && f < FAMILIES; f++) {
		const hbr_addr *local = calico_router(site, veth, families[f]);
		const hbr_addr *remote = addr_list_first(&veth->a.addrs, families[f]);
		const hbr_addr *uplink = node_uplink_addr(site, node, families[f]);

		if (!local || !remote)
			continue;
		struct bgp_session *session = vec_push(list, 0);
		if (!session)
			return HBR_ENOMEM;
		*session = (struct bgp_session){
			.group = BGP_CALICO,
			.name = "calico",
			.remote = prefix_host(remote),
			.local = prefix_host(local),
			.remote_asn = asn,
			.remote_port = site->spec->calico_port,
			.families = family_bits[f],
			.flags = calico_flags(site, node->asn, asn),
			.owner = veth->path,
		};
		if (node->asn == asn && uplink)
			bgp->calico[f] = session->remote;
	}
	return 0;
}

void bgp_peer(const struct node *node, const struct peer *peer, struct bgp_session *out)
{
	const hbr_peer_spec *spec = peer->spec;
	uint32_t own = peer->remote.family == 6 ? HBR_FAMILY_IPV6 : HBR_FAMILY_IPV4;

	*out = (struct bgp_session){
		.group = BGP_EXTRA,
		.name = spec->name,
		.remote = prefix_host(&peer->remote),
		.local = peer->local,
		.remote_asn = spec->remote_asn ? spec->remote_asn : node->asn,
		.local_asn = spec->local_asn != node->asn ? spec->local_asn : 0,
		.remote_port = spec->remote_port,
		.local_port = spec->local_port,
		.families = spec->families ? spec->families : own,
		.flags = spec->flags,
		.hold_s = spec->hold_s,
		.bfd_ms = spec->bfd_ms,
		.password_file = spec->password_file,
		.cluster_id = spec->cluster_id,
		.owner = peer->path,
	};
}

static int add_peer(const struct node *node, const struct peer *peer, session_list *list)
{
	if (peer->spec->vrf)
		return 0;
	struct bgp_session *session = vec_push(list, 0);
	if (!session)
		return HBR_ENOMEM;
	bgp_peer(node, peer, session);
	return 0;
}

static int session_cmp(const void *a, const void *b)
{
	const struct bgp_session *left = a;
	const struct bgp_session *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return prefix_cmp(&left->remote, &right->remote);
}

static int collect(const struct site *site, const struct node *node, struct bgp *bgp,
                   session_list *list)
{
	int rc = 0;

	for (uint32_t i = 0; i < site->n_nodes && rc == 0; i++) {
		if (&site->nodes[i] != node)
			rc = add_router(site, node, &site->nodes[i], list);
	}
	if (rc == 0)
		rc = add_calico(site, node, bgp, list);
	for (uint32_t i = 0; i < node->n_peers && rc == 0; i++)
		rc = add_peer(node, &node->peers[i], list);
	return rc;
}

static int put_sessions(const struct site *site, const struct node *node, struct bgp *bgp,
                        struct arena *arena, hbr_error **err)
{
	session_list list = { 0 };
	int rc = collect(site, node, bgp, &list);

	if (rc == 0 && list.n) {
		qsort(list.items, list.n, sizeof(*list.items), session_cmp);
		bgp->sessions = arena_array(arena, list.n, sizeof(*list.items));
		if (bgp->sessions)
			memcpy(bgp->sessions, list.items, list.n * sizeof(*list.items));
		else
			rc = HBR_ENOMEM;
		bgp->n_sessions = (uint32_t)list.n;
	}
	vec_free(&list);
	return rc < 0 ? hbr_oom(err) : 0;
}

int bgp_compile(const struct site *site, const struct node *node, struct arena *arena,
                struct bgp **out, hbr_error **err)
{
	struct bgp *bgp = arena_alloc(arena, sizeof(*bgp));

	if (!bgp)
		return hbr_oom(err);
	bgp->hostname = node->name;
	bgp->asn = node->asn;
	bgp->router_id = node->router_id;
	bgp->calico_mode = site->spec->calico_mode;
	int rc = put_sessions(site, node, bgp, arena, err);
	if (rc < 0)
		return rc;
	rc = bgp_networks(site, node, arena, &bgp->networks, &bgp->n_networks, err);
	if (rc < 0)
		return rc;
	rc = bgp_filters(site, bgp, arena, err);
	if (rc < 0)
		return rc;
	*out = bgp;
	return 0;
}

uint32_t bgp_count(const struct bgp *bgp, uint32_t family, bool with_calico)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		const struct bgp_session *session = &bgp->sessions[i];

		if (session->families & family)
			n += session->group != BGP_CALICO || with_calico;
	}
	return n;
}
