import Foundation

// access-benchmark check WORLD ROUNDS      processor time of a decision, of its explanation, of one by names, bytes, and wrong answers
// access-benchmark count WORLD ROUNDS      decides all requests that often and nothing else, for a program that counts instructions
// access-benchmark list WORLD              lists, beside a loop of checks
// access-benchmark publish WORLD CHANGES   how long a change takes until the next check sees it
// access-benchmark follow MEMBERS DATASETS CHANGES   what one change costs who follows the facts, and a list of 2,000 things somebody sees
//
// A world is what Product/access_world.py makes. Each prints one JSON object.

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "follow" {
  let sizes = arguments.dropFirst().compactMap { Int($0) }
  try FollowBenchmark(members: sizes.first ?? 1_000, datasets: sizes.dropFirst().first ?? 200_000).run(changes: sizes.dropFirst(2).first ?? 1_000)
  exit(0)
}
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
