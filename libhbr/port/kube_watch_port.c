/* SPDX-License-Identifier: Apache-2.0 */
/* Watches over HTTP: streams are opened as reflectors ask, and what changed is put. */
#include "port/kube_watch_port.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/file.h"
#include "base/wake.h"
#include "port/netns.h"

#define READS_AT_ONCE 64 /* of one collection, so that the others have their turn */

struct one {
	struct kube_watch *watch;
	struct http_stream *stream; /* or NULL */
	bool has_head;
	int64_t until; /* when the watch has something to do without news */
};

struct kube_watches {
	struct http *http;
	struct kube_auth auth;
	uint64_t seed;
	int epoll, timer, bell; /* the bell: there is more to do at once */
	bool has_no_stream;
	struct one ones[KUBE_WATCHES_MAX];
	size_t n;
};

static int listen_to(struct kube_watches *watches, int fd, hbr_error **err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(watches->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return hbr_fail_errno(err, port_code(errno), errno, NULL, "cannot wait for events");
}

int kube_watches_new(struct http *http, const struct kube_auth *auth, uint64_t seed,
                     struct kube_watches **out, hbr_error **err)
{
	_cleanup_kube_watches_ struct kube_watches *watches = calloc(1, sizeof(*watches));
	int rc;

	if (!watches)
		return hbr_oom(err);
	watches->http = http;
	watches->auth = *auth;
	watches->seed = seed;
	watches->timer = watches->bell = -1;
	watches->epoll = epoll_create1(EPOLL_CLOEXEC);
	watches->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watches->epoll < 0 || watches->timer < 0)
		return hbr_fail_errno(err, port_code(errno), errno, NULL,
		                      "cannot wait for events");
	rc = wake_new(&watches->bell, err);
	if (rc == 0)
		rc = listen_to(watches, watches->timer, err);
	if (rc == 0)
		rc = listen_to(watches, watches->bell, err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(watches);
	return 0;
}

void kube_watches_free(struct kube_watches *watches)
{
	if (!watches)
		return;
	for (size_t i = 0; i < watches->n; i++) {
		http_stream_close(watches->ones[i].stream);
		kube_watch_free(watches->ones[i].watch);
	}
	file_closep(&watches->epoll);
	file_closep(&watches->timer);
	file_closep(&watches->bell);
	free(watches);
}

int kube_watches_add(struct kube_watches *watches, const struct kube_watch_opts *opts,
                     hbr_error **err)
{
	struct kube_watch_opts ours = *opts;
	int rc;

	if (watches->n == KUBE_WATCHES_MAX)
		return hbr_fail(err, HBR_ELIMIT, opts->kind, "more than %d watches",
		                KUBE_WATCHES_MAX);
	ours.seed = watches->seed + watches->n;
	ours.has_no_stream = &watches->has_no_stream;
	rc = kube_watch_new(&ours, &watches->ones[watches->n].watch, err);
	if (rc < 0)
		return rc;
	watches->n++;
	wake_ring(watches->bell);
	return 0;
}

int kube_watches_fd(const struct kube_watches *watches)
{
	return watches->epoll;
}

static void close_stream(struct kube_watches *watches, struct one *one)
{
	if (one->stream)
		epoll_ctl(watches->epoll, EPOLL_CTL_DEL, http_stream_fd(one->stream), NULL);
	http_stream_close(hbr_steal(one->stream));
}

/* A failure to open is the reflector's to deal with, as any other. */
static void open_stream(struct kube_watches *watches, struct one *one,
                        const struct kube_want *want)
{
	_cleanup_buf_ struct buf bearer = BUF_INIT;
	_cleanup_error_ hbr_error *why = NULL;
	struct http_request request = {
		.method = "GET",
		.path = want->path,
		.accept = want->accept,
		.flags = want->is_gzip ? HTTP_GZIP : 0,
	};
	int rc = watches->auth.bearer(watches->auth.user, &bearer, &why);

	close_stream(watches, one);
	one->has_head = false;
	request.authorization = bearer.len ? bearer.data : NULL;
	if (rc == 0)
		rc = http_stream_open(watches->http, &request, &one->stream, &why);
	if (rc == 0)
		rc = listen_to(watches, http_stream_fd(one->stream), &why);
	if (rc < 0) {
		close_stream(watches, one);
		kube_watch_end(one->watch, why, wake_now());
	}
}

static void read_head(struct kube_watches *watches, struct one *one, long status)
{
	uint32_t retry_after_s;
	const char *type = http_stream_type(one->stream, &retry_after_s);

	one->has_head = true;
	if (status == 401 && watches->auth.refused)
		watches->auth.refused(watches->auth.user);
	kube_watch_head(one->watch, status, type, retry_after_s, wake_now());
}

/* Did anything come? */
static bool read_stream(struct kube_watches *watches, struct one *one)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	_cleanup_error_ hbr_error *why = NULL;
	long status = 0;
	int rc;

	if (!one->stream)
		return false;
	rc = http_stream_read(one->stream, &data, &status, &why);
	if (status && !one->has_head)
		read_head(watches, one, status);
	if (data.len)
		kube_watch_feed(one->watch, data.data, data.len, wake_now());
	if (rc != 0) {
		close_stream(watches, one);
		kube_watch_end(one->watch, why, wake_now());
	}
	return rc != 0 || data.len;
}

