public import Authorization
public import Kernel

extension ControlPlane {
  public var roles: Roles { Roles(plane: self) }
}

/// What the roles of an organization allow, and how somebody stands to them.
public struct Roles: Sendable {
  let plane: ControlPlane

  /// All organization roles, the most powerful first, as the caller stands to them.
  public func list(in reference: String, by caller: Caller) async throws(Problem) -> [RoleStanding] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let own = try work.ownRoles(in: organization)
      let permissions = try work.permissions(in: organization)
      let mayGive = !permissions.isDisjoint(with: [.invitationManage, .memberUpdate])
      var holders: [OrganizationRole: Int]?
      if try work.availability(of: ListMembers.self, in: organization) == .possible {
        holders = [:]
        for segment in try MemberSegmentRows(tx: work.tx).all(of: organization.id) {
          for role in segment.roles.roles { holders?[role, default: 0] += segment.members }
        }
      }
      return OrganizationRole.allCases.map { role in
        RoleStanding(
          role: role, members: holders.map { $0[role] ?? 0 }, isOwn: own?.contains(role) ?? false,
          isGrantable: mayGive && RoleSet(role).beyond(permissions).isEmpty)
      }
    }
  }
}

extension Work {
  /// The roles that the caller holds in the organization.
  fileprivate func ownRoles(in organization: Organization) throws(Problem) -> RoleSet? {
    switch try actor() {
    case .anonymous, .system: nil
    case .machine(let machine): machine.roles
    case .person(let person): try members.of(person.id, in: organization.id)?.roles
    }
  }
}

/// A role, as somebody stands to it.
public struct RoleStanding: Sendable, Hashable {
  public let role: OrganizationRole
  /// How many members hold it, whatever state they are in; `nil` for who may not see the members.
  public let members: Int?
  public let isOwn: Bool
  /// Whether they may give it to somebody.
  public let isGrantable: Bool
}
