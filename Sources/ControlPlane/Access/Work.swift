import Authorization
import Contract
public import Kernel
public import Storage

/// One unit of work: a transaction, and the caller it is done for. Everything a use case reads, decides, writes and records goes through it.
public final class Work {
  public let tx: any Transaction
  public let caller: Caller
  let plane: ControlPlane
  private(set) var woken: Set<String> = []
  private var loadedActor: Actor?
  private var loadedCredential: Caller.Credential?
  /// The workspace at which the caller signs in, for whom tokens for that alone hold as well.
  var visited: ID<Workspace>?
  /// Until something is recorded, which may change them; `nil` from then on.
  private var loadedFacts: [ID<Organization>: OrganizationFacts]? = [:]
  /// What was permitted last, and where.
  private var granted: (action: String, organization: Organization)?

  init(_ tx: any Transaction, caller: Caller, plane: ControlPlane) {
    self.tx = tx
    self.caller = caller
    self.plane = plane
  }

  var settings: Settings { plane.settings }

  public var now: Timestamp { tx.now }

  /// Lets a job run as soon as this work is committed.
  func wake<J: Job>(_: J.Type) { woken.insert(J.name) }

  /// Who the caller is, as this transaction sees it. Refuses as `unauthenticated` when a credential was given and doesn't hold.
  func actor() throws(Problem) -> Actor {
    if let loadedActor { return loadedActor }
    let actor: Actor
    switch try credential() {
    case .none: actor = .anonymous
    case .system(let job): actor = .system(job)
    case .session(let digest): actor = try .person(expectHeld(actors.holder(ofSession: digest, at: now)))
    case .token(let digest): actor = try .person(expectHeld(actors.holder(ofToken: digest, at: now)))
    case .key(let digest): actor = try .machine(expectHeld(actors.holder(ofKey: digest, at: now)))
    case .workspaceKey, .derived:
      throw Problem(.invalidCredential, "This is for a workspace's server, which signs in and reports with it; it opens nothing else.")
    }
    loadedActor = actor
    return actor
  }

  /// What the caller brought; of a token that was derived from a credential, that credential. Refuses one that doesn't hold, and one for another purpose.
  func credential() throws(Problem) -> Caller.Credential {
    if let loadedCredential { return loadedCredential }
    var credential = caller.credential
    if case .derived(let digest) = credential {
      let derived = try expectHeld(derivedTokens.find(digest, at: now))
      guard derived.workspace == nil || derived.workspace == visited else {
        throw Problem(.invalidCredential, "This token is for signing in at one workspace, and opens nothing else.")
      }
      credential = derived.source.credential
    }
    loadedCredential = credential
    return credential
  }

  private func expectHeld<Holder>(_ holder: Holder?) throws(Problem) -> Holder {
    guard let holder else { throw Problem(.invalidCredential, "This sign-in or token is not valid any more. Sign in again, or make a new token.") }
    return holder
  }

  /// The signed-in person; refuses as `unauthenticated` where there is none, and as `forbidden` what a service account asks.
  func person() throws(Problem) -> Person {
    switch try actor() {
    case .anonymous, .system: throw Denial.signedOut.problem(doing: "this")
    case .machine: throw Denial.peopleOnly.problem(doing: "this")
    case .person(let person):
      guard person.isActive else { throw Denial.inactiveAccount.problem(doing: "this") }
      return person
    }
  }

  // MARK: Permits

  /// The organization that `reference` names, by id or by slug, and the proof that the caller may do this to it.
  ///
  /// Refuses as `missing` whatever the caller may not know of, and as `moved` when the slug is an old one.
  func permit<A: OrganizationAction>(_ action: A.Type, in reference: String) throws(Problem) -> (Organization, Permit<A>) {
    let actor = try actor()
    guard let organization = try organizations.find(reference) else {
      if case .anonymous = actor { throw Denial.signedOut.problem(doing: A.name) }
      throw Denial.notAMember.problem(doing: A.name)
    }
    let permit = try permit(action, on: organization)
    try organization.expectPresentName(reference)
    return (organization, permit)
  }

