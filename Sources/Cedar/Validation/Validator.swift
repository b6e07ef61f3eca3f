/// What validation found.
public struct ValidationResult: Hashable, Sendable {
  public let errors: [Diagnostic]
  public let warnings: [Diagnostic]

  /// Whether there are no errors.
  public var isValid: Bool { errors.isEmpty }
}

/// Checks policies against a schema before they decide anything: strict mode, the mode with the soundness proof.
///
/// A valid policy, over requests and entities valid by the same schema, fails only by overflow, by entities that don't exist,
/// and in extension functions (`Cedar.Thm.typechecking_is_sound`).
public struct Validator: Sendable {
  public let schema: Schema

  public init(_ schema: Schema) { self.schema = schema }

  /// Checks all policies and templates.
  ///
  /// - Parameters:
  ///   - policies: the policies and templates to check.
  ///   - level: how many entities deep a policy may look, if it is bounded (Cedar RFC 76).
  ///   - source: the text the policies were read from, so that errors show their place.
  ///   - file: the name that errors give to the text.
  public func validate(_ policies: PolicySet, level: Int? = nil, source: String? = nil, file: String? = nil) -> ValidationResult {
    var check = PolicyCheck(schema, level: level, source: source.map { SourceText(Array($0.utf8)) }, file: file)
    for template in policies.templates { check.policy(template) }
    for policy in policies.policies {
      if policy.template == nil { check.policy(policy) } else { check.link(policy, policies.slots(of: policy)) }
    }
    return ValidationResult(errors: check.errors, warnings: check.warnings)
  }
}

private struct PolicyCheck {
  private let schema: Schema
  private let environments: [Schema.Environment]
  private let level: Int?
  private var source: SourceText?
  private let file: String?
  private(set) var errors: [Diagnostic] = []
  private(set) var warnings: [Diagnostic] = []
  private var told: Set<String> = []

  init(_ schema: Schema, level: Int?, source: SourceText?, file: String?) {
    self.schema = schema
    self.level = level
    self.source = source
    self.file = file
    environments = schema.environments
  }

  mutating func policy(_ policy: Policy) {
    let expression = policy.expression
    names(policy, expression)
    application(policy)
    types(policy, expression)
  }

  mutating func link(_ policy: Policy, _ slots: [Slot: EntityUID]) {
    for uid in slots.values.sorted() { entity(uid, nil, policy) }
    application(policy)
  }

  private mutating func error(_ message: String, hint: String? = nil, at span: Range<Int>?, _ policy: Policy) {
    // The same error in several environments is told once.
    guard told.insert("\(policy.id) \(span.map { "\($0)" } ?? "") \(message)").inserted else { return }
    errors.append(diagnostic(.error, message, hint: hint, at: span, policy))
  }

  private mutating func diagnostic(_ severity: Diagnostic.Severity, _ message: String, hint: String?, at span: Range<Int>?, _ policy: Policy) -> Diagnostic {
    let location = (span ?? policy.span).flatMap { source?.location($0) }
    return Diagnostic(severity, message, hint: hint, policy: policy.id, file: file, location: location)
  }

  // MARK: Names

  private mutating func names(_ policy: Policy, _ expression: Expression) {
    var uids: [(EntityUID, Range<Int>?)] = []
    var types: [(EntityType, Range<Int>?)] = []
    expression.forEach { part in
      switch part.kind {
      case .literal(.entity(let uid)): uids.append((uid, part.span))
      case .isType(_, let type): types.append((type, part.span))
      default: break
      }
    }
    for (uid, span) in uids { entity(uid, span, policy) }
    for (type, span) in types { self.type(type, span, policy) }
  }

  /// Looks for what may have been meant; no more where there are many errors, as that takes time.
  private func suggestion(_ name: String, _ candidates: () -> [String]) -> String? {
    errors.count < 100 ? Suggestion.nearest(to: name, in: candidates().sorted()) : nil
  }

  private mutating func type(_ type: EntityType, _ span: Range<Int>?, _ policy: Policy) {
    guard !type.isAction, schema.entities[type] == nil else { return }
    let near = suggestion(type.name.string) { schema.entities.keys.map(\.name.string) }
    error(
      "the schema has no entity type `\(type)`",
      hint: near.map { "did you mean `\($0)`?" } ?? "declare it in the schema, with its namespace: `Namespace::Type`", at: span, policy)
  }

