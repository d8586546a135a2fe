/* SPDX-License-Identifier: Apache-2.0 */
/* No namespace is taken away from who runs in it. All that are to go are looked at together. */
#include "engine/crowd.h"

#include <string.h>

#include "base/buf.h"
#include "port/netns.h"

#define HAS(port, slot) ((port)->size > offsetof(__typeof__(*(port)), slot) && (port)->slot)
#define CROWD_SHOWN 8

/* Who is inside of one of them. */
struct crowd {
	struct buf names;
	size_t n;
	bool has_router; /* that we stop ourselves */
};

struct crowds {
	VEC(const char *) netns;
	VEC(struct crowd) items;           /* of each */
	VEC(const hbr_resource *) stopped; /* routers and containers, by the same script */
};

/* The router's own: FRR's daemons and who watches them. */
static bool is_router(const char *comm)
{
	static const char *const names[] = {
		"watchfrr", "zebra", "bgpd",   "staticd", "mgmtd",
		"bfdd",     "ospfd", "ospf6d", "isisd",   "vtysh"
	};

	for (size_t i = 0; i < hbr_count(names); i++) {
		if (strcmp(names[i], comm) == 0)
			return true;
	}
	return false;
}

static int count(void *user, size_t which, int32_t pid, const char *comm)
{
	struct crowds *crowds = user;
	struct crowd *crowd = &crowds->items.items[which];

	if (crowd->has_router && is_router(comm))
		return 0;
	if (crowd->n++ < CROWD_SHOWN)
		buf_printf(&crowd->names, "%s%d (%s)", crowd->n > 1 ? ", " : "", pid, comm);
	return 0;
}

/* What a record takes away, as one that is done for its own sake; or NULL. */
static const hbr_resource *taken_away(const struct record *record)
{
	return record->verb == HBR_VERB_DELETE && record->step ? record->before : NULL;
}

static int list_stopped(struct crowds *crowds, const struct script *script, hbr_error **err)
{
	for (size_t i = 0; i < script->records.n; i++) {
		const hbr_resource *row = taken_away(&script->records.items[i]);
		const hbr_resource **item;

		if (!row || (row->kind != HBR_KIND_CONFIG && row->kind != HBR_KIND_CONTAINER))
			continue;
		item = vec_push(&crowds->stopped, STATE_MAX);
		if (!item)
			return hbr_oom(err);
		*item = row;
	}
	return 0;
}

/* Does the script stop a router, or a container, in this namespace? */
static bool stops(const struct crowds *crowds, int32_t kind, const char *netns)
{
	for (size_t i = 0; i < crowds->stopped.n; i++) {
		const hbr_resource *row = crowds->stopped.items[i];

		if (row->kind == kind && strcmp(resource_netns(row), netns) == 0)
			return true;
	}
	return false;
}

static int list_netns(struct crowds *crowds, const struct script *script, hbr_error **err)
{
	for (size_t i = 0; i < script->records.n; i++) {
		const hbr_resource *row = taken_away(&script->records.items[i]);
		const char **netns;
		struct crowd *crowd;

		/* What runs in a container may have any name, and ends with it. */
		if (!row || row->kind != HBR_KIND_NETNS ||
		    stops(crowds, HBR_KIND_CONTAINER, row->name))
			continue;
		netns = vec_push(&crowds->netns, STATE_MAX);
		crowd = vec_push(&crowds->items, STATE_MAX);
		if (!netns || !crowd)
			return hbr_oom(err);
		*netns = row->name;
		crowd->has_router = stops(crowds, HBR_KIND_CONFIG, row->name);
	}
	return 0;
}

static int fail_busy(const struct crowds *crowds, hbr_error **err)
{
	for (size_t i = 0; i < crowds->items.n; i++) {
		const struct crowd *crowd = &crowds->items.items[i];
		const char *netns = crowds->netns.items[i];

		if (!crowd->n)
			continue;
		if (crowd->names.rc)
			return hbr_oom(err);
		hbr_fail(err, HBR_EBUSY, netns,
		         "namespace \"%s\" cannot be removed: processes run in it: %s%s", netns,
		         crowd->names.data, crowd->n > CROWD_SHOWN ? " …" : "");
		hbr_hint(err,
		         "stop them first; they would live on in a namespace without a name");
		return HBR_EBUSY;
	}
	return 0;
}

static void crowds_free(struct crowds *crowds)
{
	for (size_t i = 0; i < crowds->items.n; i++)
		buf_free(&crowds->items.items[i].names);
	vec_free(&crowds->items);
	vec_free(&crowds->netns);
	vec_free(&crowds->stopped);
}

int crowd_check(hbr_ctx *ctx, const struct script *script, hbr_error **err)
{
	const hbr_netns_port *port = ctx->netns;
	hbr_cleanup(crowds_free) struct crowds crowds = { 0 };
	hbr_call call = ctx_call(ctx);
	int rc;

	if (!HAS(port, processes))
		return 0;
	rc = list_stopped(&crowds, script, err);
	if (rc == 0)
		rc = list_netns(&crowds, script, err);
	if (rc < 0 || !crowds.netns.n)
		return rc;
	rc = netns_crowds(port, &call, crowds.netns.items, crowds.netns.n, count, &crowds, err);
	return rc < 0 ? rc : fail_busy(&crowds, err);
}
