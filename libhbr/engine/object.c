/* SPDX-License-Identifier: Apache-2.0 */
/* One API object: asked for, and cut to the fields that are ours. */
#include "engine/objects.h"

#include <string.h>

#include "engine/dialect.h"
#include "text/members.h"

bool object_is_labelled(const json_t *object)
{
	const json_t *labels = members_at(object, "metadata.labels");
	const char *value = json_string_value(json_object_get(labels, OBJECT_LABEL));

	return value && strcmp(value, OBJECT_LABEL_US) == 0;
}

static int read_text(const hbr_resource *object, json_t **out, hbr_error **err)
{
	const char *text = ((const hbr_apiobject *)object->body)->text;
	int rc = json_read(text ? text : "", text ? strlen(text) : 0, object->name, out, err);

	if (rc < 0)
		return rc;
	if (json_is_object(*out))
		return 0;
	json_decref(hbr_steal(*out));
	return hbr_fail(err, HBR_EFORMAT, object->name, "%s is no JSON object", object->name);
}

static int keep(struct hbr_sink *sink, const hbr_resource *object, hbr_error **err)
{
	struct object_seen *seen = sink->user;
	const char *uid = ((const hbr_apiobject *)object->body)->uid;
	int rc;

	object_seen_free(seen);
	rc = read_text(object, &seen->object, err);
	if (rc < 0)
		return rc;
	seen->exists = true;
	seen->is_ours = object_is_labelled(seen->object);
	seen->uid = uid ? strdup(uid) : NULL;
	return uid && !seen->uid ? hbr_oom(err) : 0;
}

int object_see(hbr_ctx *ctx, const char *name, struct object_seen *out, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = NULL;
	hbr_sink sink = { .put = keep, .user = out };
	const hbr_kube_port *port;
	struct object_name parts;
	char served[sizeof(parts.text) + 32];
	const char *version;
	int rc = object_name_split(name, &parts, err);

	if (rc == 0)
		rc = dialect_find(ctx, &parts, &version, err);
	if (rc < 0 || !version)
		return rc;
	rc = ctx_kube(ctx, &port, err);
	if (rc < 0)
		return rc;

	hbr_call call = ctx_call(ctx);

	snprintf(served, sizeof(served), "%s/%s/%s/%s", version, parts.kind, parts.ns,
	         parts.name);
	rc = port->get(port->self, &call, served, &sink, &why);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

void object_seen_free(struct object_seen *seen)
{
	json_decref(seen->object);
	free(seen->uid);
	*seen = (struct object_seen){ 0 };
}

static bool set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* What people and programs write, as against what the server adds. */
static json_t *written_mask(const json_t *object)
{
	json_t *mask = json_pack("{s:n, s:n, s:{s:n, s:n, s:n, s:n}}", "apiVersion", "kind",
	                         "metadata", "name", "namespace", "labels", "annotations");
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (!mask || strcmp(key, "status") == 0 || json_object_get(mask, key))
			continue;
		if (!set(mask, key, json_null())) {
			json_decref(mask);
			return NULL;
		}
	}
	return mask;
}

/* Adds the members of a text; those of a damaged one are none. */
static bool add_mask(json_t *mask, const char *text)
{
	_cleanup_json_ json_t *members = NULL;

	if (!text)
		return true;
	if (members_read(text, &members, NULL) < 0)
		return false;
	return !members || json_object_update_recursive(mask, members) == 0;
}

static json_t *mask_of(const json_t *object, const char *one, const char *other)
{
	json_t *mask = one || other ? json_object() : written_mask(object);

	if (mask && add_mask(mask, one) && add_mask(mask, other))
		return mask;
	json_decref(mask);
	return NULL;
}

int object_rename(const hbr_resource *object, struct arena *arena, hbr_resource *out,
                  hbr_error **err)
{
	struct object_name parts;
	int rc = object_name_split(object->name, &parts, err);

	*out = *object;
	if (rc < 0)
		return rc;
	out->name = arena_printf(arena, "%s/%s/%s/%s", dialect_ours(parts.api_version),
	                         parts.kind, parts.ns, parts.name);
	return out->name ? 0 : hbr_oom(err);
}

static int write_body(const json_t *object, struct arena *arena, hbr_apiobject *body,
                      hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int rc = members_write(object, &text, err);

	if (rc < 0)
		return rc;
	body->text = arena_strdup(arena, text.data);
	return body->text ? 0 : hbr_oom(err);
}

int object_cut(const hbr_resource *object, const char *one, const char *other,
               struct arena *arena, hbr_resource *out, hbr_error **err)
{
	_cleanup_json_ json_t *root = NULL, *mask = NULL;
	hbr_apiobject *body = arena_alloc(arena, sizeof(*body));
	const char *version;
	int rc = body ? read_text(object, &root, err) : hbr_oom(err);

	if (rc == 0)
		rc = object_rename(object, arena, out, err);
	if (rc < 0)
		return rc;
	*body = *(const hbr_apiobject *)object->body;
	out->body = body;
	if (object_is_labelled(root))
		out->flags |= HBR_RESOURCE_OURS;
	version = json_string_value(json_object_get(root, "apiVersion"));
	if (version && !set(root, "apiVersion", json_string(dialect_ours(version))))
		return hbr_oom(err);
	mask = mask_of(root, one, other);
	if (!mask)
		return hbr_oom(err);
	members_cut(root, mask);
	return write_body(root, arena, body, err);
}
