/* SPDX-License-Identifier: Apache-2.0 */
/* Servers as they should not be: endless, slow, bursting, cut off, overloaded. */
#include "http_kit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define LIMIT (4 * MIB)
/* Buffers that double, the one that libcurl reads into, and the sanitizers' share. */
#define ROOM_KIB (48 * 1024)

/* Grows by no more than its limit allows. */
static void stays_small(long before)
{
	ck_assert_int_lt(http_kit_peak_kib() - before, ROOM_KIB);
}

static bool endless(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	static char chunk[16384];

	(void)asked;
	memset(chunk, 'x', sizeof(chunk));
	http_says(peer, user);
	for (;;) {
		if (!http_says(peer, "4000\r\n") || !http_say(peer, chunk, sizeof(chunk)) ||
		    !http_says(peer, "\r\n"))
			return false;
	}
}

static const char *const bodies[] = {
	"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n",
	"HTTP/1.1 200 X\r\nContent-Length: 1073741824\r\n\r\n",
	"HTTP/1.1 200 X\r\n\r\n",
	"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n",
};

START_TEST(a_body_without_end_is_given_up)
{
	_cleanup_http_kit_ struct http_kit kit;
	long before;

	http_kit_open(&kit, NULL, endless, (void *)bodies[_i]);
	kit.request.limit = LIMIT;
	before = http_kit_peak_kib();
	ck_assert_int_eq(http_kit_call(&kit), HBR_ELIMIT);
	ck_assert_ptr_null(kit.reply.body.data);
	stays_small(before);
}
END_TEST

