/* SPDX-License-Identifier: Apache-2.0 */
/* Junos: what the golden files do not show. tests/yang judges the names. */
#include "compile/junos.h"
#include "compiled.h"
#include "lib/oom.h"

#define SITE(engine, spec, after)                                                             \
	"apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: s}\nspec:\n"              \
	"  router: {engine: " engine ", netns: crpd, asn: 64500}\n"                           \
	"  fabric: {uplink: ens4, overlay: vxlan}\n"                                          \
	"  link: {host: veth-k8s, router: veth-crpd, reach: [10.1.0.0/21]}\n"                 \
	"  calico: {asn: 64512, listenPort: 178, peering: ebgp}\n"                            \
	"  kubernetes: {podCIDRs: [192.168.0.0/24]}\n" spec "  nodes:\n"                      \
	"  - {name: node1, role: control-plane, host: [10.1.1.1/30], router: [10.1.1.2/30], " \
	"uplink: [192.168.1.101/24]}\n" after

#define VRF(name, spec)                                                        \
	"---\napiVersion: hbr.dev/v1alpha1\nkind: Vrf\nmetadata: {name: " name \
	"}\nspec: " spec "\n"

static char *write_node1(const char *document, enum junos_form form)
{
	hbr_topology *topology = parse_site(document);
	const struct site *site = topology_site(topology);
	struct arena arena = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct bgp *bgp = NULL;
	hbr_error *err = NULL;

	ck_ok(bgp_compile(site, &site->nodes[0], &arena, &bgp, &err), err);
	ck_ok(junos_render(site, &site->nodes[0], bgp, &arena, form, &out, &err), err);
	arena_free(&arena);
	hbr_topology_free(topology);
	return buf_steal(&out);
}

static void has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "no \"%s\" in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "\"%s\" in:\n%s", part, text);
}

START_TEST(a_password_is_named_and_never_written)
{
	const char *site =
	        SITE("crpd",
	             "  peers:\n  - {name: tor, remote: 192.168.1.1, remoteAsn: 65001, "
	             "passwordFile: /etc/hbr/tor-key}\n",
	             "");
	_cleanup_free_ char *text = write_node1(site, JUNOS_TEXT);
	_cleanup_free_ char *set = write_node1(site, JUNOS_SET);

	has(text, "                    neighbor 192.168.1.1 {\n"
	          "                        apply-macro hbr-authentication-key {\n"
	          "                            from /etc/hbr/tor-key;\n");
	lacks(set, "neighbor 192.168.1.1 authentication-key");
}
END_TEST

START_TEST(the_password_of_root_is_named_and_never_written)
{
	const char *site =
	        "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: s}\nspec:\n"
	        "  router: {engine: crpd, netns: crpd, asn: 64500, passwordFile: /etc/p}\n"
	        "  nodes: [{name: n, role: worker, host: [10.1.1.1/30], "
	        "router: [10.1.1.2/30], uplink: [192.168.1.101/24]}]\n";
	_cleanup_free_ char *text = write_node1(site, JUNOS_TEXT);
	_cleanup_free_ char *set = write_node1(site, JUNOS_SET);
	_cleanup_free_ char *xml = write_node1(site, JUNOS_XML);

	has(text, "        system {\n            root-authentication {\n"
	          "                apply-macro hbr-encrypted-password {\n"
	          "                    from /etc/p;\n");
	has(set, "set groups hbr system root-authentication apply-macro "
	         "hbr-encrypted-password from /etc/p\n");
	/* There is no module that could judge it. */
	lacks(xml, "<system");
}
END_TEST

