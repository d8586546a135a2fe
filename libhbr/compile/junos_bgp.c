/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocols bgp: one group a kind of neighbor and family. Statements stand in the order of the
 * YANG, as Junos shows them.
 */
#include "compile/junos.h"

#include <string.h>

#include "base/prefix.h"

#define BFD_MULTIPLIER 3

static const struct {
	uint32_t bit;
	const char *family, *kind;
} families[] = {
	{ HBR_FAMILY_IPV4, "inet", "unicast" },
	{ HBR_FAMILY_IPV6, "inet6", "unicast" },
	{ HBR_FAMILY_VPNV4, "inet-vpn", "unicast" },
	{ HBR_FAMILY_VPNV6, "inet6-vpn", "unicast" },
	{ HBR_FAMILY_EVPN, "evpn", "signaling" },
};

/* By kind, family, and whether the neighbors are of another AS. */
static const char *const group_names[][2][2] = {
	[BGP_MESH] = { { "HBR-MESH-4", "HBR-MESH-OTHER-4" },
	               { "HBR-MESH-6", "HBR-MESH-OTHER-6" } },
	[BGP_CLIENT] = { { "HBR-CLIENT-4", "HBR-CLIENT-OTHER-4" },
	                 { "HBR-CLIENT-6", "HBR-CLIENT-OTHER-6" } },
	[BGP_REFLECTOR] = { { "HBR-REFLECTOR-4", "HBR-REFLECTOR-OTHER-4" },
	                    { "HBR-REFLECTOR-6", "HBR-REFLECTOR-OTHER-6" } },
	[BGP_CALICO] = { { "HBR-CALICO-4", "HBR-CALICO-4" },
	                 { "HBR-CALICO-6", "HBR-CALICO-6" } },
};

uint32_t junos_families(const struct junos_work *work, const struct bgp_session *session)
{
	bool router = session->group != BGP_CALICO && session->group != BGP_EXTRA;

	if (router && session->remote.family == work->overlay_over)
		return session->families | work->overlay;
	return session->families;
}

static bool is_external(const struct junos_work *work, const struct bgp_session *session)
{
	uint32_t own = session->local_asn ? session->local_asn : work->bgp->asn;

	return session->remote_asn != own;
}

static void put_families(struct junos_work *work, struct junos_node *group, uint32_t bits)
{
	struct junos *junos = &work->junos;
	struct junos_node *family = junos_put(junos, group, "family");

	for (size_t i = 0; i < hbr_count(families); i++) {
		if (bits & families[i].bit)
			junos_put(junos, junos_put(junos, family, families[i].family),
			          families[i].kind);
	}
}

static void put_address(struct junos *junos, struct junos_node *parent, const char *name,
                        const hbr_addr *addr)
{
	char text[PREFIX_TEXT];

	if (addr->family)
		junos_leaf(junos, parent, name, prefix_format_host(addr, text));
}

/* A reflector's clients: the cluster is the router's id unless the topology says another. */
static void put_cluster(struct junos_work *work, struct junos_node *group,
                        const struct bgp_session *session)
{
	if (!(session->flags & HBR_PEER_CLIENT))
		return;
	if (session->cluster_id)
		junos_leaf(&work->junos, group, "cluster", session->cluster_id);
	else
		put_address(&work->junos, group, "cluster", &work->bgp->router_id);
}

static void put_bfd(struct junos *junos, struct junos_node *group,
                    const struct bgp_session *session)
{
	if (!session->bfd_ms)
		return;
	struct junos_node *bfd = junos_put(junos, group, "bfd-liveness-detection");
	junos_number(junos, bfd, "minimum-interval", session->bfd_ms);
	junos_number(junos, bfd, "multiplier", BFD_MULTIPLIER);
}

static void put_neighbor(struct junos_work *work, struct junos_node *group,
                         const struct bgp_session *session)
{
	struct junos *junos = &work->junos;
	struct junos_node *neighbor;
	char text[PREFIX_TEXT];

	neighbor = junos_item(junos, group, "neighbor",
	                      prefix_format_host(&session->remote, text));
	if (session->password_file)
		junos_secret(junos, neighbor, "hbr-authentication-key", session->password_file);
	junos_leaf(junos, neighbor, "description", session->name);
	if (session->remote_asn != work->bgp->asn)
		junos_number(junos, neighbor, "peer-as", session->remote_asn);
}

