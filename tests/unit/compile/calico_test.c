/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about what a site wants of its cluster: Calico's objects, and what pods attach to. */
#include "compiled.h"

#include "text/members.h"

#include <stdio.h>

#define V3 "object:projectcalico.org/v3/"

static hbr_topology *topology;
static hbr_state *state;

static void teardown(void)
{
	hbr_state_free(state);
	hbr_topology_free(topology);
	state = NULL;
	topology = NULL;
}

static void compile(const char *site, const char *node)
{
	topology = load_site(site);
	state = compile_node(topology, node, 0);
}

static const char *json_of(const hbr_state *of, const char *key)
{
	const hbr_resource *object = row(of, key);

	ck_assert_ptr_nonnull(object);
	return ((const hbr_apiobject *)object->body)->text;
}

/* A member of an object as JSON, in a buffer that the next call uses again. */
static const char *member(const char *key, const char *path)
{
	static char text[1024];
	const char *object = json_of(state, key);
	_cleanup_json_ json_t *root = NULL;
	_cleanup_free_ char *value = NULL;
	hbr_error *err = NULL;

	ck_ok(json_read(object, strlen(object), key, &root, &err), err);
	value = json_dumps(members_at(root, path), JSON_COMPACT | JSON_ENCODE_ANY);
	snprintf(text, sizeof(text), "%s", value ? value : "absent");
	return text;
}

START_TEST(the_mesh_is_off_and_calico_listens_where_the_site_says)
{
	const char *key = V3 "BGPConfiguration//default";

	compile("table1", NULL);
	ck_assert_str_eq(member(key, "spec.nodeToNodeMeshEnabled"), "false");
	ck_assert_str_eq(member(key, "spec.asNumber"), "64512");
	ck_assert_str_eq(member(key, "spec.listenPort"), "178");
	ck_assert_str_eq(member(key, "spec.bindMode"), "\"NodeIP\"");
}
END_TEST

START_TEST(every_node_peers_with_its_own_router_in_both_families)
{
	compile("table1", NULL);
	for (int i = 1; i <= 5; i++) {
		char key[128], expected[64];

		snprintf(key, sizeof(key), V3 "BGPPeer//hbr-node%d-v4", i);
		snprintf(expected, sizeof(expected), "\"10.1.%d.2\"", i);
		ck_assert_str_eq(member(key, "spec.peerIP"), expected);
		ck_assert_str_eq(member(key, "spec.asNumber"), "64500");
		snprintf(key, sizeof(key), V3 "BGPPeer//hbr-node%d-v6", i);
		snprintf(expected, sizeof(expected), "\"2001:db8:%d::2\"", i);
		ck_assert_str_eq(member(key, "spec.peerIP"), expected);
	}
}
END_TEST

START_TEST(pools_have_no_encapsulation_and_a_block_for_every_node)
{
	const char *key = V3 "IPPool//default-ipv4-ippool";

	compile("table1", NULL);
	ck_assert_str_eq(member(key, "spec.ipipMode"), "\"Never\"");
	ck_assert_str_eq(member(key, "spec.vxlanMode"), "\"Never\"");
	ck_assert_str_eq(member(key, "spec.cidr"), "\"192.168.0.0/24\"");
	/* A /24 has four blocks of Calico's /26, too few for five nodes. */
	ck_assert_str_eq(member(key, "spec.blockSize"), "27");
	ck_assert_ptr_nonnull(row(state, V3 "IPPool//default-ipv6-ippool"));
}
END_TEST

START_TEST(a_site_of_one_family_has_objects_of_that_family_only)
{
	compile("ipv4-only", NULL);
	ck_assert_ptr_nonnull(row(state, V3 "BGPPeer//hbr-node1-v4"));
	ck_assert_ptr_null(row(state, V3 "BGPPeer//hbr-node1-v6"));
	ck_assert_ptr_null(row(state, V3 "IPPool//default-ipv6-ippool"));
}
END_TEST

