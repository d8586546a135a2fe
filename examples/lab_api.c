/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference site built in code, without YAML: five nodes, dual stack, three control planes.
 * With a site document it compares what the two would put on each node.
 *
 *	lab_api                                 prints what node1 should have
 *	lab_api examples/sites/table1.yaml      exits 0 when all nodes are equal
 */
#include <hbr/hbr.h>
#include <stdio.h>
#include <string.h>

#define NODES 5
#define CONTROL_PLANES 3

/* Every spec struct carries its size; what is not named keeps its default. */
#define SPEC(type, ...) (&(const type){ .size = sizeof(type), __VA_ARGS__ })
#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define UPLINKS(...) ((const hbr_uplink_spec *const[]){ __VA_ARGS__, NULL })

/* What all nodes have alike: a NIC in the router's namespace, and the veth pair to it. */
static int add_templates(hbr_object *site, hbr_error **err)
{
	const hbr_uplink_spec *nic = SPEC(hbr_uplink_spec, .ifname = "ens4");
	const hbr_end_spec *a = SPEC(hbr_end_spec, .ifname = "veth-k8s");
	const hbr_end_spec *b = SPEC(hbr_end_spec, .netns = "crpd", .ifname = "veth-crpd");
	const hbr_netns_spec *netns =
	        SPEC(hbr_netns_spec, .name = "crpd", .uplinks = UPLINKS(nic));
	const hbr_veth_spec *veth = SPEC(hbr_veth_spec, .name = "k8s", .a = a, .b = b,
	                                 .reach = LIST("10.1.0.0/21", "2001:db8::/45"));
	const hbr_pool_spec *pods4 = SPEC(hbr_pool_spec, .name = "pods4", .use = HBR_POOL_POD,
	                                  .prefix = "192.168.0.0/24");
	const hbr_pool_spec *pods6 = SPEC(hbr_pool_spec, .name = "pods6", .use = HBR_POOL_POD,
	                                  .prefix = "2001:db8:42::/56");
	int rc = hbr_pool_add(site, pods4, NULL, err);

	if (rc == 0)
		rc = hbr_pool_add(site, pods6, NULL, err);
	if (rc == 0)
		rc = hbr_netns_add(site, netns, NULL, err);
	return rc == 0 ? hbr_veth_add(site, veth, NULL, err) : rc;
}

/* Addresses follow the node's number. An object named like a template says what differs. */
static int add_node(hbr_object *site, int n, hbr_error **err)
{
	static const char *const formats[] = {
		"10.1.%d.1/30",      "2001:db8:%d::1/126",  /* veth pair, in the node */
		"10.1.%d.2/30",      "2001:db8:%d::2/126",  /* in the router's namespace */
		"192.168.1.10%d/24", "2001:db8:f::10%d/64", /* NIC */
	};
	char name[16], addr[6][32];

	snprintf(name, sizeof(name), "node%d", n);
	for (int i = 0; i < 6; i++)
		snprintf(addr[i], sizeof(addr[i]), formats[i], n);

	const hbr_uplink_spec *nic = SPEC(hbr_uplink_spec, .addrs = LIST(addr[4], addr[5]));
	const hbr_end_spec *a = SPEC(hbr_end_spec, .addrs = LIST(addr[0], addr[1]));
	const hbr_end_spec *b = SPEC(hbr_end_spec, .addrs = LIST(addr[2], addr[3]));
	const hbr_netns_spec *netns =
	        SPEC(hbr_netns_spec, .name = "crpd", .uplinks = UPLINKS(nic));
	const hbr_veth_spec *veth = SPEC(hbr_veth_spec, .name = "k8s", .a = a, .b = b);
	int32_t role = n <= CONTROL_PLANES ? HBR_ROLE_CONTROL_PLANE : HBR_ROLE_WORKER;
	const hbr_node_spec *spec = SPEC(hbr_node_spec, .name = name, .role = role);
	hbr_object *node;
	int rc = hbr_node_add(site, spec, &node, err);

	if (rc == 0)
		rc = hbr_netns_add(node, netns, NULL, err);
	return rc == 0 ? hbr_veth_add(node, veth, NULL, err) : rc;
}

static int build(hbr_topology *topology, hbr_error **err)
{
	hbr_object *site = hbr_topology_site(topology);
	const hbr_site_spec *spec =
	        SPEC(hbr_site_spec, .name = "reference", .asn = 64500, .kubernetes = "1.28.15",
	             .endpoint = "api.reference.example:6443",
	             .services = LIST("10.96.0.0/16", "2001:db8:42:100::/112"));
	int rc = hbr_site_set(site, spec, err);

	if (rc == 0)
		rc = add_templates(site, err);
	for (int n = 1; n <= NODES && rc == 0; n++)
		rc = add_node(site, n, err);
	return rc == 0 ? hbr_topology_seal(topology, err) : rc;
}

/* Everything that should exist on a node. The caller frees *out. */
static int wanted(const hbr_topology *topology, const char *node, hbr_text **out,
                  hbr_error **err)
{
	hbr_state *state = NULL;
	int rc = hbr_compile(topology, SPEC(hbr_scope, .node = node), &state, err);

	if (rc == 0)
		rc = hbr_state_dump(state, HBR_FORMAT_TEXT, out, err);
	hbr_state_free(state);
	return rc;
}

/* 0 when a node is to be the same by both, 1 when not, negative when that cannot be told. */
static int compare(const hbr_topology *ours, const hbr_topology *theirs, const char *node,
                   hbr_error **err)
{
	hbr_text *a = NULL, *b = NULL;
	int rc = wanted(ours, node, &a, err);

	if (rc == 0)
		rc = wanted(theirs, node, &b, err);
	if (rc == 0) {
		rc = strcmp(hbr_text_data(a), hbr_text_data(b)) != 0;
		printf("%s: %s\n", node, rc ? "different" : "equal");
	}
	hbr_text_free(a);
	hbr_text_free(b);
	return rc;
}

int main(int argc, char **argv)
{
	hbr_topology *ours = NULL, *theirs = NULL;
	hbr_text *text = NULL;
	hbr_error *err = NULL;
	int rc = hbr_topology_new(&ours, &err), differ = 0;

	if (rc == 0)
		rc = build(ours, &err);
	if (rc == 0 && argc < 2 && (rc = wanted(ours, "node1", &text, &err)) == 0)
		fputs(hbr_text_data(text), stdout);
	if (rc == 0 && argc > 1 && (rc = hbr_topology_load(argv[1], &theirs, &err)) == 0)
		rc = hbr_topology_seal(theirs, &err);
	for (int n = 1; theirs && n <= NODES && rc >= 0; n++) {
		char name[16];

		snprintf(name, sizeof(name), "node%d", n);
		rc = compare(ours, theirs, name, &err);
		differ |= rc > 0;
	}
	if (rc < 0)
		fprintf(stderr, "lab_api: %s\n", hbr_error_message(err));
	hbr_error_free(err);
	hbr_text_free(text);
	hbr_topology_free(theirs);
	hbr_topology_free(ours);
	return rc < 0 || differ;
}
