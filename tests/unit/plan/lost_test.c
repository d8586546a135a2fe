/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs, and what is lost when a link is made again. */
#include "world.h"

#include "base/prefix.h"

/* The reference node as it should be; have is the same until a test bends it. */
static hbr_state *node(uint32_t flags)
{
	hbr_state *state = world_state();

	put_node(state, flags);
	return state;
}

/* The router end as observed, with another MTU, peer, … than wanted. */
static void bend_router_end(hbr_state *have, const char *peer_netns, const char *peer)
{
	hbr_link link = veth(peer_netns, peer);

	link.has |= HBR_LINK_HAS_MARK;
	link.mark = "hbr:reference/node1/veth/k8s";
	put_link(have, "crpd", "veth-crpd", &link, OURS);
}

START_TEST(a_new_pair_is_made_by_its_primary_and_finished_by_its_secondary)
{
	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), world_state(), 0);
	size_t primary = index_of(plan, "link:crpd/veth-crpd", HBR_VERB_CREATE);
	size_t secondary = index_of(plan, "link:/veth-k8s", HBR_VERB_CREATE);

	ck_assert_uint_lt(primary, secondary);
	ck_assert_str_eq(plan->steps[primary].why, "absent");
	ck_assert_str_eq(plan->steps[secondary].why, "made with its peer");
}
END_TEST

START_TEST(a_primary_that_is_made_again_takes_everything_along)
{
	static const char *const lost[] = {
		"link:/veth-k8s",
		"addr:crpd/veth-crpd/10.1.1.2/30",
		"addr:crpd/veth-crpd/2001:db8:1::2/126",
		"addr:/veth-k8s/10.1.1.1/30",
		"addr:/veth-k8s/2001:db8:1::1/126",
		"route:/10.1.0.0/21",
		"route:/2001:db8::/45",
		"sysctl:crpd/net/ipv4/conf/veth-crpd/rp_filter",
		"sysctl:crpd/net/ipv6/conf/veth-crpd/disable_ipv6",
	};
	hbr_state *have = node(OURS);

	bend_router_end(have, "", "other");

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);
	size_t again = index_of(plan, "link:crpd/veth-crpd", HBR_VERB_RECREATE);

	ck_assert_int_eq(plan->steps[again].grade, HBR_GRADE_TRAFFIC);
	ck_assert_ptr_nonnull(plan->steps[again].before);
	for (size_t i = 0; i < hbr_count(lost); i++)
		ck_assert_uint_gt(index_of(plan, lost[i], HBR_VERB_CREATE), again);
	ck_no_step(plan, "addr:crpd/ens4/192.168.1.101/24");
	ck_no_step(plan, "route:crpd/172.16.0.0/12");
	ck_no_step(plan, "sysctl:crpd/net/ipv4/ip_forward");
	ck_no_step(plan, "netns:crpd");
}
END_TEST

START_TEST(what_is_lost_keeps_its_before_image)
{
	hbr_state *have = node(OURS);

	bend_router_end(have, "", "other");

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);
	const struct step *step = step_of(plan, "addr:crpd/veth-crpd/10.1.1.2/30", 0);

	ck_assert_ptr_nonnull(step->before);
	ck_assert_str_eq(step->why, "lost when veth-crpd is made again");
}
END_TEST

START_TEST(an_end_that_hangs_elsewhere_is_out_of_the_way_first)
{
	hbr_state *have = node(OURS);

	/* The observed host end is not the peer of the observed router end. */
	bend_router_end(have, "", "other");
	hbr_link link = veth("crpd", "stray");
	put_link(have, "", "veth-k8s", &link, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);

	ck_assert_uint_lt(index_of(plan, "link:/veth-k8s", HBR_VERB_DELETE),
	                  index_of(plan, "link:crpd/veth-crpd", HBR_VERB_RECREATE));
	ck_assert_uint_lt(index_of(plan, "link:crpd/veth-crpd", HBR_VERB_RECREATE),
	                  index_of(plan, "link:/veth-k8s", HBR_VERB_CREATE));
}
END_TEST

START_TEST(a_foreign_end_in_the_way_is_a_conflict)
{
	hbr_state *have = world_state();
	hbr_link link = veth("", "veth-user");

	put_link(have, "", "veth-k8s", &link, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);

	ck_verb(plan, "link:/veth-k8s", HBR_VERB_CONFLICT);
	ck_assert_uint_eq(plan->n_conflicts, 1);
}
END_TEST

START_TEST(adopting_a_foreign_end_replaces_it)
{
	hbr_state *have = world_state();
	hbr_link link = veth("", "veth-user");

	put_link(have, "", "veth-k8s", &link, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, HBR_PLAN_ADOPT);

	ck_assert_uint_eq(plan->n_conflicts, 0);
	index_of(plan, "link:/veth-k8s", HBR_VERB_DELETE);
	index_of(plan, "link:/veth-k8s", HBR_VERB_CREATE);
}
END_TEST

START_TEST(a_lost_secondary_makes_the_pair_again)
{
	hbr_state *wanted = node(0), *have = world_state();
	hbr_link router = veth(NULL, NULL);

	/* The primary's peer is in a namespace that nobody looks into. */
	put_netns(have, "crpd", OURS);
	put_link(have, "crpd", "veth-crpd", &router, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "link:crpd/veth-crpd", HBR_VERB_RECREATE);
	ck_verb(plan, "link:/veth-k8s", HBR_VERB_CREATE);
}
END_TEST

