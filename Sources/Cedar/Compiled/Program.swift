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

  mutating func compile(_ expression: Expression) -> Int32 {
    let span = expression.span
    func place(_ operation: Instruction.Operation, _ a: Int32 = 0, _ b: Int32 = 0, _ c: Int32 = 0) -> Instruction {
      Instruction(operation: operation, a: a, b: b, c: c)
    }
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
    case .conditional(let test, let yes, let no):
      let a = compile(test)
      let b = compile(yes)
      return emit(place(.conditional, a, b, compile(no)), span)
    case .and(let all):
      let (start, count) = operands(all)
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
    case .unary(let op, let operand):
      let operation: Instruction.Operation =
        switch op {
        case .not: .not
        case .negate: .negate
        case .isEmpty: .isEmpty
        }
      return emit(place(operation, compile(operand)), span)
    case .binary(let op, let x, let y):
      let a = compile(x)
      return emit(place(Self.operation(op), a, compile(y)), span)
    case .attribute(let subject, let name):
      switch subject.kind {
      case .variable(.context): return emit(place(.contextAttribute, Int32(contextAttributes.intern(name))), span)
      case .variable(.principal): return emit(place(.principalAttribute, Int32(names.intern(name))), span)
      case .variable(.resource): return emit(place(.resourceAttribute, Int32(names.intern(name))), span)
      default: return emit(place(.attribute, compile(subject), Int32(names.intern(name))), span)
      }
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
      functions.append(function)
      let number = Int32(functions.count - 1)
      let (start, count) = operands(arguments)
      return emit(place(.call, start, count, number), span)
    }
  }

  private mutating func operands(_ expressions: [Expression], names: [Int32]? = nil) -> (start: Int32, count: Int32) {
    let places = expressions.map { compile($0) }
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
