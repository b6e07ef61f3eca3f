extension PolicySet {
  /// Reads policies and templates; they are named `policy0`, `policy1` … in the order of the text.
  ///
  /// `file` is the name that errors give to the text. Reading goes on after a faulty policy, so that all faults are told at once.
  public init(parsing text: String, file: String? = nil) throws(ParseFailure) {
    var parser = Parser(Array(text.utf8), file: file)
    self = try parser.policySet()
  }
}

extension Policy {
  /// Reads exactly one policy or template.
  public init(parsing text: String, id: PolicyID = "policy0", file: String? = nil) throws(ParseFailure) {
    var parser = Parser(Array(text.utf8), file: file)
    self = try parser.whole { (parser) throws(SyntaxError) in try parser.policy(id: id) }
  }
}

extension Expression {
  /// Reads exactly one expression.
  public init(parsing text: String, file: String? = nil) throws(ParseFailure) {
    var parser = Parser(Array(text.utf8), file: file)
    self = try parser.whole { (parser) throws(SyntaxError) in try parser.expression() }
  }
}

extension EntityUID {
  /// Reads `Type::"id"`.
  public init(parsing text: String) throws(ParseFailure) {
    var parser = Parser(Array(text.utf8), file: nil)
    self = try parser.whole { (parser) throws(SyntaxError) in try parser.entity() }
  }
}

/// The first thing a parser stumbles over.
struct SyntaxError: Error {
  let message: String
  let hint: String?
  let span: Range<Int>

  init(_ message: String, hint: String? = nil, at span: Range<Int>) {
    self.message = message
    self.hint = hint
    self.span = span
  }
}

/// A recursive-descent parser of policies; the grammar is that of docs.cedarpolicy.com/policies/syntax-grammar.html.
struct Parser {
  private var lexer: Lexer
  private(set) var token = Token(kind: .end, span: 0..<0)
  private var lastEnd = 0
  private var nesting = 0
  private let file: String?
  private var pending: SyntaxError?

  private var bytes: [UInt8] { lexer.bytes }

  init(_ bytes: [UInt8], file: String?) {
    self.file = file
    if bytes.count > Limits.textSize {
      lexer = Lexer([])
      pending = SyntaxError("this text has \(bytes.count) bytes; at most \(Limits.textSize) are read", at: 0..<0)
    } else {
      lexer = Lexer(bytes)
    }
  }

  // MARK: Whole texts

  mutating func policySet() throws(ParseFailure) -> PolicySet {
    var set = PolicySet()
    var diagnostics: [Diagnostic] = []
    var count = 0
    do throws(SyntaxError) {
      try start()
    } catch {
      diagnostics.append(diagnostic(error))
      recover()
    }
    while token.kind != .end, diagnostics.count < 20 {
      do throws(SyntaxError) {
        nesting = 0
        let policy = try policy(id: PolicyID("policy\(count)"))
        try add(policy, to: &set)
      } catch {
        diagnostics.append(diagnostic(error))
        recover()
      }
      count += 1
    }
    guard diagnostics.isEmpty else { throw ParseFailure(diagnostics: diagnostics) }
    return set
  }

  private func add(_ policy: Policy, to set: inout PolicySet) throws(SyntaxError) {
    do throws(PolicySet.Failure) {
      try set.add(policy)
    } catch {
      throw SyntaxError(error.description, at: policy.span ?? 0..<0)
    }
  }

  mutating func whole<Result>(_ parse: (inout Parser) throws(SyntaxError) -> Result) throws(ParseFailure) -> Result {
    do throws(SyntaxError) {
      try start()
      let result = try parse(&self)
      guard token.kind == .end else { throw unexpected("nothing more") }
      return result
    } catch {
      throw ParseFailure(diagnostics: [diagnostic(error)])
    }
  }

  private mutating func start() throws(SyntaxError) {
    if let pending { throw pending }
    try advance()
  }

  private func diagnostic(_ error: SyntaxError) -> Diagnostic {
    Diagnostic(.error, error.message, hint: error.hint, file: file, location: SourceLocation(error.span, in: bytes))
  }

  /// Goes on behind the next semicolon.
  private mutating func recover() {
    if pending != nil { return }
    while token.kind != .end {
      let isEndOfPolicy = token.kind == .symbol(.semicolon)
      repeat {
        do throws(SyntaxError) {
          try advance()
          break
        } catch {
          // What can't be read at all is skipped.
          continue
        }
      } while true
      if isEndOfPolicy { return }
    }
  }

