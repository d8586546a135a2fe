/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The topology: a tree of objects (site, node, namespace, veth pair, VRF, peer, pool) that says
 * in human terms what should exist. Build it from a site document or object by object; then
 * lint and seal it. A sealed topology is immutable and may be shared between threads; before
 * that it belongs to one thread at a time.
 *
 * Addresses are text: "10.1.1.1/30". Lists end with NULL. In every spec struct zero means
 * "default"; set `size` to the size of the struct. The same struct serves add and get; after
 * sealing, get returns the resolved values (templates merged, pools assigned, defaults filled).
 *
 * Objects added to the site are templates: every node gets one. An object of the same kind and
 * name added to a node overrides the template field by field.
 */
#ifndef HBR_TOPOLOGY_H
#define HBR_TOPOLOGY_H

#include "common.h"

enum hbr_object_kind {
	HBR_OBJECT_SITE = 1,
	HBR_OBJECT_NODE,
	HBR_OBJECT_NETNS,
	HBR_OBJECT_VETH,
	HBR_OBJECT_VRF,
	HBR_OBJECT_PEER,
	HBR_OBJECT_POOL,
};

enum hbr_role { HBR_ROLE_CONTROL_PLANE = 1, HBR_ROLE_WORKER = 2 };

/* How Calico's speaker peers with the local router. */
enum hbr_calico_mode {
	HBR_CALICO_EBGP = 1,          /* one AS for all nodes; the router overrides it */
	HBR_CALICO_IBGP = 2,          /* the routers' AS; the router reflects */
	HBR_CALICO_EBGP_PER_NODE = 3, /* AS = calico_asn + node index */
};

enum hbr_overlay { HBR_OVERLAY_NONE = 1, HBR_OVERLAY_VXLAN = 2, HBR_OVERLAY_MPLS_UDP = 3 };

/* A static route in a namespace. */
typedef struct hbr_route_spec {
	size_t size;
	const char *to;  /* prefix, or "default" */
	const char *via; /* gateway, or NULL with dev */
	const char *dev; /* interface, or NULL */
	const char *vrf; /* VRF of the namespace, or NULL for the main table */
	uint32_t metric; /* 0: the kernel's default */
	int32_t action;  /* enum hbr_route_type of sys/resource.h; 0: unicast */
} hbr_route_spec;

/* A NIC that moves into a namespace. */
typedef struct hbr_uplink_spec {
	size_t size;
	const char *ifname;
	const char *mac;          /* find it by MAC instead of by name, or NULL */
	const char *bus;          /* find it by parent device ("0000:00:04.0"), or NULL */
	const char *const *addrs; /* "192.168.1.101/24" */
	uint32_t mtu;             /* 0: the site's */
	uint32_t flags;
} hbr_uplink_spec;

enum hbr_end_flag {
	HBR_END_PROXY_ARP = 1 << 0,
	HBR_END_PROXY_NDP = 1 << 1,
	HBR_END_DOWN = 1 << 2, /* leave it down */
};

/* One end of a veth pair. */
typedef struct hbr_end_spec {
	size_t size;
	const char *netns;  /* NULL: the node's default namespace */
	const char *ifname; /* at most 15 bytes */
	const char *vrf;    /* VRF that the end sits in, or NULL */
	const char *mac;    /* NULL: derived from site, node and name, so it never changes */
	const char *const *addrs;
	uint32_t flags; /* enum hbr_end_flag */
	uint32_t reserved;
} hbr_end_spec;

enum hbr_plugin { HBR_PLUGIN_MACVLAN = 1, HBR_PLUGIN_IPVLAN = 2 };

/* The network that pods attach to through Multus on top of a veth's host end. */
typedef struct hbr_attach_spec {
	size_t size;
	const char *name;      /* NetworkAttachmentDefinition */
	const char *ns;        /* its Kubernetes namespace */
	const char *mode;      /* bridge, l2, l3 … */
	const char *ipam;      /* host-local, whereabouts, static */
	int32_t plugin;        /* enum hbr_plugin */
	uint32_t reserved;
} hbr_attach_spec;

