public import Kernel

/// What can be limited besides credits.
public enum QuotaDimension: String, Sendable, Hashable, CaseIterable {
  case runningJobs = "running-jobs"
  case gpus
  /// In bytes.
  case storage
  /// Members and open invitations; for an organization as a whole alone.
  case seats
  /// Of the organization as a whole, as are the others of these: what it has made and not deleted.
  case projects
  case pipelines
  case pipelineRuns = "pipeline-runs"
  case models

  /// Whether it is taken by leases; otherwise it is for an organization as a whole alone.
  public var isLeased: Bool {
    switch self {
    case .runningJobs, .gpus, .storage: true
    case .seats, .projects, .pipelines, .pipelineRuns, .models: false
    }
  }
}

/// How much there may be of something.
public enum QuotaLimit: Sendable, Hashable {
  case unlimited
  case most(Int64)
}

/// Where a quota holds: for all together, for one or for each by themselves; everywhere or in one cluster.
public struct QuotaScope: Sendable, Hashable {
  public enum Subject: Sendable, Hashable {
    /// The whole organization together.
    case organization
    /// Everybody who has no quota of their own there, each by themselves.
    case each
    /// One member or service account.
    case holder(String)
  }

  public let subject: Subject
  /// As its platform calls it; `nil` for all of them together.
  public let cluster: String?

  public init(_ subject: Subject, cluster: String? = nil) { (self.subject, self.cluster) = (subject, cluster) }
}

/// A limit that somebody set.
public struct Quota: Sendable, Hashable {
  public let id: ID<Quota>
  public let dimension: QuotaDimension
  public let scope: QuotaScope
  public let limit: QuotaLimit

  /// What can be counted everywhere, also in JSON (RFC 8259 §6).
  public static let most: Int64 = 9_007_199_254_740_991

  public init(_ id: ID<Quota>, _ dimension: QuotaDimension, _ scope: QuotaScope, _ limit: QuotaLimit) {
    (self.id, self.dimension, self.scope, self.limit) = (id, dimension, scope, limit)
  }
}

/// How much of each dimension a lease takes, or several together.
public struct LeaseAmounts: Sendable, Hashable {
  public var runningJobs: Int64
  public var gpus: Int64
  public var storage: Int64

  public static let none = LeaseAmounts()

  public init(runningJobs: Int64 = 0, gpus: Int64 = 0, storage: Int64 = 0) { (self.runningJobs, self.gpus, self.storage) = (runningJobs, gpus, storage) }

  /// Nothing for what isn't leased.
  public subscript(dimension: QuotaDimension) -> Int64 {
    switch dimension {
    case .runningJobs: runningJobs
    case .gpus: gpus
    case .storage: storage
    case .seats, .projects, .pipelines, .pipelineRuns, .models: 0
    }
  }

  /// What it takes something of.
  public var dimensions: [QuotaDimension] { QuotaDimension.allCases.filter { self[$0] > 0 } }
}

/// What live leases take, as far as one holder in one cluster is concerned.
public struct QuotaUsage: Sendable, Hashable {
  public var organization: LeaseAmounts
  public var cluster: LeaseAmounts
  public var holder: LeaseAmounts
  public var holderInCluster: LeaseAmounts

  public init(
    organization: LeaseAmounts = .none, cluster: LeaseAmounts = .none, holder: LeaseAmounts = .none, holderInCluster: LeaseAmounts = .none
  ) { (self.organization, self.cluster, self.holder, self.holderInCluster) = (organization, cluster, holder, holderInCluster) }

  fileprivate func taken(of dimension: QuotaDimension, in scope: QuotaScope) -> Int64 {
    switch (scope.subject, scope.cluster) {
    case (.organization, nil): organization[dimension]
    case (.organization, _): cluster[dimension]
    case (_, nil): holder[dimension]
    case (_, _): holderInCluster[dimension]
    }
  }
}

/// One of the quotas that bind, with what is taken of it.
public struct QuotaLevel: Sendable, Hashable {
  public let quota: Quota
  public let used: Int64

  public init(_ quota: Quota, used: Int64) { (self.quota, self.used) = (quota, used) }

  /// What is left; nothing where more is taken than there may be, `nil` without a limit.
  public var left: Int64? {
    switch quota.limit {
    case .unlimited: nil
    case .most(let limit): max(limit - used, 0)
    }
  }
}

/// All quotas that bind somebody in one dimension, with the tightest of them.
public struct EffectiveQuota: Sendable, Hashable {
  public let dimension: QuotaDimension
  /// From the narrowest scope to the widest.
  public let levels: [QuotaLevel]

  public init(dimension: QuotaDimension, levels: [QuotaLevel]) { (self.dimension, self.levels) = (dimension, levels) }

  /// The one with the least left; of equals the narrowest. `nil` where nothing limits.
  public var binding: QuotaLevel? {
    var tightest: QuotaLevel?
    for level in levels { if let left = level.left, tightest?.left.map({ left < $0 }) ?? true { tightest = level } }
    return tightest
  }
}

/// What a lease asks for and doesn't get.
public struct QuotaShortfall: Sendable, Hashable {
  public let level: QuotaLevel
  public let missing: Int64
}

/// Quotas at one instant, as far as they concern one holder in one cluster.
public struct QuotaBoard: Sendable {
  private let quotas: [Quota]
  private let usage: QuotaUsage
  private let holder: String?
  private let cluster: String?

  /// Without a `holder` only what the organization may do as a whole counts; without a `cluster` only what holds everywhere.
  public init(_ quotas: [Quota], usage: QuotaUsage, holder: String?, cluster: String?) {
    (self.quotas, self.usage, self.holder, self.cluster) = (quotas, usage, holder, cluster)
  }

  /// The quotas of a dimension that bind.
  public func effective(_ dimension: QuotaDimension) -> EffectiveQuota {
    var levels: [QuotaLevel] = []
    let places = cluster == nil ? [nil] : [cluster, nil]
    if let holder {
      for place in places {
        // One's own comes before what everybody has.
        let own = quota(dimension, QuotaScope(.holder(holder), cluster: place)) ?? quota(dimension, QuotaScope(.each, cluster: place))
        if let own { levels.append(level(own)) }
      }
    }
    for place in places { if let found = quota(dimension, QuotaScope(.organization, cluster: place)) { levels.append(level(found)) } }
    return EffectiveQuota(dimension: dimension, levels: levels)
  }

  /// Why this can't be taken besides what is taken already: of several the first dimension. `nil` where it can.
  public func shortfall(of asked: LeaseAmounts) -> QuotaShortfall? {
    for dimension in asked.dimensions {
      guard let binding = effective(dimension).binding, let left = binding.left, left < asked[dimension] else { continue }
      return QuotaShortfall(level: binding, missing: asked[dimension] - left)
    }
    return nil
  }

  private func quota(_ dimension: QuotaDimension, _ scope: QuotaScope) -> Quota? { quotas.first { $0.dimension == dimension && $0.scope == scope } }

  private func level(_ quota: Quota) -> QuotaLevel { QuotaLevel(quota, used: usage.taken(of: quota.dimension, in: quota.scope)) }
}
