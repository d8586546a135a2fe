/* SPDX-License-Identifier: Apache-2.0 */
/* The API server in memory. */
#include "kube_watch_fake.h"

#include "port/kube_proto.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static void log_event(struct fake *fake, const char *type, int object)
{
	ck_assert_uint_lt(fake->version, FAKE_EVENTS);
	fake->objects[object].version = fake->version + 1;
	fake->events[fake->version++] =
	        (struct fake_event){ type, object, fake->objects[object] };
}

void fake_touch(struct fake *fake, int object)
{
	bool is_new = !fake->objects[object].uid;

	if (is_new)
		fake->objects[object].uid = ++fake->uids;
	log_event(fake, is_new ? "ADDED" : "MODIFIED", object);
}

void fake_delete(struct fake *fake, int object)
{
	if (!fake->objects[object].uid)
		return;
	log_event(fake, "DELETED", object);
	fake->objects[object] = (struct fake_object){ 0 };
}

void fake_compact(struct fake *fake)
{
	fake->compacted = fake->version;
}

/* Items of lists have no kind, as those of built-in kinds. */
const char *fake_manager(const struct fake_object *object)
{
	return object->uid % 2 ? "libhbr" : "them";
}

static void put_json(struct buf *out, int object, const struct fake_object *of, bool has_kind)
{
	buf_printf(out,
	           "{%s\"metadata\":{\"name\":\"o%d\",\"namespace\":\"t\",\"uid\":\"u%u\","
	           "\"resourceVersion\":\"%u\",\"labels\":{\"app.kubernetes.io/managed-by\":"
	           "\"%s\"},\"managedFields\":[{\"manager\":\"x\"}]},"
	           "\"data\":{\"brace\":\"}\\\"]{\",\"version\":\"%u\"}}",
	           has_kind ? "\"kind\":\"Thing\",\"apiVersion\":\"t/v1\"," : "", object,
	           of->uid, of->version, fake_manager(of), of->version);
}

struct meta {
	char name[16], uid[16], version[16];
	Hbr__Kube__Text label, *labels[1];
	Hbr__Kube__ObjectMeta meta;
	Hbr__Kube__PartialObjectMetadata object;
};

static void fill_meta(struct meta *meta, int object, const struct fake_object *of)
{
	hbr__kube__object_meta__init(&meta->meta);
	hbr__kube__partial_object_metadata__init(&meta->object);
	snprintf(meta->name, sizeof(meta->name), "o%d", object);
	snprintf(meta->uid, sizeof(meta->uid), "u%u", of->uid);
	snprintf(meta->version, sizeof(meta->version), "%u", of->version);
	meta->meta.name = meta->name;
	meta->meta.namespace_ = (char *)"t";
	meta->meta.uid = meta->uid;
	meta->meta.resourceversion = meta->version;
	hbr__kube__text__init(&meta->label);
	meta->label.key = (char *)"app.kubernetes.io/managed-by";
	meta->label.value = (char *)fake_manager(of);
	meta->labels[0] = &meta->label;
	meta->meta.labels = meta->labels;
	meta->meta.n_labels = 1;
	meta->object.metadata = &meta->meta;
}

static void put_frame(struct buf *out, const char *type, const ProtobufCMessage *message,
                      const char *kind)
{
	_cleanup_buf_ struct buf object = BUF_INIT;
	Hbr__Kube__RawExtension raw = HBR__KUBE__RAW_EXTENSION__INIT;
	Hbr__Kube__WatchEvent event = HBR__KUBE__WATCH_EVENT__INIT;
	size_t size;

	ck_assert_int_eq(kube_write(message, "v1", kind, &object, NULL), 0);
	raw.has_raw = true;
	raw.raw = (ProtobufCBinaryData){ object.len, (uint8_t *)object.data };
	event.type = (char *)type;
	event.object = &raw;
	size = hbr__kube__watch_event__get_packed_size(&event);
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_putc(out, (char)(size >> shift & 0xff));
	ck_assert(buf_reserve(out, size));
	hbr__kube__watch_event__pack(&event, (uint8_t *)out->data + out->len);
	out->len += size;
}

