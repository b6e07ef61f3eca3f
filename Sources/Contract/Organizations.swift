public import Kernel

extension API {
  public enum Organizations {
    public static let create = Endpoint<Nothing, Nothing, Wire.OrganizationDraft, Wire.Organization>(
      "organization.create", .post, "/organizations", access: .account, summary: "Found an organization; you become its admin.", status: 201,
      refusals: [.takenName, .boundToken])

    public static let list = Endpoint<Nothing, Wire.OrganizationQuery, Nothing, Wire.List<Wire.Organization>>(
      "organization.list", .get, "/organizations", access: .account,
      summary: "List the organizations you belong to, without those that are closed to you for now.",
      refusals: [.forbidden])

    public static let read = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Organization>(
      "organization.read", .get, "/organizations/{organization}", access: .organization(permission: "organization.read"), summary: "Read an organization, by id or by slug.")

    public static let update = Endpoint<Wire.InOrganization, Nothing, Wire.OrganizationUpdate, Wire.Organization>(
      "organization.update", .patch, "/organizations/{organization}", access: .organization(permission: "organization.update"),
      summary: "Change name, slug, description, billing address, or whether people may ask to join. An old slug leads on for ever.", refusals: [.takenName, .stale])

    public static let delete = Endpoint<Wire.InOrganization, Wire.SlugConfirmation, Nothing, Wire.Organization>(
      "organization.delete", .delete, "/organizations/{organization}", access: .organization(permission: "organization.delete"),
      summary: "Delete an organization: hidden at once, restorable for 30 days. Needs a sign-in of the last 15 minutes.",
      refusals: [.staleSignIn, .stale, .liveHolds])

    public static let restore = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Organization>(
      "organization.restore", .put, "/organizations/{organization}/restoration", access: .organization(permission: "organization.delete"),
      summary: "Bring a deleted organization back. Where nobody could run it any more, an operator who does so becomes its admin.",
      refusals: [.organizationNotDeleted, .organizationPurged, .lastAdmin, .stale])

    public static let restoreByLink = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Wire.OrganizationName>(
      "organization.restore_by_link", .put, "/organization-restorations", access: .anyone, summary: "Bring a deleted organization back, with the token of the mail about its deletion.",
      refusals: [.spentLink, .organizationNotDeleted, .organizationPurged])

    public static let suspend = Endpoint<Wire.InOrganization, Nothing, Wire.Suspension, Wire.Organization>(
      "organization.suspend", .put, "/organizations/{organization}/suspension", access: .organization(permission: "organization.suspend"),
      summary: "Suspend an organization: it can be read, but not changed.", refusals: [.organizationNotActive, .stale])

    public static let resume = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Organization>(
      "organization.resume", .delete, "/organizations/{organization}/suspension", access: .organization(permission: "organization.suspend"),
      summary: "Lift the suspension of an organization. What an operator suspended, operators alone resume.",
      refusals: [.organizationNotActive, .stale])

    public static let transfer = Endpoint<Wire.InOrganization, Nothing, Wire.Transfer, Wire.Organization>(
      "organization.transfer", .put, "/organizations/{organization}/transfer", access: .organization(permission: "organization.transfer"),
      summary: "Hand the organization to another member, who becomes admin, and step down yourself. Needs a sign-in of the last 15 minutes.",
      refusals: [.staleSignIn, .memberNotActive, .lastAdmin, .stale])

    public static let leave = Endpoint<Wire.InOrganization, Nothing, Nothing, Nothing>(
      "organization.leave", .delete, "/organizations/{organization}/membership", access: .organization(permission: "organization.read"),
      summary: "Leave an organization; suspended members may, too.", status: 204, refusals: [.lastAdmin])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(create), AnyEndpoint(list), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(restore), AnyEndpoint(restoreByLink),
        AnyEndpoint(suspend), AnyEndpoint(resume), AnyEndpoint(transfer), AnyEndpoint(leave),
      ]
    }
  }
}

extension Wire {
  /// An organization, by id or by slug.
  public struct InOrganization: Codable, Sendable, Hashable {
    public var organization: String

    public init(organization: String) { self.organization = organization }
  }

