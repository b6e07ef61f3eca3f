import Authorization
import Contract
import Foundation
import GuildhallDecisions
import Kernel
import TestSupport
import Testing

/// An organization on one server, or on two with one database, in which anything is done by seed.
final class DecisionHall {
  struct Person {
    let handle: String
    let account: String
    let secret: String
    var member: String
  }

  struct Asked {
    let principal: AccessQuestion.PrincipalName
    let action: String
    let type: String
    let id: String?
    let project: String?
    let isOwn: Bool
    let marks: [String]
  }

  let servers: [GuildhallProcess]
  let token: String
  private(set) var people: [Person] = []
  private(set) var robots: [(slug: String, id: String)] = []
  private(set) var robot = ""
  private(set) var key = ""
  private(set) var keyID = ""
  private var teams: [String] = []
  private var roles: [String] = []
  private var policies: [String] = []
  private var workspaces: [(slug: String, id: String)] = []
  private var projects: [(place: String, slug: String, id: String)] = []
  private(set) var done: Set<String> = []
  private var count = 0
  private var turn = 0

  init(_ engine: String, in folder: URL) async throws {
    let secretKey = try secretKeyFile(in: folder)
    let database = engine == "PostgreSQL" ? try await PostgresServer.freshDatabase() : nil
    var servers: [GuildhallProcess] = []
    for number in 0..<(database == nil ? 1 : 2) {
      let own = folder.appending(path: "server-\(number)")
      servers.append(
        try await GuildhallProcess.start(
          database: database, in: own, with: ["--rate-limits", "off", "--log-level", "warning", "--secret-key-file", secretKey]))
    }
    self.servers = servers
    token = try await servers[0].signUp()
    try await must("POST", nil, ["name": "Acme", "slug": "acme"])
    for name in ["eve", "bob", "cyd", "dan"] {
      let secret = try await servers[0].signUp(name)
      let account = try #require(try await servers[0].ask("GET", "/account", secret).json["id"]?.text)
      let member = try await must("POST", "/members", ["account": .string(account), "roles": [name == "dan" ? "viewer" : "guest"]])
      people.append(Person(handle: name, account: account, secret: secret, member: try #require(member["id"]?.text)))
    }
    // No built-in role need be held to follow: one permission is enough.
    robot = try #require(try await must("POST", "/service-accounts", ["name": "Decision point", "roles": ["guest"]])["slug"]?.text)
    try await must("POST", "/custom-roles", ["level": "organization", "name": "Follower", "rights": ["access.follow"]])
    try await must("POST", "/grants", ["holder": .string(robot), "kind": "service-account", "role": "follower"])
    let made = try await must("POST", "/service-accounts/\(robot)/keys", ["name": "pdp"])
    key = try #require(made["secret"]?.text)
    keyID = try #require(made["key"]?["id"]?.text)
  }

  func stop() { for server in servers { server.stop() } }

  /// Follows the last server, and changes are made at both.
  func following(_ options: DecisionOptions = DecisionOptions()) async throws -> Decisions {
    try await Decisions.following("acme", at: servers[servers.count - 1].address, token: key, options)
  }

  func killAndRestart() async throws {
    for server in servers { try await onThread { server.kill() } }
    for server in servers { try await onThread { try server.restart() } }
  }

  // MARK: Asking

  private func ask(_ method: String, _ path: String?, _ body: JSON?, as secret: String? = nil) async throws -> HTTPExchange {
    turn += 1
    return try await servers[turn % servers.count].ask(method, path.map { "/organizations/acme\($0)" } ?? "/organizations", secret ?? token, body: body)
  }

  @discardableResult func must(_ method: String, _ path: String?, _ body: JSON? = nil) async throws -> JSON {
    let answer = try await ask(method, path, body)
    try #require(answer.status < 300, "\(method) \(path ?? ""): \(answer.text)")
    return answer.body.isEmpty ? .null : answer.json
  }

  func revision() async throws -> Int64 { Int64(try #require(try await must("GET", "/decisions")["revision"]?.number)) }

  func project() async throws -> (place: String, slug: String, id: String) {
    if let first = projects.first { return first }
    let place = try #require(
      try await must("POST", "/workspaces", ["name": "Research", "slug": .string("research-\(Int.random(in: 1...1_000_000))")])["workspace"]?["slug"]?.text
    )
    let made = try await must("POST", "/workspaces/\(place)/projects", ["name": "Forecast"])
    projects.append((place, try #require(made["slug"]?.text), try #require(made["id"]?.text)))
    return projects[0]
  }

  // MARK: Changing

  private static let objects = ["mnist", "faces", "iris"]

  /// Does one of many things; what the rules refuse is left at that.
  func change(_ dice: inout SplitMix) async throws {
    func any<Item>(_ items: [Item]) -> Item? { items.isEmpty ? nil : items[Int(dice.next() % UInt64(items.count))] }
    func text(_ items: [String]) -> JSON { any(items).map { .string($0) } ?? .null }
    count += 1
    let holder = any(people.map(\.handle) + robots.map(\.slug) + teams) ?? "eve"
    let kind: JSON = teams.contains(holder) ? "team" : robots.contains { $0.slug == holder } ? "service-account" : "account"
    // Some end while the test runs.
    let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    let end: JSON = dice.next() % 3 == 0 ? .string((now + .milliseconds(Int(dice.next() % 4_000) + 200)).description) : .null
    func draft(_ role: String) -> JSON {
      var members: [JSON.Member] = [.init("holder", .string(holder)), .init("kind", kind), .init("role", .string(role))]
      if end != .null { members.append(.init("expires_at", end)) }
      return .object(members)
    }
    func attempt(_ name: String, _ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON? {
      let answer = try await ask(method, path, body)
      guard answer.status < 300 else {
        if answer.status >= 500 { Issue.record("\(name): \(answer.text)") }
        return nil
      }
      done.insert(name)
      return answer.body.isEmpty ? .null : answer.json
    }
    switch dice.next() % 26 {
    case 0, 1:
      if let made = try await attempt(
        "workspace", "POST", "/workspaces", ["name": .string("Room \(count)"), "slug": .string("room-\(count)-\(dice.next() % 100_000)")]),
        let place = made["workspace"],
        let slug = place["slug"]?.text, let id = place["id"]?.text
      {
        workspaces.append((slug, id))
      }
    case 2, 3:
      if let place = any(workspaces), let made = try await attempt("project", "POST", "/workspaces/\(place.slug)/projects", ["name": .string("Work \(count)")]),
        let slug = made["slug"]?.text,
        let id = made["id"]?.text
      {
        projects.append((place.slug, slug, id))
      }
    case 4, 5: if let made = try await attempt("team", "POST", "/teams", ["name": .string("Crew \(count)")]), let slug = made["slug"]?.text { teams.append(slug) }
    case 6:
      if let team = any(teams), let made = try await attempt("team renamed", "PATCH", "/teams/\(team)", ["slug": .string("band-\(count)")]),
        let slug = made["slug"]?.text
      {
        teams = teams.map { $0 == team ? slug : $0 }
      }
    case 7:
      if let team = any(teams), dice.next() % 2 == 0, try await attempt("team goes", "DELETE", "/teams/\(team)") != nil { teams.removeAll { $0 == team } }
    case 8, 9, 10:
      if let team = any(teams), let who = any(people) {
        _ = try await attempt("seat", "POST", "/teams/\(team)/members", ["members": [.string(who.handle)]])
      }
    case 11:
      if let team = any(teams), let seats = try await attempt("seats", "GET", "/teams/\(team)/members"), let seat = any(seats["items"]?.items ?? []),
        let id = seat["id"]?.text
      {
        _ = try await attempt("seat goes", "DELETE", "/teams/\(team)/members/\(id)")
      }
    case 12, 13, 14:
      if let place = any(projects) {
        _ = try await attempt(
          "grant", "POST", "/workspaces/\(place.place)/projects/\(place.slug)/grants",
          draft(any(["viewer", "developer", "manager", "contributor"] + roles) ?? "viewer"))
      }
    case 15:
      if let place = any(workspaces) {
        _ = try await attempt("grant above", "POST", "/workspaces/\(place.slug)/grants", draft(any(["viewer", "developer", "stack-admin"]) ?? "viewer"))
      }
    case 16:
      if let place = any(projects), let grants = try await attempt("grants", "GET", "/workspaces/\(place.place)/projects/\(place.slug)/grants"),
        let grant = any(grants["items"]?.items ?? []), let id = grant["id"]?.text
      {
        _ = try await attempt("grant goes", "DELETE", "/workspaces/\(place.place)/projects/\(place.slug)/grants/\(id)")
      }
    case 17:
      if let made = try await attempt(
        "service account", "POST", "/service-accounts", ["name": .string("Robot \(count)"), "roles": [text(["guest", "viewer", "contributor"])]]),
        let slug = made["slug"]?.text,
        let id = made["id"]?.text
      {
        robots.append((slug, id))
      }
    case 18:
      if let who = any(people) {
        _ = try await attempt("roles", "PUT", "/members/\(who.member)/roles", ["roles": [text(["guest", "viewer", "member", "contributor", "manager"])]])
      }
    case 19:
      if let who = any(people) {
        _ =
          dice.next() % 2 == 0
          ? try await attempt("suspended", "PUT", "/members/\(who.member)/suspension")
          : try await attempt("resumed", "DELETE", "/members/\(who.member)/suspension")
      }
    case 20:
      let text =
        any([
          #"forbid (principal, action == Action::"read", resource is Dataset) unless { resource has compliance && resource.compliance.contains("gdpr") };"#,
          #"permit (principal == User::"bob", action == Action::"use", resource is Project);"#,
          #"forbid (principal, action, resource is Project) when { context.time > datetime("2020-01-01") && resource.name like "*7" };"#,
          #"forbid (principal == User::"eve", action in [Action::"update", Action::"create"], resource);"#,
        ]) ?? ""
      if let made = try await attempt("policy", "POST", "/policies", ["name": .string("Rule \(count)"), "text": .string(text)]), let slug = made["slug"]?.text {
        policies.append(slug)
      }
    case 21:
      if let policy = any(policies) {
        switch dice.next() % 3 {
        case 0: _ = try await attempt("policy off", "DELETE", "/policies/\(policy)/enablement")
        case 1: _ = try await attempt("policy on", "PUT", "/policies/\(policy)/enablement")
        default: if try await attempt("policy goes", "DELETE", "/policies/\(policy)") != nil { policies.removeAll { $0 == policy } }
        }
      }
    case 22, 23:
      if let place = any(projects), let name = any(Self.objects) {
        let object: JSON = ["type": "dataset", "id": .string(name), "parent": ["type": "project", "id": .string(place.id)]]
        _ = try await attempt(
          "share", "PUT", "/object-shares",
          ["object": object, "holder": .string(holder), "kind": kind, "actions": any([["read"], ["read", "update"], ["use"], []] as [JSON]) ?? []])
      }
    case 24:
      if let place = any(projects), let name = any(Self.objects) {
        let object: JSON = [
          "type": "dataset", "id": .string(name), "parent": ["type": "project", "id": .string(place.id)],
          "attributes": ["compliance": ["gdpr"], "region": "eu"],
        ]
        if dice.next() % 3 == 0 {
          _ = try await attempt("object goes", "POST", "/objects/deletions", ["objects": [["type": "dataset", "id": .string(name)]]])
        } else {
          _ = try await attempt("object", "POST", "/objects", ["objects": [object]])
        }
      }
    default:
      if dice.next() % 2 == 0,
        let made = try await attempt(
          "role", "POST", "/custom-roles",
          ["level": "project", "name": .string("Role \(count)"), "copy_from": "viewer", "rights": ["dataset:update", "project:use"]]), let slug = made["slug"]?.text
      {
        roles.append(slug)
      } else if projects.count > 4, let place = any(projects),
        try await attempt("project goes", "DELETE", "/workspaces/\(place.place)/projects/\(place.slug)") != nil
      {
        projects.removeAll { $0.id == place.id }
      }
    }
  }

  // MARK: Comparing

  /// Questions about anybody and anything, also about what isn't there.
  func questions(_ dice: inout SplitMix, _ count: Int) -> [Asked] {
    func any<Item>(_ items: [Item]) -> Item? { items.isEmpty ? nil : items[Int(dice.next() % UInt64(items.count))] }
    let gone = "01890a5d-ac96-774b-bcce-b302099a8057"
    return (0..<count).map { _ in
      let principal: AccessQuestion.PrincipalName =
        dice.next() % 4 == 0 ? .serviceAccount(any(robots.map(\.id) + [gone]) ?? gone) : .account(any(people.map(\.account) + [gone]) ?? gone)
      let action = any(["read", "read", "use", "update", "create", "manage", "delete", "share", "list", "transmogrify"]) ?? "read"
      let (project, isOwn) = (any(projects)?.id, dice.next() % 3 == 0)
      let marks = any([[], ["gdpr"], ["hipaa", "gdpr"]]) ?? []
      switch dice.next() % 6 {
      case 0:
        return Asked(
          principal: principal, action: action, type: "workspace", id: any(workspaces.map(\.id) + [gone]), project: nil, isOwn: false, marks: [])
      case 1, 2:
        return Asked(principal: principal, action: action, type: "project", id: any(projects.map(\.id) + [gone]), project: nil, isOwn: false, marks: [])
      case 3:
        return Asked(
          principal: principal, action: action, type: any(["workspace", "project", "model"]) ?? "", id: nil, project: project, isOwn: isOwn, marks: [])
      default:
        return Asked(
          principal: principal, action: action, type: "dataset", id: any(Self.objects + ["unheard-of"]), project: project, isOwn: isOwn, marks: marks)
      }
    }
  }

  private func wire(_ asked: Asked) -> JSON {
    var thing: [JSON.Member] = [.init("type", .string(asked.type))]
    if let id = asked.id { thing.append(.init("id", .string(id))) }
    if let project = asked.project { thing.append(.init("parent", ["type": "project", "id": .string(project)])) }
    if asked.isOwn { thing.append(.init("own", true)) }
    if !asked.marks.isEmpty { thing.append(.init("attributes", ["compliance": .array(asked.marks.map { .string($0) })])) }
    let principal: JSON =
      switch asked.principal {
      case .account(let id): ["type": "account", "id": .string(id)]
      case .serviceAccount(let id): ["type": "service-account", "id": .string(id)]
      }
    return ["principal": principal, "action": .string(asked.action), "resource": .object(thing), "context": ["address": "10.0.0.7"]]
  }

  private func question(_ asked: Asked) throws -> AccessQuestion {
    let thing = try ThingName(
      type: asked.type, id: asked.id, parent: asked.project.map { try ThingName.Place(type: "project", id: $0) }, isOwn: asked.isOwn,
      attributes: asked.marks.isEmpty ? [] : [AccessValue.Attribute("compliance", .set(asked.marks.map { .text($0) }))])
    return try AccessQuestion(
      principal: asked.principal, action: asked.action, resource: thing, context: [AccessValue.Attribute("address", .address("10.0.0.7"))])
  }

  /// Compares the answers to all, and says how many were yes. What ends between the two is asked once more.
  func expectSame(_ asked: [Asked], _ snapshot: DecisionSnapshot, _ place: String) async throws -> Int {
    let questions = try asked.map { try question($0) }
    var difference: String?
    for _ in 0..<3 {
      let answer = try await ask("POST", "/decisions/check-batch", ["items": .array(asked.map { wire($0) })], as: key)
      try #require(answer.status == 200, "\(answer.text)")
      try #require(
        answer.json["revision"]?.number.map { Int64($0) } == snapshot.revision,
        "\(place): \(answer.json["revision"]?.number ?? 0), not \(snapshot.revision)")
      let (theirs, ours) = ((answer.json["items"]?.items ?? []).map(Self.words), snapshot.check(questions).map(Self.words))
      try #require(theirs.count == ours.count)
      guard let first = ours.indices.first(where: { ours[$0] != theirs[$0] }) else { return ours.count { $0.hasPrefix("allowed") } }
      difference = "\(place): \(wire(asked[first]).compact)\nserver: \(theirs[first])\nhere: \(ours[first])"
    }
    Issue.record("\(difference ?? "")")
    return 0
  }

  func expectSameExplanation(_ asked: Asked, _ snapshot: DecisionSnapshot, _ place: String) async throws {
    let question = try question(asked)
    var words = ("", "")
    for _ in 0..<3 {
      let answer = try await ask("POST", "/decisions/explain", wire(asked), as: key)
      words = (Self.words(answer.json), Self.words(try snapshot.explain(question)))
      if words.0 == words.1 { return }
    }
    Issue.record("\(place): \(wire(asked).compact)\nserver: \(words.0)\nhere: \(words.1)")
  }

  func expectSameLists(_ snapshot: DecisionSnapshot) async throws {
    for person in people {
      for action in ["read", "update"] {
        let body: JSON = [
          "principal": ["type": "account", "id": .string(person.account)], "action": .string(action), "resource": ["type": "project"], "limit": 200,
        ]
        for attempt in 0..<3 {
          let theirs = try await must("POST", "/decisions/list-resources", body)["items"]?.items.compactMap { $0["id"]?.text }
          let ours = try snapshot.resources(for: .account(person.account), action, of: "project").map(\.id)
          if theirs == ours { break }
          #expect(attempt < 2, "\(person.handle) \(action): \(theirs ?? []), here \(ours)")
        }
      }
    }
    for place in projects.prefix(5) {
      let body: JSON = ["action": "read", "resource": ["type": "project", "id": .string(place.id)], "limit": 200]
      let question = try AccessQuestion(action: "read", resource: ThingName(type: "project", id: place.id))
      for attempt in 0..<3 {
        let theirs = try await must("POST", "/decisions/list-principals", body)["items"]?.items.compactMap { $0["id"]?.text }
        let ours = try snapshot.principals(of: question)
        if theirs == ours { break }
        #expect(attempt < 2, "\(place.slug): \(theirs ?? []), here \(ours)")
      }
    }
  }

  // MARK: In words

  /// Who shared something is told by the server alone.
  private static func words(_ answer: JSON) -> String {
    let grounds = (answer["grounds"]?.items ?? []).map { ground -> String in
      let isShare = ground["kind"]?.text == "share"
      let parts: [String?] = [
        ground["effect"]?.text, ground["kind"]?.text, ground["role"]?.text, ground["resource"]?["type"]?.text, ground["resource"]?["id"]?.text,
        ground["resource"]?["slug"]?.text,
        ground["teams"]?.items.compactMap(\.text).joined(separator: "→"), ground["policy"]?["id"]?.text, ground["policy"]?["slug"]?.text,
        ground["policy"]?["name"]?.text,
        isShare ? "" : ground["sentence"]?.text,
      ]
      return parts.map { $0 ?? "-" }.joined(separator: " ")
    }
    let sentence = answer["sentence"]?.text ?? ""
    return ([answer["outcome"]?.text ?? "", sentence.contains("shared") && sentence.hasPrefix("Allowed") ? "" : sentence] + grounds).joined(
      separator: " | ")
  }

  private static func words(_ answer: AccessAnswer) -> String {
    let grounds = answer.grounds.map { ground -> String in
      let parts: [String?] = [
        ground.effect.rawValue, ground.kind.rawValue, ground.role, ground.resource?.type, ground.resource?.id, ground.resource?.name,
        ground.teams.joined(separator: "→"),
        ground.policy?.id, ground.policy?.slug, ground.policy?.name, ground.kind == .share ? "" : ground.sentence,
      ]
      return parts.map { $0 ?? "-" }.joined(separator: " ")
    }
    let sentence = answer.sentence
    return ([answer.outcome.rawValue, sentence.contains("shared") && sentence.hasPrefix("Allowed") ? "" : sentence] + grounds).joined(separator: " | ")
  }
}
