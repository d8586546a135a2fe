/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of subnets: the two ends of a pair, the families of nodes, what overlaps what. */
#include <string.h>

#include "model/lint_rules.h"

#define DEPTH_MAX 32 /* nested intervals that are told apart */

static bool is_in_net(const struct lint_addr *addr, const struct addr_at *other)
{
	return other->addr.length == addr->net.length &&
	       prefix_contains(&addr->net, &other->addr);
}

/* The address of `list` that is in the subnet of `addr`; else one of its family; else NULL. */
static const struct addr_at *partner(const struct addr_list *list, const struct lint_addr *addr)
{
	const struct addr_at *found = NULL;

	for (uint32_t i = 0; i < list->n; i++) {
		const struct addr_at *other = &list->items[i];

		if (other->addr.family != addr->net.family)
			continue;
		if (is_in_net(addr, other))
			return other;
		if (!found)
			found = other;
	}
	return found;
}

/* The partner in another subnet, when both are well written; else NULL. */
static const struct addr_at *mismatch(const struct lint_addr *addr)
{
	const struct addr_list *list;
	const struct addr_at *other;

	if (!addr->veth || !addr->at->addr.family || !addr->at->has_length)
		return NULL;
	list = addr->place == LINT_HOST_END ? &addr->veth->b.addrs : &addr->veth->a.addrs;
	other = partner(list, addr);
	return other && other->has_length && !is_in_net(addr, other) ? other : NULL;
}

/* The address that `wrong` should be, so that it lies in the subnet of `right`. */
static hbr_addr meant(const hbr_addr *right, const hbr_addr *wrong)
{
	hbr_addr net = prefix_network(right);
	hbr_addr found = *wrong;

	found.length = right->length;
	for (unsigned bit = 0; bit < right->length; bit++) {
		uint8_t mask = 0x80 >> bit % 8;

		found.bytes[bit / 8] &= (uint8_t)~mask;
		found.bytes[bit / 8] |= net.bytes[bit / 8] & mask;
	}
	if (!prefix_same_host(&found, right) && !prefix_is_network(&found))
		return found;
	for (uint64_t i = 1; i < 3; i++)
		if (prefix_nth(&net, i, &found) && !prefix_same_host(&found, right))
			break;
	return found;
}

/* Whether `at`, an address of the same pair, is on another interface too. */
static bool end_has_duplicate(const struct lint *lint, const struct lint_addr *addr,
                              const struct addr_at *at)
{
	for (const struct lint_addr *i = addr; i->veth == addr->veth; i--) {
		if (i->at == at)
			return i->is_duplicate;
		if (i == lint->addrs)
			break;
	}
	return false;
}

static void check_mismatch(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];
		const struct addr_at *other = mismatch(addr);

		if (addr->place != LINT_ROUTER_END || !other)
			continue;
		bool host_is_wrong =
		        end_has_duplicate(lint, addr, other) && !addr->is_duplicate;
		const hbr_addr *right = host_is_wrong ? &addr->at->addr : &other->addr;
		const hbr_addr *wrong = host_is_wrong ? &other->addr : &addr->at->addr;
		hbr_addr net = prefix_network(right);
		hbr_addr good = meant(right, wrong);
		const struct mark *mark = host_is_wrong && other->source.at.line
		                                  ? &other->source.at
		                                  : &addr->mark;

		lint_found(lint, mark, addr->path,
		           lint_text(lint, "%s's pair uses %s: write %s", addr->node->name,
		                     lint_prefix(lint, &net), lint_prefix(lint, &good)),
		           "%s of %s has %s, but %s has %s: the ends are not in one subnet",
		           addr->veth->a.ifname, addr->node->name,
		           lint_prefix(lint, &other->addr), addr->ifname,
		           lint_prefix(lint, &addr->at->addr));
	}
}

