/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying: every condition, and for each way of breaking it the cause that is named. */
#include "engine/verify.h"

#include "base/prefix.h"
#include "unit/engine/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kit kit;
static hbr_state *site; /* the node with its gates */
static hbr_status *status;
static size_t probes;

static int eye_dump(const hbr_netns_port *netns, const hbr_call *call, const char *name,
                    uint32_t kinds, hbr_sink *sink, hbr_error **err)
{
	(void)call;
	return world_read(netns->self, name, kinds, sink, err);
}

static int eye_ping(const hbr_netns_port *netns, const hbr_call *call, struct ping_probe *list,
                    size_t n, uint32_t tries, uint32_t timeout_ms, hbr_error **err)
{
	(void)call;
	(void)tries;
	(void)timeout_ms;
	(void)err;
	probes += n;
	for (size_t i = 0; i < n; i++) {
		list[i].answered = world_answers(netns->self, list[i].netns, &list[i].to);
		list[i].rtt_us = 120;
	}
	return 0;
}

static const struct eyes eyes = { .dump = eye_dump, .ping = eye_ping };

static hbr_addr addr(const char *text)
{
	hbr_addr made = { 0 };

	ck_ok(hbr_addr_parse(text, &made, &kit.err), kit.err);
	return made;
}

static void expect(const char *netns, const char *name, hbr_expect body)
{
	kit_put(site, HBR_KIND_EXPECT, netns, name, &body);
}

static void session(const char *remote, uint32_t asn, bool up, const char *state,
                    const char *reason)
{
	hbr_session row = { .remote = addr(remote),
		            .remote_asn = asn,
		            .up = up,
		            .families = up ? HBR_FAMILY_IPV4 : 0,
		            .received = 3 };

	snprintf(row.state, sizeof(row.state), "%s", state);
	snprintf(row.reason, sizeof(row.reason), "%s", reason);
	world_session(kit.world, "crpd", &row);
}

static void expect_gates(void)
{
	expect("crpd", "session node2 192.168.1.102",
	       (hbr_expect){ .type = HBR_EXPECT_SESSION,
	                     .engine = "frr",
	                     .asn = 64500,
	                     .families = HBR_FAMILY_IPV4,
	                     .addr = addr("192.168.1.102") });
	expect("crpd", "session calico 10.1.1.1",
	       (hbr_expect){ .type = HBR_EXPECT_SESSION,
	                     .engine = "frr",
	                     .asn = 64512,
	                     .families = HBR_FAMILY_IPV4,
	                     .addr = addr("10.1.1.1") });
	expect("crpd", "IPv4 neighbors",
	       (hbr_expect){ .type = HBR_EXPECT_NEIGHBORS,
	                     .engine = "frr",
	                     .count = 2,
	                     .families = HBR_FAMILY_IPV4 });
	expect("crpd", "best route 10.1.2.0/30",
	       (hbr_expect){
	               .type = HBR_EXPECT_RIB, .engine = "frr", .addr = addr("10.1.2.0/30") });
	expect("crpd", "route 10.1.2.0/30",
	       (hbr_expect){ .type = HBR_EXPECT_FIB, .addr = addr("10.1.2.0/30") });
	expect("", "route 10.1.0.0/21",
	       (hbr_expect){ .type = HBR_EXPECT_FIB,
	                     .addr = addr("10.1.0.0/21"),
	                     .dev = "veth-k8s" });
	expect("crpd", "pod blocks of 192.168.0.0/24",
	       (hbr_expect){ .type = HBR_EXPECT_BLOCKS,
	                     .engine = "frr",
	                     .count = 2,
	                     .addr = addr("192.168.0.0/24") });
	expect("", "ping own router 10.1.1.2",
	       (hbr_expect){ .type = HBR_EXPECT_PING,
	                     .addr = addr("10.1.1.2"),
	                     .source = addr("10.1.1.1") });
	expect("", "ping node2 10.1.2.1",
	       (hbr_expect){ .type = HBR_EXPECT_PING,
	                     .addr = addr("10.1.2.1"),
	                     .source = addr("10.1.1.1") });
}

