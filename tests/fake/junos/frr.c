/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as FRR 8.4 understands it: what BGP groups and their policies say, as lines
 * of which each knows its context. VRFs and tunnels are not translated.
 */
#include "junosd.h"

#include <stdlib.h>
#include <string.h>

/* Contexts are statements, their lines children. */
static struct stmt *context(struct stmt *frr, const char *line)
{
	struct stmt *found = stmt_child(frr, line);

	return found ? found : stmt_add(frr, stmt_new(line, strlen(line)));
}

__attribute__((format(printf, 3, 4))) static void say(struct stmt *frr, const char *where,
                                                      const char *format, ...)
{
	struct stmt *parent = context(frr, where);
	__builtin_va_list args;
	char line[256];

	__builtin_va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	__builtin_va_end(args);
	if (!stmt_child(parent, line))
		stmt_add(parent, stmt_new(line, strlen(line)));
}

struct work {
	struct stmt *frr;
	const struct stmt *all, *group;
	char bgp[32], family[64]; /* contexts */
	bool is_v6;
};

static void put_prefix_list(struct work *work, const char *name, bool exact)
{
	const struct stmt *list = NULL;
	char wanted[96];
	unsigned seq = 5;

	snprintf(wanted, sizeof(wanted), "prefix-list %s", name);
	list = stmt_child(stmt_child(work->all, "policy-options"), wanted);
	for (const struct stmt *at = list ? list->first : NULL; at; at = at->next, seq += 5)
		say(work->frr, "", "%s prefix-list %s-%s seq %u permit %s%s",
		    work->is_v6 ? "ipv6" : "ip", name, exact ? "exact" : "orlonger", seq,
		    at->line,
		    exact         ? ""
		    : work->is_v6 ? " le 128"
		                  : " le 32");
}

struct term {
	const struct stmt *from, *then;
	char list[80], how[32]; /* of its prefix-list-filter */
};

/* Terms of the other family, and those that accept nothing, are not for this neighbor. */
static bool read_term(const struct work *work, const struct stmt *stmt, struct term *out)
{
	const struct stmt *filter;

	*out = (struct term){ .from = stmt_child(stmt, "from"),
		              .then = stmt_child(stmt, "then") };
	filter = stmt_next(out->from, "prefix-list-filter", NULL);
	return stmt_child(out->from, work->is_v6 ? "family inet6" : "family inet") && filter &&
	       stmt_child(out->then, "accept") &&
	       sscanf(stmt_value(filter), "%79s %31s", out->list, out->how) == 2;
}

/* What Junos finds among its direct routes is a network here. */
static void put_networks(struct work *work, const char *name)
{
	const struct stmt *policies = stmt_child(work->all, "policy-options");
	char wanted[96];

	snprintf(wanted, sizeof(wanted), "prefix-list %s", name);
	const struct stmt *list = stmt_child(policies, wanted);
	for (const struct stmt *at = list ? list->first : NULL; at; at = at->next)
		say(work->frr, work->family, "network %s", at->line);
}

static void put_export(struct work *work, const char *where, const struct term *term,
                       const char *local)
{
	const struct stmt *from = stmt_next(term->from, "neighbor", NULL);
	bool is_direct = stmt_child(term->from, "protocol direct") != NULL;
	bool is_self = stmt_at(term->then, "next-hop", "self", NULL) != NULL;

	if (is_direct)
		put_networks(work, term->list);
	/* Going out, FRR has forgotten whom a route is from; his next hop tells. */
	if (from)
		say(work->frr, where, "match %s next-hop address %s",
		    work->is_v6 ? "ipv6" : "ip", stmt_value(from));
	if (!*local)
		return;
	/* FRR 8.4 announces own IPv6 networks with a mapped next hop, unless it is told one. */
	if (work->is_v6 && (is_self || is_direct))
		say(work->frr, where, "set ipv6 next-hop global %s", local);
	else if (is_self)
		say(work->frr, where, "set ip next-hop %s", local);
}

static void put_policy(struct work *work, const char *statement, const char *direction,
                       const char *peer, const char *local)
{
	const struct stmt *reference = stmt_next(work->group, statement, NULL);
	const char *family = work->is_v6 ? "ipv6" : "ip";
	char wanted[96], map[128], where[160];
	unsigned seq = 10;
	struct term term;

	if (!reference)
		return;
	snprintf(wanted, sizeof(wanted), "policy-statement %s", stmt_value(reference));
	snprintf(map, sizeof(map), "%s-%s", stmt_value(work->group), direction);
	const struct stmt *policy = stmt_at(work->all, "policy-options", wanted, NULL);
	for (const struct stmt *at = NULL; (at = stmt_next(policy, "term", at)); seq += 10) {
		if (!read_term(work, at, &term))
			continue;
		put_prefix_list(work, term.list, !strcmp(term.how, "exact"));
		snprintf(where, sizeof(where), "route-map %s permit %u", map, seq);
		say(work->frr, where, "match %s address prefix-list %s-%s", family, term.list,
		    term.how);
		if (!strcmp(direction, "out"))
			put_export(work, where, &term, local);
		else if (work->is_v6)
			/* FRR 8.4 prefers link-local next hops, which go when a link flaps. */
			say(work->frr, where, "set ipv6 next-hop prefer-global");
	}
	snprintf(where, sizeof(where), "route-map %s permit %u", map, seq);
	if (stmt_at(policy, "then", "accept", NULL))
		context(work->frr, where);
	say(work->frr, work->family, "neighbor %s route-map %s %s", peer, map, direction);
}

