/* SPDX-License-Identifier: Apache-2.0 */
/* The fake kernel's addresses and routes. */
#include "fake/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"

#define TABLE_MAIN 254
#define METRIC_IPV6 1024

static struct fake_addr **find_addr(struct world *world, const struct fake_link *link,
                                    const hbr_addr *addr)
{
	for (size_t i = 0; i < world->addrs.n; i++) {
		if (world->addrs.items[i]->link == link &&
		    prefix_equal(&world->addrs.items[i]->addr, addr))
			return &world->addrs.items[i];
	}
	return NULL;
}

/* Takes an element out of the array that it is in; the order does not matter. */
#define drop(v, place)                           \
	do {                                     \
		free(*(place));                  \
		*(place) = (v)->items[--(v)->n]; \
	} while (0)

static bool has_ipv4(const struct world *world, const struct fake_link *link)
{
	for (size_t i = 0; i < world->addrs.n; i++) {
		if (world->addrs.items[i]->link == link &&
		    world->addrs.items[i]->addr.family == 4)
			return true;
	}
	return false;
}

/* fib_disable_ip() of the kernel: with the last address go all routes over the device. */
static void ipv4_routes_gone(struct world *world, const struct fake_link *link)
{
	for (size_t i = 0; i < world->routes.n;) {
		struct fake_route **place = &world->routes.items[i];

		if ((*place)->dev == link && (*place)->to.family == 4)
			drop(&world->routes, place);
		else
			i++;
	}
}

int kernel_addr(struct world *world, struct fake_netns *netns, const hbr_op *op,
                const char **why)
{
	const hbr_resource *what = op->verb == HBR_VERB_DELETE ? op->before : op->after;
	const hbr_ifaddr *body = what->body;
	struct fake_link *link = fake_link_find(world, netns, what->name);
	struct fake_addr **place;

	if (!link)
		return -ENODEV;
	place = find_addr(world, link, &body->addr);
	if (op->verb == HBR_VERB_CREATE) {
		struct fake_addr *addr;

		if (place) {
			*why = "the address is there already";
			return -EEXIST;
		}
		addr = fake_alloc(sizeof(*addr));
		addr->link = link;
		addr->addr = body->addr;
		addr->protocol = body->protocol;
		fake_push(&world->addrs) = addr;
		world_ring(world);
		return 0;
	}
	if (!place)
		return -EADDRNOTAVAIL;
	if (op->verb == HBR_VERB_DELETE) {
		drop(&world->addrs, place);
		if (body->addr.family == 4 && !has_ipv4(world, link))
			ipv4_routes_gone(world, link);
	}
	world_ring(world);
	return 0;
}

void kernel_addrs_gone(struct world *world, const struct fake_link *link, int family)
{
	for (size_t i = 0; i < world->addrs.n;) {
		struct fake_addr **place = &world->addrs.items[i];

		if ((*place)->link == link && (!family || (*place)->addr.family == family))
			drop(&world->addrs, place);
		else
			i++;
	}
}

void kernel_routes_gone(struct world *world, const struct fake_link *link)
{
	for (size_t i = 0; i < world->routes.n;) {
		struct fake_route **place = &world->routes.items[i];

		if ((*place)->dev == link)
			drop(&world->routes, place);
		else
			i++;
	}
}

bool kernel_on_link(struct world *world, const struct fake_netns *netns,
                    const struct fake_link *dev, const hbr_addr *addr, struct fake_link **out)
{
	for (size_t i = 0; i < world->addrs.n; i++) {
		struct fake_addr *own = world->addrs.items[i];
		hbr_addr net = prefix_network(&own->addr);

		if (own->link->netns != netns || !own->link->up || (dev && own->link != dev))
			continue;
		if (!prefix_contains(&net, addr))
			continue;
		*out = own->link;
		return true;
	}
	return false;
}

static uint32_t metric_of(const hbr_route *route)
{
	return route->metric || route->to.family == 4 ? route->metric : METRIC_IPV6;
}

static uint32_t table_of(const hbr_route *route)
{
	return route->table ? route->table : TABLE_MAIN;
}

static struct fake_route **find_route(struct world *world, const struct fake_netns *netns,
                                      const hbr_route *like)
{
	for (size_t i = 0; i < world->routes.n; i++) {
		struct fake_route *route = world->routes.items[i];

		if (route->netns == netns && prefix_equal(&route->to, &like->to) &&
		    route->table == table_of(like) && route->metric == metric_of(like))
			return &world->routes.items[i];
	}
	return NULL;
}

/* Where it leads: a device, or NULL for a route that leads nowhere on purpose. */
static int resolve(struct world *world, struct fake_netns *netns, const hbr_route *body,
                   struct fake_link **out, const char **why)
{
	struct fake_link *dev = body->dev ? fake_link_find(world, netns, body->dev) : NULL;

	*out = NULL;
	if (body->type != HBR_ROUTE_UNICAST)
		return 0;
	if (body->dev && !dev)
		return -ENODEV;
	if (dev && !dev->up) {
		*why = "the device is down";
		return -ENETDOWN;
	}
	if (!body->via.family) {
		*out = dev;
		return dev ? 0 : -ENODEV;
	}
	if (body->onlink && dev) {
		*out = dev;
		return 0;
	}
	if (kernel_on_link(world, netns, dev, &body->via, out))
		return 0;
	*why = "Nexthop has invalid gateway";
	return -ENETUNREACH;
}

int kernel_route(struct world *world, struct fake_netns *netns, const hbr_op *op,
                 const char **why)
{
	const hbr_route *body = (op->verb == HBR_VERB_DELETE ? op->before : op->after)->body;
	struct fake_route **place = find_route(world, netns, body);
	struct fake_route *route;
	struct fake_link *dev;
	int rc;

	if (op->verb == HBR_VERB_DELETE) {
		if (!place)
			return -ESRCH;
		drop(&world->routes, place);
		world_ring(world);
		return 0;
	}
	if (op->verb == HBR_VERB_CREATE && place)
		return -EEXIST;
	if (op->verb == HBR_VERB_CHANGE && !place)
		return -ENOENT;
	rc = resolve(world, netns, body, &dev, why);
	if (rc < 0)
		return rc;
	if (!place) {
		route = fake_alloc(sizeof(*route));
		fake_push(&world->routes) = route;
	} else {
		route = *place;
	}
	*route = (struct fake_route){
		.netns = netns,
		.dev = dev,
		.to = body->to,
		.via = body->via,
		.table = table_of(body),
		.metric = metric_of(body),
		.protocol = body->protocol,
		.type = body->type,
	};
	world_ring(world);
	return 0;
}
