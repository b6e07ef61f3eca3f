public import Authorization
import Contract
public import Kernel

/// Somebody's role on one thing, perhaps for a time.
public struct Grant: Sendable, Hashable {
  public let id: ID<Grant>
  public let resource: ID<Resource>
  public let holder: Holder
  public internal(set) var role: GrantedRole
  /// From then on it counts for nothing; `nil` where it has no end.
  public internal(set) var expires: Timestamp?
  public let since: Timestamp
  public let revision: Int

  /// How many one thing may have.
  static let limit = 20_000

  /// Who holds it.
  public enum Holder: Sendable, Hashable {
    case member(id: ID<Member>, account: ID<Account>, handle: Slug, name: DisplayName)
    /// Whoever accepts the invitation gets it.
    case invitation(id: ID<Invitation>, address: EmailAddress)
    case serviceAccount(id: ID<ServiceAccount>, slug: Slug, name: DisplayName)
    /// Everybody who is in the team, as long as they are.
    case team(id: ID<Team>, slug: Slug, name: DisplayName)

    /// What people call it.
    public var name: String {
      switch self {
      case .member(_, _, _, let name): name.text
      case .invitation(_, let address): address.text
      case .serviceAccount(_, _, let name), .team(_, _, let name): name.text
      }
    }

    /// As the log calls it, so that it is told from others of its name.
    var logged: String {
      switch self {
      case .member(_, _, let handle, let name): "\(name) (\(handle))"
      case .invitation(_, let address): "the invitation of \(address)"
      case .serviceAccount(_, let slug, let name): "the service account \(name) (\(slug))"
      case .team(_, let slug, let name): "the team \(name) (\(slug))"
      }
    }

    var kind: Kind {
      switch self {
      case .member: .account
      case .invitation: .invitation
      case .serviceAccount: .serviceAccount
      case .team: .team
      }
    }

    /// What lists order by.
    var sortName: String { name.lowercased() }
  }

  /// In the order of lists.
  enum Kind: String, CaseIterable {
    case account
    case invitation
    case serviceAccount = "service-account"
    case team
  }

  /// Whether it counts at that instant.
  public func holds(at instant: Timestamp) -> Bool { expires.map { instant < $0 } ?? true }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This access was changed since you read it. Read it again, then repeat your change.") }
  }

  /// How the log tells of it.
  var logged: String { "\(holder.logged): \(role.short)\(expires.map { " until \($0)" } ?? "")" }
}

/// Whose grants count for a caller: their own, and those of the teams that they are in.
enum GrantHolder: Sendable, Hashable {
  case person(ID<Account>, in: ID<Organization>)
  case machine(ID<ServiceAccount>)
}

/// What somebody has on several things, for the log.
struct GrantNames: Sendable {
  let lines: [String]

  init(_ lines: [String]) { self.lines = lines }

  /// What who joins gets: clusters, and default projects.
  init(_ places: [DefaultPlace]) { lines = places.map { "\($0.name): \($0.role.rawValue)" } }

  /// What there is, and how much more behind the first hundred; `nil` without any.
  var logged: String? {
    guard !lines.isEmpty else { return nil }
    let rest = lines.count - 100
    return lines.prefix(100).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}

/// A grant that counts for a caller, as decisions look at it.
struct HeldGrant: Sendable, Hashable {
  let resource: ID<Resource>
  let role: GrantedRole
  /// `nil` where it is the caller's own.
  let team: ID<Team>?
  let expires: Timestamp?
}

/// Which thing access is about, as it is named.
public enum ResourceReference: Sendable, Hashable {
  case workspace(String)
  case cluster(String)
  case projectAt(String, ProjectPlace)
  case app(String)

  /// A project in a workspace.
  public static func project(_ project: String, in workspace: String) -> ResourceReference { .projectAt(project, .workspace(workspace)) }
}

/// Somebody who is to get access, as they are named.
public enum GrantCandidate: Sendable, Hashable {
  /// By handle, address or id; an address that an open invitation went to stands for that invitation.
  case member(String)
  /// By slug or id.
  case serviceAccount(String)
  /// By id or address.
  case invitation(String)
  /// By slug or id.
  case team(String)
  /// A member or an invitation, as above, or else a service account, or else a team: what people type.
  case anybody(String)

  /// As it was given.
  public var text: String {
    switch self {
    case .member(let text), .serviceAccount(let text), .invitation(let text), .team(let text), .anybody(let text): text
    }
  }
}

/// Who shall have which role, until when.
public struct GrantDraft: Sendable {
  public let candidate: GrantCandidate
  /// `nil` for the default of the thing, where it has one.
  public let role: String?
  public let expires: Timestamp?

  public init(_ candidate: GrantCandidate, role: String?, expires: Timestamp? = nil) {
    self.candidate = candidate
    self.role = role
    self.expires = expires
  }
}

/// What is to be changed of somebody's access; `nil` leaves as is.
public struct GrantUpdate: Sendable {
  public var role: String?
  public var expires: Expiry?

  /// When it shall end.
  public enum Expiry: Sendable, Hashable {
    case at(Timestamp)
    case never
  }

  public init(role: String? = nil, expires: Expiry? = nil) {
    self.role = role
    self.expires = expires
  }
}
