/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BGP of one node's router, neutral of the engine: who peers with whom, what may pass. FRR
 * and Junos text are both written from this, and verify expects its sessions.
 *
 * One session a family: IPv4 routes over an IPv4 session, IPv6 over an IPv6 session, so that
 * next hops are right by construction (RFC 4271, RFC 2545) and IPv6-only works alike.
 */
#ifndef HBR_COMPILE_BGP_H
#define HBR_COMPILE_BGP_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/site.h"

enum bgp_group {
	BGP_MESH = 1,     /* control plane to control plane */
	BGP_CLIENT = 2,   /* reflector to its client: a worker */
	BGP_REFLECTOR = 3, /* worker to its reflector */
	BGP_CALICO = 4,   /* the node's own Calico */
	BGP_EXTRA = 5,    /* peers of the topology */
};

/*
 * Timers of every session: what `frr defaults datacenter` has. A dead neighbor costs 9 s at
 * most; a peer with hold_s gets its own, with a third of it as keepalive.
 */
#define BGP_HOLD_S 9
#define BGP_KEEPALIVE_S 3
#define BGP_CONNECT_S 1 /* between attempts to connect */
#define BGP_PATHS 64    /* equal-cost paths that are used at most */

struct bgp_session {
	enum bgp_group group;
	const char *name;   /* node name, "calico", or the peer's name */
	hbr_addr remote, local; /* host addresses; local family 0: the kernel's choice */
	uint32_t remote_asn, local_asn; /* local 0: the router's */
	uint32_t remote_port;   /* 0: 179 */
	uint32_t local_port;    /* 0: the engine's */
	uint32_t families;      /* enum hbr_family */
	uint32_t flags;         /* enum hbr_peer_flag */
	uint32_t hold_s, bfd_ms;
	const char *password_file;
	const char *cluster_id;
	const char *owner; /* path of the topology object */
};

struct bgp {
	const char *hostname;
	uint32_t asn;
	hbr_addr router_id;
	int32_t calico_mode;
	struct bgp_session *sessions; /* sorted by group, then remote */
	uint32_t n_sessions;
	hbr_addr *networks;     /* originated: the veth subnets, loopbacks */
	uint32_t n_networks;
	hbr_addr *from_calico;  /* accepted from Calico, longer ones too: pods, services */
	uint32_t n_from_calico;
	hbr_addr *fabric;       /* allowed between routers: veths, loopbacks, pods, services */
	uint32_t n_fabric;
	/* ibgp mode: the next hops that the originating router replaces by its own underlay
	 * address. */
	hbr_addr calico[2]; /* v4, v6; family 0: none */
};

/* Everything in the arena. Peers inside a VRF are left to stage SECONDARY. HBR_ENOMEM,
 * HBR_EMODEL. */
int bgp_compile(const struct site *site, const struct node *node, struct arena *arena,
		struct bgp **out, hbr_error **err);
/* The session of a topology's peer, whether in a VRF or not. */
void bgp_peer(const struct node *node, const struct peer *peer, struct bgp_session *out);
/* What this router originates, sorted, in the arena; NULL and HBR_ENOMEM. */
int bgp_networks(const struct site *site, const struct node *node, struct arena *arena,
		 hbr_addr **out, uint32_t *n, hbr_error **err);
/* The prefixes that may pass between the routers of a site, in the arena: see bgp_filter.c. */
int bgp_filters(const struct site *site, struct bgp *bgp, struct arena *arena, hbr_error **err);
/* FRR configuration text (FRR 8.4 and later), canonical: as `show running-config` has it. */
int frr_render(const struct bgp *bgp, struct buf *out, hbr_error **err);
/* How many sessions of a family (HBR_FAMILY_IPV4 …) the node has, with or without its
 * Calico's. */
uint32_t bgp_count(const struct bgp *bgp, uint32_t family, bool with_calico);

#endif
