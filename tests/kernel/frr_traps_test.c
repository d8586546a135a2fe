/* SPDX-License-Identifier: Apache-2.0 */
/* Traps of FRR 8.4 and BIRD that were walked into before, each with real daemons. */
#include "kernel/frr_rig.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const struct site_plan one = { .nodes = 1, .control_planes = 1 };
static const struct site_plan two = { .nodes = 2, .control_planes = 1 };
static const struct site_plan two_ibgp = { .nodes = 2,
	                                   .control_planes = 1,
	                                   .mode = HBR_CALICO_IBGP };
static const struct site_plan star_ibgp = { .nodes = 3,
	                                    .control_planes = 1,
	                                    .mode = HBR_CALICO_IBGP };
static const struct site_plan star = { .nodes = 3, .control_planes = 1 };

static void check_via(const hbr_rib_route *route, const char *via)
{
	char text[PREFIX_TEXT];

	ck_assert_str_eq(prefix_format_host(&route->via, text), via);
}

/* A port at a peer group is shown, but does not reach the neighbor. BIRD is passive here, so
 * that only a router that dials 178 can make the session. */
START_TEST(trap_1_the_port_stands_at_the_neighbor)
{
	struct rig *rig = rig_new(&one);

	rig_bird(rig, 1, true);
	rig_commit(rig, 1);
	rig_wait_sessions(rig, 1, 1);
	rig_free(rig);
}
END_TEST

/* With -N and without -f the instance's own file is ignored while the package's frr.conf
 * exists. */
START_TEST(trap_2_the_instance_reads_its_own_file)
{
	struct rig *rig = rig_new(&one);
	static const char sum[] =
	        "cat /etc/frr/frr.conf /etc/frr/daemons /etc/frr/vtysh.conf | md5sum";
	_cleanup_free_ char *before = strdup(rig_out(sum));

	ck_assert_int_eq(access("/etc/frr/frr.conf", F_OK), 0);
	rig_commit(rig, 1);
	kill(rig_pid(1, "bgpd"), SIGKILL);
	rig_commit(rig, 1); /* starts it from its file: reload is not needed */
	_cleanup_free_ char *text = rig_text(rig, 1);
	_cleanup_free_ char *diff = rig_diff(rig, 1, text);
	ck_assert_str_eq(diff, "");
	ck_assert_str_eq(rig_out(sum), before);
	rig_free(rig);
}
END_TEST

/* One AS for every Calico: without as-override each BIRD drops the other's routes as loops. */
START_TEST(trap_3_the_other_calico_takes_the_route)
{
	struct rig *rig = rig_new(&two);
	time_t end = time(NULL) + 60;

	for (unsigned n = 1; n <= 2; n++) {
		rig_commit(rig, n);
		rig_bird(rig, n, false);
	}
	rig_wait_route(rig, 2, "192.168.0.32/27", true, NULL);
	while (!strstr(rig_out("ip -n %s route", rig_host(2)), "192.168.0.32/27 via 10.1.2.2"))
		ck_assert(time(NULL) < end);
	rig_free(rig);
}
END_TEST

/* iBGP Calico: the originating router puts itself as next hop, a reflector leaves it alone. */
START_TEST(trap_4_the_originating_router_is_the_next_hop)
{
	struct rig *rig = rig_new(&star_ibgp);
	hbr_rib_route route;
	time_t end = time(NULL) + 60;

	for (unsigned n = 1; n <= 3; n++) {
		rig_commit(rig, n);
		rig_bird(rig, n, false);
	}
	rig_wait_route(rig, 1, "192.168.0.64/27", true, &route);
	check_via(&route, "192.168.1.102");
	rig_wait_route(rig, 3, "192.168.0.64/27", true, &route);
	check_via(&route, "192.168.1.102"); /* a worker sees the worker, not the reflector */
	/* The reflector's own Calico is "originating" as well. */
	rig_wait_route(rig, 3, "192.168.0.32/27", true, &route);
	check_via(&route, "192.168.1.101");
	while (!strstr(rig_out("ip -n %s route", rig_host(3)), "192.168.0.64/27 via 10.1.3.2"))
		ck_assert(time(NULL) < end);
	rig_free(rig);
}
END_TEST

/* Any route map holds all sessions Idle for the delay timer, unless that is 0. */
START_TEST(trap_5_a_route_map_holds_no_session_back)
{
	struct rig *rig = rig_new(&two_ibgp);

	rig_commit(rig, 2);
	ck_assert_ptr_nonnull(
	        strstr(rig_out("vtysh -N %s -c 'show running-config'", rig_router(2)),
	               "bgp route-map delay-timer 0"));
	rig_commit(rig, 1);
	rig_wait_sessions(rig, 1, 2);
	rig_free(rig);
}
END_TEST

