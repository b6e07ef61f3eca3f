import Cedar
import Testing

private let schemaText = """
  @doc("people")
  namespace Docs {
    type Address = { city: String, "zip code"?: Long };
    type Labels = Set<Label>;
    type Label = String;
    @kind entity User in [Team, Docs::Guild] = { name: String, address?: Address, manager: User, seen: datetime, ip?: __cedar::ipaddr } tags Set<String>;
    entity Team in Guild;
    entity Guild, Folder;
    entity Color enum ["red", "green"];
    entity Doc in Folder { labels: Labels, color: Color, size: decimal, span: duration, isOpen: Bool, inner: { deep: { x: Long } }, @note("y") last?: Action };
    @audited action view, "edit it" in [writing, Docs::Action::"all"] appliesTo { principal: [User, Team], resource: Doc, context: { mfa: Bool, from?: ipaddr, }, };
    action writing in "all";
    action all;
    action touch appliesTo { resource: [Folder], principal: User, context: Address } attributes {};
  }
  entity Bare;
  """

@Suite struct SchemaTests {
  @Test func `a schema is read in both syntaxes and written in both`() throws {
    let document = try SchemaDocument(parsing: schemaText)
    let schema = try document.resolved()
    #expect(schema.entities.count == 7)
    #expect(schema.actions.count == 5)
    #expect(schema.entities["Docs::User"]?.ancestors == ["Docs::Team", "Docs::Guild"])
    #expect(schema.entities["Docs::Color"]?.enumeration == ["red", "green"])
    #expect(schema.entities["Docs::Doc"]?.attributes["labels"]?.type == .set(.string))
    #expect(schema.entities["Docs::Doc"]?.attributes["inner"]?.type.description == "{deep: {x: Long}}")
    #expect(schema.actions[EntityUID("Docs::Action", "view")]?.ancestors == [EntityUID("Docs::Action", "writing"), EntityUID("Docs::Action", "all")])
    #expect(schema.actionEntities.count == 5)
    #expect(try SchemaDocument(parsing: document.description).resolved() == schema)
    #expect(try SchemaDocument(parsing: document.description) == SchemaDocument(parsing: SchemaDocument(parsing: document.description).description))
    #expect(try SchemaDocument(json: document.json.description).json == document.json)
    #expect(try Schema(json: document.json.written(indented: true)) == schema)
    #expect(try Schema(json: document.json.description).entities["Bare"] != nil)
    for group in ["all", "\"all\"", "Action::\"all\""] {
      let outside = try Schema(parsing: "action all; namespace N { action go in [\(group)]; }")
      #expect(outside.actions[EntityUID("N::Action", "go")]?.ancestors == [EntityUID("Action", "all")])
    }
    #expect(try Schema(parsing: "entity A { a: Long, a: Bool };").entities["A"]?.attributes["a"]?.type == .bool)
  }

  @Test(arguments: [
    "entity", "entity A", "entity A;;", "entity A, ;", "entity in;", "entity A { a: };", "entity A { a Long };", "entity A { a: Long b: Long };", "entity A { if: Long };", "entity A { a: Unknown };",
    "entity A { a: Set<> };", "entity A { a: Set<Long };", "entity A in [B];", "entity A in [A,];", "entity A enum [];", "entity A enum [\"a\",];", "entity A enum [a];", "entity A; entity A;", "entity Action;", "entity __cedar;", "type Long = String;", "type A = A;",
    "type A = B; type B = {a: A};", "type A = Long; type A = Long;", "action a appliesTo {};", "action a appliesTo { principal: [], resource: [] };", "entity U; action a appliesTo { principal: U };", "entity U; action a appliesTo { principal: U, principal: U, resource: U };",
    "entity U; action a appliesTo { principal: U, resource: U, resource: U };", "entity U; action a appliesTo { principal: U, resource: U, context: {}, context: {} };", "entity U; action a appliesTo { principal: U, resource: U, context: U };", "entity U; action a appliesTo { principal: U, resource: U, other: U };",
    "entity U; type C = Long; action a appliesTo { principal: U, resource: U, context: C };", "action a in b;", "action a in a;", "action a in b; action b in a;", "action a in X::b;", "action a; action a;", "action a attributes { x: Long };", "namespace N {", "namespace N { } namespace N { }", "namespace __cedar { }", "namespace if { }",
    "entity A; namespace N { entity A; }", "type A = Long; namespace N { entity A; }", "action a; namespace N { action a; }", "@a @a entity A;", "@ entity A;", "@a(1) entity A;", "entity A { a: \"b\" };", "foo A;", "entity A { \"\\q\": Long };", "entity \"A\";", "type A;", "type A Long;", "entity A { a: __cedar::Boolean };", "entity A { a: Boolean };",
  ])
  func `a faulty schema is refused`(text: String) {
    let error = #expect(throws: ParseFailure.self, "\(text)") { try Schema(parsing: text) }
    #expect(error?.description.isEmpty == false)
  }

