/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody else does to the fake world. */
#include "fake/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"

#define RTPROT_STATIC_FAKE 4

static hbr_addr parse(const char *text)
{
	hbr_addr addr = { 0 };

	if (text && hbr_addr_parse(text, &addr, NULL) < 0)
		abort();
	return addr;
}

int world_netns_add(struct world *world, const char *name)
{
	return kernel_netns_add(world, name);
}

int world_netns_del(struct world *world, const char *name)
{
	return kernel_netns_del(world, name);
}

int world_edit(struct world *world, const char *netns, int32_t verb,
               const hbr_resource *resource)
{
	struct fake_netns *place = fake_netns_find(world, netns);
	const hbr_link nothing = { 0 };
	hbr_resource before = *resource;
	hbr_op op = { .verb = verb, .before = &before, .after = resource };
	const char *why;

	/* All that it says is said, whether or not it differs. */
	if (verb == HBR_VERB_CHANGE && resource->kind == HBR_KIND_LINK)
		before.body = &nothing;

	return place ? kernel_op(world, place, &op, &why) : -ENOENT;
}

int world_nic(struct world *world, const char *netns, const char *name, uint32_t mtu)
{
	struct fake_netns *place = fake_netns_find(world, netns);
	struct fake_link *link;

	if (!place)
		return -ENOENT;
	link = kernel_link_new(world, place, name, HBR_LINK_OTHER);
	link->physical = true;
	link->mtu = mtu;
	return 0;
}

int world_link_up(struct world *world, const char *netns, const char *name, bool up)
{
	struct fake_link *link = fake_link_find(world, fake_netns_find(world, netns), name);

	if (!link)
		return -ENODEV;
	kernel_link_updown(world, link, up);
	return 0;
}

void world_link_mark(struct world *world, const char *netns, const char *name, const char *mark)
{
	hbr_link body = { .has = HBR_LINK_HAS_MARK, .mark = mark };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_LINK,
		                  .netns = netns,
		                  .name = name,
		                  .body = &body };

	if (world_edit(world, netns, HBR_VERB_CHANGE, &resource) < 0)
		abort();
}

int world_addr(struct world *world, int32_t verb, const char *netns, const char *ifname,
               const char *addr)
{
	hbr_ifaddr body = { .addr = parse(addr) };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_ADDR,
		                  .netns = netns,
		                  .name = ifname,
		                  .body = &body };

	return world_edit(world, netns, verb, &resource);
}

int world_route(struct world *world, int32_t verb, const char *netns, const char *to,
                const char *via, const char *dev)
{
	hbr_route body = {
		.to = parse(to), .via = parse(via), .dev = dev, .protocol = RTPROT_STATIC_FAKE
	};
	hbr_resource resource = {
		.size = sizeof(resource), .kind = HBR_KIND_ROUTE, .netns = netns, .body = &body
	};

	return world_edit(world, netns, verb, &resource);
}

void world_sysctl(struct world *world, const char *netns, const char *key, const char *value)
{
	if (kernel_sysctl_set(world, fake_netns_find(world, netns), key, value) < 0)
		abort();
}

void world_deaf(struct world *world, const char *addr)
{
	fake_push(&world->deaf) = fake_strdup(addr);
}

static bool is_deaf(const struct world *world, const hbr_addr *addr)
{
	char text[PREFIX_TEXT];

	prefix_format_host(addr, text);
	for (size_t i = 0; i < world->deaf.n; i++) {
		if (strcmp(world->deaf.items[i], text) == 0)
			return true;
	}
	return false;
}

static bool is_reachable(struct world *world, const struct fake_netns *netns,
                         const hbr_addr *addr)
{
	struct fake_link *dev;

	if (kernel_on_link(world, netns, NULL, addr, &dev))
		return true;
	for (size_t i = 0; i < world->routes.n; i++) {
		if (world->routes.items[i]->netns == netns &&
		    prefix_contains(&world->routes.items[i]->to, addr))
			return true;
	}
	return false;
}

bool world_answers(struct world *world, const char *netns, const hbr_addr *addr)
{
	struct fake_netns *place = fake_netns_find(world, netns);

	return place && !is_deaf(world, addr) && is_reachable(world, place, addr);
}
