public import Kernel

extension API {
  /// The credits of an organization: its balance, and what of it is shared out. Amounts are decimal texts.
  public enum Credits {
    private static let reading = Access.organization(permission: "credits.read")
    private static let managing = Access.organization(permission: "credits.manage")

    // The balance

    public static let readBalance = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Balance>(
      "balance.read", .get, "/organizations/{organization}/balance", access: reading, summary: "Read the balance that an organization's members share.")

    public static let readHistory = Endpoint<Wire.InOrganization, Wire.BalanceHistoryQuery, Nothing, Wire.BalanceHistory>(
      "balance.history", .get, "/organizations/{organization}/balance/history", access: reading,
      summary: "Read what the balance was at some instants, evenly spread over a time.")

    public static let setOverdraft = Endpoint<Wire.InOrganization, Nothing, Wire.Overdraft, Wire.Balance>(
      "overdraft.set", .put, "/organizations/{organization}/balance/overdraft", access: .superUser,
      summary: "Agree how far below zero an organization's balance may go, or that nothing limits it.")

    public static let topUp = Endpoint<Wire.InOrganization, Nothing, Wire.TopUpDraft, Wire.CreditTransfer>(
      "top_up.create", .post, "/organizations/{organization}/top-ups", access: .superUser,
      summary: "Record a payment that was made elsewhere, or give credits away; they pay off arrears first.", status: 201,
      refusals: [.transferReused, .creditsOutOfRange])

    public static let correct = Endpoint<Wire.InOrganization, Nothing, Wire.CorrectionDraft, Wire.Balance>(
      "balance.correct", .post, "/organizations/{organization}/balance/corrections", access: .superUser,
      summary: "Put an organization's balance right, by so many credits or to an amount.",
      refusals: [.transferReused, .insufficientCredits, .creditsOutOfRange])

    public static let listGrants = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.CreditGrant>>(
      "credit_grant.list", .get, "/organizations/{organization}/credit-grants", access: reading,
      summary: "List the credits that are used up before others, end, or are for something alone, the newest first.")

    // Sub-balances

    public static let listSubBalances = Endpoint<Wire.InOrganization, Wire.SubBalanceQuery, Nothing, Wire.List<Wire.SubBalance>>(
      "sub_balance.list", .get, "/organizations/{organization}/sub-balances", access: reading, summary: "List what is shared out, by kind of holder and name.")

    public static let createSubBalance = Endpoint<Wire.InOrganization, Nothing, Wire.SubBalanceDraft, Wire.SubBalance>(
      "sub_balance.create", .post, "/organizations/{organization}/sub-balances", access: managing,
      summary: "Let a member, service account, project or cluster use so much of the balance, or move credits to them.", status: 201,
      refusals: [.takenName, .insufficientCredits, .creditsOutOfRange, .tooManySubBalances])

    public static let readSubBalance = Endpoint<Wire.InSubBalance, Nothing, Nothing, Wire.SubBalance>(
      "sub_balance.read", .get, "/organizations/{organization}/sub-balances/{sub_balance}", access: reading, summary: "Read one sub-balance.")

    public static let updateSubBalance = Endpoint<Wire.InSubBalance, Nothing, Wire.SubBalanceUpdate, Wire.SubBalance>(
      "sub_balance.update", .patch, "/organizations/{organization}/sub-balances/{sub_balance}", access: managing,
      summary: "Set how much may be used through an allowance from now on, or that it doesn't limit.", refusals: [.stale, .transferUnfit, .creditsOutOfRange])

    public static let deposit = Endpoint<Wire.InSubBalance, Nothing, Wire.SubBalanceTransfer, Wire.SubBalance>(
      "sub_balance.deposit", .post, "/organizations/{organization}/sub-balances/{sub_balance}/deposits", access: managing,
      summary: "Add to a sub-balance; what has credits of its own gets them from the organization's balance.", status: 201,
      refusals: [.transferReused, .insufficientCredits, .creditsOutOfRange])

    public static let withdraw = Endpoint<Wire.InSubBalance, Nothing, Wire.SubBalanceTransfer, Wire.SubBalance>(
      "sub_balance.withdraw", .post, "/organizations/{organization}/sub-balances/{sub_balance}/withdrawals", access: managing,
      summary: "Take from a sub-balance what isn't held.", status: 201, refusals: [.transferReused, .insufficientCredits, .creditsOutOfRange])

    public static let deleteSubBalance = Endpoint<Wire.InSubBalance, Nothing, Nothing, Nothing>(
      "sub_balance.delete", .delete, "/organizations/{organization}/sub-balances/{sub_balance}", access: managing,
      summary: "Remove a sub-balance, of which nothing is held; what is left of credits of its own goes back to the organization's balance.", status: 204,
      refusals: [.heldSubBalance, .overdrawnSubBalance, .stale])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(readBalance), AnyEndpoint(readHistory), AnyEndpoint(setOverdraft), AnyEndpoint(topUp), AnyEndpoint(correct),
        AnyEndpoint(listGrants),
        AnyEndpoint(listSubBalances), AnyEndpoint(createSubBalance), AnyEndpoint(readSubBalance), AnyEndpoint(updateSubBalance), AnyEndpoint(deposit),
        AnyEndpoint(withdraw), AnyEndpoint(deleteSubBalance),
      ]
    }
  }
}

