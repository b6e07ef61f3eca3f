import Cedar
import Testing

private let schemaText = """
  entity User in Team { name: String, age?: Long, boss?: User, home: { city?: String, zip: Long }, roles: Set<String>, ip: ipaddr, score: decimal, since: datetime, span: duration, isAdmin: Bool } tags Long;
  entity Team;
  entity Doc in Folder { owner: User, folder: Folder };
  entity Folder { owner: User };
  entity Color enum ["red"];
  action view, edit in [reading] appliesTo { principal: [User, Team], resource: [Doc], context: { mfa: Bool, from?: ipaddr, who?: User } };
  action reading;
  action paint appliesTo { principal: User, resource: Color };
  """

@Suite struct ValidatorTests {
  private func validate(_ text: String, level: Int? = nil) throws -> ValidationResult {
    Validator(try Schema(parsing: schemaText)).validate(try PolicySet(parsing: text), level: level, source: text, file: "p.cedar")
  }

  @Test(arguments: [
    "principal.name == \"a\"", "principal has age && principal.age > 1", "principal has boss.age && principal.boss.age < 3", "principal has home.city && principal.home.city like \"a*\"",
    "if principal has age then principal.age > 1 else principal.name == \"x\"", "principal has age && (principal.age > 1 || principal.age < 0)", "(principal has age || principal has age) && principal.age > 1", "!(principal has age) || principal.name == \"\"",
    "principal.hasTag(\"x\") && principal.getTag(\"x\") > 1", "principal.roles.contains(\"a\") && principal.roles.containsAll([\"a\"]) && principal.roles.containsAny([\"b\"]) && !principal.roles.isEmpty()", "principal.ip.isLoopback() && principal.ip.isInRange(ip(\"10.0.0.0/8\"))",
    "principal.score.lessThan(decimal(\"1.0\"))", "principal.since < datetime(\"2024-01-01\") && principal.since.offset(duration(\"1d\")) >= principal.since && principal.since.durationSince(principal.since) == principal.span", "principal.since.toDate() == principal.since && principal.since.toTime() < duration(\"1h\") && principal.span.toDays() == 1",
    "principal in Team::\"a\"", "principal in [Team::\"a\", Team::\"b\"]", "principal in resource.owner", "principal is User", "principal is User in Team::\"a\"", "resource in Folder::\"f\"", "action in Action::\"reading\"", "action == Action::\"view\"", "action in [Action::\"reading\", Action::\"edit\"]",
    "context.mfa && context has from && context.from.isIpv4()", "context has mfa", "{a: 1}.a == 1", "[1, 2].contains(3)", "{a: principal.name} == {a: \"b\"}", "true || principal.nothing", "false && principal.nothing || true", "if true then true else principal.nothing", "if false then principal.nothing else true",
    "1 == \"a\" || true", "principal == resource || true", "principal == resource || true || principal.nothing == 1", "-1 < 2 && 1 + 2 * 3 - 4 == 3", "(if principal.isAdmin then {a: 1, b: true} else {b: false, a: 2}).a == 1", "principal.hasTag(principal.name) && principal.getTag(principal.name) == 1", "action has x || true", "action.hasTag(\"x\") || true",
    "(principal has age && true) && principal.age == 1", "(true && principal has age) && principal.age == 1", "(principal has age || false) && principal.age == 1", "(false || principal has age) && principal.age == 1", "(if principal.isAdmin then principal has age else false) && true",
    "principal has age && (if principal has age then principal.age == 1 else principal.nothing)", "principal has age && principal has age && principal.age == 1", "principal.hasTag(\"x\") && (principal.hasTag(\"x\") || principal.nothing)",
  ])
  func `a well-typed condition is valid`(text: String) throws {
    let policy = "permit(principal is User, action in [Action::\"view\", Action::\"edit\"], resource) when { \(text) };"
    let result = try validate(policy)
    #expect(result.isValid, "\(result.errors)")
  }

