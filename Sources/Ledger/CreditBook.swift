public import Kernel

/// An organization's books together with the grants that its balance is made of: one call does all that a transfer means for both.
public struct CreditBook: Sendable {
  /// What the new entries took from grants, to be written with them.
  public struct EntryBurn: Sendable, Hashable {
    public let sequence: Int64
    public let burn: Burn
  }

  public private(set) var book: Book
  public private(set) var grants: CreditGrants
  public private(set) var newBurns: [EntryBurn] = []
  /// The funds that grants are part of.
  private let funds: AccountNumber

  /// Lets the grants lapse whose time has come, by charges to `lapsed` under ids of `newID`.
  ///
  /// `grants` are those of the funds that aren't used up, and those that the reversed transfers burned or made.
  public init(
    _ book: Book, grants: some Sequence<CreditGrant>, of funds: AccountNumber, lapsingTo lapsed: AccountNumber, newID: () -> ID<Transfer>
  ) throws(Refusal) {
    self.book = book
    self.grants = CreditGrants(grants)
    self.funds = funds
    guard let account = book.account(funds) else { return }
    for burn in self.grants.lapse(at: book.head.at, upTo: max(account.available, .zero)) {
      let entry = try self.book.record(Transfer(newID(), .charge(Movement(from: funds, to: lapsed, burn.amount))))
      newBurns.append(EntryBurn(sequence: entry.sequence, burn: burn))
    }
  }

  /// Records a transfer as `Book.record` does, and what it burns. Besides, a draw that asks beforehand is refused what only grants for other things could give.
  ///
  /// `grant`: what a post to the funds grants, which pays off arrears first. `burned`: what the transfer that it reverses burned, in its order.
  public mutating func record(_ transfer: Transfer, granting grant: CreditGrant? = nil, unwinding burned: [Burn] = []) throws(Refusal) -> JournalEntry {
    guard book.entry(of: transfer.id) == nil else { return try book.record(transfer) }
    try expectUsable(transfer.content)
    let arrears = Credits(clamping: Int128(grants.remaining.micro) - Int128(book.account(funds)?.balance.micro ?? 0))
    let entry = try book.record(transfer)
    if case .post(let movement) = transfer.content, movement.credit == funds, let grant {
      note(grants.add(grant, payingOff: max(arrears, .zero)), in: entry)
    } else {
      try use(grantsFor: entry, unwinding: burned)
    }
    return entry
  }

  /// Several transfers together or none of them, as `Book.record(linked:)` does it. What all of them ask for beforehand has to be there together.
  ///
  /// `burned`: what the transfers burned that are reversed, in its order.
  public mutating func record(linked transfers: [Transfer], unwinding burned: [ID<Transfer>: [Burn]] = [:]) throws(LinkedRefusal) -> [JournalEntry] {
    guard let first = transfers.first, book.entry(of: first.id) == nil else { return try book.record(linked: transfers) }
    let before = self
    var asked: Int128 = 0
    for (place, transfer) in transfers.enumerated() {
      do throws(Refusal) { try expectUsable(transfer.content, beside: asked) } catch { throw LinkedRefusal(place: place, refusal: error) }
      asked += Int128(transfer.content.asked?.micro ?? 0)
    }
    let entries = try book.record(linked: transfers)
    for (place, entry) in entries.enumerated() {
      var reversed: [Burn] = []
      if case .reverse(let id) = entry.transfer.content { reversed = burned[id] ?? [] }
      do throws(Refusal) {
        try use(grantsFor: entry, unwinding: reversed)
      } catch {
        self = before
        throw LinkedRefusal(place: place, refusal: error)
      }
    }
    return entries
  }

  /// What an entry takes from grants, or gives back to them.
  private mutating func use(grantsFor entry: JournalEntry, unwinding burned: [Burn]) throws(Refusal) {
    switch entry.transfer.content {
    case .post(let movement) where movement.debit == funds: burn(movement.amount, passing: [funds, movement.credit], at: entry.at, in: entry)
    case .spend(let movement), .charge(let movement): draw(movement, movement.amount, at: entry.at, in: entry)
    case .settle(let id, let amount):
      // What was good when it was set aside is good for it.
      if let hold = book.hold(id) { draw(hold.movement, amount, at: hold.since, in: entry) }
    case .reverse(let id):
      let original = book.entry(of: id)
      // What was recorded since the books were opened isn't among the rows yet.
      let since = newBurns.filter { $0.sequence == original?.sequence }.map(\.burn)
      try takeBack(original?.transfer, burned + since, in: entry)
    case .post, .hold, .release: break
    }
  }

