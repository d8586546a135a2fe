/* SPDX-License-Identifier: Apache-2.0 */
/* The context inside: ports, directories, cancellation. */
#ifndef HBR_ENGINE_CTX_H
#define HBR_ENGINE_CTX_H

#include "base/error.h"
#include "hbr/ctx.h"
#include "hbr/sys/ports.h"

struct hbr_ctx {
	const hbr_netns_port *netns;
	const hbr_netlink_port *netlink;
	const hbr_host_port *host;
	const hbr_router_port **routers; /* NULL-ended: the user's, then built-ins */
	/* Built-ins that the context owns, or NULL. */
	hbr_netns_port *own_netns;
	hbr_netlink_port *own_netlink;
	hbr_host_port *own_host;
	hbr_router_port *own_routers[4];
	char *root_dir, *state_dir, *host_netns;
	hbr_log_cb log;
	void *user;
	uint32_t timeout_ms;
	int cancel_fd;        /* eventfd */
	int32_t cancelled;    /* atomic: 0, 1 undo, 2 stop */
};

/* A call with the context's time limit from now. */
hbr_call ctx_call(hbr_ctx *ctx);
/* 0, or HBR_ECANCELED with the error made. */
int ctx_cancelled(hbr_ctx *ctx, hbr_error **err);
/* The router port of an engine; NULL and HBR_ENOTSUP when there is none. */
const hbr_router_port *ctx_router(hbr_ctx *ctx, const char *engine, hbr_error **err);
void ctx_log(hbr_ctx *ctx, int level, const char *room, const char *fmt, ...)
	hbr_printf_like(4, 5);

#endif
