public import Kernel

extension API {
  /// What was used, as platforms measured it, and what it came to. Quantities and credits are decimal texts.
  public enum Usage {
    private static let reading = Access.organization(permission: "usage.read")

    public static let record = Endpoint<Wire.InOrganization, Nothing, Wire.UsageEventDrafts, Wire.UsageResults>(
      "usage_event.record", .post, "/organizations/{organization}/usage-events", access: .organization(permission: "credits.use"),
      summary: "Record what was used, up to 10,000 events at once, each once by its source and id; answers what came of each, and charges what has a price.",
      refusals: [.tooManyUsageEvents, .creditsOutOfRange], bodyLimit: 8 << 20)

    public static let listEvents = Endpoint<Wire.InOrganization, Wire.UsageEventQuery, Nothing, Wire.List<Wire.UsageEvent>>(
      "usage_event.list", .get, "/organizations/{organization}/usage-events", access: reading,
      summary: "List the events that were recorded, the latest recorded first.")

    public static let report = Endpoint<Wire.InOrganization, Wire.UsageQuery, Nothing, Wire.List<Wire.UsageRow>>(
      "usage.report", .get, "/organizations/{organization}/usage", access: reading,
      summary:
        "Read what was used in a time, in steps and by member, service account, team, project, cluster, resource or preset; with the member me your own.")

    static var all: [AnyEndpoint] { [AnyEndpoint(record), AnyEndpoint(listEvents), AnyEndpoint(report)] }
  }
}

extension Wire {
  /// One thing that was used, or that was recorded by mistake: what `corrects` names is taken back with what it was charged, and all but `id` and `corrects`
  /// is left out then.
  public struct UsageEventDraft: Codable, Sendable, Hashable {
    /// Tells it from all others of its source; in the order of time (such as UUID version 7) they are stored fastest.
    public var id: Unchecked<UsageKeyText>
    /// When it was used: decides the price and the period. At most 5 minutes ahead, and not in a period that is closed; when absent the time at which it is
    /// received for the first time.
    public var at: Unchecked<InstantText>?
    /// What was used, such as `gpu`.
    public var resource: Unchecked<MeterText>?
    /// Which kind of it, such as `a100-large`.
    public var preset: Unchecked<MeterText>?
    /// What `quantity` counts; where there is a price, the unit of the price.
    public var unit: Unchecked<MeterText>?
    public var quantity: Unchecked<QuantityText>?
    /// Who used it: the handle or the id of an account that is or was a member.
    public var member: Unchecked<FreeText>?
    /// Who used it: the slug or the id of a service account.
    public var serviceAccount: Unchecked<FreeText>?
    /// What for: the id of a project, or `workspace/project` by their slugs.
    public var project: Unchecked<FreeText>?
    /// Where, as its platform calls it.
    public var cluster: Unchecked<DisplayName>?
    /// Whose credits are charged; when absent that of the member or service account, of the project or of the cluster, or the organization's balance.
    public var subBalance: Unchecked<FreeText>?
    /// The id of the event of the same source that this takes back.
    public var corrects: Unchecked<UsageKeyText>?

    public init(
      id: String, at: String? = nil, resource: String? = nil, preset: String? = nil, unit: String? = nil, quantity: String? = nil, member: String? = nil,
      serviceAccount: String? = nil, project: String? = nil, cluster: String? = nil, subBalance: String? = nil, corrects: String? = nil
    ) {
      self.id = .init(id)
      self.at = at.map { .init($0) }
      self.resource = resource.map { .init($0) }
      self.preset = preset.map { .init($0) }
      self.unit = unit.map { .init($0) }
      self.quantity = quantity.map { .init($0) }
      self.member = member.map { .init($0) }
      self.serviceAccount = serviceAccount.map { .init($0) }
      self.project = project.map { .init($0) }
      self.cluster = cluster.map { .init($0) }
      self.subBalance = subBalance.map { .init($0) }
      self.corrects = corrects.map { .init($0) }
    }
  }

  /// 10,000 at most.
  public struct UsageEventDrafts: Codable, Sendable, Hashable {
    /// Who measured it, such as the name of a scheduler: ids are told apart within a source.
    public var source: Unchecked<UsageKeyText>
    public var events: [UsageEventDraft]

    public init(source: String, events: [UsageEventDraft]) {
      self.source = .init(source)
      self.events = events
    }
  }

