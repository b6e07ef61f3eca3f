@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// The same promises where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(10))) struct UsageOnPostgresTests {
  @Test(arguments: [
    UsageTests.story, UsageTests.reuse, UsageTests.subjects, UsageTests.shares, UsageTests.periods, UsageTests.corrections, UsageTests.amounts, UsageReportTests.reports,
    PricesTests.prices,
  ])
  func `Usage is counted as on SQLite`(_ story: @Sendable (Lab) async throws -> Void) async throws { try await story(Lab(in: House.onPostgres())) }

  @Test(arguments: 0..<2 as Range<UInt64>) func `Sums are those of the events`(_ seed: UInt64) async throws {
    try await UsageChanceTests.chance(Lab(in: House.onPostgres(seed: seed)), seed, rounds: 5)
  }

  @Test func `Whoever comes at the same time with the same records it once`() async throws { try await UsageChanceTests.race(Lab(in: House.onPostgres())) }
}
