/* SPDX-License-Identifier: Apache-2.0 */
/* Default routes that routers advertise: who begins to forward loses them. */
#ifndef HBR_ENGINE_ADVERT_H
#define HBR_ENGINE_ADVERT_H

#include "engine/ctx.h"
#include "engine/record.h"

/* HBR_EDANGER when a namespace in which the script turns IPv6 forwarding on has one to lose. */
int advert_check(hbr_ctx *ctx, const struct script *script, hbr_error **err);

#endif
