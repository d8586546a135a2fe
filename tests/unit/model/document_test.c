/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site document: what is refused where, and that places are kept for what is found later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/lint.h"
#include "model_helper.h"

struct refusal {
	const char *text;
	int code;
	uint32_t line, column;
	const char *message; /* a part of it */
	const char *hint;    /* a part of it, or NULL */
};

#define NODE "  nodes:\n  - "
#define AFTER "---\napiVersion: hbr.dev/v1alpha1\n"

static const struct refusal refusals[] = {
	{ "", HBR_ESYNTAX, 1, 1, "nothing in this document", NULL },
	{ "a: 1\n", HBR_EMODEL, 1, 1, "unknown key", NULL },
	{ "kind: Site\n", HBR_EMODEL, 1, 1, "no apiVersion", "begin with" },
	{ "apiVersion: hbr.dev/v1\n", HBR_EMODEL, 1, 13, "none of hbr.dev/v1alpha1", NULL },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: Sit\n", HBR_EMODEL, 2, 7, "Sit", "Site" },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: Site\nspec: {}\n", HBR_EMODEL, 1, 1,
	  "metadata.name", NULL },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: a}\n", HBR_EMODEL, 1, 1,
	  "no spec", NULL },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: A}\nspec: {}\n",
	  HBR_EMODEL, 3, 18, "name of a site", "lower case" },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: Vrf\nmetadata: {name: a}\nspec: {}\n",
	  HBR_EMODEL, 1, 1, "no document of kind Site", NULL },
	{ SITE_HEAD "  fabrik: {}\n", HBR_EMODEL, 8, 3, "fabrik", "fabric" },
	{ SITE_HEAD "  fabric: {mtu: 70000}\n", HBR_EMODEL, 8, 17, "70000", NULL },
	{ SITE_HEAD "  calico: {peering: egbp}\n", HBR_EMODEL, 8, 21, "egbp", "ebgp" },
	{ SITE_HEAD NODE "role: worker\n", HBR_EMODEL, 9, 5, "name", NULL },
	{ SITE_HEAD NODE "{name: Node}\n", HBR_EMODEL, 9, 12, "Node", "lower case" },
	{ SITE_HEAD NODE "{name: a}\n  - {name: b}\n  - {name: a}\n", HBR_EMODEL, 11, 12,
	  "node a is there twice", "line 9" },
	{ SITE_HEAD NODE "a\n  - a\n", HBR_EMODEL, 10, 5, "node a is there twice", "line 9" },
	{ SITE_HEAD NODE "{name: a, mgmt: \"x\\ty\"}\n", HBR_EMODEL, 9, 21, "control character",
	  NULL },
	{ SITE_HEAD NODE "{name: a, labels: {x: []}}\n", HBR_EMODEL, 9, 27, "label x", NULL },
	{ SITE_HEAD NODE "{name: a, index: 2}\n  assigned: {nodes: {a: 1}}\n", HBR_EMODEL, 9,
	  22, "index 2 here and 1", NULL },
	{ SITE_HEAD "  assigned: {nodes: {a: one}}\n", HBR_EMODEL, 8, 25, "one", NULL },
	{ SITE_HEAD "  veths: [{name: k8s}]\n", HBR_EMODEL, 6, 3, "k8s is written under veths",
	  NULL },
	{ SITE_HEAD "  namespaces: [{name: crpd}]\n  fabric: {uplink: ens5}\n", HBR_EMODEL, 9,
	  20, "uplinks of crpd", "one of the two" },
	{ SITE_HEAD "  fabric: {fromPool: under}\n", HBR_EMODEL, 8, 22, "no pool under", NULL },
	{ SITE_HEAD
	  "  fabric: {fromPool: p}\n" POOL("p", "prefix: {cidr: 10.0.0.0/8}, use: link"),
	  HBR_EMODEL, 8, 22, "not for uplinks", "use: uplink" },
	{ SITE_HEAD "  veths: [{name: b, fromPool: [p, q]}]\n" POOL(
	          "p", "prefix: {cidr: 10.0.0.0/8}") POOL("q", "prefix: {cidr: 11.0.0.0/8}"),
	  HBR_EMODEL, 8, 35, "one address family", NULL },
	{ SITE_HEAD POOL("p", "use: link"), HBR_EMODEL, 12, 7, "of no kind", "prefix:" },
	{ SITE_HEAD POOL("p", "vni: {first: 1, last: 2}, prefix: {cidr: 10.0.0.0/8}"),
	  HBR_EMODEL, 12, 42, "of one kind", NULL },
	{ SITE_HEAD POOL("p", "vni: {first: 1, last: 2}") POOL("p", "vni: {first: 1, last: 2}"),
	  HBR_EMODEL, 16, 18, "pool p is there twice", "line 11" },
	{ SITE_HEAD AFTER "kind: Site\nmetadata: {name: b}\nspec: {}\n", HBR_EMODEL, 9, 1,
	  "second Site", "line 1" },
	{ SITE_HEAD AFTER
	  "kind: Vrf\nmetadata: {name: s}\nspec: {vni: 5}\n" AFTER
	  "kind: SecondaryNetwork\nmetadata: {name: s}\nspec: {vrf: {vni: 6}}\n",
	  HBR_EMODEL, 17, 13, "VRF s is described elsewhere", "name: s" },
	{ SITE_HEAD AFTER "kind: SecondaryNetwork\nmetadata: {name: s}\n"
	                  "spec: {subnets: [10.0.0.0/16, 10.1.0.0/16]}\n",
	  HBR_EMODEL, 12, 31, "two subnets", NULL },
	{ SITE_HEAD "items: []\n", HBR_EMODEL, 1, 1, NULL, NULL },
	{ "apiVersion: hbr.dev/v1alpha1\nkind: List\nitems:\n- {apiVersion: hbr.dev/v1alpha1, "
	  "kind: List}\n",
	  HBR_EMODEL, 4, 3, "List inside a List", NULL },
};

