/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about files and locks. Every test works in a folder of its own. */
#include "base/file.h"

#include "lib/test.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char folder[64];

static const char *at(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/hbr-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char inner[512];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (unlink(inner) < 0)
			remove_tree(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void teardown(void)
{
	remove_tree(folder);
}

static int entries(void)
{
	DIR *dir = opendir(folder);
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

START_TEST(replace_then_read_gives_the_bytes_and_the_mode)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	uint32_t mode = 0;

	ck_ok(file_replace(at("f"), "one", 3, 0644, &err), err);
	ck_ok(file_replace(at("f"), "a\0b", 3, 0600, &err), err);
	ck_ok(file_read(at("f"), 3, &text, &mode, &err), err);
	ck_assert_uint_eq(text.len, 3);
	ck_assert_mem_eq(text.data, "a\0b", 4);
	ck_assert_uint_eq(mode, 0600);
	ck_assert_int_eq(entries(), 1);
}
END_TEST

/* A process that is killed in a replacement leaves a file beside it. */
START_TEST(what_a_killed_replacement_left_goes)
{
	_cleanup_error_ hbr_error *err = NULL;

	for (int way = 0; way < 2; way++) {
		FILE *file = fopen(at(".f.hbr-new"), "w");

		ck_assert_ptr_nonnull(file);
		fclose(file);
		if (way == 0)
			ck_ok(file_replace(at("f"), "one", 3, 0644, &err), err);
		else
			ck_ok(file_remove(at("f"), &err), err);
		ck_assert_int_eq(entries(), 1 - way);
	}
}
END_TEST

START_TEST(an_empty_file_reads_as_an_empty_text)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	ck_assert_int_eq(file_replace(at("f"), "", 0, 0644, NULL), 0);
	ck_assert_int_eq(file_read(at("f"), 0, &text, NULL, NULL), 0);
	ck_assert_str_eq(text.data, "");
}
END_TEST

START_TEST(replace_makes_parent_folders)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct stat st;

	ck_ok(file_replace(at("a/b//c/f"), "x", 1, 0640, &err), err);
	ck_assert_int_eq(stat(at("a/b/c/f"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(replace_leaves_nothing_behind_when_it_fails)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(mkdir(at("f"), 0755), 0);
	ck_assert_int_eq(file_replace(at("f"), "x", 1, 0644, &err), HBR_EIO);
	ck_assert_int_eq(hbr_error_system(err), EISDIR);
	ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(replace_swaps_a_link_not_its_target)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	ck_assert_int_eq(file_replace(at("target"), "old", 3, 0644, NULL), 0);
	ck_assert_int_eq(symlink("target", at("f")), 0);
	ck_assert_int_eq(file_replace(at("f"), "new", 3, 0644, NULL), 0);
	ck_assert_int_eq(file_read(at("target"), 10, &text, NULL, NULL), 0);
	ck_assert_str_eq(text.data, "old");
}
END_TEST

START_TEST(a_longer_file_than_allowed_is_refused)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_buf_ struct buf small = { .max = 2 };

	ck_assert_int_eq(file_replace(at("f"), "12345", 5, 0644, NULL), 0);
	ck_assert_int_eq(file_read(at("f"), 4, &text, NULL, &err), HBR_ELIMIT);
	ck_assert_int_eq(file_read(at("f"), 100, &small, NULL, NULL), HBR_ELIMIT);
}
END_TEST

START_TEST(a_file_without_a_size_is_read_whole)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	ck_assert_int_eq(file_read("/proc/self/status", 1 << 20, &text, NULL, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "Threads:"));
}
END_TEST

START_TEST(a_missing_file_is_told_by_its_name)
{
	_cleanup_error_ hbr_error *err = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;

	ck_assert_int_eq(file_read(at("nothing"), 10, &text, NULL, &err), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "nothing: No such file"));
	ck_assert_int_eq(file_read(folder, 10, &text, NULL, NULL), HBR_EIO);
}
END_TEST

START_TEST(remove_is_fine_when_nothing_is_there)
{
	ck_assert_int_eq(file_replace(at("f"), "x", 1, 0644, NULL), 0);
	ck_assert_int_eq(file_remove(at("f"), NULL), 0);
	ck_assert_int_eq(file_remove(at("f"), NULL), 0);
	ck_assert_int_eq(file_remove(at("no/f"), NULL), 0);
	ck_assert_int_lt(file_remove(folder, NULL), 0);
}
END_TEST

