import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Secrets
import Testing

@testable import ApoloGateway
@testable import Server

/// What people share on Apolo's command line, their programs, and what operators do with accounts.
@Suite struct ApoloSharingTests {
  /// An organization `lab` with a project `art` on the cluster `oslo`: olga operates, ada is admin, bob develops, cleo looks on.
  private struct Stage {
    let house: TestHouse
    var tokens: [String: String] = [:]

    init(_ paths: GatewayPaths? = nil) async throws {
      house = try await TestHouse(paths: paths)
      let (plane, nobody) = (house.plane, Caller(.none, from: .inside))
      var callers: [String: Caller] = [:]
      for handle in ["olga", "ada", "bob", "cleo", "eve"] {
        let draft = try AccountDraft(email: "\(handle)@example.org", name: handle, handle: handle, password: "nine lilac kites over water")
        let caller = Caller(secret: try await plane.accounts.create(draft, by: nobody).secret.reveal(), from: .inside)
        callers[handle] = caller
        let scopes = ["account", "organization:admin", "organization:irreversible"]
        let secret = try await plane.tokens.create(AccessTokenDraft(name: "t", scopes: scopes), by: caller).secret
        tokens[handle] = BearerEnvelope.text(secret, for: handle)
      }
      let (olga, ada) = (try #require(callers["olga"]), try #require(callers["ada"]))
      _ = try await plane.organizations.found(OrganizationDraft(name: "lab", slug: "lab", description: "", billingEmail: "ada@example.org"), by: ada)
      _ = try await plane.clusters.register(ClusterDraft(name: "oslo", slug: "oslo"), by: olga)
      _ = try await plane.clusters.admit("lab", to: "oslo", ClusterAdmission(), by: olga)
      _ = try await plane.projects.create(ResourceDraft(name: "art", slug: "art"), at: .cluster("oslo"), in: "lab", by: ada)
      for (handle, role) in [("bob", "admin"), ("cleo", nil)] as [(String, String?)] {
        let account = try await plane.accounts.read(by: try #require(callers[handle]))
        _ = try await plane.members.add(account.id, roles: ["member"], expires: nil, to: "lab", by: olga)
        if let role {
          _ = try await plane.grants.give(
            GrantDraft(.member(account.id.description), role: role), on: .projectAt("art", .cluster("oslo")), in: "lab", by: ada)
        }
      }
    }

    func serve(_ body: @Sendable (@escaping Ask) async throws -> Void) async throws {
      let tokens = tokens
      try await house.serve(gateways: [Apolo.gateway(house.plane)]) { client in
        try await body { method, path, who, json in
          var headers: HTTPFields = [:]
          if let who { headers[.authorization] = "Bearer \(tokens[who] ?? who)" }
          let answer = try await client.send(method, path.hasPrefix("/users") || path.hasPrefix("/service_accounts") ? "/apolo/api/v1\(path)" : path, headers, body: json)
          return (answer.status.code, answer.json)
        }
      }
    }

    typealias Ask = @Sendable (HTTPRequest.Method, String, String?, String?) async throws -> (status: Int, json: JSON)
  }

  private static let admin = "/apolo/apis/admin/v1"

  private func uris(_ json: JSON) -> Set<String> {
    guard case .array(let rows) = json else { return [] }
    return Set(rows.map { "\($0["action"]?.compact ?? "") \($0["uri"]?.compact ?? "")".replacing("\"", with: "") })
  }

  @Test func `A thing is shared, seen, given on in no way that it wasn't, and taken back`() async throws {
    let stage = try await Stage()
    try await stage.serve { ask in
      let folder = #"[{"uri":"storage://oslo/lab/art/raw","action":"read"}]"#
      func may(_ who: String, _ uri: String, _ action: String) async throws -> Bool {
        let answer = try await ask(.post, "\(Self.admin)/users/\(who)/permissions/check", who, #"[{"uri":"\#(uri)","action":"\#(action)"}]"#)
        return answer.json["missing"] == .array([])
      }
      #expect(try await !may("cleo", "storage://oslo/lab/art/raw/a", "read"))
      let given = try await ask(.post, "/users/cleo/permissions", "bob", folder)
      #expect(given.status == 201 && given.json == .array([["uri": "storage://oslo/lab/art/raw", "action": "read"]]), "\(given.json.compact)")
      // Who has a folder has what lies in it, and nothing beside.
      #expect(try await may("cleo", "storage://oslo/lab/art/raw", "read"))
      #expect(try await may("cleo", "storage://oslo/lab/art/raw/a/b", "read"))
      #expect(try await !may("cleo", "storage://oslo/lab/art/raw/a", "write"))
      #expect(try await !may("cleo", "storage://oslo/lab/art/raws", "read"))
      #expect(try await !may("cleo", "image://oslo/lab/art/raw", "read"))
      #expect(try await !may("cleo", "storage://oslo/lab/art", "read"))
      #expect(try await uris(ask(.get, "/users/cleo/permissions", "cleo", nil).json) == ["read storage://oslo/lab/art/raw"])
      #expect(try await uris(ask(.get, "/users/cleo/permissions?uri=image:", "cleo", nil).json).isEmpty)
      let shared = try await ask(.get, "/users/bob/permissions/shared?uri=storage:", "bob", nil).json
      #expect(shared == .array([["uri": "storage://oslo/lab/art/raw", "action": "read", "user": "cleo"]]))
      #expect(try await uris(ask(.get, "/users/bob/permissions", "bob", nil).json).contains("manage job://oslo/lab/art"))
      // Cleo gives nothing on, and nobody is asked about but by themselves.
      #expect(try await ask(.post, "/users/bob/permissions", "cleo", folder).status >= 403)
      #expect(try await ask(.get, "/users/bob/permissions", "cleo", nil).status == 403)
      #expect(try await ask(.get, "/users/bob/permissions/shared", "olga", nil).status == 403)
      #expect(try await ask(.post, "/users/cleo/permissions", "eve", folder).status == 404)
      #expect(try await ask(.post, "/users/eve/permissions", "bob", folder).status == 404)
      #expect(try await ask(.post, "/users/bob/permissions", "bob", folder).status == 400, "nobody shares with themselves")
      // More, and all of it back.
      #expect(try await ask(.post, "/users/cleo/permissions", "bob", #"[{"uri":"storage://oslo/lab/art/raw","action":"write"}]"#).status == 201)
      #expect(try await may("cleo", "storage://oslo/lab/art/raw/a", "write"))
      #expect(try await ask(.delete, "/users/cleo/permissions?uri=storage%3A%2F%2Foslo%2Flab%2Fart%2Fraw", "bob", nil).status == 204)
      #expect(try await !may("cleo", "storage://oslo/lab/art/raw", "read"))
      // What can't be shared is said.
      for (uri, action) in [("storage://oslo/lab/art", "read"), ("ftp://oslo/lab/art/x", "read"), ("storage://oslo/lab/art/x", "eat"), ("x", "read"), ("role://lab/x", "read")] {
        let refused = try await ask(.post, "/users/cleo/permissions", "bob", #"[{"uri":"\#(uri)","action":"\#(action)"}]"#)
        #expect(refused.status == 400, "\(uri) \(action): \(refused.json.compact)")
      }
      #expect(try await ask(.post, "/users/cleo/permissions", "bob", "[]").status == 400)
    }
  }

  @Test func `Roles of one's own are teams, and programs are service accounts`() async throws {
    let stage = try await Stage()
    try await stage.serve { ask in
      #expect(try await ask(.post, "/users", "cleo", #"{"name":"lab/weavers"}"#).status == 403)
      #expect(try await ask(.post, "/users", "ada", #"{"name":"lab/weavers"}"#).status == 201)
      #expect(try await ask(.post, "/users", "ada", #"{"name":"weavers"}"#).status == 400)
      #expect(try await ask(.get, "/users/ada/subroles", "ada", nil).json["subroles"] == ["lab/weavers"])
      let image = #"[{"uri":"image://oslo/lab/art/net","action":"read"}]"#
      #expect(try await ask(.post, "/users/lab:weavers/permissions", "bob", image).status == 201)
      #expect(try await ask(.get, "/users/bob/permissions/shared", "bob", nil).json == .array([["uri": "image://oslo/lab/art/net", "action": "read", "user": "lab/weavers"]]))
      #expect(try await ask(.delete, "/users/lab:weavers", "cleo", nil).status == 403)
      #expect(try await ask(.delete, "/users/lab:weavers", "ada", nil).status == 204)
      #expect(try await ask(.get, "/users/bob/permissions/shared", "bob", nil).json == .array([]))
      // Programs.
      let draft = #"{"name":"ci","default_cluster":"oslo","default_org":"lab","default_project":"art"}"#
      #expect(try await ask(.post, "/service_accounts", "cleo", draft).status == 404, "cleo sees no such project")
      let made = try await ask(.post, "/service_accounts", "ada", draft)
      guard case .string(let wrapped)? = made.json["token"], let bytes = Base64URL.decode(wrapped.filter { $0 != "=" }),
        case .string(let token)? = try JSON(bytes)["token"], case .string(let id)? = made.json["id"] else { throw Problem(.defect, made.json.compact) }
      #expect(made.status == 201 && made.json["role"] == "lab/service-accounts/ci" && made.json["default_project"] == "art")
      #expect(try await ask(.post, "/service_accounts", "ada", draft).status == 409)
      let config = try await ask(.get, "/apolo/api/v1/config", token, nil).json
      #expect(config["authorized"] == .boolean(true) && config["clusters"] != .array([]) && config.compact.contains(#""name":"art""#), "\(config.compact)")
      #expect(try await ask(.get, "/service_accounts", "ada", nil).json.compact.contains(id))
      #expect(try await ask(.get, "/service_accounts/ci", "ada", nil).json["id"] == .string(id))
      #expect(try await ask(.get, "/service_accounts/ci", "eve", nil).status == 404)
      #expect(try await ask(.get, "/service_accounts", "eve", nil).json == .array([]))
      #expect(try await ask(.post, "/users/lab:service-accounts:ci/permissions", "bob", image).status == 201)
      #expect(try await uris(ask(.get, "/users/ci/permissions?uri=image:", token, nil).json).contains("read image://oslo/lab/art/net"))
      #expect(try await ask(.delete, "/service_accounts/\(id)", "cleo", nil).status >= 403)
      #expect(try await ask(.delete, "/service_accounts/\(id)", "ada", nil).status == 204)
      #expect(try await ask(.get, "/apolo/api/v1/config", token, nil).json["authorized"] == .boolean(false))
      let unnamed = try await ask(.post, "/service_accounts", "ada", #"{"name":null,"default_cluster":"oslo","default_org":"lab"}"#)
      #expect(unnamed.status == 201 && unnamed.json["name"] == "service-account-1")
      #expect(try await ask(.post, "/service_accounts", "ada", #"{"name":"x","default_cluster":"oslo"}"#).status == 400)
    }
  }

  @Test func `Organizations say when they are told of their credits`() async throws {
    let stage = try await Stage()
    try await stage.serve { ask in
      let place = "\(Self.admin)/orgs/lab/defaults"
      let body = #"{"notification_intervals":{"balance_projection_seconds":[3600],"balance_amount":[100,-50],"balance_depletion_seconds":null}}"#
      let set = try await ask(.patch, place, "ada", body)
      let told = set.json["notification_intervals"]
      #expect(told?["balance_projection_seconds"] == [3600] && told?["balance_amount"] == [100, -50] && told?["balance_depletion_seconds"] == [0], "\(set.json.compact)")
      for wrong in [
        #"{"notification_intervals":{"balance_depletion_seconds":[86400]}}"#, #"{"notification_intervals":{"balance_projection_seconds":[5]}}"#,
        #"{"notification_intervals":{"balance_amount":"x"}}"#, #"{"notification_intervals":{"balance_amount":["x"]}}"#, #"{"notification_intervals":[]}"#,
      ] {
        #expect(try await ask(.patch, place, "ada", wrong).status == 400, "\(wrong)")
      }
      #expect(try await ask(.get, "\(Self.admin)/orgs/lab", "ada", nil).json["notification_intervals"] == told)
      #expect(try await ask(.patch, place, "cleo", #"{"notification_intervals":{"balance_amount":[7]}}"#).status == 403)
    }
  }

  @Test func `Operators make and change people; old addresses without an organization mean the only one`() async throws {
    let stage = try await Stage()
    try await stage.serve { ask in
      let pia = #"{"name":"pia","email":"pia@example.org","first_name":"Pia","last_name":"Weaver"}"#
      #expect(try await ask(.post, "\(Self.admin)/users", "ada", pia).status == 403)
      let made = try await ask(.post, "\(Self.admin)/users", "olga", pia)
      #expect(made.status == 200 && made.json["name"] == "pia" && made.json["last_name"] == "Weaver", "\(made.json.compact)")
      #expect(try await ask(.post, "\(Self.admin)/users", "olga", pia).status == 409)
      let renamed = #"{"name":"cleo","email":"cleo@example.org","first_name":"Cleo","last_name":"Weaver"}"#
      #expect(try await ask(.put, "\(Self.admin)/users/cleo", "eve", renamed).status == 403)
      #expect(try await ask(.put, "\(Self.admin)/users/cleo", "cleo", renamed).json["last_name"] == "Weaver")
      #expect(try await ask(.put, "\(Self.admin)/users/cleo", "cleo", #"{"email":"x@example.org"}"#).status == 403)
      #expect(try await ask(.put, "\(Self.admin)/users/cleo", "olga", #"{"email":"cleo@example.com","first_name":"Cleopatra"}"#).json["email"] == "cleo@example.com")
      #expect(try await ask(.put, "\(Self.admin)/users/nobody", "olga", renamed).status == 404)
      // Without an organization in the address.
      #expect(try await ask(.get, "\(Self.admin)/clusters/oslo/projects", "ada", nil).json.compact.contains("art"))
      #expect(try await ask(.get, "\(Self.admin)/clusters/oslo/projects/art", "ada", nil).json["org_name"] == "lab")
      #expect(try await ask(.get, "\(Self.admin)/clusters/oslo/users/bob", "ada", nil).status < 500)
      #expect(try await ask(.get, "\(Self.admin)/clusters/oslo/projects/art", "eve", nil).status == 404)
    }
  }

  @Test func `The addresses are where the installation says`() async throws {
    var paths = GatewayPaths()
    (paths.apolo, paths.apoloAdmin, paths.zenML) = ("/apis/jobs/v2", "/apis/people", "/zenml/pro")
    #expect(paths.fault == nil)
    let stage = try await Stage(paths)
    try await stage.serve { ask in
      let config = try await ask(.get, "/apis/jobs/v2/config", "ada", nil)
      #expect(config.status == 200 && config.json["admin_url"] == "https://guildhall.test/apis/people" && config.json["token_url"] == "https://guildhall.test/apis/jobs/v2/token")
      #expect(try await ask(.get, "/apis/people/orgs/lab", "ada", nil).status == 200)
      #expect(try await ask(.get, "/apolo/apis/admin/v1/orgs/lab", "ada", nil).status == 404)
    }
  }
}
