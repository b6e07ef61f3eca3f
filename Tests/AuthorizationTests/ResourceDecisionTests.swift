import Authorization
import Cedar
import Kernel
import Testing

private enum ReadModel: ResourceAction {
  static let name = "model.read"
  static let right = Right.Exact(ResourceType("model"), .read)
}
private enum DeleteModel: ResourceAction {
  static let name = "model.delete"
  static let right = Right.Exact(ResourceType("model"), .delete)
}
private enum CreateProject: ResourceAction {
  static let name = "project.create"
  static let right = Right.Exact(.project, .create)
}
private enum DeleteProject: ResourceAction {
  static let name = "project.delete"
  static let right = Right.Exact(.project, .delete)
  static let needsFreshSignIn = true
}

/// Decisions on one resource from the facts of a transaction.
@Suite struct ResourceDecisionTests {
  private let ada = Principal.account(AccountFacts(id: "ada", isActive: true, isSuperUser: false, authenticatedAt: now, token: nil))

  private func facts(
    _ roles: [OrganizationRole], _ grants: [GrantFacts] = [], isOwn: Bool = false, visibility: Visibility = .inherited, state: OrganizationState = .active,
    suspended: Bool = false
  ) -> ResourceFacts {
    let membership = RoleSet(roles).map { MembershipFacts(roles: $0, isSuspended: suspended, expires: nil) }
    let chain = [ResourceLink(ResourceType("model"), id: "m", isOwn: isOwn), ResourceLink(.project, id: "p", visibility: visibility), ResourceLink(.workspace, id: "w")]
    return ResourceFacts(organization: OrganizationFacts(id: "o", state: state, membership: membership), chain: chain, grants: grants)
  }

  private func denial<A: ResourceAction>(_ action: A.Type, _ facts: ResourceFacts, by principal: Principal? = nil) -> Denial? {
    guard case .denied(let denial) = Engine(at: now).decide(action, by: principal ?? ada, on: facts) else { return nil }
    return denial
  }

  @Test func `Roles on what a thing stands in reach it, a team's as well as one's own`() {
    let grant = GrantFacts(.resource(.projectViewer), to: .team("labelers"), on: "p")
    #expect(Engine(at: now).decide(ReadModel.self, by: ada, on: facts([.member], [grant])) == .allowed(by: [.grant(role: "project.viewer", on: "p", through: .team("labelers"))]))
    #expect(denial(DeleteModel.self, facts([.member], [grant]))?.isVisible == true)
    #expect(denial(ReadModel.self, facts([.member])) == .hiddenResource)
    #expect(denial(ReadModel.self, facts([.viewer])) == nil)
  }

  @Test func `A grant ends at its instant, without a job`() {
    func until(_ milliseconds: Int64) -> ResourceFacts {
      facts([.guest], [GrantFacts(.resource(.workspaceViewer), to: .caller, on: "w", expires: now + .milliseconds(milliseconds))])
    }
    #expect(denial(ReadModel.self, until(1)) == nil)
    #expect(denial(ReadModel.self, until(0)) == .hiddenResource)
  }

  @Test func `Who made a thing keeps it as long as a role lets them make things`() {
    let contributor = GrantFacts(.resource(.projectContributor), to: .caller, on: "p")
    #expect(denial(DeleteModel.self, facts([.member], [contributor], isOwn: true)) == nil)
    #expect(denial(DeleteModel.self, facts([.member], [contributor]))?.isVisible == true)
    #expect(denial(DeleteModel.self, facts([.member], isOwn: true)) == .hiddenResource)
  }

  @Test func `Suspended and former members have nothing, outside collaborators have their grants`() {
    let grant = GrantFacts(.resource(.projectAdmin), to: .caller, on: "p")
    #expect(denial(ReadModel.self, facts([.admin], [grant], suspended: true)) == .suspendedMembership)
    #expect(denial(ReadModel.self, facts([], [grant])) == nil)
    #expect(denial(ReadModel.self, facts([])) == .hiddenResource)
  }

  @Test func `What is open is seen by those who take part, what is public by everybody, and changed by nobody for that`() {
    #expect(denial(ReadModel.self, facts([.member], visibility: .organization)) == nil)
    #expect(denial(ReadModel.self, facts([.guest], visibility: .organization)) == .hiddenResource)
    #expect(denial(ReadModel.self, facts([], visibility: .public)) == nil)
    #expect(denial(DeleteModel.self, facts([], visibility: .public))?.isVisible == true)
  }

