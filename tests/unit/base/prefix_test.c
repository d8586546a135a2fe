/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about addresses, prefixes and MACs. */
#include "base/prefix.h"

#include "base/error.h"
#include "lib/test.h"

#include <stdio.h>
#include <string.h>

static hbr_addr parse(const char *text)
{
	hbr_addr addr;

	ck_assert_msg(prefix_parse(text, &addr, NULL) == 0, "%s", text);
	return addr;
}

static const struct {
	const char *in, *out;
} good[] = {
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "10.1.1.1/30", "10.1.1.1/30" },
	{ "10.1.1.1", "10.1.1.1/32" },
	{ "255.255.255.255/32", "255.255.255.255/32" },
	{ "::/0", "::/0" },
	{ "::", "::/128" },
	{ "2001:DB8:0:0:1:0:0:1/64",
	  "2001:db8::1:0:0:1/64" }, /* RFC 5952: first of equal runs */
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128" }, /* one group is not shortened */
	{ "2001:0db8::0001/126", "2001:db8::1/126" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1/128" },
	{ "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
};

START_TEST(good_text_reads_and_writes_canonically)
{
	char text[PREFIX_TEXT];
	hbr_addr addr = parse(good[_i].in);
	hbr_addr again;

	ck_assert_str_eq(prefix_format(&addr, text), good[_i].out);
	again = parse(text);
	ck_assert(prefix_equal(&addr, &again));
}
END_TEST

START_TEST(every_number_of_an_address_is_written_as_the_system_does)
{
	char text[PREFIX_TEXT], expected[PREFIX_TEXT];

	for (unsigned i = 0; i < 256; i++) {
		hbr_addr addr = { .family = 4,
			          .length = (uint8_t)(i % 33),
			          .bytes = { (uint8_t)i, (uint8_t)(255 - i), 0, (uint8_t)i } };

		snprintf(expected, sizeof(expected), "%u.%u.0.%u/%u", i, 255 - i, i, i % 33);
		ck_assert_str_eq(prefix_format(&addr, text), expected);
		expected[strcspn(expected, "/")] = '\0';
		ck_assert_str_eq(prefix_format_host(&addr, text), expected);
	}
}
END_TEST

START_TEST(public_format_cuts_what_does_not_fit)
{
	hbr_addr addr = parse("10.1.1.1/30");
	char text[6] = "xxxxx";

	ck_assert_str_eq(hbr_addr_format(&addr, text, sizeof(text)), "10.1.");
	ck_assert_str_eq(hbr_addr_format(&addr, text, 1), "");
	text[0] = 'x';
	hbr_addr_format(&addr, text, 0);
	ck_assert_int_eq(text[0], 'x');
}
END_TEST

static const char *const bad[] = {
	"",
	" ",
	"10.1.1.1 ",
	"\t10.1.1.1",
	"10.1.1",
	"10.1.1.1.1",
	"10.1.1.256",
	"10.1.1.01",
	"010.1.1.1",
	"10.1.1.1/",
	"10.1.1.1/33",
	"10.1.1.1/032",
	"10.1.1.1/+8",
	"10.1.1.1/ 8",
	"10.1.1.1/8/8",
	"10.1.1.1/-1",
	"10.1.1.1/256",
	"10.1.1.1/4294967304",
	"10..1.1",
	"10.1.1.",
	".10.1.1",
	"0x0a.1.1.1",
	"1",
	"1.2.3.4x",
	":",
	":::",
	"1::2::3",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9",
	"12345::",
	"fe80::1%eth0",
	"[::1]",
	"::1/129",
	"::1/",
	"::g",
	"::1.2.3.256",
	"::01.2.3.4",
	"2001:db8::1/64 ",
	"localhost",
	"/24",
	"1000.1.1.1",
	"10.1.1.1/24\n",
	"2001:db8:::1",
	"::ffff:1.2.3",
	"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
};

START_TEST(bad_text_is_refused_and_writes_nothing)
{
	hbr_addr addr = { .family = 99 };
	bool has_length = true;

	ck_assert_msg(prefix_parse(bad[_i], &addr, &has_length) == HBR_EINVAL, "%s", bad[_i]);
	ck_assert_uint_eq(addr.family, 99);
	ck_assert_int_eq(prefix_parse(NULL, &addr, NULL), HBR_EINVAL);
}
END_TEST

START_TEST(missing_length_is_told)
{
	hbr_addr addr;
	bool has_length = true;

	ck_assert_int_eq(prefix_parse("10.1.1.1", &addr, &has_length), 0);
	ck_assert(!has_length);
	ck_assert_int_eq(prefix_parse("10.1.1.1/32", &addr, &has_length), 0);
	ck_assert(has_length);
}
END_TEST

START_TEST(order_is_family_bytes_length)
{
	static const char *const sorted[] = { "0.0.0.0/0",  "10.0.0.0/8",   "10.0.0.0/16",
		                              "10.0.0.1/8", "192.0.2.1/1",  "::/0",
		                              "::1/0",      "2001:db8::/32" };

	for (size_t i = 0; i < hbr_count(sorted); i++) {
		for (size_t j = 0; j < hbr_count(sorted); j++) {
			hbr_addr a = parse(sorted[i]);
			hbr_addr b = parse(sorted[j]);
			int order = prefix_cmp(&a, &b);

			ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}
END_TEST

static const struct {
	const char *net, *addr;
	bool contains, overlaps;
} pairs[] = {
	{ "10.0.0.0/8", "10.1.1.1/30", true, true },
	{ "10.1.1.1/30", "10.0.0.0/8", false, true },
	{ "10.1.1.0/30", "10.1.1.4/30", false, false },
	{ "10.1.1.2/30", "10.1.1.1/30", true, true },
	{ "0.0.0.0/0", "203.0.113.1", true, true },
	{ "0.0.0.0/0", "::1", false, false },
	{ "::/0", "1.2.3.4", false, false },
	{ "2001:db8::/45", "2001:db8:7:ffff::1/64", true, true },
	{ "2001:db8::/45", "2001:db8:8::1/64", false, false },
	{ "::1/128", "::1/128", true, true },
	{ "::1/128", "::2/128", false, false },
};

START_TEST(containment_and_overlap)
{
	hbr_addr net = parse(pairs[_i].net);
	hbr_addr addr = parse(pairs[_i].addr);

	ck_assert_int_eq(prefix_contains(&net, &addr), pairs[_i].contains);
	ck_assert_int_eq(prefix_overlaps(&net, &addr), pairs[_i].overlaps);
	ck_assert_int_eq(prefix_overlaps(&addr, &net), pairs[_i].overlaps);
}
END_TEST

START_TEST(network_and_host_parts)
{
	char text[PREFIX_TEXT];
	hbr_addr addr = parse("10.1.1.6/30");
	hbr_addr network = prefix_network(&addr);
	hbr_addr host = prefix_host(&addr);
	hbr_addr all = parse("0.0.0.0/0");

	ck_assert_str_eq(prefix_format(&network, text), "10.1.1.4/30");
	ck_assert_str_eq(prefix_format(&host, text), "10.1.1.6/32");
	ck_assert_str_eq(prefix_format_host(&addr, text), "10.1.1.6");
	ck_assert(!prefix_is_network(&addr));
	ck_assert(prefix_is_network(&network));
	ck_assert(prefix_is_network(&all));
	ck_assert(prefix_same_host(&addr, &host));
	ck_assert(!prefix_equal(&addr, &host));
	ck_assert_uint_eq(prefix_bits(&addr), 32);
}
END_TEST

static const struct {
	const char *net;
	uint8_t length;
	uint64_t count;
} counts[] = {
	{ "10.1.0.0/21", 30, 512 },
	{ "10.1.0.0/21", 21, 1 },
	{ "10.1.0.0/21", 20, 0 },
	{ "10.1.0.0/21", 33, 0 },
	{ "0.0.0.0/0", 32, (uint64_t)1 << 32 },
	{ "2001:db8::/64", 127, (uint64_t)1 << 63 },
	{ "2001:db8::/64", 128, UINT64_MAX },
	{ "::/0", 128, UINT64_MAX },
	{ "::/0", 129, 0 },
};

START_TEST(subnets_are_counted)
{
	hbr_addr net = parse(counts[_i].net);

	ck_assert_uint_eq(prefix_subnets(&net, counts[_i].length), counts[_i].count);
}
END_TEST

static const struct {
	const char *net;
	uint8_t length;
	uint64_t index;
	const char *subnet; /* NULL: there is none */
} subnets[] = {
	{ "10.1.0.0/21", 30, 0, "10.1.0.0/30" },
	{ "10.1.0.0/21", 30, 64, "10.1.1.0/30" },
	{ "10.1.0.0/21", 30, 511, "10.1.7.252/30" },
	{ "10.1.0.0/21", 30, 512, NULL },
	{ "10.1.3.7/21", 21, 0, "10.1.0.0/21" },
	{ "0.0.0.0/0", 32, 4294967295u, "255.255.255.255/32" },
	{ "0.0.0.0/0", 32, 4294967296u, NULL },
	{ "2001:db8::/45", 126, 3, "2001:db8::c/126" },
	{ "2001:db8::/45", 48, 7, "2001:db8:7::/48" },
	{ "2001:db8::/45", 48, 8, NULL },
	{ "::/0", 128, UINT64_MAX, "::ffff:ffff:ffff:ffff/128" },
	{ "::/0", 0, 0, "::/0" },
	{ "10.0.0.0/8", 4, 0, NULL },
};

START_TEST(subnets_are_found_by_index)
{
	char text[PREFIX_TEXT];
	hbr_addr net = parse(subnets[_i].net);
	hbr_addr out = { .family = 99 };
	bool found = prefix_subnet(&net, subnets[_i].length, subnets[_i].index, &out);

	ck_assert_int_eq(found, subnets[_i].subnet != NULL);
	if (found)
		ck_assert_str_eq(prefix_format(&out, text), subnets[_i].subnet);
	else
		ck_assert_uint_eq(out.family, 99);
}
END_TEST

START_TEST(nth_address_keeps_the_length)
{
	char text[PREFIX_TEXT];
	hbr_addr net = parse("10.1.1.2/30");
	hbr_addr net6 = parse("2001:db8::/64");
	hbr_addr out;

	ck_assert(prefix_nth(&net, 3, &out));
	ck_assert_str_eq(prefix_format(&out, text), "10.1.1.3/30");
	ck_assert(!prefix_nth(&net, 4, &out));
	ck_assert(prefix_nth(&net6, UINT64_MAX, &out));
	ck_assert_str_eq(prefix_format(&out, text), "2001:db8::ffff:ffff:ffff:ffff/64");
}
END_TEST

START_TEST(no_address_formats_as_nothing)
{
	char text[PREFIX_TEXT];
	hbr_addr none = { 0 };

	ck_assert_str_eq(prefix_format(&none, text), "");
	ck_assert_str_eq(prefix_format_host(&none, text), "");
}
END_TEST

START_TEST(public_parse_explains_itself)
{
	_cleanup_error_ hbr_error *err = NULL;
	hbr_addr addr;
	char text[50];

	ck_ok(hbr_addr_parse("2001:db8::1/64", &addr, &err), err);
	ck_assert_str_eq(hbr_addr_format(&addr, text, sizeof(text)), "2001:db8::1/64");
	ck_assert_str_eq(hbr_addr_format(&addr, text, 5), "2001");
	ck_assert_int_eq(hbr_addr_parse("10.1.1.300", &addr, &err), HBR_EINVAL);
	ck_assert_str_eq(hbr_error_message(err), "\"10.1.1.300\" is no address or prefix");
	ck_assert_ptr_nonnull(hbr_error_hint(err));
}
END_TEST

START_TEST(mac_reads_and_writes)
{
	static const char *const wrong[] = { "",
		                             "02:00:00:00:00",
		                             "02:00:00:00:00:0",
		                             "02:00:00:00:00:000",
		                             "02-00-00-00-00-00",
		                             "02:00:00:00:00:0g",
		                             "0200:00:00:00:000",
		                             "02:00:00:00:00:00 " };
	uint8_t mac[6] = { 9 };
	char text[18];

	ck_assert_int_eq(mac_parse("02:aB:00:fF:10:01", mac), 0);
	ck_assert_str_eq(mac_format(mac, text), "02:ab:00:ff:10:01");
	for (size_t i = 0; i < hbr_count(wrong); i++)
		ck_assert_msg(mac_parse(wrong[i], mac) == HBR_EINVAL, "%s", wrong[i]);
	ck_assert_str_eq(mac_format(mac, text), "02:ab:00:ff:10:01");
}
END_TEST

START_TEST(derived_mac_is_local_unicast_and_never_changes)
{
	uint8_t mac[6], other[6];
	char text[18];

	for (char name[] = "node/veth/a"; name[10] <= 'z'; name[10]++) {
		mac_derive(name, mac);
		ck_assert_uint_eq(mac[0] & 3, 2);
		mac_derive("node/veth/A", other);
		ck_assert_mem_ne(mac, other, 6);
	}
	mac_derive("reference/node1/veth/k8s/a", mac);
	ck_assert_str_eq(mac_format(mac, text), "7e:c2:40:95:4f:83");
}
END_TEST

HBR_SUITE(prefix)
{
	tcase_add_test(tcase, every_number_of_an_address_is_written_as_the_system_does);
	tcase_add_test(tcase, public_format_cuts_what_does_not_fit);
	tcase_add_loop_test(tcase, good_text_reads_and_writes_canonically, 0, hbr_count(good));
	tcase_add_loop_test(tcase, bad_text_is_refused_and_writes_nothing, 0, hbr_count(bad));
	tcase_add_test(tcase, missing_length_is_told);
	tcase_add_test(tcase, order_is_family_bytes_length);
	tcase_add_loop_test(tcase, containment_and_overlap, 0, hbr_count(pairs));
	tcase_add_test(tcase, network_and_host_parts);
	tcase_add_loop_test(tcase, subnets_are_counted, 0, hbr_count(counts));
	tcase_add_loop_test(tcase, subnets_are_found_by_index, 0, hbr_count(subnets));
	tcase_add_test(tcase, nth_address_keeps_the_length);
	tcase_add_test(tcase, no_address_formats_as_nothing);
	tcase_add_test(tcase, public_parse_explains_itself);
	tcase_add_test(tcase, mac_reads_and_writes);
	tcase_add_test(tcase, derived_mac_is_local_unicast_and_never_changes);
}
