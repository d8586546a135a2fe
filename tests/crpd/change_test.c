/* SPDX-License-Identifier: Apache-2.0 */
/* What the double accepts, keeps, refuses and takes back when the crpd port asks for it. */
#include "crpd/rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "port/crpd.h"

static const char *const sites[] = {
	"crpd-node1", "crpd-node4", "evpn-secondary-node1", "evpn-secondary-node2",
	"ibgp-node1", "ibgp-node4", "ipv6-only-node1",      "mplsoudp-node4",
};

START_TEST(what_we_render_is_taken_once_and_read_back_equal)
{
	_cleanup_free_ char *text = rig_golden(sites[_i]);

	ck_ok(rig_commit(text, 0), rig.err);
	ck_assert(rig_runs(text));
	ck_assert(rig_has("rollback/1"));
	/* Nothing changes: nothing is committed. */
	ck_ok(rig_commit(text, 0), rig.err);
	ck_assert(!rig_has("rollback/2"));
}
END_TEST

START_TEST(the_rest_of_the_router_is_left_alone)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_free_ char *left = NULL;
	char chunk[256] = "";
	char path[128];
	FILE *file;

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig.port->remove(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
	left = rig_running();
	ck_assert_str_eq(left, "");
	snprintf(path, sizeof(path), "%s/juniper.conf", rig.dir);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(chunk, 1, sizeof(chunk) - 1, file), 0);
	fclose(file);
	ck_assert_ptr_nonnull(strstr(chunk, "host-name node1;"));
	ck_assert_ptr_null(strstr(chunk, "hbr"));
	/* Once more, on nothing. */
	ck_ok(rig.port->remove(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
}
END_TEST

START_TEST(an_undo_gets_back_to_nothing)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_free_ char *before = rig_running();

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig_commit(before, 0), rig.err);
	ck_assert(rig_runs(before));
}
END_TEST

/* In place of "hold-time 9;". */
static const char *const wrong[] = { "hold-tyme 9;", "export HBR-MISSING;" };

START_TEST(what_junos_refuses_changes_nothing)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_buf_ struct buf bad = BUF_INIT;
	char *at = strstr(text, "hold-time 9;");

	ck_assert_ptr_nonnull(at);
	buf_put(&bad, text, (size_t)(at - text));
	buf_puts(&bad, wrong[_i]);
	buf_puts(&bad, at + strlen("hold-time 9;"));
	ck_assert_int_eq(rig.port->check(rig.port->self, &rig.call, "crpd", bad.data, &rig.err),
	                 HBR_EROUTER);
	ck_assert_int_eq(rig_commit(bad.data, 0), HBR_EROUTER);
	ck_assert(!rig_has("rollback/1"));
	ck_assert(rig_runs(""));
	/* Neither the lock nor the candidate is left. */
	ck_ok(rig_commit(text, 0), rig.err);
	ck_assert(rig_runs(text));
}
END_TEST

START_TEST(who_holds_the_lock_is_named)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	const struct xml_node *reply;
	struct netconf other;
	hbr_stream *stream;

	ck_ok(rig_stream(NULL, &rig.call, "crpd", NULL, &stream, &rig.err), rig.err);
	ck_ok(netconf_open(stream, &rig.call, &other, &rig.err), rig.err);
	ck_ok(netconf_rpc(&other, "locking", "<lock-configuration/>", &reply, &rig.err),
	      rig.err);
	ck_assert_int_eq(rig_commit(text, 0), HBR_EBUSY);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "root terminal p0 (pid "));
	netconf_close(&other);
	ck_ok(rig_commit(text, 0), rig.err);
}
END_TEST

/* Waits until what runs is the text, or the time is over. */
static bool comes_to_run(const char *text, int ms)
{
	for (; ms > 0; ms -= 20) {
		if (rig_runs(text))
			return true;
		poll(NULL, 0, 20);
	}
	return false;
}

