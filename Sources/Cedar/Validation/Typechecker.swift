/// An expression with its type, as it is in one environment. What can never be evaluated there is left out.
struct TypedExpression {
  let expression: Expression
  let type: ValueType
  let children: [TypedExpression]
  /// Of a conditional, how many of the children are tests; the others are what it may amount to.
  var tests = 0
}

/// Finds the type of an expression in one environment (`Cedar.Validation.typeOf`), and everything that is wrong with it.
struct Typechecker {
  /// What is known to exist, because the expression asked before: an attribute or a tag of a subject.
  enum Capability: Hashable {
    case attribute(Expression, Text)
    case tag(Expression, Expression)
  }

  typealias Capabilities = Set<Capability>
  typealias Answer = (typed: TypedExpression, capabilities: Capabilities)

  struct TypeError: Hashable {
    let message: String
    let hint: String?
    let span: Range<Int>?
  }

  let schema: Schema
  let environment: Schema.Environment
  /// The types of what fills the slots of a template.
  var slots: [Slot: EntityType] = [:]
  private(set) var errors: [TypeError] = []

  init(_ schema: Schema, _ environment: Schema.Environment, slots: [Slot: EntityType] = [:]) {
    self.schema = schema
    self.environment = environment
    self.slots = slots
  }

  /// The expression's type, or nil where it has none; then there are errors, or it names what the schema does not know.
  mutating func check(_ expression: Expression, _ known: Capabilities = []) -> Answer? {
    switch expression.kind {
    case .literal(let value): return literal(value, expression, known)
    case .variable, .slot, .unknown: return leaf(expression)
    case .conditional(let branches, let last): return conditional(expression, branches, last, known)
    case .and(let all): return and(expression, all, known)
    case .or(let all): return or(expression, all, known)
    case .unary(.not, let operand): return not(expression, operand, known)
    case .unary(.negate, let operand): return expect(.long, operand, known).map { answer(expression, .long, [$0]) }
    case .unary(.isEmpty, _), .attribute: return accesses(expression, known)
    case .binary(.isIn, let a, let b): return isIn(expression, a, b, known)
    case .binary(let op, let a, let b): return op.isMethod ? accesses(expression, known) : comparison(expression, op, a, b, known)
    case .arithmetic(let first, let terms): return arithmetic(expression, first, terms, known)
    case .has(let subject, let name): return has(expression, subject, name, known)
    case .like(let subject, _): return expect(.string, subject, known).map { answer(expression, .bool, [$0]) }
    case .isType(let subject, let type): return isType(expression, subject, type, known)
    case .set(let elements): return set(expression, elements, known)
    case .record(let fields): return record(expression, fields, known)
    case .call(let function, let arguments):
      return expression.receiver == nil ? call(expression, function, arguments[...], nil, known) : accesses(expression, known)
    }
  }

  /// Goes along a chain of accesses. What they are made to may have no type; then they have none, but their arguments are looked at.
  private mutating func accesses(_ expression: Expression, _ known: Capabilities) -> Answer? {
    let (first, links) = expression.accesses
    var answer = check(first, known)
    for link in links { answer = access(link, answer?.typed, known) }
    return answer
  }

  private mutating func access(_ link: Expression, _ receiver: TypedExpression?, _ known: Capabilities) -> Answer? {
    switch link.kind {
    case .attribute(let a, let name): return attribute(link, a, name, known, receiver)
    case .unary: return isEmpty(link, receiver)
    case .binary(let op, let a, let b):
      return op == .hasTag || op == .getTag ? tag(link, op, a, b, known, receiver) : contains(link, op, receiver, b, known)
    case .call(let function, let arguments): return call(link, function, arguments.dropFirst(), receiver, known)
    // An access is nothing else.
    default: return nil
    }
  }

  private mutating func leaf(_ expression: Expression) -> Answer? {
    let type: ValueType
    switch expression.kind {
    case .variable(.principal): type = .entity(environment.principal)
    case .variable(.action): type = .entity(environment.action.type)
    case .variable(.resource): type = .entity(environment.resource)
    case .variable(.context): type = .record(environment.context)
    case .slot(let slot):
      guard let filling = slots[slot] else {
        return fail("the slot `\(slot)` has no type here", hint: "a slot stands in the scope of a template", at: expression)
      }
      type = .entity(filling)
    default: return fail("`\(expression)` is not known", hint: "what is left of a partial answer can't be checked", at: expression)
    }
    return answer(expression, type, [])
  }

