/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: server-side apply, merge patches; deletion, which is waited for. */
#include <string.h>

#include "base/wake.h"
#include "port/kube_inside.h"
#include "port/netns.h"
#include "text/members.h"

#define METADATA_ONLY \
	"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
#define REST_MS 50 /* between two looks whether it is gone; doubles */
#define REST_MAX_MS 1000

/* The member is there and says so, or is added. */
static int insist(json_t *object, const char *key, const char *value,
                  const struct kube_target *target, hbr_error **err)
{
	const json_t *have = json_object_get(object, key);

	if (!have)
		return json_object_set_new(object, key, json_string(value)) < 0 ? hbr_oom(err)
		                                                                : 0;
	if (json_is_string(have) && strcmp(json_string_value(have), value) == 0)
		return 0;
	return hbr_fail(err, HBR_EINVAL, NULL, "%s: its %s is not \"%s\"", target->label.data,
	                key, value);
}

static int write_body(const struct kube_target *target, const hbr_resource *wanted,
                      struct buf *out, hbr_error **err)
{
	const hbr_apiobject *body = wanted->body;
	const char *text = body && body->text ? body->text : "";
	_cleanup_json_ json_t *object = NULL;
	json_t *metadata;
	int rc = json_read(text, strlen(text), wanted->name, &object, err);

	if (rc < 0)
		return rc;
	if (!json_is_object(object))
		return hbr_fail(err, HBR_EINVAL, NULL, "%s: this is no object",
		                target->label.data);
	metadata = json_object_get(object, "metadata");
	if (!metadata) {
		metadata = json_object();
		if (json_object_set_new(object, "metadata", metadata) < 0)
			return hbr_oom(err);
	}
	rc = insist(object, "apiVersion", target->api_version, target, err);
	if (rc == 0)
		rc = insist(object, "kind", target->kind, target, err);
	if (rc == 0)
		rc = insist(metadata, "name", target->name, target, err);
	if (rc == 0 && *target->ns)
		rc = insist(metadata, "namespace", target->ns, target, err);
	return rc < 0 ? rc : members_write(object, out, err);
}

/* Asks with this query for a PATCH, and puts what the object is then. */
static int write_object(struct kube *kube, const hbr_call *call, struct kube_question *question,
                        const char *query, hbr_sink *sink, hbr_error **err)
{
	_cleanup_kube_found_ struct kube_found found = { 0 };
	_cleanup_buf_ struct buf path = BUF_INIT;
	_cleanup_json_ json_t *object = NULL;
	int rc;

	buf_printf(&path, "%s?fieldManager=" KUBE_MANAGER "&fieldValidation=Strict%s%s",
	           question->target->path.data, query,
	           question->flags & KUBE_WRITES ? "" : "&dryRun=All");
	if (path.rc)
		return hbr_oom(err);
	question->method = "PATCH";
	question->verb = "patch";
	question->path = path.data;
	rc = kube_ask_json(kube, call, question, &object, err);
	if (rc == 0)
		rc = kube_find(question->target, object, &found, err);
	return rc < 0 || !sink ? rc : kube_put(&found, sink, err);
}

int kube_apply(void *self, const hbr_call *call, const hbr_resource *wanted, uint32_t flags,
               hbr_sink *sink, hbr_error **err)
{
	_cleanup_kube_target_ struct kube_target target = { .path = BUF_INIT };
	_cleanup_buf_ struct buf body = BUF_INIT;
	struct kube_question question = {
		.content_type = "application/apply-patch+yaml",
		.body = &body,
		.target = &target,
		.flags = flags & HBR_KUBE_DRY_RUN ? 0 : KUBE_WRITES,
	};
	int rc = kube_target_open(self, call, wanted->name, &target, err);

	if (rc == 0)
		rc = write_body(&target, wanted, &body, err);
	return rc < 0 ? rc
	              : write_object(self, call, &question,
	                             flags & HBR_KUBE_FORCE ? "&force=true" : "", sink, err);
}

int kube_patch(void *self, const hbr_call *call, const hbr_resource *patch, uint32_t flags,
               hbr_sink *sink, hbr_error **err)
{
	_cleanup_kube_target_ struct kube_target target = { .path = BUF_INIT };
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_buf_ struct buf body = BUF_INIT;
	const char *text = ((const hbr_apiobject *)patch->body)->text;
	struct kube_question question = {
		.content_type = "application/merge-patch+json",
		.body = &body,
		.target = &target,
		.flags = flags & HBR_KUBE_DRY_RUN ? 0 : KUBE_WRITES,
	};
	int rc = kube_target_open(self, call, patch->name, &target, err);

	if (rc < 0)
		return rc;
	buf_puts(&body, text ? text : "");
	if (body.rc)
		return hbr_oom(err);
	rc = write_object(self, call, &question, "", sink, &why);
	if (rc == HBR_ECONFLICT)
		return hbr_fail(err, HBR_ESTALE, NULL,
		                "%s was changed by somebody else meanwhile", target.label.data);
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}

/* The object that is being deleted. */
struct leaving {
	struct kube *kube;
	hbr_call call;
	struct kube_target target;
	char *uid;
	char holder[128]; /* a finalizer that holds it, or "" */
};

