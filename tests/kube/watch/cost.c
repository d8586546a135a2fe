/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch of many objects costs, beside client-go's informer (clientgo/main.go), which prints
 * the same lines: kube_watch_cost fill N; kube_watch_cost whole|metadata N.
 */
#include "rig.h"

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

static int reflect(struct rig *rig, const char *what, long n)
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

	if (kube_watches_new(http, &auth, 1, &watches, NULL) < 0 ||
	    kube_watches_add(watches, &opts, NULL) < 0)
		return 1;
	while (!kube_watches_are_synced(watches) || n_told < n) {
		struct pollfd fd = { kube_watches_fd(watches), POLLIN, 0 };

		poll(&fd, 1, -1);
		if (kube_watches_drain(watches, &sink, NULL) < 0)
			return 1;
	}
	count = kube_watches_counted(watches);
	printf("libhbr %s: %ld objects in %.3f s, %.3f s of CPU, peak %ld KiB, %llu KiB read\n", what,
	       n_told, rig_seconds() - began, cpu_seconds(), rig_peak_kib(),
	       (unsigned long long)count.bytes >> 10);
	kube_watches_free(watches);
	http_free(http);
	return 0;
}

int main(int argc, char **argv)
{
	struct rig rig;
	int rc = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: kube_watch_cost fill|whole|metadata N\n");
		return 64;
	}
	rig_open(&rig);
	if (strcmp(argv[1], "fill") == 0) {
		rig_namespace(&rig);
		rig_fill(&rig, atoi(argv[2]));
	} else {
		rc = reflect(&rig, argv[1], atol(argv[2]));
	}
	rig_close(&rig);
	return rc;
}
