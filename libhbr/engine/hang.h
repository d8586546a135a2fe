/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with what. */
#ifndef HBR_ENGINE_HANG_H
#define HBR_ENGINE_HANG_H

#include <stdbool.h>

#include "hbr/sys/resource.h"

/* Is it the same, or on that link, or inside that namespace? */
bool hangs_on(const hbr_resource *resource, const hbr_resource *ground);

#endif
