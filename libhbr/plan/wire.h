/* SPDX-License-Identifier: Apache-2.0 */
/* The packed form inside: what packing, unpacking and the fuzz target share. */
#ifndef HBR_PLAN_WIRE_H
#define HBR_PLAN_WIRE_H

#include "plan/plan.h"

#define WIRE_VERSION 1
#define WIRE_PLAN "hbr.plan"
#define WIRE_STATE "hbr.state"
#define WIRE_SCRIPT "hbr.script"

/* A File around the body, with its digest. */
int wire_wrap(const char *format, const struct buf *body, struct buf *out, hbr_error **err);

#endif
