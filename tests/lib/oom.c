/* SPDX-License-Identifier: Apache-2.0 */
/* malloc() and its kin over those of glibc; the executable's symbols come before the library's. */
#include "lib/oom.h"

#include <errno.h>
#include <stdlib.h>

static unsigned countdown; /* 0: off */
static bool hit;
static bool lasts;
static unsigned allocations;

void oom_at(unsigned n)
{
	hit = false;
	countdown = n;
}

void oom_from(unsigned n)
{
	oom_at(n);
	lasts = true;
}

bool oom_off(void)
{
	countdown = 0;
	lasts = false;
	return hit;
}

void oom_count(void)
{
	allocations = 0;
}

unsigned oom_counted(void)
{
	return allocations;
}

#ifdef __has_feature /* clang */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

#define VISIBLE __attribute__((visibility("default")))

static bool fails(void)
{
	allocations++;
	if (!countdown || --countdown)
		return false;
	hit = true;
	countdown = lasts;
	errno = ENOMEM;
	return true;
}

VISIBLE void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

VISIBLE void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

VISIBLE void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

#endif
