/* SPDX-License-Identifier: Apache-2.0 */
/* Lint rules on a site document: each fires after one change to a document without faults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "lint_helper.h"

static const char good[] = "apiVersion: hbr.dev/v1alpha1\n"
                           "kind: Site\n"
                           "metadata: {name: small}\n"
                           "spec:\n"
                           "  router: {engine: frr, netns: crpd, asn: 64500}\n"
                           "  fabric: {uplink: ens4, mtu: 1500}\n"
                           "  link:\n"
                           "    host: veth-k8s\n"
                           "    router: veth-crpd\n"
                           "    reach: [10.1.0.0/16, \"2001:db8::/45\"]\n"
                           "  calico: {asn: 64512, listenPort: 178, peering: ebgp}\n"
                           "  kubernetes:\n"
                           "    version: 1.28.15\n"
                           "    endpoint: api.example.net:6443\n"
                           "    podCIDRs: [192.168.0.0/24, \"2001:db8:42::/56\"]\n"
                           "    serviceCIDRs: [10.96.0.0/16, \"2001:db8:42:100::/112\"]\n"
                           "  nodes:\n"
                           "  - name: node1\n"
                           "    role: control-plane\n"
                           "    host: [10.1.1.1/30, \"2001:db8:1::1/126\"]\n"
                           "    router: [10.1.1.2/30, \"2001:db8:1::2/126\"]\n"
                           "    uplink: [192.168.1.101/24, \"2001:db8:f::101/64\"]\n"
                           "  - name: node2\n"
                           "    role: worker\n"
                           "    host: [10.1.2.1/30, \"2001:db8:2::1/126\"]\n"
                           "    router: [10.1.2.2/30, \"2001:db8:2::2/126\"]\n"
                           "    uplink: [192.168.1.102/24, \"2001:db8:f::102/64\"]\n"
                           "  - name: node3\n"
                           "    role: worker\n"
                           "    host: [10.1.3.1/30, \"2001:db8:3::1/126\"]\n"
                           "    router: [10.1.3.2/30, \"2001:db8:3::2/126\"]\n"
                           "    uplink: [192.168.1.103/24, \"2001:db8:f::103/64\"]\n";

struct row {
	const char *rule;
	const char *find, *with;
	const char *place; /* the text at which the finding points, or NULL */
	const char *hint;  /* a part of the hint, or NULL */
};

