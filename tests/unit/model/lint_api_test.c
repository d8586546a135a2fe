/* SPDX-License-Identifier: Apache-2.0 */
/* Lint rules about what a program builds through the API: each fires after one change. */
#include <string.h>

#include "lib/test.h"
#include "lint_helper.h"

#define NODES 3

struct small_node {
	hbr_node_spec spec;
	hbr_uplink_spec uplink;
	hbr_netns_spec netns;
	hbr_end_spec a, b;
	hbr_veth_spec veth;
	hbr_peer_spec peers[2];
	const hbr_uplink_spec *uplinks[2];
	const hbr_route_spec *routes[2];
	const char *host[3], *router[3], *fabric[3], *loopbacks[2];
	size_t n_peers;
};

/* A site that lint finds nothing in, as structs that a test may change before it is built. */
struct small {
	hbr_site_spec site;
	hbr_pool_spec pods;
	hbr_vrf_spec vrfs[2];
	hbr_end_spec a, b;
	hbr_veth_spec storage;
	hbr_route_spec route;
	struct small_node nodes[NODES];
	const char *reach[3], *red[2], *blue[2], *sysctls[2];
	size_t n_vrfs;
};

static const char *const names[NODES] = { "node1", "node2", "node3" };
static const char *const hosts[NODES] = { "10.1.1.1/30", "10.1.2.1/30", "10.1.3.1/30" };
static const char *const routers[NODES] = { "10.1.1.2/30", "10.1.2.2/30", "10.1.3.2/30" };
static const char *const fabrics[NODES] = { "192.168.1.1/24", "192.168.1.2/24",
	                                    "192.168.1.3/24" };

static void small_node_init(struct small *small, size_t i)
{
	struct small_node *node = &small->nodes[i];

	node->host[0] = hosts[i];
	node->router[0] = routers[i];
	node->fabric[0] = fabrics[i];
	node->uplinks[0] = &node->uplink;
	node->spec = (hbr_node_spec){ .size = sizeof(node->spec),
		                      .name = names[i],
		                      .loopbacks = node->loopbacks,
		                      .role = i ? HBR_ROLE_WORKER : HBR_ROLE_CONTROL_PLANE };
	node->uplink = (hbr_uplink_spec){ .size = sizeof(node->uplink),
		                          .ifname = "ens4",
		                          .addrs = node->fabric };
	node->netns = (hbr_netns_spec){ .size = sizeof(node->netns),
		                        .name = "crpd",
		                        .uplinks = node->uplinks,
		                        .routes = node->routes,
		                        .sysctls = small->sysctls };
	node->a = (hbr_end_spec){ .size = sizeof(node->a),
		                  .ifname = "veth-k8s",
		                  .addrs = node->host };
	node->b = (hbr_end_spec){ .size = sizeof(node->b),
		                  .netns = "crpd",
		                  .ifname = "veth-crpd",
		                  .addrs = node->router };
	node->veth = (hbr_veth_spec){ .size = sizeof(node->veth),
		                      .name = "k8s",
		                      .reach = small->reach,
		                      .a = &node->a,
		                      .b = &node->b };
	for (size_t k = 0; k < 2; k++)
		node->peers[k] =
		        (hbr_peer_spec){ .size = sizeof(node->peers[k]),
			                 .name = k ? "second" : "first",
			                 .remote = k ? "192.168.1.251" : "192.168.1.250",
			                 .remote_asn = 65001 };
}

static void small_init(struct small *small)
{
	memset(small, 0, sizeof(*small));
	small->site = (hbr_site_spec){ .size = sizeof(small->site),
		                       .name = "small",
		                       .engine = "frr",
		                       .kubernetes = "1.28.15",
		                       .asn = 64500,
		                       .calico_asn = 64512 };
	small->pods = (hbr_pool_spec){ .size = sizeof(small->pods),
		                       .name = "pods",
		                       .prefix = "10.244.0.0/16",
		                       .use = HBR_POOL_POD };
	small->reach[0] = "10.1.0.0/16";
	small->red[0] = "64500:1";
	small->blue[0] = "64500:2";
	for (size_t i = 0; i < 2; i++)
		small->vrfs[i] = (hbr_vrf_spec){ .size = sizeof(small->vrfs[i]),
			                         .name = i ? "blue" : "red",
			                         .rt_import = i ? small->blue : small->red,
			                         .rt_export = i ? small->blue : small->red,
			                         .vni = i ? 4002 : 4001,
			                         .encap = HBR_OVERLAY_VXLAN };
	small->n_vrfs = 2;
	small->a = (hbr_end_spec){ .size = sizeof(small->a), .ifname = "host-end" };
	small->b = (hbr_end_spec){
		.size = sizeof(small->b), .netns = "crpd", .ifname = "vrf-end", .vrf = "red"
	};
	small->storage = (hbr_veth_spec){ .size = sizeof(small->storage),
		                          .name = "storage",
		                          .a = &small->a,
		                          .b = &small->b };
	small->route = (hbr_route_spec){ .size = sizeof(small->route),
		                         .to = "203.0.113.0/24",
		                         .via = "192.168.1.254" };
	for (size_t i = 0; i < NODES; i++)
		small_node_init(small, i);
}

