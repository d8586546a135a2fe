/* SPDX-License-Identifier: Apache-2.0 */
/* The frr port against real daemons: one truth, no needless call, nothing left behind. */
#include "kernel/frr_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct site_plan one = { .nodes = 1, .control_planes = 1 };
static const struct site_plan two = { .nodes = 2, .control_planes = 1 };
static const struct site_plan three = { .nodes = 3, .control_planes = 2 };

static const struct site_plan modes[] = {
	{ .nodes = 3, .control_planes = 2, .mode = HBR_CALICO_EBGP },
	{ .nodes = 3, .control_planes = 2, .mode = HBR_CALICO_IBGP },
	{ .nodes = 3, .control_planes = 2, .mode = HBR_CALICO_EBGP_PER_NODE },
	{ .nodes = 3, .control_planes = 2, .no_v6 = true },
	{ .nodes = 3, .control_planes = 2, .no_v4 = true },
	{ .nodes = 3, .control_planes = 2, .asn_step = 1 },
	{ .nodes = 5, .control_planes = 3 },
};

/* One router becomes, one after the other, every role of every kind of site: each text must
 * be what runs afterwards, whatever ran before. */
START_TEST(what_runs_is_what_was_rendered)
{
	struct rig *rig = rig_new(&one);

	/* Else node 1's address would be its own when it plays node 3. */
	rig_sh("ip -n %s addr flush dev ens4", rig_router(1));
	for (size_t i = 0; i < hbr_count(modes); i++) {
		rig->site = site_make(&rig->arena, &modes[i]);
		for (uint32_t n = 1; n <= rig->site->n_nodes; n += rig->site->n_nodes - 1) {
			_cleanup_free_ char *text = rig_text(rig, n);
			hbr_call call = rig_call(60);

			ck_ok(rig->frr->commit(rig->frr->self, &call, rig_router(1), text, 0,
			                       &rig->err),
			      rig->err);
			_cleanup_free_ char *diff = rig_diff(rig, 1, text);
			ck_assert_str_eq(diff, "");
		}
	}
	rig_free(rig);
}
END_TEST

