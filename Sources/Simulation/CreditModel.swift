/// What should come of everything that is done with one organization's credits: plain numbers, written from the specification and not from the code.
struct CreditModel: Equatable {
  /// Whose credits: 0 is the organization's balance, the others are shares in the order in which they were made.
  struct Account: Equatable {
    /// An allowance draws on the organization's balance; other shares have credits of their own.
    var isAllowance = false
    var balance: Int64 = 0
  }

  enum HoldState: Equatable { case live, settled(Int64), released, expired }

  struct Hold: Equatable {
    let account: Int
    let amount: Int64
    let ceiling: Int64
    /// In milliseconds.
    let since: Int64
    let expires: Int64
    var state = HoldState.live
  }

  /// Credits of the balance that go first, end, or are for something alone.
  struct Grant: Equatable {
    let terms: CreditTerms
    let granted: Int64
    var remaining: Int64

    func isGood(at instant: Int64) -> Bool { terms.expires.map { instant < $0 } ?? true }
    /// Whether it may be used for what is drawn through an account, at an instant.
    func covers(_ account: Int, at instant: Int64) -> Bool { isGood(at: instant) && (terms.only == nil || terms.only == account) }
  }

  /// Something that was accepted under an id.
  struct Done: Equatable {
    let deed: CreditDeed
    /// What was drawn, and from where; 0 where nothing was.
    var drawn: Int64 = 0
    var account = 0
    /// Which grants gave how much of it.
    var burned: [Int: Int64] = [:]
    var isReversed = false
    /// What moves nothing and can't be taken back: holds.
    var isFinal = false
  }

  var accounts = [Account()]
  var used: Int64 = 0
  var holds: [Int: Hold] = [:]
  /// By the ids of the top-ups that made them.
  var grants: [Int: Grant] = [:]
  var done: [Int: Done] = [:]
  /// The latest instant at which anything was written.
  var written: Int64 = .min

  enum Verdict: Equatable { case done, refused(String) }

  /// What is held of an account at an instant: of an allowance what is held of it, of the balance also what allowances hold.
  func held(of account: Int, at now: Int64) -> Int64 {
    holds.values.reduce(0) { sum, hold in
      guard hold.state == .live, now < hold.expires else { return sum }
      return hold.account == account || account == 0 && accounts[hold.account].isAllowance ? sum + hold.amount : sum
    }
  }

  /// Whether what is drawn through an account is drawn from the organization's balance.
  private func drawsOnBalance(_ account: Int) -> Bool { account == 0 || accounts[account].isAllowance }

  /// By priority, then what ends first, then what was granted first.
  private var inOrder: [(key: Int, value: Grant)] {
    grants.sorted { a, b in
      (a.value.terms.priority, a.value.terms.expires ?? .max, a.key) < (b.value.terms.priority, b.value.terms.expires ?? .max, b.key)
    }
  }

  /// What is left of all grants.
  var granted: Int64 { grants.values.reduce(0) { $0 + $1.remaining } }

  /// What may be drawn through an account: not what is granted for something else, nor what lapses when nothing holds it any more.
  func room(of account: Int, at now: Int64) -> Int64 {
    guard drawsOnBalance(account) else { return free(of: account, at: now) }
    let reserved = grants.values.reduce(0) { $0 + ($1.isGood(at: now) && !$1.covers(account, at: now) ? $1.remaining : 0) }
    let whole = free(of: 0, at: now) - reserved
    return account == 0 ? whole : min(free(of: account, at: now), whole)
  }

  /// What of the balance may leave it for another account: what was granted stays, but for what `own` granted.
  private func movable(at now: Int64, own: Int? = nil) -> Int64 { free(of: 0, at: now) - granted + (own.flatMap { grants[$0]?.remaining } ?? 0) }

  /// Uses credits, granted ones first. Answers which grants gave how much.
  private mutating func draw(_ amount: Int64, from account: Int, at instant: Int64) -> [Int: Int64] {
    accounts[account].balance -= amount
    if accounts[account].isAllowance { accounts[0].balance -= amount }
    used += amount
    guard drawsOnBalance(account) else { return [:] }
    var (rest, burned) = (amount, [Int: Int64]())
    for (id, grant) in inOrder where rest > 0 && grant.remaining > 0 && grant.covers(account, at: instant) {
      let part = min(rest, grant.remaining)
      grants[id]?.remaining -= part
      burned[id] = part
      rest -= part
    }
    return burned
  }

