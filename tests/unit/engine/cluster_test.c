/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about the cluster: objects made, changed, adopted, given back. */
#include "unit/engine/cluster_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

START_TEST(an_empty_cluster_gets_all_objects_as_it_serves_them)
{
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 4);
	ck_assert_str_eq(cluster_object(CRD "/" BGP), CRD
	                 "/" BGP " {\"apiVersion\":\"" CRD "\",\"kind\":\"BGPConfiguration\","
	                 "\"metadata\":{" LABELS ",\"name\":\"default\"},\"spec\":"
	                 "{\"asNumber\":64512,\"nodeToNodeMeshEnabled\":false}}");
	ck_assert_str_eq(cluster_object("v1/Node"), "");
}
END_TEST

START_TEST(where_calicos_api_server_is_its_objects_are_written_through_it)
{
	world_serve(cluster_kit.world, V3);
	kit_apply(&cluster_kit, 0);
	ck_assert_str_ne(cluster_object(V3 "/" BGP), "");
	ck_assert_str_eq(cluster_object(CRD "/" BGP), "");
}
END_TEST

START_TEST(a_second_apply_writes_nothing)
{
	kit_apply(&cluster_kit, 0);
	world_calm(cluster_kit.world);
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.apply"), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.remove"), 0);
}
END_TEST

START_TEST(looking_is_one_list_a_kind_whatever_the_number_of_objects)
{
	hbr_state *have = NULL;

	kit_apply(&cluster_kit, 0);
	world_calm(cluster_kit.world);
	ck_ok(hbr_observe(cluster_kit.ctx, cluster_kit.wanted, &have, &cluster_kit.err),
	      cluster_kit.err);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.get"), 0);
	ck_assert_uint_le(world_calls(cluster_kit.world, "kube.list"), 6);
	hbr_state_free(have);
}
END_TEST

START_TEST(nothing_of_the_node_is_looked_at)
{
	kit_apply(&cluster_kit, 0);
	world_calm(cluster_kit.world);
	kit_apply(&cluster_kit, 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "netlink.dump"), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "netns.list"), 0);
}
END_TEST

START_TEST(what_the_site_changes_is_changed_and_nothing_else)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"logSeverityScreen\":\"Debug\"}}");
	want_all();
	want_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64600}");
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 1);
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" BGP), "\"asNumber\":64600"));
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" BGP), "Debug"));
}
END_TEST

START_TEST(a_field_that_is_not_wanted_any_more_goes)
{
	kit_apply(&cluster_kit, 0);
	want_all();
	want_bgp("{\"nodeToNodeMeshEnabled\":false}");
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 1);
	ck_assert_ptr_null(strstr(cluster_object(CRD "/" BGP), "asNumber"));
}
END_TEST

START_TEST(a_default_of_somebody_else_is_a_conflict)
{
	cluster_foreign_bgp();
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_int_eq(kit_try(&cluster_kit, 0), HBR_ECONFLICT);
	cluster_is(before);
}
END_TEST

START_TEST(an_adopted_default_keeps_the_fields_of_others_and_undo_gives_it_back)
{
	cluster_foreign_bgp();
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), 0);
	ck_assert_ptr_nonnull(
	        strstr(cluster_object(CRD "/" BGP), "\"nodeToNodeMeshEnabled\":false"));
	ck_assert_ptr_nonnull(
	        strstr(cluster_object(CRD "/" BGP), "\"logSeverityScreen\":\"Info\""));
	cluster_undo();
	cluster_is(before);
}
END_TEST

START_TEST(a_removal_gives_an_adopted_default_back)
{
	cluster_foreign_bgp();
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), 0);
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_REMOVE), 0);
	cluster_is(before);
}
END_TEST

START_TEST(an_object_that_others_share_is_added_to_and_given_back)
{
	world_object(cluster_kit.world, CRD "/" FELIX, "calico-node",
	             HEAD(CRD, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                             "{\"reportingInterval\":\"0s\"}}");
	world_object(cluster_kit.world, "v1/Node//node1", "kubelet",
	             HEAD("v1", "Node") "{\"name\":\"node1\",\"labels\":{\"a\":\"b\"}}}");
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 5);
	ck_assert_ptr_nonnull(strstr(cluster_object("v1/Node"), "\"64513\""));
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" FELIX), "veth-k8s"));
	kit_apply(&cluster_kit, HBR_PLAN_REMOVE);
	cluster_is(before);
}
END_TEST

START_TEST(an_as_that_somebody_else_gave_a_node_is_a_conflict)
{
	world_object(cluster_kit.world, "v1/Node//node1", "admin",
	             HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":"
	                                "{\"projectcalico.org/ASNumber\":\"65000\"}}}");
	ck_assert_int_eq(kit_try(&cluster_kit, 0), HBR_ECONFLICT);
}
END_TEST