START_TEST(a_peer_says_all_that_it_differs_in)
{
	_cleanup_free_ char *text = write_node1(
	        SITE("crpd",
	             "  peers:\n  - {name: tor, remote: 192.168.1.1, remoteAsn: 65001, "
	             "localAsn: 64999, remotePort: 1179, passive: true, asOverride: true, "
	             "holdSeconds: 30, bfdMilliseconds: 300, ipv4: true, evpn: true}\n",
	             ""),
	        JUNOS_SET);
#define GROUP "set groups hbr protocols bgp group HBR-PEER-tor "

	has(text, GROUP "type external\n" GROUP "hold-time 30\n" GROUP "passive\n" GROUP
	                "log-updown\n" GROUP "family inet unicast\n" GROUP
	                "family evpn signaling\n" GROUP "export HBR-TO-PEER\n" GROUP
	                "local-as 64999\n" GROUP "multipath\n" GROUP
	                "bfd-liveness-detection minimum-interval 300\n" GROUP
	                "bfd-liveness-detection multiplier 3\n" GROUP "as-override\n" GROUP
	                "neighbor 192.168.1.1 description tor\n" GROUP
	                "neighbor 192.168.1.1 peer-as 65001\n" GROUP "tcp-connect-port 1179\n");
}
END_TEST

START_TEST(a_client_is_in_the_cluster_that_the_topology_says)
{
	_cleanup_free_ char *own = write_node1(
	        SITE("crpd",
	             "  peers:\n  - {name: rr, remote: 192.168.1.9, remoteAsn: 64500, "
	             "client: true, nextHopSelf: true}\n",
	             ""),
	        JUNOS_SET);
	_cleanup_free_ char *said = write_node1(
	        SITE("crpd",
	             "  peers:\n  - {name: rr, remote: 192.168.1.9, remoteAsn: 64500, "
	             "client: true, clusterId: 10.9.9.9}\n",
	             ""),
	        JUNOS_SET);

	has(own, "group HBR-PEER-rr cluster 192.168.1.101\n");
	has(own, "group HBR-PEER-rr export HBR-TO-FABRIC\n");
	has(said, "group HBR-PEER-rr cluster 10.9.9.9\n");
}
END_TEST

START_TEST(routes_from_outside_get_our_next_hop_reflected_ones_keep_theirs)
{
	_cleanup_free_ char *text =
	        write_node1(SITE("crpd",
	                         "  peers:\n"
	                         "  - {name: tor, remote: 192.168.1.1, remoteAsn: 65001}\n"
	                         "  - {name: rr, remote: 192.168.1.9, remoteAsn: 64500, "
	                         "nextHopSelf: true}\n",
	                         ""),
	                    JUNOS_TEXT);

	has(text, "neighbor [ 10.1.1.1 192.168.1.1 ];");
	const char *policy = strstr(text, "policy-statement HBR-TO-FABRIC");
	const char *local = strstr(policy, "term local-4");
	const char *learnt = strstr(policy, "term learnt-4");
	const char *self = strstr(policy, "next-hop self");
	ck_assert(local && learnt && local < self && self < learnt);
	lacks(learnt, "next-hop self");
}
END_TEST

START_TEST(several_route_targets_become_policies)
{
	_cleanup_free_ char *text = write_node1(
	        SITE("crpd", "",
	             VRF("red", "{vni: 7, import: ['64500:1', '4200000000:2', '192.0.2.1:3'], "
	                        "export: ['64500:1'], rd: '4200000000:9'}")),
	        JUNOS_SET);

	has(text, "term targets from community HBR-VRF-red-IMPORT-3\n");
	has(text, "community HBR-VRF-red-IMPORT-2 members target:4200000000L:2\n");
	has(text, "community HBR-VRF-red-IMPORT-3 members target:192.0.2.1:3\n");
	has(text, "community HBR-VRF-red-EXPORT-1 members target:64500:1\n");
	has(text, "routing-instances red vrf-import HBR-VRF-red-IMPORT\n");
	has(text, "routing-instances red route-distinguisher 4200000000L:9\n");
	lacks(text, "vrf-target");
}
END_TEST

START_TEST(one_target_each_way_needs_no_policy)
{
	_cleanup_free_ char *text = write_node1(
	        SITE("crpd", "",
	             VRF("red", "{vni: 7, import: ['64500:1'], export: ['64500:2']}")),
	        JUNOS_SET);

	has(text, "red vrf-target import target:64500:1\n");
	has(text, "red vrf-target export target:64500:2\n");
	lacks(text, "vrf-import");
}
END_TEST

START_TEST(a_vrf_without_overlay_gives_and_takes_nothing)
{
	_cleanup_free_ char *text =
	        write_node1(SITE("crpd", "", VRF("red", "{encap: none}")), JUNOS_SET);

	has(text, "policy-statement HBR-NOTHING then reject\n");
	has(text, "red vrf-import HBR-NOTHING\n");
	has(text, "red vrf-export HBR-NOTHING\n");
	lacks(text, "evpn");
}
END_TEST

