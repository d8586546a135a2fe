/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of extra BGP peers, and the codes of what resolving reports. */
#include <string.h>

#include "model/lint_rules.h"

static void each_peer(struct lint *lint, void (*cb)(struct lint *lint, const struct node *node,
                                                    const struct peer *peer))
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++)
		for (uint32_t k = 0; k < lint->site->nodes[i].n_peers; k++)
			cb(lint, &lint->site->nodes[i], &lint->site->nodes[i].peers[k]);
}

/* That the remote address is missing, resolving says. */
static void asn_missing(struct lint *lint, const struct node *node, const struct peer *peer)
{
	if (!peer->spec->remote_asn)
		lint_found(lint, &peer->at, peer->path, "write remoteAsn",
		           "peer %s of %s has no remote AS", peer->spec->name, node->name);
}

static void check_asn_missing(struct lint *lint)
{
	each_peer(lint, asn_missing);
}

static void peer_family(struct lint *lint, const struct node *node, const struct peer *peer)
{
	if (!peer->local.family || !peer->remote.family ||
	    peer->local.family == peer->remote.family)
		return;
	lint_found(lint, &peer->at, peer->path, "both are IPv4 or both IPv6",
	           "peer %s of %s: local %s and remote %s are of different families",
	           peer->spec->name, node->name, lint_host(lint, &peer->local),
	           lint_host(lint, &peer->remote));
}

static void check_peer_family(struct lint *lint)
{
	each_peer(lint, peer_family);
}

static bool list_has(const struct addr_list *list, const hbr_addr *addr)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (prefix_same_host(&list->items[i].addr, addr))
			return true;
	return false;
}

/* Whether the address is one of the router's: of an uplink, a router end, a loopback. */
static bool router_has(const struct node *node, const hbr_addr *addr)
{
	if (list_has(&node->loopbacks, addr))
		return true;
	for (uint32_t i = 0; i < node->n_veths; i++)
		if (list_has(&node->veths[i].b.addrs, addr))
			return true;
	for (uint32_t i = 0; i < node->n_netns; i++)
		for (uint32_t u = 0; u < node->netns[i].n_uplinks; u++)
			if (list_has(&node->netns[i].uplinks[u].addrs, addr))
				return true;
	return false;
}

static void peer_local(struct lint *lint, const struct node *node, const struct peer *peer)
{
	if (!peer->local.family || router_has(node, &peer->local))
		return;
	lint_found(lint, &peer->at, peer->path,
	           "leave local out, or write an address of an uplink, router end or loopback",
	           "peer %s: the router of %s has no address %s", peer->spec->name, node->name,
	           lint_host(lint, &peer->local));
}

static void check_local(struct lint *lint)
{
	each_peer(lint, peer_local);
}

static void peer_self(struct lint *lint, const struct node *node, const struct peer *peer)
{
	if (!peer->remote.family || !router_has(node, &peer->remote))
		return;
	lint_found(lint, &peer->at, peer->path, "write the neighbor's address",
	           "peer %s: %s is the own address of the router of %s", peer->spec->name,
	           lint_host(lint, &peer->remote), node->name);
}

static void check_self(struct lint *lint)
{
	each_peer(lint, peer_self);
}

/* An address that routers of the site have sessions with, and whose it is. */
struct speaker {
	hbr_addr addr;
	const struct node *node;
};

static int speaker_cmp(const void *left, const void *right)
{
	const struct speaker *a = left;
	const struct speaker *b = right;
	int order = prefix_cmp(&a->addr, &b->addr);

	return order ? order : a->node < b->node ? -1 : a->node > b->node;
}

static int addr_cmp(const void *addr, const void *speaker)
{
	return prefix_cmp(addr, &((const struct speaker *)speaker)->addr);
}

/* The routers' ends of the sessions among them. */
static size_t speakers_of(struct lint *lint, struct speaker **out)
{
	static const int families[] = { 4, 6 };
	const struct site *site = lint->site;
	struct speaker *speakers =
	        lint_array(lint, (size_t)site->n_nodes * 2, sizeof(*speakers));
	size_t n = 0;

	for (uint32_t i = 0; speakers && i < site->n_nodes; i++) {
		for (size_t f = 0; f < hbr_count(families); f++) {
			const struct node *node = &site->nodes[i];
			const hbr_addr *addr = node_uplink_addr(site, node, families[f]);

			if (addr)
				speakers[n++] = (struct speaker){ prefix_host(addr), node };
		}
	}
	if (n)
		qsort(speakers, n, sizeof(*speakers), speaker_cmp);
	*out = speakers;
	return n;
}

