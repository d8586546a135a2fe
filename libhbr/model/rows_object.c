/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of everything but a Site: objects in full form, the other kinds of documents, heads.
 */
#include "model/rows.h"

#include <stdio.h>

static const struct schema_word version_words[] = { { DOCUMENT_VERSION, 1 }, { NULL, 0 } };

static const struct schema_word kind_words[] = {
	{ "Site", DOCUMENT_SITE }, { "Pool", DOCUMENT_POOL },
	{ "Vrf", DOCUMENT_VRF },   { "SecondaryNetwork", DOCUMENT_NETWORK },
	{ "List", DOCUMENT_LIST }, { NULL, 0 },
};

static const struct schema_word plugin_words[] = {
	{ "macvlan", HBR_PLUGIN_MACVLAN },
	{ "ipvlan", HBR_PLUGIN_IPVLAN },
	{ NULL, 0 },
};

static const struct schema_word action_words[] = {
	{ "blackhole", HBR_ROUTE_BLACKHOLE },
	{ "unreachable", HBR_ROUTE_UNREACHABLE },
	{ "prohibit", HBR_ROUTE_PROHIBIT },
	{ NULL, 0 },
};

static const struct schema_word use_words[] = {
	{ "link", HBR_POOL_LINK },
	{ "pod", HBR_POOL_POD },
	{ "uplink", HBR_POOL_UPLINK },
	{ "loopback", HBR_POOL_LOOPBACK },
	{ NULL, 0 },
};

int item_netns(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_NETNS, node, err);
}

int item_veth(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_VETH, node, err);
}

int item_vrf(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_VRF, node, err);
}

int item_peer(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_PEER, node, err);
}

static int item_uplink(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_UPLINK, node, err);
}

static int item_route(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_ROUTE, node, err);
}

static int item_document(void *reader, const struct yaml_node *node, hbr_error **err)
{
	return document_item(reader, ITEM_DOCUMENT, node, err);
}

#define BASE struct doc_head
const struct schema_row metadata_rows[] = {
	TEXT("name", name, "name", "Name of the object."),
	TEXT("namespace", ns, "name", "Kubernetes namespace; not read."),
	FREE("labels", labels, "Not read."),
	FREE("annotations", annotations, "Not read."),
	ROWS_END,
};

const struct schema_row head_rows[] = {
	WORD("apiVersion", version, version_words, DOCUMENT_VERSION),
	WORD("kind", kind, kind_words, "What the document describes."),
	MAP("metadata", metadata_rows, "Its name."),
	FREE("spec", spec, "What should be."),
	FREE("status", status, "Not read."),
	ITEMS("items", items, NULL, NULL, item_document, "The documents of a List."),
	ROWS_END,
};
#undef BASE

#define BASE hbr_uplink_spec
const struct schema_row uplink_rows[] = {
	TEXT("ifname", ifname, "ifname", "Name of the NIC."),
	TEXT("mac", mac, "mac", "Find it by its MAC address."),
	TEXT("bus", bus, NULL, "Find it by its parent device, such as 0000:00:04.0."),
	LIST("addrs", addrs, "prefix", SPEC_LIST_MAX, "Its addresses."),
	UINT("mtu", mtu, MTU_MIN, 65535, "Its MTU; that of the fabric."),
	ROWS_END,
};
#undef BASE

#define BASE hbr_route_spec
const struct schema_row route_rows[] = {
	TEXT("to", to, NULL, "Prefix, or default."),
	TEXT("via", via, "address", "Gateway."),
	TEXT("dev", dev, "ifname", "Interface."),
	TEXT("vrf", vrf, "name", "VRF whose table it is in; the main one."),
	UINT("metric", metric, 1, 0, "Metric; the kernel's default."),
	WORD("action", action, action_words, "What happens instead of forwarding."),
	ROWS_END,
};
#undef BASE

#define BASE struct doc_netns
const struct schema_row netns_rows[] = {
	TEXT("name", spec.name, NULL, "Name; empty for the node's default namespace."),
	ITEMS("uplinks", uplinks, uplink_rows, "ifname", item_uplink,
	      "NICs that move into it."),
	ITEMS("routes", routes, route_rows, NULL, item_route, "Static routes."),
	LIST("sysctls", spec.sysctls, NULL, SPEC_LIST_MAX,
	     "net.ipv4.ip_forward=1 and the like."),
	ROWS_END,
};
#undef BASE

