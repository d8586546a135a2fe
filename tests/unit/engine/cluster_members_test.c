/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about objects of others in which we have members: a Node, which the kubelet makes. */
#include "unit/engine/cluster_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define NODE "v1/Node//node1"
/* As every dual-stack node has them: server-side apply of some versions chokes on these. */
#define TWO_ADDRESSES                                                      \
	"\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":" \
	"\"10.1.1.1\"},{\"type\":\"InternalIP\",\"address\":\"2001:db8::1\"}]}"

static void kubelet_writes(const char *status)
{
	char text[512];

	snprintf(text, sizeof(text),
	         HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":{\"a\":\"b\"}},%s}",
	         status);
	world_object(cluster_kit.world, NODE, "kubelet", text);
}

static void admin_says(const char *asn)
{
	char text[256];

	snprintf(text, sizeof(text),
	         HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":"
	                            "{\"projectcalico.org/ASNumber\":%s}}}",
	         asn);
	world_object(cluster_kit.world, NODE, "admin", text);
}

static void node_has(const char *text)
{
	const char *node = cluster_object(NODE);

	ck_assert_msg(strstr(node, text) != NULL, "no %s in %s", text, node);
}

START_TEST(a_node_with_two_addresses_of_one_type_gets_its_as_and_is_given_back)
{
	kubelet_writes(TWO_ADDRESSES);
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 5);
	node_has("\"projectcalico.org/ASNumber\":\"64513\"");
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 0);
	ck_assert_uint_eq(kit_apply(&cluster_kit, HBR_PLAN_REMOVE), 5);
	cluster_is(before);
}
END_TEST

START_TEST(undo_takes_the_member_back_and_nothing_else)
{
	kubelet_writes(TWO_ADDRESSES);
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	kit_apply(&cluster_kit, 0);
	cluster_undo();
	cluster_is(before);
}
END_TEST

START_TEST(an_adopted_value_comes_back_with_undo_and_with_removal)
{
	kubelet_writes(TWO_ADDRESSES);
	admin_says("\"65000\"");
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	ck_assert_int_eq(kit_try(&cluster_kit, 0), HBR_ECONFLICT);
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), 0);
	node_has("\"64513\"");
	cluster_undo();
	cluster_is(before);
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), 0);
	kit_apply(&cluster_kit, HBR_PLAN_REMOVE);
	cluster_is(before);
}
END_TEST

/* Only the Node is left to do, so that the calls can be counted. */
static hbr_plan *plan_for_node(void)
{
	kit_apply(&cluster_kit, 0);
	kubelet_writes(TWO_ADDRESSES);
	return kit_plan(&cluster_kit, cluster_kit.wanted, 0);
}

static void heartbeat(void *user)
{
	(void)user;
	kubelet_writes(TWO_ADDRESSES ",\"beat\":1");
}

static void admin_is_faster(void *user)
{
	(void)user;
	admin_says("\"65000\"");
}

/* Calls of a run before it writes. */
static uint64_t calls_before_write(void)
{
	hbr_plan *plan = plan_for_node();
	uint64_t before;

	world_calm(cluster_kit.world);
	before = world_calls(cluster_kit.world, NULL);
	ck_assert_int_eq(kit_run(&cluster_kit, plan), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.patch"), 1);
	hbr_plan_free(plan);
	before = world_calls(cluster_kit.world, NULL) - before;
	/* The patch is the last one. */
	world_object(cluster_kit.world, NODE, "kubelet", NULL);
	return before - 1;
}

static int run_with(void (*meanwhile)(void *user))
{
	uint64_t calls = calls_before_write();
	hbr_plan *plan = plan_for_node();
	int rc;

	world_calm(cluster_kit.world);
	world_at(cluster_kit.world, calls + 1, meanwhile, NULL);
	rc = kit_run(&cluster_kit, plan);
	hbr_plan_free(plan);
	return rc;
}

START_TEST(what_others_write_into_the_object_meanwhile_is_no_hindrance)
{
	ck_assert_int_eq(run_with(heartbeat), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.patch"), 2);
	node_has("\"64513\"");
	node_has("\"beat\":1");
}
END_TEST

START_TEST(another_value_in_the_same_member_meanwhile_is_a_conflict)
{
	ck_assert_int_eq(run_with(admin_is_faster), HBR_ECONFLICT);
	ck_assert_ptr_nonnull(strstr(kit_message(&cluster_kit), "ASNumber is \"65000\" now"));
	node_has("\"65000\"");
}
END_TEST

START_TEST(undo_leaves_a_value_that_somebody_set_since)
{
	kubelet_writes(TWO_ADDRESSES);
	kit_apply(&cluster_kit, 0);
	admin_says("\"65000\"");
	cluster_undo();
	node_has("\"65000\"");
	ck_assert_str_eq(cluster_object(CRD), "");
}
END_TEST

START_TEST(undo_leaves_a_pattern_of_felix_that_somebody_set_since)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" FELIX, "admin",
	             HEAD(CRD, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                             "{\"mtuIfacePattern\":\"^eth\"}}");
	cluster_undo();
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" FELIX), "^eth"));
}
END_TEST

START_TEST(undo_gives_a_node_that_registered_anew_nothing_of_the_old_one)
{
	kubelet_writes(TWO_ADDRESSES);
	admin_says("\"65000\"");
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), 0);
	world_object(cluster_kit.world, NODE, "kubelet", NULL);
	kubelet_writes(TWO_ADDRESSES);
	_cleanup_free_ char *anew = strdup(cluster_object(NODE));

	cluster_undo();
	ck_assert_str_eq(cluster_object(NODE), anew);
}
END_TEST

START_TEST(a_node_that_left_is_no_hindrance)
{
	kubelet_writes(TWO_ADDRESSES);
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, NODE, "kubelet", NULL);
	cluster_undo();
	cluster_is("");
}
END_TEST

HBR_SUITE(engine_cluster_members)
{
	tcase_add_checked_fixture(tcase, cluster_setup, cluster_teardown);
	tcase_add_test(tcase,
	               a_node_with_two_addresses_of_one_type_gets_its_as_and_is_given_back);
	tcase_add_test(tcase, undo_takes_the_member_back_and_nothing_else);
	tcase_add_test(tcase, an_adopted_value_comes_back_with_undo_and_with_removal);
	tcase_add_test(tcase, what_others_write_into_the_object_meanwhile_is_no_hindrance);
	tcase_add_test(tcase, another_value_in_the_same_member_meanwhile_is_a_conflict);
	tcase_add_test(tcase, undo_leaves_a_value_that_somebody_set_since);
	tcase_add_test(tcase, undo_leaves_a_pattern_of_felix_that_somebody_set_since);
	tcase_add_test(tcase, undo_gives_a_node_that_registered_anew_nothing_of_the_old_one);
	tcase_add_test(tcase, a_node_that_left_is_no_hindrance);
}
