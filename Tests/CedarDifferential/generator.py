"""Makes random schemas, entities, policies and requests: mostly well-typed, sometimes not, always from one seed."""
import json
import random

PRIMITIVES = ["Long", "String", "Bool", "decimal", "ipaddr", "datetime", "duration"]
STRINGS = ["", "a", "b", "abc", "a*c", "x y", 'qu"ote', "back\\slash", "new\nline", "é", "e\u0301", "日本", "\u0000", "*", "\U0001f600"]
LONGS = [0, 1, -1, 2, 5, 42, 2**62, 2**63 - 1, -(2**63), -(2**63) + 1, 10**18]
DECIMALS = ["0.0", "1.5", "-1.5", "1.50", "922337203685477.5807", "-922337203685477.5808", "12.3456"]
ADDRESSES = ["127.0.0.1", "10.0.0.0/8", "::1", "fe80::/10", "ff00::1", "224.0.0.1", "192.168.1.1/32", "1:2:3:4:5:6:7:8", "0.0.0.0/0", "::/0"]
DATETIMES = ["1970-01-01", "2024-02-29", "2024-10-15T11:35:00Z", "2024-10-15T11:35:00.123Z", "2024-10-15T11:35:00+0230", "1969-12-31T23:59:59.999-1159", "0001-01-01", "9999-12-31"]
DURATIONS = ["0ms", "1d", "-1d", "1d2h3m4s5ms", "-90m", "106751991167d", "86399999ms", "0d0h"]
WRONG = {
    "decimal": ["1", "1.", ".5", "1.23456", "a", "+1.0", "922337203685477.5808", "1.0 ", "--1.0", "-.5", "1..0", "1.-5"],
    "ip": ["1.2.3", "1.2.3.4/33", "::/129", "01.2.3.4", "1.2.3.4/08", "g::", "::1::", "::ffff:1.2.3.4", "1.2.3.4/", "", "1:2:3:4:5:6:7:8::", ":::", "1.2.3.256"],
    "datetime": ["2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00+2400", "2024-01-01T00:00:00+0060", "2024-01-01Z", "", "-001-01-01"],
    "duration": ["", "-", "1", "1x", "1h1d", "1d1d", "106751991168d", "9223372036854775808ms", "d", "1 d", "+1d", "1ms1s", "--1d"],
}
RESERVED = {"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"}


def quote(text):
    out = '"'
    for c in text:
        if c in '"\\':
            out += "\\" + c
        elif c == "\n":
            out += "\\n"
        elif c == "\0":
            out += random_choice_of_nul
        else:
            out += c
    return out + '"'


random_choice_of_nul = "\\0"


def is_identifier(name):
    return name.isascii() and name.isidentifier() and name not in RESERVED


def attribute(name):
    return name if is_identifier(name) else quote(name)


