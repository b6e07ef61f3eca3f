import Foundation
import Simulation

/// The options of the command, taken from its arguments one by one.
struct CommandLineOptions {
  private var rest: [String]

  init(_ arguments: [String]) { rest = arguments }

  mutating func value(of name: String) -> String? {
    guard let place = rest.firstIndex(of: name), place + 1 < rest.count else { return nil }
    let value = rest[place + 1]
    rest.removeSubrange(place...(place + 1))
    return value
  }

  mutating func number(of name: String, or otherwise: UInt64) -> UInt64 {
    guard let text = value(of: name) else { return otherwise }
    guard let number = UInt64(text), number > 0 else { stop("\(name) takes a number above 0, not \"\(text)\".") }
    return number
  }

  mutating func flag(_ name: String) -> Bool {
    guard let place = rest.firstIndex(of: name) else { return false }
    rest.remove(at: place)
    return true
  }

  mutating func bug() -> PlantedBug? {
    guard let name = value(of: "--bug") else { return nil }
    guard let bug = PlantedBug(rawValue: name) else { stop("There is no bug \"\(name)\". There are \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")).") }
    return bug
  }

  /// Stops with a sentence where something is left that no option has taken.
  func finish() {
    if let unknown = rest.first { stop("\(unknown) is no option. The options are --seed, --steps, --seeds, --files, --bug and --calm.") }
  }
}

func stop(_ sentence: String) -> Never {
  FileHandle.standardError.write(Data((sentence + "\n").utf8))
  exit(2)
}

/// Writes a line at once: a run is watched, or stopped in the middle.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
