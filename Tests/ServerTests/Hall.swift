import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import Secrets
import TestSupport

@testable import Server

/// The product with two people and an organization, all of whose names want to be markup.
final class Hall: Sendable {
  enum Person: CaseIterable, Sendable { case nobody, member, admin }

  /// What everybody and everything is called.
  enum Names: CaseIterable, Sendable {
    case hostile, plain, long, rightToLeft
    /// The founder is by themselves: lists are empty.
    case alone

    var beginning: String {
      switch self {
      case .hostile: Hall.hostile
      case .plain, .alone: "Some"
      case .long: String(repeating: "W", count: 120)
      case .rightToLeft: "\u{5E9}\u{5DC}\u{5D5}\u{5DD} عائشة"
      }
    }
  }

  static let password = "nine lilac kites over water"
  static let hostile = "<b>bold</b> \"'& שלום"

  let house: TestHouse
  let founded: Int
  private let secrets: [Person: String]
  private let parameters: [String: String]
  private let workspaceGrant: String
  private let projectGrant: String
  private let clusterGrant: String
  private let clusterProjectGrant: String
  private let appGrant: String
  /// The id of an object, as an address has it.
  private let object: String

  init(_ names: Names = .hostile) async throws {
    house = try await TestHouse()
    let plane = house.plane
    let nobody = Caller(.none, from: Origin(address: "192.0.2.1", userAgent: "test", requestID: "test"))
    func join(_ handle: String) async throws -> String {
      let draft = try AccountDraft(email: "\(handle)@example.org", name: "\(names.beginning) \(handle)", handle: handle, password: Self.password)
      return try await plane.accounts.create(draft, by: nobody).secret.reveal()
    }
    let (ada, bob) = (try await join("ada"), try await join("bob"))
    let admin = Caller(secret: ada, from: nobody.origin)
    let organization = try await plane.organizations.found(
      OrganizationDraft(name: names.beginning, slug: "hall", description: names.beginning, billingEmail: "ada@example.org"), by: admin)
    let invited = names == .alone ? ["carol@example.org"] : ["bob@example.org", "carol@example.org"]
    let sent = try await plane.invitations.send(to: invited, roles: ["member"], message: names.beginning, days: nil, in: "hall", by: admin)
    if names == .alone, case .success(let invitation) = sent[0].result {
      _ = try await plane.invitations.cancel(invitation.invitation.id, in: "hall", by: admin)
    } else if case .success(let invitation) = sent[0].result {
      _ = try await plane.invitations.accept(.link(String(invitation.link.split(separator: "=").last ?? "")), by: Caller(secret: bob, from: nobody.origin))
    }
    let members = try await plane.members.list(in: "hall", MemberFilter(), .first, by: admin).items
    let robot = try await plane.serviceAccounts.create(
      ServiceAccountDraft(name: names.beginning, slug: "robot", description: names.beginning, roles: ["viewer"]), in: "hall", by: admin)
    let key = try await plane.serviceAccounts.createKey(named: names.beginning, KeyTerm(days: nil), of: "robot", in: "hall", by: admin)
    let team = try await plane.teams.create(TeamDraft(name: names.beginning, slug: "crew", description: names.beginning), in: "hall", by: admin).team
    let seats = try await plane.teams.add([.anybody("ada"), .anybody("robot"), .anybody("carol@example.org")], to: team.slug.text, in: "hall", by: admin)
    _ = try await plane.workspaces.enroll(ResourceDraft(name: names.beginning, slug: "lab", description: names.beginning), in: "hall", by: admin)
    _ = try await plane.projects.create(ResourceDraft(name: names.beginning, slug: "forecast", description: names.beginning), of: "lab", in: "hall", by: admin)
    if names != .alone {
      let object = ObjectDraft(try ObjectName(type: "dataset", id: names.beginning), title: names.beginning, attributes: ["tags": [.string(names.beginning)]])
      _ = try await plane.objects.register([.success(object)], in: "hall", by: admin)
      _ = try await plane.sharing.set(ShareDraft(SharedName(object.name), with: .anybody("bob"), actions: ["read", "share"]), in: "hall", by: admin)
    }
    var given: [String] = []
    let shape = try MachineShape(millicores: 4000, memory: 17_179_869_184, gpus: 1, gpuModel: "a100")
    let cluster = try await plane.clusters.register(
      ClusterDraft(
        name: names.beginning, slug: "iron", details: ClusterUpdate(description: names.beginning, location: names.beginning, addresses: [.users: "https://x.example"])),
      by: admin)
    _ = try await plane.clusters.set(ClusterPreset(name: "gpu-small", price: "2.5", shape: shape), on: "iron", by: admin)
    _ = try await plane.clusters.set(NodePool(name: "main", least: 0, most: 8, shape: shape, disk: 1 << 30, isPreemptible: true), on: "iron", by: admin)
    _ = try await plane.clusters.admit("hall", to: "iron", ClusterAdmission(limits: ClusterLimits(runningJobs: 20)), by: admin)
    _ = try await plane.projects.create(
      ResourceDraft(name: names.beginning, slug: "forecast", description: names.beginning), at: .cluster("iron"), in: "hall", by: admin)
    let app = try await plane.apps.create(
      ResourceDraft(name: names.beginning, slug: "finder", description: names.beginning),
      AppUpdate(notes: names.beginning, visibility: "organization", isTemplate: true), isOwn: true, in: "hall", by: admin)
    _ = try await plane.stars.add(app.resource.id, in: "hall", by: admin)
    let outside = try await plane.collaborators.invite(
      CollaboratorDraft(who: "lee@example.org", role: "labeler-worker", message: names.beginning), to: "finder", in: "hall", by: admin).collaborator
    let places: [(ResourceReference, String)] = [
      (.workspace("lab"), "viewer"), (.project("forecast", in: "lab"), "viewer"), (.cluster("iron"), "user"), (.projectAt("forecast", .cluster("iron")), "viewer"),
      (.app("finder"), "labeler-worker"),
    ]
    for (place, role) in places {
      for who in names == .alone ? ["robot"] : ["robot", "carol@example.org"] {
        _ = try await plane.grants.give(GrantDraft(.anybody(who), role: role), on: place, in: "hall", by: admin)
      }
      given.append(try await plane.grants.give(GrantDraft(.team("crew"), role: role), on: place, in: "hall", by: admin).id.description)
    }
    (workspaceGrant, projectGrant, clusterGrant, clusterProjectGrant, appGrant) = (given[0], given[1], given[2], given[3], given[4])
    let role = try await plane.roles.define(
      RoleDraft(level: "organization", base: "viewer", name: names.beginning, slug: "keeper", description: names.beginning), in: "hall", by: admin)
    _ = try await plane.roles.define(RoleDraft(level: "project", name: names.beginning, slug: "painter", rights: ["dataset:*", "flux:read"], ownRights: ["task:*"]), in: "hall", by: admin)
    let asked = try await plane.elevations.ask(
      ElevationDraft(on: nil, role: "viewer", minutes: 60, reason: names.beginning), in: "hall",
      by: names == .alone ? admin : Caller(secret: bob, from: nobody.origin))
    let further = try await plane.organizationAccess.give(GrantDraft(.team("crew"), role: "keeper"), in: "hall", by: admin)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "1000", note: names.beginning), of: "hall", by: admin)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "50.5", kind: .promotional, expires: house.plane.world.clock() + .days(3)), of: "hall", by: admin)
    let share = try await plane.subBalances.create(
      SubBalanceDraft(holderKind: .project, holder: names.beginning, amount: "400"), in: "hall", by: admin).subBalance
    _ = try await plane.holds.charge(ChargeDraft(subBalance: share.id, amount: "12.25", note: names.beginning), in: "hall", by: admin)
    let hold = try await plane.holds.create(HoldDraft(subBalance: share.id, amount: "20", seconds: 600, note: names.beginning), in: "hall", by: admin)
    let budget = try await plane.budgets.create(BudgetDraft(subject: .project, holder: names.beginning, soft: "1", hard: "500"), in: "hall", by: admin)
    let quota = try await plane.quotas.create(QuotaDraft(.gpus, subject: .member, holder: "ada", cluster: names.beginning, limit: 8), in: "hall", by: admin)
    _ = try await plane.quotas.create(QuotaDraft(.gpus, limit: 10), in: "hall", by: admin)
    let lease = try await plane.leases.acquire(LeaseDraft(gpus: 10, note: names.beginning), in: "hall", by: admin)
    _ = try await plane.leases.acquire(LeaseDraft(holder: (.serviceAccount, "robot"), cluster: names.beginning, runningJobs: 2), in: "hall", by: admin)
    // Something was told, and is over.
    try await plane.alerts.delete(plane.alerts.create(.amount, amount: try Credits(decimal: "5000"), in: "hall", by: admin).id, in: "hall", by: admin)
    let rule = try await plane.alerts.rules(in: "hall", .first, by: admin).items.first
    let policy = try await plane.policies.create(
      PolicyDraft(name: names.beginning, slug: "kept", description: names.beginning, text: "forbid (principal, action == Action::\"delete\", resource is Dataset);"),
      in: "hall", by: admin)
    _ = try await plane.prices.set(
      PriceDraft(resource: "gpu", unit: "second", per: "3600", tiers: [("100000", "0"), ("", "2.5")], note: names.beginning), by: admin)
    let tomorrow = house.plane.world.clock().end(of: .day)
    _ = try await plane.prices.set(PriceDraft(resource: "gpu", preset: "big", unit: "second", tiers: [("", "1")], since: tomorrow), by: admin)
    _ = try await plane.prices.set(PriceDraft(resource: "disk", unit: "GiB", tiers: [("", "1")], since: tomorrow), for: "hall", by: admin)
    let price = try await plane.prices.set(PriceDraft(resource: "disk", tiers: [], since: tomorrow.end(of: .day)), for: "hall", by: admin)
    var subject = UsageDraft.Subject()
    (subject.member, subject.project, subject.cluster) = ("ada", "lab/forecast", names.beginning)
    let now = house.plane.world.clock()
    let used = [
      try UsageDraft("1", at: now, resource: "gpu", unit: "second", quantity: "7200", of: subject),
      try UsageDraft("2", at: now - .days(1), resource: "disk", preset: "ssd", unit: "GiB", quantity: "0.5"), try UsageDraft("3", correcting: "2"),
    ]
    _ = try await plane.usage.record(used.map { .success($0) }, of: "<b>source</b>", in: "hall", by: admin)
    secrets = [.admin: ada, .member: bob]
    object = FormText.encode([("", names.beginning)]).dropFirst().description
    founded = try await plane.events.list(in: "hall", EventFilter(), .first, by: admin).total
    parameters = [
      "organization": organization.slug.text, "member": members[0].id.description, "account": members[0].account.description,
      "invitation": "none", "request": "none", "mail": "none", "digest": "none",
      "policy": policy.slug.text, "workspace": "lab", "project": "forecast", "share": share.id.description, "hold": hold.hold.id.description,
      "budget": budget.budget.id.description, "quota": quota.quota.id.description, "lease": lease.lease.id.description, "rule": rule?.id.description ?? "none",
      "price": price.id.description, "cluster": cluster.slug.text, "app": app.resource.slug.text, "collaborator": outside.id.description, "collaboration": "none",
      "resource": app.resource.id.description,
      "role": role.reference, "organization_grant": further.id.description, "elevation": asked.elevation.id.description,
      "client": "api", "team": team.slug.text, "team_member": try seats.first?.result.get().id.description ?? "none", "service_account": robot.slug.text, "key": key.key.id.description, "setting": "none", "token": "none", "email": "none", "session": "none",
    ]
  }

  var pages: [PageRoute] { house.plane.features.flatMap(\.pages) }
  /// Pages that are nothing without the secret of a link or the id of a mail.
  let needsSecret: Set<String> = ["/join", "/join/app", "/outbox/none", "/images/none"]

  func path(_ route: PageRoute) -> String? {
    // Each access belongs to one thing.
    let (isOnCluster, isProject) = (route.path.contains("{cluster}"), route.path.contains("{project}"))
    let grant = route.path.contains("{app}") ? appGrant : isOnCluster ? (isProject ? clusterProjectGrant : clusterGrant) : isProject ? projectGrant : workspaceGrant
    var path = route.path.replacing("{grant}", with: grant)
    for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
    // Which object it is says the query.
    if path.hasSuffix("/objects/sharing"), route.method == .get { path += "?type=dataset&id=" + object }
    return path.contains("{") ? nil : path + (path == "/authorize" ? "?\(Self.signIn)" : "")
  }

  func headers(of person: Person) -> HTTPFields {
    var headers: HTTPFields = [.accept: "text/html"]
    if let secret = secrets[person] { headers[.cookie] = "__Host-guildhall=\(secret)" }
    return headers
  }

  /// What the forms of a person's pages carry.
  func token(of person: Person) -> String {
    let codes = FormTokens(house.plane.world.keys, site: Site(publicURL: "https://guildhall.test"))
    return codes.sessionToken(secrets[person] ?? "").text
  }

  func serve<Value>(_ body: @Sendable (any TestClientProtocol) async throws -> Value) async throws -> Value {
    try await house.serve(house.plane.features, declared: API.all, body)
  }

  /// Sends a form as its page would.
  func post(_ client: any TestClientProtocol, _ path: String, _ fields: [(String, String)], as person: Person) async throws -> TestResponse {
    var headers = headers(of: person)
    var token = token(of: person)
    if person == .nobody {
      let page = try await client.send(.get, "/sign-in", headers)
      headers[.cookie] = page.cookies.map { $0.prefix { $0 != ";" } }.joined(separator: "; ")
      token = String(page.text.split(separator: "name=\"csrf\" value=\"").dropFirst().first?.prefix { $0 != "\"" } ?? "")
    }
    headers[.contentType] = "application/x-www-form-urlencoded"
    return try await client.send(.post, path, headers, body: FormText.encode([("csrf", token)] + fields))
  }

  func secret(of person: Person) -> String { secrets[person] ?? "" }

  func caller(_ person: Person) -> Caller { Caller(secret: secrets[person] ?? "", from: Origin(address: "", userAgent: "", requestID: "")) }

  /// How much has happened in the organization.
  func actions(_ client: any TestClientProtocol) async throws -> Int {
    try await house.plane.events.list(in: "hall", EventFilter(), .first, by: caller(.admin)).total
  }
}
