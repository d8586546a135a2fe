/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VNI, kernel table and route target of each VRF name: one of each for the whole site, whatever
 * nodes it is on. As with indexes, the lowest free one that is written nowhere.
 */
#include <arpa/inet.h>
#include <string.h>

#include "model/resolve.h"

#define TABLE_FIRST 1001

/* Numbers that are written somewhere, sorted. */
struct taken {
	VEC(uint64_t) list;
};

struct allocation {
	struct resolve *resolve;
	struct taken vnis, tables, targets;
	VEC(struct vrf_numbers) rows;
};

static bool parse_number(const char *text, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 10)
		return false;
	*out = strtoull(text, &end, 10);
	return !*end;
}

bool target_parse(const char *text, uint64_t *key)
{
	const char *colon = strchr(text, ':');
	char head[16];
	struct in_addr address;
	uint64_t asn, number;
	if (!colon || colon - text >= (ptrdiff_t)sizeof(head))
		return false;

	memcpy(head, text, (size_t)(colon - text));
	head[colon - text] = '\0';

	bool is_address = inet_pton(AF_INET, head, &address) == 1;

	if (is_address)
		asn = ntohl(address.s_addr);
	else if (!parse_number(head, &asn) || asn > UINT32_MAX)
		return false;
	/* RFC 4360, RFC 5668: six bytes for the two together. */
	if (!parse_number(colon + 1, &number) ||
	    number > (is_address || asn > UINT16_MAX ? UINT16_MAX : UINT32_MAX))
		return false;
	*key = asn << 32 | number;
	return true;
}

static int u64_cmp(const void *left, const void *right)
{
	const uint64_t *a = left;
	const uint64_t *b = right;

	return *a < *b ? -1 : *a > *b;
}

static bool taken_put(struct taken *taken, uint64_t number)
{
	uint64_t *item = vec_push(&taken->list, 0);

	if (item)
		*item = number;
	return item;
}

static void taken_sort(struct taken *taken)
{
	if (taken->list.n)
		qsort(taken->list.items, taken->list.n, sizeof(uint64_t), u64_cmp);
}

static bool taken_has(const struct taken *taken, uint64_t number)
{
	return taken->list.n &&
	       bsearch(&number, taken->list.items, taken->list.n, sizeof(number), u64_cmp);
}

/* The lowest number from *next to last that is free, or 0; `base` is added to look it up. */
static uint32_t take(const struct taken *taken, uint64_t base, uint64_t *next, uint32_t last)
{
	while (*next <= last) {
		uint64_t number = (*next)++;

		if (!taken_has(taken, base + number))
			return (uint32_t)number;
	}
	return 0;
}

static bool gather_targets(struct taken *targets, const char *const *list)
{
	for (; list && *list; list++) {
		uint64_t key;

		if (target_parse(*list, &key) && !taken_put(targets, key))
			return false;
	}
	return true;
}

static int gather_vrf(struct allocation *allocation, const hbr_object *object)
{
	const hbr_vrf_spec *spec = object->own;
	struct vrf_numbers *row = vec_push(&allocation->rows, 0);

	if (!row || !taken_put(&allocation->vnis, spec->vni) ||
	    !taken_put(&allocation->tables, spec->table) ||
	    !gather_targets(&allocation->targets, spec->rt_import) ||
	    !gather_targets(&allocation->targets, spec->rt_export))
		return HBR_ENOMEM;
	row->name = object->name;
	row->object = object;
	row->vni_pool = spec->vni_pool;
	row->rt_pool = spec->rt_pool;
	row->vni = spec->vni;
	row->table = spec->table;
	row->sequence = (uint32_t)allocation->rows.n;
	row->has_targets = spec->rt_import && spec->rt_export;
	return 0;
}

