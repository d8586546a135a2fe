/* SPDX-License-Identifier: Apache-2.0 */
/* The fake kernel's rules of namespaces and links: what needs what, and what goes with what. */
#include "fake/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes item i out of a VEC. */
#define pull(v, i)                                        \
	(memmove(&(v)->items[i], &(v)->items[(i) + 1],    \
	         ((v)->n - (i)-1) * sizeof(*(v)->items)), \
	 (v)->n--)

struct fake_netns *fake_netns_find(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->netns.n; i++) {
		if (strcmp(world->netns.items[i]->name, name) == 0)
			return world->netns.items[i];
	}
	return NULL;
}

struct fake_link *fake_link_find(struct world *world, const struct fake_netns *netns,
                                 const char *name)
{
	for (size_t i = 0; i < world->links.n; i++) {
		struct fake_link *link = world->links.items[i];

		if (link->netns == netns && strcmp(link->name, name) == 0)
			return link;
	}
	return NULL;
}

struct fake_link *kernel_link_new(struct world *world, struct fake_netns *netns,
                                  const char *name, int32_t type)
{
	struct fake_link *link = fake_alloc(sizeof(*link));

	link->netns = netns;
	strncpy(link->name, name, sizeof(link->name) - 1);
	link->type = type;
	link->ifindex = ++world->next_ifindex;
	link->mtu = type == HBR_LINK_LOOPBACK ? 65536 : 1500;
	link->mac[0] = 2;
	link->mac[5] = (uint8_t)link->ifindex;
	fake_push(&world->links) = link;
	world_ring(world);
	return link;
}

int kernel_netns_add(struct world *world, const char *name)
{
	struct fake_netns *netns;

	if (fake_netns_find(world, name))
		return -EEXIST;
	netns = fake_alloc(sizeof(*netns));
	netns->name = fake_strdup(name);
	fake_push(&world->netns) = netns;
	kernel_link_new(world, netns, "lo", HBR_LINK_LOOPBACK);
	return 0;
}

static void detach(struct world *world, struct fake_link *link)
{
	kernel_addrs_gone(world, link, 0);
	kernel_routes_gone(world, link);
	kernel_sysctls_gone(world, link->netns, link->name);
	for (size_t i = 0; i < world->links.n; i++) {
		if (world->links.items[i]->master == link)
			world->links.items[i]->master = NULL;
	}
}

void kernel_link_gone(struct world *world, struct fake_link *link)
{
	struct fake_link *peer = link->peer;

	detach(world, link);
	if (peer) {
		peer->peer = NULL;
		link->peer = NULL;
		kernel_link_gone(world, peer);
	}
	for (size_t i = 0; i < world->links.n;) {
		struct fake_link *child = world->links.items[i];

		if (child->parent == link) {
			child->parent = NULL;
			kernel_link_gone(world, child);
			i = 0;
			continue;
		}
		i++;
	}
	for (size_t i = 0; i < world->links.n; i++) {
		if (world->links.items[i] == link)
			pull(&world->links, i);
	}
	free(link->mark);
	free(link);
	world_ring(world);
}

int kernel_link_move(struct world *world, struct fake_link *link, struct fake_netns *to)
{
	if (fake_link_find(world, to, link->name))
		return -EEXIST;
	detach(world, link);
	link->netns = to;
	link->master = NULL;
	link->up = false;
	world_ring(world);
	return 0;
}

int kernel_netns_del(struct world *world, const char *name)
{
	struct fake_netns *netns = fake_netns_find(world, name);

	if (!netns || !*name)
		return -ENOENT;
	for (size_t i = 0; i < world->links.n;) {
		struct fake_link *link = world->links.items[i];

		if (link->netns != netns) {
			i++;
			continue;
		}
		if (!link->physical || kernel_link_move(world, link, world->netns.items[0]) < 0)
			kernel_link_gone(world, link);
		i = 0;
	}
	for (size_t i = 0; i < world->routes.n;) {
		if (world->routes.items[i]->netns == netns) {
			free(world->routes.items[i]);
			pull(&world->routes, i);
			continue;
		}
		i++;
	}
	kernel_sysctls_gone(world, netns, NULL);
	for (size_t i = 0; i < world->routers.n; i++) {
		if (world->routers.items[i]->inside == netns)
			world->routers.items[i]->inside = NULL;
	}
	for (size_t i = 0; i < world->containers.n; i++) {
		if (world->containers.items[i]->inside == netns)
			world->containers.items[i]->inside = NULL;
	}
	for (size_t i = 0; i < world->netns.n; i++) {
		if (world->netns.items[i] == netns)
			pull(&world->netns, i);
	}
	free(netns->name);
	free(netns);
	world_ring(world);
	return 0;
}

void kernel_link_updown(struct world *world, struct fake_link *link, bool up)
{
	if (link->up == up)
		return;
	link->up = up;
	world_ring(world);
	if (up)
		return;
	/* Going down takes the routes along, and IPv6 addresses. */
	kernel_routes_gone(world, link);
	kernel_addrs_gone(world, link, 6);
}

