@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// What holds among several rows, where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct CustomRolesOnPostgresTests {
  @Test func `At once there is one role of a name`() async throws { try await CustomRolesTests.race(Lab(in: House.onPostgres())) }

  @Test func `A role counts, changes and is named as on SQLite`() async throws { try await CustomRolesTests.holding(Lab(in: House.onPostgres())) }

  @Test func `Further roles add up and end as on SQLite`() async throws { try await OrganizationAccessTests.addingUp(Lab(in: House.onPostgres())) }

  @Test func `A request for a role is made and answered as on SQLite`() async throws { try await ElevationsTests.asking(Lab(in: House.onPostgres())) }

  @Test func `At once a request has one answer`() async throws { try await ElevationsTests.race(Lab(in: House.onPostgres())) }
}
