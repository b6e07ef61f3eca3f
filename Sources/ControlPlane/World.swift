public import Authorization
public import Kernel
public import Logging
public import Secrets

/// Everything impure that the core may reach for; the composition root fills it, a simulation fills it otherwise.
public struct World: Sendable {
  public var clock: @Sendable () -> Timestamp
  /// Random numbers: the system's secure generator, or a seed's.
  public var draw: @Sendable () -> UInt64
  public var passwords: PasswordHasher
  /// `nil` where no mail server is configured: pages and answers then show the links that mails would carry.
  public var mailer: (any Mailer)?
  public var keys: KeyRing
  public var log: Logger

  public init(
    clock: @escaping @Sendable () -> Timestamp, draw: @escaping @Sendable () -> UInt64, passwords: PasswordHasher, mailer: (any Mailer)?, keys: KeyRing, log: Logger
  ) {
    self.clock = clock
    self.draw = draw
    self.passwords = passwords
    self.mailer = mailer
    self.keys = keys
    self.log = log
  }

  /// What one unit of work may know; drivers ask for a new one each time they run a body.
  public func moment() -> Moment { Moment(now: clock(), draw: draw) }
}

/// What an operator sets once, before the start.
public struct Settings: Sendable {
  /// Where people reach the console, without a slash at the end: links in mails begin with it.
  public var publicURL: String
  /// Shows outgoing mail on a page, and component examples under `/design`.
  public var isDemonstration: Bool
  /// How long an invitation can be answered, where the organization doesn't say otherwise; whole days.
  public var invitationTerm: Duration
  /// The role of an invitation that names none, where the organization doesn't say otherwise.
  public var defaultRole: OrganizationRole
  /// Whether people may ask to join, where the organization doesn't say otherwise.
  public var joinRequests: Bool
  /// How long a session lasts, and how long it may lie idle.
  public var sessionTerm: Duration
  public var sessionIdleTerm: Duration
  /// How long a deleted organization can be restored.
  public var deletionGrace: Duration
  /// How long a former member can be reinstated, where the organization doesn't say otherwise; whole days.
  public var reinstatementTerm: Duration
  /// How long after the end of a month what was used in it is still taken.
  public var lateUsage: Duration
  /// Where other platforms' clients find the interfaces that they know.
  public var paths: GatewayPaths

  public init(publicURL: String, isDemonstration: Bool = false) {
    self.publicURL = publicURL
    self.isDemonstration = isDemonstration
    invitationTerm = .days(14)
    defaultRole = .member
    joinRequests = false
    sessionTerm = .days(30)
    sessionIdleTerm = .days(7)
    deletionGrace = .days(30)
    reinstatementTerm = .days(90)
    lateUsage = .days(10)
    paths = GatewayPaths()
  }
}

/// The paths at which other platforms' clients find the interfaces that they know, each without a slash at the end.
public struct GatewayPaths: Sendable, Hashable {
  /// What ZenML's clients are given as the address of the platform, after the public address.
  public var zenML = "/zenml/api/v1"
  /// What Apolo's clients log in to.
  public var apolo = "/apolo/api/v1"
  /// Apolo's administration, to which its clients are led.
  public var apoloAdmin = "/apolo/apis/admin/v1"

  public init() {}

  var all: [String] { [zenML, apolo, apoloAdmin] }

  /// What keeps one from being used, by its place in the order above: that it is no path, that the console or the API has it, or that it lies within another.
  public var fault: (number: Int, reason: String)? {
    for (number, path) in all.enumerated() {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      let isWritten = path.hasPrefix("/") && path.utf8.count <= 100 && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
          default: false
          }
        }
      }
      guard isWritten, parts.allSatisfy({ $0 != "." && $0 != ".." }) else { return (number, "must be a path in small letters, such as /zenml/api/v1") }
      guard let first = parts.first, (try? Slug(String(first))) == nil else {
        return (number, "begins with a word that an organization could be called; begin with /zenml, /apolo or /apis")
      }
      guard !path.hasPrefix("/api/v1") else { return (number, "is where this server has its own addresses") }
    }
    for (number, path) in all.enumerated() {
      for (place, other) in all.enumerated() where number != place && (other == path || other.hasPrefix(path + "/")) {
        return (place, "lies within \(path); they must stand apart")
      }
    }
    return nil
  }
}