  private mutating func isType(_ expression: Expression, _ subject: Expression, _ type: EntityType, _ known: Capabilities) -> Answer? {
    guard let (typed, actual) = expectEntity(subject, known, hint: "`is` asks an entity for its type") else { return nil }
    return answer(expression, .bool(actual == type ? .always : .never), [typed])
  }

  private mutating func record(_ expression: Expression, _ fields: [Expression.Field], _ known: Capabilities) -> Answer? {
    var attributes: [Text: RecordType.Attribute] = [:]
    var children: [TypedExpression] = []
    for field in fields {
      guard let one = check(field.value, known) else { continue }
      attributes[field.name] = .init(one.typed.type)
      children.append(one.typed)
    }
    return children.count == fields.count ? answer(expression, .record(RecordType(attributes)), children) : nil
  }

  // MARK: Errors and expectations

  private mutating func fail(_ message: String, hint: String? = nil, at expression: Expression) -> Answer? {
    errors.append(TypeError(message: message, hint: hint, span: expression.span))
    return nil
  }

  private func answer(_ expression: Expression, _ type: ValueType, _ children: [TypedExpression], _ capabilities: Capabilities = []) -> Answer {
    (TypedExpression(expression: expression, type: type, children: children), capabilities)
  }

  private mutating func mismatch(_ expected: String, _ actual: ValueType, _ expression: Expression, hint: String? = nil) {
    _ = fail("expected \(expected), found \(actual.brief)", hint: hint ?? "Cedar converts nothing by itself: compare values of the same type", at: expression)
  }

  private mutating func expect(_ type: ValueType, _ expression: Expression, _ known: Capabilities, hint: String? = nil) -> TypedExpression? {
    guard let (typed, _) = check(expression, known) else { return nil }
    return expect(type, typed, hint: hint)
  }

  private mutating func expect(_ type: ValueType, _ typed: TypedExpression, hint: String? = nil) -> TypedExpression? {
    if typed.type == type { return typed }
    mismatch(type.brief, typed.type, typed.expression, hint: hint)
    return nil
  }

  private mutating func expectBool(_ expression: Expression, _ known: Capabilities) -> (TypedExpression, ValueType.Truth, Capabilities)? {
    expectBool(expression, check(expression, known))
  }

  private mutating func expectBool(_ expression: Expression, _ answer: Answer?) -> (TypedExpression, ValueType.Truth, Capabilities)? {
    guard let (typed, capabilities) = answer else { return nil }
    if case .bool(let truth) = typed.type { return (typed, truth, capabilities) }
    mismatch("Bool", typed.type, expression)
    return nil
  }

  private mutating func expectEntity(_ expression: Expression, _ known: Capabilities, hint: String? = nil) -> (TypedExpression, EntityType)? {
    guard let (typed, _) = check(expression, known) else { return nil }
    return expectEntity(typed, hint: hint)
  }

  private mutating func expectEntity(_ typed: TypedExpression, hint: String? = nil) -> (TypedExpression, EntityType)? {
    if case .entity(let type) = typed.type { return (typed, type) }
    mismatch("an entity", typed.type, typed.expression, hint: hint)
    return nil
  }

  private mutating func expectSet(_ typed: TypedExpression, hint: (ValueType) -> String?) -> (TypedExpression, ValueType)? {
    if case .set(let element) = typed.type { return (typed, element) }
    mismatch("a set", typed.type, typed.expression, hint: hint(typed.type))
    return nil
  }

  // MARK: Expressions

  private mutating func literal(_ value: Value, _ expression: Expression, _ known: Capabilities) -> Answer? {
    switch value {
    case .bool(let value): return answer(expression, .bool(value ? .always : .never), [])
    case .long: return answer(expression, .long, [])
    case .string: return answer(expression, .string, [])
    // What the schema does not know is told by the validator, once for all environments.
    case .entity(let uid):
      let isKnown = uid.type.isAction ? schema.actions[uid] != nil : schema.entities[uid.type] != nil
      return isKnown ? answer(expression, .entity(uid.type), []) : nil
    case .set, .record, .decimal, .ip, .datetime, .duration: return check(Expression(value), known)
    }
  }

