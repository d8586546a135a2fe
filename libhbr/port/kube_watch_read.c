/* SPDX-License-Identifier: Apache-2.0 */
/* Reading events, items and heads of lists, in JSON and in protobuf. */
#include "port/kube_watch_read.h"

#include <string.h>

#include "resource/object_name.h"
#include "text/members.h"

#define INITIAL_END "k8s.io/initial-events-end"

void kube_seen_free(struct kube_seen *seen)
{
	json_decref(seen->root);
	kube_unpacker_free(&seen->unpacker);
	*seen = (struct kube_seen){ 0 };
}

static enum kube_event event_of(const char *type)
{
	static const char *const names[] = {
		[KUBE_ADDED] = "ADDED",     [KUBE_MODIFIED] = "MODIFIED",
		[KUBE_DELETED] = "DELETED", [KUBE_BOOKMARK] = "BOOKMARK",
		[KUBE_ERROR] = "ERROR",
	};

	for (size_t i = KUBE_ADDED; type && i < hbr_count(names); i++) {
		if (strcmp(type, names[i]) == 0)
			return (enum kube_event)i;
	}
	return KUBE_UNKNOWN;
}

static int check(const struct kube_seen *seen, hbr_error **err)
{
	if (seen->event == KUBE_UNKNOWN || seen->event == KUBE_ERROR)
		return 0;
	if (!seen->version)
		return hbr_fail(err, HBR_EFORMAT, NULL, "an object has no resourceVersion");
	if (seen->event != KUBE_BOOKMARK && !seen->name)
		return hbr_fail(err, HBR_EFORMAT, NULL, "an object has no name");
	return 0;
}

static bool has_text(Hbr__Kube__Text *const *texts, size_t n, const char *key,
                     const char *value)
{
	for (size_t i = 0; i < n; i++) {
		if (texts[i]->key && texts[i]->value && strcmp(texts[i]->key, key) == 0)
			return strcmp(texts[i]->value, value) == 0;
	}
	return false;
}

static void take_meta(const Hbr__Kube__ObjectMeta *meta, struct kube_seen *out)
{
	if (!meta)
		return;
	out->ns = kube_text(meta->namespace_);
	out->name = kube_text(meta->name);
	out->uid = kube_text(meta->uid);
	out->version = kube_text(meta->resourceversion);
	out->ends_initial =
	        has_text(meta->annotations, meta->n_annotations, INITIAL_END, "true");
	out->is_ours = has_text(meta->labels, meta->n_labels, OBJECT_LABEL, OBJECT_LABEL_US);
}

static int proto_item(const void *data, size_t size, struct kube_seen *out, hbr_error **err)
{
	Hbr__Kube__PartialObjectMetadata *object;
	int rc = kube_unpack(&out->unpacker, &hbr__kube__partial_object_metadata__descriptor,
	                     data, size, &object, err);

	if (rc < 0)
		return rc;
	take_meta(object->metadata, out);
	return 0;
}

static int proto_event(const char *data, size_t size, struct kube_seen *out, hbr_error **err)
{
	Hbr__Kube__WatchEvent *event;
	Hbr__Kube__Unknown *envelope;
	Hbr__Kube__Status *status;
	int rc = kube_unpack(&out->unpacker, &hbr__kube__watch_event__descriptor, data, size,
	                     &event, err);

	if (rc < 0)
		return rc;
	out->event = event_of(event->type);
	if (out->event == KUBE_UNKNOWN)
		return 0;
	if (!event->object)
		return hbr_fail(err, HBR_EFORMAT, NULL, "an event has no object");
	rc = kube_open(&out->unpacker, event->object->raw.data, event->object->raw.len,
	               &envelope, err);
	if (rc < 0)
		return rc;
	if (out->event != KUBE_ERROR)
		return proto_item(envelope->raw.data, envelope->raw.len, out, err);
	rc = kube_unpack(&out->unpacker, &hbr__kube__status__descriptor, envelope->raw.data,
	                 envelope->raw.len, &status, err);
	if (rc < 0)
		return rc;
	kube_status_take(status, &out->status);
	return 0;
}

