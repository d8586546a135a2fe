/* SPDX-License-Identifier: Apache-2.0 */
/* The context: the doors (ports) to one machine, its directories, and cancellation. */
#ifndef HBR_CTX_H
#define HBR_CTX_H

#include "common.h"

enum hbr_log_level { HBR_LOG_ERROR = 1, HBR_LOG_INFO = 2, HBR_LOG_DEBUG = 3 };

/* The only callback of the library. Called in the thread that is inside the library. */
typedef void (*hbr_log_cb)(void *user, int32_t level, const char *room, const char *line);

struct hbr_netns_port;
struct hbr_netlink_port;
struct hbr_router_port;
struct hbr_kube_port;
struct hbr_host_port;

enum hbr_ctx_flag {
	/*
	 * Undo, recover, confirm and last are about the cluster. What has a state or a plan knows
	 * by itself what it is about. The cluster has a lock, a journal and a baseline of its
	 * own, in "cluster" below state_dir: what fails there leaves the node alone, and the
	 * reverse.
	 */
	HBR_CTX_CLUSTER = 1 << 0,
};

/* NULL and zero mean the default. Everything is copied except the ports, which are borrowed. */
typedef struct hbr_ctx_opts {
	size_t size;
	/*
	 * Lab seam: the named namespace that plays the node's default namespace. A namespace
	 * NAME of the topology is then called HOST-NAME on the machine ("lab1-node1-crpd"), and so
	 * is the router's instance. NULL: the caller's own namespace, names as they are.
	 */
	const char *host_netns;
	const char *root_dir;   /* every file is below it; "/" */
	const char *state_dir;  /* lock, baseline; NULL: "/var/lib/hbr" below root_dir */
	const char *kubeconfig; /* NULL: that of the pod that we run in */
	const char *podman;     /* socket; "/run/podman/podman.sock" */
	hbr_log_cb log;         /* NULL: silence */
	void *user;
	const struct hbr_netns_port *netns; /* NULL: the built-in one; see sys/ports.h */
	const struct hbr_netlink_port *netlink;
	const struct hbr_router_port *const
	        *routers; /* NULL-ended; searched before built-ins */
	const struct hbr_kube_port *kube;
	const struct hbr_host_port *host;
	uint32_t timeout_ms; /* of one call to the outside; 30,000 */
	uint32_t flags;      /* enum hbr_ctx_flag */
	uint32_t ssh_port;   /* people come in by it, besides 22: their NIC is not taken */
	uint32_t reserved;
} hbr_ctx_opts;

HBR_BEGIN

/* `opts` may be NULL. Opens nothing yet. HBR_EINVAL for an incomplete port table. */
HBR_API int hbr_ctx_new(const hbr_ctx_opts *opts, hbr_ctx **out, hbr_error **err);

/*
 * Cancels what runs now, or else the next call that could be cancelled, from any thread or a
 * signal handler: once, and the run is undone; twice, and it stops where it is.
 */
HBR_API void hbr_ctx_cancel(hbr_ctx *ctx);

/* Frees a context; no run or watch of it may be left. NULL is fine. */
HBR_API void hbr_ctx_free(hbr_ctx *ctx);

HBR_END
#endif
