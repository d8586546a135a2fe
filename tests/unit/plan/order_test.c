/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the order of every plan, checked on a big one. */
#include "world.h"

#include <stdio.h>

#define UNITS 60

/* A namespace with a NIC, a bridge, a pair to the host, addresses, routes and settings. */
static void put_unit(hbr_state *state, unsigned int number, bool host_is_primary)
{
	char netns[16], host[16], addr[32], host_addr[32], to[32], via[32], rp[64];

	snprintf(netns, sizeof(netns), "r%02u", number);
	snprintf(host, sizeof(host), "h%02u", number);
	snprintf(addr, sizeof(addr), "10.%u.0.2/30", number);
	snprintf(host_addr, sizeof(host_addr), "10.%u.0.1/30", number);
	snprintf(to, sizeof(to), "172.16.%u.0/24", number);
	snprintf(via, sizeof(via), "10.%u.0.2", number);
	snprintf(rp, sizeof(rp), "net/ipv4/conf/%s/rp_filter", host);

	hbr_link router = veth("", host), end = veth(netns, "up"), uplink = nic("");
	hbr_link bridge = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_BRIDGE, .up = 1 };

	end.secondary = !host_is_primary;
	router.secondary = host_is_primary;
	router.has |= HBR_LINK_HAS_MASTER;
	router.master = "br0";
	put_netns(state, netns, OURS);
	put_sysctl(state, netns, "net/ipv4/ip_forward", "1", 0);
	put_sysctl(state, netns, "net/ipv4/conf/up/rp_filter", "0", 0);
	put_sysctl(state, "", rp, "0", 0);
	put_link(state, netns, "br0", &bridge, OURS);
	put_link(state, netns, "nic0", &uplink, OURS);
	put_link(state, netns, "up", &router, OURS);
	put_link(state, "", host, &end, OURS);
	put_addr(state, netns, "up", addr, OURS);
	put_addr(state, "", host, host_addr, OURS);
	put_route(state, "", to, via, host, OURS);
	put_route(state, netns, "10.255.0.0/16", NULL, "up", OURS);
	put_route(state, netns, "172.31.0.0/16", "10.255.0.1", "up", OURS);
	put_config(state, netns, "router bgp 1\n", 1, OURS);
}

static hbr_plan *big_plan(bool host_is_primary, uint32_t flags)
{
	hbr_state *state = world_state();

	for (unsigned int i = 0; i < UNITS; i++)
		put_unit(state, i, host_is_primary);
	if (flags & HBR_PLAN_REMOVE)
		return plan_of(NULL, state, flags);
	return plan_of(state, world_state(), flags);
}

/* The order within one namespace, as it was promised. */
static void check_unit(const hbr_plan *plan, unsigned int number, bool host_is_primary)
{
	char addr[32], key[64];
	const struct {
		const char *kind, *rest;
	} promised[] = {
		{ "netns", "" },
		{ "sysctl", "/net/ipv4/ip_forward" },
		{ "link", "/br0" },
		{ "link", "/nic0" },
		{ "link", "/up" },
		{ "addr", addr },
		{ "route", "/10.255.0.0/16" },
		{ "route", "/172.31.0.0/16" },
		{ "sysctl", "/net/ipv4/conf/up/rp_filter" },
		{ "config", "/frr" },
	};
	size_t last = 0, at;

	snprintf(addr, sizeof(addr), "/up/10.%u.0.2/30", number);
	for (size_t i = 0; i < hbr_count(promised); i++) {
		snprintf(key, sizeof(key), "%s:r%02u%s", promised[i].kind, number,
		         promised[i].rest);
		at = index_of(plan, key, HBR_VERB_CREATE);
		ck_assert_msg(at >= last, "%s comes too early", key);
		last = at;
	}
	snprintf(key, sizeof(key), "link:r%02u/up", number);
	at = index_of(plan, key, HBR_VERB_CREATE);
	snprintf(key, sizeof(key), "link:/h%02u", number);
	if (host_is_primary)
		ck_assert_uint_gt(at, index_of(plan, key, HBR_VERB_CREATE));
	else
		ck_assert_uint_lt(at, index_of(plan, key, HBR_VERB_CREATE));
}

START_TEST(each_namespace_keeps_its_order)
{
	_cleanup_plan_ hbr_plan *plan = big_plan(_i, 0);

	for (unsigned int i = 0; i < UNITS; i++)
		check_unit(plan, i, _i);
}
END_TEST

static bool is_netlink(const struct step *step)
{
	const hbr_resource *subject = step->after ? step->after : step->before;

	return subject->kind >= HBR_KIND_LINK && subject->kind <= HBR_KIND_ROUTE;
}

