/// An expression of the language, and where it stands in its source.
///
/// Two expressions are equal if they say the same, wherever they stand. Chains as `a && b && c` are one expression with many parts, so that
/// their length costs no depth: `(a && b) && c` and `a && b && c` are the same, `a && (b && c)` keeps its parentheses.
public struct Expression: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    /// A bool, a long, a string or an entity; in residuals any value.
    case literal(Value)
    case variable(Variable)
    case slot(Slot)
    /// What is not known yet; only partial evaluation makes it.
    case unknown(Text)
    case conditional(Expression, then: Expression, else: Expression)
    /// All of two or more, asked one after the other up to the first that does not hold.
    case and([Expression])
    /// One of two or more, asked one after the other up to the first that holds.
    case or([Expression])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// A sum or a product, computed one term after the other.
    case arithmetic(Expression, [Term])
    case attribute(Expression, Text)
    case has(Expression, Text)
    case like(Expression, Pattern)
    case isType(Expression, EntityType)
    case set([Expression])
    /// Sorted by name, each name once.
    case record([Field])
    case call(ExtensionFunction, [Expression])
  }

  /// A name of a record and its expression.
  public struct Field: Hashable, Sendable {
    public let name: Text
    public let value: Expression

    public init(_ name: Text, _ value: Expression) {
      self.name = name
      self.value = value
    }
  }

  /// An operator and what stands behind it.
  public struct Term: Hashable, Sendable {
    public let op: ArithmeticOperator
    public let operand: Expression

    public init(_ op: ArithmeticOperator, _ operand: Expression) {
      self.op = op
      self.operand = operand
    }
  }

  public let kind: Kind
  /// Offsets into the UTF-8 of the source.
  public let span: Range<Int>?
  /// The longest way down to a leaf.
  let depth: Int

  public init(_ kind: Kind, at span: Range<Int>? = nil) {
    let kind = Self.joined(kind)
    self.kind = kind
    self.span = span
    self.depth = Self.depth(of: kind)
  }

  public static func == (a: Expression, b: Expression) -> Bool { a.depth == b.depth && a.kind == b.kind }
  public func hash(into hasher: inout Hasher) { hasher.combine(kind) }

  /// Joins a chain with the chain it begins with, so that each has one form.
  private static func joined(_ kind: Kind) -> Kind {
    switch kind {
    case .and(let all):
      if case .and(let first)? = all.first?.kind { return .and(first + all.dropFirst()) }
      return all.count < 2 ? .and(Array(repeating: .bool(true), count: 2 - all.count) + all) : kind
    case .or(let all):
      if case .or(let first)? = all.first?.kind { return .or(first + all.dropFirst()) }
      return all.count < 2 ? .or(Array(repeating: .bool(false), count: 2 - all.count) + all) : kind
    case .arithmetic(let first, let terms):
      guard let last = terms.last else { return first.kind }
      // A sum and a product in one list: what stands before the change is the first of what follows.
      if let change = terms.lastIndex(where: { $0.op.isProduct != last.op.isProduct }) {
        return .arithmetic(Expression(.arithmetic(first, Array(terms[...change]))), Array(terms[(change + 1)...]))
      }
      guard case .arithmetic(let start, let before) = first.kind, before.last?.op.isProduct == last.op.isProduct else { return kind }
      return .arithmetic(start, before + terms)
    default: return kind
    }
  }

  private static func depth(of kind: Kind) -> Int {
    switch kind {
    case .literal, .variable, .slot, .unknown: 1
    case .conditional(let a, let b, let c): 1 + max(a.depth, b.depth, c.depth)
    case .and(let all), .or(let all), .set(let all), .call(_, let all): 1 + (all.lazy.map(\.depth).max() ?? 0)
    case .binary(_, let a, let b): 1 + max(a.depth, b.depth)
    case .arithmetic(let first, let terms): 1 + max(first.depth, terms.lazy.map(\.operand.depth).max() ?? 0)
    case .unary(_, let a), .attribute(let a, _), .has(let a, _), .like(let a, _), .isType(let a, _): 1 + a.depth
    case .record(let fields): 1 + (fields.lazy.map(\.value.depth).max() ?? 0)
    }
  }

  /// The parts an expression is directly made of, in the order of evaluation.
  public var children: [Expression] {
    switch kind {
    case .literal, .variable, .slot, .unknown: []
    case .conditional(let a, let b, let c): [a, b, c]
    case .and(let all), .or(let all), .set(let all), .call(_, let all): all
    case .binary(_, let a, let b): [a, b]
    case .arithmetic(let first, let terms): [first] + terms.map(\.operand)
    case .unary(_, let a), .attribute(let a, _), .has(let a, _), .like(let a, _), .isType(let a, _): [a]
    case .record(let fields): fields.map(\.value)
    }
  }

  /// Visits the expression and all it is made of, outermost first.
  public func forEach(_ visit: (Expression) -> Void) {
    visit(self)
    for child in children { child.forEach(visit) }
  }

  /// The expression with every part replaced for which `change` has something else; innermost first.
  public func rewritten(_ change: (Expression) -> Expression?) -> Expression {
    let parts = children
    let result = parts.isEmpty ? self : with(parts.map { $0.rewritten(change) })
    return change(result) ?? result
  }

  /// The same of other parts, as many as there are ``children``.
  func with(_ parts: [Expression]) -> Expression {
    let kind: Kind =
      switch kind {
      case .literal, .variable, .slot, .unknown: kind
      case .conditional: .conditional(parts[0], then: parts[1], else: parts[2])
      case .and: .and(parts)
      case .or: .or(parts)
      case .unary(let op, _): .unary(op, parts[0])
      case .binary(let op, _, _): .binary(op, parts[0], parts[1])
      case .arithmetic(_, let terms): .arithmetic(parts[0], zip(terms, parts.dropFirst()).map { Term($0.op, $1) })
      case .attribute(_, let name): .attribute(parts[0], name)
      case .has(_, let name): .has(parts[0], name)
      case .like(_, let pattern): .like(parts[0], pattern)
      case .isType(_, let type): .isType(parts[0], type)
      case .set: .set(parts)
      case .record(let fields): .record(zip(fields, parts).map { Field($0.name, $1) })
      case .call(let function, _): .call(function, parts)
      }
    return Expression(kind, at: span)
  }
}

