import Kernel
import Ledger

/// What is wrong with an organization's books, in a sentence.
public struct LedgerFault: Sendable, Hashable {
  public let text: String
}

/// What the books should say, worked out from the entries alone: it knows nothing of how they were decided.
struct LedgerAudit {
  /// What it needs of an account: its way up, and whether what is booked on a side makes it grow.
  private struct Account {
    let parent: AccountNumber?
    let growsOnCredit: Bool
    let isAllowance: Bool
  }

  private struct Held {
    let movement: Movement
    let ceiling: Amount
    let expires: Timestamp
    var end: End?
  }

  enum End: Hashable { case settled(Amount), released }

  private let accounts: [AccountNumber: Account]
  private(set) var balances: [AccountNumber: Int128] = [:]
  private(set) var faults: [LedgerFault] = []
  private(set) var entries = 0
  private(set) var last = LedgerHead.beginning
  private var holds: [ID<Hold>: Held] = [:]
  private var moved: [ID<Transfer>: Movement] = [:]
  private var reversed: Set<ID<Transfer>> = []

  /// Beyond these nothing more is told.
  private static let faultLimit = 100

  init(_ accounts: [LedgerAccount]) {
    self.accounts = Dictionary(
      accounts.map { ($0.number, Account(parent: $0.kind.parent, growsOnCredit: $0.normalSide == .credit, isAllowance: $0.kind.parent != nil)) },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func fault(_ text: String) { if faults.count < Self.faultLimit { faults.append(LedgerFault(text: text)) } }

  /// Takes the next entry.
  mutating func take(_ record: JournalRecord) {
    let entry = record.entry
    let place = "Entry \(entry.sequence)"
    if entry.sequence != last.sequence + 1 { fault("\(place) follows entry \(last.sequence).") }
    if entry.at < last.at { fault("\(place) is older than the one before it.") }
    if !entry.links.contains(entry.sequence) { fault("\(place) isn't among those it was recorded with.") }
    (entries, last) = (entries + 1, LedgerHead(sequence: entry.sequence, at: entry.at))
    let movement = record.movement
    switch entry.transfer.content {
    case .post: post(movement.debit, movement.credit, movement.amount, place)
    case .spend, .charge: draw(movement, place)
    case .hold(let asked, let ceiling, let expires):
      if holds[entry.transfer.id.cast()] != nil { fault("\(place) makes a hold that there was.") }
      if ceiling < asked.amount || expires <= entry.at { fault("\(place) makes a hold that can't be.") }
      holds[entry.transfer.id.cast()] = Held(movement: asked, ceiling: ceiling, expires: expires)
    case .settle(let id, let amount):
      end(id, as: .settled(amount), at: entry.at, movement, place)
      draw(movement, place)
    case .release(let id): end(id, as: .released, at: entry.at, movement, place)
    case .reverse(let id):
      guard let original = moved[id] else { return fault("\(place) takes back what never moved.") }
      if !reversed.insert(id).inserted { fault("\(place) takes back what was taken back.") }
      if movement != Movement(from: original.credit, to: original.debit, original.amount) { fault("\(place) moves back something else than was moved.") }
      // Backwards along the same way.
      for (debit, credit) in path(of: original) { post(credit, debit, original.amount, place) }
    }
    switch entry.transfer.content {
    case .post, .spend, .charge, .settle: moved[entry.transfer.id] = movement
    case .hold, .release, .reverse: break
    }
  }

  private mutating func end(_ id: ID<Hold>, as end: End, at instant: Timestamp, _ movement: Movement, _ place: String) {
    guard var hold = holds[id] else { return fault("\(place) ends a hold that never was.") }
    if hold.end != nil { fault("\(place) ends a hold again.") }
    if instant >= hold.expires { fault("\(place) ends a hold that had expired.") }
    if (movement.debit, movement.credit) != (hold.movement.debit, hold.movement.credit) { fault("\(place) moves between other accounts than its hold.") }
    if case .settled(let amount) = end, amount > hold.ceiling { fault("\(place) settles a hold above its ceiling.") }
    hold.end = end
    holds[id] = hold
  }

  private mutating func draw(_ movement: Movement, _ place: String) {
    for (debit, credit) in path(of: movement) { post(debit, credit, movement.amount, place) }
  }

  /// The postings of a movement: one for each level that it draws through.
  private func path(of movement: Movement) -> [(debit: AccountNumber, credit: AccountNumber)] {
    guard accounts[movement.debit]?.isAllowance == true, movement.credit != .allotments else { return [(movement.debit, movement.credit)] }
    var path: [(debit: AccountNumber, credit: AccountNumber)] = []
    var number = movement.debit
    while let account = accounts[number], account.isAllowance, let parent = account.parent, path.count < LedgerAccount.deepest {
      path.append((number, .allotments))
      number = parent
    }
    path.append((number, movement.credit))
    return path
  }

  private mutating func post(_ debit: AccountNumber, _ credit: AccountNumber, _ amount: Amount, _ place: String) {
    guard let debited = accounts[debit], let credited = accounts[credit] else { return fault("\(place) moves credits of an account that isn't there.") }
    let micro = Int128(amount.credits.micro)
    balances[debit, default: 0] += debited.growsOnCredit ? -micro : micro
    balances[credit, default: 0] += credited.growsOnCredit ? micro : -micro
  }

  /// What is held of each account by those that aren't ended and hold at an instant.
  func held(at instant: Timestamp) -> [AccountNumber: Int128] {
    var held: [AccountNumber: Int128] = [:]
    for hold in holds.values where hold.end == nil && instant < hold.expires {
      for (debit, _) in path(of: hold.movement) { held[debit, default: 0] += Int128(hold.movement.amount.credits.micro) }
    }
    return held
  }

  /// Compares a hold as it is stored.
  mutating func compare(_ stored: Hold, at instant: Timestamp) {
    guard let hold = holds.removeValue(forKey: stored.id) else { return fault("The hold \(stored.id) has no entry that made it, or stands twice.") }
    if hold.movement != stored.movement || hold.ceiling != stored.ceiling || hold.expires != stored.expires {
      fault("The hold \(stored.id) isn't what was asked for.")
    }
    let fits =
      switch (stored.state, hold.end) {
      case (.settled(let amount, _), .settled(let asked)?): amount == asked
      case (.released, .released?): true
      case (.expired, nil): hold.expires <= instant
      case (.live, nil): true
      default: false
      }
    if !fits { fault("The hold \(stored.id) is stored in another state than its entries say.") }
  }

  /// After all holds were compared: none may be left.
  mutating func expectNoMoreHolds() { for id in holds.keys.sorted() { fault("The hold \(id) was made and isn't stored.") } }

  /// What wasn't taken back of what was moved.
  func stands(_ id: ID<Transfer>) -> Bool { !reversed.contains(id) }
}
