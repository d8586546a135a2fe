/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests that are waited for: one multi handle, driven until its only transfer is over. */
#include <string.h>

#include "base/wake.h"
#include "port/http_inside.h"
#include "port/netns.h"

#define TRIES_MAX 10
#define REST_MS 200 /* before the second try; doubles */
#define REST_MAX_MS 5000

struct collection {
	struct http_reply *reply;
	size_t limit;
};

void http_reply_free(struct http_reply *reply)
{
	buf_free(&reply->body);
}

static int take(struct http_transfer *transfer, const void *data, size_t size)
{
	const struct http_request *request = transfer->request;
	struct collection *into = transfer->user;
	bool is_good = http_status(transfer) / 100 == 2;
	size_t limit = is_good ? into->limit : HTTP_ERROR_MAX;

	if (is_good && request->taker)
		return request->taker(request->user, data, size, &transfer->err);
	if (into->reply->body.len + size > limit)
		return hbr_fail(&transfer->err, HBR_ELIMIT, NULL,
		                "%s %s: the reply has more than %zu bytes", request->method,
		                request->path, limit);
	buf_put(&into->reply->body, data, size);
	return into->reply->body.rc ? hbr_oom(&transfer->err) : 0;
}

/* Drives the transfer: curl's result in *code. */
static int drive(struct http *http, const hbr_call *call, CURLcode *code, hbr_error **err)
{
	for (;;) {
		struct curl_waitfd bell = { .fd = call->cancel_fd, .events = CURL_WAIT_POLLIN };
		int running = 0, left;
		CURLMsg *message;
		int rc;

		if (curl_multi_perform(http->multi, &running) != CURLM_OK)
			return hbr_fail(err, HBR_ESYSTEM, NULL, "libcurl cannot go on");
		message = curl_multi_info_read(http->multi, &left);
		if (message && message->msg == CURLMSG_DONE) {
			*code = message->data.result;
			return 0;
		}
		rc = port_proceed(call, err);
		if (rc < 0)
			return rc;
		curl_multi_poll(http->multi, &bell, call->cancel_fd >= 0 ? 1 : 0,
		                port_wait_ms(call, 1000), NULL);
	}
}

static int once(struct http *http, const hbr_call *call, const struct http_request *request,
                struct http_reply *reply, hbr_error **err)
{
	struct collection into = {
		.reply = reply,
		.limit = request->limit ? request->limit : HTTP_BODY_MAX,
	};
	struct http_transfer transfer = {
		.request = request, .easy = http->easy, .take = take, .user = &into
	};
	CURLcode code = CURLE_OK;
	char *type = NULL;
	int rc = http_transfer_begin(http, &transfer, false, err);

	if (rc == 0 && curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		rc = hbr_oom(err);
	if (rc == 0) {
		rc = drive(http, call, &code, err);
		curl_multi_remove_handle(http->multi, http->easy);
	}
	if (rc == 0)
		rc = http_explain(http, &transfer, code, err);
	if (rc == 0) {
		reply->status = http_status(&transfer);
		reply->retry_after_s = transfer.retry_s;
		curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
		strncpy(reply->content_type, type ? type : "", sizeof(reply->content_type) - 1);
	}
	http_transfer_end(&transfer);
	return rc;
}

/* client-go's rule: it is overloaded and says when to come back, or the connection was lost. */
static bool is_worth_another(const struct http_reply *reply, int rc)
{
	if (rc == HBR_EIO)
		return true;
	return rc == 0 && reply->retry_after_s &&
	       (reply->status == 429 || reply->status >= 500);
}

/* False when the deadline or a cancel comes first. */
static bool rest(const hbr_call *call, int64_t ms)
{
	int64_t until = wake_now() + ms * WAKE_MS;

	if (call->deadline_ns && until >= call->deadline_ns)
		return false;
	while (wake_now() < until) {
		if (port_proceed(call, NULL) < 0)
			return false;
		wake_wait(-1, call->cancel_fd, until - wake_now());
	}
	return true;
}

static void forget(struct http_reply *reply)
{
	buf_free(&reply->body);
	*reply = (struct http_reply){ .body = BUF_INIT };
}

int http_call(struct http *http, const hbr_call *call, const struct http_request *request,
              struct http_reply *reply, hbr_error **err)
{
	int64_t pause = REST_MS;

	*reply = (struct http_reply){ .body = BUF_INIT };
	http->multi = http->multi ? http->multi : curl_multi_init();
	http->easy = http->easy ? http->easy : curl_easy_init();
	if (!http->multi || !http->easy)
		return hbr_oom(err);
	for (int tries = 1;; tries++) {
		_cleanup_error_ hbr_error *why = NULL;
		int rc = once(http, call, request, reply, &why);
		int64_t asked = reply->retry_after_s * INT64_C(1000);

		if (request->flags & HTTP_RETRY && tries < TRIES_MAX &&
		    is_worth_another(reply, rc) && rest(call, asked > pause ? asked : pause)) {
			pause = pause * 2 < REST_MAX_MS ? pause * 2 : REST_MAX_MS;
			forget(reply);
			continue;
		}
		if (rc < 0)
			forget(reply);
		if (rc < 0 && err)
			*err = hbr_steal(why);
		return rc;
	}
}
