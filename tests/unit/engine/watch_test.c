/* SPDX-License-Identifier: Apache-2.0 */
/* A watch on the fake machine: what is told, what is repaired, and what is left alone. */
#include "unit/engine/kit.h"

#include "base/file.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 64
#define PATIENCE_MS 150 /* much longer than the calm after an event */

static struct kit kit;
static hbr_watch *watch;

struct line {
	int32_t what, code;
	char key[96], message[192];
};

static struct line told[TOLD_MAX];
static size_t n_told;

static void setup(void)
{
	kit_setup(&kit);
	kit_apply(&kit, 0);
	world_calm(kit.world);
	watch = NULL;
}

static void teardown(void)
{
	hbr_watch_free(watch);
	kit_teardown(&kit);
}

static void start(uint32_t flags, int32_t max_grade, uint32_t budget)
{
	hbr_watch_opts opts = {
		.size = sizeof(opts), .flags = flags, .max_grade = max_grade, .budget = budget
	};

	ck_ok(hbr_watch_new(kit.ctx, kit.wanted, &opts, &watch, &kit.err), kit.err);
}

/* Waits until nothing is told any more. */
static void listen(void)
{
	struct pollfd wait = { .fd = hbr_watch_fd(watch), .events = POLLIN };
	hbr_event event = { .size = sizeof(event) };
	int rc = 0;

	n_told = 0;
	while (poll(&wait, 1, PATIENCE_MS) > 0) {
		while ((rc = hbr_watch_next(watch, &event, &kit.err)) > 0) {
			struct line *line = &told[n_told++];

			ck_assert_uint_lt(n_told, TOLD_MAX);
			line->what = event.what;
			line->code = event.code;
			snprintf(line->key, sizeof(line->key), "%s",
			         event.key ? event.key : "");
			snprintf(line->message, sizeof(line->message), "%s", event.message);
		}
		ck_ok(rc, kit.err);
	}
}

static size_t count(int32_t what, int32_t code)
{
	size_t n = 0;

	for (size_t i = 0; i < n_told; i++)
		n += told[i].what == what && told[i].code == code;
	return n;
}

static const struct line *about(int32_t what, const char *key)
{
	for (size_t i = 0; i < n_told; i++) {
		if (told[i].what == what && strcmp(told[i].key, key) == 0)
			return &told[i];
	}
	ck_abort_msg("no event %d of %s among %zu", what, key, n_told);
	return NULL;
}

static void break_route(void)
{
	ck_assert_int_eq(world_route(kit.world, HBR_VERB_DELETE, "", "10.1.0.0/21", "10.1.1.2",
	                             "veth-k8s"),
	                 0);
}

START_TEST(a_machine_that_is_as_wanted_is_silent)
{
	start(HBR_WATCH_REPAIR, 0, 0);
	listen();
	ck_assert_uint_eq(n_told, 0);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

START_TEST(drift_is_told_once)
{
	start(0, 0, 0);
	listen();
	break_route();
	listen();
	ck_assert_uint_eq(n_told, 1);
	ck_assert_str_eq(about(HBR_EVENT_DRIFT, "route:/10.1.0.0/21")->message, "is missing");
	world_sysctl(kit.world, "", "net/ipv4/conf/all/other", "1");
	world_link_up(kit.world, "", "veth-k8s", true);
	listen();
	ck_assert_uint_eq(n_told, 0);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

START_TEST(what_is_wrong_before_the_first_look_is_drift)
{
	break_route();
	start(0, 0, 0);
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 1);
}
END_TEST

START_TEST(drift_names_both_values)
{
	hbr_link link = { .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_VETH, .mtu = 1300 };
	hbr_resource veth = { .size = sizeof(veth),
		              .kind = HBR_KIND_LINK,
		              .netns = "",
		              .name = "veth-k8s",
		              .body = &link };

	start(0, 0, 0);
	listen();
	ck_assert_int_eq(world_edit(kit.world, "", HBR_VERB_CHANGE, &veth), 0);
	listen();
	ck_assert_str_eq(about(HBR_EVENT_DRIFT, "link:/veth-k8s")->message,
	                 "mtu is 1300, not 1500");
}
END_TEST

START_TEST(drift_that_goes_by_itself_is_noted)
{
	start(0, 0, 0);
	world_addr(kit.world, HBR_VERB_DELETE, "crpd", "ens4", "192.168.1.101/24");
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 1);
	world_addr(kit.world, HBR_VERB_CREATE, "crpd", "ens4", "192.168.1.101/24");
	listen();
	about(HBR_EVENT_NOTE, "addr:crpd/ens4/192.168.1.101/24");
	ck_assert_uint_eq(n_told, 1);
}
END_TEST