  // MARK: Tokens

  private mutating func advance() throws(SyntaxError) {
    lastEnd = token.span.upperBound
    do throws(Lexer.Failure) {
      token = try lexer.next()
    } catch {
      throw SyntaxError(error.message, hint: error.hint, at: error.span)
    }
  }

  private func text(_ span: Range<Int>) -> String { String(decoding: bytes[span], as: UTF8.self) }

  private func isAt(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }

  private func isAt(word: StaticString) -> Bool {
    guard token.kind == .word, token.span.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { bytes[token.span].elementsEqual($0) }
  }

  private mutating func take(_ symbol: Token.Symbol) throws(SyntaxError) -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  private mutating func take(word: StaticString) throws(SyntaxError) -> Bool {
    guard isAt(word: word) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ symbol: Token.Symbol, hint: String? = nil) throws(SyntaxError) {
    guard try take(symbol) else { throw unexpected("`\(symbol.rawValue)`", hint: hint) }
  }

  private func unexpected(_ expected: String, hint: String? = nil) -> SyntaxError {
    let found = token.kind == .end ? "the end of the text" : "`\(shortened(text(token.span)))`"
    return SyntaxError("expected \(expected), found \(found)", hint: hint, at: token.span)
  }

  private func shortened(_ text: String) -> String { text.count > 40 ? "\(text.prefix(40))…" : text }

  /// Runs a part that may contain itself, up to a bounded depth.
  private mutating func nested<Result>(_ parse: (inout Parser) throws(SyntaxError) -> Result) throws(SyntaxError) -> Result {
    nesting += 1
    guard nesting <= Limits.nesting else {
      throw SyntaxError("this is nested more than \(Limits.nesting) deep", hint: "split the policy, or name parts of it in attributes", at: token.span)
    }
    let result = try parse(&self)
    nesting -= 1
    return result
  }

  private func checked(_ kind: Expression.Kind, _ start: Int) throws(SyntaxError) -> Expression {
    let result = Expression(kind, at: start..<lastEnd)
    guard result.depth <= Limits.expressionDepth else {
      throw SyntaxError("this expression is more than \(Limits.expressionDepth) deep", hint: "a set and `contains` can replace a long chain", at: start..<lastEnd)
    }
    return result
  }

  /// Elements between commas up to a closing symbol; a comma may follow the last.
  private mutating func list<Element>(upTo end: Token.Symbol, _ element: (inout Parser) throws(SyntaxError) -> Element) throws(SyntaxError) -> [Element] {
    var elements: [Element] = []
    while !isAt(end) {
      elements.append(try element(&self))
      guard try take(.comma) else { break }
    }
    try expect(end)
    return elements
  }

  private mutating func string(_ what: String) throws(SyntaxError) -> Text {
    guard token.kind == .string else { throw unexpected(what) }
    let span = token.span
    try advance()
    return try unescaped(span)
  }

  private func unescaped(_ span: Range<Int>) throws(SyntaxError) -> Text {
    do throws(Escape.Failure) {
      return try Escape.unescape(bytes[span.lowerBound + 1..<span.upperBound - 1])
    } catch {
      throw SyntaxError(error.message, at: position(of: error, in: span))
    }
  }

  private func position(of failure: Escape.Failure, in span: Range<Int>) -> Range<Int> {
    let start = min(span.lowerBound + 1 + failure.offset, span.upperBound)
    return start..<min(start + 2, span.upperBound)
  }

  // MARK: Policies

  mutating func policy(id: PolicyID) throws(SyntaxError) -> Policy {
    let start = token.span.lowerBound
    let annotations = try annotations()
    guard token.kind == .word else { throw unexpected("`permit` or `forbid`") }
    let effect: Effect
    if try take(word: "permit") {
      effect = .permit
    } else if try take(word: "forbid") {
      effect = .forbid
    } else {
      throw SyntaxError("`\(shortened(text(token.span)))` is not an effect", hint: "a policy begins with `permit` or `forbid`", at: token.span)
    }
    let scopeStart = token.span
    try expect(.leftParen)
    let principal = try scopeVariable(.principal, from: scopeStart) { (parser) throws(SyntaxError) in try parser.scope(.principal) }
    let action = try scopeVariable(.action, from: scopeStart) { (parser) throws(SyntaxError) in try parser.actionScope() }
    let resource = try scopeVariable(.resource, from: scopeStart) { (parser) throws(SyntaxError) in try parser.scope(.resource) }
    guard isAt(.rightParen) else { throw unexpected("`)`", hint: Self.scopeHint) }
    try advance()
    var conditions: [Condition] = []
    while token.kind == .word { conditions.append(try condition()) }
    try expect(.semicolon, hint: "a policy ends with `;`")
    return Policy(
      id: id, annotations: annotations, effect: effect, principal: principal, action: action, resource: resource, conditions: conditions,
      span: start..<lastEnd)
  }

