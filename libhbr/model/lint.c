/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: runs the rules of the tables over a site and turns what they find into a status. */
#include "model/lint.h"

#include <stdio.h>
#include <string.h>

#include "model/lint_rules.h"

#define FOUND_MAX 200000 /* findings of one rule before those of templates are merged */

struct lint_finding {
	struct mark mark;
	const char *path, *hint, *message;
	uint32_t number; /* order of finding: keeps the sort stable */
};

const struct lint_rule *const lint_tables[] = {
	lint_addr_rules,
	lint_subnet_rules,
	lint_cidr_rules,
	lint_link_rules,
	lint_route_rules,
	lint_mtu_rules,
	lint_site_rules,
	lint_attach_rules,
	lint_underlay_rules,
	lint_routing_rules,
	lint_reach_rules,
	lint_vrf_rules,
	lint_peer_rules,
	lint_probe_rules,
	lint_calico_rules,
	lint_resolve_rules,
	NULL,
};

const char *lint_text(struct lint *lint, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	char *copy = arena_strdup(&lint->arena, text);

	if (!copy) {
		lint->rc = HBR_ENOMEM;
		return "";
	}
	return copy;
}

void *lint_array(struct lint *lint, size_t n, size_t size)
{
	void *array = arena_array(&lint->arena, n ? n : 1, size);

	if (!array)
		lint->rc = HBR_ENOMEM;
	return array;
}

void lint_found(struct lint *lint, const struct mark *mark, const char *path, const char *hint,
                const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (lint->found.n == FOUND_MAX)
		return;
	struct lint_finding *finding = vec_push(&lint->found, FOUND_MAX);
	char *message = arena_strdup(&lint->arena, text);

	if (!finding || !message) {
		lint->rc = HBR_ENOMEM;
		return;
	}
	if (mark)
		finding->mark = *mark;
	finding->path = path;
	finding->hint = hint;
	finding->message = message;
	finding->number = (uint32_t)lint->found.n;
}

struct mark lint_site_mark(const struct lint *lint, const char *member)
{
	return topology_mark(lint->topology, "", member);
}

const char *lint_at(struct lint *lint, const struct mark *mark)
{
	if (!mark->line)
		return "";
	return lint_text(lint, " (%s:%u)", mark->file ? mark->file : "line", mark->line);
}

const char *lint_host(struct lint *lint, const hbr_addr *addr)
{
	char text[PREFIX_TEXT];

	return lint_text(lint, "%s", prefix_format_host(addr, text));
}

const char *lint_prefix(struct lint *lint, const hbr_addr *addr)
{
	char text[PREFIX_TEXT];

	return lint_text(lint, "%s", prefix_format(addr, text));
}

int addr_list_families(const struct addr_list *list)
{
	int families = 0;

	for (uint32_t i = 0; i < list->n; i++)
		families |= family_bit(&list->items[i].addr);
	return families;
}

bool addr_list_unreadable(const struct addr_list *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (!list->items[i].addr.family)
			return true;
	return false;
}

const char *families_text(int families)
{
	static const char *const texts[] = { "no", "IPv4", "IPv6", "IPv4 and IPv6" };

	return texts[families & (HBR_FAMILY_IPV4 | HBR_FAMILY_IPV6)];
}

bool addr_is_link_local(const hbr_addr *addr)
{
	static const hbr_addr v4 = { .family = 4, .length = 16, .bytes = { 169, 254 } };
	static const hbr_addr v6 = { .family = 6, .length = 10, .bytes = { 0xfe, 0x80 } };

	return prefix_contains(addr->family == 4 ? &v4 : &v6, addr);
}

const struct veth *lint_main_veth(const struct node *node)
{
	return node_veth(node, "k8s");
}

int node_uplink_families(const struct site *site, const struct node *node)
{
	return (node_uplink_addr(site, node, 4) ? HBR_FAMILY_IPV4 : 0) |
	       (node_uplink_addr(site, node, 6) ? HBR_FAMILY_IPV6 : 0);
}

/* The part of a path that nodes share: of "node1/veth/k8s" and "node2/veth/k8s" the end. */
static const char *path_tail(const char *path)
{
	const char *slash = path ? strchr(path, '/') : NULL;

	return slash ? slash : "";
}

