@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// What holds among several rows, where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct ServiceAccountsOnPostgresTests {
  @Test func `Made many times at once, one is made`() async throws { try await ServiceAccountsTests.race(Lab(in: House.onPostgres())) }

  @Test func `A key acts, is remembered, and stops`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    let account = try await lab.serviceAccount("Robot", as: "admin")
    let key = try await lab.key(of: account)
    let robot = lab.house.caller(key.secret)
    _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(description: "Tidied"), seen: nil, by: robot)
    await lab.plane.sessions.touch(by: robot)
    #expect(try await lab.plane.serviceAccounts.list(in: lab.slug, .first, by: lab.admin).items.map(\.usedAt) == [lab.house.now])
    let rotated = try await lab.plane.serviceAccounts.rotateKey(key.key.id, KeyRotation(hours: 0), of: "robot", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == "credential.invalid")
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(rotated.secret)) } == nil)
    _ = try await lab.plane.serviceAccounts.disable("robot", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(rotated.secret)) } == "credential.invalid")
    try await lab.plane.serviceAccounts.delete("robot", in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }
}
