/* SPDX-License-Identifier: Apache-2.0 */
/* The router's namespace gets another name: the NIC in it moves on, and knows its home all the same. */
#include "unit/engine/kit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define OLD "crpd"
#define NEW "rtr"

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
	kit_apply(&kit, 0);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static const char *renamed(const char *netns)
{
	return netns && strcmp(netns, OLD) == 0 ? NEW : netns;
}

/* The same node with the other name. */
static void rename_netns(void)
{
	hbr_state *state = NULL;

	ck_ok(hbr_state_new(&state, &kit.err), kit.err);
	for (size_t i = 0; i < hbr_state_count(kit.wanted); i++) {
		hbr_resource row = *hbr_state_at(kit.wanted, i);
		hbr_link link;

		row.netns = renamed(row.netns);
		if (row.kind == HBR_KIND_NETNS)
			row.name = renamed(row.name);
		if (row.kind == HBR_KIND_LINK) {
			link = *(const hbr_link *)row.body;
			link.peer_netns = renamed(link.peer_netns);
			row.body = &link;
		}
		ck_ok(hbr_state_put(state, &row, &kit.err), kit.err);
	}
	hbr_state_free(kit.wanted);
	kit.wanted = state;
}

static int undo(void)
{
	hbr_event event = { .size = sizeof(event) };
	hbr_run *run = NULL;
	int rc = hbr_undo(kit.ctx, NULL, &run, &kit.err);

	while (rc >= 0 && (rc = hbr_run_next(run, &event, &kit.err)) == 1)
		continue;
	hbr_run_free(run);
	return rc;
}

static const uint32_t flags[] = { 0, HBR_PLAN_PRUNE };

/* With HBR_PLAN_PRUNE the old one goes: not with the NIC inside. */
START_TEST(the_nic_moves_on_into_the_new_namespace)
{
	rename_netns();
	kit_apply(&kit, flags[_i]);
	ck_assert_uint_eq(kit_apply(&kit, flags[_i]), 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	kit_is_start(&kit);
}
END_TEST

START_TEST(an_undo_moves_it_back)
{
	char *before = world_dump(kit.world);

	rename_netns();
	kit_apply(&kit, flags[_i]);
	ck_ok(undo(), kit.err);
	kit_is(&kit, before);
	free(before);
}
END_TEST

START_TEST(whatever_fails_it_is_where_it_was)
{
	bool failed = true;

	for (uint64_t n = 1; failed; n++) {
		char *before;

		teardown();
		setup();
		before = world_dump(kit.world);
		rename_netns();
		world_calm(kit.world);
		world_fail_at(kit.world, n, 1, HBR_EIO);
		kit_try(&kit, flags[_i]);
		failed = world_failed(kit.world);
		if (failed && hbr_error_code(kit.err) != HBR_EROLLBACK)
			kit_is(&kit, before);
		free(before);
	}
}
END_TEST

HBR_SUITE(rename)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, the_nic_moves_on_into_the_new_namespace, 0,
	                    hbr_count(flags));
	tcase_add_loop_test(tcase, an_undo_moves_it_back, 0, hbr_count(flags));
	tcase_add_loop_test(tcase, whatever_fails_it_is_where_it_was, 0, hbr_count(flags));
}
