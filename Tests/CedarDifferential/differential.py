#!/usr/bin/env python3
"""Holds our Cedar against the reference implementation (package cedarpy) on generated cases.

  differential.py --tool .build/release/cedar-conformance [--cases 10000] [--seed N]

Each case has a schema, entities, policies and four requests. Both must agree on whether the texts can be read, whether the policies are valid,
whether entities and requests conform to the schema, and on decision, reasons and errors of each request; and each must read
the other's JSON and formatted text as the same policies. Beside it, each has a schema in JSON that Cedar's syntax may not be able to say: both must
agree on whether it can be read and which policies are valid under it, also once it is written in Cedar's syntax. Prints each disagreement with the seed that makes it again.
"""
import argparse
import json
import random
import re
import subprocess
import sys
import time

import cedarpy

import generator
import schemas


def attempt(call):
    try:
        return call(), None
    except Exception as error:  # the reference throws ValueError, and panics as BaseException
        return None, error


def normal(policies):
    """A policy set in JSON with `is … in` written out, `!(a == b)` as `a != b` and chains of `&&` and of `||` as lists: the reference keeps which of
    them was written, and how chains are grouped; we don't."""

    def chain(op, *parts):
        links = []
        for part in parts:
            links += part[op] if isinstance(part, dict) and set(part) == {op} and isinstance(part[op], list) else [part]
        return {op: links}

    def plain(x):
        if isinstance(x, list):
            return [plain(y) for y in x]
        if not isinstance(x, dict):
            return x
        x = {k: plain(v) for k, v in x.items()}
        if set(x) == {"!"}:
            for op, negated in (("==", "!="), ("<", ">="), ("<=", ">")):
                if set(x["!"]["arg"]) == {op}:
                    return {negated: x["!"]["arg"][op]}
        if set(x) == {"is"} and "in" in x["is"]:
            test = dict(x["is"])
            group = test.pop("in")
            return chain("&&", {"is": test}, {"in": {"left": test["left"], "right": group}})
        for op in ("&&", "||"):
            if set(x) == {op}:
                return chain(op, x[op]["left"], x[op]["right"])
        return x

    return plain(json.loads(policies))


