/* SPDX-License-Identifier: Apache-2.0 */
/* Small worlds to plan in: states by hand, in one line a resource. Everything asserts. */
#ifndef HBR_TESTS_PLAN_WORLD_H
#define HBR_TESTS_PLAN_WORLD_H

#include <string.h>

#include "lib/test.h"
#include "plan/plan.h"

#define OURS HBR_RESOURCE_OURS
#define OPTIONAL HBR_RESOURCE_OPTIONAL

hbr_state *world_state(void);
void put(hbr_state *state, int32_t kind, const char *netns, const char *name, uint32_t flags,
         const void *body);
void put_netns(hbr_state *state, const char *name, uint32_t flags);
void put_sysctl(hbr_state *state, const char *netns, const char *name, const char *value,
                uint32_t flags);
void put_link(hbr_state *state, const char *netns, const char *name, const hbr_link *link,
              uint32_t flags);
/* An up veth of MTU 1500; the peer is "netns/name". */
hbr_link veth(const char *peer_netns, const char *peer);
hbr_link nic(const char *from);
hbr_link macvlan(const char *parent);
void put_addr(hbr_state *state, const char *netns, const char *dev, const char *addr,
              uint32_t flags);
void put_route(hbr_state *state, const char *netns, const char *to, const char *via,
               const char *dev, uint32_t flags);
void put_config(hbr_state *state, const char *netns, const char *text, uint32_t running,
                uint32_t flags);
void put_file(hbr_state *state, const char *path, const char *text, uint32_t flags);
/* The router node of the reference: namespace, NIC, veth pair, addresses, routes, sysctls, FRR.
 * Observed states have the flags OURS on what bears a mark. */
void put_node(hbr_state *state, uint32_t flags);

/* Makes the plan, packs and unpacks it, checks what holds for every plan; frees both states. */
hbr_plan *plan_of(hbr_state *wanted, hbr_state *have, uint32_t flags);
/* The first step with that key and verb (0: any), or NULL. */
const struct step *step_of(const hbr_plan *plan, const char *key, int32_t verb);
size_t index_of(const hbr_plan *plan, const char *key, int32_t verb);
/* In a static buffer, good until the next call. */
const char *dump_of(const hbr_plan *plan, int32_t format);

#define ck_verb(plan, key, expected)                                           \
	do {                                                                   \
		const struct step *step_ = step_of(plan, key, 0);              \
		ck_assert_msg(step_, "%s has no step", key);                   \
		ck_assert_str_eq(verb_name(step_->verb), verb_name(expected)); \
	} while (0)
#define ck_no_step(plan, key) \
	ck_assert_msg(!step_of(plan, key, 0), "%s has a step: %s", key, dump_of(plan, 1))

#endif
