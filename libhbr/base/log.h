/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log: a file of records that only grows. Each record has its length and its CRC-32C, so that a
 * tail that was torn off by a crash shows, and is cut off when the log is opened for writing.
 */
#ifndef HBR_BASE_LOG_H
#define HBR_BASE_LOG_H

#include "base/file.h"

#define LOG_MAGIC_BYTES 8

/* What kind of log, and the newest format that is read. */
struct log_kind {
	char magic[LOG_MAGIC_BYTES];
	uint32_t version;
	size_t max; /* bytes of a whole log */
};

struct log {
	int fd; /* -1: none */
	uint64_t end;
};

#define LOG_INIT { -1, 0 }

/*
 * A new log with its first record, in place of the one at path: durable when it returns, and until
 * then the old one stands. `room` bytes more are set aside, so that a full disk shows now.
 */
int log_create(const char *path, const struct log_kind *kind, const struct buf *first,
               uint64_t room, struct log *out, hbr_error **err);
/*
 * Reads all of a log into `data`, for log_next(). *torn: something at its end was not whole; with
 * `out` (else NULL) the log is opened for writing and that is cut off. HBR_ENOENT; HBR_EFORMAT for
 * a foreign, damaged or newer one.
 */
int log_open(const char *path, const struct log_kind *kind, struct buf *data, bool *torn,
             struct log *out, hbr_error **err);
/* The next record; *at is 0 at first. False after the last. */
bool log_next(const struct buf *data, size_t *at, const char **record, size_t *n);
int log_append(struct log *log, const struct buf *record, hbr_error **err);
int log_sync(struct log *log, hbr_error **err);
void log_close(struct log *log); /* none is fine */

/* Numbers as they are in files: little end first. */
void log_put32(struct buf *buf, uint32_t number);
void log_put64(struct buf *buf, uint64_t number);
uint32_t log_get32(const char *data);
uint64_t log_get64(const char *data);

uint32_t crc32c(const void *data, size_t n);

#endif
