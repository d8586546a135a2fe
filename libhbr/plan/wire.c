/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packing and unpacking plans and states (wire.proto). Rows are packed one at a time: protobuf
 * joins what is written one after the other, so no second copy of a big state is needed.
 */
#include "plan/wire.h"

#include <string.h>

#include "wire.pb-c.h"

#define ADDR_BYTES 18 /* family, length, address */
#define MAC_BYTES 6
#define ATTRS_MAX 32

/* protobuf-c writes into a buf. */
struct sink {
	ProtobufCBuffer base;
	struct buf *buf;
};

static void append(ProtobufCBuffer *buffer, size_t size, const uint8_t *data)
{
	struct sink *sink = (struct sink *)buffer;

	buf_put(sink->buf, data, size);
}

static void put_message(struct buf *out, const ProtobufCMessage *message)
{
	struct sink sink = { .base = { .append = append }, .buf = out };

	protobuf_c_message_pack_to_buffer(message, &sink.base);
}

static int buf_result(const struct buf *buf, hbr_error **err)
{
	if (buf->rc == HBR_ELIMIT)
		return hbr_fail(err, HBR_ELIMIT, NULL, "it is too big to be packed");
	return buf->rc ? hbr_oom(err) : 0;
}

/* One resource as a message, with all that it points at. */
struct packed {
	Hbr__Wire__Resource message;
	Hbr__Wire__Attr attrs[ATTRS_MAX];
	Hbr__Wire__Attr *list[ATTRS_MAX];
	uint8_t bytes[ATTRS_MAX][ADDR_BYTES];
};

static void pack_attr(const hbr_resource *resource, const struct attr *attr,
                      Hbr__Wire__Attr *out, uint8_t bytes[ADDR_BYTES])
{
	const hbr_addr *addr = attr_at(resource, attr);

	out->id = attr->id;
	if (attr_is_string(attr)) {
		if (!attr_string(resource, attr))
			return;
		out->value_case = HBR__WIRE__ATTR__VALUE_TEXT;
		out->text = (char *)attr_string(resource, attr);
		return;
	}
	if (attr_is_number(attr)) {
		out->value_case = HBR__WIRE__ATTR__VALUE_NUMBER;
		out->number = attr_number(resource, attr);
		return;
	}
	out->value_case = HBR__WIRE__ATTR__VALUE_BYTES;
	out->bytes.data = bytes;
	out->bytes.len = attr->type == ATTR_MAC ? MAC_BYTES : ADDR_BYTES;
	if (attr->type == ATTR_MAC) {
		memcpy(bytes, attr_at(resource, attr), MAC_BYTES);
		return;
	}
	bytes[0] = addr->family;
	bytes[1] = addr->length;
	memcpy(bytes + 2, addr->bytes, sizeof(addr->bytes));
}

static char *text(const char *string)
{
	return (char *)(string ? string : "");
}

static Hbr__Wire__Resource *pack(const hbr_resource *resource, struct packed *out)
{
	const struct kind *kind = kind_of(resource->kind);
	Hbr__Wire__Resource *message = &out->message;

	hbr__wire__resource__init(message);
	message->kind = (uint32_t)resource->kind;
	message->flags = resource->flags;
	message->in_netns = resource->netns != NULL;
	message->netns = text(resource->netns);
	message->name = text(resource->name);
	message->owner = text(resource->owner);
	message->stage = (uint32_t)resource->stage;
	message->attrs = out->list;
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];
		size_t n = message->n_attrs;

		if (attr->use == ATTR_SEEN || !attr_present(resource, attr))
			continue;
		hbr__wire__attr__init(&out->attrs[n]);
		out->list[n] = &out->attrs[n];
		pack_attr(resource, attr, &out->attrs[n], out->bytes[n]);
		message->n_attrs++;
	}
	return message;
}