START_TEST(a_commit_of_what_runs_calls_nothing_and_resets_nothing)
{
	struct rig *rig = rig_new(&two);

	rig_commit(rig, 1);
	rig_commit(rig, 2);
	rig_wait_sessions(rig, 1, 2);
	rig->spawned = 0;
	rig_commit(rig, 1);
	ck_assert_uint_eq(rig->spawned, 0);
	ck_assert_int_eq(rig_neighbor(rig, 1, "192.168.1.102", "connectionsDropped"), 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_changed_neighbor_resets_only_its_session)
{
	struct rig *rig = rig_new(&three);

	for (unsigned n = 1; n <= 3; n++)
		rig_commit(rig, n);
	rig_wait_sessions(rig, 1, 4);
	/* Node 2 moves to another address of the fabric. */
	rig_sh("ip -n %s addr add 192.168.1.202/24 dev ens4", rig_router(2));
	bool has_length;
	prefix_parse("192.168.1.202/24",
	             &rig->site->nodes[1].netns[0].uplinks[0].addrs.items[0].addr, &has_length);
	rig_commit(rig, 1);
	rig_commit(rig, 2);
	rig_wait_sessions(rig, 1, 4);
	hbr_session session;

	ck_assert(!rig_session(rig, 1, "192.168.1.102", &session));
	ck_assert(rig_session(rig, 1, "192.168.1.202", &session) && session.up);
	ck_assert_int_eq(rig_neighbor(rig, 1, "192.168.1.103", "connectionsDropped"), 0);
	ck_assert_int_eq(rig_neighbor(rig, 1, "2001:db8:f::102", "connectionsDropped"), 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_changed_router_has_its_files_and_no_copies_of_older_ones)
{
	struct rig *rig = rig_new(&two);
	bool has_length;

	rig_commit(rig, 1);
	prefix_parse("192.168.1.202/24",
	             &rig->site->nodes[1].netns[0].uplinks[0].addrs.items[0].addr, &has_length);
	rig_commit(rig, 1);
	ck_assert_str_eq(rig_out("ls -A /etc/frr/%s", rig_router(1)),
	                 "bgpd.conf\nvtysh.conf\nzebra.conf\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_dead_daemon_is_seen_and_only_it_is_started_again)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);
	_cleanup_free_ char *text = NULL;
	uint32_t running = 1;

	rig_commit(rig, 1);
	pid_t zebra = rig_pid(1, "zebra");
	kill(rig_pid(1, "bgpd"), SIGKILL);
	ck_ok(rig->frr->fetch(rig->frr->self, &call, rig_router(1), &text, &running, &rig->err),
	      rig->err);
	ck_assert_uint_eq(running, 0);
	ck_assert_msg(strstr(text, "router bgp 64500") != NULL,
	              "its file tells what it would run");
	rig_commit(rig, 1);
	_cleanup_free_ char *wanted = rig_text(rig, 1);
	_cleanup_free_ char *diff = rig_diff(rig, 1, wanted);
	ck_assert_str_eq(diff, "");
	ck_assert_int_eq(rig_pid(1, "zebra"), zebra);
	rig_free(rig);
}
END_TEST

/* bgpd tells its routes once: a zebra that starts later never hears of them. */
START_TEST(routes_come_back_when_zebra_was_killed)
{
	struct rig *rig = rig_new(&two);

	rig_commit(rig, 1);
	rig_commit(rig, 2);
	rig_wait_route(rig, 1, "10.1.2.0/30", true, NULL);
	kill(rig_pid(1, "zebra"), SIGKILL);
	rig_commit(rig, 1);
	rig_wait_route(rig, 1, "10.1.2.0/30", true, NULL);
	ck_assert_str_ne(rig_out("ip -n %s route show 10.1.2.0/30 proto bgp", rig_router(1)),
	                 "");
	rig_free(rig);
}
END_TEST

START_TEST(a_bad_text_is_refused_with_its_line_and_changes_nothing)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);
	static const char bad[] =
	        "hostname node1\nrouter bgp 64500\n  neighbour 10.0.0.1 port 1\n";

	rig_commit(rig, 1);
	int rc = rig->frr->commit(rig->frr->self, &call, rig_router(1), bad, 0, &rig->err);
	ck_assert_int_eq(rc, HBR_EROUTER);
	ck_assert_uint_eq(hbr_error_line(rig->err), 3);
	ck_assert_uint_eq(hbr_error_column(rig->err), 3);
	ck_assert_str_eq(hbr_error_excerpt(rig->err), "  neighbour 10.0.0.1 port 1");
	ck_assert_msg(strstr(hbr_error_message(rig->err), "Unknown command") != NULL, "%s",
	              hbr_error_message(rig->err));
	hbr_error_free(hbr_steal(rig->err));
	_cleanup_free_ char *wanted = rig_text(rig, 1);
	_cleanup_free_ char *diff = rig_diff(rig, 1, wanted);
	ck_assert_str_eq(diff, "");
	rig_free(rig);
}
END_TEST

START_TEST(check_needs_no_running_router)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);
	_cleanup_free_ char *text = rig_text(rig, 1);

	ck_ok(rig->frr->check(rig->frr->self, &call, rig_router(1), text, &rig->err), rig->err);
	ck_assert_int_eq(access("/etc/frr/nothing", F_OK), -1);
	ck_assert_str_eq(rig_out("ls -d /etc/frr/%s /var/run/frr/%s 2>/dev/null", rig_router(1),
	                         rig_router(1)),
	                 "");
	rig_free(rig);
}
END_TEST

