/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every resource of a node looks like, word for word: tests/golden/compile. With
 * HBR_GOLDEN=update in the environment the files are written anew.
 */
#include "base/file.h"
#include "compiled.h"

#include <stdio.h>

static const struct {
	const char *site, *node, *engine;
} cases[] = {
	{ "table1", "node1", "frr" },
	{ "table1", "node4", "frr" },
	{ "ibgp", "node1", "frr" },
	{ "ibgp", "node4", "frr" },
	{ "ipv4-only", "node1", "frr" },
	{ "ipv4-only", "node4", "frr" },
	{ "ebgp-per-node", "node2", "frr" },
	{ "ipv6-only", "node1", "frr" },
	{ "three-nodes", "node3", "frr" },
	{ "shared-peers", "node3", "frr" },
	{ "shared-peers", "node3", "crpd" },
	{ "crpd", "node1", "crpd" },
	{ "crpd", "node4", "crpd" },
	{ "ibgp", "node1", "crpd" },
	{ "ibgp", "node4", "crpd" },
	{ "ipv6-only", "node1", "crpd" },
	{ "evpn-secondary", "node1", "crpd" },
	{ "evpn-secondary", "node2", "crpd" },
	{ "mplsoudp", "node4", "crpd" },
};

static void golden(const char *site, const char *node, const char *what, const char *text)
{
	_cleanup_buf_ struct buf expected = BUF_INIT;
	const char *mode = getenv("HBR_GOLDEN");
	hbr_error *err = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/golden/compile/%s-%s.%s", HBR_SOURCE_DIR, site,
	         node, what);
	if (mode && strcmp(mode, "update") == 0) {
		ck_ok(file_replace(path, text, strlen(text), 0644, &err), err);
		return;
	}
	ck_ok(file_read(path, 1 << 20, &expected, NULL, &err), err);
	ck_assert_str_eq(text, expected.data);
}

START_TEST(a_node_of_an_example_site)
{
	const char *engine = cases[_i].engine;
	hbr_topology *topology = load_site_as(cases[_i].site, engine);
	hbr_state *state = compile_node(topology, cases[_i].node, 0);
	bool junos = strcmp(engine, "crpd") == 0;
	_cleanup_free_ char *config =
	        text_of(state, junos ? "config:crpd/crpd" : "config:crpd/frr");
	hbr_text *dump = NULL;
	hbr_error *err = NULL;

	golden(cases[_i].site, cases[_i].node, engine, config);
	ck_ok(hbr_state_dump(state, HBR_FORMAT_TEXT, &dump, &err), err);
	/* What differs between the engines is in the text. */
	if (!junos)
		golden(cases[_i].site, cases[_i].node, "state", hbr_text_data(dump));
	hbr_text_free(dump);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

/* One object a line. */
START_TEST(the_cluster_of_an_example_site)
{
	static const char *const sites[] = { "table1",      "ibgp",      "ebgp-per-node",
		                             "ipv4-only",   "ipv6-only", "evpn-secondary",
		                             "shared-peers" };
	hbr_topology *topology = load_site(sites[_i]);
	hbr_state *state = compile_node(topology, NULL, 0);
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *object = hbr_state_at(state, i);

		if (object->kind != HBR_KIND_OBJECT)
			continue;
		buf_printf(&text, "%s %s\n", object->name,
		           ((const hbr_apiobject *)object->body)->text);
	}
	golden(sites[_i], "cluster", "objects", text.data);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(compile_golden)
{
	tcase_add_loop_test(tcase, the_cluster_of_an_example_site, 0, 7);
	tcase_add_loop_test(tcase, a_node_of_an_example_site, 0, (int)hbr_count(cases));
}
