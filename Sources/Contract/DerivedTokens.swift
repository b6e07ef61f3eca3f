public import Kernel

extension API {
  /// Tokens of an hour that programs exchanged a session or an access token for.
  public enum DerivedTokens {
    public static let list = Endpoint<Nothing, Nothing, Nothing, Wire.List<Wire.DerivedToken>>(
      "derived_token.list", .get, "/account/derived-tokens", access: .account,
      summary: "List the tokens of an hour that were made with the own sessions and access tokens and hold still, the latest first.")

    public static let end = Endpoint<Nothing, Nothing, Nothing, Nothing>(
      "derived_token.end", .delete, "/account/derived-tokens", access: .account,
      summary: "End all of them at once; what they were made with goes on.", status: 204)

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(end)] }
  }
}

extension Wire {
  /// A token of an hour, without its secret. It opens what it was made with opens, and never longer than that does.
  public struct DerivedToken: Codable, Sendable, Hashable {
    /// What it was made with: this session, or else this access token.
    public var session: ID<Session>?
    public var token: ID<Token>?
    /// What that is called.
    public var name: String
    /// The only workspace at which it lets in.
    public var workspace: ID<Workspace>?
    public var workspaceName: String?
    public var expiresAt: Timestamp

    public init(session: ID<Session>?, token: ID<Token>?, name: String, workspace: ID<Workspace>?, workspaceName: String?, expiresAt: Timestamp) {
      (self.session, self.token, self.name, self.workspace, self.workspaceName, self.expiresAt) = (session, token, name, workspace, workspaceName, expiresAt)
    }
  }
}
