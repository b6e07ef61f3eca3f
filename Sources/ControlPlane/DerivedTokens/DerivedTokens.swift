import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var derivedTokens: DerivedTokens { DerivedTokens(plane: self) }
}

/// Exchanges credentials for tokens of an hour, for clients that keep the credential itself out of their requests.
public struct DerivedTokens: Sendable {
  let plane: ControlPlane

  /// A token that opens what the caller's credential opens, for an hour and as long as that holds. One that is derived from a derived token ends with it.
  ///
  /// - Parameter workspace: by id or by slug, the only one at which one may sign in with it; the caller must be allowed to.
  public func create(for workspace: String? = nil, by caller: Caller) async throws(Problem) -> NewDerivedToken {
    try await plane.write(as: caller) { work in
      guard case .anonymous = try work.actor() else { return try work.derive(for: try workspace.map { try work.connecting(to: $0).workspace.id }) }
      throw Denial.signedOut.problem(doing: "this")
    }
  }
}

extension DerivedTokens {
  /// Those that the caller's sessions and access tokens were exchanged for and that hold still, the latest first: as many as fit on a page.
  public func list(by caller: Caller) async throws(Problem) -> [SeenDerivedToken] {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return try work.derivedTokens.list(of: person.id, at: work.now)
    }
  }

  /// Ends all of them; what they were made with goes on.
  public func endAll(by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(EndDerivedTokens.self, on: person.id)
      let count = try work.derivedTokens.list(of: person.id, at: work.now).count
      guard count > 0 else { return }
      let account = try work.accounts.find(person.id).orDefect()
      let proof = try work.record(permit, in: .account(person.id), on: Target(account), [Change("derived_tokens", from: String(count))])
      try work.derivedTokens.endAll(of: person.id, under: proof)
    }
  }
}

extension Work {
  /// A new token for the caller's credential, which was found to hold.
  func derive(for workspace: ID<Workspace>? = nil) throws(Problem) -> NewDerivedToken {
    guard let source = DerivedToken.Source(try credential()) else { throw Problem(.signedOut, "Sign in first.") }
    var end = now + DerivedToken.term
    if case .derived(let digest) = caller.credential, let maker = try derivedTokens.find(digest, at: now) { end = min(end, maker.expiresAt) }
    let token = Token.mint(.derived, tx.moment)
    try derivedTokens.insert(DerivedToken(source: source, workspace: workspace, expiresAt: end), token.digest)
    return NewDerivedToken(secret: token.secret, term: end - now)
  }
}