START_TEST(a_peer_in_a_vrf_stands_in_its_instance)
{
	_cleanup_free_ char *text = write_node1(
	        SITE("crpd",
	             "  peers:\n  - {name: ce, vrf: red, remote: 10.7.0.2, remoteAsn: 65007}\n",
	             VRF("red", "{vni: 7, import: ['64500:1'], export: ['64500:1']}")),
	        JUNOS_SET);

	has(text,
	    "set groups hbr routing-instances red protocols bgp group HBR-PEER-ce neighbor "
	    "10.7.0.2 peer-as 65007\n");
	lacks(text, "hbr protocols bgp group HBR-PEER-ce");
}
END_TEST

START_TEST(as_override_in_our_own_as_is_refused)
{
	static const char *const sites[] = {
		SITE("crpd",
		     "  peers:\n  - {name: rr, remote: 192.168.1.9, remoteAsn: 64500, "
		     "asOverride: true}\n",
		     ""),
		SITE("crpd",
		     "  peers:\n  - {name: rr, vrf: red, remote: 10.7.0.9, remoteAsn: 64500, "
		     "asOverride: true}\n",
		     VRF("red", "{vni: 7, import: ['64500:1'], export: ['64500:1']}")),
	};
	hbr_topology *topology = parse_site(sites[_i]);
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_ROUTER };
	hbr_state *state = NULL;
	hbr_error *err = NULL;

	ck_assert_int_eq(hbr_compile(topology, &scope, &state, &err), HBR_EMODEL);
	has(hbr_error_message(err), "peer rr is in our own AS");
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

START_TEST(what_of_a_peer_cannot_be_said_is_refused)
{
	hbr_topology *topology =
	        parse_site(SITE("crpd",
	                        "  peers: [{name: tor, remote: 192.168.1.1, remoteAsn: 65001, "
	                        "localPort: 1790}]\n",
	                        ""));
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_ROUTER };
	hbr_state *state = NULL;
	hbr_error *err = NULL;

	ck_assert_int_eq(hbr_compile(topology, &scope, &state, &err), HBR_ENOTSUP);
	has(hbr_error_message(err), "local port");
	hbr_error_free(err);
	hbr_topology_free(topology);
}
END_TEST

/* A tree of one leaf, in that form. */
static char *write_leaf(const char *word, enum junos_form form, int *rc)
{
	struct arena arena = ARENA_INIT;
	struct junos junos = { .arena = &arena };
	struct buf out = BUF_INIT;

	junos_leaf(&junos, &junos.root, "description", word);
	*rc = junos_check(&junos, "x", NULL);
	if (*rc == 0)
		junos_write(&junos, form, &out);
	arena_free(&arena);
	return buf_steal(&out);
}

START_TEST(words_are_quoted_where_junos_would_read_more_than_one)
{
	static const struct {
		const char *word, *text;
	} rows[] = {
		{ "plain-1.2:3/4", " description plain-1.2:3/4;" },
		{ "two words", " description \"two words\";" },
		{ "a;b", " description \"a;b\";" },
		{ "a\"b\\", " description \"a\\\"b\\\\\";" },
		{ "/* no */", " description \"/* no */\";" },
		{ "", " description \"\";" },
	};

	for (size_t i = 0; i < hbr_count(rows); i++) {
		int rc;
		_cleanup_free_ char *text = write_leaf(rows[i].word, JUNOS_TEXT, &rc);

		ck_assert_int_eq(rc, 0);
		has(text, rows[i].text);
	}
}
END_TEST

START_TEST(xml_is_escaped)
{
	int rc;
	_cleanup_free_ char *text = write_leaf("<a> & \"b\"", JUNOS_XML, &rc);

	has(text, ">&lt;a&gt; &amp; &quot;b&quot;</description>");
}
END_TEST

