import Authorization
import Kernel
import Ledger
import Storage

extension Work {
  var usageRows: UsageRows { UsageRows(tx: tx) }
}

/// Where what was recorded of an organization stands.
struct UsageLog: Sendable, Hashable {
  let log: Int64
  /// Of the last event.
  let sequence: Int64
}

struct UsageRows {
  let tx: any Transaction

  /// How many values a list in a statement holds, and rows in one: few shapes are prepared again and again.
  private static let (chunk, rowChunk) = (200, 32)

  // MARK: The log

  func find(_ organization: ID<Organization>) throws(Problem) -> UsageLog? {
    try tx.row("SELECT log, sequence FROM usage_log WHERE organization = \(organization)").map { row throws(Problem) in
      UsageLog(log: try row.integer("log"), sequence: try row.integer("sequence"))
    }
  }

  func open(_ organization: ID<Organization>, under proof: some Proof) throws(Problem) -> UsageLog {
    let log = try tx.row("SELECT coalesce(max(log), 0) + 1 AS n FROM usage_log").orDefect().integer("n")
    try tx.change("INSERT INTO usage_log (organization, log, sequence) VALUES (\(organization), \(log), 0)", under: proof)
    return UsageLog(log: log, sequence: 0)
  }

  /// Before all else that is written: batches that overlap then meet at this row.
  func advance(_ log: UsageLog, to sequence: Int64, under proof: some Proof) throws(Problem) {
    let moved = try tx.change("UPDATE usage_log SET sequence = \(sequence) WHERE log = \(log.log) AND sequence = \(log.sequence)", under: proof)
    guard moved == 1 else { throw Problem(.defect, "Usage was recorded by somebody else.") }
  }

  func source(_ name: String, in log: UsageLog) throws(Problem) -> Int64? {
    try tx.row("SELECT number FROM usage_source WHERE log = \(log.log) AND name = \(name)").map { row throws(Problem) in try row.integer("number") }
  }

  func addSource(_ name: String, in log: UsageLog, under proof: some Proof) throws(Problem) -> Int64 {
    let number = try tx.row("SELECT coalesce(max(number), 0) + 1 AS n FROM usage_source WHERE log = \(log.log)").orDefect().integer("n")
    try tx.change("INSERT INTO usage_source (log, number, name) VALUES (\(log.log), \(number), \(name))", under: proof)
    return number
  }

  // MARK: Events

  static let columns: Statement = "e.sequence, e.id, e.at, e.series, e.quantity, e.price, e.account, e.charge, e.corrects"

  /// Those with these ids, by id.
  func events(_ ids: [String], of source: Int64, in log: UsageLog) throws(Problem) -> [String: UsageEvent] {
    // Who makes ids as they are needed makes them in their order: what lies behind the last one can't be known, and needn't be looked for.
    let latest = try tx.row("SELECT id FROM usage_event WHERE log = \(log.log) AND source = \(source) ORDER BY id DESC LIMIT 1")
    guard let last = try latest?.text("id") else { return [:] }
    var found: [String: UsageEvent] = [:]
    for part in Set(ids).filter({ !last.utf8.lexicographicallyPrecedes($0.utf8) }).chunks(ofCount: Self.chunk) {
      let rows = try tx.rows(
        """
        SELECT \(Self.columns) FROM \(values: part) AS wanted CROSS JOIN usage_event e
        WHERE e.log = \(log.log) AND e.source = \(source) AND e.id = wanted.column1
        """)
      for row in rows {
        let event = try UsageEvent(row)
        found[event.id] = event
      }
    }
    return found
  }

