/* SPDX-License-Identifier: Apache-2.0 */
/* Routes as the netlink port adds, replaces, reads and removes them, one or many. */
#include "kernel/world.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Two ends with addresses of both families: v0 10.1.1.1, v1 (in crpd) 10.1.1.2. */
static void open_pair(struct world *world, struct ops *ops)
{
	world_open(world);
	world_create(world, "crpd");
	world_veth(world, "crpd", "v1", "", "v0");
	ops_new(ops);
	ops_addr(ops, HBR_VERB_CREATE, "v0", "10.1.1.1/30");
	ops_addr(ops, HBR_VERB_CREATE, "v0", "2001:db8:1::1/126");
	ops_run(ops, world, "");
}

START_TEST(routes_of_every_kind_read_back_as_they_were_made)
{
	struct world world;
	struct ops ops;
	char text[64];

	open_pair(&world, &ops);
	ops_route(&ops, HBR_VERB_CREATE, "10.1.0.0/21", "10.1.1.2", "v0");
	ops_route(&ops, HBR_VERB_CREATE, "2001:db8::/45", "2001:db8:1::2", "v0");
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", NULL)->metric = 50;
	ops_route(&ops, HBR_VERB_CREATE, "0.0.0.0/0", "10.1.1.2", "v0");
	ops_route(&ops, HBR_VERB_CREATE, "::/0", "2001:db8:1::2", "v0")->metric = 7;
	ops_route(&ops, HBR_VERB_CREATE, "10.3.0.0/16", NULL, NULL)->type = HBR_ROUTE_BLACKHOLE;
	ops_route(&ops, HBR_VERB_CREATE, "2001:db8:3::/48", NULL, NULL)->type =
		HBR_ROUTE_UNREACHABLE;
	ops_route(&ops, HBR_VERB_CREATE, "10.4.0.0/16", NULL, "v0");
	ops_route(&ops, HBR_VERB_CREATE, "10.5.0.0/16", "2001:db8:1::2", "v0");
	ops_route(&ops, HBR_VERB_CREATE, "10.6.0.0/16", "172.16.0.1", "v0")->onlink = 1;
	ops_run(&ops, &world, "");

	const hbr_route *route = world_route(&world, "", "10.1.0.0/21", 0);
	ck_assert_ptr_nonnull(route);
	ck_assert_str_eq(hbr_addr_format(&route->via, text, sizeof(text)), "10.1.1.2/32");
	ck_assert_str_eq(route->dev, "v0");
	ck_assert_uint_eq(route->protocol, HBR_ROUTE_PROTOCOL);
	ck_assert_uint_eq(route->paths, 1);
	route = world_route(&world, "", "2001:db8::/45", 0);
	ck_assert_str_eq(hbr_addr_format(&route->via, text, sizeof(text)), "2001:db8:1::2/128");
	ck_assert_str_eq(world_route(&world, "", "10.2.0.0/16", 50)->dev, "v0");
	ck_assert_ptr_nonnull(world_route(&world, "", "0.0.0.0/0", 0));
	ck_assert_ptr_nonnull(world_route(&world, "", "::/0", 7));
	route = world_route(&world, "", "10.3.0.0/16", 0);
	ck_assert_int_eq(route->type, HBR_ROUTE_BLACKHOLE);
	ck_assert_ptr_null(route->dev);
	route = world_route(&world, "", "2001:db8:3::/48", 0);
	ck_assert_int_eq(route->type, HBR_ROUTE_UNREACHABLE);
	ck_assert_ptr_null(route->dev);
	ck_assert_str_eq(world_route(&world, "", "10.4.0.0/16", 0)->dev, "v0");
	ck_assert_uint_eq(world_route(&world, "", "10.5.0.0/16", 0)->via.family, 6);
	ck_assert_uint_eq(world_route(&world, "", "10.6.0.0/16", 0)->onlink, 1);
	world_agree(&world, "");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_change_replaces_the_route_of_that_identity)
{
	struct world world;
	struct ops ops;

	open_pair(&world, &ops);
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", NULL, NULL)->type = HBR_ROUTE_BLACKHOLE;
	ops_route(&ops, HBR_VERB_CREATE, "2001:db8:2::/48", NULL, NULL)->type =
		HBR_ROUTE_BLACKHOLE;
	ops_run(&ops, &world, "");
	hbr_route four = *world_route(&world, "", "10.2.0.0/16", 0);
	hbr_route six = *world_route(&world, "", "2001:db8:2::/48", 0);
	ops_route(&ops, HBR_VERB_CHANGE, "10.2.0.0/16", "10.1.1.2", "v0");
	ops_before(&ops, &four);
	ops_route(&ops, HBR_VERB_CHANGE, "2001:db8:2::/48", "2001:db8:1::2", "v0");
	ops_before(&ops, &six);
	ops_run(&ops, &world, "");
	ck_assert_str_eq(world_route(&world, "", "10.2.0.0/16", 0)->dev, "v0");
	const hbr_route *route = world_route(&world, "", "2001:db8:2::/48", 0);
	ck_assert_str_eq(route->dev, "v0");
	ck_assert_uint_eq(route->paths, 1);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_route_is_removed_by_its_metric_and_by_who_made_it)
{
	struct world world;
	struct ops ops;

	open_pair(&world, &ops);
	ops_route(&ops, HBR_VERB_CREATE, "2001:db8:2::/48", "2001:db8:1::2", "v0");
	ops_route(&ops, HBR_VERB_CREATE, "2001:db8:2::/48", "2001:db8:1::2", "v0")->metric =
		2048;
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", "v0")->protocol = 186;
	ops_run(&ops, &world, "");
	ops_route(&ops, HBR_VERB_DELETE, "2001:db8:2::/48", "2001:db8:1::2", "v0");
	ops_route(&ops, HBR_VERB_DELETE, "10.2.0.0/16", "10.1.1.2", "v0");
	ops_run(&ops, &world, "");
	ck_assert_ptr_null(world_route(&world, "", "2001:db8:2::/48", 0));
	ck_assert_ptr_nonnull(world_route(&world, "", "2001:db8:2::/48", 2048));
	ck_assert_ptr_nonnull(world_route(&world, "", "10.2.0.0/16", 0));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(the_kernels_own_words_come_through)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	open_pair(&world, &ops);
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "172.16.0.1", "v0");
	ck_assert_int_eq(ops_submit(&ops, &world, "", &err), HBR_ESYSTEM);
	ck_assert_int_eq(ops.results[0].system, ENETUNREACH);
	ck_assert_str_eq(ops.results[0].message, "Nexthop has invalid gateway");
	ck_assert_str_eq(
		hbr_error_message(err),
		"route:/10.2.0.0/16: Nexthop has invalid gateway: Network is unreachable");
	hbr_error_free(err);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(thousands_go_in_few_sends_and_each_failure_is_known)
{
	struct world world;
	struct ops ops;
	uint64_t messages[2];
	uint64_t sends[2];

	open_pair(&world, &ops);
	for (int i = 0; i < 5000; i++) {
		char to[32];

		snprintf(to, sizeof(to), "10.%d.%d.0/24", 32 + i / 256, i % 256);
		/* Every tenth has a gateway that is nowhere. */
		ops_route(&ops, HBR_VERB_CREATE, to, i % 10 ? "10.1.1.2" : "172.16.0.1", "v0");
	}
	world.netlink->count(world.netlink->self, &messages[0], &sends[0]);
	ck_assert_int_eq(ops_submit(&ops, &world, "", NULL), HBR_ESYSTEM);
	world.netlink->count(world.netlink->self, &messages[1], &sends[1]);
	ck_assert_uint_eq(messages[1] - messages[0], 5000);
	ck_assert_uint_le(sends[1] - sends[0], 2);
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(ops.results[i].code, i % 10 ? 0 : HBR_ESYSTEM);
	ck_assert_ptr_nonnull(world_route(&world, "", "10.51.135.0/24", 0));
	ck_assert_ptr_null(world_route(&world, "", "10.51.126.0/24", 0));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(what_is_no_route_is_refused)
{
	struct world world;
	struct ops ops;

	open_pair(&world, &ops);
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", "v0")->type = 9;
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", "v0")->to.length = 33;
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", "v0")->to.family = 5;
	ops_route(&ops, HBR_VERB_CREATE, "10.2.0.0/16", "10.1.1.2", "v0");
	ops.op[3].after = NULL;
	ck_assert_int_eq(ops_submit(&ops, &world, "", NULL), HBR_EINVAL);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(ops.results[i].code, HBR_EINVAL);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_route)
{
	tcase_add_test(tcase, routes_of_every_kind_read_back_as_they_were_made);
	tcase_add_test(tcase, a_change_replaces_the_route_of_that_identity);
	tcase_add_test(tcase, a_route_is_removed_by_its_metric_and_by_who_made_it);
	tcase_add_test(tcase, the_kernels_own_words_come_through);
	tcase_add_test(tcase, thousands_go_in_few_sends_and_each_failure_is_known);
	tcase_add_test(tcase, what_is_no_route_is_refused);
}
