public import Authorization
import Contract
public import Kernel

/// Somebody who isn't a member of an organization and has a role on one of its apps, or is invited to have one.
public struct Collaborator: Sendable, Hashable {
  public let id: ID<Collaborator>
  public let organization: ID<Organization>
  public let app: AppLabel
  /// From the acceptance on, or from the start of who was invited by handle.
  public internal(set) var person: Known?
  /// Where it was sent; `nil` for who was invited by handle.
  public let address: EmailAddress?
  public internal(set) var role: GrantedRole
  /// From then on it counts for nothing; `nil` where it has no end.
  public internal(set) var expires: Timestamp?
  public internal(set) var message: Note
  public internal(set) var inviter: Inviter
  public let createdAt: Timestamp
  /// When its present link was made; an older one is dead.
  public internal(set) var sentAt: Timestamp
  public internal(set) var answer: Answer
  public let revision: Int

  /// How many an app may have, and how many an organization, invited ones included.
  static let limit = 1_000
  static let organizationLimit = 10_000

  /// What an app is called.
  public struct AppLabel: Sendable, Hashable {
    public let id: ID<App>
    public let slug: Slug
    public let name: DisplayName
  }

  /// A person with an account.
  public struct Known: Sendable, Hashable {
    public let account: ID<Account>
    public let handle: Slug
    public let name: DisplayName
  }

  /// Who invited, as they were called then.
  public struct Inviter: Sendable, Hashable {
    public let account: ID<Account>
    public let name: String
  }

  public enum Answer: Sendable, Hashable {
    /// None yet; the first instant at which none is taken any more.
    case awaited(until: Timestamp)
    case accepted(at: Timestamp)
  }

  public enum State: String, Sendable, Hashable, CaseIterable { case invited, expired, active, ended }

  /// How it stands at that instant.
  public func state(at instant: Timestamp) -> State {
    switch answer {
    case .awaited(let end): instant < end ? .invited : .expired
    case .accepted: expires.map { instant < $0 } ?? true ? .active : .ended
    }
  }

  /// What lists show: the person's name, or the address.
  public var name: String { person?.name.text ?? address?.text ?? "" }

  /// How the log tells of it.
  var logged: String { "\(called): \(role.name)\(expires.map { " until \($0)" } ?? "")" }

  /// The person with their handle, or the address.
  var called: String { person.map { "\($0.name) (\($0.handle))" } ?? name }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "This was changed since you read it. Read it again, then repeat your change.") }
  }

  // MARK: Transitions; each is a list of refusals, then the new state

  /// A new link and a new term, also for one whose time had run out.
  mutating func renew(by inviter: Inviter, for term: Duration, at now: Timestamp) throws(Problem) {
    guard case .awaited = answer else { throw Problem(.invitationAnswered, "\(called) has accepted already; there is nothing to send.") }
    (self.inviter, sentAt, answer) = (inviter, now, .awaited(until: now + term))
  }

  mutating func accept(by person: Known, at now: Timestamp) throws(Problem) {
    switch state(at: now) {
    case .active, .ended: throw Problem(.invitationAnswered, "This invitation was accepted already.")
    case .expired: throw Problem(.invitationExpired, "This invitation can't be answered any more. Ask \(inviter.name) for a new one.")
    case .invited:
      if let expires, expires <= now { throw Problem(.invitationExpired, "The access that it gives has ended already. Ask \(inviter.name) for a new one.") }
      (self.person, answer) = (person, .accepted(at: now))
    }
  }
}

/// Whom to invite to an app, as what and until when.
public struct CollaboratorDraft: Sendable {
  /// An address or a handle.
  public let who: Who
  public let role: String
  /// `nil` where the access has no end.
  public let expires: Timestamp?
  public let message: Note
  /// How long it can be answered; `nil` for the organization's term.
  public let term: Duration?

  public enum Who: Sendable, Hashable {
    case address(EmailAddress)
    case handle(String)
  }

  /// Refuses with all faults at once.
  public init(who: String, role: String, expires: Timestamp? = nil, message: String = "", days: Int? = nil) throws(Problem) {
    var checker = FieldChecker()
    let who = who.filter { !$0.isWhitespace }
    var named: Who?
    if who.contains("@") {
      named = checker.check("who") { () throws(Rejection) in .address(try EmailAddress(who)) }
    } else if let key = NameEntry.key(who), !key.isEmpty {
      named = .handle(who)
    } else {
      checker.reject("who", "Name somebody by address or handle.")
    }
    if role.isEmpty { checker.reject("role", "Choose what they may do.") }
    let message = checker.check("message") { () throws(Rejection) in try Note(message) }
    if let days, !InvitationDraft.terms.contains(days) { checker.reject("expires_in_days", "Choose 1 to 365 days.") }
    try checker.finish()
    guard let named, let message else { throw Problem(.defect, "A checked field is missing.") }
    (self.who, self.role, self.expires, self.message, term) = (named, role, expires, message, days.map { .days($0) })
  }
}

/// An invitation to an app with its link, which is told only now.
public struct SentCollaboration: Sendable {
  public let collaborator: Collaborator
  public let link: String
  /// Whether a mail with the link is on its way.
  public let isMailed: Bool
}

/// Access to an app, or an invitation to it, as the person sees it who has it.
public struct Collaboration: Sendable {
  public let collaborator: Collaborator
  public let organization: Organization
  public let state: Collaborator.State
}

/// How somebody names what they were invited to.
public enum CollaborationKey: Sendable {
  /// The secret of the link that was sent.
  case link(String)
  /// One of their own.
  case own(ID<Collaborator>)
}

extension Target {
  init(_ collaborator: Collaborator) { self.init("collaborator", collaborator.id.description, named: collaborator.name) }
}