static void add_node(hbr_object *site, const struct small_node *node)
{
	hbr_error *err = NULL;
	hbr_object *object = NULL;

	ck_ok(hbr_node_add(site, &node->spec, &object, &err), err);
	ck_ok(hbr_netns_add(object, &node->netns, NULL, &err), err);
	ck_ok(hbr_veth_add(object, &node->veth, NULL, &err), err);
	for (size_t i = 0; i < node->n_peers; i++)
		ck_ok(hbr_peer_add(object, &node->peers[i], NULL, &err), err);
}

static hbr_status *small_lint(const struct small *small)
{
	hbr_error *err = NULL;
	hbr_topology *topology = NULL;

	ck_ok(hbr_topology_new(&topology, &err), err);
	hbr_object *site = hbr_topology_site(topology);

	ck_ok(hbr_site_set(site, &small->site, &err), err);
	ck_ok(hbr_pool_add(site, &small->pods, NULL, &err), err);
	for (size_t i = 0; i < small->n_vrfs; i++)
		ck_ok(hbr_vrf_add(site, &small->vrfs[i], NULL, &err), err);
	ck_ok(hbr_veth_add(site, &small->storage, NULL, &err), err);
	for (size_t i = 0; i < NODES; i++)
		add_node(site, &small->nodes[i]);
	return lint_topology(topology);
}

static void give_route(struct small *small)
{
	small->nodes[1].routes[0] = &small->route;
}

static void give_far_route(struct small *small)
{
	give_route(small);
	small->route.via = "192.168.7.254";
}

static void give_sysctl(struct small *small)
{
	small->sysctls[0] = "net.ipv4.conf.all.rp_filter=2";
}

static void give_host_sysctl(struct small *small)
{
	small->sysctls[0] = "vm.swappiness=1";
}

static void give_sysctl_without_value(struct small *small)
{
	small->sysctls[0] = "net.ipv4.ip_forward";
}

static void give_macs(struct small *small)
{
	small->nodes[0].a.mac = "02:00:00:00:00:01";
	small->nodes[1].a.mac = "02:00:00:00:00:02";
}

static void repeat_mac(struct small *small)
{
	give_macs(small);
	small->nodes[1].a.mac = "02:00:00:00:00:01";
}

static void give_multicast_mac(struct small *small)
{
	small->nodes[0].b.mac = "03:00:00:00:00:01";
}

static void name_unknown_netns(struct small *small)
{
	small->nodes[0].b.netns = "cprd";
}

static void name_unknown_vrf(struct small *small)
{
	small->b.vrf = "rde";
}

static void name_end_like_vrf(struct small *small)
{
	small->b.ifname = "blue";
}

static void name_end_like_uplink(struct small *small)
{
	small->nodes[2].a.ifname = "ens4";
}

static void name_long(struct small *small)
{
	small->a.ifname = "storage-host-end";
}

static void name_fifteen_bytes(struct small *small)
{
	small->a.ifname = "storage-hostend";
}

static void name_with_slash(struct small *small)
{
	small->a.ifname = "host/end";
}

static void give_peers(struct small *small)
{
	small->nodes[1].n_peers = 2;
	small->nodes[1].peers[0].local = "192.168.1.2";
	small->nodes[1].peers[1].vrf = "blue";
}

static void repeat_peer(struct small *small)
{
	small->nodes[1].n_peers = 2;
	small->nodes[1].peers[1].remote = small->nodes[1].peers[0].remote;
}

static void repeat_peer_in_vrf(struct small *small)
{
	repeat_peer(small);
	small->nodes[1].peers[1].vrf = "blue";
}

static void give_peer_without_asn(struct small *small)
{
	small->nodes[1].n_peers = 1;
	small->nodes[1].peers[0].remote_asn = 0;
}

static void give_peer_of_two_families(struct small *small)
{
	small->nodes[1].n_peers = 1;
	small->nodes[1].peers[0].local = "192.168.1.2";
	small->nodes[1].peers[0].remote = "2001:db8::1";
}

static void give_peer_from_elsewhere(struct small *small)
{
	small->nodes[1].n_peers = 1;
	small->nodes[1].peers[0].local = "192.168.1.3";
}

static void give_peer_to_itself(struct small *small)
{
	small->nodes[1].n_peers = 1;
	small->nodes[1].peers[0].remote = "192.168.1.2";
}

