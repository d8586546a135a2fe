/* SPDX-License-Identifier: Apache-2.0 */
/* The lab's own view of a site: what BIRD and the pods need, read through the public API. */
#include "lab.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int lab_fail(const char *fmt, ...)
{
	va_list args;

	fputs("hbr: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return HBR_EINVAL;
}

/* Adds `value` shifted left by `shift` bits to an address: block number to block. */
static void addr_add(hbr_addr *addr, uint64_t value, unsigned int shift)
{
	unsigned int size = addr->family == 4 ? 4 : 16;

	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(value >> bit & 1))
			continue;
		unsigned int place = bit + shift; /* from the right */
		unsigned int carry = 1U << (place % 8);

		for (int byte = (int)(size - 1 - place / 8); byte >= 0 && carry; byte--) {
			carry += addr->bytes[byte];
			addr->bytes[byte] = (uint8_t)carry;
			carry >>= 8;
		}
	}
}

static unsigned int addr_bits(const hbr_addr *addr)
{
	return addr->family == 4 ? 32 : 128;
}

/* The first address of each family of a list of texts. */
static int first_addrs(const char *const *texts, hbr_addr out[2], hbr_error **err)
{
	for (; texts && *texts; texts++) {
		hbr_addr addr;
		int rc = hbr_addr_parse(*texts, &addr, err);

		if (rc < 0)
			return rc;
		if (!out[addr.family == 6].family)
			out[addr.family == 6] = addr;
	}
	return 0;
}

static int add_network(struct lab_node *node, const hbr_attach_spec *attach)
{
	size_t used = strlen(node->networks), room = sizeof(node->networks) - used;

	if ((size_t)snprintf(node->networks + used, room, "%s%s/%s", used ? "," : "", attach->ns,
			     attach->name) >= room)
		return lab_fail("%s has more networks than a lab can attach to", node->name);
	return 0;
}

/* The main pair is the one that no pod attaches to. */
static int read_veth(struct lab *lab, struct lab_node *node, hbr_object *object, hbr_error **err)
{
	hbr_object *veth = NULL;
	bool is_there = false;
	int rc = 0;

	while (rc == 0 && (veth = hbr_object_next(object, HBR_OBJECT_VETH, veth))) {
		hbr_veth_spec spec = { .size = sizeof(spec) };

		rc = hbr_veth_get(veth, &spec, err);
		if (rc == 0 && spec.attach) {
			rc = add_network(node, spec.attach);
			continue;
		}
		if (rc < 0 || is_there)
			continue;
		is_there = true;
		lab->host_if = spec.a->ifname;
		lab->router_if = spec.b->ifname;
		rc = first_addrs(spec.a->addrs, node->host, err);
		if (rc == 0)
			rc = first_addrs(spec.b->addrs, node->router, err);
	}
	return rc < 0 || is_there ? rc : lab_fail("%s has no veth pair", node->name);
}

static int read_uplink(struct lab *lab, struct lab_node *node, hbr_object *object, hbr_error **err)
{
	hbr_object *netns = NULL;

	while ((netns = hbr_object_next(object, HBR_OBJECT_NETNS, netns))) {
		hbr_netns_spec spec = { .size = sizeof(spec) };
		int rc = hbr_netns_get(netns, &spec, err);

		if (rc < 0)
			return rc;
		if (!spec.uplinks || !spec.uplinks[0])
			continue;
		lab->uplink = spec.uplinks[0]->ifname;
		return first_addrs(spec.uplinks[0]->addrs, node->uplink, err);
	}
	return lab_fail("%s has no uplink", node->name);
}