typedef struct hbr_site_spec {
	size_t size;
	const char *name;
	const char *engine;        /* "frr" or "crpd" */
	const char *image;         /* container image of the router */
	const char *netns;         /* the router's namespace; "crpd" */
	const char *endpoint;      /* Kubernetes API endpoint, "host:port" */
	const char *kubernetes;    /* version */
	const char *installer;     /* kubeadm … */
	const char *chart;         /* service module chart */
	const char *licence_file;  /* paths only: secrets never enter a topology */
	const char *password_file;
	const char *join_file;
	const char *extra_file;
	const char *const *services; /* service CIDRs */
	uint32_t asn;              /* of the routers */
	uint32_t calico_asn;
	uint32_t calico_port;      /* listenPort; 178 */
	uint32_t mtu;              /* of the fabric; 1500 */
	int32_t calico_mode;       /* enum hbr_calico_mode; 0: EBGP */
	int32_t overlay;           /* enum hbr_overlay; 0: NONE */
	/* What must still answer after an apply when it did before, or everything is taken back:
	 * "ping 192.168.1.1", "tcp 10.1.1.1:6443", "tcp [2001:db8::1]:443 in crpd". */
	const char *const *probes;
	/* One address a family that every router has towards its node besides its own: one BGPPeer
	 * is then for all of them. NULL: one a node. */
	const char *const *calico_peers;
	const char *image_archive; /* what podman loads the image from where it is missing */
} hbr_site_spec;

typedef struct hbr_node_spec {
	size_t size;
	const char *name;
	const char *router_id; /* IPv4 form; NULL: first IPv4 uplink address, else the index */
	const char *mgmt;      /* management address, for certificates and doctor */
	const char *const *loopbacks;
	const char *const *labels;
	int32_t role;          /* enum hbr_role; 0: worker */
	uint32_t index;        /* place in every pool, from 1; 0: assigned */
	uint32_t asn;          /* 0: the site's */
	uint32_t reserved;
} hbr_node_spec;

typedef struct hbr_netns_spec {
	size_t size;
	const char *name; /* NULL or "": the node's default namespace */
	const hbr_uplink_spec *const *uplinks;
	const hbr_route_spec *const *routes;
	const char *const *sysctls; /* "net.ipv4.ip_forward=1" */
} hbr_netns_spec;

typedef struct hbr_veth_spec {
	size_t size;
	const char *name;
	const char *pool4, *pool6;   /* LINK pools that the addresses come from, or NULL */
	const char *const *reach;    /* prefixes routed from end a to end b's address */
	const hbr_end_spec *a, *b;   /* a: host side; b: router side */
	const hbr_attach_spec *attach; /* or NULL */
	uint32_t mtu;                /* 0: the site's, less the overlay's overhead in a VRF */
	uint32_t flags;
} hbr_veth_spec;

typedef struct hbr_vrf_spec {
	size_t size;
	const char *name;
	const char *netns; /* NULL: the router's */
	const char *vni_pool, *rt_pool;
	const char *rd;    /* route distinguisher; NULL: router-id:table */
	const char *const *rt_import;
	const char *const *rt_export;
	uint32_t vni;
	uint32_t table;    /* kernel table; 0: assigned from 1001 */
	int32_t encap;     /* enum hbr_overlay; 0: the site's, else VXLAN */
	uint32_t reserved;
} hbr_vrf_spec;

enum hbr_peer_flag {
	HBR_PEER_CLIENT = 1 << 0, /* route reflector client */
	HBR_PEER_PASSIVE = 1 << 1,
	HBR_PEER_AS_OVERRIDE = 1 << 2,
	HBR_PEER_NEXT_HOP_SELF = 1 << 3,
};

enum hbr_family {
	HBR_FAMILY_IPV4 = 1 << 0,
	HBR_FAMILY_IPV6 = 1 << 1,
	HBR_FAMILY_EVPN = 1 << 2,
	HBR_FAMILY_VPNV4 = 1 << 3,
	HBR_FAMILY_VPNV6 = 1 << 4,
};

/* A BGP neighbor beyond those that the site implies (routers of the site, Calico). */
typedef struct hbr_peer_spec {
	size_t size;
	const char *name;
	const char *vrf;
	const char *local, *remote; /* addresses without length */
	const char *cluster_id;
	const char *password_file;
	uint32_t local_asn, remote_asn;
	uint32_t local_port, remote_port;
	uint32_t families; /* enum hbr_family; 0: that of the address */
	uint32_t flags;    /* enum hbr_peer_flag */
	uint32_t hold_s, bfd_ms;
} hbr_peer_spec;

enum hbr_pool_use {
	HBR_POOL_LINK = 1, /* veth subnets: one a node and veth */
	HBR_POOL_POD = 2,  /* Calico IP pool; `length` is the block size */
	HBR_POOL_VNI = 3,
	HBR_POOL_ROUTE_TARGET = 4,
	HBR_POOL_UPLINK = 5,   /* one address of a shared subnet a node */
	HBR_POOL_LOOPBACK = 6, /* one host address a node */
};

enum hbr_pool_flag {
	HBR_POOL_NAT_OUTGOING = 1 << 0,
};

typedef struct hbr_pool_spec {
	size_t size;
	const char *name;
	const char *prefix; /* for addresses */
	int32_t use;        /* enum hbr_pool_use */
	uint32_t length;    /* of each part: "/30" is 30 */
	uint32_t first, last; /* of numbers; UPLINK, LOOPBACK: of addresses, counted from 1 */
	uint32_t asn;       /* route target: ASN:number */
	uint32_t flags;     /* enum hbr_pool_flag */
} hbr_pool_spec;

