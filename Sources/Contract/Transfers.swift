public import Kernel

extension API {
  /// What is done with credits: holds, charges, and the journal of all that has moved. Amounts are decimal texts.
  public enum Transfers {
    private static let reading = Access.organization(permission: "credits.read")
    private static let using = Access.organization(permission: "credits.use")

    // Holds and charges

    public static let listHolds = Endpoint<Wire.InOrganization, Wire.HoldQuery, Nothing, Wire.List<Wire.Hold>>(
      "hold.list", .get, "/organizations/{organization}/holds", access: reading, summary: "List what was set aside, the newest first.")

    public static let createHold = Endpoint<Wire.InOrganization, Nothing, Wire.HoldDraft, Wire.Hold>(
      "hold.create", .post, "/organizations/{organization}/holds", access: using,
      summary: "Set credits aside for something whose price isn't known yet.", status: 201,
      refusals: [.insufficientCredits, .overBudget, .transferReused, .transferUnfit, .creditsOutOfRange])

    public static let readHold = Endpoint<Wire.InHold, Nothing, Nothing, Wire.Hold>(
      "hold.read", .get, "/organizations/{organization}/holds/{hold}", access: reading, summary: "Read one hold.")

    public static let settle = Endpoint<Wire.InHold, Nothing, Wire.Settlement, Wire.Hold>(
      "hold.settle", .put, "/organizations/{organization}/holds/{hold}/settlement", access: using,
      summary: "End a hold and charge what was used: less, as much, or more up to its ceiling; the same settlement again changes nothing.",
      refusals: [.insufficientCredits, .overBudget, .holdSettled, .holdReleased, .holdExpired, .aboveCeiling, .foreignHold])

    public static let release = Endpoint<Wire.InHold, Nothing, Nothing, Wire.Hold>(
      "hold.release", .put, "/organizations/{organization}/holds/{hold}/release", access: using,
      summary: "End a hold and charge nothing; a release again changes nothing.", refusals: [.holdSettled, .holdExpired, .foreignHold])

    public static let charge = Endpoint<Wire.InOrganization, Nothing, Wire.ChargeDraft, Wire.CreditTransfer>(
      "charge.create", .post, "/organizations/{organization}/charges", access: using,
      summary: "Record use that has happened, if need be into arrears; or, with `ask_first`, only what the credits suffice for.", status: 201,
      refusals: [.insufficientCredits, .overBudget, .transferReused, .creditsOutOfRange])

    // The journal

    public static let listTransfers = Endpoint<Wire.InOrganization, Wire.TransferQuery, Nothing, Wire.List<Wire.CreditTransfer>>(
      "transfer.list", .get, "/organizations/{organization}/transfers", access: .organization(permission: "usage.read"),
      summary: "List what changed the balance or a sub-balance, the newest first.")

    public static let readTransfer = Endpoint<Wire.InCreditTransfer, Nothing, Nothing, Wire.CreditTransfer>(
      "transfer.read", .get, "/organizations/{organization}/transfers/{transfer}", access: .organization(permission: "usage.read"),
      summary: "Read one transfer.")

    public static let transferMany = Endpoint<Wire.InOrganization, Nothing, Wire.TransferDrafts, Wire.TransferResults>(
      "transfer.create_many", .post, "/organizations/{organization}/transfers", access: using,
      summary: "Charge, hold, settle, release and reverse up to 10,000 times at once; answers what came of each, or with `linked` does all or nothing.",
      refusals: [.tooMany, .insufficientCredits, .overBudget], bodyLimit: 8 << 20)

    public static let reverse = Endpoint<Wire.InCreditTransfer, Nothing, Nothing, Wire.CreditTransfer>(
      "transfer.reverse", .put, "/organizations/{organization}/transfers/{transfer}/reversal", access: using,
      summary: "Take a transfer back, once; who made it may, and operators. A reversal again changes nothing.",
      refusals: [.transferFinal, .insufficientCredits, .foreignTransfer])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(listHolds), AnyEndpoint(createHold), AnyEndpoint(readHold), AnyEndpoint(settle), AnyEndpoint(release), AnyEndpoint(charge),
        AnyEndpoint(listTransfers), AnyEndpoint(readTransfer), AnyEndpoint(transferMany), AnyEndpoint(reverse),
      ]
    }
  }
}

extension Wire {
  public struct InHold: Codable, Sendable, Hashable {
    public var organization: String
    public var hold: ID<Hold>

    public init(organization: String, hold: ID<Hold>) {
      self.organization = organization
      self.hold = hold
    }
  }

  public struct InCreditTransfer: Codable, Sendable, Hashable {
    public var organization: String
    public var transfer: ID<CreditTransfer>

    public init(organization: String, transfer: ID<CreditTransfer>) {
      self.organization = organization
      self.transfer = transfer
    }
  }

