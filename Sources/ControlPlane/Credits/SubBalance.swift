import Contract
public import Kernel
public import Ledger

/// What one holder may use of an organization's credits, or has of their own.
public struct SubBalance: Sendable, Hashable {
  public enum HolderKind: String, Sendable, Hashable, CaseIterable {
    case member
    case serviceAccount = "service-account"
    case project, cluster

    /// Before a name: "project".
    public var word: String { self == .serviceAccount ? "service account" : rawValue }
  }

  /// Whose it is: `key` is the id of an account or service account, or the name of a project or cluster as its platform calls it.
  public struct Holder: Sendable, Hashable {
    public let kind: HolderKind
    public let key: String
    public let name: String
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// How much of the organization's balance may be used through it.
    case allowance
    /// Credits of its own, which were moved there.
    case funds
  }

  /// How many an organization can have.
  public static let limit = 100_000

  public let id: ID<SubBalance>
  public let organization: ID<Organization>
  public let account: AccountNumber
  public let holder: Holder
  public let createdAt: Timestamp
  public let revision: Int

  /// With the kind of the holder: "project eva".
  public var name: String { holder.kind == .member ? holder.name : "\(holder.kind.word) \(holder.name)" }

  /// Refuses as `stale` when there is a newer revision than the one that was seen.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This sub-balance was changed since you read it. Read it again.") }
  }
}

/// A sub-balance with what the books say of it.
public struct SeenSubBalance: Sendable, Hashable {
  public let subBalance: SubBalance
  public let kind: SubBalance.Kind
  public let balance: Credits
  public let held: Credits
  /// Whether it doesn't limit by itself.
  public let isUnlimited: Bool
  /// What may be used through it now, with all that stands above it.
  public let available: EffectiveLimit
  /// What limits it: `balance`, or the id of a sub-balance; `nil` where nothing does.
  public let limitedBy: String?
}

extension SeenSubBalance {
  init(_ subBalance: SubBalance, in credits: CreditBook) throws(Problem) {
    guard let account = credits.book.account(subBalance.account), let available = try? credits.effectiveLimit(of: subBalance.account) else {
      throw Problem(.defect, "The books lack the account of a sub-balance.")
    }
    let limitedBy: String? =
      switch available {
      case .unlimited: nil
      case .credits(_, at: .balance): "balance"
      case .credits: subBalance.id.description
      }
    self.init(
      subBalance: subBalance, kind: account.kind.parent == nil ? .funds : .allowance, balance: account.balance, held: account.held,
      isUnlimited: account.limit == .unlimited, available: available, limitedBy: limitedBy)
  }
}

/// A sub-balance that somebody wants.
public struct SubBalanceDraft: Sendable {
  public let holderKind: SubBalance.HolderKind
  /// As it was named.
  public let holder: String
  public let kind: SubBalance.Kind
  /// To begin with.
  public let amount: Amount?
  public let isUnlimited: Bool

  /// Reads what somebody typed; an empty or zero `amount` is nothing to begin with.
  public init(
    holderKind: SubBalance.HolderKind, holder: String, kind: SubBalance.Kind = .allowance, amount: String = "", isUnlimited: Bool = false
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedAmount = checker.amountOrNothing(amount)
    if holder.allSatisfy(\.isWhitespace) { checker.reject("holder", "Say whose it is.") }
    if holderKind == .project || holderKind == .cluster {
      _ = checker.check("holder") { () throws(Rejection) in try DisplayName(holder) }
    }
    if isUnlimited, !amount.isEmpty { checker.reject("amount", "Give an amount, or say that nothing limits it; not both.") }
    if isUnlimited, kind == .funds { checker.reject("unlimited", "Only an allowance can do without a limit.") }
    try checker.finish()
    (self.holderKind, self.holder, self.kind, self.isUnlimited) = (holderKind, holder, kind, isUnlimited)
    self.amount = parsedAmount
  }
}

/// What is to become of an allowance; `nil` leaves it as it is.
public struct SubBalanceUpdate: Sendable {
  public let balance: Credits?
  public let isUnlimited: Bool?

  /// Reads what somebody typed; zero is zero. Refuses an amount together with that nothing limits.
  public init(balance: String? = nil, isUnlimited: Bool? = nil) throws(Problem) {
    if balance != nil, isUnlimited == true { throw .invalid("balance", "Give an amount, or say that nothing limits it; not both.") }
    self.balance = try balance.map { text throws(Problem) in try Problem.checking("balance") { () throws(Rejection) in try Credits(decimal: text) } }
    self.isUnlimited = isUnlimited
  }
}

extension FieldChecker {
  /// An amount, or nothing where nothing or zero was written.
  mutating func amountOrNothing(_ text: String, field: String = "amount") -> Amount? {
    let credits = text.isEmpty ? .zero : check(field) { () throws(Rejection) in try Credits(decimal: text) }
    return credits.flatMap { Amount(micro: $0.micro) }
  }
}
