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

  private func tell(_ script: String, with packages: String) async throws {
    let demonstration = try await GuildhallProcess.start(.demo)
    defer { demonstration.stop() }
    try await ClientStory(script: script, packages: packages).tell(at: demonstration.address, in: demonstration.folder.appending(path: "clients"))
  }
}
