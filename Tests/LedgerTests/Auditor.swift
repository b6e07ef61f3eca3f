import Kernel
import Ledger

/// Recomputes the books from the list of accepted transfers alone, in the most naive way, and says of the next one whether it had to be accepted.
///
/// It shares no rule with `Book`: it keeps its own plain description of the accounts, adds everything up anew, and climbs from each open
/// hold whenever it is asked what is held.
struct Auditor {
  /// What had to be answered.
  enum Verdict: Hashable {
    case accepted, repeated
    case idReused, sameAccount, ceilingBelowAmount, expiryPassed, unknownAccount, unknownHold, unknownTransfer, unfitAccount, incompleteRows
    case holdSettled, holdReleased, holdExpired, aboveCeiling, notReversible, alreadyReversed
    case short(at: Int64, missing: Int64)
    case outOfRange
  }

  struct Plan {
    var isCreditNormal = true
    var floor: Int64?
    var parent: Int64?
    var against: Int64?
    var isAllotments = false
  }

  struct OpenedHold {
    let id: ID<Hold>
    let from: Int64
    let to: Int64
    let amount: Int64
    let ceiling: Int64
    let expires: Timestamp
    var ending: Ending?
    enum Ending { case settled, released, expired }
  }

  static let plans: [Int64: Plan] = [
    1: Plan(isCreditNormal: false),
    2: Plan(floor: 0),
    3: Plan(),
    4: Plan(isCreditNormal: false, isAllotments: true),
    5: Plan(floor: 0, parent: 2, against: 4),
    6: Plan(floor: 0, parent: 5, against: 4),
    7: Plan(floor: -10, parent: 2, against: 4),
    8: Plan(floor: 0),
    9: Plan(parent: 2, against: 4),
    10: Plan(isCreditNormal: false, floor: 0),
  ]

  private static let limited = plans.filter { $0.value.floor != nil }.map(\.key)

  private(set) var journal: [JournalEntry] = []
  private var places: [ID<Transfer>: Int] = [:]
  /// Credits less debits, of every account.
  private(set) var sums: [Int64: Int64] = [:]
  private(set) var holds: [OpenedHold] = []
  /// The places of those that haven't ended.
  private var open: [Int] = []
  private var reversed: Set<ID<Transfer>> = []
  private(set) var at = Timestamp.distantPast

  /// The legs of a draw: who is debited and who credited.
  private func legs(from: Int64, to: Int64) -> [(Int64, Int64)] {
    guard let plan = Self.plans[from], let parent = plan.parent, let against = plan.against else { return [(from, to)] }
    return [(from, against)] + legs(from: parent, to: to)
  }

  func balance(_ number: Int64) -> Int64 { (sums[number] ?? 0) * (Self.plans[number]?.isCreditNormal == false ? -1 : 1) }

  /// What is held of every account: each open hold, on each of its levels.
  func held(at instant: Timestamp) -> [Int64: Int64] {
    var held: [Int64: Int64] = [:]
    for place in open where instant < holds[place].expires {
      var level: Int64? = holds[place].from
      while let passed = level {
        held[passed, default: 0] += holds[place].amount
        level = Self.plans[passed]?.parent
      }
    }
    return held
  }

  private func room(_ number: Int64, _ held: [Int64: Int64]) -> Int64? { Self.plans[number]?.floor.map { balance(number) - (held[number] ?? 0) - $0 } }

  /// The level that refuses to give `micro`, if one does.
  private func short(_ micro: Int64, from: Int64, at instant: Timestamp) -> Verdict? {
    let held = held(at: instant)
    var worst: (Int64, Int64)?
    var level: Int64? = from
    while let passed = level {
      if let room = room(passed, held), worst.map({ room < $0.1 }) ?? true { worst = (passed, room) }
      level = Self.plans[passed]?.parent
    }
    guard let worst, worst.1 < micro else { return nil }
    return .short(at: worst.0, missing: micro - worst.1)
  }

