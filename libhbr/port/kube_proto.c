/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes messages: protobuf-c in a bounded arena, the envelope around it, Status. */
#include "port/kube_proto.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text/json.h"

/* An empty Text (two bytes packed) takes the most; one with a key and a value a tenth of it. */
#define GROWTH 48
#define SLACK ((size_t)64 << 10)
#define MEMORY_MAX ((size_t)256 << 20)
#define MAGIC_BYTES 4
#define PACKED_MAX ((size_t)4 << 20) /* the server takes 3 MiB */

static const char magic[MAGIC_BYTES] = "k8s";

enum kube_encoding kube_encoding_of(const char *content_type)
{
	static const struct {
		const char *type;
		enum kube_encoding encoding;
	} types[] = {
		{ KUBE_TYPE_PROTO, KUBE_PROTO },
		{ KUBE_TYPE_JSON, KUBE_JSON },
	};

	for (size_t i = 0; content_type && i < hbr_count(types); i++) {
		size_t n = strlen(types[i].type);

		if (strncasecmp(content_type, types[i].type, n) == 0 &&
		    (!content_type[n] || strchr("; ", content_type[n])))
			return types[i].encoding;
	}
	return KUBE_OTHER;
}

static void *take(void *user, size_t size)
{
	struct kube_unpacker *unpacker = user;
	void *p = arena_alloc(&unpacker->arena, size);

	unpacker->no_memory |= !p;
	return p;
}

static void give(void *user, void *p)
{
	(void)user;
	(void)p;
}

void kube_unpacker_free(struct kube_unpacker *unpacker)
{
	arena_free(&unpacker->arena);
}

int kube_unpack(struct kube_unpacker *unpacker, const ProtobufCMessageDescriptor *type,
                const void *data, size_t size, void *out, hbr_error **err)
{
	size_t room = size < MEMORY_MAX / GROWTH ? size * GROWTH : MEMORY_MAX;
	ProtobufCMessage *message;

	unpacker->allocator = (ProtobufCAllocator){ take, give, unpacker };
	unpacker->arena.limit = unpacker->arena.used + room + SLACK;
	message = protobuf_c_message_unpack(type, &unpacker->allocator, size, data);
	if (!message && unpacker->no_memory)
		return hbr_fail(err, HBR_ENOMEM, NULL, "no memory for a %s of %zu bytes",
		                type->short_name, size);
	if (!message)
		return hbr_fail(err, HBR_EFORMAT, NULL, "what should be a %s is damaged",
		                type->short_name);
	memcpy(out, &message, sizeof(message));
	return 0;
}

int kube_open(struct kube_unpacker *unpacker, const void *data, size_t size,
              Hbr__Kube__Unknown **out, hbr_error **err)
{
	Hbr__Kube__Unknown *envelope;
	int rc;

	if (size < MAGIC_BYTES || memcmp(data, magic, MAGIC_BYTES) != 0)
		return hbr_fail(err, HBR_EFORMAT, NULL,
		                "a message does not begin as Kubernetes' protobuf does");
	rc = kube_unpack(unpacker, &hbr__kube__unknown__descriptor,
	                 (const char *)data + MAGIC_BYTES, size - MAGIC_BYTES, &envelope, err);
	if (rc < 0)
		return rc;
	if (kube_text(envelope->contentencoding))
		return hbr_fail(err, HBR_EFORMAT, NULL, "a message is encoded as \"%.32s\"",
		                envelope->contentencoding);
	*out = envelope;
	return 0;
}

int kube_read(struct kube_unpacker *unpacker, const ProtobufCMessageDescriptor *type,
              const void *data, size_t size, void *out, hbr_error **err)
{
	Hbr__Kube__Unknown *envelope;
	int rc = kube_open(unpacker, data, size, &envelope, err);

	if (rc < 0)
		return rc;
	return kube_unpack(unpacker, type, envelope->raw.data, envelope->raw.len, out, err);
}

