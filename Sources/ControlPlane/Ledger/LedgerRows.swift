public import Kernel
public import Ledger
public import Storage

extension Work {
  var ledgers: LedgerRows { LedgerRows(tx: tx) }
}

/// The rows of books. What is loaded is what `Book` asks for; what is written is what it says.
struct LedgerRows {
  let tx: any Transaction

  /// How many values a list in a statement holds: both databases take more, but a few shapes are prepared again and again.
  private static let chunk = 200

  // MARK: Books

  func find(_ organization: ID<Organization>) throws(Problem) -> LedgerHandle? {
    try tx.row("SELECT book, sequence, at FROM ledger WHERE organization = \(organization)").map { row throws(Problem) in
      LedgerHandle(
        organization: organization, book: try row.integer("book"), head: LedgerHead(sequence: try row.integer("sequence"), at: try row.instant("at")))
    }
  }

  /// Opens the books of an organization that has none, with the accounts that all have.
  func open(_ organization: ID<Organization>, under proof: some Proof) throws(Problem) -> LedgerHandle {
    let book = try tx.row("SELECT coalesce(max(book), 0) + 1 AS n FROM ledger").orDefect().integer("n")
    let head = LedgerHead.beginning
    try tx.change("INSERT INTO ledger (organization, book, sequence, at) VALUES (\(organization), \(book), \(head.sequence), \(head.at))", under: proof)
    for (purpose, account) in AccountPurpose.standard { try insert(account, for: purpose, in: book, under: proof) }
    return LedgerHandle(organization: organization, book: book, head: head)
  }

  /// Before all else that is written: transfers that overlap then meet at this row.
  func advance(_ ledger: LedgerHandle, to head: LedgerHead, under proof: some Proof) throws(Problem) {
    let moved = try tx.change(
      "UPDATE ledger SET sequence = \(head.sequence), at = \(head.at) WHERE book = \(ledger.book) AND sequence = \(ledger.head.sequence)", under: proof)
    guard moved == 1 else { throw Problem(.defect, "The books were written to by somebody else.") }
  }

  // MARK: Accounts

  /// Those that all books have, those that are named, and all that these draw through.
  func accounts(_ named: Set<AccountNumber>, in book: Int64) throws(Problem) -> [LedgerAccount] {
    var found = try accounts("number <= \(AccountPurpose.lastStandard)", in: book)
    var missing = named.subtracting(found.map(\.number))
    while !missing.isEmpty {
      var more: [LedgerAccount] = []
      for part in missing.parts(of: Self.chunk) { more += try accounts("number IN (\(list: part))", in: book) }
      if more.isEmpty { break }
      found += more
      missing = Set(more.compactMap(\.kind.parent)).subtracting(found.map(\.number))
    }
    return found
  }

  private func accounts(_ condition: Statement, in book: Int64) throws(Problem) -> [LedgerAccount] {
    try tx.rows("SELECT number, kind, parent, floor, balance, held FROM ledger_account WHERE book = \(book) AND \(condition) ORDER BY number")
      .map { row throws(Problem) in try LedgerAccount(row) }
  }

  func nextNumber(in book: Int64) throws(Problem) -> AccountNumber {
    AccountNumber(try tx.row("SELECT max(number) + 1 AS n FROM ledger_account WHERE book = \(book)").orDefect().integer("n"))
  }

