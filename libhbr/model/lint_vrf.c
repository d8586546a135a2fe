/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of VRFs: VNIs, route targets, kernel tables. A name is one VRF on all nodes. */
#include <string.h>

#include "model/lint_rules.h"

/* A VRF on one node, for sorting by one of its numbers. */
struct vrf_use {
	const struct vrf *vrf;
	const struct node *node;
	const char *text; /* route target */
	uint32_t number;  /* VNI, table */
};

static size_t count_vrfs(const struct site *site)
{
	size_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++)
		n += site->nodes[i].n_vrfs;
	return n;
}

static struct mark vrf_mark(const struct lint *lint, const struct vrf *vrf, const char *member)
{
	struct mark mark = topology_mark(lint->topology, vrf->path, member);

	return mark.line ? mark : vrf->at;
}

static void each_vrf(struct lint *lint, void (*cb)(struct lint *lint, const struct node *node,
                                                   const struct vrf *vrf))
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++)
		for (uint32_t k = 0; k < lint->site->nodes[i].n_vrfs; k++)
			cb(lint, &lint->site->nodes[i], &lint->site->nodes[i].vrfs[k]);
}

static void vni_missing(struct lint *lint, const struct node *node, const struct vrf *vrf)
{
	if (vrf->encap != HBR_OVERLAY_VXLAN || vrf->vni)
		return;
	lint_found(lint, &vrf->at, vrf->path, "write vni, or name a pool of VNIs",
	           "VRF %s of %s goes over VXLAN and has no VNI", vrf->name, node->name);
}

static void check_vni_missing(struct lint *lint)
{
	each_vrf(lint, vni_missing);
}

static int vni_cmp(const void *left, const void *right)
{
	const struct vrf_use *a = left;
	const struct vrf_use *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	int order = strcmp(a->vrf->name, b->vrf->name);

	return order ? order : a->vrf < b->vrf ? -1 : a->vrf > b->vrf;
}

static int name_cmp(const void *left, const void *right)
{
	const struct vrf_use *a = left;
	const struct vrf_use *b = right;
	int order = strcmp(a->vrf->name, b->vrf->name);

	return order ? order : a->vrf < b->vrf ? -1 : a->vrf > b->vrf;
}

/* VRFs of all nodes that have a VNI. */
static struct vrf_use *gather_vnis(struct lint *lint, size_t *n)
{
	const struct site *site = lint->site;
	struct vrf_use *uses = lint_array(lint, count_vrfs(site), sizeof(*uses));

	*n = 0;
	for (uint32_t i = 0; uses && i < site->n_nodes; i++)
		for (uint32_t k = 0; k < site->nodes[i].n_vrfs; k++) {
			const struct vrf *vrf = &site->nodes[i].vrfs[k];

			if (vrf->vni)
				uses[(*n)++] = (struct vrf_use){ vrf, &site->nodes[i], NULL,
					                         vrf->vni };
		}
	return uses;
}

static void check_vni_duplicate(struct lint *lint)
{
	size_t n;
	struct vrf_use *uses = gather_vnis(lint, &n);

	if (n)
		qsort(uses, n, sizeof(*uses), vni_cmp);
	for (size_t i = 1; i < n; i++) {
		const struct vrf_use *a = &uses[i - 1];
		const struct vrf_use *b = &uses[i];
		if (a->number != b->number || !strcmp(a->vrf->name, b->vrf->name))
			continue;
		const struct mark mark = vrf_mark(lint, b->vrf, "vni");

		lint_found(lint, &mark, b->vrf->path, "a VNI names one VRF on all nodes",
		           "VNI %u of VRF %s is that of VRF %s already", b->number,
		           b->vrf->name, a->vrf->name);
	}
}

static void check_vni_differs(struct lint *lint)
{
	size_t n;
	struct vrf_use *uses = gather_vnis(lint, &n);

	if (n)
		qsort(uses, n, sizeof(*uses), name_cmp);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (strcmp(uses[first].vrf->name, uses[i].vrf->name)) {
			first = i;
			continue;
		}
		if (uses[i].number == uses[first].number)
			continue;
		const struct mark mark = vrf_mark(lint, uses[i].vrf, "vni");

		lint_found(lint, &mark, uses[i].vrf->path, "a VRF has one VNI on all nodes",
		           "VRF %s has VNI %u on %s and %u on %s", uses[i].vrf->name,
		           uses[i].number, uses[i].node->name, uses[first].number,
		           uses[first].node->name);
	}
}

