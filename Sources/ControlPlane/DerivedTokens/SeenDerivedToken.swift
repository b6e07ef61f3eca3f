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
  public let workspace: (id: ID<Workspace>, name: String)?
  public let expiresAt: Timestamp

  public static func == (one: SeenDerivedToken, other: SeenDerivedToken) -> Bool {
    one.source == other.source && one.name == other.name && one.workspace?.id == other.workspace?.id && one.expiresAt == other.expiresAt
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(expiresAt)
  }
}
