/* SPDX-License-Identifier: Apache-2.0 */
/* Places: the namespaces that states speak about. */
#include "engine/places.h"

#include <string.h>

#define PLACES_MAX STATE_MAX

static int add(struct places *places, const char *netns, hbr_error **err)
{
	struct place *place;
	size_t n = places->items.n;

	if (!netns)
		return 0;
	/* Rows are sorted by namespace within a kind, and pairs are between two: this catches
	 * nearly all doubles. */
	for (size_t i = n; i > 0 && i + 2 > n; i--) {
		if (strcmp(places->items.items[i - 1].netns, netns) == 0)
			return 0;
	}
	place = vec_push(&places->items, PLACES_MAX);
	if (!place)
		return hbr_oom(err);
	*place = (struct place){ .netns = netns, .exists = true };
	return 0;
}

/* The namespace that a row is about; NULL when it is about none. */
static const char *place_of(const hbr_resource *row)
{
	if (row->kind == HBR_KIND_NETNS)
		return row->name;
	return kind_of(row->kind)->in_netns ? resource_netns(row) : NULL;
}

int places_add(struct places *places, const hbr_state *state, hbr_error **err)
{
	size_t n = hbr_state_count(state);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const hbr_resource *row = hbr_state_at(state, i);
		const hbr_link *link = row->body;

		rc = add(places, place_of(row), err);
		if (rc < 0 || row->kind != HBR_KIND_LINK)
			continue;
		rc = add(places, link->peer_netns, err);
		if (rc == 0)
			rc = add(places, link->from, err);
	}
	return rc;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->netns, ((const struct place *)b)->netns);
}

static struct place *find(const struct places *places, const char *netns)
{
	const struct place like = { .netns = netns };

	if (!places->items.n)
		return NULL;
	return bsearch(&like, places->items.items, places->items.n, sizeof(like), compare);
}

void places_sort(struct places *places)
{
	struct place *items = places->items.items;
	size_t kept = 0;

	if (!places->items.n)
		return;
	qsort(items, places->items.n, sizeof(*items), compare);
	for (size_t i = 1; i < places->items.n; i++) {
		if (compare(&items[kept], &items[i]) != 0)
			items[++kept] = items[i];
	}
	places->items.n = kept + 1;
}

bool places_exists(const struct places *places, const char *netns)
{
	const struct place *place = find(places, netns);

	return place && place->exists;
}

void places_free(struct places *places)
{
	vec_free(&places->items);
}
