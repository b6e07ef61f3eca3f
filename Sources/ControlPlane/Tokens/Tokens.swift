import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var tokens: Tokens { Tokens(plane: self) }
}

/// Personal access tokens.
public struct Tokens: Sendable {
  let plane: ControlPlane

  /// Those that aren't revoked, the newest first; expired ones are shown as such.
  public func list(_ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<AccessToken> {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return try work.tokens.list(of: person.id, page)
    }
  }

  /// Makes a token; its secret is told only now.
  ///
  /// Refuses an organization that the person isn't an active member of, and, when a token asks, more than that token may do itself.
  public func create(_ draft: AccessTokenDraft, by caller: Caller) async throws(Problem) -> NewAccessToken {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(CreateToken.self, on: person.id)
      guard try draft.term != nil || work.installation.read().allowsEndlessTokens else {
        throw Problem.invalid("expires_in_days", "Tokens without an end aren't allowed on this installation. Choose 1 to 366 days.")
      }
      guard try work.tokens.count(of: person.id) < AccessToken.limit else {
        throw Problem(.tooManyTokens, "An account can have \(AccessToken.limit) tokens. Revoke those you don't need any more.")
      }
      let maker = try person.token.flatMap { seal throws(Problem) in try work.tokens.find(seal.id, of: person.id) }
      let secret = Token.mint(.personalAccess, work.tx.moment)
      let token = AccessToken(
        id: work.tx.newID(), account: person.id, organization: try draft.organization.map { reference throws(Problem) in try work.ownOrganization(reference, of: person).id },
        name: draft.name, hint: secret.hint, scopes: draft.scopes, createdAt: work.now, expiresAt: draft.end(madeBy: maker, at: work.now), usedAt: nil)
      if let maker { try token.expectWithin(maker) }
      let proof = try work.record(
        permit, in: .account(person.id), on: Target(token),
        [
          Change("scopes", to: token.scopes.stored), .of("organization", nil, token.organization?.description), .of("expires", nil, token.expiresAt?.description),
        ])
      try work.tokens.insert(token, secret.digest, under: proof)
      return NewAccessToken(secret: secret.secret, token: token)
    }
  }

  /// Ends one of the caller's own, at once.
  public func revoke(_ id: ID<AccessToken>, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(RevokeToken.self, on: person.id)
      guard let token = try work.tokens.find(id, of: person.id) else { throw Problem(.missing, "There is no such token, or it was revoked.") }
      let proof = try work.record(permit, in: .account(person.id), on: Target(token))
      try work.tokens.revoke(id, under: proof)
    }
  }

  /// Revokes the token or the key, or ends the session, whose secret is given: whoever finds one that leaked may kill it.
  ///
  /// Nothing is said of whether it was known. Refuses as `invalid` only what can't be a secret of ours.
  public func revoke(secret: String, by caller: Caller) async throws(Problem) {
    let found = try Problem.checking("token") { () throws(Rejection) in try Token(parsing: secret) }
    try await plane.write(as: caller) { work in
      if let token = try work.tokens.find(found.digest) {
        let proof = try work.record(work.permit(RevokeTokenByValue.self, byProofOf: nil), in: .account(token.account), on: Target(token))
        try work.tokens.revoke(token.id, under: proof)
      } else if let (key, organization) = try work.serviceAccountKeys.find(found.digest) {
        try work.revoke(key, of: organization)
      } else if let session = try work.sessions.find(found.digest) {
        let proof = try work.record(work.permit(SignOut.self, byProofOf: nil), in: .account(session.account), on: Target(session))
        try work.sessions.end(session.id, under: proof)
      } else {
        // One that was derived; what it stands for goes on.
        try work.derivedTokens.end(found.digest)
      }
    }
  }
}

extension Work {
  /// The organization that the person is an active member of.
  fileprivate func ownOrganization(_ reference: String, of person: Person) throws(Problem) -> Organization {
    guard let organization = try organizations.find(reference), organization.state.kind != .deleted, let member = try members.of(person.id, in: organization.id),
      member.isActive(at: now)
    else { throw .invalid("organization", "There is no such organization, or you aren't an active member of it.") }
    return organization
  }
}
