/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leader election of three processes on a real Lease: they are killed, stopped and woken. Each acts
 * as often as it can while it leads, on something that refuses what is of an older term.
 */
#include "rig.h"

#include "base/wake.h"
#include "lib/test.h"
#include "port/kube_lease_port.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANDIDATES 3
#define DURATION_S 4
#define RENEW_S 3
#define RETRY_MS 400
#define ACT_MS 5

/* What is led, in memory of all processes. */
struct led {
	atomic_int term;  /* the highest that acted */
	atomic_int actor; /* who did last */
	atomic_long acts, refused, changes, overlaps;
	atomic_long last_ns[CANDIDATES]; /* when each acted last */
	atomic_long step_s[CANDIDATES];  /* how far its wall clock is off */
};

static struct rig rig;
static struct led *led;
static pid_t pids[CANDIDATES];

static void act(int who, int term)
{
	int highest = atomic_load(&led->term);

	/* Fencing: who is late is known by its term. */
	if (term < highest) {
		atomic_fetch_add(&led->refused, 1);
		return;
	}
	if (term > highest && atomic_compare_exchange_strong(&led->term, &highest, term)) {
		atomic_store(&led->actor, who);
		atomic_fetch_add(&led->changes, 1);
	}
	if (atomic_load(&led->actor) != who)
		atomic_fetch_add(&led->overlaps, 1);
	atomic_store(&led->last_ns[who], wake_boottime());
	atomic_fetch_add(&led->acts, 1);
}

static void compete(int who)
{
	static const char *const names[] = { "first", "second", "third" };
	hbr_lease lease = { .size = sizeof(lease),
		            .ns = RIG_NS,
		            .name = "leader",
		            .holder = names[who],
		            .duration_s = DURATION_S,
		            .renew_s = RENEW_S,
		            .retry_ms = RETRY_MS };
	struct http *http = rig_http(&rig, rig.port);
	struct kube_auth auth = rig_auth(&rig);
	struct kube_election *election;
	hbr_call call = { .cancel_fd = -1 };

	rig_clock(&led->step_s[who]);
	if (kube_election_new(http, &auth, &lease, &election, NULL) < 0)
		_exit(1);
	for (;;) {
		uint32_t wait_ms;
		int64_t due;

		kube_election_step(election, &call, &wait_ms, NULL);
		due = wake_now() + wait_ms * WAKE_MS;
		while (wake_now() < due) {
			if (kube_election_holds(election))
				act(who, kube_election_term(election));
			poll(NULL, 0, ACT_MS);
		}
	}
}

static void start(int who)
{
	pids[who] = fork();
	if (pids[who])
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	compete(who);
}

/* Who acted within the last 200 ms; -1: nobody. */
static int leader(void)
{
	int64_t now = wake_boottime();

	for (int i = 0; i < CANDIDATES; i++) {
		if (now - atomic_load(&led->last_ns[i]) < 200 * WAKE_MS)
			return i;
	}
	return -1;
}

/* Waits for another leader than that one; how long it took, in seconds. */
static double wait_for_other(int than, double limit)
{
	double began = rig_seconds();

	while (rig_seconds() - began < limit) {
		int now = leader();

		if (now >= 0 && now != than)
			return rig_seconds() - began;
		poll(NULL, 0, 20);
	}
	ck_abort_msg("nobody follows within %.0f s", limit);
	return 0;
}

static void forget_lease(void)
{
	struct http *http = rig_http(&rig, rig.port);

	rig_call(http, &rig, "DELETE",
	         "/apis/coordination.k8s.io/v1/namespaces/" RIG_NS "/leases/leader", NULL,
	         NULL);
	http_free(http);
}

static void begin(void)
{
	rig_open(&rig);
	rig_namespace(&rig);
	forget_lease();
	led = mmap(NULL, sizeof(*led), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	           0);
	ck_assert_ptr_ne(led, MAP_FAILED);
	atomic_store(&led->actor, -1);
	atomic_store(&led->term, -1);
	for (int i = 0; i < CANDIDATES; i++)
		start(i);
	wait_for_other(-1, 10);
}

static void end(const char *what, double longest)
{
	for (int i = 0; i < CANDIDATES; i++)
		rig_end(pids[i]);
	ck_assert_int_eq(atomic_load(&led->overlaps), 0);
	printf("lease, %s: %ld acts, %ld leads, %ld late acts fenced, hand-over in %.1f s at "
	       "most, with a duration of %d s\n",
	       what, atomic_load(&led->acts), atomic_load(&led->changes),
	       atomic_load(&led->refused), longest, DURATION_S);
	fflush(stdout);
	rig_close(&rig);
}

