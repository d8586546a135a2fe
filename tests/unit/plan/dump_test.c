/* SPDX-License-Identifier: Apache-2.0 */
/* What people and programs read of a plan, word for word: tests/golden/plan. */
#include "base/file.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Compares with the golden file; HBR_GOLDEN=update in the environment writes it anew. */
static void golden(const char *name, const char *text)
{
	_cleanup_buf_ struct buf expected = BUF_INIT;
	const char *mode = getenv("HBR_GOLDEN");
	hbr_error *err = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/golden/plan/%s", HBR_SOURCE_DIR, name);
	if (mode && strcmp(mode, "update") == 0) {
		ck_ok(file_replace(path, text, strlen(text), 0644, &err), err);
		return;
	}
	ck_ok(file_read(path, 1 << 20, &expected, NULL, &err), err);
	ck_assert_str_eq(text, expected.data);
}

static void both_formats(hbr_plan *plan, const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.txt", name);
	golden(file, dump_of(plan, HBR_FORMAT_TEXT));
	snprintf(file, sizeof(file), "%s.json", name);
	golden(file, dump_of(plan, HBR_FORMAT_JSON));
	hbr_plan_free(plan);
}

START_TEST(a_first_installation)
{
	hbr_state *wanted = world_state();

	put_node(wanted, 0);
	both_formats(plan_of(wanted, world_state(), 0), "install");
}
END_TEST

START_TEST(a_removal)
{
	hbr_state *have = world_state();

	put_node(have, OURS);
	both_formats(plan_of(NULL, have, HBR_PLAN_REMOVE), "remove");
}
END_TEST

START_TEST(a_repair_with_all_signs)
{
	hbr_state *wanted = world_state(), *have = world_state();
	hbr_link link = veth("", "other");

	put_node(wanted, 0);
	put_node(have, OURS);
	put_link(have, "crpd", "veth-crpd", &link, OURS);
	link = nic("");
	link.mtu = 9000;
	put_link(have, "crpd", "ens4", &link, OURS);
	put_netns(have, "old", OURS);
	put_file(have, "/etc/sysctl.d/90-hbr.conf", "net.ipv4.ip_forward = 0\n", 0);
	put_config(have, "crpd", "router bgp 64500\n neighbor 192.168.1.103 remote-as 64500\n",
	           1, OURS);
	put_route(have, "", "10.99.0.0/16", "10.1.1.2", "veth-k8s", OURS);
	both_formats(plan_of(wanted, have, 0), "repair");
}
END_TEST

START_TEST(nothing_to_do)
{
	both_formats(plan_of(world_state(), world_state(), 0), "nothing");
}
END_TEST

START_TEST(long_configuration_changes_are_cut)
{
	hbr_state *wanted = world_state(), *have = world_state();
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_puts(&text, "router bgp 1\n");
	for (unsigned int i = 0; i < PLAN_LINES_MAX + 50; i++)
		buf_printf(&text, " network 10.%u.0.0/16\n", i);
	put_config(wanted, "crpd", text.data, 1, 0);
	put_config(have, "crpd", "router bgp 1\n", 1, OURS);

	_cleanup_plan_ hbr_plan *plan = plan_of(wanted, have, 0);
	const struct step *step = &plan->steps[0];

	ck_assert_uint_eq(step->n_changes, PLAN_LINES_MAX + 1);
	ck_assert_str_eq(step->changes[PLAN_LINES_MAX].to, "… and 50 lines more");
	ck_assert_str_eq(step->why, "text differs in lines: 250 to add, 0 to take away");
}
END_TEST

START_TEST(unknown_formats_are_refused)
{
	_cleanup_plan_ hbr_plan *plan = plan_of(world_state(), world_state(), 0);
	hbr_text *text = NULL;

	ck_assert_int_eq(hbr_plan_dump(plan, HBR_FORMAT_YAML, &text, NULL), HBR_ENOTSUP);
	ck_assert_int_eq(hbr_plan_dump(NULL, HBR_FORMAT_TEXT, &text, NULL), HBR_EINVAL);
	ck_assert_ptr_null(text);
}
END_TEST

HBR_SUITE(plan_dump)
{
	tcase_add_test(tcase, a_first_installation);
	tcase_add_test(tcase, a_removal);
	tcase_add_test(tcase, a_repair_with_all_signs);
	tcase_add_test(tcase, nothing_to_do);
	tcase_add_test(tcase, long_configuration_changes_are_cut);
	tcase_add_test(tcase, unknown_formats_are_refused);
}
