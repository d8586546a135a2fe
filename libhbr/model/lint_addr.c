/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of single addresses of interfaces, and of one address in two places. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/lint_rules.h"

#define HINT_TEXT 96
#define UPLINK_NETS_MAX 64 /* distinct underlay subnets that are looked through for a length */

/* The slips that are mended in turn until the text parses. They work in place. */

static void fix_characters(char *text)
{
	static const char *const from = ",;\\OoIl";
	static const char *const to = ".:/0011";
	char *out = text;

	for (const char *in = text; *in; in++) {
		const char *slip = strchr(from, *in);

		if (!isspace((unsigned char)*in))
			*out++ = slip ? to[slip - from] : *in;
	}
	*out = '\0';
}

static void fix_zone(char *text)
{
	char *zone = strchr(text, '%');
	const char *slash = strchr(text, '/');

	if (!zone)
		return;
	if (slash > zone)
		memmove(zone, slash, strlen(slash) + 1);
	else
		*zone = '\0';
}

static void fix_leading_zeros(char *text)
{
	char *out = text;
	bool at_start = true;

	if (strchr(text, ':'))
		return;
	for (const char *in = text; *in; in++) {
		if (at_start && *in == '0' && isdigit((unsigned char)in[1]))
			continue;
		at_start = !isdigit((unsigned char)*in);
		*out++ = *in;
	}
	*out = '\0';
}

static void fix_netmask(char *text)
{
	char *slash = strchr(text, '/');
	hbr_addr mask;
	bool has_length;
	unsigned length = 0;

	if (!slash || prefix_parse(slash + 1, &mask, &has_length) < 0 || mask.family != 4)
		return;
	while (length < 32 && mask.bytes[length / 8] & 0x80 >> length % 8)
		length++;
	snprintf(slash + 1, 3, "%u", length);
}

/* "10.1.0/24" is meant as 10.1.0.0/24. */
static void fix_short(char *text)
{
	char *slash = strchr(text, '/');
	char length[8] = "";
	unsigned dots = 0;

	if (!slash || strchr(text, ':') || strlen(slash) >= sizeof(length))
		return;
	strcpy(length, slash);
	for (const char *c = text; c < slash; c++)
		dots += *c == '.';
	while (dots++ < 3) {
		strcpy(slash, ".0");
		slash += 2;
	}
	strcpy(slash, length);
}

/* What the text was likely meant to be, or NULL. */
static const char *addr_guess(struct lint *lint, const char *text)
{
	static void (*const fixes[])(char *) = { fix_characters, fix_zone, fix_leading_zeros,
		                                 fix_netmask, fix_short };
	char guess[HINT_TEXT];
	hbr_addr addr;
	bool has_length;

	if (strlen(text) > HINT_TEXT - 16)
		return NULL;
	strcpy(guess, text);
	for (size_t i = 0; i < hbr_count(fixes); i++) {
		fixes[i](guess);
		if (prefix_parse(guess, &addr, &has_length) == 0)
			return lint_text(lint, "%s", guess);
	}
	return NULL;
}

const char *lint_addr_hint(struct lint *lint, const char *text, const char *like)
{
	const char *guess = addr_guess(lint, text);
	const char *slash = strchr(text, '/');
	unsigned bits = strchr(text, ':') ? 128 : 32;

	if (guess)
		return lint_text(lint, "did you mean %s?", guess);
	if (slash && strspn(slash + 1, "0123456789") == strlen(slash + 1) &&
	    strtoul(slash + 1, NULL, 10) > bits)
		return lint_text(lint, "the length of an %s prefix is at most %u",
		                 bits == 128 ? "IPv6" : "IPv4", bits);
	return like;
}

static void check_syntax(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];
		const char *text = addr->at->source.text ? addr->at->source.text : "";

		if (addr->at->addr.family)
			continue;
		lint_found(lint, &addr->mark, addr->path,
		           lint_addr_hint(lint, text,
		                          "write it like 10.1.1.1/30 or 2001:db8:1::1/126"),
		           "%s of %s: \"%.64s\" is no address", addr->ifname, addr->node->name,
		           text);
	}
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];
		hbr_addr addr;
		bool has_length;

		if (!node->mgmt.text ||
		    (prefix_parse(node->mgmt.text, &addr, &has_length) == 0))
			continue;
		lint_found(lint, node->mgmt.at.line ? &node->mgmt.at : &node->at, node->name,
		           lint_addr_hint(lint, node->mgmt.text, "write it like 172.16.0.1"),
		           "the management address of %s, \"%.64s\", is no address", node->name,
		           node->mgmt.text);
	}
}

