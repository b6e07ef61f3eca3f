import Kernel

extension API {
  /// Roles on the organization that people, programs and teams hold beside those of the membership.
  public enum OrganizationAccess {
    private static let place = "/organizations/{organization}/grants"
    private static let managing = Access.organization(permission: "member.update")

    public static let list = Endpoint<Wire.InOrganization, Wire.OrganizationGrantQuery, Nothing, Wire.List<Wire.Grant>>(
      "organization_grant.list", .get, place, access: .organization(permission: "member.list"),
      summary: "List the roles on the organization that are held beside those of the membership: members, then service accounts and teams, each by name.")

    public static let give = Endpoint<Wire.InOrganization, Nothing, Wire.GrantDraft, Wire.Grant>(
      "organization_grant.give", .post, place, access: managing,
      summary: "Give a member, a service account or a team a role on the organization, for good or for a time.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let update = Endpoint<Wire.InOrganizationGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "organization_grant.update", .patch, place + "/{grant}", access: managing,
      summary: "Change the role, or when it ends.", refusals: [.aboveOwnRights, .alreadyGranted, .stale])

    public static let withdraw = Endpoint<Wire.InOrganizationGrant, Nothing, Nothing, Nothing>(
      "organization_grant.withdraw", .delete, place + "/{grant}", access: managing,
      summary: "Take a role on the organization away, at once.", status: 204, refusals: [.aboveOwnRights, .stale])

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(give), AnyEndpoint(update), AnyEndpoint(withdraw)] }
  }
}

extension Wire {
  public struct InOrganizationGrant: Codable, Sendable, Hashable {
    public var organization: String
    public var grant: String

    public init(organization: String, grant: String) {
      self.organization = organization
      self.grant = grant
    }
  }

  public struct OrganizationGrantQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Only those of one holder, by the id of the membership, the service account or the team.
    public var holder: String?
    public var limit: Int?
    public var cursor: String?

    public init(holder: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.holder = holder
      self.limit = limit
      self.cursor = cursor
    }
  }
}
