import Kernel
public import Secrets

/// What a credential was exchanged for: for a short time it opens what that credential opens, and never longer than that does. So whatever ends the credential
/// ends it too.
struct DerivedToken: Sendable, Hashable {
  let source: Source
  /// The only workspace at which one may sign in with it, and all that it is good for; `nil` for everything that its source opens.
  let workspace: ID<Workspace>?
  /// The first instant at which it doesn't hold any more.
  let expiresAt: Timestamp

  /// How long it lasts.
  static let term = Duration.hours(1)

  /// What it stands for, by the digest of the secret.
  enum Source: Sendable, Hashable {
    case session(SHA256Digest)
    case token(SHA256Digest)
    case key(SHA256Digest)
    case workspace(SHA256Digest)

    /// `nil` for who brought none, and for a derived token, which stands for another credential itself.
    init?(_ credential: Caller.Credential) {
      switch credential {
      case .session(let digest): self = .session(digest)
      case .token(let digest): self = .token(digest)
      case .key(let digest): self = .key(digest)
      case .workspaceKey(let digest): self = .workspace(digest)
      case .none, .system, .derived: return nil
      }
    }

    var credential: Caller.Credential {
      switch self {
      case .session(let digest): .session(digest)
      case .token(let digest): .token(digest)
      case .key(let digest): .key(digest)
      case .workspace(let digest): .workspaceKey(digest)
      }
    }
  }
}

/// A token that was derived a moment ago; its secret is told only now.
public struct NewDerivedToken: Sendable {
  public let secret: SecretText
  /// How long it lasts from now on, if its source does.
  public let term: Duration
}
