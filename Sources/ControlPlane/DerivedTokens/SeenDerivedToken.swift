public import Kernel

/// A token of an hour that somebody's session or access token was exchanged for, as they look at it.
public struct SeenDerivedToken: Sendable, Hashable {
  /// What it was made with, and ends with at the latest.
  public enum Source: Sendable, Hashable {
    case session(ID<Session>)
    case token(ID<AccessToken>)
  }

  public let source: Source
  /// What the session's device or the token is called.
  public let name: String
  /// The only workspace that it lets in at, by id and name; `nil` for all that its source opens.
  public let workspace: Place?
  public let expiresAt: Timestamp

  /// A workspace, and what it is called.
  public struct Place: Sendable, Hashable {
    public let id: ID<Workspace>
    public let name: String
  }
}
