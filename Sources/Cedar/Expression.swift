/// An expression of the language, and where it stands in its source.
///
/// Two expressions are equal if they say the same, wherever they stand.
public struct Expression: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    /// A bool, a long, a string or an entity.
    case literal(Value)
    case variable(Variable)
    case slot(Slot)
    /// What is not known yet; only partial evaluation makes it.
    case unknown(Text)
    case conditional(Expression, then: Expression, else: Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case attribute(Expression, Text)
    case has(Expression, Text)
    case like(Expression, Pattern)
    case isType(Expression, EntityType)
    case set([Expression])
    /// Sorted by name, each name once.
    case record([Field])
    case call(ExtensionFunction, [Expression])
  }

  public struct Field: Hashable, Sendable {
    public let name: Text
    public let value: Expression

    public init(_ name: Text, _ value: Expression) {
      self.name = name
      self.value = value
    }
  }

  public let kind: Kind
  /// Offsets into the UTF-8 of the source.
  public let span: Range<Int>?
  /// The longest way down to a leaf.
  let depth: Int

  public init(_ kind: Kind, at span: Range<Int>? = nil) {
    self.kind = kind
    self.span = span
    self.depth = Self.depth(of: kind)
  }

  public static func == (a: Expression, b: Expression) -> Bool { a.depth == b.depth && a.kind == b.kind }
  public func hash(into hasher: inout Hasher) { hasher.combine(kind) }

  private static func depth(of kind: Kind) -> Int {
    switch kind {
    case .literal, .variable, .slot, .unknown: 1
    case .conditional(let a, let b, let c): 1 + max(a.depth, b.depth, c.depth)
    case .and(let a, let b), .or(let a, let b), .binary(_, let a, let b): 1 + max(a.depth, b.depth)
    case .unary(_, let a), .attribute(let a, _), .has(let a, _), .like(let a, _), .isType(let a, _): 1 + a.depth
    case .set(let all), .call(_, let all): 1 + (all.lazy.map(\.depth).max() ?? 0)
    case .record(let fields): 1 + (fields.lazy.map(\.value.depth).max() ?? 0)
    }
  }

  /// The parts an expression is directly made of, in the order of evaluation.
  public var children: [Expression] {
    switch kind {
    case .literal, .variable, .slot, .unknown: []
    case .conditional(let a, let b, let c): [a, b, c]
    case .and(let a, let b), .or(let a, let b), .binary(_, let a, let b): [a, b]
    case .unary(_, let a), .attribute(let a, _), .has(let a, _), .like(let a, _), .isType(let a, _): [a]
    case .set(let all), .call(_, let all): all
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
    let inner: Kind
    switch kind {
    case .literal, .variable, .slot, .unknown: inner = kind
    case .conditional(let a, let b, let c): inner = .conditional(a.rewritten(change), then: b.rewritten(change), else: c.rewritten(change))
    case .and(let a, let b): inner = .and(a.rewritten(change), b.rewritten(change))
    case .or(let a, let b): inner = .or(a.rewritten(change), b.rewritten(change))
    case .unary(let op, let a): inner = .unary(op, a.rewritten(change))
    case .binary(let op, let a, let b): inner = .binary(op, a.rewritten(change), b.rewritten(change))
    case .attribute(let a, let name): inner = .attribute(a.rewritten(change), name)
    case .has(let a, let name): inner = .has(a.rewritten(change), name)
    case .like(let a, let pattern): inner = .like(a.rewritten(change), pattern)
    case .isType(let a, let type): inner = .isType(a.rewritten(change), type)
    case .set(let all): inner = .set(all.map { $0.rewritten(change) })
    case .record(let fields): inner = .record(fields.map { Field($0.name, $0.value.rewritten(change)) })
    case .call(let function, let arguments): inner = .call(function, arguments.map { $0.rewritten(change) })
    }
    let result = Expression(inner, at: span)
    return change(result) ?? result
  }
}

public enum Variable: String, Hashable, Sendable, CaseIterable {
  case principal, action, resource, context
}

/// A hole of a template, filled when the template is linked.
public enum Slot: String, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  case principal, resource

  public var description: String { "?\(rawValue)" }
  public static func < (a: Slot, b: Slot) -> Bool { a.rawValue < b.rawValue }
}

public enum UnaryOperator: String, Hashable, Sendable, CaseIterable {
  case not = "!"
  case negate = "neg"
  case isEmpty
}

public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
  case equal = "=="
  case less = "<"
  case lessOrEqual = "<="
  case add = "+"
  case subtract = "-"
  case multiply = "*"
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
