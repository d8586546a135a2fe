/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP replies that are read as they come. Each has a multi handle and a connection of its own. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "port/http_inside.h"

/* What waits to be read; above it the peer has to wait. */
#define WAITING_MAX ((size_t)32 << 20)

struct http_stream {
	struct http *http;
	struct http_request request;
	char *method, *path, *accept;
	struct http_transfer transfer;
	CURLM *multi;
	int epoll_fd; /* curl's sockets, and: */
	int timer_fd; /* curl's timer */
	struct buf waiting;
	bool is_over;
	CURLcode code;
};

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
	struct http_stream *stream = user;
	struct epoll_event event = { .data = { .fd = fd } };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(stream->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events =
	        (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	epoll_ctl(stream->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
	curl_multi_assign(stream->multi, fd, stream);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
	struct http_stream *stream = user;
	struct itimerspec when = { 0 };

	(void)multi;
	/* Zero would turn the timer off, and means at once. */
	when.it_value.tv_sec = ms > 0 ? ms / 1000 : 0;
	when.it_value.tv_nsec = ms > 0 ? ms % 1000 * 1000000 : ms == 0;
	timerfd_settime(stream->timer_fd, 0, &when, NULL);
	return 0;
}

static int take(struct http_transfer *transfer, const void *data, size_t size)
{
	struct http_stream *stream = transfer->user;

	if (stream->waiting.len + size > WAITING_MAX)
		return hbr_fail(&transfer->err, HBR_ELIMIT, NULL,
		                "more than %zu bytes wait to be read", WAITING_MAX);
	buf_put(&stream->waiting, data, size);
	return stream->waiting.rc ? hbr_oom(&transfer->err) : 0;
}

static bool copy_request(struct http_stream *stream, const struct http_request *request)
{
	stream->request = *request;
	stream->method = strdup(request->method);
	stream->path = strdup(request->path);
	stream->accept = request->accept ? strdup(request->accept) : NULL;
	stream->request.method = stream->method;
	stream->request.path = stream->path;
	stream->request.accept = stream->accept;
	return stream->method && stream->path && (!request->accept || stream->accept);
}

static bool open_all(struct http_stream *stream)
{
	struct epoll_event event = { .events = EPOLLIN };

	stream->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	stream->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	stream->multi = curl_multi_init();
	stream->transfer.easy = curl_easy_init();
	event.data.fd = stream->timer_fd;
	if (stream->epoll_fd < 0 || stream->timer_fd < 0 || !stream->multi ||
	    !stream->transfer.easy)
		return false;
	curl_multi_setopt(stream->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(stream->multi, CURLMOPT_SOCKETDATA, stream);
	curl_multi_setopt(stream->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(stream->multi, CURLMOPT_TIMERDATA, stream);
	return epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->timer_fd, &event) == 0;
}

int http_stream_open(struct http *http, const struct http_request *request,
                     struct http_stream **out, hbr_error **err)
{
	struct http_stream *stream = calloc(1, sizeof(*stream));
	int rc = 0;

	if (!stream)
		return hbr_oom(err);
	stream->http = http;
	stream->epoll_fd = stream->timer_fd = -1;
	stream->transfer.request = &stream->request;
	stream->transfer.take = take;
	stream->transfer.user = stream;
	if (!copy_request(stream, request) || !open_all(stream))
		rc = hbr_oom(err);
	if (rc == 0)
		rc = http_transfer_begin(http, &stream->transfer, true, err);
	/* Only the copy that curl sends is kept. */
	stream->request.authorization = NULL;
	if (rc == 0 && curl_multi_add_handle(stream->multi, stream->transfer.easy) != CURLM_OK)
		rc = hbr_oom(err);
	if (rc < 0) {
		http_stream_close(stream);
		return rc;
	}
	*out = stream;
	return 0;
}

int http_stream_fd(const struct http_stream *stream)
{
	return stream->epoll_fd;
}

static int drive(struct http_stream *stream, hbr_error **err)
{
	struct epoll_event events[8];
	int n = epoll_wait(stream->epoll_fd, events, 8, 0);
	int running, left;
	CURLMcode code = CURLM_OK;
	CURLMsg *message;

	for (int i = 0; i < n && code == CURLM_OK; i++) {
		uint64_t times;
		int what = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN
		                                                               : 0) |
		           (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);

		if (events[i].data.fd != stream->timer_fd)
			code = curl_multi_socket_action(stream->multi, events[i].data.fd, what,
			                                &running);
		else if (read(stream->timer_fd, &times, sizeof(times)) == sizeof(times))
			code = curl_multi_socket_action(stream->multi, CURL_SOCKET_TIMEOUT, 0,
			                                &running);
	}
	if (code != CURLM_OK)
		return hbr_fail(err, HBR_EIO, NULL, "%s", curl_multi_strerror(code));
	message = curl_multi_info_read(stream->multi, &left);
	if (message && message->msg == CURLMSG_DONE) {
		stream->is_over = true;
		stream->code = message->data.result;
	}
	return 0;
}

int http_stream_read(struct http_stream *stream, struct buf *out, long *status, hbr_error **err)
{
	int rc = stream->is_over ? 0 : drive(stream, err);

	*status = http_status(&stream->transfer);
	buf_put(out, stream->waiting.data, stream->waiting.len);
	buf_reset(&stream->waiting);
	if (out->rc)
		return hbr_oom(err);
	if (rc < 0 || !stream->is_over)
		return rc;
	rc = http_explain(stream->http, &stream->transfer, stream->code, err);
	return rc < 0 ? rc : 1;
}

const char *http_stream_type(const struct http_stream *stream, uint32_t *retry_after_s)
{
	char *type = NULL;

	curl_easy_getinfo(stream->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
	*retry_after_s = stream->transfer.retry_s;
	return type ? type : "";
}

void http_stream_close(struct http_stream *stream)
{
	if (!stream)
		return;
	if (stream->multi && stream->transfer.easy)
		curl_multi_remove_handle(stream->multi, stream->transfer.easy);
	if (stream->transfer.easy)
		curl_easy_cleanup(stream->transfer.easy);
	if (stream->multi)
		curl_multi_cleanup(stream->multi);
	http_transfer_end(&stream->transfer);
	if (stream->epoll_fd >= 0)
		close(stream->epoll_fd);
	if (stream->timer_fd >= 0)
		close(stream->timer_fd);
	buf_free(&stream->waiting);
	free(stream->method);
	free(stream->path);
	free(stream->accept);
	free(stream);
}
