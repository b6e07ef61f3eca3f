public import Kernel
public import Secrets

/// One place where an account is signed in.
public struct Session: Sendable, Hashable {
  public let id: ID<Session>
  public let account: ID<Account>
  public let createdAt: Timestamp
  /// When the password was last given in it.
  public let authenticatedAt: Timestamp
  /// Up to a minute behind.
  public let usedAt: Timestamp
  /// When it ends unless it is used before.
  public let idleAt: Timestamp
  /// When it ends in any case.
  public let expiresAt: Timestamp
  public let address: String
  public let userAgent: String

  static func opened(for account: ID<Account>, from origin: Origin, _ settings: Settings, id: ID<Session>, at now: Timestamp) -> Session {
    let expires = now + settings.sessionTerm
    return Session(
      id: id, account: account, createdAt: now, authenticatedAt: now, usedAt: now, idleAt: min(now + settings.sessionIdleTerm, expires), expiresAt: expires,
      address: origin.address, userAgent: origin.userAgent)
  }

  /// Whether it opens anything at that instant.
  public func isInForce(at instant: Timestamp) -> Bool { instant < expiresAt && instant < idleAt }

  /// What it is used with, as far as it tells: `Firefox on Linux`.
  public var device: String { Device.name(of: userAgent) }
}

/// A session that was opened a moment ago; its secret is told only now.
public struct NewSession: Sendable {
  public let secret: SecretText
  public let session: Session
  public let account: Account
}

extension Target {
  init(_ session: Session) { self.init("session", session.id.description, named: session.device) }
}
