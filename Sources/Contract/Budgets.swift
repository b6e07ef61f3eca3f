public import Kernel

extension API {
  /// How many credits may be used for something in a period.
  public enum Budgets {
    private static let reading = Access.organization(permission: "credits.read")
    private static let managing = Access.organization(permission: "credits.manage")

    public static let list = Endpoint<Wire.InOrganization, Wire.BudgetQuery, Nothing, Wire.List<Wire.Budget>>(
      "budget.list", .get, "/organizations/{organization}/budgets", access: reading,
      summary: "List budgets by subject and name, with what was used of them in the present period.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.BudgetDraft, Wire.Budget>(
      "budget.create", .post, "/organizations/{organization}/budgets", access: managing,
      summary: "Limit how many credits may be used in a period, or ask to be told: what is used from now on counts.", status: 201,
      refusals: [.takenName, .tooManyBudgets])

    public static let read = Endpoint<Wire.InBudget, Nothing, Nothing, Wire.Budget>(
      "budget.read", .get, "/organizations/{organization}/budgets/{budget}", access: reading, summary: "Read one budget.")

    public static let listPeriods = Endpoint<Wire.InBudget, Wire.Paging, Nothing, Wire.List<Wire.BudgetPeriodSummary>>(
      "budget.list_periods", .get, "/organizations/{organization}/budgets/{budget}/periods", access: reading,
      summary: "List what was used of a budget in periods that are over, the latest first.")

    public static let update = Endpoint<Wire.InBudget, Nothing, Wire.BudgetUpdate, Wire.Budget>(
      "budget.update", .patch, "/organizations/{organization}/budgets/{budget}", access: managing,
      summary: "Change from where on somebody is told, and beyond what nothing new begins.", refusals: [.stale])

    public static let delete = Endpoint<Wire.InBudget, Nothing, Nothing, Nothing>(
      "budget.delete", .delete, "/organizations/{organization}/budgets/{budget}", access: managing, summary: "Take a budget away with what it has counted.",
      status: 204, refusals: [.stale])

    public static let readEffective = Endpoint<Wire.InOrganization, Wire.EffectiveBudgetQuery, Nothing, Wire.EffectiveBudget>(
      "budget.read_effective", .get, "/organizations/{organization}/effective-budget", access: reading,
      summary: "Read how many credits may be used now for something: the tightest of all budgets that it counts in, and of the balance.")

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(listPeriods), AnyEndpoint(update), AnyEndpoint(delete),
        AnyEndpoint(readEffective),
      ]
    }
  }
}

extension Wire {
  public struct InBudget: Codable, Sendable, Hashable {
    public var organization: String
    public var budget: ID<Budget>

    public init(organization: String, budget: ID<Budget>) { (self.organization, self.budget) = (organization, budget) }
  }

