#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes rows.inc: the statements of Junos that the double knows, from Juniper's YANG modules.

  rows.py FOLDER > rows.inc     the modules of 24.4R1

A table is the statements inside a block, in Juniper's order, as words of one string:

  [~][!]NAME KIND     ~ the name is not written in text; ! it is a key of the list whose table this is
  KIND                :N block, ?N block that may be empty, *N list, =T value, +T values, . mere word
  T                   s text, uLOW-HIGH number, a address, p prefix, (A|B) one of these words

Groupings stay shared, so that the table is small. Names and ranges are facts of the modules; nothing else is taken.
"""
import glob
import re
import sys
import textwrap

ROOTS = [("interfaces", "interfaces-group"), ("routing-options", "routing-options-group"), ("protocols", "protocols-group"),
         ("policy-options", "policy-options-group"), ("routing-instances", "routing-instances-group")]
# Of these blocks only what a router on a node may need: the whole would be a large table.
ONLY = {
    "interfaces": {"interface"},
    "interfaces/interface": {"name", "description", "disable", "mtu", "unit"},
    "interface/unit": {"name", "description", "disable", "family"},
    "unit/family": {"inet", "inet6"},
    "unit/family/inet": {"address", "mtu"},
    "unit/family/inet6": {"address", "mtu"},
    "unit/family/inet/address": {"name", "primary", "preferred"},
    "unit/family/inet6/address": {"name", "primary", "preferred"},
    "protocols": {"bgp", "mpls", "evpn", "bfd"},
    "routing-options": {"router-id", "autonomous-system", "forwarding-table", "dynamic-tunnels", "static", "rib",
                        "route-distinguisher-id", "multipath", "auto-export"},
    "protocols/mpls": {"ipv6-tunneling", "interface", "label-range", "no-cspf"},
    "protocols/bfd": {"sbfd"},
    "routing-options/forwarding-table": {"export", "ecmp-fast-reroute"},
    "routing-options/rib": {"name", "static"},
    "instance/protocols": {"bgp", "evpn"},
    "instance/routing-options": {"router-id", "autonomous-system", "static", "multipath", "auto-export"},
    "routing-instances/instance": {"name", "instance-type", "interface", "route-distinguisher", "vrf-target", "vrf-import",
                                   "vrf-export", "vrf-table-label", "routing-options", "protocols", "description",
                                   "no-vrf-advertise", "routing-interface"},
    "policy-options": {"prefix-list", "policy-statement", "community", "as-path", "as-path-group", "route-filter-list"},
}
# Written without their names: what a block or a list is about.
SILENT = {"as-number", "rd-type", "choice-ident", "choice-value", "community-name", "metric-value", "limit-threshold",
          "vrf-target/community",
          "routing-instances/instance", "prefix-list/prefix-list-item", "dynamic-tunnels/dynamic-tunnel",
          "interfaces/interface", "route-filter-list/rf_list", "confederation/confederation-as"}
BORING = {"apply-groups", "apply-groups-except", "apply-macro", "apply-flags", "traceoptions"}
TYPES = {"ipaddr": "a", "ipv4addr": "a", "ipv6addr": "a", "ipprefix": "p", "ipprefix-mandatory": "p", "ipv4prefix": "p",
         "ipv6prefix": "p", "ipprefix-only": "p"}
SIZES = {"uint8": 255, "uint16": 65535, "uint32": 4294967295, "uint64": 2 ** 64 - 1}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|//[^\n]*|/\*.*?\*/|[{};]|[^\s{};"\']+', re.S)


def parse(text):
    """Statements as (keyword, argument, children)."""
    tokens = [t for t in TOKEN.findall(text) if not t.startswith("//") and not t.startswith("/*")]
    stack, words = [[]], []
    for token in tokens:
        if token == "}":
            stack.pop()
        elif token in "{;":
            children = []
            stack[-1].append((words[0], words[1] if len(words) > 1 else "", children))
            words = []
            if token == "{":
                stack.append(children)
        else:
            words.append(token.strip("\"'"))
    return stack[0]


groupings = {}
for path in sorted(glob.glob(sys.argv[1] + "/*.yang")):
    for _, _, body in parse(open(path, encoding="utf-8").read()):
        groupings.update({name: children for kind, name, children in body if kind == "grouping"})

tables = []  # strings
known = {}   # body and what is wanted of it -> its table


def flatten(body):
    """The data nodes of a body: groupings, choices and cases dissolved."""
    for kind, name, children in body:
        if kind == "uses":
            yield from flatten(groupings[name.split(":")[-1]])
        elif kind in ("choice", "case"):
            yield from flatten(children)
        elif kind in ("container", "list", "leaf", "leaf-list"):
            yield kind, name, children


def child_of(children, keyword):
    return next(((name, inner) for kind, name, inner in children if kind == keyword), (None, []))


def type_of(body):
    name, inner = child_of(body, "type")
    if name == "union":
        # Beside each there is a pattern for what groups and scripts may put in.
        members = [type_of([t]) for t in inner if t[1] != "string"]
        return members[0] if len(members) == 1 else "s"
    if name == "enumeration":
        return "(" + "|".join(word for kind, word, _ in inner if kind == "enum") + ")"
    if name in SIZES:
        low, high = 0, SIZES[name]
        limits = re.fullmatch(r"(\d+) \.\. (\d+)", child_of(inner, "range")[0] or "")
        if limits:
            low, high = int(limits[1]), int(limits[2])
        return "u%d-%d" % (low, high)
    return TYPES.get((name or "").split(":")[-1], "s")


def is_silent(parent, name):
    return bool(SILENT & {name, parent + "/" + name}) or (parent == name and name != "community")


def table_of(body, parent, keys=()):
    """The number of the table of a body; `parent` is the path that leads to it."""
    name = parent.split("/")[-1]
    only = next((words for path, words in ONLY.items() if parent == "/" + path or
                 ("/" in path and parent.endswith("/" + path))), None)
    uses = [n for k, n, _ in body if k == "uses"]
    plain = [k for k, _, _ in body if k in ("container", "list", "leaf", "leaf-list", "choice")]
    identity = uses[0] if len(uses) == 1 and not plain else id(body)
    matters = only or any("/%s/" % name in "/" + path for path in [*SILENT, *ONLY])
    key = (identity, tuple(keys), parent if matters else "")
    if key in known:
        return known[key]
    number = known[key] = len(tables)
    tables.append("")
    rows, done = [], set()
    for kind, word, children in flatten(body):
        if word in BORING or (only and word not in only) or word in done:
            continue
        done.add(word)
        mark = ("~" if is_silent(name, word) or word in keys else "") + ("!" if word in keys else "")
        if kind == "container":
            code = ("?" if child_of(children, "presence")[0] else ":") + str(table_of(children, parent + "/" + word))
        elif kind == "list":
            code = "*" + str(table_of(children, parent + "/" + word, child_of(children, "key")[0].split()))
        else:
            code = ("+" if kind == "leaf-list" else "=") + type_of(children)
            if child_of(children, "type")[0] == "empty":
                code = "."
        rows.append(mark + word + code)
    at = {"~!" + word: place for place, word in enumerate(keys)}
    rows.sort(key=lambda row: at.get(re.match(r"[~!]*[^:?*=+.]+", row)[0], len(keys)))
    tables[number] = " ".join(rows)
    return number


tables.append("")
tops = []
for top, grouping in ROOTS:
    body = next(children for _, name, children in groupings[grouping] if name == top)
    tops.append("%s:%d" % (top, table_of(body, "/" + top)))
free = len(tables)
groups = free + 1
# What "system" and "version" say is not looked at.
common = " ".join(["version=s", "system:%d" % free, *tops])
tables[0] = "groups:%d apply-groups+s %s" % (groups, common)
tables += ["*", "~group*%d" % (groups + 1), "~!name=s " + common]


def renumber(rows, numbers):
    return re.sub(r"([:?*])(\d+)", lambda m: m[1] + str(numbers[int(m[2])]), rows)


def without_doubles(before):
    """Tables that say the same become one, until there are none."""
    while True:
        first = {rows: number for number, rows in reversed(list(enumerate(before)))}
        left = sorted(first.values())
        if len(left) == len(before):
            return before
        numbers = [left.index(first[rows]) for rows in before]
        before = [renumber(before[number], numbers) for number in left]


tables = without_doubles(tables)
print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Made by rows.py from Juniper's YANG modules of 24.4R1: names, kinds and ranges of statements. */")
print("static const char *const tables[] = {")
for number, rows in enumerate(tables):
    lines = textwrap.wrap(rows, 84, break_long_words=False, break_on_hyphens=False) or [""]
    print("\t/* %d */" % number)
    print("\n".join('\t"%s"' % (line + (" " if line != lines[-1] else "")) for line in lines) + ",")
print("};")
