import Authorization
import Contract
import Kernel

extension Roles {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Roles.list) { call async throws(Problem) in
        Wire.RoleDescriptions(roles: try await list(in: call.path.organization, by: call.caller).map(Wire.RoleDescription.init))
      },
      BoundEndpoint(API.Roles.palette) { call async throws(Problem) in
        Wire.RolePalette(try await palette(at: call.path.level, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Roles.listCustom) { call async throws(Problem) in
        let page = try await listDefined(at: call.query.level?.rawValue, in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(page, Wire.CustomRole.init)
      },
      BoundEndpoint(API.Roles.createCustom) { call async throws(Problem) in
        let body = call.body
        let draft = try RoleDraft(
          level: body.level.rawValue, base: body.copyFrom, name: body.name.text, slug: body.slug.orProposed(), description: body.description?.text ?? "",
          rights: body.rights, ownRights: body.ownRights)
        return Wire.CustomRole(try await define(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Roles.readCustom) { call async throws(Problem) in
        Wire.CustomRole(try await find(call.path.role, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Roles.updateCustom) { call async throws(Problem) in
        let body = call.body
        let update = RoleUpdate(
          name: body.name?.text, slug: body.slug?.text, description: body.description?.text, rights: body.rights, ownRights: body.ownRights)
        return Wire.CustomRole(try await self.update(call.path.role, update, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Roles.deleteCustom) { call async throws(Problem) in
        try await delete(call.path.role, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Roles.holders) { call async throws(Problem) in
        Wire.List(try await holders(of: call.path.role, in: call.path.organization, call.query.page(), by: call.caller), Wire.RoleHolder.init)
      },
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

extension Wire.CustomRole {
  init(_ role: DefinedRole) {
    self.init(
      id: role.id.cast(), level: Wire.RoleLevel(role.scope), slug: role.slug.text, reference: role.reference, name: role.name.text,
      description: role.description.text, copiedFrom: role.base.isEmpty ? nil : role.base, rights: role.content.names, ownRights: role.content.ownNames,
      holders: role.holders, createdAt: role.createdAt, revision: role.revision)
  }
}

extension Wire.RoleLevel {
  init(_ scope: RoleScope) {
    self =
      switch scope {
      case .organization: .organization
      case .workspace: .workspace
      case .project: .project
      case .cluster: .cluster
      case .app, .object: .app
      }
  }
}

extension Wire.RoleHolder {
  init(_ holder: RoleHolder) {
    self.init(
      kind: Wire.GrantHolderKind(rawValue: holder.kind) ?? .account, id: holder.id, name: holder.name, handle: holder.handle, onType: holder.placeType,
      on: holder.place, expiresAt: holder.expires)
  }
}

extension Wire.RolePalette {
  init(_ palette: RolePalette) {
    let (rights, lacking): ([String], [String])
    if palette.scope == .organization {
      rights = Permission.allCases.map(\.rawValue)
      lacking = Permission.allCases.filter { !palette.permissions.contains($0) }.map(\.rawValue)
    } else {
      let all = palette.vocabulary.rights.sorted()
      rights = all.map(\.description)
      lacking = palette.rights.lacking(of: RightSet(all)).map(\.description)
    }
    self.init(
      level: Wire.RoleLevel(palette.scope), rights: rights, lacking: lacking,
      builtIn: palette.builtIn.map { Wire.BuiltInRole(name: $0.name, summary: $0.summary, rights: $0.content.names, ownRights: $0.content.ownNames) })
  }
}
