public import Kernel

extension API {
  /// Outside collaborators: people who aren't members of an organization and have a role on one of its apps.
  public enum Collaborators {
    private static let ofApp = "/organizations/{organization}/apps/{app}/collaborators"
    private static let managing = Access.resource(permission: "app.manage", seen: "app.read")
    private static let everywhere = "/organizations/{organization}/collaborators"
    private static let own = "/account/collaborations"

    public static let list = Endpoint<Wire.InApp, Wire.ResourceQuery, Nothing, Wire.List<Wire.Collaborator>>(
      "collaborator.list", .get, ofApp, access: managing,
      summary: "List the outside collaborators of an app and who is invited to be one, by name; who has full access may as well.")

    public static let invite = Endpoint<Wire.InApp, Nothing, Wire.CollaboratorDraft, Wire.SentCollaboration>(
      "collaborator.invite", .post, ofApp, access: managing,
      summary: """
        Invite somebody who isn't a member to one app, by address or handle; they take no seat and see nothing else. Inviting the same person again renews \
        the open invitation. What the setting `outside_collaborators` says holds.
        """, status: 201,
      refusals: [.alreadyMember, .alreadyCollaborator, .collaboratorsOff, .aboveOwnRights, .tooMany, .throttled])

    public static let update = Endpoint<Wire.InCollaborator, Nothing, Wire.CollaboratorUpdate, Wire.Collaborator>(
      "collaborator.update", .patch, ofApp + "/{collaborator}", access: managing,
      summary: "Change an outside collaborator's role, or when their access ends; it is in force at once.", refusals: [.aboveOwnRights, .stale])

    public static let renew = Endpoint<Wire.InCollaborator, Nothing, Wire.Renewal, Wire.SentCollaboration>(
      "collaborator.renew", .put, ofApp + "/{collaborator}/renewal", access: managing,
      summary: "Make a new link with a new term for who hasn't answered, and mail it; the old link is dead.",
      refusals: [.invitationAnswered, .collaboratorsOff, .aboveOwnRights, .throttled, .stale])

    public static let remove = Endpoint<Wire.InCollaborator, Nothing, Nothing, Nothing>(
      "collaborator.remove", .delete, ofApp + "/{collaborator}", access: managing,
      summary: "End an outside collaborator's access at once, or withdraw the invitation.", status: 204, refusals: [.aboveOwnRights, .stale])

    public static let listAll = Endpoint<Wire.InOrganization, Wire.ResourceQuery, Nothing, Wire.List<Wire.Collaborator>>(
      "collaborator.list_all", .get, everywhere, access: .organization(permission: "invitation.list"),
      summary: "List all outside collaborators of an organization and who is invited to be one, on whichever app, by name.")

    public static let removeAny = Endpoint<Wire.InAnyCollaborator, Nothing, Nothing, Nothing>(
      "collaborator.remove_any", .delete, everywhere + "/{collaborator}", access: .organization(permission: "member.remove"),
      summary: "End an outside collaborator's access at once, or withdraw the invitation, on whichever app.", status: 204, refusals: [.stale])

    public static let listOwn = Endpoint<Nothing, Nothing, Nothing, Wire.Collaborations>(
      "collaboration.list", .get, own, access: .account,
      summary: "List the apps of other organizations that you have access to as an outside collaborator, and those that you are invited to.")

    public static let accept = Endpoint<Wire.OwnCollaboration, Nothing, Nothing, Wire.Collaboration>(
      "collaboration.accept", .put, own + "/{collaboration}/acceptance", access: .account, summary: "Accept access to an app that you are invited to.",
      refusals: [.invitationExpired, .suspendedOrganization, .alreadyMember, .alreadyCollaborator, .collaboratorsOff])

    public static let leave = Endpoint<Wire.OwnCollaboration, Nothing, Nothing, Nothing>(
      "collaboration.leave", .delete, own + "/{collaboration}", access: .account, summary: "Give up your access to an app, or decline it.", status: 204)

    public static let preview = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Wire.Collaboration>(
      "collaboration.preview", .post, "/collaboration-links", access: .anyone, summary: "See which app a link invites to.", refusals: [.spentLink])

    public static let acceptLink = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Wire.Collaboration>(
      "collaboration.accept_link", .put, "/collaboration-links/acceptance", access: .account, summary: "Accept access to an app with the token of the link.",
      refusals: [
        .spentLink, .wrongAccount, .invitationExpired, .suspendedOrganization, .alreadyMember, .alreadyCollaborator, .collaboratorsOff,
      ])

    public static let declineLink = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Nothing>(
      "collaboration.decline_link", .put, "/collaboration-links/refusal", access: .account, summary: "Decline access to an app with the token of the link.",
      status: 204, refusals: [.spentLink, .wrongAccount])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(invite), AnyEndpoint(update), AnyEndpoint(renew), AnyEndpoint(remove), AnyEndpoint(listAll), AnyEndpoint(removeAny),
        AnyEndpoint(listOwn), AnyEndpoint(accept), AnyEndpoint(leave), AnyEndpoint(preview), AnyEndpoint(acceptLink), AnyEndpoint(declineLink),
      ]
    }
  }
}

extension Wire {
  public struct InCollaborator: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var app: String
    public var collaborator: String

