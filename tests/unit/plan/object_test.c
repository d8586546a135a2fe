/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about plans for API objects: whose they are, what is shown, what it disrupts. */
#include "plan/plan.h"

#include "lib/test.h"

#include <string.h>

#define POOL "projectcalico.org/v3/IPPool//default-ipv4-ippool"
#define BGP "projectcalico.org/v3/BGPConfiguration//default"
#define PEER "projectcalico.org/v3/BGPPeer//hbr-node1-v4"
#define NODE "v1/Node//node1"

static hbr_state *wanted, *have;
static hbr_plan *plan;

static void setup(void)
{
	hbr_error *err = NULL;

	ck_ok(hbr_state_new(&wanted, &err), err);
	ck_ok(hbr_state_new(&have, &err), err);
	plan = NULL;
}

static void teardown(void)
{
	hbr_plan_free(plan);
	hbr_state_free(have);
	hbr_state_free(wanted);
}

static void put(hbr_state *state, const char *name, uint32_t flags, const char *text)
{
	hbr_apiobject body = { .text = text };
	hbr_resource object = { .size = sizeof(object),
		                .kind = HBR_KIND_OBJECT,
		                .flags = flags,
		                .name = name,
		                .body = &body };
	hbr_error *err = NULL;

	ck_ok(hbr_state_put(state, &object, &err), err);
}

static void make(uint32_t flags)
{
	hbr_error *err = NULL;

	ck_ok(hbr_plan_make(wanted, have, flags, &plan, &err), err);
}

START_TEST(the_same_in_another_order_is_no_step)
{
	put(wanted, BGP, 0, "{\"spec\":{\"a\":1,\"b\":2}}");
	put(have, BGP, 0, "{ \"spec\": {\"b\": 2, \"a\": 1} }");
	make(0);
	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(a_foreign_object_that_differs_is_a_conflict_that_shows_what_differs)
{
	put(wanted, BGP, 0, "{\"spec\":{\"nodeToNodeMeshEnabled\":false}}");
	put(have, BGP, 0, "{\"spec\":{\"nodeToNodeMeshEnabled\":true}}");
	make(0);
	ck_assert_uint_eq(plan->n_conflicts, 1);
	ck_assert_str_eq(plan->steps[0].changes[0].attr, "spec.nodeToNodeMeshEnabled");
	ck_assert_str_eq(plan->steps[0].changes[0].from, "true");
	ck_assert_str_eq(plan->steps[0].changes[0].to, "false");
	ck_assert_str_eq(plan->steps[0].why,
	                 "exists and is not ours: spec.nodeToNodeMeshEnabled differs");
}
END_TEST

START_TEST(adopting_the_mesh_resets_sessions_and_keeps_the_before_image)
{
	put(wanted, BGP, 0, "{\"spec\":{\"nodeToNodeMeshEnabled\":false}}");
	put(have, BGP, 0, "{\"spec\":{\"nodeToNodeMeshEnabled\":true}}");
	make(HBR_PLAN_ADOPT);
	ck_assert_uint_eq(plan->n_acting, 1);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_CHANGE);
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_SESSION);
	ck_assert_str_eq(((const hbr_apiobject *)plan->steps[0].before->body)->text,
	                 "{\"spec\":{\"nodeToNodeMeshEnabled\":true}}");
}
END_TEST

START_TEST(what_we_do_not_want_any_more_of_ours_is_a_change)
{
	put(wanted, BGP, 0, "{\"spec\":{\"a\":1}}");
	put(have, BGP, HBR_RESOURCE_OURS, "{\"spec\":{\"a\":1,\"b\":2}}");
	make(0);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_CHANGE);
	ck_assert_str_eq(plan->steps[0].changes[0].from, "2");
	ck_assert_ptr_null(plan->steps[0].changes[0].to);
}
END_TEST

START_TEST(a_pool_with_another_prefix_is_made_again)
{
	put(wanted, POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, POOL, HBR_RESOURCE_OURS, "{\"spec\":{\"cidr\":\"10.1.0.0/16\"}}");
	make(0);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_RECREATE);
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_POD);
}
END_TEST

#define OTHER_POOL "projectcalico.org/v3/IPPool//other"

START_TEST(a_pool_of_others_that_overlaps_is_a_conflict_that_cannot_be_adopted)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	hbr_error *err = NULL;
	hbr_plan *again = NULL;

	put(wanted, POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, OTHER_POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/8\"}}");
	make(HBR_PLAN_ADOPT);
	ck_assert_uint_eq(plan->n, 1);
	ck_assert_uint_eq(plan->n_conflicts, 1);
	ck_assert_str_eq(plan->steps[0].key, "object:" POOL);
	ck_assert_str_eq(plan->steps[0].why,
	                 "overlaps IPPool other (10.0.0.0/8), which is not ours");
	ck_ok(wire_pack_plan(plan, &file, &err), err);
	ck_ok(wire_unpack_plan(file.data, file.len, &again, &err), err);
	ck_assert_uint_eq(again->n_conflicts, 1);
	hbr_plan_free(again);
}
END_TEST

