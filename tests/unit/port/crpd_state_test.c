/* SPDX-License-Identifier: Apache-2.0 */
/* Operational replies in the shapes that Juniper documents. */
#include "port/crpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"
#include "hbr/topology.h"
#include "lib/test.h"
#include "unit/port/junos_peer.h"

static struct arena arena;
static hbr_error *err;
static struct buf told;

static void setup(void)
{
	arena = (struct arena)ARENA_INIT;
	told = (struct buf)BUF_INIT;
	err = NULL;
}

static void teardown(void)
{
	arena_free(&arena);
	buf_free(&told);
	hbr_error_free(err);
}

static struct xml_node *reply_of(const char *fixture)
{
	_cleanup_free_ char *text = junos_fixture(fixture);
	struct xml_node *root = NULL;

	ck_ok(strstr(fixture, ".json")
	              ? crpd_json_parse(text, strlen(text), &arena, &root, &err)
	              : xml_parse(text, strlen(text), &arena, &root, &err),
	      err);
	return root;
}

static int put_session(void *user, const hbr_session *session)
{
	char text[PREFIX_TEXT];

	(void)user;
	buf_printf(&told, "%s as %u %s up %u families %u received %u \"%s\"\n",
	           prefix_format_host(&session->remote, text), session->remote_asn,
	           session->state, session->up, session->families, session->received,
	           session->reason);
	return 0;
}

static const char expected[] =
        "192.168.1.102 as 64500 Established up 1 families 5 received 6 \"\"\n"
        "2001:db8:f::103 as 64500 Active up 0 families 0 received 0 \"Hold Timer Expired "
        "Error\"\n"
        "10.1.1.1 as 64512 Established up 1 families 1 received 7 \"\"\n"
        "192.168.1.104 as 64500 Idle up 0 families 0 received 0 \"no valid licence for "
        "\"containerized-rpd-standard\": BGP stays idle\"\n";

static const char *const shapes[] = { "bgp-summary.xml", "bgp-summary.json" };

START_TEST(sessions_are_read_from_both_shapes)
{
	char licence[96];

	crpd_read_licence(reply_of("licence.xml"), licence, sizeof(licence));
	ck_ok(crpd_read_sessions(reply_of(shapes[_i]), reply_of("bgp-neighbor.xml"), licence,
	                         put_session, NULL, &err),
	      err);
	ck_assert_str_eq(told.data, expected);
}
END_TEST

START_TEST(with_a_licence_an_idle_session_has_its_own_reason)
{
	ck_ok(crpd_read_sessions(reply_of("bgp-summary.xml"), reply_of("bgp-neighbor.xml"), "",
	                         put_session, NULL, &err),
	      err);
	ck_assert_ptr_nonnull(strstr(told.data, "Idle up 0 families 0 received 0 \"Start\""));
}
END_TEST

static int put_route(void *user, const hbr_rib_route *route)
{
	char prefix[PREFIX_TEXT], via[PREFIX_TEXT] = "-";

	(void)user;
	if (route->via.family)
		prefix_format_host(&route->via, via);
	buf_printf(&told, "%s %s via %s selected %u\n", prefix_format(&route->prefix, prefix),
	           route->protocol, via, route->selected);
	return 0;
}

START_TEST(routes_of_the_main_table_are_read_and_hidden_ones_are_none)
{
	const struct xml_node *reply = reply_of("route.xml");

	ck_ok(crpd_read_routes(reply, 4, put_route, NULL, &err), err);
	ck_assert_str_eq(told.data, "10.1.1.0/30 connected via - selected 1\n"
	                            "10.1.2.0/30 bgp via 192.168.1.102 selected 1\n"
	                            "10.1.2.0/30 bgp via 192.168.1.103 selected 0\n"
	                            "192.168.0.64/26 bgp via 10.1.1.1 selected 1\n");
	buf_reset(&told);
	ck_ok(crpd_read_routes(reply, 6, put_route, NULL, &err), err);
	ck_assert_uint_eq(told.len, 0);
}
END_TEST

START_TEST(a_neighbor_without_an_address_is_an_error)
{
	static const char text[] = "<rpc-reply><bgp-information><bgp-peer><peer-address>x"
	                           "</peer-address></bgp-peer></bgp-information></rpc-reply>";
	struct xml_node *root = NULL;

	ck_ok(xml_parse(text, strlen(text), &arena, &root, &err), err);
	ck_assert_int_eq(crpd_read_sessions(root, NULL, "", put_session, NULL, &err),
	                 HBR_EROUTER);
}
END_TEST

HBR_SUITE(crpd_state)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, sessions_are_read_from_both_shapes, 0,
	                    (int)hbr_count(shapes));
	tcase_add_test(tcase, with_a_licence_an_idle_session_has_its_own_reason);
	tcase_add_test(tcase, routes_of_the_main_table_are_read_and_hidden_ones_are_none);
	tcase_add_test(tcase, a_neighbor_without_an_address_is_an_error);
}
