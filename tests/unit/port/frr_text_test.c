/* SPDX-License-Identifier: Apache-2.0 */
/* FRR's one text and its daemons' several. */
#include "lib/test.h"
#include "port/frr.h"
#include "text/stanza.h"

#include <string.h>

static const char whole[] = "frr defaults traditional\n"
                            "hostname node1\n"
                            "log syslog informational\n"
                            "bgp route-map delay-timer 0\n"
                            "router bgp 64500\n"
                            " bgp router-id 1.1.1.1\n"
                            "exit\n"
                            "ip prefix-list A seq 5 permit any\n"
                            "ip nht resolve-via-default\n"
                            "route-map M permit 10\n"
                            "exit\n";

START_TEST(each_daemon_reads_what_is_its_own)
{
	struct buf zebra = BUF_INIT;
	struct buf bgpd = BUF_INIT;

	ck_assert_int_eq(frr_split(whole, FRR_ZEBRA, &zebra, NULL), 0);
	ck_assert_int_eq(frr_split(whole, FRR_BGPD, &bgpd, NULL), 0);
	ck_assert_ptr_nonnull(strstr(zebra.data, "hostname node1\n"));
	ck_assert_ptr_nonnull(strstr(zebra.data, "ip nht resolve-via-default\n"));
	ck_assert_ptr_null(strstr(zebra.data, "bgp"));
	ck_assert_ptr_null(strstr(zebra.data, "prefix-list"));
	ck_assert_ptr_nonnull(strstr(bgpd.data, "hostname node1\n"));
	ck_assert_ptr_nonnull(strstr(bgpd.data, "router bgp 64500\n bgp router-id 1.1.1.1\n"));
	ck_assert_ptr_nonnull(strstr(bgpd.data, "route-map M permit 10\n"));
	ck_assert_ptr_null(strstr(bgpd.data, "nht"));
	buf_free(&zebra);
	buf_free(&bgpd);
}
END_TEST

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

START_TEST(what_several_daemons_say_is_said_once)
{
	static const char *const texts[] = {
		"frr version 8.4.4\nhostname node1\nno ip forwarding\n"
		"ip prefix-list A seq 5 permit any\nip prefix-list OLD seq 5 permit any\n",
		"Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\n"
		"hostname node1\nip prefix-list A seq 5 permit any\n",
	};
	struct buf out = BUF_INIT;

	ck_assert_int_eq(frr_merge(texts, &out, NULL), 0);
	ck_assert_uint_eq(count(out.data, "hostname node1\n"), 1);
	ck_assert_uint_eq(count(out.data, "prefix-list A "), 1);
	ck_assert_uint_eq(count(out.data, "prefix-list OLD "), 1);
	ck_assert_uint_eq(count(out.data, "version"), 0);
	ck_assert_uint_eq(count(out.data, "forwarding"), 0);
	ck_assert_uint_eq(count(out.data, "onfiguration"), 0);
	buf_free(&out);
}
END_TEST

START_TEST(splitting_and_merging_is_no_change)
{
	struct buf zebra = BUF_INIT;
	struct buf bgpd = BUF_INIT;
	struct buf out = BUF_INIT;
	struct buf again = BUF_INIT;
	struct buf diff = BUF_INIT;
	size_t changes = 1;

	frr_split(whole, FRR_ZEBRA, &zebra, NULL);
	frr_split(whole, FRR_BGPD, &bgpd, NULL);
	ck_assert_int_eq(frr_merge((const char *const[]){ zebra.data, bgpd.data }, &out, NULL),
	                 0);
	frr_split(out.data, FRR_BGPD, &again, NULL);
	ck_assert_str_eq(again.data, bgpd.data);
	ck_assert_int_eq(stanza_diff(out.data, whole, &diff, &changes, NULL), 0);
	ck_assert_uint_eq(changes, 0);
	buf_free(&diff);
	buf_free(&zebra);
	buf_free(&bgpd);
	buf_free(&out);
	buf_free(&again);
}
END_TEST

START_TEST(no_text_at_all_is_fine)
{
	struct buf out = BUF_INIT;

	ck_assert_int_eq(frr_merge((const char *const[]){ NULL, NULL }, &out, NULL), 0);
	ck_assert_uint_eq(out.len, 0);
	buf_free(&out);
}
END_TEST

HBR_SUITE(port_frr_text)
{
	tcase_add_test(tcase, each_daemon_reads_what_is_its_own);
	tcase_add_test(tcase, what_several_daemons_say_is_said_once);
	tcase_add_test(tcase, splitting_and_merging_is_no_change);
	tcase_add_test(tcase, no_text_at_all_is_fine);
}
