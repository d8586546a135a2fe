/* SPDX-License-Identifier: Apache-2.0 */
/* The netlink port over the fake world. As the real one, it does not see a veth's other end in
 * another namespace, and it marks what carries our mark. */
#include "fake/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/prefix.h"

static const struct {
	int system, code;
} codes[] = {
	{ EEXIST, HBR_EEXIST }, { ENOENT, HBR_ENOENT },        { ENODEV, HBR_ENOENT },
	{ ESRCH, HBR_ENOENT },  { EADDRNOTAVAIL, HBR_ENOENT }, { EOPNOTSUPP, HBR_ENOTSUP },
};

static int code_of(int system)
{
	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].system == system)
			return codes[i].code;
	}
	return HBR_ESYSTEM;
}

static const hbr_link *link_body(const struct fake_link *link, hbr_link *body)
{
	*body = (hbr_link){
		.has = HBR_LINK_HAS_MTU | HBR_LINK_HAS_MAC | HBR_LINK_HAS_UP |
		       HBR_LINK_HAS_MASTER | HBR_LINK_HAS_MARK | HBR_LINK_HAS_ADDRGEN,
		.type = link->type,
		.mtu = link->mtu,
		.up = link->up,
		.mark = link->mark,
		.master = link->master ? link->master->name : NULL,
		.parent = link->parent ? link->parent->name : NULL,
		.addrgen = link->addrgen,
		.ifindex = link->ifindex,
		.running = link->up && (!link->peer || link->peer->up),
	};
	memcpy(body->mac, link->mac, sizeof(body->mac));
	if (link->type == HBR_LINK_VRF) {
		body->has |= HBR_LINK_HAS_TABLE;
		body->table = link->table;
	}
	if (link->peer && link->peer->netns == link->netns) {
		body->peer = link->peer->name;
		body->peer_netns = link->netns->name;
	}
	return body;
}

static int dump_links(struct world *world, const struct fake_netns *netns, hbr_sink *sink,
                      hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < world->links.n; i++) {
		const struct fake_link *link = world->links.items[i];
		hbr_link body;
		hbr_resource seen = { .size = sizeof(seen),
			              .kind = HBR_KIND_LINK,
			              .netns = netns->name,
			              .name = link->name,
			              .body = link_body(link, &body) };

		if (link->netns != netns)
			continue;
		if (link->mark && strncmp(link->mark, HBR_MARK_PREFIX, 4) == 0)
			seen.flags = HBR_RESOURCE_OURS;
		rc = sink->put(sink, &seen, err);
	}
	return rc;
}

static int dump_addrs(struct world *world, const struct fake_netns *netns, hbr_sink *sink,
                      hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < world->addrs.n; i++) {
		const struct fake_addr *addr = world->addrs.items[i];
		hbr_ifaddr body = { .addr = addr->addr, .protocol = addr->protocol };
		hbr_resource seen = { .size = sizeof(seen),
			              .kind = HBR_KIND_ADDR,
			              .netns = netns->name,
			              .name = addr->link->name,
			              .body = &body };

		if (addr->link->netns != netns)
			continue;
		seen.flags = addr->protocol == HBR_ROUTE_PROTOCOL ? HBR_RESOURCE_OURS : 0;
		rc = sink->put(sink, &seen, err);
	}
	return rc;
}

static int put_route(const struct fake_netns *netns, const hbr_route *body, hbr_sink *sink,
                     hbr_error **err)
{
	hbr_resource seen = {
		.size = sizeof(seen), .kind = HBR_KIND_ROUTE, .netns = netns->name, .body = body
	};

	seen.flags = body->protocol == HBR_ROUTE_PROTOCOL ? HBR_RESOURCE_OURS : 0;
	return sink->put(sink, &seen, err);
}

/* The kernel's own: the network of each address on a link that is up. */
static int dump_connected(struct world *world, const struct fake_netns *netns, hbr_sink *sink,
                          hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < world->addrs.n; i++) {
		const struct fake_addr *addr = world->addrs.items[i];
		hbr_route body = { .to = prefix_network(&addr->addr),
			           .dev = addr->link->name,
			           .table = 254,
			           .protocol = RTPROT_KERNEL_FAKE,
			           .paths = 1 };

		if (addr->link->netns != netns || !addr->link->up)
			continue;
		body.metric = body.to.family == 6 ? 256 : 0;
		rc = put_route(netns, &body, sink, err);
	}
	return rc;
}

static int dump_route(const struct fake_route *route, hbr_sink *sink, hbr_error **err)
{
	hbr_route body = {
		.to = route->to,
		.via = route->via,
		.table = route->table,
		.metric = route->metric,
		.protocol = route->protocol,
		.type = route->type,
		.dev = route->dev ? route->dev->name : NULL,
		.paths = 1,
	};

	return put_route(route->netns, &body, sink, err);
}

