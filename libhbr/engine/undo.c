/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo: from records to the acts that restore the states before them. First, in reverse, what was
 * made goes away; then, from the ground up, what was there comes back. Each act restores a state
 * rather than reversing a motion, so doing it twice does no harm.
 */
#include "engine/exec.h"

#include <stdlib.h>
#include <string.h>

#include "plan/diff.h"

/* From the ground up: who needs whom. */
enum ground {
	GROUND_NETNS,
	GROUND_DEFAULT, /* sysctls of the whole namespace: links that come inherit them */
	GROUND_HOME,    /* a NIC that came home: before it is taken from there again */
	GROUND_MASTER,  /* NICs, and what others are ports of */
	GROUND_LINK,
	GROUND_OTHER_END,
	GROUND_SYSCTL,
	GROUND_ADDR,
	GROUND_NEIGH,
	GROUND_ROUTE,
	GROUND_ROUTE_VIA,
	GROUND_RULE,
	GROUND_FILE,
	GROUND_CONTAINER,
	GROUND_CONFIG,
};

static enum ground link_ground(const hbr_link *link)
{
	switch (link->type) {
	case HBR_LINK_NIC:
	case HBR_LINK_LOOPBACK:
	case HBR_LINK_BRIDGE:
	case HBR_LINK_VRF:
		return GROUND_MASTER;
	default:
		return link->secondary ? GROUND_OTHER_END : GROUND_LINK;
	}
}

static enum ground sysctl_ground(const char *name)
{
	size_t n;

	return sysctl_device(name, &n) ? GROUND_SYSCTL : GROUND_DEFAULT;
}

static enum ground ground_of(const hbr_resource *resource)
{
	switch (resource->kind) {
	case HBR_KIND_NETNS:
		return GROUND_NETNS;
	case HBR_KIND_LINK:
		return link_ground(resource->body);
	case HBR_KIND_SYSCTL:
		return sysctl_ground(resource->name);
	case HBR_KIND_ADDR:
		return GROUND_ADDR;
	case HBR_KIND_NEIGH:
		return GROUND_NEIGH;
	case HBR_KIND_RULE:
		return GROUND_RULE;
	case HBR_KIND_ROUTE:
		return ((const hbr_route *)resource->body)->via.family ? GROUND_ROUTE_VIA
		                                                       : GROUND_ROUTE;
	case HBR_KIND_CONTAINER:
		return GROUND_CONTAINER;
	case HBR_KIND_CONFIG:
		return GROUND_CONFIG;
	default:
		return GROUND_FILE;
	}
}

static bool was_made(const struct record *record)
{
	if (record->verb == HBR_VERB_CREATE)
		return true;
	return record->verb == HBR_VERB_RECREATE && resource_is_netlink(record->after);
}

/* An end that came with its other end goes with it, too. */
static bool goes_by_itself(const struct record *record)
{
	const hbr_link *link = record->after->body;

	if (record->after->kind != HBR_KIND_LINK)
		return false;
	return link->type == HBR_LINK_LOOPBACK ||
	       (record->verb == HBR_VERB_RECREATE && link->secondary);
}

/* A NIC goes back to where it was found, under the name that it had there. */
static const hbr_resource *made_by(struct acts *acts, const struct record *record)
{
	if (!record->before || !resource_is_nic(record->after))
		return record->after;

	hbr_resource nic = *record->after;
	hbr_link link = *(const hbr_link *)nic.body;

	link.from = resource_netns(record->before);
	link.home = record->before->name;
	nic.body = &link;
	return resource_copy(&acts->arena, &nic);
}

static int take_away(struct acts *acts, const struct script *script, hbr_error **err)
{
	for (size_t i = script->records.n; i-- > 0;) {
		const struct record *record = &script->records.items[i];

		if (!record_holds(record) || !was_made(record) || goes_by_itself(record))
			continue;

		const hbr_resource *what = made_by(acts, record);

		if (!what)
			return hbr_oom(err);
		if (!acts_push(acts, i, HBR_VERB_DELETE, what, NULL, err))
			return HBR_ENOMEM;
	}
	return 0;
}

