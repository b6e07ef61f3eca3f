/// Finds numbered documents by the terms they hold: a migration makes one with `CREATE TERM INDEX name`, in the way of each engine.
///
/// It is a table of `rowid` and `terms` (words of ASCII letters and digits with single spaces between them) that is only ever added to: a number stands
/// for one document for good. What is found must be checked against the document, which may be gone by now.
///
/// SQLite answers from an FTS5 table that keeps neither texts nor places, PostgreSQL from a GIN index. This is the one place where their SQL differs.
public struct TermIndex: Sendable {
  public let name: String

  public init(_ name: String) { self.name = name }

  /// Whether a row of the index holds all of the terms, and not the one that is `excluded`; for the WHERE of a SELECT from it alone. No terms at all match nothing.
  public func matching(_ terms: [String], without excluded: String? = nil) -> Statement {
    if terms.isEmpty { return "1 = 0" }
    let opening = Statement(sqlite: "\(name) MATCH ", postgres: "string_to_array(terms, ' ') @> string_to_array(")
    let exception = Statement(sqlite: " || ' NOT ' || ", postgres: ", ' ') AND NOT string_to_array(terms, ' ') @> string_to_array(")
    let closing = Statement(sqlite: "", postgres: ", ' ')")
    let wanted = terms.joined(separator: " ")
    guard let excluded else { return "\(opening)\(wanted)\(closing)" }
    return "\(opening)\(wanted)\(exception)\(excluded)\(closing)"
  }

  func statements(for engine: Engine) -> [String] {
    switch engine {
    case .sqlite: ["CREATE VIRTUAL TABLE \(name) USING fts5 (terms, content = '', tokenize = 'ascii', detail = 'none', columnsize = 0)"]
    case .postgres:
      [
        "CREATE TABLE \(name) (rowid BIGINT PRIMARY KEY NOT NULL, terms TEXT COLLATE \"C\" NOT NULL)",
        // With the list of pending entries, each reader would conflict with each writer.
        "CREATE INDEX \(name)_terms ON \(name) USING gin (string_to_array(terms, ' ')) WITH (fastupdate = off)",
      ]
    }
  }

  /// Reads `CREATE TERM INDEX name`; `nil` for what is plain SQL.
  init?(declaration: String) {
    let words = declaration.split(whereSeparator: \.isWhitespace)
    guard words.count == 4, words[0] == "CREATE", words[1] == "TERM", words[2] == "INDEX" else { return nil }
    self.init(String(words[3]))
  }
}
