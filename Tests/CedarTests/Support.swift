import Cedar

/// Evaluates an expression with Alice, her team and a document.
func evaluate(_ text: String) throws -> Value { try Evaluator(sampleRequest, sampleEntities).evaluate(Expression(parsing: text)) }

let alice = EntityUID("User", "alice")
let bob = EntityUID("User", "bob")
let team = EntityUID("Team", "core")
let guild = EntityUID("Team", "guild")
let document = EntityUID("Doc", "plan")
let view = EntityUID("Action", "view")

let sampleRequest = Request(principal: alice, action: view, resource: document, context: ["mfa": .bool(true), "hour": .long(14), "odd name": .string("x")])

let sampleEntities: Entities = {
  let entities = [
    Entity(
      alice,
      attributes: [
        "age": .long(42), "name": .string("Alice"), "manager": .entity(bob), "tags": .set([.string("a"), .string("b")]),
        "address": .record(["city": .string("Bern"), "zip": .long(3000)]), "ip": .ip(IPAddress("10.0.0.1")!), "score": .decimal(Decimal("1.5")!),
        "since": .datetime(Datetime("2024-01-01")!), "span": .duration(Duration("1h")!), "big": .long(.max),
      ],
      tags: ["role": .string("lead"), "level": .long(3)], parents: [team]),
    Entity(bob, attributes: ["age": .long(50)]),
    Entity(team, parents: [guild]),
    Entity(guild),
    Entity(document, attributes: ["owner": .entity(alice), "public": .bool(false)], parents: [EntityUID("Folder", "f")]),
    Entity(view, parents: [EntityUID("Action", "reading")]),
  ]
  do { return try Entities(entities) } catch { return Entities() }
}()

/// A generator with a seed, so that a failing test can be run again.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Makes random expressions over the sample entities, well-typed or not.
struct ExpressionMaker {
  var random: Seeded

  init(_ seed: UInt64) { random = Seeded(seed) }

  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

  mutating func leaf() -> Expression {
    let literals: [Value] = [
      .bool(true), .bool(false), .long(0), .long(-1), .long(.min), .long(.max), .long(42), .string("a"), .string("e\u{301}"), .string("é"), .string("Alice"),
      .entity(alice), .entity(bob), .entity(team), .entity(EntityUID("Nobody", "x")), .decimal(Decimal("1.5")!), .ip(IPAddress("10.0.0.0/8")!),
      .datetime(Datetime("2024-01-01")!), .duration(Duration("-1h")!), .set([.long(1), .string("a")]), .set([]), .record(["city": .string("Bern")]),
    ]
    return Int.random(in: 0..<2, using: &random) == 0 ? Expression(pick(literals)) : Expression(.variable(pick(Variable.allCases)))
  }

  mutating func make(_ depth: Int) -> Expression {
    if depth == 0 { return leaf() }
    let names: [Text] = ["age", "name", "manager", "tags", "address", "city", "mfa", "hour", "odd name", "owner", "missing", "score", "ip", "since", "span", "big"]
    let inner = { (maker: inout ExpressionMaker) in maker.make(depth - 1) }
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return leaf()
    case 1: return Expression(.conditional((0..<Int.random(in: 1..<3, using: &random)).map { _ in .init(inner(&self), then: inner(&self)) }, else: inner(&self)))
    case 2: return Expression(.and((0..<Int.random(in: 2..<5, using: &random)).map { _ in inner(&self) }))
    case 3: return Expression(.or((0..<Int.random(in: 2..<5, using: &random)).map { _ in inner(&self) }))
    case 4: return Expression(.unary(pick(UnaryOperator.allCases), inner(&self)))
    case 5, 6, 7: return Expression(.binary(pick(BinaryOperator.allCases), inner(&self), inner(&self)))
    case 8, 9: return Expression(.attribute(inner(&self), pick(names)))
    case 10: return Expression(.has(inner(&self), pick(names)))
    case 11: return Expression(.like(inner(&self), Pattern([.wildcard, .scalar("a"), .scalar("*")])))
    case 12: return Expression(.isType(inner(&self), pick(["User", "Team", "Nobody"])))
    case 13: return Expression(.set([inner(&self), inner(&self)]))
    case 14: return Expression(.record([.init("city", inner(&self)), .init("x y", inner(&self))]))
    default:
      let function = pick(ExtensionFunction.allCases)
      return Expression(.call(function, (0..<function.arity).map { _ in inner(&self) }))
    }
  }

  mutating func scope() -> ScopeConstraint {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: .any
    case 2: .equal(.entity(pick([alice, bob, document])))
    case 3: .isIn(.entity(pick([team, guild, alice, EntityUID("Folder", "f")])))
    case 4: .isType(pick(["User", "Doc", "Team"]))
    default: .isTypeIn(pick(["User", "Doc"]), .entity(pick([team, EntityUID("Folder", "f")])))
    }
  }

  mutating func policy(_ id: String) -> Policy {
    let actions: [ActionConstraint] = [.any, .equal(view), .isIn(EntityUID("Action", "reading")), .isInAny([view, EntityUID("Action", "edit")]), .equal(EntityUID("Action", "edit")), .isInAny([])]
    let conditions = (0..<Int.random(in: 0..<3, using: &random)).map { _ in Condition(pick([.when, .unless]), make(3)) }
    return Policy(
      id: PolicyID(id), effect: pick([.permit, .permit, .forbid]), principal: scope(), action: pick(actions), resource: scope(), conditions: conditions)
  }

  mutating func policies(_ count: Int) throws -> PolicySet { try PolicySet((0..<count).map { policy("policy\($0)") }) }

  mutating func request() -> Request {
    Request(
      principal: pick([alice, alice, bob, team, EntityUID("User", "new")]), action: pick([view, EntityUID("Action", "edit"), EntityUID("Action", "new")]),
      resource: pick([document, document, alice, EntityUID("Doc", "new")]),
      context: pick([sampleRequest.context, [:], ["hour": .string("late"), "mfa": .set([.record(["a": .entity(EntityUID("X", "y"))])])]]))
  }
}
