extension API {
  /// What people may do in an organization.
  public enum Roles {
    public static let list = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.RoleDescriptions>(
      "role.list", .get, "/organizations/{organization}/roles", access: .organization(permission: "organization.read"),
      summary: "List the organization roles, the most powerful first: what each allows, how many hold it, and whether you may give it.")

    static var all: [AnyEndpoint] { [AnyEndpoint(list)] }
  }
}

extension Wire {
  /// One organization role, as the caller stands to it.
  public struct RoleDescription: Codable, Sendable, Hashable {
    public var name: OrganizationRole
    public var summary: String
    /// `noun.verb`, in the order of the alphabet; what several roles allow adds up.
    public var permissions: [String]
    /// How many members hold it, whatever state they are in; absent for who may not see the members.
    public var members: Int?
    /// Whether the caller holds it.
    public var own: Bool
    /// Whether the caller may give it: nobody gives what they lack.
    public var grantable: Bool

    public init(name: OrganizationRole, summary: String, permissions: [String], members: Int?, own: Bool, grantable: Bool) {
      self.name = name
      self.summary = summary
      self.permissions = permissions
      self.members = members
      self.own = own
      self.grantable = grantable
    }
  }

  public struct RoleDescriptions: Codable, Sendable, Hashable {
    public var roles: [RoleDescription]

    public init(roles: [RoleDescription]) { self.roles = roles }
  }
}
