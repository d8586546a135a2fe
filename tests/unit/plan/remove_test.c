/* SPDX-License-Identifier: Apache-2.0 */
/* Taking away: everything of ours, and nothing else; what was there before comes back. */
#include "world.h"

static void put_origin(hbr_state *state, int32_t kind, const char *netns, const char *name,
                       const void *now, const void *before)
{
	hbr_error *err = NULL;
	hbr_resource resource = { .size = sizeof(resource),
		                  .kind = kind,
		                  .flags = OURS,
		                  .netns = netns,
		                  .name = name,
		                  .body = now };
	hbr_resource origin = resource;

	origin.flags = 0;
	origin.body = before;
	ck_ok(state_put_origin(state, &resource, &origin, &err), err);
}

static hbr_plan *remove_node(void (*bend)(hbr_state *have))
{
	hbr_state *have = world_state();

	put_node(have, OURS);
	if (bend)
		bend(have);
	return plan_of(NULL, have, HBR_PLAN_REMOVE);
}

START_TEST(remove_takes_all_of_ours_the_namespace_after_what_is_in_it)
{
	_cleanup_plan_ hbr_plan *plan = remove_node(NULL);
	size_t netns = index_of(plan, "netns:crpd", HBR_VERB_DELETE);

	ck_assert_uint_lt(index_of(plan, "config:crpd/frr", HBR_VERB_DELETE), netns);
	ck_assert_uint_lt(index_of(plan, "link:crpd/ens4", HBR_VERB_DELETE), netns);
	ck_assert_uint_lt(index_of(plan, "link:/veth-k8s", HBR_VERB_DELETE), netns);
	ck_assert_uint_lt(index_of(plan, "route:/10.1.0.0/21", HBR_VERB_DELETE),
	                  index_of(plan, "addr:/veth-k8s/10.1.1.1/30", HBR_VERB_DELETE));
	ck_assert_uint_lt(index_of(plan, "addr:/veth-k8s/10.1.1.1/30", HBR_VERB_DELETE),
	                  index_of(plan, "link:/veth-k8s", HBR_VERB_DELETE));
	ck_verb(plan, "file:/etc/sysctl.d/90-hbr.conf", HBR_VERB_DELETE);
	ck_assert_uint_eq(hbr_state_count(plan->wanted), 0);
}
END_TEST

START_TEST(what_lives_in_a_namespace_goes_with_it)
{
	_cleanup_plan_ hbr_plan *plan = remove_node(NULL);

	ck_no_step(plan, "link:crpd/veth-crpd");
	ck_no_step(plan, "addr:crpd/veth-crpd/10.1.1.2/30");
	ck_no_step(plan, "addr:crpd/ens4/192.168.1.101/24");
	ck_no_step(plan, "route:crpd/172.16.0.0/12");
	ck_no_step(plan, "sysctl:crpd/net/ipv4/ip_forward");
}
END_TEST

START_TEST(remove_does_not_touch_what_is_not_ours)
{
	hbr_state *have = world_state();
	hbr_link link = veth("other", "x");

	put_netns(have, "other", 0);
	put_link(have, "", "cali123", &link, 0);
	put_addr(have, "", "cali123", "10.0.0.1/32", 0);
	put_route(have, "", "0.0.0.0/0", "10.0.0.254", "eth0", 0);
	put_sysctl(have, "", "net/ipv4/ip_forward", "1", 0);
	put_file(have, "/etc/hosts", "x", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(NULL, have, HBR_PLAN_REMOVE);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(remove_ignores_what_is_wanted)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_node(wanted, 0);
	put_node(have, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_REMOVE);

	ck_verb(plan, "netns:crpd", HBR_VERB_DELETE);
	for (size_t i = 0; i < plan->n; i++)
		ck_assert_int_ge(plan->steps[i].verb, HBR_VERB_DELETE);
}
END_TEST

START_TEST(a_nic_goes_back_even_when_only_the_site_knows_it)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = nic("");

	put_netns(have, "crpd", OURS);
	put_link(wanted, "crpd", "ens4", &link, 0);
	link = veth("fabric", "port1");
	put_link(have, "crpd", "ens4", &link, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_REMOVE);
	const struct step *step = step_of(plan, "link:crpd/ens4", HBR_VERB_DELETE);

	ck_assert_ptr_nonnull(step);
	ck_assert_int_eq(((const hbr_link *)step->before->body)->type, HBR_LINK_NIC);
	ck_assert_str_eq(((const hbr_link *)step->before->body)->from, "");
	ck_assert_int_eq(step->grade, HBR_GRADE_TRAFFIC);
}
END_TEST

START_TEST(a_sysctl_comes_back_to_what_it_was)
{
	hbr_state *have = world_state();
	hbr_sysctl now = { "1" }, before = { "0" };

	put_origin(have, HBR_KIND_SYSCTL, "", "net/ipv4/ip_forward", &now, &before);

	_cleanup_plan_ hbr_plan *plan = plan_of(NULL, have, HBR_PLAN_REMOVE);

	ck_verb(plan, "sysctl:/net/ipv4/ip_forward", HBR_VERB_CHANGE);
	ck_assert_str_eq(((const hbr_sysctl *)plan->steps[0].after->body)->value, "0");
	ck_assert_str_eq(plan->steps[0].why, "back to what it was before");
}
END_TEST

