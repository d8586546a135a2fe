/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of `reach`: the prefixes that a host routes to its router, so to all the others. */
#include <string.h>

#include "model/lint_rules.h"

/* All addresses of pairs of one name, sorted: what the reach of such a pair has to cover. */
struct targets {
	const struct lint_addr **items;
	size_t n;
};

static int target_cmp(const void *left, const void *right)
{
	const struct lint_addr *a = *(const struct lint_addr *const *)left;
	const struct lint_addr *b = *(const struct lint_addr *const *)right;
	int order = strcmp(a->veth->name, b->veth->name);

	if (!order)
		order = prefix_cmp(&a->at->addr, &b->at->addr);
	return order ? order : a < b ? -1 : a > b;
}

/* Router ends outside of VRFs. Link-local ones are nobody's target. */
static bool is_target(const struct lint_addr *addr)
{
	return addr->place == LINT_ROUTER_END && !*addr->domain && addr->at->addr.family &&
	       !addr_is_link_local(&addr->at->addr);
}

static struct targets sort_targets(struct lint *lint)
{
	struct targets targets = { 0 };

	targets.items = lint_array(lint, lint->n_addrs, sizeof(const struct lint_addr *));
	for (size_t i = 0; targets.items && i < lint->n_addrs; i++)
		if (is_target(&lint->addrs[i]))
			targets.items[targets.n++] = &lint->addrs[i];
	if (targets.n)
		qsort(targets.items, targets.n, sizeof(const struct lint_addr *), target_cmp);
	return targets;
}

static bool covers(const hbr_addr *prefix, const hbr_addr *addr)
{
	hbr_addr host = prefix_host(addr);

	return prefix_contains(prefix, &host);
}

/* The prefix that covers the address, or NULL. */
static const hbr_addr *covering(const struct addr_list *reach, const hbr_addr *addr)
{
	for (uint32_t i = 0; i < reach->n; i++)
		if (reach->items[i].addr.family && covers(&reach->items[i].addr, addr))
			return &reach->items[i].addr;
	return NULL;
}

static bool same_reach(const struct addr_list *a, const struct addr_list *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; a->items != b->items && i < a->n; i++)
		if (!prefix_equal(&a->items[i].addr, &b->items[i].addr))
			return false;
	return true;
}

/* The smallest prefix that covers both. */
static hbr_addr widen(const hbr_addr *prefix, const hbr_addr *addr)
{
	hbr_addr wide = *prefix;
	hbr_addr host = prefix_host(addr);

	while (wide.length) {
		hbr_addr net = prefix_network(&wide);

		if (prefix_contains(&net, &host))
			return net;
		wide.length--;
	}
	return wide;
}

/* The first target from `at` on that the prefix, which covers that one, does not cover. */
static size_t skip_covered(const struct targets *targets, size_t at, size_t end,
                           const hbr_addr *prefix)
{
	size_t low = at + 1;

	while (low < end) {
		size_t middle = low + (end - low) / 2;

		if (covers(prefix, &targets->items[middle]->at->addr))
			low = middle + 1;
		else
			end = middle;
	}
	return low;
}

/* Targets are sorted: what holds the first and the last of a family holds all. */
static const char *reach_hint(struct lint *lint, const struct targets *targets, size_t start,
                              size_t end, uint8_t family)
{
	while (targets->items[start]->at->addr.family != family)
		start++;
	while (targets->items[end - 1]->at->addr.family != family)
		end--;
	hbr_addr wide =
	        widen(&targets->items[start]->at->addr, &targets->items[end - 1]->at->addr);

	return lint_text(lint, "%s covers them all", lint_prefix(lint, &wide));
}

/* Whether a pair reaches the targets of its name, from `start` to `end`, of other nodes. */
static bool check_reach(struct lint *lint, const struct node *node, const struct veth *veth,
                        const struct targets *targets, size_t start, size_t end)
{
	const struct addr_at *first = veth->reach.n ? &veth->reach.items[0] : NULL;
	const struct lint_addr *missed = NULL;

	if (addr_list_unreadable(&veth->reach))
		return true;
	for (size_t i = start; i < end && !missed;) {
		const struct lint_addr *target = targets->items[i];
		const hbr_addr *prefix = covering(&veth->reach, &target->at->addr);

		if (!prefix && target->node != node)
			missed = target;
		i = prefix ? skip_covered(targets, i, end, prefix) : i + 1;
	}
	if (!missed)
		return true;
	lint_found(lint, first && first->source.at.line ? &first->source.at : &veth->at,
	           veth->path, reach_hint(lint, targets, start, end, missed->at->addr.family),
	           "reach of %s does not cover %s of %s: the host does not get there",
	           veth->a.ifname, lint_host(lint, &missed->at->addr), missed->node->name);
	return false;
}

/* Where the targets of a name begin; with `after`, where they end. */
static size_t bound_of(const struct targets *targets, const char *name, bool after)
{
	size_t low = 0;
	size_t high = targets->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(targets->items[middle]->veth->name, name);

		if (order < 0 || (after && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Nodes of one template have one reach: it is looked at on the first two nodes only. The second
 * tells whether it covers the first, whose own addresses are on its link.
 */
static void check_misses(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct targets targets = sort_targets(lint);
	const struct veth *last = NULL;
	bool again = false;

	for (uint32_t i = 0; i < site->n_nodes && targets.n && lint->rc == 0; i++) {
		const struct node *node = &site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			const struct veth *veth = &node->veths[k];
			bool is_main = veth == lint_main_veth(node);

			if (veth->b.vrf || (!veth->reach.n && !is_main))
				continue;
			bool is_same = last && !strcmp(last->name, veth->name) &&
			               same_reach(&last->reach, &veth->reach);

			if (is_same && !again)
				continue;
			last = veth;
			again = check_reach(lint, node, veth, &targets,
			                    bound_of(&targets, veth->name, false),
			                    bound_of(&targets, veth->name, true)) &&
			        !is_same;
		}
	}
}

static void report_covers(struct lint *lint, const struct veth *veth,
                          const struct addr_at *reach, const struct addr_at *pod)
{
	lint_found(lint, reach->source.at.line ? &reach->source.at : &veth->at, veth->path,
	           "list the subnets of the veth pairs only",
	           "reach %s holds pod CIDR %s: pods of a node without BGP routes would seem "
	           "reachable",
	           lint_prefix(lint, &reach->addr), lint_prefix(lint, &pod->addr));
}

static void check_covers_pods(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct veth *last = NULL;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct veth *veth = lint_main_veth(&site->nodes[i]);

		if (!veth || (last && same_reach(&last->reach, &veth->reach)))
			continue;
		last = veth;
		for (uint32_t r = 0; r < veth->reach.n; r++)
			for (uint32_t p = 0; p < site->pods.n; p++)
				if (veth->reach.items[r].addr.family &&
				    prefix_overlaps(&veth->reach.items[r].addr,
				                    &site->pods.items[p].addr))
					report_covers(lint, veth, &veth->reach.items[r],
					              &site->pods.items[p]);
	}
}

const struct lint_rule lint_reach_rules[] = {
	{ "reach-misses-node", HBR_LEVEL_ERROR,
	  "The reach of a pair covers the router ends of all other nodes.", check_misses },
	{ "reach-covers-pods", HBR_LEVEL_WARNING,
	  "No reach overlaps a pod CIDR: it would hide that BGP routes are missing.",
	  check_covers_pods },
	{ .code = NULL },
};
