/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an apply must not do to the machine that it runs on: take the NIC that people come in
 * through, pull a device from under others. Who runs in a namespace that is to go: crowd.c.
 */
#include "engine/danger.h"

#include <string.h>

#include "base/prefix.h"
#include "engine/crowd.h"
#include "engine/advert.h"

#define SSH_PORT 22
#define TABLE_MAIN 254
#define HAS(port, slot) ((port)->size > offsetof(__typeof__(*(port)), slot) && (port)->slot)

struct danger {
	hbr_ctx *ctx;
	const hbr_state *have;
	const hbr_resource *nic; /* where it is taken from */
	const char *netns;       /* its namespace */
	bool is_found;           /* an SSH connection comes in through it */
	hbr_addr peer;           /* from there */
};

static bool is_here(const struct danger *danger, const hbr_resource *row)
{
	return strcmp(resource_netns(row), danger->netns) == 0;
}

static int fail_busy(const struct danger *danger, hbr_error **err, const char *who,
                     const char *how)
{
	hbr_fail(err, HBR_EBUSY, danger->nic->name, "%s \"%s\" cannot be taken: \"%s\" %s",
	         "NIC", danger->nic->name, who, how);
	hbr_hint(err, "free it from \"%s\", or choose another NIC", who);
	return HBR_EBUSY;
}

