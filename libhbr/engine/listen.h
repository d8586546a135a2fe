/* SPDX-License-Identifier: Apache-2.0 */
/* Listening: which events may mean that the machine is no longer as wanted. */
#ifndef HBR_ENGINE_LISTEN_H
#define HBR_ENGINE_LISTEN_H

#include "engine/ctx.h"
#include "port/ears.h"
#include "resource/state.h"

/*
 * Turns the ears to all that `wanted` speaks of and that exists now: called again before every
 * look, since namespaces and processes come and go. `sources`: bits of enum hbr_watch_source.
 */
int listen_to(hbr_ctx *ctx, struct ears *ears, const hbr_state *wanted, uint32_t sources,
              hbr_error **err);
/* And to the processes of what was observed. 1 when one of them ended meanwhile: look again. */
int listen_after(struct ears *ears, const hbr_state *have, uint32_t sources, hbr_error **err);
/* 1 when something was heard that calls for a look, 0 when not. */
int listen_hear(hbr_ctx *ctx, struct ears *ears, hbr_error **err);

#endif