  func permit<A: OrganizationAction>(_ action: A.Type, on organization: Organization) throws(Problem) -> Permit<A> {
    let actor = try actor()
    let facts = try facts(of: organization, for: actor)
    do {
      let permit = try Engine(at: now).permit(action, by: actor.principal, in: facts)
      granted = (A.name, organization)
      return permit
    } catch {
      let stream: Stream? = error.denial.leavesEvent ? .organization(organization.id) : nil
      throw refusal(error.denial, of: A.name, in: stream, target: Target(organization))
    }
  }

  /// The team that `team` names, by id or by slug, in the organization that `reference` names, and the proof that the caller may do this with it, by role or by
  /// their place in it.
  ///
  /// Who may not do it by role isn't told whether there is such a team.
  func permit<A: TeamAction>(_ action: A.Type, on team: String, in reference: String) throws(Problem) -> (Organization, Team, Permit<A>) {
    let organization = try permit(ListTeams.self, in: reference).0
    let (found, actor) = (try teams.find(team, in: organization.id), try actor())
    let seat = try found.flatMap { team throws(Problem) in try teams.seat(of: actor, in: team) }
    let facts = try facts(of: organization, for: actor)
    let permit: Permit<A>
    do {
      permit = try Engine(at: now).permit(action, by: actor.principal, in: facts, seated: seat)
      granted = (A.name, organization)
    } catch {
      let target = found.map { Target($0) } ?? Target(organization)
      throw refusal(error.denial, of: A.name, in: error.denial.leavesEvent ? .organization(organization.id) : nil, target: target)
    }
    guard let found else { throw Problem(.missing, "There is no such team here.") }
    return (organization, found, permit)
  }

  /// The proof that the caller may do this with a resource of the organization. `isSeen`: they were found to be allowed to read it, or what it is in.
  func permit<A: ResourceAction>(
    _ action: A.Type, on facts: ResourceFacts, isSeen: Bool = false, in organization: Organization, target: Target
  ) throws(Problem) -> Permit<A> {
    let actor = try actor()
    do {
      let permit = try Engine(at: now).permit(action, by: actor.principal, on: facts)
      granted = (A.name, organization)
      return permit
    } catch {
      let denial = isSeen && !A.right.verb.isReading ? error.denial.told(toReaderOf: facts, asking: A.right) : error.denial
      let named = try namingPolicies(denial, in: organization)
      throw refusal(named, of: A.name, in: denial.leavesEvent ? .organization(organization.id) : nil, target: target)
    }
  }

  /// The same with what people call the policies that forbid.
  func namingPolicies(_ denial: Denial, in organization: Organization) throws(Problem) -> Denial {
    guard case .forbiddenByPolicy(let ids) = denial else { return denial }
    let names = try policies.names(of: Set(ids), in: organization.id)
    return .forbiddenByPolicy(ids.map { names[$0]?.name ?? $0 })
  }

  /// `organization`: the one that it concerns, whose log holds what its rules refuse.
  func permit<A: AccountAction>(_ action: A.Type, on owner: ID<Account>, in organization: Organization? = nil) throws(Problem) -> Permit<A> {
    let principal = try actor().principal
    do {
      let permit = try Engine(at: now).permit(action, by: principal, on: owner.description)
      granted = organization.map { (A.name, $0) }
      return permit
    } catch {
      throw refusal(error.denial, of: A.name, in: nil, target: nil)
    }
  }

  func permit<A: InstallationAction>(_ action: A.Type) throws(Problem) -> Permit<A> {
    let principal = try actor().principal
    do { return try Engine(at: now).permit(action, by: principal) } catch { throw refusal(error.denial, of: A.name, in: nil, target: nil) }
  }

  /// For who brought the right secret; the caller of this function has checked it.
  func permit<A: SecretAction>(_ action: A.Type, byProofOf person: Person?) -> Permit<A> {
    Engine(at: now).permit(action, byProofOf: person.map { Actor.person($0).principal } ?? .anonymous)
  }

  /// What the caller may do in the organization as it stands, for pages to show what can be done.
  func permissions(in organization: Organization) throws(Problem) -> Set<Permission> {
    let actor = try actor()
    return Engine(at: now).permissionsInForce(of: actor.principal, in: try facts(of: organization, for: actor))
  }

