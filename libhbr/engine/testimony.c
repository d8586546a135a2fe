/* SPDX-License-Identifier: Apache-2.0 */
/* Testimony: what a router says of its sessions and routes, asked once a round at most. */
#include "engine/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

#define RIB_MAX 10000000

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
		qsort(router->sessions.items, router->sessions.n, sizeof(hbr_session),
		      by_remote);
	return rc;
}

/* The engine whose configuration is wanted in this namespace, or NULL. */
static const char *engine_in(const hbr_state *wanted, const char *netns)
{
	const hbr_resource first = { .kind = HBR_KIND_CONFIG, .netns = netns, .name = "" };
	const hbr_resource *row = hbr_state_at(wanted, state_lower_bound(wanted, &first));

	if (!row || row->kind != HBR_KIND_CONFIG || strcmp(resource_netns(row), netns) != 0)
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
	return bsearch(&like, router->rib[at].items, router->rib[at].n, sizeof(like),
	               by_prefix);
}
