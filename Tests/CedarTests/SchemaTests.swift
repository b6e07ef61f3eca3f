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
    let json = #"{"": {"commonTypes": {"Name": {"type": "String", "annotations": {"a": "b", "c": null}}}, "entityTypes": {"Name": {"annotations": {"x": ""}}, "Long": {"shape": {"type": "Record", "attributes": {"a": {"type": "Name"}, "b": {"type": "Entity", "name": "Name"}, "c": {"type": "Long"}, "d": {"type": "EntityOrCommon", "name": "Long"}, "e": {"type": "Boolean"}, "f": {"type": "Bool"}, "g": {"type": "Extension", "name": "decimal"}}}}}, "actions": {"a": {"memberOf": null, "appliesTo": null, "annotations": {"q": "r"}}}, "annotations": {}}}"#
    let schema = try Schema(json: json)
    let attributes = try #require(schema.entities["Long"]?.attributes)
    #expect(attributes["a"]?.type == .string && attributes["b"]?.type == .entity("Name") && attributes["c"]?.type == .long && attributes["d"]?.type == .entity("Long"))
    #expect(attributes["e"]?.type == .bool && attributes["f"]?.type == .bool && attributes["g"]?.type == .decimal)
    #expect(attributes.names.count == 7)
    #expect(try Schema(json: SchemaDocument(json: json).json.description) == schema)
    let document = try SchemaDocument(json: json)
    #expect(throws: ParseFailure.self) { try document.cedarText() }
    #expect(try Schema(json: document.description) == schema)
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

  // What the tables below say of the reference implementation was asked of cedarpy.

  @Test(arguments: [
    // `a` is an entity, and in Cedar's syntax its name would be that of the common type.
    (#"{"": {"entityTypes": {"E": {}, "U": {"shape": {"type": "Record", "attributes": {"a": {"type": "Entity", "name": "E"}}}}}, "commonTypes": {"E": {"type": "Long"}}, "actions": {}}}"#, #""E""#),
    (#"{"": {"entityTypes": {"E": {}, "U": {"tags": {"type": "Set", "element": {"type": "Entity", "name": "E"}}}}, "commonTypes": {"E": {"type": "Long"}}, "actions": {}}}"#, #""E""#),
    (#"{"N": {"entityTypes": {"E": {}, "U": {"tags": {"type": "Entity", "name": "N::E"}}}, "commonTypes": {"E": {"type": "Long"}}, "actions": {}}}"#, #""N::E""#),
    // The type of actions outside, seen past the common type inside, and the other way round.
    (#"{"": {"entityTypes": {}, "actions": {"v": {}}}, "N": {"entityTypes": {"U": {"tags": {"type": "Entity", "name": "Action"}}}, "commonTypes": {"Action": {"type": "Long"}}, "actions": {}}}"#, #""Action""#),
    (#"{"": {"entityTypes": {}, "commonTypes": {"Action": {"type": "Long"}}, "actions": {}}, "N": {"entityTypes": {"U": {"tags": {"type": "Action"}}}, "actions": {"v": {}}}}"#, #""Action""#),
  ])
  func `what Cedar's syntax would read as another type is not written in it`(json: String, place: String) throws {
    let document = try SchemaDocument(json: json)
    let schema = try document.resolved()
    let error = #expect(throws: ParseFailure.self) { try document.cedarText(source: json, file: "s") }
    let diagnostic = try #require(error?.diagnostics.first)
    #expect(diagnostic.message.contains("can't name the type") && diagnostic.hint != nil && diagnostic.location != nil)
    #expect(error?.description.contains(place) == true)
    #expect(try Schema(json: document.description) == schema)
  }

  @Test(arguments: [
    // Shapes by the name of a common type, also through another and from another namespace.
    (#"{"": {"entityTypes": {"U": {"shape": {"type": "R"}}}, "commonTypes": {"R": {"type": "Record", "attributes": {"a": {"type": "Long", "required": false}}}}, "actions": {}}}"#, "entity U {a?: __cedar::Long};"),
    (#"{"": {"entityTypes": {"U": {"shape": {"type": "EntityOrCommon", "name": "Q"}}}, "commonTypes": {"Q": {"type": "R"}, "R": {"type": "Record", "attributes": {}}}, "actions": {}}}"#, "entity U {};"),
    (#"{"N": {"entityTypes": {"E": {}}, "commonTypes": {"T": {"type": "String"}, "R": {"type": "Record", "attributes": {"a": {"type": "T"}, "b": {"type": "Entity", "name": "E"}, "c": {"type": "ipaddr"}}}}, "actions": {}}, "M": {"entityTypes": {"E": {}, "ipaddr": {}, "U": {"shape": {"type": "N::R"}}}, "actions": {}}}"#,
      "entity U {a: N::T, b: N::E, c: __cedar::ipaddr};"),
    // Built-in types that share their name with an entity type.
    (#"{"": {"entityTypes": {"Long": {}, "U": {"tags": {"type": "Long"}}}, "actions": {}}}"#, "tags __cedar::Long;"),
    (#"{"N": {"entityTypes": {"ipaddr": {}, "U": {"tags": {"type": "ipaddr"}}}, "actions": {}}}"#, "tags __cedar::ipaddr;"),
    // What only an entity type can be meant by.
    (#"{"": {"entityTypes": {"E": {}, "U": {"memberOfTypes": ["E"]}}, "commonTypes": {"E": {"type": "Long"}}, "actions": {"v": {"appliesTo": {"principalTypes": ["E"], "resourceTypes": ["E", "U"]}}}}}"#, "entity U in [E];"),
    // Actions as values, with a context by name.
    (#"{"N": {"entityTypes": {"U": {"tags": {"type": "Entity", "name": "Action"}}}, "commonTypes": {"C": {"type": "Record", "attributes": {}}}, "actions": {"v": {"appliesTo": {"principalTypes": ["U"], "resourceTypes": ["U"], "context": {"type": "EntityOrCommon", "name": "C"}}}}}}"#, "entity U tags Action;"),
    (#"{"": {"entityTypes": {"U": {"tags": {"type": "Entity", "name": "N::Action"}}}, "actions": {}}, "N": {"entityTypes": {"A": {"tags": {"type": "EntityOrCommon", "name": "Action"}}}, "actions": {"v": {"attributes": null}}}}"#, "entity U tags N::Action;"),
  ])
  func `a schema in JSON keeps its meaning in Cedar's syntax`(json: String, part: String) throws {
    let document = try SchemaDocument(json: json)
    let schema = try document.resolved()
    let text = try document.cedarText()
    #expect(text.contains(part), "\(text)")
    #expect(try Schema(parsing: text) == schema)
    #expect(try Schema(json: SchemaDocument(parsing: text).json.description) == schema)
    #expect(try Schema(json: document.json.description) == schema)
  }

  @Test(arguments: [(#"[]"#, #"["U"]"#), (#"["U"]"#, #"[]"#), (#"[]"#, #"[]"#)])
  func `an action that applies to no principal or to no resource applies to nothing`(principals: String, resources: String) throws {
    let json = #"{"": {"entityTypes": {"U": {}}, "actions": {"v": {"appliesTo": {"principalTypes": \#(principals), "resourceTypes": \#(resources)}}}}}"#
    let document = try SchemaDocument(json: json)
    #expect(try document.cedarText() == "entity U;\naction v;\n")
    let asked = try PolicySet(parsing: "permit(principal, action, resource) when { principal.none };")
    #expect(Validator(try document.resolved()).validate(asked).isValid == Validator(try Schema(parsing: document.cedarText())).validate(asked).isValid)
  }

  @Test func `what Cedar's syntax can't nest or shape is refused`() throws {
    var type = SchemaDocument.TypeExpression.builtin("Long")
    for _ in 0..<40 { type = .set(type) }
    var document = try SchemaDocument(parsing: "entity A; entity B;")
    for (shape, tags) in [(.record([]), type), (.name("B"), nil), (.common("C"), nil), (.builtin("Long"), nil)] as [(SchemaDocument.TypeExpression, SchemaDocument.TypeExpression?)] {
      document.namespaces[0].entities[0].kind = .standard(parents: [], shape: shape, tags: tags)
      #expect(throws: ParseFailure.self) { try document.cedarText() }
      #expect(document.description.contains("entityTypes"))
    }
    document = try SchemaDocument(parsing: "entity A; action v appliesTo { principal: A, resource: A };")
    document.namespaces[0].actions[0].application?.context = .set(.builtin("Long"))
    #expect(throws: ParseFailure.self) { try document.cedarText() }
    // Another document may declare what this one does not.
    #expect(try SchemaDocument(parsing: "entity A { b: N::B };").cedarText() == "entity A {b: N::B};\n")
  }

  /// A schema around one odd part.
  private static func schema(entities: String = #""U": {}"#, commons: String = "", actions: String = #""v": {}"#, more: String = "") -> String {
    #"{"": {"entityTypes": {\#(entities)}, "commonTypes": {\#(commons)}, "actions": {\#(actions)}\#(more)}}"#
  }

  @Test(arguments: ["required", "annotations"])
  func `only attributes may be optional, and only attributes and common types carry annotations among types`(member: String) throws {
    let odd = member == "required" ? #""required": true"# : #""annotations": {"a": "b"}"#
    let types = [
      #"{"type": "Long", \#(odd)}"#, #"{"type": "Record", "attributes": {}, \#(odd)}"#, #"{"type": "Set", "element": {"type": "Long"}, \#(odd)}"#, #"{"type": "Entity", "name": "U", \#(odd)}"#,
      #"{"type": "EntityOrCommon", "name": "U", \#(odd)}"#, #"{"type": "Extension", "name": "decimal", \#(odd)}"#, #"{"type": "R", \#(odd)}"#,
    ]
    let commons = #""R": {"type": "Record", "attributes": {}}"#
    for type in types {
      #expect(throws: Never.self) { try Schema(json: Self.schema(entities: #""U": {"shape": {"type": "Record", "attributes": {"a": \#(type)}}}"#, commons: commons)) }
      let refused = [
        Self.schema(entities: #""U": {"tags": {"type": "Set", "element": \#(type)}}"#, commons: commons), Self.schema(entities: #""U": {"tags": \#(type)}"#, commons: commons),
        Self.schema(entities: #""U": {"shape": \#(type)}"#, commons: commons),
        Self.schema(commons: commons, actions: #""v": {"appliesTo": {"principalTypes": ["U"], "resourceTypes": ["U"], "context": \#(type)}}"#),
      ]
      for json in refused {
        let error = #expect(throws: ParseFailure.self, "\(json)") { try Schema(json: json) }
        #expect(error?.description.contains("`\(member)` is not known here") == true)
      }
      let common = Self.schema(commons: #"\#(commons), "T": \#(type)"#)
      if member == "required" { #expect(throws: ParseFailure.self) { try Schema(json: common) } } else { #expect(throws: Never.self) { try Schema(json: common) } }
    }
  }

  @Test(arguments: [
    (schema(entities: #""A::B": {}"#), "can't be the name of an entity type"), (schema(commons: #""A::B": {"type": "Long"}"#), "can't be the name of a type"),
    (schema(entities: #""U": {"tags": {"type": "Extension", "name": "Long"}}"#), "no extension type"), (schema(entities: #""U": {"tags": {"type": "Extension", "name": "__cedar::ipaddr"}}"#), "no extension type"),
    (schema(more: #", "annotations": {"a": "b"}"#), "has no annotations"), (schema(actions: #""v": {"attributes": {}}"#), "actions can't have attributes"), (schema(actions: #""v": {"attributes": []}"#), "actions can't have attributes"),
    (schema(entities: #""U": {"memberOfTypes": ["Action"]}"#), "is the type of actions"), (schema(actions: #""v": {"appliesTo": {"principalTypes": ["Action"], "resourceTypes": ["U"]}}"#), "is the type of actions"),
    (schema(entities: #""U": {"tags": {"type": "Entity", "name": "Action"}}"#, actions: ""), "no entity type `Action`"), (schema(entities: #""U": {"tags": {"type": "Action"}}"#), "no type `Action`"),
  ])
  func `what the reference implementation refuses in JSON is refused`(json: String, part: String) {
    let error = #expect(throws: ParseFailure.self) { try Schema(json: json) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test func `types that double are bounded, and cut in messages`() throws {
    func doubling(_ count: Int) -> String {
      let types = (0..<count).map { "type T\($0) = {a: T\($0 + 1), b: T\($0 + 1)};" }.joined(separator: "\n")
      return "\(types)\ntype T\(count) = Long; entity U {a: T0}; entity R {a: T0}; action v appliesTo {principal: U, resource: R};"
    }
    let error = #expect(throws: ParseFailure.self) { try Schema(parsing: doubling(60)) }
    let diagnostic = try #require(error?.diagnostics.first)
    #expect(diagnostic.message.contains("more than \(Limits.typeSize) types") && diagnostic.hint != nil && diagnostic.location?.line == 45)
    let sets = #expect(throws: ParseFailure.self) { try Schema(parsing: doubling(14) + "type S = {a: Set<T0>, b: T0, c: T1, d: Set<T1>, e: Long};") }
    #expect(sets?.description.contains("more than \(Limits.typeSize) types") == true)
    let schema = try Schema(parsing: doubling(14))
    for condition in ["principal.a == 1", "principal.a", "1 == principal.a", "principal.a < principal.a", "[1, principal.a].contains(1)", "[principal.a].contains(1)", "[1].contains(principal.a)", "principal.a in resource"] {
      let result = Validator(schema).validate(try PolicySet(parsing: "permit(principal, action, resource) when { \(condition) };"))
      let first = try #require(result.errors.first)
      #expect(first.description.utf8.count < 1000 && first.description.contains("…"), "\(first)")
    }
    #expect(Validator(schema).validate(try PolicySet(parsing: "permit(principal, action, resource) when { principal.a == resource.a };")).isValid)
  }
}
