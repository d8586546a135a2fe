/* SPDX-License-Identifier: Apache-2.0 */
/* Stage LINKS: what is made where, and what is left to others. */
#include "compiled.h"

#define HEAD                                                                     \
	"apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: t}\nspec:\n" \
	"  router: {engine: frr, netns: crpd, asn: 64500}\n"                     \
	"  fabric: {uplink: ens4, mtu: 9000}\n"                                  \
	"  calico: {asn: 64512, listenPort: 178, peering: ebgp}\n"               \
	"  kubernetes: {version: 1.28.15, podCIDRs: [192.168.0.0/24], "          \
	"serviceCIDRs: [10.96.0.0/16]}\n"
#define NODE                                                                  \
	"  nodes:\n  - {name: n1, role: control-plane, host: [10.1.1.1/30], " \
	"router: [10.1.1.2/30], uplink: [192.168.1.101/24]}\n"

static const hbr_link *link_of(const hbr_state *state, const char *key)
{
	const hbr_resource *found = row(state, key);

	ck_assert_msg(found != NULL, "%s", key);
	return found->body;
}

START_TEST(the_router_end_is_the_primary_and_carries_its_peer)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_LINKS);
	const hbr_link *router = link_of(state, "link:crpd/veth-crpd");
	const hbr_link *host = link_of(state, "link:/veth-k8s");

	ck_assert_uint_eq(router->secondary, 0);
	ck_assert_uint_eq(host->secondary, 1);
	ck_assert_str_eq(router->peer, "veth-k8s");
	ck_assert_str_eq(router->peer_netns, "");
	ck_assert_mem_eq(router->peer_mac, host->mac, 6);
	ck_assert_mem_eq(host->peer_mac, router->mac, 6);
	ck_assert_uint_eq(router->peer_mtu, host->mtu);
	ck_assert_str_eq(router->mark, "hbr:node1/veth/k8s");
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(the_nic_is_taken_from_the_host_with_the_mtu_of_the_fabric)
{
	hbr_topology *topology =
	        parse_site(HEAD "  link: {host: h, router: r, reach: [10.1.0.0/21]}\n" NODE);
	hbr_state *state = compile_node(topology, "n1", HBR_STAGE_LINKS);
	const hbr_link *nic = link_of(state, "link:crpd/ens4");

	ck_assert_int_eq(nic->type, HBR_LINK_NIC);
	ck_assert_str_eq(nic->from, "");
	ck_assert_uint_eq(nic->mtu, 9000);
	ck_assert(nic->has & HBR_LINK_HAS_MARK);
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(an_ipv4_node_asks_for_no_ipv6_sysctl)
{
	hbr_topology *topology = load_site("ipv4-only");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_LINKS);

	for (size_t i = 0; i < hbr_state_count(state); i++) {
		const hbr_resource *resource = hbr_state_at(state, i);

		if (resource->kind == HBR_KIND_SYSCTL)
			ck_assert_ptr_null(strstr(resource->name, "ipv6"));
	}
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

/* Without them Linux drops what carries a label, and has no label to give (Juniper's list for hosts). */
START_TEST(mpls_takes_labels_and_accepts_them_on_the_nic)
{
	hbr_topology *topology = load_site("mplsoudp");
	hbr_topology *other = load_site("crpd");
	hbr_state *state = compile_node(topology, "node4", HBR_STAGE_LINKS);
	hbr_state *without = compile_node(other, "node4", HBR_STAGE_LINKS);
	const hbr_resource *labels = row(state, "sysctl:crpd/net/mpls/platform_labels");
	const hbr_resource *input = row(state, "sysctl:crpd/net/mpls/conf/ens4/input");

	ck_assert_ptr_nonnull(labels);
	ck_assert_str_eq(((const hbr_sysctl *)labels->body)->value, "1048575");
	ck_assert_ptr_nonnull(input);
	ck_assert_str_eq(((const hbr_sysctl *)input->body)->value, "1");
	ck_assert_ptr_null(row(without, "sysctl:crpd/net/mpls/platform_labels"));
	hbr_state_free(without);
	hbr_state_free(state);
	hbr_topology_free(other);
	hbr_topology_free(topology);
}
END_TEST

static struct build build_of(struct arena *arena, const struct site *site)
{
	struct build build = {
		.site = site,
		.node = &site->nodes[0],
		.arena = arena,
		.stage = HBR_STAGE_LINKS,
	};

	ck_assert_int_eq(hbr_state_new(&build.state, NULL), 0);
	return build;
}

START_TEST(a_reach_that_is_the_own_subnet_makes_no_route)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1, .no_v6 = true });
	hbr_error *err = NULL;

	site->nodes[0].veths[0].reach = (struct addr_list){ 0 };
	SITE_ADD(&site->nodes[0].veths[0].reach, "10.1.1.0/30");
	SITE_ADD(&site->nodes[0].veths[0].reach, "10.1.1.0/24");
	struct build build = build_of(arena, site);
	ck_ok(links_compile(&build, &err), err);
	ck_assert_ptr_null(row(build.state, "route:/10.1.1.0/30"));
	ck_assert_ptr_nonnull(row(build.state, "route:/10.1.1.0/24"));
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

