/* SPDX-License-Identifier: Apache-2.0 */
/* Probes as people write them. */
#include <string.h>

#include "base/prefix.h"
#include "lib/test.h"
#include "model/probe.h"

static const struct {
	const char *text;
	const char *addr; /* NULL: refused */
	uint32_t port;
	const char *netns;
} rows[] = {
	{ "ping 192.168.1.1", "192.168.1.1", 0, "" },
	{ "ping 2001:db8::1", "2001:db8::1", 0, "" },
	{ "  ping  192.168.1.1  in  crpd", "192.168.1.1", 0, "crpd" },
	{ "tcp 10.1.1.1:6443", "10.1.1.1", 6443, "" },
	{ "tcp [2001:db8::1]:443 in crpd", "2001:db8::1", 443, "crpd" },
	{ "" },
	{ "ping" },
	{ "ping gateway" },
	{ "ping 192.168.1.1/24" },
	{ "ping 192.168.1.1 in" },
	{ "ping 192.168.1.1 at crpd" },
	{ "ping 192.168.1.1 in crpd now" },
	{ "ping 192.168.1.1:80" },
	{ "tcp 10.1.1.1" },
	{ "tcp 10.1.1.1:" },
	{ "tcp 10.1.1.1:0" },
	{ "tcp 10.1.1.1:65536" },
	{ "tcp 10.1.1.1:+80" },
	{ "tcp 10.1.1.1:80x" },
	{ "tcp 2001:db8::1:443" },
	{ "tcp [2001:db8::1:443" },
	{ "tcp [10.1.1.1]:443" },
	{ "tcp []:443" },
	{ "tcp :443" },
	{ "udp 10.1.1.1:53" },
};

START_TEST(a_probe_is_read_or_refused_as_a_whole)
{
	struct probe probe = { 0 };
	bool is_read = probe_parse(rows[_i].text, &probe);
	char text[PREFIX_TEXT];

	ck_assert_msg(is_read == (rows[_i].addr != NULL), "\"%s\"", rows[_i].text);
	if (!is_read)
		return;
	ck_assert_str_eq(prefix_format_host(&probe.addr, text), rows[_i].addr);
	ck_assert_uint_eq(probe.port, rows[_i].port);
	ck_assert_str_eq(probe.netns, rows[_i].netns);
}
END_TEST

HBR_SUITE(probe)
{
	tcase_add_loop_test(tcase, a_probe_is_read_or_refused_as_a_whole, 0,
	                    (int)hbr_count(rows));
}
