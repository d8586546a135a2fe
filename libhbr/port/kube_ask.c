/* SPDX-License-Identifier: Apache-2.0 */
/* One question to the API server: who asks, once more after a 401, what the answer is. */
#include <string.h>

#include "base/wake.h"
#include "port/kube_inside.h"

#define PATIENCE_S 60 /* where the caller has no deadline */

hbr_call kube_bound(const hbr_call *call)
{
	hbr_call bound = call ? *call : (hbr_call){ .cancel_fd = -1 };

	if (!bound.deadline_ns)
		bound.deadline_ns = wake_now() + PATIENCE_S * INT64_C(1000) * WAKE_MS;
	return bound;
}

static int once(struct kube *kube, const hbr_call *call, const struct kube_question *question,
                struct http_reply *reply, hbr_error **err)
{
	_cleanup_buf_ struct buf bearer = BUF_INIT;
	struct http_request request = {
		.method = question->method,
		.path = question->path,
		.accept = question->accept ? question->accept : KUBE_TYPE_JSON,
		.content_type = question->content_type,
		.body = question->body ? question->body->data : NULL,
		.body_size = question->body ? question->body->len : 0,
		.limit = question->limit ? question->limit : KUBE_OBJECT_MAX,
		.flags = (question->flags & KUBE_ONCE ? 0u : HTTP_RETRY) |
		         (question->flags & KUBE_GZIP ? HTTP_GZIP : 0u),
	};
	int rc = kube->auth.bearer(kube->auth.user, &bearer, err);

	*reply = (struct http_reply){ .body = BUF_INIT };
	if (rc < 0)
		return rc;
	request.authorization = bearer.len ? bearer.data : NULL;
	kube->requests++;
	if (question->flags & KUBE_WRITES)
		kube->writes++;
	return http_call(kube->http, call, &request, reply, err);
}

int kube_ask(struct kube *kube, const hbr_call *call, const struct kube_question *question,
             struct http_reply *reply, hbr_error **err)
{
	hbr_call bound = kube_bound(call);
	int rc = once(kube, &bound, question, reply, err);

	if (rc == 0 && reply->status == 401 && kube_creds_can_renew(kube->creds)) {
		kube->auth.refused(kube->auth.user);
		http_reply_free(reply);
		rc = once(kube, &bound, question, reply, err);
	}
	if (rc < 0 || reply->status / 100 == 2)
		return rc;
	rc = kube_refuse(question, reply, err);
	/* "404 page not found" and no Status: it does not serve that path any more. */
	if (reply->status == 404 && question->target &&
	    kube_encoding_of(reply->content_type) == KUBE_OTHER)
		kube_forget(kube, question->target->api_version);
	http_reply_free(reply);
	return rc;
}

int kube_ask_json(struct kube *kube, const hbr_call *call, const struct kube_question *question,
                  json_t **out, hbr_error **err)
{
	hbr_cleanup(http_reply_free) struct http_reply reply = { .body = BUF_INIT };
	int rc = kube_ask(kube, call, question, &reply, err);

	if (rc < 0)
		return rc;
	if (kube_encoding_of(reply.content_type) != KUBE_JSON)
		return hbr_fail(err, HBR_EKUBE, NULL,
		                "%s: the reply is \"%s\", not JSON: is this an API server?",
		                kube->config.server, reply.content_type);
	rc = json_read(reply.body.data ? reply.body.data : "", reply.body.len, "the reply", out,
	               err);
	if (rc == HBR_ENOMEM || rc == 0)
		return rc < 0 || json_is_object(*out)
		               ? rc
		               : hbr_fail(err, HBR_EKUBE, NULL, "%s: the reply is no object",
		                          kube->config.server);
	hbr_wrap(err, "%s: the reply is damaged", kube->config.server);
	return rc == HBR_ELIMIT ? rc : HBR_EKUBE;
}
