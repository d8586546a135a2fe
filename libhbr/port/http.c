/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client: what it knows of its server, and who it is there. */
#include "port/http_inside.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void start_curl(void)
{
	/* Safe beside other users of libcurl since 7.84. */
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool copy(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return !text || *out;
}

static void wipe(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

/* *out becomes "host:port" of the URL. */
static int place_of(CURLU *parts, struct buf *out)
{
	char *host = NULL, *port = NULL;

	if (curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		buf_printf(out, "%s:%s", host, port);
	curl_free(host);
	curl_free(port);
	return out->len && !out->rc ? 0 : HBR_ENOMEM;
}

static bool url_text(CURLU *parts, char **out)
{
	char *text = NULL;

	if (curl_url_get(parts, CURLUPART_URL, &text, 0) != CURLUE_OK)
		return false;
	*out = strdup(text);
	curl_free(text);
	if (!*out)
		return false;
	for (size_t n = strlen(*out); n && (*out)[n - 1] == '/'; n--)
		(*out)[n - 1] = '\0';
	return true;
}

static bool has_part(CURLU *parts, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(parts, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

/*
 * Takes the URL apart. A certificate for another name is asked for under that name, and the
 * connection goes to the server all the same.
 */
static int take_url(struct http *http, CURLU *parts, const struct http_opts *opts,
                    hbr_error **err)
{
	_cleanup_buf_ struct buf place = BUF_INIT;

	if (!parts)
		return hbr_oom(err);
	if ((strncasecmp(opts->url, "https://", 8) != 0 &&
	     strncasecmp(opts->url, "http://", 7) != 0) ||
	    curl_url_set(parts, CURLUPART_URL, opts->url, 0) != CURLUE_OK)
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no http or https URL",
		                opts->url);
	if (has_part(parts, CURLUPART_USER) || has_part(parts, CURLUPART_PASSWORD) ||
	    has_part(parts, CURLUPART_QUERY) || has_part(parts, CURLUPART_FRAGMENT))
		return hbr_fail(err, HBR_EINVAL, NULL,
		                "a server's URL has no user, query or fragment");
	if (!url_text(parts, &http->url))
		return hbr_oom(err);
	if (!opts->server_name)
		return 0;
	buf_puts(&place, "::");
	if (place_of(parts, &place) < 0)
		return hbr_oom(err);
	if (curl_url_set(parts, CURLUPART_HOST, opts->server_name, 0) != CURLUE_OK)
		return hbr_fail(err, HBR_EINVAL, NULL, "\"%.100s\" is no server name",
		                opts->server_name);
	http->connect_to = buf_steal(&place);
	return http->connect_to && url_text(parts, &http->named) ? 0 : hbr_oom(err);
}

int http_new(const struct http_opts *opts, struct http **out, hbr_error **err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	_cleanup_http_ struct http *http = calloc(1, sizeof(*http));
	CURLU *parts;
	int rc;

	pthread_once(&once, start_curl);
	if (!http || !copy(&http->socket, opts->unix_socket) || !copy(&http->ca, opts->ca) ||
	    !copy(&http->cert, opts->cert) || !copy(&http->key, opts->key))
		return hbr_oom(err);
	parts = curl_url();
	rc = take_url(http, parts, opts, err);
	curl_url_cleanup(parts);
	if (rc < 0)
		return rc;
	http->insecure = opts->insecure;
	*out = hbr_steal(http);
	return 0;
}

int http_set_identity(struct http *http, const char *cert, const char *key, hbr_error **err)
{
	char *new_cert, *new_key = NULL;

	if (!copy(&new_cert, cert) || !copy(&new_key, key)) {
		wipe(new_cert);
		return hbr_oom(err);
	}
	wipe(http->cert);
	wipe(http->key);
	http->cert = new_cert;
	http->key = new_key;
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	if (http->easy)
		curl_easy_cleanup(http->easy);
	if (http->multi)
		curl_multi_cleanup(http->multi);
	free(http->url);
	free(http->named);
	free(http->connect_to);
	free(http->socket);
	free(http->ca);
	wipe(http->cert);
	wipe(http->key);
	free(http);
}

void http_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c))
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", c);
	}
}
