import Cedar
import Testing

@Suite struct FormatterTests {
  @Test func `policies are laid out, and every comment is kept`() throws {
    let text = """
      // head
      @id("a") // why
      permit(principal==User::"alice",action in [Action::"view",Action::"edit"],resource) // scope
      when { // inside
        principal.department == "engineering" && resource.classification <= 3 && (context.mfa || context has override && context.override.reason like "*urgent*") // end
      } unless{ if a then false else {b:1,"c d":[1,2,3]} == {} };
      forbid(principal,action,resource); // trailing
      // tail
      """.replacingNames()
    let formatted = try Formatter(width: 60).format(text)
    #expect(
      formatted == """
        // head
        @id("a") // why
        permit (
          principal == User::"alice",
          action in [Action::"view", Action::"edit"],
          resource
        ) // scope
        when {
          // inside
          principal.department == "engineering" &&
          resource.classification <= 3 &&
          (
            context.mfa ||
            context has override &&
            context.override.reason like "*urgent*"
          )
          // end
        }
        unless {
          if true then false else {b: 1, "c d": [1, 2, 3]} == {}
        };

        forbid (
          principal,
          action,
          resource
        ); // trailing

        // tail

        """)
    #expect(try Formatter(width: 60).format(formatted) == formatted)
    for comment in ["head", "why", "scope", "inside", "end", "trailing", "tail"] { #expect(formatted.contains("// \(comment)")) }
    #expect(try Formatter().format("") == "")
    #expect(try Formatter().format("// alone") == "// alone\n")
    #expect(throws: ParseFailure.self) { try Formatter().format("permit") }
  }

  @Test func `what is long is broken, at any width`() throws {
    let text = #"permit(principal, action in [Action::"a long name", Action::"another long name", Action::"a third one"], resource) when { [principal.aaaaaaaaaaaa, principal.bbbbbbbbbbbbbbbb].containsAll([resource.cccccccccccccccc, resource.dddddddddddd]) && principal.someAttribute.isInRange(ip("10.0.0.0/8")) && !(resource.tags.isEmpty()) && -(1) + 2 * 3 > context.number && (if principal has a then principal.a else 1) == principal.manager.manager.manager.manager.name && principal.getTag("a") != resource.getTag("b") && [] == {} && principal is User };"#
    for width in [20, 40, 80, 200] {
      let formatted = try Formatter(width: width).format(text)
      #expect(try PolicySet(parsing: formatted) == PolicySet(parsing: text))
      #expect(try Formatter(width: width).format(formatted) == formatted)
    }
  }

  @Test(arguments: [
    ("principal has a.b.c && true || !(context has d.e)", "principal has a.b.c && true || !(context has d.e)"), ("context has a && context.a has b && context.a.b has \"c d\"", "context has a.b && context.a.b has \"c d\""),
    ("true && context has a && context.a has b", "true && context has a.b"), ("true && context has a.b", "true && context has a.b"), ("context has a && context.b has b", "context has a && context.b has b"),
    ("if true then 1 else (if false then 2 else 3)", "if true then 1 else if false then 2 else 3"), ("(if true then [] else []).isEmpty()", "(if true then [] else []).isEmpty()"),
    ("context.a[\"b c\"].contains([1].contains(2)).d", "context.a[\"b c\"].contains([1].contains(2)).d"), ("context[\"a\"][\"if\"]", "context.a[\"if\"]"),
  ])
  func `chains are written as they are best read`(text: String, written: String) throws {
    let expression = try Expression(parsing: text)
    #expect(expression.description == written)
    #expect(try Expression(parsing: written) == expression)
    let formatted = try Formatter().format("permit(principal, action, resource) when { \(text) };")
    #expect(formatted.contains("when { \(written) };"))
    #expect(try PolicySet(parsing: formatted).policies[0].conditions[0].body == expression)
  }

