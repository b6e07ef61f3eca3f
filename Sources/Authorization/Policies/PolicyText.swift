internal import Cedar

/// Something to say about the text of a policy: what is wrong, where, and what to do about it.
public struct PolicyFault: Sendable, Hashable {
  /// Whether it must be mended; otherwise it should be looked at.
  public let isError: Bool
  public let message: String
  public let hint: String?
  /// From 1; `nil` where it is about the text as a whole.
  public let line: Int?
  /// From 1, counted in characters.
  public let column: Int?
  /// The line it stands in, and how much of it is meant.
  public let excerpt: String
  public let offending: String

  public init(
    isError: Bool = true, _ message: String, hint: String? = nil, line: Int? = nil, column: Int? = nil, excerpt: String = "", offending: String = ""
  ) {
    self.isError = isError
    self.message = message
    self.hint = hint
    self.line = line
    self.column = column
    self.excerpt = excerpt
    self.offending = offending
  }

  init(_ diagnostic: Diagnostic) {
    self.init(
      isError: diagnostic.severity == .error, diagnostic.message, hint: diagnostic.hint, line: diagnostic.location?.line, column: diagnostic.location?.column,
      excerpt: diagnostic.location?.excerpt ?? "", offending: diagnostic.location?.offending ?? "")
  }
}

/// A vocabulary ready to check policies with.
public struct PolicyValidator: Sendable {
  private let validator: Validator

  /// `nil` for a vocabulary whose schema can't be read, which none is that was accepted.
  ///
  /// - Parameter roles: how custom roles may be called.
  public init?(_ vocabulary: PolicyVocabulary, naming roles: [String] = []) {
    guard let schema = try? Schema(parsing: vocabulary.text(naming: roles)) else { return nil }
    validator = Validator(schema)
  }

  /// For the built-in vocabulary.
  public static let builtIn = PolicyValidator(.builtIn)

  /// Everything that is to be said about one policy, errors first; with an error it can't be saved.
  public func check(_ text: String) -> [PolicyFault] {
    let policies: PolicySet
    do { policies = try PolicySet(parsing: text) } catch { return error.diagnostics.map { PolicyFault($0) } }
    guard policies.count == 1, let policy = policies.policies.first ?? policies.templates.first else {
      return [PolicyFault(policies.isEmpty ? "Write a policy: it begins with `permit` or `forbid`." : "Write one policy; each has a name of its own.")]
    }
    if policy.isTemplate {
      return [PolicyFault("A policy here has no slots; name who and what it is about.", hint: "write an entity instead of `?principal` or `?resource`")]
    }
    let result = validator.validate(policies, source: text)
    var faults = (result.errors + result.warnings + Linter().lint(policies, source: text)).map { PolicyFault($0).placed(in: text) }
    // That nothing applies follows from a name that isn't there.
    let following = faults.indices.filter { faults[$0].isError && faults[$0].message.hasPrefix("no action of the schema applies") }
    if following.count < faults.count(where: \.isError) { for place in following.reversed() { faults.remove(at: place) } }
    return faults.sorted { ($0.isError ? 0 : 1, $0.line ?? .max, $0.column ?? .max) < ($1.isError ? 0 : 1, $1.line ?? .max, $1.column ?? .max) }
  }
}

extension PolicyFault {
  /// What is said about a whole policy because its scope names something: moved to where that stands. The rest stays where it is.
  fileprivate func placed(in text: String) -> PolicyFault {
    // Only what stands at the beginning is about the whole.
    guard let line, let column, offending.count > 12 || line == 1 && column == 1, let named = Self.quoted(in: message) else { return self }
    let lines = text.split(separator: "\n" as Character, omittingEmptySubsequences: false)
    for (number, content) in lines.enumerated() {
      guard let range = content.firstRange(of: named) else { continue }
      return PolicyFault(
        isError: isError, message, hint: hint, line: number + 1, column: content.distance(from: content.startIndex, to: range.lowerBound) + 1,
        excerpt: String(content.prefix(160)), offending: named)
    }
    return self
  }

  /// The entity, id or type that a message is about.
  private static func quoted(in message: String) -> String? {
    if let start = message.firstRange(of: "Action::\""), let end = message[start.upperBound...].firstIndex(of: "\"") {
      return String(message[start.lowerBound...end])
    }
    if message.hasPrefix("the schema has no entity type `") { return String(message.dropFirst(31).prefix { $0 != "`" }) }
    if let start = message.firstRange(of: "has no entity \""), let end = message[start.upperBound...].firstIndex(of: "\"") {
      return String(message[message.index(before: start.upperBound)...end])
    }
    return nil
  }
}

/// What a policy's text says of itself, for lists and for previews.
public struct PolicyOutline: Sendable, Hashable {
  public let forbids: Bool
  /// The actions that its scope names; `nil` for all.
  public let actions: [String]?
  /// The types of resources that its scope or its conditions name, as checks call them; empty where it is about things of all types.
  public let types: [String]

  /// `nil` for what is no policy.
  public init?(_ text: String) {
    guard let policy = try? Policy(parsing: text) else { return nil }
    forbids = policy.effect == .forbid
    if case .any = policy.action { actions = nil } else { actions = policy.action.actions.map(\.id.string) }
    var found: [String] = []
    func note(_ type: EntityType) {
      guard let name = CedarNames.type(type)?.name, !["user", "service_account", "team", "role", "organization", "action"].contains(name) else { return }
      if !found.contains(name) { found.append(name) }
    }
    switch policy.resource {
    case .any: break
    case .isType(let type), .isTypeIn(let type, _): note(type)
    case .equal(.entity(let uid)): note(uid.type)
    case .equal(.slot), .isIn: break
    }
    for condition in policy.conditions { condition.body.forEach { part in if case .isType(_, let type) = part.kind { note(type) } } }
    types = found
  }

  /// The text in the usual form; `nil` for what is no policy.
  public static func formatted(_ text: String) -> String? { try? Formatter().format(text) }
}
