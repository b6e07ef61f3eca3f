import Authorization
import Contract
import Kernel

extension Grants {
  var operations: [BoundEndpoint] { ofWorkspaces + ofProjects + ofClusters + ofClusterProjects + ofApps }

  private var ofWorkspaces: [BoundEndpoint] {
    [
      BoundEndpoint(API.Grants.listOfWorkspace) { call async throws(Problem) in
        try await listed(on: .workspace(call.path.workspace), call.query, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Grants.giveOnWorkspace) { call async throws(Problem) in
        let grant = try await give(GrantDraft(call.body), on: .workspace(call.path.workspace), in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.updateOnWorkspace) { call async throws(Problem) in
        let (id, place) = (ID<Grant>.named(call.path.grant), ResourceReference.workspace(call.path.workspace))
        let grant = try await update(id, GrantUpdate(call.body), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.withdrawOnWorkspace) { call async throws(Problem) in
        let place = ResourceReference.workspace(call.path.workspace)
        try await withdraw(.named(call.path.grant), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var ofProjects: [BoundEndpoint] {
    [
      BoundEndpoint(API.Grants.listOfProject) { call async throws(Problem) in
        try await listed(on: .project(call.path.project, in: call.path.workspace), call.query, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Grants.giveOnProject) { call async throws(Problem) in
        let place = ResourceReference.project(call.path.project, in: call.path.workspace)
        return Wire.Grant(try await give(GrantDraft(call.body), on: place, in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.updateOnProject) { call async throws(Problem) in
        let (id, place) = (ID<Grant>.named(call.path.grant), ResourceReference.project(call.path.project, in: call.path.workspace))
        let grant = try await update(id, GrantUpdate(call.body), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.withdrawOnProject) { call async throws(Problem) in
        let place = ResourceReference.project(call.path.project, in: call.path.workspace)
        try await withdraw(.named(call.path.grant), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var ofClusters: [BoundEndpoint] {
    [
      BoundEndpoint(API.Grants.listOfCluster) { call async throws(Problem) in
        try await listed(on: .cluster(call.path.cluster), call.query, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Grants.giveOnCluster) { call async throws(Problem) in
        Wire.Grant(try await give(GrantDraft(call.body), on: .cluster(call.path.cluster), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.updateOnCluster) { call async throws(Problem) in
        let (id, place) = (ID<Grant>.named(call.path.grant), ResourceReference.cluster(call.path.cluster))
        let grant = try await update(id, GrantUpdate(call.body), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.withdrawOnCluster) { call async throws(Problem) in
        try await withdraw(.named(call.path.grant), seen: call.revision, on: .cluster(call.path.cluster), in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var ofClusterProjects: [BoundEndpoint] {
    [
      BoundEndpoint(API.Grants.listOfClusterProject) { call async throws(Problem) in
        try await listed(on: .projectAt(call.path.project, .cluster(call.path.cluster)), call.query, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Grants.giveOnClusterProject) { call async throws(Problem) in
        let place = ResourceReference.projectAt(call.path.project, .cluster(call.path.cluster))
        return Wire.Grant(try await give(GrantDraft(call.body), on: place, in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.updateOnClusterProject) { call async throws(Problem) in
        let (id, place) = (ID<Grant>.named(call.path.grant), ResourceReference.projectAt(call.path.project, .cluster(call.path.cluster)))
        let grant = try await update(id, GrantUpdate(call.body), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.withdrawOnClusterProject) { call async throws(Problem) in
        let place = ResourceReference.projectAt(call.path.project, .cluster(call.path.cluster))
        try await withdraw(.named(call.path.grant), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var ofApps: [BoundEndpoint] {
    [
      BoundEndpoint(API.Grants.listOfApp) { call async throws(Problem) in
        try await listed(on: .app(call.path.app), call.query, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Grants.giveOnApp) { call async throws(Problem) in
        Wire.Grant(try await give(GrantDraft(call.body), on: .app(call.path.app), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.updateOnApp) { call async throws(Problem) in
        let (id, place) = (ID<Grant>.named(call.path.grant), ResourceReference.app(call.path.app))
        let grant = try await update(id, GrantUpdate(call.body), seen: call.revision, on: place, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.Grants.withdrawOnApp) { call async throws(Problem) in
        try await withdraw(.named(call.path.grant), seen: call.revision, on: .app(call.path.app), in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private func listed(
    on place: ResourceReference, _ query: Wire.ResourceQuery, in organization: String, by caller: Caller
  ) async throws(Problem) -> Wire.List<Wire.Grant> {
    let now = plane.world.clock()
    return Wire.List(try await list(on: place, search: query.search, in: organization, query.page(), by: caller)) { Wire.Grant($0, at: now) }
  }
}

extension Wire.Grant {
  init(_ grant: Grant, at now: Timestamp) {
    var (account, member, invitation): (ID<Wire.Account>?, ID<Wire.Member>?, ID<Wire.Invitation>?)
    var (serviceAccount, team): (ID<Wire.ServiceAccount>?, ID<Wire.Team>?)
    var handle: String?
    let kind: Wire.GrantHolderKind
    switch grant.holder {
    case .member(let id, let person, let slug, _): (kind, member, account, handle) = (.account, id.cast(), person.cast(), slug.text)
    case .invitation(let id, _): (kind, invitation) = (.invitation, id.cast())
    case .serviceAccount(let id, let slug, _): (kind, serviceAccount, handle) = (.serviceAccount, id.cast(), slug.text)
    case .team(let id, let slug, _): (kind, team, handle) = (.team, id.cast(), slug.text)
    }
    self.init(
      id: grant.id.cast(), kind: kind, account: account, member: member, invitation: invitation, serviceAccount: serviceAccount, team: team,
      name: grant.holder.name, handle: handle, role: grant.role.short, customRole: grant.role.stored.custom.flatMap { ID($0) },
      expiresAt: grant.expires, expired: !grant.holds(at: now), since: grant.since, revision: grant.revision)
  }
}

extension GrantDraft {
  init(_ wire: Wire.GrantDraft) {
    let candidate: GrantCandidate =
      switch wire.kind {
      case nil: .anybody(wire.holder)
      case .account: .member(wire.holder)
      case .invitation: .invitation(wire.holder)
      case .serviceAccount: .serviceAccount(wire.holder)
      case .team: .team(wire.holder)
      }
    self.init(candidate, role: wire.role, expires: wire.expiresAt)
  }
}

extension GrantUpdate {
  init(_ wire: Wire.GrantUpdate) { self.init(role: wire.role, expires: wire.lasts == true ? .never : wire.expiresAt.map { .at($0) }) }
}
