/* SPDX-License-Identifier: Apache-2.0 */
/* A NIC that is taken, and how it comes back: byte for byte as it was. */
#include "kernel/nic_rig.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static void refuse(struct rig *rig)
{
	int rc = rig_apply(rig, 0, 0, 0);

	ck_assert_msg(rc == HBR_ENOENT, "%d: %s", rc, hbr_error_message(rig->err));
}

START_TEST(removal_brings_everything_back)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	for (int round = 0; round < 2; round++) {
		ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
		ck_assert_ptr_null(world_link(&rig.world, "", "nic0"));
		ck_assert_ptr_nonnull(world_link(&rig.world, "crpd", "nic0"));
		ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
		rig_same(&rig, before);
	}
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(a_failed_apply_brings_everything_back)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	rig_want(&rig, RIG_IMPOSSIBLE);
	refuse(&rig);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(undo_brings_everything_back)
{
	struct rig rig;
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	int rc;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(hbr_undo(rig.ctx, NULL, &run, &rig.err), rig.err);
	do
		rc = hbr_run_next(run, &event, &rig.err);
	while (rc == 1);
	ck_ok(rc, rig.err);
	hbr_run_free(run);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(a_second_apply_has_nothing_to_do_and_forgets_nothing)
{
	struct rig rig;
	hbr_state *have = NULL;
	hbr_plan *plan = NULL;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(hbr_observe(rig.ctx, rig.wanted, &have, &rig.err), rig.err);
	ck_ok(hbr_plan_make(rig.wanted, have, 0, &plan, &rig.err), rig.err);
	ck_assert_uint_eq(hbr_plan_steps(plan), 0);
	hbr_plan_free(plan);
	hbr_state_free(have);
	/* Something else changes, so the baseline is written again. */
	rig_sh(&rig, "ip -n CRPD addr flush dev nic0");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(a_nic_is_found_by_its_address_and_gets_its_name_back)
{
	struct rig rig;

	rig_open(&rig, "eth7");
	rig_want(&rig, RIG_BY_MAC);
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_assert_ptr_null(world_link(&rig.world, "", "eth7"));
	ck_assert_ptr_nonnull(world_link(&rig.world, "crpd", "nic0"));
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);

	rig_want(&rig, RIG_BY_MAC | RIG_IMPOSSIBLE);
	refuse(&rig);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

/*
 * A physical NIC goes home by itself when its namespace goes, bare, and a veth goes for good: here
 * somebody moves it home before he deletes the namespace, which leaves the same.
 */
START_TEST(a_nic_whose_namespace_was_deleted_is_restored_at_home)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	rig_sh(&rig, "ip -n CRPD link set nic0 netns HOST && ip netns del CRPD");
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(a_nic_that_went_home_is_taken_again_and_still_comes_back)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	rig_sh(&rig, "ip -n CRPD link set nic0 netns HOST && ip netns del CRPD");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_assert_ptr_nonnull(world_link(&rig.world, "crpd", "nic0"));
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(what_others_brought_back_is_left_to_them)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	char *before = rig_snapshot(&rig);
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	rig_sh(&rig, "ip -n CRPD link set nic0 netns HOST && ip netns del CRPD && "
	             "ip -n HOST link set nic0 up && "
	             "ip -n HOST addr add 192.0.2.200/24 brd + dev nic0 label nic0:a");
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(lifetimes_are_those_of_the_time_of_taking)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	const hbr_ifaddr *addr = world_addr(&rig.world, "", "nic0", "192.0.2.20/24");
	ck_assert_ptr_nonnull(addr);
	ck_assert_uint_le(addr->valid, 7200);
	ck_assert_uint_gt(addr->valid, 7100);
	ck_assert_uint_le(addr->preferred, 3600);
	ck_assert_uint_gt(addr->preferred, 3500);
	rig_close(&rig);
}
END_TEST

HBR_SUITE(kernel_nic)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, removal_brings_everything_back);
	tcase_add_test(tcase, a_failed_apply_brings_everything_back);
	tcase_add_test(tcase, undo_brings_everything_back);
	tcase_add_test(tcase, a_second_apply_has_nothing_to_do_and_forgets_nothing);
	tcase_add_test(tcase, a_nic_is_found_by_its_address_and_gets_its_name_back);
	tcase_add_test(tcase, a_nic_whose_namespace_was_deleted_is_restored_at_home);
	tcase_add_test(tcase, a_nic_that_went_home_is_taken_again_and_still_comes_back);
	tcase_add_test(tcase, what_others_brought_back_is_left_to_them);
	tcase_add_test(tcase, lifetimes_are_those_of_the_time_of_taking);
}