static int net_cmp(const void *left, const void *right)
{
	return prefix_cmp(left, right);
}

/* The distinct underlay subnets of the site, at most UPLINK_NETS_MAX, sorted. */
static size_t uplink_nets(struct lint *lint, hbr_addr **out)
{
	hbr_addr *nets = lint_array(lint, lint->n_addrs, sizeof(*nets));
	size_t n = 0;
	size_t distinct = 0;

	if (!nets)
		return 0;
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];

		if (addr->place == LINT_UPLINK && addr->at->addr.family && addr->at->has_length)
			nets[n++] = addr->net;
	}
	if (n)
		qsort(nets, n, sizeof(*nets), net_cmp);
	for (size_t i = 0; i < n && distinct < UPLINK_NETS_MAX; i++)
		if (!distinct || !prefix_equal(&nets[i], &nets[distinct - 1]))
			nets[distinct++] = nets[i];
	*out = nets;
	return distinct;
}

/* The length that the others on this subnet have, or 0. */
static uint8_t likely_length(const struct lint_addr *addr, const hbr_addr *nets, size_t n_nets)
{
	const struct addr_list *other = NULL;

	if (addr->place == LINT_HOST_END)
		other = &addr->veth->b.addrs;
	if (addr->place == LINT_ROUTER_END)
		other = &addr->veth->a.addrs;
	for (uint32_t i = 0; other && i < other->n; i++) {
		const struct addr_at *at = &other->items[i];
		hbr_addr net = prefix_network(&at->addr);

		if (at->has_length && prefix_contains(&net, &addr->at->addr))
			return at->addr.length;
	}
	for (size_t i = 0; addr->place == LINT_UPLINK && i < n_nets; i++)
		if (prefix_contains(&nets[i], &addr->at->addr))
			return nets[i].length;
	return 0;
}

static const char *no_length_hint(struct lint *lint, const struct lint_addr *addr,
                                  uint8_t likely)
{
	static const uint8_t usual[2][2] = { { 30, 126 }, { 24, 64 } };
	const char *host = lint_host(lint, &addr->at->addr);

	if (likely)
		return lint_text(lint, "the others on this subnet use /%u: write %s/%u", likely,
		                 host, likely);
	return lint_text(lint, "write its length too, like %s/%u", host,
	                 usual[addr->place == LINT_UPLINK][addr->at->addr.family == 6]);
}

static void check_no_length(struct lint *lint)
{
	hbr_addr *nets = NULL;
	size_t n_nets = uplink_nets(lint, &nets);

	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];

		if (!addr->at->addr.family || addr->at->has_length ||
		    addr->place == LINT_LOOPBACK)
			continue;
		uint8_t likely = likely_length(addr, nets, n_nets);

		lint_found(lint, &addr->mark, addr->path, no_length_hint(lint, addr, likely),
		           "%s of %s: %s has no prefix length", addr->ifname, addr->node->name,
		           lint_host(lint, &addr->at->addr));
	}
}

/* What no interface may have, by prefix. */
static const struct {
	hbr_addr net;
	const char *what;
} not_unicast[] = {
	{ { .family = 4, .length = 8 }, "\"this network\" (RFC 1122)" },
	{ { .family = 4, .length = 8, .bytes = { 127 } }, "a loopback address" },
	{ { .family = 4, .length = 4, .bytes = { 224 } }, "a multicast address" },
	{ { .family = 4, .length = 4, .bytes = { 240 } }, "a reserved address" },
	{ { .family = 6, .length = 128 }, "the unspecified address" },
	{ { .family = 6, .length = 128, .bytes = { [15] = 1 } }, "the loopback address" },
	{ { .family = 6, .length = 96, .bytes = { [10] = 0xff, [11] = 0xff } },
	  "an IPv4-mapped address" },
	{ { .family = 6, .length = 8, .bytes = { 0xff } }, "a multicast address" },
};

const char *addr_unicast_fault(const hbr_addr *addr)
{
	hbr_addr host = prefix_host(addr);

	for (size_t i = 0; i < hbr_count(not_unicast); i++)
		if (not_unicast[i].net.family == host.family &&
		    prefix_contains(&not_unicast[i].net, &host))
			return not_unicast[i].what;
	return NULL;
}

static void check_unicast(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];

		if (!addr->at->addr.family || !addr_unicast_fault(&addr->at->addr))
			continue;
		lint_found(lint, &addr->mark, addr->path, "give it a unicast address",
		           "%s of %s: %s is %s", addr->ifname, addr->node->name,
		           lint_host(lint, &addr->at->addr),
		           addr_unicast_fault(&addr->at->addr));
	}
}

