/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: many small allocations that die together. Also the cleanup attributes of the library. */
#ifndef HBR_BASE_MEM_H
#define HBR_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "hbr/common.h"

#define hbr_cleanup(fn) __attribute__((cleanup(fn)))
#define hbr_printf_like(fmt, first) __attribute__((format(printf, fmt, first)))
#define hbr_unused __attribute__((unused))
#define hbr_count(array) (sizeof(array) / sizeof((array)[0]))

/* Hands over what a cleanup variable owns. */
#define hbr_steal(p)                                                                           \
	({                                                                                     \
		__typeof__(p) stolen_ = (p);                                                   \
		(p) = NULL;                                                                    \
		stolen_;                                                                       \
	})

static inline void mem_freep(void *p)
{
	free(*(void **)p);
}
#define _cleanup_free_ hbr_cleanup(mem_freep)

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used;  /* bytes handed out */
	size_t limit; /* 0: none */
};

#define ARENA_INIT { NULL, 0, 0 }

/* Zeroed memory, aligned for anything; NULL when out of memory or over the limit. */
void *arena_alloc(struct arena *arena, size_t size);
/* n zeroed elements; checks the product. */
void *arena_array(struct arena *arena, size_t n, size_t size);
char *arena_strdup(struct arena *arena, const char *text); /* NULL for NULL, without failing */
char *arena_strndup(struct arena *arena, const char *text, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...) hbr_printf_like(2, 3);
/* Copies a NULL-ended list of strings. NULL for NULL; *ok is cleared when out of memory. */
const char *const *arena_strlist(struct arena *arena, const char *const *list, bool *ok);
void arena_free(struct arena *arena);
void arena_wipe(struct arena *arena); /* overwrites what was there, then frees: for secrets */

/*
 * A growable array of plain elements; sticky failure. VEC(struct x) v = {0}; vec_push(&v, limit)
 * returns a pointer to a new zeroed element or NULL (out of memory, or more than limit).
 */
#define VEC(type)                                                                              \
	struct {                                                                               \
		type *items;                                                                   \
		size_t n, cap;                                                                 \
	}
void *vec_grow(void **items, size_t *n, size_t *cap, size_t size, size_t limit);
#define vec_push(v, limit)                                                                     \
	((__typeof__((v)->items))vec_grow((void **)&(v)->items, &(v)->n, &(v)->cap,            \
					  sizeof(*(v)->items), limit))
#define vec_free(v) (free((v)->items), (v)->items = NULL, (v)->n = (v)->cap = 0)

#endif
