/* SPDX-License-Identifier: Apache-2.0 */
/* Who peers with whom, and what may pass. */
#include "compiled.h"

static struct bgp *bgp_of(struct arena *arena, const struct site *site, uint32_t i)
{
	struct bgp *bgp = NULL;
	hbr_error *err = NULL;

	ck_ok(bgp_compile(site, &site->nodes[i], arena, &bgp, &err), err);
	return bgp;
}

static const struct bgp_session *session_to(const struct bgp *bgp, const hbr_addr *remote)
{
	for (uint32_t i = 0; i < bgp->n_sessions; i++) {
		if (prefix_same_host(&bgp->sessions[i].remote, remote))
			return &bgp->sessions[i];
	}
	return NULL;
}

START_TEST(a_control_plane_has_four_neighbors_and_a_worker_three)
{
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ 0 });

	for (uint32_t i = 0; i < 5; i++) {
		struct bgp *bgp = bgp_of(&arena, site, i);

		ck_assert_uint_eq(bgp_count(bgp, HBR_FAMILY_IPV4, false), i < 3 ? 4 : 3);
		ck_assert_uint_eq(bgp_count(bgp, HBR_FAMILY_IPV6, false), i < 3 ? 4 : 3);
		ck_assert_uint_eq(bgp_count(bgp, HBR_FAMILY_IPV4, true), i < 3 ? 5 : 4);
	}
	arena_free(&arena);
}
END_TEST

/* Reflector and client, and the two halves of a mesh. */
static enum bgp_group opposite(enum bgp_group group)
{
	return group == BGP_CLIENT      ? BGP_REFLECTOR
	       : group == BGP_REFLECTOR ? BGP_CLIENT
	                                : group;
}

static void check_symmetry(struct arena *arena, const struct site *site)
{
	struct bgp *all[40];

	for (uint32_t i = 0; i < site->n_nodes; i++)
		all[i] = bgp_of(arena, site, i);
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		for (uint32_t j = 0; j < all[i]->n_sessions; j++) {
			const struct bgp_session *session = &all[i]->sessions[j];

			if (session->group == BGP_CALICO)
				continue;
			const struct node *other = site_node(site, session->name);
			const struct bgp_session *back =
			        session_to(all[other - site->nodes], &session->local);
			ck_assert_ptr_nonnull(back);
			ck_assert_str_eq(back->name, site->nodes[i].name);
			ck_assert_int_eq(back->group, opposite(session->group));
			ck_assert_uint_eq(back->remote_asn, all[i]->asn);
			ck_assert_uint_eq(back->families, session->families);
			ck_assert(prefix_same_host(&back->local, &session->remote));
		}
	}
}

/* xorshift: the same sites on every run. */
static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct node *const *)a)->name,
	              (*(const struct node *const *)b)->name);
}

START_TEST(sessions_of_random_sites_are_symmetric)
{
	uint32_t seed = 72;

	for (int round = 0; round < 200; round++) {
		struct arena arena = ARENA_INIT;
		struct site_plan plan = {
			.nodes = 1 + next(&seed) % 40,
			.control_planes = 1 + next(&seed) % 5,
			.mode = 1 + (int32_t)(next(&seed) % 3),
			.asn_step = next(&seed) % 3 == 0,
		};
		plan.no_v6 = next(&seed) % 4 == 0;
		plan.no_v4 = !plan.no_v6 && next(&seed) % 4 == 0;
		plan.no_v6_uplink = next(&seed) % 8 == 0;
		struct site *site = site_make(&arena, &plan);

		site->by_name = arena_array(&arena, site->n_nodes, sizeof(*site->by_name));
		for (uint32_t i = 0; i < site->n_nodes; i++)
			site->by_name[i] = &site->nodes[i];
		qsort(site->by_name, site->n_nodes, sizeof(*site->by_name), by_name);
		check_symmetry(&arena, site);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(each_calico_mode_has_its_flags)
{
	static const struct {
		int32_t mode;
		uint32_t flags, asn;
		bool has_map;
	} modes[] = {
		{ HBR_CALICO_EBGP, HBR_PEER_NEXT_HOP_SELF | HBR_PEER_AS_OVERRIDE, 64512,
		  false },
		{ HBR_CALICO_IBGP, HBR_PEER_NEXT_HOP_SELF | HBR_PEER_CLIENT, 64500, true },
		{ HBR_CALICO_EBGP_PER_NODE, HBR_PEER_NEXT_HOP_SELF, 64513, false },
	};

	for (size_t i = 0; i < hbr_count(modes); i++) {
		struct arena arena = ARENA_INIT;
		struct site *site =
		        site_make(&arena, &(struct site_plan){ .mode = modes[i].mode });
		struct bgp *bgp = bgp_of(&arena, site, 0);
		const struct bgp_session *calico =
		        session_to(bgp, &site->nodes[0].veths[0].a.addrs.items[0].addr);

		ck_assert_ptr_nonnull(calico);
		ck_assert_uint_eq(calico->flags, modes[i].flags);
		ck_assert_uint_eq(calico->remote_asn, modes[i].asn);
		ck_assert_uint_eq(calico->remote_port, 178);
		ck_assert_int_eq(bgp->calico[0].family != 0, modes[i].has_map);
		arena_free(&arena);
	}
}
END_TEST

/* Without IPv6 on the underlay no IPv6 route can have a good next hop: none is sent. */
START_TEST(trap_6_an_underlay_without_ipv6_has_no_ipv6_sessions_between_routers)
{
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ .no_v6_uplink = true });
	struct bgp *bgp = bgp_of(&arena, site, 0);

	ck_assert_uint_eq(bgp_count(bgp, HBR_FAMILY_IPV6, false), 0);
	ck_assert_uint_eq(bgp_count(bgp, HBR_FAMILY_IPV6, true), 1);
	for (uint32_t i = 0; i < bgp->n_sessions; i++)
		ck_assert_uint_eq(bgp->sessions[i].families, bgp->sessions[i].remote.family == 6
		                                                     ? HBR_FAMILY_IPV6
		                                                     : HBR_FAMILY_IPV4);
	arena_free(&arena);
}
END_TEST

