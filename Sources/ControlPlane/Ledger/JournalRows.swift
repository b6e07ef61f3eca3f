public import Kernel
import Ledger
import Storage

/// The entries of the journal.
extension LedgerRows {
  private static let entryColumns: Statement =
    "e.sequence, e.id, e.at, e.first_link, e.links, e.kind, e.debit, e.credit, e.amount, e.ceiling, e.expires_at, e.subject, e.actor_kind, e.actor, e.note"

  func entries(_ ids: some Collection<ID<Transfer>>, in book: Int64) throws(Problem) -> [JournalRecord] {
    let wanted: Set<ID<Transfer>>
    // Whoever makes ids as they are needed makes them in their order: what lies behind the last one can't be known, and needn't be looked for.
    if ids.count > Self.chunk {
      let last = try tx.row("SELECT id FROM ledger_entry WHERE book = \(book) ORDER BY id DESC LIMIT 1").map { row throws(Problem) in
        try row.id("id", of: Transfer.self)
      }
      wanted = last.map { last in Set(ids.lazy.filter { $0 <= last }) } ?? []
    } else {
      wanted = Set(ids)
    }
    var found: [JournalRecord] = []
    for part in wanted.chunks(ofCount: Self.chunk) {
      found += try tx.rows(
        "SELECT \(Self.entryColumns) FROM \(values: part) AS wanted CROSS JOIN ledger_entry e WHERE e.book = \(book) AND e.id = wanted.column1"
      ).map { row throws(Problem) in try JournalRecord(row) }
    }
    return found
  }

  /// All, in their order, from one number on; for proving what the books say.
  func entries(after sequence: Int64, limit: Int, in book: Int64) throws(Problem) -> [JournalRecord] {
    try tx.rows(
      "SELECT \(Self.entryColumns) FROM ledger_entry e WHERE e.book = \(book) AND e.sequence > \(sequence) ORDER BY e.sequence LIMIT \(limit)"
    ).map { row throws(Problem) in try JournalRecord(row) }
  }

  /// Those of `ids` that were taken back.
  func reversed(_ ids: some Collection<ID<Transfer>>, in book: Int64) throws(Problem) -> Set<ID<Transfer>> {
    var found: Set<ID<Transfer>> = []
    for part in ids.chunks(ofCount: Self.chunk) {
      for row in try tx.rows(
        """
        SELECT e.subject FROM \(values: part) AS wanted CROSS JOIN ledger_entry e
        WHERE e.book = \(book) AND e.kind = 'reverse' AND e.subject = wanted.column1
        """)
      {
        found.insert(try row.id("subject"))
      }
    }
    return found
  }

  /// What took a transfer back.
  func reversal(of id: ID<Transfer>, in book: Int64) throws(Problem) -> ID<Transfer>? {
    try tx.row("SELECT id FROM ledger_entry WHERE book = \(book) AND kind = 'reverse' AND subject = \(id)").map { row throws(Problem) in try row.id("id") }
  }

