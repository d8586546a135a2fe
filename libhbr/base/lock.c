/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file: an open-file-description lock, with the holder written into the file. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The kernel cannot wait for a lock and for a descriptor at once: wait for the descriptor. */
#define RETRY_MS 20

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* When the process started, in ticks after boot, so that a reused pid can be told apart. */
static void own_start(char *out, size_t size)
{
	_cleanup_buf_ struct buf stat = BUF_INIT;
	const char *p = file_read("/proc/self/stat", 4096, &stat, NULL, NULL) == 0
	                        ? strrchr(stat.data, ')')
	                        : NULL;

	/* proc(5): field 22; the name, field 2, may hold anything and ends at the last ")". */
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	snprintf(out, size, "%.*s", p ? (int)strcspn(p + 1, " ") : 1, p ? p + 1 : "0");
}

static void write_holder(int fd)
{
	char start[24];
	char line[64];

	own_start(start, sizeof(start));
	int n = snprintf(line, sizeof(line), "%d %s\n", (int)getpid(), start);

	/* Only for messages: a full disk must not keep anybody from the lock. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, line, (size_t)n, 0) < 0)
		return;
}

static int fail_busy(const char *path, int fd, hbr_error **err)
{
	char line[64] = "";
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
	int pid = 0;

	if (n <= 0 || sscanf(line, "%d", &pid) != 1)
		return hbr_fail(err, HBR_EBUSY, NULL, "%s is locked by another process", path);
	hbr_fail(err, HBR_EBUSY, NULL, "%s is locked by process %d", path, pid);
	hbr_hint(err, "wait until process %d is done", pid);
	return HBR_EBUSY;
}

/* 1 when locked, 0 when somebody else has it. */
static int try_lock(const char *path, int fd, hbr_error **err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 1;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return 0;
	return file_fail(err, errno, "lock", path);
}

/* Sleeps until the next try. */
static int pause_or_cancel(int cancel_fd, int64_t ms, hbr_error **err)
{
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };

	if (poll(&cancel, 1, (int)ms) > 0)
		return hbr_fail(err, HBR_ECANCELED, NULL, "cancelled while waiting for a lock");
	return 0;
}

int file_lock(const char *path, uint32_t wait_ms, int cancel_fd, int *fd, hbr_error **err)
{
	_cleanup_close_ int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return file_fail(err, errno, "open lock", path);

	int64_t end = now_ms() + wait_ms;

	for (;;) {
		int rc = try_lock(path, lock, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			break;

		int64_t left = end - now_ms();
		if (left <= 0)
			return fail_busy(path, lock, err);

		rc = pause_or_cancel(cancel_fd, left < RETRY_MS ? left : RETRY_MS, err);
		if (rc < 0)
			return rc;
	}
	write_holder(lock);
	*fd = lock;
	lock = -1;
	return 0;
}

bool file_is_locked(const char *path)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int lock = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	return lock >= 0 && fcntl(lock, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

void file_unlock(int fd)
{
	if (fd < 0)
		return;
	if (ftruncate(fd, 0) < 0)
		errno = 0;
	close(fd);
}
