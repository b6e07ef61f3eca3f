import Authorization
import Contract
import Kernel

extension Roles {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Roles.list) { call async throws(Problem) in
        Wire.RoleDescriptions(roles: try await list(in: call.path.organization, by: call.caller).map(Wire.RoleDescription.init))
      }
    ]
  }
}

extension Wire.RoleDescription {
  init(_ standing: RoleStanding) {
    self.init(
      name: standing.role.wire, summary: standing.role.summary, permissions: standing.role.permissions.sorted().map(\.rawValue), members: standing.members,
      own: standing.isOwn, grantable: standing.isGrantable)
  }
}
