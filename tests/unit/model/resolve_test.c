/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: defaults, templates and overrides, pools, numbers, and what is wrong with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/lint.h"
#include "model/topology.h"
#include "model_helper.h"

#define VRF(name, spec)                                                              \
	"---\napiVersion: hbr.dev/v1alpha1\nkind: Vrf\nmetadata: {name: " name "}\n" \
	"spec: {" spec "}\n"
#define NETWORK(name, spec)                                                                 \
	"---\napiVersion: hbr.dev/v1alpha1\nkind: SecondaryNetwork\nmetadata: {name: " name \
	"}\nspec: {" spec "}\n"

static hbr_error *err;

/* Without lint: these sites are too small to be right, or wrong on purpose. */
static hbr_topology *resolved(const char *text, const struct site **site)
{
	hbr_topology *topology = model_parse(text);
	hbr_status *status = NULL;
	struct resolved out;

	ck_ok(status_new(&status, &err), err);
	ck_ok(topology_resolve(topology, &topology->sealed, status, &out, &err), err);
	*site = out.site;
	resolved_free(&out);
	hbr_status_free(status);
	return topology;
}

static void has_addrs(const struct addr_list *list, const char *first, const char *second)
{
	ck_assert_uint_eq(list->n, (first ? 1 : 0) + (second ? 1 : 0));
	if (first)
		ck_assert_str_eq(list->items[0].source.text, first);
	if (second)
		ck_assert_str_eq(list->items[1].source.text, second);
}

