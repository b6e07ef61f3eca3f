import Cedar
import Dispatch
import Foundation
import Synchronization
import Testing
import cedar_conformance

/// Everything that can be done with policies, on the thread it is called on.
private func everyPassSucceeds(_ text: String, allows: Bool?) -> Bool {
  guard let policies = try? PolicySet(parsing: text), let formatted = try? Formatter().format(text) else { return false }
  guard (try? PolicySet(parsing: formatted)) == policies, (try? PolicySet(parsing: policies.description)) == policies, policies.hashValue != 0 else { return false }
  let answer = policies.authorize(sampleRequest, sampleEntities)
  let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities))
  guard prepared.authorize(sampleRequest) == answer, prepared.isAllowed(sampleRequest) == (answer.decision == .allow) else { return false }
  let unknown = PartialRequest(principal: .unknown, action: .known(view), resource: .unknown, context: nil)
  guard policies.authorize(unknown, sampleEntities).residuals.authorize(sampleRequest, sampleEntities).decision == answer.decision else { return false }
  _ = Linter().lint(policies, source: text)
  if let schema = try? Schema(parsing: "entity User { manager?: User, boss: User } tags User; entity Doc; action view appliesTo { principal: User, resource: Doc, context: { mfa: Bool, hour: Long } };") {
    _ = Validator(schema).validate(policies, level: 2, source: text)
  }
  // What is grouped there means the same.
  guard let read = try? PolicySet(json: policies.json.description), read.authorize(sampleRequest, sampleEntities).decision == answer.decision else { return false }
  return allows == nil || answer.decision == (allows == true ? .allow : .deny)
}

@Suite struct LimitTests {
  /// Runs a body on a thread with a stack of 512 kB, as Darwin gives to the threads of Swift's concurrency.
  private func onSmallStack(_ body: @escaping @Sendable () -> Bool) -> Bool {
    let result = Mutex(false)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      let answer = body()
      result.withLock { $0 = answer }
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    return result.withLock { $0 }
  }

  @Test(arguments: ["(", "[", "!(", "{a: ", "if true then ", "principal.contains("])
  func `what nests too deep is refused with words`(bracket: String) {
    let text = "permit(principal, action, resource) when { " + String(repeating: bracket, count: 100_000)
    let error = #expect(throws: ParseFailure.self) { try PolicySet(parsing: text) }
    #expect(error?.description.contains("nested more than") == true)
  }

  @Test(arguments: ["!(", "-(", "principal.a == (", "[1].contains(", "ip(", "if (", "principal[", "{a: [", "(true && ", "1 < (1 + "])
  func `what nests too deep is refused on the smallest stack that threads have`(bracket: String) {
    let text = String(repeating: bracket, count: 20_000)
    #expect(onSmallStack { (try? Expression(parsing: text)) == nil && (try? PolicySet(parsing: "permit(principal, action, resource) when { \(text)")) == nil })
  }

  @Test func `chains are as long as one likes`() throws {
    for (link, count) in [("context.mfa && ", 5000), ("context.hour == 3 || ", 5000), ("1 + ", Limits.arithmeticTerms), ("2 - 1 + ", Limits.arithmeticTerms / 2), ("1 * ", Limits.arithmeticTerms)] {
      let last = link.contains("=") || link.contains("&") ? "context.mfa" : "1 < 1000"
      let text = "permit(principal, action, resource) when { \(String(repeating: link, count: count))\(last) };"
      #expect(onSmallStack { everyPassSucceeds(text, allows: true) }, "\(link)")
    }
    let conditions = "permit(principal, action, resource) " + String(repeating: "when { context.mfa } unless { 1 == 2 } ", count: 1500) + ";"
    #expect(onSmallStack { everyPassSucceeds(conditions, allows: true) })
    #expect(throws: ParseFailure.self) { try Expression(parsing: String(repeating: "1 + ", count: Limits.arithmeticTerms + 1) + "1") }
    #expect(throws: ParseFailure.self) { try Expression(parsing: String(repeating: "1 * ", count: Limits.arithmeticTerms + 1) + "1") }
  }