START_TEST(a_control_character_is_refused)
{
	int rc;
	_cleanup_free_ char *text = write_leaf("a\nb", JUNOS_TEXT, &rc);

	ck_assert_int_eq(rc, HBR_EMODEL);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
	hbr_topology *topology = load_site("mplsoudp");
	const struct site *site = topology_site(topology);
	bool hit = true;

	for (unsigned n = 1; hit; n++) {
		struct arena arena = ARENA_INIT;
		struct buf out = BUF_INIT;
		struct bgp *bgp = NULL;

		oom_at(n);
		int rc = bgp_compile(site, &site->nodes[0], &arena, &bgp, NULL);
		if (rc == 0)
			rc = junos_render(site, &site->nodes[0], bgp, &arena, JUNOS_TEXT, &out,
			                  NULL);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
		buf_free(&out);
		arena_free(&arena);
	}
	hbr_topology_free(topology);
}
END_TEST

START_TEST(both_engines_expect_the_same_sessions)
{
	hbr_topology *frr = load_site("table1");
	hbr_topology *crpd = load_site_as("table1", "crpd");
	const struct site *sites[] = { topology_site(frr), topology_site(crpd) };
	struct arena arena = ARENA_INIT;
	struct bgp *bgp[2];
	hbr_error *err = NULL;

	for (uint32_t i = 0; i < sites[0]->n_nodes; i++) {
		for (size_t j = 0; j < 2; j++)
			ck_ok(bgp_compile(sites[j], &sites[j]->nodes[i], &arena, &bgp[j], &err),
			      err);
		ck_assert_uint_eq(bgp[0]->n_sessions, bgp[1]->n_sessions);
		for (uint32_t k = 0; k < bgp[0]->n_sessions; k++) {
			const struct bgp_session *a = &bgp[0]->sessions[k];
			const struct bgp_session *b = &bgp[1]->sessions[k];

			ck_assert_mem_eq(&a->remote, &b->remote, sizeof(a->remote));
			ck_assert_mem_eq(&a->local, &b->local, sizeof(a->local));
			ck_assert_uint_eq(a->remote_asn, b->remote_asn);
			ck_assert_uint_eq(a->families, b->families);
			ck_assert_uint_eq(a->flags, b->flags);
			ck_assert_str_eq(a->name, b->name);
		}
	}
	arena_free(&arena);
	hbr_topology_free(frr);
	hbr_topology_free(crpd);
}
END_TEST

START_TEST(the_vendors_agents_learn_how_to_reach_the_router)
{
	hbr_topology *topology = load_site("crpd");
	hbr_state *state = compile_node(topology, "node1", HBR_STAGE_PREPARE);
	_cleanup_free_ char *text = text_of(state, "file:/etc/crpd/crpd_conf.yaml");

	has(text, "address: \"10.1.1.2\"\ntransport: netconf-ssh\nport: 830\nuser: root\n");
	lacks(text, "password");
	hbr_state_free(state);
	hbr_topology_free(topology);
}
END_TEST

HBR_SUITE(compile_junos)
{
	tcase_add_test(tcase, a_password_is_named_and_never_written);
	tcase_add_test(tcase, the_password_of_root_is_named_and_never_written);
	tcase_add_test(tcase, a_peer_says_all_that_it_differs_in);
	tcase_add_test(tcase, a_client_is_in_the_cluster_that_the_topology_says);
	tcase_add_test(tcase, routes_from_outside_get_our_next_hop_reflected_ones_keep_theirs);
	tcase_add_test(tcase, several_route_targets_become_policies);
	tcase_add_test(tcase, one_target_each_way_needs_no_policy);
	tcase_add_test(tcase, a_vrf_without_overlay_gives_and_takes_nothing);
	tcase_add_test(tcase, a_peer_in_a_vrf_stands_in_its_instance);
	tcase_add_loop_test(tcase, as_override_in_our_own_as_is_refused, 0, 2);
	tcase_add_test(tcase, words_are_quoted_where_junos_would_read_more_than_one);
	tcase_add_test(tcase, xml_is_escaped);
	tcase_add_test(tcase, what_of_a_peer_cannot_be_said_is_refused);
	tcase_add_test(tcase, a_control_character_is_refused);
	tcase_add_test(tcase, memory_may_run_out_anywhere);
	tcase_add_test(tcase, both_engines_expect_the_same_sessions);
	tcase_add_test(tcase, the_vendors_agents_learn_how_to_reach_the_router);
}