static void free_leaving(struct leaving *leaving)
{
	kube_target_free(&leaving->target);
	free(leaving->uid);
}

/* 1 when it is there, 0 when not. Another one of that name is not it. */
static int look(struct leaving *leaving, hbr_error **err)
{
	_cleanup_json_ json_t *object = NULL;
	_cleanup_error_ hbr_error *why = NULL;
	struct kube_question question = {
		.method = "GET",
		.verb = "get",
		.path = leaving->target.path.data,
		.accept = METADATA_ONLY,
		.target = &leaving->target,
	};
	const json_t *metadata, *finalizers;
	const char *uid, *holder;
	int rc = kube_ask_json(leaving->kube, &leaving->call, &question, &object, &why);

	if (rc == HBR_ENOENT)
		return 0;
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	metadata = json_object_get(object, "metadata");
	uid = json_string_value(json_object_get(metadata, "uid"));
	if (!uid)
		return hbr_fail(err, HBR_EKUBE, NULL, "%s: the server does not tell its UID",
		                leaving->target.label.data);
	if (leaving->uid && strcmp(leaving->uid, uid) != 0)
		return 0;
	if (!leaving->uid)
		leaving->uid = strdup(uid);
	finalizers = json_object_get(metadata, "finalizers");
	holder = json_string_value(json_array_get(finalizers, 0));
	snprintf(leaving->holder, sizeof(leaving->holder), "%s", holder ? holder : "");
	return leaving->uid ? 1 : hbr_oom(err);
}

static void put_options(const struct leaving *leaving, bool is_dry, struct buf *out)
{
	buf_puts(out, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
	              "\"propagationPolicy\":\"Background\",\"preconditions\":{\"uid\":");
	buf_json_string(out, leaving->uid);
	buf_printf(out, "}%s}", is_dry ? ",\"dryRun\":[\"All\"]" : "");
}

/* 1 when the server lets it stand for a while, 0 when it is gone. */
static int ask(struct leaving *leaving, uint32_t flags, hbr_error **err)
{
	_cleanup_json_ json_t *reply = NULL;
	_cleanup_buf_ struct buf options = BUF_INIT;
	_cleanup_error_ hbr_error *why = NULL;
	bool is_dry = flags & HBR_KUBE_DRY_RUN;
	struct kube_question question = {
		.method = "DELETE",
		.verb = "delete",
		.path = leaving->target.path.data,
		.content_type = KUBE_TYPE_JSON,
		.body = &options,
		.target = &leaving->target,
		.flags = is_dry ? 0 : KUBE_WRITES,
	};
	const char *kind;
	int rc;

	put_options(leaving, is_dry, &options);
	if (options.rc)
		return hbr_oom(err);
	rc = kube_ask_json(leaving->kube, &leaving->call, &question, &reply, &why);
	if (rc == HBR_ENOENT)
		return 0;
	if (rc == HBR_ECONFLICT)
		return hbr_fail(err, HBR_ESTALE, NULL, "%s was made anew by somebody else",
		                leaving->target.label.data);
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		return rc;
	}
	kind = json_string_value(json_object_get(reply, "kind"));
	return !is_dry && !(kind && strcmp(kind, "Status") == 0);
}

static int fail_waiting(const struct leaving *leaving, hbr_error **err)
{
	const char *label = leaving->target.label.data;

	if (*leaving->holder) {
		hbr_fail(err, HBR_ETIMEDOUT, NULL, "%s is being deleted, but \"%s\" holds it",
		         label, leaving->holder);
		hbr_hint(err, "this finalizer is taken off by whoever set it: is that program "
		              "running?");
	} else {
		hbr_fail(err, HBR_ETIMEDOUT, NULL, "%s is being deleted, but is not gone yet",
		         label);
	}
	return HBR_ETIMEDOUT;
}

static int wait_until_gone(struct leaving *leaving, hbr_error **err)
{
	int64_t rest = REST_MS;

	for (;;) {
		_cleanup_error_ hbr_error *why = NULL;
		int rc = look(leaving, &why);

		if (rc > 0)
			rc = port_proceed(&leaving->call, &why) < 0 ? hbr_error_code(why) : 1;
		if (rc == HBR_ETIMEDOUT)
			return fail_waiting(leaving, err);
		if (rc < 0 && err)
			*err = hbr_steal(why);
		if (rc <= 0)
			return rc;
		wake_wait(-1, leaving->call.cancel_fd, rest * WAKE_MS);
		rest = rest * 2 < REST_MAX_MS ? rest * 2 : REST_MAX_MS;
	}
}

int kube_remove(void *self, const hbr_call *call, const char *name, const char *uid,
                uint32_t flags, hbr_error **err)
{
	hbr_cleanup(free_leaving) struct leaving leaving = { .kube = self,
		                                             .call = kube_bound(call) };
	int rc = kube_target_open(self, call, name, &leaving.target, err);

	if (rc < 0)
		return rc;
	/* Always with a UID: sent twice, it must not hit one that was made meanwhile. */
	if (uid) {
		leaving.uid = strdup(uid);
		rc = leaving.uid ? 1 : hbr_oom(err);
	} else {
		rc = look(&leaving, err);
	}
	if (rc > 0)
		rc = ask(&leaving, flags, err);
	return rc > 0 ? wait_until_gone(&leaving, err) : rc;
}
