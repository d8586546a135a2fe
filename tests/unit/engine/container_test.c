/* SPDX-License-Identifier: Apache-2.0 */
/* Containers, secrets and files that are only begun, through plan, apply, undo and removal. */
#include "unit/engine/kit.h"

#include "base/buf.h"
#include "plan/plan.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LICENCE "/etc/hbr/licence"
#define SECRET "4711-very-secret"
#define CONFIG "/var/lib/hbr/crpd/crpd/config/juniper.conf"
#define TARGET "/var/lib/hbr/crpd/crpd/config/license"

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
	world_file(kit.world, LICENCE, SECRET);
	free(kit.start);
	kit.start = world_dump(kit.world);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static hbr_container body(const char *image)
{
	return (hbr_container){ .image = image,
		                .hostname = "node1",
		                .mounts = "/var/lib/hbr/crpd/crpd/config:/config",
		                .privileged = 1,
		                .running = 1 };
}

static void put_secret(hbr_state *state)
{
	hbr_file file = { .text = LICENCE, .mode = 0600 };
	hbr_resource secret = { .size = sizeof(secret),
		                .kind = HBR_KIND_FILE,
		                .flags = HBR_RESOURCE_SECRET,
		                .name = TARGET,
		                .stage = HBR_STAGE_ROUTER,
		                .body = &file };

	ck_ok(hbr_state_put(state, &secret, &kit.err), kit.err);
}

/* The node of the kit, with its router in a container of that image. */
static void want(const char *image)
{
	hbr_state *state = NULL;
	hbr_state *node = kit_wanted();
	hbr_container container = body(image);

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(node); i++)
		ck_ok(hbr_state_put(state, hbr_state_at(node, i), &kit.err), kit.err);
	kit_put(state, HBR_KIND_CONTAINER, "crpd", "crpd", &container);
	put_secret(state);
	hbr_state_count(state);
	hbr_state_free(node);
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

static bool world_has(const char *words)
{
	char *now = world_dump(kit.world);
	bool has = strstr(now, words);

	free(now);
	return has;
}

static size_t place_of(const hbr_plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (strcmp(plan->steps[i].key, key) == 0)
			return i;
	}
	ck_abort_msg("no step %s", key);
	return 0;
}

START_TEST(a_container_comes_after_all_links_and_before_its_router)
{
	want("one");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	size_t at = place_of(plan, "container:crpd/crpd");

	ck_assert_uint_lt(place_of(plan, "link:/veth-k8s"), at);
	ck_assert_uint_lt(place_of(plan, "link:crpd/ens4"), at);
	ck_assert_uint_lt(place_of(plan, "route:/10.1.0.0/21"), at);
	ck_assert_uint_lt(place_of(plan, "file:" TARGET), at);
	ck_assert_uint_lt(at, place_of(plan, "config:crpd/frr"));
	hbr_plan_free(plan);
}
END_TEST

START_TEST(an_applied_container_needs_nothing_more)
{
	want("one");
	ck_assert_uint_gt(kit_apply(&kit, 0), 0);
	ck_assert(world_has("container crpd in crpd image one"));
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	kit_is_start(&kit);
}
END_TEST

static void applied_one(void)
{
	want("one");
	kit_apply(&kit, 0);
}

static void nothing(void)
{
}

/* What was there, what is wanted then. */
static const struct {
	void (*begin)(void);
	const char *image;
	uint32_t flags;
} roads[] = {
	{ nothing, "one", 0 },
	{ applied_one, "two", 0 },
	{ applied_one, "one", HBR_PLAN_REMOVE },
};

START_TEST(whichever_call_fails_all_is_as_before)
{
	bool failed = true;

	for (uint64_t n = 1; failed; n++) {
		_cleanup_free_ char *before = NULL;
		int rc;

		if (n > 1) {
			teardown();
			setup();
		}
		roads[_i].begin();
		want(roads[_i].image);
		before = world_dump(kit.world);
		world_fail_at(kit.world, n, 1, HBR_ESYSTEM);
		rc = kit_try(&kit, roads[_i].flags);
		failed = world_failed(kit.world);
		ck_assert_msg(failed == (rc < 0), "call %d: %s", (int)n, kit_message(&kit));
		if (failed)
			kit_is(&kit, before);
		ck_assert_uint_lt(n, 500);
	}
}
END_TEST

START_TEST(another_image_makes_it_again)
{
	applied_one();
	want("two");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);

	ck_assert_int_eq(plan->steps[place_of(plan, "container:crpd/crpd")].verb,
	                 HBR_VERB_RECREATE);
	ck_assert_int_eq(plan->steps[place_of(plan, "container:crpd/crpd")].grade,
	                 HBR_GRADE_TRAFFIC);
	hbr_plan_free(plan);
	kit_apply(&kit, 0);
	ck_assert(world_has("image two"));
}
END_TEST

START_TEST(an_image_that_is_missing_takes_all_back)
{
	want("absent");
	ck_assert_int_eq(kit_try(&kit, 0), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "container:crpd/crpd"));
	kit_is_start(&kit);
}
END_TEST