START_TEST(is_refused_with_its_place_and_a_hint)
{
	const struct refusal *row = &refusals[_i];
	hbr_error *err = NULL;
	hbr_topology *topology = NULL;

	if (!row->message) {
		ck_ok(hbr_topology_parse(row->text, strlen(row->text), "site.yaml", &topology,
		                         &err),
		      err);
		hbr_topology_free(topology);
		return;
	}
	err = model_refused(row->text, row->code);
	ck_assert_msg(strstr(hbr_error_message(err), row->message), "%s",
	              hbr_error_message(err));
	ck_assert_msg(hbr_error_line(err) == row->line && hbr_error_column(err) == row->column,
	              "%u:%u: %s", hbr_error_line(err), hbr_error_column(err),
	              hbr_error_message(err));
	ck_assert_str_eq(hbr_error_file(err), "site.yaml");
	if (row->hint)
		ck_assert_msg(hbr_error_hint(err) && strstr(hbr_error_hint(err), row->hint),
		              "%s", hbr_error_hint(err));
	hbr_error_free(err);
}
END_TEST

START_TEST(an_error_shows_the_line)
{
	hbr_error *err = model_refused(SITE_HEAD "  fabrik: {}\n", HBR_EMODEL);

	ck_assert_str_eq(hbr_error_excerpt(err), "  fabrik: {}");
	hbr_error_free(err);
}
END_TEST

START_TEST(too_many_addresses_are_a_limit)
{
	char text[8192] = SITE_HEAD "  nodes:\n  - name: node1\n    host: [10.0.0.1/30";

	for (int i = 0; i < 64; i++)
		strcat(text, ", 10.0.0.1/30");
	strcat(text, "]\n");
	hbr_error_free(model_refused(text, HBR_EMODEL));
}
END_TEST

START_TEST(a_file_that_is_not_there_says_so)
{
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_assert_int_lt(hbr_topology_load("/nonexistent/site.yaml", &topology, &err), 0);
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "/nonexistent/site.yaml"));
	hbr_error_free(err);
}
END_TEST

START_TEST(more_than_64_mib_are_refused)
{
	const size_t size = ((size_t)64 << 20) + 1;
	char *text = malloc(size);
	hbr_topology *topology = NULL;
	hbr_error *err = NULL;

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', size);
	ck_assert_int_eq(hbr_topology_parse(text, size, "big", &topology, &err), HBR_ELIMIT);
	hbr_error_free(err);
	free(text);
}
END_TEST