static size_t count_list(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static int rt_cmp(const void *left, const void *right)
{
	const struct vrf_use *a = left;
	const struct vrf_use *b = right;
	int order = strcmp(a->text, b->text);

	if (!order)
		order = strcmp(a->vrf->name, b->vrf->name);
	return order ? order : a->vrf < b->vrf ? -1 : a->vrf > b->vrf;
}

static struct vrf_use *gather_exports(struct lint *lint, size_t *n)
{
	const struct site *site = lint->site;
	struct vrf_use *uses;
	size_t max = 0;

	*n = 0;
	for (uint32_t i = 0; i < site->n_nodes; i++)
		for (uint32_t k = 0; k < site->nodes[i].n_vrfs; k++)
			max += count_list(site->nodes[i].vrfs[k].rt_export);
	uses = lint_array(lint, max, sizeof(*uses));
	for (uint32_t i = 0; uses && i < site->n_nodes; i++)
		for (uint32_t k = 0; k < site->nodes[i].n_vrfs; k++) {
			const struct vrf *vrf = &site->nodes[i].vrfs[k];

			for (size_t t = 0; t < count_list(vrf->rt_export); t++)
				uses[(*n)++] = (struct vrf_use){ vrf, &site->nodes[i],
					                         vrf->rt_export[t], 0 };
		}
	return uses;
}

static void check_rt_duplicate(struct lint *lint)
{
	size_t n;
	struct vrf_use *uses = gather_exports(lint, &n);

	if (n)
		qsort(uses, n, sizeof(*uses), rt_cmp);
	for (size_t i = 1; i < n; i++) {
		const struct vrf_use *a = &uses[i - 1];
		const struct vrf_use *b = &uses[i];
		if (strcmp(a->text, b->text) || !strcmp(a->vrf->name, b->vrf->name))
			continue;
		const struct mark mark = vrf_mark(lint, b->vrf, "rt_export");

		lint_found(lint, &mark, b->vrf->path,
		           "to let one VRF see another, import the other's route target",
		           "VRF %s exports route target %s, as VRF %s does already",
		           b->vrf->name, b->text, a->vrf->name);
	}
}

static void rt_missing(struct lint *lint, const struct node *node, const struct vrf *vrf)
{
	bool imports = count_list(vrf->rt_import);
	bool exports = count_list(vrf->rt_export);

	if (vrf->encap == HBR_OVERLAY_NONE || (imports && exports))
		return;
	lint_found(lint, &vrf->at, vrf->path,
	           "write import and export, or name a pool of route targets",
	           "VRF %s of %s has no route target to %s", vrf->name, node->name,
	           imports || exports ? (imports ? "export" : "import") : "import or export");
}

static void check_rt_missing(struct lint *lint)
{
	each_vrf(lint, rt_missing);
}

/* A node has few VRFs, so its tables are compared one by one. */
static void check_table_duplicate(struct lint *lint)
{
	struct vrf_use *uses;

	for (uint32_t i = 0; i < lint->site->n_nodes && lint->rc == 0; i++) {
		const struct node *node = &lint->site->nodes[i];
		uint32_t n = node->n_vrfs;

		if (n < 2)
			continue;
		uses = lint_array(lint, n, sizeof(*uses));
		for (uint32_t k = 0; uses && k < n; k++)
			uses[k] = (struct vrf_use){ &node->vrfs[k], node, NULL,
				                    node->vrfs[k].table };
		if (uses)
			qsort(uses, n, sizeof(*uses), vni_cmp);
		for (uint32_t k = 1; uses && k < n; k++) {
			if (!uses[k].number || uses[k].number != uses[k - 1].number)
				continue;
			const struct mark mark = vrf_mark(lint, uses[k].vrf, "table");

			lint_found(lint, &mark, uses[k].vrf->path,
			           "leave the table out: it is then assigned",
			           "table %u of VRF %s of %s is that of VRF %s already",
			           uses[k].number, uses[k].vrf->name, node->name,
			           uses[k - 1].vrf->name);
		}
	}
}

static void table_reserved(struct lint *lint, const struct node *node, const struct vrf *vrf)
{
	if (vrf->table < 253 || vrf->table > 255)
		return;
	const struct mark mark = vrf_mark(lint, vrf, "table");

	lint_found(lint, &mark, vrf->path,
	           "253 to 255 are the kernel's own: leave the table out",
	           "table %u of VRF %s of %s is reserved", vrf->table, vrf->name, node->name);
}

static void check_table_reserved(struct lint *lint)
{
	each_vrf(lint, table_reserved);
}

static bool has_vrf(const struct node *node, const char *name)
{
	for (uint32_t i = 0; i < node->n_vrfs; i++)
		if (!strcmp(node->vrfs[i].name, name))
			return true;
	return false;
}

static void report_unknown(struct lint *lint, const struct node *node, const char *vrf,
                           const char *who, const char *path, const struct mark *mark)
{
	if (vrf && !has_vrf(node, vrf))
		lint_found(lint, mark, path, "add a VRF of that name to the site or the node",
		           "%s of %s is in VRF %.64s, which %s does not have", who, node->name,
		           vrf, node->name);
}

static void check_vrf_unknown(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			const struct veth *veth = &node->veths[k];

			report_unknown(lint, node, veth->a.vrf, veth->a.ifname, veth->path,
			               veth->a.at.line ? &veth->a.at : &veth->at);
			report_unknown(lint, node, veth->b.vrf, veth->b.ifname, veth->path,
			               veth->b.at.line ? &veth->b.at : &veth->at);
		}
		for (uint32_t k = 0; k < node->n_peers; k++)
			report_unknown(lint, node, node->peers[k].spec->vrf,
			               node->peers[k].spec->name, node->peers[k].path,
			               &node->peers[k].at);
	}
}