/* How many runs of netlink steps of one namespace there are. */
static size_t count_sends(const hbr_plan *plan)
{
	const char *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_acting; i++) {
		const struct step *step = &plan->steps[i];
		const hbr_resource *subject = step->after ? step->after : step->before;

		if (!is_netlink(step)) {
			last = NULL;
			continue;
		}
		n += !last || strcmp(last, resource_netns(subject)) != 0;
		last = resource_netns(subject);
	}
	return n;
}

START_TEST(each_namespace_is_one_send)
{
	_cleanup_plan_ hbr_plan *plan = big_plan(false, 0);

	ck_assert_uint_eq(count_sends(plan), UNITS + 1);
}
END_TEST

START_TEST(pairs_made_from_the_host_cost_a_second_round)
{
	_cleanup_plan_ hbr_plan *plan = big_plan(true, 0);

	ck_assert_uint_le(count_sends(plan), 2 * (UNITS + 1));
}
END_TEST

START_TEST(removal_sends_once_to_the_host)
{
	_cleanup_plan_ hbr_plan *plan = big_plan(false, HBR_PLAN_REMOVE);

	/* A NIC in each namespace goes back. */
	ck_assert_uint_eq(count_sends(plan), UNITS + 1);
	for (size_t i = 0; i < plan->n_acting; i++)
		ck_assert_int_eq(plan->steps[i].verb, HBR_VERB_DELETE);
}
END_TEST

START_TEST(stages_follow_one_another)
{
	hbr_state *state = world_state();

	put_node(state, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(state, world_state(), 0);
	int32_t stage = 0;

	for (size_t i = 0; i < plan->n; i++) {
		int32_t next = resource_stage(plan->steps[i].after);

		ck_assert_int_ge(next, stage);
		stage = next;
	}
	ck_assert_int_eq(stage, HBR_STAGE_ROUTER);
	ck_assert_str_eq(plan->steps[0].key, "file:/etc/sysctl.d/90-hbr.conf");
}
END_TEST

START_TEST(ipv6_of_a_link_is_enabled_before_its_addresses)
{
	hbr_state *state = world_state();

	put_node(state, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(state, world_state(), 0);
	size_t at = index_of(plan, "sysctl:crpd/net/ipv6/conf/veth-crpd/disable_ipv6", 0);

	ck_assert_uint_gt(at, index_of(plan, "link:crpd/veth-crpd", 0));
	ck_assert_uint_lt(at, index_of(plan, "addr:crpd/veth-crpd/2001:db8:1::2/126", 0));
}
END_TEST

START_TEST(what_goes_goes_before_what_comes)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = { .type = HBR_LINK_BRIDGE };

	put_link(wanted, "", "new0", &link, 0);
	put_link(have, "", "old0", &link, OURS);
	put_addr(have, "", "old0", "10.0.0.1/24", OURS);
	put_file(wanted, "/etc/new", "x", 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, HBR_PLAN_PRUNE);

	ck_assert_str_eq(plan->steps[0].key, "addr:/old0/10.0.0.1/24");
	ck_assert_str_eq(plan->steps[1].key, "link:/old0");
	ck_assert_str_eq(plan->steps[2].key, "file:/etc/new");
	ck_assert_str_eq(plan->steps[3].key, "link:/new0");
}
END_TEST

START_TEST(reports_and_conflicts_come_last)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = { .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_BRIDGE, .mtu = 1500 };

	put_netns(have, "a", OURS);
	put_link(wanted, "", "b", &link, 0);
	put_link(wanted, "", "c", &link, 0);
	link.mtu = 1400;
	put_link(have, "", "b", &link, 0);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);

	ck_assert_uint_eq(plan->n, 3);
	ck_assert_uint_eq(plan->n_acting, 1);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_CREATE);
}
END_TEST

HBR_SUITE(plan_order)
{
	tcase_add_loop_test(tcase, each_namespace_keeps_its_order, 0, 2);
	tcase_add_test(tcase, each_namespace_is_one_send);
	tcase_add_test(tcase, pairs_made_from_the_host_cost_a_second_round);
	tcase_add_test(tcase, removal_sends_once_to_the_host);
	tcase_add_test(tcase, stages_follow_one_another);
	tcase_add_test(tcase, ipv6_of_a_link_is_enabled_before_its_addresses);
	tcase_add_test(tcase, what_goes_goes_before_what_comes);
	tcase_add_test(tcase, reports_and_conflicts_come_last);
}