START_TEST(one_that_ended_is_started_again)
{
	applied_one();
	world_container_kill(kit.world, "crpd");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);

	ck_assert_uint_eq(plan->n, 1);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_CHANGE);
	ck_assert_str_eq(plan->steps[0].changes[0].attr, "running");
	hbr_plan_free(plan);
	kit_apply(&kit, 0);
	ck_assert(world_has("running"));
}
END_TEST

START_TEST(one_whose_namespace_lost_its_name_is_taken_away_all_the_same)
{
	applied_one();
	world_netns_del(kit.world, "crpd");
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert(!world_has("container"));
}
END_TEST

START_TEST(a_foreign_one_is_a_conflict)
{
	want("one");
	world_container(kit.world, "crpd", "one");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);

	ck_assert_int_eq(plan->steps[place_of(plan, "container:crpd/crpd")].verb,
	                 HBR_VERB_CONFLICT);
	hbr_plan_free(plan);
}
END_TEST

START_TEST(a_port_without_containers_is_said)
{
	hbr_host_port few = *world_host(kit.world);
	hbr_ctx_opts opts = world_opts(kit.world, kit.state_dir);
	hbr_state *have = NULL;
	hbr_ctx *ctx = NULL;

	want("one");
	few.size = offsetof(hbr_host_port, containers);
	opts.host = &few;
	ck_ok(hbr_ctx_new(&opts, &ctx, &kit.err), kit.err);
	ck_assert_int_eq(hbr_observe(ctx, kit.wanted, &have, &kit.err), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "knows no containers"));
	hbr_ctx_free(ctx);
	kit_forget(&kit);
	few = *world_host(kit.world);
	few.container_remove = NULL;
	ck_assert_int_eq(hbr_ctx_new(&opts, &ctx, &kit.err), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "container_remove"));
}
END_TEST

/* Is it in any file of the state directory? */
static bool is_kept(const char *words)
{
	char command[256];

	snprintf(command, sizeof(command), "grep -rqaF '%s' %s", words, kit.state_dir);
	return system(command) == 0;
}

START_TEST(a_secret_is_copied_and_kept_nowhere_else)
{
	hbr_text *text = NULL;

	want("one");
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);

	ck_ok(hbr_plan_dump(plan, HBR_FORMAT_JSON, &text, &kit.err), kit.err);
	ck_assert_ptr_null(strstr(hbr_text_data(text), SECRET));
	hbr_text_free(text);
	hbr_plan_free(plan);
	kit_apply(&kit, 0);
	ck_assert(world_has(TARGET));
	ck_assert(is_kept("veth-crpd"));
	ck_assert(!is_kept(SECRET));
	/* Another one in its place. */
	world_file(kit.world, LICENCE, "4712");
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_assert(!is_kept(SECRET));
	ck_assert(!is_kept("4712"));
}
END_TEST

START_TEST(a_secret_whose_source_is_missing_is_said)
{
	want("one");
	world_file(kit.world, LICENCE, NULL);
	free(kit.start);
	kit.start = world_dump(kit.world);
	ck_assert_int_eq(kit_try(&kit, 0), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), LICENCE));
	kit_is_start(&kit);
}
END_TEST

START_TEST(a_file_that_is_only_begun_is_not_ours_any_more)
{
	hbr_file file = { .first = "begin" };
	hbr_state *state = NULL;
	hbr_plan *plan;

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	kit_put(state, HBR_KIND_FILE, NULL, CONFIG, &file);
	hbr_state_free(kit.wanted);
	kit.wanted = state;
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert(world_has(CONFIG));
	world_file(kit.world, CONFIG, "password " SECRET);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	plan = kit_plan(&kit, kit.wanted, HBR_PLAN_REMOVE);
	ck_assert_uint_eq(plan->n_acting, 0);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_REPORT);
	hbr_plan_free(plan);
	ck_assert(!is_kept(SECRET));
}
END_TEST

HBR_SUITE(engine_container)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_container_comes_after_all_links_and_before_its_router);
	tcase_add_test(tcase, an_applied_container_needs_nothing_more);
	tcase_add_loop_test(tcase, whichever_call_fails_all_is_as_before, 0, 3);
	tcase_add_test(tcase, another_image_makes_it_again);
	tcase_add_test(tcase, an_image_that_is_missing_takes_all_back);
	tcase_add_test(tcase, one_that_ended_is_started_again);
	tcase_add_test(tcase, one_whose_namespace_lost_its_name_is_taken_away_all_the_same);
	tcase_add_test(tcase, a_foreign_one_is_a_conflict);
	tcase_add_test(tcase, a_port_without_containers_is_said);
	tcase_add_test(tcase, a_secret_is_copied_and_kept_nowhere_else);
	tcase_add_test(tcase, a_secret_whose_source_is_missing_is_said);
	tcase_add_test(tcase, a_file_that_is_only_begun_is_not_ours_any_more);
}
