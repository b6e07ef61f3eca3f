import Contract
import Kernel
import Ledger

extension Quotas {
  var operations: [BoundEndpoint] { quotaOperations + plane.leases.operations }

  private var quotaOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Quotas.list) { call async throws(Problem) in
        let dimension = call.query.dimension.map { QuotaDimension($0) }
        return Wire.List(try await list(in: call.path.organization, of: dimension, call.query.page(), by: call.caller), Wire.Quota.init)
      },
      BoundEndpoint(API.Quotas.create) { call async throws(Problem) in
        let body = call.body
        return Wire.Quota(
          try await create(
            QuotaDraft(
              QuotaDimension(body.dimension), subject: QuotaSubject(body.subject ?? .organization), holder: body.holder ?? "",
              cluster: body.cluster?.text ?? "", limit: body.limit, isUnlimited: body.unlimited ?? false),
            in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.read) { call async throws(Problem) in
        Wire.Quota(try await find(call.path.quota.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.update) { call async throws(Problem) in
        let body = call.body
        return Wire.Quota(
          try await update(
            call.path.quota.cast(), QuotaUpdate(limit: body.limit, isUnlimited: body.unlimited ?? false), seen: call.revision,
            in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.delete) { call async throws(Problem) in
        try await delete(call.path.quota.cast(), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Quotas.readEffective) { call async throws(Problem) in
        let query = call.query
        if query.holderKind != nil, query.holder == nil { throw Problem.invalid("holder", "Say who it is.") }
        let seen = try await effective(
          of: query.holder, query.holderKind?.kind ?? .member, cluster: query.cluster, in: call.path.organization, by: call.caller)
        return Wire.EffectiveQuotas(quotas: seen.map(Wire.EffectiveQuota.init), asOf: plane.world.clock())
      },
    ]
  }
}

extension Leases {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Quotas.listLeases) { call async throws(Problem) in
        let state = call.query.state.map { SeenLease.State($0) }
        return Wire.List(try await list(in: call.path.organization, state, call.query.page(), by: call.caller), Wire.Lease.init)
      },
      BoundEndpoint(API.Quotas.acquire) { call async throws(Problem) in
        let body = call.body
        if body.holderKind != nil, body.holder == nil { throw Problem.invalid("holder", "Say whom it counts for.") }
        let draft = try LeaseDraft(
          id: body.id?.cast(), holder: body.holder.map { (body.holderKind?.kind ?? .member, $0) }, cluster: body.cluster?.text ?? "",
          runningJobs: body.runningJobs ?? 0, gpus: body.gpus ?? 0, storage: body.storage ?? 0, seconds: body.expiresIn, note: body.note?.text ?? "")
        return Wire.Lease(try await acquire(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.readLease) { call async throws(Problem) in
        Wire.Lease(try await find(call.path.lease.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.renew) { call async throws(Problem) in
        let renewal = try LeaseRenewal(seconds: call.body.expiresIn)
        return Wire.Lease(try await renew(call.path.lease.cast(), renewal, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Quotas.release) { call async throws(Problem) in
        Wire.Lease(try await release(call.path.lease.cast(), in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension QuotaDimension {
  fileprivate init(_ dimension: Wire.QuotaDimension) {
    self =
      switch dimension {
      case .runningJobs: .runningJobs
      case .gpus: .gpus
      case .storage: .storage
      case .seats: .seats
      case .projects: .projects
      case .pipelines: .pipelines
      case .pipelineRuns: .pipelineRuns
      case .models: .models
      }
  }

  fileprivate var wire: Wire.QuotaDimension {
    switch self {
    case .runningJobs: .runningJobs
    case .gpus: .gpus
    case .storage: .storage
    case .seats: .seats
    case .projects: .projects
    case .pipelines: .pipelines
    case .pipelineRuns: .pipelineRuns
    case .models: .models
    }
  }
}

extension QuotaSubject {
  fileprivate init(_ subject: Wire.QuotaSubject) {
    self =
      switch subject {
      case .organization: .organization
      case .each: .each
      case .member: .member
      case .serviceAccount: .serviceAccount
      }
  }

  fileprivate var wire: Wire.QuotaSubject {
    switch self {
    case .organization: .organization
    case .each: .each
    case .member: .member
    case .serviceAccount: .serviceAccount
    }
  }
}

extension Wire.LeaseHolderKind {
  var kind: SubBalance.HolderKind { self == .member ? .member : .serviceAccount }
}

extension SeenLease.State {
  fileprivate init(_ state: Wire.LeaseState) {
    self =
      switch state {
      case .live: .live
      case .released: .released
      case .expired: .expired
      }
  }
}

extension Wire.LeaseState {
  fileprivate init(_ state: SeenLease.State) {
    self =
      switch state {
      case .live: .live
      case .released: .released
      case .expired: .expired
      }
  }
}

extension Wire.Quota {
  init(_ setting: QuotaSetting) {
    let quota = setting.quota
    let limit: Int? = if case .most(let most) = quota.limit { Int(most) } else { nil }
    self.init(
      id: quota.id.cast(), dimension: quota.dimension.wire, subject: setting.subject.wire, holder: setting.holder.isEmpty ? nil : setting.holder,
      name: setting.name.isEmpty ? nil : setting.name, cluster: quota.scope.cluster, limit: limit, unlimited: quota.limit == .unlimited,
      createdAt: setting.createdAt, revision: setting.revision)
  }
}

extension Wire.EffectiveQuota {
  fileprivate init(_ seen: SeenEffectiveQuota) {
    let binding = seen.effective.binding
    self.init(
      dimension: seen.effective.dimension.wire, unlimited: binding == nil, left: binding?.left.map { Int($0) }, limitedBy: binding?.quota.id.cast(),
      levels: zip(seen.effective.levels, seen.settings).map { level, setting in
        Wire.QuotaLevel(quota: Wire.Quota(setting), used: Int(level.used), left: level.left.map { Int($0) })
      })
  }
}

extension Wire.Lease {
  fileprivate init(_ seen: SeenLease) {
    let lease = seen.lease
    let releasedAt: Timestamp? = if case .released(let instant) = lease.state(at: .distantPast) { instant } else { nil }
    self.init(
      id: lease.id.cast(), holderKind: seen.holderKind == .member ? .member : .serviceAccount, holder: lease.holder, name: seen.name, cluster: lease.cluster,
      runningJobs: Int(lease.amounts.runningJobs), gpus: Int(lease.amounts.gpus), storage: Int(lease.amounts.storage), state: Wire.LeaseState(seen.state),
      createdAt: lease.since, expiresAt: lease.expires, releasedAt: releasedAt, note: seen.note.text, actor: Wire.JournalActor(seen.actor))
  }
}
