public import Kernel
public import Ledger

/// What an organization has to spend, at one instant.
public struct CreditBalance: Sendable, Hashable {
  /// Below zero in arrears.
  public let balance: Credits
  /// Set aside by live holds.
  public let held: Credits
  /// What may be used now.
  public let available: EffectiveLimit
  /// How far what asks beforehand may take the balance.
  public let limit: Limit
  /// What has been used since the beginning.
  public let used: Credits
  /// What of the balance goes first, ends, or is for something alone.
  public let granted: Credits
  public let asOf: Timestamp

  /// What may be used now, in credits; `nil` where nothing limits it.
  public var usable: Credits? { available.credits }

  /// Of an organization that never had credits.
  static func none(at now: Timestamp) -> CreditBalance {
    CreditBalance(balance: .zero, held: .zero, available: .credits(.zero, at: .balance), limit: .zero, used: .zero, granted: .zero, asOf: now)
  }
}

extension CreditBalance {
  /// As the books have it.
  init(_ credits: CreditBook) throws(Problem) {
    guard let balance = credits.book.account(.balance), let used = credits.book.account(.used), let available = try? credits.effectiveLimit(of: .balance) else {
      throw Problem(.defect, "The books lack an account that all have.")
    }
    self.init(
      balance: balance.balance, held: balance.held, available: available, limit: balance.limit, used: used.balance, granted: credits.grants.remaining,
      asOf: credits.book.head.at)
  }
}

/// What the balance was at an instant.
public struct BalancePoint: Sendable, Hashable {
  public let at: Timestamp
  public let balance: Credits
}

/// A stretch of time with instants evenly spread over it, its ends among them.
public struct BalanceHistoryRequest: Sendable, Hashable {
  public let instants: [Timestamp]

  /// Refuses times that end before they begin, and fewer than 2 or more than 500 points.
  public init(since: Timestamp, until: Timestamp, points: Int) throws(Problem) {
    guard (2...500).contains(points) else { throw .invalid("points", "Ask for 2 to 500 points.") }
    guard since < until else { throw .invalid("since", "Let the time begin before it ends.") }
    let span = until.milliseconds - since.milliseconds
    instants = (0..<points).map { Timestamp(milliseconds: since.milliseconds + span / Int64(points - 1) * Int64($0)) }.dropLast() + [until]
  }
}

/// Credits that an operator brings in.
public struct TopUpOrder: Sendable {
  public let id: ID<Transfer>?
  public let amount: Amount
  public let kind: GrantTerms.Kind
  public let note: Note
  public let priority: Int?
  public let expires: Timestamp?
  /// What they are for alone; empty for everything.
  public let subBalances: [ID<SubBalance>]

  public static let priorities = 0...1000

  /// Reads what somebody typed. Refuses amounts that aren't above zero, and priorities beyond `priorities`.
  public init(
    id: ID<Transfer>? = nil, amount: String, kind: GrantTerms.Kind = .paid, note: String = "", priority: Int? = nil, expires: Timestamp? = nil,
    subBalances: [ID<SubBalance>] = []
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedAmount = checker.amount(amount)
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    if let priority, !Self.priorities.contains(priority) { checker.reject("priority", "Take a priority from 0 to 1,000.") }
    if subBalances.count > 100 { checker.reject("sub_balances", "Name at most 100.") }
    try checker.finish()
    guard let parsedAmount, let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    (self.id, self.amount, self.kind, self.note) = (id, parsedAmount, kind, parsedNote)
    (self.priority, self.expires, self.subBalances) = (priority, expires, subBalances)
  }

  /// Whether they are told apart from other credits: those that just add to the balance aren't.
  var isGrant: Bool { kind == .promotional || priority != nil || expires != nil || !subBalances.isEmpty }
  /// Of what is told apart without a priority.
  static let usualPriority = 100
}

/// Credits that are told apart, as they are listed.
public struct ListedGrant: Sendable {
  public let grant: CreditGrant
  public let kind: GrantTerms.Kind
  public let note: Note
  public let createdAt: Timestamp
  /// The sub-balances that it is for alone; empty for everything.
  public let subBalances: [ID<SubBalance>]
}

extension FieldChecker {
  /// An amount above zero.
  mutating func amount(_ text: String, field: String = "amount") -> Amount? {
    check(field) { () throws(Rejection) in try Amount(Credits(decimal: text)) }
  }
}
