import Kernel
import Ledger
import Storage

/// Credits that go first, and what was burned of them.
extension LedgerRows {
  private static let grantColumns: Statement = "g.id, g.priority, g.expires_at, g.scope, g.granted, g.remaining"

  /// Those that aren't used up, and those with these ids.
  func grants(_ ids: some Collection<ID<CreditGrant>>, in book: Int64) throws(Problem) -> [CreditGrant] {
    var found = try tx.rows("SELECT \(Self.grantColumns) FROM credit_grant g WHERE g.book = \(book) AND g.remaining > 0")
      .map { row throws(Problem) in try CreditGrant(row) }
    for part in Set(ids).subtracting(found.map(\.id)).chunks(ofCount: Self.chunk) {
      found += try tx.rows(
        "SELECT \(Self.grantColumns) FROM \(values: part) AS wanted CROSS JOIN credit_grant g WHERE g.book = \(book) AND g.id = wanted.column1"
      ).map { row throws(Problem) in try CreditGrant(row) }
    }
    return found
  }

  func insert(_ grant: CreditGrant, _ terms: GrantTerms, note: Note, madeBy sequence: Int64, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO credit_grant (id, book, kind, sequence, priority, expires_at, scope, granted, remaining, note, created_at)
      VALUES (\(grant.id), \(book), \(terms.kind.rawValue), \(sequence), \(grant.priority), \(grant.expires), \(grant.scope.text), \(grant.granted),
        \(grant.remaining), \(note), \(tx.now))
      """, under: proof)
  }

  func update(_ grant: CreditGrant, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE credit_grant SET remaining = \(grant.remaining) WHERE book = \(book) AND id = \(grant.id)", under: proof)
  }

  /// In the order in which they were burned.
  func insert(_ burns: [CreditBook.EntryBurn], in book: Int64, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "credit_burn", ["book": .integer, "sequence": .integer, "place": .integer, "credit_grant": .text, "amount": .integer], rows: burns.count)
    for (place, burn) in burns.enumerated() {
      rows.add(book)
      rows.add(burn.sequence)
      rows.add(place)
      rows.add(burn.burn.grant)
      rows.add(burn.burn.amount.credits.micro)
      rows.endRow()
    }
    try tx.insert(rows, under: proof)
  }

  /// What each of these entries burned, in its order.
  func burns(of sequences: some Collection<Int64>, in book: Int64) throws(Problem) -> [Int64: [Burn]] {
    var found: [Int64: [Burn]] = [:]
    for part in sequences.chunks(ofCount: Self.chunk) {
      for row in try tx.rows(
        "SELECT sequence, credit_grant, amount FROM credit_burn WHERE book = \(book) AND sequence IN (\(list: part)) ORDER BY sequence, place")
      {
        found[try row.integer("sequence"), default: []].append(Burn(try row.id("credit_grant"), try row.amount("amount")))
      }
    }
    return found
  }
}

// MARK: - Rows

extension CreditGrant.Scope {
  fileprivate var text: String {
    switch self {
    case .everything: "[]"
    case .passing(let accounts): "[" + accounts.sorted().map { String($0.value) }.joined(separator: ",") + "]"
    }
  }

  fileprivate init?(_ text: String) {
    guard text.first == "[", text.last == "]" else { return nil }
    let numbers = text.dropFirst().dropLast().split(separator: ",").map { Int64($0) }
    guard !numbers.contains(nil) else { return nil }
    self = numbers.isEmpty ? .everything : .passing(Set(numbers.compactMap { $0.map(AccountNumber.init) }))
  }
}

extension CreditGrant {
  init(_ row: Row) throws(Problem) {
    let scope = try Scope(row.text("scope")).orDefect()
    do {
      try self.init(
        row.id("id"), row.amount("granted"), remaining: row.credits("remaining"), priority: Int(row.integer("priority")),
        expires: row.optional("expires_at", row.instant), scope: scope)
    } catch { throw Problem(.defect, "A stored grant can't be read.", cause: error) }
  }
}
