import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var policies: PolicyRows { PolicyRows(tx: tx) }
}

struct PolicyRows {
  let tx: any Transaction

  private static let columns: Statement = """
    p.id, p.organization, p.slug, p.name, p.description, p.text, p.names, p.enabled, p.created_at, p.changed_at, p.changed_by, p.revision
    """

  /// By id or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> Policy? {
    let name: Statement
    if let id = ID<Policy>(reference) {
      name = "p.id = \(id)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "p.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM policy p WHERE p.organization = \(organization) AND \(name)").map(Policy.init)
  }

  /// By slug; `enabled` only those that are in force, or only those that aren't.
  func list(in organization: ID<Organization>, search: String?, enabled: Bool?, _ page: PageRequest) throws(Problem) -> Page<Policy> {
    var base: Statement = "p.organization = \(organization)"
    if let enabled { base = base + " AND p.enabled = \(enabled)" }
    if let search, !search.isEmpty {
      let pattern = Pattern.wildcard(search)
      base = base + " AND (p.slug LIKE \(pattern) OR p.search_name LIKE \(pattern))"
    }
    let after: Statement = try page.keys(of: "policies", count: 1).map { " AND p.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM policy p WHERE \(base)\(after) ORDER BY p.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Policy(row) }
    return Page(found, of: "policies", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM policy p WHERE \(base)")) { [$0.slug.text] }
  }

  /// Each of them, by slug.
  func all(in organization: ID<Organization>) throws(Problem) -> [Policy] {
    try tx.rows("SELECT \(Self.columns) FROM policy p WHERE p.organization = \(organization) ORDER BY p.slug").map { row throws(Problem) in try Policy(row) }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM policy WHERE organization = \(organization)")
  }

  /// What people call policies, by id; those that are gone are left out.
  func names(of ids: Set<String>, in organization: ID<Organization>) throws(Problem) -> [String: AccessGround.NamedPolicy] {
    var found: [String: AccessGround.NamedPolicy] = [:]
    guard !ids.isEmpty else { return found }
    for row in try tx.rows(
      "SELECT p.id, p.slug, p.name FROM \(values: ids) AS wanted CROSS JOIN policy p WHERE p.organization = \(organization) AND p.id = wanted.column1")
    {
      let id = try row.text("id")
      found[id] = AccessGround.NamedPolicy(id: id, slug: try row.text("slug"), name: try row.text("name"))
    }
    return found
  }

  // MARK: In force

  /// The policies that are in force, as decisions read them.
  func sources(in organization: ID<Organization>) throws(Problem) -> [AccessRules.Source] {
    try tx.rows("SELECT id, text, names FROM policy WHERE organization = \(organization) AND enabled = 1 ORDER BY id").map { row throws(Problem) in
      AccessRules.Source(id: try row.text("id"), text: [PolicyReference](stored: try row.text("names")).compiled(try row.text("text")))
    }
  }

  /// Names what is in force; `nil` where nothing ever was.
  func version(in organization: ID<Organization>) throws(Problem) -> String? {
    try tx.row("SELECT version FROM policy_set WHERE organization = \(organization)")?.text("version")
  }

  /// What is in force has changed.
  private func noteChange(of policy: Policy, under proof: some Proof) throws(Problem) {
    let organization = policy.organization
    let version = tx.newID(Policy.self)
    try tx.change(
      """
      INSERT INTO policy_set (organization, version) VALUES (\(organization), \(version))
      ON CONFLICT (organization) DO UPDATE SET version = excluded.version
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.policy(policy.id), in: organization, under: proof)
  }

  // MARK: Writing

  func insert(_ policy: Policy, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO policy (id, organization, slug, name, search_name, description, text, names, enabled, created_at, changed_at, changed_by, revision)
      VALUES (\(policy.id), \(policy.organization), \(policy.slug.text), \(policy.name), \(policy.name.text.lowercased()), \(policy.description),
        \(policy.text), \(policy.references.stored), \(policy.isEnabled), \(policy.createdAt), \(policy.changedAt), \(policy.changedBy), \(policy.revision))
      """, under: proof)
    try keep(policy.id, under: proof)
    if policy.isEnabled { try noteChange(of: policy, under: proof) }
  }

  /// Counts the revision and keeps what it is from now on.
  func update(_ policy: Policy, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE policy SET name = \(policy.name), search_name = \(policy.name.text.lowercased()), description = \(policy.description), text = \(policy.text),
        names = \(policy.references.stored), enabled = \(policy.isEnabled), changed_at = \(policy.changedAt), changed_by = \(policy.changedBy),
        revision = revision + 1
      WHERE id = \(policy.id)
      """, under: proof)
    try keep(policy.id, under: proof)
    try noteChange(of: policy, under: proof)
  }

  private func keep(_ policy: ID<Policy>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO policy_version (policy, revision, name, description, text, enabled, at, changed_by)
      SELECT p.id, p.revision, p.name, p.description, p.text, p.enabled, p.changed_at, p.changed_by FROM policy p WHERE p.id = \(policy)
      """, under: proof)
  }

  /// With all its versions.
  func delete(_ policy: Policy, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM policy WHERE id = \(policy.id)", under: proof)
    if policy.isEnabled { try noteChange(of: policy, under: proof) }
  }

  /// The newest first.
  func versions(of policy: ID<Policy>, _ page: PageRequest) throws(Problem) -> Page<PolicyVersion> {
    var after = Statement.none
    if let keys = try page.keys(of: "policy-versions", count: 1) {
      guard let revision = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND revision < \(revision)"
    }
    let found = try tx.rows(
      """
      SELECT revision, name, description, text, enabled, at, changed_by FROM policy_version WHERE policy = \(policy)\(after)
      ORDER BY revision DESC LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in
      PolicyVersion(
        revision: Int(try row.integer("revision")), name: try row.text("name"), description: try row.text("description"), text: try row.text("text"),
        isEnabled: try row.bool("enabled"), at: try row.instant("at"), changedBy: try row.text("changed_by"))
    }
    let total = try tx.count("SELECT count(*) AS n FROM policy_version WHERE policy = \(policy)")
    return Page(found, of: "policy-versions", limit: page.limit, total: total) { [String($0.revision)] }
  }

  /// One of its revisions.
  func version(_ revision: Int, of policy: ID<Policy>) throws(Problem) -> String? {
    try tx.row("SELECT text FROM policy_version WHERE policy = \(policy) AND revision = \(revision)")?.text("text")
  }

  // MARK: The schema

  /// The newest; `nil` where the organization has added nothing.
  func schema(of organization: ID<Organization>) throws(Problem) -> PolicySchema? {
    let row = try tx.row(
      "SELECT version, content, at, changed_by FROM policy_schema WHERE organization = \(organization) ORDER BY version DESC LIMIT 1")
    return try row.map { row throws(Problem) in
      PolicySchema(
        version: Int(try row.integer("version")), vocabulary: try PolicyVocabulary(stored: row.text("content")), changedAt: try row.instant("at"),
        changedBy: try row.text("changed_by"))
    }
  }

  func insert(_ schema: PolicySchema, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO policy_schema (organization, version, content, at, changed_by)
      VALUES (\(organization), \(schema.version), \(schema.vocabulary.stored), \(schema.changedAt), \(schema.changedBy))
      """, under: proof)
  }
}

extension PolicyVocabulary {
  /// As a column holds it.
  fileprivate var stored: String {
    func attributes(_ all: [Attribute]) -> JSON { .object(all.map { .init($0.name, .string($0.kind.rawValue)) }) }
    let value: JSON = [
      "types": .object(types.map { .init($0.name, attributes($0.attributes)) }), "actions": .array(actions.map { .string($0) }), "context": attributes(context),
    ]
    return value.compact
  }

  fileprivate init(stored text: String) throws(Problem) {
    let unreadable = Problem(.defect, "A stored schema can't be read.")
    func attributes(_ value: JSON?) throws(Problem) -> [Attribute] {
      guard case .object(let members)? = value else { throw unreadable }
      return try members.map { member throws(Problem) in
        guard case .string(let name) = member.value, let kind = Kind(rawValue: name) else { throw unreadable }
        return Attribute(member.name, kind)
      }
    }
    guard let value = try? JSON(Array(text.utf8)), case .object(let types)? = value["types"], case .array(let actions)? = value["actions"] else {
      throw unreadable
    }
    let things = try types.map { member throws(Problem) in ThingType(member.name, try attributes(member.value)) }
    let names = actions.compactMap { if case .string(let name) = $0 { name } else { nil } }
    do { try self.init(types: things, actions: names, context: try attributes(value["context"])) } catch { throw unreadable }
  }
}

extension Policy {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) }, text: try row.text("text"),
      references: [PolicyReference](stored: try row.text("names")), isEnabled: try row.bool("enabled"), createdAt: try row.instant("created_at"),
      changedAt: try row.instant("changed_at"), changedBy: try row.text("changed_by"), revision: Int(try row.integer("revision")))
  }
}
