/* SPDX-License-Identifier: Apache-2.0 */
/* The diff while it walks: shared by its parts, of no use to others. */
#ifndef HBR_PLAN_DIFF_H
#define HBR_PLAN_DIFF_H

#include "plan/plan.h"

/* Interfaces, in order. */
struct device {
	const char *netns, *ifname;
};

struct devices {
	struct device *items;
	size_t n, cap;
};

struct diff {
	hbr_plan *plan;
	const hbr_state *wanted, *have;
	const hbr_state *asked; /* what the caller wanted; differs from wanted with REMOVE */
	VEC(struct step) steps;
	struct devices
	        made; /* links made (again), or moved here: all that is on them is lost */
	struct devices bare; /* they lose their last IPv4 address, and so their IPv4 routes */
	VEC(const hbr_resource *) children; /* observed MACVLANs and IPVLANs */
};

static inline bool diff_prunes(const struct diff *diff)
{
	return diff->plan->flags & (HBR_PLAN_PRUNE | HBR_PLAN_REMOVE);
}

/* May the plan change what is there: is it ours, or to be taken over, or nobody's? */
bool diff_may_change(const struct diff *diff, const hbr_resource *wanted,
                     const hbr_resource *have);
/* The identity of the other end of a veth (it has no body); name NULL when there is none. */
hbr_resource link_peer(const hbr_resource *link);
/* Which device a sysctl is about ("net/ipv4/conf/DEV/…"), or NULL; n bytes, not ended. */
const char *sysctl_device(const char *name, size_t *n);

/* lost.c: which links are made, and what is lost along with them. */
int lost_find(struct diff *diff, hbr_error **err);
bool lost_is_made(const struct diff *diff, const char *netns, const char *ifname);
/* The interface with which the observed thing is lost, although it is wanted; or NULL. */
const char *lost_with(const struct diff *diff, const hbr_resource *wanted,
                      const hbr_resource *have);
/* Is it about an interface that this plan makes? */
bool lost_is_on_made(const struct diff *diff, const hbr_resource *resource);

/* rivals.c: a pool that will still be there and overlaps the wanted one, and where; or NULL. */
int rivals_find(const struct diff *diff, const hbr_resource *wanted, const hbr_resource **out,
                hbr_addr *net, hbr_error **err);

/*
 * step.c: one more step; before and after are copied unless they are of plan->wanted. why NULL:
 * the differences are named. The steps move when more are added. NULL when out of memory.
 */
struct step *step_add(struct diff *diff, int32_t verb, const hbr_resource *before,
                      const hbr_resource *after, const char *why, hbr_error **err);

/* grade.c: what a step disrupts; the step has its changes. */
int32_t grade_step(const struct diff *diff, const struct step *step);

#endif
