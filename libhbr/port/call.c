/* SPDX-License-Identifier: Apache-2.0 */
/* What every call to the outside shares: deadline, cancellation, the meaning of an errno. */
#include "port/netns.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

int port_code(int system)
{
	static const struct {
		int system, code;
	} codes[] = {
		{ EEXIST, HBR_EEXIST },        { ENOENT, HBR_ENOENT },
		{ ENODEV, HBR_ENOENT },        { ESRCH, HBR_ENOENT },
		{ EADDRNOTAVAIL, HBR_ENOENT }, { EPERM, HBR_EPERM },
		{ EACCES, HBR_EPERM },         { EOPNOTSUPP, HBR_ENOTSUP },
		{ EAFNOSUPPORT, HBR_ENOTSUP }, { EPROTONOSUPPORT, HBR_ENOTSUP },
		{ ENOMEM, HBR_ENOMEM },        { EBUSY, HBR_EBUSY },
		{ ETIMEDOUT, HBR_ETIMEDOUT },  { ENOBUFS, HBR_ELIMIT },
		{ EMFILE, HBR_ELIMIT },        { ENFILE, HBR_ELIMIT },
	};

	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].system == system)
			return codes[i].code;
	}
	return HBR_ESYSTEM;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int port_wait_ms(const hbr_call *call, int most)
{
	int64_t left = INT_MAX;

	if (!call || !call->deadline_ns)
		return most;
	left = (call->deadline_ns - now_ns() + 999999) / 1000000;
	if (left < 0)
		return 0;
	if (most >= 0 && left > most)
		return most;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int port_proceed(const hbr_call *call, hbr_error **err)
{
	if (!call)
		return 0;
	if (call->cancel_fd >= 0) {
		struct pollfd cancel = { .fd = call->cancel_fd, .events = POLLIN };

		if (poll(&cancel, 1, 0) == 1)
			return hbr_fail(err, HBR_ECANCELED, NULL, "cancelled");
	}
	if (call->deadline_ns && now_ns() >= call->deadline_ns)
		return hbr_fail(err, HBR_ETIMEDOUT, NULL, "the deadline passed");
	return 0;
}
