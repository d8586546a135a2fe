/* SPDX-License-Identifier: Apache-2.0 */
/* Making, starting, stopping and removing containers. */
#include "port/podman_inside.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wake.h"
#include "port/netns.h"
#include "port/stream.h"

#define STOP_S 10     /* until a container that does not stop is killed */
#define SETTLE_MS 400 /* one that runs so long has started */
#define SETTLE_STEP_MS 50
#define LOG_MAX (10 << 20) /* bytes of a container's own log */
#define WORDS_LINES 20

/* One container under the hands. */
struct work {
	struct podman *podman;
	const hbr_call *call;
	const char *name; /* logical */
	char real[PODMAN_NAME_MAX];
};

static int begin(struct work *work, hbr_error **err)
{
	return podman_real_name(work->podman, work->name, work->real, sizeof(work->real), err);
}

/* A request about the container: "/containers/NAME" and the rest. */
static int ask(const struct work *work, const char *method, const char *rest, const char *verb,
               long fine, struct http_reply *reply, hbr_error **err)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char what[PODMAN_NAME_MAX + 64];

	snprintf(what, sizeof(what), "cannot %s container %s", verb, work->real);
	buf_puts(&path, "/containers/");
	http_escape(&path, work->real);
	buf_puts(&path, rest);
	if (path.rc)
		return hbr_oom(err);

	struct podman_ask ask = {
		.method = method, .path = path.data, .what = what, .fine = fine
	};
	return podman_ask(work->podman, work->call, &ask, reply, err);
}

static int ask_only(const struct work *work, const char *method, const char *rest,
                    const char *verb, long fine, hbr_error **err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };

	return ask(work, method, rest, verb, fine, &reply, err);
}

static int stop_and_remove(const struct work *work, hbr_error **err)
{
	char rest[32];

	snprintf(rest, sizeof(rest), "/stop?timeout=%d", STOP_S);

	int rc = ask_only(work, "POST", rest, "stop", 304, err);
	/* It went meanwhile. */
	if (rc == HBR_ENOENT)
		return 0;
	return rc < 0 ? rc : ask_only(work, "DELETE", "?force=true", "remove", 404, err);
}

/* Ours goes, a foreign one stays and is an error. */
static int make_room(const struct work *work, hbr_error **err)
{
	_cleanup_container_ struct podman_container there = { 0 };
	int rc = podman_inspect(work->podman, work->call, work->real, &there, err);

	if (rc < 0 || !there.json)
		return rc;
	rc = podman_refuse_foreign(&there, work->real, err);
	return rc < 0 ? rc : stop_and_remove(work, err);
}

static json_t *labels_of(const hbr_resource *wanted, const hbr_container *body)
{
	json_t *labels = json_pack(
	        "{s:s,s:s,s:s,s:s}", LABEL_MANAGER, LABEL_MANAGER_US, LABEL_NAME, wanted->name,
	        LABEL_NETNS, wanted->netns ? wanted->netns : "", LABEL_IMAGE, body->image);

	if (labels && wanted->owner)
		json_object_set_new(labels, LABEL_OWNER, json_string(wanted->owner));
	return labels;
}

static json_t *netns_of(const struct podman *podman, const hbr_resource *wanted,
                        hbr_error **err)
{
	char real[NAME_MAX + 1], path[sizeof(NETNS_DIR) + sizeof(real)];
	json_t *netns;

	if (podman->netns->real_name(podman->netns->self, wanted->netns ? wanted->netns : "",
	                             real, sizeof(real), err) < 0)
		return NULL;
	snprintf(path, sizeof(path), NETNS_DIR "/%s", real);
	netns = real[0] ? json_pack("{s:s,s:s}", "nsmode", "path", "value", path)
	                : json_pack("{s:s}", "nsmode", "host");
	if (!netns)
		hbr_oom(err);
	return netns;
}

/*
 * podman's SpecGenerator. Restarted when it fails, but not at boot: its namespace must be made
 * first, and whoever makes that puts the container again. Limits of files and processes are those
 * of containers.conf(5).
 */