  public enum HoldState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case live, settled, released, expired }

  /// Who did something to credits.
  public struct JournalActor: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
      case account
      case serviceAccount = "service-account"
      case system, anonymous
    }

    public var kind: Kind
    /// The id of the account or service account, or the job's name.
    public var id: String

    public init(kind: Kind, id: String) {
      self.kind = kind
      self.id = id
    }
  }

  public struct Hold: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Hold>
    /// Whose credits are set aside; absent for the organization's balance.
    public var subBalance: ID<SubBalance>?
    public var amount: Credits
    /// The most that it may be settled for.
    public var ceiling: Credits
    public var state: HoldState
    /// What was charged, once it is settled.
    public var settled: Credits?
    public var createdAt: Timestamp
    /// From when on it doesn't hold any more.
    public var expiresAt: Timestamp
    public var note: String
    public var actor: JournalActor

    public init(
      id: ID<Hold>, subBalance: ID<SubBalance>?, amount: Credits, ceiling: Credits, state: HoldState, settled: Credits?, createdAt: Timestamp,
      expiresAt: Timestamp, note: String, actor: JournalActor
    ) {
      self.id = id
      self.subBalance = subBalance
      self.amount = amount
      self.ceiling = ceiling
      self.state = state
      self.settled = settled
      self.createdAt = createdAt
      self.expiresAt = expiresAt
      self.note = note
      self.actor = actor
    }

    public var segment: String { id.description }
  }

  public struct HoldQuery: Codable, Sendable, Hashable, PagedQuery {
    public var state: HoldState?
    public var limit: Int?
    public var cursor: String?

    public init(state: HoldState? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.state = state
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct HoldDraft: Codable, Sendable, Hashable {
    /// An id of yours: the same hold again is made once.
    public var id: ID<Hold>?
    public var subBalance: ID<SubBalance>?
    public var amount: Unchecked<AmountText>
    /// The most that it may be settled for; the amount when absent.
    public var ceiling: Unchecked<AmountText>?
    /// In how many seconds it ends by itself, 1 to 31,622,400; an hour when absent.
    public var expiresIn: Int?
    public var note: Unchecked<Note>?
    public var purpose: SpendingPurpose?

    public init(
      id: ID<Hold>? = nil, subBalance: ID<SubBalance>? = nil, amount: String, ceiling: String? = nil, expiresIn: Int? = nil, note: String? = nil,
      purpose: SpendingPurpose? = nil
    ) {
      self.id = id
      self.subBalance = subBalance
      self.amount = .init(amount)
      self.ceiling = ceiling.map { .init($0) }
      self.expiresIn = expiresIn
      self.note = note.map { .init($0) }
      self.purpose = purpose
    }
  }

  public struct Settlement: Codable, Sendable, Hashable {
    public var amount: Unchecked<AmountText>
    public var note: Unchecked<Note>?

    public init(amount: String, note: String? = nil) {
      self.amount = .init(amount)
      self.note = note.map { .init($0) }
    }
  }

  public struct ChargeDraft: Codable, Sendable, Hashable {
    /// An id of yours: the same charge again is recorded once.
    public var id: ID<CreditTransfer>?
    public var subBalance: ID<SubBalance>?
    public var amount: Unchecked<AmountText>
    /// Whether it is refused where the credits don't suffice, because nothing has been used yet.
    public var askFirst: Bool?
    public var note: Unchecked<Note>?
    public var purpose: SpendingPurpose?

    public init(
      id: ID<CreditTransfer>? = nil, subBalance: ID<SubBalance>? = nil, amount: String, askFirst: Bool? = nil, note: String? = nil,
      purpose: SpendingPurpose? = nil
    ) {
      self.id = id
      self.subBalance = subBalance
      self.amount = .init(amount)
      self.askFirst = askFirst
      self.note = note.map { .init($0) }
      self.purpose = purpose
    }
  }

  public enum TransferKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case post, spend, charge, hold, settle, release, reverse }

  /// One entry of the journal, which is never changed.
  public struct CreditTransfer: Codable, Sendable, Hashable, Addressed {
    public var id: ID<CreditTransfer>
    /// Its place in the organization's journal.
    public var sequence: Int
    public var at: Timestamp
    public var kind: TransferKind
    public var amount: Credits
    /// `balance`, `payments`, `promotions`, `corrections`, `used`, `lapsed`, `allotments`, or the id of a sub-balance.
    public var from: String
    public var to: String
    /// Whose sub-balances `from` and `to` are, as commands name them: `member:emmy`, `project:eva`; absent for others.
    public var fromHolder: String?
    public var toHolder: String?
    /// The hold that it ends, or the transfer that it takes back.
    public var subject: ID<CreditTransfer>?
    public var note: String
    public var actor: JournalActor

    public init(
      id: ID<CreditTransfer>, sequence: Int, at: Timestamp, kind: TransferKind, amount: Credits, from: String, to: String, fromHolder: String? = nil,
      toHolder: String? = nil, subject: ID<CreditTransfer>?, note: String, actor: JournalActor
    ) {
      (self.fromHolder, self.toHolder) = (fromHolder, toHolder)
      self.id = id
      self.sequence = sequence
      self.at = at
      self.kind = kind
      self.amount = amount
      self.from = from
      self.to = to
      self.subject = subject
      self.note = note
      self.actor = actor
    }

    public var segment: String { id.description }
  }

  public struct TransferQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Only what changed this sub-balance; what changed the organization's balance when absent.
    public var subBalance: ID<SubBalance>?
    public var kind: TransferKind?
    public var since: Timestamp?
    /// The first instant that isn't asked for.
    public var until: Timestamp?
    public var limit: Int?
    public var cursor: String?

    public init(
      subBalance: ID<SubBalance>? = nil, kind: TransferKind? = nil, since: Timestamp? = nil, until: Timestamp? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
      self.subBalance = subBalance
      self.kind = kind
      self.since = since
      self.until = until
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// What can be asked for in a batch.
  public enum BatchedKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case charge, spend, hold, settle, release, reverse }

  public struct BatchedTransfer: Codable, Sendable, Hashable {
    /// An id of yours; sorted by time (UUID version 7) they are stored fastest.
    public var id: ID<CreditTransfer>
    public var kind: BatchedKind
    /// Of all but a release and a reversal.
    public var amount: Unchecked<AmountText>?
    /// Of a charge, a spend or a hold; the organization's balance when absent.
    public var subBalance: ID<SubBalance>?
    /// Of a hold; the amount when absent.
    public var ceiling: Unchecked<AmountText>?
    /// Of a hold, which needs it.
    public var expiresAt: Timestamp?
    /// The hold that is settled or released, or the transfer that is reversed.
    public var subject: ID<CreditTransfer>?
    public var note: Unchecked<Note>?
    /// Of a charge, a spend or a hold.
    public var purpose: SpendingPurpose?

    public init(
      id: ID<CreditTransfer>, kind: BatchedKind, amount: String? = nil, subBalance: ID<SubBalance>? = nil, ceiling: String? = nil, expiresAt: Timestamp? = nil,
      subject: ID<CreditTransfer>? = nil, note: String? = nil, purpose: SpendingPurpose? = nil
    ) {
      self.id = id
      self.kind = kind
      self.amount = amount.map { .init($0) }
      self.subBalance = subBalance
      self.ceiling = ceiling.map { .init($0) }
      self.expiresAt = expiresAt
      self.subject = subject
      self.note = note.map { .init($0) }
      self.purpose = purpose
    }
  }

  /// 10,000 at most.
  public struct TransferDrafts: Codable, Sendable, Hashable {
    public var transfers: [BatchedTransfer]
    /// Whether all are recorded or none.
    public var linked: Bool?

    public init(transfers: [BatchedTransfer], linked: Bool? = nil) {
      self.transfers = transfers
      self.linked = linked
    }
  }

  public struct TransferResult: Codable, Sendable, Hashable {
    public var id: ID<CreditTransfer>
    /// Its place in the journal; `nil` where it was refused.
    public var sequence: Int?
    public var problem: ProblemSummary?

    public init(id: ID<CreditTransfer>, sequence: Int?, problem: ProblemSummary?) {
      self.id = id
      self.sequence = sequence
      self.problem = problem
    }
  }

  public struct TransferResults: Codable, Sendable, Hashable {
    /// In the order of the request.
    public var results: [TransferResult]

    public init(results: [TransferResult]) { self.results = results }
  }
}

extension Problem.Code {
  public static let transferReused = Self("transfer.id_reused", .conflict, "The id belongs to another transfer")
  public static let transferUnfit = Self("transfer.unfit", .invalid, "No such transfer is possible")
  public static let transferFinal = Self("transfer.final", .conflict, "The transfer can't be reversed")
  public static let foreignTransfer = Self("transfer.foreign", .forbidden, "Somebody else made the transfer")
  public static let holdSettled = Self("hold.settled", .conflict, "The hold is settled already")
  public static let holdReleased = Self("hold.released", .conflict, "The hold is released already")
  public static let holdExpired = Self("hold.expired", .gone, "The hold has expired")
  public static let liveHolds = Self("organization.live_holds", .conflict, "Credits are held for what goes on")
  public static let foreignHold = Self("hold.foreign", .forbidden, "Somebody else made the hold")
  public static let aboveCeiling = Self("hold.above_ceiling", .invalid, "More than the hold allows")
}
