/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API server of a lab with the real Calico: it runs in the first control plane's namespace and
 * the other nodes reach it over the fabric. What a cluster has before libhbr comes is written here
 * (Calico's kinds and roles, nodes, pods); all else is the cluster scope's.
 */
#include "lab.h"
#include "program.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KUBE_VERSION "v1.28.15"

void lab_addr_text(const hbr_addr *addr, char buf[LAB_ADDR_TEXT])
{
	*buf = 0;
	if (addr->family)
		inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->bytes, buf,
		          LAB_ADDR_TEXT);
}

static int find_stack(const struct lab *lab)
{
	static const char *const needed[] = { "bin/kube-api",
		                              "bin/etcd",
		                              "bin/confd",
		                              "bin/calico",
		                              "bin/calico-ipam",
		                              "bin/calico-node",
		                              "bin/multus",
		                              "multus/crds.yaml",
		                              "kube/" KUBE_VERSION "/kube-apiserver",
		                              "kube/" KUBE_VERSION "/kubectl",
		                              "calico/crds.yaml",
		                              "calico/rbac.yaml" };
	char path[512];

	for (size_t i = 0; i < LENGTH(needed); i++) {
		snprintf(path, sizeof(path), "%s/%s", lab->stack, needed[i]);
		if (access(path, R_OK) < 0)
			return lab_fail("%s is missing; 'tests/kube/build' of libhbr's sources "
			                "builds it, --stack DIR names another place",
			                path);
	}
	return 0;
}

/* Which kind of lab it is, the option says before it is up, and its folder afterwards. */
int lab_kube_open(struct lab *lab, bool wanted, const char *site_file, const char *stack)
{
	static char standard[256];
	const char *cache = getenv("HBR_TEST_CACHE"), *home = getenv("HOME");

	snprintf(standard, sizeof(standard), "%s%s",
	         cache  ? cache
	         : home ? home
	                : "",
	         cache ? "" : "/.cache/hbr-test");
	snprintf(lab->kube, sizeof(lab->kube), "%.63s/kube", lab->dir);
	lab->stack = stack ? stack : standard;
	lab->site_file = site_file ? site_file : DEFAULT_SITE;
	lab->has_kube = wanted || access(lab->kube, F_OK) == 0;
	if (wanted && !lab->has_api)
		return lab_fail("the site has no control plane: no node runs the API server");
	if (wanted && strcmp(lab->site_file, "-") == 0)
		return lab_fail("--calico real reads the site twice: it wants a file");
	return 0;
}

int lab_kube_start(const struct lab *lab)
{
	const struct lab_node *home = &lab->nodes[lab->api];
	char script[512], log[128], cache[512], address[LAB_ADDR_TEXT];
	char *argv[] = {
		script,  "up", (char *)lab->kube, "--netns", (char *)home->netns, "--address",
		address, NULL
	};
	char *env[] = { cache, NULL };
	struct lab_program program = {
		.netns = home->netns, .argv = argv, .env = env, .log = log
	};
	int rc = find_stack(lab);

	if (rc < 0)
		return rc;
	snprintf(script, sizeof(script), "%s/bin/kube-api", lab->stack);
	snprintf(cache, sizeof(cache), "HBR_TEST_CACHE=%s", lab->stack);
	snprintf(log, sizeof(log), "%s/kube.log", lab->dir);
	lab_addr_text(&home->host[home->host[0].family ? 0 : 1], address);
	return lab_must(&program, "the API server");
}

/* kubectl with up to six words; it reads `input` where one of them says "-". */
static int kubectl(const struct lab *lab, const char *const words[6], const char *input)
{
	char path[512], config[160], log[128];
	char *argv[10] = { path, config };
	struct lab_program program = {
		.netns = lab->nodes[lab->api].netns, .argv = argv, .input = input, .log = log
	};
	char what[64];

	snprintf(path, sizeof(path), "%s/kube/" KUBE_VERSION "/kubectl", lab->stack);
	snprintf(config, sizeof(config), "--kubeconfig=%s/admin.kubeconfig", lab->kube);
	snprintf(log, sizeof(log), "%s/kubectl.log", lab->dir);
	for (size_t i = 0; i < 6 && words[i]; i++)
		argv[2 + i] = (char *)words[i];
	snprintf(what, sizeof(what), "kubectl %.20s", words[0]);
	return lab_must(&program, what);
}

