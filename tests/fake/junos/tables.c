/* SPDX-License-Identifier: Apache-2.0 */
/* Routes and interfaces, as operational questions ask for them. */
#include "junosd.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define ROUTING "xmlns=\"http://xml.juniper.net/junos/24.4R1/junos-routing\""
#define INTERFACES "xmlns=\"http://xml.juniper.net/junos/24.4R1/junos-interface\""

static const char *protocol_of(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = { { 'B', "BGP" },
		      { 'C', "Direct" },
		      { 'L', "Local" },
		      { 'S', "Static" },
		      { 'K', "Access-internal" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].letter == letter)
			return names[i].name;
	return "Unknown";
}

/* " via 192.168.1.102, ens4," or " is directly connected, ens4,", within a line. */
static void put_next_hop(const char *line, struct text *out)
{
	const char *via = strstr(line, " via "), *device = strstr(line, "directly connected, ");
	char address[64] = "", interface[32] = "";

	if (via)
		sscanf(via, " via %63[^, ], %31[^, \n]", address, interface);
	else if (device)
		sscanf(device, "directly connected, %31[^, \n]", interface);
	else
		return;
	text_add(out, "<nh>\n<selected-next-hop/>\n");
	if (*address)
		text_add(out, "<to>%s</to>\n", address);
	text_add(out, "<%s>%s</%s>\n</nh>\n", via ? "via" : "nh-local-interface", interface,
	         via ? "via" : "nh-local-interface");
}

/*
 * FRR: "B>* 10.1.2.0/30 [200/0] via 192.168.1.102, ens4, weight 1, 00:00:09", more next hops
 * below.
 */
static void put_routes(const char *routes, struct text *out)
{
	bool is_open = false;

	for (const char *at = routes; at && *at;) {
		size_t n = strcspn(at, "\n");
		char line[256], prefix[80];
		unsigned preference = 0;

		snprintf(line, sizeof(line), "%.*s", (int)n, at);
		at += n + (at[n] == '\n');
		if (isupper((unsigned char)*line) && n > 4 &&
		    sscanf(line + 3, " %79[0-9a-fA-F:./]", prefix) == 1 &&
		    strchr(prefix, '/')) {
			const char *bracket = strchr(line, '[');

			if (is_open)
				text_add(out, "</rt-entry>\n</rt>\n");
			if (bracket)
				preference = (unsigned)atoi(bracket + 1);
			text_add(out,
			         "<rt "
			         "junos:style=\"brief\">\n<rt-destination>%s</rt-destination>\n"
			         "<rt-entry>\n<active-tag>%c</active-tag>\n",
			         prefix, line[1] == '>' ? '*' : ' ');
			if (line[1] == '>')
				text_add(out, "<current-active/>\n");
			text_add(out,
			         "<protocol-name>%s</protocol-name>\n<preference>%u"
			         "</preference>\n",
			         protocol_of(*line), preference);
			is_open = true;
		}
		if (is_open && (isupper((unsigned char)*line) || *line == ' '))
			put_next_hop(line, out);
	}
	if (is_open)
		text_add(out, "</rt-entry>\n</rt>\n");
}

static void put_table(const struct store *store, const char *name, const char *command,
                      struct text *out)
{
	struct text routes = { 0 };

	if (frr_is_ours(store))
		frr_show(command, &routes);
	text_add(out, "<route-table>\n<table-name>%s</table-name>\n", name);
	put_routes(routes.data, out);
	text_add(out, "</route-table>\n");
	text_free(&routes);
}

void routes_put(const struct store *store, const struct xml *asked, struct text *out)
{
	const char *table = xml_text(asked, "table");

	text_add(out, "<route-information " ROUTING ">\n");
	if (!*table || !strcmp(table, "inet.0"))
		put_table(store, "inet.0", "show ip route", out);
	if (!*table || !strcmp(table, "inet6.0"))
		put_table(store, "inet6.0", "show ipv6 route", out);
	text_add(out, "</route-information>");
}

static void put_addresses(const struct ifaddrs *list, const char *name, int family,
                          struct text *out)
{
	bool is_first = true;

	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		const void *address =
		        (const char *)at->ifa_addr +
		        (family == AF_INET ? offsetof(struct sockaddr_in, sin_addr)
		                           : offsetof(struct sockaddr_in6, sin6_addr));
		char host[INET6_ADDRSTRLEN];

		if (strcmp(at->ifa_name, name) || !at->ifa_addr ||
		    at->ifa_addr->sa_family != family ||
		    !inet_ntop(family, address, host, sizeof(host)))
			continue;
		if (is_first)
			text_add(out,
			         "<address-family>\n<address-family-name>%s"
			         "</address-family-name>\n",
			         family == AF_INET ? "inet" : "inet6");
		is_first = false;
		text_add(out,
		         "<interface-address>\n<ifa-local>%s</ifa-local>\n"
		         "</interface-address>\n",
		         host);
	}
	if (!is_first)
		text_add(out, "</address-family>\n");
}

void interfaces_put(const struct store *store, const struct xml *asked, struct text *out)
{
	struct if_nameindex *names = if_nameindex();
	struct ifaddrs *list = NULL;

	(void)store;
	(void)asked;
	text_add(out, "<interface-information " INTERFACES " junos:style=\"terse\">\n");
	if (getifaddrs(&list) < 0)
		list = NULL;
	for (const struct if_nameindex *at = names; at && at->if_index; at++) {
		text_add(out,
		         "<logical-interface>\n<name>%s</name>\n<admin-status>up</"
		         "admin-status>\n"
		         "<oper-status>up</oper-status>\n",
		         at->if_name);
		put_addresses(list, at->if_name, AF_INET, out);
		put_addresses(list, at->if_name, AF_INET6, out);
		text_add(out, "</logical-interface>\n");
	}
	text_add(out, "</interface-information>");
	freeifaddrs(list);
	if_freenameindex(names);
}