  @Test(arguments: [
    "[]", "{\"\": []}", "{\"\": {}}", "{\"\": {\"entityTypes\": {}}}", "{\"if\": {\"entityTypes\": {}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {}, \"action\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Long\"}}}, \"actions\": {}}}",
    "{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\"}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"shape\": {}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Set\"}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Entity\"}}}, \"actions\": {}}}",
    "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Entity\", \"name\": \"B\"}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Extension\", \"name\": \"none\"}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"none\"}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"a b\"}}}, \"actions\": {}}}",
    "{\"\": {\"entityTypes\": {\"A\": {\"enum\": []}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"enum\": [1]}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"enum\": [\"a\"], \"shape\": {}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"attributes\": {\"x\": 1}}}}}",
    "{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"memberOf\": [{}]}}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"memberOf\": [{\"id\": \"b\"}]}}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"appliesTo\": {\"principalTypes\": []}}}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"appliesTo\": {\"principalTypes\": [\"B\"], \"resourceTypes\": []}}}}}",
    "{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\", \"attributes\": {\"a\": {\"type\": \"Long\", \"required\": 1}}}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\", \"attributes\": {}, \"additionalAttributes\": true}}}, \"actions\": {}}}", "{\"\": {\"entityTypes\": {}, \"actions\": {}, \"annotations\": {\"a b\": \"\"}}}", "{\"\": {\"entityTypes\": {\"a b\": {}}, \"actions\": {}}}", "{\"\": {\"commonTypes\": {\"Set\": {\"type\": \"Long\"}}, \"entityTypes\": {}, \"actions\": {}}}",
    "{\"\": {\"entityTypes\": {\"A\": {\"shapes\": {}}}, \"actions\": {}}}", "nonsense",
  ])
  func `a faulty schema in JSON is refused`(text: String) { #expect(throws: ParseFailure.self, "\(text)") { try Schema(json: text) } }

  @Test func `JSON tells apart what the syntax can't`() throws {
    let json = #"{"": {"commonTypes": {"Name": {"type": "String", "annotations": {"a": "b", "c": null}}}, "entityTypes": {"Name": {"annotations": {"x": ""}}, "Long": {"shape": {"type": "Record", "attributes": {"a": {"type": "Name"}, "b": {"type": "Entity", "name": "Name"}, "c": {"type": "Long"}, "d": {"type": "EntityOrCommon", "name": "Long"}, "e": {"type": "Boolean"}, "f": {"type": "Bool"}, "g": {"type": "Extension", "name": "decimal"}}}}}, "actions": {"a": {"memberOf": null, "appliesTo": null, "annotations": {"q": "r"}}}, "annotations": {"n": "m"}}}"#
    let schema = try Schema(json: json)
    let attributes = try #require(schema.entities["Long"]?.attributes)
    #expect(attributes["a"]?.type == .string && attributes["b"]?.type == .entity("Name") && attributes["c"]?.type == .long && attributes["d"]?.type == .entity("Long"))
    #expect(attributes["e"]?.type == .bool && attributes["f"]?.type == .bool && attributes["g"]?.type == .decimal)
    #expect(attributes.names.count == 7)
    #expect(try Schema(json: SchemaDocument(json: json).json.description) == schema)
    #expect(try SchemaDocument(json: json).description.contains("__cedar::Bool"))
  }

  @Test func `requests and entities are held against the schema`() throws {
    let schema = try Schema(parsing: schemaText)
    func request(_ principal: EntityUID, _ action: String, _ resource: EntityUID, _ context: Record) -> Request {
      Request(principal: principal, action: EntityUID("Docs::Action", action), resource: resource, context: context)
    }
    let user = EntityUID("Docs::User", "u"), doc = EntityUID("Docs::Doc", "d")
    try schema.validate(request(user, "view", doc, ["mfa": .bool(true)]))
    try schema.validate(request(user, "view", doc, ["mfa": .bool(true), "from": .ip(IPAddress("1.1.1.1")!)]))
    let refused: [Request] = [
      request(user, "none", doc, [:]), request(doc, "view", doc, ["mfa": .bool(true)]), request(user, "view", user, ["mfa": .bool(true)]), request(user, "view", doc, [:]),
      request(user, "view", doc, ["mfa": .long(1)]), request(user, "view", doc, ["mfa": .bool(true), "x": .long(1)]), request(EntityUID("None", "n"), "view", doc, ["mfa": .bool(true)]), request(user, "all", doc, [:]),
    ]
    for request in refused {
      let error = #expect(throws: ConformanceError.self) { try schema.validate(request) }
      #expect(error?.description.isEmpty == false)
    }
    let good = """
      [{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::User", "id": "v"}, "seen": "2024-01-01", "ip": {"fn": "ip", "arg": "::1"}}, "parents": [{"type": "Docs::Team", "id": "t"}], "tags": {"a": ["b"]}},
       {"uid": {"type": "Docs::Doc", "id": "d"}, "attrs": {"labels": ["x"], "color": {"__entity": {"type": "Docs::Color", "id": "red"}}, "size": {"__extn": {"fn": "decimal", "arg": "1.5"}}, "span": "1h", "isOpen": true, "inner": {"deep": {"x": 1}}}, "parents": []},
       {"uid": {"type": "Docs::Color", "id": "red"}, "attrs": {}, "parents": []}, {"uid": {"type": "Docs::Action", "id": "writing"}, "attrs": {}, "parents": [{"type": "Docs::Action", "id": "all"}]}, {"uid": {"type": "Docs::Action", "id": "all"}, "attrs": {}, "parents": []}]
      """
    let entities = try Entities(json: good, schema: schema)
    #expect(entities.count == 8)
    #expect(try Entities(json: entities.json) == entities)
    for bad in [
      #"[{"uid": {"type": "Nobody", "id": "u"}, "attrs": {}, "parents": []}]"#, #"[{"uid": {"type": "Docs::Guild", "id": "u"}, "attrs": {"x": 1}, "parents": []}]"#, #"[{"uid": {"type": "Docs::Guild", "id": "u"}, "attrs": {}, "parents": [{"type": "Docs::Team", "id": "t"}]}]"#,
      #"[{"uid": {"type": "Docs::Guild", "id": "u"}, "attrs": {}, "parents": [], "tags": {"a": 1}}]"#, #"[{"uid": {"type": "Docs::Color", "id": "blue"}, "attrs": {}, "parents": []}]"#, #"[{"uid": {"type": "Docs::Action", "id": "none"}, "attrs": {}, "parents": []}]"#, #"[{"uid": {"type": "Docs::Action", "id": "all"}, "attrs": {"a": 1}, "parents": []}]"#,
      #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U"}, "parents": []}]"#, #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": "v", "seen": "2024-01-01"}, "parents": []}]"#, #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::User", "id": "v"}, "seen": "never"}, "parents": []}]"#,
      #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::User", "id": "v"}, "seen": 1}, "parents": []}]"#, #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::Team", "id": "v"}, "seen": "2024-01-01"}, "parents": []}]"#, #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::User", "id": "v"}, "seen": "2024-01-01"}, "parents": [], "tags": {"a": "b"}}]"#,
      #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "manager": {"type": "Docs::User", "id": "v"}, "seen": {"x": 1}}, "parents": [], "tags": {"a": [1]}}]"#, #"[{"uid": {"type": "Docs::User", "id": "u"}, "attrs": {"name": "U", "address": "Bern", "manager": {"type": "Docs::User", "id": "v"}, "seen": "2024-01-01"}, "parents": []}]"#,
    ] {
      let error = #expect(throws: DataFailure.self, "\(bad)") { try Entities(json: bad, schema: schema) }
      #expect(error?.description.isEmpty == false)
    }
    let read = try Request(json: JSON(parsing: #"{"principal": "Docs::User::\"u\"", "action": {"type": "Docs::Action", "id": "view"}, "resource": {"__entity": {"type": "Docs::Doc", "id": "d"}}, "context": {"mfa": true, "from": "1.1.1.1"}}"#), schema: schema)
    #expect(read.context["from"] == .ip(IPAddress("1.1.1.1")!))
    #expect(throws: DataFailure.self) { try Request(json: JSON(parsing: #"{"principal": "Docs::User::\"u\"", "action": {"type": "Docs::Action", "id": "view"}, "resource": "x", "context": {}}"#), schema: schema) }
    #expect(throws: DataFailure.self) { try Request(json: JSON(parsing: #"{"principal": "Docs::User::\"u\"", "action": {"type": "Docs::Action", "id": "view"}, "resource": {"type": "Docs::Doc", "id": "d"}}"#), schema: schema) }
  }
}
