/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sessions that a site implies, as pairs: control planes mesh and reflect to workers, each router
 * speaks with its own Calico, and the document's own peers. One session a family. Read from the
 * objects and not from compiled states, so that a thousand nodes and any router engine can be drawn.
 */
#include "view.h"

#include <string.h>

static uint32_t families_of(const char *const *addrs)
{
	uint32_t families = 0;

	for (; addrs && *addrs; addrs++)
		families |= strchr(*addrs, ':') ? HBR_FAMILY_IPV6 : HBR_FAMILY_IPV4;
	return families;
}

static uint32_t uplink_families(const struct view_node *node)
{
	uint32_t families = 0;

	for (const hbr_uplink_spec *const *u = node->uplinks; u && *u; u++)
		families |= families_of((*u)->addrs);
	return families;
}

static void add(struct view *view, uint32_t a, uint32_t b, enum session_kind kind,
                uint32_t families)
{
	uint32_t count = (uint32_t)__builtin_popcount(families);

	if (!families)
		return;
	if (view->n_sessions == view->room) {
		view->room = view->room ? view->room * 2 : 64;
		view->sessions =
		        must(realloc(view->sessions, view->room * sizeof(*view->sessions)));
	}
	view->sessions[view->n_sessions++] = (struct view_session){
		.a = a, .b = b, .kind = kind, .families = families, .count = count
	};
	view->nodes[a].sessions[kind] += count;
	if (a != b)
		view->nodes[b].sessions[kind] += count;
}

/* Control planes come first in a view: whoever is before n_control reflects. */
static void add_routers(struct view *view, uint32_t a)
{
	uint32_t own = uplink_families(&view->nodes[a]);

	for (uint32_t b = a + 1; b < view->n_nodes && a < view->n_control; b++)
		add(view, a, b, b < view->n_control ? SESSION_MESH : SESSION_CLIENT,
		    own & uplink_families(&view->nodes[b]));
}

static uint32_t calico_asn(const struct view *view, const struct view_node *node)
{
	if (view->site.calico_mode == HBR_CALICO_IBGP)
		return node->spec.asn;
	if (view->site.calico_mode == HBR_CALICO_EBGP_PER_NODE)
		return view->site.calico_asn + node->spec.index;
	return view->site.calico_asn;
}

static void add_calico(struct view *view, uint32_t index)
{
	struct view_node *node = &view->nodes[index];
	const hbr_veth_spec *veth = node->n_veths ? &node->veths[0] : NULL;
	uint32_t families;

	if (!veth || (veth->a->netns && *veth->a->netns))
		return;
	families = families_of(veth->a->addrs) & families_of(veth->b->addrs);
	add(view, index, index, SESSION_CALICO, families);
	if (families)
		node->calico_asn = calico_asn(view, node);
}

static int add_peers(struct view *view, uint32_t index, hbr_error **err)
{
	hbr_object *node = view->nodes[index].object;
	hbr_peer_spec peer = { .size = sizeof(peer) };
	int rc;

	for (hbr_object *o = NULL; (o = hbr_object_next(node, HBR_OBJECT_PEER, o));) {
		const char *remote[] = { NULL, NULL };

		rc = hbr_peer_get(o, &peer, err);
		if (rc < 0)
			return rc;
		remote[0] = peer.remote;
		if (!peer.vrf)
			add(view, index, index, SESSION_EXTRA, families_of(remote));
	}
	return 0;
}

int view_sessions(struct view *view, hbr_error **err)
{
	int rc = 0;

	for (uint32_t i = 0; i < view->n_nodes && rc >= 0; i++) {
		add_calico(view, i);
		add_routers(view, i);
		rc = add_peers(view, i, err);
	}
	return rc;
}
