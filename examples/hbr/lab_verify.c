/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying a lab: every node's own conditions plus pod to pod, shown as two matrices. */
#include "lab.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What one cell of a matrix has seen, per family. */
struct cell {
	uint16_t wanted, held;
};

struct matrices {
	struct cell session[LAB_NODES_MAX][LAB_NODES_MAX][2];
	struct cell calico[LAB_NODES_MAX][2];
	struct cell ping[LAB_NODES_MAX][LAB_NODES_MAX][2];
	struct lab_result *result;
};

static bool same_host(const hbr_addr *a, const hbr_addr *b)
{
	return a->family && a->family == b->family &&
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

/* The node that has this address as an uplink, a veth end or a pod; lab->n when none has. */
static size_t whose(const struct lab *lab, const hbr_addr *addr)
{
	unsigned int family = addr->family == 6;

	for (size_t i = 0; i < lab->n; i++)
		if (same_host(&lab->nodes[i].uplink[family], addr) ||
		    same_host(&lab->nodes[i].host[family], addr) ||
		    same_host(&lab->nodes[i].router[family], addr) ||
		    same_host(&lab->nodes[i].pod[family], addr))
			return i;
	return lab->n;
}

static void note(struct cell *cell, bool holds)
{
	cell->wanted++;
	cell->held += holds;
}

static void note_expect(const struct lab *lab, struct matrices *m, size_t node,
			const hbr_expect *expect, bool holds)
{
	unsigned int family = expect->addr.family == 6;
	size_t other = whose(lab, &expect->addr);

	if (other == lab->n)
		return;
	if (expect->type == HBR_EXPECT_SESSION && other == node)
		note(&m->calico[node][family], holds);
	else if (expect->type == HBR_EXPECT_SESSION)
		note(&m->session[node][other][family], holds);
	else if (expect->type == HBR_EXPECT_PING && other != node) {
		note(&m->ping[node][other][family], holds);
		m->result->pings++;
		m->result->pings_ok += holds;
	}
}

/* Does the condition with this key hold? A key without finding was not looked at: it does not. */
static bool key_holds(const hbr_status *status, const char *key)
{
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++)
		if (strcmp(finding.path, key) == 0)
			return finding.level == HBR_LEVEL_INFO;
	return false;
}

static void print_failures(const struct lab_node *node, const hbr_status *status, bool verbose)
{
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; hbr_status_get(status, i, &finding) == 0; i++) {
		if (finding.level == HBR_LEVEL_INFO && !verbose)
			continue;
		printf("%s: %s %s: %s", node->name,
		       finding.level == HBR_LEVEL_INFO ? "ok" : "FAIL", finding.path,
		       finding.message);
		if (finding.level != HBR_LEVEL_INFO && finding.expected)
			printf(" (expected %s, found %s)", finding.expected,
			       finding.found ? finding.found : "nothing");
		putchar('\n');
		if (finding.level != HBR_LEVEL_INFO && finding.hint)
			printf("    hint: %s\n", finding.hint);
	}
}

static int verify_node(const struct lab *lab, size_t index, uint32_t wait_ms, bool verbose,
		       struct matrices *m, hbr_error **err)
{
	const struct lab_node *node = &lab->nodes[index];
	hbr_item item = { .size = sizeof(item) };
	hbr_status *status = NULL;
	hbr_state *wanted = NULL;
	hbr_ctx *ctx = NULL;
	int rc = lab_node_ctx(lab, node, &ctx, err);

	if (rc == 0)
		rc = lab_node_state(lab, node, 0, true, &wanted, err);
	if (rc == 0)
		rc = hbr_verify(ctx, wanted, wait_ms, &status, err);
	for (size_t i = 0; rc == 0 && hbr_state_get(wanted, i, &item) == 0; i++)
		if (item.kind == HBR_KIND_EXPECT)
			note_expect(lab, m, index, hbr_state_at(wanted, i)->body,
				    key_holds(status, item.key));
	if (rc == 0) {
		print_failures(node, status, verbose);
		m->result->conditions += hbr_status_count(status, HBR_LEVEL_INFO);
		m->result->failed += hbr_status_count(status, HBR_LEVEL_ERROR);
	}
	hbr_status_free(status);
	hbr_state_free(wanted);
	hbr_ctx_free(ctx);
	return rc;
}

