/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about the cluster: objects made, changed, adopted, given back; never half done. */
#include "unit/engine/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define V3 "projectcalico.org/v3"
#define CRD "crd.projectcalico.org/v1"
#define LABELS "\"labels\":{\"app.kubernetes.io/managed-by\":\"libhbr\"}"
#define HEAD(version, kind) "{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"metadata\":"
#define BGP "BGPConfiguration//default"
#define PEER "BGPPeer//hbr-node1-v4"
#define POOL "IPPool//default-ipv4-ippool"
#define FELIX "FelixConfiguration//default"

static struct kit kit;
static hbr_ctx *node_ctx;

static void put(const char *name, uint32_t flags, const char *text)
{
	hbr_apiobject body = { .text = text };
	hbr_resource object = { .size = sizeof(object),
		                .kind = HBR_KIND_OBJECT,
		                .flags = flags,
		                .name = name,
		                .body = &body };

	ck_ok(hbr_state_put(kit.wanted, &object, &kit.err), kit.err);
}

static void put_bgp(const char *spec)
{
	char text[512];

	snprintf(text, sizeof(text),
	         HEAD(V3, "BGPConfiguration") "{" LABELS ",\"name\":\"default\"},\"spec\":%s}",
	         spec);
	put(V3 "/" BGP, 0, text);
}

static void put_peer(void)
{
	put(V3 "/" PEER, 0,
	    HEAD(V3, "BGPPeer") "{" LABELS ",\"name\":\"hbr-node1-v4\"},\"spec\":{\"node\":"
	                        "\"node1\",\"peerIP\":\"10.1.1.2\",\"asNumber\":64500}}");
}

static void put_pool(const char *cidr)
{
	char text[512];

	snprintf(text, sizeof(text),
	         HEAD(V3, "IPPool") "{" LABELS ",\"name\":\"default-ipv4-ippool\"},\"spec\":"
	                            "{\"cidr\":\"%s\",\"ipipMode\":\"Never\"}}",
	         cidr);
	put(V3 "/" POOL, 0, text);
}

static void put_felix(void)
{
	put(V3 "/" FELIX, 0,
	    HEAD(V3, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                   "{\"mtuIfacePattern\":\"^(veth-k8s)$\"}}");
}

static void put_node(void)
{
	put("v1/Node//node1", HBR_RESOURCE_OPTIONAL,
	    HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":"
	                       "{\"projectcalico.org/ASNumber\":\"64513\"}}}");
}

/* Begins to say what is wanted. */
static void want(void)
{
	hbr_state_free(kit.wanted);
	kit.wanted = NULL;
	ck_ok(hbr_state_new(&kit.wanted, &kit.err), kit.err);
}

static void want_all(void)
{
	want();
	put_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64512}");
	put_peer();
	put_pool("10.42.0.0/16");
	put_felix();
	put_node();
}

static void setup(void)
{
	hbr_ctx_opts opts;

	kit_setup(&kit);
	node_ctx = kit.ctx;
	opts = world_opts(kit.world, kit.state_dir);
	opts.flags = HBR_CTX_CLUSTER;
	ck_ok(hbr_ctx_new(&opts, &kit.ctx, &kit.err), kit.err);
	world_serve(kit.world, CRD);
	world_serve(kit.world, "v1");
	want_all();
}

static void teardown(void)
{
	char path[128];

	hbr_ctx_free(node_ctx);
	snprintf(path, sizeof(path), "rm -rf %s/cluster", kit.state_dir);
	ck_assert_int_eq(system(path), 0);
	kit_teardown(&kit);
}

