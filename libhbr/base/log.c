/* SPDX-License-Identifier: Apache-2.0 */
/* Logs: "magic, version", then records as "length, CRC-32C, bytes". */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES (LOG_MAGIC_BYTES + 4)
#define FRAME_BYTES 8
#define LOG_MODE 0600

void log_put32(struct buf *buf, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		buf_putc(buf, (char)(number >> 8 * i));
}

void log_put64(struct buf *buf, uint64_t number)
{
	log_put32(buf, (uint32_t)number);
	log_put32(buf, (uint32_t)(number >> 32));
}

uint32_t log_get32(const char *data)
{
	const uint8_t *bytes = (const uint8_t *)data;

	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

uint64_t log_get64(const char *data)
{
	return log_get32(data) | (uint64_t)log_get32(data + 4) << 32;
}

static void put_frame(struct buf *out, const struct buf *record)
{
	log_put32(out, (uint32_t)record->len);
	log_put32(out, crc32c(record->data, record->len));
	buf_put(out, record->data, record->len);
}

/* 0 or a negative errno. */
static int write_at(int fd, const struct buf *data, uint64_t at)
{
	size_t done = 0;

	while (done < data->len) {
		ssize_t n = pwrite(fd, data->data + done, data->len - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;

		done += (size_t)n;
	}
	return 0;
}

/* Not every file system can set room aside; then a full disk shows later, as a failed append. */
static int set_aside(int fd, uint64_t at, uint64_t room)
{
	int rc;

	if (!room)
		return 0;
	do {
		rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)room);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 && errno != EOPNOTSUPP && errno != ENOSYS ? -errno : 0;
}

static int fill(int fd, const struct buf *data, uint64_t room)
{
	int rc = write_at(fd, data, 0);

	if (rc == 0)
		rc = set_aside(fd, data->len, room);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	return rc;
}

int log_create(const char *path, const struct log_kind *kind, const struct buf *first,
               uint64_t room, struct log *out, hbr_error **err)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_buf_ struct buf data = BUF_INIT;
	int rc;

	buf_put(&data, kind->magic, LOG_MAGIC_BYTES);
	log_put32(&data, kind->version);
	put_frame(&data, first);
	if (first->rc || data.rc || asprintf(&temporary, "%s.new", path) < 0) {
		temporary = NULL;
		return hbr_oom(err);
	}

	_cleanup_close_ int fd =
	        open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, LOG_MODE);
	if (fd < 0)
		return file_fail(err, errno, "write", path);
	rc = fill(fd, &data, room);
	if (rc == 0 && rename(temporary, path) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(temporary);
		return file_fail(err, -rc, "write", path);
	}
	rc = file_sync_folder(path);
	if (rc < 0)
		return file_fail(err, -rc, "sync folder of", path);
	out->end = data.len;
	out->fd = fd;
	fd = -1;
	return 0;
}

/* How many bytes from `at` on are a whole record with its frame; 0: none. */
static size_t frame_at(const struct buf *data, size_t at)
{
	size_t left = data->len - at;
	uint32_t n;

	if (left < FRAME_BYTES)
		return 0;
	n = log_get32(data->data + at);
	/* No record is empty: a tail of zeros, as power failures leave it, is none. */
	if (n == 0 || n > left - FRAME_BYTES ||
	    crc32c(data->data + at + FRAME_BYTES, n) != log_get32(data->data + at + 4))
		return 0;
	return FRAME_BYTES + (size_t)n;
}

static int check_head(const char *path, const struct log_kind *kind, const struct buf *data,
                      hbr_error **err)
{
	uint32_t version;

	if (data->len < HEAD_BYTES || memcmp(data->data, kind->magic, LOG_MAGIC_BYTES) != 0)
		return hbr_fail(err, HBR_EFORMAT, NULL, "%s is damaged, or of a foreign format",
		                path);
	version = log_get32(data->data + LOG_MAGIC_BYTES);
	if (version > kind->version) {
		hbr_fail(err, HBR_EFORMAT, NULL,
		         "%s has version %u, and this libhbr reads up to %u", path, version,
		         kind->version);
		hbr_hint(err, "a newer libhbr wrote it: use that one");
		return HBR_EFORMAT;
	}
	return 0;
}

int log_open(const char *path, const struct log_kind *kind, struct buf *data, bool *torn,
             struct log *out, hbr_error **err)
{
	_cleanup_close_ int fd = -1;
	size_t at = HEAD_BYTES, n;
	int rc = file_read(path, kind->max, data, NULL, err);

	if (rc == 0)
		rc = check_head(path, kind, data, err);
	if (rc < 0)
		return rc;
	while ((n = frame_at(data, at)))
		at += n;
	/* It was made whole with its first record. */
	if (at == HEAD_BYTES)
		return hbr_fail(err, HBR_EFORMAT, NULL, "%s is damaged", path);
	*torn = at < data->len;
	data->len = at;
	if (!out)
		return 0;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || (*torn && ftruncate(fd, (off_t)at) < 0))
		return file_fail(err, errno, "write", path);
	out->end = at;
	out->fd = fd;
	fd = -1;
	return 0;
}

bool log_next(const struct buf *data, size_t *at, const char **record, size_t *n)
{
	if (*at == 0)
		*at = HEAD_BYTES;
	if (data->len - *at < FRAME_BYTES)
		return false;
	*n = log_get32(data->data + *at);
	*record = data->data + *at + FRAME_BYTES;
	*at += FRAME_BYTES + *n;
	return true;
}

int log_append(struct log *log, const struct buf *record, hbr_error **err)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	int rc;

	put_frame(&data, record);
	if (record->rc || data.rc)
		return hbr_oom(err);
	rc = write_at(log->fd, &data, log->end);
	if (rc < 0) {
		/* What was written of it would only be a torn tail; it is overwritten next. */
		hbr_fail_errno(err, HBR_EIO, -rc, NULL, "cannot write the journal");
		return HBR_EIO;
	}
	log->end += data.len;
	return 0;
}

int log_sync(struct log *log, hbr_error **err)
{
	if (fdatasync(log->fd) < 0)
		return hbr_fail_errno(err, HBR_EIO, errno, NULL, "cannot sync the journal");
	return 0;
}

void log_close(struct log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