static int gather(struct allocation *allocation, const hbr_object *parent)
{
	if (!parent->children[HBR_OBJECT_VRF])
		return 0;
	for (const hbr_object *object = parent->first; object; object = object->next) {
		int rc = 0;

		if (object->kind == HBR_OBJECT_VRF)
			rc = gather_vrf(allocation, object);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int row_cmp(const void *left, const void *right)
{
	const struct vrf_numbers *a = left;
	const struct vrf_numbers *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static int sequence_cmp(const void *left, const void *right)
{
	const struct vrf_numbers *a = *(struct vrf_numbers *const *)left;
	const struct vrf_numbers *b = *(struct vrf_numbers *const *)right;

	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* Rows of one name become one: what is said first counts. Leaves them sorted by name. */
static void merge_rows(struct vrf_numbers *rows, size_t *n)
{
	size_t kept = 0;

	if (*n)
		qsort(rows, *n, sizeof(*rows), row_cmp);
	for (size_t i = 0; i < *n; i++) {
		struct vrf_numbers *last = kept ? &rows[kept - 1] : NULL;

		if (!last || strcmp(last->name, rows[i].name) != 0) {
			rows[kept++] = rows[i];
			continue;
		}
		last->vni_pool = last->vni_pool ? last->vni_pool : rows[i].vni_pool;
		last->rt_pool = last->rt_pool ? last->rt_pool : rows[i].rt_pool;
		last->vni = last->vni ? last->vni : rows[i].vni;
		last->table = last->table ? last->table : rows[i].table;
		last->has_targets = last->has_targets || rows[i].has_targets;
	}
	*n = kept;
}

static int used_up(struct resolve *resolve, const struct vrf_numbers *vrf,
                   const struct pool *pool)
{
	const hbr_pool_spec *spec = pool->spec;

	return finding(resolve, vrf->object, NULL, "pool-exhausted", "widen the pool",
	               "VRF %s: all numbers of pool %s (%u to %u) are in use", vrf->name,
	               spec->name, spec->first, spec->last);
}

static int assign_vni(struct allocation *allocation, struct vrf_numbers *vrf, uint64_t *next)
{
	struct resolve *resolve = allocation->resolve;
	int rc;

	if (vrf->vni || !vrf->vni_pool)
		return 0;

	const struct pool *pool;
	rc = pool_named(resolve, vrf->object, vrf->vni_pool, HBR_POOL_VNI, 0, &pool);
	if (rc < 0 || !pool)
		return rc;

	vrf->vni = take(&allocation->vnis, 0, &next[pool - resolve->site->pools],
	                pool->spec->last);
	return vrf->vni ? 0 : used_up(resolve, vrf, pool);
}

static int assign_targets(struct allocation *allocation, struct vrf_numbers *vrf,
                          uint64_t *next)
{
	struct resolve *resolve = allocation->resolve;
	int rc;

	if (!vrf->rt_pool || vrf->has_targets)
		return 0;

	const struct pool *pool;
	rc = pool_named(resolve, vrf->object, vrf->rt_pool, HBR_POOL_ROUTE_TARGET, 0, &pool);
	if (rc < 0 || !pool)
		return rc;

	uint32_t number = take(&allocation->targets, (uint64_t)pool->spec->asn << 32,
	                       &next[pool - resolve->site->pools], pool->spec->last);
	if (!number)
		return used_up(resolve, vrf, pool);

	const char **list = arena_array(resolve->arena, 2, sizeof(*list));
	if (!list)
		return HBR_ENOMEM;

	list[0] = text_printf(resolve->arena, "%u:%u", pool->spec->asn, number);
	vrf->rts = list;
	return list[0] ? 0 : HBR_ENOMEM;
}

static int assign_rows(struct allocation *allocation, struct vrf_numbers *rows, size_t n)
{
	const struct site *site = allocation->resolve->site;
	_cleanup_free_ struct vrf_numbers **order = calloc(n + 1, sizeof(struct vrf_numbers *));
	_cleanup_free_ uint64_t *next = calloc(site->n_pools + 1, sizeof(*next));
	uint64_t table = TABLE_FIRST;
	if (!order || !next)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < site->n_pools; i++)
		next[i] = site->pools[i].spec->first;
	for (size_t i = 0; i < n; i++)
		order[i] = &rows[i];
	qsort(order, n, sizeof(struct vrf_numbers *), sequence_cmp);
	for (size_t i = 0; i < n; i++) {
		int rc = assign_vni(allocation, order[i], next);

		if (rc == 0)
			rc = assign_targets(allocation, order[i], next);
		if (rc < 0)
			return rc;
		if (!order[i]->table)
			order[i]->table = take(&allocation->tables, 0, &table, UINT32_MAX);
	}
	return 0;
}

static int assign_all(struct allocation *allocation)
{
	struct resolve *resolve = allocation->resolve;
	int rc = gather(allocation, resolve->topology->site);

	for (uint32_t i = 0; i < resolve->site->n_nodes && rc == 0; i++)
		rc = gather(allocation, resolve->nodes[i]);
	if (rc < 0 || !allocation->rows.n)
		return rc;
	taken_sort(&allocation->vnis);
	taken_sort(&allocation->tables);
	taken_sort(&allocation->targets);
	merge_rows(allocation->rows.items, &allocation->rows.n);

	size_t n = allocation->rows.n;
	struct vrf_numbers *rows = arena_array(resolve->arena, n, sizeof(*rows));
	if (!rows)
		return HBR_ENOMEM;

	memcpy(rows, allocation->rows.items, n * sizeof(*rows));
	resolve->vrfs = rows;
	resolve->n_vrfs = (uint32_t)n;
	return assign_rows(allocation, rows, n);
}

int assign_vrfs(struct resolve *resolve)
{
	struct allocation allocation = { .resolve = resolve };
	int rc = assign_all(&allocation);

	vec_free(&allocation.vnis.list);
	vec_free(&allocation.tables.list);
	vec_free(&allocation.targets.list);
	vec_free(&allocation.rows);
	return rc;
}

static int name_cmp(const void *name, const void *entry)
{
	return strcmp(name, ((const struct vrf_numbers *)entry)->name);
}

const struct vrf_numbers *vrf_numbers(const struct resolve *resolve, const char *name)
{
	return bsearch(name, resolve->vrfs, resolve->n_vrfs, sizeof(*resolve->vrfs), name_cmp);
}