/* An object's whole line in the API, or "". */
static const char *seen(const char *name)
{
	static char line[2048];
	_cleanup_free_ char *all = world_objects(kit.world);
	const char *at = strstr(all, name);

	line[0] = 0;
	if (at)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

static void is_as(const char *before)
{
	_cleanup_free_ char *now = world_objects(kit.world);

	ck_assert_str_eq(now, before);
}

static int finish(hbr_run *run)
{
	hbr_event event = { .size = sizeof(event) };
	int rc;

	kit_forget(&kit);
	do {
		rc = hbr_run_next(run, &event, &kit.err);
	} while (rc == 1);
	hbr_run_free(run);
	return rc;
}

static void undo(void)
{
	hbr_run *run = NULL;

	ck_ok(hbr_undo(kit.ctx, NULL, &run, &kit.err), kit.err);
	ck_assert_int_eq(finish(run), 0);
}

START_TEST(an_empty_cluster_gets_all_objects_as_it_serves_them)
{
	ck_assert_uint_eq(kit_apply(&kit, 0), 4);
	ck_assert_str_eq(seen(CRD "/" BGP),
	                 CRD "/" BGP " {\"apiVersion\":\"" CRD "\",\"kind\":\"BGPConfiguration\","
	                 "\"metadata\":{" LABELS ",\"name\":\"default\"},\"spec\":"
	                 "{\"asNumber\":64512,\"nodeToNodeMeshEnabled\":false}}");
	ck_assert_str_eq(seen("v1/Node"), "");
}
END_TEST

START_TEST(where_calicos_api_server_is_its_objects_are_written_through_it)
{
	world_serve(kit.world, V3);
	kit_apply(&kit, 0);
	ck_assert_str_ne(seen(V3 "/" BGP), "");
	ck_assert_str_eq(seen(CRD "/" BGP), "");
}
END_TEST

START_TEST(a_second_apply_writes_nothing)
{
	kit_apply(&kit, 0);
	world_calm(kit.world);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_assert_uint_eq(world_calls(kit.world, "kube.apply"), 0);
	ck_assert_uint_eq(world_calls(kit.world, "kube.remove"), 0);
}
END_TEST

START_TEST(looking_is_one_list_a_kind_whatever_the_number_of_objects)
{
	hbr_state *have = NULL;

	kit_apply(&kit, 0);
	world_calm(kit.world);
	ck_ok(hbr_observe(kit.ctx, kit.wanted, &have, &kit.err), kit.err);
	ck_assert_uint_eq(world_calls(kit.world, "kube.get"), 0);
	ck_assert_uint_le(world_calls(kit.world, "kube.list"), 6);
	hbr_state_free(have);
}
END_TEST

START_TEST(nothing_of_the_node_is_looked_at)
{
	kit_apply(&kit, 0);
	world_calm(kit.world);
	kit_apply(&kit, 0);
	ck_assert_uint_eq(world_calls(kit.world, "netlink.dump"), 0);
	ck_assert_uint_eq(world_calls(kit.world, "netns.list"), 0);
}
END_TEST

START_TEST(what_the_site_changes_is_changed_and_nothing_else)
{
	kit_apply(&kit, 0);
	world_object(kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"logSeverityScreen\":\"Debug\"}}");
	want_all();
	put_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64600}");
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" BGP), "\"asNumber\":64600"));
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" BGP), "Debug"));
}
END_TEST

START_TEST(a_field_that_is_not_wanted_any_more_goes)
{
	kit_apply(&kit, 0);
	want_all();
	put_bgp("{\"nodeToNodeMeshEnabled\":false}");
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert_ptr_null(strstr(seen(CRD "/" BGP), "asNumber"));
}
END_TEST

/* Somebody else's default, with the mesh on. */
static void foreign_bgp(void)
{
	world_object(kit.world, CRD "/" BGP, "calico-node",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true,"
	                                           "\"logSeverityScreen\":\"Info\"}}");
}

START_TEST(a_default_of_somebody_else_is_a_conflict)
{
	foreign_bgp();
	_cleanup_free_ char *before = world_objects(kit.world);

	ck_assert_int_eq(kit_try(&kit, 0), HBR_ECONFLICT);
	is_as(before);
}
END_TEST

START_TEST(an_adopted_default_keeps_the_fields_of_others_and_undo_gives_it_back)
{
	foreign_bgp();
	_cleanup_free_ char *before = world_objects(kit.world);

	ck_assert_int_eq(kit_try(&kit, HBR_PLAN_ADOPT), 0);
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" BGP), "\"nodeToNodeMeshEnabled\":false"));
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" BGP), "\"logSeverityScreen\":\"Info\""));
	undo();
	is_as(before);
}
END_TEST

START_TEST(a_removal_gives_an_adopted_default_back)
{
	foreign_bgp();
	_cleanup_free_ char *before = world_objects(kit.world);

	ck_assert_int_eq(kit_try(&kit, HBR_PLAN_ADOPT), 0);
	ck_assert_int_eq(kit_try(&kit, HBR_PLAN_REMOVE), 0);
	is_as(before);
}
END_TEST