/* IPv6 over IPv6 sessions: from worker to worker through nobody else. */
START_TEST(trap_6_ipv6_goes_straight_to_its_router)
{
	struct rig *rig = rig_new(&star);
	hbr_rib_route route;

	for (unsigned n = 1; n <= 3; n++)
		rig_commit(rig, n);
	rig_wait_route(rig, 2, "2001:db8:3::/126", true, NULL);
	rig_wait_route(rig, 3, "2001:db8:2::/126", true, &route);
	_cleanup_free_ char *path =
	        strdup(rig_out("ip -n %s -6 route get 2001:db8:2::1", rig_router(3)));
	_cleanup_free_ char *own =
	        strdup(rig_out("ip -n %s -6 -br addr show dev ens4", rig_router(2)));
	char via[64] = "";
	ck_assert_int_eq(sscanf(strstr(path, "via "), "via %63s", via), 1);
	ck_assert_msg(strstr(own, via) != NULL, "via %s is not node 2: %s", via, own);
	rig_sh("ip netns exec %s ping -6 -q -c 1 -W 5 -I 2001:db8:3::1 2001:db8:2::1 "
	       ">/dev/null",
	       rig_host(3));
	rig_free(rig);
}
END_TEST

/* Graceful restart keeps the routes of a dead BIRD: only the session tells. */
START_TEST(trap_8_a_dead_calico_is_a_session_down_though_routes_stay)
{
	struct rig *rig = rig_new(&one);
	hbr_session session = { .up = 1 };
	time_t end = time(NULL) + 60;

	rig_commit(rig, 1);
	rig_bird(rig, 1, false);
	rig_wait_route(rig, 1, "192.168.0.32/27", true, NULL);
	rig_sh("kill -9 $(cat /run/%s.pid)", rig_host(1));
	while (session.up) {
		ck_assert(rig_session(rig, 1, "10.1.1.1", &session));
		ck_assert(time(NULL) < end);
	}
	ck_assert_str_ne(session.reason, "");
	rig_wait_route(rig, 1, "192.168.0.32/27", true, NULL);
	rig_free(rig);
}
END_TEST

/* keep_addr_on_down is what stage LINKS sets in the router's namespace. */
START_TEST(trap_9_a_link_that_goes_down_keeps_its_ipv6_address)
{
	struct rig *rig = rig_new(&one);

	rig_sh("ip netns exec %s sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1",
	       rig_router(1));
	rig_sh("ip -n %s link set veth-crpd down", rig_router(1));
	rig_sh("ip -n %s link set veth-crpd up", rig_router(1));
	ck_assert_ptr_nonnull(
	        strstr(rig_out("ip -n %s -6 -br addr show dev veth-crpd", rig_router(1)),
	               "2001:db8:1::2/126"));
	rig_free(rig);
}
END_TEST

/* The host name is set in the file given with -f; later it comes too late for the first
 * OPEN. */
START_TEST(trap_11_peers_see_the_name_of_the_node)
{
	struct rig *rig = rig_new(&two);

	rig_commit(rig, 1);
	rig_commit(rig, 2);
	rig_wait_sessions(rig, 1, 2);
	ck_assert_ptr_nonnull(
	        strstr(rig_out("vtysh -N %s -c 'show bgp summary json'", rig_router(1)),
	               "\"hostname\":\"node2\""));
	rig_free(rig);
}
END_TEST

HBR_SUITE(frr_traps)
{
	tcase_add_unchecked_fixture(tcase, rig_begin, rig_sweep);
	tcase_set_timeout(tcase, 180);
	tcase_add_test(tcase, trap_1_the_port_stands_at_the_neighbor);
	tcase_add_test(tcase, trap_2_the_instance_reads_its_own_file);
	tcase_add_test(tcase, trap_3_the_other_calico_takes_the_route);
	tcase_add_test(tcase, trap_4_the_originating_router_is_the_next_hop);
	tcase_add_test(tcase, trap_5_a_route_map_holds_no_session_back);
	tcase_add_test(tcase, trap_6_ipv6_goes_straight_to_its_router);
	tcase_add_test(tcase, trap_8_a_dead_calico_is_a_session_down_though_routes_stay);
	tcase_add_test(tcase, trap_9_a_link_that_goes_down_keeps_its_ipv6_address);
	tcase_add_test(tcase, trap_11_peers_see_the_name_of_the_node);
}
