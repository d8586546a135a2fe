/* SPDX-License-Identifier: Apache-2.0 */
/* The journal on disk: what a killed apply leaves is taken back or kept, never left in between. */
#include "base/wake.h"
#include "engine/book.h"
#include "unit/engine/kit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static int recover(void)
{
	hbr_run *run = NULL;
	int rc = hbr_recover(kit.ctx, NULL, &run, &kit.err);

	return rc < 0 ? rc : kit_pull(&kit, run);
}

static int undo(void)
{
	hbr_run *run = NULL;
	int rc = hbr_undo(kit.ctx, NULL, &run, &kit.err);

	return rc < 0 ? rc : kit_pull(&kit, run);
}

static int apply_to_confirm(uint32_t seconds)
{
	hbr_run_opts opts = { .size = sizeof(opts),
		              .max_grade = HBR_GRADE_IRREVERSIBLE,
		              .confirm_s = seconds };
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run *run = NULL;
	int rc = hbr_apply(kit.ctx, plan, &opts, &run, &kit.err);

	if (rc == 0)
		rc = kit_pull(&kit, run);
	hbr_plan_free(plan);
	return rc;
}

/* The file as it is, to be put back: what a process that dies at once leaves. */
static void journal_path(char path[128])
{
	snprintf(path, 128, "%s/journal", kit.state_dir);
}

static void baseline_path(char path[128])
{
	snprintf(path, 128, "%s/baseline", kit.state_dir);
}

static void read_journal(struct buf *data)
{
	char path[128];

	journal_path(path);
	ck_ok(file_read(path, SIZE_MAX / 2, data, NULL, &kit.err), kit.err);
}

static void write_journal(const char *data, size_t n)
{
	char path[128];

	journal_path(path);
	ck_ok(file_replace(path, data, n, 0600, &kit.err), kit.err);
}

START_TEST(without_a_journal_there_is_nothing_to_do)
{
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_NONE);
	ck_ok(recover(), kit.err);
	ck_assert_int_eq(undo(), HBR_ENOENT);
	kit_forget(&kit);
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_ENOENT);
	kit_is_start(&kit);
}
END_TEST

START_TEST(an_apply_is_the_last_transaction)
{
	kit_apply(&kit, 0);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_COMMITTED);
	ck_ok(recover(), kit.err);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
}
END_TEST

START_TEST(undo_takes_an_apply_back)
{
	kit_apply(&kit, 0);
	kit_restart(&kit);
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_UNDONE);
	ck_assert_int_eq(undo(), HBR_ENOENT);
	kit_forget(&kit);
	/* The baseline is as it was, too. */
	ck_assert_uint_eq(kit_apply(&kit, HBR_PLAN_REMOVE), 0);
	ck_assert_uint_gt(kit_apply(&kit, 0), 0);
}
END_TEST

START_TEST(undo_leaves_a_file_that_somebody_edited_since)
{
	_cleanup_free_ char *dump = NULL;

	kit_apply(&kit, 0);
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "edited by hand\n");
	ck_ok(undo(), kit.err);
	dump = world_dump(kit.world);
	ck_assert_ptr_nonnull(strstr(dump, "edited by hand"));
	/* And nothing else is left. */
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", NULL);
	kit_is_start(&kit);
}
END_TEST

/* Same name, another's: made anew by hand, without our mark. */
START_TEST(undo_leaves_a_link_that_is_not_ours_any_more)
{
	_cleanup_free_ char *dump = NULL;

	kit_apply(&kit, 0);
	world_link_mark(kit.world, "", "veth-k8s", "theirs");
	ck_ok(undo(), kit.err);
	dump = world_dump(kit.world);
	ck_assert_ptr_nonnull(strstr(dump, "theirs"));
	ck_assert_ptr_nonnull(strstr(dump, "10.1.1.1/30"));
}
END_TEST

