/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script of an apply: one record a step, and one for everything else that the kernel takes
 * away by itself along with it, so that undo can bring it back.
 */
#include "engine/record.h"

#include <string.h>

#include "base/prefix.h"

bool resource_is_netlink(const hbr_resource *resource)
{
	return resource->kind == HBR_KIND_LINK || resource->kind == HBR_KIND_ADDR ||
	       resource->kind == HBR_KIND_ROUTE || resource->kind == HBR_KIND_RULE ||
	       resource->kind == HBR_KIND_NEIGH;
}

struct writer {
	struct script *script;
	const hbr_state *have;
	bool *told; /* rows of `have` that have their record: what is lost again later has none */
};

static struct record *push(struct writer *writer, int32_t verb, hbr_error **err)
{
	struct record *record = vec_push(&writer->script->records, STATE_MAX);

	if (!record)
		hbr_oom(err);
	else
		record->verb = verb;
	return record;
}

/* Link-local and loopback addresses come and go by themselves. */
static bool is_automatic(const hbr_resource *row)
{
	static const hbr_addr link_local = { .family = 6,
		                             .length = 10,
		                             .bytes = { 0xfe, 0x80 } };
	static const hbr_addr loopback4 = { .family = 4, .length = 8, .bytes = { 127 } };
	static const hbr_addr loopback6 = { .family = 6, .length = 128, .bytes = { [15] = 1 } };

	if (row->kind != HBR_KIND_ADDR)
		return false;

	const hbr_ifaddr *ifaddr = row->body;
	return prefix_contains(&link_local, &ifaddr->addr) ||
	       prefix_contains(&loopback4, &ifaddr->addr) ||
	       prefix_contains(&loopback6, &ifaddr->addr);
}

/*
 * Also what a later step changes or makes again: when it does not come to that, what was lost by
 * then comes back all the same.
 */
static int lose(struct writer *writer, size_t index, hbr_error **err)
{
	const hbr_resource *row = hbr_state_at(writer->have, index);
	_cleanup_buf_ struct buf key = BUF_INIT;
	struct record *record;

	if (writer->told[index] || is_automatic(row))
		return 0;
	writer->told[index] = true;
	record = push(writer, HBR_VERB_DELETE, err);
	if (!record)
		return HBR_ENOMEM;
	record->before = row;
	record->stage = resource_stage(row);
	resource_key(row, &key);
	record->key = key.rc ? NULL : arena_strdup(&writer->script->arena, key.data);
	return record->key ? 0 : hbr_oom(err);
}

/* Kinds of which rows go with an interface, or with a namespace; as they are sorted. */
static const int32_t fleeting[] = { HBR_KIND_SYSCTL, HBR_KIND_LINK, HBR_KIND_ADDR,
	                            HBR_KIND_ROUTE,  HBR_KIND_RULE, HBR_KIND_NEIGH };

/* The first row of a kind in a namespace, or where it would be. */
static size_t first_row(const hbr_state *state, int32_t kind, const char *netns)
{
	static const union {
		hbr_link link;
		hbr_ifaddr addr;
		hbr_rule rule;
		hbr_neigh neigh;
		hbr_sysctl sysctl;
	} nothing;
	/* No table at all would be the main one, and that is not the first. */
	static const hbr_route first = { .table = 1 };
	const hbr_resource like = { .kind = kind,
		                    .netns = netns,
		                    .body = kind == HBR_KIND_ROUTE ? (const void *)&first
		                                                   : &nothing };

	return state_lower_bound(state, &like);
}

/* What goes with an interface; with ifname NULL, with the namespace. */
static int lose_all(struct writer *writer, const char *netns, const char *ifname,
                    hbr_error **err)
{
	int rc = 0;

	for (size_t k = 0; k < hbr_count(fleeting); k++) {
		for (size_t i = first_row(writer->have, fleeting[k], netns); rc == 0; i++) {
			const hbr_resource *row = hbr_state_at(writer->have, i);

			if (!row || row->kind != fleeting[k] ||
			    strcmp(resource_netns(row), netns) != 0)
				break;
			if (!ifname || resource_is_on(row, ifname))
				rc = lose(writer, i, err);
		}
	}
	return rc;
}

/* The other end of a veth goes with it. */
static int lose_peer(struct writer *writer, const hbr_resource *link, hbr_error **err)
{
	const hbr_link *body = link->body;
	const hbr_resource peer = { .kind = HBR_KIND_LINK,
		                    .netns = body->peer_netns,
		                    .name = body->peer };
	const hbr_resource *row;
	size_t at;
	int rc;

	if (body->type != HBR_LINK_VETH || !body->peer || !body->peer_netns)
		return 0;
	at = state_lower_bound(writer->have, &peer);
	row = hbr_state_at(writer->have, at);
	if (!row || resource_cmp(row, &peer) != 0)
		return 0;
	rc = lose(writer, at, err);
	return rc < 0 ? rc : lose_all(writer, resource_netns(row), row->name, err);
}

static bool goes_down(const struct record *record)
{
	const hbr_link *before = record->before->body;
	const hbr_link *after = record->after->body;

	return before->up && after->has & HBR_LINK_HAS_UP && !after->up;
}

static bool is_ipv4(const hbr_resource *row)
{
	const hbr_ifaddr *ifaddr = row->body;
	const hbr_route *route = row->body;

	return (row->kind == HBR_KIND_ROUTE ? route->to.family : ifaddr->addr.family) == 4;
}

