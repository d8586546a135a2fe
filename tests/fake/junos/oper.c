/* SPDX-License-Identifier: Apache-2.0 */
/* Operational questions: BGP, routes, licences, the system. A real FRR knows, or nothing is up. */
#include "junosd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ROUTING "xmlns=\"http://xml.juniper.net/junos/24.4R1/junos-routing\""

/* What FRR's summary of a family says of a neighbor: "Established" and a count, or its state. */
static bool peer_state(const char *summary, const char *address, char *state, size_t size,
                       unsigned *received)
{
	const char *at = summary;
	size_t n = strlen(address);

	for (; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		char column[40];

		/* Neighbor V AS MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd */
		if (strncmp(at, address, n) || at[n] != ' ')
			continue;
		if (sscanf(at, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %39s", column) != 1)
			return false;
		*received = isdigit((unsigned char)*column) ? (unsigned)atoi(column) : 0;
		snprintf(state, size, "%s",
		         isdigit((unsigned char)*column) ? "Established" : column);
		return true;
	}
	return false;
}

static void put_peer(const struct store *store, const struct stmt *all,
                     const struct stmt *group, const struct stmt *peer,
                     const struct text summaries[2], struct text *out)
{
	const char *address = stmt_value(peer);
	bool is_v6 = strchr(address, ':') != NULL;
	const struct stmt *as = stmt_next(peer, "peer-as", NULL);
	char state[40] = "Active";
	unsigned received = 0;

	if (!as)
		as = stmt_next(group, "peer-as", NULL);
	if (!as)
		as = stmt_next(stmt_child(all, "routing-options"), "autonomous-system", NULL);
	if (!store_licensed(store))
		snprintf(state, sizeof(state), "Idle");
	else if (summaries[is_v6].data)
		peer_state(summaries[is_v6].data, address, state, sizeof(state), &received);
	text_add(out, "<bgp-peer><peer-address>%s%s</peer-address><peer-as>%s</peer-as>",
	         address, strcmp(state, "Established") ? "" : "+179",
	         as ? stmt_value(as) : "0");
	text_add(out,
	         "<flap-count>0</flap-count><peer-state>%s</peer-state><last-error>None</"
	         "last-error>",
	         state);
	if (!strcmp(state, "Established"))
		text_add(out,
		         "<bgp-rib><name>%s</name><active-prefix-count>%u</active-prefix-count>"
		         "<received-prefix-count>%u</received-prefix-count>"
		         "<accepted-prefix-count>%u</accepted-prefix-count></bgp-rib>",
		         is_v6 ? "inet6.0" : "inet.0", received, received, received);
	text_add(out, "</bgp-peer>");
}

static void put_bgp(const struct store *store, struct text *out)
{
	struct stmt *running = store_running(store);
	struct stmt *all = config_effective(running);
	const struct stmt *bgp = stmt_child(stmt_child(all, "protocols"), "bgp");
	struct text summaries[2] = { { 0 }, { 0 } };

	if (frr_present()) {
		frr_show("show bgp ipv4 unicast summary wide", &summaries[0]);
		frr_show("show bgp ipv6 unicast summary wide", &summaries[1]);
	}
	text_add(out, "<bgp-information " ROUTING ">\n");
	for (const struct stmt *group = NULL; (group = stmt_next(bgp, "group", group));)
		for (const struct stmt *peer = NULL;
		     (peer = stmt_next(group, "neighbor", peer));)
			put_peer(store, all, group, peer, summaries, out);
	text_add(out, "</bgp-information>");
	text_free(&summaries[0]);
	text_free(&summaries[1]);
	stmt_free(all);
	stmt_free(running);
}

static const char *protocol_of(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {
		{ 'B', "BGP" }, { 'C', "Direct" }, { 'S', "Static" }, { 'K', "Access-internal" }
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].letter == letter)
			return names[i].name;
	return "Unknown";
}

/* "B>* 10.1.2.0/30 [200/0] via 192.168.1.102, ens4, weight 1, 00:00:09" */
static void put_route(const char *line, size_t n, struct text *out)
{
	char text[256], prefix[80], via[80] = "";
	const char *at;

	if (n >= sizeof(text) || !isupper((unsigned char)*line))
		return;
	snprintf(text, sizeof(text), "%.*s", (int)n, line);
	if (sscanf(text + 1, "%*[>* rqobtf] %79s", prefix) != 1 &&
	    sscanf(text + 3, " %79s", prefix) != 1)
		return;
	if (!strchr(prefix, '/'))
		return;
	at = strstr(text, " via ");
	if (at)
		sscanf(at, " via %79[^, ]", via);
	text_add(out,
	         "<rt><rt-destination>%s</rt-destination><rt-entry><active-tag>%c</active-tag>",
	         prefix, text[1] == '>' ? '*' : ' ');
	text_add(out, "<protocol-name>%s</protocol-name><nh>", protocol_of(*text));
	if (*via)
		text_add(out, "<to>%s</to>", via);
	text_add(out, "</nh></rt-entry></rt>\n");
}

static void put_routes(const char *question, struct text *out)
{
	bool is_v6 = strstr(question, "inet6.0") != NULL;
	struct text routes = { 0 };

	if (frr_present())
		frr_show(is_v6 ? "show ipv6 route" : "show ip route", &routes);
	text_add(out,
	         "<route-information " ROUTING "><route-table><table-name>%s</table-name>\n",
	         is_v6 ? "inet6.0" : "inet.0");
	for (const char *at = routes.data; at && *at;
	     at += strcspn(at, "\n"), at += *at == '\n')
		put_route(at, strcspn(at, "\n"), out);
	text_add(out, "</route-table></route-information>");
	text_free(&routes);
}

static void put_licence(const struct store *store, struct text *out)
{
	bool licensed = store_licensed(store);

	text_add(out,
	         "<license-summary-information><license-usage-summary><feature-summary>"
	         "<name>containerized-rpd-standard</name><licensed>%d</"
	         "licensed><used-licensed>1</used-licensed>"
	         "<needed>%d</needed></feature-summary></license-usage-summary></"
	         "license-summary-information>",
	         licensed, !licensed);
}

bool oper_answer(const struct store *store, const char *question, struct text *out)
{
	if (strstr(question, "<get-bgp-summary-information") ||
	    strstr(question, "<get-bgp-neighbor-information"))
		put_bgp(store, out);
	else if (strstr(question, "<get-route-information"))
		put_routes(question, out);
	else if (strstr(question, "<get-license-summary-information"))
		put_licence(store, out);
	else if (strstr(question, "<get-software-information"))
		text_add(out, "<software-information><host-name>double</"
		              "host-name><product-model>cRPD</product-model>"
		              "<junos-version>24.4R1.9</junos-version></software-information>");
	else if (strstr(question, "<get-system-information"))
		text_add(out, "<system-information><hardware-model>cRPD</"
		              "hardware-model><os-name>cRPD</os-name>"
		              "<os-version>24.4R1.9</os-version></system-information>");
	else
		return false;
	return true;
}
