import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import Server

/// The regulation of the specification from end to end: over HTTP, and in the console.
@Suite struct DecisionServiceTests {
  private static let base = "/api/v1/organizations/hall"
  private static let regulation = """
    forbid (principal in Team::"contractors", action in [Action::"read", Action::"use"], resource is Dataset)
    unless { resource has compliance && resource.compliance.contains("gdpr") };
    """

  private func post(_ client: any TestClientProtocol, _ path: String, _ body: JSON, _ secret: String) async throws -> (status: Int, json: JSON) {
    let headers: HTTPFields = [.authorization: "Bearer \(secret)", .contentType: "application/json"]
    return try await client.execute(uri: Self.base + path, method: .post, headers: headers, body: ByteBuffer(string: body.compact)) { response in
      (response.status.code, (try? JSON(Array(response.body.readableBytesView))) ?? .null)
    }
  }

  /// With bob as a contractor who holds every role, and a service account's key.
  private func stage() async throws -> (hall: Hall, key: String) {
    let hall = try await Hall(.plain)
    let (plane, admin) = (hall.house.plane, hall.caller(.admin))
    _ = try await plane.teams.create(TeamDraft(name: "Contractors"), in: "hall", by: admin)
    let bob = try #require(try await plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: admin).items.first)
    _ = try await plane.members.setRoles(bob.id, ["admin", "manager", "billing", "infrastructure", "contributor", "viewer", "member"], seen: nil, in: "hall", by: admin)
    for role in ["admin", "developer"] { _ = try await plane.grants.give(GrantDraft(.anybody("bob"), role: role), on: .project("forecast", in: "lab"), in: "hall", by: admin) }
    for row in try await plane.teams.add([.anybody("bob")], to: "contractors", in: "hall", by: admin) { _ = try row.result.get() }
    return (hall, try await plane.serviceAccounts.createKey(named: "pdp", KeyTerm(days: nil), of: "robot", in: "hall", by: admin).secret.reveal())
  }

  private func question(_ who: String, _ marks: JSON?, action: String = "read") -> JSON {
    var resource: [JSON.Member] = [
      .init("type", "dataset"), .init("id", "customers"), .init("parent", ["type": "project", "id": "lab/forecast"]),
    ]
    if let marks { resource.append(.init("attributes", ["compliance": marks])) }
    return ["principal": ["type": "account", "id": .string(who)], "action": .string(action), "resource": .object(resource)]
  }

  @Test func `A contractor with every role can't read what isn't compliant, and everybody says which policy it was`() async throws {
    let (hall, key) = try await stage()
    try await hall.serve { client in
      let before = try await post(client, "/decisions/check", question("bob", ["hipaa"]), key)
      #expect(before.status == 200 && before.json["allowed"] == true)
      // In the console: the template, what it would do, and then it is saved.
      let draft = try await client.send(.get, "/hall/policies/new?template=compliant-data&fill=yes&team=contractors&type=dataset&mark=gdpr", hall.headers(of: .admin)).text
      #expect(draft.contains("Team::&quot;contractors&quot;") || draft.contains("Team::\"contractors\""))
      let fields = [("name", "Only compliant data"), ("slug", ""), ("description", ""), ("text", Self.regulation.replacing("\n", with: "\r\n")), ("enabled", "on")]
      let looked = try await hall.post(client, "/hall/policies/new", fields, as: .admin)
      #expect(looked.status == .unprocessableContent && looked.text.contains("1 member would lose access") && looked.text.contains("Nothing is saved yet."))
      let seen = try #require(looked.text.firstMatch(of: /name="seen" value="([^"]+)"/)).1
      let saved = try await hall.post(client, "/hall/policies/new", fields + [("seen", String(seen))], as: .admin)
      #expect(saved.headers[.location] == "/hall/policies/only-compliant-data")

      let revision = try #require(before.json["revision"]?.number)
      for (marks, allowed) in [(["hipaa"], false), ([], false), (["hipaa", "gdpr"], true)] as [(JSON, Bool)] {
        let answer = try await post(client, "/decisions/check", question("bob", marks), key)
        #expect(answer.json["allowed"] == .boolean(allowed) && answer.json["revision"]?.number ?? 0 > revision, "\(marks)")
        #expect(try await post(client, "/decisions/check", question("ada", marks), key).json["allowed"] == true)
      }
      let explained = try await post(client, "/decisions/explain", question("bob", nil), key).json
      #expect(explained["outcome"] == "forbidden" && explained["sentence"] == "Forbidden by the policy \"Only compliant data\".")
      let grounds = explained["grounds"]?.items ?? []
      #expect(grounds.contains { $0["effect"] == "forbids" && $0["policy"]?["slug"] == "only-compliant-data" })
      #expect(grounds.contains { $0["effect"] == "allows" && $0["role"] == "organization.admin" }, "and what would allow it")
      let page = try await client.send(.get, "/hall/access?who=bob&action=read&type=dataset&thing=customers&in=lab/forecast", hall.headers(of: .admin))
      #expect(page.text.contains("No: a policy forbids it.") && page.text.contains("href=\"/hall/policies/only-compliant-data\"") && MarkupChecker(Array(page.body.readableBytesView)).findings == [])
    }
  }

