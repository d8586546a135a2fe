/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a Site: one table a mapping. Reader, writer and JSON Schema walk the same rows.
 */
#include "model/rows.h"

#include "model/document.h"

const struct schema_word overlay_words[] = {
	{ "none", HBR_OVERLAY_NONE },
	{ "vxlan", HBR_OVERLAY_VXLAN },
	{ "mpls-udp", HBR_OVERLAY_MPLS_UDP },
	{ NULL, 0 },
};

static const struct schema_word mode_words[] = {
	{ "ebgp", HBR_CALICO_EBGP },
	{ "ibgp", HBR_CALICO_IBGP },
	{ "ebgp-per-node", HBR_CALICO_EBGP_PER_NODE },
	{ NULL, 0 },
};

static const struct schema_word role_words[] = {
	{ "control-plane", HBR_ROLE_CONTROL_PLANE },
	{ "worker", HBR_ROLE_WORKER },
	{ NULL, 0 },
};

static int item_node(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_NODE, node, err);
}

#define BASE struct doc_site

static const struct schema_row router_rows[] = {
	TEXT("engine", spec.engine, NULL, "Router engine: frr (the default) or crpd."),
	TEXT("netns", spec.netns, "name", "Network namespace of the router; crpd."),
	UINT("asn", spec.asn, 1, 0, "AS number of the routers."),
	TEXT("image", spec.image, NULL, "Container image of the router."),
	TEXT("imageArchive", spec.image_archive, "path",
	     "Archive that the image is loaded from where it is missing."),
	TEXT("licenceFile", spec.licence_file, "path", "File with the router's licence."),
	TEXT("passwordFile", spec.password_file, "path",
	     "File with the hash of the router's root password ($6$...)."),
	TEXT("extraFile", spec.extra_file, "path",
	     "File with router configuration of your own; not read yet."),
	ROWS_END,
};

static const struct schema_row fabric_rows[] = {
	TEXT("uplink", uplink, "ifname", "NIC that moves to the router; ens4."),
	UINT("mtu", spec.mtu, MTU_MIN, 65535, "MTU of the fabric; 1500."),
	WORD("overlay", spec.overlay, overlay_words, "What carries VRFs between nodes; none."),
	LIST("fromPool", uplink_pools, "name", 2, "Pools that uplink addresses come from."),
	ROWS_END,
};

static const struct schema_row link_rows[] = {
	TEXT("host", host, "ifname", "The veth pair's end in the node; veth-k8s."),
	TEXT("router", router, "ifname", "Its end in the router's namespace; veth-crpd."),
	LIST("reach", reach, "prefix", SPEC_LIST_MAX,
	     "Prefixes that the node routes to its router; the pools, if there are any."),
	LIST("fromPool", link_pools, "name", 2, "Pools that the addresses come from."),
	UINT("mtu", link_mtu, MTU_MIN, 65535, "MTU of the pair; that of the fabric."),
	FLAG("none", link_flags, LINK_NONE,
	     "There is no such pair, or only where a node has it."),
	ROWS_END,
};

static const struct schema_row block_rows[] = {
	UINT("v4", block4, 1, 32, "Prefix length of IPv4 blocks, 20 to 32."),
	UINT("v6", block6, 1, 128, "Prefix length of IPv6 blocks, 116 to 128."),
	ROWS_END,
};

static const struct schema_row calico_rows[] = {
	UINT("asn", spec.calico_asn, 1, 0, "AS number of Calico; 64512."),
	UINT("listenPort", spec.calico_port, 1, 65535, "TCP port of Calico's speaker; 178."),
	WORD("peering", spec.calico_mode, mode_words, "How it peers with its router; ebgp."),
	LIST("peerIPs", spec.calico_peers, "address", 2,
	     "Addresses that all routers share, for one BGPPeer a family; none."),
	MAP("blockSize", block_rows, "Calico's blocks; the largest that give every node one."),
	FLAG("natOutgoing", pod_flags, HBR_POOL_NAT_OUTGOING,
	     "Masquerade what leaves the pods."),
	ROWS_END,
};

static const struct schema_row kubernetes_rows[] = {
	TEXT("version", spec.kubernetes, NULL, "Version to install."),
	LIST("podCIDRs", pods, "prefix", SPEC_LIST_MAX, "Prefixes of pods."),
	LIST("serviceCIDRs", spec.services, "prefix", SPEC_LIST_MAX, "Prefixes of services."),
	TEXT("endpoint", spec.endpoint, NULL, "Address of the API server: host:port."),
	TEXT("installer", spec.installer, NULL, "What installs the cluster: kubeadm."),
	TEXT("joinFile", spec.join_file, "path", "File with the join token."),
	TEXT("chart", spec.chart, NULL, "Chart of the service module."),
	ROWS_END,
};

