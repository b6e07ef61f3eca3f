import Authorization
import Contract
import Kernel
import Secrets

extension ServiceAccounts {
  var operations: [BoundEndpoint] { accountOperations + keyOperations }

  private var accountOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.ServiceAccounts.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, call.query.page(), by: call.caller), Wire.ServiceAccount.init)
      },
      BoundEndpoint(API.ServiceAccounts.create) { call async throws(Problem) in
        let draft = try ServiceAccountDraft(
          name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "", roles: call.body.roles.map(\.rawValue))
        return Wire.ServiceAccount(try await create(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.read) { call async throws(Problem) in
        Wire.ServiceAccount(try await find(call.path.serviceAccount, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.update) { call async throws(Problem) in
        let update = ServiceAccountUpdate(name: call.body.name?.text, description: call.body.description?.text, roles: call.body.roles?.map(\.rawValue))
        return Wire.ServiceAccount(
          try await self.update(call.path.serviceAccount, update, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.disable) { call async throws(Problem) in
        Wire.ServiceAccount(try await disable(call.path.serviceAccount, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.enable) { call async throws(Problem) in
        Wire.ServiceAccount(try await enable(call.path.serviceAccount, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.delete) { call async throws(Problem) in
        try await delete(call.path.serviceAccount, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var keyOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.ServiceAccounts.listKeys) { call async throws(Problem) in
        let page = try await listKeys(of: call.path.serviceAccount, in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(page, Wire.ServiceAccountKey.init)
      },
      BoundEndpoint(API.ServiceAccounts.createKey) { call async throws(Problem) in
        let term = try KeyTerm(days: call.body.expiresInDays)
        return Wire.NewServiceAccountKey(
          try await createKey(named: call.body.name.text, term, of: call.path.serviceAccount, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.rotateKey) { call async throws(Problem) in
        let rotation = try KeyRotation(hours: call.body.overlapHours, days: call.body.expiresInDays)
        return Wire.NewServiceAccountKey(
          try await rotateKey(.named(call.path.key), rotation, of: call.path.serviceAccount, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.ServiceAccounts.revokeKey) { call async throws(Problem) in
        try await revokeKey(.named(call.path.key), of: call.path.serviceAccount, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.ServiceAccount {
  init(_ account: ServiceAccount) {
    var disabledAt: Timestamp?
    if case .disabled(let since) = account.state { disabledAt = since }
    self.init(
      id: account.id.cast(), slug: account.slug.text, name: account.name.text, description: account.description.text, roles: account.roles.roles.map(\.wire),
      state: account.state.isActive ? .active : .disabled, createdBy: account.creator.id.cast(), createdByName: account.creator.name.text,
      createdAt: account.createdAt, disabledAt: disabledAt, usedAt: account.usedAt, liveKeys: account.liveKeys, revision: account.revision)
  }
}

extension Wire.ServiceAccountKey {
  init(_ key: ServiceAccountKey) {
    self.init(id: key.id.cast(), name: key.name.text, hint: key.hint, createdAt: key.createdAt, expiresAt: key.expiresAt, usedAt: key.usedAt)
  }
}

extension Wire.NewServiceAccountKey {
  init(_ new: NewServiceAccountKey) { self.init(secret: new.secret.reveal(), key: Wire.ServiceAccountKey(new.key)) }
}
