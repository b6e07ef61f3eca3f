import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import Markup
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import Server

/// What people do on the pages, and how it is told and undone.
@Suite struct DeedsInConsoleTests {
  @Test("What was just done is undone by one press, from the note that tells it")
  func undo() async throws {
    let hall = try await Hall(.plain)
    let bob = try #require(try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
    try await hall.serve { client in
      func member() async throws -> Member? {
        try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first
      }
      /// Does it, looks at the list, and sends the form in the note there.
      func doAndUndo(_ path: String, _ fields: [(String, String)]) async throws {
        let done = try await hall.post(client, path, fields + [("back", "/hall/members?q=bob")], as: .admin)
        var headers = hall.headers(of: .admin)
        let flash = try #require(done.cookies.first { $0.contains("flash") }?.prefix { $0 != ";" })
        headers[.cookie] = "\(headers[.cookie] ?? ""); \(flash)"
        let page = try await client.send(.get, "/hall/members?q=bob", headers)
        #expect(MarkupChecker(Array(page.body.readableBytesView)).findings == [])
        let form = try #require(PageForm.all(in: page.text).first { $0.content.contains(">Undo<") })
        let undone = try await hall.post(client, form.action, form.hidden, as: .admin)
        #expect(undone.headers[.location] == "/hall/members?q=bob")
      }
      try await doAndUndo("/hall/members/\(bob.id)/roles", [("role", "viewer"), ("revision", String(bob.revision))])
      #expect(try await member()?.roles == bob.roles)
      try await doAndUndo("/hall/members/\(bob.id)/suspension", [])
      #expect(try await member()?.suspended == nil)
      try await doAndUndo("/hall/members/\(bob.id)/removal", [])
      #expect(try await member()?.roles == bob.roles)
    }
  }

  @Test("People see what they did in an organization, though its log is not theirs to see")
  func ownDeeds() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      #expect(try await client.send(.get, "/hall/audit", hall.headers(of: .member)).status == .forbidden)
      let own = try await client.send(.get, "/me/activity?in=hall", hall.headers(of: .member))
      #expect(own.status == .ok && own.text.contains("<option value=\"hall\" selected>") && own.text.contains("class=\"timeline\""))
      #expect(!own.text.contains("carol@example.org"), "what others did isn't told")
      #expect(try await client.send(.get, "/me/activity?in=nowhere", hall.headers(of: .member)).status == .notFound)
    }
  }

  @Test("The role of an open invitation is changed in its row, once for each look at it")
  func invitedRole() async throws {
    let hall = try await Hall()
    let pending = try await hall.house.plane.invitations.list(in: "hall", .pending, search: "carol", .first, by: hall.caller(.admin)).items
    let invitation = try #require(pending.first)
    let path = "/hall/members/invitations/\(invitation.id)/roles"
    try await hall.serve { client in
      func role() async throws -> String { try await hall.house.plane.invitations.find(invitation.id, in: "hall", by: hall.caller(.admin)).roles.description }
      let list = try await client.send(.get, "/hall/members/invitations", hall.headers(of: .admin)).text
      #expect(list.contains("data-saves-to=\"\(path)\"") && !list.contains("action=\"\(path)\""), "a word, until a choice is asked for")
      let asked = try await client.send(.get, "/hall/members/invitations?state=pending&edit=\(invitation.id)", hall.headers(of: .admin))
      #expect(asked.text.contains("action=\"\(path)\"") && asked.text.contains("name=\"back\" value=\"/hall/members/invitations?state=pending\""))
      #expect(MarkupChecker(Array(asked.body.readableBytesView)).findings == [])
      let fields = [("role", "viewer"), ("revision", "1"), ("back", "/hall/members/invitations?state=pending")]
      let sent = try await hall.post(client, path, fields, as: .admin)
      #expect(sent.headers[.location] == "/hall/members/invitations?state=pending")
      #expect(try await role() == "viewer")
      _ = try await hall.post(client, path, [("role", "guest"), ("revision", "1")], as: .admin)
      #expect(try await role() == "viewer", "what was read before another change is stale")
      #expect(try await hall.post(client, path, [("role", "emperor"), ("revision", "2")], as: .admin).status == .seeOther)
      _ = try await hall.post(client, path, [("role", "member"), ("revision", "2")], as: .member)
      #expect(try await role() == "viewer", "a bare member may not")
      let file = try await client.send(.get, "/hall/members/invitations/export?state=pending", hall.headers(of: .admin))
      #expect(file.text.hasPrefix("email,roles,state,") && file.text.contains("\r\ncarol@example.org,viewer,pending,"))
      #expect(!file.text.contains("bob@example.org"))
      #expect(try await client.send(.get, "/hall/members/invitations/export", hall.headers(of: .member)).status == .forbidden)
    }
  }

  @Test("An account is deleted by its owner's handle, typed, and not while an organization needs it")
  func accountDeletion() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let needed = try await client.send(.get, "/me/deletion", hall.headers(of: .admin))
      #expect(needed.text.contains("/hall/settings/transfer") && !needed.text.contains("name=\"confirm\""))
      let refused = try await hall.post(client, "/me/deletion", [("confirm", "ada")], as: .admin)
      #expect(refused.status == .unprocessableContent)
      let mistyped = try await hall.post(client, "/me/deletion", [("confirm", "bobby")], as: .member)
      #expect(mistyped.status == .unprocessableContent && mistyped.text.contains("value=\"bobby\""))
      let done = try await hall.post(client, "/me/deletion", [("confirm", "bob")], as: .member)
      #expect(done.headers[.location] == "/sign-in" && done.cookies.contains { $0.hasPrefix("__Host-guildhall=;") })
      #expect(try await client.send(.get, "/me", hall.headers(of: .member)).headers[.location] == "/sign-in?next=%2Fme")
    }
  }
}