/* What parse.c made unreadable. */
static void put_key(struct work *work, const struct stmt *peer)
{
	const struct stmt *key = stmt_next(peer, "authentication-key", NULL);
	const char *hex =
	        stmt_value(key ? key : stmt_next(work->group, "authentication-key", NULL));
	char clear[128] = "";
	unsigned byte;

	if (strncmp(hex, "\"$9$", 4))
		return;
	hex += 4;
	for (size_t n = 0; n + 1 < sizeof(clear) && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		clear[n++] = (char)(byte ^ 0x2a);
	say(work->frr, work->bgp, "neighbor %s password %s", stmt_value(peer), clear);
}

static void put_peer(struct work *work, const struct stmt *peer, const char *asn, bool licensed)
{
	const struct stmt *as = stmt_next(peer, "peer-as", NULL);
	const struct stmt *local = stmt_next(work->group, "local-address", NULL);
	const struct stmt *port = stmt_next(work->group, "tcp-connect-port", NULL);
	const struct stmt *hold = stmt_next(work->group, "hold-time", NULL);
	const char *address = stmt_value(peer);

	if (!as)
		as = stmt_next(work->group, "peer-as", NULL);
	work->is_v6 = strchr(address, ':') != NULL;
	snprintf(work->family, sizeof(work->family), "%s|address-family %s unicast", work->bgp,
	         work->is_v6 ? "ipv6" : "ipv4");
	say(work->frr, work->bgp, "neighbor %s remote-as %s", address,
	    as ? stmt_value(as) : asn);
	if (local)
		say(work->frr, work->bgp, "neighbor %s update-source %s", address,
		    stmt_value(local));
	if (port)
		say(work->frr, work->bgp, "neighbor %s port %s", address, stmt_value(port));
	put_key(work, peer);
	if (hold)
		say(work->frr, work->bgp, "neighbor %s timers %d %d", address,
		    atoi(stmt_value(hold)) / 3, atoi(stmt_value(hold)));
	if (stmt_child(work->group, "passive"))
		say(work->frr, work->bgp, "neighbor %s passive", address);
	say(work->frr, work->bgp, "neighbor %s timers connect 1", address);
	/* Without a licence Junos keeps its sessions idle. */
	if (!licensed)
		say(work->frr, work->bgp, "neighbor %s shutdown", address);
	say(work->frr, work->family, "neighbor %s activate", address);
	if (stmt_next(work->group, "cluster", NULL))
		say(work->frr, work->family, "neighbor %s route-reflector-client", address);
	if (stmt_child(work->group, "as-override"))
		say(work->frr, work->family, "neighbor %s as-override", address);
	put_policy(work, "import", "in", address, local ? stmt_value(local) : "");
	put_policy(work, "export", "out", address, local ? stmt_value(local) : "");
}

struct stmt *frr_translate(const struct stmt *root, bool licensed)
{
	struct stmt *all = config_effective(root);
	const struct stmt *options = stmt_child(all, "routing-options");
	const char *as = config_asn(all);
	const struct stmt *id = stmt_next(options, "router-id", NULL);
	const struct stmt *bgp = stmt_child(stmt_child(all, "protocols"), "bgp");
	struct work work = { .frr = stmt_new("", 0), .all = all };

	if (*as && bgp) {
		snprintf(work.bgp, sizeof(work.bgp), "router bgp %.20s", as);
		say(work.frr, "", "bgp route-map delay-timer 0");
		if (id)
			say(work.frr, work.bgp, "bgp router-id %s", stmt_value(id));
		say(work.frr, work.bgp, "no bgp ebgp-requires-policy");
		say(work.frr, work.bgp, "no bgp default ipv4-unicast");
		/* Junos' policies say what a reflector does to next hops. */
		say(work.frr, work.bgp, "bgp route-reflector allow-outbound-policy");
		say(work.frr, work.bgp, "no bgp network import-check");
		say(work.frr, work.bgp, "coalesce-time 100");
		for (int v6 = 0; v6 < 2; v6++) {
			snprintf(work.family, sizeof(work.family),
			         "%s|address-family ipv%d unicast", work.bgp, v6 ? 6 : 4);
			say(work.frr, work.family, "maximum-paths 64");
			say(work.frr, work.family, "maximum-paths ibgp 64");
		}
	}
	while (*as && (work.group = stmt_next(bgp, "group", work.group))) {
		for (const struct stmt *peer = NULL;
		     (peer = stmt_next(work.group, "neighbor", peer));)
			put_peer(&work, peer, as, licensed);
	}
	stmt_free(all);
	return work.frr;
}