class Comparison:
    def __init__(self, tool):
        self.process = subprocess.Popen([tool, "answer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.counts = {}

    def ask(self, **case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def run(self, seed):
        case = generator.Case(seed)
        r = random.Random(seed + 1)
        policies = case.policies
        schema_text = case.schema
        if r.random() < 0.3:
            policies = generator.mutate(policies, r)
        if r.random() < 0.05:
            schema_text = generator.mutate(schema_text, r)
        entities = json.dumps(case.entities)
        theirs, parse_error = attempt(lambda: cedarpy.PolicySet.from_str(policies))
        their_json = cedarpy.policies_to_json_str(policies) if theirs is not None else None
        ours = self.ask(policies=policies, schema=schema_text, entities=entities, requests=case.requests, policiesJSON=their_json)
        found = []

        def agree(what, mine, other, *more):
            self.count(f"{what}: {other}" if isinstance(other, bool) else what)
            if mine != other:
                found.append(f"{what}: ours {mine}, theirs {other} {' '.join(str(m) for m in more)}")

        if "failure" in ours:
            return [f"we failed: {ours['failure']}"], policies
        found += [f"violation: {v}" for v in ours["violations"]]
        agree("policies parse", ours["parses"], theirs is not None, ours.get("parsesError"), parse_error)
        schema, schema_error = attempt(lambda: cedarpy.Schema.from_str(schema_text))
        agree("schema parses", ours["schemaParses"], schema is not None, ours.get("schemaParsesError"), schema_error)
        if theirs is None or not ours["parses"]:
            return found, policies
        back, error = attempt(lambda: cedarpy.policies_to_json_str(cedarpy.policies_from_json_str(ours["json"])))
        agree("our JSON is read", back is not None, True, error, ours["json"])
        if back is not None:
            agree("our JSON says the same", normal(back) == normal(their_json), True, back, their_json)
        if schema is not None and ours["schemaParses"]:
            result, error = attempt(lambda: cedarpy.validate_policies(policies, schema))
            if result is not None:
                agree("valid", ours["valid"], result.validation_passed, ours.get("validError"), [str(e) for e in result.errors])
            again, error = attempt(lambda: cedarpy.Schema.from_json_str(ours["schemaJSON"]))
            agree("our schema JSON is read", again is not None, True, error)
            conforming, error = attempt(lambda: cedarpy.Entities.from_json_str(entities, schema))
            agree("entities conform", ours["entitiesConform"], conforming is not None, ours.get("entitiesConformError"), error)
        parsed, error = attempt(lambda: cedarpy.Entities.from_json_str(entities))
        agree("entities parse", ours["entitiesParse"], parsed is not None, ours.get("entitiesParseError"), error)
        if parsed is None or "answers" not in ours:
            return found, policies
        results = cedarpy.is_authorized_batch([{**q, "context": q["context"]} for q in case.requests], theirs, parsed)
        for request, mine, other in zip(case.requests, ours["answers"], results):
            agree("decision " + mine["decision"], mine["decision"], "allow" if other.allowed else "deny", request)
            agree("reasons", sorted(mine["reasons"]), sorted(other.diagnostics.reasons), request)
            errors = sorted({m.group(1) for e in other.diagnostics.errors for m in [re.search(r"policy `(.*?)`", str(e), re.S)] if m})
            agree("errors", sorted(mine["errors"]), errors, request, other.diagnostics.errors)
            if mine["errors"]:
                self.count("requests with failing policies")
        if schema is not None and ours["schemaParses"]:
            for request, mine in zip(case.requests, ours["answers"]):
                checked, error = attempt(lambda: cedarpy.is_authorized(request, theirs, "[]", schema))
                refused = checked is None or any("does not conform" in str(e) or "request" in str(e).lower() and "valid" in str(e).lower() for e in checked.diagnostics.errors) or str(checked.decision).endswith("NoDecision")
                agree("request conforms", mine["conforms"], not refused, request, error, checked and checked.diagnostics.errors)
        return found, policies

    def run_schema(self, seed):
        """Where the two, or the two syntaxes of one schema, differ."""
        case = schemas.SchemaCase(random.Random(f"schema {seed}"))
        text = json.dumps(case.document)
        found = []

        def agree(what, ours, theirs, *more):
            self.count(what)
            if ours != theirs:
                found.append(f"{what}: ours {ours}, theirs {theirs} {' '.join(str(m)[:300] for m in more if m is not None)}")

        ours = self.ask(schemaDocument=text, probes=case.policies)
        if "failure" in ours:
            return [f"failure: {ours['failure']}"], text
        found += ours["violations"]
        theirs, error = attempt(lambda: cedarpy.Schema.from_json_str(text))
        agree("schema in JSON is read", ours["schemaDocumentParses"], theirs is not None, ours.get("schemaDocumentParsesError"), error)
        if theirs is None or not ours["schemaDocumentParses"]:
            return found, text
        self.count("schema in JSON is read by both")
        written = None
        if "schemaDocumentText" in ours:
            written, error = attempt(lambda: cedarpy.Schema.from_str(ours["schemaDocumentText"]))
            agree("schema from JSON is read in Cedar's syntax", True, written is not None, ours["schemaDocumentText"], error)
        else:
            self.count("schema in JSON that Cedar's syntax can't say")
        rewritten, error = attempt(lambda: cedarpy.Schema.from_json_str(ours["schemaDocumentJSON"]))
        agree("schema from JSON is read in JSON", True, rewritten is not None, error)
        for policy, mine in zip(case.policies, ours["probes"]):
            for what, schema in (("", theirs), (", in Cedar's syntax", written), (", in our JSON", rewritten)):
                if schema is not None:
                    result, error = attempt(lambda: cedarpy.validate_policies(policy, schema))
                    agree("policy is valid" + what, mine, result is not None and result.validation_passed, policy, error, result and result.errors)
            self.count(f"policy is valid: {mine}")
        return found, text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--cases", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; a fresh one each time if not given")
    parser.add_argument("--show", type=int, default=5, help="disagreements to show")
    arguments = parser.parse_args()
    first = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 48)
    comparison = Comparison(arguments.tool)
    differing = 0
    began = time.time()
    for seed in range(first, first + arguments.cases):
        found, policies = comparison.run(seed)
        if found:
            differing += 1
            if differing <= arguments.show:
                print(f"--- seed {seed}\n{policies}\n" + "\n".join(found))
        found, schema = comparison.run_schema(seed)
        if found:
            differing += 1
            if differing <= arguments.show:
                print(f"--- seed {seed}\n{schema}\n" + "\n".join(found))
    for what, count in sorted(comparison.counts.items()):
        print(f"{count:8} {what}")
    print(f"{arguments.cases} cases from seed {first}, {differing} differing, {time.time() - began:.0f} s")
    sys.exit(1 if differing else 0)


main()
