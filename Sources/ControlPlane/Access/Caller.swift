public import Secrets

/// Who a request claims to come from; the claim is checked in the transaction that acts, never before.
public struct Caller: Sendable {
  public let credential: Credential
  public let origin: Origin
  /// Whether a unit of work that writes notes in its own commit that the credential was used, as `Sessions.touch` does afterwards.
  public var notesUse = false

  public enum Credential: Sendable {
    case none
    /// The digest of a session's secret, or of what isn't a secret of ours at all.
    case session(SHA256Digest)
    /// The digest of a personal access token.
    case token(SHA256Digest)
    /// The digest of a service account's key.
    case key(SHA256Digest)
    /// The digest of the key with which a workspace's server signs in.
    case workspaceKey(SHA256Digest)
    /// The digest of a token that stands for one of the others.
    case derived(SHA256Digest)
    /// A job of ours, by name.
    case system(String)

    /// Of the secret that was brought, whatever it is; `nil` where none was.
    public var digest: SHA256Digest? {
      switch self {
      case .none, .system: nil
      case .session(let digest), .token(let digest), .key(let digest), .workspaceKey(let digest), .derived(let digest): digest
      }
    }
  }

  public init(_ credential: Credential, from origin: Origin) {
    self.credential = credential
    self.origin = origin
  }

  /// The caller with the secret of a header or cookie; one that can't be ours is refused later like one that was revoked.
  public init(secret: String, from origin: Origin) {
    let digest = SHA256Digest(of: secret)
    if secret.hasPrefix(Token.Kind.personalAccess.prefix) {
      self.init(.token(digest), from: origin)
    } else if secret.hasPrefix(Token.Kind.serviceAccountKey.prefix) {
      self.init(.key(digest), from: origin)
    } else if secret.hasPrefix(Token.Kind.workspaceEnrolment.prefix) {
      self.init(.workspaceKey(digest), from: origin)
    } else if secret.hasPrefix(Token.Kind.derived.prefix) {
      self.init(.derived(digest), from: origin)
    } else {
      self.init(.session(digest), from: origin)
    }
  }

  /// A job of ours, by name.
  public static func system(_ job: String) -> Caller { Caller(.system(job), from: .inside) }
}

/// Where a request came from, for the audit log and for limits.
public struct Origin: Sendable, Hashable {
  /// The client's address, without a port.
  public let address: String
  public let userAgent: String
  public let requestID: String

  /// Longer texts are cut: they come from outside.
  public init(address: String, userAgent: String, requestID: String) {
    self.address = Self.cut(address, 64)
    self.userAgent = Self.cut(userAgent, 256)
    self.requestID = Self.cut(requestID, 64)
  }

  private static func cut(_ text: String, _ length: Int) -> String { text.utf8.count <= length ? text : String(text.prefix(length)) }

  /// A job of ours.
  public static let inside = Origin(address: "", userAgent: "", requestID: "")
}
