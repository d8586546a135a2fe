/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operational questions: BGP, routes, licences, the system. A real FRR knows, or nothing is up.
 */
#include "junosd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ROUTING "xmlns=\"http://xml.juniper.net/junos/24.4R1/junos-routing\""

struct peer {
	const struct stmt *group;
	const char *address, *asn;
	bool is_v6, is_up;
	char state[24], since[24];
	unsigned in, out, received; /* messages and prefixes */
};

struct view {
	const struct store *store;
	struct stmt *all;
	struct text summaries[2]; /* of FRR, for IPv4 and IPv6 */
	bool is_licensed;
};

static void open_view(struct view *view, const struct store *store)
{
	struct stmt *running = store_running(store);

	*view = (struct view){ .store = store,
		               .all = config_effective(running),
		               .is_licensed = store_licensed(store) };
	stmt_free(running);
	if (!frr_is_ours(store))
		return;
	frr_show("show bgp ipv4 unicast summary wide", &view->summaries[0]);
	frr_show("show bgp ipv6 unicast summary wide", &view->summaries[1]);
}

static void close_view(struct view *view)
{
	stmt_free(view->all);
	text_free(&view->summaries[0]);
	text_free(&view->summaries[1]);
}

/* Neighbor V AS LocalAS MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd */
static void look_up(struct peer *peer, const char *summary)
{
	size_t n = strlen(peer->address);
	char column[24];

	for (const char *at = summary; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		if (strncmp(at, peer->address, n) || at[n] != ' ')
			continue;
		if (sscanf(at, "%*s %*s %*s %*s %u %u %*s %*s %*s %23s %23s", &peer->in,
		           &peer->out, peer->since, column) != 4)
			return;
		peer->is_up = isdigit((unsigned char)*column);
		peer->received = peer->is_up ? (unsigned)atoi(column) : 0;
		snprintf(peer->state, sizeof(peer->state), "%s",
		         peer->is_up ? "Established" : column);
		/* FRR tells of a session that an operator shut in words of its own. */
		if (!strncmp(column, "Idle", 4))
			snprintf(peer->state, sizeof(peer->state), "Idle");
		return;
	}
}

static void fill_peer(const struct view *view, const struct stmt *group,
                      const struct stmt *stmt, struct peer *out)
{
	const struct stmt *as = stmt_next(stmt, "peer-as", NULL);

	if (!as)
		as = stmt_next(group, "peer-as", NULL);
	*out = (struct peer){ .group = group,
		              .address = stmt_value(stmt),
		              .asn = as ? stmt_value(as) : config_asn(view->all),
		              .state = "Active",
		              .since = "never" };
	out->is_v6 = strchr(out->address, ':') != NULL;
	if (view->summaries[out->is_v6].data)
		look_up(out, view->summaries[out->is_v6].data);
	/* Without a licence Junos keeps its sessions idle. */
	if (!view->is_licensed)
		snprintf(out->state, sizeof(out->state), "Idle");
	out->is_up = out->is_up && view->is_licensed;
}

static void put_table(const struct peer *peer, struct text *out)
{
	text_add(out,
	         "<bgp-rib junos:style=\"terse\">\n<name>%s</name>\n<active-prefix-count>%u"
	         "</active-prefix-count>\n<received-prefix-count>%u</received-prefix-count>\n"
	         "<accepted-prefix-count>%u</accepted-prefix-count>\n<suppressed-prefix-count>0"
	         "</suppressed-prefix-count>\n</bgp-rib>\n",
	         peer->is_v6 ? "inet6.0" : "inet.0", peer->received, peer->received,
	         peer->received);
}

static void put_summary_peer(const struct view *view, const struct peer *peer, struct text *out)
{
	(void)view;
	text_add(
	        out,
	        "<bgp-peer junos:style=\"terse\">\n<peer-address>%s</peer-address>\n<peer-as>%s"
	        "</peer-as>\n<input-messages>%u</input-messages>\n<output-messages>%u"
	        "</output-messages>\n<route-queue-count>0</route-queue-count>\n<flap-count>0"
	        "</flap-count>\n<elapsed-time>%s</elapsed-time>\n",
	        peer->address, peer->asn, peer->in, peer->out, peer->since);
	if (peer->is_up)
		text_add(out, "<peer-state junos:format=\"Establ\">Established</peer-state>\n");
	else
		text_add(out, "<peer-state>%s</peer-state>\n", peer->state);
	if (peer->is_up)
		put_table(peer, out);
	text_add(out, "</bgp-peer>\n");
}

