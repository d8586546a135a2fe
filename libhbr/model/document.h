/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site document as structs: what its rows (rows.c) read into and dump.c writes from. The
 * reader hands their contents to the public setters; the writer fills them from public getters'
 * structs.
 */
#ifndef HBR_MODEL_DOCUMENT_H
#define HBR_MODEL_DOCUMENT_H

#include "model/topology.h"
#include "text/schema.h"

#define DOCUMENT_VERSION "hbr.dev/v1alpha1"
#define LINK_HOST_DEFAULT "veth-k8s"
#define LINK_ROUTER_DEFAULT "veth-crpd"
#define UPLINK_DEFAULT "ens4"
#define LINK_NONE 1 /* link_flags: the site has no such pair */

enum document_kind {
	DOCUMENT_SITE = 1,
	DOCUMENT_POOL,
	DOCUMENT_VRF,
	DOCUMENT_NETWORK,
	DOCUMENT_LIST, /* the JSON form: all of them as items of one */
};

/* What a list of maps holds: a kind of objects, or parts of one. */
enum document_item {
	ITEM_NODE = HBR_OBJECT_NODE,
	ITEM_NETNS = HBR_OBJECT_NETNS,
	ITEM_VETH = HBR_OBJECT_VETH,
	ITEM_VRF = HBR_OBJECT_VRF,
	ITEM_PEER = HBR_OBJECT_PEER,
	ITEM_UPLINK = TOPOLOGY_KINDS,
	ITEM_ROUTE,
	ITEM_DOCUMENT,
};

/* A list of maps: read item by item (schema_row.item), written from here. */
struct doc_items {
	const void *const *items;
	uint32_t n;
};

/* A mapping whose keys are the user's: read as it is, written from "key=value". */
struct doc_free {
	const struct yaml_node *node;
	const char *const *list;
};

struct doc_head {
	int32_t version, kind; /* enum document_kind */
	const char *name;
	const char *ns; /* as labels, annotations and status: for the API server, ignored */
	struct doc_free labels, annotations, spec, status;
	struct doc_items items; /* LIST */
};

struct doc_site {
	hbr_site_spec spec;
	const char *uplink;
	const char *const *uplink_pools;
	const char *host, *router;
	const char *const *reach;
	const char *const *link_pools;
	uint32_t link_mtu, link_flags;
	uint32_t block4, block6;
	uint32_t pod_flags;
	const char *const *pods;
	struct doc_free assigned_nodes, assigned_vnis, assigned_tables;
	struct doc_items namespaces, veths, peers, nodes;
};

struct doc_node {
	hbr_node_spec spec;
	struct doc_free labels;
	const char *const *host;
	const char *const *router;
	const char *const *uplink;
	const char *uplink_name;
	uint32_t uplink_mtu;
	const char *host_name, *router_name;
	const char *const *reach;
	uint32_t link_mtu;
	struct doc_items namespaces, veths, vrfs, peers;
};

struct doc_netns {
	hbr_netns_spec spec;
	struct doc_items uplinks, routes; /* hbr_uplink_spec, hbr_route_spec */
};

struct doc_veth {
	hbr_veth_spec spec;
	hbr_end_spec a, b;
	hbr_attach_spec attach;
	const char *const *pools;
};

struct doc_pool {
	hbr_pool_spec spec;
	hbr_pool_spec vni, target, addresses; /* numbers of each form, until one is chosen */
};

struct doc_network {
	hbr_veth_spec veth;
	hbr_end_spec a, b;
	hbr_attach_spec attach;
	hbr_vrf_spec vrf;
	const char *const *subnets;
	uint32_t length4, length6;
};

extern const struct schema_row head_rows[], metadata_rows[], site_rows[], node_rows[],
        netns_rows[], uplink_rows[], route_rows[], veth_rows[], vrf_rows[], vrf_document_rows[],
        peer_rows[], pool_rows[], network_rows[];

/* Called by rows with items: the reader keeps the node for later. */
int document_item(void *reader, enum document_item item, const struct yaml_node *node,
                  hbr_error **err);

/* Names of the pools that podCIDRs and subnets become: "pods4", "pods4-2" …; "storage6". */
void pod_pool_name(int family, uint32_t number, char *out, size_t size);
void network_pool_name(const char *network, int family, char *out, size_t size);

#endif