  /// Chains that nest in the grammar, but not to a reader; with a number of links that is read, and one that is not.
  private static let chains: [(first: String, link: String, last: String, read: Int, refused: Int)] = [
    ("", "if context.hour == 7 then false else ", "context.mfa", 490, 501), ("", "if context.mfa then true else ", "1 + true == 2", 490, 501), ("", "if context.hour > 3 then context.mfa else ", "true", 490, 501),
    ("principal has boss", ".boss", " || true", 250, 400), ("context has a", ".a", " || true", 250, 400), ("true && principal has boss", ".boss", "", 250, 400), ("principal.boss.boss has boss", ".boss", " && false || true", 250, 400),
    ("principal", ".boss", " == principal || true", 490, 501), ("context", "[\"a record\"]", " == 1 || true", 490, 501), ("User::\"x\"", ".boss", " in principal || true", 490, 501), ("{a: principal}.a", ".boss", " == 1", 490, 501),
    ("principal", ".getTag(\"boss\")", " == principal || true", 490, 501), ("principal", ".boss.getTag(\"boss\")", " has name || true", 245, 251), ("principal", ".getTag(context[\"boss\"].name)", " like \"*\"", 490, 501),
    ("datetime(\"2024-01-01\")", ".offset(duration(\"1d\"))", " > datetime(\"2024-01-01\")", 490, 501), ("datetime(\"2024-01-01\")", ".toDate()", " == datetime(\"2024-01-01\")", 490, 501),
    ("[1]", ".contains(1)", " || true", 490, 501), ("[1]", ".isEmpty()", " || true", 490, 501), ("ip(\"::1\")", ".isInRange(ip(\"::1\"))", " || true", 490, 501),
  ]

  @Test(arguments: chains)
  func `chains of hundreds of links pass everything on the smallest stack`(chain: (first: String, link: String, last: String, read: Int, refused: Int)) {
    func expression(_ count: Int) -> String { chain.first + String(repeating: chain.link, count: count) + chain.last }
    func policy(_ count: Int) -> String { "permit(principal, action, resource) when { \(expression(count)) };" }
    let text = policy(chain.read)
    #expect(onSmallStack { everyPassSucceeds(text, allows: nil) })
    // Also where they stand deep within something else.
    if chain.first.contains("has") {
      // A path is written as one, so that nothing is grouped.
      let policies = try? PolicySet(parsing: text)
      #expect((try? PolicySet(json: policies?.json.description ?? "")) == policies && policies?.json.description.utf8.count ?? .max < 10_000)
    }
    let nested = "permit(principal, action, resource) when { \(String(repeating: "(true && ", count: 16))[\(expression(chain.read - 100))] == [true]\(String(repeating: ")", count: 16)) };"
    #expect(onSmallStack { everyPassSucceeds(nested, allows: nil) })
    let error = #expect(throws: ParseFailure.self) { try PolicySet(parsing: policy(chain.refused)) }
    #expect(error?.description.contains("more than \(Limits.links) links") == true)
    let endless = String(repeating: "!(", count: 16) + expression(20_000)
    #expect(onSmallStack { (try? Expression(parsing: endless)) == nil })
  }

