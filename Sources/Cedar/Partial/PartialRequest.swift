/// A request of which parts are not known yet.
public struct PartialRequest: Hashable, Sendable {
  /// A principal, action or resource.
  public enum Part: Hashable, Sendable {
    case known(EntityUID)
    /// Any entity, or any of that type.
    case unknown(EntityType?)

    public static let unknown = Part.unknown(nil)

    var uid: EntityUID? {
      if case .known(let uid) = self { uid } else { nil }
    }
  }

  public let principal: Part
  public let action: Part
  public let resource: Part
  /// Nil where nothing of the context is known.
  public let context: Record?

  public init(principal: Part, action: Part, resource: Part, context: Record? = [:]) {
    self.principal = principal
    self.action = action
    self.resource = resource
    self.context = context
  }

  /// Whether a complete request is one of those this one stands for.
  public func admits(_ request: Request) -> Bool {
    func admits(_ part: Part, _ uid: EntityUID) -> Bool {
      switch part {
      case .known(let known): known == uid
      case .unknown(let type): type == nil || type == uid.type
      }
    }
    return admits(principal, request.principal) && admits(action, request.action) && admits(resource, request.resource)
      && (context == nil || context == request.context)
  }
}

/// What a partial request already decides, and what is left to ask.
public struct PartialResponse: Hashable, Sendable {
  /// The decision, where the known parts suffice for it.
  public let decision: Decision?
  /// The policies that hold whatever the unknown parts turn out to be.
  public let satisfied: [PolicyID]
  /// The policies that fail whatever the unknown parts turn out to be.
  public let errors: [Response.PolicyError]
  /// What is left: the satisfied policies, the failing ones, and for each undecided one a policy without scope whose condition is what
  /// must hold for it. Authorizing a complete request with these gives the same answer as with all policies.
  public let residuals: PolicySet

  /// What must hold for the undecided permits and forbids to apply, by policy.
  public var permits: [PolicyID: Expression] { conditions(.permit) }
  public var forbids: [PolicyID: Expression] { conditions(.forbid) }

  private func conditions(_ effect: Effect) -> [PolicyID: Expression] {
    var result: [PolicyID: Expression] = [:]
    for policy in residuals.policies where policy.effect == effect && !satisfied.contains(policy.id) && !errors.contains(where: { $0.policy == policy.id }) {
      result[policy.id] = policy.conditions.first?.body
    }
    return result
  }
}

extension PolicySet {
  /// Decides as much of a request as can be decided, and tells what the rest depends on.
  ///
  /// The entities are taken for complete as far as they are named by known things. Unknown parts stay in the residual policies as the
  /// variables `principal`, `action`, `resource` and `context`: "which resources may Alice read" becomes a condition on `resource`
  /// that a database can be asked.
  public func authorize(_ request: PartialRequest, _ entities: Entities) -> PartialResponse {
    let evaluator = PartialEvaluator(request, entities)
    var satisfied: [Policy] = []
    var undecided: [Policy] = []
    var errors: [Response.PolicyError] = []
    var residuals = PolicySet()
    for policy in policies {
      let condition: Expression
      switch evaluator.evaluate(policy.expression) {
      case .value(.bool(false)): continue
      case .value(.bool(true)):
        satisfied.append(policy)
        condition = .bool(true)
      case .value(let value):
        errors.append(.init(policy: policy.id, error: Operators.mismatch("bool", value, policy.span)))
        condition = Expression(.literal(value))
      case .failed(let error, let expression):
        errors.append(.init(policy: policy.id, error: error))
        condition = expression
      case .residual(let expression):
        undecided.append(policy)
        condition = expression
      }
      var residual = Policy(
        id: policy.id, annotations: policy.annotations, effect: policy.effect, conditions: [Condition(.when, condition)], span: policy.span)
      residual.source = policy.source
      // The ids are different, as those of this set are.
      try? residuals.add(residual)
    }
    let isPermitted = satisfied.contains { $0.effect == .permit }
    let decision: Decision?
    if satisfied.contains(where: { $0.effect == .forbid }) {
      decision = .deny
    } else if isPermitted {
      decision = undecided.contains { $0.effect == .forbid } ? nil : .allow
    } else {
      decision = undecided.contains { $0.effect == .permit } ? nil : .deny
    }
    return PartialResponse(decision: decision, satisfied: satisfied.map(\.id).sorted(), errors: errors.sorted { $0.policy < $1.policy }, residuals: residuals)
  }

  /// The resources among the entities on which the action is allowed: the answer to "list what I may read".
  ///
  /// What depends on the principal alone is decided once, only the rest for each resource.
  public func resources(
    principal: EntityUID, action: EntityUID, context: Record = [:], of type: EntityType? = nil, _ entities: Entities
  ) -> [EntityUID] {
    let partial = authorize(PartialRequest(principal: .known(principal), action: .known(action), resource: .unknown(type), context: context), entities)
    if partial.decision == .deny { return [] }
    let candidates = entities.lazy.map(\.uid).filter { type == nil || $0.type == type }
    if partial.decision == .allow { return candidates.sorted() }
    return candidates.filter { resource in
      let request = Request(principal: principal, action: action, resource: resource, context: context)
      return partial.residuals.authorize(request, entities).decision == .allow
    }.sorted()
  }
}