  private mutating func conditional(_ expression: Expression, _ branches: [Expression.Branch], _ last: Expression, _ known: Capabilities) -> Answer? {
    var tests: [TypedExpression] = []
    var results: [TypedExpression] = []
    // What holds whichever branch is taken; nil before the first.
    var capabilities: Capabilities?
    var type: ValueType?
    var isSound = true

    func add(_ result: Answer?, _ learned: Capabilities) -> (ValueType, ValueType)? {
      guard let result else {
        isSound = false
        return nil
      }
      results.append(result.typed)
      let all = result.capabilities.union(learned)
      capabilities = capabilities?.intersection(all) ?? all
      guard let before = type else {
        type = result.typed.type
        return nil
      }
      type = before.joined(with: result.typed.type)
      return type == nil ? (before, result.typed.type) : nil
    }

    var isDecided = false
    for branch in branches {
      guard let (test, truth, learned) = expectBool(branch.test, known) else { return nil }
      tests.append(test)
      if truth == .never { continue }
      if let (one, other) = add(check(branch.then, known.union(learned)), learned) { return differing(expression, one, other) }
      isDecided = truth == .always
      if isDecided { break }
    }
    if !isDecided, let (one, other) = add(check(last, known), []) { return differing(expression, one, other) }
    guard isSound, let type, let capabilities else { return nil }
    return (TypedExpression(expression: expression, type: type, children: tests + results, tests: tests.count), capabilities)
  }

  private mutating func differing(_ expression: Expression, _ one: ValueType, _ other: ValueType) -> Answer? {
    fail("the branches have different types, \(one) and \(other)", hint: "whichever is taken, an `if` gives a value of one type", at: expression)
  }

  private mutating func and(_ expression: Expression, _ operands: [Expression], _ known: Capabilities) -> Answer? {
    var children: [TypedExpression] = []
    var truth = ValueType.Truth.always
    var capabilities: Capabilities = []
    // What holds before it, each operand may rely on.
    var known = known
    for operand in operands {
      guard let (typed, one, learned) = expectBool(operand, conjunct(operand, after: children.last, known)) else { return nil }
      if one == .never {
        // What follows is never asked; the first operand alone is all there is.
        return children.isEmpty ? (typed, []) : answer(expression, .bool(.never), children + [typed])
      }
      if one == .either { truth = .either }
      children.append(typed)
      capabilities.formUnion(learned)
      known.formUnion(learned)
    }
    return answer(expression, .bool(truth), children, capabilities)
  }

  /// Along the path `a has b.c.d` each subject is an attribute of the one before, which needs no second look.
  private mutating func conjunct(_ operand: Expression, after previous: TypedExpression?, _ known: Capabilities) -> Answer? {
    guard case .has(let subject, let name) = operand.kind, case .attribute(let receiver, _) = subject.kind, let previous,
      case .has = previous.expression.kind, let asked = previous.children.first, asked.expression == receiver
    else { return check(operand, known) }
    return has(operand, subject, name, known, access(subject, asked, known)?.typed)
  }

  private mutating func or(_ expression: Expression, _ operands: [Expression], _ known: Capabilities) -> Answer? {
    var children: [TypedExpression] = []
    var truth = ValueType.Truth.never
    // What is learned whichever of the operands holds.
    var capabilities: Capabilities = []
    for operand in operands {
      guard let (typed, one, learned) = expectBool(operand, known) else { return nil }
      if one == .always { return children.isEmpty ? (typed, learned) : answer(expression, .bool(.always), children + [typed], learned) }
      children.append(typed)
      if children.count == 1 || truth == .never && one != .never {
        (truth, capabilities) = (one, learned)
      } else if one != .never {
        capabilities.formIntersection(learned)
      }
    }
    return answer(expression, .bool(truth), children, capabilities)
  }

  private mutating func arithmetic(_ expression: Expression, _ first: Expression, _ terms: [Expression.Term], _ known: Capabilities) -> Answer? {
    var children: [TypedExpression] = []
    for (op, operand) in [(terms[0].op, first)] + terms.map({ ($0.op, $0.operand) }) {
      if let typed = expect(.long, operand, known, hint: op == .add ? "strings can't be joined" : nil) { children.append(typed) }
    }
    return children.count == terms.count + 1 ? answer(expression, .long, children) : nil
  }

