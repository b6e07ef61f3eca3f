public import Kernel

extension API {
  public enum Members {
    public static let list = Endpoint<Wire.InOrganization, Wire.MemberQuery, Nothing, Wire.List<Wire.Member>>(
      "member.list", .get, "/organizations/{organization}/members", access: .organization(permission: "member.list"), summary: "List members, with search, filters and totals.")

    public static let read = Endpoint<Wire.InMember, Nothing, Nothing, Wire.Member>(
      "member.read", .get, "/organizations/{organization}/members/{member}", access: .organization(permission: "member.list"), summary: "Read one member.")

    public static let access = Endpoint<Wire.InMember, Wire.Paging, Nothing, Wire.List<Wire.MemberAccess>>(
      "member.read_access", .get, "/organizations/{organization}/members/{member}/access", access: .organization(permission: "access.read"),
      summary: "List what a member holds now beside the roles of their membership, on the organization and on things, and through which team.")

    public static let add = Endpoint<Wire.InOrganization, Nothing, Wire.MemberDraft, Wire.Member>(
      "member.add", .post, "/organizations/{organization}/members", access: .organization(permission: "member.add"),
      summary: "Add a known account at once, without an invitation (operators).", status: 201, refusals: [.alreadyMember, .aboveOwnRights])

    public static let setRoles = Endpoint<Wire.InMember, Nothing, Wire.Roles, Wire.Member>(
      "member.set_roles", .put, "/organizations/{organization}/members/{member}/roles", access: .organization(permission: "member.update"),
      summary: "Give a member exactly these roles.", refusals: [.aboveOwnRights, .lastAdmin, .stale])

    public static let setManyRoles = Endpoint<Wire.InOrganization, Nothing, Wire.ManyRoles, Wire.MemberResults>(
      "member.set_many_roles", .post, "/organizations/{organization}/members/roles", access: .organization(permission: "member.update"),
      summary: "Give several members the same roles; answers what came of each.", refusals: [.tooMany])

    public static let setExpiry = Endpoint<Wire.InMember, Nothing, Wire.Expiry, Wire.Member>(
      "member.set_expiry", .put, "/organizations/{organization}/members/{member}/expiry", access: .organization(permission: "member.update"),
      summary: "Set the instant at which a membership ends by itself.", refusals: [.aboveOwnRights, .lastAdmin, .stale])

    public static let clearExpiry = Endpoint<Wire.InMember, Nothing, Nothing, Wire.Member>(
      "member.clear_expiry", .delete, "/organizations/{organization}/members/{member}/expiry", access: .organization(permission: "member.update"),
      summary: "Let a membership last.", refusals: [.aboveOwnRights, .stale])

    public static let suspend = Endpoint<Wire.InMember, Nothing, Nothing, Wire.Member>(
      "member.suspend", .put, "/organizations/{organization}/members/{member}/suspension", access: .organization(permission: "member.update"),
      summary: "Keep a member out until resumed; nothing they hold is lost.", refusals: [.aboveOwnRights, .lastAdmin, .stale])

    public static let resume = Endpoint<Wire.InMember, Nothing, Nothing, Wire.Member>(
      "member.resume", .delete, "/organizations/{organization}/members/{member}/suspension", access: .organization(permission: "member.update"),
      summary: "Let a suspended member in again.", refusals: [.aboveOwnRights, .stale])

    public static let remove = Endpoint<Wire.InMember, Nothing, Nothing, Nothing>(
      "member.remove", .delete, "/organizations/{organization}/members/{member}", access: .organization(permission: "member.remove"),
      summary: "Remove a member with all that hangs on the membership, at once.", status: 204, refusals: [.aboveOwnRights, .lastAdmin, .stale])

    public static let listFormer = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.FormerMember>>(
      "former_member.list", .get, "/organizations/{organization}/former-members", access: .organization(permission: "member.list"),
      summary: "List who was a member, for as long as they can be reinstated.")

    public static let reinstate = Endpoint<Wire.InFormerMember, Nothing, Nothing, Wire.Member>(
      "former_member.reinstate", .put, "/organizations/{organization}/former-members/{former_member}/reinstatement", access: .organization(permission: "member.remove"),
      summary: "Make a former member a member again, with the roles they had.", refusals: [.aboveOwnRights, .alreadyMember])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(read), AnyEndpoint(access),
        AnyEndpoint(add), AnyEndpoint(setRoles), AnyEndpoint(setManyRoles), AnyEndpoint(setExpiry), AnyEndpoint(clearExpiry),
        AnyEndpoint(suspend), AnyEndpoint(resume), AnyEndpoint(remove), AnyEndpoint(listFormer), AnyEndpoint(reinstate),
      ]
    }
  }
}

extension Wire {
  /// A role that a member holds beside those of the membership.
  public struct MemberAccess: Codable, Sendable, Hashable {
    /// By its name at its level.
    public var role: String
    /// `organization`, or the type of the thing that it is held on.
    public var level: String
    /// What it is held on, by the id of the workspace, cluster, project or app; absent for the organization.
    public var resource: ID<Star>?
    /// The thing's slug; of a project with what it is in, `research/forecast`.
    public var path: String?
    /// The team that gives it, by slug; absent for what they hold by themselves.
    public var team: String?
    public var since: Timestamp
    /// Absent where it has no end.
    public var expiresAt: Timestamp?

    public init(role: String, level: String, resource: ID<Star>?, path: String?, team: String?, since: Timestamp, expiresAt: Timestamp?) {
      (self.role, self.level, self.resource, self.path) = (role, level, resource, path)
      (self.team, self.since, self.expiresAt) = (team, since, expiresAt)
    }
  }

