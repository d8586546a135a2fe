/* SPDX-License-Identifier: Apache-2.0 */
/* libhbr: host-based routing. Everything that is stable; back ends also want hbr/sys/ports.h. */
#ifndef HBR_HBR_H
#define HBR_HBR_H

#include "check.h"
#include "common.h"
#include "ctx.h"
#include "error.h"
#include "plan.h"
#include "run.h"
#include "state.h"
#include "status.h"
#include "topology.h"

#endif
