/* SPDX-License-Identifier: Apache-2.0 */
/* The double dies, frames wrongly, or says nothing at each exchange: nothing is half done. */
#include "crpd/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wake.h"
#include "lib/test.h"

#define EXCHANGES 7 /* of a commit */
#define COMMIT 6    /* which of them it is */

static const struct {
	const char *fault;
	int64_t wait_ms; /* of the caller */
} faults[] = {
	{ "die-in-reply", 10000 },
	{ "wrong-frame", 10000 },
	{ "no-reply", 300 },
};

/* What it says is true: done when it succeeds, and as before when it does not. */
static void check_outcome(int rc, const char *before, const char *wanted, int at)
{
	if (rc == 0) {
		ck_assert_msg(rig_runs(wanted), "exchange %d: not done", at);
		return;
	}
	ck_assert_msg(strchr(hbr_error_message(rig.err), ':') != NULL, "%s",
	              hbr_error_message(rig.err));
	ck_assert_msg(rig_runs(before), "exchange %d: %s, yet it runs", at,
	              hbr_error_message(rig.err));
}

START_TEST(every_exchange_of_a_commit_may_go_wrong)
{
	_cleanup_free_ char *before = rig_golden("crpd-node1");
	_cleanup_free_ char *wanted = rig_golden("crpd-node4");
	char fault[64];

	for (int at = 1; at <= EXCHANGES; at++) {
		int64_t began;
		int rc;

		ck_ok(rig_commit(before, 0), rig.err);
		snprintf(fault, sizeof(fault), "%s %d\n", faults[_i].fault, at);
		rig_write("fault", fault);
		began = wake_now();
		rig.call.deadline_ns = began + faults[_i].wait_ms * WAKE_MS;
		rc = rig_commit(wanted, 0);
		ck_assert_int_lt(wake_now() - began, (faults[_i].wait_ms + 6000) * WAKE_MS);
		rig_write("fault", NULL);
		rig.call.deadline_ns = wake_now() + 10000 * WAKE_MS;
		printf("%s at exchange %d: %s\n", faults[_i].fault, at,
		       rc == 0 ? "done" : hbr_error_message(rig.err));
		check_outcome(rc, before, wanted, at);
		ck_assert(rc == 0 || at < EXCHANGES);
	}
}
END_TEST

START_TEST(a_refused_commit_is_told_and_leaves_what_ran)
{
	_cleanup_free_ char *before = rig_golden("crpd-node1");
	_cleanup_free_ char *wanted = rig_golden("crpd-node4");

	ck_ok(rig_commit(before, 0), rig.err);
	rig_write("fault", "refuse-commit 1\n");
	ck_assert_int_eq(rig_commit(wanted, 0), HBR_EROUTER);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(rig.err), "disk full"));
	rig_write("fault", NULL);
	ck_assert(rig_runs(before));
	ck_ok(rig_commit(wanted, 0), rig.err);
}
END_TEST

HBR_SUITE(crpd_fault)
{
	tcase_add_checked_fixture(tcase, rig_setup, rig_teardown);
	tcase_add_loop_test(tcase, every_exchange_of_a_commit_may_go_wrong, 0,
	                    (int)hbr_count(faults));
	tcase_add_test(tcase, a_refused_commit_is_told_and_leaves_what_ran);
}
