/// Why an expression has no value.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is, for programs; the message is for people.
  public enum Kind: String, Hashable, Sendable {
    case entityDoesNotExist, attributeDoesNotExist, tagDoesNotExist, type, overflow, extensionFunction, unlinkedSlot, unknown, tooDeep
  }

  public let kind: Kind
  public let message: String
  /// Where the failing part stands in the policy's source.
  public let span: Range<Int>?

  init(_ kind: Kind, _ message: String, at span: Range<Int>? = nil) {
    self.kind = kind
    self.message = Escape.visible(message)
    self.span = span
  }

  public var description: String { message }
}

/// Evaluates expressions as they stand: the semantics in one readable place (`Cedar.Spec.evaluate`).
///
/// ``Authorizer`` does the same much faster, for policies and entities that were prepared for it; tests hold the two together.
public struct Evaluator: Sendable {
  public let request: Request
  public let entities: Entities

  public init(_ request: Request, _ entities: Entities) {
    self.request = request
    self.entities = entities
  }

  /// The value of an expression. Fails as the specification says, and for expressions deeper than ``Limits/expressionDepth``.
  public func evaluate(_ expression: Expression) throws(EvaluationError) -> Value {
    guard expression.depth <= Limits.expressionDepth else {
      throw EvaluationError(.tooDeep, "the expression is more than \(Limits.expressionDepth) deep")
    }
    return try value(expression)
  }

  /// Whether the policy holds: its scope and all of its conditions.
  public func isSatisfied(_ policy: Policy) throws(EvaluationError) -> Bool {
    guard matches(policy.principal, request.principal), matches(policy.action), matches(policy.resource, request.resource) else { return false }
    for condition in policy.conditions {
      let value = try evaluate(condition.body)
      guard case .bool(let holds) = value else { throw Operators.mismatch("bool", value, condition.body.span) }
      guard holds == (condition.kind == .when) else { return false }
    }
    return true
  }

