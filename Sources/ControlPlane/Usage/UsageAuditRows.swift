import Kernel
import Ledger
import Storage

/// All rows of usage, for proving what they say.
extension UsageRows {
  /// Those that ever used something, in that order.
  func organizations() throws(Problem) -> [ID<Organization>] {
    try tx.rows("SELECT organization FROM usage_log ORDER BY log").map { row throws(Problem) in try row.id("organization") }
  }

  /// In their order, from one number on.
  func events(after sequence: Int64, limit: Int, in log: UsageLog) throws(Problem) -> [UsageEvent] {
    try tx.rows("SELECT \(Self.columns) FROM usage_event e WHERE e.log = \(log.log) AND e.sequence > \(sequence) ORDER BY e.sequence LIMIT \(limit)")
      .map { row throws(Problem) in try UsageEvent(row) }
  }

  func allSeries(in log: UsageLog) throws(Problem) -> [Int64: UsageSeries] {
    var found: [Int64: UsageSeries] = [:]
    for row in try tx.rows("SELECT \(Self.seriesColumns) FROM usage_series s WHERE s.log = \(log.log)") {
      found[try row.integer("number")] = try UsageSeries(row)
    }
    return found
  }

  func allRollups(in log: UsageLog) throws(Problem) -> [UsageBatch.RollupKey: UsageBatch.Sum] {
    var found: [UsageBatch.RollupKey: UsageBatch.Sum] = [:]
    for row in try tx.rows("SELECT span, start, series, quantity, charge, events FROM usage_rollup WHERE log = \(log.log)") {
      let key = UsageBatch.RollupKey(span: try row.choice("span"), start: try row.instant("start"), series: try row.integer("series"))
      found[key] = UsageBatch.Sum(quantity: try row.integer("quantity"), charge: try row.integer("charge"), events: try row.integer("events"))
    }
    return found
  }

  func allMeters(in log: UsageLog) throws(Problem) -> [UsageBatch.MeterKey: Meter] {
    var found: [UsageBatch.MeterKey: Meter] = [:]
    for row in try tx.rows("SELECT month, meter, quantity, charge FROM usage_meter WHERE log = \(log.log)") {
      found[UsageBatch.MeterKey(month: try row.instant("month"), meter: try row.text("meter"))] = Meter(
        quantity: Quantity(micro: try row.integer("quantity")), charge: try row.credits("charge"))
    }
    return found
  }

  /// The events of all receipts, in their order.
  func receipts(in log: UsageLog) throws(Problem) -> [ClosedRange<Int64>] {
    try tx.rows("SELECT first, last FROM usage_receipt WHERE log = \(log.log) ORDER BY last").map { row throws(Problem) in
      let (first, last) = (try row.integer("first"), try row.integer("last"))
      return first...max(first, last)
    }
  }

  /// What was charged and given back for each receipt.
  func charges(in log: UsageLog) throws(Problem) -> [(receipt: Int64, transfer: ID<Transfer>, amount: Credits)] {
    try tx.rows("SELECT receipt, transfer, amount FROM usage_charge WHERE log = \(log.log) ORDER BY receipt, transfer").map { row throws(Problem) in
      (try row.integer("receipt"), try row.id("transfer"), try row.credits("amount"))
    }
  }
}
