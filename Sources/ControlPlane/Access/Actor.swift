public import Authorization
public import Kernel

/// Who a caller turned out to be.
public enum Actor: Sendable {
  case anonymous
  case person(Person)
  case machine(Machine)
  case system(String)

  /// Whether it is somebody whom the log can name for an attempt that was refused.
  var isNamed: Bool {
    switch self {
    case .person, .machine: true
    case .anonymous, .system: false
    }
  }

  var principal: Principal {
    switch self {
    case .anonymous: .anonymous
    case .system(let job): .system(job)
    case .machine(let machine):
      .serviceAccount(ServiceAccountFacts(id: machine.id.description, organization: machine.organization.description, roles: machine.roles))
    case .person(let person):
      .account(
        AccountFacts(
          id: person.id.description, isActive: person.isActive, isSuperUser: person.isSuperUser, authenticatedAt: person.session?.authenticatedAt,
          token: person.token.map { TokenFacts(scopes: $0.scopes, organization: $0.organization?.description) }))
    }
  }
}

/// A signed-in account, as one transaction sees it.
public struct Person: Sendable, Hashable {
  public let id: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let isActive: Bool
  public let isSuperUser: Bool
  /// The session that speaks; `nil` for a token.
  public let session: SessionSeal?
  /// The token that speaks; `nil` for a session.
  public let token: TokenSeal?

  /// What a decision needs of a session.
  public struct SessionSeal: Sendable, Hashable {
    public let id: ID<Session>
    public let authenticatedAt: Timestamp
  }

  /// What a decision needs of a token.
  public struct TokenSeal: Sendable, Hashable {
    public let id: ID<AccessToken>
    public let scopes: Set<TokenScope>
    public let organization: ID<Organization>?
  }
}

/// A service account that speaks through one of its keys, as one transaction sees it: a disabled one speaks through none.
public struct Machine: Sendable, Hashable {
  public let id: ID<ServiceAccount>
  public let organization: ID<Organization>
  public let name: DisplayName
  public let roles: RoleSet
  /// Whether it holds roles on the organization beside its own, by itself or through a team.
  public let holdsMore: Bool
}
