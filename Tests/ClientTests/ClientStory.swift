import Foundation
import TestSupport
import Testing

/// A script that uses a platform's own packages against an installation, and prints a line that begins with `ok` for each thing that worked.
///
/// What worked is what `docs/clients.md` says that works, between the marks that name the script; with `GUILDHALL_REWRITE_GOLDEN=1` the page is written anew.
struct ClientStory {
  /// In this folder: `ZenML/story.py`.
  let script: String
  /// The packages: the name behind `Tests/requirements-`.
  let packages: String
  var arguments: [String] = []

  /// Tells it against the installation at `address`; what clients keep lies in `folder`.
  func tell(at address: String, in folder: URL) async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = Repository.root.appending(path: "Tests/ClientTests/\(script)").path
    let told = try await Self.python(with: packages, [path, address, folder.path] + arguments)
    #expect(told.status == 0, "\(told.output.suffix(6000))")
    guard told.status == 0 else { return }
    var worked: [String] = []
    for line in told.output.split(whereSeparator: \.isNewline) where line.hasPrefix("ok ") {
      let what = line.dropFirst(2).trimmingCharacters(in: .whitespaces)
      if !worked.contains(what) { worked.append(what) }
    }
    #expect(!worked.isEmpty)
    try await Self.pages.hold(script, Self.table(worked, with: try versions()))
  }

  /// The Python that has the packages.
  static func python(with packages: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    try await onThread {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = Repository.root.appending(path: "Scripts/python")
      process.arguments = ["--with", packages] + arguments
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
  }

  /// `zenml[server] 0.98.0`: what is pinned, in the order of the file.
  private func versions() throws -> String {
    let text = try String(contentsOf: Repository.root.appending(path: "Tests/requirements-\(packages).txt"), encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.map { $0.replacing("==", with: " ") }.joined(separator: ", ")
  }

  private static func table(_ worked: [String], with versions: String) -> String {
    (["| with \(versions) |", "|---|"] + worked.map { "| \($0.replacing("|", with: "\\|")) |" }).joined(separator: "\n")
  }

  private static let pages = ClientsPage()

  /// Stories that are told at once write one page.
  private actor ClientsPage {
    private let file = Repository.root.appending(path: "docs/clients.md")

    func hold(_ script: String, _ table: String) throws {
      let text = try String(contentsOf: file, encoding: .utf8)
      let (open, close) = ("<!-- tried by Tests/ClientTests/\(script) -->\n", "\n<!-- end -->")
      let start = try #require(text.range(of: open), "docs/clients.md has no place for \(script).")
      let end = try #require(text.range(of: close, range: start.upperBound..<text.endIndex))
      guard text[start.upperBound..<end.lowerBound] != table else { return }
      guard ProcessInfo.processInfo.environment["GUILDHALL_REWRITE_GOLDEN"] != nil else {
        Issue.record("docs/clients.md tells something else than what worked; if that is meant, run it again with GUILDHALL_REWRITE_GOLDEN=1.")
        return
      }
      try text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table).write(to: file, atomically: true, encoding: .utf8)
    }
  }
}
