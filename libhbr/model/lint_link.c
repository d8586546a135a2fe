/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of links: interface names, MAC addresses, namespaces, sysctls, static routes. */
#include <ctype.h>
#include <string.h>

#include "model/lint_rules.h"

#define IFNAME_LENGTH 15 /* IFNAMSIZ without the NUL */

/* A name that an interface has in a namespace of a node. */
struct ifname {
	const char *name;
	const struct node *node;
	const char *netns;
	const char *path;
	const struct mark *mark;
	uint32_t number;
};

typedef void (*ifname_fn)(struct lint *lint, const struct ifname *ifname, void *user);

static void call(struct lint *lint, struct ifname ifname, const char *name, const char *netns,
                 ifname_fn cb, void *user)
{
	ifname.name = name;
	ifname.netns = netns ? netns : "";
	if (name && *name)
		cb(lint, &ifname, user);
}

static void names_of_veth(struct lint *lint, const struct node *node, const struct veth *veth,
                          ifname_fn cb, void *user)
{
	struct ifname ifname = { .node = node, .path = veth->path };

	ifname.mark = veth->a.at.line ? &veth->a.at : &veth->at;
	call(lint, ifname, veth->a.ifname, veth->a.netns, cb, user);
	ifname.mark = veth->b.at.line ? &veth->b.at : &veth->at;
	call(lint, ifname, veth->b.ifname, veth->b.netns, cb, user);
}

/* A NIC has its name in the node's default namespace before it moves, and where it moves to. */
static void names_of_uplinks(struct lint *lint, const struct node *node,
                             const struct netns *netns, ifname_fn cb, void *user)
{
	for (uint32_t i = 0; i < netns->n_uplinks; i++) {
		const struct uplink *uplink = &netns->uplinks[i];
		struct ifname ifname = { .node = node, .path = netns->path };

		ifname.mark = uplink->at.line ? &uplink->at : &netns->at;
		call(lint, ifname, uplink->ifname, netns->name, cb, user);
		if (*netns->name)
			call(lint, ifname, uplink->ifname, "", cb, user);
	}
}

/* With FRR a VRF is a device of its name; cRPD names its devices itself. */
static void names_of_vrfs(struct lint *lint, const struct node *node, ifname_fn cb, void *user)
{
	const char *engine = lint->site->spec->engine;

	if (engine && !strcmp(engine, "crpd"))
		return;
	for (uint32_t i = 0; i < node->n_vrfs; i++) {
		const struct vrf *vrf = &node->vrfs[i];
		struct ifname ifname = { .node = node, .path = vrf->path, .mark = &vrf->at };

		call(lint, ifname, vrf->name, vrf->netns, cb, user);
	}
}

static void each_ifname(struct lint *lint, ifname_fn cb, void *user)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++)
			names_of_veth(lint, node, &node->veths[k], cb, user);
		for (uint32_t k = 0; k < node->n_netns; k++)
			names_of_uplinks(lint, node, &node->netns[k], cb, user);
		names_of_vrfs(lint, node, cb, user);
	}
}

static void too_long(struct lint *lint, const struct ifname *ifname, void *user)
{
	(void)user;
	if (strlen(ifname->name) <= IFNAME_LENGTH)
		return;
	lint_found(lint, ifname->mark, ifname->path,
	           lint_text(lint, "the kernel takes %u bytes, like %.*s", IFNAME_LENGTH,
	                     IFNAME_LENGTH, ifname->name),
	           "interface name %.64s of %s has %zu bytes", ifname->name, ifname->node->name,
	           strlen(ifname->name));
}

static void check_too_long(struct lint *lint)
{
	each_ifname(lint, too_long, NULL);
}

/*
 * The kernel takes more (dev_valid_name()), but '%' is a template to it, and to systemd, whose files
 * name our links, "*", "?", "[" and "!" mean other links, and quotes quote.
 */
static const char *ifname_fault(const char *name)
{
	static const char *const taken[] = { ".", "..", "all", "default", "lo" };

	for (size_t i = 0; i < hbr_count(taken); i++)
		if (!strcmp(name, taken[i]))
			return "means something else already";
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.@+", *c))
			return "holds a character that interface names may not have";
	return NULL;
}

static void bad_name(struct lint *lint, const struct ifname *ifname, void *user)
{
	const char *fault = ifname_fault(ifname->name);

	(void)user;
	if (fault)
		lint_found(lint, ifname->mark, ifname->path,
		           "letters, digits, '-', '_' and '.' are safe",
		           "interface name \"%.64s\" of %s %s", ifname->name,
		           ifname->node->name, fault);
}

static void check_bad_name(struct lint *lint)
{
	each_ifname(lint, bad_name, NULL);
}

typedef VEC(struct ifname) ifname_vec;