  private mutating func not(_ expression: Expression, _ operand: Expression, _ known: Capabilities) -> Answer? {
    guard let (typed, truth, _) = expectBool(operand, known) else { return nil }
    let opposite: ValueType.Truth =
      switch truth {
      case .either: .either
      case .always: .never
      case .never: .always
      }
    return answer(expression, .bool(opposite), [typed])
  }

  private mutating func isEmpty(_ expression: Expression, _ receiver: TypedExpression?) -> Answer? {
    guard let receiver, let (typed, _) = expectSet(receiver, hint: { $0 == .string ? "compare with `== \"\"`" : nil }) else { return nil }
    return answer(expression, .bool, [typed])
  }

  private mutating func comparison(_ expression: Expression, _ op: BinaryOperator, _ a: Expression, _ b: Expression, _ known: Capabilities) -> Answer? {
    let first = check(a, known)
    let second = check(b, known)
    guard let left = first?.typed, let right = second?.typed else { return nil }
    return op == .equal ? equality(expression, left, right) : order(expression, left, right)
  }

  private mutating func order(_ expression: Expression, _ left: TypedExpression, _ right: TypedExpression) -> Answer? {
    let comparable: Set<ValueType> = [.long, .datetime, .duration]
    if left.type == right.type, comparable.contains(left.type) { return answer(expression, .bool, [left, right]) }
    guard case .binary(_, let a, let b) = expression.kind else { return nil }
    if comparable.contains(left.type) {
      mismatch(left.type.brief, right.type, b)
    } else {
      let hint = left.type == .decimal ? "decimals are compared with `lessThan` and its like" : nil
      mismatch(comparable.contains(right.type) ? right.type.brief : "Long, datetime or duration", left.type, a, hint: hint)
    }
    return nil
  }

  /// The literal an expression amounts to in this environment, where the action is known.
  private func literalValue(_ expression: Expression) -> Value? {
    if case .variable(.action) = expression.kind { return .entity(environment.action) }
    return expression.literal
  }

  private mutating func equality(_ expression: Expression, _ left: TypedExpression, _ right: TypedExpression) -> Answer? {
    if case .entity(let one) = left.type, case .entity(let other) = right.type, one != other { return answer(expression, .bool(.never), [left, right]) }
    if let one = literalValue(left.expression), let other = literalValue(right.expression) {
      return answer(expression, .bool(one == other ? .always : .never), [left, right])
    }
    guard left.type.joined(with: right.type) != nil else {
      return fail("\(left.type.brief) and \(right.type.brief) can never be equal", hint: "both sides of `==` must have the same type", at: expression)
    }
    return answer(expression, .bool, [left, right])
  }

  private mutating func contains(_ expression: Expression, _ op: BinaryOperator, _ receiver: TypedExpression?, _ b: Expression, _ known: Capabilities) -> Answer? {
    let first = receiver.flatMap { expectSet($0, hint: Self.setHint) }
    let second = check(b, known)?.typed
    let right = op == .contains ? second : second.flatMap { expectSet($0, hint: { _ in "a single value is asked for with `contains`" })?.0 }
    guard let (left, element) = first, let right else { return nil }
    return containment(expression, op, left, element, right)
  }

  private static func setHint(_ type: ValueType) -> String? {
    switch type {
    case .entity: "entities are asked with `in`"
    case .record: "records are asked with `has`"
    case .string: "strings are asked with `like`"
    default: nil
    }
  }

  private mutating func containment(
    _ expression: Expression, _ op: BinaryOperator, _ left: TypedExpression, _ element: ValueType, _ right: TypedExpression
  ) -> Answer? {
    let (one, other) = op == .contains ? (element, right.type) : (left.type, right.type)
    guard one.joined(with: other) != nil else {
      return fail("\(left.type.brief) can't contain \(right.type.brief)", hint: "the elements of both must have the same type", at: expression)
    }
    return answer(expression, .bool, [left, right])
  }

  private mutating func isIn(_ expression: Expression, _ a: Expression, _ b: Expression, _ known: Capabilities) -> Answer? {
    let first = expectEntity(a, known, hint: "a set is asked with `contains`")
    guard let right = check(b, known)?.typed else { return nil }
    return membership(expression, a, b, first, right)
  }

