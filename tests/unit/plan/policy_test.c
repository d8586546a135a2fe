/* SPDX-License-Identifier: Apache-2.0 */
/* Each row of the policy table, and who may be changed. */
#include "world.h"

#include <stdio.h>

#define IP_FORWARD "net/ipv4/ip_forward"

static hbr_link bridge(uint32_t mtu)
{
	return (hbr_link){ .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_BRIDGE, .mtu = mtu };
}

/* A bridge wanted with MTU 1500 (unless 0) and observed with that (unless 0). */
static hbr_plan *plan_bridge(uint32_t wanted_mtu, uint32_t have_mtu, uint32_t ours,
                             uint32_t flags)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = bridge(wanted_mtu);

	if (wanted_mtu)
		put_link(wanted, "", "br0", &link, 0);
	link = bridge(have_mtu);
	if (have_mtu)
		put_link(have, "", "br0", &link, ours);
	return plan_of(wanted, have, flags);
}

START_TEST(every_row_of_the_table_holds)
{
	static const struct {
		uint32_t wanted, have, ours, flags;
		int32_t verb; /* 0: no step */
	} rows[] = {
		{ 1500, 0, 0, 0, HBR_VERB_CREATE },
		{ 1500, 0, 0, HBR_PLAN_PRUNE | HBR_PLAN_ADOPT, HBR_VERB_CREATE },
		{ 1500, 1500, 0, 0, 0 },
		{ 1500, 1500, OURS, HBR_PLAN_PRUNE, 0 },
		{ 1500, 1400, OURS, 0, HBR_VERB_CHANGE },
		{ 1500, 1400, 0, 0, HBR_VERB_CONFLICT },
		{ 1500, 1400, 0, HBR_PLAN_PRUNE, HBR_VERB_CONFLICT },
		{ 1500, 1400, 0, HBR_PLAN_ADOPT, HBR_VERB_CHANGE },
		{ 0, 1500, OURS, HBR_PLAN_PRUNE, HBR_VERB_DELETE },
		{ 0, 1500, OURS, HBR_PLAN_REMOVE, HBR_VERB_DELETE },
		{ 0, 1500, OURS, 0, HBR_VERB_REPORT },
		{ 0, 1500, OURS, HBR_PLAN_ADOPT, HBR_VERB_REPORT },
		{ 0, 1500, 0, 0, 0 },
		{ 0, 1500, 0, HBR_PLAN_PRUNE | HBR_PLAN_ADOPT, 0 },
		{ 1500, 1500, OURS, HBR_PLAN_REMOVE, HBR_VERB_DELETE },
		{ 1500, 1500, 0, HBR_PLAN_REMOVE, 0 },
		{ 0, 0, 0, HBR_PLAN_REMOVE, 0 },
	};
	const __typeof__(rows[0]) *row = &rows[_i];
	_cleanup_plan_ hbr_plan *plan =
	        plan_bridge(row->wanted, row->have, row->ours, row->flags);

	ck_assert_uint_eq(plan->n, row->verb ? 1 : 0);
	if (row->verb)
		ck_verb(plan, "link:/br0", row->verb);
}
END_TEST
#define POLICY_ROWS 17

START_TEST(a_difference_is_named_with_both_sides)
{
	_cleanup_plan_ hbr_plan *plan = plan_bridge(1500, 1400, OURS, 0);
	hbr_change change = { .size = sizeof(change) };
	hbr_item item = { .size = sizeof(item) };

	ck_assert_int_eq(hbr_plan_get(plan, 0, &item), 0);
	ck_assert_str_eq(item.key, "link:/br0");
	ck_assert_str_eq(item.why, "mtu differs");
	ck_assert_int_eq(item.grade, HBR_GRADE_TRAFFIC);
	ck_assert_int_eq(item.stage, HBR_STAGE_LINKS);
	ck_assert_uint_eq(item.changes, 1);
	ck_assert_int_eq(hbr_plan_change(plan, 0, 0, &change), 0);
	ck_assert_str_eq(change.attr, "mtu");
	ck_assert_str_eq(change.from, "1400");
	ck_assert_str_eq(change.to, "1500");
	ck_assert_int_eq(hbr_plan_change(plan, 0, 1, &change), HBR_ENOENT);
	ck_assert_int_eq(hbr_plan_get(plan, 1, &item), HBR_ENOENT);
}
END_TEST

