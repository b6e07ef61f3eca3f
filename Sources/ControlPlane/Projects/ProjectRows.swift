import Authorization
import Kernel
import Storage

extension Work {
  var projects: ProjectRows { ProjectRows(tx: tx) }
}

struct ProjectRows {
  let tx: any Transaction

  private static let columns: Statement = "\(ResourceRows.columns), j.default_role, j.is_default, w.id AS place, w.type AS place_kind, w.slug AS place_slug"
  private static let source: Statement = "resource r CROSS JOIN project j CROSS JOIN resource w"
  private static let joined: Statement = "j.resource = r.id AND w.id = r.parent"

  /// By id or by slug.
  func find(_ reference: String, in place: ID<Resource>) throws(Problem) -> Project? {
    let name: Statement
    if let id = ID<Project>(reference) {
      // The parent is compared in a way that no index helps with, or all of a large place would be gone through.
      name = "r.id = \(id) AND r.parent || '' = \(place)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "r.parent = \(place) AND r.type = 'project' AND r.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(name) AND \(Self.joined)").map(Project.init)
  }

  /// Of one place, or of all of the organization: by slug. With `viewer` only those that they have access to, on the project itself or by a role on its
  /// workspace or cluster that lets them see what is in it.
  func list(
    in organization: ID<Organization>, of place: ID<Resource>?, search: String?, of viewer: GrantHolder?, among visible: [String]? = nil,
    _ page: PageRequest
  ) throws(Problem) -> Page<Project> {
    let scope: Statement = place.map { "r.parent = \($0) AND r.type = 'project'" } ?? "r.organization = \(organization) AND r.type = 'project'"
    var base = scope + ResourceRows.found(by: search)
    if let visible {
      base = base + " AND r.id IN (\(list: visible))"
    } else if let viewer {
      let roles = (ResourceRole.all(of: .workspace) + ResourceRole.all(of: .cluster)).filter { $0.rights.allows(.read, on: .project) }
      base =
        base
        + " AND (r.id IN (\(GrantRows.resources(of: viewer, at: tx.now))) OR r.parent IN (\(GrantRows.resources(of: viewer, with: roles, at: tx.now))))"
    }
    let after: Statement = try page.keys(of: "projects", count: 2).map { " AND (r.slug, r.id) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try tx.rows(
      "SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) AND \(Self.joined) ORDER BY r.slug, r.id LIMIT \(page.limit + 1)"
    ).map { row throws(Problem) in try Project(row) }
    let total = try tx.count("SELECT count(*) AS n FROM resource r WHERE \(base)")
    return Page(found, of: "projects", limit: page.limit, total: total) { [$0.resource.slug.text, $0.id.description] }
  }

  /// The organization's default projects, by slug; there are few.
  func defaults(in organization: ID<Organization>) throws(Problem) -> [Project] {
    try tx.rows(
      """
      SELECT \(Self.columns) FROM \(Self.source) WHERE r.organization = \(organization) AND r.type = 'project' AND \(Self.joined) AND j.is_default = 1
      ORDER BY r.slug, r.id
      """
    ).map { row throws(Problem) in try Project(row) }
  }

  /// What is a project's own; its resource must be stored already.
  func insert(_ project: Project, under proof: some Proof) throws(Problem) {
    try tx.change(
      "INSERT INTO project (resource, is_default, default_role) VALUES (\(project.id), \(project.isDefault), \(project.defaultRole.rawValue))", under: proof)
  }

  /// The revision is counted with its resource.
  func update(_ project: Project, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE project SET default_role = \(project.defaultRole.rawValue), is_default = \(project.isDefault) WHERE resource = \(project.id)", under: proof)
  }
}

extension Project {
  init(_ row: Row) throws(Problem) {
    self.init(
      resource: try Resource(row),
      place: Place(
        try row.choice("place_kind"), try row.id("place"), try row.parsed("place_slug") { text throws(Rejection) in try Slug(stored: text) }),
      defaultRole: try row.choice("default_role"), isDefault: try row.bool("is_default"))
  }
}