START_TEST(a_reach_without_a_router_address_is_an_error_of_the_site)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1, .no_v6 = true });
	hbr_error *err = NULL;

	SITE_ADD(&site->nodes[0].veths[0].reach, "2001:db8::/45");
	struct build build = build_of(arena, site);
	ck_assert_int_eq(links_compile(&build, &err), HBR_EMODEL);
	ck_assert_str_eq(hbr_error_path(err), "node1/veth/k8s");
	hbr_error_free(err);
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

static const char *sysctl_of(const hbr_state *state, const char *key)
{
	const hbr_resource *found = row(state, key);

	return found ? ((const hbr_sysctl *)found->body)->value : NULL;
}

START_TEST(the_first_address_of_a_subnet_may_go_alone)
{
	hbr_topology *topology = load_site("ipv4-only");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_LINKS);

	ck_assert_str_eq(
	        sysctl_of(state, "sysctl:crpd/net/ipv4/conf/all/promote_secondaries"), "1");
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(sysctls_of_the_user_win_and_may_have_dots_or_slashes)
{
	static const char *const sysctls[] = { "net.ipv4.conf.all.rp_filter=2",
		                               "net/ipv4/conf/eth0.5/proxy_arp=1",
		                               "net.ipv4.conf.eth0/5.arp_ignore=1", NULL };
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1 });
	hbr_error *err = NULL;

	site->nodes[0].netns[0].sysctls = sysctls;
	struct build build = build_of(arena, site);
	ck_ok(sysctl_compile(&build, &err), err);
	ck_assert_str_eq(sysctl_of(build.state, "sysctl:crpd/net/ipv4/conf/all/rp_filter"),
	                 "2");
	ck_assert_str_eq(sysctl_of(build.state, "sysctl:crpd/net/ipv4/conf/eth0.5/proxy_arp"),
	                 "1");
	ck_assert_str_eq(sysctl_of(build.state, "sysctl:crpd/net/ipv4/conf/eth0.5/arp_ignore"),
	                 "1");
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

START_TEST(a_sysctl_without_value_is_refused)
{
	static const char *const bad[] = { "net.ipv4.ip_forward", "=1",
		                           "net.ipv4.ip_forward=", "ip_forward=1.2" };
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1 });

	for (size_t i = 0; i < hbr_count(bad); i++) {
		const char *const sysctls[] = { bad[i], NULL };
		hbr_error *err = NULL;

		site->nodes[0].netns[0].sysctls = sysctls;
		struct build build = build_of(arena, site);
		ck_assert_int_eq(sysctl_compile(&build, &err), HBR_EMODEL);
		hbr_error_free(err);
		hbr_state_free(build.state);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_veth_in_a_vrf_is_left_to_its_stage)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1 });
	hbr_error *err = NULL;

	site->nodes[0].veths[0].b.vrf = "storage";
	struct build build = build_of(arena, site);
	ck_ok(links_compile(&build, &err), err);
	ck_assert_ptr_null(row(build.state, "link:crpd/veth-crpd"));
	ck_assert_ptr_nonnull(row(build.state, "link:crpd/ens4"));
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