START_TEST(a_repair_brings_back_what_was_and_says_so)
{
	char *good = world_dump(kit.world);

	start(HBR_WATCH_REPAIR, HBR_GRADE_TRAFFIC, 0);
	listen();
	break_route();
	world_router_kill(kit.world, "crpd");
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 2);
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, 0), 2);
	ck_assert_uint_eq(n_told, 4);
	kit_is(&kit, good);
	free(good);
}
END_TEST

START_TEST(a_repair_leaves_the_apply_to_be_undone)
{
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	int rc;

	start(HBR_WATCH_REPAIR, HBR_GRADE_TRAFFIC, 0);
	listen();
	break_route();
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, 0), 1);
	ck_ok(hbr_undo(kit.ctx, NULL, &run, &kit.err), kit.err);
	while ((rc = hbr_run_next(run, &event, &kit.err)) > 0)
		continue;
	ck_ok(rc, kit.err);
	hbr_run_free(run);
	kit_is_start(&kit);
}
END_TEST

/* The guard is gone, or there never was one. */
START_TEST(a_watch_that_repairs_takes_back_what_nobody_confirmed)
{
	hbr_transaction last = { .size = sizeof(last) };
	hbr_event event = { .size = sizeof(event) };
	hbr_run_opts opts = { .size = sizeof(opts),
		              .max_grade = HBR_GRADE_IRREVERSIBLE,
		              .confirm_s = 1 };
	hbr_plan *plan = kit_plan(&kit, kit.wanted, HBR_PLAN_REMOVE);
	char *good = world_dump(kit.world);
	hbr_run *run = NULL;
	int rc;

	ck_ok(hbr_apply(kit.ctx, plan, &opts, &run, &kit.err), kit.err);
	while ((rc = hbr_run_next(run, &event, &kit.err)) > 0)
		continue;
	ck_ok(rc, kit.err);
	hbr_run_free(run);
	hbr_plan_free(plan);
	start(HBR_WATCH_REPAIR, HBR_GRADE_HARMLESS, 0);
	for (int i = 0; i < 100 && last.state != HBR_TRANSACTION_UNDONE; i++) {
		listen();
		ck_ok(hbr_last(kit.ctx, &last, &kit.err), kit.err);
	}
	ck_assert_int_eq(last.state, HBR_TRANSACTION_UNDONE);
	kit_is(&kit, good);
	free(good);
}
END_TEST

START_TEST(above_the_grade_it_is_left_alone_and_said_once)
{
	start(HBR_WATCH_REPAIR, HBR_GRADE_HARMLESS, 0);
	listen();
	world_netns_del(kit.world, "crpd");
	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "0");
	listen();
	/* The NIC's move stops traffic; what hangs on it is not tried either. */
	ck_assert_int_eq(about(HBR_EVENT_REPAIR, "link:crpd/ens4")->code, HBR_EDISRUPTIVE);
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, HBR_EDISRUPTIVE), 1);
	about(HBR_EVENT_REPAIR, "sysctl:/net/ipv4/ip_forward");
	about(HBR_EVENT_REPAIR, "netns:crpd");
	world_link_up(kit.world, "", "lo", true);
	listen();
	ck_assert_uint_eq(n_told, 0);
}
END_TEST

START_TEST(a_fight_is_given_up)
{
	start(HBR_WATCH_REPAIR, 0, 1);
	listen();
	break_route();
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, 0), 1);
	break_route();
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 1);
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, HBR_ELIMIT), 1);
	ck_assert_ptr_nonnull(
	        strstr(about(HBR_EVENT_REPAIR, "route:/10.1.0.0/21")->message, "gave up"));
	world_link_up(kit.world, "", "lo", true);
	listen();
	ck_assert_uint_eq(n_told, 0);
}
END_TEST