START_TEST(an_object_that_we_made_and_others_use_outlives_us)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" FELIX, "calico-node",
	             HEAD(CRD, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                             "{\"reportingInterval\":\"0s\"}}");
	kit_apply(&cluster_kit, HBR_PLAN_REMOVE);
	ck_assert_str_eq(cluster_object(CRD), CRD
	                 "/" FELIX " {\"apiVersion\":\"" CRD "\",\"kind\":"
	                 "\"FelixConfiguration\",\"metadata\":{\"name\":\"default\"},\"spec\":"
	                 "{\"reportingInterval\":\"0s\"}}");
}
END_TEST

START_TEST(removal_leaves_an_empty_cluster_empty)
{
	kit_apply(&cluster_kit, 0);
	ck_assert_uint_eq(kit_apply(&cluster_kit, HBR_PLAN_REMOVE), 4);
	cluster_is("");
}
END_TEST

START_TEST(undo_of_a_removal_brings_everything_back)
{
	kit_apply(&cluster_kit, 0);
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	kit_apply(&cluster_kit, HBR_PLAN_REMOVE);
	cluster_undo();
	cluster_is(before);
}
END_TEST

START_TEST(a_pool_that_moves_is_made_again_and_undo_brings_the_old_one_back)
{
	kit_apply(&cluster_kit, 0);
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	want_all();
	want_pool("10.43.0.0/16");
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 1);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.remove"), 1);
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" POOL), "10.43.0.0/16"));
	cluster_undo();
	cluster_is(before);
}
END_TEST

START_TEST(what_carries_our_label_is_ours_when_the_baseline_is_lost)
{
	char path[128];

	kit_apply(&cluster_kit, 0);
	snprintf(path, sizeof(path), "%s/cluster/baseline", cluster_kit.state_dir);
	ck_assert_int_eq(unlink(path), 0);
	want_none();
	want_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64512}");
	ck_assert_uint_eq(kit_apply(&cluster_kit, HBR_PLAN_PRUNE), 2);
	ck_assert_str_eq(cluster_object(CRD "/" PEER), "");
	ck_assert_str_eq(cluster_object(CRD "/" POOL), "");
}
END_TEST

START_TEST(an_object_whose_label_somebody_took_off_is_not_deleted)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" PEER, "admin", NULL);
	world_object(cluster_kit.world, CRD "/" PEER, "admin",
	             HEAD(CRD, "BGPPeer") "{\"name\":\"hbr-node1-v4\"},\"spec\":{}}");
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_REMOVE), HBR_ECONFLICT);
	ck_assert_str_ne(cluster_object(CRD "/" PEER), "");
}
END_TEST

HBR_SUITE(engine_cluster)
{
	tcase_add_checked_fixture(tcase, cluster_setup, cluster_teardown);
	tcase_add_test(tcase, an_empty_cluster_gets_all_objects_as_it_serves_them);
	tcase_add_test(tcase, where_calicos_api_server_is_its_objects_are_written_through_it);
	tcase_add_test(tcase, a_second_apply_writes_nothing);
	tcase_add_test(tcase, looking_is_one_list_a_kind_whatever_the_number_of_objects);
	tcase_add_test(tcase, nothing_of_the_node_is_looked_at);
	tcase_add_test(tcase, what_the_site_changes_is_changed_and_nothing_else);
	tcase_add_test(tcase, a_field_that_is_not_wanted_any_more_goes);
	tcase_add_test(tcase, a_default_of_somebody_else_is_a_conflict);
	tcase_add_test(tcase,
	               an_adopted_default_keeps_the_fields_of_others_and_undo_gives_it_back);
	tcase_add_test(tcase, a_removal_gives_an_adopted_default_back);
	tcase_add_test(tcase, an_object_that_others_share_is_added_to_and_given_back);
	tcase_add_test(tcase, an_as_that_somebody_else_gave_a_node_is_a_conflict);
	tcase_add_test(tcase, an_object_that_we_made_and_others_use_outlives_us);
	tcase_add_test(tcase, removal_leaves_an_empty_cluster_empty);
	tcase_add_test(tcase, undo_of_a_removal_brings_everything_back);
	tcase_add_test(tcase, a_pool_that_moves_is_made_again_and_undo_brings_the_old_one_back);
	tcase_add_test(tcase, what_carries_our_label_is_ours_when_the_baseline_is_lost);
	tcase_add_test(tcase, an_object_whose_label_somebody_took_off_is_not_deleted);
}
