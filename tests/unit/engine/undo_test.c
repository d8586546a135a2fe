/* SPDX-License-Identifier: Apache-2.0 */
/* Failing, cancelled and abandoned applies: the world is as before, or the error says what is left. */
#include "unit/engine/kit.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static bool baseline_exists(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/baseline", kit.state_dir);
	return access(path, F_OK) == 0;
}

/* What is done to the world before the plan that is to fail. */
static void start_fresh(void)
{
}

static void start_applied(void)
{
	kit_apply(&kit, 0);
}

/* A pair of the same name, ours, that must be made again: its MTU is right, its peer is not. */
static void start_replaced(void)
{
	hbr_link body = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK,
		          .type = HBR_LINK_VETH,
		          .peer_netns = "crpd",
		          .peer = "other",
		          .up = 1,
		          .mark = "hbr:site/node1/veth" };
	hbr_resource link = { .size = sizeof(link),
		              .kind = HBR_KIND_LINK,
		              .netns = "crpd",
		              .name = "veth-crpd",
		              .body = &body };

	kit_apply(&kit, 0);
	ck_assert_int_eq(world_edit(kit.world, "crpd", HBR_VERB_DELETE, &link), 0);
	ck_assert_int_eq(world_edit(kit.world, "crpd", HBR_VERB_CREATE, &link), 0);
	world_link_up(kit.world, "crpd", "other", true);
	world_addr(kit.world, HBR_VERB_CREATE, "crpd", "veth-crpd", "10.9.9.1/24");
	world_route(kit.world, HBR_VERB_CREATE, "crpd", "10.10.0.0/16", "10.9.9.2",
	            "veth-crpd");
}

static void start_drifted(void)
{
	kit_apply(&kit, 0);
	world_link_up(kit.world, "", "veth-k8s", false);
	world_sysctl(kit.world, "crpd", "net/ipv4/ip_forward", "0");
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "theirs\n");
	world_addr(kit.world, HBR_VERB_DELETE, "crpd", "ens4", "192.168.1.101/24");
}

/* The router's end of the pair gets another name: the host's is made again, with all that is on it. */
static void start_renamed(void)
{
	hbr_state *state = NULL;

	kit_apply(&kit, 0);
	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		hbr_resource row = *hbr_state_at(kit.wanted, i);
		hbr_link link;

		if (row.kind == HBR_KIND_LINK && strcmp(row.name, "veth-k8s") == 0) {
			link = *(const hbr_link *)row.body;
			link.peer = "other-end";
			row.body = &link;
		}
		if (row.name && strcmp(row.name, "veth-crpd") == 0)
			row.name = "other-end";
		ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	}
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

/* The pair gets other IPv4 addresses; where the old ones go, the routes over them go first. */
static void start_renumbered(void)
{
	hbr_state *state = NULL;

	kit_apply(&kit, 0);
	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		const hbr_resource *row = hbr_state_at(kit.wanted, i);
		const hbr_ifaddr *ifaddr = row->body;
		const hbr_route *route = row->body;

		if (row->kind == HBR_KIND_ADDR && ifaddr->addr.family == 4 &&
		    strncmp(row->name, "veth", 4) == 0)
			continue;
		if (row->kind == HBR_KIND_ROUTE && route->to.family == 4)
			continue;
		ck_ok(hbr_state_put(state, row, &kit.err), kit.err);
	}
	kit_put_addr(state, "crpd", "veth-crpd", "10.1.9.2/30");
	kit_put_addr(state, "", "veth-k8s", "10.1.9.1/30");
	kit_put_route(state, "", "10.1.0.0/21", "10.1.9.2", "veth-k8s");
	hbr_state_free(kit.wanted);
	kit.wanted = state;
	/* Somebody else's over ours. */
	world_route(kit.world, HBR_VERB_CREATE, "", "172.16.0.0/12", "10.1.1.2",
	            "veth-k8s");
}