static int proto_head(const char *data, size_t size, struct kube_seen *out, hbr_error **err)
{
	Hbr__Kube__ListMeta *meta;
	int rc = kube_unpack(&out->unpacker, &hbr__kube__list_meta__descriptor, data, size,
	                     &meta, err);

	if (rc < 0)
		return rc;
	out->version = kube_text(meta->resourceversion);
	out->token = kube_text(meta->continue_);
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	return kube_text(json_string_value(json_object_get(object, key)));
}

static void json_item(json_t *object, struct kube_seen *out)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *end = text_of(json_object_get(meta, "annotations"), INITIAL_END);
	const char *label = text_of(json_object_get(meta, "labels"), OBJECT_LABEL);

	out->object = object;
	out->ns = text_of(meta, "namespace");
	out->name = text_of(meta, "name");
	out->uid = text_of(meta, "uid");
	out->version = text_of(meta, "resourceVersion");
	out->ends_initial = end && strcmp(end, "true") == 0;
	out->is_ours = label && strcmp(label, OBJECT_LABEL_US) == 0;
}

static int json_event(struct kube_seen *out, hbr_error **err)
{
	json_t *object = json_object_get(out->root, "object");
	_cleanup_free_ char *text = NULL;

	out->event = event_of(text_of(out->root, "type"));
	if (out->event == KUBE_UNKNOWN)
		return 0;
	if (!json_is_object(object))
		return hbr_fail(err, HBR_EFORMAT, NULL, "an event has no object");
	if (out->event != KUBE_ERROR) {
		json_item(object, out);
		return 0;
	}
	text = json_dumps(object, JSON_COMPACT);
	if (!text)
		return hbr_oom(err);
	kube_status_read(KUBE_JSON, text, strlen(text), &out->status);
	return 0;
}

int kube_seen_event(enum kube_encoding encoding, const char *data, size_t size,
                    struct kube_seen *out, hbr_error **err)
{
	int rc;

	*out = (struct kube_seen){ 0 };
	if (encoding == KUBE_PROTO) {
		rc = proto_event(data, size, out, err);
	} else {
		rc = json_read(data, size, "watch event", &out->root, err);
		if (rc == 0)
			rc = json_event(out, err);
	}
	return rc < 0 ? rc : check(out, err);
}

int kube_seen_item(enum kube_encoding encoding, const char *data, size_t size,
                   struct kube_seen *out, hbr_error **err)
{
	int rc;

	*out = (struct kube_seen){ .event = KUBE_ADDED };
	if (encoding == KUBE_PROTO) {
		rc = proto_item(data, size, out, err);
	} else {
		rc = json_read(data, size, "list item", &out->root, err);
		if (rc == 0)
			json_item(out->root, out);
	}
	return rc < 0 ? rc : check(out, err);
}

int kube_seen_head(enum kube_encoding encoding, const char *data, size_t size,
                   struct kube_seen *out, hbr_error **err)
{
	int rc;

	*out = (struct kube_seen){ 0 };
	if (encoding == KUBE_PROTO)
		return proto_head(data, size, out, err);
	rc = json_read(data, size, "list metadata", &out->root, err);
	if (rc < 0)
		return rc;
	out->version = text_of(out->root, "resourceVersion");
	out->token = text_of(out->root, "continue");
	return 0;
}

static bool name_kind(json_t *object, const char *key, const char *value)
{
	return json_object_get(object, key) ||
	       json_object_set_new(object, key, json_string(value)) == 0;
}

int kube_seen_text(const struct kube_seen *seen, const char *api_version, const char *kind,
                   char **text, hbr_error **err)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	int rc;

	*text = NULL;
	if (!seen->object)
		return 0;
	json_object_del(json_object_get(seen->object, "metadata"), "managedFields");
	if (!name_kind(seen->object, "apiVersion", api_version) ||
	    !name_kind(seen->object, "kind", kind))
		return hbr_oom(err);
	rc = members_write(seen->object, &out, err);
	if (rc < 0)
		return rc;
	*text = buf_steal(&out);
	return *text ? 0 : hbr_oom(err);
}
