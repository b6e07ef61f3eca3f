import Foundation
import Testing
import TestSupport

/// ZenML's own programs, unmodified and as people install them, against a demonstration.
@Suite(.serialized)
struct ZenMLTests {
  @Test("The library, the command line and a workspace's server work as on their own platform")
  func story() async throws { try await tell("ZenML/story.py", with: "zenml") }

  @Test("A client of the time when workspaces were tenants finds them")
  func tenants() async throws { try await tell("ZenML/tenants.py", with: "zenml-0.75") }

  private func tell(_ name: String, with environment: String) async throws {
    let demonstration = try await GuildhallProcess.start(.demo)
    defer { demonstration.stop() }
    let folder = demonstration.folder.appending(path: "clients")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = Repository.root.appending(path: "Tests/ClientTests/\(name)").path
    let told = try await run("Scripts/python", ["--with", environment, script, demonstration.address, folder.path])
    #expect(told.status == 0, "\(told.output.suffix(6000))")
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
