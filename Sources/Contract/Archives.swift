public import Kernel

extension API {
  /// Taking an organization along to another installation.
  public enum Archives {
    /// The largest archive that is taken in, in bytes.
    public static let sizeLimit = 64 << 20

    public static let export = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Archive>(
      "organization.export", .get, "/organizations/{organization}/archive", access: .organization(permission: "organization.export"),
      summary: "Take an organization along: everything of it in one document. Needs a sign-in of the last 15 minutes, and is noted in the log.",
      refusals: [.staleSignIn])

    public static let `import` = Endpoint<Nothing, Wire.ImportQuery, Wire.Archive, Wire.Import>(
      "organization.import", .post, "/organization-imports", access: .superUser,
      summary: "Take an organization in from an archive of at most 64 MiB, whole or not at all.",
      refusals: [.archiveExists, .brokenArchiveChain, .brokenArchive, .takenName, .lastAdmin, .archiveClash], bodyLimit: sizeLimit)

    static var all: [AnyEndpoint] { [AnyEndpoint(export), AnyEndpoint(`import`)] }
  }
}

extension Wire {
  /// One organization as one document, to be taken in elsewhere. Lists stand in a fixed order, so that the same organization gives the same text.
  public struct Archive: Codable, Sendable, Hashable {
    public var format: ArchiveFormat
    public var version: ArchiveVersion
    public var exportedAt: Timestamp
    public var organization: ArchivedOrganization
    /// What the organization decided for itself, by name.
    public var settings: [ArchivedSetting]
    /// Everybody the other lists name, by id.
    public var people: [ArchivedPerson]
    public var members: [ArchivedMember]
    public var formerMembers: [ArchivedFormerMember]
    /// Without the secrets of their links.
    public var invitations: [ArchivedInvitation]
    public var joinRequests: [ArchivedJoinRequest]
    /// Without their keys.
    public var serviceAccounts: [ArchivedServiceAccount]
    /// By slug.
    public var teams: [ArchivedTeam]
    /// By slug.
    public var workspaces: [ArchivedWorkspace]
    /// By slug, as they are now; absent in archives of before there were any.
    public var policies: [ArchivedPolicy]?
    /// What was added to what policies may speak of.
    public var policySchema: PolicySchemaUpdate?
    /// Everything else as it is stored, from version 2 on: roles, clusters, apps, objects, access, prices, credits, usage and limits.
    public var tables: [ArchivedTable]?
    /// The whole log, the oldest first.
    public var events: [Event]
    /// The end of the log, signed by the installation that wrote the archive.
    public var head: EventHead
    /// The public key that checks the signature.
    public var signingKey: String

    public init(
      exportedAt: Timestamp, organization: ArchivedOrganization, settings: [ArchivedSetting], people: [ArchivedPerson], members: [ArchivedMember],
      formerMembers: [ArchivedFormerMember], invitations: [ArchivedInvitation], joinRequests: [ArchivedJoinRequest],
      serviceAccounts: [ArchivedServiceAccount], teams: [ArchivedTeam], workspaces: [ArchivedWorkspace], policies: [ArchivedPolicy],
      policySchema: PolicySchemaUpdate?, tables: [ArchivedTable], events: [Event], head: EventHead, signingKey: String
    ) {
      (format, version) = (.organization, ArchiveVersion())
      (self.exportedAt, self.organization, self.settings, self.people, self.members) = (exportedAt, organization, settings, people, members)
      (self.formerMembers, self.invitations, self.joinRequests) = (formerMembers, invitations, joinRequests)
      (self.serviceAccounts, self.teams, self.workspaces) = (serviceAccounts, teams, workspaces)
      (self.policies, self.policySchema, self.tables) = (policies, policySchema, tables)
      (self.events, self.head, self.signingKey) = (events, head, signingKey)
    }
  }

