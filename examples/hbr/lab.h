/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab: every node of a site as namespaces on this machine, through the library's own lab seam.
 *
 *   NAME-fabric       the bridge br0 that plays the fabric
 *   NAME-NODE         the node's default namespace: veth-k8s, BIRD as Calico's speaker, cali1
 *   NAME-NODE-crpd    the router's namespace: ens4, veth-crpd, FRR
 *   NAME-NODE-pod1    one pod in Calico's shape
 *
 * Files are below LAB_DIR/NAME; the machine's own namespace is never touched.
 */
#ifndef HBR_LAB_H
#define HBR_LAB_H

#include <stdbool.h>
#include <sys/types.h>

#include "hbr/hbr.h"
#include "hbr/sys/ports.h"

#define LAB_DIR "/run/hbr/lab"
#define LAB_NODES_MAX 64
#define LAB_PODS 1

struct lab_node {
	const char *name; /* borrowed from the topology */
	uint32_t index;
	char netns[96];   /* NAME-NODE */
	char dir[160];    /* LAB_DIR/NAME/NODE */
	hbr_addr host[2], router[2]; /* veth ends, v4 and v6; family 0: none */
	hbr_addr uplink[2];
	hbr_addr block[2], pod[2]; /* Calico's block, the pod's address */
	uint32_t calico_asn;
};

struct lab {
	char name[32];
	char dir[64];
	char file[96]; /* records the lab before anything is made */
	hbr_topology *topology;
	hbr_site_spec site;
	const char *uplink; /* interface name */
	const char *host_if;
	const char *router_if;
	struct lab_node nodes[LAB_NODES_MAX];
	size_t n;
	bool quiet;
};

/* lab_site.c: from a sealed topology. The lab borrows it. */
int lab_init(struct lab *lab, hbr_topology *topology, const char *name, hbr_error **err);
/* Says it on stderr and returns HBR_EINVAL: failures that are not the library's. */
int lab_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lab_world.c: namespaces, fabric and pods as resources. */
int lab_world(struct lab *lab, hbr_error **err);
int lab_pods(struct lab *lab, const struct lab_node *node, hbr_error **err);
int lab_apply_state(hbr_ctx *ctx, const hbr_state *wanted, uint32_t plan_flags, hbr_error **err);
int lab_node_ctx(const struct lab *lab, const struct lab_node *node, hbr_ctx **out, hbr_error **err);
int lab_node_state(const struct lab *lab, const struct lab_node *node, uint32_t stages,
		   bool with_pods, hbr_state **out, hbr_error **err);

/* lab_bird.c: Calico's speaker. */
int lab_bird_start(const struct lab *lab, const struct lab_node *node, hbr_error **err);

/* lab_process.c: processes in namespaces, and the sweep that leaves nothing. */
int lab_spawn(const char *netns, char *const argv[], bool quiet); /* exit code, or 126 and up */
int lab_record(const struct lab *lab, hbr_error **err);
size_t lab_processes(const char *netns, pid_t *pids, size_t max);
int lab_sweep(const char *name, hbr_error **err); /* ends processes, removes namespaces, files */
bool lab_exists(const char *name);

/* lab_verify.c: every node's conditions, the matrices. */
struct lab_result {
	size_t pings, pings_ok;
	size_t conditions, failed;
	double seconds;
};
int lab_verify(const struct lab *lab, uint32_t wait_ms, bool json, bool verbose,
	       struct lab_result *result, hbr_error **err);

#endif