  public struct Organization: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Organization>
    public var slug: String
    public var name: String
    public var description: String
    public var billingEmail: String
    public var acceptsRequests: Bool
    public var state: OrganizationState
    public var suspendedAt: Timestamp?
    public var suspensionReason: String?
    public var deletedAt: Timestamp?
    /// Until then a deleted organization can be restored.
    public var purgeAt: Timestamp?
    /// Where its picture is, as a path on the server.
    public var logo: String?
    public var memberCount: Int
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Organization>, slug: String, name: String, description: String, billingEmail: String, acceptsRequests: Bool, state: OrganizationState, suspendedAt: Timestamp?,
      suspensionReason: String?, deletedAt: Timestamp?, purgeAt: Timestamp?, logo: String? = nil, memberCount: Int, createdAt: Timestamp, revision: Int
    ) {
      self.id = id
      self.slug = slug
      self.name = name
      self.description = description
      self.billingEmail = billingEmail
      self.acceptsRequests = acceptsRequests
      self.state = state
      self.suspendedAt = suspendedAt
      self.suspensionReason = suspensionReason
      self.deletedAt = deletedAt
      self.purgeAt = purgeAt
      self.logo = logo
      self.memberCount = memberCount
      self.createdAt = createdAt
      self.revision = revision
    }

    public var segment: String { slug }
  }

  public enum OrganizationState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case active, suspended, deleted }

  /// What is told of an organization to who isn't signed in.
  public struct OrganizationName: Codable, Sendable, Hashable {
    public var id: ID<Organization>
    public var slug: String
    public var name: String

    public init(id: ID<Organization>, slug: String, name: String) {
      self.id = id
      self.slug = slug
      self.name = name
    }
  }

  public struct OrganizationDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    /// Your primary address when absent.
    public var billingEmail: Unchecked<EmailAddress>?

    public init(name: String, slug: String? = nil, description: String? = nil, billingEmail: String? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.billingEmail = billingEmail.map { .init($0) }
    }
  }

  /// What is absent stays as it is.
  public struct OrganizationUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var billingEmail: Unchecked<EmailAddress>?
    public var acceptsRequests: Bool?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil, billingEmail: String? = nil, acceptsRequests: Bool? = nil) {
      self.name = name.map { .init($0) }
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.billingEmail = billingEmail.map { .init($0) }
      self.acceptsRequests = acceptsRequests
    }
  }

  public struct OrganizationQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a name or slug.
    public var search: String?
    /// All of the installation, for operators.
    public var all: Bool?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, all: Bool? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.all = all
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct SlugConfirmation: Codable, Sendable, Hashable {
    /// The slug of what is to be deleted, typed by a person who means it.
    public var confirm: String

    public init(confirm: String) { self.confirm = confirm }
  }

  public struct Suspension: Codable, Sendable, Hashable {
    public var reason: Unchecked<Note>

    public init(reason: String) { self.reason = .init(reason) }
  }

  public struct Transfer: Codable, Sendable, Hashable {
    /// Who becomes admin.
    public var member: ID<Member>
    /// Which role you keep: any below admin.
    public var stepDownTo: OrganizationRole

    public init(member: ID<Member>, stepDownTo: OrganizationRole) {
      self.member = member
      self.stepDownTo = stepDownTo
    }
  }

  /// The token of a link that came in a mail.
  public struct LinkAnswer: Codable, Sendable, Hashable {
    public var token: Unchecked<TokenText>

    public init(token: String) { self.token = .init(token) }
  }
}

extension Problem.Code {
  public static let movedOrganization = Self("organization.moved", .moved, "The organization has another slug now")
  public static let organizationNotActive = Self("organization.not_active", .conflict, "Not possible in this state")
  public static let organizationNotDeleted = Self("organization.not_deleted", .conflict, "The organization isn't deleted")
  public static let organizationPurged = Self("organization.purged", .gone, "The organization can't be restored any more")
  public static let lastAdmin = Self("organization.last_admin", .conflict, "The organization needs an active admin")
  /// The token is bound to one organization, and this reaches beyond it.
  public static let boundToken = Self("token.bound", .forbidden, "The token is bound to one organization")
}