/* A VLAN, a MACVLAN, a bridge, a bond: moving the NIC would tear them apart. */
static int check_relatives(const struct danger *danger, hbr_error **err)
{
	const hbr_link *nic = danger->nic->body;
	const hbr_resource first = { .kind = HBR_KIND_LINK };

	if (nic->master)
		return fail_busy(danger, err, nic->master, "has it as a port");
	for (size_t i = state_lower_bound(danger->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(danger->have, i);
		const hbr_link *link = row ? row->body : NULL;

		if (!row || row->kind != HBR_KIND_LINK)
			return 0;
		if (is_here(danger, row) && link->parent &&
		    strcmp(link->parent, danger->nic->name) == 0)
			return fail_busy(danger, err, row->name, "sits on it");
	}
}

/* It has to come back as it was. */
static int check_describable(const struct danger *danger, hbr_error **err)
{
	size_t n = hbr_state_count(danger->have);

	for (size_t i = 0; i < n; i++) {
		const hbr_resource *row = hbr_state_at(danger->have, i);
		_cleanup_buf_ struct buf key = BUF_INIT;
		bool is_partial =
		        row->kind == HBR_KIND_ROUTE  ? ((const hbr_route *)row->body)->partial
		        : row->kind == HBR_KIND_RULE ? ((const hbr_rule *)row->body)->partial
		                                     : false;

		if (!is_partial || !is_here(danger, row) || row->flags & HBR_RESOURCE_OURS ||
		    !resource_is_on(row, danger->nic->name))
			continue;
		resource_key(row, &key);
		hbr_fail(err, HBR_ENOTSUP, danger->nic->name,
		         "NIC \"%s\" cannot be taken: %s could not be brought back as it is",
		         danger->nic->name, key.data ? key.data : "?");
		hbr_hint(err,
		         "several next hops, encapsulation and metrics besides the MTU are "
		         "not known to libhbr: delete it first");
		return HBR_ENOTSUP;
	}
	return 0;
}

static int fail_danger(const struct danger *danger, const char *why, hbr_error **err)
{
	hbr_fail(err, HBR_EDANGER, danger->nic->name,
	         "NIC \"%s\" %s: taking it would cut the management path", danger->nic->name,
	         why);
	hbr_hint(err, "choose another NIC; or, with another way in, --force (HBR_RUN_FORCE) "
	              "together with --confirm (confirm_s)");
	return HBR_EDANGER;
}

static bool has_default_route(const struct danger *danger, const char *ifname)
{
	const hbr_route none = { .to = { .family = 4 }, .table = TABLE_MAIN };
	const hbr_resource first = { .kind = HBR_KIND_ROUTE, .body = &none };

	for (size_t i = state_lower_bound(danger->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(danger->have, i);
		const hbr_route *route = row ? row->body : NULL;

		if (!row || row->kind != HBR_KIND_ROUTE)
			return false;
		if (is_here(danger, row) && route->table == TABLE_MAIN &&
		    route->to.length == 0 && route->type == HBR_ROUTE_UNICAST && route->dev &&
		    strcmp(route->dev, ifname) == 0)
			return true;
	}
}

/* Link-local ones say nothing about who can be reached. */
static bool has_address(const struct danger *danger, const char *ifname)
{
	static const hbr_ifaddr none;
	const hbr_resource first = {
		.kind = HBR_KIND_ADDR, .netns = danger->netns, .name = ifname, .body = &none
	};
	const hbr_resource *row =
	        hbr_state_at(danger->have, state_lower_bound(danger->have, &first));

	return row && row->kind == HBR_KIND_ADDR && is_here(danger, row) &&
	       strcmp(row->name, ifname) == 0;
}

static bool is_connected(const struct danger *danger, const hbr_resource *row)
{
	const hbr_link *link = row->body;

	return link->up && link->running && has_address(danger, row->name);
}

/*
 * Can people come in through it? A bridge is most often one of containers: only one with a default
 * route counts. What is ours may go any time.
 */
static bool is_way_in(const struct danger *danger, const hbr_resource *row)
{
	const hbr_link *link = row->body;

	if (link->type == HBR_LINK_LOOPBACK || row->flags & HBR_RESOURCE_OURS ||
	    !is_connected(danger, row))
		return false;
	if (link->type == HBR_LINK_NIC || link->type == HBR_LINK_VETH ||
	    link->type == HBR_LINK_OTHER)
		return true;
	return has_default_route(danger, row->name);
}

/* A NIC without an address, or down, is nobody's way in; nor is it missed. */
static bool is_only_way_in(const struct danger *danger)
{
	const hbr_resource first = { .kind = HBR_KIND_LINK };

	if (!is_connected(danger, danger->nic))
		return false;
	for (size_t i = state_lower_bound(danger->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(danger->have, i);

		if (!row || row->kind != HBR_KIND_LINK)
			return true;
		if (is_here(danger, row) && row != danger->nic && is_way_in(danger, row))
			return false;
	}
}

static bool same_addr(const hbr_addr *a, const hbr_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : sizeof(a->bytes)) == 0;
}

static int meet(void *user, const hbr_addr *local, const hbr_addr *remote)
{
	static const hbr_ifaddr none;
	struct danger *danger = user;
	const hbr_resource first = { .kind = HBR_KIND_ADDR,
		                     .netns = danger->netns,
		                     .name = danger->nic->name,
		                     .body = &none };

	for (size_t i = state_lower_bound(danger->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(danger->have, i);

		if (!row || row->kind != HBR_KIND_ADDR || !is_here(danger, row) ||
		    strcmp(row->name, danger->nic->name) != 0)
			return 0;
		if (!same_addr(&((const hbr_ifaddr *)row->body)->addr, local))
			continue;
		danger->is_found = true;
		danger->peer = *remote;
	}
}

static int check_ssh(struct danger *danger, hbr_error **err)
{
	const hbr_netlink_port *port = danger->ctx->netlink;
	hbr_call call = ctx_call(danger->ctx);
	char why[PREFIX_TEXT + 64] = "carries the SSH connection from ";
	size_t n = strlen(why);
	int rc;

	if (!HAS(port, connections))
		return 0;
	rc = port->connections(port->self, &call, danger->netns, SSH_PORT, meet, danger, err);
	if (rc == 0 && !danger->is_found && danger->ctx->ssh_port)
		rc = port->connections(port->self, &call, danger->netns, danger->ctx->ssh_port,
		                       meet, danger, err);
	if (rc < 0 || !danger->is_found)
		return rc;
	prefix_format_host(&danger->peer, why + n);
	return fail_danger(danger, why, err);
}

static int check_management(struct danger *danger, hbr_error **err)
{
	if (has_default_route(danger, danger->nic->name))
		return fail_danger(danger, "has the default route", err);
	if (is_only_way_in(danger))
		return fail_danger(danger, "is the only one that is up and has an address",
		                   err);
	return check_ssh(danger, err);
}

/* Nobody comes in through a NIC that was taken earlier, and moves on from namespace to namespace. */
static bool is_away(const struct danger *danger)
{
	const hbr_resource *origin = state_origin(danger->have, danger->nic);

	return origin && strcmp(resource_netns(origin), danger->netns) != 0;
}

static int check_nic(struct danger *danger, bool force, hbr_error **err)
{
	int rc = check_relatives(danger, err);

	if (rc == 0)
		rc = check_describable(danger, err);
	return rc < 0 || force || is_away(danger) ? rc : check_management(danger, err);
}

int danger_check(hbr_ctx *ctx, const struct script *script, const hbr_state *have, bool force,
                 hbr_error **err)
{
	int rc = crowd_check(ctx, script, err);

	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];
		const hbr_resource *before = record->before;
		struct danger danger = { .ctx = ctx, .have = have, .nic = before };

		if (!record->step || !before)
			continue;
		if (record->verb != HBR_VERB_CREATE || !resource_is_nic(record->after) ||
		    strcmp(resource_netns(before), resource_netns(record->after)) == 0)
			continue;
		danger.netns = resource_netns(before);
		rc = check_nic(&danger, force, err);
	}
	return rc < 0 || force ? rc : advert_check(ctx, script, err);
}
