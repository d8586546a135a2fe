/* SPDX-License-Identifier: Apache-2.0 */
/* Operational replies of Junos as the records that every engine gives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"
#include "hbr/topology.h"
#include "port/crpd.h"

static const struct {
	const char *rib; /* its name, or what follows the instance's "NAME." */
	const char *nlri;
	uint32_t family;
} families[] = {
	{ "inet.0", "inet-unicast", HBR_FAMILY_IPV4 },
	{ "inet6.0", "inet6-unicast", HBR_FAMILY_IPV6 },
	{ "bgp.evpn.0", "evpn", HBR_FAMILY_EVPN },
	{ "bgp.l3vpn.0", "inet-vpn-unicast", HBR_FAMILY_VPNV4 },
	{ "bgp.l3vpn-inet6.0", "inet6-vpn-unicast", HBR_FAMILY_VPNV6 },
};

static bool is_rib(const char *name, const char *rib)
{
	size_t n = strlen(name), end = strlen(rib);

	return n >= end && strcmp(name + n - end, rib) == 0 &&
	       (n == end || name[n - end - 1] == '.');
}

/* "1.2.3.4+179" is an address and a port; "2001:db8::1" has no port to lose. */
static bool parse_peer(const char *text, hbr_addr *out)
{
	char host[PREFIX_TEXT];
	size_t n = strcspn(text, "+");
	bool has_length;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return prefix_parse(host, out, &has_length) == 0 && !has_length;
}

static bool is_up(const char *state)
{
	return strncmp(state, "Establ", strlen("Establ")) == 0;
}

static uint32_t number_of(const struct xml_node *node, const char *path)
{
	return (uint32_t)strtoul(xml_text(node, path), NULL, 10);
}

static void add_ribs(const struct xml_node *peer, hbr_session *session)
{
	const struct xml_node *rib = xml_child(peer, "bgp-rib");

	for (; rib; rib = xml_next(rib)) {
		const char *name = xml_text(rib, "name");
		const char *accepted = xml_text(rib, "accepted-prefix-count");

		session->received += *accepted ? (uint32_t)strtoul(accepted, NULL, 10)
		                               : number_of(rib, "received-prefix-count");
		for (size_t i = 0; i < hbr_count(families); i++) {
			if (is_rib(name, families[i].rib))
				session->families |= families[i].family;
		}
	}
}

/* "inet-unicast inet6-unicast": for releases whose summary has no tables. */
static void add_nlri(const struct xml_node *peer, hbr_session *session)
{
	const char *word = xml_text(peer, "nlri-type-session");
	size_t n;

	for (; *word; word += n) {
		word += strspn(word, " \t\r\n");
		n = strcspn(word, " \t\r\n");
		for (size_t i = 0; i < hbr_count(families); i++) {
			if (n == strlen(families[i].nlri) &&
			    strncmp(word, families[i].nlri, n) == 0)
				session->families |= families[i].family;
		}
	}
}

/* The first bgp-peer of a reply: Junos puts them below bgp-information. */
static const struct xml_node *peers_of(const struct xml_node *reply)
{
	const struct xml_node *information = xml_child(reply, "bgp-information");

	return xml_child(information ? information : reply, "bgp-peer");
}

static const struct xml_node *same_peer(const struct xml_node *neighbors,
                                        const hbr_addr *remote)
{
	const struct xml_node *peer = peers_of(neighbors);
	hbr_addr addr;

	while (peer && (!parse_peer(xml_text(peer, "peer-address"), &addr) ||
	                !prefix_same_host(&addr, remote)))
		peer = xml_next(peer);
	return peer;
}

static void explain(const struct xml_node *peer, const char *licence, hbr_session *session)
{
	const char *error = xml_text(peer, "last-error");
	const char *event = xml_text(peer, "last-flap-event");

	if (*licence && strcmp(session->state, "Idle") == 0)
		snprintf(session->reason, sizeof(session->reason), "%s", licence);
	else if (*error && strcmp(error, "None") != 0)
		snprintf(session->reason, sizeof(session->reason), "%s", error);
	else if (*event)
		snprintf(session->reason, sizeof(session->reason), "%s", event);
}

