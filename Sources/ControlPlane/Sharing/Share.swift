public import Authorization
import Contract
public import Kernel

/// What somebody may do with one object because it was shared with them. It reaches nothing within the object, and lets them see what the object stands in.
public struct Share: Sendable, Hashable {
  public let id: ID<Share>
  public let object: SharedObject
  public let holder: Grant.Holder
  public internal(set) var actions: Set<ResourceVerb>
  /// Who gave what is given now, as they were called then.
  public internal(set) var sharer: Sharer
  public let since: Timestamp
  public let revision: Int

  /// With how many people, service accounts and teams one object may be shared.
  static let limit = 1_000
  /// How many shares one organization may have.
  static let organizationLimit = 200_000

  /// Who shared something.
  public struct Sharer: Sendable, Hashable {
    /// Of the account or the service account.
    public let id: String
    public let name: DisplayName

    public init(id: String, name: DisplayName) { (self.id, self.name) = (id, name) }
  }

  /// In the order of their names.
  public var sortedActions: [ResourceVerb] { actions.sorted() }

  /// How the log tells of it.
  var logged: String { "\(holder.logged): \(GrantedRole.actions(actions).name)" }

  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This share was changed since you read it. Read it again, then repeat your change.") }
  }
}

/// An object that is shared: one that stands here, or one that is merely named with what it stands in.
public struct SharedObject: Sendable, Hashable {
  public let name: ObjectName
  /// What it stands in; `nil` for the organization itself.
  public let place: Resource?
  /// What is registered of it; `nil` for what its platform merely names.
  public let registered: Resource?

  /// What people call it.
  public var title: String { registered?.name.text ?? name.id }
}

/// An object as somebody who shares it names it.
public struct SharedName: Sendable, Hashable {
  public let object: ObjectName
  /// Of what isn't registered: what it stands in, or else it stands in the organization itself. What is registered stands where it stands.
  public let place: ThingName.Place?

  public init(_ object: ObjectName, in place: ThingName.Place? = nil) { (self.object, self.place) = (object, place) }
}

/// Who shall be able to do what with an object.
public struct ShareDraft: Sendable {
  public let object: SharedName
  public let candidate: GrantCandidate
  /// All of it: a new list replaces the old, and an empty one withdraws.
  public let actions: [String]
  /// On whose behalf a platform shares; the caller where nobody is named.
  public let sharer: AccessQuestion.PrincipalName?
  /// Whether the platform says that the object is the sharer's own, who then needs no right to it here.
  public let isSharersOwn: Bool

  public init(
    _ object: SharedName, with candidate: GrantCandidate, actions: [String], onBehalfOf sharer: AccessQuestion.PrincipalName? = nil, isSharersOwn: Bool = false
  ) {
    (self.object, self.candidate, self.actions, self.sharer, self.isSharersOwn) = (object, candidate, actions, sharer, isSharersOwn)
  }

  /// Refuses what can't be actions, and those that nothing in the organization speaks of: so there are as many as the schema of policies has.
  func verbs(in vocabulary: PolicyVocabulary) throws(Problem) -> Set<ResourceVerb> {
    let known = Set(vocabulary.allActions)
    for action in actions {
      guard known.contains(action) else {
        throw .invalid("actions", "There is no action \"\(action.prefix(64))\". Choose of \(vocabulary.allActions.joined(separator: ", ")).")
      }
    }
    return Set(actions.map { ResourceVerb($0) })
  }
}
