/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking, strictly: foreign, damaged or newer data, unknown fields, kinds and attributes, steps
 * that make no sense are refused with HBR_EFORMAT. Memory is bounded by the size of the data.
 */
#include "plan/wire.h"

#include <string.h>

#include "wire.pb-c.h"

#define ADDR_BYTES 18
#define MAC_BYTES 6
#define GROWTH 96 /* an empty Attr, two bytes packed, takes about as much per byte */
#define SLACK ((size_t)1 << 20) /* blocks of the arena */

/* protobuf-c takes its memory from an arena, so that there is nothing to free one by one. */
struct unpacker {
	ProtobufCAllocator allocator;
	struct arena arena;
	bool no_memory;
};

static void *take(void *data, size_t size)
{
	struct unpacker *unpacker = data;
	void *p = arena_alloc(&unpacker->arena, size);

	unpacker->no_memory |= !p;
	return p;
}

static void give(void *data, void *p)
{
	(void)data;
	(void)p;
}

static int bad(hbr_error **err, const char *what)
{
	return hbr_fail(err, HBR_EFORMAT, NULL, "%s", what);
}

static int unpack_message(struct unpacker *unpacker, const ProtobufCMessageDescriptor *type,
                          const void *data, size_t size, void *out, hbr_error **err)
{
	ProtobufCMessage *message;

	unpacker->allocator = (ProtobufCAllocator){ take, give, unpacker };
	unpacker->arena.limit = unpacker->arena.used + size * GROWTH + SLACK;
	message = protobuf_c_message_unpack(type, &unpacker->allocator, size, data);
	if (!message && unpacker->no_memory)
		return hbr_oom(err);
	if (!message)
		return bad(err, "it is damaged, or of a foreign format");
	memcpy(out, &message, sizeof(message));
	return 0;
}

/* Fields that this version does not know. */
static bool has_unknown(const void *message)
{
	return ((const ProtobufCMessage *)message)->n_unknown_fields;
}

static const struct attr *find_attr(const struct kind *kind, uint32_t id)
{
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		if (kind->attrs[i].id == id && kind->attrs[i].use != ATTR_SEEN)
			return &kind->attrs[i];
	}
	return NULL;
}

static bool read_bytes(const Hbr__Wire__Attr *message, const struct attr *attr, void *value)
{
	size_t size = attr->type == ATTR_MAC ? MAC_BYTES : ADDR_BYTES;
	hbr_addr addr = { 0 };

	if (message->value_case != HBR__WIRE__ATTR__VALUE_BYTES || message->bytes.len != size)
		return false;
	if (attr->type == ATTR_MAC) {
		memcpy(value, message->bytes.data, MAC_BYTES);
		return true;
	}
	addr.family = message->bytes.data[0];
	addr.length = message->bytes.data[1];
	memcpy(addr.bytes, message->bytes.data + 2, sizeof(addr.bytes));
	memcpy(value, &addr, sizeof(addr));
	return true;
}

/* Into the body; a bit that several attributes share is set by those that have one alone. */
static bool read_attr(const Hbr__Wire__Attr *message, const struct attr *attr, char *body)
{
	char *value = body + attr->offset;
	uint32_t has = attr->has & (attr->has - 1) ? 0 : attr->has;
	uint32_t number = (uint32_t)message->number;

	if (has)
		*(uint32_t *)body |= has;
	if (attr_is_string(attr)) {
		bool is_none = message->value_case == HBR__WIRE__ATTR__VALUE__NOT_SET;

		if (!is_none && message->value_case != HBR__WIRE__ATTR__VALUE_TEXT)
			return false;
		*(const char **)value = is_none ? NULL : message->text;
		return !is_none || has;
	}
	if (!attr_is_number(attr))
		return read_bytes(message, attr, value);
	if (message->value_case != HBR__WIRE__ATTR__VALUE_NUMBER ||
	    message->number > UINT32_MAX)
		return false;
	memcpy(value, &number, sizeof(number));
	return true;
}

