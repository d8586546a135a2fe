/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what is done now is about the node or about the cluster: the states and plans say so
 * themselves. Each has its own lock, journal and baseline.
 */
#ifndef HBR_ENGINE_SCOPE_H
#define HBR_ENGINE_SCOPE_H

#include "engine/ctx.h"
#include "plan/plan.h"

/* Turns the context to what the state is about. HBR_EINVAL when it is about both. */
int scope_of_state(hbr_ctx *ctx, const hbr_state *state, hbr_error **err);
int scope_of_plan(hbr_ctx *ctx, const hbr_plan *plan, hbr_error **err);
/* Turns it to what it was made for: there is nothing that tells. */
void scope_of_ctx(hbr_ctx *ctx);

#endif
