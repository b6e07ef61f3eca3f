import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var quotas: Quotas { Quotas(plane: self) }
}

/// How much organizations, and who works in them, may have at once.
public struct Quotas: Sendable {
  let plane: ControlPlane

  /// By dimension, subject and name.
  public func list(
    in reference: String, of dimension: QuotaDimension? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<QuotaSetting> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.quotaRows.list(in: organization.id, of: dimension, page)
    }
  }

  /// Refuses as `missing` what is another organization's.
  public func find(_ id: ID<Quota>, in reference: String, by caller: Caller) async throws(Problem) -> QuotaSetting {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.quota(id, in: organization)
    }
  }

  /// Refuses a second one for the same. What was asked for is read once the caller may ask.
  public func create(
    _ draft: @autoclosure @escaping @Sendable () throws(Problem) -> QuotaDraft, in reference: String, by caller: Caller
  ) async throws(Problem) -> QuotaSetting {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateQuota.self, in: reference)
      let draft = try draft()
      try work.expectOwnLimit(draft.subject, on: draft.cluster, in: organization)
      let holder = try draft.holderKind.map { kind throws(Problem) in try work.holder(draft.holder, kind, in: organization) }
      let rows = work.quotaRows
      guard try rows.find(draft.dimension, draft.subject, holder: holder?.key ?? "", cluster: draft.cluster, in: organization.id) == nil else {
        let reason = "There is a quota for just this already; change that one."
        throw Problem(.takenName, reason, faults: [FieldFault(holder == nil ? "dimension" : "holder", reason)])
      }
      guard try rows.count(in: organization.id) < QuotaSetting.limit else {
        throw Problem(.tooManyQuotas, "An organization can have \(QuotaSetting.limit) quotas.")
      }
      let scope = QuotaScope(holder.map { .holder($0.key) } ?? (draft.subject == .each ? .each : .organization), cluster: draft.cluster)
      let setting = QuotaSetting(
        quota: Quota(work.tx.newID(), draft.dimension, scope, draft.limit), organization: organization.id, subject: draft.subject, name: holder?.name ?? "",
        createdAt: work.now, revision: 1)
      let proof = try work.record(permit, in: .organization(organization.id), on: setting.target, [Change("limit", to: draft.limit.text)])
      try rows.insert(setting, under: proof)
      return setting
    }
  }

  /// What is taken already stays taken, also where it is more than there may be from now on.
  public func update(
    _ id: ID<Quota>, _ update: @autoclosure @escaping @Sendable () throws(Problem) -> QuotaUpdate, seen: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> QuotaSetting {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateQuota.self, in: reference)
      let update = try update()
      let before = try work.quota(id, in: organization)
      try before.expect(seen)
      guard before.quota.limit != update.limit else { return before }
      try work.expectOwnLimit(before.subject, on: before.quota.scope.cluster, in: organization)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: before.target, [Change("limit", from: before.quota.limit.text, to: update.limit.text)])
      let after = before.with(update.limit)
      try work.quotaRows.update(after, under: proof)
      return after
    }
  }

  /// Takes it away, so that it doesn't limit any more.
  public func delete(_ id: ID<Quota>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteQuota.self, in: reference)
      let setting = try work.quota(id, in: organization)
      try setting.expect(seen)
      try work.expectOwnLimit(setting.subject, on: setting.quota.scope.cluster, in: organization)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: setting.target, [Change("limit", from: setting.quota.limit.text)])
      try work.quotaRows.delete(id, under: proof)
    }
  }

  /// What binds somebody now, or the organization as a whole where nobody is named: every dimension once.
  public func effective(
    of holder: String? = nil, _ kind: SubBalance.HolderKind = .member, cluster: String? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> [SeenEffectiveQuota] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let place = try cluster.map { text throws(Problem) in try Problem.checking("cluster") { () throws(Rejection) in try DisplayName(text).text } }
      let named = try holder.map { text throws(Problem) in try work.holder(text, kind, in: organization) }
      let (board, settings) = try work.quotaBoard(of: named?.key, in: place, at: work.quotaRows.instant(in: organization.id), organization)
      return try QuotaDimension.allCases.map { dimension throws(Problem) in
        var effective = board.effective(dimension)
        if !dimension.isLeased, !effective.levels.isEmpty {
          let used = try work.amount(of: dimension, in: organization)
          effective = EffectiveQuota(dimension: dimension, levels: effective.levels.map { QuotaLevel($0.quota, used: used) })
        }
        return SeenEffectiveQuota(
          effective: effective, settings: effective.levels.compactMap { level in settings.first { $0.quota.id == level.quota.id } })
      }
    }
  }
}