  /// `recorded`: it counts from now on. `known`: the same was recorded before. `refused`: it leaves no trace, and its id stays free.
  public enum UsageOutcome: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case recorded, known, refused }

  public struct UsageResult: Codable, Sendable, Hashable {
    public var id: String
    public var outcome: UsageOutcome
    /// Its place among all that was recorded of the organization; absent where it was refused.
    public var sequence: Int?
    /// What was charged for it, below zero where it gave back; absent where nothing has a price or it was refused.
    public var credits: Credits?
    public var problem: ProblemSummary?

    public init(id: String, outcome: UsageOutcome, sequence: Int?, credits: Credits?, problem: ProblemSummary?) {
      self.id = id
      self.outcome = outcome
      self.sequence = sequence
      self.credits = credits
      self.problem = problem
    }
  }

  public struct UsageResults: Codable, Sendable, Hashable {
    /// In the order of the request.
    public var results: [UsageResult]

    public init(results: [UsageResult]) { self.results = results }
  }

  public struct UsageEvent: Codable, Sendable, Hashable {
    public var source: String
    public var id: String
    /// Its place among all that was recorded of the organization.
    public var sequence: Int
    public var at: Timestamp
    public var resource: String
    public var preset: String?
    public var unit: String
    /// Below zero where it takes another one back.
    public var quantity: Unchecked<SignedQuantityText>
    /// The id of the account.
    public var member: ID<Account>?
    public var serviceAccount: ID<ServiceAccount>?
    public var project: ID<Project>?
    public var cluster: String?
    public var subBalance: ID<SubBalance>?
    /// What was charged for it; absent where nothing had a price.
    public var credits: Credits?
    /// The id of the event that this takes back, or that takes this back.
    public var corrects: String?
    public var correctedBy: String?

    public init(
      source: String, id: String, sequence: Int, at: Timestamp, resource: String, preset: String?, unit: String, quantity: String, member: ID<Account>?,
      serviceAccount: ID<ServiceAccount>?, project: ID<Project>?, cluster: String?, subBalance: ID<SubBalance>?, credits: Credits?, corrects: String?,
      correctedBy: String?
    ) {
      self.source = source
      self.id = id
      self.sequence = sequence
      self.at = at
      self.resource = resource
      self.preset = preset
      self.unit = unit
      self.quantity = .init(quantity)
      self.member = member
      self.serviceAccount = serviceAccount
      self.project = project
      self.cluster = cluster
      self.subBalance = subBalance
      self.credits = credits
      self.corrects = corrects
      self.correctedBy = correctedBy
    }
  }

  public struct UsageEventQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Only what this source measured.
    public var source: String?
    /// Only the event with this id, of each source.
    public var id: String?
    public var since: Timestamp?
    /// The first instant that isn't asked for.
    public var until: Timestamp?
    public var limit: Int?
    public var cursor: String?

    public init(
      source: String? = nil, id: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
      self.source = source
      self.id = id
      self.since = since
      self.until = until
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// How time is cut, in UTC; `all` for not at all.
  public enum UsageStep: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case all, hour, day, month }

  /// What rows are told apart by, besides resource and unit. Who is in several teams counts in each of them.
  public enum UsageDimension: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case nothing, member
    case serviceAccount = "service-account"
    case team, project, cluster, resource, preset
  }

  public struct UsageQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Rounded down to a whole step; 30 days before `until` when absent.
    public var since: Timestamp?
    /// The first instant that isn't asked for, rounded up to a whole step; now when absent.
    public var until: Timestamp?
    /// `day` when absent.
    public var step: UsageStep?
    /// `nothing` when absent.
    public var by: UsageDimension?
    /// Only what this account used, by id or handle; `none` for what names no member.
    public var member: String?
    /// By id or `workspace/project`; `none` for what names no project.
    public var project: String?
    public var cluster: String?
    public var resource: String?
    public var limit: Int?
    public var cursor: String?

    public init(
      since: Timestamp? = nil, until: Timestamp? = nil, step: UsageStep? = nil, by: UsageDimension? = nil, member: String? = nil, project: String? = nil,
      cluster: String? = nil, resource: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
      self.since = since
      self.until = until
      self.step = step
      self.by = by
      self.member = member
      self.project = project
      self.cluster = cluster
      self.resource = resource
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct UsageRow: Codable, Sendable, Hashable {
    /// When the step begins; the beginning of all that was asked for with the step `all`.
    public var start: Timestamp
    /// The id or name of what rows are told apart by; empty for what names none.
    public var key: String
    /// What `key` is called, as far as it is still there.
    public var name: String
    public var resource: String
    public var unit: String
    public var quantity: Unchecked<SignedQuantityText>
    public var credits: Credits
    /// How many events; one that takes another back takes it off.
    public var events: Int

    public init(start: Timestamp, key: String, name: String, resource: String, unit: String, quantity: String, credits: Credits, events: Int) {
      self.start = start
      self.key = key
      self.name = name
      self.resource = resource
      self.unit = unit
      self.quantity = .init(quantity)
      self.credits = credits
      self.events = events
    }
  }
}

/// What names a source, or an event of it: visible characters of ASCII, as identifiers have them.
public enum UsageKeyText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[!-~]+$", length: 1...128) }
  public static var example: String { "scheduler-1" }
}

/// The name of a resource, a preset or a unit.
public enum MeterText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]*$", length: 1...64) }
  public static var example: String { "gpu" }
}

/// A quantity above zero: digits, and a point with at most 6 digits behind it if need be.
public enum QuantityText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[0-9]+(\\.[0-9]{1,6})?$", length: 1...40) }
  public static var example: String { "3600" }
}

/// The same with a `-` in front of what is taken back.
public enum SignedQuantityText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^-?[0-9]+(\\.[0-9]{1,6})?$", length: 1...41) }
  public static var example: String { "3600" }
}

/// An instant as RFC 3339 writes it.
public enum InstantText: TextRules {
  public static var rules: Schema.StringRules { .init(format: "date-time", length: 1...40) }
  public static var example: String { "2026-11-21T09:00:00Z" }
}

extension Problem.Code {
  public static let tooManyUsageEvents = Self("usage_event.too_many", .tooLarge, "Too many events at once")
  public static let usageReused = Self("usage_event.id_reused", .conflict, "The id belongs to another event")
  public static let futureUsage = Self("usage_event.future", .invalid, "Not used yet")
  public static let closedUsage = Self("usage_event.closed", .conflict, "The period is closed")
  public static let usageUnit = Self("usage_event.unit", .invalid, "Another unit than that of the price")
  public static let usageOutOfRange = Self("usage_event.out_of_range", .invalid, "More than can be counted")
  public static let usageCorrected = Self("usage_event.corrected", .conflict, "The event is taken back already")
  public static let usageFinal = Self("usage_event.final", .conflict, "A correction can't be taken back")
}