/* FRR's part of a VRF: device, VXLAN, EVPN. cRPD makes its own from its configuration. */
static void check_vrf_unmade(struct lint *lint)
{
	const struct site *site = lint->site;
	const char *engine = site->spec->engine;

	if (!engine || strcmp(engine, "frr") != 0)
		return;
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		if (!node->n_vrfs)
			continue;
		lint_found(lint, &node->vrfs[0].at, node->vrfs[0].path,
		           "engine: crpd makes them",
		           "VRF %s is checked and numbered, but this version makes no VRFs with FRR",
		           node->vrfs[0].name);
		return;
	}
}

/* Stage SECONDARY has the attachments so far, not what they hang on. */
static void check_veth_unmade(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		for (uint32_t k = 0; k < site->nodes[i].n_veths; k++) {
			const struct veth *veth = &site->nodes[i].veths[k];

			if (!veth->a.vrf && !veth->b.vrf)
				continue;
			lint_found(lint, &veth->at, veth->path,
			           "make it yourself, or wait for a version that does",
			           "veth pair %s goes into a VRF: this version does not make it",
			           veth->name);
			return;
		}
	}
}

const struct lint_rule lint_vrf_rules[] = {
	{ "vrf-unknown", HBR_LEVEL_ERROR, "The VRFs that ends and peers are in exist.",
	  check_vrf_unknown },
	{ "vni-missing", HBR_LEVEL_ERROR, "A VRF over VXLAN has a VNI.", check_vni_missing },
	{ "vni-duplicate", HBR_LEVEL_ERROR, "No two VRFs have one VNI.", check_vni_duplicate },
	{ "vni-differs", HBR_LEVEL_ERROR, "A VRF has one VNI on all nodes.",
	  check_vni_differs },
	{ "rt-missing", HBR_LEVEL_ERROR,
	  "A VRF with an overlay imports and exports a route target.", check_rt_missing },
	{ "rt-duplicate", HBR_LEVEL_WARNING, "No two VRFs export one route target.",
	  check_rt_duplicate },
	{ "table-duplicate", HBR_LEVEL_ERROR, "No two VRFs of a node have one kernel table.",
	  check_table_duplicate },
	{ "table-reserved", HBR_LEVEL_ERROR, "No VRF has one of the kernel's own tables.",
	  check_table_reserved },
	{ "vrf-unmade", HBR_LEVEL_WARNING, "This version makes the VRFs of the site.",
	  check_vrf_unmade },
	{ "veth-unmade", HBR_LEVEL_WARNING, "This version makes the veth pairs of the site.",
	  check_veth_unmade },
	{ .code = NULL },
};
