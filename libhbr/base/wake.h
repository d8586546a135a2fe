/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting: the clocks, the bell that cancels, poll. */
#ifndef HBR_BASE_WAKE_H
#define HBR_BASE_WAKE_H

#include "base/error.h"

#define WAKE_MS INT64_C(1000000) /* nanoseconds */

/* An event descriptor that is readable from wake_ring() until wake_quiet(). */
int wake_new(int *fd, hbr_error **err);
void wake_ring(int fd); /* async-signal-safe, keeps errno */
void wake_quiet(int fd);

int64_t wake_now(void);      /* CLOCK_MONOTONIC, nanoseconds */
int64_t wake_boottime(void); /* CLOCK_BOOTTIME, which a suspend does not stop */

/* Waits until `fd` (may be -1) or the bell is readable, or the time is over. */
void wake_wait(int fd, int bell, int64_t timeout_ns);

#endif
