/* SPDX-License-Identifier: Apache-2.0 */
/* What engine tests share: a small node as wanted state, a world for it, and the usual calls. */
#ifndef HBR_TESTS_ENGINE_KIT_H
#define HBR_TESTS_ENGINE_KIT_H

#include "fake/world.h"
#include "hbr/hbr.h"
#include "lib/test.h"

struct kit {
	struct world *world;
	hbr_ctx *ctx;
	char state_dir[64];
	hbr_state *wanted;
	char *start; /* the world before anything */
	hbr_error *err;
};

/* A world with the NIC ens4 (MTU 1400, with an address and a route), and a context on it. */
void kit_setup(struct kit *kit);
void kit_teardown(struct kit *kit);

/* The node: namespace crpd, NIC, veth pair, addresses, routes, sysctls, a file, a router. */
hbr_state *kit_wanted(void);

/* Pieces of it, for tests that put states together. */
void kit_put(hbr_state *state, int32_t kind, const char *netns, const char *name,
             const void *body);
void kit_put_addr(hbr_state *state, const char *netns, const char *ifname, const char *addr);
void kit_put_route(hbr_state *state, const char *netns, const char *to, const char *via,
                   const char *dev);
void kit_put_sysctl(hbr_state *state, const char *netns, const char *key, const char *value);

/* Observes and plans; must succeed. */
hbr_plan *kit_plan(struct kit *kit, const hbr_state *wanted, uint32_t flags);
/* Runs a plan to its end with everything allowed; the result of the last hbr_run_next(). */
int kit_run(struct kit *kit, const hbr_plan *plan);
/* Plans and runs; must succeed. Returns the number of steps. */
size_t kit_apply(struct kit *kit, uint32_t flags);
/* The same, whatever comes of it: the error, if any, is in kit->err. */
int kit_try(struct kit *kit, uint32_t flags);
/* The message of kit->err; the error is freed by the next call. */
const char *kit_message(const struct kit *kit);
void kit_forget(struct kit *kit);

/* A new process: nothing is left but the world and the state directory. */
void kit_restart(struct kit *kit);
/* Runs to the end and frees; the last result. */
int kit_pull(struct kit *kit, hbr_run *run);
/* What became of the last apply: enum hbr_transaction_state. */
int32_t kit_last(struct kit *kit);

/* Is the world as it was at the start? Prints both when not. */
void kit_is_start(struct kit *kit);
void kit_is(struct kit *kit, const char *dump);

#endif
