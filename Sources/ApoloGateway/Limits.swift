import Contract
import ControlPlane
import Kernel
import Ledger

/// How many jobs may run at once on a cluster: quotas, as Apolo tells of them.
struct Limits {
  let plane: ControlPlane

  /// Whose jobs are limited.
  enum Holder: Hashable {
    case organization
    /// Of each member who has none of their own.
    case each
    case member(ID<Account>)
  }

  /// All quotas of running jobs on a cluster.
  func all(on cluster: String, in organization: String, by caller: Caller) async throws(Problem) -> [Holder: QuotaSetting] {
    let found: [QuotaSetting]
    do throws(Problem) {
      found = try await ApoloGateway.all { page throws(Problem) in try await plane.quotas.list(in: organization, of: .runningJobs, page, by: caller) }
    } catch {
      guard error.kind == .forbidden else { throw error }
      return [:]
    }
    var limits: [Holder: QuotaSetting] = [:]
    for setting in found where setting.quota.scope.cluster == cluster {
      switch setting.subject {
      case .organization: limits[.organization] = setting
      case .each: limits[.each] = setting
      case .member: if let account = ID<Account>(setting.holder) { limits[.member(account)] = setting }
      case .serviceAccount: continue
      }
    }
    return limits
  }

  /// What binds a member by themselves: their own quota, or that of each.
  static func json(_ limits: [Holder: QuotaSetting], of account: ID<Account>) -> JSON { json(limits[.member(account)] ?? limits[.each]) }

  static func json(_ setting: QuotaSetting?) -> JSON { .members([("total_running_jobs", setting?.most.map { .integer($0) })]) }

  /// Lets so many jobs run at once, or with `nil` any number.
  func set(_ most: Int?, of holder: Holder, on cluster: String, in organization: String, by caller: Caller) async throws(Problem) {
    let present = try await all(on: cluster, in: organization, by: caller)
    try await set(most, of: holder, present, on: cluster, in: organization, by: caller)
  }

  /// Changes a quota: `quota` with a number or without one, or `additional_quota`.
  func change(_ body: JSON, of holder: Holder, on cluster: String, in organization: String, by caller: Caller) async throws(Problem) {
    let present = try await all(on: cluster, in: organization, by: caller)
    if let more = try body.optionalObject("additional_quota")?.optionalNumber("total_running_jobs") {
      // What has no limit gets none by adding to it.
      guard let most = (present[holder] ?? (holder == .organization ? nil : present[.each]))?.most else { return }
      let (sum, overflow) = Int(most).addingReportingOverflow(more)
      guard !overflow, sum >= 0 else { throw .invalid("additional_quota", "That would be fewer than none, or more than can be counted.") }
      try await set(sum, of: holder, present, on: cluster, in: organization, by: caller)
    } else if let quota = try body.optionalObject("quota") {
      try await set(quota.optionalNumber("total_running_jobs"), of: holder, present, on: cluster, in: organization, by: caller)
    } else {
      throw .invalid("quota", "Give quota or additional_quota.")
    }
  }

  private func set(
    _ most: Int?, of holder: Holder, _ present: [Holder: QuotaSetting], on cluster: String, in organization: String, by caller: Caller
  ) async throws(Problem) {
    // A member whom nothing limits has a quota that says so, or that of each would count.
    let isUnlimited = most == nil
    if let setting = present[holder] {
      if isUnlimited, holder == .organization || holder == .each {
        try await plane.quotas.delete(setting.quota.id, in: organization, by: caller)
      } else {
        _ = try await plane.quotas.update(setting.quota.id, QuotaUpdate(limit: most, isUnlimited: isUnlimited), in: organization, by: caller)
      }
      return
    }
    switch holder {
    case .organization, .each:
      if isUnlimited { return }
      let subject: QuotaSubject = holder == .each ? .each : .organization
      _ = try await plane.quotas.create(QuotaDraft(.runningJobs, subject: subject, cluster: cluster, limit: most), in: organization, by: caller)
    case .member(let account):
      if isUnlimited, present[.each] == nil { return }
      _ = try await plane.quotas.create(
        QuotaDraft(.runningJobs, subject: .member, holder: account.description, cluster: cluster, limit: most, isUnlimited: isUnlimited), in: organization,
        by: caller)
    }
  }
}

extension QuotaSetting {
  /// `nil` where it says that there is no limit.
  fileprivate var most: Int64? { if case .most(let most) = quota.limit { most } else { nil } }
}
