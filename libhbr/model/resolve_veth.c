/* SPDX-License-Identifier: Apache-2.0 */
/* Veth pairs of a node: ends, addresses from pools, MAC addresses, MTU, what is reached. */
#include <stdio.h>
#include <string.h>

#include "model/resolve.h"

#define OVERHEAD_IPV6 20 /* what an IPv6 header has more than an IPv4 one */

/*
 * Bytes that an overlay adds over IPv4: VXLAN with its inner Ethernet; UDP with one MPLS label.
 */
static const uint32_t overheads[] = {
	[HBR_OVERLAY_NONE] = 0,
	[HBR_OVERLAY_VXLAN] = 50,
	[HBR_OVERLAY_MPLS_UDP] = 32,
};

static const hbr_end_spec no_end = { .size = sizeof(no_end) };
static const hbr_veth_spec no_veth = { .size = sizeof(no_veth), .a = &no_end, .b = &no_end };

/* Which addresses of a part the two ends get, counted from its network address; -1: none. */
struct share {
	int a, b;
};

static struct share part_share(const hbr_veth_spec *spec, const hbr_addr *part)
{
	/* RFC 3021, RFC 6164: both addresses of a pair are usable. */
	int first = prefix_bits(part) - part->length == 1 ? 0 : 1;

	/* Pods use the subnet of an attachment: only its gateway is ours. */
	if (spec->attach)
		return (struct share){ -1, first };
	return (struct share){ first, first + 1 };
}

static bool share_put(struct resolve *resolve, const hbr_addr *part, int which,
                      const char *const **list)
{
	hbr_addr addr;

	if (which < 0 || !prefix_nth(part, (uint64_t)which, &addr))
		return true;
	return list_append(resolve, list, &addr);
}

static int fill_pool(struct resolve *resolve, const struct child *child,
                     const struct node *node, int family, const char *name)
{
	hbr_veth_spec *spec = child->spec;
	/* Merged, so new, so ours to fill. */
	hbr_end_spec *a = (hbr_end_spec *)spec->a;
	hbr_end_spec *b = (hbr_end_spec *)spec->b;
	const struct pool *pool = name ? pool_find(resolve, name) : NULL;
	hbr_addr part;
	bool has;

	if (!pool || pool->spec->use != HBR_POOL_LINK || pool->prefix.addr.family != family ||
	    list_has_family(a->addrs, family) || list_has_family(b->addrs, family))
		return 0;
	int rc = pool_part(resolve, pool, child->object->parent, node->index, &part, &has);
	if (rc < 0 || !has)
		return rc;

	struct share share = part_share(spec, &part);
	bool ok = share_put(resolve, &part, share.a, &a->addrs) &&
	          share_put(resolve, &part, share.b, &b->addrs);

	return ok ? 0 : HBR_ENOMEM;
}

void veth_mac(const char *site, const char *node, const char *veth, const char *side,
              uint8_t mac[6])
{
	char name[4 * (SPEC_NAME_MAX + 1)];

	snprintf(name, sizeof(name), "%s/%s/%s/%s", site, node, veth, side);
	mac_derive(name, mac);
}

static int derive_mac(struct resolve *resolve, const struct node *node, const char *veth,
                      const char *side, hbr_end_spec *spec)
{
	char text[18];
	uint8_t mac[6];

	veth_mac(resolve->spec->name, node->name, veth, side, mac);
	mac_format(mac, text);
	spec->mac = text_make(resolve->arena, text, strlen(text), NULL);
	return spec->mac ? 0 : HBR_ENOMEM;
}

static int resolve_end(struct resolve *resolve, const struct child *child,
                       const struct node *node, const char *side, struct end *end)
{
	const hbr_veth_spec *veth = child->spec;
	const hbr_object *object = child->object;
	hbr_end_spec *spec = (hbr_end_spec *)(side[0] == 'a' ? veth->a : veth->b);
	int rc = spec->mac ? 0 : derive_mac(resolve, node, object->name, side, spec);
	if (rc < 0)
		return rc;

	end->netns = spec->netns ? spec->netns : "";
	end->ifname = spec->ifname ? spec->ifname : "";
	end->vrf = spec->vrf;
	end->flags = spec->flags;
	end->at = text_mark(object, spec->ifname);
	if (mac_parse(spec->mac, end->mac) < 0)
		rc = finding(resolve, object, spec->mac, "mac-invalid", NULL,
		             "\"%.40s\" is not a MAC address", spec->mac);
	if (rc < 0)
		return rc;
	return addr_list_make(resolve, object, spec->addrs, &end->addrs);
}

static uint32_t default_mtu(const struct resolve *resolve, const struct node *node,
                            const char *vrf)
{
	uint32_t mtu = resolve->spec->mtu;
	int32_t encap = 0;

	for (uint32_t i = 0; vrf && i < node->n_vrfs; i++)
		if (strcmp(node->vrfs[i].name, vrf) == 0)
			encap = node->vrfs[i].encap;

	uint32_t overhead = overheads[encap];

	if (overhead && !node_uplink_addr(resolve->site, node, 4))
		overhead += OVERHEAD_IPV6;
	return mtu > overhead ? mtu - overhead : mtu;
}

