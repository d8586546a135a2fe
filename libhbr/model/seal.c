/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: resolve, lint, and only when nothing is wrong make the topology immutable. */
#include "model/lint.h"
#include "model/topology.h"

/* Findings of resolving and of lint, sorted. */
static int examine(const hbr_topology *topology, struct arena *arena, struct resolved *resolved,
                   hbr_status *status, hbr_error **err)
{
	int rc = topology_resolve(topology, arena, status, resolved, err);
	if (rc < 0)
		return rc;
	if (lint_run(topology, resolved->site, status) < 0 || status_sort(status) < 0)
		return hbr_oom(err);
	return 0;
}

int hbr_topology_lint(const hbr_topology *topology, hbr_status **out, hbr_error **err)
{
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_arena_ struct arena scratch = ARENA_INIT;
	_cleanup_resolved_ struct resolved resolved = { 0 };
	int rc = status_new(&status, err);
	if (rc < 0)
		return rc;

	if (!topology->resolved)
		rc = examine(topology, &scratch, &resolved, status, err);
	else if (lint_run(topology, topology->resolved, status) < 0 || status_sort(status) < 0)
		rc = hbr_oom(err);
	if (rc < 0)
		return rc;
	*out = hbr_steal(status);
	return 0;
}

static int first_error(const hbr_status *status, hbr_error **err)
{
	hbr_finding finding = { .size = sizeof(finding) };
	size_t errors = hbr_status_count(status, HBR_LEVEL_ERROR);
	size_t i = 0;

	while (hbr_status_get(status, i, &finding) == 0 && finding.level != HBR_LEVEL_ERROR)
		i++;

	struct mark mark = {
		.file = finding.file,
		.excerpt = finding.excerpt,
		.line = finding.line,
		.column = finding.column,
	};

	if (errors > 1)
		hbr_fail_at(err, HBR_EMODEL, &mark, finding.path, "%s (and %zu more errors)",
		            finding.message, errors - 1);
	else
		hbr_fail_at(err, HBR_EMODEL, &mark, finding.path, "%s", finding.message);
	if (finding.hint)
		hbr_hint(err, "%s", finding.hint);
	return HBR_EMODEL;
}

/* Nothing here can fail: the topology is either open or sealed, never in between. */
static void install(hbr_topology *topology, struct resolved *resolved)
{
	for (hbr_object *node = topology->site->first; node; node = node->next) {
		if (node->kind != HBR_OBJECT_NODE)
			continue;
		node->first = NULL;
		node->last = NULL;
		for (size_t i = 0; i < hbr_count(node->children); i++)
			node->children[i] = 0;
	}
	for (size_t i = 0; i < resolved->children.n; i++) {
		hbr_object *child = resolved->children.items[i];

		child->next = NULL;
		object_link(child->parent, child);
	}
	for (size_t i = 0; i < resolved->specs.n; i++)
		resolved->specs.items[i].object->spec = resolved->specs.items[i].spec;
	topology->resolved = resolved->site;
}

int hbr_topology_seal(hbr_topology *topology, hbr_error **err)
{
	_cleanup_status_ hbr_status *status = NULL;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_resolved_ struct resolved resolved = { 0 };
	if (topology->resolved)
		return 0;

	int rc = status_new(&status, err);
	if (rc < 0)
		return rc;
	rc = examine(topology, &arena, &resolved, status, err);
	if (rc < 0)
		return rc;
	if (hbr_status_count(status, HBR_LEVEL_ERROR))
		return first_error(status, err);
	install(topology, &resolved);
	topology->sealed = arena;
	arena = (struct arena)ARENA_INIT;
	return 0;
}
