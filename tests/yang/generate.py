#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes site documents of all sorts, the same ones for the same seed.

generate.py COUNT SEED DIR      DIR/gNNN.yaml
"""
import random
import sys

HEAD = "apiVersion: hbr.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"


def flow(items):
    return "{" + ", ".join(f"{k}: {v}" for k, v in items.items()) + "}"


def texts(items):
    return "[" + ", ".join(f'"{item}"' for item in items) + "]"


def of(families, four, six):
    """Texts of the families that the site has."""
    return texts([text for family, text in ((4, four), (6, six)) if family in families])


def peer(rng, families, name, number, vrf=None):
    family = rng.choice(families)
    own = rng.random() < 0.3
    remote = f"203.0.113.{number}" if family == 4 else f"2001:db8:cafe::{number:x}"
    asn = 64500 if own else rng.choice((65001, 4200000001))
    out = {"name": name, "remote": f'"{remote}"', "remoteAsn": asn}
    if vrf:
        out["vrf"] = vrf
    if rng.random() < 0.3:
        out["passive"] = "true"
    if rng.random() < 0.5:
        out["nextHopSelf"] = "true"
    if not own and rng.random() < 0.5:
        out["asOverride"] = "true"
    if own and rng.random() < 0.5:
        out["client"] = "true"
        if rng.random() < 0.5:
            out["clusterId"] = "10.255.255.1"
    if not vrf and rng.random() < 0.3:
        out[f"ipv{family}"] = "true"
        out[rng.choice(("evpn", "vpnv4", "vpnv6"))] = "true"
    if not own and rng.random() < 0.2:
        out["localAsn"] = 64999
    if rng.random() < 0.3:
        out["holdSeconds"] = rng.choice((3, 30, 180))
    if rng.random() < 0.3:
        out["bfdMilliseconds"] = rng.choice((50, 300, 1000))
    if rng.random() < 0.3:
        out["remotePort"] = 1179
    if rng.random() < 0.3:
        out["passwordFile"] = "/etc/hbr/bgp key"
    return flow(out)


def node(rng, families, n, reflectors, asns):
    out = {"name": f"node{n}", "role": "control-plane" if n <= reflectors else "worker",
           "host": of(families, f"10.1.{n}.1/30", f"2001:db8:{n:x}::1/126"),
           "router": of(families, f"10.1.{n}.2/30", f"2001:db8:{n:x}::2/126"),
           "uplink": of(families, f"192.168.1.{100 + n}/24", f"2001:db8:f::{100 + n:x}/64")}
    if rng.random() < 0.3:
        out["loopbacks"] = of(families, f"10.255.0.{n}/32", f"2001:db8:ff::{n:x}/128")
    if asns:
        out["asn"] = 64600 + n
    return flow(out)


def networks(rng, families, overlay):
    out = ""
    for number, kind in enumerate(("macvlan", "ipvlan"), 1):
        if rng.random() < 0.4:
            continue
        vrf = {"vni": 4000 + number, "import": texts([f"64500:{number}"]),
               "export": texts([f"64500:{number}"])}
        if overlay == "mpls-udp":
            del vrf["vni"]
        if rng.random() < 0.4:
            vrf["import"] = texts([f"64500:{number}", "4200000000:7", "192.0.2.1:9"])
        if rng.random() < 0.3:
            vrf["export"] = texts([f"64500:{number}", f"64500:10{number}"])
        elif rng.random() < 0.3:
            vrf["export"] = texts([f"64500:20{number}"])
        subnets = of(families, f"10.{20 + number}.0.0/16", f"2001:db8:{number}000::/56")
        out += "---\n" + HEAD.format(kind="SecondaryNetwork", name=f"net{number}")
        out += f"  type: {kind}\n  link: {{host: h{number}, router: r{number}}}\n"
        out += f"  vrf: {flow(vrf)}\n  subnets: {subnets}\n"
    return out


def site(rng, number):
    families = rng.choice(((4,), (6,), (4, 6), (4, 6)))
    overlay = rng.choice(("none", "vxlan", "mpls-udp"))
    mode = rng.choice(("ebgp", "ibgp", "ebgp-per-node"))
    count = rng.randint(1, 8)
    asns = mode != "ibgp" and rng.random() < 0.2
    calico = {"listenPort": rng.choice((178, 179)), "peering": mode}
    if mode != "ibgp":
        calico["asn"] = 64512
    out = HEAD.format(kind="Site", name=f"g{number}")
    out += "  router: {engine: crpd, netns: crpd, asn: 64500}\n"
    out += f"  fabric: {{uplink: ens4, mtu: 9000, overlay: {overlay}}}\n"
    out += "  link: {host: veth-k8s, router: veth-crpd, reach: "
    out += of(families, "10.1.0.0/20", "2001:db8::/44") + "}\n"
    out += f"  calico: {flow(calico)}\n"
    out += "  kubernetes: {version: 1.28.15, endpoint: 'api.example:6443', podCIDRs: "
    out += of(families, "172.16.0.0/16", "2001:db8:42::/56") + ", serviceCIDRs: "
    out += of(families, "10.96.0.0/16", "2001:db8:42:100::/112") + "}\n"
    peers = [peer(rng, families, f"tor{i}", i) for i in range(1, rng.randint(1, 4))]
    second = networks(rng, families, overlay) if overlay != "none" else ""
    for i in (1, 2):
        if f"name: net{i}}}" in second and rng.random() < 0.5:
            peers.append(peer(rng, families, f"ce{i}", 100 + i, f"net{i}"))
    if peers:
        out += "  peers:\n" + "".join(f"  - {text}\n" for text in peers)
    out += "  nodes:\n"
    for n in range(1, count + 1):
        out += f"  - {node(rng, families, n, rng.randint(1, 3), asns)}\n"
    return out + second


def main():
    count, seed, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = random.Random(seed)
    for number in range(1, count + 1):
        with open(f"{folder}/g{number:03}.yaml", "w", encoding="utf-8") as file:
            file.write(site(rng, number))


if __name__ == "__main__":
    main()
