/* SPDX-License-Identifier: Apache-2.0 */
/* Site and node: their rows, setters and getters, and questions about a resolved site. */
#include "model/site.h"

#include <string.h>

#include "model/topology.h"

#define SPEC hbr_site_spec
static const struct field site_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, engine),
	SPEC_ROW(FIELD_TEXT, image),
	SPEC_ROW(FIELD_TEXT, netns),
	SPEC_ROW(FIELD_TEXT, endpoint),
	SPEC_ROW(FIELD_TEXT, kubernetes),
	SPEC_ROW(FIELD_TEXT, installer),
	SPEC_ROW(FIELD_TEXT, chart),
	SPEC_ROW(FIELD_TEXT, licence_file),
	SPEC_ROW(FIELD_TEXT, password_file),
	SPEC_ROW(FIELD_TEXT, join_file),
	SPEC_ROW(FIELD_TEXT, extra_file),
	SPEC_ROW(FIELD_LIST, services),
	SPEC_ROW(FIELD_NUMBER, asn),
	SPEC_ROW(FIELD_NUMBER, calico_asn),
	SPEC_ROW(FIELD_NUMBER, calico_port, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, mtu, .max = 65535),
	SPEC_ROW(FIELD_NUMBER, calico_mode, .max = HBR_CALICO_EBGP_PER_NODE),
	SPEC_ROW(FIELD_NUMBER, overlay, .max = HBR_OVERLAY_MPLS_UDP),
	SPEC_ROW(FIELD_LIST, probes),
	SPEC_ROW(FIELD_LIST, calico_peers),
	SPEC_ROW(FIELD_TEXT, image_archive),
	{ NULL },
};
const struct shape site_shape = { "site", sizeof(SPEC), site_fields };
#undef SPEC

#define SPEC hbr_node_spec
static const struct field node_fields[] = {
	SPEC_ROW(FIELD_TEXT, name),
	SPEC_ROW(FIELD_TEXT, router_id),
	SPEC_ROW(FIELD_TEXT, mgmt),
	SPEC_ROW(FIELD_LIST, loopbacks),
	SPEC_ROW(FIELD_LIST, labels),
	SPEC_ROW(FIELD_NUMBER, role, .max = HBR_ROLE_WORKER),
	SPEC_ROW(FIELD_NUMBER, index, .max = NODE_INDEX_MAX),
	SPEC_ROW(FIELD_NUMBER, asn),
	{ NULL },
};
const struct shape node_shape = { "node", sizeof(SPEC), node_fields };
#undef SPEC

int hbr_site_set(hbr_object *site, const hbr_site_spec *spec, hbr_error **err)
{
	return site_replace(site, spec, err);
}

int hbr_site_get(const hbr_object *site, hbr_site_spec *out, hbr_error **err)
{
	return object_get(site, HBR_OBJECT_SITE, out, err);
}

int hbr_node_add(hbr_object *site, const hbr_node_spec *spec, hbr_object **out, hbr_error **err)
{
	return object_add(site, HBR_OBJECT_NODE, spec, out, err);
}

int hbr_node_get(const hbr_object *node, hbr_node_spec *out, hbr_error **err)
{
	return object_get(node, HBR_OBJECT_NODE, out, err);
}

const struct site *topology_site(const hbr_topology *topology)
{
	return topology->resolved;
}

static int node_name_cmp(const void *name, const void *entry)
{
	return strcmp(name, (*(const struct node *const *)entry)->name);
}

const struct node *site_node(const struct site *site, const char *name)
{
	/* A site made by hand need not be sorted. */
	for (uint32_t i = 0; !site->by_name && i < site->n_nodes; i++)
		if (strcmp(site->nodes[i].name, name) == 0)
			return &site->nodes[i];
	if (!site->by_name)
		return NULL;

	const struct node *const *found = bsearch(name, site->by_name, site->n_nodes,
	                                          sizeof(*site->by_name), node_name_cmp);

	return found ? *found : NULL;
}

const struct veth *node_veth(const struct node *node, const char *name)
{
	for (uint32_t i = 0; i < node->n_veths; i++)
		if (strcmp(node->veths[i].name, name) == 0)
			return &node->veths[i];
	return NULL;
}

const struct netns *node_netns(const struct node *node, const char *name)
{
	for (uint32_t i = 0; i < node->n_netns; i++)
		if (strcmp(node->netns[i].name, name) == 0)
			return &node->netns[i];
	return NULL;
}

const hbr_addr *addr_list_first(const struct addr_list *list, int family)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->items[i].addr.family == family)
			return &list->items[i].addr;
	return NULL;
}

const hbr_addr *node_uplink_addr(const struct site *site, const struct node *node, int family)
{
	const struct netns *netns = node_netns(node, site->spec->netns);

	for (uint32_t i = 0; netns && i < netns->n_uplinks; i++) {
		const hbr_addr *addr = addr_list_first(&netns->uplinks[i].addrs, family);

		if (addr)
			return addr;
	}
	return NULL;
}

uint32_t node_calico_asn(const struct site *site, const struct node *node)
{
	switch (site->spec->calico_mode) {
	case HBR_CALICO_IBGP:
		return node->asn;
	case HBR_CALICO_EBGP_PER_NODE:
		return site->spec->calico_asn + node->index;
	default:
		return site->spec->calico_asn;
	}
}
