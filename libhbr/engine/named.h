/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading sysctls, files, containers and router configuration: what is looked at one by one, by its
 * name.
 */
#ifndef HBR_ENGINE_NAMED_H
#define HBR_ENGINE_NAMED_H

#include "engine/ctx.h"

/* HBR_ENOTSUP for routers and containers that we have no port to, wherever they are. */
int named_check(const hbr_ctx *ctx, const hbr_resource *named, hbr_error **err);
/* Is it of a kind that is looked at by name? */
bool named_is_read(int32_t kind);
/* Puts what is there of that name into the sink; nothing for what is absent or of other kinds. */
int named_read(const hbr_ctx *ctx, const hbr_resource *named, hbr_sink *sink, hbr_error **err);

#endif