START_TEST(an_object_that_others_share_is_added_to_and_given_back)
{
	world_object(kit.world, CRD "/" FELIX, "calico-node",
	             HEAD(CRD, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                             "{\"reportingInterval\":\"0s\"}}");
	world_object(kit.world, "v1/Node//node1", "kubelet",
	             HEAD("v1", "Node") "{\"name\":\"node1\",\"labels\":{\"a\":\"b\"}}}");
	_cleanup_free_ char *before = world_objects(kit.world);

	ck_assert_uint_eq(kit_apply(&kit, 0), 5);
	ck_assert_ptr_nonnull(strstr(seen("v1/Node"), "\"64513\""));
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" FELIX), "veth-k8s"));
	kit_apply(&kit, HBR_PLAN_REMOVE);
	is_as(before);
}
END_TEST

START_TEST(an_as_that_somebody_else_gave_a_node_is_a_conflict)
{
	world_object(kit.world, "v1/Node//node1", "admin",
	             HEAD("v1", "Node") "{\"name\":\"node1\",\"annotations\":"
	                                "{\"projectcalico.org/ASNumber\":\"65000\"}}}");
	ck_assert_int_eq(kit_try(&kit, 0), HBR_ECONFLICT);
}
END_TEST

START_TEST(an_object_that_we_made_and_others_use_outlives_us)
{
	kit_apply(&kit, 0);
	world_object(kit.world, CRD "/" FELIX, "calico-node",
	             HEAD(CRD, "FelixConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                             "{\"reportingInterval\":\"0s\"}}");
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert_str_eq(seen(CRD),
	                 CRD "/" FELIX " {\"apiVersion\":\"" CRD "\",\"kind\":"
	                 "\"FelixConfiguration\",\"metadata\":{\"name\":\"default\"},\"spec\":"
	                 "{\"reportingInterval\":\"0s\"}}");
}
END_TEST

START_TEST(removal_leaves_an_empty_cluster_empty)
{
	kit_apply(&kit, 0);
	ck_assert_uint_eq(kit_apply(&kit, HBR_PLAN_REMOVE), 4);
	is_as("");
}
END_TEST

START_TEST(undo_of_a_removal_brings_everything_back)
{
	kit_apply(&kit, 0);
	_cleanup_free_ char *before = world_objects(kit.world);

	kit_apply(&kit, HBR_PLAN_REMOVE);
	undo();
	is_as(before);
}
END_TEST

START_TEST(a_pool_that_moves_is_made_again_and_undo_brings_the_old_one_back)
{
	kit_apply(&kit, 0);
	_cleanup_free_ char *before = world_objects(kit.world);

	want_all();
	put_pool("10.43.0.0/16");
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert_uint_eq(world_calls(kit.world, "kube.remove"), 1);
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" POOL), "10.43.0.0/16"));
	undo();
	is_as(before);
}
END_TEST

START_TEST(what_carries_our_label_is_ours_when_the_baseline_is_lost)
{
	char path[128];

	kit_apply(&kit, 0);
	snprintf(path, sizeof(path), "%s/cluster/baseline", kit.state_dir);
	ck_assert_int_eq(unlink(path), 0);
	want();
	put_bgp("{\"nodeToNodeMeshEnabled\":false,\"asNumber\":64512}");
	ck_assert_uint_eq(kit_apply(&kit, HBR_PLAN_PRUNE), 2);
	ck_assert_str_eq(seen(CRD "/" PEER), "");
	ck_assert_str_eq(seen(CRD "/" POOL), "");
}
END_TEST

START_TEST(an_object_whose_label_somebody_took_off_is_not_deleted)
{
	kit_apply(&kit, 0);
	world_object(kit.world, CRD "/" PEER, "admin", NULL);
	world_object(kit.world, CRD "/" PEER, "admin",
	             HEAD(CRD, "BGPPeer") "{\"name\":\"hbr-node1-v4\"},\"spec\":{}}");
	ck_assert_int_eq(kit_try(&kit, HBR_PLAN_REMOVE), HBR_ECONFLICT);
	ck_assert_str_ne(seen(CRD "/" PEER), "");
}
END_TEST

START_TEST(drift_of_our_fields_is_taken_back_whoever_owns_them_now)
{
	kit_apply(&kit, 0);
	world_object(kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true}}");
	ck_assert_uint_eq(kit_apply(&kit, 0), 1);
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" BGP), "\"nodeToNodeMeshEnabled\":false"));
}
END_TEST

