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
    let (first, hasComments) = try layOut(text, file)
    var result = first
    // A comment within what is not broken moves before it; then there is more room for what it stood in.
    for _ in 0..<3 where hasComments {
      let again = try layOut(result, file).text
      if again == result { break }
      result = again
    }
    return result
  }

  private func layOut(_ text: String, _ file: String?) throws(ParseFailure) -> (text: String, hasComments: Bool) {
    let policies = try PolicySet(parsing: text, file: file)
    let bytes = Array(text.utf8)
    var lexer = Lexer(bytes, keepingComments: true)
    var tokens: [Token] = []
    // The text was read once already, so every token of it can be read.
    while let token = try? lexer.next(), token.kind != .end { tokens.append(token) }
    var comments = Comments(lexer.comments, bytes)
    var blocks: [String] = []
    for policy in (policies.templates + policies.policies).sorted(by: { ($0.span?.lowerBound ?? 0) < ($1.span?.lowerBound ?? 0) }) {
      var builder = LayoutBuilder(comments: comments, tokens: tokens, indent: indent)
      let layout = builder.policy(policy)
      comments = builder.comments
      blocks.append(layout.rendered(width: width))
    }
    let rest = comments.take(before: .max)
    if !rest.isEmpty { blocks.append(rest.joined(separator: "\n")) }
    return (blocks.joined(separator: "\n\n") + (blocks.isEmpty ? "" : "\n"), !lexer.comments.isEmpty)
  }
}

/// The comments that are not written yet.
private struct Comments {
  private struct Comment {
    let text: String
    let offset: Int
    /// Whether something stands before it in its line.
    let isTrailing: Bool
  }

  private var waiting: ArraySlice<Comment>

  init(_ comments: [Range<Int>], _ bytes: [UInt8]) {
    waiting = comments.map { span in
      let before = bytes[..<span.lowerBound].reversed().prefix { $0 != 10 }
      return Comment(
        text: String(decoding: bytes[span], as: UTF8.self).trimmingEnd(), offset: span.lowerBound,
        isTrailing: before.contains { $0 != 32 && $0 != 9 && $0 != 13 })
    }[...]
  }

  mutating func take(before offset: Int) -> [String] {
    var taken: [String] = []
    while let first = waiting.first, first.offset < offset {
      taken.append(first.text)
      waiting.removeFirst()
    }
    return taken
  }

