/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes messages on the wire: the envelope, bounded unpacking, and the Status that errors
 * come in. The messages themselves are in kube.proto; fields that it does not list survive
 * unpacking and packing.
 */
#ifndef HBR_PORT_KUBE_PROTO_H
#define HBR_PORT_KUBE_PROTO_H

#include "base/buf.h"
#include "base/error.h"

#include "kube.pb-c.h"

#define KUBE_TYPE_PROTO "application/vnd.kubernetes.protobuf"
#define KUBE_TYPE_JSON "application/json"
#define KUBE_FRAME_MAX ((size_t)16 << 20) /* one object; client-go's limit, too */

enum kube_encoding { KUBE_OTHER, KUBE_JSON, KUBE_PROTO };

/* How a reply is written, by its Content-Type: parameters (";stream=watch") are looked over. */
enum kube_encoding kube_encoding_of(const char *content_type);

/* Where messages that are read live. They die together; memory is bounded by the data's size. */
struct kube_unpacker {
	ProtobufCAllocator allocator;
	struct arena arena;
	bool no_memory;
};

#define KUBE_UNPACKER_INIT { .no_memory = false }
void kube_unpacker_free(struct kube_unpacker *unpacker);
#define _cleanup_kube_unpacker_ hbr_cleanup(kube_unpacker_free)

/* One message without an envelope; *(void **)out lives as long as the unpacker. HBR_EFORMAT. */
int kube_unpack(struct kube_unpacker *unpacker, const ProtobufCMessageDescriptor *type,
                const void *data, size_t size, void *out, hbr_error **err);
/* What is in the envelope "k8s\0" Unknown. HBR_EFORMAT, also for another encoding inside. */
int kube_open(struct kube_unpacker *unpacker, const void *data, size_t size,
              Hbr__Kube__Unknown **out, hbr_error **err);
/* Both. */
int kube_read(struct kube_unpacker *unpacker, const ProtobufCMessageDescriptor *type,
              const void *data, size_t size, void *out, hbr_error **err);
/* Appends the message in its envelope. */
int kube_write(const ProtobufCMessage *message, const char *api_version, const char *kind,
               struct buf *out, hbr_error **err);

/* Servers write "" for what is not set. */
static inline const char *kube_text(const char *text)
{
	return text && *text ? text : NULL;
}

/* What an error says. Texts are cut to fit. */
struct kube_status {
	int code;            /* as HTTP's; 0: not told */
	char reason[64];     /* "Expired" */
	char message[512];
	char cause[64];      /* reason of the first cause: "ResourceVersionTooLarge" */
	uint32_t retry_after_s;
};

/* Always succeeds: what is no Status is the message itself, as far as it is text. */
void kube_status_read(enum kube_encoding encoding, const void *data, size_t size,
                      struct kube_status *out);
/* From a message, as in a watch's ERROR event. */
void kube_status_take(const Hbr__Kube__Status *message, struct kube_status *out);

#endif
