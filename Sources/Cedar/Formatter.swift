/// Lays policies out: one scope variable per line, long conditions broken at their operators. Keeps every comment and every meaning.
public struct Formatter: Sendable {
  /// The columns a line should not exceed.
  public let width: Int
  /// The columns of one step of indentation.
  public let indent: Int

  public init(width: Int = 100, indent: Int = 2) {
    self.width = max(width, 20)
    self.indent = max(indent, 0)
  }

  /// The text of policies, laid out. Formatting what is formatted changes nothing.
  public func format(_ text: String, file: String? = nil) throws(ParseFailure) -> String {
    let policies = try PolicySet(parsing: text, file: file)
    let bytes = Array(text.utf8)
    var lexer = Lexer(bytes, keepingComments: true)
    // The text was read once already, so every token of it can be read.
    while let token = try? lexer.next(), token.kind != .end {}
    var comments = Comments(lexer.comments.map { (String(decoding: bytes[$0], as: UTF8.self).trimmingEnd(), $0.lowerBound) }, bytes)
    var blocks: [String] = []
    for policy in (policies.templates + policies.policies).sorted(by: { ($0.span?.lowerBound ?? 0) < ($1.span?.lowerBound ?? 0) }) {
      var builder = LayoutBuilder(comments: comments, indent: indent)
      let layout = builder.policy(policy)
      comments = builder.comments
      blocks.append(layout.rendered(width: width))
    }
    let rest = comments.take(before: .max)
    if !rest.isEmpty { blocks.append(rest.joined(separator: "\n")) }
    return blocks.joined(separator: "\n\n") + (blocks.isEmpty ? "" : "\n")
  }
}

/// The comments that are not written yet.
private struct Comments {
  private var waiting: ArraySlice<(text: String, offset: Int)>
  private let bytes: [UInt8]

  init(_ comments: [(String, Int)], _ bytes: [UInt8]) {
    waiting = comments.map { (text: $0.0, offset: $0.1) }[...]
    self.bytes = bytes
  }

  mutating func take(before offset: Int) -> [String] {
    var taken: [String] = []
    while let first = waiting.first, first.offset < offset {
      taken.append(first.text)
      waiting.removeFirst()
    }
    return taken
  }

  /// The comment that stands in the same line behind an offset, with nothing but blanks between.
  mutating func takeTrailing(_ offset: Int) -> String? {
    guard let first = waiting.first, first.offset >= offset, bytes[offset..<first.offset].allSatisfy({ $0 == 32 || $0 == 9 }) else { return nil }
    waiting.removeFirst()
    return first.text
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var result = self[...]
    while let last = result.last, last.isWhitespace { result.removeLast() }
    return String(result)
  }
}

/// A text with the places where it may be broken (Wadler, "A prettier printer").
private indirect enum Layout {
  case text(String)
  /// A blank, or a new line where the group does not fit.
  case line
  /// Nothing, or a new line where the group does not fit.
  case softLine
  case newLine
  case sequence([Layout])
  case nested(Int, Layout)
  /// In one line if it fits, else broken at all of its own lines.
  case group(Layout)

  func rendered(width: Int) -> String {
    var result = ""
    var column = 0
    var stack: [(indent: Int, isFlat: Bool, layout: Layout)] = [(0, false, self)]
    while let (indent, isFlat, layout) = stack.popLast() {
      switch layout {
      case .text(let text):
        result += text
        column += text.count
      case .line, .softLine:
        if isFlat {
          if case .line = layout {
            result += " "
            column += 1
          }
        } else {
          result.breakLine(indent)
          column = indent
        }
      case .newLine:
        result.breakLine(indent)
        column = indent
      case .sequence(let parts): for part in parts.reversed() { stack.append((indent, isFlat, part)) }
      case .nested(let step, let inner): stack.append((indent + step, isFlat, inner))
      case .group(let inner): stack.append((indent, isFlat || Self.fits(inner, width - column), inner))
      }
    }
    result.trimBlanks()
    return result
  }

  private static func fits(_ layout: Layout, _ width: Int) -> Bool {
    var left = width
    var stack = [layout]
    while left >= 0, let next = stack.popLast() {
      switch next {
      case .text(let text): left -= text.count
      case .line: left -= 1
      case .softLine: break
      case .newLine: return false
      case .sequence(let parts): stack += parts.reversed()
      case .nested(_, let inner), .group(let inner): stack.append(inner)
      }
    }
    return left >= 0
  }
}

extension String {
  fileprivate mutating func trimBlanks() { while utf8.last == 32 { removeLast() } }

  fileprivate mutating func breakLine(_ indent: Int) {
    trimBlanks()
    self += "\n"
    self += String(repeating: " ", count: indent)
  }
}

private struct LayoutBuilder {
  var comments: Comments
  let indent: Int

  private mutating func commentLines(before offset: Int?) -> [Layout] {
    guard let offset else { return [] }
    return comments.take(before: offset).flatMap { [.text($0), .newLine] }
  }

