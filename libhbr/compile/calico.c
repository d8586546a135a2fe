/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage CALICO of the cluster: BGP without the mesh, pools without encapsulation, a session of each
 * node with its own router (by its own address, or one that all share), and which device tells Felix the MTU. Written as
 * projectcalico.org/v3; what Calico's API server does not check, lint has.
 */
#include "compile/compile.h"

#include <string.h>

#include "base/prefix.h"
#include "resource/object_name.h"

#define V3 "projectcalico.org/v3"

static const int families[] = { 4, 6 };

static json_t *meta_of(const char *name)
{
	return json_pack("{s:s, s:{s:s}}", "name", name, "labels", OBJECT_LABEL,
	                 OBJECT_LABEL_US);
}

/* Takes the reference to spec. */
static int put(struct build *build, const char *kind, const char *name, const char *owner,
               json_t *spec, hbr_error **err)
{
	json_t *object = json_pack("{s:s, s:s, s:o?, s:o?}", "apiVersion", V3, "kind", kind,
	                           "metadata", meta_of(name), "spec", spec);

	return build_put_object(build, arena_printf(build->arena, V3 "/%s//%s", kind, name),
	                        owner, 0, object, err);
}

/* The AS of all nodes that have none of their own. */
static uint32_t common_asn(const struct site *site)
{
	return site->spec->calico_mode == HBR_CALICO_IBGP && site->n_nodes
	               ? node_calico_asn(site, &site->nodes[0])
	               : site->spec->calico_asn;
}

/* With routers in between, Calico's nodes have nothing to say to each other. */
static int put_bgp(struct build *build, hbr_error **err)
{
	const struct site *site = build->site;
	uint32_t asn = common_asn(site);
	json_t *spec = json_pack("{s:b, s:I, s:I, s:s}", "nodeToNodeMeshEnabled", 0, "asNumber",
	                         (json_int_t)asn, "listenPort",
	                         (json_int_t)site->spec->calico_port, "bindMode", "NodeIP");

	return put(build, "BGPConfiguration", "default", NULL, spec, err);
}

/* The first of a family is the one that Calico makes itself when it finds none. */
static const char *pool_name(struct build *build, const struct pool *pool, bool is_first)
{
	if (!is_first)
		return arena_printf(build->arena, "hbr-%s", pool->spec->name);
	return pool->prefix.addr.family == 6 ? "default-ipv6-ippool" : "default-ipv4-ippool";
}

static int put_pool(struct build *build, const struct pool *pool, bool is_first,
                    hbr_error **err)
{
	const char *name = pool_name(build, pool, is_first);
	bool nat = pool->spec->flags & HBR_POOL_NAT_OUTGOING;
	hbr_addr net = prefix_network(&pool->prefix.addr);
	char cidr[PREFIX_TEXT];
	json_t *spec;

	if (!name)
		return hbr_oom(err);
	spec = json_pack("{s:s, s:I, s:s, s:s, s:b, s:s}", "cidr", prefix_format(&net, cidr),
	                 "blockSize", (json_int_t)pool->spec->length, "ipipMode", "Never",
	                 "vxlanMode", "Never", "natOutgoing", nat, "nodeSelector", "all()");
	return put(build, "IPPool", name, pool->path, spec, err);
}

static int put_pools(struct build *build, hbr_error **err)
{
	const struct site *site = build->site;
	bool seen[2] = { false, false };
	int rc = 0;

	for (uint32_t i = 0; i < site->n_pools && rc == 0; i++) {
		const struct pool *pool = &site->pools[i];
		bool is_v6 = pool->prefix.addr.family == 6;

		if (pool->spec->use != HBR_POOL_POD || !pool->prefix.addr.family)
			continue;
		rc = put_pool(build, pool, !seen[is_v6], err);
		seen[is_v6] = true;
	}
	return rc;
}

/* Of one node; of all of them for node NULL. */
static int put_peer(struct build *build, const struct node *node, const hbr_addr *router,
                    hbr_error **err)
{
	const char *whose = node ? node->name : "routers";
	const char *name = arena_printf(build->arena, "hbr-%s-v%d", whose, router->family);
	uint32_t asn = node ? node->asn : build->site->nodes[0].asn;
	char addr[PREFIX_TEXT];
	json_t *spec;

	if (!name)
		return hbr_oom(err);
	spec = json_pack("{s:s*, s:s, s:I}", "node", node ? node->name : NULL, "peerIP",
	                 prefix_format_host(router, addr), "asNumber", (json_int_t)asn);
	return put(build, "BGPPeer", name, node ? node->name : NULL, spec, err);
}