static const struct row firing[] = {
	{ "addr-syntax", "10.1.2.1/30", "10.1.2.300/30", "10.1.2.300/30", "write it like" },
	{ "addr-syntax", "10.1.2.1/30", "\"10.1,2.1/30\"", "\"10.1,2.1/30",
	  "mean 10.1.2.1/30?" },
	{ "addr-syntax", "10.1.2.1/30", "10.1.02.1/30", "10.1.02.1/30", "mean 10.1.2.1/30?" },
	{ "addr-syntax", "10.1.2.1/30", "10.1.2.1/255.255.255.252", "10.1.2.1/255",
	  "mean 10.1.2.1/30?" },
	{ "addr-syntax", "10.1.2.1/30", "10.1.2.1/33", "10.1.2.1/33", "is at most 32" },
	{ "addr-syntax", "\"2001:db8:2::1/126\"", "\"2001:db8:2::1%eth0/126\"", NULL,
	  "mean 2001:db8:2::1/126?" },
	{ "addr-syntax", "\"2001:db8:2::1/126\"", "\"2001:db8:2::1/129\"", NULL,
	  "at most 128" },
	{ "addr-no-length", "192.168.1.102/24", "192.168.1.102", "192.168.1.102",
	  "write 192.168.1.102/24" },
	{ "addr-no-length", "10.1.2.2/30", "10.1.2.2", "10.1.2.2", "write 10.1.2.2/30" },
	{ "addr-not-unicast", "10.1.2.1/30", "224.0.0.5/30", "224.0.0.5/30", NULL },
	{ "addr-not-unicast", "\"2001:db8:2::1/126\"", "\"::1/126\"", NULL, NULL },
	{ "addr-is-network", "10.1.2.1/30", "10.1.2.0/30", "10.1.2.0/30", "10.1.2.1/30" },
	{ "addr-is-network", "\"2001:db8:2::1/126\"", "\"2001:db8:2::/126\"", NULL,
	  "2001:db8:2::1/126" },
	{ "addr-is-broadcast", "10.1.2.1/30", "10.1.2.3/30", "10.1.2.3/30", "10.1.2.2/30" },
	{ "addr-duplicate", "10.1.2.2/30", "10.1.1.2/30", "10.1.1.2/30, \"2001:db8:2", NULL },
	{ "addr-duplicate", "192.168.1.103/24", "192.168.1.101/24",
	  "192.168.1.101/24, \"2001:db8:f::103", NULL },
	{ "addr-overlap",
	  "host: [10.1.2.1/30, \"2001:db8:2::1/126\"]\n"
	  "    router: [10.1.2.2/30,",
	  "host: [10.1.0.5/23, \"2001:db8:2::1/126\"]\n    router: [10.1.0.6/23,", NULL, NULL },
	{ "veth-subnet-mismatch", "\"2001:db8:3::2/126\"", "\"2001:db8:2::2/126\"",
	  "\"2001:db8:2::2/126\"]\n    uplink: [192.168.1.103",
	  "node3's pair uses 2001:db8:3::/126: write 2001:db8:3::2/126" },
	{ "veth-subnet-mismatch", "10.1.3.1/30", "10.1.2.1/30", "10.1.2.1/30, \"2001:db8:3",
	  "write 10.1.3.1/30" },
	{ "veth-subnet-mismatch", "10.1.3.2/30", "10.1.3.2/29", "10.1.3.2/29",
	  "write 10.1.3.2/30" },
	{ "veth-family-mismatch", "10.1.3.2/30, ", "", NULL, "IPv4" },
	{ "veth-family-mismatch", "    router: [10.1.3.2/30, \"2001:db8:3::2/126\"]\n", "",
	  NULL, NULL },
	{ "node-family-differs",
	  "host: [10.1.3.1/30, \"2001:db8:3::1/126\"]\n"
	  "    router: [10.1.3.2/30, \"2001:db8:3::2/126\"]",
	  "host: [10.1.3.1/30]\n    router: [10.1.3.2/30]", NULL, NULL },
	{ "cidr-syntax", "192.168.0.0/24", "192.168.0/24x", NULL, NULL },
	{ "cidr-syntax", "10.96.0.0/16", "10.96/16", "10.96/16", "mean 10.96.0.0/16?" },
	{ "cidr-no-length", "\"2001:db8:42::/56\"", "\"2001:db8:42:0::56\"",
	  "\"2001:db8:42:0::56", "did you mean 2001:db8:42::/56?" },
	{ "cidr-no-length", "10.1.0.0/16", "10.1.0.0", "10.1.0.0", "10.1.0.0/16" },
	{ "cidr-host-bits", "10.96.0.0/16", "10.96.1.0/16", "10.96.1.0/16", "10.96.0.0/16" },
	{ "cidr-host-bits", "10.1.0.0/16", "10.1.1.0/16", "10.1.1.0/16", "10.1.0.0/16" },
	{ "pods-overlap", "192.168.0.0/24,", "192.168.0.0/24, 192.168.0.128/25,",
	  "192.168.0.128/25", NULL },
	{ "pods-overlap-services", "192.168.0.0/24", "10.96.128.0/24", "10.96.128.0/24", NULL },
	{ "pods-overlap-services", "192.168.0.0/24", "10.96.0.0/16", NULL, NULL },
	{ "services-too-large", "10.96.0.0/16", "100.64.0.0/10", "100.64.0.0/10",
	  "100.64.0.0/12" },
	{ "services-too-large", "2001:db8:42:100::/112", "fd00:1::/96", "\"fd00:1::/96",
	  "fd00:1::/108" },
	{ "services-inside-pods", "2001:db8:42:100::/112", "2001:db8:42:1::/112",
	  "\"2001:db8:42:1::/112", "2001:db8:42:100::/112" },
	{ "pods-overlap-links", "192.168.0.0/24", "192.168.1.0/24", "192.168.1.0/24", NULL },
	{ "pods-overlap-links", "192.168.0.0/24", "10.1.2.0/30", NULL, NULL },
	{ "services-overlap-links", "10.96.0.0/16", "10.1.0.0/16", NULL, NULL },
	{ "pods-family",
	  "host: [10.1.3.1/30, \"2001:db8:3::1/126\"]\n"
	  "    router: [10.1.3.2/30, \"2001:db8:3::2/126\"]",
	  "host: [10.1.3.1/30]\n    router: [10.1.3.2/30]", NULL, "IPv6" },
	{ "services-family", ", \"2001:db8:42:100::/112\"", "", NULL, NULL },
	{ "pods-too-few-blocks", "192.168.0.0/24", "192.168.0.0/31", "192.168.0.0/31", NULL },
	{ "pods-too-few-blocks", "peering: ebgp", "peering: ebgp, blockSize: {v4: 25}",
	  "192.168.0.0/24", "blockSize: {v4: 26}, or a wider pool like 192.168.0.0/23" },
	{ "pods-block-size", "peering: ebgp", "peering: ebgp, blockSize: {v4: 23}",
	  "192.168.0.0/24", "20 to 32" },
	{ "pods-block-size", "peering: ebgp", "peering: ebgp, blockSize: {v6: 112}",
	  "\"2001:db8:42::/56\"", "116 to 128" },
	{ "pods-block-size", "::103/64\"]\n",
	  "::103/64\"]\n---\napiVersion: hbr.dev/v1alpha1\nkind: Pool\n"
	  "metadata: {name: more}\n"
	  "spec: {use: pod, prefix: {cidr: 10.43.0.0/16, length: 18}}\n",
	  "10.43.0.0/16", "20 to 32" },
	{ "ifname-invalid", "host: veth-k8s", "host: \"!veth\"", "\"!veth", NULL },
	{ "ifname-invalid", "host: veth-k8s", "host: veth*", "veth*", NULL },
	{ "route-duplicate", "  nodes:\n",
	  "  namespaces:\n"
	  "  - name: \"\"\n"
	  "    routes: [{to: \"::/0\", dev: a}, {to: \"::/0\", dev: b, metric: 1024}]\n"
	  "  nodes:\n",
	  "\"::/0\", dev: b", "another metric" },
	{ "route-duplicate", "  nodes:\n",
	  "  namespaces: [{name: \"\", routes: [{to: 10.1.0.0/16, dev: eth0}]}]\n  nodes:\n",
	  "10.1.0.0/16, dev", "another metric" },
	{ "underlay-no-ipv6", ", \"2001:db8:f::103/64\"", "", NULL, "IPv6" },
	{ "underlay-no-ipv4", "192.168.1.103/24, ", "", NULL, "IPv4" },
	{ "underlay-subnet-differs", "192.168.1.103/24", "192.168.2.103/24", "192.168.2.103/24",
	  "routed" },
	{ "underlay-subnet-differs", "2001:db8:f::103/64", "2001:db8:f:1::103/64", NULL, NULL },
	{ "no-control-plane", "role: control-plane", "role: worker", NULL, "control-plane" },
	{ "control-plane-even", "role: worker", "role: control-plane", NULL, NULL },
	{ "endpoint-syntax", "api.example.net:6443", "api.example.net", "api.example.net",
	  NULL },
	{ "endpoint-syntax", "api.example.net:6443", "\"2001:db8:1::1\"", NULL,
	  "[2001:db8:1::1]:6443" },
	{ "endpoint-syntax", "api.example.net:6443", "api.example.net:66443", NULL, NULL },
	{ "kubernetes-version", "1.28.15", "latest", "latest", "1.28.15" },
	{ "probe-syntax", "spec:\n", "spec:\n  probes: [ping gateway]\n", "ping gateway",
	  "ping 192.168.1.1" },
	{ "probe-syntax", "spec:\n", "spec:\n  probes: [\"tcp 2001:db8::1:443\"]\n", NULL,
	  "[2001:db8::1]:6443" },
	{ "probe-netns", "spec:\n", "spec:\n  probes: [ping 192.168.1.1 in crdp]\n",
	  "ping 192.168.1.1 in crdp", NULL },
	{ "netns-engine", "netns: crpd", "netns: cr.pd", "cr.pd", NULL },
	{ "netns-engine", "engine: frr, netns: crpd", "engine: crpd, netns: -x", "-x", NULL },
	{ "engine-unknown", "engine: frr", "engine: ffr", "ffr", "did you mean frr?" },
	{ "asn-reserved", "asn: 64500", "asn: 23456", NULL, NULL },
	{ "asn-reserved", "asn: 64512", "asn: 65535", NULL, NULL },
	{ "asn-reserved", "asn: 64512", "asn: 4294967295", NULL, NULL },
	{ "calico-asn-equals-router", "asn: 64512", "asn: 64500", NULL, "ibgp" },
	{ "calico-asn-differs", "peering: ebgp", "peering: ibgp", NULL, "64500" },
	{ "calico-asn-range", "asn: 64512, listenPort: 178, peering: ebgp",
	  "asn: 65532, listenPort: 178, peering: ebgp-per-node", NULL, NULL },
	{ "calico-asn-range", "asn: 64512, listenPort: 178, peering: ebgp",
	  "asn: 64498, listenPort: 178, peering: ebgp-per-node", NULL, NULL },
	{ "calico-asn-range", "asn: 64512, listenPort: 178, peering: ebgp",
	  "asn: 4294967294, listenPort: 178, peering: ebgp-per-node", NULL, NULL },
	{ "calico-peer-syntax", "peering: ebgp", "peering: ebgp, peerIPs: [169.254.178.1/16]",
	  "169.254.178.1/16", "write 169.254.178.1" },
	{ "calico-peer-syntax", "peering: ebgp", "peering: ebgp, peerIPs: [169.254.178,1]",
	  NULL, NULL },
	{ "calico-peer-unusable", "peering: ebgp",
	  "peering: ebgp, peerIPs: [169.254.178.1, 169.254.178.2]", "169.254.178.2", NULL },
	{ "calico-peer-unusable", "peering: ebgp", "peering: ebgp, peerIPs: [169.254.1.1]",
	  "169.254.1.1", NULL },
	{ "calico-peer-unusable", "peering: ebgp", "peering: ebgp, peerIPs: [\"fe80::1\"]",
	  "\"fe80::1", NULL },
	{ "calico-peer-unusable", "peering: ebgp", "peering: ebgp, peerIPs: [224.0.0.5]",
	  "224.0.0.5", NULL },
	{ "calico-peer-taken", "peering: ebgp", "peering: ebgp, peerIPs: [10.1.2.2]",
	  "10.1.2.2]}", "outside" },
	{ "calico-peer-taken", "peering: ebgp", "peering: ebgp, peerIPs: [192.168.1.254]",
	  "192.168.1.254", NULL },
	{ "calico-peer-taken", "peering: ebgp", "peering: ebgp, peerIPs: [192.168.0.9]",
	  "192.168.0.9", NULL },
	{ "calico-peer-taken", "peering: ebgp", "peering: ebgp, peerIPs: [10.96.0.1]",
	  "10.96.0.1", NULL },
	{ "calico-port-taken", "listenPort: 178", "listenPort: 10250", NULL, "178" },
	{ "calico-asn-int32",
	  "asn: 64512, listenPort: 178, peering: ebgp}\n  kubernetes:\n    version: 1.28.15",
	  "asn: 2147483648}\n  kubernetes:\n    version: 1.36.3", NULL, "2147483647" },
	{ "mtu-too-small", "mtu: 1500", "mtu: 1279", "1279", "1280" },
	{ "mtu-too-small", "    host: veth-k8s", "    mtu: 1279\n    host: veth-k8s", "1279",
	  "1280" },
	{ "veth-no-address",
	  "    host: [10.1.3.1/30, \"2001:db8:3::1/126\"]\n"
	  "    router: [10.1.3.2/30, \"2001:db8:3::2/126\"]\n",
	  "", NULL, "fromPool" },
	{ "reach-misses-node", "10.1.0.0/16", "10.1.2.0/23", "10.1.2.0/23", "10.1.0.0/22" },
	{ "reach-misses-node", "10.1.0.0/16", "10.1.0.0/23", "10.1.0.0/23", "10.1.0.0/22" },
	{ "reach-misses-node", ", \"2001:db8::/45\"", "", NULL, "2001:db8::/46" },
	{ "reach-misses-node", "    reach: [10.1.0.0/16, \"2001:db8::/45\"]\n", "", NULL,
	  NULL },
	{ "reach-covers-pods", "10.1.0.0/16", "0.0.0.0/0", "0.0.0.0/0", NULL },
	{ "vni-differs", "2001:db8:f::102/64\"]\n  - name: node3\n",
	  "2001:db8:f::102/64\"]\n"
	  "    vrfs: [{name: red, vni: 5, import: ['1:1'], export: ['1:1']}]\n"
	  "  - name: node3\n"
	  "    vrfs: [{name: red, vni: 6, import: ['1:1'], export: ['1:1']}]\n",
	  "6, import", NULL },
	{ "index-duplicate", "  nodes:\n",
	  "  assigned: {nodes: {node1: 2, node2: 2}}\n  nodes:\n", NULL, NULL },
	{ "mac-invalid", "  nodes:\n",
	  "  veths: [{name: x, a: {ifname: x0, mac: up}, b: {ifname: x1, netns: crpd}}]\n"
	  "  nodes:\n",
	  "up}", NULL },
	{ "peer-session", "  - name: node2\n",
	  "  - name: node2\n    peers: [{name: x, remote: 192.168.1.101, remoteAsn: 64500}]\n", "x, remote", "take the peer away" },
	{ "peer-session", "  - name: node1\n",
	  "  - name: node1\n    peers: [{name: x, remote: \"2001:db8:f::102\", remoteAsn: 64500}]\n", "x, remote", "take the peer away" },
	{ "peer-session", "  - name: node3\n",
	  "  - name: node3\n    peers: [{name: x, remote: 10.1.3.1, remoteAsn: 64512}]\n", "x, remote", "take the peer away" },
	{ "peer-link-local", "  nodes:\n",
	  "  peers: [{name: x, remote: \"fe80::1\", remoteAsn: 1}]\n  nodes:\n", "x, remote",
	  NULL },
	{ "peer-cluster-id", "  nodes:\n",
	  "  peers: [{name: x, remote: 10.0.0.9, remoteAsn: 64500, clusterId: a}]\n  nodes:\n", "x, remote",
	  "like 192" },
	{ "peer-local-asn", "  nodes:\n",
	  "  peers: [{name: x, remote: 10.0.0.9, remoteAsn: 64500, localAsn: 1}]\n  nodes:\n", "x, remote",
	  "take localAsn away" },
	{ "peer-local-asn", "  nodes:\n",
	  "  peers: [{name: x, remote: 10.0.0.9, remoteAsn: 1, localAsn: 1}]\n  nodes:\n", "x, remote",
	  "take localAsn away" },
	{ "peer-invalid", "  nodes:\n",
	  "  peers: [{name: x, remote: 10.0.0, remoteAsn: 1}]\n  nodes:\n", "10.0.0,", NULL },
	{ "route-invalid", "  nodes:\n",
	  "  namespaces: [{name: x, routes: [{to: 10.0.0, dev: lo}]}]\n  nodes:\n", "10.0.0,",
	  NULL },
	{ "router-id-invalid", "    role: control-plane\n",
	  "    role: control-plane\n    routerId: 0.0.0.0\n", "0.0.0.0", NULL },
	{ "router-id-invalid", "    role: control-plane\n",
	  "    role: control-plane\n    routerId: 1.2.3\n", "1.2.3\n", NULL },
	{ "pool-unknown", "    host: veth-k8s\n", "    fromPool: links\n    host: veth-k8s\n",
	  "links\n", NULL },
	{ "pool-invalid", "kind: Site",
	  "kind: Pool\nmetadata: {name: x}\nspec: {vni: {first: 9, last: 8}}\n---\n"
	  "apiVersion: hbr.dev/v1alpha1\nkind: Site",
	  NULL, NULL },
	{ "pool-exhausted", "kind: Site",
	  "kind: Pool\nmetadata: {name: x}\nspec: {prefix: {cidr: 192.0.2.0/31}, use: "
	  "loopback}\n"
	  "---\napiVersion: hbr.dev/v1alpha1\nkind: Site",
	  NULL, NULL },
	{ "rt-invalid", "kind: Site",
	  "kind: Vrf\nmetadata: {name: x}\nspec: {vni: 1, import: ['1:1'], export: ['1']}\n"
	  "---\napiVersion: hbr.dev/v1alpha1\nkind: Site",
	  NULL, NULL },
};