  @Test func `comments between the parts of an expression are kept in order`() throws {
    let text = "permit(principal, action, resource) when {\n // one\n principal.a // two\n == // three\n 1 // four\n && [ // five\n 2 ].contains( // six\n 3) // seven\n };\n"
    let formatted = try Formatter().format(text)
    let order = ["one", "two", "three", "four", "five", "six", "seven"].compactMap { formatted.firstRange(of: "// \($0)")?.lowerBound }
    #expect(order.count == 7 && order == order.sorted())
    #expect(try PolicySet(parsing: formatted) == PolicySet(parsing: text))
  }
}

extension String {
  fileprivate func replacingNames() -> String { split(separator: "if a then", omittingEmptySubsequences: false).joined(separator: "if true then") }
}

@Suite struct LinterTests {
  @Test(arguments: [
    ("permit(principal, action in [], resource);", "empty set"), ("permit(principal, action, resource) when { false };", "never holds"), ("permit(principal, action, resource) unless { true };", "never holds"), ("permit(principal, action, resource) when { true };", "always holds"), ("permit(principal, action, resource) when { 1 == 2 };", "never holds"),
    ("permit(principal, action, resource) when { 1 + 1 };", "always fails"), ("permit(principal, action, resource) when { 1 + true == 2 };", "always fails"), ("permit(principal, action, resource) when { true && 1 + \"a\" == 2 };", "always fails"), ("permit(principal == User::\"a\", action, resource) when { principal == User::\"b\" };", "both User::\"a\" and User::\"b\""),
    ("permit(principal is User, action, resource) when { principal is Team };", "of the types `Team` and `User` at once"), ("permit(principal == User::\"a\", action, resource) when { principal is Team };", "and of the type `Team`"), ("permit(principal, action, resource) when { context.hour > 10 && context.hour < 5 };", "at least 11 and at most 4"), ("permit(principal, action, resource) when { context.hour == 3 && context.hour >= 5 };", "can't be 3"),
    ("permit(principal, action, resource) when { context.a == \"x\" } unless { context.a == \"x\" };", "and not be it"), ("permit(principal, action, resource) when { context.mfa } unless { context.mfa };", "both true and false"), ("permit(principal, action, resource) when { context has a && !(context has a) };", "both true and false"), ("permit(principal, action, resource) unless { context.a || context.b } when { context.b };", "both false and true"),
    ("permit(principal, action == Action::\"a\", resource) when { action == Action::\"b\" };", "can't be both"), ("permit(principal, action, resource) when { context.n < -9223372036854775808 };", "least number"), ("permit(principal, action, resource) when { 9223372036854775807 < context.n };", "greatest number"),
    ("permit(principal, action, resource) when { [].contains(context.x) };", "never matches: an empty set contains nothing"), ("permit(principal, action, resource) when { context.y && [].contains(principal) };", "never matches"), ("permit(principal, action, resource) when { !([].contains(principal)) };", "always holds"),
    ("permit(principal, action, resource) when { context.x.containsAny([]) };", "no element of an empty one"), ("permit(principal, action, resource) when { [].containsAny(context.x) };", "no element of an empty one"), ("permit(principal, action, resource) when { {a: context.x} has b };", "never matches: the record has no `b`"), ("permit(principal, action, resource) unless { {a: context.x} has a };", "never matches: the record has `a`"),
    ("permit(principal, action, resource) when { {a: principal} has b };", "never holds"), ("permit(principal, action, resource) when { {a: principal} has a };", "always holds"), ("permit(principal, action, resource) when { {a: 1} has a.b };", "condition always fails"), ("permit(principal, action, resource) when { User::\"a\" in User::\"a\" };", "always holds"),
    ("permit(principal, action, resource) when { User::\"a\" in [User::\"a\", resource] };", "always holds"), ("permit(principal, action, resource) when { principal in principal };", "always holds"), ("permit(principal, action, resource) when { principal in [] };", "never holds"), ("permit(principal, action, resource) when { context.x in [] };", "nothing is in an empty set"),
    ("permit(principal, action, resource) unless { principal in [] };", "always holds"), ("permit(principal, action, resource) when { context.a like \"x\" && context.a like \"y\" };", "both \"x\" and \"y\""), ("permit(principal, action, resource) when { context.a like \"x*\" && context.a like \"y*\" };", "like both \"x*\" and \"y*\""),
    ("permit(principal, action, resource) when { context.a == \"x\" && context.a like \"y*\" };", "can't be \"x\" and like \"y*\""), ("permit(principal, action, resource) when { context.a like \"x\" } unless { context.a like \"x\" };", "and not be it"), ("permit(principal, action, resource) when { context.a == 1 && context.a like \"*\" };", "can't be 1 and like"),
    ("permit(principal, action, resource) when { 1.isIpv4() };", "condition always fails: expected ipaddr, got long"), ("permit(principal, action, resource) when { User::\"a\" };", "condition always fails: expected bool, got (entity of type `User`)"), ("permit(principal, action, resource) when { ip(\"x\").isIpv4() };", "\"x\" is not an IP address"),
    ("permit(principal, action, resource) when { resource.name == \"a\u{202e}b\" };", "U+202E"), ("permit(principal, action, resource) when { principal == User::\"a\u{200b}\" };", "U+200B"), ("permit(principal, action, resource); permit(principal, action, resource);", "says the same as `policy0`"), ("permit(principal == User::\"a\", action, resource); forbid(principal, action, resource);", "no effect"),
    ("permit(principal == User::\"a\", action, resource); forbid(principal is User, action, resource);", "no effect"), ("permit(principal is User in Team::\"a\", action, resource); forbid(principal is User, action, resource);", "no effect"), ("permit(principal == Team::\"a\", action, resource); forbid(principal in Team::\"a\", action, resource);", "no effect"),
  ] as [(String, String)])
  func `what is surely a mistake is found`(text: String, message: String) throws {
    let found = Linter().lint(try PolicySet(parsing: text), source: text, file: "p.cedar")
    #expect(found.contains { $0.description.contains(message) }, "\(found)")
    #expect(found.allSatisfy { $0.severity == .warning && $0.location != nil })
  }