  public enum BudgetSubject: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case organization, team, member
    case serviceAccount = "service-account"
    case project, cluster, token
  }

  /// In the organization's time zone; weeks begin on Mondays. `none` never begins anew.
  public enum BudgetPeriod: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case day, week, month, none }

  public struct Budget: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Budget>
    public var subject: BudgetSubject
    /// The id of the team, account, service account or token; the name of a project or cluster; absent for the organization.
    public var holder: String?
    public var name: String?
    public var period: BudgetPeriod
    /// From here on somebody is told, once in a period.
    public var soft: Credits?
    /// Beyond this nothing new begins; use that has happened is recorded all the same.
    public var hard: Credits?
    /// What was used in this period.
    public var spent: Credits
    /// What live holds set aside.
    public var held: Credits
    /// What may still be used; absent without a hard limit, below zero beyond it.
    public var available: Credits?
    /// When the present period began; absent for one that never begins anew.
    public var periodStart: Timestamp?
    /// When the next one begins.
    public var periodEnd: Timestamp?
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Budget>, subject: BudgetSubject, holder: String?, name: String?, period: BudgetPeriod, soft: Credits?, hard: Credits?, spent: Credits,
      held: Credits, available: Credits?, periodStart: Timestamp?, periodEnd: Timestamp?, createdAt: Timestamp, revision: Int
    ) {
      self.id = id
      self.subject = subject
      self.holder = holder
      self.name = name
      self.period = period
      self.soft = soft
      self.hard = hard
      self.spent = spent
      self.held = held
      self.available = available
      self.periodStart = periodStart
      self.periodEnd = periodEnd
      self.createdAt = createdAt
      self.revision = revision
    }

    public var segment: String { id.description }
  }

  public struct BudgetPeriodSummary: Codable, Sendable, Hashable {
    public var start: Timestamp
    public var end: Timestamp
    public var spent: Credits

    public init(start: Timestamp, end: Timestamp, spent: Credits) { (self.start, self.end, self.spent) = (start, end, spent) }
  }

  public struct BudgetQuery: Codable, Sendable, Hashable, PagedQuery {
    public var subject: BudgetSubject?
    public var limit: Int?
    public var cursor: String?

    public init(subject: BudgetSubject? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.subject = subject
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// With `soft`, `hard` or both.
  public struct BudgetDraft: Codable, Sendable, Hashable {
    /// `organization` when absent.
    public var subject: BudgetSubject?
    /// A team or service account by slug or id, a member by handle, address or id, a token by id, a project or cluster by the name that its platform gives it.
    public var holder: String?
    /// `month` when absent.
    public var period: BudgetPeriod?
    public var soft: Unchecked<AmountText>?
    /// `0` lets nothing begin.
    public var hard: Unchecked<AmountText>?

    public init(subject: BudgetSubject? = nil, holder: String? = nil, period: BudgetPeriod? = nil, soft: String? = nil, hard: String? = nil) {
      self.subject = subject
      self.holder = holder
      self.period = period
      self.soft = soft.map { .init($0) }
      self.hard = hard.map { .init($0) }
    }
  }

  /// Both are set: what is absent isn't there any more.
  public struct BudgetUpdate: Codable, Sendable, Hashable {
    public var soft: Unchecked<AmountText>?
    public var hard: Unchecked<AmountText>?

    public init(soft: String? = nil, hard: String? = nil) { (self.soft, self.hard) = (soft.map { .init($0) }, hard.map { .init($0) }) }
  }

  /// What credits are used for, beside whose they are: budgets count by it. What is absent follows from who asks, and from whose sub-balance it is.
  public struct SpendingPurpose: Codable, Sendable, Hashable {
    /// By handle, address or id.
    public var member: String?
    /// By slug or id.
    public var serviceAccount: String?
    /// As its platform calls it.
    public var project: Unchecked<DisplayName>?
    /// As its platform calls it.
    public var cluster: Unchecked<DisplayName>?
    /// A member's access token or a service account's key, by id.
    public var token: String?

    public init(member: String? = nil, serviceAccount: String? = nil, project: String? = nil, cluster: String? = nil, token: String? = nil) {
      self.member = member
      self.serviceAccount = serviceAccount
      self.project = project.map { .init($0) }
      self.cluster = cluster.map { .init($0) }
      self.token = token
    }
  }

  public struct EffectiveBudgetQuery: Codable, Sendable, Hashable {
    /// By handle, address or id.
    public var member: String?
    /// By slug or id.
    public var serviceAccount: String?
    public var project: String?
    public var cluster: String?
    /// By id.
    public var token: String?

    public init(member: String? = nil, serviceAccount: String? = nil, project: String? = nil, cluster: String? = nil, token: String? = nil) {
      self.member = member
      self.serviceAccount = serviceAccount
      self.project = project
      self.cluster = cluster
      self.token = token
    }
  }

  public struct EffectiveBudget: Codable, Sendable, Hashable {
    /// What may be used now; absent where nothing limits.
    public var available: Credits?
    /// `balance`, or the id of the budget with the least left; absent where nothing limits.
    public var limitedBy: String?
    /// All budgets that it counts in, from the narrowest to the widest.
    public var budgets: [Budget]

    public init(available: Credits?, limitedBy: String?, budgets: [Budget]) {
      self.available = available
      self.limitedBy = limitedBy
      self.budgets = budgets
    }
  }
}

extension Problem.Code {
  public static let overBudget = Self("budget.exceeded", .payment, "The budget doesn't leave that much")
  public static let tooManyBudgets = Self("budget.too_many", .conflict, "Too many budgets")
}
