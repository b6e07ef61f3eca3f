public import Kernel

extension API {
  public enum Invitations {
    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.InvitationDraft, Wire.SentInvitation>(
      "invitation.create", .post, "/organizations/{organization}/invitations", access: .organization(permission: "invitation.manage"),
      summary: "Invite a person by address; inviting the same address again renews the open invitation.", status: 201, refusals: [.alreadyMember, .aboveOwnRights, .throttled])

    public static let createMany = Endpoint<Wire.InOrganization, Nothing, Wire.ManyInvitations, Wire.InvitationResults>(
      "invitation.create_many", .post, "/organizations/{organization}/invitations/batch", access: .organization(permission: "invitation.manage"),
      summary: "Invite up to 500 people; answers what came of each.", refusals: [.tooMany])

    public static let list = Endpoint<Wire.InOrganization, Wire.InvitationQuery, Nothing, Wire.List<Wire.Invitation>>(
      "invitation.list", .get, "/organizations/{organization}/invitations", access: .organization(permission: "invitation.list"),
      summary: "List invitations, the newest first.")

    public static let read = Endpoint<Wire.InInvitation, Nothing, Nothing, Wire.Invitation>(
      "invitation.read", .get, "/organizations/{organization}/invitations/{invitation}", access: .organization(permission: "invitation.list"), summary: "Read one invitation.")

    public static let renew = Endpoint<Wire.InInvitation, Nothing, Wire.Renewal, Wire.SentInvitation>(
      "invitation.renew", .put, "/organizations/{organization}/invitations/{invitation}/renewal", access: .organization(permission: "invitation.manage"),
      summary: "Make a new link with a new term, and mail it; the old link is dead.", refusals: [.invitationAnswered, .aboveOwnRights, .throttled, .stale])

    public static let setRoles = Endpoint<Wire.InInvitation, Nothing, Wire.Roles, Wire.Invitation>(
      "invitation.set_roles", .put, "/organizations/{organization}/invitations/{invitation}/roles", access: .organization(permission: "invitation.manage"),
      summary: "Change which roles the invited person will have.", refusals: [.invitationAnswered, .aboveOwnRights, .stale])

    public static let cancel = Endpoint<Wire.InInvitation, Nothing, Nothing, Wire.Invitation>(
      "invitation.cancel", .delete, "/organizations/{organization}/invitations/{invitation}", access: .organization(permission: "invitation.manage"),
      summary: "Withdraw an invitation; its link is dead.", refusals: [.invitationAnswered, .aboveOwnRights, .stale])

    public static let inbox = Endpoint<Nothing, Nothing, Nothing, Wire.Inbox>(
      "invitation.inbox", .get, "/account/invitations", access: .account, summary: "List the open invitations to your verified addresses.")

    public static let accept = Endpoint<Wire.OwnInvitation, Nothing, Nothing, Wire.Acceptance>(
      "invitation.accept", .put, "/account/invitations/{invitation}/acceptance", access: .account, summary: "Accept an invitation from your inbox.",
      refusals: [.invitationAnswered, .invitationCancelled, .invitationExpired, .suspendedOrganization, .spentLink])

    public static let decline = Endpoint<Wire.OwnInvitation, Nothing, Nothing, Nothing>(
      "invitation.decline", .put, "/account/invitations/{invitation}/refusal", access: .account, summary: "Decline an invitation from your inbox.", status: 204,
      refusals: [.invitationAnswered, .invitationCancelled, .invitationExpired, .suspendedOrganization, .spentLink])

    public static let preview = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Wire.ReceivedInvitation>(
      "invitation.preview", .post, "/invitation-links", access: .anyone, summary: "See what an invitation's link invites to.", refusals: [.spentLink])

    public static let acceptLink = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Wire.Acceptance>(
      "invitation.accept_link", .put, "/invitation-links/acceptance", access: .account, summary: "Accept an invitation with the token of its link.",
      refusals: [.spentLink, .wrongAccount, .invitationAnswered, .invitationCancelled, .invitationExpired, .suspendedOrganization])

    public static let declineLink = Endpoint<Nothing, Nothing, Wire.LinkAnswer, Nothing>(
      "invitation.decline_link", .put, "/invitation-links/refusal", access: .account, summary: "Decline an invitation with the token of its link.", status: 204,
      refusals: [.spentLink, .wrongAccount, .invitationAnswered, .invitationCancelled, .invitationExpired, .suspendedOrganization])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(create), AnyEndpoint(createMany), AnyEndpoint(list), AnyEndpoint(read), AnyEndpoint(renew), AnyEndpoint(setRoles), AnyEndpoint(cancel), AnyEndpoint(inbox),
        AnyEndpoint(accept), AnyEndpoint(decline), AnyEndpoint(preview), AnyEndpoint(acceptLink), AnyEndpoint(declineLink),
      ]
    }
  }
}

extension Wire {
  public struct InInvitation: Codable, Sendable, Hashable {
    public var organization: String
    public var invitation: String

    public init(organization: String, invitation: String) {
      self.organization = organization
      self.invitation = invitation
    }
  }

  public struct OwnInvitation: Codable, Sendable, Hashable {
    public var invitation: String

    public init(invitation: String) { self.invitation = invitation }
  }

