import Authorization
public import Contract
import Kernel

/// An organization's rows of one table, in an archive.
public struct ArchivedTable: Sendable, Hashable {
  public let name: String
  public let columns: [String]
  public let rows: [[JSON]]
}

extension Archive {
  /// Beyond so many no more places are told.
  private static let faultLimit = 100

  /// Refuses tables and columns that this installation doesn't know, rows that can't be, and what names something that isn't in the archive.
  func checkTables(_ checker: inout FieldChecker) {
    Self.findRepeats(tables.map(\.name), "tables", "name", &checker)
    var known = knownIDs
    var faults = 0
    func reject(_ place: String, _ reason: String) {
      faults += 1
      if faults <= Self.faultLimit { checker.reject(place, reason) }
    }
    // Each behind what it names.
    let order = Dictionary(uniqueKeysWithValues: CarriedTable.all.enumerated().map { ($1.title, $0) })
    let sorted = tables.enumerated().sorted { (order[$0.element.name] ?? -1, $0.offset) < (order[$1.element.name] ?? -1, $1.offset) }
    for (place, archived) in sorted {
      guard let table = CarriedTable.named(archived.name) else {
        reject("tables/\(place)/name", "This installation knows no such table: it is older than the one that wrote the archive.")
        continue
      }
      let columns = Dictionary(archived.columns.enumerated().map { ($1, $0) }) { first, _ in first }
      guard columns.count == archived.columns.count, Set(archived.columns).isSubset(of: table.columns.map(\.title)),
        table.columns.allSatisfy({ $0.isOptional || columns[$0.title] != nil })
      else {
        reject("tables/\(place)/columns", "Give the columns \(table.columns.map(\.title).joined(separator: ", ")), each once.")
        continue
      }
      let rows = archived.rows.enumerated().filter { index, row in
        if row.count == archived.columns.count { return true }
        reject("tables/\(place)/rows/\(index)", "A row has a value for each of the columns.")
        return false
      }
      // Its own ids first: rows may name each other.
      if let own = table.columns.first(where: \.isOwnID), let column = columns[own.title] {
        var seen: Set<String> = []
        for (index, row) in rows {
          guard case .string(let id) = row[column] else { continue }
          if !seen.insert(id).inserted { reject("tables/\(place)/rows/\(index)/\(own.title)", "This stands in the table already.") }
          if !table.isPatch, known[table.title]?.contains(id) == true {
            reject("tables/\(place)/rows/\(index)/\(own.title)", "This stands in the archive already.")
          }
        }
        if !table.isPatch { known[table.title, default: []].formUnion(seen) }
      }
      if table.title == "price", let column = columns["number"] {
        known["price"] = Set(rows.compactMap { if case .integer(let number) = $1[column] { String(number) } else { nil } })
      }
      if table.title == "cluster", let column = columns["id"] {
        known["cluster"] = Set(rows.compactMap { if case .string(let id) = $1[column] { id } else { nil } })
      }
      for (index, row) in rows {
        for column in table.columns {
          guard let value = columns[column.title].map({ row[$0] }) else { continue }
          if let fault = column.fault(of: value, known: { known[$0]?.contains($1) ?? false }) {
            reject("tables/\(place)/rows/\(index)/\(column.title)", fault)
          }
        }
        if let fault = table.fault(CarriedRow(row, columns)) { reject("tables/\(place)/rows/\(index)", fault) }
      }
    }
  }

  /// What stands in the archive's own lists, by the names of the tables.
  private var knownIDs: [String: Set<String>] {
    [
      "account": Set(people.map(\.id.description)), "member": Set(members.map(\.id.description)), "team": Set(teams.map(\.id.description)),
      "invitation": Set(invitations.filter { $0.answer == nil }.map(\.id.description)), "service_account": Set(serviceAccounts.map(\.id.description)),
      "resource": Set(workspaces.flatMap { [$0.resource.id.description] + $0.projects.map(\.resource.id.description) }),
    ]
  }
}

extension CarriedColumn {
  fileprivate var isOwnID: Bool {
    switch kind {
    case .id, .key: true
    default: false
    }
  }
}

extension CarriedTable {
  fileprivate var isPatch: Bool { if case .changed = arrival { true } else { false } }
}