static void put_event(struct fake_reply *reply, const char *type, int object,
                      const struct fake_object *of)
{
	struct meta meta;

	if (reply->is_proto) {
		fill_meta(&meta, object, of);
		put_frame(&reply->body, type, &meta.object.base, "PartialObjectMetadata");
		return;
	}
	buf_printf(&reply->body, "{\"type\":\"%s\",\"object\":", type);
	put_json(&reply->body, object, of, true);
	buf_puts(&reply->body, "}\n");
}

void fake_follow(const struct fake *fake, struct fake_reply *reply)
{
	while (reply->is_watch && !reply->is_over && reply->at < fake->version) {
		const struct fake_event *event = &fake->events[reply->at++];

		put_event(reply, event->type, event->object, &event->was);
	}
}

void fake_repeat(const struct fake *fake, struct fake_reply *reply, unsigned from)
{
	for (unsigned i = from; i < reply->at; i++)
		put_event(reply, fake->events[i].type, fake->events[i].object,
		          &fake->events[i].was);
}

void fake_bookmark(const struct fake *fake, struct fake_reply *reply, bool ends_initial)
{
	static const char initial[] = "k8s.io/initial-events-end";
	Hbr__Kube__Text text = HBR__KUBE__TEXT__INIT;
	Hbr__Kube__Text *texts[] = { &text };
	struct fake_object none = { 0, reply->at };
	struct meta meta;

	(void)fake;
	if (!reply->is_proto) {
		buf_printf(&reply->body,
		           "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{"
		           "\"resourceVersion\":\"%u\"",
		           reply->at);
		if (ends_initial)
			buf_printf(&reply->body, ",\"annotations\":{\"%s\":\"true\"}", initial);
		buf_puts(&reply->body, "}}}\n");
		return;
	}
	fill_meta(&meta, 0, &none);
	meta.meta.name = meta.meta.namespace_ = meta.meta.uid = (char *)"";
	text.key = (char *)initial;
	text.value = (char *)"true";
	meta.meta.annotations = texts;
	meta.meta.n_annotations = ends_initial;
	put_frame(&reply->body, "BOOKMARK", &meta.object.base, "PartialObjectMetadata");
}

static void fill_status(Hbr__Kube__Status *status, long code, const char *reason)
{
	hbr__kube__status__init(status);
	status->has_code = true;
	status->code = (int32_t)code;
	status->reason = (char *)reason;
	status->message = (char *)"no";
}

static void put_status(struct buf *out, long code, const char *reason)
{
	buf_printf(out,
	           "{\"kind\":\"Status\",\"code\":%ld,\"reason\":\"%s\",\"message\":\"no\","
	           "\"details\":{\"causes\":[{\"reason\":\"%s\"}]}}",
	           code, reason, reason);
}

void fake_error(struct fake_reply *reply, int code, const char *reason)
{
	Hbr__Kube__Status status;

	fill_status(&status, code, reason);
	if (reply->is_proto) {
		put_frame(&reply->body, "ERROR", &status.base, "Status");
	} else {
		buf_puts(&reply->body, "{\"type\":\"ERROR\",\"object\":");
		put_status(&reply->body, code, reason);
		buf_puts(&reply->body, "}\n");
	}
	reply->is_over = true;
}

void fake_refuse(struct fake_reply *reply, long status, const char *reason, bool is_proto)
{
	Hbr__Kube__Status message;

	buf_reset(&reply->body);
	reply->status = status;
	reply->is_over = true;
	reply->type = is_proto ? KUBE_TYPE_PROTO : KUBE_TYPE_JSON;
	fill_status(&message, status, reason);
	if (is_proto)
		ck_assert_int_eq(kube_write(&message.base, "v1", "Status", &reply->body, NULL),
		                 0);
	else
		put_status(&reply->body, status, reason);
}

/* A parameter of the query as a number, or `missing`. */
static long query(const char *path, const char *name, long missing)
{
	_cleanup_free_ char *key = NULL;
	const char *at;

	ck_assert_int_gt(asprintf(&key, "%s=", name), 0);
	for (at = strchr(path, '?'); at; at = strchr(at, '&')) {
		if (strncmp(++at, key, strlen(key)) == 0)
			return strtol(at + strlen(key), NULL, 10);
	}
	return missing;
}

