@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// The same conversations where statements are read by the other database.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct EnrolmentOnPostgresTests {
  @Test func `A server's projects become known as on SQLite`() async throws { try await WorkspaceServersTests.projects(Lab(in: House.onPostgres())) }

  @Test func `What is made takes of quotas as on SQLite`() async throws { try await WorkspaceServersTests.quotas(Lab(in: House.onPostgres())) }

  @Test func `A device is let in as on SQLite`() async throws { try await DeviceLoginsTests.grant(Lab(in: House.onPostgres())) }

  @Test func `At once a project is registered once`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    let (ada, id) = (lab.ada.account.id.description, "3fa85f64-5717-4562-b3fc-2c963f66afa6")
    let thing = try WorkspaceThing(type: "project", id: id)
    let found = await outcomes(
      (0..<8).map { number in
        {
          await refusal {
            if number.isMultiple(of: 2) { return try await servers.check("read", on: [thing], for: ada, by: key) }
            try await servers.count(WorkspaceCount(feature: "project", total: 1, thing: id), in: lab.slug, by: key)
            return [true]
          }
        }
      })
    #expect(found == ["success": 8])
    #expect(try await lab.house.actions(in: lab.stream).count { $0 == "project.report" } == 1)
  }
}
