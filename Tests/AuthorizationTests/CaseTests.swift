import Authorization
import Kernel
import Testing

/// Decisions as a table: each row changes one thing that the row before allowed, so that the rows read as the order in which the rules look.
@Suite struct CaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let principal: Principal
    let organization: OrganizationFacts
    let action: any OrganizationAction.Type
    let expected: Decision

    init(_ text: String, _ principal: Principal, _ organization: OrganizationFacts, _ action: any OrganizationAction.Type, _ expected: Decision) {
      (testDescription, self.principal, self.organization, self.action, self.expected) = (text, principal, organization, action, expected)
    }
  }

  private static func person(active: Bool = true, operator isSuperUser: Bool = false, signedIn: Duration? = .minutes(1), token: TokenFacts? = nil) -> Principal {
    .account(AccountFacts(id: "ada", isActive: active, isSuperUser: isSuperUser, authenticatedAt: signedIn.map { now - $0 }, token: token))
  }

  private static func house(_ state: OrganizationState = .active, _ roles: [OrganizationRole] = [.admin], suspended: Bool = false, expires: Timestamp? = nil) -> OrganizationFacts {
    OrganizationFacts(id: "house", state: state, membership: RoleSet(roles).map { MembershipFacts(roles: $0, isSuspended: suspended, expires: expires) })
  }

  private static func robot(of organization: String = "house", roles: [OrganizationRole] = [.admin]) -> Principal {
    .serviceAccount(ServiceAccountFacts(id: "robot", organization: organization, roles: RoleSet(roles) ?? RoleSet(.guest)))
  }

  private static func token(_ scopes: Set<TokenScope>, of organization: String? = nil) -> TokenFacts { TokenFacts(scopes: scopes, organization: organization) }

  static let cases: [Case] = [
    // Each ground for refusing comes before the next: whoever has all of them is told the first.
    Case("nobody is signed in", .anonymous, house(.deleted, []), DeleteOrganization.self, .denied(.signedOut)),
    Case("the account is deactivated", person(active: false, token: token([], of: "other")), house(.deleted, []), DeleteOrganization.self, .denied(.inactiveAccount)),
    Case("the token is another organization's", person(token: token([], of: "other")), house(.deleted, []), DeleteOrganization.self, .denied(.otherOrganization)),
    Case("no membership", person(token: token([], of: "house")), house(.deleted, []), DeleteOrganization.self, .denied(.notAMember)),
    Case("the organization is deleted", person(), house(.deleted, [.guest], suspended: true, expires: now), DeleteOrganization.self, .denied(.deletedOrganization)),
    Case("a deleted organization is hidden from who can't restore it", person(), house(.deleted, [.manager]), RestoreOrganization.self, .denied(.deletedOrganization)),
    Case("the membership is suspended", person(), house(.suspended, [.guest], suspended: true, expires: now), SuspendOrganization.self, .denied(.suspendedMembership)),
    Case("the membership has expired", person(), house(.suspended, [.guest], expires: now), SuspendOrganization.self, .denied(.expiredMembership)),
    Case(
      "the role lacks it", person(token: token([])), house(.suspended, [.guest], expires: now + .milliseconds(1)), SuspendOrganization.self,
      .denied(.lackingRole(.organizationSuspend, heldBy: [.admin]))),
    Case("the organization is suspended", person(signedIn: nil, token: token([])), house(.suspended), TransferOrganization.self, .denied(.suspendedOrganization)),
    Case("the token doesn't cover it", person(signedIn: nil, token: token([.write])), house(), TransferOrganization.self, .denied(.tokenScope(needed: [.admin]))),
    Case("a token is never fresh", person(signedIn: nil, token: token([.admin])), house(), TransferOrganization.self, .denied(.staleSignIn)),
    Case("a token may be made for what can't be undone", person(signedIn: nil, token: token([.admin, .irreversible])), house(), TransferOrganization.self, .allowed(by: [.role(.admin)])),
    Case("which is nothing by itself", person(signedIn: nil, token: token([.irreversible])), house(), TransferOrganization.self, .denied(.tokenScope(needed: [.admin]))),
    Case("the sign-in is too old", person(signedIn: .minutes(15) + .milliseconds(1)), house(), TransferOrganization.self, .denied(.staleSignIn)),
    Case("the sign-in is just fresh enough", person(signedIn: .minutes(15)), house(), TransferOrganization.self, .allowed(by: [.role(.admin)])),

    // Memberships.
    Case("a membership ends at its instant", person(), house(.active, [.admin], expires: now), ReadOrganization.self, .denied(.expiredMembership)),
    Case("and holds until then", person(), house(.active, [.admin], expires: now + .milliseconds(1)), ReadOrganization.self, .allowed(by: [.role(.admin)])),
    Case("roles add up", person(), house(.active, [.billing, .infrastructure]), ListMembers.self, .allowed(by: [.role(.infrastructure)])),
    Case("each role that allows is named", person(), house(.active, [.member, .viewer, .billing]), ListMembers.self, .allowed(by: [.role(.viewer), .role(.member)])),
    Case("billing sees no members", person(), house(.active, [.billing]), ListMembers.self, .denied(.lackingRole(.memberList, heldBy: [.admin, .manager, .infrastructure, .contributor, .viewer, .member]))),
    Case("a manager invites", person(), house(.active, [.manager]), InviteMember.self, .allowed(by: [.role(.manager)])),
    Case("a contributor doesn't", person(), house(.active, [.contributor]), InviteMember.self, .denied(.lackingRole(.invitationManage, heldBy: [.admin, .manager]))),

    // States of the organization.
    Case("a suspended organization can be read", person(), house(.suspended, [.guest]), ReadOrganization.self, .allowed(by: [.role(.guest)])),
    Case("and resumed", person(), house(.suspended), ResumeOrganization.self, .allowed(by: [.role(.admin)])),
    Case("and deleted", person(), house(.suspended), DeleteOrganization.self, .allowed(by: [.role(.admin)])),
    Case("but takes nobody in", person(), house(.suspended), InviteMember.self, .denied(.suspendedOrganization)),
    Case("a deleted organization can be restored", person(), house(.deleted), RestoreOrganization.self, .allowed(by: [.role(.admin)])),
    Case("and is hidden otherwise", person(), house(.deleted), ReadOrganization.self, .denied(.deletedOrganization)),

    // Operators.
    Case("an operator needs no membership", person(operator: true), house(.active, []), AddMember.self, .allowed(by: [.superUser])),
    Case("their own role is named where it allows", person(operator: true), house(.active, [.guest]), ReadOrganization.self, .allowed(by: [.role(.guest)])),
    Case("an operator restores", person(operator: true), house(.deleted, []), RestoreOrganization.self, .allowed(by: [.superUser])),
    Case("a deleted organization is gone for operators too", person(operator: true), house(.deleted, []), ReadOrganization.self, .denied(.deletedOrganization)),
    Case("an operator respects a suspension", person(operator: true), house(.suspended, []), UpdateOrganization.self, .denied(.suspendedOrganization)),
    Case("an operator's token has its scopes", person(operator: true, token: token([.read])), house(.active, []), UpdateOrganization.self, .denied(.tokenScope(needed: [.write, .admin]))),
    Case("an operator's token can be bound", person(operator: true, token: token([.admin], of: "other")), house(), ReadOrganization.self, .denied(.otherOrganization)),
    Case("a deactivated operator is nobody", person(active: false, operator: true), house(), ReadOrganization.self, .denied(.inactiveAccount)),

    // Tokens.
    Case("a read token reads", person(token: token([.read])), house(), ListEvents.self, .allowed(by: [.role(.admin)])),
    Case("a write token reads", person(token: token([.write])), house(), ListEvents.self, .allowed(by: [.role(.admin)])),
    Case("a write token invites", person(token: token([.write])), house(), InviteMember.self, .allowed(by: [.role(.admin)])),
    Case("a write token changes no roles", person(token: token([.write])), house(), UpdateMember.self, .denied(.tokenScope(needed: [.admin]))),
    Case(
      "an account token does nothing here", person(token: token([.account])), house(), ReadOrganization.self,
      .denied(.tokenScope(needed: [.read, .write, .admin, .decisions]))),
    Case("a token for decisions follows", person(token: token([.decisions])), house(), FollowAccess.self, .allowed(by: [.role(.admin)])),
    Case("and does nothing else", person(token: token([.decisions])), house(), ListMembers.self, .denied(.tokenScope(needed: [.read, .write, .admin]))),
    Case("which a reading one doesn't", person(token: token([.read, .write])), house(), FollowAccess.self, .denied(.tokenScope(needed: [.admin, .decisions]))),
    Case("a bound token works in its organization", person(token: token([.read], of: "house")), house(), ReadOrganization.self, .allowed(by: [.role(.admin)])),

    // Service accounts.
    Case("another organization's service account learns nothing", robot(of: "other"), house(.deleted), InviteMember.self, .denied(.otherOrganization)),
    Case("nor does that of a deleted one", robot(), house(.deleted), RestoreOrganization.self, .denied(.deletedOrganization)),
    Case("while its organization is suspended, it doesn't even read", robot(), house(.suspended), ReadOrganization.self, .denied(.haltedServiceAccount)),
    Case("its role lacks it", robot(roles: [.manager]), house(), ListEvents.self, .denied(.lackingRole(.eventList, heldBy: [.admin]))),
    Case("what its role allows may be left to people", robot(roles: [.manager]), house(), InviteMember.self, .denied(.peopleOnly)),
    Case("it makes no keys, whatever its role", robot(), house(), CreateServiceAccountKey.self, .denied(.peopleOnly)),
    Case("it never ends an organization", robot(), house(), DeleteOrganization.self, .denied(.peopleOnly)),
    Case("all else its roles allow", robot(roles: [.viewer, .member]), house(), ListMembers.self, .allowed(by: [.role(.viewer), .role(.member)])),
    Case("without a membership", robot(), house(.active, []), UpdateMember.self, .allowed(by: [.role(.admin)])),

    // Jobs of ours.
    Case("a job may", .system("purge"), house(.deleted, []), PurgeOrganization.self, .allowed(by: [.system("purge")])),
  ]

  @Test(arguments: cases)
  func `Within an organization`(row: Case) { #expect(row.action.decision(by: row.principal, in: row.organization) == row.expected) }

  @Test func `Every ground for refusing within an organization stands in the table`() {
    let kinds = Set(Self.cases.compactMap { $0.expected.denial }.map { "\($0)".prefix { $0 != "(" } })
    #expect(
      kinds == [
        "signedOut", "inactiveAccount", "otherOrganization", "notAMember", "deletedOrganization", "suspendedMembership", "expiredMembership", "lackingRole",
        "suspendedOrganization", "tokenScope", "staleSignIn", "peopleOnly", "haltedServiceAccount",
      ])
  }

  static let accountCases: [(text: String, principal: Principal, action: any AccountAction.Type, owner: String, expected: Decision)] = [
    ("nobody is signed in", .anonymous, ReadAccount.self, "ada", .denied(.signedOut)),
    ("the account is deactivated", person(active: false, operator: true), ReadAccount.self, "ada", .denied(.inactiveAccount)),
    ("the token has another scope", person(token: token([.admin, .write, .read])), DeactivateAccount.self, "bob", .denied(.tokenScope(needed: [.account]))),
    ("a token that is bound to an organization is no key to the account", person(token: token([.account], of: "house")), ReadAccount.self, "ada", .denied(.tokenScope(needed: [.account]))),
    ("operators only, even for one's own", person(), DeactivateAccount.self, "ada", .denied(.operatorsOnly)),
    ("somebody else's", person(signedIn: nil), DeleteAccount.self, "bob", .denied(.notYours)),
    ("too old a sign-in", person(signedIn: .hours(1)), DeleteAccount.self, "ada", .denied(.staleSignIn)),
    ("one's own", person(), DeleteAccount.self, "ada", .allowed(by: [.own])),
    ("an operator for others", person(operator: true), UpdateAccount.self, "bob", .allowed(by: [.superUser])),
    ("an operator for themselves", person(operator: true), UpdateAccount.self, "ada", .allowed(by: [.own])),
    ("an operator deactivates", person(operator: true, signedIn: .days(1)), DeactivateAccount.self, "bob", .allowed(by: [.superUser])),
    ("an operator who signed in long ago ends nobody's account", person(operator: true, signedIn: .days(1)), RemoveAccount.self, "bob", .denied(.staleSignIn)),
    ("one who just did", person(operator: true), RemoveAccount.self, "bob", .allowed(by: [.superUser])),
    ("nobody else ends it", person(), RemoveAccount.self, "ada", .denied(.operatorsOnly)),
    ("an account token", person(token: token([.account])), UpdateAccount.self, "ada", .allowed(by: [.own])),
    ("a service account", robot(), ReadAccount.self, "robot", .denied(.peopleOnly)),
    ("a job", .system("sweep"), DeleteAccount.self, "ada", .allowed(by: [.system("sweep")])),
  ]

  @Test(arguments: accountCases.indices)
  func `With an account`(row: Int) {
    let (text, principal, action, owner, expected) = Self.accountCases[row]
    check(action.decision(by: principal, on: owner) == expected, text)
  }

  static let installationCases: [(text: String, principal: Principal, expected: Decision)] = [
    ("nobody is signed in", .anonymous, .denied(.signedOut)),
    ("the account is deactivated", person(active: false, operator: true), .denied(.inactiveAccount)),
    ("no operator", person(token: token([])), .denied(.operatorsOnly)),
    ("a token that is bound to an organization speaks for no operator", person(operator: true, token: token([.admin], of: "house")), .denied(.operatorsOnly)),
    ("too narrow a token", person(operator: true, token: token([.read, .write, .account])), .denied(.tokenScope(needed: [.admin]))),
    ("an operator", person(operator: true), .allowed(by: [.superUser])),
    ("an operator's wide token", person(operator: true, token: token([.admin])), .allowed(by: [.superUser])),
    ("a service account", robot(), .denied(.peopleOnly)),
    ("a job", .system("sweep"), .allowed(by: [.system("sweep")])),
  ]

  @Test(arguments: installationCases.indices)
  func `With the installation`(row: Int) {
    let (text, principal, expected) = Self.installationCases[row]
    for action in installationActions { check(action.decision(by: principal) == expected, text) }
  }

  // MARK: How denials are told

  static let told: [(denial: Denial, code: Problem.Code, isVisible: Bool)] = [
    (.signedOut, .signedOut, true), (.inactiveAccount, .signedOut, true), (.otherOrganization, .missing, false), (.deletedOrganization, .missing, false),
    (.notAMember, .missing, false), (.suspendedMembership, .suspendedMembership, true), (.expiredMembership, .expiredMembership, true),
    (.suspendedOrganization, .suspendedOrganization, true), (.tokenScope(needed: [.read]), .tokenScope, true), (.lackingRole(.memberAdd, heldBy: [.admin]), .forbidden, true),
    (.peopleOnly, .forbidden, true), (.haltedServiceAccount, .suspendedOrganization, true), (.operatorsOnly, .forbidden, true), (.notYours, .missing, false), (.staleSignIn, .staleSignIn, true),
  ]

  @Test(arguments: told.indices)
  func `Each denial has its problem, and what may not be known of is missing`(row: Int) {
    let (denial, code, isVisible) = Self.told[row]
    let problem = denial.problem(doing: "member.add")
    #expect(problem.code == code)
    #expect(denial.isVisible == isVisible)
    #expect((problem.kind == .missing) == !isVisible)
    #expect(problem.detail.hasSuffix("."))
  }

  @Test func `All that can't be known of sounds the same`() {
    let details = [Denial.otherOrganization, .deletedOrganization, .notAMember].map { $0.problem(doing: "x").detail }
    #expect(Set(details).count == 1)
  }
}
