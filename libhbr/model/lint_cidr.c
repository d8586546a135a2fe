/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of prefixes: pods, services, reach, pools; how they are written, what they overlap. */
#include <stdio.h>
#include <string.h>

#include "model/lint_rules.h"

/* One prefix of the site, with where it stands. */
struct cidr {
	const struct addr_at *at;
	const char *path;
	const char *what; /* "pod CIDR" */
	const struct mark *mark;
};

typedef void (*cidr_fn)(struct lint *lint, const struct cidr *cidr);

/* The prefix of a pool, handed on as a default, is the same text. */
static bool is_of_pool(const struct site *site, const struct addr_at *at)
{
	for (uint32_t i = 0; i < site->n_pools; i++)
		if (site->pools[i].spec->use != HBR_POOL_POD && at->source.text &&
		    site->pools[i].prefix.source.text == at->source.text)
			return true;
	return false;
}

static void each_of_list(struct lint *lint, const struct addr_list *list, struct cidr cidr,
                         cidr_fn cb)
{
	const struct mark *owner = cidr.mark;

	for (uint32_t i = 0; i < list->n; i++) {
		cidr.at = &list->items[i];
		if (is_of_pool(lint->site, cidr.at))
			continue;
		cidr.mark = cidr.at->source.at.line ? &cidr.at->source.at : owner;
		cb(lint, &cidr);
	}
}

/* Pools of pods are in site->pods. Of the others, resolving reports what it cannot read. */
static bool is_address_pool(const struct pool *pool)
{
	return pool->prefix.addr.family && pool->spec->use != HBR_POOL_POD;
}

static void each_cidr(struct lint *lint, cidr_fn cb)
{
	const struct site *site = lint->site;

	each_of_list(lint, &site->pods, (struct cidr){ .what = "pod CIDR", .mark = &site->at },
	             cb);
	each_of_list(lint, &site->services,
	             (struct cidr){ .what = "service CIDR", .mark = &site->at }, cb);
	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct pool *pool = &site->pools[i];
		const struct cidr cidr = {
			.at = &pool->prefix,
			.path = pool->path,
			.what = "pool prefix",
			.mark = pool->prefix.source.at.line ? &pool->prefix.source.at
			                                    : &pool->at,
		};

		if (is_address_pool(pool))
			cb(lint, &cidr);
	}
	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			const struct veth *veth = &node->veths[k];
			const struct cidr cidr = { .path = veth->path,
				                   .what = "reach",
				                   .mark = &veth->at };

			each_of_list(lint, &veth->reach, cidr, cb);
		}
	}
}

static void syntax(struct lint *lint, const struct cidr *cidr)
{
	const char *text = cidr->at->source.text ? cidr->at->source.text : "";

	if (cidr->at->addr.family)
		return;
	lint_found(lint, cidr->mark, cidr->path,
	           lint_addr_hint(lint, text, "write it like 10.1.0.0/16 or 2001:db8:1::/64"),
	           "%s \"%.64s\" is no prefix", cidr->what, text);
}

static void check_syntax(struct lint *lint)
{
	each_cidr(lint, syntax);
}

/* "2001:db8:42:0::56" is meant as 2001:db8:42::/56: the length as the last group. */
static bool length_as_group(const struct addr_at *at, hbr_addr *out)
{
	const char *text = at->source.text;
	const char *group = text ? strrchr(text, ':') : NULL;
	unsigned length = 0;
	int used = 0;

	if (!group || sscanf(group + 1, "%3u%n", &length, &used) != 1 || group[1 + used] ||
	    length < 8 || length > 127)
		return false;
	*out = at->addr;
	out->bytes[14] = 0;
	out->bytes[15] = 0;
	out->length = (uint8_t)length;
	return prefix_is_network(out);
}

/* The shortest length that the bytes of a network written without one allow, of the usual. */
static hbr_addr usual_length(const hbr_addr *addr)
{
	static const uint8_t v4[] = { 8, 16, 24, 32 };
	static const uint8_t v6[] = { 32, 48, 56, 64, 112, 128 };
	const uint8_t *lengths = addr->family == 4 ? v4 : v6;
	hbr_addr net = *addr;

	for (net.length = *lengths; !prefix_is_network(&net) && net.length < prefix_bits(addr);)
		net.length = *++lengths;
	return net;
}

