/* SPDX-License-Identifier: Apache-2.0 */
/* Links as the netlink port makes, changes, moves, removes and reads them. */
#include "kernel/world.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa };
static const uint8_t mac_b[6] = { 2, 0, 0, 0, 0, 0xb };

START_TEST(a_veth_is_made_with_its_peer_in_the_other_namespace)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	hbr_link *link = ops_link(&ops, HBR_VERB_CREATE, "veth-crpd", veth("", "veth-k8s"));
	link->has |= HBR_LINK_HAS_MAC;
	memcpy(link->mac, mac_a, 6);
	memcpy(link->peer_mac, mac_b, 6);
	link->peer_mtu = 1300;
	ops_run(&ops, &world, "crpd");

	const hbr_link *made = world_link(&world, "crpd", "veth-crpd");
	ck_assert_ptr_nonnull(made);
	ck_assert_int_eq(made->type, HBR_LINK_VETH);
	ck_assert_uint_eq(made->mtu, 1400);
	ck_assert_mem_eq(made->mac, mac_a, 6);
	ck_assert_uint_eq(made->up, 1);
	ck_assert_str_eq(made->mark, "hbr:test");
	/* The other end waits for its own step: it is there, not marked and not up. */
	made = world_link(&world, "", "veth-k8s");
	ck_assert_ptr_nonnull(made);
	ck_assert_uint_eq(made->mtu, 1300);
	ck_assert_mem_eq(made->mac, mac_b, 6);
	ck_assert_uint_eq(made->up, 0);
	ck_assert_ptr_null(made->mark);

	link = ops_link(&ops, HBR_VERB_CREATE, "veth-k8s", veth("crpd", "veth-crpd"));
	link->secondary = 1;
	ops_run(&ops, &world, "");
	made = world_link(&world, "", "veth-k8s");
	ck_assert_uint_eq(made->up, 1);
	ck_assert_uint_eq(made->running, 1);
	ck_assert_str_eq(made->mark, "hbr:test");
	world_agree(&world, "");
	world_agree(&world, "crpd");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_marked_link_is_ours_and_another_is_not)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "v0", veth("", "v1"));
	ops_run(&ops, &world, "");
	hbr_state *state = world_dump(&world, "");
	hbr_resource ours = { .kind = HBR_KIND_LINK, .netns = "", .name = "v0" };
	hbr_resource other = { .kind = HBR_KIND_LINK, .netns = "", .name = "v1" };
	ck_assert_uint_eq(state_find(state, &ours)->flags, HBR_RESOURCE_OURS);
	ck_assert_uint_eq(state_find(state, &other)->flags, 0);
	/* In one namespace each end knows the other. */
	ck_assert_str_eq(((const hbr_link *)state_find(state, &ours)->body)->peer, "v1");
	hbr_state_free(state);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_link_that_is_in_the_way_is_left_as_it_is)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;
	hbr_link plain = { .type = HBR_LINK_BRIDGE };

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "veth-crpd", plain);
	ops_run(&ops, &world, "crpd");
	ops_link(&ops, HBR_VERB_CREATE, "veth-crpd", veth("", "veth-k8s"));
	ops_addr(&ops, HBR_VERB_CREATE, "veth-crpd", "10.1.1.2/30");
	ck_assert_int_eq(ops_submit(&ops, &world, "crpd", &err), HBR_EEXIST);
	ck_assert_int_eq(hbr_error_system(err), EEXIST);
	ck_assert_str_eq(hbr_error_path(err), "link:crpd/veth-crpd");
	ck_assert_int_eq(ops.results[0].code, HBR_EEXIST);
	ck_assert_int_eq(ops.results[0].system, EEXIST);
	hbr_error_free(err);

	const hbr_link *there = world_link(&world, "crpd", "veth-crpd");
	ck_assert_int_eq(there->type, HBR_LINK_BRIDGE);
	ck_assert_uint_eq(there->up, 0);
	ck_assert_ptr_null(there->mark);
	ck_assert_ptr_null(world_addr(&world, "crpd", "veth-crpd", "10.1.1.2/30"));
	ck_assert_ptr_null(world_link(&world, "", "veth-k8s"));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(the_other_end_in_the_way_leaves_nothing_behind)
{
	struct world world;
	struct ops ops;
	hbr_link plain = { .type = HBR_LINK_BRIDGE };

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "v1", plain);
	ops_run(&ops, &world, "");
	ops_link(&ops, HBR_VERB_CREATE, "v0", veth("", "v1"));
	ops_link(&ops, HBR_VERB_CREATE, "v1", veth("", "v0"))->secondary = 1;
	ck_assert_int_eq(ops_submit(&ops, &world, "", NULL), HBR_EEXIST);
	ck_assert_ptr_null(world_link(&world, "", "v0"));
	ck_assert_ptr_null(world_link(&world, "", "v1")->mark);
	ck_assert_uint_eq(world_link(&world, "", "v1")->up, 0);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_link_that_went_is_removed_already)
{
	struct world world;
	struct ops ops;

	world_open(&world);
	world_create(&world, "crpd");
	world_veth(&world, "crpd", "v0", "", "v1");
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_DELETE, "v0", veth("", "v1"));
	ops_run(&ops, &world, "crpd");
	/* Its other end went with it; an address on it too. */
	ops_link(&ops, HBR_VERB_DELETE, "v1", veth("crpd", "v0"));
	ops_addr(&ops, HBR_VERB_DELETE, "v1", "10.0.0.1/30");
	ops_route(&ops, HBR_VERB_DELETE, "10.9.0.0/16", "10.0.0.2", "v1");
	ops_run(&ops, &world, "");
	ck_assert_ptr_null(world_link(&world, "", "v1"));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

