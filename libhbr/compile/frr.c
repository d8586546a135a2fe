/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRR text from neutral BGP, in the form that FRR 8.4 gives back: a running router can be
 * compared with it line by line. Everything that matters is said, so that no build's defaults
 * count.
 */
#include "compile/bgp.h"

#include <string.h>

#include "base/prefix.h"

#define FABRIC_LIST "HBR-FABRIC"
#define CALICO_LIST "HBR-CALICO"
#define NEXT_HOP_MAP "HBR-NEXT-HOP"
#define COALESCE_MS 100
#define FEW_SESSIONS 100 /* above, FRR's own rule holds: 50 ms more for each */
#define GLOBAL_MAP "HBR-GLOBAL"
#define OWN_LIST "HBR-OWN"
#define TO_CALICO_MAP "HBR-TO-CALICO"

enum { IPV4, IPV6 };

static const struct family {
	int number;
	uint32_t bit;
	const char *afi;    /* address-family … unicast */
	const char *prefix; /* of prefix-list */
	int bits;
} families[] = {
	[IPV4] = { 4, HBR_FAMILY_IPV4, "ipv4", "ip", 32 },
	[IPV6] = { 6, HBR_FAMILY_IPV6, "ipv6", "ipv6", 128 },
};

/* Peer groups, one a family, since an IPv6 route never goes over an IPv4 session. */
static const char *const group_names[][hbr_count(families)] = {
	[BGP_MESH] = { "HBR-MESH-4", "HBR-MESH-6" },
	[BGP_CLIENT] = { "HBR-CLIENT-4", "HBR-CLIENT-6" },
	[BGP_REFLECTOR] = { "HBR-REFLECTOR-4", "HBR-REFLECTOR-6" },
};

/* Which peer groups were written already. */
struct seen {
	bool groups[hbr_count(group_names)][hbr_count(families)];
};

/* Routers of our own AS are all alike and share a peer group a family; others stand alone. */
static bool is_grouped(const struct bgp *bgp, const struct bgp_session *session)
{
	return session->group < hbr_count(group_names) && session->remote_asn == bgp->asn;
}

static bool is_router(const struct bgp_session *session)
{
	return session->group < hbr_count(group_names);
}

static size_t family_index(const struct bgp_session *session)
{
	return session->remote.family == 6;
}

/* The first session of a peer group, which speaks for the group. */
static bool first_of_group(struct seen *seen, const struct bgp_session *session)
{
	bool *written = &seen->groups[session->group][family_index(session)];

	return *written ? false : (*written = true);
}

/* The peer group, or the neighbor's address. text: PREFIX_TEXT bytes. */
static const char *subject_of(const struct bgp *bgp, const struct bgp_session *session,
                              char *text)
{
	if (is_grouped(bgp, session))
		return group_names[session->group][family_index(session)];
	return prefix_format_host(&session->remote, text);
}

static void put_attributes(struct buf *out, const char *subject,
                           const struct bgp_session *session)
{
	char local[PREFIX_TEXT];

	buf_printf(out, " neighbor %s remote-as %u\n", subject, session->remote_asn);
	if (session->local_asn)
		buf_printf(out, " neighbor %s local-as %u\n", subject, session->local_asn);
	/* FRR 8.4 shows a port at a peer group but does not hand it down: it stands at
	 * neighbors. */
	if (session->remote_port && session->remote_port != 179)
		buf_printf(out, " neighbor %s port %u\n", subject, session->remote_port);
	if (session->flags & HBR_PEER_PASSIVE)
		buf_printf(out, " neighbor %s passive\n", subject);
	if (session->local.family)
		buf_printf(out, " neighbor %s update-source %s\n", subject,
		           prefix_format_host(&session->local, local));
	if (session->hold_s && session->hold_s != BGP_HOLD_S)
		buf_printf(out, " neighbor %s timers %u %u\n", subject, session->hold_s / 3,
		           session->hold_s);
	buf_printf(out, " neighbor %s timers connect %u\n", subject, BGP_CONNECT_S);
}

static void put_neighbors(struct buf *out, const struct bgp *bgp)
{
	struct seen seen = { 0 };
	char text[PREFIX_TEXT];
	char remote[PREFIX_TEXT];

	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		const struct bgp_session *session = &bgp->sessions[i];
		bool grouped = is_grouped(bgp, session);
		const char *subject = subject_of(bgp, session, text);

		prefix_format_host(&session->remote, remote);
		if (grouped && first_of_group(&seen, session)) {
			buf_printf(out, " neighbor %s peer-group\n", subject);
			put_attributes(out, subject, session);
		}
		if (grouped)
			buf_printf(out, " neighbor %s peer-group %s\n", remote, subject);
		else
			put_attributes(out, subject, session);
		buf_printf(out, " neighbor %s description %s\n", remote, session->name);
	}
}

