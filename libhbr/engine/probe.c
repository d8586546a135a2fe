/* SPDX-License-Identifier: Apache-2.0 */
/* Trying probes: all echo requests at once, TCP ports one after the other. */
#include "engine/probe.h"

#include "base/wake.h"
#include "engine/record.h"
#include "port/ping.h"
#include "port/reach.h"

#define PING_TRIES 3
#define PING_MS 300
#define TCP_MS 1000

static const hbr_expect *expect_of(const hbr_resource *row)
{
	return row->body;
}

static bool is_probe(const hbr_resource *row)
{
	return row->kind == HBR_KIND_EXPECT && expect_of(row)->type == HBR_EXPECT_PROBE;
}

static int try_tcp(hbr_ctx *ctx, const hbr_resource *row, uint32_t *answered, hbr_error **err)
{
	hbr_call call = ctx_call(ctx);
	int64_t soon = wake_now() + TCP_MS * WAKE_MS;

	if (!call.deadline_ns || soon < call.deadline_ns)
		call.deadline_ns = soon;
	return reach_tcp(ctx->netns, &call, resource_netns(row), &expect_of(row)->addr,
	                 expect_of(row)->port, answered, err);
}

/* A namespace that is not there does not answer: 1 when it is, 0 when not. */
static int is_there(hbr_ctx *ctx, const hbr_resource *row, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	hbr_call call = ctx_call(ctx);
	int fd;
	int rc = ctx->netns->open(ctx->netns->self, &call, resource_netns(row), &fd, &why);

	if (rc < 0 && rc != HBR_ENOENT && err)
		*err = hbr_steal(why);
	return rc == HBR_ENOENT ? 0 : rc < 0 ? rc : 1;
}

static int try_pings(hbr_ctx *ctx, const hbr_resource *const *rows, size_t n,
                     uint32_t *answered, hbr_error **err)
{
	_cleanup_free_ struct ping_probe *pings = calloc(n + 1, sizeof(*pings));
	hbr_call call = ctx_call(ctx);
	size_t filled = 0;
	int rc;

	if (!pings)
		return hbr_oom(err);
	for (size_t i = 0; i < n; i++) {
		if (!expect_of(rows[i])->port)
			pings[filled++] = (struct ping_probe){ .netns = resource_netns(rows[i]),
				                               .to = expect_of(rows[i])->addr };
	}
	if (!filled)
		return 0;
	rc = ping_run(ctx->netns, &call, pings, filled, PING_TRIES, PING_MS, err);
	for (size_t i = 0, at = 0; rc == 0 && i < n; i++) {
		if (!expect_of(rows[i])->port)
			answered[i] = pings[at++].answered;
	}
	return rc;
}

static int try_all(hbr_ctx *ctx, const hbr_resource *const *rows, size_t n, uint32_t *answered,
                   hbr_error **err)
{
	int rc = try_pings(ctx, rows, n, answered, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (expect_of(rows[i])->port)
			rc = try_tcp(ctx, rows[i], &answered[i], err);
	}
	return rc;
}

/* Leaves only those whose namespace exists. */
static int keep_placed(hbr_ctx *ctx, struct probes *probes, hbr_error **err)
{
	size_t kept = 0;

	for (size_t i = 0; i < probes->held.n; i++) {
		int rc = is_there(ctx, probes->held.items[i], err);

		if (rc < 0)
			return rc;
		if (rc > 0)
			probes->held.items[kept++] = probes->held.items[i];
	}
	probes->held.n = kept;
	return 0;
}

int probes_before(hbr_ctx *ctx, const hbr_state *wanted, struct probes *probes, hbr_error **err)
{
	size_t n = hbr_state_count(wanted);
	_cleanup_free_ uint32_t *answered = NULL;
	size_t kept = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(wanted, i);
		const hbr_resource **place;

		if (!is_probe(row))
			continue;
		place = vec_push(&probes->held, STATE_MAX);
		if (!place)
			return hbr_oom(err);
		*place = row;
	}
	if (!probes->held.n)
		return 0;
	answered = calloc(probes->held.n, sizeof(*answered));
	if (!answered)
		return hbr_oom(err);
	rc = keep_placed(ctx, probes, err);
	if (rc == 0)
		rc = try_all(ctx, probes->held.items, probes->held.n, answered, err);
	for (size_t i = 0; rc == 0 && i < probes->held.n; i++) {
		if (answered[i])
			probes->held.items[kept++] = probes->held.items[i];
		else
			ctx_log(ctx, HBR_LOG_INFO, "engine",
			        "\"%s\" does not answer before the apply: not watched",
			        probes->held.items[i]->name);
	}
	probes->held.n = kept;
	return rc;
}

int probes_after(hbr_ctx *ctx, const struct probes *probes, const hbr_resource **silent,
                 hbr_error **err)
{
	_cleanup_free_ uint32_t *answered = calloc(probes->held.n + 1, sizeof(*answered));
	int rc;

	*silent = NULL;
	if (!answered)
		return hbr_oom(err);
	rc = try_all(ctx, probes->held.items, probes->held.n, answered, err);
	for (size_t i = 0; rc == 0 && i < probes->held.n && !*silent; i++) {
		if (!answered[i])
			*silent = probes->held.items[i];
	}
	return rc;
}

void probes_free(struct probes *probes)
{
	vec_free(&probes->held);
}
