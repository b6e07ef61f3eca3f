@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// The promises of quotas, budgets and alerts where transactions really overlap.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(10))) struct LimitsOnPostgresTests {
  @Test(arguments: [QuotasTests.story, QuotasTests.terms, QuotasTests.repeats, QuotasTests.strangers, QuotasTests.forgetting])
  func `Quotas say the same as on SQLite`(_ story: @Sendable (Lab) async throws -> Void) async throws { try await story(Lab(in: House.onPostgres())) }

  @Test func `Of many who take at once, as many get it as fit`() async throws { try await QuotasTests.race(Lab(in: House.onPostgres()), callers: 24) }

  @Test(arguments: [BudgetsTests.story, BudgetsTests.holds, BudgetsTests.purposes, BudgetsTests.usage, BudgetsTests.refusals, BudgetsTests.zones])
  func `Budgets say the same as on SQLite`(_ story: @Sendable (Lab) async throws -> Void) async throws { try await story(Lab(in: House.onPostgres())) }

  @Test func `Of many who ask at once, never more is used than the budgets leave`() async throws {
    try await BudgetsTests.race(Lab(in: House.onPostgres()), callers: 24, rounds: 3)
  }

  @Test(arguments: [AlertsTests.story, AlertsTests.budgets, AlertsTests.forgetting])
  func `Alerts say the same as on SQLite`(_ story: @Sendable (Lab) async throws -> Void) async throws { try await story(Lab(in: House.onPostgres())) }

  @Test func `Of many who cross at once one is told, also after a restart`() async throws {
    try await AlertsTests.race(Lab(in: House.onPostgres()), callers: 24)
  }

  @Test func `Two servers on one database keep the same budgets`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await lab.topUp("1000")
    let id = try await lab.budget(.organization, hard: "50")
    // Each has a writer of its own, so only the database keeps them apart.
    let other = ControlPlane(database: lab.plane.database, world: lab.plane.world, settings: lab.plane.settings)
    let found = await outcomes(
      (0..<80).map { number in
        {
          let server = number.isMultiple(of: 2) ? lab.plane : other
          return await refusal { try await server.holds.charge(ChargeDraft(amount: "1", asksFirst: true), in: lab.slug, by: lab.admin) }
        }
      })
    #expect(found == ["success": 50, "budget.exceeded": 30])
    #expect(try await lab.left(id) == "0")
    try await lab.expectSoundBudgets()
  }
}
