#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a site of many nodes whose addresses all come from pools.

make_pooled.py [NODES] > FILE    (examples/sites/pooled-1000.yaml is that of 1000)
"""
import ipaddress
import sys

HEAD = """\
# {n} nodes by name, all addresses from pools. Made by tests/lint/make_pooled.py.
apiVersion: hbr.dev/v1alpha1
kind: Site
metadata: {{name: pooled}}
spec:
  router:     {{engine: frr, netns: crpd, asn: 64500}}
  fabric:     {{uplink: ens4, mtu: 1500, fromPool: [fabric4, fabric6]}}
  link:       {{host: veth-k8s, router: veth-crpd, fromPool: [links4, links6]}}
  calico:     {{asn: 64512, listenPort: 178, peering: ebgp}}
  kubernetes:
    version: 1.28.15
    endpoint: api.pooled.example:6443
    podCIDRs: [{pods4}, "2001:db8:42::/56"]
    serviceCIDRs: [10.96.0.0/16, "2001:db8:42:100::/112"]
  nodes: [
"""
POOL = """\
---
apiVersion: hbr.dev/v1alpha1
kind: Pool
metadata: {{name: {name}}}
spec: {{prefix: {{cidr: {cidr}}}{use}}}
"""


def holding(address, parts, length):
    """The longest prefix at `address` that holds so many parts of that length."""
    bits = (parts - 1).bit_length()
    return str(ipaddress.ip_network((address, length - bits)))


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    nodes = [f"{{name: node{i}, role: control-plane}}" if i <= 3 else f"node{i}"
             for i in range(1, n + 1)]
    out = HEAD.format(n=n, pods4=holding("172.16.0.0", n, 26))
    for i in range(0, n, 10):
        out += "    " + ", ".join(nodes[i:i + 10]) + ",\n"
    out += "  ]\n"
    for name, cidr, use in (
            ("links4", holding("10.128.0.0", n, 30), ""),
            ("links6", f'"{holding("2001:db8:1::", n, 126)}"', ""),
            ("fabric4", holding("192.168.0.0", n + 2, 32), ", use: uplink"),
            ("fabric6", '"2001:db8:f::/64"', ", use: uplink")):
        out += POOL.format(name=name, cidr=cidr, use=use)
    sys.stdout.write(out)


if __name__ == "__main__":
    main()