  @Test(arguments: [
    ("principal.nam == \"a\"", "did you mean `name`"), ("principal.age > 1", "may be missing"), ("principal.boss.name == \"a\"", "may be missing"), ("principal.home.city == \"a\"", "may be missing"), ("principal.home.street == \"a\"", "no attribute"), ("context.from.isIpv4()", "may be missing"), ("context.nothing", "no attribute"),
    ("principal.name", "expected Bool"), ("!principal.name", "expected Bool"), ("principal.name && true", "expected Bool"), ("true && principal.name", "expected Bool"), ("principal.isAdmin || principal.name", "expected Bool"), ("if principal.name then true else false", "expected Bool"), ("principal.name < \"a\"", "expected Long, datetime or duration"),
    ("principal.score < decimal(\"1.0\")", "lessThan"), ("1 < principal.name", "expected Long"), ("principal.name < 1", "expected Long"), ("principal.name + 1 == 2", "joined"), ("1 - principal.name == 2", "expected Long"), ("-principal.name == 1", "expected Long"), ("principal.name == 1", "can never be equal"), ("principal.name.isEmpty()", "compare with"), ("1.isEmpty()", "a set"),
    ("principal.roles.contains(1)", "can't contain"), ("principal.roles.containsAll([1])", "can't contain"), ("principal.roles.containsAny(1)", "`contains`"), ("principal.contains(1)", "`in`"), ("principal.name.contains(1)", "`like`"), ("context.contains(1)", "`has`"), ("1.contains(1)", "a set"), ("principal.roles in principal", "an entity"), ("principal in 1", "an entity or a set"),
    ("principal.name like \"a\" && principal like \"b\"", "expected String"), ("principal.name is User", "an entity"), ("principal.roles has a", "`contains`"), ("principal.name has a", "`like`"), ("1 has a", "an entity or a record"), ("principal.name.x", "an entity or a record"), ("[] == principal.roles", "empty set"), ("[1, \"a\"] == [1]", "as the elements before it"), ("[1, principal.nothing] == [1]", "no attribute"),
    ("if principal.isAdmin then 1 else \"a\"", "different types"), ("principal.getTag(\"x\") == 1", "may be missing"), ("resource.hasTag(\"x\") && resource.getTag(\"x\") == 1", ""), ("principal.hasTag(1)", "expected String"), ("1.hasTag(\"a\")", "an entity"), ("ip(principal.name).isIpv4()", "a literal"), ("ip(\"x\").isIpv4()", "is not an IP address"), ("ip(1).isIpv4()", "expected String"), ("ip().isIpv4()", "takes one argument, not 0"),
    ("principal.ip.isInRange()", "arguments"), ("principal.name.isIpv4()", "expected ipaddr"), ("principal in Tem::\"a\"", "did you mean `Team`"), ("action == Action::\"vieww\"", "did you mean"), ("principal is Usr", "did you mean"), ("resource == Color::\"blue\"", "\"red\""), ("{a: principal.nothing} == {a: 1}", "no attribute"), ("action.x == 1", "no attribute"), ("action in [Action::\"nothing\"]", "no action"),
    ("principal.isAdmin || (principal has age && principal.age == 1) || principal.age == 2", "may be missing"), ("(principal has age || principal.isAdmin) && principal.age == 1", "may be missing"), ("(if principal.isAdmin then principal has age else true) && principal.age == 1", "may be missing"), ("!(principal has age) && principal.age == 1", "may be missing"),
  ] as [(String, String)])
  func `an ill-typed condition is told with its place and what to do`(text: String, message: String) throws {
    let result = try validate("permit(principal is User, action in [Action::\"view\", Action::\"edit\"], resource) when { \(text) };")
    if message.isEmpty {
      #expect(result.isValid && !result.warnings.isEmpty)
      return
    }
    let first = try #require(result.errors.first, "\(text)")
    #expect(result.errors.contains { $0.description.contains(message) }, "\(result.errors)")
    #expect(first.location?.line == 1 && first.policy == "policy0" && first.file == "p.cedar")
  }

