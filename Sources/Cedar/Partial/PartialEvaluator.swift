/// Evaluates as far as the known parts of a request allow.
struct PartialEvaluator {
  enum Outcome {
    case value(Value)
    /// What is left; it has the value, or fails, as the whole would.
    case residual(Expression)
    /// It fails whatever the unknown parts are; the expression fails in the same way.
    case failed(EvaluationError, Expression)
  }

  private let request: PartialRequest
  private let entities: Entities

  init(_ request: PartialRequest, _ entities: Entities) {
    self.request = request
    self.entities = entities
  }

  func evaluate(_ expression: Expression) -> Outcome {
    switch expression.kind {
    case .literal(let value): return .value(value)
    case .variable(let variable):
      switch variable {
      case .principal: return request.principal.uid.map { .value(.entity($0)) } ?? .residual(expression)
      case .action: return request.action.uid.map { .value(.entity($0)) } ?? .residual(expression)
      case .resource: return request.resource.uid.map { .value(.entity($0)) } ?? .residual(expression)
      case .context: return request.context.map { .value(.record($0)) } ?? .residual(expression)
      }
    case .slot(let slot): return .failed(EvaluationError(.unlinkedSlot, "the slot `\(slot)` is not filled", at: expression.span), expression)
    case .unknown: return .residual(expression)
    case .conditional(let test, let yes, let no): return conditional(expression, test, yes, no)
    case .and(let a, let b): return junction(expression, a, b, isAnd: true)
    case .or(let a, let b): return junction(expression, a, b, isAnd: false)
    case .isType(let subject, let type):
      let outcome = evaluate(subject)
      if case .residual(let rest) = outcome, let known = knownType(rest) { return .value(.bool(known == type)) }
      return combine(expression, [outcome]) { .isType($0[0], type) }
    case .unary(let op, let operand): return combine(expression, [evaluate(operand)]) { .unary(op, $0[0]) }
    case .binary(let op, let a, let b):
      let outcomes = [evaluate(a), evaluate(b)]
      if op == .equal, let answer = differentTypes(outcomes) { return answer }
      return combine(expression, outcomes) { .binary(op, $0[0], $0[1]) }
    case .attribute(let subject, let name): return combine(expression, [evaluate(subject)]) { .attribute($0[0], name) }
    case .has(let subject, let name): return combine(expression, [evaluate(subject)]) { .has($0[0], name) }
    case .like(let subject, let pattern): return combine(expression, [evaluate(subject)]) { .like($0[0], pattern) }
    case .set(let elements): return combine(expression, elements.map(evaluate)) { .set($0) }
    case .record(let fields):
      return combine(expression, fields.map { evaluate($0.value) }) { .record(zip(fields, $0).map { Expression.Field($0.name, $1) }) }
    case .call(let function, let arguments): return combine(expression, arguments.map(evaluate)) { .call(function, $0) }
    }
  }

  /// What an outcome amounts to as an expression.
  private func rest(_ outcome: Outcome) -> Expression {
    switch outcome {
    case .value(let value): Expression(value)
    case .residual(let expression), .failed(_, let expression): expression
    }
  }

  /// Evaluates an operator whose operands are all evaluated: wholly, where all have values.
  private func combine(_ expression: Expression, _ operands: [Outcome], _ build: ([Expression]) -> Expression.Kind) -> Outcome {
    let rebuilt = Expression(build(operands.map(rest)), at: expression.span)
    var isComplete = true
    for operand in operands {
      switch operand {
      case .value: continue
      // What stands before it may fail first, but fail it will.
      case .failed(let error, _): return .failed(error, rebuilt)
      case .residual: isComplete = false
      }
    }
    guard isComplete else { return .residual(rebuilt) }
    do throws(EvaluationError) {
      // All parts have values, so nothing of this placeholder request is asked for.
      let nobody = EntityUID("", "")
      return .value(try Evaluator(Request(principal: nobody, action: nobody, resource: nobody), entities).evaluate(rebuilt))
    } catch {
      return .failed(error, rebuilt)
    }
  }

