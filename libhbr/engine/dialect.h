/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dialect: Calico's objects are projectcalico.org/v3 to everybody here, while a cluster may serve
 * them only as Calico keeps them, crd.projectcalico.org/v1. Asked once a context.
 */
#ifndef HBR_ENGINE_DIALECT_H
#define HBR_ENGINE_DIALECT_H

#include "engine/ctx.h"
#include "resource/object_name.h"
#include "resource/state.h"
#include "text/json.h"

/*
 * The apiVersion that the cluster serves this kind with; NULL when it serves it not at all.
 * Borrowed, from `name` or for ever.
 */
int dialect_find(hbr_ctx *ctx, const struct object_name *name, const char **out,
                 hbr_error **err);
/* The same, but HBR_ENOTSUP says which kind is missing and what to install. */
int dialect_need(hbr_ctx *ctx, const struct object_name *name, const char **out,
                 hbr_error **err);
/* The apiVersion that everybody here calls it by. */
const char *dialect_ours(const char *api_version);

#endif