START_TEST(undo_takes_a_removal_back)
{
	char *applied;

	kit_apply(&kit, 0);
	applied = world_dump(kit.world);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	kit_restart(&kit);
	ck_ok(undo(), kit.err);
	kit_is(&kit, applied);
	free(applied);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
}
END_TEST

/* Killed at every call, of an apply with `flags` from `from`. */
static void kill_everywhere(uint32_t flags, bool applied_first)
{
	bool killed = true;

	for (uint64_t n = 1; killed; n++) {
		char *before;

		teardown();
		setup();
		if (applied_first)
			kit_apply(&kit, 0);
		before = world_dump(kit.world);
		/* Observing and planning come first, and change nothing. */
		world_calm(kit.world);
		world_die_at(kit.world, n);
		kit_try(&kit, flags);
		killed = world_calls(kit.world, NULL) >= n;
		kit_restart(&kit);
		ck_ok(recover(), kit.err);
		if (killed)
			kit_is(&kit, before);
		ck_assert_int_ne(kit_last(&kit), HBR_TRANSACTION_OPEN);
		free(before);
	}
}

START_TEST(an_apply_that_dies_anywhere_is_taken_back)
{
	kill_everywhere(0, false);
}
END_TEST

START_TEST(a_removal_that_dies_anywhere_is_taken_back)
{
	kill_everywhere(HBR_PLAN_REMOVE, true);
}
END_TEST

START_TEST(an_undo_that_dies_anywhere_is_finished)
{
	bool killed = true;

	for (uint64_t n = 1; killed; n++) {
		teardown();
		setup();
		kit_apply(&kit, 0);
		world_calm(kit.world);
		world_die_at(kit.world, n);
		undo();
		killed = world_calls(kit.world, NULL) >= n;
		kit_restart(&kit);
		ck_ok(recover(), kit.err);
		kit_is_start(&kit);
		ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_UNDONE);
	}
}
END_TEST

/* Of a recovery as of an undo: in the middle of an apply, then anywhere. */
START_TEST(a_recovery_that_dies_anywhere_is_finished)
{
	bool killed = true;
	uint64_t all;

	kit_apply(&kit, 0);
	all = world_calls(kit.world, NULL);
	for (uint64_t n = 1; killed; n++) {
		teardown();
		setup();
		world_die_at(kit.world, all - 2);
		kit_try(&kit, 0);
		kit_restart(&kit);
		world_die_at(kit.world, n);
		recover();
		killed = world_calls(kit.world, NULL) >= n;
		kit_restart(&kit);
		ck_ok(recover(), kit.err);
		kit_is_start(&kit);
	}
}
END_TEST

/* The file is cut at every byte of its tail: before or after, as far as the world itself goes. */
START_TEST(a_torn_tail_is_cut_off)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;
	size_t begin;

	kit_apply(&kit, 0);
	read_journal(&whole);
	begin = 12 + 8 + log_get32(whole.data + 12);
	for (size_t n = whole.len - 1; n >= begin; n -= n > 40 ? 13 : 1) {
		write_journal(whole.data, n);
		kit_restart(&kit);
		ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_OPEN);
		ck_assert_int_eq(kit_try(&kit, 0), HBR_EBUSY);
		kit_forget(&kit);
		ck_ok(recover(), kit.err);
		ck_assert_int_ne(kit_last(&kit), HBR_TRANSACTION_OPEN);
		if (kit_last(&kit) == HBR_TRANSACTION_UNDONE)
			kit_is_start(&kit);
		if (kit_last(&kit) == HBR_TRANSACTION_UNDONE)
			kit_apply(&kit, 0);
	}
}
END_TEST

START_TEST(all_done_but_the_end_is_kept)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;
	char path[128];

	kit_apply(&kit, 0);
	read_journal(&whole);
	/* END: its frame, type, code, deadline, boot. */
	write_journal(whole.data, whole.len - (8 + 4 + 4 + 8 + BOOT_ID_BYTES));
	baseline_path(path);
	unlink(path);
	kit_restart(&kit);
	ck_ok(recover(), kit.err);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_COMMITTED);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
}
END_TEST