/* Whether the address has a subnet in which the first and last address are not for hosts. */
static bool has_edges(const hbr_addr *addr)
{
	return addr->family && addr->length + 2 <= prefix_bits(addr);
}

static void check_network(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];
		const hbr_addr *value = &addr->at->addr;
		hbr_addr first;

		if (!has_edges(value) || !prefix_is_network(value) ||
		    !prefix_nth(value, 1, &first))
			continue;
		lint_found(lint, &addr->mark, addr->path,
		           lint_text(lint, "the first address for an interface is %s",
		                     lint_prefix(lint, &first)),
		           "%s of %s: %s is the address of the subnet itself", addr->ifname,
		           addr->node->name, lint_prefix(lint, value));
	}
}

static bool is_broadcast(const hbr_addr *addr)
{
	if (addr->family != 4)
		return false;
	for (unsigned bit = addr->length; bit < 32; bit++)
		if (!(addr->bytes[bit / 8] & 0x80 >> bit % 8))
			return false;
	return true;
}

static void check_broadcast(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_addrs; i++) {
		const struct lint_addr *addr = &lint->addrs[i];
		hbr_addr last = addr->at->addr;

		if (!has_edges(&last) || !is_broadcast(&last))
			continue;
		last.bytes[3] ^= 1;
		lint_found(lint, &addr->mark, addr->path,
		           lint_text(lint, "the last address for an interface is %s",
		                     lint_prefix(lint, &last)),
		           "%s of %s: %s is the broadcast address of its subnet", addr->ifname,
		           addr->node->name, lint_prefix(lint, &addr->at->addr));
	}
}

static int text_order(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b);
}

static int host_cmp(const void *left, const void *right)
{
	const struct lint_addr *a = *(const struct lint_addr *const *)left;
	const struct lint_addr *b = *(const struct lint_addr *const *)right;
	int order = (int)a->at->addr.family - b->at->addr.family;

	if (!order)
		order = memcmp(a->at->addr.bytes, b->at->addr.bytes, sizeof(a->at->addr.bytes));
	if (!order)
		order = text_order(a->domain, b->domain);
	if (!order)
		order = a < b ? -1 : a > b;
	return order;
}

static bool is_duplicate(const struct lint_addr *first, const struct lint_addr *next)
{
	if (!prefix_same_host(&first->at->addr, &next->at->addr) ||
	    text_order(first->domain, next->domain))
		return false;
	/* Link-local addresses are only of their link: only its two ends must differ. */
	return !addr_is_link_local(&next->at->addr) ||
	       (next->veth && first->veth == next->veth);
}

static void check_duplicate(struct lint *lint)
{
	struct lint_addr **sorted = lint_array(lint, lint->n_addrs, sizeof(struct lint_addr *));
	size_t n = 0;

	if (!sorted)
		return;
	for (size_t i = 0; i < lint->n_addrs; i++)
		if (lint->addrs[i].at->addr.family)
			sorted[n++] = &lint->addrs[i];
	if (n)
		qsort(sorted, n, sizeof(struct lint_addr *), host_cmp);
	for (size_t i = 1, first = 0; i < n; i++) {
		struct lint_addr *addr = sorted[i];

		if (!is_duplicate(sorted[first], addr)) {
			first = i;
			continue;
		}
		addr->is_duplicate = true;
		lint_found(lint, &addr->mark, addr->path,
		           "an address belongs to one interface of the site",
		           "%s of %s: %s is the address of %s of %s already%s", addr->ifname,
		           addr->node->name, lint_host(lint, &addr->at->addr),
		           sorted[first]->ifname, sorted[first]->node->name,
		           lint_at(lint, &sorted[first]->mark));
	}
}

const struct lint_rule lint_addr_rules[] = {
	{ "addr-syntax", HBR_LEVEL_ERROR, "Every address of an interface can be read.",
	  check_syntax },
	{ "addr-no-length", HBR_LEVEL_ERROR,
	  "Addresses of veth ends and uplinks are written with their prefix length.",
	  check_no_length },
	{ "addr-not-unicast", HBR_LEVEL_ERROR,
	  "Interfaces have unicast addresses: no loopback, multicast or reserved ones.",
	  check_unicast },
	{ "addr-is-network", HBR_LEVEL_ERROR,
	  "No interface has the first address of its subnet (IPv6: subnet-router anycast).",
	  check_network },
	{ "addr-is-broadcast", HBR_LEVEL_ERROR,
	  "No interface has the last address of its IPv4 subnet.", check_broadcast },
	{ "addr-duplicate", HBR_LEVEL_ERROR,
	  "No address is on two interfaces of the site, across nodes.", check_duplicate },
	{ .code = NULL },
};