/* Every router answers to the same address. */
static int put_shared_peers(struct build *build, hbr_error **err)
{
	const struct addr_list *peers = &build->site->calico_peers;
	int rc = 0;

	for (uint32_t i = 0; i < peers->n && build->site->n_nodes && rc == 0; i++)
		rc = put_peer(build, NULL, &peers->items[i].addr, err);
	return rc;
}

/* A node that is not registered yet is none of Calico's; it is told when it is. */
static int put_asn(struct build *build, const struct node *node, hbr_error **err)
{
	const char *asn = arena_printf(build->arena, "%u", node_calico_asn(build->site, node));
	json_t *object;

	if (!asn)
		return hbr_oom(err);
	object = json_pack("{s:s, s:s, s:{s:s, s:{s:s}}}", "apiVersion", "v1", "kind", "Node",
	                   "metadata", "name", node->name, "annotations",
	                   "projectcalico.org/ASNumber", asn);
	return build_put_object(build, arena_printf(build->arena, "v1/Node//%s", node->name),
	                        node->name, HBR_RESOURCE_OPTIONAL, object, err);
}

static int put_node(struct build *build, const struct node *node, hbr_error **err)
{
	const struct veth *veth = calico_veth(build->site, node);
	int rc = 0;

	for (size_t f = 0; veth && f < hbr_count(families) && rc == 0; f++) {
		const hbr_addr *router = addr_list_first(&veth->b.addrs, families[f]);

		if (addr_list_first(&build->site->calico_peers, families[f]))
			continue;
		if (router && addr_list_first(&veth->a.addrs, families[f]))
			rc = put_peer(build, node, router, err);
	}
	if (rc == 0 && node_calico_asn(build->site, node) != common_asn(build->site))
		rc = put_asn(build, node, err);
	return rc;
}

/* Names may have dots, which a pattern would take for any byte. */
static void put_escaped(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (strchr(".+*?()[]{}|^$\\", *name))
			buf_putc(out, '\\');
		buf_putc(out, *name);
	}
}

static bool is_new_name(const struct site *site, uint32_t before, const char *name)
{
	for (uint32_t i = 0; i < before; i++) {
		const struct veth *veth = calico_veth(site, &site->nodes[i]);

		if (veth && strcmp(veth->a.ifname, name) == 0)
			return false;
	}
	return true;
}

/* Felix leaves veths out when it looks for the MTU, but the way out of the node is one. */
static int put_felix(struct build *build, hbr_error **err)
{
	_cleanup_buf_ struct buf pattern = BUF_INIT;
	const struct site *site = build->site;
	json_t *object;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct veth *veth = calico_veth(site, &site->nodes[i]);

		if (!veth || !is_new_name(site, i, veth->a.ifname))
			continue;
		buf_puts(&pattern, pattern.len ? "|" : "^(");
		put_escaped(&pattern, veth->a.ifname);
	}
	if (!pattern.len)
		return pattern.rc ? hbr_oom(err) : 0;
	buf_puts(&pattern, ")$");
	if (pattern.rc)
		return hbr_oom(err);
	object = json_pack("{s:s, s:s, s:{s:s}, s:{s:s}}", "apiVersion", V3, "kind",
	                   "FelixConfiguration", "metadata", "name", "default", "spec",
	                   "mtuIfacePattern", pattern.data);
	return build_put_object(build, V3 "/FelixConfiguration//default", NULL, 0, object, err);
}

int calico_compile(struct build *build, hbr_error **err)
{
	int rc = put_bgp(build, err);

	if (rc == 0)
		rc = put_pools(build, err);
	if (rc == 0)
		rc = put_shared_peers(build, err);
	for (uint32_t i = 0; i < build->site->n_nodes && rc == 0; i++)
		rc = put_node(build, &build->site->nodes[i], err);
	return rc < 0 ? rc : put_felix(build, err);
}

int ready_compile(struct build *build, hbr_error **err)
{
	int rc = 0;

	for (uint32_t i = 0; i < build->site->n_nodes && rc == 0; i++) {
		const struct node *node = &build->site->nodes[i];
		const char *name = arena_printf(build->arena, "node %s ready", node->name);
		hbr_expect body = { .type = HBR_EXPECT_READY };

		if (!name)
			return hbr_oom(err);
		rc = build_put(build, HBR_KIND_EXPECT, NULL, name, node->name, 0, &body, err);
	}
	return rc;
}
