/* SPDX-License-Identifier: Apache-2.0 */
/* A run from outside: what it refuses, its events, cancelling it, leaving it. */
#include "unit/engine/kit.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int start(const hbr_plan *plan, int32_t max_grade, hbr_run **run)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = max_grade };

	kit_forget(&kit);
	*run = NULL;
	return hbr_apply(kit.ctx, plan, &opts, run, &kit.err);
}

static int next(hbr_run *run, hbr_event *event)
{
	memset(event, 0, sizeof(*event));
	event->size = sizeof(*event);
	return hbr_run_next(run, event, &kit.err);
}

START_TEST(a_plan_that_the_world_left_behind_is_stale)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run *run;

	world_netns_add(kit.world, "crpd");
	world_calm(kit.world);
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &run), HBR_ESTALE);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "changed since the plan was made"));
	ck_assert_uint_eq(world_changes(kit.world), 0);
	hbr_plan_free(plan);
}
END_TEST

/* Two machines may look alike, and yet be two nodes. */
START_TEST(a_plan_of_another_machine_is_stale)
{
	hbr_ctx_opts opts = world_opts(kit.world, kit.state_dir);
	hbr_plan *plan, *same = NULL;
	hbr_text *packed = NULL;
	hbr_run *run;

	world_file(kit.world, "/etc/machine-id", "0123456789abcdef\n");
	plan = kit_plan(&kit, kit.wanted, 0);
	ck_ok(hbr_plan_dump(plan, HBR_FORMAT_BINARY, &packed, &kit.err), kit.err);
	ck_ok(hbr_plan_load(hbr_text_data(packed), hbr_text_size(packed), &same, &kit.err),
	      kit.err);
	hbr_text_free(packed);
	hbr_plan_free(plan);
	world_file(kit.world, "/etc/machine-id", "fedcba9876543210\n");
	hbr_ctx_free(kit.ctx);
	kit.ctx = NULL;
	ck_ok(hbr_ctx_new(&opts, &kit.ctx, &kit.err), kit.err);
	world_calm(kit.world);
	ck_assert_int_eq(start(same, HBR_GRADE_IRREVERSIBLE, &run), HBR_ESTALE);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "made on another machine"));
	ck_assert_uint_eq(world_changes(kit.world), 0);
	/* The same one, by the time that it is read anew. */
	world_file(kit.world, "/etc/machine-id", "0123456789abcdef\n");
	ck_ok(start(same, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	hbr_run_free(run);
	hbr_plan_free(same);
}
END_TEST

START_TEST(a_changed_before_image_is_stale)
{
	hbr_plan *plan;
	hbr_run *run;

	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "0");
	plan = kit_plan(&kit, kit.wanted, 0);
	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "2");
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &run), HBR_ESTALE);
	ck_assert_str_eq(hbr_error_path(kit.err), "sysctl:/net/ipv4/ip_forward");
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_plan_is_stale_once_it_was_applied)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);

	ck_assert_int_eq(kit_run(&kit, plan), 0);
	ck_assert_int_eq(kit_run(&kit, plan), HBR_ESTALE);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(two_applies_do_not_interleave)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run *run;
	char path[128], pid[32];
	int fd = -1;

	snprintf(path, sizeof(path), "%s/lock", kit.state_dir);
	ck_ok(file_lock(path, 0, -1, &fd, &kit.err), kit.err);
	world_calm(kit.world);
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &run), HBR_EBUSY);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), pid));
	ck_assert_uint_eq(world_calls(kit.world, NULL), 0);
	file_unlock(fd);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_run_holds_the_lock_until_its_end)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run *first, *second;
	hbr_event event;

	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &first), 0);
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &second), HBR_EBUSY);
	kit_forget(&kit);
	while (next(first, &event) == 1)
		continue;
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &second), HBR_ESTALE);
	hbr_run_free(first);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(what_disrupts_more_than_allowed_is_refused)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run *run;

	world_calm(kit.world);
	ck_assert_int_eq(start(plan, 0, &run), HBR_EDISRUPTIVE);
	ck_assert_str_eq(hbr_error_path(kit.err), "link:crpd/ens4");
	ck_assert_str_eq(kit_message(&kit),
	                 "link:crpd/ens4: this step disrupts traffic, and only "
	                 "harmless steps are allowed");
	ck_assert_uint_eq(world_calls(kit.world, NULL), 0);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_conflict_is_named)
{
	hbr_plan *plan;
	hbr_run *run;

	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "mine\n");
	plan = kit_plan(&kit, kit.wanted, 0);
	world_calm(kit.world);
	ck_assert_int_eq(start(plan, HBR_GRADE_IRREVERSIBLE, &run), HBR_ECONFLICT);
	ck_assert_str_eq(hbr_error_path(kit.err), "file:/etc/sysctl.d/90-hbr.conf");
	ck_assert_uint_eq(world_calls(kit.world, NULL), 0);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(every_step_is_an_event_in_order)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	size_t steps = hbr_plan_steps(plan);
	hbr_event event;
	hbr_run *run;

	ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	for (size_t i = 1; i <= steps; i++) {
		hbr_item item = { .size = sizeof(item) };

		ck_assert_int_eq(next(run, &event), 1);
		ck_assert_int_eq(event.what, HBR_EVENT_STEP);
		ck_assert_uint_eq(event.index, i);
		ck_assert_uint_eq(event.total, steps);
		ck_assert_int_eq(hbr_plan_get(plan, i - 1, &item), 0);
		ck_assert_str_eq(event.key, item.key);
		ck_assert_int_eq(event.verb, item.verb);
		ck_assert_int_ne(event.stage, 0);
	}
	ck_assert_int_eq(next(run, &event), 0);
	ck_assert_int_eq(next(run, &event), 0);
	hbr_run_free(run);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_dry_run_calls_no_port)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run_opts opts = { .size = sizeof(opts),
		              .flags = HBR_RUN_DRY_RUN,
		              .max_grade = HBR_GRADE_TRAFFIC };
	size_t steps = 0;
	hbr_event event;
	hbr_run *run = NULL;

	world_calm(kit.world);
	ck_ok(hbr_apply(kit.ctx, plan, &opts, &run, &kit.err), kit.err);
	while (next(run, &event) == 1) {
		ck_assert_int_eq(strncmp(event.message, "would ", 6), 0);
		steps++;
	}
	hbr_run_free(run);
	ck_assert_uint_eq(steps, hbr_plan_steps(plan));
	ck_assert_uint_eq(world_calls(kit.world, NULL), 0);
	kit_is_start(&kit);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_failed_run_tells_its_undo_first)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	size_t done = 0, undone = 0, failed = 0;
	hbr_event event;
	hbr_run *run;
	int rc;

	ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	world_fail_at(kit.world, 9, 1, HBR_EPERM);
	while ((rc = next(run, &event)) == 1) {
		if (event.what == HBR_EVENT_STEP && event.code == 0)
			done++;
		else if (event.what == HBR_EVENT_STEP)
			failed++;
		else if (event.what == HBR_EVENT_UNDO)
			undone++;
	}
	ck_assert_int_eq(rc, HBR_EPERM);
	ck_assert_uint_eq(failed, 1);
	ck_assert_uint_gt(done, 0);
	ck_assert_uint_ge(undone, done);
	kit_forget(&kit);
	ck_assert_int_eq(next(run, &event), HBR_EPERM);
	hbr_run_free(run);
	kit_is_start(&kit);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(cancelled_once_it_undoes)
{
	bool cancelled = true;

	for (uint64_t n = 1; cancelled; n++) {
		hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
		uint64_t pulled = 0;
		hbr_event event;
		hbr_run *run;
		int rc;

		ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
		while ((rc = next(run, &event)) == 1) {
			if (++pulled == n)
				hbr_ctx_cancel(kit.ctx);
		}
		cancelled = rc < 0;
		if (cancelled) {
			ck_assert_int_eq(rc, HBR_ECANCELED);
			ck_assert_str_eq(kit_message(&kit), "everything was undone: cancelled");
			kit_is_start(&kit);
		}
		hbr_run_free(run);
		hbr_plan_free(plan);
		/* The events of the last batch were pulled after everything was done. */
		ck_assert_uint_lt(n, 100);
		kit_forget(&kit);
	}
}
END_TEST

