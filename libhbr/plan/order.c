/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of steps. First all that goes, in reverse of how it is made; then all that is made:
 * stage by stage, namespaces first, then namespace by namespace (those with a name before the
 * default one, which gets its veth ends from them), in each by rank. So the engine can send
 * everything of a namespace at once. Containers and routers come when all namespaces are done.
 */
#include <string.h>

#include "plan/diff.h"

enum rank {
	RANK_MODULE,
	RANK_FILE,
	RANK_UNIT,
	RANK_NETNS,
	RANK_SYSCTL, /* forwarding, before there are links (126 times slower after 2,000) */
	RANK_MASTER, /* bridges and VRFs, since ports are made into them */
	RANK_NIC,
	RANK_LINK,      /* made, with their other end */
	RANK_SECONDARY, /* the other end */
	RANK_CHANGED,   /* links that are there: masters, MTUs */
	RANK_IPV6,      /* disable_ipv6 of a link: before its addresses */
	RANK_ADDR,
	RANK_NEIGH,
	RANK_ROUTE, /* on link: gateways may depend on them */
	RANK_ROUTE_VIA,
	RANK_RULE,
	RANK_DEVICE, /* settings of a link; after the routes: netlink goes in one batch */
	RANK_CONTAINER, /* finds all its links when it starts */
	RANK_CONFIG,
	RANK_OBJECT,
	RANK_ACTION,
};

/* Of kinds of which all are alike. */
static const uint8_t kind_ranks[] = {
	[HBR_KIND_NETNS] = RANK_NETNS,   [HBR_KIND_ADDR] = RANK_ADDR,
	[HBR_KIND_FILE] = RANK_FILE,     [HBR_KIND_MODULE] = RANK_MODULE,
	[HBR_KIND_UNIT] = RANK_UNIT,     [HBR_KIND_CONTAINER] = RANK_CONTAINER,
	[HBR_KIND_CONFIG] = RANK_CONFIG, [HBR_KIND_OBJECT] = RANK_OBJECT,
	[HBR_KIND_ACTION] = RANK_ACTION, [HBR_KIND_RULE] = RANK_RULE,
	[HBR_KIND_NEIGH] = RANK_NEIGH,
};

static const uint8_t link_ranks[] = {
	[HBR_LINK_OTHER] = RANK_LINK,       [HBR_LINK_NIC] = RANK_NIC,
	[HBR_LINK_LOOPBACK] = RANK_NIC,     [HBR_LINK_VETH] = RANK_LINK,
	[HBR_LINK_BRIDGE] = RANK_MASTER,    [HBR_LINK_VXLAN] = RANK_LINK,
	[HBR_LINK_VRF] = RANK_MASTER,       [HBR_LINK_MACVLAN] = RANK_SECONDARY,
	[HBR_LINK_IPVLAN] = RANK_SECONDARY,
};

static enum rank sysctl_rank(const char *name)
{
	size_t n;
	const char *device = sysctl_device(name, &n);

	if (!device)
		return RANK_SYSCTL;
	return strcmp(device + n, "/disable_ipv6") == 0 ? RANK_IPV6 : RANK_DEVICE;
}

static enum rank link_rank(const struct step *step, const hbr_resource *resource)
{
	const hbr_link *link = resource->body;

	if (step->verb == HBR_VERB_CHANGE)
		return RANK_CHANGED;
	return link->secondary ? RANK_SECONDARY : link_ranks[link->type];
}

static enum rank rank_of(const struct step *step, const hbr_resource *resource)
{
	switch (resource->kind) {
	case HBR_KIND_SYSCTL:
		return sysctl_rank(resource->name);
	case HBR_KIND_LINK:
		return link_rank(step, resource);
	case HBR_KIND_ROUTE:
		return ((const hbr_route *)resource->body)->via.family ? RANK_ROUTE_VIA
		                                                       : RANK_ROUTE;
	default:
		return kind_ranks[resource->kind];
	}
}

static const hbr_resource *subject_of(const struct step *step)
{
	return step->after ? step->after : step->before;
}

/* What the plan takes away, as against what it makes. */
static bool is_leaving(const struct step *step)
{
	/* What comes back with a NIC comes after it. */
	return step->verb == HBR_VERB_DELETE ||
	       (step->is_back && step->verb != HBR_VERB_CREATE);
}