  private static let scopeHint = "a scope has exactly `principal`, `action` and `resource`, in this order"

  private mutating func annotations() throws(SyntaxError) -> [Policy.Annotation] {
    var annotations: [Policy.Annotation] = []
    while isAt(.at) {
      let start = token.span.lowerBound
      try advance()
      guard token.kind == .word else { throw unexpected("the name of an annotation") }
      let name = Text(text(token.span))
      try advance()
      var value: Text?
      if try take(.leftParen) {
        value = try string("the annotation's value, a string")
        try expect(.rightParen)
      }
      guard !annotations.contains(where: { $0.name == name }) else {
        throw SyntaxError("the annotation `@\(name)` is given twice", at: start..<lastEnd)
      }
      annotations.append(Policy.Annotation(name, value))
    }
    return annotations
  }

  private mutating func scopeVariable<Constraint>(
    _ variable: Variable, from start: Range<Int>, _ parse: (inout Parser) throws(SyntaxError) -> Constraint
  ) throws(SyntaxError) -> Constraint {
    guard token.kind == .word else {
      throw SyntaxError("the scope lacks `\(variable)`", hint: Self.scopeHint, at: start.lowerBound..<max(lastEnd, start.upperBound))
    }
    let name = text(token.span)
    guard name == variable.rawValue else {
      throw SyntaxError("expected `\(variable)`, found `\(shortened(name))`", hint: Self.scopeHint, at: token.span)
    }
    try advance()
    if isAt(.colon) { throw SyntaxError("types are not written with `:`", hint: "write `\(variable) is Type`", at: token.span) }
    let constraint = try parse(&self)
    guard try take(.comma) || isAt(.rightParen) else { throw unexpected("`,` or `)`", hint: "a scope compares with `==`, `in`, `is` or `is … in`") }
    return constraint
  }

  private mutating func scope(_ variable: Variable) throws(SyntaxError) -> ScopeConstraint {
    if isAt(.equal) { throw singleEquals() }
    if try take(.equalEqual) { return .equal(try reference(variable)) }
    if try take(word: "in") {
      let reference = try reference(variable)
      if isAt(word: "is") { throw SyntaxError("`is` stands before `in`", hint: "write `\(variable) is Type in Group::\"…\"`", at: token.span) }
      return .isIn(reference)
    }
    guard try take(word: "is") else { return .any }
    let type = try entityType()
    if isAt(.equalEqual) { throw SyntaxError("`is` does not go with `==`", hint: "the entity after `==` has its type already", at: token.span) }
    return try take(word: "in") ? .isTypeIn(type, try reference(variable)) : .isType(type)
  }

  private func singleEquals() -> SyntaxError { SyntaxError("`=` is not an operator", hint: "write `==`", at: token.span) }

  private mutating func reference(_ variable: Variable) throws(SyntaxError) -> EntityReference {
    if isAt(.leftParen) {
      return try nested { (parser) throws(SyntaxError) in
        try parser.advance()
        let reference = try parser.reference(variable)
        try parser.expect(.rightParen)
        return reference
      }
    }
    guard token.kind == .slot else { return .entity(try entity()) }
    let name = text(token.span)
    guard name == "?\(variable)" else {
      throw SyntaxError("`\(shortened(name))` can't stand here", hint: "the slot of `\(variable)` is `?\(variable)`", at: token.span)
    }
    try advance()
    return .slot
  }

  private mutating func actionScope() throws(SyntaxError) -> ActionConstraint {
    if isAt(.equal) { throw singleEquals() }
    if isAt(word: "is") { throw SyntaxError("`is` can't stand in the scope of the action", hint: "move it into a `when` clause", at: token.span) }
    if try take(.equalEqual) { return .equal(try action()) }
    guard try take(word: "in") else { return .any }
    return try actions()
  }

