/* SPDX-License-Identifier: Apache-2.0 */
/* The host port: files stay below the root, tools are a closed list and always end. */
#include "base/mem.h"
#include "hbr/sys/ports.h"
#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char root[64];
static hbr_netns_port *netns;
static hbr_host_port *host;
static hbr_error *err;

static void begin(void)
{
	strcpy(root, "/tmp/hbr-host-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_ok(hbr_netns_port_new(NULL, &netns, &err), err);
	ck_ok(hbr_host_port_new(netns, root, &host, &err), err);
}

static void end(void)
{
	char command[128];

	hbr_host_port_free(host);
	hbr_netns_port_free(netns);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_file_comes_back_as_it_was_put)
{
	char *text = NULL;
	size_t size = 0;
	uint32_t mode = 0;
	struct stat st;
	char path[128];

	ck_ok(host->file_put(host->self, NULL, "/etc/hbr/x.conf", "a\0b", 3, 0640, &err), err);
	ck_ok(host->file_get(host->self, NULL, "/etc/hbr/x.conf", &text, &size, &mode, &err),
	      err);
	ck_assert_uint_eq(size, 3);
	ck_assert_mem_eq(text, "a\0b", 4);
	ck_assert_uint_eq(mode, 0640);
	free(text);
	snprintf(path, sizeof(path), "%s/etc/hbr/x.conf", root);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_ok(host->file_put(host->self, NULL, "/etc/hbr/x.conf", NULL, 0, 0, &err), err);
	ck_assert_int_eq(stat(path, &st), -1);
	ck_assert_int_eq(
	        host->file_get(host->self, NULL, "/etc/hbr/x.conf", &text, &size, &mode, &err),
	        HBR_ENOENT);
	hbr_error_free(hbr_steal(err));
}
END_TEST

START_TEST(no_path_leads_out_of_the_root)
{
	static const char *const bad[] = { "etc/x",           "",        "/",
		                           "/../x",           "/a/../b", "/a/..",
		                           "relative/../../x" };
	char *text = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(host->file_put(host->self, NULL, bad[i], "x", 1, 0644, &err),
		                 HBR_EINVAL);
		hbr_error_free(hbr_steal(err));
		ck_assert_int_eq(
		        host->file_get(host->self, NULL, bad[i], &text, NULL, NULL, &err),
		        HBR_EINVAL);
		hbr_error_free(hbr_steal(err));
	}
	ck_ok(host->file_put(host->self, NULL, "/a..b/..c", "x", 1, 0644, &err), err);
}
END_TEST

START_TEST(a_root_that_is_not_absolute_is_refused)
{
	hbr_host_port *other = NULL;

	ck_assert_int_eq(hbr_host_port_new(netns, "lab", &other, NULL), HBR_EINVAL);
	ck_assert_int_eq(hbr_host_port_new(netns, "/lab/..", &other, NULL), HBR_EINVAL);
	ck_assert_int_eq(hbr_host_port_new(NULL, "/lab", &other, NULL), HBR_EINVAL);
	ck_assert_ptr_null(other);
}
END_TEST

static int run(const hbr_call *call, const char *const *argv, int *status, char **output)
{
	return host->tool(host->self, call, NULL, argv, status, output, &err);
}

START_TEST(a_tool_that_is_not_listed_does_not_run)
{
	static const char *const bad[] = { "sh", "/bin/sh", "true", "../vtysh" };
	char *output = NULL;
	int status = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *const argv[] = { bad[i], NULL };

		ck_assert_int_eq(run(NULL, argv, &status, &output), HBR_EPERM);
		hbr_error_free(hbr_steal(err));
	}
	ck_assert_int_eq(run(NULL, (const char *const[]){ NULL }, &status, &output),
	                 HBR_EINVAL);
	hbr_error_free(hbr_steal(err));
	ck_assert_ptr_null(output);
}
END_TEST

static void need_vtysh(void)
{
	if (access("/usr/bin/vtysh", X_OK) < 0)
		test_skip("vtysh is not installed (apt-get install frr)");
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (fd < 0)
		test_skip("no pidfd_open: valgrind 3.19 does not know it");
	close(fd);
}

START_TEST(output_and_exit_code_come_back)
{
	static const char *const argv[] = { "vtysh", "--help", NULL };
	static const char *const bad[] = { "vtysh", "--no-such-option", NULL };
	char *output = NULL;
	int status = -1;

	need_vtysh();
	ck_ok(run(NULL, argv, &status, &output), err);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(output, "Usage"));
	free(output);
	ck_ok(run(NULL, bad, &status, &output), err);
	ck_assert_int_ne(status, 0);
	free(output);
}
END_TEST

/* vtysh waits for somebody to open the other end of the pipe, for ever. */
static int run_hanging(const hbr_call *call)
{
	char path[128];
	char *output = NULL;
	int status = 0;

	snprintf(path, sizeof(path), "%s/pipe", root);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	const char *const argv[] = { "vtysh", "-C", "-f", path, NULL };
	int rc = run(call, argv, &status, &output);

	ck_assert_ptr_null(output);
	return rc;
}

START_TEST(a_tool_that_hangs_is_killed_at_the_deadline)
{
	struct timespec now;

	need_vtysh();
	clock_gettime(CLOCK_MONOTONIC, &now);
	hbr_call call = {
		.deadline_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + 200000000,
		.cancel_fd = -1,
	};

	ck_assert_int_eq(run_hanging(&call), HBR_ETIMEDOUT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "vtysh"));
	hbr_error_free(hbr_steal(err));
}
END_TEST

START_TEST(a_tool_that_hangs_is_killed_when_somebody_cancels)
{
	int ends[2];
	hbr_call call = { 0 };

	need_vtysh();
	ck_assert_int_eq(pipe(ends), 0);
	call.cancel_fd = ends[0];
	if (fork() == 0) {
		struct timespec breath = { .tv_nsec = 100000000 };

		nanosleep(&breath, NULL);
		_exit(write(ends[1], "x", 1) != 1);
	}
	ck_assert_int_eq(run_hanging(&call), HBR_ECANCELED);
	hbr_error_free(hbr_steal(err));
	close(ends[0]);
	close(ends[1]);
}
END_TEST

HBR_SUITE(port_host)
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_file_comes_back_as_it_was_put);
	tcase_add_test(tcase, no_path_leads_out_of_the_root);
	tcase_add_test(tcase, a_root_that_is_not_absolute_is_refused);
	tcase_add_test(tcase, a_tool_that_is_not_listed_does_not_run);
	tcase_add_test(tcase, output_and_exit_code_come_back);
	tcase_add_test(tcase, a_tool_that_hangs_is_killed_at_the_deadline);
	tcase_add_test(tcase, a_tool_that_hangs_is_killed_when_somebody_cancels);
}
