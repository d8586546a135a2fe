/* SPDX-License-Identifier: Apache-2.0 */
/* Pools: their defaults, whether they make sense, and their parts by index. */
#include <stdio.h>
#include <string.h>

#include "model/resolve.h"
#include "text/schema.h"

static const char *const use_words[] = {
	[HBR_POOL_LINK] = "links",     [HBR_POOL_POD] = "pods",
	[HBR_POOL_VNI] = "VNIs",       [HBR_POOL_ROUTE_TARGET] = "route targets",
	[HBR_POOL_UPLINK] = "uplinks", [HBR_POOL_LOOPBACK] = "loopbacks",
};

static const char *const family_words[] = { [0] = "", [4] = "IPv4 ", [6] = "IPv6 " };

static bool is_numbers(int32_t use)
{
	return use == HBR_POOL_VNI || use == HBR_POOL_ROUTE_TARGET;
}

static uint8_t default_length(int32_t use, const hbr_addr *prefix)
{
	uint8_t bits = prefix_bits(prefix);

	if (use == HBR_POOL_LINK)
		return bits - 2;
	return use == HBR_POOL_LOOPBACK ? bits : prefix->length;
}

/* The largest Calico block that leaves one for every node. */
static uint8_t block_length(const hbr_addr *prefix, uint32_t n_nodes)
{
	uint8_t bits = prefix_bits(prefix);
	uint8_t length = bits - 6;

	if (length < prefix->length)
		length = prefix->length;
	while (length < bits && prefix_subnets(prefix, length) < n_nodes)
		length++;
	return length;
}

static int invalid(struct resolve *resolve, const hbr_object *object, const char *text,
                   const char *what)
{
	return finding(resolve, object, text, "pool-invalid", NULL, "pool %s: %s", object->name,
	               what);
}

static int check_numbers(struct resolve *resolve, const hbr_object *object,
                         const hbr_pool_spec *spec)
{
	uint32_t most = spec->use == HBR_POOL_VNI ? VNI_MAX
	                : spec->asn > UINT16_MAX  ? UINT16_MAX
	                                          : UINT32_MAX;

	if (spec->use == HBR_POOL_ROUTE_TARGET && !spec->asn)
		return invalid(resolve, object, NULL, "route targets need an AS number");
	if (!spec->first || spec->first > spec->last)
		return invalid(resolve, object, NULL,
		               "the first number must be at least 1 and at most the last");
	if (spec->last > most)
		return finding(resolve, object, NULL, "pool-invalid", NULL,
		               "pool %s: the last number can be %u at most", object->name,
		               most);
	return 0;
}

static int check_prefix(struct resolve *resolve, const hbr_object *object,
                        const struct pool *pool)
{
	const hbr_pool_spec *spec = pool->spec;
	const hbr_addr *prefix = &pool->prefix.addr;
	uint8_t longest = prefix_bits(prefix) - (spec->use == HBR_POOL_LINK);

	if (!prefix->family)
		return invalid(resolve, object, spec->prefix, "the prefix is not one");
	if (!pool->prefix.has_length)
		return invalid(resolve, object, spec->prefix, "the prefix has no length");
	if (spec->length < prefix->length || spec->length > longest)
		return finding(resolve, object, spec->prefix, "pool-invalid", NULL,
		               "pool %s: parts of length %u do not fit (%u to %u)",
		               object->name, spec->length, prefix->length, longest);
	return 0;
}

static int parse_prefix(struct resolve *resolve, const hbr_object *object, struct pool *pool)
{
	const char *text = pool->spec->prefix;

	if (!text)
		return invalid(resolve, object, NULL, "no prefix is given");
	pool->prefix.source.text = text;
	pool->prefix.source.at = text_mark(object, text);
	if (prefix_parse(text, &pool->prefix.addr, &pool->prefix.has_length) < 0)
		pool->prefix.addr.family = 0;
	return 0;
}

static int resolve_pool(struct resolve *resolve, const hbr_object *object, struct pool *pool)
{
	hbr_pool_spec *spec = spec_merge(resolve->arena, &pool_shape, object->own, NULL);
	int rc = spec ? resolved_put(resolve, object, spec) : HBR_ENOMEM;
	if (rc < 0)
		return rc;

	spec->use = pool_use(spec);
	pool->spec = spec;
	pool->path = object->path;
	pool->at = object_mark(object);
	if (is_numbers(spec->use))
		return check_numbers(resolve, object, spec);
	rc = parse_prefix(resolve, object, pool);
	if (rc < 0 || !spec->prefix)
		return rc;
	if (!spec->length && pool->prefix.addr.family)
		spec->length =
		        spec->use == HBR_POOL_POD
		                ? block_length(&pool->prefix.addr, resolve->site->n_nodes)
		                : default_length(spec->use, &pool->prefix.addr);
	/* What pods get is told apart by lint: it knows what Calico takes. */
	return spec->use == HBR_POOL_POD ? 0 : check_prefix(resolve, object, pool);
}

static int pool_cmp(const void *left, const void *right)
{
	const struct pool *a = *(const struct pool *const *)left;
	const struct pool *b = *(const struct pool *const *)right;

	return strcmp(a->spec->name, b->spec->name);
}

