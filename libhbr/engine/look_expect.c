/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying what the stages promise: prefixes in the router and in the kernel. */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

static const hbr_expect *expect_of(const struct condition *condition)
{
	return condition->wanted->body;
}

/* Why a prefix may be missing: its way here is broken, or it never set out. */
static void hint_missing(const struct testimony *router, char *hint)
{
	size_t down = 0;

	for (size_t i = 0; i < router->sessions.n; i++)
		down += !router->sessions.items[i].up;
	if (down)
		snprintf(hint, HINT_SIZE, "%zu of %zu sessions of this router are down", down,
		         router->sessions.n);
	else
		snprintf(hint, HINT_SIZE,
		         "all sessions are up: a filter keeps the prefix out, or "
		         "its owner does not announce it");
}

/* Selected by the router, and yet not in the kernel. */
static void hint_lost(const struct testimony *router, const hbr_rib_route *route, char *hint)
{
	char via[PREFIX_TEXT] = "no next hop";

	if (route->via.family)
		prefix_format_host(&route->via, via);
	if (route->installed)
		snprintf(hint, HINT_SIZE,
		         "%s has put the route into the kernel, and it is gone: was it deleted "
		         "by hand?",
		         router->engine);
	else
		snprintf(hint, HINT_SIZE,
		         "%s has selected the prefix (through %s), but the kernel refused the "
		         "route",
		         router->engine, via);
}

static int look_rib(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	const hbr_rib_route *route;
	char via[PREFIX_TEXT], hint[HINT_SIZE];
	struct testimony *router;
	int rc = sight_rib(sight, resource_netns(condition->wanted), expect->engine,
	                   expect->addr.family, &router, err);

	if (rc < 0)
		return rc;
	if (!router || !router->answers)
		return say_silent(condition, router, "selected", err);
	route = testimony_route(router, &expect->addr);
	if (route && route->selected)
		return condition_say(condition, true, "selected", NULL, err, "%s%s%s",
		                     route->protocol, route->via.family ? " via " : "",
		                     route->via.family ? prefix_format_host(&route->via, via)
		                                       : "");
	if (route)
		return condition_say(condition, false, "selected",
		                     "the router cannot resolve its next hop", err,
		                     "known, but not selected");
	hint_missing(router, hint);
	return condition_say(condition, false, "selected", hint, err,
	                     "absent from the RIB of %s", router->engine);
}

/* Is it a route of ours, rather than one that a routing daemon has to bring? */
static bool is_wanted(const hbr_state *wanted, const char *netns, const hbr_addr *to)
{
	const hbr_route body = { .to = *to };
	const hbr_resource like = { .kind = HBR_KIND_ROUTE, .netns = netns, .body = &body };
	const hbr_resource *row = hbr_state_at(wanted, state_lower_bound(wanted, &like));

	return row && row->kind == HBR_KIND_ROUTE && strcmp(resource_netns(row), netns) == 0 &&
	       prefix_equal(&((const hbr_route *)row->body)->to, to);
}

/* What the router of this namespace says about a prefix that the kernel lacks. */
static int hint_fib(struct sight *sight, const struct condition *condition, char *hint,
                    hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	hbr_addr to = prefix_network(&expect->addr);
	const hbr_rib_route *route;
	struct testimony *router;
	int rc = sight_rib(sight, resource_netns(condition->wanted), expect->engine,
	                   expect->addr.family, &router, err);

	if (rc < 0)
		return rc;
	if (!router) {
		snprintf(hint, HINT_SIZE, "%s",
		         is_wanted(sight->wanted, resource_netns(condition->wanted), &to)
		                 ? "the route is missing: apply again"
		                 : "a routing daemon has to bring it (on a node Calico's, from "
		                   "the local router): are its sessions up?");
		return 0;
	}
	if (!router->answers) {
		snprintf(hint, HINT_SIZE, "router %s is not running in %s", router->engine,
		         router->netns);
		return 0;
	}
	route = testimony_route(router, &expect->addr);
	if (route && route->selected)
		hint_lost(router, route, hint);
	else
		hint_missing(router, hint);
	return 0;
}

