/* SPDX-License-Identifier: Apache-2.0 */
/* The kube port and a real API server: reading, applying, conflicts, deletion, rights. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/wake.h"
#include "desk.h"

#define WIDGETS "/apis/test.hbr.dev/v1/namespaces/" DESK_NS "/widgets/"
#define SSA "application/apply-patch+yaml"
#define MERGE "application/merge-patch+json"

START_TEST(what_a_cluster_serves_is_known)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_assert_int_eq(desk_serves(&desk, "v1", "Node"), 1);
	ck_assert_int_eq(desk_serves(&desk, "v1", "Nod"), 0);
	ck_assert_int_eq(desk_serves(&desk, "coordination.k8s.io/v1", "Lease"), 1);
	ck_assert_int_eq(desk_serves(&desk, "projectcalico.org/v3", "BGPPeer"), 0);
	ck_assert_int_eq(desk_get(&desk, "projectcalico.org/v3/BGPPeer//a"), HBR_ENOTSUP);
	desk_says(&desk, "does not serve BGPPeer of projectcalico.org/v3");
	ck_assert_int_eq(desk_get(&desk, WIDGET "absent"), HBR_ENOENT);
	desk_says(&desk, "Widget " DESK_NS "/absent");
}
END_TEST

START_TEST(what_is_applied_is_read_back_and_again_is_no_change)
{
	_cleanup_desk_ struct desk desk;
	_cleanup_free_ char *version = NULL;

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "one", "{\"spec\":{\"size\":7,\"colour\":\"red\"}}", 0),
	      desk.err);
	ck_assert_str_eq(desk.name, WIDGET "one");
	ck_assert_ptr_nonnull(desk.uid);
	version = strdup(desk_text(&desk, "metadata.resourceVersion"));
	ck_ok(desk_apply(&desk, WIDGET "one", "{\"spec\":{\"size\":7,\"colour\":\"red\"}}", 0),
	      desk.err);
	ck_assert_str_eq(desk_text(&desk, "metadata.resourceVersion"), version);
	ck_ok(desk_get(&desk, WIDGET "one"), desk.err);
	ck_assert_int_eq(desk_number(&desk, "spec.size"), 7);
	ck_assert_str_eq(desk_text(&desk, "kind"), "Widget");
	ck_assert_ptr_null(
	        json_object_get(json_object_get(desk.object, "metadata"), "managedFields"));
}
END_TEST

START_TEST(a_field_that_is_left_out_goes)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "less", "{\"spec\":{\"size\":7,\"colour\":\"red\"}}", 0),
	      desk.err);
	ck_ok(desk_apply(&desk, WIDGET "less", "{\"spec\":{\"size\":7}}", 0), desk.err);
	ck_assert_ptr_null(desk_text(&desk, "spec.colour"));
}
END_TEST

START_TEST(numbers_and_fields_that_we_do_not_know_are_unharmed)
{
	static const char text[] = "{\"spec\":{\"free\":{\"big\":9007199254740993,\"deep\":[{"
	                           "\"a\":null},1.5,\"\\u00e4\"]}}}";
	_cleanup_desk_ struct desk desk;
	const json_t *free_part;

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "free", text, 0), desk.err);
	ck_ok(desk_get(&desk, WIDGET "free"), desk.err);
	ck_assert_int_eq(desk_number(&desk, "spec.free.big"), INT64_C(9007199254740993));
	free_part = json_object_get(json_object_get(desk.object, "spec"), "free");
	ck_assert_uint_eq(json_array_size(json_object_get(free_part, "deep")), 3);
}
END_TEST

START_TEST(a_conflict_names_the_manager_and_the_field)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_ok(desk_remove(&desk, WIDGET "theirs", NULL), desk.err);
	ck_assert_int_eq(desk_interfere(&desk, WIDGETS "theirs?fieldManager=somebody", "PATCH",
	                                SSA,
	                                "{\"apiVersion\":\"test.hbr.dev/v1\",\"kind\":"
	                                "\"Widget\",\"metadata\":{\"name\":\"theirs\"},"
	                                "\"spec\":{\"size\":1}}"),
	                 201);
	ck_assert_int_eq(desk_apply(&desk, WIDGET "theirs", "{\"spec\":{\"size\":2}}", 0),
	                 HBR_ECONFLICT);
	desk_says(&desk, ".spec.size belongs to \"somebody\"");
	ck_ok(desk_apply(&desk, WIDGET "theirs", "{\"spec\":{\"size\":2}}", HBR_KUBE_FORCE),
	      desk.err);
	ck_assert_int_eq(desk_number(&desk, "spec.size"), 2);
}
END_TEST

START_TEST(a_patch_says_only_its_members_and_only_of_that_version)
{
	_cleanup_desk_ struct desk desk;
	char patch[256];

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "part", "{\"spec\":{\"size\":7,\"colour\":\"red\"}}", 0),
	      desk.err);
	snprintf(patch, sizeof(patch),
	         "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"colour\":\"blue\"}}",
	         desk_text(&desk, "metadata.resourceVersion"));
	ck_ok(desk_patch(&desk, WIDGET "part", patch), desk.err);
	ck_assert_int_eq(desk_number(&desk, "spec.size"), 7);
	ck_assert_str_eq(desk_text(&desk, "spec.colour"), "blue");
	ck_assert_int_eq(desk_patch(&desk, WIDGET "part", patch), HBR_ESTALE);
	desk_says(&desk, "meanwhile");
	ck_ok(desk_patch(&desk, WIDGET "part", "{\"spec\":{\"colour\":null}}"), desk.err);
	ck_assert_ptr_null(desk_text(&desk, "spec.colour"));
	ck_assert_int_eq(desk_patch(&desk, WIDGET "none", "{\"spec\":{}}"), HBR_ENOENT);
	ck_assert_int_eq(desk_patch(&desk, WIDGET "part", "{\"spec\":{\"size\":3000}}"),
	                 HBR_EKUBE);
	desk_says(&desk, "spec.size");
}
END_TEST

START_TEST(a_dry_run_is_checked_and_not_kept)
{
	_cleanup_desk_ struct desk desk;
	uint64_t writes, after, requests;

	desk_open(&desk, "admin");
	desk.port->count(desk.port->self, &writes, &requests);
	ck_ok(desk_apply(&desk, WIDGET "dry", "{\"spec\":{\"size\":3}}", HBR_KUBE_DRY_RUN),
	      desk.err);
	ck_assert_int_eq(desk_number(&desk, "spec.size"), 3);
	ck_assert_int_eq(desk_get(&desk, WIDGET "dry"), HBR_ENOENT);
	desk.port->count(desk.port->self, &after, &requests);
	ck_assert_uint_eq(after, writes);
	ck_assert_int_eq(
	        desk_apply(&desk, WIDGET "dry", "{\"spec\":{\"size\":3000}}", HBR_KUBE_DRY_RUN),
	        HBR_EKUBE);
}
END_TEST

START_TEST(a_field_that_is_refused_is_named)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_assert_int_eq(desk_apply(&desk, WIDGET "bad", "{\"spec\":{\"size\":3000}}", 0),
	                 HBR_EKUBE);
	desk_says(&desk, "spec.size");
	desk_says(&desk, "less than or equal to 1000");
	ck_assert_int_eq(desk_apply(&desk, WIDGET "bad", "{\"spec\":{\"sice\":3}}", 0),
	                 HBR_EKUBE);
	desk_says(&desk, "sice");
	ck_assert_int_eq(desk_apply(&desk, WIDGET "bad", "{\"kind\":\"Gadget\"}", 0),
	                 HBR_EINVAL);
}
END_TEST

START_TEST(a_missing_namespace_is_told)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_assert_int_eq(desk_apply(&desk, "test.hbr.dev/v1/Widget/nowhere/a", "{}", 0),
	                 HBR_ENOENT);
	desk_says(&desk, "\"nowhere\" not found");
	ck_assert_int_eq(desk_apply(&desk, "test.hbr.dev/v1/Widget//a", "{}", 0), HBR_EINVAL);
	desk_says(&desk, "its namespace is missing");
	ck_assert_int_eq(desk_get(&desk, "v1/Node/" DESK_NS "/a"), HBR_EINVAL);
}
END_TEST

START_TEST(only_the_one_with_that_uid_is_deleted)
{
	_cleanup_desk_ struct desk desk;
	_cleanup_free_ char *uid = NULL;

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "gone", "{}", 0), desk.err);
	uid = strdup(desk.uid);
	ck_assert_int_eq(
	        desk_remove(&desk, WIDGET "gone", "00000000-0000-0000-0000-000000000000"),
	        HBR_ESTALE);
	desk_says(&desk, "made anew");
	ck_ok(desk_remove(&desk, WIDGET "gone", uid), desk.err);
	ck_assert_int_eq(desk_get(&desk, WIDGET "gone"), HBR_ENOENT);
	ck_ok(desk_remove(&desk, WIDGET "gone", uid), desk.err);
	ck_ok(desk_remove(&desk, WIDGET "gone", NULL), desk.err);
	ck_ok(desk_apply(&desk, WIDGET "gone", "{}", 0), desk.err);
	ck_ok(desk_remove(&desk, WIDGET "gone", NULL), desk.err);
	ck_assert_int_eq(desk_get(&desk, WIDGET "gone"), HBR_ENOENT);
}
END_TEST

START_TEST(a_deletion_that_is_held_names_the_finalizer)
{
	_cleanup_desk_ struct desk desk;

	desk_open(&desk, "admin");
	ck_ok(desk_apply(&desk, WIDGET "held",
	                 "{\"metadata\":{\"finalizers\":[\"test.hbr.dev/hold\"]}}", 0),
	      desk.err);

	struct desk hasty = desk;

	hasty.call.deadline_ns = wake_now() + 700 * WAKE_MS;
	ck_assert_int_eq(desk.port->remove(desk.port->self, &hasty.call, WIDGET "held",
	                                   desk.uid, 0, &desk.err),
	                 HBR_ETIMEDOUT);
	desk_says(&desk, "\"test.hbr.dev/hold\" holds it");
	ck_assert_int_eq(desk_interfere(&desk, WIDGETS "held", "PATCH", MERGE,
	                                "{\"metadata\":{\"finalizers\":null}}"),
	                 200);
	ck_ok(desk_remove(&desk, WIDGET "held", NULL), desk.err);
}
END_TEST

START_TEST(lists_come_in_pages_and_by_label)
{
	_cleanup_desk_ struct desk desk;
	char name[96];

	desk_open(&desk, "admin");
	for (int i = 0; i < 620; i++) {
		snprintf(name, sizeof(name), "v1/ConfigMap/" DESK_NS "/page-%d", i);
		ck_ok(desk_apply(&desk, name,
		                 i % 2 ? "{\"metadata\":{\"labels\":{\"test\":\"odd\"}}}"
		                       : "{\"metadata\":{\"labels\":{\"test\":\"even\"}}}",
		                 0),
		      desk.err);
	}
	ck_ok(desk_list(&desk, "v1", "ConfigMap", DESK_NS, "test in (odd, even)"), desk.err);
	ck_assert_uint_eq(desk.n, 620);
	ck_assert_str_eq(desk_text(&desk, "kind"), "ConfigMap");
	ck_ok(desk_list(&desk, "v1", "ConfigMap", NULL, "test=odd"), desk.err);
	ck_assert_uint_eq(desk.n, 310);
	ck_ok(desk_list(&desk, "v1", "ConfigMap", "nowhere", NULL), desk.err);
	ck_assert_uint_eq(desk.n, 0);
	ck_assert_int_eq(desk_list(&desk, "v1", "ConfigMap", NULL, "==="), HBR_EKUBE);
}
END_TEST

START_TEST(who_may_not_is_told_the_rule_to_add)
{
	_cleanup_desk_ struct desk admin, desk;

	desk_open(&admin, "admin");
	desk_open(&desk, "nobody");
	ck_assert_int_eq(desk_serves(&desk, "v1", "Node"), 1);
	ck_assert_int_eq(desk_list(&desk, "test.hbr.dev/v1", "Widget", NULL, NULL), HBR_EPERM);
	desk_says(&desk, "apiGroups: [\"test.hbr.dev\"], resources: [\"widgets\"], verbs: "
	                 "[\"list\"]");
	ck_assert_int_eq(desk_get(&desk, "v1/Node//a"), HBR_EPERM);
	desk_says(&desk, "apiGroups: [\"\"], resources: [\"nodes\"], verbs: [\"get\"]");
	ck_assert_int_eq(desk_apply(&desk, WIDGET "mine", "{}", 0), HBR_EPERM);
	desk_says(&desk, "verbs: [\"patch\"]");
	ck_assert_int_eq(desk_remove(&desk, WIDGET "mine", "x"), HBR_EPERM);
	desk_says(&desk, "verbs: [\"delete\"]");
}
END_TEST

START_TEST(an_apply_that_may_only_patch_is_told_to_need_create)
{
	_cleanup_desk_ struct desk admin, desk;

	desk_open(&admin, "admin");
	ck_ok(desk_apply(&admin, "rbac.authorization.k8s.io/v1/ClusterRole//hbr-port-patch",
	                 "{\"rules\":[{\"apiGroups\":[\"test.hbr.dev\"],\"resources\":["
	                 "\"widgets\"],\"verbs\":[\"patch\"]}]}",
	                 0),
	      admin.err);
	ck_ok(desk_apply(&admin,
	                 "rbac.authorization.k8s.io/v1/ClusterRoleBinding//hbr-port-patch",
	                 "{\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":"
	                 "\"ClusterRole\",\"name\":\"hbr-port-patch\"},\"subjects\":[{\"kind\":"
	                 "\"User\",\"apiGroup\":\"rbac.authorization.k8s.io\",\"name\":"
	                 "\"hbr-agent\"}]}",
	                 0),
	      admin.err);
	desk_open(&desk, "agent");

	int64_t until = wake_now() + 5000 * WAKE_MS;

	/* Bindings take a moment to be known. */
	do
		ck_assert_int_eq(desk_apply(&desk, WIDGET "new", "{}", 0), HBR_EPERM);
	while (strstr(hbr_error_hint(desk.err), "\"patch\"") && wake_now() < until);
	desk_says(&desk, "verbs: [\"create\"]");
}
END_TEST