/* Changes that are close to a fault and none. */
static const struct row quiet[] = {
	{ "netns-engine", "engine: frr, netns: crpd", "engine: crpd, netns: cr.pd", NULL, NULL },
	{ "ifname-invalid", "uplink: ens4", "uplink: enp1s0f0.100", NULL, NULL },
	{ "services-too-large",
	  "1.28.15\n    endpoint: api.example.net:6443\n"
	  "    podCIDRs: [192.168.0.0/24, \"2001:db8:42::/56\"]\n"
	  "    serviceCIDRs: [10.96.0.0/16, \"2001:db8:42:100::/112\"]\n",
	  "1.33.1\n    endpoint: api.example.net:6443\n"
	  "    podCIDRs: [192.168.0.0/24, \"2001:db8:42::/56\"]\n"
	  "    serviceCIDRs: [100.64.0.0/10, \"2001:db8:42:100::/64\"]\n",
	  NULL, NULL },
	{ "peer-session", "  - name: node2\n",
	  "  - name: node2\n    peers: [{name: x, remote: 192.168.1.103, remoteAsn: 64500}]\n", NULL, NULL },
	{ "peer-local-asn", "  nodes:\n",
	  "  peers: [{name: x, remote: 10.0.0.9, remoteAsn: 1, localAsn: 2}]\n  nodes:\n", NULL,
	  NULL },
	{ "route-duplicate", "  nodes:\n",
	  "  namespaces:\n"
	  "  - name: \"\"\n"
	  "    routes: [{to: default, dev: a}, {to: default, dev: b, metric: 9}]\n"
	  "  nodes:\n",
	  NULL, NULL },
	{ "addr-is-network",
	  "host: [10.1.2.1/30, \"2001:db8:2::1/126\"]\n"
	  "    router: [10.1.2.2/30,",
	  "host: [10.1.2.0/31, \"2001:db8:2::1/126\"]\n    router: [10.1.2.1/31,", NULL, NULL },
	{ "addr-is-broadcast",
	  "host: [10.1.2.1/30, \"2001:db8:2::1/126\"]\n"
	  "    router: [10.1.2.2/30,",
	  "host: [10.1.2.0/31, \"2001:db8:2::1/126\"]\n    router: [10.1.2.1/31,", NULL, NULL },
	{ "addr-duplicate", "host: [10.1.2.1/30,", "host: [10.1.2.1/30, \"fe80::1/64\",", NULL,
	  NULL },
	{ "pods-overlap-services", "2001:db8:42:100::/112", "2001:db8:42:1::/112", NULL, NULL },
	{ "pods-too-few-blocks", "192.168.0.0/24", "192.168.0.0/30", NULL, NULL },
	{ "calico-asn-equals-router", "asn: 64512, listenPort: 178, peering: ebgp",
	  "asn: 64500, listenPort: 178, peering: ibgp", NULL, NULL },
	{ "calico-asn-differs", "asn: 64512, listenPort: 178, peering: ebgp",
	  "asn: 64500, listenPort: 178, peering: ibgp", NULL, NULL },
	{ "calico-asn-range", "peering: ebgp", "peering: ebgp-per-node", NULL, NULL },
	{ "engine-unknown", "engine: frr", "engine: crpd", NULL, NULL },
	{ "calico-asn-int32", "asn: 64512", "asn: 4200000000", NULL, NULL },
	{ "calico-asn-int32",
	  "asn: 64512, listenPort: 178, peering: ebgp}\n  kubernetes:\n    version: 1.28.15",
	  "asn: 2147483647}\n  kubernetes:\n    version: 1.36.3", NULL, NULL },
	{ "calico-peer-syntax", "peering: ebgp",
	  "peering: ebgp, peerIPs: [169.254.178.1/32, \"fd00:178::1\"]", NULL, NULL },
	{ "calico-peer-unusable", "peering: ebgp",
	  "peering: ebgp, peerIPs: [169.254.178.1, \"fd00:178::1\"]", NULL, NULL },
	{ "calico-peer-taken", "peering: ebgp",
	  "peering: ebgp, peerIPs: [10.1.255.1, \"fd00:178::1\"]", NULL, NULL },
	{ "calico-port-taken", "listenPort: 178", "listenPort: 179", NULL, NULL },
	{ "endpoint-syntax", "api.example.net:6443", "\"[2001:db8:9::1]:6443\"", NULL, NULL },
	{ "endpoint-single-node", "api.example.net:6443", "10.1.1.1:6443", NULL, NULL },
	{ "control-plane-even", "name: node2\n    role: worker",
	  "name: node2\n    role: worker", NULL, NULL },
	{ "reach-misses-node", "10.1.0.0/16", "10.1.0.0/22", NULL, NULL },
	{ "reach-covers-pods", "10.1.0.0/16", "10.0.0.0/8", NULL, NULL },
	{ "mtu-too-small", "mtu: 1500", "mtu: 1280", NULL, NULL },
	{ "pods-family", "\"2001:db8:3::1/126\"", "\"2001:db8:3::x/126\"", NULL, NULL },
	{ "underlay-no-ipv6", "mtu: 1500", "mtu: 9000", NULL, NULL },
	{ "vni-differs", "2001:db8:f::102/64\"]\n  - name: node3\n",
	  "2001:db8:f::102/64\"]\n"
	  "    vrfs: [{name: red, vni: 5, import: ['1:1'], export: ['1:1']}]\n"
	  "  - name: node3\n"
	  "    vrfs: [{name: red, vni: 5, import: ['1:1'], export: ['1:1']}]\n",
	  NULL, NULL },
	{ "kubernetes-version", "1.28.15", "1.36.3-rc.0", NULL, NULL },
	{ "probe-syntax", "spec:\n",
	  "spec:\n  probes: [ping 192.168.1.1 in crpd, \"tcp [2001:db8::1]:443\"]\n", NULL,
	  NULL },
};

