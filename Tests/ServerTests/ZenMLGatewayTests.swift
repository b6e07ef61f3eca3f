import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Secrets
import Testing
import ZenMLGateway

@testable import Server

/// The hall with a workspace whose server has come, and keys.
struct ZenMLStage: Sendable {
  let hall: Hall
  let workspace: NewWorkspace
  let organization: String
  /// A person's key as clients have it, a service account's, and the token of the workspace's server.
  let ada: String
  let bob: String
  let robot: String
  let server: String

  var plane: ControlPlane { hall.house.plane }
  var id: String { workspace.workspace.id.description }

  init() async throws {
    let hall = try await Hall(.plain)
    self.hall = hall
    let (plane, admin) = (hall.house.plane, hall.caller(.admin))
    organization = try await plane.organizations.find("hall", by: admin).id.description
    workspace = try await plane.workspaces.enroll(ResourceDraft(name: "Looms", slug: "looms"), in: "hall", by: admin)
    func key(_ person: Hall.Person) async throws -> String {
      let made = try await plane.tokens.create(AccessTokenDraft(name: "ZenML", scopes: ["organization:admin"]), by: hall.caller(person))
      return Self.wrapped(made.secret.reveal(), made.token.id.description)
    }
    ada = try await key(.admin)
    bob = try await key(.member)
    let made = try await plane.serviceAccounts.createKey(named: "CI", KeyTerm(days: nil), of: "robot", in: "hall", by: admin)
    robot = Self.wrapped(made.secret.reveal(), made.key.id.description)
    let caller = Caller(secret: workspace.secret.reveal(), from: admin.origin)
    server = try await plane.workspaceServers.signIn(to: workspace.workspace.id.description, by: caller).secret.reveal()
    _ = try await plane.workspaceServers.report(address: "http://127.0.0.2:8080", version: "0.98.0", by: caller)
  }

  static func wrapped(_ secret: String, _ id: String) -> String {
    let json = JSON.object([.init("id", .string(id)), .init("key", .string(secret))]).compact
    return "ZENPROKEY_" + Base64URL.encode(Array(json.utf8))
  }

  func serve(_ body: @Sendable (ZenMLClient) async throws -> Void) async throws {
    let gateway = ZenML.gateway(plane)
    try await hall.house.serve(plane.features, gateways: [gateway], declared: API.all) { try await body(ZenMLClient(client: $0)) }
  }
}

struct ZenMLClient: Sendable {
  let client: any TestClientProtocol

  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ bearer: String? = nil, form: [(String, String)]? = nil, json: String? = nil, _ headers: HTTPFields = [:]
  ) async throws -> (status: Int, json: JSON, isJSON: Bool) {
    var headers = headers
    if let bearer { headers[.authorization] = "Bearer \(bearer)" }
    if form != nil { headers[.contentType] = "application/x-www-form-urlencoded" } else if json != nil { headers[.contentType] = "application/json" }
    let response = try await client.send(method, "/zenml/api/v1\(path)", headers, body: form.map { FormText.encode($0) } ?? json ?? "")
    let read = try? JSON(Array(response.text.utf8))
    return (response.status.code, read ?? .null, read != nil)
  }
}

/// What ZenML's clients and workspaces' servers are answered, request by request.
@Suite struct ZenMLGatewayTests {
  // MARK: Signing in