START_TEST(a_client_certificate_will_do)
{
	_cleanup_desk_ struct desk admin, desk;

	desk_open(&admin, "admin");
	desk_open(&desk, "cert");
	ck_ok(desk_get(&desk, "v1/Namespace//" DESK_NS), desk.err);
}
END_TEST

/* What `script` prints is who we are at the server of cert.kubeconfig. */
static void write_exec(const char *script)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_buf_ struct buf own = BUF_INIT;
	const char *dir = getenv("HBR_KUBE_DIR");
	char path[512];
	hbr_error *err = NULL;
	const char *user;

	if (!dir)
		test_skip("no API server: HBR_KUBE_DIR is not set");
	snprintf(path, sizeof(path), "%s/cert.kubeconfig", dir);
	ck_ok(file_read(path, 65536, &text, NULL, &err), err);
	user = strstr(text.data, "  user: {client-certificate");
	ck_assert_ptr_nonnull(user);
	buf_printf(&own,
	           "%.*s  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
	           "./plugin, env: [{name: DIR, value: '%s'}]}}%s",
	           (int)(user - text.data), text.data, dir, strchr(user, '\n'));
	snprintf(path, sizeof(path), "%s/exec.kubeconfig", dir);
	ck_ok(file_replace(path, own.data, own.len, 0600, &err), err);
	snprintf(path, sizeof(path), "%s/plugin", dir);
	ck_ok(file_replace(path, script, strlen(script), 0755, &err), err);
}