  public struct InMember: Codable, Sendable, Hashable {
    public var organization: String
    public var member: String

    public init(organization: String, member: String) {
      self.organization = organization
      self.member = member
    }
  }

  public struct InFormerMember: Codable, Sendable, Hashable {
    public var organization: String
    public var formerMember: String

    public init(organization: String, formerMember: String) {
      self.organization = organization
      self.formerMember = formerMember
    }
  }

  public enum OrganizationRole: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case admin, manager, billing, infrastructure, contributor, viewer, member, guest
  }

  public enum MemberState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case active, suspended, expired, deactivated }
  public enum MemberOrder: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case name, since }

  public enum MemberSource: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case founder, invited, added, requested, domain
    case singleSignOn = "single-sign-on"
    case directory
  }

  public struct Member: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Member>
    public var account: ID<Account>
    public var handle: String
    public var name: String
    /// The account's primary address.
    public var email: String?
    public var roles: [OrganizationRole]
    public var state: MemberState
    public var source: MemberSource
    public var since: Timestamp
    public var expiresAt: Timestamp?
    public var suspendedAt: Timestamp?
    public var revision: Int

    public init(
      id: ID<Member>, account: ID<Account>, handle: String, name: String, email: String?, roles: [OrganizationRole], state: MemberState, source: MemberSource, since: Timestamp,
      expiresAt: Timestamp?, suspendedAt: Timestamp?, revision: Int
    ) {
      self.id = id
      self.account = account
      self.handle = handle
      self.name = name
      self.email = email
      self.roles = roles
      self.state = state
      self.source = source
      self.since = since
      self.expiresAt = expiresAt
      self.suspendedAt = suspendedAt
      self.revision = revision
    }

    public var segment: String { id.description }
  }

  public struct FormerMember: Codable, Sendable, Hashable {
    public var id: ID<FormerMember>
    public var account: ID<Account>
    public var handle: String
    public var name: String
    public var email: String?
    public var roles: [OrganizationRole]
    public var reason: DepartureReason
    public var since: Timestamp
    public var leftAt: Timestamp
    /// Until then the member can be reinstated.
    public var forgottenAt: Timestamp

    public init(
      id: ID<FormerMember>, account: ID<Account>, handle: String, name: String, email: String?, roles: [OrganizationRole], reason: DepartureReason, since: Timestamp,
      leftAt: Timestamp, forgottenAt: Timestamp
    ) {
      self.id = id
      self.account = account
      self.handle = handle
      self.name = name
      self.email = email
      self.roles = roles
      self.reason = reason
      self.since = since
      self.leftAt = leftAt
      self.forgottenAt = forgottenAt
    }
  }

  public enum DepartureReason: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case removed, left }

  public struct MemberQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a name, a handle or an address; one or two characters are looked for where words begin.
    public var search: String?
    public var role: OrganizationRole?
    public var state: MemberState?
    public var order: MemberOrder?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, role: OrganizationRole? = nil, state: MemberState? = nil, order: MemberOrder? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.role = role
      self.state = state
      self.order = order
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct MemberDraft: Codable, Sendable, Hashable {
    public var account: ID<Account>
    public var roles: [OrganizationRole]
    public var expiresAt: Timestamp?

    public init(account: ID<Account>, roles: [OrganizationRole], expiresAt: Timestamp? = nil) {
      self.account = account
      self.roles = roles
      self.expiresAt = expiresAt
    }
  }

  public struct Roles: Codable, Sendable, Hashable {
    public var roles: [OrganizationRole]

    public init(roles: [OrganizationRole]) { self.roles = roles }
  }

  public struct ManyRoles: Codable, Sendable, Hashable {
    public var members: [ID<Member>]
    public var roles: [OrganizationRole]

    public init(members: [ID<Member>], roles: [OrganizationRole]) {
      self.members = members
      self.roles = roles
    }
  }

  public struct Expiry: Codable, Sendable, Hashable {
    public var expiresAt: Timestamp

    public init(expiresAt: Timestamp) { self.expiresAt = expiresAt }
  }

  /// What came of one part of a request for many.
  public struct MemberResult: Codable, Sendable, Hashable {
    public var id: ID<Member>
    /// `nil` where it was refused.
    public var member: Member?
    public var problem: ProblemSummary?

    public init(id: ID<Member>, member: Member?, problem: ProblemSummary?) {
      self.id = id
      self.member = member
      self.problem = problem
    }
  }

  public struct MemberResults: Codable, Sendable, Hashable {
    public var results: [MemberResult]

    public init(results: [MemberResult]) { self.results = results }
  }

  /// Why one part of a request for many was refused.
  public struct ProblemSummary: Codable, Sendable, Hashable {
    public var code: String
    public var detail: String
    /// What is wrong with single fields of that part.
    public var errors: [ProblemDetails.Fault]?

    public init(_ problem: Problem) {
      code = problem.code.name
      detail = problem.detail
      errors = problem.faults.isEmpty ? nil : problem.faults.map { ProblemDetails.Fault(pointer: "#/\($0.field)", detail: $0.detail) }
    }
  }
}

extension Problem.Code {
  public static let missingMember = Self("member.missing", .missing, "There is no such member")
  public static let alreadyMember = Self("member.exists", .conflict, "Already a member")
  public static let memberNotActive = Self("member.not_active", .conflict, "The member isn't active")
  /// Nobody gives, takes or changes what allows more than their own roles do.
  public static let aboveOwnRights = Self("role.above_own", .forbidden, "More than your own roles allow")
  public static let tooMany = Self("too_many", .tooLarge, "Too many at once")
}
