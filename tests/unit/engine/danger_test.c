/* SPDX-License-Identifier: Apache-2.0 */
/* What an apply refuses for the sake of the people who use the machine; nothing changes then. */
#include "unit/engine/kit.h"

#include "base/mem.h"

#include <stdlib.h>
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

static int apply(uint32_t plan_flags, uint32_t run_flags, uint32_t confirm_s)
{
	hbr_run_opts opts = { .size = sizeof(opts),
		              .flags = run_flags,
		              .confirm_s = confirm_s,
		              .max_grade = HBR_GRADE_IRREVERSIBLE };
	hbr_event event = { .size = sizeof(event) };
	hbr_plan *plan = kit_plan(&kit, kit.wanted, plan_flags);
	hbr_run *run = NULL;
	int rc;

	kit_forget(&kit);
	rc = hbr_apply(kit.ctx, plan, &opts, &run, &kit.err);
	while (run && rc >= 0 && (rc = hbr_run_next(run, &event, &kit.err)) == 1)
		continue;
	hbr_run_free(run);
	hbr_plan_free(plan);
	return rc;
}

/* What hbr_review() finds of the same plan. */
static void is_reviewed(uint32_t plan_flags, const char *rule, const char *words)
{
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_plan *plan = kit_plan(&kit, kit.wanted, plan_flags);
	hbr_status *status = NULL;

	kit_forget(&kit);
	ck_ok(hbr_review(kit.ctx, plan, &status, &kit.err), kit.err);
	ck_assert_int_eq(hbr_status_get(status, 0, &finding), 0);
	ck_assert_str_eq(finding.rule, rule);
	ck_assert_ptr_nonnull(strstr(finding.message, words));
	ck_assert_ptr_nonnull(finding.hint);
	hbr_status_free(status);
	hbr_plan_free(plan);
}

static void give_default_route(void)
{
	ck_assert_int_eq(
	        world_route(kit.world, HBR_VERB_CREATE, "", "0.0.0.0/0", "192.168.1.1", "ens4"),
	        0);
}

static void come_in_by_ssh(void)
{
	world_connection(kit.world, "", 443, "192.168.1.101", "198.51.100.1");
	world_connection(kit.world, "", 22, "192.168.1.101", "203.0.113.9");
}

static void cut_the_other_way_in(void)
{
	world_link_up(kit.world, "", "ens3", false);
}

static const struct {
	void (*prepare)(void);
	const char *words;
} dangers[] = {
	{ give_default_route, "NIC \"ens4\" has the default route" },
	{ come_in_by_ssh, "NIC \"ens4\" carries the SSH connection from 203.0.113.9" },
	{ cut_the_other_way_in, "NIC \"ens4\" is the only one that is up" },
};

START_TEST(a_nic_that_people_come_in_through_is_not_taken)
{
	char *before;

	dangers[_i].prepare();
	before = world_dump(kit.world);
	is_reviewed(0, "HBR_EDANGER", dangers[_i].words);
	ck_assert_int_eq(apply(0, 0, 0), HBR_EDANGER);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), dangers[_i].words));
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(kit.err), "--force"));
	/* Force alone is not enough: who is cut off must come back by itself. */
	ck_assert_int_eq(apply(0, HBR_RUN_FORCE, 0), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(kit.err), "--confirm"));
	kit_is(&kit, before);
	ck_ok(apply(0, HBR_RUN_FORCE, 600), kit.err);
	free(before);
}
END_TEST

/* People may come in by another port than 22: the program knows which. */
START_TEST(a_port_of_ssh_may_be_told)
{
	hbr_ctx_opts opts = world_opts(kit.world, kit.state_dir);

	world_connection(kit.world, "", 2222, "192.168.1.101", "203.0.113.9");
	opts.ssh_port = 70000;
	hbr_ctx_free(kit.ctx);
	kit.ctx = NULL;
	ck_assert_int_eq(hbr_ctx_new(&opts, &kit.ctx, &kit.err), HBR_EINVAL);
	kit_forget(&kit);
	opts.ssh_port = 2222;
	ck_ok(hbr_ctx_new(&opts, &kit.ctx, &kit.err), kit.err);
	is_reviewed(0, "HBR_EDANGER", "carries the SSH connection from 203.0.113.9");
	ck_assert_int_eq(apply(0, 0, 0), HBR_EDANGER);
	kit_is_start(&kit);
}
END_TEST

