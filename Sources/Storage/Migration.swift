public import Kernel

/// One step of the schema: a name that sorts in its order, and plain SQL in the subset that every driver runs.
///
/// Besides, `CREATE TERM INDEX name` makes a `TermIndex`, `WITHOUT ROWID` at a table's end keeps its rows in the order of the key where the engine can,
/// `CHECK (column IN ('a', 'b'))` becomes what is checked fastest, and `RELEASE REFERENCE table (column)` ends a reference where checking it costs a query for
/// each row (its rows are then deleted by whoever deletes what they refer to).
public struct Migration: Sendable, Hashable {
  public let name: String
  public let sql: String

  public init(name: String, sql: String) {
    self.name = name
    self.sql = sql
  }

  /// The statements as `engine` runs them.
  func statements(for engine: Engine) -> [String] {
    statements.flatMap { statement in
      if let index = TermIndex(declaration: statement) { return index.statements(for: engine) }
      switch engine {
      case .sqlite: return Self.releasing(statement) == nil ? [Self.comparing(statement)] : []
      case .postgres:
        return [Self.releasing(statement) ?? statement.firstRange(of: "WITHOUT ROWID").map { String(statement[..<$0.lowerBound]) } ?? statement]
      }
    }
  }

  /// What PostgreSQL is told for `RELEASE REFERENCE table (column)`, by the name that it gives such a constraint itself; `nil` for any other statement.
  private static func releasing(_ statement: String) -> String? {
    let words = statement.split { $0.isWhitespace || $0 == "(" || $0 == ")" }
    guard words.count == 4, words[0] == "RELEASE", words[1] == "REFERENCE" else { return nil }
    return "ALTER TABLE \(words[2]) DROP CONSTRAINT \(words[2])_\(words[3])_fkey"
  }

  /// The statement with comparisons in place of lists: SQLite makes a table of each list of more than two values whenever a row is checked, a third of what an
  /// insertion into the journal costs.
  private static func comparing(_ statement: String) -> String {
    var (done, rest) = ("", statement[...])
    while let check = rest.firstRange(of: "CHECK (") {
      done += rest[..<check.upperBound]
      rest = rest[check.upperBound...]
      guard let open = rest.firstRange(of: " IN ("), let close = rest[open.upperBound...].firstRange(of: "))") else { continue }
      let (column, list) = (rest[..<open.lowerBound], rest[open.upperBound..<close.lowerBound])
      guard column.allSatisfy({ $0.isLetter || $0 == "_" }), !list.contains("(") else { continue }
      done += list.split(separator: ",").map { "\(column) = \($0.drop { $0 == " " })" }.joined(separator: " OR ")
      rest = rest[list.endIndex...].dropFirst()
    }
    return done + rest
  }

  /// The statements, split at `;` outside of quotes; comments (`--` to the end of the line) are left out.
  public var statements: [String] {
    var found: [String] = []
    var current: [UInt8] = []
    var quote: UInt8?
    var isComment = false
    for byte in sql.utf8 {
      if isComment {
        guard byte == UInt8(ascii: "\n") else { continue }
        isComment = false
      }
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "-"), current.last == byte {
        current.removeLast()
        isComment = true
        continue
      } else if byte == UInt8(ascii: ";") {
        found.append(String(decoding: current, as: UTF8.self))
        current = []
        continue
      }
      current.append(byte)
    }
    found.append(String(decoding: current, as: UTF8.self))
    return found.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}

/// Brings a schema up to date.
public struct Migrator: Sendable {
  /// In the order of their names.
  public let migrations: [Migration]
  private let digest: @Sendable (String) -> String

  /// `digest` names the content of a migration, so that one that was changed after it ran is noticed.
  public init(_ migrations: [Migration], digest: @escaping @Sendable (String) -> String) {
    self.migrations = migrations.sorted { $0.name < $1.name }
    self.digest = digest
  }

  /// Runs what hasn't run yet, in one transaction, and answers the names of what it ran.
  ///
  /// Refuses as `.defect` when a migration that ran has changed since, or when the database knows one that this program doesn't (it is newer).
  @discardableResult public func migrate(_ database: some Database) async throws(Problem) -> [String] {
    let engine = database.engine
    return try await database.changeSchema { [self] tx in
      let proof = SchemaChange()
      try tx.change("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY NOT NULL, digest TEXT NOT NULL, at BIGINT NOT NULL)", under: proof)
      let pending = try remaining(applied: tx.rows("SELECT name, digest FROM migration ORDER BY name"))
      for migration in pending {
        for statement in migration.statements(for: engine) { try tx.change(Statement(migration: statement), under: proof) }
        try tx.change("INSERT INTO migration (name, digest, at) VALUES (\(migration.name), \(digest(migration.sql)), \(tx.now))", under: proof)
      }
      return pending.map(\.name)
    }
  }

  private func remaining(applied rows: [Row]) throws(Problem) -> [Migration] {
    var applied: [String: String] = [:]
    for row in rows { applied[try row.text("name")] = try row.text("digest") }
    if let unknown = Set(applied.keys).subtracting(migrations.map(\.name)).min() {
      throw Problem(.schemaMismatch, "This database was migrated by a newer version (\(unknown)); start that version instead.")
    }
    var pending: [Migration] = []
    for migration in migrations {
      guard let known = applied[migration.name] else {
        pending.append(migration)
        continue
      }
      guard known == digest(migration.sql) else { throw Problem(.schemaMismatch, "Migration \(migration.name) was changed after it ran on this database.") }
    }
    return pending
  }
}

/// The right to change the schema, which only a migrator has.
struct SchemaChange: Proof {}

extension Problem.Code {
  /// The database was migrated by another version of the program.
  public static let schemaMismatch = Self("storage.schema_mismatch", .defect, "Database and program don't fit")
}
