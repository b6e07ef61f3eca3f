/// Policies and templates, each under its own name, in the order they were added.
public struct PolicySet: Hashable, Sendable {
  /// The policies that decide: static ones and linked ones.
  public private(set) var policies: [Policy] = []
  public private(set) var templates: [Policy] = []
  private var places: [PolicyID: Place] = [:]

  private enum Place: Hashable {
    case policy(Int)
    case template(Int)
  }

  /// Why a policy can't be added or linked.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case duplicateID(PolicyID)
    case noSuchTemplate(PolicyID)
    case missingSlot(Slot, template: PolicyID)
    case superfluousSlot(Slot, template: PolicyID)

    public var description: String {
      switch self {
      case .duplicateID(let id): "the policy id `\(id)` is used twice"
      case .noSuchTemplate(let id): "there is no template `\(id)`"
      case .missingSlot(let slot, let id): "no value was given for the slot `\(slot)` of the template `\(id)`"
      case .superfluousSlot(let slot, let id): "the template `\(id)` has no slot `\(slot)`"
      }
    }

    var hint: String {
      switch self {
      case .duplicateID: "give each policy an id of its own"
      case .noSuchTemplate: "what is linked must be a template of the same set, and have slots"
      case .missingSlot: "name an entity for each slot of the template"
      case .superfluousSlot: "leave it out, or put the slot into the template's scope"
      }
    }
  }

  public init() {}

  public init(_ policies: some Sequence<Policy>) throws(Failure) {
    for policy in policies { try add(policy) }
  }

  public var count: Int { policies.count + templates.count }
  public var isEmpty: Bool { policies.isEmpty && templates.isEmpty }

  /// The policy or template of that name.
  public subscript(id: PolicyID) -> Policy? {
    switch places[id] {
    case .policy(let index): policies[index]
    case .template(let index): templates[index]
    case nil: nil
    }
  }

  /// Adds a policy, or a template if it has slots.
  public mutating func add(_ policy: Policy) throws(Failure) {
    guard places[policy.id] == nil else { throw .duplicateID(policy.id) }
    if policy.isTemplate {
      places[policy.id] = .template(templates.count)
      templates.append(policy)
    } else {
      places[policy.id] = .policy(policies.count)
      policies.append(policy)
    }
  }

  /// Makes a policy of a template by filling its slots, and adds it.
  @discardableResult
  public mutating func link(_ template: PolicyID, as id: PolicyID, _ slots: [Slot: EntityUID]) throws(Failure) -> Policy {
    guard case .template(let index) = places[template] else { throw .noSuchTemplate(template) }
    let source = templates[index]
    for slot in source.slots where slots[slot] == nil { throw .missingSlot(slot, template: template) }
    for slot in slots.keys.sorted() where !source.slots.contains(slot) { throw .superfluousSlot(slot, template: template) }
    var policy = Policy(
      id: id, annotations: source.annotations, effect: source.effect, principal: source.principal.filling(slots[.principal]), action: source.action,
      resource: source.resource.filling(slots[.resource]), conditions: source.conditions, span: source.span, template: template)
    policy.source = source.source
    try add(policy)
    return policy
  }

  /// What was put into the slots of a linked policy.
  public func slots(of policy: Policy) -> [Slot: EntityUID] {
    guard let template = policy.template.flatMap({ self[$0] }) else { return [:] }
    var result: [Slot: EntityUID] = [:]
    for slot in template.slots {
      if case .entity(let uid) = (slot == .principal ? policy.principal : policy.resource).reference { result[slot] = uid }
    }
    return result
  }

  /// The set with policies and templates named by an annotation where they have it, as the conformance cases and command lines do with `@id`.
  public func named(by annotation: Text) throws(Failure) -> PolicySet {
    var result = PolicySet()
    for policy in templates + policies { try result.add(policy[annotation: annotation].map { policy.renamed(PolicyID($0)) } ?? policy) }
    return result
  }

  /// Equal if they hold the same policies, in whatever order.
  public static func == (a: PolicySet, b: PolicySet) -> Bool {
    a.count == b.count && a.policies.allSatisfy { b[$0.id] == $0 } && a.templates.allSatisfy { b[$0.id] == $0 }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(Set(places.keys)) }
}
