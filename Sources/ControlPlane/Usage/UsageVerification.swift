import Authorization
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  /// Proves that sums, meters and charges of usage are those of the events, of all organizations or of one: for whoever has the database in their hands.
  public func verifyUsage(of reference: String? = nil) async throws(Problem) -> [LedgerReport] {
    let organizations = try await read(as: .system("usage-verify")) { work in
      guard let reference else { return try work.usageRows.organizations().map { id throws(Problem) in try work.organizations.find(id).orDefect() } }
      guard let named = try work.organizations.find(reference) else { throw Problem(.missing, "There is no organization \(reference).") }
      return [named]
    }
    var reports: [LedgerReport] = []
    for organization in organizations {
      reports.append(try await read(as: .system("usage-verify")) { work in
        guard let log = try work.usageRows.find(organization.id) else { return LedgerReport(organization: organization.slug, entries: 0, faults: []) }
        let audit = try work.audit(log, of: organization.id)
        return LedgerReport(organization: organization.slug, entries: Int(audit.last), faults: audit.faults)
      })
    }
    return reports
  }
}

extension Work {
  /// Works everything out anew, and compares.
  func audit(_ log: UsageLog, of organization: ID<Organization>) throws(Problem) -> UsageAudit {
    let rows = usageRows
    let series = try rows.allSeries(in: log)
    let versions = try prices.versions(of: Set(series.values.map(\.meter.resource)), for: organization)
    let known = Dictionary(versions.map { ($0.number, $0.price) }, uniquingKeysWith: { first, _ in first })
    var audit = UsageAudit(series: series, prices: known.compactMapValues { $0 })
    while true {
      let page = try rows.events(after: audit.last, limit: 1000, in: log)
      for event in page { audit.take(event) }
      if page.count < 1000 { break }
    }
    if audit.last != log.sequence { audit.fault("The usage ends at event \(audit.last), and says \(log.sequence).") }
    audit.compare(try rows.allRollups(in: log))
    audit.compare(try rows.allMeters(in: log))
    let charges = try rows.charges(in: log)
    var sums: [Int64: Int128] = [:]
    for charge in charges { sums[charge.receipt, default: 0] += Int128(charge.amount.micro) }
    audit.compare(try rows.receipts(in: log), sums)
    // The books are proven by themselves: here, that they hold what was charged.
    let booked = try ledgers.find(organization).map { ledger throws(Problem) in try ledgers.entries(charges.map(\.transfer), in: ledger.book) } ?? []
    let amounts = Dictionary(booked.map { ($0.entry.transfer.id, $0.movement) }, uniquingKeysWith: { first, _ in first })
    for charge in charges {
      let movement = amounts[charge.transfer]
      let isThere = movement.map { $0.amount.credits.micro == Int64(charge.amount.micro.magnitude) && ($0.credit == .used) == (charge.amount > .zero) }
      if isThere != true { audit.fault("The books lack the transfer \(charge.transfer) of the usage up to event \(charge.receipt).") }
    }
    return audit
  }
}
