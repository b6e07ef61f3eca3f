/// Finds what is surely a mistake, without a schema: policies that can never match, conditions that always hold or fail, policies that change nothing.
/// And texts that show less than they say.
public struct Linter: Sendable {
  public init() {}

  /// Looks at every policy by itself, and at policies that make others useless.
  ///
  /// - Parameters:
  ///   - policies: the policies and templates to look at.
  ///   - source: the text the policies were read from, so that warnings show their place.
  ///   - file: the name that warnings give to the text.
  public func lint(_ policies: PolicySet, source: String? = nil, file: String? = nil) -> [Diagnostic] {
    var findings = Findings(source: source.map { SourceText(Array($0.utf8)) }, file: file)
    let all = policies.templates + policies.policies.filter { $0.template == nil }
    for policy in all { findings.look(policy) }
    findings.lookAtPairs(all)
    return findings.diagnostics
  }
}

private struct Findings {
  private var source: SourceText?
  private let file: String?
  private(set) var diagnostics: [Diagnostic] = []

  init(source: SourceText?, file: String?) {
    self.source = source
    self.file = file
  }

  private mutating func warn(_ message: String, hint: String? = nil, at span: Range<Int>?, _ policy: Policy) {
    let location = (span ?? policy.span).flatMap { source?.location($0) }
    diagnostics.append(Diagnostic(.warning, message, hint: hint, policy: policy.id, file: file, location: location))
  }

  // MARK: One policy

  mutating func look(_ policy: Policy) {
    // One reason is enough.
    var isDead = false
    if case .isInAny(let uids) = policy.action, uids.isEmpty {
      warn("this policy never matches: no action is in an empty set", at: nil, policy)
      isDead = true
    }
    for condition in policy.conditions {
      switch Self.evaluator.evaluate(constant(condition.body)) {
      case .value(.bool(let holds)):
        if holds == (condition.kind == .when) {
          warn("this condition always holds", hint: "leave it out", at: condition.body.span, policy)
        } else {
          warn("this policy never matches: the condition never holds", at: condition.body.span, policy)
          isDead = true
        }
      // What stands before it, the scope or another condition, may keep the policy from failing, but not the condition.
      case .value(let value):
        warn("this condition always fails: expected bool, got \(value.typeName)", at: condition.body.span, policy)
        isDead = true
      case .failed(let error, _):
        warn("this condition always fails: \(error.message)", at: error.span ?? condition.body.span, policy)
        isDead = true
      case .residual: break
      }
      condition.body.forEach { deceptive($0, policy) }
    }
    if !isDead { contradictions(policy) }
  }

  /// Evaluates what depends on neither the request nor entities.
  private static let evaluator = PartialEvaluator(
    PartialRequest(principal: .unknown, action: .unknown, resource: .unknown, context: nil), Entities())

  /// The expression with all that depends on the data of entities unknown: an absent entity is no mistake. What holds for any data is said.
  private func constant(_ expression: Expression) -> Expression {
    expression.rewritten { part in
      let answer: Bool?
      switch part.kind {
      case .attribute(let subject, _):
        guard Self.mayBeEntity(subject) else { return nil }
        answer = nil
      case .has(let subject, let name):
        if case .record(let fields) = subject.kind, fields.allSatisfy({ PartialEvaluator.cannotFail($0.value) }) {
          answer = fields.contains { $0.name == name }
        } else {
          guard Self.mayBeEntity(subject) else { return nil }
          answer = nil
        }
      case .binary(.isIn, let member, let groups): answer = Self.isAlwaysIn(member, groups)
      case .binary(.getTag, _, _), .binary(.hasTag, _, _): answer = nil
      case .binary(.contains, let set, let element):
        guard set.kind == .set([]), PartialEvaluator.cannotFail(element) else { return nil }
        answer = false
      default: return nil
      }
      return Expression(answer.map { .literal(.bool($0)) } ?? .unknown("entity data"), at: part.span)
    }
  }

  /// Whether the value is an entity where it depends on neither the request nor entities; all else is unknown anyway.
  private static func mayBeEntity(_ expression: Expression) -> Bool {
    if case .value(.entity) = evaluator.evaluate(expression) { true } else { false }
  }

  /// What `in` says whatever is in what: everything is in itself, and nothing is in an empty set.
  private static func isAlwaysIn(_ member: Expression, _ groups: Expression) -> Bool? {
    guard PartialEvaluator.isEntity(member) else { return nil }
    guard case .set(let all) = groups.kind else { return member == groups ? true : nil }
    if all.isEmpty { return false }
    return all.allSatisfy(PartialEvaluator.isEntity) && all.contains(member) ? true : nil
  }

