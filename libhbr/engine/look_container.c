/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying containers, and files whose content is nobody's business. */
#include "engine/verify.h"

#include "engine/named.h"

/* What is there by that name; *seen NULL when nothing is, else borrowed from *state. */
static int find(struct sight *sight, const hbr_resource *wanted, hbr_state **state,
                const hbr_resource **seen, hbr_error **err)
{
	int rc = hbr_state_new(state, err);

	if (rc < 0)
		return rc;

	hbr_sink sink = state_sink(*state);
	rc = named_read(sight->ctx, wanted, &sink, err);
	if (rc < 0)
		return rc;
	*seen = state_find(*state, wanted);
	return 0;
}

int look_container(struct sight *sight, struct condition *condition, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	const hbr_resource *wanted = condition->wanted;
	const hbr_resource *seen = NULL;
	const char *image = ((const hbr_container *)wanted->body)->image;
	const hbr_container *body;
	int rc = find(sight, wanted, &state, &seen, err);

	if (rc < 0)
		return rc;
	if (!seen)
		return condition_say(condition, false, "running",
		                     "somebody removed the container: apply again", err,
		                     "absent");
	body = seen->body;
	if (!(seen->flags & HBR_RESOURCE_OURS))
		return condition_say(
		        condition, false, "running",
		        "remove the container that is in the way, then apply again", err,
		        "a container that is not ours");
	if (!body->running)
		return condition_say(condition, false, "running inside its namespace",
		                     "it ended, or its namespace was made again: apply again",
		                     err, "not running there");
	if (resource_differs(wanted, seen))
		return condition_say(condition, false, "running, as wanted",
		                     "it was made with other settings: apply again", err,
		                     "running, of image %s", body->image);
	return condition_say(condition, true, "running, as wanted", NULL, err,
	                     "running, of image %s", image);
}

int look_reference(struct sight *sight, struct condition *condition, hbr_error **err)
{
	_cleanup_state_ hbr_state *state = NULL;
	const hbr_resource *wanted = condition->wanted;
	const hbr_resource *seen = NULL;
	int rc = find(sight, wanted, &state, &seen, err);
	bool same;

	if (rc < 0)
		return rc;
	if (!seen)
		return condition_say(condition, false, "written",
		                     "somebody removed the file: apply again", err, "absent");
	same = !resource_differs(wanted, seen);
	return condition_say(condition, same, "there, with what it is to hold",
	                     "it or its source was changed: apply again", err, "%s",
	                     same ? "the same" : "different");
}