static void check_veth_families(struct lint *lint, const struct node *node,
                                const struct veth *veth)
{
	int host = addr_list_families(&veth->a.addrs);
	int router = addr_list_families(&veth->b.addrs);
	bool carries_children = veth->attach || veth->b.vrf;

	if (host == router || addr_list_unreadable(&veth->a.addrs) ||
	    addr_list_unreadable(&veth->b.addrs))
		return;
	/* Pods have the addresses of such a pair: its host end needs none. */
	if (carries_children && !host)
		return;
	const struct end *poor = host & ~router ? &veth->b : &veth->a;
	int lacks = host & ~router ? host & ~router : router & ~host;

	lint_found(lint, poor->at.line ? &poor->at : &veth->at, veth->path,
	           lint_text(lint, "give %s an %s address too, or take it from the other end",
	                     poor->ifname, families_text(lacks)),
	           "%s of %s has %s addresses, %s has %s", veth->a.ifname, node->name,
	           families_text(host), veth->b.ifname, families_text(router));
}

static void check_families(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++)
			check_veth_families(lint, node, &node->veths[k]);
	}
}

static void check_node_families(struct lint *lint)
{
	const struct node *first = NULL;
	int families = 0;

	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];
		const struct veth *veth = lint_main_veth(node);
		int own = veth ? addr_list_families(&veth->a.addrs) : 0;

		if (!own || addr_list_unreadable(&veth->a.addrs))
			continue;
		if (!first) {
			first = node;
			families = own;
		} else if (own != families) {
			lint_found(lint, &node->at, node->name,
			           "nodes that lack a family cannot reach the others by it",
			           "%s has %s addresses on %s, %s has %s", node->name,
			           families_text(own), veth->a.ifname, first->name,
			           families_text(families));
		}
	}
}

static bool has_link_pools(const struct site *site)
{
	for (uint32_t i = 0; i < site->n_pools; i++)
		if (site->pools[i].spec->use == HBR_POOL_LINK)
			return true;
	return false;
}

/* Where there are pools, what they do not give is said already. */
static void check_no_address(struct lint *lint)
{
	const struct site *site = lint->site;

	if (!site->pods.n || has_link_pools(site))
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];
		const struct veth *veth = lint_main_veth(node);

		if (!veth || veth->a.addrs.n || veth->b.addrs.n)
			continue;
		lint_found(
		        lint, &node->at, node->name,
		        "write host: and router: on the node, or fromPool: on the site's link",
		        "%s and %s of %s have no addresses", veth->a.ifname, veth->b.ifname,
		        node->name);
	}
}

static int span_cmp(const void *left, const void *right)
{
	const struct lint_span *a = left;
	const struct lint_span *b = right;
	int order = a->domain == b->domain ? 0 : strcmp(a->domain, b->domain);

	if (!order)
		order = (int)a->net.family - b->net.family;
	if (!order)
		order = memcmp(a->net.bytes, b->net.bytes, sizeof(a->net.bytes));
	if (!order)
		order = (int)a->net.length - b->net.length;
	if (!order)
		order = a->number < b->number ? -1 : a->number > b->number;
	return order;
}

static void put_span(struct lint *lint, const hbr_addr *net, enum lint_use use,
                     const char *domain, const struct lint_addr *addr,
                     const struct addr_at *cidr)
{
	struct lint_span *span = &lint->spans[lint->n_spans];

	span->net = *net;
	span->use = use;
	span->domain = domain;
	span->addr = addr;
	span->cidr = cidr;
	span->number = (uint32_t)lint->n_spans++;
}

/* A pair whose ends disagree is reported as such; what it meant to use is not known. */
static void put_addr_span(struct lint *lint, const struct lint_addr *addr)
{
	static const enum lint_use uses[] = {
		[LINT_UPLINK] = LINT_FABRIC,
		[LINT_HOST_END] = LINT_VETH,
		[LINT_ROUTER_END] = LINT_VETH,
		[LINT_LOOPBACK] = LINT_HOST,
	};
	const hbr_addr *value = &addr->at->addr;

	if (!value->family || addr_is_link_local(value) || mismatch(addr))
		return;
	if (!addr->at->has_length && addr->place != LINT_LOOPBACK)
		return;
	if (addr->place == LINT_ROUTER_END && partner(&addr->veth->a.addrs, addr))
		return;
	put_span(lint, &addr->net, uses[addr->place], addr->domain, addr, NULL);
}

