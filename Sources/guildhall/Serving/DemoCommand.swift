import ArgumentParser
import ControlPlane
import Foundation
import Kernel
import Logging

/// `guildhall demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Serve a demonstration: an organization with members, and mail that is shown instead of sent.",
    discussion: "Seeds the database the first time, prints a sign-in link, and serves.")

  @OptionGroup var options: ServerOptions

  func run() async throws {
    let settings = try await options.settings()
    let clock = DemonstrationClock()
    let composition = try await Composition(settings, isDemonstration: true, log: settings.logger(), clock: { clock.now })
    let demonstration = Demonstration(plane: composition.plane, clock: clock)
    try await demonstration.seed()
    let link = try await demonstration.signInLink()
    try await serve(composition, settings) { _ in
      let welcome = """

        Guildhall is ready.

          Sign in as Ada, an operator and admin:  \(link)
          Mail that would have gone out:          \(settings.publicURL)/outbox
          API reference:                          \(settings.publicURL)/docs

        Everybody in the demonstration has the password: \(Demonstration.password)
        Stop with Ctrl-C.

        """
      FileHandle.standardOutput.write(Data(welcome.utf8))
    }
  }
}
