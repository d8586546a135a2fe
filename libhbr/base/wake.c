/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting: the clock, the bell that cancels, poll. */
#include "base/wake.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int wake_new(int *fd, hbr_error **err)
{
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return hbr_fail_errno(err, HBR_ESYSTEM, errno, NULL, "no event descriptor");
	return 0;
}

void wake_ring(int fd)
{
	uint64_t one = 1;
	int saved = errno;

	/* Fails only when the counter is full, and then it is readable already. */
	if (write(fd, &one, sizeof(one)) < 0)
		errno = saved;
}

void wake_quiet(int fd)
{
	uint64_t count;

	/* EAGAIN: it was quiet. */
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 * WAKE_MS + now.tv_nsec;
}

int64_t wake_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t wake_boottime(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

void wake_wait(int fd, int bell, int64_t timeout_ns)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = bell, .events = POLLIN },
	};

	if (timeout_ns <= 0)
		return;
	/* Rounded up, so that the last wait before a deadline does not spin. */
	poll(fds, 2, (int)((timeout_ns + WAKE_MS - 1) / WAKE_MS));
}
