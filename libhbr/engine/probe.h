/* SPDX-License-Identifier: Apache-2.0 */
/* Probes around an apply: what answered before must answer after. */
#ifndef HBR_ENGINE_PROBE_H
#define HBR_ENGINE_PROBE_H

#include "engine/ctx.h"
#include "resource/state.h"

struct probes {
	VEC(const hbr_resource *) held; /* those that answered, rows of the wanted state */
	int64_t deadline; /* until when they may be silent; 0: not asked again yet */
};

/* Tries all probes of a state and remembers those that answer. */
int probes_before(hbr_ctx *ctx, const hbr_state *wanted, struct probes *probes,
                  hbr_error **err);
/* Tries again: *silent is the first that does not answer, or NULL. */
int probes_after(hbr_ctx *ctx, const struct probes *probes, const hbr_resource **silent,
                 hbr_error **err);
void probes_free(struct probes *probes);

#endif
