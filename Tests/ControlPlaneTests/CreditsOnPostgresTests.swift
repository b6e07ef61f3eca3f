@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// The same promises where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(10))) struct CreditsOnPostgresTests {
  @Test(arguments: [
    CreditsTests.story, CreditsTests.expiry, CreditsTests.repeats, CreditsTests.owners, CreditsTests.strangers, RemovedSubBalancesTests.story, CreditsTests.shares, CreditsTests.batches,
    CreditsTests.corrections, CreditsTests.uses,
    GrantedCreditsTests.grants, GrantedCreditsTests.leaving,
  ])
  func `Books say the same as on SQLite`(_ story: @Sendable (Lab) async throws -> Void) async throws { try await story(Lab(in: House.onPostgres())) }

  @Test func `Concurrent callers never draw more than there is`() async throws {
    try await CreditsTests.race(Lab(in: House.onPostgres()), callers: 16, rounds: 6)
  }

  @Test func `Two servers on one database keep the same books`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await lab.topUp("100")
    // Each has a writer of its own, so only the database keeps them apart.
    let other = ControlPlane(database: lab.plane.database, world: lab.plane.world, settings: lab.plane.settings)
    let found = await outcomes(
      (0..<120).map { number in
        {
          let server = number.isMultiple(of: 2) ? lab.plane : other
          return await refusal { try await server.holds.charge(ChargeDraft(amount: "1", asksFirst: true), in: lab.slug, by: lab.admin) }
        }
      })
    #expect(found == ["success": 100, "credits.insufficient": 20])
    try await lab.expectSoundBooks()
  }
}
