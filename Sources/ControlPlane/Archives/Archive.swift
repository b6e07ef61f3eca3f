public import Authorization
import Contract
public import Kernel
public import Secrets

/// One organization with everything that is its own, as it is taken along to another installation.
///
/// Ids are kept. Secrets aren't in it: an invitation that waits can be accepted from the inbox or sent again, a service account gets new keys.
public struct Archive: Sendable {
  public let exportedAt: Timestamp
  /// Never a deleted one. Whether it takes requests stands among its settings.
  public let organization: Organization
  /// In the order of the alphabet.
  public let formerSlugs: [Slug]
  public let logo: Image?
  /// What it decided for itself, by name.
  public let settings: [OrganizationSetting]
  /// Everybody the lists name, by id.
  public let people: [ArchivedPerson]
  public let members: [ArchivedMember]
  public let formerMembers: [ArchivedFormerMember]
  public let invitations: [Invitation]
  public let joinRequests: [ArchivedJoinRequest]
  public let serviceAccounts: [ArchivedServiceAccount]
  /// By slug.
  public let teams: [ArchivedTeam]
  /// By slug.
  public let workspaces: [ArchivedWorkspace]
  /// By slug, without what they were before.
  public let policies: [Policy]
  /// What was added to what policies may speak of.
  public let policyAdditions: PolicySchemaDraft?
  /// Everything else, as it is stored: roles, clusters, apps and objects, access, credits, usage and limits.
  public let tables: [ArchivedTable]
  /// The whole log, the oldest first.
  public let events: [Event]
  public let head: EventHead
  /// Checks the signature of the head.
  public let key: VerifyingKey
}

/// Who is named in an archive.
public struct ArchivedPerson: Sendable, Hashable {
  public let id: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  /// The primary address, if it is proven.
  public let email: EmailAddress?
  public let state: Account.State
}

/// A membership in an archive: active, suspended, with an expiry that may be over.
public struct ArchivedMember: Sendable, Hashable {
  public let id: ID<Member>
  public let account: ID<Account>
  public let roles: RoleSet
  public let source: Member.Source
  public let since: Timestamp
  public let expires: Timestamp?
  public let suspended: Timestamp?
  public let revision: Int
}

/// A membership that is over, and can be taken up again.
public struct ArchivedFormerMember: Sendable, Hashable {
  public let id: ID<FormerMember>
  public let account: ID<Account>
  public let roles: RoleSet
  public let source: Member.Source
  public let since: Timestamp
  public let left: Timestamp
  public let reason: FormerMember.Reason
  public let forget: Timestamp
}

/// A request to join, answered or not.
public struct ArchivedJoinRequest: Sendable, Hashable {
  public let id: ID<JoinRequest>
  public let account: ID<Account>
  public let message: Note
  public let state: JoinRequest.State
  public let createdAt: Timestamp
  public let answeredAt: Timestamp?
  public let answeredBy: ID<Account>?
}

/// A service account in an archive, without its keys.
public struct ArchivedServiceAccount: Sendable, Hashable {
  public let id: ID<ServiceAccount>
  public let slug: Slug
  public let name: DisplayName
  public let description: Note
  public let roles: RoleSet
  public let creator: ID<Account>
  public let createdAt: Timestamp
  public let state: ServiceAccount.State
  public let revision: Int
}

/// What an import brought.
public struct ImportedOrganization: Sendable {
  public let organization: Organization
  /// How many people got an account here, and how many had one.
  public let created: Int
  public let matched: Int
  public let events: Int
}

extension Archive {
  /// Refuses what no organization can be, with every place; then a log that was changed, cut, or signed by another key than it says.
  ///
  /// Pass `expected` to take the log from one installation only: whoever has the archive can sign a log of their own making with a key of their own.
  func check(signedBy expected: VerifyingKey?) throws(Problem) {
    var checker = FieldChecker()
    checkPeople(&checker)
    checkMembers(&checker)
    checkWaiting(&checker)
    checkServiceAccounts(&checker)
    checkTeams(&checker)
    checkWorkspaces(&checker)
    checkTables(&checker)
    if Set(settings.map(\.name)).count != settings.count { checker.reject("settings", "A setting stands here twice.") }
    if organization.revision < 1 { checker.reject("organization/revision", "Give a number from 1 on.") }
    try checker.finish()
    try checkLog(signedBy: expected)
  }