static int write_spec(const struct work *work, const hbr_resource *wanted, json_t **out,
                      hbr_error **err)
{
	const hbr_container *body = wanted->body;
	_cleanup_json_ json_t *mounts = json_array();
	_cleanup_json_ json_t *netns = netns_of(work->podman, wanted, err);
	json_t *spec;

	if (!netns)
		return HBR_EINVAL;
	if (!mounts)
		return hbr_oom(err);

	int rc = podman_mounts_read(work->podman, body->mounts, mounts, err);
	if (rc < 0)
		return rc;
	spec = json_pack("{s:s,s:s,s:O,s:b,s:O,s:s,s:o,s:{s:s,s:I}}", "name", work->real,
	                 "image", body->image, "netns", netns, "privileged",
	                 (int)body->privileged, "mounts", mounts, "restart_policy",
	                 "on-failure", "labels", labels_of(wanted, body), "log_configuration",
	                 "driver", "k8s-file", "size", (json_int_t)LOG_MAX);
	if (spec && body->hostname)
		json_object_set_new(spec, "hostname", json_string(body->hostname));
	if (spec && body->memory_mib)
		json_object_set_new(spec, "resource_limits",
		                    json_pack("{s:{s:I}}", "memory", "limit",
		                              (json_int_t)body->memory_mib << 20));
	*out = spec;
	return spec ? 0 : hbr_oom(err);
}

/* podman makes no folder for a bind mount. */
static int make_folders(const json_t *spec, hbr_error **err)
{
	const json_t *mounts = json_object_get(spec, "mounts");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(mounts); i++) {
		const char *source = podman_text(json_array_get(mounts, i), "source");

		if (access(source, F_OK) < 0)
			rc = file_mkdirs(source, 0700, err);
	}
	return rc;
}

static int create(const struct work *work, const json_t *spec, hbr_error **err)
{
	_cleanup_free_ char *text = json_dumps(spec, JSON_COMPACT);
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	char what[PODMAN_NAME_MAX + 64];

	if (!text)
		return hbr_oom(err);
	snprintf(what, sizeof(what), "cannot make container %s", work->real);

	struct podman_ask ask = {
		.method = "POST", .path = "/containers/create", .json = text, .what = what
	};
	return podman_ask(work->podman, work->call, &ask, &reply, err);
}

/* What it wrote last: frames of eight bytes of header (kind, size) and text. */
static void last_words(const struct work *work, struct buf *words)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	char rest[64];

	snprintf(rest, sizeof(rest), "/logs?stdout=true&stderr=true&tail=%d", WORDS_LINES);
	if (ask(work, "GET", rest, "read the log of", 0, &reply, NULL) < 0)
		return;

	const unsigned char *at = (const unsigned char *)reply.body.data;
	size_t left = reply.body.len;

	while (left > 8) {
		size_t n =
		        (size_t)at[4] << 24 | (size_t)at[5] << 16 | (size_t)at[6] << 8 | at[7];

		n = n < left - 8 ? n : left - 8;
		stream_words_add(words, (const char *)at + 8, n);
		at += 8 + n;
		left -= 8 + n;
	}
}

/* Started again already, it has no exit code any more. */
static int died(const struct work *work, const struct podman_container *seen, hbr_error **err)
{
	_cleanup_buf_ struct buf words = BUF_INIT;
	char code[32] = "";

	if (!seen->restarts && !seen->is_running)
		snprintf(code, sizeof(code), " with code %lld", (long long)seen->exit_code);
	last_words(work, &words);
	return hbr_fail(err, HBR_EIO, work->real,
	                "container %s ended%s as soon as it was started, and said: %s",
	                work->real, code, stream_words(&words));
}

/* Runs, and still does a moment later; its first process may end at once. */
static int settle(const struct work *work, const char *netns, hbr_error **err)
{
	for (int waited = 0;; waited += SETTLE_STEP_MS) {
		_cleanup_container_ struct podman_container seen = { 0 };
		int rc = podman_inspect(work->podman, work->call, work->real, &seen, err);

		if (rc < 0)
			return rc;
		if (!seen.json)
			return hbr_fail(err, HBR_ENOENT, work->real,
			                "container %s was removed while it started",
			                work->real);
		if (!seen.is_running || seen.restarts)
			return died(work, &seen, err);
		if (waited >= SETTLE_MS && !podman_is_inside(work->podman, seen.pid, netns))
			return hbr_fail(err, HBR_EIO, work->real,
			                "container %s runs, but not inside namespace %s",
			                work->real, netns);
		if (waited >= SETTLE_MS)
			return 0;
		rc = port_proceed(work->call, err);
		if (rc < 0)
			return rc;
		wake_wait(-1, work->call ? work->call->cancel_fd : -1,
		          SETTLE_STEP_MS * WAKE_MS);
	}
}