  /// What wasn't used after all goes back to where it came from.
  private mutating func giveBack(_ known: Done) {
    accounts[known.account].balance += known.drawn
    if accounts[known.account].isAllowance { accounts[0].balance += known.drawn }
    used -= known.drawn
    for (id, part) in known.burned { grants[id]?.remaining += part }
  }

  /// What is left of grants that have ended leaves the balance, as far as nothing holds it.
  private mutating func lapse(at now: Int64) {
    for (id, grant) in inOrder where !grant.isGood(at: now) {
      let part = min(grant.remaining, max(free(of: 0, at: now), 0))
      grants[id]?.remaining -= part
      accounts[0].balance -= part
    }
  }

  /// The same model at an instant, as somebody sees it who looks then.
  func seen(at now: Int64) -> CreditModel {
    var seen = self
    seen.pass(to: now)
    return seen
  }

  private mutating func pass(to now: Int64) {
    for (id, hold) in holds where hold.state == .live && hold.expires <= now { holds[id]?.state = .expired }
    lapse(at: now)
  }

  /// What an account has by itself that isn't held.
  private func free(of account: Int, at now: Int64) -> Int64 { accounts[account].balance - held(of: account, at: now) }

  /// Adds to a share or takes from it: an allowance is just set, other shares get their credits from the balance and give them back. `false` for too little.
  private mutating func move(_ amount: Int64, of account: Int, isIn: Bool, at now: Int64) -> Bool {
    let isAllowance = accounts[account].isAllowance
    if isIn ? !isAllowance && movable(at: now) < amount : free(of: account, at: now) < amount { return false }
    accounts[account].balance += isIn ? amount : -amount
    if !isAllowance { accounts[0].balance += isIn ? -amount : amount }
    return true
  }

  /// What comes of a deed at an instant of the clock. Refused, it changes nothing but that holds are known to be over whose time has come.
  mutating func take(_ deed: CreditDeed, at clock: Int64) -> Verdict {
    let now = max(clock, written)
    let before = self
    // Whoever opens the books writes down which holds and grants are over, and with that the time.
    pass(to: now)
    let opened = self
    let verdict = carryOut(deed, at: now)
    let isNew = verdict == .done && self != opened
    if !isNew { self = deed.opensBooks && verdict != .refused("missing") ? opened : before }
    if self != before { written = now }
    return verdict
  }

  private mutating func carryOut(_ deed: CreditDeed, at now: Int64) -> Verdict {
    if let id = deed.id, let known = done[id] { return known.deed == deed ? .done : .refused("transfer.id_reused") }
    switch deed {
    case .topUp(let id, let amount, let terms):
      // Arrears are paid off first.
      let arrears = max(granted - accounts[0].balance, 0)
      accounts[0].balance += amount
      if let terms {
        let left = max(amount - arrears, 0)
        grants[id] = Grant(terms: terms, granted: amount, remaining: left)
      }
      done[id] = Done(deed: deed)
    case .charge(let id, let account, let amount, let asksFirst):
      guard !asksFirst || amount <= room(of: account, at: now) else { return .refused("credits.insufficient") }
      let burned = draw(amount, from: account, at: now)
      done[id] = Done(deed: deed, drawn: amount, account: account, burned: burned)
    case .linked(let charges):
      // Known as a whole or not at all.
      if let known = charges.first.flatMap({ done[$0.id] }) { return known.deed == deed ? .done : .refused("transfer.id_reused") }
      for charge in charges {
        guard done[charge.id] == nil else { return .refused("transfer.id_reused") }
        guard !charge.asksFirst || charge.amount <= room(of: charge.account, at: now) else { return .refused("credits.insufficient") }
        let burned = draw(charge.amount, from: charge.account, at: now)
        done[charge.id] = Done(deed: deed, drawn: charge.amount, account: charge.account, burned: burned)
      }
    case .hold(let id, let account, let amount, let ceiling, let seconds):
      guard amount <= room(of: account, at: now) else { return .refused("credits.insufficient") }
      holds[id] = Hold(account: account, amount: amount, ceiling: ceiling, since: now, expires: now + Int64(seconds) * 1000)
      done[id] = Done(deed: deed, isFinal: true)
    case .settle(let id, let amount):
      guard let hold = holds[id] else { return .refused("missing") }
      switch hold.state {
      case .settled(let before): return before == amount ? .done : .refused("hold.settled")
      case .released: return .refused("hold.released")
      case .expired: return .refused("hold.expired")
      case .live: break
      }
      guard now < hold.expires else { return .refused("hold.expired") }
      guard amount <= hold.ceiling else { return .refused("hold.above_ceiling") }
      guard amount <= hold.amount || amount - hold.amount <= room(of: hold.account, at: now) else { return .refused("credits.insufficient") }
      holds[id]?.state = .settled(amount)
      // What was good when it was set aside is good for it.
      _ = draw(amount, from: hold.account, at: hold.since)
    case .release(let id):
      guard let hold = holds[id] else { return .refused("missing") }
      switch hold.state {
      case .settled: return .refused("hold.settled")
      case .released: return .done
      case .expired: return .refused("hold.expired")
      case .live: break
      }
      guard now < hold.expires else { return .refused("hold.expired") }
      holds[id]?.state = .released
    case .reverse(let id):
      guard let known = done[id] else { return .refused("missing") }
      if known.isReversed { return .done }
      guard !known.isFinal else { return .refused("transfer.final") }
      switch known.deed {
      case .topUp(_, let amount, _):
        guard amount <= movable(at: now, own: id), amount <= free(of: 0, at: now) else { return .refused("credits.insufficient") }
        accounts[0].balance -= amount
        if let left = grants[id]?.remaining { grants[id]?.remaining -= min(left, amount) }
      case .move(_, let account, let amount, let isIn):
        guard move(amount, of: account, isIn: !isIn, at: now) else { return .refused("credits.insufficient") }
      default: giveBack(known)
      }
      done[id]?.isReversed = true
    case .set(let account, let amount): accounts[account].balance = amount
    case .move(let id, let account, let amount, let isIn):
      guard move(amount, of: account, isIn: isIn, at: now) else { return .refused("credits.insufficient") }
      done[id] = Done(deed: deed)
    }
    return .done
  }
}

