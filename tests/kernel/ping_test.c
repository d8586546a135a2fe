/* SPDX-License-Identifier: Apache-2.0 */
/* Echo requests from inside namespaces. */
#include "kernel/world.h"

#include "base/error.h"
#include "port/ping.h"

#include <time.h>
#include <unistd.h>

static void open_pair(struct world *world)
{
	struct ops ops;

	world_open(world);
	world_create(world, "crpd");
	world_veth(world, "crpd", "v1", "", "v0");
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.1/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.5/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "2001:db8:1::1/126");
	ops_run(&ops, world, "");
	ops_addr(&ops, HBR_VERB_CREATE, "v1", "10.1.1.2/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v1", "2001:db8:1::2/126");
	ops_run(&ops, world, "crpd");
	ops_free(&ops);

	/*
	 * The kernel sends nothing before it has seen to the carrier, which waits for its lock.
	 */
	hbr_error *err = NULL;
	struct ping_probe probes[] = {
		{ .netns = "crpd", .to = addr_of("10.1.1.1") },
		{ .netns = "", .to = addr_of("2001:db8:1::2") },
	};
	ck_ok(ping_run(world->netns, &world->call, probes, hbr_count(probes), 100, 200, &err),
	      err);
	ck_assert(probes[0].answered && probes[1].answered);
}

START_TEST(both_families_answer_and_a_missing_address_does_not)
{
	struct world world;
	hbr_error *err = NULL;

	open_pair(&world);
	struct ping_probe probes[] = {
		{ .netns = "", .to = addr_of("10.1.1.2") },
		{ .netns = "", .to = addr_of("2001:db8:1::2") },
		{ .netns = "crpd", .to = addr_of("10.1.1.1"), .from = addr_of("10.1.1.2") },
		{ .netns = "crpd",
		  .to = addr_of("2001:db8:1::1"),
		  .from = addr_of("2001:db8:1::2") },
		{ .netns = "crpd", .to = addr_of("192.0.2.1") },
		{ .netns = "crpd", .to = addr_of("10.1.1.1"), .from = addr_of("192.0.2.9") },
	};
	ck_ok(ping_run(world.netns, &world.call, probes, hbr_count(probes), 3, 500, &err), err);
	for (size_t i = 0; i < hbr_count(probes); i++)
		ck_assert_msg(probes[i].answered == (i < 4), "probe %zu: answered %u", i,
			      probes[i].answered);
	ck_assert_uint_lt(probes[0].rtt_us, 1000000);
	world_close(&world);
}
END_TEST

START_TEST(many_at_once_are_told_apart)
{
	enum { COUNT = 300 };
	struct world world;
	struct ping_probe probes[COUNT];
	hbr_error *err = NULL;

	open_pair(&world);
	for (size_t i = 0; i < COUNT; i++)
		probes[i] = (struct ping_probe){
			.netns = "crpd",
			.to = addr_of(i % 3 ? "10.1.1.1" : "192.0.2.1"),
		};
	/* Each try waits in vain for the third that cannot answer. */
	ck_ok(ping_run(world.netns, &world.call, probes, COUNT, 3, 100, &err), err);
	for (size_t i = 0; i < COUNT; i++)
		ck_assert_uint_eq(probes[i].answered, i % 3 != 0);
	world_close(&world);
}
END_TEST

START_TEST(a_ping_ends_when_it_is_cancelled)
{
	struct world world;
	int cancel[2];

	open_pair(&world);
	ck_assert_int_eq(pipe(cancel), 0);
	ck_assert_int_eq(write(cancel[1], "x", 1), 1);
	hbr_call call = { .cancel_fd = cancel[0] };
	struct ping_probe probe = { .netns = "", .to = addr_of("10.1.1.6") };
	ck_assert_int_eq(ping_run(world.netns, &call, &probe, 1, 1, 60000, NULL),
			 HBR_ECANCELED);
	close(cancel[0]);
	close(cancel[1]);
	world_close(&world);
}
END_TEST

START_TEST(a_ping_across_families_is_refused)
{
	struct world world;

	world_open(&world);
	struct ping_probe probe = { .netns = "",
				    .to = addr_of("10.1.1.6"),
				    .from = addr_of("::1") };
	ck_assert_int_eq(ping_run(world.netns, &world.call, &probe, 1, 1, 100, NULL),
			 HBR_EINVAL);
	probe = (struct ping_probe){ .netns = "nowhere", .to = addr_of("10.1.1.6") };
	ck_assert_int_eq(ping_run(world.netns, &world.call, &probe, 1, 1, 100, NULL),
			 HBR_ENOENT);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_ping)
{
	tcase_add_test(tcase, both_families_answer_and_a_missing_address_does_not);
	tcase_add_test(tcase, many_at_once_are_told_apart);
	tcase_add_test(tcase, a_ping_ends_when_it_is_cancelled);
	tcase_add_test(tcase, a_ping_across_families_is_refused);
}
