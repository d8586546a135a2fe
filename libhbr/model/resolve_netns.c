/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces of a node: uplinks with addresses from pools, static routes; and loopbacks. */
#include <string.h>

#include "model/resolve.h"

static int pool_addr(struct resolve *resolve, const hbr_object *object, const struct pool *pool,
                     uint32_t index, const char *const **list)
{
	hbr_addr addr;
	bool has;
	int rc = pool_part(resolve, pool, object, index, &addr, &has);
	if (rc < 0 || !has)
		return rc;
	return list_append(resolve, list, &addr) ? 0 : HBR_ENOMEM;
}

/* Every pool of that use gives an address unless one of its family is written. */
static int fill_from_pools(struct resolve *resolve, const hbr_object *node, uint32_t index,
                           int32_t use, const char *const **list)
{
	const struct site *site = resolve->site;
	const char *const *written = *list;

	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct pool *pool = &site->pools[i];
		int rc = 0;

		if (pool->spec->use == use &&
		    !list_has_family(written, pool->prefix.addr.family))
			rc = pool_addr(resolve, node, pool, index, list);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int resolve_netns_templates(struct resolve *resolve)
{
	int rc = resolve_templates(resolve, HBR_OBJECT_NETNS, NULL);
	const struct templates *templates = &resolve->templates[HBR_OBJECT_NETNS];

	for (uint32_t i = 0; i < templates->n && rc == 0; i++) {
		const hbr_netns_spec *spec = templates->items[i].spec;

		for (size_t k = 0; spec->uplinks && spec->uplinks[k]; k++) {
			/* Merged, so new, so ours to fill. */
			hbr_uplink_spec *uplink = (hbr_uplink_spec *)spec->uplinks[k];

			if (!uplink->mtu)
				uplink->mtu = resolve->spec->mtu;
		}
	}
	return rc;
}

static int resolve_uplink(struct resolve *resolve, const hbr_object *object,
                          hbr_uplink_spec *spec, struct uplink *uplink)
{
	if (!spec->mtu)
		spec->mtu = resolve->spec->mtu;
	uplink->ifname = spec->ifname;
	uplink->mac = spec->mac;
	uplink->bus = spec->bus;
	uplink->mtu = spec->mtu;
	uplink->at = text_mark(object, spec->ifname);

	uint8_t mac[6];
	int rc = 0;

	if (spec->mac && mac_parse(spec->mac, mac) < 0)
		rc = finding(resolve, object, spec->mac, "mac-invalid", NULL,
		             "\"%.40s\" is not a MAC address", spec->mac);
	if (rc < 0)
		return rc;
	return addr_list_make(resolve, object, spec->addrs, &uplink->addrs);
}

static int route_invalid(struct resolve *resolve, const hbr_object *object, const char *text,
                         const char *what)
{
	return finding(resolve, object, text, "route-invalid", NULL,
	               "\"%.60s\" is not the %s of a route", text ? text : "", what);
}

/* A route that makes no sense is a finding and left out. */
static int resolve_route(struct resolve *resolve, const hbr_object *object,
                         const hbr_route_spec *spec, struct netns *netns)
{
	struct static_route route = {
		.dev = spec->dev,
		.vrf = spec->vrf,
		.metric = spec->metric,
		.action = spec->action,
		.at = text_mark(object, spec->to),
	};
	bool has_length;

	if (spec->via && prefix_parse(spec->via, &route.via, &has_length) < 0)
		return route_invalid(resolve, object, spec->via, "gateway");
	if (spec->via && has_length)
		return route_invalid(resolve, object, spec->via, "gateway");
	if (spec->to && strcmp(spec->to, "default") == 0)
		route.to.family = route.via.family ? route.via.family : 4;
	else if (!spec->to || prefix_parse(spec->to, &route.to, &has_length) < 0 ||
	         !prefix_is_network(&route.to))
		return route_invalid(resolve, object, spec->to, "destination");
	if (route.via.family && route.via.family != route.to.family)
		return finding(resolve, object, spec->via, "route-invalid", NULL,
		               "route to %s: the gateway %s is of the other family", spec->to,
		               spec->via);
	if (!route.via.family && !route.dev && !route.action)
		return finding(resolve, object, spec->to, "route-invalid",
		               "write via: or dev:, or an action", "route to %s leads nowhere",
		               spec->to);
	netns->routes[netns->n_routes++] = route;
	return 0;
}

static int resolve_routes(struct resolve *resolve, const hbr_object *object,
                          const hbr_netns_spec *spec, struct netns *netns)
{
	uint32_t n = 0;

	while (spec->routes && spec->routes[n])
		n++;
	if (!n)
		return 0;
	netns->routes = arena_array(resolve->arena, n, sizeof(*netns->routes));
	if (!netns->routes)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < n; i++) {
		int rc = resolve_route(resolve, object, spec->routes[i], netns);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int resolve_one_netns(struct resolve *resolve, const struct child *child,
                             const struct node *node, struct netns *netns)
{
	hbr_netns_spec *spec = child->spec;
	const hbr_object *object = child->object;
	bool is_router;
	uint32_t n = 0;
	int rc = 0;

	spec->name = spec->name ? spec->name : object->name;
	netns->name = object->name;
	netns->sysctls = spec->sysctls;
	netns->path = object->path;
	netns->at = object_mark(object);
	is_router = strcmp(netns->name, resolve->spec->netns) == 0;
	while (spec->uplinks && spec->uplinks[n])
		n++;
	netns->uplinks = arena_array(resolve->arena, n, sizeof(*netns->uplinks));
	netns->n_uplinks = n;
	if (!netns->uplinks)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		/* Merged, so new, so ours to fill. */
		hbr_uplink_spec *uplink = (hbr_uplink_spec *)spec->uplinks[i];

		if (i == 0 && is_router)
			rc = fill_from_pools(resolve, object->parent, node->index,
			                     HBR_POOL_UPLINK, &uplink->addrs);
		if (rc == 0)
			rc = resolve_uplink(resolve, object, uplink, &netns->uplinks[i]);
	}
	return rc < 0 ? rc : resolve_routes(resolve, object, spec, netns);
}

/* The router's namespace is there even when nobody wrote it. */
static int implied_netns(struct resolve *resolve, struct node *node, struct netns *netns)
{
	netns->name = resolve->spec->netns;
	netns->path = path_make(resolve->arena, node->name, "netns", netns->name);
	netns->at = node->at;
	return netns->path ? 0 : HBR_ENOMEM;
}

int resolve_netns(struct resolve *resolve, const hbr_object *object, struct node *node)
{
	int rc = resolve_children(resolve, object, HBR_OBJECT_NETNS);
	if (rc < 0)
		return rc;

	size_t n = resolve->children.n;
	size_t router = n;

	for (size_t i = 0; i < n; i++)
		if (strcmp(resolve->children.items[i].object->name, resolve->spec->netns) == 0)
			router = i;
	node->n_netns = (uint32_t)(n + (router == n));
	node->netns = arena_array(resolve->arena, node->n_netns, sizeof(*node->netns));
	if (!node->netns)
		return HBR_ENOMEM;
	if (router == n)
		rc = implied_netns(resolve, node, &node->netns[0]);
	for (size_t i = 0, at = 1; i < n && rc == 0; i++)
		rc = resolve_one_netns(resolve, &resolve->children.items[i], node,
		                       &node->netns[i == router ? 0 : at++]);
	if (rc < 0)
		return rc;

	const hbr_node_spec *spec = object->own;
	const char *const *loopbacks = spec->loopbacks;

	rc = fill_from_pools(resolve, object, node->index, HBR_POOL_LOOPBACK, &loopbacks);
	return rc < 0 ? rc : addr_list_make(resolve, object, loopbacks, &node->loopbacks);
}
