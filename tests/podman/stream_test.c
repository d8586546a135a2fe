/* SPDX-License-Identifier: Apache-2.0 */
/* Programs inside containers as streams: over the socket, and by podman's program. */
#include "podman_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/wake.h"

static struct rig rig;
static hbr_stream *stream;

static void open_rig(const char *socket)
{
	hbr_container body;

	rig_open(&rig, NULL);
	body = rig_body(&rig, "one");
	ck_ok(rig_put(&rig, "crpd", &body), rig.err);
	if (!socket)
		return;

	/* Another port to the same node, whose socket nobody listens on. */
	struct host_opts opts = { .netns = rig.world.netns,
		                  .root_dir = rig.root,
		                  .podman = socket,
		                  .podman_program = getenv("HBR_PODMAN_PROGRAM") };

	hbr_host_port_free(rig.host);
	ck_ok(host_port_open(&opts, &rig.host, &rig.err), rig.err);
}

static void begin_socket(void)
{
	open_rig(NULL);
}

static void begin_program(void)
{
	open_rig("/run/hbr-nobody-listens-here");
}

static void end(void)
{
	rig_close(&rig);
}

static int start(const char *const *argv)
{
	rig_forget(&rig);
	return rig.host->stream(rig.host->self, &rig.world.call, "crpd", argv, &stream,
	                        &rig.err);
}

static void expect(const char *data, size_t size)
{
	static char back[1 << 16];
	size_t at = 0, got;

	while (at < size) {
		size_t room = size - at < sizeof(back) ? size - at : sizeof(back);

		ck_ok(stream->read(stream->self, &rig.world.call, back, room, &got, &rig.err),
		      rig.err);
		ck_assert_uint_gt(got, 0);
		ck_assert_mem_eq(back, data + at, got);
		at += got;
	}
}

START_TEST(bytes_come_back_as_they_went)
{
	static const char *const argv[] = { "/guest", "echo", NULL };
	static char data[40000];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 251);
	ck_ok(start(argv), rig.err);
	for (int i = 0; i < 20; i++) {
		ck_ok(stream->write(stream->self, &rig.world.call, data, sizeof(data),
		                    &rig.err),
		      rig.err);
		expect(data, sizeof(data));
	}
	stream->close(stream->self);
}
END_TEST

START_TEST(a_program_that_fails_silently_tells_its_last_words)
{
	static const char *const argv[] = { "/guest", "fail", "7", "out of luck", NULL };
	size_t got;
	char c;

	ck_ok(start(argv), rig.err);
	ck_assert_int_eq(stream->read(stream->self, &rig.world.call, &c, 1, &got, &rig.err),
	                 HBR_EIO);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "code 7"));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "out of luck"));
	stream->close(stream->self);
}
END_TEST

START_TEST(a_program_that_ends_well_ends_the_stream)
{
	static const char *const argv[] = { "/guest", "where", NULL };
	char text[256];

	ck_ok(rig_hear(&rig, "crpd", argv, text, sizeof(text)), rig.err);
	ck_assert_ptr_nonnull(strstr(text, "node1"));
}
END_TEST

START_TEST(a_program_that_is_not_there_is_said)
{
	static const char *const argv[] = { "/absent", NULL };
	char text[64];

	ck_assert_int_eq(rig_hear(&rig, "crpd", argv, text, sizeof(text)), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "/absent"));
}
END_TEST

START_TEST(a_container_that_does_not_run_is_said)
{
	static const char *const argv[] = { "/guest", "echo", NULL };

	rig_podman("stop -t 1 %s", rig_real(&rig, "crpd"));
	ck_assert_int_eq(start(argv), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "does not run"));
	rig_podman("rm -f %s", rig_real(&rig, "crpd"));
	ck_assert_int_eq(start(argv), HBR_ENOENT);
}
END_TEST

START_TEST(noise_on_stderr_blocks_nobody)
{
	static const char *const argv[] = { "/guest", "noise", "300000", NULL };
	char text[64];

	ck_ok(rig_hear(&rig, "crpd", argv, text, sizeof(text)), rig.err);
	ck_assert_str_eq(text, "done\n");
}
END_TEST

START_TEST(a_read_ends_at_its_deadline)
{
	static const char *const argv[] = { "/guest", "echo", NULL };
	size_t got;
	char c;

	ck_ok(start(argv), rig.err);
	hbr_call call = { .deadline_ns = wake_now() + 100 * WAKE_MS, .cancel_fd = -1 };

	ck_assert_int_eq(stream->read(stream->self, &call, &c, 1, &got, &rig.err),
	                 HBR_ETIMEDOUT);
	stream->close(stream->self);
}
END_TEST