  private func draws(_ movement: Movement) -> Verdict? {
    let (from, to) = (movement.debit.value, movement.credit.value)
    if from == to { return .sameAccount }
    guard let source = Self.plans[from], let sink = Self.plans[to] else { return .unknownAccount }
    if !source.isCreditNormal || !sink.isCreditNormal || sink.parent != nil || legs(from: from, to: to).last?.0 == to { return .unfitAccount }
    return nil
  }

  private func posts(_ movement: Movement) -> Verdict? {
    let (from, to) = (movement.debit.value, movement.credit.value)
    if from == to { return .sameAccount }
    guard let source = Self.plans[from], let sink = Self.plans[to] else { return .unknownAccount }
    if source.against == to || sink.against == from { return nil }
    return source.parent != nil || sink.parent != nil || source.isAllotments || sink.isAllotments ? .unfitAccount : nil
  }

  /// Who of two would be lowered beyond its floor.
  private func lowered(_ micro: Int64, debit: Int64, credit: Int64, at instant: Timestamp) -> Verdict? {
    let held = held(at: instant)
    if Self.plans[debit]?.isCreditNormal == true, let room = room(debit, held), room < micro { return .short(at: debit, missing: micro - room) }
    if Self.plans[credit]?.isCreditNormal == false, let room = room(credit, held), room < micro { return .short(at: credit, missing: micro - room) }
    return nil
  }

  /// What a transfer moved, leg by leg.
  private func moved(_ content: Transfer.Content) -> (legs: [(Int64, Int64)], micro: Int64)? {
    switch content {
    case .post(let movement): return ([(movement.debit.value, movement.credit.value)], movement.amount.credits.micro)
    case .spend(let movement), .charge(let movement): return (legs(from: movement.debit.value, to: movement.credit.value), movement.amount.credits.micro)
    case .settle(let id, let amount): return holds.first { $0.id == id }.map { (legs(from: $0.from, to: $0.to), amount.credits.micro) }
    case .hold, .release, .reverse: return nil
    }
  }

  /// What has to be answered at an instant of the clock. The time of the books never goes back.
  func verdict(on transfer: Transfer, at clock: Timestamp, alone: Bool = true) -> Verdict {
    if let place = places[transfer.id] {
      return alone && journal[place].transfer == transfer && journal[place].links.count == 1 ? .repeated : .idReused
    }
    let now = max(clock, at)
    switch transfer.content {
    case .post(let movement):
      return posts(movement) ?? lowered(movement.amount.credits.micro, debit: movement.debit.value, credit: movement.credit.value, at: now) ?? .accepted
    case .spend(let movement):
      return draws(movement) ?? short(movement.amount.credits.micro, from: movement.debit.value, at: now) ?? .accepted
    case .charge(let movement):
      return draws(movement) ?? .accepted
    case .hold(let movement, let ceiling, let expires):
      if movement.debit == movement.credit { return .sameAccount }
      if ceiling < movement.amount { return .ceilingBelowAmount }
      if expires <= now { return .expiryPassed }
      return draws(movement) ?? short(movement.amount.credits.micro, from: movement.debit.value, at: now) ?? .accepted
    case .settle(let id, let amount):
      if let refused = ended(id, at: now) { return refused }
      guard let hold = holds.first(where: { $0.id == id }) else { return .unknownHold }
      if amount.credits.micro > hold.ceiling { return .aboveCeiling }
      let excess = amount.credits.micro - hold.amount
      return (excess > 0 ? short(excess, from: hold.from, at: now) : nil) ?? .accepted
    case .release(let id):
      return ended(id, at: now) ?? .accepted
    case .reverse(let id):
      guard let place = places[id] else { return .unknownTransfer }
      guard let (legs, micro) = moved(journal[place].transfer.content) else { return .notReversible }
      if reversed.contains(id) { return .alreadyReversed }
      for (debit, credit) in legs { if let refused = lowered(micro, debit: credit, credit: debit, at: now) { return refused } }
      return .accepted
    }
  }

