/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch of many objects costs, beside client-go's informer (clientgo/main.go), which prints
 * the same lines. HBR_KUBE_COST says what to do: fill, whole, metadata. See ./cost.
 */
#include "rig.h"

#include "lib/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static long n_told;

static int put(hbr_sink *sink, const hbr_resource *resource, hbr_error **err)
{
	(void)sink;
	(void)resource;
	(void)err;
	n_told++;
	return 0;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void reflect(struct rig *rig, const char *what, long n)
{
	bool is_whole = strcmp(what, "whole") == 0;
	struct kube_watch_opts opts = {
		.path = "/api/v1/namespaces/" RIG_NS "/configmaps",
		.api_version = "v1",
		.kind = "ConfigMap",
		.form = is_whole ? KUBE_WHOLE : KUBE_METADATA,
	};
	struct http *http = rig_http(rig, rig->port);
	struct kube_auth auth = rig_auth(rig);
	struct kube_watches *watches;
	struct kube_watch_count count;
	hbr_sink sink = { .put = put };
	double began = rig_seconds();

	ck_assert_int_eq(kube_watches_new(http, &auth, 1, &watches, NULL), 0);
	ck_assert_int_eq(kube_watches_add(watches, &opts, NULL), 0);
	while (!kube_watches_are_synced(watches) || n_told < n) {
		struct pollfd fd = { kube_watches_fd(watches), POLLIN, 0 };

		poll(&fd, 1, -1);
		ck_assert_int_eq(kube_watches_drain(watches, &sink, NULL), 0);
	}
	count = kube_watches_counted(watches);
	printf("libhbr %s: %ld objects in %.3f s, %.3f s of CPU, peak %ld KiB, %llu KiB read\n", what,
	       n_told, rig_seconds() - began, cpu_seconds(), rig_peak_kib(),
	       (unsigned long long)count.bytes >> 10);
	kube_watches_free(watches);
	http_free(http);
}

/* Prints figures; what they should be is judged by whoever asked for them. */
START_TEST(the_cost_of_a_watch)
{
	const char *what = getenv("HBR_KUBE_COST");
	const char *objects = getenv("HBR_KUBE_OBJECTS");
	int n = objects ? atoi(objects) : 10000;
	struct rig rig;

	if (!what)
		return;
	rig_open(&rig);
	if (strcmp(what, "fill") == 0) {
		rig_namespace(&rig);
		rig_fill(&rig, n);
	} else {
		reflect(&rig, what, n);
	}
	rig_close(&rig);
}
END_TEST

HBR_SUITE(cost)
{
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, the_cost_of_a_watch);
}
