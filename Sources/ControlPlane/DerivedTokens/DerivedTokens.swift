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
