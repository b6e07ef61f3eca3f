#!/usr/bin/env python3
"""Measures our Cedar beside the reference implementation (package cedarpy), in the same run, set by set.

  compare.py [--tool PATH_TO/cedar-benchmark] [--data big.jsonl] [--rounds 7] [--id cedar.big]

Sets: `sharing`, `repositories` and `tenants` are made here; `big` is made of the output of `authz_dataset.py --preset big`, with the
policies of `bench_cedar.py`. Without `--data`, `big` is made by the generator that GUILDHALL_BENCH_DATA or ../shared/bench beside the
repository has, and left out where there is none. The reference's cost per call without policies (a trivial policy, no entities) is measured in the same
way and subtracted; both are reported. Processor time; rounds alternate between the two, and of each side the least and the median of the rounds
are reported, with the ratio of both: on a busy machine they differ.
Prints one JSON object per figure.
"""
import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import cedarpy

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSION = "cedarpy " + __import__("importlib.metadata", fromlist=["version"]).version("cedarpy")


def uid(type, id):
    return {"type": type, "id": str(id)}


def entity(type, id, attrs=None, parents=()):
    return {"uid": uid(type, id), "attrs": attrs or {}, "parents": list(parents)}


def reference(type, id):
    return {"__entity": uid(type, id)}