START_TEST(a_sysctl_that_is_as_it_was_needs_no_step)
{
	hbr_state *have = world_state();
	hbr_sysctl now = { "1" }, before = { "1" };

	put_origin(have, HBR_KIND_SYSCTL, "", "net/ipv4/ip_forward", &now, &before);

	_cleanup_plan_ hbr_plan *plan = plan_of(NULL, have, HBR_PLAN_REMOVE);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(a_sysctl_of_unknown_origin_is_left_and_reported)
{
	hbr_state *have = world_state();

	put_sysctl(have, "", "net/ipv4/ip_forward", "1", OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(NULL, have, HBR_PLAN_REMOVE);

	ck_verb(plan, "sysctl:/net/ipv4/ip_forward", HBR_VERB_REPORT);
	ck_assert_uint_eq(hbr_plan_steps(plan), 0);
}
END_TEST

START_TEST(a_file_with_an_origin_gets_its_text_back)
{
	hbr_state *have = world_state();
	hbr_file now = { .text = "ours\n", .mode = 0644 };
	hbr_file before = { .text = "theirs\n", .mode = 0640 };

	put_origin(have, HBR_KIND_FILE, NULL, "/etc/frr/daemons", &now, &before);

	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), have, HBR_PLAN_PRUNE);

	ck_verb(plan, "file:/etc/frr/daemons", HBR_VERB_CHANGE);
	ck_assert_uint_eq(plan->steps[0].n_changes, 2);
}
END_TEST

START_TEST(a_namespace_that_was_there_before_us_stays)
{
	hbr_state *have = world_state();

	put_origin(have, HBR_KIND_NETNS, NULL, "crpd", NULL, NULL);
	put_addr(have, "crpd", "eth0", "10.0.0.1/30", OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(NULL, have, HBR_PLAN_REMOVE);

	ck_no_step(plan, "netns:crpd");
	ck_verb(plan, "addr:crpd/eth0/10.0.0.1/30", HBR_VERB_DELETE);
}
END_TEST

START_TEST(a_pair_is_deleted_by_one_step)
{
	hbr_state *have = world_state();
	hbr_link primary = veth("", "b"), secondary = veth("", "a");

	put_link(have, "", "a", &primary, OURS);
	put_link(have, "", "b", &secondary, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 1);
	ck_verb(plan, "link:/a", HBR_VERB_DELETE);
}
END_TEST

START_TEST(the_primary_is_the_end_that_is_deleted)
{
	hbr_state *have = world_state();
	hbr_link primary = veth("", "a"), secondary = veth("", "b");

	secondary.secondary = 1;
	put_link(have, "", "a", &secondary, OURS);
	put_link(have, "", "b", &primary, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 1);
	ck_verb(plan, "link:/b", HBR_VERB_DELETE);
}
END_TEST

START_TEST(an_end_whose_peer_is_gone_is_still_deleted)
{
	hbr_state *have = world_state();
	hbr_link secondary = veth("gone", "x");

	secondary.secondary = 1;
	put_link(have, "", "a", &secondary, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), have, HBR_PLAN_PRUNE);

	ck_verb(plan, "link:/a", HBR_VERB_DELETE);
}
END_TEST

START_TEST(deleting_under_pods_is_graded_so)
{
	hbr_state *have = world_state();
	hbr_link link = veth("gone", "x"), child = macvlan("a");

	put_link(have, "", "a", &link, OURS);
	put_link(have, "", "m", &child, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), have, HBR_PLAN_PRUNE);

	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_POD);
}
END_TEST

START_TEST(deletes_are_the_creates_backwards)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_node(wanted, 0);
	put_node(have, OURS);

	_cleanup_plan_ hbr_plan *make = plan_of(wanted, world_state(), 0);
	_cleanup_plan_ hbr_plan *take = plan_of(NULL, have, HBR_PLAN_REMOVE);
	size_t last = make->n_acting;

	for (size_t i = 0; i < take->n_acting; i++) {
		size_t at = index_of(make, take->steps[i].key, HBR_VERB_CREATE);

		ck_assert_uint_lt(at, last);
		last = at;
	}
}
END_TEST

HBR_SUITE(plan_remove)
{
	tcase_add_test(tcase, remove_takes_all_of_ours_the_namespace_after_what_is_in_it);
	tcase_add_test(tcase, what_lives_in_a_namespace_goes_with_it);
	tcase_add_test(tcase, remove_does_not_touch_what_is_not_ours);
	tcase_add_test(tcase, remove_ignores_what_is_wanted);
	tcase_add_test(tcase, a_nic_goes_back_even_when_only_the_site_knows_it);
	tcase_add_test(tcase, a_sysctl_comes_back_to_what_it_was);
	tcase_add_test(tcase, a_sysctl_that_is_as_it_was_needs_no_step);
	tcase_add_test(tcase, a_sysctl_of_unknown_origin_is_left_and_reported);
	tcase_add_test(tcase, a_file_with_an_origin_gets_its_text_back);
	tcase_add_test(tcase, a_namespace_that_was_there_before_us_stays);
	tcase_add_test(tcase, a_pair_is_deleted_by_one_step);
	tcase_add_test(tcase, the_primary_is_the_end_that_is_deleted);
	tcase_add_test(tcase, an_end_whose_peer_is_gone_is_still_deleted);
	tcase_add_test(tcase, deleting_under_pods_is_graded_so);
	tcase_add_test(tcase, deletes_are_the_creates_backwards);
}
