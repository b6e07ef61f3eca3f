public import Authorization
import Contract
public import Kernel

/// A role on the organization that somebody, a program or a team holds beside the roles of their membership, perhaps for a time.
public struct OrganizationGrant: Sendable, Hashable {
  public let id: ID<OrganizationGrant>
  public let organization: ID<Organization>
  /// A member, a service account or a team.
  public let holder: Grant.Holder
  public internal(set) var role: GrantedRole
  /// From then on it counts for nothing; `nil` where it has no end.
  public internal(set) var expires: Timestamp?
  public let since: Timestamp
  public let revision: Int

  /// How many one holder may have, and how many an organization.
  static let holderLimit = 50
  static let limit = 20_000

  /// Whether it counts at that instant.
  public func holds(at instant: Timestamp) -> Bool { expires.map { instant < $0 } ?? true }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This role was changed since you read it. Read it again, then repeat your change.") }
  }

  /// How the log tells of it.
  var logged: String { "\(holder.logged): \(role.name)\(expires.map { " until \($0)" } ?? "")" }
}

/// What somebody holds on the organization, for the log: `organization.viewer until …`.
struct OrganizationRoles: Sendable {
  let grants: [GrantFacts]

  /// `nil` without any.
  var logged: String? {
    grants.isEmpty ? nil : grants.map { "\($0.role.name)\($0.expires.map { " until \($0)" } ?? "")" }.joined(separator: ", ")
  }

  /// Refuses what allows more than the holder of `permissions` may do: nobody gives it, changes it or takes it away, be it through a team.
  func expectWithin(_ permissions: Set<Permission>) throws(Problem) {
    for grant in grants where !grant.role.beyond(permissions).isEmpty {
      throw Problem(.aboveOwnRights, "With this comes the role \(grant.role.name), which allows more than your own roles do. Ask an admin.")
    }
  }
}
