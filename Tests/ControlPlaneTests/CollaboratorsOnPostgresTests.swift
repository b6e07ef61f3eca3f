@testable import ControlPlane
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct CollaboratorsOnPostgresTests {
  @Test func `Outside collaborators are the same on PostgreSQL, and at once there is one`() async throws {
    try await CollaboratorsTests.race(CollaboratorsTests.Stage(in: House.onPostgres()))
    try await CollaboratorsTests.anything(Lab(in: House.onPostgres()), seed: 77, steps: 40)
  }
}
