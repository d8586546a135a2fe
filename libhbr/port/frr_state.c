/* SPDX-License-Identifier: Apache-2.0 */
/* What FRR knows: sessions from bgpd, routes from zebra, both as JSON over their sockets. */
#include "port/frr.h"

#include <string.h>

#include "base/prefix.h"
#include "hbr/topology.h"
#include "text/json.h"

#define SESSIONS_MAX 100000

typedef VEC(hbr_session) session_list;

/* Asks and parses; *out is NULL when there is nothing to tell ("% No BGP neighbors found"). */
static int ask_json(const struct frr_call *on, enum frr_daemon daemon, const char *command,
                    json_t **out, hbr_error **err)
{
	_cleanup_buf_ struct buf reply = BUF_INIT;

	*out = NULL;
	int rc = frr_ask(on, daemon, command, &reply, err);
	if (rc < 0)
		return rc;
	if (!reply.data || reply.data[strspn(reply.data, " \t\r\n")] != '{')
		return 0;
	return json_read(reply.data, reply.len, command, out, err);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static int session_cmp(const void *a, const void *b)
{
	return prefix_cmp(&((const hbr_session *)a)->remote, &((const hbr_session *)b)->remote);
}

/* One row of one family; a neighbor of several families has several. */
static int add_peer(session_list *list, const char *address, const json_t *peer,
                    uint32_t family, hbr_error **err)
{
	hbr_addr remote;
	bool has_length;

	if (prefix_parse(address, &remote, &has_length) < 0)
		return 0; /* an unnumbered neighbor, which we never make */
	hbr_session *session = vec_push(list, SESSIONS_MAX);
	if (!session)
		return list->n < SESSIONS_MAX
		               ? hbr_oom(err)
		               : hbr_fail(err, HBR_ELIMIT, NULL, "more than %d BGP sessions",
		                          SESSIONS_MAX);
	session->remote = remote;
	session->remote_asn = (uint32_t)json_integer_value(json_object_get(peer, "remoteAs"));
	copy_text(session->state, sizeof(session->state), text_of(peer, "state"));
	session->up = strcmp(session->state, "Established") == 0;
	if (session->up) {
		session->families = family;
		session->received =
		        (uint32_t)json_integer_value(json_object_get(peer, "pfxRcd"));
	}
	return 0;
}

static int collect(session_list *list, const json_t *summary, hbr_error **err)
{
	static const struct {
		const char *key;
		uint32_t family;
	} tables[] = {
		{ "ipv4Unicast", HBR_FAMILY_IPV4 }, { "ipv6Unicast", HBR_FAMILY_IPV6 },
		{ "l2VpnEvpn", HBR_FAMILY_EVPN },   { "ipv4Vpn", HBR_FAMILY_VPNV4 },
		{ "ipv6Vpn", HBR_FAMILY_VPNV6 },
	};

	for (size_t i = 0; i < hbr_count(tables); i++) {
		json_t *peers =
		        json_object_get(json_object_get(summary, tables[i].key), "peers");
		const char *address;
		json_t *peer;

		json_object_foreach(peers, address, peer)
		{
			int rc = add_peer(list, address, peer, tables[i].family, err);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

/* One session a neighbor. */
static void unite(session_list *list)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), session_cmp);
	for (size_t i = 0; i < list->n; i++) {
		hbr_session *last = kept ? &list->items[kept - 1] : NULL;

		if (!last || !prefix_equal(&last->remote, &list->items[i].remote)) {
			list->items[kept++] = list->items[i];
			continue;
		}
		last->families |= list->items[i].families;
		last->received += list->items[i].received;
		if (list->items[i].up && !last->up) {
			memcpy(last->state, list->items[i].state, sizeof(last->state));
			last->up = 1;
		}
	}
	list->n = kept;
}

/* The other side's words, or ours to it, say more than "BGP Notification received". */
static const char *reason_of(const json_t *neighbor)
{
	const char *notification = text_of(neighbor, "lastNotificationReason");

	return notification[0] ? notification : text_of(neighbor, "lastResetDueTo");
}

static int add_reasons(const struct frr_call *on, session_list *list, hbr_error **err)
{
	_cleanup_json_ json_t *neighbors = NULL;
	size_t down = 0;
	char address[PREFIX_TEXT];

	for (size_t i = 0; i < list->n; i++)
		down += !list->items[i].up;
	if (!down)
		return 0;
	int rc = ask_json(on, FRR_BGPD, "show bgp neighbors json", &neighbors, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < list->n; i++) {
		hbr_session *session = &list->items[i];

		prefix_format_host(&session->remote, address);
		if (!session->up)
			copy_text(session->reason, sizeof(session->reason),
			          reason_of(json_object_get(neighbors, address)));
	}
	return 0;
}

int frr_sessions(const struct frr_call *on, int (*put)(void *user, const hbr_session *session),
                 void *user, hbr_error **err)
{
	_cleanup_json_ json_t *summary = NULL;
	session_list list = { 0 };

	int rc = ask_json(on, FRR_BGPD, "show bgp summary json", &summary, err);
	if (rc == 0)
		rc = collect(&list, summary, err);
	if (rc == 0) {
		unite(&list);
		rc = add_reasons(on, &list, err);
	}
	for (size_t i = 0; i < list.n && rc == 0; i++)
		rc = put(user, &list.items[i]);
	vec_free(&list);
	return rc;
}

static int put_route(const char *prefix, const json_t *entry,
                     int (*put)(void *user, const hbr_rib_route *route), void *user)
{
	hbr_rib_route route = {
		.selected = json_is_true(json_object_get(entry, "selected")),
		.installed = json_is_true(json_object_get(entry, "installed")),
	};
	const char *via = text_of(json_array_get(json_object_get(entry, "nexthops"), 0), "ip");
	bool has_length;

	if (prefix_parse(prefix, &route.prefix, &has_length) < 0)
		return 0;
	if (!via[0] || prefix_parse(via, &route.via, &has_length) < 0)
		route.via = (hbr_addr){ 0 };
	copy_text(route.protocol, sizeof(route.protocol), text_of(entry, "protocol"));
	return put(user, &route);
}

int frr_routes(const struct frr_call *on, int family,
               int (*put)(void *user, const hbr_rib_route *route), void *user, hbr_error **err)
{
	_cleanup_json_ json_t *routes = NULL;
	const char *prefix;
	json_t *entries;
	json_t *entry;
	size_t i;

	int rc = ask_json(on, FRR_ZEBRA,
	                  family == 6 ? "show ipv6 route json" : "show ip route json", &routes,
	                  err);
	if (rc < 0)
		return rc;
	json_object_foreach(routes, prefix, entries)
	{
		json_array_foreach(entries, i, entry)
		{
			rc = put_route(prefix, entry, put, user);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}
