/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observing: what exists in the places that wanted and baseline speak about, which of it is ours,
 * and what was there before us. Sends no change.
 */
#include "engine/observe.h"

#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "engine/baseline.h"
#include "engine/machine.h"
#include "engine/named.h"
#include "engine/objects.h"
#include "engine/places.h"
#include "engine/record.h"
#include "engine/scope.h"

#define KINDS (HBR_KIND_NEIGH + 1)
#define DEVICE_KINDS (1u << HBR_KIND_ROUTE | 1u << HBR_KIND_RULE | 1u << HBR_KIND_NEIGH)
#define KERNEL_KINDS (1 << HBR_KIND_LINK | 1 << HBR_KIND_ADDR | 1 << HBR_KIND_ROUTE)
/* linux/rtnetlink.h: who made a route. Whatever is not of these comes back by itself: the kernel's
 * with its address, a routing daemon's from the daemon. */
#define RTPROT_UNSPEC 0
#define RTPROT_KERNEL 2
#define RTPROT_BOOT 3
#define RTPROT_STATIC 4
#define RTPROT_DHCP 16

/* What is said of something that was seen; NULL: nothing. */
struct said {
	const hbr_resource *want, *base;
};

struct gaze {
	hbr_ctx *ctx;
	const hbr_state *wanted, *baseline;
	hbr_state *have;
	/* By kind, where the last one was: namespaces are looked at in the order of the states. */
	size_t near_want[KINDS], near_base[KINDS];
	size_t near_peer;
	struct places places;
	VEC(const hbr_resource *) nics; /* wanted ones */
	/* Devices of the namespace at hand that are, or were, NICs of ours: all that hangs on
	 * them matters. */
	VEC(char *) homes;
	bool bare;   /* an address of theirs has no route to its prefix but what others made */
	bool marked; /* in this namespace a link carries our mark that no baseline knows */
};

static const hbr_resource *origin_of(const hbr_resource *row)
{
	return ((const struct state_row *)row)->origin;
}

static struct said said_of(struct gaze *gaze, const hbr_resource *seen)
{
	/* Of a kind that nobody knows: putting it fails. */
	int32_t kind = seen->kind > 0 && seen->kind < KINDS ? seen->kind : 0;

	if (!kind)
		return (struct said){ NULL, NULL };
	return (struct said){
		.want = state_find_near(gaze->wanted, seen, &gaze->near_want[kind]),
		.base = state_find_near(gaze->baseline, seen, &gaze->near_base[kind]),
	};
}

static int put(struct gaze *gaze, hbr_resource *seen, const struct said *said, hbr_error **err)
{
	const hbr_resource *from = said->want ? said->want : said->base;

	if (said->base)
		seen->flags |= HBR_RESOURCE_OURS;
	if (from) {
		seen->owner = from->owner;
		seen->stage = from->stage;
	}
	return state_put_origin(gaze->have, seen, said->base ? origin_of(said->base) : NULL,
	                        err);
}

/* Is it the device that a wanted NIC is to be taken from? */
static bool is_taken(const struct gaze *gaze, const hbr_resource *seen)
{
	for (size_t i = 0; i < gaze->nics.n; i++) {
		const hbr_link *link = gaze->nics.items[i]->body;

		if (link->from && strcmp(link->from, resource_netns(seen)) == 0 &&
		    nic_is(gaze->nics.items[i], seen))
			return true;
	}
	return false;
}

/* The NIC of the baseline that this device is, although it is not where we put it; or NULL. */
static const hbr_resource *astray(const struct gaze *gaze, const hbr_resource *seen)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };

	for (size_t i = state_lower_bound(gaze->baseline, &first);; i++) {
		const hbr_resource *row = hbr_state_at(gaze->baseline, i);
		const hbr_resource *origin;

		if (!row || row->kind != HBR_KIND_LINK)
			return NULL;
		origin = origin_of(row);
		if (!origin || !resource_is_nic(row) || resource_cmp(row, seen) == 0)
			continue;
		/* Elsewhere only a device with an address of its own can be told from others. */
		if (strcmp(resource_netns(origin), resource_netns(seen)) == 0
		            ? nic_is(origin, seen)
		            : nic_has_identity(origin) && nic_is(origin, seen))
			return row;
	}
}

static bool is_at_home(const struct gaze *gaze, const char *name)
{
	for (size_t i = 0; i < gaze->homes.n; i++) {
		if (strcmp(gaze->homes.items[i], name) == 0)
			return true;
	}
	return false;
}

