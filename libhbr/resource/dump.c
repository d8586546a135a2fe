/* SPDX-License-Identifier: Apache-2.0 */
/* Resources for people and programs: one-line summaries, JSON members, whole states. */
#include <string.h>

#include "hbr/state.h"
#include "resource/state.h"
#include "text/json.h"

#define DEFAULT_NETNS "host" /* what people call the namespace "" */
#define LABEL_WIDTH 44       /* longer ones push their line to the right */

static void put_netns(const char *netns, struct buf *out)
{
	buf_puts(out, netns && netns[0] ? netns : DEFAULT_NETNS);
	buf_putc(out, '/');
}

void resource_label(const hbr_resource *resource, struct buf *out)
{
	const struct kind *kind = kind_of(resource->kind);
	size_t at;

	if (resource->kind == HBR_KIND_OBJECT) {
		object_label(resource, out);
		return;
	}
	if (kind->in_netns)
		put_netns(resource->netns, out);
	if (!kind->unnamed)
		buf_puts(out, resource->name);
	at = out->len;
	if (kind->key)
		kind->key(resource->body, out);
	/* "veth-crpd 10.1.1.2/30": two slashes of different meaning are hard to read. */
	if (!kind->unnamed && out->len > at)
		out->data[at] = ' ';
}

/* A veth's other end is named with its namespace; a NIC's origin is a namespace. */
static bool put_link_word(const hbr_resource *resource, const struct attr *attr,
                          struct buf *out)
{
	const hbr_link *link = resource->body;

	if (resource->kind != HBR_KIND_LINK)
		return false;
	if (attr->offset == offsetof(hbr_link, peer)) {
		put_netns(link->peer_netns, out);
		buf_puts(out, link->peer);
		return true;
	}
	if (attr->offset == offsetof(hbr_link, from)) {
		buf_puts(out, link->from[0] ? link->from : DEFAULT_NETNS);
		return true;
	}
	return false;
}

static void put_word(const hbr_resource *resource, const struct attr *attr, struct buf *out)
{
	bool is_bare = attr->type == ATTR_VALUE || attr->type == ATTR_WORD ||
	               attr->use == ATTR_IDENTITY;

	if (attr->type == ATTR_BOOL) {
		buf_puts(out, attr_number(resource, attr) ? "" : "not ");
		buf_puts(out, attr->name);
		return;
	}
	if (attr->type == ATTR_JSON) {
		object_summary(resource, out);
		return;
	}
	if (attr_is_long(attr) && !(resource->flags & HBR_RESOURCE_SECRET)) {
		buf_printf(out, "%zu bytes", strlen(attr_string(resource, attr)));
		return;
	}
	if (!is_bare) {
		buf_puts(out, attr->name);
		buf_putc(out, ' ');
	}
	if (!put_link_word(resource, attr, out))
		attr_format(resource, attr, out);
}

static bool is_worth_saying(const hbr_resource *resource, const struct attr *attr)
{
	if (attr->quiet || attr->use == ATTR_SEEN || !attr_present(resource, attr))
		return false;
	return attr->type != ATTR_WORD || attr_number(resource, attr) != 0;
}

void resource_summary(const hbr_resource *resource, struct buf *out)
{
	const struct kind *kind = kind_of(resource->kind);
	const char *separator = "";

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		if (!is_worth_saying(resource, &kind->attrs[i]))
			continue;
		buf_puts(out, separator);
		put_word(resource, &kind->attrs[i], out);
		separator = ", ";
	}
}

static void json_attr(const hbr_resource *resource, const struct attr *attr,
                      struct json_out *json)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (attr_is_string(attr) && !attr_string(resource, attr)) {
		json_put_null(json, attr->name);
		return;
	}
	if (attr->type == ATTR_U32) {
		json_num(json, attr->name, attr_number(resource, attr));
		return;
	}
	if (attr->type == ATTR_BOOL) {
		json_bool(json, attr->name, attr_number(resource, attr));
		return;
	}
	attr_format(resource, attr, &text);
	if (text.rc && !json->buf->rc)
		json->buf->rc = text.rc;
	json_str(json, attr->name, text.data);
}

void resource_json_attrs(const hbr_resource *resource, const char *key, struct json_out *json)
{
	const struct kind *kind = kind_of(resource->kind);

	json_open_object(json, key);
	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (attr->use != ATTR_SEEN && attr_present(resource, attr))
			json_attr(resource, attr, json);
	}
	json_close_object(json);
}

void resource_json(const hbr_resource *resource, struct json_out *json)
{
	const struct kind *kind = kind_of(resource->kind);
	_cleanup_buf_ struct buf key = BUF_INIT;

	resource_key(resource, &key);
	if (key.rc && !json->buf->rc)
		json->buf->rc = key.rc;
	json_str(json, "key", key.data);
	json_str(json, "kind", kind->name);
	if (kind->in_netns)
		json_str(json, "netns", resource->netns ? resource->netns : "");
	if (!kind->unnamed)
		json_str(json, "name", resource->name);
	json_str(json, "owner", resource->owner);
	json_str(json, "stage", stage_name(resource_stage(resource)));
}

static void dump_json(const hbr_state *state, struct buf *out)
{
	struct json_out json;

	json_begin(&json, out);
	json_open_object(&json, NULL);
	json_str(&json, "apiVersion", "hbr.dev/v1alpha1");
	json_str(&json, "kind", "State");
	json_open_list(&json, "resources");
	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *row = hbr_state_at(state, i);
		const hbr_resource *origin = ((const struct state_row *)row)->origin;

		json_open_object(&json, NULL);
		resource_json(row, &json);
		if (row->flags & HBR_RESOURCE_OURS)
			json_bool(&json, "ours", true);
		if (kind_of(row->kind)->body)
			resource_json_attrs(row, "attributes", &json);
		if (origin && kind_of(origin->kind)->body)
			resource_json_attrs(origin, "origin", &json);
		json_close_object(&json);
	}
	json_close_list(&json);
	json_close_object(&json);
}

/* How wide the labels are, as far as that helps. */
static size_t label_width(const hbr_state *state, struct buf *label)
{
	size_t width = 0;

	for (size_t i = 0; i < hbr_state_count(state); i++) {
		buf_reset(label);
		resource_label(hbr_state_at(state, i), label);
		if (label->len > width)
			width = label->len;
	}
	return width < LABEL_WIDTH ? width : LABEL_WIDTH;
}

static void dump_text(const hbr_state *state, struct buf *out)
{
	static const size_t kind_width = sizeof("container");
	_cleanup_buf_ struct buf line = BUF_INIT;
	size_t width = label_width(state, &line);

	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *row = hbr_state_at(state, i);

		buf_reset(&line);
		buf_puts(&line, kind_of(row->kind)->name);
		buf_pad(&line, kind_width);
		resource_label(row, &line);

		size_t bare = line.len;

		buf_pad(&line, kind_width + width);
		buf_puts(&line, "  ");

		size_t padded = line.len;

		resource_summary(row, &line);
		buf_put(out, line.data, line.len == padded ? bare : line.len);
		buf_putc(out, '\n');
	}
	if (line.rc && !out->rc)
		out->rc = line.rc;
}

int hbr_state_dump(const hbr_state *state, int32_t format, hbr_text **out, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!state || !out)
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a state and a place for its text are needed");
	if (format == HBR_FORMAT_TEXT)
		dump_text(state, &text);
	else if (format == HBR_FORMAT_JSON)
		dump_json(state, &text);
	else
		return hbr_fail(err, HBR_ENOTSUP, NULL,
		                "a state is dumped as text or JSON only");
	return buf_text(&text, out, err);
}
