/* SPDX-License-Identifier: Apache-2.0 */
/* Asking podman's service: where it is, whether it will do, what its refusals mean. */
#include "port/podman_inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "port/stream.h"

#define WORDS_MAX 600 /* bytes of podman's own words in a message */
#define VERSION_MIN 4

static const struct {
	long status;
	int code;
} refusals[] = {
	{ 400, HBR_EINVAL },
	{ 403, HBR_EPERM },
	{ 404, HBR_ENOENT },
	{ 409, HBR_ECONFLICT },
};

int podman_new(const struct podman_opts *opts, struct podman **out, hbr_error **err)
{
	struct podman *podman = calloc(1, sizeof(*podman));

	if (!podman)
		return hbr_oom(err);
	podman->netns = opts->netns;
	podman->log = opts->log;
	podman->user = opts->user;
	podman->root = strdup(opts->root);
	podman->socket = strdup(opts->socket ? opts->socket : PODMAN_SOCKET);
	podman->program = opts->program ? strdup(opts->program) : NULL;

	struct http_opts http = { .url = "http://d", .unix_socket = podman->socket };
	int rc = podman->root && podman->socket && (podman->program || !opts->program)
	                 ? http_new(&http, &podman->http, err)
	                 : hbr_oom(err);

	if (rc < 0)
		podman_free(podman);
	else
		*out = podman;
	return rc;
}

void podman_free(struct podman *podman)
{
	if (!podman)
		return;
	http_free(podman->http);
	free(podman->root);
	free(podman->socket);
	free(podman->program);
	free(podman);
}

const char *podman_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t podman_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool podman_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

int podman_absent(const struct podman *podman, hbr_error **err)
{
	hbr_fail(err, HBR_ENOENT, podman->socket, "no podman service listens on %s",
	         podman->socket);
	hbr_hint(err, "start it: systemctl enable --now podman.socket");
	return HBR_ENOENT;
}

/* podman's errors are {"cause", "message", "response"}; a proxy's may be anything. */
static void put_words(const struct buf *body, struct buf *out)
{
	_cleanup_json_ json_t *json = NULL;
	const char *words = NULL;

	if (body->len && json_read(body->data, body->len, "podman's reply", &json, NULL) == 0)
		words = podman_text(json, "message");
	if (!words)
		words = body->len ? body->data : "it says nothing";
	buf_put(out, words, strnlen(words, WORDS_MAX));
	if (out->data)
		utf8_clean(out->data);
}

int podman_refused(const struct podman_ask *ask, long status, const struct buf *body,
                   hbr_error **err)
{
	_cleanup_buf_ struct buf words = BUF_INIT;
	int code = HBR_EIO;

	for (size_t i = 0; i < hbr_count(refusals); i++) {
		if (refusals[i].status == status)
			code = refusals[i].code;
	}
	put_words(body, &words);
	return hbr_fail(err, code, NULL, "%s: podman answers %ld: %s", ask->what, status,
	                words.rc || !words.data ? "" : words.data);
}

/* An empty body has no bytes at all. */
static int read_json(const struct buf *body, const char *what, json_t **out, hbr_error **err)
{
	return json_read(body->data ? body->data : "", body->len, what, out, err);
}

/* Is the socket there at all? What libcurl says of a missing one helps nobody. */
static bool is_absent(const struct podman *podman)
{
	_cleanup_error_ hbr_error *why = NULL;
	int fd = -1;
	int rc = stream_dial(podman->socket, &fd, &why);

	if (fd >= 0)
		close(fd);
	return rc == HBR_ENOENT;
}

static int ask(struct podman *podman, const hbr_call *call, const struct podman_ask *ask,
               const char *prefix, struct http_reply *reply, hbr_error **err)
{
	static const hbr_call endless = { .cancel_fd = -1 };
	_cleanup_error_ hbr_error *why = NULL;
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_puts(&path, prefix);
	buf_puts(&path, ask->path);
	if (path.rc)
		return hbr_oom(err);

	struct http_request request = {
		.method = ask->method,
		.path = path.data,
		.content_type = ask->json ? "application/json" : NULL,
		.body = ask->json,
		.body_size = ask->json ? strlen(ask->json) : 0,
		.flags = ask->flags,
	};
	int rc = http_call(podman->http, call ? call : &endless, &request, reply, &why);

	if (rc == HBR_EIO && is_absent(podman))
		return podman_absent(podman, err);
	if (rc < 0) {
		if (err)
			*err = hbr_steal(why);
		hbr_wrap(err, "%s: podman", ask->what);
		return rc;
	}
	if (reply->status / 100 == 2 || (ask->fine && reply->status == ask->fine))
		return 0;
	return podman_refused(ask, reply->status, &reply->body, err);
}

/* "4.3.1": the first number. podman 3.4 cannot do what we need, and refuses our paths. */
int podman_check(struct podman *podman, const hbr_call *call, hbr_error **err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_json_ json_t *json = NULL;
	struct podman_ask version = { .method = "GET",
		                      .path = "/version",
		                      .what = "cannot ask for the version" };
	const char *text;

	if (podman->is_checked)
		return 0;

	int rc = ask(podman, call, &version, "", &reply, err);
	if (rc == 0)
		rc = read_json(&reply.body, "podman's version", &json, err);
	if (rc < 0)
		return rc;
	text = podman_text(json, "Version");
	if (!text)
		return hbr_fail(err, HBR_ENOTSUP, podman->socket,
		                "what listens on %s does not say which podman it is",
		                podman->socket);
	if (strtol(text, NULL, 10) < VERSION_MIN) {
		hbr_fail(err, HBR_ENOTSUP, podman->socket,
		         "podman %.32s is too old: version %d is needed", text, VERSION_MIN);
		hbr_hint(err, "distributions before 2023 have 3.4: install podman from a newer "
		              "repository");
		return HBR_ENOTSUP;
	}
	podman->is_checked = true;
	return 0;
}

int podman_ask(struct podman *podman, const hbr_call *call, const struct podman_ask *what,
               struct http_reply *reply, hbr_error **err)
{
	int rc = podman_check(podman, call, err);

	*reply = (struct http_reply){ .body = BUF_INIT };
	return rc < 0 ? rc : ask(podman, call, what, PODMAN_API, reply, err);
}

int podman_ask_json(struct podman *podman, const hbr_call *call, const struct podman_ask *what,
                    json_t **out, hbr_error **err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	int rc = podman_ask(podman, call, what, &reply, err);

	if (rc < 0)
		return rc;
	*out = NULL;
	if (what->fine && reply.status == what->fine)
		return 0;
	rc = read_json(&reply.body, "podman's reply", out, err);
	if (rc < 0)
		hbr_wrap(err, "%s", what->what);
	return rc;
}

int podman_real_name(const struct podman *podman, const char *name, char *buf, size_t size,
                     hbr_error **err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789_.-";
	int rc = podman->netns->real_name(podman->netns->self, name, buf, size, err);

	if (rc < 0)
		return rc;
	if (buf[0] == '\0' || strchr("_.-", buf[0]) || buf[strspn(buf, letters)])
		return hbr_fail(err, HBR_EINVAL, name,
		                "\"%s\" cannot be the name of a container: letters, digits, "
		                "\"_\", \".\" and \"-\" only",
		                buf);
	return 0;
}
