/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what an API server refuses with, under any status: one error, in one line. */
#include "fuzz/fuzz.h"

#include "port/kube_inside.h"

static const long statuses[] = { 301, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503 };
static const char *const types[] = { KUBE_TYPE_JSON, KUBE_TYPE_PROTO, "text/html", "" };

static void refuse(const char *text, size_t size, long status, const char *type)
{
	static const struct kube_served served = { "Widget", "widgets", true };
	struct kube_target target = { .api_version = "a/v1",
		                      .kind = "Widget",
		                      .ns = "",
		                      .name = "",
		                      .group = "a",
		                      .served = &served };
	struct kube_question question = {
		.method = "PATCH", .verb = "patch", .path = "/x", .target = &target
	};
	struct http_reply reply = { .status = status, .body = BUF_INIT };
	_cleanup_error_ hbr_error *err = NULL;

	buf_puts(&target.label, "Widget");
	buf_put(&reply.body, text, size);
	snprintf(reply.content_type, sizeof(reply.content_type), "%s", type);
	promise(kube_refuse(&question, &reply, &err) < 0);
	promise(err && !strchr(hbr_error_message(err), '\n'));
	promise(strstr(hbr_error_message(err), "Widget") == hbr_error_message(err));
	promise(status != 403 || strstr(hbr_error_hint(err), "widgets"));
	http_reply_free(&reply);
	kube_target_free(&target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);

	for (size_t i = 0; i < hbr_count(types); i++) {
		for (size_t j = 0; j < hbr_count(statuses); j++)
			refuse(text, size, statuses[j], types[i]);
	}
	return 0;
}
