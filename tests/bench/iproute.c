/* SPDX-License-Identifier: Apache-2.0 */
/* The same with `ip -batch`: one process for all that is outside, one for each namespace. */
#include "bench/bench.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static int run(const char *netns, const char *file)
{
	const char *outside[] = { "ip", "-batch", file, NULL };
	const char *inside[] = { "ip", "-n", netns, "-batch", file, NULL };
	pid_t pid;
	int status;

	errno = posix_spawnp(&pid, "ip", NULL, NULL, (char *const *)(netns ? inside : outside),
			     environ);
	if (errno)
		return complain("ip");
	if (waitpid(pid, &status, 0) < 0 || status)
		return complain("ip -batch failed");
	return 0;
}

static FILE *open_script(char path[64])
{
	snprintf(path, 64, "%s/batch", scratch);
	return fopen(path, "w");
}

static void write_inside(FILE *file, const struct unit *unit, const char *add)
{
	char via4[24];
	char via6[56];

	snprintf(via4, sizeof(via4), "%.*s", (int)strcspn(unit->host4_text, "/"),
		 unit->host4_text);
	snprintf(via6, sizeof(via6), "%.*s", (int)strcspn(unit->host6_text, "/"),
		 unit->host6_text);
	fprintf(file, "link set lo up\nlink set %s up\n", INSIDE);
	fprintf(file, "addr %s %s dev %s\n", add, unit->router4_text, INSIDE);
	fprintf(file, "addr %s %s dev %s nodad\n", add, unit->router6_text, INSIDE);
	fprintf(file, "route %s default via %s dev %s proto 72\n", add, via4, INSIDE);
	fprintf(file, "route %s default via %s dev %s proto 72\n", add, via6, INSIDE);
}

static int work(unsigned n, const char *add, int make)
{
	char path[64];
	FILE *file = open_script(path);
	if (!file)
		return complain(path);

	for (unsigned i = 0; i < n; i++) {
		struct unit unit;

		unit_of(i, &unit);
		if (make)
			fprintf(file,
				"netns add %s\nlink add netns %s name %s numtxqueues 1 "
				"numrxqueues 1 type veth "
				"peer name %s numtxqueues 1 numrxqueues 1\n",
				unit.netns, unit.netns, INSIDE, unit.host);
		fprintf(file, "link set %s up\n", unit.host);
		fprintf(file, "addr %s %s dev %s\n", add, unit.host4_text, unit.host);
		fprintf(file, "addr %s %s dev %s nodad\n", add, unit.host6_text, unit.host);
	}
	fclose(file);
	int rc = run(NULL, path);

	for (unsigned i = 0; i < n && rc == 0; i++) {
		struct unit unit;

		unit_of(i, &unit);
		file = open_script(path);
		if (!file)
			return complain(path);
		write_inside(file, &unit, add);
		fclose(file);
		rc = run(unit.netns, path);
	}
	return rc;
}

static int create(unsigned n)
{
	return work(n, "add", 1);
}

static int noop(unsigned n)
{
	return work(n, "replace", 0);
}

static int down(unsigned n)
{
	char path[64];
	FILE *file = open_script(path);
	if (!file)
		return complain(path);

	for (unsigned i = 0; i < n; i++)
		fprintf(file, "netns del u%u\n", i);
	fclose(file);
	return run(NULL, path);
}

const struct contestant iproute = { "ip -batch", create, noop, down };
