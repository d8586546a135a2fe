/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a site document to one node's plan, against libyaml's bare events over the same text; and
 * the texts of a router with as many neighbors, against copying and comparing their bytes:
 * bench_site [NODES [ROUNDS]]. CPU time, medians of per-round ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

#include "text/stanza.h"

#include "hbr/hbr.h"
#include "hbr/state.h"
#include "hbr/sys/resource.h"

#define ROUNDS_MAX 99
#define SITE_GOAL 1.3
#define DIFF_GOAL 3.0

enum { PARSE, SEAL, WORKER, REFLECTOR, PHASES };

static const struct {
	const char *name, *node;
	double goal; /* 0: none of its own */
} phases[PHASES] = {
	[PARSE] = { "parse", NULL, 0 },
	[SEAL] = { "parse, seal (lint)", NULL, 0 },
	[WORKER] = { "parse, seal, compile and diff a worker", "node9", SITE_GOAL },
	[REFLECTOR] = { "the same of a reflector", "node1", 0 },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One line a node, IPv4 only: as short as nodes that write their addresses can be. */
static void write_short(FILE *out, unsigned i)
{
	unsigned link = (10U << 24 | 64U << 16) + i * 4;
	unsigned uplink = (172U << 24 | 16U << 16) + i + 1;

	fprintf(out,
	        "  - {name: node%u, role: %s, host: [%u.%u.%u.%u/30], router: "
	        "[%u.%u.%u.%u/30], "
	        "uplink: [%u.%u.%u.%u/12]}\n",
	        i + 1, i < 3 ? "control-plane" : "worker", link >> 24, link >> 16 & 255,
	        link >> 8 & 255, (link & 255) + 1, link >> 24, link >> 16 & 255,
	        link >> 8 & 255, (link & 255) + 2, uplink >> 24, uplink >> 16 & 255,
	        uplink >> 8 & 255, uplink & 255);
}

/* What a generator writes that leaves nothing to defaults. */
static void write_full(FILE *out, unsigned i)
{
	unsigned link = i * 4, uplink = i + 1;

	fprintf(out,
	        "  - name: node%u\n"
	        "    role: %s\n"
	        "    index: %u\n"
	        "    asn: 64500\n"
	        "    routerId: 172.16.%u.%u\n"
	        "    mgmt: 192.168.%u.%u\n"
	        "    host:\n    - 10.64.%u.%u/30\n    - \"2001:db8:%x:%x::1/126\"\n"
	        "    router:\n    - 10.64.%u.%u/30\n    - \"2001:db8:%x:%x::2/126\"\n"
	        "    uplink:\n    - 172.16.%u.%u/16\n    - \"2001:db8:f::%x/64\"\n"
	        "    loopbacks:\n    - 10.128.%u.%u/32\n    - \"2001:db8:e::%x/128\"\n"
	        "    fabric:\n      uplink: ens4\n      mtu: 1500\n"
	        "    link:\n      host: veth-k8s\n      router: veth-crpd\n      mtu: 1500\n",
	        i + 1, i < 3 ? "control-plane" : "worker", i + 1, uplink >> 8, uplink & 255,
	        uplink >> 8, uplink & 255, link >> 8, (link & 255) + 1, 256 + (i >> 12),
	        i & 4095, link >> 8, (link & 255) + 2, 256 + (i >> 12), i & 4095, uplink >> 8,
	        uplink & 255, uplink, uplink >> 8, uplink & 255, uplink);
}

static const struct form {
	void (*write)(FILE *out, unsigned i);
	const char *reach;
} forms[] = {
	{ write_short, "10.64.0.0/10" },
	{ write_full, "10.64.0.0/10, \"2001:db8::/32\"" },
};

static char *write_site(unsigned nodes, const struct form *form, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		return NULL;
	fprintf(out,
	        "apiVersion: hbr.dev/v1alpha1\nkind: Site\nmetadata: {name: bench}\nspec:\n"
	        "  router: {engine: frr, netns: crpd, asn: 64500}\n"
	        "  fabric: {uplink: ens4}\n"
	        "  link: {host: veth-k8s, router: veth-crpd, reach: [%s]}\n"
	        "  calico: {asn: 64512}\n"
	        "  kubernetes: {podCIDRs: [100.64.0.0/10], serviceCIDRs: [10.0.0.0/16]}\n"
	        "  nodes:\n",
	        form->reach);
	for (unsigned i = 0; i < nodes; i++)
		form->write(out, i);
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
	hbr_scope scope = { .size = sizeof(scope), .node = phases[phase].node };
	hbr_topology *topology = NULL;
	hbr_state *wanted = NULL, *have = NULL;
	hbr_plan *plan = NULL;
	int rc = hbr_topology_parse(text, size, "bench", &topology, err);

	if (rc == 0 && phase >= SEAL)
		rc = hbr_topology_seal(topology, err);
	if (rc == 0 && phase >= WORKER)
		rc = hbr_compile(topology, &scope, &wanted, err);
	/* Of a machine where nothing is yet. */
	if (rc == 0 && phase >= WORKER)
		rc = hbr_state_new(&have, err);
	if (rc == 0 && phase >= WORKER)
		rc = hbr_plan_make(wanted, have, 0, &plan, err);
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

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), by_size);
	return values[n / 2];
}