int kube_write(const ProtobufCMessage *message, const char *api_version, const char *kind,
               struct buf *out, hbr_error **err)
{
	Hbr__Kube__TypeMeta type = HBR__KUBE__TYPE_META__INIT;
	Hbr__Kube__Unknown envelope = HBR__KUBE__UNKNOWN__INIT;
	size_t inside = protobuf_c_message_get_packed_size(message);
	_cleanup_free_ uint8_t *raw = NULL;
	size_t size;

	if (inside > PACKED_MAX)
		return hbr_fail(err, HBR_ELIMIT, NULL, "%s: more than %zu bytes", kind,
		                PACKED_MAX);
	raw = malloc(inside + 1);
	if (!raw)
		return hbr_oom(err);
	protobuf_c_message_pack(message, raw);
	type.apiversion = (char *)api_version;
	type.kind = (char *)kind;
	envelope.typemeta = &type;
	envelope.has_raw = true;
	envelope.raw = (ProtobufCBinaryData){ inside, raw };
	size = protobuf_c_message_get_packed_size(&envelope.base);
	buf_put(out, magic, MAGIC_BYTES);
	if (!buf_reserve(out, size))
		return hbr_oom(err);
	protobuf_c_message_pack(&envelope.base, (uint8_t *)out->data + out->len);
	out->len += size;
	out->data[out->len] = '\0';
	return 0;
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

void kube_status_take(const Hbr__Kube__Status *message, struct kube_status *out)
{
	const Hbr__Kube__StatusDetails *details = message->details;

	*out = (struct kube_status){ .code = message->has_code ? message->code : 0 };
	copy(out->reason, sizeof(out->reason), message->reason);
	copy(out->message, sizeof(out->message), message->message);
	if (details && details->retryafterseconds > 0)
		out->retry_after_s = (uint32_t)details->retryafterseconds;
	if (details && details->n_causes)
		copy(out->cause, sizeof(out->cause), details->causes[0]->reason);
}

static bool status_from_proto(const void *data, size_t size, struct kube_status *out)
{
	_cleanup_kube_unpacker_ struct kube_unpacker unpacker = KUBE_UNPACKER_INIT;
	Hbr__Kube__Status *message;

	if (kube_read(&unpacker, &hbr__kube__status__descriptor, data, size, &message, NULL) < 0)
		return false;
	kube_status_take(message, out);
	return true;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool status_from_json(const void *data, size_t size, struct kube_status *out)
{
	_cleanup_json_ json_t *root = NULL;
	const json_t *details, *seconds;

	if (json_read(data, size, "Status", &root, NULL) < 0 || !text_of(root, "kind") ||
	    strcmp(text_of(root, "kind"), "Status") != 0)
		return false;
	*out = (struct kube_status){ 0 };
	out->code = (int)json_integer_value(json_object_get(root, "code"));
	copy(out->reason, sizeof(out->reason), text_of(root, "reason"));
	copy(out->message, sizeof(out->message), text_of(root, "message"));
	details = json_object_get(root, "details");
	seconds = json_object_get(details, "retryAfterSeconds");
	if (json_integer_value(seconds) > 0 && json_integer_value(seconds) < UINT32_MAX)
		out->retry_after_s = (uint32_t)json_integer_value(seconds);
	copy(out->cause, sizeof(out->cause),
	     text_of(json_array_get(json_object_get(details, "causes"), 0), "reason"));
	return true;
}

void kube_status_read(enum kube_encoding encoding, const void *data, size_t size,
                      struct kube_status *out)
{
	size_t n = 0;

	if (encoding == KUBE_PROTO && status_from_proto(data, size, out))
		return;
	if (encoding == KUBE_JSON && status_from_json(data, size, out))
		return;
	*out = (struct kube_status){ 0 };
	for (const char *c = data; n < size && n + 1 < sizeof(out->message); n++) {
		unsigned char byte = (unsigned char)c[n];

		if (!byte)
			break;
		out->message[n] = (char)(isprint(byte) ? byte : ' ');
	}
	while (n && out->message[n - 1] == ' ')
		out->message[--n] = '\0';
}