START_TEST(a_cluster_without_calico_says_what_is_missing)
{
	hbr_state *have = NULL;

	world_unserve(kit.world);
	ck_assert_int_eq(hbr_observe(kit.ctx, kit.wanted, &have, &kit.err), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "BGPConfiguration"));
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(kit.err), "Calico"));
}
END_TEST

/* Somebody makes one of the objects just before we do. */
static void intrude(void *user)
{
	(void)user;
	world_object(kit.world, CRD "/" POOL, "admin",
	             HEAD(CRD, "IPPool") "{\"name\":\"default-ipv4-ippool\"},\"spec\":"
	                                 "{\"cidr\":\"10.42.0.0/16\"}}");
}

START_TEST(an_object_that_appears_meanwhile_is_left_alone)
{
	hbr_plan *plan;
	uint64_t looks;

	hbr_plan_free(kit_plan(&kit, kit.wanted, 0));
	world_calm(kit.world);
	plan = kit_plan(&kit, kit.wanted, 0);
	looks = world_calls(kit.world, NULL);
	/* An apply first looks whether the plan is stale: just after that. */
	world_at(kit.world, looks + 1, intrude, NULL);
	ck_assert_int_eq(kit_run(&kit, plan), HBR_EEXIST);
	ck_assert_ptr_nonnull(strstr(seen(CRD "/" POOL), "10.42"));
	ck_assert_ptr_null(strstr(seen(CRD "/" POOL), "libhbr"));
	hbr_plan_free(plan);
}
END_TEST

/* Every call of an apply over a foreign default fails once: all or nothing. */
START_TEST(a_call_that_fails_leaves_everything_as_it_was)
{
	foreign_bgp();
	_cleanup_free_ char *before = world_objects(kit.world);

	for (uint64_t n = 1;; n++) {
		hbr_plan *plan = kit_plan(&kit, kit.wanted, HBR_PLAN_ADOPT);

		world_fail_at(kit.world, n, 1, HBR_EIO);
		int rc = kit_run(&kit, plan);
		bool failed = world_failed(kit.world);

		world_calm(kit.world);
		hbr_plan_free(plan);
		if (!failed) {
			ck_assert_int_eq(rc, 0);
			break;
		}
		ck_assert_int_eq(rc, HBR_EIO);
		is_as(before);
		ck_assert_uint_lt(n, 100);
	}
}
END_TEST

START_TEST(what_the_server_refuses_needs_no_undo)
{
	hbr_plan *plan;
	uint64_t looks;

	hbr_plan_free(kit_plan(&kit, kit.wanted, 0));
	world_calm(kit.world);
	plan = kit_plan(&kit, kit.wanted, 0);
	looks = world_calls(kit.world, NULL);
	/* The first object cannot even be looked at, now or ever. */
	world_fail_at(kit.world, looks + 1, 1000, HBR_EPERM);
	ck_assert_int_eq(kit_run(&kit, plan), HBR_EPERM);
	world_calm(kit.world);
	is_as("");
	hbr_plan_free(plan);
}
END_TEST

/* The process dies at every call; whoever comes next takes it back. */
START_TEST(an_apply_that_is_killed_is_taken_back)
{
	foreign_bgp();
	_cleanup_free_ char *before = world_objects(kit.world);

	for (uint64_t n = 1;; n++) {
		hbr_plan *plan = kit_plan(&kit, kit.wanted, HBR_PLAN_ADOPT);
		hbr_run *run = NULL;

		world_die_at(kit.world, n);
		int rc = kit_run(&kit, plan);

		world_calm(kit.world);
		hbr_plan_free(plan);
		if (rc == 0)
			break;
		kit_forget(&kit);
		ck_ok(hbr_recover(kit.ctx, NULL, &run, &kit.err), kit.err);
		ck_assert_int_eq(finish(run), 0);
		is_as(before);
		ck_assert_uint_lt(n, 100);
	}
}
END_TEST

