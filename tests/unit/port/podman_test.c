/* SPDX-License-Identifier: Apache-2.0 */
/* podman's service, as it should not be: absent, old, full of nonsense, gone at any byte. */
#include "podman_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wake.h"
#include "lib/test.h"
#include "port/host.h"
#include "resource/state.h"

#define API "/v4.0.0/libpod"
#define VERSION                                                         \
	{                                                               \
		"GET /version", 200, "{\"Version\":\"4.3.1\"}", NULL, 0 \
	}
#define RAW(text) NULL, text, sizeof(text) - 1

static char folder[64], path[96];
static hbr_netns_port *netns;
static hbr_host_port *host;
static hbr_error *err;
static hbr_call call;

static void begin(void)
{
	struct host_opts opts = { .podman = path, .podman_program = "/absent/podman" };

	strcpy(folder, "/tmp/hbr-podman-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	ck_ok(hbr_netns_port_new(NULL, &netns, &err), err);
	opts.netns = netns;
	ck_ok(host_port_open(&opts, &host, &err), err);
	call = (hbr_call){ .deadline_ns = wake_now() + 20000 * WAKE_MS, .cancel_fd = -1 };
}

static void end(void)
{
	hbr_host_port_free(host);
	hbr_netns_port_free(netns);
	hbr_error_free(err);
	err = NULL;
	unlink(path);
	rmdir(folder);
}

static int take(hbr_sink *sink, const hbr_resource *resource, hbr_error **why)
{
	(void)resource;
	(void)why;
	++*(size_t *)sink->user;
	return 0;
}

static int list(size_t *n)
{
	hbr_sink sink = { .put = take, .user = n };

	*n = 0;
	hbr_error_free(hbr_steal(err));
	return host->containers(host->self, &call, &sink, &err);
}

static int put(void)
{
	hbr_container body = { .image = "one", .running = 1 };
	hbr_resource wanted = { .size = sizeof(wanted),
		                .kind = HBR_KIND_CONTAINER,
		                .netns = "crpd",
		                .name = "crpd",
		                .body = &body };

	hbr_error_free(hbr_steal(err));
	return host->container_put(host->self, &call, &wanted, &err);
}

static int hear(char *out, size_t size)
{
	static const char *const argv[] = { "netconf", NULL };
	hbr_stream *stream = NULL;
	size_t got = 1, at = 0;
	int rc;

	hbr_error_free(hbr_steal(err));
	rc = host->stream(host->self, &call, "crpd", argv, &stream, &err);
	if (rc < 0)
		return rc;
	while (rc == 0 && got && at + 1 < size) {
		rc = stream->read(stream->self, &call, out + at, size - 1 - at, &got, &err);
		at += rc == 0 ? got : 0;
	}
	out[at] = '\0';
	stream->close(stream->self);
	return rc;
}

static void says(const char *words)
{
	ck_assert_msg(strstr(hbr_error_message(err), words), "\"%s\" does not say \"%s\"",
	              hbr_error_message(err), words);
}

START_TEST(a_service_that_is_not_there_is_named_and_how_to_start_it)
{
	char out[16];
	size_t n;

	ck_assert_int_eq(list(&n), HBR_ENOENT);
	says(path);
	ck_assert_ptr_nonnull(
	        strstr(hbr_error_hint(err), "systemctl enable --now podman.socket"));
	ck_assert_int_eq(put(), HBR_ENOENT);
	ck_assert_int_eq(hear(out, sizeof(out)), HBR_ENOENT);
	says(path);
}
END_TEST

START_TEST(podman_3_is_too_old_and_told_so)
{
	static const struct stub_reply replies[] = {
		{ "GET /version", 200, "{\"Version\":\"3.4.4\"}", NULL, 0 }, { 0 }
	};
	size_t n;

	stub_start(path, replies, 0);
	ck_assert_int_eq(list(&n), HBR_ENOTSUP);
	says("podman 3.4.4 is too old");
	stub_stop();
}
END_TEST

START_TEST(refusals_are_told_in_podmans_words)
{
	static const struct stub_reply replies[] = {
		VERSION,
		{ "GET " API "/containers/json", 500,
		  "{\"cause\":\"x\",\"message\":\"the disk is full\"}", NULL, 0 },
		{ 0 }
	};
	size_t n;

	stub_start(path, replies, 0);
	ck_assert_int_eq(list(&n), HBR_EIO);
	says("cannot list containers: podman answers 500: the disk is full");
	stub_stop();
}
END_TEST

/* Replies to the listing that mean nothing, or the wrong thing. */
static const char *const nonsense[] = {
	"",
	"null",
	"{}",
	"[",
	"[1,\"x\",null,{}]",
	"[{\"Names\":1,\"Id\":2}]",
	"[{\"Names\":[],\"Id\":\"a\"}]",
	"[{\"Names\":[\"crpd\"],\"Labels\":[],\"Id\":7}]",
	"[{\"Names\":[\"crpd\"],\"Id\":\"a\",\"Labels\":{\"app.kubernetes.io/managed-by\":"
	"\"libhbr\",\"hbr.dev/name\":\"crpd\"}}]",
};

START_TEST(nonsense_in_a_list_is_no_container)
{
	struct stub_reply replies[] = { VERSION,
		                        { "GET " API "/containers/json", 200, nonsense[_i],
		                          NULL, 0 },
		                        { "GET " API "/containers/a/json", 200,
		                          "{\"State\":7,\"Config\":[]}", NULL, 0 },
		                        { 0 } };
	size_t n;

	stub_start(path, replies, 0);
	list(&n);
	ck_assert_uint_eq(n, 0);
	stub_stop();
}
END_TEST

START_TEST(one_of_another_node_is_not_ours_to_see)
{
	static const struct stub_reply replies[] = {
		VERSION,
		{ "GET " API "/containers/json", 200,
		  "[{\"Names\":[\"lab1-node1-crpd\"],\"Id\":\"a\",\"Labels\":{"
		  "\"app.kubernetes.io/managed-by\":\"libhbr\",\"hbr.dev/name\":\"crpd\"}}]",
		  NULL, 0 },
		{ 0 }
	};
	size_t n;

	stub_start(path, replies, 0);
	ck_ok(list(&n), err);
	ck_assert_uint_eq(n, 0);
	stub_stop();
}
END_TEST

#define INSPECT                                                                               \
	"{\"Id\":\"abc\",\"Image\":\"i1\",\"State\":{\"Running\":true,\"Pid\":1},\"Config\":" \
	"{\"Labels\":{\"app.kubernetes.io/managed-by\":\"libhbr\",\"hbr.dev/"                 \
	"name\":\"crpd\"}}}"
#define UPGRADED "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

/* What an exec session sends, and how it is to be taken. */
static const struct {
	const char *raw;
	size_t size;
	int rc;
	const char *out, *words;
} sessions[] = {
#define SESSION(text, ...)                          \
	{                                           \
		text, sizeof(text) - 1, __VA_ARGS__ \
	}
	SESSION(UPGRADED "\1\0\0\0\0\0\0\2hi", 0, "hi", NULL),
	SESSION(UPGRADED "\1\0\0\0\0\0\0\1h\2\0\0\0\0\0\0\1x\1\0\0\0\0\0\0\1i", 0, "hi", NULL),
	SESSION("HTTP/1.1 200 OK\r\n\r\n\1\0\0\0\0\0\0\2hi", 0, "hi", NULL),
	SESSION(UPGRADED "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\2hi", 0, "hi", NULL),
	SESSION(UPGRADED "\1\0\0\0\0\0\0\5hi", HBR_EIO, "hi", "broke"),
	SESSION(UPGRADED "\1\0\0", HBR_EIO, "", "broke"),
	SESSION(UPGRADED "not a frame", HBR_EIO, "", "not in frames"),
	SESSION(UPGRADED "\1\0\0\0\377\377\377\377x", HBR_EIO, "", "not in frames"),
	SESSION(UPGRADED "\2\0\0\0\0\0\0\4oops", HBR_EIO, "", "said: oops"),
	SESSION("HTTP/1.1 500 X\r\n\r\n{\"message\":\"no such session\"}", HBR_EIO, "",
	        "no such session"),
	SESSION("HTTP/1.1 409 X\r\n\r\nnonsense", HBR_ECONFLICT, "", "nonsense"),
	SESSION("SSH-2.0-x\r\n\r\n", HBR_EIO, "", "is not HTTP"),
	SESSION("HTTP/1.1 101", HBR_EIO, "", "hung up"),
};

static void exec_replies(struct stub_reply *replies, const char *raw, size_t size)
{
	const struct stub_reply all[] = {
		VERSION,
		{ "GET " API "/containers/crpd/json", 200, INSPECT, NULL, 0 },
		{ "POST " API "/containers/abc/exec", 201, "{\"Id\":\"e1\"}", NULL, 0 },
		{ "POST " API "/exec/e1/start", 0, NULL, raw, size },
		{ "GET " API "/exec/e1/json", 200, "{\"Running\":false,\"ExitCode\":9}", NULL,
		  0 },
		{ 0 },
	};

	memcpy(replies, all, sizeof(all));
}

START_TEST(a_session_is_taken_apart)
{
	struct stub_reply replies[6];
	char out[64] = "";
	int rc;

	exec_replies(replies, sessions[_i].raw, sessions[_i].size);
	stub_start(path, replies, 0);
	rc = hear(out, sizeof(out));
	ck_assert_msg(rc == sessions[_i].rc, "%d: %d: %s", _i, rc, hbr_error_message(err));
	if (rc == 0)
		ck_assert_str_eq(out, sessions[_i].out);
	if (sessions[_i].words)
		says(sessions[_i].words);
	stub_stop();
}
END_TEST

START_TEST(an_id_that_would_change_the_request_is_refused)
{
	struct stub_reply replies[6];
	char out[8];

	exec_replies(replies, "", 0);
	replies[2].body = "{\"Id\":\"e1/../../x HTTP/1.1\"}";
	stub_start(path, replies, 0);
	ck_assert_int_eq(hear(out, sizeof(out)), HBR_EIO);
	says("has no id");
	stub_stop();
}
END_TEST

/* Every reply cut at every byte: an error, in time, and nothing that crashes or leaks. */
START_TEST(a_service_that_dies_at_any_byte_is_an_error)
{
	static const char session[] = UPGRADED "\1\0\0\0\0\0\0\2hi";
	struct stub_reply replies[6];
	char out[64];
	int rc = -1;

	exec_replies(replies, session, sizeof(session) - 1);
	for (size_t limit = 1; limit < 2000 && rc < 0; limit += 7) {
		end();
		begin();
		stub_start(path, replies, limit);
		rc = hear(out, sizeof(out));
		ck_assert_int_ne(rc, HBR_ETIMEDOUT);
		if (rc < 0)
			ck_assert_str_ne(hbr_error_message(err), "");
		stub_stop();
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(out, "hi");
}
END_TEST

START_TEST(a_name_that_podman_cannot_have_is_refused)
{
	static const char *const bad[] = { "a b", "-x", ".x", "a?b", "ä" };
	static const char *const argv[] = { "netconf", NULL };

	for (size_t i = 0; i < hbr_count(bad); i++) {
		hbr_stream *stream;

		hbr_error_free(hbr_steal(err));
		ck_assert_msg(host->stream(host->self, &call, bad[i], argv, &stream, &err) ==
		                      HBR_EINVAL,
		              "%s", bad[i]);
		hbr_error_free(hbr_steal(err));
		ck_assert_int_eq(host->container_remove(host->self, &call, bad[i], &err),
		                 HBR_EINVAL);
	}
}
END_TEST

HBR_SUITE(port_podman)
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_service_that_is_not_there_is_named_and_how_to_start_it);
	tcase_add_test(tcase, podman_3_is_too_old_and_told_so);
	tcase_add_test(tcase, refusals_are_told_in_podmans_words);
	tcase_add_loop_test(tcase, nonsense_in_a_list_is_no_container, 0,
	                    (int)hbr_count(nonsense));
	tcase_add_test(tcase, one_of_another_node_is_not_ours_to_see);
	tcase_add_loop_test(tcase, a_session_is_taken_apart, 0, (int)hbr_count(sessions));
	tcase_add_test(tcase, an_id_that_would_change_the_request_is_refused);
	tcase_add_test(tcase, a_service_that_dies_at_any_byte_is_an_error);
	tcase_add_test(tcase, a_name_that_podman_cannot_have_is_refused);
}
