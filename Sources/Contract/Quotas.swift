public import Kernel

extension API {
  /// How much there may be of running jobs, GPUs, storage and seats, and what is taken of it.
  public enum Quotas {
    private static let reading = Access.organization(permission: "credits.read")
    private static let managing = Access.organization(permission: "quota.manage")
    private static let using = Access.organization(permission: "credits.use")

    public static let list = Endpoint<Wire.InOrganization, Wire.QuotaQuery, Nothing, Wire.List<Wire.Quota>>(
      "quota.list", .get, "/organizations/{organization}/quotas", access: reading, summary: "List quotas, by dimension, subject and name.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.QuotaDraft, Wire.Quota>(
      "quota.create", .post, "/organizations/{organization}/quotas", access: managing,
      summary: "Limit how much an organization, everybody in it or one of them may have at once, everywhere or in one cluster.", status: 201,
      refusals: [.takenName, .tooManyQuotas])

    public static let read = Endpoint<Wire.InQuota, Nothing, Nothing, Wire.Quota>(
      "quota.read", .get, "/organizations/{organization}/quotas/{quota}", access: reading, summary: "Read one quota.")

    public static let update = Endpoint<Wire.InQuota, Nothing, Wire.QuotaUpdate, Wire.Quota>(
      "quota.update", .patch, "/organizations/{organization}/quotas/{quota}", access: managing,
      summary: "Change how much there may be. What is taken already stays taken.", refusals: [.stale])

    public static let delete = Endpoint<Wire.InQuota, Nothing, Nothing, Nothing>(
      "quota.delete", .delete, "/organizations/{organization}/quotas/{quota}", access: managing,
      summary: "Take a quota away, so that it doesn't limit any more.", status: 204, refusals: [.stale])

    public static let readEffective = Endpoint<Wire.InOrganization, Wire.EffectiveQuotaQuery, Nothing, Wire.EffectiveQuotas>(
      "quota.read_effective", .get, "/organizations/{organization}/effective-quotas", access: reading,
      summary: "Read what binds somebody, or the organization as a whole, now: the tightest quota of each dimension, and all that stand beside it.")

    // Leases

    public static let listLeases = Endpoint<Wire.InOrganization, Wire.LeaseQuery, Nothing, Wire.List<Wire.Lease>>(
      "lease.list", .get, "/organizations/{organization}/leases", access: reading, summary: "List what was taken of quotas, the newest first.")

    public static let acquire = Endpoint<Wire.InOrganization, Nothing, Wire.LeaseDraft, Wire.Lease>(
      "lease.create", .post, "/organizations/{organization}/leases", access: using,
      summary: "Take of quotas what a job needs until it ends, all of it or nothing.", status: 201, refusals: [.quotaExceeded, .leaseReused])

    public static let readLease = Endpoint<Wire.InLease, Nothing, Nothing, Wire.Lease>(
      "lease.read", .get, "/organizations/{organization}/leases/{lease}", access: reading, summary: "Read one lease.")

    public static let renew = Endpoint<Wire.InLease, Nothing, Wire.LeaseRenewal, Wire.Lease>(
      "lease.renew", .put, "/organizations/{organization}/leases/{lease}/renewal", access: using,
      summary: "Let a lease last longer, while it is live.", refusals: [.leaseReleased, .leaseExpired, .foreignLease])

    public static let release = Endpoint<Wire.InLease, Nothing, Nothing, Wire.Lease>(
      "lease.release", .put, "/organizations/{organization}/leases/{lease}/release", access: using,
      summary: "End a lease; one that has ended stays as it ended.", refusals: [.foreignLease])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(readEffective),
        AnyEndpoint(listLeases), AnyEndpoint(acquire), AnyEndpoint(readLease), AnyEndpoint(renew), AnyEndpoint(release),
      ]
    }
  }
}

extension Wire {
  public struct InQuota: Codable, Sendable, Hashable {
    public var organization: String
    public var quota: ID<Quota>

    public init(organization: String, quota: ID<Quota>) { (self.organization, self.quota) = (organization, quota) }
  }

  public struct InLease: Codable, Sendable, Hashable {
    public var organization: String
    public var lease: ID<Lease>

    public init(organization: String, lease: ID<Lease>) { (self.organization, self.lease) = (organization, lease) }
  }

