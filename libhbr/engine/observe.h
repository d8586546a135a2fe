/* SPDX-License-Identifier: Apache-2.0 */
/* Observing with a baseline at hand. */
#ifndef HBR_ENGINE_OBSERVE_H
#define HBR_ENGINE_OBSERVE_H

#include "engine/ctx.h"
#include "resource/state.h"

/* Like hbr_observe(), which loads the baseline itself. Both are closed; so is *have. */
int observe(hbr_ctx *ctx, const hbr_state *wanted, const hbr_state *baseline, hbr_state **have,
            hbr_error **err);

#endif