  private func matches(_ constraint: ScopeConstraint, _ uid: EntityUID) -> Bool {
    switch constraint {
    case .any: true
    case .equal(.entity(let other)): uid == other
    case .isIn(.entity(let other)): entities.isIn(uid, other)
    case .isType(let type): uid.type == type
    case .isTypeIn(let type, .entity(let other)): uid.type == type && entities.isIn(uid, other)
    // A template is no policy yet.
    case .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): false
    }
  }

  private func matches(_ constraint: ActionConstraint) -> Bool {
    switch constraint {
    case .any: true
    case .equal(let other): request.action == other
    case .isIn(let other): entities.isIn(request.action, other)
    case .isInAny(let others): others.contains { entities.isIn(request.action, $0) }
    }
  }

  /// Each kind has a function of its own, so that what nests takes little stack, also unoptimized.
  private func value(_ expression: Expression) throws(EvaluationError) -> Value {
    switch expression.kind {
    case .literal(let value): return value
    case .variable(let variable): return value(variable)
    case .slot, .unknown: throw unfilled(expression)
    case .conditional(let branches, let last): return try conditional(branches, last)
    case .and(let all): return try junction(all, until: false)
    case .or(let all): return try junction(all, until: true)
    case .unary(.isEmpty, _), .attribute: return try accessed(expression)
    case .unary(let op, let operand): return try Operators.apply(op, value(operand), at: operand.span)
    case .binary(let op, let a, let b): return try op.isMethod ? accessed(expression) : binary(expression, op, a, b)
    case .arithmetic(let first, let terms): return try arithmetic(expression, first, terms)
    case .has(let subject, let name): return try has(name, value(subject), at: subject.span)
    case .like(let subject, let pattern): return try like(pattern, value(subject), at: subject.span)
    case .isType(let subject, let type): return try isType(type, value(subject), at: subject.span)
    case .set(let elements): return .set(ValueSet(try values(elements)))
    case .record(let fields): return try record(fields)
    case .call(let function, let arguments):
      return try expression.receiver == nil ? Operators.call(function, values(arguments), at: expression.span) : accessed(expression)
    }
  }

  private func conditional(_ branches: [Expression.Branch], _ last: Expression) throws(EvaluationError) -> Value {
    for branch in branches where try bool(branch.test) { return try value(branch.then) }
    return try value(last)
  }

  /// Goes along a chain of accesses: `a.b.c(d)`.
  private func accessed(_ expression: Expression) throws(EvaluationError) -> Value {
    let (first, links) = expression.accesses
    var result = try value(first)
    for link in links { result = try access(link, to: result) }
    return result
  }

  private func access(_ link: Expression, to receiver: Value) throws(EvaluationError) -> Value {
    switch link.kind {
    case .attribute(_, let name): return try attribute(name, of: receiver, at: link.span)
    case .unary(let op, let operand): return try Operators.apply(op, receiver, at: operand.span)
    case .binary(let op, let a, let b): return try apply(op, receiver, value(b), at: link.span, a.span, b.span)
    case .call(let function, let arguments): return try Operators.call(function, [receiver] + values(Array(arguments.dropFirst())), at: link.span)
    // An access is nothing else.
    default: return receiver
    }
  }

  private func value(_ variable: Variable) -> Value {
    switch variable {
    case .principal: .entity(request.principal)
    case .action: .entity(request.action)
    case .resource: .entity(request.resource)
    case .context: .record(request.context)
    }
  }

  private func unfilled(_ expression: Expression) -> EvaluationError {
    if case .slot(let slot) = expression.kind { return EvaluationError(.unlinkedSlot, "the slot `\(slot)` is not filled", at: expression.span) }
    return EvaluationError(.unknown, "`\(expression)` is not known", at: expression.span)
  }

  /// Asks one after the other up to the one that decides.
  private func junction(_ parts: [Expression], until decides: Bool) throws(EvaluationError) -> Value {
    for part in parts where try bool(part) == decides { return .bool(decides) }
    return .bool(!decides)
  }

  private func binary(_ expression: Expression, _ op: BinaryOperator, _ a: Expression, _ b: Expression) throws(EvaluationError) -> Value {
    let left = try value(a)
    return try apply(op, left, value(b), at: expression.span, a.span, b.span)
  }

  private func arithmetic(_ expression: Expression, _ first: Expression, _ terms: [Expression.Term]) throws(EvaluationError) -> Value {
    var result = try value(first)
    for term in terms {
      let operand = try value(term.operand)
      result = try Operators.apply(term.op, result, operand, at: expression.span, first.span, term.operand.span)
    }
    return result
  }

  private func values(_ expressions: [Expression]) throws(EvaluationError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try value(expression)) }
    return values
  }

  private func record(_ fields: [Expression.Field]) throws(EvaluationError) -> Value {
    var attributes: [Record.Attribute] = []
    attributes.reserveCapacity(fields.count)
    for field in fields { attributes.append(Record.Attribute(field.name, try value(field.value))) }
    return .record(Record(unique: attributes))
  }

  private func like(_ pattern: Pattern, _ text: Value, at span: Range<Int>?) throws(EvaluationError) -> Value {
    guard case .string(let string) = text else { throw Operators.mismatch("string", text, span) }
    return .bool(pattern.matches(string.string))
  }

  private func isType(_ type: EntityType, _ entity: Value, at span: Range<Int>?) throws(EvaluationError) -> Value {
    guard case .entity(let uid) = entity else { throw Operators.mismatch("entity", entity, span) }
    return .bool(uid.type == type)
  }

  private func bool(_ expression: Expression) throws(EvaluationError) -> Bool {
    try Self.bool(value(expression), at: expression.span)
  }

  private static func bool(_ value: Value, at span: Range<Int>?) throws(EvaluationError) -> Bool {
    guard case .bool(let bool) = value else { throw Operators.mismatch("bool", value, span) }
    return bool
  }

  private func attribute(_ name: Text, of subject: Value, at span: Range<Int>?) throws(EvaluationError) -> Value {
    switch subject {
    case .record(let record):
      guard let value = record[name] else { throw EvaluationError(.attributeDoesNotExist, "the record has no attribute `\(name)`", at: span) }
      return value
    case .entity(let uid):
      guard let entity = entities[uid] else { throw EvaluationError(.entityDoesNotExist, "the entity \(uid) does not exist", at: span) }
      guard let value = entity.attributes[name] else {
        throw EvaluationError(.attributeDoesNotExist, "the entity \(uid) has no attribute `\(name)`", at: span)
      }
      return value
    default: throw Operators.mismatch("entity or record", subject, span)
    }
  }

  private func has(_ name: Text, _ subject: Value, at span: Range<Int>?) throws(EvaluationError) -> Value {
    switch subject {
    case .record(let record): .bool(record[name] != nil)
    case .entity(let uid): .bool(entities[uid]?.attributes[name] != nil)
    default: throw Operators.mismatch("entity or record", subject, span)
    }
  }

  private func apply(
    _ op: BinaryOperator, _ a: Value, _ b: Value, at span: Range<Int>?, _ left: Range<Int>?, _ right: Range<Int>?
  ) throws(EvaluationError) -> Value {
    switch op {
    case .isIn:
      guard case .entity(let uid) = a else { throw Operators.mismatch("entity", a, left) }
      switch b {
      case .entity(let group): return .bool(entities.isIn(uid, group))
      case .set(let set):
        var groups: [EntityUID] = []
        for element in set.elements {
          guard case .entity(let group) = element else { throw Operators.mismatch("entity", element, right) }
          groups.append(group)
        }
        return .bool(groups.contains { entities.isIn(uid, $0) })
      default: throw Operators.mismatch("entity or set of entities", b, right)
      }
    case .hasTag, .getTag:
      guard case .entity(let uid) = a else { throw Operators.mismatch("entity", a, left) }
      guard case .string(let tag) = b else { throw Operators.mismatch("string", b, right) }
      let entity = entities[uid]
      if op == .hasTag { return .bool(entity?.tags[tag] != nil) }
      guard let entity else { throw EvaluationError(.entityDoesNotExist, "the entity \(uid) does not exist", at: span) }
      guard let value = entity.tags[tag] else { throw EvaluationError(.tagDoesNotExist, "the entity \(uid) has no tag `\(tag)`", at: span) }
      return value
    default: return try Operators.apply(op, a, b, at: span, left, right)
    }
  }
}

