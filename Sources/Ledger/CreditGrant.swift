public import Kernel

/// Credits that were given at once, paid for or as a promotion, with an order in which they are used up, an end, and what they may be used for.
public struct CreditGrant: Sendable, Hashable {
  /// What a grant may be burned for.
  public enum Scope: Sendable, Hashable {
    case everything
    /// What passes at least one of these accounts, such as the allowance of a project or what is earned by GPUs.
    case passing(Set<AccountNumber>)
  }

  public let id: ID<CreditGrant>
  /// The smaller one is burned first.
  public let priority: Int
  /// The first instant at which it can't be burned any more.
  public let expires: Timestamp?
  public let scope: Scope
  public let granted: Amount
  /// From zero to what was granted.
  public internal(set) var remaining: Credits

  /// A grant as it is stored; without `remaining` a new one. Refuses what remains below zero or above what was granted.
  public init(
    _ id: ID<CreditGrant>, _ granted: Amount, remaining: Credits? = nil, priority: Int, expires: Timestamp? = nil, scope: Scope = .everything
  ) throws(Rejection) {
    let remaining = remaining ?? granted.credits
    guard remaining >= .zero, remaining <= granted.credits else { throw Rejection("What remains of a grant lies between zero and \(granted).") }
    self.id = id
    self.priority = priority
    self.expires = expires
    self.scope = scope
    self.granted = granted
    self.remaining = remaining
  }

  fileprivate func isGood(at instant: Timestamp) -> Bool { expires.map { instant < $0 } ?? true }

  func covers(_ accounts: some Sequence<AccountNumber>, at instant: Timestamp) -> Bool {
    guard isGood(at: instant) else { return false }
    switch scope {
    case .everything: return true
    case .passing(let covered): return accounts.contains { covered.contains($0) }
    }
  }

  fileprivate static func burnsBefore(_ a: Self, _ b: Self) -> Bool {
    (a.priority, a.expires ?? .distantFuture, a.id) < (b.priority, b.expires ?? .distantFuture, b.id)
  }
}

/// What a grant has given to a transfer.
public struct Burn: Sendable, Hashable {
  public let grant: ID<CreditGrant>
  public let amount: Amount

  public init(_ grant: ID<CreditGrant>, _ amount: Amount) {
    self.grant = grant
    self.amount = amount
  }
}

/// The grants that funds are made of. They say which credits of a balance are used up first; how many there are, the balance says.
///
/// What no grant covers comes out of credits that belong to no grant, and when these are gone, it is arrears.
public struct CreditGrants: Sendable {
  /// As they are burned: by priority, then what expires first, then what was granted first.
  public private(set) var inOrder: [CreditGrant]

  public init(_ grants: some Sequence<CreditGrant>) { inOrder = grants.sorted(by: CreditGrant.burnsBefore) }

  /// Adds a grant. It pays off `arrears` first, and the burn says how much it gave to them.
  public mutating func add(_ grant: CreditGrant, payingOff arrears: Credits) -> Burn? {
    let place = inOrder.firstIndex { CreditGrant.burnsBefore(grant, $0) } ?? inOrder.endIndex
    inOrder.insert(grant, at: place)
    return take(upTo: arrears, at: place)
  }

  /// Burns grants for a transfer that passes these accounts, in their order, and records which gave how much. What is left of the amount is `uncovered`.
  public mutating func burn(_ amount: Amount, passing accounts: [AccountNumber], at instant: Timestamp) -> (burns: [Burn], uncovered: Credits) {
    var burns: [Burn] = []
    var rest = amount.credits
    for place in inOrder.indices where rest > .zero && inOrder[place].covers(accounts, at: instant) {
      guard let burn = take(upTo: rest, at: place) else { continue }
      burns.append(burn)
      rest = Credits(clamping: Int128(rest.micro) - Int128(burn.amount.micro))
    }
    return (burns, rest)
  }

  /// Gives back what was burned, to whom the record says and in its order, whatever the order of burning would be today. A grant that has expired since gets
  /// its part too, and lapses with it. Refuses as a defect, and then gives nothing back, what these grants can't have given.
  public mutating func unwind(_ burns: [Burn]) throws(Problem) {
    var result = inOrder
    for burn in burns {
      guard let place = result.firstIndex(where: { $0.id == burn.grant }), let remaining = result[place].remaining.adding(burn.amount.credits),
        remaining <= result[place].granted.credits
      else { throw Problem(.defect, "A grant can't have given what the record says.") }
      result[place].remaining = remaining
    }
    inOrder = result
  }

  /// Empties the grants that have expired, and says what each still had: as much has to leave the balance, by a charge, before anything else is decided then.
  ///
  /// Together at most `available`: what is held was set aside when the grants were good, and lapses when it is released.
  public mutating func lapse(at instant: Timestamp, upTo available: Credits = .maximum) -> [Burn] {
    var rest = available
    var burns: [Burn] = []
    for place in inOrder.indices {
      guard let expires = inOrder[place].expires, expires <= instant, let burn = take(upTo: rest, at: place) else { continue }
      burns.append(burn)
      rest = Credits(clamping: Int128(rest.micro) - Int128(burn.amount.micro))
    }
    return burns
  }

  /// What of the balance a draw that passes these accounts can't use: what is left of good grants that aren't for it.
  func reserved(from accounts: [AccountNumber], at instant: Timestamp) -> Int128 {
    inOrder.reduce(0) { $0 + ($1.isGood(at: instant) && !$1.covers(accounts, at: instant) ? Int128($1.remaining.micro) : 0) }
  }

  /// What is left of grants that have expired, and hasn't lapsed because it is held.
  func expired(at instant: Timestamp) -> Int128 { inOrder.reduce(0) { $0 + ($1.isGood(at: instant) ? 0 : Int128($1.remaining.micro)) } }

  /// What is left of all grants together.
  public var remaining: Credits { Credits(clamping: inOrder.reduce(Int128(0)) { $0 + Int128($1.remaining.micro) }) }

  /// Takes from one grant before all others, as far as it has something: for what takes back the transfer that granted it.
  mutating func take(_ amount: Amount, from grant: ID<CreditGrant>) -> Burn? {
    guard let place = inOrder.firstIndex(where: { $0.id == grant }) else { return nil }
    return take(upTo: amount.credits, at: place)
  }

  /// As much of it as one grant has.
  private mutating func take(upTo wanted: Credits, at place: Int) -> Burn? {
    guard let amount = Amount(micro: min(wanted, inOrder[place].remaining).micro) else { return nil }
    inOrder[place].remaining = Credits(clamping: Int128(inOrder[place].remaining.micro) - Int128(amount.micro))
    return Burn(inOrder[place].id, amount)
  }
}