static const struct schema_row assigned_rows[] = {
	FREE("nodes", assigned_nodes, "Index of each node."),
	FREE("vnis", assigned_vnis, "VNI of each VRF."),
	FREE("tables", assigned_tables, "Kernel table of each VRF."),
	ROWS_END,
};

const struct schema_row site_rows[] = {
	MAP("router", router_rows, "The routers, one on each node."),
	MAP("fabric", fabric_rows, "The network between the nodes."),
	MAP("link", link_rows, "The veth pair that joins a node to its router."),
	MAP("calico", calico_rows, "Calico, whose speaker peers with the router."),
	MAP("kubernetes", kubernetes_rows, "The cluster."),
	ITEMS("namespaces", namespaces, netns_rows, NULL, item_netns,
	      "Namespaces on every node."),
	ITEMS("veths", veths, veth_rows, NULL, item_veth, "More veth pairs on every node."),
	ITEMS("peers", peers, peer_rows, NULL, item_peer,
	      "More BGP neighbors of every router."),
	ITEMS("nodes", nodes, node_rows, "name", item_node, "The nodes: maps, or names."),
	LIST("probes", spec.probes, NULL, SPEC_LIST_MAX,
	     "What must still answer after an apply: ping ADDR, tcp ADDR:PORT; in NETNS."),
	MAP("assigned", assigned_rows, "Numbers given before, so that they stay."),
	ROWS_END,
};

#undef BASE
#define BASE struct doc_node

static const struct schema_row node_fabric_rows[] = {
	TEXT("uplink", uplink_name, "ifname", "NIC of this node."),
	UINT("mtu", uplink_mtu, MTU_MIN, 65535, "Its MTU."),
	ROWS_END,
};

static const struct schema_row node_link_rows[] = {
	TEXT("host", host_name, "ifname", "The veth pair's end in this node."),
	TEXT("router", router_name, "ifname", "Its end in the router's namespace."),
	LIST("reach", reach, "prefix", SPEC_LIST_MAX,
	     "Prefixes that the node routes to its router."),
	UINT("mtu", link_mtu, MTU_MIN, 65535, "MTU of the pair."),
	ROWS_END,
};

const struct schema_row node_rows[] = {
	{ .key = "name",
	  .type = SCHEMA_TEXT,
	  .offset = AT(spec.name),
	  .doc = "Name of the node in Kubernetes.",
	  .format = "node",
	  .required = true },
	WORD("role", spec.role, role_words, "control-plane, or worker (the default)."),
	UINT("index", spec.index, 1, NODE_INDEX_MAX,
	     "Place in every pool; the lowest free one."),
	TEXT("routerId", spec.router_id, "address",
	     "Router id; the IPv4 address of the uplink."),
	UINT("asn", spec.asn, 1, 0, "AS number of this router; that of the site."),
	TEXT("mgmt", spec.mgmt, "prefix", "Management address, for certificates."),
	LIST("host", host, "prefix", SPEC_LIST_MAX,
	     "Addresses of the veth pair's end in the node."),
	LIST("router", router, "prefix", SPEC_LIST_MAX, "Addresses of its end in the router."),
	LIST("uplink", uplink, "prefix", SPEC_LIST_MAX, "Addresses of the NIC in the fabric."),
	LIST("loopbacks", spec.loopbacks, "prefix", SPEC_LIST_MAX,
	     "Addresses of the router's lo."),
	FREE("labels", labels, "Labels of the node in Kubernetes."),
	MAP("fabric", node_fabric_rows, "What differs from the site's fabric."),
	MAP("link", node_link_rows, "What differs from the site's link."),
	ITEMS("namespaces", namespaces, netns_rows, NULL, item_netns,
	      "Namespaces of this node."),
	ITEMS("veths", veths, veth_rows, NULL, item_veth, "Veth pairs of this node."),
	ITEMS("vrfs", vrfs, vrf_rows, NULL, item_vrf, "VRFs of this node."),
	ITEMS("peers", peers, peer_rows, NULL, item_peer, "BGP neighbors of this router."),
	ROWS_END,
};
