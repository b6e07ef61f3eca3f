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

@Suite struct TeamPageTests {
  private static let list = "/hall/teams"

  @Test func `One is made on its page, with what was typed kept where it was wrong`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let wrong = try await hall.post(client, "\(Self.list)/new", [("name", ""), ("slug", "no good"), ("description", "Cards")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("value=\"no good\"") && wrong.text.contains("Cards</textarea>"))
      #expect(wrong.text.contains("2 fields need a look"))
      let taken = try await hall.post(client, "\(Self.list)/new", [("name", "Crew")], as: .admin)
      #expect(taken.status == .unprocessableContent && taken.text.contains("Another team here is called"))
      let made = try await hall.post(client, "\(Self.list)/new", [("name", "The Mill"), ("slug", "")], as: .admin)
      #expect(made.status == .seeOther && made.headers[.location] == "\(Self.list)/the-mill")
      let page = try await client.send(.get, "\(Self.list)/the-mill", hall.headers(of: .admin)).text
      #expect(page.contains("Nobody is in this team") && page.contains("Add people"))
      #expect(try await client.send(.get, Self.list, hall.headers(of: .admin)).text.contains("href=\"\(Self.list)/the-mill\""))
      #expect(try await client.send(.get, "\(Self.list)?q=the-*", hall.headers(of: .admin)).text.contains("1 team"))
      #expect(try await client.send(.get, "\(Self.list)?q=nothing", hall.headers(of: .admin)).text.contains("No team fits"))
    }
  }

  @Test func `People are added by typing, taken out, and back by undoing`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.serve { client in
      let added = try await hall.post(client, "\(Self.list)/crew/members", [("people", "bob")], as: .admin)
      #expect(added.headers[.location] == "\(Self.list)/crew")
      let page = try await client.send(.get, "\(Self.list)/crew", hall.headers(of: .admin)).text
      #expect(page.contains("carol@example.org") && page.contains("answered yet"))
      let mixed = try await hall.post(client, "\(Self.list)/crew/members", [("people", "bob, nobody-here; nor-here")], as: .admin)
      #expect(mixed.status == .unprocessableContent && mixed.text.contains("value=\"bob, nobody-here, nor-here\""))
      #expect(mixed.text.contains("is in the team already") && mixed.text.contains("nobody-here: Nobody here has this handle or address"))
      #expect(try await hall.post(client, "\(Self.list)/crew/members", [("people", " ")], as: .admin).status == .unprocessableContent)
      let seats = try await plane.teams.listMembers(of: "crew", in: "hall", .first, by: hall.caller(.admin)).items
      let bob = try #require(seats.first { $0.holder.name.hasSuffix("bob") })
      let place = "\(Self.list)/crew/members/\(bob.id)"
      #expect(try await hall.post(client, "\(place)/maintainership", [], as: .admin).headers[.location] == "\(Self.list)/crew")
      #expect(try await client.send(.get, "\(Self.list)/crew", hall.headers(of: .member)).text.contains("you maintain it"))
      #expect(try await hall.post(client, "\(place)/removal", [], as: .admin).headers[.location] == "\(Self.list)/crew")
      #expect(try await hall.post(client, "\(place)/removal", [], as: .admin).headers[.location] == Self.list, "gone: on to the list")
      guard case .member(let id, _, _, _) = bob.holder else { throw Problem(.missing, "bob is no member") }
      _ = try await hall.post(client, "\(Self.list)/crew/members", [("people", id.description), ("kind", "account"), ("maintainer", "yes")], as: .admin)
      let back = try await plane.teams.listMembers(of: "crew", in: "hall", .first, by: hall.caller(.admin)).items.first { $0.holder.name.hasSuffix("bob") }
      #expect(back?.maintains == true)
      for seat in seats where seat.holder.name != bob.holder.name {
        _ = try await hall.post(client, "\(Self.list)/crew/members/\(seat.id)/removal", [], as: .admin)
      }
      for (kind, name) in [("service-account", "robot"), ("invitation", "carol@example.org")] {
        #expect(try await hall.post(client, "\(Self.list)/crew/members", [("people", name), ("kind", kind)], as: .admin).status == .seeOther, "\(kind)")
      }
      #expect(try await client.send(.get, "\(Self.list)/crew/members", hall.headers(of: .admin)).headers[.location] == "\(Self.list)/crew")
    }
  }

  @Test func `It is changed as it was read and, by its handle typed, deleted`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let saved = try await hall.post(client, "\(Self.list)/crew", [("name", "Crew"), ("slug", "mates"), ("description", "x"), ("revision", "1")], as: .admin)
      #expect(saved.headers[.location] == "\(Self.list)/mates")
      let stale = try await hall.post(client, "\(Self.list)/mates", [("name", "Mine"), ("slug", "mates"), ("description", "kept"), ("revision", "1")], as: .admin)
      #expect(stale.status == .unprocessableContent && stale.text.contains("was changed since you read it") && stale.text.contains("kept</textarea>"))
      let mistyped = try await hall.post(client, "\(Self.list)/mates/deletion", [("confirm", "crew")], as: .admin)
      #expect(mistyped.status == .unprocessableContent && mistyped.text.contains("value=\"crew\""))
      #expect(try await hall.post(client, "\(Self.list)/mates/deletion", [("confirm", "mates")], as: .admin).headers[.location] == Self.list)
      #expect(try await client.send(.get, Self.list, hall.headers(of: .admin)).text.contains("No teams yet"))
      #expect(try await client.send(.get, "\(Self.list)/mates", hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test func `A bare member sees teams and is offered nothing, and a maintainer what is theirs`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.serve { client in
      let listed = try await client.send(.get, Self.list, hall.headers(of: .member)).text
      #expect(listed.contains("href=\"\(Self.list)/crew\"") && !listed.contains("New team"))
      let page = try await client.send(.get, "\(Self.list)/crew", hall.headers(of: .member)).text
      #expect(!page.contains("Add people") && !page.contains("danger-zone") && !page.contains("carol@example.org") && !page.contains("Take out of the team"))
      for (path, fields) in [("new", [("name", "Mine")]), ("crew", [("name", "Mine"), ("description", "")]), ("crew/members", [("people", "bob")]), ("crew/deletion", [("confirm", "crew")])] {
        #expect(try await hall.post(client, "\(Self.list)/\(path)", fields, as: .member).status == .unprocessableContent, "\(path)")
      }
      _ = try await plane.teams.add([.member("bob")], to: "crew", in: "hall", by: hall.caller(.admin))
      _ = try await plane.teams.addMaintainer("bob", of: "crew", in: "hall", by: hall.caller(.admin))
      let own = try await client.send(.get, "\(Self.list)/crew", hall.headers(of: .member)).text
      #expect(own.contains("Add people") && own.contains("Save changes") && !own.contains("name=\"slug\"") && !own.contains("danger-zone"))
      #expect(own.contains("Take out of the team") && !own.contains("Make a maintainer"))
      let team = try await plane.teams.find("crew", in: "hall", by: hall.caller(.admin)).team
      let saved = try await hall.post(client, "\(Self.list)/crew", [("name", "Ours"), ("description", ""), ("revision", "\(team.revision)")], as: .member)
      #expect(saved.headers[.location] == "\(Self.list)/crew")
    }
  }

  @Test func `Its revision is the ETag, and a change of an older one is refused`() async throws {
    let hall = try await Hall(.plain)
    let token = try await hall.house.plane.tokens.create(AccessTokenDraft(name: "x", scopes: ["organization:admin"]), by: hall.caller(.admin)).secret.reveal()
    try await hall.serve { client in
      let path = "/api/v1/organizations/hall/teams/crew"
      let fields: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "application/json"]
      let read = try await client.send(.get, path, fields)
      #expect(read.status == .ok && read.headers[.eTag] == "\"1\"")
      var matching = fields
      matching[.ifMatch] = "\"1\""
      let changed = try await client.execute(uri: path, method: .patch, headers: matching, body: ByteBuffer(string: #"{"slug":"mates"}"#)) { ($0.status, $0.headers[.eTag]) }
      #expect(changed.0 == .ok && changed.1 == "\"2\"")
      let late = try await client.execute(uri: "\(path.dropLast(4))mates", method: .patch, headers: matching, body: ByteBuffer(string: #"{"name":"Late"}"#)) { $0.status }
      #expect(late == .preconditionFailed)
      let bulk = try await client.execute(uri: "\(path.dropLast(4))mates/members", method: .post, headers: fields, body: ByteBuffer(string: #"{"members":["bob","none"],"service_accounts":["robot"]}"#)) { String(buffer: $0.body) }
      #expect(bulk.contains("\"given\":\"bob\",\"added\":{") && bulk.contains("\"given\":\"none\",\"problem\":{") && bulk.contains("team.already_member"))
    }
  }
}