static void give_peer_in_unknown_vrf(struct small *small)
{
	small->nodes[1].n_peers = 1;
	small->nodes[1].peers[0].vrf = "green";
}

static void repeat_vni(struct small *small)
{
	small->vrfs[1].vni = small->vrfs[0].vni;
}

static void take_vni_away(struct small *small)
{
	small->vrfs[1].vni = 0;
}

static void give_vrf_without_overlay(struct small *small)
{
	small->vrfs[1].vni = 0;
	small->vrfs[1].encap = HBR_OVERLAY_NONE;
	small->blue[0] = NULL;
}

static void repeat_rt(struct small *small)
{
	small->blue[0] = small->red[0];
}

static void import_the_others_rt(struct small *small)
{
	static const char *const both[] = { "64500:1", "64500:2", NULL };

	small->vrfs[1].rt_import = both;
}

static void take_import_away(struct small *small)
{
	small->vrfs[1].rt_import = NULL;
}

static void give_tables(struct small *small)
{
	small->vrfs[0].table = 100;
	small->vrfs[1].table = 252;
}

static void repeat_table(struct small *small)
{
	small->vrfs[0].table = 100;
	small->vrfs[1].table = 100;
}

static void give_main_table(struct small *small)
{
	small->vrfs[1].table = 254;
}

static void give_mpls(struct small *small)
{
	small->vrfs[1].encap = HBR_OVERLAY_MPLS_UDP;
}

static void give_mpls_on_crpd(struct small *small)
{
	small->site.engine = "crpd";
	give_mpls(small);
}

static void reflect_evpn_twice(struct small *small)
{
	small->nodes[1].spec.role = HBR_ROLE_CONTROL_PLANE;
}

static void reflect_evpn_twice_on_crpd(struct small *small)
{
	small->site.engine = "crpd";
	reflect_evpn_twice(small);
}

static void mesh_evpn(struct small *small)
{
	small->nodes[1].spec.role = HBR_ROLE_CONTROL_PLANE;
	small->nodes[2].spec.role = HBR_ROLE_CONTROL_PLANE;
}

static void fill_mtu_of_vrf(struct small *small)
{
	small->storage.mtu = 1450;
}

static void exceed_mtu_of_vrf(struct small *small)
{
	small->storage.mtu = 1451;
}

static void exceed_mtu_of_fabric(struct small *small)
{
	small->nodes[0].veth.mtu = 1501;
}

static void shrink_mtu(struct small *small)
{
	small->nodes[0].veth.mtu = 575;
}

static void keep_small_mtu_without_ipv6(struct small *small)
{
	small->nodes[0].veth.mtu = 1279;
}

static void raise_one_mtu(struct small *small)
{
	small->nodes[2].uplink.mtu = 9000;
}

static void repeat_router_id(struct small *small)
{
	small->nodes[1].spec.router_id = "192.0.2.1";
	small->nodes[2].spec.router_id = "192.0.2.1";
}

static void give_router_ids(struct small *small)
{
	small->nodes[1].spec.router_id = "192.0.2.1";
	small->nodes[2].spec.router_id = "192.0.2.2";
}

static void give_loopback(struct small *small)
{
	small->nodes[1].loopbacks[0] = "192.0.2.1";
}

static void give_loopback_of_fabric(struct small *small)
{
	small->nodes[1].loopbacks[0] = "192.168.1.200/32";
}

static void take_uplink_away(struct small *small)
{
	small->nodes[2].uplinks[0] = NULL;
}

static void move_uplink(struct small *small)
{
	small->nodes[2].fabric[0] = "192.168.2.3/24";
}

static void give_other_asn(struct small *small)
{
	small->nodes[2].spec.asn = 64501;
}

static const char *const router_of_all[] = { "169.254.178.1", NULL };
static const char *const router_of_all6[] = { "fd00:178::1", NULL };

static void share_router(struct small *small)
{
	small->site.calico_peers = router_of_all;
}

static void share_router_of_a_missing_family(struct small *small)
{
	small->site.calico_peers = router_of_all6;
}

static void share_router_of_other_asn(struct small *small)
{
	share_router(small);
	give_other_asn(small);
}

static void take_asn_away(struct small *small)
{
	small->site.asn = 0;
}

static void give_mgmt(struct small *small)
{
	small->nodes[2].spec.mgmt = "172.16.0.3";
}

static void give_bad_mgmt(struct small *small)
{
	small->nodes[2].spec.mgmt = "172.16.0.300";
}

static void name_attachments_alike(struct small *small)
{
	static hbr_attach_spec attach = { .size = sizeof(attach),
		                          .name = "net",
		                          .ns = "default" };

	small->storage.attach = &attach;
	small->nodes[1].veth.attach = &attach;
}

struct row {
	const char *rule;
	void (*change)(struct small *small);
};