static int text_cmp(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int place_cmp(const struct lint_finding *a, const struct lint_finding *b)
{
	int order = text_cmp(a->mark.file, b->mark.file);

	if (order)
		return order;
	if (a->mark.line != b->mark.line)
		return a->mark.line < b->mark.line ? -1 : 1;
	if (a->mark.column != b->mark.column)
		return a->mark.column < b->mark.column ? -1 : 1;
	return strcmp(path_tail(a->path), path_tail(b->path));
}

static int finding_cmp(const void *left, const void *right)
{
	const struct lint_finding *a = left;
	const struct lint_finding *b = right;
	int order = place_cmp(a, b);

	if (order)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int emit(hbr_status *status, const struct lint_rule *rule,
                const struct lint_finding *finding, size_t more)
{
	const struct mark *mark = finding->mark.line ? &finding->mark : NULL;

	if (!more)
		return status_add(status, rule->level, rule->code, mark, finding->path,
		                  finding->hint, "%s", finding->message);
	return status_add(status, rule->level, rule->code, mark, finding->path, finding->hint,
	                  "%s (and %zu more like it)", finding->message, more);
}

/* Merges what one place of the document causes on many nodes, and empties the list. */
static int flush(struct lint *lint, const struct lint_rule *rule, hbr_status *status)
{
	struct lint_finding *items = lint->found.items;
	size_t n = lint->found.n;

	if (n > 1)
		qsort(items, n, sizeof(*items), finding_cmp);
	for (size_t i = 0, next; i < n; i = next) {
		next = i + 1;
		while (next < n && items[i].mark.line && !place_cmp(&items[i], &items[next]))
			next++;
		int rc = emit(status, rule, &items[i], next - i - 1);

		if (rc < 0)
			return rc;
	}
	lint->found.n = 0;
	return 0;
}

static size_t count_addrs(const struct site *site)
{
	size_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		n += node->loopbacks.n;
		for (uint32_t k = 0; k < node->n_veths; k++)
			n += node->veths[k].a.addrs.n + node->veths[k].b.addrs.n;
		for (uint32_t k = 0; k < node->n_netns; k++) {
			const struct netns *netns = &node->netns[k];

			for (uint32_t u = 0; u < netns->n_uplinks; u++)
				n += netns->uplinks[u].addrs.n;
		}
	}
	return n;
}

static void put_addrs(struct lint *lint, const struct addr_list *list,
                      const struct lint_addr *where)
{
	for (uint32_t i = 0; i < list->n; i++) {
		struct lint_addr *addr = &lint->addrs[lint->n_addrs++];

		*addr = *where;
		addr->at = &list->items[i];
		if (addr->at->addr.family)
			addr->net = prefix_network(&addr->at->addr);
		if (addr->at->source.at.line)
			addr->mark = addr->at->source.at;
	}
}

static void put_veth(struct lint *lint, const struct node *node, const struct veth *veth)
{
	const char *domain = veth->b.vrf ? veth->b.vrf : "";
	struct lint_addr where = {
		.node = node,
		.veth = veth,
		.path = veth->path,
		.ifname = veth->a.ifname,
		.domain = veth->a.vrf ? veth->a.vrf : domain,
		.place = LINT_HOST_END,
		.mark = veth->a.at.line ? veth->a.at : veth->at,
	};

	put_addrs(lint, &veth->a.addrs, &where);
	where.ifname = veth->b.ifname;
	where.domain = domain;
	where.place = LINT_ROUTER_END;
	where.mark = veth->b.at.line ? veth->b.at : veth->at;
	put_addrs(lint, &veth->b.addrs, &where);
}

static void put_netns(struct lint *lint, const struct node *node, const struct netns *netns)
{
	for (uint32_t i = 0; i < netns->n_uplinks; i++) {
		const struct uplink *uplink = &netns->uplinks[i];
		const struct lint_addr where = {
			.node = node,
			.path = netns->path,
			.ifname = uplink->ifname ? uplink->ifname : "the uplink",
			.domain = "",
			.place = LINT_UPLINK,
			.mark = uplink->at,
		};

		put_addrs(lint, &uplink->addrs, &where);
	}
}

/* Every address of every interface, once, so that rules need not walk the tree again. */
static void collect(struct lint *lint)
{
	const struct site *site = lint->site;

	lint->addrs = lint_array(lint, count_addrs(site), sizeof(*lint->addrs));
	if (!lint->addrs)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];
		const struct lint_addr loopback = {
			.node = node,
			.path = node->name,
			.ifname = "lo",
			.domain = "",
			.place = LINT_LOOPBACK,
			.mark = node->at,
		};

		for (uint32_t k = 0; k < node->n_veths; k++)
			put_veth(lint, node, &node->veths[k]);
		for (uint32_t k = 0; k < node->n_netns; k++)
			put_netns(lint, node, &node->netns[k]);
		put_addrs(lint, &node->loopbacks, &loopback);
	}
}

static void run_rule(struct lint *lint, const struct lint_rule *rule, hbr_status *status)
{
	if (!rule->check || lint->rc < 0)
		return;
	rule->check(lint);
	if (lint->rc == 0)
		lint->rc = flush(lint, rule, status);
}

int lint_run(const hbr_topology *topology, const struct site *site, hbr_status *status)
{
	struct lint lint = { .topology = topology, .site = site };

	collect(&lint);
	lint_sort_spans(&lint);
	for (size_t t = 0; lint_tables[t]; t++)
		for (const struct lint_rule *rule = lint_tables[t]; rule->code; rule++)
			run_rule(&lint, rule, status);
	vec_free(&lint.found);
	arena_free(&lint.arena);
	return lint.rc < 0 ? lint.rc : status_sort(status);
}