  /// Appends to the journal.
  func insert(_ records: [JournalRecord], in book: Int64, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "ledger_entry",
      [
        "book": .integer, "sequence": .integer, "id": .text, "at": .integer, "first_link": .integer, "links": .integer, "kind": .text, "debit": .integer,
        "credit": .integer, "amount": .integer, "ceiling": .integer, "expires_at": .integer, "subject": .text, "actor_kind": .text, "actor": .text, "note": .text,
      ], rows: records.count)
    for record in records {
      let (entry, content) = (record.entry, record.entry.transfer.content)
      rows.add(book)
      rows.add(entry.sequence)
      rows.add(entry.transfer.id)
      rows.add(entry.at.milliseconds)
      rows.add(entry.links.lowerBound)
      rows.add(entry.links.count)
      rows.add(content.name)
      rows.add(record.movement.debit.value)
      rows.add(record.movement.credit.value)
      rows.add(record.movement.amount.credits.micro)
      rows.add(content.ceiling)
      rows.add(content.expires)
      rows.add(content.subject)
      rows.add(record.actor.kind.rawValue)
      rows.add(record.actor.id)
      rows.add(record.note)
      rows.endRow()
    }
    try tx.insert(rows, under: proof)
  }

  /// What a page of a statement shows: the entries that touched an account, the newest first.
  func statement(of account: AccountNumber, _ filter: StatementFilter, in book: Int64, _ page: PageRequest) throws(Problem) -> Page<JournalRecord> {
    let below: Statement = """
      WITH RECURSIVE below (number) AS (
        SELECT CAST(\(account) AS BIGINT) UNION SELECT a.number FROM ledger_account a JOIN below ON a.parent = below.number WHERE a.book = \(book))
      SELECT number FROM below
      """
    var fits: Statement = "b.book = \(book) AND b.account = \(account)"
    if let since = filter.since { fits = fits + " AND b.at >= \(since)" }
    if let until = filter.until { fits = fits + " AND b.at < \(until)" }
    // The account itself, or one that draws through it: the path of each is fixed. Setting what an allowance may use is nobody's business but its own.
    let touched: Statement = """
      (e.debit = \(account) OR e.credit = \(account) OR (
        e.debit <> \(AccountNumber.allotments) AND e.credit <> \(AccountNumber.allotments) AND (e.debit IN (\(below)) OR e.credit IN (\(below)))))
      """
    var kinds: Statement = .none
    if let kind = filter.kind { kinds = " AND e.kind = \(kind)" }
    let base: Statement = """
      FROM ledger_balance b JOIN ledger_entry e ON e.book = b.book AND e.sequence BETWEEN b.first AND b.sequence WHERE \(fits) AND \(touched)\(kinds)
      """
    var after = Statement.none
    if let keys = try page.keys(of: "statement", count: 1) {
      guard let sequence = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND b.first < \(sequence) AND e.sequence < \(sequence)"
    }
    let found = try tx.rows("SELECT \(Self.entryColumns) \(base)\(after) ORDER BY b.sequence DESC, e.sequence DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try JournalRecord(row) }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one \(base) LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "statement", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) {
      [String($0.entry.sequence)]
    }
  }

  /// How far the entries of a statement are counted.
  private static let countLimit = 10_000
}

/// Which entries of a statement are asked for.
public struct StatementFilter: Sendable, Hashable {
  /// `post`, `spend`, `charge`, `hold`, `settle`, `release` or `reverse`.
  public var kind: String?
  public var since: Timestamp?
  /// The first instant that isn't in it.
  public var until: Timestamp?

  public init(kind: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil) { (self.kind, self.since, self.until) = (kind, since, until) }
}

// MARK: - Rows

extension Transfer.Content {
  var name: String {
    switch self {
    case .post: "post"
    case .spend: "spend"
    case .charge: "charge"
    case .hold: "hold"
    case .settle: "settle"
    case .release: "release"
    case .reverse: "reverse"
    }
  }

  fileprivate var ceiling: Amount? { if case .hold(_, let ceiling, _) = self { ceiling } else { nil } }
  fileprivate var expires: Timestamp? { if case .hold(_, _, let expires) = self { expires } else { nil } }

  /// The hold that it ends, or the transfer that it takes back.
  var subject: ID<Transfer>? {
    switch self {
    case .settle(let hold, _), .release(let hold): hold.cast()
    case .reverse(let transfer): transfer
    case .post, .spend, .charge, .hold: nil
    }
  }
}

extension JournalRecord {
  fileprivate init(_ row: Row) throws(Problem) {
    let movement = Movement(from: try row.account("debit"), to: try row.account("credit"), try row.amount("amount"))
    let content: Transfer.Content
    switch try row.text("kind") {
    case "post": content = .post(movement)
    case "spend": content = .spend(movement)
    case "charge": content = .charge(movement)
    case "hold": content = .hold(movement, ceiling: try row.amount("ceiling"), expires: try row.instant("expires_at"))
    case "settle": content = .settle(try row.id("subject"), movement.amount)
    case "release": content = .release(try row.id("subject"))
    case "reverse": content = .reverse(try row.id("subject"))
    default: throw Problem(.defect, "A stored entry is of no known kind.")
    }
    let first = try row.integer("first_link")
    self.init(
      entry: JournalEntry(
        sequence: try row.integer("sequence"), at: try row.instant("at"), links: first..<first + (try row.integer("links")),
        transfer: Transfer(try row.id("id"), content)),
      movement: movement, actor: JournalActor(kind: try row.choice("actor_kind"), id: try row.text("actor")),
      note: try row.parsed("note") { text throws(Rejection) in try Note(text) })
  }
}
