/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of what an interface takes along besides addresses and routes: rules, neighbours. */
#include "resource/tables.h"

#include <net/if.h>
#include <stddef.h>
#include <string.h>

#include "base/prefix.h"

#define RULE(member) offsetof(hbr_rule, member)
#define NEIGH(member) offsetof(hbr_neigh, member)

static const uint16_t rule_numbers[] = {
	RULE(family), RULE(priority), RULE(table),   RULE(action), RULE(mark),
	RULE(mask),   RULE(tos),      RULE(ipproto), RULE(invert), RULE(suppress),
};

static int name_cmp(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int addr_cmp(const hbr_addr *a, const hbr_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return a->family ? prefix_cmp(a, b) : 0;
}

static int rule_cmp(const void *a, const void *b)
{
	const hbr_rule *left = a, *right = b;
	int rc;

	for (size_t i = 0; i < hbr_count(rule_numbers); i++) {
		uint32_t x, y;

		memcpy(&x, (const char *)a + rule_numbers[i], sizeof(x));
		memcpy(&y, (const char *)b + rule_numbers[i], sizeof(y));
		if (x != y)
			return x < y ? -1 : 1;
	}
	rc = addr_cmp(&left->from, &right->from);
	if (rc == 0)
		rc = addr_cmp(&left->to, &right->to);
	if (rc == 0)
		rc = name_cmp(left->iif, right->iif);
	return rc ? rc : name_cmp(left->oif, right->oif);
}

static void put_addr(const char *word, const hbr_addr *addr, struct buf *out)
{
	char text[PREFIX_TEXT];

	if (addr->family)
		buf_printf(out, ",%s=%s", word, prefix_format(addr, text));
}

static void rule_key(const void *body, struct buf *out)
{
	const hbr_rule *rule = body;

	buf_printf(out, "ipv%u,priority=%u", rule->family, rule->priority);
	put_addr("from", &rule->from, out);
	put_addr("to", &rule->to, out);
	if (rule->iif)
		buf_printf(out, ",iif=%s", rule->iif);
	if (rule->oif)
		buf_printf(out, ",oif=%s", rule->oif);
	if (rule->mark || rule->mask)
		buf_printf(out, ",mark=%#x/%#x", rule->mark, rule->mask);
	if (rule->ipproto)
		buf_printf(out, ",ipproto=%u", rule->ipproto);
	if (rule->table)
		buf_printf(out, ",table=%u", rule->table);
}

static const struct attr rule_attrs[] = {
	{ "family", ATTR_U32, ATTR_GIVEN, RULE(family), 1, .quiet = true },
	{ "priority", ATTR_U32, ATTR_GIVEN, RULE(priority), 2, .quiet = true },
	{ "table", ATTR_U32, ATTR_GIVEN, RULE(table), 3, .quiet = true },
	{ "action", ATTR_U32, ATTR_GIVEN, RULE(action), 4, .quiet = true },
	{ "mark", ATTR_U32, ATTR_GIVEN, RULE(mark), 5, .quiet = true },
	{ "mask", ATTR_U32, ATTR_GIVEN, RULE(mask), 6, .quiet = true },
	{ "tos", ATTR_U32, ATTR_GIVEN, RULE(tos), 7, .quiet = true },
	{ "ipproto", ATTR_U32, ATTR_GIVEN, RULE(ipproto), 8, .quiet = true },
	{ "invert", ATTR_BOOL, ATTR_GIVEN, RULE(invert), 9, .quiet = true },
	{ "suppress", ATTR_U32, ATTR_GIVEN, RULE(suppress), 10, .quiet = true },
	{ "protocol", ATTR_U32, ATTR_GIVEN, RULE(protocol), 11, .quiet = true },
	{ "from", ATTR_ADDR, ATTR_GIVEN, RULE(from), 12, .quiet = true },
	{ "to", ATTR_ADDR, ATTR_GIVEN, RULE(to), 13, .quiet = true },
	{ "iif", ATTR_STR, ATTR_GIVEN, RULE(iif), 14, .quiet = true },
	{ "oif", ATTR_STR, ATTR_GIVEN, RULE(oif), 15, .quiet = true },
	{ "partial", ATTR_BOOL, ATTR_SEEN, RULE(partial), 16 },
};

const struct kind kind_rule = {
	.name = "rule",
	.body = sizeof(hbr_rule),
	.attrs = rule_attrs,
	.n_attrs = hbr_count(rule_attrs),
	.planned = true,
	.in_netns = true,
	.unnamed = true,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
	.cmp = rule_cmp,
	.key = rule_key,
};

static int neigh_cmp(const void *a, const void *b)
{
	return prefix_cmp(&((const hbr_neigh *)a)->addr, &((const hbr_neigh *)b)->addr);
}

static void neigh_key(const void *body, struct buf *out)
{
	char text[PREFIX_TEXT];

	buf_putc(out, '/');
	buf_puts(out, prefix_format_host(&((const hbr_neigh *)body)->addr, text));
}

static const struct attr neigh_attrs[] = {
	{ "addr", ATTR_ADDR, ATTR_IDENTITY, NEIGH(addr), 1, .quiet = true },
	{ "mac", ATTR_MAC, ATTR_LIVE, NEIGH(mac), 2, 0, HBR_GRADE_HARMLESS },
	{ "flags", ATTR_U32, ATTR_GIVEN, NEIGH(flags), 3, .quiet = true },
	{ "protocol", ATTR_U32, ATTR_GIVEN, NEIGH(protocol), 4, .quiet = true },
};

const struct kind kind_neigh = {
	.name = "neigh",
	.body = sizeof(hbr_neigh),
	.attrs = neigh_attrs,
	.n_attrs = hbr_count(neigh_attrs),
	.planned = true,
	.in_netns = true,
	.name_max = IFNAMSIZ - 1,
	.stage = HBR_STAGE_LINKS,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
	.cmp = neigh_cmp,
	.key = neigh_key,
};
