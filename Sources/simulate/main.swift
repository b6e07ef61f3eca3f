import Foundation
import Kernel
import Simulation

// simulate [--seed N] [--steps M] [--seeds K] [--files FOLDER] [--bug NAME] [--calm]
// Runs K simulations from the seed N on, compares the books after each step, and stops at the first failure with the seed and the step.

var options = CommandLineOptions(Array(CommandLine.arguments.dropFirst()))
let first = options.number(of: "--seed", or: UInt64.random(in: 1...999_999_999))
let steps = Int(clamping: options.number(of: "--steps", or: 1000))
let count = options.number(of: "--seeds", or: 1)
let folder = options.value(of: "--files")
let bug = options.bug()
let isCalm = options.flag("--calm")
options.finish()

for seed in first..<(first + count) {
  let store = folder.map { SimulationPlan.Store.files(folder: $0) } ?? .memory
  do {
    let report = try await Simulator.run(SimulationPlan(seed: seed, steps: steps, store: store, isFaulty: !isCalm, auditEvery: 1, bug: bug))
    if let failure = report.failure {
      say("\(failure)")
      say("Again: simulate --seed \(seed) --steps \(failure.step)\(folder.map { " --files \($0)" } ?? "")\(isCalm ? " --calm" : "")")
      exit(1)
    }
    let (deeds, refusals) = (report.done.values.reduce(0, +), report.refused.values.reduce(0, +))
    say("seed \(seed): \(report.steps) steps, \(deeds) deeds, \(refusals) refusals, \(report.faults) faults survived, digest \(report.digest)")
  } catch { stop("The simulation can't run: \(error)") }
}
