"""Organizations to decide about, made from a seed: people, nested teams, resources, grants, policies that forbid, and requests with the right answer.

The answer is found here, request by request, by the plainest code there is; every engine that is measured has to find the same.

A member holds one of five roles in the organization. Teams stand in teams; who is in one is in those around it. A grant gives a role (viewer, editor, admin) to a
member or a team, on a resource and all that stands in it. The role `member` reads and lists what is open to the organization, and nothing else. A policy forbids some
verbs if all of its comparisons hold, to the members of a team only, or within a resource only, where it names one.
"""
import array
import json
import random

VERBS = ["read", "list", "update", "create_child", "deploy", "delete", "share", "export", "manage_members", "manage_billing", "view_usage", "impersonate"]
LOOK = VERBS[:2]
WORK = VERBS[:5]
RULE = VERBS[:9]
GRANTED = {"viewer": LOOK, "editor": WORK, "admin": RULE}
STANDING = {
    "owner": VERBS, "admin": [v for v in VERBS if v not in ("manage_billing", "impersonate")], "member": LOOK, "billing": ["manage_billing", "view_usage"], "guest": [],
}
REGIONS = ["eu", "us", "ap"]
DEPARTMENTS = ["eng", "sales", "ops", "legal", "finance", "hr", "support", "data", "design", "exec"]
STAGES = ["prod", "staging", "dev"]
KINDS = ["workspace", "project", "app"]
COMPARISONS = ["eq", "ne", "ge", "le"]

# What a comparison can look at, in the order of the numbers in the binary file.
SLOTS = [
    "principal.dept", "principal.region", "principal.employment", "principal.clearance", "principal.suspended",
    "resource.classification", "resource.env", "resource.region", "resource.visibility", "context.mfa", "context.hour", "context.ip_trusted",
]
CODES = {
    "principal.dept": DEPARTMENTS.index, "principal.region": REGIONS.index, "principal.employment": lambda v: int(v == "contractor"),
    "resource.env": STAGES.index, "resource.region": REGIONS.index, "resource.visibility": lambda v: int(v == "org"),
}

SIZES = {
    "small": dict(orgs=1, members=100, teams=10, resources=50, deny=50, team_grants=60, user_grants=60, requests=2000),
    "thousand": dict(orgs=1, members=1000, teams=50, resources=400, deny=50, team_grants=500, user_grants=600, requests=20000),
    "big": dict(orgs=1, members=10000, teams=200, resources=2000, deny=50, team_grants=4000, user_grants=6000, requests=20000),
    "many": dict(orgs=10000, members=100, teams=5, resources=20, deny=5, team_grants=20, user_grants=40, requests=20000),
    "huge": dict(orgs=1, members=1000000, teams=2000, resources=20000, deny=50, team_grants=40000, user_grants=200000, requests=20000),
}


def policies(r):
    """The seven kinds of policies: verbs and comparisons, some of them drawn."""
    def drawn(kind):
        return [
            (["export", "share"], lambda: [("principal.employment", "eq", "contractor"), ("resource.classification", "ge", r.randint(2, 3))]),
            (["deploy", "delete"], lambda: [("resource.env", "eq", "prod"), ("context.mfa", "eq", False), ("principal.dept", "eq", r.choice(DEPARTMENTS))]),
            (["read", "export", "update"], lambda: [("resource.region", "eq", r.choice(REGIONS)), ("principal.region", "ne", "=resource.region"), ("resource.classification", "ge", 3)]),
            (["deploy"], lambda: [("resource.env", "eq", r.choice(STAGES)), ("context.hour", "ge", r.randint(20, 23))]),
            (RULE, lambda: [("principal.suspended", "eq", True), ("principal.dept", "eq", r.choice(DEPARTMENTS))]),
            (["delete", "manage_members", "impersonate"], lambda: [("context.ip_trusted", "eq", False), ("principal.clearance", "le", r.randint(1, 3))]),
            (LOOK, lambda: [("resource.classification", "ge", 2), ("principal.clearance", "le", 1), ("principal.dept", "eq", r.choice(DEPARTMENTS))]),
        ][kind % 7]
    return drawn


