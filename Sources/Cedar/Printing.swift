extension Expression: CustomStringConvertible {
  /// The expression in one line; it reads back as an equal one.
  public var description: String {
    var writer = ExpressionWriter()
    writer.write(self, .expression)
    return writer.text
  }
}

/// Writes expressions with the parentheses they need and no others.
struct ExpressionWriter {
  /// How tightly a place binds: what binds less stands in parentheses there.
  enum Level: Int, Comparable {
    case expression, or, and, relation, sum, product, unary, member

    static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  private(set) var text = ""

  mutating func write(_ expression: Expression, _ place: Level) {
    let level = Self.level(of: expression)
    if level < place { text += "(" }
    writeBare(expression)
    if level < place { text += ")" }
  }

  static func level(of expression: Expression) -> Level {
    switch expression.kind {
    case .conditional: .expression
    case .or: .or
    case .and(let all): operands(all).count == 1 ? .relation : .and
    case .has, .like, .isType: .relation
    case .unary(.not, let operand): negatedComparison(operand) == nil ? .unary : .relation
    case .unary(.negate, _): .unary
    case .literal(.long(let value)) where value < 0: .unary
    case .arithmetic(_, let terms): terms.first?.op.isProduct == true ? .product : .sum
    case .binary(let op, _, _):
      switch op {
      case .equal, .less, .lessOrEqual, .isIn: .relation
      case .contains, .containsAll, .containsAny, .getTag, .hasTag: .member
      }
    default: .member
    }
  }

  /// `!(a == b)` is how `a != b` is kept; likewise `>` and `>=`.
  static func negatedComparison(_ operand: Expression) -> (String, Expression, Expression)? {
    switch operand.kind {
    case .binary(.equal, let a, let b): ("!=", a, b)
    case .binary(.less, let a, let b): (">=", a, b)
    case .binary(.lessOrEqual, let a, let b): (">", a, b)
    default: nil
    }
  }

  /// The parts of an `and`, those together that are written as one: `a has b.c`.
  static func operands(_ parts: [Expression]) -> [ArraySlice<Expression>] { Expression.operands(parts, where: isPlain) }

  /// `a has b.c` of parts that are written as one.
  static func path(_ parts: ArraySlice<Expression>) -> (subject: Expression, names: String)? {
    guard parts.count > 1, case .has(let subject, _)? = parts.first?.kind else { return nil }
    return (subject, parts.compactMap { if case .has(_, let name) = $0.kind { name.string } else { nil } }.joined(separator: "."))
  }

  /// How often an operator follows itself, up to the four times that can be read, and what it stands before.
  static func repeated(_ op: UnaryOperator, _ operand: Expression) -> (count: Int, operand: Expression) {
    var (count, operand) = (1, operand)
    while count < 4, case .unary(op, let inner) = operand.kind, op != .not || negatedComparison(inner) == nil { (count, operand) = (count + 1, inner) }
    return (count, operand)
  }

  private mutating func writeBare(_ expression: Expression) {
    switch expression.kind {
    case .literal(let value): writeLiteral(value)
    case .variable(let variable): text += variable.rawValue
    case .slot(let slot): text += slot.description
    case .unknown(let name): text += "unknown(\(Escape.quoted(name.string)))"
    case .conditional(let branches, let last):
      for branch in branches {
        text += "if "
        write(branch.test, .expression)
        text += " then "
        write(branch.then, .expression)
        text += " else "
      }
      write(last, .expression)
    case .and(let all):
      for (index, operand) in Self.operands(all).enumerated() {
        if index > 0 { text += " && " }
        if let (subject, names) = Self.path(operand) {
          write(subject, .sum)
          text += " has \(names)"
        } else {
          for part in operand { write(part, .relation) }
        }
      }
    case .or(let all): chain(" || ", all, .and)
    case .arithmetic(let first, let terms):
      let place: Level = Self.level(of: expression) == .sum ? .product : .unary
      write(first, place)
      for term in terms {
        text += " \(term.op.rawValue) "
        write(term.operand, place)
      }
    case .unary(.not, let operand):
      if let (symbol, a, b) = Self.negatedComparison(operand) {
        infix(symbol, a, .sum, b, .sum)
      } else {
        let (count, inner) = Self.repeated(.not, operand)
        text += String(repeating: "!", count: count)
        write(inner, .member)
      }
    case .unary(.negate, let operand):
      let (count, operand) = Self.repeated(.negate, operand)
      text += String(repeating: "-", count: count)
      // Without parentheses it would read as a negative number.
      if case .literal(.long(0...)) = operand.kind {
        text += "("
        writeBare(operand)
        text += ")"
      } else {
        write(operand, .member)
      }
    case .unary(.isEmpty, _), .attribute: accesses(expression)
    case .binary(let op, let a, let b): if op.isMethod { accesses(expression) } else { infix(op.rawValue, a, .sum, b, .sum) }
    case .has(let subject, let name):
      write(subject, .sum)
      text += " has \(Self.attribute(name))"
    case .like(let subject, let pattern):
      write(subject, .sum)
      text += " like \(pattern)"
    case .isType(let subject, let type):
      write(subject, .sum)
      text += " is \(type)"
    case .set(let elements):
      text += "["
      list(elements)
      text += "]"
    case .record(let fields):
      text += "{"
      for (index, field) in fields.enumerated() {
        if index > 0 { text += ", " }
        text += "\(Self.attribute(field.name)): "
        write(field.value, .expression)
      }
      text += "}"
    case .call(let function, let arguments):
      if expression.receiver == nil { call(function.rawValue, arguments[...]) } else { accesses(expression) }
    }
  }

