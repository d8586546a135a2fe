#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks `hbr schema` and `hbr check` against each other, with an independent JSON Schema validator.

schema_check.py HBR    (the program; the last line is the count)

Every document of examples/sites is valid. Every key of the schema is in doc/site.md. Every file of tests/fixtures/bad says in its first lines what
is wrong with it, "# expect: text" for hbr's output and one of
  # refused by: reader    not even the schema can be applied, or what it cannot say
  # refused by: schema    the schema refuses it, and so does hbr
  # refused by: lint      the schema takes it, hbr check reports it
and "# line: N", where hbr points at.
"""
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Loader(yaml.SafeLoader):
    """YAML 1.2 core schema: no sexagesimal numbers, no dates, no yes and no."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", r"true|false", "tf"), ("null", r"null|~|", ["n", "~", ""]),
                            ("int", r"[-+]?[0-9]+", "-+0123456789")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def keys(schema):
    """The keys of all mappings that a schema describes."""
    found = set(schema.get("properties", {}))
    parts = list(schema.get("properties", {}).values()) + schema.get("oneOf", [])
    for part in parts + ([schema["items"]] if "items" in schema else []):
        found |= keys(part)
    return found


class Check:
    def __init__(self, program):
        self.program = program
        self.passed = self.failed = 0
        schema = json.loads(self.run("schema").stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        self.schema = schema
        self.validator = jsonschema.Draft202012Validator(schema)

    def run(self, *words, stdin=""):
        return subprocess.run([self.program, *words], input=stdin, capture_output=True, text=True,
                              errors="replace", timeout=60, check=False)

    def verdict(self, name, fault):
        if fault:
            print(f"FAIL {name}: {fault}")
            self.failed += 1
        else:
            self.passed += 1

    def schema_fault(self, path):
        """The first thing that the schema refuses, or None."""
        with open(path, encoding="utf-8") as file:
            documents = list(yaml.load_all(file, Loader))
        for document in documents:
            error = jsonschema.exceptions.best_match(self.validator.iter_errors(document))
            if error:
                return f"{error.json_path}: {error.message[:200]}"
        return None

    def page(self):
        with open(f"{ROOT}/doc/site.md", encoding="utf-8") as file:
            text = file.read()
        example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL).group(1)
        check = self.run("check", "--strict", "-", stdin=example)
        self.verdict("doc/site.md, the example", check.returncode and check.stdout)
        words = " ".join(re.findall(r"`[^`]+`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))
        missing = keys(self.schema) - set(re.findall(r"[A-Za-z0-9]+", words))
        self.verdict("doc/site.md, the keys", ", ".join(sorted(missing)))

    def example(self, path):
        printed = path.endswith("table1-as-printed.yaml")
        check = self.run("check", path)
        fault = self.schema_fault(path)
        if not fault and check.returncode != printed:
            fault = f"hbr check exits with {check.returncode}: {check.stdout}{check.stderr}"
        self.verdict(os.path.basename(path), fault)

    def bad(self, path):
        with open(path, encoding="utf-8", errors="replace") as file:
            notes = dict(re.findall(r"^# ([a-z ]+): (.*)$", file.read(), re.MULTILINE))
        check = self.run("check", path)
        output = check.stdout + check.stderr
        fault = None
        if check.returncode != 1:
            fault = f"hbr check exits with {check.returncode}"
        elif notes["expect"] not in output:
            fault = f"no \"{notes['expect']}\" in: {output}"
        elif "line" in notes and f"{path}:{notes['line']}:" not in output:
            fault = f"no line {notes['line']} in: {output}"
        if not fault and notes["refused by"] != "reader":
            refusal = self.schema_fault(path)
            if notes["refused by"] == "schema" and not refusal:
                fault = "the schema takes it"
            if notes["refused by"] == "lint" and refusal:
                fault = f"the schema refuses it: {refusal}"
        self.verdict(f"bad/{os.path.basename(path)}", fault)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    check = Check(os.path.abspath(sys.argv[1]))
    check.page()
    for path in sorted(glob.glob(f"{ROOT}/examples/sites/*.yaml")):
        check.example(path)
    for path in sorted(glob.glob(f"{ROOT}/tests/fixtures/bad/*")):
        check.bad(path)
    print(f"{check.passed} passed, {check.failed} failed, 0 skipped")
    return check.failed > 0


if __name__ == "__main__":
    sys.exit(main())
