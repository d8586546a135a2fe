/* SPDX-License-Identifier: Apache-2.0 */
/* What a site of many nodes costs, in allocations: times are no promise, counts are. */
#include "base/buf.h"
#include "lib/oom.h"
#include "model_helper.h"

#define NODES 2000

/* Everything written out, two addresses on each interface. */
static void write_site(struct buf *out, unsigned nodes)
{
	buf_puts(out, "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: big}\nspec:\n"
	              "  router: {asn: 64500}\n"
	              "  link: {reach: [10.1.0.0/16, \"2001:db8::/32\"]}\n  nodes:\n");
	for (unsigned i = 0; i < nodes; i++)
		buf_printf(out,
		           "  - name: node%u\n    index: %u\n    role: %s\n"
		           "    host: [10.1.%u.%u/30, \"2001:db8:%x::1/126\"]\n"
		           "    router: [10.1.%u.%u/30, \"2001:db8:%x::2/126\"]\n"
		           "    uplink: [172.16.%u.%u/16, \"2001:db8:f::%x/64\"]\n",
		           i, i + 1, i < 3 ? "control-plane" : "worker", i / 64, i % 64 * 4 + 1,
		           i + 256, i / 64, i % 64 * 4 + 2, i + 256, i / 250, i % 250 + 1,
		           i + 1);
}

static unsigned cost_of_sealing(unsigned nodes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_error *err = NULL;

	write_site(&text, nodes);
	hbr_topology *topology = model_parse(text.data);

	oom_count();
	ck_ok(hbr_topology_seal(topology, &err), err);
	unsigned counted = oom_counted();

	hbr_topology_free(topology);
	return counted;
}

START_TEST(sealing_takes_blocks_of_memory_not_one_piece_for_each_node)
{
	ck_assert_uint_le(cost_of_sealing(NODES), NODES / 20);
}
END_TEST

START_TEST(lint_of_a_sealed_site_allocates_for_the_site_not_for_each_node)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	hbr_status *status = NULL;
	hbr_error *err = NULL;

	write_site(&text, NODES);
	hbr_topology *topology = model_sealed(text.data);

	oom_count();
	ck_ok(hbr_topology_lint(topology, &status, &err), err);
	ck_assert_uint_le(oom_counted(), NODES / 20);
	hbr_status_free(status);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(model_cost)
{
	tcase_add_test(tcase, sealing_takes_blocks_of_memory_not_one_piece_for_each_node);
	tcase_add_test(tcase, lint_of_a_sealed_site_allocates_for_the_site_not_for_each_node);
}