int crpd_read_sessions(const struct xml_node *summary, const struct xml_node *neighbors,
                       const char *licence, int (*put)(void *user, const hbr_session *session),
                       void *user, hbr_error **err)
{
	for (const struct xml_node *peer = peers_of(summary); peer; peer = xml_next(peer)) {
		hbr_session session = { .remote_asn = number_of(peer, "peer-as") };
		const char *state = xml_text(peer, "peer-state");
		int rc;

		if (!parse_peer(xml_text(peer, "peer-address"), &session.remote))
			return hbr_fail(err, HBR_EROUTER, NULL,
			                "the router names a neighbor \"%.60s\"",
			                xml_text(peer, "peer-address"));
		session.up = is_up(state);
		snprintf(session.state, sizeof(session.state), "%s",
		         session.up ? "Established" : state);
		if (session.up)
			add_ribs(peer, &session);
		if (session.up && !session.families)
			add_nlri(same_peer(neighbors, &session.remote), &session);
		if (!session.up)
			explain(same_peer(neighbors, &session.remote), licence, &session);
		rc = put(user, &session);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* "10.0.0.0/8"; where much is told of each, the length stands by itself. */
static bool read_prefix(const struct xml_node *rt, hbr_addr *out)
{
	const char *length = xml_text(rt, "rt-prefix-length");
	char text[PREFIX_TEXT];
	bool has_length;

	snprintf(text, sizeof(text), "%.46s%s%.3s", xml_text(rt, "rt-destination"),
	         *length ? "/" : "", length);
	return prefix_parse(text, out, &has_length) == 0;
}

/* The words of the other engines, where they differ. */
static void put_protocol(const char *word, char *out, size_t size)
{
	if (strcmp(word, "Direct") == 0)
		word = "connected";
	for (; *word && size > 1; word++, size--)
		*out++ = (char)(*word >= 'A' && *word <= 'Z' ? *word | 0x20 : *word);
}

static int put_route(const struct xml_node *rt, const struct xml_node *entry,
                     int (*put)(void *user, const hbr_rib_route *route), void *user,
                     hbr_error **err)
{
	const char *via = xml_text(entry, "nh/to");
	const char *tag = xml_text(entry, "active-tag");
	hbr_rib_route route = { 0 };
	bool has_length;

	if (!read_prefix(rt, &route.prefix))
		return hbr_fail(err, HBR_EROUTER, NULL, "the router names a route \"%.60s\"",
		                xml_text(rt, "rt-destination"));
	if (*via && prefix_parse(via, &route.via, &has_length) < 0)
		route.via = (hbr_addr){ 0 };
	/* '*' both, '@' for routing only, '#' for forwarding only. */
	route.selected =
	        *tag == '*' || *tag == '@' || (!*tag && xml_child(entry, "current-active"));
	route.installed = *tag == '#' || (route.selected && *tag != '@');
	put_protocol(xml_text(entry, "protocol-name"), route.protocol, sizeof(route.protocol));
	return put(user, &route);
}

/* Hidden routes were refused by a policy, or have no next hop: they are no routes. */
static bool is_hidden(const struct xml_node *entry)
{
	return xml_child(entry, "hidden") ||
	       strstr(xml_text(entry, "nh-type"), "Unusable") != NULL;
}

int crpd_read_routes(const struct xml_node *reply, int family,
                     int (*put)(void *user, const hbr_rib_route *route), void *user,
                     hbr_error **err)
{
	const char *name = family == 4 ? "inet.0" : "inet6.0";
	const struct xml_node *information = xml_child(reply, "route-information");
	const struct xml_node *table =
	        xml_child(information ? information : reply, "route-table");

	for (; table; table = xml_next(table)) {
		if (strcmp(xml_text(table, "table-name"), name) != 0)
			continue;
		for (const struct xml_node *rt = xml_child(table, "rt"); rt;
		     rt = xml_next(rt)) {
			const struct xml_node *entry = xml_child(rt, "rt-entry");

			for (; entry; entry = xml_next(entry)) {
				int rc = is_hidden(entry)
				                 ? 0
				                 : put_route(rt, entry, put, user, err);
				if (rc < 0)
					return rc;
			}
		}
	}
	return 0;
}

void crpd_read_licence(const struct xml_node *reply, char *out, size_t size)
{
	const struct xml_node *information = xml_child(reply, "license-summary-information");
	const struct xml_node *summary =
	        xml_child(information ? information : reply, "license-usage-summary");
	const struct xml_node *feature = xml_child(summary, "feature-summary");

	*out = '\0';
	if (summary && !feature)
		snprintf(out, size, "no licence is installed: BGP stays idle");
	for (; feature; feature = xml_next(feature)) {
		if (number_of(feature, "needed") == 0)
			continue;
		snprintf(out, size, "no valid licence for \"%.40s\": BGP stays idle",
		         xml_text(feature, "name"));
		return;
	}
}
