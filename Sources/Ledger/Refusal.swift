public import Kernel

/// Why a transfer isn't recorded. The cases stand in their order of precedence: of several that hold, the first is told.
///
/// Before all of them stands the repeat: an id that is known with the same content is answered as the first time, whatever has become of its accounts since.
public enum Refusal: Error, Sendable, Hashable {
  /// The id was used for other content, or for the same content in other company: linked then and alone now, or the other way round.
  case idReused(ID<Transfer>)

  // What the transfer says of itself.
  case sameAccount
  case ceilingBelowAmount
  /// A hold that would expire at once or has expired.
  case expiryPassed

  // What it speaks of.
  case unknownAccount(AccountNumber)
  case unknownHold(ID<Hold>)
  case unknownTransfer(ID<Transfer>)
  /// The account takes no part in transfers of this kind: credits are drawn through allowances and from funds that grow on the credit side, to such funds; an
  /// allowance is set from its own allotments.
  case unfitAccount(AccountNumber)

  // The state of what it would end or reverse.
  case holdSettled(ID<Hold>)
  case holdReleased(ID<Hold>)
  case holdExpired(ID<Hold>)
  case aboveCeiling(Amount)
  /// Holds are released instead; a release or a reversal stands.
  case notReversible(ID<Transfer>)
  case alreadyReversed(ID<Transfer>)

  /// A mistake of the caller: accounts or holds on which others lean weren't loaded, or don't fit; or an account has more than `LedgerAccount.deepest` levels.
  case incompleteRows

  // The balances.
  case insufficientCredits(Shortfall)
  case outOfRange(AccountNumber)
}

/// What is missing, and where: the quote of a refusal for lack of credits.
public struct Shortfall: Sendable, Hashable {
  /// The tightest level of a draw; of equals the one that is nearest to who draws. Of the two accounts of a post the debited one, if both lack.
  public let account: AccountNumber
  /// What may be drawn there; below zero in arrears.
  public let available: Credits
  /// What would have to be added there.
  public let missing: Amount

  public init(account: AccountNumber, available: Credits, missing: Amount) {
    self.account = account
    self.available = available
    self.missing = missing
  }
}

/// Why none of several linked transfers is recorded.
public struct LinkedRefusal: Error, Sendable, Hashable {
  /// The place of the first that was refused, from 0.
  public let place: Int
  public let refusal: Refusal

  public init(place: Int, refusal: Refusal) {
    self.place = place
    self.refusal = refusal
  }
}

extension Problem.Code {
  public static let transferReused = Self("transfer.id_reused", .conflict, "The id belongs to another transfer")
  public static let transferUnfit = Self("transfer.unfit", .invalid, "No such transfer is possible")
  public static let transferFinal = Self("transfer.final", .conflict, "The transfer can't be reversed")
  public static let transferReversed = Self("transfer.reversed", .conflict, "The transfer is reversed already")
  public static let holdSettled = Self("hold.settled", .conflict, "The hold is settled already")
  public static let holdReleased = Self("hold.released", .conflict, "The hold is released already")
  public static let holdExpired = Self("hold.expired", .gone, "The hold has expired")
  public static let aboveCeiling = Self("hold.above_ceiling", .invalid, "More than the hold allows")
  public static let insufficientCredits = Self("credits.insufficient", .payment, "Not enough credits")
  public static let creditsOutOfRange = Self("credits.out_of_range", .invalid, "More credits than can be counted")
}

extension Refusal {
  /// The refusal as it is told. `name` says an account as the caller knows it, such as `the organization's balance`.
  public func problem(_ name: (AccountNumber) -> String) -> Problem {
    switch self {
    case .idReused: Problem(.transferReused, "This id was used for another transfer. Take a new id, or repeat the first transfer as it was.")
    case .sameAccount: Problem(.transferUnfit, "Credits move between two different accounts.")
    case .ceilingBelowAmount: Problem(.transferUnfit, "A hold may be settled at least for what it sets aside: raise the ceiling, or hold less.")
    case .expiryPassed: Problem(.transferUnfit, "Let the hold expire later than now.")
    case .unknownAccount: Problem(.missing, "There is no such account.")
    case .unknownHold: Problem(.missing, "There is no such hold.")
    case .unknownTransfer: Problem(.missing, "There is no such transfer.")
    case .unfitAccount(let account): Problem(.transferUnfit, "This can't be done with \(name(account)).")
    case .holdSettled: Problem(.holdSettled, "This hold is settled already.")
    case .holdReleased: Problem(.holdReleased, "This hold was released.")
    case .holdExpired: Problem(.holdExpired, "This hold has expired. Record what was used as a charge.")
    case .aboveCeiling(let ceiling): Problem(.aboveCeiling, "This hold may be settled for at most \(ceiling) credits. Record the rest as a charge.")
    case .notReversible: Problem(.transferFinal, "Only what has moved credits can be reversed; a reversal stands.")
    case .alreadyReversed: Problem(.transferReversed, "This transfer is reversed already.")
    case .incompleteRows: Problem(.defect, "The books were opened without all rows that they need.")
    case .insufficientCredits(let lack):
      Problem(.insufficientCredits, "\(lack.missing) credits are missing in \(name(lack.account)): \(max(lack.available, .zero)) are available.")
    case .outOfRange(let account): Problem(.creditsOutOfRange, "This would move \(name(account)) beyond \(Credits.maximum) credits.")
    }
  }
}
