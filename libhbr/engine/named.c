/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading sysctls, files, containers and router configuration: what is looked at one by one, by its
 * name.
 */
#include "engine/named.h"

#include <string.h>

#include "base/buf.h"
#include "engine/secret.h"
#include "resource/kind.h"

#define HAS(port, slot) ((port)->size > offsetof(__typeof__(*(port)), slot) && (port)->slot)

int named_check(const hbr_ctx *ctx, const hbr_resource *named, hbr_error **err)
{
	if (named->kind == HBR_KIND_CONFIG && !ctx_router(ctx, named->name, err))
		return HBR_ENOTSUP;
	if (named->kind == HBR_KIND_CONTAINER && !HAS(ctx->host, containers))
		return hbr_fail(err, HBR_ENOTSUP, named->name,
		                "the host port \"%s\" knows no containers", ctx->host->name);
	return 0;
}

/* What is not there is no failure. */
static int pass_on(int rc, hbr_error **why, hbr_error **err)
{
	if (rc == HBR_ENOENT)
		return 0;
	if (err)
		*err = hbr_steal(*why);
	return rc;
}

static int read_sysctl(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                       hbr_error **err)
{
	const hbr_netns_port *netns = ctx->netns;
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *value = NULL;
	hbr_call call = ctx_call(ctx);
	int rc = netns->sysctl_get(netns->self, &call, resource_netns(named), named->name,
	                           &value, &why);

	if (rc < 0)
		return pass_on(rc, &why, err);

	hbr_sysctl body = { .value = value };
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_SYSCTL,
		              .netns = resource_netns(named),
		              .name = named->name,
		              .body = &body };
	return sink->put(sink, &seen, err);
}

static int read_file(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                     hbr_error **err)
{
	const hbr_host_port *host = ctx->host;
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *text = NULL;
	hbr_call call = ctx_call(ctx);
	uint32_t mode = 0;
	size_t size = 0;
	int rc = host->file_get(host->self, &call, named->name, &text, &size, &mode, &why);

	if (rc < 0)
		return pass_on(rc, &why, err);

	const hbr_file *said = named->body;
	hbr_file body = { .text = text, .mode = mode, .size = (uint32_t)size };
	hbr_resource seen = {
		.size = sizeof(seen), .kind = HBR_KIND_FILE, .name = named->name, .body = &body
	};
	/* Whatever it says by now is nobody's business, and may be secret. */
	if (!said->text && said->first) {
		mem_wipe(text, size);
		body = (hbr_file){ .first = said->first };
	}
	return sink->put(sink, &seen, err);
}

/* Of a secret no more is told than whether it has what its source has. */
static int read_secret(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                       hbr_error **err)
{
	hbr_file body = { .text = "" };
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_FILE,
		              .flags = HBR_RESOURCE_SECRET,
		              .name = named->name,
		              .body = &body };
	bool is_there = false, is_same = false;
	int rc = secret_look(ctx, named, &is_there, &is_same, &body.mode, err);

	if (rc < 0 || !is_there)
		return rc;
	if (is_same)
		body.text = ((const hbr_file *)named->body)->text;
	return sink->put(sink, &seen, err);
}

static int read_any_file(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                         hbr_error **err)
{
	return named->flags & HBR_RESOURCE_SECRET ? read_secret(ctx, named, sink, err)
	                                          : read_file(ctx, named, sink, err);
}

struct search {
	hbr_sink *sink;
	const hbr_resource *named;
};

/* By its name: one of that name elsewhere is in the way, and does not run where it should. */
static int take_container(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	const struct search *search = sink->user;
	hbr_resource seen = *resource;
	hbr_container body;

	if (strcmp(seen.name, search->named->name) != 0)
		return 0;
	body = *(const hbr_container *)seen.body;
	if (strcmp(resource_netns(&seen), resource_netns(search->named)) != 0)
		body.running = 0;
	seen.netns = resource_netns(search->named);
	seen.body = &body;
	return search->sink->put(search->sink, &seen, err);
}

static int read_container(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                          hbr_error **err)
{
	const hbr_host_port *host = ctx->host;
	struct search search = { .sink = sink, .named = named };
	hbr_sink ours = { .put = take_container, .user = &search };
	hbr_call call = ctx_call(ctx);

	if (named_check(ctx, named, err) < 0)
		return HBR_ENOTSUP;
	return host->containers(host->self, &call, &ours, err);
}

static int read_config(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
                       hbr_error **err)
{
	const hbr_router_port *router = ctx_router(ctx, named->name, err);
	_cleanup_free_ char *text = NULL;
	hbr_call call = ctx_call(ctx);
	uint32_t running = 0;
	int rc;

	if (!router)
		return HBR_ENOTSUP;
	rc = router->fetch(router->self, &call, resource_netns(named), &text, &running, err);
	if (rc < 0 || (!text && !running))
		return rc;

	/* What the port fetches is by its contract only what is ours. */
	hbr_config body = { .text = text ? text : "", .running = running };
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_CONFIG,
		              .flags = HBR_RESOURCE_OURS,
		              .netns = resource_netns(named),
		              .name = named->name,
		              .body = &body };
	return sink->put(sink, &seen, err);
}

static const struct {
	int32_t kind;
	int (*read)(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink,
	            hbr_error **err);
} readers[] = {
	{ HBR_KIND_SYSCTL, read_sysctl },
	{ HBR_KIND_FILE, read_any_file },
	{ HBR_KIND_CONTAINER, read_container },
	{ HBR_KIND_CONFIG, read_config },
};

bool named_is_read(int32_t kind)
{
	for (size_t i = 0; i < hbr_count(readers); i++) {
		if (readers[i].kind == kind)
			return true;
	}
	return false;
}

int named_read(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(readers); i++) {
		if (readers[i].kind == named->kind)
			return readers[i].read(ctx, named, sink, err);
	}
	return 0;
}