  private mutating func membership(
    _ expression: Expression, _ a: Expression, _ b: Expression, _ first: (TypedExpression, EntityType)?, _ right: TypedExpression
  ) -> Answer? {
    let group: EntityType
    switch right.type {
    case .entity(let type), .set(.entity(let type)): group = type
    default:
      mismatch("an entity or a set of entities", right.type, b)
      return nil
    }
    guard let (left, type) = first else { return nil }
    let children = [left, right]
    if case .entity(let uid) = literalValue(a), uid.type.isAction, let groups = literalEntities(b) {
      let actions = groups.filter(\.type.isAction)
      guard actions.allSatisfy({ schema.actions[$0] != nil }) else { return nil }
      let holds = actions.contains { uid == $0 || schema.actions[uid]?.ancestors.contains($0) == true }
      return answer(expression, .bool(holds ? .always : .never), children)
    }
    return answer(expression, .bool(schema.mayBeIn(type, group) ? .either : .never), children)
  }

  private func literalEntities(_ expression: Expression) -> [EntityUID]? {
    if case .entity(let uid) = literalValue(expression) { return [uid] }
    guard case .set(let elements) = expression.kind else { return nil }
    var result: [EntityUID] = []
    for element in elements {
      guard case .entity(let uid) = literalValue(element) else { return nil }
      result.append(uid)
    }
    return result
  }

  private mutating func tag(
    _ expression: Expression, _ op: BinaryOperator, _ a: Expression, _ b: Expression, _ known: Capabilities, _ receiver: TypedExpression?
  ) -> Answer? {
    let first = receiver.flatMap { expectEntity($0) }
    let second = expect(.string, b, known)
    guard let (left, type) = first, let right = second else { return nil }
    return tag(expression, op, a, b, known, left, type, right)
  }

  private mutating func tag(
    _ expression: Expression, _ op: BinaryOperator, _ a: Expression, _ b: Expression, _ known: Capabilities, _ left: TypedExpression, _ type: EntityType,
    _ right: TypedExpression
  ) -> Answer? {
    let capability = Capability.tag(a, b)
    let tags = schema.entities[type]?.tags
    if op == .hasTag {
      let truth: ValueType.Truth = tags == nil ? .never : known.contains(capability) ? .always : .either
      return answer(expression, .bool(truth), [left, right], [capability])
    }
    guard known.contains(capability) else {
      return fail("this tag may be missing", hint: "ask `hasTag` first: `\(a).hasTag(\(b)) && …`", at: expression)
    }
    guard let tags else {
      return fail("entities of type \(type) have no tags", hint: "declare them in the schema: `entity \(type.basename) tags …;`", at: expression)
    }
    return answer(expression, tags, [left, right])
  }

  private mutating func subject(_ typed: TypedExpression, hint: (ValueType) -> String?) -> (TypedExpression, RecordType, isRecord: Bool)? {
    switch typed.type {
    case .record(let record): return (typed, record, true)
    case .entity(let type): return (typed, schema.entities[type]?.attributes ?? RecordType(), false)
    default:
      mismatch("an entity or a record", typed.type, typed.expression, hint: hint(typed.type))
      return nil
    }
  }

  private mutating func attribute(_ expression: Expression, _ a: Expression, _ name: Text, _ known: Capabilities, _ receiver: TypedExpression?) -> Answer? {
    guard let receiver, let (typed, record, isRecord) = subject(receiver, hint: { _ in nil }) else { return nil }
    return attribute(expression, a, name, known, typed, record, isRecord)
  }

  private mutating func attribute(
    _ expression: Expression, _ a: Expression, _ name: Text, _ known: Capabilities, _ typed: TypedExpression, _ record: RecordType, _ isRecord: Bool
  ) -> Answer? {
    guard let attribute = record[name] else {
      let near = Suggestion.nearest(to: name.string, in: record.names.map(\.string))
      return fail(
        "\(isRecord ? "this record has" : "entities of type \(typed.type) have") no attribute `\(name)`",
        hint: near.map { "did you mean `\($0)`?" } ?? Self.attributes(of: record), at: expression)
    }
    guard attribute.isRequired || known.contains(.attribute(a, name)) else {
      return fail("the attribute `\(name)` may be missing", hint: "ask for it first: `\(Expression(.has(a, name))) && …`", at: expression)
    }
    return answer(expression, attribute.type, [typed])
  }