/* Writes a row as a field of whatever message it is given in. */
static void put_rows(const hbr_state *state, struct buf *out, uint32_t flags, bool in_plan)
{
	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *resource = hbr_state_at(state, i);
		const hbr_resource *origin = ((const struct state_row *)resource)->origin;
		Hbr__Wire__Row row = HBR__WIRE__ROW__INIT, *rows[1] = { &row };
		Hbr__Wire__State alone = HBR__WIRE__STATE__INIT;
		Hbr__Wire__Plan plan = HBR__WIRE__PLAN__INIT;
		struct packed packed, packed_origin;

		row.resource = pack(resource, &packed);
		row.resource->flags |= flags;
		row.origin = origin ? pack(origin, &packed_origin) : NULL;
		alone.n_rows = plan.n_wanted = 1;
		alone.rows = plan.wanted = rows;
		put_message(out, in_plan ? &plan.base : &alone.base);
	}
}

static bool pack_changes(const struct step *step, Hbr__Wire__Step *message, struct arena *arena)
{
	Hbr__Wire__Change *changes;

	if (!step->n_changes)
		return true;
	changes = arena_array(arena, step->n_changes, sizeof(*changes));
	message->changes = arena_array(arena, step->n_changes, sizeof(*message->changes));
	if (!changes || !message->changes)
		return false;
	for (uint32_t i = 0; i < step->n_changes; i++) {
		const struct plan_change *change = &step->changes[i];

		hbr__wire__change__init(&changes[i]);
		changes[i].attr = text(change->attr);
		changes[i].from = text(change->from);
		changes[i].to = text(change->to);
		changes[i].no_from = !change->from;
		changes[i].no_to = !change->to;
		message->changes[i] = &changes[i];
	}
	message->n_changes = step->n_changes;
	return true;
}

static void put_step(const struct step *step, struct buf *out, struct arena *scratch)
{
	Hbr__Wire__Step message = HBR__WIRE__STEP__INIT, *steps[1] = { &message };
	Hbr__Wire__Plan plan = HBR__WIRE__PLAN__INIT;
	struct packed before, after;

	message.verb = (uint32_t)step->verb;
	message.grade = (uint32_t)step->grade;
	message.why = text(step->why);
	message.is_back = step->is_back;
	message.before = step->before ? pack(step->before, &before) : NULL;
	message.after = step->after ? pack(step->after, &after) : NULL;
	plan.n_steps = 1;
	plan.steps = steps;
	if (pack_changes(step, &message, scratch))
		put_message(out, &plan.base);
	else
		out->rc = HBR_ENOMEM;
}

int wire_wrap(const char *format, const struct buf *body, struct buf *out, hbr_error **err)
{
	Hbr__Wire__File file = HBR__WIRE__FILE__INIT;

	if (body->rc)
		return buf_result(body, err);
	file.format = text(format);
	file.version = WIRE_VERSION;
	file.body.data = (uint8_t *)body->data;
	file.body.len = body->len;
	file.digest = resource_digest(body->data, body->len);
	put_message(out, &file.base);
	return buf_result(out, err);
}

int wire_pack_state(const hbr_state *state, struct buf *out, hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	Hbr__Wire__State head = HBR__WIRE__STATE__INIT;

	head.generation = state->generation;
	put_message(&body, &head.base);
	put_rows(state, &body, 0, false);
	put_rows(state->gone, &body, HBR_RESOURCE_GONE, false);
	return wire_wrap(WIRE_STATE, &body, out, err);
}

static void put_steps(const struct step *steps, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n && !out->rc; i++) {
		struct arena scratch = ARENA_INIT;

		put_step(&steps[i], out, &scratch);
		arena_free(&scratch);
	}
}

int wire_pack_script(const struct step *steps, size_t n, struct buf *out, hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;

	put_steps(steps, n, &body);
	return wire_wrap(WIRE_SCRIPT, &body, out, err);
}

int wire_pack_plan(const hbr_plan *plan, struct buf *out, hbr_error **err)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	Hbr__Wire__Plan head = HBR__WIRE__PLAN__INIT;

	head.flags = plan->flags;
	head.machine = plan->machine;
	put_message(&body, &head.base);
	put_steps(plan->steps, plan->n, &body);
	put_rows(plan->wanted, &body, 0, true);
	return wire_wrap(WIRE_PLAN, &body, out, err);
}
