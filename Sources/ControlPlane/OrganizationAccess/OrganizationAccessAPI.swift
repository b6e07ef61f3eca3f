import Authorization
import Contract
import Kernel

extension OrganizationAccess {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.OrganizationAccess.list) { call async throws(Problem) in
        let now = plane.world.clock()
        let page = try await list(holder: call.query.holder, in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(page) { Wire.Grant($0, at: now) }
      },
      BoundEndpoint(API.OrganizationAccess.give) { call async throws(Problem) in
        Wire.Grant(try await give(GrantDraft(call.body), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.OrganizationAccess.update) { call async throws(Problem) in
        let update = GrantUpdate(call.body)
        let grant = try await self.update(.named(call.path.grant), update, seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Grant(grant, at: plane.world.clock())
      },
      BoundEndpoint(API.OrganizationAccess.withdraw) { call async throws(Problem) in
        try await withdraw(.named(call.path.grant), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Grant {
  fileprivate init(_ grant: OrganizationGrant, at now: Timestamp) {
    self.init(
      Grant(
        id: grant.id.cast(), resource: .nothing, holder: grant.holder, role: grant.role, expires: grant.expires, since: grant.since, revision: grant.revision),
      at: now)
  }
}
