/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things found by name: a sorted array of pointers to structs whose first member is `char
 * *name`.
 */
#ifndef HBR_PORT_NAMES_H
#define HBR_PORT_NAMES_H

#include "base/mem.h"

struct names {
	void **items;
	size_t n, cap;
};

/* The item of that name, or NULL. */
void *names_find(const struct names *names, const char *name);
/*
 * Takes an item whose name is not there yet. False when out of memory: then it is still the
 * caller's.
 */
bool names_add(struct names *names, void *item);
/* Takes the item out and returns it, or NULL. */
void *names_remove(struct names *names, const char *name);

#endif