/*
 * IPv6 always: when the NIC goes down and comes back within the hold time, bgpd forgets its own
 * next hop and announces an IPv4-mapped one from then on (FRR 8.4). Said by the map, it stays.
 */
static bool needs_next_hop_map(const struct bgp *bgp, size_t family)
{
	return bgp->calico[family].family || family == IPV6;
}

static void put_policy(struct buf *out, const struct bgp *bgp, size_t family,
                       const char *subject, const struct bgp_session *session)
{
	bool calico = session->group == BGP_CALICO;

	buf_printf(out, "  neighbor %s activate\n", subject);
	if (session->flags & HBR_PEER_CLIENT)
		buf_printf(out, "  neighbor %s route-reflector-client\n", subject);
	/* Calico in our AS gets reflected routes, whose next hops it cannot see: "force". */
	if (session->flags & HBR_PEER_NEXT_HOP_SELF)
		buf_printf(out, "  neighbor %s next-hop-self%s\n", subject,
		           calico && (session->flags & HBR_PEER_CLIENT) ? " force" : "");
	if (session->flags & HBR_PEER_AS_OVERRIDE)
		buf_printf(out, "  neighbor %s as-override\n", subject);
	if (session->group != BGP_EXTRA)
		buf_printf(out, "  neighbor %s prefix-list %s in\n", subject,
		           calico ? CALICO_LIST : FABRIC_LIST);
	buf_printf(out, "  neighbor %s prefix-list " FABRIC_LIST " out\n", subject);
	if (is_router(session) && family == IPV6)
		buf_printf(out, "  neighbor %s route-map " GLOBAL_MAP " in\n", subject);
	if (calico && family == IPV6 && bgp->calico[family].family)
		buf_printf(out, "  neighbor %s route-map " TO_CALICO_MAP " out\n", subject);
	if (is_router(session) && needs_next_hop_map(bgp, family))
		buf_printf(out, "  neighbor %s route-map " NEXT_HOP_MAP "-%d out\n", subject,
		           families[family].number);
}

static bool family_is_used(const struct bgp *bgp, size_t family)
{
	for (uint32_t i = 0; i < bgp->n_networks; i++) {
		if (bgp->networks[i].family == families[family].number)
			return true;
	}
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		if (bgp->sessions[i].families & families[family].bit)
			return true;
	}
	return false;
}

static void put_family(struct buf *out, const struct bgp *bgp, size_t family)
{
	struct seen seen = { 0 };
	char text[PREFIX_TEXT];

	buf_printf(out, " !\n address-family %s unicast\n", families[family].afi);
	for (uint32_t i = 0; i < bgp->n_networks; i++) {
		if (bgp->networks[i].family == families[family].number)
			buf_printf(out, "  network %s\n",
			           prefix_format(&bgp->networks[i], text));
	}
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		const struct bgp_session *session = &bgp->sessions[i];

		if (!(session->families & families[family].bit))
			continue;
		if (is_grouped(bgp, session) && !first_of_group(&seen, session))
			continue;
		put_policy(out, bgp, family, subject_of(bgp, session, text), session);
	}
	buf_printf(out, "  maximum-paths %u\n  maximum-paths ibgp %u\n", BGP_PATHS, BGP_PATHS);
	buf_puts(out, " exit-address-family\n");
}

static const char *cluster_id(const struct bgp *bgp)
{
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		if (bgp->sessions[i].cluster_id)
			return bgp->sessions[i].cluster_id;
	}
	return NULL;
}

