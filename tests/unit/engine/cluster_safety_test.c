/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about the cluster when things go wrong: never half done, never the node, never unseen. */
#include "unit/engine/cluster_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

START_TEST(drift_of_our_fields_is_taken_back_whoever_owns_them_now)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true}}");
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 1);
	ck_assert_ptr_nonnull(
	        strstr(cluster_object(CRD "/" BGP), "\"nodeToNodeMeshEnabled\":false"));
}
END_TEST

START_TEST(a_cluster_without_calico_says_what_is_missing)
{
	hbr_state *have = NULL;

	world_unserve(cluster_kit.world);
	ck_assert_int_eq(
	        hbr_observe(cluster_kit.ctx, cluster_kit.wanted, &have, &cluster_kit.err),
	        HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(kit_message(&cluster_kit), "BGPConfiguration"));
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(cluster_kit.err), "Calico"));
}
END_TEST

/* Somebody makes one of the objects just before we do. */
static void intrude(void *user)
{
	(void)user;
	world_object(cluster_kit.world, CRD "/" POOL, "admin",
	             HEAD(CRD, "IPPool") "{\"name\":\"default-ipv4-ippool\"},\"spec\":"
	                                 "{\"cidr\":\"10.42.0.0/16\"}}");
}

START_TEST(an_object_that_appears_meanwhile_is_left_alone)
{
	hbr_plan *plan;
	uint64_t looks;

	hbr_plan_free(kit_plan(&cluster_kit, cluster_kit.wanted, 0));
	world_calm(cluster_kit.world);
	plan = kit_plan(&cluster_kit, cluster_kit.wanted, 0);
	looks = world_calls(cluster_kit.world, NULL);
	/* An apply first looks whether the plan is stale: just after that. */
	world_at(cluster_kit.world, looks + 1, intrude, NULL);
	ck_assert_int_eq(kit_run(&cluster_kit, plan), HBR_EEXIST);
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/" POOL), "10.42"));
	ck_assert_ptr_null(strstr(cluster_object(CRD "/" POOL), "libhbr"));
	hbr_plan_free(plan);
}
END_TEST

START_TEST(undo_leaves_an_object_that_somebody_made_anew)
{
	kit_apply(&cluster_kit, 0);
	world_object(cluster_kit.world, CRD "/" PEER, "admin", NULL);
	world_object(cluster_kit.world, CRD "/" PEER, "admin",
	             HEAD(CRD, "BGPPeer") "{\"name\":\"hbr-node1-v4\"},\"spec\":{}}");
	cluster_undo();
	ck_assert_str_ne(cluster_object(CRD "/" PEER), "");
	ck_assert_str_eq(cluster_object(CRD "/" POOL), "");
}
END_TEST

/* Every call of an apply over a foreign default fails once: all or nothing. */
START_TEST(a_call_that_fails_leaves_everything_as_it_was)
{
	cluster_foreign_bgp();
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	for (uint64_t n = 1;; n++) {
		hbr_plan *plan = kit_plan(&cluster_kit, cluster_kit.wanted, HBR_PLAN_ADOPT);

		world_fail_at(cluster_kit.world, n, 1, HBR_EIO);
		int rc = kit_run(&cluster_kit, plan);
		bool failed = world_failed(cluster_kit.world);

		world_calm(cluster_kit.world);
		hbr_plan_free(plan);
		if (!failed) {
			ck_assert_int_eq(rc, 0);
			break;
		}
		ck_assert_int_eq(rc, HBR_EIO);
		cluster_is(before);
		ck_assert_uint_lt(n, 100);
	}
}
END_TEST

START_TEST(what_the_server_refuses_needs_no_undo)
{
	hbr_plan *plan;
	uint64_t looks;

	hbr_plan_free(kit_plan(&cluster_kit, cluster_kit.wanted, 0));
	world_calm(cluster_kit.world);
	plan = kit_plan(&cluster_kit, cluster_kit.wanted, 0);
	looks = world_calls(cluster_kit.world, NULL);
	/* The first object cannot even be looked at, now or ever. */
	world_fail_at(cluster_kit.world, looks + 1, 1000, HBR_EPERM);
	ck_assert_int_eq(kit_run(&cluster_kit, plan), HBR_EPERM);
	world_calm(cluster_kit.world);
	cluster_is("");
	hbr_plan_free(plan);
}
END_TEST