static void no_length(struct lint *lint, const struct cidr *cidr)
{
	const struct addr_at *at = cidr->at;
	const char *hint;
	hbr_addr guess;

	if (!at->addr.family || at->has_length)
		return;
	if (length_as_group(at, &guess)) {
		hint = lint_text(lint, "did you mean %s?", lint_prefix(lint, &guess));
	} else {
		guess = usual_length(&at->addr);
		hint = lint_text(lint, "write its length too, like %s",
		                 lint_prefix(lint, &guess));
	}
	lint_found(lint, cidr->mark, cidr->path, hint,
	           "%s %.64s has no prefix length: it is one address", cidr->what,
	           at->source.text ? at->source.text : lint_host(lint, &at->addr));
}

static void check_no_length(struct lint *lint)
{
	each_cidr(lint, no_length);
}

static void host_bits(struct lint *lint, const struct cidr *cidr)
{
	const struct addr_at *at = cidr->at;
	hbr_addr net = prefix_network(&at->addr);

	if (!at->addr.family || !at->has_length || prefix_is_network(&at->addr))
		return;
	lint_found(lint, cidr->mark, cidr->path,
	           lint_text(lint, "the network is %s", lint_prefix(lint, &net)),
	           "%s %s has bits set behind its length", cidr->what,
	           lint_prefix(lint, &at->addr));
}

static void check_host_bits(struct lint *lint)
{
	each_cidr(lint, host_bits);
}

/* What Calico takes as a block size, per family. */
static const struct {
	int family;
	uint8_t min, max;
} block_sizes[] = { { 4, 20, 32 }, { 6, 116, 128 } };

/* A pool of pods that can be read; its blocks have the length of its spec. */
static bool is_pod_pool(const struct pool *pool)
{
	return pool->spec->use == HBR_POOL_POD && pool->prefix.addr.family &&
	       pool->prefix.has_length;
}

static void check_block_size(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct addr_at *pod = &site->pools[i].prefix;
		size_t v6 = pod->addr.family == 6;
		uint32_t block = site->pools[i].spec->length;
		const char *fault = NULL;

		if (!is_pod_pool(&site->pools[i]) || !block)
			continue;
		if (block < block_sizes[v6].min || block > block_sizes[v6].max)
			fault = "is outside of what Calico takes";
		else if (block < pod->addr.length)
			fault = "is larger than the pool";
		if (!fault)
			continue;
		lint_found(lint, pod->source.at.line ? &pod->source.at : &site->at, NULL,
		           lint_text(lint,
		                     "Calico takes %u to %u, and at least the pool's length",
		                     block_sizes[v6].min, block_sizes[v6].max),
		           "block size %u of pod CIDR %s %s", block,
		           lint_prefix(lint, &pod->addr), fault);
	}
}

/* The first pod CIDR of a family, and how many blocks all of them have. */
static const struct addr_at *count_blocks(const struct site *site, size_t v6, uint64_t *blocks)
{
	const struct addr_at *first = NULL;

	*blocks = 0;
	for (uint32_t i = 0; i < site->n_pools; i++) {
		const struct pool *pool = &site->pools[i];
		const struct addr_at *pod = &pool->prefix;

		if (!is_pod_pool(pool) || pod->addr.family != (v6 ? 6 : 4))
			continue;
		uint64_t more = prefix_subnets(&pod->addr, (uint8_t)pool->spec->length);

		*blocks = *blocks + more < more ? UINT64_MAX : *blocks + more;
		if (!first)
			first = pod;
	}
	return first;
}

/* The smallest change that gives every node a block: smaller blocks, or a wider pool. */
static const char *blocks_hint(struct lint *lint, const hbr_addr *pool, size_t v6)
{
	hbr_addr wider = *pool;
	uint32_t n_nodes = lint->site->n_nodes;
	uint8_t block = pool->length;

	while (block < block_sizes[v6].max && prefix_subnets(pool, block) < n_nodes)
		block++;
	while (wider.length > 8 &&
	       prefix_subnets(&wider, (uint8_t)lint->site->pod_block[v6]) < n_nodes)
		wider.length--;
	wider = prefix_network(&wider);
	if (prefix_subnets(pool, block) < n_nodes)
		return lint_text(lint, "take a wider pool, like %s", lint_prefix(lint, &wider));
	return lint_text(lint, "write calico.blockSize: {v%d: %u}, or a wider pool like %s",
	                 block_sizes[v6].family, block, lint_prefix(lint, &wider));
}

