/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sysctls that routing needs in the router's namespace and in the node's own, then the
 * user's. Those of a namespace come before its links, so that links are born with the right
 * defaults.
 */
#include "compile/compile.h"

#include <string.h>

enum place { ROUTER, HOST };

/*
 * A new namespace copies net.ipv4.conf of the first one but starts IPv6 at the kernel's
 * defaults (core/devconf_inherit_init_net): everything is said, nothing is left to inheritance.
 */
static const struct {
	enum place place;
	int family; /* only on nodes that have addresses of it */
	uint32_t flags;
	const char *key, *value;
} rows[] = {
	{ ROUTER, 4, 0, "net/ipv4/ip_forward", "1" },
	/* Replies may come back through another uplink than requests left by. */
	{ ROUTER, 4, 0, "net/ipv4/conf/all/rp_filter", "0" },
	{ ROUTER, 4, 0, "net/ipv4/conf/default/rp_filter", "0" },
	/* Else the first address of a subnet takes the others with it when it goes. */
	{ ROUTER, 4, 0, "net/ipv4/conf/all/promote_secondaries", "1" },
	/* ECMP by ports as well as addresses. */
	{ ROUTER, 4, HBR_RESOURCE_OPTIONAL, "net/ipv4/fib_multipath_hash_policy", "1" },
	{ ROUTER, 6, 0, "net/ipv6/conf/all/forwarding", "1" },
	{ ROUTER, 6, 0, "net/ipv6/conf/default/forwarding", "1" },
	/* Links are ours and addresses unique: link-local addresses are usable at once. */
	{ ROUTER, 6, HBR_RESOURCE_OPTIONAL, "net/ipv6/conf/all/accept_dad", "0" },
	{ ROUTER, 6, HBR_RESOURCE_OPTIONAL, "net/ipv6/conf/default/accept_dad", "0" },
	/* "link down" would delete IPv6 addresses, and nobody would put them back. */
	{ ROUTER, 6, HBR_RESOURCE_OPTIONAL, "net/ipv6/conf/all/keep_addr_on_down", "1" },
	{ ROUTER, 6, HBR_RESOURCE_OPTIONAL, "net/ipv6/conf/default/keep_addr_on_down", "1" },
	{ ROUTER, 6, HBR_RESOURCE_OPTIONAL, "net/ipv6/fib_multipath_hash_policy", "1" },
	{ HOST, 4, 0, "net/ipv4/ip_forward", "1" },
	{ HOST, 6, 0, "net/ipv6/conf/all/forwarding", "1" },
};

/* What each end of a veth pair needs beyond its namespace's; the interface is `%s`. */
static const struct {
	uint32_t end_flag; /* enum hbr_end_flag; 0: every end in the node's own namespace */
	int family;
	const char *prefix, *suffix, *value;
} end_rows[] = {
	/* Loose: conf/all of a distribution is 1 or 2, and the larger of the two counts. */
	{ 0, 4, "net/ipv4/conf/", "/rp_filter", "2" },
	{ 0, 6, "net/ipv6/conf/", "/keep_addr_on_down", "1" },
	{ HBR_END_PROXY_ARP, 4, "net/ipv4/conf/", "/proxy_arp", "1" },
	{ HBR_END_PROXY_NDP, 6, "net/ipv6/conf/", "/proxy_ndp", "1" },
};

static int put(struct build *build, const char *netns, const char *key, const char *value,
               const char *owner, uint32_t flags, hbr_error **err)
{
	hbr_sysctl body = { .value = value };

	return build_put(build, HBR_KIND_SYSCTL, netns, key, owner, flags, &body, err);
}

static int put_rows(struct build *build, hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(rows); i++) {
		const char *netns = rows[i].place == ROUTER ? router_netns(build) : "";
		const struct netns *owner = node_netns(build->node, netns);

		if (!node_speaks(build->node, rows[i].family))
			continue;
		int rc = put(build, netns, rows[i].key, rows[i].value,
		             owner ? owner->path : build->node->name, rows[i].flags, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int put_end(struct build *build, const struct veth *veth, const struct end *end,
                   hbr_error **err)
{
	for (size_t i = 0; i < hbr_count(end_rows); i++) {
		uint32_t flag = end_rows[i].end_flag;

		if (flag ? !(end->flags & flag) : end->netns[0] != '\0')
			continue;
		if (!addr_list_first(&end->addrs, end_rows[i].family))
			continue;
		char *key = arena_printf(build->arena, "%s%s%s", end_rows[i].prefix,
		                         end->ifname, end_rows[i].suffix);
		if (!key)
			return hbr_oom(err);
		int rc = put(build, end->netns, key, end_rows[i].value, veth->path,
		             HBR_RESOURCE_OPTIONAL, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Labels: none are known at first, and packets that carry one are dropped. */
static int put_mpls(struct build *build, const struct netns *netns, hbr_error **err)
{
	int rc = put(build, netns->name, "net/mpls/platform_labels", "1048575", netns->path,
	             HBR_RESOURCE_OPTIONAL, err);

	for (uint32_t i = 0; i < netns->n_uplinks && rc == 0; i++) {
		char *key = arena_printf(build->arena, "net/mpls/conf/%s/input",
		                         netns->uplinks[i].ifname);

		if (!key)
			return hbr_oom(err);
		rc = put(build, netns->name, key, "1", netns->path, HBR_RESOURCE_OPTIONAL, err);
	}
	return rc;
}

static bool has_mpls(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_vrfs; i++) {
		if (node->vrfs[i].encap == HBR_OVERLAY_MPLS_UDP)
			return true;
	}
	return false;
}

/* "net.ipv4.ip_forward=1"; as in sysctl(8) the first separator, dot or slash, decides. */
static int put_users(struct build *build, const struct netns *netns, const char *text,
                     hbr_error **err)
{
	const char *equals = strchr(text, '=');
	size_t first = strcspn(text, "./");

	if (!equals || equals == text || !equals[1] || text + first > equals)
		return hbr_fail_at(err, HBR_EMODEL, &netns->at, netns->path,
		                   "\"%s\" is not a sysctl: \"net.ipv4.ip_forward=1\"", text);
	char *key = arena_strndup(build->arena, text, (size_t)(equals - text));
	if (!key)
		return hbr_oom(err);
	if (text[first] == '.') {
		for (char *p = key; *p; p++)
			*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	}
	return put(build, netns->name, key, equals + 1, netns->path, 0, err);
}

int sysctl_compile(struct build *build, hbr_error **err)
{
	const struct node *node = build->node;
	const struct netns *router = node_netns(node, router_netns(build));
	int rc = put_rows(build, err);

	if (rc == 0 && router && has_mpls(node))
		rc = put_mpls(build, router, err);
	for (uint32_t i = 0; i < node->n_veths && rc == 0; i++) {
		const struct veth *veth = &node->veths[i];

		if (!veth_is_main(veth))
			continue;
		rc = put_end(build, veth, &veth->a, err);
		if (rc == 0)
			rc = put_end(build, veth, &veth->b, err);
	}
	for (uint32_t i = 0; i < node->n_netns && rc == 0; i++) {
		const char *const *sysctls = node->netns[i].sysctls;

		for (size_t j = 0; sysctls && sysctls[j] && rc == 0; j++)
			rc = put_users(build, &node->netns[i], sysctls[j], err);
	}
	return rc;
}