static void at(const hbr_topology *topology, const char *path, const char *member,
               uint32_t line, uint32_t column)
{
	struct mark mark = topology_mark(topology, path, member);

	ck_assert_msg(mark.line == line && mark.column == column, "%s %s: %u:%u", path, member,
	              mark.line, mark.column);
	ck_assert_str_eq(mark.file, "site.yaml");
}

static const char places[] = SITE_HEAD
        "  calico: {listenPort: 179}\n"
        "  nodes:\n"
        "  - {name: node1, index: 4, host: [10.1.1.1/30], router: [10.1.1.2/30]}\n"
        "  - node2\n" AFTER "kind: Vrf\nmetadata: {name: blue}\nspec: {vni: 5, rd: \"1:1\"}\n";

static void check_places(const hbr_topology *topology)
{
	at(topology, "", "name", 3, 18);
	at(topology, "", "asn", 5, 17);
	at(topology, "", "calico_port", 8, 24);
	at(topology, "", "mtu", 3, 18);
	at(topology, "node1", "index", 10, 26);
	at(topology, "node1", "asn", 10, 12);
	at(topology, "node1/veth/k8s", "a.addrs", 10, 36);
	at(topology, "node1/veth/k8s", "reach", 6, 18);
	at(topology, "node1/veth/k8s", "b.ifname", 10, 12);
	at(topology, "veth/k8s", "reach", 6, 18);
	at(topology, "veth/k8s", "mtu", 6, 3);
	at(topology, "node2", "name", 11, 5);
	at(topology, "vrf/blue", "vni", 16, 13);
	at(topology, "vrf/blue", "rd", 16, 20);
	at(topology, "vrf/blue", "table", 15, 18);
	at(topology, "node2/vrf/blue", "vni", 16, 13);
}

