/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying namespaces, links, addresses, routes, sysctls and files against the machine. */
#include "engine/verify.h"

#include <string.h>

#include "base/buf.h"

int look_netns(struct sight *sight, struct condition *condition, hbr_error **err)
{
	struct view *view;
	int rc = sight_view(sight, condition->wanted->name, &view, err);

	if (rc < 0)
		return rc;
	return condition_say(condition, view->exists, "exists",
	                     "somebody deleted the namespace: apply again", err, "%s",
	                     view->exists ? "exists" : "absent");
}

/* The second reader knows less than the first: what it did not read is not compared. */
static bool is_read(const hbr_resource *have, const struct attr *attr)
{
	if (attr->has)
		return attr_present(have, attr);
	return !attr_is_string(attr) || attr->use != ATTR_REMAKE || attr_string(have, attr);
}

static void list_attr(const hbr_resource *row, const struct attr *attr, struct buf *out)
{
	buf_printf(out, "%s%s ", out->len ? ", " : "", attr->name);
	if (attr_present(row, attr))
		attr_format(row, attr, out);
	else
		buf_puts(out, "none");
}

/* The attributes that differ, each side as text. */
static size_t list_differences(const hbr_resource *wanted, const hbr_resource *have,
                               struct buf *expected, struct buf *found)
{
	const struct kind *kind = kind_of(wanted->kind);
	size_t n = 0;

	for (uint32_t i = 0; i < kind->n_attrs; i++) {
		const struct attr *attr = &kind->attrs[i];

		if (!is_read(have, attr) || !attr_differs(wanted, have, attr))
			continue;
		list_attr(wanted, attr, expected);
		list_attr(have, attr, found);
		n++;
	}
	return n;
}

static const char *absent_hint(const hbr_resource *wanted)
{
	switch (wanted->kind) {
	case HBR_KIND_LINK:
		return "somebody deleted or moved the link: apply again";
	case HBR_KIND_ADDR:
		return "the address went with its link (IPv6 ones go when it is set down): "
		       "apply again";
	case HBR_KIND_ROUTE:
		return "the route went when its link was set down: apply again";
	default:
		return NULL;
	}
}

/* Is the other end of the pair to be left down? */
static bool is_left_alone(const struct sight *sight, const hbr_link *wanted)
{
	const hbr_resource like = { .kind = HBR_KIND_LINK,
		                    .netns = wanted->peer_netns,
		                    .name = wanted->peer };
	const hbr_resource *other = wanted->peer ? state_find(sight->wanted, &like) : NULL;
	const hbr_link *end = other ? other->body : NULL;

	return end && end->has & HBR_LINK_HAS_UP && !end->up;
}

static bool needs_carrier(const struct sight *sight, const hbr_link *wanted)
{
	if (!(wanted->has & HBR_LINK_HAS_UP) || !wanted->up)
		return false;
	return wanted->type == HBR_LINK_NIC ||
	       (wanted->type == HBR_LINK_VETH && !is_left_alone(sight, wanted));
}

static int say_carrier(struct condition *condition, const hbr_link *wanted, hbr_error **err)
{
	return condition_say(condition, false, "up, with carrier",
	                     wanted->type == HBR_LINK_VETH
	                             ? "the other end of the pair is down"
	                             : "the cable, or the other end of it, is down",
	                     err, "up, no carrier");
}

static const char *difference_hint(const hbr_resource *wanted, const hbr_resource *have)
{
	const hbr_link *want = wanted->body;
	const hbr_link *seen = have->body;

	if (wanted->kind == HBR_KIND_LINK && want->has & HBR_LINK_HAS_UP && want->up &&
	    !seen->up)
		return "somebody set the link down, and the routes over it went: apply again";
	return "somebody changed it: apply again";
}

int look_kernel(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_resource *wanted = condition->wanted;
	_cleanup_buf_ struct buf expected = BUF_INIT;
	_cleanup_buf_ struct buf found = BUF_INIT;
	const hbr_resource *have;
	struct view *view;
	int rc = sight_view(sight, resource_netns(wanted), &view, err);

	if (rc < 0)
		return rc;
	resource_summary(wanted, &expected);
	have = state_find(view->state, wanted);
	if (!have) {
		bool optional = wanted->flags & HBR_RESOURCE_OPTIONAL;

		return condition_say(condition, optional,
		                     expected.data ? expected.data : "there",
		                     absent_hint(wanted), err, "%s",
		                     view->exists ? "absent" : "its namespace does not exist");
	}
	buf_reset(&expected);
	if (list_differences(wanted, have, &expected, &found)) {
		if (expected.rc || found.rc)
			return hbr_oom(err);
		return condition_say(condition, false, expected.data,
		                     difference_hint(wanted, have), err, "%s", found.data);
	}
	if (wanted->kind == HBR_KIND_LINK && needs_carrier(sight, wanted->body) &&
	    !((const hbr_link *)have->body)->running)
		return say_carrier(condition, wanted->body, err);
	buf_reset(&expected);
	resource_summary(wanted, &expected);
	return condition_say(condition, true, expected.len ? expected.data : "there", NULL, err,
	                     "the same");
}

static bool is_forwarding(const char *key)
{
	return strstr(key, "forward");
}

int look_sysctl(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_netns_port *port = sight->ctx->netns;
	const hbr_resource *wanted = condition->wanted;
	const hbr_sysctl *body = wanted->body;
	const char *hint =
	        is_forwarding(wanted->name)
	                ? "packets are not forwarded here: somebody turned it off, apply again"
	                : "somebody changed it: apply again, and look into /etc/sysctl.d";
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *value = NULL;
	hbr_call call = ctx_call(sight->ctx);
	int rc = port->sysctl_get(port->self, &call, resource_netns(wanted), wanted->name,
	                          &value, &why);

	if (rc == HBR_ENOENT)
		return condition_say(condition, wanted->flags & HBR_RESOURCE_OPTIONAL,
		                     body->value, "this kernel or namespace does not have it",
		                     err, "absent");
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}

	const hbr_sysctl seen_body = { .value = value };
	const hbr_resource seen = { .kind = HBR_KIND_SYSCTL, .body = &seen_body };
	return condition_say(condition, !resource_differs(wanted, &seen), body->value, hint,
	                     err, "%s", value);
}

int look_file(struct sight *sight, struct condition *condition, hbr_error **err)
{
	const hbr_host_port *port = sight->ctx->host;
	const hbr_resource *wanted = condition->wanted;
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_free_ char *text = NULL;
	hbr_call call = ctx_call(sight->ctx);
	uint32_t mode = 0;
	size_t size = 0;
	int rc;

	if (wanted->flags & HBR_RESOURCE_SECRET || !((const hbr_file *)wanted->body)->text)
		return look_reference(sight, condition, err);
	rc = port->file_get(port->self, &call, wanted->name, &text, &size, &mode, &why);
	if (rc == HBR_ENOENT)
		return condition_say(condition, false, "written",
		                     "somebody removed the file: apply again", err, "absent");
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}

	const hbr_file seen_body = { .text = text, .mode = mode, .size = (uint32_t)size };
	const hbr_resource seen = { .kind = HBR_KIND_FILE, .body = &seen_body };
	bool same = !resource_differs(wanted, &seen);
	return condition_say(condition, same, "as rendered",
	                     "somebody edited the file: apply again", err, "%s",
	                     same ? "the same" : "different");
}
