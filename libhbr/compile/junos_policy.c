/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy-options: what may pass, the same as FRR's prefix lists say, and whose next hop becomes
 * our own. In Junos `next-hop self` of an export policy holds for reflected routes too, so it
 * stands in a term that only what we learnt outside the AS, or from our Calico, comes to.
 */
#include "compile/junos.h"

#include <string.h>

#include "base/prefix.h"

static const struct family {
	int number;
	const char *name;
	const char *own, *fabric, *calico; /* prefix lists */
	const char *term_own, *term_local, *term_learnt;
} families[] = {
	{ 4, "inet", "HBR-OWN-4", "HBR-FABRIC-4", "HBR-CALICO-4", "own-4", "local-4",
	  "learnt-4" },
	{ 6, "inet6", "HBR-OWN-6", "HBR-FABRIC-6", "HBR-CALICO-6", "own-6", "local-6",
	  "learnt-6" },
};

/* Families whose routes are for VRFs: their route targets say which. */
static const struct {
	uint32_t bit;
	const char *name;
} overlays[] = {
	{ HBR_FAMILY_VPNV4, "inet-vpn" },
	{ HBR_FAMILY_VPNV6, "inet6-vpn" },
	{ HBR_FAMILY_EVPN, "evpn" },
};

struct junos_node *junos_policy(struct junos_work *work, struct junos_node *options,
                                const char *name)
{
	return junos_item(&work->junos, options, "policy-statement", name);
}

struct junos_node *junos_term(struct junos_work *work, struct junos_node *policy,
                              const char *name)
{
	return junos_item(&work->junos, policy, "term", name);
}

void junos_add_community(struct junos_work *work, struct junos_node *term, const char *name)
{
	struct junos *junos = &work->junos;
	struct junos_node *add =
	        junos_put(junos, junos_child(junos, term, "then"), "community");

	junos_arg(junos, add, "choice-ident", "add");
	junos_arg(junos, add, "choice-value", "");
	junos_arg(junos, add, "community-name", name);
}

void junos_then(struct junos_work *work, struct junos_node *term, const char *action)
{
	junos_put(&work->junos, junos_child(&work->junos, term, "then"), action);
}

static bool has(const hbr_addr *prefixes, uint32_t n, int family)
{
	for (uint32_t i = 0; i < n; i++) {
		if (prefixes[i].family == family)
			return true;
	}
	return false;
}

static void put_list(struct junos_work *work, struct junos_node *options, const char *name,
                     int family, const hbr_addr *prefixes, uint32_t n)
{
	struct junos_node *list;
	char text[PREFIX_TEXT];

	if (!has(prefixes, n, family))
		return;
	list = junos_item(&work->junos, options, "prefix-list", name);
	for (uint32_t i = 0; i < n; i++) {
		if (prefixes[i].family == family)
			junos_entry(&work->junos, list, "prefix-list-item",
			            prefix_format(&prefixes[i], text));
	}
}

static void put_lists(struct junos_work *work, struct junos_node *options)
{
	const struct bgp *bgp = work->bgp;

	for (size_t f = 0; f < hbr_count(families); f++) {
		const struct family *row = &families[f];

		put_list(work, options, row->own, row->number, bgp->networks, bgp->n_networks);
		put_list(work, options, row->fabric, row->number, bgp->fabric, bgp->n_fabric);
		put_list(work, options, row->calico, row->number, bgp->from_calico,
		         bgp->n_from_calico);
	}
}

/* match: exact, orlonger. */
static void put_filter(struct junos *junos, struct junos_node *from, const char *list,
                       const char *match)
{
	struct junos_node *filter = junos_put(junos, from, "prefix-list-filter");

	junos_arg(junos, filter, "list_name", list);
	junos_arg(junos, filter, "choice-ident", match);
	junos_arg(junos, filter, "choice-value", "");
}

static struct junos_node *put_from(struct junos_work *work, struct junos_node *term,
                                   const char *family, const char *protocol)
{
	struct junos_node *from = junos_put(&work->junos, term, "from");

	junos_leaf(&work->junos, from, "family", family);
	if (protocol)
		junos_member(&work->junos, from, "protocol", protocol);
	return from;
}

static void put_next_hop_self(struct junos_work *work, struct junos_node *term)
{
	struct junos *junos = &work->junos;

	junos_keyword(junos_put(junos, junos_child(junos, term, "then"), "next-hop"), "self");
}

static void put_overlays(struct junos_work *work, struct junos_node *policy)
{
	for (size_t i = 0; i < hbr_count(overlays); i++) {
		if (!(work->families & overlays[i].bit))
			continue;
		struct junos_node *term = junos_term(work, policy, overlays[i].name);
		put_from(work, term, overlays[i].name, NULL);
		junos_then(work, term, "accept");
	}
}

