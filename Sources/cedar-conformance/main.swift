import Foundation

let usage = """
  usage: cedar-conformance PATH        run all cases of a folder (JSON files that name policies, entities and a schema)
         cedar-conformance answer      answer cases given as JSON lines, for the differential test
         cedar-conformance mutate [--inputs N] [--seed N] [--seconds N] [--progress N]
                                       feed mutated texts to every reader; says how far it is every N inputs
  """

let arguments = Array(CommandLine.arguments.dropFirst())

/// The number behind an option.
func option(_ name: String) -> UInt64? {
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
  return UInt64(arguments[index + 1])
}

switch arguments.first {
case nil, "--help":
  print(usage)
  exit(2)
case "answer":
  // Written at once: whoever asks waits for the answer before it asks on.
  while let line = readLine() { FileHandle.standardOutput.write(Data((Answerer.answer(line) + "\n").utf8)) }
case "mutate":
  let seed = option("--seed") ?? 1
  let start = Date()
  let report = MutationRun(inputs: option("--inputs") ?? 100_000, seed: seed, seconds: option("--seconds"), progress: option("--progress")).run()
  for failure in report.failures { print(failure) }
  print(report.summary(seed, Date().timeIntervalSince(start)))
  exit(report.failures.isEmpty ? 0 : 1)
case let path?:
  let report = ConformanceRun(folder: URL(fileURLWithPath: path)).run()
  for disagreement in report.disagreements { print(disagreement) }
  print("\(report.passed) passed, \(report.failed) failed")
  exit(report.failed == 0 && report.passed > 0 ? 0 : 1)
}