START_TEST(after_a_cancelled_run_the_context_works)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_event event;
	hbr_run *run;

	ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	hbr_ctx_cancel(kit.ctx);
	while (next(run, &event) == 1)
		continue;
	hbr_run_free(run);
	kit_forget(&kit);
	ck_assert_int_eq(kit_run(&kit, plan), 0);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(cancelled_twice_it_stops)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_event event;
	hbr_run *run;
	int rc;

	ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	do {
		ck_assert_int_eq(next(run, &event), 1);
	} while (strcmp(event.key, "netns:crpd") != 0);
	hbr_ctx_cancel(kit.ctx);
	hbr_ctx_cancel(kit.ctx);
	while ((rc = next(run, &event)) == 1)
		continue;
	ck_assert_int_eq(rc, HBR_EROLLBACK);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "netns:crpd is still there"));
	hbr_run_free(run);
	kit_forget(&kit);
	hbr_plan_free(plan);

	/* The rest is for recover. */
	ck_assert_int_eq(kit_try(&kit, 0), HBR_EBUSY);
	kit_forget(&kit);
	ck_ok(hbr_recover(kit.ctx, NULL, &run, &kit.err), kit.err);
	while ((rc = next(run, &event)) == 1)
		continue;
	hbr_run_free(run);
	ck_ok(rc, kit.err);
	kit_is_start(&kit);
}
END_TEST