#define KIND "{\\\"kind\\\":\\\"ExecCredential\\\",\\\"status\\\":"

static const char *const plugins[] = {
	"#!/bin/sh\ncd \"$DIR\"\ntoken=$(sed -n '1s/,.*//p' tokens.csv)\n"
	"echo \"" KIND "{\\\"token\\\":\\\"$token\\\"}}\"\n",
	"#!/bin/sh\ncd \"$DIR\"\npem() { awk '{ printf \"%s\\\\n\", $0 }' \"$1\"; }\n"
	"printf '%s' \"" KIND "{\\\"clientCertificateData\\\":\\\"$(pem admin.crt)\\\","
	"\\\"clientKeyData\\\":\\\"$(pem admin.key)\\\"}}\"\n",
};

START_TEST(a_plugin_will_do)
{
	_cleanup_desk_ struct desk admin, desk;

	write_exec(plugins[_i]);
	desk_open(&admin, "admin");
	desk_open(&desk, "exec");
	ck_ok(desk_get(&desk, "v1/Namespace//" DESK_NS), desk.err);
	ck_ok(desk_get(&desk, "v1/Namespace//" DESK_NS), desk.err);
}
END_TEST

static int sum(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	(void)err;
	ck_assert_int_eq(!!(resource->flags & HBR_RESOURCE_OURS),
	                 strstr(((const hbr_apiobject *)resource->body)->text,
	                        "\"managed-by-us\":\"yes\"") != NULL);
	if (strcmp(resource->name, WIDGET "seen") == 0)
		++*(int *)sink->user;
	return 0;
}

