"""Makes random schemas in JSON that say what Cedar's syntax can't, or hardly: names that common types, entity types, actions and built-in types
share, shapes by name, empty lists, types of actions; and members where they don't belong."""

NAMES = ["A", "B", "C", "R", "Long", "Bool", "ipaddr", "Action", "decimal", "Set", "if", "A::B", "N::A"]
WEIGHTS = [9, 9, 6, 9, 2, 2, 2, 1, 2, 1, 0.02, 0.02, 0.02]


class SchemaCase:
    """One schema in JSON, and policies that ask which types it gives."""

    def __init__(self, r):
        self.r = r
        # Most schemas are well-formed, so that more than their first fault is compared.
        self.oddity = r.choice([0, 0, 0, 0, 0.02, 0.1])
        self.namespaces = r.choice([[""], [""], ["N"], ["", "N"], ["", "N"], ["N", "M"], ["", "N::M"]])
        self.entities, self.commons = {}, {}
        taken = set()
        for space in self.namespaces:
            # What has a name outside of namespaces may not have it inside; mostly left out here.
            def pick(count):
                names = {self.declared() for _ in range(count)}
                return [n for n in sorted(names) if n not in taken or r.random() < 0.01]

            self.entities[space] = [n for n in pick(r.randint(1, 4)) if n != "Action" or r.random() < 0.02]
            self.commons[space] = [n for n in pick(r.randint(0, 4)) if n not in ("Long", "Bool", "Set") or r.random() < 0.02]
            if space == "":
                taken = set(self.entities[space] + self.commons[space])
        self.action_names = {space: r.sample(["v", "w", "go on"], r.randint(0, 2)) for space in self.namespaces}
        # Common types refer to those before them, mostly: the others would be cycles.
        self.known = {space: [] for space in self.namespaces}
        self.document = {space: self.namespace(space) for space in self.namespaces}
        self.policies = self.probes()

    def declared(self):
        return self.r.choices(NAMES, WEIGHTS)[0]

    def used(self, pools):
        r = self.r
        roll = r.random()
        if roll < 0.01:
            return self.declared()
        if roll < 0.04:
            names = ["Action", "Action", "__cedar::Long", "__cedar::ipaddr", "Boolean", "String", "N::Action"]
            return r.choice(names[:2] if self.entities in pools and len(pools) == 1 else names[2:] if self.entities not in pools else names)
        space, name = r.choice([(s, n) for pool in pools for s in self.namespaces for n in pool[s]] or [("", "A")])
        return f"{space}::{name}" if space and r.random() < 0.4 else name

    def odd(self, json, *members):
        """Sometimes with a member that may not stand there."""
        if self.r.random() < self.oddity:
            json[self.r.choice(members or ("required", "annotations", "x", "name"))] = self.r.choice([True, {}, {"a": "b"}, None, "A"])
        return json

    def annotated(self, json):
        if self.r.random() < 0.15:
            json["annotations"] = self.r.choice([{}, {"doc": "x"}, {"in": None}, {"a": "\"\n"}])
        return json

    def record(self, depth, own=None):
        attributes = {}
        for name in self.r.sample(["a", "b", "c d", "if"], self.r.randint(0, 3)):
            json = self.annotated(self.type(depth + 1))
            if self.r.random() < 0.3:
                json["required"] = self.r.random() < 0.5
            attributes[name] = json
        json = {"type": "Record", "attributes": attributes}
        if self.r.random() < 0.1:
            json["additionalAttributes"] = self.r.random() < 0.1
        return self.odd(json)

    def type(self, depth=0):
        r = self.r
        roll = r.random()
        if roll < 0.2:
            return self.odd({"type": r.choice(["Long", "String", "Boolean", "Bool"])})
        if roll < 0.3 and depth < 3:
            return self.odd({"type": "Set", "element": self.type(depth + 1)})
        if roll < 0.4 and depth < 3:
            return self.record(depth)
        if roll < 0.6:
            return self.odd({"type": "Entity", "name": self.used([self.entities])})
        if roll < 0.75:
            return self.odd({"type": "EntityOrCommon", "name": self.used([self.entities, self.known])})
        if roll < 0.83:
            name = r.choice(["ipaddr", "decimal", "datetime", "duration"])
            return self.odd({"type": "Extension", "name": r.choice(["Long", "A", "__cedar::ipaddr"]) if r.random() < self.oddity else name})
        return self.odd({"type": self.used([self.known]) if any(self.known.values()) else "Long"})

    def shape(self):
        """A record, or the name of a common type that mostly is one."""
        roll = self.r.random()
        if roll < 0.3 and any(self.known.values()):
            name = self.used([self.known])
            return self.odd({"type": name} if self.r.random() < 0.6 else {"type": "EntityOrCommon", "name": name})
        return self.type() if roll < 0.32 else self.record(0)

    def namespace(self, space):
        r = self.r
        commons = {}
        for name in self.commons[space]:
            commons[name] = self.annotated(self.record(0) if r.random() < 0.8 else self.type())
            self.known[space].append(name)
            if r.random() < 0.02:
                self.known[space] += self.commons[space]
        entities = {}
        for name in self.entities[space]:
            if r.random() < 0.1:
                entities[name] = self.odd(self.annotated({"enum": r.choice([["x"], ["x", "y"]])}), "shape", "tags")
                continue
            json = self.annotated({})
            if r.random() < 0.3:
                json["memberOfTypes"] = [self.used([self.entities]) for _ in range(r.randint(0, 2))]
            if r.random() < 0.7:
                json["shape"] = self.shape()
            if r.random() < 0.3:
                json["tags"] = self.type()
            entities[name] = self.odd(json)
        actions = {}
        for name in self.action_names[space]:
            json = self.annotated({})
            if r.random() < 0.8:
                lists = {k: [self.used([self.entities]) for _ in range(r.choices([0, 1, 2], [1, 6, 2])[0])] for k in ("principalTypes", "resourceTypes")}
                json["appliesTo"] = self.odd(lists)
                if r.random() < 0.4:
                    lists["context"] = self.shape()
            elif r.random() < 0.3:
                json["appliesTo"] = None
            if r.random() < 0.2:
                json["memberOf"] = r.choice([None, [], [{"id": "w"}], [{"id": "v", "type": "Action"}], [{"id": "v", "type": "N::Action"}]])
            actions[name] = self.odd(json, "attributes", "required")
        json = {"entityTypes": entities, "actions": actions}
        if commons or r.random() < 0.3:
            json["commonTypes"] = commons
        if space or r.random() < self.oddity:
            self.annotated(json)
        return self.odd(json, "x")

    def probes(self):
        places = ["principal", "resource", "context"]
        attributes = [".a", ".b", "[\"c d\"]", ".a.b", ".b.a"]
        tests = ["== 1", "== \"x\"", "== true", "== A::\"x\"", "== N::A::\"x\"", "in A::\"x\"", "== ip(\"::1\")", "== decimal(\"1.0\")", "is Action", ".isEmpty()", "has a"]
        picks = []
        for _ in range(5):
            place = self.r.choice(places)
            path = place + self.r.choice(attributes)
            test = self.r.choice(tests)
            guard = f"{place} has a && {place} has b && {place} has \"c d\" && " if self.r.random() < 0.8 else ""
            picks.append(f"permit(principal, action, resource) when {{ {guard}{path}{test if test[0] == '.' else ' ' + test} }};")
        return picks
