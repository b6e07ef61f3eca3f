public import Authorization
public import Kernel

/// One setting that an organization may decide for itself, with its value: whatever can be made is acceptable.
public enum OrganizationSetting: Sendable, Hashable {
  /// How long an invitation can be answered, unless its inviter says otherwise.
  case invitationTerm(InvitationTerm)
  /// The role of an invitation that names none.
  case defaultRole(OrganizationRole)
  /// Whether people may ask to join.
  case joinRequests(Bool)
  /// How long who leaves from now on can be reinstated.
  case reinstatementTerm(ReinstatementTerm)
  /// By whose calendar days, weeks and months begin.
  case timeZone(Zone)
  /// How much of the credits a member may use who joins from now on; `nil` where nothing limits them.
  case memberCredits(Credits?)
  /// Who may invite outside collaborators to apps.
  case outsideCollaborators(CollaboratorRule)

  /// What the settings are called; the list is closed.
  public enum Name: String, Sendable, Hashable, CaseIterable {
    case invitationTerm = "invitation_term"
    case defaultRole = "default_role"
    case joinRequests = "join_requests"
    case reinstatementTerm = "reinstatement_term"
    case timeZone = "time_zone"
    case memberCredits = "member_credits"
    case outsideCollaborators = "outside_collaborators"

    /// One sentence for the people who decide.
    public var summary: String {
      switch self {
      case .invitationTerm: "How many days an invitation can be answered, unless its inviter says otherwise."
      case .defaultRole: "The role of an invitation that names none, and the one that forms begin with."
      case .joinRequests: "Whether people who aren't members may ask to join."
      case .reinstatementTerm: "How many days somebody who leaves from now on can be reinstated with their roles."
      case .timeZone: "By the clocks of which place the days, weeks and months of budgets begin; a period that goes on ends as it was to."
      case .memberCredits: "How many of the credits a member may use who joins from now on and doesn't share out credits themselves, or unlimited."
      case .outsideCollaborators:
        "Who may invite people who aren't members to one app: managers (whoever manages the app), inviters (of those who invite members, too), or nobody."
      }
    }
  }

  public var name: Name {
    switch self {
    case .invitationTerm: .invitationTerm
    case .defaultRole: .defaultRole
    case .joinRequests: .joinRequests
    case .reinstatementTerm: .reinstatementTerm
    case .timeZone: .timeZone
    case .memberCredits: .memberCredits
    case .outsideCollaborators: .outsideCollaborators
    }
  }

  /// The value as it is written everywhere: a whole number of days, a role, `yes` or `no`, the name of a time zone, an amount of credits or `unlimited`, or who
  /// may do something.
  public var text: String {
    switch self {
    case .invitationTerm(let term): String(term.days)
    case .defaultRole(let role): role.rawValue
    case .joinRequests(let isOn): isOn ? "yes" : "no"
    case .reinstatementTerm(let term): String(term.days)
    case .timeZone(let zone): zone.name
    case .memberCredits(let credits): credits?.description ?? Self.unlimited
    case .outsideCollaborators(let rule): rule.rawValue
    }
  }

  private static let unlimited = "unlimited"