/* The line and column of a text in the changed document. */
static void find_place(const char *text, const char *place, uint32_t *line, uint32_t *column)
{
	const char *at = strstr(text, place);

	ck_assert_msg(at != NULL, "\"%s\" is not in the document", place);
	*line = 1;
	*column = 1;
	for (const char *c = text; c < at; c++) {
		(*column)++;
		if (*c == '\n') {
			(*line)++;
			*column = 1;
		}
	}
}

static void check_place(const struct row *row, const hbr_finding *finding)
{
	char *changed = NULL;
	const char *at = strstr(good, row->find);
	uint32_t line, column;

	ck_assert_int_gt(asprintf(&changed, "%.*s%s%s", (int)(at - good), good, row->with,
	                          at + strlen(row->find)),
	                 0);
	find_place(changed, row->place, &line, &column);
	free(changed);
	ck_assert_uint_eq(finding->line, line);
	ck_assert_uint_eq(finding->column, column);
	ck_assert_str_eq(finding->file, "site.yaml");
}

START_TEST(a_document_without_faults_has_no_findings)
{
	hbr_status *status = lint_document(good, "small", "small");

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == 0, "%s", lint_dump(status));
	hbr_status_free(status);
}
END_TEST

START_TEST(a_rule_fires_at_its_place_with_a_hint)
{
	const struct row *row = &firing[_i];
	hbr_status *status = lint_document(good, row->find, row->with);
	hbr_finding finding;

	ck_assert_msg(lint_finding(status, row->rule, 0, &finding), "no %s (row %d) in:\n%s",
	              row->rule, _i, lint_dump(status));
	ck_assert_msg(finding.line > 0, "%s (row %d) has no line:\n%s", row->rule, _i,
	              lint_dump(status));
	if (row->place)
		check_place(row, &finding);
	if (row->hint)
		ck_assert_msg(finding.hint && strstr(finding.hint, row->hint),
		              "hint of %s (row %d): %s", row->rule, _i, finding.hint);
	hbr_status_free(status);
}
END_TEST

