import Contract
import Kernel
import Ledger

/// How an account is told of: in words, and as the level of a quote.
struct AccountLabel {
  /// After "in": "the organization's balance".
  let words: String
  let level: String

  static let balance = AccountLabel(words: "the organization's balance", level: "balance")
}

extension Refusal {
  /// The account that it speaks of.
  var account: AccountNumber? {
    switch self {
    case .unfitAccount(let account), .unknownAccount(let account), .outOfRange(let account): account
    case .insufficientCredits(let lack): lack.account
    case .idReused, .sameAccount, .ceilingBelowAmount, .expiryPassed, .unknownHold, .unknownTransfer, .holdSettled, .holdReleased, .holdExpired, .aboveCeiling,
      .notReversible, .alreadyReversed, .incompleteRows:
      nil
    }
  }

  /// The refusal as it is told; `label` is that of `account`.
  func problem(_ label: AccountLabel) -> Problem {
    switch self {
    case .idReused: Problem(.transferReused, "This id was used for another transfer. Take a new id, or repeat the first transfer as it was.")
    case .sameAccount: Problem(.transferUnfit, "Credits move between two different accounts.")
    case .ceilingBelowAmount: Problem(.transferUnfit, "A hold may be settled at least for what it sets aside: raise the ceiling, or hold less.")
    case .expiryPassed: Problem(.transferUnfit, "Let the hold expire later than now.")
    case .unknownAccount: Problem(.missing, "There is no such sub-balance here.")
    case .unknownHold: Problem(.missing, "There is no such hold here.")
    case .unknownTransfer: Problem(.missing, "There is no such transfer here.")
    case .unfitAccount: Problem(.transferUnfit, "This can't be done with \(label.words).")
    case .holdSettled: Problem(.holdSettled, "This hold is settled already.")
    case .holdReleased: Problem(.holdReleased, "This hold was released.")
    case .holdExpired: Problem(.holdExpired, "This hold has expired. Record what was used as a charge.")
    case .aboveCeiling(let ceiling):
      Problem(.aboveCeiling, "This hold may be settled for at most \(creditsText(ceiling.credits)). Record the rest as a charge.")
    case .notReversible: Problem(.transferFinal, "Only what has moved credits can be reversed, and a reversal stands. Release a hold instead.")
    case .alreadyReversed: Problem(.transferFinal, "This transfer is reversed already.")
    case .incompleteRows: Problem(.defect, "The books were opened without all rows that they need.")
    case .insufficientCredits(let lack):
      Problem(
        .insufficientCredits, "\(missingText(lack.missing.credits)) in \(label.words): \(leftText(max(lack.available, .zero))).",
        quote: Quote(level: label.level, available: lack.available, missing: lack.missing.credits))
    case .outOfRange: Problem(.creditsOutOfRange, "This would move \(label.words) beyond \(creditsText(Credits.maximum)).")
    }
  }
}
