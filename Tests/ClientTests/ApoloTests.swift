import Foundation
import Testing
import TestSupport

/// Apolo's clients as PyPI has them, against a server of their own.
@Suite(.serialized)
struct ApoloTests {
  @Test func `The whole story of Apolo's page about organizations is typed on its command line`() async throws { try await tell("Apolo/story.py") }

  @Test func `People sign in with it through the browser, at the machine and from elsewhere, and stay signed in until they end it`() async throws {
    try await tell("Apolo/login.py")
  }

  /// Tells a story with the Python that has the older command line at hand.
  private func tell(_ script: String) async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let older = try await ClientStory.python(with: "apolo-26.1", ["-c", "import sys; print(sys.executable)"])
    try #require(older.status == 0, "\(older.output.suffix(4000))")
    let program = older.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    try await ClientStory(script: script, packages: "apolo", arguments: [program]).tell(at: server.address, in: server.folder.appending(path: "homes"))
    #expect(!server.log.contains(/"status":"?5/), "A request was answered 5xx.")
  }
}
