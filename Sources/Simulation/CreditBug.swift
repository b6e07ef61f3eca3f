import Kernel
public import Storage

/// Mistakes that a careless change could bring to the books, planted below the core so that the simulation can show that it finds them.
public enum CreditBug: String, Sendable, CaseIterable, Distortion {
  /// What is held isn't looked at: read, then spend.
  case heldIgnored
  /// A hold can be settled again and again.
  case settledTwice
  /// A hold goes on for an hour after its end.
  case expiryMissed
  /// An id that was used is used again.
  case idForgotten
  /// A transfer changes balances and leaves no entry.
  case entryForgotten
  /// A transfer leaves an entry and changes no balance.
  case balanceForgotten
  /// A hold that has ended stays live.
  case endForgotten
  /// What is used of a grant isn't taken from it.
  case grantForgotten
  /// Which grants gave something isn't written down.
  case burnForgotten

  public func lets(_ sql: String, _ values: [SQLValue]) -> Bool {
    switch self {
    case .entryForgotten: !sql.hasPrefix("INSERT INTO ledger_entry")
    case .balanceForgotten: !sql.hasPrefix("UPDATE ledger_account SET balance")
    case .endForgotten: !sql.hasPrefix("UPDATE ledger_hold")
    case .grantForgotten: !sql.hasPrefix("UPDATE credit_grant")
    case .burnForgotten: !sql.hasPrefix("INSERT INTO credit_burn")
    case .heldIgnored, .settledTwice, .expiryMissed, .idForgotten: true
    }
  }

  public func distorted(_ rows: [Row], of sql: String) -> [Row] {
    switch self {
    case .heldIgnored where sql.contains("FROM ledger_account"): rows.map { $0.with("held", .integer(0)) }
    case .settledTwice where sql.contains("ledger_hold h"):
      rows.map { $0["state"] == .text("settled") ? $0.with("state", .text("live")).with("settled", .null).with("ended_by", .null) : $0 }
    case .expiryMissed where sql.contains("ledger_hold h"):
      rows.compactMap { row in
        guard case .integer(let end)? = row["expires_at"], !sql.contains("h.expires_at <=") else { return nil }
        return row.with("expires_at", .integer(end + 3_600_000))
      }
    case .idForgotten where sql.contains("JOIN ledger_entry e WHERE e.book") && sql.contains("e.id = "): []
    default: rows
    }
  }
}