START_TEST(remove_leaves_no_process_and_no_file)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);
	_cleanup_free_ char *text = NULL;
	uint32_t running = 1;

	rig_commit(rig, 1);
	pid_t zebra = rig_pid(1, "zebra");
	pid_t bgpd = rig_pid(1, "bgpd");
	kill(bgpd, SIGKILL); /* one of them has died before */
	ck_ok(rig->frr->remove(rig->frr->self, &call, rig_router(1), &rig->err), rig->err);
	ck_assert(!rig_alive(zebra));
	ck_assert(!rig_alive(bgpd));
	ck_assert_str_eq(rig_out("ls -d /etc/frr/%s /var/run/frr/%s /var/tmp/frr/*/logbuf.%d "
	                         "/var/tmp/frr/*/logbuf.%d 2>/dev/null",
	                         rig_router(1), rig_router(1), (int)zebra, (int)bgpd),
	                 "");
	ck_ok(rig->frr->fetch(rig->frr->self, &call, rig_router(1), &text, &running, &rig->err),
	      rig->err);
	ck_assert_uint_eq(running, 0);
	ck_assert_ptr_null(text);
	ck_ok(rig->frr->remove(rig->frr->self, &call, rig_router(1), &rig->err), rig->err);
	rig_free(rig);
}
END_TEST

/* Killed between starting a daemon and its pid file. */
START_TEST(a_daemon_without_a_pid_file_is_stopped_as_well)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);

	rig_commit(rig, 1);
	pid_t zebra = rig_pid(1, "zebra");
	pid_t bgpd = rig_pid(1, "bgpd");
	rig_sh("rm /var/run/frr/%s/*.pid", rig_router(1));
	ck_ok(rig->frr->remove(rig->frr->self, &call, rig_router(1), &rig->err), rig->err);
	ck_assert(!rig_alive(zebra));
	ck_assert(!rig_alive(bgpd));
	rig_free(rig);
}
END_TEST

#define LONG 60

/* The router's text, and so many prefix lists more that frr-reload takes a while. */
static char *long_text(struct rig *rig)
{
	_cleanup_free_ char *text = rig_text(rig, 1);
	_cleanup_buf_ struct buf out = BUF_INIT;

	buf_puts(&out, text);
	for (int i = 1; i <= LONG; i++)
		buf_printf(&out, "ip prefix-list LONG seq %d permit 203.0.113.%d/32\n", i, i);
	return buf_steal(&out);
}

static unsigned count_lists(void)
{
	return (unsigned)atoi(
	        rig_out("vtysh -N %s -c 'show running-config' | grep -c LONG", rig_router(1)));
}

/* Its caller is killed, and somebody else takes back what it was about to do. */
START_TEST(a_reload_whose_caller_is_gone_does_not_go_on)
{
	struct rig *rig = rig_new(&one);
	_cleanup_free_ char *text = long_text(rig);
	_cleanup_free_ char *diff = NULL;
	hbr_call call = rig_call(60);
	pid_t pid;

	ck_ok(rig->frr->commit(rig->frr->self, &call, rig_router(1), text, 0, &rig->err),
	      rig->err);
	ck_assert_uint_eq(count_lists(), LONG);
	pid = fork();
	if (pid == 0) {
		rig_commit(rig, 1);
		_exit(0);
	}
	/* It takes lines away one by one. */
	while (count_lists() == LONG)
		continue;
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_ok(rig->frr->commit(rig->frr->self, &call, rig_router(1), text, 0, &rig->err),
	      rig->err);
	/* Who would still work on it ends some time. */
	while (rig_out("pgrep -f '[-]-pathspace %s '", rig_router(1))[0])
		continue;
	diff = rig_diff(rig, 1, text);
	ck_assert_str_eq(diff, "");
	ck_assert_str_eq(rig_out("ls /var/run/frr/%s | grep reload", rig_router(1)), "");
	rig_free(rig);
}
END_TEST

