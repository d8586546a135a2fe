/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of AS numbers, router ids and reflection, for the routers and for Calico. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/lint_rules.h"
#include "text/schema.h"

#define ASN_INT32_MAX 2147483647u

/* Numbers that no speaker may have. */
static const struct {
	uint32_t asn;
	const char *what;
} reserved_asns[] = {
	{ 23456, "AS_TRANS (RFC 6793)" },
	{ 65535, "reserved (RFC 7300)" },
	{ 4294967295u, "reserved (RFC 7300)" },
};

/* RFC 6996. */
static const struct {
	uint32_t first, last;
} private_asns[] = { { 64512, 65534 }, { 4200000000u, 4294967294u } };

static const char *reserved_text(uint32_t asn)
{
	for (size_t i = 0; i < hbr_count(reserved_asns); i++)
		if (reserved_asns[i].asn == asn)
			return reserved_asns[i].what;
	return NULL;
}

static struct mark asn_mark(const struct lint *lint, const struct node *node)
{
	bool is_own = node->asn != lint->site->spec->asn;

	return topology_mark(lint->topology, is_own ? node->name : "", "asn");
}

static void check_missing(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		if (node->asn)
			continue;
		const struct mark mark = asn_mark(lint, node);

		lint_found(lint, &mark, NULL,
		           "write router.asn: 64512 to 65534 are for private use",
		           "the routers have no AS number (%s is the first)", node->name);
		return;
	}
}

static void check_reserved(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct mark calico = lint_site_mark(lint, "calico_asn");

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!reserved_text(node->asn))
			continue;
		const struct mark mark = asn_mark(lint, node);

		lint_found(lint, &mark, node->name, "64512 to 65534 are for private use",
		           "AS %u of the router of %s is %s", node->asn, node->name,
		           reserved_text(node->asn));
	}
	if (reserved_text(site->spec->calico_asn))
		lint_found(lint, &calico, NULL, "64512 to 65534 are for private use",
		           "AS %u of Calico is %s", site->spec->calico_asn,
		           reserved_text(site->spec->calico_asn));
}

static void check_differs(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 1; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!node->asn || !site->nodes[0].asn || node->asn == site->nodes[0].asn)
			continue;
		const struct mark mark = asn_mark(lint, node);

		lint_found(lint, &mark, node->name, "routers reflect routes within one AS only",
		           "the router of %s is in AS %u, that of %s in AS %u", node->name,
		           node->asn, site->nodes[0].name, site->nodes[0].asn);
	}
}

static void check_calico_equals(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct mark mark = lint_site_mark(lint, "calico_asn");

	if (site->spec->calico_mode != HBR_CALICO_EBGP)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!node->asn || node_calico_asn(site, node) != node->asn)
			continue;
		lint_found(lint, &mark, NULL,
		           "give Calico an AS of its own, or write peering: ibgp",
		           "Calico and the router of %s are both in AS %u, but peer by eBGP",
		           node->name, node->asn);
		return;
	}
}

static void check_calico_differs(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct mark mark = lint_site_mark(lint, "calico_asn");
	uint32_t calico = site->spec->calico_asn;

	if (site->spec->calico_mode != HBR_CALICO_IBGP || !calico)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!node->asn || node->asn == calico)
			continue;
		lint_found(lint, &mark, NULL,
		           lint_text(lint, "leave Calico's AS out, write %u, or peering: ebgp",
		                     node->asn),
		           "Calico is in AS %u and the router of %s in AS %u, but they peer by "
		           "iBGP",
		           calico, node->name, node->asn);
		return;
	}
}

static bool same_kind_of_asn(uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < hbr_count(private_asns); i++) {
		bool first_is = first >= private_asns[i].first && first <= private_asns[i].last;
		bool last_is = last >= private_asns[i].first && last <= private_asns[i].last;

		if (first_is != last_is)
			return false;
	}
	return true;
}

/* In ebgp-per-node mode a node's Calico has AS calico_asn + index. */
static const char *range_fault(const struct site *site, uint64_t first, uint64_t last)
{
	if (last > UINT32_MAX)
		return "go past the largest AS number";
	for (size_t i = 0; i < hbr_count(reserved_asns); i++)
		if (first <= reserved_asns[i].asn && reserved_asns[i].asn <= last)
			return "hold a reserved one";
	for (uint32_t i = 0; i < site->n_nodes; i++)
		if (first <= site->nodes[i].asn && site->nodes[i].asn <= last)
			return "hold the routers' own";
	if (!same_kind_of_asn(first, last))
		return "leave the private range";
	return NULL;
}

