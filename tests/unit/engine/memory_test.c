/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that ends anywhere: an apply is undone, an observation or a verification just fails. */
#include "engine/verify.h"

#include "lib/oom.h"
#include "unit/engine/kit.h"

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

/* Nothing of the test framework runs while memory is short. */
static int run(const hbr_plan *plan)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	int rc = hbr_apply(kit.ctx, plan, &opts, &run, &kit.err);

	if (rc < 0)
		return rc;
	do {
		rc = hbr_run_next(run, &event, &kit.err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

START_TEST(an_apply_without_memory_is_undone)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	bool hit = true;

	for (unsigned n = 1; hit; n++) {
		int rc;

		kit_teardown(&kit);
		kit_setup(&kit);
		oom_at(n);
		rc = run(plan);
		hit = oom_off();
		if (!hit)
			ck_assert_int_eq(rc, 0);
		/* What is only a message may be lost: the apply goes on. */
		if (rc == 0)
			continue;
		ck_assert_msg(rc == HBR_ENOMEM, "allocation %u: %s: %s", n, hbr_code_name(rc),
		              kit_message(&kit));
		kit_is_start(&kit);
	}
	hbr_plan_free(plan);
}
END_TEST

/* Short for good once it goes back: it ends all the same, and says what is left. */
START_TEST(an_undo_without_any_memory_ends)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	bool hit;
	int rc;

	ck_ok(hbr_apply(kit.ctx, plan, &opts, &run, &kit.err), kit.err);
	world_fail_at(kit.world, 20, 1, HBR_EIO);
	while (event.what != HBR_EVENT_UNDO)
		ck_assert_int_eq(hbr_run_next(run, &event, &kit.err), 1);
	oom_from(1);
	do {
		rc = hbr_run_next(run, &event, NULL);
	} while (rc == 1);
	hit = oom_off();
	ck_assert_int_eq(rc, hit ? HBR_EROLLBACK : HBR_EIO);
	hbr_run_free(run);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(an_observation_without_memory_fails)
{
	bool hit = true;

	kit_apply(&kit, 0);
	for (unsigned n = 1; hit; n++) {
		hbr_state *have = NULL;
		int rc;

		oom_at(n);
		rc = hbr_observe(kit.ctx, kit.wanted, &have, &kit.err);
		hit = oom_off();
		ck_assert_msg(rc == 0 || (hit && rc == HBR_ENOMEM), "allocation %u: %s", n,
		              hbr_code_name(rc));
		hbr_state_free(have);
		kit_forget(&kit);
	}
}
END_TEST

static int eye_dump(const hbr_netns_port *netns, const hbr_call *call, const char *name,
                    uint32_t kinds, hbr_sink *sink, hbr_error **err)
{
	(void)call;
	return world_read(netns->self, name, kinds, sink, err);
}

START_TEST(a_verification_without_memory_fails)
{
	const struct eyes eyes = { .dump = eye_dump };
	bool hit = true;

	kit_apply(&kit, 0);
	for (unsigned n = 1; hit; n++) {
		hbr_status *status = NULL;
		int rc;

		oom_at(n);
		rc = verify_through(&eyes, kit.ctx, kit.wanted, 0, &status, &kit.err);
		hit = oom_off();
		ck_assert_msg(rc == 0 || (hit && rc == HBR_ENOMEM), "allocation %u: %s", n,
		              hbr_code_name(rc));
		/* No condition fails for want of memory. */
		if (rc == 0)
			ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
		hbr_status_free(status);
		kit_forget(&kit);
	}
}
END_TEST

HBR_SUITE(memory)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_apply_without_memory_is_undone);
	tcase_add_test(tcase, an_undo_without_any_memory_ends);
	tcase_add_test(tcase, an_observation_without_memory_fails);
	tcase_add_test(tcase, a_verification_without_memory_fails);
}
