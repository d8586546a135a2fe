/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault matrix: apply, remove and undo of a real node while system calls fail, and while
 * descriptors, the disk or the right to write run out. It goes well all the same, or nothing of it
 * is left; or the exit says that something is (3), and a recover without faults mends it.
 *   faults [TRIES]: at most so many calls of each kind (0: all of them; 6).
 */
#include "crash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES_MAX 6
#define SYNCS_MAX 4
#define DISKS 12 /* state directories, each with a page more than the one before */

static size_t passed, failed, tries_max = TRIES_MAX;
static char *before, *after, *removed;

static const struct {
	const char *name;
	long number;
	int error;
	const char *word;
} faults[] = {
	{ "sendto", SYS_sendto, ENOBUFS, "ENOBUFS" },
	{ "sendto", SYS_sendto, EPERM, "EPERM" },
	{ "sendto", SYS_sendto, EINTR, "EINTR" },
	{ "recvmsg", SYS_recvmsg, EINTR, "EINTR" },
	{ "recvmsg", SYS_recvmsg, ENOBUFS, "ENOBUFS" },
	{ "socket", SYS_socket, EMFILE, "EMFILE" },
	{ "setns", SYS_setns, EPERM, "EPERM" },
	{ "unshare", SYS_unshare, EPERM, "EPERM" },
	{ "mount", SYS_mount, EBUSY, "EBUSY" },
	{ "umount2", SYS_umount2, EBUSY, "EBUSY" },
	{ "openat", SYS_openat, EMFILE, "EMFILE" },
	{ "openat", SYS_openat, EACCES, "EACCES" },
	{ "write", SYS_write, EIO, "EIO" },
	{ "write", SYS_write, ENOSPC, "ENOSPC" },
	{ "pwrite64", SYS_pwrite64, ENOSPC, "ENOSPC" },
	{ "fdatasync", SYS_fdatasync, EIO, "EIO" },
	{ "fsync", SYS_fsync, ENOSPC, "ENOSPC" },
	{ "rename", SYS_rename, EROFS, "EROFS" },
	{ "mmap", SYS_mmap, ENOMEM, "ENOMEM" },
};

struct row {
	const char *name;
	act_fn *act;
	act_fn *first, *back; /* from `start` to where act begins; from `goal` to `start` */
	char **start, **goal;
};

static const struct row rows[] = {
	{ "apply", apply, NULL, undo, &before, &after },
	{ "remove", take_off, NULL, undo, &after, &removed },
	{ "undo", undo, apply, NULL, &before, &before },
};

enum outcome { WENT_WELL, UNDONE, MENDED, BROKEN, OUTCOMES };

static bool is(const char *text)
{
	char *now = world_snapshot();
	bool same = strcmp(now, text) == 0;

	free(now);
	return same;
}

/* What an act that failed left, as its exit told; the world is at row->start afterwards. */
static enum outcome judge(const struct row *row, int status)
{
	const char *begun = row->first ? after : *row->start;
	enum outcome outcome = BROKEN;

	if (status == 0 && is(*row->goal))
		outcome = WENT_WELL;
	else if (status == 1 && (is(begun) || is(*row->goal)))
		outcome = UNDONE;
	else if (status == 3)
		outcome = MENDED;
	if (run(recover) != 0)
		return BROKEN;
	if (outcome == MENDED && !is(begun) && !is(*row->goal))
		outcome = BROKEN;
	/* Back to where the next try begins. */
	if (!row->first && is(*row->goal) && row->back)
		run(row->back);
	else if (row->first && is(after))
		run(undo);
	return is(*row->start) ? outcome : BROKEN;
}

static void count(const size_t outcomes[OUTCOMES])
{
	passed += outcomes[WENT_WELL] + outcomes[UNDONE] + outcomes[MENDED];
	failed += outcomes[BROKEN];
}

static void show(const char *act, const char *call, const char *error, size_t calls,
                 const size_t outcomes[OUTCOMES])
{
	size_t tried = 0;

	for (int i = 0; i < OUTCOMES; i++)
		tried += outcomes[i];
	printf("%-8s %-10s %-8s %6zu %6zu %6zu %7zu %7zu %7zu\n", act, call, error, calls,
	       tried, outcomes[WENT_WELL], outcomes[UNDONE], outcomes[MENDED],
	       outcomes[BROKEN]);
	fflush(stdout);
}

static bool make_row(const struct row *row, size_t which)
{
	struct fault fault = { .number = faults[which].number, .error = faults[which].error };
	size_t outcomes[OUTCOMES] = { 0 }, calls, seen, step;

	if (row->first)
		run(row->first);
	fault.nth = NEVER;
	inject(row->act, &fault, &calls);
	if (row->back)
		run(row->back);
	step = tries_max && calls > tries_max ? (calls + tries_max - 1) / tries_max : 1;
	for (size_t n = 0; n < calls && !outcomes[BROKEN]; n += step) {
		enum outcome outcome;
		int status;

		if (row->first)
			run(row->first);
		fault.nth = n;
		status = inject(row->act, &fault, &seen);
		outcome = judge(row, status);
		outcomes[outcome]++;
		if (outcome == BROKEN)
			printf("FAIL %s with %s number %zu failing with %s: exit %d\n",
			       row->name, faults[which].name, n, faults[which].word, status);
	}
	show(row->name, faults[which].name, faults[which].word, calls, outcomes);
	count(outcomes);
	return !outcomes[BROKEN];
}

