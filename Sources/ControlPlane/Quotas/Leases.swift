import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var leases: Leases { Leases(plane: self) }
}

/// What is taken of quotas for a while. It is decided in the transaction that takes it, so no quota is ever exceeded by what comes at the same time.
public struct Leases: Sendable {
  let plane: ControlPlane

  /// The newest first.
  public func list(in reference: String, _ state: SeenLease.State? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SeenLease> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let instant = try work.quotaRows.instant(in: organization.id)
      return try work.leaseRows.list(in: organization.id, state, at: instant, page).map { SeenLease($0, at: instant) }
    }
  }

  /// As it stands at this instant. Refuses as `missing` what is another organization's.
  public func find(_ id: ID<Lease>, in reference: String, by caller: Caller) async throws(Problem) -> SeenLease {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      guard let kept = try work.leaseRows.find(id, in: organization.id) else { throw Problem.missingLease }
      return SeenLease(kept, at: try work.quotaRows.instant(in: organization.id))
    }
  }

  /// Takes what a job needs, all of it or nothing. Refuses what doesn't fit, and names the quota that binds. The same again is one lease.
  public func acquire(_ draft: LeaseDraft, in reference: String, by caller: Caller) async throws(Problem) -> SeenLease {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UseQuota.self, in: reference)
      let proof = Journaled(permit)
      let actor = try work.actor()
      let holder = try draft.holder.map { holder throws(Problem) in try work.holder(holder.name, holder.kind, in: organization) } ?? work.ownHolder()
      let now = try work.quotaRows.turn(in: organization.id, under: proof)
      let lease = Lease(draft.id ?? work.tx.newID(), for: holder.key, in: draft.cluster, draft.amounts, since: now, term: draft.term)
      if let id = draft.id, let known = try work.leaseRows.find(id, in: organization.id) {
        do throws(Lease.Refusal) { try known.lease.expectSame(as: lease) } catch { throw error.problem }
        return SeenLease(known, at: now)
      }
      if organization.state.kind == .suspended { throw Denial.suspendedOrganization.problem(doing: UseQuota.name) }
      let (board, settings) = try work.quotaBoard(of: holder.key, in: draft.cluster, at: now, organization)
      try work.expectWorking(draft.cluster, in: organization)
      if let lack = board.shortfall(of: draft.amounts) { throw lack.problem(settings) }
      try work.expectCountable(draft.amounts, at: now, in: organization)
      let kept = KeptLease(lease: lease, holderKind: holder.kind, name: holder.name, note: draft.note, actor: JournalActor(EventActor(actor)))
      try work.leaseRows.insert(kept, in: organization.id, under: proof)
      return SeenLease(kept, at: now)
    }
  }

  /// Lets it last longer, while it is live. Who took it may, and operators.
  public func renew(_ id: ID<Lease>, _ renewal: LeaseRenewal, in reference: String, by caller: Caller) async throws(Problem) -> SeenLease {
    try await change(id, in: reference, by: caller) { lease, now throws(Lease.Refusal) in try lease.renewed(for: renewal.term, at: now) }
  }

  /// Ends it; what has ended stays as it ended. Who took it may, and operators.
  public func release(_ id: ID<Lease>, in reference: String, by caller: Caller) async throws(Problem) -> SeenLease {
    try await change(id, in: reference, by: caller) { lease, now throws(Lease.Refusal) in lease.released(at: now) }
  }

  private func change(
    _ id: ID<Lease>, in reference: String, by caller: Caller, _ change: @escaping @Sendable (Lease, Timestamp) throws(Lease.Refusal) -> Lease
  ) async throws(Problem) -> SeenLease {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UseQuota.self, in: reference)
      let proof = Journaled(permit)
      guard var kept = try work.leaseRows.find(id, in: organization.id) else { throw Problem.missingLease }
      guard try work.isOwn(kept.actor) else {
        throw Problem(.foreignLease, "A lease is renewed or released by who took it, or by an operator of this installation.")
      }
      let now = try work.quotaRows.turn(in: organization.id, under: proof)
      let before = kept.lease
      do throws(Lease.Refusal) { kept.lease = try change(before, now) } catch { throw error.problem }
      if kept.lease != before { try work.leaseRows.update(kept.lease, in: organization.id, under: proof) }
      return SeenLease(kept, at: now)
    }
  }
}

extension Problem {
  fileprivate static let missingLease = Problem(.missing, "There is no such lease here.")
}

extension Lease.Refusal {
  fileprivate var problem: Problem {
    switch self {
    case .idReused: Problem(.leaseReused, "This id was used for another lease. Take a new id, or repeat the first lease as it was.")
    case .released: Problem(.leaseReleased, "This lease was released. Take a new one.")
    case .expired: Problem(.leaseExpired, "This lease has expired. Take a new one.")
    }
  }
}

extension QuotaShortfall {
  fileprivate func problem(_ settings: [QuotaSetting]) -> Problem {
    let quota = level.quota
    let whose = settings.first { $0.quota.id == quota.id }?.words ?? "the organization"
    guard case .most(let limit) = quota.limit else { return Problem(.defect, "A quota that doesn't limit has refused.") }
    let used = quota.dimension == .storage ? bytesText(level.used) : grouped(Int(clamping: level.used))
    let taken = "\(used) \(quota.dimension == .storage || level.used == 1 ? "is" : "are") taken"
    return Problem(
      .quotaExceeded, "Of \(quota.dimension.counted(limit)) that \(whose) may have at once, \(taken): \(quota.dimension.counted(missing)) too many.")
  }
}

extension Work {
  /// Who asks, as somebody for whom leases count.
  func ownHolder() throws(Problem) -> SubBalance.Holder {
    switch try actor() {
    case .person(let person): SubBalance.Holder(kind: .member, key: person.id.description, name: person.name.text)
    case .machine(let machine): SubBalance.Holder(kind: .serviceAccount, key: machine.id.description, name: machine.name.text)
    case .anonymous, .system: throw Denial.signedOut.problem(doing: UseQuota.name)
    }
  }

  /// Whether the caller did it, or may do everything.
  func isOwn(_ maker: JournalActor) throws(Problem) -> Bool {
    let actor = try actor()
    if case .person(let person) = actor, person.isSuperUser { return true }
    return JournalActor(EventActor(actor)) == maker
  }

  /// Refuses what would make a sum that can't be counted.
  fileprivate func expectCountable(_ amounts: LeaseAmounts, at instant: Timestamp, in organization: Organization) throws(Problem) {
    let taken = try leaseRows.usage(holder: nil, cluster: nil, at: instant, in: organization.id).organization
    for dimension in amounts.dimensions where taken[dimension].addingReportingOverflow(amounts[dimension]).overflow {
      throw Problem(.quotaExceeded, "More than can be counted would be taken.")
    }
  }
}