  private func conditional(_ expression: Expression, _ test: Expression, _ yes: Expression, _ no: Expression) -> Outcome {
    switch evaluate(test) {
    case .value(.bool(let holds)): return evaluate(holds ? yes : no)
    case .value(let value):
      return .failed(Operators.mismatch("bool", value, test.span), Expression(.conditional(Expression(value), then: yes, else: no), at: expression.span))
    case .failed(let error, let failing): return .failed(error, Expression(.conditional(failing, then: yes, else: no), at: expression.span))
    case .residual(let left):
      return .residual(Expression(.conditional(left, then: rest(evaluate(yes)), else: rest(evaluate(no))), at: expression.span))
    }
  }

  private func junction(_ expression: Expression, _ a: Expression, _ b: Expression, isAnd: Bool) -> Outcome {
    func joined(_ a: Expression, _ b: Expression) -> Expression { Expression(isAnd ? .and(a, b) : .or(a, b), at: expression.span) }
    let left = evaluate(a)
    switch left {
    case .value(.bool(let holds)):
      if holds != isAnd { return .value(.bool(holds)) }
      let right = evaluate(b)
      switch right {
      case .value(.bool): return right
      case .value(let value): return .failed(Operators.mismatch("bool", value, b.span), joined(.bool(holds), Expression(value)))
      case .failed: return right
      case .residual(let left): return .residual(Self.isBool(left) ? left : joined(.bool(holds), left))
      }
    case .value(let value): return .failed(Operators.mismatch("bool", value, a.span), joined(Expression(value), b))
    case .failed(let error, let failing): return .failed(error, joined(failing, b))
    case .residual(let first):
      let right = evaluate(b)
      if case .value(.bool(let holds)) = right {
        if holds == isAnd, Self.isBool(first) { return .residual(first) }
        if holds != isAnd, Self.isBool(first), Self.cannotFail(first) { return right }
      }
      return .residual(joined(first, rest(right)))
    }
  }

  /// The type of an unknown part of the request, if it was given.
  private func knownType(_ expression: Expression) -> EntityType? {
    let part: PartialRequest.Part
    switch expression.kind {
    case .variable(.principal): part = request.principal
    case .variable(.action): part = request.action
    case .variable(.resource): part = request.resource
    default: return nil
    }
    if case .unknown(let type) = part { return type }
    return part.uid?.type
  }

  /// Entities of different types are not equal, whatever their ids.
  private func differentTypes(_ outcomes: [Outcome]) -> Outcome? {
    let types = outcomes.map { outcome -> EntityType? in
      switch outcome {
      case .value(.entity(let uid)): uid.type
      case .residual(let expression): knownType(expression)
      default: nil
      }
    }
    guard let one = types[0], let other = types[1], one != other else { return nil }
    return .value(.bool(false))
  }

  /// Whether its value is a bool, if it has one.
  static func isBool(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .literal(.bool), .and, .or, .unary(.not, _), .unary(.isEmpty, _), .has, .like, .isType: true
    case .binary(let op, _, _):
      switch op {
      case .equal, .less, .lessOrEqual, .isIn, .contains, .containsAll, .containsAny, .hasTag: true
      case .add, .subtract, .multiply, .getTag: false
      }
    case .conditional(_, let yes, let no): isBool(yes) && isBool(no)
    default: false
    }
  }

  /// Whether it has a value whatever the unknown parts are.
  static func cannotFail(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .literal, .variable: true
    case .binary(.equal, let a, let b): cannotFail(a) && cannotFail(b)
    case .binary(.isIn, let a, let b): isEntity(a) && isEntity(b)
    case .isType(let a, _): isEntity(a)
    case .has(let a, _): isEntity(a) || a.kind == .variable(.context)
    case .and(let a, let b), .or(let a, let b): isBool(a) && isBool(b) && cannotFail(a) && cannotFail(b)
    case .unary(.not, let a): isBool(a) && cannotFail(a)
    case .set(let elements): elements.allSatisfy(cannotFail)
    default: false
    }
  }

  private static func isEntity(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .literal(.entity), .variable(.principal), .variable(.action), .variable(.resource): true
    default: false
    }
  }
}