/* The router's end in a VRF of that name and table. */
static void want_vrf(const char *name, uint32_t table)
{
	hbr_link vrf = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_TABLE | HBR_LINK_HAS_MARK,
		         .type = HBR_LINK_VRF,
		         .table = table,
		         .up = 1,
		         .mark = "hbr:site/node1/vrf" };
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		hbr_resource row = *hbr_state_at(kit.wanted, i);
		hbr_link link;

		if (row.kind == HBR_KIND_LINK && strcmp(row.name, "veth-crpd") == 0) {
			link = *(const hbr_link *)row.body;
			link.has |= HBR_LINK_HAS_MASTER;
			link.master = name;
			row.body = &link;
		}
		if (row.kind != HBR_KIND_LINK || strncmp(row.name, "vrf-", 4) != 0)
			ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	}
	kit_put(state, HBR_KIND_LINK, "crpd", name, &vrf);
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

/* A VRF that is made again loses its ports, until they are put back. */
static void start_another_table(void)
{
	want_vrf("vrf-a", 10);
	kit_apply(&kit, 0);
	want_vrf("vrf-a", 11);
}

/* So does one that goes before there is another. */
static void start_another_vrf(void)
{
	want_vrf("vrf-a", 10);
	kit_apply(&kit, 0);
	/* Something to be done in between. */
	world_sysctl(kit.world, "crpd", "net/ipv4/ip_forward", "0");
	want_vrf("vrf-b", 10);
}

/* Another NIC is taken, and the first one given back with all that it had. */
static void start_another_nic(void)
{
	hbr_state *state = NULL;

	world_nic(kit.world, "", "ens5", 1400);
	world_link_up(kit.world, "", "ens5", true);
	world_addr(kit.world, HBR_VERB_CREATE, "", "ens5", "172.30.0.1/24");
	world_route(kit.world, HBR_VERB_CREATE, "", "172.31.0.0/16", "172.30.0.9", NULL);
	kit_apply(&kit, 0);
	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		hbr_resource row = *hbr_state_at(kit.wanted, i);

		if (row.name && strcmp(row.name, "ens4") == 0)
			row.name = "ens5";
		ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	}
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

/* Nothing but a few settings of what is there. */
static void start_retuned(void)
{
	hbr_state *state = NULL;

	kit_apply(&kit, 0);
	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		hbr_resource row = *hbr_state_at(kit.wanted, i);
		hbr_link link;

		if (row.kind == HBR_KIND_LINK && row.netns[0] == 0) {
			link = *(const hbr_link *)row.body;
			link.mtu = 1300;
			link.up = 0;
			row.body = &link;
		}
		if (row.kind == HBR_KIND_ROUTE || row.kind == HBR_KIND_CONFIG)
			continue;
		ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	}
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

static const struct {
	const char *what;
	void (*start)(void);
	uint32_t flags;
} cases[] = {
	{ "install", start_fresh, 0 },
	{ "remove", start_applied, HBR_PLAN_REMOVE },
	{ "replace", start_replaced, HBR_PLAN_ADOPT },
	{ "mend", start_drifted, 0 },
	{ "rename", start_renamed, 0 },
	{ "succeed", start_renamed, HBR_PLAN_PRUNE },
	{ "renumber", start_renumbered, HBR_PLAN_PRUNE },
	{ "nic", start_another_nic, HBR_PLAN_PRUNE },
	{ "retune", start_retuned, 0 },
	{ "retuned", start_retuned, HBR_PLAN_PRUNE },
	{ "table", start_another_table, 0 },
	{ "vrf", start_another_vrf, HBR_PLAN_PRUNE },
};

/* A world of its own for each point of failure. */
static void begin(size_t which)
{
	kit_teardown(&kit);
	kit_setup(&kit);
	cases[which].start();
	free(kit.start);
	kit.start = world_dump(kit.world);
	world_calm(kit.world);
}

