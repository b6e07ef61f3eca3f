public import Authorization
import Contract
public import Kernel

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
  /// How many members it has, suspended and expired ones included.
  public let memberCount: Int
  public var revision: Int

  public enum State: Sendable, Hashable {
    case active
    case suspended(since: Timestamp, reason: Note)
    /// Hidden, and restorable until `purge`, when it goes for good.
    case deleted(since: Timestamp, purge: Timestamp)

    public var kind: OrganizationState {
      switch self {
      case .active: .active
      case .suspended: .suspended
      case .deleted: .deleted
      }
    }
  }

  static func founded(_ draft: OrganizationDraft, id: ID<Organization>, at now: Timestamp) -> Organization {
    Organization(
      id: id, slug: draft.slug, name: draft.name, description: draft.description, billingEmail: draft.billingEmail, acceptsRequests: false, createdAt: now, state: .active,
      memberCount: 0, revision: 1)
  }

  /// Refuses when it isn't active.
  mutating func suspend(because reason: Note, at now: Timestamp) throws(Problem) {
    guard case .active = state else { throw Problem(.organizationNotActive, "Only an active organization can be suspended.") }
    state = .suspended(since: now, reason: reason)
  }

  mutating func resume() throws(Problem) {
    guard case .suspended = state else { throw Problem(.organizationNotActive, "The organization isn't suspended.") }
    state = .active
  }

  mutating func delete(confirmedBy typed: String, grace: Duration, at now: Timestamp) throws(Problem) {
    guard typed == slug.text else {
      throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this organization.")
    }
    state = .deleted(since: now, purge: now + grace)
  }

  /// Refuses when it isn't deleted, or when its time has run out.
  mutating func restore(at now: Timestamp) throws(Problem) {
    guard case .deleted(_, let purge) = state else { throw Problem(.organizationNotDeleted, "The organization isn't deleted.") }
    guard now < purge else { throw Problem(.organizationPurged, "The time to restore this organization ran out on \(purge).") }
    state = .active
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The organization was changed since you read it. Read it again, then repeat your change.") }
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
    let parsedSlug = checker.check("slug") { () throws(Rejection) in
      if slug.isEmpty, let proposed = Slug.proposed(for: name) { return proposed }
      return try Slug(slug)
    }
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