/// What a request brings.
public enum Variable: String, Hashable, Sendable, CaseIterable {
  case principal, action, resource, context
}

/// A hole of a template, filled when the template is linked.
public enum Slot: String, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  case principal, resource

  public var description: String { "?\(rawValue)" }
  public static func < (a: Slot, b: Slot) -> Bool { a.rawValue < b.rawValue }
}

/// Operators and methods of one operand.
public enum UnaryOperator: String, Hashable, Sendable, CaseIterable {
  case not = "!"
  case negate = "neg"
  case isEmpty
}

/// What computes with numbers.
public enum ArithmeticOperator: String, Hashable, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"

  /// Whether it binds more tightly than the others.
  var isProduct: Bool { self == .multiply }

  func apply(_ a: Int64, _ b: Int64) -> (partialValue: Int64, overflow: Bool) {
    switch self {
    case .add: a.addingReportingOverflow(b)
    case .subtract: a.subtractingReportingOverflow(b)
    case .multiply: a.multipliedReportingOverflow(by: b)
    }
  }
}

/// Operators and methods of two operands that compare or look up; those that compute are an ``ArithmeticOperator``.
public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
  case equal = "=="
  case less = "<"
  case lessOrEqual = "<="
  case isIn = "in"
  case contains, containsAll, containsAny, getTag, hasTag
}

extension Expression {
  public static func bool(_ value: Bool) -> Expression { Expression(.literal(.bool(value))) }
  static func entity(_ uid: EntityUID) -> Expression { Expression(.literal(.entity(uid))) }
  static func variable(_ variable: Variable) -> Expression { Expression(.variable(variable)) }

  /// The expression that evaluates to a value.
  public init(_ value: Value) {
    switch value {
    case .bool, .long, .string, .entity: self.init(.literal(value))
    case .set(let set): self.init(.set(set.elements.map { Expression($0) }))
    case .record(let record): self.init(.record(record.map { Field($0.key, Expression($0.value)) }))
    case .decimal(let decimal): self.init(calling: .decimal, decimal.description)
    case .ip(let address): self.init(calling: .ip, address.description)
    case .datetime(let datetime) where datetime.isWritable: self.init(calling: .datetime, datetime.description)
    case .datetime(let datetime):
      let span = Duration(milliseconds: datetime.milliseconds)
      self.init(.call(.offset, [Expression(calling: .datetime, "1970-01-01"), Expression(calling: .duration, span.description)]))
    case .duration(let duration): self.init(calling: .duration, duration.description)
    }
  }

  private init(calling function: ExtensionFunction, _ text: String) {
    self.init(.call(function, [Expression(.literal(.string(text)))]))
  }

  /// The value of a literal.
  var literal: Value? {
    if case .literal(let value) = kind { value } else { nil }
  }
}
