/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON objects as trees of members: a canonical text, comparison member by member, and cuts. Lists
 * are values like texts and numbers: they are equal as a whole or not.
 */
#ifndef HBR_TEXT_MEMBERS_H
#define HBR_TEXT_MEMBERS_H

#include "text/json.h"

/* Compact, keys sorted. HBR_ENOMEM. */
int members_write(const json_t *value, struct buf *out, hbr_error **err);
/* *out stays NULL for what is no JSON. HBR_ENOMEM. */
int members_read(const char *text, json_t **out, hbr_error **err);
/* Do two texts say the same? Those that are no JSON are the same when their bytes are. */
bool members_same(const char *a, const char *b);
/* Has `whole` every member of `part`, with the same value? */
bool members_has(const json_t *whole, const json_t *part);
/* 1: `whole` has every member of `part`, with the same value. 0: it has not, or one is no JSON. */
int members_cover(const char *whole, const char *part, hbr_error **err);

/* "spec.ipipMode" from "Always" to "Never"; NULL where it is absent. A negative result ends it. */
typedef int (*members_cb)(void *user, const char *path, const char *from, const char *to);
/* Calls back for each value that differs, by path. HBR_ESYNTAX for what is no JSON. */
int members_diff(const char *from, const char *to, members_cb cb, void *user, hbr_error **err);

/* Takes away from `whole` what `mask` has no member for. Objects without members go, too. */
void members_cut(json_t *whole, const json_t *mask);
/* The JSON merge patch (RFC 7386) that makes `to` of `from`; {} when they are the same. HBR_ENOMEM. */
int members_patch(const json_t *from, const json_t *to, json_t **out, hbr_error **err);
/* The value at "spec.blockSize" (keys without dots), or NULL. Borrowed. */
json_t *members_at(const json_t *object, const char *path);

#endif
