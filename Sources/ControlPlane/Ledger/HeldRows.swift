import Kernel
import Ledger
import Storage

/// What is held.
extension LedgerRows {
  static let holdColumns: Statement =
    "h.id, h.sequence, h.debit, h.credit, h.amount, h.ceiling, h.made_at, h.expires_at, h.state, h.settled, h.ended_by"

  func holds(_ ids: some Collection<ID<Hold>>, in book: Int64) throws(Problem) -> [Hold] {
    var found: [Hold] = []
    for part in ids.chunks(ofCount: Self.chunk) {
      found += try tx.rows(
        "SELECT \(Self.holdColumns) FROM \(values: part) AS wanted CROSS JOIN ledger_hold h WHERE h.book = \(book) AND h.id = wanted.column1"
      ).map { row throws(Problem) in try Hold(row) }
    }
    return found
  }

  /// Stored as live, though their time has come.
  func expiredHolds(at instant: Timestamp, in book: Int64) throws(Problem) -> [Hold] {
    try tx.rows("SELECT \(Self.holdColumns) FROM ledger_hold h WHERE h.book = \(book) AND h.state = 'live' AND h.expires_at <= \(instant)")
      .map { row throws(Problem) in try Hold(row) }
  }

  /// `maker`: the number of the entry that made it.
  func insert(_ holds: some Collection<Hold>, madeBy maker: (Hold) throws(Problem) -> Int64, in book: Int64, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "ledger_hold",
      [
        "book": .integer, "sequence": .integer, "id": .text, "debit": .integer, "credit": .integer, "amount": .integer, "ceiling": .integer, "made_at": .integer,
        "expires_at": .integer, "state": .text, "settled": .integer, "ended_by": .text,
      ], rows: holds.count)
    for hold in holds {
      rows.add(book)
      rows.add(try maker(hold))
      rows.add(hold.id)
      rows.add(hold.movement.debit.value)
      rows.add(hold.movement.credit.value)
      rows.add(hold.movement.amount.credits.micro)
      rows.add(hold.ceiling.credits.micro)
      rows.add(hold.since.milliseconds)
      rows.add(hold.expires.milliseconds)
      rows.add(hold.state.name)
      rows.add(hold.state.settled)
      rows.add(hold.state.endedBy)
      rows.endRow()
    }
    try tx.insert(rows, under: proof)
  }

  func update(_ hold: Hold, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE ledger_hold SET state = \(hold.state.name), settled = \(hold.state.settled), ended_by = \(hold.state.endedBy)
      WHERE book = \(book) AND id = \(hold.id)
      """, under: proof)
  }
}

// MARK: - Rows

extension Hold.State {
  fileprivate var name: String {
    switch self {
    case .live: "live"
    case .settled: "settled"
    case .released: "released"
    case .expired: "expired"
    }
  }

  fileprivate var settled: Amount? { if case .settled(let amount, _) = self { amount } else { nil } }

  fileprivate var endedBy: ID<Transfer>? {
    switch self {
    case .settled(_, let transfer), .released(let transfer): transfer
    case .live, .expired: nil
    }
  }
}

extension Hold {
  init(_ row: Row) throws(Problem) {
    let state: State
    switch try row.text("state") {
    case "live": state = .live
    case "settled": state = .settled(try row.amount("settled"), by: try row.id("ended_by"))
    case "released": state = .released(by: try row.id("ended_by"))
    case "expired": state = .expired
    default: throw Problem(.defect, "A stored hold is in no known state.")
    }
    self.init(
      try row.id("id"), Movement(from: try row.account("debit"), to: try row.account("credit"), try row.amount("amount")), ceiling: try row.amount("ceiling"),
      since: try row.instant("made_at"), expires: try row.instant("expires_at"), state: state)
  }
}
