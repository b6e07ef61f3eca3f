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
  }
}