/* A row of the fault matrix. */
static void show(size_t which, uint64_t calls, uint64_t clean)
{
	printf("fault matrix: %-8s %4d port calls failed, %4d times all was undone, "
	       "%4d times it was said what is left\n",
	       cases[which].what, (int)calls, (int)clean, (int)(calls - clean));
	fflush(stdout);
}

START_TEST(a_failing_call_leaves_the_world_as_it_was)
{
	static const int codes[] = { HBR_ESYSTEM, HBR_EPERM, HBR_ETIMEDOUT };
	bool failed = true;
	uint64_t n;

	for (n = 1; failed; n++) {
		int code = codes[n % hbr_count(codes)];
		int rc;

		begin((size_t)_i);
		world_fail_at(kit.world, n, 1, code);
		rc = kit_try(&kit, cases[_i].flags);
		failed = world_failed(kit.world);
		ck_assert_msg(failed ? rc == code : rc == 0, "%s, call %d: %s: %s",
		              cases[_i].what, (int)n, hbr_code_name(rc), kit_message(&kit));
		if (failed)
			kit_is_start(&kit);
		ck_assert_uint_lt(n, 500);
	}
	show((size_t)_i, n - 2, n - 2);
}
END_TEST

/* From the journal, by somebody else later. */
START_TEST(an_undo_of_all_leaves_the_world_as_it_was)
{
	hbr_run *run = NULL;
	hbr_event event = { .size = sizeof(event) };
	int rc;

	begin((size_t)_i);
	ck_ok(kit_try(&kit, cases[_i].flags), kit.err);
	ck_ok(hbr_undo(kit.ctx, NULL, &run, &kit.err), kit.err);
	while ((rc = hbr_run_next(run, &event, &kit.err)) == 1)
		continue;
	ck_ok(rc, kit.err);
	hbr_run_free(run);
	kit_is_start(&kit);
}
END_TEST

/* Every key that the error names, and nothing else, is not as it was: counted by lines. */
static bool world_is_start(void)
{
	char *now = world_dump(kit.world);
	bool same = strcmp(now, kit.start) == 0;

	free(now);
	return same;
}

START_TEST(a_failing_undo_says_what_is_left)
{
	bool failed = true;
	uint64_t clean = 0;
	uint64_t n;

	for (n = 1; failed; n++) {
		int rc;

		begin((size_t)_i);
		world_fail_at(kit.world, n, 3, HBR_ESYSTEM);
		rc = kit_try(&kit, cases[_i].flags);
		failed = world_failed(kit.world);
		if (!failed) {
			ck_assert_int_eq(rc, 0);
			break;
		}
		ck_assert_int_lt(rc, 0);
		if (world_is_start()) {
			clean++;
		} else {
			ck_assert_msg(rc == HBR_EROLLBACK, "%s, call %d: %s", cases[_i].what,
			              (int)n, kit_message(&kit));
			ck_assert_ptr_nonnull(strstr(kit_message(&kit), "could be undone"));
		}
		ck_assert_uint_lt(n, 500);
	}
	show((size_t)_i, n - 1, clean);
}
END_TEST

/* What stays behind is known to be ours: a removal takes it away. */
START_TEST(what_is_left_can_be_removed)
{
	bool failed = true;

	for (uint64_t n = 1; failed; n++) {
		begin(0);
		world_fail_at(kit.world, n, 3, HBR_ESYSTEM);
		kit_try(&kit, 0);
		failed = world_failed(kit.world);
		world_calm(kit.world);
		if (!failed)
			break;
		ck_assert_msg(kit_try(&kit, HBR_PLAN_REMOVE) == 0, "call %d: %s", (int)n,
		              kit_message(&kit));

		char *now = world_dump(kit.world);
		ck_assert_msg(!strstr(now, "crpd") && !strstr(now, "veth-k8s") &&
		                      !strstr(now, "hbr:"),
		              "call %d: %s", (int)n, now);
		free(now);
	}
}
END_TEST

