/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way with a real podman: observe, plan, apply, drift, undo, remove. */
#include "apply_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/wake.h"

static void hears(const char *words)
{
	static const char *const argv[] = { "/guest", "where", "/config/juniper.conf", NULL };
	char text[256];

	ck_ok(rig_hear(&setup.rig, "new", argv, text, sizeof(text)), setup.rig.err);
	ck_assert_msg(strstr(text, words), "%s", text);
}

START_TEST(an_apply_brings_it_up_and_the_next_one_does_nothing)
{
	ck_assert_int_eq(apply(0), 3);
	hears("first words");
	ck_assert_int_eq(apply(0), 0);
	ck_assert_int_gt(apply(HBR_PLAN_REMOVE), 0);
	ck_assert_int_eq(apply(HBR_PLAN_REMOVE), 0);
}
END_TEST

START_TEST(what_the_router_wrote_survives_another_image)
{
	ck_assert_int_eq(apply(0), 3);
	ck_ok(setup.rig.host->file_put(setup.rig.host->self, &setup.rig.world.call,
	                               APPLY_CONFIG, "its own", 7, 0600, &setup.rig.err),
	      setup.rig.err);
	apply_want("two");
	ck_assert_int_eq(apply(0), 1);
	hears("its own");
}
END_TEST

START_TEST(one_that_was_killed_is_drift_and_comes_back)
{
	hbr_plan *made;

	ck_assert_int_eq(apply(0), 3);
	rig_podman("stop -t 1 %s", rig_real(&setup.rig, "new"));
	made = apply_plan(0);
	ck_assert_uint_eq(made->n_acting, 1);
	ck_assert_str_eq(made->steps[0].key, "container:new/new");
	hbr_plan_free(made);
	ck_assert_int_eq(apply(0), 1);
	hears("first words");
}
END_TEST

/* The old one was taken away to make room: undo brings it back as it was. */
START_TEST(an_image_that_dies_at_once_takes_all_back)
{
	ck_assert_int_eq(apply(0), 3);
	apply_want("dies");
	ck_assert_int_eq(apply(0), HBR_EIO);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(setup.rig.err), "no licence today"));
	rig_forget(&setup.rig);
	apply_want("one");
	ck_assert_int_eq(apply(0), 0);
	hears("first words");
}
END_TEST

/* Without a timer: only the end of its process can have woken the watch. */
START_TEST(one_that_is_killed_is_heard)
{
	hbr_watch_opts opts = { .size = sizeof(opts), .sources = HBR_WATCH_ROUTER };
	hbr_event event = { .size = sizeof(event) };
	hbr_watch *watch = NULL;
	int64_t began;
	int rc;

	ck_assert_int_eq(apply(0), 3);
	ck_ok(hbr_watch_new(setup.ctx, setup.wanted, &opts, &watch, &setup.rig.err),
	      setup.rig.err);
	ck_assert_int_eq(hbr_watch_next(watch, &event, &setup.rig.err), 0);
	began = wake_now();
	rig_podman("kill %s", rig_real(&setup.rig, "new"));
	while ((rc = hbr_watch_next(watch, &event, &setup.rig.err)) == 0 &&
	       wake_now() - began < 10000 * WAKE_MS)
		wake_wait(hbr_watch_fd(watch), -1, 1000 * WAKE_MS);
	ck_assert_int_eq(rc, 1);
	ck_assert_int_eq(event.what, HBR_EVENT_DRIFT);
	ck_assert_str_eq(event.key, "container:new/new");
	printf("a killed container is heard after %lld ms, podman kill included\n",
	       (long long)((wake_now() - began) / WAKE_MS));
	hbr_watch_free(watch);
}
END_TEST

START_TEST(verify_says_whether_it_runs)
{
	hbr_status *status = NULL;

	ck_assert_int_eq(apply(0), 3);
	ck_ok(hbr_verify(setup.ctx, setup.wanted, 0, &status, &setup.rig.err), setup.rig.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
	hbr_status_free(status);
	rig_podman("stop -t 1 %s", rig_real(&setup.rig, "new"));
	ck_ok(hbr_verify(setup.ctx, setup.wanted, 0, &status, &setup.rig.err), setup.rig.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 1);
	hbr_status_free(status);
}
END_TEST

HBR_SUITE(podman_apply)
{
	tcase_add_checked_fixture(tcase, apply_begin, apply_end);
	tcase_add_test(tcase, an_apply_brings_it_up_and_the_next_one_does_nothing);
	tcase_add_test(tcase, what_the_router_wrote_survives_another_image);
	tcase_add_test(tcase, one_that_was_killed_is_drift_and_comes_back);
	tcase_add_test(tcase, an_image_that_dies_at_once_takes_all_back);
	tcase_add_test(tcase, one_that_is_killed_is_heard);
	tcase_add_test(tcase, verify_says_whether_it_runs);
}
