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

  /// What to do where something is missing.
  static func hint(_ expected: String, atEnd: Bool) -> String {
    atEnd ? "add \(expected), or look for a bracket or a quote that is not closed" : "put \(expected) here, or look at what stands before it"
  }
}

/// A recursive-descent parser of policies; the grammar is that of docs.cedarpolicy.com/policies/syntax-grammar.html.
struct Parser {
  private var lexer: Lexer
  private(set) var token = Token(kind: .end, span: 0..<0)
  private(set) var lastEnd = 0
  var nesting = 0
  private let file: String?
  /// What the policies read keep.
  private let source: PolicySource
  private var pending: SyntaxError?

  var bytes: [UInt8] { lexer.bytes }

  init(_ bytes: [UInt8], file: String?) {
    self.file = file
    if bytes.count > Limits.textSize {
      lexer = Lexer([])
      source = PolicySource([], file: file)
      pending = SyntaxError("this text has \(bytes.count) bytes; at most \(Limits.textSize) are read", hint: "split it into several files", at: 0..<0)
    } else {
      lexer = Lexer(bytes)
      source = PolicySource(bytes, file: file)
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
      throw SyntaxError(error.description, hint: error.hint, at: policy.span ?? 0..<0)
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

  mutating func advance() throws(SyntaxError) {
    lastEnd = token.span.upperBound
    do throws(Lexer.Failure) {
      token = try lexer.next()
    } catch {
      throw SyntaxError(error.message, hint: error.hint, at: error.span)
    }
  }

  func text(_ span: Range<Int>) -> String { String(decoding: bytes[span], as: UTF8.self) }

  func isAt(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }

  func isAt(word: StaticString) -> Bool {
    guard token.kind == .word, token.span.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { bytes[token.span].elementsEqual($0) }
  }

  mutating func take(_ symbol: Token.Symbol) throws(SyntaxError) -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  mutating func take(word: StaticString) throws(SyntaxError) -> Bool {
    guard isAt(word: word) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ symbol: Token.Symbol, hint: String? = nil) throws(SyntaxError) {
    guard try take(symbol) else { throw unexpected("`\(symbol.rawValue)`", hint: hint) }
  }

  func unexpected(_ expected: String, hint: String? = nil) -> SyntaxError {
    let found = token.kind == .end ? "the end of the text" : "`\(shortened(text(token.span)))`"
    return SyntaxError("expected \(expected), found \(found)", hint: hint ?? SyntaxError.hint(expected, atEnd: token.kind == .end), at: token.span)
  }

  func shortened(_ text: String) -> String { text.count > 40 ? "\(text.prefix(40))…" : text }

  func tooDeep() -> SyntaxError {
    SyntaxError("this is nested more than \(Limits.nesting) deep", hint: "split the policy, or name parts of it in attributes", at: token.span)
  }

  /// Reads what stands in any number of parentheses.
  private mutating func parenthesized<Result>(_ parse: (inout Parser) throws(SyntaxError) -> Result) throws(SyntaxError) -> Result {
    var count = 0
    while try take(.leftParen) {
      count += 1
      guard count <= Limits.nesting else { throw tooDeep() }
    }
    let result = try parse(&self)
    for _ in 0..<count { try expect(.rightParen) }
    return result
  }

  func checked(_ kind: Expression.Kind, _ start: Int) throws(SyntaxError) -> Expression {
    let result = Expression(kind, at: start..<lastEnd)
    guard result.depth <= Limits.expressionDepth else { throw SyntaxError(Limits.tooDeep, hint: Limits.splitCondition, at: start..<lastEnd) }
    guard result.height <= Limits.links else { throw SyntaxError(Limits.tooManyLinks, hint: Limits.splitCondition, at: start..<lastEnd) }
    return result
  }

  /// Elements between commas up to a closing symbol; a comma may follow the last.
  mutating func list<Element>(upTo end: Token.Symbol, _ element: (inout Parser) throws(SyntaxError) -> Element) throws(SyntaxError) -> [Element] {
    var elements: [Element] = []
    while !isAt(end) {
      elements.append(try element(&self))
      guard try take(.comma) else { break }
    }
    try expect(end)
    return elements
  }

  mutating func string(_ what: String) throws(SyntaxError) -> Text {
    guard token.kind == .string else { throw unexpected(what) }
    let span = token.span
    try advance()
    return try unescaped(span)
  }

  func unescaped(_ span: Range<Int>) throws(SyntaxError) -> Text {
    do throws(Escape.Failure) {
      return try Escape.unescape(bytes[span.lowerBound + 1..<span.upperBound - 1])
    } catch {
      throw SyntaxError(error.message, hint: error.hint, at: position(of: error, in: span))
    }
  }

  func position(of failure: Escape.Failure, in span: Range<Int>) -> Range<Int> {
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
    var policy = Policy(
      id: id, annotations: annotations, effect: effect, principal: principal, action: action, resource: resource, conditions: conditions,
      span: start..<lastEnd)
    policy.source = source
    return policy
  }

  private static let scopeHint = "a scope has exactly `principal`, `action` and `resource`, in this order"

  private mutating func annotations() throws(SyntaxError) -> [Policy.Annotation] {
    var annotations: [Policy.Annotation] = []
    var names: Set<Text> = []
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
      guard names.insert(name).inserted else {
        throw SyntaxError("the annotation `@\(name)` is given twice", hint: "leave one of the two out", at: start..<lastEnd)
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

  func singleEquals() -> SyntaxError { SyntaxError("`=` is not an operator", hint: "write `==`", at: token.span) }

  private mutating func reference(_ variable: Variable) throws(SyntaxError) -> EntityReference {
    if isAt(.leftParen) { return try parenthesized { (parser) throws(SyntaxError) in try parser.reference(variable) } }
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
    if isAt(.leftParen) { return try parenthesized { (parser) throws(SyntaxError) in try parser.actions() } }
    guard try take(.leftBracket) else { return .isIn(try action()) }
    return .isIn(try list(upTo: .rightBracket) { (parser) throws(SyntaxError) in try parser.action() })
  }

  private mutating func action() throws(SyntaxError) -> EntityUID {
    if isAt(.leftParen) { return try parenthesized { (parser) throws(SyntaxError) in try parser.action() } }
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
      throw SyntaxError(
        "`\(shortened(text(token.span)))` does not begin a condition", hint: "conditions begin with `when` or `unless`; a policy ends with `;`", at: token.span)
    }
    try expect(.leftBrace)
    if isAt(.rightBrace) {
      throw SyntaxError(
        "this `\(kind.rawValue)` clause is empty",
        hint: "write a condition between the braces, or leave the clause out", at: keyword.lowerBound..<token.span.upperBound)
    }
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

  var hasSlots = false

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
      throw SyntaxError(
        "`\(shortened(uid.description))` is an entity, not a type", hint: "write `is \(uid.type)`, or `== \(shortened(uid.description))`", at: start..<lastEnd)
    }
  }

  enum NameOrEntity {
    case name(String)
    case entity(EntityUID)
  }

  mutating func nameOrEntity() throws(SyntaxError) -> NameOrEntity {
    guard token.kind == .word else { throw unexpected("an entity, such as `User::\"alice\"`") }
    var name = try nameComponent()
    while try take(.doubleColon) {
      if token.kind == .string { return .entity(EntityUID(EntityType(name), try string("an id"))) }
      if isAt(.leftBrace) {
        throw SyntaxError("an entity is written with its id, not in braces", hint: "write the id behind the type: `\(shortened(name))::\"…\"`", at: token.span)
      }
      guard token.kind == .word else { throw unexpected("a name or an id in quotes") }
      name += "::"
      name += try nameComponent()
    }
    return .name(name)
  }

  mutating func nameComponent() throws(SyntaxError) -> String {
    let word = text(token.span)
    guard !Identifier.reserved.contains(word) else { throw reserved(word) }
    try advance()
    return word
  }

  func reserved(_ word: String) -> SyntaxError {
    SyntaxError("`\(word)` is a reserved word and can't be a name", hint: "an attribute of that name is written `[\"\(word)\"]`", at: token.span)
  }
}
