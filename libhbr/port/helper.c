/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that goes into network namespaces: one at a time, one job at a time. */
#include "port/helper.h"

#include "port/netns.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

struct helper {
	int home;
	pthread_t thread;
	bool started;
	sem_t ready, done;
	/* The job; fn NULL ends the thread. */
	int netns;
	int (*fn)(void *user);
	void *user;
	int result;
	int system; /* errno of setns, or 0 */
};

static void await(sem_t *sem)
{
	while (sem_wait(sem) < 0 && errno == EINTR)
		;
}

static void *serve(void *arg)
{
	struct helper *helper = arg;

	for (;;) {
		await(&helper->ready);
		if (!helper->fn)
			return NULL;
		helper->system = 0;
		if (helper->netns >= 0 && setns(helper->netns, CLONE_NEWNET) < 0)
			helper->system = errno;
		else
			helper->result = helper->fn(helper->user);
		/* Whoever waits inside keeps the namespace alive. */
		setns(helper->home, CLONE_NEWNET);
		sem_post(&helper->done);
	}
}

static int start(struct helper *helper, hbr_error **err)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&helper->thread, NULL, serve, helper);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return hbr_fail_errno(err, HBR_ESYSTEM, rc, NULL, "cannot start a thread");
	helper->started = true;
	return 0;
}

int helper_new(int home, struct helper **out, hbr_error **err)
{
	struct helper *helper = calloc(1, sizeof(*helper));
	if (!helper)
		return hbr_oom(err);

	helper->home = home;
	sem_init(&helper->ready, 0, 0);
	sem_init(&helper->done, 0, 0);
	*out = helper;
	return 0;
}

int helper_run(struct helper *helper, int netns, int (*fn)(void *user), void *user,
	       hbr_error **err)
{
	if (helper->started && pthread_equal(pthread_self(), helper->thread))
		return hbr_fail(
			err, HBR_EBUSY, NULL,
			"a function that runs inside a namespace may not enter another");
	if (!helper->started) {
		int rc = start(helper, err);
		if (rc < 0)
			return rc;
	}
	helper->netns = netns;
	helper->fn = fn;
	helper->user = user;
	sem_post(&helper->ready);
	await(&helper->done);
	if (helper->system)
		return hbr_fail_errno(err, port_code(helper->system), helper->system, NULL,
				      "cannot enter the network namespace");
	return helper->result;
}

void helper_free(struct helper *helper)
{
	if (!helper)
		return;
	if (helper->started) {
		helper->fn = NULL;
		sem_post(&helper->ready);
		pthread_join(helper->thread, NULL);
	}
	sem_destroy(&helper->ready);
	sem_destroy(&helper->done);
	free(helper);
}