  @Test func `chains keep their order and their parentheses`() throws {
    for (text, written) in [
      ("(true && false) && true", "true && false && true"), ("true && (false && true)", "true && false && true"), ("(1 - 2) - 3 + 4", "1 - 2 - 3 + 4"),
      ("1 - (2 - 3)", "1 - (2 - 3)"), ("!(!(!(!(!true))))", "!!!!(!true)"), ("-(-(-5))", "--(-5)"), ("-(5)", "-(5)"), ("!!(1 == 2)", "!(1 != 2)"), ("(1 + 2) * 3 * (4 * 5)", "(1 + 2) * 3 * (4 * 5)"), ("1 * 2 + 3 * 4", "1 * 2 + 3 * 4"), ("(true || false) && true || false", "(true || false) && true || false"),
      ("principal is User in Team::\"core\" && true", "principal is User && principal in Team::\"core\" && true"),
    ] {
      let expression = try Expression(parsing: text)
      #expect(expression.description == written)
      #expect(try Expression(parsing: expression.description) == expression)
      let policy = Policy(id: "p", effect: .permit, conditions: [Condition(.when, expression)])
      #expect(try Policy(json: policy.json.description, id: "p") == policy)
    }
    let (yes, no) = (Expression.bool(true), Expression.bool(false))
    #expect(Expression(.and([Expression(.and([yes, no])), yes])) == Expression(.and([yes, no, yes])))
    #expect(Expression(.and([yes])) == Expression(.and([yes, yes])) && Expression(.or([Expression(.or([no, yes])), no])) == Expression(.or([no, yes, no])))
    #expect(try Evaluator(sampleRequest, sampleEntities).evaluate(Expression(.or([]))) == .bool(false))
    let one = Expression(.literal(.long(1)))
    let mixed = Expression(.arithmetic(one, [.init(.add, one), .init(.multiply, Expression(.literal(.long(3)))), .init(.subtract, one)]))
    #expect(mixed.description == "(1 + 1) * 3 - 1" && Expression(.arithmetic(one, [])) == one)
    #expect(try Evaluator(sampleRequest, sampleEntities).evaluate(mixed) == .long(5))
    #expect(try evaluate("9223372036854775807 - 1 + 1") == .long(.max))
    for text in ["9223372036854775807 + 1 - 1", "1 + true + 1", "1 + 1 + \"a\"", "true + 1 + 1", "1 + 1 + (1 + true)", "1 * 4611686018427387904 * 2"] {
      let policies = try PolicySet(parsing: "permit(principal, action, resource) when { \(text) == 1 };")
      let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities)).authorize(sampleRequest)
      #expect(prepared.errors.count == 1 && prepared == policies.authorize(sampleRequest, sampleEntities), "\(text)")
    }
  }

  /// The deepest that is accepted of each kind of nesting: every pass over it must do with the smallest stack.
  @Test(arguments: [
    ("(", "true", ")"), ("!(", "context.mfa", ")"), ("!!!!(", "context.mfa", ")"), ("-(", "1", ") == 1"), ("----(", "1", ") == 1"), ("(context.mfa && ", "true", ")"), ("(context.mfa || ", "true", ")"),
    ("(1 < 2) == (", "true", ")"), ("1 + (", "1", ") == 1"), ("2 * (1 + ", "1", ") == 1"), ("if context.mfa then true else ", "false", ""), ("(if context.mfa then true else ", "false", ")"),
    ("[", "1", "] == [1]"), ("{a: ", "1", "} == {a: 1}"), ("principal", ".manager", " == principal"), ("[true].contains(", "true", ")"),
    ("{a: 1}[\"a\"] == (", "1", ")"), ("principal.hasTag(", "\"a\"", ")"), ("ip(\"::1\").isInRange(", "ip(\"::1\")", ")"), ("principal in [", "principal", "]"), ("(context.mfa) && !(", "false", ")"),
  ] as [(String, String, String)])
  func `the deepest policy that is read passes everything on the smallest stack`(open: String, inner: String, close: String) throws {
    func text(_ depth: Int) -> String {
      let parts = close.split(separator: " ", maxSplits: 1).map(String.init)
      if open == "principal" { return "permit(principal, action, resource) when { principal\(String(repeating: inner, count: depth))\(close) };" }
      let last = parts.count > 1 ? " \(parts[1])" : ""
      return "permit(principal, action, resource) when { \(String(repeating: open, count: depth))\(inner)\(String(repeating: parts.first ?? "", count: depth))\(last) };"
    }
    var depth = 0
    while (try? PolicySet(parsing: text(depth + 1))) != nil, depth < 1000 { depth += 1 }
    #expect(depth >= 8, "\(open)")
    let deepest = text(depth)
    #expect(onSmallStack { everyPassSucceeds(deepest, allows: nil) })
  }

  @Test func `the deepest data and schemas that are read pass on the smallest stack`() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func json(_ depth: Int) -> String { String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) }
      let deepest = json(Limits.documentNesting)
      #expect(onSmallStack { (try? JSON(parsing: deepest)).map { $0.description == deepest && $0 == (try? JSON(parsing: deepest)) && $0.written(indented: true).contains("1") } == true })
      #expect(throws: ParseFailure.self) { try JSON(parsing: json(Limits.documentNesting + 1)) }
      let entities = "[{\"uid\":{\"type\":\"A\",\"id\":\"b\"},\"attrs\":{\"x\":\(json(Limits.documentNesting - 3))},\"parents\":[]}]"
      #expect(
        onSmallStack {
          guard let read = try? Entities(json: entities), (try? Entities(json: read.json)) == read else { return false }
          let request = Request(principal: EntityUID("A", "b"), action: view, resource: document, context: read[EntityUID("A", "b")]?.attributes ?? [:])
          guard let policies = try? PolicySet(parsing: "permit(principal, action, resource) when { principal.x == context.x && [principal.x] == [context.x] };") else { return false }
          let partial = PartialRequest(principal: .unknown, action: .known(view), resource: .unknown, context: request.context)
          return Authorizer(PreparedPolicies(policies), PreparedEntities(read)).isAllowed(request)
            && policies.authorize(partial, read).residuals.authorize(request, read).decision == .allow && Set([request, request]).count == 1
        })
    }
    for (open, close) in [("Set<", ">"), ("{a: ", "}")] {
      func schema(_ depth: Int) -> String { "entity A { x: \(String(repeating: open, count: depth))Long\(String(repeating: close, count: depth)) };" }
      var depth = 1
      while (try? SchemaDocument(parsing: schema(depth + 1))) != nil, depth < 1000 { depth += 1 }
      let deepest = schema(depth)
      #expect(depth > 30)
      #expect(
        onSmallStack {
          guard let read = try? SchemaDocument(parsing: deepest), let resolved = try? read.resolved() else { return false }
          return (try? Schema(parsing: read.description)) == resolved
        })
    }
  }

  @Test func `policies in JSON nest as deep as those in text, and no deeper`() throws {
    func nested(_ open: String, _ inner: String, _ close: String, _ depth: Int) -> String {
      #"{"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[{"kind":"when","body":"# + String(repeating: open, count: depth) + inner
        + String(repeating: close, count: depth) + "}]}"
    }
    for (open, inner, close) in [
      (#"{"!":{"arg":"#, #"{"Value":true}"#, "}}"), (#"{"Set":["#, #"{"Value":1}"#, "]}"), (#"{"Record":{"a":"#, #"{"Value":1}"#, "}}"), (#"{"&&":{"left":{"Value":true},"right":"#, #"{"Value":true}"#, "}}"),
      (#"{".":{"left":"#, #"{"Var":"context"}"#, #","attr":"a"}}"#), (#"{"if-then-else":{"if":{"Value":true},"then":{"Value":1},"else":"#, #"{"Value":1}"#, "}}"), (#"{"Value":["#, "1", "]}"),
      (#"{"isInRange":["#, #"{"Var":"context"}"#, "]}"), (#"{"is":{"left":"#, #"{"Var":"principal"}"#, #","entity_type":"A"}}"#), (#"{"==":{"left":{"Value":1},"right":"#, #"{"Value":1}"#, "}}"),
    ] {
      let isChain = [".", "if-then-else", "isInRange"].contains { open.hasPrefix("{\"\($0)") }
      let most = open.hasPrefix("{\"&&") ? Limits.policyDocumentNesting / 2 : isChain ? Limits.links : Limits.expressionDepth
      for depth in [1, 20, 35, 36, 37, 300, 500, 501, 1000, 100_000] {
        let text = nested(open, inner, close, depth)
        // Some of them say nothing sensible; all of them come back.
        #expect(
          onSmallStack {
            guard let policy = try? Policy(json: text, id: "p") else { return depth > 1 }
            return (try? Policy(json: policy.json.description, id: "p")) == policy && depth <= most
          }, "\(open) \(depth)")
      }
    }
  }

  @Test func `cost does not depend on what can't apply`() throws {
    let others = (0..<5000).map { "permit(principal == User::\"u\($0)\", action, resource); forbid(principal in Team::\"t\($0)\", action, resource); permit(principal is T\($0), action, resource); forbid(principal, action == Action::\"a\($0)\", resource);" }
    let policies = try PolicySet(parsing: "permit(principal in Team::\"guild\", action, resource is Doc);" + others.joined())
    let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities))
    #expect(authorizer.authorize(sampleRequest).reasons == ["policy0"])
    #expect(authorizer.authorize(Request(principal: EntityUID("User", "u77"), action: view, resource: document)).reasons == ["policy309"])
    #expect(!authorizer.isAllowed(Request(principal: EntityUID("User", "u77"), action: EntityUID("Action", "a3"), resource: document)))
    #expect(PreparedEntities(sampleEntities).footprint > 0 && PreparedEntities(sampleEntities).count == sampleEntities.count)
  }

  @Test func `policies are found by their action, however many there are and however actions are grouped`() throws {
    // Enough that no table of all actions and all constraints is made.
    let count = 2200
    let policies = try PolicySet(
      parsing: (0..<count).map { "permit(principal, action == Action::\"a\($0)\", resource);" }.joined()
        + "permit(principal, action in Action::\"even\", resource); forbid(principal, action in [Action::\"tens\", Action::\"a3\", Action::\"even\"], resource) when { context.strict };"
        + "permit(principal, action in [], resource); permit(principal is User, action, resource is Folder); permit(principal, action in Action::\"a5\", resource);")
    let actions = (0..<count).map { n in
      Entity(EntityUID("Action", "a\(n)"), parents: [EntityUID("Action", n % 2 == 0 ? "even" : "odd")] + (n % 10 == 0 ? [EntityUID("Action", "tens")] : []))
    }
    let entities = try Entities(actions + [Entity(EntityUID("Action", "tens"), parents: [EntityUID("Action", "round")])])
    let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
    for name in ["a0", "a1", "a2", "a3", "a5", "a10", "a2199", "even", "odd", "tens", "round", "unknown"] {
      for type in ["Doc", "Folder"] as [EntityType] {
        let request = Request(principal: alice, action: EntityUID("Action", name), resource: EntityUID(type, "x"), context: ["strict": .bool(name != "a2")])
        #expect(authorizer.authorize(request) == policies.authorize(request, entities), "\(name) \(type)")
        #expect(authorizer.isAllowed(request) == (policies.authorize(request, entities).decision == .allow))
      }
    }
  }

  @Test func `a place in a long line is cut out around the mark`() {
    let text = "permit(principal, action, resource) when {\n\t" + String(repeating: "é", count: 300) + " && 1 };"
    let error = #expect(throws: ParseFailure.self) { try PolicySet(parsing: text) }
    let location = error?.diagnostics.first?.location
    #expect(location?.line == 2 && location?.column == 2 && (location?.excerpt.count ?? 999) < 140)
    #expect(Diagnostic(.warning, "m", file: "f").description == "f: warning: m")
    #expect(Diagnostic(.error, "m", policy: "p").description == "error: policy `p`: m")
  }

  @Test func `mutated texts never bring a parser down`() {
    let report = MutationRun(inputs: 6000, seed: 20_261_121).run()
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.done == 6000 && report.accepts > 500)
  }
}
