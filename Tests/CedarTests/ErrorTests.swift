import Cedar
import Testing

/// Every error that a text can have shows where it is, what it is about and what to do. In the tables `«` and `»` stand around the offending text.
@Suite struct ErrorTests {
  /// Takes the marks out of a text and says where they stood.
  private func marked(_ text: String) -> (text: String, line: Int, column: Int, offending: String) {
    guard let start = text.firstIndex(of: "«"), let end = text.firstIndex(of: "»") else { return (text, 0, 0, "") }
    let before = text[..<start]
    let line = before.count { $0 == "\n" } + 1
    let column = (before.lastIndex(of: "\n").map { before[$0...].count } ?? before.count + 1)
    return (text.filter { $0 != "«" && $0 != "»" }, line, column, String(text[text.index(after: start)..<end]))
  }

  private func expect(_ diagnostics: [Diagnostic], _ text: String, _ message: String, file: String) {
    let (_, line, column, said) = marked(text)
    // What can't be seen is written out.
    let offending = said.replacing("\u{1}", with: "\\u{1}").replacing("\u{feff}", with: "\\u{feff}")
    guard let one = diagnostics.first, let location = one.location else { return #expect(Bool(false), "no place: \(diagnostics) for \(text)") }
    #expect(one.message.contains(message), "\(one) for \(text)")
    #expect(one.file == file && location.line == line && location.column == column && location.offending == (offending.count > 60 ? "\(offending.prefix(60))…" : offending), "\(one) for \(text): `\(location.offending)`")
    #expect(one.hint?.isEmpty == false, "no hint: \(one)")
    #expect(one.description.hasPrefix("\(file):\(line):\(column): error: "))
    #expect(one.description.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
  }

  private static let scope = "permit(principal, action, resource)"

  @Test(arguments: [
    ("«perm»(principal, action, resource);", "is not an effect"), ("«7»", "expected `permit` or `forbid`"), ("permit(«principle», action, resource);", "principle"), ("permit«(») ;", "lacks `principal`"), ("permit(principal, action, resource)«»", "expected `;`"), ("\(scope)\n«when { }»;", "clause is empty"),
    ("\(scope) «whenever» { true };", "does not begin a condition"), ("\(scope) when { principal.«if» };", "reserved word"), ("\(scope) when {\n  «principel».a };", "has no attributes"), ("\(scope) when { «a» };", "is not a variable"), ("\(scope) when { principal.a «=» 1 };", "not an operator"), ("\(scope) when { 1 == 2 «==» 3 };", "can't be chained"),
    ("\(scope) when { 1 «/» 2 };", "no division"), ("\(scope) when { «9223372036854775808» == 1 };", "too large"), ("\(scope) when { «!!!!!»true };", "at most four"), ("\(scope) when { principal.«containz»(1) };", "no method"), ("\(scope) when { principal.«zzzzzzzzzzzz»(1) };", "no method"), ("\(scope) when { «ipp»(\"::1\") };", "no function"), ("\(scope) when { «isIpv4»(1) };", "is a method"),
    ("\(scope) when { principal.«contains»() };", "takes one argument"), ("\(scope) when { [].«isEmpty»(1) };", "takes no argument"), ("\(scope) when { principal[«1»] };", "string literal"), ("\(scope) when { principal has «1» };", "expected an attribute"), ("\(scope) when { \"a\" like «1» };", "takes a pattern"), ("\(scope) when { principal is «\"a\"» };", "entity type"),
    ("\(scope) when { {a: 1, «\"a\"»: 2} == {} };", "given twice"), ("\(scope) when { {«1»: 2} == {} };", "an attribute's name"), ("\(scope) when { {«A::B»: 2} == {} };", "can't be the name"), ("\(scope) when { if true then 1«»", "expected `else`"), ("\(scope) when { if true «1» };", "expected `then`"), ("\(scope) when { 1 + «if» true then 1 else 2 };", "in parentheses"),
    ("\(scope) when { «?other» == 1 };", "not a slot"), ("\(scope) when { principal == «?principal» };", "slot can't stand"), ("\(scope) when { «true»::\"a\" };", "reserved word"), ("\(scope) when { User::«{»a: 1} };", "with its id"), ("\(scope) when { User::«1» };", "expected a name"), ("\(scope) when { principal == «'»a' };", "can't stand here"),
    ("\(scope) when { «“»a” };", "can't stand"), ("\(scope) when { true «&» true };", "can't stand"), ("\(scope) when { «\"abc»", "not closed"), ("\(scope) when { \"a«\\q»\" == \"\" };", "not an escape"), ("\(scope) when { \"a«\\x»8\" == \"\" };", "two hexadecimal digits"), ("\(scope) when { \"«\\x»ff\" == \"\" };", "goes up to"), ("\(scope) when { \"«\\u»1\" == \"\" };", "braces"), ("\(scope) when { \"«\\u»{}\" == \"\" };", "no digits"),
    ("\(scope) when { \"«\\u»{d800}\" == \"\" };", "not a Unicode scalar"), ("\(scope) when { \"«\\u»{1234567}\" == \"\" };", "six digits"), ("\(scope) when { \"«\\u»{12\" == \"\" };", "not closed"), ("\(scope) when { \"«\\u»{xy}\" == \"\" };", "hexadecimal"), ("@a @b «@a» \(scope);", "given twice"), ("@«1» \(scope);", "name of an annotation"), ("permit(principal == «User», action, resource);", "is not an entity"),
    ("permit(principal, action == «User::\"a\"», resource);", "is not an action"), ("permit(principal is «User::\"a\"», action, resource);", "entity, not a type"), ("\(scope) when { [1, 2«}»;", "expected `]`"), ("\(scope) when { «\u{1}» };", "can't stand"), ("«\u{feff}»§", "can't stand"), ("«é» §", "can't stand"), ("// ü\n\t  «§»", "can't stand"),
  ] as [(String, String)])
  func `errors of policies`(text: String, message: String) {
    let error = #expect(throws: ParseFailure.self) { try PolicySet(parsing: marked(text).text, file: "p.cedar") }
    expect(error?.diagnostics ?? [], text, message, file: "p.cedar")
  }

  @Test(arguments: [
    ("«namespce» A {}", "expected `entity`"), ("entity «1»;", "expected a name"), ("entity A { x: «Lng» };", "no type `Lng`"), ("entity A { x: «»", "expected a name"), ("entity A in [«B»];", "no entity type `B`"), ("entity A;\nentity «A»;", "declared twice"), ("type A = Long;\ntype «A» = String;", "declared twice"), ("action a;\n  action «a»;", "declared twice"), ("action \"a b\"; action «\"a b\"»;", "declared twice"),
    ("namespace A {}\nnamespace «A» {}", "declared twice"), ("type A = { b: B };\ntype B = Set<«A»>;", "contains itself: A → B → A"), ("type A = «A»;", "contains itself"), ("action a in [«b»];\naction b in [a];", "is in itself"), ("action a in [c, «Action::\"b\"»];\naction b in [a];\naction c;", "is in itself"), ("action a in «a»;", "is in itself"), ("action a in [«b»];", "no action `b`"), ("action a in [«\"x y\"»];", "no action `x y`"), ("action a in [«Other::Action::\"x\"»];", "no action"),
    ("entity A; action a appliesTo { principal: A, resource: [A, «C»] };", "no entity type `C`"), ("entity A; action a appliesTo { principal: A, resource: A, context: «T» };", "no type `T`"), ("entity A; type T = Long; action a appliesTo { principal: A, resource: A, context: «T» };", "must be a record"), ("entity «Action»;", "can't be declared"), ("type «Long» = String;", "can't be the name"), ("entity A { x: Set<«Str»> };", "no type `Str`"), ("entity A tags «Q»;", "no type `Q`"),
    // The same word stands for something else before.
    ("entity User { Foo: String,\n  boss: «Foo» };", "no type `Foo`"), ("entity User { \"Foo\": { Foo?: Set<«Foo»> } };", "no type `Foo`"), ("entity A, Foo tags «Fo»;", "no type `Fo`"), ("entity A { Foo: Foo, Foo: «Bar» };", "no type `Bar`"),
    ("entity A; action a appliesTo {\n  principal: «principal», resource: A };", "no entity type `principal`"), ("entity A; action appliesTo appliesTo { principal: [A], resource: [A, «resource»] };", "no entity type `resource`"), ("entity A; action context appliesTo { principal: A, resource: A, context: «context» };", "no type `context`"),
    ("@doc(\"B\") entity A in [A, «B»];", "no entity type `B`"), ("entity type;\nentity tags tags «tag»;", "no type `tag`"), ("action b, a in «in»;", "reserved word"), ("action in_, a in [«\"in_\"», \"a\"];", "in itself"), ("entity A, B, «A»;", "declared twice"), ("namespace N { type N = N::«}»", "expected a name"), ("namespace N { type T = { N: «N» }; }", "no type `N`"),
    ("entity A;\nnamespace N { entity «A»; }", "has the name of the type"), ("type A = Long;\nnamespace N { type «A» = Long; }", "has the name of the type"), ("action a;\nnamespace N { action «a»; }", "has the name of one outside"), ("namespace N { entity A { x: «Other::B» }; }", "no type `Other::B`"), ("entity A enum [«]»;", "expected a string"), ("entity A { \"«\\q»\": Long };", "not an escape"),
    ("action a appliesTo { principal: A, «principal»: B, resource: A };", "given twice"), ("action a appliesTo «{ principal: A }»;", "needs both"), ("entity A; action a appliesTo { principal: «[]», resource: A };", "empty"), ("action a attributes { «x»: 1 };", "can't have attributes"), ("@a @b «@a» entity A;", "given twice"), ("entity «in»;", "reserved word"), ("entity A { x: «__cedar::Q» };", "no type"),
  ] as [(String, String)])
  func `errors of schemas`(text: String, message: String) {
    let error = #expect(throws: ParseFailure.self, "\(text)") { try Schema(parsing: marked(text).text, file: "s.cedarschema") }
    expect(error?.diagnostics ?? [], text, message, file: "s.cedarschema")
  }

  @Test(arguments: [
    ("{\"\": {\"entityTypes\": {}, «}»}", "expected a name"), ("«[]»", "expected an object"), ("{\"\": «{\"actions\": {}}»}", "`entityTypes` is missing"), ("{\"\": {\"entityTypes\": {}, \"actions\": {},\n «\"action\"»: {}}}", "`action` is not known"), ("{«\"a b\"»: {\"entityTypes\": {}, \"actions\": {}}}", "name of a namespace"),
    ("{\"\": {\"entityTypes\": {\"A\": {\"memberOfTypes\": [«\"B\"»]}}, \"actions\": {}}}", "no entity type `B`"), ("{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": «\"T\"»}}}, \"actions\": {}}}", "no type `T`"), ("{\"N\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": «\"Long\"»}}}, \"actions\": {}}}", "must be a record"), ("{\"\": {\"entityTypes\": {\"A\": {\"enum\": «[]»}}, \"actions\": {}}}", "at least one id"),
    ("{\"\": {\"commonTypes\": {\"T\": {\"type\": \"Record\", \"attributes\": {\"t\": {\"type\": «\"T\"»}}}}, \"entityTypes\": {}, \"actions\": {}}}", "contains itself"), ("{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"memberOf\": [{\"id\": «\"a\"»}]}}}}", "is in itself"), ("{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"memberOf\": [{\"id\": «\"b\"»}]}}}}", "no action `b`"),
    // The same text stands for something else before.
    ("{\"\": {\"entityTypes\": {\"T\": {\"annotations\": {\"T\": \"T\"}, \"shape\": {\"type\": \"Record\", \"attributes\": {\"T\": {\"type\": \"Set\", \"element\": {\"type\": «\"T\"»}}}}}}, \"actions\": {}}}", "no type `T`"), ("{\"\": {\"entityTypes\": {\"A\": {}}, \"actions\": {\"name\": {\"appliesTo\": {\"principalTypes\": [\"A\"], \"resourceTypes\": [\"A\",\n  «\"name\"»]}}}}}", "no entity type `name`"),
    ("{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\", \"attributes\": {\"Entity\": {\"type\": \"Entity\", \"name\": «\"Entity\"»}}}}}, \"actions\": {}}}", "no entity type `Entity`"), ("{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"EntityOrCommon\", \"name\": «\"type\"»}}}, \"actions\": {}}}", "no type `type`"), ("{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Extension\", \"name\": «\"Extension\"»}}}, \"actions\": {}}}", "no extension type"),
    ("{\"\": {\"entityTypes\": {\"Long\": {\"shape\": {\"type\": «\"Set\"», \"element\": {\"type\": \"Long\"}}}}, \"actions\": {}}}", "must be a record"), ("{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"memberOf\": [{\"id\": \"b\"}]}, \"b\": {\"memberOf\": [{\"id\": «\"c\"», \"type\": \"Action\"}]}}}}", "no action `c`"),
    ("{\"\": {\"entityTypes\": {«\"a b\"»: {}}, \"actions\": {}}}", "can't be the name of an entity type"), ("{\"\": {\"commonTypes\": {«\"Long\"»: {\"type\": \"Long\"}}, \"entityTypes\": {}, \"actions\": {}}}", "can't be the name of a type"), ("{\"\": {\"entityTypes\": {\"A\": {\"tags\": {\"type\": \"Set\", \"element\": «{}»}}}, \"actions\": {}}}", "`type` is missing"),
    ("{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"appliesTo\": {\"principalTypes\": [«\"U\"»], \"resourceTypes\": []}}}}}", "no entity type `U`"), ("{\"\": {\"entityTypes\": {}, \"actions\": {\"a\": {\"attributes\": «{\"x\": 1}»}}}}", "can't have attributes"), ("{\"\": {\"entityTypes\": {\"A\": {}}, \"actions\": {}}, \"N\": {\"entityTypes\": {«\"A\"»: {}}, \"actions\": {}}}", "has the name of the type"),
    ("{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\", \"attributes\": {\"x\": {\"type\": \"Long\", \"required\": «1»}}}}}, \"actions\": {}}}", "expected a bool"), ("{\"\": {\"entityTypes\": {\"A\": {\"shape\": {\"type\": \"Record\", \"attributes\": {}, \"additionalAttributes\": «true»}}}, \"actions\": {}}}", "further attributes"), ("{\"\": {\"entityTypes\": {}, \"actions\": {}, \"annotations\": {«\"a b\"»: \"\"}}}", "annotation"),
  ] as [(String, String)])
  func `errors of schemas in JSON`(text: String, message: String) {
    let error = #expect(throws: ParseFailure.self, "\(text)") { try Schema(json: marked(text).text, file: "s.json") }
    expect(error?.diagnostics ?? [], text, message, file: "s.json")
  }

  private static let schema = "entity User in [Team] { name: String, age?: Long, ip?: ipaddr }; entity Team; entity Color enum [\"red\"]; action view appliesTo { principal: User, resource: Team, context: { mfa: Bool, c?: Color } };"
  private static let alice = "\"uid\": {\"type\": \"User\", \"id\": \"a\"}"

  @Test(arguments: [
    ("[1«»", .syntax, "expected `,` or `]`"), ("[{\(alice), \"attrs\": {\"n\": «1e»5}, \"parents\": []}]", .syntax, "whole numbers"), ("«{}»", .format, "expected an array"), ("[{\(alice), \"attrs\": {},\n \"parents\": [«1»]}]", .format, "expected an entity"), ("[«{\"attrs\": {}, \"parents\": []}»]", .format, "`uid` is missing"), ("[{\"uid\": «1», \"attrs\": {}, \"parents\": []}]", .format, "expected an entity"),
    ("[{\"uid\": {\"type\": «\"a b\"», \"id\": \"a\"}, \"attrs\": {}, \"parents\": []}]", .format, "not the name of an entity type"), ("[{\(alice), \"attrs\": {\"name\": [1, {\"b\": «null»}]}, \"parents\": []}]", .format, "no null"), ("[{\(alice), \"attrs\": {\"ip\": «\"x\"»}, \"parents\": []}]", .format, "is not an IP address"), ("[{\(alice), \"attrs\": {\"a\\u0000\": {\"__extn\": {\"fn\": «\"no\"», \"arg\": 1}}}, \"parents\": []}]", .format, "no function"),
    ("[{\(alice), \"attrs\": {\"name\": \"a\"}, \"parents\": []},\n{\"uid\": «{\"type\": \"User\", \"id\": \"a\"}», \"attrs\": {\"name\": \"b\"}, \"parents\": []}]", .hierarchy, "given twice"), ("[{\"uid\": «{\"type\": \"Team\", \"id\": \"t\"}», \"attrs\": {}, \"parents\": [{\"type\": \"Team\", \"id\": \"t\"}]}]", .hierarchy, "ancestor of itself"),
    ("[{\(alice), \"attrs\": «{}», \"parents\": []}]", .conformance, "must have `name`"), ("[{\(alice), \"attrs\": {\"name\": \"a\", «\"agee\"»: 1}, \"parents\": []}]", .conformance, "must not have `agee`"), ("[{\(alice), \"attrs\": {\"name\": «1»}, \"parents\": []}]", .conformance, "must be String"), ("[{\"uid\": «{\"type\": \"Usr\", \"id\": \"a\"}», \"attrs\": {}, \"parents\": []}]", .conformance, "no entity type"),
    ("[{\(alice), \"attrs\": {\"name\": \"a\"}, \"parents\": [«{\"type\": \"Color\", \"id\": \"red\"}»]}]", .conformance, "can't be in"), ("[{\"uid\": {\"type\": \"Action\", \"id\": \"view\"}, \"attrs\": {}, \"parents\": [«{\"type\": \"Team\", \"id\": \"t\"}»]}]", .format, "is an action and can't be in Team::\"t\""), ("[{\(alice), \"attrs\": {\"name\": \"a\"}, \"parents\": [], \"tags\": «{\"t\": 1}»}]", .conformance, "has tags"), ("[{\"uid\": «{\"type\": \"Color\", \"id\": \"blue\"}», \"attrs\": {}, \"parents\": []}]", .conformance, "no entity Color"), ("[{\"uid\": «{\"type\": \"Action\", \"id\": \"vieww\"}», \"attrs\": {}, \"parents\": []}]", .conformance, "no action"),
  ] as [(String, DataFailure.Kind, String)])
  func `errors of entities`(text: String, kind: DataFailure.Kind, message: String) throws {
    let schema = try Schema(parsing: Self.schema)
    let error = #expect(throws: DataFailure.self, "\(text)") { try Entities(json: marked(text).text, schema: schema, file: "e.json") }
    #expect(error?.kind == kind)
    expect(error?.diagnostics ?? [], text, message, file: "e.json")
  }

  private static let rest = "\"action\": \"Action::\\\"view\\\"\", \"resource\": {\"type\": \"Team\", \"id\": \"t\"}"

  @Test(arguments: [
    ("{«1»}", .syntax, "expected a name"), ("«{\(rest)}»", .format, "`principal` is missing"), ("{\"principal\": «\"alice\"», \(rest)}", .format, "is not an entity"), ("{\"principal\": {\"type\": \"User\", \"id\": \"a\"}, \(rest), \"context\": «[]»}", .format, "expected an object"), ("{\"principal\": {\"type\": \"User\", \"id\": \"a\"}, \(rest), \"context\": {\"mfa\": «\"x\"»}}", .conformance, "must be Bool"),
    ("{\"principal\": «{\"type\": \"Team\", \"id\": \"a\"}», \(rest), \"context\": {\"mfa\": true}}", .conformance, "does not apply to a principal"), ("{\"principal\": {\"type\": \"User\", \"id\": \"a\"}, \(rest),\n\"context\": {\"mfa\": true, «\"x\"»: 1}}", .conformance, "must not have `x`"), ("{\"principal\": {\"type\": \"User\", \"id\": \"a\"}, \"action\": «\"Action::\\\"edit\\\"\"», \"resource\": {\"type\": \"Team\", \"id\": \"t\"}}", .conformance, "no action"),
    ("{\"principal\": {\"type\": \"User\", \"id\": \"a\"}, \(rest), \"context\": {\"mfa\": true, \"c\": «{\"type\": \"Color\", \"id\": \"x\"}»}}", .conformance, "no entity"), ("{\"principal\": «{\"type\": \"Nobody\", \"id\": \"a\"}», \(rest)}", .conformance, "no entity type"),
  ] as [(String, DataFailure.Kind, String)])
  func `errors of requests`(text: String, kind: DataFailure.Kind, message: String) throws {
    let schema = try Schema(parsing: Self.schema)
    let error = #expect(throws: DataFailure.self, "\(text)") { try Request(json: marked(text).text, schema: schema, file: "r.json") }
    #expect(error?.kind == kind)
    expect(error?.diagnostics ?? [], text, message, file: "r.json")
  }

  private static func policy(_ body: String) -> String {
    "{\"effect\": \"permit\", \"principal\": {\"op\": \"All\"}, \"action\": {\"op\": \"All\"}, \"resource\": {\"op\": \"All\"},\n \"conditions\": [{\"kind\": \"when\", \"body\": \(body)}]}"
  }

  @Test(arguments: [
    (policy("{\"Var\": «\"who\"»}"), "no such variable"), (policy("{\"==\": «1»}"), "expected an object"), (policy("{\"Value\": «null»}"), "no null"), (policy("{\"foo\": «1»}"), "no operator"), (policy("«{}»"), "exactly one member"), (policy("{\"==\": «{\"left\": {\"Value\": 1}}»}"), "`right` is missing"), (policy("{\"!\": {\"arg\": {\"Value\": 1}, «\"x\"»: 2}}"), "`x` is not known"),
    (policy("{\"has\": {\"left\": {\"Value\": 1}, \"attr\": «[]»}}"), "path is empty"), (policy("{\"is\": {\"left\": {\"Value\": 1}, \"entity_type\": «\"a b\"»}}"), "name of an entity type"), (policy("{\"ip\": «1»}"), "expected an array"), (policy("{\"Slot\": «\"?x\"»}"), "not a slot"), (policy("{\".\": {\"left\": {\"Value\": 1}, \"attr\": «2»}}"), "expected a string"),
    ("{\"effect\": «\"allow\"»}", "`permit` or `forbid`"), ("{\"effect\": \"permit\", \"principal\": {\"op\": «\"<\"»}, \"conditions\": []}", "not an operator of a scope"), ("«{\"effect\": \"permit\"}»", "`conditions` is missing"),
  ] as [(String, String)])
  func `errors of policies in JSON`(text: String, message: String) {
    let error = #expect(throws: DataFailure.self, "\(text)") { try Policy(json: marked(text).text, file: "p.json") }
    expect(error?.diagnostics ?? [], text, message, file: "p.json")
  }

  @Test(arguments: [
    ("«principal.nme» == \"a\"", "no attribute `nme`"), ("«principal.age» == 1", "may be missing"), ("«principal.name» < 1", "expected Long"), ("1 + «\"a\"» == 2", "expected Long"), ("ip(«\"x\"») == ip(\"::1\")", "is not an IP address"), ("«principal.name == User::\"a\"»", "can never be equal"), ("principal in «Tem::\"a\"»", "no entity type `Tem`"), ("action == «Action::\"viw\"»", "no action"), ("«principal.getTag(\"t\")» == 1", "may be missing"), ("principal == «Color::\"blue\"»", "has no entity"),
    ("«[]» == [1]", "empty set"), ("[1, «\"a\"»] == [1]", "as the elements before it"), ("(«if context.mfa then 1 else \"a\"») == 1", "different types"), ("«ip(principal.name)».isIpv4()", "takes a literal"), ("«principal.name».contains(1)", "a set"),
  ] as [(String, String)])
  func `errors of types`(condition: String, message: String) throws {
    let text = "permit(principal, action, resource)\nwhen { \(condition) };"
    let source = marked(text).text
    let result = Validator(try Schema(parsing: Self.schema)).validate(try PolicySet(parsing: source), source: source, file: "p.cedar")
    expect(result.errors, text, message, file: "p.cedar")
  }

  @Test func `a long line is cut around the place, and characters that can't be seen are written out`() throws {
    let long = "permit(principal, action, resource) when { \(String(repeating: "true && ", count: 500))§ && \(String(repeating: "true && ", count: 500))true };"
    let cut = #expect(throws: ParseFailure.self) { try PolicySet(parsing: long, file: "p") }
    let lines = cut?.description.split(separator: "\n") ?? []
    #expect(lines.count == 4 && lines.allSatisfy { $0.count < 160 } && lines[1].hasPrefix("  …") && lines[1].hasSuffix("…"))
    #expect(lines[1].dropFirst(lines[2].count - 1).first == "§")
    let hidden = #expect(throws: ParseFailure.self) { try PolicySet(parsing: "// a\u{1b}[31m\n\"\u{1b}[2J\u{202e}\" \u{7}§", file: "p\u{1b}") }
    let text = try #require(hidden?.description)
    #expect(text.contains("\\u{1b}[2J\\u{202e}") && !text.contains("\u{1b}") && !text.contains("\u{202e}") && !text.contains("\u{7}"))
    let named = try PolicySet(parsing: "permit(principal, action, resource) when { context[\"a\\u{1b}\\n\"] };").authorize(sampleRequest, sampleEntities)
    #expect(named.errors.first?.error.message == "the record has no attribute `a\\u{1b}\\n`")
  }

  @Test func `a schema read from no text has errors without a place`() throws {
    var document = try SchemaDocument(parsing: "entity A;")
    document.namespaces[0].entities[0].kind = .standard(parents: ["B"], shape: .record([]), tags: nil)
    let error = #expect(throws: ParseFailure.self) { try document.resolved(file: "s") }
    #expect(error?.description == "s: error: there is no entity type `B`\n  hint: did you mean `A`?")
    let format = #expect(throws: FormatError.self) { try Value(json: .array([.null])) }
    #expect(format?.path == "[0]" && format?.location == nil && format?.hint != nil && format?.description.hasPrefix("error: [0]: Cedar has no null") == true)
  }
}

/// The errors of answers: what they carry is turned into words and places when somebody asks.
@Suite struct AnswerErrorTests {
  @Test(arguments: [
    ("principal.«missing» == 1", "principal.missing", EvaluationError.Kind.attributeDoesNotExist), ("«»User::\"nobody\".name == 1", "User::\"nobody\".name", .entityDoesNotExist), ("«»principal.getTag(\"no\") == 1", "principal.getTag(\"no\")", .tagDoesNotExist),
    ("1 + «»\"a\" == 2", "\"a\"", .type), ("1 == «»principal.big + 1", "principal.big + 1", .overflow), ("«»ip(\"x\").isIpv4()", "ip(\"x\")", .extensionFunction),
  ])
  func `an answer's errors say where, what and what to do`(condition: String, offending: String, kind: EvaluationError.Kind) throws {
    let text = "// é\npermit(principal, action, resource)\n\twhen { true && \(condition.filter { $0 != "«" && $0 != "»" }) };"
    var policies = try PolicySet(parsing: text, file: "p.cedar")
    let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities)).authorize(sampleRequest)
    #expect(prepared == policies.authorize(sampleRequest, sampleEntities))
    let failure = try #require(prepared.errors.first)
    #expect(failure.error.kind == kind)
    let diagnostic = policies.diagnostic(of: failure)
    let line = try #require(text.split(separator: "\n").last)
    let column = try #require(line.firstRange(of: offending)).lowerBound
    #expect(diagnostic.location?.line == 3 && diagnostic.location?.column == line[..<column].count + 1 && diagnostic.location?.offending == offending, "\(diagnostic)")
    #expect(diagnostic.file == "p.cedar" && diagnostic.policy == "policy0" && diagnostic.hint?.isEmpty == false && diagnostic.message == failure.error.message)
    #expect(diagnostic.description.hasPrefix("p.cedar:3:") && diagnostic.description.contains("  hint: "))
    // Under another name, and where something is left of a partial answer, it stands in the same text.
    let renamed = try PolicySet(policies.policies.map { $0.renamed("other") })
    #expect(renamed.authorize(sampleRequest, sampleEntities).errors.map(renamed.diagnostic).first?.location == diagnostic.location)
    let partial = policies.authorize(PartialRequest(principal: .known(alice), action: .known(view), resource: .unknown, context: nil), sampleEntities)
    // A value that was computed has no place of its own.
    if kind != .type { #expect(partial.residuals.authorize(sampleRequest, sampleEntities).errors.map(partial.residuals.diagnostic).first?.location == diagnostic.location) }
    // What was read from JSON has no text.
    policies = try PolicySet(json: policies.json.description)
    let bare = policies.diagnostic(of: failure)
    #expect(bare.location == nil && bare.file == nil && bare.hint == diagnostic.hint && bare.description.hasPrefix("error: policy `policy0`: "))
  }

