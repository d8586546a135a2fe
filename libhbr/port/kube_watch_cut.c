/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting replies: frames and fields of protobuf, braces of JSON. Pieces are read elsewhere. */
#include "port/kube_watch_cut.h"

#include <string.h>

#define DEPTH_MAX 1000
#define FRAME_HEAD 4 /* bytes of a frame's length, big end first */
#define VARINT_MAX 10

typedef int (*piece_cb)(void *user, enum kube_piece piece, const char *data, size_t size,
                        hbr_error **err);

/* Of a list in protobuf. */
enum part { PART_MAGIC, PART_ENVELOPE, PART_LIST };
enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* Where a step over the waiting bytes is. */
struct walk {
	struct kube_cutter *cutter;
	const unsigned char *data;
	size_t at, size;
	piece_cb cb;
	void *user;
};

struct field {
	uint64_t number, value; /* value of WIRE_BYTES: its size */
	int wire;
	size_t head; /* bytes before the content */
	size_t size; /* of head and content */
};

void kube_cutter_begin(struct kube_cutter *cutter, enum kube_encoding encoding, bool is_list,
                       size_t max)
{
	kube_cutter_free(cutter);
	*cutter = (struct kube_cutter){
		.encoding = encoding,
		.is_list = is_list,
		.max = max ? max : KUBE_FRAME_MAX,
		.is_key = true,
	};
}

void kube_cutter_free(struct kube_cutter *cutter)
{
	buf_free(&cutter->waiting);
}

static int too_big(const struct kube_cutter *cutter, hbr_error **err)
{
	return hbr_fail(err, HBR_ELIMIT, NULL, "an object has more than %zu bytes",
	                cutter->max);
}

static int damaged(const struct kube_cutter *cutter, hbr_error **err)
{
	return hbr_fail(err, HBR_EFORMAT, NULL, "the %s is damaged",
	                cutter->is_list ? "list" : "watch");
}

/* Frames of a watch. */
static int cut_frames(struct walk *walk, hbr_error **err)
{
	while (walk->size - walk->at >= FRAME_HEAD) {
		const unsigned char *head = walk->data + walk->at;
		size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
		              (size_t)head[2] << 8 | head[3];
		int rc;

		if (size > walk->cutter->max)
			return too_big(walk->cutter, err);
		if (walk->size - walk->at - FRAME_HEAD < size)
			return 0;
		rc = walk->cb(walk->user, KUBE_EVENT, (const char *)head + FRAME_HEAD, size, err);
		if (rc < 0)
			return rc;
		walk->at += FRAME_HEAD + size;
	}
	return 0;
}

/* 1 with the number, 0 when more bytes are needed. */
static int read_varint(const unsigned char *data, size_t size, size_t *at, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < VARINT_MAX; i++) {
		if (*at == size)
			return 0;
		*number |= (uint64_t)(data[*at] & 0x7f) << (7 * i);
		if (!(data[(*at)++] & 0x80))
			return 1;
	}
	return HBR_EFORMAT;
}

/* The head of the next field, and how much it takes: 1, or 0 when more bytes are needed. */
static int read_field(const struct walk *walk, struct field *field)
{
	const unsigned char *data = walk->data + walk->at;
	size_t size = walk->size - walk->at;
	uint64_t tag;
	size_t at = 0;
	int rc = read_varint(data, size, &at, &tag);

	if (rc <= 0)
		return rc;
	*field = (struct field){ .number = tag >> 3, .wire = (int)(tag & 7) };
	switch (field->wire) {
	case WIRE_VARINT:
	case WIRE_BYTES:
		rc = read_varint(data, size, &at, &field->value);
		break;
	case WIRE_64:
		field->value = 8;
		break;
	case WIRE_32:
		field->value = 4;
		break;
	default:
		return HBR_EFORMAT;
	}
	if (rc <= 0)
		return rc;
	field->head = at;
	field->size = field->wire == WIRE_VARINT ? at : at + (size_t)field->value;
	return 1;
}

static int pass_field(struct walk *walk, const struct field *field, hbr_error **err)
{
	static const enum kube_piece pieces[] = { [1] = KUBE_HEAD, [2] = KUBE_ITEM };
	const char *content = (const char *)walk->data + walk->at + field->head;

	if (walk->cutter->part != PART_LIST || field->wire != WIRE_BYTES || !field->number ||
	    field->number >= hbr_count(pieces))
		return 0;
	return walk->cb(walk->user, pieces[field->number], content, (size_t)field->value, err);
}

/* Fields of the envelope and, inside, of the list. */
static int cut_fields(struct walk *walk, hbr_error **err)
{
	struct kube_cutter *cutter = walk->cutter;

	for (;;) {
		struct field field = { 0 };
		int rc = read_field(walk, &field);

		if (rc < 0)
			return damaged(cutter, err);
		if (rc == 0)
			return 0;
		if (cutter->part == PART_ENVELOPE && field.number == 2 &&
		    field.wire == WIRE_BYTES) {
			walk->at += field.head;
			cutter->left = field.value;
			cutter->part = field.value ? PART_LIST : PART_ENVELOPE;
			cutter->is_whole = !field.value;
			continue;
		}
		if (field.value > cutter->max && field.wire == WIRE_BYTES)
			return too_big(cutter, err);
		if (cutter->part == PART_LIST && field.size > cutter->left)
			return damaged(cutter, err);
		if (walk->size - walk->at < field.size)
			return 0;
		rc = pass_field(walk, &field, err);
		if (rc < 0)
			return rc;
		walk->at += field.size;
		if (cutter->part != PART_LIST)
			continue;
		cutter->left -= field.size;
		cutter->is_whole = !cutter->left;
		if (!cutter->left)
			cutter->part = PART_ENVELOPE;
	}
}

