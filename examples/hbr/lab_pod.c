/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods of a lab with the real Calico: what a kubelet and its runtime would do. The namespace is the
 * lab's; Calico's CNI plugin and IPAM do the rest, and tell the addresses.
 */
#include "lab.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void result_path(const struct lab_node *node, char path[224])
{
	snprintf(path, 224, "%s/pod1.cni", node->dir);
}

/* As Calico's manifest installs it. Which node it is, calico-node -startup wrote down. */
static void put_calico(const struct lab *lab, const struct lab_node *node, FILE *out)
{
	fprintf(out,
	        "{\"cniVersion\": \"0.3.1\", \"name\": \"k8s-pod-network\", \"type\": "
	        "\"calico\", "
	        "\"datastore_type\": \"kubernetes\", \"log_level\": \"info\", "
	        "\"log_file_path\": "
	        "\"%s/calico/cni.log\", \"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv4\": "
	        "\"%s\", \"assign_ipv6\": \"%s\"}, \"policy\": {\"type\": \"k8s\"}, "
	        "\"kubernetes\": "
	        "{\"kubeconfig\": \"%s/cni.kubeconfig\"}}",
	        node->dir, node->host[0].family ? "true" : "false",
	        node->host[1].family ? "true" : "false", lab->kube);
}

/* Where pods attach to more, Multus calls Calico, and what the attachments say. */
static int write_config(const struct lab *lab, const struct lab_node *node, const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out)
		return lab_fail("cannot write %s: %m", path);
	if (*node->networks)
		fprintf(out,
		        "{\"cniVersion\": \"0.3.1\", \"name\": \"multus\", \"type\": "
		        "\"multus\", "
		        "\"confDir\": \"%s/root/etc/cni/multus/net.d\", \"logLevel\": "
		        "\"verbose\", "
		        "\"logFile\": \"%s/calico/multus.log\", \"kubeconfig\": "
		        "\"%s/multus.kubeconfig\", \"delegates\": [",
		        node->dir, node->dir, lab->kube);
	put_calico(lab, node, out);
	fputs(*node->networks ? "]}\n" : "\n", out);
	if (fclose(out) != 0)
		return lab_fail("cannot write %s: %m", path);
	return 0;
}

int lab_pod_wire(const struct lab *lab, const struct lab_node *node)
{
	char home[192], plugin[512], config[256], result[224], log[256], what[128];
	char netns[160], path[512], args[192], id[96];
	char *argv[] = { plugin, NULL };
	char *env[] = { "CNI_COMMAND=ADD", "CNI_IFNAME=eth0", netns, path, args, id, NULL };
	struct lab_program program = { .netns = node->netns,
		                       .home = home,
		                       .argv = argv,
		                       .env = env,
		                       .input = config,
		                       .output = result,
		                       .log = log };
	int rc;

	snprintf(home, sizeof(home), "%s/calico", node->dir);
	snprintf(plugin, sizeof(plugin), "%s/bin/%s", lab->stack,
	         *node->networks ? "multus" : "calico");
	snprintf(config, sizeof(config), "%s/net.conf", home);
	snprintf(log, sizeof(log), "%s/cni-errors.log", home);
	snprintf(netns, sizeof(netns), "CNI_NETNS=/run/netns/%s-pod1", node->netns);
	snprintf(path, sizeof(path), "CNI_PATH=%s/bin:/usr/lib/cni", lab->stack);
	snprintf(id, sizeof(id), "CNI_CONTAINERID=pod1-%s", node->name);
	snprintf(args, sizeof(args),
	         "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod1-%s;"
	         "K8S_POD_INFRA_CONTAINER_ID=pod1-%s",
	         node->name, node->name);
	snprintf(what, sizeof(what), "the CNI plugin on %s", node->name);
	result_path(node, result);
	rc = write_config(lab, node, config);
	return rc < 0 ? rc : lab_must(&program, what);
}

/* The first address of each family in the plugin's result: {"ips": [{"address": "…"}, …]}. */
static int read_result(struct lab_node *node, char *text, hbr_error **err)
{
	static const char key[] = "\"address\"";

	for (char *at = strstr(text, key); at; at = strstr(at, key)) {
		hbr_addr addr;
		char *value = strchr(at + sizeof(key) - 1, '"');
		char *end = value ? strchr(value + 1, '"') : NULL;
		int rc;

		if (!end)
			break;
		*end = 0;
		rc = hbr_addr_parse(value + 1, &addr, err);
		if (rc < 0)
			return rc;
		node->pod[addr.family == 6] = addr;
		at = end + 1;
	}
	return 0;
}

/* Calico's IPAM chose the block: the pod's address with the pool's block length. */
static void find_blocks(struct lab_node *node)
{
	for (unsigned int family = 0; family < 2; family++) {
		hbr_addr *block = &node->block[family];
		uint8_t length = block->length;

		if (!block->family)
			continue;
		*block = node->pod[family];
		block->length = length;
		for (unsigned int bit = length; block->family && bit < (family ? 128U : 32U);
		     bit++)
			block->bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	}
}

static int read_pod(struct lab_node *node, hbr_error **err)
{
	char path[224], text[8192];
	FILE *in;
	size_t n;
	int rc;

	result_path(node, path);
	in = fopen(path, "re");
	if (!in)
		return lab_fail("%s: %m: the lab has no pod on %s", path, node->name);
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = 0;
	fclose(in);
	memset(node->pod, 0, sizeof(node->pod));
	rc = read_result(node, text, err);
	find_blocks(node);
	return rc;
}

int lab_pods_read(struct lab *lab, hbr_error **err)
{
	int rc = 0;

	for (size_t i = 0; lab->has_kube && rc == 0 && i < lab->n; i++)
		rc = read_pod(&lab->nodes[i], err);
	return rc;
}
