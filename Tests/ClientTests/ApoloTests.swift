import Foundation
import Testing
import TestSupport

/// Apolo's clients as PyPI has them, against a server of their own.
@Suite(.serialized)
struct ApoloTests {
  @Test func `The whole story of Apolo's page about organizations is typed on its command line`() async throws { try await tell("story.py") }

  @Test func `People sign in with it through the browser, at the machine and from elsewhere, and stay signed in until they end it`() async throws {
    try await tell("login.py")
  }

  /// Runs a story of the folder `Apolo`: with an installation, a folder, and the Python that has the older command line.
  private func tell(_ name: String) async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let older = try await run("Scripts/python", ["--with", "apolo-26.1", "-c", "import sys; print(sys.executable)"])
    try #require(older.status == 0, "\(older.output.suffix(4000))")
    let program = older.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    let story = Repository.root.appending(path: "Tests/ClientTests/Apolo/\(name)").path
    let told = try await run("Scripts/python", ["--with", "apolo", story, server.address, server.folder.appending(path: "homes").path, program])
    #expect(told.status == 0, "\(told.output.suffix(6000))")
    #expect(!server.log.contains(/"status":"?5/), "A request was answered 5xx.")
  }
}

/// Runs a script of the repository to its end.
private func run(_ script: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
  try await onThread {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = Repository.root.appending(path: script)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
