public import Kernel

extension API {
  /// Apps of an organization: what its people make of models, data and workflows.
  public enum Apps {
    private static let one = "/organizations/{organization}/apps/{app}"
    private static let seen = "app.read"
    private static let managing = Access.resource(permission: "app.manage", seen: seen)

    public static let list = Endpoint<Wire.InOrganization, Wire.AppQuery, Nothing, Wire.List<Wire.App>>(
      "app.list", .get, "/organizations/{organization}/apps", access: .organization(permission: "organization.read"),
      summary: "List the apps of an organization, by slug; without the permission `app.read`, those that you have access to and those that are open to you.")

    public static let listPublic = Endpoint<Nothing, Wire.PublicAppQuery, Nothing, Wire.List<Wire.PublicApp>>(
      "app.list_public", .get, "/public-apps", access: .account,
      summary: "List the apps that are open to everybody, of all organizations, by slug; what a policy keeps from you is counted and not shown.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.AppDraft, Wire.App>(
      "app.create", .post, "/organizations/{organization}/apps", access: .organization(permission: "app.create"),
      summary: "Make an app, on which you have full access.", status: 201, refusals: [.takenName, .tooManyApps])

    public static let read = Endpoint<Wire.InApp, Nothing, Nothing, Wire.App>(
      "app.read", .get, one, access: .resource(permission: seen, seen: seen),
      summary: "Read one app, by id or by slug; what is public everybody may who is signed in.")

    public static let update = Endpoint<Wire.InApp, Nothing, Wire.AppUpdate, Wire.App>(
      "app.update", .patch, one, access: managing,
      summary: "Change an app's name, slug, description, notes, who sees it, or whether it is a template; who has full access may as well.",
      refusals: [.takenName, .stale])

    public static let delete = Endpoint<Wire.InApp, Nothing, Nothing, Nothing>(
      "app.delete", .delete, one, access: managing, summary: "Delete an app and all access to it, at once and for good.", status: 204, refusals: [.stale])

    public static let transfer = Endpoint<Wire.InApp, Nothing, Nothing, Wire.App>(
      "app.transfer", .put, one + "/transfer", access: managing, summary: "Let the organization own an app that a member owns; who has access keeps it.",
      refusals: [.stale])

    public static let duplicate = Endpoint<Wire.InApp, Nothing, Wire.AppCopy, Wire.App>(
      "app.duplicate", .post, one + "/duplicates", access: .resource(permission: seen, seen: seen),
      summary: """
        Make an app with what is said of another, here or in another organization, where you need the permission `app.create`; neither who has access nor \
        what is in it is copied.
        """, status: 201,
      refusals: [.takenName, .tooManyApps])

    public static let setImage = Endpoint<Wire.InApp, Nothing, Wire.ImageDraft, Wire.App>(
      "app.set_image", .put, one + "/image", access: managing,
      summary: "Give an app a picture: PNG, JPEG or WebP of at most 256 kB and 2,048 pixels a side.", refusals: [.stale])

    public static let removeImage = Endpoint<Wire.InApp, Nothing, Nothing, Wire.App>(
      "app.remove_image", .delete, one + "/image", access: managing, summary: "Take an app's picture away.", refusals: [.stale])

    public static let move = Endpoint<Wire.InApp, Nothing, Wire.NewHome, Wire.App>(
      "app.move", .put, one + "/organization", access: managing,
      summary: """
        Carry an app with all that is in it to another organization, for who is an admin of both. Who is a member of both keeps built-in roles on it; all \
        other access ends, that of outside collaborators too. Refused while credits are held.
        """, refusals: [.liveHolds, .takenName, .tooManyApps, .stale, .staleSignIn])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(listPublic), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(transfer),
        AnyEndpoint(duplicate),
        AnyEndpoint(setImage), AnyEndpoint(removeImage), AnyEndpoint(move),
      ]
    }
  }
}

extension Wire {
  public struct InApp: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var app: String

