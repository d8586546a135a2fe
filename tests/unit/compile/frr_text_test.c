/* SPDX-License-Identifier: Apache-2.0 */
/* FRR's text: what is always said, and what is refused rather than said wrongly. */
#include "compiled.h"

#include "text/stanza.h"

static char *frr_of_plan(struct arena *arena, struct site_plan plan, unsigned n)
{
	return frr_of(arena, site_make(arena, &plan), n);
}

static void check_has(const char *text, const char *line)
{
	ck_assert_msg(strstr(text, line) != NULL, "no \"%s\" in\n%s", line, text);
}

static void check_lacks(const char *text, const char *line)
{
	ck_assert_msg(strstr(text, line) == NULL, "\"%s\" in\n%s", line, text);
}

START_TEST(trap_1_the_port_is_said_for_the_neighbor)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *text = frr_of_plan(&arena, (struct site_plan){ 0 }, 1);

	check_has(text, " neighbor 10.1.1.1 port 178\n");
	check_has(text, " neighbor 2001:db8:1::1 port 178\n");
	check_lacks(text, " neighbor HBR-MESH-4 port");
	arena_free(&arena);
}
END_TEST

START_TEST(trap_3_one_calico_as_is_overridden)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *same = frr_of_plan(&arena, (struct site_plan){ 0 }, 1);
	_cleanup_free_ char *own =
	        frr_of_plan(&arena, (struct site_plan){ .mode = HBR_CALICO_EBGP_PER_NODE }, 1);

	check_has(same, "  neighbor 10.1.1.1 as-override\n");
	check_lacks(own, "as-override");
	arena_free(&arena);
}
END_TEST

START_TEST(trap_4_an_ibgp_calico_gets_the_next_hop_map)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *text =
	        frr_of_plan(&arena, (struct site_plan){ .mode = HBR_CALICO_IBGP }, 4);

	check_has(text, " bgp route-reflector allow-outbound-policy\n");
	check_has(text,
	          " match ip next-hop address 10.1.4.1\n set ip next-hop 192.168.1.104\n");
	check_has(text, " set ipv6 next-hop global 2001:db8:f::104\n");
	check_has(text, "  neighbor HBR-REFLECTOR-4 route-map HBR-NEXT-HOP-4 out\n");
	check_has(text, "  neighbor 10.1.4.1 next-hop-self force\n");
	check_has(text, "  neighbor 10.1.4.1 route-reflector-client\n");
	arena_free(&arena);
}
END_TEST

START_TEST(traps_5_and_11_delay_timer_and_host_name_are_always_said)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *text = frr_of_plan(&arena, (struct site_plan){ 0 }, 2);

	check_has(text, "bgp route-map delay-timer 0\n");
	check_has(text, "hostname node2\n");
	arena_free(&arena);
}
END_TEST

START_TEST(a_site_of_one_family_says_nothing_of_the_other)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *v4 = frr_of_plan(&arena, (struct site_plan){ .no_v6 = true }, 1);
	_cleanup_free_ char *v6 = frr_of_plan(&arena, (struct site_plan){ .no_v4 = true }, 1);

	check_lacks(v4, "ipv6");
	check_lacks(v6, "address-family ipv4");
	check_lacks(v6, "ip prefix-list");
	arena_free(&arena);
}
END_TEST

START_TEST(an_empty_filter_lets_nothing_pass)
{
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ 0 });

	site->pods.n = site->services.n = 0;
	_cleanup_free_ char *text = frr_of(&arena, site, 1);
	check_has(text, "ip prefix-list HBR-CALICO seq 5 deny any\n");
	check_has(text, "ipv6 prefix-list HBR-CALICO seq 5 deny any\n");
	arena_free(&arena);
}
END_TEST

static int refusal(struct site *site, struct arena *arena, hbr_error **err)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct bgp *bgp = NULL;

	ck_ok(bgp_compile(site, &site->nodes[0], arena, &bgp, err), *err);
	return frr_render(bgp, &out, err);
}

START_TEST(what_frr_cannot_do_yet_is_refused_and_said)
{
	static const hbr_peer_spec specs[] = {
		{ .name = "tor", .remote_asn = 65000, .password_file = "/etc/hbr/tor.pw" },
		{ .name = "tor", .remote_asn = 65000, .bfd_ms = 300 },
		{ .name = "tor", .remote_asn = 65000, .local_port = 1790 },
		{ .name = "tor", .remote_asn = 65000, .families = HBR_FAMILY_EVPN },
	};

	for (size_t i = 0; i < hbr_count(specs); i++) {
		struct arena arena = ARENA_INIT;
		struct site *site = site_make(&arena, &(struct site_plan){ 0 });
		struct peer peer = { .spec = &specs[i], .path = "node1/peer/tor" };
		bool has_length;
		hbr_error *err = NULL;

		prefix_parse("192.168.1.1", &peer.remote, &has_length);
		site->nodes[0].peers = &peer;
		site->nodes[0].n_peers = 1;
		ck_assert_int_eq(refusal(site, &arena, &err), HBR_ENOTSUP);
		ck_assert_str_eq(hbr_error_path(err), "node1/peer/tor");
		ck_assert_ptr_null(strstr(hbr_error_message(err), "tor.pw"));
		ck_assert_ptr_nonnull(hbr_error_hint(err));
		hbr_error_free(err);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(a_router_is_in_one_cluster)
{
	static const hbr_peer_spec specs[] = {
		{ .name = "a", .remote_asn = 64500, .cluster_id = "10.0.0.1" },
		{ .name = "b", .remote_asn = 64500, .cluster_id = "10.0.0.2" },
	};
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ 0 });
	struct peer peers[] = { { .spec = &specs[0], .path = "node1/peer/a" },
		                { .spec = &specs[1], .path = "node1/peer/b" } };
	bool has_length;
	hbr_error *err = NULL;

	prefix_parse("192.168.1.1", &peers[0].remote, &has_length);
	prefix_parse("192.168.1.2", &peers[1].remote, &has_length);
	site->nodes[0].peers = peers;
	site->nodes[0].n_peers = 2;
	ck_assert_int_eq(refusal(site, &arena, &err), HBR_ENOTSUP);
	ck_assert_str_eq(hbr_error_path(err), "node1/peer/b");
	hbr_error_free(err);
	arena_free(&arena);
}
END_TEST

