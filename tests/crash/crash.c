/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash matrix: apply, remove, undo and recover of a real node, killed at every system call and
 * after every record of the journal. After "recover" the machine is as it was before or as it is
 * after, never in between. Then all of them at random.
 *   crash [POINTS [ROUNDS [SEED]]]: at most that many points a row (0: all of them; 150).
 */
#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POINTS_MAX 150
#define ROUNDS 200
#define SEED 20261124

static size_t passed, failed, points_max = POINTS_MAX;
static char *before, *after, *removed; /* never applied, applied, and removed again */

/* One row: what is done where, and what may come of it. */
struct row {
	const char *name;
	act_fn *act;
	act_fn *first,
	        *then; /* from `start`, to get to where act begins, and back to `start` */
	char **start, **goal;
	bool is_half; /* `first` is killed half way */
};

static struct row rows[] = {
	{ "apply", apply, NULL, undo, &before, &after, false },
	{ "undo", undo, apply, NULL, &before, &before, false },
	{ "recover", recover, apply, NULL, &before, &before, true },
	{ "remove", take_off, NULL, undo, &after, &removed, false },
};

static size_t half; /* the record at which an apply is half done */

static void begin(const struct row *row)
{
	size_t seen;

	if (row->is_half)
		trace(row->first, POINTS_RECORDS, half, &seen);
	else if (row->first)
		run(row->first);
}

static bool is(const char *text)
{
	char *now = world_snapshot();
	bool same = strcmp(now, text) == 0;

	free(now);
	return same;
}

static void show_difference(const char *expected)
{
	FILE *file = fopen("/tmp/t-crash-expected", "w");
	char *now = world_snapshot();

	if (file) {
		fputs(expected, file);
		fclose(file);
		file = popen(
		        "diff /tmp/t-crash-expected - | head -n 30; rm /tmp/t-crash-expected",
		        "w");
		fputs(now, file);
		pclose(file);
	}
	free(now);
}

/* Killed at point n, recovered: how did it end? 'b'efore, 'a'fter or '?'. */
static char try(const struct row *row, enum points points, size_t n, size_t *seen)
{
	char how = '?';

	begin(row);
	trace(row->act, points, n, seen);
	if (run(recover) != 0)
		return '?';
	/* Where undo and recover were killed before anything, what they are for still stands. */
	if (row->first && !row->is_half && is(after))
		run(undo);
	if (is(*row->goal))
		how = 'a';
	else if (is(*row->start))
		how = 'b';
	if (how == 'a' && row->then)
		run(row->then);
	if (row->then && how == 'a' && !is(*row->start))
		how = '?';
	return how;
}

static bool make_row(const struct row *row, enum points points)
{
	size_t n_before = 0, n_after = 0, bad = 0, seen, all, step;

	begin(row);
	trace(row->act, points, NEVER, &all);
	if (row->then)
		run(row->then);
	step = points_max && all > points_max ? (all + points_max - 1) / points_max : 1;
	for (size_t n = 0; n < all; n += step) {
		char how = try(row, points, n, &seen);

		n_before += how == 'b';
		n_after += how == 'a';
		if (how != '?')
			continue;
		bad++;
		printf("FAIL %s killed at %s %zu of %zu: neither before nor after\n", row->name,
		       points == POINTS_RECORDS ? "record" : "system call", n, all);
		show_difference(*row->start);
		break; /* the world is of no more use */
	}
	printf("%-8s %-8s %6zu %6zu %7zu %6zu %8zu\n", row->name,
	       points == POINTS_RECORDS ? "records" : "syscalls", all, n_before + n_after + bad,
	       n_before, n_after, bad);
	fflush(stdout);
	passed += n_before + n_after;
	failed += bad;
	return bad == 0;
}

static bool learn(void)
{
	size_t all;

	before = world_snapshot();
	if (trace(apply, POINTS_RECORDS, NEVER, &all) != 0)
		return false;
	half = all / 2;
	after = world_snapshot();
	if (run(take_off) != 0)
		return false;
	removed = world_snapshot();
	if (run(undo) == 0 && is(after))
		return true;
	show_difference(after);
	return false;
}

/* A small generator of our own, so that a seed means the same everywhere (xorshift32). */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

/*
 * Whatever is tried, in whatever order, and wherever half of it is killed: after a recover the
 * world is one of the three, and in the end it can be taken off. An undo with nothing to undo and
 * the like are refused, which is fine.
 */
static void wander(uint32_t rounds, uint32_t seed)
{
	static act_fn *const acts[] = { apply, undo, take_off, recover };
	static const char *const names[] = { "apply", "undo", "remove", "recover" };
	uint32_t first = seed, killed = 0;
	bool good = true;

	for (uint32_t i = 0; good && i < rounds; i++) {
		uint32_t which = draw(&seed, 4);
		size_t seen;

		if (draw(&seed, 2))
			killed += trace(acts[which], POINTS_SYSCALLS, draw(&seed, 3000),
			                &seen) < 0;
		else
			run(acts[which]);
		good = run(recover) == 0 && (is(before) || is(after) || is(removed));
		if (good)
			passed++;
		else
			printf("FAIL round %u (%s) of seed %u\n", i, names[which], first);
	}
	if (good) {
		run(apply);
		good = run(take_off) == 0 && is(removed);
		passed += good;
	}
	failed += !good;
	if (!good)
		show_difference(removed);
	printf("%u random rounds, %u of them killed, seed %u\n", rounds, killed, first);
}

int main(int argc, char **argv)
{
	uint32_t rounds = ROUNDS, seed = SEED;
	bool good;

	if (argc > 1)
		points_max = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		seed = (uint32_t)strtoul(argv[3], NULL, 10) | 1;
	if (geteuid() != 0) {
		puts("skip: the crash matrix needs root\n0 passed, 0 failed, 1 skipped");
		return 0;
	}
	world_make();
	good = learn();
	world_drop();
	if (!good)
		puts("FAIL apply, remove and undo do not work even without being killed");
	else
		puts("what     where    points  tried  before  after  between");
	for (size_t i = 0; good && i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (enum points points = POINTS_SYSCALLS; points <= POINTS_RECORDS; points++) {
			world_make();
			if (rows[i].start == &after)
				run(apply);
			make_row(&rows[i], points);
			world_drop();
		}
	}
	if (good) {
		world_make();
		wander(rounds, seed);
		world_drop();
	}
	printf("%zu passed, %zu failed, 0 skipped\n", passed, failed + !good);
	free(before);
	free(after);
	free(removed);
	return failed || !good;
}
