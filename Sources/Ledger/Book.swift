public import Kernel

/// An organization's books at one instant: takes transfers one after the other, and knows what has to be written when they are done.
///
/// It is a value made of the rows that a batch touches, and touches nothing else. Each transfer is recorded whole or not at all; several can be linked, so that
/// they stand or fall together. What follows for the rows stands in `newEntries`, `postings`, `changedAccounts`, `newHolds`, `changedHolds` and `head`.
public struct Book: Sendable {
  /// The instant of every decision, and the number of the last entry; to be written with whatever else is. The instant is the clock's, or the latest one of an
  /// earlier decision if the clock went back: a hold that was once passed over never counts again.
  public private(set) var head: LedgerHead
  /// What the new entries moved, in their order.
  public private(set) var postings: [Posting] = []

  private var accounts: [LedgerAccount]
  private var holds: [Hold]
  private var entries: [JournalEntry]
  private var reversed: Set<ID<Transfer>>
  // As they were loaded.
  private let oldAccounts: [LedgerAccount]
  private let oldHolds: [Hold]
  private let oldEntryCount: Int
  // Where in the arrays each stands.
  private var accountSlots: [AccountNumber: Int]
  private var holdSlots: [ID<Hold>: Int]
  private var entrySlots: [ID<Transfer>: Int]
  /// How to take back what was changed since the last transfer or chain was complete.
  private var undo: [Undo] = []

  private enum Undo {
    case account(Int, balance: Credits, held: Credits)
    case hold(Int, Hold.State)
  }

