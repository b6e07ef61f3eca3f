import ArgumentParser
import Client
import Kernel

/// A command that talks to a server.
protocol ClientCommand: AsyncParsableCommand {
  var general: GeneralOptions { get }
  func perform(_ invocation: Invocation) async throws(Problem)
}

extension ClientCommand {
  mutating func run() async throws { try await run(in: .ofProcess()) }

  func run(in surroundings: Surroundings) async throws(Problem) {
    let invocation = try Invocation(general, surroundings)
    let interruption = surroundings.ownsProcess ? ProcessSignals.endOnInterruption() : nil
    defer { interruption?.stop() }
    try await invocation.progress.watching { () async throws(Problem) in try await perform(invocation) }
  }
}