extension Wire {
  public struct InSubBalance: Codable, Sendable, Hashable {
    public var organization: String
    public var subBalance: ID<SubBalance>

    public init(organization: String, subBalance: ID<SubBalance>) {
      self.organization = organization
      self.subBalance = subBalance
    }
  }

  /// What an organization has to spend.
  public struct Balance: Codable, Sendable, Hashable {
    /// Below zero in arrears.
    public var balance: Credits
    /// Set aside by live holds.
    public var held: Credits
    /// What may be used now; absent where nothing limits it.
    public var available: Credits?
    public var unlimited: Bool
    /// How far below zero what asks beforehand may go.
    public var overdraft: Credits?
    /// What has been used since the beginning.
    public var used: Credits
    /// What of the balance goes first, ends, or is for something alone.
    public var granted: Credits
    public var asOf: Timestamp

    public init(
      balance: Credits, held: Credits, available: Credits?, unlimited: Bool, overdraft: Credits?, used: Credits, granted: Credits, asOf: Timestamp
    ) {
      self.balance = balance
      self.held = held
      self.available = available
      self.unlimited = unlimited
      self.overdraft = overdraft
      self.used = used
      self.granted = granted
      self.asOf = asOf
    }
  }

  public struct BalanceHistoryQuery: Codable, Sendable, Hashable {
    /// 30 days before `until` when absent.
    public var since: Timestamp?
    /// Now when absent.
    public var until: Timestamp?
    /// How many, 2 to 500; 60 when absent.
    public var points: Int?

    public init(since: Timestamp? = nil, until: Timestamp? = nil, points: Int? = nil) {
      self.since = since
      self.until = until
      self.points = points
    }
  }

  public struct BalanceHistory: Codable, Sendable, Hashable {
    public var points: [BalancePoint]

    public init(points: [BalancePoint]) { self.points = points }
  }

  public struct BalancePoint: Codable, Sendable, Hashable {
    public var at: Timestamp
    public var balance: Credits

    public init(at: Timestamp, balance: Credits) {
      self.at = at
      self.balance = balance
    }
  }

  public struct Overdraft: Codable, Sendable, Hashable {
    /// How far below zero, `0` for not at all; or `unlimited`.
    public var overdraft: Unchecked<OverdraftText>

    public init(overdraft: String) { self.overdraft = .init(overdraft) }
  }

