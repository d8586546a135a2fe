/* SPDX-License-Identifier: Apache-2.0 */
/* Applying, removing, repairing: what the machine looks like afterwards. */
#include "unit/engine/kit.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct kit kit;

static void setup(void)
{
	kit_setup(&kit);
}

static void teardown(void)
{
	kit_teardown(&kit);
}

static bool has_line(const char *line)
{
	char *dump = world_dump(kit.world);
	bool found = strstr(dump, line);

	if (!found)
		printf("no \"%s\" in\n%s", line, dump);
	free(dump);
	return found;
}

START_TEST(apply_makes_what_is_wanted)
{
	ck_assert_uint_gt(kit_apply(&kit, 0), 0);
	ck_assert(has_line("netns crpd\n"));
	ck_assert(has_line("link crpd/ens4 type 0 mtu 1500 up mark hbr:site/node1/uplink\n"));
	ck_assert(has_line("link crpd/veth-crpd type 3 mtu 1500 up mac 02:00:00:00:01:02 "
	                   "peer host/veth-k8s mark hbr:site/node1/veth\n"));
	ck_assert(has_line("link host/veth-k8s type 3 mtu 1500 up mac 02:00:00:00:01:01 "
	                   "peer crpd/veth-crpd mark hbr:site/node1/veth\n"));
	ck_assert(has_line("addr crpd/veth-crpd 2001:db8:1::2/126\n"));
	ck_assert(has_line("route host/10.1.0.0/21 table 254 metric 0 type 0 via 10.1.1.2 "
	                   "dev veth-k8s\n"));
	ck_assert(has_line("sysctl crpd/net/ipv4/conf/veth-crpd/proxy_arp = 1\n"));
	ck_assert(has_line("file /etc/sysctl.d/90-hbr.conf 644: net.ipv4.ip_forward = 1\n"));
	ck_assert(has_line("router crpd runs inside: router bgp 64500\n"));
}
END_TEST

