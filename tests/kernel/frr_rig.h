/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real routers for tests: namespaces on one bridge, each with an instance of FRR through the
 * frr port and, if wanted, BIRD as Calico's speaker on the other end of its veth. Everything is
 * named t-e-PID-…, and rig_sweep() takes away all that carries the name.
 */
#ifndef HBR_TESTS_FRR_RIG_H
#define HBR_TESTS_FRR_RIG_H

#include "compile/bgp.h"
#include "hbr/sys/ports.h"
#include "lib/site.h"
#include "lib/test.h"
#include "port/frr.h"

#define RIG_NODES 4

struct rig {
	struct arena arena;
	struct site *site;
	hbr_netns_port *netns;
	hbr_host_port *host;
	hbr_host_port counting; /* host, with a tool slot that counts */
	hbr_router_port *frr;
	hbr_error *err;
	unsigned spawned; /* tools run */
};

/* Unchecked fixture: skips without root or FRR; remembers the name of this run. */
void rig_begin(void);
void rig_sweep(void);

/* Makes nodes, and the namespaces of the first `plan->nodes` of them. */
struct rig *rig_new(const struct site_plan *plan);
void rig_free(struct rig *rig);

/* Namespace of node n (from 1): its router's, its own; the fabric's for n 0. */
const char *rig_router(unsigned n);
const char *rig_host(unsigned n);
/* A shell command that must succeed. */
void rig_sh(const char *fmt, ...) hbr_printf_like(1, 2);
/* The output of one; static storage. */
const char *rig_out(const char *fmt, ...) hbr_printf_like(1, 2);

char *rig_text(struct rig *rig, unsigned n);  /* rendered; free() */
void rig_commit(struct rig *rig, unsigned n); /* the rendered text, and it must succeed */
char *rig_diff(struct rig *rig, unsigned n,
               const char *text); /* running against text; free() */
hbr_call rig_call(unsigned seconds);
pid_t rig_pid(unsigned n, const char *daemon);
bool rig_alive(pid_t pid); /* false for a zombie too: who reaps daemons is not our business */
/* Waits until `up` sessions of node n are established. */
void rig_wait_sessions(struct rig *rig, unsigned n, unsigned up);
bool rig_session(struct rig *rig, unsigned n, const char *remote, hbr_session *out);
/* Waits until the route is selected and installed at node n (or is not, with up false). */
void rig_wait_route(struct rig *rig, unsigned n, const char *prefix, bool up,
                    hbr_rib_route *out);
/* BIRD at node n announces 192.168.0.(n*32)/27; passive: it listens on port 178 only. */
void rig_bird(struct rig *rig, unsigned n, bool passive);
/* A number from `show bgp neighbors REMOTE json` of node n. */
long rig_neighbor(struct rig *rig, unsigned n, const char *remote, const char *key);

#endif
