import Cedar
import Foundation

// cedar-conformance PATH [--verbose]: runs all cases of a folder in the format of cedar-policy/cedar-integration-tests.

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first(where: { !$0.hasPrefix("-") }) else {
  print("usage: cedar-conformance PATH")
  print("  PATH  a folder with cases: JSON files that name policies, entities and schema, with requests and what must come out")
  exit(2)
}
let report = ConformanceRun(folder: URL(fileURLWithPath: path)).run()
for disagreement in report.disagreements { print(disagreement) }
print("\(report.passed) passed, \(report.failed) failed")
exit(report.failed == 0 && report.passed > 0 ? 0 : 1)
