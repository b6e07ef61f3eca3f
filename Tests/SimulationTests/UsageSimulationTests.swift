import Foundation
import Kernel
import Simulation
import Testing

@Suite struct UsageSimulationTests {
  /// `GUILDHALL_USAGE_SEEDS=1000` runs as many.
  static let seeds: ClosedRange<UInt64> = 1...(ProcessInfo.processInfo.environment["GUILDHALL_USAGE_SEEDS"].flatMap { UInt64($0) } ?? 24)

  @Test(arguments: seeds)
  func `Sums and budgets are those of the events, whatever fails`(seed: UInt64) async throws {
    let report = try await UsageSimulation.run(seed: seed)
    #expect(report.failure == nil, "\(report.failure ?? "")")
  }

  @Test func `Everything happens at some time`() async throws {
    var (accepted, corrected, faults, periods, refused) = (0, 0, 0, 0, Set<String>())
    for seed in 201...204 as ClosedRange<UInt64> {
      let report = try await UsageSimulation.run(seed: seed, steps: 120)
      #expect(report.failure == nil, "\(report.failure ?? "")")
      (accepted, corrected, faults, periods) = (accepted + report.accepted, corrected + report.corrected, faults + report.faults, periods + report.periods)
      refused.formUnion(report.refused.keys)
    }
    #expect(accepted > 500 && corrected > 50 && faults > 30 && periods > 50)
    #expect(refused == ["usage_event.closed", "usage_event.corrected"])
  }

  @Test(arguments: UsageBug.allCases)
  func `A planted bug is found`(bug: UsageBug) async throws {
    for seed in 1...10 as ClosedRange<UInt64> {
      do { if try await UsageSimulation.run(seed: seed, bug: bug).failure != nil { return } } catch { return }
    }
    Issue.record("10 seeds don't notice the bug \(bug)")
  }
}