  private func checkPeople(_ checker: inout FieldChecker) {
    Self.findRepeats(people.map(\.id), "people", "id", &checker)
    Self.findRepeats(people.map(\.handle.key), "people", "handle", &checker)
    Self.findRepeats(people.map(\.email), "people", "email", &checker)
    let known = Set(people.map(\.id))
    func expect(_ account: ID<Account>?, _ place: @autoclosure () -> String) {
      if let account, !known.contains(account) { checker.reject(place(), "Nobody among the people has this id.") }
    }
    for (place, member) in members.enumerated() { expect(member.account, "members/\(place)/account") }
    for (place, former) in formerMembers.enumerated() { expect(former.account, "former_members/\(place)/account") }
    for (place, invitation) in invitations.enumerated() {
      expect(invitation.inviter, "invitations/\(place)/inviter")
      if case .accepted(let account, _) = invitation.answer { expect(account, "invitations/\(place)/answered_by") }
    }
    for (place, request) in joinRequests.enumerated() {
      expect(request.account, "join_requests/\(place)/account")
      expect(request.answeredBy, "join_requests/\(place)/answered_by")
    }
    for (place, account) in serviceAccounts.enumerated() { expect(account.creator, "service_accounts/\(place)/creator") }
  }

  private func checkMembers(_ checker: inout FieldChecker) {
    Self.findRepeats(members.map(\.id), "members", "id", &checker)
    Self.findRepeats(members.map(\.account), "members", "account", &checker)
    Self.findRepeats(formerMembers.map(\.id), "former_members", "id", &checker)
    Self.findRepeats(formerMembers.map(\.account), "former_members", "account", &checker)
    let present = Set(members.map(\.account))
    for (place, former) in formerMembers.enumerated() where present.contains(former.account) {
      checker.reject("former_members/\(place)/account", "This person is a member.")
    }
    for (place, member) in members.enumerated() where member.revision < 1 { checker.reject("members/\(place)/revision", "Give a number from 1 on.") }
    if organization.memberCount != members.count { checker.reject("organization/member_count", "There are \(members.count) members in the archive.") }
    let active = Set(people.filter { $0.state == .active }.map(\.id))
    if !members.contains(where: { $0.roles.contains(.admin) && $0.suspended == nil && $0.expires == nil && active.contains($0.account) }) {
      checker.reject("members", "Nobody in the archive is a lasting admin: an active one, not suspended, without an expiry.")
    }
  }

  private func checkWaiting(_ checker: inout FieldChecker) {
    Self.findRepeats(invitations.map(\.id), "invitations", "id", &checker)
    Self.findRepeats(invitations.map { $0.answer == nil ? $0.address : nil }, "invitations", "email", &checker)
    for (place, invitation) in invitations.enumerated() {
      if invitation.revision < 1 { checker.reject("invitations/\(place)/revision", "Give a number from 1 on.") }
      if invitation.timesSent < 1 { checker.reject("invitations/\(place)/times_sent", "Give a number from 1 on.") }
    }
    Self.findRepeats(joinRequests.map(\.id), "join_requests", "id", &checker)
    Self.findRepeats(joinRequests.map { $0.state == .pending ? $0.account : nil }, "join_requests", "account", &checker)
    // Who is a member may have a request that waits: an invitation was accepted meanwhile.
    for (place, request) in joinRequests.enumerated() where (request.state == .pending) != (request.answeredAt == nil) {
      checker.reject("join_requests/\(place)/answered_at", "Give it for an answered request, and for no other.")
    }
  }

  private func checkServiceAccounts(_ checker: inout FieldChecker) {
    Self.findRepeats(serviceAccounts.map(\.id), "service_accounts", "id", &checker)
    Self.findRepeats(serviceAccounts.map(\.slug.key), "service_accounts", "slug", &checker)
    for (place, account) in serviceAccounts.enumerated() where account.revision < 1 {
      checker.reject("service_accounts/\(place)/revision", "Give a number from 1 on.")
    }
    if serviceAccounts.count > ServiceAccount.limit { checker.reject("service_accounts", "An organization can have \(ServiceAccount.limit).") }
  }

  static func findRepeats<Value: Hashable>(_ values: [Value?], _ list: String, _ field: String, _ checker: inout FieldChecker) {
    var seen: Set<Value> = []
    for (place, value) in values.enumerated() {
      if let value, !seen.insert(value).inserted { checker.reject("\(list)/\(place)/\(field)", "This stands in the list already.") }
    }
  }

  private func checkLog(signedBy expected: VerifyingKey?) throws(Problem) {
    func broken(_ place: String, _ reason: String) -> Problem { Problem(.brokenArchiveChain, reason, faults: [FieldFault(place, reason)]) }
    let stream = Stream.organization(organization.id)
    if let place = events.firstIndex(where: { $0.stream != stream }) { throw broken("events/\(place)/stream", "This event belongs to another log.") }
    guard head.stream == stream else { throw broken("head/stream", "This is the end of another log.") }
    var verifier = ChainVerifier()
    for event in events { verifier.take(event) }
    verifier.finish(head: head)
    if let fault = verifier.fault { throw broken("events/\(fault.sequence - 1)", fault.reason) }
    guard head.sequence > 0 else { throw broken("events", "The log is empty; every organization has at least the event of its founding.") }
    guard head.isSigned(by: key) else { throw broken("head/signature", "The end of the log isn't signed with the archive's key.") }
    if let expected, expected.text != key.text { throw broken("signing_key", "The log is signed with another key (\(key.id)) than the one you gave.") }
  }
}
