/* SPDX-License-Identifier: Apache-2.0 */
/* A whole unit made, made again, and taken back: counts, and nothing left. */
#include "kernel/world.h"

#include "base/error.h"

#include <string.h>

static const struct {
	const char *netns, *link, *addr;
} addrs[] = {
	{ "", "veth-k8s", "10.1.1.1/30" },
	{ "", "veth-k8s", "2001:db8:1::1/126" },
	{ "crpd", "veth-crpd", "10.1.1.2/30" },
	{ "crpd", "veth-crpd", "2001:db8:1::2/126" },
};

static void add_addrs(struct ops *ops, int verb, const char *netns)
{
	for (size_t i = 0; i < hbr_count(addrs); i++) {
		if (!strcmp(addrs[i].netns, netns))
			ops_addr(ops, verb, addrs[i].link, addrs[i].addr);
	}
}

static void make_unit(struct world *world, struct ops *ops)
{
	hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	ops_link(ops, HBR_VERB_CREATE, "lo", lo);
	ops_link(ops, HBR_VERB_CREATE, "veth-crpd", veth("", "veth-k8s"));
	ops_run(ops, world, "crpd");
	ops_link(ops, HBR_VERB_CREATE, "veth-k8s", veth("crpd", "veth-crpd"))->secondary = 1;
	add_addrs(ops, HBR_VERB_CREATE, "");
	ops_route(ops, HBR_VERB_CREATE, "10.1.0.0/21", "10.1.1.2", "veth-k8s");
	ops_route(ops, HBR_VERB_CREATE, "2001:db8::/45", "2001:db8:1::2", "veth-k8s");
	ops_run(ops, world, "");
	add_addrs(ops, HBR_VERB_CREATE, "crpd");
	ops_run(ops, world, "crpd");
}

static void assert_same(hbr_state *a, hbr_state *b)
{
	ck_assert_uint_eq(hbr_state_count(a), hbr_state_count(b));
	for (size_t i = 0; hbr_state_at(a, i); i++)
		ck_assert_int_eq(resource_cmp(hbr_state_at(a, i), hbr_state_at(b, i)), 0);
}

START_TEST(a_unit_takes_at_most_three_sends_a_namespace)
{
	struct world world;
	struct ops ops;
	uint64_t messages;
	uint64_t sends;

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	make_unit(&world, &ops);
	world.netlink->count(world.netlink->self, &messages, &sends);
	ck_assert_uint_le(sends, 3);
	/* lo; the pair, its mark; the other end; four addresses; two routes. */
	ck_assert_uint_eq(messages, 10);
	world_agree(&world, "");
	world_agree(&world, "crpd");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(nothing_to_do_sends_nothing)
{
	struct world world;
	struct ops ops;
	uint64_t messages;
	uint64_t sends;

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	ops_run(&ops, &world, "crpd");
	hbr_state_free(world_dump(&world, ""));
	hbr_state_free(world_dump(&world, "crpd"));
	world.netlink->count(world.netlink->self, &messages, &sends);
	ck_assert_uint_eq(messages, 0);
	ck_assert_uint_eq(sends, 0);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(what_was_made_is_taken_back_and_nothing_is_left)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	hbr_state *host = world_dump(&world, "");
	hbr_state *crpd = world_dump(&world, "crpd");
	for (int round = 0; round < 2; round++) {
		make_unit(&world, &ops);
		ops_route(&ops, HBR_VERB_DELETE, "2001:db8::/45", "2001:db8:1::2", "veth-k8s");
		ops_route(&ops, HBR_VERB_DELETE, "10.1.0.0/21", "10.1.1.2", "veth-k8s");
		add_addrs(&ops, HBR_VERB_DELETE, "");
		ops_link(&ops, HBR_VERB_DELETE, "veth-k8s", veth("crpd", "veth-crpd"))
			->secondary = 1;
		ops_run(&ops, &world, "");
		hbr_link up = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };
		add_addrs(&ops, HBR_VERB_DELETE, "crpd");
		ops_link(&ops, HBR_VERB_DELETE, "veth-crpd", veth("", "veth-k8s"));
		hbr_link *lo = ops_link(&ops, HBR_VERB_CHANGE, "lo", up);
		ops_before(&ops, &up);
		lo->up = 0;
		ops_run(&ops, &world, "crpd");
		hbr_state *now = world_dump(&world, "");
		assert_same(host, now);
		hbr_state_free(now);
		now = world_dump(&world, "crpd");
		/* Loopback addresses stay on a loopback that is down. */
		ck_assert_ptr_null(world_link(&world, "crpd", "veth-crpd"));
		ck_assert_uint_eq(world_link(&world, "crpd", "lo")->up, 0);
		hbr_state_free(now);
	}
	hbr_state_free(host);
	hbr_state_free(crpd);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_namespace_that_is_removed_takes_its_unit_with_it)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	world_open(&world);
	ops_new(&ops);
	for (int round = 0; round < 3; round++) {
		world_create(&world, "crpd");
		make_unit(&world, &ops);
		ops_link(&ops, HBR_VERB_DELETE, "veth-k8s", veth("crpd", "veth-crpd"));
		ops_run(&ops, &world, "");
		ck_ok(world.netns->remove(world.netns->self, &world.call, "crpd", &err), err);
		ck_assert_ptr_null(world_link(&world, "", "veth-k8s"));
	}
	ops_free(&ops);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_undo)
{
	tcase_add_test(tcase, a_unit_takes_at_most_three_sends_a_namespace);
	tcase_add_test(tcase, nothing_to_do_sends_nothing);
	tcase_add_test(tcase, what_was_made_is_taken_back_and_nothing_is_left);
	tcase_add_test(tcase, a_namespace_that_is_removed_takes_its_unit_with_it);
}