static bool has_prefix(const hbr_addr *list, uint32_t n, const char *text)
{
	hbr_addr wanted;
	bool has_length;

	prefix_parse(text, &wanted, &has_length);
	for (uint32_t i = 0; i < n; i++) {
		if (prefix_equal(&list[i], &wanted))
			return true;
	}
	return false;
}

START_TEST(the_fabric_filter_is_made_of_aggregates)
{
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ 0 });
	struct bgp *bgp = bgp_of(&arena, site, 0);

	/* The IPv6 services of this site lie inside its pods. */
	ck_assert_uint_eq(bgp->n_fabric, 5);
	ck_assert(has_prefix(bgp->fabric, bgp->n_fabric, "10.1.0.0/21"));
	ck_assert(has_prefix(bgp->fabric, bgp->n_fabric, "2001:db8:42::/56"));
	ck_assert(!has_prefix(bgp->from_calico, bgp->n_from_calico, "10.1.0.0/21"));
	arena_free(&arena);
}
END_TEST

START_TEST(a_default_route_in_reach_does_not_open_the_filter)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 2, .no_v6 = true });

	for (uint32_t i = 0; i < 2; i++) {
		site->nodes[i].veths[0].reach = (struct addr_list){ 0 };
		SITE_ADD(&site->nodes[i].veths[0].reach, "0.0.0.0/0");
	}
	struct bgp *bgp = bgp_of(arena, site, 0);
	ck_assert(!has_prefix(bgp->fabric, bgp->n_fabric, "0.0.0.0/0"));
	ck_assert(has_prefix(bgp->fabric, bgp->n_fabric, "10.1.1.0/30"));
	ck_assert(has_prefix(bgp->fabric, bgp->n_fabric, "10.1.2.0/30"));
	arena_free(arena);
}
END_TEST

START_TEST(loopbacks_are_originated_as_hosts_and_may_pass)
{
	struct arena arena_ = ARENA_INIT, *arena = &arena_;
	struct site *site = site_make(arena, &(struct site_plan){ .nodes = 2 });

	SITE_ADD(&site->nodes[1].loopbacks, "10.255.0.2/32");
	struct bgp *bgp = bgp_of(arena, site, 1);
	ck_assert(has_prefix(bgp->networks, bgp->n_networks, "10.255.0.2/32"));
	bgp = bgp_of(arena, site, 0);
	ck_assert(has_prefix(bgp->fabric, bgp->n_fabric, "10.255.0.2/32"));
	ck_assert(!has_prefix(bgp->networks, bgp->n_networks, "10.255.0.2/32"));
	arena_free(arena);
}
END_TEST

START_TEST(routers_of_other_as_are_no_clients)
{
	struct arena arena = ARENA_INIT;
	struct site *site = site_make(&arena, &(struct site_plan){ .asn_step = 1 });
	struct bgp *bgp = bgp_of(&arena, site, 0);

	for (uint32_t i = 0; i < bgp->n_sessions; i++)
		ck_assert(!(bgp->sessions[i].flags & HBR_PEER_CLIENT));
	arena_free(&arena);
}
END_TEST

HBR_SUITE(compile_bgp)
{
	tcase_add_test(tcase, a_control_plane_has_four_neighbors_and_a_worker_three);
	tcase_add_test(tcase, sessions_of_random_sites_are_symmetric);
	tcase_add_test(tcase, each_calico_mode_has_its_flags);
	tcase_add_test(tcase,
	               trap_6_an_underlay_without_ipv6_has_no_ipv6_sessions_between_routers);
	tcase_add_test(tcase, the_fabric_filter_is_made_of_aggregates);
	tcase_add_test(tcase, a_default_route_in_reach_does_not_open_the_filter);
	tcase_add_test(tcase, loopbacks_are_originated_as_hosts_and_may_pass);
	tcase_add_test(tcase, routers_of_other_as_are_no_clients);
}
