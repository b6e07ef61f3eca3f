public import Authorization
import Contract
public import Kernel

/// Somebody's wish for a role on something, for a time, with the reason that they give.
public struct Elevation: Sendable, Hashable {
  public let id: ID<Elevation>
  public let organization: ID<Organization>
  public let member: ID<Member>
  public let account: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let email: EmailAddress?
  public let place: Place
  public let role: GrantedRole
  /// For how long they ask.
  public let term: Duration
  public let reason: Note
  public let state: State
  public let createdAt: Timestamp
  /// From then on nobody can answer it.
  public let answerBy: Timestamp
  /// Who answered it, by name.
  public let answeredBy: String?
  public let answer: Note
  /// Until when the role was given.
  public let grantedUntil: Timestamp?

  /// Where the role is to count.
  public enum Place: Sendable, Hashable {
    case organization
    /// By its slugs: `research/forecast`, or `research` for a workspace.
    case resource(ID<Resource>, type: ResourceType, path: String)

    /// What people call it.
    public var words: String {
      switch self {
      case .organization: "the organization"
      case .resource(_, let type, let path): "the \(type.noun) \(path)"
      }
    }
  }

  public enum State: String, Sendable, Hashable, CaseIterable {
    case pending, approved, refused, withdrawn
    /// Nobody answered in time.
    case expired
  }

  /// How long somebody can ask for, and how long one can be answered.
  static let terms = Duration.minutes(5)...Duration.days(30)
  static let answerTerm = Duration.days(7)
  /// How many one member, and all of an organization, may have open; each member may have one, however many there are.
  static let memberLimit = 20
  static let limit = 500

  /// Refuses what has an answer, was withdrawn, or is too old for one.
  func expectOpen() throws(Problem) {
    guard state == .pending else { throw Problem(.elevationAnswered, "This request is \(state.rawValue) already.") }
  }

  /// How the log tells of it.
  var logged: String { "\(role.name) on \(place.words) for \(term.inWords)" }
}

/// What somebody asks for.
public struct ElevationDraft: Sendable {
  /// `nil` for the organization.
  public let place: ResourceReference?
  public let role: String
  public let term: Duration
  public let reason: Note

  /// Refuses with all faults at once. `on`: `research` for a workspace, `research/forecast` for a project in it, `cluster:gpu` and `cluster:gpu/forecast`
  /// for a cluster and a project on it, `app:painter` for an app; `nil` for the organization.
  public init(on: String?, role: String, minutes: Int, reason: String) throws(Problem) {
    var checker = FieldChecker()
    let (isOnCluster, isApp) = (on?.hasPrefix("cluster:") ?? false, on?.hasPrefix("app:") ?? false)
    let parts = (on ?? "").dropFirst(isOnCluster ? 8 : isApp ? 4 : 0).split(separator: "/" as Character, omittingEmptySubsequences: false).map { String($0) }
    switch parts.count {
    case 1 where !isOnCluster && !isApp && parts[0].isEmpty: place = nil
    case 1 where isApp && !parts[0].isEmpty: place = .app(parts[0])
    case 1 where !parts[0].isEmpty: place = isOnCluster ? .cluster(parts[0]) : .workspace(parts[0])
    case 2 where !isApp && !parts[0].isEmpty && !parts[1].isEmpty: place = .projectAt(parts[1], isOnCluster ? .cluster(parts[0]) : .workspace(parts[0]))
    default:
      place = nil
      checker.reject("on", "Name a workspace, a project as workspace/project, a cluster as cluster:name, or an app as app:name; leave it out for the organization.")
    }
    if role.isEmpty { checker.reject("role", "Say which role.") }
    term = Elevation.term(minutes, "minutes", &checker)
    let parsed = checker.check("reason") { () throws(Rejection) in try Note(reason) }
    if let parsed, parsed.isEmpty { checker.reject("reason", "Say what you need it for: those who decide read it.") }
    try checker.finish()
    guard let parsed else { throw Problem(.defect, "A checked field is missing.") }
    self.role = role
    self.reason = parsed
  }
}

extension Elevation {
  /// Refuses what is too short, or too long.
  static func term(_ minutes: Int, _ field: String, _ checker: inout FieldChecker) -> Duration {
    let (least, most) = (5, 30 * 24 * 60)
    guard (least...most).contains(minutes) else {
      checker.reject(field, "Ask for 5 minutes to 30 days.")
      return terms.lowerBound
    }
    return .minutes(minutes)
  }
}

extension Duration {
  /// `90 minutes`, `8 hours`, `3 days`.
  var inWords: String {
    let minutes = Int(components.seconds / 60)
    if minutes % 1440 == 0 { return minutes == 1440 ? "a day" : "\(minutes / 1440) days" }
    if minutes % 60 == 0 { return minutes == 60 ? "an hour" : "\(minutes / 60) hours" }
    return "\(minutes) minutes"
  }
}

extension Target {
  init(_ elevation: Elevation) { self.init("elevation", elevation.id.description, named: elevation.name.text) }
}