START_TEST(the_cluster_fails_without_the_node_and_the_reverse)
{
	hbr_ctx *cluster_ctx = kit.ctx;
	hbr_state *cluster = kit.wanted;

	kit.ctx = node_ctx;
	kit.wanted = kit_wanted();
	kit_apply(&kit, 0);
	_cleanup_free_ char *node = world_dump(kit.world);

	hbr_state_free(kit.wanted);
	kit.ctx = cluster_ctx;
	kit.wanted = cluster;
	kit_apply(&kit, 0);
	undo();
	is_as("");
	kit_is(&kit, node);
	/* The journal of the node still knows its own. */
	kit.ctx = node_ctx;
	undo();
	kit_is_start(&kit);
	kit.ctx = cluster_ctx;
}
END_TEST

START_TEST(a_context_without_the_flag_still_keeps_the_clusters_books_apart)
{
	hbr_ctx *cluster_ctx = kit.ctx;
	char path[128];

	kit.ctx = node_ctx;
	kit_apply(&kit, 0);
	kit.ctx = cluster_ctx;
	snprintf(path, sizeof(path), "%s/baseline", kit.state_dir);
	ck_assert_int_ne(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/cluster/baseline", kit.state_dir);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_state_of_both_is_refused)
{
	hbr_state *have = NULL;

	want();
	put_peer();
	kit_put(kit.wanted, HBR_KIND_NETNS, NULL, "crpd", NULL);
	ck_assert_int_eq(hbr_observe(node_ctx, kit.wanted, &have, &kit.err), HBR_EINVAL);
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

	want();
	put_peer();
	ck_ok(hbr_state_put(kit.wanted, &ready, &kit.err), kit.err);
}

/* How many conditions do not hold; what the first found. */
static size_t verify(char *found, size_t size)
{
	hbr_finding finding = { .size = sizeof(finding) };
	hbr_status *status = NULL;
	size_t n;

	ck_ok(hbr_verify(kit.ctx, kit.wanted, 0, &status, &kit.err), kit.err);
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

START_TEST(verify_names_what_differs)
{
	char found[256] = "";

	ck_assert_uint_eq(verify(found, sizeof(found)), 4);
	ck_assert_str_eq(found, "absent");
	kit_apply(&kit, 0);
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	world_object(kit.world, CRD "/" BGP, "kubectl",
	             HEAD(CRD, "BGPConfiguration") "{\"name\":\"default\"},\"spec\":"
	                                           "{\"nodeToNodeMeshEnabled\":true}}");
	ck_assert_uint_eq(verify(found, sizeof(found)), 1);
	ck_assert_str_eq(found, "spec.nodeToNodeMeshEnabled true");
}
END_TEST

START_TEST(a_node_that_is_registered_must_be_ready)
{
	char found[256] = "";

	expect_ready();
	kit_apply(&kit, 0);
	ck_assert_uint_eq(verify(found, sizeof(found)), 0);
	world_object(kit.world, "v1/Node//node1", "kubelet",
	             HEAD("v1", "Node") "{\"name\":\"node1\"},\"status\":{\"conditions\":"
	                                "[{\"type\":\"Ready\",\"status\":\"False\","
	                                "\"message\":\"no network\"}]}}");
	ck_assert_uint_eq(verify(found, sizeof(found)), 1);
	ck_assert_str_eq(found, "not ready: no network");
}
END_TEST

HBR_SUITE(engine_cluster)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
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
	tcase_add_test(tcase,
	               a_pool_that_moves_is_made_again_and_undo_brings_the_old_one_back);
	tcase_add_test(tcase, what_carries_our_label_is_ours_when_the_baseline_is_lost);
	tcase_add_test(tcase, an_object_whose_label_somebody_took_off_is_not_deleted);
	tcase_add_test(tcase, drift_of_our_fields_is_taken_back_whoever_owns_them_now);
	tcase_add_test(tcase, a_cluster_without_calico_says_what_is_missing);
	tcase_add_test(tcase, an_object_that_appears_meanwhile_is_left_alone);
	tcase_add_test(tcase, a_call_that_fails_leaves_everything_as_it_was);
	tcase_add_test(tcase, what_the_server_refuses_needs_no_undo);
	tcase_add_test(tcase, an_apply_that_is_killed_is_taken_back);
	tcase_add_test(tcase, the_cluster_fails_without_the_node_and_the_reverse);
	tcase_add_test(tcase, a_context_without_the_flag_still_keeps_the_clusters_books_apart);
	tcase_add_test(tcase, a_state_of_both_is_refused);
	tcase_add_test(tcase, verify_names_what_differs);
	tcase_add_test(tcase, a_node_that_is_registered_must_be_ready);
}
