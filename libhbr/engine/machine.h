/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine this is, so that a plan is not carried out on another one that looks alike. */
#ifndef HBR_ENGINE_MACHINE_H
#define HBR_ENGINE_MACHINE_H

#include "engine/ctx.h"

/* A digest of machine-id(5) and of the namespace that plays the default one; 0: not known. */
int machine_id(const hbr_ctx *ctx, uint64_t *id, hbr_error **err);

#endif
