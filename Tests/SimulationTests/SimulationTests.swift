import Foundation
import Kernel
import Simulation
import Testing

@Suite struct SimulationTests {
  @Test(arguments: 1...64 as ClosedRange<UInt64>)
  func `Product and books agree, whatever fails`(seed: UInt64) async throws {
    let report = try await Simulator.run(SimulationPlan(seed: seed))
    #expect(report.failure == nil, "\(report.failure.map(String.init(describing:)) ?? "")")
    #expect(report.steps == 150)
  }

  @Test(arguments: 101...108 as ClosedRange<UInt64>)
  func `What was answered survives the loss of the process`(seed: UInt64) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guildhall-simulation-\(seed)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try await Simulator.run(SimulationPlan(seed: seed, store: .files(folder: folder.path)))
    #expect(report.failure == nil, "\(report.failure.map(String.init(describing:)) ?? "")")
  }

  @Test func `The same seed goes the same way, another seed another`() async throws {
    let first = try await Simulator.run(SimulationPlan(seed: 7))
    let again = try await Simulator.run(SimulationPlan(seed: 7))
    let other = try await Simulator.run(SimulationPlan(seed: 8))
    #expect(first.digest == again.digest)
    #expect(first.done == again.done)
    #expect(first.digest != other.digest)
  }

  @Test func `Every deed is done at some time, and nearly every one refused`() async throws {
    var done: [String: Int] = [:]
    var refused: [String: Int] = [:]
    var faults = 0
    for seed in 201...206 as ClosedRange<UInt64> {
      let report = try await Simulator.run(SimulationPlan(seed: seed, steps: 500, auditEvery: 50))
      #expect(report.failure == nil, "\(report.failure.map(String.init(describing:)) ?? "")")
      done.merge(report.done, uniquingKeysWith: +)
      refused.merge(report.refused, uniquingKeysWith: +)
      faults += report.faults
    }
    let deeds: Set<String> = [
      "signUp", "verify", "signIn", "found", "invite", "renew", "changeInvitation", "cancel", "accept", "decline", "setRoles", "setExpiry", "suspendMember", "resumeMember", "remove",
      "leave", "reinstate", "transfer", "changeSlug", "takeRequests", "suspend", "resume", "delete", "restore", "restoreByLink", "deactivate", "reactivate", "deleteAccount",
      "request", "approve", "refuse", "withdraw",
    ]
    #expect(deeds.subtracting(done.keys).isEmpty)
    #expect(deeds.subtracting(refused.keys).count <= 4, "never refused: \(deeds.subtracting(refused.keys).sorted())")
    #expect(faults > 100)
  }
}

@Suite struct PlantedBugTests {
  @Test(arguments: PlantedBug.allCases)
  func `A planted bug is found`(bug: PlantedBug) async throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      if try await Simulator.run(SimulationPlan(seed: seed, steps: 200, isFaulty: seed.isMultiple(of: 2), bug: bug)).failure != nil { return }
    }
    Issue.record("40 seeds don't notice the bug \(bug)")
  }
}
