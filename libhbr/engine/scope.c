/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is done now is about the node or about the cluster. */
#include "engine/scope.h"

/* How many rows are about each. */
struct census {
	size_t node, cluster;
};

static void count(struct census *census, const hbr_resource *row)
{
	bool is_ready = row->kind == HBR_KIND_EXPECT &&
	                ((const hbr_expect *)row->body)->type == HBR_EXPECT_READY;

	if (row->kind == HBR_KIND_OBJECT || is_ready)
		census->cluster++;
	else
		census->node++;
}

static void count_state(struct census *census, const hbr_state *state)
{
	size_t n = hbr_state_count(state);

	for (size_t i = 0; i < n; i++)
		count(census, hbr_state_at(state, i));
}

static int turn(hbr_ctx *ctx, const struct census *census, hbr_error **err)
{
	if (census->node && census->cluster)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "API objects and things of a node are planned apart");
	if (census->node && ctx->for_cluster)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "the context is for the cluster, and this is about a node");
	ctx->is_cluster = census->cluster || (ctx->for_cluster && !census->node);
	return 0;
}

int scope_of_state(hbr_ctx *ctx, const hbr_state *state, hbr_error **err)
{
	struct census census = { 0 };

	count_state(&census, state);
	return turn(ctx, &census, err);
}

int scope_of_plan(hbr_ctx *ctx, const hbr_plan *plan, hbr_error **err)
{
	struct census census = { 0 };

	count_state(&census, plan->wanted);
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].before)
			count(&census, plan->steps[i].before);
	}
	return turn(ctx, &census, err);
}

void scope_of_ctx(hbr_ctx *ctx)
{
	ctx->is_cluster = ctx->for_cluster;
}
