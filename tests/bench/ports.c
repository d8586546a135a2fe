/* SPDX-License-Identifier: Apache-2.0 */
/* libhbr's ports, called by hand: what the engine can reach at best. */
#include "bench/bench.h"

#include "hbr/hbr.h"
#include "hbr/sys/ports.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS (1u << HBR_KIND_LINK | 1u << HBR_KIND_ADDR | 1u << HBR_KIND_ROUTE)

static hbr_netns_port *netns;
static hbr_netlink_port *netlink;
static const hbr_call call = { .cancel_fd = -1 };

static int fail(hbr_error *err)
{
	fprintf(stderr, "bench: libhbr: %s\n", hbr_error_message(err));
	hbr_error_free(err);
	return -1;
}

union body {
	hbr_link link;
	hbr_ifaddr addr;
	hbr_route route;
};

struct list {
	hbr_op *ops;
	hbr_resource *resources;
	union body *bodies;
	hbr_result *results;
	struct unit *units;
	size_t n;
};

static void list_new(struct list *list, unsigned units)
{
	size_t n = 8 * (size_t)(units ? units : 1);

	*list = (struct list){
		.ops = calloc(n, sizeof(*list->ops)),
		.resources = calloc(n, sizeof(*list->resources)),
		.bodies = calloc(n, sizeof(*list->bodies)),
		.results = calloc(n, sizeof(*list->results)),
		.units = calloc(n, sizeof(*list->units)),
	};
}

static void list_free(struct list *list)
{
	free(list->ops);
	free(list->resources);
	free(list->bodies);
	free(list->results);
	free(list->units);
}

static union body *add(struct list *list, int kind, const char *in, const char *name)
{
	size_t at = list->n++;

	list->resources[at] = (hbr_resource){ .size = sizeof(hbr_resource),
					      .kind = kind,
					      .netns = in,
					      .name = name,
					      .body = &list->bodies[at] };
	list->ops[at] = (hbr_op){ .verb = HBR_VERB_CREATE, .after = &list->resources[at] };
	return &list->bodies[at];
}

static void add_addr(struct list *list, const char *in, const char *name, const char *text)
{
	union body *body = add(list, HBR_KIND_ADDR, in, name);

	body->addr = (hbr_ifaddr){ .nodad = 1, .protocol = HBR_ROUTE_PROTOCOL };
	hbr_addr_parse(text, &body->addr.addr, NULL);
}

static void add_default(struct list *list, const char *in, const char *via)
{
	union body *body = add(list, HBR_KIND_ROUTE, in, NULL);
	char host[56];

	body->route = (hbr_route){ .dev = INSIDE,
				   .table = RT_TABLE_MAIN,
				   .protocol = HBR_ROUTE_PROTOCOL };
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(via, "/"), via);
	hbr_addr_parse(host, &body->route.via, NULL);
	body->route.to = (hbr_addr){ .family = body->route.via.family };
}

static void add_end(struct list *list, const char *in, const char *name, const char *peer_in,
		    const char *peer, int secondary)
{
	add(list, HBR_KIND_LINK, in, name)->link = (hbr_link){
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK,
		.type = HBR_LINK_VETH,
		.peer_netns = peer_in,
		.peer = peer,
		.mark = "hbr:bench",
		.up = 1,
		.secondary = (uint32_t)secondary,
	};
}

static void add_inside(struct list *list, const struct unit *unit)
{
	add(list, HBR_KIND_LINK, unit->netns, "lo")->link =
		(hbr_link){ .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };
	add_end(list, unit->netns, INSIDE, "", unit->host, 0);
	add_addr(list, unit->netns, INSIDE, unit->router4_text);
	add_addr(list, unit->netns, INSIDE, unit->router6_text);
	add_default(list, unit->netns, unit->host4_text);
	add_default(list, unit->netns, unit->host6_text);
}

static int submit(struct list *list, const char *in)
{
	hbr_error *err = NULL;
	int rc = netlink->submit(netlink->self, &call, in, list->ops, list->n, list->results,
				 &err);

	list->n = 0;
	return rc < 0 ? fail(err) : 0;
}

static int create(unsigned n)
{
	hbr_error *err = NULL;
	struct list list;

	if (hbr_netns_port_new(NULL, &netns, &err) < 0 ||
	    hbr_netlink_port_new(netns, &netlink, &err) < 0)
		return fail(err);
	list_new(&list, n);
	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		if (netns->create(netns->self, &call, unit.netns, &err) < 0)
			return fail(err);
		add_inside(&list, &unit);
		if (submit(&list, unit.netns) < 0)
			return -1;
	}
	for (unsigned i = 0; i < n; i++) {
		unit_of(i, &list.units[i]);
		add_end(&list, "", list.units[i].host, list.units[i].netns, INSIDE, 1);
	}
	for (unsigned i = 0; i < n; i++) {
		add_addr(&list, "", list.units[i].host, list.units[i].host4_text);
		add_addr(&list, "", list.units[i].host, list.units[i].host6_text);
	}
	int rc = submit(&list, "");

	list_free(&list);
	return rc;
}

static int drop(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	(void)resource;
	(void)err;
	(*(unsigned *)sink->user)++;
	return 0;
}

static int look(const char *in)
{
	hbr_error *err = NULL;
	unsigned count = 0;
	hbr_sink sink = { .put = drop, .user = &count };

	if (netlink->dump(netlink->self, &call, in, KINDS, &sink, &err) < 0)
		return fail(err);
	return count ? 0 : -1;
}

static int noop(unsigned n)
{
	int rc = look("");

	for (unsigned i = 0; i < n && rc == 0; i++) {
		struct unit unit;

		unit_of(i, &unit);
		rc = look(unit.netns);
	}
	return rc;
}

static int down(unsigned n)
{
	hbr_error *err = NULL;

	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		if (netns->remove(netns->self, &call, unit.netns, &err) < 0)
			return fail(err);
	}
	hbr_netlink_port_free(netlink);
	hbr_netns_port_free(netns);
	return 0;
}

const struct contestant ports = { "libhbr ports", create, noop, down };