/* Block number index - 1 of the first pod pool of each family; the pod is its second address. */
static int read_blocks(struct lab *lab, hbr_error **err)
{
	hbr_object *site = hbr_topology_site(lab->topology);
	hbr_object *object = NULL;
	bool have[2] = { false, false };

	while ((object = hbr_object_next(site, HBR_OBJECT_POOL, object))) {
		hbr_pool_spec pool = { .size = sizeof(pool) };
		hbr_addr cidr;
		int rc = hbr_pool_get(object, &pool, err);

		if (rc == 0 && pool.use == HBR_POOL_POD)
			rc = hbr_addr_parse(pool.prefix, &cidr, err);
		if (rc < 0)
			return rc;
		if (pool.use != HBR_POOL_POD || have[cidr.family == 6])
			continue;
		have[cidr.family == 6] = true;
		for (size_t i = 0; i < lab->n; i++) {
			struct lab_node *node = &lab->nodes[i];
			hbr_addr *block = &node->block[cidr.family == 6];

			*block = cidr;
			block->length = (uint8_t)pool.length;
			addr_add(block, node->index - 1, addr_bits(&cidr) - pool.length);
			node->pod[cidr.family == 6] = *block;
			node->pod[cidr.family == 6].length = (uint8_t)addr_bits(&cidr);
			addr_add(&node->pod[cidr.family == 6], 1, 0);
		}
	}
	return 0;
}

static uint32_t calico_asn(const hbr_site_spec *site, const hbr_node_spec *node)
{
	if (site->calico_mode == HBR_CALICO_IBGP)
		return site->asn;
	if (site->calico_mode == HBR_CALICO_EBGP_PER_NODE)
		return site->calico_asn + node->index;
	return site->calico_asn;
}

/* The names of a node's namespace and folder. A copy of the lab's name: gcc fears overlaps. */
static void name_node(const struct lab *lab, struct lab_node *node)
{
	char lab_name[sizeof(lab->name)];

	memcpy(lab_name, lab->name, sizeof(lab_name));
	snprintf(node->netns, sizeof(node->netns), "%.31s-%.63s", lab_name, node->name);
	snprintf(node->dir, sizeof(node->dir), LAB_DIR "/%.31s/%.63s", lab_name, node->name);
}

static int read_node(struct lab *lab, hbr_object *object, hbr_error **err)
{
	struct lab_node *node = &lab->nodes[lab->n];
	hbr_node_spec spec = { .size = sizeof(spec) };
	int rc = hbr_node_get(object, &spec, err);

	if (rc < 0)
		return rc;
	node->name = spec.name;
	node->index = spec.index;
	node->calico_asn = calico_asn(&lab->site, &spec);
	name_node(lab, node);
	rc = read_veth(lab, node, object, err);
	if (rc == 0)
		rc = read_uplink(lab, node, object, err);
	if (rc == 0 && spec.role == HBR_ROLE_CONTROL_PLANE && !lab->has_api) {
		lab->has_api = true;
		lab->api = lab->n;
	}
	if (rc == 0)
		lab->n++;
	return rc;
}

int lab_init(struct lab *lab, hbr_topology *topology, const char *name, hbr_error **err)
{
	hbr_object *site = hbr_topology_site(topology);
	hbr_object *object = NULL;
	int rc;

	memset(lab, 0, sizeof(*lab));
	lab->topology = topology;
	lab->site.size = sizeof(lab->site);
	rc = hbr_site_get(site, &lab->site, err);
	if (rc < 0)
		return rc;
	if (!name)
		name = lab->site.name;
	if (!name || !*name || strlen(name) > 24 || strspn(name, "abcdefghijklmnopqrstuvwxyz"
								 "0123456789-") != strlen(name))
		return lab_fail("a lab's name is 1 to 24 of a-z, 0-9 and '-', not '%s'",
				name ? name : "");
	snprintf(lab->name, sizeof(lab->name), "%.31s", name);
	snprintf(lab->dir, sizeof(lab->dir), LAB_DIR "/%s", lab->name);
	snprintf(lab->file, sizeof(lab->file), "%s/lab", lab->dir);
	while ((object = hbr_object_next(site, HBR_OBJECT_NODE, object))) {
		if (lab->n == LAB_NODES_MAX)
			return lab_fail("a lab has at most %d nodes", LAB_NODES_MAX);
		rc = read_node(lab, object, err);
		if (rc < 0)
			return rc;
	}
	return read_blocks(lab, err);
}