class Case:
    """One schema with entities, policies and requests that mostly fit it."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        r = self.r
        self.namespace = r.choice([None, None, None, "App", "App::Core"])
        self.wild = r.random() < 0.35  # types go wrong now and then
        self.make_schema()
        self.make_entities()
        self.policies = "\n".join(self.make_policy(i) for i in range(r.randint(1, 5)))
        self.requests = [self.make_request() for _ in range(4)]

    # Schema

    def qualified(self, name):
        return f"{self.namespace}::{name}" if self.namespace else name

    def make_type(self, depth=0):
        r = self.r
        x = r.random()
        if depth < 2 and x < 0.15:
            return ("set", self.make_type(depth + 1))
        if depth < 2 and x < 0.3:
            return ("record", self.make_attributes(depth + 1, r.randint(0, 3)))
        if x < 0.45:
            return ("entity", r.choice(["User", "Team", "Doc", "Color"]))
        return (r.choice(PRIMITIVES),)

    def make_attributes(self, depth, count):
        r = self.r
        names = ["a", "b", "c", "name", "x y", "in", "type", "é", "count", "principal"]
        return {n: (self.make_type(depth), r.random() < 0.65) for n in r.sample(names, count)}

    def make_schema(self):
        r = self.r
        self.entity_types = {}
        for name in ["User", "Team", "Doc", "Folder"]:
            self.entity_types[name] = {
                "attrs": self.make_attributes(0, r.randint(0, 5)),
                "in": [],
                "tags": self.make_type(1) if r.random() < 0.4 else None,
            }
        self.entity_types["User"]["in"] = r.sample(["Team", "User"], r.randint(0, 2))
        self.entity_types["Team"]["in"] = r.sample(["Team"], r.randint(0, 1))
        self.entity_types["Doc"]["in"] = r.sample(["Folder", "Team"], r.randint(0, 2))
        self.entity_types["Folder"]["in"] = r.sample(["Folder"], r.randint(0, 1))
        self.colors = ["red", "green", "é"][: r.randint(1, 3)]
        self.common = {"Shape": ("record", self.make_attributes(1, 2))} if r.random() < 0.5 else {}
        self.actions = {}
        for name in ["view", "edit", "all things"]:
            self.actions[name] = {
                "in": [] if name == "all things" else r.choice([[], [], ["all things"]]),
                "principals": r.sample(["User", "Team"], r.randint(1, 2)),
                "resources": r.sample(["Doc", "Folder", "User", "Color"], r.randint(1, 2)),
                "context": self.make_attributes(0, r.randint(0, 4)),
            }
        if r.random() < 0.4:
            self.actions["group"] = {"in": [], "principals": None, "resources": None, "context": {}}
            self.actions["view"]["in"] = self.actions["view"]["in"] + ["group"]
        body = []
        for name, t in self.common.items():
            body.append(f"type {name} = {self.type_text(t)};")
        for name, e in self.entity_types.items():
            parents = f" in [{', '.join(e['in'])}]" if e["in"] else ""
            eq = r.choice(["", " ="]) if e["attrs"] else ""
            attrs = f"{eq} {self.attributes_text(e['attrs'])}" if e["attrs"] else ""
            tags = f" tags {self.type_text(e['tags'])}" if e["tags"] else ""
            body.append(f"entity {name}{parents}{attrs}{tags};")
        body.append(f"entity Color enum [{', '.join(quote(c) for c in self.colors)}];")
        for name, a in self.actions.items():
            groups = f" in [{', '.join(quote(g) for g in a['in'])}]" if a["in"] else ""
            applies = ""
            if a["principals"]:
                applies = f" appliesTo {{ principal: [{', '.join(a['principals'])}], resource: [{', '.join(a['resources'])}], context: {self.attributes_text(a['context'])} }}"
            body.append(f"action {attribute(name)}{groups}{applies};")
        r.shuffle(body)
        text = "\n".join(body)
        self.schema = f"namespace {self.namespace} {{\n{text}\n}}" if self.namespace else text

    def type_text(self, t):
        if t[0] == "set":
            return f"Set<{self.type_text(t[1])}>"
        if t[0] == "record":
            return self.attributes_text(t[1])
        if t[0] == "entity":
            return self.qualified(t[1]) if self.r.random() < 0.3 else t[1]
        return t[0]

    def attributes_text(self, attributes):
        return "{" + ", ".join(f"{attribute(n)}{'' if q else '?'}: {self.type_text(t)}" for n, (t, q) in attributes.items()) + "}"

    # Data

    def uid(self, name, id=None):
        if id is None:
            id = self.r.choice(self.colors) if name == "Color" and self.r.random() < 0.9 else self.r.choice(["a", "b", "c", "é", 'q"'])
        return {"type": self.qualified(name), "id": id}

    def value(self, t, explicit=True):
        r = self.r
        if self.wild and r.random() < 0.04:
            t = self.make_type(1)
        kind = t[0]
        if kind == "Long":
            return r.choice(LONGS)
        if kind == "String":
            return r.choice(STRINGS)
        if kind == "Bool":
            return r.random() < 0.5
        if kind == "entity":
            return {"__entity": self.uid(t[1])}
        if kind == "set":
            return [self.value(t[1]) for _ in range(r.randint(0, 3))]
        if kind == "record":
            return self.record(t[1])
        function = {"ipaddr": "ip"}.get(kind, kind)
        text = r.choice({"decimal": DECIMALS, "ipaddr": ADDRESSES, "datetime": DATETIMES, "duration": DURATIONS}[kind])
        return {"__extn": {"fn": function, "arg": text}}

    def record(self, attributes):
        r = self.r
        out = {n: self.value(t) for n, (t, q) in attributes.items() if q or r.random() < 0.5}
        if self.wild and r.random() < 0.05:
            out["extra"] = 1
        if self.wild and out and r.random() < 0.05:
            del out[r.choice(list(out))]
        return out

    def make_entities(self):
        r = self.r
        self.entities = []
        order = {"User": 0, "Doc": 0, "Folder": 1, "Team": 1, "Color": 2}
        for name in ["User", "Team", "Doc", "Folder", "Color"]:
            if name == "Color":
                for c in self.colors:
                    if r.random() < 0.5:
                        self.entities.append({"uid": self.uid(name, c), "attrs": {}, "parents": []})
                continue
            e = self.entity_types[name]
            ids = ["a", "b", "c", "é"][: r.randint(1, 4)]
            for i, id in enumerate(ids):
                parents = []
                for p in e["in"]:
                    if p == name:
                        parents += [self.uid(p, x) for x in ids[i + 1 :] if r.random() < 0.5]
                    elif r.random() < 0.6:
                        parents.append(self.uid(p))
                if self.wild and r.random() < 0.03:
                    parents.append(self.uid(r.choice(["User", "Doc", "Color"])))
                entity = {"uid": self.uid(name, id), "attrs": self.record(e["attrs"]), "parents": parents}
                if e["tags"] and r.random() < 0.7:
                    entity["tags"] = {t: self.value(e["tags"]) for t in r.sample(["t", "u", "é"], r.randint(0, 3))}
                elif self.wild and r.random() < 0.03:
                    entity["tags"] = {"t": 1}
                self.entities.append(entity)
        if r.random() < 0.5:
            for name, a in self.actions.items():
                parents = [{"type": self.qualified("Action"), "id": g} for g in a["in"]]
                if self.wild and r.random() < 0.06:
                    # Groups of actions are actions, but of any namespace.
                    parents.append(r.choice([self.uid("Team"), self.uid("Nothing"), {"type": "Action::Team", "id": "a"}, {"type": "Action", "id": "outer"}, {"type": "Other::Action", "id": "outer"}]))
                self.entities.append({"uid": {"type": self.qualified("Action"), "id": name}, "attrs": {}, "parents": parents})
            if self.wild and r.random() < 0.1:
                # An action may be the group of something else.
                self.entities.append({"uid": self.uid("Team", "of actions"), "attrs": {}, "parents": [{"type": self.qualified("Action"), "id": "view"}]})

    def make_request(self):
        r = self.r
        name = r.choice([n for n in self.actions if self.actions[n]["principals"]])
        a = self.actions[name]
        principal, resource = r.choice(a["principals"]), r.choice(a["resources"])
        if self.wild and r.random() < 0.1:
            principal = r.choice(["Doc", "User"])
        return {
            "principal": self.uid(principal),
            "action": {"type": self.qualified("Action"), "id": name},
            "resource": self.uid(resource),
            "context": self.record(a["context"]),
        }

    # Policies

    def entity_text(self, name):
        u = self.uid(name)
        return f"{u['type']}::{quote(u['id'])}"

    def action_text(self, name=None):
        if self.wild and self.r.random() < 0.03:
            name = "unheard of"
        return f"{self.qualified('Action')}::{quote(name or self.r.choice(list(self.actions)))}"

    def scope(self, variable, kinds):
        r = self.r
        x = r.random()
        name = r.choice(kinds) if r.random() < 0.9 else r.choice(["User", "Doc", "Team", "Folder", "Color"])
        if self.wild and r.random() < 0.03:
            return f"{variable} is {self.qualified('Nothing')}"
        if x < 0.4:
            return variable
        if x < 0.55:
            return f"{variable} == {self.entity_text(name)}"
        if x < 0.7:
            return f"{variable} in {self.entity_text(r.choice(['Team', 'Folder', 'User', name]))}"
        if x < 0.9:
            return f"{variable} is {self.qualified(name)}"
        return f"{variable} is {self.qualified(name)} in {self.entity_text(r.choice(['Team', 'Folder', name]))}"

    def make_policy(self, index):
        r = self.r
        name = r.choice(list(self.actions))
        a = self.actions[name]
        principals, resources = a["principals"] or ["User"], a["resources"] or ["Doc"]
        self.env = {"principal": r.choice(principals), "resource": r.choice(resources), "context": a["context"], "action": name}
        x = r.random()
        if x < 0.15:
            action = "action"
        elif x < 0.6:
            action = f"action == {self.action_text(name)}"
        elif x < 0.75:
            action = f"action in {self.action_text(name)}"
        else:
            action = "action in [" + ", ".join(self.action_text() for _ in range(r.randint(0, 3))) + "]"
        principal = self.scope("principal", principals)
        resource = self.scope("resource", resources)
        if r.random() < 0.5:
            principal = f"principal is {self.qualified(self.env['principal'])}"
        if r.random() < 0.5:
            resource = f"resource is {self.qualified(self.env['resource'])}"
        annotations = r.choice(["", "", "", f'@note({quote(r.choice(STRINGS))})\n', "@flag\n"])
        conditions = "".join(
            f"\n{r.choice(['when', 'when', 'unless'])} {{ {self.expression(('Bool',), r.randint(1, 4))} }}" for _ in range(r.choice([0, 1, 1, 1, 2]))
        )
        return f"{annotations}{r.choice(['permit', 'permit', 'forbid'])}({principal}, {action}, {resource}){conditions};"

    def literal(self, t):
        r = self.r
        kind = t[0]
        if kind == "Long":
            n = r.choice(LONGS)
            return str(n)
        if kind == "String":
            return quote(r.choice(STRINGS))
        if kind == "Bool":
            return r.choice(["true", "false"])
        if kind == "entity":
            return self.entity_text(t[1])
        if kind == "set":
            return "[" + ", ".join(self.literal(t[1]) for _ in range(r.randint(1 if r.random() < 0.95 else 0, 3))) + "]"
        if kind == "record":
            return "{" + ", ".join(f"{attribute(n)}: {self.literal(a)}" for n, (a, q) in t[1].items()) + "}"
        function = {"ipaddr": "ip"}.get(kind, kind)
        if r.random() < 0.04:
            return f"{function}({quote(r.choice(WRONG[function]))})"
        return f"{function}({quote(r.choice({'decimal': DECIMALS, 'ipaddr': ADDRESSES, 'datetime': DATETIMES, 'duration': DURATIONS}[kind]))})"

    def paths(self):
        """What can be reached from the variables: text, type, and what must be asked first."""
        out = [("principal", ("entity", self.env["principal"]), []), ("resource", ("entity", self.env["resource"]), []), ("context", ("record", self.env["context"]), [])]
        level = out
        for _ in range(2):
            following = []
            for text, t, guards in level:
                if t[0] == "record":
                    attributes = t[1]
                elif t[0] == "entity" and t[1] in self.entity_types:
                    attributes = self.entity_types[t[1]]["attrs"]
                    tags = self.entity_types[t[1]]["tags"]
                    if tags:
                        following.append((f'{text}.getTag("t")', tags, guards + [f'{text}.hasTag("t")']))
                else:
                    continue
                for n, (a, q) in attributes.items():
                    access = f"{text}.{n}" if is_identifier(n) and self.r.random() < 0.8 else f"{text}[{quote(n)}]"
                    following.append((access, a, guards + ([] if q else [f"{text} has {attribute(n)}"])))
            out = out + following
            level = following
        return out

    def expression(self, t, depth):
        r = self.r
        if self.wild and r.random() < 0.03:
            t = self.make_type(1)
        if depth <= 0 or r.random() < 0.1:
            return self.leaf(t)
        if r.random() < 0.06:
            return f"(if {self.expression(('Bool',), depth - 1)} then {self.expression(t, depth - 1)} else {self.expression(t, depth - 1)})"
        kind = t[0]
        sub = lambda t: self.operand(t, depth - 1)
        if kind == "Bool":
            return self.boolean(depth)
        if kind == "Long":
            x = r.random()
            if x < 0.5:
                return f"{sub(t)} {r.choice('+-*')} {sub(t)}"
            if x < 0.6:
                return f"-{sub(t)}" if r.random() < 0.8 else f"- -{sub(t)}"
            if x < 0.75:
                return f"{sub(('duration',))}.{r.choice(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])}()"
        if kind == "datetime" and r.random() < 0.5:
            return r.choice([f"{sub(t)}.offset({self.expression(('duration',), depth - 1)})", f"{sub(t)}.toDate()"])
        if kind == "duration" and r.random() < 0.5:
            return r.choice([f"{sub(('datetime',))}.durationSince({self.expression(('datetime',), depth - 1)})", f"{sub(('datetime',))}.toTime()"])
        if kind == "set" and r.random() < 0.7:
            return "[" + ", ".join(self.expression(t[1], depth - 1) for _ in range(r.randint(1, 3))) + "]"
        if kind == "record" and r.random() < 0.5:
            return "{" + ", ".join(f"{attribute(n)}: {self.expression(a, depth - 1)}" for n, (a, q) in t[1].items()) + "}"
        return self.leaf(t)

    def leaf(self, t):
        r = self.r
        found = [p for p in self.paths() if p[1] == t]
        if found and r.random() < 0.75:
            text, _, guards = r.choice(found)
            if guards and r.random() < 0.8:
                condition = " && ".join(guards)
                return f"(if {condition} then {text} else {self.literal(t)})"
            return text
        return self.literal(t)

    def operand(self, t, depth):
        return f"({self.expression(t, depth)})"

    def guarded(self):
        r = self.r
        text, t, guards = r.choice(self.paths())
        test = self.compare(text, t)
        if r.random() < 0.9 or not guards:
            return " && ".join(guards + [test])
        return test

    def compare(self, text, t):
        r = self.r
        kind = t[0]
        if kind == "Bool":
            return text
        if kind == "Long" or kind in ("datetime", "duration"):
            return f"{text} {r.choice(['<', '<=', '>', '>=', '==', '!='])} {self.literal(t)}"
        if kind == "String":
            return r.choice([f"{text} == {self.literal(t)}", f"{text} like {r.choice([chr(34) + '*' + chr(34), quote('a*'), chr(34) + 'a' + chr(92) + '*c' + chr(34), quote('*b*')])}"])
        if kind == "decimal":
            return f"{text}.{r.choice(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])}({self.literal(t)})"
        if kind == "ipaddr":
            return r.choice([f"{text}.{r.choice(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'])}()", f"{text}.isInRange({self.literal(t)})"])
        if kind == "entity":
            return r.choice([
                f"{text} == {self.entity_text(t[1])}",
                f"{text} in {self.entity_text(r.choice(['Team', 'Folder', t[1]]))}",
                f"{text} in [{self.entity_text('Team')}, {self.entity_text('Team')}]",
                f"{text} is {self.qualified(r.choice(['User', 'Doc', t[1]]))}",
                f"{text} is {self.qualified(t[1])} in {self.entity_text(r.choice(['Team', 'Folder']))}",
            ])
        if kind == "set":
            return r.choice([
                f"{text}.contains({self.literal(t[1])})", f"{text}.containsAll({self.literal(t)})", f"{text}.containsAny({self.literal(t)})", f"{text}.isEmpty()", f"{text} == {self.literal(t)}",
            ])
        return f"{text} == {self.literal(t)}"

    def boolean(self, depth):
        r = self.r
        b = ("Bool",)
        x = r.random()
        if x < 0.3:
            return self.guarded()
        if x < 0.42:
            return f"{self.operand(b, depth - 1)} && {self.operand(b, depth - 1)}"
        if x < 0.54:
            return f"{self.operand(b, depth - 1)} || {self.operand(b, depth - 1)}"
        if x < 0.6:
            return f"!{self.operand(b, depth - 1)}"
        if x < 0.68:
            t = self.make_type(1)
            return f"{self.operand(t, depth - 1)} {r.choice(['==', '!='])} {self.operand(t, depth - 1)}"
        if x < 0.76:
            t = (r.choice(["Long", "datetime", "duration"]),)
            return f"{self.operand(t, depth - 1)} {r.choice(['<', '<=', '>', '>='])} {self.operand(t, depth - 1)}"
        if x < 0.84:
            t = r.choice([("set", self.make_type(2)), ("String",), ("decimal",), ("ipaddr",), ("entity", r.choice(["User", "Doc", "Team"]))])
            return self.compare(self.operand(t, depth - 1), t)
        if x < 0.9:
            text, t, guards = r.choice(self.paths())
            name = r.choice(["a", "b", "c", "name", "x y", "in", "missing"])
            return " && ".join(guards + [f"{text} has {attribute(name)}"])
        if x < 0.95:
            return f"action {r.choice(['==', 'in'])} {self.action_text()}" if r.random() < 0.7 else f"action in [{self.action_text()}, {self.action_text()}]"
        return f"principal.hasTag({self.expression(('String',), depth - 1)})"


TOKENS = ["permit", "forbid", "when", "unless", "principal", "(", ")", "{", "}", "[", "]", "==", "=", "!=", "<", "&&", "||", "!", "-", "+", "*", "/", "%", ".", ",", ";", ":", "::", "@", "@a", '"', '"x"', "if", "then", "else", "in", "is", "has", "like", "true", "false", "?principal", "?resource", "?x", "1", "9223372036854775808", "18446744073709551616", "// c\n", "context", ".a", '["a"]', "ip(", "foo(", ".contains(", ".isEmpty()", "\\", "\\u{41}", "\u00a0", "é", "__cedar", "User", 'User::"a"', "User::", "-9223372036854775808", "--1", "!!!!!true", "\r"]


def mutate(text, r):
    """Breaks a text here and there; often it can still be read."""
    for _ in range(r.randint(1, 3)):
        place = r.randint(0, len(text))
        x = r.random()
        if x < 0.4:
            text = text[:place] + r.choice(TOKENS) + text[place:]
        elif x < 0.6:
            text = text[:place] + text[place + r.randint(1, 4) :]
        elif x < 0.8:
            words = text.split(" ")
            i, j = r.randrange(len(words)), r.randrange(len(words))
            words[i], words[j] = words[j], words[i]
            text = " ".join(words)
        else:
            text = text[:place] + " " + r.choice(TOKENS) + " " + text[place:]
    return text


if __name__ == "__main__":
    case = Case(1)
    print(case.schema, json.dumps(case.entities, indent=1), case.policies, sep="\n\n")
