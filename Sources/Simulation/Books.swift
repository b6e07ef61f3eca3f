/// What the auditor expects to be true: plain values, kept by rules that are written from the specification and not from the code.
///
/// Accounts, organizations, invitations and requests are counted 0, 1, 2 … in the order in which they came to be; `Bindings` tells which ids the product gave them.
struct Books {
  struct Account {
    let person: Int
    let created: Int64
    let handle: String
    var address: String?
    var isProven: Bool
    var isActive = true
    let isOperator: Bool
    var isDeleted = false
    /// The links that prove the address die with this instant, or when the account is cut off.
    var verificationEnds: Int64
  }

  struct Session {
    let account: Int
    let authenticated: Int64
    let ends: Int64
  }

  struct Seat: Equatable {
    var roles: Set<String>
    var isSuspended = false
    var ends: Int64?

    func isInForce(_ now: Int64) -> Bool { !isSuspended && ends.map { now < $0 } ?? true }
  }

  struct Past {
    let roles: Set<String>
    let forgotten: Int64
  }

  struct Invitation {
    let house: Int
    let address: String
    var roles: Set<String>
    var state = "pending"
    var ends: Int64
    var timesSent = 1
    var acceptedBy: Int?
    /// Counts the links: only the one of the latest generation lives.
    var generation = 0
  }

  struct Request {
    let house: Int
    let account: Int
    var state = "pending"
  }

  enum Standing: Equatable {
    case active, suspended
    case deleted(purge: Int64)
    case purged

    var isDeleted: Bool { if case .deleted = self { true } else { false } }
  }

  enum Suspender { case admin, `operator` }

  struct House {
    let name: String
    var slug: String
    var standing = Standing.active
    /// A suspension outlives deletion and restoring; what an operator suspended, operators alone resume.
    var suspension: Suspender?
    var takesRequests = false
    var seats: [Int: Seat] = [:]
    var past: [Int: Past] = [:]
    /// Every event of its chain, in order.
    var story: [Entry] = []
  }

  /// An event: what was done, whether it was allowed, and by which account (`nil` for a job, or for who came by a link).
  struct Entry: Equatable {
    let action: String
    let isAllowed: Bool
    let actor: Int?
  }

  struct RestoreLink {
    let house: Int
    let ends: Int64
    var isUsed = false
  }

  struct MailKey: Hashable {
    let purpose: String
    let recipient: String
  }

  var now: Int64
  var accounts: [Account] = []
  /// By person; a person has one at most.
  /// What somebody had the permission for within the deed that is looked at, as it stands in the chain if a rule refuses it.
  var tried: (house: Int, entry: Entry)?
  var sessions: [Int: Session] = [:]
  var houses: [House] = []
  var invitations: [Invitation] = []
  var requests: [Request] = []
  /// Who has or had each handle or slug, in lower case: `a3`, `h1`.
  var names: [String: String] = [:]
  var restoreLinks: [String: RestoreLink] = [:]
  var mails: [MailKey: Int] = [:]

  init(now: Int64) { self.now = now }

  // MARK: The rules of roles, as the specification tells them

  static let roles = ["admin", "manager", "billing", "infrastructure", "contributor", "viewer", "member", "guest"]

  /// Admins may everything; managers invite, remove, set roles and answer requests; everybody may see that the organization is there.
  static func holds(_ roles: Set<String>, _ permission: String) -> Bool {
    if roles.contains("admin") || permission == "organization.read" { return true }
    return roles.contains("manager") && ["member.update", "member.remove", "invitation.manage", "request.decide"].contains(permission)
  }

  /// Nobody grants what they lack: one's own roles, and, for a manager, the roles that only read or take part.
  static func grants(_ holder: Set<String>, _ roles: Set<String>) -> Bool {
    if holder.contains("admin") { return true }
    let below: Set<String> = holder.contains("manager") ? ["viewer", "member", "guest"] : []
    return roles.isSubset(of: holder.union(below))
  }

  /// Somebody who can be relied on to run the organization.
  func hasLastingAdmin(_ house: Int, without leaver: Int? = nil) -> Bool {
    houses[house].seats.contains { account, seat in
      account != leaver && seat.roles.contains("admin") && !seat.isSuspended && seat.ends == nil && accounts[account].isActive
    }
  }

  func account(of person: Int) -> Int? { accounts.indices.last { accounts[$0].person == person && !accounts[$0].isDeleted } }

  func openInvitation(_ house: Int, _ address: String) -> Int? {
    invitations.indices.first { invitations[$0].house == house && invitations[$0].address == address && invitations[$0].state == "pending" }
  }

  mutating func mail(_ purpose: String, to recipient: String?) {
    if let recipient { mails[MailKey(purpose: purpose, recipient: recipient), default: 0] += 1 }
  }

  mutating func tell(_ house: Int, _ action: String, by actor: Int?) { houses[house].story.append(Entry(action: action, isAllowed: true, actor: actor)) }

  /// Takes a name for an owner; `false` when it is or was somebody else's.
  mutating func claim(_ name: String, for owner: String) -> Bool {
    let key = name.lowercased()
    if let other = names[key], other != owner { return false }
    names[key] = owner
    return true
  }

  mutating func join(_ account: Int, _ house: Int, _ roles: Set<String>) {
    houses[house].seats[account] = Seat(roles: roles)
    houses[house].past[account] = nil
  }

  mutating func depart(_ account: Int, _ house: Int) {
    guard let seat = houses[house].seats.removeValue(forKey: account) else { return }
    houses[house].past[account] = Past(roles: seat.roles, forgotten: now + 90 * Self.day)
  }

  static let minute: Int64 = 60_000
  static let day: Int64 = 86_400_000
}