static void gather(struct lint *lint, const struct ifname *ifname, void *user)
{
	ifname_vec *vec = user;
	struct ifname *item = vec_push(vec, 0x7fffffff);

	if (!item) {
		lint->rc = HBR_ENOMEM;
		return;
	}
	*item = *ifname;
	item->number = (uint32_t)vec->n;
}

static int ifname_cmp(const void *left, const void *right)
{
	const struct ifname *a = left;
	const struct ifname *b = right;
	int order = strcmp(a->netns, b->netns);

	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = a->number < b->number ? -1 : 1;
	return order;
}

static void report_same_names(struct lint *lint, const struct ifname *names, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct ifname *a = &names[i - 1];
		const struct ifname *b = &names[i];

		if (strcmp(a->netns, b->netns) || strcmp(a->name, b->name))
			continue;
		lint_found(lint, b->mark, b->path, "give one of them another name",
		           "%s has two interfaces %s in %s%s: %s and %s", b->node->name,
		           b->name, *b->netns ? "namespace " : "its default namespace",
		           b->netns, a->path, b->path);
	}
}

static void check_same_name(struct lint *lint)
{
	ifname_vec vec = { 0 };
	size_t start = 0;

	each_ifname(lint, gather, &vec);
	for (size_t i = 0; i < vec.n; i++) {
		if (i + 1 < vec.n && vec.items[i + 1].node == vec.items[start].node)
			continue;
		qsort(&vec.items[start], i + 1 - start, sizeof(*vec.items), ifname_cmp);
		report_same_names(lint, &vec.items[start], i + 1 - start);
		start = i + 1;
	}
	vec_free(&vec);
}

struct mac_use {
	const struct end *end;
	const struct veth *veth;
	const struct node *node;
};

static int mac_cmp(const void *left, const void *right)
{
	const struct mac_use *a = left;
	const struct mac_use *b = right;
	int order = memcmp(a->end->mac, b->end->mac, sizeof(a->end->mac));

	/* Nodes, pairs and ends lie in arrays in the order of the document. */
	return order ? order : a->end < b->end ? -1 : a->end > b->end;
}

static bool mac_is_zero(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !memcmp(mac, zero, sizeof(zero));
}

static size_t count_ends(const struct site *site)
{
	size_t n = 0;

	for (uint32_t i = 0; i < site->n_nodes; i++)
		n += (size_t)site->nodes[i].n_veths * 2;
	return n;
}

static void check_mac_duplicate(struct lint *lint)
{
	const struct site *site = lint->site;
	struct mac_use *uses = lint_array(lint, count_ends(site), sizeof(*uses));
	size_t n = 0;

	for (uint32_t i = 0; uses && i < site->n_nodes; i++) {
		const struct node *node = &site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			const struct veth *veth = &node->veths[k];

			if (!mac_is_zero(veth->a.mac))
				uses[n++] = (struct mac_use){ &veth->a, veth, node };
			if (!mac_is_zero(veth->b.mac))
				uses[n++] = (struct mac_use){ &veth->b, veth, node };
		}
	}
	if (n)
		qsort(uses, n, sizeof(*uses), mac_cmp);
	for (size_t i = 1; i < n; i++) {
		const struct mac_use *a = &uses[i - 1];
		const struct mac_use *b = &uses[i];
		char mac[18];

		if (memcmp(a->end->mac, b->end->mac, sizeof(a->end->mac)))
			continue;
		lint_found(lint, b->end->at.line ? &b->end->at : &b->veth->at, b->veth->path,
		           "leave the MAC out: it is then derived from the names",
		           "%s of %s: MAC %s is that of %s of %s already", b->end->ifname,
		           b->node->name, mac_format(b->end->mac, mac), a->end->ifname,
		           a->node->name);
	}
}

static void report_mac(struct lint *lint, const struct node *node, const struct veth *veth,
                       const struct end *end)
{
	char mac[18];

	if (!(end->mac[0] & 1))
		return;
	lint_found(lint, end->at.line ? &end->at : &veth->at, veth->path,
	           "a unicast MAC has an even first byte, like 02:00:00:00:00:01",
	           "%s of %s: MAC %s is a multicast address", end->ifname, node->name,
	           mac_format(end->mac, mac));
}

static void check_mac_unicast(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			report_mac(lint, node, &node->veths[k], &node->veths[k].a);
			report_mac(lint, node, &node->veths[k], &node->veths[k].b);
		}
	}
}

