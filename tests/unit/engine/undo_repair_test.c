/* SPDX-License-Identifier: Apache-2.0 */
/* A repair that was killed, or failed, and then somebody takes back the apply that it was about. */
#include "base/file.h"
#include "engine/run.h"
#include "unit/engine/kit.h"

#include <stdio.h>
#include <string.h>

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static int carry_out(int (*start)(hbr_ctx *ctx, const hbr_run_opts *opts, hbr_run **out,
                                  hbr_error **err))
{
	hbr_run *run = NULL;
	int rc = start(kit.ctx, NULL, &run, &kit.err);

	return rc < 0 ? rc : kit_pull(&kit, run);
}

static void repair_path(char path[128])
{
	snprintf(path, 128, "%s/repair", kit.state_dir);
}

static void read_repair(void *user)
{
	char path[128];

	repair_path(path);
	file_read(path, SIZE_MAX / 2, user, NULL, NULL);
}

/* A repair of a sysctl that somebody turned, which dies at call n. Was it killed? */
static bool repair_and_die(uint64_t n)
{
	_cleanup_buf_ struct buf left = BUF_INIT;
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_run *run = NULL;
	hbr_plan *plan;
	char path[128];
	bool killed;

	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "0");
	plan = kit_plan(&kit, kit.wanted, 0);
	world_calm(kit.world);
	world_die_at(kit.world, n);
	world_at(kit.world, n, read_repair, &left);
	if (run_repair(kit.ctx, plan, &opts, &run, &kit.err) == 0)
		kit_pull(&kit, run);
	killed = world_calls(kit.world, NULL) >= n;
	hbr_plan_free(plan);
	kit_restart(&kit);
	repair_path(path);
	if (left.len)
		ck_ok(file_replace(path, left.data, left.len, 0600, &kit.err), kit.err);
	return killed;
}

/* What it changed would be "brought back" on a machine that is not as it was then. */
START_TEST(an_undo_waits_until_a_killed_repair_is_taken_back)
{
	size_t waited = 0;
	bool killed = true;

	for (uint64_t n = 1; killed; n++) {
		teardown();
		setup();
		world_sysctl(kit.world, "", "net/ipv4/ip_forward", "1");
		kit_apply(&kit, 0);
		killed = repair_and_die(n);
		if (kit_last(&kit) == HBR_TRANSACTION_OPEN) {
			waited++;
			ck_assert_int_eq(carry_out(hbr_undo), HBR_EBUSY);
			ck_assert_ptr_nonnull(strstr(hbr_error_hint(kit.err), "hbr recover"));
			kit_forget(&kit);
			ck_ok(carry_out(hbr_recover), kit.err);
		}
		ck_ok(carry_out(hbr_undo), kit.err);
		ck_ok(carry_out(hbr_recover), kit.err);
		ck_assert_int_eq(kit_last(&kit), HBR_TRANSACTION_UNDONE);
	}
	ck_assert_uint_gt(waited, 0);
}
END_TEST

/* It failed, and could not be taken back: an undo of the apply that it was about ends that, too. */
START_TEST(after_an_undo_no_repair_is_taken_back)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_run *run = NULL;
	hbr_plan *plan;

	kit_apply(&kit, 0);
	ck_assert_int_eq(world_route(kit.world, HBR_VERB_DELETE, "", "10.1.0.0/21", "10.1.1.2",
	                             "veth-k8s"),
	                 0);
	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "2");
	plan = kit_plan(&kit, kit.wanted, 0);
	ck_ok(run_repair(kit.ctx, plan, &opts, &run, &kit.err), kit.err);
	world_calm(kit.world);
	world_fail_at(kit.world, 2, 1000, HBR_EIO);
	ck_assert_int_eq(kit_pull(&kit, run), HBR_EROLLBACK);
	hbr_plan_free(plan);
	kit_restart(&kit);
	ck_ok(carry_out(hbr_undo), kit.err);
	kit_is_start(&kit);
	ck_ok(carry_out(hbr_recover), kit.err);
	kit_is_start(&kit);
}
END_TEST

HBR_SUITE(undo_repair)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_undo_waits_until_a_killed_repair_is_taken_back);
	tcase_add_test(tcase, after_an_undo_no_repair_is_taken_back);
}