START_TEST(a_second_apply_changes_nothing)
{
	kit_apply(&kit, 0);
	world_calm(kit.world);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

START_TEST(a_second_apply_changes_nothing_without_a_baseline)
{
	char path[128];

	kit_apply(&kit, 0);
	snprintf(path, sizeof(path), "%s/baseline", kit.state_dir);
	ck_assert_int_eq(remove(path), 0);
	world_calm(kit.world);
	ck_assert_uint_eq(kit_apply(&kit, 0), 0);
	ck_assert_uint_eq(world_changes(kit.world), 0);
}
END_TEST

/* The NIC's own addresses do not come home yet: issue 4 takes and gives NICs back in full. */
START_TEST(remove_leaves_the_world_as_it_was)
{
	world_route(kit.world, HBR_VERB_DELETE, "", "192.168.7.0/24", "192.168.1.1", NULL);
	world_addr(kit.world, HBR_VERB_DELETE, "", "ens4", "192.168.1.101/24");
	free(kit.start);
	kit.start = world_dump(kit.world);
	kit_apply(&kit, 0);
	ck_assert_uint_gt(kit_apply(&kit, HBR_PLAN_REMOVE), 0);
	kit_is_start(&kit);
}
END_TEST

START_TEST(remove_forgets_the_baseline)
{
	char path[128];

	kit_apply(&kit, 0);
	snprintf(path, sizeof(path), "%s/baseline", kit.state_dir);
	ck_assert_int_eq(access(path, F_OK), 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_uint_eq(kit_apply(&kit, HBR_PLAN_REMOVE), 0);
}
END_TEST

START_TEST(origins_come_back_with_remove)
{
	world_sysctl(kit.world, "", "net/ipv4/ip_forward", "7");
	kit_apply(&kit, 0);
	ck_assert(has_line("sysctl host/net/ipv4/ip_forward = 1\n"));
	kit_apply(&kit, 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert(has_line("sysctl host/net/ipv4/ip_forward = 7\n"));
}
END_TEST

START_TEST(an_adopted_file_comes_back_with_remove)
{
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "mine\n");
	ck_assert_int_eq(kit_try(&kit, 0), HBR_ECONFLICT);
	ck_assert_ptr_nonnull(strstr(kit_message(&kit), "file:/etc/sysctl.d/90-hbr.conf"));
	kit_apply(&kit, HBR_PLAN_ADOPT);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert(has_line("file /etc/sysctl.d/90-hbr.conf 644: mine\n"));
}
END_TEST

START_TEST(the_nic_comes_home_with_its_mtu)
{
	kit_apply(&kit, 0);
	kit_apply(&kit, HBR_PLAN_REMOVE);
	ck_assert(has_line("link host/ens4 type 0 mtu 1400 up\n"));
}
END_TEST

static void drop_route(void)
{
	world_route(kit.world, HBR_VERB_DELETE, "", "10.1.0.0/21", "10.1.1.2", "veth-k8s");
}

static void drop_addr(void)
{
	world_addr(kit.world, HBR_VERB_DELETE, "crpd", "ens4", "192.168.1.101/24");
}

static void change_mtu(void)
{
	hbr_link body = { .has = HBR_LINK_HAS_MTU, .type = HBR_LINK_VETH, .mtu = 1280 };
	hbr_resource link = { .size = sizeof(link),
		              .kind = HBR_KIND_LINK,
		              .netns = "",
		              .name = "veth-k8s",
		              .body = &body };

	ck_assert_int_eq(world_edit(kit.world, "", HBR_VERB_CHANGE, &link), 0);
}

static void nic_down(void)
{
	world_link_up(kit.world, "crpd", "ens4", false);
}

static void clear_sysctl(void)
{
	world_sysctl(kit.world, "crpd", "net/ipv4/ip_forward", "0");
}

static void edit_file(void)
{
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", "theirs\n");
}

static void drop_file(void)
{
	world_file(kit.world, "/etc/sysctl.d/90-hbr.conf", NULL);
}

static void kill_router(void)
{
	world_router_kill(kit.world, "crpd");
}

static const struct {
	const char *what;
	void (*drift)(void);
} drifts[] = {
	{ "route", drop_route },       { "address", drop_addr },
	{ "mtu", change_mtu },         { "link", nic_down },
	{ "sysctl", clear_sysctl },    { "file changed", edit_file },
	{ "file removed", drop_file }, { "router", kill_router },
};

START_TEST(drift_is_mended_with_one_step)
{
	char *applied;

	kit_apply(&kit, 0);
	applied = world_dump(kit.world);
	drifts[_i].drift();
	ck_assert_msg(kit_apply(&kit, 0) == 1, "%s", drifts[_i].what);
	kit_is(&kit, applied);
	free(applied);
}
END_TEST

START_TEST(a_lost_pair_is_made_again_with_all_on_it)
{
	hbr_link body = { .type = HBR_LINK_VETH };
	hbr_resource link = { .size = sizeof(link),
		              .kind = HBR_KIND_LINK,
		              .netns = "",
		              .name = "veth-k8s",
		              .body = &body };
	char *applied;

	kit_apply(&kit, 0);
	applied = world_dump(kit.world);
	ck_assert_int_eq(world_edit(kit.world, "", HBR_VERB_DELETE, &link), 0);
	kit_apply(&kit, 0);
	kit_is(&kit, applied);
	free(applied);
}
END_TEST

START_TEST(a_lost_namespace_is_made_again)
{
	char *applied;

	kit_apply(&kit, 0);
	applied = world_dump(kit.world);
	ck_assert_int_eq(world_netns_del(kit.world, "crpd"), 0);
	kit_apply(&kit, 0);
	kit_is(&kit, applied);
	free(applied);
}
END_TEST

START_TEST(netlink_work_is_sent_in_batches)
{
	uint64_t messages, sends;

	kit_apply(&kit, 0);
	world_netlink(kit.world)->count(kit.world, &messages, &sends);
	ck_assert_uint_eq(messages, 11);
	ck_assert_uint_le(sends, 6);
}
END_TEST

START_TEST(looking_asks_each_namespace_once_and_lists_none)
{
	unsigned dumps;

	kit_apply(&kit, 0);
	dumps = world_calls(kit.world, "netlink.dump");
	ck_assert_uint_eq(world_calls(kit.world, "netns.list"), 0);
	hbr_plan_free(kit_plan(&kit, kit.wanted, 0));
	/* The default one, and the router's. */
	ck_assert_uint_eq(world_calls(kit.world, "netlink.dump") - dumps, 2);
	ck_assert_uint_eq(world_calls(kit.world, "netns.list"), 0);
}
END_TEST

/* A context keeps what it read of the baseline, but not for longer than it holds. */
START_TEST(what_another_context_applied_is_seen)
{
	hbr_ctx_opts opts = world_opts(kit.world, kit.state_dir);
	hbr_ctx *mine = kit.ctx;
	hbr_ctx *other = NULL;

	ck_ok(hbr_ctx_new(&opts, &other, &kit.err), kit.err);
	for (int i = 0; i < 2; i++) {
		kit.ctx = other;
		ck_assert_uint_gt(kit_apply(&kit, 0), 0);
		kit.ctx = mine;
		ck_assert_uint_eq(kit_apply(&kit, 0), 0);
		ck_assert_uint_gt(kit_apply(&kit, HBR_PLAN_REMOVE), 0);
		kit_is_start(&kit);
	}
	hbr_ctx_free(other);
}
END_TEST

HBR_SUITE(apply)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, apply_makes_what_is_wanted);
	tcase_add_test(tcase, a_second_apply_changes_nothing);
	tcase_add_test(tcase, a_second_apply_changes_nothing_without_a_baseline);
	tcase_add_test(tcase, remove_leaves_the_world_as_it_was);
	tcase_add_test(tcase, remove_forgets_the_baseline);
	tcase_add_test(tcase, origins_come_back_with_remove);
	tcase_add_test(tcase, an_adopted_file_comes_back_with_remove);
	tcase_add_test(tcase, the_nic_comes_home_with_its_mtu);
	tcase_add_loop_test(tcase, drift_is_mended_with_one_step, 0, hbr_count(drifts));
	tcase_add_test(tcase, a_lost_pair_is_made_again_with_all_on_it);
	tcase_add_test(tcase, a_lost_namespace_is_made_again);
	tcase_add_test(tcase, netlink_work_is_sent_in_batches);
	tcase_add_test(tcase, looking_asks_each_namespace_once_and_lists_none);
	tcase_add_test(tcase, what_another_context_applied_is_seen);
}