static int set(struct world *world, struct fake_link *link, const hbr_link *to,
               const char **why)
{
	if (to->has & HBR_LINK_HAS_MTU)
		link->mtu = to->mtu;
	if (to->has & HBR_LINK_HAS_MAC)
		memcpy(link->mac, to->mac, sizeof(link->mac));
	if (to->has & HBR_LINK_HAS_MARK) {
		free(link->mark);
		link->mark = to->mark && *to->mark ? fake_strdup(to->mark) : NULL;
	}
	if (to->has & HBR_LINK_HAS_ADDRGEN)
		link->addrgen = to->addrgen;
	if (to->has & HBR_LINK_HAS_PORT) {
		link->learning = to->learning;
		link->neigh_suppress = to->neigh_suppress;
	}
	if (to->has & HBR_LINK_HAS_MASTER) {
		struct fake_link *master =
		        to->master ? fake_link_find(world, link->netns, to->master) : NULL;

		if (to->master && !master) {
			*why = "the master does not exist";
			return -ENODEV;
		}
		link->master = master;
	}
	if (to->has & HBR_LINK_HAS_UP)
		kernel_link_updown(world, link, to->up);
	world_ring(world);
	return 0;
}

static int make(struct world *world, struct fake_netns *netns, const char *name,
                const hbr_link *body, const char **why)
{
	struct fake_netns *there = NULL;
	struct fake_link *link;

	if (body->type < HBR_LINK_VETH)
		return -EOPNOTSUPP;
	if (fake_link_find(world, netns, name))
		return -EEXIST;
	if (body->type == HBR_LINK_VETH) {
		there = fake_netns_find(world,
		                        body->peer_netns ? body->peer_netns : netns->name);
		if (!there || !body->peer) {
			*why = "the peer's namespace does not exist";
			return -EINVAL;
		}
		if (fake_link_find(world, there, body->peer)) {
			*why = "the peer exists";
			return -EEXIST;
		}
	}
	link = kernel_link_new(world, netns, name, body->type);
	link->table = body->table;
	link->vni = body->vni;
	link->port = body->port;
	link->local = body->local;
	if (there) {
		struct fake_link *peer =
		        kernel_link_new(world, there, body->peer, HBR_LINK_VETH);

		peer->mtu = body->peer_mtu ? body->peer_mtu : peer->mtu;
		memcpy(peer->mac, body->peer_mac, sizeof(peer->mac));
		peer->peer = link;
		link->peer = peer;
	}
	return set(world, link, body, why);
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Of a change only what differs is said, as the netlink port does. */
static int change(struct world *world, struct fake_link *link, const hbr_link *was,
                  const hbr_link *body, const char **why)
{
	hbr_link said = *body;
	uint32_t same = 0;

	if (was->mtu == body->mtu)
		same |= HBR_LINK_HAS_MTU;
	if (memcmp(was->mac, body->mac, sizeof(was->mac)) == 0)
		same |= HBR_LINK_HAS_MAC;
	if (was->up == body->up)
		same |= HBR_LINK_HAS_UP;
	if (same_text(was->master, body->master))
		same |= HBR_LINK_HAS_MASTER;
	if (same_text(was->mark, body->mark))
		same |= HBR_LINK_HAS_MARK;
	said.has &= ~(was->has & same);
	return set(world, link, &said, why);
}

/* From where it was seen, or else from home. */
static int take_nic(struct world *world, struct fake_netns *netns, const hbr_op *op,
                    const char **why)
{
	const hbr_link *body = op->after->body;
	const char *home = body->from ? body->from : "";
	struct fake_netns *from =
	        fake_netns_find(world, op->before ? op->before->netns : home);
	struct fake_link *link = from ? fake_link_find(world, from, op->after->name) : NULL;
	int rc;

	if (!link)
		return -ENODEV;
	rc = from == netns ? 0 : kernel_link_move(world, link, netns);
	return rc < 0 ? rc : set(world, link, body, why);
}

static int link_op(struct world *world, struct fake_netns *netns, const hbr_op *op,
                   const char **why)
{
	const hbr_resource *what = op->verb == HBR_VERB_DELETE ? op->before : op->after;
	struct fake_link *link = fake_link_find(world, netns, what->name);
	const hbr_link *body = what->body;
	struct fake_netns *home;

	if (op->verb == HBR_VERB_CREATE && body->type == HBR_LINK_NIC)
		return take_nic(world, netns, op, why);
	if (op->verb == HBR_VERB_CREATE && !body->secondary && body->type != HBR_LINK_LOOPBACK)
		return make(world, netns, what->name, body, why);
	if (!link)
		return -ENODEV;
	if (op->verb == HBR_VERB_CHANGE)
		return change(world, link, op->before->body, body, why);
	if (op->verb != HBR_VERB_DELETE)
		return set(world, link, body, why);
	if (link->type == HBR_LINK_LOOPBACK)
		return 0;
	if (body->type != HBR_LINK_NIC) {
		kernel_link_gone(world, link);
		return 0;
	}
	home = fake_netns_find(world, body->from ? body->from : "");
	free(link->mark);
	link->mark = NULL;
	/* It is there already. */
	if (home == netns)
		return 0;
	return home ? kernel_link_move(world, link, home) : -ENOENT;
}

int kernel_op(struct world *world, struct fake_netns *netns, const hbr_op *op, const char **why)
{
	const hbr_resource *what = op->verb == HBR_VERB_DELETE ? op->before : op->after;

	*why = "";
	switch (what->kind) {
	case HBR_KIND_LINK:
		return link_op(world, netns, op, why);
	case HBR_KIND_ADDR:
		return kernel_addr(world, netns, op, why);
	case HBR_KIND_ROUTE:
		return kernel_route(world, netns, op, why);
	default:
		return -EOPNOTSUPP;
	}
}
