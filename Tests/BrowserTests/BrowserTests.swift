import Foundation
import Testing

/// Starts the demonstration as people do, and walks through it in a real browser.
@Suite(.serialized)
struct BrowserTests {
  @Test(arguments: [
    Look(width: 1280, isDark: false, hasScript: true), Look(width: 390, isDark: true, hasScript: true), Look(width: 1280, isDark: false, hasScript: false),
  ])
  func aPersonFindsThroughTheMainJob(_ look: Look) async throws {
    let demonstration = try Demonstration()
    defer { demonstration.stop() }
    let link = try await demonstration.signInLink()
    let walk = try run(
      repository.appending(path: "Scripts/python").path,
      [repository.appending(path: "Tests/BrowserTests/Walks/main_job.py").path, demonstration.address, link, "--width", "\(look.width)"] + look.flags)
    #expect(walk.status == 0, "\(walk.output.suffix(4000))")
  }
}

extension BrowserTests {
  /// Each of these works with and without scripts; the first look also sees every page in the other theme.
  @Test(
    arguments: ["settings.py", "invitations.py", "members.py"],
    [Look(width: 1280, isDark: false, hasScript: true), Look(width: 390, isDark: true, hasScript: true), Look(width: 1280, isDark: false, hasScript: false)])
  func everyAreaIsWalkedThrough(_ name: String, _ look: Look) async throws { try await walk(name, look) }

  @Test(arguments: [Look(width: 1280, isDark: false, hasScript: true), Look(width: 1280, isDark: true, hasScript: true)])
  func axeFindsNothingOnAnyPage(_ look: Look) async throws { try await walk("every_page.py", look) }

  @Test func everythingIsReachedByKeyboard() async throws { try await walk("keyboard.py", Look(width: 1280, isDark: false, hasScript: true)) }

  private func walk(_ name: String, _ look: Look) async throws {
    let demonstration = try Demonstration()
    defer { demonstration.stop() }
    let link = try await demonstration.signInLink()
    let walk = try run(
      repository.appending(path: "Scripts/python").path,
      [repository.appending(path: "Tests/BrowserTests/Walks/\(name)").path, demonstration.address, link, "--width", "\(look.width)"] + look.flags)
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

private let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A server of its own, on a database that goes with it.
private final class Demonstration {
  let address: String
  private let process = Process()
  private let folder: URL
  private let log: URL

  init() throws {
    let port = try freePort()
    address = "http://127.0.0.1:\(port)"
    folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-browser-\(port)")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    log = folder.appending(path: "out.log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.executableURL = try executable()
    process.arguments = ["demo", "--database", folder.appending(path: "demo.db").path, "--listen", "127.0.0.1:\(port)", "--rate-limits", "off"]
    process.standardOutput = try FileHandle(forWritingTo: log)
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Waits until the server says that it is ready.
  func signInLink() async throws -> String {
    for _ in 0..<600 {
      let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      if text.contains("Stop with"), let start = text.range(of: "\(address)/sign-in/link?token=") {
        return String(text[start.lowerBound...].prefix { !$0.isWhitespace })
      }
      try #require(process.isRunning, "The server ended before it was ready.")
      try await Task.sleep(for: .milliseconds(100))
    }
    throw NotReady()
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}

private struct NotReady: Error {}

/// The product beside the test bundle.
private func executable() throws -> URL {
  let folder = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
  let found = [folder, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(), repository.appending(path: ".build/debug")].map { $0.appending(path: "guildhall") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  return try #require(found, "The executable isn't built.")
}

private func run(_ command: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: command)
  process.arguments = arguments
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// A port that nobody listens on at this moment.
private func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let bound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
  }
  try #require(bound)
  return UInt16(bigEndian: address.sin_port)
}
