import Contract
public import Kernel
public import Secrets

/// A person, known to the whole installation.
public struct Account: Sendable, Hashable {
  public let id: ID<Account>
  public var handle: Slug
  public var name: DisplayName
  /// The primary address; `nil` for who lost it to its owner, and for the deleted.
  public let email: EmailAddress?
  public let isActive: Bool
  public let isSuperUser: Bool
  public let createdAt: Timestamp
  /// Since when it is deleted; what it made stays, under its name.
  public let deletedAt: Timestamp?
  /// The picture beside the name; `nil` for none.
  public let portrait: SHA256Digest?
  public let revision: Int

  public enum State: String, Sendable, Hashable, CaseIterable { case active, deactivated, deleted }

  public var state: State { deletedAt != nil ? .deleted : isActive ? .active : .deactivated }

  static func opened(_ draft: AccountDraft, handle: Slug, isSuperUser: Bool, id: ID<Account>, at now: Timestamp) -> Account {
    Account(
      id: id, handle: handle, name: draft.name, email: draft.address, isActive: true, isSuperUser: isSuperUser, createdAt: now, deletedAt: nil,
      portrait: nil, revision: 1)
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The account was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses what would leave organizations that only this person runs.
  func expectNoOrphans(_ organizations: [Organization], _ doing: String) throws(Problem) {
    guard !organizations.isEmpty else { return }
    let names = organizations.map { "\($0.name) (\($0.slug))" }.joined(separator: ", ")
    throw Problem(.onlyAdmin, "Nobody else is a lasting admin of \(names). Make somebody else an admin there, or delete the organization, before you \(doing) this account.")
  }

  /// What a password may not consist of.
  var words: [String] { [handle.text, name.text] + (email.map { [$0.text] } ?? []) }
}

/// What a person says to get an account.
public struct AccountDraft: Sendable {
  public let address: EmailAddress
  public let name: DisplayName
  /// `nil` to have one made.
  public let handle: Slug?
  public let password: Password
  /// The secret of an invitation's link.
  public let invitation: String?

  /// Refuses with all faults at once.
  public init(email: String, name: String, handle: String?, password: String, invitation: String? = nil) throws(Problem) {
    var checker = FieldChecker()
    let parsedAddress = checker.check("email") { () throws(Rejection) in try EmailAddress(email) }
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    var parsedHandle: Slug?
    if let handle { parsedHandle = checker.check("handle") { () throws(Rejection) in try Slug(handle) } }
    let words = [parsedAddress?.text, parsedName?.text, parsedHandle?.text].compactMap { $0 }
    let parsedPassword = checker.check("password") { () throws(Rejection) in try Password(chosen: password, unlike: words) }
    try checker.finish()
    guard let parsedAddress, let parsedName, let parsedPassword else { throw Problem(.defect, "A checked field is missing.") }
    (address, self.name, self.handle, self.password) = (parsedAddress, parsedName, parsedHandle, parsedPassword)
    self.invitation = invitation
  }

  /// Handles to try, in this order: the one asked for and no other, or what can be made of the name and the address, with numbers, at last with some made of `noise`.
  func handles(_ noise: [UInt8]) -> [Slug] {
    handle.map { [$0] } ?? Self.handles(of: [name.text, String(address.text.prefix { $0 != "@" })], noise)
  }

  /// What can be made of the words, with numbers, at last with some made of `noise`.
  static func handles(of words: [String], _ noise: [UInt8]) -> [Slug] {
    let numbers = ["", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "-\(Hex.encode(noise))"]
    let bases = words.compactMap { Slug.proposed(for: $0)?.text } + ["person"]
    return bases.flatMap { base in
      numbers.compactMap { number in try? Slug(base.prefix(32 - number.utf8.count).trimmingJoints() + number) }
    }
  }
}

/// What is to be changed of an account; `nil` leaves as is.
public struct AccountUpdate: Sendable {
  public var name: String?
  public var handle: String?

  public init(name: String? = nil, handle: String? = nil) {
    self.name = name
    self.handle = handle
  }

  /// The account after the update; refuses with all faults at once.
  func applied(to account: Account) throws(Problem) -> Account {
    var result = account
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    // The handle it has stays acceptable, whatever words were reserved since.
    if let handle, handle != account.handle.text, let parsed = checker.check("handle", { () throws(Rejection) in try Slug(handle) }) { result.handle = parsed }
    try checker.finish()
    return result
  }
}

/// What goes with an account when its owner deletes it, and what keeps it from going.
public struct AccountDeparture: Sendable, Hashable {
  public let account: Account
  public let memberships: Int
  /// Those that nobody revoked.
  public let tokens: Int
  /// The organizations that nobody else runs.
  public let orphans: [Organization]
  /// Whether the installation has no other operator.
  public let isLastOperator: Bool
  /// By the sign-in alone; what keeps it from going stands above.
  public let availability: Availability
}

/// Which accounts a list shows.
public struct AccountFilter: Sendable, Hashable {
  /// Part of a name, a handle or an address.
  public var search: String?
  public var state: Account.State?

  public init(search: String? = nil, state: Account.State? = nil) {
    self.search = search
    self.state = state
  }
}

extension Target {
  init(_ account: Account) { self.init("account", account.id.description, named: account.name.text) }
}

extension Substring {
  fileprivate func trimmingJoints() -> String {
    var rest = self
    while rest.last == "-" || rest.last == "_" { rest.removeLast() }
    return String(rest)
  }
}
