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

  /// Each kind has a function of its own, so that what nests takes little stack, also unoptimized.
  func evaluate(_ expression: Expression) -> Outcome {
    switch expression.kind {
    case .literal(let value): .value(value)
    case .variable(let variable): value(of: variable).map(Outcome.value) ?? .residual(expression)
    case .slot: unfilled(expression)
    case .unknown: .residual(expression)
    case .conditional(let branches, let last): conditional(expression, branches, last)
    case .and(let all): junction(expression, all, isAnd: true)
    case .or(let all): junction(expression, all, isAnd: false)
    case .isType(let subject, let type): isType(expression, evaluate(subject), type)
    case .unary, .attribute, .binary, .call: expression.receiver == nil ? operation(expression) : accesses(expression)
    case .has, .like, .arithmetic, .set, .record: operation(expression)
    }
  }

  private func value(of variable: Variable) -> Value? {
    switch variable {
    case .principal: request.principal.uid.map(Value.entity)
    case .action: request.action.uid.map(Value.entity)
    case .resource: request.resource.uid.map(Value.entity)
    case .context: request.context.map(Value.record)
    }
  }

  private func unfilled(_ expression: Expression) -> Outcome {
    .failed(EvaluationError(.unlinkedSlot, "the slot `\(expression)` is not filled", at: expression.span), expression)
  }

  private func isType(_ expression: Expression, _ subject: Outcome, _ type: EntityType) -> Outcome {
    if case .residual(let rest) = subject, let known = knownType(rest) { return .value(.bool(known == type)) }
    return combine(expression, [subject])
  }

  /// An operator whose operands are all evaluated.
  private func operation(_ expression: Expression) -> Outcome {
    var outcomes: [Outcome] = []
    for child in expression.children { outcomes.append(evaluate(child)) }
    if case .binary(.equal, _, _) = expression.kind, let answer = differentTypes(outcomes) { return answer }
    return combine(expression, outcomes)
  }

  /// Goes along a chain of accesses, one after the other.
  private func accesses(_ expression: Expression) -> Outcome {
    let (first, links) = expression.accesses
    var outcome = evaluate(first)
    for link in links { outcome = combine(link, [outcome] + link.children.dropFirst().map(evaluate)) }
    return outcome
  }

  /// What an outcome amounts to as an expression.
  private func rest(_ outcome: Outcome) -> Expression {
    switch outcome {
    case .value(let value): Expression(.literal(value))
    case .residual(let expression), .failed(_, let expression): expression
    }
  }

  /// Evaluates an operator whose operands are all evaluated: wholly, where all have values.
  private func combine(_ expression: Expression, _ operands: [Outcome]) -> Outcome {
    let rebuilt = expression.with(operands.map(rest))
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

  private func conditional(_ expression: Expression, _ branches: [Expression.Branch], _ last: Expression) -> Outcome {
    // The branches whose tests are not known.
    var left: [Expression.Branch] = []
    func rest(_ last: Expression) -> Outcome { .residual(Expression(.conditional(left, else: last), at: expression.span)) }
    for (index, branch) in branches.enumerated() {
      switch evaluate(branch.test) {
      case .value(.bool(false)): continue
      case .value(.bool(true)): return left.isEmpty ? evaluate(branch.then) : rest(self.rest(evaluate(branch.then)))
      case .residual(let test): left.append(.init(test, then: self.rest(evaluate(branch.then))))
      case .value(let value):
        let failing = Expression(.conditional([.init(Expression(.literal(value)), then: branch.then)] + branches[(index + 1)...], else: last), at: expression.span)
        return left.isEmpty ? .failed(Operators.mismatch("bool", value, branch.test.span), failing) : rest(failing)
      case .failed(let error, let test):
        let failing = Expression(.conditional([.init(test, then: branch.then)] + branches[(index + 1)...], else: last), at: expression.span)
        return left.isEmpty ? .failed(error, failing) : rest(failing)
      }
    }
    return left.isEmpty ? evaluate(last) : rest(self.rest(evaluate(last)))
  }

  private func junction(_ expression: Expression, _ operands: [Expression], isAnd: Bool) -> Outcome {
    // What is not decided yet. Whatever joins it later is asked only after it.
    var left: [Expression] = []
    func joined() -> Expression {
      if left.count == 1, Self.isBool(left[0]) { return left[0] }
      // What may be no bool stays an operand, so that it fails as it does in the whole.
      let parts = left.count == 1 ? left + [.bool(isAnd)] : left
      return Expression(isAnd ? .and(parts) : .or(parts), at: expression.span)
    }
    for operand in operands {
      switch evaluate(operand) {
      case .residual(let rest): left.append(rest)
      case .value(.bool(isAnd)): continue
      case .value(.bool(let holds)):
        if left.allSatisfy({ Self.isBool($0) && Self.cannotFail($0) }) { return .value(.bool(holds)) }
        left.append(.bool(holds))
        return .residual(joined())
      case .value(let value):
        let isFirst = left.isEmpty
        left.append(Expression(.literal(value)))
        return isFirst ? .failed(Operators.mismatch("bool", value, operand.span), joined()) : .residual(joined())
      case .failed(let error, let failing):
        if left.isEmpty { return .failed(error, failing) }
        left.append(failing)
        return .residual(joined())
      }
    }
    return left.isEmpty ? .value(.bool(isAnd)) : .residual(joined())
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
      case .getTag: false
      }
    case .conditional(let branches, let last): isBool(last) && branches.allSatisfy { isBool($0.then) }
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
    case .and(let all), .or(let all): all.allSatisfy { isBool($0) && cannotFail($0) }
    case .unary(.not, let a): isBool(a) && cannotFail(a)
    case .set(let elements): elements.allSatisfy(cannotFail)
    default: false
    }
  }

  /// Whether its value is an entity whatever the unknown parts are.
  static func isEntity(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .literal(.entity), .variable(.principal), .variable(.action), .variable(.resource): true
    default: false
    }
  }
}