/* Lets one reflector go on until it has to wait. */
static int pump(struct kube_watches *watches, struct one *one, hbr_error **err)
{
	for (int i = 0; i < READS_AT_ONCE; i++) {
		struct kube_want want;
		int todo = kube_watch_next(one->watch, wake_now(), &want, err);

		if (todo < 0)
			return todo;
		one->until = want.until;
		if (todo == KUBE_OPEN) {
			open_stream(watches, one, &want);
			continue;
		}
		if (todo == KUBE_REST)
			close_stream(watches, one);
		if (todo == KUBE_REST || kube_watch_is_full(one->watch) ||
		    !read_stream(watches, one))
			return 0;
	}
	wake_ring(watches->bell);
	return 0;
}

/* What is told of an object of which only metadata is known. */
static void put_metadata(struct buf *text, const char *api_version, const char *kind,
                         const struct kube_news *news)
{
	const char *const rows[][2] = {
		{ "name", news->name },
		{ "namespace", news->ns },
		{ "resourceVersion", news->version },
		{ "uid", news->uid },
	};

	buf_puts(text, "{\"apiVersion\":");
	buf_json_string(text, api_version);
	buf_puts(text, ",\"kind\":");
	buf_json_string(text, kind);
	buf_puts(text, ",\"metadata\":{");
	for (size_t i = 0; i < hbr_count(rows); i++) {
		if (!rows[i][1])
			continue;
		buf_printf(text, "%s\"%s\":", i ? "," : "", rows[i][0]);
		buf_json_string(text, rows[i][1]);
	}
	buf_puts(text, "}}");
}

static int put_one(const struct one *one, const struct kube_news *news, hbr_sink *sink,
                   hbr_error **err)
{
	_cleanup_buf_ struct buf name = BUF_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *api_version;
	const char *kind = kube_watch_kind(one->watch, &api_version);
	hbr_apiobject body = { .text = news->text, .uid = news->uid };
	hbr_resource resource = {
		.size = sizeof(resource),
		.kind = HBR_KIND_OBJECT,
		.flags = (news->is_gone ? HBR_RESOURCE_GONE : 0u) |
		         (news->is_ours ? HBR_RESOURCE_OURS : 0u),
		.body = &body,
	};

	buf_printf(&name, "%s/%s/%s/%s", api_version, kind, news->ns ? news->ns : "",
	           news->name);
	if (!news->text)
		put_metadata(&text, api_version, kind, news);
	if (name.rc || text.rc)
		return hbr_oom(err);
	resource.name = name.data;
	body.text = news->text ? news->text : text.data;
	return sink->put(sink, &resource, err);
}

static int put_all(const struct one *one, hbr_sink *sink, hbr_error **err)
{
	struct kube_store *store = kube_watch_store(one->watch);
	struct kube_news news;

	while (kube_store_next(store, &news)) {
		int rc = put_one(one, &news, sink, err);

		if (rc < 0)
			return rc;
		kube_store_told(store);
	}
	return 0;
}

static void set_timer(const struct kube_watches *watches)
{
	struct itimerspec when = { 0 };
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < watches->n; i++) {
		if (watches->ones[i].until < until)
			until = watches->ones[i].until;
	}
	/* Zero would turn it off. */
	if (watches->n) {
		when.it_value.tv_sec = until / KUBE_SECOND;
		when.it_value.tv_nsec = until % KUBE_SECOND + !until;
	}
	timerfd_settime(watches->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static int complain(struct kube_watches *watches, hbr_error **err)
{
	for (size_t i = 0; i < watches->n; i++) {
		int rc = kube_watch_complaint(watches->ones[i].watch, err);

		if (rc < 0) {
			/* The others have theirs the next time. */
			wake_ring(watches->bell);
			return rc;
		}
	}
	return 0;
}

int kube_watches_drain(struct kube_watches *watches, hbr_sink *sink, hbr_error **err)
{
	wake_quiet(watches->bell);
	for (size_t i = 0; i < watches->n; i++) {
		struct one *one = &watches->ones[i];
		bool was_full;
		int rc;

		do {
			rc = pump(watches, one, err);
			was_full = kube_watch_is_full(one->watch);
			if (rc == 0)
				rc = put_all(one, sink, err);
		} while (rc == 0 && was_full);
		if (rc < 0) {
			wake_ring(watches->bell);
			return rc;
		}
	}
	set_timer(watches);
	return complain(watches, err);
}

bool kube_watches_are_synced(const struct kube_watches *watches)
{
	for (size_t i = 0; i < watches->n; i++) {
		if (!kube_watch_is_synced(watches->ones[i].watch))
			return false;
	}
	return true;
}

struct kube_watch_count kube_watches_counted(const struct kube_watches *watches)
{
	struct kube_watch_count sum = { 0 };

	for (size_t i = 0; i < watches->n; i++) {
		struct kube_watch_count one = kube_watch_counted(watches->ones[i].watch);

		sum.lists += one.lists;
		sum.pages += one.pages;
		sum.watches += one.watches;
		sum.events += one.events;
		sum.bytes += one.bytes;
		sum.failures += one.failures;
	}
	return sum;
}
