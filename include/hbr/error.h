/* SPDX-License-Identifier: Apache-2.0 */
/* The error object: a code for programs, one line for people, and where it happened. */
#ifndef HBR_ERROR_H
#define HBR_ERROR_H

#include "common.h"

HBR_BEGIN

/*
 * Every fallible call takes `hbr_error **err` last. It may be NULL (the returned code still tells
 * what happened). Otherwise *err must be NULL on entry; on failure it is set to an object that
 * the caller frees, on success it is left alone. Running out of memory yields a static object,
 * which may be freed like any other. An error is immutable and may be read by any thread.
 */
HBR_API int32_t hbr_error_code(const hbr_error *err);   /* HBR_E*; HBR_OK for NULL */
HBR_API int32_t hbr_error_system(const hbr_error *err); /* positive errno behind it, or 0 */
HBR_API const char *hbr_error_message(const hbr_error *err); /* one line, never NULL, no secrets */
HBR_API const char *hbr_error_path(const hbr_error *err); /* object or resource, or NULL */
HBR_API const char *hbr_error_file(const hbr_error *err); /* document, or NULL */
HBR_API const char *hbr_error_hint(const hbr_error *err); /* what to do about it, or NULL */
HBR_API const char *hbr_error_excerpt(const hbr_error *err); /* the offending line, or NULL */
HBR_API uint32_t hbr_error_line(const hbr_error *err);   /* from 1; 0 when there is none */
HBR_API uint32_t hbr_error_column(const hbr_error *err); /* in characters, from 1; 0 for none */

/*
 * For ports of one's own: makes *err (`err` may be NULL; an error that is there is replaced) and
 * returns `code`, so that a slot ends with `return hbr_error_set(err, HBR_EIO, …)`. A code that is
 * not negative becomes HBR_ESYSTEM. `system` is a positive errno, whose text is appended, or 0;
 * `path` is the object or resource, or NULL. `message` is one line that says what is wrong, without
 * secrets; it is cut after 1,023 bytes.
 */
HBR_API int hbr_error_set(hbr_error **err, int32_t code, int32_t system, const char *path,
			  const char *message);

/* Frees an error. NULL is fine. */
HBR_API void hbr_error_free(hbr_error *err);

HBR_END
#endif
