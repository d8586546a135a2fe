/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying API objects: are our fields as wanted, and are the nodes ready. */
#include "engine/verify.h"

#include <string.h>

#include "base/prefix.h"
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

static int compare(struct condition *condition, const hbr_resource *seen, hbr_error **err)
{
	hbr_cleanup(arena_free) struct arena arena = ARENA_INIT;
	const hbr_resource *wanted = condition->wanted;
	const char *text = ((const hbr_apiobject *)wanted->body)->text;
	hbr_resource cut;
	int rc = object_cut(seen, text, NULL, &arena, &cut, err);

	if (rc < 0)
		return rc;
	if (resource_differs(wanted, &cut))
		return say_different(condition, ((const hbr_apiobject *)cut.body)->text, text,
		                     err);
	return condition_say(condition, true, "as wanted", NULL, err, "as wanted");
}

/* The pool of others that overlaps this one, and where; or NULL. */
static int find_rival(struct sight *sight, const hbr_resource *pool, const hbr_resource **out,
                      hbr_addr *net, hbr_error **err)
{
	const hbr_state *pools;
	hbr_addr own;
	int rc = sight_objects(sight, pool->name, &pools, err);

	*out = NULL;
	if (rc == 0)
		rc = object_pool_net(pool, &own, err);
	for (size_t i = 0; rc == 0 && own.family && i < hbr_state_count(pools); i++) {
		const hbr_resource *row = hbr_state_at(pools, i);

		rc = object_pool_net(row, net, err);
		if (rc < 0 || state_find(sight->wanted, row) || !net->family ||
		    !prefix_overlaps(net, &own))
			continue;
		*out = row;
		break;
	}
	return rc;
}

static int say_rival(struct condition *condition, const hbr_resource *rival,
                     const hbr_addr *net, hbr_error **err)
{
	_cleanup_buf_ struct buf label = BUF_INIT;
	char text[PREFIX_TEXT];

	object_label(rival, &label);
	if (label.rc)
		return hbr_oom(err);
	return condition_say(condition, false, "alone with its addresses",
	                     "Calico works with no pools that overlap: delete the other one, "
	                     "or choose another prefix",
	                     err, "overlapped by %s (%s)", label.data,
	                     prefix_format(net, text));
}

int look_object(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_resource *wanted = condition->wanted;
	const hbr_resource *seen, *rival = NULL;
	hbr_addr net;
	int rc = sight_object(sight, wanted->name, &seen, err);

	if (rc == 0 && object_is_pool(wanted))
		rc = find_rival(sight, wanted, &rival, &net, err);
	if (rc < 0)
		return rc;
	if (rival)
		return say_rival(condition, rival, &net, err);
	if (seen)
		return compare(condition, seen, err);
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
	_cleanup_json_ json_t *node = NULL;
	_cleanup_buf_ struct buf name = BUF_INIT;
	const hbr_resource *seen;
	const json_t *ready;
	const char *status, *message;
	int rc;

	buf_printf(&name, "v1/Node//%s", condition->wanted->owner);
	if (name.rc)
		return hbr_oom(err);
	rc = sight_object(sight, name.data, &seen, err);
	if (rc == 0 && seen)
		rc = members_read(((const hbr_apiobject *)seen->body)->text, &node, err);
	if (rc < 0)
		return rc;
	if (!seen)
		return condition_say(condition, true, "ready, where it is", NULL, err,
		                     "not registered yet");
	ready = find_condition(node, "Ready");
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