  private mutating func actions() throws(SyntaxError) -> ActionConstraint {
    if isAt(.leftParen) {
      return try nested { (parser) throws(SyntaxError) in
        try parser.advance()
        let actions = try parser.actions()
        try parser.expect(.rightParen)
        return actions
      }
    }
    guard try take(.leftBracket) else { return .isIn(try action()) }
    return .isIn(try list(upTo: .rightBracket) { (parser) throws(SyntaxError) in try parser.action() })
  }

  private mutating func action() throws(SyntaxError) -> EntityUID {
    if isAt(.leftParen) {
      return try nested { (parser) throws(SyntaxError) in
        try parser.advance()
        let action = try parser.action()
        try parser.expect(.rightParen)
        return action
      }
    }
    let start = token.span.lowerBound
    let uid = try entity()
    guard uid.type.isAction else {
      throw SyntaxError("`\(shortened(uid.description))` is not an action", hint: "the type of an action is `Action`, in any namespace", at: start..<lastEnd)
    }
    return uid
  }

  private mutating func condition() throws(SyntaxError) -> Condition {
    let kind: Condition.Kind
    let keyword = token.span
    if try take(word: "when") {
      kind = .when
    } else if try take(word: "unless") {
      kind = .unless
    } else {
      throw SyntaxError("`\(shortened(text(token.span)))` does not begin a condition", hint: "conditions begin with `when` or `unless`; a policy ends with `;`", at: token.span)
    }
    try expect(.leftBrace)
    if isAt(.rightBrace) { throw SyntaxError("this `\(kind.rawValue)` clause is empty", at: keyword.lowerBound..<token.span.upperBound) }
    let body = try expression()
    try expect(.rightBrace)
    if let slot = firstSlot(in: body) {
      throw SyntaxError("a slot can't stand in a `\(kind.rawValue)` clause", hint: "slots stand in the scope: `principal == ?principal`", at: slot)
    }
    return Condition(kind, body)
  }

  private func firstSlot(in body: Expression) -> Range<Int>? {
    guard hasSlots else { return nil }
    var found: Range<Int>?
    body.forEach { if case .slot = $0.kind, found == nil { found = $0.span } }
    return found
  }

  private var hasSlots = false

  // MARK: Names

  /// `Type::"id"`.
  mutating func entity() throws(SyntaxError) -> EntityUID {
    let start = token.span.lowerBound
    switch try nameOrEntity() {
    case .entity(let uid): return uid
    case .name(let name):
      throw SyntaxError("`\(shortened(name))` is not an entity", hint: "write the id behind the type: `\(shortened(name))::\"…\"`", at: start..<lastEnd)
    }
  }

  private mutating func entityType() throws(SyntaxError) -> EntityType {
    let start = token.span.lowerBound
    guard token.kind == .word else { throw unexpected("an entity type") }
    switch try nameOrEntity() {
    case .name(let name): return EntityType(name)
    case .entity(let uid):
      throw SyntaxError("`\(shortened(uid.description))` is an entity, not a type", hint: "write `is \(uid.type)`, or `== \(shortened(uid.description))`", at: start..<lastEnd)
    }
  }

  private enum NameOrEntity {
    case name(String)
    case entity(EntityUID)
  }

  private mutating func nameOrEntity() throws(SyntaxError) -> NameOrEntity {
    guard token.kind == .word else { throw unexpected("an entity, such as `User::\"alice\"`") }
    var name = try nameComponent()
    while try take(.doubleColon) {
      if token.kind == .string { return .entity(EntityUID(EntityType(name), try string("an id"))) }
      if isAt(.leftBrace) { throw SyntaxError("an entity is written with its id: `\(shortened(name))::\"…\"`", at: token.span) }
      guard token.kind == .word else { throw unexpected("a name or an id in quotes") }
      name += "::"
      name += try nameComponent()
    }
    return .name(name)
  }

  private mutating func nameComponent() throws(SyntaxError) -> String {
    let word = text(token.span)
    guard !Identifier.reserved.contains(word) else { throw reserved(word) }
    try advance()
    return word
  }

  private func reserved(_ word: String) -> SyntaxError {
    SyntaxError("`\(word)` is a reserved word and can't be a name", hint: "an attribute of that name is written `[\"\(word)\"]`", at: token.span)
  }

  // MARK: Expressions

  /// What the grammar reads as an operand, before it is known whether it stands for a value, a name or a literal text.
  private enum Operand {
    case expression(Expression)
    case variable(Variable, Range<Int>)
    case name(String, Range<Int>)
    case string(Range<Int>)
    case bool(Bool, Range<Int>)
  }

