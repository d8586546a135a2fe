/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification inside: a condition for each wanted resource, and a sight, which is what one round
 * of looking saw, read when it is first asked for.
 */
#ifndef HBR_ENGINE_VERIFY_H
#define HBR_ENGINE_VERIFY_H

#include "engine/ctx.h"
#include "hbr/check.h"
#include "port/oracle.h"
#include "port/ping.h"
#include "resource/state.h"

#define HINT_SIZE 320 /* bytes of a hint that is put together */

/* What verify looks through: readers of its own, so that it shares no mistake with apply. */
struct eyes {
	int (*dump)(const hbr_netns_port *netns, const hbr_call *call, const char *name,
	            uint32_t kinds, hbr_sink *sink, hbr_error **err);
	int (*ping)(const hbr_netns_port *netns, const hbr_call *call,
	            struct ping_probe *probes, size_t n, uint32_t tries, uint32_t timeout_ms,
	            hbr_error **err);
};
/* hbr_verify() through other eyes. */
int verify_through(const struct eyes *eyes, hbr_ctx *ctx, const hbr_state *wanted,
                   uint32_t wait_ms, hbr_status **out, hbr_error **err);

struct condition {
	const hbr_resource *wanted;
	const char *rule;
	bool holds;
	bool pinged;                   /* in this round: ask the prober */
	char *expected, *found, *hint; /* made by condition_say(); hint may be NULL */
};

/* What a namespace looks like. */
struct view {
	const char *netns;
	bool exists;
	hbr_state *state;                 /* links, addresses, routes */
	VEC(const hbr_resource *) routes; /* of the main table, by destination */
};

/* What a router says. */
struct testimony {
	const char *netns, *engine;
	bool answers;
	char why[160];             /* why not */
	VEC(hbr_session) sessions; /* by remote address */
	VEC(hbr_rib_route) rib[2]; /* IPv4, IPv6; by prefix */
	bool has_rib[2];
};

struct object_view;

struct sight {
	hbr_ctx *ctx;
	const struct eyes *eyes;
	const hbr_state *wanted;
	VEC(struct view *) views;
	VEC(struct testimony *) routers;
	VEC(struct object_view *) objects;
};

/* sight.c, testimony.c */
int sight_view(struct sight *sight, const char *netns, struct view **out, hbr_error **err);
/* engine NULL: that of the CONFIG wanted in the namespace; *out is NULL when there is none. */
int sight_router(struct sight *sight, const char *netns, const char *engine,
                 struct testimony **out, hbr_error **err);
/* The same with the routes of that family. */
int sight_rib(struct sight *sight, const char *netns, const char *engine, int family,
              struct testimony **out, hbr_error **err);
const hbr_session *testimony_session(const struct testimony *router, const hbr_addr *remote);
const hbr_rib_route *testimony_route(const struct testimony *router, const hbr_addr *prefix);
/* The route of the main table to exactly this prefix, or the one that the kernel would take. */
const hbr_resource *view_route(const struct view *view, const hbr_addr *prefix);
const hbr_resource *view_way(const struct view *view, const hbr_addr *to);
/* The link that has the address's network, or NULL. */
const hbr_resource *view_towards(const struct view *view, const hbr_addr *addr);
bool view_has_addr(const struct view *view, const hbr_addr *addr);
void sight_free(struct sight *sight);

/* sight_object.c: NULL when there is none. Cut to the members that are wanted, of a Node with its
 * conditions; of pools all are there, with their prefix. */
int sight_object(struct sight *sight, const char *name, const hbr_resource **out,
                 hbr_error **err);
/* All that are known of the kind of that name. */
int sight_objects(struct sight *sight, const char *name, const hbr_state **out,
                  hbr_error **err);
void sight_free_objects(struct sight *sight);

/* condition.c: says how it is; texts are copied. 0 or HBR_ENOMEM with the error made. */
int condition_say(struct condition *condition, bool holds, const char *expected,
                  const char *hint, hbr_error **err, const char *found, ...)
        hbr_printf_like(6, 7);
void condition_free(struct condition *condition);

/*
 * Looks: fills one condition. Negative: it could not be looked at.
 * look_kernel.c, look_container.c, look_router.c, look_session.c, look_expect.c, look_object.c
 */
int look_netns(struct sight *sight, struct condition *condition, hbr_error **err);
int look_kernel(struct sight *sight, struct condition *condition, hbr_error **err);
int look_sysctl(struct sight *sight, struct condition *condition, hbr_error **err);
int look_file(struct sight *sight, struct condition *condition, hbr_error **err);
int look_container(struct sight *sight, struct condition *condition, hbr_error **err);
/* A file that is a secret, or that we only began. */
int look_reference(struct sight *sight, struct condition *condition, hbr_error **err);
int look_config(struct sight *sight, struct condition *condition, hbr_error **err);
int look_session(struct sight *sight, struct condition *condition, hbr_error **err);
int look_neighbors(struct sight *sight, struct condition *condition, hbr_error **err);
int look_object(struct sight *sight, struct condition *condition, hbr_error **err);
int look_ready(struct sight *sight, struct condition *condition, hbr_error **err);
int look_listener(struct sight *sight, struct condition *condition, hbr_error **err);
int look_expect(struct sight *sight, struct condition *condition, hbr_error **err);
/* The router cannot be asked: everything that it would know fails for this one reason. */
int say_silent(struct condition *condition, const struct testimony *router,
               const char *expected, hbr_error **err);
const char *look_rule(const hbr_resource *wanted); /* NULL: not verified */

/* look_ping.c: is there a way at all? Then the condition is left to the prober. */
int look_ping(struct sight *sight, struct condition *condition, hbr_error **err);
/* Probes all conditions that are left to it, at once. */
int look_pings(struct sight *sight, struct condition *conditions, size_t n, bool patient,
               hbr_error **err);

#endif
