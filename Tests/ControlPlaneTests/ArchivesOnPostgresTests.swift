@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// Archives between installations on PostgreSQL, and from there to a file.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct ArchivesOnPostgresTests {
  @Test(arguments: [31, 32] as [UInt64]) func `What is taken along and taken in elsewhere is equal`(seed: UInt64) async throws {
    let lab = try await Lab(in: House.onPostgres(seed: seed))
    try await ArchivesTests.live(in: lab, seed: seed)
    try await ArchivesTests.roundTrip(of: lab, into: House.onPostgres(seed: seed + 1000))
    // And from one kind of database to the other.
    let other = try await Lab(in: House.onPostgres(seed: seed + 2000))
    try await ArchivesTests.live(in: other, seed: seed + 1, steps: 30)
    try await ArchivesTests.roundTrip(of: other, into: House(seed: seed + 3000))
  }

  @Test(arguments: [UsageTests.shares, BudgetsTests.usage, QuotasTests.story, AlertsTests.story])
  func `Credits, usage and limits stay as they were`(_ story: @Sendable (Lab) async throws -> Void) async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await story(lab)
    try await CarriedTablesTests.roundTrip(of: lab, into: House.onPostgres(seed: 5000))
  }

  @Test func `Who may do what stays from one kind of database to the other`() async throws {
    let lab = try await Lab(in: House.onPostgres(seed: 3))
    try await DecisionFactsTests.carriedAlong(lab, seed: 3, steps: 40)
    try await CarriedTablesTests.dress(lab)
    try await CarriedTablesTests.roundTrip(of: lab, into: House(seed: 5003))
  }
}