  @Test(arguments: [
    "permit(principal, action, resource);", "permit(principal in Team::\"a\", action, resource) when { principal in Team::\"b\" };", "permit(principal, action, resource) when { context.hour > 10 && context.hour < 12 };", "permit(principal, action, resource) when { context.a == 1 || context.a == 2 };",
    "permit(principal, action, resource) when { User::\"a\".name == \"x\" };", "permit(principal, action, resource) when { User::\"a\" in Team::\"b\" };", "permit(principal, action, resource); forbid(principal, action, resource) when { context.x };", "permit(principal, action, resource); forbid(principal == User::\"a\", action, resource);", "permit(principal == ?principal, action, resource) when { context.x != 1 && 1 <= context.y };",
    // An entity may be in an action, and one that is named may be absent or not.
    "permit(principal is User in Action::\"a\", action, resource);", "permit(principal, action, resource is Doc in A::Action::\"a\");", "permit(principal, action, resource) when { (if true then User::\"a\" else User::\"b\").name == \"x\" };", "permit(principal, action, resource) when { {u: User::\"a\"}.u has name };", "permit(principal, action, resource) when { User::\"a\" has manager && User::\"a\".manager has name };",
    "permit(principal, action, resource) when { User::\"a\".hasTag(\"x\") };", "permit(principal, action, resource) when { principal in resource };", "permit(principal, action, resource) when { principal in [principal, context.x] };", "permit(principal, action, resource) unless { [].contains(context.x) };", "permit(principal, action, resource) unless { context.x in [] };",
    "permit(principal, action, resource) when { {a: context.x} has a };", "permit(principal, action, resource) when { context.a like \"x*\" && context.a like \"*y\" && context.a == \"xy\" };", "permit(principal, action, resource) when { context.a like \"x*\" && context.a like \"xy*\" };", "permit(principal, action, resource) when { context.a like \"x\" || context.a like \"y\" };",
  ])
  func `what may be meant is left alone`(text: String) throws { #expect(Linter().lint(try PolicySet(parsing: text)).isEmpty) }
}

@Suite struct PartialTests {
  private let policies = """
    permit(principal in Team::"core", action == Action::"view", resource) when { resource.owner == principal || resource in Folder::"shared" };
    permit(principal, action, resource is Doc) when { principal == resource.owner };
    forbid(principal, action, resource) when { resource.locked && context.hour > 18 };
    forbid(principal is Robot, action, resource);
    """