  @Test(arguments: [
    ("permit(principal, action, resource);", true), ("permit(principal is Color, action, resource);", false), ("permit(principal == Team::\"a\", action == Action::\"paint\", resource);", false), ("permit(principal in Team::\"a\", action == Action::\"paint\", resource == Color::\"red\");", true),
    ("permit(principal, action == Action::\"reading\", resource);", false), ("permit(principal, action in Action::\"reading\", resource);", true), ("permit(principal, action in [], resource);", false), ("permit(principal, action in [Action::\"none\"], resource);", false), ("permit(principal is Nothing, action, resource);", false),
    ("permit(principal is User in Team::\"a\", action, resource is Doc in Folder::\"f\");", true), ("permit(principal is Team in Folder::\"f\", action, resource);", false), ("permit(principal == Color::\"blue\", action, resource);", false), ("permit(principal == ?principal, action, resource in ?resource);", true), ("permit(principal is User in ?principal, action == Action::\"view\", resource == ?resource) when { resource in Folder::\"x\" };", true),
    ("permit(principal in ?principal, action, resource) when { principal.nothing };", false), ("permit(principal == Nobody::\"a\", action, resource);", false),
  ] as [(String, Bool)])
  func `a scope must be one to which some action applies`(text: String, isValid: Bool) throws {
    let result = try validate(text)
    #expect(result.isValid == isValid, "\(result.errors)")
  }

  @Test func `a policy that is false in every environment is warned of`() throws {
    #expect(try validate("permit(principal is User, action == Action::\"view\", resource) when { principal is Team };").warnings.count == 1)
    #expect(try validate("permit(principal, action, resource);").warnings.isEmpty)
  }

  @Test func `linked policies are held against the schema by their slots`() throws {
    var set = try PolicySet(parsing: "permit(principal == ?principal, action, resource in ?resource);")
    try set.link("policy0", as: "good", [.principal: EntityUID("User", "u"), .resource: EntityUID("Folder", "f")])
    let validator = Validator(try Schema(parsing: schemaText))
    #expect(validator.validate(set).isValid)
    try set.link("policy0", as: "bad", [.principal: EntityUID("None", "u"), .resource: EntityUID("Folder", "f")])
    #expect(validator.validate(set).errors.allSatisfy { $0.policy == "bad" })
    #expect(!validator.validate(set).isValid)
  }

  @Test(arguments: [
    ("context.mfa", 0), ("principal == User::\"a\"", 0), ("principal is User", 0), ("principal.name == \"a\"", 1), ("principal in Team::\"a\"", 1), ("principal.hasTag(\"a\")", 1), ("principal has age", 1), ("resource.owner.name == \"a\"", 2), ("resource.folder.owner.name == \"a\"", 3), ("resource.owner in Team::\"a\"", 2),
    ("principal.home.zip == 1", 1), ("(if context.mfa then resource.owner else principal).name == \"a\"", 2), ("{a: resource.owner}.a.name == \"a\"", 2), ("principal.hasTag(\"a\") && principal.getTag(\"a\") == 1", 1), ("context has who && context.who.name == \"a\"", 1), ("resource.owner == principal", 1), ("[principal.name].contains(resource.owner.name)", 2), ("action in Action::\"reading\"", 1),
    ("resource.owner.hasTag(\"a\") && resource.owner.getTag(\"a\") == 1", 2),
  ] as [(String, Int)])
  func `a policy looks as many levels deep as it must`(text: String, level: Int) throws {
    let policy = "permit(principal is User, action == Action::\"view\", resource is Doc) when { \(text) };"
    for limit in 0...4 {
      let result = try validate(policy, level: limit)
      #expect(result.isValid == (limit >= level), "\(limit) \(result.errors)")
    }
  }

  @Test func `entity literals can't be looked into at any level`() throws {
    #expect(try !validate("permit(principal is User, action == Action::\"view\", resource) when { User::\"a\".name == \"a\" };", level: 9).isValid)
  }
}
