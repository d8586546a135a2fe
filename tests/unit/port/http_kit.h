/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the HTTP client share: one server, one client, one request. */
#ifndef HBR_TESTS_HTTP_KIT_H
#define HBR_TESTS_HTTP_KIT_H

#include "base/error.h"
#include "base/wake.h"
#include "fake/http/server.h"
#include "lib/test.h"
#include "port/http.h"

struct http_kit {
	struct http_server *server;
	struct http *http;
	struct http_reply reply;
	struct http_request request; /* GET / */
	hbr_call call;               /* half a minute */
	hbr_error *err;
};

/* tls_name NULL: no TLS. */
void http_kit_open(struct http_kit *kit, const char *tls_name, http_answer answer, void *user);
void http_kit_close(struct http_kit *kit);
#define _cleanup_http_kit_ hbr_cleanup(http_kit_close)
int http_kit_call(struct http_kit *kit);
void http_kit_hurry(struct http_kit *kit, int ms); /* the deadline */
void http_kit_says(const struct http_kit *kit, const char *words);
long http_kit_peak_kib(void); /* of this process */

/* "hello", always. */
bool http_kit_hello(struct http_peer *peer, const struct http_asked *asked, void *user);

#endif
