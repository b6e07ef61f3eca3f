import ApoloGateway
import Contract
import ControlPlane
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import TestSupport
import Testing
import ZenMLGateway

@testable import Server

/// Every address of both gateways, asked by everybody: the table of statuses stands beside, and a new address has a line there before it is green.
///
/// What is refused reads 401, 403 or 404; what isn't refused may still fail for another reason. With `GUILDHALL_REWRITE_GOLDEN=1` the tables are written anew.
@Suite struct GatewayAccessTests {
  @Test(arguments: ["zenml", "apolo"])
  func `Each address is open to exactly those whom the table names`(platform: String) async throws {
    let file = Repository.root.appending(path: "Tests/ServerTests/\(platform)-access.golden")
    let routes = try await Scene(platform).gateway.routes.map { "\($0.method.rawValue) \($0.path)" }
    var lines = ["# method and path: " + Asker.allCases.map(\.rawValue).joined(separator: " ")]
    var reading: Scene? = try await Scene(platform)
    for (number, name) in routes.enumerated() {
      let isReading = name.hasPrefix("GET")
      if reading == nil { reading = try await Scene(platform) }
      let scene = try #require(reading)
      lines.append("\(name): " + (try await scene.statuses(number).map(String.init).joined(separator: " ")))
      // What changes something has a scene of its own.
      if !isReading { reading = nil }
    }
    let table = ([lines[0]] + lines.dropFirst().sorted()).joined(separator: "\n") + "\n"
    let golden = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    if table != golden, ProcessInfo.processInfo.environment["GUILDHALL_REWRITE_GOLDEN"] != nil { try Data(table.utf8).write(to: file) }
    let known = Set(golden.split(separator: "\n").map(String.init))
    for line in table.split(separator: "\n").map(String.init) where !known.contains(line) {
      let name = line.prefix { $0 != ":" }
      Issue.record("\(line)\n\(known.first { $0.hasPrefix("\(name):") } ?? "is new")")
    }
    #expect(golden.split(separator: "\n").count == table.split(separator: "\n").count)
    // Nobody, and who was somebody, is told nothing anywhere but where one signs in or looks whether there is anything.
    for line in lines.dropFirst() {
      let statuses = line.split(separator: ":").last?.split(separator: " ").compactMap { Int($0) } ?? []
      for (asker, status) in zip(Asker.allCases, statuses) where [.nobody, .revoked, .expired].contains(asker) && status < 300 {
        #expect(Self.open.contains { line.contains($0) }, "\(asker) \(line)")
      }
      #expect(statuses.allSatisfy { $0 < 500 }, "\(line)")
    }
  }

  /// What is open to everybody: for signing in, and signs of life.
  private static let open = ["/health:", "/auth/device_authorization:", "/auth/logout:", "/config:", "/ping:", "/capacity:"]
}

private enum Asker: String, CaseIterable {
  case nobody, revoked, expired, foreign, member, manager, admin, `operator`, server
}

/// An organization with somebody of each kind, and a workspace and a project.
private struct Scene {
  let house: TestHouse
  let gateway: Gateway
  var secrets: [Asker: String] = [:]
  var parameters: [String: String] = [:]

