/* SPDX-License-Identifier: Apache-2.0 */
/* From texts to addresses, keeping text and place, and the other way for what was assigned. */
#include <string.h>

#include "model/resolve.h"

int addr_list_make(struct resolve *resolve, const hbr_object *object, const char *const *list,
                   struct addr_list *out)
{
	uint32_t n = list_count(list);

	*out = (struct addr_list){ 0 };
	if (!n)
		return 0;

	struct addr_at *items = arena_array(resolve->arena, n, sizeof(*items));
	if (!items)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < n; i++) {
		struct addr_at *item = &items[i];

		item->source.text = list[i];
		item->source.at = text_mark(object, list[i]);
		if (prefix_parse(list[i], &item->addr, &item->has_length) < 0)
			item->addr = (hbr_addr){ 0 };
	}
	out->items = items;
	out->n = n;
	return 0;
}

int addr_list_shared(struct resolve *resolve, const hbr_object *object, const char *const *list,
                     struct addr_list *out)
{
	for (size_t i = 0; i < REACH_CACHE; i++) {
		if (list && resolve->cache[i].list == list) {
			*out = resolve->cache[i].parsed;
			return 0;
		}
	}

	int rc = addr_list_make(resolve, object, list, out);
	if (rc < 0)
		return rc;

	struct cached_list *cached = &resolve->cache[resolve->next_cached];

	cached->list = list;
	cached->parsed = *out;
	resolve->next_cached = (resolve->next_cached + 1) % REACH_CACHE;
	return 0;
}

bool list_has_family(const char *const *list, int family)
{
	for (; list && *list; list++)
		if ((strchr(*list, ':') != NULL) == (family == 6))
			return true;
	return false;
}

bool list_append(struct resolve *resolve, const char *const **list, const hbr_addr *addr)
{
	char text[PREFIX_TEXT];
	uint32_t n = list_count(*list);
	size_t length = strlen(prefix_format(addr, text));
	const char **longer =
	        arena_alloc(resolve->arena, (n + 2) * sizeof(*longer) + text_size(length));
	if (!longer)
		return false;

	if (n)
		memcpy(longer, *list, n * sizeof(*longer));
	longer[n] = text_put((char *)(longer + n + 2), text, length, NULL);
	*list = longer;
	return true;
}
