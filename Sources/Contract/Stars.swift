public import Kernel

extension API {
  /// What people want to find again: workspaces, clusters, projects and apps.
  public enum Stars {
    public static let list = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.Star>>(
      "star.list", .get, "/organizations/{organization}/stars", access: .organization(permission: "organization.read"),
      summary: "List what you have starred in an organization and may still see, the newest first; service accounts have no stars.")

    public static let add = Endpoint<Wire.InStar, Nothing, Nothing, Wire.Star>(
      "star.add", .put, "/organizations/{organization}/stars/{resource}", access: .organization(permission: "organization.read"),
      summary: "Star a workspace, a cluster, a project or an app that you may see.", refusals: [.tooMany])

    public static let remove = Endpoint<Wire.InStar, Nothing, Nothing, Nothing>(
      "star.remove", .delete, "/organizations/{organization}/stars/{resource}", access: .organization(permission: "organization.read"),
      summary: "Take your star away.", status: 204)

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(add), AnyEndpoint(remove)] }
  }
}

extension Wire {
  public struct InStar: Codable, Sendable, Hashable {
    public var organization: String
    public var resource: ID<Star>

    public init(organization: String, resource: ID<Star>) {
      self.organization = organization
      self.resource = resource
    }
  }

  /// Something that you have starred.
  public struct Star: Codable, Sendable, Hashable {
    public var resource: ID<Star>
    /// `workspace`, `cluster`, `project` or `app`.
    public var type: String
    public var slug: String
    public var name: String
    public var since: Timestamp

    public init(resource: ID<Star>, type: String, slug: String, name: String, since: Timestamp) {
      (self.resource, self.type, self.slug, self.name, self.since) = (resource, type, slug, name, since)
    }
  }
}
