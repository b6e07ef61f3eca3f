public import Authorization
import Contract
public import Kernel

/// A place in an organization that waits for a person, known by an address.
public struct Invitation: Sendable, Hashable {
  public let id: ID<Invitation>
  public let organization: ID<Organization>
  public let address: EmailAddress
  public private(set) var roles: RoleSet
  public private(set) var message: Note
  public private(set) var inviter: ID<Account>
  public let createdAt: Timestamp
  /// When its present link was made; an older one is dead.
  public private(set) var sentAt: Timestamp
  public private(set) var timesSent: Int
  /// The first instant at which it can't be answered any more.
  public private(set) var expires: Timestamp
  public private(set) var answer: Answer?
  public let revision: Int
  /// Why the mail with the present link didn't go out yet, or never will; `nil` where nothing is known against it.
  public var mailTrouble: String?

  /// What came of it; an invitation without an answer is open until it expires.
  public enum Answer: Sendable, Hashable {
    case accepted(by: ID<Account>, at: Timestamp)
    case declined(at: Timestamp)
    case cancelled(at: Timestamp)
  }

  public enum State: String, Sendable, Hashable, CaseIterable { case pending, accepted, declined, cancelled, expired }

  /// How it stands at that instant: one without an answer is open until its term has run out.
  public func state(at instant: Timestamp) -> State {
    switch answer {
    case .accepted: .accepted
    case .declined: .declined
    case .cancelled: .cancelled
    case nil: instant < expires ? .pending : .expired
    }
  }

  static func drafted(
    _ draft: InvitationDraft, _ settings: SettingsInForce, to organization: ID<Organization>, by inviter: ID<Account>, id: ID<Invitation>, at now: Timestamp
  ) -> Invitation {
    Invitation(
      id: id, organization: organization, address: draft.address, roles: draft.roles(in: settings), message: draft.message, inviter: inviter, createdAt: now,
      sentAt: now, timesSent: 1,
      expires: now + (draft.term ?? settings.invitationTerm), answer: nil, revision: 1)
  }

  // MARK: Transitions; each is a list of refusals, then the new state

  /// A new link and a new term. An expired invitation comes back; an answered one doesn't.
  mutating func renew(with draft: InvitationDraft? = nil, _ settings: SettingsInForce, by inviter: ID<Account>, at now: Timestamp) throws(Problem) {
    guard answer == nil else { throw Problem(.invitationAnswered, "This invitation is \(state(at: now).rawValue); invite the person again.") }
    if let draft { (roles, message) = (draft.roles(in: settings), draft.message) }
    self.inviter = inviter
    sentAt = now
    timesSent += 1
    expires = now + (draft?.term ?? settings.invitationTerm)
  }

  mutating func setRoles(_ roles: RoleSet, at now: Timestamp) throws(Problem) {
    guard answer == nil else { throw Problem(.invitationAnswered, "This invitation is \(state(at: now).rawValue) and can't be changed.") }
    self.roles = roles
  }

  /// Refuses what is answered otherwise already, or too old. Accepting again what the same account accepted is no refusal.
  mutating func accept(by account: ID<Account>, at now: Timestamp) throws(Problem) {
    switch state(at: now) {
    case .pending: answer = .accepted(by: account, at: now)
    case .accepted where isAccepted(by: account): return
    case .accepted: throw Problem(.invitationAnswered, "This invitation was accepted already.")
    case .declined: throw Problem(.invitationAnswered, "This invitation was declined. Ask for a new one if you have changed your mind.")
    case .cancelled: throw Problem(.invitationCancelled, "This invitation was withdrawn. Ask who sent it for a new one.")
    case .expired: throw Problem(.invitationExpired, "This invitation expired on \(instantText(expires)). Ask who sent it for a new one.")
    }
  }

  mutating func decline(at now: Timestamp) throws(Problem) {
    switch state(at: now) {
    case .pending: answer = .declined(at: now)
    case .declined: return
    case .accepted: throw Problem(.invitationAnswered, "This invitation was accepted already; leave the organization instead.")
    case .cancelled: throw Problem(.invitationCancelled, "This invitation was withdrawn.")
    case .expired: throw Problem(.invitationExpired, "This invitation expired on \(instantText(expires)).")
    }
  }

  mutating func cancel(at now: Timestamp) throws(Problem) {
    switch answer {
    case nil: answer = .cancelled(at: now)
    case .cancelled: return
    case .accepted: throw Problem(.invitationAnswered, "This invitation was accepted already; remove the member instead.")
    case .declined: throw Problem(.invitationAnswered, "This invitation was declined already.")
    }
  }

  func isAccepted(by account: ID<Account>) -> Bool {
    if case .accepted(account, _) = answer { true } else { false }
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The invitation was changed since you read it. Read it again, then repeat your change.") }
  }
}

/// What an inviter says.
public struct InvitationDraft: Sendable {
  public let address: EmailAddress
  /// `nil` for the role that the organization gives unless told.
  public let roles: RoleSet?
  public let message: Note
  /// How long it can be answered; `nil` for the organization's term.
  public let term: Duration?

  public static let terms = 1...365

  /// Refuses with all faults at once.
  public init(address: String, roles: [String]?, message: String = "", days: Int? = nil) throws(Problem) {
    var checker = FieldChecker()
    let parsedAddress = checker.check("email") { () throws(Rejection) in try EmailAddress(address) }
    let parsedMessage = checker.check("message") { () throws(Rejection) in try Note(message) }
    if let days, !Self.terms.contains(days) { checker.reject("expires_in_days", "Choose 1 to 365 days.") }
    var parsedRoles: RoleSet?
    if let roles {
      do { parsedRoles = try RoleSet(parsing: roles) } catch { for fault in error.faults { checker.reject(fault.field, fault.detail) } }
    }
    try checker.finish()
    guard let parsedAddress, let parsedMessage else { throw Problem(.defect, "A checked field is missing.") }
    (self.address, self.message, self.roles, term) = (parsedAddress, parsedMessage, parsedRoles, days.map { .days($0) })
  }

  func roles(in settings: SettingsInForce) -> RoleSet { roles ?? RoleSet(settings.defaultRole) }
}

/// An invitation as its inviter gets it: with the link, which is told only now.
public struct SentInvitation: Sendable {
  public let invitation: Invitation
  public let link: String
  /// Whether a mail with the link is on its way.
  public let isMailed: Bool
}

/// An invitation as its invitee sees it.
public struct ReceivedInvitation: Sendable {
  public let invitation: Invitation
  public let organization: Organization
  public let inviterName: DisplayName
  public let state: Invitation.State
}

extension Target {
  init(_ invitation: Invitation) { self.init("invitation", invitation.id.description, named: invitation.address.text) }
}
