/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab: every node of a site as namespaces on this machine, through the library's own lab seam.
 *
 *   NAME-fabric       the bridge br0 that plays the fabric
 *   NAME-NODE         the node's default namespace: veth-k8s, BIRD as Calico's speaker, cali1;
 *                     or the real Calico, and on the first control plane the API server
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
#define LAB_ADDR_TEXT 46

struct lab_node {
	const char *name; /* borrowed from the topology */
	uint32_t index;
	char netns[96];   /* NAME-NODE */
	char dir[160];    /* LAB_DIR/NAME/NODE */
	hbr_addr host[2], router[2]; /* veth ends, v4 and v6; family 0: none */
	hbr_addr uplink[2];
	hbr_addr block[2], pod[2]; /* Calico's block, the pod's address */
	uint32_t calico_asn;
	char networks[256]; /* what its pods attach to: "default/storage,…" */
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
	const char *podman; /* socket of its service, or NULL */
	bool quiet;
	bool has_kube;         /* the real Calico, fed by an API server */
	bool has_api;
	size_t api;            /* the node with the API server: the first control plane */
	char kube[96];         /* folder of the API server: kubeconfigs, logs */
	const char *site_file; /* the document, for the cluster scope */
	const char *stack;     /* folder of the programs, as tests/kube/build makes it */
};

/* lab_site.c: from a sealed topology. The lab borrows it. */
int lab_init(struct lab *lab, hbr_topology *topology, const char *name, hbr_error **err);
/* Says it on stderr and returns HBR_EINVAL: failures that are not the library's. */
int lab_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* lab_build.c: everything, in order; what was begun is left when it fails. */
int lab_build(struct lab *lab, hbr_error **err);

/* lab_world.c: namespaces, fabric and pods as resources. */
int lab_world(struct lab *lab, hbr_error **err);
int lab_pods(const struct lab *lab, const struct lab_node *node, hbr_error **err);
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

/* lab_program.c: programs with an environment and files of their own. */
struct lab_program {
	const char *netns;
	const char *home;   /* its run and lib are the program's /run and /var/lib; or NULL */
	char *const *argv;
	char *const *env;   /* added to ours; or NULL */
	const char *input;  /* files, or NULL */
	const char *output; /* NULL: the log */
	const char *log;
};
pid_t lab_begin(const struct lab_program *program); /* the sweep finds it by its namespace */
int lab_call(const struct lab_program *program);    /* exit code, or 126 and up */
int lab_must(const struct lab_program *program, const char *what); /* shows the log's end */
int lab_call_failed(const struct lab_program *program, const char *what, int code);

/* lab_kube.c: an API server, and what a cluster has before libhbr comes. */
int lab_kube_open(struct lab *lab, bool wanted, const char *site_file, const char *stack);
int lab_kube_start(const struct lab *lab);
int lab_kube_fill(const struct lab *lab);  /* needs the routers */
int lab_kube_apply(const struct lab *lab); /* hbr apply --cluster */
void lab_addr_text(const hbr_addr *addr, char buf[LAB_ADDR_TEXT]);

/* lab_calico.c, lab_pod.c: the real Calico of a node, and its pod. */
int lab_calico_start(const struct lab *lab, const struct lab_node *node);
bool lab_calico_ready(const struct lab *lab, const struct lab_node *node);
int lab_pod_wire(const struct lab *lab, const struct lab_node *node);
int lab_pods_read(struct lab *lab, hbr_error **err); /* addresses and blocks that IPAM chose */

/* lab_verify.c: every node's conditions, the matrices. */
struct lab_result {
	size_t pings, pings_ok;
	size_t conditions, failed, ready;
	double seconds;
};
int lab_verify(const struct lab *lab, uint32_t wait_ms, bool json, bool verbose,
	       struct lab_result *result, hbr_error **err);

#endif
