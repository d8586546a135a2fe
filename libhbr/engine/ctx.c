/* SPDX-License-Identifier: Apache-2.0 */
/* The context: which ports, which directories, what cancels. Opens nothing until it is used. */
#include "engine/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sized.h"
#include "base/wake.h"
#include "engine/ports.h"
#include "port/host.h"
#include "port/kube.h"

#define TIMEOUT_MS 30000
#define LINE_MAX_BYTES 1024

static void ctx_freep(hbr_ctx **ctx)
{
	hbr_ctx_free(*ctx);
}

/* "/" and a trailing slash add nothing to the paths below. */
static char *join(const char *root, const char *below)
{
	struct buf path = BUF_INIT;
	size_t n = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	buf_put(&path, root, n);
	buf_puts(&path, below);

	char *text = buf_steal(&path);

	buf_free(&path);
	return text;
}

static int take_routers(hbr_ctx *ctx, const hbr_router_port *const *routers, hbr_error **err)
{
	/* One place stays free for the built-in one. */
	for (size_t n = 0; routers && routers[n]; n++) {
		int rc = ports_check_router(routers[n], err);
		if (rc < 0)
			return rc;
		if (n == CTX_ROUTERS_MAX - CTX_ROUTERS_OWN)
			return hbr_fail(err, HBR_ELIMIT, NULL, "more than %d router ports",
			                CTX_ROUTERS_MAX - CTX_ROUTERS_OWN);
		ctx->routers[n] = routers[n];
	}
	return 0;
}

static int take_ports(hbr_ctx *ctx, const hbr_ctx_opts *opts, hbr_error **err)
{
	int rc = opts->netns ? ports_check_netns(opts->netns, err) : 0;

	if (rc == 0 && opts->netlink)
		rc = ports_check_netlink(opts->netlink, err);
	if (rc == 0 && opts->host)
		rc = ports_check_host(opts->host, err);
	if (rc == 0 && opts->kube)
		rc = ports_check_kube(opts->kube, err);
	if (rc < 0)
		return rc;
	ctx->netns = opts->netns;
	ctx->netlink = opts->netlink;
	ctx->host = opts->host;
	ctx->kube = opts->kube;
	return take_routers(ctx, opts->routers, err);
}

static int take_names(hbr_ctx *ctx, const hbr_ctx_opts *opts, hbr_error **err)
{
	ctx->root_dir = strdup(opts->root_dir ? opts->root_dir : "/");
	if (!ctx->root_dir)
		return hbr_oom(err);
	ctx->state_dir =
	        opts->state_dir ? strdup(opts->state_dir) : join(ctx->root_dir, "/var/lib/hbr");
	if (!ctx->state_dir)
		return hbr_oom(err);
	ctx->cluster_dir = join(ctx->state_dir, "/cluster");
	if (!ctx->cluster_dir)
		return hbr_oom(err);
	ctx->kubeconfig = opts->kubeconfig ? strdup(opts->kubeconfig) : NULL;
	if (opts->kubeconfig && !ctx->kubeconfig)
		return hbr_oom(err);
	ctx->podman = opts->podman ? strdup(opts->podman) : NULL;
	if (opts->podman && !ctx->podman)
		return hbr_oom(err);
	if (!opts->host_netns)
		return 0;
	ctx->host_netns = strdup(opts->host_netns);
	return ctx->host_netns ? 0 : hbr_oom(err);
}