static int dump_routes(struct world *world, const struct fake_netns *netns, hbr_sink *sink,
                       hbr_error **err)
{
	int rc = dump_connected(world, netns, sink, err);

	for (size_t i = 0; rc == 0 && i < world->routes.n; i++) {
		if (world->routes.items[i]->netns == netns)
			rc = dump_route(world->routes.items[i], sink, err);
	}
	return rc;
}

static int dump_all(struct world *world, const char *name, uint32_t kinds, hbr_sink *sink,
                    hbr_error **err)
{
	struct fake_netns *netns = fake_netns_find(world, name);
	int rc = 0;

	if (!netns)
		return hbr_fail(err, HBR_ENOENT, name, "no namespace \"%s\"", name);
	if (kinds & 1u << HBR_KIND_LINK)
		rc = dump_links(world, netns, sink, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ADDR)
		rc = dump_addrs(world, netns, sink, err);
	if (rc == 0 && kinds & 1u << HBR_KIND_ROUTE)
		rc = dump_routes(world, netns, sink, err);
	return rc;
}

static int dump(void *self, const hbr_call *call, const char *name, uint32_t kinds,
                hbr_sink *sink, hbr_error **err)
{
	int rc = world_tick(self, "netlink.dump", false, err);

	(void)call;
	return rc < 0 ? rc : dump_all(self, name, kinds, sink, err);
}

int world_read(struct world *world, const char *name, uint32_t kinds, hbr_sink *sink,
               hbr_error **err)
{
	int rc = world_tick(world, "oracle.dump", false, err);

	return rc < 0 ? rc : dump_all(world, name, kinds, sink, err);
}

static void run_op(struct world *world, struct fake_netns *netns, const hbr_op *op,
                   hbr_result *result)
{
	const char *why = "";
	int rc;

	*result = (hbr_result){ .code = world_tick(world, "netlink.op", true, NULL) };
	if (result->code < 0)
		return;
	rc = kernel_op(world, netns, op, &why);
	world->messages++;
	if (rc == 0)
		return;
	result->code = code_of(-rc);
	result->system = -rc;
	snprintf(result->message, sizeof(result->message), "%s", why);
}

static int submit(void *self, const hbr_call *call, const char *name, const hbr_op *ops,
                  size_t n, hbr_result *results, hbr_error **err)
{
	struct world *world = self;
	struct fake_netns *netns = fake_netns_find(world, name);
	int rc = world_tick(world, "netlink.submit", true, err);

	(void)call;
	if (rc == 0 && !netns)
		rc = hbr_fail(err, HBR_ENOENT, name, "no namespace \"%s\"", name);
	if (rc < 0) {
		for (size_t i = 0; i < n; i++)
			results[i] = (hbr_result){ .code = rc };
		return rc;
	}
	world->sends++;
	for (size_t i = 0; i < n; i++) {
		run_op(world, netns, &ops[i], &results[i]);
		if (results[i].code < 0 && rc == 0)
			rc = hbr_fail(err, results[i].code, NULL, "operation %zu failed", i);
	}
	return rc;
}

static int watch(void *self, const hbr_call *call, int *fd, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netlink.watch", false, err);

	(void)call;
	*fd = world->bell;
	return rc;
}

static int drain(void *self, const hbr_call *call, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netlink.drain", false, err);
	uint64_t rung;

	(void)call;
	if (rc < 0)
		return rc;
	return read(world->bell, &rung, sizeof(rung)) == sizeof(rung);
}

/* What dump() does not tell of a device: the fake kernel has neither rules nor neighbours. */
static int dump_device(void *self, const hbr_call *call, const char *name, const char *ifname,
                       uint32_t kinds, hbr_sink *sink, hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "netlink.dump_device", false, err);

	(void)call;
	for (size_t i = 0; rc == 0 && i < world->routes.n; i++) {
		const struct fake_route *route = world->routes.items[i];

		if (kinds & 1u << HBR_KIND_ROUTE && route->dev &&
		    strcmp(route->netns->name, name) == 0 &&
		    strcmp(route->dev->name, ifname) == 0)
			rc = dump_route(route, sink, err);
	}
	return rc;
}

static void counters(void *self, uint64_t *messages, uint64_t *sends)
{
	const struct world *world = self;

	*messages = world->messages;
	*sends = world->sends;
}

void fake_netlink_port(struct world *world)
{
	world->netlink_port = (hbr_netlink_port){
		.size = sizeof(hbr_netlink_port),
		.name = "fake",
		.self = world,
		.dump = dump,
		.submit = submit,
		.watch = watch,
		.drain = drain,
		.count = counters,
		.dump_device = dump_device,
		.connections = fake_connections,
		.listeners = fake_listeners,
	};
}