/* What a lab leaves that was killed: daemons that hold a namespace without a name. */
START_TEST(daemons_of_a_lost_namespace_are_replaced)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(60);
	_cleanup_free_ char *text = NULL;
	uint32_t running = 1;

	rig_commit(rig, 1);
	pid_t zebra = rig_pid(1, "zebra");
	ck_ok(rig->netns->remove(rig->netns->self, &call, rig_router(1), &rig->err), rig->err);
	ck_ok(rig->netns->create(rig->netns->self, &call, rig_router(1), &rig->err), rig->err);
	ck_ok(rig->frr->fetch(rig->frr->self, &call, rig_router(1), &text, &running, &rig->err),
	      rig->err);
	ck_assert_uint_eq(running, 0);
	rig_commit(rig, 1);
	ck_assert(!rig_alive(zebra));
	_cleanup_free_ char *wanted = rig_text(rig, 1);
	_cleanup_free_ char *diff = rig_diff(rig, 1, wanted);
	ck_assert_str_eq(diff, "");
	rig_free(rig);
}
END_TEST

START_TEST(a_daemon_that_hangs_costs_no_more_than_the_deadline)
{
	struct rig *rig = rig_new(&one);
	hbr_call call = rig_call(1);
	_cleanup_free_ char *text = NULL;
	uint32_t running;

	rig_commit(rig, 1);
	kill(rig_pid(1, "bgpd"), SIGSTOP);
	int rc = rig->frr->fetch(rig->frr->self, &call, rig_router(1), &text, &running,
	                         &rig->err);
	ck_assert_int_eq(rc, HBR_ETIMEDOUT);
	rig_free(rig);
}
END_TEST

START_TEST(a_session_that_is_down_tells_why)
{
	struct rig *rig = rig_new(&two);
	hbr_session session = { .up = 1 };

	rig_commit(rig, 1);
	rig->site->nodes[1].asn = 64999; /* node 1 does not know */
	rig_commit(rig, 2);
	time_t end = time(NULL) + 30;
	do {
		ck_assert(rig_session(rig, 1, "192.168.1.102", &session));
		ck_assert(time(NULL) < end);
	} while (!strstr(session.reason, "Bad Peer AS"));
	ck_assert_uint_eq(session.up, 0);
	ck_assert_uint_eq(session.remote_asn, 64500);
	rig_free(rig);
}
END_TEST

START_TEST(a_filter_lets_only_pods_in_from_calico)
{
	struct rig *rig = rig_new(&two);

	rig_commit(rig, 1);
	rig_commit(rig, 2);
	rig_bird(rig, 1, false);
	rig_wait_route(rig, 1, "192.168.0.32/27", true, NULL);
	rig_wait_route(rig, 2, "192.168.0.32/27", true, NULL);
	rig_wait_route(rig, 1, "203.0.113.0/24", false, NULL);
	rig_free(rig);
}
END_TEST

HBR_SUITE(frr_port)
{
	tcase_add_unchecked_fixture(tcase, rig_begin, rig_sweep);
	tcase_set_timeout(tcase, 180);
	tcase_add_test(tcase, what_runs_is_what_was_rendered);
	tcase_add_test(tcase, a_commit_of_what_runs_calls_nothing_and_resets_nothing);
	tcase_add_test(tcase, a_changed_neighbor_resets_only_its_session);
	tcase_add_test(tcase, a_changed_router_has_its_files_and_no_copies_of_older_ones);
	tcase_add_test(tcase, a_dead_daemon_is_seen_and_only_it_is_started_again);
	tcase_add_test(tcase, routes_come_back_when_zebra_was_killed);
	tcase_add_test(tcase, a_bad_text_is_refused_with_its_line_and_changes_nothing);
	tcase_add_test(tcase, check_needs_no_running_router);
	tcase_add_test(tcase, remove_leaves_no_process_and_no_file);
	tcase_add_test(tcase, a_daemon_without_a_pid_file_is_stopped_as_well);
	tcase_add_test(tcase, a_reload_whose_caller_is_gone_does_not_go_on);
	tcase_add_test(tcase, daemons_of_a_lost_namespace_are_replaced);
	tcase_add_test(tcase, a_daemon_that_hangs_costs_no_more_than_the_deadline);
	tcase_add_test(tcase, a_session_that_is_down_tells_why);
	tcase_add_test(tcase, a_filter_lets_only_pods_in_from_calico);
}