START_TEST(an_end_may_be_left_down_and_answer_for_others)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1 });
	hbr_error *err = NULL;

	site->nodes[0].veths[0].b.flags = HBR_END_DOWN | HBR_END_PROXY_ARP | HBR_END_PROXY_NDP;
	struct build build = build_of(arena, site);
	ck_ok(sysctl_compile(&build, &err), err);
	ck_ok(links_compile(&build, &err), err);
	ck_assert_str_eq(
	        sysctl_of(build.state, "sysctl:crpd/net/ipv4/conf/veth-crpd/proxy_arp"), "1");
	ck_assert_str_eq(
	        sysctl_of(build.state, "sysctl:crpd/net/ipv6/conf/veth-crpd/proxy_ndp"), "1");
	ck_assert_uint_eq(link_of(build.state, "link:crpd/veth-crpd")->up, 0);
	ck_assert_uint_eq(link_of(build.state, "link:/veth-k8s")->up, 1);
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

/* "link down" deletes IPv6 addresses and the routes of a link: the sysctls keep the first,
 * and the second are wanted, so the next plan puts them back. */
START_TEST(trap_9_addresses_stay_and_routes_are_wanted)
{
	hbr_topology *topology = load_site("table1");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_LINKS);

	ck_assert_str_eq(sysctl_of(state, "sysctl:crpd/net/ipv6/conf/all/keep_addr_on_down"),
	                 "1");
	ck_assert_str_eq(sysctl_of(state, "sysctl:/net/ipv6/conf/veth-k8s/keep_addr_on_down"),
	                 "1");
	ck_assert_ptr_nonnull(row(state, "route:/2001:db8::/45"));
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

/* Proxy ARP answers for 169.254.1.1 only where there is a route to it: a site can say one. */
START_TEST(trap_10_a_route_without_gateway_can_be_said)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 1 });
	struct static_route route = { .dev = "veth-k8s" };
	bool has_length;
	hbr_error *err = NULL;

	prefix_parse("169.254.1.1", &route.to, &has_length);
	site->nodes[0].netns[1] = (struct netns){
		.name = "", .routes = &route, .n_routes = 1, .path = "node1/netns/host"
	};
	site->nodes[0].n_netns = 2;
	struct build build = build_of(arena, site);
	ck_ok(links_compile(&build, &err), err);
	const hbr_resource *found = row(build.state, "route:/169.254.1.1/32");
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(((const hbr_route *)found->body)->via.family, 0);
	ck_assert_str_eq(((const hbr_route *)found->body)->dev, "veth-k8s");
	hbr_state_free(build.state);
	arena_free(arena);
}
END_TEST

HBR_SUITE(compile_links)
{
	tcase_add_test(tcase, the_router_end_is_the_primary_and_carries_its_peer);
	tcase_add_test(tcase, the_nic_is_taken_from_the_host_with_the_mtu_of_the_fabric);
	tcase_add_test(tcase, an_ipv4_node_asks_for_no_ipv6_sysctl);
	tcase_add_test(tcase, mpls_takes_labels_and_accepts_them_on_the_nic);
	tcase_add_test(tcase, a_reach_that_is_the_own_subnet_makes_no_route);
	tcase_add_test(tcase, a_reach_without_a_router_address_is_an_error_of_the_site);
	tcase_add_test(tcase, the_first_address_of_a_subnet_may_go_alone);
	tcase_add_test(tcase, sysctls_of_the_user_win_and_may_have_dots_or_slashes);
	tcase_add_test(tcase, a_sysctl_without_value_is_refused);
	tcase_add_test(tcase, a_veth_in_a_vrf_is_left_to_its_stage);
	tcase_add_test(tcase, an_end_may_be_left_down_and_answer_for_others);
	tcase_add_test(tcase, trap_9_addresses_stay_and_routes_are_wanted);
	tcase_add_test(tcase, trap_10_a_route_without_gateway_can_be_said);
}
