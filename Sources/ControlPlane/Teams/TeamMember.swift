import Authorization
import Contract
public import Kernel

/// Somebody's place in a team.
public struct TeamMember: Sendable, Hashable {
  public let id: ID<TeamMember>
  public let team: ID<Team>
  public let holder: Holder
  /// Whether it looks after the team.
  public let maintains: Bool
  public let since: Timestamp

  /// Whose place it is.
  public enum Holder: Sendable, Hashable {
    case member(id: ID<Member>, account: ID<Account>, handle: Slug, name: DisplayName)
    /// Whoever accepts the invitation gets the place.
    case invitation(id: ID<Invitation>, address: EmailAddress)
    case serviceAccount(id: ID<ServiceAccount>, slug: Slug, name: DisplayName)

    /// What people call it.
    public var name: String {
      switch self {
      case .member(_, _, _, let name): name.text
      case .invitation(_, let address): address.text
      case .serviceAccount(_, _, let name): name.text
      }
    }

    /// As the log calls it, so that it is told from others of its name.
    var logged: String {
      switch self {
      case .member(_, _, let handle, let name): "\(name) (\(handle))"
      case .invitation(_, let address): "the invitation of \(address)"
      case .serviceAccount(_, let slug, let name): "the service account \(name) (\(slug))"
      }
    }

    var kind: Kind {
      switch self {
      case .member: .account
      case .invitation: .invitation
      case .serviceAccount: .serviceAccount
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
  }

  /// Refuses a holder who can't look after a team: an invitation, since nobody has come yet, and a program.
  func expectPerson() throws(Problem) {
    guard holder.kind == .account else { throw Problem(.notAPerson, "\(holder.name) can't maintain a team: only members of the organization do.") }
  }

  /// Refuses to take out a maintainer, whom those dismiss alone who manage teams by role.
  func expectReach(of permissions: Set<Permission>) throws(Problem) {
    guard !maintains || permissions.contains(.teamManage) else {
      throw Problem(.forbidden, "\(holder.name) maintains this team: only who manages all teams of the organization can take them out.")
    }
  }
}

/// Somebody who is to be added to a team, as they are named.
public enum TeamCandidate: Sendable, Hashable {
  /// By handle, address or id; an address that an open invitation went to stands for that invitation.
  case member(String)
  /// By slug or id.
  case serviceAccount(String)
  /// By id or address.
  case invitation(String)
  /// A member or an invitation, as above, or else a service account: what people type.
  case anybody(String)

  /// As it was given.
  public var text: String {
    switch self {
    case .member(let text), .serviceAccount(let text), .invitation(let text), .anybody(let text): text
    }
  }

  /// The names in what was typed or pasted: commas, semicolons, spaces and lines separate.
  public static func typed(_ text: String) -> [TeamCandidate] {
    text.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map { .anybody(String($0)) }
  }
}

/// What came of adding one of many.
public struct AddedTeamMember: Sendable {
  public let candidate: TeamCandidate
  public let result: Result<TeamMember, Problem>
}
