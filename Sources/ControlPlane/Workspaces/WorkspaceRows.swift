import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var workspaces: WorkspaceRows { WorkspaceRows(tx: tx) }
}

struct WorkspaceRows {
  let tx: any Transaction

  private static let columns: Statement = """
    \(ResourceRows.columns), w.kind, w.desired, w.status, w.reason, w.address, w.version, w.reported_at, w.key_hint, w.key_made_at,
    (SELECT count(*) FROM resource p WHERE p.parent = r.id AND p.type = 'project') AS projects
    """
  private static let source: Statement = "resource r CROSS JOIN workspace w"

  /// By id or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> Workspace? {
    let name: Statement
    if let id = ID<Workspace>(reference) {
      name = "r.id = \(id)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "r.type = 'workspace' AND r.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(name) AND r.organization = \(organization) AND w.resource = r.id")
      .map(Workspace.init)
  }

  /// The one whose server has this key, with its organization in `resource`.
  func find(key digest: SHA256Digest) throws(Problem) -> Workspace? {
    try tx.row("SELECT \(Self.columns) FROM workspace w CROSS JOIN resource r WHERE w.key_digest = \(digest.text) AND r.id = w.resource").map(Workspace.init)
  }

  /// By id or by slug in whichever organization, which is in `resource`.
  func find(anywhere reference: String) throws(Problem) -> Workspace? {
    let name: Statement
    if let id = ID<Workspace>(reference) {
      name = "r.id = \(id)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "r.type = 'workspace' AND r.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(name) AND w.resource = r.id").map(Workspace.init)
  }

  /// By slug. With `viewer` only those that they have access to, or to something in which.
  func list(
    in organization: ID<Organization>, search: String?, at address: String? = nil, of viewer: GrantHolder?, among visible: [String]? = nil, _ page: PageRequest
  ) throws(Problem) -> Page<Workspace> {
    var base: Statement = "r.organization = \(organization) AND r.type = 'workspace'" + ResourceRows.found(by: search)
    if let address { base = base + " AND r.id IN (SELECT s.resource FROM workspace s WHERE s.resource = r.id AND s.address = \(address))" }
    if let visible {
      base = base + " AND r.id IN (\(list: visible))"
    } else if let viewer {
      let held = GrantRows.resources(of: viewer, at: tx.now)
      base = base + " AND (r.id IN (\(held)) OR r.id IN (SELECT p.parent FROM resource p WHERE p.id IN (\(held))))"
    }
    let after: Statement = try page.keys(of: "workspaces", count: 1).map { " AND r.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) AND w.resource = r.id ORDER BY r.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Workspace(row) }
    return Page(found, of: "workspaces", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM resource r WHERE \(base)")) {
      [$0.resource.slug.text]
    }
  }

  /// What is a workspace's own; its resource must be stored already.
  func insert(_ workspace: Workspace, key digest: SHA256Digest?, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO workspace (resource, kind, desired, status, reason, address, version, reported_at, key_digest, key_hint, key_made_at)
      VALUES (\(workspace.id), \(workspace.kind.rawValue), \(workspace.state.desired.rawValue), \(workspace.state.status.rawValue), \(workspace.state.reason),
        \(workspace.server?.address ?? ""), \(workspace.server?.version ?? ""), \(workspace.server?.reported), \(digest?.text), \(workspace.key?.hint ?? ""),
        \(workspace.key?.made))
      """, under: proof)
  }

  /// Its state, and what its server told; the revision is counted with its resource.
  func update(_ workspace: Workspace, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE workspace SET desired = \(workspace.state.desired.rawValue), status = \(workspace.state.status.rawValue), reason = \(workspace.state.reason),
        address = \(workspace.server?.address ?? ""), version = \(workspace.server?.version ?? ""), reported_at = \(workspace.server?.reported)
      WHERE resource = \(workspace.id)
      """, under: proof)
  }

  /// Remembers that its server told once more what is known.
  func touch(_ id: ID<Workspace>) throws(Problem) {
    try tx.change("UPDATE workspace SET reported_at = \(tx.now) WHERE resource = \(id)", under: Housekeeping())
  }

  func setKey(_ id: ID<Workspace>, _ digest: SHA256Digest, hint: String, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE workspace SET key_digest = \(digest.text), key_hint = \(hint), key_made_at = \(tx.now) WHERE resource = \(id)", under: proof)
  }
}

extension Workspace {
  init(_ row: Row) throws(Problem) {
    let reported = try row.optional("reported_at", row.instant)
    self.init(
      resource: try Resource(row), kind: try row.choice("kind"),
      state: WorkspaceState(desired: try row.choice("desired"), status: try row.choice("status"), reason: try row.text("reason")),
      server: try reported.map { reported throws(Problem) in Server(stored: try row.text("address"), version: try row.text("version"), reported: reported) },
      key: try row.optional("key_made_at", row.instant).map { made throws(Problem) in Key(hint: try row.text("key_hint"), made: made) },
      projects: Int(try row.integer("projects")))
  }
}