START_TEST(a_link_found_down_is_only_taken_up)
{
	hbr_state *have = node(OURS);
	hbr_link link = veth("", "veth-k8s");

	link.up = 0;
	link.has |= HBR_LINK_HAS_MARK;
	link.mark = "hbr:reference/node1/veth/k8s";
	put_link(have, "crpd", "veth-crpd", &link, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);

	ck_assert_uint_eq(plan->n, 1);
	ck_verb(plan, "link:crpd/veth-crpd", HBR_VERB_CHANGE);
	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_HARMLESS);
}
END_TEST

START_TEST(children_of_pods_make_it_disruptive_for_pods)
{
	hbr_state *have = node(OURS);
	hbr_link child = macvlan("veth-k8s");

	bend_router_end(have, "", "other");
	put_link(have, "", "macv0", &child, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);

	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_POD);
}
END_TEST

START_TEST(children_of_another_link_do_not_count)
{
	hbr_state *have = node(OURS);
	hbr_link child = macvlan("eth7");

	bend_router_end(have, "", "other");
	put_link(have, "", "macv0", &child, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(node(0), have, 0);

	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_TRAFFIC);
}
END_TEST

START_TEST(a_route_without_device_is_lost_through_its_gateway)
{
	hbr_state *wanted = node(0), *have = node(OURS);

	put_route(wanted, "", "10.55.0.0/16", "10.1.1.2", NULL, 0);
	put_route(have, "", "10.55.0.0/16", "10.1.1.2", NULL, OURS);
	put_route(wanted, "", "10.66.0.0/16", "10.99.0.1", NULL, 0);
	put_route(have, "", "10.66.0.0/16", "10.99.0.1", NULL, OURS);
	bend_router_end(have, "", "other");

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_verb(plan, "route:/10.55.0.0/16", HBR_VERB_CREATE);
	ck_no_step(plan, "route:/10.66.0.0/16");
}
END_TEST

START_TEST(a_vrf_made_again_gets_its_ports_back)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link vrf = { .has = HBR_LINK_HAS_TABLE, .type = HBR_LINK_VRF, .table = 10 };
	hbr_link port = veth("", "host-end");

	port.has |= HBR_LINK_HAS_MASTER;
	port.master = "red";
	put_link(wanted, "crpd", "red", &vrf, 0);
	put_link(wanted, "crpd", "port", &port, 0);
	vrf.table = 11;
	put_link(have, "crpd", "red", &vrf, OURS);
	put_link(have, "crpd", "port", &port, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_uint_lt(index_of(plan, "link:crpd/red", HBR_VERB_RECREATE),
	                  index_of(plan, "link:crpd/port", HBR_VERB_CHANGE));
}
END_TEST

START_TEST(the_last_address_takes_the_routes_along)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_addr(wanted, "", "eth1", "10.0.0.1/29", 0);
	put_route(wanted, "", "10.5.0.0/16", "10.0.0.2", "eth1", 0);
	put_addr(have, "", "eth1", "10.0.0.1/30", OURS);
	put_route(have, "", "10.5.0.0/16", "10.0.0.2", "eth1", OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_verb(plan, "addr:/eth1/10.0.0.1/30", HBR_VERB_DELETE);
	ck_verb(plan, "route:/10.5.0.0/16", HBR_VERB_CREATE);
	ck_assert_str_eq(step_of(plan, "route:/10.5.0.0/16", 0)->why,
	                 "lost with the last address of eth1");
}
END_TEST

START_TEST(another_address_keeps_the_routes)
{
	hbr_state *wanted = world_state(), *have = world_state();

	put_addr(wanted, "", "eth1", "10.0.0.1/29", 0);
	put_route(wanted, "", "10.5.0.0/16", "10.0.0.2", "eth1", 0);
	put_addr(have, "", "eth1", "10.0.0.1/29", 0);
	put_addr(have, "", "eth1", "10.0.0.1/30", OURS);
	put_route(have, "", "10.5.0.0/16", "10.0.0.2", "eth1", OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_assert_uint_eq(plan->n, 1);
}
END_TEST

HBR_SUITE(plan_lost)
{
	tcase_add_test(tcase, a_new_pair_is_made_by_its_primary_and_finished_by_its_secondary);
	tcase_add_test(tcase, a_primary_that_is_made_again_takes_everything_along);
	tcase_add_test(tcase, what_is_lost_keeps_its_before_image);
	tcase_add_test(tcase, an_end_that_hangs_elsewhere_is_out_of_the_way_first);
	tcase_add_test(tcase, a_foreign_end_in_the_way_is_a_conflict);
	tcase_add_test(tcase, adopting_a_foreign_end_replaces_it);
	tcase_add_test(tcase, a_lost_secondary_makes_the_pair_again);
	tcase_add_test(tcase, a_link_found_down_is_only_taken_up);
	tcase_add_test(tcase, children_of_pods_make_it_disruptive_for_pods);
	tcase_add_test(tcase, children_of_another_link_do_not_count);
	tcase_add_test(tcase, a_route_without_device_is_lost_through_its_gateway);
	tcase_add_test(tcase, a_vrf_made_again_gets_its_ports_back);
	tcase_add_test(tcase, the_last_address_takes_the_routes_along);
	tcase_add_test(tcase, another_address_keeps_the_routes);
}