START_TEST(a_pool_that_is_as_wanted_may_still_be_overlapped)
{
	put(wanted, POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, POOL, HBR_RESOURCE_OURS, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, OTHER_POOL, 0, "{\"spec\":{\"cidr\":\"10.0.128.0/26\"}}");
	make(0);
	ck_assert_uint_eq(plan->n_conflicts, 1);
}
END_TEST

START_TEST(a_pool_of_ours_that_goes_is_no_rival)
{
	put(wanted, POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, OTHER_POOL, HBR_RESOURCE_OURS, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	make(HBR_PLAN_PRUNE);
	ck_assert_uint_eq(plan->n_conflicts, 0);
	ck_assert_uint_eq(plan->n_acting, 2);
	hbr_plan_free(hbr_steal(plan));
	make(0);
	ck_assert_uint_eq(plan->n_conflicts, 1);
}
END_TEST

START_TEST(pools_that_do_not_overlap_live_side_by_side)
{
	put(wanted, POOL, 0, "{\"spec\":{\"cidr\":\"10.0.0.0/16\"}}");
	put(have, OTHER_POOL, 0, "{\"spec\":{\"cidr\":\"10.1.0.0/16\"}}");
	put(have, OTHER_POOL "6", 0, "{\"spec\":{\"cidr\":\"2001:db8::/32\"}}");
	put(have, OTHER_POOL "7", 0, "{\"spec\":{}}");
	make(0);
	ck_assert_uint_eq(plan->n_conflicts, 0);
	ck_assert_uint_eq(plan->n_acting, 1);
}
END_TEST

START_TEST(a_shared_object_is_added_to_whoever_made_it)
{
	put(wanted, NODE, HBR_RESOURCE_OPTIONAL,
	    "{\"metadata\":{\"annotations\":{\"projectcalico.org/ASNumber\":\"1\"}}}");
	put(have, NODE, 0, "{}");
	make(0);
	ck_assert_int_eq(plan->steps[0].verb, HBR_VERB_CHANGE);
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_SESSION);
}
END_TEST

START_TEST(what_somebody_else_said_in_a_shared_object_is_a_conflict)
{
	put(wanted, NODE, HBR_RESOURCE_OPTIONAL,
	    "{\"metadata\":{\"annotations\":{\"a\":\"1\"}}}");
	put(have, NODE, 0, "{\"metadata\":{\"annotations\":{\"a\":\"2\"}}}");
	make(0);
	ck_assert_uint_eq(plan->n_conflicts, 1);
}
END_TEST

START_TEST(a_node_that_is_not_registered_is_not_made)
{
	put(wanted, NODE, HBR_RESOURCE_OPTIONAL, "{}");
	make(0);
	ck_assert_uint_eq(plan->n, 0);
}
END_TEST

START_TEST(pools_come_first_and_the_mesh_goes_last)
{
	put(wanted, BGP, 0, "{}");
	put(wanted, PEER, 0, "{}");
	put(wanted, POOL, 0, "{}");
	make(0);
	ck_assert_str_eq(plan->steps[0].after->name, POOL);
	ck_assert_str_eq(plan->steps[1].after->name, PEER);
	ck_assert_str_eq(plan->steps[2].after->name, BGP);
	ck_assert_int_eq(hbr_plan_grade(plan), HBR_GRADE_HARMLESS);
}
END_TEST

START_TEST(removing_takes_peers_before_pools_and_says_what_it_disrupts)
{
	put(have, PEER, HBR_RESOURCE_OURS, "{}");
	put(have, POOL, HBR_RESOURCE_OURS, "{}");
	put(wanted, POOL, 0, "{}");
	make(HBR_PLAN_REMOVE);
	ck_assert_uint_eq(plan->n_acting, 2);
	ck_assert_str_eq(plan->steps[0].before->name, PEER);
	ck_assert_int_eq(plan->steps[0].grade, HBR_GRADE_TRAFFIC);
	ck_assert_str_eq(plan->steps[1].before->name, POOL);
	ck_assert_int_eq(plan->steps[1].grade, HBR_GRADE_POD);
}
END_TEST

HBR_SUITE(plan_object)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_same_in_another_order_is_no_step);
	tcase_add_test(tcase,
	               a_foreign_object_that_differs_is_a_conflict_that_shows_what_differs);
	tcase_add_test(tcase, adopting_the_mesh_resets_sessions_and_keeps_the_before_image);
	tcase_add_test(tcase, what_we_do_not_want_any_more_of_ours_is_a_change);
	tcase_add_test(tcase, a_pool_with_another_prefix_is_made_again);
	tcase_add_test(tcase,
	               a_pool_of_others_that_overlaps_is_a_conflict_that_cannot_be_adopted);
	tcase_add_test(tcase, a_pool_that_is_as_wanted_may_still_be_overlapped);
	tcase_add_test(tcase, a_pool_of_ours_that_goes_is_no_rival);
	tcase_add_test(tcase, pools_that_do_not_overlap_live_side_by_side);
	tcase_add_test(tcase, a_shared_object_is_added_to_whoever_made_it);
	tcase_add_test(tcase, what_somebody_else_said_in_a_shared_object_is_a_conflict);
	tcase_add_test(tcase, a_node_that_is_not_registered_is_not_made);
	tcase_add_test(tcase, pools_come_first_and_the_mesh_goes_last);
	tcase_add_test(tcase, removing_takes_peers_before_pools_and_says_what_it_disrupts);
}