static void put_cidr_spans(struct lint *lint, const struct addr_list *list, enum lint_use use)
{
	for (uint32_t i = 0; i < list->n; i++) {
		const struct addr_at *cidr = &list->items[i];
		hbr_addr net = prefix_network(&cidr->addr);

		if (cidr->addr.family && cidr->has_length)
			put_span(lint, &net, use, "", NULL, cidr);
	}
}

void lint_sort_spans(struct lint *lint)
{
	const struct site *site = lint->site;
	size_t n = lint->n_addrs + site->pods.n + site->services.n;

	lint->spans = lint_array(lint, n, sizeof(*lint->spans));
	if (!lint->spans)
		return;
	put_cidr_spans(lint, &site->pods, LINT_PODS);
	put_cidr_spans(lint, &site->services, LINT_SERVICES);
	for (size_t i = 0; i < lint->n_addrs; i++)
		put_addr_span(lint, &lint->addrs[i]);
	if (lint->n_spans)
		qsort(lint->spans, lint->n_spans, sizeof(*lint->spans), span_cmp);
}

static bool span_holds(const struct lint_span *outer, const struct lint_span *inner)
{
	return (outer->domain == inner->domain || !strcmp(outer->domain, inner->domain)) &&
	       prefix_contains(&outer->net, &inner->net);
}

void lint_overlaps(struct lint *lint, int outer, int inner,
                   void (*cb)(struct lint *lint, const struct lint_span *outer,
                              const struct lint_span *inner))
{
	const struct lint_span *stack[DEPTH_MAX];
	size_t depth = 0;

	for (size_t i = 0; i < lint->n_spans; i++) {
		const struct lint_span *span = &lint->spans[i];

		while (depth && !span_holds(stack[depth - 1], span))
			depth--;
		for (size_t k = 0; k < depth && span->use & inner; k++)
			cb(lint, stack[k], span);
		if (!(span->use & outer) || depth == DEPTH_MAX)
			continue;
		/* Nodes share the fabric's subnet: one of them stands for all. */
		if (!depth || stack[depth - 1]->use != span->use ||
		    !prefix_equal(&stack[depth - 1]->net, &span->net))
			stack[depth++] = span;
	}
}

static void report_overlap(struct lint *lint, const struct lint_span *outer,
                           const struct lint_span *inner)
{
	const struct lint_addr *a = outer->addr;
	const struct lint_addr *b = inner->addr;

	if (outer->use == LINT_FABRIC && inner->use == LINT_FABRIC)
		return;
	if (a->veth && a->veth == b->veth)
		return;
	if (prefix_same_host(&a->at->addr, &b->at->addr)) /* addr-duplicate says it */
		return;
	lint_found(lint, &b->mark, b->path, "every pair needs a subnet of its own",
	           "%s of %s: %s overlaps %s of %s of %s%s", b->ifname, b->node->name,
	           lint_prefix(lint, &inner->net), lint_prefix(lint, &outer->net), a->ifname,
	           a->node->name, lint_at(lint, &a->mark));
}

static void check_overlap(struct lint *lint)
{
	const int links = LINT_VETH | LINT_FABRIC | LINT_HOST;

	lint_overlaps(lint, links, links, report_overlap);
}

const struct lint_rule lint_subnet_rules[] = {
	{ "veth-subnet-mismatch", HBR_LEVEL_ERROR,
	  "The two ends of a veth pair are in one subnet, in each family.", check_mismatch },
	{ "veth-family-mismatch", HBR_LEVEL_ERROR,
	  "The two ends of a veth pair have addresses of the same families.", check_families },
	{ "veth-no-address", HBR_LEVEL_ERROR,
	  "The main veth pair of a node that has pods has addresses.", check_no_address },
	{ "node-family-differs", HBR_LEVEL_WARNING,
	  "All nodes have the same families on their main veth pair.", check_node_families },
	{ "addr-overlap", HBR_LEVEL_ERROR,
	  "No two veth pairs overlap, and none overlaps the fabric or a loopback.",
	  check_overlap },
	{ .code = NULL },
};