  @Test func `Every way to sign in gives a token of an hour, and nothing else does`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let (id, secret) = (stage.id, stage.workspace.secret.reveal())
      let ways: [([(String, String)], String?, Int, Int64?)] = [
        ([("password", stage.ada)], stage.ada, 200, 3600), ([("grant_type", "zenml_api_key"), ("password", stage.ada)], nil, 200, 3600), ([], stage.robot, 200, 3600),
        ([("username", "ada"), ("password", Hall.password)], nil, 200, nil), ([("username", "ada"), ("password", "wrong")], nil, 401, nil),
        ([("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("audience", "x")], nil, 200, 3600),
        ([("grant_type", ""), ("client_id", id), ("client_secret", secret)], nil, 200, 3600), ([("client_id", id), ("client_secret", stage.robot)], nil, 200, 3600),
        ([("grant_type", "client_credentials"), ("client_id", stage.organization), ("client_secret", secret)], nil, 401, nil),
        ([("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret + "x")], nil, 401, nil),
        ([("password", "ZENPROKEY_nothing")], "ZENPROKEY_nothing", 401, nil), ([("password", "x")], nil, 401, nil), ([], nil, 401, nil), ([], "x", 401, nil),
        ([("grant_type", "something"), ("password", stage.ada)], nil, 400, nil), ([("password", stage.server)], nil, 401, nil),
      ]
      for (number, (form, bearer, status, term)) in ways.enumerated() {
        let answer = try await client.ask(.post, "/auth/login", bearer, form: form)
        #expect(answer.status == status, "way \(number): \(answer.json.compact)")
        guard status == 200, case .string(let token)? = answer.json["access_token"] else { continue }
        if let term { #expect(answer.json["expires_in"] == .integer(term), "way \(number)") }
        #expect(answer.json["token_type"] == "bearer" && answer.json["device_id"] == .null)
        let opens = try await client.ask(.get, "/organizations", token)
        #expect(opens.status == (form.contains { $0.1 == secret } ? 401 : 200), "way \(number): a server's token isn't a person's")
      }
      let plain = try await client.ask(.get, "/auth/api_token", stage.ada)
      guard case .string(let token) = plain.json else { return #expect(Bool(false), "\(plain)") }
      #expect(try await client.ask(.get, "/organizations", token).status == 200)
      let bound = try await client.ask(.get, "/auth/workspace_authorization/looms", stage.ada)
      guard case .string(let narrow)? = bound.json["access_token"] else { return #expect(Bool(false), "\(bound)") }
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(id)", narrow).status == 200)
      #expect(try await client.ask(.get, "/organizations", narrow).status == 401)
      #expect(try await client.ask(.get, "/auth/workspace_authorization/looms", stage.bob).status == 404)
    }
  }

  // MARK: Reading

  @Test func `Organizations and workspaces are bare lists of what the caller may see`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      func names(_ path: String, _ bearer: String) async throws -> [String] {
        guard case .array(let items) = try await client.ask(.get, path, bearer).json else { return ["no list"] }
        return items.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } }
      }
      for bearer in [stage.ada, stage.bob, stage.robot] { #expect(try await names("/organizations", bearer) == ["hall"]) }
      #expect(try await names("/organizations?offset=1&limit=20", stage.ada) == [])
      #expect(try await names("/organizations?name=HALL", stage.ada) == ["hall"])
      for path in ["/workspaces", "/tenants"] {
        #expect(try await names("\(path)?offset=0&limit=20&member_only=True", stage.ada) == ["lab", "looms"])
        #expect(try await names(path, stage.bob) == [], "bob has access to none")
        #expect(try await names("\(path)?workspace_name=looms&member_only=False", stage.ada) == ["looms"])
        #expect(try await names("\(path)?tenant_name=looms", stage.ada) == ["looms"])
        #expect(try await names("\(path)?workspace_name=loom", stage.ada) == [], "a name is the whole of it")
        #expect(try await names("\(path)?url=http://127.0.0.2:8080/", stage.ada) == ["looms"])
        #expect(try await names("\(path)?status=available", stage.ada) == ["looms"])
        #expect(try await names("\(path)?tenant_id=\(stage.id)", stage.ada) == ["looms"])
        #expect(try await names("\(path)?organization_id=\(stage.organization)&limit=1&offset=1", stage.ada) == ["looms"])
        for reference in ["looms", stage.id] {
          let one = try await client.ask(.get, "\(path)/\(reference)", stage.ada).json
          #expect(one["organization"]?["id"] == .string(stage.organization) && one["zenml_service"]?["status"]?["server_url"] == "http://127.0.0.2:8080")
          #expect(try await client.ask(.get, "\(path)/\(reference)", stage.bob).status == 404)
        }
        let waiting = try await client.ask(.get, "\(path)/lab", stage.ada).json
        #expect(waiting["zenml_service"]?["status"] == .null && waiting["status"] == "not_initialized" && waiting["state_reason"] != .null)
      }
      for query in ["limit=0", "limit=101", "limit=x", "offset=-1", "member_only=perhaps", "status=gone"] {
        #expect(try await client.ask(.get, "/workspaces?\(query)", stage.ada).status == 422, "\(query)")
      }
      #expect(try await client.ask(.get, "/organizations/hall", stage.ada).json["id"] == .string(stage.organization))
      #expect(try await client.ask(.get, "/organizations/\(stage.organization)", stage.robot).json["name"] == "hall")
      #expect(try await client.ask(.get, "/organizations/nowhere", stage.ada).status == 404)
    }
  }

  // MARK: A workspace's server

  @Test func `A workspace's server is told who comes and what they may do`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let ada = try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.ada)
      #expect(ada.status == 200 && ada.json["username"] == "ada" && ada.json["is_service_account"] == .boolean(false))
      guard case .string(let user)? = ada.json["id"] else { return #expect(Bool(false), "\(ada)") }
      if case .string? = ada.json["email"] {} else { #expect(Bool(false), "people need a text for an address") }
      let robot = try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.robot)
      #expect(robot.json["username"] == "robot" && robot.json["is_service_account"] == .boolean(true))
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 403)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)").status == 401)
      #expect(try await client.ask(.get, "/users/authorize_server", stage.ada).status == 422)

      let project = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
      let asked = ["project", "\(project):pipeline", "\(project):model/\(stage.id)", "stack/\(stage.id)", "\(stage.id)@server:secret", "workspace/x", "", "x:y:z", "project"]
      let body = JSON.array(asked.map { .string($0) }).compact
      let check = try await client.ask(.post, "/rbac/check_permissions?user_id=\(user)&action=create", stage.server, json: body)
      let allowed: [(String, JSON)] = asked.dropLast().map { ($0, .boolean(!["workspace/x", "", "x:y:z"].contains($0))) }
      #expect(check.status == 200 && check.json == .object(allowed.map { JSON.Member($0.0, $0.1) }), "\(check.json.compact)")
      let old = try await client.ask(.get, "/rbac/check_permissions?user_id=\(user)&action=read&resources=stack&resources=\(stage.id)@server:pipeline", stage.server)
      #expect(old.json == .object([.init("stack", .boolean(true)), .init("\(stage.id)@server:pipeline", .boolean(true))]), "\(old.json.compact)")
      let ids = try await client.ask(.get, "/rbac/allowed_resource_ids?user_id=\(user)&resource=project&action=read", stage.server)
      #expect(ids.json == .object([.init("full_access", .boolean(true)), .init("ids", .array([]))]))
      let none = try await client.ask(.get, "/rbac/allowed_resource_ids?user_id=\(stage.organization)&resource=\(project):pipeline&action=read", stage.server)
      #expect(none.json == .object([.init("full_access", .boolean(false)), .init("ids", .array([]))]))

      let patched = try await client.ask(.patch, "/tenant_status", stage.server, [.init("zenml-server-version")!: "0.99.0", .init("zenml-server-url")!: "https://looms.example/"])
      #expect(patched.status == 200 && patched.isJSON)
      let after = try await client.ask(.get, "/workspaces/looms", stage.ada).json["zenml_service"]?["status"]
      #expect(after == .object([.init("server_url", "https://looms.example"), .init("version", "0.99.0")]))

      #expect(try await client.ask(.get, "/organizations/\(stage.organization)/entitlement/pipeline_run", stage.server).status == 200)
      _ = try await stage.plane.prices.set(PriceDraft(resource: "zenml.pipeline_run", unit: "piece", tiers: [("", "5000")]), by: stage.hall.caller(.admin))
      let event = #"{"organization_id":"\#(stage.organization)","feature":"pipeline_run","total":1,"metadata":{"workspace_id":"x","resource_id":"\#(project)"}}"#
      for _ in 0..<2 { #expect(try await client.ask(.post, "/usage-event", stage.server, json: event).status == 200) }
      let limit = try await client.ask(.get, "/organizations/\(stage.organization)/entitlement/pipeline_run", stage.server)
      #expect(limit.status == 402 && limit.json["detail"] != nil)
      #expect(try await client.ask(.delete, "/rbac/resources?resources=project/\(project)&resources=x:y", stage.server).isJSON)

      // None of it is anybody else's.
      for bearer in [stage.ada, stage.bob, stage.robot, nil] {
        for (method, path, body) in [
          (.patch, "/workspace_status", nil), (.post, "/rbac/check_permissions?user_id=\(user)&action=read", "[]"),
          (.get, "/rbac/allowed_resource_ids?user_id=\(user)&resource=stack&action=read", nil), (.delete, "/rbac/resources?resources=project/\(project)", nil),
          (.get, "/organizations/\(stage.organization)/entitlement/model", nil), (.post, "/usage-event", event),
        ] as [(HTTPRequest.Method, String, String?)] {
          #expect(try await client.ask(method, path, bearer, json: body).status == 401, "\(path)")
        }
      }
    }
  }

  // MARK: Whatever comes

  @Test func `Whatever is sent, the answer is JSON as clients read it, and never a mistake of ours`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let words = ["", "x", "%00", "%F0%9F%92%A9", "'%22%3C", "..", String(repeating: "a", count: 2000), "ZENPROKEY_", stage.id, "looms", "-1"]
      let bodies = ["", "{", "[]", "{}", "null", "[1]", "[[]]", "\"x\"", #"{"total":1e400}"#, #"{"organization_id":1,"feature":[],"total":"1","metadata":3}"#, String(repeating: "[", count: 200)]
      let bearers: [String?] = [nil, "x", stage.ada, stage.server, "ZENPROKEY_" + String(repeating: "A", count: 500), "ZENPROKEY_%%%"]
      for route in ZenML.gateway(stage.plane).routes {
        let path = String(route.path.dropFirst("/zenml/api/v1".count))
        for (number, word) in words.enumerated() {
          let text = word.isEmpty ? "x" : word
          let filled = path.split(separator: "/").map { $0.hasPrefix("{") ? text : String($0) }.joined(separator: "/")
          let query = "user_id=\(word)&action=\(word)&resource=\(word)&resources=\(word)&server_id=\(word)&limit=\(word)&url=\(word)&workspace_name=\(word)"
          let bearer = bearers[number % bearers.count]
          let body = bodies[number % bodies.count]
          for json in [body, nil] {
            let method = HTTPRequest.Method(route.method.rawValue)!
            let answer = try await client.ask(method, "/\(filled)?\(query)", bearer, form: json == nil ? [("password", word), ("client_id", word), ("client_secret", word)] : nil, json: json)
            #expect(answer.status < 500 && answer.isJSON, "\(route.method) \(filled) \(word): \(answer.status)")
            if answer.status >= 400, case .array(let detail)? = answer.json["detail"] { #expect(detail.count == 2) } else { #expect(answer.status < 400) }
          }
        }
      }
      let nowhere = try await client.ask(.get, "/nowhere", stage.ada)
      #expect(nowhere.status == 404 && nowhere.json["detail"] == ["KeyError", "There is nothing at this address."])
      #expect(try await client.ask(.delete, "/auth/login").json["detail"]?.first == "MethodNotAllowedError")
    }
  }
}

extension JSON {
  fileprivate var first: JSON? { if case .array(let items) = self { items.first } else { nil } }
}
