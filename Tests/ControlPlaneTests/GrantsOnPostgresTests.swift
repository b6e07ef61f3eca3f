@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// What holds among several rows, where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct GrantsOnPostgresTests {
  @Test func `At once there is one workspace of a slug`() async throws { try await WorkspacesTests.race(Lab(in: House.onPostgres())) }

  @Test func `At once each has a role once, and a project keeps an admin`() async throws { try await GrantsTests.race(Lab(in: House.onPostgres())) }

  @Test func `Who goes loses everything, and who comes back has it again`() async throws { try await GrantsTests.goingAndComing(Lab(in: House.onPostgres())) }

  @Test func `What is shared counts there, too, once`() async throws {
    try await SharingTests.life(Lab(in: House.onPostgres()))
    try await SharingTests.race(Lab(in: House.onPostgres()))
  }

  @Test func `A guest's lists say the same as on SQLite`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await GrantsTests.fill(lab)
    try await lab.team("Crew")
    let guest = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: guest).total == 0)
    try await lab.add("gus", to: "crew")
    try await lab.give("crew", "viewer", on: GrantsTests.forecast)
    #expect(try await lab.plane.workspaces.list(in: lab.slug, search: "re*", .first, by: guest).items.map(\.resource.slug.text) == ["research"])
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: guest).items.map(\.resource.slug.text) == ["forecast"])
    #expect(try await lab.plane.projects.list(of: "research", in: lab.slug, .first, by: guest).total == 1)
    #expect(try await lab.plane.workspaces.find("research", in: lab.slug, by: guest).projects == 1)
  }
}