  private mutating func entity(_ uid: EntityUID, _ span: Range<Int>?, _ policy: Policy) {
    if uid.type.isAction {
      guard schema.actions[uid] == nil else { return }
      let near = suggestion(uid.description) { schema.actions.keys.map(\.description) }
      return error(
        "the schema has no action \(uid)",
        hint: near.map { "did you mean \($0)?" } ?? "declare it in the schema, with its namespace: `Namespace::Action::\"…\"`", at: span, policy)
    }
    type(uid.type, span, policy)
    if let ids = schema.entities[uid.type]?.enumeration, !ids.contains(uid.id) {
      let known = ids.prefix(10).map { Escape.quoted($0.string) }.joined(separator: ", ")
      error("`\(uid.type)` has no entity \(Escape.quoted(uid.id.string))", hint: "it has \(known)\(ids.count > 10 ? " …" : "")", at: span, policy)
    }
  }

  // MARK: Application

  /// Whether any action applies to what the scope admits.
  private mutating func application(_ policy: Policy) {
    let principals = types(policy.principal)
    let resources = types(policy.resource)
    let applies = actions(policy.action).contains { action in
      action.principals.contains { principals($0) } && action.resources.contains { resources($0) }
    }
    if !applies { error("no action of the schema applies to the principals and resources of this scope", hint: "compare the scope with `appliesTo` of the action", at: policy.span, policy) }
  }

  private func actions(_ constraint: ActionConstraint) -> [Schema.ActionDefinition] {
    switch constraint {
    case .any: return Array(schema.actions.values)
    case .equal(let uid): return schema.actions[uid].map { [$0] } ?? []
    case .isIn, .isInAny:
      let groups = constraint.actions
      guard groups.allSatisfy({ schema.actions[$0] != nil }) else { return [] }
      return schema.actions.values.filter { action in groups.contains { $0 == action.uid || action.ancestors.contains($0) } }
    }
  }

  private func types(_ constraint: ScopeConstraint) -> (EntityType) -> Bool {
    let schema = schema
    let within = { (group: EntityType) in { (type: EntityType) in type == group || schema.entities[type]?.ancestors.contains(group) == true } }
    switch constraint {
    case .any, .equal(.slot), .isIn(.slot): return { schema.entities[$0] != nil }
    case .equal(.entity(let uid)): return { $0 == uid.type }
    case .isIn(.entity(let uid)): return within(uid.type)
    case .isType(let type), .isTypeIn(let type, .slot): return { $0 == type && schema.entities[type] != nil }
    case .isTypeIn(let type, .entity(let uid)): return { $0 == type && within(uid.type)(type) }
    }
  }

  // MARK: Types

  private mutating func types(_ policy: Policy, _ expression: Expression) {
    var isImpossible = true
    for environment in environments {
      for slots in slotTypes(policy, environment) {
        var typechecker = Typechecker(schema, environment, slots: slots)
        let answer = typechecker.check(expression)
        for one in typechecker.errors { error(one.message, hint: one.hint, at: one.span, policy) }
        guard let typed = answer?.typed else {
          isImpossible = false
          continue
        }
        guard case .bool(let truth) = typed.type else {
          error("a policy must be Bool, not \(typed.type.brief)", hint: "compare it with something", at: expression.span, policy)
          continue
        }
        if truth != .never { isImpossible = false }
        if let level, let part = LevelChecker(environment: environment, limit: level).violation(in: typed) {
          error("this looks more than \(level) \(level == 1 ? "entity" : "entities") deep", hint: "at level \(level) the entities to load are known before", at: part.span, policy)
        }
      }
    }
    if isImpossible {
      warnings.append(diagnostic(.warning, "this policy never applies", hint: "in every kind of request the schema allows, it is false", at: nil, policy))
    }
  }

  /// The types that can fill the slots of a template in an environment; for a policy just one empty choice.
  private func slotTypes(_ policy: Policy, _ environment: Schema.Environment) -> [[Slot: EntityType]] {
    var choices: [[Slot: EntityType]] = [[:]]
    for slot in policy.slots {
      let constraint = slot == .principal ? policy.principal : policy.resource
      let type = slot == .principal ? environment.principal : environment.resource
      var types = [type]
      if case .equal = constraint {} else { types += (schema.entities[type]?.ancestors ?? []).subtracting([type]).sorted() }
      choices = choices.flatMap { choice in types.map { choice.merging([slot: $0]) { $1 } } }
    }
    return choices
  }
}