static const struct row firing[] = {
	{ "route-gateway", give_far_route },
	{ "sysctl-syntax", give_host_sysctl },
	{ "sysctl-syntax", give_sysctl_without_value },
	{ "link-mac-duplicate", repeat_mac },
	{ "link-mac-multicast", give_multicast_mac },
	{ "netns-unknown", name_unknown_netns },
	{ "vrf-unknown", name_unknown_vrf },
	{ "vrf-unknown", give_peer_in_unknown_vrf },
	{ "ifname-duplicate", name_end_like_vrf },
	{ "ifname-duplicate", name_end_like_uplink },
	{ "ifname-too-long", name_long },
	{ "ifname-invalid", name_with_slash },
	{ "peer-duplicate", repeat_peer },
	{ "peer-asn-missing", give_peer_without_asn },
	{ "peer-family", give_peer_of_two_families },
	{ "peer-local", give_peer_from_elsewhere },
	{ "peer-self", give_peer_to_itself },
	{ "vni-duplicate", repeat_vni },
	{ "vni-missing", take_vni_away },
	{ "rt-duplicate", repeat_rt },
	{ "rt-missing", take_import_away },
	{ "table-duplicate", repeat_table },
	{ "table-reserved", give_main_table },
	{ "overlay-engine", give_mpls },
	{ "reflector-evpn", reflect_evpn_twice },
	{ "mtu-overlay", exceed_mtu_of_vrf },
	{ "mtu-over-fabric", exceed_mtu_of_fabric },
	{ "mtu-too-small", shrink_mtu },
	{ "mtu-differs", raise_one_mtu },
	{ "router-id-duplicate", repeat_router_id },
	{ "addr-overlap", give_loopback_of_fabric },
	{ "underlay-missing", take_uplink_away },
	{ "underlay-subnet-differs", move_uplink },
	{ "asn-differs", give_other_asn },
	{ "asn-missing", take_asn_away },
	{ "calico-peer-family", share_router_of_a_missing_family },
	{ "calico-peer-asn", share_router_of_other_asn },
	{ "addr-syntax", give_bad_mgmt },
	{ "attachment-duplicate", name_attachments_alike },
};

/* Changes that are close to a fault and none. */
static const struct row quiet[] = {
	{ "route-gateway", give_route },
	{ "sysctl-syntax", give_sysctl },
	{ "link-mac-duplicate", give_macs },
	{ "ifname-too-long", name_fifteen_bytes },
	{ "peer-local", give_peers },
	{ "peer-duplicate", repeat_peer_in_vrf },
	{ "vni-missing", give_vrf_without_overlay },
	{ "rt-duplicate", import_the_others_rt },
	{ "table-reserved", give_tables },
	{ "overlay-engine", give_mpls_on_crpd },
	{ "reflector-evpn", reflect_evpn_twice_on_crpd },
	{ "reflector-evpn", mesh_evpn },
	{ "mtu-overlay", fill_mtu_of_vrf },
	{ "mtu-too-small", keep_small_mtu_without_ipv6 },
	{ "router-id-duplicate", give_router_ids },
	{ "addr-overlap", give_loopback },
	{ "addr-syntax", give_mgmt },
	{ "calico-peer-family", share_router },
	{ "calico-peer-asn", share_router },
};

START_TEST(a_site_without_faults_has_no_findings)
{
	struct small small;

	small_init(&small);
	hbr_status *status = small_lint(&small);

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == lint_unmade(status), "%s",
	              lint_dump(status));
	hbr_status_free(status);
}
END_TEST

START_TEST(a_rule_fires_after_one_change)
{
	const struct row *row = &firing[_i];
	struct small small;

	small_init(&small);
	row->change(&small);
	hbr_status *status = small_lint(&small);

	ck_assert_msg(lint_count(status, row->rule) > 0, "no %s (row %d) in:\n%s", row->rule,
	              _i, lint_dump(status));
	hbr_status_free(status);
}
END_TEST

START_TEST(a_rule_keeps_quiet_about_what_is_right)
{
	const struct row *row = &quiet[_i];
	struct small small;

	small_init(&small);
	row->change(&small);
	hbr_status *status = small_lint(&small);

	ck_assert_msg(lint_count(status, row->rule) == 0, "%s (row %d):\n%s", row->rule, _i,
	              lint_dump(status));
	hbr_status_free(status);
}
END_TEST

HBR_SUITE(lint_api)
{
	tcase_add_test(tcase, a_site_without_faults_has_no_findings);
	tcase_add_loop_test(tcase, a_rule_fires_after_one_change, 0,
	                    sizeof(firing) / sizeof(*firing));
	tcase_add_loop_test(tcase, a_rule_keeps_quiet_about_what_is_right, 0,
	                    sizeof(quiet) / sizeof(*quiet));
}
