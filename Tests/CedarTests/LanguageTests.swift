import Cedar
import Testing

@Suite struct LanguageTests {
  @Test(arguments: [
    ("1 + 2 * 3 - 4", "3"), ("-(2) * -3", "6"), ("- -5", "5"), ("--5", "5"), ("-9223372036854775808", "-9223372036854775808"), ("!!!!true", "true"),
    ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 != 2 && 1 == 1", "true"), ("false && 1", "false"), ("true || 1", "true"),
    ("if 1 < 2 then \"yes\" else 1 + \"no\"", "\"yes\""), ("principal", "User::\"alice\""), ("action", "Action::\"view\""), ("resource", "Doc::\"plan\""),
    ("context.hour", "14"), ("context[\"odd name\"]", "\"x\""), ("context has hour && context has \"odd name\" && !(context has other)", "true"),
    ("principal.manager.age", "50"), ("principal has address.city", "true"), ("principal has address.city.x", "type"), ("principal has manager.age && !(principal has manager.name)", "true"),
    ("User::\"nobody\" has age", "false"), ("principal in Team::\"core\"", "true"), ("principal in Team::\"guild\"", "true"), ("principal in [Team::\"x\", Team::\"guild\"]", "true"),
    ("principal in []", "false"), ("principal in principal", "true"), ("User::\"nobody\" in Team::\"core\"", "false"), ("principal is User", "true"),
    ("principal is User in Team::\"core\"", "true"), ("principal is Team in 5", "false"), ("principal.tags.contains(\"a\")", "true"),
    ("[1, 2].containsAll([2]) && ![1].containsAll([1, 2]) && [1, 2].containsAny([2, 3]) && ![1].containsAny([2])", "true"), ("[].isEmpty() && ![1].isEmpty()", "true"),
    ("[1, 2, 2] == [2, 1]", "true"), ("{a: 1, \"b c\": 2} == {\"b c\": 2, a: 1}", "true"), ("{a: 1}.a + {\"a\": 2}[\"a\"]", "3"),
    ("principal.hasTag(\"role\") && principal.getTag(\"role\") == \"lead\"", "true"), ("principal.hasTag(\"none\")", "false"), ("User::\"nobody\".hasTag(\"x\")", "false"),
    ("\"a*b\" like \"a\\*b\" && \"axxb\" like \"a*b\" && !(\"ab\" like \"a\\*b\") && \"\" like \"*\" && !(\"a\" like \"\") && \"aab\" like \"*ab\"", "true"),
    ("\"\\u{e9}\" == \"é\"", "true"), ("\"e\\u{301}\" == \"é\"", "false"), ("\"\\x41\\n\\t\\r\\0\\\\\\'\\\"\"", "\"A\\n\\t\\r\\0\\\\'\\\"\""),
    ("1 == \"1\"", "false"), ("[1] == 1", "false"), ("ip(\"10.0.0.1\").isInRange(ip(\"10.0.0.0/8\"))", "true"), ("true || (1 + true == 2)", "true"),
    ("context.mfa", "true"), ("(if true then principal else resource).age", "42"), ("User::\"alice\".address.zip", "3000"), ("context == {mfa: true, hour: 14, \"odd name\": \"x\"}", "true"),
    ("{if_: 1, principal: 2}.principal", "2"), ("\"x\".contains(1)", "type"), ("principal.nothing", "attributeDoesNotExist"), ("User::\"nobody\".age", "entityDoesNotExist"),
    ("{a: 1}.b", "attributeDoesNotExist"), ("context.other", "attributeDoesNotExist"), ("principal.getTag(\"none\")", "tagDoesNotExist"), ("User::\"nobody\".getTag(\"x\")", "entityDoesNotExist"),
    ("9223372036854775807 + 1", "overflow"), ("-9223372036854775808 - 1", "overflow"), ("9223372036854775807 * 2", "overflow"), ("-principal.age - 9223372036854775807", "overflow"),
    ("-(-9223372036854775808)", "overflow"), ("1 + true", "type"), ("true + 1", "type"), ("!1", "type"), ("-true", "type"), ("1 && true", "type"), ("true && 1", "type"), ("false || 1", "type"),
    ("if 1 then 2 else 3", "type"), ("1 < true", "type"), ("true < 1", "type"), ("1.isEmpty()", "type"), ("1.contains(1)", "type"), ("[1].containsAll(1)", "type"), ("1.containsAny([1])", "type"),
    ("1 in principal", "type"), ("principal in 1", "type"), ("principal in [1]", "type"), ("1 has a", "type"), ("1.a", "type"), ("1 like \"a\"", "type"), ("1 is User", "type"),
    ("principal.getTag(1)", "type"), ("1.hasTag(\"a\")", "type"), ("ip(1)", "type"), ("ip(\"a\")", "extensionFunction"), ("ip(\"1.1.1.1\", 2)", "type"), ("ip()", "type"),
    ("decimal(\"1.0\") < decimal(\"2.0\")", "type"), ("datetime(\"2024-01-01\") < 1", "type"), ("duration(\"1h\") < 1", "type"), ("1 .lessThan(decimal(\"1.0\"))", "type"),
  ] as [(String, String)])
  func `an expression has its value, or fails as the specification says`(text: String, expected: String) throws {
    do {
      #expect(try evaluate(text).description == expected)
    } catch let error as EvaluationError {
      #expect(error.kind.rawValue == expected, "\(error)")
      #expect(!error.description.isEmpty)
    }
    // The prepared form fails with the same words.
    let policies = try PolicySet(parsing: "permit(principal, action, resource) when { \(text) };")
    let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities))
    #expect(authorizer.authorize(sampleRequest) == policies.authorize(sampleRequest, sampleEntities))
  }

  @Test(arguments: [
    ("permit(principal, action, resource)", 1, 36, "`;`"), ("permit(principal, action, resource;", 1, 35, "`,` or `)`"), ("allow(principal, action, resource);", 1, 1, "not an effect"),
    ("permit(action, principal, resource);", 1, 8, "expected `principal`"), ("permit(principal, action);", 1, 7, "lacks `resource`"), ("permit();", 1, 7, "lacks `principal`"),
    ("permit(principal, action, resource, context);", 1, 37, "`)`"), ("permit(principal: User, action, resource);", 1, 17, "`:`"), ("permit(principal = User::\"a\", action, resource);", 1, 18, "`=`"),
    ("permit(principal == User, action, resource);", 1, 21, "not an entity"), ("permit(principal is User::\"a\", action, resource);", 1, 21, "not a type"),
    ("permit(principal is User == User::\"a\", action, resource);", 1, 26, "does not go with"), ("permit(principal in User::\"a\" is User, action, resource);", 1, 31, "before `in`"),
    ("permit(principal == ?resource, action, resource);", 1, 21, "`?resource`"), ("permit(principal, action is Action, resource);", 1, 26, "action"),
    ("permit(principal, action == User::\"a\", resource);", 1, 29, "not an action"), ("permit(principal, action = Action::\"a\", resource);", 1, 26, "`=`"),
    ("permit(principal, action in [User::\"a\"], resource);", 1, 30, "not an action"), ("permit(principal > 1, action, resource);", 1, 18, "`,` or `)`"),
    ("permit(principal, action, resource) if { true };", 1, 37, "does not begin a condition"), ("permit(principal, action, resource) when { };", 1, 37, "empty"),
    ("permit(principal, action, resource)\nwhen { principal == ?principal };", 2, 21, "slot"), ("permit(principal, action, resource)\n  when { alice };", 2, 10, "not a variable"),
    ("permit(principal, action, resource) when { 1 == 1 == 1 };", 1, 51, "chained"), ("permit(principal, action, resource) when { principal in resource in action };", 1, 66, "chained"),
    ("permit(principal, action, resource) when { 1 / 2 };", 1, 46, "division"), ("permit(principal, action, resource) when { 1 % 2 };", 1, 46, "remainder"), ("permit(principal, action, resource) when { 1 = 2 };", 1, 46, "`=`"),
    ("permit(principal, action, resource) when { !!!!!true };", 1, 44, "four"), ("permit(principal, action, resource) when { -----1 };", 1, 44, "four"),
    ("permit(principal, action, resource) when { 9223372036854775808 };", 1, 44, "too large"), ("permit(principal, action, resource) when { -9223372036854775809 };", 1, 45, "too large"),
    ("permit(principal, action, resource) when { \"abc };", 1, 44, "not closed"), ("permit(principal, action, resource) when { \"\\q\" };", 1, 45, "not an escape"),
    ("permit(principal, action, resource) when { \"\\xff\" };", 1, 45, "7f"), ("permit(principal, action, resource) when { \"\\xg0\" };", 1, 45, "two hexadecimal"), ("permit(principal, action, resource) when { \"\\u41\" };", 1, 45, "braces"),
    ("permit(principal, action, resource) when { \"\\u{}\" };", 1, 45, "no digits"), ("permit(principal, action, resource) when { \"\\u{1234567}\" };", 1, 45, "six"), ("permit(principal, action, resource) when { \"\\u{d800}\" };", 1, 45, "scalar"),
    ("permit(principal, action, resource) when { \"\\u{zz}\" };", 1, 45, "hexadecimal"), ("permit(principal, action, resource) when { \"\\u{41\" };", 1, 45, "not closed"), ("permit(principal, action, resource) when { \"a\\\nb\" };", 1, 46, "end a line"),
    ("permit(principal, action, resource) when { \"a\rb\" };", 1, 46, "carriage"), ("permit(principal, action, resource) when { \"a\" like \"\\q\" };", 1, 54, "not an escape"),
    ("permit(principal, action, resource) when { \"a\" like principal };", 1, 53, "pattern"), ("permit(principal, action, resource) when { principal is \"User\" };", 1, 57, "`is`"), ("permit(principal, action, resource) when { 1 is };", 1, 49, "an expression"),
    ("permit(principal, action, resource) when { principal has 1 };", 1, 58, "an attribute"), ("permit(principal, action, resource) when { principal has if };", 1, 58, "reserved"), ("permit(principal, action, resource) when { principal has \"a\".b };", 1, 61, "an operator"),
    ("permit(principal, action, resource) when { principal has a[\"b\"] };", 1, 59, "an operator"), ("permit(principal, action, resource) when { principal has a + 1 };", 1, 60, "compares"), ("permit(principal, action, resource) when { principal.true };", 1, 54, "reserved"),
    ("permit(principal, action, resource) when { principal[1] };", 1, 54, "string literal"), ("permit(principal, action, resource) when { principal(1) };", 1, 53, "functions"), ("permit(principal, action, resource) when { foo(1) };", 1, 44, "no function"),
    ("permit(principal, action, resource) when { contains(1) };", 1, 44, "is a method"), ("permit(principal, action, resource) when { lessThan(1) };", 1, 44, "is a method"), ("permit(principal, action, resource) when { \"a\".ip() };", 1, 48, "is a function"), ("permit(principal, action, resource) when { [1].contain(1) };", 1, 48, "no method"),
    ("permit(principal, action, resource) when { [1].contains() };", 1, 48, "one argument"), ("permit(principal, action, resource) when { [1].isEmpty(1) };", 1, 48, "no argument"), ("permit(principal, action, resource) when { alice.a };", 1, 44, "no attributes"), ("permit(principal, action, resource) when { alice[\"a\"] };", 1, 44, "no attributes"),
    ("permit(principal, action, resource) when { {a: 1, \"a\": 2} };", 1, 51, "twice"), ("permit(principal, action, resource) when { {1: 1} };", 1, 45, "identifier"), ("permit(principal, action, resource) when { {a::b: 1} };", 1, 45, "name of an attribute"), ("permit(principal, action, resource) when { {a 1} };", 1, 47, "`:`"),
    ("permit(principal, action, resource) when { if true then 1 };", 1, 59, "`else`"), ("permit(principal, action, resource) when { if true else 1 };", 1, 52, "`then`"), ("permit(principal, action, resource) when { 1 + if true then 1 else 2 };", 1, 48, "parentheses"),
    ("permit(principal, action, resource) when { ?other };", 1, 44, "not a slot"), ("permit(principal, action, resource) when { ? };", 1, 44, "a name"), ("permit(principal, action, resource) when { 1 & 2 };", 1, 46, "`&`"), ("permit(principal, action, resource) when { 1 | 2 };", 1, 46, "`|`"), ("permit(principal, action, resource) when { 'a' };", 1, 44, "`'`"),
    ("permit(principal, action, resource) when { User::{} };", 1, 50, "with its id"), ("permit(principal, action, resource) when { User::1 };", 1, 50, "a name or an id"), ("permit(principal, action, resource) when { true::\"a\" };", 1, 44, "reserved"), ("permit(principal, action, resource) when { in };", 1, 44, "reserved"), ("permit(principal, action, resource) when { __cedar::\"a\" };", 1, 44, "reserved"),
    ("@a @a permit(principal, action, resource);", 1, 4, "twice"), ("@1 permit(principal, action, resource);", 1, 2, "annotation"), ("@a(1) permit(principal, action, resource);", 1, 4, "a string"), ("@a", 1, 3, "`permit`"), ("permit(principal, action, resource) when { (1 };", 1, 47, "`)`"), ("permit(principal, action, resource) when { ) };", 1, 44, "an expression"),
    ("permit(principal is 1, action, resource);", 1, 21, "an entity type"), ("permit(principal == 1, action, resource);", 1, 21, "an entity"), ("permit(principal, action, resource) when { principal has a.1 };", 1, 60, "an attribute"), ("permit(principal, action, resource) when { principal.1 };", 1, 54, "attribute or method"),
    ("permit(principal, action, resource) when { foo.bar(1) };", 1, 44, "no attributes"),
  ] as [(String, Int, Int, String)])
  func `a faulty text is refused with its place, the offending text and what to do`(text: String, line: Int, column: Int, message: String) {
    do {
      let policies = try PolicySet(parsing: text, file: "test.cedar")
      Issue.record("was read: \(policies)")
    } catch {
      let first = error.diagnostics[0]
      #expect(first.message.contains(message), "\(first)")
      #expect(first.location?.line == line)
      #expect(first.location?.column == column, "\(first)")
      #expect(error.description.hasPrefix("test.cedar:\(line):\(column): error: "))
    }
  }

  @Test func `all faulty policies of a text are told at once`() {
    let text = "permit(principal, action);\npermit(principal, action, resource);\n§ forbid(x);\nforbid(principal, action, resource) when { \"é\" ++ };"
    do {
      _ = try PolicySet(parsing: text)
      Issue.record("was read")
    } catch {
      #expect(error.diagnostics.map { $0.location?.line } == [1, 3, 3, 4])
      #expect(error.diagnostics[3].location?.column == 49)
      #expect(error.diagnostics[3].location?.offending == "+")
    }
  }

  @Test func `the same id can't be used twice`() throws {
    let policy = try Policy(parsing: "permit(principal, action, resource);", id: "a")
    #expect(throws: PolicySet.Failure.duplicateID("a")) { try PolicySet([policy, policy]) }
    #expect(throws: ParseFailure.self) { try Policy(parsing: "permit(principal, action, resource); permit(principal, action, resource);") }
    let named = try PolicySet(parsing: "@id(\"x\") permit(principal, action, resource); @id(\"x\") forbid(principal, action, resource);")
    #expect(throws: PolicySet.Failure.duplicateID("x")) { try named.named(by: "id") }
  }

  @Test func `scopes are written in many ways`() throws {
    let text = """
      @id("one") @flag
      permit (principal == (User::"alice"), action in [Action::"view", (Action::"edit"),], resource in ((Folder::"f")),);
      forbid(principal is A::B in ?principal, action == N::Action::"go", resource in ?resource) unless { true };
      permit(principal in Team::"core", action in (Action::"reading"), resource is Doc) when { true } unless { false };
      permit(principal, action in [], resource); // nothing
      """
    let set = try PolicySet(parsing: text)
    #expect(set.policies.count == 3)
    #expect(set.templates.count == 1)
    #expect(set["policy0"]?[annotation: "id"] == "one")
    #expect(set["policy0"]?[annotation: "flag"] == "")
    #expect(set["policy0"]?[annotation: "none"] == nil)
    #expect(set["policy1"]?.slots == [.principal, .resource])
    #expect(try set.named(by: "id")["one"]?.effect == .permit)
    #expect(try PolicySet(parsing: set.description).count == 4)
    #expect(set["nobody"] == nil)
  }

  @Test func `a template is linked with exactly its slots`() throws {
    var set = try PolicySet(parsing: "permit(principal == ?principal, action, resource is Doc in ?resource); permit(principal in ?principal, action, resource);")
    #expect(throws: PolicySet.Failure.noSuchTemplate("none")) { try set.link("none", as: "x", [:]) }
    #expect(throws: PolicySet.Failure.missingSlot(.resource, template: "policy0")) { try set.link("policy0", as: "x", [.principal: alice]) }
    #expect(throws: PolicySet.Failure.superfluousSlot(.resource, template: "policy1")) { try set.link("policy1", as: "x", [.principal: alice, .resource: document]) }
    let linked = try set.link("policy0", as: "x", [.principal: alice, .resource: EntityUID("Folder", "f")])
    #expect(set.slots(of: linked) == [.principal: alice, .resource: EntityUID("Folder", "f")])
    #expect(throws: PolicySet.Failure.duplicateID("x")) { try set.link("policy1", as: "x", [.principal: alice]) }
    #expect(set.authorize(sampleRequest, sampleEntities).reasons == ["x"])
    #expect(Authorizer(PreparedPolicies(set), PreparedEntities(sampleEntities)).authorize(sampleRequest).reasons == ["x"])
    #expect(try PolicySet(json: set.json.description) == set)
    for failure in [PolicySet.Failure.noSuchTemplate("a"), .duplicateID("a"), .missingSlot(.principal, template: "a"), .superfluousSlot(.principal, template: "a")] {
      #expect(failure.description.contains("`a`"))
    }
  }

  @Test func `a template decides nothing`() throws {
    let template = try Policy(parsing: "permit(principal == ?principal, action, resource in ?resource);")
    #expect(try !Evaluator(sampleRequest, sampleEntities).isSatisfied(template))
    #expect(throws: EvaluationError.self) { try Evaluator(sampleRequest, sampleEntities).evaluate(template.expression) }
    let isIn = try Policy(parsing: "permit(principal is User in ?principal, action, resource);")
    #expect(try !Evaluator(sampleRequest, sampleEntities).isSatisfied(isIn))
  }

  @Test func `blanks of all of Unicode and comments separate tokens`() throws {
    let text = "// first\r\npermit\u{a0}(\u{2003}principal,\u{3000}action,\u{85}resource\u{1680})\u{2028}when { true // why\n };"
    #expect(try PolicySet(parsing: text).count == 1)
    #expect(throws: ParseFailure.self) { try PolicySet(parsing: "permit\u{200b}(principal, action, resource);") }
  }

  @Test func `names are checked`() {
    #expect(EntityType(parsing: "A::B_1") != nil)
    for name in ["", "A::", "::A", "A:B", "1A", "A B", "A::if", "__cedar::A", "é"] { #expect(EntityType(parsing: name) == nil) }
    #expect(EntityType("A::B::C").namespace == "A::B")
    #expect(EntityType("A").namespace == nil)
    #expect(EntityType("A::B").basename == "B")
    #expect(EntityType("A::Action").isAction && EntityType("Action").isAction && !EntityType("MyAction").isAction && !EntityType("Act").isAction)
    #expect(throws: ParseFailure.self) { try EntityUID(parsing: "User") }
    #expect(throws: ParseFailure.self) { try EntityUID(parsing: "User::\"a\" x") }
    #expect((try? EntityUID(parsing: "N::User::\"a\\nb\"")) == EntityUID("N::User", "a\nb"))
  }

  @Test func `texts are compared scalar by scalar`() {
    #expect(Text("é") != Text("e\u{301}"))
    #expect(Text("a") < Text("b") && Text("a") < Text("aa") && !(Text("b") < Text("a")) && !(Text("a") < Text("a")))
    #expect(Text("").isEmpty && Text("a").description == "a")
    #expect(ValueSet([.string("é"), .string("e\u{301}")]).elements.count == 2)
  }

  @Test func `values have a total order`() {
    let values: [Value] = [
      .bool(false), .bool(true), .long(-1), .long(1), .string("a"), .string("b"), .entity(alice), .entity(bob), .set([]), .set([.long(1)]), .record([:]),
      .record(["a": .long(1)]), .record(["a": .long(2)]), .record(["b": .long(0)]), .decimal(Decimal(units: 1)), .decimal(Decimal(units: 2)), .ip(IPAddress("1.1.1.1")!),
      .ip(IPAddress("::1")!), .datetime(Datetime(milliseconds: 0)), .datetime(Datetime(milliseconds: 1)), .duration(Duration(milliseconds: 0)), .duration(Duration(milliseconds: 1)),
    ]
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() { #expect((a < b) == (i < j), "\(a) \(b)") }
      #expect(!a.typeName.isEmpty)
    }
    #expect(ValueSet(values.reversed() + values).elements == values)
  }

  @Test func `a record keeps the last of equal names`() {
    let record = Record([.init("a", .long(1)), .init("b", .long(2)), .init("a", .long(3))])
    #expect(record["a"] == .long(3) && record.count == 2 && record["c"] == nil)
    let many = Record((0..<40).map { Record.Attribute(Text("k\($0)"), .long(Int64($0))) })
    for index in 0..<40 { #expect(many[Text("k\(index)")] == .long(Int64(index))) }
    #expect(many["none"] == nil)
    #expect(Record(["x": .bool(true)] as [String: Value])["x"] == .bool(true))
  }

  @Test func `entities are found, and cycles refused`() throws {
    #expect(sampleEntities.ancestors(of: alice) == [team, guild])
    #expect(sampleEntities.ancestors(of: EntityUID("X", "y")) == [])
    #expect(throws: Entities.Failure.cycle(team)) { try Entities([Entity(team, parents: [guild]), Entity(guild, parents: [team])]) }
    #expect(throws: Entities.Failure.cycle(team)) { try Entities([Entity(team, parents: [team])]) }
    #expect(throws: Entities.Failure.duplicate(team)) { try Entities([Entity(team), Entity(team, parents: [guild])]) }
    #expect(try Entities([Entity(team, parents: [guild]), Entity(team, parents: [guild, guild])]).count == 1)
    #expect(try sampleEntities.adding([Entity(EntityUID("X", "y"))]).count == sampleEntities.count + 1)
    #expect(Entities.Failure.cycle(team).description.contains("core") && Entities.Failure.duplicate(team).description.contains("core"))
    // A chain far deeper than a stack would bear.
    let chain = (0..<20_000).map { Entity(EntityUID("N", "\($0)"), parents: [EntityUID("N", "\($0 + 1)")]) }
    let deep = try Entities(chain.prefix(3000))
    #expect(try Entities(chain).isIn(EntityUID("N", "0"), EntityUID("N", "20000")))
    #expect(PreparedEntities(deep).count == 3000)
  }
}
