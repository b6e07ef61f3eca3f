public import Authorization
import Contract
public import Kernel
public import Secrets

/// A personal access token: how programs act for a person.
public struct AccessToken: Sendable, Hashable {
  public let id: ID<AccessToken>
  public let account: ID<Account>
  /// The only organization it is good for.
  public let organization: ID<Organization>?
  public let name: DisplayName
  /// The beginning and a few characters of its secret, to tell tokens apart.
  public let hint: String
  public let scopes: Set<TokenScope>
  public let createdAt: Timestamp
  /// The first instant at which it doesn't hold any more.
  public let expiresAt: Timestamp?
  /// Up to a minute behind.
  public let usedAt: Timestamp?

  /// How many an account may have that aren't revoked.
  static let limit = 200

  /// Refuses what would be more than `maker`, the token that makes this one, may do itself: nobody grants what they lack.
  func expectWithin(_ maker: AccessToken) throws(Problem) {
    let beyond = scopes.filter { scope in !maker.scopes.contains { $0.covers(scope) } }
    guard beyond.isEmpty else {
      throw Problem(.beyondToken, "This token can't make one with the scope \(beyond.stored), which it lacks itself. Sign in to make it.", faults: [FieldFault("scopes", "Choose scopes that this token has.")])
    }
    guard maker.organization == nil || maker.organization == organization else {
      throw Problem(.beyondToken, "This token is bound to an organization and can only make tokens for the same.", faults: [FieldFault("organization", "Choose the organization of this token.")])
    }
    if let end = maker.expiresAt {
      guard let expiresAt, expiresAt <= end else {
        throw Problem(.beyondToken, "This token ends on \(instantText(end)) and can't make one that lasts longer.", faults: [FieldFault("expires_in_days", "Choose fewer days, or sign in.")])
      }
    }
  }
}

/// A token that was made a moment ago; its secret is told only now.
public struct NewAccessToken: Sendable {
  public let secret: SecretText
  public let token: AccessToken
}

/// What a person says of a new token.
public struct AccessTokenDraft: Sendable {
  public let name: DisplayName
  public let scopes: Set<TokenScope>
  /// Id or slug of the only organization it shall be good for.
  public let organization: String?
  /// How long it holds; `nil` for ever.
  public let term: Duration?
  /// Whether the term was chosen rather than left to us.
  public let hasChosenTerm: Bool

  public static let days = 1...366
  public static let usualDays = 90

  /// Refuses with all faults at once. `days`: 0 for a token without an end, `nil` for the usual.
  public init(name: String, scopes: [String], organization: String? = nil, days: Int? = nil) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    var parsedScopes: Set<TokenScope> = []
    for scope in scopes {
      if let known = TokenScope(rawValue: scope) { parsedScopes.insert(known) } else {
        checker.reject("scopes", "There is no scope \"\(scope.prefix(40))\". The scopes are \(TokenScope.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
    }
    if scopes.isEmpty { checker.reject("scopes", "Choose at least one scope.") }
    let organization = organization.flatMap { $0.isEmpty ? nil : $0 }
    if parsedScopes.contains(.irreversible), !parsedScopes.contains(.admin) {
      checker.reject("scopes", "The scope organization:irreversible goes with organization:admin.")
    }
    if organization != nil, parsedScopes.contains(.account) {
      checker.reject("scopes", "A token that is bound to an organization can't have the scope account.")
    }
    if let days, days != 0, !Self.days.contains(days) { checker.reject("expires_in_days", "Choose 1 to 366 days.") }
    try checker.finish()
    guard let parsedName else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.scopes, self.organization) = (parsedName, parsedScopes, organization)
    term = days == 0 ? nil : .days(days ?? Self.usualDays)
    hasChosenTerm = days != nil
  }

  /// When a token made at `now` ends: what wasn't chosen never lasts longer than the token that makes it.
  func end(madeBy maker: AccessToken?, at now: Timestamp) -> Timestamp? {
    let end = term.map { now + $0 }
    guard !hasChosenTerm, let end, let last = maker?.expiresAt else { return end }
    return min(end, last)
  }
}

extension TokenScope {
  /// Whether whoever has this scope has the other in it.
  func covers(_ other: TokenScope) -> Bool {
    switch (self, other) {
    case (.admin, .read), (.admin, .write), (.admin, .decisions), (.write, .read): true
    default: self == other
    }
  }
}

extension Set<TokenScope> {
  /// As a column holds it: sorted, with spaces between.
  var stored: String { map(\.rawValue).sorted().joined(separator: " ") }

  init(stored text: String) throws(Rejection) {
    self = Set(text.pieces(between: " ").compactMap(TokenScope.init))
    if isEmpty { throw Rejection("No known scope is stored.") }
  }
}

extension Target {
  init(_ token: AccessToken) { self.init("token", token.id.description, named: token.name.text) }
}
