/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting on API objects. Each is looked at first: what came or went meanwhile is somebody else's,
 * and is left alone. The plan decides whose fields may be taken over, so a change is forced.
 */
#include "engine/do_object.h"

#include <string.h>

#include "engine/dialect.h"
#include "hbr/plan.h"
#include "text/members.h"

static int prepare(struct deed *deed, const hbr_resource *what, hbr_error **err)
{
	int rc = object_name_split(what->name, &deed->parts, err);

	if (rc == 0)
		rc = ctx_kube(deed->ctx, &deed->port, err);
	if (rc == 0)
		rc = dialect_need(deed->ctx, &deed->parts, &deed->version, err);
	if (rc < 0)
		return rc;
	snprintf(deed->name, sizeof(deed->name), "%s/%s/%s/%s", deed->version, deed->parts.kind,
	         deed->parts.ns, deed->parts.name);
	return object_see(deed->ctx, what->name, &deed->seen, err);
}

static int keep(struct hbr_sink *sink, const hbr_resource *object, hbr_error **err)
{
	const char *text = ((const hbr_apiobject *)object->body)->text;
	json_t **place = sink->user;

	json_decref(hbr_steal(*place));
	return json_read(text, strlen(text), object->name, place, err);
}

/* Applies; *result is the object as it is then. */
static int apply(struct deed *deed, const char *text, uint32_t flags, json_t **result,
                 hbr_error **err)
{
	_cleanup_json_ json_t *object = NULL;
	_cleanup_buf_ struct buf said = BUF_INIT;
	hbr_sink sink = { .put = keep, .user = result };
	hbr_apiobject body = { 0 };
	hbr_resource wanted = { .size = sizeof(wanted),
		                .kind = HBR_KIND_OBJECT,
		                .name = deed->name,
		                .body = &body };
	int rc = json_read(text ? text : "", text ? strlen(text) : 0, deed->name, &object, err);

	if (rc < 0)
		return rc;
	if (json_object_set_new(object, "apiVersion", json_string(deed->version)) < 0)
		return hbr_oom(err);
	rc = members_write(object, &said, err);
	if (rc < 0)
		return rc;
	body.text = said.data;
	return deed->port->apply(deed->port->self, deed->call, &wanted, flags, &sink, err);
}

static const char *text_of(const hbr_resource *object)
{
	return ((const hbr_apiobject *)object->body)->text;
}

static int delete (struct deed *deed, hbr_error **err)
{
	return deed->port->remove(deed->port->self, deed->call, deed->name, deed->seen.uid, 0,
	                          err);
}

static int create(struct deed *deed, const hbr_resource *after, hbr_error **err)
{
	_cleanup_json_ json_t *result = NULL;

	if (deed->seen.exists)
		return hbr_fail(err, HBR_EEXIST, after->name, "%s is there already",
		                after->name);
	return apply(deed, text_of(after), 0, &result, err);
}

static int change(struct deed *deed, const hbr_op *op, hbr_error **err)
{
	_cleanup_json_ json_t *result = NULL;
	int rc = 0;

	if (!deed->seen.exists)
		return hbr_fail(err, HBR_ENOENT, op->after->name, "%s is not there any more",
		                op->after->name);
	if (op->before)
		rc = object_needs_remake(op->after, op->before, err);
	if (rc > 0)
		rc = delete (deed, err);
	return rc < 0 ? rc : apply(deed, text_of(op->after), HBR_KUBE_FORCE, &result, err);
}

/* Has it nothing but a name left? */
static bool is_bare(const json_t *object)
{
	const json_t *spec = members_at(object, "spec");
	const json_t *labels = members_at(object, "metadata.labels");
	const json_t *annotations = members_at(object, "metadata.annotations");

	return !json_object_size(spec) && !json_object_size(labels) &&
	       !json_object_size(annotations) && !json_object_get(object, "status");
}

/* Our fields go; the object with them when nobody has others in it. */
static int release(struct deed *deed, hbr_error **err)
{
	_cleanup_json_ json_t *result = NULL;
	_cleanup_json_ json_t *bare = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *ns = deed->parts.ns[0] ? deed->parts.ns : NULL;
	int rc;

	bare = json_pack("{s:s, s:s, s:{s:s, s:s*}}", "apiVersion", deed->version, "kind",
	                 deed->parts.kind, "metadata", "name", deed->parts.name, "namespace",
	                 ns);
	if (!bare)
		return hbr_oom(err);
	rc = members_write(bare, &text, err);
	if (rc == 0)
		rc = apply(deed, text.data, HBR_KUBE_FORCE, &result, err);
	return rc < 0 || !is_bare(result) ? rc : delete (deed, err);
}

static int take_away(struct deed *deed, const hbr_resource *before, hbr_error **err)
{
	if (!deed->seen.exists)
		return 0;
	if (object_is_shared(before))
		return release(deed, err);
	if (deed->seen.is_ours)
		return delete (deed, err);
	hbr_fail(err, HBR_ECONFLICT, before->name,
	         "%s does not carry our label any more: it is somebody else's", before->name);
	hbr_hint(err, "delete it by hand if it is not needed");
	return HBR_ECONFLICT;
}

static void free_seen(struct deed *deed)
{
	object_seen_free(&deed->seen);
}

int object_act(hbr_ctx *ctx, const hbr_call *call, const hbr_op *op, hbr_error **err)
{
	hbr_cleanup(free_seen) struct deed deed = { .ctx = ctx, .call = call };
	int rc = prepare(&deed, op->after ? op->after : op->before, err);

	if (rc < 0)
		return rc;
	if (object_is_others(op->after ? op->after : op->before))
		return members_act(&deed, op, err);
	if (op->verb == HBR_VERB_DELETE)
		return take_away(&deed, op->before, err);
	return op->verb == HBR_VERB_CREATE ? create(&deed, op->after, err)
	                                   : change(&deed, op, err);
}