START_TEST(a_conflict_does_not_act)
{
	_cleanup_plan_ hbr_plan *plan = plan_bridge(1500, 1400, 0, 0);

	ck_assert_uint_eq(hbr_plan_count(plan), 1);
	ck_assert_uint_eq(hbr_plan_steps(plan), 0);
	ck_assert_uint_eq(hbr_plan_conflicts(plan), 1);
	ck_assert_int_eq(hbr_plan_grade(plan), 0);
	ck_assert_str_eq(plan->steps[0].why, "exists and is not ours: mtu differs");
}
END_TEST

START_TEST(nothing_to_do_makes_an_empty_plan)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_node(wanted, 0);
	put_node(have, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 0);
	ck_assert_uint_eq(plan->arena.used, 0);
	ck_assert_str_eq(dump_of(plan, HBR_FORMAT_TEXT), "nothing to do\n");
}
END_TEST

START_TEST(an_attribute_without_opinion_is_nobodys_business)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = bridge(1500);

	put_link(wanted, "", "br0", &link, 0);
	link.has |= HBR_LINK_HAS_MASTER | HBR_LINK_HAS_MAC;
	link.master = "vrf1";
	link.mac[0] = 2;
	put_link(have, "", "br0", &link, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(a_wanted_absence_of_a_master_pulls_the_link_out)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = bridge(1500);

	link.has |= HBR_LINK_HAS_MASTER;
	put_link(wanted, "", "br0", &link, 0);
	link.master = "vrf1";
	put_link(have, "", "br0", &link, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "link:/br0", HBR_VERB_CHANGE);
	ck_assert_str_eq(plan->steps[0].changes[0].from, "vrf1");
	ck_assert_str_eq(plan->steps[0].changes[0].to, "none");
}
END_TEST

START_TEST(a_sysctl_is_changed_whoever_set_it)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_sysctl(wanted, "", IP_FORWARD, "1", 0);
	put_sysctl(have, "", IP_FORWARD, "0", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "sysctl:/" IP_FORWARD, HBR_VERB_CHANGE);
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_HARMLESS);
}
END_TEST

START_TEST(turning_forwarding_off_stops_traffic)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_sysctl(wanted, "", IP_FORWARD, "0", 0);
	put_sysctl(have, "", IP_FORWARD, "1", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_TRAFFIC);
}
END_TEST

START_TEST(white_space_of_a_sysctl_does_not_count)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_sysctl(wanted, "", "net/ipv4/tcp_rmem", "4096 131072 6291456", 0);
	put_sysctl(have, "", "net/ipv4/tcp_rmem", "4096\t131072\t6291456\n", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(an_optional_sysctl_that_the_kernel_lacks_is_skipped)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_sysctl(wanted, "", "net/ipv6/conf/all/forwarding", "1", OPTIONAL);
	put_sysctl(wanted, "", IP_FORWARD, "1", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_no_step(plan, "sysctl:/net/ipv6/conf/all/forwarding");
	ck_verb(plan, "sysctl:/" IP_FORWARD, HBR_VERB_CREATE);
}
END_TEST

START_TEST(an_optional_sysctl_of_a_new_namespace_is_tried)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_netns(wanted, "crpd", 0);
	put_sysctl(wanted, "crpd", "net/ipv6/conf/all/forwarding", "1", OPTIONAL);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "sysctl:crpd/net/ipv6/conf/all/forwarding", HBR_VERB_CREATE);
}
END_TEST

START_TEST(a_users_own_address_is_left_alone)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_addr(wanted, "", "veth-k8s", "10.1.1.1/30", 0);
	put_addr(have, "", "veth-k8s", "10.1.1.1/30", 0);
	put_addr(have, "", "veth-k8s", "10.9.9.9/32", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE | HBR_PLAN_ADOPT);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(a_foreign_route_in_the_way_is_a_conflict)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_route(wanted, "", "10.1.0.0/21", "10.1.1.2", "veth-k8s", 0);
	put_route(have, "", "10.1.0.0/21", "10.7.7.7", "eth0", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "route:/10.1.0.0/21", HBR_VERB_CONFLICT);
	ck_assert_uint_eq(plan->steps[0].n_changes, 2);
}
END_TEST

START_TEST(the_kernels_metric_for_ipv6_is_no_other_route)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_route body = { .to = { .family = 6, .length = 32 }, .table = 254 };

	body.to.bytes[0] = 0xfd;
	put(wanted, HBR_KIND_ROUTE, "", NULL, 0, &body);
	body.metric = 1024;
	body.paths = 1;
	put(have, HBR_KIND_ROUTE, "", "fd00::/32", OURS, &body);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(several_next_hops_where_one_is_wanted_differ)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_route body = { .to = { .family = 4, .length = 8, .bytes = { 10 } } };

	put(wanted, HBR_KIND_ROUTE, "", NULL, 0, &body);
	body.paths = 2;
	put(have, HBR_KIND_ROUTE, "", NULL, OURS, &body);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "route:/10.0.0.0/8", HBR_VERB_CHANGE);
	ck_assert_str_eq(plan->steps[0].changes[0].attr, "paths");
}
END_TEST

