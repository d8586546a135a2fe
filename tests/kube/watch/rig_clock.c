/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wall clock of a process, stepped: these functions are in the program, so that all of it, with
 * libcurl and the TLS library, calls them instead of the C library's. Clocks that no administrator can
 * set are left alone.
 */
#include "rig.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const atomic_long *step_s; /* shared, or NULL */

void rig_clock(const atomic_long *by_s)
{
	step_s = by_s;
}

static long step(void)
{
	return step_s ? atomic_load(step_s) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	long rc = syscall(SYS_clock_gettime, clock, out);

	if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		out->tv_sec += step();
	return (int)rc;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