/* What the routers would do by themselves, done by hand. */
static void converge(void)
{
	session("192.168.1.102", 64500, true, "Established", "");
	session("10.1.1.1", 64512, true, "Established", "");
	world_rib(kit.world, "crpd", "10.1.2.0/30", true);
	world_rib(kit.world, "crpd", "192.168.0.0/27", true);
	world_rib(kit.world, "crpd", "192.168.0.32/27", true);
	world_route(kit.world, HBR_VERB_CREATE, "crpd", "10.1.2.0/30", "192.168.1.102", NULL);
	world_route(kit.world, HBR_VERB_CREATE, "crpd", "192.168.0.0/27", "10.1.1.1", NULL);
	world_route(kit.world, HBR_VERB_CREATE, "crpd", "192.168.0.32/27", "192.168.1.102",
	            NULL);
	world_route(kit.world, HBR_VERB_CREATE, "", "192.168.0.32/27", "10.1.1.2", NULL);
	world_route(kit.world, HBR_VERB_CREATE, "", "192.168.0.0/27", "10.1.1.2", NULL);
}

static void setup(void)
{
	kit_setup(&kit);
	site = kit_wanted();
	hbr_state_free(site);
	site = NULL;
	ck_ok(hbr_state_new(&site, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++)
		ck_ok(hbr_state_put(site, hbr_state_at(kit.wanted, i), &kit.err), kit.err);
	expect_gates();
	kit_apply(&kit, 0);
	status = NULL;
	probes = 0;
}

static void teardown(void)
{
	hbr_status_free(status);
	hbr_state_free(site);
	kit_teardown(&kit);
}

static size_t verify(uint32_t wait_ms)
{
	hbr_status_free(status);
	status = NULL;
	ck_ok(verify_through(&eyes, kit.ctx, site, wait_ms, &status, &kit.err), kit.err);
	return hbr_status_count(status, HBR_LEVEL_ERROR);
}

static hbr_finding finding(const char *path)
{
	hbr_finding row = { .size = sizeof(row) };

	for (size_t i = 0; hbr_status_get(status, i, &row) == 0; i++) {
		if (strcmp(row.path, path) == 0)
			return row;
	}
	ck_abort_msg("no finding about %s", path);
	return row;
}

static void is_broken(const char *path, const char *found, const char *hint)
{
	hbr_finding row = finding(path);

	ck_assert_msg(row.level == HBR_LEVEL_ERROR, "%s holds", path);
	ck_assert_msg(strstr(row.found, found), "%s: found %s", path, row.found);
	ck_assert_msg(row.hint && strstr(row.hint, hint), "%s: hint %s", path,
	              row.hint ? row.hint : "none");
}

#define SESSION_NODE2 "expect:crpd/session node2 192.168.1.102"
#define SESSION_CALICO "expect:crpd/session calico 10.1.1.1"
#define RIB_NODE2 "expect:crpd/best route 10.1.2.0/30"
#define PING_NODE2 "expect:/ping node2 10.1.2.1"

START_TEST(all_conditions_hold_on_a_good_node)
{
	hbr_finding row;

	converge();
	if (verify(0)) {
		hbr_text *text = NULL;

		hbr_status_dump(status, HBR_FORMAT_TEXT, &text, NULL);
		ck_abort_msg("%s", hbr_text_data(text));
	}
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_INFO), hbr_state_count(site));
	row = finding("link:crpd/ens4");
	ck_assert_int_eq(row.level, HBR_LEVEL_INFO);
	ck_assert_str_eq(row.rule, "link");
	ck_assert_str_eq(row.message, "link crpd/ens4");
	ck_assert_int_eq(row.stage, HBR_STAGE_LINKS);
	ck_assert_ptr_null(row.hint);
	ck_assert_str_eq(finding(SESSION_NODE2).found, "Established, AS 64500, 3 prefixes");
	ck_assert_str_eq(finding(PING_NODE2).found, "after 0.120 ms");
}
END_TEST