  /// `storage` is in bytes. For an organization as a whole: `seats` are members and open invitations; `projects`, `pipelines`, `pipeline-runs` and `models` are
  /// what it has made and not deleted.
  public enum QuotaDimension: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case runningJobs = "running-jobs"
    case gpus, storage, seats, projects, pipelines
    case pipelineRuns = "pipeline-runs"
    case models
  }

  /// `organization`: all together. `each`: everybody who has no quota of their own there, each by themselves.
  public enum QuotaSubject: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case organization, each, member
    case serviceAccount = "service-account"
  }

  /// Who takes of quotas.
  public enum LeaseHolderKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case member
    case serviceAccount = "service-account"
  }

  public struct Quota: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Quota>
    public var dimension: QuotaDimension
    public var subject: QuotaSubject
    /// The id of the account or service account.
    public var holder: String?
    public var name: String?
    /// Absent for all clusters together.
    public var cluster: String?
    /// Absent where nothing limits.
    public var limit: Int?
    public var unlimited: Bool
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Quota>, dimension: QuotaDimension, subject: QuotaSubject, holder: String?, name: String?, cluster: String?, limit: Int?, unlimited: Bool,
      createdAt: Timestamp, revision: Int
    ) {
      self.id = id
      self.dimension = dimension
      self.subject = subject
      self.holder = holder
      self.name = name
      self.cluster = cluster
      self.limit = limit
      self.unlimited = unlimited
      self.createdAt = createdAt
      self.revision = revision
    }

    public var segment: String { id.description }
  }

  public struct QuotaQuery: Codable, Sendable, Hashable, PagedQuery {
    public var dimension: QuotaDimension?
    public var limit: Int?
    public var cursor: String?

    public init(dimension: QuotaDimension? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.dimension = dimension
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct QuotaDraft: Codable, Sendable, Hashable {
    public var dimension: QuotaDimension
    /// `organization` when absent.
    public var subject: QuotaSubject?
    /// A member by handle, address or id; a service account by slug or id.
    public var holder: String?
    /// As its platform calls it; all of them together when absent.
    public var cluster: Unchecked<DisplayName>?
    /// How much there may be at once, 0 to 9,007,199,254,740,991; bytes for storage.
    public var limit: Int?
    /// In place of a limit: one's own quota that doesn't limit goes before what `each` may have.
    public var unlimited: Bool?

    public init(
      dimension: QuotaDimension, subject: QuotaSubject? = nil, holder: String? = nil, cluster: String? = nil, limit: Int? = nil, unlimited: Bool? = nil
    ) {
      self.dimension = dimension
      self.subject = subject
      self.holder = holder
      self.cluster = cluster.map { .init($0) }
      self.limit = limit
      self.unlimited = unlimited
    }
  }

  public struct QuotaUpdate: Codable, Sendable, Hashable {
    public var limit: Int?
    /// In place of a limit.
    public var unlimited: Bool?

    public init(limit: Int? = nil, unlimited: Bool? = nil) { (self.limit, self.unlimited) = (limit, unlimited) }
  }

  public struct EffectiveQuotaQuery: Codable, Sendable, Hashable {
    /// Goes with `holder`; without both, what the organization may do as a whole.
    public var holderKind: LeaseHolderKind?
    /// A member by handle, address or id; a service account by slug or id.
    public var holder: String?
    public var cluster: String?

    public init(holderKind: LeaseHolderKind? = nil, holder: String? = nil, cluster: String? = nil) {
      self.holderKind = holderKind
      self.holder = holder
      self.cluster = cluster
    }
  }

  public struct EffectiveQuotas: Codable, Sendable, Hashable {
    public var quotas: [EffectiveQuota]
    public var asOf: Timestamp

    public init(quotas: [EffectiveQuota], asOf: Timestamp) { (self.quotas, self.asOf) = (quotas, asOf) }
  }

  public struct EffectiveQuota: Codable, Sendable, Hashable {
    public var dimension: QuotaDimension
    /// Whether nothing limits.
    public var unlimited: Bool
    /// What may still be taken; absent where nothing limits.
    public var left: Int?
    /// The quota that binds: that with the least left, of equals the narrowest.
    public var limitedBy: ID<Quota>?
    /// All that hold, from the narrowest to the widest.
    public var levels: [QuotaLevel]

    public init(dimension: QuotaDimension, unlimited: Bool, left: Int?, limitedBy: ID<Quota>?, levels: [QuotaLevel]) {
      self.dimension = dimension
      self.unlimited = unlimited
      self.left = left
      self.limitedBy = limitedBy
      self.levels = levels
    }
  }

  public struct QuotaLevel: Codable, Sendable, Hashable {
    public var quota: Quota
    public var used: Int
    public var left: Int?

    public init(quota: Quota, used: Int, left: Int?) { (self.quota, self.used, self.left) = (quota, used, left) }
  }

  public enum LeaseState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case live, released, expired }

  public struct Lease: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Lease>
    public var holderKind: LeaseHolderKind
    /// The id of the account or service account that it counts for.
    public var holder: String
    public var name: String
    public var cluster: String?
    public var runningJobs: Int
    public var gpus: Int
    /// In bytes.
    public var storage: Int
    public var state: LeaseState
    public var createdAt: Timestamp
    /// From when on it doesn't count any more.
    public var expiresAt: Timestamp
    public var releasedAt: Timestamp?
    public var note: String
    public var actor: JournalActor

    public init(
      id: ID<Lease>, holderKind: LeaseHolderKind, holder: String, name: String, cluster: String?, runningJobs: Int, gpus: Int, storage: Int, state: LeaseState,
      createdAt: Timestamp, expiresAt: Timestamp, releasedAt: Timestamp?, note: String, actor: JournalActor
    ) {
      self.id = id
      self.holderKind = holderKind
      self.holder = holder
      self.name = name
      self.cluster = cluster
      self.runningJobs = runningJobs
      self.gpus = gpus
      self.storage = storage
      self.state = state
      self.createdAt = createdAt
      self.expiresAt = expiresAt
      self.releasedAt = releasedAt
      self.note = note
      self.actor = actor
    }

    public var segment: String { id.description }
  }

  public struct LeaseQuery: Codable, Sendable, Hashable, PagedQuery {
    public var state: LeaseState?
    public var limit: Int?
    public var cursor: String?

    public init(state: LeaseState? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.state = state
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// At least one of `running_jobs`, `gpus` and `storage` is above zero.
  public struct LeaseDraft: Codable, Sendable, Hashable {
    /// An id of yours: the same lease again is taken once.
    public var id: ID<Lease>?
    /// Whom it counts for; goes with `holder`. You when absent.
    public var holderKind: LeaseHolderKind?
    /// A member by handle, address or id; a service account by slug or id.
    public var holder: String?
    public var cluster: Unchecked<DisplayName>?
    public var runningJobs: Int?
    public var gpus: Int?
    /// In bytes.
    public var storage: Int?
    /// In how many seconds it ends by itself, 1 to 31,622,400; an hour when absent.
    public var expiresIn: Int?
    public var note: Unchecked<Note>?

    public init(
      id: ID<Lease>? = nil, holderKind: LeaseHolderKind? = nil, holder: String? = nil, cluster: String? = nil, runningJobs: Int? = nil, gpus: Int? = nil,
      storage: Int? = nil, expiresIn: Int? = nil, note: String? = nil
    ) {
      self.id = id
      self.holderKind = holderKind
      self.holder = holder
      self.cluster = cluster.map { .init($0) }
      self.runningJobs = runningJobs
      self.gpus = gpus
      self.storage = storage
      self.expiresIn = expiresIn
      self.note = note.map { .init($0) }
    }
  }

  public struct LeaseRenewal: Codable, Sendable, Hashable {
    /// In how many seconds from now it ends by itself, 1 to 31,622,400; an hour when absent. It never ends earlier than before.
    public var expiresIn: Int?

    public init(expiresIn: Int? = nil) { self.expiresIn = expiresIn }
  }
}

extension Problem.Code {
  public static let tooManyQuotas = Self("quota.too_many", .conflict, "Too many quotas")
  public static let quotaExceeded = Self("quota.exceeded", .conflict, "The quota doesn't leave that much")
  public static let leaseReused = Self("lease.id_reused", .conflict, "The id belongs to another lease")
  public static let leaseReleased = Self("lease.released", .conflict, "The lease was released")
  public static let leaseExpired = Self("lease.expired", .gone, "The lease has expired")
  public static let foreignLease = Self("lease.foreign", .forbidden, "Somebody else took the lease")
}
