/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as the netlink port adds, reads and removes them. */
#include "kernel/world.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

START_TEST(addresses_are_there_at_once_and_ours)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_create(&world, "crpd");
	world_veth(&world, "crpd", "v0", "", "v1");
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "2001:db8:1::2/126");
	ops_run(&ops, &world, "crpd");
	const hbr_ifaddr *v6 = world_addr(&world, "crpd", "v0", "2001:db8:1::2/126");
	ck_assert_ptr_nonnull(v6);
	ck_assert_uint_eq(v6->nodad, 1);
	/* The kernel tells since 5.18. */
	ck_assert(v6->protocol == HBR_ROUTE_PROTOCOL || v6->protocol == 0);
	ck_assert_ptr_nonnull(world_addr(&world, "crpd", "v0", "10.1.1.2/30"));
	ck_assert_ptr_null(world_addr(&world, "crpd", "v0", "10.1.1.2/31"));
	world_agree(&world, "crpd");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(an_address_that_is_there_is_an_error_and_the_rest_is_done)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	world_open(&world);
	world_veth(&world, "", "v0", "", "v1");
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30");
	ops_run(&ops, &world, "");
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v1", "10.1.1.1/30");
	ck_assert_int_eq(ops_submit(&ops, &world, "", &err), HBR_EEXIST);
	ck_assert_str_eq(hbr_error_path(err), "addr:/v0/10.1.1.2/30");
	hbr_error_free(err);
	ck_assert_int_eq(ops.results[0].code, HBR_EEXIST);
	ck_assert_int_eq(ops.results[1].code, 0);
	ck_assert_ptr_nonnull(world_addr(&world, "", "v1", "10.1.1.1/30"));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(an_address_is_removed_and_removed_again)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_veth(&world, "", "v0", "", "v1");
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30");
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "2001:db8:1::2/126");
	ops_run(&ops, &world, "");
	for (int i = 0; i < 2; i++) {
		ops_addr(&ops, HBR_VERB_DELETE, "v0", "10.1.1.2/30");
		ops_addr(&ops, HBR_VERB_DELETE, "v0", "2001:db8:1::2/126");
		ops_run(&ops, &world, "");
		ck_assert_ptr_null(world_addr(&world, "", "v0", "10.1.1.2/30"));
		ck_assert_ptr_null(world_addr(&world, "", "v0", "2001:db8:1::2/126"));
	}
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(an_address_on_a_link_that_is_missing_is_said_by_name)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	world_open(&world);
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "ens9", "10.1.1.2/30");
	ck_assert_int_eq(ops_submit(&ops, &world, "", &err), HBR_ENOENT);
	ck_assert_str_eq(hbr_error_message(err),
			 "addr:/ens9/10.1.1.2/30: there is no link \"ens9\"");
	hbr_error_free(err);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_link_that_someone_else_made_since_is_found)
{
	struct world world;
	struct ops ops;
	hbr_netlink_port *other = NULL;
	hbr_error *err = NULL;

	world_open(&world);
	ck_assert_ptr_null(world_link(&world, "", "v0"));
	ck_ok(hbr_netlink_port_new(world.netns, &other, &err), err);
	hbr_netlink_port *ours = world.netlink;
	world.netlink = other;
	world_veth(&world, "", "v0", "", "v1");
	world.netlink = ours;
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30");
	ops_run(&ops, &world, "");
	hbr_netlink_port_free(other);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_foreign_address_keeps_being_nobodys)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_veth(&world, "", "v0", "", "v1");
	ops_new(&ops);
	ops_addr(&ops, HBR_VERB_CREATE, "v0", "10.1.1.2/30")->protocol = 0;
	ops_run(&ops, &world, "");
	hbr_state *state = world_dump(&world, "");
	hbr_ifaddr body = { .addr = addr_of("10.1.1.2/30") };
	hbr_resource like = { .kind = HBR_KIND_ADDR, .netns = "", .name = "v0", .body = &body };
	ck_assert_uint_eq(state_find(state, &like)->flags, 0);
	hbr_state_free(state);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_addr)
{
	tcase_add_test(tcase, addresses_are_there_at_once_and_ours);
	tcase_add_test(tcase, an_address_that_is_there_is_an_error_and_the_rest_is_done);
	tcase_add_test(tcase, an_address_is_removed_and_removed_again);
	tcase_add_test(tcase, an_address_on_a_link_that_is_missing_is_said_by_name);
	tcase_add_test(tcase, a_link_that_someone_else_made_since_is_found);
	tcase_add_test(tcase, a_foreign_address_keeps_being_nobodys);
}
