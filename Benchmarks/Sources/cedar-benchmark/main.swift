import Foundation

// cedar-benchmark SET FOLDER   measures policies.cedar, entities.json and requests.json of a folder, as compare.py makes them
// cedar-benchmark flat         measures what policies that can't apply cost
// cedar-benchmark allocations  counts the allocations of a decision, by what its policies do (with glibc)

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("flat", 1): FlatBenchmark.run()
case ("allocations", 1): try AllocationBenchmark.run()
case (let name?, 2): try SetBenchmark(name: name, folder: URL(fileURLWithPath: arguments.last ?? "")).run()
default:
  print("usage: cedar-benchmark SET FOLDER | cedar-benchmark flat | cedar-benchmark allocations")
  exit(2)
}