  public enum InvitationState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case pending, accepted, declined, cancelled, expired }

  public struct Invitation: Codable, Sendable, Hashable, Versioned {
    public var id: ID<Invitation>
    public var email: String
    public var roles: [OrganizationRole]
    public var message: String
    public var inviter: ID<Account>
    public var state: InvitationState
    public var createdAt: Timestamp
    public var sentAt: Timestamp
    public var timesSent: Int
    public var expiresAt: Timestamp
    public var revision: Int
    /// Why the mail with the link didn't go out yet, or never will; absent where nothing is known against it.
    public var mailTrouble: String?

    public init(
      id: ID<Invitation>, email: String, roles: [OrganizationRole], message: String, inviter: ID<Account>, state: InvitationState, createdAt: Timestamp, sentAt: Timestamp,
      timesSent: Int, expiresAt: Timestamp, revision: Int, mailTrouble: String? = nil
    ) {
      self.id = id
      self.email = email
      self.roles = roles
      self.message = message
      self.inviter = inviter
      self.state = state
      self.createdAt = createdAt
      self.sentAt = sentAt
      self.timesSent = timesSent
      self.expiresAt = expiresAt
      self.revision = revision
      self.mailTrouble = mailTrouble
    }
  }

  /// An invitation with its link, which is told only now.
  public struct SentInvitation: Codable, Sendable, Hashable, Addressed {
    public var invitation: Invitation
    public var link: String
    /// Whether a mail with the link is on its way; without a mail server hand the link over yourself.
    public var mailed: Bool

    public init(invitation: Invitation, link: String, mailed: Bool) {
      self.invitation = invitation
      self.link = link
      self.mailed = mailed
    }

    public var segment: String { invitation.id.description }
  }

  /// An invitation as the invited person sees it.
  public struct ReceivedInvitation: Codable, Sendable, Hashable {
    public var id: ID<Invitation>
    public var organization: OrganizationName
    public var roles: [OrganizationRole]
    public var message: String
    public var inviterName: String
    public var state: InvitationState
    public var expiresAt: Timestamp

    public init(
      id: ID<Invitation>, organization: OrganizationName, roles: [OrganizationRole], message: String, inviterName: String, state: InvitationState, expiresAt: Timestamp
    ) {
      self.id = id
      self.organization = organization
      self.roles = roles
      self.message = message
      self.inviterName = inviterName
      self.state = state
      self.expiresAt = expiresAt
    }
  }

  public struct Inbox: Codable, Sendable, Hashable {
    public var items: [ReceivedInvitation]

    public init(items: [ReceivedInvitation]) { self.items = items }
  }

  /// What came of an acceptance.
  public struct Acceptance: Codable, Sendable, Hashable {
    public var organization: ID<Organization>
    public var member: Member

    public init(organization: ID<Organization>, member: Member) {
      self.organization = organization
      self.member = member
    }
  }

  public struct InvitationDraft: Codable, Sendable, Hashable {
    public var email: Unchecked<EmailAddress>
    /// The organization's `default_role` when absent.
    public var roles: [OrganizationRole]?
    public var message: Unchecked<Note>?
    /// How many days the invitation can be answered: 1 to 365, the organization's `invitation_term` unless told.
    public var expiresInDays: Int?

    public init(email: String, roles: [OrganizationRole]? = nil, message: String? = nil, expiresInDays: Int? = nil) {
      self.email = .init(email)
      self.roles = roles
      self.message = message.map { .init($0) }
      self.expiresInDays = expiresInDays
    }
  }

  public struct ManyInvitations: Codable, Sendable, Hashable {
    public var emails: [String]
    /// The organization's `default_role` when absent.
    public var roles: [OrganizationRole]?
    public var message: Unchecked<Note>?
    public var expiresInDays: Int?

    public init(emails: [String], roles: [OrganizationRole]? = nil, message: String? = nil, expiresInDays: Int? = nil) {
      self.emails = emails
      self.roles = roles
      self.message = message.map { .init($0) }
      self.expiresInDays = expiresInDays
    }
  }

  public struct InvitationResult: Codable, Sendable, Hashable {
    /// The address as it was given.
    public var email: String
    /// `nil` where it was refused.
    public var sent: SentInvitation?
    public var problem: ProblemSummary?

    public init(email: String, sent: SentInvitation?, problem: ProblemSummary?) {
      self.email = email
      self.sent = sent
      self.problem = problem
    }
  }

  public struct InvitationResults: Codable, Sendable, Hashable {
    public var results: [InvitationResult]

    public init(results: [InvitationResult]) { self.results = results }
  }

  public struct Renewal: Codable, Sendable, Hashable {
    /// `false` answers the link alone, for who hands it over otherwise.
    public var mail: Bool?

    public init(mail: Bool? = nil) { self.mail = mail }
  }

  public struct InvitationQuery: Codable, Sendable, Hashable, PagedQuery {
    public var state: InvitationState?
    /// Part of an address.
    public var search: String?
    public var limit: Int?
    public var cursor: String?

    public init(state: InvitationState? = nil, search: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.state = state
      self.search = search
      self.limit = limit
      self.cursor = cursor
    }
  }
}

extension Problem.Code {
  public static let invitationAnswered = Self("invitation.answered", .conflict, "The invitation has an answer already")
  public static let invitationCancelled = Self("invitation.cancelled", .gone, "The invitation was withdrawn")
  public static let invitationExpired = Self("invitation.expired", .gone, "The invitation has expired")
  public static let wrongAccount = Self("invitation.wrong_account", .forbidden, "The invitation is for another address")
}
