/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolved site: what a sealed topology means, templates merged, pools assigned, addresses
 * binary. Everything downstream (lint, compile, pictures) reads this and nothing else.
 * All of it lives in the topology's arena and is immutable.
 */
#ifndef HBR_MODEL_SITE_H
#define HBR_MODEL_SITE_H

#include "base/error.h"
#include "hbr/sys/resource.h"
#include "hbr/topology.h"

struct text_at {
	const char *text; /* as written, or NULL */
	struct mark at;   /* line 0 when built through the API */
};

/* An address of an interface, or a prefix. */
struct addr_at {
	hbr_addr addr;   /* family 0: could not be parsed (lint says so) */
	bool has_length; /* a "/n" was written */
	struct text_at source;
};

struct addr_list {
	struct addr_at *items;
	uint32_t n;
};

struct uplink {
	const char *ifname;
	const char *mac, *bus;
	struct addr_list addrs;
	uint32_t mtu;
	struct mark at;
};

struct end {
	const char *netns;  /* "" is the node's default namespace */
	const char *ifname;
	const char *vrf;    /* or NULL */
	uint8_t mac[6];
	struct addr_list addrs;
	uint32_t flags;     /* enum hbr_end_flag */
	struct mark at;
};

struct veth {
	const char *name;   /* of the object; the main one of the site document is "k8s" */
	struct end a, b;    /* a: host side, b: router side */
	uint32_t mtu;
	struct addr_list reach;
	const hbr_attach_spec *attach; /* or NULL */
	const char *path;   /* "node1/veth/k8s" */
	struct mark at;
};

struct static_route {
	hbr_addr to;  /* family 0 with length 0 never occurs: "default" is resolved by via */
	hbr_addr via; /* family 0: none */
	const char *dev, *vrf;
	uint32_t metric;
	int32_t action;
	struct mark at;
};

struct netns {
	const char *name; /* "" is the node's default namespace */
	struct uplink *uplinks;
	uint32_t n_uplinks;
	struct static_route *routes;
	uint32_t n_routes;
	const char *const *sysctls;
	const char *path;
	struct mark at;
};

struct vrf {
	const char *name, *netns, *rd;
	const char *const *rt_import;
	const char *const *rt_export;
	uint32_t vni, table;
	int32_t encap;
	const char *path;
	struct mark at;
};

struct peer {
	const hbr_peer_spec *spec;
	hbr_addr local, remote;
	const char *path;
	struct mark at;
};

struct pool {
	const hbr_pool_spec *spec;
	struct addr_at prefix;
	const char *path;
	struct mark at;
};

struct node {
	const char *name;
	int32_t role;
	uint32_t index; /* from 1 */
	uint32_t asn;
	hbr_addr router_id; /* IPv4 */
	struct text_at mgmt;
	struct addr_list loopbacks;
	const char *const *labels;
	struct netns *netns; /* the router's first */
	uint32_t n_netns;
	struct veth *veths;  /* "k8s" first when there is one */
	uint32_t n_veths;
	struct vrf *vrfs;
	uint32_t n_vrfs;
	struct peer *peers;
	uint32_t n_peers;
	struct mark at;
};

/* What must still answer after an apply when it did before. */
struct probe {
	struct text_at source; /* as written */
	hbr_addr addr;         /* family 0: the text is none */
	uint32_t port;         /* of TCP; 0: an echo request */
	const char *netns;     /* that it is tried from; "": the node's default one */
};

struct site {
	const char *name;
	const hbr_site_spec *spec; /* defaults filled */
	struct text_at endpoint;
	struct addr_list pods;     /* pod CIDRs, from POD pools */
	uint32_t pod_block[2];     /* Calico block size, v4 and v6 */
	struct addr_list services;
	struct addr_list calico_peers; /* of every router besides its own, at most one a family */
	struct probe *probes;
	uint32_t n_probes;
	struct pool *pools;
	uint32_t n_pools;
	struct node *nodes;        /* in the order of the document */
	uint32_t n_nodes;
	const struct node **by_name; /* the same, sorted by name; or NULL */
	struct mark at;
};

/* The resolved site of a sealed topology, or NULL. Borrowed. */
const struct site *topology_site(const hbr_topology *topology);
/* By name, or NULL. */
const struct node *site_node(const struct site *site, const char *name);
/* The node's veth of that name / the router namespace / its first uplink with that family. */
const struct veth *node_veth(const struct node *node, const char *name);
const struct netns *node_netns(const struct node *node, const char *name);
/* First address of that family (4 or 6) of the router's uplinks / of a list, or NULL. */
const hbr_addr *node_uplink_addr(const struct site *site, const struct node *node, int family);
const hbr_addr *addr_list_first(const struct addr_list *list, int family);
/* The AS that Calico of this node speaks with. */
uint32_t node_calico_asn(const struct site *site, const struct node *node);

#endif