START_TEST(a_rule_keeps_quiet_about_what_is_right)
{
	const struct row *row = &quiet[_i];
	hbr_status *status = lint_document(good, row->find, row->with);

	ck_assert_msg(lint_count(status, row->rule) == 0, "%s (row %d):\n%s", row->rule, _i,
	              lint_dump(status));
	hbr_status_free(status);
}
END_TEST

START_TEST(a_site_without_nodes_is_worth_a_warning)
{
	const char *nodes = strstr(good, "  nodes:\n");
	hbr_status *status = lint_document(good, nodes, "");

	ck_assert_uint_eq(lint_count(status, "site-empty"), 1);
	ck_assert_uint_eq(hbr_status_count(status, HBR_LEVEL_ERROR), 0);
	hbr_status_free(status);
}
END_TEST

START_TEST(one_node_misprinted_is_two_findings_not_three)
{
	hbr_status *status =
	        lint_document(good, "\"2001:db8:3::2/126\"", "\"2001:db8:2::2/126\"");

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == 2, "%s", lint_dump(status));
	ck_assert_uint_eq(lint_count(status, "addr-duplicate"), 1);
	ck_assert_uint_eq(lint_count(status, "veth-subnet-mismatch"), 1);
	hbr_status_free(status);
}
END_TEST