static int add_home(struct gaze *gaze, const char *name, hbr_error **err)
{
	char **place = vec_push(&gaze->homes, STATE_MAX);

	if (!place)
		return hbr_oom(err);
	*place = strdup(name);
	if (*place)
		return 0;
	gaze->homes.n--;
	return hbr_oom(err);
}

static void forget_homes(struct gaze *gaze)
{
	gaze->bare = false;
	while (gaze->homes.n)
		free(gaze->homes.items[--gaze->homes.n]);
}

static bool is_configured(const hbr_route *route)
{
	return route->protocol == RTPROT_UNSPEC || route->protocol == RTPROT_BOOT ||
	       route->protocol == RTPROT_STATIC || route->protocol == RTPROT_DHCP;
}

/* Does an apply perhaps touch this device, so that the routes over it go? */
static bool is_touched(const struct gaze *gaze, const char *netns, const char *name)
{
	const hbr_resource like = { .kind = HBR_KIND_LINK, .netns = netns, .name = name };

	return state_find(gaze->wanted, &like) || state_find(gaze->baseline, &like) ||
	       is_at_home(gaze, name);
}

/* A host may have a hundred thousand routes of others: only these matter. */
static bool route_matters(const struct gaze *gaze, const hbr_resource *seen,
                          const struct said *said)
{
	const hbr_route *route = seen->body;

	if (seen->flags & HBR_RESOURCE_OURS || said->want || said->base)
		return true;
	if (gaze->baseline->gone && state_find(gaze->baseline->gone, seen))
		return true;
	/* The ways out of a namespace that a NIC is taken from. */
	if (route->to.length == 0 && gaze->homes.n)
		return true;
	if (!route->dev || !is_touched(gaze, seen->netns, route->dev))
		return false;
	/* NetworkManager makes routes to prefixes itself, and signs them as the kernel. */
	return is_configured(route) ||
	       (gaze->bare && route->protocol == RTPROT_KERNEL && route->source.family);
}

/* What the kernel does not tell of a link, but who wants or made it knows. */
static void complete(hbr_link *seen, const hbr_link *want, const hbr_link *base)
{
	const hbr_link *said = want ? want : base;

	if (!said)
		return;
	/* A NIC is whatever device the site calls so: in a lab, a veth. */
	if (said->type == HBR_LINK_NIC) {
		seen->type = HBR_LINK_NIC;
		seen->from = base && base->from ? base->from : said->from;
		return;
	}
	seen->secondary = said->secondary;
}

/* It is where it was, or under another name where it should be: as the planner gives it back. */
static int put_astray(struct gaze *gaze, hbr_resource *seen, const hbr_resource *row,
                      hbr_error **err)
{
	const hbr_resource *origin = state_origin(gaze->baseline, row);
	hbr_link link = *(const hbr_link *)seen->body;
	int rc = 0;

	link.type = HBR_LINK_NIC;
	link.from = resource_netns(origin);
	link.home = origin->name;
	seen->body = &link;
	seen->flags |= HBR_RESOURCE_OURS;
	seen->owner = row->owner;
	seen->stage = row->stage;
	if (strcmp(link.from, resource_netns(seen)) == 0)
		rc = add_home(gaze, seen->name, err);
	return rc < 0 ? rc : state_put_origin(gaze->have, seen, origin, err);
}

static int put_link(struct gaze *gaze, hbr_resource *seen, const struct said *said,
                    hbr_error **err)
{
	const hbr_resource *base = said->base;
	const hbr_resource *want = said->want;
	const hbr_resource *row = base ? NULL : astray(gaze, seen);
	hbr_link link = *(const hbr_link *)seen->body;

	if (row)
		return put_astray(gaze, seen, row, err);
	if (seen->flags & HBR_RESOURCE_OURS && !base)
		gaze->marked = true;
	if (is_taken(gaze, seen)) {
		int rc = add_home(gaze, seen->name, err);
		if (rc < 0)
			return rc;
	}
	complete(&link, want ? want->body : NULL, base ? base->body : NULL);
	seen->body = &link;
	return put(gaze, seen, said, err);
}

static int take(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct gaze *gaze = sink->user;
	hbr_resource seen = *resource;
	struct said said = said_of(gaze, &seen);

	if (seen.kind == HBR_KIND_LINK)
		return put_link(gaze, &seen, &said, err);
	if (seen.kind == HBR_KIND_ADDR && is_at_home(gaze, seen.name) &&
	    ((const hbr_ifaddr *)seen.body)->flags & IFA_F_NOPREFIXROUTE)
		gaze->bare = true;
	if (seen.kind == HBR_KIND_ROUTE && !route_matters(gaze, &seen, &said))
		return 0;
	return put(gaze, &seen, &said, err);
}