static bool endless_head(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	http_says(peer, "HTTP/1.1 200 X\r\n");
	while (http_says(peer, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
		;
	return false;
}

START_TEST(headers_without_end_are_given_up)
{
	_cleanup_http_kit_ struct http_kit kit;
	long before;

	http_kit_open(&kit, NULL, endless_head, NULL);
	before = http_kit_peak_kib();
	ck_assert_int_eq(http_kit_call(&kit), HBR_ELIMIT);
	http_kit_says(&kit, "headers");
	stays_small(before);
}
END_TEST

static bool endless_line(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	http_says(peer, "HTTP/1.1 200 X\r\nX-More: ");
	while (http_says(peer, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
		;
	return false;
}

START_TEST(a_header_line_without_end_is_given_up)
{
	_cleanup_http_kit_ struct http_kit kit;
	long before;

	http_kit_open(&kit, NULL, endless_line, NULL);
	before = http_kit_peak_kib();
	ck_assert_int_lt(http_kit_call(&kit), 0);
	stays_small(before);
}
END_TEST

static bool interim(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	(void)user;
	while (http_says(peer, "HTTP/1.1 102 X\r\nX-More: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n"))
		;
	return false;
}

START_TEST(interim_replies_without_end_are_given_up)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, interim, NULL);
	ck_assert_int_eq(http_kit_call(&kit), HBR_ELIMIT);
}
END_TEST

static bool drip(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	static const char head[] = "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n";
	size_t quick = *(const bool *)user ? sizeof(head) - 1 : 1;

	(void)asked;
	http_say(peer, head, quick);
	for (size_t i = quick; http_pause(peer, 20); i++) {
		if (!http_say(peer, i < sizeof(head) - 1 ? head + i : "x", 1))
			break;
	}
	return false;
}

static bool is_quick[] = { false, true };

START_TEST(one_that_drips_does_not_outlast_the_deadline)
{
	_cleanup_http_kit_ struct http_kit kit;
	int64_t begun = wake_now();

	http_kit_open(&kit, NULL, drip, &is_quick[_i]);
	http_kit_hurry(&kit, 500);
	ck_assert_int_eq(http_kit_call(&kit), HBR_ETIMEDOUT);
	ck_assert_int_lt(wake_now() - begun, 5000 * WAKE_MS);
}
END_TEST

static void *ring(void *user)
{
	wake_wait(-1, -1, 300 * WAKE_MS);
	wake_ring(*(int *)user);
	return NULL;
}

START_TEST(a_call_can_be_cancelled_while_it_waits)
{
	_cleanup_http_kit_ struct http_kit kit;
	pthread_t thread;
	int bell;

	http_kit_open(&kit, NULL, drip, &is_quick[1]);
	ck_ok(wake_new(&bell, &kit.err), kit.err);
	kit.call.cancel_fd = bell;
	ck_assert_int_eq(pthread_create(&thread, NULL, ring, &bell), 0);
	ck_assert_int_eq(http_kit_call(&kit), HBR_ECANCELED);
	pthread_join(thread, NULL);
	close(bell);
}
END_TEST

struct bytes {
	char *data;
	size_t size;
};

static void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
}

/* Before the kit: its server may still send them. */
#define _cleanup_bytes_ hbr_cleanup(bytes_free)

/* So many zeros, compressed. */
static struct bytes bomb(size_t mib)
{
	struct bytes bytes = { malloc(4 * MIB), 0 };
	char command[96];
	FILE *pipe;

	snprintf(command, sizeof(command), "head -c %zuM /dev/zero | gzip -9", mib);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	bytes.size = fread(bytes.data, 1, 4 * MIB, pipe);
	pclose(pipe);
	ck_assert_uint_gt(bytes.size, 1000);
	return bytes;
}

static bool burst(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	const struct bytes *bytes = user;
	char head[128];

	(void)asked;
	snprintf(head, sizeof(head),
	         "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
	         bytes->size);
	return http_says(peer, head) && http_say(peer, bytes->data, bytes->size);
}

START_TEST(a_bomb_counts_as_big_as_it_gets)
{
	_cleanup_bytes_ struct bytes bytes = bomb(64);
	_cleanup_http_kit_ struct http_kit kit;
	long before;

	http_kit_open(&kit, NULL, burst, &bytes);
	kit.request.limit = LIMIT;
	kit.request.flags = HTTP_GZIP;
	before = http_kit_peak_kib();
	ck_assert_int_eq(http_kit_call(&kit), HBR_ELIMIT);
	stays_small(before);
	/* Unasked for, it is but bytes. */
	kit.request.flags = 0;
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_uint_eq(kit.reply.body.len, bytes.size);
	ck_assert_int_eq(http_server_heard(kit.server, "Accept-Encoding: gzip"), 1);
}
END_TEST

START_TEST(a_compressed_reply_is_read)
{
	_cleanup_bytes_ struct bytes bytes = bomb(1);
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, burst, &bytes);
	kit.request.flags = HTTP_GZIP;
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_uint_eq(kit.reply.body.len, MIB);
}
END_TEST

static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                            "Content-Length: 12\r\n\r\n{\"a\":\"body\"}";

static bool cut(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	http_say(peer, whole, (size_t) * (int *)user);
	return false;
}

START_TEST(a_reply_that_is_cut_anywhere_is_an_error)
{
	int size = 0;
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, cut, &size);
	for (; size < (int)sizeof(whole) - 1; size++)
		ck_assert_msg(http_kit_call(&kit) == HBR_EIO, "after %d bytes", size);
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_str_eq(kit.reply.body.data, "{\"a\":\"body\"}");
}
END_TEST

static bool nonsense(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	(void)asked;
	http_says(peer, user);
	return false;
}

static const char *const nonsenses[] = {
	"\x16\x03\x01\x02",
	"hello\r\n\r\n",
	"HTTP/9.9 200 X\r\n\r\n",
	"HTTP/1.1 banana\r\n\r\n",
	"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
	"HTTP/1.1 200 X\r\nContent-Length: -5\r\n\r\n",
};

START_TEST(nonsense_is_an_error)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, nonsense, (void *)nonsenses[_i]);
	ck_assert_int_lt(http_kit_call(&kit), 0);
}
END_TEST

