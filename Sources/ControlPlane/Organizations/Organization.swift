public import Authorization
import Contract
public import Kernel
public import Secrets

/// A group of people who share what they own and pay one bill.
public struct Organization: Sendable, Hashable {
  public let id: ID<Organization>
  public var slug: Slug
  public var name: DisplayName
  public var description: Note
  /// Where invoices and warnings about money go.
  public var billingEmail: EmailAddress
  /// Whether people may ask to join.
  public var acceptsRequests: Bool
  public let createdAt: Timestamp
  public private(set) var state: State
  /// The picture that stands for it; `nil` for none.
  public let logo: SHA256Digest?
  /// How many members it has, suspended and expired ones included.
  public let memberCount: Int
  public var revision: Int

  public enum State: Sendable, Hashable {
    case active
    case suspended(Suspension)
    /// Hidden, and restorable until `purge`, when it goes for good. A suspension outlives deletion and restoring.
    case deleted(since: Timestamp, purge: Timestamp, suspension: Suspension?)

    public var kind: OrganizationState {
      switch self {
      case .active: .active
      case .suspended: .suspended
      case .deleted: .deleted
      }
    }
  }

  /// Why and since when it can be read, but not changed.
  public struct Suspension: Sendable, Hashable {
    public let since: Timestamp
    public let reason: Note
    /// Whether an operator suspended it: then only operators lift it.
    public let isByOperator: Bool
  }

  static func founded(_ draft: OrganizationDraft, id: ID<Organization>, takesRequests: Bool, at now: Timestamp) -> Organization {
    Organization(
      id: id, slug: draft.slug, name: draft.name, description: draft.description, billingEmail: draft.billingEmail, acceptsRequests: takesRequests,
      createdAt: now, state: .active,
      logo: nil, memberCount: 0, revision: 1)
  }

  /// Refuses when it isn't active.
  mutating func suspend(because reason: Note, byOperator: Bool, at now: Timestamp) throws(Problem) {
    guard case .active = state else { throw Problem(.organizationNotActive, "Only an active organization can be suspended.") }
    state = .suspended(Suspension(since: now, reason: reason, isByOperator: byOperator))
  }

  /// Refuses when it isn't suspended, and admins where an operator suspended it.
  mutating func resume(byOperator: Bool) throws(Problem) {
    guard case .suspended(let suspension) = state else { throw Problem(.organizationNotActive, "The organization isn't suspended.") }
    guard byOperator || !suspension.isByOperator else {
      throw Problem(.forbidden, "An operator of this installation suspended the organization, and only operators can resume it. Ask them.")
    }
    state = .active
  }

  mutating func delete(confirmedBy typed: String, grace: Duration, at now: Timestamp) throws(Problem) {
    guard typed == slug.text else {
      throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this organization.")
    }
    var suspension: Suspension?
    if case .suspended(let present) = state { suspension = present }
    state = .deleted(since: now, purge: now + grace, suspension: suspension)
  }

  /// As it was before: active or suspended. Refuses when it isn't deleted, or when its time has run out.
  mutating func restore(at now: Timestamp) throws(Problem) {
    guard case .deleted(_, let purge, let suspension) = state else { throw Problem(.organizationNotDeleted, "The organization isn't deleted.") }
    guard now < purge else { throw Problem(.organizationPurged, "The time to restore this organization ran out on \(instantText(purge)).") }
    state = suspension.map { .suspended($0) } ?? .active
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The organization was changed since you read it. Read it again, then repeat your change.") }
  }
}

/// What stands on an organization's first page: figures, and what is left to do in the beginning. `nil` is what the viewer may not see.
public struct OrganizationOverview: Sendable, Hashable {
  public let openInvitations: Int?
  public let openRequests: Int?
  /// What a founder does first, and whether it is done.
  public let firstSteps: FirstSteps?

  public struct FirstSteps: Sendable, Hashable {
    public let isDescribed: Bool
    public let hasInvited: Bool
    public let hasJoined: Bool
    public let hasSecondAdmin: Bool

    public var isDone: Bool { isDescribed && hasInvited && hasJoined && hasSecondAdmin }
  }
}

/// What a founder says of a new organization.
public struct OrganizationDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let description: Note
  public let billingEmail: EmailAddress

  /// Refuses with all faults at once. An empty slug is made from the name, an empty billing address is the founder's.
  public init(name: String, slug: String, description: String, billingEmail: String) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = checker.slug(slug, orOf: parsedName)
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    let parsedEmail = checker.check("billing_email") { () throws(Rejection) in try EmailAddress(billingEmail) }
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription, let parsedEmail else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description, self.billingEmail) = (parsedName, parsedSlug, parsedDescription, parsedEmail)
  }
}

/// What is to be changed of an organization; `nil` leaves as is.
public struct OrganizationUpdate: Sendable {
  public var name: String?
  public var slug: String?
  public var description: String?
  public var billingEmail: String?
  public var acceptsRequests: Bool?

  public init(name: String? = nil, slug: String? = nil, description: String? = nil, billingEmail: String? = nil, acceptsRequests: Bool? = nil) {
    self.name = name
    self.slug = slug
    self.description = description
    self.billingEmail = billingEmail
    self.acceptsRequests = acceptsRequests
  }

  /// The organization after the update; refuses with all faults at once.
  func applied(to organization: Organization) throws(Problem) -> Organization {
    var result = organization
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    // The slug it has stays acceptable, whatever words were reserved since.
    if let slug, slug != organization.slug.text, let parsed = checker.check("slug", { () throws(Rejection) in try Slug(slug) }) { result.slug = parsed }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    if let billingEmail, let parsed = checker.check("billing_email", { () throws(Rejection) in try EmailAddress(billingEmail) }) { result.billingEmail = parsed }
    if let acceptsRequests { result.acceptsRequests = acceptsRequests }
    try checker.finish()
    return result
  }
}

extension Target {
  init(_ organization: Organization) { self.init("organization", organization.id.description, named: organization.name.text) }
}
