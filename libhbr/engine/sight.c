/* SPDX-License-Identifier: Apache-2.0 */
/* Sight: what one round of verification saw of namespaces, each read once at most. */
#include "engine/verify.h"

#include <string.h>

#include "base/prefix.h"

#define KINDS (1u << HBR_KIND_LINK | 1u << HBR_KIND_ADDR | 1u << HBR_KIND_ROUTE)
#define TABLE_MAIN 254

static const hbr_route *route_of(const hbr_resource *row)
{
	return row->body;
}

static int by_destination(const void *a, const void *b)
{
	const hbr_route *left = route_of(*(const hbr_resource *const *)a);
	const hbr_route *right = route_of(*(const hbr_resource *const *)b);
	int order = prefix_cmp(&left->to, &right->to);

	/* The kernel takes the lowest metric. */
	if (order == 0)
		order = left->metric < right->metric ? -1 : left->metric > right->metric;
	return order;
}

static int index_routes(struct view *view, hbr_error **err)
{
	for (size_t i = 0; i < view->state->rows.n; i++) {
		const hbr_resource *row = view->state->rows.items[i];

		if (row->kind != HBR_KIND_ROUTE || route_of(row)->table != TABLE_MAIN)
			continue;

		const hbr_resource **place = vec_push(&view->routes, STATE_MAX);
		if (!place)
			return hbr_oom(err);
		*place = row;
	}
	if (view->routes.n)
		qsort(view->routes.items, view->routes.n, sizeof(*view->routes.items),
		      by_destination);
	return 0;
}

static int read_view(struct sight *sight, struct view *view, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	hbr_call call = ctx_call(sight->ctx);
	hbr_sink sink;
	int rc = hbr_state_new(&view->state, err);

	if (rc < 0)
		return rc;
	sink = state_sink(view->state);
	rc = sight->eyes->dump(sight->ctx->netns, &call, view->netns, KINDS, &sink, &why);
	state_close(view->state);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	view->exists = true;
	return index_routes(view, err);
}

int sight_view(struct sight *sight, const char *netns, struct view **out, hbr_error **err)
{
	struct view **place;

	for (size_t i = 0; i < sight->views.n; i++) {
		*out = sight->views.items[i];
		if (strcmp((*out)->netns, netns) == 0)
			return 0;
	}
	place = vec_push(&sight->views, STATE_MAX);
	if (!place)
		return hbr_oom(err);
	*place = calloc(1, sizeof(**place));
	if (!*place)
		return hbr_oom(err);
	(*place)->netns = netns;
	*out = *place;
	return read_view(sight, *place, err);
}

/* The first row that is not before the prefix: that of the lowest metric, if it is there. */
const hbr_resource *view_route(const struct view *view, const hbr_addr *prefix)
{
	size_t low = 0;
	size_t high = view->routes.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_cmp(&route_of(view->routes.items[middle])->to, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == view->routes.n ||
	    !prefix_equal(&route_of(view->routes.items[low])->to, prefix))
		return NULL;
	return view->routes.items[low];
}

const hbr_resource *view_way(const struct view *view, const hbr_addr *to)
{
	for (int length = prefix_bits(to); length >= 0; length--) {
		hbr_addr cover = *to;
		const hbr_resource *row;

		cover.length = (uint8_t)length;
		cover = prefix_network(&cover);
		row = view_route(view, &cover);
		if (row)
			return row;
	}
	return NULL;
}

static const hbr_resource *find_addr(const struct view *view, const hbr_addr *addr, bool exact)
{
	static const hbr_ifaddr none;
	const hbr_resource first = {
		.kind = HBR_KIND_ADDR, .netns = view->netns, .name = "", .body = &none
	};

	for (size_t i = state_lower_bound(view->state, &first); i < view->state->rows.n; i++) {
		const hbr_resource *row = view->state->rows.items[i];
		const hbr_ifaddr *own = row->body;

		if (row->kind != HBR_KIND_ADDR)
			break;

		hbr_addr net = prefix_network(&own->addr);
		if (exact ? prefix_same_host(&own->addr, addr) : prefix_contains(&net, addr))
			return row;
	}
	return NULL;
}

bool view_has_addr(const struct view *view, const hbr_addr *addr)
{
	return find_addr(view, addr, true);
}

const hbr_resource *view_towards(const struct view *view, const hbr_addr *addr)
{
	const hbr_resource *row = find_addr(view, addr, false);
	hbr_resource like = { .kind = HBR_KIND_LINK, .netns = view->netns };

	if (!row)
		return NULL;
	like.name = row->name;
	return state_find(view->state, &like);
}

void sight_free(struct sight *sight)
{
	for (size_t i = 0; i < sight->views.n; i++) {
		struct view *view = sight->views.items[i];

		if (!view)
			continue;
		hbr_state_free(view->state);
		vec_free(&view->routes);
		free(view);
	}
	vec_free(&sight->views);
	for (size_t i = 0; i < sight->routers.n; i++) {
		struct testimony *router = sight->routers.items[i];

		if (!router)
			continue;
		vec_free(&router->sessions);
		vec_free(&router->rib[0]);
		vec_free(&router->rib[1]);
		free(router);
	}
	vec_free(&sight->routers);
	sight_free_objects(sight);
}
