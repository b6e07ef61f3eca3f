@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// The rules that hold among several rows, where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct MembersOnPostgresTests {
  @Test func `Of two admins who end each other at once, one stays`() async throws {
    try await MembersTests.duel(in: House.onPostgres(), rounds: 12)
  }

  @Test func `Inviting and accepting many times at once makes one invitation, one member and one chain of events`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    let bob = try await lab.house.signUpVerified("Bob")
    let invited = await outcomes((0..<6).map { _ in { await refusal { try await lab.invite("bob@example.org", as: "viewer") } } })
    #expect(invited == ["success": 6])
    let sent = try await lab.invite("bob@example.org", as: "viewer")
    #expect(sent.invitation.timesSent == 7)
    let accepted = await outcomes((0..<6).map { _ in { await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob)) } } })
    #expect(accepted == ["success": 6])
    #expect(try await lab.roles() == ["ada": "admin", "bob": "viewer"])
    #expect(try await lab.plane.organizations.find("lab", by: lab.admin).memberCount == 2)
    let chain = try await lab.plane.events.verify("lab", by: lab.admin)
    #expect(chain.fault == nil && chain.events == 9)
  }
}
