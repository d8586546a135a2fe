/* SPDX-License-Identifier: Apache-2.0 */
/* The watch: wakes on a change in any namespace of the node, and drains. */
#include "kernel/world.h"

#include "base/error.h"

#include <poll.h>

static bool wakes(int fd, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, wait_ms) == 1;
}

static int drain(struct world *world)
{
	hbr_error *err = NULL;
	int rc = world->netlink->drain(world->netlink->self, &world->call, &err);

	ck_assert_msg(rc >= 0, "%s", hbr_error_message(err));
	return rc;
}

START_TEST(a_change_wakes_whichever_namespace_it_is_in)
{
	static const char *const places[] = { "", "crpd", "other" };
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;
	int fd;

	world_open(&world);
	world_create(&world, "crpd");
	world_create(&world, "other");
	ck_assert_int_eq(drain(&world), 0);
	ck_ok(world.netlink->watch(world.netlink->self, &world.call, &fd, &err), err);
	ops_new(&ops);
	for (size_t i = 0; i < hbr_count(places); i++) {
		hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

		while (drain(&world))
			;
		ck_assert(!wakes(fd, 0));
		ops_link(&ops, HBR_VERB_CREATE, "lo", lo);
		ops_run(&ops, &world, places[i]);
		ck_assert(wakes(fd, 10000));
		ck_assert_int_eq(drain(&world), 1);
		ck_assert_int_eq(drain(&world), 0);
	}
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_namespace_made_later_is_heard_after_watching_again)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;
	int fd;
	int again;
	hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	world_open(&world);
	ck_ok(world.netlink->watch(world.netlink->self, &world.call, &fd, &err), err);
	world_create(&world, "crpd");
	ck_ok(world.netlink->watch(world.netlink->self, &world.call, &again, &err), err);
	ck_assert_int_eq(again, fd);
	while (drain(&world))
		;
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "lo", lo);
	ops_run(&ops, &world, "crpd");
	ck_assert(wakes(fd, 10000));
	ck_assert_int_eq(drain(&world), 1);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(lost_events_are_told)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;
	int rc;
	int fd;

	world_open(&world);
	world_veth(&world, "", "v0", "", "v1");
	ck_ok(world.netlink->watch(world.netlink->self, &world.call, &fd, &err), err);
	ops_new(&ops);
	/* More than the socket holds: each route is an event. */
	for (int verb = HBR_VERB_CREATE; verb <= HBR_VERB_DELETE;
	     verb += HBR_VERB_DELETE - HBR_VERB_CREATE) {
		for (uint32_t i = 0; i < OPS_MAX; i++) {
			hbr_route *route = ops_route(&ops, verb, "10.0.0.0/32", NULL, NULL);

			route->type = HBR_ROUTE_BLACKHOLE;
			route->to.bytes[2] = (uint8_t)(i >> 8);
			route->to.bytes[3] = (uint8_t)i;
		}
		ops_run(&ops, &world, "");
	}
	rc = world.netlink->drain(world.netlink->self, &world.call, &err);
	ck_assert_int_eq(rc, HBR_ELIMIT);
	hbr_error_free(err);
	ck_assert_int_eq(drain(&world), 0);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_watch)
{
	tcase_add_test(tcase, a_change_wakes_whichever_namespace_it_is_in);
	tcase_add_test(tcase, a_namespace_made_later_is_heard_after_watching_again);
	tcase_add_test(tcase, lost_events_are_told);
}
