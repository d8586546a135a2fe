/* SPDX-License-Identifier: Apache-2.0 */
/* Sized structs (the rule of libbpf's options): zero means default, old and new callers mix. */
#ifndef HBR_BASE_SIZED_H
#define HBR_BASE_SIZED_H

#include "base/error.h"

/*
 * Copies a caller's struct, which begins with size_t size, into ours of `known` bytes: a missing
 * tail is zero; an unknown tail must be zero, else HBR_EINVAL. user NULL: all zero.
 */
int sized_read(void *ours, size_t known, const void *user, const char *what, hbr_error **err);
/* The other way: copies at most user->size bytes and leaves user->size alone. HBR_EINVAL if the
 * caller's size is too small to hold its own size member. */
int sized_write(void *user, const void *ours, size_t known, const char *what, hbr_error **err);

#endif
