/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the document back: what is written reads as the same site, and writes as the same
 * text.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "model_helper.h"

static const char everything[] =
        "apiVersion: hbr.dev/v1alpha1\n"
        "kind: Site\n"
        "metadata: {name: everything}\n"
        "spec:\n"
        "  router: {engine: crpd, netns: routing, asn: 64500, image: \"crpd:24.4\", "
        "imageArchive: /srv/crpd.tar, licenceFile: "
        "/etc/l, passwordFile: /etc/p, extraFile: /etc/x}\n"
        "  fabric: {uplink: ens5, mtu: 9000, overlay: vxlan, fromPool: under}\n"
        "  link: {host: vh, router: vr, reach: [], fromPool: [links, links6], mtu: 1400}\n"
        "  calico: {asn: 65000, listenPort: 179, peering: ebgp-per-node, peerIPs: "
        "[169.254.178.1, "
        "\"fd00:178::1\"], blockSize: {v4: 27, "
        "v6: "
        "123}, natOutgoing: true}\n"
        "  kubernetes: {version: 1.28.15, podCIDRs: [192.168.0.0/16, \"fd00:1::/64\"], "
        "serviceCIDRs: [10.96.0.0/16], endpoint: \"api.example.net:6443\", installer: kubeadm, "
        "joinFile: /etc/j, chart: c}\n"
        "  namespaces:\n"
        "  - {name: \"\", sysctls: [net.ipv4.ip_forward=1], routes: [{to: 10.200.0.0/16, dev: "
        "vh, "
        "metric: 5}, {to: \"fd00:9::/64\", action: blackhole}]}\n"
        "  - {name: other, uplinks: [ens7, {ifname: ens8, mac: \"02:00:00:00:00:01\", bus: "
        "\"0000:00:04.0\", mtu: 1400, addrs: [10.77.0.1/24]}]}\n"
        "  veths:\n"
        "  - {name: extra, a: {ifname: ea, addrs: [10.66.0.1/30], down: true}, b: {netns: "
        "other, "
        "ifname: eb, mac: \"02:00:00:00:00:02\", addrs: [10.66.0.2/30]}, mtu: 1300}\n"
        "  peers:\n"
        "  - {name: tor, remote: 172.16.0.254, remoteAsn: 65100, passwordFile: /etc/b, ipv4: "
        "true, "
        "passive: true, holdSeconds: 9, bfdMilliseconds: 300}\n"
        "  nodes:\n"
        "  - {name: node1, role: control-plane, index: 3, routerId: 1.1.1.1, mgmt: 10.5.0.1, "
        "loopbacks: [10.255.0.1/32], labels: {zone: a, \"x/y\": \"no\"}, link: {host: "
        "other-host}, "
        "fabric: {uplink: ens6, mtu: 1600}}\n"
        "  - {name: node2, asn: 64501, veths: [{name: storage, mtu: 1300}], vrfs: [{name: "
        "mine, vni: "
        "9, import: [\"1:1\"], export: [\"1:1\"]}], peers: [{name: tor, remotePort: "
        "1179}]}\n" POOL("links", "prefix: {cidr: 10.1.0.0/24}")
                POOL("links6", "prefix: {cidr: \"2001:db8::/64\"}")
                        POOL("under", "prefix: {cidr: 172.16.0.0/24, first: 10, last: 90}")
                                POOL("vnis", "vni: {first: 4001, last: 4010}")
                                        POOL("rts", "routeTarget: {asn: 64500, first: 1, last: "
                                                    "9}") "---\napiVersion: "
                                                          "hbr.dev/v1alpha1\nkind: "
                                                          "Vrf\nmetadata: {name: storage}\n"
                                                          "spec: {pool: vnis, routeTargets: "
                                                          "rts, encap: vxlan}\n"
                                                          "---\napiVersion: "
                                                          "hbr.dev/v1alpha1\nkind: "
                                                          "SecondaryNetwork\nmetadata: {name: "
                                                          "storage}\n"
                                                          "spec: {vrf: {name: storage}, "
                                                          "subnets: [10.20.0.0/16], length: "
                                                          "{v4: 26}, mode: private}\n"
                                                          "---\napiVersion: "
                                                          "hbr.dev/v1alpha1\nkind: "
                                                          "SecondaryNetwork\nmetadata: {name: "
                                                          "media}\n"
                                                          "spec: {type: ipvlan, link: "
                                                          "{proxyNdp: false}, vrf: {pool: "
                                                          "vnis, routeTargets: rts}}\n";

static hbr_error *err;

/* The dump of what a dump reads as. */
static char *again(const char *text, int32_t format, bool seal)
{
	hbr_topology *topology = model_parse(text);

	if (seal)
		ck_ok(hbr_topology_seal(topology, &err), err);

	char *dump = model_dump(topology, format);

	hbr_topology_free(topology);
	return dump;
}

static void check_fixed_point(const char *text, bool seal)
{
	static const int32_t formats[] = { HBR_FORMAT_YAML, HBR_FORMAT_JSON };

	for (size_t i = 0; i < 2; i++) {
		char *first = again(text, formats[i], seal);
		char *second = again(first, formats[i], seal);
		/* JSON read and written as YAML: one meaning. */
		char *third = again(first, formats[!i], seal);
		char *fourth = again(third, formats[i], seal);

		ck_assert_str_eq(first, second);
		ck_assert_str_eq(first, fourth);
		free(first);
		free(second);
		free(third);
		free(fourth);
	}
}