static void put_neighbor(const struct view *view, const struct peer *peer, struct text *out)
{
	const struct stmt *local = stmt_next(peer->group, "local-address", NULL);
	const struct stmt *port = stmt_next(peer->group, "tcp-connect-port", NULL);
	const char *type = stmt_value(stmt_next(peer->group, "type", NULL));

	text_add(out, "<bgp-peer junos:style=\"detail\">\n<peer-address>%s+%s</peer-address>\n",
	         peer->address, port ? stmt_value(port) : "179");
	text_add(out,
	         "<peer-as>%s</peer-as>\n<local-address>%s+179</local-address>\n<local-as>%s"
	         "</local-as>\n<peer-group>%s</peer-group>\n<peer-type>%c%s</peer-type>\n"
	         "<peer-state>%s</peer-state>\n<flap-count>0</flap-count>\n<last-event>%s"
	         "</last-event>\n<last-error>None</last-error>\n",
	         peer->asn, local ? stmt_value(local) : "unspecified", config_asn(view->all),
	         stmt_value(peer->group), toupper((unsigned char)*type), *type ? type + 1 : "",
	         peer->state, peer->is_up ? "RecvKeepAlive" : "ConnectRetry");
	if (peer->is_up) {
		text_add(out,
		         "<nlri-type-peer>%s</nlri-type-peer>\n<nlri-type-session>%s"
		         "</nlri-type-session>\n",
		         peer->is_v6 ? "inet6-unicast" : "inet-unicast",
		         peer->is_v6 ? "inet6-unicast" : "inet-unicast");
		put_table(peer, out);
	}
	text_add(out, "</bgp-peer>\n");
}

typedef void put_peer(const struct view *view, const struct peer *peer, struct text *out);

static void put_bgp(const struct store *store, bool is_summary, struct text *out)
{
	put_peer *put = is_summary ? put_summary_peer : put_neighbor;
	unsigned groups = 0, peers = 0, down = 0;
	struct text list = { 0 };
	const struct stmt *bgp;
	struct view view;

	open_view(&view, store);
	bgp = stmt_at(view.all, "protocols", "bgp", NULL);
	text_put(&list, "", 0);
	for (const struct stmt *group = NULL; (group = stmt_next(bgp, "group", group));) {
		groups++;
		for (const struct stmt *at = NULL; (at = stmt_next(group, "neighbor", at));) {
			struct peer peer;

			fill_peer(&view, group, at, &peer);
			put(&view, &peer, &list);
			peers++;
			down += !peer.is_up;
		}
	}
	text_add(out, "<bgp-information " ROUTING ">\n");
	if (is_summary)
		text_add(out,
		         "<group-count>%u</group-count>\n<peer-count>%u</peer-count>\n"
		         "<down-peer-count>%u</down-peer-count>\n",
		         groups, peers, down);
	text_add(out, "%s</bgp-information>", list.data);
	text_free(&list);
	close_view(&view);
}

static void put_bgp_summary(const struct store *store, const struct xml *asked,
                            struct text *out)
{
	(void)asked;
	put_bgp(store, true, out);
}

static void put_bgp_neighbors(const struct store *store, const struct xml *asked,
                              struct text *out)
{
	(void)asked;
	put_bgp(store, false, out);
}

static void put_licence(const struct store *store, const struct xml *asked, struct text *out)
{
	bool is_licensed = store_licensed(store);

	(void)asked;
	text_add(out,
	         "<license-summary-information xmlns=\"http://xml.juniper.net/junos/24.4R1/"
	         "junos-license\">\n<license-usage-summary>\n<feature-summary>\n<name>"
	         "containerized-rpd-standard</name>\n<description>Containerized routing "
	         "protocol daemon with standard "
	         "features</description>\n<licensed>%d</licensed>\n"
	         "<used-licensed>1</used-licensed>\n<needed>%d</needed>\n</feature-summary>\n"
	         "</license-usage-summary>\n</license-summary-information>",
	         is_licensed, !is_licensed);
}

static void put_software(const struct store *store, const struct xml *asked, struct text *out)
{
	(void)store;
	(void)asked;
	text_add(out,
	         "<software-information>\n<host-name>double</host-name>\n<product-model>crpd"
	         "</product-model>\n<product-name>crpd</product-name>\n<junos-version>"
	         "24.4R1.9</junos-version>\n</software-information>");
}

static void put_system(const struct store *store, const struct xml *asked, struct text *out)
{
	(void)store;
	(void)asked;
	text_add(out,
	         "<system-information>\n<hardware-model>crpd</hardware-model>\n<os-name>junos"
	         "</os-name>\n<os-version>24.4R1.9</os-version>\n<host-name>double"
	         "</host-name>\n</system-information>");
}

static const struct {
	const char *name;
	void (*put)(const struct store *store, const struct xml *asked, struct text *out);
} questions[] = {
	{ "get-bgp-summary-information", put_bgp_summary },
	{ "get-bgp-neighbor-information", put_bgp_neighbors },
	{ "get-route-information", routes_put },
	{ "get-license-summary-information", put_licence },
	{ "get-license-information", put_licence },
	{ "get-software-information", put_software },
	{ "get-system-information", put_system },
	{ "get-interface-information", interfaces_put },
};

bool oper_answer(const struct store *store, const struct xml *question, struct text *out)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		if (!strcmp(questions[i].name, question->name)) {
			questions[i].put(store, question, out);
			return true;
		}
	}
	return false;
}