  private mutating func writeLiteral(_ value: Value) {
    switch value {
    case .bool(let value): text += value ? "true" : "false"
    case .long(let value): text += String(value)
    case .string(let value): text += Escape.quoted(value.string)
    case .entity(let uid): text += uid.description
    default: write(Expression(value), .member)
    }
  }

  private mutating func infix(_ symbol: String, _ a: Expression, _ left: Level, _ b: Expression, _ right: Level) {
    write(a, left)
    text += " \(symbol) "
    write(b, right)
  }

  private mutating func chain(_ symbol: String, _ parts: [Expression], _ place: Level) {
    for (index, part) in parts.enumerated() {
      if index > 0 { text += symbol }
      write(part, place)
    }
  }

  /// A chain of accesses, link by link.
  private mutating func accesses(_ expression: Expression) {
    let (first, links) = expression.accesses
    write(first, .member)
    for link in links {
      if let attribute = Self.access(link) {
        text += attribute
      } else {
        text += "."
        call(Self.method(link), link.children.dropFirst())
      }
    }
  }

  /// `.name` or `["a name"]`, where the access is to an attribute.
  static func access(_ link: Expression) -> String? {
    guard case .attribute(_, let name) = link.kind else { return nil }
    return isPlain(name) ? ".\(name)" : "[\(Escape.quoted(name.string))]"
  }

  /// The name of the method that an access calls.
  static func method(_ link: Expression) -> String {
    switch link.kind {
    case .unary(let op, _): op.rawValue
    case .binary(let op, _, _): op.rawValue
    case .call(let function, _): function.rawValue
    default: ""
    }
  }

  private mutating func call(_ name: String, _ arguments: ArraySlice<Expression>) {
    text += "\(name)("
    list(arguments)
    text += ")"
  }

  private mutating func list(_ expressions: some Sequence<Expression>) {
    for (index, expression) in expressions.enumerated() {
      if index > 0 { text += ", " }
      write(expression, .expression)
    }
  }

  static func isPlain(_ name: Text) -> Bool { Identifier.isIdentifier(name.string) && !Identifier.reserved.contains(name.string) }
  static func attribute(_ name: Text) -> String { isPlain(name) ? name.string : Escape.quoted(name.string) }
}

extension ScopeConstraint {
  func written(_ variable: Variable) -> String {
    let referred = { (reference: EntityReference) in
      switch reference {
      case .entity(let uid): uid.description
      case .slot: "?\(variable)"
      }
    }
    return switch self {
    case .any: "\(variable)"
    case .equal(let reference): "\(variable) == \(referred(reference))"
    case .isIn(let reference): "\(variable) in \(referred(reference))"
    case .isType(let type): "\(variable) is \(type)"
    case .isTypeIn(let type, let reference): "\(variable) is \(type) in \(referred(reference))"
    }
  }
}

extension ActionConstraint {
  var written: String {
    switch self {
    case .any: "action"
    case .equal(let uid): "action == \(uid)"
    case .isIn(let uid): "action in \(uid)"
    case .isInAny(let uids): "action in [\(uids.map(\.description).joined(separator: ", "))]"
    }
  }
}

extension Policy.Annotation: CustomStringConvertible {
  public var description: String { value.map { "@\(name)(\(Escape.quoted($0.string)))" } ?? "@\(name)" }
}

extension Policy: CustomStringConvertible {
  /// The policy as text that reads back as an equal one; ``Formatter`` lays it out for people.
  public var description: String {
    var lines = annotations.map(\.description)
    lines.append("\(effect.rawValue) (\(principal.written(.principal)), \(action.written), \(resource.written(.resource)))")
    for condition in conditions { lines.append("\(condition.kind.rawValue) { \(condition.body) }") }
    return lines.joined(separator: "\n") + ";"
  }
}

extension PolicySet: CustomStringConvertible {
  /// The texts of all templates and policies. Linked policies stand as the policies they amount to.
  public var description: String { (templates + policies).map(\.description).joined(separator: "\n\n") }
}