static rlim_t descriptors;

static void apply_starved(void)
{
	struct rlimit limit = { descriptors, descriptors };

	setrlimit(RLIMIT_NOFILE, &limit);
	apply();
}

/* An apply in a poor world: the setting is worse or better with n. */
static bool make_poor(const char *name, act_fn *act, void (*set)(size_t n), size_t n)
{
	size_t outcomes[OUTCOMES] = { 0 };

	for (size_t i = 0; i < n && !outcomes[BROKEN]; i++) {
		enum outcome outcome;
		int status;

		set(i);
		status = run(act);
		set(n);
		outcome = judge(&rows[0], status);
		outcomes[outcome]++;
		if (outcome == BROKEN)
			printf("FAIL apply, %s, setting %zu: exit %d\n", name, i, status);
	}
	show("apply", name, "", n, outcomes);
	count(outcomes);
	return !outcomes[BROKEN];
}

static void set_descriptors(size_t i)
{
	descriptors = 3 + i;
}

static void mount_state(unsigned long flags, const char *options)
{
	while (umount2(world_state_dir(), MNT_DETACH) == 0)
		continue;
	mkdir(world_state_dir(), 0700);
	if (mount("tmpfs", world_state_dir(), "tmpfs", flags, options) < 0)
		perror("tmpfs");
}

/* A state directory of so many pages, and then one with room. */
static void set_disk(size_t i)
{
	char options[32];

	snprintf(options, sizeof(options), "size=%zuk", (i + 1) * 4);
	if (i < DISKS)
		mount_state(0, options);
	else if (mount(NULL, world_state_dir(), NULL, MS_REMOUNT, "size=1m") < 0)
		perror("tmpfs");
}

static void set_readonly(size_t i)
{
	if (i < 1)
		mount_state(MS_RDONLY, NULL);
	else if (mount(NULL, world_state_dir(), NULL, MS_REMOUNT, NULL) < 0)
		perror("tmpfs");
}

static bool learn(void)
{
	before = world_snapshot();
	if (run(apply) != 0)
		return false;
	after = world_snapshot();
	if (run(take_off) != 0)
		return false;
	removed = world_snapshot();
	return run(undo) == 0 && is(after);
}

/* A route that somebody deleted comes back: a small apply, which pays for its journal only. */
static void break_route(void)
{
	world_shell("ip -n $1 route del 10.1.0.0/21");
}

/* The journal at its begin, and the baseline, which tells of the end: each with its folder. */
static bool few_syncs(void)
{
	struct fault fsyncs = { .number = SYS_fsync, .nth = NEVER };
	struct fault fdatasyncs = { .number = SYS_fdatasync, .nth = NEVER };
	size_t n_fsync, n_fdatasync;
	bool good;

	world_make();
	run(apply);
	break_route();
	inject(apply, &fsyncs, &n_fsync);
	break_route();
	inject(apply, &fdatasyncs, &n_fdatasync);
	good = is(after) && n_fsync + n_fdatasync <= SYNCS_MAX && n_fsync > 0;
	printf("%san apply of one route syncs %zu times\n", good ? "" : "FAIL ",
	       n_fsync + n_fdatasync);
	passed += good;
	failed += !good;
	world_drop();
	return good;
}

static bool all_faults(void)
{
	bool good = true;

	for (size_t r = 0; good && r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (size_t f = 0; good && f < sizeof(faults) / sizeof(faults[0]); f++) {
			world_make();
			if (rows[r].start == &after)
				run(apply);
			good = make_row(&rows[r], f);
			world_drop();
		}
	}
	return good;
}

static bool all_poor(void)
{
	bool good;

	world_make();
	good = make_poor("descript.", apply_starved, set_descriptors, 24) &&
	       make_poor("full disk", apply, set_disk, DISKS) &&
	       make_poor("read-only", apply, set_readonly, 1);
	umount2(world_state_dir(), MNT_DETACH);
	world_drop();
	return good;
}

int main(int argc, char **argv)
{
	bool good;

	if (argc > 1)
		tries_max = strtoul(argv[1], NULL, 10);
	if (geteuid() != 0) {
		puts("skip: the fault matrix needs root\n0 passed, 0 failed, 1 skipped");
		return 0;
	}
	world_make();
	good = learn();
	world_drop();
	if (!good)
		puts("FAIL apply, remove and undo do not work even without faults");
	else
		puts("what     call       error     calls  tried   well  undone  mended  "
		     "broken");
	good = good && few_syncs() && all_poor() && all_faults();
	printf("%zu passed, %zu failed, 0 skipped\n", passed, failed + (!good && !failed));
	free(before);
	free(after);
	free(removed);
	return !good;
}