START_TEST(in_ibgp_mode_calico_has_the_routers_as)
{
	compile("ibgp", NULL);
	ck_assert_str_eq(member(V3 "BGPConfiguration//default", "spec.asNumber"), "64500");
	ck_assert_str_eq(member(V3 "BGPPeer//hbr-node1-v4", "spec.asNumber"), "64500");
	ck_assert_ptr_null(row(state, "object:v1/Node//node1"));
}
END_TEST

START_TEST(one_peer_a_family_is_enough_where_all_routers_share_an_address)
{
	const char *key = V3 "BGPPeer//hbr-routers-v4";

	compile("shared-peers", NULL);
	ck_assert_str_eq(member(key, "spec.peerIP"), "\"169.254.178.1\"");
	ck_assert_str_eq(member(key, "spec.asNumber"), "64500");
	ck_assert_str_eq(member(key, "spec.node"), "absent");
	ck_assert_str_eq(member(V3 "BGPPeer//hbr-routers-v6", "spec.peerIP"),
	                 "\"fd00:178::1\"");
	ck_assert_ptr_null(row(state, V3 "BGPPeer//hbr-node1-v4"));
	ck_assert_ptr_null(row(state, V3 "BGPPeer//hbr-node1-v6"));
}
END_TEST

START_TEST(an_as_of_its_own_is_told_to_the_node_where_it_is_registered)
{
	const hbr_resource *node;

	compile("ebgp-per-node", NULL);
	node = row(state, "object:v1/Node//node2");
	ck_assert_ptr_nonnull(node);
	ck_assert_uint_eq(node->flags, HBR_RESOURCE_OPTIONAL);
	ck_assert_ptr_nonnull(strstr(((const hbr_apiobject *)node->body)->text,
	                             "{\"projectcalico.org/ASNumber\":\"64514\"}"));
}
END_TEST

START_TEST(felix_takes_the_mtu_of_the_way_out_only)
{
	compile("evpn-secondary", NULL);
	ck_assert_str_eq(member(V3 "FelixConfiguration//default", "spec.mtuIfacePattern"),
	                 "\"^(veth-k8s)$\"");
}
END_TEST

START_TEST(what_we_make_carries_our_label_and_what_we_share_does_not)
{
	compile("ebgp-per-node", NULL);
	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *object = hbr_state_at(state, i);
		const hbr_apiobject *body = object->body;
		bool is_labelled;

		if (object->kind != HBR_KIND_OBJECT)
			continue;
		is_labelled = strstr(body->text, "app.kubernetes.io/managed-by");
		ck_assert_int_eq(is_labelled, !object_is_shared(object));
	}
}
END_TEST

START_TEST(each_stage_of_the_cluster_can_be_had_alone)
{
	topology = load_site("evpn-secondary");
	state = compile_node(topology, NULL, HBR_STAGE_SECONDARY);
	ck_assert_uint_eq(hbr_state_count(state), 2);
	ck_assert_ptr_nonnull(
	        row(state, "object:k8s.cni.cncf.io/v1/NetworkAttachmentDefinition/default/"
	                   "storage"));
}
END_TEST

START_TEST(readiness_of_every_node_is_expected)
{
	compile("table1", NULL);
	ck_assert_ptr_nonnull(row(state, "expect:/node node5 ready"));
}
END_TEST

START_TEST(a_node_gives_addresses_from_its_own_subnet_and_routes_the_whole)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ json_t *config = NULL;
	hbr_error *err = NULL;

	compile("evpn-secondary", "node2");
	text = text_of(state, "file:/etc/cni/multus/net.d/storage.conf");
	ck_ok(json_read(text, strlen(text), "config", &config, &err), err);
	ck_assert_str_eq(json_string_value(members_at(config, "master")), "host-end");
	ck_assert_str_eq(json_string_value(members_at(config, "type")), "macvlan");
	ck_assert_ptr_nonnull(strstr(text, "\"dst\": \"10.20.0.0/16\""));
	ck_assert_uint_eq(json_array_size(members_at(config, "ipam.ranges")), 2);
	ck_assert_ptr_nonnull(row(state, "file:/etc/cni/multus/net.d/media.conf"));
}
END_TEST