  /// The next comment before an offset, if it stands behind something in its line.
  mutating func takeTrailing(before offset: Int) -> String? {
    guard let first = waiting.first, first.offset < offset, first.isTrailing else { return nil }
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

/// Where the parts of a policy stand that have no place of their own, so that comments stay beside them.
private struct Outline {
  /// Where annotations and, last, the effect begin.
  private(set) var heads: [Int] = []
  /// Where the variables of the scope begin, and where the comma or parenthesis behind them stands.
  private(set) var variables: [(start: Int, end: Int)] = []
  private(set) var conditions: [(keyword: Int, close: Int)] = []
  private(set) var close = 0
  /// The semicolon.
  private(set) var end = 0

  init(_ tokens: ArraySlice<Token>) {
    var depth = 0
    var start: Int?
    var isInScope = false
    var isAnnotation = false
    for token in tokens {
      defer { isAnnotation = token.kind == .symbol(.at) }
      let offset = token.span.lowerBound
      switch token.kind {
      case .symbol(.at) where depth == 0 && conditions.isEmpty: heads.append(offset)
      case .symbol(.leftParen), .symbol(.leftBracket), .symbol(.leftBrace): depth += 1
      case .symbol(.rightParen), .symbol(.rightBracket), .symbol(.rightBrace):
        depth -= 1
        guard depth == 0 else { break }
        if isInScope {
          if let start { variables.append((start, offset)) }
          (close, isInScope, start) = (offset, false, nil)
        } else if token.kind == .symbol(.rightBrace), !conditions.isEmpty {
          conditions[conditions.count - 1].close = offset
        }
      case .symbol(.comma) where isInScope && depth == 1:
        if let start { variables.append((start, offset)) }
        start = nil
      case .symbol(.semicolon) where depth == 0: end = offset
      case .word where depth == 0 && close > 0: conditions.append((offset, offset))
      case .word where depth == 0 && !isAnnotation:
        heads.append(offset)
        isInScope = true
      case .word where isInScope && depth == 1 && start == nil: start = offset
      default: break
      }
    }
  }
}

private struct LayoutBuilder {
  var comments: Comments
  let tokens: [Token]
  let indent: Int

  mutating func policy(_ policy: Policy) -> Layout {
    let span = policy.span ?? 0..<0
    let first = index(of: span.lowerBound)
    let next = index(of: span.upperBound)
    let outline = Outline(tokens[first..<next])
    let conditions = Array(zip(policy.conditions, outline.conditions))
    var parts: [Layout] = []
    for (annotation, (start, following)) in zip(policy.annotations, zip(outline.heads, outline.heads.dropFirst())) {
      parts += lines(before: start) + [.text(annotation.description)] + trailing(before: following) + [.newLine]
    }
    parts += lines(before: outline.heads.last ?? 0) + [.text("\(policy.effect.rawValue) ("), .nested(indent, scope(policy, outline)), .newLine, .text(")")]
    for (number, (condition, (keyword, close))) in conditions.enumerated() {
      parts += trailing(before: keyword) + [.newLine] + lines(before: keyword)
      let inner = [.line, expression(condition.body, .expression)] + closing(before: close)
      parts.append(.group(.sequence([.text("\(condition.kind.rawValue) {"), .nested(indent, .sequence(inner)), .line, .text("}")])))
      if number + 1 == conditions.count { parts += trailing(before: outline.end, thenBreak: true) }
    }
    if conditions.isEmpty { parts += trailing(before: outline.end, thenBreak: true) }
    let rest = lines(before: outline.end)
    if !rest.isEmpty { parts += [.newLine] + rest }
    parts.append(.text(";"))
    return .sequence(parts + trailing(before: next < tokens.count ? tokens[next].span.lowerBound : .max))
  }

  private mutating func scope(_ policy: Policy, _ outline: Outline) -> Layout {
    var parts: [Layout] = []
    for (number, (start, end)) in outline.variables.enumerated() {
      parts += [.newLine] + lines(before: end)
      switch number {
      case 0: parts.append(.text(policy.principal.written(.principal) + ","))
      case 1: parts += [action(policy.action), .text(",")]
      default: parts.append(.text(policy.resource.written(.resource)))
      }
      let following = outline.variables.dropFirst(number + 1).first?.start ?? outline.close
      if start < following { parts += trailing(before: following) }
    }
    return .sequence(parts + closing(before: outline.close))
  }

  // MARK: Comments

  /// The comments before an offset, each in a line of its own.
  private mutating func lines(before offset: Int) -> [Layout] { comments.take(before: offset).flatMap { [.text($0), .newLine] } }

  /// The comment behind what was written, in the same line.
  private mutating func trailing(before offset: Int, thenBreak: Bool = false) -> [Layout] {
    guard let comment = comments.takeTrailing(before: offset) else { return [] }
    return [.text(" \(comment)")] + (thenBreak ? [.newLine] : [])
  }

  /// The comments that stand last in brackets.
  private mutating func closing(before offset: Int?) -> [Layout] { offset.map { comments.take(before: $0).flatMap { [.newLine, .text($0)] } } ?? [] }

  /// What separates two parts: a blank or line, with the comment behind the first of them.
  private mutating func separator(before next: Expression, behindKeyword: Bool = false) -> [Layout] {
    var end = start(next)
    if behindKeyword, let keyword = tokens[..<index(of: end)].last(where: { $0.kind != .symbol(.leftParen) }) { end = keyword.span.lowerBound }
    let comment = trailing(before: end, thenBreak: true)
    return comment.isEmpty ? [.line] : comment
  }

  private func start(_ expression: Expression) -> Int { expression.span?.lowerBound ?? 0 }

  /// The first token at or behind an offset.
  private func index(of offset: Int) -> Int {
    var (low, high) = (0, tokens.count)
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].span.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Expressions

  private func action(_ constraint: ActionConstraint) -> Layout {
    guard case .isInAny(let uids) = constraint, !uids.isEmpty else { return .text(constraint.written) }
    var inner: [Layout] = [.softLine]
    for (number, uid) in uids.enumerated() { inner += (number == 0 ? [] : [.text(","), .line]) + [.text(uid.description)] }
    return .group(.sequence([.text("action in ["), .nested(indent, .sequence(inner)), .softLine, .text("]")]))
  }

  /// Parts between brackets, the first of them at an offset, the closing bracket right before one.
  private mutating func bracketed(
    _ open: String, _ parts: [Expression], _ close: String, upTo end: Int?, _ name: (inout LayoutBuilder, Expression) -> [Layout] = { _, _ in [] }
  ) -> Layout {
    var inner: [Layout] = []
    for (number, part) in parts.enumerated() {
      inner += number == 0 ? [.softLine] : [.text(",")] + separator(before: part)
      inner += name(&self, part)
      inner.append(expression(part, .expression))
    }
    inner += closing(before: end.map { $0 - 1 })
    if inner.isEmpty { return .text(open + close) }
    return .group(.sequence([.text(open), .nested(indent, .sequence(inner)), .softLine, .text(close)]))
  }

  private mutating func expression(_ expression: Expression, _ place: ExpressionWriter.Level) -> Layout {
    // What stands before the whole does not break what is within it.
    let before = lines(before: start(expression))
    var layout = bareExpression(expression)
    if ExpressionWriter.level(of: expression) < place {
      layout = .group(.sequence([.text("("), .nested(indent, .sequence([.softLine, layout])), .softLine, .text(")")]))
    }
    return before.isEmpty ? layout : .sequence(before + [layout])
  }

  private mutating func bareExpression(_ expression: Expression) -> Layout {
    switch expression.kind {
    case .and(let all):
      let operands = ExpressionWriter.operands(all).map { path -> Expression in
        guard path.count > 1, let first = path.first?.span, let last = path.last?.span else { return path[path.startIndex] }
        return Expression(.and(Array(path)), at: first.lowerBound..<last.upperBound)
      }
      return operands.count == 1 ? leaf(operands[0]) : chain(operands, "&&", .relation)
    case .or(let all): return chain(all, "||", .and)
    case .conditional(let branches, let last):
      var parts: [Layout] = []
      for branch in branches {
        parts += [.text("if "), .nested(indent, self.expression(branch.test, .expression))] + separator(before: branch.then, behindKeyword: true)
        parts += [.text("then "), .nested(indent, self.expression(branch.then, .expression))] + separator(before: last, behindKeyword: true) + [.text("else ")]
      }
      return .group(.sequence(parts + [.nested(indent, self.expression(last, .expression))]))
    case .unary(.not, let operand):
      if let (symbol, a, b) = ExpressionWriter.negatedComparison(operand) { return infix(symbol, a, b) }
      let (count, inner) = ExpressionWriter.repeated(.not, operand)
      return .sequence([.text(String(repeating: "!", count: count)), self.expression(inner, .member)])
    case .binary(let op, let a, let b): return op.isMethod ? accesses(expression) : infix(op.rawValue, a, b)
    case .attribute, .unary(.isEmpty, _): return accesses(expression)
    case .set(let elements): return bracketed("[", elements, "]", upTo: expression.span?.upperBound)
    case .record(let fields):
      // As they were written: the order of the source, where there is one.
      let fields = fields.sorted { start($0.value) < start($1.value) }
      var names = fields.map(\.name).makeIterator()
      return bracketed("{", fields.map(\.value), "}", upTo: expression.span?.upperBound) { builder, value in
        // A comment before the name stays before it.
        var token = builder.index(of: builder.start(value)) - 1
        while token > 0, builder.tokens[token].kind != .symbol(.colon) { token -= 1 }
        return builder.lines(before: token > 0 ? builder.tokens[token].span.lowerBound : 0) + [.text("\(ExpressionWriter.attribute(names.next() ?? "")): ")]
      }
    case .call: return expression.receiver == nil ? leaf(expression) : accesses(expression)
    default: return leaf(expression)
    }
  }

  /// What is not broken; the comments in it stand before it.
  private mutating func leaf(_ expression: Expression) -> Layout {
    let before = expression.span.map { lines(before: $0.upperBound) } ?? []
    return .sequence(before + [.text(expression.description)])
  }

  private mutating func infix(_ symbol: String, _ a: Expression, _ b: Expression) -> Layout {
    let left = expression(a, .sum)
    let right = separator(before: b)
    return .group(.sequence([left, .text(" \(symbol)"), .nested(indent, .sequence(right + [expression(b, .sum)]))]))
  }

  /// A chain of accesses is broken only within the arguments of its methods and behind comments; up to the first of these it stays as it is.
  private mutating func accesses(_ expression: Expression) -> Layout {
    let (first, links) = expression.accesses
    guard let method = links.firstIndex(where: { ExpressionWriter.access($0) == nil }) else { return leaf(expression) }
    var parts = [method == 0 ? self.expression(first, .member) : leaf(links[method - 1])]
    for link in links[method...] {
      let open = link.receiver?.span.map { span in tokens[index(of: span.upperBound)...].first { $0.kind == .symbol(.leftParen) }?.span.lowerBound ?? 0 }
      let attribute = ExpressionWriter.access(link)
      let before = comments.take(before: (attribute == nil ? open : link.span?.upperBound) ?? 0).flatMap { [.text(" \($0)"), .newLine] as [Layout] }
      parts.append(.nested(indent, .sequence(before)))
      if let attribute {
        parts.append(.text(attribute))
      } else {
        parts.append(bracketed(".\(ExpressionWriter.method(link))(", Array(link.children.dropFirst()), ")", upTo: link.span?.upperBound))
      }
    }
    return .sequence(parts)
  }

  private mutating func chain(_ operands: [Expression], _ symbol: String, _ place: ExpressionWriter.Level) -> Layout {
    var parts: [Layout] = []
    for (number, operand) in operands.enumerated() {
      if number > 0 { parts += [.text(" \(symbol)")] + separator(before: operand) }
      parts.append(expression(operand, place))
    }
    return .group(.sequence(parts))
  }
}
