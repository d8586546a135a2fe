/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting findings. */
#ifndef HBR_BASE_STATUS_H
#define HBR_BASE_STATUS_H

#include "base/error.h"
#include "hbr/status.h"

#define STATUS_MAX 10000 /* findings; more are counted, not kept */

int status_new(hbr_status **out, hbr_error **err);
/* One finding; everything is copied. mark, path, hint may be NULL. Returns 0 or HBR_ENOMEM. */
int status_add(hbr_status *status, int level, const char *rule, const struct mark *mark,
	       const char *path, const char *hint, const char *fmt, ...) hbr_printf_like(7, 8);
/* A verified condition: INFO when `holds`, ERROR when not. */
int status_condition(hbr_status *status, bool holds, const char *rule, const char *path,
		     const char *expected, const char *found, const char *hint, const char *fmt,
		     ...) hbr_printf_like(8, 9);
void status_set_stage(hbr_status *status, int stage); /* of the findings added from now on */
/* Stable order: file, line, column, rule, path. */
int status_sort(hbr_status *status);

static inline void hbr_status_freep(hbr_status **status)
{
	hbr_status_free(*status);
}
#define _cleanup_status_ hbr_cleanup(hbr_status_freep)

#endif
