/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node with a NIC that has everything a NIC can have, and one through which the node is managed;
 * set up and looked at by iproute2, so that nothing of ours judges itself.
 */
#ifndef HBR_TESTS_KERNEL_NIC_RIG_H
#define HBR_TESTS_KERNEL_NIC_RIG_H

#include "hbr/hbr.h"
#include "kernel/world.h"

#define NIC_MAC "02:00:5e:00:00:01"

struct rig {
	struct world world;
	char state_dir[64];
	hbr_ctx *ctx;
	hbr_state *wanted; /* namespace crpd with nic0, an address on it */
	hbr_error *err;
};

/* The NIC is called `ifname` at home. Skips the test without root or iproute2. */
void rig_open(struct rig *rig, const char *ifname);
void rig_close(struct rig *rig);
/* Runs a shell command; every HOST is the node's namespace, every CRPD the router's. */
int rig_try(struct rig *rig, const char *command);
void rig_sh(struct rig *rig, const char *command);
/* All of the host namespace that may change, as iproute2 and /proc tell it; lifetimes left out. */
char *rig_snapshot(struct rig *rig);
/* Fails when it is another one, and shows both. */
void rig_same(struct rig *rig, const char *snapshot);
/* What is wanted besides namespace, NIC and its address. */
enum {
	RIG_BY_MAC = 1 << 0,     /* the NIC is the one with this MAC */
	RIG_IMPOSSIBLE = 1 << 1, /* an address on a link that nobody has */
};
void rig_want(struct rig *rig, uint32_t what);
/* Plans and applies; the error is in rig->err. */
/* The plan tells beforehand that an apply will be refused, for that reason. */
void rig_review(struct rig *rig, const char *rule, const char *words);
int rig_apply(struct rig *rig, uint32_t plan_flags, uint32_t run_flags, uint32_t confirm_s);

#endif