/* Is there an address on the interface that no step has taken away by then? */
static bool keeps_ipv4(const struct writer *writer, const char *netns, const char *ifname)
{
	static const hbr_ifaddr none;
	const hbr_resource first = {
		.kind = HBR_KIND_ADDR, .netns = netns, .name = ifname, .body = &none
	};

	for (size_t i = state_lower_bound(writer->have, &first);; i++) {
		const hbr_resource *row = hbr_state_at(writer->have, i);

		if (!row || row->kind != HBR_KIND_ADDR ||
		    strcmp(resource_netns(row), netns) != 0 || strcmp(row->name, ifname) != 0)
			return false;
		if (is_ipv4(row) && !writer->told[i])
			return true;
	}
}

/* fib_disable_ip() of the kernel: with the last IPv4 address go all routes over the interface. */
static int lose_routes(struct writer *writer, const hbr_resource *addr, hbr_error **err)
{
	const char *netns = resource_netns(addr);
	int rc = 0;

	if (!is_ipv4(addr) || keeps_ipv4(writer, netns, addr->name))
		return 0;
	for (size_t i = first_row(writer->have, HBR_KIND_ROUTE, netns); rc == 0; i++) {
		const hbr_resource *row = hbr_state_at(writer->have, i);

		if (!row || row->kind != HBR_KIND_ROUTE ||
		    strcmp(resource_netns(row), netns) != 0)
			break;
		if (is_ipv4(row) && resource_is_on(row, addr->name))
			rc = lose(writer, i, err);
	}
	return rc;
}

/* What else goes when this record is carried out. `record` is a copy: pushing moves them. */
static int lose_along(struct writer *writer, struct record record, hbr_error **err)
{
	const hbr_resource *before = record.before;
	int rc;

	if (!before)
		return 0;
	if (before->kind == HBR_KIND_NETNS && record.verb == HBR_VERB_DELETE)
		return lose_all(writer, before->name, NULL, err);
	if (before->kind == HBR_KIND_ADDR && record.verb == HBR_VERB_DELETE)
		return lose_routes(writer, before, err);
	if (before->kind != HBR_KIND_LINK)
		return 0;
	if (record.verb == HBR_VERB_CHANGE && !goes_down(&record))
		return 0;
	rc = lose_all(writer, resource_netns(before), before->name, err);
	/* A veth that plays a NIC moves, and its other end stays. */
	if (rc < 0 || record.verb == HBR_VERB_CHANGE || resource_is_nic(before) ||
	    resource_is_nic(record.after))
		return rc;
	return lose_peer(writer, before, err);
}

/* What it was at home, if we took it from there. */
static const hbr_resource *nic_origin(const hbr_state *have, const hbr_resource *nic)
{
	const hbr_resource *origin = state_origin(have, nic);
	const char *from = ((const hbr_link *)nic->body)->from;

	return origin && strcmp(resource_netns(origin), from ? from : "") == 0 ? origin : NULL;
}

/* Where the NIC is when its turn to be taken has come: an earlier step may have sent it home. */
static const hbr_resource *nic_by_then(const struct writer *writer, const hbr_resource *nic)
{
	const hbr_resource *found = nic_find(writer->have, nic);

	for (size_t i = 0; found && i < writer->script->records.n; i++) {
		const struct record *record = &writer->script->records.items[i];

		if (record->verb == HBR_VERB_DELETE && record->step && record->after &&
		    resource_cmp(record->before, found) == 0)
			return record->after;
	}
	return found;
}

/* The step's own record says what was there. */
static void tell(struct writer *writer, const hbr_resource *before)
{
	size_t at = before ? state_lower_bound(writer->have, before) : 0;
	const hbr_resource *row = before ? hbr_state_at(writer->have, at) : NULL;

	if (row && resource_cmp(row, before) == 0)
		writer->told[at] = true;
}

static int write_step(struct writer *writer, const struct step *step, uint32_t number,
                      hbr_error **err)
{
	struct record *record = push(writer, step->verb, err);

	if (!record)
		return HBR_ENOMEM;
	record->before = step->before;
	record->after = step->after;
	record->key = step->key;
	record->step = number;
	record->stage = resource_stage(step->after ? step->after : step->before);
	record->grade = step->grade;
	record->is_back = step->is_back;
	tell(writer, step->before);
	/* A port whose master is made again is planned as if it had none. */
	if (step->verb == HBR_VERB_CHANGE && state_find(writer->have, step->before))
		record->before = state_find(writer->have, step->before);
	if (step->verb == HBR_VERB_CREATE && resource_is_nic(step->after))
		record->before = nic_by_then(writer, step->after);
	if (step->verb == HBR_VERB_DELETE && resource_is_nic(step->before))
		record->after = nic_origin(writer->have, step->before);
	return lose_along(writer, *record, err);
}

int script_write(struct script *script, const hbr_plan *plan, const hbr_state *have,
                 hbr_error **err)
{
	_cleanup_free_ bool *told = calloc(hbr_state_count(have) + 1, sizeof(*told));
	struct writer writer = { .script = script, .have = have, .told = told };
	int rc = told ? 0 : hbr_oom(err);

	for (size_t i = 0; rc == 0 && i < plan->n_acting; i++)
		rc = write_step(&writer, &plan->steps[i], (uint32_t)i + 1, err);
	return rc;
}

void script_free(struct script *script)
{
	vec_free(&script->records);
	arena_free(&script->arena);
}
