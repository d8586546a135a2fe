/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leader election against a Lease in memory: three candidates that are stopped in the middle of
 * calls, whose replies get lost, whose wall clocks jump. There are never two who hold the lead.
 */
#include "lib/test.h"
#include "port/kube_lease.h"

#include <stdio.h>
#include <string.h>

#define CANDIDATES 3
#define ROUNDS 300
#define STEPS 300
#define SECOND INT64_C(1000000000)
#define DEPTH_MAX 3

static struct {
	struct kube_lease_record record;
	unsigned version;
	int64_t now;
	uint64_t random;
	bool is_calm; /* nothing is stopped or lost */
	int depth;
} world;

static struct candidate {
	struct kube_lease lease;
	int64_t due;
	bool is_busy;
	unsigned leads; /* how often it began to */
} all[CANDIDATES];

static int32_t terms[STEPS * 8]; /* of all leads, in their order */
static unsigned n_terms;

static unsigned below(unsigned n)
{
	world.random =
	        world.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(world.random >> 33) % n;
}

static void check(void)
{
	int holders = 0;

	for (int i = 0; i < CANDIDATES; i++)
		holders += kube_lease_holds(&all[i].lease, world.now);
	ck_assert_int_le(holders, 1);
}

static void step(struct candidate *candidate);

/* Time passes for everyone; who is not stopped may do something meanwhile. */
static void pass(int64_t duration)
{
	int64_t until = world.now + duration;

	while (world.now < until) {
		int64_t left = until - world.now;
		int64_t slice = SECOND / 4;

		world.now += left < slice ? left : slice;
		check();
		for (int i = 0; i < CANDIDATES && world.depth < DEPTH_MAX; i++) {
			if (!all[i].is_busy && world.now >= all[i].due)
				step(&all[i]);
		}
	}
}

static void dawdle(void)
{
	if (world.is_calm)
		pass(SECOND / 100);
	else if (below(12))
		pass(below(400) * (SECOND / 1000));
	else
		pass(below(40) * SECOND); /* SIGSTOP */
}

static int get(void *user, struct kube_lease_record *out, hbr_error **err)
{
	(void)user;
	dawdle();
	if (!world.is_calm && !below(8))
		return hbr_fail(err, HBR_EIO, NULL, "lost");
	*out = world.record;
	dawdle();
	return *out->version ? 0 : hbr_fail(err, HBR_ENOENT, NULL, "none");
}

static int put(void *user, struct kube_lease_record *record, hbr_error **err)
{
	(void)user;
	dawdle();
	if (!world.is_calm && !below(8))
		return hbr_fail(err, HBR_EIO, NULL, "the request was lost");
	if (strcmp(record->version, world.record.version) != 0)
		return hbr_fail(err, HBR_ESTALE, NULL, "changed");
	world.record = *record;
	snprintf(world.record.version, sizeof(world.record.version), "%u", ++world.version);
	*record = world.record;
	dawdle();
	if (!world.is_calm && !below(8))
		return hbr_fail(err, HBR_EIO, NULL, "the reply was lost");
	return 0;
}

static int64_t now(void *user)
{
	(void)user;
	return world.now;
}

/* A clock that jumps. */
static int64_t wall_us(void *user)
{
	(void)user;
	return (int64_t)below(1u << 30) * 1000000;
}

static const struct kube_lease_api api = { get, put, now, wall_us, NULL };

static void note_term(struct candidate *candidate)
{
	int32_t term = kube_lease_term(&candidate->lease);

	candidate->leads++;
	ck_assert_uint_lt(n_terms, hbr_count(terms));
	ck_assert(!n_terms || term > terms[n_terms - 1]);
	terms[n_terms++] = term;
}

static void step(struct candidate *candidate)
{
	bool led = candidate->lease.leads;
	bool was_busy = candidate->is_busy;
	hbr_error *err = NULL;
	uint32_t wait_ms;
	int rc;

	candidate->is_busy = true;
	world.depth++;
	rc = kube_lease_step(&candidate->lease, &api, &wait_ms, &err);
	world.depth--;
	candidate->is_busy = was_busy;
	ck_assert_int_eq(rc == 1, kube_lease_holds(&candidate->lease, world.now));
	ck_assert_int_ge(wait_ms, 1);
	if (led && rc != 1)
		ck_assert_int_eq(rc, HBR_ETIMEDOUT);
	if (!led && rc == 1)
		note_term(candidate);
	hbr_error_free(err);
	candidate->due = world.now + wait_ms * (SECOND / 1000);
	check();
}

static void begin(uint64_t seed)
{
	static const char *const holders[] = { "a", "b", "c" };

	memset(&world, 0, sizeof(world));
	memset(all, 0, sizeof(all));
	n_terms = 0;
	world.random = seed;
	world.now = SECOND;
	for (int i = 0; i < CANDIDATES; i++) {
		hbr_lease wanted = { .size = sizeof(wanted), .ns = "t", .name = "t",
			             .holder = holders[i] };
		hbr_error *err = NULL;

		ck_ok(kube_lease_begin(&all[i].lease, &wanted, &err), err);
	}
}

