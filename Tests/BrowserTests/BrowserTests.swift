import Contract
import Foundation
import Testing
import TestSupport

/// Starts the demonstration as people do, and walks through it in a real browser.
@Suite(.serialized)
struct BrowserTests {
  @Test(arguments: [
    Look(width: 1280, isDark: false, hasScript: true), Look(width: 390, isDark: true, hasScript: true), Look(width: 1280, isDark: false, hasScript: false),
  ])
  func aPersonFindsThroughTheMainJob(_ look: Look) async throws { try await walk("main_job.py", look) }

  @Test(
    arguments: ["settings.py", "invitations.py", "members.py", "teams.py", "resources.py", "clusters.py", "apps.py", "policies.py", "credits.py", "usage.py", "limits.py", "returning.py"],
    [Look(width: 1280, isDark: false, hasScript: true), Look(width: 390, isDark: true, hasScript: true), Look(width: 1280, isDark: false, hasScript: false)])
  func everyAreaIsWalkedThrough(_ name: String, _ look: Look) async throws { try await walk(name, look) }

  @Test(arguments: [Look(width: 1280, isDark: false, hasScript: true), Look(width: 1280, isDark: true, hasScript: true)])
  func axeFindsNothingOnAnyPage(_ look: Look) async throws { try await walk("every_page.py", look) }

  @Test(arguments: [Look(width: 390, isDark: true, hasScript: true), Look(width: 1280, isDark: false, hasScript: false)])
  func everyFormIsLeftByTheBackButton(_ look: Look) async throws { try await walk("every_form.py", look) }

  @Test func everythingIsReachedByKeyboard() async throws { try await walk("keyboard.py", Look(width: 1280, isDark: false, hasScript: true)) }

  @Test("The page of the API works under its own policy, and an operation can be tried out with a token")
  func documentation() async throws {
    let assets = Repository.root.appending(path: "var/assets")
    #expect(try await run("Scripts/swagger-ui", []).status == 0)
    let server = try await GuildhallProcess.start(.demo, with: ["--rate-limits", "off", "--asset-folder", assets.path])
    defer { server.stop() }
    let signedIn = try await onThread {
      try HTTPExchange.send("POST", "/api/v1/sessions", port: server.port, body: ["login": "ada", "password": "nine lilac kites over water"])
    }
    let token = try #require(signedIn.json["secret"]?.text)
    try await walk("api_docs.py", [server.address, token])
  }

  /// Walks through a demonstration of its own.
  private func walk(_ name: String, _ look: Look) async throws {
    let demonstration = try await GuildhallProcess.start(.demo)
    defer { demonstration.stop() }
    try await walk(name, [demonstration.address, signInLink(of: demonstration), "--width", "\(look.width)"] + look.flags)
  }

  private func walk(_ name: String, _ arguments: [String]) async throws {
    let walk = try await run("Scripts/python", [Repository.root.appending(path: "Tests/BrowserTests/Walks/\(name)").path] + arguments)
    #expect(walk.status == 0, "\(walk.output.suffix(4000))")
  }
}

/// How a page is looked at.
struct Look: CustomTestStringConvertible {
  let width: Int
  let isDark: Bool
  let hasScript: Bool

  var flags: [String] { (isDark ? ["--dark"] : []) + (hasScript ? [] : ["--no-script"]) }
  var testDescription: String { "\(width) pixels, \(isDark ? "dark" : "light"), \(hasScript ? "with" : "without") JavaScript" }
}

/// The link that a demonstration prints, which signs its operator in.
private func signInLink(of server: GuildhallProcess) async throws -> String {
  for _ in 0..<1200 where !server.output.contains("Stop with") { try await Task.sleep(for: .milliseconds(50)) }
  let text = server.output
  let start = try #require(text.range(of: "\(server.address)/sign-in/link?token="))
  return String(text[start.lowerBound...].prefix { !$0.isWhitespace })
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
