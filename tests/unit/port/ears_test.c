/* SPDX-License-Identifier: Apache-2.0 */
/* Ears: which happenings are heard, and which are not. */
#include "port/ears.h"

#include "lib/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct ears *ears;
static char folder[64];
static hbr_error *err;

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void setup(void)
{
	strcpy(folder, "/tmp/t-ears-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	err = NULL;
	ck_ok(ears_new(&ears, &err), err);
}

static void teardown(void)
{
	static const char *const names[] = { "file",       "other", "deep/below/file",
		                             "deep/below", "deep",  "" };

	ears_free(ears);
	for (size_t i = 0; i < hbr_count(names); i++)
		remove(path_of(names[i]));
}

static void write_file(const char *name)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
}

static void listen_to(const char *name)
{
	ck_ok(ears_add_path(ears, path_of(name), &err), err);
	ck_ok(ears_settle(ears, &err), err);
}

static bool is_awake(int wait_ms)
{
	struct pollfd wait = { .fd = ears_fd(ears), .events = POLLIN };

	return poll(&wait, 1, wait_ms) > 0;
}

START_TEST(silence_is_silence)
{
	listen_to("file");
	ck_assert(!is_awake(0));
	ck_assert_uint_eq(ears_hear(ears), 0);
}
END_TEST

START_TEST(a_file_made_written_renamed_or_deleted_is_heard)
{
	char other[128];

	listen_to("file");
	write_file("file");
	ck_assert(is_awake(0));
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	write_file("file");
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	chmod(path_of("file"), 0644);
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	strcpy(other, path_of("other"));
	rename(path_of("file"), other);
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	rename(other, path_of("file"));
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	unlink(path_of("file"));
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	ck_assert_uint_eq(ears_hear(ears), 0);
}
END_TEST

START_TEST(its_neighbours_are_not)
{
	listen_to("file");
	write_file("other");
	write_file("other");
	ck_assert_uint_eq(ears_hear(ears), 0);
}
END_TEST

START_TEST(a_missing_folder_is_followed_as_it_appears)
{
	listen_to("deep/below/file");
	mkdir(path_of("deep"), 0700);
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	ck_ok(ears_settle(ears, &err), err);
	mkdir(path_of("deep/below"), 0700);
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	ck_ok(ears_settle(ears, &err), err);
	write_file("deep/below/file");
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
}
END_TEST

START_TEST(a_folder_that_goes_is_heard)
{
	mkdir(path_of("deep"), 0700);
	listen_to("deep/below/file");
	rmdir(path_of("deep"));
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
	ck_ok(ears_settle(ears, &err), err);
	mkdir(path_of("deep"), 0700);
	ck_assert_uint_eq(ears_hear(ears), EAR_PATH);
}
END_TEST

START_TEST(the_end_of_a_process_is_heard_once)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	ck_ok(ears_add_process(ears, pid, &err), err);
	ck_ok(ears_add_process(ears, pid, &err), err);
	ck_assert_uint_eq(ears_hear(ears), 0);
	kill(pid, SIGKILL);
	ck_assert(is_awake(10000));
	ck_assert_uint_eq(ears_hear(ears), EAR_PROCESS);
	/* Nobody has waited for it yet: it has ended all the same. */
	ck_assert_int_eq(ears_add_process(ears, pid, &err), 1);
	ck_assert_uint_eq(ears_hear(ears), 0);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(ears_add_process(ears, pid, &err), 1);
	ck_ok(ears_add_process(ears, 0, &err), err);
	ck_assert_uint_eq(ears_hear(ears), 0);
}
END_TEST

START_TEST(an_alarm_in_the_past_rings_and_a_later_one_replaces_it)
{
	ears_alarm(ears, 0);
	ck_assert(is_awake(10000));
	ck_assert_uint_eq(ears_hear(ears), EAR_ALARM);
	ck_assert_uint_eq(ears_hear(ears), 0);
	ears_alarm(ears, 0);
	ears_alarm(ears, INT64_MAX);
	ck_assert(!is_awake(0));
}
END_TEST

START_TEST(another_descriptor_is_heard_until_its_owner_reads_it)
{
	int pipes[2];
	char byte;

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	ck_ok(ears_add_fd(ears, pipes[0], &err), err);
	ck_ok(ears_add_fd(ears, pipes[0], &err), err);
	ck_assert_int_eq(write(pipes[1], "x", 1), 1);
	ck_assert_uint_eq(ears_hear(ears), EAR_FD);
	ck_assert_uint_eq(ears_hear(ears), EAR_FD);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	ck_assert_uint_eq(ears_hear(ears), 0);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

START_TEST(a_relative_path_is_refused)
{
	ck_assert_int_eq(ears_add_path(ears, "file", &err), HBR_EINVAL);
	hbr_error_free(err);
	err = NULL;
}
END_TEST

HBR_SUITE(ears)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, silence_is_silence);
	tcase_add_test(tcase, a_file_made_written_renamed_or_deleted_is_heard);
	tcase_add_test(tcase, its_neighbours_are_not);
	tcase_add_test(tcase, a_missing_folder_is_followed_as_it_appears);
	tcase_add_test(tcase, a_folder_that_goes_is_heard);
	tcase_add_test(tcase, the_end_of_a_process_is_heard_once);
	tcase_add_test(tcase, an_alarm_in_the_past_rings_and_a_later_one_replaces_it);
	tcase_add_test(tcase, another_descriptor_is_heard_until_its_owner_reads_it);
	tcase_add_test(tcase, a_relative_path_is_refused);
}
