/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that is killed at some point, itself only, not what it has started:
 *   killed syscalls|records|spawns N COUNT_FILE PROGRAM [ARG…]
 * N from 0, or "never". The file gets the number of points that there were. Exits as the program
 * does, or with 137 when it was killed.
 */
#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 64
#define EXIT_KILLED 137

static char **command;

static void become(void)
{
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

static enum points parse_points(const char *word)
{
	static const char *const words[] = {
		[POINTS_SYSCALLS] = "syscalls",
		[POINTS_RECORDS] = "records",
		[POINTS_SPAWNS] = "spawns",
	};

	for (int i = POINTS_SYSCALLS; i <= POINTS_SPAWNS; i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum points)i;
	}
	exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
	size_t n, seen;
	FILE *count;
	int status;

	if (argc < 5)
		return EXIT_USAGE;
	n = strcmp(argv[2], "never") == 0 ? NEVER : strtoul(argv[2], NULL, 10);
	command = argv + 4;
	status = trace(become, parse_points(argv[1]), n, &seen);
	count = fopen(argv[3], "w");
	if (!count || fprintf(count, "%zu\n", seen) < 0 || fclose(count)) {
		perror(argv[3]);
		return EXIT_USAGE;
	}
	return status < 0 ? EXIT_KILLED : status;
}
