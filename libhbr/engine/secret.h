/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with secrets: a resource says which file of this machine the content comes from, and the
 * content is in memory only while it is copied or compared, and wiped.
 */
#ifndef HBR_ENGINE_SECRET_H
#define HBR_ENGINE_SECRET_H

#include "engine/ctx.h"

/* Is the file there; has it what its source has; its mode. A source that is missing has nothing. */
int secret_look(const hbr_ctx *ctx, const hbr_resource *named, bool *is_there, bool *is_same,
                uint32_t *mode, hbr_error **err);
/* Copies the source. What a reference without source was is not known: nothing is done. */
int secret_put(const hbr_ctx *ctx, const hbr_call *call, const hbr_resource *wanted,
               hbr_error **err);

#endif
