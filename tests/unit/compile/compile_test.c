/* SPDX-License-Identifier: Apache-2.0 */
/* hbr_compile(): scopes, stages, and what it refuses. */
#include "compiled.h"

static int compile(const hbr_topology *topology, const hbr_scope *scope, hbr_error **err)
{
	hbr_state *state = NULL;
	int rc = hbr_compile(topology, scope, &state, err);

	hbr_state_free(state);
	return rc;
}

START_TEST(an_open_topology_is_refused)
{
	hbr_scope scope = { .size = sizeof(scope), .node = "node1" };
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_ok(hbr_topology_new(&topology, &err), err);
	ck_assert_int_eq(compile(topology, &scope, &err), HBR_EINVAL);
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(an_unknown_node_is_refused_with_those_that_there_are)
{
	hbr_topology *topology = load_site("table1");
	hbr_scope scope = { .size = sizeof(scope), .node = "node9" };
	hbr_error *err = NULL;

	ck_assert_int_eq(compile(topology, &scope, &err), HBR_ENOENT);
	ck_assert_str_eq(hbr_error_hint(err), "its nodes are node1, node2 …");
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_stage_that_is_not_built_is_refused_by_name)
{
	hbr_topology *topology = load_site("table1");
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_LINKS | HBR_STAGE_SERVICE };
	hbr_error *err = NULL;

	ck_assert_int_eq(compile(topology, &scope, &err), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "SERVICE"));
	hbr_error_free(hbr_steal(err));
	scope.stages = 1 << 20;
	ck_assert_int_eq(compile(topology, &scope, &err), HBR_EINVAL);
	hbr_error_free(hbr_steal(err));
	scope = (hbr_scope){ .size = sizeof(scope), .stages = HBR_STAGE_LINKS };
	ck_assert_int_eq(compile(topology, &scope, &err), HBR_ENOTSUP);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "for the cluster"));
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(an_error_argument_is_not_needed)
{
	hbr_topology *topology = load_site_as("crpd", "bird");
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_ROUTER };

	ck_assert_int_eq(compile(topology, &scope, NULL), HBR_ENOTSUP);
	ck_assert_int_eq(compile(NULL, &scope, NULL), HBR_EINVAL);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_scope_of_one_stage_has_nothing_of_others)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_LINKS);

	for (size_t i = 0; i < hbr_state_count(state); i++)
		ck_assert_int_eq(hbr_state_at(state, i)->stage, HBR_STAGE_LINKS);
	ck_assert_ptr_null(row(state, "config:crpd/frr"));
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

static uint32_t count_at(const hbr_state *state, const char *key)
{
	return ((const hbr_expect *)row(state, key)->body)->count;
}

START_TEST(calico_is_counted_once_its_stage_is_asked_for)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_ROUTER);

	ck_assert_uint_eq(count_at(state, "expect:crpd/IPv4 neighbors"), 4);
	ck_assert_ptr_null(row(state, "expect:crpd/session calico 10.1.1.1"));
	hbr_state_free(state);
	state = compile_node(topology, "node4", HBR_STAGE_ROUTER);
	ck_assert_uint_eq(count_at(state, "expect:crpd/IPv6 neighbors"), 3);
	hbr_state_free(state);
	state = compile_node(topology, "node4", 0);
	ck_assert_uint_eq(count_at(state, "expect:crpd/IPv6 neighbors"), 4);
	ck_assert_ptr_nonnull(row(state, "expect:crpd/session calico 10.1.4.1"));
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

#define SMALL(router, spec, after)                                                         \
	"apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: s}\nspec:\n"           \
	"  router: {asn: 64500, " router "}\n"                                             \
	"  link: {reach: [10.1.0.0/16]}\n" spec "  nodes:\n"                               \
	"  - {name: a, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30],\n" \
	"     uplink: [192.168.1.1/24]}\n" after
#define RED                                                                     \
	"---\napiVersion: hbr.dev/v1alpha1\nkind: Vrf\nmetadata: {name: red}\n" \
	"spec: {vni: 7, import: ['64500:1'], export: ['64500:1']}\n"

START_TEST(what_would_be_left_out_is_refused)
{
	static const struct {
		const char *site, *words;
	} rows[] = {
		{ SMALL("extraFile: /etc/hbr/extra.conf", "", ""), "extraFile" },
		{ SMALL("engine: crpd",
		        "  namespaces: [{name: \"\", routes: [{to: 10.9.0.0/16, dev: x, "
		        "vrf: red}]}]\n",
		        RED),
		  "a route in VRF red" },
	};
	hbr_topology *topology = parse_site(rows[_i].site);
	hbr_scope scope = { .size = sizeof(scope), .node = "a" };
	hbr_error *err = NULL;

	ck_assert_int_eq(compile(topology, &scope, &err), HBR_ENOTSUP);
	ck_assert_msg(strstr(hbr_error_message(err), rows[_i].words), "%s",
	              hbr_error_message(err));
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(only_the_first_pool_of_a_family_must_have_given_a_block)
{
	hbr_topology *topology =
	        parse_site("apiVersion: hbr.dev/v1alpha1\n"
	                   "kind: Site\n"
	                   "metadata: {name: s}\n"
	                   "spec:\n"
	                   "  router: {asn: 64500}\n"
	                   "  link: {reach: [10.1.0.0/16]}\n"
	                   "  kubernetes: {podCIDRs: [10.42.0.0/16, 10.43.0.0/16]}\n"
	                   "  nodes:\n"
	                   "  - {name: a, role: control-plane, host: [10.1.1.1/30], router: "
	                   "[10.1.1.2/30],\n"
	                   "     uplink: [192.168.1.1/24]}\n");
	hbr_state *state = compile_node(topology, "a", HBR_STAGE_CALICO);

	ck_assert_uint_eq(count_at(state, "expect:crpd/pod blocks of 10.42.0.0/16"), 1);
	ck_assert_uint_eq(count_at(state, "expect:crpd/pod blocks of 10.43.0.0/16"), 0);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

/* Every node has conditions for every other: their number must stay linear. */
START_TEST(conditions_grow_with_the_nodes_and_no_faster)
{
	hbr_topology *topology = load_site("pooled-1000");
	hbr_state *state = compile_node(topology, "node1", 0);
	size_t n = hbr_state_count(state);

	ck_assert_uint_gt(n, 1000);
	ck_assert_uint_lt(n, 20000);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(compile)
{
	tcase_add_test(tcase, an_open_topology_is_refused);
	tcase_add_test(tcase, an_unknown_node_is_refused_with_those_that_there_are);
	tcase_add_test(tcase, a_stage_that_is_not_built_is_refused_by_name);
	tcase_add_test(tcase, an_error_argument_is_not_needed);
	tcase_add_test(tcase, a_scope_of_one_stage_has_nothing_of_others);
	tcase_add_test(tcase, calico_is_counted_once_its_stage_is_asked_for);
	tcase_add_loop_test(tcase, what_would_be_left_out_is_refused, 0, 2);
	tcase_add_test(tcase, only_the_first_pool_of_a_family_must_have_given_a_block);
	tcase_add_test(tcase, conditions_grow_with_the_nodes_and_no_faster);
}