static void put_router(struct buf *out, const struct bgp *bgp)
{
	const char *cluster = cluster_id(bgp);
	char text[PREFIX_TEXT];

	buf_printf(out, "!\nrouter bgp %u\n", bgp->asn);
	buf_printf(out, " bgp router-id %s\n", prefix_format_host(&bgp->router_id, text));
	buf_puts(out, " bgp log-neighbor-changes\n"
	              " no bgp ebgp-requires-policy\n"
	              " no bgp default ipv4-unicast\n");
	if (cluster)
		buf_printf(out, " bgp cluster-id %s\n", cluster);
	/* Else a reflector would not run the next-hop map on what it reflects from its
	 * Calico. */
	if (bgp->calico[0].family || bgp->calico[1].family)
		buf_puts(out, " bgp route-reflector allow-outbound-policy\n");
	buf_puts(out, " no bgp network import-check\n");
	/*
	 * FRR waits a second and more for other sessions to come up before it sends routes over
	 * a new one, to make them once for all; for few sessions that is most of the
	 * convergence time.
	 */
	if (bgp->n_sessions <= FEW_SESSIONS)
		buf_printf(out, " coalesce-time %u\n", COALESCE_MS);
	buf_printf(out, " timers bgp %u %u\n", BGP_KEEPALIVE_S, BGP_HOLD_S);
	put_neighbors(out, bgp);
	for (size_t f = 0; f < hbr_count(families); f++) {
		if (family_is_used(bgp, f))
			put_family(out, bgp, f);
	}
	buf_puts(out, "exit\n");
}

/* A list of that name without entries would be no filter at all. */
static void put_list(struct buf *out, size_t family, const char *name, const hbr_addr *prefixes,
                     uint32_t n)
{
	const struct family *row = &families[family];
	char text[PREFIX_TEXT];
	uint32_t number = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (prefixes[i].family != row->number)
			continue;
		number += 5;
		buf_printf(out, "%s prefix-list %s seq %u permit %s", row->prefix, name, number,
		           prefixes[i].length ? prefix_format(&prefixes[i], text) : "any");
		if (prefixes[i].length && prefixes[i].length < row->bits)
			buf_printf(out, " le %d", row->bits);
		buf_putc(out, '\n');
	}
	if (!number)
		buf_printf(out, "%s prefix-list %s seq 5 deny any\n", row->prefix, name);
}

static void put_lists(struct buf *out, const struct bgp *bgp)
{
	for (size_t f = 0; f < hbr_count(families); f++) {
		if (!family_is_used(bgp, f))
			continue;
		buf_puts(out, "!\n");
		put_list(out, f, CALICO_LIST, bgp->from_calico, bgp->n_from_calico);
		put_list(out, f, FABRIC_LIST, bgp->fabric, bgp->n_fabric);
		if (f == IPV6 && bgp->calico[f].family)
			put_list(out, f, OWN_LIST, bgp->networks, bgp->n_networks);
	}
}

/* The address that this router's sessions to other routers come from; NULL without any. */
static const hbr_addr *own_next_hop(const struct bgp *bgp, size_t family)
{
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		if (is_router(&bgp->sessions[i]) && family_index(&bgp->sessions[i]) == family)
			return &bgp->sessions[i].local;
	}
	return NULL;
}

static void put_entry(struct buf *out, size_t family, int number, const char *match,
                      const hbr_addr *next_hop)
{
	char text[PREFIX_TEXT];

	buf_printf(out, "!\nroute-map " NEXT_HOP_MAP "-%d permit %d\n", families[family].number,
	           number);
	if (match)
		buf_printf(out, " match %s %s\n", families[family].prefix, match);
	if (next_hop)
		buf_printf(out, " set %s next-hop %s%s\n", families[family].prefix,
		           family == IPV6 ? "global " : "", prefix_format_host(next_hop, text));
	buf_puts(out, "exit\n");
}

/*
 * What this router originates leaves with its own underlay address as next hop. A reflector
 * does not touch what it reflects, unless Calico is in our AS: its routes keep the veth's host
 * end as next hop, which other routers resolve through another BGP route, and FRR 8.4 leaves
 * some of those inactive for good. There the outbound policy is allowed for reflected routes
 * too, so entries match: the local Calico's routes and our own networks. `next-hop-self force`
 * would instead draw all traffic between workers through a reflector.
 */
static void put_next_hop_map(struct buf *out, const struct bgp *bgp, size_t family)
{
	const hbr_addr *own = own_next_hop(bgp, family);
	char match[PREFIX_TEXT + 32] = "next-hop address ";

	if (!own || !needs_next_hop_map(bgp, family))
		return;
	if (!bgp->calico[family].family) {
		put_entry(out, family, 10, NULL, own);
		return;
	}
	prefix_format_host(&bgp->calico[family], match + strlen(match));
	put_entry(out, family, 10, match, own);
	if (family == IPV6)
		put_entry(out, family, 15, "address prefix-list " OWN_LIST, own);
	put_entry(out, family, 20, NULL, NULL);
}

/*
 * Calico in our AS: `next-hop-self force` leaves a route alone that a map has touched on its
 * way in (FRR 8.4), and GLOBAL_MAP touches them all.
 */
