public import Kernel

extension API {
  /// When somebody is told of credits, and what was told.
  public enum Alerts {
    private static let reading = Access.organization(permission: "credits.read")
    private static let managing = Access.organization(permission: "credits.manage")

    public static let list = Endpoint<Wire.InOrganization, Wire.AlertQuery, Nothing, Wire.List<Wire.Alert>>(
      "alert.list", .get, "/organizations/{organization}/alerts", access: reading,
      summary: "List what was told of the balance and of budgets, the newest first: each crossing once.")

    public static let listRules = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.AlertRule>>(
      "alert_rule.list", .get, "/organizations/{organization}/alert-rules", access: reading, summary: "List when somebody is told of the balance.")

    public static let createRule = Endpoint<Wire.InOrganization, Nothing, Wire.AlertRuleDraft, Wire.AlertRule>(
      "alert_rule.create", .post, "/organizations/{organization}/alert-rules", access: managing,
      summary: "Ask to be told when the balance comes to an amount, or how long it lasts; admins, managers and billing managers get a mail.", status: 201,
      refusals: [.takenName, .tooManyAlertRules])

    public static let deleteRule = Endpoint<Wire.InAlertRule, Nothing, Nothing, Nothing>(
      "alert_rule.delete", .delete, "/organizations/{organization}/alert-rules/{rule}", access: managing, summary: "Take a rule away.", status: 204)

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(listRules), AnyEndpoint(createRule), AnyEndpoint(deleteRule)] }
  }
}

extension Wire {
  public struct InAlertRule: Codable, Sendable, Hashable {
    public var organization: String
    public var rule: ID<AlertRule>

    public init(organization: String, rule: ID<AlertRule>) { (self.organization, self.rule) = (organization, rule) }
  }

  /// `amount`: the balance is at an amount or below. `runway`: as credits are used at present, nothing is left within a time. `depleted`: nothing is left.
  /// `recovered`: something is there again.
  public enum AlertCondition: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case amount, runway, depleted, recovered }

  public enum AlertKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case amount, runway, depleted, recovered
    case budgetSoft = "budget-soft"
    case budgetHard = "budget-hard"
  }

  public struct AlertRule: Codable, Sendable, Hashable, Addressed {
    public var id: ID<AlertRule>
    public var condition: AlertCondition
    /// Of `amount`; it may lie below zero.
    public var amount: Credits?
    /// Of `runway`.
    public var seconds: Int?
    /// Whether it holds now and was told.
    public var active: Bool
    public var createdAt: Timestamp

    public init(id: ID<AlertRule>, condition: AlertCondition, amount: Credits?, seconds: Int?, active: Bool, createdAt: Timestamp) {
      self.id = id
      self.condition = condition
      self.amount = amount
      self.seconds = seconds
      self.active = active
      self.createdAt = createdAt
    }

    public var segment: String { id.description }
  }

  public struct AlertRuleDraft: Codable, Sendable, Hashable {
    public var condition: AlertCondition
    /// Of `amount`; it may lie below zero.
    public var amount: Credits?
    /// Of `runway`: 3,600 (an hour) to 31,622,400.
    public var seconds: Int?

    public init(condition: AlertCondition, amount: Credits? = nil, seconds: Int? = nil) {
      self.condition = condition
      self.amount = amount
      self.seconds = seconds
    }
  }

  public struct Alert: Codable, Sendable, Hashable {
    public var id: ID<Alert>
    public var kind: AlertKind
    /// A sentence for people.
    public var text: String
    public var rule: ID<AlertRule>?
    public var budget: ID<Budget>?
    /// What was crossed.
    public var amount: Credits?
    public var seconds: Int?
    /// What the balance was.
    public var balance: Credits
    public var at: Timestamp
    /// Since when it doesn't hold any more; absent while it does.
    public var endedAt: Timestamp?

    public init(
      id: ID<Alert>, kind: AlertKind, text: String, rule: ID<AlertRule>?, budget: ID<Budget>?, amount: Credits?, seconds: Int?, balance: Credits, at: Timestamp,
      endedAt: Timestamp?
    ) {
      self.id = id
      self.kind = kind
      self.text = text
      self.rule = rule
      self.budget = budget
      self.amount = amount
      self.seconds = seconds
      self.balance = balance
      self.at = at
      self.endedAt = endedAt
    }
  }

  public struct AlertQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Whether only what holds now is asked for.
    public var active: Bool?
    public var limit: Int?
    public var cursor: String?

    public init(active: Bool? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.active = active
      self.limit = limit
      self.cursor = cursor
    }
  }
}

extension Problem.Code {
  public static let tooManyAlertRules = Self("alert_rule.too_many", .conflict, "Too many rules")
}