START_TEST(a_nic_needs_no_mark_to_be_taken)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link wanted_nic = nic(""), seen = veth("fabric", "port1");

	put_netns(wanted, "crpd", 0);
	put_netns(have, "crpd", OURS);
	put_link(wanted, "crpd", "ens4", &wanted_nic, 0);
	seen.mtu = 9000;
	seen.up = 0;
	put_link(have, "crpd", "ens4", &seen, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "link:crpd/ens4", HBR_VERB_CHANGE);
	ck_assert_str_eq(plan->steps[0].why, "mtu, up differ");
}
END_TEST

START_TEST(moving_a_nic_stops_traffic)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = nic("");

	put_link(wanted, "crpd", "ens4", &link, 0);
	put_addr(wanted, "crpd", "ens4", "192.168.1.101/24", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "link:crpd/ens4", HBR_VERB_CREATE);
	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_TRAFFIC);
	ck_verb(plan, "addr:crpd/ens4/192.168.1.101/24", HBR_VERB_CREATE);
}
END_TEST

START_TEST(taking_a_link_down_stops_traffic_taking_it_up_does_not)
{
	for (uint32_t up = 0; up < 2; up++) {
		hbr_state *wanted = world_state(), *have = world_state();
		hbr_link link = veth("crpd", "b");

		link.up = up;
		put_link(wanted, "", "a", &link, 0);
		link.up = !up;
		put_link(have, "", "a", &link, OURS);

		_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

		ck_assert_int_eq(hbr_plan_grade(plan),
		                 up ? HBR_GRADE_HARMLESS : HBR_GRADE_TRAFFIC);
	}
}
END_TEST

START_TEST(expectations_are_never_planned)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_expect expect = { .type = HBR_EXPECT_PING, .addr = { .family = 4, .length = 32 } };

	put(wanted, HBR_KIND_EXPECT, "crpd", "router end answers", 0, &expect);
	put(have, HBR_KIND_EXPECT, "crpd", "another", OURS, &expect);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(a_file_of_someone_else_is_a_conflict)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_file(wanted, "/etc/frr/daemons", "bgpd=yes\n", 0);
	put_file(have, "/etc/frr/daemons", "bgpd=no\n", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "file:/etc/frr/daemons", HBR_VERB_CONFLICT);
	ck_assert_ptr_nonnull(strstr(plan->steps[0].changes[0].from, "8 bytes #"));
}
END_TEST

START_TEST(a_secret_shows_and_compares_by_digest)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_file file = { .text = "/root/password", .digest = "d1" };

	put(wanted, HBR_KIND_FILE, NULL, "/etc/key", HBR_RESOURCE_SECRET, &file);
	file.text = "hunter2";
	file.digest = "d2";
	put(have, HBR_KIND_FILE, NULL, "/etc/key", OURS | HBR_RESOURCE_SECRET, &file);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "file:/etc/key", HBR_VERB_CHANGE);
	ck_assert_uint_eq(plan->steps[0].n_changes, 1);
	ck_assert_str_eq(plan->steps[0].changes[0].from, "d2");
	ck_assert_ptr_null(strstr(dump_of(plan, HBR_FORMAT_TEXT), "hunter2"));
	ck_assert_ptr_null(strstr(dump_of(plan, HBR_FORMAT_JSON), "hunter2"));
}
END_TEST

START_TEST(a_stopped_router_is_created)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_config(wanted, "crpd", "router bgp 1\n", 1, 0);
	put_config(have, "crpd", "", 0, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "config:crpd/frr", HBR_VERB_CREATE);
	ck_assert_str_eq(plan->steps[0].why, "not running");
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_HARMLESS);
	/* What it would have read when it started again comes back with undo. */
	ck_assert_ptr_nonnull(plan->steps[0].before);
}
END_TEST