    public init(organization: String, app: String, collaborator: String) {
      self.organization = organization
      self.app = app
      self.collaborator = collaborator
    }
  }

  public struct InAnyCollaborator: Codable, Sendable, Hashable {
    public var organization: String
    public var collaborator: String

    public init(organization: String, collaborator: String) {
      self.organization = organization
      self.collaborator = collaborator
    }
  }

  public struct OwnCollaboration: Codable, Sendable, Hashable {
    public var collaboration: String

    public init(collaboration: String) { self.collaboration = collaboration }
  }

  /// How it stands: nobody has answered, nobody has answered in time, they have access, or their access has come to its end.
  public enum CollaboratorState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case invited, expired, active, ended }

  /// An app as others call it.
  public struct AppName: Codable, Sendable, Hashable {
    public var id: ID<App>
    public var slug: String
    public var name: String

    public init(id: ID<App>, slug: String, name: String) {
      self.id = id
      self.slug = slug
      self.name = name
    }
  }

  /// Somebody who isn't a member and has a role on one app, or is invited to have one.
  public struct Collaborator: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Collaborator>
    public var app: AppName
    public var state: CollaboratorState
    /// From the acceptance on, or from the start of who was invited by handle.
    public var account: ID<Account>?
    public var handle: String?
    /// The person's, or the address that was invited.
    public var name: String
    /// The address that was invited; absent where somebody was invited by handle.
    public var email: String?
    /// By its name at the level of apps.
    public var role: String
    /// Of a role that the organization made.
    public var customRole: ID<CustomRole>?
    /// From this instant on the access counts for nothing; absent where it has no end.
    public var expiresAt: Timestamp?
    public var message: String
    /// What who invited them was called then.
    public var invitedBy: String
    public var createdAt: Timestamp
    /// When the present link was made.
    public var sentAt: Timestamp
    /// The first instant at which the invitation can't be answered any more; absent where it was.
    public var answerBy: Timestamp?
    /// When they accepted.
    public var since: Timestamp?
    public var revision: Int

    public init(
      id: ID<Collaborator>, app: AppName, state: CollaboratorState, account: ID<Account>?, handle: String?, name: String, email: String?, role: String,
      customRole: ID<CustomRole>?, expiresAt: Timestamp?, message: String, invitedBy: String, createdAt: Timestamp, sentAt: Timestamp, answerBy: Timestamp?,
      since: Timestamp?, revision: Int
    ) {
      (self.id, self.app, self.state, self.account, self.handle) = (id, app, state, account, handle)
      (self.name, self.email, self.role, self.customRole, self.expiresAt) = (name, email, role, customRole, expiresAt)
      (self.message, self.invitedBy, self.createdAt, self.sentAt) = (message, invitedBy, createdAt, sentAt)
      (self.answerBy, self.since, self.revision) = (answerBy, since, revision)
    }

    public var segment: String { id.description }
  }

  public struct CollaboratorDraft: Codable, Sendable, Hashable {
    /// An address, or the handle of an account.
    public var who: String
    /// A role of apps, built in or made by the organization, by its name at that level.
    public var role: String
    /// When the access ends; never when absent.
    public var expiresAt: Timestamp?
    public var message: Unchecked<Note>?
    /// How many days the invitation can be answered: 1 to 365; what the organization's settings say when absent.
    public var expiresInDays: Int?

    public init(who: String, role: String, expiresAt: Timestamp? = nil, message: String? = nil, expiresInDays: Int? = nil) {
      (self.who, self.role, self.expiresAt, self.message, self.expiresInDays) = (who, role, expiresAt, message.map { .init($0) }, expiresInDays)
    }
  }

  /// An invitation with its link, which is told only now.
  public struct SentCollaboration: Codable, Sendable, Hashable, Addressed {
    public var collaborator: Collaborator
    public var link: String
    /// Whether a mail with the link is on its way.
    public var mailed: Bool

    public init(collaborator: Collaborator, link: String, mailed: Bool) { (self.collaborator, self.link, self.mailed) = (collaborator, link, mailed) }

    public var segment: String { collaborator.segment }
  }

  /// What is absent stays as it is.
  public struct CollaboratorUpdate: Codable, Sendable, Hashable {
    public var role: String?
    public var expiresAt: Timestamp?
    /// `true`: the access has no end any more.
    public var lasts: Bool?

    public init(role: String? = nil, expiresAt: Timestamp? = nil, lasts: Bool? = nil) { (self.role, self.expiresAt, self.lasts) = (role, expiresAt, lasts) }
  }

  /// Access to an app of an organization that one doesn't belong to, or an invitation to it.
  public struct Collaboration: Codable, Sendable, Hashable {
    public var id: ID<Collaborator>
    public var organization: OrganizationName
    public var app: AppName
    public var state: CollaboratorState
    /// By its name at the level of apps.
    public var role: String
    /// From this instant on the access counts for nothing.
    public var expiresAt: Timestamp?
    public var message: String
    public var invitedBy: String
    /// The first instant at which the invitation can't be answered any more.
    public var answerBy: Timestamp?
    public var since: Timestamp?

    public init(
      id: ID<Collaborator>, organization: OrganizationName, app: AppName, state: CollaboratorState, role: String, expiresAt: Timestamp?, message: String,
      invitedBy: String, answerBy: Timestamp?, since: Timestamp?
    ) {
      (self.id, self.organization, self.app, self.state, self.role) = (id, organization, app, state, role)
      (self.expiresAt, self.message, self.invitedBy, self.answerBy, self.since) = (expiresAt, message, invitedBy, answerBy, since)
    }
  }

  /// What one has as an outside collaborator, and what waits for an answer first.
  public struct Collaborations: Codable, Sendable, Hashable {
    public var items: [Collaboration]

    public init(items: [Collaboration]) { self.items = items }
  }
}

extension Problem.Code {
  public static let alreadyCollaborator = Self("collaborator.exists", .conflict, "Has access as an outside collaborator already")
  public static let collaboratorsOff = Self("collaborator.off", .forbidden, "The organization takes no outside collaborators, or not by you")
}
