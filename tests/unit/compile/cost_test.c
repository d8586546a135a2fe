/* SPDX-License-Identifier: Apache-2.0 */
/* What compiling one node of a large site costs: counts, since times are no promise. */
#include "compiled.h"
#include "lib/oom.h"

#define NODES 200

START_TEST(the_bgp_of_a_node_is_made_once_for_configuration_and_gates)
{
	struct arena arena = ARENA_INIT;
	const struct site_plan plan = { .nodes = 100 };
	struct site *site = site_make(&arena, &plan);
	struct build build = { .site = site, .node = &site->nodes[4], .arena = &arena };
	hbr_error *err = NULL;

	ck_ok(hbr_state_new(&build.state, &err), err);
	build.stage = HBR_STAGE_ROUTER;
	ck_ok(router_compile(&build, &err), err);
	const struct bgp *made = build.bgp;

	ck_assert_ptr_nonnull(made);
	ck_ok(expect_compile(&build, &err), err);
	build.stage = HBR_STAGE_CALICO;
	ck_ok(expect_compile(&build, &err), err);
	ck_assert_ptr_eq(build.bgp, made);
	hbr_state_free(build.state);
	arena_free(&arena);
}
END_TEST

/* Gates are rows of the state: they lie in its blocks, and so do their texts. */
START_TEST(a_node_of_many_is_compiled_without_an_allocation_for_each_other)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_puts(&text,
	         "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: big}\n"
	         "spec:\n  router: {asn: 64500}\n  link: {reach: [10.1.0.0/16]}\n  nodes:\n");
	for (unsigned i = 0; i < NODES; i++)
		buf_printf(&text,
		           "  - {name: node%u, role: %s, host: [10.1.%u.1/30], "
		           "router: [10.1.%u.2/30], uplink: [172.16.0.%u/24]}\n",
		           i, i < 3 ? "control-plane" : "worker", i, i, i + 1);
	hbr_topology *topology = parse_site(text.data);

	oom_count();
	hbr_state_free(compile_node(topology, "node9", HBR_STAGE_ROUTER | HBR_STAGE_LINKS));
	/* What there is of each other node in it: bgp_networks(). */
	ck_assert_uint_le(oom_counted(), NODES * 2);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(compile_cost)
{
	tcase_add_test(tcase, the_bgp_of_a_node_is_made_once_for_configuration_and_gates);
	tcase_add_test(tcase, a_node_of_many_is_compiled_without_an_allocation_for_each_other);
}