#define MANY 20

/* Who waits for each to go waits long: they go in one send, and nobody else with them. */
START_TEST(many_links_go_together)
{
	struct world world;
	struct ops ops;
	uint64_t messages, before, after;

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	for (int i = 0; i < MANY; i++) {
		char name[16], peer[16];

		snprintf(name, sizeof(name), "v%d", i);
		snprintf(peer, sizeof(peer), "p%d", i);
		world_veth(&world, "", name, "crpd", peer);
	}
	for (int i = 1; i < MANY; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		ops_link(&ops, HBR_VERB_DELETE, name, veth("crpd", "x"));
		if (i == 7)
			ops_link(&ops, HBR_VERB_DELETE, "gone", veth("crpd", "x"));
	}
	world.netlink->count(world.netlink->self, &messages, &before);
	ops_run(&ops, &world, "");
	world.netlink->count(world.netlink->self, &messages, &after);
	ck_assert_uint_eq(after - before, 1);
	ck_assert_ptr_nonnull(world_link(&world, "", "v0"));
	for (int i = 1; i < MANY; i++) {
		char name[16];

		snprintf(name, sizeof(name), "v%d", i);
		ck_assert_ptr_null(world_link(&world, "", name));
	}
	ops_free(&ops);
	world_close(&world);
}
END_TEST