class Organization:
    """One organization's facts; ids count over all organizations."""

    def __init__(self, r, number, first, size):
        members, teams, resources, denies = first
        self.number = number
        self.members = {}
        for i in range(size["members"]):
            role = "owner" if i == 0 else r.choices(list(STANDING), [0.2, 1, 88.8, 1, 9])[0]
            self.members[members + i] = (role, {
                "dept": r.choice(DEPARTMENTS), "region": r.choice(REGIONS), "employment": "contractor" if r.random() < 0.15 else "employee",
                "clearance": r.randint(1, 5), "suspended": r.random() < 0.02})
        self.teams = {}
        for i in range(size["teams"]):
            stands_alone = i < max(2, size["teams"] // 10) or r.random() >= 0.9
            self.teams[teams + i] = None if stands_alone else teams + r.randrange(max(1, i // 4))
        self.seats = {m: [teams + t for t in r.sample(range(size["teams"]), min(size["teams"], r.choice([1, 2, 2, 3, 4])))] for m in self.members}
        self.resources, self.within = {}, {}
        spaces = max(1, size["resources"] // 20)
        projects = max(1, size["resources"] * 9 // 20)
        for i in range(size["resources"]):
            kind = 0 if i < spaces else 1 if i < spaces + projects else 2
            parent = None if kind == 0 else resources + (r.randrange(spaces) if kind == 1 else spaces + r.randrange(projects))
            self.resources[resources + i] = (kind, parent, {
                "classification": r.choices([0, 1, 2, 3], [2, 5, 2, 1])[0], "env": r.choice(STAGES), "region": r.choice(REGIONS),
                "visibility": r.choices(["org", "private"], [3, 7])[0]})
            self.within.setdefault(parent, []).append(resources + i)
        self.known = list(self.resources)
        self.grants, self.held = {}, {}
        for k in range(size["team_grants"] + size["user_grants"]):
            holder = (1, teams + r.randrange(size["teams"])) if k < size["team_grants"] else (0, members + r.randrange(size["members"]))
            role = r.choices(list(GRANTED), [5, 4, 1])[0]
            resource = r.choice(self.known)
            if self.resources[resource][0] == 0 and r.random() < 0.5:
                resource = r.choice(self.known)
            if role in self.grants.get(resource, {}).get(holder, ()):
                continue
            self.grants.setdefault(resource, {}).setdefault(holder, []).append(role)
            self.held.setdefault(holder, []).append((role, resource))
        self.denies = []
        drawn = policies(r)
        for k in range(size["deny"]):
            verbs, comparisons = drawn(k)
            x = r.random()
            self.denies.append((
                denies + k, verbs, teams + r.randrange(size["teams"]) if x < 0.2 else None, r.choice(self.within[None]) if 0.2 <= x < 0.4 else None, comparisons()))

    def around(self, team):
        while team is not None:
            yield team
            team = self.teams[team]

    def above(self, resource):
        while resource is not None:
            yield resource
            resource = self.resources[resource][1]

    def holders(self, member):
        return {(0, member)} | {(1, t) for seat in self.seats[member] for t in self.around(seat)}

    def answer(self, member, verb, resource, context):
        role, own = self.members[member]
        attributes = self.resources[resource][2]
        above = list(self.above(resource))
        holders = self.holders(member)
        allowed = verb in STANDING[role] and (role != "member" or attributes["visibility"] == "org")
        if not allowed:
            allowed = any(
                verb in GRANTED[granted] for scope in above for holder in holders & self.grants.get(scope, {}).keys() for granted in self.grants[scope][holder])
        if not allowed:
            return False
        facts = {"principal": own, "resource": attributes, "context": context}

        def look(name):
            side, attribute = name.split(".")
            return facts[side][attribute]

        def holds(left, comparison, right):
            a = look(left)
            b = look(right[1:]) if isinstance(right, str) and right.startswith("=") else right
            return a == b if comparison == "eq" else a != b if comparison == "ne" else a >= b if comparison == "ge" else a <= b

        return not any(
            verb in verbs and (team is None or (1, team) in holders) and (scope is None or scope in above) and all(holds(*c) for c in comparisons)
            for _, verbs, team, scope, comparisons in self.denies)

    def request(self, r):
        member = r.randrange(len(self.members)) + min(self.members)
        verb = r.choices(VERBS, [40, 15, 12, 5, 6, 3, 3, 4, 4, 3, 3, 2])[0]
        resource = r.choice(self.known)
        if r.random() < 0.65:  # Something that a grant reaches, most of the time with a verb that it gives.
            reached = [g for holder in sorted(self.holders(member)) for g in self.held.get(holder, ())]
            if reached:
                role, resource = r.choice(reached)
                while resource in self.within and r.random() < 0.5:
                    resource = r.choice(self.within[resource])
                if r.random() < 0.8 and verb not in GRANTED[role]:
                    verb = r.choice(GRANTED[role])
        context = {"mfa": r.random() < 0.8, "hour": r.randint(0, 23), "ip_trusted": r.random() < 0.7}
        return self.number, member, verb, resource, context, self.answer(member, verb, resource, context)


def code(name, value):
    return CODES.get(name, int)(value)


def make(size, path, seed=42):
    """Writes the world as flat numbers; returns the organizations only where there is one."""
    r = random.Random(seed)
    rows = {name: array.array("i") for name in ("members", "teams", "seats", "resources", "grants", "denies", "requests")}
    mask = lambda verbs: sum(1 << VERBS.index(v) for v in verbs)
    first = [0, 0, 0, 0]
    asked = []
    organization = None
    for number in range(size["orgs"]):
        organization = Organization(r, number, first, size)
        for role, own in organization.members.values():
            rows["members"].extend([number, list(STANDING).index(role)] + [code("principal." + k, v) for k, v in own.items()])
        for parent in organization.teams.values():
            rows["teams"].extend([number, -1 if parent is None else parent])
        for member, seats in organization.seats.items():
            for team in seats:
                rows["seats"].extend([team, member])
        for kind, parent, own in organization.resources.values():
            rows["resources"].extend([number, kind, -1 if parent is None else parent] + [code("resource." + k, v) for k, v in own.items()])
        for resource, holders in organization.grants.items():
            for (is_team, holder), roles in holders.items():
                for role in roles:
                    rows["grants"].extend([is_team, holder, resource, list(GRANTED).index(role)])
        for _, verbs, team, scope, comparisons in organization.denies:
            row = [number, mask(verbs), -1 if team is None else team, -1 if scope is None else scope]
            for left, comparison, right in comparisons:
                refers = isinstance(right, str) and right.startswith("=")
                row += [SLOTS.index(left), COMPARISONS.index(comparison), 256 + SLOTS.index(right[1:]) if refers else code(left, right)]
            rows["denies"].extend(row + [-1, 0, 0] * (3 - len(comparisons)))
        for _ in range(max(1, size["requests"] // size["orgs"])):
            asked.append(organization.request(r))
        for place, step in enumerate((len(organization.members), len(organization.teams), len(organization.resources), len(organization.denies))):
            first[place] += step
    r.shuffle(asked)
    for number, member, verb, resource, context, answer in asked:
        rows["requests"].extend([number, member, VERBS.index(verb), resource, int(context["mfa"]), context["hour"], int(context["ip_trusted"]), int(answer)])
    with open(path + ".part", "wb") as file:
        for values in [array.array("i", [mask(STANDING[role]) for role in STANDING]), array.array("i", [mask(GRANTED[role]) for role in GRANTED]), *rows.values()]:
            file.write(array.array("i", [len(values)]).tobytes())
            file.write(values.tobytes())
    import os
    os.replace(path + ".part", path)
    return (organization, asked) if size["orgs"] == 1 else None


def cedar(organization, asked):
    """The same for the reference implementation of Cedar: policies, entities and requests. Roles are groups that a resource's attributes name."""
    uid = lambda kind, id: {"type": kind, "id": str(id)}
    entities = {}

    def entity(kind, id, attributes=None):
        return entities.setdefault((kind, id), {"uid": uid(kind, id), "attrs": attributes or {}, "parents": []})

    below = {"admin": "editor", "editor": "viewer", "viewer": None}
    for id, (kind, parent, own) in organization.resources.items():
        attributes = dict(own)
        for role, lower in below.items():
            attributes[role + "s"] = {"__entity": uid("Group", f"{id}/{role}")}
            group = entity("Group", f"{id}/{role}")
            if lower:
                group["parents"].append(uid("Group", f"{id}/{lower}"))
            for inner in organization.within.get(id, ()):
                group["parents"].append(uid("Group", f"{inner}/{role}"))
        resource = entity("Resource", id, attributes)
        if parent is not None:
            resource["parents"].append(uid("Resource", parent))
    for id, parent in organization.teams.items():
        team = entity("Team", id)
        if parent is not None:
            team["parents"].append(uid("Team", parent))
    for role in STANDING:
        entity("OrgRole", role)
    for id, (role, own) in organization.members.items():
        entity("User", id, own)["parents"] += [uid("OrgRole", role)] + [uid("Team", t) for t in organization.seats[id]]
    for resource, holders in organization.grants.items():
        for (is_team, holder), roles in holders.items():
            entities[("Team" if is_team else "User", holder)]["parents"] += [uid("Group", f"{resource}/{role}") for role in roles]
    actions = lambda verbs: "[" + ", ".join(f'Action::"{v}"' for v in verbs) + "]"
    text = []
    seen = []
    for role, verbs in GRANTED.items():
        text.append(f"permit(principal, action in {actions([v for v in verbs if v not in seen])}, resource) when {{ principal in resource.{role}s }};")
        seen = verbs
    text.append('permit(principal in OrgRole::"owner", action, resource);')
    text.append(f'permit(principal in OrgRole::"admin", action in {actions(STANDING["admin"])}, resource);')
    text.append(f'permit(principal in OrgRole::"member", action in {actions(LOOK)}, resource) when {{ resource.visibility == "org" }};')
    text.append(f'permit(principal in OrgRole::"billing", action in {actions(STANDING["billing"])}, resource);')
    for _, verbs, team, scope, comparisons in organization.denies:
        parts = [f"{a} {dict(eq='==', ne='!=', ge='>=', le='<=')[c]} {b[1:] if isinstance(b, str) and b.startswith('=') else json.dumps(b)}" for a, c, b in comparisons]
        text.append("forbid(principal%s, action in %s, resource%s) when { %s };" % (
            "" if team is None else f' in Team::"{team}"', actions(verbs), "" if scope is None else f' in Resource::"{scope}"', " && ".join(parts)))
    requests = [
        {"principal": uid("User", m), "action": uid("Action", v), "resource": uid("Resource", x), "context": json.dumps(c)} for _, m, v, x, c, _ in asked]
    return "\n".join(text), json.dumps(list(entities.values())), requests, [a for *_, a in asked]
