/* SPDX-License-Identifier: Apache-2.0 */
/* Things found by name, by binary search. */
#include "port/names.h"

#include <string.h>

#define NAMES_MAX 1000000

static const char *name_at(const struct names *names, size_t at)
{
	return *(char *const *)names->items[at];
}

/* Where the name is, or where it would go. */
static size_t place(const struct names *names, const char *name, bool *found)
{
	size_t low = 0;
	size_t high = names->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name_at(names, middle), name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *names_find(const struct names *names, const char *name)
{
	bool found;
	size_t at = place(names, name, &found);

	return found ? names->items[at] : NULL;
}

bool names_add(struct names *names, void *item)
{
	bool found;
	size_t at = place(names, *(char **)item, &found);

	if (!vec_push(names, NAMES_MAX))
		return false;
	memmove(names->items + at + 1, names->items + at,
		(names->n - 1 - at) * sizeof(*names->items));
	names->items[at] = item;
	return true;
}

void *names_remove(struct names *names, const char *name)
{
	bool found;
	size_t at = place(names, name, &found);
	if (!found)
		return NULL;

	void *item = names->items[at];

	names->n--;
	memmove(names->items + at, names->items + at + 1,
		(names->n - at) * sizeof(*names->items));
	return item;
}