  private func ended(_ id: ID<Hold>, at now: Timestamp) -> Verdict? {
    guard let hold = holds.first(where: { $0.id == id }) else { return .unknownHold }
    switch hold.ending {
    case .settled: return .holdSettled
    case .released: return .holdReleased
    case .expired: return .holdExpired
    case nil: return hold.expires <= now ? .holdExpired : nil
    }
  }

  /// Takes an entry as a fact, and says what is wrong with it as such.
  mutating func accept(_ entry: JournalEntry) -> String? {
    if entry.sequence != Int64(journal.count) + 1 { return "entry \(entry.sequence) follows \(journal.count)" }
    if entry.at < at { return "the books' time went back at \(entry.sequence)" }
    if places[entry.transfer.id] != nil { return "one id was recorded twice at \(entry.sequence)" }
    if !entry.links.contains(entry.sequence) { return "entry \(entry.sequence) isn't among its links" }
    let heldBefore = held(at: entry.at)
    let before = Self.limited.map { ($0, room($0, heldBefore) ?? 0) }
    at = entry.at
    for place in open where holds[place].expires <= at { holds[place].ending = .expired }
    open.removeAll { holds[$0].ending != nil }
    if let (legs, micro) = moved(entry.transfer.content) { add(legs, micro) }
    switch entry.transfer.content {
    case .hold(let movement, let ceiling, let expires):
      open.append(holds.count)
      holds.append(
        OpenedHold(
          id: entry.transfer.id.cast(), from: movement.debit.value, to: movement.credit.value, amount: movement.amount.credits.micro,
          ceiling: ceiling.credits.micro, expires: expires))
    case .settle(let id, _): if let fault = end(id, .settled) { return fault }
    case .release(let id): if let fault = end(id, .released) { return fault }
    case .reverse(let id):
      guard let place = places[id], let (legs, micro) = moved(journal[place].transfer.content), reversed.insert(id).inserted
      else { return "\(entry.sequence) reverses what it can't" }
      add(legs.map { ($0.1, $0.0) }, micro)
    case .post, .spend, .charge: break
    }
    places[entry.transfer.id] = journal.count
    journal.append(entry)
    if case .charge = entry.transfer.content { return nil }
    let heldAfter = held(at: at)
    for (number, before) in before {
      if let after = room(number, heldAfter), after < 0, after < before { return "entry \(entry.sequence) took account \(number) below its floor, and is no charge" }
    }
    return nil
  }

  private mutating func end(_ id: ID<Hold>, _ ending: OpenedHold.Ending) -> String? {
    guard let place = holds.firstIndex(where: { $0.id == id }) else { return "a hold that never was has ended" }
    guard holds[place].ending == nil else { return "hold \(id) has ended twice" }
    holds[place].ending = ending
    open.removeAll { $0 == place }
    return nil
  }

  private mutating func add(_ legs: [(Int64, Int64)], _ micro: Int64) {
    for (debit, credit) in legs {
      sums[debit, default: 0] -= micro
      sums[credit, default: 0] += micro
    }
  }
}

extension Auditor.Verdict {
  init(_ refusal: Refusal) {
    self =
      switch refusal {
      case .idReused: .idReused
      case .sameAccount: .sameAccount
      case .ceilingBelowAmount: .ceilingBelowAmount
      case .expiryPassed: .expiryPassed
      case .unknownAccount: .unknownAccount
      case .unknownHold: .unknownHold
      case .unknownTransfer: .unknownTransfer
      case .unfitAccount: .unfitAccount
      case .incompleteRows: .incompleteRows
      case .holdSettled: .holdSettled
      case .holdReleased: .holdReleased
      case .holdExpired: .holdExpired
      case .aboveCeiling: .aboveCeiling
      case .notReversible: .notReversible
      case .alreadyReversed: .alreadyReversed
      case .insufficientCredits(let lack): .short(at: lack.account.value, missing: lack.missing.credits.micro)
      case .outOfRange: .outOfRange
      }
  }
}
