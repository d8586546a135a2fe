/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of repairs, by a clock of the test's own. */
#include "engine/mend.h"

#include "lib/test.h"

#define S INT64_C(1000000000)
#define KEY "route:/10.0.0.0/8"

static struct mend mend;
static int64_t when;

static void setup(void)
{
	mend = (struct mend){ .budget = 3, .window = 600 * S };
	when = -1;
}

static void teardown(void)
{
	mend_free(&mend);
}

static void count(const char *key, int64_t now)
{
	hbr_error *err = NULL;

	ck_ok(mend_count(&mend, key, now, &err), err);
}

START_TEST(what_was_never_repaired_may_be_at_once)
{
	ck_assert_int_eq(mend_ask(&mend, KEY, 0, &when), MEND_NOW);
}
END_TEST

START_TEST(the_pause_doubles_with_every_repair)
{
	count(KEY, 100 * S);
	ck_assert_int_eq(mend_ask(&mend, KEY, 100 * S, &when), MEND_LATER);
	ck_assert_int_eq(when, 101 * S);
	ck_assert_int_eq(mend_ask(&mend, KEY, 101 * S, &when), MEND_NOW);
	count(KEY, 101 * S);
	ck_assert_int_eq(mend_ask(&mend, KEY, 102 * S, &when), MEND_LATER);
	ck_assert_int_eq(when, 103 * S);
}
END_TEST

START_TEST(a_spent_budget_gives_up_once_and_for_all)
{
	for (int64_t i = 0; i < 3; i++)
		count(KEY, i * 10 * S);
	ck_assert_int_eq(mend_ask(&mend, KEY, 30 * S, &when), MEND_GIVE_UP);
	ck_assert_int_eq(mend_ask(&mend, KEY, 31 * S, &when), MEND_NEVER);
	ck_assert_int_eq(mend_ask(&mend, KEY, 599 * S, &when), MEND_NEVER);
}
END_TEST

START_TEST(as_long_as_it_is_astray_it_stays_given_up)
{
	for (int64_t i = 0; i < 3; i++)
		count(KEY, i * 10 * S);
	mend_ask(&mend, KEY, 30 * S, &when);
	for (int64_t now = 60 * S; now < 6000 * S; now += 30 * S) {
		ck_assert_int_eq(mend_ask(&mend, KEY, now, &when), MEND_NEVER);
		mend_forget(&mend, now);
	}
}
END_TEST

START_TEST(a_window_of_quiet_forgives)
{
	for (int64_t i = 0; i < 3; i++)
		count(KEY, i * 10 * S);
	mend_ask(&mend, KEY, 30 * S, &when);
	mend_forget(&mend, 629 * S);
	ck_assert_uint_eq(mend.rows.n, 1);
	mend_forget(&mend, 630 * S);
	ck_assert_uint_eq(mend.rows.n, 0);
	ck_assert_int_eq(mend_ask(&mend, KEY, 630 * S, &when), MEND_NOW);
}
END_TEST

START_TEST(rare_repairs_never_spend_the_budget)
{
	for (int64_t i = 0; i < 100; i++) {
		int64_t now = i * 400 * S;

		ck_assert_int_eq(mend_ask(&mend, KEY, now, &when), MEND_NOW);
		count(KEY, now);
	}
}
END_TEST

START_TEST(every_resource_has_a_budget_of_its_own)
{
	static const char *const others[] = { "a", "z", "link:/x", "route:/" };

	for (int64_t i = 0; i < 3; i++)
		count(KEY, i * 10 * S);
	for (size_t i = 0; i < hbr_count(others); i++)
		count(others[i], 20 * S);
	ck_assert_int_eq(mend_ask(&mend, KEY, 30 * S, &when), MEND_GIVE_UP);
	for (size_t i = 0; i < hbr_count(others); i++)
		ck_assert_int_eq(mend_ask(&mend, others[i], 30 * S, &when), MEND_NOW);
}
END_TEST

HBR_SUITE(mend)
{
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_never_repaired_may_be_at_once);
	tcase_add_test(tcase, the_pause_doubles_with_every_repair);
	tcase_add_test(tcase, a_spent_budget_gives_up_once_and_for_all);
	tcase_add_test(tcase, as_long_as_it_is_astray_it_stays_given_up);
	tcase_add_test(tcase, a_window_of_quiet_forgives);
	tcase_add_test(tcase, rare_repairs_never_spend_the_budget);
	tcase_add_test(tcase, every_resource_has_a_budget_of_its_own);
}