START_TEST(a_read_ends_when_it_is_cancelled)
{
	static const char *const argv[] = { "/guest", "echo", NULL };
	hbr_call call = { .cancel_fd = eventfd(1, EFD_CLOEXEC) };
	size_t got;
	char c;

	ck_ok(start(argv), rig.err);
	ck_assert_int_eq(stream->read(stream->self, &call, &c, 1, &got, &rig.err),
	                 HBR_ECANCELED);
	close(call.cancel_fd);
	stream->close(stream->self);
}
END_TEST

static int tally(void *user, int32_t pid, const char *comm)
{
	(void)pid;
	(void)comm;
	++*(int *)user;
	return 0;
}

static int inside(void)
{
	hbr_netns_port *netns = rig.world.netns;
	int n = 0;

	ck_ok(netns->processes(netns->self, &rig.world.call, "crpd", tally, &n, &rig.err),
	      rig.err);
	return n;
}

/* Until only the container's first process is left. */
static bool is_quiet(void)
{
	int64_t until = wake_now() + 3000 * WAKE_MS;

	while (inside() != 1 && wake_now() < until)
		wake_wait(-1, -1, 20 * WAKE_MS);
	return inside() == 1;
}

START_TEST(closing_ends_the_program)
{
	static const char *const argv[] = { "/guest", "echo", NULL };

	ck_ok(start(argv), rig.err);
	ck_ok(stream->write(stream->self, &rig.world.call, "x", 1, &rig.err), rig.err);
	expect("x", 1);
	ck_assert_int_eq(inside(), 2);
	stream->close(stream->self);
	ck_assert(is_quiet());
}
END_TEST

START_TEST(closing_ends_a_program_that_does_not_listen)
{
	static const char *const argv[] = { "/guest", "deaf", NULL };

	ck_ok(start(argv), rig.err);
	expect("here\n", 5);
	stream->close(stream->self);
	ck_assert(is_quiet());
}
END_TEST

/* A service of this test alone, so that it may die. */
static pid_t serve(char *path, size_t size)
{
	const char *program = getenv("HBR_PODMAN_PROGRAM");
	char url[300];
	struct stat st;

	snprintf(path, size, "%s.own.%d", getenv("HBR_PODMAN_SOCKET"), (int)getpid());
	snprintf(url, sizeof(url), "unix://%s", path);
	pid_t pid = fork();
	if (pid == 0) {
		execl(program, "podman", "system", "service", "--time=0", url, (char *)NULL);
		_exit(127);
	}
	while (stat(path, &st) < 0)
		wake_wait(-1, -1, 20 * WAKE_MS);
	return pid;
}

START_TEST(a_service_that_dies_ends_the_stream_with_an_error)
{
	static const char *const argv[] = { "/guest", "deaf", NULL };
	char path[256], c;
	pid_t pid = serve(path, sizeof(path));
	struct host_opts opts = { .netns = rig.world.netns,
		                  .root_dir = rig.root,
		                  .podman = path };
	size_t got = 1;
	int rc = 0;

	hbr_host_port_free(rig.host);
	ck_ok(host_port_open(&opts, &rig.host, &rig.err), rig.err);
	ck_ok(start(argv), rig.err);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (rc == 0 && got)
		rc = stream->read(stream->self, &rig.world.call, &c, 1, &got, &rig.err);
	stream->close(stream->self);
	ck_assert_int_ne(rc, HBR_ETIMEDOUT);
	unlink(path);
	rig_forget(&rig);
	hbr_sink sink = { 0 };
	ck_assert_int_eq(rig.host->containers(rig.host->self, &rig.world.call, &sink, &rig.err),
	                 HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), path));
	ck_assert_ptr_nonnull(hbr_error_hint(rig.err));
}
END_TEST

static void add_both(TCase *tcase)
{
	tcase_add_test(tcase, bytes_come_back_as_they_went);
	tcase_add_test(tcase, a_program_that_fails_silently_tells_its_last_words);
	tcase_add_test(tcase, a_program_that_ends_well_ends_the_stream);
	tcase_add_test(tcase, a_program_that_is_not_there_is_said);
	tcase_add_test(tcase, a_container_that_does_not_run_is_said);
	tcase_add_test(tcase, noise_on_stderr_blocks_nobody);
	tcase_add_test(tcase, a_read_ends_at_its_deadline);
	tcase_add_test(tcase, a_read_ends_when_it_is_cancelled);
	tcase_add_test(tcase, closing_ends_the_program);
}

HBR_SUITE(podman_stream_socket)
{
	tcase_add_checked_fixture(tcase, begin_socket, end);
	add_both(tcase);
	tcase_add_test(tcase, closing_ends_a_program_that_does_not_listen);
	tcase_add_test(tcase, a_service_that_dies_ends_the_stream_with_an_error);
}

HBR_SUITE(podman_stream_program)
{
	tcase_add_checked_fixture(tcase, begin_program, end);
	add_both(tcase);
}
