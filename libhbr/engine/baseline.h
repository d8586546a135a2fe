/* SPDX-License-Identifier: Apache-2.0 */
/* The baseline: what is ours on this machine, and what was there before us. A file. */
#ifndef HBR_ENGINE_BASELINE_H
#define HBR_ENGINE_BASELINE_H

#include "engine/ctx.h"
#include "engine/record.h"

/* Closed; empty when there is no file. HBR_EFORMAT for a foreign or newer one. */
int baseline_load(hbr_ctx *ctx, hbr_state **out, hbr_error **err);
/* Atomically and durably; an empty one removes the file. */
int baseline_store(const hbr_ctx *ctx, const hbr_state *baseline, hbr_error **err);
int baseline_forget(const hbr_ctx *ctx, hbr_error **err);
bool baseline_is_empty(const hbr_state *baseline);
/*
 * The baseline after an apply: the old rows that still exist, and what the records in effect left.
 * `have` is what was observed before the apply. Of the old generation; a commit makes it the next.
 */
int baseline_next(const hbr_state *old, const hbr_state *have, const struct script *script,
                  hbr_state **out, hbr_error **err);

#endif