/* Whose address the router of the node has a session with anyway, or NULL. */
static const char *session_with(const struct site *site, const struct node *node,
                                const hbr_addr *remote, const struct speaker *speakers,
                                size_t n)
{
	const struct veth *veth = lint_main_veth(node);
	hbr_addr host = prefix_host(remote);
	const struct speaker *other = bsearch(&host, speakers, n, sizeof(*speakers), addr_cmp);
	bool is_worker = node->role != HBR_ROLE_CONTROL_PLANE;

	if (veth && list_has(&veth->a.addrs, remote))
		return "Calico";
	if (!other || other->node == node || !node_uplink_addr(site, node, remote->family))
		return NULL;
	/* Workers' routers have none with each other. */
	if (is_worker && other->node->role != HBR_ROLE_CONTROL_PLANE)
		return NULL;
	return other->node->name;
}

static void check_session(struct lint *lint)
{
	const struct site *site = lint->site;
	struct speaker *speakers = NULL;
	size_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes && lint->rc == 0; i++) {
		const struct node *node = &site->nodes[i];

		if (node->n_peers && !speakers)
			n = speakers_of(lint, &speakers);
		for (uint32_t k = 0; speakers && k < node->n_peers; k++) {
			const struct peer *peer = &node->peers[k];
			const char *with =
			        peer->remote.family && !peer->spec->vrf
			                ? session_with(site, node, &peer->remote, speakers, n)
			                : NULL;

			if (with)
				lint_found(lint, &peer->at, peer->path,
				           "take the peer away: this session is made anyway",
				           "peer %s: the router of %s has a session with %s of "
				           "%s already",
				           peer->spec->name, node->name,
				           lint_host(lint, &peer->remote), with);
		}
	}
}

static int peer_cmp(const void *left, const void *right)
{
	const struct peer *a = *(const struct peer *const *)left;
	const struct peer *b = *(const struct peer *const *)right;
	int order = strcmp(a->spec->vrf ? a->spec->vrf : "", b->spec->vrf ? b->spec->vrf : "");

	if (!order)
		order = prefix_cmp(&a->remote, &b->remote);
	return order ? order : a < b ? -1 : a > b;
}

static bool same_neighbor(const struct peer *a, const struct peer *b)
{
	return a->remote.family && prefix_equal(&a->remote, &b->remote) &&
	       !strcmp(a->spec->vrf ? a->spec->vrf : "", b->spec->vrf ? b->spec->vrf : "");
}

static void check_duplicate(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes && lint->rc == 0; i++) {
		const struct node *node = &lint->site->nodes[i];
		const struct peer **peers = NULL;

		if (node->n_peers < 2)
			continue;
		peers = lint_array(lint, node->n_peers, sizeof(const struct peer *));
		if (!peers)
			return;
		for (uint32_t k = 0; k < node->n_peers; k++)
			peers[k] = &node->peers[k];
		qsort(peers, node->n_peers, sizeof(const struct peer *), peer_cmp);
		for (uint32_t k = 1; k < node->n_peers; k++)
			if (same_neighbor(peers[k - 1], peers[k]))
				lint_found(lint, &peers[k]->at, peers[k]->path,
				           "a router has one session with an address",
				           "peer %s of %s: %s is the remote of peer %s already",
				           peers[k]->spec->name, node->name,
				           lint_host(lint, &peers[k]->remote),
				           peers[k - 1]->spec->name);
	}
}

static void peer_link_local(struct lint *lint, const struct node *node, const struct peer *peer)
{
	if (peer->remote.family != 6 || !addr_is_link_local(&peer->remote))
		return;
	lint_found(lint, &peer->at, peer->path, "write an address that is the neighbor's alone",
	           "peer %s of %s: %s is of one link, and a peer does not say which",
	           peer->spec->name, node->name, lint_host(lint, &peer->remote));
}

static void check_link_local(struct lint *lint)
{
	each_peer(lint, peer_link_local);
}