START_TEST(a_peer_of_the_topology_is_filtered_on_the_way_out)
{
	static const hbr_peer_spec spec = { .name = "tor",
		                            .remote_asn = 65000,
		                            .remote_port = 1790,
		                            .hold_s = 30,
		                            .flags = HBR_PEER_PASSIVE };
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ 0 });
	struct peer peer = { .spec = &spec, .path = "node1/peer/tor" };
	bool has_length;

	prefix_parse("192.168.1.1", &peer.remote, &has_length);
	site->nodes[0].peers = &peer;
	site->nodes[0].n_peers = 1;
	_cleanup_free_ char *text = frr_of(&arena, site, 1);
	check_has(text, " neighbor 192.168.1.1 remote-as 65000\n");
	check_has(text, " neighbor 192.168.1.1 port 1790\n");
	check_has(text, " neighbor 192.168.1.1 passive\n");
	check_has(text, " neighbor 192.168.1.1 timers 10 30\n");
	check_has(text, "  neighbor 192.168.1.1 prefix-list HBR-FABRIC out\n");
	check_lacks(text, "  neighbor 192.168.1.1 prefix-list HBR-FABRIC in\n");
	arena_free(&arena);
}
END_TEST

START_TEST(a_name_cannot_bring_a_line_of_its_own)
{
	static const char *const bad[] = { "a\nrouter bgp 1", "a b", "", "ünter" };

	for (size_t i = 0; i < hbr_count(bad); i++) {
		struct arena arena = ARENA_INIT;
		struct site *site = site_make(&arena, &(struct site_plan){ 0 });
		hbr_error *err = NULL;

		site->nodes[1].name = bad[i];
		ck_assert_int_eq(refusal(site, &arena, &err), HBR_EMODEL);
		hbr_error_free(hbr_steal(err));
		site->nodes[1].name = "node2";
		site->nodes[0].name = bad[i];
		ck_assert_int_eq(refusal(site, &arena, &err), HBR_EMODEL);
		hbr_error_free(err);
		arena_free(&arena);
	}
}
END_TEST

/* A new worker changes one neighbor a family, and no filter. */
START_TEST(a_new_node_changes_little_of_the_others)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *five = frr_of_plan(&arena, (struct site_plan){ .nodes = 5 }, 1);
	_cleanup_free_ char *six = frr_of_plan(&arena, (struct site_plan){ .nodes = 6 }, 1);
	_cleanup_buf_ struct buf diff = BUF_INIT;
	size_t changes = 0;

	ck_assert_int_eq(stanza_diff(five, six, &diff, &changes, NULL), 0);
	ck_assert_uint_eq(changes, 4);
	arena_free(&arena);
}
END_TEST

START_TEST(a_router_of_few_sessions_sends_routes_at_once)
{
	struct arena arena = ARENA_INIT;
	_cleanup_free_ char *few = frr_of_plan(&arena, (struct site_plan){ 0 }, 1);
	_cleanup_free_ char *many = frr_of_plan(&arena, (struct site_plan){ .nodes = 60 }, 1);

	check_has(few, " coalesce-time 100\n");
	check_lacks(many, "coalesce-time");
	arena_free(&arena);
}
END_TEST

HBR_SUITE(compile_frr)
{
	tcase_add_test(tcase, a_router_of_few_sessions_sends_routes_at_once);
	tcase_add_test(tcase, trap_1_the_port_is_said_for_the_neighbor);
	tcase_add_test(tcase, trap_3_one_calico_as_is_overridden);
	tcase_add_test(tcase, trap_4_an_ibgp_calico_gets_the_next_hop_map);
	tcase_add_test(tcase, traps_5_and_11_delay_timer_and_host_name_are_always_said);
	tcase_add_test(tcase, a_site_of_one_family_says_nothing_of_the_other);
	tcase_add_test(tcase, an_empty_filter_lets_nothing_pass);
	tcase_add_test(tcase, a_router_is_in_one_cluster);
	tcase_add_test(tcase, what_frr_cannot_do_yet_is_refused_and_said);
	tcase_add_test(tcase, a_peer_of_the_topology_is_filtered_on_the_way_out);
	tcase_add_test(tcase, a_name_cannot_bring_a_line_of_its_own);
	tcase_add_test(tcase, a_new_node_changes_little_of_the_others);
}