  init(_ platform: String) async throws {
    house = try await TestHouse()
    let (plane, nobody) = (house.plane, Caller(.none, from: .inside))
    gateway = platform == "zenml" ? ZenML.gateway(plane) : Apolo.gateway(plane)
    func join(_ handle: String) async throws -> Caller {
      let draft = try AccountDraft(email: "\(handle)@example.org", name: handle, handle: handle, password: "nine lilac kites over water")
      return Caller(secret: try await plane.accounts.create(draft, by: nobody).secret.reveal(), from: .inside)
    }
    func token(_ caller: Caller, days: Int? = nil) async throws -> NewAccessToken {
      let scopes = ["account", "organization:admin", "organization:irreversible"]
      return try await plane.tokens.create(AccessTokenDraft(name: "t", scopes: scopes, days: days), by: caller)
    }
    let root = try await join("rosa")
    let (admin, other) = (try await join("adele"), try await join("fay"))
    secrets[.operator] = try await token(root).secret.reveal()
    secrets[.admin] = try await token(admin).secret.reveal()
    secrets[.foreign] = try await token(other).secret.reveal()
    secrets[.expired] = try await token(admin, days: 1).secret.reveal()
    let gone = try await token(admin)
    secrets[.revoked] = gone.secret.reveal()
    try await plane.tokens.revoke(gone.token.id, by: admin)
    let draft = { (slug: String) throws in try OrganizationDraft(name: slug, slug: slug, description: "", billingEmail: "books@example.org") }
    let organization = try await plane.organizations.found(draft("lab"), by: admin)
    _ = try await plane.organizations.found(draft("elsewhere"), by: other)
    var mel: ID<Account>?
    for (asker, handle) in [(Asker.member, "mel"), (.manager, "max")] {
      let caller = try await join(handle)
      secrets[asker] = try await token(caller).secret.reveal()
      let account = try await plane.accounts.read(by: caller).id
      if asker == .member { mel = account }
      _ = try await plane.members.add(account, roles: [asker.rawValue], expires: nil, to: "lab", by: root)
    }
    let workspace = try await plane.workspaces.enroll(ResourceDraft(name: "Looms", slug: "looms"), in: "lab", by: admin)
    secrets[.server] = workspace.secret.reveal()
    let project = try await plane.projects.create(ResourceDraft(name: "Weaving", slug: "weaving"), of: "looms", in: "lab", by: admin)
    _ = try await plane.clusters.register(ClusterDraft(name: "oslo", slug: "oslo"), by: root)
    _ = try await plane.clusters.admit("lab", to: "oslo", ClusterAdmission(), by: root)
    _ = try await plane.projects.create(ResourceDraft(name: "art", slug: "art"), at: .cluster("oslo"), in: "lab", by: admin)
    let team = try await plane.teams.create(TeamDraft(name: "Crew", slug: "crew", description: ""), in: "lab", by: admin)
    let robot = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "robot", roles: ["guest"]), in: "lab", by: admin)
    let key = try await plane.serviceAccounts.createKey(named: "k", KeyTerm(days: nil), of: "robot", in: "lab", by: admin)
    let sent = try await plane.invitations.send(InvitationDraft(address: "iris@example.org", roles: nil), to: "lab", by: admin)
    let role = try await plane.roles.define(RoleDraft(level: "workspace", name: "Looker", rights: ["stack:read"]), in: "lab", by: admin)
    parameters = [
      "organization": organization.id.description, "workspace": workspace.workspace.id.description, "cluster": "oslo",
      "project": platform == "zenml" ? project.id.description : "art", "user": platform == "zenml" ? mel?.description ?? "" : "mel", "team": team.team.id.description,
      "account": robot.id.description, "service_account": robot.id.description, "key": key.key.id.description, "invitation": sent.invitation.id.description,
      "role": role.id.description, "feature": "pipeline", "preset": "small", "device": "01890a5d-ac96-774b-bcce-b302099a8057",
    ]
    if platform == "apolo" { parameters["organization"] = "lab" }
    house.pass(.days(2))
  }

  /// What each is answered, in the order of the askers.
  func statuses(_ number: Int) async throws -> [Int] {
    let route = gateway.routes[number]
    return try await house.serve(gateways: [gateway]) { client in
      var statuses: [Int] = []
      for asker in Asker.allCases {
        var headers: HTTPFields = [.contentType: route.path.contains("/auth/") || route.path.hasSuffix("/token") ? "application/x-www-form-urlencoded" : "application/json"]
        if let secret = secrets[asker] { headers[.authorization] = "Bearer \(secret)" }
        let method = try #require(HTTPRequest.Method(rawValue: route.method.rawValue))
        let answer = try await client.send(method, path(route) + query, headers, body: method == .get ? nil : body(route))
        statuses.append(answer.status.code)
      }
      return statuses
    }
  }

  private func path(_ route: GatewayRoute) -> String {
    var path = route.path
    for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
    return path
  }

  private var query: String {
    let values = [
      ("user_id", parameters["user"]), ("workspace_id", parameters["workspace"]), ("server_id", parameters["workspace"]), ("action", "read"),
      ("resource", "stack"), ("accept", "true"), ("username", "new@example.org"), ("password", "seven quiet boats at noon"),
      ("uri", "storage://oslo/lab/art/raw"),
    ]
    return "?" + values.compactMap { name, value in value.map { "\(name)=\($0.replacing(":", with: "%3A").replacing("/", with: "%2F").replacing(" ", with: "%20"))" } }
      .joined(separator: "&")
  }

  /// Something that each address can read: they take what they know of it.
  private func body(_ route: GatewayRoute) -> String {
    if route.path.hasSuffix("check_permissions") { return #"["stack"]"# }
    if route.path.hasSuffix("usage-batch") {
      let organization = parameters["organization"] ?? ""
      return #"[{"organization_id":"\#(organization)","feature":"pipeline","total":1,"metadata":{"resource_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}]"#
    }
    if route.path.hasSuffix("/permissions/check") || route.path.hasSuffix("/permissions") { return #"[{"uri":"storage://oslo/lab/art/raw","action":"read"}]"# }
    if route.path.contains("/auth/") { return "username=nobody&password=seven+quiet+boats" }
    if route.path.hasSuffix("/api/v1/token") { return "grant_type=authorization_code&code=x" }
    let (person, organization) = (parameters["user"] ?? "", parameters["organization"] ?? "")
    let members: [JSON.Member] = [
      .init("name", route.path.hasSuffix("/users") && route.path.contains("/api/v1/users") ? "lab/spinners" : "novel"), .init("email", "novel@example.org"),
      .init("username", "novel"), .init("description", "d"), .init("organization_id", .string(organization)), .init("org_name", .string(organization)), .init("level", "workspace"),
      .init("permissions", ["stack:read"]), .init("resource", "stack/01890a5d-ac96-774b-bcce-b302099a8057"), .init("actions", ["read"]),
      .init("sharing_user_id", .string(person)), .init("user_id", .string(person)), .init("user_name", .string(person)), .init("feature", "pipeline"), .init("total", 1),
      .init("metadata", ["resource_id": "01890a5d-ac96-774b-bcce-b302099a8057"]), .init("user_code", "BCDF-GHJK"), .init("role", "user"),
      .init("credits", "10"), .init("spending", "1"), .init("quota", ["total_running_jobs": 3]), .init("default_quota", .object([])), .init("default_role", "user"),
      .init("maintenance", .boolean(false)), .init("cpu", .number("0.5")), .init("memory", 1_000_000), .init("credits_per_hour", "1"),
      .init("default_cluster", "oslo"), .init("default_org", .string(organization)), .init("default_project", "art"),
    ]
    // Roles in projects are called otherwise.
    let isProject = route.path.contains("/projects")
    return JSON.object(members.map { isProject && ["role", "default_role"].contains($0.name) ? .init($0.name, "reader") : $0 }).compact
  }
}