START_TEST(defaults_are_filled)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES);
	const struct site *site = topology_site(topology);
	const struct node *node = site_node(site, "node2");
	hbr_site_spec got = { .size = sizeof(got) };

	ck_assert_str_eq(site->spec->engine, "frr");
	ck_assert_str_eq(site->spec->netns, "crpd");
	ck_assert_uint_eq(site->spec->mtu, 1500);
	ck_assert_uint_eq(site->spec->calico_asn, 64512);
	ck_assert_uint_eq(site->spec->calico_port, 178);
	ck_assert_int_eq(site->spec->calico_mode, HBR_CALICO_EBGP);
	ck_assert_int_eq(site->spec->overlay, HBR_OVERLAY_NONE);
	ck_ok(hbr_site_get(hbr_topology_site(topology), &got, &err), err);
	ck_assert_uint_eq(got.calico_port, 178);
	ck_assert_int_eq(node->role, HBR_ROLE_WORKER);
	ck_assert_uint_eq(node->index, 2);
	ck_assert_uint_eq(node->asn, 64500);
	ck_assert_str_eq(node->veths[0].a.ifname, "veth-k8s");
	ck_assert_str_eq(node->veths[0].b.ifname, "veth-crpd");
	ck_assert_uint_eq(node->veths[0].mtu, 1500);
	ck_assert_str_eq(node->netns[0].name, "crpd");
	ck_assert_str_eq(node->netns[0].uplinks[0].ifname, "ens4");
	ck_assert_uint_eq(node->netns[0].uplinks[0].mtu, 1500);
	ck_assert_str_eq(node->veths[0].path, "node2/veth/k8s");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(veth_end_without_netns_means_host)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES);
	const struct node *node = site_node(topology_site(topology), "node1");

	ck_assert_str_eq(node->veths[0].a.netns, "");
	ck_assert_str_eq(node->veths[0].b.netns, "crpd");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(get_returns_what_was_resolved)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES);
	hbr_object *node = hbr_object_find(topology, "node2");
	hbr_veth_spec veth = { .size = sizeof(veth) };
	hbr_node_spec spec = { .size = sizeof(spec) };

	ck_ok(hbr_veth_get(hbr_object_find(topology, "node2/veth/k8s"), &veth, &err), err);
	ck_assert_uint_eq(veth.mtu, 1500);
	ck_assert_str_eq(veth.a->addrs[0], "10.1.2.1/30");
	ck_assert_str_eq(veth.reach[0], "10.1.0.0/16");
	ck_assert_uint_eq(strlen(veth.a->mac), 17);
	ck_ok(hbr_node_get(node, &spec, &err), err);
	ck_assert_uint_eq(spec.index, 2);
	ck_assert_uint_eq(spec.asn, 64500);
	ck_assert_str_eq(spec.router_id, "172.16.0.2");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_sealed_node_has_one_child_per_template)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES);
	hbr_object *node = hbr_object_find(topology, "node1");
	hbr_object *veth = hbr_object_next(node, HBR_OBJECT_VETH, NULL);
	hbr_object *netns = hbr_object_next(node, HBR_OBJECT_NETNS, NULL);

	ck_assert_str_eq(hbr_object_path(veth), "node1/veth/k8s");
	ck_assert_ptr_null(hbr_object_next(node, HBR_OBJECT_VETH, veth));
	ck_assert_str_eq(hbr_object_path(netns), "node1/netns/crpd");
	ck_assert_ptr_eq(hbr_object_find(topology, "node1/veth/k8s"), veth);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(nodes_override_member_by_member)
{
	hbr_topology *topology = model_sealed(
	        SITE_HEAD
	        "  nodes:\n"
	        "  - {name: node1, role: control-plane, host: [10.1.1.1/30], router: "
	        "[10.1.1.2/30], "
	        "uplink: [172.16.0.1/24], asn: 64500, fabric: {uplink: ens9, mtu: 1400}, "
	        "link: {host: vh, router: vr, mtu: 1300, reach: [10.1.0.0/20]}}\n"
	        "  - {name: node2, host: [10.1.2.1/30], router: [10.1.2.2/30], "
	        "uplink: [172.16.0.2/24]}\n");
	const struct node *node = site_node(topology_site(topology), "node1");
	const struct node *other = site_node(topology_site(topology), "node2");

	ck_assert_str_eq(node->netns[0].uplinks[0].ifname, "ens9");
	ck_assert_uint_eq(node->netns[0].uplinks[0].mtu, 1400);
	ck_assert_str_eq(node->veths[0].a.ifname, "vh");
	ck_assert_str_eq(node->veths[0].b.ifname, "vr");
	ck_assert_str_eq(node->veths[0].b.netns, "crpd");
	ck_assert_uint_eq(node->veths[0].mtu, 1300);
	has_addrs(&node->veths[0].reach, "10.1.0.0/20", NULL);
	ck_assert_str_eq(other->netns[0].uplinks[0].ifname, "ens4");
	ck_assert_str_eq(other->veths[0].a.ifname, "veth-k8s");
	has_addrs(&other->veths[0].reach, "10.1.0.0/16", NULL);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(pools_give_addresses_by_index)
{
	const struct site *site;
	hbr_topology *topology = resolved(
	        POOLED_HEAD "  nodes: [node1, {name: node2, index: 40}, node3]\n" POOLED_POOLS,
	        &site);
	const struct node *first = site_node(site, "node1");
	const struct node *second = site_node(site, "node2");
	const struct node *third = site_node(site, "node3");

	has_addrs(&first->veths[0].a.addrs, "10.1.0.1/30", "2001:db8::1/126");
	has_addrs(&first->veths[0].b.addrs, "10.1.0.2/30", "2001:db8::2/126");
	has_addrs(&first->netns[0].uplinks[0].addrs, "172.16.0.101/24", NULL);
	has_addrs(&second->veths[0].a.addrs, "10.1.0.157/30", "2001:db8::9d/126");
	has_addrs(&second->netns[0].uplinks[0].addrs, "172.16.0.140/24", NULL);
	ck_assert_uint_eq(third->index, 2);
	has_addrs(&third->veths[0].a.addrs, "10.1.0.5/30", "2001:db8::5/126");
	has_addrs(&third->veths[0].reach, "10.1.0.0/24", "2001:db8::/64");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(both_addresses_of_a_31_are_used)
{
	const struct site *site;
	hbr_topology *topology = resolved(
	        POOLED_HEAD "  nodes: [node1, node2]\n" POOL(
	                "links", "prefix: {cidr: 10.1.0.0/24, length: 31}")
	                POOL("links6", "prefix: {cidr: \"2001:db8::/64\", length: 127}")
	                        POOL("under", "prefix: {cidr: 172.16.0.0/24}"),
	        &site);
	const struct node *node = site_node(site, "node2");

	has_addrs(&node->veths[0].a.addrs, "10.1.0.2/31", "2001:db8::2/127");
	has_addrs(&node->veths[0].b.addrs, "10.1.0.3/31", "2001:db8::3/127");
	has_addrs(&node->netns[0].uplinks[0].addrs, "172.16.0.2/24", NULL);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(written_addresses_win_over_pools)
{
	const struct site *site;
	hbr_topology *topology =
	        resolved(POOLED_HEAD
	                 "  nodes: [{name: node1, host: [10.9.0.1/30], router: [10.9.0.2/30], "
	                 "uplink: [172.16.0.9/24]}]\n" POOLED_POOLS,
	                 &site);
	const struct node *node = site_node(site, "node1");

	has_addrs(&node->veths[0].a.addrs, "10.9.0.1/30", "2001:db8::1/126");
	has_addrs(&node->veths[0].b.addrs, "10.9.0.2/30", "2001:db8::2/126");
	has_addrs(&node->netns[0].uplinks[0].addrs, "172.16.0.9/24", NULL);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(loopback_pools_give_host_addresses)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES POOL(
	        "los", "prefix: {cidr: 10.255.0.0/24}, use: loopback"));
	const struct node *node = site_node(topology_site(topology), "node2");
	hbr_node_spec spec = { .size = sizeof(spec) };

	has_addrs(&node->loopbacks, "10.255.0.2/32", NULL);
	ck_ok(hbr_node_get(hbr_object_find(topology, "node2"), &spec, &err), err);
	ck_assert_str_eq(spec.loopbacks[0], "10.255.0.2/32");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_node_that_goes_moves_no_indexed_one)
{
	const struct site *before, *after;
	hbr_topology *with = resolved(
	        POOLED_HEAD
	        "  nodes: [a, b, c]\n  assigned: {nodes: {a: 1, b: 2, c: 3}}\n" POOLED_POOLS,
	        &before);
	hbr_topology *without = resolved(
	        POOLED_HEAD
	        "  nodes: [d, c]\n  assigned: {nodes: {a: 1, b: 2, c: 3}}\n" POOLED_POOLS,
	        &after);

	ck_assert_uint_eq(site_node(before, "c")->index, 3);
	ck_assert_uint_eq(site_node(after, "c")->index, 3);
	ck_assert_uint_eq(site_node(after, "d")->index, 1);
	hbr_topology_free(with);
	hbr_topology_free(without);
}
END_TEST

START_TEST(router_id_is_uplink_else_loopback_else_index)
{
	const struct site *site;
	hbr_topology *topology = resolved(
	        SITE_HEAD "  nodes:\n"
	                  "  - {name: a, uplink: [\"fd00::1/64\", 172.16.0.1/24], loopbacks: "
	                  "[10.0.0.1/32]}\n"
	                  "  - {name: b, uplink: [\"fd00::2/64\"], loopbacks: [10.0.0.2/32]}\n"
	                  "  - {name: c, index: 66051}\n"
	                  "  - {name: d, routerId: 1.2.3.4}\n",
	        &site);
	static const uint8_t expected[][4] = {
		{ 172, 16, 0, 1 }, { 10, 0, 0, 2 }, { 0, 1, 2, 3 }, { 1, 2, 3, 4 }
	};

	for (size_t i = 0; i < 4; i++) {
		ck_assert_mem_eq(site->nodes[i].router_id.bytes, expected[i], 4);
		ck_assert_uint_eq(site->nodes[i].router_id.length, 32);
	}
	hbr_topology_free(topology);
}
END_TEST

START_TEST(macs_come_from_names_and_never_change)
{
	hbr_topology *one = model_sealed(SITE_HEAD SITE_NODES);
	hbr_topology *two = model_sealed(SITE_HEAD SITE_NODES);
	const struct veth *veth = &site_node(topology_site(one), "node1")->veths[0];
	const struct veth *again = &site_node(topology_site(two), "node1")->veths[0];

	ck_assert_mem_eq(veth->a.mac, again->a.mac, 6);
	ck_assert_mem_ne(veth->a.mac, veth->b.mac, 6);
	ck_assert_uint_eq(veth->a.mac[0] & 3, 2);
	hbr_topology_free(one);
	hbr_topology_free(two);
}
END_TEST

START_TEST(the_block_size_gives_every_node_a_block)
{
	static const struct {
		const char *pods;
		uint32_t nodes, v4, v6;
	} rows[] = {
		{ "192.168.0.0/24, \"fd00::/64\"", 4, 26, 122 },
		{ "192.168.0.0/24, \"fd00::/64\"", 5, 27, 122 },
		{ "192.168.0.0/24, \"fd00::/120\"", 9, 28, 124 },
		{ "192.168.0.0/28", 2, 29, 0 },
		{ "192.168.0.0/30", 9, 32, 0 },
		{ "10.0.0.0/8", 1, 26, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[2048];
		int n = snprintf(
		        text, sizeof(text),
		        "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: a}\n"
		        "spec:\n  kubernetes: {podCIDRs: [%s]}\n  nodes: [n0",
		        rows[i].pods);
		const struct site *site;

		for (uint32_t k = 1; k < rows[i].nodes; k++)
			n += snprintf(text + n, sizeof(text) - (size_t)n, ", n%u", k);
		strcat(text, "]\n");

		hbr_topology *topology = resolved(text, &site);

		ck_assert_msg(site->pod_block[0] == rows[i].v4 &&
		                      site->pod_block[1] == rows[i].v6,
		              "row %zu: %u %u", i, site->pod_block[0], site->pod_block[1]);
		hbr_topology_free(topology);
	}
}
END_TEST

static const char numbers[] =
        SITE_HEAD "  assigned: {vnis: {late: 4002}, tables: {late: 1001}}\n" SITE_NODES POOL(
                "vnis", "vni: {first: 4001, last: 4010}")
                POOL("rts", "routeTarget: {asn: 64500, first: 4001, last: 4010}")
                        VRF("a", "pool: vnis, routeTargets: rts")
                                VRF("fixed", "vni: 4003, table: 1003, import: "
                                             "[\"64500:4002\"], export: [\"64500:4002\"]")
                                        VRF("b", "pool: vnis, routeTargets: rts")
                                                VRF("late", "pool: vnis, routeTargets: rts");

START_TEST(numbers_are_the_lowest_that_nobody_wrote)
{
	static const struct {
		const char *name, *target;
		uint32_t vni, table;
	} rows[] = {
		{ "a", "64500:4001", 4001, 1002 },
		{ "fixed", "64500:4002", 4003, 1003 },
		{ "b", "64500:4003", 4004, 1004 },
		{ "late", "64500:4004", 4002, 1001 },
	};
	hbr_topology *topology = model_sealed(numbers);
	const struct node *node = site_node(topology_site(topology), "node2");

	ck_assert_uint_eq(node->n_vrfs, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct vrf *vrf = &node->vrfs[i];

		ck_assert_str_eq(vrf->name, rows[i].name);
		ck_assert_uint_eq(vrf->vni, rows[i].vni);
		ck_assert_uint_eq(vrf->table, rows[i].table);
		ck_assert_str_eq(vrf->rt_import[0], rows[i].target);
		ck_assert_str_eq(vrf->rt_export[0], rows[i].target);
		ck_assert_str_eq(vrf->netns, "crpd");
		ck_assert_int_eq(vrf->encap, HBR_OVERLAY_VXLAN);
	}
	ck_assert_str_eq(node->vrfs[0].rd, "172.16.0.2:1002");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_vrf_has_one_number_on_all_nodes)
{
	const struct site *site;
	hbr_topology *topology =
	        resolved(SITE_HEAD "  nodes:\n"
	                           "  - {name: a, vrfs: [{name: red, pool: vnis}]}\n"
	                           "  - {name: b, vrfs: [{name: blue, pool: vnis}, {name: red, "
	                           "pool: vnis}]}\n" POOL("vnis", "vni: {first: 10, last: 20}"),
	                 &site);

	ck_assert_uint_eq(site->nodes[0].n_vrfs, 1);
	ck_assert_uint_eq(site->nodes[0].vrfs[0].vni, 10);
	ck_assert_uint_eq(site->nodes[1].vrfs[0].vni, 11);
	ck_assert_uint_eq(site->nodes[1].vrfs[1].vni, 10);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(a_network_gives_each_node_a_subnet_and_the_router_its_gateway)
{
	hbr_topology *topology = model_sealed(
	        SITE_HEAD "  fabric: {overlay: vxlan}\n" SITE_NODES POOL(
	                "vnis", "vni: {first: 4001, last: 4010}")
	                POOL("rts", "routeTarget: {asn: 64500, first: 1, last: 9}") NETWORK(
	                        "storage", "vrf: {pool: vnis, routeTargets: rts}, "
	                                   "subnets: [10.20.0.0/16, \"2001:db8:20::/56\"]"));
	const struct node *node = site_node(topology_site(topology), "node2");
	const struct veth *veth = node_veth(node, "storage");

	ck_assert_str_eq(node->veths[0].name, "k8s");
	has_addrs(&veth->a.addrs, NULL, NULL);
	has_addrs(&veth->b.addrs, "10.20.1.1/24", "2001:db8:20:1::1/64");
	ck_assert_str_eq(veth->b.vrf, "storage");
	ck_assert_uint_eq(veth->mtu, 1450);
	ck_assert_uint_eq(veth->reach.n, 0);
	ck_assert_str_eq(veth->attach->name, "storage");
	ck_assert_str_eq(veth->attach->mode, "bridge");
	ck_assert_str_eq(veth->attach->ns, "default");
	hbr_topology_free(topology);
}
END_TEST

START_TEST(calico_speaks_with_the_as_of_its_mode)
{
	static const struct {
		const char *calico;
		uint32_t asn;
	} rows[] = {
		{ "asn: 64600", 64600 },
		{ "peering: ibgp", 64500 },
		{ "peering: ebgp-per-node, asn: 65000", 65002 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[2048];
		const struct site *site;

		snprintf(text, sizeof(text), "%s  calico: {%s}\n%s", SITE_HEAD, rows[i].calico,
		         SITE_NODES);
		hbr_topology *topology = resolved(text, &site);

		ck_assert_uint_eq(node_calico_asn(site, &site->nodes[1]), rows[i].asn);
		hbr_topology_free(topology);
	}
}
END_TEST

START_TEST(peers_and_routes_are_resolved)
{
	hbr_topology *topology = model_sealed(
	        SITE_HEAD
	        "  namespaces:\n"
	        "  - {name: \"\", routes: [{to: default, via: \"fe80::1\", dev: veth-k8s}]}\n"
	        "  peers: [{name: tor, remote: \"2001:db8::9\", remoteAsn: "
	        "65001}]\n" SITE_NODES);
	const struct node *node = site_node(topology_site(topology), "node1");
	const struct netns *netns = node_netns(node, "");

	ck_assert_str_eq(node->netns[0].name, "crpd");
	ck_assert_uint_eq(netns->n_routes, 1);
	ck_assert_uint_eq(netns->routes[0].to.family, 6);
	ck_assert_uint_eq(netns->routes[0].to.length, 0);
	ck_assert_uint_eq(node->n_peers, 1);
	ck_assert_uint_eq(node->peers[0].spec->local_asn, 64500);
	ck_assert_uint_eq(node->peers[0].spec->families, HBR_FAMILY_IPV6);
	ck_assert_uint_eq(node->peers[0].remote.family, 6);
	hbr_topology_free(topology);
}
END_TEST

struct wrong {
	const char *text, *rule, *path;
	uint32_t line, column;
};

static const struct wrong wrongs[] = {
	{ POOLED_HEAD "  nodes: [{name: a, index: 3}, {name: b, index: 3}]\n" POOLED_POOLS,
	  "index-duplicate", "b", 8, 49 },
	{ POOLED_HEAD "  nodes: [{name: a, index: 65}]\n" POOLED_POOLS, "pool-exhausted",
	  "pool/links", 12, 18 },
	{ SITE_HEAD "  nodes: [{name: a, index: 155}]\n" POOL(
	          "under", "prefix: {cidr: 172.16.0.0/24, first: 101}, use: uplink"),
	  "pool-exhausted", "pool/under", 12, 18 },
	{ SITE_HEAD "  veths: [{name: v, fromPool: nope}]\n", "pool-unknown", "veth/v", 8, 31 },
	{ SITE_HEAD VRF("a", "pool: nope"), "pool-unknown", "vrf/a", 12, 14 },
	{ SITE_HEAD VRF("a", "pool: p") VRF("b", "pool: p")
	          POOL("p", "vni: {first: 1, last: 1}"),
	  "pool-exhausted", "vrf/b", 16, 18 },
	{ SITE_HEAD VRF("a", "routeTargets: p") POOL("p", "vni: {first: 1, last: 1}"),
	  "pool-unknown", "vrf/a", 12, 22 },
	{ SITE_HEAD POOL("p", "vni: {first: 2, last: 1}"), "pool-invalid", "pool/p", 11, 18 },
	{ SITE_HEAD POOL("p", "vni: {}"), "pool-invalid", "pool/p", 11, 18 },
	{ SITE_HEAD POOL("p", "routeTarget: {first: 1, last: 2}"), "pool-invalid", "pool/p", 11,
	  18 },
	{ SITE_HEAD POOL("p", "routeTarget: {asn: 70000, first: 1, last: 70000}"),
	  "pool-invalid", "pool/p", 11, 18 },
	{ SITE_HEAD POOL("p", "prefix: {cidr: 10.0.0.0/24, length: 32}"), "pool-invalid",
	  "pool/p", 12, 23 },
	{ SITE_HEAD POOL("p", "prefix: {cidr: 10.0.0.0/24, length: 23}"), "pool-invalid",
	  "pool/p", 12, 23 },
	{ SITE_HEAD POOL("p", "prefix: {cidr: 10.0.0}"), "pool-invalid", "pool/p", 12, 23 },
	{ SITE_HEAD POOL("p", "prefix: {cidr: 10.0.0.0}"), "pool-invalid", "pool/p", 12, 23 },
	{ SITE_HEAD POOL("p", "prefix: {length: 30}"), "pool-invalid", "pool/p", 11, 18 },
	{ SITE_HEAD "  nodes: [{name: a, routerId: \"::1\"}]\n", "router-id-invalid", "a", 8,
	  31 },
	{ SITE_HEAD "  nodes: [{name: a, veths: [{name: v, a: {mac: x}}]}]\n", "mac-invalid",
	  "a/veth/v", 8, 48 },
	{ SITE_HEAD VRF("a", "import: [\"1:2\", \"1.2.3.4:70000\"]"), "rt-invalid", "vrf/a", 12,
	  24 },
	{ SITE_HEAD VRF("a", "rd: \"70000:70000\""), "rt-invalid", "vrf/a", 12, 12 },
	{ SITE_HEAD "  nodes: [{name: a, peers: [{name: p, remote: 10.0.0.1/32}]}]\n",
	  "peer-invalid", "a/peer/p", 8, 47 },
	{ SITE_HEAD "  nodes: [{name: a, peers: [{name: p}]}]\n", "peer-invalid", "a/peer/p", 8,
	  36 },
	{ SITE_HEAD "  nodes: [{name: a, namespaces: [{name: n, routes: [{to: 10.0.0.1/24, "
	            "dev: x}]}]}]\n",
	  "route-invalid", "a/netns/n", 8, 58 },
	{ SITE_HEAD "  nodes: [{name: a, namespaces: [{name: n, routes: [{to: 10.0.0.0/24, "
	            "via: \"fe80::1\"}]}]}]\n",
	  "route-invalid", "a/netns/n", 8, 76 },
	{ SITE_HEAD
	  "  nodes: [{name: a, namespaces: [{name: n, routes: [{to: 10.0.0.0/24}]}]}]\n",
	  "route-invalid", "a/netns/n", 8, 58 },
};

START_TEST(what_is_wrong_becomes_a_finding)
{
	const struct wrong *row = &wrongs[_i];
	hbr_status *status = NULL;
	hbr_finding finding;

	hbr_topology *topology = model_parse(row->text);

	ck_assert_msg(model_finding(topology, row->rule, &finding, &status), "row %d", _i);
	ck_assert_str_eq(finding.path, row->path);
	ck_assert_int_eq(finding.level, HBR_LEVEL_ERROR);
	ck_assert_msg(finding.line == row->line && finding.column == row->column,
	              "row %d: %u:%u %s", _i, finding.line, finding.column, finding.message);
	hbr_status_free(status);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(seal_fails_with_the_first_error_and_can_be_tried_again)
{
	hbr_topology *topology = NULL;
	const hbr_node_spec node = { .size = sizeof(node), .name = "node1", .router_id = "x" };
	hbr_veth_spec veth = { .size = sizeof(veth) };

	ck_ok(hbr_topology_new(&topology, &err), err);
	ck_ok(hbr_node_add(hbr_topology_site(topology), &node, NULL, &err), err);
	ck_assert_int_eq(hbr_topology_seal(topology, &err), HBR_EMODEL);
	ck_assert_ptr_nonnull(hbr_error_path(err));
	ck_assert_ptr_nonnull(strstr(hbr_error_message(err), "more error"));
	hbr_error_free(err);
	err = NULL;
	ck_assert_ptr_null(topology_site(topology));
	veth.name = "k8s";
	ck_ok(hbr_veth_add(hbr_object_find(topology, "node1"), &veth, NULL, &err), err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(places_outlive_sealing)
{
	hbr_topology *topology = model_sealed(SITE_HEAD SITE_NODES);
	const struct node *node = site_node(topology_site(topology), "node1");
	const struct mark *mark = &node->veths[0].a.addrs.items[0].source.at;
	struct mark reach = topology_mark(topology, "node2/veth/k8s", "reach");

	ck_assert_uint_eq(mark->line, 9);
	ck_assert_ptr_nonnull(strstr(mark->excerpt, "name: node1"));
	ck_assert_str_eq(mark->file, "site.yaml");
	ck_assert_uint_eq(reach.line, 6);
	ck_assert_uint_eq(reach.column, 18);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(lint_leaves_an_open_topology_open)
{
	hbr_topology *topology = model_parse(SITE_HEAD SITE_NODES);
	const hbr_node_spec node = { .size = sizeof(node), .name = "node3" };
	hbr_status *status = NULL;

	ck_ok(hbr_topology_lint(topology, &status, &err), err);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
	hbr_status_free(status);
	ck_assert_ptr_null(topology_site(topology));
	ck_ok(hbr_node_add(hbr_topology_site(topology), &node, NULL, &err), err);
	hbr_topology_free(topology);
}
END_TEST

static void forget_error(void)
{
	err = NULL;
}

HBR_SUITE(resolve)
{
	tcase_add_checked_fixture(tcase, forget_error, NULL);
	tcase_add_test(tcase, defaults_are_filled);
	tcase_add_test(tcase, veth_end_without_netns_means_host);
	tcase_add_test(tcase, get_returns_what_was_resolved);
	tcase_add_test(tcase, a_sealed_node_has_one_child_per_template);
	tcase_add_test(tcase, nodes_override_member_by_member);
	tcase_add_test(tcase, pools_give_addresses_by_index);
	tcase_add_test(tcase, both_addresses_of_a_31_are_used);
	tcase_add_test(tcase, written_addresses_win_over_pools);
	tcase_add_test(tcase, loopback_pools_give_host_addresses);
	tcase_add_test(tcase, a_node_that_goes_moves_no_indexed_one);
	tcase_add_test(tcase, router_id_is_uplink_else_loopback_else_index);
	tcase_add_test(tcase, macs_come_from_names_and_never_change);
	tcase_add_test(tcase, the_block_size_gives_every_node_a_block);
	tcase_add_test(tcase, numbers_are_the_lowest_that_nobody_wrote);
	tcase_add_test(tcase, a_vrf_has_one_number_on_all_nodes);
	tcase_add_test(tcase, a_network_gives_each_node_a_subnet_and_the_router_its_gateway);
	tcase_add_test(tcase, calico_speaks_with_the_as_of_its_mode);
	tcase_add_test(tcase, peers_and_routes_are_resolved);
	tcase_add_loop_test(tcase, what_is_wrong_becomes_a_finding, 0,
	                    sizeof(wrongs) / sizeof(wrongs[0]));
	tcase_add_test(tcase, seal_fails_with_the_first_error_and_can_be_tried_again);
	tcase_add_test(tcase, places_outlive_sealing);
	tcase_add_test(tcase, lint_leaves_an_open_topology_open);
}
