public import Kernel

extension API {
  /// Teams of an organization, and who is in them.
  public enum Teams {
    private static let managing = Access.organization(permission: "team.manage")

    public static let list = Endpoint<Wire.InOrganization, Wire.TeamQuery, Nothing, Wire.List<Wire.Team>>(
      "team.list", .get, "/organizations/{organization}/teams", access: .organization(permission: "organization.read"),
      summary: "List the teams of an organization, by slug; without the permission `team.read`, your own.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.TeamDraft, Wire.Team>(
      "team.create", .post, "/organizations/{organization}/teams", access: managing, summary: "Make a team, with nobody in it.", status: 201,
      refusals: [.takenName, .tooManyTeams])

    public static let read = Endpoint<Wire.InTeam, Nothing, Nothing, Wire.Team>(
      "team.read", .get, "/organizations/{organization}/teams/{team}", access: .organization(permission: "team.read"),
      summary: "Read one team, by id or by slug; who is in it may as well.")

    public static let update = Endpoint<Wire.InTeam, Nothing, Wire.TeamUpdate, Wire.Team>(
      "team.update", .patch, "/organizations/{organization}/teams/{team}", access: managing,
      summary: "Change a team's name, description or slug; its maintainers may as well, but for the slug.", refusals: [.takenName, .stale])

    public static let delete = Endpoint<Wire.InTeam, Nothing, Nothing, Nothing>(
      "team.delete", .delete, "/organizations/{organization}/teams/{team}", access: managing, summary: "Delete a team; its people stay in the organization.",
      status: 204, refusals: [.stale])

    public static let listMembers = Endpoint<Wire.InTeam, Wire.TeamMemberQuery, Nothing, Wire.List<Wire.TeamMember>>(
      "team_member.list", .get, "/organizations/{organization}/teams/{team}/members", access: .organization(permission: "team.read"),
      summary: "List who is in a team: members, then open invitations, then service accounts, each by name. Invitations are shown to those who may see them.")

    public static let addMembers = Endpoint<Wire.InTeam, Nothing, Wire.TeamMemberDrafts, Wire.TeamMemberResults>(
      "team_member.add", .post, "/organizations/{organization}/teams/{team}/members", access: managing,
      summary: "Add up to 500 members, service accounts and open invitations to a team, as its maintainers may as well; answers what came of each.",
      refusals: [.tooMany])

    public static let removeMember = Endpoint<Wire.InTeamMember, Nothing, Nothing, Nothing>(
      "team_member.remove", .delete, "/organizations/{organization}/teams/{team}/members/{team_member}", access: managing,
      summary: "Take somebody from a team, as its maintainers may as well, but for maintainers.", status: 204)

    public static let addMaintainer = Endpoint<Wire.InTeamMember, Nothing, Nothing, Wire.TeamMember>(
      "team_maintainer.add", .put, "/organizations/{organization}/teams/{team}/members/{team_member}/maintainership", access: managing,
      summary: "Let somebody who is in a team look after its people, its name and its description.", refusals: [.notAPerson])

    public static let removeMaintainer = Endpoint<Wire.InTeamMember, Nothing, Nothing, Wire.TeamMember>(
      "team_maintainer.remove", .delete, "/organizations/{organization}/teams/{team}/members/{team_member}/maintainership", access: managing,
      summary: "Dismiss a team's maintainer, who stays in the team.")

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(listMembers), AnyEndpoint(addMembers),
        AnyEndpoint(removeMember), AnyEndpoint(addMaintainer), AnyEndpoint(removeMaintainer),
      ]
    }
  }
}

extension Wire {
  public struct InTeam: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var team: String

