/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources: what a machine or a cluster really has. For authors of back ends and of states built
 * by hand; stable within a minor version only. Here addresses are binary.
 */
#ifndef HBR_SYS_RESOURCE_H
#define HBR_SYS_RESOURCE_H

#include "../state.h"

enum hbr_kind {
	HBR_KIND_NETNS = 1, /* a named network namespace */
	HBR_KIND_SYSCTL = 2,
	HBR_KIND_LINK = 3,
	HBR_KIND_ADDR = 4,
	HBR_KIND_ROUTE = 5,
	HBR_KIND_FILE = 6,
	HBR_KIND_MODULE = 7,
	HBR_KIND_UNIT = 8,
	HBR_KIND_CONTAINER = 9,
	HBR_KIND_CONFIG = 10, /* configuration of a router engine, running */
	HBR_KIND_OBJECT = 11, /* API object */
	HBR_KIND_ACTION = 12,
	HBR_KIND_EXPECT = 13, /* a condition: never planned, only verified */
	HBR_KIND_RULE = 14,   /* policy rule that names an interface */
	HBR_KIND_NEIGH = 15,  /* permanent neighbour */
};

enum hbr_resource_flag {
	HBR_RESOURCE_OURS = 1 << 0,     /* carries our mark, or is in the baseline */
	HBR_RESOURCE_SECRET = 1 << 1,   /* the body is a reference plus a digest, never the secret */
	HBR_RESOURCE_OPTIONAL = 1 << 2, /* wanted where the machine has it (IPv6 sysctls …) */
	/* Not there: it went with a NIC that we took, and comes back with it. A state keeps these
	 * aside: they are no rows of it. */
	HBR_RESOURCE_GONE = 1 << 3,
};

#define HBR_ROUTE_PROTOCOL 72 /* rtm_protocol and IFA_PROTO of everything of ours */
#define HBR_MARK_PREFIX "hbr:" /* of link aliases */

/* An address or prefix; host bits are kept. family 4 or 6, 0 for none. */
typedef struct hbr_addr {
	uint8_t family;
	uint8_t length; /* of the prefix */
	uint8_t reserved[2];
	uint8_t bytes[16]; /* network order; IPv4 in the first four */
} hbr_addr;

enum hbr_link_type {
	HBR_LINK_OTHER = 0, /* observed, of a type that is not modelled */
	HBR_LINK_NIC = 1,   /* a device that exists and is moved, never made */
	HBR_LINK_LOOPBACK = 2,
	HBR_LINK_VETH = 3,
	HBR_LINK_BRIDGE = 4,
	HBR_LINK_VXLAN = 5,
	HBR_LINK_VRF = 6,
	HBR_LINK_MACVLAN = 7,
	HBR_LINK_IPVLAN = 8,
};

/* Which members of hbr_link are meant: an absent one is nobody's business. */
enum hbr_link_has {
	HBR_LINK_HAS_MTU = 1 << 0,
	HBR_LINK_HAS_MAC = 1 << 1,
	HBR_LINK_HAS_UP = 1 << 2,
	HBR_LINK_HAS_MASTER = 1 << 3, /* master NULL: none */
	HBR_LINK_HAS_MARK = 1 << 4,
	HBR_LINK_HAS_TABLE = 1 << 5,
	HBR_LINK_HAS_VXLAN = 1 << 6,    /* vni, local, port, learning */
	HBR_LINK_HAS_ADDRGEN = 1 << 7,  /* addrgen: 0 eui64, 1 none */
	HBR_LINK_HAS_PORT = 1 << 8,     /* bridge port: neigh_suppress, learning */
	HBR_LINK_HAS_PEER_ADDRS = 1 << 9, /* reserved */
	HBR_LINK_HAS_ALTNAMES = 1 << 10,  /* altnames NULL: none */
	HBR_LINK_HAS_TXQLEN = 1 << 11,
};

typedef struct hbr_link {
	uint32_t has;
	int32_t type;            /* enum hbr_link_type */
	const char *peer_netns;  /* veth: namespace ("" the default one) and name of the other end */
	const char *peer;
	const char *from;        /* NIC: the namespace that it is taken from, and goes back to */
	const char *master;
	const char *mark;        /* link alias, "hbr:site/node1/veth/k8s" */
	const char *parent;      /* MACVLAN, IPVLAN: the device under it (observed only) */
	uint32_t mtu;
	uint32_t up;             /* administrative state, 0 or 1 */
	uint32_t table;          /* VRF */
	uint32_t vni;
	uint32_t port;           /* VXLAN destination port */
	uint32_t learning;
	uint32_t neigh_suppress;
	uint32_t addrgen;
	uint32_t secondary;      /* veth: this end is made with its peer, by the peer's message */
	uint32_t ifindex;        /* observed */
	uint32_t running;        /* observed: carrier */
	hbr_addr local;          /* VXLAN */
	uint8_t mac[6];
	uint8_t peer_mac[6];     /* veth: given in the same message */
	uint32_t peer_mtu;
	uint32_t txqlen;
	const char *altnames;    /* other names, with blanks between them */
	const char *home;        /* NIC: its name in `from`; NULL: the same as here */
	/* NIC: what it is found by whatever its name is; wanted: as far as the site says. */
	const char *bus;         /* "pci/0000:00:04.0", or without the bus */
	uint8_t perm_mac[6];
	uint8_t reserved[2];
} hbr_link;

