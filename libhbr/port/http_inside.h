/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTTP client share: a transfer is one request on one curl handle. */
#ifndef HBR_PORT_HTTP_INSIDE_H
#define HBR_PORT_HTTP_INSIDE_H

#include <curl/curl.h>

#include "port/http.h"

#define HTTP_HEAD_MAX ((size_t)256 << 10) /* of a reply, all headers */
#define HTTP_ERROR_MAX ((size_t)1 << 20)  /* of a reply that is no 2xx */

struct http {
	char *url; /* without a slash at its end */
	char *named,
	        *connect_to; /* the URL under server_name, and where it leads to; or NULL */
	char *socket, *ca, *cert, *key;
	bool insecure;
	CURLM *multi; /* of calls; made by the first */
	CURL *easy;   /* of calls, reused with its connections */
};

/* One request under way. Where what comes goes is up to `take`. */
struct http_transfer {
	const struct http_request *request;
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	char *url;
	char why[CURL_ERROR_SIZE];
	size_t head;      /* bytes of headers */
	bool has_head;    /* all of them */
	uint32_t retry_s; /* Retry-After */
	size_t sent;      /* of the body */
	int (*take)(struct http_transfer *transfer, const void *data, size_t size);
	int rc; /* a callback of ours failed, and err tells why */
	hbr_error *err;
	void *user;
};

/* Prepares the handle: where, how, with which identity. HTTP/1.1 for streams. */
int http_transfer_begin(struct http *http, struct http_transfer *transfer, bool is_stream,
                        hbr_error **err);
/* Wipes and frees all but the handle. */
void http_transfer_end(struct http_transfer *transfer);
/* A transfer that curl ended: 0, or the code with the error made. */
int http_explain(const struct http *http, struct http_transfer *transfer, CURLcode code,
                 hbr_error **err);
long http_status(const struct http_transfer *transfer);

#endif
