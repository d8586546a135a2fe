/* SPDX-License-Identifier: Apache-2.0 */
/* Identity, keys, and what a well-formed resource is. */
#include "resource/kind.h"

#include <string.h>

#include "base/prefix.h"
#include "lib/test.h"

static hbr_resource resource_of(int32_t kind, const char *netns, const char *name,
                                const void *body)
{
	return (hbr_resource){ .size = sizeof(hbr_resource),
		               .kind = kind,
		               .netns = netns,
		               .name = name,
		               .body = body };
}

static hbr_addr address(const char *text)
{
	hbr_addr addr;
	bool has_length;

	ck_assert_int_eq(prefix_parse(text, &addr, &has_length), 0);
	return addr;
}

static void ck_key(const hbr_resource *resource, const char *expected)
{
	_cleanup_buf_ struct buf key = BUF_INIT;

	resource_key(resource, &key);
	ck_assert_str_eq(key.data, expected);
}

START_TEST(keys_name_kind_namespace_and_name)
{
	hbr_ifaddr ifaddr = { .addr = address("10.1.1.1/30") };
	hbr_route route = { .to = address("10.1.0.0/21") };
	hbr_link link = { 0 };
	hbr_resource resource = resource_of(HBR_KIND_LINK, "crpd", "veth-crpd", &link);

	ck_key(&resource, "link:crpd/veth-crpd");
	resource.netns = "";
	ck_key(&resource, "link:/veth-crpd");
	resource = resource_of(HBR_KIND_NETNS, NULL, "crpd", NULL);
	ck_key(&resource, "netns:crpd");
	resource = resource_of(HBR_KIND_ADDR, "crpd", "veth-crpd", &ifaddr);
	ck_key(&resource, "addr:crpd/veth-crpd/10.1.1.1/30");
	resource = resource_of(HBR_KIND_ROUTE, "crpd", NULL, &route);
	ck_key(&resource, "route:crpd/10.1.0.0/21");
	route.table = 10;
	route.metric = 20;
	ck_key(&resource, "route:crpd/10.1.0.0/21,table=10,metric=20");
	resource = resource_of(HBR_KIND_CONFIG, "crpd", "frr", NULL);
	ck_key(&resource, "config:crpd/frr");
	resource = resource_of(HBR_KIND_FILE, NULL, "/etc/x", NULL);
	ck_key(&resource, "file:/etc/x");
}
END_TEST

START_TEST(kinds_have_names_and_numbers)
{
	for (int32_t kind = HBR_KIND_NETNS; kind <= HBR_KIND_EXPECT; kind++)
		ck_assert_int_eq(kind_by_name(kind_of(kind)->name), kind);
	ck_assert_ptr_null(kind_of(0));
	ck_assert_ptr_null(kind_of(-1));
	ck_assert_ptr_null(kind_of(HBR_KIND_NEIGH + 1));
	ck_assert_int_eq(kind_by_name("thing"), 0);
}
END_TEST

START_TEST(stages_have_names)
{
	ck_assert_str_eq(stage_name(HBR_STAGE_PREPARE), "prepare");
	ck_assert_str_eq(stage_name(HBR_STAGE_SECONDARY), "secondary");
	ck_assert_str_eq(stage_name(3), "none");
}
END_TEST

START_TEST(no_namespace_and_the_default_one_are_the_same_identity)
{
	hbr_link link = { 0 };
	hbr_resource a = resource_of(HBR_KIND_LINK, NULL, "eth0", &link);
	hbr_resource b = resource_of(HBR_KIND_LINK, "", "eth0", &link);

	ck_assert_int_eq(resource_cmp(&a, &b), 0);
	a = resource_of(HBR_KIND_NETNS, NULL, "crpd", NULL);
	b = resource_of(HBR_KIND_NETNS, "", "crpd", NULL);
	ck_assert_int_eq(resource_cmp(&a, &b), 0);
}
END_TEST

