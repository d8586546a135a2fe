/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as FRR 8.4 understands it: what BGP groups and their policies say, as lines
 * of which each knows its context. VRFs and tunnels are not translated.
 */
#include "junosd.h"

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
	bool is_v6, is_external;
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

/* Own networks are originated; the others are let through. */
static void put_term(struct work *work, const char *map, unsigned seq, const struct stmt *term,
                     bool out, const char *local)
{
	const struct stmt *from = stmt_child(term, "from");
	const struct stmt *filter = stmt_next(from, "prefix-list-filter", NULL);
	bool is_direct = stmt_child(from, "protocol direct") != NULL;
	char name[80], how[32], where[96];

	if (!stmt_child(from, work->is_v6 ? "family inet6" : "family inet") || !filter ||
	    !stmt_child(stmt_child(term, "then"), "accept") ||
	    sscanf(stmt_value(filter), "%79s %31s", name, how) != 2)
		return;
	put_prefix_list(work, name, !strcmp(how, "exact"));
	snprintf(where, sizeof(where), "route-map %s permit %u", map, seq);
	say(work->frr, where, "match %s address prefix-list %s-%s", work->is_v6 ? "ipv6" : "ip",
	    name, how);
	/*
	 * FRR 8.4 otherwise prefers next hops that go when a link flaps, or announces mapped
	 * ones.
	 */
	if (work->is_v6 && !out)
		say(work->frr, where, "set ipv6 next-hop prefer-global");
	if (work->is_v6 && out && *local)
		say(work->frr, where, "set ipv6 next-hop global %s", local);
	if (!is_direct || !out)
		return;
	char listed[96];
	snprintf(listed, sizeof(listed), "prefix-list %s", name);
	const struct stmt *list = stmt_child(stmt_child(work->all, "policy-options"), listed);
	for (const struct stmt *at = list ? list->first : NULL; at; at = at->next)
		say(work->frr, work->family, "network %s", at->line);
}

static void put_policy(struct work *work, const char *statement, const char *direction,
                       const char *peer, const char *local)
{
	const struct stmt *reference = stmt_next(work->group, statement, NULL);
	char wanted[96], map[128];
	unsigned seq = 10;

	if (!reference)
		return;
	snprintf(wanted, sizeof(wanted), "policy-statement %s", stmt_value(reference));
	snprintf(map, sizeof(map), "%s-%s", stmt_value(work->group), direction);
	const struct stmt *policy = stmt_child(stmt_child(work->all, "policy-options"), wanted);
	for (const struct stmt *term = NULL; (term = stmt_next(policy, "term", term));
	     seq += 10)
		put_term(work, map, seq, term, !strcmp(direction, "out"),
		         work->is_external ? "" : local);
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
	say(work->frr, work->bgp, "neighbor %s timers connect 1", address);
	/* Without a licence Junos keeps its sessions idle. */
	if (!licensed)
		say(work->frr, work->bgp, "neighbor %s shutdown", address);
	say(work->frr, work->family, "neighbor %s activate", address);
	say(work->frr, work->family, "neighbor %s next-hop-self", address);
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
		say(work.frr, work.bgp, "no bgp network import-check");
		say(work.frr, work.bgp, "coalesce-time 100");
		say(work.frr, work.bgp, "timers bgp 3 9");
		for (int v6 = 0; v6 < 2; v6++) {
			snprintf(work.family, sizeof(work.family),
			         "%s|address-family ipv%d unicast", work.bgp, v6 ? 6 : 4);
			say(work.frr, work.family, "maximum-paths 64");
			say(work.frr, work.family, "maximum-paths ibgp 64");
		}
	}
	while (*as && (work.group = stmt_next(bgp, "group", work.group))) {
		work.is_external = stmt_child(work.group, "type external") != NULL;
		for (const struct stmt *peer = NULL;
		     (peer = stmt_next(work.group, "neighbor", peer));)
			put_peer(&work, peer, as, licensed);
	}
	stmt_free(all);
	return work.frr;
}