  /// How much may be drawn from an account right now, its parents and what grants are for considered.
  public func effectiveLimit(of number: AccountNumber) throws(Refusal) -> EffectiveLimit {
    let limit = try book.effectiveLimit(of: number)
    guard let room = try usableRoom(passing: book.levels(from: number), to: nil) else { return limit }
    if case .credits(let credits, _) = limit, Int128(credits.micro) <= room { return limit }
    return .credits(Credits(clamping: room), at: funds)
  }

  // MARK: Grants

  private mutating func draw(_ movement: Movement, _ amount: Amount, at instant: Timestamp, in entry: JournalEntry) {
    guard let levels = try? book.levels(from: movement.debit), levels.last == funds else { return }
    burn(amount, passing: levels + [movement.credit], at: instant, in: entry)
  }

  private mutating func burn(_ amount: Amount, passing accounts: [AccountNumber], at instant: Timestamp, in entry: JournalEntry) {
    for burn in grants.burn(amount, passing: accounts, at: instant).burns { note(burn, in: entry) }
  }

  private mutating func note(_ burn: Burn?, in entry: JournalEntry) {
    if let burn { newBurns.append(EntryBurn(sequence: entry.sequence, burn: burn)) }
  }

  /// Gives back what was burned; what a grant was made by takes the grant back first.
  private mutating func takeBack(_ original: Transfer?, _ burned: [Burn], in entry: JournalEntry) throws(Refusal) {
    if case .post(let movement)? = original?.content, movement.credit == funds {
      let own = original.flatMap { grants.take(movement.amount, from: $0.id.cast()) }
      note(own, in: entry)
      guard let rest = Amount(micro: movement.amount.micro - (own?.amount.micro ?? 0)) else { return }
      burn(rest, passing: [funds], at: entry.at, in: entry)
    } else {
      do { try grants.unwind(burned) } catch { throw .incompleteRows }
    }
  }

  // MARK: What grants are for

  /// `asked`: what is asked for together with it.
  private func expectUsable(_ content: Transfer.Content, beside asked: Int128 = 0) throws(Refusal) {
    let movement: Movement
    switch content {
    case .spend(let wanted), .hold(let wanted, _, _): movement = wanted
    case .post, .charge, .settle, .release, .reverse: return
    }
    guard movement.debit != movement.credit, let levels = try? book.levels(from: movement.debit) else { return }
    guard let room = usableRoom(passing: levels, to: movement.credit).map({ $0 - asked }), room < Int128(movement.amount.micro) else { return }
    // Where another level is tighter still, the book says so.
    if case .credits(let credits, _) = try book.effectiveLimit(of: movement.debit), Int128(credits.micro) < room { return }
    throw .insufficientCredits(
      Shortfall(account: funds, available: Credits(clamping: room), missing: Amount(clamping: Int128(movement.amount.micro) - room)))
  }

  /// What the funds have for a draw; `nil` where nothing of them is reserved for other things, or they don't limit.
  private func usableRoom(passing levels: [AccountNumber], to credit: AccountNumber?) -> Int128? {
    guard levels.last == funds, let account = book.account(funds), let room = account.room else { return nil }
    let reserved = grants.reserved(from: levels + (credit.map { [$0] } ?? []), at: book.head.at)
    // What a release sets free of expired grants lapses when the books are opened next.
    let lapsing = min(grants.expired(at: book.head.at), Int128(max(account.available, .zero).micro))
    return reserved + lapsing > 0 ? room - reserved - lapsing : nil
  }
}

extension Transfer.Content {
  /// What it asks for beforehand.
  fileprivate var asked: Amount? {
    switch self {
    case .spend(let movement), .hold(let movement, _, _): movement.amount
    case .post, .charge, .settle, .release, .reverse: nil
    }
  }
}
