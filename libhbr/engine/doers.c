/* SPDX-License-Identifier: Apache-2.0 */
/* Acts on namespaces, sysctls, files and router configuration: a table of port calls. */
#include "engine/doers.h"

#include "hbr/plan.h"
#include "resource/kind.h"

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

static int do_file(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_host_port *port = ctx->host;

	if (op->verb == HBR_VERB_DELETE)
		return port->file_put(port->self, call, op->before->name, NULL, 0, 0, err);

	const hbr_file *file = op->after->body;
	if (op->after->flags & HBR_RESOURCE_SECRET)
		return hbr_fail(err, HBR_ENOTSUP, NULL,
		                "files with secrets cannot be written yet");
	return port->file_put(port->self, call, op->after->name, file->text, file->size,
	                      file->mode, err);
}

static int do_config(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	const hbr_resource *what = op->after ? op->after : op->before;
	const hbr_router_port *port = ctx_router(ctx, what->name, err);

	if (!port)
		return HBR_ENOTSUP;
	if (op->verb == HBR_VERB_DELETE)
		return port->remove(port->self, call, resource_netns(what), err);
	return port->commit(port->self, call, resource_netns(what),
	                    ((const hbr_config *)what->body)->text, 0, err);
}

static const struct {
	int32_t kind;
	int (*act)(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err);
} doers[] = {
	{ HBR_KIND_NETNS, do_netns },
	{ HBR_KIND_SYSCTL, do_sysctl },
	{ HBR_KIND_FILE, do_file },
	{ HBR_KIND_CONFIG, do_config },
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