  /// Characters that make a text read differently than it is (Unicode Technical Report 36).
  private mutating func deceptive(_ part: Expression, _ policy: Policy) {
    let text: Text
    switch part.kind {
    case .literal(.string(let string)): text = string
    case .literal(.entity(let uid)): text = uid.id
    case .attribute(_, let name), .has(_, let name): text = name
    default: return
    }
    let found = text.string.unicodeScalars.first { (0x202a...0x202e).contains($0.value) || (0x2066...0x2069).contains($0.value) || (0x200b...0x200f).contains($0.value) || $0.value == 0xfeff }
    guard let found else { return }
    warn("this text has the invisible character U+\(String(found.value, radix: 16, uppercase: true))", hint: "leave it out, or make sure that it is meant", at: part.span, policy)
  }

  // MARK: Contradictions

  /// What one policy requires of one expression.
  private struct Demands {
    var equal: Value?
    var different: Set<Value> = []
    var patterns: [Pattern] = []
    var types: Set<EntityType> = []
    var least: Int64 = .min
    var greatest: Int64 = .max
  }

  private mutating func contradictions(_ policy: Policy) {
    var demands: [Expression: Demands] = [:]
    var conjuncts: [Expression] = []
    collect(policy.principal.expression(.principal), &conjuncts)
    collect(policy.resource.expression(.resource), &conjuncts)
    collect(policy.action.expression, &conjuncts)
    for condition in policy.conditions { collect(condition.expression, &conjuncts) }
    for conjunct in conjuncts {
      guard let problem = add(conjunct, to: &demands) else { continue }
      warn("this policy never matches: \(problem)", at: conjunct.span, policy)
      return
    }
  }

  private func collect(_ expression: Expression, _ conjuncts: inout [Expression]) {
    switch expression.kind {
    case .and(let all): for part in all { collect(part, &conjuncts) }
    // None of them may hold.
    case .unary(.not, let inner):
      guard case .or(let all) = inner.kind else { return conjuncts.append(expression) }
      for part in all { collect(Expression(.unary(.not, part), at: part.span), &conjuncts) }
    default: conjuncts.append(expression)
    }
  }

  /// Adds what a conjunct demands; answers what contradicts the demands before it.
  private func add(_ conjunct: Expression, to demands: inout [Expression: Demands]) -> String? {
    switch conjunct.kind {
    case .binary(.equal, let a, let b):
      guard let (subject, value) = split(a, b) else { return nil }
      return require(value, of: subject, &demands)
    case .isType(let subject, let type):
      demands[subject, default: Demands()].types.insert(type)
      return checked(subject, demands)
    case .binary(.less, let a, let b): return order(a, b, isStrict: true, &demands)
    case .binary(.lessOrEqual, let a, let b): return order(a, b, isStrict: false, &demands)
    case .binary(.isIn, _, let groups): return groups.kind == .set([]) ? "nothing is in an empty set" : nil
    case .binary(.contains, let set, _): return set.kind == .set([]) ? "an empty set contains nothing" : nil
    case .binary(.containsAny, let a, let b): return a.kind == .set([]) || b.kind == .set([]) ? "a set has no element of an empty one" : nil
    case .like(let subject, let pattern):
      if let text = pattern.text { return require(.string(text), of: subject, &demands) }
      demands[subject, default: Demands()].patterns.append(pattern)
      return checked(subject, demands)
    case .unary(.not, let inner):
      switch inner.kind {
      case .binary(.equal, let a, let b):
        guard let (subject, value) = split(a, b) else { return nil }
        return exclude(value, of: subject, &demands)
      case .like(let subject, let pattern): return pattern.text.flatMap { exclude(.string($0), of: subject, &demands) }
      case .binary(.less, let a, let b): return order(b, a, isStrict: false, &demands)
      case .binary(.lessOrEqual, let a, let b): return order(b, a, isStrict: true, &demands)
      case .has(let subject, let name):
        if case .record(let fields) = subject.kind, fields.contains(where: { $0.name == name }) { return "the record has `\(name)`" }
        return require(.bool(false), of: inner, &demands)
      case .attribute: return require(.bool(false), of: inner, &demands)
      default: return nil
      }
    case .has(let subject, let name):
      if case .record(let fields) = subject.kind, !fields.contains(where: { $0.name == name }) { return "the record has no `\(name)`" }
      return require(.bool(true), of: conjunct, &demands)
    case .attribute: return require(.bool(true), of: conjunct, &demands)
    default: return nil
    }
  }

  private func split(_ a: Expression, _ b: Expression) -> (Expression, Value)? {
    switch (a.literal, b.literal) {
    case (nil, let value?): (a, value)
    case (let value?, nil): (b, value)
    default: nil
    }
  }

  private func require(_ value: Value, of subject: Expression, _ demands: inout [Expression: Demands]) -> String? {
    if let other = demands[subject]?.equal, other != value { return "`\(subject)` can't be both \(other) and \(value)" }
    demands[subject, default: Demands()].equal = value
    return checked(subject, demands)
  }

  private func exclude(_ value: Value, of subject: Expression, _ demands: inout [Expression: Demands]) -> String? {
    demands[subject, default: Demands()].different.insert(value)
    return checked(subject, demands)
  }

