/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way with a real podman: observe, plan, apply, drift, undo, remove. */
#include "podman_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hbr/hbr.h"
#include "plan/plan.h"

#define CONFIG "/var/lib/hbr/crpd/new/config/juniper.conf"

static struct rig rig;
static hbr_ctx *ctx;
static hbr_state *wanted;

static void put(int32_t kind, const char *netns, const char *name, const void *body)
{
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .netns = netns,
		                  .name = name,
		                  .stage = HBR_STAGE_ROUTER,
		                  .body = body };

	ck_ok(hbr_state_put(wanted, &resource, &rig.err), rig.err);
}

/* Namespace "new" with a container that finds its first configuration. */
static void want(const char *image)
{
	hbr_container body = rig_body(&rig, image);
	hbr_file file = { .first = "first words\n" };

	hbr_state_free(wanted);
	ck_ok(hbr_state_new(&wanted, &rig.err), rig.err);
	body.mounts = "/var/lib/hbr/crpd/new/config:/config";
	put(HBR_KIND_NETNS, NULL, "new", NULL);
	put(HBR_KIND_FILE, NULL, CONFIG, &file);
	put(HBR_KIND_CONTAINER, "new", "new", &body);
	hbr_state_count(wanted);
}

static void begin(void)
{
	hbr_ctx_opts opts = { .size = sizeof(opts) };

	rig_open(&rig, NULL);
	opts.root_dir = rig.root;
	opts.host_netns = rig.world.host;
	opts.podman = getenv("HBR_PODMAN_SOCKET");
	ck_ok(hbr_ctx_new(&opts, &ctx, &rig.err), rig.err);
	wanted = NULL;
	want("one");
}

static void end(void)
{
	hbr_state_free(wanted);
	hbr_ctx_free(ctx);
	rig_podman("rm -f -t 0 -i %s", rig_real(&rig, "new"));
	rig_close(&rig);
}

static hbr_plan *plan(uint32_t flags)
{
	hbr_state *have = NULL;
	hbr_plan *made = NULL;

	ck_ok(hbr_observe(ctx, wanted, &have, &rig.err), rig.err);
	ck_ok(hbr_plan_make(wanted, have, flags, &made, &rig.err), rig.err);
	hbr_state_free(have);
	return made;
}

/* The number of steps, or the error. */
static int apply(uint32_t flags)
{
	hbr_run_opts opts = { .size = sizeof(opts), .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	hbr_plan *made = plan(flags);
	hbr_run *run = NULL;
	int steps = (int)made->n_acting;
	int rc;

	rig_forget(&rig);
	ck_ok(hbr_apply(ctx, made, &opts, &run, &rig.err), rig.err);
	do {
		rc = hbr_run_next(run, &event, &rig.err);
	} while (rc == 1);
	hbr_run_free(run);
	hbr_plan_free(made);
	return rc < 0 ? rc : steps;
}

static void hears(const char *words)
{
	static const char *const argv[] = { "/guest", "where", "/config/juniper.conf", NULL };
	char text[256];

	ck_ok(rig_hear(&rig, "new", argv, text, sizeof(text)), rig.err);
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
	ck_ok(rig.host->file_put(rig.host->self, &rig.world.call, CONFIG, "its own", 7, 0600,
	                         &rig.err),
	      rig.err);
	want("two");
	ck_assert_int_eq(apply(0), 1);
	hears("its own");
}
END_TEST

START_TEST(one_that_was_killed_is_drift_and_comes_back)
{
	hbr_plan *made;

	ck_assert_int_eq(apply(0), 3);
	rig_podman("stop -t 1 %s", rig_real(&rig, "new"));
	made = plan(0);
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
	want("dies");
	ck_assert_int_eq(apply(0), HBR_EIO);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "no licence today"));
	rig_forget(&rig);
	want("one");
	ck_assert_int_eq(apply(0), 0);
	hears("first words");
}
END_TEST

START_TEST(verify_says_whether_it_runs)
{
	hbr_status *status = NULL;

	ck_assert_int_eq(apply(0), 3);
	ck_ok(hbr_verify(ctx, wanted, 0, &status, &rig.err), rig.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
	hbr_status_free(status);
	rig_podman("stop -t 1 %s", rig_real(&rig, "new"));
	ck_ok(hbr_verify(ctx, wanted, 0, &status, &rig.err), rig.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 1);
	hbr_status_free(status);
}
END_TEST

HBR_SUITE(podman_apply)
{
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, an_apply_brings_it_up_and_the_next_one_does_nothing);
	tcase_add_test(tcase, what_the_router_wrote_survives_another_image);
	tcase_add_test(tcase, one_that_was_killed_is_drift_and_comes_back);
	tcase_add_test(tcase, an_image_that_dies_at_once_takes_all_back);
	tcase_add_test(tcase, verify_says_whether_it_runs);
}