/* Big enough for every body, and aligned for it. */
union body {
	hbr_link link;
	hbr_ifaddr ifaddr;
	hbr_route route;
	hbr_expect expect;
	char bytes[sizeof(hbr_link)];
};

/* A view: its texts are those of the message. */
static int read_resource(const Hbr__Wire__Resource *message, hbr_resource *out,
                         union body *body, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	const struct kind *kind = message ? kind_of((int32_t)message->kind) : NULL;

	if (!kind || message->kind > INT32_MAX)
		return bad(err, "a resource is missing, or of a kind that is not known");
	if (has_unknown(message))
		return bad(err, "a resource has fields that are not known");
	memset(body, 0, sizeof(*body));
	*out = (hbr_resource){
		.size = sizeof(*out),
		.kind = (int32_t)message->kind,
		.flags = message->flags,
		.netns = message->in_netns ? message->netns : NULL,
		.name = message->name[0] ? message->name : NULL,
		.owner = message->owner[0] ? message->owner : NULL,
		.stage = message->stage > INT32_MAX ? -1 : (int32_t)message->stage,
		.body = kind->body ? body : NULL,
	};
	for (size_t i = 0; i < message->n_attrs; i++) {
		const Hbr__Wire__Attr *item = message->attrs[i];
		const struct attr *attr = find_attr(kind, item->id);

		if (!attr || has_unknown(item))
			return bad(err, "a resource has an attribute that is not known");
		if (!read_attr(item, attr, body->bytes))
			return bad(err, "an attribute has a value of the wrong type");
	}
	if (resource_check(out, &why) < 0)
		return bad(err, hbr_error_message(why));
	return 0;
}

static int read_rows(Hbr__Wire__Row **rows, size_t n, hbr_state **out, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	int rc = hbr_state_new(&state, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		hbr_resource resource, origin;
		union body body, body_origin;

		if (has_unknown(rows[i]))
			return bad(err, "a row has fields that are not known");
		rc = read_resource(rows[i]->resource, &resource, &body, err);
		if (rc == 0 && rows[i]->origin)
			rc = read_resource(rows[i]->origin, &origin, &body_origin, err);
		if (rc == 0)
			rc = state_put_origin(state, &resource,
			                      rows[i]->origin ? &origin : NULL, err);
	}
	if (rc < 0)
		return rc;
	state_close(state);
	if (state->gone)
		state_close(state->gone);
	if (hbr_state_count(state) + hbr_state_count(state->gone) != n)
		return bad(err, "the same resource is in it twice");
	*out = hbr_steal(state);
	return 0;
}

static int keep_resource(hbr_plan *plan, const Hbr__Wire__Resource *message,
                         const hbr_resource **out, hbr_error **err)
{
	hbr_resource resource;
	union body body;

	if (!message)
		return 0;

	int rc = read_resource(message, &resource, &body, err);

	if (rc < 0)
		return rc;
	*out = resource_copy(&plan->arena, &resource);
	return *out ? 0 : hbr_oom(err);
}

/* Which images each verb has: bit 0 before, bit 1 after. */
static bool makes_sense(const struct step *step)
{
	static const uint8_t images[] = {
		[HBR_VERB_CREATE] = 1 << 2 | 1 << 3, [HBR_VERB_CHANGE] = 1 << 3,
		[HBR_VERB_RECREATE] = 1 << 3,        [HBR_VERB_DELETE] = 1 << 1,
		[HBR_VERB_REPORT] = 1 << 1,          [HBR_VERB_CONFLICT] = 1 << 2 | 1 << 3,
	};
	unsigned int has = (step->before ? 1u : 0u) | (step->after ? 2u : 0u);

	if (step->verb < HBR_VERB_CREATE || step->verb > HBR_VERB_CONFLICT ||
	    !(images[step->verb] & 1 << has))
		return false;
	if (step->grade < HBR_GRADE_HARMLESS || step->grade > HBR_GRADE_IRREVERSIBLE)
		return false;
	if (step->is_back && !step->after)
		return false;
	return !step->before || !step->after || resource_cmp(step->before, step->after) == 0;
}