static int cut_proto_list(struct walk *walk, hbr_error **err)
{
	if (walk->cutter->part == PART_MAGIC) {
		if (walk->size < 4)
			return 0;
		if (memcmp(walk->data, "k8s", 4) != 0)
			return damaged(walk->cutter, err);
		walk->at = 4;
		walk->cutter->part = PART_ENVELOPE;
	}
	return cut_fields(walk, err);
}

/* A brace or bracket opens: is this where a piece begins? */
static void open_json(struct kube_cutter *cutter, char c, size_t at)
{
	bool is_items = strcmp(cutter->key, "items") == 0;

	cutter->depth++;
	if (cutter->in_piece || (c == '[' && !cutter->is_list))
		return;
	if (!cutter->is_list && cutter->depth == 1)
		cutter->piece = KUBE_EVENT;
	else if (cutter->is_list && cutter->depth == 2 && c == '{' &&
	         strcmp(cutter->key, "metadata") == 0)
		cutter->piece = KUBE_HEAD;
	else if (cutter->is_list && cutter->depth == 3 && c == '{' && cutter->in_items)
		cutter->piece = KUBE_ITEM;
	else {
		if (cutter->is_list && cutter->depth == 2 && c == '[' && is_items)
			cutter->in_items = true;
		return;
	}
	cutter->in_piece = true;
	cutter->start = at;
}

/* How deep the pieces of a kind are. */
static uint32_t depth_of(enum kube_piece piece)
{
	return piece == KUBE_EVENT ? 1 : piece == KUBE_HEAD ? 2 : 3;
}

static int close_json(struct walk *walk, size_t at, hbr_error **err)
{
	struct kube_cutter *cutter = walk->cutter;
	uint32_t depth = cutter->depth;

	if (!depth)
		return damaged(cutter, err);
	cutter->depth--;
	if (depth == 2)
		cutter->in_items = false;
	cutter->is_whole = cutter->depth == 0;
	if (!cutter->in_piece || depth != depth_of(cutter->piece))
		return 0;
	cutter->in_piece = false;
	if (at + 1 - cutter->start > cutter->max)
		return too_big(cutter, err);
	return walk->cb(walk->user, cutter->piece, (const char *)walk->data + cutter->start,
	                at + 1 - cutter->start, err);
}

/* The text of a string; those that are keys of the list are kept. */
static void quoted_json(struct kube_cutter *cutter, char c)
{
	bool keeps = cutter->is_list && cutter->depth == 1 && cutter->is_key;

	if (cutter->is_escaped)
		cutter->is_escaped = false;
	else if (c == '\\')
		cutter->is_escaped = true;
	else if (c == '"')
		cutter->is_quoted = false;
	if (!keeps || !cutter->is_quoted)
		return;
	if (cutter->key_size + 1 < sizeof(cutter->key))
		cutter->key[cutter->key_size++] = c;
	cutter->key[cutter->key_size] = '\0';
}

static int cut_json(struct walk *walk, hbr_error **err)
{
	struct kube_cutter *cutter = walk->cutter;

	for (size_t i = cutter->scanned; i < walk->size; i++) {
		char c = (char)walk->data[i];
		int rc = 0;

		if (cutter->is_quoted) {
			quoted_json(cutter, c);
			continue;
		}
		switch (c) {
		case '"':
			cutter->is_quoted = true;
			if (cutter->depth == 1 && cutter->is_key)
				cutter->key[cutter->key_size = 0] = '\0';
			break;
		case ':':
		case ',':
			if (cutter->depth == 1)
				cutter->is_key = c == ',';
			break;
		case '{':
		case '[':
			open_json(cutter, c, i);
			if (cutter->depth > DEPTH_MAX)
				rc = damaged(cutter, err);
			break;
		case '}':
		case ']':
			rc = close_json(walk, i, err);
			break;
		default:
			if (!cutter->depth && !strchr(" \t\r\n", c))
				rc = damaged(cutter, err);
		}
		if (rc < 0)
			return rc;
	}
	walk->at = cutter->in_piece ? cutter->start : walk->size;
	cutter->start = 0;
	cutter->scanned = walk->size - walk->at;
	return cutter->scanned > cutter->max ? too_big(cutter, err) : 0;
}

int kube_cutter_feed(struct kube_cutter *cutter, const void *data, size_t size, piece_cb cb,
                     void *user, hbr_error **err)
{
	struct buf *waiting = &cutter->waiting;
	struct walk walk = { .cutter = cutter, .cb = cb, .user = user };
	int rc;

	buf_put(waiting, data, size);
	if (waiting->rc)
		return hbr_oom(err);
	if (!waiting->len)
		return 0;
	cutter->began = true;
	walk.data = (const unsigned char *)waiting->data;
	walk.size = waiting->len;
	if (cutter->encoding == KUBE_JSON)
		rc = cut_json(&walk, err);
	else if (cutter->encoding != KUBE_PROTO)
		rc = damaged(cutter, err);
	else
		rc = cutter->is_list ? cut_proto_list(&walk, err) : cut_frames(&walk, err);
	if (rc < 0)
		return rc;
	memmove(waiting->data, waiting->data + walk.at, waiting->len - walk.at);
	waiting->len -= walk.at;
	return 0;
}

bool kube_cutter_is_whole(const struct kube_cutter *cutter)
{
	return !cutter->is_list || (cutter->is_whole && !cutter->waiting.len);
}
