import Contract
import Kernel

extension Accounts {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Accounts.create) { call async throws(Problem) in
        let draft = try AccountDraft(
          email: call.body.email.text, name: call.body.name.text, handle: call.body.handle?.text, password: call.body.password.text, invitation: call.body.invitation?.text)
        return Wire.SignedIn(try await create(draft, by: call.caller))
      },
      BoundEndpoint(API.Accounts.read) { call async throws(Problem) in Wire.Account(try await read(by: call.caller)) },
      BoundEndpoint(API.Accounts.update) { call async throws(Problem) in
        Wire.Account(try await update(AccountUpdate(name: call.body.name?.text, handle: call.body.handle?.text), seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Accounts.delete) { call async throws(Problem) in
        try await delete(by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Accounts.list) { call async throws(Problem) in
        let filter = AccountFilter(search: call.query.search, state: call.query.state.flatMap { Account.State(rawValue: $0.rawValue) })
        return Wire.List(try await list(filter, call.query.page(), by: call.caller), Wire.Account.init)
      },
      BoundEndpoint(API.Accounts.show) { call async throws(Problem) in Wire.Account(try await find(call.path.account.cast(), by: call.caller)) },
      BoundEndpoint(API.Accounts.provision) { call async throws(Problem) in
        let draft = try AccountProvision(
          email: call.body.email?.text, name: call.body.name.text, handle: call.body.handle?.text, password: call.body.password?.text,
          isSuperUser: call.body.superUser ?? false)
        return Wire.Account(try await provision(draft, by: call.caller))
      },
      BoundEndpoint(API.Accounts.change) { call async throws(Problem) in
        let change = AccountChange(
          name: call.body.name?.text, handle: call.body.handle?.text, email: call.body.email?.text, password: call.body.password?.text,
          isSuperUser: call.body.superUser)
        return Wire.Account(try await self.change(call.path.account.cast(), change, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Accounts.remove) { call async throws(Problem) in
        try await remove(call.path.account.cast(), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Accounts.deactivate) { call async throws(Problem) in Wire.Account(try await deactivate(call.path.account.cast(), by: call.caller)) },
      BoundEndpoint(API.Accounts.reactivate) { call async throws(Problem) in Wire.Account(try await reactivate(call.path.account.cast(), by: call.caller)) },
    ]
  }
}

extension Emails {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Emails.list) { call async throws(Problem) in
        let emails = try await list(by: call.caller)
        return Wire.List(items: emails.map(Wire.Email.init), nextCursor: nil, total: emails.count)
      },
      BoundEndpoint(API.Emails.add) { call async throws(Problem) in Wire.Email(try await add(call.body.email.text, by: call.caller)) },
      BoundEndpoint(API.Emails.remind) { call async throws(Problem) in
        try await remind(call.path.email.cast(), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Emails.verify) { call async throws(Problem) in Wire.Email(try await verify(call.body.token.text, by: call.caller)) },
      BoundEndpoint(API.Emails.makePrimary) { call async throws(Problem) in Wire.Email(try await makePrimary(call.path.email.cast(), by: call.caller)) },
      BoundEndpoint(API.Emails.remove) { call async throws(Problem) in
        try await remove(call.path.email.cast(), by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Passwords {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Passwords.change) { call async throws(Problem) in
        try await change(from: call.body.current.text, to: call.body.password.text, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Passwords.requestReset) { call async throws(Problem) in
        try await requestReset(of: call.body.email.text, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Passwords.reset) { call async throws(Problem) in
        try await reset(call.body.token.text, to: call.body.password.text, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Account {
  init(_ account: Account) {
    self.init(
      id: account.id.cast(), handle: account.handle.text, name: account.name.text, email: account.email?.text, active: account.isActive, superUser: account.isSuperUser,
      createdAt: account.createdAt, deletedAt: account.deletedAt, portrait: Image.path(account.portrait), revision: account.revision)
  }
}

extension Wire.AccountState {
  init(_ state: Account.State) {
    switch state {
    case .active: self = .active
    case .deactivated: self = .deactivated
    case .deleted: self = .deleted
    }
  }
}

extension Wire.Email {
  init(_ email: AccountEmail) { self.init(id: email.id.cast(), email: email.address.text, primary: email.isPrimary, verifiedAt: email.verifiedAt) }
}
