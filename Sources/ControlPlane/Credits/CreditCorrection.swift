import Contract
public import Kernel
public import Ledger

/// What an operator puts right about a balance.
public struct CreditCorrection: Sendable, Hashable {
  public enum Change: Sendable, Hashable {
    /// So many more, or fewer where it lies below zero.
    case by(Credits)
    /// To this balance.
    case to(Credits)
  }

  public let id: ID<Transfer>?
  public let change: Change
  public let note: Note

  /// Refuses both or neither of `amount` and `balance`, and an amount of nothing.
  public init(id: ID<Transfer>? = nil, amount: Credits? = nil, balance: Credits? = nil, note: String = "") throws(Problem) {
    let note = try Problem.checking("note") { () throws(Rejection) in try Note(note) }
    switch (amount, balance) {
    case (let amount?, nil):
      guard amount != .zero else { throw .invalid("amount", "Say how many credits there are to be more, or fewer.") }
      change = .by(amount)
    case (nil, let balance?): change = .to(balance)
    default: throw .invalid("amount", "Say by how many credits the balance changes, or what it is to be; one of both.")
    }
    (self.id, self.note) = (id, note)
  }

  /// How much moves where the balance is this; `nil` where that can't be counted.
  func difference(from balance: Credits) -> Credits? {
    switch change {
    case .by(let amount): amount
    case .to(let wanted): wanted.subtracting(balance)
    }
  }
}
