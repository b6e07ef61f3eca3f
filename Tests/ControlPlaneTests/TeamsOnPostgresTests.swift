@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// What holds among several rows, where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct TeamsOnPostgresTests {
  @Test func `At once there is one team of a slug and one place for each`() async throws { try await TeamsTests.race(Lab(in: House.onPostgres())) }

  @Test func `Lists, searches and memories say the same as on SQLite`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    for name in ["Data", "ML Platform", "ML Research"] { try await lab.team(name) }
    let (_, bob) = try await lab.member("Bob", as: "viewer")
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    _ = try await lab.invite("ann@example.org", as: "viewer")
    try await lab.add("bob", "ada", "robot", "ann@example.org", to: "ml-platform")
    _ = try await lab.plane.teams.addMaintainer("bob", of: "ml-platform", in: lab.slug, by: lab.admin)
    let found = try await lab.plane.teams.list(in: lab.slug, TeamFilter(search: "ml*m"), .first, by: lab.admin)
    #expect(found.items.map { "\($0.team.slug) \($0.team.size)" } == ["ml-platform \(Team.Size(members: 2, serviceAccounts: 1, invitations: 1))"])
    #expect(try await lab.people(of: "ml-platform") == ["Ada", "Bob", "ann@example.org", "Robot"])
    let second = try await lab.plane.teams.listMembers(of: "ml-platform", in: lab.slug, PageRequest(limit: 2), by: lab.admin)
    #expect(try await lab.plane.teams.listMembers(of: "ml-platform", in: lab.slug, PageRequest(limit: 2, cursor: second.next), by: lab.admin).items.count == 2)
    let former = try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.people(of: "ml-platform") == ["Ada", "ann@example.org", "Robot"])
    let back = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.teams.list(in: lab.slug, TeamFilter(member: back.id), .first, by: lab.admin).items.map(\.team.slug.text) == ["ml-platform"])
    try await lab.plane.teams.delete("ml-platform", in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }
}
