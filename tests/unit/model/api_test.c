/* SPDX-License-Identifier: Apache-2.0 */
/* What a program builds and what a document says resolve to the same site. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_helper.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static hbr_error *err;

static void add_site(hbr_topology *topology)
{
	const hbr_site_spec spec = {
		.size = sizeof(spec),
		.name = "small",
		.services = LIST("10.96.0.0/16"),
		.asn = 64500,
	};

	ck_ok(hbr_site_set(hbr_topology_site(topology), &spec, &err), err);
}

static void add_pool(hbr_topology *topology, const char *name, const char *prefix, int32_t use,
                     uint32_t length, uint32_t first)
{
	const hbr_pool_spec spec = {
		.size = sizeof(spec),
		.name = name,
		.prefix = prefix,
		.use = use,
		.length = length,
		.first = first,
	};

	ck_ok(hbr_pool_add(hbr_topology_site(topology), &spec, NULL, &err), err);
}

static void add_netns(hbr_object *parent, const char *nic, const char *const *addrs)
{
	const hbr_uplink_spec uplink = { .size = sizeof(uplink),
		                         .ifname = nic,
		                         .addrs = addrs };
	const hbr_uplink_spec *const uplinks[] = { &uplink, NULL };
	const hbr_netns_spec netns = { .size = sizeof(netns),
		                       .name = "crpd",
		                       .uplinks = uplinks };

	ck_ok(hbr_netns_add(parent, &netns, NULL, &err), err);
}

static hbr_object *add_node(hbr_topology *topology, const char *name, int32_t role)
{
	const hbr_node_spec spec = { .size = sizeof(spec), .name = name, .role = role };
	hbr_object *node = NULL;

	ck_ok(hbr_node_add(hbr_topology_site(topology), &spec, &node, &err), err);
	return node;
}

static void same(hbr_topology *built, const char *document)
{
	hbr_topology *read = model_sealed(document);

	ck_ok(hbr_topology_seal(built, &err), err);
	char *a = model_dump(built, HBR_FORMAT_JSON);
	char *b = model_dump(read, HBR_FORMAT_JSON);

	ck_assert_str_eq(a, b);
	free(a);
	free(b);
	hbr_topology_free(built);
	hbr_topology_free(read);
}

START_TEST(explicit_site_is_the_same)
{
	hbr_topology *topology = NULL;
	const hbr_end_spec a = { .size = sizeof(a), .ifname = "veth-k8s" };
	const hbr_end_spec b = { .size = sizeof(b), .netns = "crpd", .ifname = "veth-crpd" };
	const hbr_veth_spec veth = {
		.size = sizeof(veth),
		.name = "k8s",
		.reach = LIST("10.1.0.0/16"),
		.a = &a,
		.b = &b,
	};

	ck_ok(hbr_topology_new(&topology, &err), err);
	add_site(topology);
	add_pool(topology, "pods4", "192.168.0.0/16", HBR_POOL_POD, 0, 0);
	add_netns(hbr_topology_site(topology), "ens4", NULL);
	ck_ok(hbr_veth_add(hbr_topology_site(topology), &veth, NULL, &err), err);
	for (int n = 1; n <= 2; n++) {
		char name[16], host[32], router[32], uplink[32];

		snprintf(name, sizeof(name), "node%d", n);
		snprintf(host, sizeof(host), "10.1.%d.1/30", n);
		snprintf(router, sizeof(router), "10.1.%d.2/30", n);
		snprintf(uplink, sizeof(uplink), "172.16.0.%d/24", n);
		const hbr_end_spec own_a = { .size = sizeof(own_a), .addrs = LIST(host) };
		const hbr_end_spec own_b = { .size = sizeof(own_b), .addrs = LIST(router) };
		const hbr_veth_spec own = {
			.size = sizeof(own),
			.name = "k8s",
			.a = &own_a,
			.b = &own_b,
		};
		hbr_object *node =
		        add_node(topology, name, n == 1 ? HBR_ROLE_CONTROL_PLANE : 0);

		add_netns(node, NULL, LIST(uplink));
		ck_ok(hbr_veth_add(node, &own, NULL, &err), err);
	}
	same(topology, SITE_HEAD SITE_NODES);
}
END_TEST

START_TEST(secondary_network_from_pools_is_the_same)
{
	hbr_topology *topology = NULL;
	const hbr_end_spec a = { .size = sizeof(a), .ifname = "veth-k8s" };
	const hbr_end_spec b = { .size = sizeof(b), .netns = "crpd", .ifname = "veth-crpd" };
	const hbr_end_spec host = { .size = sizeof(host), .ifname = "host-end" };
	const hbr_end_spec router = {
		.size = sizeof(router), .netns = "crpd", .ifname = "vrf-end", .vrf = "storage"
	};
	const hbr_attach_spec attach = { .size = sizeof(attach), .plugin = HBR_PLUGIN_MACVLAN };
	const hbr_veth_spec veths[] = {
		{ .size = sizeof(veths[0]), .name = "k8s", .pool4 = "links", .a = &a, .b = &b },
		{ .size = sizeof(veths[0]),
		  .name = "storage",
		  .pool4 = "storage4",
		  .a = &host,
		  .b = &router,
		  .attach = &attach },
	};
	const hbr_vrf_spec vrf = { .size = sizeof(vrf),
		                   .name = "storage",
		                   .vni_pool = "vnis",
		                   .rt_import = LIST("64500:1"),
		                   .rt_export = LIST("64500:1") };
	const hbr_pool_spec vnis = {
		.size = sizeof(vnis), .name = "vnis", .first = 4001, .last = 4009
	};

	ck_ok(hbr_topology_new(&topology, &err), err);
	add_site(topology);
	add_pool(topology, "links", "10.1.0.0/24", HBR_POOL_LINK, 0, 0);
	add_pool(topology, "under", "172.16.0.0/24", HBR_POOL_UPLINK, 0, 101);
	ck_ok(hbr_pool_add(hbr_topology_site(topology), &vnis, NULL, &err), err);
	add_pool(topology, "pods4", "192.168.0.0/16", HBR_POOL_POD, 0, 0);
	add_netns(hbr_topology_site(topology), "ens4", NULL);
	ck_ok(hbr_vrf_add(hbr_topology_site(topology), &vrf, NULL, &err), err);
	add_pool(topology, "storage4", "10.20.0.0/16", HBR_POOL_LINK, 24, 0);
	for (size_t i = 0; i < 2; i++)
		ck_ok(hbr_veth_add(hbr_topology_site(topology), &veths[i], NULL, &err), err);
	add_node(topology, "node1", HBR_ROLE_CONTROL_PLANE);
	add_node(topology, "node2", 0);
	same(topology,
	     "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: small}\nspec:\n"
	     "  router: {asn: 64500}\n"
	     "  fabric: {fromPool: under}\n"
	     "  link: {fromPool: links}\n"
	     "  kubernetes: {podCIDRs: 192.168.0.0/16, serviceCIDRs: 10.96.0.0/16}\n"
	     "  nodes: [{name: node1, role: control-plane}, node2]\n" POOL(
	             "links", "prefix: {cidr: 10.1.0.0/24}")
	             POOL("under", "prefix: {cidr: 172.16.0.0/24, first: 101}") POOL(
	                     "vnis",
	                     "vni: {first: 4001, last: 4009}") "---\napiVersion: "
	                                                       "hbr.dev/v1alpha1\nkind: "
	                                                       "SecondaryNetwork\n"
	                                                       "metadata: {name: storage}\n"
	                                                       "spec: {vrf: {pool: vnis, "
	                                                       "import: \"64500:1\", export: "
	                                                       "\"64500:1\"}, "
	                                                       "subnets: 10.20.0.0/16}\n");
}
END_TEST

static void forget_error(void)
{
	err = NULL;
}

HBR_SUITE(model_api)
{
	tcase_add_checked_fixture(tcase, forget_error, NULL);
	tcase_add_test(tcase, explicit_site_is_the_same);
	tcase_add_test(tcase, secondary_network_from_pools_is_the_same);
}
