/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 server for tests, on loopback or a unix socket, with TLS or without: it reads requests
 * properly, and what it answers, byte by byte, is up to the test. One thread a server, one a
 * connection.
 */
#ifndef HBR_TESTS_FAKE_HTTP_H
#define HBR_TESTS_FAKE_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct http_server;
struct http_peer; /* a connection */

struct http_asked {
	char method[16];
	char path[4096];
	char head[16384]; /* all header lines */
	char body[65536];
	size_t body_size;
	int number; /* of the request, from 1, on any connection */
};

/* Answers one request. False: the connection is cut. */
typedef bool (*http_answer)(struct http_peer *peer, const struct http_asked *asked, void *user);

struct http_server_opts {
	const char *unix_path; /* or NULL: a free port of 127.0.0.1 */
	const char *
	        tls_name; /* its certificate's: "IP:127.0.0.1", "DNS:localhost"; NULL: no TLS */
	http_answer answer;
	void *user;
};

/* Ends the test program when it cannot be made. */
struct http_server *http_server_start(const struct http_server_opts *opts);
void http_server_stop(struct http_server *server);
int http_server_port(const struct http_server *server);
const char *http_server_url(const struct http_server *server); /* "https://127.0.0.1:4711" */
const char *http_server_ca(const struct http_server *server);  /* PEM */

int http_server_connections(struct http_server *server);
int http_server_requests(struct http_server *server);
/* How many requests had this in their head. */
int http_server_heard(struct http_server *server, const char *words);

/* False when the peer is gone, or the server is being stopped. */
bool http_say(struct http_peer *peer, const void *data, size_t size);
bool http_says(struct http_peer *peer, const char *text);
/* A whole reply. */
bool http_reply(struct http_peer *peer, int status, const char *type, const char *body);
bool http_pause(struct http_peer *peer, int ms);

/* certificate.c: a self-signed one for that name. */
void http_certificate(const char *name, char **cert, char **key);
/* What a folder of certificates calls it: "%08lx.0". */
unsigned long http_certificate_hash(const char *cert);

#endif