static int start(const struct work *work, const hbr_resource *wanted, hbr_error **err)
{
	int rc = ask_only(work, "POST", "/start", "start", 304, err);

	return rc < 0 ? rc : settle(work, wanted->netns ? wanted->netns : "", err);
}

static int check(const hbr_resource *wanted, hbr_error **err)
{
	const hbr_container *body = wanted->body;

	if (wanted->kind != HBR_KIND_CONTAINER || !body || !wanted->name)
		return hbr_fail(err, HBR_EINVAL, wanted->name, "this is no container");
	if (!body->image || !body->image[0])
		return hbr_fail(err, HBR_EINVAL, wanted->name,
		                "container %s: no image is given", wanted->name);
	return 0;
}

/* It was made, did not start, and stays: never HBR_ENOENT, which says that nothing was made. */
static int fail_left(const struct work *work, hbr_error **err)
{
	_cleanup_error_ hbr_error *why = err ? hbr_steal(*err) : NULL;

	hbr_fail(err, HBR_EIO, work->name, "%s", hbr_error_message(why));
	hbr_hint(err,
	         "container %s was made and could not be removed: once podman answers, apply "
	         "again, or podman rm -f %s",
	         work->real, work->real);
	return HBR_EIO;
}

int podman_put(struct podman *podman, const hbr_call *call, const hbr_resource *wanted,
               hbr_error **err)
{
	/* Nothing of the old one is touched before the new one is known to be possible. */
	static const hbr_call endless = { .cancel_fd = -1 };
	struct work work = { .podman = podman, .call = call ? call : &endless };
	_cleanup_free_ char *image_id = NULL;
	_cleanup_json_ json_t *spec = NULL;
	const hbr_container *body = wanted->body;
	int rc = check(wanted, err);

	work.name = wanted->name;
	if (rc == 0)
		rc = begin(&work, err);
	if (rc == 0)
		rc = write_spec(&work, wanted, &spec, err);
	if (rc == 0)
		rc = podman_image(podman, work.call, body->image, body->archive, &image_id,
		                  err);
	if (rc == 0)
		rc = make_room(&work, err);
	if (rc == 0)
		rc = make_folders(spec, err);
	if (rc == 0)
		rc = create(&work, spec, err);
	if (rc < 0 || !body->running)
		return rc;
	rc = start(&work, wanted, err);
	if (rc < 0) {
		/* Even when the time is up. */
		hbr_call last = { .deadline_ns = wake_now() + (STOP_S + 10) * 1000 * WAKE_MS,
			          .cancel_fd = -1 };

		work.call = &last;
		if (ask_only(&work, "DELETE", "?force=true", "remove", 404, NULL) < 0)
			return fail_left(&work, err);
	}
	return rc;
}

int podman_remove(struct podman *podman, const hbr_call *call, const char *name,
                  hbr_error **err)
{
	static const hbr_call endless = { .cancel_fd = -1 };
	struct work work = { .podman = podman, .call = call ? call : &endless, .name = name };
	_cleanup_error_ hbr_error *why = NULL;
	int rc = begin(&work, &why);

	if (rc == 0)
		rc = make_room(&work, &why);
	/* Without podman nobody knows: that is no container that is not there. */
	if (rc == HBR_ENOENT) {
		hbr_fail(err, HBR_EIO, name, "%s", hbr_error_message(why));
		hbr_hint(err, "%s", hbr_error_hint(why) ? hbr_error_hint(why) : "is podman there?");
		return HBR_EIO;
	}
	if (rc < 0 && err)
		*err = hbr_steal(why);
	return rc;
}