static void check_too_few_blocks(struct lint *lint)
{
	const struct site *site = lint->site;

	for (size_t v6 = 0; v6 < 2; v6++) {
		uint64_t blocks;
		const struct addr_at *pod = count_blocks(site, v6, &blocks);

		if (!pod || site->pod_block[v6] < pod->addr.length || blocks >= site->n_nodes)
			continue;
		lint_found(lint, pod->source.at.line ? &pod->source.at : &site->at, NULL,
		           blocks_hint(lint, &pod->addr, v6),
		           "pod CIDR %s has %llu Calico blocks of /%u for %u nodes",
		           lint_prefix(lint, &pod->addr), (unsigned long long)blocks,
		           site->pod_block[v6], site->n_nodes);
	}
}

static const char *use_text(enum lint_use use)
{
	return use == LINT_PODS ? "pod CIDR" : "service CIDR";
}

/* Reported at the CIDR that is not the first: at the inner of two, at the CIDR of a link. */
static void report_cidrs(struct lint *lint, const struct lint_span *outer,
                         const struct lint_span *inner)
{
	const struct mark *mark = &inner->cidr->source.at;

	lint_found(
	        lint, mark->line ? mark : &lint->site->at, NULL,
	        "give each a range of its own: Calico and Kubernetes hand out what they hold",
	        "%s %s overlaps %s %s", use_text(inner->use), lint_prefix(lint, &inner->net),
	        use_text(outer->use), lint_prefix(lint, &outer->net));
}

static void report_pods_in_services(struct lint *lint, const struct lint_span *outer,
                                    const struct lint_span *inner)
{
	if (outer->use != inner->use)
		report_cidrs(lint, outer, inner);
}

static void report_equal(struct lint *lint, const struct lint_span *outer,
                         const struct lint_span *inner)
{
	if (prefix_equal(&outer->net, &inner->net))
		report_cidrs(lint, outer, inner);
}

static void report_inside(struct lint *lint, const struct lint_span *outer,
                          const struct lint_span *inner)
{
	hbr_addr next = outer->net;

	if (prefix_equal(&outer->net, &inner->net))
		return;
	for (size_t bit = outer->net.length; bit-- > 0;) {
		next.bytes[bit / 8] ^= 0x80 >> bit % 8;
		if (next.bytes[bit / 8] & 0x80 >> bit % 8)
			break;
	}
	next.length = inner->net.length;
	const struct mark *mark = &inner->cidr->source.at;

	lint_found(lint, mark->line ? mark : &lint->site->at, NULL,
	           lint_text(lint,
	                     "Calico may give a pod a service's address: take a range outside, "
	                     "like %s",
	                     lint_prefix(lint, &next)),
	           "service CIDR %s lies inside pod CIDR %s", lint_prefix(lint, &inner->net),
	           lint_prefix(lint, &outer->net));
}

static void check_pods_overlap(struct lint *lint)
{
	lint_overlaps(lint, LINT_PODS, LINT_PODS, report_cidrs);
	lint_overlaps(lint, LINT_SERVICES, LINT_SERVICES, report_cidrs);
}

static void check_pods_services(struct lint *lint)
{
	lint_overlaps(lint, LINT_SERVICES, LINT_PODS, report_pods_in_services);
	lint_overlaps(lint, LINT_PODS, LINT_SERVICES, report_equal);
}

static void check_services_inside(struct lint *lint)
{
	lint_overlaps(lint, LINT_PODS, LINT_SERVICES, report_inside);
}

static void report_link(struct lint *lint, const struct lint_span *outer,
                        const struct lint_span *inner)
{
	const struct lint_span *range = outer->cidr ? outer : inner;
	const struct lint_span *link = outer->cidr ? inner : outer;
	const struct mark *mark = &range->cidr->source.at;

	lint_found(lint, mark->line ? mark : &lint->site->at, NULL,
	           "take a range that no interface of the site lies in",
	           "%s %s overlaps %s, the subnet of %s of %s%s", use_text(range->use),
	           lint_prefix(lint, &range->net), lint_prefix(lint, &link->net),
	           link->addr->ifname, link->addr->node->name,
	           lint_at(lint, &link->addr->mark));
}

static void check_links(struct lint *lint, int use)
{
	const int links = LINT_VETH | LINT_FABRIC | LINT_HOST;

	lint_overlaps(lint, use, links, report_link);
	lint_overlaps(lint, links, use, report_link);
}

static void check_pods_links(struct lint *lint)
{
	check_links(lint, LINT_PODS);
}

static void check_services_links(struct lint *lint)
{
	check_links(lint, LINT_SERVICES);
}