static void check_calico_range(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct mark mark = lint_site_mark(lint, "calico_asn");
	uint32_t lowest = UINT32_MAX;
	uint32_t highest = 0;

	if (site->spec->calico_mode != HBR_CALICO_EBGP_PER_NODE || !site->spec->calico_asn)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		uint32_t index = site->nodes[i].index;

		lowest = index < lowest ? index : lowest;
		highest = index > highest ? index : highest;
	}
	uint64_t first = (uint64_t)site->spec->calico_asn + lowest;
	uint64_t last = (uint64_t)site->spec->calico_asn + highest;

	if (!site->n_nodes || !range_fault(site, first, last))
		return;
	lint_found(lint, &mark, NULL, "4200000000 and up are for private use, and many",
	           "Calico's AS numbers, %llu to %llu for node indexes %u to %u, %s",
	           (unsigned long long)first, (unsigned long long)last, lowest, highest,
	           range_fault(site, first, last));
}

/* Whether the server takes asNumber as int32: the Calico definitions for 1.36 and later do. */
static bool asn_is_int32(const char *version)
{
	unsigned major, minor;

	if (!version || sscanf(version, "%3u.%3u", &major, &minor) != 2)
		return true;
	return major > 1 || minor >= 36;
}

static void report_int32(struct lint *lint, uint32_t asn, const char *whose,
                         const struct mark *mark)
{
	lint_found(lint, mark, NULL, "take a number up to 2147483647",
	           "AS %u of %s does not fit the int32 that Calico's BGPPeer has for it", asn,
	           whose);
}

static void check_calico_int32(struct lint *lint)
{
	const struct site *site = lint->site;
	uint32_t highest = site->spec->calico_asn;

	if (!asn_is_int32(site->spec->kubernetes))
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];
		uint32_t calico = node_calico_asn(site, node);

		highest = calico > highest ? calico : highest;
		if (node->asn <= ASN_INT32_MAX)
			continue;
		const struct mark mark = asn_mark(lint, node);

		report_int32(lint, node->asn, "the routers", &mark);
	}
	const struct mark calico = lint_site_mark(lint, "calico_asn");

	if (highest > ASN_INT32_MAX)
		report_int32(lint, highest, "Calico", &calico);
}

static int router_id_cmp(const void *left, const void *right)
{
	const struct node *a = *(const struct node *const *)left;
	const struct node *b = *(const struct node *const *)right;
	int order = memcmp(a->router_id.bytes, b->router_id.bytes, 4);

	return order ? order : a < b ? -1 : a > b;
}

static void check_router_id(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct node **nodes =
	        lint_array(lint, site->n_nodes, sizeof(const struct node *));
	uint32_t n = 0;

	if (!nodes)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++)
		if (site->nodes[i].router_id.family == 4)
			nodes[n++] = &site->nodes[i];
	if (n)
		qsort(nodes, n, sizeof(const struct node *), router_id_cmp);
	for (uint32_t i = 1; i < n; i++) {
		if (memcmp(nodes[i - 1]->router_id.bytes, nodes[i]->router_id.bytes, 4))
			continue;
		const struct mark mark =
		        topology_mark(lint->topology, nodes[i]->name, "router_id");

		lint_found(lint, &mark, nodes[i]->name,
		           "routers refuse sessions with a router of their own id",
		           "router id %s of %s is that of %s already",
		           lint_host(lint, &nodes[i]->router_id), nodes[i]->name,
		           nodes[i - 1]->name);
	}
}

static bool has_evpn(const struct site *site)
{
	for (uint32_t i = 0; i < site->n_nodes; i++)
		for (uint32_t k = 0; k < site->nodes[i].n_vrfs; k++)
			if (site->nodes[i].vrfs[k].encap == HBR_OVERLAY_VXLAN)
				return true;
	return false;
}

static bool engine_is(const struct site *site, const char *engine)
{
	return site->spec->engine && !strcmp(site->spec->engine, engine);
}

static void check_reflectors(struct lint *lint)
{
	const struct site *site = lint->site;
	const struct mark mark = lint_site_mark(lint, "engine");
	uint32_t reflectors = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++)
		reflectors += site->nodes[i].role == HBR_ROLE_CONTROL_PLANE;
	/* Without workers there is nothing to reflect: the control planes are a full mesh. */
	if (!engine_is(site, "frr") || reflectors < 2 || reflectors == site->n_nodes ||
	    !has_evpn(site))
		return;
	lint_found(
	        lint, &mark, NULL,
	        "one control plane, or engine: crpd, avoids it; FRR 8.4 does it",
	        "%u reflectors of EVPN: FRR loses router MACs when a prefix comes by several",
	        reflectors);
}