START_TEST(every_member_has_its_place)
{
	hbr_topology *topology = model_parse(places);

	check_places(topology);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(findings_point_at_the_address)
{
	hbr_topology *topology =
	        model_parse(SITE_HEAD NODE "{name: a, host: [10.1.1.1/30, 10.1.1.500/30]}\n");
	hbr_status *status = NULL;
	hbr_finding finding;

	ck_assert(model_finding(topology, "addr-syntax", &finding, &status));
	ck_assert_uint_eq(finding.line, 9);
	ck_assert_uint_eq(finding.column, 35);
	ck_assert_str_eq(finding.path, "a/veth/k8s");
	hbr_status_free(status);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(findings_in_an_endless_line_are_quick)
{
	static char text[1 << 20] = SITE_HEAD "  nodes: [";
	char *end = text + strlen(text);
	hbr_topology *topology;
	hbr_status *status = NULL;
	hbr_finding finding;

	for (int i = 0; i < 9000; i++)
		end += sprintf(end, "{name: n%d, host: x, uplink: y, router: z}, ", i);
	strcpy(end, "]\n");
	topology = model_parse(text);
	ck_assert(model_finding(topology, "addr-syntax", &finding, &status));
	ck_assert_uint_eq(finding.line, 8);
	ck_assert_ptr_null(finding.excerpt);
	hbr_status_free(status);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(nodes_may_be_names)
{
	hbr_topology *topology = model_parse(SITE_HEAD "  nodes: [node1, {name: node2}]\n");

	ck_assert_ptr_nonnull(hbr_object_find(topology, "node1"));
	ck_assert_ptr_nonnull(hbr_object_find(topology, "node2"));
	hbr_topology_free(topology);
}
END_TEST

START_TEST(labels_are_a_map)
{
	hbr_topology *topology = model_parse(
	        SITE_HEAD "  nodes: [{name: node1, labels: {zone: a, empty: \"\"}}]\n");
	hbr_node_spec spec = { .size = sizeof(spec) };
	hbr_error *err = NULL;

	ck_ok(hbr_node_get(hbr_object_find(topology, "node1"), &spec, &err), err);
	ck_assert_str_eq(spec.labels[0], "zone=a");
	ck_assert_str_eq(spec.labels[1], "empty=");
	ck_assert_ptr_null(spec.labels[2]);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(pod_cidrs_become_pools)
{
	hbr_topology *topology = model_parse(
	        "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: a}\nspec:\n"
	        "  calico: {blockSize: {v4: 28}, natOutgoing: true}\n"
	        "  kubernetes: {podCIDRs: [10.0.0.0/16, \"fd00::/64\", 10.1.0.0/16]}\n");
	hbr_pool_spec spec = { .size = sizeof(spec) };
	hbr_error *err = NULL;

	ck_ok(hbr_pool_get(hbr_object_find(topology, "pool/pods4-2"), &spec, &err), err);
	ck_assert_str_eq(spec.prefix, "10.1.0.0/16");
	ck_assert_int_eq(spec.use, HBR_POOL_POD);
	ck_assert_uint_eq(spec.length, 28);
	ck_assert_uint_eq(spec.flags, HBR_POOL_NAT_OUTGOING);
	ck_ok(hbr_pool_get(hbr_object_find(topology, "pool/pods6"), &spec, &err), err);
	ck_assert_uint_eq(spec.length, 0);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_network_becomes_veth_vrf_pools_and_attachment)
{
	hbr_topology *topology = model_parse(
	        SITE_HEAD SITE_NODES AFTER
	        "kind: SecondaryNetwork\nmetadata: {name: media}\nspec:\n  type: ipvlan\n"
	        "  vrf: {name: red, vni: 7}\n  subnets: [10.20.0.0/16]\n");
	hbr_veth_spec veth = { .size = sizeof(veth) };
	hbr_vrf_spec vrf = { .size = sizeof(vrf) };
	hbr_pool_spec pool = { .size = sizeof(pool) };
	hbr_error *err = NULL;

	ck_ok(hbr_veth_get(hbr_object_find(topology, "veth/media"), &veth, &err), err);
	ck_assert_str_eq(veth.a->ifname, "ipvlan-host");
	ck_assert_ptr_null(veth.a->netns);
	ck_assert_str_eq(veth.b->ifname, "ipvlan-vrf");
	ck_assert_str_eq(veth.b->netns, "crpd");
	ck_assert_str_eq(veth.b->vrf, "red");
	ck_assert_uint_eq(veth.b->flags, HBR_END_PROXY_ARP | HBR_END_PROXY_NDP);
	ck_assert_int_eq(veth.attach->plugin, HBR_PLUGIN_IPVLAN);
	ck_assert_str_eq(veth.pool4, "media4");
	ck_ok(hbr_vrf_get(hbr_object_find(topology, "vrf/red"), &vrf, &err), err);
	ck_assert_uint_eq(vrf.vni, 7);
	ck_ok(hbr_pool_get(hbr_object_find(topology, "pool/media4"), &pool, &err), err);
	ck_assert_uint_eq(pool.length, 24);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_list_holds_documents)
{
	hbr_topology *topology =
	        model_parse("apiVersion: hbr.dev/v1alpha1\nkind: List\nitems:\n"
	                    "- {apiVersion: hbr.dev/v1alpha1, kind: Pool, metadata: {name: p}, "
	                    "spec: {vni: {first: 1, last: 2}}}\n"
	                    "- {apiVersion: hbr.dev/v1alpha1, kind: Site, metadata: {name: s}, "
	                    "spec: {}}\n");

	ck_assert_ptr_nonnull(hbr_object_find(topology, "pool/p"));
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(document)
{
	tcase_add_loop_test(tcase, is_refused_with_its_place_and_a_hint, 0,
	                    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tcase, an_error_shows_the_line);
	tcase_add_test(tcase, too_many_addresses_are_a_limit);
	tcase_add_test(tcase, a_file_that_is_not_there_says_so);
	tcase_add_test(tcase, more_than_64_mib_are_refused);
	tcase_add_test(tcase, every_member_has_its_place);
	tcase_add_test(tcase, findings_point_at_the_address);
	tcase_add_test(tcase, findings_in_an_endless_line_are_quick);
	tcase_add_test(tcase, nodes_may_be_names);
	tcase_add_test(tcase, labels_are_a_map);
	tcase_add_test(tcase, pod_cidrs_become_pools);
	tcase_add_test(tcase, a_network_becomes_veth_vrf_pools_and_attachment);
	tcase_add_test(tcase, a_list_holds_documents);
}
