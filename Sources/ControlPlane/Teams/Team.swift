public import Authorization
import Contract
public import Kernel

/// People, service accounts and invited people of one organization who work together, under one name.
public struct Team: Sendable, Hashable {
  public let id: ID<Team>
  public let organization: ID<Organization>
  /// What it is called in addresses and scripts: in small letters, unique in its organization.
  public internal(set) var slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  /// What it has on an app that it is added to without a role; `nil` where a role must be said.
  public internal(set) var defaultRole: ResourceRole?
  public let size: Size
  public let createdAt: Timestamp
  public let revision: Int

  /// How many an organization may have.
  static let limit = 5_000

  /// How many are in it, of each kind.
  public struct Size: Sendable, Hashable {
    public let members: Int
    public let serviceAccounts: Int
    /// The open ones.
    public let invitations: Int
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The team was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses another text than its slug; without one nobody was asked.
  func expectConfirmed(by typed: String?) throws(Problem) {
    guard typed == nil || typed == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this team.") }
  }
}

/// A team as one caller sees it.
public struct SeenTeam: Sendable, Hashable {
  public let team: Team
  /// The caller's own place in it.
  public let seat: TeamSeat?
  /// Whether the caller may see invitations, and so how many keep a place.
  public let showsInvitations: Bool
}

/// Which teams a list shows.
public struct TeamFilter: Sendable, Hashable {
  /// Part of a slug or a name; with `*` for any characters and `?` for one, the whole of it.
  public var search: String?
  /// Only those that this member is in.
  public var member: ID<Member>?

  public init(search: String? = nil, member: ID<Member>? = nil) {
    self.search = search
    self.member = member
  }
}

/// What somebody says of a new team.
public struct TeamDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let description: Note
  public let defaultRole: ResourceRole?

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(name: String, slug: String = "", description: String = "", defaultRole: String = "") throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = checker.slug(slug.lowercased(), orOf: parsedName)
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    self.defaultRole = Team.defaultRole(named: defaultRole, &checker)
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description) = (parsedName, parsedSlug, parsedDescription)
  }
}

/// What is to be changed of a team; `nil` leaves as is.
public struct TeamUpdate: Sendable {
  public var name: String?
  public var slug: String?
  public var description: String?
  /// Empty for none.
  public var defaultRole: String?

  public init(name: String? = nil, slug: String? = nil, description: String? = nil, defaultRole: String? = nil) {
    self.name = name
    self.slug = slug
    self.description = description
    self.defaultRole = defaultRole
  }

  /// The team after the update; refuses with all faults at once.
  func applied(to team: Team) throws(Problem) -> Team {
    var result = team
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    // A slug that the team has stays, whatever was reserved since.
    if let slug, slug.lowercased() != team.slug.text {
      if let parsed = checker.check("slug", { () throws(Rejection) in try Slug(Slug(slug).key) }) { result.slug = parsed }
    }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    if let defaultRole { result.defaultRole = Team.defaultRole(named: defaultRole, &checker) }
    try checker.finish()
    return result
  }
}

extension Team {
  /// One of the built-in roles of apps; none for the empty text.
  fileprivate static func defaultRole(named name: String, _ checker: inout FieldChecker) -> ResourceRole? {
    if name.isEmpty { return nil }
    if let role = ResourceRole(name, of: .app) { return role }
    checker.reject("default_role", "There is no such role on an app. Choose one of \(RoleScope.app.builtInNames.joined(separator: ", ")), or none.")
    return nil
  }
}

extension Target {
  init(_ team: Team) { self.init("team", team.id.description, named: team.name.text) }
}