  private func order(_ a: Expression, _ b: Expression, isStrict: Bool, _ demands: inout [Expression: Demands]) -> String? {
    switch (a.literal, b.literal) {
    case (nil, .long(let bound)?):
      let greatest = isStrict && bound > .min ? bound - 1 : bound
      if isStrict, bound == .min { return "`\(a)` can't be less than the least number" }
      demands[a, default: Demands()].greatest = min(demands[a]?.greatest ?? .max, greatest)
      return checked(a, demands)
    case (.long(let bound)?, nil):
      let least = isStrict && bound < .max ? bound + 1 : bound
      if isStrict, bound == .max { return "`\(b)` can't be greater than the greatest number" }
      demands[b, default: Demands()].least = max(demands[b]?.least ?? .min, least)
      return checked(b, demands)
    default: return nil
    }
  }

  private func checked(_ subject: Expression, _ demands: [Expression: Demands]) -> String? {
    guard let demand = demands[subject] else { return nil }
    if demand.types.count > 1 { return "`\(subject)` can't be of the types \(demand.types.sorted().map { "`\($0)`" }.joined(separator: " and ")) at once" }
    if demand.least > demand.greatest { return "`\(subject)` can't be at least \(demand.least) and at most \(demand.greatest)" }
    for (index, pattern) in demand.patterns.enumerated() {
      let other = demand.patterns[..<index].first { !$0.mayBegin(like: pattern) }
      if let other { return "`\(subject)` can't be like both \(other) and \(pattern)" }
    }
    guard let value = demand.equal else { return nil }
    if let pattern = demand.patterns.first(where: { !$0.matches(value) }) { return "`\(subject)` can't be \(value) and like \(pattern)" }
    if demand.different.contains(value) { return "`\(subject)` can't be \(value) and not be it" }
    if case .entity(let uid) = value, let type = demand.types.first, uid.type != type { return "`\(subject)` can't be \(uid) and of the type `\(type)`" }
    if case .long(let number) = value, number < demand.least || number > demand.greatest { return "`\(subject)` can't be \(number) here" }
    return nil
  }

  // MARK: Several policies

  mutating func lookAtPairs(_ policies: [Policy]) {
    struct Meaning: Hashable {
      let effect: Effect
      let principal, resource: ScopeConstraint
      let action: ActionConstraint
      let conditions: [Condition]
    }
    var seen: [Meaning: PolicyID] = [:]
    // Forbids without conditions, by what they apply to.
    var blanket: [Reach: PolicyID] = [:]
    for policy in policies where policy.effect == .forbid && policy.conditions.isEmpty && !policy.isTemplate {
      let reach = Reach(action: policy.action, principal: policy.principal, resource: policy.resource)
      if blanket[reach] == nil { blanket[reach] = policy.id }
    }
    for policy in policies {
      let meaning = Meaning(effect: policy.effect, principal: policy.principal, resource: policy.resource, action: policy.action, conditions: policy.conditions)
      if let first = seen[meaning] {
        warn("this policy says the same as `\(first)`", hint: "leave one of the two out", at: nil, policy)
      } else {
        seen[meaning] = policy.id
      }
      guard policy.effect == .permit, let forbid = wider(policy).lazy.compactMap({ blanket[$0] }).first else { continue }
      warn("this permit has no effect: `\(forbid)` forbids all of it", at: nil, policy)
    }
  }

  private struct Reach: Hashable {
    let action: ActionConstraint
    let principal, resource: ScopeConstraint
  }

  /// Scopes that surely hold wherever a policy's holds.
  private func wider(_ policy: Policy) -> [Reach] {
    func wider(_ constraint: ScopeConstraint) -> [ScopeConstraint] {
      switch constraint {
      case .any: [.any]
      case .equal(.entity(let uid)): [.any, constraint, .isType(uid.type), .isIn(.entity(uid))]
      case .isTypeIn(let type, let group): [.any, constraint, .isType(type), .isIn(group)]
      default: [.any, constraint]
      }
    }
    return [.any, policy.action].flatMap { action in
      wider(policy.principal).flatMap { principal in wider(policy.resource).map { Reach(action: action, principal: principal, resource: $0) } }
    }
  }
}

extension Pattern {
  /// The only text that matches, where there are no wildcards.
  fileprivate var text: Text? {
    let scalars = prefix
    return scalars.count == elements.count ? Text(String(String.UnicodeScalarView(scalars))) : nil
  }

  /// What stands before the first wildcard.
  private var prefix: [Unicode.Scalar] {
    elements.prefix { $0 != .wildcard }.compactMap { element in if case .scalar(let scalar) = element { scalar } else { nil } }
  }

  /// Whether a text may begin as both want it.
  fileprivate func mayBegin(like other: Pattern) -> Bool { zip(prefix, other.prefix).allSatisfy { $0 == $1 } }

  fileprivate func matches(_ value: Value) -> Bool { if case .string(let text) = value { matches(text.string) } else { false } }
}