/// What operators and functions do to values, without entities.
enum Operators {
  static func mismatch(_ expected: String, _ value: Value, _ span: Range<Int>?) -> EvaluationError {
    EvaluationError(.type, "expected \(expected), got \(value.typeName)", at: span)
  }

  static func apply(_ op: UnaryOperator, _ value: Value, at span: Range<Int>?) throws(EvaluationError) -> Value {
    switch (op, value) {
    case (.not, .bool(let bool)): return .bool(!bool)
    case (.negate, .long(let long)):
      guard long != .min else { throw EvaluationError(.overflow, "overflow while negating \(long)", at: span) }
      return .long(-long)
    case (.isEmpty, .set(let set)): return .bool(set.isEmpty)
    case (.not, _): throw mismatch("bool", value, span)
    case (.negate, _): throw mismatch("long", value, span)
    case (.isEmpty, _): throw mismatch("set", value, span)
    }
  }

  static func apply(
    _ op: BinaryOperator, _ a: Value, _ b: Value, at span: Range<Int>?, _ left: Range<Int>?, _ right: Range<Int>?
  ) throws(EvaluationError) -> Value {
    switch op {
    case .equal: return .bool(a == b)
    case .less, .lessOrEqual:
      switch (a, b) {
      case (.long(let x), .long(let y)): return .bool(op == .less ? x < y : x <= y)
      case (.datetime(let x), .datetime(let y)): return .bool(op == .less ? x < y : x <= y)
      case (.duration(let x), .duration(let y)): return .bool(op == .less ? x < y : x <= y)
      case (.long, _), (.datetime, _), (.duration, _): throw mismatch(a.typeName, b, right)
      default: throw mismatch("long, datetime or duration", a, left)
      }
    case .contains:
      guard case .set(let set) = a else { throw mismatch("set", a, left) }
      return .bool(set.contains(b))
    case .containsAll, .containsAny:
      guard case .set(let x) = a else { throw mismatch("set", a, left) }
      guard case .set(let y) = b else { throw mismatch("set", b, right) }
      return .bool(op == .containsAll ? x.isSuperset(of: y) : x.intersects(y))
    case .isIn, .getTag, .hasTag:
      throw EvaluationError(.type, "`\(op.rawValue)` needs entities", at: span)
    }
  }

