public import Kernel

/// An organization's books together with the grants that its balance is made of: one call does all that a transfer means for both.
///
/// Granted credits leave the balance by being used, by lapsing, or when their own grant is taken back: what moves credits elsewhere moves those of no grant.
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

  /// Several transfers together or none of them, as `Book.record(linked:)` does it.
  ///
  /// `burned`: what the transfers burned that are reversed, in its order.
  public mutating func record(linked transfers: [Transfer], unwinding burned: [ID<Transfer>: [Burn]] = [:]) throws(LinkedRefusal) -> [JournalEntry] {
    guard let first = transfers.first, book.entry(of: first.id) == nil else { return try book.record(linked: transfers) }
    // One after the other on a copy: each may use what those before it left, of the credits and of the grants.
    var copy = self
    for (place, transfer) in transfers.enumerated() {
      var reversed: [Burn] = []
      if case .reverse(let id) = transfer.content { reversed = burned[id] ?? [] }
      do throws(Refusal) { _ = try copy.record(transfer, unwinding: reversed) } catch { throw LinkedRefusal(place: place, refusal: error) }
    }
    let entries = try book.record(linked: transfers)
    (grants, newBurns) = (copy.grants, copy.newBurns)
    return entries
  }

  /// What an entry takes from grants, or gives back to them.
  private mutating func use(grantsFor entry: JournalEntry, unwinding burned: [Burn]) throws(Refusal) {
    switch entry.transfer.content {
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
      note(original.flatMap { grants.take(movement.amount, from: $0.id.cast()) }, in: entry)
    } else {
      do { try grants.unwind(burned) } catch { throw .incompleteRows }
    }
  }

  // MARK: What grants are for

  private func expectUsable(_ content: Transfer.Content) throws(Refusal) {
    switch content {
    case .spend(let movement), .hold(let movement, _, _): try expectUsable(movement)
    case .settle(let id, let amount):
      // What it asks for beyond its hold; what can't be settled at all the book says.
      guard let hold = book.hold(id), hold.state == .live, book.head.at < hold.expires, amount <= hold.ceiling,
        let more = Amount(micro: amount.micro - hold.movement.amount.micro)
      else { return }
      try expectUsable(Movement(from: hold.movement.debit, to: hold.movement.credit, more))
    case .post(let movement) where movement.debit == funds: try expectMovable(movement.amount)
    case .reverse(let id):
      guard case .post(let movement)? = book.entry(of: id)?.transfer.content, movement.credit == funds, !book.isReversed(id) else { return }
      try expectMovable(movement.amount, of: id.cast())
    case .post, .charge, .release: return
    }
  }

  /// Whether that much of no grant is there, or of `grant` itself.
  private func expectMovable(_ amount: Amount, of grant: ID<CreditGrant>? = nil) throws(Refusal) {
    guard let account = book.account(funds), let room = account.room else { return }
    let granted = grants.inOrder.reduce(Int128(0)) { $0 + ($1.id == grant ? 0 : Int128($1.remaining.micro)) }
    let movable = room - granted
    // Without grants the book says what is missing.
    guard granted > 0, movable < Int128(amount.micro) else { return }
    throw .insufficientCredits(
      Shortfall(account: funds, available: Credits(clamping: movable), missing: Amount(clamping: Int128(amount.micro) - movable)))
  }

  private func expectUsable(_ movement: Movement) throws(Refusal) {
    guard movement.debit != movement.credit, let levels = try? book.levels(from: movement.debit) else { return }
    guard let room = usableRoom(passing: levels, to: movement.credit), room < Int128(movement.amount.micro) else { return }
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