  @Test func `Making a thing is decided on what it will stand in, and says who could`() throws {
    let workspace = ResourceFacts(
      organization: OrganizationFacts(id: "o", state: .active, membership: MembershipFacts(roles: RoleSet(.member), isSuspended: false, expires: nil)),
      chain: [ResourceLink(.workspace, id: "w")], grants: [GrantFacts(.resource(.workspaceViewer), to: .caller, on: "w")])
    #expect(denial(CreateProject.self, workspace) == nil, "members create projects of their own")
    let refused = try #require(denial(DeleteProject.self, workspace))
    #expect(refused.problem(doing: "project.delete").detail == "This takes the right to delete this project. Who holds `admin` of the workspace or `admin` of the organization has it.")
  }

  @Test func `Who may do something else of its kind, and not read it, isn't told that it is there`() {
    struct Maker { static let grant = GrantFacts(.custom(CustomRole(id: "maker", name: "Maker", scope: .project, rights: [Right(.everything, .create)])), to: .caller, on: "p") }
    #expect(denial(ReadModel.self, facts([.guest], [Maker.grant])) == .hiddenResource)
    #expect(denial(DeleteModel.self, facts([.guest], [Maker.grant]))?.isVisible == true, "the use case asks whether they may read it first")
  }

  @Test func `The state of the organization, the token and the sign-in count here too`() {
    let token = { (scopes: Set<TokenScope>) in
      Principal.account(AccountFacts(id: "ada", isActive: true, isSuperUser: false, authenticatedAt: nil, token: TokenFacts(scopes: scopes, organization: "o")))
    }
    #expect(denial(DeleteModel.self, facts([.admin], state: .suspended)) == .suspendedOrganization)
    #expect(denial(ReadModel.self, facts([.admin], state: .suspended)) == nil)
    #expect(denial(ReadModel.self, facts([.admin], state: .deleted)) == .deletedOrganization)
    #expect(denial(DeleteModel.self, facts([.admin]), by: token([.write])) == nil)
    #expect(denial(DeleteModel.self, facts([.admin]), by: token([.read])) == .tokenScope(needed: [.write, .admin]))
    #expect(denial(DeleteProject.self, facts([.admin]), by: token([.admin])) == .staleSignIn)
    let machine = Principal.serviceAccount(ServiceAccountFacts(id: "robot", organization: "o", roles: RoleSet(.viewer)))
    #expect(denial(ReadModel.self, facts([]), by: machine) == nil)
    #expect(denial(ReadModel.self, facts([], state: .suspended), by: machine) == .haltedServiceAccount)
  }

  @Test func `A permit carries what its holder may give on`() throws {
    let permit = try Engine(at: now).permit(ReadModel.self, by: ada, on: facts([.member], [GrantFacts(.resource(.projectManager), to: .caller, on: "p")]))
    #expect(permit.organization == "o")
    #expect(GrantedRole.resource(.projectDeveloper).beyond(permit.resourceRights).isEmpty)
    #expect(!GrantedRole.resource(.projectAdmin).beyond(permit.resourceRights).isEmpty)
  }
}

extension ResourceDecisionTests {
  @Test func `A policy forbids what roles allow, and says which it was`() throws {
    let policies = try PolicySet(parsing: #"forbid(principal, action == Action::"read", resource is Model) unless { resource.compliance.contains("gdpr") && context.mfa };"#)
    func facts(_ compliance: [String], mfa: Bool) -> ResourceFacts {
      let model = ResourceLink(ResourceType("model"), id: "m", attributes: ["compliance": .set(ValueSet(compliance.map { .string($0) }))])
      let membership = MembershipFacts(roles: RoleSet(.admin), isSuspended: false, expires: nil)
      return ResourceFacts(
        organization: OrganizationFacts(id: "o", state: .active, membership: membership), chain: [model], grants: [], policies: policies, context: ["mfa": .bool(mfa)])
    }
    let ada = Principal.account(AccountFacts(id: "ada", isActive: true, isSuperUser: false, authenticatedAt: now, token: nil))
    #expect(Engine(at: now).decide(ReadModel.self, by: ada, on: facts(["gdpr"], mfa: true)) == .allowed(by: [.role(.admin)]))
    #expect(Engine(at: now).decide(ReadModel.self, by: ada, on: facts(["gdpr"], mfa: false)) == .denied(.forbiddenByPolicy(["policy0"])))
    #expect(Engine(at: now).decide(ReadModel.self, by: ada, on: facts([], mfa: true)) == .denied(.forbiddenByPolicy(["policy0"])))
  }
}