/* The loopback device, under a wrong type, is one that cannot go. */
START_TEST(one_that_cannot_go_keeps_none_of_the_others)
{
	struct world world;
	struct ops ops;
	char command[160];

	world_open(&world);
	ops_new(&ops);
	for (int i = 0; i < 8; i += 2) {
		char name[16], peer[16];

		snprintf(name, sizeof(name), "v%d", i);
		snprintf(peer, sizeof(peer), "v%d", i + 1);
		world_veth(&world, "", name, "", peer);
		ops_link(&ops, HBR_VERB_DELETE, name, veth("", peer));
	}
	ops_link(&ops, HBR_VERB_DELETE, "lo", veth("", "x"));
	ck_assert_int_lt(ops_submit(&ops, &world, "", NULL), 0);
	ck_assert_int_eq(ops.results[4].system, EOPNOTSUPP);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(ops.results[i].code, 0);
	ck_assert_ptr_null(world_link(&world, "", "v0"));
	ck_assert_ptr_null(world_link(&world, "", "v6"));
	/* Nor is it in a group of ours any more. */
	snprintf(command, sizeof(command),
	         "ip -n %s -d link show lo | grep -q 'group default'", world.host);
	ck_assert_int_eq(system(command), 0);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(only_what_differs_is_changed)
{
	struct world world;
	struct ops ops;
	uint64_t before;
	uint64_t after;
	uint64_t sends;
	hbr_link observed;

	world_open(&world);
	world_veth(&world, "", "v0", "", "v1");
	ops_new(&ops);
	observed = *world_link(&world, "", "v0");
	observed.mark = "hbr:test";
	hbr_link *wanted = ops_link(&ops, HBR_VERB_CHANGE, "v0", veth("", "v1"));
	ops_before(&ops, &observed);
	world.netlink->count(world.netlink->self, &before, &sends);
	ops_run(&ops, &world, "");
	world.netlink->count(world.netlink->self, &after, &sends);
	ck_assert_uint_eq(after, before);

	wanted = ops_link(&ops, HBR_VERB_CHANGE, "v0", veth("", "v1"));
	ops_before(&ops, &observed);
	wanted->mtu = 1280;
	wanted->up = 0;
	wanted->mark = NULL;
	ops_run(&ops, &world, "");
	world.netlink->count(world.netlink->self, &after, &sends);
	ck_assert_uint_eq(after, before + 1);
	const hbr_link *changed = world_link(&world, "", "v0");
	ck_assert_uint_eq(changed->mtu, 1280);
	ck_assert_uint_eq(changed->up, 0);
	ck_assert_ptr_null(changed->mark);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(loopback_is_changed_and_never_removed)
{
	struct world world;
	struct ops ops;
	hbr_link lo = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_LOOPBACK, .up = 1 };

	world_open(&world);
	ops_new(&ops);
	ck_assert_int_eq(world_link(&world, "", "lo")->type, HBR_LINK_LOOPBACK);
	ops_link(&ops, HBR_VERB_CREATE, "lo", lo);
	ops_run(&ops, &world, "");
	ck_assert_uint_eq(world_link(&world, "", "lo")->up, 1);
	ck_assert_ptr_nonnull(world_addr(&world, "", "lo", "127.0.0.1/8"));
	ops_link(&ops, HBR_VERB_DELETE, "lo", lo);
	ops_run(&ops, &world, "");
	ck_assert_ptr_nonnull(world_link(&world, "", "lo"));
	world_agree(&world, "");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

/* A lab's NIC is a veth whose other end is in the fabric's namespace. */
START_TEST(a_nic_is_taken_and_given_back)
{
	struct world world;
	struct ops ops;
	hbr_link nic = {
		.has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU | HBR_LINK_HAS_MARK,
		.type = HBR_LINK_NIC,
		.from = "",
		.mark = "hbr:nic",
		.mtu = 1450,
		.up = 1,
	};

	world_open(&world);
	world_create(&world, "crpd");
	world_create(&world, "fabric");
	world_veth(&world, "", "ens4", "fabric", "port1");
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "ens4", nic);
	ops_addr(&ops, HBR_VERB_CREATE, "ens4", "192.168.1.101/24");
	ops_run(&ops, &world, "crpd");
	ck_assert_ptr_null(world_link(&world, "", "ens4"));
	const hbr_link *taken = world_link(&world, "crpd", "ens4");
	ck_assert_uint_eq(taken->mtu, 1450);
	ck_assert_uint_eq(taken->up, 1);
	ck_assert_str_eq(taken->mark, "hbr:nic");
	ck_assert_ptr_nonnull(world_addr(&world, "crpd", "ens4", "192.168.1.101/24"));

	ops_link(&ops, HBR_VERB_DELETE, "ens4", nic);
	ops_run(&ops, &world, "crpd");
	ck_assert_ptr_null(world_link(&world, "crpd", "ens4"));
	taken = world_link(&world, "", "ens4");
	ck_assert_ptr_nonnull(taken);
	ck_assert_ptr_null(taken->mark);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_nic_that_is_not_there_is_said_by_name)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;
	hbr_link nic = { .has = HBR_LINK_HAS_UP, .type = HBR_LINK_NIC, .from = "", .up = 1 };

	world_open(&world);
	world_create(&world, "crpd");
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "ens4", nic);
	ck_assert_int_eq(ops_submit(&ops, &world, "crpd", &err), HBR_ENOENT);
	ck_assert_str_eq(hbr_error_path(err), "link:crpd/ens4");
	hbr_error_free(err);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_bridge_takes_ports_with_their_flags)
{
	struct world world;
	struct ops ops;
	hbr_link bridge = { .has = HBR_LINK_HAS_UP | HBR_LINK_HAS_MARK | HBR_LINK_HAS_ADDRGEN,
			    .type = HBR_LINK_BRIDGE,
			    .mark = "hbr:bridge",
			    .addrgen = 1,
			    .up = 1 };

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "br0", bridge);
	hbr_link *port = ops_link(&ops, HBR_VERB_CREATE, "v0", veth("", "v1"));
	port->has |= HBR_LINK_HAS_MASTER | HBR_LINK_HAS_PORT;
	port->master = "br0";
	port->neigh_suppress = 1;
	ops_run(&ops, &world, "");

	const hbr_link *made = world_link(&world, "", "v0");
	ck_assert_str_eq(made->master, "br0");
	ck_assert(made->has & HBR_LINK_HAS_PORT);
	ck_assert_uint_eq(made->neigh_suppress, 1);
	ck_assert_uint_eq(made->learning, 0);
	made = world_link(&world, "", "br0");
	ck_assert_int_eq(made->type, HBR_LINK_BRIDGE);
	ck_assert_uint_eq(made->addrgen, 1);
	ck_assert_str_eq(made->mark, "hbr:bridge");
	world_agree(&world, "");

	hbr_link observed = *world_link(&world, "", "v0");
	hbr_link *alone = ops_link(&ops, HBR_VERB_CHANGE, "v0", observed);
	alone->has = HBR_LINK_HAS_MASTER;
	alone->master = NULL;
	ops_before(&ops, &observed);
	ops_run(&ops, &world, "");
	ck_assert_ptr_null(world_link(&world, "", "v0")->master);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_master_that_is_missing_is_found_out_before_anything_is_made)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	world_open(&world);
	ops_new(&ops);
	hbr_link *port = ops_link(&ops, HBR_VERB_CREATE, "v0", veth("", "v1"));
	port->has |= HBR_LINK_HAS_MASTER;
	port->master = "br0";
	ops_link(&ops, HBR_VERB_CREATE, "v2", veth("", "v3"));
	ck_assert_int_eq(ops_submit(&ops, &world, "", &err), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "br0"));
	hbr_error_free(err);
	ck_assert_ptr_null(world_link(&world, "", "v0"));
	/* What comes after is done all the same. */
	ck_assert_int_eq(ops.results[1].code, 0);
	ck_assert_ptr_nonnull(world_link(&world, "", "v2"));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_vxlan_device_is_made_and_changed_where_it_can_be)
{
	struct world world;
	struct ops ops;
	hbr_link vxlan = { .has = HBR_LINK_HAS_VXLAN | HBR_LINK_HAS_UP | HBR_LINK_HAS_MTU,
			   .type = HBR_LINK_VXLAN,
			   .vni = 4001,
			   .port = 4789,
			   .mtu = 1450,
			   .up = 1 };

	world_open(&world);
	ops_new(&ops);
	vxlan.local = addr_of("192.0.2.1");
	ops_link(&ops, HBR_VERB_CREATE, "vx0", vxlan);
	ops_run(&ops, &world, "");
	hbr_link made = *world_link(&world, "", "vx0");
	ck_assert_int_eq(made.type, HBR_LINK_VXLAN);
	ck_assert_uint_eq(made.vni, 4001);
	ck_assert_uint_eq(made.port, 4789);
	ck_assert_uint_eq(made.learning, 0);
	ck_assert_uint_eq(made.mtu, 1450);
	ck_assert_mem_eq(&made.local, &vxlan.local, sizeof(made.local));
	world_agree(&world, "");

	vxlan.local = addr_of("192.0.2.2");
	ops_link(&ops, HBR_VERB_CHANGE, "vx0", vxlan);
	ops_before(&ops, &made);
	ops_run(&ops, &world, "");
	made = *world_link(&world, "", "vx0");
	ck_assert_mem_eq(&made.local, &vxlan.local, sizeof(made.local));
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_vrf_has_its_table_and_its_routes_are_read)
{
	struct world world;
	struct ops ops;
	hbr_link vrf = { .has = HBR_LINK_HAS_TABLE | HBR_LINK_HAS_UP,
			 .type = HBR_LINK_VRF,
			 .table = 1001,
			 .up = 1 };

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "vrf0", vrf);
	if (ops_submit(&ops, &world, "", NULL) == HBR_ENOTSUP)
		test_skip("the kernel has no VRF devices");
	ck_assert_int_eq(ops.results[0].code, 0);
	ops.n = 0;
	ops_route(&ops, HBR_VERB_CREATE, "10.20.0.0/16", NULL, NULL)->type =
		HBR_ROUTE_BLACKHOLE;
	ops.bodies[0].route.table = 1001;
	ops_run(&ops, &world, "");
	ck_assert_uint_eq(world_link(&world, "", "vrf0")->table, 1001);
	world_agree(&world, "");
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused_before_the_kernel_sees_it)
{
	struct world world;
	struct ops ops;
	uint64_t messages;
	uint64_t sends;

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "sixteen-letters0", veth("", "v1"));
	ops_link(&ops, HBR_VERB_CREATE, "v0", veth("", "a/b"));
	ck_assert_int_eq(ops_submit(&ops, &world, "", NULL), HBR_EINVAL);
	ck_assert_int_eq(ops.results[1].code, HBR_EINVAL);
	world.netlink->count(world.netlink->self, &messages, &sends);
	ck_assert_uint_eq(messages, 0);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