static void put_import(struct junos_work *work, struct junos_node *options, const char *name,
                       bool calico)
{
	const struct bgp *bgp = work->bgp;
	const hbr_addr *prefixes = calico ? bgp->from_calico : bgp->fabric;
	uint32_t n = calico ? bgp->n_from_calico : bgp->n_fabric;
	struct junos_node *policy = junos_policy(work, options, name);

	for (size_t f = 0; f < hbr_count(families); f++) {
		const struct family *row = &families[f];

		if (!has(prefixes, n, row->number))
			continue;
		struct junos_node *term = junos_term(work, policy, row->name);
		put_filter(&work->junos, put_from(work, term, row->name, NULL),
		           calico ? row->calico : row->fabric, "orlonger");
		junos_then(work, term, "accept");
	}
	if (!calico)
		put_overlays(work, policy);
	junos_then(work, policy, "reject");
}

static void put_own(struct junos_work *work, struct junos_node *policy,
                    const struct family *row)
{
	if (!has(work->bgp->networks, work->bgp->n_networks, row->number))
		return;
	struct junos_node *term = junos_term(work, policy, row->term_own);
	put_filter(&work->junos, put_from(work, term, row->name, "direct"), row->own, "exact");
	junos_then(work, term, "accept");
}

/* What our Calico and neighbors of other AS told us. */
static bool is_outside(const struct junos_work *work, const struct bgp_session *session,
                       int family)
{
	return session->remote.family == family &&
	       (session->group == BGP_CALICO || session->remote_asn != work->bgp->asn);
}

static void put_local(struct junos_work *work, struct junos_node *policy,
                      const struct family *row)
{
	struct junos *junos = &work->junos;
	struct junos_node *term = NULL;
	struct junos_node *from = NULL;
	char text[PREFIX_TEXT];

	for (uint32_t i = 0; i < work->bgp->n_sessions; i++) {
		const struct bgp_session *session = &work->bgp->sessions[i];

		if (!is_outside(work, session, row->number))
			continue;
		if (!term) {
			term = junos_term(work, policy, row->term_local);
			from = put_from(work, term, row->name, "bgp");
		}
		junos_member(junos, from, "neighbor",
		             prefix_format_host(&session->remote, text));
	}
	if (!term)
		return;
	put_filter(junos, from, row->fabric, "orlonger");
	put_next_hop_self(work, term);
	junos_then(work, term, "accept");
}

/* The rest of what BGP knows; to Calico always by way of us. */
static void put_learnt(struct junos_work *work, struct junos_node *policy,
                       const struct family *row, bool self)
{
	struct junos_node *term = junos_term(work, policy, row->term_learnt);

	put_filter(&work->junos, put_from(work, term, row->name, "bgp"), row->fabric,
	           "orlonger");
	if (self)
		put_next_hop_self(work, term);
	junos_then(work, term, "accept");
}

static void put_export(struct junos_work *work, struct junos_node *options, const char *name)
{
	struct junos_node *policy = junos_policy(work, options, name);
	bool calico = strcmp(name, JUNOS_TO_CALICO) == 0;

	for (size_t f = 0; f < hbr_count(families); f++) {
		const struct family *row = &families[f];

		put_own(work, policy, row);
		if (!has(work->bgp->fabric, work->bgp->n_fabric, row->number))
			continue;
		if (strcmp(name, JUNOS_TO_FABRIC) == 0)
			put_local(work, policy, row);
		put_learnt(work, policy, row, calico);
	}
	if (!calico)
		put_overlays(work, policy);
	junos_then(work, policy, "reject");
}

/* Which policies the sessions name. */
struct used {
	bool fabric_in, fabric_out, calico, peer;
};

static struct used used_by(const struct junos_work *work)
{
	struct used used = { 0 };

	for (uint32_t i = 0; i < work->bgp->n_sessions; i++) {
		const struct bgp_session *session = &work->bgp->sessions[i];
		bool self = session->flags & HBR_PEER_NEXT_HOP_SELF;

		used.calico |= session->group == BGP_CALICO;
		used.fabric_in |= session->group < BGP_CALICO;
		used.fabric_out |=
		        session->group < BGP_CALICO || (session->group == BGP_EXTRA && self);
		used.peer |= session->group == BGP_EXTRA && !self;
	}
	return used;
}

static void put_balance(struct junos_work *work, struct junos_node *options)
{
	struct junos *junos = &work->junos;
	struct junos_node *policy = junos_policy(work, options, JUNOS_BALANCE);

	junos_keyword(junos_put(junos, junos_put(junos, policy, "then"), "load-balance"),
	              "per-packet");
}

void junos_policies(struct junos_work *work)
{
	struct junos *junos = &work->junos;
	struct junos_node *options = junos_put(junos, &junos->root, "policy-options");
	struct used used = used_by(work);

	put_lists(work, options);
	put_balance(work, options);
	if (used.calico)
		put_import(work, options, JUNOS_FROM_CALICO, true);
	if (used.fabric_in)
		put_import(work, options, JUNOS_FROM_FABRIC, false);
	if (used.calico)
		put_export(work, options, JUNOS_TO_CALICO);
	if (used.fabric_out)
		put_export(work, options, JUNOS_TO_FABRIC);
	if (used.peer)
		put_export(work, options, JUNOS_TO_PEER);
	junos_vrf_policies(work, options);
}
