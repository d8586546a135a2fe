/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads, atomic replacement, folders. Locks are in lock.c. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)64 << 10)

int file_fail(hbr_error **err, int system, const char *what, const char *path)
{
	static const struct {
		int system, code;
	} codes[] = {
		{ ENOENT, HBR_ENOENT }, { ENOTDIR, HBR_ENOENT }, { EACCES, HBR_EPERM },
		{ EPERM, HBR_EPERM },   { EROFS, HBR_EPERM },    { ENOMEM, HBR_ENOMEM },
	};
	int code = HBR_EIO;

	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].system == system)
			code = codes[i].code;
	}
	return hbr_fail_errno(err, code, system, NULL, "cannot %s %s", what, path);
}

int file_read(const char *path, size_t max, struct buf *out, uint32_t *mode, hbr_error **err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	size_t total = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return file_fail(err, errno, "read", path);

	size_t step =
	        st.st_size > 0 && (size_t)st.st_size < max ? (size_t)st.st_size + 1 : READ_STEP;

	for (;;) {
		if (!buf_reserve(out, step))
			return out->rc == HBR_ENOMEM ? hbr_oom(err)
			                             : hbr_fail(err, HBR_ELIMIT, NULL,
			                                        "%s is too long", path);

		ssize_t n = read(fd, out->data + out->len, step);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_fail(err, errno, "read", path);

		total += (size_t)n;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (total > max)
			return hbr_fail(err, HBR_ELIMIT, NULL, "%s is longer than %zu bytes",
			                path, max);
		if (n == 0)
			break;
		step = READ_STEP;
	}
	if (mode)
		*mode = st.st_mode & 07777;
	return 0;
}

int file_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder =
	        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	_cleanup_close_ int fd = -1;

	if (!folder)
		return -ENOMEM;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot sync a folder; then there is nothing more to do. */
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

int file_mkdirs(const char *path, uint32_t mode, hbr_error **err)
{
	_cleanup_free_ char *copy = strdup(path);
	int rc = 0;

	if (!copy)
		return hbr_oom(err);
	/* From the left; the first component of an absolute path is not "". */
	for (char *p = copy + (*copy == '/'); *p; p++) {
		size_t n = strcspn(p, "/");
		char end = p[n];

		p[n] = '\0';
		if (n && mkdir(copy, mode) == 0)
			rc = file_sync_folder(copy);
		else if (n && errno != EEXIST)
			rc = -errno;
		if (rc < 0)
			return file_fail(err, -rc, "make folder", copy);
		p[n] = end;
		p += n;
		if (!end)
			break;
	}

	struct stat st;
	if (stat(path, &st) < 0)
		return file_fail(err, errno, "use folder", path);
	if (!S_ISDIR(st.st_mode))
		return file_fail(err, ENOTDIR, "use folder", path);
	return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;

		data += n;
		size -= (size_t)n;
	}
	return 0;
}

static int fill(int fd, const void *data, size_t size, uint32_t mode)
{
	int rc = write_all(fd, data, size);
	if (rc < 0)
		return rc;
	/* Not before the write, which would clear the set-id bits. */
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/*
 * The name of the file beside it. Always the same, so that what a killed process left there goes
 * with the next replacement, or with the file.
 */
static char *beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash + 1 - path) : 0;
	char *name = NULL;

	return asprintf(&name, "%.*s.%s.hbr-new", n, path, path + n) < 0 ? NULL : name;
}

int file_replace(const char *path, const void *data, size_t size, uint32_t mode,
                 hbr_error **err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	_cleanup_free_ char *folder =
	        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	_cleanup_free_ char *temporary = beside(path);
	if (!folder || !temporary)
		return hbr_oom(err);
	if (!*name)
		return file_fail(err, EISDIR, "write", path);

	int rc = file_mkdirs(folder, 0755, err);
	if (rc < 0)
		return rc;

	unlink(temporary);
	_cleanup_close_ int fd =
	        open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return file_fail(err, errno, "write", path);

	int system = fill(fd, data, size, mode);
	if (system == 0 && rename(temporary, path) < 0)
		system = -errno;
	if (system < 0) {
		unlink(temporary);
		return file_fail(err, -system, "write", path);
	}
	system = file_sync_folder(path);
	return system < 0 ? file_fail(err, -system, "sync folder of", path) : 0;
}

int file_remove(const char *path, hbr_error **err)
{
	_cleanup_free_ char *temporary = beside(path);

	if (!temporary)
		return hbr_oom(err);
	unlink(temporary);
	if (unlink(path) < 0)
		return errno == ENOENT || errno == ENOTDIR
		               ? 0
		               : file_fail(err, errno, "remove", path);

	int system = file_sync_folder(path);
	return system < 0 ? file_fail(err, -system, "sync folder of", path) : 0;
}
