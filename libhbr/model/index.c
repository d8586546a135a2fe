/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table of objects. */
#include "model/index.h"

#include <string.h>

#define INDEX_FIRST 64

static size_t hash(const hbr_object *parent, int32_t kind, const char *name, size_t n)
{
	/* FNV-1a over the name, begun with what else identifies the object. */
	uint64_t h = 0xcbf29ce484222325u ^ ((uintptr_t)parent >> 4) ^ ((uint64_t)kind << 56);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3u;
	return (size_t)(h ^ (h >> 29));
}

static void put(hbr_object **slots, size_t cap, hbr_object *object)
{
	size_t at = hash(object->parent, object->kind, object->name, strlen(object->name));

	at &= cap - 1;
	while (slots[at])
		at = (at + 1) & (cap - 1);
	slots[at] = object;
}

bool index_reserve(struct object_index *index)
{
	if (index->n + 1 <= index->cap / 2)
		return true;

	size_t cap = index->cap ? index->cap * 2 : INDEX_FIRST;
	hbr_object **slots = calloc(cap, sizeof(hbr_object *));
	if (!slots)
		return false;

	for (size_t i = 0; i < index->cap; i++)
		if (index->slots[i])
			put(slots, cap, index->slots[i]);
	free(index->slots);
	index->slots = slots;
	index->cap = cap;
	return true;
}

void index_put(struct object_index *index, hbr_object *object)
{
	put(index->slots, index->cap, object);
	index->n++;
}

static bool matches(const hbr_object *object, const hbr_object *parent, int32_t kind,
                    const char *name, size_t n)
{
	return object->parent == parent && object->kind == kind &&
	       strncmp(object->name, name, n) == 0 && !object->name[n];
}

hbr_object *index_find(const struct object_index *index, const hbr_object *parent, int32_t kind,
                       const char *name, size_t n)
{
	if (!index->cap)
		return NULL;

	size_t at = hash(parent, kind, name, n) & (index->cap - 1);

	while (index->slots[at] && !matches(index->slots[at], parent, kind, name, n))
		at = (at + 1) & (index->cap - 1);
	return index->slots[at];
}

void index_free(struct object_index *index)
{
	free(index->slots);
	*index = (struct object_index){ 0 };
}