    public init(organization: String, app: String) {
      self.organization = organization
      self.app = app
    }
  }

  public struct AppQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a slug or a name; with `*` for any characters and `?` for one, the whole of it.
    public var search: String?
    /// Only what you have starred.
    public var starred: Bool?
    /// Only templates.
    public var template: Bool?
    public var visibility: AppVisibility?
    public var limit: Int?
    public var cursor: String?

    public init(
      search: String? = nil, starred: Bool? = nil, template: Bool? = nil, visibility: AppVisibility? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
      (self.search, self.starred, self.template, self.visibility, self.limit, self.cursor) = (search, starred, template, visibility, limit, cursor)
    }
  }

  /// Who may read an app besides those who have access: nobody, everybody who takes part in the organization, or everybody who is signed in.
  public enum AppVisibility: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case `private`
    case organization
    case `public`
  }

  public struct PublicAppQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a slug or a name; with `*` and `?` the whole of it.
    public var search: String?
    /// Only templates.
    public var template: Bool?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, template: Bool? = nil, limit: Int? = nil, cursor: String? = nil) {
      (self.search, self.template, self.limit, self.cursor) = (search, template, limit, cursor)
    }
  }

  /// An app that everybody sees who is signed in, with the organization that it is of.
  public struct PublicApp: Codable, Sendable, Hashable {
    public var organization: OrganizationName
    public var app: App

    public init(organization: OrganizationName, app: App) { (self.organization, self.app) = (organization, app) }
  }

  public struct App: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<App>
    /// In small letters, and unique in its organization.
    public var slug: String
    public var name: String
    public var description: String
    /// For whoever opens it.
    public var notes: String
    public var visibility: AppVisibility
    /// Whether others are meant to begin with a copy of it.
    public var template: Bool
    /// The member who owns it; absent where the organization does.
    public var owner: ID<Account>?
    public var ownerName: String?
    /// The digest of its picture, which is found at `/images/{digest}`.
    public var image: String?
    /// How many people have starred it.
    public var stars: Int
    /// Whether you have.
    public var starred: Bool
    public var createdAt: Timestamp
    public var changedAt: Timestamp
    public var revision: Int

    public init(
      id: ID<App>, slug: String, name: String, description: String, notes: String, visibility: AppVisibility, template: Bool, owner: ID<Account>?,
      ownerName: String?, image: String?, stars: Int, starred: Bool, createdAt: Timestamp, changedAt: Timestamp, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description, self.notes) = (id, slug, name, description, notes)
      (self.visibility, self.template, self.owner, self.ownerName, self.image) = (visibility, template, owner, ownerName, image)
      (self.stars, self.starred, self.createdAt, self.changedAt, self.revision) = (stars, starred, createdAt, changedAt, revision)
    }

    public var segment: String { slug }
  }

  /// Who owns an app at first.
  public enum AppOwner: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case organization, me }

  public struct AppDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var notes: Unchecked<AppNotesText>?
    /// `private` when absent.
    public var visibility: AppVisibility?
    /// `false` when absent.
    public var template: Bool?
    /// `organization` when absent.
    public var owner: AppOwner?

    public init(
      name: String, slug: String? = nil, description: String? = nil, notes: String? = nil, visibility: AppVisibility? = nil, template: Bool? = nil,
      owner: AppOwner? = nil
    ) {
      (self.name, self.slug, self.description) = (.init(name), slug.map { .init($0) }, description.map { .init($0) })
      (self.notes, self.visibility, self.template, self.owner) = (notes.map { .init($0) }, visibility, template, owner)
    }
  }

  /// What is absent stays as it is.
  public struct AppUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var notes: Unchecked<AppNotesText>?
    public var visibility: AppVisibility?
    public var template: Bool?

    public init(
      name: String? = nil, slug: String? = nil, description: String? = nil, notes: String? = nil, visibility: AppVisibility? = nil, template: Bool? = nil
    ) {
      (self.name, self.slug, self.description) = (name.map { .init($0) }, slug.map { .init($0) }, description.map { .init($0) })
      (self.notes, self.visibility, self.template) = (notes.map { .init($0) }, visibility, template)
    }
  }

  /// What a copy is called, and where it is.
  public struct AppCopy: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    /// Another organization, by id or slug; the app's own when absent.
    public var organization: String?

    public init(name: String, slug: String? = nil, organization: String? = nil) {
      (self.name, self.slug, self.organization) = (.init(name), slug.map { .init($0) }, organization)
    }
  }
}

/// The notes of an app, of at most 64 kB.
public enum AppNotesText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 0...65_536) }
  public static var example: String { "" }
}

extension Problem.Code {
  public static let tooManyApps = Self("app.too_many", .conflict, "Too many apps")
}
