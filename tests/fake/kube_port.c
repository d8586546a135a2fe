/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API server in memory behind the kube port: objects with UIDs and versions, and for each field
 * who owns it, as server-side apply has it. It checks no schema.
 */
#include "fake/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake/fields.h"

#define US "libhbr"

/* Owners hold masks: trees whose leaves are true. */
struct fake_owner {
	char *manager;
	json_t *fields;
};

struct fake_object {
	char *name; /* "apiVersion/kind/namespace/name" */
	char uid[16];
	uint64_t version;
	json_t *object; /* without uid and resourceVersion */
	VEC(struct fake_owner) owners;
};

struct parts {
	char text[512];
	char *api_version, *kind, *ns, *name;
};

static void split(const char *name, struct parts *out)
{
	char *at[3];

	snprintf(out->text, sizeof(out->text), "%s", name);
	for (size_t i = hbr_count(at); i-- > 0;) {
		at[i] = fake_place(strrchr(out->text, '/'));
		*at[i]++ = 0;
	}
	out->api_version = out->text;
	out->kind = at[0];
	out->ns = at[1];
	out->name = at[2];
}

void fake_object_free(struct fake_object *object)
{
	for (size_t i = 0; i < object->owners.n; i++) {
		free(object->owners.items[i].manager);
		json_decref(object->owners.items[i].fields);
	}
	vec_free(&object->owners);
	json_decref(object->object);
	free(object->name);
	free(object);
}

static struct fake_object **find(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->objects.n; i++) {
		if (strcmp(world->objects.items[i]->name, name) == 0)
			return &world->objects.items[i];
	}
	return NULL;
}

static bool is_served(const struct world *world, const char *api_version)
{
	for (size_t i = 0; i < world->served.n; i++) {
		if (strcmp(world->served.items[i], api_version) == 0)
			return true;
	}
	return false;
}

static int need_served(const struct world *world, const char *api_version, hbr_error **err)
{
	return is_served(world, api_version)
	               ? 0
	               : hbr_fail(err, HBR_EKUBE, NULL, "the fake does not serve %s",
	                          api_version);
}

static struct fake_owner *owner_of(struct fake_object *object, const char *manager)
{
	struct fake_owner *owner;

	for (size_t i = 0; i < object->owners.n; i++) {
		if (strcmp(object->owners.items[i].manager, manager) == 0)
			return &object->owners.items[i];
	}
	fake_push(&object->owners) = (struct fake_owner){ fake_strdup(manager), NULL };
	owner = &object->owners.items[object->owners.n - 1];
	owner->fields = sure(json_object());
	return owner;
}

static int refuse(const struct fake_object *object, const json_t *said, hbr_error **err)
{
	for (size_t i = 0; i < object->owners.n; i++) {
		const struct fake_owner *owner = &object->owners.items[i];
		char path[512] = "";

		if (strcmp(owner->manager, US) != 0 &&
		    fields_clashes(object->object, said, owner->fields, path, sizeof(path)))
			return hbr_fail(err, HBR_ECONFLICT, object->name,
			                "conflict with \"%s\": %s", owner->manager, path);
	}
	return 0;
}

static void take_over(struct fake_object *object, const json_t *said)
{
	struct fake_owner *own = owner_of(object, US);
	json_t *fields = fields_mask_of(said, "");
	json_t *others[8] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < object->owners.n; i++) {
		struct fake_owner *owner = &object->owners.items[i];
		char path[512] = "";

		if (owner == own)
			continue;
		if (fields_clashes(object->object, said, owner->fields, path, sizeof(path)))
			fields_lose(owner->fields, fields);
		if (n < hbr_count(others))
			others[n++] = owner->fields;
	}
	fields_forget(object->object, own->fields, fields, others, n);
	json_decref(own->fields);
	own->fields = fields;
	fields_update(object->object, (json_t *)said);
}

static int tell(const struct fake_object *object, hbr_sink *sink, hbr_error **err)
{
	json_t *whole = sure(json_deep_copy(object->object));
	json_t *meta = json_object_get(whole, "metadata");
	hbr_apiobject body = { .uid = object->uid };
	hbr_resource seen = { .size = sizeof(seen),
		              .kind = HBR_KIND_OBJECT,
		              .name = object->name,
		              .body = &body };
	char version[32];
	char *text;
	int rc;

	snprintf(version, sizeof(version), "%llu", (unsigned long long)object->version);
	fields_set(meta, "uid", sure(json_string(object->uid)));
	fields_set(meta, "resourceVersion", sure(json_string(version)));
	text = sure(json_dumps(whole, JSON_COMPACT));
	json_decref(whole);
	body.text = text;
	rc = sink->put(sink, &seen, err);
	free(text);
	return rc;
}

