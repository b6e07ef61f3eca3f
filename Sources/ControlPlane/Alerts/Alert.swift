import Authorization
import Contract
public import Kernel
public import Ledger

/// What is told of an organization's credits.
public enum AlertKind: String, Sendable, Hashable, CaseIterable {
  case amount, runway, depleted, recovered
  case budgetSoft = "budget-soft"
  case budgetHard = "budget-hard"
}

/// One crossing that was told.
public struct Alert: Sendable, Hashable {
  public let id: ID<Alert>
  public let organization: ID<Organization>
  public let kind: AlertKind
  public let rule: ID<AlertSetting>?
  public let budget: ID<Budget>?
  /// What it is about, where it is a budget: "the project eva".
  public let name: String
  /// What was crossed.
  public let amount: Credits?
  public let seconds: Int?
  public let balance: Credits
  /// What was used of the budget in its period, and when that ends; `nil` for others, and where it never ends.
  public let spent: Credits?
  public let periodEnd: Timestamp?
  public let at: Timestamp
  /// Since when it doesn't hold any more.
  public let endedAt: Timestamp?

  /// In a few words, for a mail's subject and a banner.
  public var title: String {
    switch kind {
    case .amount: "The balance is at \(creditsText(amount ?? .zero)) or below"
    case .runway: "The credits last less than \(span)"
    case .depleted: "The credits are used up"
    case .recovered: "There are credits again"
    case .budgetSoft: "The budget of \(name) has reached \(creditsText(amount ?? .zero))"
    case .budgetHard: "The budget of \(name) is used up"
    }
  }

  /// What it means, in a sentence.
  public var text: String {
    switch kind {
    case .amount: "It was \(amountText(balance)) when that was noticed."
    case .runway: "As credits were used lately, nothing is left within \(span). The balance was \(amountText(balance))."
    case .depleted: "The balance was \(amountText(balance)). What has begun goes on; nothing new begins until there are credits again."
    case .recovered: "The balance was \(amountText(balance)). What asks for credits is taken again."
    case .budgetSoft: "\(used)\(periodEnd.map { " in the period that ends on \(instantText($0))" } ?? ""). Nothing is refused for that alone."
    case .budgetHard:
      "\(used) of \(amountText(amount ?? .zero)): nothing new begins until \(periodEnd.map { "\(instantText($0)), or until " } ?? "")the budget is raised."
    }
  }

  /// "1 credit was used".
  private var used: String {
    let credits = spent ?? amount ?? .zero
    return "\(creditsText(credits)) \(credits.micro == 1_000_000 ? "was" : "were") used"
  }

  /// Whether it holds at an instant: what a budget has told does so no longer than its period.
  public func isActive(at instant: Timestamp) -> Bool { endedAt == nil && periodEnd.map { instant < $0 } ?? true }

  /// "3 days", "12 hours".
  private var span: String { AlertSetting.span(seconds ?? 0) }

  /// Whether something can't go on as it is.
  public var isGrave: Bool { kind == .depleted || kind == .budgetHard }
}

/// A rule as an organization set it.
public struct AlertSetting: Sendable, Hashable {
  public let id: ID<AlertSetting>
  public let organization: ID<Organization>
  public let rule: AlertRule
  public let createdAt: Timestamp

  /// How many an organization can have.
  public static let limit = 50

  /// What every organization begins with.
  static let usual: [AlertCondition] = [.runway(.days(7)), .runway(.days(1)), .depleted, .recovered]

  /// "the balance comes to 100 credits".
  public var words: String { rule.condition.words }

  static func span(_ seconds: Int) -> String {
    seconds % 86_400 == 0 ? counted(seconds / 86_400, "day") : counted(max(seconds / 3600, 1), "hour")
  }
}

extension AlertCondition {
  /// After "when".
  var words: String {
    switch self {
    case .amount(let amount): "the balance comes to \(creditsText(amount))"
    case .runway(let time): "the credits last less than \(AlertSetting.span(Int(time.wholeSeconds)))"
    case .depleted: "the credits are used up"
    case .recovered: "there are credits again"
    }
  }

  var kind: AlertKind {
    switch self {
    case .amount: .amount
    case .runway: .runway
    case .depleted: .depleted
    case .recovered: .recovered
    }
  }

  /// Reads what somebody chose. Refuses what doesn't go together, and times below an hour or beyond 366 days.
  init(_ kind: AlertKind, amount: Credits?, seconds: Int?) throws(Problem) {
    var checker = FieldChecker()
    if kind == .amount, amount == nil { checker.reject("amount", "Say at which amount.") }
    if kind != .amount, amount != nil { checker.reject("amount", "An amount goes with the condition amount alone.") }
    if kind == .runway, seconds.map({ !(3600...31_622_400).contains($0) }) ?? true { checker.reject("seconds", "Give a time from 1 hour to 366 days.") }
    if kind != .runway, seconds != nil { checker.reject("seconds", "A time goes with the condition runway alone.") }
    try checker.finish()
    switch kind {
    case .amount: self = .amount(amount ?? .zero)
    case .runway: self = .runway(.seconds(seconds ?? 3600))
    case .depleted: self = .depleted
    case .recovered: self = .recovered
    case .budgetSoft, .budgetHard: throw .invalid("condition", "Budgets tell by themselves.")
    }
  }
}

/// Somebody who is told by mail.
struct AlertRecipient: Sendable {
  let name: DisplayName
  let address: EmailAddress
  let roles: RoleSet
}