  mutating func policy(_ policy: Policy) -> Layout {
    var parts = commentLines(before: policy.span?.lowerBound)
    for annotation in policy.annotations { parts += [.text(annotation.description), .newLine] }
    parts += [.text("\(policy.effect.rawValue) ("), .nested(indent, .sequence([.newLine, .text(policy.principal.written(.principal)), .text(","), .newLine]))]
    parts += [.nested(indent, .sequence([action(policy.action), .text(","), .newLine, .text(policy.resource.written(.resource))])), .newLine, .text(")")]
    for condition in policy.conditions {
      parts.append(.newLine)
      // Comments of the scope come before the condition they precede.
      parts += commentLines(before: condition.body.span.map { firstOffset(condition.body) ?? $0.lowerBound })
      let body = expression(condition.body, .expression)
      parts.append(.group(.sequence([.text("\(condition.kind.rawValue) {"), .nested(indent, .sequence([.line, body])), .line, .text("}")])))
    }
    let rest = commentLines(before: policy.span?.upperBound)
    if !rest.isEmpty { parts += [.newLine] + rest }
    parts.append(.text(";"))
    if let end = policy.span?.upperBound, let trailing = comments.takeTrailing(end) { parts.append(.text(" \(trailing)")) }
    return .sequence(parts)
  }

  private func firstOffset(_ expression: Expression) -> Int? {
    var first: Int?
    expression.forEach { if let start = $0.span?.lowerBound, start < first ?? .max { first = start } }
    return first
  }

  private func action(_ constraint: ActionConstraint) -> Layout {
    guard case .isInAny(let uids) = constraint else { return .text(constraint.written) }
    return bracketed("action in [", uids.map { .text($0.description) }, "]")
  }

  private func bracketed(_ open: String, _ parts: [Layout], _ close: String) -> Layout {
    if parts.isEmpty { return .text(open + close) }
    var inner: [Layout] = [.softLine]
    for (index, part) in parts.enumerated() { inner += index == 0 ? [part] : [.text(","), .line, part] }
    return .group(.sequence([.text(open), .nested(indent, .sequence(inner)), .softLine, .text(close)]))
  }

  private mutating func expression(_ expression: Expression, _ place: ExpressionWriter.Level) -> Layout {
    let bare = bareExpression(expression)
    return ExpressionWriter.level(of: expression) < place ? .group(.sequence([.text("("), .nested(indent, .sequence([.softLine, bare])), .softLine, .text(")")])) : bare
  }

  private mutating func bareExpression(_ expression: Expression) -> Layout {
    switch expression.kind {
    case .and(let all):
      guard let (_, _, rest) = ExpressionWriter.path(all) else { return chain(all, "&&", .relation) }
      let path = Array(all.dropLast(rest.count))
      return rest.isEmpty ? leaf(expression) : chain([Expression(.and(path), at: path[0].span)] + rest, "&&", .relation)
    case .or(let all): return chain(all, "||", .and)
    case .conditional(let branches, let last):
      var parts: [Layout] = []
      for branch in branches {
        parts += [.text("if "), .nested(indent, self.expression(branch.test, .expression)), .line]
        parts += [.text("then "), .nested(indent, self.expression(branch.then, .expression)), .line, .text("else ")]
      }
      return .group(.sequence(parts + [.nested(indent, self.expression(last, .expression))]))
    case .unary(.not, let operand):
      if let (symbol, a, b) = ExpressionWriter.negatedComparison(operand) { return infix(symbol, a, b) }
      let (count, inner) = ExpressionWriter.repeated(.not, operand)
      return .sequence([.text(String(repeating: "!", count: count)), self.expression(inner, .member)])
    case .binary(let op, let a, let b): return op.isMethod ? accesses(expression) : infix(op.rawValue, a, b)
    case .attribute, .unary(.isEmpty, _): return accesses(expression)
    case .set(let elements):
      var parts: [Layout] = []
      for element in elements { parts.append(self.expression(element, .expression)) }
      return bracketed("[", parts, "]")
    case .record(let fields):
      // As they were written: the order of the source, where there is one.
      var parts: [Layout] = []
      for field in fields.sorted(by: { ($0.value.span?.lowerBound ?? 0) < ($1.value.span?.lowerBound ?? 0) }) {
        parts.append(.sequence([.text("\(ExpressionWriter.attribute(field.name)): "), self.expression(field.value, .expression)]))
      }
      return bracketed("{", parts, "}")
    case .call: return expression.receiver == nil ? leaf(expression) : accesses(expression)
    default: return leaf(expression)
    }
  }

  /// What is not broken; the comments in it stand before it.
  private mutating func leaf(_ expression: Expression) -> Layout {
    let before = commentLines(before: expression.span?.lowerBound)
    return .sequence(before + [.text(expression.description)])
  }

  private mutating func infix(_ symbol: String, _ a: Expression, _ b: Expression) -> Layout {
    let left = expression(a, .sum)
    let right = expression(b, .sum)
    return .group(.sequence([left, .text(" \(symbol)"), .nested(indent, .sequence([.line, right]))]))
  }

  /// A chain of accesses is broken only within the arguments of its methods; up to the first of these it stays as it is.
  private mutating func accesses(_ expression: Expression) -> Layout {
    let (first, links) = expression.accesses
    guard let method = links.firstIndex(where: { ExpressionWriter.access($0) == nil }) else { return leaf(expression) }
    var parts = [method == 0 ? self.expression(first, .member) : leaf(links[method - 1])]
    for link in links[method...] {
      if let attribute = ExpressionWriter.access(link) {
        parts.append(.text(attribute))
        continue
      }
      var arguments: [Layout] = []
      for argument in link.children.dropFirst() { arguments.append(self.expression(argument, .expression)) }
      parts.append(bracketed(".\(ExpressionWriter.method(link))(", arguments, ")"))
    }
    return .sequence(parts)
  }

  private mutating func chain(_ operands: [Expression], _ symbol: String, _ place: ExpressionWriter.Level) -> Layout {
    var parts: [Layout] = []
    for operand in operands {
      if !parts.isEmpty { parts += [.text(" \(symbol)"), .line] }
      parts.append(expression(operand, place))
    }
    return .group(.sequence(parts))
  }
}