/* Two sites of one network each: what a node decides alone, and what is the same everywhere. */
static const char shared[] =
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: Site\n"
        "metadata: {name: small}\n"
        "spec:\n"
        "  router: {engine: crpd, asn: 64500}\n"
        "  fabric: {uplink: ens4, overlay: vxlan}\n"
        "  kubernetes: {podCIDRs: [10.42.0.0/16], serviceCIDRs: [10.96.0.0/16]}\n"
        "  nodes:\n"
        "  - {name: a, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], "
        "uplink: [192.168.1.1/24]}\n"
        "---\n"
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: SecondaryNetwork\n"
        "metadata: {name: storage}\n"
        "spec:\n"
        "  type: ipvlan\n"
        "  link: {host: host-end, router: vrf-end}\n"
        "  vrf: {name: storage, vni: 4001, import: [\"64500:1\"], export: [\"64500:1\"]}\n"
        "  subnets: [10.20.0.0/16]\n"
        "  ipam: whereabouts\n";

START_TEST(an_object_reads_as_yaml)
{
	_cleanup_free_ char *text = NULL;

	compile("table1", NULL);
	text = text_of(state, V3 "BGPPeer//hbr-node1-v4");
	ck_assert_str_eq(text, "apiVersion: projectcalico.org/v3\n"
	                       "kind: BGPPeer\n"
	                       "metadata:\n"
	                       "  labels:\n"
	                       "    app.kubernetes.io/managed-by: libhbr\n"
	                       "  name: hbr-node1-v4\n"
	                       "spec:\n"
	                       "  asNumber: 64500\n"
	                       "  node: node1\n"
	                       "  peerIP: \"10.1.1.2\"\n");
}
END_TEST

START_TEST(what_is_the_same_on_every_node_is_in_the_api)
{
	const char *key =
	        "object:k8s.cni.cncf.io/v1/NetworkAttachmentDefinition/default/storage";
	const char *text;
	hbr_state *node;

	topology = parse_site(shared);
	state = compile_node(topology, NULL, HBR_STAGE_SECONDARY);
	text = json_of(state, key);
	ck_assert_ptr_nonnull(strstr(text, "\\\"type\\\":\\\"ipvlan\\\""));
	ck_assert_ptr_nonnull(
	        strstr(text, "\\\"ipRanges\\\":[{\\\"range\\\":\\\"10.20.0.0/16"));
	node = compile_node(topology, "a", 0);
	ck_assert_ptr_null(row(node, "file:/etc/cni/multus/net.d/storage.conf"));
	hbr_state_free(node);
}
END_TEST

HBR_SUITE(compile_calico)
{
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, the_mesh_is_off_and_calico_listens_where_the_site_says);
	tcase_add_test(tcase, every_node_peers_with_its_own_router_in_both_families);
	tcase_add_test(tcase, pools_have_no_encapsulation_and_a_block_for_every_node);
	tcase_add_test(tcase, a_site_of_one_family_has_objects_of_that_family_only);
	tcase_add_test(tcase, in_ibgp_mode_calico_has_the_routers_as);
	tcase_add_test(tcase, one_peer_a_family_is_enough_where_all_routers_share_an_address);
	tcase_add_test(tcase, an_as_of_its_own_is_told_to_the_node_where_it_is_registered);
	tcase_add_test(tcase, felix_takes_the_mtu_of_the_way_out_only);
	tcase_add_test(tcase, what_we_make_carries_our_label_and_what_we_share_does_not);
	tcase_add_test(tcase, each_stage_of_the_cluster_can_be_had_alone);
	tcase_add_test(tcase, readiness_of_every_node_is_expected);
	tcase_add_test(tcase, a_node_gives_addresses_from_its_own_subnet_and_routes_the_whole);
	tcase_add_test(tcase, an_object_reads_as_yaml);
	tcase_add_test(tcase, what_is_the_same_on_every_node_is_in_the_api);
}