START_TEST(a_foreign_or_newer_journal_is_refused_by_name)
{
	static const char newer[] = "hbr log\n\2\0\0\0";

	write_journal("what is this?", 13);
	ck_assert_int_eq(kit_try(&kit, 0), HBR_EFORMAT);
	ck_assert_ptr_nonnull(
	        strstr(kit_message(&kit), "/journal is damaged, or of a foreign"));
	kit_forget(&kit);
	ck_assert_int_eq(recover(), HBR_EFORMAT);
	kit_forget(&kit);
	write_journal(newer, sizeof(newer) - 1);
	ck_assert_int_eq(kit_try(&kit, 0), HBR_EFORMAT);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "/journal has version 2"));
	kit_is_start(&kit);
}
END_TEST

/* The power fails: of the journal so many records are left, and all of them are of another boot. */
static void lose_power(size_t n)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	char boot[BOOT_ID_BYTES];
	size_t at = 0, left;
	const char *record;

	read_journal(&data);
	ck_ok(book_boot_id(boot, &kit.err), kit.err);
	while (n-- && log_next(&data, &at, &record, &left)) {
		char *start = data.data + (record - data.data);
		char *id = memmem(start, left, boot, BOOT_ID_BYTES);

		if (id)
			id[0] ^= 1;
		for (uint32_t i = 0, crc = crc32c(start, left); i < 4; i++)
			start[(int)i - 4] = (char)(crc >> 8 * i);
	}
	write_journal(data.data, at);
	kit_restart(&kit);
}

START_TEST(after_a_reboot_all_that_was_begun_is_taken_back)
{
	char path[128];

	kit_apply(&kit, 0);
	baseline_path(path);
	unlink(path); /* it was not written yet */
	lose_power(1);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_OPEN);
	ck_ok(recover(), kit.err);
	kit_is_start(&kit);
}
END_TEST

/* The baseline is durable before the end is written, and tells of it. */
START_TEST(after_a_reboot_what_the_baseline_tells_is_kept)
{
	kit_apply(&kit, 0);
	lose_power(1);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_COMMITTED);
	ck_ok(recover(), kit.err);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
}
END_TEST

/* The same script, from the same baseline: which of the two applies did it tell of? */
START_TEST(after_a_reboot_the_baseline_tells_of_no_earlier_apply)
{
	_cleanup_buf_ struct buf baseline = BUF_INIT;
	char path[128];

	kit_apply(&kit, 0);
	baseline_path(path);
	ck_ok(file_read(path, SIZE_MAX / 2, &baseline, NULL, &kit.err), kit.err);
	for (int i = 0; i < 2; i++) {
		world_route(kit.world, HBR_VERB_DELETE, "", "10.1.0.0/21", "10.1.1.2", NULL);
		ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	}
	ck_ok(file_replace(path, baseline.data, baseline.len, 0600, &kit.err), kit.err);
	lose_power(1);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_OPEN);
}
END_TEST

static size_t count_records(void)
{
	_cleanup_buf_ struct buf data = BUF_INIT;
	size_t at = 0, n = 0, left;
	const char *record;

	read_journal(&data);
	while (log_next(&data, &at, &record, &left))
		n++;
	return n;
}

/* That an undo begins is durable. */
START_TEST(after_a_reboot_an_undo_that_was_begun_goes_on)
{
	kit_apply(&kit, 0);
	world_calm(kit.world);
	world_die_at(kit.world, 1);
	undo();
	/* Without its end. */
	lose_power(count_records() - 1);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_OPEN);
	ck_ok(recover(), kit.err);
	kit_is_start(&kit);
}
END_TEST

