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