  /// Reads a value that somebody wrote.
  public init(_ name: Name, _ text: String) throws(Rejection) {
    switch name {
    case .invitationTerm: self = .invitationTerm(try InvitationTerm(text))
    case .reinstatementTerm: self = .reinstatementTerm(try ReinstatementTerm(text))
    case .timeZone: self = .timeZone(try Zone(named: text))
    case .memberCredits: self = .memberCredits(text == Self.unlimited ? nil : try Credits(decimal: text))
    case .outsideCollaborators:
      guard let rule = CollaboratorRule(rawValue: text) else {
        throw Rejection("Give one of: \(CollaboratorRule.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      self = .outsideCollaborators(rule)
    case .defaultRole:
      guard let role = OrganizationRole(rawValue: text) else {
        throw Rejection("Give one of: \(OrganizationRole.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      self = .defaultRole(role)
    case .joinRequests:
      switch text {
      case "yes", "on", "true": self = .joinRequests(true)
      case "no", "off", "false": self = .joinRequests(false)
      default: throw Rejection("Give yes or no.")
      }
    }
  }
}

/// Who may invite outside collaborators to an app.
public enum CollaboratorRule: String, Sendable, Hashable, CaseIterable {
  /// Whoever manages the app and is in the organization.
  case managers
  /// Of those only who may invite members, too.
  case inviters
  case nobody
}

/// A number of days within bounds.
public struct DayTerm<Bounds: DayBounds>: Sendable, Hashable {
  public let days: Int

  public init(days: Int) throws(Rejection) {
    guard Bounds.range.contains(days) else { throw Rejection("Give a whole number of days from \(Bounds.range.lowerBound) to \(Bounds.range.upperBound).") }
    self.days = days
  }

  init(_ text: String) throws(Rejection) { try self.init(days: text.utf8.first == UInt8(ascii: "+") ? 0 : Int(text) ?? 0) }

  public static var range: ClosedRange<Int> { Bounds.range }
  public var duration: Duration { .days(days) }
}

/// How many days a term may have; never none.
public protocol DayBounds: Sendable {
  static var range: ClosedRange<Int> { get }
}

/// The bounds of the term of invitations.
public enum InvitationTermBounds: DayBounds { public static let range = 1...90 }
/// The bounds of the term in which former members can be reinstated.
public enum ReinstatementTermBounds: DayBounds { public static let range = 1...365 }

public typealias InvitationTerm = DayTerm<InvitationTermBounds>
public typealias ReinstatementTerm = DayTerm<ReinstatementTermBounds>

/// What holds in one organization: its own values, and the installation's for all else.
public struct SettingsInForce: Sendable {
  private let own: [OrganizationSetting]
  private let installation: Settings

  init(own: [OrganizationSetting], installation: Settings) { (self.own, self.installation) = (own, installation) }

  public var invitationTerm: Duration {
    for case .invitationTerm(let term) in own { return term.duration }
    return installation.invitationTerm
  }

  public var defaultRole: OrganizationRole {
    for case .defaultRole(let role) in own { return role }
    return installation.defaultRole
  }

  public var joinRequests: Bool {
    for case .joinRequests(let isOn) in own { return isOn }
    return installation.joinRequests
  }

  public var reinstatementTerm: Duration {
    for case .reinstatementTerm(let term) in own { return term.duration }
    return installation.reinstatementTerm
  }

  public var timeZone: Zone {
    for case .timeZone(let zone) in own { return zone }
    return .utc
  }

  /// `nil` where nothing limits who joins.
  public var memberCredits: Credits? {
    for case .memberCredits(let credits) in own { return credits }
    return nil
  }

  public var outsideCollaborators: CollaboratorRule {
    for case .outsideCollaborators(let rule) in own { return rule }
    return .managers
  }

  /// Every setting once, in the order of their names' declaration.
  public var entries: [SettingEntry] { OrganizationSetting.Name.allCases.map(entry) }

  public func entry(_ name: OrganizationSetting.Name) -> SettingEntry {
    SettingEntry(name: name, own: own.first { $0.name == name }?.text, inherited: installation.text(of: name))
  }
}

/// One setting as it stands in an organization.
public struct SettingEntry: Sendable, Hashable {
  public let name: OrganizationSetting.Name
  /// The organization's own value; `nil` where it follows the installation.
  public let own: String?
  /// The installation's value, which a reset goes back to.
  public let inherited: String

  public var value: String { own ?? inherited }
}

extension Settings {
  /// What an organization without a value of its own has.
  func text(of name: OrganizationSetting.Name) -> String {
    switch name {
    case .invitationTerm: String(invitationTerm.wholeDays)
    case .defaultRole: defaultRole.rawValue
    case .joinRequests: joinRequests ? "yes" : "no"
    case .reinstatementTerm: String(reinstatementTerm.wholeDays)
    case .timeZone: Zone.utc.name
    case .memberCredits: "unlimited"
    case .outsideCollaborators: CollaboratorRule.managers.rawValue
    }
  }
}
