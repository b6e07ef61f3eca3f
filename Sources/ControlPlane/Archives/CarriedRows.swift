import Contract
import Kernel
import Ledger
import Secrets
import Storage

/// What an archive's rows name that goes by another number in each installation.
struct CarriedNumbers {
  /// The number of a price here, and its place in the archive; the other way round where they are taken in.
  var prices: [Int64: Int64] = [:]
  /// The account, and the cluster, that stands here for one of the archive.
  var people: [String: String] = [:]
  var clusters: [String: String] = [:]
  var book: Int64 = 0
  var log: Int64 = 0

  func value(_ value: SQLValue, in column: CarriedColumn) -> SQLValue {
    switch (column.kind, value) {
    case (.price, .integer(let number)): prices[number].map { .integer($0) } ?? value
    case (.meter, .text(let text)): Int64(text).flatMap { prices[$0] }.map { .text(String($0)) } ?? value
    case (.person, .text(let text)), (.anybody, .text(let text)): people[text].map { .text($0) } ?? value
    case (.cluster, .text(let text)): clusters[text].map { .text($0) } ?? value
    default: value
    }
  }
}

extension ArchiveRows {
  /// How many rows are read and written at once.
  private static let chunk = 1000

  // MARK: Reading

  /// All that an archive carries as it is stored; tables without rows aren't among it.
  func carried(of organization: ID<Organization>) throws(Problem) -> [ArchivedTable] {
    var numbers = CarriedNumbers()
    for row in try tx.rows("SELECT number FROM price WHERE organization IS NULL OR organization = \(organization) ORDER BY number") {
      numbers.prices[try row.integer("number")] = Int64(numbers.prices.count + 1)
    }
    var found: [ArchivedTable] = []
    for table in CarriedTable.all {
      let rows = try rows(of: table, numbers, in: organization)
      if !rows.isEmpty { found.append(ArchivedTable(name: table.title, columns: table.columns.map(\.title), rows: rows)) }
    }
    return found
  }

  private func rows(of table: CarriedTable, _ numbers: CarriedNumbers, in organization: ID<Organization>) throws(Problem) -> [[JSON]] {
    var columns = Statement.none
    for column in table.columns { columns = (columns.isEmpty ? columns : columns + ", ") + "\(column.source) AS \(Statement(column.name))" }
    let condition: Statement =
      switch table.scope {
      case .organization: "t.organization = \(organization)"
      case .book: "t.book = (SELECT l.book FROM ledger l WHERE l.organization = \(organization))"
      case .log: "t.log = (SELECT l.log FROM usage_log l WHERE l.organization = \(organization))"
      case .condition(let condition): condition(organization, tx.now)
      }
    let found = try tx.rows("SELECT \(columns) FROM \(Statement(table.table)) t WHERE \(condition) ORDER BY \(table.order)")
    return found.map { row in
      table.columns.map { column in
        switch numbers.value(row[column.title] ?? .null, in: column) {
        case .null: .null
        case .integer(let integer): .integer(integer)
        case .text(let text): .string(text)
        }
      }
    }
  }

  /// Whether there is nothing here yet that an organization could have to do with: no other one, no price and no cluster.
  func isEmptyInstallation() throws(Problem) -> Bool {
    for table in ["organization", "price", "cluster"] as [Statement] where try !tx.rows("SELECT 1 AS one FROM \(table) LIMIT 1").isEmpty { return false }
    return true
  }

  // MARK: Writing

  /// Takes in what an archive carries as it was stored. `people` says who stands here for whom, and `isFirst` whether the installation was empty.
  ///
  /// The archive was checked; what contradicts what is stored is a `.conflict`.
  func bring(
    _ tables: [ArchivedTable], people: [ID<Account>: ID<Account>], of organization: ID<Organization>, isFirst: Bool, under proof: some Proof
  ) throws(Problem) {
    var numbers = CarriedNumbers()
    for (there, here) in people { numbers.people[there.description] = here.description }
    numbers.book = try tx.row("SELECT coalesce(max(book), 0) + 1 AS n FROM ledger").orDefect().integer("n")
    numbers.log = try tx.row("SELECT coalesce(max(log), 0) + 1 AS n FROM usage_log").orDefect().integer("n")
    // In the order in which they name each other, whatever the archive's is.
    for table in CarriedTable.all {
      guard let archived = tables.first(where: { $0.name == table.title }) else { continue }
      let places = Dictionary(uniqueKeysWithValues: archived.columns.enumerated().map { ($1, $0) })
      for part in Self.arranged(archived.rows, places).chunks(ofCount: Self.chunk) {
        let rows = part.map { row in
          CarriedRow(
            columns: table.places,
            values: table.columns.map { column in
              let value: SQLValue =
                switch places[column.title].map({ row[$0] }) {
                case .integer(let integer)?: .integer(integer)
                case .string(let text)?: .text(text)
                default: .null
                }
              return numbers.value(value, in: column)
            })
        }
        switch table.arrival {
        case .inserted: try insert(rows, into: table, numbers, of: organization, under: proof)
        case .changed: for row in rows { try change(row, in: table, of: organization, under: proof) }
        case .special:
          switch table.title {
          case "cluster": try bringClusters(rows, &numbers, isFirst: isFirst, under: proof)
          case "price": try bringPrices(rows, &numbers, of: organization, isFirst: isFirst, under: proof)
          default: try bringImages(rows, under: proof)
          }
        }
      }
      for statement in table.after { try tx.change(statement(organization), under: proof) }
    }
  }

