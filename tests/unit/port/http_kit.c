/* SPDX-License-Identifier: Apache-2.0 */
/* A client and its server. */
#include "http_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define PATIENCE_MS 30000

bool http_kit_hello(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	return http_reply(peer, 200, "text/plain", "hello");
}

void http_kit_open(struct http_kit *kit, const char *tls_name, http_answer answer, void *user)
{
	struct http_server_opts server = {
		.tls_name = tls_name,
		.answer = answer ? answer : http_kit_hello,
		.user = user,
	};
	struct http_opts opts = { 0 };

	*kit = (struct http_kit){ .request = { .method = "GET", .path = "/" } };
	kit->server = http_server_start(&server);
	opts.url = http_server_url(kit->server);
	opts.ca = http_server_ca(kit->server);
	ck_ok(http_new(&opts, &kit->http, &kit->err), kit->err);
	http_kit_hurry(kit, PATIENCE_MS);
}

void http_kit_close(struct http_kit *kit)
{
	http_free(kit->http);
	http_server_stop(kit->server);
	http_reply_free(&kit->reply);
	hbr_error_free(kit->err);
}

int http_kit_call(struct http_kit *kit)
{
	hbr_error_free(hbr_steal(kit->err));
	http_reply_free(&kit->reply);
	return http_call(kit->http, &kit->call, &kit->request, &kit->reply, &kit->err);
}

void http_kit_hurry(struct http_kit *kit, int ms)
{
	kit->call = (hbr_call){ .deadline_ns = wake_now() + ms * WAKE_MS, .cancel_fd = -1 };
}

void http_kit_says(const struct http_kit *kit, const char *words)
{
	ck_assert_msg(strstr(hbr_error_message(kit->err), words), "\"%s\" does not say \"%s\"",
	              hbr_error_message(kit->err), words);
}

long http_kit_peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}