static int serves(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_error **err)
{
	int rc = world_tick(self, "kube.serves", false, err);

	(void)call;
	return rc < 0 ? rc : is_served(self, kind->api_version);
}

static int get(void *self, const hbr_call *call, const char *name, hbr_sink *sink,
               hbr_error **err)
{
	int rc = world_tick(self, "kube.get", false, err);
	struct fake_object **place = find(self, name);

	(void)call;
	if (rc < 0)
		return rc;
	return place ? tell(*place, sink, err)
	             : hbr_fail(err, HBR_ENOENT, name, "%s not found", name);
}

static bool is_selected(const struct fake_object *object, const char *selector)
{
	const json_t *labels =
	        json_object_get(json_object_get(object->object, "metadata"), "labels");
	const char *equals = selector ? strchr(selector, '=') : NULL;
	const char *value;
	char key[128];

	if (!equals)
		return true;
	snprintf(key, sizeof(key), "%.*s", (int)(equals - selector), selector);
	value = json_string_value(json_object_get(labels, key));
	return value && strcmp(value, equals + 1) == 0;
}

static int list(void *self, const hbr_call *call, const hbr_kube_kind *kind, hbr_sink *sink,
                hbr_error **err)
{
	struct world *world = self;
	int rc = world_tick(world, "kube.list", false, err);

	(void)call;
	if (rc == 0)
		rc = need_served(world, kind->api_version, err);
	for (size_t i = 0; rc == 0 && i < world->objects.n; i++) {
		struct parts parts;

		split(world->objects.items[i]->name, &parts);
		if (strcmp(parts.api_version, kind->api_version) != 0 ||
		    strcmp(parts.kind, kind->kind) != 0 ||
		    (kind->ns && strcmp(parts.ns, kind->ns) != 0) ||
		    !is_selected(world->objects.items[i], kind->selector))
			continue;
		rc = tell(world->objects.items[i], sink, err);
	}
	return rc;
}

static struct fake_object *make(struct world *world, const char *name)
{
	struct fake_object *made = fake_alloc(sizeof(*made));
	struct parts parts;

	split(name, &parts);
	made->name = fake_strdup(name);
	snprintf(made->uid, sizeof(made->uid), "uid-%u", ++world->next_uid);
	made->object = sure(json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", parts.api_version,
	                              "kind", parts.kind, "metadata", "name", parts.name));
	fake_push(&world->objects) = made;
	return made;
}

/* What the server-side apply of 1.28 stumbles over: a list with the same key twice. */
static bool has_twins(const json_t *object)
{
	const json_t *status = json_object_get(object, "status");
	const json_t *addresses = json_object_get(status, "addresses");
	const json_t *first = json_object_get(json_array_get(addresses, 0), "type");

	return first &&
	       json_equal(first, json_object_get(json_array_get(addresses, 1), "type"));
}

static int apply(void *self, const hbr_call *call, const hbr_resource *wanted, uint32_t flags,
                 hbr_sink *sink, hbr_error **err)
{
	struct world *world = self;
	const char *text = ((const hbr_apiobject *)wanted->body)->text;
	int rc = world_tick(world, "kube.apply", true, err);
	struct fake_object **place = find(world, wanted->name);
	struct fake_object *object;
	json_t *said, *before;
	struct parts parts;

	(void)call;
	split(wanted->name, &parts);
	if (rc == 0)
		rc = need_served(world, parts.api_version, err);
	if (rc < 0)
		return rc;
	said = sure(json_loads(text, JSON_REJECT_DUPLICATES, NULL));
	if (strcmp(json_string_value(json_object_get(said, "apiVersion")), parts.api_version))
		rc = hbr_fail(err, HBR_EKUBE, wanted->name, "the apiVersion is another");
	if (rc == 0 && place && has_twins((*place)->object))
		rc = hbr_fail(err, HBR_EKUBE, wanted->name, "500: duplicate entries for key");
	if (rc == 0 && place && !(flags & HBR_KUBE_FORCE))
		rc = refuse(*place, said, err);
	if (rc < 0 || flags & HBR_KUBE_DRY_RUN) {
		json_decref(said);
		return rc;
	}
	object = place ? *place : make(world, wanted->name);
	before = sure(json_deep_copy(object->object));
	take_over(object, said);
	if (!place || !json_equal(before, object->object))
		object->version = ++world->next_version;
	json_decref(before);
	json_decref(said);
	return tell(object, sink, err);
}

