/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of routes as a whole: of two with one key the kernel has but one. */
#include <string.h>

#include "model/lint_rules.h"

#define METRIC6 1024 /* what IPv6 makes of metric 0 */

/* A static route, or a prefix of a pair's reach. */
struct route_use {
	hbr_addr to;
	const char *vrf;
	uint32_t metric;
	const struct veth *veth; /* whose reach it is; NULL: a static route */
	const struct mark *mark;
	uint32_t number;
};

typedef VEC(struct route_use) use_list;

static void push(struct lint *lint, use_list *uses, const struct route_use *use)
{
	struct route_use *item = vec_push(uses, 0);

	if (!item) {
		lint->rc = HBR_ENOMEM;
		return;
	}
	*item = *use;
	item->to = prefix_network(&use->to);
	if (!item->metric && item->to.family == 6)
		item->metric = METRIC6;
	item->number = (uint32_t)uses->n;
}

/* What a namespace of a node gets. */
static void gather(struct lint *lint, const struct node *node, const struct netns *netns,
                   use_list *uses)
{
	uses->n = 0;
	for (uint32_t i = 0; i < node->n_veths; i++) {
		const struct veth *veth = &node->veths[i];

		if (veth->a.vrf || veth->b.vrf || strcmp(veth->a.netns, netns->name) != 0)
			continue;
		for (uint32_t r = 0; r < veth->reach.n; r++) {
			const struct addr_at *at = &veth->reach.items[r];
			const struct route_use use = {
				.to = at->addr,
				.vrf = "",
				.veth = veth,
				.mark = at->source.at.line ? &at->source.at : &veth->at,
			};

			if (at->addr.family)
				push(lint, uses, &use);
		}
	}
	for (uint32_t i = 0; i < netns->n_routes; i++) {
		const struct static_route *route = &netns->routes[i];
		const struct route_use use = {
			.to = route->to,
			.vrf = route->vrf ? route->vrf : "",
			.metric = route->metric,
			.mark = route->at.line ? &route->at : &netns->at,
		};

		push(lint, uses, &use);
	}
}

static int key_cmp(const struct route_use *a, const struct route_use *b)
{
	int order = strcmp(a->vrf, b->vrf);

	if (!order)
		order = prefix_cmp(&a->to, &b->to);
	if (!order && a->metric != b->metric)
		order = a->metric < b->metric ? -1 : 1;
	return order;
}

static int use_cmp(const void *left, const void *right)
{
	const struct route_use *a = left;
	const struct route_use *b = right;
	int order = key_cmp(a, b);

	return order ? order : a->number < b->number ? -1 : 1;
}

static void report(struct lint *lint, const struct node *node, const struct netns *netns,
                   use_list *uses)
{
	if (uses->n > 1)
		qsort(uses->items, uses->n, sizeof(*uses->items), use_cmp);
	for (size_t i = 1; i < uses->n; i++) {
		const struct route_use *a = &uses->items[i - 1];
		const struct route_use *b = &uses->items[i];

		/* A prefix that is written twice in one list is one route all the same. */
		if (key_cmp(a, b) != 0 || (b->veth && a->veth == b->veth))
			continue;
		lint_found(lint, b->mark, b->veth ? b->veth->path : netns->path,
		           "give it another metric, or take one of them away",
		           "%s%s of %s has two routes to %s: only one would be made%s",
		           *netns->name ? "namespace " : "the default namespace", netns->name,
		           node->name, lint_prefix(lint, &b->to), lint_at(lint, a->mark));
	}
}

static void check_netns(struct lint *lint, const struct node *node, const struct netns *netns,
                        use_list *uses)
{
	gather(lint, node, netns, uses);
	report(lint, node, netns, uses);
}

static void check_duplicate(struct lint *lint)
{
	use_list uses = { 0 };

	for (uint32_t i = 0; i < lint->site->n_nodes && lint->rc == 0; i++) {
		const struct node *node = &lint->site->nodes[i];
		/* Most sites do not write it. */
		const struct netns implied = { .name = "", .path = node->name, .at = node->at };

		for (uint32_t k = 0; k < node->n_netns; k++)
			check_netns(lint, node, &node->netns[k], &uses);
		if (!node_netns(node, ""))
			check_netns(lint, node, &implied, &uses);
	}
	vec_free(&uses);
}

const struct lint_rule lint_route_rules[] = {
	{ "route-duplicate", HBR_LEVEL_ERROR,
	  "No namespace has two routes to one prefix with one metric.", check_duplicate },
	{ .code = NULL },
};
