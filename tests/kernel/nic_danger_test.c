/* SPDX-License-Identifier: Apache-2.0 */
/* NICs that are not taken, namespaces that are not removed; and that nothing changes then. */
#include "kernel/nic_rig.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* The apply is refused, says this, and leaves everything as it is. */
static void refused(struct rig *rig, int code, const char *words)
{
	char *before = rig_snapshot(rig);
	int rc = rig_apply(rig, 0, 0, 0);

	ck_assert_msg(rc == code, "%s", hbr_error_message(rig->err));
	ck_assert_msg(strstr(hbr_error_message(rig->err), words) != NULL, "%s",
	              hbr_error_message(rig->err));
	ck_assert_ptr_nonnull(hbr_error_hint(rig->err));
	rig_review(rig, hbr_code_name(code), words);
	rig_same(rig, before);
	free(before);
}

static const struct {
	const char *setup;
	int code;
	const char *words;
} cases[] = {
	{ "ip -n HOST route add default via 192.0.2.1 dev nic0", HBR_EDANGER,
	  "has the default route" },
	{ "ip -n HOST -6 route add default via fe80::1 dev nic0 proto ra", HBR_EDANGER,
	  "has the default route" },
	{ "ip -n HOST link set mgmt0 down", HBR_EDANGER, "is the only one that is up" },
	{ "ip -n HOST link add link nic0 name nic0.7 type vlan id 7 2>/dev/null || "
	  "ip -n HOST link add link nic0 name nic0.7 type macvlan",
	  HBR_EBUSY, "\"nic0.7\" sits on it" },
	{ "ip -n HOST link add br0 type bridge && ip -n HOST link set nic0 master br0",
	  HBR_EBUSY, "\"br0\" has it as a port" },
	{ "ip -n HOST route add 10.8.0.0/16 nexthop via 192.0.2.1 dev nic0 "
	  "nexthop via 192.0.2.2 dev nic0",
	  HBR_ENOTSUP, "10.8.0.0/16 could not be brought back" },
	{ "ip -n HOST route add 10.8.0.0/16 nexthop via 198.51.100.1 dev mgmt0 "
	  "nexthop via 192.0.2.2 dev nic0",
	  HBR_ENOTSUP, "10.8.0.0/16 could not be brought back" },
	{ "ip -n HOST route add default nexthop via 198.51.100.1 dev mgmt0 "
	  "nexthop via 192.0.2.2 dev nic0",
	  HBR_ENOTSUP, "0.0.0.0/0 could not be brought back" },
	{ "ip -n HOST -6 route add 2001:db8:77::/48 nexthop via 2001:db8:f::98 dev nic0 "
	  "nexthop via 2001:db8:f::99 dev nic0",
	  HBR_ENOTSUP, "2001:db8:77::/48 could not be brought back" },
};

START_TEST(a_nic_that_others_need_is_refused)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	rig_sh(&rig, cases[_i].setup);
	refused(&rig, cases[_i].code, cases[_i].words);
	rig_close(&rig);
}
END_TEST

/* Not every route with several next hops is over the NIC. */
START_TEST(next_hops_over_others_are_no_reason)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	rig_sh(&rig, "ip -n HOST addr add 198.51.101.10/24 dev mgmt1 && "
	             "ip -n HOST route add 10.8.0.0/16 nexthop via 198.51.100.1 dev mgmt0 "
	             "nexthop via 198.51.101.1 dev mgmt1");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_close(&rig);
}
END_TEST

/* The only way in is one with an address: a NIC without is nobody's. */
START_TEST(a_nic_without_address_is_never_the_only_way_in)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	rig_sh(&rig, "ip -n HOST link set mgmt0 down && ip -n HOST addr flush dev nic0");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_close(&rig);
}
END_TEST

/* A listener on port 22 at the NIC's address, and someone who is connected to it. */
START_TEST(a_nic_that_carries_an_ssh_connection_is_refused)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	if (system("python3 -c 'import socket' 2>/dev/null") != 0)
		test_skip("needs python3");
	rig_sh(&rig, "ip netns exec HOST python3 -c '"
	             "import socket, time\n"
	             "s = socket.create_server((\"192.0.2.200\", 22))\n"
	             "c = socket.create_connection((\"192.0.2.200\", 22))\n"
	             "a = s.accept()\n"
	             "print(\"ready\", flush=True)\n"
	             "time.sleep(20)' >/tmp/HOST.out 2>&1 & echo $! >/tmp/HOST.pid; "
	             "n=0; until grep -q ready /tmp/HOST.out || [ $n -gt 5000 ]; "
	             "do n=$((n + 1)); done");
	refused(&rig, HBR_EDANGER, "carries the SSH connection from 192.0.2.200");
	rig_sh(&rig, "kill $(cat /tmp/HOST.pid); rm -f /tmp/HOST.pid /tmp/HOST.out");
	rig_close(&rig);
}
END_TEST

START_TEST(force_needs_a_confirm_window)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	rig_sh(&rig, "ip -n HOST route add default via 192.0.2.1 dev nic0");
	char *before = rig_snapshot(&rig);
	ck_assert_int_eq(rig_apply(&rig, 0, HBR_RUN_FORCE, 0), HBR_EINVAL);
	ck_assert_ptr_nonnull(strstr(hbr_error_hint(rig.err), "--confirm"));
	rig_same(&rig, before);
	ck_ok(rig_apply(&rig, 0, HBR_RUN_FORCE, 600), rig.err);
	ck_ok(hbr_confirm(rig.ctx, NULL, &rig.err), rig.err);
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_same(&rig, before);
	free(before);
	rig_close(&rig);
}
END_TEST

START_TEST(a_namespace_with_processes_in_it_is_not_removed)
{
	struct rig rig;

	rig_open(&rig, "nic0");
	ck_ok(rig_apply(&rig, 0, 0, 0), rig.err);
	rig_sh(&rig, "ip netns exec CRPD tail -f /dev/null & echo $! >/tmp/HOST.pid; "
	             "until [ \"$(cat /proc/$(cat /tmp/HOST.pid)/comm)\" = tail ]; do :; done");
	ck_assert_int_eq(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), HBR_EBUSY);
	ck_assert_msg(strstr(hbr_error_message(rig.err), "(tail)") != NULL, "%s",
	              hbr_error_message(rig.err));
	ck_assert_ptr_nonnull(world_link(&rig.world, "crpd", "nic0"));
	rig_sh(&rig, "p=$(cat /tmp/HOST.pid); kill $p; while [ -e /proc/$p ]; do :; done; "
	             "rm -f /tmp/HOST.pid");
	ck_ok(rig_apply(&rig, HBR_PLAN_REMOVE, 0, 0), rig.err);
	rig_close(&rig);
}
END_TEST

HBR_SUITE(kernel_nic_danger)
{
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_nic_that_others_need_is_refused, 0, hbr_count(cases));
	tcase_add_test(tcase, next_hops_over_others_are_no_reason);
	tcase_add_test(tcase, a_nic_without_address_is_never_the_only_way_in);
	tcase_add_test(tcase, a_nic_that_carries_an_ssh_connection_is_refused);
	tcase_add_test(tcase, force_needs_a_confirm_window);
	tcase_add_test(tcase, a_namespace_with_processes_in_it_is_not_removed);
}