static void put_to_calico_map(struct buf *out, const struct bgp *bgp)
{
	char text[PREFIX_TEXT];

	for (uint32_t i = 0; i < bgp->n_sessions && bgp->calico[IPV6].family; i++) {
		const struct bgp_session *session = &bgp->sessions[i];

		if (session->group != BGP_CALICO || family_index(session) != IPV6)
			continue;
		buf_printf(out,
		           "!\nroute-map " TO_CALICO_MAP " permit 10\n"
		           " set ipv6 next-hop global %s\nexit\n",
		           prefix_format_host(&session->local, text));
	}
}

/*
 * Neighbors on one link send a link-local next hop along (RFC 2545), and FRR prefers it. Routes
 * through link-local addresses are lost from the kernel when the NIC goes down and comes back,
 * while zebra still counts them as installed (FRR 8.4); those through global ones come back.
 */
static void put_global_map(struct buf *out, const struct bgp *bgp)
{
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		const struct bgp_session *session = &bgp->sessions[i];

		if (!is_router(session) || !(session->families & families[IPV6].bit))
			continue;
		buf_puts(out, "!\nroute-map " GLOBAL_MAP " permit 10\n"
		              " set ipv6 next-hop prefer-global\nexit\n");
		return;
	}
}

/* FRR takes a line as words: a name must be one, whatever the document says. */
static bool is_word(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789.-_:";

	return text && text[0] && text[strspn(text, letters)] == '\0';
}

/* FRR is in one cluster, with all of its clients. */
static int check_cluster(const struct bgp *bgp, const struct bgp_session *session,
                         hbr_error **err)
{
	const char *first = cluster_id(bgp);

	if (!session->cluster_id || strcmp(session->cluster_id, first) == 0)
		return 0;
	hbr_fail(err, HBR_ENOTSUP, session->owner,
	         "peer %s wants cluster id %s, but another peer %s, and FRR has one only",
	         session->name, session->cluster_id, first);
	hbr_hint(err, "give all peers of a router one clusterId");
	return HBR_ENOTSUP;
}

static int refuse(const struct bgp *bgp, hbr_error **err)
{
	int rc = 0;

	if (!is_word(bgp->hostname))
		return hbr_fail(err, HBR_EMODEL, bgp->hostname,
		                "the node's name cannot be a host name of FRR");
	for (uint32_t i = 0; i < bgp->n_sessions && rc == 0; i++)
		rc = check_cluster(bgp, &bgp->sessions[i], err);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		const struct bgp_session *session = &bgp->sessions[i];
		const char *what = NULL;

		if (!is_word(session->name))
			return hbr_fail(err, HBR_EMODEL, session->owner,
			                "the name of a BGP peer must be one word");
		if (session->password_file)
			what = "a password";
		else if (session->bfd_ms)
			what = "BFD";
		else if (session->local_port)
			what = "a local port";
		else if (session->families & ~(HBR_FAMILY_IPV4 | HBR_FAMILY_IPV6))
			what = "a family other than IPv4 and IPv6 unicast";
		else if (session->cluster_id && !is_word(session->cluster_id))
			return hbr_fail(err, HBR_EMODEL, session->owner,
			                "\"%s\" is not a cluster id", session->cluster_id);
		if (!what)
			continue;
		hbr_fail(err, HBR_ENOTSUP, session->owner,
		         "peer %s wants %s, which the FRR engine cannot do yet", session->name,
		         what);
		hbr_hint(err, "take it out of the peer, or use another engine");
		return HBR_ENOTSUP;
	}
	return 0;
}

int frr_render(const struct bgp *bgp, struct buf *out, hbr_error **err)
{
	int rc = refuse(bgp, err);
	if (rc < 0)
		return rc;
	buf_puts(out, "frr defaults traditional\n");
	buf_printf(out, "hostname %s\n", bgp->hostname);
	buf_puts(out, "log syslog informational\n");
	/* With any route-map bgpd holds every session back for this long; the default is 5
	 * s. */
	buf_puts(out, "bgp route-map delay-timer 0\n");
	put_router(out, bgp);
	put_lists(out, bgp);
	for (size_t f = 0; f < hbr_count(families); f++)
		put_next_hop_map(out, bgp, f);
	put_to_calico_map(out, bgp);
	put_global_map(out, bgp);
	buf_puts(out, "!\n");
	if (out->rc == HBR_ENOMEM)
		return hbr_oom(err);
	if (out->rc < 0)
		return hbr_fail(err, out->rc, bgp->hostname,
		                "the router's configuration is too big");
	return 0;
}
