/// One step of a compiled expression. Its parts are steps before it.
struct Instruction: Sendable {
  enum Operation: UInt8, Sendable {
    /// `a`: the literal's place.
    case literal
    case principal, action, resource, context
    /// `a`: the place of the context attribute.
    case contextAttribute, contextHas
    /// `a`: the name's number.
    case principalAttribute, resourceAttribute
    case conditional
    /// `a`: the first of the operands' places, `b`: how many.
    case and, or
    /// `a` and `b` as of `and`: accesses that each are made to what comes before them.
    case accesses
    /// `a` and `b` as of a record: subjects of `has`, each the attribute of that name of the one before. Only the first is evaluated.
    case path
    /// As `and`, for three operands or more; `c`: the place of the first operator.
    case arithmetic
    case not, negate, isEmpty
    case equal, less, lessOrEqual, add, subtract, multiply, isIn, contains, containsAll, containsAny, getTag, hasTag
    /// `a`: the subject, `b`: the name's number.
    case attribute, has
    /// `a`: the subject, `b`: the pattern's place or the type's number.
    case like, isType
    /// `a`: the first of the operands' places, `b`: how many. A record's names stand beside its operands.
    case set, record
    /// `a` and `b` as of a set, `c`: the function.
    case call
    /// Always fails: an unfilled slot or an unknown.
    case fail
  }

  let operation: Operation
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
}

/// Policies compiled to instructions, with numbers of their own for what they mention.
struct Program: Sendable {
  var instructions: [Instruction] = []
  /// Where each instruction stands in the source.
  var spans: [Range<Int>?] = []
  var literals: [Value] = []
  var patterns: [Pattern] = []
  var functions: [ExtensionFunction] = []
  /// Steps that sets, records and calls are made of.
  var operands: [Int32] = []
  /// The names of records' attributes, beside `operands`.
  var operandNames: [Int32] = []
  /// The operators of sums and products.
  var operators: [ArithmeticOperator] = []
  var names = Interner<Text>()
  var types = Interner<EntityType>()
  var contextAttributes = Interner<Text>()

  private mutating func emit(_ instruction: Instruction, _ span: Range<Int>?) -> Int32 {
    instructions.append(instruction)
    spans.append(span)
    return Int32(instructions.count - 1)
  }

  private func place(_ operation: Instruction.Operation, _ a: Int32 = 0, _ b: Int32 = 0, _ c: Int32 = 0) -> Instruction {
    Instruction(operation: operation, a: a, b: b, c: c)
  }

  mutating func compile(_ expression: Expression) -> Int32 {
    let span = expression.span
    if let value = Self.constant(expression) {
      literals.append(value)
      return emit(place(.literal, Int32(literals.count - 1)), span)
    }
    switch expression.kind {
    case .literal(let value):
      literals.append(value)
      return emit(place(.literal, Int32(literals.count - 1)), span)
    case .variable(.principal): return emit(place(.principal), span)
    case .variable(.action): return emit(place(.action), span)
    case .variable(.resource): return emit(place(.resource), span)
    case .variable(.context): return emit(place(.context), span)
    case .slot, .unknown: return emit(place(.fail), span)
    case .conditional(let branches, let last):
      let places = branches.map { (compile($0.test), compile($0.then)) }
      return places.reversed().reduce(compile(last)) { emit(place(.conditional, $1.0, $1.1, $0), span) }
    case .and(let all):
      let (start, count) = operands(at: conjuncts(all))
      return emit(place(.and, start, count), span)
    case .or(let all):
      let (start, count) = operands(all)
      return emit(place(.or, start, count), span)
    case .arithmetic(let first, let terms):
      if terms.count == 1 {
        let a = compile(first)
        return emit(place(Self.operation(terms[0].op), a, compile(terms[0].operand)), span)
      }
      let (start, count) = operands([first] + terms.map(\.operand))
      operators += terms.map(\.op)
      return emit(place(.arithmetic, start, count, Int32(operators.count - terms.count)), span)
    case .unary(.not, let operand): return emit(place(.not, compile(operand)), span)
    case .unary(.negate, let operand): return emit(place(.negate, compile(operand)), span)
    case .unary(.isEmpty, _), .attribute: return accesses(expression)
    case .binary(let op, let x, let y):
      if op.isMethod { return accesses(expression) }
      let a = compile(x)
      return emit(place(Self.operation(op), a, compile(y)), span)
    case .has(let subject, let name):
      if case .variable(.context) = subject.kind { return emit(place(.contextHas, Int32(contextAttributes.intern(name))), span) }
      return emit(place(.has, compile(subject), Int32(names.intern(name))), span)
    case .like(let subject, let pattern):
      patterns.append(pattern)
      let place_ = Int32(patterns.count - 1)
      return emit(place(.like, compile(subject), place_), span)
    case .isType(let subject, let type): return emit(place(.isType, compile(subject), Int32(types.intern(type))), span)
    case .set(let elements):
      let (start, count) = operands(elements)
      return emit(place(.set, start, count), span)
    case .record(let fields):
      let (start, count) = operands(fields.map(\.value), names: fields.map { Int32(names.intern($0.name)) })
      return emit(place(.record, start, count), span)
    case .call(let function, let arguments):
      if expression.receiver != nil { return accesses(expression) }
      return call(function, arguments.map { compile($0) }, span)
    }
  }

  private mutating func call(_ function: ExtensionFunction, _ arguments: [Int32], _ span: Range<Int>?) -> Int32 {
    functions.append(function)
    let number = Int32(functions.count - 1)
    let (start, count) = operands(at: arguments)
    return emit(place(.call, start, count, number), span)
  }

