/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of the site as a whole: its nodes, names, the Kubernetes API and Calico's port. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/lint_rules.h"

static void check_empty(struct lint *lint)
{
	if (!lint->site->n_nodes)
		lint_found(lint, &lint->site->at, NULL, "list the nodes under spec.nodes",
		           "the site has no nodes");
}

static uint32_t count_control_planes(const struct site *site)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++)
		n += site->nodes[i].role == HBR_ROLE_CONTROL_PLANE;
	return n;
}

static void check_no_control_plane(struct lint *lint)
{
	if (lint->site->n_nodes < 2 || count_control_planes(lint->site))
		return;
	lint_found(lint, &lint->site->at, NULL,
	           "write role: control-plane on one node, better on three",
	           "none of the %u nodes is a control plane: workers' routers peer with those "
	           "only",
	           lint->site->n_nodes);
}

static void check_even(struct lint *lint)
{
	uint32_t n = count_control_planes(lint->site);

	if (n && n % 2 == 0)
		lint_found(lint, &lint->site->at, NULL,
		           lint_text(lint, "%u control planes survive as many failures", n - 1),
		           "%u control planes: etcd needs a majority of them", n);
}

struct endpoint {
	char host[256];
	uint32_t port;
};

/* "host:port" or "[2001:db8::1]:port". */
static bool endpoint_parse(const char *text, struct endpoint *out)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	int used = 0;

	if (!length || length >= sizeof(out->host) ||
	    sscanf(colon + 1, "%5u%n", &out->port, &used) != 1 || colon[1 + used] ||
	    !isdigit((unsigned char)colon[1]) || !out->port || out->port > 65535)
		return false;
	if (*text == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	} else if (memchr(text, ':', length) || memchr(text, '[', length)) {
		return false;
	}
	memcpy(out->host, text, length);
	out->host[length] = '\0';
	return length > 0;
}

static void check_endpoint_syntax(struct lint *lint)
{
	const struct text_at *at = &lint->site->endpoint;
	struct endpoint endpoint;
	hbr_addr addr;
	bool has_length;
	const char *hint = "write it like api.example.net:6443 or [2001:db8::10]:6443";

	if (!at->text || endpoint_parse(at->text, &endpoint))
		return;
	if (prefix_parse(at->text, &addr, &has_length) == 0)
		hint = lint_text(lint, addr.family == 6 ? "write [%s]:6443" : "write %s:6443",
		                 lint_host(lint, &addr));
	lint_found(lint, &at->at, NULL, hint, "API endpoint \"%.64s\" is not host:port",
	           at->text);
}

/* The node that has the address, or NULL. */
static const struct lint_addr *owner_of(const struct lint *lint, const hbr_addr *addr)
{
	for (size_t i = 0; i < lint->n_addrs; i++)
		if (prefix_same_host(&lint->addrs[i].at->addr, addr))
			return &lint->addrs[i];
	return NULL;
}

static void check_endpoint_single(struct lint *lint)
{
	const struct text_at *at = &lint->site->endpoint;
	uint32_t n = count_control_planes(lint->site);
	struct endpoint endpoint;
	hbr_addr addr;
	bool has_length;

	if (n < 2 || !at->text || !endpoint_parse(at->text, &endpoint) ||
	    prefix_parse(endpoint.host, &addr, &has_length) < 0)
		return;
	const struct lint_addr *owner = owner_of(lint, &addr);

	if (owner)
		lint_found(lint, &at->at, NULL,
		           "use a name or a virtual address that moves between control planes",
		           "API endpoint %.64s is %s of %s: %u control planes hang on that one "
		           "node",
		           at->text, owner->ifname, owner->node->name, n);
}

static void check_version(struct lint *lint)
{
	const char *version = lint->site->spec->kubernetes;
	const struct mark mark = lint_site_mark(lint, "kubernetes");
	unsigned major, minor, patch;
	int used = 0;

	if (!version)
		return;
	if (sscanf(version, "%3u.%3u.%3u%n", &major, &minor, &patch, &used) == 3 &&
	    (!version[used] || version[used] == '-' || version[used] == '+'))
		return;
	lint_found(lint, &mark, NULL, "write all three numbers, like 1.28.15",
	           "Kubernetes version \"%.32s\" is not of the form MAJOR.MINOR.PATCH",
	           version);
}

/* TCP ports that are in use in a node's default namespace, where Calico listens. */
static const struct {
	uint32_t port;
	const char *user;
} taken_ports[] = {
	{ 22, "the SSH server" },
	{ 2379, "etcd" },
	{ 2380, "etcd" },
	{ 6443, "the Kubernetes API server" },
	{ 9098, "Calico's Typha" },
	{ 9099, "Calico's Felix" },
	{ 10248, "kubelet" },
	{ 10249, "kube-proxy" },
	{ 10250, "kubelet" },
	{ 10256, "kube-proxy" },
	{ 10257, "kube-controller-manager" },
	{ 10259, "kube-scheduler" },
};

static void check_port_taken(struct lint *lint)
{
	uint32_t port = lint->site->spec->calico_port;
	const struct mark mark = lint_site_mark(lint, "calico_port");

	for (size_t i = 0; i < hbr_count(taken_ports); i++)
		if (taken_ports[i].port == port)
			lint_found(lint, &mark, NULL, "Calico's habit beside a router is 178",
			           "Calico's listen port %u belongs to %s", port,
			           taken_ports[i].user);
}

const struct lint_rule lint_site_rules[] = {
	{ "site-empty", HBR_LEVEL_WARNING, "A site has nodes.", check_empty },
	{ "no-control-plane", HBR_LEVEL_ERROR,
	  "A site of several nodes has a control plane: its routers reflect to the others.",
	  check_no_control_plane },
	{ "control-plane-even", HBR_LEVEL_INFO, "The number of control planes is odd.",
	  check_even },
	{ "endpoint-syntax", HBR_LEVEL_ERROR, "The API endpoint is host:port.",
	  check_endpoint_syntax },
	{ "endpoint-single-node", HBR_LEVEL_WARNING,
	  "With several control planes the API endpoint is not one node's own address.",
	  check_endpoint_single },
	{ "kubernetes-version", HBR_LEVEL_ERROR, "The Kubernetes version has three numbers.",
	  check_version },
	{ "calico-port-taken", HBR_LEVEL_WARNING,
	  "Calico's listen port is none that a Kubernetes node uses already.",
	  check_port_taken },
	{ .code = NULL },
};