  @Test func `What can't be asked is refused by its field, and the rest of a batch is answered`() async throws {
    let (hall, key) = try await stage()
    try await hall.serve { client in
      let table: [(JSON, Int, String?)] = [
        ([:], 422, nil), ([], 422, nil), ("x", 422, nil), (["action": "read"], 422, nil),
        (["action": "read", "resource": ["type": "data set"]], 422, "resource/type"), (["action": "", "resource": ["type": "dataset"]], 422, "action"),
        (["action": "read", "resource": ["type": "dataset", "attributes": ["a": .null]]], 422, "resource/attributes/a"),
        (["action": "read", "resource": ["type": "dataset", "attributes": [1]]], 422, "resource/attributes"),
        (["action": "read", "resource": ["type": "dataset"], "context": ["address": "nowhere"]], 422, "context"),
        (["action": "read", "resource": ["type": "dataset"], "context": ["until": ["__extn": ["fn": "clock", "arg": "x"]]]], 422, "context/until"),
        (["principal": ["type": "team", "id": "crew"], "action": "read", "resource": ["type": "dataset"]], 422, "principal/type"),
        (["action": "read", "resource": ["type": "dataset"], "at_least_revision": 9_000_000_000_000_000], 409, nil),
      ]
      for (body, status, field) in table {
        let answer = try await post(client, "/decisions/check", body, key)
        #expect(answer.status == status || status == 422 && answer.status == 400, "\(body.compact): \(answer.status) \(answer.json.compact)")
        if let field { #expect(answer.json["errors"]?.items.first?["field"]?.text == field || answer.json.compact.contains(field), "\(body.compact): \(answer.json.compact)") }
      }
      let many = try await post(
        client, "/decisions/check-batch",
        ["items": [question("ada", []), question("nobody-here", []), ["action": "read it", "resource": ["type": "dataset"]], question("bob", [], action: "transmogrify")]], key)
      #expect(many.status == 200 && (many.json["items"]?.items ?? []).map { $0["outcome"]?.text ?? "" } == ["allowed", "hidden", "invalid", "allowed"])
      let head = try await client.send(.get, "\(Self.base)/decisions", [.authorization: "Bearer \(key)"]).json
      #expect(head["revision"] == many.json["revision"])
    }
  }

  @Test func `A policy with errors comes back with each in its place`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let text = "forbid (\n  principal in Team::\"nobody\",\n  action == Action::\"raed\",\n  resource\n);"
      let wrong = try await hall.post(client, "/hall/policies/new", [("name", "Wrong"), ("text", text), ("enabled", "on")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("Line 2, column 22") && wrong.text.contains("Line 3, column 13"), "\(wrong.text)")
      #expect(wrong.text.contains("value=\"Wrong\"") && !wrong.text.contains("name=\"seen\""))
      #expect(MarkupChecker(Array(wrong.body.readableBytesView)).findings == [])
      let shut = "forbid (principal, action, resource);"
      let preview = try await hall.post(client, "/hall/policies/new", [("name", "Shut"), ("text", shut), ("enabled", "on")], as: .admin)
      #expect(preview.text.contains("No admin could get in any more."))
      let refused = try await hall.post(client, "/hall/policies/new", [("name", "Shut"), ("text", shut), ("enabled", "on"), ("seen", SHA256Digest(of: shut).text)], as: .admin)
      #expect(refused.status == .unprocessableContent && refused.text.contains("Leave admins out"))
      #expect(try await client.send(.get, "/hall/policies/shut", hall.headers(of: .admin)).status == .notFound)
    }
  }
}