#define BASE hbr_end_spec
static const struct schema_row end_rows[] = {
	TEXT("netns", netns, NULL, "Namespace; the node's default one."),
	TEXT("ifname", ifname, "ifname", "Name of the interface."),
	TEXT("vrf", vrf, "name", "VRF that it is in."),
	TEXT("mac", mac, "mac", "MAC address; one that is made from the names."),
	LIST("addrs", addrs, "prefix", SPEC_LIST_MAX, "Its addresses."),
	FLAG("proxyArp", flags, HBR_END_PROXY_ARP, "Answer ARP for others."),
	FLAG("proxyNdp", flags, HBR_END_PROXY_NDP, "Answer neighbor discovery for others."),
	FLAG("down", flags, HBR_END_DOWN, "Leave it down."),
	ROWS_END,
};
#undef BASE

#define BASE hbr_attach_spec
static const struct schema_row attach_rows[] = {
	TEXT("name", name, "name", "NetworkAttachmentDefinition; named after the veth pair."),
	TEXT("namespace", ns, "name", "Its Kubernetes namespace; default."),
	WORD("type", plugin, plugin_words, "macvlan or ipvlan."),
	TEXT("mode", mode, NULL, "Mode of the plugin; bridge, or l2 for ipvlan."),
	TEXT("ipam", ipam, NULL, "Where pods get addresses; host-local."),
	ROWS_END,
};
#undef BASE

#define BASE struct doc_veth
const struct schema_row veth_rows[] = {
	NAME("name", spec.name, "Name of the pair."),
	PART("a", a, end_rows, "The end on the node's side."),
	PART("b", b, end_rows, "The end on the router's side."),
	LIST("fromPool", pools, "name", 2, "Pools that the addresses come from."),
	LIST("reach", spec.reach, "prefix", SPEC_LIST_MAX, "Prefixes routed from a to b."),
	UINT("mtu", spec.mtu, MTU_MIN, 65535,
	     "MTU; that of the fabric, less the overlay's part."),
	PART("attach", attach, attach_rows, "Network that pods attach to on top of end a."),
	ROWS_END,
};
#undef BASE

#define BASE hbr_vrf_spec
#define VRF_ROWS                                                                             \
	UINT("vni", vni, 1, VNI_MAX, "VXLAN network identifier."),                           \
	        UINT("table", table, 1, 0, "Kernel routing table; from 1001."),              \
	        TEXT("pool", vni_pool, "name", "Pool that the VNI comes from."),             \
	        TEXT("routeTargets", rt_pool, "name",                                        \
	             "Pool that the route target comes from."),                              \
	        LIST("import", rt_import, "route-target", SPEC_LIST_MAX,                     \
	             "Route targets taken."),                                                \
	        LIST("export", rt_export, "route-target", SPEC_LIST_MAX,                     \
	             "Route targets given."),                                                \
	        TEXT("rd", rd, "route-target", "Route distinguisher; router id and table."), \
	        TEXT("netns", netns, NULL, "Namespace; the router's."),                      \
	        WORD("encap", encap, overlay_words, "What carries it; the site's, or vxlan.")

const struct schema_row vrf_rows[] = {
	NAME("name", name, "Name of the VRF."),
	VRF_ROWS,
	ROWS_END,
};

/* The spec of a document of kind Vrf: its name is in the metadata. */
const struct schema_row vrf_document_rows[] = {
	VRF_ROWS,
	ROWS_END,
};

static const struct schema_row network_vrf_rows[] = {
	TEXT("name", name, "name", "Name of the VRF; that of the network."),
	VRF_ROWS,
	ROWS_END,
};
#undef BASE

#define BASE hbr_peer_spec
const struct schema_row peer_rows[] = {
	NAME("name", name, "Name of the neighbor."),
	TEXT("vrf", vrf, "name", "VRF of the session."),
	TEXT("local", local, "address", "Own address."),
	TEXT("remote", remote, "address", "Address of the neighbor."),
	UINT("localAsn", local_asn, 1, 0, "Own AS number; the router's."),
	UINT("remoteAsn", remote_asn, 1, 0, "AS number of the neighbor."),
	UINT("localPort", local_port, 1, 65535, "Own TCP port; neither frr nor crpd knows one for a peer."),
	UINT("remotePort", remote_port, 1, 65535, "TCP port of the neighbor; 179."),
	TEXT("clusterId", cluster_id, "address", "Cluster id of the reflector."),
	TEXT("passwordFile", password_file, "path", "File with the session's password."),
	FLAG("ipv4", families, HBR_FAMILY_IPV4, "Exchange IPv4 routes."),
	FLAG("ipv6", families, HBR_FAMILY_IPV6, "Exchange IPv6 routes."),
	FLAG("evpn", families, HBR_FAMILY_EVPN, "Exchange EVPN routes."),
	FLAG("vpnv4", families, HBR_FAMILY_VPNV4, "Exchange VPNv4 routes."),
	FLAG("vpnv6", families, HBR_FAMILY_VPNV6, "Exchange VPNv6 routes."),
	FLAG("client", flags, HBR_PEER_CLIENT, "It is a route reflector client."),
	FLAG("passive", flags, HBR_PEER_PASSIVE, "Wait for it to connect."),
	FLAG("asOverride", flags, HBR_PEER_AS_OVERRIDE, "Replace its AS in paths by ours."),
	FLAG("nextHopSelf", flags, HBR_PEER_NEXT_HOP_SELF, "Put ourselves as next hop."),
	UINT("holdSeconds", hold_s, 3, 65535, "Hold time."),
	UINT("bfdMilliseconds", bfd_ms, 10, 60000, "Interval of BFD."),
	ROWS_END,
};
#undef BASE

