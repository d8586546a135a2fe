/* SPDX-License-Identifier: Apache-2.0 */
/* The guard of a confirm window: another process that takes everything back in time. */
#ifndef HBR_GUARD_H
#define HBR_GUARD_H

#include "program.h"

/* Starts a guard over this process and waits until it is on its post. 0 or the exit code. */
int guard_start(const struct program *program);

#endif