/* The same of a script: a NIC that goes home has both, and the kernel's own have no grade. */
static bool makes_sense_in_script(const struct step *step)
{
	if (step->verb < HBR_VERB_CREATE || step->verb > HBR_VERB_DELETE)
		return false;
	if (step->verb == HBR_VERB_DELETE)
		return step->before;
	return step->grade && step->after && (step->before || step->verb == HBR_VERB_CREATE);
}

static int read_changes(hbr_plan *plan, const Hbr__Wire__Step *message, struct step *step,
                        hbr_error **err)
{
	struct arena *arena = &plan->arena;

	if (message->n_changes == 0)
		return 0;
	if (message->n_changes > 2 * PLAN_LINES_MAX)
		return bad(err, "a step has too many changes");
	step->changes = arena_array(arena, message->n_changes, sizeof(*step->changes));
	if (!step->changes)
		return hbr_oom(err);
	step->n_changes = (uint32_t)message->n_changes;
	for (size_t i = 0; i < message->n_changes; i++) {
		const Hbr__Wire__Change *from = message->changes[i];
		struct plan_change *to = &step->changes[i];

		if (has_unknown(from))
			return bad(err, "a change has fields that are not known");
		to->attr = arena_strdup(arena, from->attr);
		to->from = from->no_from ? NULL : arena_strdup(arena, from->from);
		to->to = from->no_to ? NULL : arena_strdup(arena, from->to);
		if (!to->attr || (!from->no_from && !to->from) || (!from->no_to && !to->to))
			return hbr_oom(err);
	}
	return 0;
}

static int read_step(hbr_plan *plan, const Hbr__Wire__Step *message, bool in_script,
                     struct step *step, hbr_error **err)
{
	_cleanup_buf_ struct buf key = BUF_INIT;
	int rc;

	if (has_unknown(message) || message->verb > HBR_VERB_CONFLICT ||
	    message->grade > HBR_GRADE_IRREVERSIBLE)
		return bad(err, "a step is of a sort that is not known");
	step->verb = (int32_t)message->verb;
	step->grade = (int32_t)message->grade;
	step->is_back = message->is_back;
	rc = keep_resource(plan, message->before, &step->before, err);
	if (rc == 0)
		rc = keep_resource(plan, message->after, &step->after, err);
	if (rc < 0)
		return rc;
	if (!(in_script ? makes_sense_in_script(step) : makes_sense(step)))
		return bad(err, "a step makes no sense");
	resource_key(step->after ? step->after : step->before, &key);
	step->key = key.rc ? NULL : arena_strdup(&plan->arena, key.data);
	step->why = arena_strdup(&plan->arena, message->why);
	if (!step->key || !step->why)
		return hbr_oom(err);
	return read_changes(plan, message, step, err);
}

static int read_steps(hbr_plan *plan, const Hbr__Wire__Plan *message, bool in_script,
                      hbr_error **err)
{
	if (message->n_steps > PLAN_STEPS_MAX)
		return bad(err, "it has too many steps");
	plan->steps = calloc(message->n_steps + 1, sizeof(*plan->steps));
	if (!plan->steps)
		return hbr_oom(err);
	for (size_t i = 0; i < message->n_steps; i++) {
		struct step *step = &plan->steps[i];
		int rc = read_step(plan, message->steps[i], in_script, step, err);
		bool is_acting;

		if (rc < 0)
			return rc;
		is_acting = step->verb != HBR_VERB_REPORT && step->verb != HBR_VERB_CONFLICT;
		if (is_acting && plan->n_acting != i)
			return bad(err, "its steps are out of order");
		step->rank = i;
		plan->n = i + 1;
		plan->n_acting += is_acting;
		plan->n_conflicts += step->verb == HBR_VERB_CONFLICT;
	}
	return 0;
}

