import ArgumentParser
import Client
import Kernel

/// A command that talks to a server.
protocol ClientCommand: AsyncParsableCommand {
  var general: GeneralOptions { get }
  /// Whether `--context` may name one that isn't there yet.
  static var makesContext: Bool { get }
  func perform(_ invocation: Invocation) async throws(Problem)
}

extension ClientCommand {
  static var makesContext: Bool { false }

  mutating func run() async throws { try await run(in: .ofProcess()) }

  func run(in surroundings: Surroundings) async throws(Problem) {
    let invocation = try Invocation(general, surroundings, makesContext: Self.makesContext)
    let interruption = surroundings.ownsProcess ? ProcessSignals.endOnInterruption() : nil
    defer { interruption?.stop() }
    try await invocation.progress.watching { () async throws(Problem) in try await perform(invocation) }
  }
}
