/// An expression of the language, and where it stands in its source.
///
/// Two expressions are equal if they say the same, wherever they stand. Chains as `a && b && c` and `if a then … else if b then …` are one
/// expression with many parts, so that their length costs no depth. `&&` and `||` are associative, also where parts fail: `(a && b) && c`,
/// `a && (b && c)` and `a && b && c` are the same expression. Sums are not, for they may overflow: `a + (b + c)` keeps its parentheses.
/// Chains of accesses, `a.b.c(d)["e"]`, hang on their ``receiver`` and count as one level of depth too.
public struct Expression: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    /// A bool, a long, a string or an entity; in residuals any value.
    case literal(Value)
    case variable(Variable)
    case slot(Slot)
    /// What is not known yet; only partial evaluation makes it.
    case unknown(Text)
    /// `if … then … else if … then … else …`: the first branch whose test holds, one or more.
    case conditional([Branch], else: Expression)
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

  /// A test and what the whole amounts to where it holds.
  public struct Branch: Hashable, Sendable {
    public let test: Expression
    public let then: Expression

    public init(_ test: Expression, then: Expression) {
      self.test = test
      self.then = then
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
  /// The longest way down to a leaf, where a chain counts once.
  let depth: Int32
  /// The same with every link of a chain counted: how deep the expression stands in its JSON.
  let height: Int32

  public init(_ kind: Kind, at span: Range<Int>? = nil) {
    let kind = Self.joined(kind)
    self.kind = kind
    self.span = span
    (depth, height) = Self.measures(of: kind)
  }

  /// A conditional of one branch.
  static func conditional(_ test: Expression, then yes: Expression, else no: Expression) -> Kind { .conditional([Branch(test, then: yes)], else: no) }

  // Not recursive along chains of accesses.
  public static func == (a: Expression, b: Expression) -> Bool {
    var (a, b) = (a, b)
    while true {
      if a.isIdentical(to: b) { return true }
      guard a.depth == b.depth, a.height == b.height else { return false }
      guard let one = a.receiver, let other = b.receiver else { return a.kind == b.kind }
      guard a.isSameAccess(as: b) else { return false }
      (a, b) = (one, other)
    }
  }

  /// Whether both are one in memory, which is seen at once and makes them equal; the parts of a path share what they ask.
  private func isIdentical(to other: Expression) -> Bool {
    withUnsafeBytes(of: kind) { bytes in withUnsafeBytes(of: other.kind) { bytes.elementsEqual($0) } }
  }

  private func isSameAccess(as other: Expression) -> Bool {
    switch (kind, other.kind) {
    case (.attribute(_, let a), .attribute(_, let b)): a == b
    case (.unary(let a, _), .unary(let b, _)): a == b
    case (.binary(let a, _, let x), .binary(let b, _, let y)): a == b && x == y
    case (.call(let a, let x), .call(let b, let y)): a == b && x.dropFirst() == y.dropFirst()
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    var expression = self
    while let receiver = expression.receiver {
      switch expression.kind {
      case .attribute(_, let name): hasher.combine(name)
      case .unary(let op, _): hasher.combine(op)
      case .binary(let op, _, let argument):
        hasher.combine(op)
        hasher.combine(argument)
      case .call(let function, let arguments):
        hasher.combine(function)
        hasher.combine(arguments.dropFirst())
      default: break
      }
      expression = receiver
    }
    hasher.combine(expression.kind)
  }

  /// Joins chains with those they are made of, so that each has one form.
  private static func joined(_ kind: Kind) -> Kind {
    switch kind {
    case .conditional(let branches, let last):
      if branches.isEmpty { return last.kind }
      if case .conditional(let more, let last) = last.kind { return .conditional(branches + more, else: last) }
      return kind
    case .and(let all):
      guard !all.contains(where: { if case .and = $0.kind { true } else { false } }) else {
        return .and(all.flatMap { if case .and(let inner) = $0.kind { inner } else { [$0] } })
      }
      return all.count < 2 ? .and(Array(repeating: .bool(true), count: 2 - all.count) + all) : kind
    case .or(let all):
      guard !all.contains(where: { if case .or = $0.kind { true } else { false } }) else {
        return .or(all.flatMap { if case .or(let inner) = $0.kind { inner } else { [$0] } })
      }
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

  private static func measures(of kind: Kind) -> (depth: Int32, height: Int32) {
    var (depth, height): (Int32, Int32) = (0, 0)
    func look(_ part: Expression) {
      depth = max(depth, part.depth)
      height = max(height, part.height)
    }
    var links = 1
    switch kind {
    case .literal, .variable, .slot, .unknown: break
    case .conditional(let branches, let last):
      for branch in branches {
        look(branch.test)
        look(branch.then)
      }
      look(last)
      links = branches.count
    case .and(let all), .or(let all):
      for part in all { look(part) }
      links = documentLinks(all.count)
    case .set(let all): for part in all { look(part) }
    case .call(let function, let all):
      for part in function.isConstructor ? all[...] : all.dropFirst() { look(part) }
      if !function.isConstructor, let receiver = all.first { return access(receiver, depth, height) }
    case .binary(let op, let a, let b):
      look(b)
      if op.isMethod { return access(a, depth, height) }
      look(a)
    case .arithmetic(let first, let terms):
      look(first)
      for term in terms { look(term.operand) }
      links = terms.count
    case .attribute(let a, _), .unary(.isEmpty, let a): return access(a, 0, 0)
    case .unary(_, let a), .has(let a, _), .like(let a, _), .isType(let a, _): look(a)
    case .record(let fields): for field in fields { look(field.value) }
    }
    return (depth + 1, height + Int32(links))
  }

  private static func access(_ receiver: Expression, _ depth: Int32, _ height: Int32) -> (depth: Int32, height: Int32) {
    let before = receiver.receiver == nil ? receiver.depth : receiver.depth - 1
    return (1 + max(before, depth), 1 + max(receiver.height, height))
  }

  /// How deep the links of a chain of `&&` or `||` stand in one another in JSON, where long ones are grouped.
  private static func documentLinks(_ count: Int) -> Int {
    var (count, links) = (count, 0)
    while count > Limits.documentChain {
      links += Limits.documentChain
      count = (count + Limits.documentChain - 1) / Limits.documentChain
    }
    return links + count - 1
  }

  /// What an access is made to: `a` of `a.b`, of `a["b"]` and of `a.contains(b)`; nil for all that is no access.
  public var receiver: Expression? {
    switch kind {
    case .attribute(let receiver, _), .unary(.isEmpty, let receiver): receiver
    case .binary(let op, let receiver, _): op.isMethod ? receiver : nil
    case .call(let function, let arguments): function.isConstructor ? nil : arguments.first
    default: nil
    }
  }

  /// The accesses the expression ends in, from the innermost to itself, and what the first of them is made to.
  var accesses: (first: Expression, links: [Expression]) {
    var links: [Expression] = []
    var first = self
    while let receiver = first.receiver {
      links.append(first)
      first = receiver
    }
    links.reverse()
    return (first, links)
  }

  /// How many parts of an `and` from that place on are what `a has b.c.d` is read as: each asks what the one before has found for an attribute.
  static func path(_ parts: [Expression], from start: Int) -> Int {
    var end = start
    var before: (subject: Expression, name: Text)?
    while end < parts.count, case .has(let subject, let name) = parts[end].kind {
      if let before {
        guard case .attribute(let receiver, before.name) = subject.kind, receiver == before.subject else { break }
      }
      before = (subject, name)
      end += 1
    }
    return end - start
  }

  /// The parts of an `and` as they are written: those that one path asks for, `a has b.c.d`, together, as far as its names are ones that may stand there.
  static func operands(_ parts: [Expression], where mayStand: (Text) -> Bool = { _ in true }) -> [ArraySlice<Expression>] {
    var result: [ArraySlice<Expression>] = []
    var next = 0
    while next < parts.count {
      let path = parts[next..<next + path(parts, from: next)].prefix { if case .has(_, let name) = $0.kind { mayStand(name) } else { false } }
      let end = next + max(1, path.count)
      result.append(parts[next..<end])
      next = end
    }
    return result
  }

  /// The parts an expression is directly made of, in the order of evaluation.
  public var children: [Expression] {
    switch kind {
    case .literal, .variable, .slot, .unknown: []
    case .conditional(let branches, let last): branches.flatMap { [$0.test, $0.then] } + [last]
    case .and(let all), .or(let all), .set(let all), .call(_, let all): all
    case .binary(_, let a, let b): [a, b]
    case .arithmetic(let first, let terms): [first] + terms.map(\.operand)
    case .unary(_, let a), .attribute(let a, _), .has(let a, _), .like(let a, _), .isType(let a, _): [a]
    case .record(let fields): fields.map(\.value)
    }
  }

  /// Visits the expression and all it is made of, outermost first.
  public func forEach(_ visit: (Expression) -> Void) {
    var waiting = [self]
    while let next = waiting.popLast() {
      visit(next)
      waiting += next.children.reversed()
    }
  }

  /// The expression with every part replaced for which `change` has something else; innermost first.
  public func rewritten(_ change: (Expression) -> Expression?) -> Expression {
    let (first, links) = accesses
    var result = first.rewrittenParts(change)
    for link in links {
      let access = link.with([result] + link.children.dropFirst().map { $0.rewritten(change) })
      result = change(access) ?? access
    }
    return result
  }

  private func rewrittenParts(_ change: (Expression) -> Expression?) -> Expression {
    let parts = children
    let result = parts.isEmpty ? self : with(parts.map { $0.rewritten(change) })
    return change(result) ?? result
  }

  /// The same of other parts, as many as there are ``children``.
  func with(_ parts: [Expression]) -> Expression {
    // Links of long chains are mostly kept.
    if case .attribute(let part, _) = kind, part.isIdentical(to: parts[0]) { return self }
    if case .has(let part, _) = kind, part.isIdentical(to: parts[0]) { return self }
    let kind: Kind =
      switch kind {
      case .literal, .variable, .slot, .unknown: kind
      case .conditional: .conditional(stride(from: 0, to: parts.count - 1, by: 2).map { Branch(parts[$0], then: parts[$0 + 1]) }, else: parts[parts.count - 1])
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

  /// Whether it is written `a.contains(b)`.
  var isMethod: Bool {
    switch self {
    case .equal, .less, .lessOrEqual, .isIn: false
    case .contains, .containsAll, .containsAny, .getTag, .hasTag: true
    }
  }
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