#define BASE struct doc_pool
static const struct schema_row vni_rows[] = {
	UINT("first", vni.first, 1, VNI_MAX, "First number."),
	UINT("last", vni.last, 1, VNI_MAX, "Last number."),
	ROWS_END,
};

static const struct schema_row target_rows[] = {
	UINT("asn", target.asn, 1, 0, "AS number, before the colon."),
	UINT("first", target.first, 1, 0, "First number behind it."),
	UINT("last", target.last, 1, 0, "Last number behind it."),
	ROWS_END,
};

static const struct schema_row prefix_rows[] = {
	TEXT("cidr", spec.prefix, "prefix", "The prefix that is handed out."),
	UINT("length", spec.length, 1, 128, "Length of each part, or of Calico's blocks."),
	UINT("first", addresses.first, 1, 0, "Number of the first node's address; 1."),
	UINT("last", addresses.last, 1, 0, "Number of the last address that may be used."),
	ROWS_END,
};

const struct schema_row pool_rows[] = {
	MAP("vni", vni_rows, "VXLAN network identifiers."),
	MAP("routeTarget", target_rows, "Route targets."),
	MAP("prefix", prefix_rows, "Addresses."),
	WORD("use", spec.use, use_words, "What a prefix is for; link."),
	FLAG("natOutgoing", spec.flags, HBR_POOL_NAT_OUTGOING,
	     "Masquerade what leaves the pods."),
	ROWS_END,
};
#undef BASE

#define BASE struct doc_network
static const struct schema_row network_link_rows[] = {
	TEXT("host", a.ifname, "ifname", "End in the node, under the pods' interfaces."),
	TEXT("router", b.ifname, "ifname", "End in the VRF."),
	UINT("mtu", veth.mtu, MTU_MIN, 65535,
	     "MTU; that of the fabric, less the overlay's part."),
	FLAG("proxyArp", b.flags, HBR_END_PROXY_ARP, "Router answers ARP; so for ipvlan."),
	FLAG("proxyNdp", b.flags, HBR_END_PROXY_NDP,
	     "… and neighbor discovery; so for ipvlan."),
	ROWS_END,
};

static const struct schema_row part_rows[] = {
	UINT("v4", length4, 1, 31, "Length of a node's IPv4 subnet; 24."),
	UINT("v6", length6, 1, 127, "Length of a node's IPv6 subnet; 64."),
	ROWS_END,
};

const struct schema_row network_rows[] = {
	WORD("type", attach.plugin, plugin_words, "macvlan (the default) or ipvlan."),
	MAP("link", network_link_rows, "The veth pair."),
	PART("vrf", vrf, network_vrf_rows, "The VRF: from pools, written out, or by name."),
	LIST("subnets", subnets, "prefix", 2, "Prefixes that each node takes a part of."),
	MAP("length", part_rows, "Lengths of those parts."),
	TEXT("mode", attach.mode, NULL, "Mode of the plugin; bridge, or l2 for ipvlan."),
	TEXT("ipam", attach.ipam, NULL, "Where pods get addresses; host-local."),
	TEXT("namespace", attach.ns, "name", "Namespace of the attachment; default."),
	TEXT("attachment", attach.name, "name", "Name of the attachment; that of the network."),
	ROWS_END,
};
#undef BASE

void pod_pool_name(int family, uint32_t number, char *out, size_t size)
{
	if (number == 1)
		snprintf(out, size, "pods%d", family);
	else
		snprintf(out, size, "pods%d-%u", family, number);
}

void network_pool_name(const char *network, int family, char *out, size_t size)
{
	snprintf(out, size, "%s%d", network, family);
}
