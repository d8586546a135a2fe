/* SPDX-License-Identifier: Apache-2.0 */
/* Memory runs out at every allocation in turn: reported, nothing leaks, no wrong plan. */
#include "lib/oom.h"

#include "world.h"

/* Observed differently from wanted in every way that has a step. */
static void put_bent_node(hbr_state *state)
{
	hbr_link link = veth("", "other");

	put_netns(state, "crpd", OURS);
	put_netns(state, "old", OURS);
	put_link(state, "crpd", "veth-crpd", &link, OURS);
	put_addr(state, "crpd", "veth-crpd", "10.1.1.2/30", OURS);
	put_sysctl(state, "", "net/ipv4/ip_forward", "0", 0);
	put_config(state, "crpd", "router bgp 64500\n neighbor 192.168.1.103 remote-as 64500\n",
	           1, OURS);
}

static hbr_state *wanted, *have;

static void make_states(void)
{
	wanted = world_state();
	have = world_state();
	put_node(wanted, 0);
	put_bent_node(have);
	hbr_state_count(wanted);
	hbr_state_count(have);
}

START_TEST(planning)
{
	_cleanup_free_ char *expected = NULL;

	make_states();
	for (unsigned int n = 1, hit = 1; hit; n++) {
		hbr_plan *plan = NULL;
		hbr_error *err = NULL;

		oom_at(n);

		int rc = hbr_plan_make(wanted, have, HBR_PLAN_PRUNE, &plan, &err);

		hit = oom_off();
		/* qsort() does without memory that it cannot have. */
		ck_assert(rc == 0 || (hit && rc == HBR_ENOMEM));
		ck_assert(rc != 0 || plan);
		if (rc == 0) {
			const char *text = dump_of(plan, HBR_FORMAT_TEXT);

			if (!expected)
				expected = strdup(text);
			ck_assert_str_eq(text, expected);
		}
		hbr_plan_free(plan);
		hbr_error_free(err);
	}
	hbr_state_free(wanted);
	hbr_state_free(have);
}
END_TEST

START_TEST(showing_packing_and_loading)
{
	static const int32_t formats[] = { HBR_FORMAT_TEXT, HBR_FORMAT_JSON,
		                           HBR_FORMAT_BINARY };
	hbr_plan *plan = NULL;

	make_states();
	ck_assert_int_eq(hbr_plan_make(wanted, have, 0, &plan, NULL), 0);
	for (size_t i = 0; i < hbr_count(formats); i++) {
		for (unsigned int n = 1, hit = 1; hit; n++) {
			hbr_text *text = NULL;
			hbr_plan *again = NULL;
			hbr_error *err = NULL;

			oom_at(n);

			int rc = hbr_plan_dump(plan, formats[i], &text, &err);

			if (rc == 0 && formats[i] == HBR_FORMAT_BINARY)
				rc = hbr_plan_load(hbr_text_data(text), hbr_text_size(text),
				                   &again, &err);
			hit = oom_off();
			ck_assert_msg(rc == (hit ? HBR_ENOMEM : 0),
			              "format %d, allocation %u: %d", formats[i], n, rc);
			hbr_text_free(text);
			hbr_plan_free(again);
			hbr_error_free(err);
		}
	}
	hbr_plan_free(plan);
	hbr_state_free(wanted);
	hbr_state_free(have);
}
END_TEST

HBR_SUITE(plan_out_of_memory)
{
	tcase_add_test(tcase, planning);
	tcase_add_test(tcase, showing_packing_and_loading);
}
