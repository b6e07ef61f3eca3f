extension API {
  /// What its operators set for the whole installation.
  public enum Installation {
    public static let read = Endpoint<Nothing, Nothing, Nothing, Wire.Installation>(
      "installation.read", .get, "/installation", access: .anyone, summary: "Show who may sign up, and what else holds for everybody.")

    public static let update = Endpoint<Nothing, Nothing, Wire.InstallationChanges, Wire.Installation>(
      "installation.update", .patch, "/installation", access: .superUser, summary: "Change what holds for the whole installation.")

    static var all: [AnyEndpoint] { [AnyEndpoint(read), AnyEndpoint(update)] }
  }
}

extension Wire {
  public struct Installation: Codable, Sendable, Hashable {
    /// Who may create an account.
    public var signUp: SignUpPolicy
    /// Whether tokens may be made that never expire.
    public var endlessTokens: Bool
    /// Whether managers and admins add accounts to their organizations without asking them. Otherwise only operators do.
    public var directMembers: Bool

    public init(signUp: SignUpPolicy, endlessTokens: Bool, directMembers: Bool) {
      self.signUp = signUp
      self.endlessTokens = endlessTokens
      self.directMembers = directMembers
    }
  }

  /// What is to be changed; what is absent stays.
  public struct InstallationChanges: Codable, Sendable, Hashable {
    public var signUp: SignUpPolicy?
    public var endlessTokens: Bool?
    public var directMembers: Bool?

    public init(signUp: SignUpPolicy? = nil, endlessTokens: Bool? = nil, directMembers: Bool? = nil) {
      self.signUp = signUp
      self.endlessTokens = endlessTokens
      self.directMembers = directMembers
    }
  }

  public enum SignUpPolicy: String, SchemaLeaf, CaseIterable, Hashable {
    /// Everybody.
    case open
    /// Who was invited.
    case invitees
    /// Nobody.
    case closed
  }
}