  /// Compiles a chain of accesses; one of more than two is run by an instruction of its own, which does not go into itself for each.
  private mutating func accesses(_ expression: Expression) -> Int32 {
    let (first, links) = expression.accesses
    var rest = links[...]
    var last: Int32
    if let link = rest.first, let merged = attributeOfVariable(first, link) {
      last = merged
      rest.removeFirst()
    } else {
      last = compile(first)
    }
    var places = [last]
    for link in rest {
      last = access(link, to: last)
      places.append(last)
    }
    if places.count < 3 { return last }
    let (start, count) = operands(at: places)
    return emit(place(.accesses, start, count), expression.span)
  }

  /// The parts of an `and`; where they ask along a path, they are one, so that each attribute of it is looked up once.
  private mutating func conjuncts(_ all: [Expression]) -> [Int32] {
    var places: [Int32] = []
    var next = 0
    while next < all.count {
      let end = next + Expression.path(all, from: next)
      places.append(compile(all[next]))
      next += 1
      guard end - next > 1 else { continue }
      places.append(path(all[next..<end]))
      next = end
    }
    return places
  }

  private mutating func path(_ parts: ArraySlice<Expression>) -> Int32 {
    var places: [Int32] = []
    var names: [Int32] = []
    for part in parts {
      guard case .has(let subject, let name) = part.kind else { continue }
      places.append(places.last.map { access(subject, to: $0) } ?? compile(subject))
      names.append(Int32(self.names.intern(name)))
    }
    let (start, count) = operands(at: places, names: names)
    return emit(place(.path, start, count), parts.last?.span)
  }

  private mutating func attributeOfVariable(_ subject: Expression, _ link: Expression) -> Int32? {
    guard case .attribute(_, let name) = link.kind else { return nil }
    switch subject.kind {
    case .variable(.context): return emit(place(.contextAttribute, Int32(contextAttributes.intern(name))), link.span)
    case .variable(.principal): return emit(place(.principalAttribute, Int32(names.intern(name))), link.span)
    case .variable(.resource): return emit(place(.resourceAttribute, Int32(names.intern(name))), link.span)
    default: return nil
    }
  }

  private mutating func access(_ link: Expression, to receiver: Int32) -> Int32 {
    switch link.kind {
    case .attribute(_, let name): return emit(place(.attribute, receiver, Int32(names.intern(name))), link.span)
    case .unary: return emit(place(.isEmpty, receiver), link.span)
    case .binary(let op, _, let argument): return emit(place(Self.operation(op), receiver, compile(argument)), link.span)
    case .call(let function, let arguments): return call(function, [receiver] + arguments.dropFirst().map { compile($0) }, link.span)
    default: return compile(link)
    }
  }

  private mutating func operands(_ expressions: [Expression], names: [Int32]? = nil) -> (start: Int32, count: Int32) {
    operands(at: expressions.map { compile($0) }, names: names)
  }

  private mutating func operands(at places: [Int32], names: [Int32]? = nil) -> (start: Int32, count: Int32) {
    let start = Int32(operands.count)
    operands += places
    operandNames += names ?? Array(repeating: 0, count: places.count)
    return (start, Int32(places.count))
  }

  private static func operation(_ op: ArithmeticOperator) -> Instruction.Operation {
    switch op {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    }
  }

  private static func operation(_ op: BinaryOperator) -> Instruction.Operation {
    switch op {
    case .equal: .equal
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .isIn: .isIn
    case .contains: .contains
    case .containsAll: .containsAll
    case .containsAny: .containsAny
    case .getTag: .getTag
    case .hasTag: .hasTag
    }
  }

  /// The value of what doesn't depend on anything: sets, records and extension values of literals.
  private static func constant(_ expression: Expression) -> Value? {
    switch expression.kind {
    case .set(let elements):
      let values = elements.map { $0.literal ?? constant($0) }
      return values.contains(nil) ? nil : .set(ValueSet(values.compactMap { $0 }))
    case .record(let fields):
      var attributes: [Record.Attribute] = []
      for field in fields {
        guard let value = field.value.literal ?? constant(field.value) else { return nil }
        attributes.append(.init(field.name, value))
      }
      return .record(Record(unique: attributes))
    case .call(let function, let arguments):
      guard function.isConstructor, arguments.count == 1, case .string(let text)? = arguments[0].literal else { return nil }
      return function.construct(text.string)
    default: return nil
    }
  }
}

/// Policies in the form decisions run: compiled once, for any entities.
public struct PreparedPolicies: Sendable {
  /// A policy with its scope apart and its conditions compiled.
  struct Compiled: Sendable {
    let id: PolicyID
    let effect: Effect
    let principal: ScopeConstraint
    let action: ActionConstraint
    let resource: ScopeConstraint
    /// The instruction that tells whether the conditions hold, or -1 where there are none.
    let root: Int32
  }

  let program: Program
  let policies: [Compiled]

  /// Compiles the policies of a set. Its templates decide nothing until they are linked.
  public init(_ set: PolicySet) {
    var program = Program()
    policies = set.policies.map { policy in
      let conditions = policy.conditions.map(\.expression)
      let root: Int32 =
        switch conditions.count {
        case 0: -1
        case 1: program.compile(conditions[0])
        default: program.compile(Expression(.and(conditions), at: conditions.last?.span))
        }
      return Compiled(id: policy.id, effect: policy.effect, principal: policy.principal, action: policy.action, resource: policy.resource, root: root)
    }
    self.program = program
  }

  /// The number of policies.
  public var count: Int { policies.count }
}
