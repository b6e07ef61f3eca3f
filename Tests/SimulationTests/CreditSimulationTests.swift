import Foundation
import Kernel
import Simulation
import Testing

@Suite struct CreditSimulationTests {
  /// `GUILDHALL_CREDIT_SEEDS=1000` runs as many.
  static let seeds: ClosedRange<UInt64> = 1...(ProcessInfo.processInfo.environment["GUILDHALL_CREDIT_SEEDS"].flatMap { UInt64($0) } ?? 48)

  @Test(arguments: seeds)
  func `Credits are never wrong, whatever fails`(seed: UInt64) async throws {
    let report = try await CreditSimulation.run(seed: seed)
    #expect(report.failure == nil, "\(report.failure ?? "")")
  }

  @Test(arguments: 101...106 as ClosedRange<UInt64>)
  func `What was acknowledged survives the loss of the process`(seed: UInt64) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guildhall-credits-\(seed)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try await CreditSimulation.run(seed: seed, folder: folder.path)
    #expect(report.failure == nil, "\(report.failure ?? "")")
  }

  @Test func `Every deed is done at some time, and refused at some time where it can be`() async throws {
    var (done, refused, faults): ([String: Int], [String: Int], Int) = ([:], [:], 0)
    for seed in 201...204 as ClosedRange<UInt64> {
      let report = try await CreditSimulation.run(seed: seed, steps: 400)
      #expect(report.failure == nil, "\(report.failure ?? "")")
      done.merge(report.done, uniquingKeysWith: +)
      refused.merge(report.refused, uniquingKeysWith: +)
      faults += report.faults
    }
    #expect(Set(done.keys) == ["topUp", "grant", "linked", "charge", "spend", "hold", "settle", "release", "reverse", "set", "deposit", "withdraw"])
    #expect(Set(refused.keys).isSuperset(of: ["linked", "spend", "hold", "settle", "release", "reverse", "deposit", "withdraw"]))
    #expect(faults > 50)
  }

  @Test(arguments: CreditBug.allCases)
  func `A planted bug is found`(bug: CreditBug) async throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      do { if try await CreditSimulation.run(seed: seed, bug: bug).failure != nil { return } } catch { return }
    }
    Issue.record("20 seeds don't notice the bug \(bug)")
  }
}
