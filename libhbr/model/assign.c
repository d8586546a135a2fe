/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes for nodes that have none: the lowest free one in the order of the document, never one
 * that is written anywhere, so that writing out what was assigned keeps it for good.
 */
#include "model/lint.h"
#include "model/resolve.h"

struct numbered {
	uint32_t index, node;
};

static int numbered_cmp(const void *left, const void *right)
{
	const struct numbered *a = left;
	const struct numbered *b = right;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static int index_double(struct resolve *resolve, const struct numbered *first,
                        const struct numbered *second)
{
	const hbr_object *node = resolve->nodes[second->node];
	struct mark mark = topology_mark(resolve->topology, node->path, "index");

	return status_add(resolve->status, HBR_LEVEL_ERROR, "index-duplicate", &mark,
	                  node->path, "give each node an index of its own",
	                  "%s has the index %u of %s", node->name, second->index,
	                  resolve->nodes[first->node]->name);
}

static uint32_t node_index(const hbr_object *node)
{
	return ((const hbr_node_spec *)node->own)->index;
}

int assign_indexes(struct resolve *resolve)
{
	uint32_t n_nodes = resolve->site->n_nodes;
	_cleanup_free_ struct numbered *given = calloc(n_nodes + 1, sizeof(*given));
	uint32_t n = 0;
	if (!given)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < n_nodes; i++) {
		resolve->indexes[i] = node_index(resolve->nodes[i]);
		if (resolve->indexes[i])
			given[n++] = (struct numbered){ resolve->indexes[i], i };
	}
	qsort(given, n, sizeof(*given), numbered_cmp);
	for (uint32_t i = 1; i < n; i++) {
		int rc = 0;

		if (given[i].index == given[i - 1].index)
			rc = index_double(resolve, &given[i - 1], &given[i]);
		if (rc < 0)
			return rc;
	}

	uint32_t next = 1;
	uint32_t at = 0;

	for (uint32_t i = 0; i < n_nodes; i++) {
		if (resolve->indexes[i])
			continue;
		for (; at < n && given[at].index <= next; at++)
			if (given[at].index == next)
				next++;
		resolve->indexes[i] = next++;
	}
	return 0;
}
