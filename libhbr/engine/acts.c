/* SPDX-License-Identifier: Apache-2.0 */
/* From a script to acts, forward. What one record needs of the ports is a table of few rows. */
#include "engine/exec.h"

struct act *acts_push(struct acts *acts, size_t record, int32_t verb,
                      const hbr_resource *before, const hbr_resource *after, hbr_error **err)
{
	struct act *act;
	size_t n = acts->items.n;

	/* The one before was not the last of its record after all. */
	if (n > 0 && acts->items.items[n - 1].record == record)
		acts->items.items[n - 1].last = false;
	act = vec_push(&acts->items, 2 * (size_t)STATE_MAX);
	if (!act) {
		hbr_oom(err);
		return NULL;
	}
	act->op = (hbr_op){ .verb = verb, .before = before, .after = after };
	act->record = record;
	act->last = true;
	return act;
}

int acts_settle_nic(struct acts *acts, size_t record, const hbr_resource *from,
                    const hbr_resource *to, hbr_error **err)
{
	hbr_resource arrived = *from;
	hbr_link link = *(const hbr_link *)from->body;
	const hbr_resource *kept;

	link.up = 0;
	link.master = NULL;
	link.mark = NULL; /* given back, it has none */
	arrived.netns = to->netns;
	arrived.name = to->name;
	arrived.body = &link;
	kept = resource_copy(&acts->arena, &arrived);
	if (!kept)
		return hbr_oom(err);

	struct act *act = acts_push(acts, record, HBR_VERB_CHANGE, kept, to, err);
	if (!act)
		return HBR_ENOMEM;
	act->in_place = true;
	return 0;
}

static bool is_secondary(const hbr_resource *resource)
{
	return resource->kind == HBR_KIND_LINK && ((const hbr_link *)resource->body)->secondary;
}

/* The loopback device is there as long as its namespace. */
static bool is_loopback(const hbr_resource *resource)
{
	return resource->kind == HBR_KIND_LINK &&
	       ((const hbr_link *)resource->body)->type == HBR_LINK_LOOPBACK;
}

static int remake(struct acts *acts, size_t index, const struct record *record, hbr_error **err)
{
	/* Its other end, re-created just before, brought it along. */
	if (!is_secondary(record->after) &&
	    !acts_push(acts, index, HBR_VERB_DELETE, record->before, NULL, err))
		return HBR_ENOMEM;
	return acts_push(acts, index, HBR_VERB_CREATE, NULL, record->after, err) ? 0
	                                                                         : HBR_ENOMEM;
}

static bool has_master(const hbr_resource *resource)
{
	const hbr_link *link = resource->body;

	return resource->kind == HBR_KIND_LINK && link->has & HBR_LINK_HAS_MASTER &&
	       link->master;
}

bool acts_unsay_master(struct acts *acts, const hbr_resource *to, const hbr_resource **from,
                       hbr_error **err)
{
	hbr_resource bare = **from;
	hbr_link link;

	if (!has_master(to))
		return true;
	link = *(const hbr_link *)bare.body;
	link.master = NULL;
	bare.body = &link;
	*from = resource_copy(&acts->arena, &bare);
	if (!*from)
		hbr_oom(err);
	return *from;
}

static int act_on(struct acts *acts, size_t index, const struct record *record, hbr_error **err)
{
	const hbr_resource *before = record->before;
	int32_t verb = record->verb;

	if (verb == HBR_VERB_RECREATE && resource_is_netlink(record->after))
		return remake(acts, index, record, err);
	if (verb == HBR_VERB_DELETE && is_loopback(record->before))
		return 0;
	if (verb == HBR_VERB_RECREATE)
		verb = HBR_VERB_CHANGE;
	if (verb == HBR_VERB_CHANGE && !acts_unsay_master(acts, record->after, &before, err))
		return HBR_ENOMEM;
	/* What a NIC is to become at home is not the deletion's business. */
	if (!acts_push(acts, index, verb, before,
	               verb == HBR_VERB_DELETE ? NULL : record->after, err))
		return HBR_ENOMEM;
	if (verb == HBR_VERB_DELETE && record->after && resource_is_nic(record->before))
		return acts_settle_nic(acts, index, record->before, record->after, err);
	return 0;
}

int acts_forward(struct acts *acts, struct script *script, hbr_error **err)
{
	for (size_t i = 0; i < script->records.n; i++) {
		struct record *record = &script->records.items[i];
		size_t n = acts->items.n;

		/* The kernel does it. */
		if (!record->step)
			continue;

		int rc = act_on(acts, i, record, err);
		if (rc < 0)
			return rc;
		if (acts->items.n == n)
			record->state = RECORD_DONE;
	}
	return 0;
}

void acts_free(struct acts *acts)
{
	vec_free(&acts->items);
	arena_free(&acts->arena);
}
