/* SPDX-License-Identifier: Apache-2.0 */
/* Making errors. All return the code, so that `return hbr_fail(err, …)` reads in one line. */
#ifndef HBR_BASE_ERROR_H
#define HBR_BASE_ERROR_H

#include <stdint.h>

#include "base/mem.h"
#include "hbr/error.h"

/* A place in a document. file and excerpt are borrowed by errors only while these are made. */
struct mark {
	const char *file;
	const char *excerpt; /* the line, without its end; or NULL */
	uint32_t line, column;
};

/* path: object or resource, may be NULL. */
int hbr_fail(hbr_error **err, int code, const char *path, const char *fmt, ...)
	hbr_printf_like(4, 5);
/* With the system's errno (positive) and its text appended after ": ". */
int hbr_fail_errno(hbr_error **err, int code, int system, const char *path, const char *fmt, ...)
	hbr_printf_like(5, 6);
/* With a place in a document; mark may be NULL. */
int hbr_fail_at(hbr_error **err, int code, const struct mark *mark, const char *path,
		const char *fmt, ...) hbr_printf_like(5, 6);
int hbr_oom(hbr_error **err);
/*
 * Both change the error just made and return its code. Without an error object (err NULL) there is
 * nothing to change and the result is HBR_ESYSTEM: a caller that wants the true code keeps it.
 */
/* Adds what to do about it. */
int hbr_hint(hbr_error **err, const char *fmt, ...) hbr_printf_like(2, 3);
/* Puts "context: " in front of the message. */
int hbr_wrap(hbr_error **err, const char *fmt, ...) hbr_printf_like(2, 3);

static inline void hbr_error_freep(hbr_error **err)
{
	hbr_error_free(*err);
}
#define _cleanup_error_ hbr_cleanup(hbr_error_freep)

#endif
