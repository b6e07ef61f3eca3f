import Authorization
public import Kernel
import Ledger
import Storage

/// What was found in an organization's books.
public struct LedgerReport: Sendable {
  public let organization: Slug
  public let entries: Int
  public let faults: [LedgerFault]
}

extension ControlPlane {
  /// Proves the invariants of all books, or of one organization's: for whoever has the database in their hands.
  ///
  /// Each organization is read in one consistent state; what its entries say is worked out anew, and compared with all that is stored beside them.
  public func verifyLedgers(of reference: String? = nil) async throws(Problem) -> [LedgerReport] {
    let organizations = try await read(as: .system("ledger-verify")) { work in
      guard let reference else { return try work.ledgers.organizations().map { id throws(Problem) in try work.organizations.find(id).orDefect() } }
      guard let named = try work.organizations.find(reference) else { throw Problem(.missing, "There is no organization \(reference).") }
      return [named]
    }
    var reports: [LedgerReport] = []
    for organization in organizations {
      reports.append(try await read(as: .system("ledger-verify")) { work in
        guard let ledger = try work.ledgers.find(organization.id) else { return LedgerReport(organization: organization.slug, entries: 0, faults: []) }
        let audit = try work.audit(ledger)
        return LedgerReport(organization: organization.slug, entries: audit.entries, faults: audit.faults)
      })
    }
    return reports
  }
}

extension Work {
  /// Works the books out anew, and compares.
  func audit(_ ledger: LedgerHandle) throws(Problem) -> LedgerAudit {
    let (rows, book) = (ledgers, ledger.book)
    let stored = try rows.allAccounts(in: book)
    var audit = LedgerAudit(stored)
    var noted = try rows.balances(in: book)[...]
    while true {
      let page = try rows.entries(after: audit.last.sequence, limit: 1000, in: book)
      for record in page {
        audit.take(record)
        while let next = noted.first, next.sequence <= record.entry.sequence {
          noted.removeFirst()
          if next.sequence < record.entry.sequence || audit.balances[next.account, default: 0] != Int128(next.balance.micro) {
            audit.fault("The balance of account \(next.account.value) after entry \(next.sequence) is noted as \(next.balance), and isn't.")
          }
        }
      }
      if page.count < 1000 { break }
    }
    if audit.last.sequence != ledger.head.sequence { audit.fault("The books end at entry \(audit.last.sequence), and say \(ledger.head.sequence).") }
    if audit.last.at > ledger.head.at { audit.fault("The books' time is before that of their last entry.") }
    let held = audit.held(at: ledger.head.at)
    for account in stored {
      let expected = audit.balances[account.number, default: 0]
      let name = "account \(account.number.value)"
      if Int128(account.balance.micro) != expected { audit.fault("The entries of \(name) add up to \(Credits.words(expected)), and it has \(account.balance).") }
      let expectedHeld = held[account.number, default: 0]
      if Int128(account.held.micro) != expectedHeld {
        audit.fault("The holds of \(name) add up to \(Credits.words(expectedHeld)), and \(account.held) are noted as held.")
      }
    }
    for hold in try rows.allHolds(in: book) { audit.compare(hold, at: ledger.head.at) }
    audit.expectNoMoreHolds()
    let burned = try rows.standingBurns(in: book)
    for grant in try rows.allGrants(in: book) {
      let left = Int128(grant.granted.credits.micro) - Int128(burned[grant.id] ?? 0)
      if left != Int128(grant.remaining.micro) {
        audit.fault("What was taken from the grant \(grant.id) leaves \(Credits.words(left)), and it has \(grant.remaining) left.")
      }
    }
    return audit
  }
}

extension Credits {
  fileprivate static func words(_ micro: Int128) -> String { Int64(exactly: micro).flatMap { Credits(micro: $0)?.description } ?? "what can't be counted" }
}
