/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a site document to one node's plan, against libyaml's bare events over the same text:
 * bench_site [NODES [ROUNDS]]. Medians of per-round ratios; times are for orientation only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

#include "hbr/hbr.h"

#define ROUNDS_MAX 99

enum { PARSE, SEAL, PLAN, PHASES };

static const char *const names[PHASES] = { "parse", "parse, seal (lint)",
	                                   "parse, seal, compile, plan" };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* An explicit site: every node is written out with its addresses, as in the reference. */
static char *write_site(unsigned nodes, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	fputs("apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: bench}\nspec:\n"
	      "  router: {engine: frr, netns: crpd, asn: 64500}\n"
	      "  fabric: {uplink: ens4}\n"
	      "  link: {host: veth-k8s, router: veth-crpd, reach: [10.64.0.0/10]}\n"
	      "  calico: {asn: 64512}\n"
	      "  kubernetes: {podCIDRs: [100.64.0.0/10], serviceCIDRs: [10.0.0.0/16]}\n"
	      "  nodes:\n",
	      out);
	for (unsigned i = 0; i < nodes; i++) {
		unsigned link = 10U << 24 | 64U << 16, uplink = 172U << 24 | 16U << 16;

		link += i * 4;
		uplink += i + 1;
		fprintf(out,
		        "  - {name: node%u, role: %s, host: [%u.%u.%u.%u/30], "
		        "router: [%u.%u.%u.%u/30], uplink: [%u.%u.%u.%u/12]}\n",
		        i + 1, i < 3 ? "control-plane" : "worker", link >> 24, link >> 16 & 255,
		        link >> 8 & 255, (link & 255) + 1, link >> 24, link >> 16 & 255,
		        link >> 8 & 255, (link & 255) + 2, uplink >> 24, uplink >> 16 & 255,
		        uplink >> 8 & 255, uplink & 255);
	}
	fclose(out);
	return text;
}

/* The least that anyone who reads YAML with libyaml must spend. */
static int raw_events(const char *text, size_t size)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int done = 0, ok = 1;

	if (!yaml_parser_initialize(&parser))
		return -1;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	while (!done && (ok = yaml_parser_parse(&parser, &event))) {
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok ? 0 : -1;
}

static int library(const char *text, size_t size, int phase, hbr_error **err)
{
	hbr_scope scope = { .size = sizeof(scope), .node = "node1" };
	hbr_topology *topology = NULL;
	hbr_state *wanted = NULL, *have = NULL;
	hbr_plan *plan = NULL;
	int rc = hbr_topology_parse(text, size, "bench", &topology, err);

	if (rc == 0 && phase >= SEAL)
		rc = hbr_topology_seal(topology, err);
	if (rc == 0 && phase >= PLAN) {
		rc = hbr_compile(topology, &scope, &wanted, err);
		if (rc ==
		    0) /* against itself: the diff of a node where nothing is to be done */
			rc = hbr_compile(topology, &scope, &have, err);
		if (rc == 0)
			rc = hbr_plan_make(wanted, have, 0, &plan, err);
	}
	hbr_plan_free(plan);
	hbr_state_free(have);
	hbr_state_free(wanted);
	hbr_topology_free(topology);
	return rc;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned nodes = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 9;
	double raw_ms[ROUNDS_MAX], ratio[PHASES][ROUNDS_MAX];
	hbr_error *err = NULL;
	size_t size = 0;
	char *text;

	if (nodes < 1 || nodes > 16000 || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: bench_site [NODES [ROUNDS]]\n", stderr);
		return 64;
	}
	text = write_site(nodes, &size);
	if (!text)
		return 1;
	for (unsigned round = 0; round < rounds; round++) {
		double start = now();

		if (raw_events(text, size) < 0)
			return 1;
		raw_ms[round] = now() - start;
		for (int phase = 0; phase < PHASES; phase++) {
			start = now();
			if (library(text, size, phase, &err) < 0) {
				fprintf(stderr, "%s\n", hbr_error_message(err));
				return 1;
			}
			ratio[phase][round] = (now() - start) / raw_ms[round];
		}
	}
	qsort(raw_ms, rounds, sizeof(double), by_size);
	printf("%u nodes, %zu bytes, %u rounds; libyaml events: 1 = %.1f ms\n", nodes, size,
	       rounds, raw_ms[rounds / 2]);
	for (int phase = 0; phase < PHASES; phase++) {
		qsort(ratio[phase], rounds, sizeof(double), by_size);
		printf("| %-27s | %5.2f |\n", names[phase], ratio[phase][rounds / 2]);
	}
	free(text);
	return 0;
}
