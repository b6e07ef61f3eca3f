import Testing

/// The five files of a feature: what each may not mention (ARCHITECTURE.md, Inside the core).
@Suite struct ShapeTests {
  private enum Role { case noun, rows, useCases, bindings, pages }

  /// Folders of the core that are no features.
  private static let others: Set<String> = ["Access", "Components", "Jobs", "Schema"]

  private static let features = SourceTree.product.filter { $0.target == "ControlPlane" && $0.folders.count == 3 && !others.contains($0.folders[2]) }

  /// By its name: `InvitationRows`, `InvitationsAPI`, `InvitationPages`; what reaches into the plane (`plane:`) is a use case, all else a noun.
  private static func role(of file: SourceFile) -> Role {
    if file.name.hasSuffix("Rows") { return .rows }
    if file.name.hasSuffix("API") { return .bindings }
    if file.name.hasSuffix("Pages") { return .pages }
    return file.code.having(["async", "let plane", "extension Work"]).isEmpty ? .noun : .useCases
  }

  static var sql: Regex<Substring> { /\b(?:SELECT\s+[\w\\*(]|INSERT INTO\s|UPDATE\s+\w+\s+SET\b|DELETE FROM\s|ON CONFLICT\b|ORDER BY\b|CREATE (?:TABLE|INDEX))/ }

  /// Files that hold SQL though their name doesn't end in Rows; each is short, and the SQL is all it is about. The list may only shrink.
  static let otherRows: Set<String> = [
    "Sources/ControlPlane/Events/EventLog.swift", "Sources/ControlPlane/Jobs/JobClaims.swift", "Sources/ControlPlane/Mail/Outbox.swift",
    "Sources/ControlPlane/Readiness.swift", "Sources/ControlPlane/Tickets/Ticket.swift",
  ]

  @Test func `SQL stands in Rows`() {
    var unused = Self.otherRows
    let sql = Self.sql
    for file in SourceTree.product where ["ControlPlane", "Server", "Outbound", "Commands", "Client", "Secrets", "Authorization", "Contract", "guildhall"].contains(file.target) && !file.name.hasSuffix("Rows") {
      let lines = file.uncommented.having(["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ON CONFLICT", "ORDER BY"], matching: sql)
      if lines.isEmpty { continue }
      if unused.remove(file.path) != nil { continue }
      for line in lines { report(file.path, line + 1, "SQL belongs into the feature's Rows file.") }
    }
    for path in unused.sorted() { report(path, nil, "holds no SQL any more: take it out of `ShapeTests.otherRows`.") }
  }

  @Test func `A noun knows nothing of the database, of the wire, or of waiting`() {
    for file in Self.features where Self.role(of: file) == .noun && !Self.otherRows.contains(file.path) {
      for (line, module) in file.imports where module == "Storage" { report(file.path, line, "a noun is pure: move what needs Storage into Rows.") }
      // The contract's problem codes are the nouns' words too; its wire types are not.
      for line in file.code.having(["Wire.", "API."], matching: /\bWire\.|\bAPI\./) { report(file.path, line + 1, "a noun doesn't know how it travels: move this into the API file.") }
      for line in file.code.having(["async ", "await "]) { report(file.path, line + 1, "a noun doesn't wait: move this into the use cases.") }
    }
  }

  /// Refusals that rows make all the same: where a constraint or a count is the only honest place to notice. The lists may only shrink.
  static let refusingRows: [String: Int] = [
    "Sources/ControlPlane/Members/MemberRows.swift": 2,
    "Sources/ControlPlane/Names/NameRows.swift": 1,
  ]

  @Test func `Rows decide nothing: they refuse as defects, or for a cursor that can't be read`() {
    var found: [String: [Int]] = [:]
    for file in Self.features where Self.role(of: file) == .rows {
      for line in file.uncommented.having(["Problem", ".invalid("]) {
        let text = file.uncommented[line]
        if text.contains(/Problem\(\s*\.(?!defect\b)/) || text.contains(/\.invalid\("(?!cursor")/) || text.contains(/Problem\.(?!Type\b)[a-z]/) { found[file.path, default: []].append(line + 1) }
      }
    }
    expect(found, within: Self.refusingRows, list: "ShapeTests.refusingRows", "rows decide nothing: answer what was found, and let the use case refuse.")
  }

  @Test func `Bindings and pages know neither the database nor the web framework`() {
    for file in SourceTree.product where file.target == "ControlPlane" {
      let role = Self.role(of: file)
      for (line, module) in file.imports where role == .bindings || role == .pages {
        if ["Storage", "Hummingbird", "NIOCore", "HTTPTypes"].contains(module) { report(file.path, line, "\(module) is no business of bindings and pages.") }
      }
      if role == .pages { for line in file.code.having(["Wire.", "API."], matching: /\bWire\.|\bAPI\./) { report(file.path, line + 1, "pages use the use cases, not the wire types.") } }
      if role != .pages, role != .useCases, file.folders.count == 3, !Self.others.contains(file.folders[2]), file.folders[2] != "Mail" {
        for (line, module) in file.imports where module == "Markup" { report(file.path, line, "markup belongs into the Pages file.") }
      }
    }
  }

  @Test func `Every feature that is served has a noun, rows and use cases of its name`() {
    for folder in Set(Self.features.map { $0.folders[2] }).sorted() {
      let names = Set(Self.features.filter { $0.folders[2] == folder }.map(\.name))
      guard names.contains(where: { $0.hasSuffix("API") }) else { continue }
      if !names.contains(where: { $0.hasSuffix("Rows") }) { report("Sources/ControlPlane/\(folder)", nil, "has bindings but no Rows file.") }
      if names.count < 4 { report("Sources/ControlPlane/\(folder)", nil, "has bindings but not the files of a feature: noun, rows, use cases, bindings.") }
    }
  }

  @Test func `Every migration is listed, in order and without a gap`() throws {
    let listed = try SourceTree.text(of: "Sources/ControlPlane/Migrations.swift").matches(of: #/name: "(\d{4}-[\w-]+)"/#).map { String($0.1) }
    let stored = SourceTree.paths(under: "Sources/ControlPlane/Schema").filter { $0.hasSuffix(".sql") }.map { String($0.split(separator: "/").last?.dropLast(4) ?? "") }
    #expect(listed == stored, "Migrations.swift lists \(listed), Schema/ holds \(stored).")
    for (place, name) in stored.enumerated() { #expect(Int(name.prefix(4)) == place + 1, "\(name).sql has no place in the order 0001, 0002 …") }
  }
}
