/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a curl handle is set up for one request, and what its end means. libcurl's defaults that
 * would leave our hands (proxies, .netrc, redirects, signals) are off.
 */
#include "port/http_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_MS 10000L
/* Nothing but silence for so long is a lost peer, where no deadline says it earlier. */
#define SILENCE_S 60L

long http_status(const struct http_transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t on_data(char *data, size_t size, size_t n, void *user)
{
	struct http_transfer *transfer = user;

	transfer->rc = transfer->take(transfer, data, size * n);
	return transfer->rc < 0 ? 0 : size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	static const char name[] = "retry-after:";
	struct http_transfer *transfer = user;
	size_t length = size * n;

	transfer->head += length;
	/* From its first line, of which interim replies have one too, to the blank one. */
	if (length > 5 && memcmp(data, "HTTP/", 5) == 0)
		transfer->has_head = false;
	else if (*data == '\r' || *data == '\n')
		transfer->has_head = true;
	if (transfer->head > HTTP_HEAD_MAX) {
		transfer->rc =
		        hbr_fail(&transfer->err, HBR_ELIMIT, NULL,
		                 "the reply's headers have more than %zu bytes", HTTP_HEAD_MAX);
		return 0;
	}
	if (length > sizeof(name) && strncasecmp(data, name, sizeof(name) - 1) == 0) {
		char digits[12] = "";

		snprintf(digits, sizeof(digits), "%.*s", (int)(length - sizeof(name) + 1),
		         data + sizeof(name) - 1);
		transfer->retry_s = (uint32_t)strtoul(digits, NULL, 10);
	}
	return length;
}

static size_t on_source(char *data, size_t size, size_t n, void *user)
{
	struct http_transfer *transfer = user;
	const struct http_request *request = transfer->request;
	size_t got = 0;

	transfer->rc = request->source(request->user, data, size * n, &got, &transfer->err);
	return transfer->rc < 0 ? CURL_READFUNC_ABORT : got;
}

static bool add_header(struct http_transfer *transfer, const char *name, const char *value)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	struct curl_slist *longer;

	/* An empty value takes a default header of libcurl's away. */
	buf_printf(&line, "%s:%s%s", name, *value ? " " : "", value);
	if (line.rc)
		return false;
	longer = curl_slist_append(transfer->headers, line.data);
	if (longer)
		transfer->headers = longer;
	return longer;
}

static bool set_headers(struct http_transfer *transfer)
{
	const struct http_request *request = transfer->request;

	return add_header(transfer, "Accept", request->accept ? request->accept : "*/*") &&
	       add_header(transfer, "Expect", "") &&
	       add_header(transfer, "Content-Type",
	                  request->content_type ? request->content_type : "") &&
	       (!request->authorization ||
	        add_header(transfer, "Authorization", request->authorization));
}

static void set_body(struct http_transfer *transfer)
{
	const struct http_request *request = transfer->request;
	CURL *easy = transfer->easy;

	if (request->source) {
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_source);
		curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	} else if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		                 (curl_off_t)request->body_size);
	} else if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob = {
		.data = (void *)text,
		.len = strlen(text),
		.flags = CURL_BLOB_COPY, /* the identity may change while a stream goes on */
	};

	curl_easy_setopt(easy, option, &blob);
}

static void set_tls(const struct http *http, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, http->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, http->insecure ? 0L : 2L);
	if (http->ca) {
		set_blob(easy, CURLOPT_CAINFO_BLOB, http->ca);
		/* Where libcurl has a folder of the system's as well, that would count too. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (http->cert)
		set_blob(easy, CURLOPT_SSLCERT_BLOB, http->cert);
	if (http->key) {
		set_blob(easy, CURLOPT_SSLKEY_BLOB, http->key);
		/* libcurl reads the passphrase of a key that wants one, given or not. */
		curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	}
}