/* The group without its neighbors. */
static struct junos_node *put_group(struct junos_work *work, struct junos_node *bgp,
                                    const struct bgp_session *session, const char *name,
                                    const char *import, const char *export)
{
	struct junos *junos = &work->junos;
	struct junos_node *group = junos_item(junos, bgp, "group", name);
	uint32_t bits = junos_families(work, session);

	junos_leaf(junos, group, "type", is_external(work, session) ? "external" : "internal");
	put_address(junos, group, "local-address", &session->local);
	junos_number(junos, group, "hold-time", session->hold_s ? session->hold_s : BGP_HOLD_S);
	if (session->flags & HBR_PEER_PASSIVE)
		junos_put(junos, group, "passive");
	junos_put(junos, group, "log-updown");
	if (import)
		junos_member(junos, group, "import", import);
	put_families(work, group, bits);
	if (export)
		junos_member(junos, group, "export", export);
	put_cluster(work, group, session);
	if (session->local_asn)
		junos_arg(junos, junos_put(junos, group, "local-as"), "as-number",
		          arena_printf(junos->arena, "%u", session->local_asn));
	junos_put(junos, group, "multipath");
	put_bfd(junos, group, session);
	if (session->flags & HBR_PEER_AS_OVERRIDE)
		junos_put(junos, group, "as-override");
	return group;
}

/* What the YANG has after the neighbors. */
static void put_rest(struct junos_work *work, struct junos_node *group,
                     const struct bgp_session *session)
{
	struct junos *junos = &work->junos;

	if (session->remote_port && session->remote_port != 179)
		junos_number(junos, group, "tcp-connect-port", session->remote_port);
}

void junos_peer(struct junos_work *work, struct junos_node *bgp,
                const struct bgp_session *session, const char *export)
{
	const char *name = arena_printf(work->junos.arena, "HBR-PEER-%s", session->name);
	struct junos_node *group = put_group(work, bgp, session, name, NULL, export);

	put_neighbor(work, group, session);
	put_rest(work, group, session);
}

/* Sessions are sorted by group and family, but those of other AS are in between. */
static void put_kind(struct junos_work *work, struct junos_node *bgp, uint32_t first,
                     uint32_t end, bool external)
{
	struct junos_node *group = NULL;
	const struct bgp_session *speaker = NULL;

	for (uint32_t i = first; i < end; i++) {
		const struct bgp_session *session = &work->bgp->sessions[i];
		bool calico = session->group == BGP_CALICO;

		if (is_external(work, session) != external)
			continue;
		if (!group) {
			speaker = session;
			group = put_group(work, bgp, session,
			                  group_names[session->group]
			                             [session->remote.family == 6][external],
			                  calico ? JUNOS_FROM_CALICO : JUNOS_FROM_FABRIC,
			                  calico ? JUNOS_TO_CALICO : JUNOS_TO_FABRIC);
		}
		put_neighbor(work, group, session);
	}
	if (speaker)
		put_rest(work, group, speaker);
}

void junos_bgp(struct junos_work *work)
{
	const struct bgp_session *sessions = work->bgp->sessions;
	uint32_t n = work->bgp->n_sessions;
	struct junos *junos = &work->junos;
	uint32_t end;

	if (!n)
		return;
	struct junos_node *bgp =
	        junos_put(junos, junos_child(junos, &junos->root, "protocols"), "bgp");
	for (uint32_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && sessions[end].group == sessions[i].group &&
		                  sessions[end].remote.family == sessions[i].remote.family;)
			end++;
		if (sessions[i].group != BGP_EXTRA) {
			put_kind(work, bgp, i, end, false);
			put_kind(work, bgp, i, end, true);
			continue;
		}
		for (uint32_t j = i; j < end; j++)
			junos_peer(work, bgp, &sessions[j],
			           sessions[j].flags & HBR_PEER_NEXT_HOP_SELF ? JUNOS_TO_FABRIC
			                                                      : JUNOS_TO_PEER);
	}
}