int hbr_ctx_new(const hbr_ctx_opts *opts, hbr_ctx **out, hbr_error **err)
{
	hbr_ctx_opts ours;
	hbr_cleanup(ctx_freep) hbr_ctx *ctx = NULL;
	int rc = sized_read(&ours, sizeof(ours), opts, "hbr_ctx_opts", err);

	if (rc < 0)
		return rc;
	if (ours.flags & ~(uint32_t)HBR_CTX_CLUSTER)
		return hbr_fail(err, HBR_EINVAL, NULL, "unknown flags in hbr_ctx_opts");
	if (ours.ssh_port > UINT16_MAX)
		return hbr_fail(err, HBR_EINVAL, NULL, "ssh_port %u is not a port",
		                ours.ssh_port);
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return hbr_oom(err);
	ctx->cancel_fd = -1;
	ctx->ssh_port = (uint16_t)ours.ssh_port;
	ctx->log = ours.log;
	ctx->user = ours.user;
	ctx->for_cluster = ctx->is_cluster = ours.flags & HBR_CTX_CLUSTER;
	ctx->timeout_ms = ours.timeout_ms ? ours.timeout_ms : TIMEOUT_MS;
	rc = take_ports(ctx, &ours, err);
	if (rc == 0)
		rc = take_names(ctx, &ours, err);
	if (rc == 0)
		rc = wake_new(&ctx->cancel_fd, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(ctx);
	return 0;
}

static void add_router(hbr_ctx *ctx, const hbr_router_port *router)
{
	size_t n = 0;

	while (ctx->routers[n])
		n++;
	ctx->routers[n] = router;
}

/* A host port that reaches no containers has no cRPD either. */
static bool has_streams(const hbr_host_port *host)
{
	return host->size > offsetof(hbr_host_port, stream) && host->stream;
}

static int open_routers(hbr_ctx *ctx, hbr_error **err)
{
	int rc;

	if (ctx->own_frr)
		return 0;
	rc = hbr_frr_port_new(ctx->netns, ctx->host, &ctx->own_frr, err);
	if (rc < 0)
		return rc;
	add_router(ctx, ctx->own_frr);
	if (!has_streams(ctx->host))
		return 0;
	rc = hbr_crpd_port_new(ctx->netns, ctx->host, &ctx->own_crpd, err);
	if (rc == 0)
		add_router(ctx, ctx->own_crpd);
	return rc;
}

static int open_host(hbr_ctx *ctx, hbr_error **err)
{
	struct host_opts opts = {
		.netns = ctx->netns,
		.root_dir = ctx->root_dir,
		.podman = ctx->podman,
		.log = ctx->log,
		.user = ctx->user,
	};
	int rc = host_port_open(&opts, &ctx->own_host, err);

	ctx->host = ctx->own_host;
	return rc;
}

int ctx_open(hbr_ctx *ctx, hbr_error **err)
{
	int rc = 0;

	if (!ctx->netns) {
		rc = hbr_netns_port_new(ctx->host_netns, &ctx->own_netns, err);
		ctx->netns = ctx->own_netns;
	}
	if (rc == 0 && !ctx->netlink) {
		rc = hbr_netlink_port_new(ctx->netns, &ctx->own_netlink, err);
		ctx->netlink = ctx->own_netlink;
	}
	if (rc == 0 && !ctx->host)
		rc = open_host(ctx, err);
	return rc < 0 ? rc : open_routers(ctx, err);
}

void hbr_ctx_free(hbr_ctx *ctx)
{
	if (!ctx)
		return;
	hbr_router_port_free(ctx->own_frr);
	hbr_kube_port_free(ctx->own_kube);
	hbr_router_port_free(ctx->own_crpd);
	hbr_host_port_free(ctx->own_host);
	hbr_netlink_port_free(ctx->own_netlink);
	hbr_netns_port_free(ctx->own_netns);
	hbr_state_free(ctx->baseline);
	buf_free(&ctx->baseline_bytes);
	file_closep(&ctx->cancel_fd);
	free(ctx->root_dir);
	free(ctx->state_dir);
	free(ctx->cluster_dir);
	free(ctx->kubeconfig);
	free(ctx->host_netns);
	free(ctx->podman);
	free(ctx);
}

void hbr_ctx_cancel(hbr_ctx *ctx)
{
	if (!ctx)
		return;
	__atomic_add_fetch(&ctx->cancelled, 1, __ATOMIC_SEQ_CST);
	wake_ring(ctx->cancel_fd);
}

int32_t ctx_cancels(const hbr_ctx *ctx)
{
	return __atomic_load_n(&ctx->cancelled, __ATOMIC_SEQ_CST);
}

int ctx_cancelled(const hbr_ctx *ctx, hbr_error **err)
{
	return ctx_cancels(ctx) ? hbr_fail(err, HBR_ECANCELED, NULL, "cancelled") : 0;
}

void ctx_uncancel(hbr_ctx *ctx)
{
	wake_quiet(ctx->cancel_fd);
	__atomic_store_n(&ctx->cancelled, 0, __ATOMIC_SEQ_CST);
}

hbr_call ctx_call(const hbr_ctx *ctx)
{
	return (hbr_call){
		.deadline_ns = wake_now() + ctx->timeout_ms * WAKE_MS,
		.cancel_fd = ctx->deaf ? -1 : ctx->cancel_fd,
	};
}

const hbr_router_port *ctx_router(const hbr_ctx *ctx, const char *engine, hbr_error **err)
{
	for (size_t i = 0; ctx->routers[i]; i++) {
		if (strcmp(ctx->routers[i]->name, engine) == 0)
			return ctx->routers[i];
	}
	hbr_fail(err, HBR_ENOTSUP, NULL, "there is no back end for the router engine \"%s\"",
	         engine);
	hbr_hint(err,
	         "hbr render %s prints the configuration; a program may bring a port for it",
	         engine);
	return NULL;
}

int ctx_kube(hbr_ctx *ctx, const hbr_kube_port **out, hbr_error **err)
{
	struct kube_opts opts = { .kubeconfig = ctx->kubeconfig,
		                  .log = ctx->log,
		                  .user = ctx->user };
	int rc = ctx->kube ? 0 : kube_port_open(&opts, &ctx->own_kube, err);

	if (rc == 0 && !ctx->kube)
		ctx->kube = ctx->own_kube;
	*out = ctx->kube;
	return rc;
}

const char *ctx_dir(const hbr_ctx *ctx)
{
	return ctx->is_cluster ? ctx->cluster_dir : ctx->state_dir;
}

void ctx_log(const hbr_ctx *ctx, int level, const char *room, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!ctx->log)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	ctx->log(ctx->user, level, room, line);
}