  private func value(_ operand: Operand) throws(SyntaxError) -> Expression {
    switch operand {
    case .expression(let expression): return expression
    case .variable(let variable, let span): return Expression(.variable(variable), at: span)
    case .bool(let value, let span): return Expression(.literal(.bool(value)), at: span)
    case .string(let span): return Expression(.literal(.string(try unescaped(span))), at: span)
    case .name(let name, let span):
      throw SyntaxError(
        "`\(shortened(name))` is not a variable", hint: "the variables are `principal`, `action`, `resource` and `context`; a string stands in quotes", at: span)
    }
  }

  private func span(_ operand: Operand) -> Range<Int> {
    switch operand {
    case .expression(let expression): expression.span ?? 0..<0
    case .variable(_, let span), .name(_, let span), .string(let span), .bool(_, let span): span
    }
  }

  mutating func expression() throws(SyntaxError) -> Expression { try value(try operand()) }

  private mutating func operand() throws(SyntaxError) -> Operand {
    try nested { (parser) throws(SyntaxError) in
      let start = parser.token.span.lowerBound
      guard try parser.take(word: "if") else { return try parser.disjunction() }
      let test = try parser.expression()
      guard try parser.take(word: "then") else { throw parser.unexpected("`then`") }
      let yes = try parser.expression()
      guard try parser.take(word: "else") else { throw parser.unexpected("`else`", hint: "an `if` always has both branches") }
      let no = try parser.expression()
      return .expression(try parser.checked(.conditional(test, then: yes, else: no), start))
    }
  }

  private mutating func disjunction() throws(SyntaxError) -> Operand {
    let first = try conjunction()
    guard isAt(.orOr) else { return first }
    var result = try value(first)
    let start = span(first).lowerBound
    while try take(.orOr) { result = try checked(.or(result, try value(try conjunction())), start) }
    return .expression(result)
  }

  private mutating func conjunction() throws(SyntaxError) -> Operand {
    let first = try relation()
    guard isAt(.andAnd) else { return first }
    var result = try value(first)
    let start = span(first).lowerBound
    while try take(.andAnd) { result = try checked(.and(result, try value(try relation())), start) }
    return .expression(result)
  }

  private mutating func relation() throws(SyntaxError) -> Operand {
    let first = try sum()
    let start = span(first).lowerBound
    let result: Expression
    switch token.kind {
    case .symbol(let symbol):
      guard let kind = comparison(symbol) else {
        if symbol == .equal { throw singleEquals() }
        return first
      }
      let left = try value(first)
      try advance()
      let right = try value(try sum())
      result = try checked(kind(left, right, start..<lastEnd), start)
    case .word:
      if try take(word: "in") {
        let left = try value(first)
        result = try checked(.binary(.isIn, left, try value(try sum())), start)
      } else if try take(word: "has") {
        return .expression(try has(try value(first), start))
      } else if try take(word: "like") {
        let left = try value(first)
        result = try checked(.like(left, try pattern()), start)
        return .expression(result)
      } else if try take(word: "is") {
        let left = try value(first)
        guard case .name(let name) = try typeTest() else { throw unexpected("an entity type") }
        let test = try checked(.isType(left, EntityType(name)), start)
        guard try take(word: "in") else { return .expression(test) }
        let group = try value(try sum())
        return .expression(try checked(.and(test, try checked(.binary(.isIn, left, group), start)), start))
      } else {
        return first
      }
    default:
      return first
    }
    if case .symbol(let symbol) = token.kind, comparison(symbol) != nil || symbol == .equal { throw ambiguous() }
    if isAt(word: "in") { throw ambiguous() }
    return .expression(result)
  }

  private func ambiguous() -> SyntaxError {
    SyntaxError("comparisons can't be chained", hint: "put parentheses around the first one", at: token.span)
  }

  private func comparison(_ symbol: Token.Symbol) -> ((Expression, Expression, Range<Int>) -> Expression.Kind)? {
    switch symbol {
    case .equalEqual: { a, b, _ in .binary(.equal, a, b) }
    case .notEqual: { a, b, span in .unary(.not, Expression(.binary(.equal, a, b), at: span)) }
    case .less: { a, b, _ in .binary(.less, a, b) }
    case .lessEqual: { a, b, _ in .binary(.lessOrEqual, a, b) }
    case .greater: { a, b, span in .unary(.not, Expression(.binary(.lessOrEqual, a, b), at: span)) }
    case .greaterEqual: { a, b, span in .unary(.not, Expression(.binary(.less, a, b), at: span)) }
    default: nil
    }
  }

