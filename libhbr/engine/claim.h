/* SPDX-License-Identifier: Apache-2.0 */
/* Before an apply is undone: is what it left still ours? */
#ifndef HBR_ENGINE_CLAIM_H
#define HBR_ENGINE_CLAIM_H

#include "engine/run.h"

/*
 * Looks at the links, routes and files that the run's script made or changed. What is no longer as
 * it was left belongs to somebody else by now: its record, and those of what hangs on it, count as
 * undone, and a note says so. What cannot be looked at is taken for ours.
 */
int claim_check(hbr_run *run, hbr_error **err);

#endif
