/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: does the machine do what the topology says, end to end? */
#ifndef HBR_CHECK_H
#define HBR_CHECK_H

#include "run.h"
#include "status.h"

HBR_BEGIN

/*
 * Checks every condition that `wanted` implies: links, addresses and routes (read by a second,
 * independent reader), sessions, prefixes in the router's RIB and in the kernel's FIB, pings from
 * inside the namespaces. Every condition is one finding, INFO when it holds, ERROR when not.
 * Waits up to wait_ms for all to hold, driven by events. HBR_EVERIFY never: read the count of
 * errors. A negative result means that it could not look.
 */
HBR_API int hbr_verify(hbr_ctx *ctx, const hbr_state *wanted, uint32_t wait_ms, hbr_status **out,
		       hbr_error **err);

HBR_END
#endif