  private mutating func typeTest() throws(SyntaxError) -> NameOrEntity {
    let operand = try sum()
    switch operand {
    case .name(let name, _): return .name(name)
    case .variable(let variable, _): return .name(variable.rawValue)
    default:
      throw SyntaxError("`is` takes the name of an entity type, found `\(shortened(text(span(operand))))`", hint: "write `is Namespace::Type`", at: span(operand))
    }
  }

  private mutating func pattern() throws(SyntaxError) -> Pattern {
    let operand = try sum()
    guard case .string(let span) = operand else {
      throw SyntaxError("`like` takes a pattern, a string literal", at: self.span(operand))
    }
    do throws(Escape.Failure) {
      return try Escape.pattern(bytes[span.lowerBound + 1..<span.upperBound - 1])
    } catch {
      throw SyntaxError(error.message, at: position(of: error, in: span))
    }
  }

  /// The right side of `has`: a string, or identifiers joined by dots, which asks for each in turn.
  private mutating func has(_ subject: Expression, _ start: Int) throws(SyntaxError) -> Expression {
    if token.kind == .string {
      let name = try string("an attribute")
      guard !isAt(.dot), !isAt(.leftBracket), !isAt(.leftParen) else { throw unexpected("an operator", hint: Self.hasHint) }
      try refuseArithmetic()
      return try checked(.has(subject, name), start)
    }
    var name = try attributeName()
    var result = try checked(.has(subject, name), start)
    var inner = subject
    while try take(.dot) {
      inner = Expression(.attribute(inner, name), at: start..<lastEnd)
      name = try attributeName()
      result = try checked(.and(result, try checked(.has(inner, name), start)), start)
    }
    guard !isAt(.leftBracket), !isAt(.leftParen), !isAt(.doubleColon) else { throw unexpected("an operator", hint: Self.hasHint) }
    try refuseArithmetic()
    return result
  }

  private static let hasHint = "`has` takes an attribute, in quotes or not, or a path of attributes: `has a.b.c`"

  private func refuseArithmetic() throws(SyntaxError) {
    guard case .symbol(let symbol) = token.kind else { return }
    switch symbol {
    case .plus, .minus, .star, .slash, .percent: throw unexpected("an operator that compares or joins", hint: Self.hasHint)
    default: return
    }
  }

  private mutating func attributeName() throws(SyntaxError) -> Text {
    guard token.kind == .word else { throw unexpected("an attribute", hint: Self.hasHint) }
    return Text(try nameComponent())
  }

  private mutating func sum() throws(SyntaxError) -> Operand {
    let first = try product()
    guard isAt(.plus) || isAt(.minus) else { return first }
    var result = try value(first)
    let start = span(first).lowerBound
    while isAt(.plus) || isAt(.minus) {
      let op: BinaryOperator = isAt(.plus) ? .add : .subtract
      try advance()
      result = try checked(.binary(op, result, try value(try product())), start)
    }
    return .expression(result)
  }

  private mutating func product() throws(SyntaxError) -> Operand {
    let first = try unary()
    guard isAt(.star) || isAt(.slash) || isAt(.percent) else { return first }
    var result = try value(first)
    let start = span(first).lowerBound
    while isAt(.star) || isAt(.slash) || isAt(.percent) {
      guard isAt(.star) else {
        throw SyntaxError("Cedar has no \(isAt(.slash) ? "division" : "remainder")", hint: "the operators on numbers are `+`, `-` and `*`", at: token.span)
      }
      try advance()
      result = try checked(.binary(.multiply, result, try value(try unary())), start)
    }
    return .expression(result)
  }

  private mutating func unary() throws(SyntaxError) -> Operand {
    let symbol: Token.Symbol = isAt(.not) ? .not : .minus
    guard isAt(symbol) else { return try member(try primary()) }
    let start = token.span.lowerBound
    var count = 0
    while try take(symbol) {
      count += 1
      guard count <= 4 else { throw SyntaxError("at most four `\(symbol.rawValue)` may follow one another", at: start..<lastEnd) }
    }
    var result: Expression
    if symbol == .minus, token.kind == .number {
      let number = token.span
      try advance()
      if isAt(.dot) || isAt(.leftParen) || isAt(.leftBracket) {
        result = try value(try member(.expression(try long(number))))
      } else {
        result = Expression(.literal(.long(try negated(number))), at: start..<lastEnd)
        count -= 1
      }
    } else {
      result = try value(try member(try primary()))
    }
    for _ in 0..<count { result = try checked(.unary(symbol == .not ? .not : .negate, result), start) }
    return .expression(result)
  }

