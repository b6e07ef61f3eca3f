import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var resources: ResourceRows { ResourceRows(tx: tx) }
}

struct ResourceRows {
  let tx: any Transaction

  /// Of a resource `r`.
  static let columns: Statement = """
    r.id, r.organization, r.type, r.parent, r.slug, r.name, r.description, r.owner, r.visibility, r.attributes, r.created_at, r.revision
    """

  /// The condition on `r` for a search in slugs and names; nothing where nothing is looked for.
  static func found(by search: String?) -> Statement {
    guard let search, !search.isEmpty else { return .none }
    let pattern = Pattern.wildcard(search)
    return " AND (r.slug LIKE \(pattern) OR r.search_name LIKE \(pattern))"
  }

  /// What has this slug in the same place.
  func contains(_ slug: Slug, _ type: ResourceType, in parent: ID<Resource>) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.parent = \(parent) AND r.type = \(type.name) AND r.slug = \(slug.text)") > 0
  }

  /// Whether a workspace has this slug, in whichever organization.
  func containsWorkspace(_ slug: Slug) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.type = 'workspace' AND r.slug = \(slug.text)") > 0
  }

  func count(_ type: ResourceType, in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.organization = \(organization) AND r.type = \(type.name)")
  }

  func count(_ type: ResourceType, within parent: ID<Resource>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM resource r WHERE r.parent = \(parent) AND r.type = \(type.name)")
  }

  /// It, then what it stands in, from the inside out.
  func chain(of id: ID<Resource>) throws(Problem) -> [Resource] {
    var chain: [Resource] = []
    var next: ID<Resource>? = id
    while let id = next {
      guard let found = try tx.row("SELECT \(Self.columns) FROM resource r WHERE r.id = \(id)").map(Resource.init) else { break }
      chain.append(found)
      next = found.parent
    }
    return chain
  }

  func insert(_ resource: Resource, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO resource (id, organization, owner, type, parent, slug, name, search_name, description, visibility, attributes, created_at, revision)
      VALUES (\(resource.id), \(resource.organization), \(resource.owner), \(resource.type.name), \(resource.parent), \(resource.slug.text), \(resource.name),
        \(resource.name.text.lowercased()), \(resource.description), \(resource.visibility.rawValue), \(resource.attributes.json.compact),
        \(resource.createdAt), \(resource.revision))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.of(resource), in: resource.organization, under: proof)
  }

  /// Counts the revision, whatever changes of it.
  func update(_ resource: Resource, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE resource SET slug = \(resource.slug.text), name = \(resource.name), search_name = \(resource.name.text.lowercased()),
        description = \(resource.description), visibility = \(resource.visibility.rawValue),
        attributes = \(resource.attributes.json.compact), revision = revision + 1
      WHERE id = \(resource.id)
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.of(resource), in: resource.organization, under: proof)
  }

  /// With everything in it, and all access to it.
  func delete(_ id: ID<Resource>, under proof: some Proof) throws(Problem) {
    guard let row = try tx.row("DELETE FROM resource WHERE id = \(id) RETURNING organization, type, slug, parent", under: proof) else { return }
    guard let organization: ID<Organization> = try row.optional("organization", { column throws(Problem) in try row.id(column) }) else { return }
    let type = ResourceType(try row.text("type"))
    let subject: AccessChangeRows.Subject =
      RegisteredObject.others.contains(type) ? .resource(id, type: type.name) : .object(try row.text("slug"), type: type.name)
    try AccessChangeRows(tx: tx).note(subject, in: organization, under: proof)
    let parent: ID<Resource>? = try row.optional("parent") { column throws(Problem) in try row.id(column) }
    if let parent { try AccessChangeRows(tx: tx).note(.passages(parent), in: organization, under: proof) }
  }
}

extension Resource {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), type: ResourceType(try row.text("type")),
      parent: try row.optional("parent") { column throws(Problem) in try row.id(column) },
      slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) },
      owner: try row.optional("owner") { column throws(Problem) in try row.id(column) }, visibility: try row.choice("visibility"),
      createdAt: try row.instant("created_at"), revision: Int(try row.integer("revision")), attributes: try ResourceAttributes(stored: row.text("attributes")))
  }
}
