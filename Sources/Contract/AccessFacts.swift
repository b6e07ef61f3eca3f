public import Kernel

extension API {
  /// Everything that decisions of an organization look at, for a platform that decides in its own processes.
  public enum AccessFacts {
    private static let following = Access.organization(permission: "access.follow")

    public static let list = Endpoint<Wire.InOrganization, Wire.AccessFactQuery, Nothing, Wire.AccessFactPage>(
      "access_fact.list", .get, "/organizations/{organization}/access-facts", access: following,
      summary: "Read all facts that decisions look at, page by page; what changes meanwhile is told by the changes behind the first page's revision.")

    public static let follow = Endpoint<Wire.InOrganization, Wire.AccessFactRange, Nothing, Wire.AccessFactChanges>(
      "access_fact.follow", .get, "/organizations/{organization}/access-facts/changes", access: following,
      summary: "Read the facts that have changed behind a revision, or wait for some up to 30 seconds.", refusals: [.accessFactGap])

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(follow)] }
  }
}

extension Wire {
  public struct AccessFactQuery: Codable, Sendable, Hashable {
    /// Where the page begins, as the last one says.
    public var cursor: String?

    public init(cursor: String? = nil) { self.cursor = cursor }
  }

  public struct AccessFactRange: Codable, Sendable, Hashable {
    /// The revision that you have; 0 unless told.
    public var after: Int?
    /// How many seconds to wait for a change where there is none: 0 to 30, and 0 unless told.
    public var wait: Int?

    public init(after: Int? = nil, wait: Int? = nil) {
      self.after = after
      self.wait = wait
    }
  }

  /// Some of the facts. Those of all pages together are right as soon as the changes behind the first page's revision are, too.
  public struct AccessFactPage: Codable, Sendable, Hashable, PagedAnswer {
    /// The organization's id.
    public var organization: String
    /// When the page was read.
    public var revision: Int
    public var facts: [AccessFact]
    /// Give it as `cursor` to get the next page; absent on the last.
    public var nextCursor: String?

    public init(organization: String, revision: Int, facts: [AccessFact], nextCursor: String?) {
      self.organization = organization
      self.revision = revision
      self.facts = facts
      self.nextCursor = nextCursor
    }
  }

  /// What lies between the revision that was asked with and this one, in the order in which it is to be applied: all of it or nothing.
  public struct AccessFactChanges: Codable, Sendable, Hashable {
    public var organization: String
    public var revision: Int
    public var facts: [AccessFact]

    public init(organization: String, revision: Int, facts: [AccessFact]) {
      self.organization = organization
      self.revision = revision
      self.facts = facts
    }
  }

  /// What a fact says. Those that end in `-removed` or `-withdrawn` take back what may not be there any more; nothing else may fail to fit.
  public enum AccessFactKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    /// A role that the organization made: `id`, `name`, `scope`, `rights`, `own_rights`, `permissions`.
    case role
    /// `resource`, `parent`, `owner`, `visibility`, `attributes`.
    case resource
    /// With all that stands in it.
    case resourceRemoved = "resource-removed"
    /// `id`, `slug`.
    case team
    /// With its seats and grants.
    case teamRemoved = "team-removed"
    /// Somebody's standing, a person's or a service account's: `id`, `roles` (absent for an outside collaborator), `suspended`, `service_account`,
    /// `expires_at`, `attributes`.
    case member
    /// With their seats and grants.
    case memberRemoved = "member-removed"
    /// `holder` sits in the team `id`.
    case seat
    case seatRemoved = "seat-removed"
    /// `holder` has `role` on `resource`, or on the organization, until `expires_at`. Of a role held already it says how long from now on.
    case grant
    case grantRemoved = "grant-removed"
    /// Everything that `holder` has on `resource`, or on the organization.
    case grantsRemoved = "grants-removed"
    /// Everybody's `role` on `resource`.
    case roleWithdrawn = "role-withdrawn"
    /// Everything that `holder` has on resources.
    case holdingsRemoved = "holdings-removed"
    /// `holder` may do exactly `actions` with the object `resource` in `parent`, or in the organization itself.
    case share
    /// A policy in force: `id`, `slug`, `name`, `text` with ids in the place of names.
    case policy
    /// It is no longer in force.
    case policyRemoved = "policy-removed"
  }

  /// Who has something.
  public struct AccessFactHolder: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case member, team }

    public var type: Kind
    /// Of an account, a service account or a team.
    public var id: String

    public init(type: Kind, id: String) {
      self.type = type
      self.id = id
    }
  }

  /// A thing by its type and id; objects by their platform's id.
  public struct AccessFactThing: Codable, Sendable, Hashable {
    public var type: String
    public var id: String

    public init(type: String, id: String) {
      self.type = type
      self.id = id
    }
  }

  /// How something is from now on; what its kind doesn't name is absent. Said twice it changes nothing.
  public struct AccessFact: Codable, Sendable, Hashable {
    public var kind: AccessFactKind
    public var id: String?
    public var slug: String?
    public var name: String?
    public var holder: AccessFactHolder?
    public var resource: AccessFactThing?
    public var parent: AccessFactThing?
    /// `project.viewer`, `organization.viewer`, or `custom:` and the id of a role that was said before.
    public var role: String?
    public var expiresAt: Timestamp?
    public var roles: [String]?
    public var suspended: Bool?
    public var serviceAccount: Bool?
    public var owner: String?
    public var visibility: String?
    /// Written like those of a question.
    public var attributes: JSON?
    public var actions: [String]?
    public var scope: String?
    public var rights: [String]?
    public var ownRights: [String]?
    public var permissions: [String]?
    public var text: String?

    public init(_ kind: AccessFactKind, id: String? = nil, holder: AccessFactHolder? = nil, resource: AccessFactThing? = nil) {
      self.kind = kind
      self.id = id
      self.holder = holder
      self.resource = resource
    }
  }
}

extension Problem.Code {
  /// What lies behind the revision isn't known any more, or never was.
  public static let accessFactGap = Self("access_fact.gap", .gone, "Begin again with all facts")
}
