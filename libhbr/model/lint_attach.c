/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint of what pods attach to. The API server looks at none of it: a mistake would show when the
 * first pod is started.
 */
#include <string.h>

#include "model/lint_rules.h"

static const char *attach_ns(const struct veth *veth)
{
	return veth->attach->ns ? veth->attach->ns : "default";
}

static int attach_cmp(const void *left, const void *right)
{
	const struct veth *a = *(const struct veth *const *)left;
	const struct veth *b = *(const struct veth *const *)right;
	int order = strcmp(a->attach->name, b->attach->name);

	if (!order)
		order = strcmp(attach_ns(a), attach_ns(b));
	return order ? order : a < b ? -1 : a > b;
}

/* The node's attachments, by name and then by namespace. */
static const struct veth **sorted(struct lint *lint, const struct node *node, size_t *n)
{
	const struct veth **veths = lint_array(lint, node->n_veths, sizeof(*veths));

	*n = 0;
	for (uint32_t i = 0; veths && i < node->n_veths; i++)
		if (node->veths[i].attach && node->veths[i].attach->name)
			veths[(*n)++] = &node->veths[i];
	if (*n > 1)
		qsort(veths, *n, sizeof(*veths), attach_cmp);
	return veths;
}

static bool is_local(const struct veth *veth)
{
	return !veth->attach->ipam || strcmp(veth->attach->ipam, "host-local") == 0;
}

static void check_pairs(struct lint *lint, void (*cb)(struct lint *lint, const struct veth *a,
                                                      const struct veth *b))
{
	for (uint32_t i = 0; i < lint->site->n_nodes && lint->rc == 0; i++) {
		size_t n = 0;
		const struct veth **veths = sorted(lint, &lint->site->nodes[i], &n);

		for (size_t k = 1; k < n; k++)
			if (strcmp(veths[k - 1]->attach->name, veths[k]->attach->name) == 0)
				cb(lint, veths[k - 1], veths[k]);
	}
}

static void report_duplicate(struct lint *lint, const struct veth *a, const struct veth *b)
{
	if (strcmp(attach_ns(a), attach_ns(b)) == 0)
		lint_found(lint, &b->at, b->path,
		           "pods choose a network by this name: give each its own",
		           "attachment %s/%s is that of %s already", attach_ns(b),
		           b->attach->name, a->path);
}

static void check_duplicates(struct lint *lint)
{
	check_pairs(lint, report_duplicate);
}

/* Multus finds the configuration of a node by the network's name alone. */
static void report_file(struct lint *lint, const struct veth *a, const struct veth *b)
{
	if (strcmp(attach_ns(a), attach_ns(b)) != 0 && is_local(a) && is_local(b))
		lint_found(lint, &b->at, b->path, "give one of them another name",
		           "attachments %s/%s and %s/%s share one configuration on each node",
		           attach_ns(a), a->attach->name, attach_ns(b), b->attach->name);
}

static void check_files(struct lint *lint)
{
	check_pairs(lint, report_file);
}

static bool is_made_of(const char *text, const char *letters)
{
	return *text && !text[strspn(text, letters)];
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* The API refuses others; and a file is called after the name, a program after the ipam. */
static void check_name(struct lint *lint, const struct veth *veth)
{
	const hbr_attach_spec *attach = veth->attach;
	const char *bad = NULL;

	if (attach->name && (!is_made_of(attach->name, LOWER DIGITS "-.") ||
	                     strchr("-.", attach->name[0]) || strstr(attach->name, "..")))
		bad = attach->name;
	else if (attach->ns &&
	         (!is_made_of(attach->ns, LOWER DIGITS "-") || attach->ns[0] == '-'))
		bad = attach->ns;
	else if (attach->ipam && !is_made_of(attach->ipam, LOWER UPPER DIGITS "-_."))
		bad = attach->ipam;
	if (bad)
		lint_found(lint, &veth->at, veth->path,
		           "lower case letters, digits and hyphens are safe",
		           "\"%.64s\" cannot be a name of an attachment, its namespace or ipam",
		           bad);
}

/* What the plugins of the CNI project take. */
static const struct {
	int32_t plugin;
	const char *name;
	const char *modes[5];
	const char *list;
} plugins[] = {
	{ HBR_PLUGIN_MACVLAN,
	  "macvlan",
	  { "bridge", "private", "vepa", "passthru" },
	  "bridge, private, vepa or passthru" },
	{ HBR_PLUGIN_IPVLAN, "ipvlan", { "l2", "l3", "l3s" }, "l2, l3 or l3s" },
};

static void check_mode(struct lint *lint, const struct veth *veth)
{
	for (size_t i = 0; i < hbr_count(plugins); i++) {
		const char *mode = veth->attach->mode;

		if (plugins[i].plugin != veth->attach->plugin || !mode)
			continue;
		for (const char *const *known = plugins[i].modes; *known; known++)
			if (strcmp(*known, mode) == 0)
				return;
		lint_found(lint, &veth->at, veth->path,
		           lint_text(lint, "its modes are %s", plugins[i].list),
		           "mode \"%s\" is none of %s", mode, plugins[i].name);
	}
}

static void check_dhcp(struct lint *lint, const struct veth *veth)
{
	const char *ipam = veth->attach->ipam;

	if (veth->attach->plugin == HBR_PLUGIN_IPVLAN && ipam && strcmp(ipam, "dhcp") == 0)
		lint_found(lint, &veth->at, veth->path, "take host-local, or a macvlan",
		           "DHCP cannot tell the pods of an ipvlan apart: they have one MAC "
		           "address");
}

static void check_each(struct lint *lint,
                       void (*check)(struct lint *lint, const struct veth *veth))
{
	for (uint32_t i = 0; i < lint->site->n_nodes && lint->rc == 0; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++)
			if (node->veths[k].attach)
				check(lint, &node->veths[k]);
	}
}

static void check_names(struct lint *lint)
{
	check_each(lint, check_name);
}

static void check_modes(struct lint *lint)
{
	check_each(lint, check_mode);
}

static void check_dhcps(struct lint *lint)
{
	check_each(lint, check_dhcp);
}

const struct lint_rule lint_attach_rules[] = {
	{ "attachment-name", HBR_LEVEL_ERROR,
	  "Names of attachments, their namespaces and ipam can be such.", check_names },
	{ "attachment-duplicate", HBR_LEVEL_ERROR,
	  "No two attachments of a Kubernetes namespace have one name.", check_duplicates },
	{ "attachment-file", HBR_LEVEL_ERROR,
	  "Attachments with addresses of each node have names of their own.", check_files },
	{ "attachment-mode", HBR_LEVEL_ERROR, "The mode is one of the plugin's.", check_modes },
	{ "attachment-dhcp", HBR_LEVEL_ERROR, "No IPVLAN gets addresses by DHCP.",
	  check_dhcps },
	{ .code = NULL },
};
