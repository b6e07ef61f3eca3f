public import Kernel

extension API {
  /// Personal access tokens: how programs act for a person.
  public enum Tokens {
    public static let list = Endpoint<Nothing, Wire.Paging, Nothing, Wire.List<Wire.Token>>(
      "token.list", .get, "/account/tokens", access: .account, summary: "List the own tokens that aren't revoked, the newest first.")

    public static let create = Endpoint<Nothing, Nothing, Wire.TokenDraft, Wire.NewToken>(
      "token.create", .post, "/account/tokens", access: .account, summary: "Make a token; its secret is told only now.", status: 201,
      refusals: [.beyondToken, .tooManyTokens])

    public static let revoke = Endpoint<Wire.TokenPath, Nothing, Nothing, Nothing>(
      "token.revoke", .delete, "/account/tokens/{token}", access: .account, summary: "Revoke a token of the own account.", status: 204)

    public static let revokeByValue = Endpoint<Nothing, Nothing, Wire.Secret, Nothing>(
      "token.revoke_by_value", .post, "/token-revocations", access: .anyone,
      summary: "Revoke the token or key or end the session whose secret is given, by whoever holds it; the answer is the same if it is unknown or revoked already.", status: 204)

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(revoke), AnyEndpoint(revokeByValue)] }
  }
}

extension Wire {
  /// A personal access token, without its secret.
  public struct Token: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Token>
    public var name: String
    /// The beginning and a few characters of its secret, to tell tokens apart.
    public var hint: String
    public var scopes: [TokenScope]
    /// The only organization it is good for.
    public var organization: ID<Organization>?
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    /// Up to a minute behind.
    public var usedAt: Timestamp?

    public init(
      id: ID<Token>, name: String, hint: String, scopes: [TokenScope], organization: ID<Organization>?, createdAt: Timestamp, expiresAt: Timestamp?, usedAt: Timestamp?
    ) {
      self.id = id
      self.name = name
      self.hint = hint
      self.scopes = scopes
      self.organization = organization
      self.createdAt = createdAt
      self.expiresAt = expiresAt
      self.usedAt = usedAt
    }

    public var segment: String { id.description }
  }

  public struct TokenDraft: Codable, Sendable, Hashable {
    /// What it is for, in words.
    public var name: Unchecked<DisplayName>
    public var scopes: [TokenScope]
    /// Id or slug of the only organization it shall be good for; you must be an active member of it.
    public var organization: String?
    /// 1 to 366, 90 when absent; 0 for a token without an end, where the installation allows it.
    public var expiresInDays: Int?

    public init(name: String, scopes: [TokenScope], organization: String? = nil, expiresInDays: Int? = nil) {
      self.name = .init(name)
      self.scopes = scopes
      self.organization = organization
      self.expiresInDays = expiresInDays
    }
  }

  public struct NewToken: Codable, Sendable, Hashable, Addressed {
    /// Give it as a bearer token. It can't be shown again.
    public var secret: String
    public var token: Token

    public init(secret: String, token: Token) {
      self.secret = secret
      self.token = token
    }

    public var segment: String { token.segment }
  }

  /// What a token may be used for; it never allows more than its account may do.
  public enum TokenScope: String, SchemaLeaf, CaseIterable, Hashable {
    case read = "organization:read"
    case write = "organization:write"
    case admin = "organization:admin"
    /// With `organization:admin` also what otherwise asks for the password again, such as deleting an organization.
    case irreversible = "organization:irreversible"
    /// Ask who may do what, and follow all that decides it: for a platform that decides by itself.
    case decisions = "organization:decisions"
    case account
  }

  public struct TokenPath: Codable, Sendable, Hashable {
    public var token: ID<Token>

    public init(token: ID<Token>) { self.token = token }
  }
}

extension Problem.Code {
  /// A token can't make one that may do more, or lasts longer, than itself.
  public static let beyondToken = Self("token.beyond_own", .forbidden, "More than the token itself may do")
  public static let tooManyTokens = Self("token.too_many", .conflict, "Too many tokens")
}
