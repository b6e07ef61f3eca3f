import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

/// The pages on which operators make, change and end the accounts of others.
@Suite struct OperatorAccountPageTests {
  @Test func `An operator makes an account, changes it and ends it`() async throws {
    let hall = try await Hall()
    let plane = hall.house.plane
    try await hall.serve { client in
      let new = "/operator/accounts/new"
      for person in [Hall.Person.member, .nobody] {
        #expect(try await client.send(.get, new, hall.headers(of: person)).status != .ok)
        _ = try await hall.post(client, new, [("name", "Eve"), ("email", "eve@example.org")], as: person)
      }
      #expect(try await plane.accounts.list(AccountFilter(search: "eve"), .first, by: hall.caller(.admin)).total == 0)
      // What was typed stays, but for the password.
      let refused = try await hall.post(client, new, [("name", "Pia Weaver"), ("email", "pia"), ("password", "seven quiet boats at noon")], as: .admin)
      #expect(refused.status == .unprocessableContent && refused.text.contains("Pia Weaver") && !refused.text.contains("seven quiet boats"))
      let made = try await hall.post(
        client, new, [("name", "Pia Weaver"), ("email", "pia@example.org"), ("password", "seven quiet boats at noon")], as: .admin)
      #expect(made.status == .seeOther, "\(made.text.prefix(2000))")
      let pia = try #require(try await plane.accounts.list(AccountFilter(search: "pia"), .first, by: hall.caller(.admin)).items.first)
      let here = "/operator/accounts/\(pia.id)"
      #expect(made.headers[.location] == here)
      #expect(try await client.send(.get, here, hall.headers(of: .admin)).text.contains("pia@example.org"))
      // Changing it.
      let taken = try await hall.post(client, here, [("name", "Pia"), ("handle", "bob"), ("email", "")], as: .admin)
      #expect(taken.status == .unprocessableContent && taken.text.contains("bob"))
      #expect(try await hall.post(client, here, [("name", "Pia W"), ("handle", "pia-weaver"), ("email", ""), ("super_user", "on")], as: .member).status != .seeOther)
      #expect(try await hall.post(client, here, [("name", "Pia W"), ("handle", "pia-weaver"), ("email", ""), ("super_user", "on")], as: .admin).status == .seeOther)
      let after = try await plane.accounts.find(pia.id, by: hall.caller(.admin))
      #expect(after.name.text == "Pia W" && after.email?.text == "pia@example.org" && after.isSuperUser)
      // Ending it.
      #expect(try await client.send(.get, "\(here)/removal", hall.headers(of: .admin)).text.contains("pia-weaver"))
      #expect(try await hall.post(client, "\(here)/removal", [("confirm", "pia")], as: .admin).status == .unprocessableContent)
      #expect(try await hall.post(client, "\(here)/removal", [("confirm", "pia-weaver")], as: .admin).headers[.location] == "/operator/accounts")
      #expect(try await plane.accounts.find(pia.id, by: hall.caller(.admin)).state == .deleted)
    }
  }
}
