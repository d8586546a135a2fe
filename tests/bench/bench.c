/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The harness: round by round every contestant in turn, each in a process with network and
 * mount namespaces of its own; the state is judged by another reader; ratios are medians of the
 * rounds' ratios to the raw program of the same round.
 */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 99

char scratch[32];

enum { CREATE, NOOP, DOWN, GONE, STEPS };

struct score {
	double wall[STEPS], cpu[STEPS]; /* seconds */
	double rss;                     /* MiB */
};

enum { RAW, RAW_LINKS, PORTS, APPLY, APPLY_BARE, LIBNL, IPROUTE, CONTESTANTS };

static const struct contestant *const contestants[CONTESTANTS] = {
	[RAW] = &raw,         [RAW_LINKS] = &raw_links,   [PORTS] = &ports,
	[APPLY] = &apply,     [APPLY_BARE] = &apply_bare, [LIBNL] = &libnl,
	[IPROUTE] = &iproute,
};

/* What was aimed at: doc/performance.md says where and why it is missed. */
static const struct goal {
	const char *what;
	int who, limit, step, of_cpu;
	double most;
} goals[] = {
	{ "create, journal included", APPLY, RAW, CREATE, 0, 1.15 },
	{ "create, CPU", APPLY, RAW, CREATE, 1, 1.25 },
	{ "no-op", APPLY, RAW, NOOP, 0, 1.15 },
	{ "no-op, CPU", APPLY, RAW, NOOP, 1, 1.15 },
	{ "the ports alone, no-op, CPU", PORTS, RAW, NOOP, 1, 1.15 },
	{ "remove until gone, journal included", APPLY, RAW, GONE, 0, 1.1 },
	{ "remove until gone, of raw with links first", APPLY, RAW_LINKS, GONE, 0, 1.1 },
	{ "remove, the call, no journal, of raw with links first", APPLY_BARE, RAW_LINKS, DOWN,
	  0, 1.1 },
	{ "the same, CPU", APPLY_BARE, RAW_LINKS, DOWN, 1, 1.1 },
};
#define RSS_GOAL 8.0 /* MiB, of RSS_UNITS */
#define RSS_UNITS 100

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
	static const int whos[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	double sum = 0;

	for (int i = 0; i < 2; i++) {
		struct rusage usage;

		getrusage(whos[i], &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	}
	return sum;
}

struct judgement {
	unsigned n;
	int fine;
};

/* In a thread, since it goes into every namespace. */
static void *judge(void *arg)
{
	struct judgement *judgement = arg;
	struct tally outside = { 0 };

	raw_count(-1, &outside);
	judgement->fine =
	        outside.links == judgement->n + 1 && outside.addrs >= 2 * judgement->n;
	for (unsigned i = 0; i < judgement->n && judgement->fine; i++) {
		struct unit unit;
		struct tally inside = { 0 };

		unit_of(i, &unit);
		int netns = open(unit.path, O_RDONLY | O_CLOEXEC);

		raw_count(netns, &inside);
		close(netns);
		/* lo and ours; their addresses and link-local; default and connected routes. */
		judgement->fine = inside.links == 2 && inside.addrs >= 4 && inside.routes >= 4;
	}
	return NULL;
}

static int is_right(unsigned n)
{
	struct judgement judgement = { .n = n };
	pthread_t thread;

	pthread_create(&thread, NULL, judge, &judgement);
	pthread_join(thread, NULL);
	return judgement.fine;
}

/* Until the kernel has freed the namespaces: then the ends outside are gone as well. */
static void await_gone(void)
{
	static const struct timespec moment = { .tv_nsec = 500000 };

	for (;;) {
		struct tally outside = { 0 };

		raw_count(-1, &outside);
		if (outside.links == 1)
			return;
		nanosleep(&moment, NULL);
	}
}

static int measure(const struct contestant *contestant, unsigned n, struct score *score)
{
	int (*const steps[])(unsigned) = { contestant->create, contestant->noop,
		                           contestant->down };
	struct rusage usage;

	for (int i = 0; i < GONE; i++) {
		double wall = seconds();
		double cpu = cpu_seconds();

		if (steps[i](n) < 0)
			return -1;
		score->wall[i] = seconds() - wall;
		score->cpu[i] = cpu_seconds() - cpu;
		if (i == DOWN) {
			await_gone();
			score->wall[GONE] = seconds() - wall;
		} else if (!is_right(n)) {
			fprintf(stderr, "bench: %s: the state is not right\n",
			        contestant->name);
			return -1;
		}
	}
	getrusage(RUSAGE_SELF, &usage);
	score->rss = (double)usage.ru_maxrss / 1024;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int play(const struct contestant *contestant, unsigned n, struct score *score)
{
	struct rlimit files;
	struct tally lo = { 0 };

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	mkdir("/run/netns", 0755);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bench", "/run/netns", "tmpfs", 0, NULL) < 0)
		return complain("namespaces");
	strcpy(scratch, "/tmp/hbr-bench-XXXXXX");
	if (!mkdtemp(scratch))
		return complain(scratch);
	/* What the first message of a namespace costs is nobody's. */
	raw_count(-1, &lo);
	int rc = measure(contestant, n, score);

	nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return rc;
}

static int run_one(const struct contestant *contestant, unsigned n, struct score *score)
{
	int fds[2];
	int status = 0;

	if (pipe(fds) < 0)
		return complain("pipe");
	pid_t pid = fork();
	if (pid == 0) {
		struct score mine = { 0 };

		_exit(play(contestant, n, &mine) < 0 ||
		      write(fds[1], &mine, sizeof(mine)) != sizeof(mine));
	}
	close(fds[1]);
	ssize_t size = read(fds[0], score, sizeof(*score));

	close(fds[0]);
	waitpid(pid, &status, 0);
	return size == sizeof(*score) && status == 0 ? 0 : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static struct score scores[ROUNDS_MAX][CONTESTANTS];

static double ratio(unsigned rounds, int who, int to, int step, int of_cpu)
{
	double values[ROUNDS_MAX];

	for (unsigned r = 0; r < rounds; r++) {
		const struct score *mine = &scores[r][who];
		const struct score *limit = &scores[r][to];

		values[r] = of_cpu ? mine->cpu[step] / limit->cpu[step]
		                   : mine->wall[step] / limit->wall[step];
	}
	return median(values, rounds);
}

static double rss_of(unsigned rounds, int who)
{
	double values[ROUNDS_MAX];

	for (unsigned r = 0; r < rounds; r++)
		values[r] = scores[r][who].rss;
	return median(values, rounds);
}

static void print(unsigned units, unsigned rounds)
{
	double values[ROUNDS_MAX];

	printf("%u units, %u rounds; ratios to raw: wall (CPU)\n\n", units, rounds);
	printf("| | create | no-op | remove, the call | remove until gone | peak RSS |\n");
	printf("|---|---|---|---|---|---|\n");
	for (int who = 0; who < CONTESTANTS; who++) {
		printf("| %s |", contestants[who]->name);
		for (int step = 0; step < STEPS; step++) {
			if (who == 0) {
				for (unsigned r = 0; r < rounds; r++)
					values[r] = scores[r][0].wall[step] * 1e3;
				printf(" 1 = %.1f ms |", median(values, rounds));
			} else if (step == GONE) {
				printf(" %.2f |", ratio(rounds, who, RAW, step, 0));
			} else {
				printf(" %.2f (%.2f) |", ratio(rounds, who, RAW, step, 0),
				       ratio(rounds, who, RAW, step, 1));
			}
		}
		printf(" %.1f MiB |\n", rss_of(rounds, who));
	}
}

static void print_goals(unsigned units, unsigned rounds)
{
	double rss = rss_of(rounds, APPLY);

	printf("\n| libhbr | ratio | goal | |\n|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
		const struct goal *goal = &goals[i];
		double is = ratio(rounds, goal->who, goal->limit, goal->step, goal->of_cpu);

		printf("| %s | %.2f | %.2f | %s |\n", goal->what, is, goal->most,
		       is <= goal->most ? "met" : "missed");
	}
	if (units == RSS_UNITS)
		printf("| peak RSS, MiB | %.1f | %.1f | %s |\n", rss, RSS_GOAL,
		       rss <= RSS_GOAL ? "met" : "missed");
}

int main(int argc, char **argv)
{
	unsigned units = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 9;

	if (!units || units > UNITS_MAX || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench [UNITS [ROUNDS]]\n");
		return 64;
	}
	/* The round before the first warms up and is not counted. */
	for (unsigned r = 0; r <= rounds; r++) {
		for (int who = 0; who < CONTESTANTS; who++) {
			if (run_one(contestants[who], units, &scores[r ? r - 1 : 0][who]) < 0)
				return 1;
		}
	}
	print(units, rounds);
	print_goals(units, rounds);
	return 0;
}
