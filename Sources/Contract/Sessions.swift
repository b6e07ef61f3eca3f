public import Kernel

extension API {
  /// Signing in and out, and where one is signed in.
  public enum Sessions {
    public static let create = Endpoint<Nothing, Nothing, Wire.SignIn, Wire.SignedIn>(
      "session.create", .post, "/sessions", access: .anyone, summary: "Sign in with an e-mail address or handle, and a password.", status: 201,
      refusals: [.wrongCredentials, .deactivatedAccount, .throttled])

    public static let list = Endpoint<Nothing, Wire.Paging, Nothing, Wire.List<Wire.Session>>(
      "session.list", .get, "/account/sessions", access: .account, summary: "List where the account is signed in, the newest first.")

    public static let revoke = Endpoint<Wire.SessionPath, Nothing, Nothing, Nothing>(
      "session.revoke", .delete, "/account/sessions/{session}", access: .account, summary: "End a session of the own account.", status: 204)

    public static let revokeOthers = Endpoint<Nothing, Nothing, Nothing, Nothing>(
      "session.revoke_others", .delete, "/account/sessions", access: .account, summary: "End all sessions of the own account but the current one.", status: 204)

    public static let end = Endpoint<Nothing, Nothing, Nothing, Nothing>(
      "session.end", .delete, "/sessions/current", access: .account, summary: "Sign out: end the current session.", status: 204)

    public static let confirm = Endpoint<Nothing, Nothing, Wire.Confirmation, Wire.Session>(
      "session.confirm", .put, "/sessions/current/confirmation", access: .account,
      summary: "Give the password again, as what can't be undone asks for.", refusals: [.throttled])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(create), AnyEndpoint(list), AnyEndpoint(revoke), AnyEndpoint(revokeOthers), AnyEndpoint(end), AnyEndpoint(confirm),
      ]
    }
  }
}

extension Wire {
  /// One place where an account is signed in.
  public struct Session: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Session>
    /// Whether it is the one that asks.
    public var current: Bool
    /// What it seems to be used with: `Firefox on Linux`.
    public var device: String
    /// The network address it was opened from.
    public var address: String
    public var createdAt: Timestamp
    /// When the password was last given in it.
    public var authenticatedAt: Timestamp
    /// Up to a minute behind.
    public var usedAt: Timestamp
    public var expiresAt: Timestamp

    public init(
      id: ID<Session>, current: Bool, device: String, address: String, createdAt: Timestamp, authenticatedAt: Timestamp, usedAt: Timestamp, expiresAt: Timestamp
    ) {
      self.id = id
      self.current = current
      self.device = device
      self.address = address
      self.createdAt = createdAt
      self.authenticatedAt = authenticatedAt
      self.usedAt = usedAt
      self.expiresAt = expiresAt
    }

    public var segment: String { id.description }
  }

  public struct SignIn: Codable, Sendable, Hashable {
    /// An e-mail address or a handle.
    public var login: Unchecked<LoginText>
    public var password: Unchecked<PasswordText>

    public init(login: String, password: String) {
      self.login = .init(login)
      self.password = .init(password)
    }
  }

  /// A new session: its secret is told only here.
  public struct SignedIn: Codable, Sendable, Hashable {
    /// Give it as a bearer token.
    public var secret: String
    public var session: Session
    public var account: Account

    public init(secret: String, session: Session, account: Account) {
      self.secret = secret
      self.session = session
      self.account = account
    }
  }

  public struct SessionPath: Codable, Sendable, Hashable {
    public var session: ID<Session>

    public init(session: ID<Session>) { self.session = session }
  }

  /// The password, given once more.
  public struct Confirmation: Codable, Sendable, Hashable {
    public var password: Unchecked<PasswordText>

    public init(password: String) { self.password = .init(password) }
  }
}

/// An e-mail address or a handle.
public enum LoginText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...254) }
  public static var example: String { "ada@example.org" }
}

extension Problem.Code {
  public static let wrongCredentials = Self("session.wrong_credentials", .unauthenticated, "Wrong address or password")
}
