/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API server in memory behind the kube port: objects with UIDs and versions, and for each field
 * who owns it, as server-side apply has it. It checks no schema.
 */
#include "fake/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US "libhbr"

/* When memory runs out on purpose, it is the library that is to meet it: a second try works. */
#define sure(expr)                            \
	({                                    \
		__typeof__(expr) r_ = (expr); \
                                              \
		r_ ? r_ : fake_place(expr);   \
	})

static void set(json_t *object, const char *key, json_t *value)
{
	json_incref(value);
	/* A failure takes the reference, too. */
	if (json_object_set_new(object, key, value) < 0)
		json_object_set_new(object, key, value);
	else
		json_decref(value);
}

static void update(json_t *object, json_t *with)
{
	if (json_object_update_recursive(object, with) < 0)
		json_object_update_recursive(object, with);
}

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

/* Identity is nobody's field. */
static bool is_identity(const char *path)
{
	static const char *const paths[] = { ".apiVersion", ".kind", ".metadata.name",
		                             ".metadata.namespace" };

	for (size_t i = 0; i < hbr_count(paths); i++) {
		if (strcmp(path, paths[i]) == 0)
			return true;
	}
	return false;
}

static json_t *mask_of(const json_t *value, const char *path)
{
	const char *key;
	json_t *member, *mask;

	if (!json_is_object(value) || !json_object_size(value))
		return is_identity(path) ? NULL : json_true();
	mask = sure(json_object());
	json_object_foreach((json_t *)value, key, member)
	{
		char below[512];
		json_t *part;

		snprintf(below, sizeof(below), "%s.%s", path, key);
		part = mask_of(member, below);
		if (part)
			set(mask, key, part);
	}
	return mask;
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

/* The first field that `said` would change and `mask` owns; its path into buf. */
static bool clashes(const json_t *now, const json_t *said, const json_t *mask, char *path,
                    size_t size)
{
	size_t length = strlen(path);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)said, key, value)
	{
		json_t *own = json_object_get(mask, key);
		json_t *is = json_object_get(now, key);

		if (!own)
			continue;
		snprintf(path + length, size - length, ".%s", key);
		if (json_is_object(value) && json_is_object(own)
		            ? clashes(is, value, own, path, size)
		            : !json_equal(is, value))
			return true;
		path[length] = 0;
	}
	return false;
}

/* Takes out of `mask` whatever `taken` has. */
static void lose(json_t *mask, const json_t *taken)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(mask, next, key, value)
	{
		json_t *gone = json_object_get(taken, key);

		if (!gone)
			continue;
		if (json_is_object(value) && json_is_object(gone))
			lose(value, gone);
		if (!json_is_object(value) || !json_object_size(value))
			json_object_del(mask, key);
	}
}

/* Deletes what we said once, say no more, and nobody else has. */
static void forget(struct fake_object *object, json_t *now, const json_t *once,
                   const json_t *said, json_t *const *others, size_t n)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe((json_t *)once, next, key, value)
	{
		json_t *still = json_object_get(said, key);
		json_t *is = json_object_get(now, key);
		json_t *below[8] = { NULL };
		bool is_others = false;

		for (size_t i = 0; i < n && i < hbr_count(below); i++) {
			below[i] = json_object_get(others[i], key);
			is_others |= below[i] && !json_is_object(below[i]);
		}
		if (json_is_object(value) && json_is_object(is)) {
			forget(object, is, value, still, below, n);
			if (!json_object_size(is))
				json_object_del(now, key);
		} else if (!still && !is_others) {
			json_object_del(now, key);
		}
	}
}

static int refuse(const struct fake_object *object, const json_t *said, hbr_error **err)
{
	for (size_t i = 0; i < object->owners.n; i++) {
		const struct fake_owner *owner = &object->owners.items[i];
		char path[512] = "";

		if (strcmp(owner->manager, US) != 0 &&
		    clashes(object->object, said, owner->fields, path, sizeof(path)))
			return hbr_fail(err, HBR_ECONFLICT, object->name,
			                "conflict with \"%s\": %s", owner->manager, path);
	}
	return 0;
}

static void take_over(struct fake_object *object, const json_t *said)
{
	struct fake_owner *own = owner_of(object, US);
	json_t *fields = mask_of(said, "");
	json_t *others[8] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < object->owners.n; i++) {
		struct fake_owner *owner = &object->owners.items[i];
		char path[512] = "";

		if (owner == own)
			continue;
		if (clashes(object->object, said, owner->fields, path, sizeof(path)))
			lose(owner->fields, fields);
		if (n < hbr_count(others))
			others[n++] = owner->fields;
	}
	forget(object, object->object, own->fields, fields, others, n);
	json_decref(own->fields);
	own->fields = fields;
	update(object->object, (json_t *)said);
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
	set(meta, "uid", sure(json_string(object->uid)));
	set(meta, "resourceVersion", sure(json_string(version)));
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

	*writes = world_calls(world, "kube.apply") + world_calls(world, "kube.remove");
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
	fields = mask_of(said, "");
	for (size_t i = 0; i < object->owners.n; i++)
		lose(object->owners.items[i].fields, fields);
	owner = owner_of(object, manager);
	update(owner->fields, fields);
	update(object->object, said);
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
	};
}
