/// What a role of a level can be made of, in the order in which people look for it. It is what an editor offers; any other right may be written.
public struct RoleVocabulary: Sendable, Hashable {
  /// What may be allowed on things of one kind.
  public struct Row: Sendable, Hashable {
    public let target: Right.Target
    /// `nil`, every verb, is allowed on each.
    public let verbs: [ResourceVerb]

    /// The right of every verb first.
    public var rights: [Right] { [Right(target, nil)] + verbs.map { Right(target, $0) } }
  }

  /// What holds other things: that on which the role is given first, and everything before it.
  public let containers: [Row]
  /// What people work on: all of it first, then by type.
  public let objects: [Row]

  /// - Parameter vocabulary: of policies, which knows the types and actions of the platforms that the organization runs.
  public init(_ scope: RoleScope, _ vocabulary: PolicyVocabulary) {
    let own = ResourceType(scope.rawValue)
    var held = [own]
    // Containers stand behind those that they can be in.
    for (type, parents) in PolicyVocabulary.containers where !held.contains(type) && parents.contains(where: held.contains) { held.append(type) }
    let types = vocabulary.allTypes.map { ResourceType($0) }
    let hardware = scope == .cluster ? types.filter { [.nodePool, .preset, .instanceType].contains($0) } : []
    containers =
      [Row(target: .everything, verbs: Self.ofContainers)] + (held + hardware).map { Row(target: .type($0), verbs: Self.ofContainers) }
    objects =
      [Row(target: .objects, verbs: Self.ofObjects + vocabulary.actions.map { ResourceVerb($0) }.filter { !Self.ofObjects.contains($0) })]
      + types.filter(\.isObject).map { Row(target: .type($0), verbs: Self.common + (Self.special[$0] ?? [])) }
  }

  /// Every right that is offered.
  public var rights: Set<Right> { Set((containers + objects).flatMap(\.rights)) }

  private static let ofContainers: [ResourceVerb] = [.list, .read, .create, .update, .delete, .share, .use, .manage]
  private static let common: [ResourceVerb] = [.list, .read, .create, .update, .delete, .share, .use]
  private static let ofObjects: [ResourceVerb] = PolicyVocabulary.verbs.filter { $0 != .manage }

  /// What is done with things of some types alone.
  private static let special: [ResourceType: [ResourceVerb]] = [
    .model: [.train, .deploy, .promote], .modelVersion: [.train, .deploy, .promote], .annotation: [.annotate, .review], .task: [.assign, .review],
    .deployment: [.deploy], ResourceType("secret"): [.readSecretValue], ResourceType("artifact"): [.prune], ResourceType("run"): [.client],
  ]
}

extension RightSet {
  /// The same without what another of them covers.
  public var essential: RightSet { RightSet(rights.filter { right in !rights.contains { $0 != right && $0.covers(right) } }) }
}