    public init(organization: String, team: String) {
      self.organization = organization
      self.team = team
    }
  }

  public struct InTeamMember: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var team: String
    /// The `id` of a row of the team's members; the id of the account, the membership, the service account or the invitation in it; or a handle, an address, or
    /// the slug of a service account.
    public var teamMember: String

    public init(organization: String, team: String, teamMember: String) {
      self.organization = organization
      self.team = team
      self.teamMember = teamMember
    }
  }

  public struct TeamQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a slug or a name; with `*` for any characters and `?` for one, the whole of it.
    public var search: String?
    /// Only the teams of this member, by the id of the membership.
    public var member: String?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, member: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.member = member
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct TeamMemberQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a name, or of the address of an invitation, with wildcards as for teams.
    public var search: String?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// Which place the caller has in a team.
  public enum TeamSeat: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case member, maintainer }

  public struct Team: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Team>
    /// In small letters, and unique in its organization.
    public var slug: String
    public var name: String
    public var description: String
    /// What it has on an app that it is added to without a role, such as `labeler-worker`; absent where one must be said.
    public var defaultRole: String?
    /// How many members of the organization are in it.
    public var members: Int
    public var serviceAccounts: Int
    /// How many open invitations keep a place in it; absent for who may not see invitations.
    public var invitations: Int?
    /// The caller's own place in it; absent for who has none.
    public var ownSeat: TeamSeat?
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Team>, slug: String, name: String, description: String, defaultRole: String? = nil, members: Int, serviceAccounts: Int, invitations: Int?,
      ownSeat: TeamSeat?, createdAt: Timestamp, revision: Int
    ) {
      self.id = id
      self.slug = slug
      self.name = name
      self.description = description
      self.defaultRole = defaultRole
      self.members = members
      self.serviceAccounts = serviceAccounts
      self.invitations = invitations
      self.ownSeat = ownSeat
      self.createdAt = createdAt
      self.revision = revision
    }

    public var segment: String { slug }
  }

  /// What a team has on an app that it is added to without a role.
  public enum TeamDefaultRole: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case fullAccess = "full-access"
    case modelTrainer = "model-trainer"
    case labelerLead = "labeler-lead"
    case labelerWorker = "labeler-worker"
    /// One must be said.
    case none
  }

  public struct TeamDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var defaultRole: TeamDefaultRole?

    public init(name: String, slug: String? = nil, description: String? = nil, defaultRole: TeamDefaultRole? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
    }
  }

  /// What is absent stays as it is.
  public struct TeamUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var defaultRole: TeamDefaultRole?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil, defaultRole: TeamDefaultRole? = nil) {
      self.name = name.map { .init($0) }
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
    }
  }

  public enum TeamMemberKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case account
    case invitation
    case serviceAccount = "service-account"
  }

  /// Somebody's place in a team. One of `member`, `invitation` and `service_account` is there, as `kind` says.
  public struct TeamMember: Codable, Sendable, Hashable {
    public var id: ID<TeamMember>
    public var kind: TeamMemberKind
    /// Of a member.
    public var account: ID<Account>?
    public var member: ID<Member>?
    public var invitation: ID<Invitation>?
    public var serviceAccount: ID<ServiceAccount>?
    /// The address, of an invitation.
    public var name: String
    /// The handle of a member, or the slug of a service account.
    public var handle: String?
    /// Whether it looks after the team.
    public var maintainer: Bool
    public var since: Timestamp

    public init(
      id: ID<TeamMember>, kind: TeamMemberKind, account: ID<Account>? = nil, member: ID<Member>? = nil, invitation: ID<Invitation>? = nil,
      serviceAccount: ID<ServiceAccount>? = nil, name: String, handle: String?, maintainer: Bool, since: Timestamp
    ) {
      self.id = id
      self.kind = kind
      self.account = account
      self.member = member
      self.invitation = invitation
      self.serviceAccount = serviceAccount
      self.name = name
      self.handle = handle
      self.maintainer = maintainer
      self.since = since
    }
  }

  /// Who is to be added to a team, 500 at most in all.
  public struct TeamMemberDrafts: Codable, Sendable, Hashable {
    /// Members by handle, address or id; an address that an open invitation went to stands for that invitation.
    public var members: [String]?
    /// By slug or id.
    public var serviceAccounts: [String]?
    /// By id or address.
    public var invitations: [String]?

    public init(members: [String]? = nil, serviceAccounts: [String]? = nil, invitations: [String]? = nil) {
      self.members = members
      self.serviceAccounts = serviceAccounts
      self.invitations = invitations
    }
  }

  public struct TeamMemberResult: Codable, Sendable, Hashable {
    /// As it was named.
    public var given: String
    /// `nil` where it was refused.
    public var added: TeamMember?
    public var problem: ProblemSummary?

    public init(given: String, added: TeamMember?, problem: ProblemSummary?) {
      self.given = given
      self.added = added
      self.problem = problem
    }
  }

  public struct TeamMemberResults: Codable, Sendable, Hashable {
    /// Members, service accounts, then invitations, each in their order.
    public var results: [TeamMemberResult]

    public init(results: [TeamMemberResult]) { self.results = results }
  }
}

extension Problem.Code {
  public static let tooManyTeams = Self("team.too_many", .conflict, "Too many teams")
  public static let alreadyInTeam = Self("team.already_member", .conflict, "Is in the team already")
  public static let notAPerson = Self("team.not_a_person", .conflict, "Only members maintain a team")
}