START_TEST(a_namespace_that_is_missing_is_an_error_of_that_change)
{
	struct world world;
	struct ops ops;
	hbr_error *err = NULL;

	world_open(&world);
	ops_new(&ops);
	ops_link(&ops, HBR_VERB_CREATE, "v0", veth("nowhere", "v1"));
	ops_link(&ops, HBR_VERB_CREATE, "v2", veth("", "v3"));
	ck_assert_int_eq(ops_submit(&ops, &world, "", &err), HBR_ENOENT);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "nowhere"));
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(ops.results[1].code, 0);
	ck_assert_int_eq(ops_submit(&ops, &world, "nowhere", &err), HBR_ENOENT);
	hbr_error_free(err);
	ck_assert_int_eq(ops.results[1].code, HBR_ENOENT);
	ops_free(&ops);
	world_close(&world);
}
END_TEST

HBR_SUITE(kernel_link)
{
	tcase_add_test(tcase, a_veth_is_made_with_its_peer_in_the_other_namespace);
	tcase_add_test(tcase, a_marked_link_is_ours_and_another_is_not);
	tcase_add_test(tcase, a_link_that_is_in_the_way_is_left_as_it_is);
	tcase_add_test(tcase, the_other_end_in_the_way_leaves_nothing_behind);
	tcase_add_test(tcase, a_link_that_went_is_removed_already);
	tcase_add_test(tcase, many_links_go_together);
	tcase_add_test(tcase, one_that_cannot_go_keeps_none_of_the_others);
	tcase_add_test(tcase, only_what_differs_is_changed);
	tcase_add_test(tcase, loopback_is_changed_and_never_removed);
	tcase_add_test(tcase, a_nic_is_taken_and_given_back);
	tcase_add_test(tcase, a_nic_that_is_not_there_is_said_by_name);
	tcase_add_test(tcase, a_bridge_takes_ports_with_their_flags);
	tcase_add_test(tcase, a_master_that_is_missing_is_found_out_before_anything_is_made);
	tcase_add_test(tcase, a_vxlan_device_is_made_and_changed_where_it_can_be);
	tcase_add_test(tcase, a_vrf_has_its_table_and_its_routes_are_read);
	tcase_add_test(tcase, a_name_that_is_too_long_is_refused_before_the_kernel_sees_it);
	tcase_add_test(tcase, a_namespace_that_is_missing_is_an_error_of_that_change);
}