  /// Which of these events were taken back.
  func corrected(_ sequences: some Collection<Int64>, in log: UsageLog) throws(Problem) -> Set<Int64> {
    var found: Set<Int64> = []
    for part in sequences.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT e.corrects FROM usage_event e WHERE e.log = \(log.log) AND e.corrects IN (\(list: part))") {
        found.insert(try row.integer("corrects"))
      }
    }
    return found
  }

  func insert(_ events: [UsageEvent], of source: Int64, in log: UsageLog, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "usage_event",
      [
        "log": .integer, "sequence": .integer, "source": .integer, "id": .text, "at": .integer, "series": .integer, "quantity": .integer, "price": .integer,
        "account": .integer, "charge": .integer, "corrects": .integer,
      ], rows: events.count)
    for event in events {
      rows.add(log.log)
      rows.add(event.sequence)
      rows.add(source)
      rows.add(event.id)
      rows.add(event.at.milliseconds)
      rows.add(event.series)
      rows.add(event.quantity.micro)
      rows.add(event.price)
      rows.add(event.account?.value)
      rows.add(event.charge.micro)
      rows.add(event.corrects)
      rows.endRow()
    }
    try tx.insert(rows, under: proof)
  }

  func receive(_ events: ClosedRange<Int64>, by actor: JournalActor, in log: UsageLog, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO usage_receipt (log, last, first, at, actor_kind, actor)
      VALUES (\(log.log), \(events.upperBound), \(events.lowerBound), \(tx.now), \(actor.kind.rawValue), \(actor.id))
      """, under: proof)
  }

  func insert(
    _ charge: Credits, to account: AccountNumber, by transfer: ID<Transfer>, receipt: Int64, in log: UsageLog, under proof: some Proof
  ) throws(Problem) {
    try tx.change(
      """
      INSERT INTO usage_charge (log, receipt, transfer, account, amount) VALUES (\(log.log), \(receipt), \(transfer), \(account), \(charge))
      """, under: proof)
  }

  // MARK: Series
  /// When these events were recorded.
  func received(_ sequences: some Collection<Int64>, in log: UsageLog) throws(Problem) -> [Int64: Timestamp] {
    var found: [Int64: Timestamp] = [:]
    for part in sequences.chunks(ofCount: Self.chunk) {
      let rows = try tx.rows(
        """
        SELECT wanted.column1 AS sequence, p.at FROM \(values: part) AS wanted CROSS JOIN usage_receipt p
        WHERE p.log = \(log.log) AND p.last = (SELECT min(r.last) FROM usage_receipt r WHERE r.log = \(log.log) AND r.last >= wanted.column1)
        """)
      for row in rows { found[try row.integer("sequence")] = try row.instant("at") }
    }
    return found
  }

  static let seriesColumns: Statement =
    "s.number, s.key, s.holder_kind, s.holder, s.project, s.cluster, s.resource, s.preset, s.unit, s.sub_balance"

  /// The numbers of those that there are.
  func numbers(of series: some Collection<UsageSeries>, in log: UsageLog) throws(Problem) -> [UsageSeries: Int64] {
    var found: [UsageSeries: Int64] = [:]
    for part in series.chunks(ofCount: Self.chunk) {
      let rows = try tx.rows(
        """
        SELECT \(Self.seriesColumns) FROM \(values: part.map(\.key)) AS wanted CROSS JOIN usage_series s
        WHERE s.log = \(log.log) AND s.key = wanted.column1
        """)
      for row in rows { found[try UsageSeries(row)] = try row.integer("number") }
    }
    return found
  }

  func series(_ numbers: some Collection<Int64>, in log: UsageLog) throws(Problem) -> [Int64: UsageSeries] {
    var found: [Int64: UsageSeries] = [:]
    for part in numbers.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT \(Self.seriesColumns) FROM usage_series s WHERE s.log = \(log.log) AND s.number IN (\(list: part))") {
        found[try row.integer("number")] = try UsageSeries(row)
      }
    }
    return found
  }

  func lastSeries(in log: UsageLog) throws(Problem) -> Int64 {
    try tx.row("SELECT coalesce(max(number), 0) AS n FROM usage_series WHERE log = \(log.log)").orDefect().integer("n")
  }

  func insert(_ series: [(number: Int64, series: UsageSeries)], in log: UsageLog, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "usage_series",
      [
        "log": .integer, "number": .integer, "key": .text, "holder_kind": .text, "holder": .text, "project": .text, "cluster": .text, "resource": .text,
        "preset": .text, "unit": .text, "sub_balance": .text,
      ], rows: series.count)
    for (number, series) in series {
      rows.add(log.log)
      rows.add(number)
      rows.add(series.key)
      rows.add(series.holderKind.rawValue)
      rows.add(series.holder)
      rows.add(series.project)
      rows.add(series.cluster)
      rows.add(series.meter.resource)
      rows.add(series.meter.preset)
      rows.add(series.meter.unit)
      rows.add(series.subBalance)
      rows.endRow()
    }
    try tx.insert(rows, under: proof)
  }

  // MARK: Meters and sums

  func meters(_ keys: Set<UsageBatch.MeterKey>, in log: UsageLog) throws(Problem) -> [UsageBatch.MeterKey: Meter] {
    var found: [UsageBatch.MeterKey: Meter] = [:]
    for (month, keys) in Dictionary(grouping: keys, by: \.month) {
      for part in keys.map(\.meter).chunks(ofCount: Self.chunk) {
        let rows = try tx.rows("SELECT meter, quantity, charge FROM usage_meter WHERE log = \(log.log) AND month = \(month) AND meter IN (\(list: part))")
        for row in rows {
          found[UsageBatch.MeterKey(month: month, meter: try row.text("meter"))] = Meter(
            quantity: Quantity(micro: try row.integer("quantity")), charge: try row.credits("charge"))
        }
      }
    }
    return found
  }

  func save(_ meters: [UsageBatch.MeterKey: Meter], in log: UsageLog, under proof: some Proof) throws(Problem) {
    let rows = meters.sorted { ($0.key.month, $0.key.meter) < ($1.key.month, $1.key.meter) }.map { key, meter -> Statement in
      "(\(log.log), \(key.month), \(key.meter), \(meter.quantity.micro), \(meter.charge))"
    }
    for part in rows.slices(of: Self.rowChunk) {
      try tx.change(
        """
        INSERT INTO usage_meter (log, month, meter, quantity, charge) VALUES \(Statement(joining: part))
        ON CONFLICT (log, month, meter) DO UPDATE SET quantity = excluded.quantity, charge = excluded.charge
        """, under: proof)
    }
  }

  /// Adds to the sums; answers whether all of them are in range.
  func add(_ sums: [(key: UsageBatch.RollupKey, sum: UsageBatch.Sum)], in log: UsageLog, under proof: some Proof) throws(Problem) -> Bool {
    let rows = sums.map { key, sum -> Statement in
      "(\(log.log), \(key.span.rawValue), \(key.start), \(key.series), \(sum.quantity), \(sum.charge), \(sum.events))"
    }
    var changed = 0
    for part in rows.slices(of: Self.rowChunk) {
      changed += try tx.change(
        """
        INSERT INTO usage_rollup (log, span, start, series, quantity, charge, events) VALUES \(Statement(joining: part))
        ON CONFLICT (log, span, start, series) DO UPDATE SET quantity = usage_rollup.quantity + excluded.quantity,
          charge = usage_rollup.charge + excluded.charge, events = usage_rollup.events + excluded.events
        WHERE excluded.quantity <= 0 OR usage_rollup.quantity <= \(Int64.max) - excluded.quantity
        """, under: proof)
    }
    return changed == sums.count
  }
}

extension Statement {
  /// Side by side, with commas.
  fileprivate init(joining parts: [Statement]) {
    // One after the other would copy those before it each time.
    switch parts.count {
    case 0: self = .none
    case 1: self = parts[0]
    default: self = "\(Statement(joining: Array(parts[..<(parts.count / 2)]))), \(Statement(joining: Array(parts[(parts.count / 2)...])))"
    }
  }
}

extension Collection {
  /// Slices of a power of two, the largest first: few lengths, and so few statements that are prepared.
  fileprivate func slices(of size: Int) -> [[Element]] {
    var slices: [[Element]] = []
    var (rest, size) = (Array(self)[...], size)
    while !rest.isEmpty {
      while size > rest.count { size /= 2 }
      slices.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return slices
  }
}

extension UsageEvent {
  init(_ row: Row) throws(Problem) {
    self.init(
      sequence: try row.integer("sequence"), id: try row.text("id"), at: try row.instant("at"), series: try row.integer("series"),
      quantity: Quantity(micro: try row.integer("quantity")), price: try row.optional("price", row.integer), account: try row.optional("account", row.account),
      charge: try row.credits("charge"), corrects: try row.optional("corrects", row.integer))
  }
}

extension UsageSeries {
  init(_ row: Row) throws(Problem) {
    self.init(
      holderKind: try row.choice("holder_kind"), holder: try row.text("holder"), project: try row.text("project"), cluster: try row.text("cluster"),
      meter: UsageMeter(try row.text("resource"), preset: try row.text("preset"), unit: try row.text("unit")), subBalance: try row.text("sub_balance"))
  }
}
