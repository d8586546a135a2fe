/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces that are to go, and who runs in them. */
#ifndef HBR_ENGINE_CROWD_H
#define HBR_ENGINE_CROWD_H

#include "engine/ctx.h"
#include "engine/record.h"

/* HBR_EBUSY when others' processes run in a namespace that the script removes; they are named. */
int crowd_check(hbr_ctx *ctx, const struct script *script, hbr_error **err);

#endif