  /// What stands in something else behind that.
  private static func arranged(_ rows: [[JSON]], _ places: [String: Int]) -> [[JSON]] {
    guard let (id, parent) = places["id"].flatMap({ id in places["parent"].map { (id, $0) } }) else { return rows }
    let parents = Dictionary(rows.map { ($0[id], $0[parent]) }) { first, _ in first }
    func depth(_ row: [JSON]) -> Int {
      var (depth, next) = (0, row[parent])
      while next != .null, depth < 100, let above = parents[next] { (depth, next) = (depth + 1, above) }
      return depth
    }
    return rows.enumerated().map { (depth($1), $0, $1) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.2 }
  }

  private func insert(
    _ rows: [CarriedRow], into table: CarriedTable, _ numbers: CarriedNumbers, of organization: ID<Organization>, under proof: some Proof
  ) throws(Problem) {
    var columns = table.columns.map { ($0.name, $0.type) } + table.computed.map { ($0.name, $0.type) }
    // The books and the usage have their number here, and all that is in them.
    var own: [SQLValue] = []
    switch table.scope {
    case .organization:
      columns.append(("organization", .text))
      own.append(organization.sqlValue)
      if table.title == "ledger" {
        columns.append(("book", .integer))
        own.append(.integer(numbers.book))
      } else if table.title == "usage_log" {
        columns.append(("log", .integer))
        own.append(.integer(numbers.log))
      }
    case .book:
      columns.append(("book", .integer))
      own.append(.integer(numbers.book))
    case .log:
      columns.append(("log", .integer))
      own.append(.integer(numbers.log))
    case .condition: break
    }
    var insertion = Insertion(into: table.table, columns: columns.map { (name: $0.0, type: $0.1) }, rows: rows.count)
    for row in rows {
      for value in row.values { insertion.add(value) }
      for column in table.computed { insertion.add(column.value(row, organization)) }
      for value in own { insertion.add(value) }
      insertion.endRow()
    }
    if !insertion.isEmpty { try tx.insert(insertion, under: proof) }
  }

  private func change(_ row: CarriedRow, in table: CarriedTable, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    var assignments = Statement.none
    for column in table.columns where column.title != "id" {
      let value: Statement = row.text(column.title).map { "\($0)" } ?? "NULL"
      assignments = (assignments.isEmpty ? assignments : assignments + ", ") + "\(Statement(column.name)) = \(value)"
    }
    try tx.change("UPDATE \(Statement(table.table)) SET \(assignments) WHERE organization = \(organization) AND id = \(row.text("id") ?? "")", under: proof)
  }

  // MARK: What is the installation's

  /// A cluster here that is called the same stands for one of the archive.
  private func bringClusters(_ rows: [CarriedRow], _ numbers: inout CarriedNumbers, isFirst: Bool, under proof: some Proof) throws(Problem) {
    guard let table = CarriedTable.named("cluster") else { return }
    for row in rows {
      guard let id = row.text("id"), let slug = row.text("slug") else { continue }
      if let here = try tx.row("SELECT id FROM cluster WHERE slug = \(slug)") {
        numbers.clusters[id] = try here.text("id")
        continue
      }
      // New organizations have what the operator of this installation gives them.
      let values = zip(table.columns, row.values).map { column, value in column.title == "is_default" && !isFirst ? .integer(0) : value }
      try insert([CarriedRow(columns: row.columns, values: values)], into: table, numbers, of: ID(high: 0, low: 0), under: proof)
    }
  }

  /// Where the installation has no price list, the archive's is its own. Elsewhere what the organization paid as everybody did becomes what was agreed with it,
  /// unless it is the same here.
  private func bringPrices(
    _ rows: [CarriedRow], _ numbers: inout CarriedNumbers, of organization: ID<Organization>, isFirst: Bool, under proof: some Proof
  ) throws(Problem) {
    for row in rows {
      guard let place = row.integer("number"), let id = row.text("id"), let resource = row.text("resource"), let preset = row.text("preset"),
        let since = row.integer("since"), let unit = row.text("unit"), let per = row.integer("per"), let tiers = row.text("tiers"), let note = row.text("note"),
        let created = row.integer("created_at")
      else { continue }
      let isAgreed = row.integer("agreed") == 1
      if !isAgreed, !isFirst,
        let same = try tx.row(
          """
          SELECT number FROM price WHERE organization IS NULL AND resource = \(resource) AND preset = \(preset) AND since = \(since) AND unit = \(unit)
            AND per = \(per) AND tiers = \(tiers)
          """)
      {
        numbers.prices[place] = try same.integer("number")
        continue
      }
      let number = try tx.row("SELECT coalesce(max(number), 0) + 1 AS n FROM price").orDefect().integer("n")
      let isTaken = try tx.row("SELECT 1 AS one FROM price WHERE id = \(id)") != nil
      let owner = isAgreed || !isFirst ? organization : nil
      try tx.change(
        """
        INSERT INTO price (number, id, organization, resource, preset, since, unit, per, tiers, note, created_at)
        VALUES (\(number), \(isTaken ? tx.newID(ListedPrice.self).description : id), \(owner), \(resource), \(preset), \(since), \(unit), \(per), \(tiers),
          \(note), \(created))
        """, under: proof)
      numbers.prices[place] = number
    }
  }

  private func bringImages(_ rows: [CarriedRow], under proof: some Proof) throws(Problem) {
    for row in rows {
      guard let bytes = Base64URL.decode(row.text("content") ?? ""), let image = try? Image(bytes), image.digest.text == row.text("digest") else {
        throw Problem(.defect, "A picture in the archive isn't what it says.")
      }
      try ImageRows(tx: tx).keep(image, under: proof)
    }
  }
}

extension CarriedTable {
  fileprivate var places: [String: Int] { Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1.title, $0) }) }
}