/* The process dies at every call; whoever comes next takes it back. */
START_TEST(an_apply_that_is_killed_is_taken_back)
{
	cluster_foreign_bgp();
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	for (uint64_t n = 1;; n++) {
		hbr_plan *plan = kit_plan(&cluster_kit, cluster_kit.wanted, HBR_PLAN_ADOPT);
		hbr_run *run = NULL;

		world_die_at(cluster_kit.world, n);
		int rc = kit_run(&cluster_kit, plan);

		world_calm(cluster_kit.world);
		hbr_plan_free(plan);
		if (rc == 0)
			break;
		kit_forget(&cluster_kit);
		ck_ok(hbr_recover(cluster_kit.ctx, NULL, &run, &cluster_kit.err),
		      cluster_kit.err);
		ck_assert_int_eq(cluster_finish(run), 0);
		cluster_is(before);
		ck_assert_uint_lt(n, 100);
	}
}
END_TEST

START_TEST(the_cluster_fails_without_the_node_and_the_reverse)
{
	hbr_ctx *cluster_ctx = cluster_kit.ctx;
	hbr_state *cluster = cluster_kit.wanted;

	cluster_kit.ctx = cluster_node_ctx;
	cluster_kit.wanted = kit_wanted();
	kit_apply(&cluster_kit, 0);
	_cleanup_free_ char *node = world_dump(cluster_kit.world);

	hbr_state_free(cluster_kit.wanted);
	cluster_kit.ctx = cluster_ctx;
	cluster_kit.wanted = cluster;
	kit_apply(&cluster_kit, 0);
	cluster_undo();
	cluster_is("");
	kit_is(&cluster_kit, node);
	/* The journal of the node still knows its own. */
	cluster_kit.ctx = cluster_node_ctx;
	cluster_undo();
	kit_is_start(&cluster_kit);
	cluster_kit.ctx = cluster_ctx;
}
END_TEST

START_TEST(a_context_without_the_flag_still_keeps_the_clusters_books_apart)
{
	hbr_ctx *cluster_ctx = cluster_kit.ctx;
	char path[128];

	cluster_kit.ctx = cluster_node_ctx;
	kit_apply(&cluster_kit, 0);
	cluster_kit.ctx = cluster_ctx;
	snprintf(path, sizeof(path), "%s/baseline", cluster_kit.state_dir);
	ck_assert_int_ne(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/cluster/baseline", cluster_kit.state_dir);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_state_of_both_is_refused)
{
	hbr_state *have = NULL;

	want_none();
	want_peer();
	kit_put(cluster_kit.wanted, HBR_KIND_NETNS, NULL, "crpd", NULL);
	ck_assert_int_eq(
	        hbr_observe(cluster_node_ctx, cluster_kit.wanted, &have, &cluster_kit.err),
	        HBR_EINVAL);
}
END_TEST

static void expect_ready(void)
{
	hbr_expect body = { .type = HBR_EXPECT_READY };
	hbr_resource ready = { .size = sizeof(ready),
		               .kind = HBR_KIND_EXPECT,
		               .name = "node node1 ready",
		               .owner = "node1",
		               .body = &body };

	want_none();
	want_peer();
	ck_ok(hbr_state_put(cluster_kit.wanted, &ready, &cluster_kit.err), cluster_kit.err);
}

/* How many conditions do not hold; what the first found. */
static size_t verify(char *found, size_t size)
{
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_status *status = NULL;
	size_t n;

	ck_ok(hbr_verify(cluster_kit.ctx, cluster_kit.wanted, 0, &status, &cluster_kit.err),
	      cluster_kit.err);
	n = hbr_status_count(status, HBR_LEVEL_ERROR);
	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++) {
		if (finding.level >= HBR_LEVEL_ERROR) {
			snprintf(found, size, "%s", finding.found);
			break;
		}
	}
	hbr_status_free(status);
	return n;
}

static void kubelet_registers(void)
{
	world_object(cluster_kit.world, "v1/Node//node1", "kubelet",
	             HEAD("v1", "Node") "{\"name\":\"node1\"}}");
}

static void foreign_pool(const char *cidr)
{
	char text[256];

	snprintf(text, sizeof(text),
	         HEAD(CRD, "IPPool") "{\"name\":\"old\"},\"spec\":{\"cidr\":\"%s\"}}", cidr);
	world_object(cluster_kit.world, CRD "/IPPool//old", "admin", text);
}

START_TEST(verify_names_what_differs)
{
	char found[256] = "";

	ck_assert_uint_eq(verify(found, sizeof(found)), 4);
	ck_assert_str_eq(found, "absent");
	kit_apply(&cluster_kit, 0);
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	world_object(cluster_kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true}}");
	ck_assert_uint_eq(verify(found, sizeof(found)), 1);
	ck_assert_str_eq(found, "spec.nodeToNodeMeshEnabled true");
}
END_TEST