/* Programs may bring an engine of their own, so this is only a warning. */
static void check_engine(struct lint *lint)
{
	static const char *const engines[] = { "frr", "crpd", NULL };
	const char *engine = lint->site->spec->engine;
	const struct mark mark = lint_site_mark(lint, "engine");
	const char *nearest = text_nearest(engine, engines);

	if (engine_is(lint->site, "frr") || engine_is(lint->site, "crpd"))
		return;
	lint_found(lint, &mark, NULL,
	           nearest ? lint_text(lint, "did you mean %s?", nearest) : "write frr or crpd",
	           "libhbr has no router engine \"%.32s\"", engine);
}

/* What an engine takes for the name of its instance or container, beside letters and digits. */
static const struct {
	const char *engine, *more;
} instance_names[] = { { "frr", "-_" }, { "crpd", "-_." } };

static void check_instance(struct lint *lint)
{
	const char *name = lint->site->spec->netns;
	const struct mark mark = lint_site_mark(lint, "netns");

	for (size_t i = 0; i < hbr_count(instance_names); i++) {
		const char *c = name;

		if (!engine_is(lint->site, instance_names[i].engine))
			continue;
		while (isalnum((unsigned char)*c) ||
		       (c > name && *c && strchr(instance_names[i].more, *c)))
			c++;
		if (*c)
			lint_found(lint, &mark, NULL, "write netns: crpd",
			           "engine %s cannot have an instance called after its "
			           "namespace, \"%.64s\"",
			           instance_names[i].engine, name);
	}
}

static bool is_mpls(const struct site *site)
{
	if (site->spec->overlay == HBR_OVERLAY_MPLS_UDP)
		return true;
	for (uint32_t i = 0; i < site->n_nodes; i++)
		for (uint32_t k = 0; k < site->nodes[i].n_vrfs; k++)
			if (site->nodes[i].vrfs[k].encap == HBR_OVERLAY_MPLS_UDP)
				return true;
	return false;
}

static void check_overlay_engine(struct lint *lint)
{
	const struct mark mark = lint_site_mark(lint, "overlay");

	if (engine_is(lint->site, "frr") && is_mpls(lint->site))
		lint_found(lint, &mark, NULL, "write engine: crpd, or overlay: vxlan",
		           "engine frr has no MPLS over UDP");
}

const struct lint_rule lint_routing_rules[] = {
	{ "asn-missing", HBR_LEVEL_ERROR, "Every router has an AS number.", check_missing },
	{ "asn-reserved", HBR_LEVEL_ERROR, "No AS number is 23456, 65535 or 4294967295.",
	  check_reserved },
	{ "asn-differs", HBR_LEVEL_WARNING, "All routers of a site are in one AS.",
	  check_differs },
	{ "calico-asn-equals-router", HBR_LEVEL_ERROR,
	  "In ebgp mode Calico and the routers are in different ASes.", check_calico_equals },
	{ "calico-asn-differs", HBR_LEVEL_ERROR,
	  "In ibgp mode Calico is in the AS of the routers.", check_calico_differs },
	{ "calico-asn-range", HBR_LEVEL_ERROR,
	  "In ebgp-per-node mode Calico's AS numbers all may be used.", check_calico_range },
	{ "calico-asn-int32", HBR_LEVEL_WARNING,
	  "On Kubernetes 1.36 and later AS numbers in Calico's objects are at most 2147483647.",
	  check_calico_int32 },
	{ "router-id-duplicate", HBR_LEVEL_ERROR, "No two routers have one router id.",
	  check_router_id },
	{ "reflector-evpn", HBR_LEVEL_WARNING, "With FRR one control plane reflects EVPN.",
	  check_reflectors },
	{ "engine-unknown", HBR_LEVEL_WARNING, "The engine is frr or crpd.", check_engine },
	{ "netns-engine", HBR_LEVEL_ERROR,
	  "The router's namespace has a name that its engine can have too.", check_instance },
	{ "overlay-engine", HBR_LEVEL_ERROR, "The engine knows the overlay.",
	  check_overlay_engine },
	{ .code = NULL },
};