  private static func attributes(of record: RecordType) -> String {
    record.names.isEmpty ? "it has no attributes at all" : "it has \(record.names.prefix(8).map(ExpressionWriter.attribute).joined(separator: ", "))\(record.names.count > 8 ? " …" : "")"
  }

  private mutating func has(_ expression: Expression, _ a: Expression, _ name: Text, _ known: Capabilities) -> Answer? {
    has(expression, a, name, known, check(a, known)?.typed)
  }

  private mutating func has(_ expression: Expression, _ a: Expression, _ name: Text, _ known: Capabilities, _ subject: TypedExpression?) -> Answer? {
    guard let subject, let (typed, record, isRecord) = self.subject(subject, hint: Self.recordHint) else { return nil }
    guard let attribute = record[name] else { return answer(expression, .bool(.never), [typed]) }
    let capability = Capability.attribute(a, name)
    // An entity may be missing altogether, then it has not even the attributes its type requires.
    let holds = known.contains(capability) || (attribute.isRequired && isRecord)
    return answer(expression, .bool(holds ? .always : .either), [typed], [capability])
  }

  private static func recordHint(_ type: ValueType) -> String? {
    switch type {
    case .set: "sets are asked with `contains`"
    case .string: "strings are asked with `like`"
    default: nil
    }
  }

  private mutating func set(_ expression: Expression, _ elements: [Expression], _ known: Capabilities) -> Answer? {
    guard !elements.isEmpty else { return fail("an empty set has no type", hint: "ask a set with `isEmpty()`", at: expression) }
    var children: [TypedExpression] = []
    var joined: ValueType?
    var failed = false
    for element in elements {
      guard let (typed, _) = check(element, known) else {
        failed = true
        continue
      }
      children.append(typed)
      guard let type = joined else {
        joined = typed.type
        continue
      }
      guard let next = type.joined(with: typed.type) else {
        mismatch("\(type.brief), as the elements before it", typed.type, element, hint: "the elements of a set have one type")
        return nil
      }
      joined = next
    }
    guard !failed, let joined else { return nil }
    return answer(expression, .set(joined), children)
  }

  /// Of a method the receiver is given apart; it may have no type.
  private mutating func call(
    _ expression: Expression, _ function: ExtensionFunction, _ arguments: ArraySlice<Expression>, _ receiver: TypedExpression?, _ known: Capabilities
  ) -> Answer? {
    let (parameters, result) = Self.signature(of: function)
    let given = arguments.count + (expression.receiver == nil ? 0 : 1)
    guard given == parameters.count else {
      return fail(function.takes(not: given), hint: "a method's receiver counts as one", at: expression)
    }
    if function.isConstructor, let argument = arguments.first {
      guard let literal = argument.literal else {
        return fail("`\(function.rawValue)` takes a literal", hint: "values that come with a request or an entity have their type already", at: expression)
      }
      if case .string(let text) = literal, function.construct(text.string) == nil {
        return fail(function.refuses(text), hint: function.form, at: argument)
      }
    }
    var children: [TypedExpression] = []
    if let receiver, let typed = expect(parameters[0], receiver) { children.append(typed) }
    for (argument, type) in zip(arguments, parameters.suffix(arguments.count)) {
      if let typed = expect(type, argument, known) { children.append(typed) }
    }
    return children.count == parameters.count ? answer(expression, result, children) : nil
  }

  static func signature(of function: ExtensionFunction) -> ([ValueType], ValueType) {
    switch function {
    case .decimal: ([.string], .decimal)
    case .ip: ([.string], .ip)
    case .datetime: ([.string], .datetime)
    case .duration: ([.string], .duration)
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual: ([.decimal, .decimal], .bool)
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast: ([.ip], .bool)
    case .isInRange: ([.ip, .ip], .bool)
    case .offset: ([.datetime, .duration], .datetime)
    case .durationSince: ([.datetime, .datetime], .duration)
    case .toDate: ([.datetime], .datetime)
    case .toTime: ([.datetime], .duration)
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: ([.duration], .long)
    }
  }
}
