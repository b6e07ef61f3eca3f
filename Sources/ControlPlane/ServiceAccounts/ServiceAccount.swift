public import Authorization
import Contract
public import Kernel

/// A program that acts in one organization for itself, with roles of its own. It belongs to the organization, and stays when who made it leaves.
public struct ServiceAccount: Sendable, Hashable {
  public let id: ID<ServiceAccount>
  public let organization: ID<Organization>
  /// What it is called in addresses and scripts: in small letters, unique in its organization, and its own for good.
  public let slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  public internal(set) var roles: RoleSet
  public let creator: Creator
  public let createdAt: Timestamp
  public internal(set) var state: State
  /// Up to a minute behind.
  public let usedAt: Timestamp?
  /// How many of its keys hold.
  public let liveKeys: Int
  public let revision: Int

  /// How many an organization may have.
  static let limit = 500

  /// Who made it, with their present name.
  public struct Creator: Sendable, Hashable {
    public let id: ID<Account>
    public let name: DisplayName
  }

  /// Whether its keys open anything.
  public enum State: Sendable, Hashable {
    case active
    case disabled(since: Timestamp)

    init(disabledAt: Timestamp?) { self = disabledAt.map { .disabled(since: $0) } ?? .active }

    public var isActive: Bool { self == .active }

    var disabledAt: Timestamp? {
      guard case .disabled(let since) = self else { return nil }
      return since
    }

    /// `active` or `disabled`.
    public var word: String { isActive ? "active" : "disabled" }
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The service account was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses roles that the holder of `permissions` couldn't give: who holds one of its keys may do what it may.
  func expectReach(of permissions: Set<Permission>, to newRoles: RoleSet? = nil) throws(Problem) {
    if let above = RoleSet(roles.beyond(permissions)) {
      throw Problem(.aboveOwnRights, "You can't change a service account that is \(above.holder): that is more than your own roles allow.")
    }
    if let newRoles { try newRoles.expectWithin(permissions) }
  }

  /// Refuses another text than its slug; without one nobody was asked.
  func expectConfirmed(by typed: String?) throws(Problem) {
    guard typed == nil || typed == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this service account.") }
  }
}

/// What somebody says of a new service account.
public struct ServiceAccountDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let description: Note
  public let roles: RoleSet

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(name: String, slug: String = "", description: String = "", roles: [String]) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = checker.slug(slug.lowercased(), orOf: parsedName)
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    var parsedRoles: RoleSet?
    do { parsedRoles = try RoleSet(parsing: roles) } catch { for fault in error.faults { checker.reject(fault.field, fault.detail) } }
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription, let parsedRoles else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description, self.roles) = (parsedName, parsedSlug, parsedDescription, parsedRoles)
  }
}

/// What is to be changed of a service account; `nil` leaves as is.
public struct ServiceAccountUpdate: Sendable {
  public var name: String?
  public var description: String?
  public var roles: [String]?

  public init(name: String? = nil, description: String? = nil, roles: [String]? = nil) {
    self.name = name
    self.description = description
    self.roles = roles
  }

  /// The service account after the update; refuses with all faults at once.
  func applied(to account: ServiceAccount) throws(Problem) -> ServiceAccount {
    var result = account
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    if let roles {
      do { result.roles = try RoleSet(parsing: roles) } catch { for fault in error.faults { checker.reject(fault.field, fault.detail) } }
    }
    try checker.finish()
    return result
  }
}

extension Target {
  init(_ account: ServiceAccount) { self.init("service-account", account.id.description, named: account.name.text) }
}
