public import Kernel

/// The number of an account in its organization's books.
public struct AccountNumber: Hashable, Sendable, Comparable {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  /// In the order in which the accounts were opened.
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// One of the two sides of an account.
public enum Side: Sendable, Hashable {
  case debit, credit
}

/// How far what asks beforehand may take an account.
public enum Limit: Sendable, Hashable {
  case unlimited
  /// Never below this balance; below zero it is an agreed overdraft.
  case floor(Credits)

  /// Down to nothing, and no further.
  public static let zero = Limit.floor(.zero)
}

/// An account of an organization's books, with its balance and what is held of it.
public struct LedgerAccount: Sendable, Hashable {
  /// What an account is for. All but its limit is fixed for good: holds and reversals find their way back by it.
  public enum Kind: Sendable, Hashable {
    /// Holds credits: an organization's balance, a sub-balance with credits of its own, what was earned (all of these grow on the credit side), or what was
    /// paid in (grows on the debit side).
    case funds(normal: Side, Limit)
    /// Says how much of its parent's credits may be drawn through it, and holds none itself. What is drawn is booked here `against` the allotments, so that
    /// these books balance too. The parent is another allowance, or funds that grow on the credit side.
    case allowance(of: AccountNumber, against: AccountNumber, Limit)
    /// The other side of allowances.
    case allotments
  }

  /// How many levels a draw may pass, allowances and funds together.
  public static let deepest = 8

  public let number: AccountNumber
  public let kind: Kind
  /// What its normal side has beyond the other.
  public internal(set) var balance: Credits
  /// The sum of its live holds. Holds that have expired but weren't tidied up are in it as long as they are stored as live.
  public internal(set) var held: Credits

  public init(_ number: AccountNumber, _ kind: Kind, balance: Credits = .zero, held: Credits = .zero) {
    self.number = number
    self.kind = kind
    self.balance = balance
    self.held = held
  }

  /// The side that makes the balance grow.
  public var normalSide: Side {
    switch kind {
    case .funds(let normal, _): normal
    case .allowance: .credit
    case .allotments: .debit
    }
  }

  public var limit: Limit {
    switch kind {
    case .funds(_, let limit), .allowance(_, _, let limit): limit
    case .allotments: .unlimited
    }
  }

  /// The balance without what is held.
  public var available: Credits { Credits(clamping: Int128(balance.micro) - Int128(held.micro)) }

  /// How much what asks beforehand may still take, in micro-credits: below zero in arrears, `nil` without a limit.
  /// It has more bits than a balance, so it can't overflow.
  var room: Int128? {
    switch limit {
    case .unlimited: nil
    case .floor(let floor): Int128(balance.micro) - Int128(held.micro) - Int128(floor.micro)
    }
  }

  /// The balance after an amount on one side, or `nil` when it is out of range.
  func balance(after amount: Amount, on side: Side) -> Credits? { side == normalSide ? balance.adding(amount.credits) : balance.subtracting(amount.credits) }

  /// The balance as it was right after the last posting at or before an instant: today's without the postings since.
  ///
  /// `later` are postings in any order, among them all since the instant that touch this account; others don't matter. `nil` when it would be out of range,
  /// which it never is with postings of these books.
  public func balance(at instant: Timestamp, undoing later: some Sequence<Posting>) -> Credits? {
    var balance = Int128(balance.micro)
    for posting in later where posting.at > instant {
      let growth = Int128(posting.amount.micro) * (normalSide == .credit ? 1 : -1)
      if posting.credit == number { balance -= growth }
      if posting.debit == number { balance += growth }
    }
    return Int64(exactly: balance).flatMap { Credits(micro: $0) }
  }
}

/// How much may be drawn from an account right now, its parents considered.
public enum EffectiveLimit: Sendable, Hashable {
  case unlimited
  /// The tightest of all levels, below zero in arrears; of equals the one that is nearest to who draws.
  case credits(Credits, at: AccountNumber)
}
