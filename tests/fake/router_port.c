/* SPDX-License-Identifier: Apache-2.0 */
/* A router over the fake world: takes any text without the word BAD in it. */
#include "fake/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"

static struct fake_router *find(struct world *world, const char *netns)
{
	for (size_t i = 0; i < world->routers.n; i++) {
		if (strcmp(world->routers.items[i]->netns, netns) == 0)
			return world->routers.items[i];
	}
	return NULL;
}

static struct fake_router *need(struct world *world, const char *netns)
{
	struct fake_router *router = find(world, netns);

	if (router)
		return router;
	router = fake_alloc(sizeof(*router));
	router->netns = fake_strdup(netns);
	fake_push(&world->routers) = router;
	return router;
}

static int caps(void *self, const hbr_call *call, const char *netns, uint32_t *out,
                hbr_error **err)
{
	(void)call;
	(void)netns;
	*out = ((struct world *)self)->router_caps;
	return world_tick(self, "router.caps", false, err);
}

static int fetch(void *self, const hbr_call *call, const char *netns, char **text,
                 uint32_t *running, hbr_error **err)
{
	struct fake_router *router = find(self, netns);
	int rc = world_tick(self, "router.fetch", false, err);

	(void)call;
	*text = NULL;
	*running = 0;
	if (rc < 0 || !router || !router->text)
		return rc;
	*text = fake_strdup(router->text);
	*running = router->running;
	return 0;
}

static int refuse(const char *text, hbr_error **err)
{
	return strstr(text, "BAD") ? hbr_fail(err, HBR_EROUTER, NULL, "line 1: unknown command")
	                           : 0;
}

static int check(void *self, const hbr_call *call, const char *netns, const char *text,
                 hbr_error **err)
{
	int rc = world_tick(self, "router.check", false, err);

	(void)call;
	(void)netns;
	return rc < 0 ? rc : refuse(text, err);
}

static int commit(void *self, const hbr_call *call, const char *netns, const char *text,
                  uint32_t confirm_s, hbr_error **err)
{
	struct fake_netns *inside = fake_netns_find(self, netns);
	int rc = world_tick(self, "router.commit", true, err);
	struct fake_router *router;

	(void)call;
	if (rc == 0)
		rc = refuse(text, err);
	if (rc < 0)
		return rc;
	if (!inside)
		return hbr_fail(err, HBR_ENOENT, netns, "no namespace \"%s\"", netns);
	router = need(self, netns);
	free(router->text);
	router->text = fake_strdup(text);
	router->inside = inside;
	router->running = true;
	((struct world *)self)->router_window = confirm_s;
	return 0;
}

static int confirm(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	int rc = world_tick(self, "router.confirm", true, err);

	(void)call;
	(void)netns;
	if (rc == 0)
		((struct world *)self)->router_window = 0;
	return rc;
}

static int remove_router(void *self, const hbr_call *call, const char *netns, hbr_error **err)
{
	struct fake_router *router = find(self, netns);
	int rc = world_tick(self, "router.remove", true, err);

	(void)call;
	if (rc < 0 || !router)
		return rc;
	free(router->text);
	router->text = NULL;
	router->running = false;
	router->inside = NULL;
	return 0;
}

static int sessions(void *self, const hbr_call *call, const char *netns,
                    int (*put)(void *user, const hbr_session *session), void *user,
                    hbr_error **err)
{
	struct fake_router *router = find(self, netns);
	int rc = world_tick(self, "router.sessions", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	if (!router || !router->running)
		return hbr_fail(err, HBR_EROUTER, NULL, "the router does not answer");
	for (size_t i = 0; rc == 0 && i < router->sessions.n; i++)
		rc = put(user, &router->sessions.items[i]);
	return rc;
}

static int routes(void *self, const hbr_call *call, const char *netns, int family,
                  int (*put)(void *user, const hbr_rib_route *route), void *user,
                  hbr_error **err)
{
	struct fake_router *router = find(self, netns);
	int rc = world_tick(self, "router.routes", false, err);

	(void)call;
	if (rc < 0)
		return rc;
	if (!router || !router->running)
		return hbr_fail(err, HBR_EROUTER, NULL, "the router does not answer");
	for (size_t i = 0; rc == 0 && i < router->rib.n; i++) {
		const struct fake_rib *row = &router->rib.items[i];
		hbr_rib_route route = { .prefix = row->prefix,
			                .selected = row->selected,
			                .installed = row->selected,
			                .protocol = "bgp" };

		if (row->prefix.family == family)
			rc = put(user, &route);
	}
	return rc;
}

void world_router_kill(struct world *world, const char *netns)
{
	need(world, netns)->running = false;
}

void world_session(struct world *world, const char *netns, const hbr_session *session)
{
	struct fake_router *router = need(world, netns);

	for (size_t i = 0; i < router->sessions.n; i++) {
		if (prefix_equal(&router->sessions.items[i].remote, &session->remote)) {
			router->sessions.items[i] = *session;
			return;
		}
	}
	fake_push(&router->sessions) = *session;
}

void world_rib(struct world *world, const char *netns, const char *prefix, bool selected)
{
	struct fake_rib row = { .selected = selected };

	if (hbr_addr_parse(prefix, &row.prefix, NULL) < 0)
		abort();
	fake_push(&need(world, netns)->rib) = row;
}

void world_rib_clear(struct world *world, const char *netns)
{
	need(world, netns)->rib.n = 0;
}

void fake_router_port(struct world *world)
{
	world->router_port = (hbr_router_port){
		.size = sizeof(hbr_router_port),
		.name = "frr",
		.self = world,
		.caps = caps,
		.fetch = fetch,
		.check = check,
		.commit = commit,
		.confirm = confirm,
		.remove = remove_router,
		.sessions = sessions,
		.routes = routes,
	};
}

void world_router_caps(struct world *world, uint32_t caps)
{
	world->router_caps = caps;
}

uint32_t world_router_window(const struct world *world)
{
	return world->router_window;
}
