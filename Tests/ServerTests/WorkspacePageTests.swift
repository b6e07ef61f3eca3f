import Authorization
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import Testing

@testable import Server

/// Workspaces, projects and access as people and programs meet them.
@Suite struct WorkspacePageTests {
  private static let list = "/hall/workspaces"

  @Test func `A workspace is enrolled, its key is shown once, and a form that was wrong keeps what was typed`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let taken = try await hall.post(client, "\(Self.list)/new", [("name", "The lab"), ("slug", "lab"), ("description", "kept words")], as: .admin)
      #expect(taken.status == .unprocessableContent && taken.text.contains("A workspace of this installation is called") && taken.text.contains("kept words</textarea>"))
      let made = try await hall.post(client, "\(Self.list)/new", [("name", "Second"), ("slug", ""), ("description", "")], as: .admin)
      #expect(made.status == .ok && made.text.contains("gld_enr_") && made.text.contains("ZENML_SERVER_PRO_WORKSPACE_NAME=second") && made.text.contains("First steps"))
      let again = try await client.send(.get, "\(Self.list)/second", hall.headers(of: .admin)).text
      #expect(!again.contains("gld_enr_") && again.contains("ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET=the enrollment key"))
      let renewed = try await hall.post(client, "\(Self.list)/second/enrollment-key", [], as: .admin)
      #expect(renewed.status == .ok && renewed.text.contains("gld_enr_"))
      #expect(try await client.send(.get, "\(Self.list)/second/enrollment-key", hall.headers(of: .admin)).headers[.location] == "\(Self.list)/second/settings")
      let stale = try await hall.post(client, "\(Self.list)/second/settings", [("name", "Mine"), ("slug", "second"), ("description", "kept"), ("revision", "9")], as: .admin)
      #expect(stale.status == .unprocessableContent && stale.text.contains("was changed since you read it") && stale.text.contains("kept</textarea>"))
      let off = try await hall.post(client, "\(Self.list)/second/deactivation", [], as: .admin)
      #expect(off.headers[.location] == "\(Self.list)/second/settings")
      #expect(try await client.send(.get, "\(Self.list)/second", hall.headers(of: .admin)).text.contains("deactivated"))
      let mistyped = try await hall.post(client, "\(Self.list)/second/deletion", [("confirm", "2nd")], as: .admin)
      #expect(mistyped.status == .unprocessableContent && mistyped.text.contains("value=\"2nd\""))
      #expect(try await hall.post(client, "\(Self.list)/second/deletion", [("confirm", "second")], as: .admin).headers[.location] == Self.list)
      #expect(try await client.send(.get, "\(Self.list)/second", hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test func `Access is given, changed, ended and given back`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.serve { client in
      for (page, post) in [("\(Self.list)/lab/access", "\(Self.list)/lab/access"), ("\(Self.list)/lab/projects/forecast", "\(Self.list)/lab/projects/forecast/access")] {
        let place: ResourceReference = post.contains("projects") ? .project("forecast", in: "lab") : .workspace("lab")
        let wrong = try await hall.post(client, post, [("who", "nobody-here"), ("role", "viewer"), ("expires_at", "2099-01-31")], as: .admin)
        #expect(wrong.status == .unprocessableContent && wrong.text.contains("Nobody here is called so") && wrong.text.contains("value=\"2099-01-31\""))
        for (fields, text) in [
          ([("who", ""), ("role", "viewer")], "Name somebody"), ([("who", "bob"), ("role", "owner")], "There is no such role"),
          ([("who", "bob"), ("role", "viewer"), ("expires_at", "soon")], "Write the day as"), ([("who", "bob"), ("role", "viewer"), ("expires_at", "2001-01-01")], "in the future"),
        ] {
          let answer = try await hall.post(client, post, fields, as: .admin)
          #expect(answer.status == .unprocessableContent && answer.text.contains(text), "\(text)")
        }
        #expect(try await hall.post(client, post, [("who", "bob"), ("role", "viewer"), ("expires_at", "2099-01-31")], as: .admin).headers[.location] == page)
        let given = try #require(try await plane.grants.list(on: place, search: "bob", in: "hall", .first, by: hall.caller(.admin)).items.first)
        #expect(given.expires == Timestamp("2099-02-01T00:00:00Z"), "to the end of the day")
        // The same day leaves the instant as it is; another role is another role.
        let change = [("role", "developer"), ("expires_at", "2099-01-31"), ("day", "2099-01-31"), ("revision", "1")]
        #expect(try await hall.post(client, "\(post)/\(given.id)", change, as: .admin).headers[.location] == page)
        #expect(try await hall.post(client, "\(post)/\(given.id)", change, as: .admin).status == .unprocessableContent, "a stale form")
        let changed = try await plane.grants.find(given.id, on: place, in: "hall", by: hall.caller(.admin))
        #expect(changed.role.name.hasSuffix(".developer") && changed.expires == given.expires)
        let ended = try await hall.post(client, "\(post)/\(given.id)/withdrawal", [], as: .admin)
        #expect(ended.headers[.location] == page)
        let undo: [(String, String)] = [("who", given.holder.memberID), ("kind", "account"), ("role", "developer"), ("expires_at", given.expires?.description ?? "")]
        #expect(try await hall.post(client, post, undo, as: .admin).headers[.location] == page)
        let back = try #require(try await plane.grants.list(on: place, search: "bob", in: "hall", .first, by: hall.caller(.admin)).items.first)
        #expect(back.role.name.hasSuffix(".developer") && back.expires == given.expires, "exactly as it was")
        #expect(try await client.send(.get, "\(post)/\(given.id)", hall.headers(of: .admin)).status == .notFound)
      }
      #expect(try await client.send(.get, "\(Self.list)/lab/projects/forecast/access", hall.headers(of: .admin)).headers[.location] == "\(Self.list)/lab/projects/forecast")
    }
  }

  @Test func `A bare member sees what they have access to, is offered what they may do, and the rest isn't there`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.serve { client in
      let nothing = try await client.send(.get, Self.list, hall.headers(of: .member)).text
      #expect(nothing.contains("No workspaces yet") && !nothing.contains("New workspace"))
      for path in ["lab", "lab/access", "lab/settings", "lab/deletion", "lab/projects/new", "lab/projects/forecast", "lab/projects/forecast/settings"] {
        #expect(try await client.send(.get, "\(Self.list)/\(path)", hall.headers(of: .member)).status == .notFound, "\(path)")
      }
      _ = try await plane.grants.give(GrantDraft(.member("bob"), role: "viewer"), on: .project("forecast", in: "lab"), in: "hall", by: hall.caller(.admin))
      let workspace = try await client.send(.get, "\(Self.list)/lab", hall.headers(of: .member)).text
      #expect(workspace.contains("href=\"\(Self.list)/lab/projects/forecast\"") && workspace.contains("New project") && !workspace.contains("Settings of its server"))
      let project = try await client.send(.get, "\(Self.list)/lab/projects/forecast", hall.headers(of: .member)).text
      #expect(!project.contains("Give access") && !project.contains("carol@example.org") && !project.contains("End this access") && project.contains("admin"))
      for (path, fields) in [
        ("lab/settings", [("name", "Mine")]), ("lab/deletion", [("confirm", "lab")]), ("lab/projects/forecast/settings", [("name", "Mine")]),
        ("lab/projects/forecast/deletion", [("confirm", "forecast")]), ("lab/projects/forecast/access", [("who", "bob"), ("role", "admin")]), ("new", [("name", "Mine")]),
      ] { #expect(try await hall.post(client, "\(Self.list)/\(path)", fields, as: .member).status == .unprocessableContent, "\(path)") }
      let made = try await hall.post(client, "\(Self.list)/lab/projects/new", [("name", "Own"), ("default_role", "viewer")], as: .member)
      #expect(made.headers[.location] == "\(Self.list)/lab/projects/own")
      let own = try await client.send(.get, "\(Self.list)/lab/projects/own", hall.headers(of: .member)).text
      #expect(own.contains("Give access") && own.contains("Settings"))
    }
  }

  @Test func `Their revision is the ETag, and a change of an older one is refused`() async throws {
    let hall = try await Hall(.plain)
    let token = try await hall.house.plane.tokens.create(AccessTokenDraft(name: "x", scopes: ["organization:admin"]), by: hall.caller(.admin)).secret.reveal()
    try await hall.serve { client in
      let path = "/api/v1/organizations/hall/workspaces/lab"
      let fields: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "application/json"]
      var matching = fields
      matching[.ifMatch] = "\"1\""
      for (place, body) in [(path, #"{"name":"Other"}"#), ("\(path)/projects/forecast", #"{"default_role":"viewer"}"#)] {
        let read = try await client.send(.get, place, fields)
        #expect(read.status == .ok && read.headers[.eTag] == "\"1\"", "\(place)")
        let changed = try await client.execute(uri: place, method: .patch, headers: matching, body: ByteBuffer(string: body)) { ($0.status, $0.headers[.eTag]) }
        #expect(changed.0 == .ok && changed.1 == "\"2\"")
        #expect(try await client.execute(uri: place, method: .patch, headers: matching, body: ByteBuffer(string: #"{"name":"Late"}"#)) { $0.status } == .preconditionFailed)
        #expect(try await client.execute(uri: place, method: .delete, headers: matching) { $0.status } == .preconditionFailed)
      }
      let given = try await client.execute(uri: "\(path)/grants", method: .post, headers: fields, body: ByteBuffer(string: #"{"holder":"bob","role":"viewer"}"#)) { ($0.status, $0.headers[.location], String(buffer: $0.body)) }
      #expect(given.0 == .created && given.2.contains("\"role\":\"viewer\""))
      let place = try #require(given.1)
      let other = try await client.execute(uri: place, method: .patch, headers: matching, body: ByteBuffer(string: #"{"role":"developer","lasts":true}"#)) { $0.status }
      #expect(other == .ok)
      #expect(try await client.execute(uri: place, method: .delete, headers: matching) { $0.status } == .preconditionFailed)
      #expect(try await client.execute(uri: place, method: .delete, headers: fields) { $0.status } == .noContent)
      #expect(try await client.execute(uri: place, method: .delete, headers: fields) { $0.status } == .notFound)
    }
  }
}

extension Grant.Holder {
  fileprivate var memberID: String { if case .member(let id, _, _, _) = self { id.description } else { "" } }
}