START_TEST(a_fabric_that_is_too_small_is_said_once)
{
	hbr_status *status = lint_document(good, "mtu: 1500", "mtu: 1279");

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == 1, "%s", lint_dump(status));
	hbr_status_free(status);
}
END_TEST

START_TEST(what_a_template_causes_is_said_once)
{
	hbr_status *status =
	        lint_document(good, "router: veth-crpd", "router: veth-of-the-crpd");
	hbr_finding finding;

	ck_assert_msg(hbr_status_count(status, HBR_LEVEL_INFO) == 1, "%s", lint_dump(status));
	ck_assert(lint_finding(status, "ifname-too-long", 0, &finding));
	ck_assert_ptr_nonnull(strstr(finding.message, "and 2 more like it"));
	hbr_status_free(status);
}
END_TEST

HBR_SUITE(lint_document)
{
	tcase_add_test(tcase, a_document_without_faults_has_no_findings);
	tcase_add_loop_test(tcase, a_rule_fires_at_its_place_with_a_hint, 0,
	                    sizeof(firing) / sizeof(*firing));
	tcase_add_loop_test(tcase, a_rule_keeps_quiet_about_what_is_right, 0,
	                    sizeof(quiet) / sizeof(*quiet));
	tcase_add_test(tcase, a_site_without_nodes_is_worth_a_warning);
	tcase_add_test(tcase, one_node_misprinted_is_two_findings_not_three);
	tcase_add_test(tcase, a_fabric_that_is_too_small_is_said_once);
	tcase_add_test(tcase, what_a_template_causes_is_said_once);
}
