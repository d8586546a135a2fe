/* SPDX-License-Identifier: Apache-2.0 */
/* The runner of every check program: runs the registered suites, prints one count line. */
#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITES_MAX 256
#define EXIT_SKIPPED 77

static struct {
	const char *name;
	void (*fill)(TCase *tcase);
} suites[SUITES_MAX];
static int n_suites;

void test_register(const char *name, void (*fill)(TCase *tcase))
{
	if (n_suites == SUITES_MAX)
		abort();
	suites[n_suites].name = name;
	suites[n_suites].fill = fill;
	n_suites++;
}

void test_skip(const char *reason)
{
	printf("skip: %s\n", reason);
	fflush(stdout);
	exit(EXIT_SKIPPED);
}

/* check counts the exit status of a skipped test as a failure: tell the two apart. */
static int is_skip(TestResult *result)
{
	const char *message = tr_msg(result);

	return message && strstr(message, "Early exit with return value 77");
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	SRunner *runner = srunner_create(NULL);

	for (int i = 0; i < n_suites; i++) {
		if (only && !strstr(suites[i].name, only))
			continue;
		Suite *suite = suite_create(suites[i].name);
		TCase *tcase = tcase_create(suites[i].name);

		tcase_set_timeout(tcase, 120);
		suites[i].fill(tcase);
		suite_add_tcase(suite, tcase);
		srunner_add_suite(runner, suite);
	}
	srunner_run_all(runner, CK_SILENT);

	int total = srunner_ntests_run(runner);
	int failures = srunner_ntests_failed(runner);
	int skipped = 0;
	TestResult **results = srunner_failures(runner);

	for (int i = 0; i < failures; i++) {
		if (is_skip(results[i])) {
			skipped++;
			continue;
		}
		printf("FAIL %s: %s:%d: %s\n", tr_tcname(results[i]), tr_lfile(results[i]),
		       tr_lno(results[i]), tr_msg(results[i]));
	}
	free(results);
	srunner_free(runner);
	printf("%d passed, %d failed, %d skipped\n", total - failures, failures - skipped,
	       skipped);
	return failures > skipped;
}
