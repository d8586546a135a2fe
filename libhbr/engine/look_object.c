/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying API objects: are our fields as wanted, and are the nodes ready. */
#include "engine/verify.h"

#include <string.h>

#include "engine/objects.h"
#include "text/members.h"

#define SHOWN_MAX 3 /* members that are named */

/* What differs, in words: "spec.listenPort 179, spec.bindMode absent". */
struct difference {
	struct buf found, expected;
	size_t n;
};

static int name_member(void *user, const char *path, const char *from, const char *to)
{
	struct difference *difference = user;

	if (difference->n++ >= SHOWN_MAX)
		return 0;
	buf_printf(&difference->found, "%s%s %s", difference->n > 1 ? ", " : "", path,
	           from ? from : "absent");
	buf_printf(&difference->expected, "%s%s %s", difference->n > 1 ? ", " : "", path,
	           to ? to : "absent");
	return difference->found.rc || difference->expected.rc ? HBR_ENOMEM : 0;
}

static int say_different(struct condition *condition, const char *have, const char *want,
                         hbr_error **err)
{
	struct difference difference = { .found = BUF_INIT, .expected = BUF_INIT };
	int rc = members_diff(have, want, name_member, &difference, err);

	if (rc == 0)
		rc = condition_say(condition, false, difference.expected.data,
		                   "somebody changed the object: apply again", err, "%s",
		                   difference.found.data);
	buf_free(&difference.found);
	buf_free(&difference.expected);
	return rc;
}

static int compare(struct condition *condition, const struct object_seen *seen, hbr_error **err)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;
	hbr_cleanup(arena_free) struct arena arena = ARENA_INIT;
	const hbr_resource *wanted = condition->wanted;
	const char *text = ((const hbr_apiobject *)wanted->body)->text;
	hbr_apiobject body = { 0 };
	hbr_resource object = *wanted;
	hbr_resource cut;
	int rc = members_write(seen->object, &whole, err);

	if (rc < 0)
		return rc;
	body.text = whole.data;
	object.body = &body;
	rc = object_cut(&object, text, NULL, &arena, &cut, err);
	if (rc < 0)
		return rc;
	if (resource_differs(wanted, &cut))
		return say_different(condition, ((const hbr_apiobject *)cut.body)->text, text,
		                     err);
	return condition_say(condition, true, "as wanted", NULL, err, "as wanted");
}

int look_object(struct sight *sight, struct condition *condition, hbr_error **err)
{
	_cleanup_object_ struct object_seen seen = { 0 };
	const hbr_resource *wanted = condition->wanted;
	int rc = object_see(sight->ctx, wanted->name, &seen, err);

	if (rc < 0)
		return rc;
	if (seen.exists)
		return compare(condition, &seen, err);
	if (wanted->flags & HBR_RESOURCE_OPTIONAL)
		return condition_say(condition, true, "as wanted, where it is", NULL, err,
		                     "not registered yet");
	return condition_say(condition, false, "there",
	                     "somebody deleted the object: apply again", err, "absent");
}

/* The text of the condition of that type, as the node's agent said it last. */
static const json_t *find_condition(const json_t *node, const char *type)
{
	const json_t *list = members_at(node, "status.conditions");
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *own = json_string_value(json_object_get(item, "type"));

		if (own && strcmp(own, type) == 0)
			return item;
	}
	return NULL;
}

int look_ready(struct sight *sight, struct condition *condition, hbr_error **err)
{
	_cleanup_object_ struct object_seen seen = { 0 };
	_cleanup_buf_ struct buf name = BUF_INIT;
	const json_t *ready;
	const char *status, *message;
	int rc;

	buf_printf(&name, "v1/Node//%s", condition->wanted->owner);
	if (name.rc)
		return hbr_oom(err);
	rc = object_see(sight->ctx, name.data, &seen, err);
	if (rc < 0)
		return rc;
	if (!seen.exists)
		return condition_say(condition, true, "ready, where it is", NULL, err,
		                     "not registered yet");
	ready = find_condition(seen.object, "Ready");
	if (!ready)
		return condition_say(condition, true, "ready", NULL, err,
		                     "its kubelet has not said yet");
	status = json_string_value(json_object_get(ready, "status"));
	if (status && strcmp(status, "True") == 0)
		return condition_say(condition, true, "ready", NULL, err, "ready");
	message = json_string_value(json_object_get(ready, "message"));
	return condition_say(condition, false, "ready",
	                     "kubectl describe node tells more; without a network it waits for "
	                     "Calico",
	                     err, "not ready: %s", message ? message : "no reason is given");
}
