/* SPDX-License-Identifier: Apache-2.0 */
/* Acts on everything that is not the netlink port's: one call each. */
#ifndef HBR_ENGINE_DOERS_H
#define HBR_ENGINE_DOERS_H

#include "engine/ctx.h"

int doer_call(hbr_ctx *ctx, const hbr_op *op, hbr_error **err);
/* Does a port serve this kind? The netlink port's kinds count, too. */
bool doer_knows(int32_t kind);

#endif
