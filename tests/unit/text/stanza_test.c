/* SPDX-License-Identifier: Apache-2.0 */
/* Promises about router configuration text: read, written canonically, compared as sets. */
#include "text/stanza.h"

#include "lib/oom.h"
#include "lib/test.h"

#include <string.h>

/* As FRR 8.4 writes it. */
static const char running[] = "interface ens4\n"
                              " ip address 192.168.1.101/24\n"
                              "exit\n"
                              "!\n"
                              "vrf storage\n"
                              " vni 4001\n"
                              "exit-vrf\n"
                              "!\n"
                              "router bgp 64500\n"
                              " neighbor 10.1.1.1 remote-as 64512\n"
                              " address-family ipv4 unicast\n"
                              "  redistribute connected\n"
                              " exit-address-family\n"
                              " address-family l2vpn evpn\n"
                              "  vni 4001\n"
                              "   rd 1:1\n"
                              "  exit-vni\n"
                              " exit-address-family\n"
                              "exit\n"
                              "!\n"
                              "ip prefix-list a seq 5 permit any\n"
                              "route-map out permit 10\n"
                              " match ip address prefix-list a\n"
                              "exit\n"
                              "!\n";

static struct arena arena;

static void teardown(void)
{
	arena_free(&arena);
}

static struct stanza *parse(const char *text)
{
	_cleanup_error_ hbr_error *err = NULL;
	struct stanza *tree = NULL;

	ck_ok(stanza_parse(text, &arena, &tree, &err), err);
	return tree;
}

static const char *canonical(struct buf *out, const char *text)
{
	buf_reset(out);
	stanza_write(parse(text), out);
	return out->data ? out->data : "";
}

static size_t diff(struct buf *out, const char *from, const char *to)
{
	_cleanup_error_ hbr_error *err = NULL;
	size_t changes = 99;

	buf_reset(out);
	ck_ok(stanza_diff(from, to, out, &changes, &err), err);
	return changes;
}

START_TEST(indentation_makes_a_tree)
{
	struct stanza *tree = parse("a\n b\n  c\n d\ne\n");

	ck_assert_ptr_null(tree->line);
	ck_assert_str_eq(tree->first->line, "a");
	ck_assert_str_eq(tree->first->first->line, "b");
	ck_assert_str_eq(tree->first->first->first->line, "c");
	ck_assert_str_eq(tree->first->first->next->line, "d");
	ck_assert_str_eq(tree->first->next->line, "e");
	ck_assert_uint_eq(tree->first->next->number, 5);
}
END_TEST

START_TEST(lines_that_carry_nothing_are_left_out)
{
	struct stanza *tree =
	        parse("!\n!! x\n# y\n\n   \nexit\nexit-vrf\n exit-address-family\nend\nquit\n");

	ck_assert_ptr_null(tree->first);
	ck_assert_ptr_null(parse("")->first);
}
END_TEST

START_TEST(lines_are_trimmed_and_folded)
{
	struct stanza *tree = parse("  router\t bgp   1  \r\n");

	ck_assert_str_eq(tree->first->line, "router bgp 1");
}
END_TEST

START_TEST(any_indentation_will_do)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_str_eq(
	        canonical(&out, "router bgp 1\n\taddress-family ipv4 unicast\n\t\tx\n\ty"),
	        "router bgp 1\n address-family ipv4 unicast\n  x\n exit-address-family\n"
	        " y\nexit\n!\n");
	ck_assert_str_eq(canonical(&out, "    a\n  b\n      c\n    d\n"), "a\nb\n c\n d\n");
}
END_TEST

START_TEST(canonical_text_is_what_frr_writes)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_str_eq(canonical(&out, running), running);
}
END_TEST

START_TEST(too_deep_is_refused)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_error_ hbr_error *err = NULL;
	struct stanza *tree = NULL;

	for (int i = 0; i < 16; i++)
		buf_printf(&text, "%*sx\n", i, "");
	parse(text.data);
	buf_printf(&text, "%*sx\n", 16, "");
	ck_assert_int_eq(stanza_parse(text.data, &arena, &tree, &err), HBR_ELIMIT);
	ck_assert_str_eq(hbr_error_message(err), "line 17 nests deeper than 16 levels");
}
END_TEST

START_TEST(too_many_lines_are_refused)
{
	_cleanup_free_ char *text = malloc(2000003);
	struct stanza *tree = NULL;

	memset(text, '\n', 1000001);
	text[1000001] = '\0';
	ck_assert_int_eq(stanza_parse(text, &arena, &tree, NULL), HBR_ELIMIT);
	text[1000000] = '\0';
	ck_assert_int_eq(stanza_parse(text, &arena, &tree, NULL), 0);
}
END_TEST

