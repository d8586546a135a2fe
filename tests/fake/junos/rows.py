#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes rows.inc: the statements of Junos that the double knows, from Juniper's YANG modules.

  rows.py FOLDER > rows.inc     the modules of 24.4R1

A row is a statement: its name, whether it is a container, a list, a leaf or a list of leaves, and where the rows of its
children are. Groupings stay shared, so that the table is small. Names are facts of the modules; nothing else is taken.
"""
import glob
import re
import sys

ROOTS = [("junos-conf-routing-options", "routing-options-group"), ("junos-conf-protocols", "protocols-group"),
         ("junos-conf-policy-options", "policy-options-group"), ("junos-conf-routing-instances", "routing-instances-group")]
# Of these blocks, only what a router on a node may need: the whole would be a large table.
ONLY = {
    "protocols": {"bgp", "mpls", "evpn", "bfd"},
    "routing-options": {"router-id", "autonomous-system", "forwarding-table", "dynamic-tunnels", "static", "rib",
                        "route-distinguisher-id", "multipath", "auto-export"},
    "mpls": {"ipv6-tunneling", "interface", "label-range", "no-cspf"},
    "bfd": {"traceoptions"},
    "forwarding-table": {"export"},
    "instance": {"name", "instance-type", "interface", "route-distinguisher", "vrf-target", "vrf-import", "vrf-export",
                 "vrf-table-label", "routing-options", "protocols", "description", "no-vrf-advertise", "routing-interface"},
    "rib": {"name", "static"},
}
BORING = {"apply-groups", "apply-groups-except", "apply-macro", "apply-flags", "traceoptions"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|//[^\n]*|/\*.*?\*/|[{};]|[^\s{};"\']+', re.S)


def parse(text):
    tokens = [t for t in TOKEN.findall(text) if not t.startswith("//") and not t.startswith("/*")]
    at = 0

    def statements():
        nonlocal at
        out = []
        while at < len(tokens) and tokens[at] != "}":
            words = []
            while tokens[at] not in "{;":
                words.append(tokens[at].strip("\"'"))
                at += 1
            children = []
            if tokens[at] == "{":
                at += 1
                children = statements()
            at += 1
            out.append((words[0], words[1] if len(words) > 1 else "", children))
        return out

    return statements()


groupings = {}
for path in glob.glob(sys.argv[1] + "/*.yang"):
    for keyword, module, body in parse(open(path, encoding="utf-8").read()):
        for kind, name, children in body:
            if kind == "grouping":
                groupings[name] = children

tables = []  # lists of rows
known = {}   # grouping or identity of a body -> table


def flatten(body):
    """The data nodes of a body: groupings, choices and cases dissolved."""
    for kind, name, children in body:
        if kind == "uses":
            yield from flatten(groupings[name.split(":")[-1]])
        elif kind in ("choice", "case"):
            yield from flatten(children)
        elif kind in ("container", "list", "leaf", "leaf-list"):
            yield kind, name, children


def table_of(body, name=""):
    only = ONLY.get(name)
    uses = [name for kind, name, _ in body if kind == "uses"]
    plain = [k for k, _, _ in body if k in ("container", "list", "leaf", "leaf-list", "choice")]
    key = (uses[0] if len(uses) == 1 and not plain else id(body), name if only else "")
    if key in known:
        return known[key]
    number = len(tables)
    known[key] = number
    tables.append([])
    rows = {}
    for kind, name, children in flatten(body):
        if name in BORING or (only and name not in only):
            continue
        empty = any(k == "type" and n == "empty" for k, n, _ in children)
        code = {"container": "C", "list": "L", "leaf-list": "M", "leaf": "E" if empty else "F"}[kind]
        child = table_of(children, name) if kind in ("container", "list") else -1
        rows[name] = (code, child)
        # Text says the choice itself: "prefix-list-filter NAME orlonger".
        for k, t, inner in children if name == "choice-ident" else []:
            for what, word, _ in inner if (k, t) == ("type", "enumeration") else []:
                if what == "enum":
                    rows[word] = ("E", -1)
    tables[number] = rows
    return number


roots = []
for module, grouping in ROOTS:
    for kind, name, children in groupings[grouping]:
        if kind in ("container", "list"):
            roots.append((name, "C", table_of(children, name)))

print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Made by rows.py from Juniper's YANG modules of 24.4R1: names and kinds of statements. */")
starts, flat = [], []
for rows in tables:
    starts.append(len(flat))
    flat += [(n, c, t) for n, (c, t) in sorted(rows.items())]
print("static const struct row rows[] = {")
for name, code, child in flat:
    kind = {"C": "ROW_BLOCK", "L": "ROW_LIST", "M": "ROW_MEMBER", "E": "ROW_WORD", "F": "ROW_VALUE"}[code[0]]
    print('\t{ "%s", %s, %d },' % (name, kind, child))
print("};")
print("static const struct table tables[] = {")
for i, rows in enumerate(tables):
    print("\t{ %d, %d }," % (starts[i], len(rows)))
print("};")
print("static const struct row roots[] = {")
for name, code, child in roots:
    print('\t{ "%s", ROW_BLOCK, %d },' % (name, child))
print("};")
