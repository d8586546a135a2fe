/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in full form, as items of a list of the document. */
#include "model/dump.h"

void *dump_item(struct dump *dump, struct doc_items *items, size_t room, size_t size)
{
	void *item = arena_alloc(&dump->arena, size);
	const void **list = (const void **)items->items;

	if (!list)
		list = arena_array(&dump->arena, room, sizeof(*list));
	if (!item || !list)
		return NULL;
	list[items->n++] = item;
	items->items = list;
	return item;
}

/* The structs of a NULL-ended list, where they are. */
static struct doc_items items_of(const void *const *specs)
{
	struct doc_items items = { .items = specs };

	while (specs && specs[items.n])
		items.n++;
	return items;
}

void dump_netns(const hbr_netns_spec *spec, struct doc_netns *out)
{
	out->spec = *spec;
	out->uplinks = items_of((const void *const *)spec->uplinks);
	out->routes = items_of((const void *const *)spec->routes);
}

const char *const *dump_pools(struct dump *dump, const char *pool4, const char *pool6)
{
	const char **list = arena_array(&dump->arena, 3, sizeof(*list));
	size_t n = 0;

	if (list && pool4)
		list[n++] = pool4;
	if (list && pool6)
		list[n++] = pool6;
	return list;
}

bool dump_veth(struct dump *dump, const hbr_veth_spec *spec, struct doc_veth *out)
{
	out->spec = *spec;
	if (spec->a)
		out->a = *spec->a;
	if (spec->b)
		out->b = *spec->b;
	if (spec->attach)
		out->attach = *spec->attach;
	if (!spec->pool4 && !spec->pool6)
		return true;
	out->pools = dump_pools(dump, spec->pool4, spec->pool6);
	return out->pools;
}
