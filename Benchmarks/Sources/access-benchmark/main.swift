import Foundation

// access-benchmark check WORLD ROUNDS      processor time of a decision, of its explanation, of one by names, bytes, and wrong answers
// access-benchmark count WORLD ROUNDS      decides all requests that often and nothing else, for a program that counts instructions
// access-benchmark list WORLD              lists, beside a loop of checks
// access-benchmark publish WORLD CHANGES   how long a change takes until the next check sees it
//
// A world is what Product/access_world.py makes. Each prints one JSON object.

let arguments = CommandLine.arguments.dropFirst()
guard let mode = arguments.first, arguments.count >= 2, let file = FileManager.default.contents(atPath: Array(arguments)[1]) else {
  print("usage: access-benchmark check|count WORLD ROUNDS | list WORLD | publish WORLD CHANGES")
  exit(2)
}
let number = arguments.count > 2 ? Int(Array(arguments)[2]) ?? 1 : 1
let world = try World(file)
switch mode {
case "check": CheckBenchmark(world).run(rounds: number)
case "count": CheckBenchmark(world).count(rounds: number)
case "list": ListBenchmark(world).run()
case "publish": try PublishBenchmark(world).run(changes: number)
default: exit(2)
}