/* The namespace that an apply changed something in went with the kernel, and what was in it. */
START_TEST(after_a_reboot_what_went_with_it_keeps_nothing_back)
{
	_cleanup_free_ char *dump = NULL;

	kit_apply(&kit, 0);
	world_sysctl(kit.world, "crpd", "net/ipv4/ip_forward", "0");
	world_addr(kit.world, HBR_VERB_DELETE, "crpd", "ens4", "192.168.1.101/24");
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "as it was\n");
	world_router_kill(kit.world, "crpd");
	ck_ok(apply_to_confirm(1000), kit.err);
	lose_power(SIZE_MAX);
	ck_assert_int_eq(world_netns_del(kit.world, "crpd"), 0);
	ck_ok(recover(), kit.err);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_UNDONE);
	dump = world_dump(kit.world);
	ck_assert_ptr_nonnull(strstr(dump, "as it was"));
	/* And whoever applies next can. */
	ck_assert_uint_gt(kit_apply(&kit, HBR_PLAN_ADOPT), 0);
}
END_TEST

START_TEST(after_a_reboot_nothing_unconfirmed_is_kept)
{
	ck_ok(apply_to_confirm(1000), kit.err);
	lose_power(1);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_OPEN);
	ck_ok(recover(), kit.err);
	kit_is_start(&kit);
}
END_TEST

START_TEST(what_is_pending_is_confirmed_once)
{
	ck_ok(apply_to_confirm(1000), kit.err);
	kit_restart(&kit);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_PENDING);
	ck_ok(recover(), kit.err);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_PENDING);
	ck_assert_int_eq(kit_try(&kit, HBR_PLAN_REMOVE), HBR_EBUSY);
	kit_forget(&kit);
	ck_ok(hbr_confirm(kit.ctx, NULL, &kit.err), kit.err);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_COMMITTED);
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_ENOENT);
	kit_forget(&kit);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
}
END_TEST

START_TEST(a_router_that_waits_gets_the_longer_window_and_is_told)
{
	world_router_caps(kit.world, HBR_ROUTER_CONFIRM);
	ck_ok(apply_to_confirm(1000), kit.err);
	ck_assert_uint_gt(world_router_window(kit.world), 1000);
	kit_restart(&kit);
	ck_ok(hbr_confirm(kit.ctx, NULL, &kit.err), kit.err);
	ck_assert_uint_eq(world_router_window(kit.world), 0);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_COMMITTED);
}
END_TEST

START_TEST(a_router_that_was_not_told_keeps_the_apply_pending)
{
	world_router_caps(kit.world, HBR_ROUTER_CONFIRM);
	ck_ok(apply_to_confirm(1000), kit.err);
	/* The first call of a confirm asks what the router can, the second tells it. */
	world_calm(kit.world);
	world_fail_at(kit.world, 2, 1, HBR_EIO);
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_EIO);
	kit_forget(&kit);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_PENDING);
	/* What is taken back waits for nobody. */
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
}
END_TEST

/* Its own window ended, or it was started anew: the apply is not what it was, and cannot be kept. */
START_TEST(a_router_that_went_back_by_itself_is_not_confirmed)
{
	const hbr_router_port *router = world_routers(kit.world)[0];
	hbr_call call = { .cancel_fd = -1 };

	world_router_caps(kit.world, HBR_ROUTER_CONFIRM);
	ck_ok(apply_to_confirm(1000), kit.err);
	ck_ok(router->commit(router->self, &call, "crpd", "router bgp 1\n", 0, &kit.err),
	      kit.err);
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_ETIMEDOUT);
	ck_assert_ptr_nonnull(
	        strstr(hbr_error_message(kit.err), "does not run what was applied"));
	kit_forget(&kit);
	ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_PENDING);
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
}
END_TEST

START_TEST(a_router_that_cannot_wait_gets_no_window)
{
	ck_ok(apply_to_confirm(1000), kit.err);
	ck_assert_uint_eq(world_router_window(kit.world), 0);
}
END_TEST

START_TEST(what_is_pending_is_undone_once)
{
	ck_ok(apply_to_confirm(1000), kit.err);
	ck_ok(undo(), kit.err);
	kit_is_start(&kit);
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_ENOENT);
}
END_TEST