  /// Whether the caller may do this now, by the same decision that the act itself will ask for.
  func availability<A: OrganizationAction>(of action: A.Type, in organization: Organization) throws(Problem) -> Availability {
    let actor = try actor()
    switch Engine(at: now).decide(action, by: actor.principal, in: try facts(of: organization, for: actor)) {
    case .allowed: return .possible
    case .denied(.staleSignIn): return .afterPassword
    case .denied: return .impossible
    }
  }

  /// The same for a team, in which the caller has this place, or none.
  func isPossible<A: TeamAction>(_ action: A.Type, in organization: Organization, seated seat: TeamSeat?) throws(Problem) -> Bool {
    let actor = try actor()
    return switch Engine(at: now).decide(action, by: actor.principal, in: try facts(of: organization, for: actor), seated: seat) {
    case .allowed: true
    case .denied: false
    }
  }

  func availability<A: AccountAction>(of action: A.Type, on owner: ID<Account>) throws(Problem) -> Availability {
    switch Engine(at: now).decide(action, by: try actor().principal, on: owner.description) {
    case .allowed: .possible
    case .denied(.staleSignIn): .afterPassword
    case .denied: .impossible
    }
  }

  /// The caller's own membership, whatever state it is in. Refuses as `missing` what one doesn't belong to.
  func ownMembership(in reference: String) throws(Problem) -> (Organization, Member) {
    let person = try person()
    guard let organization = try organizations.find(reference), organization.state.kind != .deleted, let member = try members.of(person.id, in: organization.id) else {
      throw Denial.notAMember.problem(doing: "this")
    }
    try organization.expectPresentName(reference)
    return (organization, member)
  }

  /// What a decision looks at of the organization, for the caller.
  func facts(of organization: Organization) throws(Problem) -> OrganizationFacts { try facts(of: organization, for: actor()) }

  private func facts(of organization: Organization, for actor: Actor) throws(Problem) -> OrganizationFacts {
    if let loaded = loadedFacts?[organization.id] { return loaded }
    var membership: MembershipFacts?
    var grants: [GrantFacts] = []
    // What is held beside the membership takes a statement of its own only where there is something.
    switch actor {
    case .person(let person):
      if let found = try members.facts(of: person.id, in: organization.id) {
        membership = found.membership
        if found.holdsMore { grants = try organizationGrants.held(byMember: person.id, in: organization.id) }
      }
    case .machine(let machine):
      if machine.holdsMore, machine.organization == organization.id { grants = try organizationGrants.held(byServiceAccount: machine.id) }
    case .anonymous, .system: break
    }
    let facts = OrganizationFacts(id: organization.id.description, state: organization.state.kind, membership: membership, grants: grants)
    loadedFacts?[organization.id] = facts
    return facts
  }

  /// Decisions from now on look at what is stored again.
  func forgetFacts() { loadedFacts = nil }

  /// A refusal by a rule of the organization, which leaves an event as one for lack of a permission does: who reaches above their own rights, or would leave
  /// nobody in charge, had the permission for the kind of thing.
  func noted(_ problem: Problem) -> Problem {
    let isRule = problem.kind == .forbidden || problem.code == .lastAdmin || problem.code == .lastResourceAdmin || problem.code == .policyLockOut
    guard problem.cause == nil, isRule, let granted, let actor = loadedActor, actor.isNamed else {
      return problem
    }
    let attempt = RefusedAttempt(
      action: granted.action, stream: .organization(granted.organization.id), target: Target(granted.organization), actor: EventActor(actor),
      reason: problem.code.name)
    return Problem(problem.code, problem.detail, faults: problem.faults, cause: attempt)
  }

  private func refusal(_ denial: Denial, of action: String, in stream: Stream?, target: Target?) -> Problem {
    let problem = denial.problem(doing: action)
    guard let stream, let target, let actor = loadedActor, actor.isNamed else { return problem }
    return Problem(
      problem.code, problem.detail, cause: RefusedAttempt(action: action, stream: stream, target: target, actor: EventActor(actor), reason: problem.code.name))
  }
}

extension Organization {
  /// Refuses as `moved` when the reference is a former slug.
  fileprivate func expectPresentName(_ reference: String) throws(Problem) {
    guard ID<Organization>(reference) == nil, reference.lowercased() != slug.key else { return }
    throw Problem(.movedOrganization, "This organization is called \(slug) now.", relocation: Relocation(from: reference, to: slug.text))
  }
}