START_TEST(verify_is_one_list_a_kind_whatever_the_number_of_objects)
{
	char found[256] = "";

	kubelet_registers();
	kit_apply(&cluster_kit, 0);
	world_calm(cluster_kit.world);
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.get"), 0);
	/* BGPConfiguration, BGPPeer, IPPool, FelixConfiguration, Node. */
	ck_assert_uint_eq(world_calls(cluster_kit.world, "kube.list"), 5);
}
END_TEST

START_TEST(a_pool_of_others_that_overlaps_is_named_by_plan_and_verify)
{
	char found[256] = "";

	kit_apply(&cluster_kit, 0);
	_cleanup_free_ char *before = world_objects(cluster_kit.world);

	foreign_pool("10.42.128.0/17");
	ck_assert_uint_eq(verify(found, sizeof(found)), 1);
	ck_assert_str_eq(found, "overlapped by IPPool old (10.42.128.0/17)");
	ck_assert_int_eq(kit_try(&cluster_kit, HBR_PLAN_ADOPT), HBR_ECONFLICT);
	ck_assert_ptr_nonnull(
	        strstr(kit_message(&cluster_kit), "overlaps IPPool old (10.42.128.0/17)"));
	world_object(cluster_kit.world, CRD "/IPPool//old", "admin", NULL);
	cluster_is(before);
	foreign_pool("10.43.0.0/16");
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	ck_assert_uint_eq(kit_apply(&cluster_kit, 0), 0);
	ck_assert_uint_eq(kit_apply(&cluster_kit, HBR_PLAN_REMOVE), 4);
	ck_assert_ptr_nonnull(strstr(cluster_object(CRD "/IPPool//old"), "10.43.0.0/16"));
}
END_TEST

START_TEST(a_node_that_is_registered_must_be_ready)
{
	char found[256] = "";

	expect_ready();
	kit_apply(&cluster_kit, 0);
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	world_object(cluster_kit.world, "v1/Node//node1", "kubelet",
	             HEAD("v1", "Node") "{\"name\":\"node1\"},\"status\":{\"conditions\":"
	                                "[{\"type\":\"Ready\",\"status\":\"False\","
	                                "\"message\":\"no network\"}]}}");
	ck_assert_uint_eq(verify(found, sizeof(found)), 1);
	ck_assert_str_eq(found, "not ready: no network");
}
END_TEST

HBR_SUITE(engine_cluster_safety)
{
	tcase_add_checked_fixture(tcase, cluster_setup, cluster_teardown);
	tcase_add_test(tcase, drift_of_our_fields_is_taken_back_whoever_owns_them_now);
	tcase_add_test(tcase, a_cluster_without_calico_says_what_is_missing);
	tcase_add_test(tcase, an_object_that_appears_meanwhile_is_left_alone);
	tcase_add_test(tcase, a_call_that_fails_leaves_everything_as_it_was);
	tcase_add_test(tcase, what_the_server_refuses_needs_no_undo);
	tcase_add_test(tcase, undo_leaves_an_object_that_somebody_made_anew);
	tcase_add_test(tcase, an_apply_that_is_killed_is_taken_back);
	tcase_add_test(tcase, the_cluster_fails_without_the_node_and_the_reverse);
	tcase_add_test(tcase, a_context_without_the_flag_still_keeps_the_clusters_books_apart);
	tcase_add_test(tcase, a_state_of_both_is_refused);
	tcase_add_test(tcase, verify_names_what_differs);
	tcase_add_test(tcase, verify_is_one_list_a_kind_whatever_the_number_of_objects);
	tcase_add_test(tcase, a_pool_of_others_that_overlaps_is_named_by_plan_and_verify);
	tcase_add_test(tcase, a_node_that_is_registered_must_be_ready);
}