/* "46": both families; a failed family shows as '!'; '.' where nothing is expected. */
static void print_cell(const struct cell cell[2])
{
	char text[3] = "..";

	for (unsigned int family = 0; family < 2; family++)
		if (cell[family].wanted)
			text[family] = cell[family].held < cell[family].wanted ? '!' :
				       family				       ? '6' :
										 '4';
	printf("  %8s", text);
}

static void print_matrix(const struct lab *lab, const char *title,
			 struct cell cells[LAB_NODES_MAX][LAB_NODES_MAX][2],
			 struct cell last[LAB_NODES_MAX][2])
{
	printf("\n%-16s", title);
	for (size_t j = 0; j < lab->n; j++)
		printf("  %8.8s", lab->nodes[j].name);
	printf("%s\n", last ? "    calico" : "");
	for (size_t i = 0; i < lab->n; i++) {
		printf("%-16s", lab->nodes[i].name);
		for (size_t j = 0; j < lab->n; j++)
			print_cell(cells[i][j]);
		if (last)
			print_cell(last[i]);
		putchar('\n');
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Asks again until it is ready or the time is over; at least once. */
static bool becomes_ready(const struct lab *lab, const struct lab_node *node, double until)
{
	static const struct timespec pause = { .tv_nsec = 200000000 };

	while (!lab_calico_ready(lab, node)) {
		if (now() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static void verify_calico(const struct lab *lab, double until, bool verbose,
			  struct lab_result *result)
{
	for (size_t i = 0; lab->has_kube && i < lab->n; i++) {
		const struct lab_node *node = &lab->nodes[i];
		bool holds = becomes_ready(lab, node, until);

		result->conditions++;
		result->ready += holds;
		result->failed += !holds;
		if (!holds)
			printf("%s: FAIL calico: its readiness probe says no: %s/calico/ready.log\n",
			       node->name, node->dir);
		else if (verbose)
			printf("%s: ok calico: ready\n", node->name);
	}
}

static void print_json(const struct lab *lab, const struct lab_result *result)
{
	printf("{\"apiVersion\": \"hbr.dev/v1alpha1\", \"kind\": \"LabVerification\", "
	       "\"lab\": \"%s\", \"nodes\": %zu, \"conditions\": %zu, \"failed\": %zu, "
	       "\"pings\": %zu, \"answered\": %zu, \"calicoReady\": %zu, \"seconds\": %.3f}\n",
	       lab->name, lab->n, result->conditions, result->failed, result->pings,
	       result->pings_ok, result->ready, result->seconds);
}

int lab_verify(const struct lab *lab, uint32_t wait_ms, bool json, bool verbose,
	       struct lab_result *result, hbr_error **err)
{
	static struct matrices m; /* 100 KiB: not for the stack */
	double start = now();

	memset(&m, 0, sizeof(m));
	memset(result, 0, sizeof(*result));
	m.result = result;
	for (size_t i = 0; i < lab->n; i++) {
		double spent = (now() - start) * 1000;
		uint32_t left = spent < wait_ms ? wait_ms - (uint32_t)spent : 0;
		int rc = verify_node(lab, i, left, verbose, &m, err);

		if (rc < 0)
			return rc;
	}
	verify_calico(lab, start + wait_ms / 1000.0, verbose, result);
	result->seconds = now() - start;
	if (json) {
		print_json(lab, result);
		return 0;
	}
	if (!lab->quiet) {
		print_matrix(lab, "sessions", m.session, m.calico);
		print_matrix(lab, "pings", m.ping, NULL);
	}
	if (lab->has_kube)
		printf("\n%zu of %zu nodes: Calico's readiness probe is green", result->ready,
		       lab->n);
	printf("\n%zu of %zu pings, %zu of %zu conditions hold, %.1f s\n", result->pings_ok,
	       result->pings, result->conditions - result->failed, result->conditions,
	       result->seconds);
	return 0;
}
