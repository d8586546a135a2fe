/* SPDX-License-Identifier: Apache-2.0 */
/* Listening: the kernel's messages, names of namespaces, files, the router's daemons. */
#include "engine/listen.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "hbr/check.h"
#include "port/frr.h"
#include "port/netns.h"

#define PID_SIZE 32

static int add_path(struct ears *ears, hbr_error **err, const char *fmt, ...)
        hbr_printf_like(3, 4);

static int add_path(struct ears *ears, hbr_error **err, const char *fmt, ...)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&path, fmt, args);
	va_end(args);
	return path.rc ? hbr_oom(err) : ears_add_path(ears, path.data, err);
}

static int real_name(const hbr_ctx *ctx, const char *netns, char *name, hbr_error **err)
{
	return ctx->netns->real_name(ctx->netns->self, netns, name, FRR_NAME_MAX + 1, err);
}

static int add_netns(hbr_ctx *ctx, struct ears *ears, const hbr_resource *netns,
                     hbr_error **err)
{
	char name[FRR_NAME_MAX + 1];
	int rc;

	/* Other doors have their names elsewhere. */
	if (!ctx->own_netns)
		return 0;
	rc = real_name(ctx, netns->name, name, err);
	return rc < 0 ? rc : add_path(ears, err, "%s/%s", NETNS_DIR, name);
}

static int add_file(hbr_ctx *ctx, struct ears *ears, const hbr_resource *file, hbr_error **err)
{
	size_t n = strlen(ctx->root_dir);

	if (!ctx->own_host)
		return 0;
	while (n > 0 && ctx->root_dir[n - 1] == '/')
		n--;
	return add_path(ears, err, "%.*s%s", (int)n, ctx->root_dir, file->name);
}

static int32_t read_pid(const char *path)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (file_read(path, PID_SIZE, &text, NULL, NULL) < 0 || !text.data)
		return 0;
	return (int32_t)strtol(text.data, NULL, 10);
}

/* A daemon that is killed leaves its socket and its pid file behind: only its end is an event. */
static int add_daemon(struct ears *ears, const char *instance, const char *daemon,
                      hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	int rc;

	buf_printf(&path, "%s/%s/%s.pid", FRR_RUN, instance, daemon);
	if (path.rc)
		return hbr_oom(err);
	rc = ears_add_path(ears, path.data, err);
	if (rc == 0)
		rc = ears_add_process(ears, read_pid(path.data), err);
	/* One that has ended is seen by the look that follows. */
	return rc < 0 ? rc : add_path(ears, err, "%s/%s/%s.vty", FRR_RUN, instance, daemon);
}

static int add_router(hbr_ctx *ctx, struct ears *ears, const hbr_resource *config,
                      hbr_error **err)
{
	const hbr_router_port *router = ctx_router(ctx, config->name, NULL);
	char name[FRR_NAME_MAX + 1];
	int rc;

	/* Of other engines, the ends of their containers tell. */
	if (!router || router != ctx->own_frr)
		return 0;
	rc = real_name(ctx, resource_netns(config), name, err);
	for (size_t i = 0; rc == 0 && i < FRR_DAEMONS; i++)
		rc = add_daemon(ears, name, frr_daemon_names[i], err);
	return rc;
}

static const struct {
	int32_t kind;
	uint32_t source;
	int (*add)(hbr_ctx *ctx, struct ears *ears, const hbr_resource *wanted,
	           hbr_error **err);
} adders[] = {
	{ HBR_KIND_NETNS, HBR_WATCH_FILES, add_netns },
	{ HBR_KIND_FILE, HBR_WATCH_FILES, add_file },
	{ HBR_KIND_CONFIG, HBR_WATCH_ROUTER, add_router },
};

static int add_named(hbr_ctx *ctx, struct ears *ears, const hbr_resource *wanted,
                     uint32_t sources, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(adders); i++) {
		if (adders[i].kind == wanted->kind && adders[i].source & sources)
			return adders[i].add(ctx, ears, wanted, err);
	}
	return 0;
}

/* New namespaces are heard only after watching again. */
static int add_kernel(hbr_ctx *ctx, struct ears *ears, hbr_error **err)
{
	const hbr_netlink_port *port = ctx->netlink;
	hbr_call call = ctx_call(ctx);
	int fd = -1;
	int rc = port->watch(port->self, &call, &fd, err);

	return rc < 0 || fd < 0 ? rc : ears_add_fd(ears, fd, err);
}

int listen_to(hbr_ctx *ctx, struct ears *ears, const hbr_state *wanted, uint32_t sources,
              hbr_error **err)
{
	size_t n = hbr_state_count(wanted);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_named(ctx, ears, hbr_state_at(wanted, i), sources, err);
	if (rc == 0)
		rc = ears_settle(ears, err);
	if (rc == 0 && sources & HBR_WATCH_KERNEL)
		rc = add_kernel(ctx, ears, err);
	return rc;
}

int listen_after(struct ears *ears, const hbr_state *have, uint32_t sources, hbr_error **err)
{
	size_t n = sources & HBR_WATCH_ROUTER ? hbr_state_count(have) : 0;
	int ended = 0;

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(have, i);
		const hbr_container *body = row->body;
		int rc = row->kind == HBR_KIND_CONTAINER && body
		                 ? ears_add_process(ears, (int32_t)body->pid, err)
		                 : 0;

		if (rc < 0)
			return rc;
		ended |= rc;
	}
	return ended;
}

static int drain(hbr_ctx *ctx, hbr_error **err)
{
	const hbr_netlink_port *port = ctx->netlink;
	_cleanup_error_ hbr_error *why = NULL;
	hbr_call call = ctx_call(ctx);
	int rc = port->drain(port->self, &call, &why);

	/* Some were lost: everything is looked at anyway. */
	if (rc == HBR_ELIMIT) {
		ctx_log(ctx, HBR_LOG_INFO, "engine", "%s", hbr_error_message(why));
		return 1;
	}
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

int listen_hear(hbr_ctx *ctx, struct ears *ears, hbr_error **err)
{
	uint32_t heard = ears_hear(ears);
	int rc = heard & EAR_FD ? drain(ctx, err) : 0;

	if (rc < 0)
		return rc;
	return rc > 0 || heard & (EAR_PATH | EAR_PROCESS);
}
