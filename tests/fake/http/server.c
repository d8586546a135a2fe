/* SPDX-License-Identifier: Apache-2.0 */
/* The server: listens, reads requests, and lets the test answer. */
#include "fake/http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEERS_MAX 128
#define HEARD_MAX ((size_t)1 << 20)
#define SLICE_MS 100 /* of a wait, so that a stop is seen */

struct http_peer {
	struct http_server *server;
	int fd;
	SSL *ssl;
	pthread_t thread;
	char data[65536]; /* that was read and not used */
	size_t n;
	struct http_asked asked;
};

struct http_server {
	struct http_server_opts opts;
	int fd, port;
	char url[64];
	char *cert, *key;
	SSL_CTX *tls;
	pthread_t thread;
	atomic_bool is_stopped;
	pthread_mutex_t lock; /* of all below */
	struct http_peer *peers[PEERS_MAX];
	size_t n_peers;
	int requests;
	char *heard; /* heads, one after the other */
	size_t n_heard;
};

static void need(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

static bool wait_for(const struct http_peer *peer, short events)
{
	while (!peer->server->is_stopped) {
		struct pollfd wait = { .fd = peer->fd, .events = events };

		if (poll(&wait, 1, SLICE_MS) > 0)
			return true;
	}
	return false;
}

/* One step of reading or writing; 0: the peer is gone. */
static size_t step(struct http_peer *peer, void *data, size_t size, bool is_read)
{
	for (;;) {
		ssize_t n;
		int why = is_read ? SSL_ERROR_WANT_READ : SSL_ERROR_WANT_WRITE;

		if (peer->ssl) {
			n = is_read ? SSL_read(peer->ssl, data, (int)size)
			            : SSL_write(peer->ssl, data, (int)size);
			if (n <= 0)
				why = SSL_get_error(peer->ssl, (int)n);
		} else {
			n = is_read ? recv(peer->fd, data, size, 0)
			            : send(peer->fd, data, size, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				return 0;
			if (n == 0)
				return 0;
		}
		if (n > 0)
			return (size_t)n;
		if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
			return 0;
		if (!wait_for(peer, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			return 0;
	}
}

bool http_say(struct http_peer *peer, const void *data, size_t size)
{
	while (size) {
		size_t n = peer->server->is_stopped ? 0 : step(peer, (void *)data, size, false);

		if (!n)
			return false;
		data = (const char *)data + n;
		size -= n;
	}
	return true;
}

bool http_says(struct http_peer *peer, const char *text)
{
	return http_say(peer, text, strlen(text));
}

bool http_reply(struct http_peer *peer, int status, const char *type, const char *body)
{
	char head[512];

	snprintf(head, sizeof(head),
	         "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
	         type, strlen(body));
	return http_says(peer, head) && http_says(peer, body);
}

bool http_pause(struct http_peer *peer, int ms)
{
	for (; ms > 0 && !peer->server->is_stopped; ms -= SLICE_MS) {
		struct pollfd wait = { .fd = peer->fd, .events = POLLRDHUP };

		if (poll(&wait, 1, ms < SLICE_MS ? ms : SLICE_MS) > 0)
			return false;
	}
	return !peer->server->is_stopped;
}

static const char *header(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	return at ? at + strlen(name) : NULL;
}

/* Makes sure that `wanted` bytes are there. */
static bool fill(struct http_peer *peer, size_t wanted)
{
	while (peer->n < wanted) {
		size_t n;

		if (peer->n == sizeof(peer->data))
			return false;
		n = step(peer, peer->data + peer->n, sizeof(peer->data) - peer->n, true);
		if (!n)
			return false;
		peer->n += n;
	}
	return true;
}

static void use(struct http_peer *peer, size_t n)
{
	memmove(peer->data, peer->data + n, peer->n - n);
	peer->n -= n;
}

static bool read_head(struct http_peer *peer)
{
	struct http_asked *asked = &peer->asked;
	char *end;

	while (!(end = memmem(peer->data, peer->n, "\r\n\r\n", 4))) {
		if (!fill(peer, peer->n + 1))
			return false;
	}
	*end = '\0';
	if ((size_t)(end - peer->data) + 2 >= sizeof(asked->head))
		return false;
	if (sscanf(peer->data, "%15s %4095s", asked->method, asked->path) != 2)
		return false;
	memcpy(asked->head, peer->data, (size_t)(end - peer->data));
	strcat(asked->head, "\r\n");
	use(peer, (size_t)(end - peer->data) + 4);
	return true;
}

static bool read_request(struct http_peer *peer)
{
	struct http_asked *asked = &peer->asked;
	const char *length;

	memset(asked, 0, sizeof(*asked));
	if (!read_head(peer))
		return false;
	length = header(asked->head, "\r\nContent-Length:");
	asked->body_size = length ? strtoul(length, NULL, 10) : 0;
	if (asked->body_size >= sizeof(asked->body) || !fill(peer, asked->body_size))
		return false;
	memcpy(asked->body, peer->data, asked->body_size);
	use(peer, asked->body_size);
	return true;
}

static void remember(struct http_server *server, struct http_asked *asked)
{
	size_t n = strlen(asked->head);

	pthread_mutex_lock(&server->lock);
	asked->number = ++server->requests;
	if (server->n_heard + n < HEARD_MAX) {
		memcpy(server->heard + server->n_heard, asked->head, n + 1);
		server->n_heard += n;
	}
	pthread_mutex_unlock(&server->lock);
}

static bool shake_hands(struct http_peer *peer)
{
	struct http_server *server = peer->server;

	if (!server->tls)
		return true;
	peer->ssl = SSL_new(server->tls);
	need(peer->ssl && SSL_set_fd(peer->ssl, peer->fd), "SSL");
	for (;;) {
		int n = SSL_accept(peer->ssl);
		int why = n > 0 ? 0 : SSL_get_error(peer->ssl, n);

		if (n > 0)
			return true;
		if ((why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) ||
		    !wait_for(peer, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			return false;
	}
}

static void *serve(void *user)
{
	struct http_peer *peer = user;
	struct http_server *server = peer->server;
	bool goes_on = shake_hands(peer);

	while (goes_on && read_request(peer)) {
		remember(server, &peer->asked);
		goes_on = server->opts.answer(peer, &peer->asked, server->opts.user);
	}
	shutdown(peer->fd, SHUT_RDWR);
	return NULL;
}

static void *listen_on(void *user)
{
	struct http_server *server = user;

	while (!server->is_stopped) {
		struct pollfd wait = { .fd = server->fd, .events = POLLIN };
		struct http_peer *peer;
		int fd;

		if (poll(&wait, 1, SLICE_MS) <= 0)
			continue;
		fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			continue;
		peer = calloc(1, sizeof(*peer));
		need(peer, "memory");
		peer->server = server;
		peer->fd = fd;
		pthread_mutex_lock(&server->lock);
		need(server->n_peers < PEERS_MAX, "too many connections");
		need(pthread_create(&peer->thread, NULL, serve, peer) == 0, "pthread_create");
		server->peers[server->n_peers++] = peer;
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

static void open_unix(struct http_server *server, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(path);
	need(bind(server->fd, (struct sockaddr *)&address, sizeof(address)) == 0, path);
	snprintf(server->url, sizeof(server->url), "http://d");
}

static void open_tcp(struct http_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(bind(server->fd, (struct sockaddr *)&address, size) == 0, "bind");
	need(getsockname(server->fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
	server->port = ntohs(address.sin_port);
	snprintf(server->url, sizeof(server->url), "%s://127.0.0.1:%d",
	         server->opts.tls_name ? "https" : "http", server->port);
}

static void open_tls(struct http_server *server)
{
	BIO *cert_bio, *key_bio;
	EVP_PKEY *key;
	X509 *cert;

	http_certificate(server->opts.tls_name, &server->cert, &server->key);
	cert_bio = BIO_new_mem_buf(server->cert, -1);
	key_bio = BIO_new_mem_buf(server->key, -1);
	cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
	key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	server->tls = SSL_CTX_new(TLS_server_method());
	need(server->tls && SSL_CTX_use_certificate(server->tls, cert) == 1 &&
	             SSL_CTX_use_PrivateKey(server->tls, key) == 1,
	     "TLS");
	SSL_CTX_set_mode(server->tls,
	                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(cert_bio);
	BIO_free(key_bio);
}

struct http_server *http_server_start(const struct http_server_opts *opts)
{
	struct http_server *server = calloc(1, sizeof(*server));

	need(server, "memory");
	signal(SIGPIPE, SIG_IGN);
	server->opts = *opts;
	server->heard = calloc(1, HEARD_MAX);
	need(server->heard && pthread_mutex_init(&server->lock, NULL) == 0, "memory");
	if (opts->unix_path)
		open_unix(server, opts->unix_path);
	else
		open_tcp(server);
	if (opts->tls_name)
		open_tls(server);
	need(listen(server->fd, PEERS_MAX) == 0, "listen");
	need(pthread_create(&server->thread, NULL, listen_on, server) == 0, "pthread_create");
	return server;
}

void http_server_stop(struct http_server *server)
{
	server->is_stopped = true;
	pthread_join(server->thread, NULL);
	close(server->fd);
	for (size_t i = 0; i < server->n_peers; i++) {
		struct http_peer *peer = server->peers[i];

		shutdown(peer->fd, SHUT_RDWR);
		pthread_join(peer->thread, NULL);
		SSL_free(peer->ssl);
		close(peer->fd);
		free(peer);
	}
	SSL_CTX_free(server->tls);
	pthread_mutex_destroy(&server->lock);
	free(server->heard);
	free(server->cert);
	free(server->key);
	free(server);
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

const char *http_server_ca(const struct http_server *server)
{
	return server->cert;
}

int http_server_connections(struct http_server *server)
{
	int n;

	pthread_mutex_lock(&server->lock);
	n = (int)server->n_peers;
	pthread_mutex_unlock(&server->lock);
	return n;
}

int http_server_requests(struct http_server *server)
{
	int n;

	pthread_mutex_lock(&server->lock);
	n = server->requests;
	pthread_mutex_unlock(&server->lock);
	return n;
}

int http_server_heard(struct http_server *server, const char *words)
{
	int n = 0;

	pthread_mutex_lock(&server->lock);
	for (const char *at = server->heard; (at = strstr(at, words)); at++)
		n++;
	pthread_mutex_unlock(&server->lock);
	return n;
}