START_TEST(equal_configurations_have_no_difference)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_uint_eq(diff(&out, running, running), 0);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_uint_eq(diff(&out, "", ""), 0);
}
END_TEST

START_TEST(order_and_dress_do_not_matter)
{
	static const char other[] = "Building configuration...\n"
	                            "\n"
	                            "Current configuration:\n"
	                            "!\n"
	                            "frr version 8.4.4\n"
	                            "frr defaults traditional\n"
	                            "hostname node1\n"
	                            "log syslog informational\n"
	                            "service integrated-vtysh-config\n"
	                            "!\n"
	                            "route-map out permit 10\n"
	                            "   match ip  address prefix-list a\n"
	                            "ip prefix-list a seq 5 permit any\n"
	                            "vrf storage\n"
	                            " vni 4001\n"
	                            " exit-vrf\n"
	                            "router bgp 64500\n"
	                            " address-family l2vpn evpn\n"
	                            "  vni 4001\n"
	                            "   rd 1:1\n"
	                            "router bgp 64500\n"
	                            " neighbor 10.1.1.1 remote-as 64512\n"
	                            " !\n"
	                            " address-family ipv4 unicast\n"
	                            "  redistribute connected\n"
	                            "interface ens4\n"
	                            " ip address 192.168.1.101/24\n"
	                            "end\n";
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_msg(diff(&out, running, other) == 0, "%s", out.data);
	ck_assert_msg(diff(&out, other, running) == 0, "%s", out.data);
}
END_TEST

START_TEST(differences_show_their_context)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_uint_eq(diff(&out, "router bgp 1\n a\n address-family x\n  b\n  c\n",
	                       "router bgp 1\n address-family x\n  b\n  d\nvrf z\n vni 1\n"),
	                  5);
	ck_assert_str_eq(out.data, "-router bgp 1 / a\n"
	                           "-router bgp 1 / address-family x / c\n"
	                           "+router bgp 1 / address-family x / d\n"
	                           "+vrf z\n"
	                           "+vrf z / vni 1\n");
}
END_TEST

START_TEST(noise_is_noise_only_at_the_top)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_uint_eq(diff(&out, "", "log file x\nrouter bgp 1\n log x\n"), 2);
	ck_assert_str_eq(out.data, "+router bgp 1\n+router bgp 1 / log x\n");
}
END_TEST

START_TEST(a_line_twice_is_a_line_once)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	ck_assert_uint_eq(diff(&out, "a\n b\na\n b\n c\na\n", "a\n c\n b\n"), 0);
}
END_TEST

START_TEST(big_configurations_are_compared_quickly)
{
	_cleanup_buf_ struct buf from = BUF_INIT;
	_cleanup_buf_ struct buf to = BUF_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;

	for (int i = 0; i < 100000; i++) {
		buf_printf(&from, "router bgp 1\n neighbor %d remote-as 1\n", i);
		buf_printf(&to, "router bgp 1\n neighbor %d remote-as 1\n", 99999 - i);
	}
	buf_puts(&to, " last\n");
	ck_assert_uint_eq(diff(&out, from.data, to.data), 1);
	ck_assert_str_eq(out.data, "+router bgp 1 / last\n");
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
	for (unsigned n = 1, hit = 1; hit; n++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		_cleanup_error_ hbr_error *err = NULL;
		size_t changes = 99;

		oom_at(n);
		int rc = stanza_diff(running, "a\n b\n", &out, &changes, &err);
		hit = oom_off();
		ck_assert_int_eq(rc, hit ? HBR_ENOMEM : 0);
	}
}
END_TEST

HBR_SUITE(stanza)
{
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, indentation_makes_a_tree);
	tcase_add_test(tcase, lines_that_carry_nothing_are_left_out);
	tcase_add_test(tcase, lines_are_trimmed_and_folded);
	tcase_add_test(tcase, any_indentation_will_do);
	tcase_add_test(tcase, canonical_text_is_what_frr_writes);
	tcase_add_test(tcase, too_deep_is_refused);
	tcase_add_test(tcase, too_many_lines_are_refused);
	tcase_add_test(tcase, equal_configurations_have_no_difference);
	tcase_add_test(tcase, order_and_dress_do_not_matter);
	tcase_add_test(tcase, differences_show_their_context);
	tcase_add_test(tcase, noise_is_noise_only_at_the_top);
	tcase_add_test(tcase, a_line_twice_is_a_line_once);
	tcase_add_test(tcase, big_configurations_are_compared_quickly);
	tcase_add_test(tcase, memory_may_end_anywhere);
}