START_TEST(a_dead_world_is_told_as_such)
{
	int rc = -1;

	for (uint64_t n = 1; rc < 0; n++) {
		begin(0);
		world_die_at(kit.world, n);
		rc = kit_try(&kit, 0);
		if (rc < 0 && !world_is_start())
			ck_assert_int_eq(rc, HBR_EROLLBACK);
	}
}
END_TEST

/* A state of one route whose gateway nobody has. */
static hbr_state *unroutable(void)
{
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	kit_put(state, HBR_KIND_NETNS, NULL, "blue", NULL);
	kit_put_route(state, "", "10.77.0.0/16", "10.66.0.1", NULL);
	return state;
}

START_TEST(the_error_says_what_failed_and_that_all_was_undone)
{
	hbr_state *state = unroutable();
	hbr_plan *plan = kit_plan(&kit, state, 0);

	ck_assert_int_eq(kit_run(&kit, plan), HBR_ESYSTEM);
	ck_assert_str_eq(kit_message(&kit),
	                 "everything was undone: route:/10.77.0.0/16 could not be created: "
	                 "Nexthop has invalid gateway: Network is unreachable");
	ck_assert_str_eq(hbr_error_path(kit.err), "route:/10.77.0.0/16");
	ck_assert_int_eq(hbr_error_system(kit.err), ENETUNREACH);
	ck_assert_ptr_nonnull(hbr_error_hint(kit.err));
	kit_is_start(&kit);
	hbr_plan_free(plan);
	hbr_state_free(state);
}
END_TEST

START_TEST(an_undone_apply_leaves_no_baseline)
{
	hbr_state *state = unroutable();
	hbr_plan *plan = kit_plan(&kit, state, 0);

	kit_run(&kit, plan);
	ck_assert(!baseline_exists());
	hbr_plan_free(plan);
	hbr_state_free(state);
}
END_TEST

/* The stage of a test that makes a thing of the same name just before the step does. */
static void take_name(void *user)
{
	(void)user;
	ck_assert_int_eq(world_netns_add(kit.world, "crpd"), 0);
}

START_TEST(what_somebody_else_made_meanwhile_is_not_undone)
{
	hbr_plan *plan = kit_plan(&kit, kit.wanted, 0);
	uint64_t n = 1;
	int rc;

	/* The first call that makes the namespace: found by counting. */
	world_calm(kit.world);
	world_fail_at(kit.world, 1000000, 1, HBR_ESYSTEM);
	while (world_calls(kit.world, "netns.create") == 0) {
		kit_teardown(&kit);
		kit_setup(&kit);
		world_calm(kit.world);
		world_die_at(kit.world, ++n);
		kit_run(&kit, plan);
	}
	kit_teardown(&kit);
	kit_setup(&kit);
	world_calm(kit.world);
	world_at(kit.world, n, take_name, NULL);
	rc = kit_run(&kit, plan);
	ck_assert_int_eq(rc, HBR_EEXIST);

	char *now = world_dump(kit.world);
	ck_assert_ptr_nonnull(strstr(now, "netns crpd"));
	free(now);
	hbr_plan_free(plan);
}
END_TEST

HBR_SUITE(undo)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_failing_call_leaves_the_world_as_it_was, 0,
	                    hbr_count(cases));
	tcase_add_loop_test(tcase, an_undo_of_all_leaves_the_world_as_it_was, 0,
	                    hbr_count(cases));
	tcase_add_loop_test(tcase, a_failing_undo_says_what_is_left, 0, hbr_count(cases));
	tcase_add_test(tcase, what_is_left_can_be_removed);
	tcase_add_test(tcase, a_dead_world_is_told_as_such);
	tcase_add_test(tcase, the_error_says_what_failed_and_that_all_was_undone);
	tcase_add_test(tcase, an_undone_apply_leaves_no_baseline);
	tcase_add_test(tcase, what_somebody_else_made_meanwhile_is_not_undone);
}