static void check_sysctls_of(struct lint *lint, const struct node *node,
                             const struct netns *netns)
{
	static const char *const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                "0123456789_-./";

	for (const char *const *sysctl = netns->sysctls; sysctl && *sysctl; sysctl++) {
		const char *sign = strchr(*sysctl, '=');
		const char *fault = NULL;

		if (!sign || sign == *sysctl || !sign[1])
			fault = "is not of the form name=value";
		else if (strncmp(*sysctl, "net.", 4) && strncmp(*sysctl, "net/", 4))
			fault = "is not of a network namespace";
		else if (strspn(*sysctl, safe) != (size_t)(sign - *sysctl) ||
		         strstr(*sysctl, "..") || strstr(*sysctl, "//"))
			fault = "has a malformed name";
		if (fault)
			lint_found(lint, &netns->at, netns->path,
			           "write it like net.ipv4.conf.all.rp_filter=2",
			           "sysctl \"%.64s\" of %s %s", *sysctl, node->name, fault);
	}
}

static bool list_holds(const struct addr_list *list, const hbr_addr *via)
{
	for (uint32_t i = 0; i < list->n; i++) {
		hbr_addr net = prefix_network(&list->items[i].addr);

		if (prefix_contains(&net, via))
			return true;
	}
	return false;
}

/* Whether an interface of the namespace has a subnet that holds the gateway. */
static bool is_on_link(const struct node *node, const struct netns *netns, const hbr_addr *via)
{
	if (addr_is_link_local(via))
		return true;
	for (uint32_t i = 0; i < netns->n_uplinks; i++)
		if (list_holds(&netns->uplinks[i].addrs, via))
			return true;
	for (uint32_t i = 0; i < node->n_veths; i++) {
		const struct veth *veth = &node->veths[i];

		if (!strcmp(veth->a.netns, netns->name) && list_holds(&veth->a.addrs, via))
			return true;
		if (!strcmp(veth->b.netns, netns->name) && list_holds(&veth->b.addrs, via))
			return true;
	}
	return false;
}

/* Resolving leaves out routes without gateway and interface, and those of two families. */
static void check_route(struct lint *lint, const struct node *node, const struct netns *netns,
                        const struct static_route *route)
{
	if (!route->via.family || route->vrf || is_on_link(node, netns, &route->via))
		return;
	lint_found(lint, route->at.line ? &route->at : &netns->at, netns->path,
	           "a gateway is the address of a neighbor in a subnet of this namespace",
	           "route to %s on %s: no interface of %s%s has a subnet with gateway %s",
	           lint_prefix(lint, &route->to), node->name,
	           *netns->name ? "namespace " : "the default namespace", netns->name,
	           lint_host(lint, &route->via));
}

static void check_sysctls(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_netns; k++)
			check_sysctls_of(lint, node, &node->netns[k]);
	}
}

static void check_routes(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_netns; k++)
			for (uint32_t r = 0; r < node->netns[k].n_routes; r++)
				check_route(lint, node, &node->netns[k],
				            &node->netns[k].routes[r]);
	}
}

static void report_netns(struct lint *lint, const struct node *node, const struct veth *veth,
                         const struct end *end)
{
	if (!end->netns || !*end->netns || node_netns(node, end->netns))
		return;
	lint_found(lint, end->at.line ? &end->at : &veth->at, veth->path,
	           "declare the namespace, or name the router's",
	           "%s of %s is in namespace %.64s, which the site does not have", end->ifname,
	           node->name, end->netns);
}

static void check_netns(struct lint *lint)
{
	for (uint32_t i = 0; i < lint->site->n_nodes; i++) {
		const struct node *node = &lint->site->nodes[i];

		for (uint32_t k = 0; k < node->n_veths; k++) {
			report_netns(lint, node, &node->veths[k], &node->veths[k].a);
			report_netns(lint, node, &node->veths[k], &node->veths[k].b);
		}
	}
}

const struct lint_rule lint_link_rules[] = {
	{ "ifname-too-long", HBR_LEVEL_ERROR,
	  "Interface names, and with FRR the names of VRFs, have at most 15 bytes.",
	  check_too_long },
	{ "ifname-invalid", HBR_LEVEL_ERROR,
	  "Interface names mean one interface to the kernel and to systemd.", check_bad_name },
	{ "ifname-duplicate", HBR_LEVEL_ERROR,
	  "No two interfaces of one namespace have one name.", check_same_name },
	{ "link-mac-duplicate", HBR_LEVEL_ERROR, "No two veth ends have one MAC address.",
	  check_mac_duplicate },
	{ "link-mac-multicast", HBR_LEVEL_ERROR, "MAC addresses of veth ends are unicast.",
	  check_mac_unicast },
	{ "netns-unknown", HBR_LEVEL_ERROR,
	  "The namespaces that veth ends are in are declared.", check_netns },
	{ "sysctl-syntax", HBR_LEVEL_ERROR,
	  "Sysctls are name=value, of the net tree: others are not of a namespace.",
	  check_sysctls },
	{ "route-gateway", HBR_LEVEL_ERROR,
	  "The gateway of a static route is in a subnet of its namespace.", check_routes },
	{ .code = NULL },
};