static void want_forwarding(void)
{
	hbr_state *more = NULL;

	ck_ok(hbr_state_new(&more, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++)
		ck_ok(hbr_state_put(more, hbr_state_at(kit.wanted, i), &kit.err), kit.err);
	kit_put_sysctl(more, "", "net/ipv6/conf/all/forwarding", "1");
	hbr_state_free(kit.wanted);
	kit.wanted = more;
}

/* A default route that a router advertised, as the kernel keeps it. */
static void hear_a_router(const char *accept_ra)
{
	const hbr_route body = { .to = { .family = 6 },
		                 .via = { .family = 6,
		                          .length = 128,
		                          .bytes = { 0xfe, 0x80, [15] = 1 } },
		                 .dev = "ens3",
		                 .table = 254,
		                 .metric = 1024,
		                 .protocol = 9 };
	const hbr_resource route = {
		.size = sizeof(route), .kind = HBR_KIND_ROUTE, .netns = "", .body = &body
	};

	world_addr(kit.world, HBR_VERB_CREATE, "", "ens3", "fe80::2/64");
	ck_assert_int_eq(world_edit(kit.world, "", HBR_VERB_CREATE, &route), 0);
	world_sysctl(kit.world, "", "net/ipv6/conf/ens3/accept_ra", accept_ra);
	want_forwarding();
}

/* A host that forwards does not listen to routers: the kernel drops the way out at once. */
START_TEST(a_default_route_that_routers_advertised_is_not_lost_to_forwarding)
{
	const char *words = "the default route over \"ens3\" came by router advertisement";
	char *before;

	hear_a_router("1");
	before = world_dump(kit.world);
	is_reviewed(0, "HBR_EDANGER", words);
	ck_assert_int_eq(apply(0, 0, 0), HBR_EDANGER);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), words));
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(kit.err), "net.ipv6.conf.ens3.accept_ra=2"));
	kit_is(&kit, before);
	ck_ok(apply(0, HBR_RUN_FORCE, 600), kit.err);
	free(before);
}
END_TEST

/* With 2 it listens all the same; with 0 another program does, and its routes stay. */
static const char *const unharmed[] = { "2", "0" };

START_TEST(forwarding_is_no_danger_to_who_listens_all_the_same)
{
	hear_a_router(unharmed[_i]);
	ck_ok(apply(0, 0, 0), kit.err);
}
END_TEST

START_TEST(what_forwards_already_listens_to_no_router)
{
	world_sysctl(kit.world, "", "net/ipv6/conf/all/forwarding", "1");
	hear_a_router("1");
	ck_ok(apply(0, 0, 0), kit.err);
}
END_TEST

START_TEST(who_comes_in_elsewhere_is_in_nobodys_way)
{
	world_connection(kit.world, "", 22, "198.51.100.10", "203.0.113.9");
	ck_ok(apply(0, 0, 0), kit.err);
}
END_TEST

START_TEST(a_namespace_with_strangers_in_it_is_not_removed)
{
	kit_apply(&kit, 0);
	/* The router's own are stopped before. */
	world_process(kit.world, "crpd", 7, "bgpd");
	world_process(kit.world, "", 9, "sshd");
	world_process(kit.world, "crpd", 4711, "tcpdump");
	is_reviewed(HBR_PLAN_REMOVE, "HBR_EBUSY", "tcpdump");
	ck_assert_int_eq(apply(HBR_PLAN_REMOVE, 0, 0), HBR_EBUSY);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "run in it: 4711 (tcpdump)"));
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
}
END_TEST

START_TEST(a_review_of_a_harmless_plan_finds_nothing)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	hbr_status *status = NULL;

	ck_ok(hbr_review(kit.ctx, plan, &status, &kit.err), kit.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), 0);
	kit_is_start(&kit);
	hbr_status_free(status);
	hbr_plan_free(plan);
}
END_TEST

/* What went along with the NIC comes back with it: its settings as well. */
START_TEST(settings_of_a_nic_come_home_with_it)
{
	char *before;

	world_sysctl(kit.world, "", "net/ipv4/conf/ens4/rp_filter", "2");
	before = world_dump(kit.world);
	kit_apply(&kit, 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	kit_is(&kit, before);
	free(before);
}
END_TEST

HBR_SUITE(danger)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_nic_that_people_come_in_through_is_not_taken, 0,
	                    hbr_count(dangers));
	tcase_add_test(tcase, a_port_of_ssh_may_be_told);
	tcase_add_test(tcase,
	               a_default_route_that_routers_advertised_is_not_lost_to_forwarding);
	tcase_add_loop_test(tcase, forwarding_is_no_danger_to_who_listens_all_the_same, 0,
	                    hbr_count(unharmed));
	tcase_add_test(tcase, what_forwards_already_listens_to_no_router);
	tcase_add_test(tcase, who_comes_in_elsewhere_is_in_nobodys_way);
	tcase_add_test(tcase, a_namespace_with_strangers_in_it_is_not_removed);
	tcase_add_test(tcase, a_review_of_a_harmless_plan_finds_nothing);
	tcase_add_test(tcase, settings_of_a_nic_come_home_with_it);
}