/* Steps are taken by the test only. */
static void begin_by_hand(void)
{
	begin(1);
	world.is_calm = true;
	for (int i = 0; i < CANDIDATES; i++)
		all[i].is_busy = true;
}

static struct candidate *leader(void)
{
	for (int i = 0; i < CANDIDATES; i++) {
		if (kube_lease_holds(&all[i].lease, world.now))
			return &all[i];
	}
	return NULL;
}

START_TEST(there_are_never_two_leaders_and_every_lead_has_its_term)
{
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		begin(seed);
		for (int i = 0; i < STEPS / 4; i++)
			pass(SECOND);
		world.is_calm = true;
		pass(60 * SECOND);
		ck_assert_ptr_nonnull(leader());
		ck_assert_uint_ge(n_terms, 1);
	}
}
END_TEST

START_TEST(a_candidate_leads_at_once_when_there_is_no_lease)
{
	begin_by_hand();
	step(&all[0]);
	ck_assert(kube_lease_holds(&all[0].lease, world.now));
	step(&all[1]);
	ck_assert(!kube_lease_holds(&all[1].lease, world.now));
}
END_TEST

START_TEST(a_killed_leader_is_followed_within_the_duration)
{
	begin(2);
	world.is_calm = true;
	pass(10 * SECOND);

	struct candidate *first = leader();
	int64_t died = world.now;

	ck_assert_ptr_nonnull(first);
	first->is_busy = true;
	while (!leader() || leader() == first)
		pass(SECOND / 10);
	/* Fifteen seconds after its last renewal was seen, and at most one pause later. */
	ck_assert_int_le(world.now - died, (15 + 4 + 1) * SECOND);
	ck_assert_int_ge(world.now - died, 10 * SECOND);
}
END_TEST

START_TEST(a_stopped_leader_does_not_lead_when_it_wakes)
{
	begin_by_hand();
	step(&all[0]);
	world.now += 11 * SECOND;
	ck_assert(!kube_lease_holds(&all[0].lease, world.now));

	hbr_error *err = NULL;
	uint32_t wait_ms;
	int32_t term = kube_lease_term(&all[0].lease);
	ck_assert_int_eq(kube_lease_step(&all[0].lease, &api, &wait_ms, &err), HBR_ETIMEDOUT);
	hbr_error_free(err);
	err = NULL;
	/* Nobody came: it may lead again, under a new number. */
	ck_assert_int_eq(kube_lease_step(&all[0].lease, &api, &wait_ms, &err), 1);
	ck_assert_int_gt(kube_lease_term(&all[0].lease), term);
}
END_TEST

START_TEST(a_released_lease_is_taken_at_once)
{
	hbr_error *err = NULL;

	begin_by_hand();
	step(&all[0]);
	step(&all[1]);
	ck_ok(kube_lease_release(&all[0].lease, &api, &err), err);
	ck_assert(!kube_lease_holds(&all[0].lease, world.now));
	step(&all[1]);
	ck_assert(kube_lease_holds(&all[1].lease, world.now));
}
END_TEST

START_TEST(a_lease_that_someone_deletes_is_lost_and_won_anew)
{
	hbr_error *err = NULL;
	uint32_t wait_ms;

	begin_by_hand();
	step(&all[0]);
	memset(&world.record, 0, sizeof(world.record));
	ck_assert_int_eq(kube_lease_step(&all[0].lease, &api, &wait_ms, &err), HBR_ETIMEDOUT);
	hbr_error_free(err);
	err = NULL;
	ck_assert_int_eq(kube_lease_step(&all[0].lease, &api, &wait_ms, &err), 1);
}
END_TEST

START_TEST(durations_that_are_not_safe_are_refused)
{
	static const hbr_lease bad[] = {
		{ .holder = "a", .duration_s = 10, .renew_s = 10 },
		{ .holder = "a", .duration_s = 15, .renew_s = 2, .retry_ms = 2000 },
		{ .holder = "", .duration_s = 15 },
		{ .holder = "a", .duration_s = 100000 },
	};

	for (size_t i = 0; i < hbr_count(bad); i++) {
		struct kube_lease lease;

		ck_assert_int_eq(kube_lease_begin(&lease, &bad[i], NULL), HBR_EINVAL);
	}
}
END_TEST

HBR_SUITE(kube_lease)
{
	tcase_add_test(tcase, there_are_never_two_leaders_and_every_lead_has_its_term);
	tcase_add_test(tcase, a_candidate_leads_at_once_when_there_is_no_lease);
	tcase_add_test(tcase, a_killed_leader_is_followed_within_the_duration);
	tcase_add_test(tcase, a_stopped_leader_does_not_lead_when_it_wakes);
	tcase_add_test(tcase, a_released_lease_is_taken_at_once);
	tcase_add_test(tcase, a_lease_that_someone_deletes_is_lost_and_won_anew);
	tcase_add_test(tcase, durations_that_are_not_safe_are_refused);
}