/* A namespace is ours when we made it, or, with the baseline lost, when our links are in it. */
static int put_netns(struct gaze *gaze, const char *name, hbr_error **err)
{
	hbr_resource seen = { .size = sizeof(seen), .kind = HBR_KIND_NETNS, .name = name };
	struct said said = said_of(gaze, &seen);

	if (!said.want && !said.base)
		return 0;
	if (gaze->marked)
		seen.flags |= HBR_RESOURCE_OURS;
	return put(gaze, &seen, &said, err);
}

/* Those who hang on a device need no completing. */
static int take_device(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct gaze *gaze = sink->user;
	hbr_resource seen = *resource;
	struct said said = said_of(gaze, &seen);

	if (seen.kind == HBR_KIND_ROUTE && !route_matters(gaze, &seen, &said))
		return 0;
	return put(gaze, &seen, &said, err);
}

#define HAS(port, slot) ((port)->size > offsetof(__typeof__(*(port)), slot) && (port)->slot)

/* All that goes with the NICs that are at home here. */
static int look_at_homes(struct gaze *gaze, const char *netns, hbr_error **err)
{
	const hbr_netlink_port *netlink = gaze->ctx->netlink;
	const hbr_netns_port *door = gaze->ctx->netns;
	hbr_sink sink = { .put = take_device, .user = gaze };

	for (size_t i = 0; i < gaze->homes.n; i++) {
		const char *ifname = gaze->homes.items[i];
		hbr_call call = ctx_call(gaze->ctx);
		int rc = 0;

		if (HAS(netlink, dump_device))
			rc = netlink->dump_device(netlink->self, &call, netns, ifname,
			                          DEVICE_KINDS, &sink, err);
		if (rc == 0 && HAS(door, sysctl_device))
			rc = door->sysctl_device(door->self, &call, netns, ifname, &sink, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int look_inside(struct gaze *gaze, struct place *place, hbr_error **err)
{
	const hbr_netlink_port *netlink = gaze->ctx->netlink;
	const char *netns = place->netns;
	_cleanup_error_ hbr_error *why = NULL;
	hbr_sink sink = { .put = take, .user = gaze };
	hbr_call call = ctx_call(gaze->ctx);
	int rc;

	gaze->marked = false;
	forget_homes(gaze);
	rc = netlink->dump(netlink->self, &call, netns, KERNEL_KINDS, &sink, &why);
	/* The default one is taken for granted: without it nothing can be said. */
	place->exists = rc != HBR_ENOENT || !*netns;
	if (!place->exists)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	if (rc == 0)
		rc = look_at_homes(gaze, netns, err);
	if (rc < 0)
		return rc;
	return *netns ? put_netns(gaze, netns, err) : 0;
}

/* Those who are read by name need no completing. */
static int take_named(struct hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	hbr_resource seen = *resource;
	struct said said = said_of(sink->user, &seen);

	return put(sink->user, &seen, &said, err);
}

static int look_named(struct gaze *gaze, const hbr_resource *named, hbr_error **err)
{
	hbr_sink sink = { .put = take_named, .user = gaze };

	/* A container may live on in a namespace that lost its name. */
	if (kind_of(named->kind)->in_netns && named->kind != HBR_KIND_CONTAINER &&
	    !places_exists(&gaze->places, resource_netns(named)))
		return named_check(gaze->ctx, named, err);
	return named_read(gaze->ctx, named, &sink, err);
}

static int look_all_named(struct gaze *gaze, const hbr_state *state, const hbr_state *besides,
                          hbr_error **err)
{
	size_t n = hbr_state_count(state);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(state, i);

		if (!named_is_read(row->kind) || (besides && state_find(besides, row)))
			continue;

		int rc = look_named(gaze, row, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int list_nics(struct gaze *gaze, hbr_error **err)
{
	size_t n = hbr_state_count(gaze->wanted);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(gaze->wanted, i);

		if (!resource_is_nic(row))
			continue;

		const hbr_resource **nic = vec_push(&gaze->nics, STATE_MAX);
		if (!nic)
			return hbr_oom(err);
		*nic = row;
	}
	return 0;
}

static int look_at_cluster(struct gaze *gaze, hbr_error **err)
{
	hbr_sink sink = { .put = take_named, .user = gaze };

	return objects_look(gaze->ctx, gaze->wanted, gaze->baseline, &sink, err);
}

static int look(struct gaze *gaze, hbr_error **err)
{
	int rc;

	if (gaze->ctx->is_cluster)
		return look_at_cluster(gaze, err);
	rc = list_nics(gaze, err);

	if (rc == 0)
		rc = places_add(&gaze->places, gaze->wanted, err);
	if (rc == 0)
		rc = places_add(&gaze->places, gaze->baseline, err);
	places_sort(&gaze->places);
	for (size_t i = 0; rc == 0 && i < gaze->places.items.n; i++) {
		rc = ctx_cancelled(gaze->ctx, err);
		if (rc == 0)
			rc = look_inside(gaze, &gaze->places.items.items[i], err);
	}
	if (rc == 0)
		rc = look_all_named(gaze, gaze->wanted, NULL, err);
	if (rc == 0)
		rc = look_all_named(gaze, gaze->baseline, gaze->wanted, err);
	return rc;
}

/* In the order of the ends here, the others mostly are in theirs. */
static const hbr_resource *find_peer(struct gaze *gaze, const hbr_resource *like)
{
	return state_find_near(gaze->have, like, &gaze->near_peer);
}

/*
 * A veth's other end in another namespace has no name in ours: the dump leaves it out. It is the
 * end that the state speaks of when that is a veth whose other end is unknown, too.
 */
static void match_peer(struct gaze *gaze, const hbr_resource *row)
{
	hbr_link *link = (hbr_link *)row->body;
	struct said said;

	if (link->type != HBR_LINK_VETH || link->peer)
		return;
	said = said_of(gaze, row);
	if (!said.base && !said.want)
		return;

	const hbr_link *told = said.base ? said.base->body : said.want->body;
	hbr_resource like = { .kind = HBR_KIND_LINK,
		              .netns = told->peer_netns,
		              .name = told->peer };
	const hbr_resource *peer = told->peer ? find_peer(gaze, &like) : NULL;
	if (!peer || ((const hbr_link *)peer->body)->type != HBR_LINK_VETH)
		return;
	link->peer_netns = peer->netns;
	link->peer = peer->name;
}

/* Whoever makes the pair again gives both ends what they had, in one message. */
static void learn_peer(struct gaze *gaze, const hbr_resource *row)
{
	hbr_link *link = (hbr_link *)row->body;
	hbr_resource like = { .kind = HBR_KIND_LINK,
		              .netns = link->peer_netns ? link->peer_netns : row->netns,
		              .name = link->peer };
	const hbr_resource *peer = link->peer ? find_peer(gaze, &like) : NULL;
	const hbr_link *end = peer ? peer->body : NULL;

	if (!end || link->type != HBR_LINK_VETH)
		return;
	if (end->has & HBR_LINK_HAS_MAC)
		memcpy(link->peer_mac, end->mac, sizeof(link->peer_mac));
	if (end->has & HBR_LINK_HAS_MTU)
		link->peer_mtu = end->mtu;
}

/* The state is nobody else's yet: its rows may still be filled in. */
static void match_peers(struct gaze *gaze)
{
	for (size_t i = 0; i < gaze->have->rows.n; i++) {
		const hbr_resource *row = gaze->have->rows.items[i];

		if (row->kind != HBR_KIND_LINK)
			continue;
		match_peer(gaze, row);
		learn_peer(gaze, row);
	}
}

int observe(hbr_ctx *ctx, const hbr_state *wanted, const hbr_state *baseline, hbr_state **have,
            hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	int rc = hbr_state_new(&state, err);

	if (rc < 0)
		return rc;

	struct gaze gaze = {
		.ctx = ctx, .wanted = wanted, .baseline = baseline, .have = state
	};
	rc = look(&gaze, err);
	places_free(&gaze.places);
	forget_homes(&gaze);
	vec_free(&gaze.homes);
	vec_free(&gaze.nics);
	if (rc < 0)
		return rc;
	state_close(state);
	if (baseline->gone)
		state->gone = state_ref(baseline->gone);
	match_peers(&gaze);
	*have = hbr_steal(state);
	return 0;
}

int hbr_observe(hbr_ctx *ctx, const hbr_state *wanted, hbr_state **have, hbr_error **err)
{
	_cleanup_state_ hbr_state *baseline = NULL;
	uint64_t machine = 0;
	int rc;

	if (!ctx || !wanted || !have)
		return hbr_fail(err, HBR_EINVAL, NULL, "ctx, wanted and have must be given");
	rc = ctx_open(ctx, err);
	if (rc == 0)
		rc = scope_of_state(ctx, wanted, err);
	if (rc == 0)
		rc = baseline_load(ctx, &baseline, err);
	if (rc == 0 && !ctx->is_cluster)
		rc = machine_id(ctx, &machine, err);
	if (rc == 0)
		rc = observe(ctx, wanted, baseline, have, err);
	if (rc == 0)
		(*have)->machine = machine;
	if (rc == HBR_ECANCELED)
		ctx_uncancel(ctx);
	return rc;
}