static bool is_acting(const struct step *step)
{
	return step->verb != HBR_VERB_REPORT && step->verb != HBR_VERB_CONFLICT;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Namespaces of the steps, each once, by name. */
struct names {
	const char **items;
	size_t n;
};

static int names_collect(struct names *names, const hbr_plan *plan, hbr_error **err)
{
	const char *last = NULL;
	size_t n = 0;

	names->items = calloc(plan->n + 1, sizeof(*names->items));
	if (!names->items)
		return hbr_oom(err);
	for (size_t i = 0; i < plan->n; i++) {
		const char *netns = resource_netns(subject_of(&plan->steps[i]));

		if (!last || strcmp(netns, last) != 0)
			names->items[n++] = netns;
		last = netns;
	}
	if (n)
		qsort(names->items, n, sizeof(*names->items), name_cmp);
	for (size_t i = 0; i < n; i++) {
		if (names->n && strcmp(names->items[names->n - 1], names->items[i]) == 0)
			continue;
		names->items[names->n++] = names->items[i];
	}
	return 0;
}

/* Things in no namespace come first, the default namespace comes last. */
static uint64_t netns_place(const struct names *names, const hbr_resource *resource)
{
	const char *netns = resource_netns(resource);
	const char **at;

	if (!kind_of(resource->kind)->in_netns)
		return 0;
	if (!netns[0])
		return names->n + 1;
	at = bsearch(&netns, names->items, names->n, sizeof(*names->items), name_cmp);
	return at ? (uint64_t)(at - names->items) + 1 : 0;
}

/*
 * A veth end that is made with its peer needs the peer's namespace to come before its own.
 * Where that does not hold for all pairs, links are made in a round of their own.
 */
static bool needs_two_rounds(const hbr_plan *plan, const struct names *names)
{
	for (size_t i = 0; i < plan->n; i++) {
		const hbr_resource *end = plan->steps[i].after;

		if (!end || end->kind != HBR_KIND_LINK ||
		    plan->steps[i].verb != HBR_VERB_CREATE ||
		    !((const hbr_link *)end->body)->secondary)
			continue;

		hbr_resource primary = link_peer(end);

		if (primary.name && netns_place(names, &primary) > netns_place(names, end))
			return true;
	}
	return false;
}

/* Stage, round, namespace, rank: the most significant first. */
static uint64_t place_of(const struct step *step, const struct names *names, bool two_rounds)
{
	const hbr_resource *subject = subject_of(step);
	enum rank rank = rank_of(step, subject);
	uint64_t stage = (uint64_t)(uint32_t)resource_stage(subject);
	uint64_t round = rank <= RANK_NETNS                ? 0
	                 : two_rounds && rank <= RANK_LINK ? 1
	                 : rank < RANK_CONTAINER           ? 2
	                                                   : 3;

	uint64_t place = subject->kind == HBR_KIND_OBJECT ? object_place(subject)
	                                                  : netns_place(names, subject);

	return stage << 48 | round << 40 | place << 8 | rank;
}

/* Who is added first is the primary address of a prefix. Steps of one rank are of one kind. */
static int place_cmp(const hbr_resource *a, const hbr_resource *b)
{
	if (a->kind != HBR_KIND_ADDR || b->kind != HBR_KIND_ADDR)
		return 0;

	uint32_t left = ((const hbr_ifaddr *)a->body)->place;
	uint32_t right = ((const hbr_ifaddr *)b->body)->place;

	return left < right ? -1 : left > right;
}

/* Steps of one rank stay in the order of the walk; leaving is all of it backwards. */
static int step_cmp(const void *a, const void *b)
{
	const struct step *left = a, *right = b;

	if (is_acting(left) != is_acting(right))
		return is_acting(left) ? -1 : 1;
	if (is_acting(left) && is_leaving(left) != is_leaving(right))
		return is_leaving(left) ? -1 : 1;

	bool is_reversed = is_acting(left) && is_leaving(left);
	int order = left->rank < right->rank ? -1 : left->rank > right->rank;

	if (order == 0)
		order = place_cmp(subject_of(left), subject_of(right));
	if (order == 0)
		order = resource_cmp(subject_of(left), subject_of(right));
	return is_reversed ? -order : order;
}

int plan_order(hbr_plan *plan, hbr_error **err)
{
	struct names names = { NULL, 0 };

	if (plan->n) {
		int rc = names_collect(&names, plan, err);

		if (rc < 0)
			return rc;

		bool two_rounds = needs_two_rounds(plan, &names);

		for (size_t i = 0; i < plan->n; i++)
			plan->steps[i].rank = place_of(&plan->steps[i], &names, two_rounds);
		free(names.items);
		qsort(plan->steps, plan->n, sizeof(*plan->steps), step_cmp);
	}
	plan->n_acting = plan->n_conflicts = 0;
	for (size_t i = 0; i < plan->n; i++) {
		plan->n_acting += is_acting(&plan->steps[i]);
		plan->n_conflicts += plan->steps[i].verb == HBR_VERB_CONFLICT;
	}
	return 0;
}