START_TEST(a_resource_given_up_does_not_keep_others_from_repair)
{
	start(HBR_WATCH_REPAIR, 0, 1);
	listen();
	break_route();
	listen();
	break_route();
	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "0");
	listen();
	ck_assert_int_eq(about(HBR_EVENT_REPAIR, "sysctl:/net/ipv4/ip_forward")->code, 0);
}
END_TEST

START_TEST(what_somebody_put_in_place_of_ours_is_repaired)
{
	char *good = world_dump(kit.world);

	start(HBR_WATCH_REPAIR, HBR_GRADE_TRAFFIC, 0);
	listen();
	break_route();
	world_route(kit.world, HBR_VERB_CREATE, "", "10.1.0.0/21", "10.1.1.3", "veth-k8s");
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, 0), 1);
	kit_is(&kit, good);
	free(good);
}
END_TEST

START_TEST(what_was_never_ours_is_not_taken_over)
{
	hbr_watch_opts opts = { .size = sizeof(opts),
		                .flags = HBR_WATCH_REPAIR,
		                .max_grade = HBR_GRADE_TRAFFIC };
	hbr_state *wanted = NULL;

	world_route(kit.world, HBR_VERB_CREATE, "", "10.9.0.0/16", "10.1.1.3", "veth-k8s");
	ck_ok(hbr_state_new(&wanted, &kit.err), kit.err);
	kit_put_route(wanted, "", "10.9.0.0/16", "10.1.1.2", "veth-k8s");
	ck_ok(hbr_watch_new(kit.ctx, wanted, &opts, &watch, &kit.err), kit.err);
	hbr_state_free(wanted);
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, HBR_ECONFLICT), 1);
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, HBR_ECONFLICT), 1);
	ck_assert_uint_eq(n_told, 2);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

START_TEST(a_failed_repair_is_taken_back_and_told)
{
	char *bad;

	start(HBR_WATCH_REPAIR, 0, 1);
	listen();
	break_route();
	bad = world_dump(kit.world);
	world_calm(kit.world);
	hbr_event event = { .size = sizeof(event) };

	/* The first look, and the drift it finds. */
	do {
		poll(&(struct pollfd){ .fd = hbr_watch_fd(watch), .events = POLLIN }, 1, 1000);
	} while (hbr_watch_next(watch, &event, &kit.err) == 0);
	ck_assert_int_eq(event.what, HBR_EVENT_DRIFT);
	world_fail_at(kit.world, 1, 1000, HBR_EIO);
	while (hbr_watch_next(watch, &event, &kit.err) > 0)
		ck_assert_int_eq(event.code, HBR_EIO);
	world_calm(kit.world);
	kit_is(&kit, bad);
	free(bad);
}
END_TEST

START_TEST(while_somebody_applies_nothing_is_told)
{
	_cleanup_close_ int lock = -1;
	char path[128];

	snprintf(path, sizeof(path), "%s/lock", kit.state_dir);
	ck_ok(file_lock(path, 0, -1, &lock, &kit.err), kit.err);
	start(HBR_WATCH_REPAIR, 0, 0);
	break_route();

	hbr_event event = { .size = sizeof(event) };

	ck_assert_int_eq(hbr_watch_next(watch, &event, &kit.err), 0);
	ck_assert_int_eq(hbr_watch_next(watch, &event, &kit.err), 0);
	file_unlock(lock);
	lock = -1;
	poll(&(struct pollfd){ .fd = hbr_watch_fd(watch), .events = POLLIN }, 1, 5000);
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_REPAIR, 0), 1);
}
END_TEST

START_TEST(lost_events_lead_to_a_look)
{
	start(0, 0, 0);
	listen();
	break_route();
	/* Draining is the first thing that is done. */
	world_fail_at(kit.world, 1, 1, HBR_ELIMIT);
	listen();
	ck_assert(world_failed(kit.world));
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 1);
}
END_TEST

START_TEST(what_it_cannot_look_at_is_an_error_and_it_goes_on)
{
	hbr_event event = { .size = sizeof(event) };

	start(0, 0, 0);
	world_fail_at(kit.world, 3, 1, HBR_EIO);
	ck_assert_int_eq(hbr_watch_next(watch, &event, &kit.err), HBR_EIO);
	kit_forget(&kit);
	break_route();
	listen();
	ck_assert_uint_eq(count(HBR_EVENT_DRIFT, 0), 1);
}
END_TEST