static int resolve_veth(struct resolve *resolve, const struct child *child,
                        const struct node *node, struct veth *veth)
{
	hbr_veth_spec *spec = child->spec;
	const hbr_object *object = child->object;
	int rc = fill_pool(resolve, child, node, 4, spec->pool4);

	if (rc == 0)
		rc = fill_pool(resolve, child, node, 6, spec->pool6);
	if (rc == 0)
		rc = resolve_end(resolve, child, node, "a", &veth->a);
	if (rc == 0)
		rc = resolve_end(resolve, child, node, "b", &veth->b);
	if (rc == 0)
		rc = addr_list_shared(resolve, object, spec->reach, &veth->reach);
	if (rc < 0)
		return rc;
	if (!spec->mtu)
		spec->mtu = default_mtu(resolve, node, spec->b->vrf);
	veth->name = object->name;
	veth->mtu = spec->mtu;
	veth->attach = spec->attach;
	veth->path = object->path;
	veth->at = object_mark(object);
	return 0;
}

/* Without reach: the whole pools, so that every router and node can be reached. */
static bool default_reach(struct resolve *resolve, hbr_veth_spec *spec)
{
	const char *names[] = { spec->pool4, spec->pool6 };
	const char **list = arena_array(resolve->arena, 3, sizeof(*list));
	size_t n = 0;
	if (!list)
		return false;

	for (size_t i = 0; i < hbr_count(names); i++) {
		const struct pool *pool = names[i] ? pool_find(resolve, names[i]) : NULL;

		if (pool && pool->spec->prefix)
			list[n++] = pool->spec->prefix;
	}
	if (n)
		spec->reach = list;
	return true;
}

static bool default_text(struct resolve *resolve, const char **text, const char *value)
{
	if (!*text)
		*text = text_make(resolve->arena, value, strlen(value), NULL);
	return *text;
}

static bool default_attach(struct resolve *resolve, const char *name, hbr_attach_spec *spec)
{
	if (!spec->plugin)
		spec->plugin = HBR_PLUGIN_MACVLAN;

	const char *mode = spec->plugin == HBR_PLUGIN_IPVLAN ? "l2" : "bridge";

	return default_text(resolve, &spec->name, name) &&
	       default_text(resolve, &spec->ns, "default") &&
	       default_text(resolve, &spec->mode, mode) &&
	       default_text(resolve, &spec->ipam, "host-local");
}

/* For what is written, once: a template's values serve all nodes. */
static int fill_written(struct resolve *resolve, const hbr_object *object, hbr_veth_spec *spec)
{
	const hbr_veth_spec *own = object->own;
	const struct pool *pool;
	int rc = 0;

	if (own->pool4)
		rc = pool_named(resolve, object, own->pool4, HBR_POOL_LINK, 4, &pool);
	if (rc == 0 && own->pool6)
		rc = pool_named(resolve, object, own->pool6, HBR_POOL_LINK, 6, &pool);
	if (rc < 0)
		return rc;
	if (!spec->mtu && !spec->b->vrf)
		spec->mtu = resolve->spec->mtu;
	if (spec->attach)
		/* Merged, so new, so ours to fill. */
		return default_attach(resolve, object->name, (hbr_attach_spec *)spec->attach)
		               ? 0
		               : HBR_ENOMEM;
	if (spec->reach || spec->b->vrf)
		return 0;
	return default_reach(resolve, spec) ? 0 : HBR_ENOMEM;
}

int resolve_veth_templates(struct resolve *resolve)
{
	int rc = resolve_templates(resolve, HBR_OBJECT_VETH, &no_veth);
	const struct templates *templates = &resolve->templates[HBR_OBJECT_VETH];

	for (uint32_t i = 0; i < templates->n && rc == 0; i++)
		rc = fill_written(resolve, templates->items[i].object,
		                  (hbr_veth_spec *)templates->items[i].spec);
	return rc;
}

int resolve_veths(struct resolve *resolve, const hbr_object *object, struct node *node)
{
	int rc = resolve_children(resolve, object, HBR_OBJECT_VETH);
	size_t n = resolve->children.n;
	size_t main = 0;
	if (rc < 0)
		return rc;

	if (n > TOPOLOGY_VETHS_MAX)
		return hbr_fail_at(resolve->err, HBR_ELIMIT, &node->at, object->path,
		                   "%s has %zu veth pairs, more than %d", node->name, n,
		                   TOPOLOGY_VETHS_MAX);
	node->veths = arena_array(resolve->arena, n, sizeof(*node->veths));
	node->n_veths = (uint32_t)n;
	if (!node->veths)
		return HBR_ENOMEM;

	for (size_t i = 0; i < n; i++)
		if (strcmp(resolve->children.items[i].object->name, VETH_MAIN) == 0)
			main = i;
	for (size_t i = 0; i < n; i++) {
		const struct child *child = &resolve->children.items[i];
		/* The main pair first, the others in their order. */
		size_t at = i == main ? 0 : i < main ? i + 1 : i;

		if (child->is_written)
			rc = fill_written(resolve, child->object, child->spec);
		if (rc == 0)
			rc = resolve_veth(resolve, child, node, &node->veths[at]);
		if (rc < 0)
			return rc;
	}
	return 0;
}
