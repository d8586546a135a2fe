/* SPDX-License-Identifier: Apache-2.0 */
/* Sight: what one round of verification saw of namespaces and routers, each read once at most. */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

#define KINDS (1u << HBR_KIND_LINK | 1u << HBR_KIND_ADDR | 1u << HBR_KIND_ROUTE)
#define TABLE_MAIN 254
#define RIB_MAX 10000000

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

/* A router that cannot be asked is a finding; that we cannot go on is not. */
static bool is_silence(int rc)
{
	return rc != HBR_ENOMEM && rc != HBR_ECANCELED;
}

static int by_remote(const void *a, const void *b)
{
	return prefix_cmp(&((const hbr_session *)a)->remote, &((const hbr_session *)b)->remote);
}

static int put_session(void *user, const hbr_session *session)
{
	struct testimony *router = user;
	hbr_session *kept = vec_push(&router->sessions, RIB_MAX);

	if (!kept)
		return HBR_ENOMEM;
	*kept = *session;
	kept->remote = prefix_host(&session->remote);
	return 0;
}

/* Takes the answer of a question to the router. */
static int hear(struct testimony *router, int rc, hbr_error **why, hbr_error **err)
{
	router->answers = rc == 0;
	if (rc == 0)
		return 0;
	if (is_silence(rc)) {
		snprintf(router->why, sizeof(router->why), "%s", hbr_error_message(*why));
		return 0;
	}
	if (err)
		*err = hbr_steal(*why);
	return rc;
}

static int ask_sessions(struct sight *sight, struct testimony *router, hbr_error **err)
{
	const hbr_router_port *port = ctx_router(sight->ctx, router->engine, err);
	_cleanup_error_ hbr_error *why = NULL;
	hbr_call call = ctx_call(sight->ctx);
	int rc;

	if (!port)
		return HBR_ENOTSUP;
	rc = port->sessions(port->self, &call, router->netns, put_session, router, &why);
	rc = hear(router, rc, &why, err);
	if (router->sessions.n)
		qsort(router->sessions.items, router->sessions.n, sizeof(hbr_session), by_remote);
	return rc;
}

/* The engine whose configuration is wanted in this namespace, or NULL. */
static const char *engine_in(const hbr_state *wanted, const char *netns)
{
	const hbr_resource first = { .kind = HBR_KIND_CONFIG, .netns = netns, .name = "" };
	const hbr_resource *row = hbr_state_at(wanted, state_lower_bound(wanted, &first));

	if (!row || row->kind != HBR_KIND_CONFIG || strcmp(row->netns, netns) != 0)
		return NULL;
	return row->name;
}

int sight_router(struct sight *sight, const char *netns, const char *engine,
		 struct testimony **out, hbr_error **err)
{
	struct testimony **place;

	*out = NULL;
	if (!engine)
		engine = engine_in(sight->wanted, netns);
	if (!engine)
		return 0;
	for (size_t i = 0; i < sight->routers.n; i++) {
		struct testimony *router = sight->routers.items[i];

		if (strcmp(router->netns, netns) == 0 && strcmp(router->engine, engine) == 0) {
			*out = router;
			return 0;
		}
	}
	place = vec_push(&sight->routers, STATE_MAX);
	if (!place)
		return hbr_oom(err);
	*place = calloc(1, sizeof(**place));
	if (!*place)
		return hbr_oom(err);
	(*place)->netns = netns;
	(*place)->engine = engine;
	*out = *place;
	return ask_sessions(sight, *place, err);
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&((const hbr_rib_route *)a)->prefix,
			  &((const hbr_rib_route *)b)->prefix);
}

static int put_route(void *user, const hbr_rib_route *route)
{
	struct testimony *router = user;
	hbr_rib_route *kept = vec_push(&router->rib[route->prefix.family == 6], RIB_MAX);

	if (!kept)
		return HBR_ENOMEM;
	*kept = *route;
	return 0;
}

/* Of several routes to a prefix, the selected one counts. */
static void unite(struct testimony *router, int at)
{
	hbr_rib_route *rows = router->rib[at].items;
	size_t kept = 0;

	if (!router->rib[at].n)
		return;
	qsort(rows, router->rib[at].n, sizeof(*rows), by_prefix);
	for (size_t i = 1; i < router->rib[at].n; i++) {
		if (by_prefix(&rows[kept], &rows[i]) != 0)
			rows[++kept] = rows[i];
		else if (rows[i].selected && !rows[kept].selected)
			rows[kept] = rows[i];
	}
	router->rib[at].n = kept + 1;
}

int sight_rib(struct sight *sight, const char *netns, const char *engine, int family,
	      struct testimony **out, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	const hbr_router_port *port;
	struct testimony *router;
	int at = family == 6;
	hbr_call call;
	int rc = sight_router(sight, netns, engine, out, err);

	router = *out;
	if (rc < 0 || !router || !router->answers || router->has_rib[at])
		return rc;
	port = ctx_router(sight->ctx, router->engine, err);
	if (!port)
		return HBR_ENOTSUP;
	call = ctx_call(sight->ctx);
	rc = port->routes(port->self, &call, netns, family, put_route, router, &why);
	router->has_rib[at] = true;
	unite(router, at);
	return hear(router, rc, &why, err);
}

const hbr_session *testimony_session(const struct testimony *router, const hbr_addr *remote)
{
	const hbr_session like = { .remote = prefix_host(remote) };

	if (!router->sessions.n)
		return NULL;
	return bsearch(&like, router->sessions.items, router->sessions.n, sizeof(like),
		       by_remote);
}

const hbr_rib_route *testimony_route(const struct testimony *router, const hbr_addr *prefix)
{
	const hbr_rib_route like = { .prefix = prefix_network(prefix) };
	int at = prefix->family == 6;

	if (!router->rib[at].n)
		return NULL;
	return bsearch(&like, router->rib[at].items, router->rib[at].n, sizeof(like), by_prefix);
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
	if (low == view->routes.n || !prefix_equal(&route_of(view->routes.items[low])->to, prefix))
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
	const hbr_resource first = { .kind = HBR_KIND_ADDR, .netns = view->netns, .name = "",
				     .body = &none };

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
}