static int bring_back(struct acts *acts, size_t index, const struct record *record,
                      hbr_error **err)
{
	int32_t verb = was_made(record) || record->verb == HBR_VERB_DELETE ? HBR_VERB_CREATE
	                                                                   : HBR_VERB_CHANGE;
	const hbr_resource *from = record->after;

	if (!record->before)
		return 0;
	if (record->verb == HBR_VERB_CREATE && resource_is_nic(record->after))
		return acts_settle_nic(acts, index, record->after, record->before, err);
	if (verb == HBR_VERB_CHANGE && !acts_unsay_master(acts, record->before, &from, err))
		return HBR_ENOMEM;
	return acts_push(acts, index, verb, from, record->before, err) ? 0 : HBR_ENOMEM;
}

/* What was deleted was deleted from the top down, and comes back the other way round. */
static int64_t turn(const struct act *act)
{
	return act->op.before ? (int64_t)act->record : -(int64_t)act->record;
}

/* Who is added first is the primary address. */
static int place_cmp(const hbr_resource *a, const hbr_resource *b)
{
	uint32_t left = ((const hbr_ifaddr *)a->body)->place;
	uint32_t right = ((const hbr_ifaddr *)b->body)->place;

	return left < right ? -1 : left > right;
}

static enum ground act_ground(const struct act *act)
{
	return act->in_place ? GROUND_HOME : ground_of(act->op.after);
}

static int compare(const void *a, const void *b)
{
	const struct act *left = a;
	const struct act *right = b;
	int order = (int)act_ground(left) - (int)act_ground(right);

	/* By namespace, so that batches are long. */
	if (order == 0)
		order = strcmp(resource_netns(left->op.after), resource_netns(right->op.after));
	if (order == 0 && left->op.after->kind == HBR_KIND_ADDR)
		order = place_cmp(left->op.after, right->op.after);
	if (order == 0)
		order = turn(left) < turn(right) ? -1 : turn(left) > turn(right);
	return order;
}

/* A record is undone with its last act; at once when it needs none. */
static int mark_last(struct acts *acts, struct script *script, hbr_error **err)
{
	size_t n = script->records.n;
	_cleanup_free_ bool *seen = calloc(n + 1, sizeof(*seen));

	if (!seen)
		return hbr_oom(err);
	for (size_t i = acts->items.n; i-- > 0;) {
		struct act *act = &acts->items.items[i];

		act->last = !seen[act->record];
		seen[act->record] = true;
	}
	for (size_t i = 0; i < n; i++) {
		struct record *record = &script->records.items[i];

		if (record_holds(record) && !seen[i])
			record->state = RECORD_UNDONE;
	}
	return 0;
}

static const char *master_of(const hbr_resource *link)
{
	const hbr_link *body = link->body;

	return body->has & HBR_LINK_HAS_MASTER ? body->master : NULL;
}

/* A port whose turn did not come, but whose master went, or was made again without it. */
static bool lost_master(const struct script *script, const struct record *port)
{
	const char *master = port->verb == HBR_VERB_CHANGE &&
	                                     port->before->kind == HBR_KIND_LINK &&
	                                     port->state == RECORD_PLANNED
	                             ? master_of(port->before)
	                             : NULL;

	for (size_t i = 0; master && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];

		if (record->before && record->before->kind == HBR_KIND_LINK &&
		    record->verb != HBR_VERB_CHANGE && record_holds(record) &&
		    strcmp(record->before->name, master) == 0 &&
		    strcmp(resource_netns(record->before), resource_netns(port->before)) == 0)
			return true;
	}
	return false;
}

int acts_back(struct acts *acts, struct script *script, hbr_error **err)
{
	int rc = take_away(acts, script, err);
	size_t n = acts->items.n;

	acts->undo = true;
	for (size_t i = 0; rc == 0 && i < script->records.n; i++) {
		const struct record *record = &script->records.items[i];

		if (record_holds(record) || lost_master(script, record))
			rc = bring_back(acts, i, record, err);
	}
	if (rc < 0)
		return rc;
	if (acts->items.n > n)
		qsort(acts->items.items + n, acts->items.n - n, sizeof(struct act), compare);
	return mark_last(acts, script, err);
}