  private func long(_ span: Range<Int>) throws(SyntaxError) -> Expression {
    guard let value = Int64(text(span)) else { throw tooLarge(span) }
    return Expression(.literal(.long(value)), at: span)
  }

  private func negated(_ span: Range<Int>) throws(SyntaxError) -> Int64 {
    guard let value = Int64("-\(text(span))") else { throw tooLarge(span) }
    return value
  }

  private func tooLarge(_ span: Range<Int>) -> SyntaxError {
    SyntaxError("`\(shortened(text(span)))` is too large", hint: "numbers go from \(Int64.min) to \(Int64.max)", at: span)
  }

  private mutating func primary() throws(SyntaxError) -> Operand {
    let start = token.span.lowerBound
    let span = token.span
    switch token.kind {
    case .number:
      try advance()
      return .expression(try long(span))
    case .string:
      try advance()
      return .string(span)
    case .slot:
      let name = text(span)
      guard let slot = Slot.allCases.first(where: { $0.description == name }) else {
        throw SyntaxError("`\(shortened(name))` is not a slot", hint: "slots are `?principal` and `?resource`", at: span)
      }
      hasSlots = true
      try advance()
      return .expression(Expression(.slot(slot), at: span))
    case .word:
      return try word()
    case .symbol(.leftParen):
      try advance()
      let inner = try expression()
      try expect(.rightParen)
      return .expression(inner)
    case .symbol(.leftBracket):
      try advance()
      let elements = try list(upTo: .rightBracket) { (parser) throws(SyntaxError) in try parser.expression() }
      return .expression(try checked(.set(elements), start))
    case .symbol(.leftBrace):
      try advance()
      let fields = try list(upTo: .rightBrace) { (parser) throws(SyntaxError) in try parser.field() }
      return .expression(try checked(.record(try sorted(fields)), start))
    default:
      throw unexpected("an expression")
    }
  }

  private mutating func word() throws(SyntaxError) -> Operand {
    let span = token.span
    let text = text(span)
    if text == "if" { throw SyntaxError("an `if` within an operation stands in parentheses", hint: "write `(if … then … else …)`", at: span) }
    if text == "true" || text == "false" {
      try advance()
      if isAt(.doubleColon) { throw SyntaxError("`\(text)` is a reserved word and can't be a name", at: span) }
      return .bool(text == "true", span)
    }
    switch try nameOrEntity() {
    case .entity(let uid): return .expression(Expression(.literal(.entity(uid)), at: span.lowerBound..<lastEnd))
    case .name(let name):
      if let variable = Variable(rawValue: name) { return .variable(variable, span) }
      return .name(name, span.lowerBound..<lastEnd)
    }
  }

  private mutating func field() throws(SyntaxError) -> (Expression.Field, Range<Int>) {
    let operand = try operand()
    let span = span(operand)
    let name: Text
    switch operand {
    case .string(let span): name = try unescaped(span)
    case .variable(let variable, _): name = Text(variable.rawValue)
    case .name(let text, _):
      guard Identifier.isIdentifier(text) else { throw SyntaxError("`\(shortened(text))` can't be the name of an attribute", at: span) }
      name = Text(text)
    case .bool, .expression: throw SyntaxError("an attribute's name is an identifier or a string", at: span)
    }
    try expect(.colon)
    return (Expression.Field(name, try expression()), span)
  }

  private func sorted(_ fields: [(Expression.Field, Range<Int>)]) throws(SyntaxError) -> [Expression.Field] {
    let sorted = fields.sorted { $0.0.name < $1.0.name }
    for (one, next) in zip(sorted, sorted.dropFirst()) where one.0.name == next.0.name {
      throw SyntaxError("the attribute `\(shortened(one.0.name.string))` is given twice", at: next.1)
    }
    return sorted.map(\.0)
  }

  // MARK: Access and calls

  private mutating func member(_ first: Operand) throws(SyntaxError) -> Operand {
    var operand = first
    var links = 0
    let start = span(first).lowerBound
    while case .symbol(let symbol) = token.kind {
      switch symbol {
      case .dot: operand = .expression(try access(operand, start))
      case .leftBracket:
        let subject = try subject(operand)
        try advance()
        let index = try self.operand()
        guard case .string(let span) = index else { throw SyntaxError("an index is a string literal", hint: "write `[\"attribute\"]`", at: self.span(index)) }
        let name = try unescaped(span)
        try expect(.rightBracket)
        operand = .expression(try checked(.attribute(subject, name), start))
      case .leftParen: operand = .expression(try call(operand, start))
      default: return operand
      }
      links += 1
    }
    return operand
  }