  @Test func `what is left is a condition on what is unknown`() throws {
    let request = PartialRequest(principal: .known(alice), action: .known(view), resource: .unknown("Doc"), context: ["hour": .long(20)])
    let answer = try PolicySet(parsing: policies).authorize(request, sampleEntities)
    #expect(answer.decision == nil && answer.errors.isEmpty && answer.satisfied.isEmpty)
    #expect(answer.permits["policy0"]?.description == #"resource.owner == User::"alice" || resource in Folder::"shared""#)
    #expect(answer.permits["policy1"]?.description == #"User::"alice" == resource.owner"#)
    #expect(answer.forbids["policy2"]?.description == "resource.locked && true")
    #expect(answer.forbids["policy3"] == nil && answer.residuals.count == 3)
  }

  @Test func `the known parts may suffice`() throws {
    let set = try PolicySet(parsing: policies + "permit(principal, action, resource);")
    let early = PartialRequest(principal: .known(alice), action: .known(view), resource: .unknown, context: ["hour": .long(20)])
    #expect(set.authorize(early, sampleEntities).decision == nil)
    let robot = PartialRequest(principal: .unknown("Robot"), action: .unknown, resource: .unknown, context: nil)
    #expect(set.authorize(robot, sampleEntities).decision == .deny)
    #expect(try PolicySet(parsing: "permit(principal == User::\"x\", action, resource);").authorize(early, sampleEntities).decision == .deny)
    #expect(try PolicySet(parsing: "permit(principal, action, resource);").authorize(robot, sampleEntities).decision == .allow)
    #expect(try PolicySet(parsing: "permit(principal, action, resource) when { 1 };").authorize(robot, sampleEntities).errors.count == 1)
    #expect(try PolicySet(parsing: "permit(principal, action, resource) when { context.x && 1 + true == 2 };").authorize(early, sampleEntities).errors.count == 1)
  }

  @Test func `the resources one may see are listed`() throws {
    let entities = try Entities([
      Entity(alice, parents: [team]), Entity(EntityUID("Doc", "mine"), attributes: ["owner": .entity(alice)]), Entity(EntityUID("Doc", "other"), attributes: ["owner": .entity(bob)]),
      Entity(EntityUID("Doc", "shared"), attributes: ["owner": .entity(bob)], parents: [EntityUID("Folder", "shared")]), Entity(EntityUID("Doc", "bare")),
    ])
    let set = try PolicySet(parsing: policies)
    #expect(set.resources(principal: alice, action: view, context: ["hour": .long(9)], of: "Doc", entities) == [EntityUID("Doc", "mine"), EntityUID("Doc", "shared")])
    #expect(set.resources(principal: EntityUID("Robot", "r"), action: view, entities).isEmpty)
    #expect(try PolicySet(parsing: "permit(principal, action, resource);").resources(principal: alice, action: view, of: "Doc", entities).count == 4)
    #expect(set.resources(principal: bob, action: view, context: ["hour": .long(9)], entities) == [EntityUID("Doc", "other"), EntityUID("Doc", "shared")])
  }
}