  /// What kind of document it is.
  public enum ArchiveFormat: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case organization = "guildhall-organization" }

  /// The version of the format: 2; an archive of version 1, which had no tables, is read too.
  public struct ArchiveVersion: SchemaLeaf, Hashable {
    public let number: Int
    public static let newest = 2

    public init() { number = Self.newest }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let version = try container.decode(Int.self)
      guard (1...Self.newest).contains(version) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "This installation reads archives up to version \(Self.newest), and this is \(version).")
      }
      number = version
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(number)
    }

    public static var schema: Schema { .integer(range: 1...newest) }
    public static var example: Self { Self() }
  }

  /// Rows of one table as they are stored: each with a value for each column, which is a text, a whole number or null. Instants are milliseconds since 1970,
  /// amounts millionths of a credit, quantities millionths of their unit; prices are numbered within the archive.
  public struct ArchivedTable: Codable, Sendable, Hashable {
    public var name: String
    public var columns: [String]
    public var rows: [[JSON]]

    public init(name: String, columns: [String], rows: [[JSON]]) { (self.name, self.columns, self.rows) = (name, columns, rows) }
  }

  public struct ArchivedOrganization: Codable, Sendable, Hashable {
    public var id: ID<Organization>
    public var slug: Unchecked<Slug>
    /// In the order of the alphabet; they lead on to the present one.
    public var formerSlugs: [Unchecked<Slug>]
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var billingEmail: Unchecked<EmailAddress>
    public var createdAt: Timestamp
    public var suspendedAt: Timestamp?
    public var suspensionReason: Unchecked<Note>?
    /// Whether operators alone lift the suspension.
    public var suspendedByOperator: Bool?
    /// The bytes of its picture in base64url.
    public var logo: Unchecked<PictureText>?
    public var memberCount: Int
    public var revision: Int

    public init(
      id: ID<Organization>, slug: String, formerSlugs: [String], name: String, description: String, billingEmail: String, createdAt: Timestamp,
      suspendedAt: Timestamp?,
      suspensionReason: String?, suspendedByOperator: Bool?, logo: String?, memberCount: Int, revision: Int
    ) {
      (self.id, self.slug, self.formerSlugs) = (id, .init(slug), formerSlugs.map { .init($0) })
      (self.name, self.description, self.billingEmail) = (.init(name), .init(description), .init(billingEmail))
      (self.createdAt, self.suspendedAt, self.suspensionReason) = (createdAt, suspendedAt, suspensionReason.map { .init($0) })
      (self.suspendedByOperator, self.logo) = (suspendedByOperator, logo.map { .init($0) })
      (self.memberCount, self.revision) = (memberCount, revision)
    }
  }

  public struct ArchivedSetting: Codable, Sendable, Hashable {
    public var name: OrganizationSettingName
    public var value: Unchecked<SettingText>

    public init(name: OrganizationSettingName, value: String) { (self.name, self.value) = (name, .init(value)) }
  }

  public struct ArchivedPerson: Codable, Sendable, Hashable {
    public var id: ID<Account>
    public var handle: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    /// The primary address, if it is proven: who has it elsewhere is the same person.
    public var email: Unchecked<EmailAddress>?
    public var state: AccountState

    public init(id: ID<Account>, handle: String, name: String, email: String?, state: AccountState) {
      (self.id, self.handle, self.name, self.email, self.state) = (id, .init(handle), .init(name), email.map { .init($0) }, state)
    }
  }

  public struct ArchivedMember: Codable, Sendable, Hashable {
    public var id: ID<Member>
    public var account: ID<Account>
    public var roles: [OrganizationRole]
    public var source: MemberSource
    public var since: Timestamp
    public var expiresAt: Timestamp?
    public var suspendedAt: Timestamp?
    public var revision: Int

    public init(
      id: ID<Member>, account: ID<Account>, roles: [OrganizationRole], source: MemberSource, since: Timestamp, expiresAt: Timestamp?, suspendedAt: Timestamp?,
      revision: Int
    ) {
      (self.id, self.account, self.roles, self.source) = (id, account, roles, source)
      (self.since, self.expiresAt, self.suspendedAt, self.revision) = (since, expiresAt, suspendedAt, revision)
    }
  }

  public struct ArchivedFormerMember: Codable, Sendable, Hashable {
    public var id: ID<FormerMember>
    public var account: ID<Account>
    public var roles: [OrganizationRole]
    public var source: MemberSource
    public var since: Timestamp
    public var leftAt: Timestamp
    public var reason: DepartureReason
    /// Until then they can be reinstated.
    public var forgottenAt: Timestamp

    public init(
      id: ID<FormerMember>, account: ID<Account>, roles: [OrganizationRole], source: MemberSource, since: Timestamp, leftAt: Timestamp, reason: DepartureReason,
      forgottenAt: Timestamp
    ) {
      (self.id, self.account, self.roles, self.source) = (id, account, roles, source)
      (self.since, self.leftAt, self.reason, self.forgottenAt) = (since, leftAt, reason, forgottenAt)
    }
  }

  /// What came of an invitation, as far as somebody said so.
  public enum ArchivedAnswer: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case accepted, declined, cancelled }

  public struct ArchivedInvitation: Codable, Sendable, Hashable {
    public var id: ID<Invitation>
    public var email: Unchecked<EmailAddress>
    public var roles: [OrganizationRole]
    public var message: Unchecked<Note>
    public var inviter: ID<Account>
    public var createdAt: Timestamp
    public var sentAt: Timestamp
    public var timesSent: Int
    public var expiresAt: Timestamp
    /// Absent while nobody has answered.
    public var answer: ArchivedAnswer?
    public var answeredAt: Timestamp?
    /// Who accepted it.
    public var answeredBy: ID<Account>?
    public var revision: Int

    public init(
      id: ID<Invitation>, email: String, roles: [OrganizationRole], message: String, inviter: ID<Account>, createdAt: Timestamp, sentAt: Timestamp,
      timesSent: Int,
      expiresAt: Timestamp, answer: ArchivedAnswer?, answeredAt: Timestamp?, answeredBy: ID<Account>?, revision: Int
    ) {
      (self.id, self.email, self.roles, self.message, self.inviter) = (id, .init(email), roles, .init(message), inviter)
      (self.createdAt, self.sentAt, self.timesSent, self.expiresAt) = (createdAt, sentAt, timesSent, expiresAt)
      (self.answer, self.answeredAt, self.answeredBy, self.revision) = (answer, answeredAt, answeredBy, revision)
    }
  }

  public struct ArchivedJoinRequest: Codable, Sendable, Hashable {
    public var id: ID<JoinRequest>
    public var account: ID<Account>
    public var message: Unchecked<Note>
    public var state: JoinRequestState
    public var createdAt: Timestamp
    public var answeredAt: Timestamp?
    public var answeredBy: ID<Account>?

    public init(
      id: ID<JoinRequest>, account: ID<Account>, message: String, state: JoinRequestState, createdAt: Timestamp, answeredAt: Timestamp?,
      answeredBy: ID<Account>?
    ) {
      (self.id, self.account, self.message, self.state) = (id, account, .init(message), state)
      (self.createdAt, self.answeredAt, self.answeredBy) = (createdAt, answeredAt, answeredBy)
    }
  }

  public struct ArchivedServiceAccount: Codable, Sendable, Hashable {
    public var id: ID<ServiceAccount>
    public var slug: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var roles: [OrganizationRole]
    /// Who made it.
    public var creator: ID<Account>
    public var createdAt: Timestamp
    /// Since when its keys open nothing; absent while they do.
    public var disabledAt: Timestamp?
    public var revision: Int

    public init(
      id: ID<ServiceAccount>, slug: String, name: String, description: String, roles: [OrganizationRole], creator: ID<Account>, createdAt: Timestamp,
      disabledAt: Timestamp?, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description) = (id, .init(slug), .init(name), .init(description))
      (self.roles, self.creator, self.createdAt, self.disabledAt, self.revision) = (roles, creator, createdAt, disabledAt, revision)
    }
  }

  public struct ArchivedTeam: Codable, Sendable, Hashable {
    public var id: ID<Team>
    public var slug: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var createdAt: Timestamp
    public var revision: Int
    /// By id.
    public var members: [ArchivedTeamMember]
    /// Former members who are in the team again when they are reinstated, by account.
    public var formerMembers: [ArchivedFormerTeamMember]

    public init(
      id: ID<Team>, slug: String, name: String, description: String, createdAt: Timestamp, revision: Int, members: [ArchivedTeamMember],
      formerMembers: [ArchivedFormerTeamMember]
    ) {
      (self.id, self.slug, self.name, self.description) = (id, .init(slug), .init(name), .init(description))
      (self.createdAt, self.revision, self.members, self.formerMembers) = (createdAt, revision, members, formerMembers)
    }
  }

  /// A place in a team: a member's, that of an open invitation, or a service account's; one of the three.
  public struct ArchivedTeamMember: Codable, Sendable, Hashable {
    public var id: ID<TeamMember>
    public var member: ID<Member>?
    public var invitation: ID<Invitation>?
    public var serviceAccount: ID<ServiceAccount>?
    public var maintainer: Bool
    public var since: Timestamp

    public init(
      id: ID<TeamMember>, member: ID<Member>? = nil, invitation: ID<Invitation>? = nil, serviceAccount: ID<ServiceAccount>? = nil, maintainer: Bool,
      since: Timestamp
    ) {
      (self.id, self.member, self.invitation, self.serviceAccount) = (id, member, invitation, serviceAccount)
      (self.maintainer, self.since) = (maintainer, since)
    }
  }

  public struct ArchivedFormerTeamMember: Codable, Sendable, Hashable {
    public var account: ID<Account>
    public var maintainer: Bool

    public init(account: ID<Account>, maintainer: Bool) { (self.account, self.maintainer) = (account, maintainer) }
  }

  /// A policy without its history.
  public struct ArchivedPolicy: Codable, Sendable, Hashable {
    public var id: ID<Policy>
    public var slug: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var text: Unchecked<PolicyText>
    /// The id of whom or what each name in the text means: `Team::"contractors"`.
    public var names: [String: String]
    public var enabled: Bool
    public var createdAt: Timestamp
    public var changedAt: Timestamp
    public var changedBy: String
    public var revision: Int

    public init(
      id: ID<Policy>, slug: String, name: String, description: String, text: String, names: [String: String], enabled: Bool, createdAt: Timestamp,
      changedAt: Timestamp, changedBy: String, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description) = (id, .init(slug), .init(name), .init(description))
      (self.text, self.names, self.enabled, self.createdAt) = (.init(text), names, enabled, createdAt)
      (self.changedAt, self.changedBy, self.revision) = (changedAt, changedBy, revision)
    }
  }

  public struct ImportQuery: Codable, Sendable, Hashable {
    /// The slug it gets here, where its own is taken.
    public var slug: String?
    /// The public key that must have signed the end of the log.
    public var key: String?

    public init(slug: String? = nil, key: String? = nil) { (self.slug, self.key) = (slug, key) }
  }

  /// What an import brought.
  public struct Import: Codable, Sendable, Hashable {
    public var organization: Organization
    /// How many people got an account here, and how many had one.
    public var created: Int
    public var matched: Int
    /// How many events of its log came along.
    public var events: Int

    public init(organization: Organization, created: Int, matched: Int, events: Int) {
      (self.organization, self.created, self.matched, self.events) = (organization, created, matched, events)
    }
  }
}

extension Problem.Code {
  public static let archiveExists = Self("archive.exists", .conflict, "The organization is here already")
  public static let brokenArchiveChain = Self("archive.broken_log", .invalid, "The log in the archive doesn't hold")
  public static let brokenArchive = Self("archive.broken", .invalid, "What the archive says contradicts itself")
  /// Members, invitations, requests or service accounts whose ids are taken here.
  public static let archiveClash = Self("archive.clash", .conflict, "Something in the archive is here already")
}