START_TEST(a_watch_tells_what_an_apply_changed)
{
	_cleanup_desk_ struct desk desk;
	hbr_kube_kind kind = { .size = sizeof(kind),
		               .api_version = "test.hbr.dev/v1",
		               .kind = "Widget" };
	int seen = 0, fd = -1;
	hbr_sink sink = { .put = sum, .user = &seen };
	int64_t until = wake_now() + 10000 * WAKE_MS;

	desk_open(&desk, "admin");
	ck_ok(desk.port->watch(desk.port->self, &desk.call, &kind, 1, &fd, &desk.err),
	      desk.err);
	ck_ok(desk_apply(
	              &desk, WIDGET "seen",
	              "{\"metadata\":{\"labels\":{\"app.kubernetes.io/managed-by\":\"libhbr\","
	              "\"managed-by-us\":\"yes\"}},\"spec\":{\"size\":5}}",
	              0),
	      desk.err);
	while (!seen && wake_now() < until) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		poll(&wait, 1, 1000);
		ck_ok(desk.port->drain(desk.port->self, &desk.call, &sink, &desk.err),
		      desk.err);
	}
	ck_assert_int_ge(seen, 1);
}
END_TEST

START_TEST(a_lease_is_won_and_given_back)
{
	_cleanup_desk_ struct desk desk;
	hbr_lease lease = {
		.size = sizeof(lease), .ns = DESK_NS, .name = "leader", .holder = "one"
	};
	uint32_t wait_ms = 0;

	desk_open(&desk, "admin");
	ck_assert_int_eq(
	        desk.port->lease(desk.port->self, &desk.call, &lease, &wait_ms, &desk.err), 1);
	ck_assert_uint_gt(wait_ms, 0);
	hbr_kube_port_free(hbr_steal(desk.port));
	desk_open(&desk, "admin");
	lease.holder = "two";
	ck_assert_int_eq(
	        desk.port->lease(desk.port->self, &desk.call, &lease, &wait_ms, &desk.err), 1);
}
END_TEST

