/* SPDX-License-Identifier: Apache-2.0 */
/* Junos configuration of a node: the parts put together, and what the router has as a whole. */
#include "compile/junos.h"

#include <string.h>

#include "base/prefix.h"

#define TUNNEL "hbr"

static const struct {
	int32_t encap;
	uint32_t families;
} overlays[] = {
	{ HBR_OVERLAY_VXLAN, HBR_FAMILY_EVPN },
	{ HBR_OVERLAY_MPLS_UDP, HBR_FAMILY_VPNV4 | HBR_FAMILY_VPNV6 },
};

/* Of every node: a reflector carries what its clients have, whether it has the VRF or not. */
static uint32_t overlay_families(const struct site *site)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		for (uint32_t j = 0; j < site->nodes[i].n_vrfs; j++) {
			for (size_t k = 0; k < hbr_count(overlays); k++) {
				if (overlays[k].encap == site->nodes[i].vrfs[j].encap)
					bits |= overlays[k].families;
			}
		}
	}
	return bits;
}

static bool has_mpls(const struct junos_work *work)
{
	return work->overlay & HBR_FAMILY_VPNV4;
}

static int cmp(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

/* The networks that the routers' ends of the tunnels are in. */
static void put_destinations(struct junos_work *work, struct junos_node *tunnel)
{
	const struct site *site = work->site;
	struct junos *junos = &work->junos;
	hbr_addr *nets = arena_array(junos->arena, site->n_nodes, sizeof(*nets));
	char text[PREFIX_TEXT];
	uint32_t n = 0;

	if (!nets) {
		junos->rc = HBR_ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const hbr_addr *addr =
		        node_uplink_addr(site, &site->nodes[i], work->overlay_over);

		if (addr)
			nets[n++] = prefix_network(addr);
	}
	qsort(nets, n, sizeof(*nets), cmp);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || !prefix_equal(&nets[i], &nets[i - 1]))
			junos_item(junos, tunnel, "destination-networks",
			           prefix_format(&nets[i], text));
	}
}

static void put_tunnels(struct junos_work *work, struct junos_node *options)
{
	struct junos *junos = &work->junos;
	const hbr_addr *source = node_uplink_addr(work->site, work->node, work->overlay_over);
	char text[PREFIX_TEXT];

	if (!has_mpls(work) || !source)
		return;
	struct junos_node *tunnel = junos_entry(
	        junos, junos_put(junos, options, "dynamic-tunnels"), "dynamic-tunnel", TUNNEL);
	junos_leaf(junos, tunnel, "source-address", prefix_format_host(source, text));
	junos_put(junos, tunnel, "udp");
	put_destinations(work, tunnel);
}

static void put_mpls(struct junos_work *work)
{
	struct junos *junos = &work->junos;
	const struct netns *netns = node_netns(work->node, work->site->spec->netns);

	if (!has_mpls(work) || !netns)
		return;
	struct junos_node *mpls =
	        junos_put(junos, junos_child(junos, &junos->root, "protocols"), "mpls");
	junos_put(junos, mpls, "ipv6-tunneling");
	for (uint32_t i = 0; i < netns->n_uplinks; i++)
		junos_item(junos, mpls, "interface", netns->uplinks[i].ifname);
}

/* Without a password of root's Junos refuses every commit. */
static void put_system(struct junos_work *work)
{
	const char *path = work->site->spec->password_file;
	struct junos *junos = &work->junos;
	struct junos_node *system;

	if (!path)
		return;
	system = junos_put(junos, &junos->root, "system");
	if (system)
		system->flags |= JUNOS_UNJUDGED;
	junos_secret(junos, junos_put(junos, system, "root-authentication"),
	             "hbr-encrypted-password", path);
}

static void put_options(struct junos_work *work)
{
	struct junos *junos = &work->junos;
	struct junos_node *options = junos_put(junos, &junos->root, "routing-options");
	char text[PREFIX_TEXT];

	junos_leaf(junos, options, "router-id",
	           prefix_format_host(&work->bgp->router_id, text));
	junos_arg(junos, junos_put(junos, options, "autonomous-system"), "as-number",
	          arena_printf(junos->arena, "%u", work->bgp->asn));
	junos_member(junos, junos_put(junos, options, "forwarding-table"), "export",
	             JUNOS_BALANCE);
	put_tunnels(work, options);
}

static int refuse_peer(const struct junos_work *work, const struct bgp_session *session,
                       hbr_error **err)
{
	if (session->local_port) {
		hbr_fail(
		        err, HBR_ENOTSUP, session->owner,
		        "peer %s wants a local port, which Junos has for the whole router only",
		        session->name);
		hbr_hint(err, "take localPort out of the peer");
		return HBR_ENOTSUP;
	}
	if (session->flags & HBR_PEER_AS_OVERRIDE && session->remote_asn == work->bgp->asn) {
		hbr_fail(err, HBR_EMODEL, session->owner,
		         "peer %s is in our own AS, where Junos knows no as-override",
		         session->name);
		hbr_hint(err, "take asOverride out of the peer");
		return HBR_EMODEL;
	}
	return 0;
}

/* The topology's own peers, in VRFs too; the others are right by construction. */
static int refuse(const struct junos_work *work, hbr_error **err)
{
	int rc = 0;

	for (uint32_t i = 0; i < work->node->n_peers && rc == 0; i++) {
		struct bgp_session session;

		bgp_peer(work->node, &work->node->peers[i], &session);
		rc = refuse_peer(work, &session, err);
	}
	return rc;
}

static int build(struct junos_work *work, hbr_error **err)
{
	int rc = refuse(work, err);

	if (rc < 0)
		return rc;
	work->overlay = overlay_families(work->site);
	work->overlay_over = node_uplink_addr(work->site, work->node, 4) ? 4 : 6;
	for (uint32_t i = 0; i < work->bgp->n_sessions; i++)
		work->families |= junos_families(work, &work->bgp->sessions[i]);
	put_system(work);
	put_options(work);
	junos_bgp(work);
	put_mpls(work);
	junos_policies(work);
	junos_vrfs(work);
	return junos_check(&work->junos, work->node->name, err);
}

int junos_render(const struct site *site, const struct node *node, const struct bgp *bgp,
                 struct arena *arena, enum junos_form form, struct buf *out, hbr_error **err)
{
	struct junos_work work = {
		.junos = { .arena = arena },
		.site = site,
		.node = node,
		.bgp = bgp,
	};
	int rc = build(&work, err);

	if (rc < 0)
		return rc;
	junos_write(&work.junos, form, out);
	if (out->rc == HBR_ENOMEM)
		return hbr_oom(err);
	if (out->rc < 0)
		return hbr_fail(err, out->rc, node->name,
		                "the router's configuration is too big");
	return 0;
}