static void expire(void)
{
	hbr_transaction seen = { .size = sizeof(seen) };

	ck_ok(hbr_last(kit.ctx, &seen, &kit.err), kit.err);
	while (wake_boottime() < seen.deadline_ns)
		wake_wait(-1, -1, seen.deadline_ns - wake_boottime());
}

START_TEST(what_was_not_confirmed_in_time_is_taken_back)
{
	ck_ok(apply_to_confirm(1), kit.err);
	expire();
	ck_assert_int_eq(hbr_confirm(kit.ctx, NULL, &kit.err), HBR_ETIMEDOUT);
	kit_forget(&kit);
	ck_assert_int_eq(kit_try(&kit, 0), HBR_EBUSY);
	kit_forget(&kit);
	ck_ok(recover(), kit.err);
	kit_is_start(&kit);
}
END_TEST

/* Writes fail from byte n of a file on: nothing is changed, or all of it is taken back. */
START_TEST(a_full_disk_stops_it_before_anything_is_lost)
{
	struct rlimit limit, was;
	int rc = -1;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	for (rlim_t n = 64; rc < 0; n += 256) {
		limit = (struct rlimit){ n, was.rlim_max };
		setrlimit(RLIMIT_FSIZE, &limit);
		rc = kit_try(&kit, 0);
		setrlimit(RLIMIT_FSIZE, &was);
		if (rc < 0) {
			ck_assert_int_ne(rc, HBR_EROLLBACK);
			kit_forget(&kit);
			ck_ok(recover(), kit.err);
			kit_is_start(&kit);
		}
		ck_assert_uint_lt(n, 1 << 20);
	}
}
END_TEST

HBR_SUITE(recover)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, without_a_journal_there_is_nothing_to_do);
	tcase_add_test(tcase, an_apply_is_the_last_transaction);
	tcase_add_test(tcase, undo_takes_an_apply_back);
	tcase_add_test(tcase, undo_leaves_a_file_that_somebody_edited_since);
	tcase_add_test(tcase, undo_leaves_a_link_that_is_not_ours_any_more);
	tcase_add_test(tcase, undo_takes_a_removal_back);
	tcase_add_test(tcase, an_apply_that_dies_anywhere_is_taken_back);
	tcase_add_test(tcase, a_removal_that_dies_anywhere_is_taken_back);
	tcase_add_test(tcase, an_undo_that_dies_anywhere_is_finished);
	tcase_add_test(tcase, a_recovery_that_dies_anywhere_is_finished);
	tcase_add_test(tcase, a_torn_tail_is_cut_off);
	tcase_add_test(tcase, all_done_but_the_end_is_kept);
	tcase_add_test(tcase, a_foreign_or_newer_journal_is_refused_by_name);
	tcase_add_test(tcase, after_a_reboot_all_that_was_begun_is_taken_back);
	tcase_add_test(tcase, after_a_reboot_what_the_baseline_tells_is_kept);
	tcase_add_test(tcase, after_a_reboot_the_baseline_tells_of_no_earlier_apply);
	tcase_add_test(tcase, after_a_reboot_an_undo_that_was_begun_goes_on);
	tcase_add_test(tcase, after_a_reboot_what_went_with_it_keeps_nothing_back);
	tcase_add_test(tcase, after_a_reboot_nothing_unconfirmed_is_kept);
	tcase_add_test(tcase, what_is_pending_is_confirmed_once);
	tcase_add_test(tcase, a_router_that_waits_gets_the_longer_window_and_is_told);
	tcase_add_test(tcase, a_router_that_was_not_told_keeps_the_apply_pending);
	tcase_add_test(tcase, a_router_that_went_back_by_itself_is_not_confirmed);
	tcase_add_test(tcase, a_router_that_cannot_wait_gets_no_window);
	tcase_add_test(tcase, what_is_pending_is_undone_once);
	tcase_add_test(tcase, what_was_not_confirmed_in_time_is_taken_back);
	tcase_add_test(tcase, a_full_disk_stops_it_before_anything_is_lost);
}