/* What the kubelets would register. */
static void write_nodes(const struct lab *lab, FILE *out)
{
	fputs("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [", out);
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_node *node = &lab->nodes[i];
		const char *comma = "";

		fprintf(out,
		        "%s\n{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": "
		        "{\"name\": "
		        "\"%s\", \"labels\": {\"kubernetes.io/hostname\": \"%s\", "
		        "\"kubernetes.io/os\": \"linux\"}}, \"status\": {\"conditions\": "
		        "[{\"type\": "
		        "\"Ready\", \"status\": \"True\"}], \"addresses\": [",
		        i ? "," : "", node->name, node->name);
		for (unsigned int family = 0; family < 2; family++) {
			char address[LAB_ADDR_TEXT];

			lab_addr_text(&node->host[family], address);
			if (!*address)
				continue;
			fprintf(out, "%s{\"type\": \"InternalIP\", \"address\": \"%s\"}", comma,
			        address);
			comma = ", ";
		}
		fputs("]}}", out);
	}
	fputs("]}\n", out);
}

/* One pod a node; no kubelet starts it: lab_pod.c does what one would. */
static void write_pods(const struct lab *lab, FILE *out)
{
	fputs("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [", out);
	for (size_t i = 0; i < lab->n; i++)
		fprintf(out,
		        "%s\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": "
		        "{\"name\": "
		        "\"pod1-%s\", \"namespace\": \"default\", \"annotations\": "
		        "{\"k8s.v1.cni.cncf.io/networks\": \"%s\"}}, \"spec\": {\"nodeName\": "
		        "\"%s\", \"containers\": [{\"name\": \"main\", \"image\": \"none\"}]}}",
		        i ? "," : "", lab->nodes[i].name, lab->nodes[i].networks,
		        lab->nodes[i].name);
	fputs("]}\n", out);
}

static int create_objects(const struct lab *lab)
{
	const char *const words[6] = { "create", "-f", "-" };
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/objects.json", lab->dir);
	out = fopen(path, "we");
	if (!out)
		return lab_fail("cannot write %s: %m", path);
	write_nodes(lab, out);
	write_pods(lab, out);
	if (fclose(out) != 0)
		return lab_fail("cannot write %s: %m", path);
	return kubectl(lab, words, path);
}

/* Kinds and roles of one of the stack's parts, until the kinds are served. */
static int install(const struct lab *lab, const char *part)
{
	char crds[512], roles[512];
	const char *const kinds[6] = { "create", "-f", crds, "-f", roles };
	const char *const served[6] = { "wait", "--for=condition=established", "--timeout=60s",
		                        "-f", crds };
	int rc;

	snprintf(crds, sizeof(crds), "%s/%s/crds.yaml", lab->stack, part);
	snprintf(roles, sizeof(roles), "%s/%s/rbac.yaml", lab->stack, part);
	rc = kubectl(lab, kinds, NULL);
	return rc < 0 ? rc : kubectl(lab, served, NULL);
}

int lab_kube_fill(const struct lab *lab)
{
	int rc = install(lab, "calico");

	if (rc == 0 && *lab->nodes[lab->api].networks)
		rc = install(lab, "multus");
	return rc < 0 ? rc : create_objects(lab);
}

/* As a user would, where the API server answers: hbr apply --cluster. */
int lab_kube_apply(const struct lab *lab)
{
	char config[160], state[128], log[128];
	char *argv[] = {
		"/proc/self/exe", "apply", "--cluster",   "--site", (char *)lab->site_file,
		"--kubeconfig",   config,  "--state-dir", state,    "--allow",
		"session",        NULL
	};
	struct lab_program program = { .netns = lab->nodes[lab->api].netns,
		                       .argv = argv,
		                       .log = log };

	snprintf(config, sizeof(config), "%s/admin.kubeconfig", lab->kube);
	snprintf(state, sizeof(state), "%s/cluster", lab->dir);
	snprintf(log, sizeof(log), "%s/apply.log", lab->dir);
	return lab_must(&program, "hbr apply --cluster");
}
