import Contract
public import Kernel
public import Ledger

/// A hold that somebody wants.
public struct HoldDraft: Sendable {
  public let id: ID<Hold>?
  /// Whose credits; the organization's balance when `nil`.
  public let subBalance: ID<SubBalance>?
  public let amount: Amount
  public let ceiling: Amount
  public let term: Duration
  public let note: Note
  public let purpose: SpendingPurpose

  /// An hour, where nobody says otherwise.
  public static let usualTerm = Duration.hours(1)
  /// From a second to 366 days.
  public static let terms = 1...31_622_400

  /// Reads what somebody typed; without a ceiling it is the amount.
  public init(
    id: ID<Hold>? = nil, subBalance: ID<SubBalance>? = nil, amount: String, ceiling: String? = nil, seconds: Int? = nil, note: String = "",
    purpose: SpendingPurpose = .none
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedAmount = checker.amount(amount)
    let parsedCeiling = ceiling.map { checker.amount($0, field: "ceiling") } ?? parsedAmount
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    if let seconds, !Self.terms.contains(seconds) { checker.reject("expires_in", "Let it expire in 1 second to 366 days.") }
    if let parsedAmount, let parsedCeiling, parsedCeiling < parsedAmount { checker.reject("ceiling", "A ceiling lies at the amount or above.") }
    try checker.finish()
    guard let parsedAmount, let parsedCeiling, let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    (self.id, self.subBalance, self.amount, self.ceiling, self.note) = (id, subBalance, parsedAmount, parsedCeiling, parsedNote)
    term = seconds.map { .seconds($0) } ?? Self.usualTerm
    self.purpose = purpose
  }
}

/// A charge that somebody wants recorded.
public struct ChargeDraft: Sendable {
  public let id: ID<Transfer>?
  public let subBalance: ID<SubBalance>?
  public let amount: Amount
  /// Whether it is refused where the credits don't suffice, because nothing was used yet.
  public let asksFirst: Bool
  public let note: Note
  public let purpose: SpendingPurpose

  public init(
    id: ID<Transfer>? = nil, subBalance: ID<SubBalance>? = nil, amount: String, asksFirst: Bool = false, note: String = "", purpose: SpendingPurpose = .none
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedAmount = checker.amount(amount)
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    try checker.finish()
    guard let parsedAmount, let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    (self.id, self.subBalance, self.amount, self.asksFirst, self.note, self.purpose) = (id, subBalance, parsedAmount, asksFirst, parsedNote, purpose)
  }
}

/// One of many things that are asked for at once.
public struct BatchedTransfer: Sendable {
  public enum Content: Sendable {
    case charge(Amount, ID<SubBalance>?)
    case spend(Amount, ID<SubBalance>?)
    case hold(Amount, ceiling: Amount, ID<SubBalance>?, expires: Timestamp)
    case settle(ID<Hold>, Amount)
    case release(ID<Hold>)
    case reverse(ID<Transfer>)
  }

  public let id: ID<Transfer>
  public let content: Content
  public let note: Note
  public let purpose: SpendingPurpose

  public static let limit = 10_000

  /// Refuses more at once than are taken.
  static func expectFew(_ count: Int) throws(Problem) {
    guard count <= limit else { throw Problem(.tooMany, "Send at most \(grouped(limit)) transfers at once; these are \(grouped(count)).") }
  }

  /// What it ends or takes back.
  var subject: ID<Transfer>? {
    switch content {
    case .settle(let hold, _), .release(let hold): hold.cast()
    case .reverse(let transfer): transfer
    case .charge, .spend, .hold: nil
    }
  }

  public init(_ id: ID<Transfer>, _ content: Content, note: Note = .empty, purpose: SpendingPurpose = .none) {
    (self.id, self.content, self.note, self.purpose) = (id, content, note, purpose)
  }

  /// Use that has happened, or that asks first, as it is written.
  public init(_ id: ID<Transfer>, using amount: String, of subBalance: ID<SubBalance>?, asksFirst: Bool) throws(Problem) {
    var checker = FieldChecker()
    let parsedAmount = checker.amount(amount)
    try checker.finish()
    guard let parsedAmount else { throw Problem(.defect, "A checked field is missing.") }
    self.init(id, asksFirst ? .spend(parsedAmount, subBalance) : .charge(parsedAmount, subBalance))
  }
}

/// Where a hold stands.
public enum HoldState: String, Sendable, Hashable, CaseIterable { case live, settled, released, expired }

/// A hold as it is shown.
public struct SeenHold: Sendable {
  public let hold: Hold
  public let subBalance: SubBalance?
  public let note: Note
  public let actor: JournalActor
  /// Whether its time has come, though nobody wrote that down yet.
  public let state: HoldState

  init(_ hold: Hold, of subBalance: SubBalance?, _ record: JournalRecord, at now: Timestamp) {
    (self.hold, self.subBalance, note, actor) = (hold, subBalance, record.note, record.actor)
    state =
      switch hold.state {
      case .live: hold.isLive(at: now) ? .live : .expired
      case .settled: .settled
      case .released: .released
      case .expired: .expired
      }
  }
}
