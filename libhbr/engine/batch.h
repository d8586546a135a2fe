/* SPDX-License-Identifier: Apache-2.0 */
/* A batch while it is carried out: shared by exec.c and explain.c, of no use to others. */
#ifndef HBR_ENGINE_BATCH_H
#define HBR_ENGINE_BATCH_H

#include "engine/exec.h"

struct batch {
	hbr_ctx *ctx;
	struct acts *acts;
	struct script *script;
	struct act *items; /* of acts */
	size_t n;
	hbr_result *results;
	size_t *which; /* records, ascending in time, once each */
	size_t n_which;
	hbr_error *why; /* of the port call; explains what results cannot */
};

/* Makes the error of one act's failure; returns its code. */
int batch_explain(struct batch *batch, size_t index, hbr_error **err);

#endif