HBR_SUITE(port)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_a_cluster_serves_is_known);
	tcase_add_test(tcase, what_is_applied_is_read_back_and_again_is_no_change);
	tcase_add_test(tcase, a_field_that_is_left_out_goes);
	tcase_add_test(tcase, numbers_and_fields_that_we_do_not_know_are_unharmed);
	tcase_add_test(tcase, a_conflict_names_the_manager_and_the_field);
	tcase_add_test(tcase, a_patch_says_only_its_members_and_only_of_that_version);
	tcase_add_test(tcase, a_dry_run_is_checked_and_not_kept);
	tcase_add_test(tcase, a_field_that_is_refused_is_named);
	tcase_add_test(tcase, a_missing_namespace_is_told);
	tcase_add_test(tcase, only_the_one_with_that_uid_is_deleted);
	tcase_add_test(tcase, a_deletion_that_is_held_names_the_finalizer);
	tcase_add_test(tcase, lists_come_in_pages_and_by_label);
	tcase_add_test(tcase, who_may_not_is_told_the_rule_to_add);
	tcase_add_test(tcase, an_apply_that_may_only_patch_is_told_to_need_create);
	tcase_add_test(tcase, a_client_certificate_will_do);
	tcase_add_loop_test(tcase, a_plugin_will_do, 0, (int)hbr_count(plugins));
	tcase_add_test(tcase, a_watch_tells_what_an_apply_changed);
	tcase_add_test(tcase, a_lease_is_won_and_given_back);
}