  /// Opens the books and lets all holds expire whose time has come.
  ///
  /// What is left out of the rows doesn't exist. They must hold:
  /// - `accounts`: those that the transfers, holds and entries name, with all their parents and what is booked against these;
  /// - `holds`: those that the transfers name, those whose settlement is to be reversed, and **every** live one of the organization whose expiry has come
  ///   (one that is left out stays set aside until other books are opened with it);
  /// - `entries`: those that have an id of the transfers, or are to be reversed;
  /// - `reversed`: which of these entries are reversed already.
  ///
  /// `count`: how many transfers are going to be recorded, to make room for them once.
  ///
  /// Refuses with `incompleteRows` where an account of an expired hold is missing.
  public init(
    at now: Timestamp, after head: LedgerHead, accounts: [LedgerAccount], holds: [Hold] = [], entries: [JournalEntry] = [], reversed: Set<ID<Transfer>> = [],
    expecting count: Int = 0
  ) throws(Refusal) {
    self.head = LedgerHead(sequence: head.sequence, at: max(now, head.at))
    (self.accounts, self.holds, self.entries, self.reversed) = (accounts, holds, entries, reversed)
    (oldAccounts, oldHolds, oldEntryCount) = (accounts, holds, entries.count)
    accountSlots = Dictionary(accounts.indices.lazy.map { (accounts[$0].number, $0) }, uniquingKeysWith: { first, _ in first })
    holdSlots = Dictionary(holds.indices.lazy.map { (holds[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    entrySlots = Dictionary(entries.indices.lazy.map { (entries[$0].transfer.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.entries.reserveCapacity(entries.count + count)
    postings.reserveCapacity(2 * count)
    entrySlots.reserveCapacity(entries.count + count)
    for slot in holds.indices where holds[slot].state == .live && !holds[slot].isLive(at: self.head.at) { try end(slot, as: .expired) }
    undo = []
  }

  // MARK: What it says

  /// Whether a transfer that was loaded or recorded since was taken back.
  public func isReversed(_ id: ID<Transfer>) -> Bool { reversed.contains(id) }

  /// An account as it stands after all that was recorded.
  public func account(_ number: AccountNumber) -> LedgerAccount? { accountSlots[number].map { accounts[$0] } }

  /// A hold as it stands after all that was recorded.
  public func hold(_ id: ID<Hold>) -> Hold? { holdSlots[id].map { holds[$0] } }

  /// The entry that a transfer has in the rows that the books were opened with, or since.
  public func entry(of id: ID<Transfer>) -> JournalEntry? { entrySlots[id].map { entries[$0] } }

  /// The accounts that a draw passes, from the one that is named to the funds. Refuses accounts that nothing is drawn from.
  public func levels(from number: AccountNumber) throws(Refusal) -> [AccountNumber] {
    let slot = try slot(of: number)
    guard accounts[slot].kind.canBeDrawnFrom else { throw .unfitAccount(number) }
    // Nothing moves, so it doesn't matter what stands on the other side.
    let path = try path(from: slot, to: slot)
    return path.indices.map { accounts[path[$0].slot].number }
  }

  /// How much may be drawn from an account right now: the tightest of its own limit and its parents'. Refuses accounts that nothing is drawn from.
  public func effectiveLimit(of number: AccountNumber) throws(Refusal) -> EffectiveLimit {
    let slot = try slot(of: number)
    guard accounts[slot].kind.canBeDrawnFrom else { throw .unfitAccount(number) }
    // Nothing moves, so it doesn't matter what stands on the other side.
    guard let (binding, room) = tightest(of: try path(from: slot, to: slot)) else { return .unlimited }
    return .credits(Credits(clamping: room), at: accounts[binding].number)
  }

  /// What was recorded since the books were opened, to be appended to the journal.
  public var newEntries: ArraySlice<JournalEntry> { entries[oldEntryCount...] }

  /// Holds that are to be added.
  public var newHolds: ArraySlice<Hold> { holds[oldHolds.count...] }

  /// Holds that were loaded and have ended since.
  public var changedHolds: [Hold] { zip(holds, oldHolds).filter { $0 != $1 }.map(\.0) }

  /// Accounts whose balance or held amount is another than the one that was loaded.
  public var changedAccounts: [LedgerAccount] { zip(accounts, oldAccounts).filter { $0 != $1 }.map(\.0) }

  // MARK: What it takes

  /// Records a transfer, or answers the entry of its first time. Refused, it leaves no trace, and its id stays free.
  public mutating func record(_ transfer: Transfer) throws(Refusal) -> JournalEntry {
    if let slot = entrySlots[transfer.id] {
      guard entries[slot].transfer == transfer, entries[slot].links.count == 1 else { throw .idReused(transfer.id) }
      return entries[slot]
    }
    let mark = self.mark
    do throws(Refusal) {
      return try append(transfer, linkedTo: head.sequence + 1..<head.sequence + 2)
    } catch {
      rollBack(to: mark)
      throw error
    }
  }

  /// Records several transfers together or none of them; each sees what those before it have done.
  /// The same ones in the same order are answered as the first time.
  public mutating func record(linked transfers: [Transfer]) throws(LinkedRefusal) -> [JournalEntry] {
    if let first = transfers.first, let slot = entrySlots[first.id] { return try repeated(transfers, as: entries[slot].links) }
    let mark = self.mark
    let links = head.sequence + 1..<head.sequence + 1 + Int64(transfers.count)
    for (place, transfer) in transfers.enumerated() {
      do throws(Refusal) {
        guard entrySlots[transfer.id] == nil else { throw .idReused(transfer.id) }
        _ = try append(transfer, linkedTo: links)
      } catch {
        rollBack(to: mark)
        throw LinkedRefusal(place: place, refusal: error)
      }
    }
    return Array(entries[mark.entries...])
  }

  /// The entries of a chain that was recorded before, if it was this one.
  private func repeated(_ transfers: [Transfer], as links: Range<Int64>) throws(LinkedRefusal) -> [JournalEntry] {
    var known: [JournalEntry] = []
    for (place, transfer) in transfers.enumerated() {
      guard links.count == transfers.count, let slot = entrySlots[transfer.id], entries[slot].transfer == transfer,
        entries[slot].sequence == links.lowerBound + Int64(place)
      else { throw LinkedRefusal(place: place, refusal: .idReused(transfer.id)) }
      known.append(entries[slot])
    }
    return known
  }

  // MARK: All or nothing

  private struct Mark {
    let head: LedgerHead
    let entries: Int
    let postings: Int
    let holds: Int
  }

  /// Where a transfer or a chain begins.
  private var mark: Mark {
    mutating get {
      undo.removeAll(keepingCapacity: true)
      return Mark(head: head, entries: entries.count, postings: postings.count, holds: holds.count)
    }
  }

  private mutating func rollBack(to mark: Mark) {
    for step in undo.reversed() {
      switch step {
      case .account(let slot, let balance, let held): (accounts[slot].balance, accounts[slot].held) = (balance, held)
      case .hold(let slot, let state): holds[slot].state = state
      }
    }
    for hold in holds[mark.holds...] { holdSlots[hold.id] = nil }
    for entry in entries[mark.entries...] {
      entrySlots[entry.transfer.id] = nil
      if case .reverse(let id) = entry.transfer.content { reversed.remove(id) }
    }
    holds.removeSubrange(mark.holds...)
    entries.removeSubrange(mark.entries...)
    postings.removeSubrange(mark.postings...)
    head = mark.head
  }

  private mutating func append(_ transfer: Transfer, linkedTo links: Range<Int64>) throws(Refusal) -> JournalEntry {
    head = LedgerHead(sequence: head.sequence + 1, at: head.at)
    try apply(transfer)
    let entry = JournalEntry(sequence: head.sequence, at: head.at, links: links, transfer: transfer)
    entrySlots[transfer.id] = entries.count
    entries.append(entry)
    return entry
  }

  // MARK: The rules

  /// Each case is a list of refusals in the order of `Refusal`, and then what it does.
  private mutating func apply(_ transfer: Transfer) throws(Refusal) {
    switch transfer.content {
    case .post(let movement):
      let path = try direct(movement)
      try expectRoom(for: movement.amount, between: path[0].slot, and: path[0].counterpart)
      try draw(movement.amount, along: path)

    case .spend(let movement):
      let path = try path(of: movement)
      try expectRoom(for: movement.amount.micro, along: path)
      try draw(movement.amount, along: path)

    case .charge(let movement):
      try draw(movement.amount, along: try path(of: movement))

    case .hold(let movement, let ceiling, let expires):
      guard movement.debit != movement.credit else { throw .sameAccount }
      guard ceiling >= movement.amount else { throw .ceilingBelowAmount }
      guard expires > head.at else { throw .expiryPassed }
      let path = try path(of: movement)
      try expectRoom(for: movement.amount.micro, along: path)
      try place(Hold(transfer.id.cast(), movement, ceiling: ceiling, since: head.at, expires: expires), on: path)

    case .settle(let id, let amount):
      let slot = try liveHold(id)
      let hold = holds[slot]
      guard amount <= hold.ceiling else { throw .aboveCeiling(hold.ceiling) }
      let path = try recordedPath(of: hold.movement)
      // What was set aside is there; only what exceeds it is asked for.
      if amount > hold.movement.amount { try expectRoom(for: amount.micro - hold.movement.amount.micro, along: path) }
      try end(slot, as: .settled(amount, by: transfer.id))
      try draw(amount, along: path)

    case .release(let id):
      try end(try liveHold(id), as: .released(by: transfer.id))

    case .reverse(let id):
      guard let slot = entrySlots[id] else { throw .unknownTransfer(id) }
      let original = entries[slot].transfer.content
      guard original.isReversible else { throw .notReversible(id) }
      guard !reversed.contains(id) else { throw .alreadyReversed(id) }
      let (path, amount) = try moved(by: original)
      for level in path.indices { try expectRoom(for: amount, between: path[level].counterpart, and: path[level].slot) }
      for level in path.indices { try move(amount, from: path[level].counterpart, to: path[level].slot) }
      reversed.insert(id)
    }
  }

  /// The path on which a recorded transfer moved credits, and how many.
  private func moved(by content: Transfer.Content) throws(Refusal) -> (Path, Amount) {
    switch content {
    case .post(let movement):
      do throws(Refusal) { return (try direct(movement), movement.amount) } catch { throw .incompleteRows }
    case .spend(let movement), .charge(let movement): return (try recordedPath(of: movement), movement.amount)
    case .settle(let id, let amount):
      guard let slot = holdSlots[id] else { throw .incompleteRows }
      return (try recordedPath(of: holds[slot].movement), amount)
    case .hold, .release, .reverse: throw .incompleteRows
    }
  }

  private func liveHold(_ id: ID<Hold>) throws(Refusal) -> Int {
    guard let slot = holdSlots[id] else { throw .unknownHold(id) }
    switch holds[slot].state {
    case .live: return slot
    case .settled: throw .holdSettled(id)
    case .released: throw .holdReleased(id)
    case .expired: throw .holdExpired(id)
    }
  }

  // MARK: Paths

  /// The levels that a movement passes, from the account that is named to the funds that it draws on: each with the account on the other side.
  private struct Path {
    struct Level {
      var slot = 0
      var counterpart = 0
    }

    /// As many as `LedgerAccount.deepest`, in place: a path costs no memory of its own.
    private var levels = InlineArray<8, Level>(repeating: Level())
    private(set) var indices = 0..<0

    subscript(level: Int) -> Level { levels[level] }

    /// Whether there was a place left.
    mutating func append(_ slot: Int, against counterpart: Int) -> Bool {
      guard indices.count < levels.count else { return false }
      levels[indices.count] = Level(slot: slot, counterpart: counterpart)
      indices = 0..<indices.count + 1
      return true
    }
  }

  private func slot(of number: AccountNumber) throws(Refusal) -> Int {
    guard let slot = accountSlots[number] else { throw .unknownAccount(number) }
    return slot
  }

  private func slots(of movement: Movement) throws(Refusal) -> (debit: Int, credit: Int) {
    guard movement.debit != movement.credit else { throw .sameAccount }
    return (try slot(of: movement.debit), try slot(of: movement.credit))
  }

  /// Between two accounts and no others: both funds, or an allowance and what is booked against it.
  private func direct(_ movement: Movement) throws(Refusal) -> Path {
    let (debit, credit) = try slots(of: movement)
    switch (accounts[debit].kind, accounts[credit].kind) {
    case (.funds, .funds): break
    case (.allowance(_, let against, _), .allotments): guard against == movement.credit else { throw .unfitAccount(movement.debit) }
    case (.allotments, .allowance(_, let against, _)): guard against == movement.debit else { throw .unfitAccount(movement.credit) }
    case (.funds, _): throw .unfitAccount(movement.credit)
    default: throw .unfitAccount(movement.debit)
    }
    var path = Path()
    _ = path.append(debit, against: credit)
    return path
  }

  /// Through an account and all its parents, to funds.
  private func path(of movement: Movement) throws(Refusal) -> Path {
    let (debit, credit) = try slots(of: movement)
    guard accounts[debit].kind.canBeDrawnFrom else { throw .unfitAccount(movement.debit) }
    guard case .funds(.credit, _) = accounts[credit].kind else { throw .unfitAccount(movement.credit) }
    let path = try path(from: debit, to: credit)
    guard path[path.indices.count - 1].slot != credit else { throw .unfitAccount(movement.credit) }
    return path
  }

  /// The same for a movement that was accepted once: whatever is wrong with it now is a mistake of who loaded the rows.
  private func recordedPath(of movement: Movement) throws(Refusal) -> Path {
    do throws(Refusal) { return try path(of: movement) } catch { throw .incompleteRows }
  }

  private func path(from start: Int, to credit: Int) throws(Refusal) -> Path {
    var path = Path()
    var slot = start
    while true {
      switch accounts[slot].kind {
      case .funds(.credit, _):
        guard path.append(slot, against: credit) else { throw .incompleteRows }
        return path
      case .allowance(let parent, let against, _):
        guard let next = accountSlots[parent], let counterpart = accountSlots[against], accounts[counterpart].kind == .allotments,
          path.append(slot, against: counterpart)
        else { throw .incompleteRows }
        slot = next
      case .funds(.debit, _), .allotments: throw .incompleteRows
      }
    }
  }

  // MARK: Limits

  /// The level with the least room, and how much that is in micro-credits; `nil` when none has a limit.
  private func tightest(of path: Path) -> (slot: Int, room: Int128)? {
    var tightest: (slot: Int, room: Int128)?
    for level in path.indices {
      if let room = accounts[path[level].slot].room, tightest.map({ room < $0.room }) ?? true { tightest = (path[level].slot, room) }
    }
    return tightest
  }

  private func expectRoom(for micro: Int64, along path: Path) throws(Refusal) {
    guard let (slot, room) = tightest(of: path), room < micro else { return }
    throw .insufficientCredits(Shortfall(of: micro, at: accounts[slot].number, room: room))
  }

  /// The same for a movement that involves no parents: it may lower both of its accounts.
  private func expectRoom(for amount: Amount, between debit: Int, and credit: Int) throws(Refusal) {
    for (slot, side) in [(debit, Side.debit), (credit, Side.credit)] where accounts[slot].normalSide != side {
      guard let room = accounts[slot].room, room < amount.micro else { continue }
      throw .insufficientCredits(Shortfall(of: amount.micro, at: accounts[slot].number, room: room))
    }
  }

  // MARK: Changes

  private mutating func draw(_ amount: Amount, along path: Path) throws(Refusal) {
    for level in path.indices { try move(amount, from: path[level].slot, to: path[level].counterpart) }
  }

  private mutating func move(_ amount: Amount, from debit: Int, to credit: Int) throws(Refusal) {
    guard let debited = accounts[debit].balance(after: amount, on: .debit) else { throw .outOfRange(accounts[debit].number) }
    set(debit, balance: debited, held: accounts[debit].held)
    guard let credited = accounts[credit].balance(after: amount, on: .credit) else { throw .outOfRange(accounts[credit].number) }
    set(credit, balance: credited, held: accounts[credit].held)
    postings.append(Posting(sequence: head.sequence, at: head.at, debit: accounts[debit].number, credit: accounts[credit].number, amount: amount))
  }

  private mutating func place(_ hold: Hold, on path: Path) throws(Refusal) {
    for level in path.indices {
      let slot = path[level].slot
      guard let held = accounts[slot].held.adding(hold.movement.amount.credits) else { throw .outOfRange(accounts[slot].number) }
      set(slot, balance: accounts[slot].balance, held: held)
    }
    holdSlots[hold.id] = holds.count
    holds.append(hold)
  }

  private mutating func end(_ slot: Int, as state: Hold.State) throws(Refusal) {
    let movement = holds[slot].movement
    let path = try recordedPath(of: movement)
    for level in path.indices {
      let account = accounts[path[level].slot]
      guard let held = account.held.subtracting(movement.amount.credits) else { throw .outOfRange(account.number) }
      set(path[level].slot, balance: account.balance, held: held)
    }
    undo.append(.hold(slot, holds[slot].state))
    holds[slot].state = state
  }

  private mutating func set(_ slot: Int, balance: Credits, held: Credits) {
    undo.append(.account(slot, balance: accounts[slot].balance, held: accounts[slot].held))
    (accounts[slot].balance, accounts[slot].held) = (balance, held)
  }
}

extension Transfer.Content {
  /// Whether it moves credits, and forward.
  fileprivate var isReversible: Bool {
    switch self {
    case .post, .spend, .charge, .settle: true
    case .hold, .release, .reverse: false
    }
  }
}

extension LedgerAccount.Kind {
  /// Whether credits are drawn through it or from it.
  fileprivate var canBeDrawnFrom: Bool {
    switch self {
    case .funds(.credit, _), .allowance: true
    case .funds(.debit, _), .allotments: false
    }
  }
}

extension Shortfall {
  /// What `micro` lacks where only `room` is left.
  fileprivate init(of micro: Int64, at account: AccountNumber, room: Int128) {
    self.account = account
    available = Credits(clamping: room)
    missing = Amount(clamping: Int128(micro) - room)
  }
}
