import Storage

/// What a database says its schema is, in terms that all databases share, so that the outcome of the same migrations can be compared.
struct SchemaSnapshot: Equatable, Sendable {
  struct Column: Equatable, Sendable {
    let type: String
    let isNullable: Bool
    /// The text of the default value.
    let standard: String?
  }

  struct ForeignKey: Hashable, Sendable {
    let columns: [String]
    let table: String
    let references: [String]
    let onDelete: String
  }

  /// The one that comes with the primary key is left out.
  struct Index: Hashable, Sendable {
    let columns: [String]
    let isUnique: Bool
    let isPartial: Bool
  }

  struct Table: Equatable, Sendable {
    var columns: [String: Column] = [:]
    var primaryKey: [String] = []
    var foreignKeys: Set<ForeignKey> = []
    var indexes: Set<Index> = []
    /// How many CHECK constraints there are; their texts are written differently.
    var checks = 0
  }

  /// Without what term indexes are made of.
  let tables: [String: Table]
  let termIndexes: Set<String>

  init(of database: any Database) async throws {
    let found: [String: Table]
    switch database.engine {
    case .sqlite:
      found = try await database.read(Self.readSQLite)
      termIndexes = Set(try await database.texts("SELECT name AS t FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE % USING fts5%'"))
    case .postgres:
      found = try await database.read(Self.readPostgres)
      termIndexes = Set(
        try await database.texts(
          "SELECT c.relname AS t FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam AND a.amname = 'gin'"))
    }
    // FTS5 keeps a term index in tables of its own, named after it.
    let parts = Set(termIndexes.flatMap { name in [name] + ["data", "idx", "config", "docsize", "content"].map { "\(name)_\($0)" } })
    tables = found.filter { !parts.contains($0.key) }
  }

  /// One line for each table that differs, with both versions of what does.
  func differences(from other: SchemaSnapshot) -> [String] {
    termIndexes.symmetricDifference(other.termIndexes).sorted().map { "term index \($0) is in one alone" } + Set(tables.keys).union(other.tables.keys).sorted().flatMap { name -> [String] in
      guard let mine = tables[name], let theirs = other.tables[name] else { return ["table \(name) is in one alone"] }
      var lines: [String] = []
      for column in Set(mine.columns.keys).union(theirs.columns.keys).sorted() where mine.columns[column] != theirs.columns[column] {
        lines.append("\(name).\(column): \(String(describing: mine.columns[column])) and \(String(describing: theirs.columns[column]))")
      }
      if mine.primaryKey != theirs.primaryKey { lines.append("\(name), primary key: \(mine.primaryKey) and \(theirs.primaryKey)") }
      for key in mine.foreignKeys.symmetricDifference(theirs.foreignKeys) { lines.append("\(name), in one alone: \(key)") }
      for index in mine.indexes.symmetricDifference(theirs.indexes) { lines.append("\(name), in one alone: \(index)") }
      if mine.checks != theirs.checks { lines.append("\(name), checks: \(mine.checks) and \(theirs.checks)") }
      return lines
    }
  }

