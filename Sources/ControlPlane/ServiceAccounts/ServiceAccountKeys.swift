import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ServiceAccounts {
  /// The keys that aren't revoked, the newest first; expired ones are shown as such.
  public func listKeys(of account: String, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ServiceAccountKey> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListServiceAccounts.self, in: reference).0
      return try work.serviceAccountKeys.list(of: work.serviceAccount(account, in: organization).id, page)
    }
  }

  /// One that isn't revoked, expired or not.
  public func findKey(_ id: ID<ServiceAccountKey>, of account: String, in reference: String, by caller: Caller) async throws(Problem) -> ServiceAccountKey {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListServiceAccounts.self, in: reference).0
      return try work.key(id, of: work.serviceAccount(account, in: organization))
    }
  }

  /// Makes a key; its secret is told only now.
  public func createKey(
    named name: String, _ term: KeyTerm, of account: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> NewServiceAccountKey {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateServiceAccountKey.self, in: reference)
      let account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      let name = try Problem.checking("name") { () throws(Rejection) in try DisplayName(name) }
      try work.expectRoom(for: 1, in: account)
      let (token, key) = try work.mint(name, term, of: account)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(account),
        [Change("key", to: key.shownName), Change("expires", to: key.expiresAt?.description ?? "never")])
      try work.serviceAccountKeys.insert(key, token.digest, under: proof)
      return NewServiceAccountKey(secret: token.secret, key: key)
    }
  }

  /// Makes a key of the same name in place of another, which goes on for the overlap and then ends.
  public func rotateKey(
    _ id: ID<ServiceAccountKey>, _ rotation: KeyRotation, of account: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> NewServiceAccountKey {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RotateServiceAccountKey.self, in: reference)
      let account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      var old = try work.key(id, of: account)
      let end = old.expiresAt
      try old.giveWay(after: rotation.overlap, at: work.now)
      try work.expectRoom(for: old.holds(at: work.now) ? 1 : 0, in: account)
      let (token, key) = try work.mint(old.name, rotation.term, of: account)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(account),
        [
          Change("key", from: old.shownName, to: key.shownName), Change("expires", to: key.expiresAt?.description ?? "never"),
          Change("old_key_expires", from: end?.description ?? "never", to: old.expiresAt?.description),
        ])
      try work.serviceAccountKeys.setExpiry(old, under: proof)
      try work.serviceAccountKeys.insert(key, token.digest, under: proof)
      return NewServiceAccountKey(secret: token.secret, key: key)
    }
  }

  /// Ends a key at once.
  public func revokeKey(_ id: ID<ServiceAccountKey>, of account: String, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RevokeServiceAccountKey.self, in: reference)
      let account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      let key = try work.key(id, of: account)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(account), [Change("key", from: key.shownName)])
      try work.serviceAccountKeys.revoke(id, under: proof)
    }
  }
}

extension Work {
  fileprivate func key(_ id: ID<ServiceAccountKey>, of account: ServiceAccount) throws(Problem) -> ServiceAccountKey {
    guard let key = try serviceAccountKeys.find(id, of: account.id) else { throw Problem(.missing, "There is no such key, or it was revoked.") }
    return key
  }

  fileprivate func expectRoom(for more: Int, in account: ServiceAccount) throws(Problem) {
    guard account.liveKeys + more <= ServiceAccountKey.limit else {
      throw Problem(.tooManyServiceAccountKeys, "A service account can have \(ServiceAccountKey.limit) keys that hold. Revoke one that isn't in use any more.")
    }
  }

  fileprivate func mint(_ name: DisplayName, _ term: KeyTerm, of account: ServiceAccount) throws(Problem) -> (Token, ServiceAccountKey) {
    try term.expectAllowed(by: installation.read())
    let token = Token.mint(.serviceAccountKey, tx.moment)
    let key = ServiceAccountKey(
      id: tx.newID(), account: account.id, name: name, hint: token.hint, createdAt: now, expiresAt: term.duration.map { now + $0 }, usedAt: nil)
    return (token, key)
  }

  /// Revokes the key whose secret somebody brought.
  func revoke(_ key: ServiceAccountKey, of organization: ID<Organization>) throws(Problem) {
    let account = try serviceAccounts.find(key.account, in: organization).orDefect()
    let permit = permit(RevokeServiceAccountKeyByValue.self, byProofOf: nil)
    let proof = try record(permit, in: .organization(organization), on: Target(account), [Change("key", from: key.shownName)])
    try serviceAccountKeys.revoke(key.id, under: proof)
  }
}

extension ServiceAccountKey {
  /// How the log calls it.
  fileprivate var shownName: String { "\(name) (\(hint))" }
}
