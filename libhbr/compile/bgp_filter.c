/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a router originates and what may pass it. Filters are sets of prefixes that stand for
 * themselves and all that is inside. They are aggregates wherever the site gives some (reach,
 * pools), so that a filter does not grow with the site and a new node changes nobody's
 * configuration.
 */
#include "compile/bgp.h"

#include <string.h>

#include "base/prefix.h"
#include "compile/compile.h"

typedef VEC(hbr_addr) prefix_list;

static int push(prefix_list *list, hbr_addr prefix)
{
	hbr_addr *slot = vec_push(list, 0);

	if (!slot)
		return HBR_ENOMEM;
	*slot = prefix;
	return 0;
}

static int push_all(prefix_list *list, const struct addr_list *addrs, bool host)
{
	int rc = 0;

	for (uint32_t i = 0; i < addrs->n && rc == 0; i++) {
		const hbr_addr *addr = &addrs->items[i].addr;

		if (addr->family)
			rc = push(list, host ? prefix_host(addr) : prefix_network(addr));
	}
	return rc;
}

static int push_originated(prefix_list *list, const struct node *node)
{
	int rc = push_all(list, &node->loopbacks, true);

	for (uint32_t i = 0; i < node->n_veths && rc == 0; i++) {
		if (veth_is_main(&node->veths[i]))
			rc = push_all(list, &node->veths[i].b.addrs, false);
	}
	return rc;
}

static int cmp(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

/* Sorts, and drops what an earlier one covers (or equals). A covering prefix sorts first:
 * its network bytes are not greater and its length is smaller. */
static void reduce(prefix_list *list, bool covered)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), cmp);
	for (size_t i = 0; i < list->n; i++) {
		const hbr_addr *last = kept ? &list->items[kept - 1] : NULL;

		if (last && (covered ? prefix_contains(last, &list->items[i])
		                     : prefix_equal(last, &list->items[i])))
			continue;
		list->items[kept++] = list->items[i];
	}
	list->n = kept;
}

static int keep(prefix_list *list, struct arena *arena, hbr_addr **out, uint32_t *n)
{
	*out = arena_array(arena, list->n ? list->n : 1, sizeof(**out));
	if (!*out)
		return HBR_ENOMEM;
	if (list->n)
		memcpy(*out, list->items, list->n * sizeof(**out));
	*n = (uint32_t)list->n;
	return 0;
}

int bgp_networks(const struct site *site, const struct node *node, struct arena *arena,
                 hbr_addr **out, uint32_t *n, hbr_error **err)
{
	prefix_list list = { 0 };

	(void)site;
	int rc = push_originated(&list, node);
	reduce(&list, false);
	if (rc == 0)
		rc = keep(&list, arena, out, n);
	vec_free(&list);
	return rc < 0 ? hbr_oom(err) : 0;
}

/* A default route holds everything and says nothing: it is no aggregate. */
static void drop_defaults(prefix_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].length)
			list->items[kept++] = list->items[i];
	}
	list->n = kept;
}

/* Do the last of the list hold it? Nodes in a row mostly lie in the same two aggregates, one a
 * family; a list of a thousand nodes so stays as short as what comes out of it. */
static bool is_held(const prefix_list *list, const hbr_addr *prefix)
{
	for (size_t i = list->n; i > 0 && i + 2 > list->n; i--) {
		if (prefix_contains(&list->items[i - 1], prefix))
			return true;
	}
	return false;
}

static int push_reach(prefix_list *list, const struct addr_list *reach)
{
	int rc = 0;

	for (uint32_t i = 0; i < reach->n && rc == 0; i++) {
		const hbr_addr *addr = &reach->items[i].addr;

		if (addr->family && addr->length && !is_held(list, addr))
			rc = push(list, prefix_network(addr));
	}
	return rc;
}

/* What the site says holds many veth subnets or loopbacks. */
static int push_aggregates(prefix_list *list, const struct site *site)
{
	int rc = 0;

	for (uint32_t i = 0; i < site->n_pools && rc == 0; i++) {
		int32_t use = site->pools[i].spec->use;

		if ((use == HBR_POOL_LINK || use == HBR_POOL_LOOPBACK) &&
		    site->pools[i].prefix.addr.family)
			rc = push(list, prefix_network(&site->pools[i].prefix.addr));
	}
	for (uint32_t i = 0; i < site->n_nodes && rc == 0; i++) {
		const struct node *node = &site->nodes[i];

		for (uint32_t j = 0; j < node->n_veths && rc == 0; j++) {
			if (veth_is_main(&node->veths[j]))
				rc = push_reach(list, &node->veths[j].reach);
		}
	}
	return rc;
}

/* Binary search: `nets` is sorted and none covers another. */
static const hbr_addr *covering(const prefix_list *nets, const hbr_addr *prefix)
{
	size_t low = 0;
	size_t high = nets->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_cmp(&nets->items[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && prefix_contains(&nets->items[low - 1], prefix))
		return &nets->items[low - 1];
	return NULL;
}

/* Every veth subnet and loopback of the site, by its aggregate where it has one. */
static int push_site(prefix_list *list, const struct site *site, const prefix_list *aggregates)
{
	prefix_list originated = { 0 };
	int rc = 0;

	for (uint32_t i = 0; i < site->n_nodes && rc == 0; i++) {
		originated.n = 0;
		rc = push_originated(&originated, &site->nodes[i]);
		for (size_t j = 0; j < originated.n && rc == 0; j++) {
			const hbr_addr *prefix = &originated.items[j];
			const hbr_addr *net;

			if (is_held(list, prefix))
				continue;
			net = covering(aggregates, prefix);
			rc = push(list, net ? *net : *prefix);
		}
	}
	vec_free(&originated);
	return rc;
}

static int push_calico(prefix_list *list, const struct site *site)
{
	int rc = push_all(list, &site->pods, false);

	return rc < 0 ? rc : push_all(list, &site->services, false);
}

int bgp_filters(const struct site *site, struct bgp *bgp, struct arena *arena, hbr_error **err)
{
	prefix_list aggregates = { 0 };
	prefix_list calico = { 0 };
	prefix_list fabric = { 0 };
	int rc = push_aggregates(&aggregates, site);

	drop_defaults(&aggregates);
	reduce(&aggregates, true);
	if (rc == 0)
		rc = push_calico(&calico, site);
	if (rc == 0)
		rc = push_calico(&fabric, site);
	if (rc == 0)
		rc = push_site(&fabric, site, &aggregates);
	reduce(&calico, true);
	reduce(&fabric, true);
	if (rc == 0)
		rc = keep(&calico, arena, &bgp->from_calico, &bgp->n_from_calico);
	if (rc == 0)
		rc = keep(&fabric, arena, &bgp->fabric, &bgp->n_fabric);
	vec_free(&aggregates);
	vec_free(&calico);
	vec_free(&fabric);
	return rc < 0 ? hbr_oom(err) : 0;
}
