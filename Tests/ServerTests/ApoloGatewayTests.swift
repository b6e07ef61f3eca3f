import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Secrets
import Testing

@testable import ApoloGateway
@testable import Server

/// What Apolo's clients rely on beyond the story that their own command line tells (`ClientTests`).
@Suite struct ApoloGatewayTests {
  // MARK: How it is written

  @Test(arguments: [
    ("12.50", "12.5"), ("0", "0"), ("-3", "-3"), ("1E+2", "100"), ("1e2", "100"), ("1.25E+1", "12.5"), ("125E-1", "12.5"), ("5E-6", "0.000005"), ("0E-6", "0"),
    ("-0.000001", "-0.000001"), ("100.000000000", "100"), ("9223372036854.775807", "9223372036854.775807"), ("00.5", "0.5"),
  ])
  func `Decimals of Python are read exactly`(text: String, wanted: String) throws {
    #expect(try Money.credits(.string(text), "credits").description == wanted)
    #expect(try Money.limit(.string(text), "credits")?.description == wanted)
  }

  @Test(arguments: ["", "-", ".", "e", "1e", "1e1e1", "1e31", "1E+99999999999999999999", "NaN", "Infinity", "1,5", " 1", "0.0000001", "1e-7", "9223372036854.775808", "--1", "+1"])
  func `What is no amount is refused, and never rounded`(text: String) {
    #expect(throws: Problem.self) { try Money.credits(.string(text), "credits") }
  }