static int patch_object(void *self, const hbr_call *call, const hbr_resource *patch,
                        uint32_t flags, hbr_sink *sink, hbr_error **err)
{
	struct world *world = self;
	const char *text = ((const hbr_apiobject *)patch->body)->text;
	int rc = world_tick(world, "kube.patch", true, err);
	struct fake_object **place = find(world, patch->name);
	json_t *said, *fields, *meta;
	char version[32];

	(void)call;
	(void)flags;
	if (rc == 0 && !place)
		rc = hbr_fail(err, HBR_ENOENT, patch->name, "%s not found", patch->name);
	if (rc < 0)
		return rc;
	said = sure(json_loads(text, JSON_REJECT_DUPLICATES, NULL));
	meta = json_object_get(said, "metadata");
	snprintf(version, sizeof(version), "%llu", (unsigned long long)(*place)->version);
	if (strcmp(version, json_string_value(json_object_get(meta, "resourceVersion"))) != 0)
		rc = hbr_fail(err, HBR_ESTALE, patch->name, "%s was changed", patch->name);
	json_object_del(meta, "resourceVersion");
	if (rc == 0) {
		fields = fields_mask_of(said, "");
		for (size_t i = 0; i < (*place)->owners.n; i++)
			fields_lose((*place)->owners.items[i].fields, fields);
		fields_merge((*place)->object, said);
		(*place)->version = ++world->next_version;
		json_decref(fields);
	}
	json_decref(said);
	return rc < 0 || !sink ? rc : tell(*place, sink, err);
}

static void drop(struct world *world, struct fake_object **place)
{
	fake_object_free(*place);
	*place = world->objects.items[--world->objects.n];
}

static int remove_object(void *self, const hbr_call *call, const char *name, const char *uid,
                         uint32_t flags, hbr_error **err)
{
	int rc = world_tick(self, "kube.remove", true, err);
	struct fake_object **place = find(self, name);

	(void)call;
	if (rc < 0 || flags & HBR_KUBE_DRY_RUN)
		return rc;
	if (!place)
		return hbr_fail(err, HBR_ENOENT, name, "%s not found", name);
	if (uid && strcmp(uid, (*place)->uid) != 0)
		return hbr_fail(err, HBR_ECONFLICT, name, "%s has another UID", name);
	drop(self, place);
	return 0;
}

static void count(void *self, uint64_t *writes, uint64_t *requests)
{
	struct world *world = self;

	*writes = world_calls(world, "kube.apply") + world_calls(world, "kube.remove") +
	          world_calls(world, "kube.patch");
	*requests = *writes + world_calls(world, "kube.get") + world_calls(world, "kube.list") +
	            world_calls(world, "kube.serves");
}

void world_serve(struct world *world, const char *api_version)
{
	fake_push(&world->served) = fake_strdup(api_version);
}

void world_unserve(struct world *world)
{
	for (size_t i = 0; i < world->served.n; i++)
		free(world->served.items[i]);
	world->served.n = 0;
}

void world_object(struct world *world, const char *name, const char *manager, const char *text)
{
	struct fake_object **place = find(world, name);
	struct fake_object *object;
	struct fake_owner *owner;
	json_t *said, *fields;

	if (!text) {
		if (place)
			drop(world, place);
		return;
	}
	said = sure(json_loads(text, 0, NULL));
	object = place ? *place : make(world, name);
	fields = fields_mask_of(said, "");
	for (size_t i = 0; i < object->owners.n; i++)
		fields_lose(object->owners.items[i].fields, fields);
	owner = owner_of(object, manager);
	fields_update(owner->fields, fields);
	fields_update(object->object, said);
	object->version = ++world->next_version;
	json_decref(fields);
	json_decref(said);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct fake_object *const *)a)->name,
	              (*(struct fake_object *const *)b)->name);
}

char *world_objects(struct world *world)
{
	struct buf out = BUF_INIT;
	char *text;

	if (world->objects.n)
		qsort(world->objects.items, world->objects.n, sizeof(*world->objects.items),
		      by_name);
	for (size_t i = 0; i < world->objects.n; i++) {
		char *object = sure(json_dumps(world->objects.items[i]->object,
		                               JSON_COMPACT | JSON_SORT_KEYS));

		buf_printf(&out, "%s %s\n", world->objects.items[i]->name, object);
		free(object);
	}
	text = sure(buf_steal(&out));
	return text;
}

void fake_kube_port(struct world *world)
{
	world->kube_port = (hbr_kube_port){
		.size = sizeof(hbr_kube_port),
		.name = "fake",
		.self = world,
		.serves = serves,
		.get = get,
		.list = list,
		.apply = apply,
		.remove = remove_object,
		.count = count,
		.patch = patch_object,
	};
}