/* The pod pools are also a member of the site, which is what others read. */
static int collect_pods(struct resolve *resolve)
{
	struct site *site = resolve->site;

	site->pods.items =
	        arena_array(resolve->arena, site->n_pools + 1, sizeof(*site->pods.items));
	if (!site->pods.items)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct pool *pool = &site->pools[i];
		bool is_v6 = pool->prefix.addr.family == 6;

		if (pool->spec->use != HBR_POOL_POD || !pool->spec->prefix)
			continue;
		site->pods.items[site->pods.n++] = pool->prefix;
		if (pool->prefix.addr.family && !site->pod_block[is_v6])
			site->pod_block[is_v6] = pool->spec->length;
	}
	return 0;
}

int resolve_pools(struct resolve *resolve)
{
	struct site *site = resolve->site;
	const hbr_object *root = resolve->topology->site;
	uint32_t n = root->children[HBR_OBJECT_POOL];

	site->pools = arena_array(resolve->arena, n + 1, sizeof(*site->pools));
	resolve->pools = arena_array(resolve->arena, n + 1, sizeof(*resolve->pools));
	resolve->exhausted = arena_array(resolve->arena, n + 1, sizeof(*resolve->exhausted));
	if (!site->pools || !resolve->pools || !resolve->exhausted)
		return HBR_ENOMEM;

	for (const hbr_object *object = root->first; object; object = object->next) {
		if (object->kind != HBR_OBJECT_POOL)
			continue;
		int rc = resolve_pool(resolve, object, &site->pools[site->n_pools]);
		if (rc < 0)
			return rc;
		resolve->pools[site->n_pools] = &site->pools[site->n_pools];
		site->n_pools++;
	}
	qsort(resolve->pools, n, sizeof(*resolve->pools), pool_cmp);
	return collect_pods(resolve);
}

static int pool_name_cmp(const void *name, const void *entry)
{
	return strcmp(name, (*(const struct pool *const *)entry)->spec->name);
}

const struct pool *pool_find(const struct resolve *resolve, const char *name)
{
	const struct pool *const *found = bsearch(name, resolve->pools, resolve->site->n_pools,
	                                          sizeof(*resolve->pools), pool_name_cmp);

	return found ? *found : NULL;
}

static int unknown(struct resolve *resolve, const hbr_object *object, const char *name)
{
	uint32_t n = resolve->site->n_pools;
	_cleanup_free_ const char **names = calloc(n + 1, sizeof(*names));
	char hint[160] = "add a document of kind Pool with that name";
	if (!names)
		return HBR_ENOMEM;

	for (uint32_t i = 0; i < n; i++)
		names[i] = resolve->pools[i]->spec->name;

	const char *nearest = text_nearest(name, names);

	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean %s?", nearest);
	return finding(resolve, object, name, "pool-unknown", hint, "there is no pool %s",
	               name);
}

int pool_named(struct resolve *resolve, const hbr_object *object, const char *name, int32_t use,
               int family, const struct pool **out)
{
	const struct pool *pool = pool_find(resolve, name);

	*out = NULL;
	if (!pool)
		return unknown(resolve, object, name);
	if (pool->spec->use != use)
		return finding(resolve, object, name, "pool-unknown", NULL,
		               "pool %s is for %s, not for %s", name,
		               use_words[pool->spec->use], use_words[use]);
	if (family && pool->prefix.addr.family && pool->prefix.addr.family != family)
		return finding(resolve, object, name, "pool-unknown", NULL,
		               "pool %s has no %saddresses", name, family_words[family]);
	*out = pool;
	return 0;
}

static int used_up(struct resolve *resolve, const struct pool *pool, const hbr_object *node,
                   uint32_t index)
{
	bool *said = &resolve->exhausted[pool - resolve->site->pools];
	const hbr_pool_spec *spec = pool->spec;

	if (*said)
		return 0;
	*said = true;

	struct mark mark = pool->at;

	return status_add(resolve->status, HBR_LEVEL_ERROR, "pool-exhausted", &mark, pool->path,
	                  "widen the prefix of the pool, or take smaller parts",
	                  "pool %s (%s) has nothing left for %s, whose index is %u", spec->name,
	                  spec->prefix, node->name, index);
}

/*
 * Is it an address that a host can have in its subnet? Host bits all zero or one are not, in
 * IPv4.
 */
static bool is_host(const hbr_addr *addr)
{
	hbr_addr next;
	uint8_t spare = prefix_bits(addr) - addr->length;

	if (spare < 2)
		return true;
	if (prefix_is_network(addr))
		return false;
	if (addr->family == 6)
		return true;

	/* The broadcast address is the last one. */
	next = prefix_network(addr);
	return prefix_nth(&next, ((uint64_t)1 << spare) - 1, &next) &&
	       !prefix_same_host(&next, addr);
}

int pool_part(struct resolve *resolve, const struct pool *pool, const hbr_object *node,
              uint32_t index, hbr_addr *out, bool *has)
{
	const hbr_addr *prefix = &pool->prefix.addr;
	const hbr_pool_spec *spec = pool->spec;
	uint64_t number = (uint64_t)(spec->first ? spec->first : 1) + index - 1;

	*has = false;
	if (!prefix->family || !pool->prefix.has_length)
		return 0;
	switch (spec->use) {
	case HBR_POOL_LINK:
		*has = prefix_subnet(prefix, (uint8_t)spec->length, index - 1, out);
		break;
	default:
		*has = (!spec->last || number <= spec->last) &&
		       prefix_nth(prefix, number, out) && is_host(out);
		if (spec->use == HBR_POOL_LOOPBACK)
			out->length = prefix_bits(prefix);
	}
	return *has ? 0 : used_up(resolve, pool, node, index);
}