  @Test func `No limit is null, absent or empty; zero is zero`() throws {
    for nothing in [nil, .null, .string("")] as [JSON?] { #expect(try Money.limit(nothing, "credits") == nil) }
    #expect(try Money.limit("0", "credits") == .zero)
    #expect(Money.balance(.zero, spent: .zero).compact == #"{"credits":"0","spent_credits":"0"}"#)
    #expect(Money.balance(nil, spent: .zero).compact == #"{"spent_credits":"0"}"#)
  }

  @Test func `A token says who it is and holds a secret of ours; any other text is itself`() throws {
    let text = BearerEnvelope.text(SecretText("gld_pat_abc"), for: "ada")
    #expect(BearerEnvelope.secret(in: text) == "gld_pat_abc")
    let claims = try #require(Base64URL.decode(text.split(separator: ".")[1]))
    #expect(try JSON(claims)["identity"] == "ada")
    let foreign = [#"{"alg":"none"}"#, #"{"identity":"ada"}"#, "x"].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
    for other in ["gld_pat_abc", "", "..", "a.b", "a.b.c.d", foreign, String(repeating: "a.", count: 5000)] { #expect(BearerEnvelope.secret(in: other) == other) }
  }

  @Test(arguments: ["", "x", "://", "job://", "org://", "role://lab", "role://lab/user", "cluster://", "cluster://a/b", "ftp://a/b", "JOB://a/b", "job:/a/b"])
  func `A URI that names nothing is told from others`(text: String) { #expect(PlatformURI(text) == nil) }

  @Test func `URIs name organizations, clusters, projects and what is in them`() throws {
    #expect(PlatformURI("org://lab/users") == .organization("lab", .memberUpdate))
    #expect(PlatformURI("role://lab/admin") == .organization("lab", .organizationDelete))
    #expect(PlatformURI("cluster://oslo") == .cluster("oslo"))
    #expect(PlatformURI("cluster://oslo/access") == .anyone(cluster: "oslo"))
    #expect(PlatformURI("cluster://oslo/orgs/lab") == .organization("lab", .memberUpdate))
    let project = try ThingName.Place(type: "project", id: "cluster:oslo/art")
    #expect(PlatformURI("cluster://oslo/orgs/lab/projects/art/users/ada/delete") == .within(organization: "lab", type: "project", project))
    #expect(PlatformURI("job://oslo/lab/art/job-1") == .within(organization: "lab", type: "job", project, things: ["oslo/art/job-1"]))
    #expect(PlatformURI("storage://oslo/lab/art/a/b") == .within(organization: "lab", type: "storage", project, things: ["oslo/art/a", "oslo/art/a/b"]))
    #expect(PlatformURI("disk://oslo/lab") == .within(organization: "lab", type: "disk", try ThingName.Place(type: "cluster", id: "oslo")))
  }

  // MARK: What it refuses

  private struct House {
    let house: TestHouse
    let operatorToken: String
    let memberToken: String

    init() async throws {
      house = try await TestHouse()
      let (plane, nobody) = (house.plane, Caller(.none, from: .inside))
      func join(_ handle: String) async throws -> Caller {
        let draft = try AccountDraft(email: "\(handle)@example.org", name: handle, handle: handle, password: "nine lilac kites over water")
        return Caller(secret: try await plane.accounts.create(draft, by: nobody).secret.reveal(), from: .inside)
      }
      func token(_ caller: Caller) async throws -> String {
        let scopes = ["account", "organization:admin", "organization:irreversible"]
        return try await plane.tokens.create(AccessTokenDraft(name: "t", scopes: scopes), by: caller).secret.reveal()
      }
      let (olga, ada) = (try await join("olga"), try await join("ada"))
      _ = try await plane.organizations.found(OrganizationDraft(name: "lab", slug: "lab", description: "", billingEmail: "ada@example.org"), by: ada)
      _ = try await plane.clusters.register(ClusterDraft(name: "oslo", slug: "oslo"), by: olga)
      _ = try await plane.clusters.admit("lab", to: "oslo", ClusterAdmission(), by: olga)
      _ = try await plane.projects.create(ResourceDraft(name: "art", slug: "art"), at: .cluster("oslo"), in: "lab", by: ada)
      (operatorToken, memberToken) = (try await token(olga), try await token(ada))
    }

    var gateway: Gateway { Apolo.gateway(house.plane) }

    func serve(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws { try await house.serve(gateways: [gateway], body) }
  }

  /// The path of a route with names that there are, or that there aren't.
  private static func path(_ route: GatewayRoute, present: Bool) -> String {
    let names = present ? ["organization": "lab", "cluster": "oslo", "project": "art", "user": "ada", "preset": "p"] : [:]
    return route.path.split(separator: "/").map { part in
      part.hasPrefix("{") ? names[String(part.dropFirst().dropLast())] ?? "%F0%9F%A6%8A" : String(part)
    }.reduce("") { "\($0)/\($1)" }
  }

  @Test func `Whatever is sent to whichever address, nothing breaks, and a refusal is an error with a text`() async throws {
    let house = try await House()
    let bodies: [String?] = [
      nil, "", "{", "[]", "null", "\"x\"", "{}", #"{"name":1}"#, #"{"name":""}"#, #"{"user_name":["x"],"role":{}}"#, #"{"credits":12}"#, #"{"credits":"x"}"#,
      #"{"additional_credits":"1E+99"}"#, #"{"spending":"-1"}"#, #"{"spending":true}"#, #"{"quota":[]}"#, #"{"quota":{"total_running_jobs":"many"}}"#,
      #"{"quota":{"total_running_jobs":-1}}"#, #"{"additional_quota":{"total_running_jobs":9223372036854775807}}"#, #"{"role":"emperor","user_name":"ada"}"#,
      #"{"org_name":"lab","user_name":"ada","role":"user","quota":{"total_running_jobs":1}}"#, #"{"name":"\#(String(repeating: "x", count: 10_000))"}"#,
      #"{"balance":"x","role":"user","user_name":"nobody"}"#, #"{"default_role":"admin","maintenance":"no"}"#, #"{"cpu":1e300,"memory":1,"name":"p"}"#,
      #"[{"uri":"job://oslo/lab/art","action":"write"},{"uri":"cluster://oslo/access","action":"read"}]"#, #"[{"uri":"x","action":1}]"#, "[[]]",
      #"{"cpu":9223372036854775807,"memory":"x","name":"p"}"#, #"{"storage_size":1e99,"org_name":"lab"}"#, "\u{0}", #"{"name":"a","name":"b"}"#,
    ]
    try await house.serve { client in
      for route in house.gateway.routes where route.method != .delete {
        for token in [house.memberToken, house.operatorToken, nil] {
          for (place, body) in bodies.enumerated() where route.method != .get || place < 2 {
            let method = try #require(HTTPRequest.Method(rawValue: route.method.rawValue))
            let path = Self.path(route, present: place % 3 != 2) + (place % 5 == 1 ? "?idempotency_key=k\(place)&with_user_info=true&include=orgs" : "")
            var headers: HTTPFields = [:]
            if let token { headers[.authorization] = "Bearer \(BearerEnvelope.text(SecretText(token), for: "x"))" }
            let answer = try await client.send(method, path, headers, body: body)
            #expect(answer.status.code < 500, "\(method) \(path) \(body ?? "") \(answer.text)")
            if answer.status.code >= 400 {
              guard case .string? = try? JSON(Array(answer.text.utf8))["error"] else {
                Issue.record("\(method) \(path): \(answer.text)")
                continue
              }
            }
            if token == nil, !path.contains("/config"), !path.contains("/ping"), !path.contains("/capacity") {
              #expect([400, 401, 403, 404].contains(answer.status.code), "\(method) \(path) \(answer.status)")
            }
          }
        }
      }
    }
  }

  @Test func `A credential that doesn't hold is refused everywhere, and told so at the start`() async throws {
    let house = try await House()
    let plane = house.house.plane
    let caller = Caller(secret: house.memberToken, from: .inside)
    try await house.serve { client in
      func ask(_ path: String, _ token: String) async throws -> TestResponse { try await client.send(.get, path, [.authorization: "Bearer \(token)"]) }
      let good = BearerEnvelope.text(SecretText(house.memberToken), for: "ada")
      #expect(try await ask("/apolo/apis/admin/v1/orgs/lab", good).status == .ok)
      #expect(try await ask("/apolo/api/v1/config", good).text.contains(#""authorized":true"#))
      // Without a wrapping it is good as well; another name in it changes nothing.
      #expect(try await ask("/apolo/apis/admin/v1/orgs/lab", house.memberToken).status == .ok)
      let renamed = BearerEnvelope.text(SecretText(house.memberToken), for: "olga")
      #expect(try await ask("/apolo/apis/admin/v1/clusters", renamed).text == ask("/apolo/apis/admin/v1/clusters", good).text)
      let list = try await plane.tokens.list(.first, by: caller)
      for token in list.items { try await plane.tokens.revoke(token.id, by: caller) }
      for bad in [good, "x", "a.b.c", BearerEnvelope.text(SecretText("gld_pat_x"), for: "ada")] {
        let answer = try await ask("/apolo/apis/admin/v1/orgs/lab", bad)
        #expect(answer.status == .unauthorized && answer.text.hasPrefix(#"{"error":"#), "\(bad)")
        let start = try await ask("/apolo/api/v1/config", bad)
        #expect(start.status == .ok && start.text.contains(#""authorized":false"#) && !start.text.contains("clusters"), "\(bad)")
      }
      let anonymous = try await client.send(.get, "/apolo/api/v1/config")
      #expect(anonymous.status == .ok && !anonymous.text.contains("clusters") && anonymous.text.contains("headless_callback_url"))
      #expect(try await client.send(.get, "/apolo/apis/admin/v1/ping").text == "Pong")
      let nowhere = try await client.send(.get, "/apolo/apis/admin/v1/nowhere")
      #expect(nowhere.status == .notFound && nowhere.text.hasPrefix(#"{"error":"#))
    }
  }

  @Test func `A refusal for lack of a permission names what was missing, as the platform calls it`() async throws {
    let house = try await House()
    try await house.serve { client in
      let token = BearerEnvelope.text(SecretText(house.memberToken), for: "ada")
      for (path, uri) in [
        ("/clusters/oslo/orgs/lab/balance", "cluster://oslo/orgs/lab"), ("/orgs/lab/balance", "org://lab"),
      ] {
        let answer = try await client.send(.patch, "/apolo/apis/admin/v1\(path)", [.authorization: "Bearer \(token)"], body: #"{"credits":null}"#)
        #expect(answer.status == .forbidden)
        let refusal = try JSON(Array(answer.text.utf8))
        #expect(refusal["missing"] == [["uri": .string(uri), "action": "write"]])
      }
    }
  }
}

extension Hall {
  /// What a program asks for that wants to sign in.
  static let signIn =
    "response_type=code&client_id=apolo-cli&redirect_uri=http%3A%2F%2F127.0.0.1%3A54540&code_challenge=\(String(repeating: "a", count: 42))A"
    + "&code_challenge_method=S256&scope=offline_access"
}