START_TEST(configuration_that_only_grows_resets_no_session)
{
	static const char was[] = "router bgp 1\n neighbor 10.0.0.1 remote-as 1\n";
	static const struct {
		const char *more;
		int32_t grade;
	} rows[] = {
		{ " neighbor 10.0.0.2 remote-as 1\n neighbor 10.0.0.2 passive\n",
		  HBR_GRADE_HARMLESS },
		{ " address-family ipv4 unicast\n  network 10.1.1.0/30\n", HBR_GRADE_SESSION },
		{ "!\nip prefix-list x seq 5 permit 10.0.0.0/8\n", HBR_GRADE_HARMLESS },
		{ " network 10.1.1.0/30\n", HBR_GRADE_HARMLESS },
		{ " neighbor 10.0.0.1 timers 3 9\n", HBR_GRADE_SESSION },
		{ " timers bgp 3 9\n", HBR_GRADE_SESSION },
	};

	for (size_t i = 0; i < hbr_count(rows); i++) {
		hbr_state *wanted = world_state(), *have = world_state();
		char text[256];

		snprintf(text, sizeof(text), "%s%s", was, rows[i].more);
		put_config(wanted, "crpd", text, 1, 0);
		put_config(have, "crpd", was, 1, OURS);

		_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

		ck_verb(plan, "config:crpd/frr", HBR_VERB_CHANGE);
		ck_assert_msg(plan->steps[0].grade == rows[i].grade, "%s is graded %s",
		              rows[i].more, grade_name(plan->steps[0].grade));

		/* The other way round takes lines away. */
		wanted = world_state();
		have = world_state();
		put_config(wanted, "crpd", was, 1, 0);
		put_config(have, "crpd", text, 1, OURS);

		_cleanup_plan_ hbr_plan *back = plan_of(wanted, have, 0);

		ck_assert_int_eq(hbr_plan_grade(back), HBR_GRADE_SESSION);
	}
}
END_TEST

START_TEST(the_same_configuration_in_another_order_is_the_same)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_config(wanted, "crpd", "router bgp 1\n network 10.0.0.0/8\n network 11.0.0.0/8\n",
	           1, 0);
	put_config(have, "crpd",
	           "router bgp 1\n network 11.0.0.0/8\n network 10.0.0.0/8\nexit\n", 1, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(what_is_not_a_plan_is_refused)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_error *err = NULL;
	hbr_plan *plan = NULL;

	ck_assert_int_eq(hbr_plan_make(NULL, have, 0, &plan, &err), HBR_EINVAL);
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(hbr_plan_make(wanted, have, 1u << 31, &plan, &err), HBR_EINVAL);
	hbr_error_free(err);
	ck_assert_int_eq(hbr_plan_make(NULL, have, HBR_PLAN_REMOVE, &plan, NULL), 0);
	hbr_plan_free(plan);
	hbr_plan_free(NULL);
	hbr_state_free(wanted);
	hbr_state_free(have);
}
END_TEST

HBR_SUITE(plan_policy)
{
	tcase_add_loop_test(tcase, every_row_of_the_table_holds, 0, POLICY_ROWS);
	tcase_add_test(tcase, a_difference_is_named_with_both_sides);
	tcase_add_test(tcase, a_conflict_does_not_act);
	tcase_add_test(tcase, nothing_to_do_makes_an_empty_plan);
	tcase_add_test(tcase, an_attribute_without_opinion_is_nobodys_business);
	tcase_add_test(tcase, a_wanted_absence_of_a_master_pulls_the_link_out);
	tcase_add_test(tcase, a_sysctl_is_changed_whoever_set_it);
	tcase_add_test(tcase, turning_forwarding_off_stops_traffic);
	tcase_add_test(tcase, white_space_of_a_sysctl_does_not_count);
	tcase_add_test(tcase, an_optional_sysctl_that_the_kernel_lacks_is_skipped);
	tcase_add_test(tcase, an_optional_sysctl_of_a_new_namespace_is_tried);
	tcase_add_test(tcase, a_users_own_address_is_left_alone);
	tcase_add_test(tcase, a_foreign_route_in_the_way_is_a_conflict);
	tcase_add_test(tcase, the_kernels_metric_for_ipv6_is_no_other_route);
	tcase_add_test(tcase, several_next_hops_where_one_is_wanted_differ);
	tcase_add_test(tcase, a_nic_needs_no_mark_to_be_taken);
	tcase_add_test(tcase, moving_a_nic_stops_traffic);
	tcase_add_test(tcase, taking_a_link_down_stops_traffic_taking_it_up_does_not);
	tcase_add_test(tcase, expectations_are_never_planned);
	tcase_add_test(tcase, a_file_of_someone_else_is_a_conflict);
	tcase_add_test(tcase, a_secret_shows_and_compares_by_digest);
	tcase_add_test(tcase, a_stopped_router_is_created);
	tcase_add_test(tcase, configuration_that_only_grows_resets_no_session);
	tcase_add_test(tcase, the_same_configuration_in_another_order_is_the_same);
	tcase_add_test(tcase, what_is_not_a_plan_is_refused);
}
