import Authorization
import Kernel
import Storage

extension Work {
  var serverThings: WorkspaceServerRows { WorkspaceServerRows(tx: tx) }
  var projectIntents: ProjectIntentRows { ProjectIntentRows(tx: tx) }
}

/// What stands here of what is on a workspace's server.
struct WorkspaceServerRows {
  let tx: any Transaction

  /// How many are named at most.
  private static let limit = 20_000

  /// Those of some projects that are in the workspace.
  func projects(among ids: Set<ID<Project>>, in workspace: ID<Workspace>) throws(Problem) -> Set<ID<Project>> {
    var found: Set<ID<Project>> = []
    for part in ids.sorted().chunks(ofCount: 200) {
      // The parent is compared in a way that no index helps with, or all of a large workspace would be gone through.
      let rows = try tx.rows(
        "SELECT r.id FROM resource r WHERE r.id IN (\(list: part.map(\.description))) AND r.parent || '' = \(workspace) AND r.type || '' = 'project'")
      for row in rows { found.insert(try row.id("id")) }
    }
    return found
  }

  /// What decisions call the things of a type that stand directly in something: objects by their platform's id, those too that were merely shared. In the order
  /// of those.
  func ids(of type: ResourceType, in place: ID<Resource>) throws(Problem) -> [String] {
    let name: Statement = type == .project ? "r.id" : "r.slug"
    return try tx.rows(
      """
      SELECT \(name) AS name FROM resource r WHERE r.parent = \(place) AND r.type = \(type.name)
      UNION SELECT s.name FROM object_share s WHERE s.home = \(place) AND s.type = \(type.name)
      ORDER BY name LIMIT \(Self.limit)
      """
    ).map { row throws(Problem) in try row.text("name") }
  }
}

extension Work {
  var madeThings: MadeThingRows { MadeThingRows(tx: tx) }
}

/// What was made on the servers of workspaces and isn't gone, each by its id: what quotas of it are compared with.
struct MadeThingRows {
  let tx: any Transaction

  func count(_ feature: String, in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM made_thing WHERE organization = \(organization) AND feature = \(feature)")
  }

  /// Wherever they stand.
  func projects(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.organization = \(organization) AND r.type = 'project'")
  }

  /// Telling of it again changes nothing.
  func note(_ count: WorkspaceCount, in workspace: ID<Workspace>, of organization: ID<Organization>) throws(Problem) {
    try tx.change(
      """
      INSERT INTO made_thing (organization, feature, thing, workspace) VALUES (\(organization), \(count.feature), \(count.thing), \(workspace))
      ON CONFLICT (organization, feature, thing) DO NOTHING
      """, under: Housekeeping())
  }

  func forget(_ count: WorkspaceCount, in workspace: ID<Workspace>, of organization: ID<Organization>) throws(Problem) {
    try tx.change(
      "DELETE FROM made_thing WHERE organization = \(organization) AND feature = \(count.feature) AND thing = \(count.thing) AND workspace = \(workspace)",
      under: Housekeeping())
  }
}

/// Who was told that they may make a project.
struct ProjectIntentRows {
  let tx: any Transaction

  /// How long a server takes at most from asking to telling.
  private static let term = Duration.minutes(2)

  func note(_ holder: String, in workspace: ID<Workspace>) throws(Problem) {
    try tx.change(
      """
      INSERT INTO project_intent (workspace, holder, at) VALUES (\(workspace), \(holder), \(tx.now))
      ON CONFLICT (workspace, holder) DO UPDATE SET at = excluded.at
      """, under: Housekeeping())
  }

  /// The only one who was told so lately, who isn't any more from then on; `nil` where several were, since it may have been any of them.
  func take(in workspace: ID<Workspace>) throws(Problem) -> String? {
    let fresh = try tx.rows("SELECT holder FROM project_intent WHERE workspace = \(workspace) AND at > \(tx.now - Self.term)")
    guard fresh.count == 1 else { return nil }
    let holder = try fresh[0].text("holder")
    try tx.change("DELETE FROM project_intent WHERE workspace = \(workspace)", under: Housekeeping())
    return holder
  }
}