  func insert(_ account: LedgerAccount, for purpose: AccountPurpose, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO ledger_account (book, number, purpose, kind, parent, floor, balance, held)
      VALUES (\(book), \(account.number), \(purpose), \(account.kind.name), \(account.kind.parent), \(account.limit.floor), \(account.balance), \(account.held))
      """, under: proof)
  }

  func update(_ account: LedgerAccount, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE ledger_account SET balance = \(account.balance), held = \(account.held) WHERE book = \(book) AND number = \(account.number)", under: proof)
  }

  func limit(_ number: AccountNumber, to limit: Limit, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE ledger_account SET floor = \(limit.floor) WHERE book = \(book) AND number = \(number)", under: proof)
  }

  // MARK: Entries

  private static let entryColumns: Statement =
    "e.sequence, e.id, e.at, e.first_link, e.links, e.kind, e.debit, e.credit, e.amount, e.ceiling, e.expires_at, e.subject, e.actor_kind, e.actor, e.note"

  func entries(_ ids: some Collection<ID<Transfer>>, in book: Int64) throws(Problem) -> [JournalRecord] {
    var ids = Set(ids)
    // Whoever makes ids as they are needed makes them in their order: what lies behind the last one can't be known, and needn't be looked for.
    if ids.count > Self.chunk {
      let last = try tx.row("SELECT id FROM ledger_entry WHERE book = \(book) ORDER BY id DESC LIMIT 1").map { row throws(Problem) in
        try row.id("id", of: Transfer.self)
      }
      ids = last.map { last in ids.filter { $0 <= last } } ?? []
    }
    var found: [JournalRecord] = []
    for part in ids.parts(of: Self.chunk) {
      found += try tx.rows("SELECT \(Self.entryColumns) FROM ledger_entry e WHERE e.book = \(book) AND e.id IN (\(list: part))")
        .map { row throws(Problem) in try JournalRecord(row) }
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
    for part in ids.parts(of: Self.chunk) {
      for row in try tx.rows("SELECT subject FROM ledger_entry WHERE book = \(book) AND kind = 'reverse' AND subject IN (\(list: part))") {
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

  // MARK: Holds

  static let holdColumns: Statement =
    "h.id, h.sequence, h.debit, h.credit, h.amount, h.ceiling, h.made_at, h.expires_at, h.state, h.settled, h.ended_by"

  func holds(_ ids: some Collection<ID<Hold>>, in book: Int64) throws(Problem) -> [Hold] {
    var found: [Hold] = []
    for part in ids.parts(of: Self.chunk) {
      found += try tx.rows("SELECT \(Self.holdColumns) FROM ledger_hold h WHERE h.book = \(book) AND h.id IN (\(list: part))")
        .map { row throws(Problem) in try Hold(row) }
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

  // MARK: Balances at a time

  /// Where nothing but holds have expired since the last entry, its note stands, with less held.
  func note(_ account: LedgerAccount, from first: Int64, at head: LedgerHead, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO ledger_balance (book, account, sequence, first, at, balance, held)
      VALUES (\(book), \(account.number), \(head.sequence), \(first), \(head.at), \(account.balance), \(account.held))
      ON CONFLICT (book, account, sequence) DO UPDATE SET held = excluded.held
      """, under: proof)
  }

  /// The balance as it was right after the last entry at or before an instant; nothing before the first.
  func balance(of account: AccountNumber, at instant: Timestamp, in book: Int64) throws(Problem) -> Credits {
    let row = try tx.row(
      """
      SELECT balance FROM ledger_balance WHERE book = \(book) AND account = \(account) AND at <= \(instant) ORDER BY sequence DESC LIMIT 1
      """)
    return try row?.credits("balance") ?? .zero
  }

  // MARK: Grants

  private static let grantColumns: Statement = "g.id, g.priority, g.expires_at, g.scope, g.granted, g.remaining"

  /// Those that aren't used up, and those with these ids.
  func grants(_ ids: some Collection<ID<CreditGrant>>, in book: Int64) throws(Problem) -> [CreditGrant] {
    var found = try tx.rows("SELECT \(Self.grantColumns) FROM credit_grant g WHERE g.book = \(book) AND g.remaining > 0")
      .map { row throws(Problem) in try CreditGrant(row) }
    for part in Set(ids).subtracting(found.map(\.id)).parts(of: Self.chunk) {
      found += try tx.rows("SELECT \(Self.grantColumns) FROM credit_grant g WHERE g.book = \(book) AND g.id IN (\(list: part))")
        .map { row throws(Problem) in try CreditGrant(row) }
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
    for part in sequences.parts(of: Self.chunk) {
      for row in try tx.rows(
        "SELECT sequence, credit_grant, amount FROM credit_burn WHERE book = \(book) AND sequence IN (\(list: part)) ORDER BY sequence, place")
      {
        found[try row.integer("sequence"), default: []].append(Burn(try row.id("credit_grant"), try row.amount("amount")))
      }
    }
    return found
  }
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

extension Credits: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(micro) }
}

extension Amount: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { credits.sqlValue }
}

extension AccountNumber: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(value) }
}

extension AccountPurpose: SQLBindable {}

extension Row {
  func credits(_ column: String) throws(Problem) -> Credits { try Credits(micro: integer(column)).orDefect() }
  func amount(_ column: String) throws(Problem) -> Amount { try Amount(micro: integer(column)).orDefect() }
  func account(_ column: String) throws(Problem) -> AccountNumber { AccountNumber(try integer(column)) }
}

extension Collection where Element: Hashable {
  /// Slices of at most so many elements.
  fileprivate func parts(of size: Int) -> [[Element]] {
    var parts: [[Element]] = []
    for element in self {
      if parts.isEmpty || parts[parts.count - 1].count == size { parts.append([]) }
      parts[parts.count - 1].append(element)
    }
    return parts
  }
}

extension Limit {
  fileprivate var floor: Credits? {
    switch self {
    case .unlimited: nil
    case .floor(let floor): floor
    }
  }
}

extension LedgerAccount.Kind {
  fileprivate var name: String {
    switch self {
    case .funds(.credit, _): "credit-funds"
    case .funds(.debit, _): "debit-funds"
    case .allowance: "allowance"
    case .allotments: "allotments"
    }
  }

  var parent: AccountNumber? {
    switch self {
    case .allowance(let parent, _, _): parent
    case .funds, .allotments: nil
    }
  }
}

extension LedgerAccount {
  init(_ row: Row) throws(Problem) {
    let limit = try row.optional("floor", row.credits).map(Limit.floor) ?? .unlimited
    let kind: Kind
    switch try row.text("kind") {
    case "credit-funds": kind = .funds(normal: .credit, limit)
    case "debit-funds": kind = .funds(normal: .debit, limit)
    case "allowance": kind = .allowance(of: try row.account("parent"), against: .allotments, limit)
    case "allotments": kind = .allotments
    default: throw Problem(.defect, "A stored account is of no known kind.")
    }
    self.init(try row.account("number"), kind, balance: try row.credits("balance"), held: try row.credits("held"))
  }
}

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