/* Opens the File: *body is in the unpacker's arena. */
static int open_file(struct unpacker *unpacker, const char *format, const void *data,
                     size_t size, ProtobufCBinaryData *body, hbr_error **err)
{
	Hbr__Wire__File *file;
	int rc = unpack_message(unpacker, &hbr__wire__file__descriptor, data, size, &file, err);

	if (rc < 0)
		return rc;
	if (strcmp(file->format, format) != 0)
		return bad(err, "it is damaged, or of a foreign format");
	if (file->version > WIRE_VERSION) {
		hbr_fail(err, HBR_EFORMAT, NULL,
		         "it has version %u, and this libhbr reads up to %u", file->version,
		         WIRE_VERSION);
		hbr_hint(err, "a newer libhbr wrote it: use that one, or make it again");
		return HBR_EFORMAT;
	}
	if (file->version == 0 || has_unknown(file) ||
	    file->digest != resource_digest(file->body.data, file->body.len))
		return bad(err, "it is damaged");
	*body = file->body;
	return 0;
}

static int read_state(struct unpacker *unpacker, const void *data, size_t size, hbr_state **out,
                      hbr_error **err)
{
	ProtobufCBinaryData body;
	Hbr__Wire__State *message;
	int rc = open_file(unpacker, WIRE_STATE, data, size, &body, err);

	if (rc == 0)
		rc = unpack_message(unpacker, &hbr__wire__state__descriptor, body.data,
		                    body.len, &message, err);
	if (rc < 0)
		return rc;
	if (has_unknown(message))
		return bad(err, "it has fields that are not known");
	rc = read_rows(message->rows, message->n_rows, out, err);
	if (rc == 0)
		(*out)->generation = message->generation;
	return rc;
}

static int read_plan(struct unpacker *unpacker, const void *data, size_t size, bool in_script,
                     hbr_plan **out, hbr_error **err)
{
	const char *format = in_script ? WIRE_SCRIPT : WIRE_PLAN;
	_cleanup_plan_ hbr_plan *plan = NULL;
	ProtobufCBinaryData body;
	Hbr__Wire__Plan *message;
	int rc = open_file(unpacker, format, data, size, &body, err);

	if (rc == 0)
		rc = unpack_message(unpacker, &hbr__wire__plan__descriptor, body.data, body.len,
		                    &message, err);
	if (rc < 0)
		return rc;
	if (has_unknown(message) || message->flags & ~(uint32_t)PLAN_FLAGS_ALL)
		return bad(err, "it has fields that are not known");
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return hbr_oom(err);
	plan->flags = message->flags;
	plan->machine = message->machine;
	rc = read_rows(message->wanted, message->n_wanted, &plan->wanted, err);
	if (rc == 0)
		rc = read_steps(plan, message, in_script, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(plan);
	return 0;
}

int wire_unpack_state(const void *data, size_t size, hbr_state **out, hbr_error **err)
{
	struct unpacker unpacker = { .arena = ARENA_INIT };
	int rc = read_state(&unpacker, data, size, out, err);

	arena_free(&unpacker.arena);
	if (rc == HBR_EFORMAT)
		hbr_wrap(err, "this packed state cannot be read");
	return rc;
}

static int unpack_plan(const void *data, size_t size, bool in_script, hbr_plan **out,
                       hbr_error **err)
{
	struct unpacker unpacker = { .arena = ARENA_INIT };
	int rc = read_plan(&unpacker, data, size, in_script, out, err);

	arena_free(&unpacker.arena);
	if (rc == HBR_EFORMAT)
		hbr_wrap(err, "this packed %s cannot be read", in_script ? "script" : "plan");
	return rc;
}

int wire_unpack_plan(const void *data, size_t size, hbr_plan **out, hbr_error **err)
{
	return unpack_plan(data, size, false, out, err);
}

int wire_unpack_script(const void *data, size_t size, hbr_plan **out, hbr_error **err)
{
	return unpack_plan(data, size, true, out, err);
}
