/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting on API objects of others, in which we have members: a Node. A merge patch says these
 * members and no more, on the condition that the object is the one that was looked at. Server-side
 * apply would want to understand all of the object: that of Kubernetes 1.28 cannot, where a Node has
 * two addresses of one type, as every dual-stack one has (kubernetes/kubernetes #121896).
 */
#include "engine/do_object.h"

#include <string.h>

#include "engine/objects.h"
#include "text/members.h"

#define TRIES_MAX 10 /* a kubelet writes its Node every few seconds */

/* The members at hand: without what says which object it is. */
struct sides {
	json_t *before, *after, *now;
};

static void free_sides(struct sides *sides)
{
	json_decref(sides->before);
	json_decref(sides->after);
	json_decref(sides->now);
}

static const char *text_of(const hbr_resource *object)
{
	return object ? ((const hbr_apiobject *)object->body)->text : NULL;
}

/* *out: {} for no object. */
static int read_members(const char *text, json_t **out, hbr_error **err)
{
	static const char *const identity[] = { "name", "namespace" };
	json_t *metadata;
	int rc = json_read(text ? text : "{}", text ? strlen(text) : 2, "the object", out, err);

	if (rc < 0)
		return rc;
	json_object_del(*out, "apiVersion");
	json_object_del(*out, "kind");
	metadata = json_object_get(*out, "metadata");
	for (size_t i = 0; i < hbr_count(identity); i++)
		json_object_del(metadata, identity[i]);
	if (metadata && !json_object_size(metadata))
		json_object_del(*out, "metadata");
	return 0;
}

/* Another object of that name never had what is to come back. */
static bool is_another(const struct object_seen *seen, const hbr_resource *after)
{
	const char *uid = ((const hbr_apiobject *)after->body)->uid;

	return uid && seen->uid && strcmp(uid, seen->uid) != 0;
}

static int read_sides(const struct object_seen *seen, const hbr_op *op, struct sides *out,
                      hbr_error **err)
{
	const hbr_resource *after =
	        op->after && !is_another(seen, op->after) ? op->after : NULL;
	_cleanup_json_ json_t *mask = NULL;
	int rc = read_members(text_of(op->before), &out->before, err);

	if (rc == 0)
		rc = read_members(text_of(after), &out->after, err);
	if (rc == 0)
		rc = read_members(text_of(op->after), &mask, err);
	if (rc < 0)
		return rc;
	out->now = json_deep_copy(seen->object);
	if (!out->now || json_object_update_recursive(mask, out->before) < 0)
		return hbr_oom(err);
	members_cut(out->now, mask);
	return 0;
}

static int name_first(void *user, const char *path, const char *from, const char *to)
{
	struct buf *out = user;

	(void)from;
	if (to && !out->len)
		buf_printf(out, "%s is \"%s\" now", path, to);
	return out->rc ? HBR_ENOMEM : 0;
}

static int fail_conflict(const struct deed *deed, const struct sides *sides, hbr_error **err)
{
	_cleanup_buf_ struct buf before = BUF_INIT, now = BUF_INIT, what = BUF_INIT;
	int rc = members_write(sides->before, &before, err);

	if (rc == 0)
		rc = members_write(sides->now, &now, err);
	if (rc == 0)
		rc = members_diff(before.data, now.data, name_first, &what, err);
	if (rc < 0)
		return rc;
	hbr_fail(err, HBR_ECONFLICT, deed->name, "%s: %s: somebody else changed it", deed->name,
	         what.data ? what.data : "our members");
	hbr_hint(err, "plan again");
	return HBR_ECONFLICT;
}

static int send(struct deed *deed, json_t *patch, hbr_error **err)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	json_t *metadata = json_object_get(patch, "metadata");
	json_t *version = members_at(deed->seen.object, "metadata.resourceVersion");
	hbr_apiobject body = { 0 };
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = HBR_KIND_OBJECT,
		                  .name = deed->name,
		                  .body = &body };
	int rc;

	if (!version)
		return hbr_fail(err, HBR_EKUBE, NULL,
		                "%s: the server does not tell its version", deed->name);
	if (!metadata) {
		metadata = json_object();
		if (json_object_set_new(patch, "metadata", metadata) < 0)
			return hbr_oom(err);
	}
	if (json_object_set(metadata, "resourceVersion", version) < 0)
		return hbr_oom(err);
	rc = members_write(patch, &text, err);
	if (rc < 0)
		return rc;
	body.text = text.data;
	return deed->port->patch(deed->port->self, deed->call, &resource, 0, NULL, err);
}

/* The members are, or become, what they are to be, from what they were: all of them or none. */
static int try_once(struct deed *deed, const hbr_op *op, hbr_error **err)
{
	hbr_cleanup(free_sides) struct sides sides = { 0 };
	_cleanup_json_ json_t *patch = NULL;
	int rc;

	if (!deed->seen.exists)
		return 0;
	rc = read_sides(&deed->seen, op, &sides, err);
	if (rc < 0 || json_equal(sides.now, sides.after))
		return rc;
	/* A member that is gone is nobody's. */
	if (!members_has(sides.before, sides.now) && !members_has(sides.after, sides.now))
		return fail_conflict(deed, &sides, err);
	rc = members_patch(sides.now, sides.after, &patch, err);
	return rc < 0 ? rc : send(deed, patch, err);
}

int members_act(struct deed *deed, const hbr_op *op, hbr_error **err)
{
	const char *name = op->after ? op->after->name : op->before->name;

	for (int tries = 1;; tries++) {
		_cleanup_error_ hbr_error *why = NULL;
		int rc = try_once(deed, op, &why);

		if (rc == HBR_ESTALE && tries == TRIES_MAX)
			return hbr_fail(err, HBR_ECONFLICT, name,
			                "%s changes faster than it can be written", name);
		if (rc != HBR_ESTALE && rc < 0 && err)
			*err = hbr_steal(why);
		if (rc != HBR_ESTALE)
			return rc;
		object_seen_free(&deed->seen);
		rc = object_see(deed->ctx, name, &deed->seen, err);
		if (rc < 0)
			return rc;
	}
}
