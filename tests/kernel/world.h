/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node of its own for a test: a namespace that plays the node's default one, and the ports
 * that know it. Everything is called t-d-RUNNER-TEST… and taken away when the runner ends.
 */
#ifndef HBR_TESTS_KERNEL_WORLD_H
#define HBR_TESTS_KERNEL_WORLD_H

#include "hbr/plan.h"
#include "hbr/sys/ports.h"
#include "lib/test.h"
#include "resource/state.h"

#define OPS_MAX 6000
#define KERNEL_KINDS (1u << HBR_KIND_LINK | 1u << HBR_KIND_ADDR | 1u << HBR_KIND_ROUTE)

struct world {
	char host[64];           /* on the machine */
	hbr_netns_port *outside; /* without the lab seam */
	hbr_netns_port *netns;
	hbr_netlink_port *netlink;
	hbr_call call;
};

/* Skips the test without root. */
void world_open(struct world *world);
void world_close(struct world *world);
void world_create(struct world *world, const char *netns);
/* What a reader sees; the caller frees it. */
hbr_state *world_dump(struct world *world, const char *netns);
hbr_state *world_oracle(struct world *world, const char *netns);
/* From a dump made now; NULL when it is not there. Valid until the next of these calls. */
const hbr_link *world_link(struct world *world, const char *netns, const char *name);
const hbr_ifaddr *world_addr(struct world *world, const char *netns, const char *name,
			     const char *addr);
const hbr_route *world_route(struct world *world, const char *netns, const char *to,
			     uint32_t metric);
/* Both readers say the same of a namespace. */
void world_agree(struct world *world, const char *netns);

/* A list of changes, written down shortly. */
struct ops {
	size_t n;
	hbr_op *op;
	hbr_result *results;
	hbr_resource *resources; /* two an op: before, after */
	union body {
		hbr_link link;
		hbr_ifaddr addr;
		hbr_route route;
	} * bodies;
	char (*names)[64];
};

void ops_new(struct ops *ops);
void ops_free(struct ops *ops);
hbr_link *ops_link(struct ops *ops, int verb, const char *name, hbr_link link);
hbr_ifaddr *ops_addr(struct ops *ops, int verb, const char *name, const char *addr);
hbr_route *ops_route(struct ops *ops, int verb, const char *to, const char *via,
		     const char *dev);
/* `before` of the last op, for CHANGE. */
void ops_before(struct ops *ops, const void *body);
int ops_submit(struct ops *ops, struct world *world, const char *netns, hbr_error **err);
/* Submits and empties; fails the test when anything fails. */
void ops_run(struct ops *ops, struct world *world, const char *netns);

/*
 * A veth pair of MTU 1400, both ends up and marked "hbr:test": the primary's op, then the
 * other's.
 */
hbr_link veth(const char *peer_netns, const char *peer);
void world_veth(struct world *world, const char *netns, const char *name,
		const char *peer_netns, const char *peer);

hbr_addr addr_of(const char *text);
size_t open_files(void);

#endif