  public enum GrantKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case paid, promotional }

  /// One of `amount` and `balance`.
  public struct CorrectionDraft: Codable, Sendable, Hashable {
    /// An id of yours: the same one again changes nothing.
    public var id: ID<CreditTransfer>?
    /// So many more, or fewer with a `-` in front.
    public var amount: Credits?
    /// What the balance is to be.
    public var balance: Credits?
    public var note: Unchecked<Note>?

    public init(id: ID<CreditTransfer>? = nil, amount: Credits? = nil, balance: Credits? = nil, note: String? = nil) {
      (self.id, self.amount, self.balance) = (id, amount, balance)
      self.note = note.map { .init($0) }
    }
  }

  public struct TopUpDraft: Codable, Sendable, Hashable {
    /// An id of yours: the same one again changes nothing.
    public var id: ID<CreditTransfer>?
    public var amount: Unchecked<AmountText>
    /// `paid` when absent.
    public var kind: GrantKind?
    /// Such as the number of an invoice.
    public var note: Unchecked<Note>?
    /// Credits with the smaller number are used up first; those without a priority, an end and a purpose come last.
    public var priority: Int?
    /// From when on what is left of them can't be used any more.
    public var expiresAt: Timestamp?
    /// The sub-balances that they are for alone; for everything when absent.
    public var subBalances: [ID<SubBalance>]?

    public init(
      id: ID<CreditTransfer>? = nil, amount: String, kind: GrantKind? = nil, note: String? = nil, priority: Int? = nil, expiresAt: Timestamp? = nil,
      subBalances: [ID<SubBalance>]? = nil
    ) {
      self.id = id
      self.amount = .init(amount)
      self.kind = kind
      self.note = note.map { .init($0) }
      self.priority = priority
      self.expiresAt = expiresAt
      self.subBalances = subBalances
    }
  }

  public struct CreditGrant: Codable, Sendable, Hashable {
    public var id: ID<CreditGrant>
    public var kind: GrantKind
    public var granted: Credits
    public var remaining: Credits
    public var priority: Int
    public var expiresAt: Timestamp?
    /// Absent for credits that are for everything.
    public var subBalances: [ID<SubBalance>]?
    /// Whose they are, in the same order, as commands name them: `member:emmy`, `project:eva`.
    public var holders: [String]?
    public var note: String
    public var createdAt: Timestamp

    public init(
      id: ID<CreditGrant>, kind: GrantKind, granted: Credits, remaining: Credits, priority: Int, expiresAt: Timestamp?, subBalances: [ID<SubBalance>]?,
      holders: [String]? = nil, note: String, createdAt: Timestamp
    ) {
      self.holders = holders
      self.id = id
      self.kind = kind
      self.granted = granted
      self.remaining = remaining
      self.priority = priority
      self.expiresAt = expiresAt
      self.subBalances = subBalances
      self.note = note
      self.createdAt = createdAt
    }
  }

  public enum HolderKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case member
    case serviceAccount = "service-account"
    case project, cluster
  }

  /// `allowance`: how much of the organization's balance may be used through it. `funds`: credits of its own, which were moved there.
  public enum SubBalanceKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case allowance, funds }

  public struct SubBalance: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<SubBalance>
    public var holderKind: HolderKind
    /// The id of the account or service account; the name of a project or cluster.
    public var holder: String
    public var name: String
    /// How commands name it: `member:emmy`, `service-account:nightly`, `project:eva`.
    public var reference: String?
    public var kind: SubBalanceKind
    /// What is left of it, by itself.
    public var balance: Credits
    public var held: Credits
    /// Whether it doesn't limit by itself.
    public var unlimited: Bool
    /// What may be used through it now, with all that stands above it; absent where nothing limits.
    public var available: Credits?
    /// What limits it now: `balance` for the organization's, or the id of a sub-balance; absent where nothing does.
    public var limitedBy: String?
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<SubBalance>, holderKind: HolderKind, holder: String, name: String, reference: String? = nil, kind: SubBalanceKind, balance: Credits, held: Credits,
      unlimited: Bool, available: Credits?, limitedBy: String?, createdAt: Timestamp, revision: Int
    ) {
      self.reference = reference
      self.id = id
      self.holderKind = holderKind
      self.holder = holder
      self.name = name
      self.kind = kind
      self.balance = balance
      self.held = held
      self.unlimited = unlimited
      self.available = available
      self.limitedBy = limitedBy
      self.createdAt = createdAt
      self.revision = revision
    }

    public var segment: String { id.description }
  }

  public struct SubBalanceQuery: Codable, Sendable, Hashable, PagedQuery {
    public var holderKind: HolderKind?
    /// The one whose it is, named as for a new one; goes with `holder_kind`.
    public var holder: String?
    public var limit: Int?
    public var cursor: String?

    public init(holderKind: HolderKind? = nil, holder: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.holderKind = holderKind
      self.holder = holder
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct SubBalanceDraft: Codable, Sendable, Hashable {
    public var holderKind: HolderKind
    /// A member by handle, address or id; a service account by slug or id; a project or cluster by the name that its platform gives it.
    public var holder: String
    /// `allowance` when absent.
    public var kind: SubBalanceKind?
    /// To begin with; nothing when absent.
    public var amount: Unchecked<AmountText>?
    /// For an allowance that only counts.
    public var unlimited: Bool?

    public init(holderKind: HolderKind, holder: String, kind: SubBalanceKind? = nil, amount: String? = nil, unlimited: Bool? = nil) {
      self.holderKind = holderKind
      self.holder = holder
      self.kind = kind
      self.amount = amount.map { .init($0) }
      self.unlimited = unlimited
    }
  }

  /// What is absent stays as it is.
  public struct SubBalanceUpdate: Codable, Sendable, Hashable {
    /// What may be used from now on.
    public var balance: Unchecked<AmountText>?
    public var unlimited: Bool?

    public init(balance: String? = nil, unlimited: Bool? = nil) {
      self.balance = balance.map { .init($0) }
      self.unlimited = unlimited
    }
  }

  public struct SubBalanceTransfer: Codable, Sendable, Hashable {
    /// An id of yours: the same one again changes nothing.
    public var id: ID<CreditTransfer>?
    public var amount: Unchecked<AmountText>
    public var note: Unchecked<Note>?

    public init(id: ID<CreditTransfer>? = nil, amount: String, note: String? = nil) {
      self.id = id
      self.amount = .init(amount)
      self.note = note.map { .init($0) }
    }
  }
}

extension Problem.Code {
  public static let insufficientCredits = Self("credits.insufficient", .payment, "Not enough credits")
  public static let creditsOutOfRange = Self("credits.out_of_range", .invalid, "More credits than can be counted")
  public static let heldSubBalance = Self("sub_balance.held", .conflict, "Something is held of the sub-balance")
  public static let overdrawnSubBalance = Self("sub_balance.overdrawn", .conflict, "The sub-balance is below zero")
  public static let tooManySubBalances = Self("sub_balance.too_many", .conflict, "Too many sub-balances")
}