START_TEST(a_cancel_while_undoing_does_not_stop_it)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_event event;
	hbr_run *run;
	int rc;

	ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
	world_fail_at(kit.world, 12, 1, HBR_ESYSTEM);
	while ((rc = next(run, &event)) == 1) {
		if (event.what == HBR_EVENT_STEP && event.code < 0)
			hbr_ctx_cancel(kit.ctx);
	}
	ck_assert_int_eq(rc, HBR_ESYSTEM);
	hbr_run_free(run);
	kit_is_start(&kit);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_run_that_is_freed_early_is_undone)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	size_t steps = hbr_plan_steps(plan);

	for (size_t pulls = 0; pulls <= steps; pulls++) {
		hbr_event event;
		hbr_run *run;

		ck_ok(start(plan, HBR_GRADE_IRREVERSIBLE, &run), kit.err);
		for (size_t i = 0; i < pulls; i++)
			ck_assert_int_eq(next(run, &event), 1);
		hbr_run_free(run);
		kit_is_start(&kit);
	}
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_state_folder_that_cannot_be_written_stops_it_before_anything)
{
	hbr_ctx_opts opts = world_opts(kit.world, "/proc/version/hbr");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_ctx *ctx = NULL;
	hbr_run *run = NULL;
	hbr_run_opts run_opts = { .size = sizeof(run_opts), .max_grade = HBR_GRADE_TRAFFIC };

	ck_ok(hbr_ctx_new(&opts, &ctx, &kit.err), kit.err);
	world_calm(kit.world);
	ck_assert_int_lt(hbr_apply(ctx, plan, &run_opts, &run, &kit.err), 0);
	ck_assert_uint_eq(world_calls(kit.world, NULL), 0);
	hbr_ctx_free(ctx);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_packed_plan_applies_like_the_plan)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0), *loaded = NULL;
	hbr_text *text = NULL;

	ck_ok(hbr_plan_dump(plan, HBR_FORMAT_BINARY, &text, &kit.err), kit.err);
	ck_ok(hbr_plan_load(hbr_text_data(text), hbr_text_size(text), &loaded, &kit.err),
	      kit.err);
	ck_ok(kit_run(&kit, loaded), kit.err);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	hbr_text_free(text);
	hbr_plan_free(plan);
	hbr_plan_free(loaded);
}
END_TEST

START_TEST(unknown_options_are_refused)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_run_opts opts = { .size = sizeof(opts), .flags = 1 << 20 };
	hbr_run *run = NULL;

	ck_assert_int_eq(hbr_apply(kit.ctx, plan, &opts, &run, &kit.err), HBR_EINVAL);
	hbr_plan_free(plan);
}
END_TEST

HBR_SUITE(run)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_plan_that_the_world_left_behind_is_stale);
	tcase_add_test(tcase, a_plan_of_another_machine_is_stale);
	tcase_add_test(tcase, a_changed_before_image_is_stale);
	tcase_add_test(tcase, a_plan_is_stale_once_it_was_applied);
	tcase_add_test(tcase, two_applies_do_not_interleave);
	tcase_add_test(tcase, a_run_holds_the_lock_until_its_end);
	tcase_add_test(tcase, what_disrupts_more_than_allowed_is_refused);
	tcase_add_test(tcase, a_conflict_is_named);
	tcase_add_test(tcase, every_step_is_an_event_in_order);
	tcase_add_test(tcase, a_dry_run_calls_no_port);
	tcase_add_test(tcase, a_failed_run_tells_its_undo_first);
	tcase_add_test(tcase, cancelled_once_it_undoes);
	tcase_add_test(tcase, after_a_cancelled_run_the_context_works);
	tcase_add_test(tcase, cancelled_twice_it_stops);
	tcase_add_test(tcase, a_cancel_while_undoing_does_not_stop_it);
	tcase_add_test(tcase, a_run_that_is_freed_early_is_undone);
	tcase_add_test(tcase, a_state_folder_that_cannot_be_written_stops_it_before_anything);
	tcase_add_test(tcase, a_packed_plan_applies_like_the_plan);
	tcase_add_test(tcase, unknown_options_are_refused);
}