extension QuotaDraft {
  fileprivate var holderKind: SubBalance.HolderKind? {
    switch subject {
    case .organization, .each: nil
    case .member: .member
    case .serviceAccount: .serviceAccount
    }
  }
}

extension QuotaSetting {
  fileprivate var target: Target { Target("quota", quota.id.description, named: "\(quota.dimension.rawValue) of \(words)") }
}

extension Work {
  /// A quota of the organization; refuses as `missing` what isn't one of its own.
  fileprivate func quota(_ id: ID<Quota>, in organization: Organization) throws(Problem) -> QuotaSetting {
    guard let found = try quotaRows.find(id, in: organization.id) else { throw Problem(.missing, "There is no such quota here.") }
    return found
  }

  /// The quotas that can bind, with what live leases take at an instant.
  func quotaBoard(
    of holder: String?, in cluster: String?, at instant: Timestamp, _ organization: Organization
  ) throws(Problem) -> (board: QuotaBoard, settings: [QuotaSetting]) {
    let settings = try quotaRows.binding(holder: holder, cluster: cluster, in: organization.id)
    let usage = try leaseRows.usage(holder: holder, cluster: cluster, at: instant, in: organization.id)
    return (QuotaBoard(settings.map(\.quota), usage: usage, holder: holder, cluster: cluster), settings)
  }

  /// Members and open invitations.
  func seats(of organization: Organization) throws(Problem) -> Int { try leaseRows.seats(of: organization.id) }

  /// How much there is of what isn't leased.
  func amount(of dimension: QuotaDimension, in organization: Organization) throws(Problem) -> Int64 {
    switch dimension {
    case .runningJobs, .gpus, .storage: 0
    case .seats: Int64(try seats(of: organization))
    case .projects: Int64(try madeThings.projects(in: organization.id))
    case .pipelines: Int64(try madeThings.count("pipeline", in: organization.id))
    case .pipelineRuns: Int64(try madeThings.count("pipeline_run", in: organization.id))
    case .models: Int64(try madeThings.count("model", in: organization.id))
    }
  }

  /// Refuses one more of something where the organization has as many as it may have.
  func expectRoom(for dimension: QuotaDimension, in organization: Organization) throws(Problem) {
    guard let setting = try quotaRows.find(dimension, .organization, holder: "", cluster: nil, in: organization.id), case .most(let limit) = setting.quota.limit
    else { return }
    guard try amount(of: dimension, in: organization) >= limit else { return }
    throw Problem(.quotaExceeded, "\(organization.name) may have \(dimension.counted(limit)), and has as many.")
  }

  /// Refuses so many more members or invitations than the organization may have.
  func expectSeats(_ more: Int, in organization: Organization) throws(Problem) {
    guard more > 0, let setting = try quotaRows.find(.seats, .organization, holder: "", cluster: nil, in: organization.id),
      case .most(let limit) = setting.quota.limit
    else { return }
    let taken = try seats(of: organization)
    guard Int64(taken + more) > limit else { return }
    throw Problem(
      .quotaExceeded, "\(organization.name) may have \(QuotaDimension.seats.counted(limit)), and \(taken) are taken by members and open invitations.")
  }
}