/* The first look fails before anything is listened to: only the clock is left to try again. */
static const uint32_t sources_of_one_who_repairs[] = { 0, HBR_WATCH_KERNEL };

START_TEST(a_journal_that_cannot_be_read_does_not_end_the_watch)
{
	hbr_watch_opts opts = { .size = sizeof(opts),
		                .flags = HBR_WATCH_REPAIR,
		                .sources = sources_of_one_who_repairs[_i],
		                .every_ms = 10 };
	hbr_event event = { .size = sizeof(event) };
	char journal[96], aside[96];

	snprintf(journal, sizeof(journal), "%s/journal", kit.state_dir);
	snprintf(aside, sizeof(aside), "%s/aside", kit.state_dir);
	ck_assert_int_eq(rename(journal, aside), 0);
	ck_ok(file_replace(journal, "nonsense", 8, 0600, &kit.err), kit.err);
	ck_ok(hbr_watch_new(kit.ctx, kit.wanted, &opts, &watch, &kit.err), kit.err);
	ck_assert_int_eq(hbr_watch_next(watch, &event, &kit.err), HBR_EFORMAT);
	kit_forget(&kit);
	ck_assert_int_eq(rename(aside, journal), 0);
	break_route();
	/* Not listen(): where the timer is a source, it is never silent. */
	for (int tries = 0; event.what != HBR_EVENT_REPAIR; tries++) {
		struct pollfd wait = { .fd = hbr_watch_fd(watch), .events = POLLIN };

		ck_assert_int_lt(tries, 100);
		ck_assert_int_eq(poll(&wait, 1, 100 * PATIENCE_MS), 1);
		ck_assert_int_ge(hbr_watch_next(watch, &event, &kit.err), 0);
	}
	ck_assert_int_eq(event.code, 0);
}
END_TEST

START_TEST(unknown_options_are_refused)
{
	static const hbr_watch_opts bad[] = {
		{ .size = sizeof(bad[0]), .flags = 1U << 30 },
		{ .size = sizeof(bad[0]), .sources = 1U << 30 },
		{ .size = sizeof(bad[0]), .max_grade = 99 },
		{ .size = 1 },
	};

	for (size_t i = 0; i < hbr_count(bad); i++) {
		kit_forget(&kit);
		ck_assert_int_eq(hbr_watch_new(kit.ctx, kit.wanted, &bad[i], &watch, &kit.err),
		                 HBR_EINVAL);
		ck_assert_ptr_null(watch);
	}
	ck_assert_int_eq(hbr_watch_fd(NULL), HBR_EINVAL);
}
END_TEST

HBR_SUITE(watch)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_machine_that_is_as_wanted_is_silent);
	tcase_add_test(tcase, drift_is_told_once);
	tcase_add_test(tcase, what_is_wrong_before_the_first_look_is_drift);
	tcase_add_test(tcase, drift_names_both_values);
	tcase_add_test(tcase, drift_that_goes_by_itself_is_noted);
	tcase_add_test(tcase, a_repair_brings_back_what_was_and_says_so);
	tcase_add_test(tcase, a_repair_leaves_the_apply_to_be_undone);
	tcase_add_test(tcase, a_watch_that_repairs_takes_back_what_nobody_confirmed);
	tcase_add_test(tcase, above_the_grade_it_is_left_alone_and_said_once);
	tcase_add_test(tcase, a_fight_is_given_up);
	tcase_add_test(tcase, a_resource_given_up_does_not_keep_others_from_repair);
	tcase_add_test(tcase, what_somebody_put_in_place_of_ours_is_repaired);
	tcase_add_test(tcase, what_was_never_ours_is_not_taken_over);
	tcase_add_test(tcase, a_failed_repair_is_taken_back_and_told);
	tcase_add_test(tcase, while_somebody_applies_nothing_is_told);
	tcase_add_test(tcase, lost_events_lead_to_a_look);
	tcase_add_test(tcase, what_it_cannot_look_at_is_an_error_and_it_goes_on);
	tcase_add_loop_test(tcase, a_journal_that_cannot_be_read_does_not_end_the_watch, 0,
	                    hbr_count(sources_of_one_who_repairs));
	tcase_add_test(tcase, unknown_options_are_refused);
}