START_TEST(verifying_changes_nothing)
{
	world_calm(kit.world);
	verify(0);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

START_TEST(each_namespace_is_read_once)
{
	converge();
	world_calm(kit.world);
	verify(0);
	ck_assert_uint_eq(world_calls(kit.world, "oracle.dump"), 2);
	ck_assert_uint_eq(world_calls(kit.world, "router.sessions"), 1);
	ck_assert_uint_eq(world_calls(kit.world, "router.routes"), 1);
	ck_assert_uint_eq(world_calls(kit.world, "netlink.dump"), 0);
}
END_TEST

START_TEST(a_dead_router_is_named)
{
	converge();
	world_router_kill(kit.world, "crpd");
	verify(0);
	is_broken("config:crpd/frr", "not running", "router frr is not running in crpd");
	is_broken(SESSION_NODE2, "no answer", "router frr is not running in crpd");
	is_broken(RIB_NODE2, "no answer", "router frr is not running in crpd");
}
END_TEST

START_TEST(a_wrong_as_is_named)
{
	converge();
	session("192.168.1.102", 64500, false, "Idle", "OPEN Message Error/Bad Peer AS");
	verify(0);
	is_broken(SESSION_NODE2, "Idle, last reset: OPEN Message Error/Bad Peer AS",
	          "disagree on an AS number: this one expects AS 64500");
	session("192.168.1.102", 64999, false, "Active", "");
	verify(0);
	is_broken(SESSION_NODE2, "Active", "AS 64999 instead of AS 64500");
}
END_TEST

START_TEST(a_nic_that_is_down_is_named)
{
	converge();
	session("192.168.1.102", 64500, false, "Active", "Interface down");
	world_link_up(kit.world, "crpd", "ens4", false);
	verify(0);
	is_broken("link:crpd/ens4", "up no", "set the link down");
	is_broken(SESSION_NODE2, "Active", "ens4 is down");
}
END_TEST

/* Nothing is wrong with it: its other end is to be down. */
START_TEST(no_carrier_is_expected_of_an_end_whose_other_is_left_down)
{
	hbr_link router = { .has = HBR_LINK_HAS_UP,
		            .type = HBR_LINK_VETH,
		            .peer_netns = "",
		            .peer = "host-y" };
	hbr_link host = { .has = HBR_LINK_HAS_UP,
		          .type = HBR_LINK_VETH,
		          .peer_netns = "crpd",
		          .peer = "router-y",
		          .up = 1,
		          .secondary = 1 };
	hbr_resource pair = { .size = sizeof(pair),
		              .kind = HBR_KIND_LINK,
		              .netns = "crpd",
		              .name = "router-y",
		              .body = &router };

	converge();
	ck_assert_int_eq(world_edit(kit.world, "crpd", HBR_VERB_CREATE, &pair), 0);
	world_link_up(kit.world, "", "host-y", true);
	kit_put(site, HBR_KIND_LINK, "crpd", "router-y", &router);
	kit_put(site, HBR_KIND_LINK, "", "host-y", &host);
	verify(0);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
}
END_TEST

START_TEST(a_missing_forwarding_sysctl_is_named)
{
	converge();
	world_sysctl(kit.world, "crpd", "net/ipv4/ip_forward", "0");
	world_deaf(kit.world, "10.1.2.1");
	verify(0);
	is_broken("sysctl:crpd/net/ipv4/ip_forward", "0", "packets are not forwarded here");
	is_broken(PING_NODE2, "no answer", "net/ipv4/ip_forward of crpd is 0");
}
END_TEST

START_TEST(a_filtered_prefix_is_named)
{
	converge();
	world_rib_clear(kit.world, "crpd");
	verify(0);
	is_broken(RIB_NODE2, "absent from the RIB of frr", "a filter keeps the prefix out");
}
END_TEST

START_TEST(a_dead_bird_is_named)
{
	converge();
	session("10.1.1.1", 64512, false, "Active", "Peer closed the session");
	verify(0);
	is_broken(SESSION_CALICO, "Active", "Calico's BGP speaker (BIRD)");
	is_broken("expect:crpd/IPv4 neighbors", "1", "sessions that are missing");
}
END_TEST

START_TEST(a_missing_prefix_blames_the_sessions_that_are_down)
{
	converge();
	session("192.168.1.102", 64500, false, "Connect", "");
	world_rib_clear(kit.world, "crpd");
	verify(0);
	is_broken(RIB_NODE2, "absent", "1 of 2 sessions of this router are down");
}
END_TEST

START_TEST(a_block_that_the_host_lacks_is_named)
{
	converge();
	world_route(kit.world, HBR_VERB_DELETE, "", "192.168.0.32/27", "10.1.1.2", NULL);
	verify(0);
	is_broken("expect:crpd/pod blocks of 192.168.0.0/24",
	          "192.168.0.32/27 is not in the kernel of the host", "Calico's speaker");
}
END_TEST

START_TEST(too_few_blocks_are_counted)
{
	converge();
	world_rib_clear(kit.world, "crpd");
	world_rib(kit.world, "crpd", "192.168.0.0/27", true);
	verify(0);
	is_broken("expect:crpd/pod blocks of 192.168.0.0/24", "1 selected",
	          "all sessions are up");
}
END_TEST

START_TEST(a_route_deleted_by_hand_is_told_from_one_never_learned)
{
	converge();
	world_route(kit.world, HBR_VERB_DELETE, "crpd", "10.1.2.0/30", "192.168.1.102", NULL);
	verify(0);
	is_broken("expect:crpd/route 10.1.2.0/30", "absent", "deleted by hand");
}
END_TEST

START_TEST(a_ping_without_a_route_is_not_sent)
{
	converge();
	world_route(kit.world, HBR_VERB_DELETE, "", "10.1.0.0/21", "10.1.1.2", "veth-k8s");
	verify(0);
	is_broken(PING_NODE2, "no route", "routes that are missing");
	is_broken("route:/10.1.0.0/21", "absent", "apply again");
	is_broken("expect:/route 10.1.0.0/21", "absent", "apply again");
	ck_assert_uint_eq(probes, 1);
}
END_TEST

START_TEST(a_namespace_that_is_gone_fails_everything_in_it)
{
	converge();
	world_netns_del(kit.world, "crpd");
	verify(0);
	is_broken("netns:crpd", "absent", "deleted the namespace");
	ck_assert_str_eq(finding("link:crpd/ens4").found, "its namespace does not exist");
}
END_TEST

START_TEST(an_edited_router_names_its_first_line)
{
	hbr_plan *plan;
	hbr_state *edited = NULL;
	hbr_config config = { .text = "router bgp 64500\n neighbor 10.1.1.1 remote-as 1\n",
		              .running = 1 };

	ck_ok(hbr_state_new(&edited, &kit.err), kit.err);
	kit_put(edited, HBR_KIND_CONFIG, "crpd", "frr", &config);
	plan = kit_plan(&kit, edited, 0);
	ck_ok(kit_run(&kit, plan), kit.err);
	hbr_plan_free(plan);
	hbr_state_free(edited);
	verify(0);
	is_broken("config:crpd/frr", "2 lines differ", "by hand");
}
END_TEST

START_TEST(an_optional_sysctl_may_be_missing)
{
	hbr_sysctl body = { .value = "1" };
	hbr_resource row = { .size = sizeof(row),
		             .kind = HBR_KIND_SYSCTL,
		             .flags = HBR_RESOURCE_OPTIONAL,
		             .netns = "crpd",
		             .name = "missing/net/ipv6",
		             .body = &body };
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	ck_ok(verify_through(&eyes, kit.ctx, state, 0, &status, &kit.err), kit.err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
	hbr_state_free(state);
}
END_TEST

static void heal(void *user)
{
	(void)user;
	converge();
}

START_TEST(waiting_ends_as_soon_as_all_hold)
{
	uint64_t looks;

	world_at(kit.world, 60, heal, NULL);
	ck_assert_uint_eq(verify(30000), 0);
	looks = world_calls(kit.world, "router.sessions");
	ck_assert_uint_gt(looks, 1);
	ck_assert_uint_lt(looks, 60);
}
END_TEST

START_TEST(waiting_looks_only_at_what_fails)
{
	converge();
	world_deaf(kit.world, "10.1.2.1");
	world_calm(kit.world);
	ck_assert_uint_eq(verify(600), 1);
	/* The first look and the last one ask for every sysctl, those between for none. */
	ck_assert_uint_eq(world_calls(kit.world, "netns.sysctl_get"), 6);
	ck_assert_uint_gt(world_calls(kit.world, "oracle.dump"), 4);
}
END_TEST

START_TEST(waiting_is_over_in_time)
{
	ck_assert_uint_gt(verify(100), 0);
}
END_TEST

static void cancel(void *user)
{
	hbr_ctx_cancel(user);
}

START_TEST(a_cancel_ends_the_wait)
{
	world_at(kit.world, 30, cancel, kit.ctx);
	ck_assert_int_eq(verify_through(&eyes, kit.ctx, site, 60000, &status, &kit.err),
	                 HBR_ECANCELED);
	kit_forget(&kit);
	verify(0);
}
END_TEST

START_TEST(a_port_that_fails_is_no_finding)
{
	world_fail_at(kit.world, 1, 1, HBR_EPERM);
	ck_assert_int_eq(verify_through(&eyes, kit.ctx, site, 0, &status, &kit.err), HBR_EPERM);
	ck_assert_ptr_null(status);
}
END_TEST

#define LISTENER "expect:/listener 10.1.1.1 port 178"

static void expect_listener(const char *local, uint16_t port)
{
	expect("", "listener 10.1.1.1 port 178",
	       (hbr_expect){
	               .type = HBR_EXPECT_LISTENER, .addr = addr("10.1.1.1"), .port = 178 });
	converge();
	if (local)
		world_listener(kit.world, "", local, port);
}

START_TEST(a_speaker_on_its_port_holds)
{
	expect_listener("10.1.1.1", 178);
	ck_assert_uint_eq(verify(0), 0);
	ck_assert_str_eq(finding(LISTENER).found, "listens");
}
END_TEST

START_TEST(a_speaker_that_listens_everywhere_will_do)
{
	expect_listener("0.0.0.0", 178);
	ck_assert_uint_eq(verify(0), 0);
}
END_TEST

START_TEST(a_speaker_that_kept_its_old_port_is_named)
{
	expect_listener("10.1.1.1", 179);
	world_listener(kit.world, "crpd", "10.1.1.1", 178);
	world_listener(kit.world, "", "10.1.9.9", 178);
	ck_assert_uint_eq(verify(0), 1);
	is_broken(LISTENER, "listens on 179", "birdc restart all");
}
END_TEST

START_TEST(a_speaker_that_is_not_there_is_named)
{
	expect_listener(NULL, 0);
	ck_assert_uint_eq(verify(0), 1);
	is_broken(LISTENER, "nobody listens on that address", "is calico-node running");
}
END_TEST

HBR_SUITE(verify)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, all_conditions_hold_on_a_good_node);
	tcase_add_test(tcase, verifying_changes_nothing);
	tcase_add_test(tcase, each_namespace_is_read_once);
	tcase_add_test(tcase, a_dead_router_is_named);
	tcase_add_test(tcase, a_wrong_as_is_named);
	tcase_add_test(tcase, a_nic_that_is_down_is_named);
	tcase_add_test(tcase, no_carrier_is_expected_of_an_end_whose_other_is_left_down);
	tcase_add_test(tcase, a_missing_forwarding_sysctl_is_named);
	tcase_add_test(tcase, a_filtered_prefix_is_named);
	tcase_add_test(tcase, a_dead_bird_is_named);
	tcase_add_test(tcase, a_missing_prefix_blames_the_sessions_that_are_down);
	tcase_add_test(tcase, a_block_that_the_host_lacks_is_named);
	tcase_add_test(tcase, too_few_blocks_are_counted);
	tcase_add_test(tcase, a_route_deleted_by_hand_is_told_from_one_never_learned);
	tcase_add_test(tcase, a_ping_without_a_route_is_not_sent);
	tcase_add_test(tcase, a_namespace_that_is_gone_fails_everything_in_it);
	tcase_add_test(tcase, an_edited_router_names_its_first_line);
	tcase_add_test(tcase, an_optional_sysctl_may_be_missing);
	tcase_add_test(tcase, waiting_ends_as_soon_as_all_hold);
	tcase_add_test(tcase, waiting_looks_only_at_what_fails);
	tcase_add_test(tcase, waiting_is_over_in_time);
	tcase_add_test(tcase, a_cancel_ends_the_wait);
	tcase_add_test(tcase, a_port_that_fails_is_no_finding);
	tcase_add_test(tcase, a_speaker_on_its_port_holds);
	tcase_add_test(tcase, a_speaker_that_listens_everywhere_will_do);
	tcase_add_test(tcase, a_speaker_that_kept_its_old_port_is_named);
	tcase_add_test(tcase, a_speaker_that_is_not_there_is_named);
}