/// What tells granted credits apart.
struct CreditTerms: Equatable {
  let priority: Int
  /// In milliseconds; `nil` for never.
  let expires: Int64?
  /// The allowance that they are for alone.
  let only: Int?
}

/// One of several transfers that are done together or not at all.
struct LinkedCharge: Equatable {
  let id: Int
  let account: Int
  let amount: Int64
  let asksFirst: Bool
}

/// Something that somebody does with credits; ids are the clients' own.
enum CreditDeed: Equatable, CustomStringConvertible {
  case topUp(id: Int, amount: Int64, terms: CreditTerms?)
  case linked([LinkedCharge])
  case charge(id: Int, account: Int, amount: Int64, asksFirst: Bool)
  case hold(id: Int, account: Int, amount: Int64, ceiling: Int64, seconds: Int)
  case settle(hold: Int, amount: Int64)
  case release(hold: Int)
  case reverse(Int)
  /// What may be used through an allowance from now on.
  case set(account: Int, amount: Int64)
  case move(id: Int, account: Int, amount: Int64, isIn: Bool)

  var id: Int? {
    switch self {
    case .topUp(let id, _, _), .charge(let id, _, _, _), .hold(let id, _, _, _, _), .move(let id, _, _, _): id
    case .settle, .release, .reverse, .set, .linked: nil
    }
  }

  /// Whether it is looked at in the books, even if nothing comes of it.
  var opensBooks: Bool {
    switch self {
    case .charge, .linked, .hold, .settle, .release, .reverse: true
    case .topUp, .set, .move: false
    }
  }

  var name: String { String(description.prefix { $0 != " " }) }

  var description: String {
    switch self {
    case .topUp(let id, let amount, nil): "topUp \(id): \(amount)"
    case .topUp(let id, let amount, let terms?):
      "grant \(id): \(amount), priority \(terms.priority), until \(terms.expires.map { "\($0)" } ?? "ever"), \(terms.only.map { "only \($0)" } ?? "everything")"
    case .linked(let charges):
      "linked " + charges.map { "\($0.asksFirst ? "spend" : "charge") \($0.id): \($0.amount) of \($0.account)" }.joined(separator: ", ")
    case .charge(let id, let account, let amount, let asksFirst): "\(asksFirst ? "spend" : "charge") \(id): \(amount) of \(account)"
    case .hold(let id, let account, let amount, let ceiling, let seconds): "hold \(id): \(amount) to \(ceiling) of \(account) for \(seconds) s"
    case .settle(let hold, let amount): "settle \(hold) for \(amount)"
    case .release(let hold): "release \(hold)"
    case .reverse(let id): "reverse \(id)"
    case .set(let account, let amount): "set \(account) to \(amount)"
    case .move(let id, let account, let amount, let isIn): "\(isIn ? "deposit" : "withdraw") \(id): \(amount) of \(account)"
    }
  }
}