  private static func readSQLite(_ tx: any Transaction) throws -> [String: Table] {
    var tables: [String: Table] = [:]
    for found in try tx.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'") {
      let name = try found.text("name")
      var table = Table()
      table.checks = try found.text("sql").components(ofWord: "CHECK")
      var key: [(Int64, String)] = []
      for row in try tx.rows("SELECT name, type, \"notnull\" AS required, dflt_value AS standard, pk FROM pragma_table_info(\(name))") {
        let column = try row.text("name")
        table.columns[column] = Column(type: try row.text("type").uppercased(), isNullable: try !row.bool("required"), standard: try row.optional("standard", row.text))
        if try row.integer("pk") > 0 { key.append((try row.integer("pk"), column)) }
      }
      table.primaryKey = key.sorted { $0.0 < $1.0 }.map(\.1)
      let keys = Dictionary(grouping: try tx.rows("SELECT id, \"table\" AS parent, \"from\" AS child, \"to\" AS target, on_delete FROM pragma_foreign_key_list(\(name)) ORDER BY id, seq")) {
        try? $0.integer("id")
      }
      for rows in keys.values {
        table.foreignKeys.insert(
          ForeignKey(
            columns: try rows.map { try $0.text("child") }, table: try rows[0].text("parent"), references: try rows.map { try $0.text("target") }, onDelete: try rows[0].text("on_delete")))
      }
      for row in try tx.rows("SELECT name, \"unique\" AS is_unique, partial FROM pragma_index_list(\(name)) WHERE origin <> 'pk'") {
        let columns = try tx.rows("SELECT coalesce(name, '(expression)') AS name FROM pragma_index_info(\(try row.text("name"))) ORDER BY seqno").map { try $0.text("name") }
        table.indexes.insert(Index(columns: columns, isUnique: try row.bool("is_unique"), isPartial: try row.bool("partial")))
      }
      tables[name] = table
    }
    return tables
  }

  private static func readPostgres(_ tx: any Transaction) throws -> [String: Table] {
    var tables: [String: Table] = [:]
    for row in try tx.rows("SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace") { tables[try row.text("name")] = Table() }
    let columns: Statement = """
      SELECT c.relname AS place, a.attname AS name, upper(format_type(a.atttypid, NULL)) AS type, NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS standard
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      """
    for row in try tx.rows(columns) {
      // PostgreSQL notes the type of a literal: 'none'::text.
      let standard = try row.optional("standard", row.text).map { $0.hasSuffix("::text") ? String($0.dropLast(6)) : $0 }
      tables[try row.text("place")]?.columns[try row.text("name")] = Column(type: try row.text("type"), isNullable: try row.bool("nullable"), standard: standard)
    }
    let constraints: Statement = """
      SELECT c.relname AS place, k.contype AS kind, coalesce(p.relname, '') AS parent, k.confdeltype AS on_delete,
        (SELECT coalesce(string_agg(a.attname, ',' ORDER BY n.place), '') FROM unnest(k.conkey) WITH ORDINALITY AS n (number, place) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number)
          AS columns,
        (SELECT coalesce(string_agg(a.attname, ',' ORDER BY n.place), '') FROM unnest(k.confkey) WITH ORDINALITY AS n (number, place) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.number)
          AS targets
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
      WHERE c.relnamespace = current_schema()::regnamespace
      """
    for row in try tx.rows(constraints) {
      let name = try row.text("place")
      let columns = try row.text("columns").split(separator: ",").map(String.init)
      switch try row.text("kind") {
      case "p": tables[name]?.primaryKey = columns
      case "c": tables[name]?.checks += 1
      case "f":
        let action = ["a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"][try row.text("on_delete")] ?? "?"
        tables[name]?.foreignKeys.insert(
          ForeignKey(columns: columns, table: try row.text("parent"), references: try row.text("targets").split(separator: ",").map(String.init), onDelete: action))
      default: break
      }
    }
    let indexes: Statement = """
      SELECT c.relname AS place, i.indisunique AS is_unique, i.indpred IS NOT NULL AS partial,
        (SELECT string_agg(coalesce(a.attname, '(expression)'), ',' ORDER BY n.place) FROM unnest(i.indkey) WITH ORDINALITY AS n (number, place)
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.number) AS columns
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisprimary
      """
    for row in try tx.rows(indexes) {
      let columns = try row.text("columns").split(separator: ",").map(String.init)
      tables[try row.text("place")]?.indexes.insert(Index(columns: columns, isUnique: try row.bool("is_unique"), isPartial: try row.bool("partial")))
    }
    return tables
  }
}

extension String {
  /// How often a word stands in it.
  fileprivate func components(ofWord word: String) -> Int { split { !$0.isLetter && $0 != "_" }.count { $0.uppercased() == word } }
}