static bool set_url(const struct http *http, struct http_transfer *transfer)
{
	_cleanup_buf_ struct buf url = BUF_INIT;

	buf_printf(&url, "%s%s", http->named ? http->named : http->url,
	           transfer->request->path);
	if (http->connect_to)
		transfer->connect_to = curl_slist_append(NULL, http->connect_to);
	transfer->url = buf_steal(&url);
	return transfer->url && (!http->connect_to || transfer->connect_to);
}

static bool is_safe(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

int http_transfer_begin(struct http *http, struct http_transfer *transfer, bool is_stream,
                        hbr_error **err)
{
	CURL *easy = transfer->easy;
	const char *method = transfer->request->method;
	bool is_https = strncasecmp(http->url, "https:", 6) == 0;

	if (!set_url(http, transfer) || !set_headers(transfer))
		return hbr_oom(err);
	for (const char *c = transfer->request->path; *c; c++) {
		if (iscntrl((unsigned char)*c) || *c == ' ')
			return hbr_fail(err, HBR_EINVAL, NULL, "%s: a path is not escaped",
			                method);
	}
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_https ? "https" : "http");
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, http->socket);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	/* Several replies on one connection where the server can; a watch has one to itself. */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	                 is_https && !is_stream ? (long)CURL_HTTP_VERSION_2TLS
	                                        : (long)CURL_HTTP_VERSION_1_1);
	/* libcurl sends again what found a kept connection closed: not what must go out once. */
	if (!(transfer->request->flags & HTTP_RETRY) && !is_safe(method))
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (is_stream) {
		/* Silence is its nature: a dead peer shows only so. */
		curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
		curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
		curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
	} else {
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
	}
	if (transfer->request->flags & HTTP_GZIP)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	set_tls(http, easy);
	set_body(transfer);
	return 0;
}

void http_transfer_end(struct http_transfer *transfer)
{
	for (struct curl_slist *item = transfer->headers; item; item = item->next)
		mem_wipe(item->data, strlen(item->data));
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->connect_to);
	free(transfer->url);
	hbr_error_free(transfer->err);
	transfer->headers = transfer->connect_to = NULL;
	transfer->url = NULL;
	transfer->err = NULL;
}

static const struct {
	CURLcode code;
	int ours;
} codes[] = {
	{ CURLE_OUT_OF_MEMORY, HBR_ENOMEM },
	{ CURLE_OPERATION_TIMEDOUT, HBR_ETIMEDOUT },
	{ CURLE_PEER_FAILED_VERIFICATION, HBR_EPERM },
	{ CURLE_SSL_CERTPROBLEM, HBR_EPERM },
	{ CURLE_SSL_CACERT_BADFILE, HBR_EPERM },
	{ CURLE_SSL_CONNECT_ERROR, HBR_EPERM },
};

int http_explain(const struct http *http, struct http_transfer *transfer, CURLcode code,
                 hbr_error **err)
{
	const char *where = http->socket ? http->socket : http->url;
	int ours = HBR_EIO;

	if (transfer->rc < 0) {
		if (err)
			*err = hbr_steal(transfer->err);
		return transfer->rc;
	}
	/* libcurl takes the end of a connection for the end of the head. */
	if (code == CURLE_OK && !transfer->has_head)
		return hbr_fail(err, HBR_EIO, NULL, "%s: the reply's head is cut off", where);
	if (code == CURLE_OK)
		return 0;
	for (size_t i = 0; i < hbr_count(codes); i++) {
		if (codes[i].code == code)
			ours = codes[i].ours;
	}
	/* A handshake that is broken off says nothing about certificates; OpenSSL's errors do. */
	if (code == CURLE_SSL_CONNECT_ERROR &&
	    (!strstr(transfer->why, "SSL routines") || strstr(transfer->why, "unexpected eof")))
		ours = HBR_EIO;
	hbr_fail(err, ours, NULL, "%s: %s", where,
	         *transfer->why ? transfer->why : curl_easy_strerror(code));
	return ours;
}