static void put_proto_list(struct fake_reply *reply, const struct fake *fake, int from, int to,
                           const char *version, const char *token)
{
	struct meta metas[FAKE_OBJECTS];
	Hbr__Kube__PartialObjectMetadata *items[FAKE_OBJECTS];
	Hbr__Kube__PartialObjectMetadataList list =
	        HBR__KUBE__PARTIAL_OBJECT_METADATA_LIST__INIT;
	Hbr__Kube__ListMeta meta = HBR__KUBE__LIST_META__INIT;

	meta.resourceversion = (char *)version;
	meta.continue_ = (char *)token;
	list.metadata = &meta;
	list.items = items;
	for (int i = from; i < to; i++) {
		if (!fake->objects[i].uid)
			continue;
		fill_meta(&metas[i], i, &fake->objects[i]);
		items[list.n_items++] = &metas[i].object;
	}
	ck_assert_int_eq(kube_write(&list.base, "meta.k8s.io/v1", "PartialObjectMetadataList",
	                            &reply->body, NULL),
	                 0);
}

static void put_json_list(struct fake_reply *reply, const struct fake *fake, int from, int to,
                          const char *version, const char *token)
{
	const char *comma = "";

	buf_puts(&reply->body, "{\"kind\":\"ThingList\",\"apiVersion\":\"t/v1\",");
	buf_printf(&reply->body, "\"metadata\":{\"resourceVersion\":\"%s\"", version);
	if (*token)
		buf_printf(&reply->body, ",\"continue\":\"%s\"", token);
	buf_puts(&reply->body, "},\"items\":[");
	for (int i = from; i < to; i++) {
		if (!fake->objects[i].uid)
			continue;
		buf_puts(&reply->body, comma);
		put_json(&reply->body, i, &fake->objects[i], false);
		comma = ",";
	}
	buf_puts(&reply->body, "]}\n");
}

/* A page is a range of slots; pages are of one version only while nothing changes. */
static void list(struct fake *fake, const char *path, struct fake_reply *reply)
{
	long limit = query(path, "limit", 0);
	long token = query(path, "continue", 0);
	long version = token ? token / FAKE_OBJECTS : (long)fake->version;
	int from = (int)(token % FAKE_OBJECTS);
	int to = limit && from + limit < FAKE_OBJECTS ? from + (int)limit : FAKE_OBJECTS;
	char next[24] = "", text[24];

	if (query(path, "resourceVersion", 0) > (long)fake->version) {
		fake_refuse(reply, 504, "ResourceVersionTooLarge", reply->is_proto);
		return;
	}
	if (version != (long)fake->version) {
		fake_refuse(reply, 410, "Expired", reply->is_proto);
		return;
	}
	if (to < FAKE_OBJECTS)
		snprintf(next, sizeof(next), "%ld", version * FAKE_OBJECTS + to);
	snprintf(text, sizeof(text), "%ld", version);
	if (reply->is_proto)
		put_proto_list(reply, fake, from, to, text, next);
	else
		put_json_list(reply, fake, from, to, text, next);
	reply->is_over = true;
}

static void watch(struct fake *fake, const char *path, struct fake_reply *reply)
{
	long version = query(path, "resourceVersion", -1);

	reply->is_watch = true;
	if (query(path, "sendInitialEvents", -1) >= 0 ||
	    strstr(path, "sendInitialEvents=true")) {
		if (!fake->has_stream) {
			fake_refuse(reply, 422, "Invalid", reply->is_proto);
			return;
		}
		for (int i = 0; i < FAKE_OBJECTS; i++) {
			if (fake->objects[i].uid)
				put_event(reply, "ADDED", i, &fake->objects[i]);
		}
		reply->at = fake->version;
		fake_bookmark(fake, reply, true);
		return;
	}
	ck_assert_int_ge(version, 0);
	reply->at = (unsigned)version;
	if (version < (long)fake->compacted)
		fake_error(reply, 410, "Expired");
	else if (version > (long)fake->version)
		fake_refuse(reply, 504, "ResourceVersionTooLarge", reply->is_proto);
	else
		fake_follow(fake, reply);
}

void fake_answer(struct fake *fake, const char *path, const char *accept,
                 struct fake_reply *reply)
{
	buf_reset(&reply->body);
	*reply = (struct fake_reply){
		.status = 200,
		.body = reply->body,
		.is_proto = strstr(accept, "protobuf"),
	};
	reply->type = reply->is_proto ? KUBE_TYPE_PROTO ";stream=watch" : KUBE_TYPE_JSON;
	if (strstr(path, "watch=1"))
		watch(fake, path, reply);
	else
		list(fake, path, reply);
}