/* Addresses of a link; the identity is namespace, link, address and length. */
typedef struct hbr_ifaddr {
	hbr_addr addr;
	uint32_t nodad;    /* IFA_F_NODAD when made; not compared */
	uint32_t protocol; /* IFA_PROTO, where the kernel knows it (5.18); not compared */
	uint32_t ifindex;  /* observed */
	/* The rest is not compared either: it is observed so that it can come back. */
	uint32_t flags;     /* IFA_F_*, those that can be given */
	uint32_t valid;     /* seconds that it is valid; 0: for ever */
	uint32_t preferred; /* seconds that it is preferred; 0: for ever */
	uint32_t metric;    /* of the route to its prefix; 0: the kernel's default */
	uint32_t scope;     /* RT_SCOPE_* */
	uint32_t place;     /* among those of its family, in the order of adding; 0: any */
	hbr_addr broadcast;
	hbr_addr peer;      /* the other end of a point-to-point link, with the prefix length */
	const char *label;  /* IPv4, where it is not the interface's name */
} hbr_ifaddr;

enum hbr_route_type {
	HBR_ROUTE_UNICAST = 0,
	HBR_ROUTE_BLACKHOLE = 1,
	HBR_ROUTE_UNREACHABLE = 2,
	HBR_ROUTE_PROHIBIT = 3,
};

/* The identity is namespace, table, destination and metric. */
typedef struct hbr_route {
	hbr_addr to;
	hbr_addr via;      /* family 0: none, on link */
	const char *dev;   /* or NULL: the kernel finds it through the gateway; then not compared */
	uint32_t table;    /* 254: main */
	uint32_t metric;   /* 0: the kernel's default (IPv6: 1024 when read back) */
	uint32_t protocol; /* HBR_ROUTE_PROTOCOL on ours */
	uint32_t scope;    /* RT_SCOPE_*; not compared */
	int32_t type;      /* enum hbr_route_type */
	uint32_t onlink;
	uint32_t paths;    /* observed: next hops */
	hbr_addr source;   /* preferred source address; not compared */
	uint32_t mtu;      /* 0: the link's; not compared */
	uint32_t partial;  /* observed: it has more to it than can be said here */
} hbr_route;

/* Unnamed; all of it is its identity. */
typedef struct hbr_rule {
	uint32_t family;   /* 4 or 6 */
	uint32_t priority;
	uint32_t table;
	uint32_t action;   /* FR_ACT_*; 0: to the table */
	uint32_t mark, mask;
	uint32_t tos;
	uint32_t ipproto;
	uint32_t invert;
	uint32_t suppress; /* suppress_prefixlength + 1; 0: none */
	uint32_t protocol; /* who made it */
	uint32_t partial;  /* observed: it has more to it than can be said here */
	hbr_addr from, to; /* family 0: any */
	const char *iif, *oif;
} hbr_rule;

/* name: the interface; the identity is namespace, interface and address. */
typedef struct hbr_neigh {
	hbr_addr addr;
	uint32_t flags;    /* NTF_* */
	uint32_t protocol; /* who made it */
	uint8_t mac[6];
	uint8_t reserved[2];
} hbr_neigh;

/* name: "net/ipv4/ip_forward": slashes, since interface names may have dots. */
typedef struct hbr_sysctl {
	const char *value;
} hbr_sysctl;

/* name: absolute path, below the root directory. */
typedef struct hbr_file {
	const char *text;    /* content, or for a secret the path of its source */
	const char *digest;  /* secret: keyed digest of the content */
	uint32_t mode;       /* 0644 … */
	uint32_t size;       /* bytes of text */
	/* With text NULL: what it begins with where it is missing (mode 0600). From then on it is
	 * somebody else's, and right whatever it says; it is never taken away. */
	const char *first;
} hbr_file;

