public import Kernel

/// One step of the schema: a name that sorts in its order, and plain SQL in the subset that every driver runs.
public struct Migration: Sendable, Hashable {
  public let name: String
  public let sql: String

  public init(name: String, sql: String) {
    self.name = name
    self.sql = sql
  }

  /// The statements, split at `;` outside of quotes and comments.
  public var statements: [String] {
    var found: [String] = []
    var current = ""
    var inQuotes = false
    for line in sql.split(separator: "\n", omittingEmptySubsequences: false) {
      var previous: Character?
      for character in line {
        if character == "'" { inQuotes.toggle() }
        if !inQuotes, character == "-", previous == "-" {
          current.removeLast()
          break
        }
        if character == ";", !inQuotes {
          found.append(current)
          current = ""
        } else {
          current.append(character)
        }
        previous = character
      }
      current.append("\n")
    }
    found.append(current)
    return found.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}

/// Brings a schema up to date.
public struct Migrator: Sendable {
  public let migrations: [Migration]
  private let digest: @Sendable (String) -> String

  /// `digest` names the content of a migration, so that one that was changed after it ran is noticed.
  public init(_ migrations: [Migration], digest: @escaping @Sendable (String) -> String) {
    self.migrations = migrations
    self.digest = digest
  }

  /// Runs what hasn't run yet, in one transaction, and answers the names of what it ran.
  ///
  /// Refuses as `.defect` when a migration that ran has changed since, or when the database knows one that this program doesn't (it is newer).
  public func migrate(_ database: some Database) async throws(Problem) -> [String] {
    try await database.write { [self] tx in
      let proof = SchemaChange()
      try tx.change("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY NOT NULL, digest TEXT NOT NULL, at BIGINT NOT NULL)", under: proof)
      let pending = try remaining(applied: tx.rows("SELECT name, digest FROM migration ORDER BY name"))
      for migration in pending {
        for statement in migration.statements { try tx.change(Statement(migration: statement), under: proof) }
        try tx.change("INSERT INTO migration (name, digest, at) VALUES (\(migration.name), \(digest(migration.sql)), \(tx.now))", under: proof)
      }
      return pending.map(\.name)
    }
  }

  private func remaining(applied rows: [Row]) throws(Problem) -> [Migration] {
    var known: [String: String] = [:]
    for row in rows { known[try row.text("name")] = try row.text("digest") }
    for migration in migrations {
      if let applied = known.removeValue(forKey: migration.name), applied != digest(migration.sql) {
        throw Problem(.schemaMismatch, "Migration \(migration.name) was changed after it ran on this database.")
      }
    }
    if let unknown = known.keys.min() {
      throw Problem(.schemaMismatch, "This database was migrated by a newer version (\(unknown)); start that version instead.")
    }
    let done = Set(try rows.map { row throws(Problem) in try row.text("name") })
    return migrations.filter { !done.contains($0.name) }
  }
}

/// The right to change the schema, which only a migrator has.
struct SchemaChange: Proof {}

extension Problem.Code {
  public static let schemaMismatch = Self("storage.schema_mismatch", .defect, "Database and program don't fit")
}
