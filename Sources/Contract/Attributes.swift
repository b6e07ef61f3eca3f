public import Kernel

extension API {
  /// What is said of workspaces, clusters, projects and apps for policies to look at.
  public enum Attributes {
    private static let one = "/organizations/{organization}/attributes/{resource}"

    public static let read = Endpoint<Wire.InResource, Nothing, Nothing, Wire.ResourceAttributes>(
      "attributes.read", .get, one, access: .organization(permission: "organization.read"),
      summary: "Read what is said of a workspace, a cluster, a project or an app that you may read, by its id.")

    public static let set = Endpoint<Wire.InResource, Nothing, Wire.AttributesDraft, Wire.ResourceAttributes>(
      "attributes.set", .put, one, access: .organization(permission: "organization.read"),
      summary: """
        Say something else of it, all at once, as who may change the thing; the organization's schema tells what may be said. Decisions see it at once.
        """,
      refusals: [.stale])

    static var all: [AnyEndpoint] { [AnyEndpoint(read), AnyEndpoint(set)] }
  }
}

extension Wire {
  public struct InResource: Codable, Sendable, Hashable {
    public var organization: String
    public var resource: ID<ResourceAttributes>

    public init(organization: String, resource: ID<ResourceAttributes>) {
      self.organization = organization
      self.resource = resource
    }
  }

  /// What policies may look at of a thing, besides its name, its slug and its owner.
  public struct ResourceAttributes: Codable, Sendable, Hashable, Versioned {
    public var resource: ID<ResourceAttributes>
    /// `workspace`, `cluster`, `project` or `app`.
    public var type: String
    public var slug: String
    /// `tags` and `compliance` are lists of texts, `region` and `classification` are texts; others are as the organization's schema says.
    public var attributes: JSON
    public var revision: Int

    public init(resource: ID<ResourceAttributes>, type: String, slug: String, attributes: JSON, revision: Int) {
      (self.resource, self.type, self.slug, self.attributes, self.revision) = (resource, type, slug, attributes, revision)
    }
  }

  public struct AttributesDraft: Codable, Sendable, Hashable {
    /// An object; what isn't in it isn't said any more.
    public var attributes: JSON

    public init(attributes: JSON) { self.attributes = attributes }
  }
}
