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
    let expires: Int64
    var state = HoldState.live
  }

  /// Something that was accepted under an id.
  struct Done: Equatable {
    let deed: CreditDeed
    /// What was drawn, and from where; 0 where nothing was.
    var drawn: Int64 = 0
    var account = 0
    var isReversed = false
    /// What moves nothing and can't be taken back: holds.
    var isFinal = false
  }

  var accounts = [Account()]
  var used: Int64 = 0
  var holds: [Int: Hold] = [:]
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

  /// What may be drawn through an account.
  func room(of account: Int, at now: Int64) -> Int64 {
    let own = accounts[account].balance - held(of: account, at: now)
    return accounts[account].isAllowance ? min(own, accounts[0].balance - held(of: 0, at: now)) : own
  }

  private mutating func draw(_ amount: Int64, from account: Int) {
    accounts[account].balance -= amount
    if accounts[account].isAllowance { accounts[0].balance -= amount }
    used += amount
  }

  /// What an account has by itself that isn't held.
  private func free(of account: Int, at now: Int64) -> Int64 { accounts[account].balance - held(of: account, at: now) }

  /// Adds to a share or takes from it: an allowance is just set, other shares get their credits from the balance and give them back. `false` for too little.
  private mutating func move(_ amount: Int64, of account: Int, isIn: Bool, at now: Int64) -> Bool {
    let isAllowance = accounts[account].isAllowance
    if isIn ? !isAllowance && free(of: 0, at: now) < amount : free(of: account, at: now) < amount { return false }
    accounts[account].balance += isIn ? amount : -amount
    if !isAllowance { accounts[0].balance += isIn ? -amount : amount }
    return true
  }

  /// What comes of a deed at an instant of the clock. Refused, it changes nothing but that holds are known to be over whose time has come.
  mutating func take(_ deed: CreditDeed, at clock: Int64) -> Verdict {
    let now = max(clock, written)
    let before = self
    let verdict = carryOut(deed, at: now)
    let isNew = verdict == .done && self != before
    if case .refused = verdict { self = before }
    // Whoever opens the books writes down which holds are over, and with that the time.
    guard isNew || deed.opensBooks && verdict != .refused("missing") else { return verdict }
    let over = holds.filter { $0.value.state == .live && $0.value.expires <= now }.keys
    for hold in over { holds[hold]?.state = .expired }
    if isNew || !over.isEmpty { written = now }
    return verdict
  }

  private mutating func carryOut(_ deed: CreditDeed, at now: Int64) -> Verdict {
    if let id = deed.id, let known = done[id] { return known.deed == deed ? .done : .refused("transfer.id_reused") }
    switch deed {
    case .topUp(let id, let amount):
      accounts[0].balance += amount
      done[id] = Done(deed: deed)
    case .charge(let id, let account, let amount, let asksFirst):
      guard !asksFirst || amount <= room(of: account, at: now) else { return .refused("credits.insufficient") }
      draw(amount, from: account)
      done[id] = Done(deed: deed, drawn: amount, account: account)
    case .hold(let id, let account, let amount, let ceiling, let seconds):
      guard amount <= room(of: account, at: now) else { return .refused("credits.insufficient") }
      holds[id] = Hold(account: account, amount: amount, ceiling: ceiling, expires: now + Int64(seconds) * 1000)
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
      draw(amount, from: hold.account)
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
      case .topUp(_, let amount):
        guard amount <= free(of: 0, at: now) else { return .refused("credits.insufficient") }
        accounts[0].balance -= amount
      case .move(_, let account, let amount, let isIn):
        guard move(amount, of: account, isIn: !isIn, at: now) else { return .refused("credits.insufficient") }
      default: draw(-known.drawn, from: known.account)
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

/// Something that somebody does with credits; ids are the clients' own.
enum CreditDeed: Equatable, CustomStringConvertible {
  case topUp(id: Int, amount: Int64)
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
    case .topUp(let id, _), .charge(let id, _, _, _), .hold(let id, _, _, _, _), .move(let id, _, _, _): id
    case .settle, .release, .reverse, .set: nil
    }
  }

  /// Whether it is looked at in the books, even if nothing comes of it.
  var opensBooks: Bool {
    switch self {
    case .charge, .hold, .settle, .release, .reverse: true
    case .topUp, .set, .move: false
    }
  }

  var name: String { String(description.prefix { $0 != " " }) }

  var description: String {
    switch self {
    case .topUp(let id, let amount): "topUp \(id): \(amount)"
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