  static func apply(
    _ op: ArithmeticOperator, _ a: Value, _ b: Value, at span: Range<Int>?, _ left: Range<Int>?, _ right: Range<Int>?
  ) throws(EvaluationError) -> Value {
    guard case .long(let x) = a else { throw mismatch("long", a, left) }
    guard case .long(let y) = b else { throw mismatch("long", b, right) }
    let (result, overflow) = op.apply(x, y)
    guard !overflow else { throw EvaluationError(.overflow, "overflow while computing \(x) \(op.rawValue) \(y)", at: span) }
    return .long(result)
  }

  static func call(_ function: ExtensionFunction, _ arguments: [Value], at span: Range<Int>?) throws(EvaluationError) -> Value {
    guard arguments.count == function.arity else {
      throw EvaluationError(.type, function.takes(not: arguments.count), at: span)
    }
    func overflow() -> EvaluationError { EvaluationError(.extensionFunction, "overflow in `\(function.rawValue)`", at: span) }
    let first = arguments[0]
    switch function {
    case .decimal, .ip, .datetime, .duration:
      guard case .string(let text) = first else { throw mismatch("string", first, span) }
      guard let value = function.construct(text.string) else {
        throw EvaluationError(.extensionFunction, function.refuses(text), at: span)
      }
      return value
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
      guard case .decimal(let x) = first else { throw mismatch("decimal", first, span) }
      guard case .decimal(let y) = arguments[1] else { throw mismatch("decimal", arguments[1], span) }
      return switch function {
      case .lessThan: .bool(x < y)
      case .lessThanOrEqual: .bool(x <= y)
      case .greaterThan: .bool(x > y)
      default: .bool(x >= y)
      }
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast, .isInRange:
      guard case .ip(let address) = first else { throw mismatch("ipaddr", first, span) }
      switch function {
      case .isIpv4: return .bool(address.isIPv4)
      case .isIpv6: return .bool(address.isIPv6)
      case .isLoopback: return .bool(address.isLoopback)
      case .isMulticast: return .bool(address.isMulticast)
      default:
        guard case .ip(let range) = arguments[1] else { throw mismatch("ipaddr", arguments[1], span) }
        return .bool(address.isInRange(of: range))
      }
    case .offset, .durationSince, .toDate, .toTime:
      guard case .datetime(let instant) = first else { throw mismatch("datetime", first, span) }
      switch function {
      case .offset:
        guard case .duration(let span_) = arguments[1] else { throw mismatch("duration", arguments[1], span) }
        guard let result = instant.offset(by: span_) else { throw overflow() }
        return .datetime(result)
      case .durationSince:
        guard case .datetime(let other) = arguments[1] else { throw mismatch("datetime", arguments[1], span) }
        guard let result = instant.since(other) else { throw overflow() }
        return .duration(result)
      case .toDate:
        guard let date = instant.date else { throw overflow() }
        return .datetime(date)
      default: return .duration(instant.time)
      }
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
      guard case .duration(let duration) = first else { throw mismatch("duration", first, span) }
      return switch function {
      case .toMilliseconds: .long(duration.milliseconds)
      case .toSeconds: .long(duration.seconds)
      case .toMinutes: .long(duration.minutes)
      case .toHours: .long(duration.hours)
      default: .long(duration.days)
      }
    }
  }
}

extension PolicySet {
  /// Decides one request without preparation: for a single decision over policies and entities that are used once.
  ///
  /// Default is deny; one satisfied forbid overrides every permit; a policy that fails counts as not satisfied
  /// (`Cedar.Spec.isAuthorized`).
  public func authorize(_ request: Request, _ entities: Entities) -> Response {
    let evaluator = Evaluator(request, entities)
    var permits: [PolicyID] = []
    var forbids: [PolicyID] = []
    var errors: [Response.PolicyError] = []
    for policy in policies {
      do throws(EvaluationError) {
        guard try evaluator.isSatisfied(policy) else { continue }
        if policy.effect == .permit { permits.append(policy.id) } else { forbids.append(policy.id) }
      } catch {
        errors.append(Response.PolicyError(policy: policy.id, error: error))
      }
    }
    errors.sort { $0.policy < $1.policy }
    let allowed = forbids.isEmpty && !permits.isEmpty
    return Response(decision: allowed ? .allow : .deny, reasons: (allowed ? permits : forbids).sorted(), errors: errors)
  }
}