static int look_fib(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	hbr_addr to = prefix_network(&expect->addr);
	char expected[64] = "in the kernel", hint[HINT_SIZE] = "";
	const hbr_resource *row;
	const hbr_route *route;
	struct view *view;
	int rc = sight_view(sight, resource_netns(condition->wanted), &view, err);

	if (rc < 0)
		return rc;
	if (expect->dev)
		snprintf(expected, sizeof(expected), "through %s", expect->dev);
	row = view_route(view, &to);
	route = row ? row->body : NULL;
	if (!row) {
		rc = hint_fib(sight, condition, hint, err);
		return rc < 0 ? rc
		              : condition_say(condition, false, expected, hint, err, "absent");
	}
	if (expect->dev && (!route->dev || strcmp(route->dev, expect->dev) != 0))
		return condition_say(condition, false, expected,
		                     "another route is in its place", err, "through %s",
		                     route->dev ? route->dev : "nothing");
	return condition_say(condition, true, expected, NULL, err, "through %s",
	                     route->dev ? route->dev : "nothing");
}

/* Selected routes inside `addr`, and whether both kernels have them; the first that is missing. */
struct blocks {
	uint32_t n;
	const hbr_rib_route *missing;
	const char *where;
};

static void count_blocks(const struct testimony *router, const hbr_addr *inside,
                         const struct view *view, const struct view *host,
                         struct blocks *blocks)
{
	int at = inside->family == 6;

	for (size_t i = 0; i < router->rib[at].n; i++) {
		const hbr_rib_route *route = &router->rib[at].items[i];

		if (!route->selected || route->prefix.length <= inside->length ||
		    !prefix_contains(inside, &route->prefix))
			continue;
		blocks->n++;
		if (blocks->missing)
			continue;
		if (!view_route(view, &route->prefix))
			blocks->where = view->netns;
		else if (!view_route(host, &route->prefix))
			blocks->where = "the host";
		else
			continue;
		blocks->missing = route;
	}
}

static int look_blocks(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_expect *expect = expect_of(condition);
	char expected[64], hint[HINT_SIZE], text[PREFIX_TEXT];
	struct blocks blocks = { 0 };
	struct testimony *router;
	struct view *view, *host;
	int rc = sight_rib(sight, resource_netns(condition->wanted), expect->engine,
	                   expect->addr.family, &router, err);

	if (rc == 0)
		rc = sight_view(sight, resource_netns(condition->wanted), &view, err);
	if (rc == 0)
		rc = sight_view(sight, "", &host, err);
	if (rc < 0)
		return rc;
	snprintf(expected, sizeof(expected), "at least %u, in both kernels", expect->count);
	if (!router || !router->answers)
		return say_silent(condition, router, expected, err);
	count_blocks(router, &expect->addr, view, host, &blocks);
	if (blocks.n < expect->count) {
		hint_missing(router, hint);
		return condition_say(condition, false, expected, hint, err,
		                     "%u selected by the router", blocks.n);
	}
	if (!blocks.missing)
		return condition_say(condition, true, expected, NULL, err, "%u", blocks.n);
	snprintf(hint, sizeof(hint),
	         "is Calico's speaker on this node running, and its session up?");
	if (blocks.where == view->netns)
		hint_lost(router, blocks.missing, hint);
	return condition_say(condition, false, expected, hint, err,
	                     "%s is not in the kernel of %s",
	                     prefix_format(&blocks.missing->prefix, text), blocks.where);
}

static int (*const looks[])(struct sight *sight, struct condition *condition,
                            hbr_error **err) = {
	[HBR_EXPECT_SESSION] = look_session, [HBR_EXPECT_RIB] = look_rib,
	[HBR_EXPECT_FIB] = look_fib,         [HBR_EXPECT_PING] = look_ping,
	[HBR_EXPECT_BLOCKS] = look_blocks,   [HBR_EXPECT_NEIGHBORS] = look_neighbors,
	[HBR_EXPECT_READY] = look_ready,     [HBR_EXPECT_LISTENER] = look_listener,
};

int look_expect(struct sight *sight, struct condition *condition, hbr_error **err)
{
	/* Conditions are made of what look_rule() knows. */
	return looks[expect_of(condition)->type](sight, condition, err);
}
