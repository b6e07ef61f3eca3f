import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var apps: AppRows { AppRows(tx: tx) }
}

struct AppRows {
  let tx: any Transaction

  private static let columns: Statement = """
    \(ResourceRows.columns), p.notes, p.is_template, p.image, p.changed_at, (SELECT count(*) FROM star s WHERE s.resource = r.id) AS stars,
    (SELECT a.name FROM account a WHERE a.id = r.owner) AS owner_name
    """
  private static let source: Statement = "resource r CROSS JOIN app p"

  /// By id or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> App? {
    let name: Statement
    if let id = ID<App>(reference) {
      name = "r.id = \(id) AND r.organization || '' = \(organization)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "r.type = 'app' AND r.organization = \(organization) AND r.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(name) AND p.resource = r.id").map(App.init)
  }

  /// By slug. With `viewer` only those that they have access to, and those that are open to them.
  func list(
    in organization: ID<Organization>, _ filter: AppFilter, starredBy account: ID<Account>?, of viewer: GrantHolder?, seeing open: [Visibility],
    among visible: [String]? = nil, _ page: PageRequest
  ) throws(Problem) -> Page<App> {
    var base: Statement = "r.organization = \(organization) AND r.type = 'app'" + ResourceRows.found(by: filter.search)
    if let visible {
      base = base + " AND r.id IN (\(list: visible))"
    } else if let viewer {
      base = base + " AND (r.id IN (\(GrantRows.resources(of: viewer, at: tx.now))) OR r.visibility IN (\(list: open.map(\.rawValue))))"
    }
    if filter.isStarred { base = base + " AND r.id IN (SELECT s.resource FROM star s WHERE s.account = \(account?.description ?? ""))" }
    if filter.isTemplate { base = base + " AND r.id IN (SELECT t.resource FROM app t WHERE t.resource = r.id AND t.is_template = 1)" }
    if let visibility = filter.visibility { base = base + " AND r.visibility = \(visibility.rawValue)" }
    let after: Statement = try page.keys(of: "apps", count: 1).map { " AND r.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) AND p.resource = r.id ORDER BY r.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try App(row) }
    return Page(found, of: "apps", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM resource r WHERE \(base)")) { [$0.resource.slug.text] }
  }

  /// Those that are open to everybody, of organizations that work: by slug.
  func listPublic(_ filter: AppFilter, _ page: PageRequest) throws(Problem) -> Page<App> {
    var base: Statement = "r.type = 'app' AND r.visibility = 'public'" + ResourceRows.found(by: filter.search)
    base = base + " AND EXISTS (SELECT 1 FROM organization o WHERE o.id = r.organization AND o.deleted_at IS NULL AND o.suspended_at IS NULL)"
    if filter.isTemplate { base = base + " AND r.id IN (SELECT t.resource FROM app t WHERE t.resource = r.id AND t.is_template = 1)" }
    let after: Statement = try page.keys(of: "public-apps", count: 2).map { " AND (r.slug, r.id) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try tx.rows(
      "SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) AND p.resource = r.id ORDER BY r.slug, r.id LIMIT \(page.limit + 1)"
    ).map { row throws(Problem) in try App(row) }
    return Page(found, of: "public-apps", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM resource r WHERE \(base)")) {
      [$0.resource.slug.text, $0.id.description]
    }
  }

  /// The pictures of all apps of an organization.
  func images(in organization: ID<Organization>) throws(Problem) -> [SHA256Digest?] {
    try tx.rows(
      """
      SELECT DISTINCT p.image FROM resource r CROSS JOIN app p
      WHERE r.organization = \(organization) AND r.type = 'app' AND p.resource = r.id AND p.image IS NOT NULL
      """
    ).map { row throws(Problem) in SHA256Digest(try row.text("image")) }
  }

  func contains(_ slug: Slug, in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.organization = \(organization) AND r.type = 'app' AND r.slug = \(slug.text)") > 0
  }

  /// What is an app's own; its resource must be stored already.
  func insert(_ app: App, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO app (resource, notes, is_template, image, changed_at)
      VALUES (\(app.id), \(app.notes.text), \(app.isTemplate), \(app.image?.text), \(tx.now))
      """, under: proof)
  }

  /// The revision is counted with its resource.
  func update(_ app: App, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE app SET notes = \(app.notes.text), is_template = \(app.isTemplate), changed_at = \(tx.now) WHERE resource = \(app.id)", under: proof)
  }

  /// Its picture is stored already.
  func setImage(_ app: App, _ digest: SHA256Digest?, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE app SET image = \(digest?.text), changed_at = \(tx.now) WHERE resource = \(app.id)", under: proof)
  }

  /// From now on the organization owns it.
  func release(_ app: App, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE resource SET owner = NULL WHERE id = \(app.id)", under: proof)
  }
}

extension App {
  init(_ row: Row) throws(Problem) {
    self.init(
      resource: try Resource(row), notes: try row.parsed("notes") { text throws(Rejection) in try AppNotes(text) }, isTemplate: try row.bool("is_template"),
      image: try row.optional("image") { column throws(Problem) in SHA256Digest(try row.text(column)) } ?? nil,
      ownerName: try row.optional("owner_name") { column throws(Problem) in
        try row.parsed(column) { text throws(Rejection) in try DisplayName(text) }
      }, stars: Int(try row.integer("stars")), changedAt: try row.instant("changed_at"))
  }
}