/* name: the engine, "frr" or "crpd"; netns: where it runs. */
typedef struct hbr_config {
	const char *text;  /* in the engine's own language, canonical */
	uint32_t running;  /* observed: all the daemons answer; wanted: 1 */
	uint32_t reserved;
} hbr_config;

/* name: unit or module name. */
typedef struct hbr_unit {
	const char *text;    /* unit file, or NULL */
	uint32_t running;
	uint32_t enabled;
} hbr_unit;

/* name: as on the node ("crpd"); netns: the namespace that it runs in. */
typedef struct hbr_container {
	const char *image;    /* "localhost/crpd:24.4R1"; observed: by that name when it is the same */
	const char *archive;  /* loaded where the image is missing, or NULL; not compared */
	const char *hostname;
	const char *mounts;   /* "/var/lib/hbr/crpd/config:/config", with blanks between; the host's
			       * part is below the root directory; ":ro" after the other; sorted by
			       * the places inside */
	const char *id;       /* observed */
	uint32_t memory_mib;  /* limit; 0: none */
	uint32_t privileged;
	uint32_t running;     /* inside that very namespace, not one that had its name before */
	uint32_t pid;         /* observed: its first process; 0: it does not run */
} hbr_container;

/*
 * name: "apiVersion/kind/namespace/name" (namespace empty for cluster scope). Calico's objects are
 * of projectcalico.org/v3 here, however the cluster serves them.
 */
typedef struct hbr_apiobject {
	const char *text; /* JSON of the fields that are ours; observed: those, as they are there */
	const char *uid;  /* observed: which one of that name it was */
} hbr_apiobject;

enum hbr_expect_type {
	HBR_EXPECT_SESSION = 1, /* router in `netns` has an established session with `addr` */
	HBR_EXPECT_RIB = 2,     /* router in `netns` has selected `addr` */
	HBR_EXPECT_FIB = 3,     /* kernel in `netns` has `addr` (and through `dev`, if given) */
	HBR_EXPECT_PING = 4,    /* `addr` answers from `source` (or any) inside `netns` */
	HBR_EXPECT_BLOCKS = 5,  /* every selected route inside `addr` is in the kernel of `netns`
				 * and of the host namespace, and `count` at least are there */
	HBR_EXPECT_NEIGHBORS = 6, /* `count` sessions of family `families` that the site implies */
	HBR_EXPECT_PROBE = 7,     /* `addr` answers, also after an apply: an echo request, or TCP on
				   * `port`; no condition of verify */
	HBR_EXPECT_READY = 8,   /* the node that owns this is ready, where the API knows it */
	HBR_EXPECT_LISTENER = 9, /* a process in `netns` accepts TCP connections to `addr`, `port` */
};

/* name: unique text, shown to people. */
typedef struct hbr_expect {
	int32_t type;        /* enum hbr_expect_type */
	uint32_t count;
	uint32_t families;   /* enum hbr_family */
	uint32_t asn;        /* session: the neighbor's AS */
	const char *engine;  /* session, RIB */
	const char *dev;
	hbr_addr addr;
	hbr_addr source;
	uint32_t port;       /* listener; probe: of TCP; 0: an echo request */
	uint32_t reserved;
} hbr_expect;

/*
 * A resource. Identity is kind, netns, name and, for addresses and routes, part of the body.
 * `netns` NULL: not in a namespace (files, objects); "": the node's default namespace.
 */
typedef struct hbr_resource {
	size_t size;
	int32_t kind;
	uint32_t flags;
	const char *netns;
	const char *name;
	const char *owner; /* path of the topology object, or NULL */
	int32_t stage;     /* enum hbr_stage */
	uint32_t reserved;
	const void *body;  /* by kind: hbr_link, hbr_ifaddr …; NULL for NETNS */
} hbr_resource;

HBR_BEGIN

/*
 * States by hand. A new state is open: put copies the resource deeply and replaces one of the
 * same identity; any read (count, at, plan …) closes it, after which put fails with HBR_EBUSY.
 */
HBR_API int hbr_state_new(hbr_state **out, hbr_error **err);
HBR_API int hbr_state_put(hbr_state *state, const hbr_resource *resource, hbr_error **err);

/* Resource number `index` in order. Borrowed; NULL past the end. */
HBR_API const hbr_resource *hbr_state_at(const hbr_state *state, size_t index);

/* "10.1.1.1/30" or "10.1.1.1" (full length) into *out. HBR_EINVAL. */
HBR_API int hbr_addr_parse(const char *text, hbr_addr *out, hbr_error **err);

/* Writes "10.1.1.1/30" and a NUL into buf (at least 50 bytes); returns buf. */
HBR_API const char *hbr_addr_format(const hbr_addr *addr, char *buf, size_t size);

HBR_END
#endif
