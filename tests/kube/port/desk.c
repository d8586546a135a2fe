/* SPDX-License-Identifier: Apache-2.0 */
/* The port under test, and what it needs in the cluster: a namespace, a kind of our own. */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#include "base/wake.h"
#include "text/members.h"

#define PATIENCE_MS 20000

static const char crd[] =
        "{\"spec\":{\"group\":\"test.hbr.dev\",\"scope\":\"Namespaced\",\"names\":{\"kind\":"
        "\"Widget\",\"listKind\":\"WidgetList\",\"plural\":\"widgets\",\"singular\":\"widget\"}"
        ",\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{"
        "\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\""
        ",\"properties\":{\"size\":{\"type\":\"integer\",\"maximum\":1000},\"colour\":{"
        "\"type\":\"string\"},\"free\":{\"type\":\"object\","
        "\"x-kubernetes-preserve-unknown-fields\":true}}}}}}}]}}";

static void forget(struct desk *desk)
{
	json_decref(hbr_steal(desk->object));
	free(hbr_steal(desk->name));
	free(hbr_steal(desk->uid));
	hbr_error_free(hbr_steal(desk->err));
	desk->n = 0;
	desk->call = (hbr_call){ .deadline_ns = wake_now() + PATIENCE_MS * WAKE_MS,
		                 .cancel_fd = -1 };
}

static int keep(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	struct desk *desk = sink->user;
	const hbr_apiobject *body = resource->body;

	ck_assert_int_eq(resource->kind, HBR_KIND_OBJECT);
	json_decref(hbr_steal(desk->object));
	free(desk->name);
	free(desk->uid);
	desk->name = strdup(resource->name);
	desk->uid = body->uid ? strdup(body->uid) : NULL;
	desk->n++;
	return json_read(body->text, strlen(body->text), resource->name, &desk->object, err);
}

/* What comes later is only there when it is served: a definition takes a moment. */
static void furnish(struct desk *desk)
{
	int64_t until = wake_now() + PATIENCE_MS * WAKE_MS;

	ck_ok(desk_apply(desk, "v1/Namespace//" DESK_NS, "{}", 0), desk->err);
	ck_ok(desk_apply(desk,
	                 "apiextensions.k8s.io/v1/CustomResourceDefinition//"
	                 "widgets.test.hbr.dev",
	                 crd, 0),
	      desk->err);
	while (desk_serves(desk, "test.hbr.dev/v1", "Widget") != 1) {
		ck_assert_msg(wake_now() < until, "widgets are not served");
		wake_wait(-1, -1, 100 * WAKE_MS);
	}
}

void desk_open(struct desk *desk, const char *identity)
{
	const char *dir = getenv("HBR_KUBE_DIR");
	char path[512];

	if (!dir)
		test_skip("no API server: HBR_KUBE_DIR is not set");
	*desk = (struct desk){ 0 };
	snprintf(path, sizeof(path), "%s/%s.kubeconfig", dir, identity);
	ck_ok(hbr_kube_port_new(path, &desk->port, &desk->err), desk->err);
	if (strcmp(identity, "admin") == 0)
		furnish(desk);
}

void desk_close(struct desk *desk)
{
	forget(desk);
	hbr_kube_port_free(desk->port);
}

int desk_get(struct desk *desk, const char *name)
{
	hbr_sink sink = { .put = keep, .user = desk };

	forget(desk);
	return desk->port->get(desk->port->self, &desk->call, name, &sink, &desk->err);
}

int desk_list(struct desk *desk, const char *api_version, const char *kind, const char *ns,
              const char *selector)
{
	hbr_sink sink = { .put = keep, .user = desk };
	hbr_kube_kind asked = { .size = sizeof(asked),
		                .api_version = api_version,
		                .kind = kind,
		                .ns = ns,
		                .selector = selector };

	forget(desk);
	return desk->port->list(desk->port->self, &desk->call, &asked, &sink, &desk->err);
}

int desk_apply(struct desk *desk, const char *name, const char *text, uint32_t flags)
{
	hbr_sink sink = { .put = keep, .user = desk };
	hbr_apiobject body = { .text = text };
	hbr_resource wanted = {
		.size = sizeof(wanted), .kind = HBR_KIND_OBJECT, .name = name, .body = &body
	};

	forget(desk);
	return desk->port->apply(desk->port->self, &desk->call, &wanted, flags, &sink,
	                         &desk->err);
}

int desk_patch(struct desk *desk, const char *name, const char *text)
{
	hbr_sink sink = { .put = keep, .user = desk };
	hbr_apiobject body = { .text = text };
	hbr_resource patch = {
		.size = sizeof(patch), .kind = HBR_KIND_OBJECT, .name = name, .body = &body
	};

	forget(desk);
	return desk->port->patch(desk->port->self, &desk->call, &patch, 0, &sink, &desk->err);
}

int desk_remove(struct desk *desk, const char *name, const char *uid)
{
	/* The caller's may be ours. */
	_cleanup_free_ char *own = uid ? strdup(uid) : NULL;

	forget(desk);
	return desk->port->remove(desk->port->self, &desk->call, name, own, 0, &desk->err);
}

int desk_serves(struct desk *desk, const char *api_version, const char *kind)
{
	hbr_kube_kind asked = { .size = sizeof(asked),
		                .api_version = api_version,
		                .kind = kind };

	forget(desk);
	return desk->port->serves(desk->port->self, &desk->call, &asked, &desk->err);
}

long desk_interfere(struct desk *desk, const char *path, const char *method,
                    const char *content_type, const char *body)
{
	hbr_cleanup(http_reply_free) struct http_reply reply = { .body = BUF_INIT };
	_cleanup_buf_ struct buf bearer = BUF_INIT;
	struct kube *kube = desk->port->self;
	struct http_request request = { .method = method,
		                        .path = path,
		                        .accept = KUBE_TYPE_JSON,
		                        .content_type = content_type,
		                        .body = body,
		                        .body_size = body ? strlen(body) : 0 };

	forget(desk);
	ck_ok(kube->auth.bearer(kube->auth.user, &bearer, &desk->err), desk->err);
	request.authorization = bearer.data;
	ck_ok(http_call(kube->http, &desk->call, &request, &reply, &desk->err), desk->err);
	return reply.status;
}

const char *desk_text(struct desk *desk, const char *path)
{
	return json_string_value(members_at(desk->object, path));
}

int64_t desk_number(struct desk *desk, const char *path)
{
	return json_integer_value(members_at(desk->object, path));
}

void desk_says(const struct desk *desk, const char *words)
{
	const char *message = hbr_error_message(desk->err);
	const char *hint = hbr_error_hint(desk->err);

	ck_assert_msg(strstr(message, words) || (hint && strstr(hint, words)),
	              "\"%s\" (%s) does not say \"%s\"", message, hint ? hint : "no hint",
	              words);
}
