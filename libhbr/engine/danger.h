/* SPDX-License-Identifier: Apache-2.0 */
/* What an apply must not do to the machine that it runs on. */
#ifndef HBR_ENGINE_DANGER_H
#define HBR_ENGINE_DANGER_H

#include "engine/ctx.h"
#include "engine/record.h"

/*
 * Refuses, before anything changes: NICs that others hang on, or that could not be brought back as
 * they are (HBR_EBUSY, HBR_ENOTSUP); namespaces with processes of others in them (HBR_EBUSY); and,
 * unless forced, NICs on which the machine is managed, and forwarding that would cost it a default
 * route (HBR_EDANGER).
 */
int danger_check(hbr_ctx *ctx, const struct script *script, const hbr_state *have, bool force,
                 hbr_error **err);

#endif
