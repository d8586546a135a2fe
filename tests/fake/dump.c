/* SPDX-License-Identifier: Apache-2.0 */
/* The fake world as canonical text: sorted lines, nothing that depends on the order of events. */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"

struct lines {
	VEC(char *) items;
};

static void add(struct lines *lines, struct buf *line)
{
	fake_push(&lines->items) = fake_place(buf_steal(line));
}

static const char *place(const struct fake_netns *netns)
{
	return *netns->name ? netns->name : "host";
}

static void add_link(struct lines *lines, const struct fake_link *link)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	char mac[18];

	buf_printf(&line, "link %s/%s type %d mtu %u %s", place(link->netns), link->name,
	           link->type, link->mtu, link->up ? "up" : "down");
	if (link->type == HBR_LINK_VETH)
		buf_printf(&line, " mac %s", mac_format(link->mac, mac));
	if (link->peer)
		buf_printf(&line, " peer %s/%s", place(link->peer->netns), link->peer->name);
	if (link->master)
		buf_printf(&line, " master %s", link->master->name);
	if (link->mark)
		buf_printf(&line, " mark %s", link->mark);
	add(lines, &line);
}

static void add_addr(struct lines *lines, const struct fake_addr *addr)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	char text[PREFIX_TEXT];

	buf_printf(&line, "addr %s/%s %s", place(addr->link->netns), addr->link->name,
	           prefix_format(&addr->addr, text));
	add(lines, &line);
}

static void add_route(struct lines *lines, const struct fake_route *route)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	char text[PREFIX_TEXT];

	buf_printf(&line, "route %s/%s table %u metric %u type %d", place(route->netns),
	           prefix_format(&route->to, text), route->table, route->metric, route->type);
	if (route->via.family)
		buf_printf(&line, " via %s", prefix_format_host(&route->via, text));
	if (route->dev)
		buf_printf(&line, " dev %s", route->dev->name);
	add(lines, &line);
}

static void add_routers(struct lines *lines, const struct world *world)
{
	for (size_t i = 0; i < world->routers.n; i++) {
		const struct fake_router *router = world->routers.items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		if (!router->text)
			continue;
		buf_printf(&line, "router %s %s %s: %s", router->netns,
		           router->running ? "runs" : "dead",
		           router->inside ? "inside" : "in a namespace without a name",
		           router->text);
		add(lines, &line);
	}
}

static void add_rest(struct lines *lines, const struct world *world)
{
	for (size_t i = 1; i < world->netns.n; i++) {
		_cleanup_buf_ struct buf line = BUF_INIT;

		buf_printf(&line, "netns %s", world->netns.items[i]->name);
		add(lines, &line);
	}
	for (size_t i = 0; i < world->sysctls.n; i++) {
		const struct fake_sysctl *row = world->sysctls.items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		/* Unset and zero are the same. */
		if (strcmp(row->value, "0") == 0)
			continue;
		buf_printf(&line, "sysctl %s/%s = %s", place(row->netns), row->key, row->value);
		add(lines, &line);
	}
	for (size_t i = 0; i < world->files.n; i++) {
		const struct fake_file *file = world->files.items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		buf_printf(&line, "file %s %o: %s", file->path, file->mode, file->text);
		add(lines, &line);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_containers(struct lines *lines, const struct world *world)
{
	for (size_t i = 0; i < world->containers.n; i++) {
		const struct fake_container *container = world->containers.items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		buf_printf(&line, "container %s%s in %s image %s mounts %s %s%s",
		           container->ours ? "" : "of others ", container->name,
		           container->netns, container->image,
		           container->mounts ? container->mounts : "none",
		           container->running ? "running" : "stopped",
		           container->inside ? "" : " outside");
		add(lines, &line);
	}
}

char *world_dump(struct world *world)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct lines lines = { 0 };

	add_rest(&lines, world);
	for (size_t i = 0; i < world->links.n; i++)
		add_link(&lines, world->links.items[i]);
	for (size_t i = 0; i < world->addrs.n; i++)
		add_addr(&lines, world->addrs.items[i]);
	for (size_t i = 0; i < world->routes.n; i++)
		add_route(&lines, world->routes.items[i]);
	add_routers(&lines, world);
	add_containers(&lines, world);
	qsort(lines.items.items, lines.items.n, sizeof(char *), compare);
	for (size_t i = 0; i < lines.items.n; i++) {
		buf_printf(&out, "%s\n", lines.items.items[i]);
		free(lines.items.items[i]);
	}
	vec_free(&lines.items);
	return fake_place(buf_steal(&out));
}
