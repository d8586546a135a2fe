/* SPDX-License-Identifier: Apache-2.0 */
/* check, with suites that register themselves: HBR_SUITE(name) { tcase… } and no list to keep. */
#ifndef HBR_TESTS_TEST_H
#define HBR_TESTS_TEST_H

#include <check.h>

void test_register(const char *name, void (*fill)(TCase *tcase));
/* Ends the running test as skipped, with the reason, which the runner prints and counts. */
void test_skip(const char *reason) __attribute__((noreturn));

/* HBR_SUITE(prefix) { tcase_add_test(tcase, …); } */
#define HBR_SUITE(name)                                                                        \
	static void suite_##name(TCase *tcase);                                                \
	__attribute__((constructor)) static void register_##name(void)                         \
	{                                                                                      \
		test_register(#name, suite_##name);                                            \
	}                                                                                      \
	static void suite_##name(TCase *tcase)

/* Asserts success of a call that ends in an error argument, and prints the message otherwise. */
#define ck_ok(call, err) ck_assert_msg((call) == 0, "%s", hbr_error_message(err))

#endif
