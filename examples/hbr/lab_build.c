/* SPDX-License-Identifier: Apache-2.0 */
/* How a lab comes up: steps over all nodes, with a stand-in for Calico or with the real one. */
#include "lab.h"
#include "out.h"
#include "program.h"

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static void say(const struct lab *lab, const char *what)
{
	if (!lab->quiet)
		printf("[%6.2f] %s\n", elapsed_s(), what);
	fflush(stdout);
}

static int apply_stages(const struct lab *lab, const struct lab_node *node, uint32_t stages,
                        hbr_error **err)
{
	hbr_state *wanted = NULL;
	hbr_ctx *ctx = NULL;
	int rc = lab_node_ctx(lab, node, &ctx, err);

	if (rc == 0)
		rc = lab_node_state(lab, node, stages, false, &wanted, err);
	if (rc == 0)
		rc = lab_apply_state(ctx, wanted, 0, err);
	hbr_state_free(wanted);
	hbr_ctx_free(ctx);
	return rc;
}

static int links(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	return apply_stages(lab, node, HBR_STAGE_PREPARE | HBR_STAGE_LINKS, err);
}

static int router(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	return apply_stages(lab, node, HBR_STAGE_ROUTER | HBR_STAGE_SECONDARY, err);
}

static int api(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	(void)err;
	return node == &lab->nodes[lab->api] ? lab_kube_start(lab) : 0;
}

static int objects(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	int rc;

	(void)err;
	if (node != &lab->nodes[lab->api])
		return 0;
	rc = lab_kube_fill(lab);
	return rc < 0 ? rc : lab_kube_apply(lab);
}

static int calico(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	(void)err;
	return lab_calico_start(lab, node);
}

static int wire(const struct lab *lab, const struct lab_node *node, hbr_error **err)
{
	(void)err;
	return lab_pod_wire(lab, node);
}

struct phase {
	const char *text;
	int (*step)(const struct lab *lab, const struct lab_node *node, hbr_error **err);
};

/* BIRD before the routers: their first connect succeeds, and no retry timer is waited for. */
static const struct phase with_stand_in[] = {
	{ "links: namespaces, NICs, veth pairs, addresses, routes", links },
	{ "pods", lab_pods },
	{ "BIRD plays Calico's speaker", lab_bird_start },
	{ "routers", router },
	{ 0 },
};

/* The other way round here: over the routers the nodes find the API server. */
static const struct phase with_calico[] = {
	{ "links: namespaces, NICs, veth pairs, addresses, routes", links },
	{ "namespaces of the pods", lab_pods },
	{ "API server", api },
	{ "routers", router },
	{ "objects: nodes and pods by a stand-in for the kubelet, Calico's by hbr", objects },
	{ "Calico: start-up, confd, BIRD, Felix", calico },
	{ "pods, wired by Calico's CNI plugin", wire },
	{ 0 },
};

static int run_phase(const struct lab *lab, const struct phase *phase, hbr_error **err)
{
	for (size_t i = 0; i < lab->n; i++) {
		int rc = interrupted ? lab_fail("interrupted")
		                     : phase->step(lab, &lab->nodes[i], err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int lab_build(struct lab *lab, hbr_error **err)
{
	const struct phase *phase = lab->has_kube ? with_calico : with_stand_in;
	struct sigaction action = { .sa_handler = on_signal };
	int rc = lab_record(lab, err);

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (rc == 0)
		rc = lab_world(lab, err);
	if (rc == 0)
		say(lab, "fabric");
	for (; rc == 0 && phase->text; phase++) {
		rc = run_phase(lab, phase, err);
		if (rc == 0)
			say(lab, phase->text);
	}
	return rc;
}