HBR_BEGIN

/* An empty topology with a site object. The caller frees *out. HBR_ENOMEM. */
HBR_API int hbr_topology_new(hbr_topology **out, hbr_error **err);

/*
 * Reads a site document (interface: doc/site.md). At most 64 MiB. The error carries
 * file, line, column, the line and a hint. HBR_ESYNTAX, HBR_EMODEL, HBR_ELIMIT, HBR_EIO.
 */
HBR_API int hbr_topology_load(const char *path, hbr_topology **out, hbr_error **err);

/* The same from memory; `file` is the name in messages. The text is not kept by the caller. */
HBR_API int hbr_topology_parse(const char *text, size_t size, const char *file,
			       hbr_topology **out, hbr_error **err);

/* All findings of the lint rules (doc/lint.md). Works on open and sealed topologies. */
HBR_API int hbr_topology_lint(const hbr_topology *topology, hbr_status **out, hbr_error **err);

/* Resolves templates, assigns from pools, lints; HBR_EMODEL with the first error found. */
HBR_API int hbr_topology_seal(hbr_topology *topology, hbr_error **err);

/* YAML or JSON: the site document, resolved when sealed. The caller frees *out. */
HBR_API int hbr_topology_dump(const hbr_topology *topology, int32_t format, hbr_text **out,
			      hbr_error **err);

/* JSON Schema (2020-12) of one document of a site file. The caller frees *out. */
HBR_API int hbr_schema(hbr_text **out, hbr_error **err);

HBR_API void hbr_topology_free(hbr_topology *topology);

/* The root object. Borrowed. */
HBR_API hbr_object *hbr_topology_site(hbr_topology *topology);

/*
 * "", "node1", "node1/veth/k8s", "vrf/macvlan", "node1/netns/" (the default namespace); NULL
 * when there is none. Borrowed.
 */
HBR_API hbr_object *hbr_object_find(hbr_topology *topology, const char *path);

/*
 * The next child of `parent` of that kind (0: any) after `prev` (NULL: the first), in the order
 * of the document; NULL after the last. On a sealed topology a node has one child per template.
 */
HBR_API hbr_object *hbr_object_next(hbr_object *parent, int32_t kind, hbr_object *prev);
HBR_API int32_t hbr_object_kind(const hbr_object *object);
HBR_API const char *hbr_object_path(const hbr_object *object); /* borrowed */

/*
 * Setters copy everything and may be called until the topology is sealed (HBR_EBUSY after).
 * HBR_EEXIST for a second object of that name under one parent; HBR_EINVAL for a wrong parent or
 * an unknown non-zero tail of the struct. *out (may be NULL) is borrowed. Getters fill *out with
 * borrowed texts; out->size must be set.
 */
HBR_API int hbr_site_set(hbr_object *site, const hbr_site_spec *spec, hbr_error **err);
HBR_API int hbr_site_get(const hbr_object *site, hbr_site_spec *out, hbr_error **err);
HBR_API int hbr_node_add(hbr_object *site, const hbr_node_spec *spec, hbr_object **out,
			 hbr_error **err);
HBR_API int hbr_node_get(const hbr_object *node, hbr_node_spec *out, hbr_error **err);
HBR_API int hbr_netns_add(hbr_object *parent, const hbr_netns_spec *spec, hbr_object **out,
			  hbr_error **err);
HBR_API int hbr_netns_get(const hbr_object *netns, hbr_netns_spec *out, hbr_error **err);
HBR_API int hbr_veth_add(hbr_object *parent, const hbr_veth_spec *spec, hbr_object **out,
			 hbr_error **err);
HBR_API int hbr_veth_get(const hbr_object *veth, hbr_veth_spec *out, hbr_error **err);
HBR_API int hbr_vrf_add(hbr_object *parent, const hbr_vrf_spec *spec, hbr_object **out,
			hbr_error **err);
HBR_API int hbr_vrf_get(const hbr_object *vrf, hbr_vrf_spec *out, hbr_error **err);
HBR_API int hbr_peer_add(hbr_object *parent, const hbr_peer_spec *spec, hbr_object **out,
			 hbr_error **err);
HBR_API int hbr_peer_get(const hbr_object *peer, hbr_peer_spec *out, hbr_error **err);
HBR_API int hbr_pool_add(hbr_object *site, const hbr_pool_spec *spec, hbr_object **out,
			 hbr_error **err);
HBR_API int hbr_pool_get(const hbr_object *pool, hbr_pool_spec *out, hbr_error **err);

HBR_END
#endif