START_TEST(a_killed_leader_is_followed_by_one_other)
{
	double longest = 0;

	begin();
	for (int i = 0; i < 3; i++) {
		int old = leader();
		double took;

		ck_assert_int_ge(old, 0);
		rig_end(pids[old]);
		took = wait_for_other(old, DURATION_S + 3);
		longest = took > longest ? took : longest;
		start(old);
	}
	end("SIGKILL", longest);
}
END_TEST

START_TEST(a_stopped_leader_does_not_act_when_it_wakes)
{
	double longest = 0;

	begin();
	for (int i = 0; i < 3; i++) {
		int old = leader();
		double took;
		long acts;

		ck_assert_int_ge(old, 0);
		kill(pids[old], SIGSTOP);
		took = wait_for_other(old, DURATION_S + 3);
		longest = took > longest ? took : longest;
		acts = atomic_load(&led->last_ns[old]);
		kill(pids[old], SIGCONT);
		poll(NULL, 0, 3 * RETRY_MS);
		ck_assert_int_eq(atomic_load(&led->last_ns[old]), acts);
	}
	end("SIGSTOP", longest);
}
END_TEST

START_TEST(a_short_stop_costs_nobody_the_lead)
{
	int old;

	begin();
	old = leader();
	ck_assert_int_ge(old, 0);
	for (int i = 0; i < 3; i++) {
		kill(pids[old], SIGSTOP);
		poll(NULL, 0, 1000);
		kill(pids[old], SIGCONT);
		poll(NULL, 0, 2 * RETRY_MS);
		ck_assert_int_eq(leader(), old);
	}
	ck_assert_int_eq(atomic_load(&led->changes), 1);
	end("short SIGSTOP", 0);
}
END_TEST

/* The renewTime of the record: the wall clock of who renewed it. */
static bool is_renewed_in(const char *year)
{
	struct http *http = rig_http(&rig, rig.port);
	struct http_reply reply = { .body = BUF_INIT };
	char text[32];
	bool found;

	ck_assert_int_eq(rig_call(http, &rig, "GET",
	                          "/apis/coordination.k8s.io/v1/namespaces/" RIG_NS
	                          "/leases/leader",
	                          NULL, &reply),
	                 200);
	snprintf(text, sizeof(text), "\"renewTime\":\"%s-", year);
	found = strstr(reply.body.data, text) != NULL;
	http_reply_free(&reply);
	http_free(http);
	return found;
}

/* Seconds from now to the middle of that year. */
static long until_year(int year)
{
	struct tm there = { .tm_year = year - 1900, .tm_mon = 6, .tm_mday = 1 };

	return (long)(timegm(&there) - time(NULL));
}

START_TEST(a_wall_clock_that_is_stepped_changes_nothing)
{
	static const char *const years[] = { "2001", "2061" };
	double longest = 0;

	begin();
	for (int i = 0; i < 2; i++) {
		int old = leader();
		double took;

		ck_assert_int_ge(old, 0);
		/* The leader's, and while it is off that of one who waits, the other way. */
		atomic_store(&led->step_s[old], until_year(atoi(years[i])));
		atomic_store(&led->step_s[(old + 1) % CANDIDATES],
		             until_year(atoi(years[1 - i])));
		for (int beat = 0; beat < 3 * DURATION_S * 5; beat++) {
			int now = leader();

			poll(NULL, 0, 200);
			ck_assert(now == old || now < 0);
		}
		ck_assert(is_renewed_in(years[i]));
		ck_assert_int_eq(atomic_load(&led->changes), i + 1);
		/* What it left says a time of another age, and is followed all the same. */
		rig_end(pids[old]);
		took = wait_for_other(old, DURATION_S + 3);
		longest = took > longest ? took : longest;
		for (int k = 0; k < CANDIDATES; k++)
			atomic_store(&led->step_s[k], 0);
		start(old);
	}
	end("clock step", longest);
}
END_TEST

HBR_SUITE(lease)
{
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_killed_leader_is_followed_by_one_other);
	tcase_add_test(tcase, a_stopped_leader_does_not_act_when_it_wakes);
	tcase_add_test(tcase, a_short_stop_costs_nobody_the_lead);
	tcase_add_test(tcase, a_wall_clock_that_is_stepped_changes_nothing);
}