  @Test func `a linked policy's errors stand in its template`() throws {
    var policies = try PolicySet(parsing: "permit(principal == ?principal, action, resource) when { principal.missing };", file: "t.cedar")
    try policies.link("policy0", as: "linked", [.principal: alice])
    let failure = try #require(policies.authorize(sampleRequest, sampleEntities).errors.first)
    #expect(policies.diagnostic(of: failure).description.hasPrefix("t.cedar:1:58: error: policy `linked`: "))
  }

  @Test func `the errors of expressions are shown with the text they were read from`() throws {
    let text = "1 ==\n  principal.missing"
    let error = #expect(throws: EvaluationError.self) { try Evaluator(sampleRequest, sampleEntities).evaluate(Expression(parsing: text)) }
    #expect(error?.diagnostic(source: text, file: "e").description.hasPrefix("e:2:3: error: the entity User::\"alice\" has no attribute `missing`\n    principal.missing\n    ^^^^^^^^^^^^^^^^^\n  hint: ask with `has` first") == true)
    let deep = (0..<40).reduce(Expression.bool(true)) { inner, _ in Expression(.unary(.not, inner)) }
    for expression in [Expression(.slot(.principal)), Expression(.unknown("x")), deep] {
      let error = #expect(throws: EvaluationError.self) { try Evaluator(sampleRequest, sampleEntities).evaluate(expression) }
      #expect(error?.hint.isEmpty == false && error?.diagnostic(source: "").location == nil)
    }
  }
}
