/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of probes: what an apply must not cut. */
#include <string.h>

#include "model/lint_rules.h"

static void check_syntax(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_probes; i++) {
		const struct probe *probe = &lint->site->probes[i];

		if (probe->addr.family)
			continue;
		lint_found(lint, &probe->source.at, NULL,
		           "write \"ping 192.168.1.1\" or \"tcp 10.1.1.1:6443\", for an IPv6 "
		           "address \"tcp [2001:db8::1]:6443\", and perhaps \"in crpd\"",
		           "\"%.64s\" is not a probe", probe->source.text);
	}
}

static bool is_everywhere(const struct site *site, const char *netns)
{
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		if (!node_netns(&site->nodes[i], netns))
			return false;
	}
	return true;
}

static void check_netns(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_probes; i++) {
		const struct probe *probe = &lint->site->probes[i];

		if (!probe->addr.family || !*probe->netns ||
		    is_everywhere(lint->site, probe->netns))
			continue;
		lint_found(
		        lint, &probe->source.at, NULL,
		        "leave \"in …\" out to try it from the node's default namespace",
		        "not every node has the namespace \"%.32s\" that the probe \"%.64s\" "
		        "is tried from",
		        probe->netns, probe->source.text);
	}
}

const struct lint_rule lint_probe_rules[] = {
	{ "probe-syntax", HBR_LEVEL_ERROR, "A probe says what it tries.", check_syntax },
	{ "probe-netns", HBR_LEVEL_ERROR, "Every node has the namespace of a probe.",
	  check_netns },
	{ .code = NULL },
};
