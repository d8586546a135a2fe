/* SPDX-License-Identifier: Apache-2.0 */
/* The context inside: ports, directories, cancellation. */
#ifndef HBR_ENGINE_CTX_H
#define HBR_ENGINE_CTX_H

#include "base/buf.h"
#include "base/error.h"
#include "hbr/ctx.h"
#include "hbr/state.h"
#include "hbr/sys/ports.h"

#define CTX_ROUTERS_MAX 17 /* the user's and the built-in ones */
#define CTX_ROUTERS_OWN 2

struct journal;

struct hbr_ctx {
	const hbr_netns_port *netns;
	const hbr_netlink_port *netlink;
	const hbr_host_port *host;
	const hbr_router_port *routers[CTX_ROUTERS_MAX + 1]; /* the user's, then built-ins */
	/* Built-ins that the context owns, or NULL. */
	hbr_netns_port *own_netns;
	hbr_netlink_port *own_netlink;
	hbr_host_port *own_host;
	hbr_router_port *own_frr, *own_crpd;
	hbr_kube_port *own_kube;
	const hbr_kube_port *kube; /* NULL: not opened yet; see ctx_kube() */
	const char *calico;        /* apiVersion of Calico's objects; NULL: not asked, or none */
	char *root_dir, *state_dir, *host_netns, *podman, *kubeconfig;
	char *cluster_dir; /* of lock, journal and baseline of the cluster */
	bool is_cluster;   /* what is done now is about the cluster */
	bool for_cluster;  /* HBR_CTX_CLUSTER */
	hbr_log_cb log;
	void *user;
	uint32_t timeout_ms;
	uint16_t ssh_port; /* besides 22, or 0 */
	int cancel_fd;     /* event descriptor, readable while a cancel waits to be noticed */
	int32_t cancelled; /* atomic: how often cancelled and not yet delivered */
	uint32_t confirm_s; /* of the apply that goes on: routers that can, wait for it, too */
	bool deaf;         /* undoing: a first cancel must not stop it */
	struct journal *journal; /* NULL: none is kept */
	/* The baseline as it was last read, and what its bytes say; NULL: not kept. */
	struct buf baseline_bytes;
	hbr_state *baseline;
};

/* Makes the built-in ports that are still missing. Every public call begins with it. */
int ctx_open(hbr_ctx *ctx, hbr_error **err);
/* A call with the context's time limit from now; a cancel ends it unless the context is deaf. */
hbr_call ctx_call(const hbr_ctx *ctx);
/* 0, or HBR_ECANCELED with the error made. */
int ctx_cancelled(const hbr_ctx *ctx, hbr_error **err);
int32_t ctx_cancels(const hbr_ctx *ctx);
/* The cancels up to now are delivered: what comes next may run. */
void ctx_uncancel(hbr_ctx *ctx);
/* The router port of an engine; NULL and HBR_ENOTSUP when there is none. */
const hbr_router_port *ctx_router(const hbr_ctx *ctx, const char *engine, hbr_error **err);
/* The port of the Kubernetes API, opened when it is first needed. */
int ctx_kube(hbr_ctx *ctx, const hbr_kube_port **out, hbr_error **err);
/* Where lock, journal and baseline are: of the node, or of the cluster. */
const char *ctx_dir(const hbr_ctx *ctx);
void ctx_log(const hbr_ctx *ctx, int level, const char *room, const char *fmt, ...)
        hbr_printf_like(4, 5);

#endif