START_TEST(an_open_dump_reads_as_itself)
{
	check_fixed_point(everything, false);
}
END_TEST

START_TEST(an_open_dump_keeps_everything)
{
	static const char *const kept[] = {
		"engine: crpd",
		"netns: routing",
		"imageArchive: /srv/crpd.tar",
		"licenceFile: /etc/l",
		"uplink: ens5",
		"overlay: vxlan",
		"reach: []",
		"fromPool: [links, links6]",
		"listenPort: 179",
		"peering: ebgp-per-node",
		"natOutgoing: true",
		"blockSize: {v4: 27, v6: 123}",
		"joinFile: /etc/j",
		"action: blackhole",
		"metric: 5",
		"bus: \"0000:00:04.0\"",
		"down: true",
		"mac: \"02:00:00:00:00:02\"",
		"passwordFile: /etc/b",
		"bfdMilliseconds: 300",
		"index: 3",
		"routerId: 1.1.1.1",
		"mgmt: 10.5.0.1",
		"labels: {zone: a, x/y: \"no\"}",
		"host: other-host",
		"asn: 64501",
		"remotePort: 1179",
		"vni: 9",
		"use: uplink",
		"length: {v4: 26}",
		"mode: private",
		"encap: vxlan",
		"proxyArp: true",
		"first: 10, last: 90",
	};
	char *text = again(everything, HBR_FORMAT_YAML, false);

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		ck_assert_msg(strstr(text, kept[i]), "%s is missing in\n%s", kept[i], text);
	ck_assert_ptr_null(strstr(text, "proxyNdp"));
	free(text);
}
END_TEST

static void check_file(const char *path, bool seal)
{
	hbr_topology *topology = NULL;

	ck_ok(hbr_topology_load(path, &topology, &err), err);
	char *text = model_dump(topology, HBR_FORMAT_YAML);

	check_fixed_point(text, seal);
	free(text);
	hbr_topology_free(topology);
}

START_TEST(every_example_reads_as_it_was_written)
{
	glob_t files;

	ck_assert_int_eq(glob(HBR_SOURCE_DIR "/examples/sites/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		bool is_right = !strstr(files.gl_pathv[i], "as-printed");

		check_file(files.gl_pathv[i], false);
		if (is_right)
			check_file(files.gl_pathv[i], true);
	}
	globfree(&files);
}
END_TEST

static const char pooled[] =
        POOLED_HEAD "  nodes: [{name: node1, role: control-plane}]\n" POOLED_POOLS POOL(
                "under6", "prefix: {cidr: \"2001:db8:f::/64\"}, use: uplink");

START_TEST(a_sealed_dump_has_what_was_assigned)
{
	static const char *const assigned[] = {
		"index: 1",
		"routerId: 172.16.0.101",
		"host: [10.1.0.1/30, \"2001:db8::1/126\"]",
		"uplink: [172.16.0.101/24, \"2001:db8:f::1/64\"]",
		"listenPort: 178",
		"mtu: 1500",
	};
	char *text = again(pooled, HBR_FORMAT_YAML, true);

	for (size_t i = 0; i < sizeof(assigned) / sizeof(assigned[0]); i++)
		ck_assert_msg(strstr(text, assigned[i]), "%s is missing in\n%s", assigned[i],
		              text);
	ck_assert_ptr_null(strstr(text, "mac:"));
	free(text);
}
END_TEST

START_TEST(a_topology_without_a_link_stays_so)
{
	hbr_topology *topology = NULL;
	const hbr_node_spec node = { .size = sizeof(node), .name = "node1" };

	ck_ok(hbr_topology_new(&topology, &err), err);
	ck_ok(hbr_node_add(hbr_topology_site(topology), &node, NULL, &err), err);
	char *text = model_dump(topology, HBR_FORMAT_YAML);
	hbr_topology *read = model_parse(text);

	ck_assert_ptr_null(hbr_object_find(read, "veth/k8s"));
	check_fixed_point(text, false);
	free(text);
	hbr_topology_free(topology);
	hbr_topology_free(read);
}
END_TEST

START_TEST(there_is_no_text_or_binary_form)
{
	hbr_topology *topology = model_parse(SITE_HEAD);
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_topology_dump(topology, HBR_FORMAT_BINARY, &text, &err),
	                 HBR_EINVAL);
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(hbr_topology_dump(topology, HBR_FORMAT_TEXT, &text, &err), HBR_EINVAL);
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(the_schema_knows_every_kind)
{
	static const char *const words[] = { "\"Site\"",     "\"Pool\"",
		                             "\"Vrf\"",      "\"SecondaryNetwork\"",
		                             "\"podCIDRs\"", "2020-12" };
	hbr_text *text = NULL;

	ck_ok(hbr_schema(&text, &err), err);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_assert_ptr_nonnull(strstr(hbr_text_data(text), words[i]));
	hbr_text_free(text);
}
END_TEST

static void forget_error(void)
{
	err = NULL;
}

HBR_SUITE(dump)
{
	tcase_add_checked_fixture(tcase, forget_error, NULL);
	tcase_add_test(tcase, an_open_dump_reads_as_itself);
	tcase_add_test(tcase, an_open_dump_keeps_everything);
	tcase_add_test(tcase, every_example_reads_as_it_was_written);
	tcase_add_test(tcase, a_sealed_dump_has_what_was_assigned);
	tcase_add_test(tcase, a_topology_without_a_link_stays_so);
	tcase_add_test(tcase, there_is_no_text_or_binary_form);
	tcase_add_test(tcase, the_schema_knows_every_kind);
}