START_TEST(mkdirs_makes_all_and_may_be_repeated)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct stat st;

	ck_ok(file_mkdirs(at("a/b/c/"), 0700, &err), err);
	ck_ok(file_mkdirs(at("a/b/c"), 0700, &err), err);
	ck_assert_int_eq(stat(at("a/b/c"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_ok(file_mkdirs("/", 0700, &err), err);
}
END_TEST

START_TEST(mkdirs_through_a_file_fails)
{
	ck_assert_int_eq(file_replace(at("f"), "x", 1, 0644, NULL), 0);
	ck_assert_int_lt(file_mkdirs(at("f/g"), 0700, NULL), 0);
	ck_assert_int_lt(file_mkdirs(at("f"), 0700, NULL), 0);
}
END_TEST

START_TEST(a_held_lock_is_busy_and_names_its_holder)
{
	_cleanup_error_ hbr_error *err = NULL;
	char expected[64];
	int held = -1;
	int again = -1;

	ck_ok(file_lock(at("lock"), 0, -1, &held, &err), err);
	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &again, &err), HBR_EBUSY);
	ck_assert_int_eq(again, -1);
	snprintf(expected, sizeof(expected), "is locked by process %d", (int)getpid());
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), expected));
	file_unlock(held);
	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &again, NULL), 0);
	file_unlock(again);
	file_unlock(-1);
}
END_TEST

START_TEST(a_lock_dies_with_its_process)
{
	int fd = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(file_lock(at("lock"), 0, -1, &fd, NULL) < 0);

	int status = -1;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &fd, NULL), 0);
	file_unlock(fd);
}
END_TEST

START_TEST(waiting_ends_with_busy_when_the_time_is_over)
{
	int held = -1;
	int again = -1;

	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &held, NULL), 0);
	ck_assert_int_eq(file_lock(at("lock"), 50, -1, &again, NULL), HBR_EBUSY);
	file_unlock(held);
}
END_TEST

/* Is the thread inside poll(2), as who waits for a lock is? proc(5): its system call by number. */
static bool is_polling(pid_t tid)
{
	static const long polls[] = {
#ifdef SYS_poll
		SYS_poll,
#endif
		SYS_ppoll,
	};
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
	if (file_read(path, 4096, &text, NULL, NULL) < 0)
		return false;
	for (size_t i = 0; i < hbr_count(polls); i++) {
		/* "running" is no number. */
		if (text.data[0] != 'r' && strtol(text.data, NULL, 10) == polls[i])
			return true;
	}
	return false;
}

struct held {
	int fd;
	pid_t waits; /* the thread that wants it */
};

static void *unlock_when_waited_for(void *user)
{
	const struct held *held = user;

	while (!is_polling(held->waits))
		sched_yield();
	file_unlock(held->fd);
	return NULL;
}

START_TEST(waiting_ends_when_the_lock_is_free)
{
	struct held held = { .fd = -1, .waits = gettid() };
	pthread_t thread;
	int again = -1;

	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &held.fd, NULL), 0);
	pthread_create(&thread, NULL, unlock_when_waited_for, &held);
	ck_assert_int_eq(file_lock(at("lock"), 60000, -1, &again, NULL), 0);
	pthread_join(thread, NULL);
	file_unlock(again);
}
END_TEST

START_TEST(cancelling_ends_the_wait)
{
	_cleanup_close_ int cancel = eventfd(1, 0);
	int held = -1;
	int again = -1;

	ck_assert_int_eq(file_lock(at("lock"), 0, -1, &held, NULL), 0);
	ck_assert_int_eq(file_lock(at("lock"), 60000, cancel, &again, NULL), HBR_ECANCELED);
	file_unlock(held);
	/* But a lock that is free is taken all the same. */
	ck_assert_int_eq(file_lock(at("lock"), 60000, cancel, &again, NULL), 0);
	file_unlock(again);
}
END_TEST

HBR_SUITE(file)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, replace_then_read_gives_the_bytes_and_the_mode);
	tcase_add_test(tcase, what_a_killed_replacement_left_goes);
	tcase_add_test(tcase, an_empty_file_reads_as_an_empty_text);
	tcase_add_test(tcase, replace_makes_parent_folders);
	tcase_add_test(tcase, replace_leaves_nothing_behind_when_it_fails);
	tcase_add_test(tcase, replace_swaps_a_link_not_its_target);
	tcase_add_test(tcase, a_longer_file_than_allowed_is_refused);
	tcase_add_test(tcase, a_file_without_a_size_is_read_whole);
	tcase_add_test(tcase, a_missing_file_is_told_by_its_name);
	tcase_add_test(tcase, remove_is_fine_when_nothing_is_there);
	tcase_add_test(tcase, mkdirs_makes_all_and_may_be_repeated);
	tcase_add_test(tcase, mkdirs_through_a_file_fails);
	tcase_add_test(tcase, a_held_lock_is_busy_and_names_its_holder);
	tcase_add_test(tcase, a_lock_dies_with_its_process);
	tcase_add_test(tcase, waiting_ends_with_busy_when_the_time_is_over);
	tcase_add_test(tcase, waiting_ends_when_the_lock_is_free);
	tcase_add_test(tcase, cancelling_ends_the_wait);
}
