import Contract
public import Kernel
public import Ledger

/// Whom a quota is for, as people choose it.
public enum QuotaSubject: String, Sendable, Hashable, CaseIterable {
  case organization, each, member
  case serviceAccount = "service-account"
}

/// A quota as an organization set it.
public struct QuotaSetting: Sendable, Hashable {
  public let quota: Quota
  public let organization: ID<Organization>
  public let subject: QuotaSubject
  /// What the member or service account is called; empty for others.
  public let name: String
  public let createdAt: Timestamp
  public let revision: Int

  /// How many an organization can have.
  public static let limit = 10_000

  /// The id of the account or service account; empty for others.
  public var holder: String { if case .holder(let holder) = quota.scope.subject { holder } else { "" } }

  /// "bob in the cluster c1", "the organization", "each member in the cluster c1".
  public var words: String {
    let who =
      switch subject {
      case .organization: "the organization"
      case .each: "each member"
      case .member: name
      case .serviceAccount: "the service account \(name)"
      }
    return quota.scope.cluster.map { "\(who) in the cluster \($0)" } ?? who
  }

  /// The same with another limit.
  func with(_ limit: QuotaLimit) -> QuotaSetting {
    QuotaSetting(
      quota: Quota(quota.id, quota.dimension, quota.scope, limit), organization: organization, subject: subject, name: name, createdAt: createdAt,
      revision: revision + 1)
  }

  /// Refuses as `stale` when there is a newer revision than the one that was seen.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This quota was changed since you read it. Read it again.") }
  }
}

/// A quota that somebody wants.
public struct QuotaDraft: Sendable {
  public let dimension: QuotaDimension
  public let subject: QuotaSubject
  /// As it was named; empty where nobody is.
  public let holder: String
  public let cluster: String?
  public let limit: QuotaLimit

  /// Reads what somebody typed: a limit, or that there is none.
  public init(
    _ dimension: QuotaDimension, subject: QuotaSubject = .organization, holder: String = "", cluster: String = "", limit: Int?, isUnlimited: Bool = false
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsed = checker.limit(limit, isUnlimited: isUnlimited)
    let hasHolder = !holder.allSatisfy(\.isWhitespace)
    switch subject {
    case .organization, .each: if hasHolder { checker.reject("holder", "Name nobody, or say that it is for a member or a service account.") }
    case .member, .serviceAccount: if !hasHolder { checker.reject("holder", "Say whose it is.") }
    }
    let place = cluster.isEmpty ? nil : checker.check("cluster") { () throws(Rejection) in try DisplayName(cluster) }
    if !dimension.isLeased {
      let words = dimension.rawValue.replacing("-", with: " ")
      let what = words.prefix(1).uppercased() + words.dropFirst()
      if subject != .organization { checker.reject("subject", "\(what) are limited for the organization as a whole.") }
      if !cluster.isEmpty { checker.reject("cluster", "\(what) have nothing to do with clusters.") }
    }
    try checker.finish()
    guard let parsed else { throw Problem(.defect, "A checked field is missing.") }
    (self.dimension, self.subject, self.holder, self.cluster, self.limit) = (dimension, subject, hasHolder ? holder : "", place?.text, parsed)
  }
}

/// What a quota's limit is to become.
public struct QuotaUpdate: Sendable {
  public let limit: QuotaLimit

  public init(limit: Int?, isUnlimited: Bool = false) throws(Problem) {
    var checker = FieldChecker()
    let parsed = checker.limit(limit, isUnlimited: isUnlimited)
    try checker.finish()
    guard let parsed else { throw Problem(.defect, "A checked field is missing.") }
    self.limit = parsed
  }
}

/// What binds somebody in one dimension, with the quotas as they were set.
public struct SeenEffectiveQuota: Sendable {
  public let effective: EffectiveQuota
  /// As `effective.levels`.
  public let settings: [QuotaSetting]

  /// The quota that binds.
  public var binding: QuotaSetting? { effective.binding.flatMap { level in settings.first { $0.quota.id == level.quota.id } } }
}

extension QuotaDimension {
  /// A number of it: "3 running jobs", "20 GB of storage".
  public func counted(_ number: Int64) -> String {
    switch self {
    case .runningJobs: number == 1 ? "1 running job" : "\(digits(number)) running jobs"
    case .gpus: number == 1 ? "1 GPU" : "\(digits(number)) GPUs"
    case .storage: "\(bytesText(number)) of storage"
    case .seats: number == 1 ? "1 seat" : "\(digits(number)) seats"
    case .projects: number == 1 ? "1 project" : "\(digits(number)) projects"
    case .pipelines: number == 1 ? "1 pipeline" : "\(digits(number)) pipelines"
    case .pipelineRuns: number == 1 ? "1 pipeline run" : "\(digits(number)) pipeline runs"
    case .models: number == 1 ? "1 model" : "\(digits(number)) models"
    }
  }

  private func digits(_ number: Int64) -> String { grouped(Int(clamping: number)) }
}

extension QuotaLimit {
  /// For the log.
  var text: String {
    switch self {
    case .unlimited: "unlimited"
    case .most(let limit): String(limit)
    }
  }
}

extension FieldChecker {
  /// A limit, or that there is none.
  fileprivate mutating func limit(_ limit: Int?, isUnlimited: Bool) -> QuotaLimit? {
    switch (limit, isUnlimited) {
    case (nil, true): return .unlimited
    case (nil, false): reject("limit", "Say how much there may be, or that nothing limits it.")
    case (_, true): reject("unlimited", "Give a limit, or say that there is none; not both.")
    case (let limit?, false):
      if limit >= 0, limit <= Quota.most { return .most(Int64(limit)) }
      reject("limit", "Give a whole number from 0 to \(Quota.most).")
    }
    return nil
  }
}
