/// The name of a policy within its set.
public struct PolicyID: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let text: Text

  public init(_ text: String) { self.text = Text(text) }
  init(_ text: Text) { self.text = text }
  public init(stringLiteral value: String) { self.init(value) }

  public var description: String { text.string }
  public static func < (a: PolicyID, b: PolicyID) -> Bool { a.text < b.text }
}

/// What a satisfied policy does.
public enum Effect: String, Hashable, Sendable {
  case permit, forbid
}

/// What a scope compares with: an entity, or the slot of a template.
public enum EntityReference: Hashable, Sendable {
  case entity(EntityUID)
  case slot
}

/// What a policy says about its principal or resource.
public enum ScopeConstraint: Hashable, Sendable {
  case any
  case equal(EntityReference)
  case isIn(EntityReference)
  case isType(EntityType)
  case isTypeIn(EntityType, EntityReference)

  /// The entity or slot that is compared with.
  public var reference: EntityReference? {
    switch self {
    case .any, .isType: nil
    case .equal(let reference), .isIn(let reference), .isTypeIn(_, let reference): reference
    }
  }

  func filling(_ entity: EntityUID?) -> ScopeConstraint {
    guard let entity, reference == .slot else { return self }
    return switch self {
    case .any, .isType: self
    case .equal: .equal(.entity(entity))
    case .isIn: .isIn(.entity(entity))
    case .isTypeIn(let type, _): .isTypeIn(type, .entity(entity))
    }
  }

  func expression(_ variable: Variable) -> Expression {
    let subject = Expression.variable(variable)
    let referred = { (reference: EntityReference) in
      switch reference {
      case .entity(let uid): Expression.entity(uid)
      case .slot: Expression(.slot(variable == .principal ? .principal : .resource))
      }
    }
    return switch self {
    case .any: .bool(true)
    case .equal(let reference): Expression(.binary(.equal, subject, referred(reference)))
    case .isIn(let reference): Expression(.binary(.isIn, subject, referred(reference)))
    case .isType(let type): Expression(.isType(subject, type))
    case .isTypeIn(let type, let reference):
      Expression(.and([Expression(.isType(subject, type)), Expression(.binary(.isIn, subject, referred(reference)))]))
    }
  }
}

/// What a policy says about the action.
public enum ActionConstraint: Hashable, Sendable {
  case any
  case equal(EntityUID)
  case isIn(EntityUID)
  /// In one of none or several; of one see `isIn`.
  case isInAny([EntityUID])

  /// In one of these; a list of one is that one.
  static func isIn(_ uids: [EntityUID]) -> ActionConstraint { uids.count == 1 ? .isIn(uids[0]) : .isInAny(uids) }

  /// The actions it names.
  public var actions: [EntityUID] {
    switch self {
    case .any: []
    case .equal(let uid), .isIn(let uid): [uid]
    case .isInAny(let uids): uids
    }
  }

  var expression: Expression {
    let action = Expression.variable(.action)
    return switch self {
    case .any: .bool(true)
    case .equal(let uid): Expression(.binary(.equal, action, .entity(uid)))
    case .isIn(let uid): Expression(.binary(.isIn, action, .entity(uid)))
    case .isInAny(let uids): Expression(.binary(.isIn, action, Expression(.set(uids.map { .entity($0) }))))
    }
  }
}

/// `when { … }` or `unless { … }`.
public struct Condition: Hashable, Sendable {
  /// Whether the body must hold or must not.
  public enum Kind: String, Hashable, Sendable {
    case when, unless
  }

  public let kind: Kind
  public let body: Expression

  public init(_ kind: Kind, _ body: Expression) {
    self.kind = kind
    self.body = body
  }

  /// What must hold for the condition to be met.
  public var expression: Expression { kind == .when ? body : Expression(.unary(.not, body), at: body.span) }
}

/// A policy, or a template if it has slots.
public struct Policy: Hashable, Sendable {
  /// `@name("value")`; it decides nothing.
  public struct Annotation: Hashable, Sendable {
    public let name: Text
    /// Nil where the annotation is written without a value.
    public let value: Text?

    public init(_ name: Text, _ value: Text?) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var id: PolicyID
  public let annotations: [Annotation]
  public let effect: Effect
  public let principal: ScopeConstraint
  public let action: ActionConstraint
  public let resource: ScopeConstraint
  public let conditions: [Condition]
  /// Where the policy stands in its source.
  public let span: Range<Int>?
  /// The text it stands in, where it was read from one.
  var source: PolicySource?
  /// The template this policy was linked from.
  public let template: PolicyID?

  public init(
    id: PolicyID, annotations: [Annotation] = [], effect: Effect, principal: ScopeConstraint = .any, action: ActionConstraint = .any,
    resource: ScopeConstraint = .any, conditions: [Condition] = [], span: Range<Int>? = nil, template: PolicyID? = nil
  ) {
    self.id = id
    self.annotations = annotations
    self.effect = effect
    self.principal = principal
    self.action = action
    self.resource = resource
    self.conditions = conditions
    self.span = span
    self.template = template
  }

  /// The slots the policy has; none, unless it is a template.
  public var slots: [Slot] { (principal.reference == .slot ? [.principal] : []) + (resource.reference == .slot ? [.resource] : []) }
  public var isTemplate: Bool { principal.reference == .slot || resource.reference == .slot }

  /// An annotation's value; empty where it is written without one.
  public subscript(annotation name: Text) -> Text? { annotations.first { $0.name == name }.map { $0.value ?? "" } }

  /// The same policy under another name.
  public func renamed(_ id: PolicyID) -> Policy {
    var policy = self
    policy.id = id
    return policy
  }

  /// Scope and conditions as one expression: the policy is satisfied where it is true.
  public var expression: Expression {
    let scope = [principal.expression(.principal), action.expression, resource.expression(.resource)]
    return Expression(.and(scope + conditions.map(\.expression)), at: conditions.last?.body.span)
  }

  /// Whether both say the same under the same name, wherever they stand.
  public static func == (a: Policy, b: Policy) -> Bool { a.id == b.id && a.template == b.template && a.saysTheSame(as: b) }

  func saysTheSame(as other: Policy) -> Bool {
    effect == other.effect && principal == other.principal && action == other.action && resource == other.resource && conditions == other.conditions
      && Set(annotations) == Set(other.annotations)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(effect)
    hasher.combine(conditions)
  }
}