/* Pods of a family that the main pair has not: Calico gets no session for their routes. */
static void check_pods_family(struct lint *lint)
{
	const struct site *site = lint->site;
	int pods = addr_list_families(&site->pods);

	for (uint32_t i = 0; i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];
		const struct veth *veth = lint_main_veth(node);
		int own = veth ? addr_list_families(&veth->a.addrs) : 0;

		if (!veth || !veth->a.addrs.n || addr_list_unreadable(&veth->a.addrs) ||
		    !(pods & ~own))
			continue;
		lint_found(lint, &veth->at, veth->path,
		           lint_text(lint,
		                     "give %s an %s address, or take the %s pod CIDR away",
		                     veth->a.ifname, families_text(pods & ~own),
		                     families_text(pods & ~own)),
		           "pods have %s addresses, %s of %s has %s", families_text(pods),
		           veth->a.ifname, node->name, families_text(own));
	}
}

static void check_services_family(struct lint *lint)
{
	const struct site *site = lint->site;
	int pods = addr_list_families(&site->pods);
	int services = addr_list_families(&site->services);

	if (!pods || !services || pods == services)
		return;
	const struct mark *mark = &site->services.items[0].source.at;

	lint_found(lint, mark->line ? mark : &site->at, NULL,
	           "a dual-stack cluster has a CIDR of each family for pods and for services",
	           "pods have %s CIDRs, services %s", families_text(pods),
	           families_text(services));
}

#define ALLOCATOR_MINOR 33 /* of Kubernetes 1.x, whose allocator of service addresses is another */

/* The shortest length that a service CIDR may have; 0: any. */
static uint8_t services_min(const char *version, uint8_t family)
{
	unsigned major, minor;
	bool is_old = version && sscanf(version, "%3u.%3u", &major, &minor) == 2 &&
	              major == 1 && minor < ALLOCATOR_MINOR;

	/* Until then a bit map of 2^20. */
	if (family == 4)
		return is_old ? 12 : 0;
	return is_old ? 108 : 64;
}

static void check_services_size(struct lint *lint)
{
	const struct site *site = lint->site;

	for (uint32_t i = 0; i < site->services.n; i++) {
		const struct addr_at *at = &site->services.items[i];
		uint8_t min = services_min(site->spec->kubernetes, at->addr.family);
		hbr_addr good = at->addr;

		if (!at->addr.family || !at->has_length || at->addr.length >= min)
			continue;
		good.length = min;
		lint_found(lint, at->source.at.line ? &at->source.at : &site->at, NULL,
		           lint_text(lint, "write a smaller one, like %s",
		                     lint_prefix(lint, &good)),
		           "service CIDR %s is too large: the API server takes /%u and smaller",
		           lint_prefix(lint, &at->addr), min);
	}
}

const struct lint_rule lint_cidr_rules[] = {
	{ "cidr-syntax", HBR_LEVEL_ERROR, "Every prefix can be read.", check_syntax },
	{ "cidr-no-length", HBR_LEVEL_ERROR, "Prefixes are written with their length.",
	  check_no_length },
	{ "cidr-host-bits", HBR_LEVEL_ERROR, "Prefixes have no bits set behind their length.",
	  check_host_bits },
	{ "pods-block-size", HBR_LEVEL_ERROR,
	  "The block size is one that Calico takes and that fits the pool.", check_block_size },
	{ "pods-too-few-blocks", HBR_LEVEL_ERROR,
	  "The pod CIDRs of a family have a Calico block for every node.",
	  check_too_few_blocks },
	{ "pods-overlap", HBR_LEVEL_ERROR,
	  "Pod CIDRs do not overlap each other, nor do service CIDRs.", check_pods_overlap },
	{ "pods-overlap-services", HBR_LEVEL_ERROR,
	  "No pod CIDR lies in a service CIDR or equals it.", check_pods_services },
	{ "services-too-large", HBR_LEVEL_ERROR,
	  "Service CIDRs are no larger than the API server takes.", check_services_size },
	{ "services-inside-pods", HBR_LEVEL_WARNING, "No service CIDR lies inside a pod CIDR.",
	  check_services_inside },
	{ "pods-overlap-links", HBR_LEVEL_ERROR,
	  "No pod CIDR overlaps a subnet of the site's interfaces.", check_pods_links },
	{ "services-overlap-links", HBR_LEVEL_ERROR,
	  "No service CIDR overlaps a subnet of the site's interfaces.", check_services_links },
	{ "pods-family", HBR_LEVEL_ERROR,
	  "Pods have only families that every node's main veth pair has too.",
	  check_pods_family },
	{ "services-family", HBR_LEVEL_WARNING, "Pods and services have the same families.",
	  check_services_family },
	{ .code = NULL },
};