  private func subject(_ operand: Operand) throws(SyntaxError) -> Expression {
    if case .name(let name, let span) = operand {
      throw SyntaxError(
        "`\(shortened(name))` has no attributes or methods", hint: "attributes belong to `principal`, `action`, `resource`, `context` and to entities", at: span)
    }
    return try value(operand)
  }

  private mutating func access(_ operand: Operand, _ start: Int) throws(SyntaxError) -> Expression {
    let subject = try subject(operand)
    try advance()
    guard token.kind == .word else { throw unexpected("the name of an attribute or method") }
    let nameSpan = token.span
    let name = try nameComponent()
    guard try take(.leftParen) else { return try checked(.attribute(subject, Text(name)), start) }
    let arguments = try list(upTo: .rightParen) { (parser) throws(SyntaxError) in try parser.expression() }
    return try checked(try method(name, nameSpan, subject, arguments), start)
  }

  private func method(_ name: String, _ span: Range<Int>, _ subject: Expression, _ arguments: [Expression]) throws(SyntaxError) -> Expression.Kind {
    func single() throws(SyntaxError) -> Expression {
      guard arguments.count == 1 else { throw SyntaxError("`\(name)` takes one argument, not \(arguments.count)", at: span) }
      return arguments[0]
    }
    switch name {
    case "contains", "containsAll", "containsAny", "getTag", "hasTag":
      guard let op = BinaryOperator(rawValue: name) else { break }
      return .binary(op, subject, try single())
    case "isEmpty":
      guard arguments.isEmpty else { throw SyntaxError("`isEmpty` takes no argument", at: span) }
      return .unary(.isEmpty, subject)
    default: break
    }
    guard let function = ExtensionFunction(rawValue: name) else {
      throw SyntaxError("there is no method `\(shortened(name))`", hint: Suggestion.nearest(to: name, in: Self.methods).map { "did you mean `\($0)`?" }, at: span)
    }
    guard !function.isConstructor else { throw SyntaxError("`\(name)` is a function, not a method", hint: "write `\(name)(…)`", at: span) }
    return .call(function, [subject] + arguments)
  }

  private static let methods =
    ["contains", "containsAll", "containsAny", "isEmpty", "getTag", "hasTag"] + ExtensionFunction.allCases.filter { !$0.isConstructor }.map(\.rawValue)

  private mutating func call(_ operand: Operand, _ start: Int) throws(SyntaxError) -> Expression {
    guard case .name(let name, let span) = operand else {
      throw SyntaxError("only functions can be called", hint: "a call is written `ip(\"…\")` or `value.method(…)`", at: token.span)
    }
    guard let function = ExtensionFunction(rawValue: name) else {
      if Self.methods.contains(name) { throw SyntaxError("`\(name)` is a method, not a function", hint: "write `value.\(name)(…)`", at: span) }
      let names = ExtensionFunction.allCases.filter(\.isConstructor).map(\.rawValue)
      throw SyntaxError(
        "there is no function `\(shortened(name))`", hint: Suggestion.nearest(to: name, in: names).map { "did you mean `\($0)`?" } ?? "the functions are `ip`, `decimal`, `datetime` and `duration`",
        at: span)
    }
    guard function.isConstructor else { throw SyntaxError("`\(name)` is a method, not a function", hint: "write `value.\(name)(…)`", at: span) }
    try advance()
    let arguments = try list(upTo: .rightParen) { (parser) throws(SyntaxError) in try parser.expression() }
    return try checked(.call(function, arguments), start)
  }
}

/// What a misspelt word may have been.
enum Suggestion {
  /// The candidate with the fewest edits, if they are few for its length.
  static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let letters = Array(word.utf8.prefix(64))
    var best: (String, Int)?
    for candidate in candidates {
      let distance = distance(letters, Array(candidate.utf8.prefix(64)))
      if distance < best?.1 ?? (max(letters.count, 3) / 3 + 1) { best = (candidate, distance) }
    }
    return best?.0
  }

  /// The number of bytes to insert, delete or replace (Levenshtein).
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = x == y ? diagonal : 1 + min(diagonal, row[j], row[j + 1])
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
