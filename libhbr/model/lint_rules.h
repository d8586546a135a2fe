/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of lint share: the rule tables, what every rule gets, and how it reports. A
 * rule walks the whole site or a sorted list of it: none compares all with all.
 */
#ifndef HBR_MODEL_LINT_RULES_H
#define HBR_MODEL_LINT_RULES_H

#include "base/prefix.h"
#include "model/lint.h"

struct lint;

struct lint_rule {
	const char *code;                 /* stable; doc/lint.md has an entry for each */
	int level;                        /* enum hbr_level */
	const char *doc;                  /* one sentence: what must hold */
	void (*check)(struct lint *lint); /* NULL: resolving reports it */
};

/* Ended by code NULL. */
extern const struct lint_rule lint_addr_rules[];
extern const struct lint_rule lint_subnet_rules[];
extern const struct lint_rule lint_cidr_rules[];
extern const struct lint_rule lint_link_rules[];
extern const struct lint_rule lint_route_rules[];
extern const struct lint_rule lint_mtu_rules[];
extern const struct lint_rule lint_site_rules[];
extern const struct lint_rule lint_attach_rules[];
extern const struct lint_rule lint_underlay_rules[];
extern const struct lint_rule lint_routing_rules[];
extern const struct lint_rule lint_reach_rules[];
extern const struct lint_rule lint_vrf_rules[];
extern const struct lint_rule lint_peer_rules[];
extern const struct lint_rule lint_probe_rules[];
extern const struct lint_rule lint_calico_rules[];
extern const struct lint_rule lint_resolve_rules[];

/* All tables, ended by NULL. */
extern const struct lint_rule *const lint_tables[];

enum lint_place { LINT_UPLINK = 1, LINT_HOST_END, LINT_ROUTER_END, LINT_LOOPBACK };

/* An address of an interface, with where it sits. */
struct lint_addr {
	const struct addr_at *at;
	hbr_addr net; /* its subnet */
	const struct node *node;
	const struct veth *veth; /* of an end, else NULL */
	const char *path;        /* of the object that has it */
	const char *ifname;
	const char *domain; /* VRF, or "": addresses of different domains may be equal */
	enum lint_place place;
	struct mark mark;  /* of the address, or of its object */
	bool is_duplicate; /* an earlier place has it; set by addr-duplicate */
};

/* What an interval of the address space is used for; bits, for lint_overlaps(). */
enum lint_use {
	LINT_VETH = 1 << 0,   /* subnet of a veth pair */
	LINT_FABRIC = 1 << 1, /* subnet of uplinks */
	LINT_HOST = 1 << 2,   /* loopback address */
	LINT_PODS = 1 << 3,
	LINT_SERVICES = 1 << 4,
};

struct lint_span {
	hbr_addr net;
	const struct lint_addr *addr; /* VETH, FABRIC, HOST; else NULL */
	const struct addr_at *cidr;   /* PODS, SERVICES; else NULL */
	const char *domain;
	enum lint_use use;
	uint32_t number; /* order of the document */
};

struct lint_finding;

struct lint {
	const hbr_topology *topology;
	const struct site *site;
	struct lint_addr *addrs; /* in the order of the document */
	size_t n_addrs;
	struct lint_span *spans; /* sorted: wider ones before what they hold */
	size_t n_spans;
	struct arena arena;             /* scratch of the whole lint */
	VEC(struct lint_finding) found; /* of the rule that runs */
	int rc;                         /* 0 or HBR_ENOMEM; sticky */
};

/*
 * One finding of the rule that runs. mark (line 0: none), path and hint may be NULL. Findings
 * of one place that come from a template, so differ in the node only, are reported once.
 */
void lint_found(struct lint *lint, const struct mark *mark, const char *path, const char *hint,
                const char *fmt, ...) hbr_printf_like(5, 6);
/* A text in the scratch arena; "" when out of memory, which is remembered. */
const char *lint_text(struct lint *lint, const char *fmt, ...) hbr_printf_like(2, 3);
/* n zeroed elements in the scratch arena, or NULL, which is remembered. n may be 0. */
void *lint_array(struct lint *lint, size_t n, size_t size);
/* The place of the site's member, as topology_mark(). */
struct mark lint_site_mark(const struct lint *lint, const char *member);
/* " (site.yaml:12)", or "" when the place is not known. */
const char *lint_at(struct lint *lint, const struct mark *mark);
/* The address without and with its length, in the scratch arena. */
const char *lint_host(struct lint *lint, const hbr_addr *addr);
const char *lint_prefix(struct lint *lint, const hbr_addr *addr);

/* "did you mean …?" for an address that could not be read, or `like`. */
const char *lint_addr_hint(struct lint *lint, const char *text, const char *like);
/* Sorts what the site uses of the address space into lint->spans, once. */
void lint_sort_spans(struct lint *lint);
/* Calls back for each interval of a use in `inner` that lies in one of a use in `outer`. */
void lint_overlaps(struct lint *lint, int outer, int inner,
                   void (*cb)(struct lint *lint, const struct lint_span *outer,
                              const struct lint_span *inner));

static inline int family_bit(const hbr_addr *addr)
{
	return addr->family == 4 ? HBR_FAMILY_IPV4 : addr->family == 6 ? HBR_FAMILY_IPV6 : 0;
}

/* Bits of enum hbr_family: the families that a list has addresses of. */
int addr_list_families(const struct addr_list *list);
bool addr_list_unreadable(const struct addr_list *list); /* one of them could not be parsed */
const char *families_text(int families); /* "IPv4", "IPv6", "IPv4 and IPv6", "no" */
bool addr_is_link_local(const hbr_addr *addr);
const char *addr_unicast_fault(const hbr_addr *addr); /* "a multicast address", or NULL */
/* The main veth of a node ("k8s"), or NULL. */
const struct veth *lint_main_veth(const struct node *node);
/* Families of all uplinks of the router. */
int node_uplink_families(const struct site *site, const struct node *node);

#endif
