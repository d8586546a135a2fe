/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP over libcurl's multi interface: one client a server, connections kept. What is asked and
 * what comes back; nothing about Kubernetes or podman. Redirects are never followed, proxies and
 * the environment never read, credentials never logged.
 */
#ifndef HBR_PORT_HTTP_H
#define HBR_PORT_HTTP_H

#include "base/buf.h"
#include "base/error.h"
#include "hbr/sys/ports.h"

#define HTTP_BODY_MAX ((size_t)32 << 20) /* decompressed; where a request says no other limit */

/* Where the server is and how we know each other. Everything is copied; secrets are wiped. */
struct http_opts {
	const char *url; /* "https://10.0.0.1:6443", a path before all others may follow;
	                          * "http://d" on a socket */
	const char *unix_socket; /* path, or NULL */
	const char *server_name; /* TLS name when it is not the URL's host, or NULL */
	const char *ca;          /* PEM text; NULL: the system's */
	const char *cert, *key;  /* PEM text of the client's, or NULL */
	bool insecure;           /* the server's certificate is not checked */
};

enum http_flag {
	HTTP_GZIP = 1 << 0,  /* a compressed reply is welcome */
	HTTP_RETRY = 1 << 1, /* may be sent again: 429, 5xx with Retry-After, lost connection */
};

struct http_request {
	const char *method;        /* "GET" */
	const char *path;          /* "/api/v1/nodes?limit=500", escaped */
	const char *accept;        /* NULL: any */
	const char *content_type;  /* of the body */
	const char *authorization; /* "Bearer …", or NULL; wiped with the request's copy */
	const void *body;
	size_t body_size;
	/* Instead of a body: gives the next bytes of it; *got 0 ends it. */
	int (*source)(void *user, void *data, size_t size, size_t *got, hbr_error **err);
	/* Instead of a collected reply: takes what came, as it comes. Only for 2xx; what an error
	 * says is collected always. */
	int (*taker)(void *user, const void *data, size_t size, hbr_error **err);
	void *user;
	size_t limit; /* of the reply, decompressed; 0: HTTP_BODY_MAX */
	uint32_t flags;
};

struct http_reply {
	long status;
	char content_type[96];
	uint32_t retry_after_s;
	struct buf body;
};

void http_reply_free(struct http_reply *reply);
#define _cleanup_http_reply_ hbr_cleanup(http_reply_free)

struct http;

/* Opens no connection yet. HBR_EINVAL for what is no http or https URL. */
int http_new(const struct http_opts *opts, struct http **out, hbr_error **err);
void http_free(struct http *http);
static inline void http_freep(struct http **http)
{
	http_free(*http);
}
#define _cleanup_http_ hbr_cleanup(http_freep)

/* The client's certificate and key (PEM text) from now on; NULL: none. HBR_ENOMEM. */
int http_set_identity(struct http *http, const char *cert, const char *key, hbr_error **err);

/*
 * Asks and waits. 0 whatever the status is; HBR_EIO when there is no connection or it breaks (with
 * the reason), HBR_EPERM when the certificates do not fit, HBR_ELIMIT, HBR_ETIMEDOUT,
 * HBR_ECANCELED.
 */
int http_call(struct http *http, const hbr_call *call, const struct http_request *request,
              struct http_reply *reply, hbr_error **err);

/*
 * A long reply that is read as it comes (watches), beside other calls of the same client. `fd` is
 * readable when http_stream_read() has something to do. Returns 0 with what came appended to
 * `out` (perhaps nothing), 1 at the end of the reply, HBR_E* when it broke. *status is 0 until the
 * reply's head is there.
 */
struct http_stream;
int http_stream_open(struct http *http, const struct http_request *request,
                     struct http_stream **out, hbr_error **err);
int http_stream_fd(const struct http_stream *stream);
int http_stream_read(struct http_stream *stream, struct buf *out, long *status,
                     hbr_error **err);
/* Once there is a status: what the reply is, "" when it does not tell; and Retry-After, or 0. */
const char *http_stream_type(const struct http_stream *stream, uint32_t *retry_after_s);
void http_stream_close(struct http_stream *stream); /* NULL is fine */

/* Appends text with everything escaped that has a meaning in a path segment or a query. */
void http_escape(struct buf *out, const char *text);

#endif
