public import Authorization
public import Kernel
import Markup

/// A role that a member holds beside those of the membership.
public struct MemberAccess: Sendable, Hashable {
  public let role: GrantedRole
  /// `nil` for the organization.
  public let place: Place?
  /// What gives it; `nil` for what they hold by themselves.
  public let team: Team?
  public let since: Timestamp
  /// `nil` where it has no end.
  public let expires: Timestamp?

  public struct Place: Sendable, Hashable {
    public let id: ID<Resource>
    public let type: ResourceType
    /// With what it is in: `research/forecast`.
    public let path: String
    let outer: ResourceType?

    /// Where who has access to it is listed.
    func link(in organization: Organization) -> Link? {
      let parts = path.split(separator: "/" as Character).map { String($0) }
      switch (type, outer) {
      case (.workspace, _): return Link(local: "/\(organization.slug)/workspaces/\(path)/access")
      case (.cluster, _): return Link(local: "/\(organization.slug)/clusters/\(path)/access")
      case (.app, _): return Link(local: "/\(organization.slug)/apps/\(path)/access")
      case (.project, let outer?) where parts.count == 2:
        return Link(local: "/\(organization.slug)/\(outer == .cluster ? "clusters" : "workspaces")/\(parts[0])/projects/\(parts[1])")
      default: return nil
      }
    }
  }

  public struct Team: Sendable, Hashable {
    public let slug: Slug
    public let name: DisplayName
  }
}

extension Members {
  /// What a member holds now beside the roles of the membership: on the organization first, then on things by what they are called; by themselves or through
  /// a team.
  public func access(of id: ID<Member>, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<MemberAccess> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadMemberAccess.self, in: reference).0
      guard let member = try work.members.find(id, in: organization.id) else { throw Problem.missingMember }
      return try work.members.access(of: member.id, page)
    }
  }
}