START_TEST(what_nobody_confirms_is_taken_back)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_free_ char *other = rig_golden("crpd-node4");

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig_commit(other, 1), rig.err);
	ck_assert(rig_runs(other));
	ck_assert(comes_to_run(text, 10 * RIG_MINUTE_MS));
}
END_TEST

START_TEST(what_is_confirmed_stays)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");

	ck_ok(rig_commit(text, 1), rig.err);
	ck_ok(rig.port->confirm(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
	ck_assert(!comes_to_run("", 2 * RIG_MINUTE_MS));
	ck_assert(rig_runs(text));
}
END_TEST

START_TEST(a_confirmation_that_comes_too_late_commits_nothing)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_free_ char *other = rig_golden("crpd-node4");

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig_commit(other, 1), rig.err);
	ck_assert(comes_to_run(text, 10 * RIG_MINUTE_MS));
	ck_assert(rig_has("rollback/3"));
	ck_ok(rig.port->confirm(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
	ck_assert(rig_runs(text));
	ck_assert(!rig_has("rollback/4"));
}
END_TEST

START_TEST(what_is_discarded_is_as_before_and_waits_no_more)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	_cleanup_free_ char *other = rig_golden("crpd-node4");

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig_commit(other, 1), rig.err);
	ck_ok(rig.port->discard(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
	ck_assert(rig_runs(text));
	ck_assert(!rig_has("confirm"));
	/* Once more there is nothing that waits: what was confirmed is not taken back. */
	ck_ok(rig.port->discard(rig.port->self, &rig.call, "crpd", &rig.err), rig.err);
	ck_assert(rig_runs(text));
}
END_TEST

struct seen {
	size_t n, idle, explained;
};

static int put_session(void *user, const hbr_session *session)
{
	struct seen *seen = user;

	seen->n++;
	seen->idle += strcmp(session->state, "Idle") == 0;
	seen->explained += strstr(session->reason, "licence") != NULL;
	return 0;
}

START_TEST(a_missing_licence_is_the_reason_of_idle_sessions)
{
	_cleanup_free_ char *text = rig_golden("crpd-node1");
	struct seen seen = { 0 };

	ck_ok(rig_commit(text, 0), rig.err);
	ck_ok(rig.port->sessions(rig.port->self, &rig.call, "crpd", put_session, &seen,
	                         &rig.err),
	      rig.err);
	ck_assert_uint_gt(seen.n, 0);
	ck_assert_uint_eq(seen.idle, seen.n);
	ck_assert_uint_eq(seen.explained, seen.n);
	rig_write("license", "JUNOS000000 key\n");
	seen = (struct seen){ 0 };
	ck_ok(rig.port->sessions(rig.port->self, &rig.call, "crpd", put_session, &seen,
	                         &rig.err),
	      rig.err);
	ck_assert_uint_gt(seen.n, 0);
	ck_assert_uint_eq(seen.idle + seen.explained, 0);
}
END_TEST

HBR_SUITE(crpd_change)
{
	tcase_add_checked_fixture(tcase, rig_setup, rig_teardown);
	tcase_add_loop_test(tcase, what_we_render_is_taken_once_and_read_back_equal, 0,
	                    (int)hbr_count(sites));
	tcase_add_test(tcase, the_rest_of_the_router_is_left_alone);
	tcase_add_test(tcase, an_undo_gets_back_to_nothing);
	tcase_add_loop_test(tcase, what_junos_refuses_changes_nothing, 0,
	                    (int)hbr_count(wrong));
	tcase_add_test(tcase, who_holds_the_lock_is_named);
	tcase_add_test(tcase, what_nobody_confirms_is_taken_back);
	tcase_add_test(tcase, what_is_confirmed_stays);
	tcase_add_test(tcase, a_confirmation_that_comes_too_late_commits_nothing);
	tcase_add_test(tcase, what_is_discarded_is_as_before_and_waits_no_more);
	tcase_add_test(tcase, a_missing_licence_is_the_reason_of_idle_sessions);
}
