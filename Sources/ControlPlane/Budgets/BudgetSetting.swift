import Contract
public import Kernel
public import Ledger

/// What a budget is for.
public enum BudgetSubject: String, Sendable, Hashable, CaseIterable {
  // From the narrowest to the widest: of equals the first is told.
  case token, member
  case serviceAccount = "service-account"
  case team, project, cluster, organization

  /// Before a name: "project".
  public var word: String { self == .serviceAccount ? "service account" : rawValue }
}

/// What a budget counts by: `holder` is an id of ours, or the name of a project or cluster; empty for the organization.
public struct BudgetKey: Sendable, Hashable {
  public let subject: BudgetSubject
  public let holder: String

  public init(_ subject: BudgetSubject, _ holder: String) { (self.subject, self.holder) = (subject, holder) }

  static let organization = BudgetKey(.organization, "")

  private static let digestMark = "digest "

  /// The key that has this digest.
  init(digest: String) { self.init(.token, Self.digestMark + digest) }

  /// The digest of the key that it stands for; `nil` for all that is named by its id.
  var digest: String? { subject == .token && holder.hasPrefix(Self.digestMark) ? String(holder.dropFirst(Self.digestMark.count)) : nil }
}

/// A budget as an organization set it.
public struct BudgetSetting: Sendable, Hashable {
  public let budget: Budget
  public let organization: ID<Organization>
  public let key: BudgetKey
  /// What the holder is called; empty for the organization.
  public let name: String
  public let createdAt: Timestamp
  public let revision: Int

  /// How many an organization can have.
  public static let limit = 10_000

  /// "project eva", "the organization".
  public var words: String {
    switch key.subject {
    case .organization: "the organization"
    case .member: name
    case .token, .serviceAccount, .team, .project, .cluster: "the \(key.subject.word) \(name)"
    }
  }

  /// When it begins anew; `nil` for never.
  public var renews: Timestamp? { budget.period == .none ? nil : budget.window.upperBound }

  func with(_ budget: Budget) -> BudgetSetting {
    BudgetSetting(budget: budget, organization: organization, key: key, name: name, createdAt: createdAt, revision: revision)
  }

  /// Refuses as `stale` when there is a newer revision than the one that was seen.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This budget was changed since you read it. Read it again.") }
  }
}

/// A budget that somebody wants.
public struct BudgetDraft: Sendable {
  public let subject: BudgetSubject
  /// As it was named; empty for the organization.
  public let holder: String
  public let period: BudgetPeriod
  public let limits: BudgetLimits

  /// Reads what somebody typed; an empty amount is none.
  public init(
    subject: BudgetSubject = .organization, holder: String = "", period: BudgetPeriod = .month, soft: String = "", hard: String = ""
  ) throws(Problem) {
    var checker = FieldChecker()
    let limits = checker.budgetLimits(soft: soft, hard: hard)
    let hasHolder = !holder.allSatisfy(\.isWhitespace)
    if subject == .organization, hasHolder { checker.reject("holder", "Name nobody, or say what the budget is for.") }
    if subject != .organization, !hasHolder { checker.reject("holder", "Say whose it is.") }
    try checker.finish()
    guard let limits else { throw Problem(.defect, "A checked field is missing.") }
    (self.subject, self.holder, self.period, self.limits) = (subject, hasHolder ? holder : "", period, limits)
  }
}

/// From where on somebody is told, and beyond what nothing new begins; never neither.
public struct BudgetLimits: Sendable, Hashable {
  public let soft: Amount?
  public let hard: Credits?

  /// Reads what somebody typed; an empty amount is none, and a hard limit of zero lets nothing begin.
  public init(soft: String, hard: String) throws(Problem) {
    var checker = FieldChecker()
    let limits = checker.budgetLimits(soft: soft, hard: hard)
    try checker.finish()
    guard let limits else { throw Problem(.defect, "A checked field is missing.") }
    self = limits
  }

  fileprivate init(soft: Amount?, hard: Credits?) { (self.soft, self.hard) = (soft, hard) }
}

/// What credits are used for, as it was named.
public struct SpendingPurpose: Sendable, Hashable {
  public let member: String?
  public let serviceAccount: String?
  public let project: String?
  public let cluster: String?
  public let token: String?

  /// Nothing is named: who asks counts, and whose share it is.
  public static let none = SpendingPurpose()

  public init(member: String? = nil, serviceAccount: String? = nil, project: String? = nil, cluster: String? = nil, token: String? = nil) {
    (self.member, self.serviceAccount, self.project, self.cluster, self.token) = (member, serviceAccount, project, cluster, token)
  }
}

/// How many credits may be used now for something.
public struct EffectiveBudget: Sendable {
  /// `nil` where nothing limits.
  public let available: Credits?
  /// What binds, if it isn't the balance.
  public let binding: ID<Budget>?
  /// From the narrowest to the widest.
  public let budgets: [BudgetSetting]
}

/// A budget as it is listed: with what limits it besides itself.
public struct SeenBudget: Sendable {
  public let setting: BudgetSetting
  /// What may be used now of what it is for, with all budgets that count the same and the balance; `nil` where nothing limits.
  public let usable: Credits?
  /// What binds: itself, another budget, or the balance where it is `nil`.
  public let binding: BudgetSetting?
}

extension Change {
  /// What changed of the limits of a budget.
  static func limits(from before: BudgetLimits?, to after: BudgetLimits) -> [Change?] {
    [
      .of("soft", before?.soft?.description, after.soft?.description), .of("hard", before?.hard?.description, after.hard?.description),
    ]
  }
}

extension Budget {
  var limits: BudgetLimits { BudgetLimits(soft: soft, hard: hard) }
}

extension FieldChecker {
  fileprivate mutating func budgetLimits(soft: String, hard: String) -> BudgetLimits? {
    let parsedSoft = soft.isEmpty ? nil : amount(soft, field: "soft")
    let parsedHard = hard.isEmpty ? nil : check("hard") { () throws(Rejection) in try Credits(decimal: hard) }
    if soft.isEmpty, hard.isEmpty { reject("hard", "Say beyond what nothing new begins, or from where on somebody is told.") }
    if let parsedSoft, let parsedHard, parsedSoft.credits > parsedHard {
      reject("soft", "Let somebody be told before nothing new begins: at most the hard limit.")
    }
    return BudgetLimits(soft: parsedSoft, hard: parsedHard)
  }
}