static void print(const char *name, double ratio, double goal)
{
	printf("| %-40s | %8.2f |", name, ratio);
	if (goal > 0)
		printf(" %.1f | %s |\n", goal, ratio <= goal ? "met" : "missed");
	else
		printf(" | |\n");
}

static int bench_document(const char *text, size_t size, unsigned nodes, unsigned rounds,
                          hbr_error **err)
{
	double raw_ms[ROUNDS_MAX], ratio[PHASES][ROUNDS_MAX];

	for (unsigned round = 0; round < rounds; round++) {
		double start = now();

		if (raw_events(text, size) < 0)
			return -1;
		raw_ms[round] = now() - start;
		for (int phase = 0; phase < PHASES; phase++) {
			start = now();
			if (library(text, size, phase, err) < 0)
				return -1;
			ratio[phase][round] = (now() - start) / raw_ms[round];
		}
	}
	printf("\n%u nodes, %zu bytes each, %u rounds; libyaml events: 1 = %.1f ms of CPU\n\n"
	       "| | ratio | goal | |\n|---|---|---|---|\n",
	       nodes, size / nodes, rounds, median(raw_ms, rounds));
	for (int phase = 0; phase < PHASES; phase++)
		print(phases[phase].name, median(ratio[phase], rounds), phases[phase].goal);
	return 0;
}

/* The configuration of a reflector, whose neighbors all the other nodes are. */
static int router_text(const char *text, size_t size, hbr_text **out, hbr_error **err)
{
	hbr_scope scope = { .size = sizeof(scope),
		            .node = "node1",
		            .stages = HBR_STAGE_ROUTER };
	hbr_topology *topology = NULL;
	hbr_state *wanted = NULL;
	int rc = hbr_topology_parse(text, size, "bench", &topology, err);

	if (rc == 0)
		rc = hbr_topology_seal(topology, err);
	if (rc == 0)
		rc = hbr_compile(topology, &scope, &wanted, err);
	if (rc == 0)
		rc = hbr_state_text(wanted, "config:crpd/frr", out, err);
	hbr_state_free(wanted);
	hbr_topology_free(topology);
	return rc;
}

/* Two texts that differ in their last neighbor. */
static int bench_diff(const char *text, unsigned nodes, unsigned rounds, hbr_error **err)
{
	double ratio[ROUNDS_MAX], ms[ROUNDS_MAX];
	size_t n = strlen(text);
	char *other = strdup(text);
	char *last = other ? strstr(other + n * 9 / 10, "description ") : NULL;

	if (!last)
		return -1;
	last[strlen("description ")] = 'x';
	for (unsigned round = 0; round < rounds; round++) {
		struct buf lines = BUF_INIT;
		size_t changes = 0;
		double start = now();
		/* As often as it takes to be seen by the clock. */
		for (int i = 0; i < 100; i++)
			changes += memcmp(text, other, n) != 0;
		double raw = (now() - start) / 100;

		start = now();
		if (stanza_diff(text, other, &lines, &changes, err) < 0 || !changes)
			return -1;
		ms[round] = now() - start;
		ratio[round] = ms[round] / raw;
		buf_free(&lines);
	}
	free(other);
	printf("\n%u neighbors, %zu bytes of configuration; the diff: %.1f ms of CPU\n\n"
	       "| | ratio | goal | |\n|---|---|---|---|\n",
	       nodes - 1, n, median(ms, rounds));
	print("diff, one line differs, of memcmp", median(ratio, rounds), DIFF_GOAL);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned nodes = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 9;
	hbr_text *router = NULL;
	hbr_error *err = NULL;
	int rc = 0;

	if (nodes < 9 || nodes > 16000 || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: bench_site [NODES [ROUNDS]]\n", stderr);
		return 64;
	}
	for (size_t i = 0; i < 2 && rc == 0; i++) {
		size_t size = 0;
		char *text = write_site(nodes, &forms[i], &size);

		rc = text ? bench_document(text, size, nodes, rounds, &err) : -1;
		if (rc == 0 && i == 0)
			rc = router_text(text, size, &router, &err);
		free(text);
	}
	if (rc == 0)
		rc = bench_diff(hbr_text_data(router), nodes, rounds, &err);
	if (rc < 0)
		fprintf(stderr, "bench: %s\n", hbr_error_message(err));
	hbr_text_free(router);
	return rc < 0;
}
