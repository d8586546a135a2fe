/* SPDX-License-Identifier: Apache-2.0 */
/* Acts on namespaces, sysctls, files, containers, routers and API objects: a table of port calls. */
#include "engine/doers.h"

#include <string.h>

#include "base/buf.h"
#include "base/wake.h"
#include "engine/named.h"
#include "engine/objects.h"
#include "engine/secret.h"
#include "hbr/plan.h"
#include "resource/kind.h"

#define FIRST_MODE 0600
#define LOAD_MS (INT64_C(30) * 60 * 1000) /* of an image */
#define CONFIRM_SLACK_S 30
#define BOOT_MS (INT64_C(120) * 1000) /* of a router in a container */
#define BOOT_STEP_MS 250

static int do_netns(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_netns_port *port = ctx->netns;

	/* A name has no attributes. */
	if (op->verb == HBR_VERB_CHANGE)
		return 0;
	if (op->verb == HBR_VERB_DELETE)
		return port->remove(port->self, call, op->before->name, err);
	return port->create(port->self, call, op->after->name, err);
}

static int do_sysctl(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_netns_port *port = ctx->netns;
	const hbr_resource *to = op->after;
	_cleanup_error_ hbr_error *why = NULL;
	int rc;

	/* It goes with its namespace or interface, or stays: nobody can delete one. */
	if (!to)
		return 0;
	rc = port->sysctl_set(port->self, call, resource_netns(to), to->name,
	                      ((const hbr_sysctl *)to->body)->value, &why);
	if (rc == HBR_ENOENT && to->flags & HBR_RESOURCE_OPTIONAL)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

/* Somebody may have begun it since it was missed: what is there is right. */
static int begin_file(const hbr_host_port *port, const hbr_call *call, const hbr_resource *to,
                      hbr_error **err)
{
	const hbr_file *file = to->body;
	_cleanup_free_ char *there = NULL;
	size_t size = 0;
	int rc = port->file_get(port->self, call, to->name, &there, &size, NULL, NULL);

	if (rc == 0)
		mem_wipe(there, size);
	return rc == 0 ? 0
	               : port->file_put(port->self, call, to->name, file->first,
	                                strlen(file->first), FIRST_MODE, err);
}

static int do_file(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_host_port *port = ctx->host;

	if (op->verb == HBR_VERB_DELETE)
		return port->file_put(port->self, call, op->before->name, NULL, 0, 0, err);

	const hbr_file *file = op->after->body;
	if (op->after->flags & HBR_RESOURCE_SECRET)
		return secret_put(ctx, call, op->after, err);
	if (!file->text && file->first)
		return begin_file(port, call, op->after, err);
	return port->file_put(port->self, call, op->after->name, file->text, file->size,
	                      file->mode, err);
}

/* What has to be loaded first takes longer than any other call. */
static int do_container(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *what = op->after ? op->after : op->before;
	const hbr_host_port *port = ctx->host;
	hbr_call patient = *call;

	if (named_check(ctx, what, err) < 0)
		return HBR_ENOTSUP;
	if (op->verb == HBR_VERB_DELETE)
		return port->container_remove(port->self, call, what->name, err);
	if (((const hbr_container *)what->body)->archive)
		patient.deadline_ns += LOAD_MS * WAKE_MS;
	return port->container_put(port->self, &patient, what, err);
}

static bool is_final(int rc)
{
	return rc == HBR_ECANCELED || rc == HBR_ENOMEM || rc == HBR_EPERM ||
	       rc == HBR_ECONFLICT || rc == HBR_ENOTSUP;
}

/* Until its management answers; what it says last is why it did not. */
static int await_boot(hbr_ctx *ctx, const hbr_router_port *port, const char *netns,
                      hbr_error **err)
{
	int64_t until = wake_now() + BOOT_MS * WAKE_MS;

	for (;;) {
		_cleanup_error_ hbr_error *why = NULL;
		_cleanup_free_ char *text = NULL;
		hbr_call call = ctx_call(ctx);
		uint32_t running = 0;
		int rc = port->fetch(port->self, &call, netns, &text, &running, &why);

		if (rc == 0)
			return 0;
		if (is_final(rc) || wake_now() >= until) {
			if (err)
				*err = hbr_steal(why);
			return rc;
		}
		wake_wait(-1, call.cancel_fd, BOOT_STEP_MS * WAKE_MS);
	}
}

/*
 * A router that takes a commit back by itself gets a window as well, a little longer than ours, which
 * begins later: it is the last resort, should this machine not come back to it.
 */
static uint32_t window_of(const hbr_ctx *ctx, uint32_t caps)
{
	return ctx->confirm_s && caps & HBR_ROUTER_CONFIRM ? ctx->confirm_s + CONFIRM_SLACK_S
	                                                   : 0;
}

static int do_config(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *what = op->after ? op->after : op->before;
	const hbr_router_port *port = ctx_router(ctx, what->name, err);
	const char *netns = resource_netns(what);
	hbr_call fresh = *call;
	uint32_t caps = 0;
	int rc;

	if (!port)
		return HBR_ENOTSUP;
	if (op->verb == HBR_VERB_DELETE)
		return port->remove(port->self, call, netns, err);
	rc = port->caps(port->self, call, netns, &caps, err);
	if (rc == 0 && op->verb == HBR_VERB_CREATE && caps & HBR_ROUTER_BOOTS) {
		rc = await_boot(ctx, port, netns, err);
		fresh = ctx_call(ctx);
	}
	return rc < 0 ? rc
	              : port->commit(port->self, &fresh, netns,
	                             ((const hbr_config *)what->body)->text,
	                             window_of(ctx, caps), err);
}

static const struct {
	int32_t kind;
	int (*act)(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err);
} doers[] = {
	{ HBR_KIND_NETNS, do_netns },   { HBR_KIND_SYSCTL, do_sysctl },
	{ HBR_KIND_FILE, do_file },     { HBR_KIND_CONTAINER, do_container },
	{ HBR_KIND_CONFIG, do_config }, { HBR_KIND_OBJECT, object_act },
};

int doer_call(hbr_ctx *ctx, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *what = op->after ? op->after : op->before;
	hbr_call call = ctx_call(ctx);

	for (size_t i = 0; i < hbr_count(doers); i++) {
		if (doers[i].kind == what->kind)
			return doers[i].act(ctx, &call, op, err);
	}
	return hbr_fail(err, HBR_ENOTSUP, NULL, "no port serves this kind of resource");
}

bool doer_knows(int32_t kind)
{
	if (kind == HBR_KIND_LINK || kind == HBR_KIND_ADDR || kind == HBR_KIND_ROUTE ||
	    kind == HBR_KIND_RULE || kind == HBR_KIND_NEIGH)
		return true;
	for (size_t i = 0; i < hbr_count(doers); i++) {
		if (doers[i].kind == kind)
			return true;
	}
	return false;
}