/* Says the text the first time, then hello. */
static bool then_hello(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	if (asked->number > 1)
		return http_kit_hello(peer, asked, user);
	http_says(peer, user);
	return !strstr(user, "cut");
}

#define BUSY "HTTP/1.1 429 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
#define DOWN "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"
#define CUT "HTTP/1.1 200 cut"
#define LATER "HTTP/1.1 429 X\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"

START_TEST(an_overloaded_server_is_asked_again_when_it_says)
{
	_cleanup_http_kit_ struct http_kit kit;
	int64_t begun = wake_now();

	http_kit_open(&kit, NULL, then_hello, (void *)BUSY);
	kit.request.flags = HTTP_RETRY;
	ck_ok(http_kit_call(&kit), kit.err);
	ck_assert_int_eq(kit.reply.status, 200);
	ck_assert_int_ge(wake_now() - begun, 1000 * WAKE_MS);
	ck_assert_int_eq(http_server_requests(kit.server), 2);
}
END_TEST

static const struct {
	const char *first;
	uint32_t flags;
	int status, requests;
} tries[] = {
	{ BUSY, 0, 429, 1 },           { DOWN, HTTP_RETRY, 503, 1 }, /* it does not say when */
	{ LATER, HTTP_RETRY, 429, 1 }, /* not before the deadline */
	{ CUT, HTTP_RETRY, 200, 2 },   { CUT, 0, HBR_EIO, 1 },
};

START_TEST(a_request_is_sent_again_only_where_that_helps_and_harms_not)
{
	_cleanup_http_kit_ struct http_kit kit;
	int rc;

	http_kit_open(&kit, NULL, then_hello, (void *)tries[_i].first);
	kit.request.flags = tries[_i].flags;
	rc = http_kit_call(&kit);
	ck_assert_int_eq(rc < 0 ? rc : (int)kit.reply.status, tries[_i].status);
	ck_assert_int_eq(http_server_requests(kit.server), tries[_i].requests);
}
END_TEST

static bool hello_then_cut(struct http_peer *peer, const struct http_asked *asked, void *user)
{
	return asked->number == 1 && http_kit_hello(peer, asked, user);
}

/* libcurl would do so by itself on a connection that it kept. */
START_TEST(what_must_go_out_once_goes_out_once)
{
	_cleanup_http_kit_ struct http_kit kit;

	http_kit_open(&kit, NULL, hello_then_cut, NULL);
	ck_ok(http_kit_call(&kit), kit.err);
	kit.request.method = "POST";
	kit.request.body = "x";
	kit.request.body_size = 1;
	ck_assert_int_eq(http_kit_call(&kit), HBR_EIO);
	ck_assert_int_eq(http_server_requests(kit.server), 2);
}
END_TEST

HBR_SUITE(http_hostile)
{
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_body_without_end_is_given_up, 0, (int)hbr_count(bodies));
	tcase_add_test(tcase, headers_without_end_are_given_up);
	tcase_add_test(tcase, a_header_line_without_end_is_given_up);
	tcase_add_test(tcase, interim_replies_without_end_are_given_up);
	tcase_add_loop_test(tcase, one_that_drips_does_not_outlast_the_deadline, 0, 2);
	tcase_add_test(tcase, a_call_can_be_cancelled_while_it_waits);
	tcase_add_test(tcase, a_bomb_counts_as_big_as_it_gets);
	tcase_add_test(tcase, a_compressed_reply_is_read);
	tcase_add_test(tcase, a_reply_that_is_cut_anywhere_is_an_error);
	tcase_add_loop_test(tcase, nonsense_is_an_error, 0, (int)hbr_count(nonsenses));
	tcase_add_test(tcase, an_overloaded_server_is_asked_again_when_it_says);
	tcase_add_loop_test(tcase, a_request_is_sent_again_only_where_that_helps_and_harms_not,
	                    0, (int)hbr_count(tries));
	tcase_add_test(tcase, what_must_go_out_once_goes_out_once);
}