def sharing(r):
    """Documents in folders, shared with people and groups."""
    policies = """
permit(principal, action in [Action::"read", Action::"comment", Action::"edit", Action::"share", Action::"delete"], resource) when { resource.owner == principal };
permit(principal, action in [Action::"read", Action::"comment"], resource) when { principal in resource.readers };
permit(principal, action in [Action::"read", Action::"comment", Action::"edit"], resource) when { principal in resource.writers };
permit(principal, action == Action::"read", resource) when { resource.visibility == "public" };
permit(principal, action == Action::"read", resource) when { resource.visibility == "company" && principal.domain == resource.domain };
permit(principal in Group::"auditors", action == Action::"read", resource is Document);
forbid(principal, action, resource) when { resource.locked && action != Action::"read" };
forbid(principal, action == Action::"share", resource) unless { principal.domain == "example.com" };
forbid(principal, action, resource) when { principal.suspended };
"""
    entities = [entity("Group", g, {}, [uid("Group", "all")]) for g in ["auditors", *range(30)]] + [entity("Group", "all")]
    for i in range(300):
        groups = [uid("Group", g) for g in r.sample(range(30), 3)] + ([uid("Group", "auditors")] if i % 50 == 0 else [])
        entities.append(entity("User", i, {"domain": r.choice(["example.com", "partner.org"]), "suspended": i % 40 == 7}, groups))
    for i in range(30):
        entities.append(entity("Folder", i, {}, [uid("Folder", i // 3)] if i > 2 else []))
    for i in range(600):
        entities.append(
            entity(
                "Document", i,
                {
                    "owner": reference("User", r.randrange(300)), "readers": reference("Group", r.randrange(30)), "writers": reference("Group", r.randrange(30)),
                    "visibility": r.choice(["private", "private", "company", "public"]), "domain": "example.com", "locked": r.random() < 0.1,
                },
                [uid("Folder", r.randrange(30))],
            ))
    actions = ["read", "read", "read", "comment", "edit", "share", "delete"]
    requests = [{"principal": uid("User", r.randrange(300)), "action": uid("Action", r.choice(actions)), "resource": uid("Document", r.randrange(600)), "context": {}} for _ in range(2000)]
    return policies, entities, requests


def repositories(r):
    """Repositories with roles that contain one another, organizations and protected branches."""
    policies = """
permit(principal, action in [Action::"pull", Action::"fork"], resource) when { principal in resource.readers };
permit(principal, action in [Action::"pull", Action::"fork", Action::"triage"], resource) when { principal in resource.triagers };
permit(principal, action in [Action::"pull", Action::"fork", Action::"triage", Action::"push"], resource) when { principal in resource.writers };
permit(principal, action in [Action::"pull", Action::"fork", Action::"triage", Action::"push", Action::"settings"], resource) when { principal in resource.maintainers };
permit(principal, action, resource) when { principal in resource.admins };
permit(principal, action == Action::"pull", resource) when { resource has isPublic && resource.isPublic };
forbid(principal, action == Action::"push", resource) when { context.branch like "release/*" && !(principal in resource.maintainers) };
forbid(principal, action in [Action::"push", Action::"settings"], resource) when { resource.archived };
"""
    entities = []
    roles = ["readers", "triagers", "writers", "maintainers", "admins"]
    for i in range(200):
        attrs = {role: reference("Role", f"{i}/{role}") for role in roles}
        attrs["archived"] = r.random() < 0.05
        if i % 3 == 0:
            attrs["isPublic"] = i % 2 == 0
        entities.append(entity("Repository", i, attrs))
        for low, high in zip(roles, roles[1:]):
            entities.append(entity("Role", f"{i}/{high}", {}, [uid("Role", f"{i}/{low}")]))
        entities.append(entity("Role", f"{i}/readers"))
    for i in range(20):
        entities.append(entity("Team", i, {}, [uid("Role", f"{r.randrange(200)}/{r.choice(roles)}") for _ in range(8)]))
    for i in range(200):
        parents = [uid("Team", t) for t in r.sample(range(20), 2)] + [uid("Role", f"{r.randrange(200)}/{r.choice(roles)}") for _ in range(3)]
        entities.append(entity("User", i, {}, parents))
    requests = []
    for _ in range(2000):
        requests.append({
            "principal": uid("User", r.randrange(200)), "action": uid("Action", r.choice(["pull", "pull", "push", "fork", "triage", "settings"])),
            "resource": uid("Repository", r.randrange(200)), "context": {"branch": r.choice(["main", "release/1.2", "feature/x"])},
        })
    return policies, entities, requests


def tenants(r):
    """Tenants with roles, and conditions on attributes, addresses and time."""
    policies = """
permit(principal is User, action in Action::"reading", resource) when { principal.tenant == resource.tenant };
permit(principal in Role::"editor", action in Action::"writing", resource) when { principal.tenant == resource.tenant && resource.status != "archived" };
permit(principal in Role::"admin", action, resource) when { principal.tenant == resource.tenant };
permit(principal in Role::"support", action in Action::"reading", resource) when { context.ticket like "SUP-*" && resource.sensitivity < 3 };
forbid(principal, action, resource) when { resource.sensitivity >= 3 && !context.mfa };
forbid(principal, action in Action::"writing", resource) unless { context.address.isInRange(ip("10.0.0.0/8")) || context.address.isInRange(ip("192.168.0.0/16")) };
forbid(principal, action == Action::"delete", resource) unless { principal in Role::"admin" && principal.clearance > resource.sensitivity };
forbid(principal, action in Action::"exporting", resource) when { resource.labels.containsAny(["pii", "secret"]) };
forbid(principal, action, resource) when { principal has suspendedUntil && context.now < principal.suspendedUntil };
"""
    groups = {"reading": ["view", "list"], "writing": ["create", "update", "delete"], "exporting": ["export"]}
    entities = [entity("Action", g) for g in groups] + [entity("Action", a, {}, [uid("Action", g)]) for g, names in groups.items() for a in names]
    entities += [entity("Role", x) for x in ["editor", "admin", "support"]] + [entity("Tenant", t) for t in range(10)]
    for i in range(300):
        attrs = {"tenant": reference("Tenant", i % 10), "clearance": r.randrange(5)}
        if i % 20 == 0:
            attrs["suspendedUntil"] = {"__extn": {"fn": "datetime", "arg": "2025-01-01"}}
        entities.append(entity("User", i, attrs, [uid("Role", x) for x in ["editor", "admin", "support"] if r.random() < 0.3]))
    for i in range(500):
        labels = r.sample(["pii", "secret", "draft", "finance", "eu"], r.randrange(4))
        entities.append(entity("Record", i, {"tenant": reference("Tenant", i % 10), "sensitivity": r.randrange(5), "status": r.choice(["active", "archived"]), "labels": labels}))
    requests = []
    for _ in range(2000):
        user = r.randrange(300)
        record = r.randrange(500) if r.random() < 0.3 else r.randrange(50) * 10 + user % 10
        context = {
            "mfa": r.random() < 0.7, "ticket": r.choice(["SUP-12", "none"]), "address": {"__extn": {"fn": "ip", "arg": r.choice(["10.1.2.3", "192.168.1.9", "8.8.8.8"])}},
            "now": {"__extn": {"fn": "datetime", "arg": "2024-06-01T12:00:00Z"}},
        }
        requests.append({"principal": uid("User", user), "action": uid("Action", r.choice(["view", "list", "update", "create", "delete", "export"])), "resource": uid("Record", record), "context": context})
    return policies, entities, requests


def big(path):
    """The policies of bench_cedar.py: grants as groups, organization roles, and forbids with conditions."""
    records = {}
    for line in open(path):
        x = json.loads(line)
        records.setdefault(x["t"], []).append(x)
    meta, org = records["meta"][0], records["org"][0]["id"]
    entities = {}

    def at(type, id, attrs=None):
        return entities.setdefault((type, id), entity(type, id, attrs))

    implied = {"admin": ["editor"], "editor": ["viewer"], "viewer": []}
    children = {}
    for x in records["resource"]:
        children.setdefault(x["parent"], []).append(x["id"])
    for x in records["resource"]:
        attrs = dict(x["attrs"])
        for role, lower in implied.items():
            group = at("Group", f"{x['id']}/{role}")
            attrs[role + "s"] = reference("Group", f"{x['id']}/{role}")
            group["parents"] += [uid("Group", f"{x['id']}/{low}") for low in lower] + [uid("Group", f"{c}/{role}") for c in children.get(x["id"], [])]
        e = at("Resource", x["id"], attrs)
        if x["parent"] is not None:
            e["parents"].append(uid("Resource", x["parent"]))
    for x in records["team"]:
        e = at("Team", x["id"])
        if x["parent"] is not None:
            e["parents"].append(uid("Team", x["parent"]))
    for x in records["user"]:
        at("User", x["id"], x["attrs"])["parents"].append(uid("OrgRole", f"{x['org']}/{x['role']}"))
    for role in meta["org_roles"]:
        at("OrgRole", f"{org}/{role}")
    for x in records["member"]:
        entities[("User", x["user"])]["parents"].append(uid("Team", x["team"]))
    for x in records["grant"]:
        who = ("User" if x["who"][0] == "u" else "Team", int(x["who"][1:]))
        entities[who]["parents"].append(uid("Group", f"{x['resource']}/{x['role']}"))
    actions = lambda names: "[" + ",".join(f'Action::"{a}"' for a in names) + "]"
    roles = meta["resource_roles"]
    policies = [
        f"permit(principal, action in {actions(roles['viewer'])}, resource) when {{ principal in resource.viewers }};",
        f"permit(principal, action in {actions([a for a in roles['editor'] if a not in roles['viewer']])}, resource) when {{ principal in resource.editors }};",
        f"permit(principal, action in {actions([a for a in roles['admin'] if a not in roles['editor']])}, resource) when {{ principal in resource.admins }};",
        f'permit(principal in OrgRole::"{org}/owner", action, resource);',
        f'permit(principal in OrgRole::"{org}/admin", action in {actions(meta["org_roles"]["admin"])}, resource);',
        f'permit(principal in OrgRole::"{org}/member", action in {actions(roles["viewer"])}, resource) when {{ resource.visibility == "org" }};',
        f'permit(principal in OrgRole::"{org}/billing", action in {actions(meta["org_roles"]["billing"])}, resource);',
    ]
    operators = {"eq": "==", "ne": "!=", "ge": ">=", "le": "<="}
    text = lambda v: v["attr"] if isinstance(v, dict) else json.dumps(v)
    for x in records["deny"]:
        team = "" if x["team"] is None else f' in Team::"{x["team"]}"'
        within = "" if x["resource"] is None else f' in Resource::"{x["resource"]}"'
        conditions = " && ".join(f"{a} {operators[o]} {text(b)}" for a, o, b in x["when"])
        policies.append(f"forbid(principal{team}, action in {actions(x['actions'])}, resource{within}) when {{ {conditions} }};")
    requests = [
        {"principal": uid("User", q["user"]), "action": uid("Action", q["action"]), "resource": uid("Resource", q["resource"]), "context": q["context"]} for q in records["request"]
    ]
    return "\n".join(policies), list(entities.values()), requests, [q["expect"] for q in records["request"]]


def generated(folder):
    """The data of `big`, or nothing where its generator isn't there."""
    script = os.path.join(os.environ.get("GUILDHALL_BENCH_DATA", os.path.join(BENCHMARKS, "../../shared/bench")), "authz_dataset.py")
    if not os.path.exists(script):
        print(f"{script} is not there: no figures of `big`", file=sys.stderr)
        return None
    path = f"{folder}/big.jsonl"
    with open(path, "w") as file:
        subprocess.run([sys.executable, script, "--preset", "big"], stdout=file, stderr=subprocess.DEVNULL, check=True)
    return path


def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096


def used(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def report(id, value, unit, **more):
    print(json.dumps({"id": id, "value": float(f"{value:.4g}"), "unit": unit, **{k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in more.items()}}, ensure_ascii=False), flush=True)


def measure(name, made, tool, rounds, bars):
    policies, entities, requests = made[:3]
    text = json.dumps(entities)
    asked = [{**q, "context": json.dumps(q["context"])} for q in requests]
    before = rss()
    parsed = cedarpy.Entities.from_json_str(text)
    memory = (rss() - before) / len(entities)
    prepared, trivial, nothing = cedarpy.PolicySet.from_str(policies), cedarpy.PolicySet.from_str("permit(principal,action,resource);"), cedarpy.Entities.from_json_str("[]")
    allowed = [a.allowed for a in cedarpy.is_authorized_batch(asked, prepared, parsed)]
    if len(made) > 3:
        report(f"cedar.{name}.reference.mismatches", sum(a != e for a, e in zip(allowed, made[3])), "requests")
    rounds_of, full, base, cold = {}, [], [], []
    with tempfile.TemporaryDirectory() as folder:
        open(f"{folder}/policies.cedar", "w").write(policies)
        open(f"{folder}/entities.json", "w").write(text)
        json.dump([{"request": q, "allowed": a} for q, a in zip(requests, allowed)], open(f"{folder}/requests.json", "w"))
        for _ in range(rounds):
            for line in subprocess.run([tool, name, folder], check=True, capture_output=True, text=True).stdout.splitlines():
                figure = json.loads(line)
                rounds_of.setdefault(figure["id"], []).append(figure["value"])
            full.append(used(lambda: cedarpy.is_authorized_batch(asked, prepared, parsed)) / len(asked) * 1e6)
            base.append(used(lambda: cedarpy.is_authorized_batch(asked, trivial, nothing)) / len(asked) * 1e6)
            repeat = 1 if len(text) > 1 << 20 else 20
            cold.append(used(lambda: [cedarpy.is_authorized(asked[0], policies, text) for _ in range(repeat)]) / repeat * 1e3)
    ours = {id: min(values) for id, values in rounds_of.items()}
    usual = {id: statistics.median(values) for id, values in rounds_of.items()}
    engine = max(min(full) - min(base), 0.001)
    usually = max(statistics.median(full) - statistics.median(base), 0.001)
    mine, mine_usually = ours[f"cedar.{name}.authorize"], usual[f"cedar.{name}.authorize"]
    report(f"cedar.{name}.mismatches", ours[f"cedar.{name}.mismatches"], "requests", bar=0)
    report(f"cedar.{name}.reference.call", min(full), "µs", overhead=min(base), median=statistics.median(full), overhead_median=statistics.median(base))
    report(f"cedar.{name}.authorize", mine, "µs", against=f"{VERSION}: {engine:.4g} µs without call overhead", ratio=engine / mine, bar=bars[0], median=mine_usually, ratio_of_medians=usually / mine_usually)
    report(f"cedar.{name}.isAllowed", ours[f"cedar.{name}.isAllowed"], "µs", ratio=engine / ours[f"cedar.{name}.isAllowed"])
    for way in ("isAllowed", "authorize"):
        if (asked := ours.get(f"cedar.{name}.{way}.allocations")) is not None:
            report(f"cedar.{name}.{way}.allocations", asked, "allocations per decision")
    report(
        f"cedar.{name}.cold", ours[f"cedar.{name}.cold"], "ms", against=f"{VERSION}: {min(cold):.4g} ms", ratio=min(cold) / ours[f"cedar.{name}.cold"], bar=3,
        median=usual[f"cedar.{name}.cold"], ratio_of_medians=statistics.median(cold) / usual[f"cedar.{name}.cold"])
    report(f"cedar.{name}.prepare", ours[f"cedar.{name}.prepareEntities"] + ours[f"cedar.{name}.preparePolicies"], "ms")
    if len(text) > 1 << 20:
        # What our tables take is counted: what is resident also holds what was freed and not given back.
        bytes = ours[f"cedar.{name}.footprint"]
        report(f"cedar.{name}.memory", bytes, "bytes per entity", against=f"{VERSION}: {memory:.4g} resident", ratio=memory / max(bytes, 1), bar=10)
        resident = ours[f"cedar.{name}.memory"]
        report(f"cedar.{name}.resident", resident, "bytes per entity", against=f"{VERSION}: {memory:.4g} resident", ratio=memory / max(resident, 1), bar=10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default=os.path.join(BENCHMARKS, ".build/release/cedar-benchmark"))
    parser.add_argument("--data", help="output of authz_dataset.py --preset big")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--id", default="", help="only the figures of this set: cedar.big, cedar.flat, cedar.allocations")
    arguments = parser.parse_args()
    wanted = arguments.id.removeprefix("cedar").removeprefix(".").split(".")[0]
    print(json.dumps({"load": os.getloadavg(), "reference": VERSION}), file=sys.stderr)
    for make in (sharing, repositories, tenants):
        if wanted in make.__name__:
            measure(make.__name__, make(random.Random(7)), arguments.tool, arguments.rounds, (10,))
    if wanted in "big":
        with tempfile.TemporaryDirectory() as folder:
            if data := arguments.data or generated(folder):
                measure("big", big(data), arguments.tool, arguments.rounds, (50,))
    for own in ("flat", "allocations"):
        if wanted in own:
            print(subprocess.run([arguments.tool, own], check=True, capture_output=True, text=True).stdout, end="")


main()
