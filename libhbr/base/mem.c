/* SPDX-License-Identifier: Apache-2.0 */
/* Arena in growing blocks, and the growable array. */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ARENA_ALIGN _Alignof(max_align_t)
#define ARENA_FIRST ((size_t)4 << 10)
#define ARENA_STEP ((size_t)64 << 10)
#define ARENA_LARGEST ((size_t)4 << 20)
#define PRINTF_SMALL 256

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char bytes[];
};

/* Small arenas stay small; big ones take ever bigger blocks, so that there are few of them. */
static size_t block_size(const struct arena *arena, size_t wanted)
{
	size_t size = arena->blocks ? ARENA_STEP : ARENA_FIRST;

	while (size < ARENA_LARGEST && size < arena->used / 4)
		size *= 2;
	return size < wanted ? wanted : size;
}

static struct arena_block *block_add(struct arena *arena, size_t wanted)
{
	size_t size = block_size(arena, wanted);
	struct arena_block *block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;

	block->size = size;
	/* One big thing must not end the use of a block that is nearly empty. */
	if (arena->blocks && wanted == size) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

/* `align` is a power of two. */
static void *take(struct arena *arena, size_t size, size_t align)
{
	struct arena_block *block = arena->blocks;
	size_t start = block ? (block->used + align - 1) & ~(align - 1) : 0;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (arena->limit && (arena->used > arena->limit || size > arena->limit - arena->used))
		return NULL;
	if (!block || start > block->size || block->size - start < size) {
		block = block_add(arena, size);
		if (!block)
			return NULL;
		start = 0;
	}
	block->used = start + size;
	arena->used += size;
	return block->bytes + start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return take(arena, size ? size : 1, ARENA_ALIGN);
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *text, size_t n)
{
	char *copy = n < SIZE_MAX ? take(arena, n + 1, 1) : NULL;

	if (copy)
		memcpy(copy, text, n);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	char small[PRINTF_SMALL];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (n < 0)
		return NULL;
	/* Nearly all are short: formatting is done once. */
	if ((size_t)n < sizeof(small))
		return arena_strndup(arena, small, (size_t)n);

	char *text = take(arena, (size_t)n + 1, 1);
	if (!text)
		return NULL;

	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

const char *const *arena_strlist(struct arena *arena, const char *const *list, bool *ok)
{
	size_t n = 0;

	if (!list)
		return NULL;
	while (list[n])
		n++;

	const char **copy = arena_array(arena, n + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_strdup(arena, list[i]);
		if (!copy[i])
			copy = NULL;
	}
	if (!copy)
		*ok = false;
	return copy;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	arena->used = 0;
}

void arena_wipe(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block; block = block->next)
		explicit_bzero(block->bytes, block->used);
	arena_free(arena);
}

void *vec_grow(void **items, size_t *n, size_t *cap, size_t size, size_t limit)
{
	if (limit && *n >= limit)
		return NULL;
	if (*n == *cap) {
		size_t more = *cap ? *cap * 2 : 8;
		size_t total;
		if (more < *cap || __builtin_mul_overflow(more, size, &total))
			return NULL;

		void *grown = realloc(*items, total);
		if (!grown)
			return NULL;

		*items = grown;
		*cap = more;
	}

	void *item = (char *)*items + *n * size;

	memset(item, 0, size);
	(*n)++;
	return item;
}