START_TEST(a_route_is_known_by_table_destination_and_metric)
{
	hbr_route left = { .to = address("10.0.0.0/8") }, right = left;
	hbr_resource a = resource_of(HBR_KIND_ROUTE, "", "a name", &left);
	hbr_resource b = resource_of(HBR_KIND_ROUTE, "", NULL, &right);

	right.via = address("10.1.1.1");
	right.table = 254;
	ck_assert_int_eq(resource_cmp(&a, &b), 0);
	right.metric = 5;
	ck_assert_int_lt(resource_cmp(&a, &b), 0);
	right.metric = 0;
	right.table = 255;
	ck_assert_int_ne(resource_cmp(&a, &b), 0);
	right.table = 0;
	right.to = address("10.0.0.0/9");
	ck_assert_int_ne(resource_cmp(&a, &b), 0);
}
END_TEST

START_TEST(an_address_is_known_by_link_address_and_length)
{
	hbr_ifaddr left = { .addr = address("10.1.1.1/30") }, right = left;
	hbr_resource a = resource_of(HBR_KIND_ADDR, "", "eth0", &left);
	hbr_resource b = resource_of(HBR_KIND_ADDR, "", "eth0", &right);

	right.nodad = 1;
	ck_assert_int_eq(resource_cmp(&a, &b), 0);
	right.addr = address("10.1.1.1/29");
	ck_assert_int_ne(resource_cmp(&a, &b), 0);
	b = resource_of(HBR_KIND_ADDR, "", "eth1", &left);
	ck_assert_int_lt(resource_cmp(&a, &b), 0);
}
END_TEST

static void ck_bad(const hbr_resource *resource, int code)
{
	_cleanup_error_ hbr_error *err = NULL;

	ck_assert_int_eq(resource_check(resource, &err), code);
	ck_assert_uint_gt(strlen(hbr_error_message(err)), 0);
}

START_TEST(malformed_resources_are_told_from_good_ones)
{
	static char long_name[NAME_MAX_BYTES + 2];
	hbr_link link = { .type = HBR_LINK_BRIDGE };
	hbr_ifaddr ifaddr = { .addr = address("10.1.1.1/30") };
	hbr_resource resource = resource_of(HBR_KIND_LINK, "", "eth0", &link);

	ck_assert_int_eq(resource_check(&resource, NULL), 0);
	link.type = 99;
	ck_bad(&resource, HBR_EINVAL);
	link.type = HBR_LINK_BRIDGE;
	memset(long_name, 'x', sizeof(long_name) - 1);
	link.master = long_name;
	ck_bad(&resource, HBR_ELIMIT);
	link.master = NULL;
	resource.name = "sixteen-bytes-xx";
	ck_bad(&resource, HBR_EINVAL);
	resource.name = "";
	ck_bad(&resource, HBR_EINVAL);
	resource.name = "eth0";
	resource.netns = long_name;
	ck_bad(&resource, HBR_EINVAL);
	resource.netns = "";
	resource.body = NULL;
	ck_bad(&resource, HBR_EINVAL);
	resource.body = &link;
	resource.kind = 200;
	ck_bad(&resource, HBR_EINVAL);
	resource.kind = HBR_KIND_LINK;
	resource.flags = 1u << 20;
	ck_bad(&resource, HBR_EINVAL);
	resource.flags = 0;
	resource.stage = 1 << 12;
	ck_bad(&resource, HBR_EINVAL);
	resource = resource_of(HBR_KIND_ADDR, "", "eth0", &ifaddr);
	ck_assert_int_eq(resource_check(&resource, NULL), 0);
	ifaddr.addr.length = 33;
	ck_bad(&resource, HBR_EINVAL);
	ifaddr.addr.family = 7;
	ck_bad(&resource, HBR_EINVAL);
	ifaddr.addr.family = 0;
	ck_bad(&resource, HBR_EINVAL);
}
END_TEST

HBR_SUITE(resource_kind)
{
	tcase_add_test(tcase, keys_name_kind_namespace_and_name);
	tcase_add_test(tcase, kinds_have_names_and_numbers);
	tcase_add_test(tcase, stages_have_names);
	tcase_add_test(tcase, no_namespace_and_the_default_one_are_the_same_identity);
	tcase_add_test(tcase, a_route_is_known_by_table_destination_and_metric);
	tcase_add_test(tcase, an_address_is_known_by_link_address_and_length);
	tcase_add_test(tcase, malformed_resources_are_told_from_good_ones);
}