static void peer_cluster(struct lint *lint, const struct node *node, const struct peer *peer)
{
	const char *text = peer->spec->cluster_id;
	hbr_addr addr;
	bool has_length;

	if (!text ||
	    (prefix_parse(text, &addr, &has_length) == 0 && addr.family == 4 && !has_length))
		return;
	lint_found(lint, &peer->at, peer->path, "write it like 192.168.1.101",
	           "peer %s of %s: cluster id \"%.40s\" has not the form of an IPv4 address",
	           peer->spec->name, node->name, text);
}

static void check_cluster(struct lint *lint)
{
	each_peer(lint, peer_cluster);
}

static bool is_frr(const struct site *site)
{
	return site->spec->engine && !strcmp(site->spec->engine, "frr");
}

/* A neighbor in our own AS would see that behind the other and take it for a loop. */
static void peer_local_asn(struct lint *lint, const struct node *node, const struct peer *peer)
{
	const hbr_peer_spec *spec = peer->spec;
	const char *fault = NULL;

	if (!spec->local_asn || !spec->remote_asn || spec->local_asn == node->asn)
		return;
	if (spec->remote_asn == node->asn)
		fault = "the neighbor is in the router's own AS";
	else if (spec->remote_asn == spec->local_asn && is_frr(lint->site))
		fault = "it is the neighbor's, which FRR refuses";
	if (fault)
		lint_found(lint, &peer->at, peer->path, "take localAsn away",
		           "peer %s of %s: AS %u cannot stand for AS %u: %s", spec->name,
		           node->name, spec->local_asn, node->asn, fault);
}

static void check_local_asn(struct lint *lint)
{
	each_peer(lint, peer_local_asn);
}

const struct lint_rule lint_peer_rules[] = {
	{ "peer-asn-missing", HBR_LEVEL_ERROR, "A peer has a remote AS.", check_asn_missing },
	{ "peer-family", HBR_LEVEL_ERROR,
	  "Local and remote address of a peer are of one family.", check_peer_family },
	{ "peer-local", HBR_LEVEL_ERROR, "The local address of a peer is one of its router.",
	  check_local },
	{ "peer-self", HBR_LEVEL_ERROR, "The remote address of a peer is not its router's own.",
	  check_self },
	{ "peer-session", HBR_LEVEL_ERROR,
	  "No peer is one that the router has a session with by the site already.",
	  check_session },
	{ "peer-link-local", HBR_LEVEL_ERROR, "No peer has a link-local IPv6 address.",
	  check_link_local },
	{ "peer-cluster-id", HBR_LEVEL_ERROR, "Cluster ids have the form of IPv4 addresses.",
	  check_cluster },
	{ "peer-local-asn", HBR_LEVEL_ERROR,
	  "Another AS is shown to neighbors outside of the router's own only.",
	  check_local_asn },
	{ "peer-duplicate", HBR_LEVEL_ERROR,
	  "No two peers of a router and VRF have one remote address.", check_duplicate },
	{ .code = NULL },
};

/* What a site cannot be resolved with; pool.c and its neighbours find it before lint runs. */
const struct lint_rule lint_resolve_rules[] = {
	{ "pool-unknown", HBR_LEVEL_ERROR, "The pools that are named exist.", NULL },
	{ "pool-exhausted", HBR_LEVEL_ERROR,
	  "A pool has something left for every node, and every node's index lies in it.",
	  NULL },
	{ "pool-invalid", HBR_LEVEL_ERROR, "The bounds and lengths of a pool make sense.",
	  NULL },
	{ "index-duplicate", HBR_LEVEL_ERROR, "No two nodes have one index.", NULL },
	{ "mac-invalid", HBR_LEVEL_ERROR, "MAC addresses can be read.", NULL },
	{ "router-id-invalid", HBR_LEVEL_ERROR, "Router ids have the form of IPv4 addresses.",
	  NULL },
	{ "route-invalid", HBR_LEVEL_ERROR, "Destination and gateway of a route can be read.",
	  NULL },
	{ "rt-invalid", HBR_LEVEL_ERROR, "Route targets are ASN:number.", NULL },
	{ "peer-invalid", HBR_LEVEL_ERROR, "Addresses of peers can be read.", NULL },
	{ .code = NULL },
};
